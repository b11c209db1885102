"""04.tanh: Tanh."""

import torch

from graders.authoring import exercise

tanh = exercise("tanh", target="Tanh", title="Tanh", pure=False)


@tanh.cases
def _(rng):
    for shape in [(3, 4), (1, 1), (5,), (2, 3, 2)]:
        yield dict(x=rng.normal(*shape, std=2.0), up=rng.normal(*shape))
    yield dict(x=torch.tensor([[-1e4, 0.0, 1e4]]), up=torch.ones(1, 3))


@tanh.scenario
def _(m, x, up):
    layer = m.Tanh()
    first, second = layer(x), layer(-0.5 * x)
    kept = layer.out is second
    return {"first": first, "second": second, "out": kept, "parameters": layer.parameters()}


@tanh.check("gradients")
def _(m, x, up):
    layer = m.Tanh()
    x.requires_grad_()
    result = layer(x * 1)
    layer.out.retain_grad()
    (result * result * up).sum().backward()
    return [x.grad, layer.out.grad]


@tanh.check("input as it was")
def _(m, x, up):
    m.Tanh()(x)
    return x


for name in (
    "the first answer again",
    "the first answer of this form again",
    "the first answer again for the same objects",
    "the object's first answer again",
):
    tanh.legal(f"Tanh.parameters {name}", "parameters() returns an empty list")

tanh.hint("torch.tanh does the work. What is to be kept?")
tanh.hint("A layer without parameters answers parameters() with an empty list.")
tanh.hint("self.out = torch.tanh(x); return self.out")

tanh.misconception(
    "The result is not kept as self.out; part 6 wants to look at it.",
    name="no_out",
    edits=[("self.out = torch", "out = torch"), ("return self.out", "return out")],
)
tanh.misconception(
    "self.out is what went in. Keep what comes out.",
    name="keeps_input",
    edits=[
        ("self.out = torch.tanh(x)", "self.out = x"),
        ("return self.out", "return torch.tanh(x)"),
    ],
)
tanh.misconception(
    "self.out is detached: right numbers, but no gradient can be read there. Keep what you return.",
    name="out_detached",
    edits=[
        ("self.out = torch.tanh(x)", "out = torch.tanh(x)\n        self.out = out.detach()"),
        ("return self.out", "return out"),
    ],
)
tanh.misconception(
    "The result is cut off from x (detach or .data): no gradient passes this layer.",
    name="detached",
    replace="torch.tanh(x)",
    by="torch.tanh(x.detach())",
)
tanh.misconception(
    "tanh_ works in place: the layer before loses its own .out, which was this very tensor.",
    name="in_place",
    replace="torch.tanh(x)",
    by="x.tanh_()",
)
tanh.misconception(
    "That is the sigmoid, between 0 and 1. tanh lies between -1 and 1.",
    name="sigmoid",
    replace="torch.tanh(x)",
    by="torch.sigmoid(x)",
)
tanh.misconception(
    "exp(x) overflows for large x, and inf / inf is NaN: use torch.tanh.",
    name="overflow",
    replace="torch.tanh(x)",
    by="(torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))",
)
tanh.misconception(
    "parameters() returns None (a `pass`). A list is wanted, so that loops over it work: an empty one.",
    name="no_list",
    replace="return []",
    by="return None",
)

tanh.variant(
    "the method, and a local name",
    name="method",
    source="""class Tanh:
    def __init__(self):
        self.out = None

    def __call__(self, x):
        result = x.tanh()
        self.out = result
        return result

    def parameters(self):
        return list()
""",
)
tanh.variant(
    "from the sigmoid",
    name="from_sigmoid",
    replace="torch.tanh(x)",
    by="2 * torch.sigmoid(2 * x) - 1",
)
