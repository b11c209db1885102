"""01.sgd_step: a step downhill."""

from graders.authoring import exercise, real, value_data

sgd = exercise("sgd_step", title="a step downhill")


@sgd.cases
def _(rng):
    for n, lr in [(0, 0.1), (1, 0.1), (4, 0.05), (3, 2.0), (2, rng.number(0.3, 0.7))]:
        yield dict(values=rng.numbers(n, 1, 3), grads=rng.numbers(n, 0.5, 2), lr=lr)
    yield dict(values=[1.0, -2.0, 0.0], grads=[-3.0, 0.0, 5.0], lr=0.5)
    yield dict(values=[1.0, -2.0], grads=[-30_000.0, 2e-7], lr=0.5)  # nothing is clipped


@sgd.scenario
def _(m, values, grads, lr):
    parameters = [m.Value(v) for v in values]
    for p, grad in zip(parameters, grads, strict=True):
        p.grad = grad
    same = list(parameters)
    m.sgd_step(parameters, lr)
    found = [value_data(m, p) for p in same]
    return {"data": found, "grads": [real(p.grad) for p in same]}


@sgd.check("two steps")
def _(m, values, grads, lr):
    parameters = [m.Value(v) for v in values]
    for p, grad in zip(parameters, grads, strict=True):
        p.grad = grad
    m.sgd_step(parameters, lr)
    m.sgd_step(parameters, lr / 2)
    return [value_data(m, p) for p in parameters]


sgd.hint("The gradient points uphill. Which way is down?")
sgd.hint("Change each p.data in place; p.grad stays as it is.")
sgd.hint("for p in parameters: p.data -= lr * p.grad")

sgd.misconception(
    """The gradient is *added*: that climbs uphill, and the loss grows with every step. Subtract
    it.""",
    name="adds",
    replace="p.data -= lr * p.grad",
    by="p.data += lr * p.grad",
)
sgd.misconception(
    """The learning rate is not used: every step is one whole gradient long.""",
    name="no_lr",
    replace="lr * p.grad",
    by="p.grad",
)
sgd.misconception(
    """p is just a name; `p = ...` makes a new thing and leaves the parameter as it was. Change
    p.data.""",
    name="rebinds",
    replace="p.data -= lr * p.grad",
    by="p = p.data - lr * p.grad",
)
sgd.misconception(
    """This makes the *new* parameter -lr times the gradient. It should move by that much from
    where it is: -=.""",
    name="overwrites",
    replace="p.data -= lr * p.grad",
    by="p.data = -lr * p.grad",
)
sgd.misconception(
    """The step also cleans the gradients. Keep the two apart: cleaning is zero_grad's job.""",
    name="zeroes",
    replace="p.data -= lr * p.grad",
    by="p.data -= lr * p.grad; p.grad = 0.0",
)
sgd.misconception(
    """Only the sign of the gradient is used. How steep it is matters, too: -lr * p.grad.""",
    name="sign",
    replace="lr * p.grad",
    by="lr * ((p.grad > 0) - (p.grad < 0))",
)
sgd.misconception(
    """The parameter's own value slipped into the step: p.data shrinks by a fraction instead of
    following the gradient.""",
    name="decay",
    replace="lr * p.grad",
    by="lr * p.data",
)
sgd.misconception(
    """You subtracted Values, so p.data is now a Value. It should stay a plain number: use p.grad,
    which is one.""",
    name="value_in_data",
    replace="p.data -= lr * p.grad",
    by="p.data = p - lr * p.grad",
)

sgd.variant(
    "written out",
    name="written_out",
    source="""
def sgd_step(parameters, lr):
    for i in range(len(parameters)):
        p = parameters[i]
        p.data = p.data + (-lr) * p.grad
""",
)
