"""09.weight_bytes: what a model takes in memory."""

import torch
from torch import nn

from graders.authoring import exercise

size = exercise("weight_bytes", title="bytes of a model", stretch=True)


@size.cases
def _(rng):
    for tied, half, frozen in [
        (True, False, False),
        (False, True, True),
        (True, True, False),
        (False, False, True),
    ]:
        C, V = rng.integer(2, 6), rng.integer(3, 9)
        yield dict(C=C, V=V, tied=tied, half=half, frozen=frozen)


def model_of(C, V, tied, half, frozen):
    model = nn.ModuleDict(
        {"token": nn.Embedding(V, C), "deep": nn.Sequential(nn.Linear(C, 3), nn.BatchNorm1d(7))}
    )
    model["head"] = nn.Linear(C, V, bias=False)
    if half:
        model["deep"].to(torch.float16)
    if tied:
        model["head"].weight = model["token"].weight
    if frozen:
        model["token"].requires_grad_(False)
    whole = nn.Module()
    whole.register_buffer("q", torch.ones(5, C, dtype=torch.int8))
    whole.register_buffer("again", whole.q)  # one tensor, two names
    whole.register_buffer("mask", torch.ones(3, 4, dtype=torch.bool), persistent=False)
    whole.register_buffer("nothing", None)
    whole.inner, whole.gain = model, nn.Parameter(torch.ones((), dtype=torch.float64))
    return whole


@size.scenario
def _(m, C, V, tied, half, frozen):
    return m.weight_bytes(model_of(C, V, tied, half, frozen))


@size.oracle
def _(C, V, tied, half, frozen):
    deep = 2 if half else 4
    linear, norm = 3 * C + 3, 4 * 7  # gain, bias, running mean and variance
    return 5 * C + 12 + 8 + V * C * 4 * (1 if tied else 2) + (linear + norm) * deep + 8


size.hint("model.parameters() and model.buffers() give each tensor once, whatever its names.")
size.hint("t.numel() numbers of t.element_size() bytes.")

size.misconception(
    """The buffers are left out: running averages, masks, and the integers of Int8Linear.""",
    name="no_buffers",
    replace="[*model.parameters(), *model.buffers()]",
    by="model.parameters()",
)
size.misconception(
    """Numbers were counted, not bytes: each takes t.element_size() bytes.""",
    name="numbers",
    replace="t.numel() * t.element_size()",
    by="t.numel()",
)
size.misconception(
    """Every number was given 4 bytes. A number of int8 takes 1, of float16 2, of float64 8.""",
    name="four_each",
    replace="t.element_size()",
    by="4",
)
size.misconception(
    """state_dict() lists a tied tensor under each of its names, and it leaves out buffers that are not saved.
    parameters() and buffers() give each tensor once.""",
    name="state_dict",
    replace="[*model.parameters(), *model.buffers()]",
    by="model.state_dict().values()",
)
size.misconception(
    """Parameters that are frozen were left out: they lie in memory all the same.""",
    name="only_trainable",
    replace="[*model.parameters(), *model.buffers()]",
    by="[*(p for p in model.parameters() if p.requires_grad), *model.buffers()]",
)
size.misconception(
    """What lies in modules inside the model was left out.""",
    name="shallow",
    replace="[*model.parameters(), *model.buffers()]",
    by="[*model.parameters(recurse=False), *model.buffers(recurse=False)]",
)
size.variant(
    "by names, each memory once",
    name="by_memory",
    source="""
    def weight_bytes(model):
        seen = {}
        for module in model.modules():
            for t in [*module._parameters.values(), *module._buffers.values()]:
                if t is not None:
                    seen[id(t)] = t.nbytes
        return sum(seen.values())
    """,
)
