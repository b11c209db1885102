"""06.tree_size: its size, on paper."""

import torch

from graders.authoring import exercise
from graders.counting import Layers

size = exercise("tree_size", title="its size, on paper")


@size.cases
def _(rng):
    yield dict(vocab_size=27, n_embd=10, n_hidden=68, levels=3)
    yield dict(vocab_size=27, n_embd=24, n_hidden=128, levels=3)
    for levels in (1, 2, 4, 5):
        v, d, h = rng.integer(3, 40), rng.integer(2, 30), rng.integer(2, 90)
        yield dict(vocab_size=v, n_embd=d, n_hidden=h, levels=levels)


@size.oracle
def _(vocab_size, n_embd, n_hidden, levels):
    shapes = [(vocab_size, n_embd), (vocab_size,), (n_hidden, vocab_size)]
    for level in range(levels):
        shapes += [(2 * (n_hidden if level else n_embd), n_hidden), (2, n_hidden)]
    return sum(torch.Size(shape).numel() for shape in shapes)


@size.check("without a model")
def _(m, **sizes):
    with Layers(m) as layers:
        found = m.tree_size(**sizes)
    return {"size": found, "a layer, or a tensor as large, was made": layers.made}


@size.oracle("without a model")
def _(vocab_size, n_embd, n_hidden, levels):
    inner = 2 * n_hidden * (n_embd + 1 + (levels - 1) * (n_hidden + 1))
    size = vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size
    return {"size": size, "a layer, or a tensor as large, was made": False}


size.hint("Which tensors learn at one level? Which levels are the same size?")
size.hint(
    "A level is a weight (2 * fan_in, n_hidden), gamma and beta (n_hidden each). Only the first "
    "level has fan_in = n_embd."
)
size.hint(
    "vocab_size * n_embd + (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * "
    "n_hidden + (n_hidden + 1) * vocab_size"
)


@size.misconception(
    "The levels' Linear layers were counted with a bias; they have none, BatchNorm's beta does its "
    "work."
)
def with_bias(vocab_size, n_embd, n_hidden, levels):
    first = (2 * n_embd + 3) * n_hidden + (levels - 1) * (2 * n_hidden + 3) * n_hidden
    return vocab_size * n_embd + first + (n_hidden + 1) * vocab_size


@size.misconception("BatchNorm's gamma and beta are missing: 2 * n_hidden at every level.")
def no_batchnorm(vocab_size, n_embd, n_hidden, levels):
    inner = 2 * n_embd * n_hidden + (levels - 1) * 2 * n_hidden * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "The running statistics were counted. They follow the batches, they do not learn: only gamma "
    "and beta are parameters."
)
def with_statistics(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 4) * n_hidden + (levels - 1) * (2 * n_hidden + 4) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "Each position was counted on its own: 4 + 2 + 1 nodes. All nodes of a level use the same "
    "weights, so a level counts once."
)
def every_node(vocab_size, n_embd, n_hidden, levels):
    inner = 2 ** (levels - 1) * (2 * n_embd + 2) * n_hidden
    for level in range(1, levels):
        inner += 2 ** (levels - 1 - level) * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("All levels were counted like the first. The later ones take in 2 * n_hidden.")
def like_the_first(vocab_size, n_embd, n_hidden, levels):
    inner = levels * (2 * n_embd + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("All levels were counted like the later ones. The first takes in 2 * n_embd.")
def like_the_later(vocab_size, n_embd, n_hidden, levels):
    inner = levels * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "The embedding's table is missing: vocab_size * n_embd numbers that learn, too."
)
def no_embedding(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return inner + (n_hidden + 1) * vocab_size


@size.misconception("The output layer's bias is missing: one number for each character.")
def no_output_bias(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + n_hidden * vocab_size


@size.misconception(
    "The factor 2 of the two neighbors is missing: two vectors side by side go into each Linear."
)
def one_neighbor(vocab_size, n_embd, n_hidden, levels):
    inner = (n_embd + 2) * n_hidden + (levels - 1) * (n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("One level too many: the first is one of the `levels`, levels - 1 are left.")
def one_too_many(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + levels * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("Three levels are written into the code: levels is an argument.")
def always_three(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + 2 * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("27 is written into the code: vocab_size is an argument.")
def always_27(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return 27 * n_embd + inner + (n_hidden + 1) * 27


@size.misconception(
    "BatchNorm was counted once per level: it has gamma and beta, n_hidden numbers each."
)
def gamma_only(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 1) * n_hidden + (levels - 1) * (2 * n_hidden + 1) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("Only one level's BatchNorm was counted. Every level has one of its own.")
def one_batchnorm(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * 2 * n_hidden * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "BatchNorm comes after the Linear and has its width, n_hidden, not the width of what goes in."
)
def batchnorm_of_inputs(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_hidden + 4) * n_embd + (levels - 1) * (2 * n_hidden + 4) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "The output layer is missing: n_hidden * vocab_size weights, and a bias for each character."
)
def no_output(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner


@size.misconception("A number of things is a whole number: `/` makes a float of it, `//` does not.")
def a_float(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return float(vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size)


size.misconception(
    "Right, but layers were made, and their tensors counted. Compute it from the four numbers: then you know "
    "the size of a model that does not fit into memory.",
    name="build_it",
    source="""def tree_size(vocab_size, n_embd, n_hidden, levels):
    layers = [Embedding(vocab_size, n_embd), Linear(n_hidden, vocab_size)]
    for level in range(levels):
        layers.append(Linear(2 * (n_hidden if level else n_embd), n_hidden, bias=False))
        layers.append(BatchNorm1d(n_hidden))
    return sum(p.numel() for p in Sequential(layers).parameters())
""",
)


@size.variant("a loop over the levels")
def loop(vocab_size, n_embd, n_hidden, levels):
    total, fan_in = vocab_size * n_embd, n_embd
    for _ in range(levels):
        total += n_hidden * (fan_in + fan_in + 1 + 1)
        fan_in = n_hidden
    return total + (fan_in + 1) * vocab_size
