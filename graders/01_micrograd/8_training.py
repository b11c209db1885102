"""Losses, a gradient descent step, a training loop; softmax and its negative log-likelihood."""

import numbers
import random

import torch

from graders.authoring import Tol, exercise, instead

# sums of products that may cancel, in any order
SUMS = Tol(rtol=1e-9, atol=1e-10)
# a few steps of training pass rounding errors on and amplify them a little
STEPS = Tol(rtol=1e-7, atol=1e-9)


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number in .data", returned=False)
    return float(value.data)


def leaf(x):
    """A float64 tensor that wants gradients (for the oracles)."""
    return torch.tensor(x, dtype=torch.float64, requires_grad=True)


# ---------------------------------------------------------------------------------------------

squared = exercise("squared_loss", title="the sum of squared errors")
squared.hint("One term per pair of prediction and target; zip walks through both lists.")
squared.hint("A difference of Value and number is a Value, and so is its square: ** 2.")
squared.hint("return sum((p - t) ** 2 for p, t in zip(predictions, targets))")


@squared.cases
def _(rng):
    for n in (1, 2, 5):
        yield dict(
            predictions=rng.numbers(n, -3, 3), targets=rng.numbers(n), upstream=rng.number(2, 3)
        )
    yield dict(predictions=[0.5, -0.5, 2.0], targets=[1, -1, 2], upstream=-1.5)


@squared.scenario
def _(m, predictions, targets, upstream):
    return data(m, m.squared_loss([m.Value(p) for p in predictions], targets))


@squared.check("gradients", tol=SUMS)
def _(m, predictions, targets, upstream):
    values = [m.Value(p) for p in predictions]
    loss = m.squared_loss(values, targets)
    if not isinstance(loss, m.Value):
        return data(m, loss)
    (loss * upstream).backward()
    return [float(v.grad) for v in values]


@squared.oracle
def _(predictions, targets, upstream):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets, strict=True))


@squared.oracle("gradients")
def _(predictions, targets, upstream):
    return [2 * (p - t) * upstream for p, t in zip(predictions, targets, strict=True)]


squared.misconception(
    """This is the mean. It is a fine loss too, but asked for is the sum: the step size then
    means something else.""",
    name="mean",
    source="""
def squared_loss(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) / len(targets)
""",
)
squared.misconception(
    """Without the square, an error of +1 and one of -1 cancel, and the loss can fall forever.""",
    name="not_squared",
    replace="(p - t) ** 2",
    by="(p - t)",
)
squared.misconception(
    """First square, then add up. You squared the sum of the errors, in which they cancel.""",
    name="square_of_sum",
    source="""
def squared_loss(predictions, targets):
    return sum(p - t for p, t in zip(predictions, targets)) ** 2
""",
)
squared.misconception(
    """The loss is computed from .data, so it does not know the predictions, and no gradient
    reaches them.""",
    name="cut",
    source="""
def squared_loss(predictions, targets):
    return Value(sum((p.data - t) ** 2 for p, t in zip(predictions, targets)))
""",
)
squared.misconception(
    """This is a plain number, not a Value: backward() cannot start from it.""",
    name="plain",
    source="""
def squared_loss(predictions, targets):
    return sum((p.data - t) ** 2 for p, t in zip(predictions, targets))
""",
)
squared.misconception(
    """The factor 1/2 makes the gradient prettier, but it is not in this loss.""",
    name="half",
    source="""
def squared_loss(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) / 2
""",
)
squared.misconception(
    """Only the last example is left: each turn of the loop replaces the loss instead of adding to
    it.""",
    name="last_only",
    source="""
def squared_loss(predictions, targets):
    for p, t in zip(predictions, targets):
        loss = (p - t) ** 2
    return loss
""",
)
squared.misconception(
    """The targets' sign is lost: an error is the *difference*, p - t.""",
    name="plus",
    replace="(p - t)",
    by="(p + t)",
)
squared.variant(
    "a loop, the difference the other way around",
    name="loop",
    source="""
def squared_loss(predictions, targets):
    loss = Value(0.0)
    for i in range(len(targets)):
        error = targets[i] - predictions[i]
        loss = loss + error * error
    return loss
""",
)


