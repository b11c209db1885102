"""02.train: the loop."""

import torch

from graders.authoring import exercise

from .part import bowl

train = exercise("train", title="the loop", pure=False)


@train.cases
def _(rng):
    for shape, steps in [((1,), 4), ((3, 4), 3), ((2, 2), 1), ((2, 5), 6)]:
        yield dict(
            W=rng.normal(*shape), target=rng.normal(*shape), lr=rng.number(0.05, 0.3), steps=steps
        )
    yield dict(W=rng.normal(2, 3), target=rng.normal(2, 3), lr=0.2, steps=0)
    yield dict(
        W=rng.normal(2, 2), target=rng.normal(2, 2), lr=3.0, steps=4
    )  # too large: the loss grows


@train.scenario
def _(m, W, target, lr, steps):
    W.requires_grad_()
    W.grad = torch.full_like(W, 5.0)  # left from somewhere
    losses = m.train(W, lambda W: bowl(W, target), steps, lr)
    return {"losses": losses, "W": W.detach().clone(), "still trainable": W.requires_grad}


@train.check("plain numbers")
def _(m, W, target, lr, steps):
    """Tensors in the list would keep the graph of every step in memory."""
    losses = m.train(W.requires_grad_(), lambda W: bowl(W, target), steps, lr)
    return [type(losses) is list, all(isinstance(loss, float) for loss in losses)]


@train.check("calls of loss_fn")
def _(m, W, target, lr, steps):
    """What loss_fn was called with: W as it was at each step, and no more often than needed."""
    seen = []

    def loss_fn(V):
        seen.append([V is W, V.detach().clone()])
        return bowl(V, target)

    m.train(W.requires_grad_(), loss_fn, steps, lr)
    return seen[:steps]


@train.check("twice in a row")
def _(m, W, target, lr, steps):
    """A second call goes on from where the first one ended, and starts a list of its own."""
    W.requires_grad_()
    first = m.train(W, lambda W: bowl(W, target), steps, lr)
    second = m.train(W, lambda W: bowl(W, -target), steps, lr / 2)
    return [first, second, W.detach().clone()]


@train.check("a small network learns")
def _(m, W, target, lr, steps):
    """The real thing: probabilities of pairs, on three characters."""
    xs, ys = torch.tensor([0, 1, 2, 0, 1, 2, 2]), torch.tensor([1, 2, 0, 1, 2, 0, 1])
    V = torch.zeros(3, 3, dtype=torch.float64).requires_grad_()

    def loss_fn(V):
        return -V.log_softmax(1)[xs, ys].mean()

    return [m.train(V, loss_fn, 5, 2.0), V.detach().clone()]


train.legal("W: grad changed", "What `W.grad` holds afterwards is up to you")

train.hint("For each step: the loss of W as it is now, note it, one gradient_step.")
train.hint("loss_fn(W) belongs inside the loop: a loss computed once knows only the first weights.")
train.hint(
    "losses = []; for _ in range(steps): loss = loss_fn(W); losses.append(loss.item()); "
    "gradient_step(W, loss, lr); return losses"
)

train.misconception(
    "The loss was computed once, before the loop. It knows only the first weights: call loss_fn(W) "
    "anew for each step.",
    name="computed_once",
    source="""
def train(W, loss_fn, steps, lr):
    losses = []
    loss = loss_fn(W)
    W.grad = None
    loss.backward()
    for _ in range(steps):
        losses.append(loss.item())
        W.data += -lr * W.grad
    return losses
""",
)
train.misconception(
    "backward() runs a second time through the same graph. Compute the loss anew in each step: "
    "loss_fn(W) inside the loop.",
    name="same_graph",
    replace="    losses = []\n    for _ in range(steps):\n        loss = loss_fn(W)\n",
    by="    losses = []\n    loss = loss_fn(W)\n    for _ in range(steps):\n",
)
train.misconception(
    "These are the losses *after* each step. Note the loss that the step was computed from.",
    name="losses_after",
    replace="        losses.append(loss.item())\n        gradient_step(W, loss, lr)",
    by="        gradient_step(W, loss, lr)\n        losses.append(loss_fn(W).item())",
)
train.misconception(
    "One step too many: range(steps), no + 1.",
    name="one_too_many",
    replace="range(steps)",
    by="range(steps + 1)",
)
train.misconception(
    "One step too few. The list has one loss for each of the steps.",
    name="one_too_few",
    replace="range(steps)",
    by="range(steps - 1)",
)
train.misconception(
    "The losses in the list are tensors, each with its graph behind it: memory grows with every "
    "step. loss.item().",
    name="tensors",
    replace="loss.item()",
    by="loss",
)
train.misconception(
    "Only the last loss came back; the curve is wanted, one loss for each step.",
    name="only_the_last",
    replace="return losses",
    by="return losses[-1] if losses else 0.0",
)
train.misconception(
    "Nothing was trained: the losses were measured, but W never moved. Call gradient_step.",
    name="no_step",
    replace="        gradient_step(W, loss, lr)\n",
    by="",
)
train.misconception(
    "Gradients pile up over the steps: clear W.grad before each backward, or call your "
    "gradient_step, which does.",
    name="accumulates",
    replace="gradient_step(W, loss, lr)",
    by="loss.backward()\n        W.data += -lr * W.grad",
)
train.misconception(
    "W was copied first, so the caller's W never learned. Train the tensor you were given.",
    name="copied",
    replace="    losses = []\n",
    by="    losses = []\n    W = W.detach().clone().requires_grad_()\n",
)
train.misconception(
    "The learning rate was changed on the way. Here it stays the same; decay comes in lesson 03.",
    name="decay",
    replace="gradient_step(W, loss, lr)",
    by="gradient_step(W, loss, lr / (1 + len(losses) - 1))",
)
train.misconception(
    "The list is a default argument or a global: it still holds the losses of the last call. Make it "
    "inside the function.",
    name="shared_list",
    source="""
def train(W, loss_fn, steps, lr, losses=[]):
    for _ in range(steps):
        loss = loss_fn(W)
        losses.append(loss.item())
        gradient_step(W, loss, lr)
    return list(losses)
""",
)
train.misconception(
    "It stopped early, when the loss went up. The number of steps is the caller's choice; the curve "
    "should show such things.",
    name="stops_early",
    replace="        losses.append(loss.item())\n",
    by="        if losses and loss.item() > losses[-1]:\n            break\n"
    "        losses.append(loss.item())\n",
)

train.variant(
    "a while loop",
    name="while_loop",
    source="""
def train(W, loss_fn, steps, lr):
    history = []
    while len(history) < steps:
        loss = loss_fn(W)
        W.grad = None
        loss.backward()
        with torch.no_grad():
            W -= lr * W.grad
        history.append(float(loss.detach()))
    return history
""",
)
train.variant(
    "torch.optim.SGD",
    name="sgd",
    source="""
def train(W, loss_fn, steps, lr):
    optimizer = torch.optim.SGD([W], lr=lr)
    losses = [0.0] * steps
    for k in range(steps):
        optimizer.zero_grad()
        loss = loss_fn(W)
        loss.backward()
        optimizer.step()
        losses[k] = loss.item()
    return losses
""",
)
