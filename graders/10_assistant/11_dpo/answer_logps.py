"""10.answer_logps: the log-probability of each row's answer."""

import torch

from graders.authoring import differentiate, exercise

from .part import lengths_mask

ex = exercise("answer_logps", title="how probable is an answer?")


def batch(rng, B, T, V, lengths, starts, std=2.0, dtype=torch.float64):
    return dict(
        logits=rng.normal(B, T, V, std=std, dtype=dtype),
        ids=rng.integers(0, V, B, T),
        mask=lengths_mask(lengths, T, starts),
    )


@ex.cases
def _(rng):
    yield batch(rng, 3, 6, 7, [2, 4, 1], [3, 1, 2])
    yield batch(rng, 1, 4, 5, [3], [1])
    yield batch(rng, 4, 2, 3, [1, 1, 0, 1], [1, 1, 1, 1])
    yield batch(rng, 2, 5, 6, [5, 0], [0, 2])  # mask[:, 0] is True; an empty answer
    yield batch(rng, 2, 1, 4, [1, 0], [0, 0])  # nothing is predicted
    yield batch(rng, 3, 4, 1, [2, 3, 1], [1, 1, 2])  # a vocabulary of one
    yield batch(rng, 2, 6, 5, [3, 2], [2, 3], dtype=torch.float32)
    yield batch(rng, 5, 5, 5, [1, 2, 3, 4, 1], [1, 2, 2, 1, 4])
    # ids that one byte, or two, do not hold
    for V, dtype in ((300, torch.float64), (33_000, torch.float32)):
        case = batch(rng, 1, 2, V, [1], [1], dtype=dtype)
        yield dict(case, ids=torch.tensor([[3, V - 1 - rng.integer(0, 9)]]))
    # tool output in the middle of an answer
    case = batch(rng, 2, 7, 4, [5, 6], [2, 1])
    case["mask"][0, 4] = case["mask"][1, 2:4] = False
    yield case
    # far apart in one row, under the mask and elsewhere
    yield batch(rng, 3, 5, 6, [2, 3, 1], [2, 1, 4], std=4000.0)
    case = batch(rng, 3, 5, 4, [2, 3, 2], [2, 1, 3])
    yield dict(
        logits=case["logits"].transpose(0, 1).contiguous().transpose(0, 1),
        ids=case["ids"].T.contiguous().T,
        mask=case["mask"].T.contiguous().T,
    )


@ex.oracle
def _(logits, ids, mask):
    return by_loop(logits, ids, mask)


def by_loop(logits, ids, mask):
    found = []
    for row, tokens, here in zip(logits, ids.tolist(), mask.tolist(), strict=True):
        total = torch.zeros((), dtype=logits.dtype)
        for t in range(1, len(tokens)):
            if here[t]:
                total = total + row[t - 1, tokens[t]] - row[t - 1].logsumexp(0)
        found.append(total)
    return torch.stack(found)


@ex.check("gradients")
def _(m, logits, ids, mask):
    leaf = logits.requires_grad_()
    out = m.answer_logps(leaf, ids, mask)
    up = torch.linspace(-1.5, 2.0, out.numel(), dtype=out.dtype).reshape(out.shape)
    found = dict(differentiate(out, {"logits": leaf}, up))
    if found["logits"] is None and not mask[:, 1:].any():
        found["logits"] = torch.zeros_like(leaf)  # no answer anywhere: no graph is no harm
    return found


@ex.oracle("gradients")
def _(logits, ids, mask):
    grad = torch.zeros_like(logits)
    up = torch.linspace(-1.5, 2.0, len(ids), dtype=logits.dtype)
    for i, t in mask[:, 1:].nonzero().tolist():
        grad[i, t] = -logits[i, t].softmax(0)
        grad[i, t, ids[i, t + 1]] += 1
    return {"logits": grad * up[:, None, None]}


ex.hint("logits[:, :-1] and ids[:, 1:] belong together. Which columns of the mask?")
ex.hint(
    "log_softmax over the vocabulary, then gather the token's own entry: gather(2, ids[..., None])."
)
ex.hint("logps.masked_fill(~mask[:, 1:], 0.0).sum(dim=1)")

