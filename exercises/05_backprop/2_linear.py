# `hero check 05/2` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # A linear layer and its tanh
#
# Part 1 ended at `dlogits`. Next upstream is `logits = h @ W2 + b2`, and above it
# `h = torch.tanh(hpreact)`: three gradients from one matrix product, and one from the nonlinearity.
#
# Nobody remembers where the transposes go. The shapes do. Take a tiny case and write it out:
#
#     logits = h @ W2               logits[0, 0] = h[0, 0] * W2[0, 0] + h[0, 1] * W2[1, 0]
#     (n, V)   (n, H) (H, V)        logits[0, 1] = h[0, 0] * W2[0, 1] + h[0, 1] * W2[1, 1]
#
# `h[0, 0]` appears in both lines, times `W2[0, 0]` and `W2[0, 1]`: the first *row* of W2. So
# `dh[0, 0] = dlogits[0, 0] * W2[0, 0] + dlogits[0, 1] * W2[0, 1]`, a row times a row, which is
# a matrix product with the transpose.
#
# What will go wrong: with square matrices a forgotten transpose runs happily and is silently
# wrong. The checks here never use square ones alone.

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
# Only the two lines that matter here are taken apart; before and after them, torch takes larger
# steps. `n` examples, `n_hidden` (H) neurons, `vocab_size` (V) characters.


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
    t = SimpleNamespace()
    t.hpreact = F.batch_norm(embcat @ W1, None, None, training=True).requires_grad_()
    t.W2 = (torch.randn(n_hidden, vocab_size, generator=g) * 0.1).requires_grad_()
    t.b2 = (torch.randn(vocab_size, generator=g) * 0.1).requires_grad_()

    # nonlinearity
    t.h = torch.tanh(t.hpreact)  # (n, n_hidden)
    # second linear layer
    t.logits = t.h @ t.W2 + t.b2  # (n, vocab_size)
    # the rest, as in part 1
    t.loss = F.cross_entropy(t.logits, Yb)

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
# ## Backward into the activations
#
# `dlogits` is (n, V), `W2` is (H, V), and `dh` must be (n, H), the shape of h. Only one product
# does that.


# %%
def h_backward(dlogits, W2):
    """dh, where logits = h @ W2 + b2.

    Args:
        dlogits: gradient of the loss with respect to logits, float (n, vocab_size).
        W2: weights, float (n_hidden, vocab_size).

    Returns:
        dh, float (n, n_hidden).

    Example:
        >>> W2 = torch.tensor([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]])
        >>> h_backward(torch.tensor([[1.0, 10.0, 100.0]]), W2)
        tensor([[201., 130.]])

    Source: lecture "Becoming a Backprop Ninja", exercise 1 (as for all of this part).
    """
    # TODO 05.h_backward: your code here (stuck? `hero hint 05.h_backward`)
    raise NotImplementedError("05.h_backward")


# %% [markdown]
# ## Backward into the weights
#
# The same trick, `dW2` being (H, V). One weight serves every example of the batch, and rule 3 of
# part 1 adds up what the examples say. Notice where that sum hides: inside the matrix product.


# %%
def W2_backward(dlogits, h):
    """dW2, where logits = h @ W2 + b2.

    Args:
        dlogits: gradient of the loss with respect to logits, float (n, vocab_size).
        h: hidden activations, float (n, n_hidden).

    Returns:
        dW2, float (n_hidden, vocab_size).

    Example:
        >>> dlogits = torch.tensor([[1.0, 10.0, 100.0], [1.0, 0.0, 0.0]])
        >>> W2_backward(dlogits, torch.tensor([[2.0, 3.0], [5.0, 0.0]]))
        tensor([[  7.,  20., 200.],
                [  3.,  30., 300.]])
    """
    # TODO 05.W2_backward: your code here (stuck? `hero hint 05.W2_backward`)
    raise NotImplementedError("05.W2_backward")


# %% [markdown]
# ## Backward into the bias
#
# `b2` has shape (V,). Adding it to an (n, V) matrix copies it into every row; copied forward,
# summed backward.


# %%
def b2_backward(dlogits):
    """db2, where logits = h @ W2 + b2 and b2 is (vocab_size,).

    Args:
        dlogits: gradient of the loss with respect to logits, float (n, vocab_size).

    Returns:
        db2, float (vocab_size,).

    Example:
        >>> b2_backward(torch.tensor([[1.0, 10.0, 100.0], [2.0, 20.0, 200.0]]))
        tensor([  3.,  30., 300.])
    """
    # TODO 05.b2_backward: your code here (stuck? `hero hint 05.b2_backward`)
    raise NotImplementedError("05.b2_backward")


# %% [markdown]
# ## Through the tanh
#
# `tanh'(x) = 1 - tanh(x)**2`, and tanh(x) is what the forward pass left in `h`. Where |h| is close
# to 1 the gradient nearly dies: the saturated neurons of lesson 04, seen from the other side.


# %%
def hpreact_backward(dh, h):
    """dhpreact, where h = torch.tanh(hpreact).

    Args:
        dh: gradient of the loss with respect to h, float (n, n_hidden).
        h: tanh(hpreact), float (n, n_hidden).

    Returns:
        dhpreact, float (n, n_hidden).

    Example:
        >>> hpreact_backward(torch.tensor([[4.0, 4.0, 4.0]]), torch.tensor([[0.0, 0.5, -1.0]]))
        tensor([[4., 3., 0.]])
    """
    # TODO 05.hpreact_backward: your code here (stuck? `hero hint 05.hpreact_backward`)
    raise NotImplementedError("05.hpreact_backward")


# %% [markdown]
# ## Look at it
#
# The table compares with torch. The picture shows how much of each gradient survives the tanh, for
# every neuron and example of a real batch: run it again with `--gain 4` to see saturation eat it.


# %%
def plot_survival(h, dh, dhpreact, path):
    """What fraction of the gradient passed the tanh, against the activation."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    alive = dh.abs() > 1e-8  # no ratio where nothing arrives
    left.plot(h[alive], dhpreact[alive] / dh[alive], ".", markersize=2)
    left.set(xlabel="h", ylabel="dhpreact / dh", title="what survives", ylim=(-0.05, 1.05))
    right.imshow(h.abs() > 0.97, cmap="gray", aspect="auto", interpolation="nearest")
    right.set(xlabel="neuron", ylabel="example", title="white: |h| > 0.97, next to nothing")
    figure.savefig(path, dpi=120)


def main():
    parser = argparse.ArgumentParser(description="Your linear layer backward, against torch.")
    parser.add_argument("--n", type=int, default=32, help="examples in the batch, at least 2")
    parser.add_argument("--gain", type=float, default=1.0, help="multiplies hpreact in the picture")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.n <= 10_000:
        parser.error("--n: from 2 (one example alone has no variance) to 10,000")

    Xb, Yb, alphabet = names_batch(args.n)
    t, d = forward(Xb, Yb, len(alphabet))
    print(f"{args.n} examples, {len(alphabet)} characters, loss {t.loss:.4f}\n")
    compare(d, h_backward, d.logits, t.W2)
    compare(d, W2_backward, d.logits, t.h)
    compare(d, b2_backward, d.logits)
    compare(d, hpreact_backward, d.h, t.h)

    h = torch.tanh(args.gain * t.hpreact)
    try:
        dhpreact = hpreact_backward(d.h, h)
    except NotImplementedError:
        return
    path = picture("05_backprop/tanh.png")
    plot_survival(h, d.h, dhpreact, path)
    print(f"\n{path}: a parabola. The further out h is, the less of the gradient comes through.")


if __name__ == "__main__":
    main()
