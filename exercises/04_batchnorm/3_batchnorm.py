# `hero check 04/3` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Batch normalization: not hoped for, but made
#
# In part 2 you computed how large the weights must be so that the numbers in each layer stay in
# shape. It holds at the start, and training soon undoes it. The idea of batch normalization (2015)
# is almost cheeky: if you want every neuron to have mean 0 and variance 1, then *make* it so, in
# the middle of the network. It is a differentiable formula like any other.
#
#     hprebn    neuron →              from each column           hpreact
#     example   3   10   -1           subtract its mean,         1.2  -1.2  -0.7
#        ↓      1   20   -1   ────►   divide by its std;  ────► -1.2   0.0  -0.7
#               2   30    1           times gain, plus bias      0.0   1.2   1.4
#
# It works so well that very deep networks became trainable. The price: an example's result now
# depends on **the other examples in its batch**. That is where the mistakes come from. What is a
# batch of one? What happens after training? Which variance? You answer each of these in an
# exercise.
#
# What will go wrong: the loss falls with nearly every mistake one can make here. That is why your
# functions are tried with tiny batches and an absurd eps: there, mistakes are large.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F

from data import picture

# %% [markdown]
# ## Mean and variance of a batch
#
# One neuron is one column; its statistics go down the batch, dimension 0. And there are two
# variances. Both add up the squared differences from the mean, and divide by n, or by one less:
#
#     x = 1, 3       mean 2       squared differences 1 + 1
#     biased,   correction 0:  2 / 2 = 1       the spread of these n numbers
#     unbiased, correction 1:  2 / 1 = 2       a guess at the spread of all the numbers they come from
#
# A sample lies closer to its own mean than to the true one, so the first is too small on average,
# by exactly (n - 1) / n. The `- 1` that repairs it is **Bessel's correction**.


# %%
def batch_stats(x, correction):
    """Mean and variance of each column, over the batch.

    Args:
        x: activations, float (n, n_hidden), n >= 2.
        correction: 0 or 1; the sum of squared differences is divided by n - correction.

    Returns:
        (mean, var), each float (n_hidden,), dtype of x. The mean always divides by n. Gradients
        flow through both.

    Example:
        >>> batch_stats(torch.tensor([[1.0, 5.0], [3.0, 5.0]]), correction=1)
        (tensor([2., 5.]), tensor([2., 0.]))
    """
    # TODO 04.batch_stats: your code here (stuck? `hero hint 04.batch_stats`)
    raise NotImplementedError("04.batch_stats")


# %% [markdown]
# ## The forward pass, in training
#
#                      x - mean
#     y  =  gain * ────────────────  +  bias
#                   sqrt(var + eps)
#
# eps keeps a column whose numbers are all equal from dividing by zero; it stands **inside** the
# root. With mean 0 and variance 1 forever, a tanh neuron could never choose to be sharp or to lean
# to one side: gain and bias, one of each per neuron, let it learn that. They begin at 1 and 0.
#
# mean and var are functions of x. Gradients flow through them, and must: never detach them.


# %%
def batchnorm(x, gain, bias, eps=1e-5, correction=0):
    """Batch normalization with the statistics of the batch itself, as in training.

    Args:
        x: activations before normalization, float (n, n_hidden), n >= 2.
        gain: float (n_hidden,).
        bias: float (n_hidden,).
        eps: added to the variance, inside the root, a float.
        correction: which variance to divide by, as in batch_stats: 0 is torch's choice, 1 the lecture's.

    Returns:
        float (n, n_hidden), dtype of x. Gradients flow to x (also through mean and variance), gain
        and bias.

    Example:
        >>> x = torch.tensor([[1.0], [3.0]])
        >>> batchnorm(x, torch.tensor([10.0]), torch.tensor([5.0]), eps=3.0)
        tensor([[ 0.],
                [10.]])

    Source: Ioffe and Szegedy (2015), algorithm 1; lecture "BatchNorm", from 40:40.
    """
    # TODO 04.batchnorm: your code here (stuck? `hero hint 04.batchnorm`)
    raise NotImplementedError("04.batchnorm")


