"""02.bigram_logits: the layer: logits."""

import torch

from graders.authoring import differentiate, exercise

from .part import ramp

logits_ = exercise("bigram_logits", title="the layer: logits")


@logits_.cases
def _(rng):
    for n, v, out in [(4, 3, 5), (1, 6, 2), (7, 4, 4), (3, 27, 27), (5, 5, 5)]:
        xs = rng.integers(0, v, n)
        if n > 1:
            xs[0], xs[-1] = xs[0], xs[0]  # repeated characters: gradients add up
        yield dict(xs=xs, W=rng.normal(v, out, dtype=torch.float32))
    yield dict(xs=torch.tensor([0, 1, 1]), W=rng.normal(8, 3, dtype=torch.float32))
    yield dict(xs=torch.tensor([2, 0]), W=rng.normal(3, 3, std=1000, dtype=torch.float32))
    # no byte holds these indices
    yield dict(xs=torch.tensor([299, 43, 128]), W=rng.normal(300, 2, dtype=torch.float32))


@logits_.check("gradients")
def _(m, xs, W):
    W.requires_grad_()
    logits = m.bigram_logits(xs, W)
    return dict(differentiate(logits, {"W": W}, ramp(logits.detach())))


logits_.hint("It is one matrix product. Of what with what?")
logits_.hint(
    "How wide must the one-hot vectors be, so that the product with W fits? W.shape knows."
)
logits_.hint("return one_hot(xs, W.shape[0]) @ W")

logits_.misconception(
    "The width of the one-hot vectors is 27, whatever W is: take W.shape[0].",
    name="width_27",
    replace="one_hot(xs, W.shape[0])",
    by="one_hot(xs, 27)",
)
logits_.misconception(
    "The width of the one-hot vectors came from W's columns. The product needs W's *rows*: (n, "
    "vocab_size) @ "
    "(vocab_size, n_out). With a square W nobody notices.",
    name="width_of_columns",
    replace="W.shape[0]",
    by="W.shape[1]",
)
logits_.misconception(
    "W is transposed, so the numbers come from its columns. Row i of W is what follows character i.",
    name="columns",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="one_hot(xs, W.shape[1]) @ W.T",
)
logits_.misconception(
    "Softmax comes later: logits are the bare product.",
    name="softmax_already",
    replace="@ W",
    by="@ W.softmax(1)",
)
logits_.misconception(
    "exp comes later, in softmax: logits are logarithms of counts, and may be negative.",
    name="exp_already",
    replace="return one_hot(xs, W.shape[0]) @ W",
    by="return (one_hot(xs, W.shape[0]) @ W).exp()",
)
logits_.misconception(
    "The index itself was multiplied in: character 13 is not thirteen times as much as 1. Make "
    "one-hot vectors.",
    name="index_as_number",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="xs.view(-1, 1).float() * W[0]",
)
logits_.misconception(
    "W is detached (.data, no_grad): the values are right, but no gradient ever reaches W.",
    name="detached",
    replace="@ W",
    by="@ W.detach()",
)
logits_.misconception(
    "The bias of a layer was added. This network has none; W alone is all it needs.",
    name="bias",
    replace="@ W",
    by="@ W + 1",
)
logits_.misconception(
    "The product was scaled. There is nothing to scale here: one-hot rows only pick out rows of W.",
    name="scaled",
    replace="@ W",
    by="@ W / W.shape[0] ** 0.5",
)

logits_.variant(
    "a row of W for each index", name="rows", replace="one_hot(xs, W.shape[0]) @ W", by="W[xs]"
)
logits_.variant(
    "torch's embedding",
    name="embedding",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="F.embedding(xs, W)",
)
logits_.variant(
    "einsum",
    name="einsum",
    replace="one_hot(xs, W.shape[0]) @ W",
    by='torch.einsum("nv,vo->no", one_hot(xs, len(W)), W)',
)
logits_.variant(
    "the other way round",
    name="transposed_product",
    replace="one_hot(xs, W.shape[0]) @ W",
    by="(W.T @ one_hot(xs, W.size(0)).T).T",
)
