# `hero check 05/1` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # From the loss back to the logits
#
# In lesson 01 you sent gradients through single numbers. Now the same chain rule goes through
# *tensors*: through the whole network of lesson 04, one atom at a time, without autograd. Here is
# the chain, forward to the right and down; you walk it backward, from the end:
#
#     emb ── embcat ── hprebn ─┬─────────────┬─ bndiff ─┬──────────────────────────────┬─ bnraw ─╮
#     C      W1 b1             ╰── bnmeani ──╯          ╰─ bndiff2 ── bnvar ── bnvar_inv         │
#     ╭──────────────────────────────────────────────────────────────────────────────────────────╯
#     ╰─ hpreact ── h ── logits ─┬───────────────┬─ norm_logits ── counts ──╮
#        bngain          W2      ╰─ logit_maxes ─╯                          │
#        bnbias          b2                                                 │
#     ╭─────────────────────────────────────────────────────────────────────╯
#     ╰─┬────────────────────────────────┬─ probs ── logprobs ── loss
#       ╰─ counts_sum ── counts_sum_inv ─╯
#
# Every function you write is called `X_backward` and returns `dX`, the gradient of the loss with
# respect to X. It is handed what is already known: the gradient of whatever X feeds into (the
# *upstream* gradient), and the values of the forward pass that it needs.
#
# Three rules carry you through all 26 gradients:
#
# 1. **dX has the shape of X.** Always. Often the shapes alone leave one way to write the line.
# 2. **Copied forward, summed backward; summed forward, copied backward.** Broadcasting is copying.
# 3. **Used twice: the gradients add up.** Where a tensor has two branches, both send something.
#
# What will go wrong: a number that looks plausible and has the wrong shape, because broadcasting
# never complains. Keep `(n, 1)` and `(n,)` apart and you are safe. Leave the arguments as they are,
# too: somebody upstream may still need them.

# %%
import argparse
import random
import sys
from types import SimpleNamespace

import torch
import torch.nn.functional as F

from data import load_names

# %% [markdown]
# ## The forward pass, given
#
# The last block, cross-entropy, is what this part takes apart. A real program writes
# `F.cross_entropy(logits, Yb)`; broken into atoms, each line is one small derivative. `n` is the
# number of examples in the batch, `vocab_size` the number of characters.


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
    """The forward pass in atoms. Returns (t, d): its tensors by name, and torch's gradients."""
    n, block_size = Xb.shape
    fan_in = block_size * n_embd
    g = torch.Generator().manual_seed(seed)
    t = SimpleNamespace()
    t.C = torch.randn(vocab_size, n_embd, generator=g)
    t.W1 = torch.randn(fan_in, n_hidden, generator=g) * (5 / 3) / fan_in**0.5
    t.b1 = torch.randn(n_hidden, generator=g) * 0.1
    t.bngain = torch.randn(1, n_hidden, generator=g) * 0.1 + 1
    t.bnbias = torch.randn(1, n_hidden, generator=g) * 0.1
    t.W2 = torch.randn(n_hidden, vocab_size, generator=g) * 0.1
    t.b2 = torch.randn(vocab_size, generator=g) * 0.1
    for parameter in vars(t).values():
        parameter.requires_grad_()

    # embedding
    t.emb = t.C[Xb]  # (n, block_size, n_embd)
    t.embcat = t.emb.view(n, -1)  # (n, fan_in)
    # first linear layer
    t.hprebn = t.embcat @ t.W1 + t.b1  # (n, n_hidden)
    # batch normalization
    t.bnmeani = 1 / n * t.hprebn.sum(0, keepdim=True)  # (1, n_hidden)
    t.bndiff = t.hprebn - t.bnmeani
    t.bndiff2 = t.bndiff**2
    t.bnvar = 1 / (n - 1) * t.bndiff2.sum(0, keepdim=True)  # (1, n_hidden), Bessel's n - 1
    t.bnvar_inv = (t.bnvar + 1e-5) ** -0.5
    t.bnraw = t.bndiff * t.bnvar_inv
    t.hpreact = t.bngain * t.bnraw + t.bnbias
    # nonlinearity
    t.h = torch.tanh(t.hpreact)
    # second linear layer
    t.logits = t.h @ t.W2 + t.b2  # (n, vocab_size)
    # cross-entropy
    t.logit_maxes = t.logits.max(1, keepdim=True).values  # (n, 1)
    t.norm_logits = t.logits - t.logit_maxes
    t.counts = t.norm_logits.exp()
    t.counts_sum = t.counts.sum(1, keepdim=True)  # (n, 1)
    t.counts_sum_inv = t.counts_sum**-1
    t.probs = t.counts * t.counts_sum_inv
    t.logprobs = t.probs.log()
    t.loss = -t.logprobs[range(n), Yb].mean()

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
# ## The loss picks n numbers
#
# `loss = -logprobs[range(n), Yb].mean()` looks at exactly one number in each row. Nudge any other:
# the loss does not notice. For n = 3 the loss is -(a + b + c) / 3, so nudging `a` by 0.01 changes
# the loss by -0.01 / 3.


