"""10.dpo_loss: -log sigmoid of beta times the difference of differences."""

import math

import torch

from graders.authoring import Tol, exercise, instead

from .part import NAMES, far_apart, pair_cases

ex = exercise("dpo_loss", title="the loss of DPO", points=2)


def cases(rng):
    yield from pair_cases(rng)
    yield from far_apart(rng)


ex.cases(cases)


def terms(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta):
    """Pair by pair in Python: the loss, and sigmoid(-z)."""
    zs = [
        beta * ((a - c) - (b - d))
        for a, b, c, d in zip(
            *(x.tolist() for x in (pi_chosen, pi_rejected, ref_chosen, ref_rejected)), strict=True
        )
    ]
    losses = [math.log1p(math.exp(-abs(z))) + max(0.0, -z) for z in zs]
    weights = [1 / (1 + math.exp(z)) if z < 0 else math.exp(-z) / (1 + math.exp(-z)) for z in zs]
    return sum(losses) / len(losses), weights


@ex.oracle
def _(beta=0.1, **four):
    return torch.tensor(terms(**four, beta=beta)[0], dtype=four["pi_chosen"].dtype)


@ex.check("gradients", cases=cases)
def _(m, beta=0.1, **four):
    leaves = {name: four[name].requires_grad_() for name in NAMES}
    out = m.dpo_loss(**leaves, beta=beta)
    if not isinstance(out, torch.Tensor) or out.dim():
        return instead(out, "a tensor ()")
    if out.requires_grad:
        (-1.7 * out).backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


@ex.oracle("gradients")
def _(beta=0.1, **four):
    weights = torch.tensor(terms(**four, beta=beta)[1], dtype=four["pi_chosen"].dtype)
    force = 1.7 * beta * weights / len(weights)
    return {"pi_chosen": force, "pi_rejected": -force, "ref_chosen": None, "ref_rejected": None}


# softplus and its gradient are rounded by 2e-9 where z is below -20
for check in ("values", "gradients"):
    ex.tolerance(Tol(atol=2e-8), check)

ex.hint("Four numbers a pair, two differences, one difference of these. Where does beta go?")
ex.hint("F.logsigmoid is stable; the reference's numbers are constants: detach them.")
ex.hint("-F.logsigmoid(beta * ((pi_chosen - ref_chosen) - (pi_rejected - ref_rejected))).mean()")

ex.misconception(
    """The logarithm becomes infinite (and its gradient nan) when the pair is far off: sigmoid(z) rounds to
    0, and exp(-z) overflows. F.logsigmoid(z), or -F.softplus(-z), is right everywhere.""",
    name="log_of_sigmoid",
    replace="F.logsigmoid(beta * (chosen - rejected))",
    by="torch.sigmoid(beta * (chosen - rejected)).log()",
)
ex.misconception(
    """Something small was added inside the logarithm. It is finite, but wrong wherever the pair is far
    off, and flat: just there the model must learn most.""",
    name="log_plus_eps",
    replace="F.logsigmoid(beta * (chosen - rejected))",
    by="(torch.sigmoid(beta * (chosen - rejected)) + 1e-8).log()",
)
ex.misconception(
    """beta stands outside of the sigmoid. It multiplies the difference, inside: there it sets how far the
    policy may go, outside it is only a learning rate.""",
    name="beta_outside",
    replace="F.logsigmoid(beta * (chosen - rejected))",
    by="(beta * F.logsigmoid(chosen - rejected))",
)
ex.misconception(
    """beta does not occur, or always is 0.1.""",
    name="beta_fixed",
    replace="beta * (chosen",
    by="0.1 * (chosen",
)
ex.misconception(
    """The difference was divided by beta. It is multiplied.""",
    name="divided",
    replace="beta * (chosen - rejected)",
    by="(chosen - rejected) / beta",
)
ex.misconception(
    """Chosen and rejected are exchanged: the loss falls when the rejected answer becomes more probable.""",
    name="exchanged",
    replace="(chosen - rejected)",
    by="(rejected - chosen)",
)
ex.misconception(
    """The reference does not occur. Then nothing holds the policy, and short answers win because they are
    more probable anyway.""",
    name="no_reference",
    edits=[(" - ref_chosen.detach()", ""), (" - ref_rejected.detach()", "")],
)
ex.misconception(
    """The reference is added, not subtracted, for one of the answers: each answer is compared with its own
    reference first.""",
    name="reference_added",
    replace="pi_rejected - ref_rejected.detach()",
    by="pi_rejected + ref_rejected.detach()",
)
ex.misconception(
    """A gradient flows into the reference. It is a constant: detach it.""",
    name="reference_moves",
    edits=[
        (" - ref_chosen.detach()", " - ref_chosen"),
        (" - ref_rejected.detach()", " - ref_rejected"),
    ],
)
ex.misconception(
    """The sign is wrong: the loss is *minus* log sigmoid, so never negative.""",
    name="sign",
    replace="-F.logsigmoid",
    by="F.logsigmoid",
)
ex.misconception(
    """The losses of the pairs are summed. Their mean is asked.""",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
ex.misconception(
    """The differences were averaged first. Each pair has a loss of its own, and the mean is taken of these:
    else one settled pair hides all others.""",
    name="mean_inside",
    replace="F.logsigmoid(beta * (chosen - rejected)).mean()",
    by="F.logsigmoid(beta * (chosen - rejected).mean())",
)
ex.misconception(
    """The logarithm is missing: minus the sigmoid is flat where the pair is far off, so it learns least
    where most is wrong.""",
    name="no_log",
    replace="F.logsigmoid",
    by="torch.sigmoid",
)
ex.misconception(
    """The chosen answer's log-probability is taken for a constant. Of the policy's numbers neither
    is.""",
    name="one_side",
    replace="chosen = pi_chosen -",
    by="chosen = pi_chosen.detach() -",
)
ex.misconception(
    """The value is right, but no gradient flows. The policy's numbers are not to be detached.""",
    name="detached",
    replace=".mean()",
    by=".mean().detach()",
)
ex.misconception(
    """The rejected answer's log-probability is taken for a constant. Of the policy's numbers neither
    is.""",
    name="other_side",
    replace="rejected = pi_rejected -",
    by="rejected = pi_rejected.detach() -",
)
ex.misconception(
    """beta multiplies the policy's difference, but not the reference's. It stands before the whole
    bracket.""",
    name="beta_on_policy",
    edits=[
        ("chosen = pi_chosen -", "chosen = beta * pi_chosen -"),
        ("rejected = pi_rejected -", "rejected = beta * pi_rejected -"),
        ("beta * (chosen - rejected)", "(chosen - rejected)"),
    ],
)

ex.variant(
    "softplus of ratios of the two models",
    name="softplus",
    source="""
    def dpo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        with torch.no_grad():
            ref = ref_chosen - ref_rejected
        return F.softplus(-beta * (pi_chosen - pi_rejected - ref)).sum() / len(ref)
""",
)
ex.variant(
    "a classifier that should always say yes",
    name="bce",
    source="""
    def dpo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        z = beta * (pi_chosen - ref_chosen.detach()) - beta * (pi_rejected - ref_rejected.detach())
        return F.binary_cross_entropy_with_logits(z, torch.ones_like(z))
""",
)
