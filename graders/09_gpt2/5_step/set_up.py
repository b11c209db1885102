"""09.set_up: TF32, the move, fused AdamW, compile; looked at with a model that only says it moved."""

import torch
from torch import nn

from graders.authoring import exercise, instead

fast = exercise("set_up", title="fast, before the first step", points=2, pure=False)


@fast.cases
def _(rng):
    for device, compiled in [
        ("cpu", False),
        ("cuda", True),
        ("cuda:1", False),
        ("cpu", True),
        (None, None),  # not given
    ]:
        sizes = [rng.integer(3, 9), rng.integer(2, 5)]
        yield dict(
            sizes=sizes,
            lr=rng.number(0.001, 0.1),
            weight_decay=rng.number(0.05, 0.5),
            device=device,
            compiled=compiled,
        )


class Movable(nn.Module):
    """Moving it anywhere gives it new parameters, as moving to another kind of device may do."""

    def __init__(self, rows, width):
        super().__init__()
        self.layer, self.norm = nn.Linear(width, rows), nn.LayerNorm(rows)
        self.frozen = nn.Parameter(torch.ones(rows, width), requires_grad=False)
        self.moves = []

    def to(self, device):
        self.moves.append(str(device))
        for module in (self.layer, self.norm):
            for name, p in list(module.named_parameters()):
                setattr(module, name, nn.Parameter(p.detach().clone()))
        return self

    def cuda(self, device=None):
        return self.to("cuda" if device is None else f"cuda:{device}")

    def forward(self, x):
        return self.norm(self.layer(x))


@fast.scenario
def _(m, sizes, lr, weight_decay, device, compiled):
    model, calls = Movable(*sizes), []

    class Compiled(nn.Module):
        def __init__(self, inner):
            super().__init__()
            self._orig_mod = inner

    def fake(inner=None, **options):
        calls.append(inner is model)
        return Compiled(inner)

    real, torch.compile = torch.compile, fake
    torch.set_float32_matmul_precision("highest")
    given = [] if device is None else [device, compiled]
    try:
        out = m.set_up(model, lr, weight_decay, *given)
    finally:
        torch.compile = real
        precision = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("highest")
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        return instead(out, "a pair (model, optimizer)")
    ready, optimizer = out
    if not isinstance(optimizer, torch.optim.AdamW):
        return instead(optimizer, "a torch.optim.AdamW", False)
    names = {id(p): name for name, p in model.named_parameters()}
    return {
        "float32 matmul precision": precision,
        "moved to": model.moves or ["nowhere" if device and device != "cpu" else "cpu"],
        "compile was called with the model": calls,
        "returned": type(ready).__name__,
        "wraps the model": ready is model or getattr(ready, "_orig_mod", None) is model,
        "groups": [
            {
                "parameters": [names.get(id(p), "not the model's own") for p in group["params"]],
                "lr": group["lr"],
                "weight_decay": group["weight_decay"],
                "betas": list(group["betas"]),
                "eps": group["eps"],
                "fused": bool(group.get("fused")),
            }
            for group in optimizer.param_groups
        ],
    }


@fast.oracle
def _(sizes, lr, weight_decay, device, compiled):
    device = device or "cpu"
    rest = {"lr": lr, "betas": [0.9, 0.95], "eps": 1e-8, "fused": device != "cpu"}
    flat = ["layer.bias", "norm.weight", "norm.bias"]
    return {
        "float32 matmul precision": "high",
        "moved to": [device],
        "compile was called with the model": [True] * bool(compiled),
        "returned": "Compiled" if compiled else "Movable",
        "wraps the model": True,
        "groups": [
            {"parameters": ["layer.weight"], "weight_decay": weight_decay, **rest},
            {"parameters": flat, "weight_decay": 0.0, **rest},
        ],
    }


fast.hint("Precision, move, optimizer, compile: the order of the text is the order of the lines.")
fast.hint(
    """torch.optim.AdamW(param_groups(model, weight_decay), lr=lr, betas=..., eps=..., fused=...); fused is
    True if the device's name begins with "cuda"."""
)