# ---------------------------------------------------------------------------------------------

zero = exercise("zero_grad", title="clean up the gradients")
zero.hint("A loop over the parameters.")
zero.hint("`p = 0` only gives the name p to something else. Change an attribute of p.")
zero.hint("for p in parameters: p.grad = 0.0")


@zero.cases
def _(rng):
    for n in (0, 1, 4):
        yield dict(values=rng.numbers(n), grads=rng.numbers(n))
    yield dict(values=[1.0, 2.0, 3.0], grads=[float("inf"), float("nan"), -1e300])


@zero.scenario
def _(m, values, grads):
    parameters = [m.Value(v) for v in values]
    for p, grad in zip(parameters, grads, strict=True):
        p.grad = grad
    same = list(parameters)
    m.zero_grad(parameters)
    return {
        "grads": [None if p.grad is None else float(p.grad) for p in same],
        "data": [p.data for p in same],
        "the list": len(parameters) == len(same)
        and all(p is q for p, q in zip(parameters, same, strict=True)),
    }


zero.misconception(
    """p is just a name for the Value; assigning to it changes the name, not the Value. Assign to
    p.grad.""",
    name="rebinds",
    replace="p.grad = 0.0",
    by="p = 0.0",
)
zero.misconception(
    """That sets the parameters themselves to 0: the network forgets all it has learned. Only .grad
    is to be cleaned.""",
    name="zeroes_data",
    replace="p.grad = 0.0",
    by="p.data = 0.0",
)
zero.misconception(
    """PyTorch sets gradients to None, and can add to that. Here gradients are added to a number:
    0.0.""",
    name="none",
    replace="p.grad = 0.0",
    by="p.grad = None",
)
zero.misconception(
    """Subtracting or multiplying does not clean everything: infinity - infinity and 0 * infinity
    are NaN, and NaN stays. Assign 0.0.""",
    name="times_zero",
    replace="p.grad = 0.0",
    by="p.grad *= 0.0",
)
zero.misconception(
    """Only the first parameter is cleaned: does the loop end early?""",
    name="first_only",
    replace="for p in parameters:",
    by="for p in parameters[:1]:",
)
zero.misconception(
    """The list now holds new Values, but the network still uses the old ones. Change the given
    Values in place.""",
    name="new_values",
    source="""
def zero_grad(parameters):
    parameters[:] = [Value(p.data) for p in parameters]
""",
)
zero.variant(
    "setattr",
    name="setattr",
    source="""
def zero_grad(parameters):
    [setattr(p, "grad", 0) for p in parameters]
""",
)


# ---------------------------------------------------------------------------------------------

sgd = exercise("sgd_step", title="a step downhill")
sgd.hint("The gradient points uphill. Which way is down?")
sgd.hint("Change each p.data in place; p.grad stays as it is.")
sgd.hint("for p in parameters: p.data -= lr * p.grad")


@sgd.cases
def _(rng):
    for n, lr in [(0, 0.1), (1, 0.1), (4, 0.05), (3, 2.0), (2, rng.number(0.3, 0.7))]:
        yield dict(values=rng.numbers(n, 1, 3), grads=rng.numbers(n, 0.5, 2), lr=lr)
    yield dict(values=[1.0, -2.0, 0.0], grads=[-3.0, 0.0, 5.0], lr=0.5)


@sgd.scenario
def _(m, values, grads, lr):
    parameters = [m.Value(v) for v in values]
    for p, grad in zip(parameters, grads, strict=True):
        p.grad = grad
    same = list(parameters)
    m.sgd_step(parameters, lr)
    found = [data(m, p) for p in same]
    return {"data": found, "grads": [float(p.grad) for p in same]}


@sgd.check("two steps")
def _(m, values, grads, lr):
    parameters = [m.Value(v) for v in values]
    for p, grad in zip(parameters, grads, strict=True):
        p.grad = grad
    m.sgd_step(parameters, lr)
    m.sgd_step(parameters, lr / 2)
    return [data(m, p) for p in parameters]


