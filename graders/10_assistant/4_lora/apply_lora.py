"""10.apply_lora: adapters into a model, by name."""

import torch
from torch import nn

from graders.authoring import Raises, exercise

from .part import parameters

into = exercise("apply_lora", title="adapters into a model", points=2, pure=False)


class Inner(nn.Module):
    """Names that begin alike, a norm called like a layer elsewhere, and an unused linear layer."""

    def __init__(self):
        super().__init__()
        self.query, self.query2 = nn.Linear(5, 4), nn.Linear(4, 5, bias=False)
        self.value = nn.LayerNorm(5)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.value(self.query2(torch.tanh(self.query(x))))


class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Embedding(6, 5)
        self.blocks = nn.ModuleList([Inner(), Inner()])
        self.more = nn.Sequential(nn.Linear(5, 3), nn.Tanh(), nn.Linear(3, 5))
        self.value, self.head = nn.Linear(5, 5), nn.Linear(5, 6)

    def forward(self, ids):
        x = self.query(ids)
        for block in self.blocks:
            x = x + block(x)
        return self.head(self.value(self.more(x)))


def model_of(seed, training, dtype):
    model = Outer().to(torch.float64 if dtype == "float64" else torch.float32)
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(torch.randn(p.shape, generator=g))
    model.train(training)
    model.blocks[1].eval()  # modes differ from layer to layer
    return model


@into.cases
def _(rng):
    choices = [
        ["query", "value"],
        ["head"],
        ["0", "query2"],
        ["blocks.1.query", "2"],
        ["value", "more.0", "query", "head"],
        ["blocks", "query.", "que", "lery", ""],
        ["1.query", "0.query2"],  # the end of a name, and more than its last part
        [],
        ["drop", "blocks.0.value"],
    ]
    for i, names in enumerate(choices):
        dtype = "float64" if i % 2 else "float32"
        alpha, r = [(9.0, 2), (0.5, 1), (7, 3)][i % 3]
        yield dict(names=names, r=r, alpha=alpha, seed=rng.seed(), training=i != 2, dtype=dtype)
    yield dict(names=["value"], r=4, alpha=6, seed=rng.seed(), training=False, dtype="float64")


@into.scenario
def _(m, names, r, alpha, seed, training, dtype):
    model, g = model_of(seed, training, dtype), torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)  # it is not at its beginning any more
    ids = torch.arange(6).view(2, 3)
    before = {k: (layer, layer.training) for k, layer in model.named_modules()}
    given, said = list(names), model(ids).detach()
    replaced = m.apply_lora(model, names, r, alpha, g)
    now = dict(model.named_modules())
    adapters = {k: layer for k, layer in now.items() if isinstance(layer, m.LoRALinear)}
    return {
        "replaced": replaced,
        "LoRALinears": list(adapters),
        "each wraps the layer that was there": [
            before[k][0] is a.base for k, a in adapters.items()
        ],
        "r and alpha": [[a.r, a.alpha] for a in adapters.values()],
        "parameters": parameters(model),
        "require a gradient": [k for k, p in model.named_parameters() if p.requires_grad],
        "modes": {k: now[k].training for k in before if k in now},
        "modes of the wrapped": [a.base.training for a in adapters.values()],
        "names as before": names == given,
        "logits moved by": model(ids).detach() - said,
        "then drawn": torch.rand(2, generator=g),
    }


@into.check("nothing to replace", cases=lambda rng: [dict(names=["drop", "w"], seed=rng.seed())])
def _(m, names, seed):
    """The error comes before anything is changed."""
    model = model_of(seed, True, "float32")
    model.head.weight.requires_grad_(False)
    try:
        m.apply_lora(model, names, 2, 3.0, torch.Generator())
        raised = "nothing"
    except ValueError:
        raised = "ValueError"
    return {
        "raised": raised,
        "require a gradient": [k for k, p in model.named_parameters() if p.requires_grad],
    }


@into.oracle("nothing to replace")
def _(names, seed):
    every = [k for k, _ in model_of(seed, True, "float32").named_parameters()]
    return {
        "raised": "ValueError",
        "require a gradient": [k for k in every if k != "head.weight"],
    }