fast.misconception(
    """The optimizer was made before the move, and holds parameters that the model no longer has: it would
    train nothing. Move first.""",
    name="optimizer_first",
    source="""
    def set_up(model, lr, weight_decay, device="cpu", compile=False):
        torch.set_float32_matmul_precision("high")
        groups, fused = param_groups(model, weight_decay), device.startswith("cuda")
        optimizer = torch.optim.AdamW(groups, lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=fused)
        model = model.to(device)
        return (torch.compile(model) if compile else model), optimizer
    """,
)
fast.misconception(
    """Products in float32 keep their 23 bits. torch.set_float32_matmul_precision("high") lets them
    use TF32.""",
    name="no_tf32",
    replace='    torch.set_float32_matmul_precision("high")\n',
    by="",
)
fast.misconception(
    """"medium" rounds to bfloat16's 8 bits. TF32 is "high".""",
    name="medium",
    replace='precision("high")',
    by='precision("medium")',
)
fast.misconception(
    """AdamW is not fused on a GPU: pass fused=True there.""",
    name="not_fused",
    replace='fused=device.startswith("cuda")',
    by="fused=False",
)
fast.misconception(
    """AdamW is fused on the CPU, too. Here it is to be fused exactly on cuda devices.""",
    name="always_fused",
    replace='fused=device.startswith("cuda")',
    by="fused=True",
)
fast.misconception(
    """A device may be called "cuda:1": compare the beginning of its name, not all of it.""",
    name="only_cuda",
    replace='device.startswith("cuda")',
    by='device == "cuda"',
)
fast.misconception(
    """The betas are torch's own (0.9, 0.999). Large models are trained with (0.9, 0.95): the second average
    follows the gradient faster.""",
    name="default_betas",
    replace="betas=(0.9, 0.95)",
    by="betas=(0.9, 0.999)",
)
fast.misconception(
    """All parameters decay alike: hand param_groups(model, weight_decay) to the optimizer.""",
    name="one_group",
    replace="AdamW(param_groups(model, weight_decay)",
    by='AdamW([{"params": list(model.parameters()), "weight_decay": weight_decay}]',
)
fast.misconception(
    """The compiled model was thrown away: torch.compile returns it, and leaves the old one as it is.""",
    name="thrown_away",
    replace="    return (torch.compile(model) if compile else model), optimizer",
    by="    if compile:\n        torch.compile(model)\n    return model, optimizer",
)
fast.misconception(
    """The model is compiled in any case; only `if compile`.""",
    name="always_compiled",
    replace="torch.compile(model) if compile else model",
    by="torch.compile(model)",
)
fast.misconception(
    """The model is never moved: model.to(device).""",
    name="not_moved",
    replace="    model = model.to(device)\n",
    by="",
)

fast.misconception(
    """The optimizer, or what comes back, belongs to a copy of the model: the caller's model is never moved,
    or never trained. Move the model itself.""",
    name="a_copy",
    replace="    model = model.to(device)\n",
    by="    import copy\n\n    model = copy.deepcopy(model).to(device)\n",
)

fast.variant(
    "through torch.device, compile as a decorator would",
    name="device",
    source="""
    def set_up(model, lr, weight_decay, device="cpu", compile=False):
        torch.set_float32_matmul_precision("high")
        model.to(torch.device(device))
        optimizer = torch.optim.AdamW(
            param_groups(model, weight_decay),
            lr=lr, betas=(0.9, 0.95), fused=torch.device(device).type == "cuda",
        )
        if compile:
            model = torch.compile(model, dynamic=False)
        return model, optimizer
    """,
)

fast.equivalent(
    "dict(betas=(0.9, 0.95), eps=1e-08, fused=device.startswith('cuda'))  ->  "
    "dict(betas=(0.9, 0.95), fused=device.startswith('cuda'))",
    "1e-8 is torch's default",
)
