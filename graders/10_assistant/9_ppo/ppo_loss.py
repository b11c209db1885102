"""10.ppo_loss: the clip, on both sides, for both signs."""

import torch

from graders.authoring import exercise

from .part import calls, masks, ratio_rows, response, spans

clipped = exercise("ppo_loss", title="the clipped loss", points=2)


@clipped.cases
def _(rng):
    for i, mask in enumerate([*masks(), spans(9, [[(1, 9)], [(2, 8)], [(3, 9)]])]):
        clip = [0.2, 0.1, 0.3, 0.15, 0.25, 0.2][i]
        dtype = torch.float32 if i == 1 else torch.float64
        logps, old, advantages = ratio_rows(rng, mask, clip, dtype)
        if i == 1:  # in float32 a mean near 0 is mostly rounding
            advantages = torch.where(advantages > 0, 8 * advantages, advantages)
        yield dict(logps=logps, old_logps=old, advantages=advantages, mask=mask, clip=clip)
    mask = spans(4, [[(1, 4)], [(0, 4)]])  # nothing but the response
    logps, old, advantages = ratio_rows(rng, mask, 0.2)
    yield dict(logps=logps, old_logps=old, advantages=advantages, mask=mask, clip=0.2)
    # all eight kinds at once, in rows of unequal length; then with nothing clipped, and with a zero
    mask = spans(8, [[(3, 8)], [(1, 4)], []])
    logps, old, advantages = ratio_rows(rng, mask, 0.2)
    advantages[0, 3] = 0.0
    yield dict(logps=logps, old_logps=old, advantages=advantages, mask=mask, clip=0.2)
    yield dict(logps=logps, old_logps=old, advantages=advantages, mask=mask, clip=50.0)
    strided = [x.T.contiguous().T for x in (logps, old, advantages)]
    yield dict(logps=strided[0], old_logps=strided[1], advantages=strided[2], mask=mask, clip=0.35)
    # no room at all, and ratios far out on both sides
    mask, signs = spans(6, [[(1, 6)]]), torch.tensor([[1.0, 1.0, -1.0, -1.0, -1.0]]).double()
    for clip, ratio in [
        (0.0, [1.3, 0.6, 1.4, 0.7, 2.0]),
        (0.95, [3.0, 0.02, 30.0, 0.03, 0.2]),
        (40.0, [35.0, 0.01, 60.0, 0.002, 3.0]),
        (0.2, [1.1, 1e9, 0.9, 3e8, 1.5]),
    ]:
        old = rng.normal(1, 5)
        yield dict(
            logps=old + torch.tensor([ratio]).double().log(),
            old_logps=old,
            advantages=signs * rng.uniform(0.5, 2.0, 1, 5),
            mask=mask,
            clip=clip,
        )
    none = torch.zeros(2, 4, dtype=torch.bool)
    yield dict(
        logps=rng.normal(2, 3),
        old_logps=rng.normal(2, 3),
        advantages=rng.normal(2, 3),
        mask=none,
        clip=0.2,
    )


@clipped.oracle
def _(logps, old_logps, advantages, mask, clip):
    goals = []
    for b, t in response(mask):
        ratio, A = (logps[b, t] - old_logps[b, t]).exp().item(), advantages[b, t].item()
        limit = 1 + clip if A > 0 else 1 - clip
        goals.append(A * (min(ratio, limit) if A > 0 else max(ratio, limit)))
    return torch.tensor(-sum(goals) / max(1, len(goals)), dtype=logps.dtype)


@clipped.check("gradients")
def _(m, logps, old_logps, advantages, mask, clip):
    """Of the new log-probabilities; and whether any arrives at what is constant."""
    leaves = dict(logps=logps, old_logps=old_logps, advantages=advantages)
    for leaf in leaves.values():
        leaf.requires_grad_()
    return calls(m.ppo_loss(logps, old_logps, advantages, mask, clip), -1.7, **leaves)


@clipped.oracle("gradients")
def _(logps, old_logps, advantages, mask, clip):
    """Zero exactly where the ratio went too far in the right direction."""
    grad, tokens, total = torch.zeros_like(logps), response(mask), 0.0
    for b, t in tokens:
        ratio, A = (logps[b, t] - old_logps[b, t]).exp().item(), advantages[b, t].item()
        past = (A > 0 and ratio > 1 + clip) or (A < 0 and ratio < 1 - clip)
        total -= A * ((1 + clip if A > 0 else 1 - clip) if past else ratio) / len(tokens)
        grad[b, t] = 0.0 if past else 1.7 * A * ratio / len(tokens)
    return {
        "value": torch.tensor(total, dtype=logps.dtype),
        "gradients": {"logps": grad, "old_logps": None, "advantages": None},
    }


