"""10.over_response: sums and means over the policy's own tokens."""

import torch

from graders.authoring import exercise

from .part import calls, masks, spans

over = exercise("over_response", title="the response's tokens, and no others")


@over.cases
def _(rng):
    for i, mask in enumerate(masks()):
        B, T = mask.shape
        dtype = torch.float32 if i == 1 else torch.float64
        for mean in (False, True):
            yield dict(values=rng.normal(B, T - 1, mean=-2.0, dtype=dtype), mask=mask, mean=mean)
    whole = spans(4, [[(1, 4)], [(0, 4)]])  # nothing but the response
    yield dict(values=rng.normal(2, 3, mean=-2.0), mask=whole, mean=True)
    longer = spans(6, [[(1, 6)], [(0, 6)], [(1, 6)]])
    yield dict(values=rng.normal(3, 5, mean=-2.0), mask=longer, mean=True)
    mask = masks()[0]
    values = rng.normal(3, 5)
    values[0, 0], values[1, -1], values[2, 4] = torch.nan, -3.0, -torch.inf
    yield dict(values=values, mask=mask, mean=False)
    for mean in (False, True):  # an impossible token in the response: that is to be seen
        lost = rng.normal(3, 5, mean=-2.0)
        lost[0, 0], lost[1, 2], lost[2, 3] = -torch.inf, -torch.inf, torch.nan
        yield dict(values=lost, mask=mask, mean=mean)
    yield dict(values=rng.normal(5, 3).T, mask=mask.T.contiguous().T, mean=True)


@over.oracle
def _(values, mask, mean):
    out = []
    for row, own in zip(values.tolist(), mask.tolist(), strict=True):
        mine = [v for v, x in zip(row, own[1:], strict=True) if x]
        out.append(sum(mine) / (max(1, len(mine)) if mean else 1))
    return torch.tensor(out, dtype=values.dtype)


@over.check("gradients")
def _(m, values, mask, mean):
    values.requires_grad_()
    return calls(m.over_response(values, mask, mean), 1.7 + torch.arange(len(mask)), values=values)


@over.check("mean left out")
def _(m, values, mask, mean):
    return m.over_response(values, mask)


over.hint("Entry t of values belongs to token t + 1. Which part of mask fits?")
over.hint(
    "values.masked_fill(~mask[:, 1:], 0.0) also removes inf and nan; a product with 0 would not."
)
over.hint("For the mean divide by mask[:, 1:].sum(1).clamp(min=1): a row of none is 0 / 1.")

over.misconception(
    """The mask is off by one: mask[:, :-1] counts the token after the response, and misses the
    response's first. Entry t belongs to token t + 1: mask[:, 1:].""",
    name="mask_not_shifted",
    replace="counts = mask[:, 1:]",
    by="counts = mask[:, :-1]",
)
over.misconception(
    """Everything counts, prompt and padding and what a tool wrote. Only what the policy wrote does: use
    the mask.""",
    name="no_mask",
    replace="counts = mask[:, 1:]",
    by="counts = torch.ones_like(mask[:, 1:])",
)
over.misconception(
    """Everything from the response's first token to its last counts here. What a tool wrote in between
    is not the policy's: only where mask is True.""",
    name="tool_output",
    replace="counts = mask[:, 1:]",
    by="own = mask[:, 1:].int()\n    counts = (own.cumsum(1) > 0) & (own.flip(1).cumsum(1).flip(1) > 0)",
)
over.misconception(
    """The mask is inverted: that is everything but the response.""",
    name="inverted",
    replace="masked_fill(~counts, 0.0)",
    by="masked_fill(counts, 0.0)",
)
over.misconception(
    """The mean is over all positions. Divide by how many response tokens the row has.""",
    name="over_all",
    replace="counts.sum(1).clamp(min=1)",
    by="counts.shape[1]",
)
over.misconception(
    """All rows are divided by one count. Each row has its own number of response tokens.""",
    name="one_count",
    replace="counts.sum(1).clamp(min=1)",
    by="counts.sum().clamp(min=1)",
)
over.misconception(
    """A row without response tokens is 0 / 0 = nan. It is to give 0.""",
    name="empty_is_nan",
    replace=".clamp(min=1)",
    by="",
)
over.misconception(
    """The count is that of the whole mask, mask[:, 0] included, which has no entry in values.""",
    name="first_counted",
    replace="counts.sum(1).clamp(min=1)",
    by="mask.sum(1).clamp(min=1)",
)
over.misconception(
    """A product with the mask leaves inf and nan: 0 * inf is nan. Use masked_fill or torch.where.""",
    name="product",
    replace="values.masked_fill(~counts, 0.0)",
    by="(values * counts)",
)
over.misconception(
    """nan_to_num also hides the inf and nan of the response itself: a broken policy would look healthy.
    Take out what the mask says, and nothing else.""",
    name="nan_to_num",
    replace="values.masked_fill(~counts, 0.0)",
    by="(values.nan_to_num(0.0, 0.0, 0.0) * counts)",
)
over.misconception(
    """One number for the whole batch came back. Each row has its own.""",
    name="whole_batch",
    replace="return total / counts.sum(1).clamp(min=1) if mean else total",
    by="return total.sum() / counts.sum().clamp(min=1) if mean else total.sum()",
)
over.misconception(
    """`mean` has no effect: the sum came back either way.""",
    name="always_sum",
    replace="return total / counts.sum(1).clamp(min=1) if mean else total",
    by="return total",
)
over.misconception(
    """The mean came back where the sum was asked: mean=False is the default.""",
    name="always_mean",
    replace="return total / counts.sum(1).clamp(min=1) if mean else total",
    by="return total / counts.sum(1).clamp(min=1)",
)
over.misconception(
    """The values are right, but cut off: no gradient reaches the log-probabilities.""",
    name="detached",
    replace="total = values",
    by="total = values.detach()",
)

over.variant(
    "row by row",
    name="rows",
    source="""
    def over_response(values, mask, mean=False):
        out = []
        for row, own in zip(values, mask[:, 1:]):
            mine = row[own]
            out.append(mine.mean() if mean and len(mine) else mine.sum())
        return torch.stack(out)
    """,
)
over.variant(
    "torch.where",
    name="where",
    source="""
    def over_response(values, mask, mean=False):
        own = mask[:, 1:]
        total = torch.where(own, values, torch.zeros_like(values)).sum(-1)
        if mean:
            total = torch.where(own.any(1), total / own.sum(1).clamp(min=1), torch.zeros_like(total))
        return total
    """,
)
