# %% [markdown]
# # Training: one batch by heart, then minibatches
#
# Forward, backward, update: the loop of lesson 01, with torch doing the backward pass. First on 32
# examples only. 3,481 parameters can learn these by heart, and if they do not, something is broken.
# It is the cheapest test of any network there is.
#
# Then on all of them. 180,000 examples per step take long, and most of the work is wasted: the
# gradient of 32 random examples points *roughly* the right way. Many rough steps beat few exact
# ones.
#
#       one exact step   ────────────────────────────────>   once around all examples
#       5,000 rough ones  ↘→↘↘→↗↘→↘↘→↘ ...                   for the same work
#
# What will go wrong: gradients that pile up from step to step, one minibatch drawn once and used
# for ever, and X and Y shuffled apart.

# %%
import argparse
import math
import random
import string
import sys
from collections import Counter

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The network of part 3, given


# %%
def init_params(vocab_size, block_size, n_embd, n_hidden, generator):
    """A dict of parameters, all from a standard normal distribution, requires_grad=True."""
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {k: torch.randn(s, generator=generator).requires_grad_() for k, s in shapes.items()}


def forward(params, X):
    """Logits (N, vocab_size) for contexts X (N, block_size)."""
    embcat = params["C"][X].view(X.shape[0], -1)  # (N, block_size * n_embd)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])  # (N, n_hidden)
    return h @ params["W2"] + params["b2"]


# %% [markdown]
# ## One step
#
# `loss.backward()` *adds* to each `p.grad`; it does not replace it. (In lesson 01 you wrote that
# `+=` yourself, for a good reason.) So the old gradients must go first. The update itself is
# no part of the network: under `torch.no_grad()`, or on `p.data`, torch does not record it.


# %%
def train_step(params, Xb, Yb, lr):
    """One step of gradient descent on one batch.

    Args:
        params: dict of leaf tensors with requires_grad=True, for `forward`; changed in place:
            each loses lr times its gradient. Their .grad may hold something old, or be None.
        Xb: contexts, int64 (n, block_size).
        Yb: next characters, int64 (n,), n >= 1.
        lr: learning rate, a float.

    Returns:
        The loss F.cross_entropy(forward(params, Xb), Yb) before the step, a Python float.

    Example:
        >>> g = torch.Generator().manual_seed(2147483647)
        >>> params = init_params(27, 3, 2, 100, g)
        >>> Xb, Yb = torch.tensor([[0, 0, 0], [0, 0, 5]]), torch.tensor([5, 13])
        >>> first = train_step(params, Xb, Yb, lr=0.01)
        >>> train_step(params, Xb, Yb, lr=0.01) < first
        True

    Source: lecture "MLP", implementing the training loop.
    """
    ### BEGIN SOLUTION
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()
    ### END SOLUTION


# %% [markdown]
# ## One small batch by heart
#
# The same batch, again and again. In the run below the loss falls from 18 to 0.26, and no further.


# %%
def overfit(params, Xb, Yb, steps, lr):
    """Trains on one batch only.

    Args:
        params: dict of parameters; changed in place. They still require a gradient afterwards, and what
            their .grad holds afterwards is up to you.
        Xb: contexts, int64 (n, block_size).
        Yb: next characters, int64 (n,).
        steps: number of steps, an int >= 0; each is a train_step.
        lr: learning rate, a float.

    Returns:
        A list of `steps` floats: the loss before each step.

    Source: lecture "MLP", overfitting one batch.
    """
    ### BEGIN SOLUTION
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]
    ### END SOLUTION


# %% [markdown]
# ## Why not to zero?
#
# Among 32 examples are several that begin a name: "..." is followed by e, by o, by a. No
# model can be sure of all of them. The best it can do is to answer with the frequencies:
#
#       ... -> e    seen 4 times, 3 different answers
#       ... -> e    the best guess   p(e) = 2/4, p(o) = 1/4, p(a) = 1/4
#       ... -> o
#       ... -> a    costs  -(ln 2/4 + ln 2/4 + ln 1/4 + ln 1/4) / 4
#
# This is the floor: a loss below it is a bug, one at it is learned by heart.


# %%
def loss_floor(X, Y):
    """The lowest loss that any model can reach on these examples.

    Args:
        X: contexts, int64 (N, block_size), N >= 1.
        Y: next characters, int64 (N,).

    Returns:
        A float: the mean over the N examples of -ln(count(x, y) / count(x)), where count(x) is how
        often the example's context occurs in X, and count(x, y) how often with its answer. No loop over
        the examples stands inside another one: there are 200,000 of them.

    Example:
        >>> loss_floor(torch.tensor([[0, 0], [0, 0], [0, 1]]), torch.tensor([1, 2, 2]))
        0.46209812037329684

    Source: lecture "MLP", overfitting one batch: why the loss is not zero.
    """
    ### BEGIN SOLUTION
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = Counter(contexts), Counter(pairs)
    return sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)
    ### END SOLUTION


