"""06.flatten: the view as a layer."""

import torch

from graders.authoring import differentiate, exercise

flatten = exercise("flatten", target="Flatten", title="the view as a layer", pure=False)


@flatten.cases
def _(rng):
    for shape in [(2, 3, 5), (1, 4, 3), (3, 1, 2), (4, 2, 1), (5, 6), (1, 1, 1), (2, 3, 4, 5)]:
        yield dict(x=rng.normal(*shape))
    yield dict(x=rng.normal(3, 8, 10, dtype=torch.float32))


@flatten.scenario
def _(m, x):
    return m.Flatten()(x)


@flatten.oracle
def _(x):
    return torch.nn.Flatten()(x)


@flatten.check("gradients")
def _(m, x):
    x.requires_grad_()
    out = m.Flatten()(x)
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, {"x": x}, up))


@flatten.check("no parameters")
def _(m, x):
    """The base class answers; two calls in a row with different batches must both work."""
    layer = m.Flatten()
    layer(x)
    return {"parameters": layer.parameters(), "half": layer(x[: len(x) // 2 + 1])}


flatten.hint("Which one dimension stays as it is?")
flatten.hint("x.view(rows, -1) lets torch work out the second size. How many rows?")
flatten.hint("return x.view(x.shape[0], -1)")

flatten.misconception(
    "You averaged over the characters. An average forgets their order, and the next Linear expects "
    "T * C numbers: put them side by side.",
    name="averaged",
    replace="return x.view(x.shape[0], -1)",
    by="return x.mean(1)",
)
flatten.misconception(
    "The whole batch became one long row: keep the first dimension, B.",
    name="batch_too",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(-1)",
)
flatten.misconception(
    "The whole batch became one row of a matrix. Each example keeps a row of its own: B rows.",
    name="one_row",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(1, -1)",
)
flatten.misconception(
    "Time and channel are swapped: all first channels come first, then all second ones. "
    "The numbers of one character belong together, in the order in which they lie in memory.",
    name="swapped",
    replace="return x.view(x.shape[0], -1)",
    by="return x.transpose(1, -1).reshape(x.shape[0], -1)",
)
flatten.misconception(
    "`squeeze()` removes every dimension of size 1, a batch of one and a single number included. "
    "The result always has two dimensions, (B, the rest).",
    name="squeezed",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(x.shape[0], -1).squeeze()",
)
flatten.misconception(
    "You flattened only the first two dimensions: batch and time became one. It is the dimensions "
    "after the batch that are put together.",
    name="wrong_end",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(-1, x.shape[-1])",
)
flatten.misconception(
    "Only dimensions 1 and 2 were put together. There may be more, or fewer: everything after the "
    "batch goes into one row.",
    name="three_only",
    replace="return x.view(x.shape[0], -1)",
    by="return x.flatten(1, 2)",
)
flatten.misconception(
    "`B, T, C = x.shape` takes three dimensions for granted. There may be two, or four: everything "
    "after the batch goes into one row, x.view(x.shape[0], -1).",
    name="unpacked",
    replace="return x.view(x.shape[0], -1)",
    by="B, T, C = x.shape\n        return x.view(B, T * C)",
)
flatten.misconception(
    "x.shape[1] * x.shape[2] takes three dimensions for granted. There may be two, or four: let "
    "x.view(x.shape[0], -1) work out the second size.",
    name="two_sizes",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(x.shape[0], x.shape[1] * x.shape[2])",
)
flatten.misconception(
    "You added up the characters' vectors. A sum forgets their order, and the next Linear expects "
    "T * C numbers: put them side by side.",
    name="summed",
    replace="return x.view(x.shape[0], -1)",
    by="return x.sum(1)",
)
flatten.misconception(
    "The batch size 32 is written into the code. The last batch may be smaller, and a sample is a "
    "batch of one: x.shape[0].",
    name="always_32",
    replace="return x.view(x.shape[0], -1)",
    by="return x.view(32, -1)",
)
flatten.misconception(
    "The values are right but the result is cut off from x, so no gradient flows back to the "
    "embedding. Leave out .data and detach().",
    name="detached",
    replace="return x.view(x.shape[0], -1)",
    by="return x.detach().view(x.shape[0], -1)",
)
flatten.misconception(
    "x comes back unchanged: view returns a new tensor; return that one.",
    name="unchanged",
    replace="return x.view(x.shape[0], -1)",
    by="x.view(x.shape[0], -1)\n        return x",
)

flatten.variant(
    "flatten",
    name="torch_flatten",
    replace="return x.view(x.shape[0], -1)",
    by="return x.flatten(1)",
)
flatten.variant(
    "reshape with the product",
    name="product",
    replace="return x.view(x.shape[0], -1)",
    by="return x.reshape(x.shape[0], math.prod(x.shape[1:]))",
)
flatten.variant(
    "row by row",
    name="stack",
    replace="return x.view(x.shape[0], -1)",
    by="return torch.stack([example.reshape(-1) for example in x])",
)
