"""01.squared_loss: the sum of squared errors."""

from graders.authoring import exercise, real, value_data

from .part import SUMS

squared = exercise("squared_loss", title="the sum of squared errors")


@squared.cases
def _(rng):
    for n in (1, 2, 5):
        yield dict(
            predictions=rng.numbers(n, -3, 3), targets=rng.numbers(n), upstream=rng.number(2, 3)
        )
    yield dict(predictions=[0.5, -0.5, 2.0], targets=[1, -1, 2], upstream=-1.5)


@squared.scenario
def _(m, predictions, targets, upstream):
    return value_data(m, m.squared_loss([m.Value(p) for p in predictions], targets))


@squared.check("gradients", tol=SUMS)
def _(m, predictions, targets, upstream):
    values = [m.Value(p) for p in predictions]
    loss = m.squared_loss(values, targets)
    if not isinstance(loss, m.Value):
        return value_data(m, loss)
    (loss * upstream).backward()
    return [real(v.grad) for v in values]


@squared.oracle
def _(predictions, targets, upstream):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets, strict=True))


@squared.oracle("gradients")
def _(predictions, targets, upstream):
    return [2 * (p - t) * upstream for p, t in zip(predictions, targets, strict=True)]


squared.hint("One term per pair of prediction and target; zip walks through both lists.")
squared.hint("A difference of Value and number is a Value, and so is its square: ** 2.")
squared.hint("return sum((p - t) ** 2 for p, t in zip(predictions, targets))")

squared.misconception(
    """This is the mean. It is a fine loss too, but asked for is the sum: the step size then
    means something else.""",
    name="mean",
    source="""
def squared_loss(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) / len(targets)
""",
)
squared.misconception(
    """Without the square, an error of +1 and one of -1 cancel, and the loss can fall forever.""",
    name="not_squared",
    replace="(p - t) ** 2",
    by="(p - t)",
)
squared.misconception(
    """First square, then add up. You squared the sum of the errors, in which they cancel.""",
    name="square_of_sum",
    source="""
def squared_loss(predictions, targets):
    return sum(p - t for p, t in zip(predictions, targets)) ** 2
""",
)
squared.misconception(
    """The loss is computed from .data, so it does not know the predictions, and no gradient
    reaches them.""",
    name="cut",
    source="""
def squared_loss(predictions, targets):
    return Value(sum((p.data - t) ** 2 for p, t in zip(predictions, targets)))
""",
)
squared.misconception(
    """This is a plain number, not a Value: backward() cannot start from it.""",
    name="plain",
    source="""
def squared_loss(predictions, targets):
    return sum((p.data - t) ** 2 for p, t in zip(predictions, targets))
""",
)
squared.misconception(
    """The factor 1/2 makes the gradient prettier, but it is not in this loss.""",
    name="half",
    source="""
def squared_loss(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) / 2
""",
)
squared.misconception(
    """Only the last example is left: each turn of the loop replaces the loss instead of adding to
    it.""",
    name="last_only",
    source="""
def squared_loss(predictions, targets):
    for p, t in zip(predictions, targets):
        loss = (p - t) ** 2
    return loss
""",
)
squared.misconception(
    """The targets' sign is lost: an error is the *difference*, p - t.""",
    name="plus",
    replace="(p - t)",
    by="(p + t)",
)

squared.variant(
    "a loop, the difference the other way around",
    name="loop",
    source="""
def squared_loss(predictions, targets):
    loss = Value(0.0)
    for i in range(len(targets)):
        error = targets[i] - predictions[i]
        loss = loss + error * error
    return loss
""",
)

squared.equivalent(
    "zip(predictions, targets, strict=True)  ->  zip(targets, predictions, strict=True)",
    "the square of a difference has no order",
)