clipped.hint(
    "Pick the response's tokens first: x[mask[:, 1:]] of all three. What stands elsewhere may be nan."
)
clipped.hint(
    "Two goals for each token, ratio * A and ratio.clamp(1 - clip, 1 + clip) * A; the smaller counts."
)
clipped.hint("-torch.min(...).sum() / max(1, how many), with advantages.detach().")

MIN = "torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)"

clipped.misconception(
    """Nothing is clipped: what was good becomes ever more probable, on the word of one rollout.""",
    name="no_clip",
    replace=MIN,
    by="ratio * A",
)
clipped.misconception(
    """The clip without the min: a bad token that has become *more* probable, far outside, gets no
    gradient, and stays so. Take the smaller of the two goals.""",
    name="no_min",
    replace=MIN,
    by="ratio.clamp(1 - clip, 1 + clip) * A",
)
clipped.misconception(
    """max for min: the larger goal is the careless one. It stops where correction is needed, and goes
    on where it should stop. (Of two *losses* the larger is taken; these are goals.)""",
    name="max",
    replace="torch.min(",
    by="torch.max(",
)
clipped.misconception(
    """The ratios are chosen before they are multiplied: min(ratio, clipped ratio) * A is wrong for A <
    0, where the larger ratio is the smaller goal. Multiply first.""",
    name="min_of_ratios",
    replace=MIN,
    by="torch.min(ratio, ratio.clamp(1 - clip, 1 + clip)) * A",
)
clipped.misconception(
    """Clipped only above, at 1 + clip. A bad token that has become rare enough is to be left alone,
    too: the limit below is 1 - clip.""",
    name="only_above",
    replace="ratio.clamp(1 - clip, 1 + clip)",
    by="ratio.clamp(max=1 + clip)",
)
clipped.misconception(
    """Clipped only below, at 1 - clip. Good tokens have their limit above: 1 + clip.""",
    name="only_below",
    replace="ratio.clamp(1 - clip, 1 + clip)",
    by="ratio.clamp(min=1 - clip)",
)
clipped.misconception(
    """The log-ratio was clipped to -clip and clip. The limits hold for the ratio itself: 0.8 and 1.2,
    not e^-0.2 and e^0.2.""",
    name="log_clipped",
    replace="ratio.clamp(1 - clip, 1 + clip)",
    by="(logps[own] - old_logps[own].detach()).clamp(-clip, clip).exp()",
)
clipped.misconception(
    """The lower limit is 1 / (1 + clip) here. Equation 7 has 1 - clip.""",
    name="inverse_limit",
    replace="clamp(1 - clip,",
    by="clamp(1 / (1 + clip),",
)
clipped.misconception(
    """The clip is always 0.2: use the argument.""",
    name="always_02",
    replace="clamp(1 - clip, 1 + clip)",
    by="clamp(0.8, 1.2)",
)
clipped.misconception(
    """The minus is missing: an optimizer makes losses small, and this is a goal to be made large.""",
    name="no_minus",
    replace="return -goal",
    by="return goal",
)
clipped.misconception(
    """The sum over the tokens, not the mean: the step grows with the length of the answers.""",
    name="summed",
    replace="goal.sum() / max(1, len(goal))",
    by="goal.sum()",
)
clipped.misconception(
    """Divided by all positions, prompt and padding included. The mean is over response tokens.""",
    name="over_all",
    replace="max(1, len(goal))",
    by="own.numel()",
)
clipped.misconception(
    """A mean for each row, and then the mean of these. Asked is one mean over all response tokens of
    the batch.""",
    name="row_means",
    replace="return -goal.sum() / max(1, len(goal))",
    by="spread = torch.zeros_like(logps).masked_scatter(own, goal).sum(1)\n"
    "    return -(spread / own.sum(1).clamp(min=1)).mean()",
)
clipped.misconception(
    """The mask is off by one: entry t belongs to token t + 1, so mask[:, 1:] fits.""",
    name="mask_not_shifted",
    replace="own = mask[:, 1:]",
    by="own = mask[:, :-1]",
)
clipped.misconception(
    """What is not the response's (the end of a prompt, a tool's output, padding) counts as well: use
    the mask.""",
    name="from_first_on",
    replace="own = mask[:, 1:]",
    by="own = mask[:, 1:].cumsum(1) > 0",
)
clipped.misconception(
    """A product with the mask leaves inf and nan: 0 * nan is nan. Pick the response's tokens, or use
    torch.where before the arithmetic.""",
    name="product",
    replace="    own = mask[:, 1:]\n    ratio = ratios(logps[own], old_logps[own])\n"
    "    A = advantages[own].detach()\n",
    by="    own = mask[:, 1:]\n    ratio = ratios(logps, old_logps) * own\n"
    "    A = advantages.detach() * own\n",
)
clipped.misconception(
    """The value is right, but its gradient is nan: what stands outside the response was taken out after
    the arithmetic, and the backward pass meets it again (0 * nan). Take it out before.""",
    name="where_late",
    replace="    own = mask[:, 1:]\n    ratio = ratios(logps[own], old_logps[own])\n"
    "    A = advantages[own].detach()\n"
    "    goal = torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)\n",
    by="    own = mask[:, 1:]\n    ratio, A = ratios(logps, old_logps), advantages.detach()\n"
    "    goal = torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)\n"
    "    return -torch.where(own, goal, 0.0).sum() / own.sum().clamp(min=1)\n",
)
clipped.misconception(
    """Without a response token a bare 0 came back, and backward() would be an error in the middle of
    training. Let it keep the graph: a sum over no tokens is 0, too.""",
    name="empty_has_no_graph",
    replace="    own = mask[:, 1:]\n",
    by="    own = mask[:, 1:]\n    if not own.any():\n        return torch.zeros((), dtype=logps.dtype)\n",
)
clipped.misconception(
    """Without a response token that is 0 / 0 = nan. It is to be 0.""",
    name="empty_is_nan",
    replace="goal.sum() / max(1, len(goal))",
    by="goal.mean()",
)
clipped.misconception(
    """A gradient flows into the advantages, which are constants.""",
    name="advantages_learn",
    replace="advantages[own].detach()",
    by="advantages[own]",
)
clipped.misconception(
    """The ratio has no gradient: the loss has its value, and the policy learns nothing.""",
    name="detached",
    replace="ratio = ratios(logps[own], old_logps[own])",
    by="ratio = ratios(logps[own].detach(), old_logps[own])",
)
clipped.misconception(
    """The old log-probabilities are replaced by the new ones: every ratio is 1, and the clip never
    acts.""",
    name="always_one",
    replace="ratios(logps[own], old_logps[own])",
    by="ratios(logps[own], logps[own])",
)

