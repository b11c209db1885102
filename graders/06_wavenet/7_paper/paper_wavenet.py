"""06.paper_wavenet: the network of the paper."""

import torch

from graders.authoring import differentiate, exercise

from .part import a_block, a_head, leaves, unit, upstream

paper = exercise("paper_wavenet", title="the network of the paper", points=2, stretch=True)


@paper.cases
def _(rng):
    for B, T, C, H, S, V, dilations in [
        (2, 6, 3, 4, 2, 5, [1, 2]),
        (1, 9, 2, 2, 3, 4, [1, 2, 4]),
        (2, 5, 3, 3, 3, 3, [2]),
        (3, 7, 2, 3, 4, 6, [4, 1, 1, 2]),
        (1, 4, 2, 2, 2, 3, [1, 2, 1, 3, 1, 2, 1]),  # as many as you like
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


paper.hint("Two things come out of each block. Where does each of them go?")
paper.hint(
    "The stream becomes the next block's x; the skips are collected in a list for the output."
)
paper.hint(
    "skips = []; for dilation, block in blocks: x, skip = residual_block(x, block, dilation); "
    "skips.append(skip). Return output(skips, head)."
)

paper.misconception(
    "Every block got the original x. Each further block gets the stream of the block before.",
    name="always_x",
    replace="x, skip = residual_block",
    by="_, skip = residual_block",
)
paper.misconception(
    "The stream at the top went into the output as well. Only the skips reach it.",
    name="stream_too",
    replace="output(skips, head)",
    by="output([*skips, x] if x.shape == skips[0].shape else skips, head)",
)
paper.misconception(
    "The skips were added up in the list already, so that the lower ones count several times. "
    "output makes the sum.",
    name="sums_of_sums",
    replace="skips.append(skip)",
    by="skips.append(skips[-1] + skip if skips else skip)",
)
paper.misconception(
    "The skips were averaged: output adds them up.",
    name="averaged",
    replace="output(skips, head)",
    by="output([sum(skips) / len(skips)], head)",
)
paper.misconception(
    "The last block was left out. Its stream is not used, but its skip is.",
    name="last_block",
    replace="in blocks:",
    by="in (blocks[:-1] or blocks):",
)
paper.misconception(
    "The first block's weights were used for all. Each block has its own.",
    name="first_weights",
    replace="residual_block(x, block, dilation)",
    by="residual_block(x, blocks[0][1], dilation)",
)
paper.misconception(
    "The first block's dilation was used for all. Each block comes with its own.",
    name="first_dilation",
    replace="residual_block(x, block, dilation)",
    by="residual_block(x, block, blocks[0][0])",
)
paper.misconception(
    "The stream is cut off between the blocks (detach): lower blocks would not hear from upper "
    "ones what they need.",
    name="stream_detached",
    replace="residual_block(x, block, dilation)",
    by="residual_block(x.detach(), block, dilation)",
)
paper.misconception(
    "The skips are cut off from the gradient (detach): no block would learn.",
    name="skips_detached",
    replace="skips.append(skip)",
    by="skips.append(skip.detach())",
)
paper.misconception(
    "A pair is (dilation, block), in this order.",
    name="pair_swapped",
    replace="for dilation, block in blocks:",
    by="for block, dilation in blocks:",
)
paper.misconception(
    "The skips themselves came back: output(skips, head) makes logits of them.",
    name="no_output",
    replace="output(skips, head)",
    by="skips",
)
paper.misconception(
    "x was overwritten with the stream: it belongs to whoever called, and autograd needs it. Give "
    "the name x to the stream, x, skip = ..., instead of writing into it.",
    name="overwrites_x",
    replace="        x, skip = residual_block(x, block, dilation)\n",
    by="        stream, skip = residual_block(x, block, dilation)\n        x[:] = stream\n",
)
paper.misconception(
    "The list of blocks was used up (pop): it belongs to whoever called, who needs it again.",
    name="pops",
    replace="    for dilation, block in blocks:\n",
    by="    while blocks:\n        dilation, block = blocks.pop(0)\n",
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
