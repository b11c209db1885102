# `hero check 05/3` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Batch normalization, atom by atom
#
# The hard block. Every column of `hprebn` (one neuron, over the batch) is shifted to mean 0, scaled
# to variance 1, then stretched by `bngain` and moved by `bnbias`. Because mean and variance come
# from the batch, **each example influences all others**, and the gradient flows along every one of
# these paths:
#
#     hprebn ─┬────────────┬─ bndiff ─┬────────────────────────────────┬─ bnraw ── hpreact
#             ╰─ bnmeani ──╯          ╰─ bndiff2 ── bnvar ── bnvar_inv ╯   bngain, bnbias
#
# Count the arrows that leave each name: `hprebn` and `bndiff` are used twice. These are the two
# places where a branch gets forgotten.
#
# The variance here divides by n - 1, not by n (Bessel's correction): a sample's own mean sits
# closer to the sample than the true mean does, so dividing by n would come out too small on
# average. Keep the n - 1 in mind; it must appear in the backward pass as well.
#
# What will go wrong: statistics are (1, H), data are (n, H). Where the forward pass spreads a (1,
# H) over the batch, the backward pass sums over the batch; where it sums, the backward pass
# copies. Mind `keepdim`.

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
# Only batch normalization is taken apart here, in seven lines.


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
    embcat = torch.randn(vocab_size, n_embd, generator=g)[Xb].view(n, -1)
    W1 = torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * 0.1
    t = SimpleNamespace()
    t.hprebn = (embcat @ W1).requires_grad_()  # (n, n_hidden)
    t.bngain = (torch.randn(1, n_hidden, generator=g) * 0.1 + 1).requires_grad_()
    t.bnbias = (torch.randn(1, n_hidden, generator=g) * 0.1).requires_grad_()

    # batch normalization
    t.bnmeani = 1 / n * t.hprebn.sum(0, keepdim=True)  # (1, n_hidden)
    t.bndiff = t.hprebn - t.bnmeani
    t.bndiff2 = t.bndiff**2
    t.bnvar = 1 / (n - 1) * t.bndiff2.sum(0, keepdim=True)  # (1, n_hidden), Bessel's n - 1
    t.bnvar_inv = (t.bnvar + 1e-5) ** -0.5
    t.bnraw = t.bndiff * t.bnvar_inv
    t.hpreact = t.bngain * t.bnraw + t.bnbias
    # the rest, as in parts 1 and 2
    t.loss = F.cross_entropy(torch.tanh(t.hpreact) @ W2, Yb)

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
# ## Gain and bias
#
# `hpreact = bngain * bnraw + bnbias`, where `bngain` and `bnbias` are (1, H) and everything else is
# (n, H). Three gradients, and nothing that you have not seen in parts 1 and 2.


# %%
def bngain_backward(dhpreact, bnraw):
    """dbngain, where hpreact = bngain * bnraw + bnbias and bngain is (1, n_hidden).

    Args:
        dhpreact: gradient of the loss with respect to hpreact, float (n, n_hidden).
        bnraw: normalized activations, float (n, n_hidden).

    Returns:
        dbngain, float (1, n_hidden).

    Example:
        >>> bnraw = torch.tensor([[1.0, -1.0], [-1.0, 1.0]])
        >>> bngain_backward(torch.tensor([[5.0, 1.0], [2.0, 1.0]]), bnraw)
        tensor([[3., 0.]])

    Source: lecture "Becoming a Backprop Ninja", exercise 1 (as for all of this part).
    """
    # TODO 05.bngain_backward: your code here (stuck? `hero hint 05.bngain_backward`)
    raise NotImplementedError("05.bngain_backward")


# %%
def bnbias_backward(dhpreact):
    """dbnbias, where hpreact = bngain * bnraw + bnbias and bnbias is (1, n_hidden).

    Args:
        dhpreact: gradient of the loss with respect to hpreact, float (n, n_hidden).

    Returns:
        dbnbias, float (1, n_hidden).

    Example:
        >>> bnbias_backward(torch.tensor([[5.0, 1.0], [2.0, 1.0]]))
        tensor([[7., 2.]])
    """
    # TODO 05.bnbias_backward: your code here (stuck? `hero hint 05.bnbias_backward`)
    raise NotImplementedError("05.bnbias_backward")


