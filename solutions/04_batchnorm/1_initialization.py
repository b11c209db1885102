# %% [markdown]
# # Initialization: the first step is half the way
#
# The MLP of lesson 03 learned, although it began badly. Its first loss was above 20, and thousands of
# steps went into undoing that. And most of its tanh neurons were stuck at -1 or 1, where they learn
# slowly or never. None of this raises an error: the loss falls, and you cannot know that it could
# have fallen further.
#
#     loss                                       loss
#      27 ┤│                                      3.3 ┤╲
#         ││  the hockey stick: thousands of          │ ╲   the same network, scaled well:
#         ││  steps to become humble                  │  ╲  it learns from the first step
#     2.3 ┤╰───────────────────────               2.1 ┤   ╰────────────────────
#
# This part asks two questions before any training: **what loss should the first step have?** and
# **in which range are the numbers in each layer?** Both can be answered with pencil and paper.
#
# What will go wrong: a square root that is missing, `fan_out` in the place of `fan_in`, a gain that is
# forgotten. In one layer this is a factor; through ten layers it is that factor to the power of ten.

# %%
import argparse
import math
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import load_names, picture, progress

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
    ### BEGIN SOLUTION
    return math.log(vocab_size)
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    logits = scale * torch.randn(n, vocab_size, generator=g)
    Y = torch.randint(0, vocab_size, (n,), generator=g)
    return F.cross_entropy(logits, Y).item()
    ### END SOLUTION


# %% [markdown]
# ## Squash the output layer
#
# logits = h @ W2 + b2. A bias of zero and a small W2 make all logits nearly equal. Small, not zero:
# with W2 = 0 no gradient comes through to the layers below at the first step, and some randomness
# keeps the neurons apart (part 5 shows what happens without).


# %%
def init_output(n_hidden, vocab_size, g, scale=0.01):
    """The output layer of a network that starts humble: small weights, no bias.

    Args:
        n_hidden: neurons in the layer before, an int.
        vocab_size: how many characters there are, an int.
        g: torch.Generator; the first draw is torch.randn(n_hidden, vocab_size, generator=g).
        scale: the standard deviation of the weights, a float.

    Returns:
        (W2, b2): float32 (n_hidden, vocab_size), that draw times scale; float32 (vocab_size,), zeros.

    Example:
        >>> W2, b2 = init_output(200, 27, torch.Generator().manual_seed(1))
        >>> W2.shape, b2.shape, round(W2.std().item(), 3), b2.sum().item()
        (torch.Size([200, 27]), torch.Size([27]), 0.01, 0.0)

    Source: lecture "BatchNorm", from 4:19.
    """
    ### BEGIN SOLUTION
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * scale
    b2 = torch.zeros(vocab_size)
    return W2, b2
    ### END SOLUTION


# %% [markdown]
# ## tanh, and what it lets through
#
# Now the hidden layer. Backward, tanh multiplies the gradient by its slope, which can be had from
# its output h alone:
#
#     h       -1      -0.97     -0.5      0      0.5      0.97      1
#     slope    0       0.06      0.75     1      0.75     0.06      0
#
# At most 1, so a gradient never grows on its way through tanh. Near -1 and 1 it is stopped.


# %%
def tanh_local_gradient(h):
    """The derivative of tanh at x, where h = tanh(x) is given, not x.

    Args:
        h: outputs of tanh, float of any shape, in [-1, 1].

    Returns:
        d tanh(x) / dx for each element, float, shape and dtype of h.

    Example:
        >>> tanh_local_gradient(torch.tensor([0.0, 0.5, -1.0]))
        tensor([1.0000, 0.7500, 0.0000])

    Source: lecture "BatchNorm", from 12:59.
    """
    ### BEGIN SOLUTION
    return 1 - h**2
    ### END SOLUTION


# %% [markdown]
# ## Black and white
#
# Call an activation *saturated* if it is beyond a threshold, on either side. Draw the batch as a
# picture, one row per example, one column per neuron, white where saturated. Much white means:
# little learning.


