"""01.accuracy: the fraction that is right."""

from graders.authoring import exercise
from graders.instead import instead

from .part import labels_for

acc = exercise("accuracy", title="the fraction that is right")


@acc.cases
def _(rng):
    for n in (1, 3, 4, 7, 10):
        yield dict(scores=rng.numbers(n), labels=labels_for(rng, n))
    yield dict(scores=[0.2, 3.0, -1.0, -7.0, 2.0], labels=[1, -1, -1, -1, 1])
    yield dict(scores=[0.0, 0.0, 1.0], labels=[-1, -1, 1])
    yield dict(scores=[0.0, 1.0], labels=[1, 1])
    yield dict(scores=[1.0, -1.0, -1.0], labels=[1, -1, -1])
    yield dict(scores=[0.5, 1.0, 2.0], labels=[1, 1, 1])
    yield dict(scores=[0.0, -2.0, 3.0], labels=[1, -1, 1])
    # however small, a score has its sign
    yield dict(scores=[1e-9, -1e-9, 1e-300, 2.0], labels=[1, 1, 1, -1])


@acc.scenario
def _(m, scores, labels):
    found = m.accuracy([m.Value(s) for s in scores], labels)
    return instead(found, "a float") if isinstance(found, m.Value) else found


acc.hint("Compare two answers: is the score positive? Is the label positive?")
acc.hint("Adding up True and False counts the True ones.")
acc.hint("right = [(s.data > 0) == (y > 0) for s, y in zip(scores, labels)]; the mean of right")

acc.misconception(
    """This is how many are right. The accuracy is the fraction: divide by how many there are.""",
    name="count",
    replace="sum(right) / len(right)",
    by="float(sum(right))",
)
acc.misconception(
    """This is in percent. Return a fraction between 0 and 1.""",
    name="percent",
    replace="sum(right) / len(right)",
    by="100 * sum(right) / len(right)",
)
acc.misconception(
    """This is the fraction of *wrong* answers.""",
    name="error_rate",
    replace="(s.data > 0) == (y > 0)",
    by="(s.data > 0) != (y > 0)",
)
acc.misconception(
    """A score is hardly ever exactly 1 or -1. Compare signs, not numbers.""",
    name="equal_numbers",
    replace="(s.data > 0) == (y > 0)",
    by="s.data == y",
)
acc.misconception(
    """A score of exactly 0 counts as a -1 here, not as a +1.""",
    name="zero_is_plus",
    replace="s.data > 0",
    by="s.data >= 0",
)
acc.misconception(
    """A score of exactly 0 with the label -1 is right by the docstring; y * s > 0 says it is
    wrong.""",
    name="product",
    replace="(s.data > 0) == (y > 0)",
    by="s.data * y > 0",
)
acc.misconception(
    """A score of exactly 0 is right for either label here. It counts as a -1: wrong where the label is 1.""",
    name="zero_is_both",
    replace="(s.data > 0) == (y > 0)",
    by="s.data * y >= 0",
)
acc.misconception(
    """You ask for a margin of 1. A small score with the right sign is right, too.""",
    name="with_margin",
    replace="(s.data > 0) == (y > 0)",
    by="s.data * y >= 1",
)
acc.misconception(
    """This counts the positive scores only; a negative score with the label -1 is right, too.""",
    name="positives_only",
    replace="(s.data > 0) == (y > 0)",
    by="s.data > 0 and y > 0",
)

acc.variant(
    "predictions first",
    name="predictions",
    source="""
def accuracy(scores, labels):
    predictions = [1 if s.data > 0 else -1 for s in scores]
    return sum(1.0 for p, y in zip(predictions, labels) if p == y) / len(labels)
""",
)

acc.equivalent("y > 0  ->  y >= 0", "a label is 1 or -1, never 0")
acc.equivalent("0  ->  -1", "a label is 1 or -1: more than -1 is 1")
