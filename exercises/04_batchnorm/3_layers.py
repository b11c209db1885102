# %% [markdown]
# # Layers: the same network as a list
#
# So far a network was a pile of tensors, W1, b1, bngain and so on, with a forward pass written for just
# these. With six layers nobody wants to write that. So pack what belongs together into *objects*: each layer
# keeps its own numbers, can be called like a function, and can be stacked like a brick.
#
#     layers = [ Linear, BatchNorm1d, Tanh,   Linear, BatchNorm1d, Tanh,   ...   Linear, BatchNorm1d ]
#                x ──►    ──►      ──►                                                 ──► logits
#
# Names and behavior are those of `torch.nn`: whoever knows these three classes can read PyTorch code. One
# thing is added: each layer keeps its last result in `.out`, so that part 4 can look inside.
#
# What will go wrong: a BatchNorm1d that nobody told about the end of training; running statistics that drag
# along the graph of every batch there ever was; a list in which the same object stands twice.

# %%
import argparse
import math
import random

import torch
import torch.nn.functional as F

from data import load_names, picture, progress

# %% [markdown]
# ## Linear
#
# A weight drawn at random and divided by the root of fan_in (part 1), and a bias of zeros, or none. The gain
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
    if they require them; the training switches that on, not the constructor.

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
# ## Bricks into a wall
#
# Now a deep network is a loop. Two numbers of part 1 come in here: hidden weights are multiplied by the
# **gain** of the tanh that follows, and the output layer starts **humble**, times 0.1.
#
#     sizes  [30, 100, 100, 27]
#
#     Linear(30, 100) · gain      BatchNorm1d(100)         Tanh
#     Linear(100, 100) · gain     BatchNorm1d(100)         Tanh
#     Linear(100, 27)             BatchNorm1d(27) · 0.1             no Tanh: logits may be any number
#
# With a BatchNorm1d behind it, what the Linear multiplies by is divided out again. So there it is gamma that
# makes the output layer humble; without BatchNorm it is the weight.


# %%
def build_layers(sizes, gain=5 / 3, batchnorm=True, generator=None):
    """The layers of a deep tanh network, in order.

    Args:
        sizes: how many numbers there are between the layers, a list of at least two ints: the inputs, the
            neurons of each hidden layer, the outputs.
        gain: the weights of all Linears but the last are multiplied by it, a float.
        batchnorm: with a BatchNorm1d after each Linear, the last one included; without any if False.
        generator: torch.Generator, handed to each Linear, in order.

    Returns:
        A list of new objects. For each hidden layer: Linear, BatchNorm1d, Tanh. At the end: Linear,
        BatchNorm1d. (Without the BatchNorm1d if batchnorm is False.) The last object of the list starts
        humble: its gamma, or else its weight, is multiplied by 0.1. A Linear in front of a BatchNorm1d
        needs no bias (one there does no harm); without BatchNorm every Linear has one.

    Example:
        >>> [type(layer).__name__ for layer in build_layers([30, 100, 27])]
        ['Linear', 'BatchNorm1d', 'Tanh', 'Linear', 'BatchNorm1d']

    Source: lecture "BatchNorm", from 1:18:35.
    """
    # TODO 04.build_layers: your code here (stuck? `hero hint 04.build_layers`)
    raise NotImplementedError("04.build_layers")


# %% [markdown]
# ## Three loops over the list
#
# The forward pass: look up the embeddings, put those of one example side by side, then go through the list.
# It is the same three lines for one layer and for fifty.


# %%
def forward(C, layers, Xb):
    """Logits of a batch.

    Args:
        C: embeddings, float (vocab_size, n_embd).
        layers: list of layers; the first takes block_size * n_embd numbers, each later one what the one
            before returned.
        Xb: contexts, int64 (n, block_size), contiguous, n >= 1.

    Returns:
        What the last layer returns for the embeddings of each context, side by side in their order.
        Gradients flow to C.

    Example:
        >>> C = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
        >>> forward(C, [], torch.tensor([[1, 0]]))  # no layers: what goes into the first one
        tensor([[3., 4., 1., 2.]])
    """
    # TODO 04.forward: your code here (stuck? `hero hint 04.forward`)
    raise NotImplementedError("04.forward")


# %% [markdown]
# Who learns? The table and whatever each layer names. Whoever is missing here never moves, and nothing
# will say so.


# %%
def all_parameters(C, layers):
    """All tensors of the network that learn.

    Args:
        C: the embeddings.
        layers: list of layers; each has parameters(), a list.

    Returns:
        A flat list: C, then the parameters of each layer, in order; the very tensors.

    Example:
        >>> [tuple(p.shape) for p in all_parameters(torch.ones(4, 2), [Linear(6, 5), Tanh()])]
        [(4, 2), (6, 5), (5,)]
    """
    # TODO 04.all_parameters: your code here (stuck? `hero hint 04.all_parameters`)
    raise NotImplementedError("04.all_parameters")


# %% [markdown]
# And the switch. A flag in your own hands changes nothing: each BatchNorm1d looks at *its* `training`.


