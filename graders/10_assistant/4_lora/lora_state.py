"""10.lora_state: the adapter as a file."""

import torch
from torch import nn

from graders.authoring import exercise, instead

from .part import adapted

state = exercise("lora_state", title="the adapter as a file", pure=False)


class Other(nn.Module):
    """Parameters called A and B that are no adapter."""

    def __init__(self, inner):
        super().__init__()
        self.A, self.B = nn.Parameter(torch.zeros(2, 1)), nn.Parameter(torch.zeros(3))
        self.inner = inner


def one(m, layer):
    W = layer["W"]
    return adapted(m, W, layer["bias"], layer["A"], layer["B"], layer["alpha"])


def build(m, kind, layers):
    made = [one(m, layer) for layer in layers]
    if kind == "one":
        return made[0]
    if kind == "none":
        return nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))
    inner = nn.Sequential(made[0], nn.Tanh(), Other(made[1]))
    blocks = nn.ModuleList([nn.ModuleDict({"value": made[2], "query": made[3]}), nn.Linear(2, 2)])
    return nn.ModuleDict({"head": inner, "blocks": blocks, "AB": Other(nn.LayerNorm(3))})


@state.cases
def _(rng):
    for kind in ("many", "one", "none"):
        layers = []
        for d_in, d_out, r in [(3, 4, 2), (5, 2, 1), (1, 6, 3), (4, 1, 2)]:
            layers.append(
                dict(
                    W=rng.normal(d_out, d_in, dtype=torch.float32),
                    bias=None,
                    A=rng.normal(r, d_in, dtype=torch.float32),
                    B=rng.normal(d_out, r, dtype=torch.float32),
                    alpha=7.0,
                )
            )
        yield dict(kind=kind, layers=layers)


@state.scenario
def _(m, kind, layers):
    model = build(m, kind, layers)
    for p in model.parameters():  # some adapters are frozen, something else is not
        p.requires_grad_(p.numel() % 2 == 0)
    asked = {k: p.requires_grad for k, p in model.named_parameters()}
    found = m.lora_state(model)
    if not isinstance(found, dict):
        return instead(found, "a dict")
    kept = {k: t.detach().clone() if isinstance(t, torch.Tensor) else t for k, t in found.items()}
    names = list(found)
    with torch.no_grad():
        for p in model.parameters():
            p.add_(100.0)
    tensors = {k: t for k, t in found.items() if isinstance(t, torch.Tensor)}
    moved = {k: t.detach() - kept[k] for k, t in tensors.items()}
    later = m.lora_state(model)
    return {
        "names": names,
        "state": kept,
        "with a gradient": [k for k, t in tensors.items() if t.requires_grad],
        "when the model learns on, they move by": moved,
        "the model's state by then": later,
        "the state from before, by then": found,
        "what required a gradient, still does": asked
        == {k: p.requires_grad for k, p in model.named_parameters()},
    }


@state.oracle
def _(kind, layers):
    where = {"one": [""], "none": []}.get(
        kind, ["head.0.", "head.2.inner.", "blocks.0.value.", "blocks.0.query."]
    )
    found = {}
    for prefix, layer in zip(where, layers, strict=False):
        found |= {prefix + "A": layer["A"], prefix + "B": layer["B"]}
    return {
        "names": list(found),
        "state": found,
        "with a gradient": [],
        "when the model learns on, they move by": {k: 0 * t for k, t in found.items()},
        "the model's state by then": {k: t + 100.0 for k, t in found.items()},
        "the state from before, by then": found,
        "what required a gradient, still does": True,
    }


state.hint(
    "isinstance(layer, LoRALinear) says which A and B are meant; named_modules has the names."
)
state.hint(
    "The name of a parameter is the layer's, a dot, and A or B; the model itself has the name ''."
)
state.hint(".detach().clone(): without the clone, the file would go on learning.")

state.misconception(
    """The whole model is in the dict. An adapter's file holds A and B only, that is its point.""",
    name="everything",
    source="""def lora_state(model):
    return {name: p.detach().clone() for name, p in model.named_parameters()}
""",
)
state.misconception(
    """Whatever requires a gradient was taken. An A that is frozen at the moment belongs into the file as
    well, and other parameters never do.""",
    name="requires_grad",
    source="""def lora_state(model):
    return {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
""",
)
state.misconception(
    """Parameters were chosen by their names. Another module may call something A, too: only those of a
    LoRALinear are meant.""",
    name="by_name",
    source="""def lora_state(model):
    return {
        name: p.detach().clone()
        for name, p in model.named_parameters()
        if name.rpartition(".")[2] in ("A", "B")
    }
""",
)
state.misconception(
    """The tensors share memory with the model: when it learns on, what was kept changes. clone() them.""",
    name="no_clone",
    replace=".detach().clone()",
    by=".detach()",
)
state.misconception(
    """The model's own parameters are in the dict: they require a gradient, and go on learning.""",
    name="parameters",
    replace=".detach().clone()",
    by="",
)
state.misconception(
    """The copies hang in the model's graph: .detach() them.""",
    name="no_detach",
    replace=".detach().clone()",
    by=".clone()",
)
state.misconception(
    """Only B was kept. Without its A it says nothing.""",
    name="only_B",
    replace='for letter in "AB"',
    by='for letter in "B"',
)
state.misconception(
    """B comes before A. The order is that of named_parameters().""",
    name="B_first",
    replace='for letter in "AB"',
    by='for letter in "BA"',
)
state.misconception(
    """The product B A was kept: as large as the weight itself. A and B apart are small.""",
    name="product",
    source="""def lora_state(model):
    return {
        f"{name}.BA".lstrip("."): (layer.B @ layer.A).detach()
        for name, layer in model.named_modules()
        if isinstance(layer, LoRALinear)
    }
""",
)
state.misconception(
    """If the model itself is a LoRALinear, its name is '' and its parameters are called "A" and "B",
    without a dot in front.""",
    name="dot_in_front",
    replace='.lstrip(".")',
    by="",
)
state.variant(
    "module by module, with named_parameters(prefix)",
    name="prefix",
    source="""def lora_state(model):
    adapters = [p for l in model.modules() if isinstance(l, LoRALinear) for p in (l.A, l.B)]
    ids = set(map(id, adapters))
    kept = [(k, p) for k, p in model.named_parameters() if id(p) in ids]
    return {k: p.data.clone() for k, p in kept}
""",
)

state.equivalent("'.'  ->  '.?'", "no name of a layer begins with a question mark")