# %%
def bnraw_backward(dhpreact, bngain):
    """dbnraw, where hpreact = bngain * bnraw + bnbias.

    Args:
        dhpreact: gradient of the loss with respect to hpreact, float (n, n_hidden).
        bngain: float (1, n_hidden).

    Returns:
        dbnraw, float (n, n_hidden).

    Example:
        >>> bnraw_backward(torch.tensor([[5.0, 1.0], [2.0, 1.0]]), torch.tensor([[10.0, -1.0]]))
        tensor([[50., -1.],
                [20., -1.]])
    """
    # TODO 05.bnraw_backward: your code here (stuck? `hero hint 05.bnraw_backward`)
    raise NotImplementedError("05.bnraw_backward")


# %% [markdown]
# ## The scale
#
# `bnraw = bndiff * bnvar_inv` is a product with two gradients. One of them ends here, in
# `bnvar_inv`; the other is the first of the two branches of `bndiff`, and waits for the second.
# Then `bnvar_inv = (bnvar + eps)**-0.5`: the power rule again.


# %%
def bnvar_inv_backward(dbnraw, bndiff):
    """dbnvar_inv, where bnraw = bndiff * bnvar_inv and bnvar_inv is (1, n_hidden).

    Args:
        dbnraw: gradient of the loss with respect to bnraw, float (n, n_hidden).
        bndiff: hprebn minus its mean over the batch, float (n, n_hidden).

    Returns:
        dbnvar_inv, float (1, n_hidden).

    Example:
        >>> bndiff = torch.tensor([[3.0, -1.0], [-3.0, 1.0]])
        >>> bnvar_inv_backward(torch.tensor([[2.0, 1.0], [1.0, 4.0]]), bndiff)
        tensor([[3., 3.]])
    """
    # TODO 05.bnvar_inv_backward: your code here (stuck? `hero hint 05.bnvar_inv_backward`)
    raise NotImplementedError("05.bnvar_inv_backward")


# %%
def bnvar_backward(dbnvar_inv, bnvar, eps=1e-5):
    """dbnvar, where bnvar_inv = (bnvar + eps)**-0.5.

    Args:
        dbnvar_inv: gradient of the loss with respect to bnvar_inv, float (1, n_hidden).
        bnvar: variance over the batch, not negative, float (1, n_hidden).
        eps: the small number that keeps a constant column from dividing by zero.

    Returns:
        dbnvar, float (1, n_hidden).

    Example:
        >>> bnvar_backward(torch.tensor([[16.0, 1.0]]), torch.tensor([[3.5, 0.5]]), eps=0.5)
        tensor([[-1.0000, -0.5000]])
    """
    # TODO 05.bnvar_backward: your code here (stuck? `hero hint 05.bnvar_backward`)
    raise NotImplementedError("05.bnvar_backward")


# %% [markdown]
# ## The variance
#
# `bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdim=True)`. A sum forward is a copy backward, and the
# factor in front stays in front.


# %%
def bndiff2_backward(dbnvar, bndiff2):
    """dbndiff2, where bnvar = 1 / (n - 1) * bndiff2.sum(0, keepdim=True).

    Args:
        dbnvar: gradient of the loss with respect to bnvar, float (1, n_hidden).
        bndiff2: squared differences from the mean, float (n, n_hidden), n >= 2.

    Returns:
        dbndiff2, float (n, n_hidden).

    Example:
        >>> bndiff2_backward(torch.tensor([[6.0, -2.0]]), torch.ones(3, 2))
        tensor([[ 3., -1.],
                [ 3., -1.],
                [ 3., -1.]])
    """
    # TODO 05.bndiff2_backward: your code here (stuck? `hero hint 05.bndiff2_backward`)
    raise NotImplementedError("05.bndiff2_backward")


# %% [markdown]
# ## Two branches meet, again
#
# `bndiff` goes into `bnraw = bndiff * bnvar_inv` and into `bndiff2 = bndiff**2`. Write each branch
# on paper first; then add.


# %%
def bndiff_backward(dbnraw, bnvar_inv, dbndiff2, bndiff):
    """dbndiff: the sum of both branches, through bnraw and through bndiff2.

    Forward: bndiff2 = bndiff**2
             bnraw = bndiff * bnvar_inv

    Args:
        dbnraw: gradient of the loss with respect to bnraw, float (n, n_hidden).
        bnvar_inv: one over the standard deviation, float (1, n_hidden).
        dbndiff2: gradient of the loss with respect to bndiff2, float (n, n_hidden).
        bndiff: float (n, n_hidden).

    Returns:
        dbndiff, float (n, n_hidden).

    Example:
        >>> dbnraw, bnvar_inv = torch.tensor([[1.0, 2.0]]), torch.tensor([[10.0, 10.0]])
        >>> dbndiff2, bndiff = torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, -1.0]])
        >>> bndiff_backward(dbnraw, bnvar_inv, dbndiff2, bndiff)
        tensor([[16., 16.]])
    """
    # TODO 05.bndiff_backward: your code here (stuck? `hero hint 05.bndiff_backward`)
    raise NotImplementedError("05.bndiff_backward")


