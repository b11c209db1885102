# `hero check 05/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Cross-entropy and batchnorm backward, in one line each
#
# Eight functions took you from the loss to `dlogits`, nine through batch normalization. Each atom
# was easy; the chain is slow and long. Do the calculus on paper for the whole block instead, and
# nearly everything cancels.
#
# Take one example with correct character y. Its loss is `-log(p[y])`, where `p = softmax(logits)`,
# which is
#
#     loss = -logits[y] + log(sum over j of exp(logits[j]))
#
# Differentiate that with respect to one logit i. The first term gives -1 if i = y, else nothing.
# The second gives exp(logits[i]) / sum = p[i]. That is all: **the probabilities, minus 1 at the
# right place.**
#
# Read it as forces. Each wrong character's logit is pushed down by the probability it was given,
# the right one is pulled up by what is missing to 1; pushes and pull balance, so each row of
# `dlogits` sums to zero. A perfect prediction feels no force at all.
#
# What will go wrong: the loss is a *mean* over n examples. And in the batchnorm line, `n` and
# `n - 1` both appear.

# %%
import argparse
import random
import sys

import torch
import torch.nn.functional as F

from data import load_names, picture

# %% [markdown]
# ## Cross-entropy
#
# You may use `F.softmax`: the probabilities are part of the forward pass. Or take exponentials
# yourself; then remember to subtract each row's maximum, some logits here are in the ten thousands.


# %%
def cross_entropy_backward(logits, Yb):
    """dlogits, where loss = F.cross_entropy(logits, Yb), the mean over the batch.

    Args:
        logits: float (n, vocab_size), values up to +-1e4.
        Yb: index of the character that really came next, int64 (n,).

    Returns:
        dlogits, float (n, vocab_size), dtype of logits.

    Example:
        >>> cross_entropy_backward(torch.zeros(2, 4), torch.tensor([0, 3]))
        tensor([[-0.3750,  0.1250,  0.1250,  0.1250],
                [ 0.1250,  0.1250,  0.1250, -0.3750]])

    Source: lecture "Becoming a Backprop Ninja", exercise 2.
    """
    # TODO 05.cross_entropy_backward: your code here (stuck? `hero hint 05.cross_entropy_backward`)
    raise NotImplementedError("05.cross_entropy_backward")


# %% [markdown]
# ## Batch normalization
#
# Follow one column (one neuron) and write `x` for its hprebn, `g` for the gradient that arrives at
# bnraw, that is `bngain * dhpreact`, and `s` for bnvar_inv. Three paths lead from the loss to
# `x[i]`:
#
#     directly                s * g[i]
#     through the mean        when x[i] rises, every x̂ drops a little: minus s * (mean of g)
#     through the variance    when x[i] moves outward, every x̂ shrinks: minus s * x̂[i] * (what?)
#
# Here x̂ is bnraw. The third line is yours. Multiply your atoms of part 3 on paper, from dbnraw
# over dbnvar_inv, dbnvar and dbndiff2 to dbndiff: the -0.5 meets the 2, and (bnvar + eps)**-1.5 is
# s * s * s, of which two turn a bndiff into a bnraw each. (From the variance the path could go on
# into the mean, but there it adds up `bndiff` over the batch, and that sum is zero.)
#
# One line of code then holds the three paths, for all columns at once. Had the forward pass divided
# by n instead of n - 1, as torch's own BatchNorm1d does, it would look even simpler: lesson 04's
# Bessel question comes back here as one factor.


# %%
def batchnorm_backward(dhpreact, bngain, bnraw, bnvar_inv):
    """dhprebn, through the whole of batch normalization.

    Forward: bnmeani = hprebn.mean(0, keepdim=True)
             bnvar = hprebn.var(0, keepdim=True, unbiased=True)    # divides by n - 1
             bnvar_inv = (bnvar + 1e-5)**-0.5
             bnraw = (hprebn - bnmeani) * bnvar_inv
             hpreact = bngain * bnraw + bnbias

    Args:
        dhpreact: gradient of the loss with respect to hpreact, float (n, n_hidden), n >= 2.
        bngain: float (1, n_hidden).
        bnraw: normalized activations of this forward pass, float (n, n_hidden).
        bnvar_inv: one over the standard deviation, float (1, n_hidden).

    Returns:
        dhprebn, float (n, n_hidden).

    Example:
        >>> bnraw = torch.tensor([[-1.0], [0.0], [1.0]])
        >>> dhpreact, one = torch.tensor([[3.0], [0.0], [0.0]]), torch.ones(1, 1)
        >>> batchnorm_backward(dhpreact, one, bnraw, one)
        tensor([[ 0.5000],
                [-1.0000],
                [ 0.5000]])

    Source: lecture "Becoming a Backprop Ninja", exercise 3.
    """
    # TODO 05.batchnorm_backward: your code here (stuck? `hero hint 05.batchnorm_backward`)
    raise NotImplementedError("05.batchnorm_backward")


