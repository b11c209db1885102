"""07.keep_top_k: only the k largest take part."""

import torch

from graders.authoring import Raises, exercise

top = exercise("keep_top_k", title="only the k largest take part")


@top.cases
def _(rng):
    for shape in [(7,), (3, 5), (1, 4), (2, 3, 6), (4, 1)]:
        V = shape[-1]
        for k in {1, 2, V - 1, V, V + 3} - {0}:
            yield dict(logits=rng.normal(*shape) * 3, k=k)
    yield dict(logits=rng.normal(3, 5), k=None)
    yield dict(logits=rng.normal(5, 4, dtype=torch.float32).T - 9.0, k=3)  # all far below zero
    # ties: within the k, across the edge, and all alike
    ties = torch.tensor([[2.0, 5.0, 2.0, -1.0, 5.0, 2.0], [0.0, 0.0, -3.0, 0.0, -3.0, 1.0]])
    for k in (1, 2, 3, 5):
        yield dict(logits=ties[:, rng.np.permutation(6)], k=k)
    yield dict(logits=torch.zeros(2, 4, dtype=torch.float64), k=2)
    close = 2.0 + 1e-9 * torch.arange(5, dtype=torch.float64)  # no ties, though nearly
    for k in (1, 3):
        yield dict(logits=close[rng.np.permutation(5)], k=k)
    yield dict(logits=torch.tensor([0.0, float("-inf"), -2.0, float("-inf")]), k=3)
    for k in (0, -2):
        yield dict(logits=rng.normal(2, 4), k=k)


@top.oracle
def _(logits, k):
    """By sorting each row."""
    if k is None:
        return logits
    if k < 1:
        return Raises("ValueError")
    kth = logits.sort(dim=-1, descending=True).values[..., : min(k, logits.shape[-1])][..., -1:]
    return torch.where(logits >= kth, logits, torch.full_like(logits, float("-inf")))


# of k = None alone; "nothing is masked" shows the other cases
top.legal("answer: a copy", "so does None (logits themselves may then be returned)")
top.legal("answer: an argument itself", "so does None (logits themselves may then be returned)")

top.hint("Which number decides who may stay? Every row has its own.")
top.hint(
    "logits.topk(k, dim=-1).values is sorted, the largest first: its last column is the k-th largest."
)
top.hint("""Keep it as a column with [..., -1:], cut k to the size of the row with min, and use
    logits.masked_fill(logits < kth, float("-inf")).""")


@top.misconception(
    "The others got 1e-10 (or 0, or something else near it). As a logit that is large: e^0 is 1, more than "
    "any negative logit gets. Only -inf means never."
)
def tiny(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError
    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth, 1e-10)


@top.misconception(
    "The others got a large negative number. It is nearly right; -inf is exactly so, and what was asked for."
)
def large_negative(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError
    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth, -1e10)


top.misconception(
    """topk refuses a k larger than the row. A k larger than V keeps all: min(k, logits.shape[-1]).""",
    name="k_too_large",
    replace="min(k, logits.shape[-1])",
    by="k",
)
top.misconception(
    """The k-th largest itself is gone: only what is *below* it goes, so compare with <, not <=.""",
    name="kth_removed",
    replace="logits < kth",
    by="logits <= kth",
)
top.misconception(
    """The threshold is the largest logit, so that only the first remains: topk sorts downward, and the
    k-th is in the last column.""",
    name="first_column",
    replace="values[..., -1:]",
    by="values[..., :1]",
)
top.misconception(
    """The k smallest were kept, the worst of all guesses. Whatever is below the k-th *largest* goes.""",
    name="smallest",
    edits=[("dim=-1).values", "dim=-1, largest=False).values"), ("logits < kth", "logits > kth")],
)
top.misconception(
    """One threshold was used for all rows. Each row has its own k largest.""",
    name="one_threshold",
    replace="logits < kth",
    by="logits < kth.min()",
)
top.misconception(
    """The thresholds of the rows lie down as a row: [..., -1] loses a dimension, and broadcasting pairs
    them with the columns. Keep the column with [..., -1:].""",
    name="lost_dimension",
    replace="values[..., -1:]",
    by="values[..., -1]",
)
top.misconception(
    """The k largest were taken along the first dimension. The vocabulary is the last one.""",
    name="first_dimension",
    replace="logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]",
    by="logits.topk(min(k, len(logits)), dim=0).values[-1:]",
)
top.misconception(
    """Ties were cut: logits that equal the k-th largest all stay, or the order in memory decides who
    may speak.""",
    name="exactly_k",
    replace="""    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]  # (..., 1)
    return logits.masked_fill(logits < kth, float("-inf"))""",
    by="""    best = logits.topk(min(k, logits.shape[-1]), dim=-1)
    return torch.full_like(logits, float("-inf")).scatter(-1, best.indices, best.values)""",
)
top.misconception(
    """The caller's logits were changed. Make a new tensor: masked_fill without the underscore, or a
    copy.""",
    name="in_place",
    replace="logits.masked_fill(",
    by="logits.masked_fill_(",
)
top.misconception(
    """A k below 1 is refused with ValueError: nothing would be left to draw from.""",
    name="zero_allowed",
    replace="k < 1",
    by="k < 0",
)
top.misconception(
    """None means: keep all. It is no number, so ask for it before you compare.""",
    name="none_compared",
    replace="""    if k is None:
        return logits
""",
    by="",
)
top.misconception(
    """A k below 1 was taken for "keep all", as None is. It is refused with ValueError.""",
    name="zero_is_none",
    replace="""    if k < 1:
        raise ValueError(f"k is {k}: at least one token must be kept")
""",
    by="    if k < 1:\n        return logits\n",
)
top.misconception(
    """Only the k best came back, (..., k): whose logits they are is lost. Keep the shape, with -inf at
    the others.""",
    name="values_only",
    replace='logits.masked_fill(logits < kth, float("-inf"))',
    by="logits.topk(min(k, logits.shape[-1]), dim=-1).values",
)


@top.variant("sorted")
def by_sorting(logits, k):
    out = logits.clone()
    if k is not None:
        if not k > 0:
            raise ValueError("no")
        ordered = out.sort(-1)[0]
        out[out < ordered[..., max(0, out.shape[-1] - k), None]] = -torch.inf
    return out


@top.variant("where")
def where(logits, k):
    if k is None or k >= logits.size(-1):
        return logits
    if k <= 0:
        raise ValueError("no")
    kth = torch.topk(logits, k).values.min(-1, keepdim=True).values
    return torch.where(logits < kth, torch.tensor(float("-inf"), dtype=logits.dtype), logits)


top.equivalent(
    "logits.topk(min(k, logits.shape[-1]), dim=-1)  ->  logits.topk(min(k, logits.shape[-1]))",
    "the last dimension is topk's default",
)
