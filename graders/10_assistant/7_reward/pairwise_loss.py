"""10.pairwise_loss: Bradley and Terry, without overflow."""

import torch

from graders.authoring import Tol, differentiate, exercise

loss = exercise("pairwise_loss", title="a loss from choices")


@loss.cases
def _(rng):
    for n, std, dtype in [
        (5, 1.5, torch.float64),
        (1, 1.0, torch.float64),
        (4, 2.0, torch.float32),
        (7, 40.0, torch.float64),
    ]:
        yield dict(
            chosen=rng.normal(n, std=std, mean=0.7, dtype=dtype),
            rejected=rng.normal(n, std=std, dtype=dtype),
        )
    # far apart both ways, and a tie
    far = torch.tensor([1e4, -1e4, 3.0, -200.0]) + rng.number(0.0, 1.0)
    yield dict(chosen=far.double(), rejected=torch.tensor([-1e4, 1e4, 3.0, 300.0]).double())
    yield dict(chosen=far, rejected=torch.tensor([-1e4, 1e4, 3.0, 300.0]))
    both = rng.normal(6, 2)
    yield dict(chosen=both[:, 0], rejected=both[:, 1])


@loss.oracle
def _(chosen, rejected):
    minus = (rejected - chosen).double()
    return torch.logaddexp(torch.zeros_like(minus), minus).mean().to(chosen.dtype)


@loss.check("gradients")
def _(m, chosen, rejected):
    leaves = {"chosen": chosen.requires_grad_(), "rejected": rejected.requires_grad_()}
    out = m.pairwise_loss(chosen, rejected)
    return dict(differentiate(out, leaves, torch.tensor(-1.7, dtype=out.dtype)))


# F.softplus, a right way to say it, is linear beyond 20: off by e^-20 = 2e-9 in float64
for check in ("values", "gradients"):
    loss.tolerance(Tol(atol=1e-8), check)

loss.hint("One difference for each pair, then minus the log of its sigmoid, then the mean.")
loss.hint("Sigmoid first and log second overflows; F.logsigmoid is both in one.")
loss.hint("-F.logsigmoid(chosen - rejected).mean()")

LOSS = "-F.logsigmoid(chosen - rejected).mean()"

loss.misconception(
    """Every chosen reward was compared with every rejected one. A pair is one prompt's: i with i only;
    rewards of different prompts say nothing about each other.""",
    name="all_with_all",
    replace=LOSS,
    by="-F.logsigmoid(chosen[:, None] - rejected).mean()",
)
loss.misconception(
    """The sign inside is turned round: the loss is small when the rejected answer has the larger
    reward.""",
    name="swapped",
    replace="F.logsigmoid(chosen - rejected)",
    by="F.logsigmoid(rejected - chosen)",
)
loss.misconception(
    """The minus in front is missing: this grows when the model is right, and minimising it teaches the
    opposite.""",
    name="no_minus",
    replace=LOSS,
    by=LOSS[1:],
)
loss.misconception(
    """This overflows: for x = -1000 the sigmoid is 0 and its log -inf, and exp(-x) is inf. F.logsigmoid
    does both steps in one.""",
    name="log_of_sigmoid",
    replace="F.logsigmoid(chosen - rejected)",
    by="torch.sigmoid(chosen - rejected).log()",
)
loss.misconception(
    """A small number inside the log hides that the sigmoid is 0: the loss stops growing there, and its
    gradient is gone. F.logsigmoid needs none.""",
    name="with_eps",
    replace="F.logsigmoid(chosen - rejected)",
    by="(torch.sigmoid(chosen - rejected) + 1e-8).log()",
)
loss.misconception(
    """That is the sum over the pairs. The mean is asked.""",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
loss.misconception(
    """The loss of each reward alone, as if it had a right value. Only the difference counts: subtract
    first.""",
    name="each_alone",
    replace=LOSS,
    by="-(F.logsigmoid(chosen) + F.logsigmoid(-rejected)).mean()",
)
loss.misconception(
    """Means first, and one sigmoid for the whole batch: each pair has a difference and a loss of its
    own.""",
    name="mean_first",
    replace="F.logsigmoid(chosen - rejected).mean()",
    by="F.logsigmoid((chosen - rejected).mean())",
)
loss.misconception(
    """Without the log that is one minus the probability of the choices, or its negative. Its gradient
    vanishes where the model is most wrong; minus the *log* is asked.""",
    name="no_log",
    replace=LOSS,
    by="1 - torch.sigmoid(chosen - rejected).mean()",
)
loss.misconception(
    """A hinge: pairs that are apart far enough teach nothing more. Asked is -log sigmoid of the
    difference.""",
    name="hinge",
    replace=LOSS,
    by="F.relu(1 - (chosen - rejected)).mean()",
)
loss.misconception(
    """No gradient reaches the rejected answers' rewards. They are to be pushed down as the chosen ones
    are pushed up.""",
    name="rejected_constant",
    replace="F.logsigmoid(chosen - rejected)",
    by="F.logsigmoid(chosen - rejected.detach())",
)
loss.misconception(
    """The value is right, but it is cut off from the rewards: nothing can learn. Return the tensor as
    it comes.""",
    name="detached",
    replace=LOSS,
    by="(" + LOSS + ").detach()",
)

loss.variant(
    "softplus",
    name="softplus",
    replace=LOSS,
    by="F.softplus(rejected - chosen).sum() / len(chosen)",
)
loss.variant(
    "cross-entropy of two classes",
    name="two_classes",
    replace="return " + LOSS,
    by="both = torch.stack([chosen, rejected], dim=1)\n"
    "    return F.cross_entropy(both, torch.zeros(len(both), dtype=torch.int64))",
)
loss.variant(
    "binary cross-entropy with logits",
    name="bce",
    replace=LOSS,
    by="F.binary_cross_entropy_with_logits(chosen - rejected, torch.ones_like(chosen))",
)
