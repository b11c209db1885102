"""10.margin_loss: the difference is to exceed a margin."""

import torch

from graders.authoring import Tol, differentiate, exercise

wide = exercise("margin_loss", title="by how much?", stretch=True)


@wide.cases
def _(rng):
    for n, std, dtype in [
        (5, 1.5, torch.float64),
        (1, 1.0, torch.float64),
        (4, 2.0, torch.float32),
        (7, 40.0, torch.float64),
    ]:
        margin = rng.uniform(0.2, 3.0, n, dtype=dtype)
        margin[n // 2 :] = 0.0 if n == 5 else margin[n // 2 :]
        yield dict(
            chosen=rng.normal(n, std=std, mean=0.7, dtype=dtype),
            rejected=rng.normal(n, std=std, dtype=dtype),
            margin=margin,
        )
    far = torch.tensor([1e4, -1e4, 3.0, -200.0]).double() + rng.number(0.0, 1.0)
    yield dict(
        chosen=far,
        rejected=torch.tensor([-1e4, 1e4, 3.0, 300.0]).double(),
        margin=rng.uniform(0.5, 2.0, 4),
    )


@wide.oracle
def _(chosen, rejected, margin):
    minus = (rejected - chosen + margin).double()
    return torch.logaddexp(torch.zeros_like(minus), minus).mean().to(chosen.dtype)


@wide.check("gradients")
def _(m, chosen, rejected, margin):
    """Of the rewards; and whether any arrives at the margins."""
    leaves = dict(chosen=chosen, rejected=rejected, margin=margin)
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = m.margin_loss(chosen, rejected, margin)
    return dict(differentiate(out, leaves, torch.tensor(-1.7, dtype=out.dtype)))


# F.softplus, a right way to say it, is linear beyond 20: off by e^-20 = 2e-9 in float64
for check in ("values", "gradients"):
    wide.tolerance(Tol(atol=1e-8), check)

wide.hint("What has to be larger than 0 now? chosen - rejected - margin.")
wide.hint("pairwise_loss(chosen - margin.detach(), rejected)")

CALL = "pairwise_loss(chosen - margin.detach(), rejected)"

wide.misconception(
    """The margin was added: it then makes the sure pairs *easier*. Subtract it from the difference.""",
    name="added",
    replace=CALL,
    by="pairwise_loss(chosen + margin.detach(), rejected)",
)
wide.misconception(
    """The margin was added to the loss, where it changes the value and no gradient. It belongs inside
    the sigmoid.""",
    name="outside",
    replace=CALL,
    by="pairwise_loss(chosen, rejected) + margin.detach().mean()",
)
wide.misconception(
    """The margin has no effect: that is the plain pairwise loss.""",
    name="ignored",
    replace=CALL,
    by="pairwise_loss(chosen, rejected)",
)
wide.misconception(
    """The mean margin was used for all pairs. Each pair has its own.""",
    name="mean_margin",
    replace="margin.detach()",
    by="margin.detach().mean()",
)
wide.misconception(
    """The margin weighs the pairs. It is to be exceeded by the difference: subtract it there.""",
    name="weights",
    replace=CALL,
    by="-(margin.detach() * F.logsigmoid(chosen - rejected)).mean()",
)
wide.misconception(
    """The difference was multiplied by the margin. It is to be exceeded: subtract it.""",
    name="multiplied",
    replace=CALL,
    by="-F.logsigmoid((chosen - rejected) * margin.detach()).mean()",
)
wide.misconception(
    """A hinge: pairs that exceed their margin teach nothing more. Asked is -log sigmoid, with the
    margin inside.""",
    name="hinge",
    replace=CALL,
    by="F.relu(margin.detach() - chosen + rejected).mean()",
)
wide.misconception(
    """A gradient flows into the margins. They are what people said: constants.""",
    name="margin_learns",
    replace="margin.detach()",
    by="margin",
)
wide.misconception(
    """log(sigmoid(x)) is -inf for x = -1000. Use pairwise_loss, or F.logsigmoid.""",
    name="log_of_sigmoid",
    replace=CALL,
    by="-torch.sigmoid(chosen - rejected - margin.detach()).log().mean()",
)
wide.misconception(
    """The value is right, but it is cut off from the rewards: nothing can learn from it.""",
    name="detached",
    replace=CALL,
    by=CALL + ".detach()",
)

wide.variant(
    "softplus",
    name="softplus",
    replace=CALL,
    by="F.softplus(rejected + margin.detach() - chosen).mean()",
)
