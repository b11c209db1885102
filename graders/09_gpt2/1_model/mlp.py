"""09.mlp: c_fc, GELU, c_proj."""

import torch

from graders.authoring import exercise, fill

from .part import gradients, layer_shapes, names, plain_mlp, weights

mlp = exercise("mlp", target=("MLP.__init__", "MLP.forward"), title="the MLP", pure=False)


@mlp.cases
def _(rng):
    for C, shape in [(3, (2, 4)), (1, (3, 2)), (5, (1, 1)), (4, (6,))]:
        yield dict(C=C, x=rng.normal(*shape, C), w=weights(rng, layer_shapes(C), "mlp."))
    w = weights(rng, layer_shapes(6), "mlp.", torch.float32)
    yield dict(C=6, x=rng.normal(4, 2, 6, dtype=torch.float32).transpose(0, 1), w=w)


def made(m, C, w):
    return fill(m.MLP(m.GPTConfig(n_embd=C, n_head=1)), w)


@mlp.scenario
def _(m, C, x, w):
    return made(m, C, w)(x)


@mlp.oracle
def _(C, x, w):
    return plain_mlp(x, w)


@mlp.check("names")
def _(m, C, x, w):
    return names(m.MLP(m.GPTConfig(n_embd=C, n_head=1)), w)


@mlp.check("gradients")
def _(m, C, x, w):
    module = made(m, C, w)
    return gradients(module, x, w, module)


@mlp.oracle("gradients")
def _(C, x, w):
    return gradients(lambda x: plain_mlp(x, w), x, w)


mlp.hint("Two nn.Linear layers, and between them the function that you wrote above.")
mlp.hint(
    "c_fc goes from n_embd to 4 * n_embd, c_proj back. Both have biases, as nn.Linear makes them."
)
mlp.hint("return self.c_proj(gelu_tanh(self.c_fc(x)))")

mlp.misconception(
    """Nothing bends between the two layers: one linear map after the other is a linear map again. Put
    gelu_tanh in between.""",
    name="no_gelu",
    replace="gelu_tanh(self.c_fc(x))",
    by="self.c_fc(x)",
)
mlp.misconception(
    """ReLU stands in between, as in lesson 07. GPT-2 has GELU, by its tanh formula.""",
    name="relu",
    replace="gelu_tanh(self.c_fc(x))",
    by="F.relu(self.c_fc(x))",
)
mlp.misconception(
    """The GELU in between is the exact one, which is what nn.GELU() and F.gelu do unless told otherwise.
    GPT-2 has the tanh formula.""",
    name="exact_gelu",
    replace="gelu_tanh(self.c_fc(x))",
    by="F.gelu(self.c_fc(x))",
)
mlp.misconception(
    """GELU comes after the second layer: between the two nothing bends, and what is added to the stream can
    hardly be negative. It belongs between them.""",
    name="gelu_at_the_end",
    replace="self.c_proj(gelu_tanh(self.c_fc(x)))",
    by="gelu_tanh(self.c_proj(self.c_fc(x)))",
)
mlp.misconception(
    """Another GELU follows c_proj. The last layer's result is added to the stream as it is.""",
    name="gelu_twice",
    replace="self.c_proj(gelu_tanh(self.c_fc(x)))",
    by="gelu_tanh(self.c_proj(gelu_tanh(self.c_fc(x))))",
)
mlp.misconception(
    """x is added inside the MLP. The block does that: here it would count twice.""",
    name="residual_inside",
    replace="return self.c_proj",
    by="return x + self.c_proj",
)
mlp.variant(
    "torch's own GELU, as a layer",
    name="layer",
    edits=[
        ("self.c_fc = ", 'self.gelu = nn.GELU(approximate="tanh")\n        self.c_fc = '),
        ("gelu_tanh(self.c_fc(x))", "self.gelu(self.c_fc(x))"),
    ],
)
