# %% [markdown]
# # The first layer, and the embedding table
#
# The last stretch of the chain. `hprebn = embcat @ W1 + b1` is the linear layer of part 2 under
# other names; you write its three gradients from memory. Then two new atoms: a change of shape, and
# a lookup.
#
#     Xb (n, T) ──lookup── emb (n, T, d) ──view── embcat (n, T*d) ──@ W1 + b1── hprebn (n, H)
#
#     e m                  C[5] C[13]             ▒▒▒▓▓▓
#     e e                  C[5] C[5]              ▒▒▒▒▒▒
#
# What will go wrong: these two contexts use the row of "e" three times. Write each position's
# gradient into `dC` with `=`, and only the last of the three is left.

# %%
import argparse
import random
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import load_names, picture

# %% [markdown]
# ## The forward pass, given
#
# Three lines are taken apart here; torch does the rest in larger steps.


# %%
def names_batch(n, block_size=3, seed=42):
    """n examples from the names: contexts Xb (n, block_size), next characters Yb (n,), alphabet."""
    rng = random.Random(seed)
    names = load_names()
    alphabet = "." + "".join(sorted(set("".join(names))))
    Xb, Yb = [], []
    for name in rng.sample(names, n):
        ids = [0] * block_size + [alphabet.index(c) for c in name + "."]
        at = rng.randrange(block_size, len(ids))
        Xb.append(ids[at - block_size : at])
        Yb.append(ids[at])
    return torch.tensor(Xb), torch.tensor(Yb), alphabet


def forward(Xb, Yb, vocab_size, n_embd=10, n_hidden=64, seed=2147483647):
    """A forward pass. Returns (t, d): its tensors by name, and torch's gradient of each."""
    n, fan_in = Xb.shape[0], Xb.shape[1] * n_embd
    g = torch.Generator().manual_seed(seed)
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * 0.1
    t = SimpleNamespace()
    t.C = torch.randn(vocab_size, n_embd, generator=g).requires_grad_()
    t.W1 = (torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5).requires_grad_()
    t.b1 = (torch.randn(n_hidden, generator=g) * 0.1).requires_grad_()

    # embedding
    t.emb = t.C[Xb]  # (n, block_size, n_embd)
    t.embcat = t.emb.view(n, -1)  # (n, fan_in)
    # first linear layer
    t.hprebn = t.embcat @ t.W1 + t.b1  # (n, n_hidden)
    # the rest, as in parts 1 to 3
    hpreact = F.batch_norm(t.hprebn, None, None, training=True)
    t.loss = F.cross_entropy(torch.tanh(hpreact) @ W2, Yb)

    for tensor in vars(t).values():
        tensor.retain_grad()
    t.loss.backward()  # the judge in the table below; your functions may not call it
    d = SimpleNamespace(**{name: tensor.grad for name, tensor in vars(t).items()})
    return SimpleNamespace(**{name: tensor.detach() for name, tensor in vars(t).items()}), d


def compare(d, function, *arguments):
    """One row of the table: what your X_backward returns, against torch's gradient of X."""
    name = function.__name__.removesuffix("_backward")
    torchs = getattr(d, name)
    try:
        yours = function(*arguments)
    except NotImplementedError:
        print(f"d{name:<15} still a TODO")
        return
    if yours.shape != torchs.shape:
        print(f"d{name:<15} has shape {tuple(yours.shape)}, should have {tuple(torchs.shape)}")
        return
    shape = " x ".join(str(size) for size in torchs.shape)
    exact, close = torch.equal(yours, torchs), torch.allclose(yours, torchs, atol=1e-7)
    print(
        f"d{name:<15} {shape:<12} exact: {'yes' if exact else 'no':<5} "
        f"close: {'yes' if close else 'NO':<5} off by at most {(yours - torchs).abs().max():.1e}"
    )


# %% [markdown]
# ## The linear layer, from memory
#
# Try it without looking at part 2: write down the three shapes and let them tell you.


# %%
def embcat_backward(dhprebn, W1):
    """dembcat, where hprebn = embcat @ W1 + b1.

    Args:
        dhprebn: gradient of the loss with respect to hprebn, float (n, n_hidden).
        W1: weights, float (fan_in, n_hidden), where fan_in = block_size * n_embd.

    Returns:
        dembcat, float (n, fan_in).

    Example:
        >>> W1 = torch.tensor([[1.0, 2.0], [0.0, 1.0], [5.0, 0.0]])
        >>> embcat_backward(torch.tensor([[1.0, 10.0]]), W1)
        tensor([[21., 10.,  5.]])

    Source: lecture "Becoming a Backprop Ninja", exercise 1 (as for all of this part).
    """
    ### BEGIN SOLUTION
    return dhprebn @ W1.T
    ### END SOLUTION


# %%
def W1_backward(dhprebn, embcat):
    """dW1, where hprebn = embcat @ W1 + b1.

    Args:
        dhprebn: gradient of the loss with respect to hprebn, float (n, n_hidden).
        embcat: the embeddings of the context, end to end, float (n, fan_in).

    Returns:
        dW1, float (fan_in, n_hidden).

    Example:
        >>> embcat = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 1.0]])
        >>> W1_backward(torch.tensor([[1.0, 10.0], [5.0, 0.0]]), embcat)
        tensor([[ 1., 10.],
                [ 2., 20.],
                [ 8., 30.]])
    """
    ### BEGIN SOLUTION
    return embcat.T @ dhprebn
    ### END SOLUTION


