# %% [markdown]
# # Sampling: from counts to new names
#
# A row of the count matrix says what followed one character, and how often. Divide it by its
# sum and it is a probability distribution: what *could* follow. Roll a die with these
# probabilities, go to the row of what came up, roll again, until a dot comes up: a new name.
#
#     row '.' ──roll──▶ m ──▶ row 'm' ──roll──▶ a ──▶ row 'a' ──roll──▶ .      "ma"
#
# What will go wrong: one forgotten `keepdim=True`, and each *column* is divided by the sum of a row.
# No error, no warning. Only the names get longer and stranger, and who would look there?

# %%
import argparse
import sys

import torch
import torch.nn.functional as F  # noqa: F401  (there if you want it)

from data import DataError, load_names, picture

# %% [markdown]
# ## The counts, given
#
# The matrix of part 1 again, made a bit faster.


# %%
def count_matrix(words):
    """(N, itos): int32 (vocab_size, vocab_size) counts, and the dict from index to character."""
    itos = dict(enumerate("." + "".join(sorted(set("".join(words))))))
    stoi = {ch: i for i, ch in itos.items()}
    ids = torch.tensor([stoi[ch] for ch in "." + ".".join(words) + "."])
    size = len(itos)
    pairs = torch.bincount(ids[:-1] * size + ids[1:], minlength=size * size)
    return pairs.view(size, size).int(), itos


# %% [markdown]
# ## The rule of broadcasting
#
# To divide all rows at once you divide a `(27, 27)` tensor by one of another shape. PyTorch makes
# them fit by this rule: write the shapes below each other, *aligned on the right*. A missing place
# counts as 1. In each place the sizes must be equal, or one of them must be 1: that one is
# copied as often as needed.
#
#     27  27          27  27          5  1  4          3  2
#     27   1             27              3  1          2  3
#     ──────          ──────          ───────          ────
#     27  27          27  27          5  3  4          error
#
# The second example is the bug in waiting. It fits: the `27` is read as `1 27`, a *row*, copied
# down.


# %%
def broadcast_shape(a, b):
    """The shape that results from an operation on tensors of the shapes a and b.

    Args:
        a, b: shapes, tuples of non-negative ints; () is the shape of a single number.

    Returns:
        A tuple of ints. Where one size is 1, the other one counts (even if that is 0).

    Raises:
        ValueError: if the shapes cannot be broadcast.

    Example:
        >>> broadcast_shape((27, 27), (27, 1))
        (27, 27)
        >>> broadcast_shape((5, 1, 4), (3, 1))
        (5, 3, 4)
        >>> broadcast_shape((3, 2), (2, 3))
        Traceback (most recent call last):
        ValueError: sizes 3 and 2 do not fit

    Source: "Broadcasting semantics" in PyTorch's documentation.
    """
    ### BEGIN SOLUTION
    length = max(len(a), len(b))
    a = (1,) * (length - len(a)) + tuple(a)
    b = (1,) * (length - len(b)) + tuple(b)
    shape = []
    for size_a, size_b in zip(a, b, strict=True):
        if size_a != size_b and size_a != 1 and size_b != 1:
            raise ValueError(f"sizes {size_a} and {size_b} do not fit")
        shape.append(size_b if size_a == 1 else size_a)
    return tuple(shape)
    ### END SOLUTION


# %% [markdown]
# ## Normalize the rows
#
#     P = N / (sum of each row)           P[i].sum() == 1  for every i
#
# `N.sum(1)` adds along dimension 1, within each row, and returns shape `(27,)`. That dimension is gone, so
# broadcasting reads the result as a row: element [i, j] is divided by the sum of row *j*. With
# `keepdim=True` the shape is `(27, 1)`, a column, and [i, j] is divided by the sum of row *i*:
#
#     N.sum(1)                 N.sum(1, keepdim=True)
#      s0  s1  s2               s0  s0  s0
#      s0  s1  s2               s1  s1  s1
#      s0  s1  s2               s2  s2  s2
#
# Two more traps: integers cannot be divided in place (`N /= ...` is an error), and `N.float()` is
# N *itself* if N is float already, so that `/=` would then change the caller's counts.


# %%
def normalize_rows(N):
    """Each row of counts divided by its sum.

    Args:
        N: counts, int32 or float32 (vocab_size, vocab_size); each row has at least one count. It
            stays as it is.

    Returns:
        float32 (vocab_size, vocab_size); each row sums to 1.

    Example:
        >>> normalize_rows(torch.tensor([[1, 3], [5, 5]], dtype=torch.int32))
        tensor([[0.2500, 0.7500],
                [0.5000, 0.5000]])
    """
    ### BEGIN SOLUTION
    P = N.float()
    return P / P.sum(1, keepdim=True)
    ### END SOLUTION


# %% [markdown]
# ## Roll the die
#
# `torch.multinomial(probs, num_samples=1, replacement=True, generator=g)` draws an index: index i
# comes up with probability `probs[i]`. The *generator* is the die. Two generators made with the same seed
# give the same sequence of rolls, which makes an experiment repeatable. It only works if you hand it on,
# and never seed it anew in between.
#
# Taking the most likely index instead is no sampling: you would get the same name forever.


