# `hero check 04/1` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The first loss: know it before you start
#
# The MLP of lesson 03 learned, although it began badly. Its first loss was far above what a network
# that knows nothing has to pay, and thousands of steps went into undoing that. No error is raised: the
# loss falls, and you cannot know that it could have fallen further.
#
#     loss                                       loss
#      27 ┤│                                      3.3 ┤╲
#         ││  the hockey stick: thousands of          │ ╲   the same network, scaled well:
#         ││  steps to become humble                  │  ╲  it learns from the first step
#     2.3 ┤╰───────────────────────               2.1 ┤   ╰────────────────────
#
# So this part asks one question before any training: **what loss should the first step have?** For
# n characters it is ln n. You need no network to know it, only a pencil.
#
# What will go wrong: a first loss that is "just high". Whoever does not know the right number takes any
# number for it.

# %%
import argparse
import math
import random
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The network, given
#
# The one of lesson 03: a table of embeddings, a tanh layer, an output layer. `naive_init` fills it
# the way many people do at first: everything from N(0, 1).
#
#     Xb (n, 3) ─► C[Xb] (n, 3, n_embd) ─► embcat (n, 3 * n_embd)
#               ─► hpreact = embcat @ W1 + b1 ─► h = tanh(hpreact) ─► logits = h @ W2 + b2


# %%
def naive_init(vocab_size, g, block_size=3, n_embd=10, n_hidden=200):
    """All parameters from N(0, 1), as a namespace: C, W1, b1, W2, b2."""
    return SimpleNamespace(
        C=torch.randn(vocab_size, n_embd, generator=g),
        W1=torch.randn(block_size * n_embd, n_hidden, generator=g),
        b1=torch.randn(n_hidden, generator=g),
        W2=torch.randn(n_hidden, vocab_size, generator=g),
        b2=torch.randn(vocab_size, generator=g),
    )


def forward(p, Xb):
    """(h, logits) for contexts Xb (n, block_size): float (n, n_hidden) and (n, vocab_size)."""
    embcat = p.C[Xb].view(len(Xb), -1)  # (n, block_size * n_embd)
    h = torch.tanh(embcat @ p.W1 + p.b1)
    return h, h @ p.W2 + p.b2


# %% [markdown]
# ## What loss should the first step have?
#
# Before it has seen a single name, the network has no reason to prefer one character. All 27 should
# get the same probability, 1/27, whatever comes next, and the loss is the negative log of that.
# Know this number before you start a training: a first loss far above it says that something is
# wrong, before an hour is lost.


# %%
def expected_loss(vocab_size):
    """The loss of a network that gives every character the same probability.

    Args:
        vocab_size: how many characters there are, an int >= 1.

    Returns:
        Minus the natural logarithm of that probability, a Python float.

    Example:
        >>> expected_loss(2)
        0.6931471805599453

    Source: lecture "BatchNorm", from 4:19.
    """
    # TODO 04.expected_loss: your code here (stuck? `hero hint 04.expected_loss`)
    raise NotImplementedError("04.expected_loss")


# %% [markdown]
# ## The price of being sure
#
# Logits that are far apart mean: "I am sure". Before training, the network is sure of something
# random, and nearly always wrong. How expensive is it? Measure: random logits of standard deviation
# `scale`, random targets.
#
#     scale   0      1      4      14
#     loss    3.3    3.8    8.5    28       (27 characters)
#
# For small scales it is ln 27 + scale**2 / 2, for large ones about 2 * scale. The naive network
# adds up 200 numbers in each logit: they come out about sqrt(200) = 14 in size, a bit less since tanh
# keeps each below 1. (The lecture's first loss is 28; with another seed yours may be 25.)


