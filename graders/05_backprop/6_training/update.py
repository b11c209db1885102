"""05.update: one step downhill."""

import torch

from graders.authoring import exercise

from .part import SIZES, parameters

update = exercise("update", title="one step downhill", pure=False)


@update.cases
def _(rng):
    for v, t, d, hidden, _ in SIZES:
        params = parameters(rng, v, t, d, hidden)
        grads = {name: rng.normal(*p.shape) for name, p in params.items()}
        order = rng.shuffled(grads)  # the two dicts need not list their names in the same order
        yield dict(
            params=params, grads={name: grads[name] for name in order}, lr=rng.number(0.01, 1)
        )
    yield dict(params={"b2": rng.normal(3)}, grads={"b2": rng.normal(3)}, lr=0.0)
    yield dict(params={"W": rng.normal(2, 3)}, grads={"W": torch.zeros(2, 3).double()}, lr=0.1)


@update.scenario
def _(m, params, grads, lr):
    held = list(params.values())  # what somebody else holds must see the step
    m.update(params, grads, lr)
    return {"params": params, "the same tensors": held, "grads": grads}


update.legal("params: grad changed", "what their .grad holds afterwards is up to you")

update.hint("The gradient points uphill. Which sign, then?")
update.hint("Go through the dict by name; each parameter has its gradient under the same name.")
update.hint("for name, parameter in params.items(): parameter -= lr * grads[name]")


@update.misconception(
    "You added the gradient: it points uphill, and the loss would grow. Subtract lr times it."
)
def uphill(params, grads, lr):
    for name in params:
        params[name] += lr * grads[name]


@update.misconception(
    "Nothing changed: `p = p - lr * grad` makes a new tensor and gives it the name p, while the "
    "old one stays in the dict. Change it in place with `p -= lr * grad`."
)
def rebound(params, grads, lr):
    for name, p in params.items():
        p = p - lr * grads[name]


@update.misconception(
    "The dict holds new tensors; whoever holds the old ones sees no step. Change the tensors in "
    "place: `params[name] -= ...` or `p -= ...`."
)
def new_tensors(params, grads, lr):
    for name in params:
        params[name] = params[name] - lr * grads[name]


@update.misconception("The learning rate is not used: the step is lr times the gradient.")
def lr_ignored(params, grads, lr):
    for name in params:
        params[name] -= grads[name]


@update.misconception("You replaced the parameters by the step. Take the step from where they are.")
def replaced(params, grads, lr):
    for name in params:
        params[name].copy_(-lr * grads[name])


@update.misconception(
    "The names were paired by position. The two dicts may list them in different orders: look each "
    "gradient up by name."
)
def by_position(params, grads, lr):
    for p, g in zip(params.values(), grads.values(), strict=True):
        p -= lr * g


@update.misconception(
    "The parameters are right, but you scaled the gradients in place; they belong to the caller."
)
def gradients_scaled(params, grads, lr):
    for name in params:
        grads[name] *= lr
        params[name] -= grads[name]


@update.misconception(
    "You only used the gradient's sign. The step is lr times the gradient itself, so that steep "
    "directions move further."
)
def sign_only(params, grads, lr):
    for name in params:
        params[name] -= lr * grads[name].sign()


@update.variant("add_ with alpha")
def add(params, grads, lr):
    for name in params:
        params[name].add_(grads[name], alpha=-lr)


@update.variant("copy_")
def copy(params, grads, lr):
    for name, p in params.items():
        p.copy_(p - lr * grads[name])


@update.variant("through .data")
def data(params, grads, lr):
    for name, p in params.items():
        p.data += -lr * grads[name]


@update.variant("a slice")
def slice_(params, grads, lr):
    for name in grads:
        params[name][:] = params[name] - lr * grads[name]
