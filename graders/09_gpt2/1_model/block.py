"""09.block: the pre-norm block."""

from graders.authoring import exercise, fill

from .part import SETTINGS, gradients, layer_shapes, names, plain_block, weights

block = exercise(
    "block", target=("Block.__init__", "Block.forward"), title="the pre-norm block", pure=False
)


@block.cases
def _(rng):
    for (n_head, hs, B, T), dtype in SETTINGS:
        C = n_head * hs
        x = rng.normal(T, B, C, mean=0.5, std=2.0, dtype=dtype).transpose(0, 1)
        yield dict(n_head=n_head, x=x, w=weights(rng, layer_shapes(C), "", dtype))


def made(m, n_head, C):
    return m.Block(m.GPTConfig(block_size=7, n_head=n_head, n_embd=C))


@block.scenario
def _(m, n_head, x, w):
    return fill(made(m, n_head, x.shape[-1]), w)(x)


@block.oracle
def _(n_head, x, w):
    return plain_block(x, w, n_head)


@block.check("names")
def _(m, n_head, x, w):
    module = made(m, n_head, x.shape[-1])
    return [names(module, w), module.ln_1.eps, module.ln_2.eps]


@block.check("x as it was")
def _(m, n_head, x, w):
    module, before = fill(made(m, n_head, x.shape[-1]), w), x.clone()
    module(x)
    return x - before


@block.check("gradients")
def _(m, n_head, x, w):
    module = fill(made(m, n_head, x.shape[-1]), w)
    return gradients(module, x, w, module)


@block.oracle("gradients")
def _(n_head, x, w):
    return gradients(lambda x: plain_block(x, w, n_head), x, w)


block.hint("Four parts, two lines. What is normalized goes into a branch; what is added is not.")
block.hint("nn.LayerNorm(config.n_embd) twice: each entrance has one of its own.")
block.hint("x = x + self.attn(self.ln_1(x)), then x = x + self.mlp(self.ln_2(x)), then return x.")

FIRST = "x = x + self.attn(self.ln_1(x))"
SECOND = "x = x + self.mlp(self.ln_2(x))"

block.misconception(
    """LayerNorm stands behind each sum (post-norm), on the stream itself. GPT-2 is pre-norm: only what
    enters a branch is normalized.""",
    name="post_norm",
    edits=[(FIRST, "x = self.ln_1(x + self.attn(x))"), (SECOND, "x = self.ln_2(x + self.mlp(x))")],
)
block.misconception(
    """The stream itself was normalized: x is replaced by ln(x), and the branch is added to that. Add to the x
    that came in.""",
    name="stream_normalized",
    edits=[
        (FIRST, "x = self.ln_1(x)\n        x = x + self.attn(x)"),
        (SECOND, "x = self.ln_2(x)\n        x = x + self.mlp(x)"),
    ],
)
block.misconception(
    """Each branch's result is normalized, not what goes into it.""",
    name="branch_normalized",
    edits=[(FIRST, "x = x + self.ln_1(self.attn(x))"), (SECOND, "x = x + self.ln_2(self.mlp(x))")],
)
block.misconception(
    """The attention's result replaces the stream: the residual connection around it is missing.""",
    name="no_first_residual",
    replace=FIRST,
    by="x = self.attn(self.ln_1(x))",
)
block.misconception(
    """The MLP's result replaces the stream: the residual connection around it is missing.""",
    name="no_second_residual",
    replace=SECOND,
    by="x = self.mlp(self.ln_2(x))",
)
block.misconception(
    """Both residual connections are missing: each branch replaces the stream instead of adding to it.""",
    name="no_residuals",
    edits=[(FIRST, "x = self.attn(self.ln_1(x))"), (SECOND, "x = self.mlp(self.ln_2(x))")],
)
block.misconception(
    """The MLP works on what came into the block. It comes second: it sees what attention has gathered.""",
    name="parallel",
    edits=[(FIRST, "a = x + self.attn(self.ln_1(x))"), (SECOND, "x = a + self.mlp(self.ln_2(x))")],
)
block.misconception(
    """The MLP comes first. It is attention, then the MLP.""",
    name="mlp_first",
    replace=FIRST + "\n        " + SECOND,
    by=SECOND + "\n        " + FIRST,
)
block.misconception(
    """ln_1 is used twice. The MLP has a LayerNorm of its own, ln_2.""",
    name="one_norm",
    replace="self.mlp(self.ln_2(x))",
    by="self.mlp(self.ln_1(x))",
)
block.misconception(
    """Nothing is normalized: ln_1 and ln_2 stand at the entrances of the branches.""",
    name="no_norm",
    edits=[(FIRST, "x = x + self.attn(x)"), (SECOND, "x = x + self.mlp(x)")],
)
block.misconception(
    """The sum was written into x itself (`x += ...` changes the tensor of whoever called). Make a new one:
    x = x + ...""",
    name="in_place",
    replace=FIRST,
    by="x += self.attn(self.ln_1(x))",
)
block.variant(
    "in one expression",
    name="walrus",
    edits=[
        (FIRST, "h = torch.add(x, self.attn(self.ln_1(x)))"),
        (SECOND, "x = h + self.mlp(self.ln_2(h))"),
    ],
)
