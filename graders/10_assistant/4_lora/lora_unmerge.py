"""10.lora_unmerge: the change out of the weight again."""

from graders.authoring import exercise

from .part import adapted, layers

unmerge = exercise("lora_unmerge", title="unmerge", pure=False)


@unmerge.cases
def _(rng):
    # m: the weight and the flag of a merged layer are put in, u: lora_unmerge
    for order in ("mu", "u", "muu", "mumu", "mum"):
        for case in layers(rng):
            W, B, A = case["W"], case["B"], case["A"]
            merged = W + case["alpha"] / len(A) * B @ A
            # only what comes out tells what went in: the oracle asks for W, and it stays behind
            start = rng.normal(*W.shape, dtype=W.dtype) if order[0] == "m" else W
            yield dict(**case, order=order, merged=merged, start=start)


@unmerge.scenario
def _(m, start, bias, A, B, alpha, order, merged):
    layer, said = adapted(m, start, bias, A, B, alpha), []
    weight = layer.base.weight
    for letter in order:
        if letter == "m":
            weight.data.copy_(merged)
            layer.merged = True
        else:
            said.append(m.lora_unmerge(layer))
    return {
        "returned": said,
        "merged": layer.merged,
        "weight": layer.base.weight.detach().clone(),
        "the same parameter": layer.base.weight is weight,
        "weight, A, B require a gradient": [p.requires_grad for p in (weight, layer.A, layer.B)],
        "A": layer.A.detach().clone(),
        "B": layer.B.detach().clone(),
        "bias": None if bias is None else layer.base.bias.detach().clone(),
    }


@unmerge.oracle
def _(W, bias, A, B, alpha, order, merged, start, x):
    return {
        "returned": [None] * order.count("u"),
        "merged": order.endswith("m"),
        "weight": merged if order.endswith("m") else W,
        "the same parameter": True,
        "weight, A, B require a gradient": [False, True, True],
        "A": A,
        "B": B,
        "bias": bias,
    }


unmerge.hint("What was added is subtracted, with its scale.")
unmerge.hint("A layer that is not merged stays as it is; afterwards layer.merged is False.")
unmerge.hint(
    "Under torch.no_grad(): layer.base.weight -= layer.alpha / layer.r * (layer.B @ layer.A)."
)

unmerge.misconception(
    """The scale is missing: (alpha / r) B A went in, and B A came out.""",
    name="scale_forgotten",
    replace="layer.alpha / layer.r * (layer.B @ layer.A)",
    by="layer.B @ layer.A",
)
unmerge.misconception(
    """1/r is missing: (alpha / r) B A went in, and alpha B A came out.""",
    name="alpha_only",
    replace="layer.alpha / layer.r",
    by="layer.alpha",
)
unmerge.misconception(
    """merged is still True: the forward pass leaves the change out, and it is nowhere.""",
    name="not_marked",
    replace="    layer.merged = False\n",
    by="",
)
unmerge.misconception(
    """A layer that is not merged lost the change all the same. There is nothing to take out.""",
    name="unmerged_twice",
    replace="if not layer.merged:",
    by="if False:",
)
unmerge.misconception(
    """The flag changed and the weight did not.""",
    name="flag_only",
    replace="        layer.base.weight -= layer.alpha / layer.r * (layer.B @ layer.A)\n",
    by="        pass\n",
)
unmerge.misconception(
    """The change was added once more. It has to be subtracted.""",
    name="added",
    replace="weight -=",
    by="weight +=",
)
unmerge.misconception(
    """Nothing happens to a merged layer, and one that is not merged loses the change: the condition is the
    wrong way round.""",
    name="condition",
    replace="if not layer.merged:",
    by="if layer.merged:",
)
unmerge.misconception(
    """B was set to zero. The adapter stays as it is: only the weight is restored.""",
    name="B_zeroed",
    replace="    layer.merged = False\n",
    by="    layer.merged = False\n    layer.B.data.zero_()\n",
)
unmerge.misconception(
    """The weight is a new parameter. Change it in place.""",
    name="new_parameter",
    replace="layer.base.weight -= layer.alpha / layer.r * (layer.B @ layer.A)",
    by="layer.base.weight = nn.Parameter("
    "layer.base.weight - layer.alpha / layer.r * (layer.B @ layer.A), requires_grad=False)",
)
unmerge.misconception(
    """The layer came back. It is changed in place, and nothing is returned.""",
    name="returns",
    replace="    layer.merged = False\n",
    by="    layer.merged = False\n    return layer\n",
)
unmerge.variant(
    "sub_, .data",
    name="data",
    source="""def lora_unmerge(layer):
    if layer.merged:
        layer.base.weight.data.sub_((layer.B.data @ layer.A.data).mul(layer.alpha / layer.r))
        layer.merged = False
""",
)
