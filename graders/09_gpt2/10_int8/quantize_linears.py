"""09.quantize_linears: every Linear, at any depth, and nothing else."""

import torch
from torch import nn

from graders.authoring import exercise

walk = exercise("quantize_linears", title="a whole model", points=2, stretch=True, pure=False)


class Half(nn.Module):
    """Linears as an attribute, in a list and in a Sequential; one that is no Linear between them."""

    def __init__(self, C):
        super().__init__()
        self.qkv = nn.Linear(C, 2 * C, bias=False)
        self.rows = nn.ModuleList([nn.Linear(C, C), nn.Bilinear(C, C, 3)])
        self.mlp = nn.Sequential(nn.Linear(C, 3), nn.GELU(), nn.Sequential(nn.Linear(3, C)))


class Model(nn.Module):
    def __init__(self, C, layers):
        super().__init__()
        self.token = nn.Embedding(5, C)
        self.h = nn.ModuleDict({f"{i}": Half(C) for i in range(layers)})
        self.ln_f, self.head = nn.LayerNorm(C), nn.Linear(C, 5, bias=False)
        self.head.weight = self.token.weight
        self.qkv = nn.Linear(C, 4)


def made(C, layers, seed):
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return Model(C, layers).double().eval()


@walk.cases
def _(rng):
    for C, layers, keep, kind in [
        (3, 2, ["head"], "list"),
        (2, 1, [], "default"),
        (4, 3, ["h.1.qkv", "h.2.mlp.2.0", "head"], "set"),
        (1, 2, ["qkv"], "tuple"),
        (3, 1, ["h.0.rows.0", "h.0.mlp.0"], "list"),
    ]:
        yield dict(C=C, layers=layers, keep=keep, kind=kind, seed=rng.seed())


@walk.scenario
def _(m, C, layers, keep, kind, seed):
    model = made(C, layers, seed)
    before = dict(model.named_modules())
    numbers = {n: p.detach().clone() for n, p in model.named_parameters()}
    given = {"list": list, "set": set, "tuple": tuple, "default": list}[kind](keep)
    back = m.quantize_linears(model) if kind == "default" else m.quantize_linears(model, given)
    after = dict(model.named_modules())
    return {
        "returns": "the model" if back is model else back,
        "kinds": {name: type(module).__name__ for name, module in after.items()},
        "the same as before": sorted(n for n, module in after.items() if before.get(n) is module),
        "integers": {n: b for n, b in model.named_buffers() if n.endswith(".q")},
        "biases": {n: b for n, b in model.named_buffers() if n.endswith(".bias")},
        "parameters as they were": {
            n: torch.equal(p, numbers[n]) for n, p in model.named_parameters() if n in numbers
        },
        "tied": getattr(model.head, "weight", None) is model.token.weight,
        "keep": sorted(given),
        "modes": sorted({module.training for n, module in after.items() if n in before}),
    }


def strange(rng):
    for keep in (["heads"], ["head", "h"], ["token"], ["qkv", "h.0.rows.1"], ["mlp.0"], ["weight"]):
        yield dict(keep=keep, seed=rng.seed())


@walk.check("a name that is none", cases=strange)
def _(m, keep, seed):
    """What is raised, and whether the model is as it was."""
    model = made(2, 1, seed)
    before = dict(model.named_modules())
    try:
        m.quantize_linears(model, keep)
        came = "nothing"
    except ValueError:
        came = "ValueError"
    return {"raised": came, "modules replaced": dict(model.named_modules()) != before}


@walk.oracle("a name that is none")
def _(keep, seed):
    return {"raised": "ValueError", "modules replaced": False}


walk.hint("model.named_modules() tells names and modules, to any depth. Which of them are Linears?")
walk.hint(
    "name.rpartition('.') cuts off the last word; model.get_submodule(the words before) is the module that "
    "holds it; get_submodule('') is the model itself."
)
walk.hint("Collect first, replace after: setattr(parent, last, Int8Linear(linear)).")