# %%
def saturated(h, threshold=0.97):
    """Which activations are saturated: |h| > threshold.

    Args:
        h: outputs of tanh, float (n, n_hidden).
        threshold: a float in (0, 1); exactly at the threshold is not saturated.

    Returns:
        bool (n, n_hidden).

    Example:
        >>> saturated(torch.tensor([[0.99, -0.99, 0.5]]))
        tensor([[ True,  True, False]])

    Source: lecture "BatchNorm", from 12:59 (there 0.99; in its later statistics 0.97).
    """
    ### BEGIN SOLUTION
    return h.abs() > threshold
    ### END SOLUTION


# %% [markdown]
# One number for the whole picture: the share of white in it. With the naive initialization it is
# about seven tenths.


# %%
def fraction_saturated(h, threshold=0.97):
    """The share of activations that are saturated, |h| > threshold, among all.

    Args:
        h: outputs of tanh, float (n, n_hidden), at least one of them.
        threshold: a float in (0, 1).

    Returns:
        A Python float between 0.0 and 1.0.

    Example:
        >>> fraction_saturated(torch.tensor([[0.99, -0.99], [0.5, 0.0]]))
        0.5
    """
    ### BEGIN SOLUTION
    return saturated(h, threshold).double().mean().item()
    ### END SOLUTION


# %% [markdown]
# ## Dead neurons
#
# A neuron that is saturated for *some* examples still learns from the others. One that is
# saturated for **every** example of the data gets (almost) no gradient, ever: a column that is
# white from top to bottom. On which side each example lies does not matter.
#
#     example 1   ██ ░░ ██          the neuron in column 1 is dead,
#     example 2   ██ ░░ ░░          the one in column 2 is alive,
#     example 3   ██ ██ ██          and so is the one in column 3   (here ██ is saturated)


# %%
def dead_neurons(h, threshold=0.97):
    """Which neurons are saturated, |h| > threshold, for every example of the batch.

    Args:
        h: outputs of tanh, float (n, n_hidden), n >= 1.
        threshold: a float in (0, 1).

    Returns:
        bool (n_hidden,), True for a dead neuron.

    Example:
        >>> dead_neurons(torch.tensor([[0.99, 0.99, 0.1], [-0.99, 0.5, 0.99]]))
        tensor([ True, False, False])

    Source: lecture "BatchNorm", from 12:59.
    """
    ### BEGIN SOLUTION
    return saturated(h, threshold).all(0)
    ### END SOLUTION


# %% [markdown]
# ## How large should a weight be?
#
# A neuron adds up fan_in products x * w. Variances of independent products add up, so with inputs of
# variance 1 the sum has the variance fan_in * std(w)**2. To get 1 again: std(w) = 1 / sqrt(fan_in).
#
# Then comes a nonlinearity that squeezes. relu throws away one half of everything, which halves the
# mean square: sqrt(2) makes up for it. tanh bends the large numbers inward: 5/3 is torch's answer, from
# experience. This factor is the **gain**:
#
#     std(w) = gain / sqrt(fan_in)           linear: 1      tanh: 5/3      relu: sqrt(2)


# %%
def calculate_gain(nonlinearity):
    """The factor that makes up for what a nonlinearity takes away.

    Args:
        nonlinearity: "linear", "tanh" or "relu".

    Returns:
        1, 5/3 or the square root of 2, a Python float (or int).

    Raises:
        ValueError: for any other text.

    Example:
        >>> calculate_gain("tanh")
        1.6666666666666667

    Source: lecture "BatchNorm", from 27:53; torch.nn.init.calculate_gain.
    """
    ### BEGIN SOLUTION
    gains = {"linear": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}
    if nonlinearity not in gains:
        raise ValueError(f"no gain is known for {nonlinearity!r}")
    return gains[nonlinearity]
    ### END SOLUTION


