"""03.decayed_lr: a tenth, from half-way on."""

from graders.authoring import exercise

decayed = exercise("decayed_lr", title="a tenth, from half-way on")


@decayed.cases
def _(rng):
    for steps in (4, 5, 1, 2, 10, 200_000):
        lr = rng.number(0.05, 0.5)
        for step in sorted({0, steps // 2 - 1, steps // 2, steps // 2 + 1, steps - 1}):
            if 0 <= step < steps:
                yield dict(step=step, steps=steps, lr=lr)


decayed.hint("Of 4 steps, numbered 0 to 3: which still use lr?")
decayed.hint("lr if step < steps / 2 else lr / 10")


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