# %% [markdown]
# ## Look at it
#
# Both lines against torch, on a real batch; then the forces themselves, drawn with your function.


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
    """The network of lesson 04, untrained: its tensors by name, torch's gradients in .grad."""
    g = torch.Generator().manual_seed(seed)
    n, fan_in = Xb.shape[0], Xb.shape[1] * n_embd
    embcat = torch.randn(vocab_size, n_embd, generator=g)[Xb].view(n, -1)
    W1 = torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * 0.1
    t = {"hprebn": (embcat @ W1).requires_grad_()}
    t["bngain"] = torch.randn(1, n_hidden, generator=g) * 0.1 + 1
    t["bnvar_inv"] = (t["hprebn"].var(0, keepdim=True) + 1e-5) ** -0.5
    t["bnraw"] = (t["hprebn"] - t["hprebn"].mean(0, keepdim=True)) * t["bnvar_inv"]
    t["hpreact"] = t["bngain"] * t["bnraw"]
    t["logits"] = torch.tanh(t["hpreact"]) @ W2
    t["loss"] = F.cross_entropy(t["logits"], Yb)
    for tensor in t.values():
        if tensor.requires_grad:
            tensor.retain_grad()
    t["loss"].backward()  # the judge of the table; your functions may not call it
    return t


def compare(name, yours, torchs):
    """One row of the table: your gradient against torch's."""
    if yours.shape != torchs.shape:
        print(f"{name:<10} has shape {tuple(yours.shape)}, should have {tuple(torchs.shape)}")
        return
    close = torch.allclose(yours, torchs, atol=1e-7)
    furthest = (yours - torchs).abs().max()
    print(f"{name:<10} close: {'yes' if close else 'NO':<5} off by at most {furthest:.1e}")


def plot_forces(dlogits, Yb, alphabet, path):
    """dlogits as an image, and its first row as bars: who is pulled up, who is pushed down."""
    from matplotlib.figure import Figure

    n, vocab_size = dlogits.shape
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=[1.1, 1])
    limit = 3 / vocab_size  # the one large force in each row is simply dark
    left.imshow(-dlogits * n, cmap="RdBu", vmin=-limit, vmax=limit, aspect="auto")
    left.set(title="-dlogits * n: the force on each logit", ylabel="example")
    colors = ["#0072B2" if i == Yb[0] else "#D55E00" for i in range(vocab_size)]
    right.bar(range(vocab_size), -dlogits[0] * n, color=colors)
    right.axhline(0, color="black", linewidth=0.8)
    right.set(title=f"example 0: '{alphabet[Yb[0]]}' was right; sum 0", ylabel="force")
    for axes in (left, right):
        axes.set_xlabel("next character")
        axes.set_xticks(range(vocab_size), list(alphabet), fontsize=9)
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(
        description="The two short gradients, and a picture of forces."
    )
    parser.add_argument("--n", type=int, default=32, help="examples in the batch, at least 2")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.n <= 10_000:
        parser.error("--n: from 2 (one example alone has no variance) to 10,000")

    Xb, Yb, alphabet = names_batch(args.n)
    t = forward(Xb, Yb, len(alphabet))
    print(f"{args.n} examples, {len(alphabet)} characters, loss {t['loss']:.4f}\n")
    try:
        with torch.no_grad():
            arguments = (t["hpreact"].grad, t["bngain"], t["bnraw"], t["bnvar_inv"])
            compare("dhprebn", batchnorm_backward(*arguments), t["hprebn"].grad)
    except NotImplementedError:
        print("dhprebn    still a TODO")
    try:
        dlogits = cross_entropy_backward(t["logits"].detach(), Yb)
    except NotImplementedError:
        print("dlogits    still a TODO")
        return
    compare("dlogits", dlogits, t["logits"].grad)
    path = picture("05_backprop/dlogits.png")
    plot_forces(dlogits, Yb, alphabet, path)
    print(f"\nRows of dlogits sum to {dlogits.sum(1).abs().max():.0e}: the forces balance.")
    print(f"{path}: one blue dot in each row is the character that is pulled up.")


if __name__ == "__main__":
    main()