@into.check("all of one class", cases=lambda rng: [dict(seed=rng.seed())])
def _(m, seed):
    """Linear layers right in the model, and a model that is used again."""
    g = torch.Generator().manual_seed(seed)
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1), nn.Linear(1, 2))
    first = m.apply_lora(model, ("0", "2"), 2, 3.0, g)
    again = nn.Sequential(nn.Linear(2, 3))
    second = m.apply_lora(again, ["0"], 1, 5.0, g)
    return {
        "replaced": [list(first), list(second)],
        "A": [model[0].A.detach(), model[2].A.detach(), again[0].A.detach()],
        "B": [model[0].B.detach(), model[2].B.detach(), again[0].B.detach()],
    }


@into.oracle("all of one class")
def _(seed):
    g = torch.Generator().manual_seed(seed)
    A = [torch.randn(2, 2, generator=g) / 2**0.5, torch.randn(2, 1, generator=g)]
    A.append(torch.randn(1, 2, generator=g) / 2**0.5)
    B = [torch.zeros(3, 2), torch.zeros(2, 2), torch.zeros(3, 1)]
    return {"replaced": [["0", "2"], ["0"]], "A": A, "B": B}


WANTED = {
    ("query", "value"): ["blocks.0.query", "blocks.1.query", "value"],
    ("head",): ["head"],
    ("0", "query2"): ["blocks.0.query2", "blocks.1.query2", "more.0"],
    ("blocks.1.query", "2"): ["blocks.1.query", "more.2"],
    ("value", "more.0", "query", "head"): [
        "blocks.0.query",
        "blocks.1.query",
        "more.0",
        "value",
        "head",
    ],
    ("value",): ["value"],
}


@into.oracle
def _(names, r, alpha, seed, training, dtype):
    """Said by hand, for each list of names, which layers they mean."""
    if tuple(names) not in WANTED:
        return Raises("ValueError")
    wanted, model = WANTED[tuple(names)], model_of(seed, training, dtype)
    g = torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)
    modes = {k: layer.training for k, layer in model.named_modules()}
    found = {}
    drawn = {}
    for k in wanted:
        W = model.get_submodule(k).weight
        A = (torch.randn(r, W.shape[1], generator=g) * W.shape[1] ** -0.5).to(W.dtype)
        drawn[k] = {"A": A, "B": torch.zeros(len(W), r, dtype=W.dtype)}
    for k, p in model.named_parameters():
        layer, _, last = k.rpartition(".")
        if layer in drawn:
            found |= {f"{layer}.{letter}": t for letter, t in drawn[layer].items()}
            k = f"{layer}.base.{last}"
        found[k] = p.detach()
    return {
        "replaced": wanted,
        "LoRALinears": wanted,
        "each wraps the layer that was there": [True] * len(wanted),
        "r and alpha": [[r, alpha]] * len(wanted),
        "parameters": found,
        "require a gradient": [f"{k}.{letter}" for k in wanted for letter in "AB"],
        "modes": modes,
        "modes of the wrapped": [modes[k] for k in wanted],
        "names as before": True,
        "logits moved by": torch.zeros(2, 3, 6, dtype=model.head.weight.dtype),
        "then drawn": torch.rand(2, generator=g),
    }


into.hint("First collect the (name, layer) that are meant, then freeze, then replace.")
into.hint("name.rpartition('.') is (parent, '.', last): get_submodule(parent) is where it hangs.")
into.hint(
    "model.requires_grad_(False) *before* the adapters are made; setattr(parent, last, LoRALinear(...))."
)

