# `hero check 03/1` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # From names to examples
#
# The bigram model looked at one character and guessed the next. Its guesses were poor, since one
# character says little. So let it look at three. Why not count again, then? With three it still
# works: 27 * 27 * 27 = 19,683 rows, most of them empty, but of 100 contexts in a new name 93 meet a
# full one. With five characters there are 14 million rows. Run this part and look at the picture it
# draws: the longer the context, the more often it has hardly been seen before.
#
# Bengio et al. (2003) do not count. They give each character a few numbers, its *embedding*, and
# let a network compute the guess from the numbers of the last characters. A context that never
# occurred still gets a sensible guess, because it lies close to others that did.
#
# First, though, the examples. For "emma" and three characters of context:
#
#       context  next          X            Y
#         ...  ->  e       0  0  0          5
#         ..e  ->  m       0  0  5         13
#         .em  ->  m       0  5 13         13
#         emm  ->  a       5 13 13          1
#         mma  ->  .      13 13  1          0
#
# What will go wrong: windows off by one, a context that still holds letters of the *previous* name,
# and the end of the name, the example ending in ".", forgotten.

# %%
import argparse
import random
import string
import sys
from collections import Counter

import torch
import torch.nn.functional as F  # noqa: F401  (there if you want it)

from data import DataError, load_names, picture

# %% [markdown]
# ## The vocabulary, given
#
# Index 0 is ".", which stands before and after each name; a is 1, z is 26.

# %%
itos = "." + "abcdefghijklmnopqrstuvwxyz"
stoi = {c: i for i, c in enumerate(itos)}

# %% [markdown]
# ## A window slides over one name
#
# Before the first letter the window holds only dots. Then, at each step, the oldest character
# leaves on the left, and the one just predicted comes in on the right.
#
#       [. . .] e m m a .        the window, and the e that comes next
#        . [. . e] m m a .       one to the right: next is m
#        . . [. e m] m a .       and so on, up to the last dot


# %%
def contexts(word, block_size):
    """All examples that a name gives: what was seen, and what came next.

    Args:
        word: a name, such as "emma"; at least one letter, without dots.
        block_size: how many characters the context has, an int >= 1. The name may be shorter.

    Returns:
        A list of pairs of strings (context, next), in order: one for each letter, and a last one
        whose next is ".". Each context has exactly block_size characters, dots on the left. The work
        grows with the length of the name.

    Example:
        >>> contexts("ava", 2)
        [('..', 'a'), ('.a', 'v'), ('av', 'a'), ('va', '.')]

    Source: lecture "MLP", rebuilding the training dataset.
    """
    # TODO 03.contexts: your code here (stuck? `hero hint 03.contexts`)
    raise NotImplementedError("03.contexts")


# %% [markdown]
# ## The same for all names, as numbers
#
# A network wants numbers, all in one tensor. Each name starts with a fresh window of zeros: the
# names are strangers to one another, and "mia" says nothing about the "ava" behind it.


# %%
def build_dataset(words, block_size):
    """The examples of all words as two tensors of character indices.

    Args:
        words: a list of at least one name; letters a to z only.
        block_size: how many characters of context, an int >= 1.

    Returns:
        (X, Y): X int64 (N, block_size), the contexts, oldest character first;
        Y int64 (N,), the character after each; N = number of letters + number of words.
        Examples are in the order of the words and of their letters; index 0 is ".",
        others as `stoi` says.

    Example:
        >>> X, Y = build_dataset(["ab", "c"], 2)
        >>> X
        tensor([[0, 0],
                [0, 1],
                [1, 2],
                [0, 0],
                [0, 3]])
        >>> Y
        tensor([1, 2, 0, 3, 0])

    Source: lecture "MLP", rebuilding the training dataset.
    """
    # TODO 03.build_dataset: your code here (stuck? `hero hint 03.build_dataset`)
    raise NotImplementedError("03.build_dataset")


# %% [markdown]
# ## Three piles of names
#
# A network with enough parameters can learn its training set by heart. So we keep names aside:
#
#       train  80 %   the parameters are fitted to these
#       dev    10 %   the choices (sizes, learning rate) are judged by these, often
#       test   10 %   touched once, at the very end; each look teaches *you* something about it
#
# The file is sorted (girls first, frequent names first), so shuffle before you cut, or the network
# trains on one kind of name and is judged by another. Shuffle a copy: the list is the caller's.


