# `hero check 04/9` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Stretch: residual connections, and Adam
#
# BatchNorm was one way to train deep networks. Two others are in every GPT: blocks that add to what they
# get, and an optimizer that finds a step size for each number. Both are short. Nothing
# later in this workbook needs this part.
#
# What will go wrong: an `eps` inside the root, a step count that starts at 0, one memory for all
# parameters.

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
# The MLP of lesson 03, well started: embedding, one tanh layer, logits.


# %%
def make_params(generator, n_embd=8, n_hidden=64, block_size=3, vocab_size=27):
    """Parameters "C", "W1", "b1", "W2", "b2", of sizes that leave every layer in shape."""
    fan_in = block_size * n_embd
    made = {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator) * (5 / 3) / fan_in**0.5,
        "b1": torch.zeros(n_hidden),
        "W2": torch.randn(n_hidden, vocab_size, generator=generator) * 0.01,
        "b2": torch.zeros(vocab_size),
    }
    return {name: p.requires_grad_() for name, p in made.items()}


def forward(params, X):
    """Logits (N, vocab_size) for contexts X (N, block_size)."""
    embcat = params["C"][X].view(X.shape[0], -1)  # (N, block_size * n_embd)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])  # (N, n_hidden)
    return h @ params["W2"] + params["b2"]


# %% [markdown]
# ## The residual connection
#
# A deep stack is a long product of matrices: what goes through shrinks or grows a bit in each layer, and
# gradients on the way back likewise. A residual block changes its input only a little, and lets it pass:
#
#     x ──┬──────────────────────┐
#         └── tanh(x @ W) · scale ─(+)── x
#
# The gradient has a road without any product, the `+`. Each half of a GPT's block, attention and MLP, is
# added to its input in this way. Each adds variance, though: with n of them, a scale of 1 / sqrt(n) keeps
# the sum in bounds. (GPT-2 has the same factor in another place: in the initial weights of the layers that
# add.)


# %%
def residual_stack(x, weights, scale):
    """x goes through len(weights) residual blocks: each adds scale * tanh(x @ W) to its input.

    Args:
        x: float (N, d).
        weights: list of float (d, d), applied in this order; it may be empty.
        scale: a float.

    Returns:
        A list of len(weights) + 1 tensors, float (N, d): x (itself, or a copy), then the output of each
        block. Gradients reach x and all weights; x is not changed. The work grows with the number of
        blocks.

    Example:
        >>> residual_stack(torch.tensor([[1.0, 2.0]]), [torch.zeros(2, 2), torch.eye(2)], scale=10.0)
        [tensor([[1., 2.]]), tensor([[1., 2.]]), tensor([[ 8.6159, 11.6403]])]

    Source: He, Zhang, Ren and Sun (2015), "Deep Residual Learning", equation (1).
    """
    # TODO 04.residual_stack: your code here (stuck? `hero hint 04.residual_stack`)
    raise NotImplementedError("04.residual_stack")


# %% [markdown]
# ## Adam
#
# Plain gradient descent has one step size for all weights. The update:data plots of part 7 show why that is
# not ideal: with the same lr some weights move ten times as fast as others. Adam keeps two running
# averages for each number, of its gradient g and of g squared, and divides one by the root of the other:
#
#     m = b1 * m + (1 - b1) * g            m_hat = m / (1 - b1**t)
#     v = b2 * v + (1 - b2) * g * g        v_hat = v / (1 - b2**t)
#     p = p - lr * m_hat / (sqrt(v_hat) + eps)
#
# m and v start at 0, so they are too small at first; dividing by 1 - b**t mends that. t counts the steps of
# this parameter, and is 1 at the first.
#
# What will go wrong: eps inside the root; t that starts at 0; one t for all parameters, which then counts
# five steps where there was one.


