"""09.completion_scores: log-likelihood of the endings, in all and per token."""

import torch

from graders.authoring import exercise

ex = exercise("completion_scores", title="how probable is each ending?", points=2)


@ex.cases
def _(rng):
    for n, T, V, context, lengths, dtype in [
        (4, 7, 5, 3, [2, 4, 1, 3], torch.float64),
        (1, 3, 6, 1, [1], torch.float64),
        (3, 6, 4, 1, [5, 2, 3], torch.float64),
        (2, 2, 3, 1, [1, 1], torch.float64),
        (4, 9, 8, 2, [3, 5, 7, 1], torch.float32),
    ]:
        t = torch.arange(T)
        ends = context + torch.tensor(lengths)[:, None]
        yield dict(
            logits=rng.normal(n, T, V, mean=3.0, std=4.0, dtype=dtype),
            tokens=rng.integers(0, V, n, T),
            mask=(t >= context) & (t < ends),
        )
    far = rng.normal(2, 4, 5, std=400.0, dtype=torch.float32)  # probabilities that no float holds
    yield dict(
        logits=far,
        tokens=rng.integers(0, 5, 2, 4),
        mask=torch.tensor([[False, True, True, False], [False, False, True, True]]),
    )
    holes = torch.tensor([[False, True, False, True, True], [False, False, False, True, False]])
    yield dict(logits=rng.normal(2, 5, 3, std=2.0), tokens=rng.integers(0, 3, 2, 5), mask=holes)


@ex.oracle
def _(logits, tokens, mask):
    totals, averages = [], []
    for i in range(len(tokens)):
        terms = []
        for t in range(1, tokens.shape[1]):
            if mask[i, t]:
                row = logits[i, t - 1].double()
                terms.append(row[tokens[i, t]] - torch.logsumexp(row, 0))
        totals.append(sum(terms))
        averages.append(sum(terms) / len(terms))
    return tuple(torch.stack(s).to(logits.dtype) for s in (totals, averages))


ex.hint("Which position's logits speak of the token at position t?")
ex.hint("log_softmax of logits[:, :-1]; gather the tokens[:, 1:]; keep where mask[:, 1:]; add up.")
ex.hint("total = torch.where(mask[:, 1:], picked, 0.0).sum(1); average = total / mask.sum(1)")

ex.misconception(
    "The logits were asked about the token at their own position. They speak of the *next* one: "
    "logits[:, :-1] against "
    "tokens[:, 1:].",
    name="not_shifted",
    edits=[
        ("logits[:, :-1]", "logits"),
        ("tokens[:, 1:, None]", "tokens[:, :, None]"),
        ("mask[:, 1:]", "mask"),
    ],
)
ex.misconception(
    "The tokens are shifted and the mask is not: each row counts the prediction after the right one. "
    "mask[:, 1:] goes with "
    "tokens[:, 1:].",
    name="mask_not_shifted",
    replace="mask[:, 1:]",
    by="mask[:, :-1]",
)
ex.misconception(
    "Everything counts, the context and the padding too. Only tokens where the mask is True.",
    name="no_mask",
    replace="torch.where(mask[:, 1:], picked, 0.0)",
    by="picked",
)
ex.misconception(
    "The average was taken over all positions. Divide by the number of tokens that count in the row.",
    name="over_all_positions",
    replace="total / mask.sum(1)",
    by="total / mask[:, 1:].shape[1]",
)
ex.misconception(
    "The average is the sum: divide by the number of tokens that count.",
    name="sum_twice",
    replace="total / mask.sum(1)",
    by="total",
)
ex.misconception(
    "These are losses, 0 or more. A log-likelihood is 0 or less, and higher is better: drop the minus sign.",
    name="losses",
    replace="    return total,",
    by="    total = -total\n    return total,",
)
ex.misconception(
    "Average first, total second: the pair is turned around.",
    name="turned",
    replace="return total, total / mask.sum(1)",
    by="return total / mask.sum(1), total",
)
ex.misconception(
    "One average for all rows, over all tokens of the batch. Each ending has its own length.",
    name="batch_average",
    replace="total / mask.sum(1)",
    by="total / mask.sum() * len(mask)",
)
ex.misconception(
    "Probabilities were added up. The probability of an ending is a product: add *logarithms*.",
    name="probabilities",
    replace="F.log_softmax(",
    by="F.softmax(",
)
ex.misconception(
    "Raw logits were added up: without log_softmax they are no log-probabilities.",
    name="raw_logits",
    replace="F.log_softmax(logits[:, :-1], dim=-1)",
    by="logits[:, :-1]",
)

ex.variant(
    "cross_entropy per token",
    name="cross_entropy",
    source="""
    def completion_scores(logits, tokens, mask):
        losses = F.cross_entropy(logits[:, :-1].transpose(1, 2), tokens[:, 1:], reduction="none")
        keep = mask[:, 1:].to(logits.dtype)
        total = -(losses * keep).sum(dim=1)
        return total, total / keep.sum(dim=1)
""",
)

ex.equivalent(":-1  ->  :", "gather looks at as many positions as there are indices")
ex.equivalent("0  ->  -1", "that dimension is 1")