# %%
def split_words(words, seed=42):
    """Shuffles names and cuts them at 80 % and 90 %.

    Args:
        words: a list of names; it must stay as it is.
        seed: of the shuffle, an int.

    Returns:
        (train, dev, test), three lists: a copy of words is shuffled with
        random.Random(seed).shuffle and cut at the positions int(0.8 * n) and int(0.9 * n),
        where n = len(words).

    Example:
        >>> split_words(["emma", "ava", "mia", "zoe", "eve", "ida", "leo"])
        (['ava', 'zoe', 'eve', 'mia', 'leo'], ['emma'], ['ida'])

    Source: lecture "MLP", splitting up the dataset; it uses seed 42.
    """
    # TODO 03.split_words: your code here (stuck? `hero hint 03.split_words`)
    raise NotImplementedError("03.split_words")


# %% [markdown]
# ## First split, then build
#
# The order matters. Whoever builds all examples first and then splits *them* cuts through the
# middle of names: "oliv → i" lands in training, "livi → a" in dev, and the dev loss is an exam
# whose questions were in the homework.
#
#       names ── shuffle ── cut ──┬── build_dataset ── train
#                                 ├── build_dataset ── dev
#                                 └── build_dataset ── test


# %%
def build_splits(words, block_size, seed=42):
    """Examples for training, development and test; each entry of the list goes to one split.

    Args:
        words: a list of at least ten names; it must stay as it is.
        block_size: how many characters of context.
        seed: for split_words.

    Returns:
        A dict {"train": (X, Y), "dev": (X, Y), "test": (X, Y)}: the names are split by
        split_words(words, seed), then build_dataset makes the examples of each split. A name
        that is in the list twice may end up in two splits.

    Example (with the 32,033 names of the lecture, seed 42 and block_size 3):
        train 182,625 examples, dev 22,655, test 22,866

    Source: lecture "MLP", splitting up the dataset.
    """
    # TODO 03.build_splits: your code here (stuck? `hero hint 03.build_splits`)
    raise NotImplementedError("03.build_splits")


# %% [markdown]
# ## Look at it
#
# The first examples, the sizes of the splits, and the reason for all that follows: how many of the
# dev contexts occurred fewer than ten times in training. From nine occurrences a table of counts
# would have to guess the probabilities of 27 characters.


# %%
def rare(splits, enough=10):
    """The share of the dev contexts that occur fewer than `enough` times in training."""
    seen = Counter(tuple(x) for x in splits["train"][0].tolist())
    dev = [tuple(x) for x in splits["dev"][0].tolist()]
    return sum(seen[x] < enough for x in dev) / len(dev)


def plot_rare(shares, path):
    """Bars: the share of rare dev contexts for each block_size."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 3.4), layout="constrained")
    axes = figure.subplots()
    bars = axes.bar(list(shares), [100 * s for s in shares.values()], color="#0072B2")
    axes.bar_label(bars, labels=[f"{100 * s:.1f} %" for s in shares.values()])
    axes.set(xlabel="block_size", ylabel="% of dev contexts", ylim=(0, 100))
    axes.set_title("seen fewer than 10 times in training: too rare to count")
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Examples for a network, from names.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--block-size", type=int, default=3)
    parser.add_argument("--full", action="store_true", help="block_size up to 10, not only 6")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 1 <= args.block_size <= 50:
        parser.error("--block-size: from 1 to 50")

    names = load_names(args.data)
    if not set("".join(names)) <= set(string.ascii_lowercase) or len(names) < 10:
        parser.error("--data: at least 10 names, of the letters a to z only")
    for name in names[:2]:
        print(name)
        for context, c in contexts(name, args.block_size):
            print(f"   {context} -> {c}")

    splits = build_splits(names, args.block_size)
    print(f"\n{len(names):,} names, block_size {args.block_size}")
    for name, (X, _) in splits.items():
        print(f"   {name:<6} {len(X):>8,} examples, X {tuple(X.shape)}")

    shares = {}
    for block_size in range(1, 11 if args.full else 7):
        shares[block_size] = rare(build_splits(names, block_size))
        print(f"block_size {block_size}: {shares[block_size]:6.1%} of dev too rare", flush=True)
    path = picture("03_mlp/rare.png")
    plot_rare(shares, path)
    print(f"{path}: contexts a table of counts would know next to nothing about.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: this part runs when all four are there.")
    except DataError as error:
        sys.exit(str(error))