# %% [markdown]
# ## What is kept for later
#
# After training you want to ask about a single context, and there is no batch whose mean could be
# taken. So training keeps *running* statistics on the side: each step moves them a little toward
# the statistics of its batch.
#
#     running = (1 - momentum) * running + momentum * batch's           momentum 0.1: a tenth is new
#
# This is torch's convention; elsewhere (in optimizers, say) momentum is the *old*
# share. It is bookkeeping, not learning: no gradient flows there. And torch stores the **unbiased**
# variance here, the guess at all data, although it divides by the biased one in the forward pass.


# %%
def update_running(running_mean, running_var, x, momentum=0.1):
    """The running statistics after one more batch, as torch keeps them.

    Args:
        running_mean: float (n_hidden,); left as it is.
        running_var: float (n_hidden,); left as it is.
        x: activations before normalization, float (n, n_hidden), n >= 2; perhaps part of a graph.
        momentum: the share of the new batch, a float in [0, 1].

    Returns:
        (running_mean, running_var), new tensors, float (n_hidden,) each, without gradient
        (requires_grad is False). The batch's variance is the unbiased one (correction 1).

    Example:
        >>> x = torch.tensor([[1.0], [3.0]])
        >>> update_running(torch.tensor([0.0]), torch.tensor([1.0]), x, momentum=0.5)
        (tensor([1.]), tensor([1.5000]))

    Source: torch.nn.BatchNorm1d; lecture "BatchNorm", from 40:40 (there 0.999 and 0.001).
    """
    # TODO 04.update_running: your code here (stuck? `hero hint 04.update_running`)
    raise NotImplementedError("04.update_running")


# %% [markdown]
# ## Which one is it? Ask the layer
#
# Two variances, used in two places: four possible layers. The documentation of a library may tell,
# or may be wrong; an experiment cannot be. Send a small batch through: of what comes out, the
# *biased* variance is 1 if the layer divided by the biased one, and (n - 1) / n if by the other.
# And what it stored, you can recover: before and after are known, and so is momentum.
#
#     layer                   divides by     stores
#     torch.nn.BatchNorm1d    ?              ?
#     the lecture's           ?              ?


