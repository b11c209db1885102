"""06.train_step: one step."""

import math

import torch

from graders.authoring import exercise

from .part import SIZES, a_split, flags, numbers, small_model, state

step = exercise("train_step", title="one step", pure=False)


@step.cases
def _(rng):
    for (v, groups, d, h, n), training in zip(SIZES, (True, True, False, True), strict=True):
        T = math.prod(groups)
        yield dict(
            shape=(v, groups, d, h),
            seed=rng.seed(),
            batches=[a_split(rng, n + i, v, T) for i in range(3)],
            lr=rng.number(0.05, 0.6),
            training=training,
        )


@step.scenario
def _(m, shape, seed, batches, lr, training):
    """Three steps on one model, with stale gradients from somewhere at the start."""
    model = small_model(m, *shape, seed)
    model.train(training)
    held = model.parameters()
    for p in held:
        p.grad = torch.ones_like(p)
    losses = [m.train_step(model, Xb, Yb, lr) for Xb, Yb in batches]
    return {
        "losses": numbers(losses),
        "state": state(model),
        "the same tensors": all(p is q for p, q in zip(held, model.parameters(), strict=True)),
        "modes": flags(model),
    }


@step.check("gradients")
def _(m, shape, seed, batches, lr, training):
    """What is left in p.grad: this batch's gradient, and parameters that can go on learning."""
    model = small_model(m, *shape, seed)
    for Xb, Yb in batches[:2]:
        m.train_step(model, Xb, Yb, lr)
    leaves = [p.is_leaf and p.requires_grad for p in model.parameters()]
    return {
        "p.grad": [p.grad for p in model.parameters()],
        "parameters can go on learning": leaves,
        "autograd is still on": torch.is_grad_enabled(),
    }


@step.check("any model")
def _(m, shape, seed, batches, lr, training):
    """A callable with parameters() is enough, and it may have been stepped by nobody yet."""
    v = shape[0]
    g = torch.Generator().manual_seed(seed)
    table = torch.randn(v, v, generator=g, dtype=torch.float64).requires_grad_()

    class Bigram:
        def __call__(self, ix):
            return table[ix[:, -1]]

        def parameters(self):
            return [table]

    losses = [m.train_step(Bigram(), Xb, Yb, lr) for Xb, Yb in batches]
    return {"losses": numbers(losses), "table": table, "gradient": table.grad}


step.hint("What is in p.grad when the step begins? Where does backward() put the new gradient?")
step.hint(
    "Forget (p.grad = None), F.cross_entropy(model(Xb), Yb), loss.backward(), then "
    "`p -= lr * p.grad` for each parameter under torch.no_grad()."
)
step.hint(
    "The update must change the very tensor: `p -= ...` inside `with torch.no_grad():`, or "
    "`p.data`. Return loss.item(), the loss that was computed before the update."
)