# %%
def b1_backward(dhprebn):
    """db1, where hprebn = embcat @ W1 + b1 and b1 is (n_hidden,).

    Args:
        dhprebn: gradient of the loss with respect to hprebn, float (n, n_hidden).

    Returns:
        db1, float (n_hidden,).

    Example:
        >>> b1_backward(torch.tensor([[1.0, 10.0], [5.0, 0.0]]))
        tensor([ 6., 10.])
    """
    ### BEGIN SOLUTION
    return dhprebn.sum(0)
    ### END SOLUTION


# %% [markdown]
# ## A change of shape
#
# `embcat = emb.view(n, -1)` computes nothing: the same numbers, read as longer rows. Backward
# they are read as they were before. The order of the numbers does not change either way.


# %%
def emb_backward(dembcat, emb):
    """demb, where embcat = emb.view(n, -1).

    Args:
        dembcat: gradient of the loss with respect to embcat, float (n, block_size * n_embd), contiguous.
        emb: embeddings of the context, float (n, block_size, n_embd); only its shape matters.

    Returns:
        demb, float (n, block_size, n_embd). It may share memory with dembcat.

    Example:
        >>> emb_backward(torch.tensor([[1.0, 2.0, 3.0, 4.0]]), torch.zeros(1, 2, 2))
        tensor([[[1., 2.],
                 [3., 4.]]])
    """
    ### BEGIN SOLUTION
    return dembcat.view(emb.shape)
    ### END SOLUTION


# %% [markdown]
# ## A lookup
#
# `emb[i, t] = C[Xb[i, t]]`. A lookup copies rows of the table; copied forward, summed backward.
# Row 5 of `dC` is the sum of `demb[i, t]` over all places (i, t) where the character is number 5.
# A character that the batch does not contain gets zeros.
#
# A plain loop over the places is a fine solution. There is also a tensor operation that adds rows
# at given indices, and it handles repeats; and since a lookup equals `one_hot(Xb) @ C` (lesson 03),
# there is a matrix product that does it too.


# %%
def C_backward(demb, Xb, C):
    """dC, where emb = C[Xb].

    Args:
        demb: gradient of the loss with respect to emb, float (n, block_size, n_embd).
        Xb: characters of the contexts, with repeats, int64 (n, block_size).
        C: the embedding table, float (vocab_size, n_embd), dtype of demb; only its shape matters.

    Returns:
        dC, float (vocab_size, n_embd), dtype of demb. A loop over all places in Xb is fine; a loop over
        all characters around it is not.

    Example:
        >>> demb = torch.tensor([[[1.0, 1.0], [2.0, 3.0]]])
        >>> C_backward(demb, torch.tensor([[2, 2]]), torch.zeros(4, 2))
        tensor([[0., 0.],
                [0., 0.],
                [3., 4.],
                [0., 0.]])
    """
    ### BEGIN SOLUTION
    dC = torch.zeros_like(C, dtype=demb.dtype)
    for i in range(Xb.shape[0]):
        for t in range(Xb.shape[1]):
            dC[Xb[i, t]] += demb[i, t]
    return dC
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# Five rows against torch, and with them all 26 gradients of the lecture are yours. `db1` is nearly
# zero everywhere: batch normalization subtracts the mean, and with it whatever `b1` added. The
# picture shows which characters learn from one batch, and how much.


# %%
def plot_rows(dC, Xb, alphabet, path):
    """For each character: how often it occurs in the batch, and the size of its gradient."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.6), layout="constrained")
    top, bottom = figure.subplots(2, 1, sharex=True)
    top.bar(range(len(alphabet)), torch.bincount(Xb.flatten(), minlength=len(alphabet)))
    top.set(ylabel="occurrences")
    bottom.bar(range(len(alphabet)), dC.norm(dim=1), color="#D55E00")
    top.set_title("who learns from this batch")
    bottom.set(xlabel="character", ylabel="length of row of dC", xticks=range(len(alphabet)))
    bottom.set_xticklabels(list(alphabet))
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description="Your first layer backward, against torch.")
    parser.add_argument("--n", type=int, default=32, help="examples in the batch, at least 2")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.n <= 10_000:
        parser.error("--n: from 2 (one example alone has no variance) to 10,000")

    Xb, Yb, alphabet = names_batch(args.n)
    t, d = forward(Xb, Yb, len(alphabet))
    print(f"{args.n} examples, {len(alphabet)} characters, loss {t.loss:.4f}\n")
    compare(d, embcat_backward, d.hprebn, t.W1)
    compare(d, W1_backward, d.hprebn, t.embcat)
    compare(d, b1_backward, d.hprebn)
    compare(d, emb_backward, d.embcat, t.emb)
    compare(d, C_backward, d.emb, Xb, t.C)
    print(f"\nThe largest |db1| is {d.b1.abs().max():.0e}: a bias before batchnorm is useless.")
    try:
        dC = C_backward(d.emb, Xb, t.C)
    except NotImplementedError:
        return
    path = picture("05_backprop/who_learns.png")
    plot_rows(dC, Xb, alphabet, path)
    print(f"{path}: characters that are missing from the batch learn nothing from it.")


if __name__ == "__main__":
    main()
