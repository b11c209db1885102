# `hero check 08/2` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Byte pair encoding
#
# The whole algorithm: find the pair of neighbors that occurs most often, give it the next free id, merge
# it everywhere, repeat. The ids 0 to 255 are the bytes, so the first new id is 256. By hand, on
# the eleven bytes of `aaabdaaabac` (a is 97, b is 98, c is 99, d is 100):
#
#     a a a b d a a a b a c      (a, a) occurs 4 times, more than any other      256 = aa
#     256 a b d 256 a b a c      (256, a) twice, also (a, b): the first wins     257 = aaa
#     257 b d 257 b a c          (257, b) twice                                  258 = aaab
#     258 d 258 a c              three merges: eleven ids have become five
#
# In numbers: [258, 100, 258, 97, 99]. A merge can build on earlier merges, so tokens grow: aa, aaa, aaab.
#
# The result of training is nothing but the list of merges, in order. To encode a new text, the same merges
# are replayed *in the order in which they were learned*; to decode, every id is looked up in a table of
# bytes. No network, no gradient: it is compression, done once before training begins.
#
# What will go wrong: half a character is decoded on its own; the longest known token is taken instead of
# the earliest merge; two pairs tie, and the results depend on the weather.

# %%
import argparse
import sys
import warnings

from data import DataError, load_names, picture

# %% [markdown]
# *Given: counting and merging, from the part before.*


# %%
def get_stats(ids):
    """{(left, right): count} of all pairs of neighbors, in the order in which they are first seen."""
    counts = {}
    for pair in zip(ids, ids[1:], strict=False):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


def merge(ids, pair, idx):
    """A new list with idx in the place of every occurrence of pair, from left to right."""
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(idx)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


# %% [markdown]
# ## Which pair?
#
# The most frequent. Where several are equally frequent, a rule must decide, or two trainings on the same
# text give two tokenizers. Ours: **the pair seen first wins**. The dict is in that order already, and
# Python's `max` keeps the first of equals.


# %%
def best_pair(counts):
    """The most frequent pair.

    Args:
        counts: a dict {(left, right): count}, not empty, in the order in which the pairs are first seen.

    Returns:
        The pair with the highest count; of several, the one that comes first in the dict.

    Example:
        >>> best_pair({(1, 2): 3, (9, 9): 5, (4, 4): 5})
        (9, 9)
    """
    # TODO 08.best_pair: your code here (stuck? `hero hint 08.best_pair`)
    raise NotImplementedError("08.best_pair")


# %% [markdown]
# ## Training
#
# `vocab_size` is the hyperparameter: 256 bytes plus one id for each merge. GPT-2 has 50,000 merges,
# GPT-4 about 100,000. More merges make texts shorter and tables larger.


# %%
def train(text, vocab_size):
    """Learns the merges of a text.

    Args:
        text: a str; its UTF-8 bytes are what is merged.
        vocab_size: 256 bytes plus the number of merges wanted, an int >= 256.

    Returns:
        A dict {(left, right): new id}, new ids 256, 257, ... in the order in which they are learned. It
        has vocab_size - 256 entries, or fewer: training stops when no pair is left, that is with
        fewer than two ids. Of equally frequent pairs the one seen first is merged; one that occurs only
        once is merged like any other. Each merge goes on from the ids that the one before it left.

    Raises:
        ValueError: vocab_size is less than 256.

    Example:
        >>> train("aaabdaaabac", 259)
        {(97, 97): 256, (256, 97): 257, (257, 98): 258}

    Source: lecture "Let's build the GPT Tokenizer"; Sennrich et al. 2016, algorithm 1 (there on
    characters within words; on bytes since GPT-2).
    """
    # TODO 08.train: your code here (stuck? `hero hint 08.train`)
    raise NotImplementedError("08.train")


# %% [markdown]
# ## From ids to bytes
#
# Each new id stands for the bytes of its left half followed by those of its right half. The halves
# are older than the whole, so in the order of learning they are always there already. And mind Python:
# `bytes([3])` is one byte, the number 3; `bytes(3)` is three zeros.


