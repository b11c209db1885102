"""The rest of the paper, all of it a stretch: gates, residual and skip connections."""

import torch

from graders.authoring import differentiate, exercise


def a_block(rng, C, H, S):
    """Random weights of one block, biases far from zero."""
    return {
        "Wf": rng.normal(2 * C, H, std=C**-0.5),
        "bf": rng.normal(H),
        "Wg": rng.normal(2 * C, H, std=C**-0.5),
        "bg": rng.normal(H),
        "Wr": rng.normal(H, C, std=H**-0.5),
        "br": rng.normal(C),
        "Ws": rng.normal(H, S, std=H**-0.5),
        "bs": rng.normal(S),
    }


def conv(x, W, b, dilation):
    """Two taps by torch's conv1d: independent of the part's own."""
    weight = torch.stack([W[: x.shape[2]].T, W[x.shape[2] :].T], dim=-1)
    padded = torch.nn.functional.pad(x.transpose(1, 2), (dilation, 0))
    return torch.nn.functional.conv1d(padded, weight, b, dilation=dilation).transpose(1, 2)


def unit(x, block, dilation):
    """The gated unit, written with exponentials."""
    what = conv(x, block["Wf"], block["bf"], dilation)
    gate = conv(x, block["Wg"], block["bg"], dilation)
    return (what.exp() - (-what).exp()) / (what.exp() + (-what).exp()) / (1 + (-gate).exp())


def leaves(prefix, block):
    """Copies of a block's weights that torch records, and the same by a longer name."""
    copies = {name: t.clone().requires_grad_() for name, t in block.items()}
    return copies, {f"{prefix}{name}": t for name, t in copies.items()}


def upstream(out):
    return torch.linspace(-1, 2, out.numel(), dtype=torch.float64).view(out.shape)


# -- gated -----------------------------------------------------------------------------------------

gated = exercise("gated", title="the gated activation", stretch=True)
gated.hint(
    "Two convolutions of the same x. Which of them goes through tanh, which through sigmoid?"
)
gated.hint("The filter ('Wf', 'bf') says what: tanh. The gate ('Wg', 'bg') says how much: sigmoid.")
gated.hint(
    'torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) times torch.sigmoid of the '
    "same with the gate's weights."
)


@gated.cases
def _(rng):
    for B, T, C, H, dilation in [
        (2, 5, 3, 4, 1),
        (1, 7, 2, 2, 2),
        (3, 4, 4, 3, 5),
        (2, 9, 1, 2, 4),
    ]:
        yield dict(x=rng.normal(B, T, C), block=a_block(rng, C, H, 2), dilation=dilation)
    yield dict(x=rng.normal(2, 3, 2, std=5), block=a_block(rng, 2, 3, 1), dilation=1)


@gated.oracle
def _(x, block, dilation):
    return unit(x, block, dilation)


@gated.check("gradients")
def _(m, x, block, dilation):
    x = x.clone().requires_grad_()
    block, named = leaves("", {name: block[name] for name in ("Wf", "bf", "Wg", "bg")})
    out = m.gated(x, block, dilation)
    return dict(differentiate(out, {"x": x, **named}, upstream(out)))


