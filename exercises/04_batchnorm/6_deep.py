# `hero check 04/6` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # A deep network: bricks into a wall
#
# Every layer is an object now, so a network is a list of them, and everything one does with a network is
# a loop over that list. Whether it has two layers or fifty, no line changes:
#
#     layers = [ Linear, BatchNorm1d, Tanh,   Linear, BatchNorm1d, Tanh,   ...   Linear, BatchNorm1d ]
#                x ──►    ──►      ──►                                                 ──► logits
#
#     forward          for layer in layers: x = layer(x)
#     all_parameters   for layer in layers: who learns?
#     set_training     for layer in layers: the switch
#
# What will go wrong: a list in which the same object stands twice; a parameter that is in no list, and so
# never moves; a switch in your own hands, of which no BatchNorm1d hears.

# %%
import argparse
import math
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The layers, given
#
# Those of part 5.


# %%
class Linear:
    """x @ weight + bias; weight (fan_in, fan_out) has the std 1 / sqrt(fan_in), bias is 0, or None."""

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight if self.bias is None else x @ self.weight + self.bias
        return self.out

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class Tanh:
    """tanh, element by element."""

    def __call__(self, x):
        self.out = torch.tanh(x)
        return self.out

    def parameters(self):
        return []


class BatchNorm1d:
    """Each column of x (n, dim) normalized, then times gamma, plus beta."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (x.var(0, correction=1) - self.running_var)
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out

    def parameters(self):
        return [self.gamma, self.beta]


# %% [markdown]
# ## Bricks into a wall
#
# Building it is a loop, too. Two numbers of parts 1 and 2 come in here: hidden weights are multiplied by the
# **gain** of the tanh that follows, and the output layer starts **humble**, times 0.1.
#
#     sizes  [30, 100, 100, 27]
#
#     Linear(30, 100) · gain      BatchNorm1d(100)         Tanh
#     Linear(100, 100) · gain     BatchNorm1d(100)         Tanh
#     Linear(100, 27)             BatchNorm1d(27) · 0.1             no Tanh: logits may be any number
#
# With a BatchNorm1d behind it, what the Linear multiplies by is divided out again. So there it is gamma that
# makes the output layer humble; without BatchNorm it is the weight.


# %%
def build_layers(sizes, gain=5 / 3, batchnorm=True, generator=None):
    """The layers of a deep tanh network, in order.

    Args:
        sizes: how many numbers there are between the layers, a list of at least two ints: the inputs, the
            neurons of each hidden layer, the outputs.
        gain: the weights of all Linears but the last are multiplied by it, a float.
        batchnorm: with a BatchNorm1d after each Linear, the last one included; without any if False.
        generator: torch.Generator, handed to each Linear, in order.

    Returns:
        A list of new objects. For each hidden layer: Linear, BatchNorm1d, Tanh. At the end: Linear,
        BatchNorm1d. (Without the BatchNorm1d if batchnorm is False.) The last object of the list starts
        humble: its gamma, or else its weight, is multiplied by 0.1. A Linear in front of a BatchNorm1d
        needs no bias (one there does no harm); without BatchNorm every Linear has one.

    Example:
        >>> [type(layer).__name__ for layer in build_layers([30, 100, 27])]
        ['Linear', 'BatchNorm1d', 'Tanh', 'Linear', 'BatchNorm1d']

    Source: lecture "BatchNorm", from 1:18:35.
    """
    # TODO 04.build_layers: your code here (stuck? `hero hint 04.build_layers`)
    raise NotImplementedError("04.build_layers")


# %% [markdown]
# ## Three loops over the list
#
# The forward pass: look up the embeddings, put those of one example side by side, then go through the list.
# It is the same three lines for one layer and for fifty.


# %%
def forward(C, layers, Xb):
    """Logits of a batch.

    Args:
        C: embeddings, float (vocab_size, n_embd).
        layers: list of layers; the first takes block_size * n_embd numbers, each later one what the one
            before returned.
        Xb: contexts, int64 (n, block_size), contiguous, n >= 1.

    Returns:
        What the last layer returns for the embeddings of each context, side by side in their order.
        Gradients flow to C.

    Example:
        >>> C = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> forward(C, [], torch.tensor([[1, 0]]))  # no layers: what goes into the first one
        tensor([[3., 4., 1., 2.]])
    """
    # TODO 04.forward: your code here (stuck? `hero hint 04.forward`)
    raise NotImplementedError("04.forward")


# %% [markdown]
# Who learns? The table and whatever each layer names. Whoever is missing here never moves, and nothing
# will say so.


# %%
def all_parameters(C, layers):
    """All tensors of the network that learn.

    Args:
        C: the embeddings.
        layers: list of layers; each has parameters(), a list.

    Returns:
        A flat list: C, then the parameters of each layer, in order; the very tensors.

    Example:
        >>> [tuple(p.shape) for p in all_parameters(torch.ones(4, 2), [Linear(6, 5), Tanh()])]
        [(4, 2), (6, 5), (5,)]
    """
    # TODO 04.all_parameters: your code here (stuck? `hero hint 04.all_parameters`)
    raise NotImplementedError("04.all_parameters")


# %% [markdown]
# And the switch. A flag in your own hands changes nothing: each BatchNorm1d looks at *its* `training`.


# %%
def set_training(layers, mode):
    """Training mode on (or off) for all layers.

    Args:
        layers: list of layers. What counts is that the attribute `training` of every BatchNorm1d in it is
            `mode` afterwards; setting it on the others, too, does no harm.
        mode: True or False.

    Returns:
        None.

    Example:
        >>> layers = [BatchNorm1d(2), Tanh(), BatchNorm1d(3)]
        >>> set_training(layers, False)
        >>> layers[0].training, layers[2].training
        (False, False)
    """
    # TODO 04.set_training: your code here (stuck? `hero hint 04.set_training`)
    raise NotImplementedError("04.set_training")


# %% [markdown]
# ## Run it
#
# A network with five hidden layers, trained for some ten seconds. The picture shows its loss, and what its
# tanh layers put out, from `.out`: none of them is stuck at the ends, although five lie one behind the
# other. At full length, on the lecture's names, it takes some seven minutes and ends at a dev loss of
# 2.075:
#
#     hero run 04/6 -- --full --data lecture


# %%
def make_splits(names, stoi, block_size=3):
    """90 % of the shuffled names for training, 10 % for dev: pairs (X, Y)."""
    names = list(names)
    random.Random(42).shuffle(names)
    cut = int(0.9 * len(names))
    splits = []
    for part in (names[:cut], names[cut:]):
        X, Y = [], []
        for name in part:
            context = [0] * block_size
            for ix in [stoi[c] for c in name] + [0]:
                X.append(context)
                Y.append(ix)
                context = context[1:] + [ix]
        splits.append((torch.tensor(X), torch.tensor(Y)))
    return splits


def train(C, layers, X, Y, steps, g):
    """Gradient descent, lr 0.1 and from three quarters on 0.01, batches of 32; the losses."""
    params = all_parameters(C, layers)
    for p in params:
        p.requires_grad_()
    losses, running, piece = [], math.log(27), max(1, steps // 100)
    with progress(steps // piece, "training") as bar:
        for step in range(steps):
            ix = torch.randint(0, len(X), (32,), generator=g)
            loss = F.cross_entropy(forward(C, layers, X[ix]), Y[ix])
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, grad in zip(params, grads, strict=True):
                    p -= (0.1 if step < 0.75 * steps else 0.01) * grad
            losses.append(loss.item())
            running += 0.02 * (losses[-1] - running)
            if (step + 1) % piece == 0 and (step + 1) // piece <= steps // piece:
                bar.update(loss=running)
    return losses


def plot_run(losses, layers, path):
    """Left the smoothed loss; right a histogram of the .out of each Tanh."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    group = max(1, len(losses) // 100)
    means = torch.tensor(losses[: len(losses) // group * group]).view(-1, group).mean(1)
    left.plot(torch.arange(len(means)) * group, means)
    left.set(xlabel="step", ylabel="loss, smoothed", title="six Linear layers in training")
    for i, layer in enumerate(layer for layer in layers if isinstance(layer, Tanh)):
        values = layer.out.detach().flatten()
        right.hist(
            values, bins=40, range=(-1, 1), density=True, histtype="step", label=f"Tanh {i + 1}"
        )
    right.set(xlabel="activation", ylabel="density", xticks=(-1, -0.5, 0, 0.5, 1))
    right.set_title("after training: .out of each Tanh")
    right.legend(fontsize=8)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="A deep network as a list of layers.")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 200_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or args.seed not in range(2**63) or len(names) < 100:
        parser.error("this takes at least 1 step, a seed from 0 on and 100 names or more")

    g = torch.Generator().manual_seed(args.seed)
    for shape in ((6, 5), (5, 5), (5, 4), (2, 8, 6), (2, 8, 6)):
        torch.randn(shape, generator=g)  # not used: the table's run began with these draws
    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    (X, Y), (Xdev, Ydev) = make_splits(names, stoi)
    C = torch.randn(len(stoi), 10, generator=g)
    layers = build_layers([30, 100, 100, 100, 100, 100, len(stoi)], generator=g)
    count = sum(p.numel() for p in all_parameters(C, layers))
    print(f"{len(layers)} layers, {count:,} parameters, ln {len(stoi)} = {math.log(len(stoi)):.3f}")
    losses = train(C, layers, X, Y, steps, g)
    print(f"loss at the first step {losses[0]:.3f}")
    with torch.no_grad():
        forward(C, layers, X[torch.randint(0, len(X), (500,), generator=g)])
        path = picture("04_batchnorm/deep.png")
        plot_run(losses, layers, path)
        set_training(layers, False)
        print(f"dev loss in eval mode  {F.cross_entropy(forward(C, layers, Xdev), Ydev):.3f}")
    print(f"{path}: five tanh layers deep, what does each of them put out?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this part runs when all four are there.")
    except DataError as error:
        sys.exit(str(error))
