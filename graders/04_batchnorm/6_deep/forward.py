"""04.forward: the forward pass as a loop."""

import itertools

import torch

from graders.authoring import differentiate, exercise

run = exercise("forward", title="the forward pass as a loop", pure=False)


@run.cases
def _(rng):
    for n, block_size, n_embd, v, sizes in [
        (4, 3, 2, 5, [5, 3]),
        (1, 2, 3, 4, [2]),
        (3, 1, 4, 6, [3, 3, 2]),
        (2, 3, 3, 7, []),
        (5, 4, 1, 3, [4]),
    ]:
        widths = [block_size * n_embd, *sizes]
        yield dict(
            C=rng.normal(v, n_embd),
            Xb=rng.integers(0, v, n, block_size),
            weights=[rng.normal(i, o) for i, o in itertools.pairwise(widths)],
        )
    C = rng.normal(300, 1)  # no byte holds these indices
    yield dict(C=C, Xb=torch.tensor([[299, 43], [140, 256]]), weights=[rng.normal(2, 3)])


class Affine:
    """A layer of the grader's own: x @ W, bent."""

    def __init__(self, W):
        self.W = W

    def __call__(self, x):
        return torch.sin(x @ self.W) + 0.5


@run.scenario
def _(m, C, Xb, weights):
    layers = [Affine(W) for W in weights]
    before = [C.clone(), Xb.clone()]
    first, other = m.forward(C, layers, Xb), m.forward(2 * C, layers, Xb)
    same = [bool(torch.equal(before[0], C)), bool(torch.equal(before[1], Xb))]
    return [first, other, same, len(layers)]


@run.check("gradients")
def _(m, C, Xb, weights):
    inputs = {"C": C.requires_grad_()}
    for i, W in enumerate(weights):
        inputs[f"weights[{i}]"] = W.requires_grad_()
    logits = m.forward(C, [Affine(W) for W in weights], Xb)
    up = torch.linspace(-1, 2, logits.numel(), dtype=logits.dtype).view(logits.shape)
    return dict(differentiate(logits, inputs, up))


@run.check("with the real layers")
def _(m, C, Xb, weights):
    """In training mode each layer is called once: running statistics move once."""
    width = Xb.shape[1] * C.shape[1]
    norm = m.BatchNorm1d(width)
    C = C.float()
    logits = m.forward(C, [norm, m.Tanh()], Xb.repeat(2, 1))
    return [logits.detach(), norm.running_mean, norm.running_var]


run.hint("Lookup, view, and then each layer gets what the one before returned.")
run.hint("C[Xb] is (n, block_size, n_embd); view it as (n, block_size * n_embd).")
run.hint("x = C[Xb].view(Xb.shape[0], -1); for layer in layers: x = layer(x); return x")

run.misconception(
    "Each layer was called with the embeddings. It gets what the layer before returned: x = layer(x).",
    name="not_chained",
    replace="    for layer in layers:\n        x = layer(x)\n    return x",
    by="    y = x\n    for layer in layers:\n        y = layer(x)\n    return y",
)
run.misconception(
    "The results are thrown away: layer(x) returns a new tensor. x = layer(x).",
    name="thrown_away",
    replace="x = layer(x)",
    by="layer(x)",
)
run.misconception(
    "The layers ran from the last to the first.",
    name="reversed_order",
    replace="in layers:",
    by="in reversed(layers):",
)
run.misconception(
    "`return` stands inside the loop: only the first layer is ever called.",
    name="returns_early",
    replace="        x = layer(x)\n",
    by="        x = layer(x)\n        return x\n",
)
run.misconception(
    "The last layer is left out: what comes back are no logits yet. Go through all of the list.",
    name="without_last",
    replace="in layers:",
    by="in layers[:-1]:",
)
run.misconception(
    "The embeddings of a context were averaged. An average forgets the order: put them side by side.",
    name="averaged",
    replace="C[Xb].view(Xb.shape[0], -1)",
    by="C[Xb].mean(1).repeat(1, Xb.shape[1])",
)
run.misconception(
    "The numbers are in the wrong order: all first coordinates, then all second ones. Keep the embedding of "
    "each character together.",
    name="interleaved",
    replace="C[Xb].view(Xb.shape[0], -1)",
    by="C[Xb].transpose(1, 2).reshape(Xb.shape[0], -1)",
)
run.misconception(
    "The characters of each context stand in reverse order.",
    name="context_reversed",
    replace="C[Xb]",
    by="C[Xb.flip(1)]",
)
run.misconception(
    "The numbers of different examples were mixed: view(n, -1) of a tensor whose first dimension is not n.",
    name="examples_mixed",
    replace="C[Xb].view",
    by="C[Xb.t()].contiguous().view",
)
run.misconception(
    "The embeddings are not put side by side: the first layer wants (n, block_size * n_embd).",
    name="no_view",
    replace="C[Xb].view(Xb.shape[0], -1)",
    by="C[Xb]",
)
run.misconception(
    "squeeze() also removes a batch of one, or a single neuron: the result has two dimensions.",
    name="squeezed",
    replace="    return x",
    by="    return x.squeeze()",
)
run.misconception(
    "The table is detached (or .data): the embeddings never learn.",
    name="table_detached",
    replace="C[Xb]",
    by="C.data[Xb]",
)
run.misconception(
    "The result is detached, or computed under no_grad: nothing learns.",
    name="detached",
    replace="    return x",
    by="    return x.detach()",
)
run.misconception(
    "Softmax was applied at the end. The cross-entropy wants logits and does that itself.",
    name="softmax",
    replace="    return x",
    by="    return torch.softmax(x, 1)",
)
run.misconception(
    "The table was looked up by column: each index names a *row* of C.",
    name="columns",
    replace="C[Xb].view",
    by="C.t()[Xb % C.shape[1]].reshape",
)
run.misconception(
    "Each layer is called twice: once for x, and once more for nothing. BatchNorm1d's statistics move at "
    "each call.",
    name="called_twice",
    replace="        x = layer(x)\n",
    by="        layer(x)\n        x = layer(x)\n",
)

run.variant(
    "F.embedding and flatten",
    name="functional",
    source="""
def forward(C, layers, Xb):
    x = F.embedding(Xb, C).flatten(1)
    for i in range(len(layers)):
        x = layers[i](x)
    return x
""",
)
run.variant(
    "one-hot, concatenated",
    name="one_hot",
    source="""
def forward(C, layers, Xb):
    x = torch.cat([F.one_hot(ix, len(C)).to(C.dtype) @ C for ix in Xb.unbind(1)], 1)
    todo = list(layers)
    while todo:
        x = todo.pop(0)(x)
    return x
""",
)
