# %% [markdown]
# # Counting: which letter follows which?
#
# A *language model* says how likely each next character is, given what came before. The simplest one
# that works looks back at a single character. You can build it without any learning: go
# through a long list of names and count.
#
#     emma   →   . e   e m   m m   m a   a .
#                ─┬─                     ─┬─
#                 a name begins with e    a name ends after a
#
# Each pair is a *bigram*. The dot marks both ends, so that beginnings and endings are counted
# like everything else: "how often does a name start with e?" is just the count of `. e`.
#
# What will go wrong: a dot forgotten at one end, pairs that join the end of one name to the start of
# the next, and a table with its rows and columns swapped, which looks just as pretty.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F  # noqa: F401  (there if you want it)

from data import DataError, load_names, picture

# %% [markdown]
# ## A number for each character
#
# Tensors are indexed with integers, so every character gets one. Two dicts translate: `stoi`
# (string to integer) and `itos` (integer to string). The dot comes first, the others follow in
# sorted order: `. a b c ...` become `0 1 2 3 ...`. Sorted, because a Python `set` of strings has no
# order to rely on: it may change each time the program starts, and a model saved yesterday would
# read nonsense today.


# %%
def vocabulary(words):
    """The characters of the words, numbered; '.' is number 0.

    Args:
        words: list of strings, none of which contains '.'.

    Returns:
        (stoi, itos): stoi is a dict from character to int, with '.' at 0 and the characters that
        occur in the words at 1, 2, 3, ... in sorted order (that of Python's `sorted`). itos is the
        dict the other way round, from int to character.

    Example:
        >>> stoi, itos = vocabulary(["emma", "ava"])
        >>> stoi
        {'.': 0, 'a': 1, 'e': 2, 'm': 3, 'v': 4}
        >>> itos[3]
        'm'
    """
    ### BEGIN SOLUTION
    chars = sorted(set("".join(words)))
    stoi = {".": 0}
    for i, ch in enumerate(chars):
        stoi[ch] = i + 1
    itos = {i: ch for ch, i in stoi.items()}
    return stoi, itos
    ### END SOLUTION


# %% [markdown]
# ## One name as bigrams
#
# Put a dot at both ends and look at it through a window two characters wide. A name of n letters
# has n + 1 bigrams:
#
#     . a v a .          all but the last:   . a v a
#     └─┘                all but the first:  a v a .
#       └─┘
#         └─┘            zip puts the two together, pair by pair
#           └─┘


# %%
def bigrams(word):
    """The bigrams of one word, with a '.' at its beginning and its end.

    Args:
        word: a string of any length; it contains no '.'.

    Returns:
        A list of len(word) + 1 pairs (first, second) of characters, in order.

    Example:
        >>> bigrams("ava")
        [('.', 'a'), ('a', 'v'), ('v', 'a'), ('a', '.')]
        >>> bigrams("")
        [('.', '.')]
    """
    ### BEGIN SOLUTION
    return list(zip("." + word, word + ".", strict=True))
    ### END SOLUTION


# %% [markdown]
# ## A dict of counts
#
# The first way to count: a dict whose keys are bigrams. `counts.get(pair, 0)` is the count so far, and 0
# for a pair that is new. Call `bigrams` for each word on its own: the last letter of one name
# and the first of the next have nothing to do with each other.


# %%
def count_bigrams(words):
    """How often each bigram occurs in the words.

    Args:
        words: list of strings.

    Returns:
        A dict from pairs (first, second) of characters to int. Only bigrams that occur are in it.
        The work grows with the length of the words.

    Example:
        >>> count_bigrams(["ava", "a"])
        {('.', 'a'): 2, ('a', 'v'): 1, ('v', 'a'): 1, ('a', '.'): 2}
    """
    ### BEGIN SOLUTION
    counts = {}
    for word in words:
        for pair in bigrams(word):
            counts[pair] = counts.get(pair, 0) + 1
    return counts
    ### END SOLUTION


# %% [markdown]
# ## A matrix of counts
#
# A table is much handier: row = first character, column = second.
#
#                 second
#                 .  a  v
#           .  [  0  2  0 ]    ← how names begin
#     first a  [  2  0  1 ]    ← what follows an a
#           v  [  0  1  0 ]
#                 ↑
#                 how names end
#
# Now "everything that follows an a" is a whole row, `N[stoi["a"]]`. With 26 letters and the dot, N
# is 27 x 27. Fill it by a plain loop over all bigrams: `N[xs, ys] += 1` with lists of indices looks
# clever, but counts a pair only once however often it is in the lists.


