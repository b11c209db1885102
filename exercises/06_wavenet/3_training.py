# %% [markdown]
# # Training, and a table of runs
#
# You have the layers and the tree. What is left is the craft around them: a loss curve that can be
# read, a model that is in the right mode at the right time, and a *harness*: one function that
# trains any model in the same way and returns one row of a table. Deep learning is an experimental
# science; whoever changes two things at once, or compares runs from memory, learns nothing.
#
#     model ──► train ──► eval mode ──► train loss, dev loss ──► one row
#       ▲                                                          │
#       └───────────── change ONE thing, and look again ◄──────────┘
#
# What will go wrong: a dev loss that is measured in training mode depends on which examples share
# the batch. A model that is left in eval mode goes on training with statistics that are frozen.
# Neither crashes; both cost you a week.

# %%
import argparse
import random
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import load_names, picture, progress

# %% [markdown]
# ## The layers, given
#
# As in parts 1 and 2. `BatchNorm1d` has a switch, `pooled=False`, that brings the bug back: the
# table below has a row with it and one without.


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
        float64 (len(losses) // window,).

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
        The losses that train_step returned, a list of `steps` Python floats.

    Example:
        >>> model = build(vocab_size=27, groups=(2, 2), n_embd=3, n_hidden=4)
        >>> X, Y = torch.randint(27, (100, 4)), torch.randint(27, (100,))
        >>> len(train(model, X, Y, steps=5, g=torch.Generator().manual_seed(1)))
        5
    """
    # TODO 06.train: your code here (stuck? `hero hint 06.train`)
    raise NotImplementedError("06.train")


# %% [markdown]
# ## The harness
#
# One call, one row. It uses your `train` and `evaluate`, and it is the only way from here on in
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
#     hero run 06/3 -- --table --full --data lecture
#
# | run | parameters | published dev loss | ours, seed 42 | ours, seed 1 |
# |---|---|---|---|---|
# | 3 characters, flat | 12,097 | 2.105 | 2.106 | 2.107 |
# | 8 characters, flat | 22,097 | 2.027 | 2.034 | 2.025 |
# | a tree, with the bug | 22,397 | 2.029 | 2.022 | 2.022 |
# | a tree | 22,397 | 2.022 | 2.018 | 2.013 |
# | a larger tree | 76,579 | 1.993 | 1.991 | 1.993 |
#
# A second seed (`--seed 1`) moves a row by up to 0.009. So the longer context and the larger tree
# are real steps. Flat or tree, the fix of the bug: those are as small as the luck of a seed, and
# one run each would not prove them.
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
    """Row `number` (from 1) of the ladder: trains it with a progress bar, returns (row, model)."""
    name, groups, n_embd, n_hidden, pooled, _ = LADDER[number - 1]
    block_size = torch.tensor(groups).prod().item()
    g = torch.Generator().manual_seed(seed)
    model = build(len(stoi), groups, n_embd, n_hidden, pooled, g)
    splits = make_splits(names, stoi, block_size)
    running = SimpleNamespace(loss=None, done=0)
    piece = max(1, steps // 200)
    with progress(max(1, steps // piece), f"{number}. {name}") as bar:

        def on_step(loss):
            running.loss = loss if running.loss is None else 0.99 * running.loss + 0.01 * loss
            running.done += 1
            if running.done % piece == 0:
                bar.update(loss=running.loss)

        row = run_experiment(name, model, splits, steps, g, on_step)
    return row, model


def sample(model, itos, block_size, g, how_many=10):
    """New names, drawn character by character."""
    was = model.training
    model.eval()
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
    args = parser.parse_args()
    numbers = args.rows or ([1, 2, 3, 4, 5] if args.table else [4])
    steps = 200_000 if args.full else args.steps or (3_000 if len(numbers) > 1 else 8_000)

    names = load_names(args.data)
    itos = dict(enumerate(["."] + sorted(set("".join(names)))))
    stoi = {c: ix for ix, c in itos.items()}
    rows, lines = [], []
    for number in numbers:
        row, model = run_row(number, names, stoi, steps, args.seed)
        rows.append(row)
        lines.append(f"{row['name']:<22} {LADDER[number - 1][-1]:>9.3f} {row['dev']:>7.3f}")
    print("\n" + table(rows) + "\n")
    print(f"dev loss               published    ours   ({steps:,} steps; published: 200,000)")
    print("\n".join(lines) + "\n")

    block_size = torch.tensor(LADDER[numbers[-1] - 1][1]).prod().item()
    g = torch.Generator().manual_seed(args.seed)
    print("new names: " + " ".join(sample(model, itos, block_size, g)))
    path = picture("06_wavenet/losses.png")
    plot_losses(rows, max(1, steps // 100), path)
    print(f"{path}: the step down at three quarters is the learning rate falling to a tenth.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: the training starts when all seven are there.")
