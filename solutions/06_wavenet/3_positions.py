# %% [markdown]
# # BatchNorm among positions: a bug that nothing reports
#
# The tree of part 2 trains, and yet something in it is wrong. BatchNorm was written for (B, C): for each
# channel one mean, over the examples. In the tree it meets (B, T, C). Broadcasting makes everything fit, no
# error is raised, the loss falls. But with B examples and T positions there are two things `mean` can mean:
#
#     x.mean(0)         (T, C)    a mean for each position: B numbers each                 the bug
#     x.mean((0, 1))       (C)    one for all positions of a channel: B * T numbers        right
#
# In this part you write the right one, and, more useful still, the test that tells the two apart from the
# outside.
#
# What will go wrong: a layer that is right for (B, T, C) and no longer for (B, C); a test that looks into
# the layer instead of at what it does.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F  # noqa: F401 (yours to use)

from data import picture

# %% [markdown]
# ## What every layer has, given


# %%
class Module:
    """What every layer is: callable, with parameters, in training mode or not."""

    training = True

    def parameters(self):
        """All tensors that learn, as a list."""
        return []

    def train(self, mode=True):
        """Training mode on (or off); returns the module itself."""
        self.training = mode
        return self

    def eval(self):
        """Training mode off; returns the module itself."""
        return self.train(False)


# %% [markdown]
# ## BatchNorm with positions
#
# Channel c means the same at every position, since every position
# was computed with the same weights. So its mean is taken over *all* B * T numbers of the channel:
#
#                   position 0   position 1   position 2
#     example 0     . . c . .    . . c . .    . . c . .        all the c's: one mean,
#     example 1     . . c . .    . . c . .    . . c . .        one variance
#
# The code of lesson 04 said `x.mean(0)`: over the examples only. Given (B, T, C) it gets (T, C): a
# mean of its own for each position, from T times fewer numbers, so noisier. `gamma`, `beta` and the
# running statistics broadcast, nobody complains, the network trains. Here it is:


# %%
class BatchNormOfLesson04(Module):
    """Right for (B, C), wrong for (B, T, C): it normalizes each position on its own."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                n = x.shape[0]
                self.running_mean = self.running_mean * (1 - self.momentum) + self.momentum * mean
                self.running_var = self.running_var * (1 - self.momentum) + (
                    self.momentum * var * n / (n - 1)
                )
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta

    def parameters(self):
        return [self.gamma, self.beta]


# %% [markdown]
# Write the right one. It must still work for (B, C), at the top of the tree. Everything else is as
# in torch: normalized with the *biased* variance (divided by N, the number of values per channel),
# while the running variance takes in the *unbiased* one (divided by N - 1).


# %%
class BatchNorm1d(Module):
    """Batch normalization of each channel, over all examples and all positions.

    Args (of the constructor):
        dim: number of channels C.
        eps: added to the variance, under the root.
        momentum: how much of a batch's statistics goes into the running ones: the fraction
            `momentum` is new, `1 - momentum` old.

    Attributes: gamma, beta, running_mean, running_var, each of shape (C,), always.

    Example:
        >>> layer = BatchNorm1d(1)
        >>> layer(torch.tensor([[[1.0], [2.0]], [[3.0], [6.0]]])).flatten()
        tensor([-1.0690, -0.5345,  0.0000,  1.6036])
        >>> layer.running_mean, layer.running_var
        (tensor([0.3000]), tensor([1.3667]))

    Source: lecture "WaveNet", from 38:50; torch.nn.BatchNorm1d (which wants the channels in dimension 1).
    """

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        """gamma * (x - mean) / sqrt(var + eps) + beta.

        Let N be the number of values of one channel in x: B for (B, C), B * T for (B, T, C).
        In training mode (self.training, N >= 2), mean and var are those of the batch, over the N
        values; var is biased (divided by N). Gradients flow through both. And the running
        statistics move towards the batch's mean and *unbiased* variance (divided by N - 1),
        without gradient. In eval mode mean and var are the running statistics, which stay as they
        are.

        Args:
            x: float (B, C) or (B, T, C); it is left unchanged.

        Returns:
            float of the same shape as x.
        """
        ### BEGIN SOLUTION
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta
        ### END SOLUTION

    def parameters(self):
        return [self.gamma, self.beta]


# %% [markdown]
# ## The test that catches it
#
# How would you have noticed? By asking for a *behavior* that tells the two apart. Raise position 0
# of all examples by 5, say. If each position has a mean of its own, the 5 is subtracted again and
# the output does not change. If the mean is shared, position 0 now stands out.
#
#     x[:, 0] + 5   ──►  own mean at each position: the same output     (the bug)
#                   ──►  one mean for all positions: another output     (right)


# %%
def has_the_bug(layer, x):
    """Whether a BatchNorm normalizes each position on its own instead of all positions together.

    Args:
        layer: a batch normalization in training mode, any callable (B, T, C) -> (B, T, C).
            Judge it by what it returns; it may have no attributes to look at, and its gain (0.5 to
            2 in size) and its bias (up to 1,000) can have either sign. It may be called several times, and
            what running statistics it is left with is up to you.
        x: an input to try it on, float64 (B, T, C) with B >= 3 and T >= 2, values of the order of
            1, no two alike; it is left unchanged. You may also try the layer on
            numbers that you draw yourself.

    Returns:
        True if adding a constant to one position in all examples leaves the output as it was (to
        within rounding; it computes in float64), else False.

    Example:
        >>> x = torch.randn(8, 4, 3, dtype=torch.float64)
        >>> has_the_bug(BatchNormOfLesson04(3), x)
        True
    """
    ### BEGIN SOLUTION
    shifted = x.clone()
    shifted[:, 0] += 5.0
    return torch.allclose(layer(shifted), layer(x), atol=1e-6)
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Your test on both layers. Then the harm that the bug does: both get the same batches of 32 examples with
# 4 positions, in which every channel has mean 0. How far off is the mean that each of them finds? Averages
# of 32 numbers scatter twice as far as averages of 4 * 32.


# %%
def batch_means(layer, batches):
    """What the layer takes for the mean of each batch; its momentum is 1, so it keeps just that."""
    means = []
    for x in batches:
        layer(x)
        means += layer.running_mean.flatten().tolist()
    return means


def plot_means(means, path):
    """A histogram for each layer: means is {name: [mean, ...]}."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for name, values in means.items():
        axes.hist(values, 60, range=(-0.8, 0.8), density=True, histtype="step", label=name)
    axes.set(xlabel="mean of a batch (the truth is 0)", ylabel="density")
    axes.set_title("what 32 examples say about a channel")
    axes.legend()
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(
        description="Two BatchNorms, and the test that tells them apart."
    )
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.seed not in range(2**63):
        parser.error("the seed is a number from 0 on")
    g = torch.Generator().manual_seed(args.seed)
    probe = torch.randn(32, 4, 68, generator=g, dtype=torch.float64)
    batches = torch.randn(200, 32, 4, 20, generator=g)
    means = {}
    print("has the bug:")
    for kind in (BatchNormOfLesson04, BatchNorm1d):
        layer = kind(68)
        answer = "yes" if has_the_bug(layer, probe) else "no"
        print(f"    {kind.__name__:<20}{answer:<5}running_mean {tuple(layer.running_mean.shape)}")
        means[kind.__name__] = batch_means(kind(20, momentum=1.0), batches)
    for name, values in means.items():
        print(f"{name}: the mean of a batch is off by {torch.tensor(values).std():.3f}")
    path = picture("06_wavenet/positions.png")
    plot_means(means, path)
    print(f"{path}: which of the two knows the channel better?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs both of the part.")
