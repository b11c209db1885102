"""09.decay_groups: who decays and who does not."""

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from graders.authoring import exercise, instead

groups = exercise("decay_groups", title="who decays", points=1, pure=False)


@groups.cases
def _(rng):
    for tied, frozen in [(True, False), (False, True), (True, True), (False, False)]:
        yield dict(
            width=rng.integer(2, 6),
            rows=rng.integer(7, 11),
            decay=rng.number(0.01, 0.9),
            tied=tied,
            frozen=frozen,
        )


class Parts(nn.Module):
    """Matrices, a bias, LayerNorms, a number, a kernel with three dimensions; a table that may be tied."""

    def __init__(self, rows, width, tied, frozen):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.table = nn.Embedding(rows, width)
        self.norm_weight = nn.LayerNorm(width)
        self.conv = nn.Conv1d(width, 2, 3)
        self.gain = nn.Parameter(torch.ones(1, width))
        self.head = nn.Linear(width, rows, bias=not tied)
        if tied:
            self.head.weight = self.table.weight
        if frozen:
            self.conv.weight.requires_grad_(False)
            self.norm_weight.bias.requires_grad_(False)
        self.last_norm = nn.LayerNorm(width)  # the same numbers as the other one
        self.register_buffer("mask", torch.ones(rows, rows))


def told(out, model):
    """The names of what is in each group."""
    if not isinstance(out, (list, tuple)):
        return instead(out, "a list of two dicts")
    names = {id(p): name for name, p in model.named_parameters()}
    rows = []
    for group in out:
        if not isinstance(group, dict):
            return instead(group, "a dict", False)
        params = group.get("params", [])
        if isinstance(params, list):
            params = [names.get(id(p), "no parameter of the model") for p in params]
        else:
            params = instead(params, "a list", False)
        rows.append({**group, "params": params})
    return rows


@groups.scenario
def _(m, width, rows, decay, tied, frozen):
    model = Parts(rows, width, tied, frozen)
    before = [p.requires_grad for p in model.parameters()]
    vectors = nn.LayerNorm(width)
    return {
        "groups": told(m.decay_groups(model, decay), model),
        "groups of vectors alone": told(m.decay_groups(vectors, decay), vectors),
        "requires_grad as before": before == [p.requires_grad for p in model.parameters()],
    }


@groups.oracle
def _(width, rows, decay, tied, frozen):
    matrices = ["gain", "table.weight", *([] if frozen else ["conv.weight"])]
    flat = ["scale", "norm_weight.weight", *([] if frozen else ["norm_weight.bias"]), "conv.bias"]
    if not tied:
        matrices.append("head.weight")
        flat.append("head.bias")
    flat += ["last_norm.weight", "last_norm.bias"]
    return {
        "groups": [
            {"params": matrices, "weight_decay": decay},
            {"params": flat, "weight_decay": 0.0},
        ],
        "groups of vectors alone": [
            {"params": [], "weight_decay": decay},
            {"params": ["weight", "bias"], "weight_decay": 0.0},
        ],
        "requires_grad as before": True,
    }


class Unfilled(TorchFunctionMode):
    """Weights stay as they are made: on "meta" there is nothing to fill, and it costs torch a second."""

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if getattr(func, "__name__", "") in ("uniform_", "normal_", "fill_", "zero_"):
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def no_cases(rng):
    yield dict(decay=0.1)


@groups.check("GPT-2 124M", cases=no_cases)
def _(m, decay):
    with torch.device("meta"), Unfilled():
        model = m.Skeleton()
    out = m.decay_groups(model, decay)
    if not isinstance(out, (list, tuple)):
        return instead(out, "a list of two dicts")
    return [[len(g["params"]), sum(p.numel() for p in g["params"])] for g in out]


@groups.oracle("GPT-2 124M")
def _(decay):
    return [[50, 124_354_560], [98, 121_344]]


groups.hint("What tells a matrix from a bias without looking at its name?")
groups.hint("p.dim() >= 2; and model.parameters() names a tied weight once only.")

groups.misconception(
    """Biases and LayerNorms decay, too: all parameters are in the first group.""",
    name="all_decay",
    replace="if p.dim() >= 2]",
    by="]",
)
groups.misconception(
    """Only what has exactly two dimensions decays; a kernel of three dimensions decays as well.""",
    name="exactly_two",
    edits=[("p.dim() >= 2", "p.dim() == 2"), ("p.dim() < 2", "p.dim() != 2")],
)
groups.misconception(
    """Frozen parameters (requires_grad=False) are in the groups. Nothing is to move them, not even decay.""",
    name="frozen_too",
    replace=" if p.requires_grad]",
    by="]",
)
groups.misconception(
    """A tied weight is there twice: it has two names but is one tensor, and would take two steps at a
    time.""",
    name="tied_twice",
    replace="[p for p in model.parameters() if p.requires_grad]",
    by="[p for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad]",
)
groups.misconception(
    """The groups have changed places: first those that decay, two dimensions or more.""",
    name="swapped",
    edits=[("p.dim() >= 2", "p.dim() < 1 + 1"), ("if p.dim() < 2]", "if p.dim() > 1]")],
)
groups.misconception(
    """Names decide here, and names do not tell: a LayerNorm's gain is called "weight", too. Look at the
    dimensions.""",
    name="by_name",
    source="""
    def decay_groups(model, weight_decay):
        named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
        return [
            {"params": [p for n, p in named if n.endswith("weight")], "weight_decay": weight_decay},
            {"params": [p for n, p in named if not n.endswith("weight")], "weight_decay": 0.0},
        ]
    """,
)
groups.misconception(
    """The second group decays as well: its weight_decay is 0.0.""",
    name="both_decay",
    replace='p.dim() < 2], "weight_decay": 0.0',
    by='p.dim() < 2], "weight_decay": weight_decay',
)
groups.variant(
    "one loop",
    name="loop",
    source="""
    def decay_groups(model, weight_decay):
        groups = {"params": [], "weight_decay": weight_decay}, dict(params=[], weight_decay=0.0)
        for name, p in model.named_parameters():
            if p.requires_grad:
                groups[0 if p.ndim > 1 else 1]["params"].append(p)
        return list(groups)
    """,
)