gated.misconception(
    "tanh and sigmoid have swapped places: the filter goes through tanh (-1 to 1), the gate "
    "through sigmoid (0 to 1).",
    name="swapped",
    edits=[
        ("torch.tanh(", "torch.sigmoid("),
        ("how_much = torch.sigmoid(", "how_much = torch.tanh("),
    ],
)
gated.misconception(
    "Both went through tanh. A gate lies between 0 and 1, closed and open: sigmoid.",
    name="two_tanh",
    replace="torch.sigmoid(",
    by="torch.tanh(",
)
gated.misconception(
    "Both went through sigmoid. The filter says what, and that may be negative: tanh.",
    name="two_sigmoids",
    replace="torch.tanh(",
    by="torch.sigmoid(",
)
gated.misconception(
    "The gate was added to the filter. It multiplies: a closed gate lets nothing through.",
    name="added",
    replace="return what * how_much",
    by="return what + how_much",
)
gated.misconception(
    "Filter and gate use the same weights, the filter's. The gate has its own: 'Wg' and 'bg'.",
    name="same_weights",
    replace='block["Wg"], block["bg"]',
    by='block["Wf"], block["bf"]',
)
gated.misconception(
    "The gate has the filter's bias: its own is 'bg'.",
    name="same_bias",
    replace='block["bg"]',
    by='block["bf"]',
)
gated.misconception(
    "The dilation is ignored in one or both of the convolutions: pass it to both.",
    name="no_dilation",
    edits=[
        ('block["bf"], dilation)', 'block["bf"], 1)'),
        ('block["bg"], dilation)', 'block["bg"], 1)'),
    ],
)
gated.misconception(
    "The gate does not see the dilated neighbor: pass the dilation to both convolutions.",
    name="gate_not_dilated",
    replace='block["bg"], dilation)',
    by='block["bg"], 1)',
)
gated.misconception(
    "There is no gate: tanh alone is the activation of part 4. Multiply by the sigmoid.",
    name="no_gate",
    replace="return what * how_much",
    by="return what",
)
gated.misconception(
    "The gate was computed from the filter's output. Both read x.",
    name="gate_of_filter",
    replace="return what * how_much",
    by="return what * torch.sigmoid(what)",
)
gated.misconception(
    "The gate is cut off from the gradient (detach): it would never learn when to open.",
    name="gate_detached",
    replace="return what * how_much",
    by="return what * how_much.detach()",
)
gated.variant(
    "both in one convolution, then split",
    name="one_convolution",
    source="""def gated(x, block, dilation):
    W = torch.cat([block["Wf"], block["Wg"]], dim=1)
    b = torch.cat([block["bf"], block["bg"]])
    what, gate = dilated_conv(x, W, b, dilation).chunk(2, dim=-1)
    return what.tanh() * gate.sigmoid()
""",
)
gated.variant(
    "F.glu",
    name="glu",
    source="""def gated(x, block, dilation):
    what = torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation))
    gate = dilated_conv(x, block["Wg"], block["bg"], dilation)
    return F.glu(torch.cat([what, gate], dim=-1), dim=-1)
""",
)

# -- residual_block --------------------------------------------------------------------------------

block = exercise("residual_block", title="residual and skip", stretch=True)
block.hint("One z, used twice. To what is the first product added, and the second?")
block.hint("The stream is x + z @ Wr + br; the skip has nothing added but its bias.")
block.hint(
    'z = gated(x, block, dilation); return x + z @ block["Wr"] + block["br"], z @ block["Ws"] + ...'
)


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
    return [delta + x, skip]
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

# -- output ----------------------------------------------------------------------------------------

head = exercise("output", title="the sum of all skips", stretch=True)
head.hint("In which order come the sum, the two ReLUs and the two matrices?")
head.hint("Sum, ReLU, W1, ReLU, W2: a ReLU stands before each matrix, none after the last.")
head.hint(
    'hidden = torch.relu(sum(skips)) @ head["W1"] + head["b1"]; '
    'return torch.relu(hidden) @ head["W2"] + head["b2"]'
)


def a_head(rng, S, K, V):
    return {
        "W1": rng.normal(S, K, std=S**-0.5),
        "b1": rng.normal(K),
        "W2": rng.normal(K, V, std=K**-0.5),
        "b2": rng.normal(V),
    }


@head.cases
def _(rng):
    for n, B, T, S, K, V in [
        (3, 2, 4, 3, 5, 6),
        (1, 1, 3, 4, 2, 5),
        (2, 3, 2, 4, 4, 4),
        (5, 2, 1, 2, 6, 3),
    ]:
        yield dict(skips=[rng.normal(B, T, S) for _ in range(n)], head=a_head(rng, S, K, V))


@head.oracle
def _(skips, head):
    summed = torch.stack(skips).sum(0).clamp(min=0)
    hidden = torch.einsum("bts,sk->btk", summed, head["W1"]) + head["b1"]
    return torch.einsum("btk,kv->btv", hidden.clamp(min=0), head["W2"]) + head["b2"]


@head.check("gradients")
def _(m, skips, head):
    skips = [s.clone().requires_grad_() for s in skips]
    head, named = leaves("", head)
    out = m.output(skips, head)
    inputs = {f"skip {i}": s for i, s in enumerate(skips)} | named
    return dict(differentiate(out, inputs, upstream(out)))


FIRST = 'hidden = torch.relu(sum(skips)) @ head["W1"] + head["b1"]'
SECOND = 'return torch.relu(hidden) @ head["W2"] + head["b2"]'

