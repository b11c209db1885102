# `hero check 06/2` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # A tree of characters
#
# The flat network squeezes eight characters into one vector in a single step. WaveNet does it
# slowly: first pairs of characters become bigrams, then pairs of bigrams become groups of four,
# then of eight. Each level is a small network of its own, used at every place of its level.
#
#     . e m i l i a n      (B, 8, 10)    characters
#     └┬┘ └┬┘ └┬┘ └┬┘
#      o   o   o   o       (B, 4, 68)    each has seen 2
#      └─┬─┘   └─┬─┘
#        o       o         (B, 2, 68)    each has seen 4
#        └───┬───┘
#            o             (B, 68)       has seen all 8
#            │
#         logits           (B, 27)       what comes next: . or n or o or ...?
#
# What will go wrong: two things. The pairs are taken in the wrong order, and an "e" is merged with
# something four places away. A batch of one example is squeezed away at the top. (And a third, the
# quietest, that you will not notice in this part: it has the next one for itself.)

# %%
import argparse
import math
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The layers, given
#
# Those of part 1, and `BatchNorm1d` as it was in lesson 04.


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


class Embedding(Module):
    """Row ix of a table for each index ix: int64 (...) -> float (..., embedding_dim)."""

    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight]


class Linear(Module):
    """x @ weight + bias on the last dimension: (..., fan_in) -> (..., fan_out)."""

    def __init__(self, fan_in, fan_out, bias=True, g=None):
        self.weight = torch.randn(fan_in, fan_out, generator=g) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class BatchNorm1d(Module):
    """As in lesson 04: normalized over the batch, then gamma and beta; running statistics for eval."""

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


class Tanh(Module):
    """tanh, element by element."""

    def __call__(self, x):
        return torch.tanh(x)


