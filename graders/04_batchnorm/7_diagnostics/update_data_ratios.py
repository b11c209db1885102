"""04.update_data_ratios: update : data, about -3."""

import torch

from graders.authoring import Tol, exercise

update = exercise("update_data_ratios", title="update : data, about -3", points=2, pure=False)


@update.cases
def _(rng):
    for shapes, lr in [
        ([(3, 4), (4,), (4, 2)], 0.1),
        ([(5,), (2, 2)], 0.01),
        ([(2, 3)], 3.0),
        ([(4,)], 0.5),
        ([(2, 3)], 3.0),
        ([(6, 2), (2, 3, 2), (1, 3), (3, 1)], 0.07),
    ]:
        params = [rng.normal(*s, mean=0.8, std=0.5) for s in shapes]
        yield dict(params=params, grads=[rng.normal(*s, mean=0.3, std=0.02) for s in shapes], lr=lr)
    # small numbers, where adding 1e-8 before the logarithm shows
    params = [rng.normal(4, 3, std=1e-6)]
    yield dict(params=params, grads=[rng.normal(4, 3, std=1e-9)], lr=1e-4)
    params = [rng.normal(3, 3, dtype=torch.float32)]
    yield dict(params=params, grads=[rng.normal(3, 3, dtype=torch.float32)], lr=0.1)


@update.scenario
def _(m, params, grads, lr):
    for p, grad in zip(params, grads, strict=True):
        p.requires_grad_()
        p.grad = grad
    before = [p.detach().clone() for p in params] + [g.clone() for g in grads]
    found = m.update_data_ratios(params, lr)
    after = [p.detach() for p in params] + [p.grad for p in params]
    return {
        "ratios": [float(r) for r in found],
        "Python floats": all(isinstance(r, float) for r in found),
        "all as it was": all(torch.equal(a, b) for a, b in zip(before, after, strict=True)),
        "afterwards": after,
    }


# a logarithm turns the relative rounding of EITHER into an absolute one: 2e-5 / ln 10
update.tolerance(Tol(rtol=1e-9, atol=1e-5))

update.hint(
    "An update of plain gradient descent is lr * p.grad. How large is it beside p, in powers of ten?"
)
update.hint(
    "Only weight matrices: p.ndim == 2. For each one number: log10(std(lr * grad) / std(p))."
)
update.hint(
    "[((lr * p.grad).std() / p.detach().std()).log10().item() for p in parameters if p.ndim == 2]"
)

update.misconception(
    "The learning rate is missing: that is grad:data. The update is lr times the gradient.",
    name="no_lr",
    replace="(lr * p.grad).std()",
    by="p.grad.std()",
)
update.misconception(
    "That is the plain ratio; its logarithm to base 10 is wanted, so that -3 means a thousandth.",
    name="no_log",
    replace=".log10().item()",
    by=".item()",
)
update.misconception(
    "That is the natural logarithm. Powers of ten are wanted: log10.",
    name="natural_log",
    replace=".log10().item()",
    by=".log().item()",
)
update.misconception(
    "Base 2. Powers of ten are wanted: log10.",
    name="base_two",
    replace=".log10().item()",
    by=".log2().item()",
)
update.misconception(
    "Upside down: the update above, the data below. A healthy one is about -3, not 3.",
    name="upside_down",
    replace="(lr * p.grad).std() / p.detach().std()",
    by="p.detach().std() / (lr * p.grad).std()",
)
update.misconception(
    "Biases and gains are in the list too. They start at 0 or 1, so their spread says nothing: only "
    "p.ndim == 2.",
    name="all_parameters",
    replace=" if p.ndim == 2",
    by="",
)
update.misconception(
    "More than two dimensions are in the list too. Only parameters with exactly two count here.",
    name="at_least_two",
    replace="p.ndim == 2",
    by="p.ndim >= 2",
)
update.misconception(
    "Only the first weight matrix was measured; each has its own number.",
    name="first_only",
    replace="for p in parameters if p.ndim == 2",
    by="for p in [q for q in parameters if q.ndim == 2][:1]",
)
update.misconception(
    "The average over the matrices came back. One number for each is wanted: a sick layer hides in a mean.",
    name="averaged",
    source="""
def update_data_ratios(parameters, lr):
    found = [((lr * p.grad).std() / p.detach().std()).log10() for p in parameters if p.ndim == 2]
    return [float(sum(found) / len(found))] if found else []
""",
)
update.misconception(
    "Means were compared. The mean of a weight matrix says nothing about its size: standard deviations.",
    name="means",
    replace="(lr * p.grad).std() / p.detach().std()",
    by="(lr * p.grad).mean().abs() / p.detach().mean().abs()",
)
update.misconception(
    "Lengths (norms) were compared: they measure from 0, standard deviations from the mean.",
    name="norms",
    replace="(lr * p.grad).std() / p.detach().std()",
    by="(lr * p.grad).norm() / p.detach().norm()",
)
update.misconception(
    "lr stands inside twice, or squared: the update is lr * grad, once.",
    name="lr_squared",
    replace="(lr * p.grad).std()",
    by="(lr * lr * p.grad).std()",
)
update.misconception(
    "You took the step before measuring. Only look: the training loop takes the step.",
    name="takes_the_step",
    source="""
def update_data_ratios(parameters, lr):
    found = [
        ((lr * p.grad).std() / p.detach().std()).log10().item() for p in parameters if p.ndim == 2
    ]
    for p in parameters:
        p.data -= lr * p.grad
    return found
""",
)
update.misconception(
    "Tensors in the list: take the numbers out with .item().",
    name="tensors",
    replace=".log10().item()",
    by=".log10()",
)

update.variant(
    "the learning rate outside",
    name="lr_outside",
    replace="((lr * p.grad).std() / p.detach().std()).log10().item()",
    by="math.log10(lr * p.grad.std().item() / p.data.std().item())",
)
update.variant(
    "a difference of logarithms",
    name="difference",
    replace="((lr * p.grad).std() / p.detach().std()).log10().item()",
    by="(torch.log10(torch.std(p.grad * lr)) - torch.log10(torch.std(p.detach()))).item()",
)

update.equivalent("p.detach()  ->  p", "item() takes the number out of its graph")
