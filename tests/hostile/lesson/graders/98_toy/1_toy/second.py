"""Running maximum."""

from graders.authoring import exercise

second = exercise("second", title="running maximum")


@second.cases
def _(rng):
    for n in (1, 5, 2):
        yield dict(x=rng.normal(n, 3))


second.hint("SECRET-HINT: amax")


@second.misconception("SECRET-MISCONCEPTION: you took the running sum.")
def _(x):
    return x.cumsum(0)
