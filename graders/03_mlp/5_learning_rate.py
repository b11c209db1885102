"""Sweep, pick, decay, and a fair verdict."""

import math

import numpy as np
import torch

from graders.authoring import Rng, Tol, exercise

SIZES = [(5, 7, 3, 2, 4), (1, 4, 2, 5, 3), (6, 3, 1, 4, 8), (3, 31, 4, 3, 6)]  # n, v, t, d, hidden


def parameters(rng, v, t, d, hidden):
    """Random parameters by name, float64."""
    return {
        "C": rng.normal(v, d),
        "W1": rng.normal(t * d, hidden, std=0.5),
        "b1": rng.normal(hidden, std=0.5),
        "W2": rng.normal(hidden, v, std=0.5),
        "b2": rng.normal(v, std=0.5),
    }


def leaves(params):
    """Parameters that autograd records."""
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


def plain(params):
    return {name: p.detach().clone() for name, p in params.items()}


# -- candidate_lrs -------------------------------------------------------------------------------

candidates = exercise("candidate_lrs", title="candidates on a log scale")
candidates.hint("What must be evenly spaced: the learning rates, or their exponents?")
candidates.hint(
    "By what factor is each larger than the one before, if steps - 1 of them make high / low?"
)
candidates.hint("factor = (high / low) ** (1 / (steps - 1)); low * factor**i for i in range(steps)")


@candidates.cases
def _(rng):
    yield dict(low=0.001, high=1.0, steps=4)
    yield dict(low=rng.number(0.0001, 0.001), high=rng.number(0.5, 3), steps=rng.integer(5, 12))
    yield dict(low=0.02, high=0.05, steps=2)
    yield dict(low=0.5, high=20.0, steps=7)


# torch.linspace in float32 is right for an exponent up to 4 * 6e-8; 10 to its power then is off
# by 2.3 times that, relatively: 6e-7. Every misconception is off by percents.
candidates.tolerance(Tol(rtol=3e-6))


@candidates.scenario
def _(m, **case):
    return [float(lr) for lr in m.candidate_lrs(**case)]


@candidates.oracle
def _(low, high, steps):
    return np.geomspace(low, high, steps).tolist()


@candidates.misconception(
    "Evenly spaced learning rates: nine of ten candidates lie above a tenth of the largest. Space the "
    "exponents evenly."
)
def linear(low, high, steps):
    return [low + (high - low) * i / (steps - 1) for i in range(steps)]


@candidates.misconception("These are the exponents. The learning rates are 10 to their power.")
def exponents(low, high, steps):
    a, b = math.log10(low), math.log10(high)
    return [a + (b - a) * i / (steps - 1) for i in range(steps)]


@candidates.misconception(
    "The last one is missing: with both ends included there are steps - 1 gaps."
)
def end_left_out(low, high, steps):
    return [low * (high / low) ** (i / steps) for i in range(steps)]


@candidates.misconception("One too many: steps candidates have steps - 1 gaps between them.")
def one_more(low, high, steps):
    return [low * (high / low) ** (i / (steps - 1)) for i in range(steps + 1)]


@candidates.misconception(
    "The exponents run from low to high themselves: take the logarithms of low and high first."
)
def low_as_exponent(low, high, steps):
    return [10 ** (low + (high - low) * i / (steps - 1)) for i in range(steps)]


@candidates.misconception(
    "Mixed bases: exponents taken with the natural logarithm belong to e, those of base 10 to 10."
)
def mixed_bases(low, high, steps):
    a, b = math.log(low), math.log(high)
    return [10 ** (a + (b - a) * i / (steps - 1)) for i in range(steps)]


@candidates.misconception("They come from high to low; a sweep starts with the smallest.")
def downward(low, high, steps):
    return [high * (low / high) ** (i / (steps - 1)) for i in range(steps)]


@candidates.misconception("Always from 0.001 to 1: use the arguments low and high.")
def fixed_ends(low, high, steps):
    return [0.001 * 1000 ** (i / (steps - 1)) for i in range(steps)]


