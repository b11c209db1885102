# `hero check 06/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # A table of runs
#
# Two trainings, two losses: which model is better? To be able to say so there is a *harness*: one function
# that trains any model in the same way, measures it in the same way, and returns one row of a table. Deep
# learning is an experimental science; whoever changes two things at once, or compares runs from memory,
# learns nothing.
#
#     model ──► train ──► eval mode ──► train loss, dev loss ──► one row
#       ▲                                                          │
#       └───────────── change ONE thing, and look again ◄──────────┘
#
# What will go wrong: a dev loss that is measured in training mode depends on which examples share the
# batch. A model that is left in eval mode goes on training with statistics that are frozen. And a mean of
# the chunks' means is not the mean of all examples.

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
# As in parts 1 to 3. `BatchNorm1d` has a switch, `pooled=False`, that brings the bug back: the
# table below has a row with it and one without.


# %%
class Module:
    """What every layer is: callable, with parameters, in training mode or not."""

    training = True

    def parameters(self):
        return []

    def train(self, mode=True):
        self.training = mode
        return self

    def eval(self):
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
    """Each channel over all other dimensions; pooled=False: over the batch only (the bug)."""

    def __init__(self, dim, eps=1e-5, momentum=0.1, pooled=True):
        self.eps, self.momentum, self.pooled = eps, momentum, pooled
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def __call__(self, x):
        if self.training:
            dims = tuple(range(x.ndim - 1)) if self.pooled else 0
            var, mean = torch.var_mean(x, dims, correction=0, keepdim=not self.pooled)
            with torch.no_grad():
                n = x.numel() // mean.numel()
                new_mean, new_var = mean, var * n / (n - 1)
                # not in place: with the bug, the shape changes at the first call
                self.running_mean = self.running_mean + self.momentum * (
                    new_mean - self.running_mean
                )
                self.running_var = self.running_var + self.momentum * (new_var - self.running_var)
        else:
            mean, var = self.running_mean, self.running_var
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


def build(vocab_size, groups, n_embd, n_hidden, pooled=True, g=None):
    """Embedding, one level for each number of `groups`, and the output layer.

    groups (8,) is the flat MLP on 8 characters, (2, 2, 2) the tree.
    """
    layers, fan_in = [Embedding(vocab_size, n_embd, g)], n_embd
    for n in groups:
        layers += [
            FlattenConsecutive(n),
            Linear(n * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden, pooled=pooled),
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
# ## The training, given
#
# The loop of part 4.


# %%
def smooth(losses, window):
    """Means of groups of `window` neighboring losses; an incomplete last group is dropped."""
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1)


