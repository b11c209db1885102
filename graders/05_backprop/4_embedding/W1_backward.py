"""05.W1_backward: dW1: back into the weights."""

import torch

from graders.authoring import exercise

from .part import SIZES, columns_first, gradient, leaf

W1 = exercise("W1_backward", title="dW1: back into the weights")


@W1.cases
def _(rng):
    for n, fan_in, hidden in SIZES:
        yield dict(dhprebn=rng.normal(n, hidden), embcat=rng.normal(n, fan_in))
    yield dict(dhprebn=columns_first(rng.normal(4, 2)), embcat=columns_first(rng.normal(4, 6)))
    f32 = dict(dtype=torch.float32)
    yield dict(dhprebn=rng.normal(2, 4, **f32), embcat=rng.normal(2, 6, **f32))


@W1.oracle
def _(dhprebn, embcat):
    x = leaf(torch.zeros(embcat.shape[1], dhprebn.shape[1]))
    return gradient(x, embcat.double() @ x, dhprebn, dhprebn)


W1.hint("Which exercise of part 2 is this, under other names?")
W1.hint("embcat is (n, fan_in), dhprebn (n, H), and dW1 (fan_in, H): n must disappear.")
W1.hint("embcat.T @ dhprebn")


@W1.misconception(
    "The result is transposed, (n_hidden, fan_in): W1 is (fan_in, n_hidden), and so is its "
    "gradient. embcat.T comes first."
)
def transposed(dhprebn, embcat):
    return dhprebn.T @ embcat


@W1.misconception(
    "The transpose is missing. n must be the dimension that is summed away: embcat.T @ dhprebn."
)
def no_transpose(dhprebn, embcat):
    return embcat @ dhprebn


@W1.misconception(
    "You divided by n. The mean of the loss is inside dhprebn already; here the examples' "
    "gradients add up."
)
def mean_again(dhprebn, embcat):
    return embcat.T @ dhprebn / len(embcat)


@W1.misconception(
    "You used one example of the batch. The same weights served all of them: sum over the batch."
)
def last_example(dhprebn, embcat):
    return torch.outer(embcat[-1], dhprebn[-1])


@W1.misconception("The upstream gradient is missing: you summed embcat as if every dhprebn were 1.")
def upstream_ignored(dhprebn, embcat):
    return embcat.T @ torch.ones_like(dhprebn)


@W1.variant("einsum")
def einsum(dhprebn, embcat):
    return torch.einsum("nf,nh->fh", embcat, dhprebn)


@W1.variant("broadcast and sum")
def broadcast(dhprebn, embcat):
    return (embcat.unsqueeze(2) * dhprebn.unsqueeze(1)).sum(0)
