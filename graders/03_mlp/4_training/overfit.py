"""03.overfit: one batch by heart."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, bumpy, examples, leaves, parameters, plain, single

overfit = exercise("overfit", title="one batch by heart", pure=False)


@overfit.cases
def _(rng):
    for (n, v, t, d, hidden), steps in zip(SIZES, (3, 5, 1, 4), strict=True):
        Xb, Yb = examples(rng, n, v, t)
        params = parameters(rng, v, t, d, hidden)
        yield dict(params=params, Xb=Xb, Yb=Yb, steps=steps, lr=rng.number(0.2, 0.8))
    yield dict(params=params, Xb=Xb, Yb=Yb, steps=0, lr=0.1)
    rough = bumpy(7, seed=23, lr=8.0)
    yield dict(params=rough["params"], Xb=rough["X"], Yb=rough["Y"], steps=5, lr=rough["lr"])


def losses_and_parameters(m, params, **case):
    params = leaves(params)
    losses = m.overfit(params, **case)
    return {
        "losses": losses,
        "params": plain(params),
        "still trainable": [p.requires_grad for p in params.values()],
        "batch": (case["Xb"], case["Yb"]),
    }


@overfit.scenario
def _(m, **case):
    return losses_and_parameters(m, **case)


def in_float32(rng):
    Xb, Yb = examples(rng, 5, 7, 2)
    yield dict(params=single(parameters(rng, 7, 2, 2, 4)), Xb=Xb, Yb=Yb, steps=2, lr=0.1)


@overfit.check("in float32", cases=in_float32, tol=Tol(rtol=1e-4))
def _(m, **case):
    return losses_and_parameters(m, **case)


def distinct(rng):
    """Contexts that differ: each answer can be learned by heart."""
    Xb = torch.tensor([[i, (i + 1) % 6] for i in range(6)])
    yield dict(
        params=parameters(rng, 6, 2, 4, 20), Xb=Xb, Yb=rng.integers(0, 6, 6), steps=60, lr=0.5
    )


def it_falls(case, got):
    """A band, not a value."""
    if not isinstance(got, list) or len(got) != case["steps"]:
        return f"expected a list of {case['steps']} losses"
    if not all(isinstance(loss, float) and 0 <= loss < 1e9 for loss in got):
        return "a loss is not a finite number"
    if not got[-1] < 0.25 * got[0]:
        return f"in {case['steps']} steps the loss only went from {got[0]:.3f} to {got[-1]:.3f}"
    return None


@overfit.check("by heart", cases=distinct, judge=it_falls)
def _(m, params, **case):
    return [float(loss) for loss in m.overfit(leaves(params), **case)]


overfit.legal("params: grad changed", "what their .grad holds afterwards is up to you")

overfit.hint("Which function of yours does one step, and what does it return?")
overfit.hint("Call train_step with the same batch, `steps` times, and collect what it returns.")

overfit.misconception(
    "Only the last loss came back: collect one for each step in a list.",
    name="last_only",
    replace="lr) for _ in range(steps)]",
    by="lr) for _ in range(steps)][-1:]",
)
overfit.misconception(
    "One step too many, or too few: range(steps) gives exactly `steps`.",
    name="one_more",
    replace="range(steps)",
    by="range(steps + 1)",
)
overfit.misconception(
    "You trained a copy: the parameters that were passed in must learn.",
    name="copy",
    replace="    return [",
    by="    params = {k: p.detach().clone().requires_grad_() for k, p in params.items()}\n    return [",
)
overfit.misconception(
    "Each step saw one example only. A step takes the whole batch.",
    name="one_example",
    replace="train_step(params, Xb, Yb, lr) for _",
    by="train_step(params, Xb[i % len(Xb)][None], Yb[i % len(Yb)][None], lr) for i",
)
overfit.misconception(
    "The same first loss, again and again: no step was taken between them. Call train_step each time.",
    name="no_steps",
    replace="[train_step(params, Xb, Yb, lr) for _ in range(steps)]",
    by="[F.cross_entropy(forward(params, Xb), Yb).item() for _ in range(steps)]",
)
overfit.misconception(
    "The learning rate is another one than asked for: hand lr on.",
    name="fixed_lr",
    replace="Yb, lr)",
    by="Yb, 0.1)",
)
overfit.misconception(
    "You stopped as soon as the loss rose. It may rise for a step or two; asked are all `steps` steps.",
    name="stops",
    source="""def overfit(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        losses.append(train_step(params, Xb, Yb, lr))
        if len(losses) > 1 and losses[-1] > losses[-2]:
            break
    return losses
""",
)
overfit.misconception(
    "The list holds the lowest loss so far. Note each loss as it is, bumps included.",
    name="lowest_so_far",
    source="""def overfit(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        loss = train_step(params, Xb, Yb, lr)
        losses.append(min([loss, *losses[-1:]]))
    return losses
""",
)
overfit.misconception(
    "The learning rate falls on the way. That is the next part's idea; here it stays lr.",
    name="decays",
    replace="train_step(params, Xb, Yb, lr) for _",
    by="train_step(params, Xb, Yb, lr if i < steps / 2 else lr / 10) for i",
)
overfit.misconception(
    "You drew rows of the batch at random. By heart means the whole batch, each time.",
    name="random_rows",
    replace="train_step(params, Xb, Yb, lr) for _",
    by="train_step(params, *minibatch(Xb, Yb, len(Xb), torch.Generator().manual_seed(i)), lr) for i",
)

overfit.variant(
    "a loop, the step written out",
    name="inline",
    source="""def overfit(params, Xb, Yb, steps, lr):
    found = []
    while len(found) < steps:
        loss = F.cross_entropy(forward(params, Xb), Yb)
        for p in params.values():
            p.grad = None
        loss.backward()
        for p in params.values():
            p.data -= lr * p.grad
        found += [loss.item()]
    return found
""",
)
