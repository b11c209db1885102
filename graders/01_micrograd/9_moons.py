"""Two moons: a margin loss, a price on weights, accuracy, and the training of it all."""

import numbers
import random

import torch

from graders.authoring import Tol, exercise, instead

# sums of products that may cancel, in any order
SUMS = Tol(rtol=1e-9, atol=1e-10)
# a few steps of training pass rounding errors on and amplify them a little
STEPS = Tol(rtol=1e-6, atol=1e-9)


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number in .data", returned=False)
    return float(value.data)


def labels_for(rng, n):
    return [rng.choice([-1, 1]) for _ in range(n)]


# ---------------------------------------------------------------------------------------------

margin = exercise("max_margin_loss", title="the hinge: right, with room to spare")
margin.hint("One term per example, 1 - y*s, cut off at 0. Which method of Value cuts off at 0?")
margin.hint("Then the mean: the sum, divided by how many there are.")
margin.hint(
    """losses = [(1 - y * s).relu() for s, y in zip(scores, labels)]; return sum(losses) /
    len(losses)"""
)


@margin.cases
def _(rng):
    for n in (1, 2, 5, 8):
        yield dict(scores=rng.numbers(n), labels=labels_for(rng, n), upstream=rng.number(1.5, 3))
    yield dict(scores=[2.5, -3.0, 0.3, 0.4], labels=[1, -1, 1, -1], upstream=-2.0)
    yield dict(scores=[5.0, 7.0, -0.6], labels=[1, 1, -1], upstream=1.5)


@margin.scenario
def _(m, scores, labels, upstream):
    return data(m, m.max_margin_loss([m.Value(s) for s in scores], labels))


@margin.check("gradients", tol=SUMS)
def _(m, scores, labels, upstream):
    values = [m.Value(s) for s in scores]
    loss = m.max_margin_loss(values, labels)
    if not isinstance(loss, m.Value):
        return data(m, loss)
    (loss * upstream).backward()
    return [float(v.grad) for v in values]


@margin.oracle
def _(scores, labels, upstream):
    s, y = torch.tensor(scores, dtype=torch.float64), torch.tensor(labels)
    return (1 - y * s).clamp(min=0).mean().item()


@margin.oracle("gradients")
def _(scores, labels, upstream):
    s = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    (torch.relu(1 - torch.tensor(labels) * s).mean() * upstream).backward()
    return s.grad.tolist()


margin.misconception(
    """This is the sum. Divide by the number of examples, or twice as many points need half the
    learning rate.""",
    name="sum",
    replace="sum(losses) / len(losses)",
    by="sum(losses)",
)
margin.misconception(
    """Nothing is cut off at 0: a point that is very right earns *negative* loss, and the network
    is rewarded for pushing it further and further.""",
    name="no_relu",
    replace="(1 - y * s).relu()",
    by="(1 - y * s)",
)
margin.misconception(
    """The cut comes too late: first cut off every single term at 0, then take the mean. Here very
    right points pay for wrong ones.""",
    name="relu_of_mean",
    source="""
def max_margin_loss(scores, labels):
    losses = [1 - y * s for s, y in zip(scores, labels)]
    return (sum(losses) / len(losses)).relu()
""",
)
margin.misconception(
    """There is no margin: the loss is content as soon as the sign is right, be it by a hair. Ask
    for y*s of at least 1.""",
    name="no_margin",
    replace="(1 - y * s)",
    by="(-y * s)",
)
margin.misconception(
    """The sign is wrong: y*s is positive where the point is right, and should *lower* the loss.""",
    name="plus",
    replace="1 - y * s",
    by="1 + y * s",
)
margin.misconception(
    """The labels are -1 and +1, not 0 and 1: the label -1 makes a negative score right.""",
    name="zero_one",
    replace="1 - y * s",
    by="1 - max(y, 0) * s",
)
margin.misconception(
    """The hinge is not squared here.""",
    name="squared",
    replace="(1 - y * s).relu()",
    by="(1 - y * s).relu() ** 2",
)
margin.misconception(
    """The loss is computed from .data: a right number without memory. No gradient reaches the
    scores.""",
    name="cut",
    replace="(1 - y * s).relu()",
    by="Value(1 - y * s.data).relu()",
)
margin.misconception(
    """The mean runs over the wrong examples only. Divide by the number of all of them.""",
    name="mean_of_wrong",
    replace="sum(losses) / len(losses)",
    by="sum(losses) / max(1, sum(loss.data > 0 for loss in losses))",
)
margin.variant(
    "skips what is right; multiplies by 1/n",
    name="skips",
    source="""
def max_margin_loss(scores, labels):
    total = Value(0.0)
    for s, y in zip(scores, labels):
        if 1 - y * s.data > 0:
            total = total + (s * -y + 1)
    return total * (1.0 / len(scores))
""",
)