# %%
class LectureNorm:
    """The lecture's layer: Bessel's correction in both places. In training mode only."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.running_var = torch.ones(dim)

    def __call__(self, x):
        mean, var = x.mean(0), x.var(0)  # torch's var has correction=1 unless told
        self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var.detach()
        return (x - mean) / (var + self.eps).sqrt()


def which_corrections(norm, x):
    """Finds out by experiment which variance a layer divides by, and which it stores.

    Args:
        norm: a layer in training mode, like LectureNorm or torch.nn.BatchNorm1d: norm(x) returns
            x normalized with the batch's statistics (gain 1, bias 0), and norm.running_var,
            (n_hidden,), moves toward the batch's variance by the share norm.momentum. Whether it
            is a new tensor then, or the old one with new numbers, is the layer's own affair. It may
            have been used before, so running_var need not be 1 (it is below 100). norm.eps is 1e-5
            or less, norm.momentum 0.01 or more. What state the layer is left in is up to you.
        x: a batch for it, float (n, n_hidden), without gradient; n from 2 to 8, the numbers in each
            column have a standard deviation of about 1 or more.

    Returns:
        (divides, stores), two ints: 0 for the biased variance, 1 for the unbiased.

    Example:
        >>> which_corrections(LectureNorm(3), torch.randn(4, 3))
        (1, 1)
    """
    # TODO 04.which_corrections: your code here (stuck? `hero hint 04.which_corrections`)
    raise NotImplementedError("04.which_corrections")


# %% [markdown]
# ## Eval mode
#
# The same formula with statistics that are fixed. Now each example is answered alone, whatever else
# is in the batch, a batch of one included; and nothing is updated.


# %%
def batchnorm_eval(x, running_mean, running_var, gain, bias, eps=1e-5):
    """Batch normalization with stored statistics, as after training.

    Args:
        x: activations before normalization, float (n, n_hidden), n >= 1.
        running_mean: float (n_hidden,).
        running_var: float (n_hidden,), the variance to use, as it is.
        gain: float (n_hidden,).
        bias: float (n_hidden,).
        eps: added to the variance, inside the root, a float.

    Returns:
        float (n, n_hidden), dtype of x. Gradients flow to x, gain and bias.

    Example:
        >>> one = torch.tensor([1.0])
        >>> batchnorm_eval(torch.tensor([[7.0]]), one, 3 * one, 10 * one, 5 * one, eps=1.0)
        tensor([[35.]])
    """
    # TODO 04.batchnorm_eval: your code here (stuck? `hero hint 04.batchnorm_eval`)
    raise NotImplementedError("04.batchnorm_eval")


# %% [markdown]
# ## Run it
#
# First which variance goes where, found by your own experiment. Then a picture of what BatchNorm is for:
# the gradient that arrives at a layer's input, for weights of any size. Without BatchNorm it shrinks and
# grows with the weights; with it, their size does not matter.


# %%
def gradient_at_input(x, W1, W2, targets, use_batchnorm):
    """The std of d loss / d x for a tanh layer, with BatchNorm before the tanh or without."""
    x = x.clone().requires_grad_()
    h = x @ W1
    if use_batchnorm:
        h = batchnorm(h, torch.ones(W1.shape[1]), torch.zeros(W1.shape[1]))
    F.cross_entropy(torch.tanh(h) @ W2, targets).backward()
    return x.grad.std().item()


def plot_gradients(path, g, n=256, fan_in=30, n_hidden=200, classes=27):
    """The gradient that arrives at the input over the scale of W1, with and without BatchNorm."""
    from matplotlib.figure import Figure

    x = torch.randn(n, fan_in, generator=g)
    W1 = torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5
    W2 = torch.randn(n_hidden, classes, generator=g) * 0.01
    targets = torch.randint(0, classes, (n,), generator=g)
    scales = [10 ** (i / 8 - 2) for i in range(33)]
    figure = Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.subplots()
    for use_batchnorm, style in ((False, "-"), (True, "--")):
        stds = [gradient_at_input(x, W1 * scale, W2, targets, use_batchnorm) for scale in scales]
        axes.plot(scales, stds, style, label="with BatchNorm" if use_batchnorm else "without")
    axes.set(xscale="log", yscale="log", xlabel="W1 is multiplied by")
    axes.set(ylabel="std of the gradient of x", title="what comes back through a tanh layer")
    axes.legend()
    figure.savefig(path, dpi=90)


def show(what, function):
    """Runs one section of main; one that needs a TODO says so and is left out."""
    print(f"\n-- {what}")
    try:
        function()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this section comes later.")


def main():
    parser = argparse.ArgumentParser(description="Batch normalization, taken apart.")
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.seed not in range(2**63):
        parser.error("the seed is a number from 0 on")
    g = torch.Generator().manual_seed(args.seed)

    def corrections():
        x = torch.randn(4, 100, generator=g)
        words = ("biased", "unbiased")
        for norm in (torch.nn.BatchNorm1d(100), LectureNorm(100)):
            divides, stores = which_corrections(norm, x)
            print(
                f"{type(norm).__name__:<12} divides by the {words[divides]}, stores the {words[stores]}"
            )

    def running():
        mean, var = torch.zeros(1), torch.ones(1)
        for step in range(1, 101):
            mean, var = update_running(mean, var, 5 + 2 * torch.randn(32, 1, generator=g))
            if step in (1, 10, 100):
                print(
                    f"after {step:>3} batches: running mean {mean.item():.2f}, std {var.item() ** 0.5:.2f}"
                )
        alone = batchnorm_eval(torch.tensor([[5.0]]), mean, var, torch.ones(1), torch.zeros(1))
        print(f"eval mode: 5, all alone, becomes {alone.item():.2f}")

    def gradients():
        path = picture("04_batchnorm/input_gradients.png")
        plot_gradients(path, g)
        print(f"{path}: with BatchNorm, the size of W1 does not matter.")

    show("which variance?", corrections)
    show("running statistics of numbers with mean 5 and std 2", running)
    show("the gradient that comes back", gradients)


if __name__ == "__main__":
    main()