# %%
def kaiming_init(fan_in, fan_out, nonlinearity, g):
    """Weights that keep the size of what goes through them: std gain / sqrt(fan_in).

    Args:
        fan_in: how many numbers each neuron adds up, an int.
        fan_out: how many neurons there are, an int.
        nonlinearity: what follows the layer: "linear", "tanh" or "relu"; its gain is
            calculate_gain(nonlinearity).
        g: torch.Generator; the first draw is torch.randn(fan_in, fan_out, generator=g).

    Returns:
        float32 (fan_in, fan_out), to be used as x @ W: that draw, scaled.

    Example:
        >>> W = kaiming_init(400, 50, "relu", torch.Generator().manual_seed(1))
        >>> W.shape, round(W.std().item(), 2)  # 1.41 / 20
        (torch.Size([400, 50]), 0.07)

    Source: He et al. (2015), Delving Deep into Rectifiers, equation 10; lecture "BatchNorm", from 27:53.
    """
    ### BEGIN SOLUTION
    std = calculate_gain(nonlinearity) / math.sqrt(fan_in)
    return torch.randn(fan_in, fan_out, generator=g) * std
    ### END SOLUTION


# %% [markdown]
# ## Through a deep stack
#
# One layer forgives a wrong factor. Ten layers raise it to the power of ten. Send a batch through a
# stack of layers, each a matrix and then the nonlinearity, and note the standard deviation after
# each.
#
#     x ─► W ─► tanh ─► std    ─► W ─► tanh ─► std    ─► W ─► tanh ─► std   ...


# %%
NONLINEARITIES = {"linear": lambda x: x, "tanh": torch.tanh, "relu": torch.relu}


def stack_stds(x, weights, nonlinearity):
    """The standard deviation of the activations after each layer of a stack.

    A layer multiplies what comes in by its weights (from the right), then applies
    NONLINEARITIES[nonlinearity].

    Args:
        x: what goes into the first layer, float (n, fan_in).
        weights: a list of matrices, float (fan_in, fan_out) each, fitting one after the other. At least
            two numbers leave each layer.
        nonlinearity: "linear", "tanh" or "relu".

    Returns:
        A list of Python floats, one for each layer: the std over all n * fan_out numbers that leave
        it (after the nonlinearity), as torch.std gives it (which divides by one less than there are).

    Example:
        >>> stack_stds(torch.tensor([[1.0, -1.0]]), [3 * torch.eye(2), 2 * torch.eye(2)], "relu")
        [2.1213202476501465, 4.242640495300293]

    Source: lecture "BatchNorm", from 27:53.
    """
    ### BEGIN SOLUTION
    stds = []
    for W in weights:
        x = NONLINEARITIES[nonlinearity](x @ W)
        stds.append(x.std().item())
    return stds
    ### END SOLUTION


# %% [markdown]
# Which gain keeps the numbers in shape, which lets them explode or vanish? Ask for the factor *per
# layer*, the one number that, layer after layer, leads from the first std to the last:
#
#     1.0 ─► 2.0 ─► 4.0 ─► 8.0       per layer 2: explodes       (2.0 ** 3 = 8.0)
#     1.0 ─► 0.9 ─► 1.1 ─► 1.0       per layer 1: keeps its size
#
# tanh cannot explode, since nothing leaves it that is larger than 1. With too large a gain it
# saturates instead.


# %%
def factor_per_layer(stds):
    """The constant factor per layer that leads from the first std to the last.

    Args:
        stds: one float for each layer, between 1e-100 and 1e100, a list of at least two.

    Returns:
        f, a Python float, with stds[0] * f * f * ... * f = stds[-1], one f for each step from a layer
        to the next.

    Example:
        >>> factor_per_layer([0.5, 3.0, 2.0])
        2.0
    """
    ### BEGIN SOLUTION
    return (stds[-1] / stds[0]) ** (1 / (len(stds) - 1))
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Four pictures from your functions: the loss over the scale of the logits; the tanh layer before
# and after, as histogram and in black and white; the std through ten layers, for several gains; and
# the training, with and without the hockey stick.
#
# The last one at full length (200,000 steps, lr 0.1, then 0.01 from half on; on one CPU thread some
# four minutes for all three), on the lecture's names, beside the published:
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
        p.W1 = kaiming_init(fan_in, n_hidden, "tanh", g)
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
    axes.legend()
    figure.savefig(path, dpi=90)


