"""07.residual: what comes in, plus what the layer makes of its normalized copy."""

import torch

from graders.authoring import exercise

from .part import gradients, leaf

residual = exercise("residual", title="the residual connection, pre-norm")


@residual.cases
def _(rng):
    for B, T, C in [(2, 3, 4), (1, 5, 3), (4, 1, 2), (3, 2, 1), (3, 3, 3)]:
        kind = torch.float32 if B == T else torch.float64
        yield dict(
            x=rng.normal(T, B, C, mean=1, dtype=kind).transpose(0, 1),
            w=rng.normal(C, C, dtype=kind),
            b=rng.normal(C, dtype=kind),
            scale=rng.normal(C, mean=2, dtype=kind),
        )


def parts(w, b, scale, calls):
    """A norm and a layer that note who was called; neither is linear, and they do not commute."""

    def norm(x):
        calls.append("norm")
        return scale * (x - x.mean(1, keepdim=True)) / (1 + x.square())

    def layer(x):
        calls.append("layer")
        return torch.tanh(x @ w + b) * 1.7

    return norm, layer


@residual.scenario
def _(m, x, w, b, scale):
    return m.residual(x, *parts(w, b, scale, []))


@residual.oracle
def _(x, w, b, scale):
    y = scale * (x - x.sum(1, keepdim=True) / x.shape[1]) / (1 + x * x)
    return x + 1.7 * torch.tanh(torch.einsum("btc,cd->btd", y, w) + b)


@residual.check("gradients")
def _(m, **case):
    leaves = {name: leaf(tensor) for name, tensor in case.items()}
    norm, layer = parts(leaves["w"], leaves["b"], leaves["scale"], [])
    return gradients(m.residual(leaves["x"], norm, layer), leaves)


@residual.check("who is called")
def _(m, x, w, b, scale):
    calls = []
    m.residual(x, *parts(w, b, scale, calls))
    return calls


@residual.check("input as it was")
def _(m, x, w, b, scale):
    out = m.residual(x, *parts(w, b, scale, []))
    return {"x": x, "result": out.detach(), "requires a gradient": out.requires_grad}


residual.hint("Follow the drawing: the upper line carries x itself. What stands on the lower one?")
residual.hint("norm first, of its result the layer, and that is added to x.")
residual.hint("return x + layer(norm(x))")


def wrong(message, name, by):
    residual.misconception(message, name=name, replace="return x + layer(norm(x))", by=by)


wrong(
    """There is no residual: x itself is not added, and what the layer does not pass on is lost, the
    gradient as well.""",
    "no_residual",
    "return layer(norm(x))",
)
wrong(
    """This is post-norm, the first paper's: the norm comes last and stands on the stream itself. Here
    the layer sees a normalized copy, and x is added as it is.""",
    "post_norm",
    "return norm(x + layer(x))",
)
wrong(
    """The residual starts behind the norm: the normalized x is added. Add x as it came in, or each norm
    stands on the highway.""",
    "from_normalized",
    "x = norm(x)\n    return x + layer(x)",
)
wrong(
    """The layer's *result* is normalized, not what goes into it. Norm first, then the layer.""",
    "norm_after_layer",
    "return x + norm(layer(x))",
)
wrong(
    """The norm is not used: the layer must see the normalized copy.""",
    "no_norm",
    "return x + layer(x)",
)
wrong(
    """Only the norm's result is added; the layer is not used.""",
    "no_layer",
    "return x + norm(x)",
)
wrong(
    """x is changed in place (+=). Whoever called may still need it, and autograd too: make a new
    tensor.""",
    "in_place",
    "x.data += layer(norm(x)).data\n    return x",
)
wrong(
    """The sum is halved. The stream keeps what it carries: x + ..., unweighted.""",
    "halved",
    "return (x + layer(norm(x))) / 2",
)
wrong(
    """x is detached where it is added, so the gradient has lost its highway and goes through the
    layers alone.""",
    "stream_detached",
    "return x.detach() + layer(norm(x))",
)
wrong(
    """The layer's result is detached: right numbers, but the layer never learns.""",
    "layer_detached",
    "return x + layer(norm(x)).detach()",
)
wrong(
    """The layer's result is subtracted, not added.""",
    "subtracted",
    "return x - layer(norm(x))",
)


@residual.variant("step by step")
def steps(x, norm, layer):
    found = norm(x)
    found = layer(found)
    return torch.add(found, x)
