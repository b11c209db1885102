"""10.lora_merge: the change into the weight."""

from graders.authoring import exercise

from .part import adapted, layers

merge = exercise("lora_merge", title="merge", pure=False)


@merge.cases
def _(rng):
    for times in (1, 2):
        for case in layers(rng):
            yield dict(**case, times=times)


@merge.scenario
def _(m, W, bias, A, B, alpha, times):
    layer = adapted(m, W, bias, A, B, alpha)
    weight = layer.base.weight
    said = [m.lora_merge(layer) for _ in range(times)]
    same = layer.base.weight is weight
    asks = [layer.base.weight.requires_grad, layer.A.requires_grad, layer.B.requires_grad]
    return {
        "returned": said,
        "merged": layer.merged,
        "weight": layer.base.weight.detach().clone(),
        "the same parameter": same,
        "weight, A, B require a gradient": asks,
        "A": layer.A.detach().clone(),
        "B": layer.B.detach().clone(),
        "bias": None if bias is None else layer.base.bias.detach().clone(),
        "r and alpha": [layer.r, layer.alpha],
    }


@merge.oracle
def _(W, bias, A, B, alpha, x, times):
    new = W.clone()
    for k in range(len(A)):
        new += alpha / len(A) * B[:, k, None] * A[k]
    return {
        "returned": [None] * times,
        "merged": True,
        "weight": new,
        "the same parameter": True,
        "weight, A, B require a gradient": [False, True, True],
        "A": A,
        "B": B,
        "bias": bias,
        "r and alpha": [len(A), alpha],
    }


merge.hint("B A is (d_out, d_in), as the weight. By what is it multiplied in the forward pass?")
merge.hint(
    "Under torch.no_grad(): layer.base.weight += layer.alpha / layer.r * (layer.B @ layer.A)."
)
merge.hint("Look at layer.merged first, and set it at the end.")

ADDED = "layer.base.weight += layer.alpha / layer.r * (layer.B @ layer.A)"

merge.misconception(
    """The scale is missing in the merge: the weight gets B A, the forward pass had (alpha / r) B A.""",
    name="scale_forgotten",
    replace="layer.alpha / layer.r * (layer.B @ layer.A)",
    by="layer.B @ layer.A",
)
merge.misconception(
    """1/r is missing in the merge: the weight gets alpha B A.""",
    name="alpha_only",
    replace="layer.alpha / layer.r",
    by="layer.alpha",
)
merge.misconception(
    """alpha is missing in the merge: the weight gets B A / r.""",
    name="one_over_r",
    replace="layer.alpha / layer.r",
    by="1 / layer.r",
)
merge.misconception(
    """The scale is upside down: alpha / r, not r / alpha.""",
    name="upside_down",
    replace="layer.alpha / layer.r",
    by="layer.r / layer.alpha",
)
merge.misconception(
    """merged is still False: the forward pass adds the change a second time.""",
    name="not_marked",
    replace="    layer.merged = True\n",
    by="",
)
merge.misconception(
    """Merged twice, the change is in the weight twice. If layer.merged is True, there is nothing to do.""",
    name="twice",
    replace="if layer.merged:",
    by="if False:",
)
merge.misconception(
    """A second merge takes the change out again. It should do nothing.""",
    name="toggles",
    source="""def lora_merge(layer):
    change = layer.alpha / layer.r * (layer.B @ layer.A)
    with torch.no_grad():
        layer.base.weight += -change if layer.merged else change
    layer.merged = not layer.merged
""",
)
merge.misconception(
    """The weight was replaced by the change; it is to be added.""",
    name="replaced",
    replace=ADDED,
    by="layer.base.weight.copy_(layer.alpha / layer.r * (layer.B @ layer.A))",
)
merge.misconception(
    """The change was subtracted. The forward pass adds it, so the merged weight has it added, too.""",
    name="subtracted",
    replace="weight +=",
    by="weight -=",
)
merge.misconception(
    """The weight is a new parameter now. An optimizer, a tied layer or a file may hold the old one: change it
    in place.""",
    name="new_parameter",
    replace=ADDED,
    by="layer.base.weight = nn.Parameter("
    "layer.base.weight + layer.alpha / layer.r * (layer.B @ layer.A), requires_grad=False)",
)
merge.misconception(
    """The merged weight requires a gradient. It stays frozen.""",
    name="thawed",
    replace="    layer.merged = True\n",
    by="    layer.merged = True\n    layer.base.weight.requires_grad_()\n",
)
merge.misconception(
    """B was set to zero after the merge, so the change can never be taken out again. A and B stay.""",
    name="B_zeroed",
    replace="    layer.merged = True\n",
    by="    layer.merged = True\n    layer.B.data.zero_()\n",
)
merge.misconception(
    """The layer came back. It is changed in place, and nothing is returned.""",
    name="returns",
    replace="    layer.merged = True\n",
    by="    layer.merged = True\n    return layer\n",
)
merge.variant(
    "addmm_, .data",
    name="addmm",
    source="""def lora_merge(layer):
    if not layer.merged:
        scale = float(layer.alpha) / layer.r
        layer.base.weight.data.addmm_(layer.B.data, layer.A.data, alpha=scale)
        layer.merged = True
""",
)
