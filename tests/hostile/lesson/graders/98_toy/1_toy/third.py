"""Count letters."""

from graders.authoring import exercise

third = exercise("third", title="count letters")


@third.cases
def _(rng):
    yield dict(text="abracadabra")
    yield dict(text="")
    yield dict(text="".join(rng.choice("xyz") for _ in range(20)))
