# `hero check 05/6` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Training without autograd
#
# Everything comes together: forward, backward, step. Not one line asks torch for a gradient; torch
# is only a fast calculator of matrix products now. This is how networks were trained for decades.
#
#       ┌──────────────── the same parameters, a new batch ────────────────┐
#       ▼                                                                  │
#     forward ── loss ── backward (yours) ── dC dW1 db1 ... ── p -= lr * dp┘
#
# What will go wrong: a bug in a backward pass rarely crashes. The loss still falls, only less, and
# you would never know. That is why each gradient was checked before it was put to work.

# %%
import argparse
import itertools
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## Parameters and forward pass, given
#
# The network of lesson 04: embedding, linear, batchnorm, tanh, linear. The parameters are a dict of
# plain tensors. The forward pass returns the loss and a `cache`: what the backward pass will need.


# %%
def init_params(vocab_size, block_size=3, n_embd=10, n_hidden=200, seed=2147483647):
    """A dict of parameters by name, float32."""
    g = torch.Generator().manual_seed(seed)
    fan_in = block_size * n_embd
    return {
        "C": torch.randn(vocab_size, n_embd, generator=g),
        "W1": torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5,
        "b1": torch.randn(n_hidden, generator=g) * 0.1,
        "bngain": torch.randn(1, n_hidden, generator=g) * 0.1 + 1,
        "bnbias": torch.randn(1, n_hidden, generator=g) * 0.1,
        "W2": torch.randn(n_hidden, vocab_size, generator=g) * 0.1,
        "b2": torch.randn(vocab_size, generator=g) * 0.1,
    }


def forward(params, Xb, Yb):
    """(loss, cache) for contexts Xb (n, block_size) and next characters Yb (n,)."""
    emb = params["C"][Xb]  # (n, block_size, n_embd)
    embcat = emb.view(emb.shape[0], -1)  # (n, fan_in), fan_in = block_size * n_embd
    hprebn = embcat @ params["W1"] + params["b1"]  # (n, n_hidden)
    bnvar_inv = (hprebn.var(0, keepdim=True) + 1e-5) ** -0.5  # (1, n_hidden), unbiased variance
    bnraw = (hprebn - hprebn.mean(0, keepdim=True)) * bnvar_inv
    hpreact = params["bngain"] * bnraw + params["bnbias"]
    h = torch.tanh(hpreact)
    logits = h @ params["W2"] + params["b2"]  # (n, vocab_size)
    cache = {"embcat": embcat, "bnvar_inv": bnvar_inv, "bnraw": bnraw, "h": h, "logits": logits}
    return F.cross_entropy(logits, Yb), cache


# %% [markdown]
# ## The whole backward pass
#
# Your work of parts 1 to 5 in one function, about a dozen lines if you take the short forms of
# cross-entropy and batchnorm. Each part stands alone, so write (or paste) the lines here; nothing
# is imported from the others, and the arguments stay as they are. The names stay the same:
# `dlogits`, `dh`, `dhpreact`, `dhprebn`, `dembcat`, `demb`, and the seven that are returned.


# %%
def backward(params, cache, Xb, Yb):
    """Gradient of the loss with respect to every parameter.

    Args:
        params: dict of parameters, as `init_params` returns it:
            C (vocab_size, n_embd), W1 (fan_in, n_hidden), b1 (n_hidden,), bngain and bnbias
            (1, n_hidden), W2 (n_hidden, vocab_size), b2 (vocab_size,).
        cache: the second result of forward(params, Xb, Yb): a dict of embcat (n, fan_in),
            bnvar_inv (1, n_hidden), bnraw and h (n, n_hidden), logits (n, vocab_size).
        Xb: contexts, int64 (n, block_size), n >= 2.
        Yb: next characters, int64 (n,).

    Returns:
        A dict with the keys of params; each gradient has the shape and dtype of its parameter.

    Example:
        >>> params = init_params(vocab_size=5, n_embd=2, n_hidden=4)
        >>> Xb, Yb = torch.tensor([[0, 0, 1], [0, 1, 4]]), torch.tensor([4, 2])
        >>> loss, cache = forward(params, Xb, Yb)
        >>> grads = backward(params, cache, Xb, Yb)
        >>> sorted(grads) == sorted(params), grads["bngain"].shape
        (True, torch.Size([1, 4]))

    Source: lecture "Becoming a Backprop Ninja", exercise 4.
    """
    # TODO 05.backward: your code here (stuck? `hero hint 05.backward`)
    raise NotImplementedError("05.backward")


