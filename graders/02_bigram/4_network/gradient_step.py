"""02.gradient_step: one step downhill."""

import torch

from graders.authoring import exercise

from .part import bowl

step = exercise("gradient_step", title="one step downhill", pure=False)


@step.cases
def _(rng):
    for shape in [(1,), (3, 4), (4, 4), (2, 5)]:
        yield dict(
            W=rng.normal(*shape), target=rng.normal(*shape), lr=rng.number(0.05, 0.4), steps=3
        )
    yield dict(
        W=rng.normal(5, 3, dtype=torch.float32),
        target=rng.normal(5, 3, dtype=torch.float32),
        lr=2.5,
        steps=2,
    )
    yield dict(W=rng.normal(2, 2), target=rng.normal(2, 2), lr=0.9, steps=1)
    yield dict(W=rng.normal(2, 2), target=rng.normal(2, 2), lr=0.0, steps=2)


@step.scenario
def _(m, W, target, lr, steps):
    W.requires_grad_()
    held = W
    seen = []
    for _ in range(steps):
        returned = m.gradient_step(W, bowl(W, target), lr)
        seen.append(W.detach().clone())
    return {
        "W after each step": seen,
        "returns nothing": returned is None,
        "the same tensor": held is W,
        "still a leaf": W.is_leaf,
        "still trainable": W.requires_grad,
    }


@step.check("old gradients")
def _(m, W, target, lr, steps):
    """A gradient of an earlier step is there; it must not count again."""
    W.requires_grad_()
    W.grad = torch.full_like(W, 3.0)
    m.gradient_step(W, bowl(W, target), lr)
    return W.detach().clone()


@step.check("a view of W sees the step")
def _(m, W, target, lr, steps):
    """Changed in place: the numbers in memory, not only what the name means."""
    other = W.view(-1)
    W.requires_grad_()
    m.gradient_step(W, bowl(W, target), lr)
    return other.clone()


step.legal("W: grad changed", "what its `.grad` holds is up to you")

step.hint("Three lines: clear, backward, update. In that order.")
step.hint(
    "Clear: W.grad = None. The update changes W.data in place, so that autograd does not record it."
)
step.hint("W.grad = None; loss.backward(); W.data += -lr * W.grad")

step.misconception(
    "Gradients pile up: backward() adds to W.grad. Clear it before each backward: W.grad = None.",
    name="not_cleared",
    replace="    W.grad = None\n",
    by="",
)
step.misconception(
    "There is no gradient when it is needed: backward() was not called, or its result was cleared before "
    "the update. Clear, backward, update.",
    name="cleared_after_backward",
    edits=[
        (
            "    W.grad = None\n    loss.backward()\n",
            "    loss.backward()\n    W.grad = None\n",
        ),
    ],
)
step.misconception(
    "Cleared after the update only. The caller may have left an old gradient in W.grad: clear it "
    "*before* backward.",
    name="cleared_at_the_end",
    edits=[
        ("    W.grad = None\n", ""),
        ("    W.data += -lr * W.grad", "    W.data += -lr * W.grad\n    W.grad = None"),
    ],
)
step.misconception(
    "You went uphill: the gradient points to where the loss grows. Subtract lr times it.",
    name="uphill",
    replace="+= -lr",
    by="+= lr",
)
step.misconception(
    "The learning rate is not used: the step is lr times the gradient.",
    name="no_lr",
    replace="-lr * W.grad",
    by="-W.grad",
)
step.misconception(
    "A learning rate of your own: take the argument.",
    name="own_lr",
    replace="-lr * W.grad",
    by="-0.1 * W.grad",
)
step.misconception(
    "Nothing moved. `W = W - lr * W.grad` gives the *name* W, inside your function, to a new tensor; "
    "and zeroing W.grad between backward and update leaves no step. Change "
    "its numbers in place: W.data += -lr * W.grad.",
    name="rebound",
    replace="W.data += -lr * W.grad",
    by="W = W - lr * W.grad",
)
step.misconception(
    "`W.data = ...` puts another tensor's memory under W: whoever looks at the old memory sees no "
    "step. In place: "
    "W.data += ...",
    name="new_memory",
    replace="W.data += -lr * W.grad",
    by="W.data = W.data - lr * W.grad",
)
step.misconception(
    "The update was recorded: torch refuses to change a leaf that requires a gradient in place. "
    "Change W.data, or "
    "work under torch.no_grad().",
    name="recorded",
    replace="W.data +=",
    by="W +=",
)
step.misconception(
    "Only the sign of the gradient was used. Where the slope is steep, the step is long: lr times "
    "the gradient itself.",
    name="sign",
    replace="-lr * W.grad",
    by="-lr * W.grad.sign()",
)
step.misconception(
    "The gradient was normalized to length 1. Plain gradient descent takes it as it is: a flat place "
    "means a small step.",
    name="normalized",
    replace="-lr * W.grad",
    by="-lr * W.grad / W.grad.norm()",
)
step.misconception(
    "Two steps for one: the update is applied twice.",
    name="twice",
    replace="-lr * W.grad",
    by="-2 * lr * W.grad",
)
step.misconception(
    "W was multiplied by the step. Add it: W.data += -lr * W.grad.",
    name="multiplied",
    replace="W.data += -lr * W.grad",
    by="W.data *= 1 - lr * W.grad",
)
step.misconception(
    "W no longer requires a gradient: the next step would find nothing to go along. Leave the flag on.",
    name="flag_off",
    replace="    W.data += -lr * W.grad",
    by="    W.data += -lr * W.grad\n    W.requires_grad_(False)",
)
step.misconception(
    "The new weights were returned. Fine to look at, but the docstring says None: W itself has changed.",
    name="returned",
    replace="    W.data += -lr * W.grad",
    by="    W.data += -lr * W.grad\n    return W",
)

step.variant(
    "zero_, then no_grad",
    name="no_grad",
    source="""
def gradient_step(W, loss, lr):
    if W.grad is not None:
        W.grad.zero_()
    loss.backward()
    with torch.no_grad():
        W -= lr * W.grad
""",
)
step.variant(
    "torch.optim.SGD",
    name="sgd",
    source="""
def gradient_step(W, loss, lr):
    optimizer = torch.optim.SGD([W], lr=lr)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
""",
)
step.variant(
    "autograd.grad",
    name="grad",
    source="""
def gradient_step(W, loss, lr):
    (slope,) = torch.autograd.grad(loss, [W])
    W.data.sub_(slope, alpha=lr)
""",
)
step.variant(
    "cleared after, too",
    name="cleared_twice",
    source="""
def gradient_step(W, loss, lr):
    W.grad = torch.zeros_like(W)
    loss.backward()
    with torch.no_grad():
        W.copy_(W - lr * W.grad)
    W.grad = None
""",
)
