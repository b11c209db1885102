# `hero check 03/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Choosing the learning rate, and judging fairly
#
# 0.1 was a guess. Too small, and nothing happens for hours; too large, and the loss climbs again.
# Between lies a valley, and a single short run finds it: raise the learning rate a little at each
# step, from tiny to absurd, and watch the loss.
#
#       loss │‾‾‾‾‾‾\                       /
#            │       \                     /
#            │        \___          ______/
#            │            \________/
#            └──────────────────────────────────
#              0.001       0.01      0.1      1      (log scale)
#               too small      just right   too large
#
# What will go wrong: candidates spaced evenly between 0.001 and 1 spend 90 % of the run above 0.1.
# Space the *exponents* evenly. And read the noise with care: one lucky minibatch is no valley.

# %%
import argparse
import random
import string
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## From the parts before, given


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


def train_step(params, Xb, Yb, lr):
    """One step of gradient descent, in place; returns the loss before it, a float."""
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    for p in params.values():
        p.data -= lr * p.grad
    return loss.item()


def minibatch(X, Y, batch_size, generator):
    """Random examples (Xb, Yb), drawn with replacement."""
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return X[ix], Y[ix]


# %% [markdown]
# ## Candidates on a log scale
#
# From 0.001 to 1 are three powers of ten, and each deserves a third of the candidates: 10 to the
# power of -3 ... 0, evenly.


# %%
def candidate_lrs(low, high, steps):
    """Learning rates from low to high, each a constant factor above the one before.

    Args:
        low: the first, a float > 0.
        high: the last, a float > low.
        steps: how many, an int >= 2.

    Returns:
        A list of floats, or a tensor (steps,): low, ..., high, both ends included, up to the
        rounding of float32. The work grows with steps.

    Example:
        >>> [round(lr, 4) for lr in candidate_lrs(0.001, 1.0, 4)]
        [0.001, 0.01, 0.1, 1.0]

    Source: lecture "MLP", finding a good initial learning rate.
    """
    # TODO 03.candidate_lrs: your code here (stuck? `hero hint 03.candidate_lrs`)
    raise NotImplementedError("03.candidate_lrs")


# %% [markdown]
# ## The sweep
#
# One run, one step with each candidate, in order. It is an experiment, and the last learning rates
# undo what the others learned, so it runs on a copy: your parameters stay what they are.


# %%
def sweep(params, X, Y, lrs, batch_size, generator):
    """One training step with each learning rate, on a copy of the parameters.

    Args:
        params: dict of leaf tensors with requires_grad=True; their values stay unchanged, what their .grad
            holds afterwards is up to you.
        X: contexts, int64 (N, block_size).
        Y: next characters, int64 (N,).
        lrs: learning rates in the order to try, a list of floats; it must stay as it is.
        batch_size: examples in a minibatch.
        generator: for `minibatch`, one new batch for each step; nothing else draws from it.

    Returns:
        A list of floats, or a tensor of as many, one for each learning rate: the loss before that step. The
        steps follow one another: each starts from the parameters the last one left.

    Source: lecture "MLP", finding a good initial learning rate.
    """
    # TODO 03.sweep: your code here (stuck? `hero hint 03.sweep`)
    raise NotImplementedError("03.sweep")


# %% [markdown]
# ## Reading the curve
#
# By eye you would look for the bottom of the valley, and ignore single spikes. In numbers: average
# the losses over a window that slides along, and take the learning rate in the middle of the
# lowest window.
#
#       losses  9  8  3  7  5  4  5  8  nan        window 3
#               └──┬──┘     └──┬──┘
#                6.67        4.67   <- the lowest: take the lr in its middle
#
# What will go wrong: with far too large a step losses become inf or nan, and a nan wins many
# searches for a minimum, since no number is smaller than it.


# %%
def pick_lr(lrs, losses, window):
    """The learning rate in the middle of the lowest stretch of losses.

    Args:
        lrs: learning rates, a list of n floats.
        losses: the loss for each, a list of n floats; some may be inf or nan.
        window: how many neighboring losses are averaged, an odd int, 1 <= window <= n. Only full
            windows count. One that holds an inf or nan never wins; at least one holds neither.

    Returns:
        The entry of lrs in the middle of the window with the smallest mean (the first of them,
        if several are equal), a float.

    Example:
        >>> pick_lr([0.001, 0.01, 0.1, 1.0, 10.0], [5.0, 4.0, 3.0, 2.0, 99.0], window=3)
        0.1
    """
    # TODO 03.pick_lr: your code here (stuck? `hero hint 03.pick_lr`)
    raise NotImplementedError("03.pick_lr")


# %% [markdown]
# ## Decay
#
# With a large step you come down the mountain fast, and then jump about in the valley: the steps
# are longer than the valley is wide. So, once the loss stands still, divide the learning rate by
# ten. The picture at the end of this part has a step in it where that happens.


# %%
def decayed_lr(step, steps, lr):
    """The learning rate of a step: lr in the first half of the run, a tenth of it afterwards.

    Args:
        step: 0, 1, ..., steps - 1.
        steps: length of the run, an int >= 1.
        lr: the learning rate to begin with, a float.

    Returns:
        lr if step < steps / 2, else lr / 10; a float.

    Example:
        >>> [decayed_lr(step, 4, 0.1) for step in range(4)]
        [0.1, 0.1, 0.01, 0.01]

    Source: lecture "MLP", learning rate decay; its last run drops after 100,000 of 200,000 steps.
    """
    # TODO 03.decayed_lr: your code here (stuck? `hero hint 03.decayed_lr`)
    raise NotImplementedError("03.decayed_lr")


