"""06.learning_rate: a step schedule."""

from graders.authoring import exercise, number

rate = exercise("learning_rate", title="a step schedule")


@rate.cases
def _(rng):
    for steps in (1, 4, 7, 10, 200_000):
        picked = {0, steps - 1, *range(min(steps, 10)), int(0.75 * steps), steps // 2}
        picked |= {max(0, int(0.75 * steps) - 1), min(steps - 1, int(0.75 * steps) + 1)}
        yield dict(steps=steps, picked=sorted(picked))
    steps = rng.integer(20, 200)
    yield dict(steps=steps, picked=list(range(steps)))


def changes(rates, picked):
    """A schedule in a few words: the first rate, and each change with the step where it comes."""
    pairs = list(zip([None, *rates], rates, strict=False))
    after = [(step, b) for step, (a, b) in zip(picked, pairs, strict=True) if a != b]
    return {
        "at step 0": rates[0],
        "changes at step": [step for step, _ in after[1:]],
        "changes to": [rate for _, rate in after[1:]],
    }


@rate.scenario
def _(m, steps, picked):
    return changes([number(m.learning_rate(step, steps)) for step in picked], picked)


@rate.oracle
def _(steps, picked):
    return changes([0.1 if 4 * step < 3 * steps else 0.01 for step in picked], picked)


rate.hint("Which is the first step that gets 0.01 when there are 4? When there are 200,000?")
rate.hint("Compare step with 0.75 * steps.")
rate.hint("return 0.1 if step < 0.75 * steps else 0.01")


@rate.misconception("The small rate comes first: begin with 0.1, end with 0.01.")
def swapped(step, steps):
    return 0.01 if step < 0.75 * steps else 0.1


@rate.misconception(
    "One step too late: step 3 of 4 (they count from 0) is already in the last quarter. Less than, "
    "not less or equal."
)
def less_or_equal(step, steps):
    return 0.1 if step <= 0.75 * steps else 0.01


@rate.misconception(
    "150,000 is three quarters of the lecture's 200,000; in a shorter run the drop would never "
    "come. Use 0.75 * steps."
)
def fixed(step, steps):
    return 0.1 if step < 150_000 else 0.01


@rate.misconception("The drop comes at half: it is asked for at three quarters.")
def half(step, steps):
    return 0.1 if step < 0.5 * steps else 0.01


@rate.misconception(
    "`steps // 4 * 3` rounds down first and is too early for steps that 4 does not divide: 3 of 7. "
    "Compare with 0.75 * steps."
)
def rounded(step, steps):
    return 0.1 if step < steps // 4 * 3 else 0.01


@rate.misconception(
    "One step early where 4 does not divide steps: step 5 of 7 is less than 5.25. Do not cut off "
    "the fraction (int or //), nor count step + 1: compare step itself with 0.75 * steps."
)
def cut_off(step, steps):
    return 0.1 if step < int(0.75 * steps) else 0.01


@rate.misconception(
    "Rounding moves the drop where 4 does not divide steps. Compare with 0.75 * steps as it is."
)
def rounded_off(step, steps):
    return 0.1 if step < round(0.75 * steps) else 0.01


@rate.misconception(
    "One step too early: step counts from 0 already, no + 1. Compare step itself with 0.75 * steps."
)
def counted_from_one(step, steps):
    return 0.1 if step + 1 < 0.75 * steps else 0.01


@rate.misconception(
    "The last quarter has no rate: without a second return the function gives None."
)
def nothing_later(step, steps):
    return 0.1 if step < 0.75 * steps else None


@rate.misconception("You let the rate fall gradually. This schedule has two values, and one drop.")
def linear(step, steps):
    return 0.1 - 0.09 * step / steps


@rate.misconception("The last quarter has a tenth of 0.1, which is 0.01, not 0.001.")
def hundredth(step, steps):
    return 0.1 if step < 0.75 * steps else 0.001


@rate.variant("in integers")
def integers(step, steps):
    return [0.1, 0.01][step * 4 >= steps * 3]


@rate.variant("the fraction done")
def fraction(step, steps):
    if step / steps >= 3 / 4:
        return 0.01
    return 0.1
