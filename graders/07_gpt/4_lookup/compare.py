"""07.compare: the scores of a lookup, scaled."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, gradients, leaf

compare = exercise("compare", title="the scores: q · k over sqrt(d)")


@compare.cases
def _(rng):
    for front, T_q, T_k, d, _ in SIZES:
        yield dict(q=rng.normal(*front, T_q, d), k=rng.normal(*front, T_k, d))
    yield dict(q=rng.normal(2, 3, 5, mean=40), k=rng.normal(2, 4, 5, mean=-30))
    yield dict(
        q=rng.normal(3, 4, 6, dtype=torch.float32), k=rng.normal(3, 5, 6, dtype=torch.float32)
    )
    q, k = rng.normal(4, 2, 3), rng.normal(3, 5, 2)
    q[1], k[:, 1] = 0, 0  # nothing to compare: a score of 0
    yield dict(q=q.transpose(0, 1), k=k.permute(2, 1, 0))  # (2, 4, 3), (2, 5, 3), not contiguous


@compare.oracle
def _(q, k):
    # no matrix product: each pair, term by term
    pairs = q.double()[..., :, None, :] * k.double()[..., None, :, :]
    return (pairs.sum(-1) / q.shape[-1] ** 0.5).to(q.dtype)


@compare.check("gradients")
def _(m, q, k):
    leaves = dict(q=leaf(q), k=leaf(k))
    return gradients(m.compare(**leaves), leaves)


# the root may be taken in float32, torch.sqrt(torch.tensor(d)): right to 3e-8, whatever the scores are
compare.tolerance(Tol(rtol=2e-5))
compare.tolerance(Tol(rtol=2e-4), "gradients")  # in float32 what is left of large terms

compare.hint(
    "A matrix product is a table of dot products: rows of the one with columns of the other."
)
compare.hint("The keys must stand in columns: k.transpose(-2, -1), whatever stands in front.")
compare.hint("q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5")


def wrong(message, name, by):
    compare.misconception(
        message, name=name, replace="q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5", by=by
    )


wrong(
    """The scores are not divided by sqrt(d). A sum of d terms of variance 1 has variance d, so the
    scores grow with the number of features and softmax saturates.""",
    "no_scale",
    "q @ k.transpose(-2, -1)",
)
wrong(
    """The scores are divided by d itself. The standard deviation of a sum of d terms is sqrt(d), so the
    square root is what brings it back to 1; d makes the scores of a large head nearly equal.""",
    "scaled_by_d",
    "q @ k.transpose(-2, -1) / q.shape[-1]",
)
wrong(
    """The scores are multiplied by sqrt(d) where they should be divided by it: they got larger, not
    smaller.""",
    "scaled_up",
    "q @ k.transpose(-2, -1) * q.shape[-1] ** 0.5",
)
wrong(
    """The scores are divided by the root of the number of keys. What counts is how many terms each dot
    product adds up: d, the last dimension of q and k.""",
    "scaled_by_keys",
    "q @ k.transpose(-2, -1) / k.shape[-2] ** 0.5",
)
wrong(
    """The scores are divided by the root of the number of queries. What counts is how many terms each
    dot product adds up: d, the last dimension of q and k.""",
    "scaled_by_queries",
    "q @ k.transpose(-2, -1) / q.shape[-2] ** 0.5",
)
wrong(
    """The table is transposed, a row for each key. Row t belongs to query t: q stands on the left.""",
    "transposed",
    "k @ q.transpose(-2, -1) * q.shape[-1] ** -0.5",
)
wrong(
    """q and k are divided by their lengths, so these are cosines. A key may be loud: its length counts.
    Only sqrt(d) is divided by.""",
    "cosine",
    "F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)",
)
wrong(
    """The softmax is applied already. These are shares; here the scores are asked for, before softmax
    and before any mask.""",
    "softmax_already",
    "F.softmax(q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5, dim=-1)",
)
wrong(
    """The scores are detached: right numbers, but neither queries nor keys ever learn.""",
    "detached",
    "(q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5).detach()",
)
wrong(
    """All dimensions of k are reversed, the batch as well. Swap only the last two: k.transpose(-2, -1).""",
    "all_reversed",
    "q @ k.permute(*range(k.ndim - 1, -1, -1)) * q.shape[-1] ** -0.5",
)


@compare.variant("einsum, the queries scaled first")
def scaled_first(q, k):
    return torch.einsum("...td,...sd->...ts", q / q.shape[-1] ** 0.5, k)


@compare.variant("pair by pair")
def pairs(q, k):
    return (q.unsqueeze(-2) * k.unsqueeze(-3)).sum(-1) / torch.tensor(float(q.shape[-1])).sqrt()