# %% [markdown]
# ## Judging
#
# The loss of a minibatch is a rumor. For a verdict take all examples of a split, once, without
# training on them, and without the graph that backward would need: for 180,000 examples and 200
# neurons that graph holds 195 megabytes that nobody asks for.
#
#       train 2.12  dev 2.17     close together: too small to learn by heart (underfits)
#       train 1.80  dev 2.40     far apart: learned the training names by heart (overfits)


# %%
def split_loss(params, X, Y):
    """The loss over a whole split, computed without gradients.

    Args:
        params: dict of leaf tensors with requires_grad=True; they, their .grad, and whether
            autograd is on stay as they are.
        X: contexts, int64 (N, block_size).
        Y: next characters, int64 (N,), N >= 1.

    Returns:
        F.cross_entropy over all N examples, a Python float. autograd records nothing: no tensor
        is kept for a backward pass.

    Source: lecture "MLP", splitting up the dataset; lecture "BatchNorm", split_loss.
    """
    # TODO 03.split_loss: your code here (stuck? `hero hint 03.split_loss`)
    raise NotImplementedError("03.split_loss")


# %% [markdown]
# ## Run it
#
# A sweep, then a run with the learning rate it found, decayed, then the verdict. `--full` is the
# lecture's last network, embeddings of 10 and 200 hidden neurons, 200,000 steps.


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


def smooth(losses, groups=200):
    """(at, means): the losses averaged over groups of neighbors."""
    size = max(1, len(losses) // groups)
    means = torch.tensor(losses[: len(losses) // size * size]).view(-1, size).mean(1)
    return (torch.arange(len(means)) + 0.5) * size, means


def plot_sweep(lrs, losses, chosen, path):
    """The losses of the sweep over the learning rate, log scale; the chosen one marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(lrs, losses, color="#0072B2", linewidth=0.8)
    axes.axvline(chosen, color="#D55E00", label=f"chosen: {chosen:.3f}")
    top = 1.3 * max(losses[: len(losses) // 10])
    axes.set(xscale="log", ylim=(0, top), xlabel="learning rate", ylabel="loss of a minibatch")
    axes.set_title("one run, one step with each learning rate")
    axes.legend()
    figure.savefig(path, dpi=100)


def plot_decay(losses, path):
    """Raw and smoothed losses of the run; the learning rate falls in its middle."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color="#0072B2", alpha=0.2, linewidth=0.4, label="each minibatch")
    at, means = smooth(losses)
    axes.plot(at, means, color="#D55E00", label=f"mean of {max(1, len(losses) // 200)}")
    axes.axvline(len(losses) / 2, color="black", linestyle="--", label="lr / 10")
    axes.set(
        xlabel="step", ylabel="loss", ylim=(1.7, 3.5), title="decay: a step down in the middle"
    )
    axes.legend()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(
        description="Sweeps the learning rate, then trains with decay."
    )
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--n-embd", type=int, default=10)
    parser.add_argument("--n-hidden", type=int, default=200)
    parser.add_argument("--seed", type=int, default=42, help="of the minibatches")
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps, lr 0.1")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not (1 <= args.n_embd <= 1000 and 1 <= args.n_hidden <= 1000):
        parser.error("--n-embd and --n-hidden: from 1 to 1000")
    if args.steps < 1 or not 0 <= args.seed < 2**63:
        parser.error("--steps: at least 1; --seed: from 0 on, below 2**63")
    steps = 200_000 if args.full else args.steps

    names = load_names(args.data)
    if not set("".join(names)) <= set(string.ascii_lowercase) or len(names) < 10:
        parser.error("--data: at least 10 names, of the letters a to z only")
    random.Random(42).shuffle(names)
    n1, n2 = int(0.8 * len(names)), int(0.9 * len(names))
    X, Y = build_dataset(names[:n1])
    Xdev, Ydev = build_dataset(names[n1:n2])
    g = torch.Generator().manual_seed(2147483647)
    params = init_params(27, 3, args.n_embd, args.n_hidden, g)
    print(f"{len(X):,} examples, {sum(p.numel() for p in params.values()):,} parameters")

    lrs = [float(lr) for lr in candidate_lrs(0.001, 1.0, 1000)]
    losses = sweep(params, X, Y, lrs, 32, torch.Generator().manual_seed(42))
    chosen = pick_lr(lrs, losses, 51)
    path = picture("03_mlp/sweep.png")
    plot_sweep(lrs, losses, chosen, path)
    print(f"{path}: where is the valley, and why not left or right of it? chosen {chosen:.3f}\n")

    lr, batches = 0.1 if args.full else chosen, torch.Generator().manual_seed(args.seed)
    losses, piece = [], max(1, steps // 100)
    with progress(steps // piece, "training") as bar:
        for step in range(steps // piece * piece):
            Xb, Yb = minibatch(X, Y, 32, batches)
            losses.append(train_step(params, Xb, Yb, decayed_lr(step, steps, lr)))
            if step % piece == piece - 1:
                bar.update(loss=sum(losses[-piece:]) / piece)
    print(f"train {split_loss(params, X, Y):.4f}\ndev   {split_loss(params, Xdev, Ydev):.4f}")
    path = picture("03_mlp/decay.png")
    plot_decay(losses, path)
    print(f"{path}: the step down in the middle is the learning rate falling to a tenth.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: this part runs when all five are there.")
    except DataError as error:
        sys.exit(str(error))
