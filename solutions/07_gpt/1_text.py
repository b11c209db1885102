# %% [markdown]
# # From text to batches
#
# Lessons 02 and 03 learned from names: 32,000 short words, each with a beginning and an end. A GPT learns
# from *one long text*. Ours is Shakespeare, about a million characters of plays, and the question stays
# the same: given what came so far, which character comes next?
#
# Before any network there is plumbing, and this part is all of it:
#
#     "First Citizen:\nBefore we proceed ..."          text, one long str
#       │ vocabulary, encode
#     [18, 47, 56, 57, 58, 1, 15, 47, 58, ...]         numbers, one long row (N,)
#       │ split_text
#     train: the first 90 %  │  val: the rest          in order, never shuffled
#       │ get_batch
#     x (B, T), y (B, T)                               B windows of T characters, and what follows each
#
# There is no '.' any more that marks an end. A space and a line break are characters like all others, and
# the model will learn to write them.
#
# What will go wrong: answers that stand under their own questions (y not shifted: the model learns to
# copy, and its loss falls to zero); windows that run past the end of the text; a vocabulary in the order of
# a set, which is another one each time Python starts. Only the middle one crashes, and that not always.

# %%
import argparse
import sys

import torch

from data import DataError, load_shakespeare, picture

# %% [markdown]
# ## The vocabulary
#
# Every character that occurs gets a number, from 0, in sorted order. For the text "to be":
#
#     sorted     ' '   'b'   'e'   'o'   't'
#     number      0     1     2     3     4
#
# Sorted, because a set has no order: a model saved today would read gibberish tomorrow.


# %%
def vocabulary(text):
    """The characters of a text, numbered from 0 in sorted order.

    Args:
        text: a str, maybe empty.

    Returns:
        (stoi, itos): stoi is a dict from character to int: each character that occurs in the text, with
        0, 1, 2, ... in sorted order (that of Python's `sorted`). itos is the dict the other way round,
        from int to character.

    Example:
        >>> stoi, itos = vocabulary("to be")
        >>> stoi
        {' ': 0, 'b': 1, 'e': 2, 'o': 3, 't': 4}
        >>> itos[3]
        'o'

    Source: lecture "Let's build GPT: from scratch, in code, spelled out".
    """
    ### BEGIN SOLUTION
    chars = sorted(set(text))
    stoi = {ch: i for i, ch in enumerate(chars)}
    itos = {i: ch for ch, i in stoi.items()}
    return stoi, itos
    ### END SOLUTION


# %% [markdown]
# ## There and back
#
# With the numbers above, "bet" is [1, 2, 4]. Encoding and decoding are each other's inverse, as long as
# every character is in the table. What about "bat", with an 'a' that the table does not know? Leaving it
# out, or writing some number, would give a text that is quietly wrong. Better a `KeyError`, at once, which
# is what a dict raises by itself.


# %%
def encode(text, stoi):
    """The numbers of the characters of a text.

    Args:
        text: a str, maybe empty.
        stoi: dict from character to int.

    Returns:
        A list of len(text) ints. The work grows with the length of the text, however many characters
        there are in stoi.

    Raises:
        KeyError: for a character that is not in stoi.

    Example:
        >>> encode("bet", {" ": 0, "b": 1, "e": 2, "o": 3, "t": 4})
        [1, 2, 4]
    """
    ### BEGIN SOLUTION
    return [stoi[ch] for ch in text]
    ### END SOLUTION


# %%
def decode(ids, itos):
    """The text that belongs to the numbers: the inverse of encode.

    Args:
        ids: a list of ints, maybe empty.
        itos: dict from int to character.

    Returns:
        A str of len(ids) characters. The work grows with the number of ids, however many itos has.

    Raises:
        KeyError: for a number that is not in itos.

    Example:
        >>> decode([1, 2, 4], {0: " ", 1: "b", 2: "e", 3: "o", 4: "t"})
        'bet'
    """
    ### BEGIN SOLUTION
    return "".join(itos[i] for i in ids)
    ### END SOLUTION


