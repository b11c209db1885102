"""06.residual_block: residual and skip."""

import torch

from graders.authoring import differentiate, exercise

from .part import a_block, leaves, unit, upstream

block = exercise("residual_block", title="residual and skip", stretch=True)


@block.cases
def _(rng):
    for B, T, C, H, S, dilation in [
        (2, 5, 3, 4, 2, 1),
        (1, 7, 2, 3, 5, 2),
        (3, 4, 3, 3, 3, 1),
        (2, 9, 1, 2, 4, 4),
    ]:
        yield dict(x=rng.normal(B, T, C), block=a_block(rng, C, H, S), dilation=dilation)


@block.oracle
def _(x, block, dilation):
    z = unit(x, block, dilation)
    return (x + torch.einsum("bth,hc->btc", z, block["Wr"]) + block["br"],
            torch.einsum("bth,hs->bts", z, block["Ws"]) + block["bs"])  # fmt: skip


@block.check("gradients")
def _(m, x, block, dilation):
    x = x.clone().requires_grad_()
    block, named = leaves("", block)
    stream, skip = m.residual_block(x, block, dilation)
    up = [upstream(stream), -2 * upstream(skip)]
    return dict(differentiate([stream, skip], {"x": x, **named}, up))


block.hint("One z, used twice. To what is the first product added, and the second?")
block.hint("The stream is x + z @ Wr + br; the skip has nothing added but its bias.")
block.hint(
    'z = gated(x, block, dilation); return x + z @ block["Wr"] + block["br"], z @ block["Ws"] + ...'
)

STREAM = 'x + z @ block["Wr"] + block["br"]'
SKIP = 'z @ block["Ws"] + block["bs"]'

block.misconception(
    "The residual is missing: the stream is x *plus* the block's contribution.",
    name="no_residual",
    replace=STREAM,
    by='z @ block["Wr"] + block["br"]',
)
block.misconception(
    "The skip got x added as well. Only the stream has the residual; the skip is what this block "
    "reports.",
    name="skip_with_x",
    replace=SKIP,
    by='x + z @ block["Ws"] + block["bs"]',
)
block.misconception(
    "Stream and skip are swapped: the stream comes first.",
    name="swapped",
    replace=STREAM + ", " + SKIP,
    by=SKIP + ", " + STREAM,
)
block.misconception(
    "The skip was computed from the new stream. It branches off from z, before the residual is "
    "added.",
    name="skip_of_stream",
    replace="return " + STREAM + ", " + SKIP,
    by='delta = z @ block["Wr"] + block["br"]\n'
    '    wide = (x + delta) @ block["Wr"].T\n'
    '    return x + delta, wide @ block["Ws"] + block["bs"]',
)
block.misconception(
    "The biases are missing: 'br' for the stream, 'bs' for the skip.",
    name="no_biases",
    edits=[(STREAM, 'x + z @ block["Wr"]'), (SKIP, 'z @ block["Ws"]')],
)
block.misconception(
    "The matrices were transposed: z @ Wr, with Wr (H, C) as it is.",
    name="transposed",
    replace=STREAM,
    by='x + z @ block["Wr"].T + block["br"]',
)
block.misconception(
    "The stream's bias is missing: 'br'.",
    name="no_stream_bias",
    replace=STREAM,
    by='x + z @ block["Wr"]',
)
block.misconception(
    "The skip is z itself. It goes through a matrix of its own: z @ Ws + bs.",
    name="skip_is_z",
    replace=SKIP,
    by="z",
)
block.misconception(
    "The stream was returned twice. The skip is z @ Ws + bs.",
    name="stream_twice",
    replace="return " + STREAM + ", " + SKIP,
    by="stream = " + STREAM + "\n    return stream, stream",
)
block.misconception(
    "Only the stream came back. A tuple of two is asked for: (stream, skip).",
    name="stream_only",
    replace="return " + STREAM + ", " + SKIP,
    by="return " + STREAM,
)
block.misconception(
    "The block's contribution was subtracted: the stream is x *plus* z @ Wr + br.",
    name="minus",
    replace=STREAM,
    by='x - z @ block["Wr"] - block["br"]',
)
block.misconception(
    "A ReLU was put on the skip. The output has the ReLUs, after all skips are added up.",
    name="relu_on_skip",
    replace=SKIP,
    by='torch.relu(z @ block["Ws"] + block["bs"])',
)
block.misconception(
    "The skip is cut off from the gradient (detach): over it the block learns what to report.",
    name="skip_detached",
    replace=SKIP,
    by='(z @ block["Ws"] + block["bs"]).detach()',
)
block.misconception(
    "z has no gate: tanh alone is part 6. z = gated(x, block, dilation).",
    name="no_gate",
    replace="z = gated(x, block, dilation)\n",
    by='z = torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation))\n',
)
block.misconception(
    "The skip's bias is missing: 'bs'.",
    name="no_skip_bias",
    replace=SKIP,
    by='z @ block["Ws"]',
)
block.misconception(
    "x was added before the product: (x + z) goes through the matrix. The residual's point is "
    "that x passes untouched.",
    name="inside",
    replace=STREAM,
    by='x @ (block["Wr"].T @ block["Wr"]) + z @ block["Wr"] + block["br"]',
)
block.misconception(
    "A nonlinearity was put on the stream. It stays a plain sum, so that the gradient has a "
    "straight way.",
    name="tanh_on_stream",
    replace=STREAM,
    by='torch.tanh(x + z @ block["Wr"] + block["br"])',
)
block.misconception(
    "The stream was scaled (by a half, or a root of it). The paper's residual is a plain sum.",
    name="scaled",
    replace=STREAM,
    by='(x + z @ block["Wr"] + block["br"]) * 0.5**0.5',
)
block.misconception(
    "x was changed in place (+=): it still belongs to whoever called.",
    name="in_place",
    replace="    return " + STREAM,
    by='    x += z @ block["Wr"] + block["br"]\n    return x',
)
block.misconception(
    "The dilation was not passed on to gated.",
    name="no_dilation",
    replace="z = gated(x, block, dilation)\n",
    by="z = gated(x, block, 1)\n",
)
block.misconception(
    "The residual is cut off from the gradient (detach): its straight way back is the reason that "
    "it is there.",
    name="detached",
    replace=STREAM,
    by='x.detach() + z @ block["Wr"] + block["br"]',
)

block.variant(
    "one product, then split",
    name="one_product",
    source="""def residual_block(x, block, dilation):
    z = gated(x, block, dilation)
    W = torch.cat([block["Wr"], block["Ws"]], dim=1)
    both = z @ W + torch.cat([block["br"], block["bs"]])
    delta, skip = both.split([x.shape[-1], both.shape[-1] - x.shape[-1]], dim=-1)
    return delta + x, skip
""",
)
block.variant(
    "F.linear",
    name="linear",
    source="""def residual_block(x, block, dilation):
    z = gated(x, block, dilation)
    stream = F.linear(z, block["Wr"].T, block["br"]).add(x)
    skip = F.linear(z, block["Ws"].T, block["bs"])
    return stream, skip
""",
)
