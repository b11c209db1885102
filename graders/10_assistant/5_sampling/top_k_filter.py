"""10.top_k_filter: only the k largest."""

import torch

from graders.authoring import Raises, exercise

from .part import INF, rows

top = exercise("top_k_filter", title="top-k")


@top.cases
def _(rng):
    for logits in rows(rng):
        V = logits.shape[-1]
        for k in sorted({1, 2, V - 1, V, V + 3} - {0}):
            yield dict(logits=logits, k=k)
    ties = torch.tensor([[2.0, 5.0, 2.0, -1.0, 5.0, 2.0], [0.0, 0.0, -3.0, 0.0, -3.0, 1.0]])
    for k in (1, 2, 3, 5):
        yield dict(logits=ties[:, rng.np.permutation(6)], k=k)
    yield dict(logits=torch.zeros(2, 4, dtype=torch.float64), k=2)
    near = torch.tensor([[1.0, 1.0 + 1e-12, 1.0 - 1e-12, 0.0, 1.0]], dtype=torch.float64)
    for k in (1, 2, 4):
        yield dict(logits=near, k=k)
    yield dict(logits=rng.normal(2, 300), k=200)
    for k in (0, -1, -2):
        yield dict(logits=rng.normal(2, 4), k=k)


@top.oracle
def _(logits, k):
    if k < 1:
        return Raises("ValueError")
    kth = logits.sort(dim=-1, descending=True).values[..., : min(k, logits.shape[-1])][..., -1:]
    return torch.where(logits >= kth, logits, torch.full_like(logits, -INF))


@top.check(
    "memory of its own", cases=lambda rng: [dict(logits=rng.normal(2, 3), k=k) for k in (2, 5)]
)
def _(m, logits, k):
    kept = logits.clone()
    m.top_k_filter(logits, k).fill_(7.0)
    return logits - kept


@top.oracle("memory of its own")
def _(logits, k):
    return logits * 0


top.hint("Which number decides who may stay? Every row has its own.")
top.hint(
    "logits.topk(k, dim=-1).values is sorted, the largest first: its last column is the k-th largest."
)
top.hint("""Keep it as a column with [..., -1:], cut k with min(k, logits.shape[-1]), and use
    logits.masked_fill(logits < kth, -torch.inf).""")

FILL = "logits.masked_fill(logits < kth, -torch.inf)"

top.misconception(
    """The others got 1e-10, or 0. As a logit that is large: e^0 is 1, more than any negative logit gets.
    Only -inf means never.""",
    name="tiny",
    replace="-torch.inf",
    by="1e-10",
)
top.misconception(
    """The others got a large negative number. Logits may be lower still, and what is ruled out must have
    probability 0: -inf.""",
    name="large_negative",
    replace="-torch.inf",
    by="-100.0",
)
top.misconception(
    """k larger than the vocabulary raises an error. It keeps all: min(k, logits.shape[-1]).""",
    name="k_above_V",
    replace="min(k, logits.shape[-1])",
    by="k",
)
top.misconception(
    """Exactly k stayed, and of equal logits at the edge some did and some did not. All that equal the k-th
    largest stay.""",
    name="exactly_k",
    replace=FILL,
    by="torch.full_like(logits, -torch.inf).scatter(-1, (t := logits.topk(min(k, logits.shape[-1]), dim=-1))"
    ".indices, t.values)",
)
top.misconception(
    """The k-th largest itself is out, and what equals it: with k = 1 nothing is left. Keep what is not below
    it.""",
    name="edge_out",
    replace="logits < kth",
    by="logits <= kth",
)
top.misconception(
    """One border for the whole batch: every row has its own k-th largest.""",
    name="one_border",
    replace=FILL,
    by="logits.masked_fill(logits < kth.min(), -torch.inf)",
)
top.misconception(
    """k below 1 is let through. At least one token must be left: ValueError.""",
    name="any_k",
    replace="if k < 1:",
    by="if k < -1000:",
)
top.misconception(
    """k = 0 is taken as "no filter", as some libraries do. Agreed is a ValueError for all k below 1.""",
    name="zero_keeps_all",
    replace="    if k < 1:",
    by="    if k == 0:\n        return logits.clone()\n    if k < 1:",
)
top.misconception(
    """Only -1e10 was put in place of the others. That is a logit like any other: what is ruled out is
    -inf.""",
    name="huge_negative",
    replace="-torch.inf",
    by="-1e10",
)
top.misconception(
    """Equal logits were counted as one, so that more than the k largest stay. The k-th largest counts each of
    them.""",
    name="distinct",
    replace=FILL,
    by="torch.stack([row.masked_fill(row < (u := row.unique())[-min(k, len(u))], -torch.inf) "
    "for row in logits.reshape(-1, logits.shape[-1])]).view(logits.shape)",
)
top.misconception(
    """The k *smallest* stayed, those that hardly ever fit. topk takes the largest unless told otherwise.""",
    name="smallest",
    replace=FILL,
    by="logits.masked_fill(logits > logits.topk(min(k, logits.shape[-1]), dim=-1, largest=False)"
    ".values[..., -1:], -torch.inf)",
)
top.misconception(
    """The result is sorted, and no longer says which token has which logit. Every logit stays at its id.""",
    name="sorted",
    replace=FILL,
    by="logits.masked_fill(logits < kth, -torch.inf).sort(dim=-1, descending=True).values",
)
top.misconception(
    """The logits that were given have changed: masked_fill makes a new tensor, masked_fill_ does not.""",
    name="in_place",
    replace="masked_fill",
    by="masked_fill_",
)
top.misconception(
    """With k at the size of the vocabulary or above, the given tensor itself came back. A new one is asked
    for.""",
    name="same_tensor",
    replace="    kth =",
    by="    if k >= logits.shape[-1]:\n        return logits\n    kth =",
)

top.variant(
    "sort and where",
    name="sort",
    source="""def top_k_filter(logits, k):
    if k <= 0:
        raise ValueError(k)
    edge = logits.sort(-1).values[..., max(0, logits.shape[-1] - k)]
    out = logits.clone()
    out[logits < edge.unsqueeze(-1)] = float("-inf")
    return out
""",
)

top.equivalent(
    "logits.topk(min(k, logits.shape[-1]), dim=-1)  ->  logits.topk(min(k, logits.shape[-1]))",
    "the last dimension is topk's default",
)