# %% [markdown]
# ## A minibatch
#
# Draw some row numbers, take these rows of X and the *same* rows of Y.


# %%
def minibatch(X, Y, batch_size, generator):
    """Random examples, drawn with replacement.

    Args:
        X: contexts, int64 (N, block_size).
        Y: next characters, int64 (N,).
        batch_size: how many, an int; it may be larger than N.
        generator: torch.Generator. The row numbers are
            torch.randint(0, N, (batch_size,), generator=generator), drawn once.

    Returns:
        (Xb, Yb): int64 (batch_size, block_size) and (batch_size,).

    Source: lecture "MLP", minibatches.
    """
    ### BEGIN SOLUTION
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return X[ix], Y[ix]
    ### END SOLUTION


# %% [markdown]
# ## The loop
#
# A new minibatch for each step. The loss jumps about now: each is the loss of 32 other examples.


# %%
def train(params, X, Y, steps, batch_size, lr, generator):
    """Trains on minibatches, a new one for each step.

    Args:
        params: dict of parameters; changed in place. They still require a gradient afterwards, and what
            their .grad holds afterwards is up to you.
        X: contexts, int64 (N, block_size).
        Y: next characters, int64 (N,).
        steps: number of steps, an int >= 0.
        batch_size: examples in a minibatch.
        lr: learning rate, a float.
        generator: torch.Generator for the minibatches; nothing else draws from it.

    Returns:
        A list of `steps` floats: for each step the loss of its minibatch, before the step.

    Source: lecture "MLP", training on the full dataset, minibatches.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# First 32 examples by heart, down to the floor; then all names. The picture shows both: one curve
# smooth, the other thick with noise, until it is averaged.


# %%
def build_dataset(words, block_size=3):
    """All examples of the words: X (N, block_size), Y (N,)."""
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = 0 if c == "." else ord(c) - 96
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return torch.tensor(X), torch.tensor(Y)


def plot_losses(by_heart, floor, losses, path):
    """Left one batch and its floor; right minibatches, raw and smoothed."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(by_heart, color="#0072B2")
    left.axhline(floor, color="black", linestyle="--", label=f"the floor: {floor:.3f}")
    left.set(xlabel="step", ylabel="loss", yscale="log", title="32 examples, by heart")
    left.legend()
    group = max(1, len(losses) // 100)
    means = torch.tensor(losses[: len(losses) // group * group]).view(-1, group).mean(1)
    at = (torch.arange(len(means)) + 0.5) * group
    right.plot(losses, color="#0072B2", alpha=0.25, linewidth=0.5, label="each minibatch")
    right.plot(at, means, color="#D55E00", label=f"mean of {group}")
    right.set(xlabel="step", ylabel="loss", ylim=(1.5, 6), title="all names, minibatches of 32")
    right.legend()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Overfits one batch, then trains on all names.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--lr", type=float, default=0.1)
    parser.add_argument("--n-hidden", type=int, default=100, help="neurons of the hidden layer")
    parser.add_argument("--full", action="store_true", help="100,000 steps")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1:
        parser.error("--steps: at least 1")
    if args.n_hidden < 1:
        parser.error("--n-hidden: at least 1")
    steps = 100_000 if args.full else args.steps

    names = load_names(args.data)
    if not set("".join(names)) <= set(string.ascii_lowercase) or len(names) < 10:
        parser.error("--data: at least 10 names, of the letters a to z only")
    X, Y = build_dataset(names)
    g = torch.Generator().manual_seed(2147483647)
    params = init_params(27, 3, 2, args.n_hidden, g)
    Xb, Yb = X[:32], Y[:32]
    by_heart = []
    with progress(20, "one batch, by heart") as bar:
        for _ in range(20):
            by_heart += overfit(params, Xb, Yb, 50, lr=0.1)
            bar.update(loss=by_heart[-1])
    floor = loss_floor(Xb, Yb)
    print(f"loss {by_heart[-1]:.4f}; no model gets below {floor:.4f}\n")

    random.Random(42).shuffle(names)
    X, Y = build_dataset(names[: int(0.8 * len(names))])
    params = init_params(27, 3, 2, args.n_hidden, g)
    losses, piece = [], max(1, steps // 100)
    with progress(steps // piece, "minibatches") as bar:
        for _ in range(steps // piece):
            losses += train(params, X, Y, piece, 32, args.lr, g)
            bar.update(loss=sum(losses[-piece:]) / piece)
    with torch.no_grad():
        loss = F.cross_entropy(forward(params, X), Y)
    print(f"training loss, all {len(X):,} examples: {loss:.4f} (floor {loss_floor(X, Y):.4f})")
    path = picture("03_mlp/training.png")
    plot_losses(by_heart, floor, losses, path)
    print(f"{path}: why one looks at the mean, not at each loss.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the training starts when all five are there.")
    except DataError as error:
        sys.exit(str(error))
