# `hero check 06/1` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Modules: a network is a list of layers
#
# In lesson 04 `Linear`, `BatchNorm1d` and `Tanh` became objects. Two steps of the forward pass were
# left outside: the lookup in the table `C`, and the `view` that puts the embeddings side by side.
# Make them layers as well, put all layers into a container, and the whole forward pass is one
# line: `logits = model(Xb)`.
#
#     Xb (B, T)                       model = Sequential([
#       │ Embedding                       Embedding(27, 10),
#     (B, T, 10)                          Flatten(),
#       │ Flatten                         Linear(80, 200, bias=False),
#     (B, T * 10)                         BatchNorm1d(200),
#       │ Linear, BatchNorm1d, Tanh       Tanh(),
#     (B, 200)                            Linear(200, 27),
#       │ Linear                      ])
#     logits (B, 27)
#
# The names and the behavior are those of `torch.nn`, so that at the end of this part you know what
# it does inside: there is no magic in `nn.Sequential`, only three short methods.
#
# What will go wrong: a container that forgets somebody. A layer whose parameters are not in
# `parameters()` never learns; a layer that is not told about `eval()` goes on using batch
# statistics. The loss still falls, just not as far, and no error is raised.

# %%
import argparse
import math
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## What every layer has, given
#
# A layer is callable, knows its parameters, and is in training mode or not. A layer without
# parameters need not say so: the base class does. `Linear`, `BatchNorm1d` and `Tanh` are those of
# lesson 04.


# %%
class Module:
    """What every layer is: callable, with parameters, in training mode or not."""

    training = True  # until train(False) puts one of its own into the object

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