head.misconception(
    "The skips were averaged: they are added up.",
    name="averaged",
    replace="sum(skips)",
    by="sum(skips) / len(skips)",
)
head.misconception(
    "Only the last block's skip was used. All of them reach the output: that is what skips are "
    "for.",
    name="last_only",
    replace="sum(skips)",
    by="skips[-1]",
)
head.misconception(
    "The ReLU came before the sum. Skips may cancel each other: add up first.",
    name="relu_before_sum",
    replace="torch.relu(sum(skips))",
    by="sum(torch.relu(skip) for skip in skips)",
)
head.misconception(
    "The first ReLU is missing: it stands between the sum and W1.",
    name="no_first_relu",
    replace="torch.relu(sum(skips))",
    by="sum(skips)",
)
head.misconception(
    "The second ReLU is missing: without it, W1 and W2 are one matrix.",
    name="no_second_relu",
    replace="torch.relu(hidden)",
    by="hidden",
)
head.misconception(
    "A ReLU after the last layer forbids negative logits: leave it out.",
    name="relu_after",
    replace=SECOND,
    by='return torch.relu(torch.relu(hidden) @ head["W2"] + head["b2"])',
)
head.misconception(
    "ReLU after each matrix, not before: the sum has to go through one, the logits must not.",
    name="relu_late",
    edits=[
        (FIRST, 'hidden = torch.relu(sum(skips) @ head["W1"] + head["b1"])'),
        (SECOND, 'return torch.relu(hidden @ head["W2"] + head["b2"])'),
    ],
)
head.misconception(
    "tanh was used for ReLU: the paper's output has ReLUs.",
    name="tanh",
    edits=[
        ("torch.relu(sum(skips))", "torch.tanh(sum(skips))"),
        ("torch.relu(hidden)", "torch.tanh(hidden)"),
    ],
)
head.misconception(
    "Probabilities came back. Return the logits; cross_entropy applies the softmax.",
    name="softmax",
    replace=SECOND,
    by='return F.softmax(torch.relu(hidden) @ head["W2"] + head["b2"], dim=-1)',
)
head.misconception(
    "The biases are missing: + b1, + b2.",
    name="no_biases",
    edits=[
        (FIRST, 'hidden = torch.relu(sum(skips)) @ head["W1"]'),
        (SECOND, 'return torch.relu(hidden) @ head["W2"]'),
    ],
)
head.misconception(
    "The sum was made in place, in the first skip: it belongs to whoever called.",
    name="in_place",
    replace="    hidden =",
    by="    for skip in skips[1:]:\n        skips[0] += skip\n    skips = skips[:1]\n    hidden =",
)
head.variant(
    "stack and sum",
    name="stack",
    source="""def output(skips, head):
    x = torch.stack(list(skips), dim=0).sum(dim=0)
    for i in ("1", "2"):
        x = F.linear(F.relu(x), head["W" + i].T, head["b" + i])
    return x
""",
)
head.variant(
    "a loop",
    name="loop",
    source="""def output(skips, head):
    total = torch.zeros_like(skips[0])
    for skip in skips:
        total = total + skip
    hidden = total.clamp(min=0) @ head["W1"] + head["b1"]
    return hidden.clamp(min=0) @ head["W2"] + head["b2"]
""",
)

# -- paper_wavenet ---------------------------------------------------------------------------------

paper = exercise("paper_wavenet", title="the network of the paper", points=2, stretch=True)
paper.hint("Two things come out of each block. Where does each of them go?")
paper.hint(
    "The stream becomes the next block's x; the skips are collected in a list for the output."
)
paper.hint(
    "skips = []; for dilation, block in blocks: x, skip = residual_block(x, block, dilation); "
    "skips.append(skip). Return output(skips, head)."
)


@paper.cases
def _(rng):
    for B, T, C, H, S, V, dilations in [
        (2, 6, 3, 4, 2, 5, [1, 2]),
        (1, 9, 2, 2, 3, 4, [1, 2, 4]),
        (2, 5, 3, 3, 3, 3, [2]),
        (3, 7, 2, 3, 4, 6, [4, 1, 1, 2]),
    ]:
        yield dict(
            x=rng.normal(B, T, C),
            blocks=[(d, a_block(rng, C, H, S)) for d in dilations],
            head=a_head(rng, S, S + 1, V),
        )


@paper.oracle
def _(x, blocks, head):
    total = 0
    for dilation, block in blocks:
        z = unit(x, block, dilation)
        total = total + z @ block["Ws"] + block["bs"]
        x = x + z @ block["Wr"] + block["br"]
    hidden = total.clamp(min=0) @ head["W1"] + head["b1"]
    return hidden.clamp(min=0) @ head["W2"] + head["b2"]


