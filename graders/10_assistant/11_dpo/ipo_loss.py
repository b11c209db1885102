"""10.ipo_loss: a margin to reach, and not to exceed."""

import torch

from graders.authoring import exercise, instead

from .part import NAMES, pair_cases, pairs

ex = exercise("ipo_loss", title="a target instead of ever further", stretch=True)


def cases(rng):
    yield from pair_cases(rng)
    yield pairs(rng, 4, std=6.0, beta=0.11)  # margins below and beyond the target of 4.5


ex.cases(cases)


@ex.oracle
def _(beta=0.1, **four):
    a, b, c, d = (four[name] for name in NAMES)
    ratio = a - c - b + d
    return (ratio**2 - ratio / beta + 1 / (4 * beta**2)).sum() / len(a)


@ex.check("gradients", cases=cases)
def _(m, beta=0.1, **four):
    leaves = {name: four[name].requires_grad_() for name in NAMES}
    out = m.ipo_loss(**leaves, beta=beta)
    if not isinstance(out, torch.Tensor) or out.dim():
        return instead(out, "a tensor ()")
    if out.requires_grad:
        (-1.7 * out).backward()
    return {name: leaf.grad for name, leaf in leaves.items()}


@ex.oracle("gradients")
def _(beta=0.1, **four):
    a, b, c, d = (four[name] for name in NAMES)
    force = -1.7 * 2 * (a - c - b + d - 0.5 / beta) / len(a)
    return {"pi_chosen": force, "pi_rejected": -force, "ref_chosen": None, "ref_rejected": None}


ex.hint("h is the bracket of DPO's loss, without beta.")
ex.hint("(h - 1 / (2 * beta)) ** 2, averaged; the reference detached.")

ex.misconception(
    """beta multiplies the bracket as in DPO. Here it only sets the target, 1 / (2 beta).""",
    name="beta_inside",
    replace="(chosen - rejected - 1 / (2 * beta))",
    by="(beta * (chosen - rejected) - 1 / (2 * beta))",
)
ex.misconception(
    """The target is beta / 2, because of missing parentheses: 1 / 2 * beta. It is 1 / (2 * beta).""",
    name="parentheses",
    replace="1 / (2 * beta)",
    by="1 / 2 * beta",
)
ex.misconception(
    """The target is 1 / beta. It is half of that.""",
    name="no_half",
    replace="1 / (2 * beta)",
    by="1 / beta",
)
ex.misconception(
    """Beyond the target nothing is paid: that is a hinge. IPO pulls margins that are too large back.""",
    name="hinge",
    replace=".square()",
    by=".clamp(max=0).square()",
)
ex.misconception(
    """Chosen and rejected are exchanged.""",
    name="exchanged",
    replace="(chosen - rejected -",
    by="(rejected - chosen -",
)
ex.misconception(
    """The mean was taken before the square: pairs with too much and with too little cancel.""",
    name="mean_inside",
    replace=".square().mean()",
    by=".mean().square()",
)
ex.misconception(
    """The losses of the pairs are summed. Their mean is asked.""",
    name="summed",
    replace=".square().mean()",
    by=".square().sum()",
)
ex.misconception(
    """The distance from the target is not squared: close to it the pull should fade, far away grow.""",
    name="absolute",
    replace=".square()",
    by=".abs()",
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
    """The reference does not occur: what counts is how much more probable an answer is than the reference
    found it.""",
    name="no_reference",
    edits=[(" - ref_chosen.detach()", ""), (" - ref_rejected.detach()", "")],
)
ex.variant(
    "mse_loss",
    name="mse",
    source="""
    def ipo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        h = (pi_chosen - pi_rejected) - (ref_chosen - ref_rejected).detach()
        return F.mse_loss(h, torch.full_like(h, 0.5 / beta))
""",
)
