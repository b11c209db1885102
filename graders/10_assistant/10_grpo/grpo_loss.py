"""10.grpo_loss: clipped ratios per token, the penalty, and a mean of means."""

import torch

from graders.authoring import Tol, exercise, instead

from .part import by_hand, columns_first, lengths_mask

ex = exercise("grpo_loss", title="the loss of GRPO", points=3)


def batch(rng, lengths, T, dtype=torch.float64, starts=None, far=3.0, **more):
    """Ratios inside and beyond the clip on both sides, of answers with both signs of the advantage."""
    mask, B = lengths_mask(lengths, T, starts), len(lengths)
    old = rng.normal(B, T, mean=-2.0)
    # clear of the logarithms of all bounds that occur: 0.7, 0.75, 0.8, 1.2, 1.25, 1.3
    steps = torch.tensor([-0.7, -0.5, -0.1, 0.05, 0.12, 0.4, 0.8], dtype=torch.float64)
    ratio = steps[rng.integers(0, len(steps), B, T)] + 0.02 * rng.uniform(-1, 1, B, T)
    logps = old + ratio
    ref = logps + rng.normal(B, T, std=0.7)
    # where nothing counts stands anything
    wild = [rng.normal(B, T, std=far) for _ in range(3)]
    logps, old, ref = (
        torch.where(mask, x, w) for x, w in zip((logps, old, ref), wild, strict=True)
    )
    sign = torch.tensor([1.0, -1.0]).repeat(B)[:B].double()
    return dict(
        logps=logps.to(dtype),
        old_logps=old.to(dtype),
        ref_logps=ref.to(dtype),
        advantages=(sign * rng.uniform(0.5, 2.0, B)).to(dtype),
        mask=mask,
        **more,
    )


def cases(rng):
    yield batch(rng, [3, 1, 6, 4], 6)
    yield batch(rng, [5, 7, 2], 7, clip=0.3, beta=0.5)
    yield batch(rng, [2, 4, 1, 3, 3], 4, beta=0.0)
    yield batch(rng, [4], 5, clip=0.25, beta=1.7)
    yield batch(rng, [1, 1, 1], 1)
    yield batch(rng, [3, 0, 2, 5], 5, beta=0.3)  # an empty answer
    yield batch(rng, [0, 0], 3)
    yield batch(rng, [3, 2, 4], 8, starts=[2, 5, 4], beta=0.2)  # behind prompts
    yield batch(rng, [3, 1, 2], 5, far=4000.0, beta=0.3)  # where nothing counts, ratios overflow
    yield batch(rng, [3, 5], 5, dtype=torch.float32, beta=0.6)
    case = batch(rng, [2, 4, 3], 4)
    yield {k: columns_first(v) if v.ndim == 2 else v for k, v in case.items()}
    case = batch(rng, [3, 3, 2], 4, beta=0.1)
    yield dict(case, advantages=torch.tensor([0.0, 1.3, -0.8], dtype=torch.float64))
    case = batch(rng, [4, 3], 4)
    yield dict(case, old_logps=case["logps"].clone())  # the first epoch: all ratios are 1
    case = batch(rng, [6, 4, 5], 6, clip=0.25, beta=0.2)
    case["mask"][0, 2:4] = case["mask"][1, 1] = False  # a tool's output amid an answer
    yield case


ex.cases(cases)


@ex.oracle
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    return by_hand(logps, old_logps, ref_logps, advantages, mask, clip, beta)[0]


@ex.check("gradients", cases=cases)
def _(m, mask, clip=0.2, beta=0.04, **floats):
    """A gradient of logps, and of nothing else, though everything asks for one."""
    leaves = {name: x.requires_grad_() for name, x in floats.items()}
    out = m.grpo_loss(**leaves, mask=mask, clip=clip, beta=beta)
    if not isinstance(out, torch.Tensor) or out.dim():
        return instead(out, "a tensor ()")
    if out.requires_grad:
        (-1.7 * out).backward()
    found = {name: x.grad for name, x in leaves.items()}
    for name in ("old_logps", "ref_logps", "advantages"):  # a gradient of zeros is none
        if found[name] is not None and not found[name].any():
            found[name] = None
    return found


@ex.oracle("gradients")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    grad = by_hand(logps, old_logps, ref_logps, advantages, mask, clip, beta)[1]
    return {"logps": -1.7 * grad, "old_logps": None, "ref_logps": None, "advantages": None}


# a learner's weights 1 / (B n) may be in float32
for check in ("values", "gradients"):
    ex.tolerance(Tol(rtol=2e-5, atol=1e-7), check)  # terms of both signs may nearly cancel

