"""01.readme_expression: the readme's expression, dozens of paths."""

import torch

from graders.authoring import Tol, exercise, real, value_data

readme = exercise("readme_expression", title="the readme's expression, ten paths from each input")


@readme.cases
def _(rng):
    yield dict(a=-4.0, b=2.0)
    for sign_sum in (1, -1):
        for sign_difference in (1, -1):  # every combination of open and shut gates
            s, d = sign_sum * rng.number(0.8, 1.5), sign_difference * rng.number(0.8, 1.5)
            yield dict(a=(s - d) / 2, b=(s + d) / 2)


@readme.scenario
def _(m, a, b):
    a, b = m.Value(a), m.Value(b)
    a.grad, b.grad = 0.25, -0.5
    g = m.readme_expression(a, b)
    return {"g": value_data(m, g), "a, b afterwards": [a.data, b.data, a.grad, b.grad]}


@readme.check("gradients", tol=Tol(rtol=1e-8, atol=1e-8))  # e may be small, and 10/e**2 steep
def _(m, a, b):
    a, b = m.Value(a), m.Value(b)
    g = m.readme_expression(a, b)
    if not isinstance(g, m.Value):
        return value_data(m, g)
    g.backward()
    return {"dg/da": real(a.grad), "dg/db": real(b.grad)}


readme.tolerance(Tol(rtol=1e-8))


@readme.oracle("gradients")
def _(a, b):
    a, b = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (a, b))
    outer = 4 * (3 * (a * b + b**3) + torch.relu(a + b)) + torch.relu(b - a)
    e = 4 * (a + b) + 3 - a - outer
    (e * e / 2 + 10 / (e * e)).backward()
    return {"dg/da": a.grad.item(), "dg/db": b.grad.item()}


readme.hint("One line of Python per equation, in their order.")
readme.hint("A digit before a letter is a product; relu is a method: (b + a).relu().")
readme.hint("The last line is e**2 / 2 + 10 / e**2, with e = c - d.")


for name, old, new, message in (
    ("swapped_difference", "(b - a)", "(a - b)",
     "The second gate is relu(b - a), and you have relu(a - b): open where it should be shut."),
    ("no_relus", "(b - a).relu()", "(b - a)",
     "The relu of b - a is missing: without it, negative differences get through."),
    ("no_first_relu", "(b + a).relu()", "(b + a)",
     "The relu of b + a is missing: without it, negative sums get through."),
    ("relu_of_product", "(b + a).relu()", "(b * a).relu()",
     "The first gate is relu of the *sum* b + a."),
    ("c_without_a", "2 * c2 + 1 - a", "2 * c2 + 1",
     "In c the last term is missing: c = 2 c2 + 1 - a."),
    ("c1_again", "2 * c2 + 1 - a", "2 * c1 + 1 - a",
     "c is made from c2, not from c1: it doubles twice."),
    ("square", "b**3", "b**2", "d1 has b to the *third* power: b³, not b²."),
    ("e_turned", "c - d", "c + d", "You added where the equation subtracts: e is the difference c - d."),
    ("inverse", "10 / e**2", "10 / e", "The last term is 10 over e *squared*."),
    ("no_half", "e**2 / 2", "e**2", "The first term of g is e squared, divided by 2."),
    ("data_only", "(b - a).relu()", "Value((b - a).relu().data)",
     """One of your steps goes through .data: the number is right, and its share of the gradient
     lost."""),
):  # fmt: skip
    readme.misconception(message, name=name, replace=old, by=new)


@readme.variant("in place, as micrograd's readme does")
def in_place(a, b):
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    return g