# %% [markdown]
# ## The mean
#
# `bndiff = hprebn - bnmeani` first, with a (1, H) mean copied into each row, and a minus sign.
# Then `bnmeani = 1 / n * hprebn.sum(0, keepdim=True)`, where every example has a share of 1 / n.
# Here the factor is 1 / n: the correction belongs to the variance alone.


# %%
def bnmeani_backward(dbndiff):
    """dbnmeani, where bndiff = hprebn - bnmeani and bnmeani is (1, n_hidden).

    Args:
        dbndiff: gradient of the loss with respect to bndiff, float (n, n_hidden).

    Returns:
        dbnmeani, float (1, n_hidden).

    Example:
        >>> bnmeani_backward(torch.tensor([[1.0, -4.0], [2.0, 1.0]]))
        tensor([[-3.,  3.]])
    """
    # TODO 05.bnmeani_backward: your code here (stuck? `hero hint 05.bnmeani_backward`)
    raise NotImplementedError("05.bnmeani_backward")


# %%
def hprebn_backward(dbndiff, dbnmeani):
    """dhprebn: the sum of both branches, through bndiff and through bnmeani.

    Forward: bnmeani = 1 / n * hprebn.sum(0, keepdim=True)
             bndiff = hprebn - bnmeani

    Args:
        dbndiff: gradient of the loss with respect to bndiff, float (n, n_hidden).
        dbnmeani: gradient of the loss with respect to bnmeani, float (1, n_hidden).

    Returns:
        dhprebn, float (n, n_hidden).

    Example:
        >>> hprebn_backward(torch.tensor([[1.0, -4.0], [2.0, 1.0]]), torch.tensor([[10.0, 4.0]]))
        tensor([[ 6., -2.],
                [ 7.,  3.]])
    """
    # TODO 05.hprebn_backward: your code here (stuck? `hero hint 05.hprebn_backward`)
    raise NotImplementedError("05.hprebn_backward")


# %% [markdown]
# ## Look at it
#
# Nine rows against torch. The picture shows the gradient before and after the normalization: on
# the left, columns lean to one color (a neuron is pushed up or down as a whole); on the right they
# are balanced, because a shift of a whole column is exactly what normalization undoes.


# %%
def plot_gradients(dhpreact, dhprebn, path):
    """Two heat maps, (n, n_hidden) each, with the sum of each column below."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    axes = figure.subplots(2, 2, height_ratios=[3, 1], sharex=True, sharey="row")
    columns = zip(axes.T, (dhpreact, dhprebn), ("dhpreact", "dhprebn"), strict=True)
    for (top, bottom), grad, title in columns:
        limit = grad.abs().max()
        top.imshow(grad, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto")
        top.set(title=title, ylabel="example")
        bottom.bar(range(grad.shape[1]), grad.sum(0))
        bottom.axhline(0, linewidth=1)  # on the right the sums are nothing else
        bottom.set(xlabel="neuron", ylabel="sum")
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description="Your gradients of batchnorm against torch's.")
    parser.add_argument("--n", type=int, default=32, help="examples in the batch, at least 2")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.n <= 10_000:
        parser.error("--n: from 2 (one example alone has no variance) to 10,000")

    Xb, Yb, alphabet = names_batch(args.n)
    t, d = forward(Xb, Yb, len(alphabet))
    print(f"{args.n} examples, {len(alphabet)} characters, loss {t.loss:.4f}\n")
    compare(d, bngain_backward, d.hpreact, t.bnraw)
    compare(d, bnbias_backward, d.hpreact)
    compare(d, bnraw_backward, d.hpreact, t.bngain)
    compare(d, bnvar_inv_backward, d.bnraw, t.bndiff)
    compare(d, bnvar_backward, d.bnvar_inv, t.bnvar)
    compare(d, bndiff2_backward, d.bnvar, t.bndiff2)
    compare(d, bndiff_backward, d.bnraw, t.bnvar_inv, d.bndiff2, t.bndiff)
    compare(d, bnmeani_backward, d.bndiff)
    compare(d, hprebn_backward, d.bndiff, d.bnmeani)
    try:
        dhprebn = hprebn_backward(d.bndiff, d.bnmeani)
    except NotImplementedError:
        return
    path = picture("05_backprop/batchnorm.png")
    plot_gradients(d.hpreact, dhprebn, path)
    print(f"\n{path}: the bars below dhprebn are gone. Each column of the gradient sums to zero.")


if __name__ == "__main__":
    main()