# %% [markdown]
# ## One step downhill
#
# The gradient points uphill. Each parameter moves against its own gradient, in place, so that
# everyone who holds the tensor sees the new values. `p = p - lr * grad` would make a new tensor and
# leave the old one as it was.


# %%
def update(params, grads, lr):
    """One step of gradient descent: each parameter loses lr times its gradient, in place.

    Args:
        params: dict of tensors; changed in place (what their .grad holds afterwards is up to you).
        grads: dict of gradients with the same keys, in any order, and shapes; not changed.
        lr: learning rate, a float.

    Returns:
        None.

    Example:
        >>> params = {"b2": torch.tensor([1.0, 2.0])}
        >>> update(params, {"b2": torch.tensor([10.0, -10.0])}, lr=0.1)
        >>> params
        {'b2': tensor([0., 3.])}
    """
    # TODO 05.update: your code here (stuck? `hero hint 05.update`)
    raise NotImplementedError("05.update")


# %% [markdown]
# ## The loop
#
# Forward, backward, update, for each batch. Nothing has to be set to zero between steps, since your
# gradients are made fresh each time.


# %%
def train(params, batches, lr):
    """Trains with `forward`, `backward` and `update`, one step for each batch.

    Args:
        params: dict of parameters; changed in place (what their .grad holds afterwards is up to you).
        batches: any iterable of pairs (Xb, Yb), gone through once (it may be a generator).
        lr: learning rate, a float.

    Returns:
        The loss of each batch, before the step it caused: a list of Python floats.

    Example:
        >>> params = init_params(vocab_size=5, n_embd=2, n_hidden=4)
        >>> batch = torch.tensor([[0, 0, 1], [0, 1, 4]]), torch.tensor([4, 2])
        >>> losses = train(params, [batch, batch, batch], lr=0.1)
        >>> len(losses), losses[0] > losses[1] > losses[2]
        (3, True)

    Source: lecture "Becoming a Backprop Ninja", exercise 4.
    """
    # TODO 05.train: your code here (stuck? `hero hint 05.train`)
    raise NotImplementedError("05.train")


# %% [markdown]
# ## Run it on the names
#
# A short run takes a few seconds; `--full` does the lecture's 200,000 steps and reaches a dev loss
# of about 2.11 on its names. First the table once more, your whole backward pass against torch's,
# then the training, and at the end some names that did not exist before.


# %%
def build_dataset(names, alphabet, block_size):
    """All contexts X (N, block_size) and next characters Y (N,) of the names."""
    index = {c: i for i, c in enumerate(alphabet)}
    X, Y = [], []
    for name in names:
        context = [0] * block_size
        for c in name + ".":
            X.append(context)
            Y.append(index[c])
            context = context[1:] + [index[c]]
    return torch.tensor(X), torch.tensor(Y)


def minibatches(X, Y, batch_size, seed):
    """Endless random batches (Xb, Yb)."""
    g = torch.Generator().manual_seed(seed)
    while True:
        ix = torch.randint(0, X.shape[0], (batch_size,), generator=g)
        yield X[ix], Y[ix]


def compare_with_torch(params, Xb, Yb):
    """Your backward pass against torch's, one row for each parameter."""
    leaves = {name: p.clone().requires_grad_() for name, p in params.items()}
    forward(leaves, Xb, Yb)[0].backward()  # the judge of the table
    grads = backward(params, forward(params, Xb, Yb)[1], Xb, Yb)
    for name, leaf in leaves.items():
        close = torch.allclose(grads[name], leaf.grad, atol=1e-6)
        shape = " x ".join(str(size) for size in leaf.shape)
        furthest = (grads[name] - leaf.grad).abs().max()
        verdict = f"close: {'yes' if close else 'NO'}"
        print(f"d{name:<8} {shape:<10} {verdict:<12} off by at most {furthest:.1e}")