class Linear(Module):
    """x @ weight + bias."""

    def __init__(self, fan_in, fan_out, bias=True, g=None):
        self.weight = torch.randn(fan_in, fan_out, generator=g) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class BatchNorm1d(Module):
    """As in lesson 04: each column of x (B, dim) to mean 0 and variance 1, then gamma and beta."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                n = x.shape[0]
                self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
                unbiased = var * n / (n - 1)
                self.running_var = self.running_var + self.momentum * (unbiased - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta

    def parameters(self):
        return [self.gamma, self.beta]


class Tanh(Module):
    """tanh, element by element."""

    def __call__(self, x):
        return torch.tanh(x)


# %% [markdown]
# ## The lookup as a layer
#
# `C[Xb]` becomes `Embedding`. It works for indices of any shape: each index is replaced by a row.
#
#     weight    0: [a b]      ix  [[2, 0, 2]]      result  [[[e f], [a b], [e f]]]
#               1: [c d]          (1, 3)                   (1, 3, 2)
#               2: [e f]
#
# The table learns like any weight: do not forget it in `parameters()`.


# %%
class Embedding(Module):
    """A table with one row for each index; calling it looks rows up.

    Args (of the constructor):
        num_embeddings: how many rows, an int.
        embedding_dim: numbers in a row, an int.
        g: torch.Generator for the initial values, or None.

    Calling it:
        ix: int64 of any shape (...).
        returns float (..., embedding_dim): self.weight's row for each index.

    parameters() returns a list with the one tensor that learns: self.weight itself. (It requires a
    gradient once somebody trains it; from the start on, it does no harm.)

    Example:
        >>> layer = Embedding(3, 2)
        >>> layer.weight = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
        >>> layer(torch.tensor([[2, 0, 2]]))
        tensor([[[5., 6.],
                 [1., 2.],
                 [5., 6.]]])
        >>> len(layer.parameters())
        1

    Source: lecture "WaveNet", from 9:16; torch.nn.Embedding.
    """

    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        # TODO 06.embedding: your code here (stuck? `hero hint 06.embedding`)
        raise NotImplementedError("06.embedding")

    def parameters(self):
        # TODO 06.embedding: your code here (stuck? `hero hint 06.embedding`)
        raise NotImplementedError("06.embedding")


# %% [markdown]
# ## The view as a layer
#
# All embeddings of an example side by side, in the order of its characters. Concatenated, not
# averaged: an average cannot tell "ab" from "ba".
#
#     (B, T, C) = (1, 2, 3)      [[[a b c], [d e f]]]   ->   [[a b c d e f]]      (B, T * C)


# %%
class Flatten(Module):
    """(B, ...) -> (B, product of the rest). No parameters: the base class says so.

    Calling it:
        x: float (B, d1, d2, ...), B >= 1, with at least two dimensions, contiguous in memory.
        returns float (B, d1 * d2 * ...), the numbers of each example in their order in memory.

    A batch of one example stays a batch: (1, T, C) becomes (1, T * C).

    Example:
        >>> Flatten()(torch.arange(6).view(1, 2, 3))
        tensor([[0, 1, 2, 3, 4, 5]])

    Source: lecture "WaveNet", from 9:16; torch.nn.Flatten.
    """

    def __call__(self, x):
        # TODO 06.flatten: your code here (stuck? `hero hint 06.flatten`)
        raise NotImplementedError("06.flatten")


# %% [markdown]
# ## The container
#
# Three methods. First: what goes into the first layer, comes out of it, goes into the second, and
# so on. Second: its parameters are those of all its layers, in one flat list. Third: the switch.
#
#     model.eval()  ──►  Sequential.train(False)
#                          ├──► Embedding.train(False)
#                          ├──► BatchNorm1d.train(False)      this is the one that needs it
#                          └──► Sequential.train(False)       a block inside a block
#                                 └──► BatchNorm1d.train(False)
#
# A `Sequential` may hold a `Sequential`: if each container asks its own layers, and only them, the
# nesting takes care of itself.


# %%
class Sequential(Module):
    """Layers, one after the other.

    Args (of the constructor):
        layers: a list of modules; a Sequential may be among them. Kept as self.layers.

    Example:
        >>> model = Sequential([Embedding(27, 10), Flatten(), Sequential([Linear(80, 5), Tanh()])])
        >>> model(torch.zeros(4, 8, dtype=torch.int64)).shape
        torch.Size([4, 5])
        >>> [tuple(p.shape) for p in model.parameters()]
        [(27, 10), (80, 5), (5,)]

    Source: lecture "WaveNet", from 9:16; torch.nn.Sequential.
    """

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        """What the last layer returns, each layer being called with what the one before returned.

        Args:
            x: whatever the first layer takes.

        Returns:
            The last layer's result; x itself if there are no layers.
        """
        # TODO 06.sequential: your code here (stuck? `hero hint 06.sequential`)
        raise NotImplementedError("06.sequential")

    def parameters(self):
        """The parameters of all layers, in the order of the layers.

        Returns:
            A flat list of tensors: the very tensors that the layers use, no copies; [] if there
            are none.
        """
        # TODO 06.sequential_parameters: your code here (stuck? `hero hint 06.sequential_parameters`)
        raise NotImplementedError("06.sequential_parameters")

    def train(self, mode=True):
        """Training mode on (or off) for this container and everything in it, at any depth.

        Args:
            mode: True for training mode, False for eval mode.

        Returns:
            self, so that `model = Sequential(...).train()` works.

        Every module has train(mode), and a container is a module too: it sets its own `training` as well.
        Set it on objects, never on the class: other models are in a mode of their own.
        """
        # TODO 06.sequential_train: your code here (stuck? `hero hint 06.sequential_train`)
        raise NotImplementedError("06.sequential_train")


# %% [markdown]
# ## How many numbers learn?
#
# Before anything is trained, count. For the flat network above, with 8 characters:
# 27 * 10 in the table, 80 * 200 in the first Linear (no bias: BatchNorm brings its own), 200 + 200
# in BatchNorm, 200 * 27 + 27 in the last: 22,097.


# %%
def count_parameters(model):
    """How many numbers of a model learn.

    Args:
        model: anything with parameters(), a list of tensors.

    Returns:
        An int, the total number of elements.

    Example:
        >>> count_parameters(Linear(80, 200))
        16200
    """
    # TODO 06.count_parameters: your code here (stuck? `hero hint 06.count_parameters`)
    raise NotImplementedError("06.count_parameters")


# %% [markdown]
# ## Run it: does more context help?
#
# Two flat networks, on 3 and on 8 characters of context. For each the shapes on the way, the number
# of parameters, the loss at the start (a network that knows nothing should be at ln 27 = 3.296), a
# short training, and then the switch: the same dev examples in eval mode, and in training mode in
# batches of 4, where each prediction hangs on three strangers.
#
# The longer context should win, by 0.04 or so after a short run and by 0.08 at the lecture's full
# length: 2.105 against 2.027. But look how crude it is: the first layer squeezes all eight
# characters into one vector in a single step. Part 2 does that slowly.


# %%
def flat_model(vocab_size, block_size, n_embd=10, n_hidden=200, g=None):
    """The MLP of lesson 04 as a Sequential, ready to train."""
    model = Sequential(
        [
            Embedding(vocab_size, n_embd, g),
            Flatten(),
            Linear(block_size * n_embd, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
            Linear(n_hidden, vocab_size, g=g),
        ]
    )
    model.layers[-1].weight *= 0.1  # not too sure of itself at the start
    for p in model.parameters():
        p.requires_grad_()
    return model


def build_dataset(names, stoi, block_size):
    """All contexts X (N, block_size) and next characters Y (N,) of the names."""
    X, Y = [], []
    for name in names:
        context = [0] * block_size
        for ix in [stoi[c] for c in name] + [0]:
            X.append(context)
            Y.append(ix)
            context = context[1:] + [ix]
    return torch.tensor(X), torch.tensor(Y)


def fit(model, X, Y, steps, g, description):
    """Trains on random batches of 32 with torch's SGD; returns the loss of each step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses, running, piece = [], 3.3, max(1, steps // 200)
    model.train()
    with progress(steps // piece, description) as bar:
        for step in range(steps):
            if step == steps * 3 // 4:
                optimizer.param_groups[0]["lr"] = 0.01
            ix = torch.randint(0, len(X), (32,), generator=g)
            loss = F.cross_entropy(model(X[ix]), Y[ix])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            running += 0.01 * (losses[-1] - running)
            if (step + 1) % piece == 0:
                bar.update(loss=running)
    return losses


def shapes(model, Xb):
    """One line for each layer: its name and the shape of what comes out of it."""
    x, lines = Xb, [f"    {'Xb':<14} {tuple(Xb.shape)}"]
    for layer in model.layers:
        x = layer(x)
        lines.append(f"    {type(layer).__name__:<14} {tuple(x.shape)}")
    return "\n".join(lines)


def mean_loss(model, X, Y, chunk):
    """The loss over X, in chunks and in the mode that the model is in."""
    with torch.no_grad():
        parts = [
            F.cross_entropy(model(X[i : i + chunk]), Y[i : i + chunk])
            for i in range(0, len(X) // chunk * chunk, chunk)
        ]
    return torch.stack(parts).mean().item()


def plot_losses(curves, path):
    """Each run's loss, averaged over a hundredth of its steps."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    for label, losses in curves.items():
        group = max(1, len(losses) // 100)
        means = [
            sum(losses[i : i + group]) / group for i in range(0, len(losses) - group + 1, group)
        ]
        axes.plot(range(0, len(means) * group, group), means, label=label)
    axes.set(xlabel="step", ylabel="loss", title="does more context help?", ylim=(1.8, 3.4))
    axes.legend()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Flat networks on 3 and on 8 characters.")
    parser.add_argument("--steps", type=int, default=6_000)
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 200_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or len(names) < 100:
        parser.error("this takes at least 1 step, and 100 names or more")
    random.Random(42).shuffle(names)
    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    cuts = int(0.8 * len(names)), int(0.9 * len(names))
    curves = {}
    for block_size in (3, 8):
        g = torch.Generator().manual_seed(42)
        model = flat_model(len(stoi), block_size, g=g)
        X, Y = build_dataset(names[: cuts[0]], stoi, block_size)
        Xdev, Ydev = build_dataset(names[cuts[0] : cuts[1]], stoi, block_size)
        print(f"{block_size} characters: {count_parameters(model):,} parameters")
        print(shapes(model, X[:32]))
        start = mean_loss(model, X[:3200], Y[:3200], 32)
        print(f"loss at the start {start:.3f}, ln {len(stoi)} = {math.log(len(stoi)):.3f}")
        curves[f"{block_size} characters"] = fit(model, X, Y, steps, g, "training")
        mixed = torch.randperm(len(Xdev), generator=g)  # or a name's own contexts share a batch
        in_eval = mean_loss(model.eval(), Xdev[mixed], Ydev[mixed], 32)
        in_train = mean_loss(model.train(), Xdev[mixed], Ydev[mixed], 4)
        print(f"dev loss {in_eval:.3f}; {in_train:.3f} in training mode, batches of 4\n")

    path = picture("06_wavenet/context.png")
    plot_losses(curves, path)
    print(f"{path}: which context wins? Nobody tuned anything for either.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all six of the part.")
    except DataError as error:
        sys.exit(str(error))