walk.misconception(
    """Only Linears that are attributes of the model itself were found: they lie deeper too.""",
    name="top_only",
    replace="for name, m in model.named_modules()",
    by="for name, m in model.named_children()",
)
walk.misconception(
    """One level below the model was looked at, and no deeper.""",
    name="two_levels",
    source="""
    def quantize_linears(model, keep=()):
        linears = [n for n, m in model.named_modules() if isinstance(m, nn.Linear)]
        if set(keep) - set(linears):
            raise ValueError(keep)
        for name in linears:
            if name.count(".") < 3 and name not in keep:
                at, _, last = name.rpartition(".")
                layer = Int8Linear(model.get_submodule(name))
                setattr(model.get_submodule(at), last, layer)
        return model
    """,
)
walk.misconception(
    """keep is not heeded: what it names stays a Linear.""",
    name="keeps_none",
    replace="if name not in keep:",
    by="if True:",
)
walk.misconception(
    """keep names Linears in full. The last word alone was compared, and others that
    end alike stayed too.""",
    name="last_word",
    replace="if name not in keep:",
    by='if name.rpartition(".")[2] not in [k.rpartition(".")[2] for k in keep]:',
)
walk.misconception(
    """A name in keep that no Linear has passes without a word: a slip of the pen there leaves a model that is
    not the one meant. Raise ValueError.""",
    name="no_error",
    replace="if strange:",
    by="if False:",
)
walk.misconception(
    """Any module's name in keep was let through. Only Linears' names count: others are a slip of the pen.""",
    name="any_name",
    replace="strange = set(keep) - set(linears)",
    by="strange = set(keep) - {n for n, _ in model.named_modules()}",
)
walk.misconception(
    """The ValueError comes after modules have been replaced. Look at keep before anything else.""",
    name="late_error",
    source="""
    def quantize_linears(model, keep=()):
        linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
        for name, linear in linears.items():
            if name not in keep:
                at, _, last = name.rpartition(".")
                setattr(model.get_submodule(at), last, Int8Linear(linear))
        if set(keep) - set(linears):
            raise ValueError(keep)
        return model
    """,
)
walk.misconception(
    """A copy was changed: the model that was given still has its floats. In place is asked for.""",
    name="copied",
    replace="    linears = {",
    by="    import copy\n\n    model = copy.deepcopy(model)\n    linears = {",
)
walk.misconception(
    """Nothing is returned: the model is.""",
    name="returns_none",
    replace="    return model",
    by="    return None",
)
walk.misconception(
    """The layers are still Linears, with rounded weights that are floats. Put an Int8Linear in their
    place.""",
    name="weights_rounded",
    replace="            setattr(model.get_submodule(at), last, Int8Linear(linear))",
    by="            q, scale = quantize_rows(linear.weight.detach())\n"
    "            linear.weight = nn.Parameter(q * scale[:, None])",
)
walk.misconception(
    """Whatever has a two-dimensional weight was replaced, the table of tokens too. Only nn.Linear is.""",
    name="embeddings_too",
    source="""
    def quantize_linears(model, keep=()):
        linears = {n: m for n, m in model.named_modules() if isinstance(m, nn.Linear)}
        if set(keep) - set(linears):
            raise ValueError(keep)
        for name, module in list(model.named_modules()):
            weight = getattr(module, "weight", None)
            if weight is not None and weight.dim() == 2 and name not in keep:
                at, _, last = name.rpartition(".")
                linear = nn.Linear(1, 1, bias=False)
                linear.weight, linear.bias = weight, getattr(module, "bias", None)
                setattr(model.get_submodule(at), last, Int8Linear(linear))
        return model
    """,
)
walk.variant(
    "recursion over children",
    name="recursion",
    source="""
    def quantize_linears(model, keep=()):
        names = [n for n, m in model.named_modules() if isinstance(m, nn.Linear)]
        for name in keep:
            if name not in names:
                raise ValueError(f"{name} is no Linear")

        def visit(module, path):
            for name, child in list(module.named_children()):
                full = f"{path}.{name}" if path else name
                if isinstance(child, nn.Linear):
                    if full not in keep:
                        setattr(module, name, Int8Linear(child))
                else:
                    visit(child, full)

        visit(model, "")
        return model
    """,
)
walk.variant(
    "set_submodule-like, over a list of pairs",
    name="modules_dict",
    source="""
    def quantize_linears(model, keep=()):
        found = [n for n, m in model.named_modules() if type(m) is nn.Linear]
        if not set(keep) <= set(found):
            raise ValueError("keep")
        for name in found:
            if name in keep:
                continue
            *path, last = name.split(".")
            parent = model
            for word in path:
                parent = parent._modules[word]
            parent._modules[last] = Int8Linear(parent._modules[last])
        return model
    """,
)
