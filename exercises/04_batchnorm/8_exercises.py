# `hero check 04/8` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Exercises: zeros, and folding
#
# Two exercises the lecture leaves to you:
#
#     E01  all weights zero: what learns, and what never can
#     E02  fold a BatchNorm into the Linear before it
#
# What will go wrong: believing that "the loss falls" means that all of the network trains.

# %%
import argparse
import random
import sys
from string import ascii_lowercase

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The network, given
#
# The MLP of lesson 03: embedding, one tanh layer, logits.


# %%
def make_params(init, generator, n_embd=8, n_hidden=64, block_size=3, vocab_size=27):
    """Parameters "C", "W1", "b1", "W2", "b2": all "zero"; "constant", 0.1 but for a random C; or "good"."""
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    if init == "good":
        scale = {"C": 1.0, "W1": 5 / 3 / (block_size * n_embd) ** 0.5, "W2": 0.01}
        made = {
            name: torch.randn(s, generator=generator) * scale.get(name, 0.0)
            for name, s in shapes.items()
        }
    else:
        made = {
            name: torch.full(s, 0.1 if init == "constant" else 0.0) for name, s in shapes.items()
        }
        if init == "constant":  # the letters differ, the neurons do not
            made["C"] = torch.randn(shapes["C"], generator=generator)
    return {name: p.requires_grad_() for name, p in made.items()}


def forward(params, X):
    """Logits (N, vocab_size) for contexts X (N, block_size)."""
    embcat = params["C"][X].view(X.shape[0], -1)  # (N, block_size * n_embd)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])  # (N, n_hidden)
    return h @ params["W2"] + params["b2"]


# %% [markdown]
# ## E01: who learns?
#
# Set every weight and bias to zero and train. Does it work? Does nothing happen? Neither: the loss falls
# a little and then stays. To see why, do not look at the loss, look at the gradients, one
# parameter at a time. A product passes to each factor a gradient times *the other factor*:
#
#     logits = h @ W2 + b2        dW2 = h.T @ dlogits       h  is 0, so dW2 is 0
#                                 dh  = dlogits @ W2.T      W2 is 0, so nothing passes down to W1, b1, C
#                                 db2 = dlogits.sum(0)      no factor at all
#
# Write the instrument that shows it for any network.


# %%
def who_learns(params, loss_fn):
    """The parameters that one step of gradient descent would change.

    Args:
        params: dict of name -> float leaf tensor with requires_grad=True. Some may not be used by the
            loss at all, at least one is.
        loss_fn: a function; loss_fn(params) returns the loss, a tensor with no dimensions.

    Returns:
        A list of the names, in the order of params, whose gradient has at least one element that is
        not zero, however small. The numbers in params stay as they are; what is in their `.grad`
        before the call must not count, and afterwards is up to you.

    Example:
        >>> p = {"a": torch.ones(2), "b": torch.zeros(2), "c": torch.ones(1)}
        >>> p = {name: t.requires_grad_() for name, t in p.items()}
        >>> who_learns(p, lambda p: (p["a"] * p["b"]).sum())  # b is 0, so a gets nothing
        ['b']

    Source: lecture "BatchNorm", exercise E01.
    """
    # TODO 04.who_learns: your code here (stuck? `hero hint 04.who_learns`)
    raise NotImplementedError("04.who_learns")


# %% [markdown]
# ## E01: where it ends
#
# If only `b2` learns, the network gives every context the same answer. The best it can do is to know how
# frequent each character is, and its loss ends at
#
#     - sum over c of  p[c] * log p[c],      p[c] = the share of c among all answers
#
# That is the entropy of the answers. You can compute it before training, and check it afterwards.


# %%
def unigram_loss(Y, vocab_size):
    """The smallest loss of a model that gives all contexts the same probabilities.

    Args:
        Y: the answers, int64 (N,), N >= 1, each 0 <= Y[i] < vocab_size. Some characters may never occur.
        vocab_size: number of characters, an int.

    Returns:
        A float, in nats: the entropy of the characters' shares in Y.

    Example:
        >>> round(unigram_loss(torch.tensor([0, 0, 1, 2]), 5), 4)  # shares 1/2, 1/4, 1/4, 0, 0
        1.0397

    Source: lecture "BatchNorm", exercise E01.
    """
    # TODO 04.unigram_loss: your code here (stuck? `hero hint 04.unigram_loss`)
    raise NotImplementedError("04.unigram_loss")


# %% [markdown]
# ## E01: all the same is no better
#
# Zeros are the worst case of a more general trouble. Start all neurons of a layer *equal*, at 0.1 say: they
# see the same inputs, give the same output, get the same gradient, and so are equal after every step.
# Sixty-four neurons do the work of one. Only random numbers break the symmetry.
#
# Count them: a neuron is a *column* of W1, which is (fan_in, n_hidden).


# %%
def distinct_neurons(W):
    """How many different neurons a layer has.

    Args:
        W: weights, float (fan_in, n_hidden); column j belongs to neuron j. It may require a gradient.

    Returns:
        An int: the number of different columns. Two columns are the same only if all their elements
        are equal, exactly.

    Example:
        >>> distinct_neurons(torch.tensor([[1.0, 2.0, 1.0], [3.0, 4.0, 3.0]]))
        2
    """
    # TODO 04.distinct_neurons: your code here (stuck? `hero hint 04.distinct_neurons`)
    raise NotImplementedError("04.distinct_neurons")


