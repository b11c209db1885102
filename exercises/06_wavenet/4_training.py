# `hero check 06/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Training: a loop that can be trusted
#
# You have the layers and the tree. What is left is the craft around them. In this part: one step, the loop
# around it, and a loss curve that can be read. It is gradient descent as in every lesson before,
#
#     p  ◄─  p - lr * dloss/dp
#
# only that from here on it stands in *one* function, and trains any model that has parameters().
#
#     model ──► draw a batch ──► train_step ──► loss ──► smooth ──► a curve
#                  ▲                 │
#                  └──── next step ◄─┘
#
# What will go wrong: gradients of the last step that are still there; a model that is left in eval mode
# and goes on training with statistics that are frozen. Neither crashes; both cost you a week.

# %%
import argparse
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## The layers, given
#
# As in parts 1 to 3, `BatchNorm1d` being the right one.


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
    """x @ weight + bias on the last dimension."""

    def __init__(self, fan_in, fan_out, bias=True, g=None):
        self.weight = torch.randn(fan_in, fan_out, generator=g) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        return x @ self.weight if self.bias is None else x @ self.weight + self.bias

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


class BatchNorm1d(Module):
    """Each channel normalized over all other dimensions, then gamma and beta."""

    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum = eps, momentum
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            var, mean = torch.var_mean(x, tuple(range(x.ndim - 1)), correction=0)
            with torch.no_grad():
                n = x.numel() // mean.numel()
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * n / (n - 1) - self.running_var)
        return self.gamma * ((x - mean) * (var + self.eps).rsqrt()) + self.beta

    def parameters(self):
        return [self.gamma, self.beta]


class Tanh(Module):
    """tanh, element by element."""

    def __call__(self, x):
        return torch.tanh(x)