sgd.misconception(
    """The gradient is *added*: that climbs uphill, and the loss grows with every step. Subtract
    it.""",
    name="adds",
    replace="p.data -= lr * p.grad",
    by="p.data += lr * p.grad",
)
sgd.misconception(
    """The learning rate is not used: every step is one whole gradient long.""",
    name="no_lr",
    replace="lr * p.grad",
    by="p.grad",
)
sgd.misconception(
    """p is just a name; `p = ...` makes a new thing and leaves the parameter as it was. Change
    p.data.""",
    name="rebinds",
    replace="p.data -= lr * p.grad",
    by="p = p.data - lr * p.grad",
)
sgd.misconception(
    """This makes the *new* parameter -lr times the gradient. It should move by that much from
    where it is: -=.""",
    name="overwrites",
    replace="p.data -= lr * p.grad",
    by="p.data = -lr * p.grad",
)
sgd.misconception(
    """The step also cleans the gradients. Keep the two apart: cleaning is zero_grad's job.""",
    name="zeroes",
    replace="p.data -= lr * p.grad",
    by="p.data -= lr * p.grad; p.grad = 0.0",
)
sgd.misconception(
    """Only the sign of the gradient is used. How steep it is matters, too: -lr * p.grad.""",
    name="sign",
    replace="lr * p.grad",
    by="lr * ((p.grad > 0) - (p.grad < 0))",
)
sgd.misconception(
    """The parameter's own value slipped into the step: p.data shrinks by a fraction instead of
    following the gradient.""",
    name="decay",
    replace="lr * p.grad",
    by="lr * p.data",
)
sgd.misconception(
    """You subtracted Values, so p.data is now a Value. It should stay a plain number: use p.grad,
    which is one.""",
    name="value_in_data",
    replace="p.data -= lr * p.grad",
    by="p.data = p - lr * p.grad",
)
sgd.variant(
    "written out",
    name="written_out",
    source="""
def sgd_step(parameters, lr):
    for i in range(len(parameters)):
        p = parameters[i]
        p.data = p.data + (-lr) * p.grad
    return parameters
""",
)


# ---------------------------------------------------------------------------------------------

train = exercise("train", title="the training loop", points=2)
train.hint(
    """Five lines in a loop, in the order of the docstring; and a list that grows by loss.data."""
)
train.hint("The predictions are made anew in every step: the parameters have changed.")
train.hint(
    """loss = squared_loss([model(x) for x in xs], ys); zero_grad(...) if zero; loss.backward();
    sgd_step(...); losses.append(loss.data)"""
)


@train.cases
def _(rng):
    for steps, n, nouts in [(1, 4, [4, 1]), (3, 3, [3, 2, 1]), (4, 2, [1]), (3, 1, [2, 1])]:
        for flag in (True, False):
            yield dict(
                steps=steps,
                xs=[rng.numbers(3) for _ in range(n)],
                ys=[float(rng.choice([-1, 1])) * rng.number(0.5, 1.5) for _ in range(n)],
                nouts=nouts,
                seed=rng.seed(),
                lr=rng.number(0.01, 0.03),
                zero=flag,
                held=rng.number(2.0, 4.0),
            )
    yield dict(
        steps=0, xs=[[1.0, 2.0, 3.0]], ys=[1.0], nouts=[1], seed=1, lr=0.1, zero=True, held=1.0
    )


def trained(m, steps, xs, ys, nouts, seed, lr, zero, held):
    model = m.MLP(3, nouts, random.Random(seed))
    for p in model.parameters():
        p.grad = held  # left over from an earlier run
    return model, m.train(model, xs, ys, steps, lr, zero)


@train.scenario
def _(m, **case):
    return trained(m, **case)[1]


@train.check("parameters", tol=STEPS)
def _(m, **case):
    model, _ = trained(m, **case)
    return [data(m, p) for p in model.parameters()]


train.tolerance(STEPS)


