"""07.choose: masked softmax, from averaging to choosing."""

import torch

from graders.authoring import exercise

from .part import gradients, sequences

choose = exercise("choose", title="masked softmax: from averaging to choosing", points=2)


@choose.cases
def _(rng):
    for i, x in enumerate(sequences(rng)):
        B, T, _ = x.shape
        shape = (B, T, T) if i % 2 else (T, T)
        yield dict(scores=rng.normal(*shape, mean=0.7, std=2, dtype=x.dtype), x=x)
    yield dict(scores=torch.zeros(5, 5).double(), x=rng.normal(2, 5, 3))  # the plain average
    # the future has the largest scores by far; and exp of a row's own would overflow
    yield dict(scores=rng.normal(3, 4, 4) + 2e3 * torch.ones(4, 4).triu(1), x=rng.normal(3, 4, 2))
    yield dict(scores=rng.normal(2, 6, 6, mean=2e3, std=3), x=rng.normal(2, 6, 5))
    yield dict(scores=rng.normal(6, 6, mean=-2e3, std=3), x=rng.normal(2, 6, 3))
    # rows far apart from each other: each needs a maximum of its own
    levels = torch.tensor([[900.0], [0.0], [-900.0], [40.0]], dtype=torch.float64)
    yield dict(scores=rng.normal(4, 4) + levels, x=rng.normal(3, 4, 5))
    # the first position has no choice, however far its own score lies below those of the future
    scores = rng.normal(5, 5)
    scores[0, 0] = -1e12
    yield dict(scores=scores, x=rng.normal(2, 5, 3))


def by_rows(scores, x):
    """Row by row, without a mask: only what is there takes part."""
    scores = scores.expand(len(x), *scores.shape[-2:])
    rows = []
    for t in range(x.shape[1]):
        share = scores[:, t, : t + 1].softmax(-1)
        rows.append((share[..., None] * x[:, : t + 1]).sum(1))
    return torch.stack(rows, 1)


@choose.oracle
def _(scores, x):
    return by_rows(scores, x)


@choose.check("gradients")
def _(m, scores, x):
    leaves = dict(scores=scores.clone().requires_grad_(), x=x.clone().requires_grad_())
    return gradients(m.choose(**leaves), leaves)


@choose.oracle("gradients")
def _(scores, x):
    leaves = dict(scores=scores.clone().requires_grad_(), x=x.clone().requires_grad_())
    return gradients(by_rows(**leaves), leaves)


choose.hint("Which score becomes a share of exactly 0 under softmax?")
choose.hint("Minus infinity above the diagonal, softmax over the last dimension, then @ x.")
choose.hint(
    "future = torch.tril(torch.ones(T, T)) == 0; wei = F.softmax(scores.masked_fill(future, "
    'float("-inf")), dim=-1); return wei @ x'
)


def wrong(message, name, replace, by):
    choose.misconception(message, name=name, replace=replace, by=by)


wrong(
    "There is no mask: the future takes part.",
    "no_mask",
    'scores.masked_fill(future, float("-inf"))',
    "scores",
)
wrong(
    "Masked scores are 0, but exp(0) is 1: the future still gets a share. Only -inf becomes 0.",
    "zero",
    'float("-inf")',
    "0.0",
)
wrong(
    "The softmax runs down the columns. A row is one position's shares, so each row must sum to 1: dim=-1.",
    "columns",
    "dim=-1",
    "dim=-2",
)
wrong(
    "The mask is upside down: positions see the future and not the past. Hide what is above the diagonal.",
    "upside_down",
    "torch.tril",
    "torch.triu",
)
wrong(
    "Positions see one step into the future: hide everything above the diagonal.",
    "sees_the_next",
    "torch.ones(T, T))",
    "torch.ones(T, T), diagonal=1)",
)
wrong(
    "The diagonal is hidden, too: positions do not see themselves, and the first has nothing (nan).",
    "not_itself",
    "torch.ones(T, T))",
    "torch.ones(T, T), diagonal=-1)",
)
wrong(
    "The mask comes after softmax: what the future took is gone, and rows no longer sum to 1. Put -inf "
    "into the scores before softmax.",
    "mask_after",
    'F.softmax(scores.masked_fill(future, float("-inf")), dim=-1)',
    "F.softmax(scores, dim=-1).masked_fill(future, 0.0)",
)
wrong(
    "The scores are never used: this is the plain average. Start from scores, not from zeros.",
    "average_only",
    "scores.masked_fill",
    "torch.zeros_like(scores).masked_fill",
)
wrong(
    "The shares are detached: the output is right, but no gradient reaches the scores, and they can "
    "never learn.",
    "detached",
    "return wei @ x",
    "return wei.detach() @ x",
)

SOFTMAX = 'F.softmax(scores.masked_fill(future, float("-inf")), dim=-1)'
wrong(
    "Right for small scores, but exp overflows for large ones (inf / inf is nan): take F.softmax, or "
    "subtract each row's maximum first.",
    "overflow",
    SOFTMAX,
    "scores.exp().tril() / scores.exp().tril().sum(-1, keepdim=True)",
)
wrong(
    "The largest score takes everything. That is a choice without shares, and argmax passes no gradient "
    "on: softmax lets everyone in the past have a part.",
    "best_alone",
    SOFTMAX,
    'F.one_hot(scores.masked_fill(future, float("-inf")).argmax(-1), T).to(x.dtype)',
)
wrong(
    "The table is transposed: row t of scores belongs to position t, which gathers.",
    "transposed",
    "scores.masked_fill",
    "scores.mT.masked_fill",
)
wrong(
    "You return the shares; they still have to be used: wei @ x adds up the vectors.",
    "returns_shares",
    "return wei @ x",
    "return wei",
)


@choose.variant("-inf added, exponentials by hand")
def by_hand(scores, x):
    T = x.shape[1]
    scores = scores + torch.full((T, T), float("-inf"), dtype=x.dtype).triu(1)
    exp = (scores - scores.amax(-1, keepdim=True)).exp()
    return (exp / exp.sum(-1, keepdim=True)) @ x


@choose.variant("row by row")
def rows(scores, x):
    return by_rows(scores, x)
