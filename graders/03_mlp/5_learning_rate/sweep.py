"""03.sweep: one step with each learning rate."""

import torch

from graders.authoring import Rng, Tol, exercise

from .part import SIZES, leaves, parameters, plain, single

sweep = exercise("sweep", title="one step with each learning rate", pure=False)


@sweep.cases
def _(rng):
    for (n, v, t, d, hidden), steps in zip(SIZES, (4, 5, 3, 6), strict=True):
        X, Y = rng.integers(0, v, 6 * n + 5, t), rng.integers(0, v, 6 * n + 5)
        lrs = rng.numbers(steps, 0.2, 1.5)  # in any order
        yield dict(
            params=parameters(rng, v, t, d, hidden), X=X, Y=Y, lrs=lrs, batch_size=n + 2,
            seed=rng.seed(),
        )  # fmt: skip
    # always the same: the loss explodes to seven times its lowest, and the sweep goes on
    rng = Rng(21)
    X, Y = rng.integers(0, 5, 30, 2), rng.integers(0, 5, 30)
    yield dict(
        params=parameters(rng, 5, 2, 3, 4), X=X, Y=Y, lrs=[0.05, 0.5, 3.0, 16.0, 4.0, 0.2],
        batch_size=6, seed=8,
    )  # fmt: skip


def losses_and_parameters(m, params, seed, **case):
    params = leaves(params)
    g = torch.Generator().manual_seed(seed)
    losses = m.sweep(params, generator=g, **case)
    return {
        "losses": [float(x) for x in losses],
        "params": plain(params),
        "still trainable": all(p.requires_grad for p in params.values()),
        "next draw": torch.randint(0, 2**31, (1,), generator=g),
        "lrs, X and Y": (case["lrs"], case["X"], case["Y"]),
    }


@sweep.scenario
def _(m, **case):
    return losses_and_parameters(m, **case)


def in_float32(rng):
    X, Y = rng.integers(0, 7, 20, 2), rng.integers(0, 7, 20)
    yield dict(
        params=single(parameters(rng, 7, 2, 2, 4)), X=X, Y=Y, lrs=[0.1, 0.05, 0.2], batch_size=5,
        seed=rng.seed(),
    )  # fmt: skip


@sweep.check("in float32", cases=in_float32, tol=Tol(rtol=1e-4))
def _(m, **case):
    return losses_and_parameters(m, **case)


sweep.tolerance(Tol(rtol=1e-6))  # the losses may be in a tensor of float32
sweep.legal("answer: tensor for float", "A list of floats, or a tensor of as many")
sweep.legal("params: grad changed", "what their .grad holds afterwards is up to you")

sweep.hint("Which parameters may the experiment ruin? Make them first.")
sweep.hint("copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}")
sweep.hint("for lr in lrs: a new minibatch, train_step(copy, Xb, Yb, lr), note the loss.")

sweep.misconception(
    "The losses are right, but the experiment ruined the parameters that were passed in. Sweep on a copy: "
    "not dict(params), which holds the same tensors, but a clone of each.",
    name="no_copy",
    replace="copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}",
    by="copy = params",
)
sweep.misconception(
    "Each step started from the first parameters again. In a sweep the steps follow one another.",
    name="restarts",
    edits=[
        (
            "    losses = []\n    for lr in lrs:\n",
            "    losses = []\n    for lr in lrs:\n"
            "        copy = {n: p.detach().clone().requires_grad_() for n, p in params.items()}\n",
        )
    ],
)
sweep.misconception(
    "One minibatch for the whole sweep: draw a new one for each step.",
    name="drawn_once",
    edits=[
        ("        Xb, Yb = minibatch(X, Y, batch_size, generator)\n", ""),
        (
            "    losses = []\n",
            "    losses = []\n    Xb, Yb = minibatch(X, Y, batch_size, generator)\n",
        ),
    ],
)
sweep.misconception(
    "Every step used the same learning rate; the i-th step takes the i-th.",
    name="first_lr",
    replace="train_step(copy, Xb, Yb, lr)",
    by="train_step(copy, Xb, Yb, lrs[0])",
)
sweep.misconception(
    "The learning rates went in as exponents, 10 ** lr. They are learning rates already.",
    name="exponents",
    replace="Yb, lr))",
    by="Yb, 10**lr))",
)
sweep.misconception(
    "Each step took all examples: draw a minibatch with the generator.",
    name="all_examples",
    replace="Xb, Yb = minibatch(X, Y, batch_size, generator)",
    by="Xb, Yb = X, Y",
)
sweep.misconception(
    "You noted the loss after the step. train_step returns the one before it.",
    name="loss_after",
    replace="        losses.append(train_step(copy, Xb, Yb, lr))",
    by="        train_step(copy, Xb, Yb, lr)\n"
    "        losses.append(F.cross_entropy(forward(copy, Xb), Yb).item())",
)
sweep.misconception(
    "The losses are right, but the caller's list of learning rates is empty now: pop takes them out of it. "
    "Go through it with `for lr in lrs`.",
    name="pops",
    replace="    for lr in lrs:\n",
    by="    while lrs:\n        lr = lrs.pop(0)\n",
)
sweep.misconception(
    "You sorted the learning rates. The order is the caller's, and the losses are in the same.",
    name="sorted_lrs",
    replace="for lr in lrs:",
    by="for lr in sorted(lrs):",
)
sweep.misconception(
    "You stopped at the explosion. It belongs to the picture: one loss for each learning rate.",
    name="stops",
    replace="        losses.append(train_step(copy, Xb, Yb, lr))",
    by="        losses.append(train_step(copy, Xb, Yb, lr))\n"
    "        if losses[-1] > 4 * min(losses):\n            break",
)
sweep.misconception(
    "A generator of your own, even with the same seed, leaves the one passed in where it stood: the next run "
    "would get the same batches again.",
    name="own_generator",
    replace="    losses = []\n",
    by="    losses = []\n    generator = torch.Generator().manual_seed(generator.initial_seed())\n",
)
sweep.misconception(
    "The losses were smoothed. Return them as they came; pick_lr does the averaging.",
    name="smoothed",
    replace="    return losses",
    by="    for i in range(1, len(losses)):\n"
    "        losses[i] = 0.9 * losses[i - 1] + 0.1 * losses[i]\n"
    "    return losses",
)

sweep.variant(
    "deepcopy",
    name="deepcopy",
    source="""def sweep(params, X, Y, lrs, batch_size, generator):
    import copy
    mine = copy.deepcopy(params)
    return [train_step(mine, *minibatch(X, Y, batch_size, generator), lr) for lr in lrs]
""",
)
sweep.variant(
    "trained in place, and put back",
    name="put_back",
    source="""def sweep(params, X, Y, lrs, batch_size, generator):
    before = [p.detach().clone() for p in params.values()]
    losses = []
    for lr in lrs:
        losses += [train_step(params, *minibatch(X, Y, batch_size, generator), lr)]
    for p, b in zip(params.values(), before):
        p.data.copy_(b)
    return torch.tensor(losses, dtype=torch.float64)
""",
)
