"""01.nll_loss: negative log-likelihood of a class."""

import torch

from graders.authoring import Tol, exercise, real, value_data

from .part import SUMS, leaf

nll = exercise("nll_loss", title="negative log-likelihood of a class")


@nll.cases
def _(rng):
    yield dict(logits=[0.0, 3.0, -2.0, 1.0], target=3, upstream=1.0)
    for n in (1, 2, 5):
        yield dict(
            logits=rng.numbers(n, -4, 4), target=rng.integer(0, n), upstream=rng.number(1.5, 3)
        )
    yield dict(logits=[20.0, 0.0, 4.0], target=1, upstream=-2.0)
    yield dict(logits=[1.5, 0.5, -0.5], target=0, upstream=rng.number(1.5, 3))
    yield dict(logits=[1000.0, 990.0, 700.0], target=2, upstream=0.5)
    yield dict(logits=[-9501.0, -10000.0, -9800.0], target=1, upstream=0.5)


@nll.scenario
def _(m, logits, target, upstream):
    return value_data(m, m.nll_loss([m.Value(l) for l in logits], target))


@nll.check("gradients", tol=SUMS)
def _(m, logits, target, upstream):
    values = [m.Value(l) for l in logits]
    loss = m.nll_loss(values, target)
    if not isinstance(loss, m.Value):
        return value_data(m, loss)
    (loss * upstream).backward()
    return [real(v.grad) for v in values]


@nll.oracle
def _(logits, target, upstream):
    return -torch.log_softmax(leaf(logits), 0)[target].item()


@nll.oracle("gradients")
def _(logits, target, upstream):
    x = leaf(logits)
    (-torch.log_softmax(x, 0)[target] * upstream).backward()
    return x.grad.tolist()


nll.tolerance(Tol(rtol=1e-9, atol=1e-10))

nll.hint("First the probabilities, then the one of the right class.")
nll.hint("A probability near 1 should cost about 0, one near 0 a lot: minus its logarithm.")
nll.hint("return -softmax(logits)[target].log()")

nll.misconception(
    """The minus is missing: the logarithm of a probability is negative, and minimizing it would
    make the right class *less* likely.""",
    name="no_minus",
    replace="-softmax(logits)[target].log()",
    by="softmax(logits)[target].log()",
)
nll.misconception(
    """The logarithm is missing: 1 - p or -p hardly complains about a probability of nearly 0, and
    its gradient vanishes there.""",
    name="no_log",
    replace="-softmax(logits)[target].log()",
    by="1 - softmax(logits)[target]",
)
nll.misconception(
    """A small number is added inside the logarithm. It hides a log(0), and makes the loss of an
    unlikely class wrong; softmax is never exactly 0 here.""",
    name="epsilon",
    replace="[target].log()",
    by="[target].__add__(1e-9).log()",
)
nll.misconception(
    """target was ignored: this is the loss of the most likely class, which rewards the network for
    whatever it believes.""",
    name="argmax",
    replace="-softmax(logits)[target].log()",
    by="-max(softmax(logits), key=lambda p: p.data).log()",
)
nll.misconception(
    """All probabilities are in the loss. Only that of the right class counts; the others are
    pushed down through the softmax.""",
    name="all_classes",
    replace="-softmax(logits)[target].log()",
    by="-sum(p.log() for p in softmax(logits))",
)
nll.misconception(
    """This is the logit itself, with a minus. Without softmax the other classes play no part, and
    the loss can fall forever.""",
    name="logit",
    replace="-softmax(logits)[target].log()",
    by="-logits[target]",
)
nll.misconception(
    """The loss was computed from .data: right, and without memory. No gradient reaches the
    logits.""",
    name="cut",
    replace="softmax(logits)[target].log()",
    by="Value(softmax(logits)[target].data).log()",
)
nll.misconception(
    """target counts from 0: the first class has index 0.""",
    name="from_one",
    replace="[target].log()",
    by="[target - 1].log()",
)
nll.misconception(
    """exp(1000) is too large for a float. Your softmax takes care of that: use it, or shift the
    logits as it does.""",
    name="no_shift",
    source="""
def nll_loss(logits, target):
    counts = [l.exp() for l in logits]
    return -(counts[target] / sum(counts)).log()
""",
)

nll.variant(
    "log of the sum of exponentials",
    name="logsumexp",
    source="""
def nll_loss(logits, target):
    top = max(l.data for l in logits)
    return sum((l - top).exp() for l in logits).log() + top - logits[target]
""",
)
