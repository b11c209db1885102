"""01.softmax: probabilities from scores."""

import torch

from graders.authoring import exercise, real, value_data
from graders.instead import instead

from .part import SUMS, leaf

softmax = exercise("softmax", title="probabilities from scores")


@softmax.cases
def _(rng):
    yield dict(logits=[0.0, 3.0, -2.0, 1.0], upstream=rng.numbers(4))
    yield dict(logits=rng.numbers(3), upstream=rng.numbers(3))
    yield dict(logits=rng.numbers(6, -5, 5), upstream=rng.numbers(6))
    yield dict(logits=[rng.number()], upstream=[2.5])
    yield dict(logits=[0.7, 0.7, 0.7, -1.0], upstream=rng.numbers(4))


def extreme(rng):
    yield dict(logits=[1000.0, 999.0, 998.5], upstream=rng.numbers(3))
    yield dict(logits=[-5000.0, -5001.0, -5000.5, -5003.0], upstream=rng.numbers(4))
    yield dict(logits=[-10000.0, 10000.0], upstream=rng.numbers(2))
    yield dict(logits=[10000.0, 10000.0, 0.0], upstream=rng.numbers(3))


def probabilities(m, logits):
    found = m.softmax([m.Value(l) for l in logits])
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list")
    m.softmax([m.Value(0.0)])  # another answer, in a list of its own
    return [value_data(m, p) for p in found]


@softmax.scenario
def _(m, logits, upstream):
    return probabilities(m, logits)


@softmax.check("large logits", cases=extreme)
def _(m, logits, upstream):
    return probabilities(m, logits)


@softmax.check("one Value twice", cases=lambda rng: iter([dict(logit=rng.number())]))
def _(m, logit):
    """Each entry of the list counts, be it an object that was there before."""
    value = m.Value(logit)
    return [value_data(m, p) for p in m.softmax([value, m.Value(0.0), value])]


def softmax_gradients(m, logits, upstream):
    values = [m.Value(l) for l in logits]
    total = m.Value(0.0)
    for p, u in zip(m.softmax(values), upstream, strict=True):
        total = total + p * u
    total.backward()
    return {"grads": [real(v.grad) for v in values], "data": [v.data for v in values]}


@softmax.check("gradients", tol=SUMS)
def _(m, logits, upstream):
    return softmax_gradients(m, logits, upstream)


@softmax.check("gradients of large logits", cases=extreme, tol=SUMS)
def _(m, logits, upstream):
    return softmax_gradients(m, logits, upstream)


def true_softmax(logits, upstream):
    return torch.softmax(leaf(logits), 0).tolist()


def true_gradients(logits, upstream):
    x = leaf(logits)
    (torch.softmax(x, 0) * torch.tensor(upstream, dtype=torch.float64)).sum().backward()
    return {"grads": x.grad.tolist(), "data": logits}


softmax.oracle(true_softmax)


softmax.oracle("large logits")(true_softmax)


softmax.oracle("gradients")(true_gradients)


softmax.oracle("gradients of large logits")(true_gradients)


@softmax.effort
def _(rng):
    for n in (3, 20):
        yield dict(logits=rng.numbers(n), upstream=rng.numbers(n))


softmax.hint("Exponentiate each logit, add up, divide each by the sum. All with Values.")
softmax.hint("Before that, subtract the largest logit's *data* from all: then no exp can overflow.")
softmax.hint(
    """largest = max(l.data for l in logits); counts = [(l - largest).exp() for l in logits]; total
    = sum(counts); return [count / total for count in counts]"""
)

softmax.misconception(
    """exp(1000) is too large for a float. Subtract the largest logit from all of them first: the
    probabilities stay the same, because numerator and denominator shrink by the same factor.""",
    name="no_shift",
    replace="(l - largest).exp()",
    by="l.exp()",
)
softmax.misconception(
    """The values are right, but the sum was taken from .data: through the denominator no gradient
    flows, and the logits do not learn that their probabilities compete.""",
    name="total_cut",
    replace="total = sum(counts)",
    by="total = sum(count.data for count in counts)",
)
softmax.misconception(
    """Logits are divided by their sum without exp: they may be negative, and a probability may
    not.""",
    name="no_exp",
    source="""
def softmax(logits):
    total = sum(logits)
    return [l / total for l in logits]
""",
)
softmax.misconception(
    """The exponentials are not divided by their sum: they do not add up to 1.""",
    name="not_normalized",
    replace="count / total",
    by="count * 1.0",
)
softmax.misconception(
    """You divided by the number of classes. Dividing by the *sum* of the exponentials makes them
    add up to 1.""",
    name="mean",
    replace="total = sum(counts)",
    by="total = len(counts)",
)
softmax.misconception(
    """Shifting with a *different* number for each logit changes the probabilities. Subtract one
    number, the largest of all.""",
    name="shifted_by_itself",
    replace="(l - largest).exp()",
    by="(l - l.data).exp()",
)
softmax.misconception(
    """Shifting by the *mean* leaves the probabilities alone, but when logits lie far apart the
    largest still overflows. Shift the largest to 0.""",
    name="shifted_by_mean",
    replace="max(l.data for l in logits)",
    by="sum(l.data for l in logits) / len(logits)",
)
softmax.misconception(
    """Dividing by the largest logit changes the probabilities; subtracting it does not.""",
    name="divided",
    replace="(l - largest).exp()",
    by="(l / (abs(largest) or 1.0)).exp()",
)
softmax.misconception(
    """The sign is turned around: the largest logit should get the largest probability.""",
    name="minus",
    replace="(l - largest).exp()",
    by="(-l - max(-k.data for k in logits)).exp()",
)
softmax.misconception(
    """These are log-probabilities. softmax returns the probabilities themselves.""",
    name="log",
    replace="count / total",
    by="(count / total).log()",
)

softmax.misconception(
    """The work grows with the square of n. The sum of all exponentials is the same for every
    probability: make it once, before the quotients, or the graph holds n sums of n numbers.""",
    name="the_sum_again_for_each",
    source="""
def softmax(logits):
    largest = max(l.data for l in logits)
    return [
        (l - largest).exp() / sum((other - largest).exp() for other in logits) for l in logits
    ]
""",
)

softmax.variant(
    "the largest logit as a Value: its gradient cancels",
    name="value_max",
    source="""
def softmax(logits):
    top = max(logits, key=lambda l: l.data)
    counts = [(l - top).exp() for l in logits]
    inverse = sum(counts) ** -1
    return [c * inverse for c in counts]
""",
)

softmax.variant(
    "the maximum looked for again and again, which makes no nodes",
    name="largest_again",
    source="""
def softmax(logits):
    counts = [(l - max(other.data for other in logits)).exp() for l in logits]
    total = counts[0]
    for count in counts[1:]:
        total = total + count
    share = total ** -1
    return [count * share for count in counts]
""",
)
