"""03.train_step: forward, backward, update."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, examples, leaves, parameters, plain, single

step = exercise("train_step", title="forward, backward, update", points=2, pure=False)


@step.cases
def _(rng):
    for n, v, t, d, hidden in SIZES:
        batches = [examples(rng, n + i, v, t) for i in range(3)]
        yield dict(
            params=parameters(rng, v, t, d, hidden), batches=batches, lr=rng.number(0.2, 0.8)
        )
    # gradients in the hundreds are steps like any other
    params = parameters(rng, 6, 2, 3, 5)
    params["W2"] *= 2000
    batches = [examples(rng, 4 + i, 6, 2) for i in range(3)]
    yield dict(params=params, batches=batches, lr=rng.number(1e-4, 2e-4))


def steps(m, params, batches, lr):
    params = leaves(params)
    held = dict(params)  # what somebody else holds must see the steps
    losses = [m.train_step(params, Xb, Yb, lr) for Xb, Yb in batches]
    return {
        "losses": losses,
        "params": plain(params),
        "the tensors that were passed in": plain(held),
        "still trainable": all(p.requires_grad and p.is_leaf for p in params.values()),
        "batches": batches,
        "autograd still on": torch.is_grad_enabled(),
    }


@step.scenario
def _(m, **case):
    return steps(m, **case)


def in_float32(rng):
    params = single(parameters(rng, 300, 2, 2, 4))  # and indices that no byte holds
    batches = [examples(rng, 5, 300, 2) for _ in range(2)]
    yield dict(params=params, batches=batches, lr=rng.number(0.05, 0.2))


@step.check("in float32", cases=in_float32, tol=Tol(rtol=1e-4))
def _(m, **case):
    return steps(m, **case)


@step.check("old gradients")
def _(m, params, batches, lr):
    params = leaves(params)
    for p in params.values():
        p.grad = torch.full_like(p, 3.0)
    m.train_step(params, *batches[0], lr)
    return plain(params)


@step.check("gives a number")
def _(m, params, batches, lr):
    loss = m.train_step(leaves(params), *batches[0], lr)
    return {"a Python number": isinstance(loss, float)}


step.hint("Four things: loss, old gradients away, backward, update. Which of them is not recorded?")
step.hint("p.grad = None for each p; loss.backward(); then p -= lr * p.grad under torch.no_grad().")
step.hint(
    "loss = F.cross_entropy(forward(params, Xb), Yb); reset; loss.backward(); with torch.no_grad(): "
    "for p in params.values(): p -= lr * p.grad. Return loss.item()."
)

step.misconception(
    "Gradients pile up: backward() adds to p.grad. Set it to None (or zero) before each backward.",
    name="accumulate",
    replace="        p.grad = None\n",
    by="        pass\n",
)
step.misconception(
    "The gradients were reset once they were needed: after backward and before the update. Reset "
    "first, then backward, then update.",
    name="reset_too_late",
    edits=[
        (
            "    for p in params.values():\n        p.grad = None\n    loss.backward()\n",
            "    loss.backward()\n    for p in params.values():\n        p.grad = None\n",
        ),
    ],
)
step.misconception(
    "You added the gradient: it points uphill. Subtract lr times it.",
    name="uphill",
    replace="p -= lr * p.grad",
    by="p += lr * p.grad",
)
step.misconception(
    "Nothing moved. Either `p = p - ...` made a new tensor and gave it the name p (change it in place: "
    "p -= ...), or the gradients were zeroed between backward and update.",
    name="rebound",
    replace="p -= lr * p.grad",
    by="p = p - lr * p.grad",
)
step.misconception(
    "The dict holds new tensors; whoever holds the old ones sees no step. Change them in place.",
    name="new_tensors",
    replace="        for p in params.values():\n            p -= lr * p.grad",
    by="        for k, p in list(params.items()):\n"
    "            params[k] = (p - lr * p.grad).requires_grad_()",
)
step.misconception(
    "The learning rate is not used: the step is lr times the gradient.",
    name="no_lr",
    replace="p -= lr * p.grad",
    by="p -= p.grad",
)
step.misconception(
    "You used a learning rate of your own, 0.1: take the argument.",
    name="fixed_lr",
    replace="p -= lr * p.grad",
    by="p -= 0.1 * p.grad",
)
step.misconception(
    "You returned the loss after the step. Return the one of the forward pass that caused it.",
    name="loss_after",
    replace="return loss.item()",
    by="return F.cross_entropy(forward(params, Xb), Yb).item()",
)
step.misconception(
    "The returned loss is a tensor that keeps its whole graph alive; in a long list that eats the "
    "memory. Return loss.item().",
    name="tensor",
    replace="return loss.item()",
    by="return loss",
)
step.misconception(
    "The embeddings never learn: C is a parameter too.",
    name="c_forgotten",
    replace="            p -= lr * p.grad",
    by='            p -= lr * p.grad * (p is not params["C"])',
)
step.misconception(
    "Only the gradient's sign was used. The step is lr times the gradient itself.",
    name="sign_only",
    replace="lr * p.grad",
    by="lr * p.grad.sign()",
)
step.misconception(
    "Summed instead of averaged: the step now grows with the batch. F.cross_entropy takes the mean "
    "by itself.",
    name="summed",
    replace="forward(params, Xb), Yb)\n    for",
    by='forward(params, Xb), Yb, reduction="sum")\n    for',
)
step.misconception(
    "The update was recorded by autograd: torch refuses to change a leaf in place. Put it under "
    "torch.no_grad(), or change p.data.",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
step.misconception(
    "Divided by the size of the batch a second time: F.cross_entropy has averaged already.",
    name="divided_again",
    replace="lr * p.grad",
    by="lr * p.grad / len(Xb)",
)
step.misconception(
    "The biases never learn: b1 and b2 are parameters like all others.",
    name="biases_forgotten",
    replace="            p -= lr * p.grad",
    by="            p -= lr * p.grad * (p.dim() > 1)",
)
step.misconception(
    "backward() ran twice, and the gradients of both are added: the step is twice as long. Once is enough.",
    name="backward_twice",
    replace="    loss.backward()\n",
    by="    loss.backward(retain_graph=True)\n    loss.backward()\n",
)
step.misconception(
    "Gradients were clipped or normalized. A fine tool against explosions, but the step asked for is "
    "lr times the gradient.",
    name="normalized",
    replace="lr * p.grad",
    by="lr * p.grad / (p.grad.norm() + 1e-12)",
)
step.misconception(
    "The loss was rounded. Round when you print, never what you return.",
    name="rounded",
    replace="return loss.item()",
    by="return round(loss.item(), 4)",
)
step.misconception(
    "autograd was switched off for good, and the next step has no gradients. `with torch.no_grad():` "
    "switches it on again by itself.",
    name="left_off",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)

step.variant(
    "through .data",
    name="data",
    source="""def train_step(params, Xb, Yb, lr):
    for p in params.values():
        if p.grad is not None:
            p.grad.zero_()
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    for p in params.values():
        p.data.add_(p.grad, alpha=-lr)
    return float(loss.detach())
""",
)
step.variant(
    "torch.optim, after backward",
    name="sgd",
    source="""def train_step(params, Xb, Yb, lr):
    optimizer = torch.optim.SGD(list(params.values()), lr=lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
)
step.variant(
    "autograd.grad",
    name="grad",
    source="""def train_step(params, Xb, Yb, lr):
    names = list(params)
    loss = F.cross_entropy(forward(params, Xb), Yb)
    grads = torch.autograd.grad(loss, [params[n] for n in names])
    with torch.no_grad():
        for n, g in zip(names, grads):
            params[n].copy_(params[n] - lr * g)
    return loss.tolist()
""",
)
