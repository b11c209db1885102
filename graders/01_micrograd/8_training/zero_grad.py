"""01.zero_grad: clean up the gradients."""

from graders.authoring import exercise, real

zero = exercise("zero_grad", title="clean up the gradients")


@zero.cases
def _(rng):
    for n in (0, 1, 4):
        yield dict(values=rng.numbers(n), grads=rng.numbers(n))
    yield dict(values=[1.0, 2.0, 3.0], grads=[float("inf"), float("nan"), -1e300])


@zero.scenario
def _(m, values, grads):
    parameters = [m.Value(v) for v in values]
    for p, grad in zip(parameters, grads, strict=True):
        p.grad = grad
    same = list(parameters)
    m.zero_grad(parameters)
    return {
        "grads": [None if p.grad is None else real(p.grad) for p in same],
        "data": [p.data for p in same],
        "the list": len(parameters) == len(same)
        and all(p is q for p, q in zip(parameters, same, strict=True)),
    }


zero.hint("A loop over the parameters.")
zero.hint("`p = 0` only gives the name p to something else. Change an attribute of p.")
zero.hint("for p in parameters: p.grad = 0.0")

zero.misconception(
    """p is just a name for the Value; assigning to it changes the name, not the Value. Assign to
    p.grad.""",
    name="rebinds",
    replace="p.grad = 0.0",
    by="p = 0.0",
)
zero.misconception(
    """That sets the parameters themselves to 0: the network forgets all it has learned. Only .grad
    is to be cleaned.""",
    name="zeroes_data",
    replace="p.grad = 0.0",
    by="p.data = 0.0",
)
zero.misconception(
    """False is no number, although Python adds to it as to 0. A gradient is a float: 0.0.""",
    name="false",
    replace="p.grad = 0.0",
    by="p.grad = False",
)
zero.misconception(
    """PyTorch sets gradients to None, and can add to that. Here gradients are added to a number:
    0.0.""",
    name="none",
    replace="p.grad = 0.0",
    by="p.grad = None",
)
zero.misconception(
    """Subtracting or multiplying does not clean everything: infinity - infinity and 0 * infinity
    are NaN, and NaN stays. Assign 0.0.""",
    name="times_zero",
    replace="p.grad = 0.0",
    by="p.grad *= 0.0",
)
zero.misconception(
    """Only the first parameter is cleaned: does the loop end early?""",
    name="first_only",
    replace="for p in parameters:",
    by="for p in parameters[:1]:",
)
zero.misconception(
    """The list now holds new Values, but the network still uses the old ones. Change the given
    Values in place.""",
    name="new_values",
    source="""
def zero_grad(parameters):
    parameters[:] = [Value(p.data) for p in parameters]
""",
)

zero.variant(
    "setattr",
    name="setattr",
    source="""
def zero_grad(parameters):
    [setattr(p, "grad", 0) for p in parameters]
""",
)