# %% [markdown]
# ## Train and val
#
# The names of lesson 03 were shuffled before they were split: each name was an example by itself. A text is
# not a bag of characters. Shuffled, nothing would follow from anything. So cut once: what comes before the
# cut is for training, what comes after is for measuring.
#
#     N = 19      int(0.9 * 19) = int(17.1) = 17        17 characters for train, 2 for val


# %%
def split_text(data):
    """Cuts a text into its first 90 % and the rest, in order.

    Args:
        data: the numbers of a text, int64 (N,), N >= 0.

    Returns:
        (train, val): int64 (n,) and int64 (N - n,) with n = int(0.9 * N), rounded down; one after the
        other they are the whole of data.

    Example:
        >>> split_text(torch.arange(7))
        (tensor([0, 1, 2, 3, 4, 5]), tensor([6]))
    """
    ### BEGIN SOLUTION
    n = int(0.9 * len(data))
    return data[:n], data[n:]
    ### END SOLUTION


# %% [markdown]
# ## A block holds many examples
#
# In lesson 03 an example was a window of three characters and the next one. Now take T + 1 characters in a
# row. How many examples are in there? Not one: T. With T = 4 and the characters of "to be":
#
#     after  t          comes  o
#     after  t o        comes  ' '
#     after  t o ' '    comes  b
#     after  t o ' ' b  comes  e
#
# The model is trained on all of them at once. That is thrifty, and it does something else: the model sees
# contexts of every length from 1 to T, so that later it can start to write from a single character. Longer
# than T is what it has never seen. T is called the **block size**.


# %%
def growing_contexts(block):
    """All examples in a block of T + 1 characters, contexts growing from 1 to T.

    Args:
        block: a list of T + 1 ints, T >= 0.

    Returns:
        A list of T tuples (context, target), the shortest context first: context is the list of the first
        1, 2, ..., T ints of the block, target the int that comes next.

    Example:
        >>> growing_contexts([4, 3, 0, 1])
        [([4], 3), ([4, 3], 0), ([4, 3, 0], 1)]
    """
    ### BEGIN SOLUTION
    return [(block[:t], block[t]) for t in range(1, len(block))]
    ### END SOLUTION


# %% [markdown]
# ## A batch
#
# These examples need not be written out. Two rows hold them all: x, the first T characters, and y, the same
# shifted by one. Below each character stands what follows it:
#
#     position     0   1   2   3
#     x            t   o  ' '  b        y[t] is the answer to the context x[0], ..., x[t]
#     y            o  ' '  b   e
#
# B such windows from random places make a batch, (B, T). A window needs T + 1 characters, one more than it
# seems. Where may it start? With N = 10 characters and T = 3:
#
#     0 1 2 3 4 5 6 7 8 9
#                 ^─────^        the last window: x = 6 7 8, y = 7 8 9
#
# So the starts are 0, ..., 6: that is N - T = 7 of them, and `torch.randint(N - T, ...)`, which leaves out
# its upper end, draws exactly these. One more, and y is now and then too short; one less, and the last
# character is never learned.


# %%
def get_batch(data, block_size, batch_size, g):
    """Random windows of a text, and what follows each of their characters.

    Args:
        data: the numbers of a text, int64 (N,), N > block_size.
        block_size: characters in a window, T.
        batch_size: number of windows, B.
        g: torch.Generator. The starts of all windows are drawn with one call,
            torch.randint(len(data) - block_size, (batch_size,), generator=g); nothing else is drawn.

    Returns:
        (x, y), each int64 (B, T): row b of x is the window that begins at start b; y[b, t] is the character
        that follows x[b, t] in data.

    Example:
        >>> g = torch.Generator().manual_seed(1)
        >>> x, y = get_batch(torch.arange(100), block_size=8, batch_size=4, g=g)
        >>> x.shape, bool((y == x + 1).all())
        (torch.Size([4, 8]), True)

    Source: lecture "Let's build GPT: from scratch, in code, spelled out".
    """
    ### BEGIN SOLUTION
    starts = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in starts])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in starts])
    return x, y
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Your functions on Shakespeare: the vocabulary, one block and all that is in it, one batch. The picture shows
# how often each character occurs, and the batch, each character with its answer below. The most frequent
# one by far is one you don't see.