# ---------------------------------------------------------------------------------------------

l2 = exercise("l2_penalty", title="a price on weights")
l2.hint("Square each parameter, add up, multiply once by alpha.")
l2.hint("The parameters are Values: p * p is one, too, and brings its gradient with it.")
l2.hint("return alpha * sum(p * p for p in parameters)")


@l2.cases
def _(rng):
    for n in (1, 2, 7):
        yield dict(
            parameters=rng.numbers(n, -3, 3), alpha=rng.number(0.05, 0.9), upstream=rng.number(2, 3)
        )
    yield dict(parameters=[0.5, -0.5, 0.0, 20.0], alpha=1e-4, upstream=-1.5)
    yield dict(parameters=[0.5, 2.0], alpha=1, upstream=2.0)


@l2.scenario
def _(m, parameters, alpha, upstream):
    return data(m, m.l2_penalty([m.Value(p) for p in parameters], alpha))


@l2.check("gradients", tol=SUMS)
def _(m, parameters, alpha, upstream):
    values = [m.Value(p) for p in parameters]
    penalty = m.l2_penalty(values, alpha)
    if not isinstance(penalty, m.Value):
        return data(m, penalty)
    (penalty * upstream).backward()
    return {"grads": [float(v.grad) for v in values], "data": [v.data for v in values]}


@l2.oracle
def _(parameters, alpha, upstream):
    return float(alpha * sum(p**2 for p in parameters))


@l2.oracle("gradients")
def _(parameters, alpha, upstream):
    return {"grads": [2 * alpha * p * upstream for p in parameters], "data": parameters}


l2.misconception(
    """alpha is missing: at full price the network will rather be all zeros than learn.""",
    name="no_alpha",
    replace="alpha * sum",
    by="sum",
)
l2.misconception(
    """Parameters are not squared, so negative and positive ones cancel.""",
    name="not_squared",
    replace="p * p for",
    by="p for",
)
l2.misconception(
    """First square, then add up. You squared the sum.""",
    name="square_of_sum",
    replace="sum(p * p for p in parameters)",
    by="sum(p for p in parameters) ** 2",
)
l2.misconception(
    """This is the mean over the parameters. L2 regularization takes the sum.""",
    name="mean",
    replace="sum(p * p for p in parameters)",
    by="sum(p * p for p in parameters) / len(parameters)",
)
l2.misconception(
    """The root does not belong here: the penalty is alpha times the *squared* length.""",
    name="root",
    replace="sum(p * p for p in parameters)",
    by="sum(p * p for p in parameters) ** 0.5",
)
l2.misconception(
    """That is L1, the sum of absolute values. L2 squares.""",
    name="l1",
    replace="p * p for",
    by="p.relu() + (-p).relu() for",
)
l2.misconception(
    """The penalty is computed from .data: it shows in the loss, but no gradient pulls at the
    parameters.""",
    name="cut",
    replace="sum(p * p for p in parameters)",
    by="sum(Value(p.data**2) for p in parameters)",
)
l2.misconception(
    """There is no factor 1/2 in this penalty.""",
    name="half",
    replace="alpha * sum",
    by="alpha / 2 * sum",
)
l2.variant(
    "powers, a loop",
    name="loop",
    source="""
def l2_penalty(parameters, alpha):
    penalty = Value(0.0)
    for p in parameters:
        penalty += p**2 * alpha
    return penalty
""",
)


# ---------------------------------------------------------------------------------------------

acc = exercise("accuracy", title="the fraction that is right")
acc.hint("Compare two answers: is the score positive? Is the label positive?")
acc.hint("Adding up True and False counts the True ones.")
acc.hint("right = [(s.data > 0) == (y > 0) for s, y in zip(scores, labels)]; the mean of right")


@acc.cases
def _(rng):
    for n in (1, 3, 4, 7, 10):
        yield dict(scores=rng.numbers(n), labels=labels_for(rng, n))
    yield dict(scores=[0.2, 3.0, -1.0, -7.0, 2.0], labels=[1, -1, -1, -1, 1])
    yield dict(scores=[0.0, 0.0, 1.0], labels=[-1, -1, 1])
    yield dict(scores=[0.0, 1.0], labels=[1, 1])
    yield dict(scores=[1.0, -1.0, -1.0], labels=[1, -1, -1])


@acc.scenario
def _(m, scores, labels):
    found = m.accuracy([m.Value(s) for s in scores], labels)
    return data(m, found) if isinstance(found, m.Value) else found


