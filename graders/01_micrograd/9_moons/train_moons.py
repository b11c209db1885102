"""01.train_moons: two moons to 100 %."""

import random

import torch

from graders.authoring import Tol, exercise, value_data

from .part import labels_for

moons = exercise("train_moons", title="two moons to 100 %", points=2)


# a few steps of training pass rounding errors on and amplify them a little
STEPS = Tol(rtol=1e-6, atol=1e-9)
BY_DEFAULT = 1e-4  # is left out


@moons.cases
def _(rng):
    for steps, n, nouts, alpha in [
        (0, 3, [2, 1], 0.1),
        (1, 4, [3, 1], 0.05),
        (3, 5, [3, 1], 0.1),
        (4, 3, [2, 2, 1], 0.02),
        (2, 4, [2, 1], BY_DEFAULT),
        (2, 3, [2, 1], 0.0),  # no penalty: that is not the default
    ]:
        yield dict(
            steps=steps,
            points=[rng.numbers(2) for _ in range(n)],
            labels=[1, -1, *labels_for(rng, n - 2)],
            nouts=nouts,
            seed=rng.seed(),
            alpha=alpha,
            held=rng.number(2.0, 4.0),
        )


def trained(m, steps, points, labels, nouts, seed, alpha, held):
    model = m.MLP(2, nouts, random.Random(seed))
    for p in model.parameters():
        p.grad = held  # left over from an earlier run
    given = [] if alpha == BY_DEFAULT else [alpha]
    return model, m.train_moons(model, points, labels, steps, *given)


@moons.scenario
def _(m, **case):
    losses, accuracies = trained(m, **case)[1]
    return {"losses": losses, "accuracies": accuracies}


@moons.check("parameters", tol=STEPS)
def _(m, **case):
    model, _ = trained(m, **case)
    return [value_data(m, p) for p in model.parameters()]


moons.tolerance(STEPS)


def in_torch(steps, points, labels, nouts, seed, alpha, held):
    rng = random.Random(seed)
    sizes = [2, *nouts]
    layers = [
        torch.tensor(
            [[rng.uniform(-1, 1) for _ in range(sizes[i] + 1)] for _ in range(sizes[i + 1])],
            dtype=torch.float64,
            requires_grad=True,
        )
        for i in range(len(nouts))
    ]  # each (nout, nin + 1), the bias last
    x, y = torch.tensor(points, dtype=torch.float64), torch.tensor(labels)
    losses, accuracies = [], []
    for step in range(steps):
        h = x
        for i, W in enumerate(layers):
            h = h @ W[:, :-1].T + W[:, -1]
            h = h.tanh() if i < len(layers) - 1 else h
        loss = torch.relu(1 - y * h[:, 0]).mean() + alpha * sum((W**2).sum() for W in layers)
        grads = torch.autograd.grad(loss, layers)
        with torch.no_grad():
            for W, g in zip(layers, grads, strict=True):
                W -= (1.0 - 0.9 * step / steps) * g
        losses.append(loss.item())
        accuracies.append(((h[:, 0] > 0) == (y > 0)).double().mean().item())
    return losses, accuracies, [p for W in layers for p in W.flatten().tolist()]


@moons.oracle
def _(**case):
    losses, accuracies, _ = in_torch(**case)
    return {"losses": losses, "accuracies": accuracies}


@moons.oracle("parameters")
def _(**case):
    return in_torch(**case)[2]


def easy_moons(rng):
    # runs that arrive with many steps to spare, so rounding decides nothing
    yield dict(seed=rng.choice([8, 9, 10, 14, 24, 45, 57]), n=8, steps=12)


@moons.check("to 100 %", cases=easy_moons)
def _(m, seed, n, steps):
    points, labels = m.make_moons(n, 0.05, seed)
    model = m.MLP(2, [3, 1], random.Random(seed))
    m.train_moons(model, points, labels, steps)
    right = sum((model(p).data > 0) == (y > 0) for p, y in zip(points, labels, strict=True))
    return {"points": n, "points on the right side": right}


moons.hint("The loop of part 8 with another loss, another rate, and accuracies beside the losses.")
moons.hint("loss = max_margin_loss(scores, labels) + l2_penalty(model.parameters(), alpha)")
moons.hint(
    """Per step: scores; loss; zero_grad(parameters); loss.backward(); sgd_step(parameters,
    learning_rate(step, steps)); append loss.data and accuracy(scores, labels)."""
)

