"""05.train: the loop, without autograd."""

import math

import torch

from graders.authoring import exercise

from .part import SIZES, a_batch, parameters

train = exercise("train", title="the loop, without autograd", points=2, pure=False)


@train.cases
def _(rng):
    for (v, t, d, hidden, n), steps in zip(SIZES, (3, 4, 1, 2), strict=True):
        batches = [a_batch(rng, n + i, v, t) for i in range(steps)]
        yield dict(
            params=parameters(rng, v, t, d, hidden), batches=batches, lr=rng.number(0.05, 0.5)
        )
    yield dict(params=parameters(rng, 4, 2, 3, 5), batches=[], lr=0.1)


@train.scenario
def _(m, params, batches, lr):
    losses = m.train(params, iter(batches), lr)
    return {"losses": losses, "params": params}


def overfit(rng):
    """One small batch with distinct contexts, over and over: it can be learned by heart."""
    v, t, n = 6, 2, 5
    Xb = torch.tensor([[i, (i + 1) % v] for i in range(n)])
    batch = (Xb, rng.integers(0, v, n))
    yield dict(params=parameters(rng, v, t, 4, 12), batches=[batch] * 30, lr=0.3)


def it_falls(case, got):
    """A band, not a value: after 30 steps on one batch, far less than at the start."""
    if not isinstance(got, list) or len(got) != len(case["batches"]):
        return f"expected a list of {len(case['batches'])} losses, one for each batch"
    if not all(isinstance(loss, (float, torch.Tensor)) and math.isfinite(loss) for loss in got):
        return "a loss is not a finite number"
    if not got[-1] < 0.3 * got[0]:
        return (
            f"the loss of one small batch should fall below a third in 30 steps: "
            f"it went from {float(got[0]):.3f} to {float(got[-1]):.3f}"
        )
    return None


@train.check("the loss falls", cases=overfit, judge=it_falls)
def _(m, params, batches, lr):
    return list(m.train(params, iter(batches), lr))


train.legal("params: grad changed", "what their .grad holds afterwards is up to you")

train.hint("Three calls for each batch, in which order?")
train.hint("forward gives (loss, cache); backward takes the cache; update takes the gradients.")
train.hint(
    "for Xb, Yb in batches: loss, cache = forward(...); update(params, backward(...), lr); "
    "losses.append(loss.item()). Return losses."
)

train.misconception(
    "The parameters never change: after backward, call update(params, grads, lr).",
    name="no_update",
    replace="update(params, backward(params, cache, Xb, Yb), lr)",
    by="backward(params, cache, Xb, Yb)",
)
train.misconception(
    "You recorded the loss after the step. Record the one of the forward pass that caused it.",
    name="loss_after",
    replace="losses.append(loss.item())",
    by="losses.append(forward(params, Xb, Yb)[0].item())",
)
train.misconception(
    "The gradients were computed once and used for every step. They hold only for the "
    "parameters and the batch they were computed with: call backward in each step.",
    name="stale",
    replace="        update(params, backward(params, cache, Xb, Yb), lr)",
    by="        grads = grads if losses else backward(params, cache, Xb, Yb)\n"
    "        update(params, grads, lr)",
)
train.misconception(
    "Gradients piled up from step to step. Autograd does that until you set them to zero; here "
    "each step uses its own gradients only.",
    name="piled_up",
    replace="        update(params, backward(params, cache, Xb, Yb), lr)",
    by="        grads = backward(params, cache, Xb, Yb)\n"
    "        if losses:\n"
    "            grads = {k: grads[k] + total[k] for k in grads}\n"
    "        total = grads\n"
    "        update(params, grads, lr)",
)
train.misconception(
    "Every step trained on the first batch: take the next (Xb, Yb) from batches each time.",
    name="first_batch",
    replace="    for Xb, Yb in batches:",
    by="    batches = list(batches)\n    for _ in batches:\n        Xb, Yb = batches[0]",
)
train.misconception(
    "The loop ends after the first batch: `return` stands inside it, one level too deep.",
    name="returns_early",
    replace="    return losses",
    by="        return losses\n    return losses",
)
train.misconception(
    "Only the last loss is returned: collect one for each batch in a list.",
    name="last_loss",
    replace="    return losses",
    by="    return losses[-1] if losses else None",
)
train.misconception(
    "The learning rate was divided by the batch size. The mean in the loss has done that already.",
    name="lr_over_n",
    replace="Xb, Yb), lr)",
    by="Xb, Yb), lr / len(Yb))",
)
train.misconception(
    "You used a learning rate of your own: take the argument lr.",
    name="fixed_lr",
    replace="Xb, Yb), lr)",
    by="Xb, Yb), 0.1)",
)
train.misconception(
    "You trained a copy: the parameters that were passed in must change, in place.",
    name="copies",
    replace="    losses = []",
    by="    losses = []\n    params = {name: p.clone() for name, p in params.items()}",
)

train.misconception(
    "batches was gone through before the loop, to count or to look, and nothing was left for it: it may be "
    "an iterator. Go through it once, or make a list of it first.",
    name="used_up",
    replace="    losses = []",
    by="    losses = []\n    number = len(list(batches))",
)

train.variant(
    "counted with while, losses as tensors",
    name="while_loop",
    source="""def train(params, batches, lr):
    losses, rest = [], list(batches)
    while rest:
        Xb, Yb = rest.pop(0)
        loss, cache = forward(params, Xb, Yb)
        grads = backward(params, cache, Xb, Yb)
        update(params, grads, lr)
        losses += [loss]
    return [float(loss) for loss in losses]
""",
)
train.variant(
    "the step written out",
    name="inline_step",
    source="""def train(params, batches, lr):
    losses = []
    for batch in batches:
        loss, cache = forward(params, *batch)
        for name, grad in backward(params, cache, *batch).items():
            params[name].sub_(grad * lr)
        losses.append(float(loss))
    return losses
""",
)
