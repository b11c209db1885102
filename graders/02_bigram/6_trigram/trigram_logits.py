"""02.trigram_logits: E01: the network."""

import torch

from graders.authoring import differentiate, exercise

logits = exercise("trigram_logits", title="E01: the network")


@logits.cases
def _(rng):
    for vocab, n in [(2, 4), (3, 1), (4, 9), (5, 25)]:
        xs = rng.integers(0, vocab, n, 2)
        xs[0] = torch.tensor([1, 0])  # not the same both ways
        xs[n // 2] = torch.tensor([vocab - 1, vocab - 2])
        yield dict(xs=xs, W=rng.normal(vocab**2, vocab))
    # one context again and again: its gradients add up
    yield dict(xs=torch.tensor([[2, 1]] * 5 + [[0, 2]]), W=rng.normal(9, 3))
    # the highest index does not occur
    yield dict(xs=torch.tensor([[1, 2], [2, 0], [0, 1]]), W=rng.normal(25, 5))
    yield dict(xs=rng.integers(0, 27, 60, 2), W=rng.normal(729, 27, dtype=torch.float32))


@logits.oracle
def _(xs, W):
    vocab = W.shape[1]
    return W.view(vocab, vocab, vocab)[xs[:, 0], xs[:, 1]]


@logits.check("gradients")
def _(m, xs, W):
    W.requires_grad_()
    out = m.trigram_logits(xs, W)
    up = torch.linspace(-1, 2, len(xs) * W.shape[1], dtype=W.dtype).view(len(xs), W.shape[1])
    return dict(differentiate(out, {"W": W}, up))


logits.hint("Which row belongs to (a, b)? Count how many rows come before those of a.")
logits.hint("vocab_size is not an argument, but one of W's two sizes.")
logits.hint("return W[xs[:, 0] * W.shape[1] + xs[:, 1]]")

logits.misconception(
    "The digits are swapped: row 27 * a + b, where a is the older character, xs[:, 0].",
    name="swapped",
    replace="xs[:, 0] * W.shape[1] + xs[:, 1]",
    by="xs[:, 1] * W.shape[1] + xs[:, 0]",
)
logits.misconception(
    "27 is fixed. Other vocabularies have other sizes: vocab_size is the number of W's columns, "
    "W.shape[1].",
    name="always_27",
    replace="xs[:, 0] * W.shape[1]",
    by="xs[:, 0] * 27",
)
logits.misconception(
    "The number of W's rows, vocab_size squared, was taken for vocab_size. That is W.shape[1].",
    name="rows_for_size",
    replace="xs[:, 0] * W.shape[1]",
    by="xs[:, 0] * W.shape[0]",
)
logits.misconception(
    "vocab_size was worked out from the indices that happen to be here. It is W.shape[1], always.",
    name="size_from_data",
    replace="xs[:, 0] * W.shape[1]",
    by="xs[:, 0] * (xs.max() + 1)",
)
logits.misconception(
    "The rows of a and of b were added, as two one-hot vectors would do. Each *pair* has a row of its "
    "own: 27 * a + b.",
    name="added",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs[:, 0]] + W[xs[:, 1]]",
)
logits.misconception(
    "The rows of a and of b were averaged. Each *pair* has a row of its own: 27 * a + b.",
    name="averaged",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs].mean(1)",
)
logits.misconception(
    "W[xs] gives two rows for each example, (n, 2, vocab_size). Make one number of the two characters "
    "first.",
    name="two_rows",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs]",
)
logits.misconception(
    "a + b gives the same row to (0, 2), (1, 1) and (2, 0). Multiply a by vocab_size, as the digits "
    "of a number are.",
    name="sum_of_indices",
    replace="xs[:, 0] * W.shape[1] + xs[:, 1]",
    by="xs[:, 0] + xs[:, 1]",
)
logits.misconception(
    "The older character is not used: this is a bigram model. Row 27 * a + b.",
    name="younger_only",
    replace="xs[:, 0] * W.shape[1] + xs[:, 1]",
    by="xs[:, 1]",
)
logits.misconception(
    "The right values, but cut off from W: without a gradient W never learns. Leave out .data or "
    "detach().",
    name="detached",
    replace="return W[xs",
    by="return W.detach()[xs",
)
logits.misconception(
    "These are probabilities. Logits are wanted, the row as it is: F.cross_entropy takes the softmax itself.",
    name="softmaxed",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs[:, 0] * W.shape[1] + xs[:, 1]].softmax(1)",
)
logits.misconception(
    "`squeeze()` drops the dimension of a batch of one. The result is always (n, vocab_size).",
    name="squeezed",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="return W[xs[:, 0] * W.shape[1] + xs[:, 1]].squeeze()",
)
logits.misconception(
    "`*=` changed the caller's contexts: xs[:, 0] is a part of xs, no copy. Write xs[:, 0] * W.shape[1].",
    name="in_place",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="older = xs[:, 0]\n    older *= W.shape[1]\n    return W[older + xs[:, 1]]",
)
logits.misconception(
    "W was read as a cube in the wrong order: rows are grouped by the *older* character, so the "
    "first dimension of W.view(V, V, V) is a, the second b.",
    name="cube_swapped",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="cube = W.view(W.shape[1], W.shape[1], -1)\n"
    "    return cube.transpose(1, 2)[xs[:, 0], xs[:, 1]]",
)

logits.variant(
    "as a cube",
    name="cube",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="size = W.shape[1]\n    return W.reshape(size, size, size)[xs[:, 0], xs[:, 1]]",
)
logits.variant(
    "one-hot vectors of the pairs",
    name="one_hot",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="row = (xs * torch.tensor([W.shape[1], 1])).sum(1)\n"
    "    return F.one_hot(row, len(W)).to(W.dtype) @ W",
)
logits.variant(
    "embedding",
    name="embedding",
    replace="return W[xs[:, 0] * W.shape[1] + xs[:, 1]]",
    by="a, b = xs.unbind(1)\n    return F.embedding(b + a * round(len(W) ** 0.5), W)",
)
