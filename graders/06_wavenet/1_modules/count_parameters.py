"""06.count_parameters: how many numbers learn."""

import torch

from graders.authoring import exercise

from .part import every_kind

count = exercise("count_parameters", title="how many numbers learn", pure=False)


@count.cases
def _(rng):
    for i, (v, d, h) in enumerate([(5, 3, 4), (4, 2, 6), (27, 10, 20), (3, 1, 1)]):
        yield dict(v=v, d=d, h=h, nested=i % 3)
    yield dict(v=2, d=1, h=0, nested=0)
    # sizes that nobody can know beforehand
    v, d, h = (rng.integer(low, low + 20) for low in (5, 30, 60))
    yield dict(v=v, d=d, h=h, nested=1)


@count.scenario
def _(m, v, d, h, nested):
    model = every_kind(m, v, d, h, nested)[0] if h else m.Sequential([m.Tanh()])
    for p in model.parameters()[::2]:  # frozen or not: they are counted, and stay as they are
        p.requires_grad_(False)
    flags = [p.requires_grad for p in model.parameters()]
    counted = m.count_parameters(model)
    return {"count": counted, "as before": flags == [p.requires_grad for p in model.parameters()]}


@count.oracle
def _(v, d, h, nested):
    return {"count": v * d + d * h + 2 * h + h * v + v if h else 0, "as before": True}


@count.check("any model")
def _(m, v, d, h, nested):
    """Whoever has parameters() can be counted: a single layer, and one that is no Sequential."""

    class Other:
        def parameters(self):
            return [torch.zeros(v, d, 3), torch.ones(5)]

    return [m.count_parameters(m.Linear(d, v)), m.count_parameters(Other())]


count.hint("A (80, 200) tensor is one parameter in the list, but how many numbers?")
count.hint("Every tensor tells its number of elements: p.numel().")
count.hint("sum(p.numel() for p in model.parameters())")


@count.misconception(
    "That is the number of tensors. Each holds many numbers: add up their numel()."
)
def tensors(model):
    return len(model.parameters())


@count.misconception(
    "`len(p)` is the size of the first dimension only; p.numel() counts all elements."
)
def first_dimension(model):
    return sum(len(p) for p in model.parameters())


@count.misconception(
    "You went through model.layers. Not every model has them (a Linear has not), and a container "
    "inside counts as one: model.parameters() is the list of all tensors."
)
def through_layers(model):
    return sum(p.numel() for layer in model.layers for p in layer.parameters())


@count.misconception(
    "Two sizes were multiplied, as if every parameter were a matrix. Biases have one dimension: "
    "p.numel() multiplies as many as there are."
)
def two_sizes(model):
    return sum(p.shape[0] * p.shape[1] for p in model.parameters())


@count.misconception(
    "These are bytes, four for each number. The numbers themselves are asked for: p.numel()."
)
def in_bytes(model):
    return sum(p.numel() * p.element_size() for p in model.parameters())


@count.misconception(
    "You added up the parameters' values. How many there are is asked, not what they are."
)
def values(model):
    return sum(p.sum().item() for p in model.parameters())


@count.misconception(
    "Only matrices were counted; biases, gamma and beta are vectors and learn, too."
)
def matrices(model):
    return sum(p.numel() for p in model.parameters() if p.dim() > 1)


@count.misconception(
    "Rows plus columns is not the number of elements: multiply the sizes (p.numel() does)."
)
def sizes_added(model):
    return sum(sum(p.shape) for p in model.parameters())


@count.misconception(
    "Parameters were counted only where requires_grad is on. Here everything in parameters() "
    "learns, whether autograd has been switched on yet or not."
)
def requiring(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


@count.variant("products of the shapes")
def products(model):
    return sum(p.shape.numel() for p in model.parameters())


@count.variant("a loop with nelement")
def loop(model):
    total = 0
    for p in model.parameters():
        total += p.nelement()
    return total