# %%
def adam_step(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """One step of Adam on one parameter, in place.

    Args:
        p: the parameter, a float tensor, changed in place. It may require a gradient; the update
            itself must not be recorded.
        grad: its gradient, of the same shape and dtype, no number of it above 1e15 in size; stays as it is.
        state: a dict, empty before the first step of this parameter. The same dict is passed at each later
            step. Keep in it, under names of your own, whatever you need; each parameter has its own.
        lr: learning rate, a float.
        betas: (b1, b2), the decay rates of the two averages.
        eps: a float > 0, added to the root.

    Returns:
        None.

    Example:
        >>> p, state = torch.tensor([1.0, -1.0]), {}
        >>> adam_step(p, torch.tensor([0.001, 50.0]), state, lr=0.1)
        >>> p  # the first step is lr, whatever the gradient, if it is far above eps
        tensor([ 0.9000, -1.1000])

    Source: Kingma and Ba (2014), "Adam", algorithm 1.
    """
    # TODO 04.adam_step: your code here (stuck? `hero hint 04.adam_step`)
    raise NotImplementedError("04.adam_step")


# %% [markdown]
# ## Look at it
#
# What arrives at the bottom of fifty layers, with and without residual connections; then gradient descent
# against your Adam, on names.


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


def train(params, X, Y, steps, lr, generator, label, adam=False):
    """Minibatches of 64; returns the losses."""
    losses, states, piece = [], {name: {} for name in params}, max(1, steps // 50)
    with progress(steps // piece, label) as bar:
        for step in range(steps):
            ix = torch.randint(0, X.shape[0], (64,), generator=generator)
            loss = F.cross_entropy(forward(params, X[ix]), Y[ix])
            grads = torch.autograd.grad(loss, list(params.values()))
            for (name, p), grad in zip(params.items(), grads, strict=True):
                if adam:
                    adam_step(p, grad, states[name], lr=lr)
                else:
                    p.data -= lr * grad
            losses.append(loss.item())
            if step % piece == piece - 1:
                bar.update(loss=sum(losses[-piece:]) / piece)
    return losses


def depth_profile(residual, depth, width, generator):
    """(std of the output, std of the gradient) at each level of a deep stack, scale 1/sqrt(depth)."""
    x = torch.randn(256, width, generator=generator).requires_grad_()
    gain = 0.8  # half of the 5/3 that a stack without residual connections would need
    weights = [
        gain * torch.randn(width, width, generator=generator) / width**0.5 for _ in range(depth)
    ]
    if residual:
        levels = residual_stack(x, weights, depth**-0.5)
    else:
        levels = [x]
        for W in weights:
            levels.append(torch.tanh(levels[-1] @ W))
    for level in levels:
        level.retain_grad()
    (levels[-1] * torch.randn(256, width, generator=generator)).sum().backward()
    return [level.std().item() for level in levels], [level.grad.std().item() for level in levels]


def smooth(losses, size):
    """(at, means): the losses averaged over groups of `size` neighbors."""
    means = torch.tensor(losses[: len(losses) // size * size]).view(-1, size).mean(1)
    return (torch.arange(len(means)) + 0.5) * size, means


def plot_runs(runs, path):
    """The smoothed losses of two runs."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.8), layout="constrained")
    axes = figure.subplots()
    for label, losses in runs.items():
        axes.plot(*smooth(losses, max(1, len(losses) // 60)), label=label)
    axes.set(xlabel="step", ylabel="loss, smoothed", ylim=(2.0, 3.3), title="names, two optimizers")
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=90)


def plot_depth(profiles, path):
    """Left what goes up, right the gradient that comes down."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    for label, (outputs, grads) in profiles.items():
        left.semilogy(outputs, label=label)
        right.semilogy(grads, label=label)
    left.set(xlabel="layer", ylabel="std of the output", title="forward")
    right.set(xlabel="layer", ylabel="std of the gradient", title="backward (read from the right)")
    left.legend(fontsize=8)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Residual connections, and Adam.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--full", action="store_true", help="all names, 30,000 steps")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 30_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or len(names) < 100 or not set("".join(names)) <= set(ascii_lowercase):
        parser.error("this takes at least 1 step, and 100 names or more, of the letters a to z")

    try:
        profiles = {
            label: depth_profile(residual, 50, 64, torch.Generator().manual_seed(3))
            for label, residual in (("plain", False), ("residual", True))
        }
        for label, (outputs, grads) in profiles.items():
            print(
                f"{label:<9} std of the output {outputs[-1]:.2e}, of the first gradient {grads[0]:.2e}"
            )
        path = picture("04_batchnorm/depth.png")
        plot_depth(profiles, path)
        print(f"{path}: fifty layers, half the gain that tanh wants: the plain stack fades.\n")
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: no picture of depth\n")

    random.Random(42).shuffle(names)
    X, Y = build_dataset(names if args.full else names[:8_000])
    runs = {}
    for label, lr, adam in (("gradient descent", 0.2, False), ("your Adam", 0.003, True)):
        params = make_params(torch.Generator().manual_seed(1))
        runs[label] = train(params, X, Y, steps, lr, torch.Generator().manual_seed(2), label, adam)
        last = sum(runs[label][-200:]) / len(runs[label][-200:])
        print(f"  {label}: loss {last:.4f}\n")
    path = picture("04_batchnorm/adam.png")
    plot_runs(runs, path)
    print(f"{path}: is Adam ahead? At the first steps, at the last?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: training starts when it is there.")
    except DataError as error:
        sys.exit(str(error))