ex.misconception(
    """The logits are paired with the token that they have read already: position t speaks of the token at
    t + 1. Drop the last logits and the first token.""",
    name="no_shift",
    source="""
    def answer_logps(logits, ids, mask):
        logps = F.log_softmax(logits, dim=-1).gather(2, ids[..., None])[..., 0]
        return logps.masked_fill(~mask, 0.0).sum(dim=1)
""",
)
ex.misconception(
    """The shift goes the wrong way: logits[:, 1:] with ids[:, :-1] asks each position for the token
    *before* it.""",
    name="shift_wrong_way",
    source="""
    def answer_logps(logits, ids, mask):
        logps = F.log_softmax(logits[:, 1:], dim=-1).gather(2, ids[:, :-1, None])[..., 0]
        return logps.masked_fill(~mask[:, :-1], 0.0).sum(dim=1)
""",
)
ex.misconception(
    """The mask is one place off: log-probabilities begin with the token at 1, so mask[:, 1:] goes with
    them. Like this the first token of the answer is lost, and what follows the answer counts.""",
    name="mask_not_shifted",
    replace="mask[:, 1:]",
    by="mask[:, :-1]",
)
ex.misconception(
    """The mask is inverted: the question and the padding count, the answer does not.""",
    name="inverted",
    replace="~mask[:, 1:]",
    by="mask[:, 1:]",
)
ex.misconception(
    """Everything counts. The question is the same for both answers and cancels; the padding does not.""",
    name="everything",
    replace=".masked_fill(~mask[:, 1:], 0.0)",
    by="",
)
ex.misconception(
    """Padding behind the answer counts. (And what stands in its middle without being the model's own, such
    as a tool's output.)""",
    name="padding_counted",
    replace="~mask[:, 1:]",
    by="~(mask[:, 1:].cumsum(1) > 0)",
)
ex.misconception(
    """That is the mean over the answer's tokens. The probability of an answer is a product: the sum of the
    logarithms.""",
    name="mean",
    replace=".sum(dim=1)",
    by=".sum(dim=1) / mask[:, 1:].sum(dim=1).clamp(min=1)",
)
ex.misconception(
    """That is the mean over all columns. The probability of an answer is a product: the sum of the
    logarithms.""",
    name="mean_over_T",
    replace=".sum(dim=1)",
    by=".sum(dim=1) / max(1, mask.shape[1] - 1)",
)
ex.misconception(
    """One sum over the whole batch came back. Asked is one number for each row.""",
    name="one_sum",
    replace=".sum(dim=1)",
    by=".sum()",
)
ex.misconception(
    """The logits were summed as they are. Log-probabilities are log_softmax of them.""",
    name="raw_logits",
    replace="F.log_softmax(logits[:, :-1], dim=-1)",
    by="logits[:, :-1]",
)
ex.misconception(
    """log(softmax) is -inf once logits are hundreds apart, or wrong where something small was added.
    log_softmax is right everywhere.""",
    name="log_of_softmax",
    replace="F.log_softmax(logits[:, :-1], dim=-1)",
    by="(logits[:, :-1].softmax(-1) + 1e-10).log()",
)
ex.misconception(
    """The sign is turned: that is the loss (negative log-likelihood). Log-probabilities are never above
    zero.""",
    name="negative",
    replace="return logps",
    by="return -logps",
)
ex.misconception(
    """The values are right, but no gradient flows: the policy could not learn. The reference's no_grad
    belongs around the reference's call only.""",
    name="no_grad",
    replace=".sum(dim=1)",
    by=".sum(dim=1).detach()",
)
ex.misconception(
    """log_softmax was taken over the wrong dimension: the last one is the vocabulary.""",
    name="over_time",
    replace="dim=-1)",
    by="dim=1)",
)
ex.misconception(
    """The logits are paired with the token that they have read already, and the first column is dropped
    afterwards. Position t speaks of the token at t + 1: drop the last logits, and the first token.""",
    name="no_shift_dropped",
    source="""
    def answer_logps(logits, ids, mask):
        logps = F.log_softmax(logits, dim=-1).gather(2, ids[..., None])[..., 0]
        return logps.masked_fill(~mask, 0.0)[:, 1:].sum(dim=1)
""",
)
ex.misconception(
    """log(softmax) is -inf once logits are hundreds apart. log_softmax is right everywhere.""",
    name="log_of_softmax_inf",
    replace="F.log_softmax(logits[:, :-1], dim=-1)",
    by="logits[:, :-1].softmax(-1).log()",
)
ex.misconception(
    """log(softmax) is -inf once logits are hundreds apart, and -inf times a mask of 0 is nan. log_softmax is
    right everywhere.""",
    name="log_of_softmax_nan",
    source="""
    def answer_logps(logits, ids, mask):
        logps = logits[:, :-1].softmax(-1).log().gather(2, ids[:, 1:, None])[..., 0]
        return (logps * mask[:, 1:]).sum(dim=1)
""",
)

ex.variant(
    "cross-entropy without reduction",
    name="cross_entropy",
    source="""
    def answer_logps(logits, ids, mask):
        targets = ids[:, 1:].masked_fill(~mask[:, 1:], -100)
        costs = F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none")
        return -costs.sum(1)
""",
)
ex.variant(
    "logit minus logsumexp, times the mask",
    name="by_hand",
    source="""
    def answer_logps(logits, ids, mask):
        z = logits[:, :-1]
        picked = torch.gather(z, 2, ids[:, 1:].unsqueeze(2)).squeeze(2)
        return ((picked - z.logsumexp(2)) * mask[:, 1:]).sum(1)
""",
)

ex.equivalent(":-1  ->  :", "gather looks at as many positions as there are indices")
ex.equivalent("0  ->  -1", "that dimension is 1")