# %%
def loss_at_scale(scale, vocab_size, n, g):
    """Mean cross-entropy of random logits of standard deviation `scale` and random targets.

    Args:
        scale: standard deviation of the logits, a float >= 0 (100 must not overflow).
        vocab_size: how many characters there are, an int.
        n: how many examples, an int >= 1.
        g: torch.Generator. Two draws, in this order: the logits are scale times
            torch.randn(n, vocab_size, generator=g), the targets
            torch.randint(0, vocab_size, (n,), generator=g).

    Returns:
        The mean over the n examples, a Python float.

    Example:
        >>> loss_at_scale(0.0, vocab_size=2, n=5, g=torch.Generator().manual_seed(1))
        0.6931471824645996
    """
    # TODO 04.loss_at_scale: your code here (stuck? `hero hint 04.loss_at_scale`)
    raise NotImplementedError("04.loss_at_scale")


# %% [markdown]
# ## Squash the output layer
#
# logits = h @ W2 + b2. A bias of zero and a small W2 make all logits nearly equal. Small, not zero:
# with W2 = 0 no gradient comes through to the layers below at the first step, and some randomness
# keeps the neurons apart (part 8 shows what happens without).


# %%
def init_output(n_hidden, vocab_size, g, scale=0.01):
    """The output layer of a network that starts humble: small weights, no bias.

    Args:
        n_hidden: neurons in the layer before, an int.
        vocab_size: how many characters there are, an int.
        g: torch.Generator; the first draw is torch.randn(n_hidden, vocab_size, generator=g), and what you
            draw after it is up to you.
        scale: the standard deviation of the weights, a float.

    Returns:
        (W2, b2): float32 (n_hidden, vocab_size), that draw times scale; float32 (vocab_size,), zeros.

    Example:
        >>> W2, b2 = init_output(200, 27, torch.Generator().manual_seed(1))
        >>> W2.shape, b2.shape, round(W2.std().item(), 3), b2.sum().item()
        (torch.Size([200, 27]), torch.Size([27]), 0.01, 0.0)

    Source: lecture "BatchNorm", from 4:19.
    """
    # TODO 04.init_output: your code here (stuck? `hero hint 04.init_output`)
    raise NotImplementedError("04.init_output")


# %% [markdown]
# ## Run it
#
# Two pictures from your functions: the loss over the scale of the logits, and three trainings, with the
# hockey stick and without. The third start also has a well scaled hidden layer, given here; part 2 is
# about that.
#
# At full length (200,000 steps, lr 0.1, then 0.01 from half on; on one CPU thread some four minutes for
# all three), on the lecture's names, beside the published:
#
#     hero run 04/1 -- --full --data lecture
#
# | initialization | first loss | published dev loss | ours |
# |---|---|---|---|
# | everything N(0, 1) | 28.4 | 2.168 | 2.157 |
# | output squashed | 3.3 | 2.13 | 2.129 |
# | and the hidden layer scaled | 3.3 | 2.107 | 2.107 |


# %%
INITS = ["everything N(0, 1)", "output squashed", "and the hidden layer scaled"]
PUBLISHED = [2.168, 2.13, 2.107]


def initialize(number, vocab_size, g):
    """The network of row `number` (0, 1, 2) of the table, ready to train."""
    p = naive_init(vocab_size, g)
    fan_in, n_hidden = p.W1.shape
    if number >= 1:
        p.W2, p.b2 = init_output(n_hidden, vocab_size, g)
    if number >= 2:
        p.W1 = torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5
        p.b1 = torch.zeros(n_hidden)
    for tensor in vars(p).values():
        tensor.requires_grad_()
    return p


def make_splits(names, stoi, block_size=3):
    """80 % of the shuffled names for training, 10 % for dev, 10 % for test, as pairs (X, Y)."""
    names = list(names)
    random.Random(42).shuffle(names)
    cuts = [0, int(0.8 * len(names)), int(0.9 * len(names)), len(names)]
    splits = {}
    for split, i, j in zip(("train", "dev", "test"), cuts, cuts[1:], strict=False):
        X, Y = [], []
        for name in names[i:j]:
            context = [0] * block_size
            for ix in [stoi[c] for c in name] + [0]:
                X.append(context)
                Y.append(ix)
                context = context[1:] + [ix]
        splits[split] = (torch.tensor(X), torch.tensor(Y))
    return splits


