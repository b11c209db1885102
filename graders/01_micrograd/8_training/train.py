"""01.train: the training loop."""

import random

import torch

from graders.authoring import Tol, exercise, value_data

from .part import leaf

train = exercise("train", title="the training loop", points=2)


# a few steps of training pass rounding errors on and amplify them a little
STEPS = Tol(rtol=1e-7, atol=1e-9)
BY_DEFAULT = "by default"  # and true, as the default is


@train.cases
def _(rng):
    for steps, n, nouts in [(1, 4, [4, 1]), (3, 3, [3, 2, 1]), (14, 2, [1]), (3, 1, [2, 1])]:
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
    # a loss of nearly nothing, as of zeros the neuron's bias comes out: the steps go on
    seed = rng.seed()
    *_, bias = (draw(-1, 1) for draw in [random.Random(seed).uniform] * 4)
    yield dict(
        steps=3,
        xs=[[0.0, 0.0, 0.0]],
        ys=[bias + 0.01],
        nouts=[1],
        seed=seed,
        lr=0.02,
        zero=True,
        held=2.5,
    )
    xs = [rng.numbers(3) for _ in range(2)]
    yield dict(
        steps=2,
        xs=xs,
        ys=[0.5, -1.5],
        nouts=[1],
        seed=rng.seed(),
        lr=0.02,
        zero=BY_DEFAULT,
        held=3.0,
    )


def trained(m, steps, xs, ys, nouts, seed, lr, zero, held):
    model = m.MLP(3, nouts, random.Random(seed))
    for p in model.parameters():
        p.grad = held  # left over from an earlier run
    return model, m.train(model, xs, ys, steps, lr, *[] if zero == BY_DEFAULT else [zero])


@train.scenario
def _(m, **case):
    return trained(m, **case)[1]


@train.check("parameters", tol=STEPS)
def _(m, **case):
    model, _ = trained(m, **case)
    return [value_data(m, p) for p in model.parameters()]


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


train.hint(
    """Five lines in a loop, in the order of the docstring; and a list that grows by loss.data."""
)
train.hint("The predictions are made anew in every step: the parameters have changed.")
train.hint(
    """loss = squared_loss([model(x) for x in xs], ys); zero_grad(...) if zero; loss.backward();
    sgd_step(...); losses.append(loss.data)"""
)


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

train.equivalent(
    "squared_loss([model(x) for x in xs], ys)  ->  squared_loss(ys, [model(x) for x in xs])",
    "the square of a difference has no order",
)