ex.hint(
    "ratio = (logps - old_logps).exp(), for each token; advantages[:, None] goes with every token of "
    "its row."
)
ex.hint(
    "torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A) - beta * k3(...), masked, divided by "
    "each row's own count. Which of the inputs are constants? What if exp overflows where the mask is False?"
)
ex.hint(
    "Fill all three log-probabilities with 0 where ~mask, before exp; detach old, ref, advantages; "
    "-(sum over tokens / mask.sum(1).clamp(min=1)).mean()"
)

GAIN = "torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)"

ex.misconception(
    """The ratio is clipped from above only. For a negative advantage the bound below counts: a bad
    answer that has become improbable enough should be left alone.""",
    name="clip_above_only",
    replace="ratio.clamp(1 - clip, 1 + clip)",
    by="ratio.clamp(max=1 + clip)",
)
ex.misconception(
    """The ratio is clipped from below only: a good answer that has become probable enough is pushed on and
    on.""",
    name="clip_below_only",
    replace="ratio.clamp(1 - clip, 1 + clip)",
    by="ratio.clamp(min=1 - clip)",
)
ex.misconception(
    """Nothing is clipped: min of ratio * A and *clipped* ratio * A.""",
    name="no_clip",
    replace=GAIN,
    by="ratio * A",
)
ex.misconception(
    """Only the clipped term is there, without the min: a policy that went the wrong way beyond the clip
    gets no gradient to come back.""",
    name="no_min",
    replace=GAIN,
    by="ratio.clamp(1 - clip, 1 + clip) * A",
)
ex.misconception(
    """That is the larger of the two terms. The smaller is asked, the more pessimistic one: then being
    clipped never pays.""",
    name="max_for_min",
    replace="torch.minimum",
    by="torch.maximum",
)
ex.misconception(
    """`clip` is an argument, and here it is always 0.2.""",
    name="clip_fixed",
    replace="ratio.clamp(1 - clip, 1 + clip)",
    by="ratio.clamp(0.8, 1.2)",
)
ex.misconception(
    """The difference of the log-probabilities is not yet the ratio: it wants exp.""",
    name="no_exp",
    replace="ratio = (logps - old).exp()",
    by="ratio = logps - old",
)
ex.misconception(
    """The ratio is old over new. It says how much more probable the token has become: logps -
    old_logps.""",
    name="ratio_upside_down",
    replace="ratio = (logps - old).exp()",
    by="ratio = (old - logps).exp()",
)
ex.misconception(
    """There is one ratio for each answer, from summed log-probabilities: a few tokens later it is beyond
    any clip. GRPO has one for each token.""",
    name="summed_ratio",
    replace="ratio = (logps - old).exp()",
    by="ratio = (logps - old).sum(1, keepdim=True).exp()",
)
ex.misconception(
    """The ratio is always 1: the old log-probabilities do not occur, so nothing is ever clipped. That is
    right for the first step only.""",
    name="ratio_one",
    replace="ratio = (logps - old).exp()",
    by="ratio = (logps - logps.detach()).exp()",
)
ex.misconception(
    """A gradient flows into old_logps. They are constants: detach them. If they come from the same model,
    the gradients of the ratio cancel, and it learns nothing.""",
    name="old_moves",
    replace="old_logps.detach()",
    by="old_logps",
)
ex.misconception(
    """A gradient flows into the advantages, which are constants: detach them.""",
    name="advantages_move",
    replace="advantages.detach()",
    by="advantages",
)
ex.misconception(
    """The penalty is the wrong way round: d is log reference minus log policy.""",
    name="k3_wrong_way",
    replace="k3(logps, ref)",
    by="((logps - ref).exp() - (logps - ref) - 1)",
)
ex.misconception(
    """The penalty has its value but no gradient: it shows up in the printed loss, and pulls nothing
    back.""",
    name="k3_detached",
    replace="k3(logps, ref)",
    by="k3(logps.detach(), ref)",
)
ex.misconception(
    """The penalty is subtracted from the loss, so it rewards distance from the reference. The loss grows
    with k3.""",
    name="k3_maximised",
    replace="beta * k3(logps, ref) - gain",
    by="-beta * k3(logps, ref) - gain",
)
ex.misconception(
    """The penalty is missing, or its weight is 0: beta * k3.""",
    name="no_penalty",
    replace="beta * k3(logps, ref) - gain",
    by="0 * k3(logps, ref) - gain",
)
ex.misconception(
    """The penalty counts twice. It belongs in the loss, once.""",
    name="k3_twice",
    replace="beta * k3(logps, ref) - gain",
    by="2 * beta * k3(logps, ref) - gain",
)
ex.misconception(
    """The sign is wrong: what the formula calls gain is to grow, so the loss is minus that.""",
    name="sign",
    replace="beta * k3(logps, ref) - gain",
    by="beta * k3(logps, ref) + gain",
)
ex.misconception(
    """That is one mean over all tokens: long answers weigh more. GRPO takes each answer's mean, then the
    mean of these.""",
    name="token_mean",
    edits=[
        (".sum(dim=1) / mask.sum(dim=1).clamp(min=1)", ".sum() / mask.sum().clamp(min=1)"),
        ("return per_answer.mean()", "return per_answer"),
    ],
)
ex.misconception(
    """Tokens that do not count stand below the fraction bar: each answer is divided by T instead of
    by its own length.""",
    name="mean_over_T",
    replace="mask.sum(dim=1).clamp(min=1)",
    by="mask.shape[1]",
)
ex.misconception(
    """Tokens of the question, or padding, are in the sum. Where the mask is False, nothing counts.""",
    name="padding_counted",
    replace="losses.masked_fill(~mask, 0.0).sum(dim=1)",
    by="losses.sum(dim=1)",
)
ex.misconception(
    """Each answer's tokens are summed. Asked is their mean, divided by the answer's own length.""",
    name="summed",
    replace=" / mask.sum(dim=1).clamp(min=1)",
    by="",
)
ex.misconception(
    """The sum over the answers came back; it wants their mean.""",
    name="sum_of_answers",
    replace="per_answer.mean()",
    by="per_answer.sum()",
)
ex.misconception(
    """An answer without tokens is divided by 0: nan. Divide by at least 1.""",
    name="nan_when_empty",
    replace=".clamp(min=1)",
    by="",
)
ex.misconception(
    """Answers without tokens are left out of the mean. They add 0, and are counted.""",
    name="empty_left_out",
    replace="return per_answer.mean()",
    by="return per_answer.sum() / mask.any(dim=1).sum().clamp(min=1)",
)
ex.misconception(
    """Where nothing counts, exp overflows, and inf times a mask of 0 is nan (in the gradient, if not in the
    value). Fill the log-probabilities with 0 there, before exp.""",
    name="nan_where_masked",
    edits=[
        ("    logps = logps.masked_fill(~mask, 0.0)\n", ""),
        ("old_logps.detach().masked_fill(~mask, 0.0)", "old_logps.detach()"),
        ("ref_logps.detach().masked_fill(~mask, 0.0)", "ref_logps.detach()"),
        ("losses.masked_fill(~mask, 0.0)", "(losses * mask)"),
    ],
)
ex.misconception(
    """Where nothing counts, exp overflows. The value is filled with 0 there, but backward still passes
    through exp, and 0 times inf is nan in the gradient. Fill the log-probabilities before exp.""",
    name="nan_in_gradient",
    edits=[
        ("    logps = logps.masked_fill(~mask, 0.0)\n", ""),
        ("old_logps.detach().masked_fill(~mask, 0.0)", "old_logps.detach()"),
        ("ref_logps.detach().masked_fill(~mask, 0.0)", "ref_logps.detach()"),
    ],
)
ex.misconception(
    """The value is right, but no gradient flows: return the tensor as it comes.""",
    name="detached",
    replace="return per_answer.mean()",
    by="return per_answer.mean().detach()",
)

