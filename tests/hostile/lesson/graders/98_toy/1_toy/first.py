"""Double and add one."""

from graders.authoring import exercise

first = exercise("first", title="double and add one")


@first.cases
def _(rng):
    for n in (1, 4):
        yield dict(x=rng.normal(n, 3))
