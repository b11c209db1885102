"""10.penalised: the score, less what the answer costs in KL."""

import torch

from graders.authoring import exercise

penalised = exercise("penalised", title="the price of leaving")


@penalised.cases
def _(rng):
    for rows, T, beta, dtype in [
        (4, 6, 0.3, torch.float64),
        (1, 5, 1.7, torch.float64),
        (5, 2, 0.6, torch.float64),
        (6, 8, 2.5, torch.float32),
        (3, 1, 0.4, torch.float64),
        (3, 7, 0.0, torch.float64),
        (3, 4, 2, torch.float64),
    ]:
        mask = rng.uniform(0, 1, rows, T) < 0.6
        mask[:, 0] = rng.uniform(0, 1, rows) < 0.5  # mask[:, :1] belongs to no entry
        mask[0] = False  # an empty answer
        if rows > 1:
            mask[1, -1], mask[-1, -1] = True, False
        logps, reference = (rng.normal(rows, T - 1, mean=-2.0, dtype=dtype) for _ in range(2))
        if T > 1 and rows > 1:
            reference[1, -1] = -40.0  # what the reference would never say
        yield dict(
            scores=rng.normal(rows, std=3.0, dtype=dtype),
            logps=logps,
            reference=reference,
            mask=mask,
            beta=beta,
        )
    mask = torch.tensor([[True, False, True, False], [False, True, True, False]])
    bad = torch.tensor([[float("-inf"), -1.0, float("nan")], [-0.5, -3.0, float("-inf")]])
    also = torch.tensor([[float("-inf"), -2.5, -1.0], [-1.0, -1.5, float("nan")]])
    yield dict(scores=torch.tensor([0.5, -2.0]), logps=bad, reference=also, mask=mask, beta=0.8)
    # the reference would never say it, and nobody set the price to 0
    reference = torch.tensor([[-1.0, float("-inf")], [-1.0, -2.0]])
    never = dict(scores=torch.tensor([0.5, -2.0]), logps=torch.tensor([[-0.5, -1.0], [-1.5, -0.5]]))
    yield dict(never, reference=reference, mask=torch.ones(2, 3).bool(), beta=0.5)
    wide = rng.normal(5, 3).T
    yield dict(
        scores=rng.normal(6)[::2],
        logps=wide,
        reference=rng.normal(5, 3).T,
        mask=(rng.uniform(0, 1, 6, 3) < 0.7).T,
        beta=1.2,
    )


@penalised.oracle
def _(scores, logps, reference, mask, beta):
    out = []
    for i, score in enumerate(scores.tolist()):
        cost = sum(
            float(logps[i, t]) - float(reference[i, t])
            for t in range(logps.shape[1])
            if mask[i, t + 1]
        )
        out.append(score - beta * cost)
    return torch.tensor(out, dtype=scores.dtype)


@penalised.check("no graph")
def _(m, scores, logps, reference, mask, beta):
    """Whatever has a graph, the reward has none."""
    scores, logps, reference = (x.clone().requires_grad_() for x in (scores, logps, reference))
    return m.penalised(scores, logps, reference, mask, beta).requires_grad


@penalised.oracle("no graph")
def _(scores, logps, reference, mask, beta):
    return False


penalised.hint(
    """Which entries of logps are about tokens that the policy wrote? mask has one column more."""
)
penalised.hint(
    """(logps - reference), with 0 wherever mask[:, 1:] is False: masked_fill, for nan times 0 is nan.
    Then the sum of each row."""
)
penalised.hint(
    """moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0); (scores - beta *
    moved.sum(1)).detach()."""
)

penalised.misconception(
    """The sign is turned: leaving the reference is paid for, not charged. Subtract beta times (logps -
    reference).""",
    name="sign",
    replace="scores - beta",
    by="scores + beta",
)
penalised.misconception(
    """The mask is off by one: entry t is about the token at t + 1, so it goes with mask[:, 1:].""",
    name="unshifted",
    replace="mask[:, 1:]",
    by="mask[:, :-1]",
)
penalised.misconception(
    """Tokens that nobody drew are charged: prompt and padding. Only where the mask is True.""",
    name="no_mask",
    replace=".masked_fill(~mask[:, 1:], 0.0)",
    by="",
)
penalised.misconception(
    """The mask is turned round: what the policy wrote is left out, and the rest is charged.""",
    name="inverted",
    replace="~mask[:, 1:]",
    by="mask[:, 1:]",
)
penalised.misconception(
    """Masked by multiplication: where nan or -inf stands outside the mask, nan * 0 is nan. Fill with 0
    instead.""",
    name="multiplied",
    replace=".masked_fill(~mask[:, 1:], 0.0)",
    by=" * mask[:, 1:]",
)
penalised.misconception(
    """nan_to_num makes numbers of everything, of the row's own -inf too: a token that the reference would
    never say then costs a finite price. Fill with 0 where the mask is False, and nowhere else.""",
    name="nan_to_num",
    replace="(logps - reference).masked_fill(~mask[:, 1:], 0.0)",
    by="torch.nan_to_num(logps - reference) * mask[:, 1:]",
)
penalised.misconception(
    """That is the mean over the tokens. The log-probability of an answer is a sum: a long answer that
    leaves the reference at every token costs more.""",
    name="mean",
    replace="moved.sum(1)",
    by="moved.sum(1) / mask[:, 1:].sum(1).clamp(min=1)",
)
penalised.misconception(
    """The whole batch's cost was charged to every row. Each answer pays for itself: the sum over its
    own tokens.""",
    name="batch",
    replace="moved.sum(1)",
    by="moved.sum()",
)
penalised.misconception(
    """The cost cannot become negative here. It may: an answer that the policy finds less probable than
    the reference does gets something back; only the average is KL.""",
    name="clamped",
    replace="moved.sum(1)",
    by="moved.sum(1).clamp(min=0)",
)
penalised.misconception(
    """That is the estimator k3, token by token, which has another value for one answer. The log-ratio
    itself is asked.""",
    name="k3",
    replace="moved.sum(1)",
    by="((-moved).exp() - 1 + moved).sum(1)",
)
penalised.misconception(
    """beta multiplies the score too, or everything: it is the price of KL only.""",
    name="all_scaled",
    replace="scores - beta * moved.sum(1)",
    by="beta * (scores - moved.sum(1))",
)
penalised.misconception(
    """The reward keeps a graph. It is a number that the policy is paid, not a way to the policy's
    weights: detach it.""",
    name="with_graph",
    replace=".detach()",
    by="",
)
penalised.variant(
    "where, under no_grad",
    name="where",
    source="""
    def penalised(scores, logps, reference, mask, beta):
        with torch.no_grad():
            zero = torch.zeros_like(logps)
            cost = torch.where(mask[:, 1:], logps, zero) - torch.where(mask[:, 1:], reference, zero)
            return scores - cost.sum(dim=-1) * beta
    """,
)
penalised.variant(
    "row by row",
    name="loop",
    source="""
    def penalised(scores, logps, reference, mask, beta):
        out = scores.detach().clone()
        for i in range(len(out)):
            own = mask[i, 1:]
            out[i] -= beta * (logps[i][own].detach() - reference[i][own].detach()).sum()
        return out
    """,
)
