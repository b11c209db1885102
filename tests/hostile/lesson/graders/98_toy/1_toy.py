"""Three exercises that a hostile submission can get in the way of."""

from graders.authoring import exercise

first = exercise("first", title="double and add one")


@first.cases
def _(rng):
    for n in (1, 4):
        yield dict(x=rng.normal(n, 3))


second = exercise("second", title="running maximum")
second.hint("SECRET-HINT: amax")


@second.cases
def _(rng):
    for n in (1, 5, 2):
        yield dict(x=rng.normal(n, 3))


@second.misconception("SECRET-MISCONCEPTION: you took the running sum.")
def _(x):
    return x.cumsum(0)


third = exercise("third", title="count letters")


@third.cases
def _(rng):
    yield dict(text="abracadabra")
    yield dict(text="")
    yield dict(text="".join(rng.choice("xyz") for _ in range(20)))