acc.misconception(
    """This is how many are right. The accuracy is the fraction: divide by how many there are.""",
    name="count",
    replace="sum(right) / len(right)",
    by="float(sum(right))",
)
acc.misconception(
    """This is in percent. Return a fraction between 0 and 1.""",
    name="percent",
    replace="sum(right) / len(right)",
    by="100 * sum(right) / len(right)",
)
acc.misconception(
    """This is the fraction of *wrong* answers.""",
    name="error_rate",
    replace="(s.data > 0) == (y > 0)",
    by="(s.data > 0) != (y > 0)",
)
acc.misconception(
    """A score is hardly ever exactly 1 or -1. Compare signs, not numbers.""",
    name="equal_numbers",
    replace="(s.data > 0) == (y > 0)",
    by="s.data == y",
)
acc.misconception(
    """A score of exactly 0 counts as a -1 here, not as a +1.""",
    name="zero_is_plus",
    replace="s.data > 0",
    by="s.data >= 0",
)
acc.misconception(
    """A score of exactly 0 with the label -1 is right by the docstring; y * s > 0 says it is
    wrong.""",
    name="product",
    replace="(s.data > 0) == (y > 0)",
    by="s.data * y > 0",
)
acc.misconception(
    """You ask for a margin of 1. A small score with the right sign is right, too.""",
    name="with_margin",
    replace="(s.data > 0) == (y > 0)",
    by="s.data * y >= 1",
)
acc.misconception(
    """This counts the positive scores only; a negative score with the label -1 is right, too.""",
    name="positives_only",
    replace="(s.data > 0) == (y > 0)",
    by="s.data > 0 and y > 0",
)
acc.variant(
    "predictions first",
    name="predictions",
    source="""
def accuracy(scores, labels):
    predictions = [1 if s.data > 0 else -1 for s in scores]
    return sum(1.0 for p, y in zip(predictions, labels) if p == y) / len(labels)
""",
)


# ---------------------------------------------------------------------------------------------

rate = exercise("learning_rate", title="a rate that falls on a line")
rate.hint("At step 0 it is start. How far has the run come at a step? step / steps of the way.")
rate.hint("A straight line between two numbers: start, plus that fraction of the way to end.")
rate.hint("return start + (end - start) * step / steps")


@rate.cases
def _(rng):
    yield dict(step=0, steps=100)
    yield dict(step=50, steps=100)
    yield dict(step=rng.integer(1, 30), steps=31)
    yield dict(step=0, steps=1)
    yield dict(step=6, steps=7, start=rng.number(0.5, 2.0), end=rng.number(0.01, 0.2))
    yield dict(step=3, steps=9, start=0.3, end=0.3)
    yield dict(step=2, steps=5, start=0.1, end=1.1)


@rate.misconception(
    """You divide by steps - 1, so the rate reaches `end` at the last step (and a run of one step
    divides by zero). By the docstring it would be reached one step later: divide by steps."""
)
def reaches_end(step, steps, start=1.0, end=0.1):
    return start + (end - start) * step / (steps - 1)


@rate.misconception(
    """The arguments start and end are ignored: 1.0 and 0.1 are only their defaults."""
)
def defaults_only(step, steps, start=1.0, end=0.1):
    return 1.0 - 0.9 * step / steps


@rate.misconception(
    """The line runs the other way: from end up to start. Step 0 is the fast one."""
)
def rising(step, steps, start=1.0, end=0.1):
    return end + (start - end) * step / steps


@rate.misconception(
    """The line falls to 0, or below. It should lead from start to end: its slope is end - start."""
)
def falls_to_zero(step, steps, start=1.0, end=0.1):
    return start - start * step / steps


@rate.misconception(
    """This falls by a *factor* per step. That is a good schedule, too, but asked for is a straight
    line."""
)
def exponential(step, steps, start=1.0, end=0.1):
    return start * (end / start) ** (step / steps)


@rate.misconception(
    """The rate is the same in every step; it should fall. (Did you divide with `//`? step // steps
    is 0 all along.)"""
)
def constant(step, steps, start=1.0, end=0.1):
    return start


@rate.misconception(
    """Steps count from 0: step number 0 has the rate `start` itself. You are one step ahead."""
)
def one_ahead(step, steps, start=1.0, end=0.1):
    return start + (end - start) * (step + 1) / steps


@rate.variant("a mixture of both ends")
def mixture(step, steps, start=1.0, end=0.1):
    t = step / steps
    return (1 - t) * start + t * end


# ---------------------------------------------------------------------------------------------

moons = exercise("train_moons", title="two moons to 100 %", points=2)
moons.hint("The loop of part 8 with another loss, another rate, and accuracies beside the losses.")
moons.hint("loss = max_margin_loss(scores, labels) + l2_penalty(model.parameters(), alpha)")
moons.hint(
    """Per step: scores; loss; every p.grad = 0.0; loss.backward(); lr = learning_rate(step, steps);
    every p.data -= lr * p.grad; append loss.data and accuracy(scores, labels)."""
)


