"""04.all_parameters: who learns."""

import torch

from graders.authoring import exercise

everyone = exercise("all_parameters", title="who learns", pure=False)


@everyone.cases
def _(rng):
    for v, d, h, bias in [(5, 2, 3, True), (4, 3, 6, False), (3, 1, 1, True)]:
        yield dict(v=v, d=d, h=h, bias=bias, start=rng.number(1.0, 2.0))


def small_network(m, v, d, h, bias, start):
    """(C, layers), with numbers that tell the tensors apart."""
    C = torch.arange(v * d).view(v, d) * 0.5
    layers = [
        m.Linear(d, h, bias=bias),
        m.BatchNorm1d(h),
        m.Tanh(),
        m.Linear(h, v),
        m.BatchNorm1d(v),
    ]
    for i, layer in enumerate(layers):
        for name in ("weight", "bias", "gamma", "beta", "running_mean", "running_var"):
            if getattr(layer, name, None) is not None:
                t = getattr(layer, name).detach()
                setattr(layer, name, t * 0 + start + i + len(name) / 100)
    return C, layers


@everyone.scenario
def _(m, v, d, h, bias, start):
    C, layers = small_network(m, v, d, h, bias, start)
    got = m.all_parameters(C, layers)
    first = [p.clone() for p in got]
    for p in got:
        p -= 0.25  # must be seen by the layers: the very tensors, each once
    names = ("weight", "bias", "gamma", "beta", "running_mean", "running_var")
    tensors = [getattr(layer, n, None) for layer in layers for n in names]
    after = [C, *[t.clone() for t in tensors if t is not None]]
    grads = [p.grad for p in got]
    return {
        "list": isinstance(got, list),
        "values": first,
        "after a step": after,
        "gradients": grads,
    }


@everyone.check("any layers")
def _(m, v, d, h, bias, start):
    """Layers of the grader's own: only parameters() is asked. And none at all."""

    class Other:
        def parameters(self):
            return [torch.full((d,), start), torch.full((h, d), start + 1), torch.full((1,), 9.0)]

    C = torch.ones(v, d)
    before = m.all_parameters(C, [])
    layers = [Other(), m.Tanh(), Other()]
    return [before, m.all_parameters(C, layers), len(layers)]


everyone.hint("The table is no layer. Who else learns?")
everyone.hint(
    "One flat list: C first, then go through the layers, and through each one's parameters()."
)
everyone.hint("[C] + [p for layer in layers for p in layer.parameters()]")

everyone.misconception(
    "C is missing: the embeddings keep their random values for ever.",
    name="no_table",
    replace="[C] + ",
    by="",
)
everyone.misconception(
    "C stands at the end. It comes first.",
    name="table_last",
    replace="[C] + [p for layer in layers for p in layer.parameters()]",
    by="[p for layer in layers for p in layer.parameters()] + [C]",
)
everyone.misconception(
    "A list of lists, one for each layer. Whoever trains goes through tensors: make it flat.",
    name="list_of_lists",
    replace="[p for layer in layers for p in layer.parameters()]",
    by="[layer.parameters() for layer in layers]",
)
everyone.misconception(
    "You collected weights only. Biases, gamma and beta learn, too: ask each layer for its parameters().",
    name="weights_only",
    replace="[p for layer in layers for p in layer.parameters()]",
    by="[layer.weight for layer in layers if hasattr(layer, 'weight')]",
)
everyone.misconception(
    "Only matrices were collected; vectors learn, too.",
    name="matrices_only",
    replace="in layer.parameters()]",
    by="in layer.parameters() if p.ndim == 2]",
)
everyone.misconception(
    "All tensors of each layer are in the list, the running statistics too. These are no parameters: ask "
    "each layer for its parameters().",
    name="buffers_too",
    replace="in layer.parameters()]",
    by="in (vars(layer).values() if vars(layer) else layer.parameters()) if torch.is_tensor(p)]",
)
everyone.misconception(
    "These are copies: a step on them never reaches the layers.",
    name="copies",
    replace="[p for layer",
    by="[p.clone() for layer",
)
everyone.misconception(
    "Only the last layer's parameters came back: the list is made anew for each layer.",
    name="last_layer_only",
    replace="return [C] + [p for layer in layers for p in layer.parameters()]",
    by="found = [C]\n    for layer in layers:\n        found = [C] + layer.parameters()\n    return found",
)
everyone.misconception(
    "That is a generator: it can be gone through once, and len() fails. Return a list.",
    name="generator",
    replace="[C] + [p for layer in layers for p in layer.parameters()]",
    by="(p for group in [[C]] + [layer.parameters() for layer in layers] for p in group)",
)
everyone.misconception(
    "Parameters that do not require a gradient yet were left out. Whoever trains switches that on *after* "
    "asking for the list.",
    name="requiring_only",
    replace="in layer.parameters()]",
    by="in layer.parameters() if p.requires_grad]",
)

everyone.variant(
    "a loop",
    name="loop",
    source="""
def all_parameters(C, layers):
    found = [C]
    for layer in layers:
        found.extend(layer.parameters())
    return found
""",
)
everyone.variant(
    "a sum of lists",
    name="sum_of_lists",
    source="""
def all_parameters(C, layers):
    return sum((layer.parameters() for layer in layers), [C])
""",
)