def in_torch(steps, xs, ys, nouts, seed, lr, zero, held):
    rng = random.Random(seed)
    sizes = [3, *nouts]
    layers = [
        leaf([[rng.uniform(-1, 1) for _ in range(sizes[i] + 1)] for _ in range(sizes[i + 1])])
        for i in range(len(nouts))
    ]  # each (nout, nin + 1), the bias last
    for W in layers:
        W.grad = torch.full_like(W, held)
    losses = []
    for _ in range(steps):
        h = torch.tensor(xs, dtype=torch.float64)
        for i, W in enumerate(layers):
            h = h @ W[:, :-1].T + W[:, -1]
            h = h.tanh() if i < len(layers) - 1 else h
        loss = ((h[:, 0] - torch.tensor(ys, dtype=torch.float64)) ** 2).sum()
        for W in layers:
            if zero:
                W.grad.zero_()
        loss.backward()
        with torch.no_grad():
            for W in layers:
                W -= lr * W.grad
        losses.append(loss.item())
    return losses, [p for W in layers for p in W.flatten().tolist()]


@train.oracle
def _(**case):
    return in_torch(**case)[0]


@train.oracle("parameters")
def _(**case):
    return in_torch(**case)[1]


def whole_train(body, before="", after=""):
    """The source of a train() whose loop has this body."""
    lines = "\n".join("        " + line for line in body.strip().splitlines())
    return f"""
def train(model, xs, ys, steps, lr, zero=True):
    losses = []
    {before or "pass"}
    for _ in range(steps):
{lines}
    {after or "pass"}
    return losses
"""


train.misconception(
    """The gradients are never zeroed, so each step follows all the gradients there ever were: a
    heavy ball that cannot brake. Zero them before every backward().""",
    name="never_zeroed",
    replace="if zero:",
    by="if False:",
)
train.misconception(
    """The flag `zero` is ignored: with zero=False the gradients are to pile up, for the
    comparison.""",
    name="always_zeroed",
    replace="if zero:",
    by="if True:",
)
train.misconception(
    """The gradients are zeroed once, before the loop. From the second step on they accumulate
    again: it has to happen in every step.""",
    name="zeroed_once",
    source=whole_train(
        """
loss = squared_loss([model(x) for x in xs], ys)
loss.backward()
sgd_step(model.parameters(), lr)
losses.append(loss.data)
""",
        before="zero_grad(model.parameters()) if zero else None",
    ),
)
train.misconception(
    """The gradients are zeroed *between* backward and the step: they are gone before they were
    used, and nothing ever moves.""",
    name="zeroed_too_late",
    source=whole_train("""
loss = squared_loss([model(x) for x in xs], ys)
loss.backward()
if zero:
    zero_grad(model.parameters())
sgd_step(model.parameters(), lr)
losses.append(loss.data)
"""),
)
train.misconception(
    """The zeroing comes after the step, so the first step still follows what an earlier run left in
    the gradients. Zero before backward.""",
    name="zeroed_after",
    source=whole_train("""
loss = squared_loss([model(x) for x in xs], ys)
loss.backward()
sgd_step(model.parameters(), lr)
if zero:
    zero_grad(model.parameters())
losses.append(loss.data)
"""),
)
train.misconception(
    """The loss is recorded after the update. It is to be the one that was computed before it (its
    gradient made the step), so that the list starts with the untrained network.""",
    name="recorded_after",
    replace="losses.append(loss.data)",
    by="losses.append(squared_loss([model(x) for x in xs], ys).data)",
)
train.misconception(
    """You collected Values. Besides being the wrong type, each keeps its whole graph in memory:
    append loss.data.""",
    name="values",
    replace="losses.append(loss.data)",
    by="losses.append(loss)",
)
train.misconception(
    """The step goes uphill: a negative learning rate, or a plus where sgd_step has the minus
    already.""",
    name="uphill",
    replace="sgd_step(model.parameters(), lr)",
    by="sgd_step(model.parameters(), -lr)",
)
train.misconception(
    """Nothing moves: the loop computes gradients and never makes a step.""",
    name="no_step",
    replace="sgd_step(model.parameters(), lr)",
    by="pass",
)
train.misconception(
    """This makes a step after every single example. Here one step follows the sum over all of
    them.""",
    name="per_example",
    source=whole_train("""
total = 0.0
for x, y in zip(xs, ys):
    loss = squared_loss([model(x)], [y])
    if zero:
        zero_grad(model.parameters())
    loss.backward()
    sgd_step(model.parameters(), lr)
    total += loss.data
losses.append(total)
"""),
)
train.misconception(
    """The predictions were made once, before the loop: from the second step on the loss does not
    know that the parameters have moved. Predict anew in every step.""",
    name="predicted_once",
    source=whole_train(
        """
if zero:
    zero_grad(model.parameters())
loss.backward()
sgd_step(model.parameters(), lr)
losses.append(loss.data)
""",
        before="loss = squared_loss([model(x) for x in xs], ys)",
    ),
)
train.misconception(
    """backward() is never called, so the step follows whatever stood in the gradients.""",
    name="no_backward",
    replace="loss.backward()",
    by="pass",
)
train.misconception(
    """The gradients were divided by the number of examples. The loss here is the sum, and so is its
    gradient.""",
    name="mean",
    replace="sgd_step(model.parameters(), lr)",
    by="sgd_step(model.parameters(), lr / len(xs))",
)
train.misconception(
    """The loop returns after its first step: the return stands inside.""",
    name="one_step",
    replace="range(steps)",
    by="range(min(steps, 1))",
)
train.variant(
    "zeroes first, everything by hand",
    name="by_hand",
    source="""
def train(model, xs, ys, steps, lr, zero=True):
    parameters, history = model.parameters(), []
    while len(history) < steps:
        for p in parameters:
            p.grad = 0.0 if zero else p.grad
        loss = Value(0.0)
        for x, y in zip(xs, ys):
            loss += (y - model(x)) ** 2
        loss.backward()
        history.append(float(loss.data))
        for p in parameters:
            p.data += -lr * p.grad
    return history
""",
)
train.variant(
    "one backward per example: gradients add up",
    name="accumulates",
    source="""
def train(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        if zero:
            zero_grad(model.parameters())
        total = 0.0
        for x, y in zip(xs, ys):
            loss = squared_loss([model(x)], [y])
            loss.backward()
            total += loss.data
        sgd_step(model.parameters(), lr)
        losses.append(total)
    return losses
""",
)