# %%
def visible(ch):
    """A character as it can be drawn: a space and a line break get a sign of their own."""
    return {" ": "␣", "\n": "⏎"}.get(ch, ch)


def plot_text(counts, x, y, itos, path):
    """Above: how often each character occurs. Below: a batch, the answer in each cell's corner."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6), layout="constrained")
    bars, grid = figure.subplots(2, 1, height_ratios=[1, 1])
    order = sorted(counts, key=counts.get, reverse=True)[:70]
    total = sum(counts.values())
    bars.bar(range(len(order)), [100 * counts[ch] / total for ch in order])
    bars.set_xticks(range(len(order)), [visible(ch) for ch in order], fontsize=8)
    bars.set(ylabel="% of the text", xlabel="character", xlim=(-1, len(order)), yscale="log")
    bars.set_title(f"{len(counts)} characters, from frequent to rare (the scale is logarithmic)")

    B, T = x.shape
    for b in range(B):
        for t in range(T):
            ch, answer = (visible(itos[int(row[b, t])]) for row in (x, y))
            grid.text(t, b - 0.1, ch, ha="center", va="center", fontsize=15)
            grid.text(t + 0.3, b + 0.3, answer, ha="center", va="center", fontsize=9, color="C1")
    grid.set_xticks(range(T))
    grid.set_yticks(range(B))
    grid.set_xticks([t - 0.5 for t in range(T + 1)], minor=True)
    grid.set_yticks([b - 0.5 for b in range(B + 1)], minor=True)
    grid.grid(which="minor", color="0.8")
    grid.tick_params(which="both", length=0)
    grid.set(xlim=(-0.5, T - 0.5), ylim=(B - 0.5, -0.5), xlabel="position t", ylabel="row b")
    grid.set_title("one batch: x[b, t], and in red its answer y[b, t]")
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="From a text to batches.")
    parser.add_argument("--text", default="embedded", help="'lecture', or a text file")
    parser.add_argument("--block", type=int, default=16, help="block size T, 1 to 40")
    parser.add_argument("--seed", type=int, default=1337)
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    text = load_shakespeare(args.text)
    if not 1 <= args.block <= 40 or len(text) < 1000 or args.seed not in range(2**63):
        parser.error("this takes 1 to 40 characters a block, a text of 1,000 and a seed from 0 on")

    stoi, itos = vocabulary(text)
    print(f"{len(text):,} characters, {len(stoi)} different ones:")
    print(repr("".join(stoi)))
    ids = encode(text, stoi)
    print(f"\n{text[:30]!r}\nis {ids[:30]}\nand back: {decode(ids[:30], itos)!r}")
    train, val = split_text(torch.tensor(ids))
    print(f"\n{len(train):,} for training, {len(val):,} for measuring; the first of these:")
    print(repr(decode(val[:60].tolist(), itos)))

    print("\nwhat is in the first block of 9 characters:")
    for context, target in growing_contexts(ids[:9]):
        print(f"    after {decode(context, itos)!r:<12} comes {decode([target], itos)!r}")

    g = torch.Generator().manual_seed(args.seed)
    x, y = get_batch(train, args.block, 4, g)
    print(f"\na batch: x {tuple(x.shape)}, y {tuple(y.shape)}, {x.numel()} examples")
    counts = {ch: text.count(ch) for ch in stoi}
    path = picture("07_gpt/text.png")
    plot_text(counts, x, y, itos, path)
    print(f"{path}: what Shakespeare is made of, and one batch of it.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all six of the part.")
    except DataError as error:
        sys.exit(str(error))