# %%
def logprobs_backward(logprobs, Yb):
    """dlogprobs, where loss = -logprobs[range(n), Yb].mean().

    The chain starts here: the loss itself has gradient 1.

    Args:
        logprobs: log-probabilities, float (n, vocab_size).
        Yb: index of the character that really came next, int64 (n,).

    Returns:
        dlogprobs, float (n, vocab_size), dtype of logprobs.

    Example:
        >>> logprobs_backward(torch.zeros(2, 3), torch.tensor([2, 0]))
        tensor([[ 0.0000,  0.0000, -0.5000],
                [-0.5000,  0.0000,  0.0000]])

    Source: lecture "Becoming a Backprop Ninja", exercise 1 (as for all of this part).
    """
    # TODO 05.logprobs_backward: your code here (stuck? `hero hint 05.logprobs_backward`)
    raise NotImplementedError("05.logprobs_backward")


# %% [markdown]
# ## The logarithm
#
# Element by element, `d log(x) / dx = 1 / x`: a character that got a small probability although it
# was right has its gradient blown up. The local derivative always multiplies what comes from
# upstream; on its own it is only half of the chain rule.


# %%
def probs_backward(dlogprobs, probs):
    """dprobs, where logprobs = probs.log().

    Args:
        dlogprobs: gradient of the loss with respect to logprobs, float (n, vocab_size).
        probs: probabilities, all positive, float (n, vocab_size).

    Returns:
        dprobs, float (n, vocab_size).

    Example:
        >>> probs_backward(torch.tensor([[-1.0, 3.0]]), torch.tensor([[0.25, 0.75]]))
        tensor([[-4.,  4.]])
    """
    # TODO 05.probs_backward: your code here (stuck? `hero hint 05.probs_backward`)
    raise NotImplementedError("05.probs_backward")


# %% [markdown]
# ## A product that broadcasts
#
# `probs = counts * counts_sum_inv` multiplies (n, vocab_size) by (n, 1): torch copies each row's
# single number along its row first.
#
#     counts (2, 3)     counts_sum_inv (2, 1)     probs (2, 3)
#     a b c             x -> x x x                ax bx cx
#     d e f             y -> y y y                dy ey fy
#
# So `x` is used three times, and rule 3 says: add up its three gradients.