@moons.cases
def _(rng):
    for steps, n, nouts, alpha in [
        (1, 4, [3, 1], 0.05),
        (3, 5, [3, 1], 0.1),
        (4, 3, [2, 2, 1], 0.02),
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
    return model, m.train_moons(model, points, labels, steps, alpha)


@moons.scenario
def _(m, **case):
    losses, accuracies = trained(m, **case)[1]
    return {"losses": losses, "accuracies": accuracies}


@moons.check("parameters", tol=STEPS)
def _(m, **case):
    model, _ = trained(m, **case)
    return [data(m, p) for p in model.parameters()]


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


moons.misconception(
    """The gradients are never zeroed: each step follows all the gradients there ever were.""",
    name="never_zeroed",
    replace="p.grad = 0.0",
    by="pass",
)
moons.misconception(
    """The gradients are zeroed between backward and the step, when they are needed: nothing
    moves.""",
    name="zeroed_too_late",
    edits=[("loss.backward()", "pass"), ("p.data -= lr * p.grad", "p.data -= lr * 0.0")],
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
    replace="p.data -= lr * p.grad",
    by="p.data += lr * p.grad",
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


# ---------------------------------------------------------------------------------------------

grid = exercise("decision_grid", title="a map of scores")
grid.hint("Two loops, one inside the other. Which coordinate belongs to the outer one, the rows?")
grid.hint("Rows go with x1s, columns with x0s; a point is [x0, x1], whatever the loops are.")
grid.hint("return [[model([x0, x1]).data for x0 in x0s] for x1 in x1s]")


def wavy(m, x):
    """A stand-in for a network: not symmetric in its two inputs."""
    x0, x1 = x
    return m.Value(x0) * 2 + m.Value(x1) * x1 + m.Value(x0 * x1).tanh()


@grid.cases
def _(rng):
    for h, w in [(2, 3), (4, 2), (3, 3), (1, 4), (3, 1), (1, 1)]:
        yield dict(x0s=sorted(rng.numbers(w)), x1s=sorted(rng.numbers(h)))


@grid.scenario
def _(m, x0s, x1s):
    found = m.decision_grid(lambda x: wavy(m, x), x0s, x1s)
    if not isinstance(found, (list, tuple)) or not all(isinstance(r, (list, tuple)) for r in found):
        return found
    return [[instead(s, "a number") if isinstance(s, m.Value) else s for s in row] for row in found]


grid.misconception(
    """Rows and columns are swapped: row i belongs to x1s[i]. On a square grid you would get a
    mirrored picture and no error.""",
    name="transposed",
    replace="for x0 in x0s] for x1 in x1s]",
    by="for x1 in x1s] for x0 in x0s]",
)
grid.misconception(
    """The coordinates of the point are swapped: the network wants [x0, x1].""",
    name="swapped_point",
    replace="model([x0, x1])",
    by="model([x1, x0])",
)
grid.misconception(
    """These are Values. Return the plain numbers: .data.""",
    name="values",
    replace="model([x0, x1]).data",
    by="model([x0, x1])",
)
grid.misconception(
    """This is one long list. Make a list of rows.""",
    name="flat",
    replace="[[model([x0, x1]).data for x0 in x0s] for x1 in x1s]",
    by="[model([x0, x1]).data for x1 in x1s for x0 in x0s]",
)
grid.misconception(
    """zip walks along the diagonal only. A grid has every x0 with every x1.""",
    name="diagonal",
    replace="[[model([x0, x1]).data for x0 in x0s] for x1 in x1s]",
    by="[[model([x0, x1]).data] for x0, x1 in zip(x0s, x1s)]",
)
grid.misconception(
    """The rows are upside down. Row 0 belongs to x1s[0]; the plotting function knows where the
    origin is.""",
    name="upside_down",
    replace="for x1 in x1s]",
    by="for x1 in x1s[::-1]]",
)
grid.misconception(
    """These are decisions, +1 or -1. Return the scores themselves: the drawing shows the margin,
    too.""",
    name="signs",
    replace="model([x0, x1]).data",
    by="(1.0 if model([x0, x1]).data > 0 else -1.0)",
)
grid.variant(
    "loops",
    name="loops",
    source="""
def decision_grid(model, x0s, x1s):
    rows = []
    for i in range(len(x1s)):
        row = []
        for j in range(len(x0s)):
            row.append(float(model([x0s[j], x1s[i]]).data))
        rows.append(tuple(row))
    return tuple(rows)
""",
)
