# %% [markdown]
# # Initialization: how large should a weight be?
#
# The first loss is right now, and the network still begins badly: most of its tanh neurons sit near -1
# or 1, where they learn slowly or never. No error tells you. So look inside, and ask: **in which range
# are the numbers that leave a layer?** The answer is a formula for the standard deviation of a weight:
#
#     std(w) = gain / sqrt(fan_in)
#
#     too large      ██▁▁▁▁▁▁▁▁██        every output at an end: no gradient comes through
#     right          ▅▃▃▂▂▂▂▃▃▃▅         spread over the whole range
#     too small      ▁▁▁▁▁██▁▁▁▁▁        all near 0: the next layer hardly sees a difference
#
# What will go wrong: a square root that is missing, `fan_out` in the place of `fan_in`, a gain that is
# forgotten. In one layer this is a factor; through ten layers it is that factor to the power of ten.

# %%
import argparse
import math
import random
import sys

import torch

from data import DataError, load_names, picture

# %% [markdown]
# ## tanh, and what it lets through
#
# Backward, tanh multiplies the gradient by its slope, which can be had from its output h alone:
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
        g: torch.Generator; the first and only draw is torch.randn(fan_in, fan_out, generator=g).

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
        The work grows with the number of layers.

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
# Two pictures from your functions: the tanh layer of lesson 03's network, as histogram and in black and
# white, with plain and with scaled weights; and the std through ten layers, for several gains. (What
# the scaling is worth in training is the last row of part 1's table.)


# %%
def tanh_layer(scaled, contexts, vocab_size, seed, n_embd=10, n_hidden=200):
    """Outputs (n, n_hidden) of the layer; the embeddings are the same with and without scaling."""
    g = torch.Generator().manual_seed(seed)
    embcat = torch.randn(vocab_size, n_embd, generator=g)[contexts].flatten(1)  # (n, fan_in)
    fan_in = embcat.shape[1]
    if scaled:
        return torch.tanh(embcat @ kaiming_init(fan_in, n_hidden, "tanh", g))
    W1 = torch.randn(fan_in, n_hidden, generator=g)
    return torch.tanh(embcat @ W1 + torch.randn(n_hidden, generator=g))


def make_contexts(names, stoi, block_size=3):
    """What stands before each character of the names, int64 (n, block_size)."""
    X = []
    for name in names:
        ids = [0] * block_size + [stoi[c] for c in name]
        X += [ids[i : i + block_size] for i in range(len(name) + 1)]
    return torch.tensor(X)


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

    figure = Figure(figsize=(10, 5.4), layout="constrained")
    panels = zip(figure.subplots(1, 3), NONLINEARITIES, strict=True)
    for axes, nonlinearity in panels:
        right = calculate_gain(nonlinearity)
        for share in (0.5, 0.8, 1.0, 1.25, 2.0):
            g = torch.Generator().manual_seed(42)
            x = torch.randn(n, width, generator=g)
            weights = [share * kaiming_init(width, width, nonlinearity, g) for _ in range(depth)]
            stds = stack_stds(x, weights, nonlinearity)
            label = f"{share * right:.2f}: {factor_per_layer(stds):.2f} per layer"
            width_of_line = 2.5 if share == 1 else 1
            axes.plot(range(1, depth + 1), stds, ".-", linewidth=width_of_line, label=label)
        limits = (0.01, 1.2) if nonlinearity == "tanh" else (1e-4, 1e4)  # tanh stays below 1
        axes.set(title=nonlinearity, xlabel="layer", yscale="log", ylim=limits)
        axes.set_ylabel("std of the outputs")
        axes.legend(title="gain", fontsize=10, loc="upper center", bbox_to_anchor=(0.5, -0.18))
    figure.suptitle("ten layers: which gain keeps the size?")
    figure.savefig(path, dpi=90)


def show(what, function):
    """Runs one section of main; one that needs a TODO says so and is left out."""
    print(f"\n-- {what}")
    try:
        function()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this section comes later.")


def main():
    parser = argparse.ArgumentParser(description="What leaves a tanh layer, and ten of them.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    names = load_names(args.data)
    if args.seed not in range(2**63) or len(names) < 100:
        parser.error("this takes a seed from 0 on and 100 names or more")
    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    X = make_contexts(random.Random(42).sample(names, 100), stoi)[:200]

    def tanh():
        hs = [tanh_layer(scaled, X, len(stoi), args.seed) for scaled in (False, True)]
        for h, name in zip(hs, ("W1 from N(0, 1)", "W1 scaled"), strict=True):
            print(f"{name:<18} mean slope {tanh_local_gradient(h).mean().item():.3f}")
        path = picture("04_batchnorm/saturation.png")
        plot_tanh(hs, ["W1 and b1 from N(0, 1)", "std of W1 (5/3) / sqrt(30), no b1"], path)
        print(f"{path}: at the left the mass is at -1 and 1, where little is learned.")

    def stack():
        path = picture("04_batchnorm/stack.png")
        plot_stack(path)
        print(f"{path}: the thick line is the gain of calculate_gain.")

    show("tanh", tanh)
    show("ten layers", stack)


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(str(error))