def plot_tanh(hs, titles, path, threshold=0.97):
    """For each h (n, n_hidden): the histogram of its values, and white where saturated."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axes = figure.subplots(2, len(hs), squeeze=False, height_ratios=[3, 2])
    for (top, bottom), h, title in zip(axes.T, hs, titles, strict=True):
        top.hist(h.flatten().tolist(), 50, range=(-1, 1))
        share, dead = fraction_saturated(h, threshold), int(dead_neurons(h, threshold).sum())
        top.set(title=f"{title}\n{share:.0%} saturated, {dead} dead", xlabel="h", ylabel="how many")
        bottom.imshow(saturated(h, threshold), cmap="gray", vmin=0, vmax=1, aspect="auto",
                      interpolation="nearest")  # fmt: skip
        bottom.set(xlabel="neuron (white: saturated)", ylabel="example")
    figure.savefig(path, dpi=90)


def plot_stack(path, depth=10, width=300, n=500):
    """The std after each of `depth` layers for several gains, one panel per nonlinearity."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 3.6), layout="constrained")
    panels = zip(figure.subplots(1, 3), NONLINEARITIES, strict=True)
    for axes, nonlinearity in panels:
        right = calculate_gain(nonlinearity)
        for share in (0.5, 0.8, 1.0, 1.25, 2.0):
            g = torch.Generator().manual_seed(42)
            x = torch.randn(n, width, generator=g)
            weights = [share * kaiming_init(width, width, nonlinearity, g) for _ in range(depth)]
            stds = stack_stds(x, weights, nonlinearity)
            label = f"gain {share * right:.2f}: {factor_per_layer(stds):.2f} per layer"
            width_of_line = 2.5 if share == 1 else 1
            axes.plot(range(1, depth + 1), stds, ".-", linewidth=width_of_line, label=label)
        limits = (0.01, 1.2) if nonlinearity == "tanh" else (1e-4, 1e4)  # tanh stays below 1
        axes.set(title=nonlinearity, xlabel="layer", yscale="log", ylim=limits)
        axes.legend(fontsize=7, loc="lower left")
    figure.axes[0].set_ylabel("std")
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
    close.set(title="means", xlabel="step", ylim=(2.0, 3.4))
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
    parser = argparse.ArgumentParser(description="Where a network starts, and what it costs.")
    parser.add_argument("--steps", type=int, default=5_000, help="steps per training")
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    args = parser.parse_args()
    steps = 200_000 if args.full else args.steps

    names = load_names(args.data)
    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    splits = make_splits(names, stoi)
    X, Y = splits["train"]

    def scales():
        print(f"a network that knows nothing: loss {expected_loss(len(stoi)):.4f}")
        path = picture("04_batchnorm/scales.png")
        plot_scales(path, len(stoi))
        print(f"{path}: what it costs to be sure of something random.")

    def tanh():
        g = torch.Generator().manual_seed(args.seed)
        hs = []
        for number in (1, 2):
            with torch.no_grad():
                hs.append(forward(initialize(number, len(stoi), g), X[:200])[0])
            slope = tanh_local_gradient(hs[-1]).mean().item()
            print(f"{('W1 from N(0, 1)', 'W1 scaled')[number - 1]:<18} mean slope {slope:.3f}")
        path = picture("04_batchnorm/saturation.png")
        plot_tanh(hs, ["W1 from N(0, 1)", "std of W1 (5/3) / sqrt(30)"], path)
        print(f"{path}: at the left the mass is at -1 and 1, where nothing is learned.")

    def stack():
        path = picture("04_batchnorm/stack.png")
        plot_stack(path)
        print(f"{path}: the thick line is the gain of calculate_gain.")

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
    show("tanh", tanh)
    show("ten layers", stack)
    show("training", training)


if __name__ == "__main__":
    main()