def train(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    """Gradient descent in training mode, lr 0.1 and from three quarters on 0.01; returns the losses.

    g draws the examples of each batch; on_step is called with each loss. The model stays in training
    mode.
    """
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        for p in model.parameters():
            p.grad = None
        loss = F.cross_entropy(model(X[ix]), Y[ix])
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= (0.1 if step < 0.75 * steps else 0.01) * p.grad
        losses.append(loss.item())
        on_step(losses[-1])
    return losses


# %% [markdown]
# ## The switch
#
# Three things belong to every evaluation: **eval mode** (running statistics, and they stay as they
# are), **no gradients** (`torch.no_grad()`: less memory, more speed), and at the end **the mode the
# model was in before**. It goes over the split in chunks, since 25,000 examples at once are many;
# the last chunk is smaller, so the mean over all examples is not the mean of the chunks' means:
#
#     chunk of 3, mean 2.0  │  chunk of 1, mean 4.0      (3 * 2.0 + 1 * 4.0) / 4 = 2.5, not 3.0


# %%
def evaluate(model, X, Y, chunk=4096):
    """The mean cross-entropy over a whole split, in eval mode, without gradients.

    Args:
        model: a callable with train(mode), eval() and training; like Sequential above, all of its layers
            in one mode.
        X: contexts, int64 (N, block_size), N >= 1.
        Y: next characters, int64 (N,).
        chunk: how many examples go through the model at once, at most.

    Returns:
        The mean over the N examples, a Python float, the same for any chunk (but for rounding).

    The model is in the same mode afterwards as before, and nothing else about it has changed.

    Example:
        >>> model = build(vocab_size=27, groups=(2, 2), n_embd=3, n_hidden=4)
        >>> X, Y = torch.randint(27, (10, 4)), torch.randint(27, (10,))
        >>> evaluate(model, X, Y, chunk=4) == evaluate(model, X, Y, chunk=4), model.training
        (True, True)
    """
    # TODO 06.evaluate: your code here (stuck? `hero hint 06.evaluate`)
    raise NotImplementedError("06.evaluate")


# %% [markdown]
# ## The harness
#
# One call, one row. It uses `train` and your `evaluate`, and it is the only way from here on in
# which a model is trained: what is measured the same way can be compared.


# %%
def run_experiment(name, model, splits, steps, g, on_step=lambda loss: None):
    """Trains the model on the train split, measures it on train and dev: one row of the table.

    Args:
        name: what was changed, a str.
        model: like Sequential above, not trained yet.
        splits: dict with "train" and "dev" (and perhaps "test", which stays untouched until the
            very end), each a pair (X, Y).
        steps, g, on_step: as in train, whose batch size stays as it is.

    Returns:
        A dict: "name", "parameters" (how many numbers learn, an int), "steps", "train" and "dev"
        (the losses over the whole splits after training, Python floats), "losses" (the list that
        train returned).

    Source: lecture "WaveNet", from 46:58, where the harness is sketched.
    """
    # TODO 06.run_experiment: your code here (stuck? `hero hint 06.run_experiment`)
    raise NotImplementedError("06.run_experiment")


# %% [markdown]
# ## The table
#
# A number alone says nothing; beside the row above it, it does. So each row shows how far its dev
# loss moved against the row before.


# %%
def table(rows):
    """A Markdown table of runs, in the order given.

    Args:
        rows: list of dicts with "name", "parameters", "steps", "train", "dev" (others are ignored).

    Returns:
        A str: the lines below joined by newlines, no newline at the end. Integers have commas,
        losses three decimals, the change (dev minus the dev of the row above, as given, before
        rounding) always has its sign and three decimals; it is empty in the first row.

    Example:
        >>> print(table([
        ...     {"name": "flat", "parameters": 22097, "steps": 1000, "train": 2.41, "dev": 2.43},
        ...     {"name": "tree", "parameters": 22397, "steps": 1000, "train": 2.38, "dev": 2.4006},
        ... ]))
        | run | parameters | steps | train | dev | change |
        |---|---|---|---|---|---|
        | flat | 22,097 | 1,000 | 2.410 | 2.430 |  |
        | tree | 22,397 | 1,000 | 2.380 | 2.401 | -0.029 |
    """
    # TODO 06.table: your code here (stuck? `hero hint 06.table`)
    raise NotImplementedError("06.table")


# %% [markdown]
# ## Ours beside the published
#
# The five rows of the lecture: more context, the tree, the repaired BatchNorm, more of everything.
# All of ours were run at full length (200,000 steps, on the lecture's names, one CPU thread; some 25
# minutes for all five):
#
#     hero run 06/5 -- --table --full --data lecture
#
# The README of this lesson shows what came out, from two seeds. The longer context and the larger tree are
# real steps. Flat or tree, the fix of the bug: those are as small as the luck of a seed, and one run
# each would not prove them.
#
# Without `--full` each row gets 3,000 steps, and without `--data` the names that come with the
# workbook: half a minute, and the order of the rows is the same already (2.31, 2.27, 2.25, 2.24,
# 2.19). `--rows 4 5` runs some of them; without `--table`, only the tree is trained.


# %%
LADDER = [
    # name, groups, n_embd, n_hidden, pooled, published dev loss
    ("3 characters, flat", (3,), 10, 200, True, 2.105),
    ("8 characters, flat", (8,), 10, 200, True, 2.027),
    ("a tree, with the bug", (2, 2, 2), 10, 68, False, 2.029),
    ("a tree", (2, 2, 2), 10, 68, True, 2.022),
    ("a larger tree", (2, 2, 2), 24, 128, True, 1.993),
]


def make_splits(names, stoi, block_size):
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


def run_row(number, names, stoi, steps, seed=42):
    """Row `number` (from 1) of the ladder: trained with a progress bar."""
    name, groups, n_embd, n_hidden, pooled, _ = LADDER[number - 1]
    block_size = torch.tensor(groups).prod().item()
    g = torch.Generator().manual_seed(seed)
    model = build(len(stoi), groups, n_embd, n_hidden, pooled, g)
    splits = make_splits(names, stoi, block_size)
    with progress(steps, f"{number}. {name}") as bar:
        return run_experiment(name, model, splits, steps, g, lambda loss: bar.update(loss=loss))


def plot_losses(rows, window, path):
    """Raw losses of the first row in the background, the smoothed ones of all rows in front."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(rows[0]["losses"], color="0.85", linewidth=0.5, label="each batch")
    for row in rows:
        means = smooth(row["losses"], window)
        axes.plot(
            [(i + 0.5) * window for i in range(len(means))], means, linewidth=1.8, label=row["name"]
        )
    axes.set(xlabel="step", ylabel="loss", title=f"losses, and their means over {window} steps")
    axes.set_ylim(1.5, 3.4)
    axes.legend()
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Trains the tree, or the whole table of runs.")
    parser.add_argument("--table", action="store_true", help="all five rows beside the published")
    parser.add_argument("--rows", type=int, nargs="+", choices=range(1, 6), help="only these rows")
    parser.add_argument("--steps", type=int, help="steps per run (default: 8,000; table: 3,000)")
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--seed", type=int, default=42)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    numbers = args.rows or ([1, 2, 3, 4, 5] if args.table else [4])
    usual = 3_000 if len(numbers) > 1 else 8_000
    steps = 200_000 if args.full else usual if args.steps is None else args.steps
    names = load_names(args.data)
    if steps < 1 or args.seed not in range(2**63) or len(names) < 100:
        parser.error("this takes at least 1 step, a seed from 0 on and 100 names or more")

    stoi = {c: ix for ix, c in enumerate(["."] + sorted(set("".join(names))))}
    rows, lines = [], []
    for number in numbers:
        row = run_row(number, names, stoi, steps, args.seed)
        rows.append(row)
        lines.append(f"{row['name']:<22} {LADDER[number - 1][-1]:>9.3f} {row['dev']:>7.3f}")
    print("\n" + table(rows) + "\n")
    print(f"dev loss               published    ours   ({steps:,} steps; published: 200,000)")
    print("\n".join(lines) + "\n")

    path = picture("06_wavenet/runs.png")
    plot_losses(rows, max(1, steps // 100), path)
    print(f"{path}: the step down at three quarters is the learning rate falling to a tenth.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: the training starts when all three are there.")
    except DataError as error:
        sys.exit(str(error))