# %%
def build_vocab(merges):
    """The bytes that each id stands for.

    Args:
        merges: a dict {(left, right): new id}, new ids 256, 257, ... in the order in which they were learned.

    Returns:
        A dict {id: bytes}: the 256 single bytes, then one entry for each merge.

    Example:
        >>> vocab = build_vocab({(97, 97): 256, (256, 98): 257})
        >>> vocab[98], vocab[256], vocab[257], len(vocab)
        (b'b', b'aa', b'aab', 258)
    """
    # TODO 08.build_vocab: your code here (stuck? `hero hint 08.build_vocab`)
    raise NotImplementedError("08.build_vocab")


# %% [markdown]
# ## Decoding
#
# One token may end in the middle of a character and the next begin there: € is 226 130 172, and nothing
# keeps a merge from joining the first two. So **join all bytes first, then decode once**. What is no
# UTF-8 even then becomes "�".


# %%
def decode(ids, vocab):
    """The text of a list of token ids.

    Args:
        ids: a list of ints, maybe empty.
        vocab: a dict {id: bytes}.

    Returns:
        A str; bytes that are no UTF-8 become U+FFFD, as Python's errors="replace" does it.

    Raises:
        KeyError: an id is not in vocab.

    Example:
        >>> decode([7, 8, 7], {7: b"na", 8: b" "})
        'na na'
        >>> decode([1, 2], {1: bytes([226, 130]), 2: bytes([172])})
        '€'
    """
    # TODO 08.decode: your code here (stuck? `hero hint 08.decode`)
    raise NotImplementedError("08.decode")


# %% [markdown]
# ## Encoding
#
# Start from the bytes. Of all pairs that stand there *now*, take the one that was learned earliest (the
# lowest new id: its **rank**), merge it everywhere, look again. Stop when no pair that stands there is among
# the merges.
#
# Why not the longest token that fits? Later merges were learned on text in which the earlier ones had
# already been made. With the merges bc = 256, ab = 257, abx = 258, and the text `abcx`:
#
#     lowest rank first        a bc x     bc came first in training, so it does here
#     longest token first      ab c x     a row of ids that training never saw


# %%
def encode(text, merges):
    """The token ids of a text.

    Args:
        text: a str, maybe empty.
        merges: a dict {(left, right): new id}, in the order in which they were learned: ids
            ascending.

    Returns:
        A list of ints: the UTF-8 bytes of the text after all merges that apply, always the pair with the
        lowest new id first. Of overlapping occurrences the leftmost is merged.

    Example:
        >>> merges = {(97, 97): 256, (256, 97): 257, (257, 98): 258}
        >>> encode("aaabdaaabac", merges)
        [258, 100, 258, 97, 99]
        >>> encode("ab", merges)
        [97, 98]
    """
    # TODO 08.encode: your code here (stuck? `hero hint 08.encode`)
    raise NotImplementedError("08.encode")


# %% [markdown]
# ## What did it buy?


# %%
def bytes_per_token(text, ids):
    """How many bytes a token carries on average: the compression ratio.

    Args:
        text: a str.
        ids: its token ids, at least one.

    Returns:
        A float: UTF-8 bytes of the text, divided by the number of tokens.

    Example:
        >>> bytes_per_token("aaabdaaabac", [258, 100, 258, 97, 99])
        2.2
    """
    # TODO 08.bytes_per_token: your code here (stuck? `hero hint 08.bytes_per_token`)
    raise NotImplementedError("08.bytes_per_token")


# %% [markdown]
# ## Run it
#
# Trains on the first names of the list, one a line, and watches some of them grow together. In the picture
# each row knows more merges than the one above it. Try `--text "λόγος"`: letters that no name had stay single
# bytes, two tokens for each.