# %%
def set_training(layers, mode):
    """Training mode on (or off) for all layers.

    Args:
        layers: list of layers. What counts is that the attribute `training` of every BatchNorm1d in it is
            `mode` afterwards; setting it on the others, too, does no harm.
        mode: True or False.

    Returns:
        None.

    Example:
        >>> layers = [BatchNorm1d(2), Tanh(), BatchNorm1d(3)]
        >>> set_training(layers, False)
        >>> layers[0].training, layers[2].training
        (False, False)
    """
    # TODO 04.set_training: your code here (stuck? `hero hint 04.set_training`)
    raise NotImplementedError("04.set_training")


# %% [markdown]
# ## Run it
#
# First your layers beside torch's own, in training and in eval mode, on the same numbers. Then a network with
# five hidden layers, trained for some ten seconds. The picture shows its loss, and what its tanh
# layers put out, from `.out`: none of them is stuck at the ends, although five lie one behind the other.


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


def beside_torch(sizes, g):
    """The largest difference to torch.nn: (training mode, then eval mode)."""
    layers = build_layers(sizes, generator=g)
    twin, differences = to_torch(layers), []
    with torch.no_grad():
        for mode in (True, False):
            set_training(layers, mode)
            twin.train(mode)
            x, y = torch.randn(2, 8, sizes[0], generator=g)
            for batch in (x, y):  # two batches: the second sees what the first has left behind
                mine = batch
                for layer in layers:
                    mine = layer(mine)
                difference = (mine - twin(batch)).abs().max().item()
            differences.append(difference)
    return differences


def make_splits(names, stoi, block_size=3):
    """90 % of the shuffled names for training, 10 % for dev: pairs (X, Y)."""
    names = list(names)
    random.Random(42).shuffle(names)
    cut = int(0.9 * len(names))
    splits = []
    for part in (names[:cut], names[cut:]):
        X, Y = [], []
        for name in part:
            context = [0] * block_size
            for ix in [stoi[c] for c in name] + [0]:
                X.append(context)
                Y.append(ix)
                context = context[1:] + [ix]
        splits.append((torch.tensor(X), torch.tensor(Y)))
    return splits


def train(C, layers, X, Y, steps, g):
    """Gradient descent, lr 0.1 and from three quarters on 0.01, batches of 32; the losses."""
    params = all_parameters(C, layers)
    for p in params:
        p.requires_grad_()
    losses, running, piece = [], math.log(27), max(1, steps // 100)
    with progress(steps // piece, "training") as bar:
        for step in range(steps):
            ix = torch.randint(0, len(X), (32,), generator=g)
            loss = F.cross_entropy(forward(C, layers, X[ix]), Y[ix])
            grads = torch.autograd.grad(loss, params)
            with torch.no_grad():
                for p, grad in zip(params, grads, strict=True):
                    p -= (0.1 if step < 0.75 * steps else 0.01) * grad
            losses.append(loss.item())
            running += 0.02 * (losses[-1] - running)
            if (step + 1) % piece == 0 and (step + 1) // piece <= steps // piece:
                bar.update(loss=running)
    return losses


def plot_run(losses, layers, path):
    """Left the smoothed loss; right a histogram of the .out of each Tanh."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    group = max(1, len(losses) // 100)
    means = torch.tensor(losses[: len(losses) // group * group]).view(-1, group).mean(1)
    left.plot(torch.arange(len(means)) * group, means)
    left.set(xlabel="step", ylabel="loss, smoothed", title="six Linear layers")
    for i, layer in enumerate(layer for layer in layers if isinstance(layer, Tanh)):
        values = layer.out.detach().flatten()
        right.hist(
            values, bins=40, range=(-1, 1), density=True, histtype="step", label=f"Tanh {i + 1}"
        )
    right.set(xlabel="activation", ylabel="density", xticks=(-1, -0.5, 0, 0.5, 1))
    right.set_title("after training: .out of each Tanh")
    right.legend(fontsize=8)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="A deep network as a list of layers.")
    parser.add_argument("--steps", type=int, default=3_000)
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    args = parser.parse_args()
    steps = 200_000 if args.full else args.steps

    g = torch.Generator().manual_seed(args.seed)
    for mode, difference in zip(("training", "eval"), beside_torch([6, 5, 5, 4], g), strict=True):
        print(f"your layers beside torch.nn, {mode} mode: differ by {difference:.1e}")

    names = load_names(args.data)
    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    (X, Y), (Xdev, Ydev) = make_splits(names, stoi)
    C = torch.randn(len(stoi), 10, generator=g)
    layers = build_layers([30, 100, 100, 100, 100, 100, len(stoi)], generator=g)
    count = sum(p.numel() for p in all_parameters(C, layers))
    print(
        f"\n{len(layers)} layers, {count:,} parameters, ln {len(stoi)} = {math.log(len(stoi)):.3f}"
    )
    losses = train(C, layers, X, Y, steps, g)
    print(f"loss at the first step {losses[0]:.3f}")
    with torch.no_grad():
        forward(C, layers, X[torch.randint(0, len(X), (500,), generator=g)])
        path = picture("04_batchnorm/layers.png")
        plot_run(losses, layers, path)
        set_training(layers, False)
        print(f"dev loss in eval mode  {F.cross_entropy(forward(C, layers, Xdev), Ydev):.3f}")
    print(f"{path}: five tanh layers deep, and every layer in the same good shape.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this part runs when all of its layers are there.")