ex.misconception(
    """If no token counts, the 0 has no graph: backward() fails. Divide each row's sum by at least
    1.""",
    name="no_graph_when_empty",
    replace="return per_answer.mean()",
    by="return per_answer.mean() if mask.any() else 0 * advantages.sum().detach()",
)

ex.misconception(
    """Of the advantages only the sign was used. By how much an answer is better counts, too.""",
    name="sign_of_advantages",
    replace="advantages.detach()",
    by="advantages.detach().sign()",
)

ex.variant(
    "answer by answer",
    name="loop",
    source="""
    def grpo_loss(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        loss = 0.0 * logps.masked_fill(~mask, 0.0).sum()
        for i in range(len(mask)):
            here = mask[i]
            if here.any():
                new, A = logps[i][here], advantages[i].detach()
                ratio = torch.exp(new - old_logps[i][here].detach())
                worst = torch.max(-A * ratio, -A * ratio.clamp(1 - clip, 1 + clip))
                d = ref_logps[i][here].detach() - new
                loss = loss + (worst + beta * (torch.expm1(d) - d)).mean()
        return loss / len(mask)
""",
)
ex.variant(
    "all tokens that count in one line, each with its weight",
    name="weights",
    source="""
    def grpo_loss(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        B = len(mask)
        rows = mask.nonzero()[:, 0]
        weight = 1.0 / (B * mask.sum(1).to(logps.dtype))[rows]
        new, A = logps[mask], advantages.detach()[rows]
        ratio = (new - old_logps.detach()[mask]).exp()
        bounded = torch.where(A > 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
        return (weight * (beta * k3(new, ref_logps[mask]) - bounded * A)).sum()
""",
)

ex.equivalent("ref_logps.detach()  ->  ref_logps", "k3 detaches it as well")
ex.equivalent("0.0  ->  1.0", "what stands outside of the mask is left out of the mean")