@candidates.variant("torch, float32")
def torch_float32(low, high, steps):
    return 10 ** torch.linspace(math.log10(low), math.log10(high), steps)


@candidates.variant("numpy")
def numpy(low, high, steps):
    return np.exp(np.linspace(np.log(low), np.log(high), steps))


# -- sweep ---------------------------------------------------------------------------------------

sweep = exercise("sweep", title="one step with each learning rate", pure=False)
sweep.hint("Which parameters may the experiment ruin? Make them first.")
sweep.hint("copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}")
sweep.hint("for lr in lrs: a new minibatch, train_step(copy, Xb, Yb, lr), note the loss.")


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


@sweep.scenario
def _(m, params, seed, **case):
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

# -- pick_lr -------------------------------------------------------------------------------------

pick = exercise("pick_lr", title="the bottom of the valley")
pick.hint("A window that starts at i covers losses[i : i + window]. Where is its middle?")
pick.hint("Keep the lowest mean so far, beginning with infinity; nan < x is False for every x.")
pick.hint("for start in range(len(losses) - window + 1): ... best = lrs[start + window // 2]")


@pick.cases
def _(rng):
    lrs = sorted(rng.numbers(9, 0.001, 1))
    # single low spikes at the ends, a valley in the middle
    valley = [9.0, 1.0, 9.5, 6.0, 3.0, 2.5, 3.1, 8.0, 0.5]
    yield dict(lrs=lrs, losses=valley, window=3)
    yield dict(lrs=lrs, losses=valley, window=1)
    yield dict(lrs=lrs, losses=valley, window=9)
    yield dict(lrs=lrs, losses=[x + rng.number(0, 0.1) for x in valley], window=5)
    nan, inf = float("nan"), float("inf")
    yield dict(lrs=lrs, losses=[5.0, 4.0, 3.5, 3.0, 3.2, 7.0, 90.0, inf, nan], window=3)
    yield dict(lrs=lrs, losses=[nan, 4.0, 3.0, 3.5, 6.0, inf, nan, nan, nan], window=3)
    yield dict(lrs=lrs, losses=[4.0, 2.0, 2.0, 2.0, 9.0, 2.0, 2.0, 2.0, 9.0], window=3)  # a tie
    # without the nan, its neighbors would make the lowest window
    yield dict(lrs=lrs, losses=[9.0, 8.0, 2.0, nan, 1.0, 2.0, 8.0, 4.0, 4.0], window=3)
    yield dict(
        lrs=lrs, losses=[5.0, 3.01, 3.0, 3.0, 6.0, 3.0, 3.0, 3.0, 7.0], window=3
    )  # nearly one
    yield dict(lrs=lrs, losses=[9.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0], window=3)
    yield dict(lrs=lrs, losses=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], window=5)
    lrs, losses = sorted(rng.numbers(40, 0.001, 1)), rng.numbers(40, 2, 9)
    yield dict(lrs=lrs, losses=losses, window=7)


# an entry of lrs that went through float32 is off by 6e-8, relatively; its neighbors by percents
pick.tolerance(Tol(rtol=1e-6))