# %%
def counts_sum_inv_backward(dprobs, counts):
    """dcounts_sum_inv, where probs = counts * counts_sum_inv and counts_sum_inv is (n, 1).

    Args:
        dprobs: gradient of the loss with respect to probs, float (n, vocab_size).
        counts: float (n, vocab_size).

    Returns:
        dcounts_sum_inv, float (n, 1).

    Example:
        >>> dprobs = torch.tensor([[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]])
        >>> counts_sum_inv_backward(dprobs, torch.tensor([[1.0, 1.0, 2.0], [5.0, 6.0, 7.0]]))
        tensor([[ 9.],
                [-2.]])
    """
    # TODO 05.counts_sum_inv_backward: your code here (stuck? `hero hint 05.counts_sum_inv_backward`)
    raise NotImplementedError("05.counts_sum_inv_backward")


# %% [markdown]
# ## One over the sum
#
# The power rule, `d x**p / dx = p * x**(p - 1)`, with p = -1. Both the factor and the exponent
# change.


# %%
def counts_sum_backward(dcounts_sum_inv, counts_sum):
    """dcounts_sum, where counts_sum_inv = counts_sum**-1.

    Args:
        dcounts_sum_inv: gradient of the loss with respect to counts_sum_inv, float (n, 1).
        counts_sum: sums of the rows of counts, positive, float (n, 1).

    Returns:
        dcounts_sum, float (n, 1).

    Example:
        >>> counts_sum_backward(torch.tensor([[8.0], [-1.0]]), torch.tensor([[2.0], [1.0]]))
        tensor([[-2.],
                [ 1.]])
    """
    # TODO 05.counts_sum_backward: your code here (stuck? `hero hint 05.counts_sum_backward`)
    raise NotImplementedError("05.counts_sum_backward")


# %% [markdown]
# ## Two branches meet
#
# `counts` is used twice: directly in `probs = counts * counts_sum_inv`, and in
# `counts_sum = counts.sum(1, keepdim=True)`. In a sum every term has derivative 1, so each number
# of a row receives a copy of its row's `dcounts_sum`. Then rule 3.


# %%
def counts_backward(dprobs, counts_sum_inv, dcounts_sum):
    """dcounts: the sum of both branches, through probs and through counts_sum.

    Forward: counts_sum = counts.sum(1, keepdim=True)
             probs = counts * counts_sum_inv

    Args:
        dprobs: gradient of the loss with respect to probs, float (n, vocab_size).
        counts_sum_inv: float (n, 1).
        dcounts_sum: gradient of the loss with respect to counts_sum, float (n, 1).

    Returns:
        dcounts, float (n, vocab_size).

    Example:
        >>> dprobs = torch.tensor([[1.0, 2.0, 3.0]])
        >>> counts_backward(dprobs, torch.tensor([[0.5]]), torch.tensor([[10.0]]))
        tensor([[10.5000, 11.0000, 11.5000]])
    """
    # TODO 05.counts_backward: your code here (stuck? `hero hint 05.counts_backward`)
    raise NotImplementedError("05.counts_backward")


# %% [markdown]
# ## The exponential
#
# exp is its own derivative, and the forward pass has computed it already: it is called `counts`.


# %%
def norm_logits_backward(dcounts, counts):
    """dnorm_logits, where counts = norm_logits.exp().

    Args:
        dcounts: gradient of the loss with respect to counts, float (n, vocab_size).
        counts: exp(norm_logits), float (n, vocab_size).

    Returns:
        dnorm_logits, float (n, vocab_size).

    Example:
        >>> norm_logits_backward(torch.tensor([[2.0, -1.0]]), torch.tensor([[1.0, 0.5]]))
        tensor([[ 2.0000, -0.5000]])
    """
    # TODO 05.norm_logits_backward: your code here (stuck? `hero hint 05.norm_logits_backward`)
    raise NotImplementedError("05.norm_logits_backward")


# %% [markdown]
# ## Subtracting the maximum
#
# `norm_logits = logits - logit_maxes` keeps exp from overflowing. Subtracting any number from a
# whole row leaves the probabilities alone, so in the complete chain `dlogit_maxes` comes out as
# almost exactly zero; the table below shows about 1e-9. That is a fact about this chain, not about
# subtraction: your function is handed any upstream gradient, and must not know.