moons.misconception(
    """The gradients are never zeroed: each step follows all the gradients there ever were.""",
    name="never_zeroed",
    replace="zero_grad(parameters)",
    by="pass",
)
moons.misconception(
    """The gradients are zeroed between backward and the step, when they are needed: nothing
    moves.""",
    name="zeroed_too_late",
    edits=[("loss.backward()", "pass"), ("sgd_step(parameters, lr)", "sgd_step(parameters, 0.0)")],
)
moons.misconception(
    """The L2 penalty is missing from the loss.""",
    name="no_l2",
    replace=" + l2_penalty(parameters, alpha)",
    by="",
)
moons.misconception(
    """alpha is ignored: it is an argument, 1e-4 only its default.""",
    name="own_alpha",
    replace="l2_penalty(parameters, alpha)",
    by="l2_penalty(parameters, 1e-4)",
)
moons.misconception(
    """The learning rate stays at its start. Ask learning_rate(step, steps) in every step.""",
    name="constant_rate",
    replace="lr = learning_rate(step, steps)",
    by="lr = learning_rate(0, steps)",
)
moons.misconception(
    """The learning rate is one step ahead: steps count from 0.""",
    name="rate_ahead",
    replace="lr = learning_rate(step, steps)",
    by="lr = learning_rate(step + 1, steps)",
)
moons.misconception(
    """The step goes uphill: the gradient is added.""",
    name="uphill",
    replace="sgd_step(parameters, lr)",
    by="sgd_step(parameters, -lr)",
)
moons.misconception(
    """Loss and accuracy are recorded after the update; they are to be those of the scores that
    made the step.""",
    name="recorded_after",
    edits=[
        ("losses.append(loss.data)", "scores = [model(point) for point in points]"),
        (
            "accuracies.append(accuracy(scores, labels))",
            "loss = max_margin_loss(scores, labels) + l2_penalty(parameters, alpha); "
            "losses.append(loss.data); accuracies.append(accuracy(scores, labels))",
        ),
    ],
)
moons.misconception(
    """The recorded loss lacks the penalty. What is asked for is the total loss, the one that
    backward() started from.""",
    name="records_data_loss",
    replace="losses.append(loss.data)",
    by="losses.append(max_margin_loss(scores, labels).data)",
)
moons.misconception(
    """The two lists come in the order losses, accuracies.""",
    name="swapped",
    replace="return losses, accuracies",
    by="return accuracies, losses",
)
moons.misconception(
    """The network is asked once, before the loop; afterwards its scores are out of date.""",
    name="scored_once",
    source="""
def train_moons(model, points, labels, steps, alpha=1e-4):
    losses, accuracies = [], []
    parameters = model.parameters()
    scores = [model(point) for point in points]
    for step in range(steps):
        loss = max_margin_loss(scores, labels) + l2_penalty(parameters, alpha)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= learning_rate(step, steps) * p.grad
        losses.append(loss.data)
        accuracies.append(accuracy(scores, labels))
    return losses, accuracies
""",
)
moons.misconception(
    """Only the last layer is trained: the parameters of the hidden layers are left out.""",
    name="last_layer_only",
    replace="parameters = model.parameters()",
    by="parameters = [p for n in model.layers[-1] for p in (*n.w, n.b)]",
)

moons.variant(
    "by hand, the penalty's gradient added directly",
    name="by_hand",
    source="""
def train_moons(model, points, labels, steps, alpha=1e-4):
    history = []
    for step in range(steps):
        for p in model.parameters():
            p.grad = 0.0
        scores = list(map(model, points))
        loss = max_margin_loss(scores, labels)
        loss.backward()
        price = sum(p.data**2 for p in model.parameters()) * alpha
        history.append((loss.data + price, accuracy(scores, labels)))
        for p in model.parameters():
            p.data = p.data - learning_rate(step, steps) * (p.grad + 2 * alpha * p.data)
    return [l for l, _ in history], [a for _, a in history]
""",
)

moons.equivalent(
    "max_margin_loss(scores, labels)  ->  max_margin_loss(labels, scores)",
    "a score times a label has no order",
)