pick.misconception(
    "The single lowest loss is one lucky minibatch. Average over the window first.",
    name="single_lowest",
    replace="sum(losses[start : start + window]) / window",
    by="losses[start + window // 2]",
)
pick.misconception(
    "The learning rate at the beginning of the window; asked is the one in its middle.",
    name="beginning",
    replace="lrs[start + window // 2]",
    by="lrs[start]",
)
pick.misconception(
    "The learning rate at the end of the window; asked is the one in its middle.",
    name="end",
    replace="lrs[start + window // 2]",
    by="lrs[start + window - 1]",
)
pick.misconception(
    "You returned the lowest mean loss; asked is the learning rate it belongs to.",
    name="the_loss",
    replace="return best",
    by="return lowest",
)
pick.misconception(
    "You returned a position; asked is the learning rate at it.",
    name="position",
    replace="best, lowest = lrs[start + window // 2], mean",
    by="best, lowest = start + window // 2, mean",
)
pick.misconception(
    "You looked for the highest loss. The valley is where it is lowest.",
    name="highest",
    edits=[('float("inf")', '-float("inf")'), ("mean < lowest", "mean > lowest")],
)
pick.misconception(
    "The last window is left out: there are n - window + 1 of them.",
    name="last_left_out",
    replace="- window + 1",
    by="- window + (window == len(losses))",
)
pick.misconception(
    "Of equal windows you took the last; asked is the first.",
    name="last_of_equal",
    replace="mean < lowest",
    by="mean <= lowest",
)
pick.misconception(
    "nan won: argmin and sorting treat it as the smallest. After an explosion, such windows must not "
    "count.",
    name="nan_wins",
    source="""def pick_lr(lrs, losses, window):
    means = torch.tensor(losses, dtype=torch.float64).unfold(0, window, 1).mean(1)
    return lrs[int(means.argmin()) + window // 2]
""",
)
pick.misconception(
    "Windows at the edges were filled up with zeros (a convolution does that), so they look low. Only full "
    "windows count.",
    name="padded",
    source="""def pick_lr(lrs, losses, window):
    half = window // 2
    padded = [0.0] * half + list(losses) + [0.0] * half
    means = [sum(padded[i : i + window]) / window for i in range(len(losses))]
    return lrs[min(range(len(means)), key=lambda i: means[i] if means[i] == means[i] else 1e9)]
""",
)


pick.misconception(
    "You took out nan and inf first, and so made neighbors of losses that are none. A window with one in it "
    "does not count.",
    name="taken_out",
    source="""def pick_lr(lrs, losses, window):
    kept = [i for i, loss in enumerate(losses) if abs(loss) < float("inf")]
    lrs, losses = [lrs[i] for i in kept], [losses[i] for i in kept]
    means = [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    return lrs[means.index(min(means)) + window // 2]
""",
)
pick.misconception(
    "The lowest loss of each window is one lucky minibatch again: take the mean.",
    name="lowest_in_window",
    replace="sum(losses[start : start + window]) / window",
    by="min(losses[start : start + window])",
)
pick.misconception(
    "The mean over the window of the learning rates is none of the candidates; asked is the one in "
    "the middle.",
    name="mean_lr",
    replace="lrs[start + window // 2]",
    by="sum(lrs[start : start + window]) / window",
)
pick.misconception(
    "nan became 0, or the mean left it out: the explosion then looks like a valley. Such windows do not "
    "count.",
    name="nan_left_out",
    replace="sum(losses[start : start + window]) / window",
    by="torch.tensor(losses[start : start + window]).nanmean().item()",
)


