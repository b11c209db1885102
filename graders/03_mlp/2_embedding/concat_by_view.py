"""03.concat_by_view: end to end, for free."""

import torch

from graders.authoring import differentiate, exercise

from .part import SIZES, leaf

by_view = exercise("concat_by_view", title="end to end, for free")


@by_view.cases
def _(rng):
    for n, _, t, d in SIZES:
        yield dict(emb=rng.normal(n, t, d))
    yield dict(emb=rng.normal(32, 3, 2))
    yield dict(emb=rng.normal(2, 2, 2, dtype=torch.float32))


@by_view.check("the same memory")
def _(m, emb):
    big = torch.cat([emb, emb + 1, emb + 2])
    part = big[len(emb) : 2 * len(emb)]  # contiguous, and begins in the middle of its storage
    out = m.concat_by_view(part)
    shared = out.data_ptr() == part.data_ptr()
    part[-1] = 7.0
    return {"starts where emb starts": shared, "sees what is written to emb": out}


@by_view.check(
    "any dtype", cases=lambda rng: iter([dict(emb=torch.tensor([[[2**60 + 1, 3], [5, -7]]]))])
)
def _(m, emb):
    return m.concat_by_view(emb)


@by_view.check("gradients")
def _(m, emb):
    emb = leaf(emb)
    out = m.concat_by_view(emb)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=emb.dtype).view(out.shape)
    return dict(differentiate(out, {"emb": emb}, upstream))


by_view.hint("The numbers already lie in the right order. Which call only changes the shape?")
by_view.hint("emb.view(rows, columns): one of the two may be -1, the other is emb.shape[0].")
by_view.hint("return emb.view(emb.shape[0], -1)")


@by_view.misconception(
    "The right numbers, but copied, as by cat, which always makes a new tensor. view only writes "
    "down another shape."
)
def copied(emb):
    return torch.cat(torch.unbind(emb, 1), 1)


@by_view.misconception(
    "-1 stands in the wrong place: `view(-1, n_embd)` gives a row for each character. You want one "
    "for each context."
)
def per_character(emb):
    return emb.view(-1, emb.shape[2])


@by_view.misconception(
    "Rows and columns are swapped: numbers of different contexts now share a row. view does not "
    "transpose; ask for (emb.shape[0], -1)."
)
def swapped_sizes(emb):
    return emb.view(-1, emb.shape[0])


@by_view.misconception(
    "The transpose puts numbers where they do not belong: contexts are already the rows of emb."
)
def transposed(emb):
    return emb.transpose(1, 2).reshape(emb.shape[0], -1)


@by_view.misconception(
    "The sizes are those of one example (a batch of 32, or 6 columns). Take them from emb.shape."
)
def six(emb):
    return emb.view(-1, 6)


@by_view.misconception("The batch dimension is gone: one row for each context, not one for all.")
def all_in_one(emb):
    return emb.view(-1)


@by_view.misconception(
    "A view of .data or detach() shares memory, but no gradient comes back through it."
)
def detached_view(emb):
    return emb.detach().view(emb.shape[0], -1)


@by_view.misconception(
    "Three characters are the default, not a law: take block_size from emb.shape, or write -1."
)
def three_characters(emb):
    return emb.view(-1, 3 * emb.shape[2])


@by_view.misconception(
    "You changed the shape of the tensor that was passed in (resize_, or assigning to .data). view returns a "
    "second tensor on the same storage; the first one stays as it is."
)
def resized(emb):
    return emb.resize_(emb.shape[0], emb.shape[1] * emb.shape[2])


@by_view.variant("flatten")
def flatten(emb):
    return emb.flatten(1)


@by_view.variant("reshape, sizes spelled out")
def reshape(emb):
    n, t, d = emb.shape
    return torch.reshape(emb, (n, t * d))
