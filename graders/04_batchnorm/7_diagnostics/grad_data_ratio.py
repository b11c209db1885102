"""04.grad_data_ratio: grad : data."""

import torch

from graders.authoring import exercise

from .part import EITHER

ratio = exercise("grad_data_ratio", title="grad : data", pure=False)


@ratio.cases
def _(rng):
    for shape in [(2,), (3, 4), (5, 2), (4, 4)]:
        yield dict(
            p=rng.normal(*shape, mean=1.5, std=0.7), grad=rng.normal(*shape, mean=-0.2, std=0.01)
        )
    # small numbers, where adding 1e-8 to a divisor shows
    yield dict(p=rng.normal(4, 3, std=1e-6), grad=rng.normal(4, 3, std=1e-9))
    yield dict(p=rng.normal(3, 3, dtype=torch.float32), grad=rng.normal(3, 3, dtype=torch.float32))


@ratio.scenario
def _(m, p, grad):
    p.requires_grad_()
    p.grad = grad
    before = p.detach().clone(), grad.clone()
    value = m.grad_data_ratio(p)
    same = torch.equal(p.detach(), before[0]) and torch.equal(p.grad, before[1])
    return {
        "ratio": float(value),
        "a Python float": isinstance(value, float),
        "p as it was": bool(same),
        "p requires a gradient": p.requires_grad,
    }


ratio.tolerance(EITHER)

ratio.hint("Two standard deviations, one of p and one of p.grad.")
ratio.hint("Which of them is above, which below? A large result should mean: a large gradient.")
ratio.hint("return (p.grad.std() / p.detach().std()).item()")

ratio.misconception(
    "Upside down: gradient above, data below.",
    name="upside_down",
    replace="p.grad.std() / p.detach().std()",
    by="p.detach().std() / p.grad.std()",
)
ratio.misconception(
    "Means were compared. Both may be near 0 while the numbers are large: take standard deviations.",
    name="means",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.mean() / p.detach().mean()",
)
ratio.misconception(
    "Average absolute values were compared. Asked are standard deviations.",
    name="absolute",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.abs().mean() / p.detach().abs().mean()",
)
ratio.misconception(
    "Lengths (norms) were compared: they measure from 0, standard deviations from the mean.",
    name="norms",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.norm() / p.detach().norm()",
)
ratio.misconception(
    "Variances were compared: the ratio comes out squared.",
    name="variances",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.var() / p.detach().var()",
)
ratio.misconception(
    "The ratios of single elements were formed first. Compare the sizes of the two tensors: std over std.",
    name="elementwise",
    replace="p.grad.std() / p.detach().std()",
    by="(p.grad / p.detach()).std()",
)
ratio.misconception(
    "That is the logarithm; here the plain ratio is wanted.",
    name="logarithm",
    replace="(p.grad.std() / p.detach().std())",
    by="(p.grad.std() / p.detach().std()).log10()",
)
ratio.misconception(
    "Only the gradient's size: without the data's there is nothing to compare it with.",
    name="only_gradient",
    replace="(p.grad.std() / p.detach().std())",
    by="p.grad.std()",
)
ratio.misconception(
    "A tensor came back: take the number out with .item().",
    name="a_tensor",
    replace="(p.grad.std() / p.detach().std()).item()",
    by="p.grad.std() / p.detach().std()",
)

ratio.variant(
    "in double precision",
    name="double",
    replace="(p.grad.std() / p.detach().std()).item()",
    by="p.grad.double().std().item() / p.data.double().std().item()",
)
ratio.variant(
    "under no_grad",
    name="no_grad",
    replace="return (p.grad.std() / p.detach().std()).item()",
    by="with torch.no_grad():\n        return float(torch.std(p.grad) / torch.std(p))",
)

ratio.equivalent("p.detach()  ->  p", "item() takes the number out of its graph")