# %%
def count_matrix(words, stoi):
    """The bigram counts as a matrix.

    Args:
        words: list of strings.
        stoi: dict from character to index, 0 ... vocab_size - 1; '.' is in it. It may know characters
            that do not occur in the words.

    Returns:
        int32 (vocab_size, vocab_size): element [i, j] counts how often the character with index j
        follows the character with index i. The words are not gone through for each element.

    Example:
        >>> count_matrix(["ava", "a"], {".": 0, "a": 1, "v": 2})
        tensor([[0, 2, 0],
                [2, 0, 1],
                [0, 1, 0]], dtype=torch.int32)
    """
    ### BEGIN SOLUTION
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for word in words:
        for first, second in bigrams(word):
            N[stoi[first], stoi[second]] += 1
    return N
    ### END SOLUTION


# %% [markdown]
# ## A heat map
#
# A picture of N: the darker a cell, the more often its bigram occurs. `imshow` draws row i at
# *height* i and column j at *horizontal* place j. So element [i, j] lands at x = j, y = i: the other
# way round from how you write the index, and the classic way to put all labels at the wrong place.
#
#     N[i, j]          x = j →
#                y = i  ┌────┬────┐
#                  ↓    │ .. │ .a │
#                       ├────┼────┤
#                       │ a. │ aa │
#                       └────┴────┘


# %%
def cell_labels(N, itos):
    """What to write into each cell of the heat map, and where.

    Args:
        N: int32 (vocab_size, vocab_size), the count matrix.
        itos: dict from index to character.

    Returns:
        A list of tuples (x, y, text, count), one for each element of N, in any order. x and y
        say where imshow draws the element; text is the bigram as a string of two characters;
        count is a Python int.

    Example:
        >>> cell_labels(torch.tensor([[0, 7], [2, 5]]), {0: ".", 1: "a"})
        [(0, 0, '..', 0), (1, 0, '.a', 7), (0, 1, 'a.', 2), (1, 1, 'aa', 5)]
    """
    ### BEGIN SOLUTION
    size = N.shape[0]
    return [(j, i, itos[i] + itos[j], N[i, j].item()) for i in range(size) for j in range(size)]
    ### END SOLUTION


# %% [markdown]
# ## Run it on the names
#
# Look at three places. The first column: how names end, with a, n and e far ahead. The first row:
# how they begin. And the row of q: most of it is `qu`, or the end of the name.


# %%
def plot_counts(N, itos, path):
    """The heat map, with your labels in its cells."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(16, 16), layout="constrained")
    axes = figure.subplots()
    axes.imshow(N, cmap="Blues")
    most = int(N.max())
    for x, y, text, count in cell_labels(N, itos):
        color = "white" if count > most / 2 else "gray" if count == 0 else "black"
        axes.text(x, y, text, ha="center", va="bottom", color=color, fontsize=10)
        axes.text(x, y, str(count), ha="center", va="top", color=color, fontsize=9)
    chars = [itos[i] for i in range(len(itos))]
    axes.set_xticks(range(len(chars)), chars)
    axes.set_yticks(range(len(chars)), chars)
    axes.set(xlabel="second character", ylabel="first character")
    axes.set_title("how often each bigram occurs")
    figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="Counts the bigrams of the names.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--full", action="store_true", help="as it is: this part always takes all")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)

    words = load_names(args.data)
    stoi, itos = vocabulary(words)
    print(f"{len(words):,} names, {len(stoi)} characters: {''.join(stoi)}")
    print("ava: " + "  ".join(a + b for a, b in bigrams("ava")))

    counts = count_bigrams(words)
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    cells = len(stoi) ** 2
    print(f"\n{sum(counts.values()):,} bigrams, {len(counts)} of {cells} possible ones occur.")
    print("most often:  " + "  ".join(f"{a}{b} {n:,}" for (a, b), n in ranked[:6]))
    print("only once:   " + "  ".join(f"{a}{b}" for (a, b), n in ranked if n == 1))

    N = count_matrix(words, stoi)
    path = picture("02_bigram/counts.png")
    plot_counts(N, itos, path)
    print(f"\n{path}: the first column is how names end, the first row how they begin.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the heat map is drawn when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