@pick.variant("torch, nan replaced")
def unfold(lrs, losses, window):
    means = torch.tensor(losses, dtype=torch.float64).unfold(0, window, 1).mean(1)
    means = torch.nan_to_num(means, nan=float("inf"))
    return lrs[means.tolist().index(means.min().item()) + window // 2]


# -- decayed_lr ----------------------------------------------------------------------------------

decayed = exercise("decayed_lr", title="a tenth, from half-way on")
decayed.hint("Of 4 steps, numbered 0 to 3: which still use lr?")
decayed.hint("lr if step < steps / 2 else lr / 10")


@decayed.cases
def _(rng):
    for steps in (4, 5, 1, 2, 10, 200_000):
        lr = rng.number(0.05, 0.5)
        for step in sorted({0, steps // 2 - 1, steps // 2, steps // 2 + 1, steps - 1}):
            if 0 <= step < steps:
                yield dict(step=step, steps=steps, lr=lr)


@decayed.misconception(
    "One step too late: step numbers start at 0, so half of them are those with step < steps / 2."
)
def too_late(step, steps, lr):
    return lr if step <= steps / 2 else lr / 10


@decayed.misconception(
    "One step too early (or, with an odd number of steps, steps // 2 cuts off): the condition is "
    "step < steps / 2."
)
def too_early(step, steps, lr):
    return lr if step + 1 < steps / 2 else lr / 10


@decayed.misconception(
    "steps // 2 is rounded down: of 5 steps the one in the middle belongs to the first half, 2 < 2.5."
)
def floor(step, steps, lr):
    return lr if step < steps // 2 else lr / 10


@decayed.misconception("Always at 100,000: that is half of the lecture's run. Use steps.")
def fixed_drop(step, steps, lr):
    return lr if step < 100_000 else lr / 10


@decayed.misconception("Always 0.1 and 0.01: start from the argument lr.")
def fixed_lr(step, steps, lr):
    return 0.1 if step < steps / 2 else 0.01


@decayed.misconception(
    "That falls gradually. Here the learning rate makes one step down, half-way."
)
def gradual(step, steps, lr):
    return lr * 0.1 ** (step / steps)


@decayed.misconception("The two halves changed places: large steps first, small ones at the end.")
def rises(step, steps, lr):
    return lr / 10 if step < steps / 2 else lr


@decayed.misconception("Half is not a tenth: after the drop it is lr / 10.")
def halved(step, steps, lr):
    return lr if step < steps / 2 else lr / 2


@decayed.misconception("A hundredth is too little: after the drop it is lr / 10.")
def hundredth(step, steps, lr):
    return lr if step < steps / 2 else lr / 100


@decayed.misconception("`//` cuts off: 0.1 // 10 is 0. Divide with `/`.")
def whole_division(step, steps, lr):
    return lr if step < steps / 2 else lr // 10


@decayed.variant("in whole numbers")
def whole(step, steps, lr):
    return 0.1 * lr if 2 * step >= steps else lr


# -- split_loss ----------------------------------------------------------------------------------

split_loss = exercise("split_loss", title="the verdict, without gradients", pure=False)
split_loss.hint("All examples at once, and nobody will call backward. How do you tell torch?")
split_loss.hint(
    "with torch.no_grad(): ... or the decorator @torch.no_grad(); .item() makes a float."
)


@split_loss.cases
def _(rng):
    for n, v, t, d, hidden in SIZES:
        N = 20 * n + 3  # never made of equal pieces
        X, Y = rng.integers(0, v, N, t), rng.integers(0, v, N)
        yield dict(params=parameters(rng, v, t, d, hidden), X=X, Y=Y)
    yield dict(
        params=parameters(rng, 5, 2, 3, 4), X=rng.integers(0, 5, 1, 2), Y=rng.integers(0, 5, 1)
    )


@split_loss.scenario
def _(m, params, X, Y):
    params = leaves(params)
    for p in params.values():
        p.grad = torch.full_like(p, 2.0)
    try:
        loss = float(m.split_loss(params, X, Y))
        on = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    return {
        "loss": loss,
        "params": plain(params),
        "their .grad": {k: p.grad for k, p in params.items()},
        "still trainable": [p.requires_grad for p in params.values()],
        "autograd still on": on,
        "X and Y": (X, Y),
    }


@split_loss.check("called again, without gradients")
def _(m, params, X, Y):
    m.split_loss(leaves(params), X, Y)
    others = {name: p.flip(0) for name, p in leaves(params).items()}
    try:
        with torch.no_grad():
            loss = float(m.split_loss(others, X, Y))
            on = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    return {"loss of other parameters": loss, "autograd still off": not on}


@split_loss.check("nothing recorded")
def _(m, params, X, Y):
    params, kept = leaves(params), []
    try:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(1), lambda t: t):
            loss = m.split_loss(params, X, Y)
    finally:
        torch.set_grad_enabled(True)
    return {"tensors kept for backward": len(kept) > 0, "a Python float": type(loss) is float}


split_loss.misconception(
    "The number is right, but autograd recorded everything: a graph over the whole split, for nothing. "
    "Compute it under torch.no_grad().",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
split_loss.misconception(
    "detach at the end is too late: the graph over the whole split was already built. no_grad belongs "
    "around the forward pass.",
    name="detached_late",
    replace="    with torch.no_grad():\n"
    "        return F.cross_entropy(forward(params, X), Y).item()",
    by="    loss = F.cross_entropy(forward(params, X), Y).detach()\n"
    "    with torch.no_grad():\n"
    "        return loss",
)
split_loss.misconception(
    "A tensor came back: .item() makes a Python float of it.",
    name="tensor",
    replace="Y).item()",
    by="Y)",
)
split_loss.misconception(
    "autograd stays switched off after your call, and the next training step fails. Use `with "
    "torch.no_grad():`, which switches it on again.",
    name="left_off",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
split_loss.misconception(
    "The parameters were frozen for good: requires_grad is now False. no_grad needs no such thing.",
    name="frozen",
    replace="    with torch.no_grad():\n",
    by="    for p in params.values():\n        p.requires_grad_(False)\n    if True:\n",
)
split_loss.misconception(
    "You judged a minibatch. Take all examples of the split.",
    name="minibatch",
    replace="forward(params, X), Y)",
    by="forward(params, X[:32]), Y[:32])",
)
split_loss.misconception(
    "The sum over the examples: large splits would look worse than small ones. Take the mean.",
    name="summed",
    replace="forward(params, X), Y)",
    by='forward(params, X), Y, reduction="sum")',
)
split_loss.misconception(
    "You trained on the split: whoever learns from dev can no longer judge by it.",
    name="trains",
    replace="    with torch.no_grad():\n"
    "        return F.cross_entropy(forward(params, X), Y).item()",
    by="    return train_step(params, X, Y, 0.1)",
)
split_loss.misconception(
    "The old gradients of the parameters were wiped. A verdict leaves everything as it is.",
    name="wiped",
    replace="    with torch.no_grad():\n",
    by="    for p in params.values():\n        p.grad = None\n    with torch.no_grad():\n",
)
split_loss.misconception(
    "That is how often the best guess was wrong, not the cross-entropy.",
    name="accuracy",
    replace="F.cross_entropy(forward(params, X), Y).item()",
    by="(forward(params, X).argmax(1) != Y).double().mean().item()",
)
split_loss.misconception(
    "You averaged the means of pieces. The last piece is smaller, so its examples count more: add up "
    "sums, and divide by N once.",
    name="mean_of_means",
    source="""@torch.no_grad()
def split_loss(params, X, Y):
    losses = [
        F.cross_entropy(forward(params, X[i : i + 10]), Y[i : i + 10]).item()
        for i in range(0, len(X), 10)
    ]
    return sum(losses) / len(losses)
""",
)
split_loss.misconception(
    "autograd is on after your call, even if the caller had switched it off. `with torch.no_grad():` "
    "puts back what was before.",
    name="turned_on",
    replace="    with torch.no_grad():\n"
    "        return F.cross_entropy(forward(params, X), Y).item()",
    by="    torch.set_grad_enabled(False)\n"
    "    loss = F.cross_entropy(forward(params, X), Y).item()\n"
    "    torch.set_grad_enabled(True)\n"
    "    return loss",
)
split_loss.misconception(
    "That is the perplexity, exp of the loss. Asked is the loss itself.",
    name="perplexity",
    replace="Y).item()",
    by="Y).exp().item()",
)
split_loss.misconception(
    "The last, smaller piece was left out. All N examples count.",
    name="last_piece_lost",
    replace="forward(params, X), Y)",
    by="forward(params, X)[: max(1, len(X) // 4 * 4)], Y[: max(1, len(X) // 4 * 4)])",
)
split_loss.variant(
    "inference_mode, on detached parameters",
    name="inference",
    source="""def split_loss(params, X, Y):
    with torch.inference_mode():
        fixed = {name: p.detach() for name, p in params.items()}
        return float(F.cross_entropy(forward(fixed, X), Y))
""",
)
split_loss.variant(
    "in pieces, as a decorated function",
    name="pieces",
    source="""@torch.no_grad()
def split_loss(params, X, Y):
    total = 0.0
    for i in range(0, len(X), 8):
        logits = forward(params, X[i : i + 8])
        total += F.cross_entropy(logits, Y[i : i + 8], reduction="sum").item()
    return total / len(X)
""",
)
