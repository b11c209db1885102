# `hero check 02/6` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # E01: two characters of context
#
# A bigram model sees `a` and has forgotten what came before. A *trigram* model sees two characters and
# predicts the third. By counting: a cube of 27 x 27 x 27 numbers. As a network: one row of weights
# for each of the 27 * 27 contexts.
#
#     ..→e   .e→m   em→m   mm→a   ma→.
#
# A name begins with *two* dots and ends with one. So there are exactly as many predictions as before, one
# for each letter and one for the end, and the loss can be compared with the bigram's. On the lecture's
# names 2.454 becomes 2.186, or 2.190 smoothed by 0.1, or 2.213 smoothed by 1.
#
# What will go wrong: a window that is not set back to `..` walks from one name into the next; and
# a cube has three dimensions to sum over, two of which are wrong.

# %%
import argparse
import random
import sys

import torch
import torch.nn.functional as F

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## Examples
#
# The context is a window: it starts as two dots, and after each letter it moves on by one.


# %%
def trigram_examples(words, stoi):
    """All trigrams of the words: contexts and what follows.

    Args:
        words: list of at least one string, without '.'; a word may be empty.
        stoi: dict from character to index. '.', whatever its index is, pads the beginning of each
            word (twice) and ends it (once).

    Returns:
        (xs, ys): xs int64 (n, 2), the two characters before, the older one first; ys int64 (n,),
        the next character. A word of k letters gives k + 1 examples. Words in their order, letters
        in theirs.

    Example:
        >>> xs, ys = trigram_examples(["ab"], {".": 0, "a": 1, "b": 2})
        >>> xs.tolist(), ys.tolist()
        ([[0, 0], [0, 1], [1, 2]], [1, 2, 0])

    Source: lecture, E01.
    """
    # TODO 02.trigram_examples: your code here (stuck? `hero hint 02.trigram_examples`)
    raise NotImplementedError("02.trigram_examples")


# %% [markdown]
# ## The cube
#
# `N[a, b, c]`: how often c followed a, b. With 230,000 examples a Python loop takes a while. But be careful
# with `N[a, b, c] += 1` on whole tensors of indices: an address that stands in them many times is
# raised only *once*. `N.index_put_(indices, values, accumulate=True)` adds them all (a tuple of index
# tensors, and values of N's dtype); `torch.bincount` is another way.


# %%
def trigram_counts(xs, ys, vocab_size):
    """How often each character follows each context.

    Args:
        xs: int64 (n, 2), contexts, the older character first.
        ys: int64 (n,), what followed.
        vocab_size: an int; indices are below it, but the highest ones need not occur.

    Returns:
        int32 (vocab_size, vocab_size, vocab_size): element [a, b, c] counts c after a, b.

    Example:
        >>> N = trigram_counts(torch.tensor([[0, 1], [0, 1]]), torch.tensor([1, 1]), 2)
        >>> N[0, 1].tolist(), N.sum().item()
        ([0, 2], 2)
    """
    # TODO 02.trigram_counts: your code here (stuck? `hero hint 02.trigram_counts`)
    raise NotImplementedError("02.trigram_counts")


# %% [markdown]
# ## Probabilities
#
# For each context, the numbers over the *next* character must sum to one. Of 729 contexts one in six
# was never seen (some cannot be: a letter, then a dot). With alpha > 0 they become uniform, with
# alpha = 0 they would be 0 / 0.


# %%
def trigram_probs(N, alpha):
    """The distribution of the next character for each context, smoothed.

    Args:
        N: counts, int32 (vocab_size, vocab_size, vocab_size). Stays as it is.
        alpha: fake counts for each cell, a number from 1e-6 to 1e6 (not always a whole one).

    Returns:
        float32, shape of N; for each a, b the numbers P[a, b] sum to 1.

    Example:
        >>> N = torch.zeros(2, 2, 2, dtype=torch.int32)
        >>> N[0, 1, 1] = 2
        >>> trigram_probs(N, 1)[0]
        tensor([[0.5000, 0.5000],
                [0.2500, 0.7500]])
    """
    # TODO 02.trigram_probs: your code here (stuck? `hero hint 02.trigram_probs`)
    raise NotImplementedError("02.trigram_probs")


# %% [markdown]
# ## The loss
#
# As in part 3: look up what the model gave to each character that really came, take logarithms, average,
# change the sign. A model that says "impossible" to something that happens has lost everything: its loss is
# inf. That is the truth about it, so do not hide it behind a small number added here.


# %%
def trigram_nll(P, xs, ys):
    """The average negative log-likelihood of the examples.

    Args:
        P: float (vocab_size, vocab_size, vocab_size); P[a, b, c] is the probability of c after a, b.
        xs: int64 (n, 2), contexts.
        ys: int64 (n,), what followed; n >= 1.

    Returns:
        A float (a tensor with no dimensions will do); inf if an example has probability 0.

    Example:
        >>> P = torch.full((2, 2, 2), 0.5)
        >>> P[0, 1] = torch.tensor([0.25, 0.75])
        >>> round(float(trigram_nll(P, torch.tensor([[0, 1], [1, 1]]), torch.tensor([0, 0]))), 4)
        1.0397
    """
    # TODO 02.trigram_nll: your code here (stuck? `hero hint 02.trigram_nll`)
    raise NotImplementedError("02.trigram_nll")