class FlattenConsecutive(Module):
    """(B, T, C) -> (B, T // n, n * C); with a single group left, (B, n * C)."""

    def __init__(self, n):
        self.n = n

    def __call__(self, x):
        B, T, C = x.shape
        x = x.view(B, T // self.n, C * self.n)
        return x.squeeze(1) if x.shape[1] == 1 else x


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


def build(vocab_size, groups, n_embd, n_hidden, g=None):
    """Embedding, one level for each number of `groups`, and the output layer.

    groups (8,) is the flat MLP on 8 characters, (2, 2, 2) the tree.
    """
    layers, fan_in = [Embedding(vocab_size, n_embd, g)], n_embd
    for n in groups:
        layers += [
            FlattenConsecutive(n),
            Linear(n * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1  # not too sure of itself at the start
    model = Sequential(layers)
    for p in model.parameters():
        p.requires_grad_()
    return model


# %% [markdown]
# ## A loss curve that can be read
#
# One batch of 32 examples is a tiny sample: its loss jumps by 0.2 from step to step, and a fall of
# 0.01 drowns. Average over groups of neighbors, `window` steps each:
#
#     losses   3.1 2.9 │ 2.8 2.6 │ 2.7 2.3 │ 2.5        window = 2
#     smooth     3.0   │   2.7   │   2.5   │ (not full: dropped)


# %%
def smooth(losses, window):
    """Means of groups of `window` neighboring losses; an incomplete last group is dropped.

    Args:
        losses: one loss for each step, a list of Python floats.
        window: steps per group, an int >= 1.

    Returns:
        float64 or float32 (len(losses) // window,).

    Example:
        >>> smooth([3.0, 1.0, 2.0, 4.0, 9.0], window=2)
        tensor([2., 3.], dtype=torch.float64)

    Source: lecture "WaveNet", from 6:56 (there with window 1000 and a view).
    """
    # TODO 06.smooth: your code here (stuck? `hero hint 06.smooth`)
    raise NotImplementedError("06.smooth")


# %% [markdown]
# ## The learning rate
#
# A step schedule: 0.1 for the first three quarters, then 0.01. The curve falls off a little cliff
# there; with the smoothed curve you will see it.


# %%
def learning_rate(step, steps):
    """0.1 in the first three quarters of training, 0.01 in the last.

    Args:
        step: the step about to be taken, 0 <= step < steps, an int.
        steps: how many there will be, an int.

    Returns:
        0.1 if step is less than three quarters of steps, else 0.01; a float.

    Example:
        >>> [learning_rate(step, 4) for step in range(4)]
        [0.1, 0.1, 0.1, 0.01]

    Source: lecture "WaveNet" (150,000 of 200,000 steps).
    """
    # TODO 06.learning_rate: your code here (stuck? `hero hint 06.learning_rate`)
    raise NotImplementedError("06.learning_rate")


# %% [markdown]
# ## One step
#
# Autograd *adds* to `.grad`. So every step begins by forgetting: `p.grad = None`. Then forward,
# loss, backward, and a step downhill for each parameter.


# %%
def train_step(model, Xb, Yb, lr):
    """One step of gradient descent on one batch, in whatever mode the model is.

    Args:
        model: a callable, Xb -> logits (n, vocab_size), with parameters(); changed in place.
        Xb: contexts, int64 (n, block_size).
        Yb: next characters, int64 (n,).
        lr: learning rate; each parameter p moves by -lr * p.grad.

    Returns:
        The cross-entropy (mean) of the batch before the step, a Python float.

    Gradients that earlier calls left in p.grad must not count; afterwards p.grad is the gradient
    of this batch.

    Example:
        >>> model = build(vocab_size=5, groups=(2,), n_embd=3, n_hidden=4)
        >>> Xb, Yb = torch.tensor([[0, 1], [2, 4], [3, 3]]), torch.tensor([1, 0, 4])
        >>> first = train_step(model, Xb, Yb, lr=0.1)
        >>> train_step(model, Xb, Yb, lr=0.1) < first
        True
    """
    # TODO 06.train_step: your code here (stuck? `hero hint 06.train_step`)
    raise NotImplementedError("06.train_step")


# %% [markdown]
# ## The loop
#
# For each step: draw a batch, look up the learning rate, take the step. The generator is handed in,
# so that the same seed gives the same run.


# %%
def train(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    """Trains a model in training mode, one random batch for each step.

    Args:
        model: like Sequential above; changed in place, and in training mode afterwards.
        X: contexts, int64 (N, block_size).
        Y: next characters, int64 (N,).
        steps: how many steps. The learning rate is that of learning_rate(step, steps).
        g: torch.Generator. Each step draws its examples, and nothing else, with
            torch.randint(0, N, (batch_size,), generator=g).
        batch_size: examples per batch.
        on_step: called after each step with its loss (a progress bar hangs there).

    Returns:
        The losses that train_step returned, a list of `steps` Python floats (tensors without a graph
        will do).

    Example:
        >>> model = build(vocab_size=27, groups=(2, 2), n_embd=3, n_hidden=4)
        >>> X, Y = torch.randint(27, (100, 4)), torch.randint(27, (100,))
        >>> len(train(model, X, Y, steps=5, g=torch.Generator().manual_seed(1)))
        5
    """
    # TODO 06.train: your code here (stuck? `hero hint 06.train`)
    raise NotImplementedError("06.train")


# %% [markdown]
# ## Run it
#
# The tree, trained: 8,000 steps, a quarter of a minute. The picture shows the loss of each batch, in which
# nothing can be seen, and your smoothed curve in front of it. Ten new names show how good the model is by
# now; part 5 measures it.


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


def sample(model, itos, block_size, g, how_many=10, stay=False):
    """New names, drawn character by character; stay: in the mode that the model is in."""
    was = model.training
    model.train(was and stay)
    names = []
    for _ in range(how_many):
        context, name = [0] * block_size, ""
        while len(name) < 30:
            with torch.no_grad():
                probs = F.softmax(model(torch.tensor([context])), dim=1)
            ix = int(torch.multinomial(probs, 1, generator=g))
            if ix == 0:
                break
            name += itos[ix]
            context = context[1:] + [ix]
        names.append(name)
    model.train(was)
    return names


def faster(learning_rate, factor):
    """The schedule, multiplied by a factor."""
    return lambda step, steps: factor * learning_rate(step, steps)


def plot_curve(losses, window, path):
    """The loss of each step in the background, the smoothed one in front."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, color="0.85", linewidth=0.5, label="each batch")
    means = smooth(losses, window)
    axes.plot((torch.arange(len(means)) + 0.5) * window, means, linewidth=1.8, label="smoothed")
    axes.set(xlabel="step", ylabel="loss", title=f"losses, and their means over {window} steps")
    axes.set_ylim(1.5, 3.4)
    axes.legend()
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Trains the tree, and draws its loss.")
    parser.add_argument("--steps", type=int, default=8_000)
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--lr", type=float, default=1.0, help="multiplies your learning rate")
    parser.add_argument("--stay", action="store_true", help="draws names without model.eval()")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    steps = 200_000 if args.full else args.steps
    names = load_names(args.data)
    if steps < 1 or args.seed not in range(2**63) or len(names) < 100:
        parser.error("this takes at least 1 step, a seed from 0 on and 100 names or more")

    random.Random(42).shuffle(names)
    itos = ["."] + sorted(set("".join(names)))
    stoi = {c: ix for ix, c in enumerate(itos)}
    X, Y = build_dataset(names[: int(0.8 * len(names))], stoi, 8)
    g = torch.Generator().manual_seed(args.seed)
    model = build(len(stoi), (2, 2, 2), 10, 68, g=g)
    if args.lr != 1.0:
        globals()["learning_rate"] = faster(learning_rate, args.lr)
    with progress(steps, "a tree") as bar:
        losses = train(model, X, Y, steps, g, on_step=lambda loss: bar.update(loss=loss))

    window = max(1, steps // 100)
    means = smooth(losses, window).tolist()
    print(f"means over {window} steps: the first {means[0]:.3f}, the last {means[-1]:.3f}")
    print("new names: " + " ".join(sample(model, itos, 8, g, stay=args.stay)))
    path = picture("06_wavenet/curve.png")
    plot_curve(losses, window, path)
    print(f"{path}: at three quarters the learning rate falls to a tenth. Can you see it?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: the training starts when all four are there.")
    except DataError as error:
        sys.exit(str(error))