# %% [markdown]
# ## E02: BatchNorm costs nothing at inference
#
# In eval mode BatchNorm is a fixed line: subtract the running mean, divide by the running standard deviation,
# times gamma, plus beta. A line after a line is a line. So for a trained network the two layers
#
#     h = x @ W + b
#     y = gamma * (h - mean) / sqrt(var + eps) + beta
#
# are one Linear layer with other numbers. Find them: write y as x times something, plus something.
#
# What will go wrong: which axis of W is scaled? (Each *output* h[j] has its own gamma[j] and var[j].) And the
# old bias b goes through the BatchNorm too.


# %%
def fold_batchnorm(W, b, gamma, beta, running_mean, running_var, eps):
    """The weight and bias of one Linear layer equal to Linear, then BatchNorm in eval mode.

    Args:
        W: weight, float (fan_in, fan_out): the layer computes x @ W + b.
        b: bias, float (fan_out,), or None if the layer has none.
        gamma, beta: BatchNorm's gain and bias, float (fan_out,); they may be negative.
        running_mean, running_var: BatchNorm's statistics, float (fan_out,).
        eps: a float, added to the variance, inside the root.

    Returns:
        (W2, b2): new tensors, float (fan_in, fan_out) and (fan_out,), with which x @ W2 + b2 is the
        output of both layers, for every x. The arguments stay as they are.

    Example:
        >>> one = torch.ones(1)
        >>> fold_batchnorm(torch.tensor([[4.0]]), one, 3 * one, one, 2 * one, 3 * one, eps=1.0)
        (tensor([[6.]]), tensor([-0.5000]))

    Source: lecture "BatchNorm", exercise E02; Ioffe and Szegedy (2015), section 3.1, algorithm 2.
    """
    # TODO 04.fold_batchnorm: your code here (stuck? `hero hint 04.fold_batchnorm`)
    raise NotImplementedError("04.fold_batchnorm")


# %% [markdown]
# ## Look at it
#
# Three starts, trained for the same number of steps: who learns, how many neurons are left, where the loss
# ends. And two layers against one.


# %%
def build_dataset(words, block_size=3):
    """Contexts (N, block_size) and answers (N,)."""
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = 0 if c == "." else ord(c) - 96
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return torch.tensor(X), torch.tensor(Y)


def train(params, X, Y, steps, lr, generator, label):
    """Minibatches of 64; returns the losses."""
    losses, piece = [], max(1, steps // 50)
    with progress(steps // piece, label) as bar:
        for step in range(steps):
            ix = torch.randint(0, X.shape[0], (64,), generator=generator)
            loss = F.cross_entropy(forward(params, X[ix]), Y[ix])
            grads = torch.autograd.grad(loss, list(params.values()))
            for p, grad in zip(params.values(), grads, strict=True):
                p.data -= lr * grad
            losses.append(loss.item())
            if step % piece == piece - 1:
                bar.update(loss=sum(losses[-piece:]) / piece)
    return losses


def smooth(losses, size):
    """(at, means): the losses averaged over groups of `size` neighbors."""
    means = torch.tensor(losses[: len(losses) // size * size]).view(-1, size).mean(1)
    return (torch.arange(len(means)) + 0.5) * size, means


def plot_runs(runs, floor, path):
    """The smoothed losses of several runs, and the loss that one bias alone can reach."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.8), layout="constrained")
    axes = figure.subplots()
    for label, losses in runs.items():
        axes.plot(*smooth(losses, max(1, len(losses) // 60)), label=label)
    axes.axhline(
        floor, color="black", linestyle="--", linewidth=0.8, label="entropy of the answers"
    )
    axes.set(xlabel="step", ylabel="loss, smoothed", ylim=(2.0, 3.3), title="three starts")
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Zeros, equal neurons, and folding.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--full", action="store_true", help="all names, 30,000 steps")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 30_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or len(names) < 100 or not set("".join(names)) <= set(ascii_lowercase):
        parser.error("this takes at least 1 step, and 100 names or more, of the letters a to z")

    random.Random(42).shuffle(names)
    X, Y = build_dataset(names if args.full else names[:8_000])
    floor = unigram_loss(Y, 27)
    print(f"entropy of the answers: {floor:.4f}\n")
    runs = {}
    for init in ("zero", "constant", "good"):
        params = make_params(init, torch.Generator().manual_seed(1))
        movers = who_learns(params, lambda p: F.cross_entropy(forward(p, X[:500]), Y[:500]))
        g = torch.Generator().manual_seed(2)
        runs[init] = train(params, X, Y, steps, 0.2, g, init)
        last = sum(runs[init][-200:]) / len(runs[init][-200:])
        print(f"  learn at the first step: {', '.join(movers)}")
        print(f"  loss {last:.4f}; {distinct_neurons(params['W1'])} different neurons of 64\n")
    path = picture("04_batchnorm/zeros.png")
    plot_runs(runs, floor, path)
    print(f"{path}: zeros end where one bias ends; equal neurons stay equal.\n")

    x = torch.randn(5, 8)
    W, b, mean, var = torch.randn(8, 4), torch.randn(4), torch.randn(4), torch.rand(4)
    gamma, beta = torch.randn(4), torch.randn(4)
    two = F.batch_norm(x @ W + b, mean, var, gamma, beta, training=False, eps=1e-5)
    W2, b2 = fold_batchnorm(W, b, gamma, beta, mean, var, 1e-5)
    print(f"two layers against one, folded: differ by {(two - (x @ W2 + b2)).abs().max():.1e}")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this part runs when all four are there.")
    except DataError as error:
        sys.exit(str(error))