def calibrate(params, X):
    """Mean and standard deviation of hprebn over a whole set, for use after training."""
    hprebn = params["C"][X].view(X.shape[0], -1) @ params["W1"] + params["b1"]
    return hprebn.mean(0, keepdim=True), (hprebn.var(0, keepdim=True) + 1e-5) ** 0.5


def predict(params, statistics, X):
    """Logits (n, vocab_size), with fixed statistics."""
    hprebn = params["C"][X].view(X.shape[0], -1) @ params["W1"] + params["b1"]
    hpreact = params["bngain"] * (hprebn - statistics[0]) / statistics[1] + params["bnbias"]
    return torch.tanh(hpreact) @ params["W2"] + params["b2"]


def sample(params, statistics, alphabet, block_size, generator):
    """One new name."""
    context, name = [0] * block_size, ""
    while True:
        probs = F.softmax(predict(params, statistics, torch.tensor([context])), dim=1)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            return name
        name += alphabet[i]
        context = context[1:] + [i]


def spoiled(update, name, factor):
    """The update, with one parameter's gradient multiplied by a factor: an error of your choice."""

    def spoil(params, grads, lr):
        update(params, grads | {name: factor * grads[name]}, lr)

    return spoil


def plot_losses(losses, path):
    """The loss of each step, averaged over groups of neighbors."""
    from matplotlib.figure import Figure

    group = max(1, len(losses) // 100)
    means = torch.tensor(losses[: len(losses) // group * group]).view(-1, group).mean(1)
    figure = Figure(figsize=(7, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(torch.arange(len(means)) * group, means)
    axes.set(xlabel="step", ylabel="loss", title="trained with your own gradients")
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description="Trains on names with your own gradients.")
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--full", action="store_true", help="the lecture's 200,000 steps")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--scale", default="", metavar="NAME=FACTOR", help="spoils a gradient")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1:
        parser.error("--steps: at least 1")
    torch.set_num_threads(1)  # matrices this small only lose by being shared out
    steps, block_size, batch_size = 200_000 if args.full else args.steps, 3, 32

    names = load_names(args.data)
    if len(names) < 10:
        parser.error("--data: at least 10 names")
    random.Random(42).shuffle(names)
    alphabet = "." + "".join(sorted(set("".join(names))))
    cuts = (int(0.8 * len(names)), int(0.9 * len(names)))
    X, Y = build_dataset(names[: cuts[0]], alphabet, block_size)
    Xdev, Ydev = build_dataset(names[cuts[0] : cuts[1]], alphabet, block_size)
    params = init_params(len(alphabet))
    batches = minibatches(X, Y, batch_size, seed=2147483647)
    count = sum(p.numel() for p in params.values())
    print(f"{len(X):,} examples, {len(alphabet)} characters, {count:,} parameters\n")
    compare_with_torch(params, *next(batches))

    name, _, factor = args.scale.partition("=")
    if args.scale:
        try:
            globals()["update"] = spoiled(update, name, float(factor))
            params[name]
        except (ValueError, KeyError):
            parser.error(f"--scale: one of {', '.join(params)}, and a number, as in b2=0.5")
        print(f"\nfrom here on, every gradient of {name} is multiplied by {float(factor):g}")

    print()
    losses, piece = [], max(1, steps // 100)
    with progress(steps // piece, "training") as bar:
        for done in range(0, steps // piece * piece, piece):
            lr = 0.1 if done < steps / 2 else 0.01
            losses += train(params, itertools.islice(batches, piece), lr)
            bar.update(loss=sum(losses[-piece:]) / piece)

    statistics = calibrate(params, X)
    for split, inputs, targets in (("train", X, Y), ("dev", Xdev, Ydev)):
        loss = F.cross_entropy(predict(params, statistics, inputs), targets)
        print(f"{split:<6} loss {loss:.4f}")
    g = torch.Generator().manual_seed(2147483647 + 10)
    made = [sample(params, statistics, alphabet, block_size, g) for _ in range(12)]
    print("\nnew names: " + " ".join(made))
    path = picture("05_backprop/by_hand.png")
    plot_losses(losses, path)
    print(f"{path}: the step down in the middle is the learning rate falling to a tenth.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the training starts when all three are there.")
    except DataError as error:
        sys.exit(str(error))