# %%
def logit_maxes_backward(dnorm_logits):
    """dlogit_maxes, where norm_logits = logits - logit_maxes and logit_maxes is (n, 1).

    Args:
        dnorm_logits: gradient of the loss with respect to norm_logits, float (n, vocab_size).

    Returns:
        dlogit_maxes, float (n, 1).

    Example:
        >>> logit_maxes_backward(torch.tensor([[1.0, 2.0, 3.0], [1.0, 0.0, -1.0]]))
        tensor([[-6.],
                [-0.]])
    """
    # TODO 05.logit_maxes_backward: your code here (stuck? `hero hint 05.logit_maxes_backward`)
    raise NotImplementedError("05.logit_maxes_backward")


# %% [markdown]
# ## Where the maximum sat
#
# `logits` is used twice as well: directly, and to find the maximum. A maximum copies one number of
# the row and forgets the others, so its gradient goes back to one place. If two are equally large,
# only the one that was picked gets it; to leave no doubt, you are told its index.


# %%
def logits_backward(dnorm_logits, dlogit_maxes, max_indices):
    """dlogits: the sum of both branches, through norm_logits and through logit_maxes.

    Forward: logit_maxes[i, 0] = logits[i, max_indices[i]]
             norm_logits = logits - logit_maxes

    Args:
        dnorm_logits: gradient of the loss with respect to norm_logits, float (n, vocab_size).
        dlogit_maxes: gradient of the loss with respect to logit_maxes, float (n, 1).
        max_indices: column where the maximum of each row was found, int64 (n,).

    Returns:
        dlogits, float (n, vocab_size). A new tensor: dnorm_logits stays as it is.

    Example:
        >>> dnorm_logits = torch.tensor([[1.0, 2.0, 3.0]])
        >>> logits_backward(dnorm_logits, torch.tensor([[10.0]]), torch.tensor([1]))
        tensor([[ 1., 12.,  3.]])
    """
    # TODO 05.logits_backward: your code here (stuck? `hero hint 05.logits_backward`)
    raise NotImplementedError("05.logits_backward")


# %% [markdown]
# ## Look at it: your eight gradients against torch's
#
# On a real batch of names, in float32. Each function is handed torch's own upstream gradient, so
# that a mistake stays in its own row. "Exact" is not required: two right ways to add up floats may
# differ in the last bit.


# %%
def main():
    parser = argparse.ArgumentParser(description="Your gradients of the loss against torch's.")
    parser.add_argument("--n", type=int, default=32, help="examples in the batch, at least 2")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 2 <= args.n <= 10_000:
        parser.error("--n: from 2 (one example alone has no variance) to 10,000")

    Xb, Yb, alphabet = names_batch(args.n)
    t, d = forward(Xb, Yb, len(alphabet))
    max_indices = t.logits.max(1).indices
    print(f"{args.n} examples, {len(alphabet)} characters, loss {t.loss:.4f}, ", end="")
    print(f"by F.cross_entropy {F.cross_entropy(t.logits, Yb):.4f}\n")
    compare(d, logprobs_backward, t.logprobs, Yb)
    compare(d, probs_backward, d.logprobs, t.probs)
    compare(d, counts_sum_inv_backward, d.probs, t.counts)
    compare(d, counts_sum_backward, d.counts_sum_inv, t.counts_sum)
    compare(d, counts_backward, d.probs, t.counts_sum_inv, d.counts_sum)
    compare(d, norm_logits_backward, d.counts, t.counts)
    compare(d, logit_maxes_backward, d.norm_logits)
    compare(d, logits_backward, d.norm_logits, d.logit_maxes, max_indices)
    largest = d.logit_maxes.abs().max().item()
    print(f"\nThe largest |dlogit_maxes| is {largest:.0e}: it hardly matters, as promised.")


if __name__ == "__main__":
    main()