clipped.misconception(
    """A mean for each answer first, then their mean: tokens of short answers count more so. All tokens
    count the same: one mean over all.""",
    name="rows_means",
    source="""
def ppo_loss(logps, old_logps, advantages, mask, clip):
    means = []
    for lp, old, adv, m in zip(logps, old_logps, advantages, mask[:, 1:]):
        if m.any():
            ratio, A = ratios(lp[m], old[m]), adv[m].detach()
            means.append(torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A).mean())
    return -torch.stack(means).mean() if means else logps[mask[:, 1:]].sum()
""",
)

clipped.variant(
    "the larger of two losses, torch.where",
    name="losses",
    source="""
    def ppo_loss(logps, old_logps, advantages, mask, clip):
        own = mask[:, 1:]
        zero = torch.zeros((), dtype=logps.dtype)
        new, old = torch.where(own, logps, zero), torch.where(own, old_logps.detach(), zero)
        A = torch.where(own, advantages.detach(), zero)
        ratio = torch.exp(new - old)
        losses = torch.maximum(-A * ratio, -A * torch.clamp(ratio, 1.0 - clip, 1.0 + clip))
        return torch.where(own, losses, zero).sum() / own.sum().clamp(min=1)
    """,
)
clipped.variant(
    "the limit by the sign of the advantage",
    name="by_sign",
    source="""
    def ppo_loss(logps, old_logps, advantages, mask, clip):
        own = mask[:, 1:]
        if not own.any():
            return logps[own].sum()
        ratio, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
        up = ratio.clamp(max=1 + clip) * A.clamp(min=0)
        down = ratio.clamp(min=1 - clip) * A.clamp(max=0)
        return -(up + down).mean()
    """,
)
