"""07.count_parameters: ask the model."""

import torch
from torch import nn

from graders.authoring import exercise

from .part import CONFIGS

count = exercise("count_parameters", title="parameters, counted", pure=False)


@count.cases
def _(rng):
    for config in CONFIGS:
        yield dict(config=config, frozen=[])
    yield dict(config=CONFIGS[0], frozen=["token.weight", "ln_f.bias"])
    yield dict(config=CONFIGS[2], frozen=["position.weight"])


@count.scenario
def _(m, config, frozen):
    """As it is; and after being counted, nothing of it has changed."""
    model = m.GPT(m.GPTConfig(**config))
    for name, p in model.named_parameters():
        p.requires_grad_(name not in frozen)
    counted = m.count_parameters(model)
    learning = [name for name, p in model.named_parameters() if not p.requires_grad]
    return {"parameters": counted, "still frozen": learning}


@count.oracle
def _(config, frozen):
    V, T, C, L = (config[name] for name in ("vocab_size", "block_size", "n_embd", "n_layer"))
    block = 12 * C * C + 10 * C + 3 * C * config.get("qkv_bias", False)
    total = V * C + T * C + L * block + 2 * C
    total += V * C * (not config.get("tied", False)) + V * config.get("head_bias", True)
    total -= sum(
        {"token.weight": V * C, "ln_f.bias": C, "position.weight": T * C}[f] for f in frozen
    )
    return {"parameters": total, "still frozen": frozen}


def others(rng):
    yield dict(sizes=[rng.integer(2, 9) for _ in range(3)])


@count.check("other models", cases=others)
def _(m, sizes):
    a, b, c = sizes
    norm = nn.BatchNorm1d(b)  # has buffers: running statistics, which do not learn
    shared = nn.Linear(b, b)
    deep = nn.Sequential(nn.Linear(a, b), norm, shared, nn.ReLU(), shared, nn.Conv1d(b, c, 2))
    deep.alone = nn.Parameter(torch.tensor(1.5))
    line = nn.Linear(3, 2)
    with torch.no_grad():
        line.weight.fill_(a)
        line.bias.fill_(b)
    return {
        "deep": m.count_parameters(deep),
        "without parameters": m.count_parameters(nn.ReLU()),
        "Linear(3, 2)": m.count_parameters(line),
        "its weights afterwards": [p.detach().clone() for p in line.parameters()],
    }


@count.oracle("other models")
def _(sizes):
    a, b, c = sizes
    deep = a * b + b + 2 * b + b * b + b + b * c * 2 + c + 1
    return {
        "deep": deep,
        "without parameters": 0,
        "Linear(3, 2)": 8,
        "its weights afterwards": [torch.full((2, 3), float(a)), torch.full((2,), float(b))],
    }


count.hint(
    "model.parameters() goes through every parameter once, tied ones too. How many numbers has each?"
)
count.hint("p.numel() is the number of elements, p.requires_grad whether it learns.")
count.hint("sum(p.numel() for p in model.parameters() if p.requires_grad)")


@count.misconception("Those are the tensors, not the numbers in them: add up p.numel().")
def tensors(model):
    return sum(1 for p in model.parameters() if p.requires_grad)


@count.misconception(
    "Frozen parameters were counted, too: only those with requires_grad can learn."
)
def frozen_too(model):
    return sum(p.numel() for p in model.parameters())


@count.misconception(
    "state_dict() lists a tied tensor under both of its names, and buffers besides: count what "
    "model.parameters() gives."
)
def state(model):
    frozen = {name for name, p in model.named_parameters() if not p.requires_grad}
    return sum(p.numel() for name, p in model.state_dict().items() if name not in frozen)


@count.misconception(
    "A tied tensor was counted once for each of its names. It is one tensor: count it once."
)
def twice(model):
    named = model.named_parameters(remove_duplicate=False)
    return sum(p.numel() for _, p in named if p.requires_grad)


@count.misconception("Biases (and whatever else has one dimension) learn as well: count them, too.")
def matrices(model):
    return sum(p.numel() for p in model.parameters() if p.requires_grad and p.dim() > 1)


@count.misconception("len(p) is the size of the first dimension only. numel() counts all elements.")
def first_dimension(model):
    return sum(len(p) if p.dim() else 1 for p in model.parameters() if p.requires_grad)


@count.misconception(
    "Only the modules directly inside were asked. parameters() goes all the way down."
)
def shallow(model):
    found = [p for c in [model, *model.children()] for p in c.parameters(recurse=False)]
    return sum(p.numel() for p in found if p.requires_grad)


@count.misconception("Those are bytes. The number of elements is asked for.")
def in_bytes(model):
    return sum(p.numel() * p.element_size() for p in model.parameters() if p.requires_grad)


@count.variant("by identity")
def by_identity(model):
    seen = {id(p): p for module in model.modules() for p in module.parameters(recurse=False)}
    return sum(
        torch.tensor(p.shape).prod().int().item() if p.dim() else 1
        for p in seen.values()
        if p.requires_grad
    )


@count.variant("a loop")
def loop(model):
    total = 0
    for _, p in model.named_parameters():
        if p.requires_grad:
            total += p.flatten().shape[0]
    return total
