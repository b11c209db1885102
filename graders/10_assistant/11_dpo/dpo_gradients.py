"""10.dpo_gradients: what the loss pulls at, by hand."""

import torch

from graders.authoring import Tol, exercise

from .part import NAMES, far_apart, pair_cases

ex = exercise("dpo_gradients", title="what the loss pulls at", forbid=("autograd",))


@ex.cases
def _(rng):
    yield from pair_cases(rng)
    yield from far_apart(rng)


@ex.oracle
def _(beta=0.1, **four):
    """Autograd, in double precision."""
    a, b, c, d = (four[name].double().requires_grad_() for name in NAMES)
    z = beta * ((a - c) - (b - d))
    loss = -torch.nn.functional.logsigmoid(z).mean()
    grads = torch.autograd.grad(loss, [a, b])
    return tuple(grad.to(four["pi_chosen"].dtype) for grad in grads)


ex.tolerance(Tol(atol=1e-9))

ex.hint("The derivative of -log sigmoid(z) is -sigmoid(-z). What is dz / d pi_chosen?")
ex.hint("beta and 1 / n come from the chain rule: z is beta times the bracket, the loss a mean.")
ex.hint("weight = beta * torch.sigmoid(-z) / n; return -weight, weight")

ex.misconception(
    """The signs are exchanged: the chosen answer's gradient is negative, so that a step against it raises
    its log-probability.""",
    name="signs",
    replace="return -weight, weight",
    by="return weight, -weight",
)
ex.misconception(
    """Both have the same sign. The rejected answer enters the bracket with a minus: the two gradients are
    each other's opposite.""",
    name="same_sign",
    replace="return -weight, weight",
    by="return -weight, -weight",
)
ex.misconception(
    """The factor beta of the chain rule is missing.""",
    name="no_beta",
    replace="weight = beta * torch",
    by="weight = torch",
)
ex.misconception(
    """The loss is a mean: each pair's gradient has a factor 1 / n.""",
    name="no_mean",
    replace=" / len(margin)",
    by="",
)
ex.misconception(
    """The weight is sigmoid(z), large for pairs that are settled. It is sigmoid(-z): large for pairs that
    are the wrong way round.""",
    name="weight_upside_down",
    replace="torch.sigmoid(-margin)",
    by="torch.sigmoid(margin)",
)
ex.misconception(
    """The weight sigmoid(-z) is missing, or the same for all: settled pairs are pushed as hard as those
    that are wrong.""",
    name="no_weight",
    replace="torch.sigmoid(-margin)",
    by="torch.full_like(margin, 0.5)",
)
ex.misconception(
    """That is the derivative of the sigmoid. With the logarithm around it, (1 - s) s / s is left: 1 - s, or
    sigmoid(-z).""",
    name="sigmoid_prime",
    replace="torch.sigmoid(-margin)",
    by="torch.sigmoid(margin) * torch.sigmoid(-margin)",
)
ex.misconception(
    """beta is missing in the margin inside of the sigmoid.""",
    name="beta_outside",
    replace="margin = beta * (",
    by="margin = 1.0 * (",
)
ex.misconception(
    """exp(-z) / (1 + exp(-z)) is inf / inf = nan if z is far below zero. torch.sigmoid(-z) is right
    everywhere.""",
    name="overflow",
    replace="torch.sigmoid(-margin)",
    by="((-margin).exp() / (1 + (-margin).exp()))",
)
ex.misconception(
    """The reference does not occur in the margin.""",
    name="no_reference",
    replace="beta * ((pi_chosen - ref_chosen) - (pi_rejected - ref_rejected))",
    by="beta * (pi_chosen - pi_rejected)",
)

ex.variant(
    "one minus sigmoid",
    name="one_minus",
    source="""
    def dpo_gradients(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        z = beta * (pi_chosen - ref_chosen) - beta * (pi_rejected - ref_rejected)
        d = (torch.sigmoid(z) - 1) * beta / z.numel()
        return d, -d
""",
)
ex.misconception(
    """Autograd did that. What does the loss pull at, and how hard? Write the two derivatives out.""",
    name="autograd",
    source="""
    def dpo_gradients(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        a, b = (x.detach().clone().requires_grad_() for x in (pi_chosen, pi_rejected))
        F.softplus(-beta * (a - ref_chosen - b + ref_rejected)).mean().backward()
        return a.grad, b.grad
""",
)