# %%
def sample_next(probs, generator):
    """Draws one index from a distribution.

    Args:
        probs: float (vocab_size,), non-negative, sums to 1.
        generator: a torch.Generator, the only source of randomness: what comes is settled by the state it is
            in (nothing is kept beside it). It moves on with each call.

    Returns:
        A Python int i, with probability probs[i]. Any way of drawing will do, as long as the indices
        come as often as they should and only the generator decides.

    Example:
        >>> g = torch.Generator().manual_seed(2147483647)
        >>> [sample_next(torch.tensor([0.0, 1.0, 0.0]), g) for _ in range(3)]
        [1, 1, 1]
    """
    ### BEGIN SOLUTION
    return torch.multinomial(probs, num_samples=1, replacement=True, generator=generator).item()
    ### END SOLUTION


# %% [markdown]
# ## Roll until the dot
#
# Begin at row 0, the dot: it says how names start. Draw, remember the letter, go to its row. When
# index 0 comes up the name is over. It can come up at once: then the name is empty.


# %%
def sample_name(P, itos, generator):
    """A new name, drawn letter by letter.

    Args:
        P: float (vocab_size, vocab_size); row i is the distribution of what follows character i. From
            every character the dot can be reached, in one step or several: every name ends.
        itos: dict from index to character; index 0 is '.', the beginning and the end.
        generator: a torch.Generator, the only source of randomness: the name is settled by the state it is
            in; how much is drawn from it is up to you.

    Returns:
        The name, a string without dots; it may be empty.

    Example:
        >>> P = torch.tensor([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
        >>> sample_name(P, {0: ".", 1: "a", 2: "l"}, torch.Generator())
        'al'
    """
    ### BEGIN SOLUTION
    name, ix = "", 0
    while True:
        ix = sample_next(P[ix], generator)
        if ix == 0:
            return name
        name += itos[ix]
    ### END SOLUTION


# %% [markdown]
# ## Run it on the names
#
# The names are not good. But compare them to those of a model that knows nothing, in which everything
# is equally likely: now you see what a single character of memory is worth. (They need not be the names of
# the video, even with its list and its seed: how torch draws changes from version to version.)
#
# The picture shows the table with and without `keepdim=True`, and beside each the sums of its rows: all 1
# on the left; on the right 7 for the row of the dot, and next to nothing for q and w. The
# names from that table come last.


# %%
def plot_normalized(tables, itos, path):
    """Each table as a heat map, with the sums of its rows as bars beside it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7 * len(tables), 5.6), layout="constrained")
    widths = [3, 1] * len(tables)
    axes = figure.subplots(1, 2 * len(tables), width_ratios=widths, sharey=True)
    chars = list(itos.values())
    axes[0].set_ylabel("first character")
    for k, (label, table) in enumerate(tables.items()):
        image, bars = axes[2 * k], axes[2 * k + 1]
        image.imshow(table, cmap="Blues", vmin=0, vmax=0.5, aspect="auto")
        image.set_xticks(range(len(chars)), chars, fontsize=8)
        image.set_yticks(range(len(chars)), chars, fontsize=8)
        image.set(title=label, xlabel="second character")
        bars.barh(range(len(chars)), table.sum(1), color="#0072B2")
        bars.axvline(1, color="black", linestyle="--", linewidth=1)
        bars.set(title="sum of row", xlabel="sum")
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="Samples names from bigram counts.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--full", action="store_true", help="as it is: this part always takes all")
    parser.add_argument("--seed", type=int, default=2147483647)
    parser.add_argument("--n", type=int, default=10, help="how many names")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.n < 0 or not 0 <= args.seed < 2**63:
        parser.error("--n and --seed: from 0 on, and no seed beyond 2**63")

    N, itos = count_matrix(load_names(args.data))
    size = len(itos)
    print(f"(27, 27) / (27, 1) → {broadcast_shape((27, 27), (27, 1))}: sums as a column, right")
    print(f"(27, 27) / (27,)   → {broadcast_shape((27, 27), (27,))}: sums as a row, the bug\n")

    P = normalize_rows(N)
    wrong = N.float() / N.sum(1)
    for label, Q in (("P", P), ("P without keepdim", wrong)):
        sums = Q.sum(1)
        print(f"{label}: rows sum to {sums.min():.4f} ... {sums.max():.4f}")
    path = picture("02_bigram/normalized.png")
    plot_normalized({"with keepdim=True": P, "without": wrong}, itos, path)
    print(f"{path}: the same counts, divided rightly and wrongly.")

    models = {
        "bigram model": P,
        "every character equally likely": torch.ones(size, size) / size,
        "without keepdim (sampling divides each row by its sum, too late)": wrong,
    }
    for label, Q in models.items():
        g = torch.Generator().manual_seed(args.seed)
        print(f"\n{label}:")
        print("  " + "  ".join(sample_name(Q, itos, g) or "(empty)" for _ in range(args.n)))


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the names come when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
