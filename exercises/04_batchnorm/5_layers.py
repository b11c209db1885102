# `hero check 04/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Layers: what belongs together, in one object
#
# So far a network was a pile of tensors, W1, b1, bngain and so on, with a forward pass written for just
# these. With six layers nobody wants to write that. So pack what belongs together into *objects*: each layer
# keeps its own numbers, can be called like a function, and can be stacked like a brick.
#
#     layers = [ Linear, BatchNorm1d, Tanh,   Linear, BatchNorm1d, Tanh,   ...   Linear, BatchNorm1d ]
#                x ──►    ──►      ──►                                                 ──► logits
#
# Names and behavior are those of `torch.nn`: whoever knows these three classes can read PyTorch code. One
# thing is added: each layer keeps its last result in `.out`, so that one can look inside.
#
# What will go wrong: a BatchNorm1d that nobody told about the end of training; running statistics that drag
# along the graph of every batch there ever was.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F  # noqa: F401 (yours to use)

from data import picture

# %% [markdown]
# ## Linear
#
# A weight drawn at random and divided by the root of fan_in (part 2), and a bias of zeros, or none. The gain
# is not the layer's business: what follows it, a tanh or nothing, is only known to who builds the network.
#
# What will go wrong: `if self.bias:` asks whether a whole tensor is true. Ask `is not None`.


# %%
class Linear:
    """x @ weight + bias.

    Args (of the constructor):
        fan_in, fan_out: numbers that go in and come out, ints.
        bias: without one if False.
        generator: torch.Generator for the weight, or None.

    Attributes:
        weight: float32 (fan_in, fan_out): torch.randn(fan_in, fan_out, generator=generator), the first
            and only draw, divided by the square root of fan_in. (torch.nn.Linear keeps the transpose.)
        bias: float32 (fan_out,), zeros; None if the constructor got bias=False.
        out: what the last call returned, the very tensor; it need not exist before.

    Calling it with x, float (n, fan_in), returns float (n, fan_out). Gradients flow to x, weight and bias
    if they require them: the training switches that on (done by the constructor, it does no harm).

    All three methods are one exercise.

    parameters() returns a list of the tensors that learn, the very ones: [weight, bias], or [weight].

    Example:
        >>> layer = Linear(2, 1)
        >>> layer.weight, layer.bias = torch.tensor([[2.0], [3.0]]), torch.tensor([0.5])
        >>> layer(torch.tensor([[1.0, 10.0]]))
        tensor([[32.5000]])

    Source: lecture "BatchNorm", from 1:18:35; torch.nn.Linear.
    """

    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        # TODO 04.linear: your code here (stuck? `hero hint 04.linear`)
        raise NotImplementedError("04.linear")

    def __call__(self, x):
        # TODO 04.linear: your code here (stuck? `hero hint 04.linear`)
        raise NotImplementedError("04.linear")

    def parameters(self):
        # TODO 04.linear: your code here (stuck? `hero hint 04.linear`)
        raise NotImplementedError("04.linear")


# %% [markdown]
# ## Tanh
#
# The smallest layer: nothing in it learns. It still answers `parameters()`, so that whoever goes through the
# list need not ask what kind of layer this is.


# %%
class Tanh:
    """tanh, element by element.

    Calling it with x, float of any shape, returns a new tensor, tanh of each element, and keeps that very
    tensor as self.out. parameters() returns an empty list.

    Example:
        >>> layer = Tanh()
        >>> layer(torch.tensor([0.0, 100.0]))
        tensor([0., 1.])
        >>> layer.out
        tensor([0., 1.])

    Source: lecture "BatchNorm", from 1:18:35; torch.nn.Tanh.
    """

    def __call__(self, x):
        # TODO 04.tanh: your code here (stuck? `hero hint 04.tanh`)
        raise NotImplementedError("04.tanh")

    def parameters(self):
        # TODO 04.tanh: your code here (stuck? `hero hint 04.tanh`)
        raise NotImplementedError("04.tanh")


# %% [markdown]
# ## BatchNorm1d: three exercises in one class
#
# 1. What it holds. Two tensors **learn** (gamma, the gain, and beta, the bias). Two others are **buffers**:
#    the running statistics are kept, but no gradient step may ever touch them.
# 2. How the buffers move: in torch, `new = (1 - momentum) * old + momentum * batch's`, and the variance
#    *stored* is the unbiased one (divided by n - 1).
# 3. The call. In training mode it normalizes by the batch's mean and *biased* variance (divided by n) and
#    moves the buffers; in eval mode it normalizes by the buffers and leaves them alone.
#
#                        ┌─ training ──► mean and var of this batch ──┐
#     x (n, dim) ────────┤                                            ├──► gamma · x̂ + beta
#                        └─ eval ──────► running_mean, running_var ───┘