# %% [markdown]
# ## The network
#
# The bigram network had a row of weights for each character. Now it has one for each *pair*: number the
# pairs from 0 to 27 * 27 - 1, as digits of a number in base 27:
#
#     row of (a, b)  =  27 * a + b
#
# and take that row. Logits again: `F.cross_entropy` makes the loss of them. (Two one-hot vectors side
# by side, 54 inputs, are a network too, but a weaker one: it can only add up what each character says on
# its own.)


# %%
def trigram_logits(xs, W):
    """The logits of the next character, a row of W for each context.

    Args:
        xs: int64 (n, 2), contexts, the older character first.
        W: weights, float (vocab_size**2, vocab_size): row vocab_size * a + b belongs to context a, b.

    Returns:
        Float (n, vocab_size), dtype of W. Gradients flow back to W, and add up for contexts that
        occur more than once.

    Example:
        >>> W = torch.tensor([[0.0, 0.1], [1.0, 1.1], [2.0, 2.1], [3.0, 3.1]])
        >>> trigram_logits(torch.tensor([[1, 0], [0, 1]]), W)
        tensor([[2.0000, 2.1000],
                [1.0000, 1.1000]])

    Source: lecture, E01.
    """
    # TODO 02.trigram_logits: your code here (stuck? `hero hint 02.trigram_logits`)
    raise NotImplementedError("02.trigram_logits")


# %% [markdown]
# ## Run it on the names
#
# Counting takes no time. The network goes downhill as in part 4, on 6,000 names by default; many of its rows
# are seldom visited and learn slowly, so it stays a little behind: 2.200 on the lecture's names
# with `--full` (all names, 2,500 steps, two or three minutes).


# %%
def train(W, xs, ys, steps, lr):
    """Gradient descent as in part 4, with cross-entropy. Returns the losses."""
    losses = []
    with progress(steps, "training") as bar:
        for _ in range(steps):
            loss = F.cross_entropy(trigram_logits(xs, W), ys)
            W.grad = None
            loss.backward()
            W.data -= lr * W.grad
            losses.append(loss.item())
            bar.update(loss=losses[-1])
    return losses


def sample(P, itos, generator):
    """A new name from P (vocab_size, vocab_size, vocab_size)."""
    a, b, name = 0, 0, ""
    while True:
        c = int(torch.multinomial(P[a, b], 1, generator=generator))
        if c == 0:
            return name
        name += itos[c]
        a, b = b, c


def plot_losses(losses, goals, path):
    """The network's loss curve, and lines for what counting reaches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.8), layout="constrained")
    axes = figure.subplots()
    axes.plot(losses, label="network, trigrams")
    for (label, goal), style in zip(goals.items(), ("--", ":"), strict=True):
        axes.axhline(
            goal, color="black", linewidth=1, linestyle=style, label=f"{label}, {goal:.3f}"
        )
    axes.set(xlabel="step", ylabel="loss", title="one more character of context")
    axes.legend()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Counts and trains a trigram model.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--names", type=int, default=6_000, help="how many names train the network")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--full", action="store_true", help="all names, 2,500 steps")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.names < 1 or args.steps < 1:
        parser.error("--names and --steps: at least 1")

    words = load_names(args.data)
    itos = dict(enumerate("." + "".join(sorted(set("".join(words))))))
    stoi = {ch: i for i, ch in itos.items()}
    size = len(stoi)
    xs, ys = trigram_examples(words, stoi)
    N = trigram_counts(xs, ys, size)
    print(
        f"all {len(words):,} names, {len(xs):,} examples, {(N.sum(2) == 0).sum()} contexts unseen"
    )
    for alpha in (1e-6, 0.1, 1.0):
        print(f"  counting + {alpha:<6g} {trigram_nll(trigram_probs(N, alpha), xs, ys):.4f}")

    if not args.full:
        words = random.Random(42).sample(words, min(args.names, len(words)))
        xs, ys = trigram_examples(words, stoi)
        N = trigram_counts(xs, ys, size)
    raw = trigram_nll(trigram_probs(N, 1e-6), xs, ys)
    pairs = N.sum(0).double() + 1e-6
    bigram = -(pairs / pairs.sum(1, keepdim=True))[xs[:, 1], ys].log().mean().item()
    W = torch.zeros(size * size, size, requires_grad=True)
    print(f"\nthe network, on {len(words):,} names:")
    losses = train(W, xs, ys, 2_500 if args.full else args.steps, lr=75.0)
    print(f"network {losses[-1]:.4f}, counting {raw:.4f}, counting bigrams {bigram:.4f}")

    P = F.softmax(W.detach(), dim=1).view(size, size, size)
    g = torch.Generator().manual_seed(2147483647)
    print("\nthe network's names: " + "  ".join(sample(P, itos, g) for _ in range(10)))
    path = picture("02_bigram/trigram.png")
    plot_losses(losses, {"counting, bigrams": bigram, "counting, trigrams": raw}, path)
    print(f"{path}: when does it pass the bigrams?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the run starts when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
