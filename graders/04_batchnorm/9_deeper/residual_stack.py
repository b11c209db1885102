"""04.residual_stack: residual connections."""

import torch

from graders.authoring import differentiate, exercise

residual = exercise("residual_stack", title="residual connections", points=2, stretch=True)


@residual.cases
def _(rng):
    for n, d, depth, scale in [(2, 3, 2, 0.5), (1, 4, 3, 1.0), (5, 2, 4, -0.7), (3, 3, 1, 2.0)]:
        yield dict(
            x=rng.normal(n, d), weights=[rng.normal(d, d) for _ in range(depth)], scale=scale
        )
    yield dict(x=rng.normal(2, 2), weights=[], scale=0.5)
    yield dict(
        x=rng.normal(3, 4, dtype=torch.float32),
        weights=[rng.normal(4, 4, dtype=torch.float32) for _ in range(2)],
        scale=0.25,
    )


@residual.check("gradients")
def _(m, x, weights, scale):
    x.requires_grad_()
    inputs = {"x": x}
    for i, W in enumerate(weights):
        inputs[f"weights[{i}]"] = W.requires_grad_()
    last = m.residual_stack(x, weights, scale)[-1]
    up = torch.linspace(-1, 2, last.numel(), dtype=last.dtype).view(last.shape)
    return dict(differentiate(last, inputs, up))


@residual.check("list of levels")
def _(m, x, weights, scale):
    """x itself stands first; no level is changed by a later block."""
    before, held = x.clone(), [W.clone() for W in weights]
    levels = m.residual_stack(x, weights, scale)
    same = all(torch.equal(a, b) for a, b in zip(held, weights, strict=True))
    return [len(levels), bool(torch.equal(levels[0], before)), bool(torch.equal(x, before)), same]


residual.legal("answer: a copy", "x (itself, or a copy)")


@residual.effort
def _(rng):
    for depth in (3, 24):
        weights = [rng.normal(2, 2) for _ in range(depth)]
        yield dict(x=rng.normal(3, 2), weights=weights, scale=0.1)


residual.hint("Keep a list that begins with x. Each block looks at the last tensor in it.")
residual.hint("One block: out = inp + scale * torch.tanh(inp @ W). What is inp for the second one?")
residual.hint("outputs.append(outputs[-1] + scale * torch.tanh(outputs[-1] @ W)) for each W.")

residual.misconception(
    "The residual road is missing: each block gives only scale * tanh(x @ W). *Add* it to what came in.",
    name="no_road",
    replace="outputs[-1] + scale",
    by="scale",
)
residual.misconception(
    "Every block adds to the first x. It adds to its own input, the output of the block before.",
    name="adds_to_first",
    replace="outputs[-1] + scale",
    by="x + scale",
)
residual.misconception(
    "Every block reads the first x. It reads the output of the block before.",
    name="reads_first",
    replace="torch.tanh(outputs[-1] @ W)",
    by="torch.tanh(x @ W)",
)
residual.misconception(
    "The scale is missing: with many blocks the sum grows and grows.",
    name="no_scale",
    replace="scale * torch",
    by="torch",
)
residual.misconception(
    "The road itself was scaled. x passes as it is; only what the block adds is scaled.",
    name="road_scaled",
    replace="outputs[-1] + scale * torch.tanh(outputs[-1] @ W)",
    by="scale * (outputs[-1] + torch.tanh(outputs[-1] @ W))",
)
residual.misconception(
    "The scale went inside the tanh. It belongs to what the block adds, after the tanh.",
    name="scale_inside",
    replace="scale * torch.tanh(outputs[-1] @ W)",
    by="torch.tanh(scale * outputs[-1] @ W)",
)
residual.misconception(
    "tanh is missing: without it, all blocks together are one matrix.",
    name="no_tanh",
    replace="torch.tanh(outputs[-1] @ W)",
    by="(outputs[-1] @ W)",
)
residual.misconception(
    "tanh was applied to the sum, road and all. The road must stay free, or the gradient is squeezed "
    "again.",
    name="tanh_of_sum",
    replace="outputs[-1] + scale * torch.tanh(outputs[-1] @ W)",
    by="torch.tanh(outputs[-1] + scale * (outputs[-1] @ W))",
)
residual.misconception(
    "The input was subtracted in place of added.",
    name="minus",
    replace="outputs[-1] + scale * torch.tanh(outputs[-1] @ W)",
    by="scale * torch.tanh(outputs[-1] @ W) - outputs[-1]",
)
residual.misconception(
    "W is transposed: each block computes x @ W.",
    name="transposed",
    replace="outputs[-1] @ W",
    by="outputs[-1] @ W.T",
)
residual.misconception(
    "The blocks ran in reverse order: weights[0] comes first.",
    name="reversed_order",
    replace="in weights",
    by="in reversed(weights)",
)
residual.misconception(
    "x itself is missing at the front of the list: len(weights) + 1 tensors.",
    name="without_x",
    replace="return outputs",
    by="return outputs[1:]",
)
residual.misconception(
    "Only the last output came back. The list of all levels is wanted, x first.",
    name="only_last",
    replace="return outputs",
    by="return outputs[-1]",
)
residual.misconception(
    "The road is detached: forward all is well, but the gradient has to go through every tanh again.",
    name="road_detached",
    replace="outputs[-1] + scale",
    by="outputs[-1].detach() + scale",
)
residual.misconception(
    "The block's part is detached, so its weights never learn.",
    name="block_detached",
    replace="torch.tanh(outputs[-1] @ W)",
    by="torch.tanh(outputs[-1] @ W).detach()",
)
residual.misconception(
    "`+=` changed x in place: all levels in your list are one and the same tensor. Make a new one in "
    "each block.",
    name="in_place",
    source="""
def residual_stack(x, weights, scale):
    outputs = [x]
    for W in weights:
        with torch.no_grad():
            x += scale * torch.tanh(x @ W)
        outputs.append(x)
    return outputs
""",
)

residual.misconception(
    """The work grows with the square of the depth: for each block x is sent through all blocks
    before it once more. What the block before gave is what goes into the next: it is the last of
    the list.""",
    name="from_x_for_each_block",
    source="""
def residual_stack(x, weights, scale):
    outputs = []
    for depth in range(len(weights) + 1):
        h = x
        for W in weights[:depth]:
            h = h + scale * torch.tanh(h @ W)
        outputs.append(h)
    return outputs
""",
)

residual.variant(
    "a running x",
    name="running",
    source="""
def residual_stack(x, weights, scale):
    levels = (x,)
    for W in weights:
        branch = torch.matmul(x, W).tanh()
        x = torch.add(x, branch, alpha=scale)
        levels = (*levels, x)
    return list(levels)
""",
)
residual.variant(
    "tanh from sigmoid",
    name="sigmoid",
    replace="scale * torch.tanh(outputs[-1] @ W)",
    by="scale * (2 * torch.sigmoid(2 * (outputs[-1] @ W)) - 1)",
)
