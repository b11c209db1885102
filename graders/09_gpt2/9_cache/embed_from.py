"""09.embed_from: positions go on where the cache ends."""

import torch

from graders.authoring import Raises, differentiate, exercise

ex = exercise("embed_from", title="positions go on")


@ex.cases
def _(rng):
    for B, T, V, C, block_size, n_past, dtype in [
        (2, 3, 7, 4, 9, 5, torch.float64),
        (3, 1, 5, 2, 6, 4, torch.float64),
        (1, 4, 6, 3, 4, 0, torch.float64),  # fills the block
        (2, 2, 4, 5, 8, 6, torch.float64),  # the last places
        (4, 1, 3, 1, 5, 0, torch.float32),
        (2, 1, 5, 3, 6, 5, torch.float64),
        (2, 5, 5, 3, 7, 2, torch.float32),
        (2, 2, 5, 3, 6, 5, torch.float64),  # one too many
        (1, 1, 5, 3, 6, 6, torch.float64),
        (1, 7, 5, 3, 6, 0, torch.float64),
        (1, 1, 5, 3, 6, 9, torch.float64),
    ]:
        yield dict(
            ids=rng.integers(0, V, B, T),
            wte=rng.normal(V, C, dtype=dtype),
            wpe=rng.normal(block_size, C, dtype=dtype),
            n_past=n_past,
        )


@ex.oracle
def _(ids, wte, wpe, n_past):
    if n_past + ids.shape[1] > len(wpe):
        return Raises("ValueError")
    rows = [[wte[i] + wpe[n_past + t] for t, i in enumerate(row)] for row in ids.tolist()]
    return torch.stack([torch.stack(row) for row in rows])


@ex.check("gradients")
def _(m, ids, wte, wpe, n_past):
    ids = ids[:, : max(1, len(wpe) - n_past)]
    n_past = min(n_past, len(wpe) - ids.shape[1])
    leaves = {"wte": wte.requires_grad_(), "wpe": wpe.requires_grad_()}
    out = m.embed_from(ids, wte, wpe, n_past)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


ex.hint("The first new token stands at position n_past.")
ex.hint(
    "Which rows of wpe? From n_past to n_past + T. A slice that runs over the end says nothing: check "
    "before."
)
ex.hint(
    "if n_past + T > len(wpe): raise ValueError(...); return wte[ids] + wpe[n_past : n_past + T]"
)

ex.misconception(
    "Positions begin at 0 again, whatever is in the cache: each new token believes to be the first of "
    "the text.",
    name="restart",
    replace="wpe[n_past : n_past + T]",
    by="wpe[:T]",
)
ex.misconception(
    "The positions are one too high: the first new token stands at n_past (counting from 0), not n_past "
    "+ 1.",
    name="one_too_high",
    replace="wpe[n_past : n_past + T]",
    by="wpe[(torch.arange(n_past, n_past + T) + 1).clamp(max=len(wpe) - 1)]",
)
ex.misconception(
    "The past is counted twice. The first new token stands at n_past.",
    name="counted_twice",
    replace="wpe[n_past : n_past + T]",
    by="wpe[(torch.arange(T) + 2 * n_past).clamp(max=len(wpe) - 1)]",
)
ex.misconception(
    "All new tokens got the same position. They stand at n_past, n_past + 1, and so on.",
    name="all_the_same",
    replace="wpe[n_past : n_past + T]",
    by="wpe[n_past]",
)
ex.misconception(
    "These are the positions of the end of the block, the last T rows of wpe. The new tokens stand "
    "behind the past: "
    "n_past, n_past + 1, ...",
    name="last_rows",
    replace="wpe[n_past : n_past + T]",
    by="wpe[-T:]",
)
ex.misconception(
    "A text longer than block_size must raise ValueError. A slice or a clamp past the end goes wrong "
    "silently or with "
    "another error.",
    name="no_error",
    replace="n_past + T > len(wpe)",
    by="False",
)
ex.misconception(
    "Only the new tokens were counted. It is the past *and* the new ones that must fit: n_past + T.",
    name="only_new_counted",
    replace="if n_past + T > len(wpe)",
    by="if T > len(wpe)",
)
ex.misconception(
    "A text that exactly fills the block was refused: n_past + T may be equal to block_size.",
    name="refused_full",
    replace="n_past + T > len(wpe)",
    by="n_past + T >= len(wpe)",
)
ex.misconception(
    "The positions are missing: only the tokens were embedded.",
    name="no_positions",
    replace=" + wpe[n_past : n_past + T]",
    by="",
)

ex.variant(
    "by index",
    name="by_index",
    source="""
    def embed_from(ids, wte, wpe, n_past):
        pos = torch.arange(n_past, n_past + ids.size(1))
        if pos[-1] >= wpe.shape[0]:
            raise ValueError("too long")
        return F.embedding(ids, wte) + F.embedding(pos, wpe)
""",
)