step.misconception(
    "You went through model.layers. Not every model has them: model.parameters() is the list of "
    "all tensors that learn.",
    name="through_layers",
    replace="    for p in model.parameters():\n        p.grad = None\n",
    by="    for p in [p for layer in model.layers for p in layer.parameters()]:\n"
    "        p.grad = None\n",
)
step.misconception(
    "p.grad is None before the first backward(): it has no zero_(). Set p.grad = None, or ask "
    "first.",
    name="zero_none",
    replace="        p.grad = None\n",
    by="        p.grad.zero_()\n",
)
step.misconception(
    "The model was called twice, and BatchNorm's running statistics moved twice. Call it once, and "
    "keep what it returns.",
    name="called_twice",
    replace="    loss = F",
    by="    model(Xb)\n    loss = F",
)
step.misconception(
    "The update was recorded by autograd, which refuses to change a leaf in place. Put the loop "
    "under `with torch.no_grad():`.",
    name="recorded",
    replace="    with torch.no_grad():\n",
    by="    if True:\n",
)
step.misconception(
    "The learning rate 0.1 is written into the code: lr is an argument.",
    name="always_tenth",
    replace="p -= lr * p.grad",
    by="p -= 0.1 * p.grad",
)
step.misconception(
    "The gradient was divided by the batch size. The loss is a mean, so that is done already.",
    name="divided_again",
    replace="p -= lr * p.grad",
    by="p -= lr * p.grad / len(Xb)",
)
step.misconception(
    "Nothing is returned: the batch's loss is asked for, loss.item().",
    name="no_return",
    replace="    return loss.item()",
    by="    loss.item()",
)
step.misconception(
    "Gradients are off for good, by torch.set_grad_enabled(False) or requires_grad = False: after "
    "one step nothing can be trained any more. Use `with torch.no_grad():`, which ends with its "
    "block.",
    name="grad_off_for_good",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
step.misconception(
    "Gradients pile up: backward() adds to p.grad, so what earlier calls left there counts again. "
    "Set p.grad = None (or to zero) before backward().",
    name="no_zero_grad",
    replace="    for p in model.parameters():\n        p.grad = None\n",
    by="",
)
step.misconception(
    "The gradients are zero when the step is taken: backward() is missing, or they were forgotten "
    "after it. Forget first, then backward, then the step.",
    name="zero_after_backward",
    replace="    loss.backward()\n",
    by="    loss.backward()\n    for p in model.parameters():\n"
    "        p.grad = torch.zeros_like(p)\n",
)
step.misconception(
    "The gradients are gone afterwards, and those that were there before counted: forgetting at "
    "the end only works if everybody does it. Forget at the beginning, and leave this batch's in "
    "p.grad.",
    name="zero_at_the_end",
    edits=[
        ("    for p in model.parameters():\n        p.grad = None\n", ""),
        ("p -= lr * p.grad\n", "p -= lr * p.grad\n            p.grad = None\n"),
    ],
)
step.misconception(
    "The gradients are gone afterwards. Forgetting them is the beginning of the next step; until "
    "then p.grad is this batch's gradient, for whoever wants to look at it.",
    name="zero_at_both_ends",
    replace="            p -= lr * p.grad\n",
    by="            p -= lr * p.grad\n            p.grad = None\n",
)
step.misconception(
    "The step goes uphill: the gradient points to where the loss grows. Subtract it.",
    name="uphill",
    replace="p -= lr * p.grad",
    by="p += lr * p.grad",
)
step.misconception(
    "No parameter of the model changed. Either the step is missing, or it is `p = p - ...`, which "
    "makes a new tensor and gives it the name p while the model keeps the old one: change it in "
    "place, `p -= ...`.",
    name="rebound",
    replace="p -= lr * p.grad",
    by="p = p - lr * p.grad",
)
step.misconception(
    "The learning rate is not used: the step is lr times the gradient.",
    name="no_lr",
    replace="p -= lr * p.grad",
    by="p -= p.grad",
)
step.misconception(
    "The loss is the sum over the batch. Take the mean, or the step grows with the batch.",
    name="summed",
    replace="F.cross_entropy(model(Xb), Yb)",
    by='F.cross_entropy(model(Xb), Yb, reduction="sum")',
)
step.misconception(
    "You applied softmax before cross_entropy, which applies it itself: it wants the logits.",
    name="softmax_twice",
    replace="F.cross_entropy(model(Xb), Yb)",
    by="F.cross_entropy(F.softmax(model(Xb), dim=1), Yb)",
)
step.misconception(
    "You returned the loss after the step (and ran the model a second time, which moved "
    "BatchNorm's statistics again). Return the one the step was computed from.",
    name="loss_after",
    replace="return loss.item()",
    by="return F.cross_entropy(model(Xb), Yb).item()",
)
step.misconception(
    "You switched the model to training mode. This function steps in whatever mode the model is; "
    "switching is the loop's work.",
    name="switches",
    replace="    loss = F",
    by="    model.train()\n    loss = F",
)
step.misconception(
    "Only the first parameter learns: `return` or the update stands at the wrong depth, or the "
    "loop ends early. Every parameter takes a step.",
    name="first_only",
    replace="            p -= lr * p.grad",
    by="            p -= lr * p.grad\n            break",
)

step.variant(
    "torch.optim.SGD",
    name="optimizer",
    source="""def train_step(model, Xb, Yb, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    optimizer.step()
    return float(loss)
""",
)
step.variant(
    "through .data, gradients zeroed, cross-entropy by hand",
    name="data",
    source="""def train_step(model, Xb, Yb, lr):
    logprobs = model(Xb).log_softmax(1)
    loss = -logprobs[torch.arange(len(Yb)), Yb].mean()
    for p in model.parameters():
        if p.grad is not None:
            p.grad.zero_()
    loss.backward()
    for p in model.parameters():
        p.data += -lr * p.grad
    return float(loss.detach())
""",
)
step.variant(
    "autograd.grad",
    name="autograd_grad",
    source="""def train_step(model, Xb, Yb, lr):
    loss = F.cross_entropy(model(Xb), Yb)
    parameters = model.parameters()
    grads = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for p, grad in zip(parameters, grads):
            p.grad = grad
            p.sub_(grad, alpha=lr)
    return loss.item()
""",
)
