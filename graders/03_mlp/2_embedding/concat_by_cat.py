"""03.concat_by_cat: end to end, with unbind and cat."""

import torch

from graders.authoring import differentiate, exercise, joined
from graders.counting import laid_by_view

from .part import SIZES, leaf

by_cat = exercise("concat_by_cat", title="end to end, with unbind and cat")


@by_cat.cases
def _(rng):
    for n, _, t, d in SIZES:
        yield dict(emb=rng.normal(n, t, d))
    yield dict(emb=rng.normal(3, 4, 2))
    yield dict(emb=rng.normal(3, 3, 3))
    yield dict(emb=rng.normal(2, 3, 5, dtype=torch.float32))


@by_cat.check("any order in memory")
def _(m, emb):
    return m.concat_by_cat(emb.transpose(0, 1))  # (block_size, N, n_embd), not contiguous


@by_cat.check(
    "any dtype", cases=lambda rng: iter([dict(emb=torch.tensor([[[2**60 + 1, 3], [5, -7]]]))])
)
def _(m, emb):
    return m.concat_by_cat(emb)


@by_cat.check("gradients")
def _(m, emb):
    emb = leaf(emb)
    out = m.concat_by_cat(emb)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=emb.dtype).view(out.shape)
    return dict(differentiate(out, {"emb": emb}, upstream))


@by_cat.check("by cat", cases=lambda rng: iter([dict(emb=rng.normal(4, 3, 2))]))
def _(m, emb):
    found, grown = m.concat_by_cat(emb), leaf(emb)
    answer = m.concat_by_cat(grown)
    by_cat = joined(answer, grown) and not laid_by_view(answer, grown)
    return {"embeddings": found, "cat laid them side by side": by_cat}


@by_cat.oracle
def _(emb):
    return emb.reshape(emb.shape[0], -1)


by_cat.hint("Which dimension of (N, block_size, n_embd) must disappear?")
by_cat.hint("torch.unbind(emb, 1) is a tuple of (N, n_embd), as many as block_size.")
by_cat.hint("torch.cat(torch.unbind(emb, 1), 1)")


@by_cat.misconception(
    "You laid them below one another: (block_size * N, n_embd). Each context is one row: cat over "
    "dimension 1."
)
def below(emb):
    return torch.cat(torch.unbind(emb, 1), 0)


@by_cat.misconception(
    "You took the batch apart (dimension 0), not the context. unbind(emb, 1) gives one piece per place."
)
def wrong_unbind(emb):
    return torch.cat(torch.unbind(emb, 0), 1)


@by_cat.misconception(
    "You named three places. That works for block_size 3 only; torch.unbind(emb, 1) finds them all."
)
def three(emb):
    return torch.cat([emb[:, 0, :], emb[:, 1, :], emb[:, 2, :]], 1)


@by_cat.misconception("stack makes a new dimension; cat makes an existing one longer.")
def stacked(emb):
    return torch.stack(torch.unbind(emb, 1), 1)


@by_cat.misconception(
    "The pieces come in the wrong order: the oldest character's embedding stands first."
)
def reverse(emb):
    return torch.cat(torch.unbind(emb, 1)[::-1], 1)


@by_cat.misconception(
    "You added the embeddings: then 'eva' and 'ave' would look the same. Lay them side by side."
)
def added(emb):
    return emb.sum(1)


@by_cat.misconception(
    "You took apart n_embd (dimension 2): all first numbers come first, then all second ones. Each "
    "character's numbers stay together: unbind dimension 1."
)
def interleaved(emb):
    return torch.cat(torch.unbind(emb, 2), 1)


@by_cat.misconception("Right numbers, but detached: no gradient reaches the embeddings any more.")
def detached_cat(emb):
    return torch.cat(torch.unbind(emb.detach(), 1), 1)


@by_cat.misconception(
    "view needs the numbers to lie in order; here they may lie in any. (view has its turn below.)"
)
def viewed(emb):
    return emb.view(emb.shape[0], -1)


@by_cat.misconception(
    "permute and reshape mixed up the contexts: a row holds numbers of different contexts now. The batch "
    "stays the first dimension."
)
def permuted(emb):
    return emb.permute(1, 0, 2).reshape(emb.shape[0], -1)


@by_cat.misconception(
    "Right, but by reshape. Here torch.unbind and torch.cat are asked for: they show what lies behind what. "
    "The shorter way has its turn below."
)
def reshaped(emb):
    return emb.reshape(emb.shape[0], -1)


@by_cat.variant("a list of slices")
def slices(emb):
    return torch.cat([emb[:, t] for t in range(emb.shape[1])], dim=-1)


@by_cat.variant("hstack")
def hstack(emb):
    return torch.hstack(emb.unbind(1))