@paper.check("gradients")
def _(m, x, blocks, head):
    """The last block's Wr and br have none: what is left of the stream is not used."""
    inputs, copies = {"x": x.clone().requires_grad_()}, []
    for i, (dilation, block) in enumerate(blocks):
        block, named = leaves(f"block {i} ", block)
        copies.append((dilation, block))
        inputs |= named
    head, named = leaves("head ", head)
    out = m.paper_wavenet(inputs["x"], copies, head)
    found = differentiate(out, inputs | named, upstream(out))
    # no gradient and one of zeros are the same to whoever trains
    return {k: torch.zeros_like((inputs | named)[k]) if g is None else g for k, g in found}


@paper.check("nobody looks ahead")
def _(m, x, blocks, head):
    out = m.paper_wavenet(x, blocks, head)
    ahead = []
    for t in range(x.shape[1] - 1):
        other = x.clone()
        other[:, t + 1 :] += 10.0
        ahead.append((m.paper_wavenet(other, blocks, head) - out)[:, : t + 1].abs().max().item())
    return [a < 1e-9 for a in ahead]


paper.misconception(
    "Every block got the original x. Each further block gets the stream of the block before.",
    name="always_x",
    replace="x, skip = residual_block",
    by="_, skip = residual_block",
)
paper.misconception(
    "Only the last skip reached the output: collect those of all blocks.",
    name="last_skip",
    replace="output(skips, head)",
    by="output(skips[-1:], head)",
)
paper.misconception(
    "The first block's skip is missing. All blocks report to the output.",
    name="first_skip_missing",
    replace="output(skips, head)",
    by="output(skips[1:] or skips, head)",
)
paper.misconception(
    "The skip was passed on to the next block, and the stream to the output: it is the other way "
    "round.",
    name="swapped",
    replace="x, skip = residual_block",
    by="skip, x = residual_block",
)
paper.misconception(
    "The blocks were applied from the top down. The first in the list is the lowest.",
    name="top_down",
    replace="in blocks:",
    by="in blocks[::-1]:",
)
paper.misconception(
    "The dilations were made up (1, 2, 4, ...). Each block comes with its own, as the first of "
    "the pair.",
    name="own_dilations",
    replace="residual_block(x, block, dilation)",
    by="residual_block(x, block, 2 ** len(skips))",
)
paper.misconception(
    "The dilation was not used: pass it to each block.",
    name="no_dilation",
    replace="residual_block(x, block, dilation)",
    by="residual_block(x, block, 1)",
)
paper.misconception(
    "x was added once more to each stream: residual_block has done that.",
    name="residual_twice",
    replace="        skips.append(skip)\n",
    by="        skips.append(skip)\n        x = 2 * x\n",
)
paper.misconception(
    "The list of skips was begun anew for each block: make it once, before the loop.",
    name="list_anew",
    edits=[
        ("    skips = []\n", ""),
        ("        skips.append(skip)\n", "        skips = [skip] * len(blocks)\n"),
    ],
)
paper.misconception(
    "The loop ends after the first block: `return` stands one level too deep.",
    name="returns_early",
    replace="        skips.append(skip)\n",
    by="        skips.append(skip)\n        return output(skips, head)\n",
)
paper.misconception(
    "Probabilities came back. Return the logits.",
    name="softmax",
    replace="output(skips, head)",
    by="F.softmax(output(skips, head), dim=-1)",
)
paper.variant(
    "everything written out",
    name="written_out",
    source="""def paper_wavenet(x, blocks, head):
    total = None
    for dilation, p in blocks:
        z = torch.tanh(dilated_conv(x, p["Wf"], p["bf"], dilation))
        z = z * torch.sigmoid(dilated_conv(x, p["Wg"], p["bg"], dilation))
        skip = z @ p["Ws"] + p["bs"]
        total = skip if total is None else total + skip
        x = x + z @ p["Wr"] + p["br"]
    hidden = F.relu(total) @ head["W1"] + head["b1"]
    return F.relu(hidden) @ head["W2"] + head["b2"]
""",
)
paper.variant(
    "the sum as it goes",
    name="running_sum",
    source="""def paper_wavenet(x, blocks, head):
    total = 0
    for dilation, block in blocks:
        x, skip = residual_block(x, block, dilation)
        total = total + skip
    return output([total], head)
""",
)