# %%
class BatchNorm1d:
    """Each column of x (n, dim) normalized, then times gamma, plus beta.

    Args (of the constructor):
        dim: number of columns, an int.
        eps: added to the variance, inside the root; kept as self.eps.
        momentum: the share of the new batch in the running statistics; kept as self.momentum.

    Example:
        >>> norm = BatchNorm1d(1, eps=3.0)
        >>> norm(torch.tensor([[1.0], [3.0]]))  # mean 2, biased variance 1, root of 1 + 3
        tensor([[-0.5000],
                [ 0.5000]])
        >>> norm.running_mean, norm.running_var  # 0.9 * 0 + 0.1 * 2, and 0.9 * 1 + 0.1 * 2
        (tensor([0.2000]), tensor([1.1000]))
        >>> norm.training = False
        >>> norm(torch.tensor([[2.2250]]))  # (2.225 - 0.2) / root of (1.1 + 3)
        tensor([[1.0001]])

    Source: lecture "BatchNorm", from 1:18:35; torch.nn.BatchNorm1d; Ioffe and Szegedy (2015), algorithms
    1 and 2.
    """

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        """Makes gamma, beta, running_mean, running_var, each float32 (dim,), eps, momentum, training.

        At first gamma is 1, beta 0, running_mean 0 and running_var 1 in each column, so that an untrained
        layer in eval mode changes (nearly) nothing; self.training is True.
        """
        # TODO 04.batchnorm_holds: your code here (stuck? `hero hint 04.batchnorm_holds`)
        raise NotImplementedError("04.batchnorm_holds")

    def parameters(self):
        """The tensors that learn.

        Returns:
            The list [gamma, beta], the very tensors.
        """
        # TODO 04.batchnorm_holds: your code here (stuck? `hero hint 04.batchnorm_holds`)
        raise NotImplementedError("04.batchnorm_holds")

    def update(self, x):
        """Moves running_mean and running_var toward the statistics of one batch, as torch does.

        Each becomes (1 - self.momentum) times itself plus self.momentum times the batch's; the batch's
        variance here is the unbiased one. Afterwards both are float (dim,) and carry no graph
        (requires_grad is False). Whether the tensors are changed or replaced is up to you.

        Args:
            x: a batch, float (n, dim), n >= 2, perhaps part of a graph; stays as it is.

        Returns:
            None.

        Example:
            >>> norm = BatchNorm1d(1, momentum=0.5)
            >>> norm.update(torch.tensor([[1.0], [3.0]]))
            >>> norm.running_mean, norm.running_var
            (tensor([1.]), tensor([1.5000]))
        """
        # TODO 04.batchnorm_update: your code here (stuck? `hero hint 04.batchnorm_update`)
        raise NotImplementedError("04.batchnorm_update")

    def __call__(self, x):
        """Normalizes x: by its own statistics in training mode, by the running ones in eval mode.

        If self.training is True, the mean and the biased variance of each column of x are used, gradients
        flow through both, and self.update(x) moves the running statistics, once. If it is False, the
        running statistics are used and left as they are.

        Args:
            x: float (n, dim); n >= 2 in training mode, n >= 1 in eval mode.

        Returns:
            gamma * (x - mean) / sqrt(var + eps) + beta, float (n, dim), also kept as self.out. Gradients
            flow to x, gamma and beta.
        """
        # TODO 04.batchnorm_call: your code here (stuck? `hero hint 04.batchnorm_call`)
        raise NotImplementedError("04.batchnorm_call")


# %% [markdown]
# ## Run it
#
# First your layers beside torch's own, in training and in eval mode, on the same numbers. Then a picture of
# what each layer does to a batch: your `.out`, one histogram after the other. The numbers that go in are
# far from 0; look where BatchNorm1d brings them.


# %%
def to_torch(layers):
    """The same layers from torch.nn, with copies of the numbers."""
    made = []
    for layer in layers:
        if isinstance(layer, Linear):
            twin = torch.nn.Linear(*layer.weight.shape, bias=layer.bias is not None)
            twin.weight.data = layer.weight.detach().t().clone()  # torch keeps (fan_out, fan_in)
            if layer.bias is not None:
                twin.bias.data = layer.bias.detach().clone()
        elif isinstance(layer, BatchNorm1d):
            twin = torch.nn.BatchNorm1d(len(layer.gamma), layer.eps, layer.momentum)
            twin.weight.data = layer.gamma.detach().clone()
            twin.bias.data = layer.beta.detach().clone()
        else:
            twin = torch.nn.Tanh()
        made.append(twin)
    return torch.nn.Sequential(*made)


def beside_torch(layers, x, y):
    """The largest difference to torch.nn: [training mode, then eval mode]."""
    twin, differences = to_torch(layers), []
    with torch.no_grad():
        for mode in (True, False):
            for layer in layers:
                layer.training = mode
            twin.train(mode)
            for batch in (x, y):  # two batches: the second sees what the first has left behind
                mine = batch
                for layer in layers:
                    mine = layer(mine)
                difference = (mine - twin(batch)).abs().max().item()
            differences.append(difference)
    return differences


def plot_outs(x, layers, path):
    """A histogram of x, and of the .out of each layer."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 3), layout="constrained")
    shown = [("what goes in", x)] + [(type(layer).__name__, layer.out) for layer in layers]
    for axes, (title, values) in zip(figure.subplots(1, len(shown)), shown, strict=True):
        axes.hist(values.flatten().tolist(), 40)
        axes.set(title=f"{title}\nmean {values.mean():.2f}, std {values.std():.2f}")
        axes.set(xlabel="value", ylabel="how many")
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="Your layers beside torch.nn.")
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.seed not in range(2**63):
        parser.error("the seed is a number from 0 on")
    g = torch.Generator().manual_seed(args.seed)
    layers = [Linear(6, 5, False, g), BatchNorm1d(5), Tanh(), Linear(5, 4, True, g)]
    x, y = torch.randn(2, 8, 6, generator=g)
    for mode, difference in zip(("training", "eval"), beside_torch(layers, x, y), strict=True):
        print(f"your layers beside torch.nn, {mode} mode: differ by {difference:.1e}")

    x = 3 + 2 * torch.randn(500, 30, generator=g)
    layers, out = [Linear(30, 50, False, g), BatchNorm1d(50), Tanh()], x
    for layer in layers:
        out = layer(out)
    path = picture("04_batchnorm/outs.png")
    plot_outs(x, layers, path)
    print(f"{path}: what each layer makes of the one before.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this part runs when all of its layers are there.")
