"""10.average: three ways to make one number of all tokens' losses."""

import torch

from graders.authoring import Raises, Tol, differentiate, exercise

from .part import columns_first, lengths_mask

ex = exercise("average", title="three ways to take the mean", stretch=True)

HOW = ("answer", "token", "constant")


@ex.cases
def _(rng):
    shapes = [
        ([3, 1, 5, 2], 5),
        ([4], 6),
        ([1, 1, 1], 1),
        ([2, 0, 4], 4),
        ([0, 1], 3),
        ([0, 0], 3),
        ([0], 1),
    ]
    for lengths, T in shapes:
        losses = rng.normal(len(lengths), T, mean=0.5)
        for how in HOW:
            yield dict(
                losses=losses,
                mask=lengths_mask(lengths, T),
                how=how,
                max_tokens=T + rng.integer(1, 6),
            )
    for how in HOW:
        yield dict(
            losses=columns_first(rng.normal(3, 4, dtype=torch.float32)),
            mask=torch.tensor([[1, 0, 1, 1], [0, 0, 1, 0], [0, 1, 0, 1]]).bool(),
            how=how,
            max_tokens=9,
        )
    yield dict(losses=rng.normal(2, 3), mask=lengths_mask([1, 3], 3), how="answer")
    for how in ("sum", "Answer", "tokens", "constant ", ""):
        yield dict(losses=rng.normal(2, 3), mask=lengths_mask([1, 3], 3), how=how, max_tokens=5)
    yield dict(losses=rng.normal(2, 3), mask=lengths_mask([0, 0], 3), how="sum", max_tokens=5)


@ex.oracle
def _(losses, mask, how, max_tokens=None):
    if how not in HOW:
        return Raises("ValueError")
    rows = [row[here] for row, here in zip(losses, mask, strict=True)]
    if how == "token":
        total = sum(len(row) for row in rows)
        return sum(row.sum() for row in rows) / max(1, total)
    shares = [row.sum() / (max_tokens if how == "constant" else max(1, len(row))) for row in rows]
    return sum(shares) / len(rows)


def differentiable(rng):
    return [case for case in ex.default_cases(rng) if case["how"] != "sum"]


@ex.check("gradients", cases=differentiable)
def _(m, losses, mask, how, max_tokens=None):
    leaf = losses.requires_grad_()
    out = m.average(leaf, mask, how, max_tokens)
    return dict(differentiate(out, {"losses": leaf}, torch.tensor(-2.5, dtype=leaf.dtype)))


# a learner's weights 1 / n may be in float32
for check in ("values", "gradients"):
    ex.tolerance(Tol(rtol=2e-5), check)

ex.hint("First what all three share: the sum over each row's tokens, and how many they are.")
ex.hint(
    "answer: (sums / counts).mean(); token: sums.sum() / counts.sum(). Where does 0 / 0 threaten?"
)
ex.hint("counts.clamp(min=1); constant: (sums / max_tokens).mean(). raise ValueError at the end.")

ex.misconception(
    """"answer" and "token" are exchanged: a mean of each answer's own mean is "answer".""",
    name="exchanged",
    edits=[('if how == "answer"', 'if how == "t"'), ('if how == "token"', 'if how == "answer"'),
           ('"constant":', '"constant":  # last'),
           ("    sums, counts", '    how = {"token": "t"}.get(how, how)\n    sums, counts')],
)  # fmt: skip
ex.misconception(
    """A row without tokens gives 0 / 0, which is nan. Divide by at least 1.""",
    name="nan",
    replace="sums / counts.clamp(min=1)",
    by="sums / counts",
)
ex.misconception(
    """If no token counts in the whole batch, "token" gives 0 / 0. Divide by at least 1.""",
    name="nan_token",
    replace="counts.sum().clamp(min=1)",
    by="counts.sum()",
)
ex.misconception(
    """Rows without tokens are left out of the mean over the rows. They add 0, and are counted.""",
    name="empty_left_out",
    replace="(sums / counts.clamp(min=1)).mean()",
    by="(sums / counts.clamp(min=1)).sum() / (counts > 0).sum().clamp(min=1)",
)
ex.misconception(
    """Tokens that do not count stand below the fraction bar: the mean of a whole row, T tokens, is not the
    mean of its answer.""",
    name="padding_below",
    replace="counts.clamp(min=1)).mean()",
    by="mask.shape[1]).mean()",
)
ex.misconception(
    """Tokens that do not count are in the sums: fill their losses with 0 first.""",
    name="padding_above",
    replace="losses.masked_fill(~mask, 0.0)",
    by="losses",
)
ex.misconception(
    """"constant" divides by the longest answer of *this* batch. The constant must not depend on what was
    written: max_tokens.""",
    name="longest_here",
    replace="sums / max_tokens",
    by="sums / counts.max().clamp(min=1)",
)
ex.misconception(
    """"constant" is the sum over the rows. It is their mean: divide by B as well.""",
    name="constant_summed",
    replace="(sums / max_tokens).mean()",
    by="(sums / max_tokens).sum()",
)
ex.misconception(
    """An unknown `how` raises ValueError.""",
    name="no_error",
    replace="""raise ValueError(f"{how!r} is not 'answer', 'token' or 'constant'")""",
    by="return (sums / counts.clamp(min=1)).mean()",
)
ex.misconception(
    """"constant" divides by T, the width of *this* batch, padding included. The constant must not depend on
    what was written: max_tokens.""",
    name="width_here",
    replace="sums / max_tokens",
    by="sums / mask.shape[1]",
)
ex.misconception(
    """"token" divides by all B T places. Those that do not count stand neither above nor below the fraction
    bar.""",
    name="all_places",
    replace="counts.sum().clamp(min=1)",
    by="mask.numel()",
)
ex.misconception(
    """If no token counts, the 0 has no graph: backward() fails. Divide the sums by at least 1
    instead.""",
    name="no_graph_when_empty",
    replace='    if how == "answer"',
    by='    if not mask.any():\n        return sums.sum().detach()\n    if how == "answer"',
)
ex.variant(
    "row by row",
    name="loop",
    source="""
    def average(losses, mask, how, max_tokens=None):
        if how not in ("answer", "token", "constant"):
            raise ValueError(how)
        if how == "token":
            return losses[mask].sum() / max(int(mask.sum()), 1)
        total = losses.new_zeros(())
        for row, here in zip(losses, mask):
            n = max_tokens if how == "constant" else max(int(here.sum()), 1)
            total = total + row[here].sum() / n
        return total / len(losses)
""",
)
ex.variant(
    "a weight for each token",
    name="weights",
    source="""
    def average(losses, mask, how, max_tokens=None):
        B, n = len(mask), mask.sum(1, keepdim=True).clamp(min=1)
        if how == "answer":
            w = mask / (B * n)
        elif how == "token":
            w = mask / mask.sum().clamp(min=1)
        elif how == "constant":
            w = mask / (B * max_tokens)
        else:
            raise ValueError(how)
        return (losses.double() * w).sum().to(losses.dtype)
""",
)