class Sequential(Module):
    """Layer after layer; its mode is the mode of all of them."""

    def __init__(self, layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def train(self, mode=True):
        for layer in self.layers:
            layer.train(mode)
        return super().train(mode)


# %% [markdown]
# ## Neighbors, side by side
#
# The step from one level to the next: the vectors of n neighbors in time become one longer vector.
# Nothing is computed, and in memory nothing even moves.
#
#     (1, 4, 2)                     n = 2            (1, 2, 4)
#     [[[a b], [c d], [e f], [g h]]]        ->       [[[a b c d], [e f g h]]]
#
# The order matters: time before channel, so that all of the first neighbor comes before all of the
# second.


# %%
def consecutive(x, n):
    """Puts the vectors of every n consecutive positions side by side.

    Args:
        x: float (B, T, C), contiguous in memory.
        n: how many neighbors form a group, an int >= 1 that divides T.

    Returns:
        float (B, T // n, n * C). Always three dimensions.

    Example:
        >>> consecutive(torch.arange(8).view(1, 4, 2), 2)
        tensor([[[0, 1, 2, 3],
                 [4, 5, 6, 7]]])

    Source: lecture "WaveNet", from 21:36 (FlattenConsecutive).
    """
    # TODO 06.consecutive: your code here (stuck? `hero hint 06.consecutive`)
    raise NotImplementedError("06.consecutive")


# %% [markdown]
# ## The squeeze rule
#
# At the top of the tree one group is left: (B, 1, C). The layers after it expect a plain (B, C),
# as they always did, so the layer drops the dimension of groups, if there is one group. And only
# that dimension: `squeeze()` without a number drops a batch of one as well, and the model that
# worked in training breaks when you sample the first name.


# %%
class FlattenConsecutive(Module):
    """`consecutive` as a layer, with the squeeze rule. No parameters.

    Args (of the constructor):
        n: how many neighbors form a group.

    Example:
        >>> x = torch.zeros(5, 4, 3)
        >>> FlattenConsecutive(2)(x).shape, FlattenConsecutive(4)(x).shape
        (torch.Size([5, 2, 6]), torch.Size([5, 12]))

    Source: lecture "WaveNet", from 21:36; torch.nn has none like it.
    """

    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        """Groups of n neighbors.

        Args:
            x: float (B, T, C), contiguous; n divides T.

        Returns:
            float (B, T // n, n * C) if there are two groups or more; (B, n * C) if there is only
            one. A batch of one stays a batch in both cases.
        """
        # TODO 06.flatten_consecutive: your code here (stuck? `hero hint 06.flatten_consecutive`)
        raise NotImplementedError("06.flatten_consecutive")


# %% [markdown]
# ## The model
#
# Embedding, then one block per level, then the output layer. Eight characters take three levels,
# since 2 * 2 * 2 = 8. The block is always the same four layers; only the first one takes in
# embeddings.
#
# The Linear before a BatchNorm has no bias: BatchNorm would subtract it again. And the last layer
# starts with a tenth of its weights, so that the first guesses are modest.


# %%
def make_tree(vocab_size, block_size, n_embd, n_hidden, g=None):
    """The hierarchical model, as a Sequential.

    Args:
        vocab_size: number of characters.
        block_size: how many characters it sees, 2, 4, 8, 16, ...
        n_embd: numbers per embedding.
        n_hidden: channels at every level.
        g: torch.Generator that each layer with random values gets, in the order of the layers.

    Returns:
        A Sequential, int64 (B, block_size) -> logits (B, vocab_size), with exactly these layers:
        Embedding;
        for each level FlattenConsecutive(2), Linear without bias, BatchNorm1d, Tanh;
        Linear with bias, its weight (as drawn from g) multiplied by 0.1.
        Plain tensors, as the layers make them: whoever trains the model sets requires_grad (done here
        already, it does no harm).

    Example:
        >>> model = make_tree(vocab_size=27, block_size=8, n_embd=10, n_hidden=68)
        >>> sum(p.numel() for p in model.parameters())
        22397

    Source: lecture "WaveNet", from 21:36.
    """
    # TODO 06.make_tree: your code here (stuck? `hero hint 06.make_tree`)
    raise NotImplementedError("06.make_tree")


# %% [markdown]
# ## Its size, on paper
#
# Before you train something larger, work out how large it is. All positions of a level share their
# weights, so four bigrams cost no more than one. For 27 characters, n_embd = 10, n_hidden = 68,
# three levels:
#
#     embedding     27 * 10                          270
#     level 1       20 * 68    + 2 * 68            1,496     weight, gamma and beta
#     level 2       136 * 68   + 2 * 68            9,384
#     level 3       136 * 68   + 2 * 68            9,384
#     output        68 * 27 + 27                   1,863
#                                                 22,397


# %%
def tree_size(vocab_size, n_embd, n_hidden, levels):
    """How many numbers learn in the model of make_tree, computed without building it.

    Args:
        vocab_size, n_embd, n_hidden: as in make_tree.
        levels: number of levels, an int >= 1 (block_size is 2**levels).

    Returns:
        An int.

    Example:
        >>> tree_size(vocab_size=27, n_embd=10, n_hidden=68, levels=3)
        22397
        >>> tree_size(vocab_size=27, n_embd=24, n_hidden=128, levels=3)
        76579

    Source: lecture "WaveNet", from 21:36, and 46:07 (the larger one).
    """
    # TODO 06.tree_size: your code here (stuck? `hero hint 06.tree_size`)
    raise NotImplementedError("06.tree_size")


# %% [markdown]
# ## Run it
#
# The shapes on the way up, and a short training. The picture shows the tree over a real name; its
# lines are drawn from what your `consecutive` does to the numbers 0 to 7.
#
# In the list of shapes there is one clue to the next part: how many numbers does each BatchNorm1d keep
# as its running mean, and how many channels are there?


# %%
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
    """Trains on random batches of 32 with torch's SGD."""
    for p in model.parameters():
        p.requires_grad_()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    running, piece = 3.3, max(1, steps // 200)
    model.train()
    with progress(max(1, steps // piece), description) as bar:
        for step in range(steps):
            if step == steps * 3 // 4:
                optimizer.param_groups[0]["lr"] = 0.01
            ix = torch.randint(0, len(X), (32,), generator=g)
            loss = F.cross_entropy(model(X[ix]), Y[ix])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            running += 0.01 * (loss.item() - running)
            if (step + 1) % piece == 0:
                bar.update(loss=running)


def plot_tree(context, guesses, path):
    """The tree over a context of characters; guesses: [(character, probability), ...]."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.2), layout="constrained")
    axes = figure.subplots()
    xs, level = torch.arange(len(context), dtype=torch.float64), 0
    for x, c in zip(xs.tolist(), context, strict=True):
        axes.text(x, 0, c, ha="center", va="center", fontsize=16, family="monospace")
    while len(xs) > 1:
        # each row of groups: the positions (one number each) that your function puts together
        groups = consecutive(torch.arange(len(xs)).view(1, -1, 1), 2)[0]  # (groups, 2)
        above = torch.stack([xs[group].mean() for group in groups])
        for top, group in zip(above.tolist(), groups.tolist(), strict=True):
            for i in group:
                start = 0.25 if level == 0 else level
                axes.plot([xs[i].item(), top], [start, level + 1], color="0.6", zorder=1)
        level += 1
        axes.scatter(above, [level] * len(above), s=260, zorder=2)
        seen = f"{2**level} characters each" if len(above) > 1 else f"all {2**level}"
        axes.text(len(context) - 0.3, level, seen, va="center", color="0.3")
        xs = above
    words = "   ".join(f"{c} {probability:.0%}" for c, probability in guesses)
    axes.text(xs.item(), level + 0.6, f"next: {words}", ha="center", family="monospace")
    axes.set(xlim=(-0.8, len(context) + 1.6), ylim=(-0.4, level + 0.9))
    axes.axis("off")
    axes.set_title("who has seen what")
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="The tree: shapes, and a training.")
    parser.add_argument("--steps", type=int, default=6_000)
    parser.add_argument("--full", action="store_true", help="the lecture's large tree and steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--name", default="emiliano", help="the picture's name: its beginning")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps, n_embd, n_hidden = (200_000, 24, 128) if args.full else (args.steps, 10, 68)

    names = load_names(args.data)
    if steps < 1 or len(names) < 100 or not set(args.name) <= set("".join(names)):
        parser.error("this takes at least 1 step, 100 names or more, and a name of their letters")
    random.Random(42).shuffle(names)
    itos = ["."] + sorted(set("".join(names)))
    stoi = {c: ix for ix, c in enumerate(itos)}
    cuts = int(0.8 * len(names)), int(0.9 * len(names))
    X, Y = build_dataset(names[: cuts[0]], stoi, 8)
    Xdev, Ydev = build_dataset(names[cuts[0] : cuts[1]], stoi, 8)

    g = torch.Generator().manual_seed(42)
    model = make_tree(len(stoi), 8, n_embd, n_hidden, g)
    print(f"{tree_size(len(stoi), n_embd, n_hidden, 3):,} parameters on paper, ", end="")
    print(f"{sum(p.numel() for p in model.parameters()):,} in the model\n")
    x = X[:32]
    print(f"    {'Xb':<20}{tuple(x.shape)}")
    for layer in model.layers:
        x = layer(x)
        kept = f"running mean {tuple(layer.running_mean.shape)}" if hasattr(layer, "gamma") else ""
        print(f"    {type(layer).__name__:<20}{tuple(x.shape)!s:<14}{kept}".rstrip())
    print()

    fit(model, X, Y, steps, g, "training")
    model.eval()
    with torch.no_grad():
        print(f"dev loss {F.cross_entropy(model(Xdev), Ydev).item():.3f}\n")
        context = ("." * 8 + args.name[:-1])[-8:]
        probs = F.softmax(model(torch.tensor([[stoi[c] for c in context]])), dim=1)[0]
    best = probs.topk(4)
    guesses = [(itos[i], p) for p, i in zip(*(t.tolist() for t in best), strict=True)]
    path = picture("06_wavenet/tree.png")
    plot_tree(context, guesses, path)
    print(f"{path}: who has seen what, and what the tree expects after {context!r}.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all four of the part.")
    except DataError as error:
        sys.exit(str(error))
