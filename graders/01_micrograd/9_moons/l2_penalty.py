"""01.l2_penalty: a price on weights."""

from graders.authoring import exercise, real, value_data

from .part import SUMS

l2 = exercise("l2_penalty", title="a price on weights")


@l2.cases
def _(rng):
    for n in (1, 2, 7):
        yield dict(
            parameters=rng.numbers(n, -3, 3), alpha=rng.number(0.05, 0.9), upstream=rng.number(2, 3)
        )
    yield dict(parameters=[0.5, -0.5, 0.0, 20.0], alpha=1e-4, upstream=-1.5)
    yield dict(parameters=[0.5, 2.0], alpha=1, upstream=2.0)
    yield dict(parameters=[0.5, 2.0], alpha=0.0, upstream=2.0)  # free, and still a Value


@l2.scenario
def _(m, parameters, alpha, upstream):
    return value_data(m, m.l2_penalty([m.Value(p) for p in parameters], alpha))


@l2.check("gradients", tol=SUMS)
def _(m, parameters, alpha, upstream):
    values = [m.Value(p) for p in parameters]
    penalty = m.l2_penalty(values, alpha)
    if not isinstance(penalty, m.Value):
        return value_data(m, penalty)
    (penalty * upstream).backward()
    return {"grads": [real(v.grad) for v in values], "data": [v.data for v in values]}


@l2.oracle
def _(parameters, alpha, upstream):
    return float(alpha * sum(p**2 for p in parameters))


@l2.oracle("gradients")
def _(parameters, alpha, upstream):
    return {"grads": [2 * alpha * p * upstream for p in parameters], "data": parameters}


@l2.check("one Value twice", cases=lambda rng: iter([dict(p=rng.number(0.5, 2), alpha=0.5)]))
def _(m, p, alpha):
    """Each entry of the list counts, be it an object that was there before."""
    value = m.Value(p)
    return value_data(m, m.l2_penalty([value, m.Value(-1.0), value], alpha))


l2.hint("Square each parameter, add up, multiply once by alpha.")
l2.hint("The parameters are Values: p * p is one, too, and brings its gradient with it.")
l2.hint("return alpha * sum(p * p for p in parameters)")

l2.misconception(
    """alpha is missing: at full price the network will rather be all zeros than learn.""",
    name="no_alpha",
    replace="alpha * sum",
    by="sum",
)
l2.misconception(
    """Parameters are not squared, so negative and positive ones cancel.""",
    name="not_squared",
    replace="p * p for",
    by="p for",
)
l2.misconception(
    """First square, then add up. You squared the sum.""",
    name="square_of_sum",
    replace="sum(p * p for p in parameters)",
    by="sum(p for p in parameters) ** 2",
)
l2.misconception(
    """This is the mean over the parameters. L2 regularization takes the sum.""",
    name="mean",
    replace="sum(p * p for p in parameters)",
    by="sum(p * p for p in parameters) / len(parameters)",
)
l2.misconception(
    """The root does not belong here: the penalty is alpha times the *squared* length.""",
    name="root",
    replace="sum(p * p for p in parameters)",
    by="sum(p * p for p in parameters) ** 0.5",
)
l2.misconception(
    """That is L1, the sum of absolute values. L2 squares.""",
    name="l1",
    replace="p * p for",
    by="p.relu() + (-p).relu() for",
)
l2.misconception(
    """The penalty is computed from .data: it shows in the loss, but no gradient pulls at the
    parameters.""",
    name="cut",
    replace="sum(p * p for p in parameters)",
    by="sum(Value(p.data**2) for p in parameters)",
)
l2.misconception(
    """In p * p both factors lead back to p, and each brings its share of the gradient. One of
    them is .data here, a plain number: half of the gradient is lost.""",
    name="half_cut",
    replace="p * p for",
    by="p * p.data for",
)
l2.misconception(
    """There is no factor 1/2 in this penalty.""",
    name="half",
    replace="alpha * sum",
    by="alpha / 2 * sum",
)

l2.variant(
    "powers, a loop",
    name="loop",
    source="""
def l2_penalty(parameters, alpha):
    penalty = Value(0.0)
    for p in parameters:
        penalty += p**2 * alpha
    return penalty
""",
)