# ---------------------------------------------------------------------------------------------

softmax = exercise("softmax", title="probabilities from scores")
softmax.hint("Exponentiate each logit, add up, divide each by the sum. All with Values.")
softmax.hint("Before that, subtract the largest logit's *data* from all: then no exp can overflow.")
softmax.hint(
    """largest = max(l.data for l in logits); counts = [(l - largest).exp() for l in logits]; total
    = sum(counts); return [count / total for count in counts]"""
)


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
    return [data(m, p) for p in found]


@softmax.scenario
def _(m, logits, upstream):
    return probabilities(m, logits)


@softmax.check("large logits", cases=extreme)
def _(m, logits, upstream):
    return probabilities(m, logits)


def softmax_gradients(m, logits, upstream):
    values = [m.Value(l) for l in logits]
    total = m.Value(0.0)
    for p, u in zip(m.softmax(values), upstream, strict=True):
        total = total + p * u
    total.backward()
    return {"grads": [float(v.grad) for v in values], "data": [v.data for v in values]}


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


# ---------------------------------------------------------------------------------------------

nll = exercise("nll_loss", title="negative log-likelihood of a class")
nll.hint("First the probabilities, then the one of the right class.")
nll.hint("A probability near 1 should cost about 0, one near 0 a lot: minus its logarithm.")
nll.hint("return -softmax(logits)[target].log()")


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


@nll.scenario
def _(m, logits, target, upstream):
    return data(m, m.nll_loss([m.Value(l) for l in logits], target))


@nll.check("gradients", tol=SUMS)
def _(m, logits, target, upstream):
    values = [m.Value(l) for l in logits]
    loss = m.nll_loss(values, target)
    if not isinstance(loss, m.Value):
        return data(m, loss)
    (loss * upstream).backward()
    return [float(v.grad) for v in values]


@nll.oracle
def _(logits, target, upstream):
    return -torch.log_softmax(leaf(logits), 0)[target].item()


@nll.oracle("gradients")
def _(logits, target, upstream):
    x = leaf(logits)
    (-torch.log_softmax(x, 0)[target] * upstream).backward()
    return x.grad.tolist()


nll.tolerance(Tol(rtol=1e-9, atol=1e-10))
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