into.misconception(
    """The rest of the model is not frozen: its parameters still require a gradient, and would be trained.""",
    name="not_frozen",
    replace="    model.requires_grad_(False)\n",
    by="",
)
into.misconception(
    """The adapters are frozen as well: model.requires_grad_(False) came after them and reached A and B.""",
    name="frozen_after",
    edits=[
        ("    model.requires_grad_(False)\n", ""),
        ("    return [name", "    model.requires_grad_(False)\n    return [name"),
    ],
)
into.misconception(
    """Only the last part of a name was looked at. A full name, such as "blocks.1.query", is allowed, too.""",
    name="last_only",
    replace="(name in names or name.rpartition",
    by="(name.rpartition",
)
into.misconception(
    """Only full names count. "query" means every linear layer with this last part, wherever it hangs.""",
    name="full_only",
    replace='(name in names or name.rpartition(".")[2] in names)',
    by="name in names",
)
into.misconception(
    """A name counted wherever it occurs inside another one: "query" is not "query2". Compare whole parts.""",
    name="substring",
    replace='(name in names or name.rpartition(".")[2] in names)',
    by="any(n in name for n in names)",
)
into.misconception(
    """Every name that ends so counted: "query2" ends with "2", too. Compare the part behind the last dot as
    a whole.""",
    name="endswith",
    replace='(name in names or name.rpartition(".")[2] in names)',
    by="any(name.endswith(n) for n in names)",
)
into.misconception(
    """A module that is no nn.Linear was wrapped (an embedding and a norm can be called "query", too).""",
    name="anything",
    replace="isinstance(layer, nn.Linear) and",
    by="hasattr(layer, 'weight') and",
)
into.misconception(
    """Only linear layers right in the model were looked at: named_children does not go deeper,
    named_modules does.""",
    name="children",
    replace="for name, layer in model.named_modules()",
    by="for name, layer in model.named_children()",
)
into.misconception(
    """The model is as before: a LoRALinear was made for each layer, and put nowhere. setattr on the layer's
    parent.""",
    name="put_nowhere",
    replace="        setattr(model.get_submodule(parent), last, new)\n",
    by="",
)
into.misconception(
    """A copy was changed. The model itself is to be changed, in place.""",
    name="copy",
    replace="    chosen = [",
    by="    model = copy.deepcopy(model)\n    chosen = [",
)
into.misconception(
    """A new linear layer with random weights was wrapped; the pretrained one is lost. Wrap the layer that
    is there.""",
    name="new_layer",
    replace="LoRALinear(layer, r",
    by="LoRALinear(nn.Linear(layer.in_features, layer.out_features, layer.bias is not None)"
    ".to(layer.weight), r",
)
into.misconception(
    """r and alpha are in each other's place.""",
    name="swapped",
    replace="LoRALinear(layer, r, alpha, g)",
    by="LoRALinear(layer, int(alpha) or 1, float(r), g)",
)
into.misconception(
    """Every layer got a generator with the same seed, or its own: use g, one layer after the other.""",
    name="one_seed",
    replace="LoRALinear(layer, r, alpha, g)",
    by="LoRALinear(layer, r, alpha, torch.Generator().manual_seed(0))",
)
into.misconception(
    """With no layer of such a name nothing is said. A typing mistake would train nothing: ValueError.""",
    name="silent",
    replace="    if not chosen:",
    by="    if False:",
)
into.misconception(
    """The model was frozen before the error was raised. Look first, change afterwards.""",
    name="frozen_then_error",
    edits=[
        ("    model.requires_grad_(False)\n", ""),
        ("    if not chosen:", "    model.requires_grad_(False)\n    if not chosen:"),
    ],
)
into.misconception(
    """A new layer is in training mode, whatever the old one was: hand the mode on, with
    .train(layer.training).""",
    name="mode",
    replace=".train(layer.training)",
    by="",
)
into.misconception(
    """Nothing is returned: the full names of the replaced layers are asked for.""",
    name="no_return",
    replace="    return [name for name, _ in chosen]",
    by="    return None",
)
into.misconception(
    """The layers were taken in the order of `names`. The order is that of model.named_modules().""",
    name="order_of_names",
    replace="    model.requires_grad_(False)\n",
    by="    model.requires_grad_(False)\n"
    "    chosen.sort(key=lambda c: min(names.index(n) for n in (c[0], c[0].rpartition('.')[2])"
    " if n in names))\n",
)

into.variant(
    "module by module, its own children",
    name="children_of_all",
    source="""def apply_lora(model, names, r, alpha, g):
    found = [k for k, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    found = [k for k in found if k in names or k.split(".")[-1] in names]
    if len(found) == 0:
        raise ValueError(names)
    for p in model.parameters():
        p.requires_grad = False
    for k in found:
        parts = k.split(".")
        parent = model
        for part in parts[:-1]:
            parent = getattr(parent, part)
        old = getattr(parent, parts[-1])
        new = LoRALinear(old, r, alpha, g)
        new.training = old.training
        parent._modules[parts[-1]] = new
    return found
""",
)