def train(p, X, Y, steps, g, description):
    """Gradient descent, lr 0.1 and from half on 0.01, on batches of 32; the loss of each step."""
    losses, running, piece = [], None, max(1, steps // 100)
    with progress(steps // piece, description) as bar:
        for step in range(steps):
            ix = torch.randint(0, len(X), (32,), generator=g)
            loss = F.cross_entropy(forward(p, X[ix])[1], Y[ix])
            for tensor in vars(p).values():
                tensor.grad = None
            loss.backward()
            with torch.no_grad():
                for tensor in vars(p).values():
                    tensor -= (0.1 if step < steps / 2 else 0.01) * tensor.grad
            losses.append(loss.item())
            running = losses[-1] if running is None else 0.99 * running + 0.01 * losses[-1]
            if (step + 1) % piece == 0 and (step + 1) // piece <= steps // piece:
                bar.update(loss=running)
    return losses


def plot_scales(path, vocab_size=27):
    """The loss at the start over the scale of the logits."""
    from matplotlib.figure import Figure

    scales = [i / 4 for i in range(61)]
    g = torch.Generator().manual_seed(42)
    losses = [loss_at_scale(s, vocab_size, 2000, g) for s in scales]
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(scales, losses, label="measured")
    axes.plot(scales[:17], [expected_loss(vocab_size) + s * s / 2 for s in scales[:17]], ":",
              label="ln 27 + scale² / 2")  # fmt: skip
    axes.axhline(expected_loss(vocab_size), color="0.6", label="ln 27, nobody knows anything")
    axes.set(xlabel="standard deviation of the logits", ylabel="loss", ylim=(0, 30))
    axes.set_title("the price of being sure of something random")
    axes.legend()
    figure.savefig(path, dpi=90)


def plot_losses(runs, names, path):
    """The loss of each step, smoothed: all of the run at the left, from 3.5 down at the right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    whole, close = figure.subplots(1, 2)
    for losses, name in zip(runs, names, strict=True):
        window = max(1, len(losses) // 80)
        starts = range(0, len(losses) - window + 1, window)
        whole.plot(losses, label=name, linewidth=1)
        close.plot(starts, [sum(losses[i : i + window]) / window for i in starts], label=name)
    whole.set(title="every step", xlabel="step", ylabel="loss")
    whole.set_xlim(-len(runs[0]) / 40, len(runs[0]) / 4)
    close.set(title="means", xlabel="step", ylabel="loss, smoothed", ylim=(2.0, 3.4))
    whole.legend()
    figure.savefig(path, dpi=90)


def show(what, function):
    """Runs one section of main; one that needs a TODO says so and is left out."""
    print(f"\n-- {what}")
    try:
        function()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this section comes later.")


def main():
    parser = argparse.ArgumentParser(description="What the first step costs, and what it need not.")
    parser.add_argument("--steps", type=int, default=5_000, help="steps per training")
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 200_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or args.seed not in range(2**63) or len(names) < 100:
        parser.error("this takes at least 1 step, a seed from 0 on and 100 names or more")

    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    splits = make_splits(names, stoi)
    X, Y = splits["train"]

    def scales():
        print(f"a network that knows nothing: loss {expected_loss(len(stoi)):.4f}")
        path = picture("04_batchnorm/scales.png")
        plot_scales(path, len(stoi))
        print(f"{path}: what it costs to be sure of something random.")

    def training():
        runs, lines = [], []
        for number, name in enumerate(INITS):
            g = torch.Generator().manual_seed(args.seed)
            p = initialize(number, len(stoi), g)
            losses = train(p, X, Y, steps, g, name)
            runs.append(losses)
            with torch.no_grad():
                dev = F.cross_entropy(forward(p, splits["dev"][0])[1], splits["dev"][1]).item()
            lines.append(f"{name:<28} {losses[0]:>10.2f} {PUBLISHED[number]:>10.3f} {dev:>7.3f}")
        print(f"\ndev loss                     first loss  published    ours   ({steps:,} steps)")
        print("\n".join(lines))
        path = picture("04_batchnorm/hockey_stick.png")
        plot_losses(runs, INITS, path)
        print(f"{path}: the first steps of the blue line only take back its confidence.")

    show("the first loss", scales)
    show("training", training)


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(str(error))