# %%
def plot_merges(text, stages, path):
    """stages: [(number of merges, ids, vocab), ...]; draws each as a row of boxes."""
    from matplotlib.figure import Figure

    from data.style import PALE, TINTS

    length = len(text.encode("utf-8"))
    figure = Figure(
        figsize=(max(5.0, 0.24 * length + 1.5), 0.5 * len(stages) + 0.8), layout="constrained"
    )
    axes = figure.subplots()
    for row, (_, ids, vocab) in enumerate(stages):
        x = 0
        for i in ids:
            n = len(vocab[i])
            color = PALE if n == 1 else TINTS[min(n, 6) - 2]
            axes.barh(row, n, 0.86, left=x, color=color, edgecolor="white", linewidth=2)
            label = vocab[i].decode("utf-8", errors="replace").replace("\n", "↵")
            axes.text(
                x + n / 2, row, label, ha="center", va="center", fontsize=11, parse_math=False
            )
            x += n
    axes.set(xlim=(0, length), ylim=(len(stages) - 0.5, -0.5), xticks=[], yticks=range(len(stages)))
    axes.set_yticklabels([f"{n} merges: {len(ids)} tokens" for n, ids, _ in stages])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title("Merges growing")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not every font can draw every character
        figure.savefig(path, dpi=80)


def longest_first(text, vocab):
    """Ids by the longest token that fits, from left to right. Encoding is something else: see `--longest`."""
    known, most = {token: i for i, token in vocab.items()}, max(map(len, vocab.values()))
    data, ids = text.encode("utf-8"), []
    while data:
        n = next(n for n in range(min(most, len(data)), 0, -1) if data[:n] in known)
        ids.append(known[data[:n]])
        data = data[n:]
    return ids


def main():
    parser = argparse.ArgumentParser(description="Byte pair encoding of names.")
    parser.add_argument("--merges", type=int, default=256, help="how many to learn")
    parser.add_argument("--names", type=int, default=1_500, help="how many names to learn from")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--text", default="emma\nisabella\nmadeline\nchristopher\nzoë\n")
    parser.add_argument(
        "--longest", action="store_true", help="the longest token first: which names change?"
    )
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.merges < 1:
        parser.error("--merges must be at least 1")
    if args.names < 1:
        parser.error("--names must be at least 1")
    if not 1 <= len(args.text) <= 100 or any(0xD800 <= ord(c) <= 0xDFFF for c in args.text):
        parser.error("--text takes 1 to 100 characters, all of them Unicode text")

    example = train("aaabdaaabac", 259)
    print(f"aaabdaaabac -> {encode('aaabdaaabac', example)}\n")
    names = load_names(args.data)[: args.names]
    text = "\n".join(names) + "\n"
    merges = train(text, 256 + args.merges)
    vocab = build_vocab(merges)
    print(f"{len(merges)} merges learned from {len(names)} names. The first, and the longest:")
    first = [vocab[i] for i in list(merges.values())[:12]]
    for tokens in (first, sorted(vocab.values(), key=len, reverse=True)[:8]):
        shown = [t.decode("utf-8", errors="replace") for t in tokens]
        cut = [t if len(t) <= 24 else f"{t[:12]}...{t[-6:]}" for t in shown]
        print("    " + " ".join(map(repr, cut)))
    ids = encode(text, merges)
    print(f"{bytes_per_token(text, ids):.2f} bytes a token on what it was trained on")
    back = decode(encode(args.text, merges), vocab)
    print(f"there and back: {'the same text' if back == args.text else repr(back)}\n")

    if args.longest:
        other = [(n, longest_first(n, vocab)) for n in names]
        other = [(n, ids) for n, ids in other if ids != encode(n, merges)]
        print(f"the longest token first: {len(other)} of {len(names)} names get other ids")
        for name, ids in other[:3]:
            both = [[vocab[i].decode("utf-8", "replace") for i in each]
                    for each in (encode(name, merges), ids)]  # fmt: skip
            print(f"    {name}: {both[0]} by merges, {both[1]} by length; {decode(ids, vocab)!r}")
        return

    counts = [0] + [2**k for k in range(2, 20) if 2**k < len(merges)] + [len(merges)]
    stages = []
    for n in dict.fromkeys(counts):
        some = dict(list(merges.items())[:n])
        stages.append((n, encode(args.text, some), vocab))
    path = picture("08_tokenizer/merges.png")
    plot_merges(args.text, stages, path)
    print(f"{path}: each row with more merges than the one above")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
    except DataError as error:
        sys.exit(str(error))
