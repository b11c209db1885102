"""09.get_lr: warm-up, cosine, floor."""

import math

from graders.authoring import Tol, exercise

lr = exercise("get_lr", title="warm-up, cosine, floor")


@lr.cases
def _(rng):
    for warmup, steps, size in [(10, 50, 1.0), (1, 4, 1.0), (0, 9, 1.0), (7, 8, 1.0), (2, 6, 1e-4)]:
        high = size * rng.number(0.1, 1.0)
        schedule = dict(max_lr=high, min_lr=high * rng.number(0.05, 0.4))
        # every seam, and everything between
        for it in sorted(
            {
                0,
                1,
                warmup - 1,
                warmup,
                warmup + 1,
                (warmup + steps) // 2,
                steps - 1,
                steps,
                steps + 1,
                3 * steps,
            }
            - {-1}
        ):
            yield dict(it=it, **schedule, warmup_steps=warmup, max_steps=steps)
    # a floor of zero, and one that is the peak
    for low in (0.0, 0.6):
        for it in (1, 4, 6, 9, 10):
            yield dict(it=it, max_lr=0.6, min_lr=low, warmup_steps=3, max_steps=9)


@lr.oracle
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    # the same curve, written as a blend of the two ends: cos(pi r) = 1 - 2 sin(pi r / 2)**2
    if it < warmup_steps:
        return max_lr / warmup_steps * (it + 1)
    done = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    floor = math.sin(math.pi / 2 * done) ** 2
    return floor * min_lr + (1 - floor) * max_lr


def gpu_cases(rng):
    yield dict(w=rng.normal(5, 3), steps=12, max_lr=0.3, min_lr=0.05, warmup_steps=3, max_steps=10)


@lr.check("on the GPU", cases=gpu_cases, tol=Tol(rtol=1e-9), gpu=True)
def _(m, w, steps, **schedule):
    return m.descend(w, steps, device="cuda", **schedule)


@lr.oracle("on the GPU")
def _(w, steps, max_lr, min_lr, warmup_steps, max_steps):
    # sum(w**2) has gradient 2w, so each step multiplies w by 1 - 2 lr
    for it in range(steps):
        if it < warmup_steps:
            rate = max_lr * (it + 1) / warmup_steps
        else:
            r = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
            rate = min_lr + (max_lr - min_lr) * (1 + math.cos(math.pi * r)) / 2
        w = w * (1 - 2 * rate)
    return w


lr.hint("Three cases, in this order: still warming up, past the end, and in between.")
lr.hint(
    "In between, first compute how far along you are: a ratio of 0 at the peak and 1 at the floor."
)
lr.hint("(1 + cos(pi * ratio)) / 2 goes from 1 to 0; multiply by (max_lr - min_lr) and add min_lr.")


@lr.misconception("""Your warm-up starts at a rate of exactly 0, so the first step changes nothing: it is
    (it + 1) / warmup_steps.""")
def starts_at_zero(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * it / warmup_steps
    if it > max_steps:
        return min_lr
    ratio = (it - warmup_steps) / (max_steps - warmup_steps)
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (max_lr - min_lr)


@lr.misconception("""The cosine runs down to zero, below the floor: scale it by (max_lr - min_lr) and add
    min_lr.""")
def floor_ignored(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    ratio = (it - warmup_steps) / (max_steps - warmup_steps)
    return 0.5 * (1.0 + math.cos(math.pi * ratio)) * max_lr


lr.misconception(
    """The floor is added, but the cosine still swings by all of max_lr, so the peak is max_lr + min_lr.
    It swings by (max_lr - min_lr).""",
    name="floor_added_on_top",
    replace="* (max_lr - min_lr)",
    by="* max_lr",
)
lr.misconception(
    """The decay is counted from step 0 instead of from the end of the warm-up, so there is a jump at the
    seam: ratio = (it - warmup_steps) / (max_steps - warmup_steps).""",
    name="decay_from_zero",
    replace="(it - warmup_steps) / (max_steps - warmup_steps)",
    by="it / max_steps",
)
lr.misconception(
    """You divide by max_steps, but the decay lasts max_steps - warmup_steps steps: the floor is never
    reached.""",
    name="wrong_length",
    replace="/ (max_steps - warmup_steps)",
    by="/ max_steps",
)
lr.misconception(
    """There is nothing after max_steps: the cosine turns around and the rate climbs again. Past the end
    the rate stays at min_lr.""",
    name="climbs_again",
    replace="    if it > max_steps:\n        return min_lr\n",
    by="",
)
lr.misconception(
    """A straight line runs down, not a cosine: the rate falls too fast at first and too slowly
    in the middle.""",
    name="linear",
    replace="0.5 * (1.0 + math.cos(math.pi * ratio))",
    by="(1.0 - ratio)",
)
lr.misconception(
    """The cosine is upside down: it rises from the floor to the peak. At ratio 0 the factor must be 1.""",
    name="rising",
    replace="(1.0 + math.cos",
    by="(1.0 - math.cos",
)
lr.misconception(
    """The cosine is not halved: 1 + cos runs from 2 to 0, so the peak comes out twice as high above
    the floor.""",
    name="not_halved",
    replace="0.5 * (1.0",
    by="(1.0",
)
lr.misconception(
    """The cosine goes a whole turn (2 pi): down in the middle and up again at the end. Half a turn, pi,
    takes it from peak to floor.""",
    name="whole_turn",
    replace="math.pi * ratio",
    by="2 * math.pi * ratio",
)
lr.misconception(
    """There is no warm-up: the first steps run at full rate while the optimizer's averages are
    still rough.""",
    name="no_warmup",
    replace="    if it < warmup_steps:\n        return max_lr * (it + 1) / warmup_steps\n",
    by="    it = max(it, warmup_steps)\n",
)
lr.misconception(
    """The warm-up starts at min_lr. It starts at max_lr / warmup_steps and climbs in equal steps;
    min_lr is the floor of the end only.""",
    name="warmup_from_floor",
    replace="return max_lr * (it + 1) / warmup_steps",
    by="return min_lr + (max_lr - min_lr) * (it + 1) / warmup_steps",
)

lr.misconception(
    """The warm-up lasts one step too long: at it = warmup_steps it goes beyond max_lr. There the cosine
    begins, at max_lr: it < warmup_steps.""",
    name="one_step_more",
    replace="if it < warmup_steps:\n        return max_lr * (it + 1) / warmup_steps",
    by="if it <= warmup_steps:\n        return max_lr * (it + 1) / max(1, warmup_steps)",
)


@lr.variant("a blend of the two ends, with the ratio clipped")
def blend(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return (it + 1) / warmup_steps * max_lr
    r = min((it - warmup_steps) / (max_steps - warmup_steps), 1)
    c = (math.cos(r * math.pi) + 1) / 2
    return c * max_lr + (1 - c) * min_lr


lr.equivalent(
    "it > max_steps  ->  it >= max_steps",
    "at max_steps the cosine has come to the floor",
)
