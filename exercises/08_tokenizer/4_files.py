# `hero check 08/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # A tokenizer in a file, and inside tiktoken
#
# A trained tokenizer is three things: the split pattern, the merges in their order, the special tokens.
# Whoever has a model without exactly these has nothing: the ids mean other words. So they are written to a
# file, and read back, *the same to the last id*. Then the real thing: `tiktoken`, the library that runs
# GPT-4's tokenizer, accepts your merges and gives the same ids as your encoder, only faster.
#
# What will go wrong: a line break inside of a special token, in a format of lines; half a file, read without
# a word; a vocabulary printed on the screen, and the terminal obeys a control character in it.

# %%
import argparse
import json
import sys
import time
import unicodedata
from itertools import pairwise
from pathlib import Path

import regex as re

from data import load_names, picture

PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""  # GPT-2's
VERSION = "workbook tokenizer 1"

# %% [markdown]
# *Given: the tokenizer of the parts before.*


# %%
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


def train(text, vocab_size, pattern):
    """{(left, right): new id} in the order learned; the most frequent pair, of equals the first seen."""
    chunks, merges = [list(c.encode("utf-8")) for c in re.findall(pattern, text)], {}
    for idx in range(256, vocab_size):
        counts = {}
        for ids in chunks:
            for pair in pairwise(ids):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        pair = max(counts, key=counts.get)
        chunks = [merge(ids, pair, idx) for ids in chunks]
        merges[pair] = idx
    return merges


def encode(text, pattern, merges):
    """The ids of a text in which nothing is special: in each chunk the lowest new id first."""
    out = []
    for chunk in re.findall(pattern, text):
        ids = list(chunk.encode("utf-8"))
        while len(ids) >= 2:
            pair = min(pairwise(ids), key=lambda p: merges.get(p, float("inf")))
            if pair not in merges:
                break
            ids = merge(ids, pair, merges[pair])
        out.extend(ids)
    return out


# %% [markdown]
# ## Looking at a token
#
# A token is bytes, and a screen shows characters. Two kinds of bytes do harm there. Those that are no UTF-8
# (half a character) cannot be shown at all. And some characters are *orders*: `\n` goes to the next line,
# `\x07` rings, `\x1b[31m` turns everything after it red; a zero-width joiner is just not seen. So show both
# by number:
#
#     b"a\n\xe2\x82b"     a\u000a\xe2\x82b
#
# Unicode knows which characters are orders: those whose category begins with C (control, format,
# surrogate, private, unassigned). `unicodedata.category("\n")` is `"Cc"`.


# %%
def render_token(token):
    r"""A token as text that is safe to print.

    Args:
        token: bytes, maybe empty.

    Returns:
        A str. Bytes that are no UTF-8 are shown as \x and two lowercase hexadecimal digits, each by
        itself, as Python's errors="backslashreplace" does it. Of the other characters, those whose Unicode
        category begins with C are shown as \u and at least four lowercase hexadecimal digits of the code
        point (f"\\u{n:04x}"). All others, the backslash and the space too, stay as they are.

    Example:
        >>> print(render_token(b"a\n\xe2\x82b"))
        a\u000a\xe2\x82b
        >>> print(render_token("né\u200d".encode()))
        né\u200d
    """
    # TODO 08.render_token: your code here (stuck? `hero hint 08.render_token`)
    raise NotImplementedError("08.render_token")


# %% [markdown]
# ## Writing it down
#
# A small format of lines, so that a person can read it:
#
#     workbook tokenizer 1                 the version
#     " ?\\p{L}+|\\s+"                     the pattern, as a JSON string
#     1                                    how many special tokens
#     "<|end|>" 300                        each of them: a JSON string, a space, its id
#     2                                    how many merges
#     104 105                              each of them: the left id, a space, the right id
#     256 256
#
# The new ids are not written: they count up from 256 in the order of the lines. And why JSON? A pattern or
# special token may hold anything, line breaks and quotes too. `json.dumps` writes it as *one* line of ASCII:
# `json.dumps('a\n"é')` is `"a\n\"\u00e9"`. Numbers of lines come first, so that half a file is noticed.


# %%
def save(path, pattern, merges, special_tokens):
    r"""Writes a tokenizer into a file, in the format above.

    Args:
        path: where, a str or a Path; a file that is there already is replaced.
        pattern: the split pattern, a str.
        merges: {(left, right): new id}, new ids 256, 257, ... in the order of the dict.
        special_tokens: {str: id}; written in the order of the dict.

    Returns:
        None. The file is ASCII; every line, the last one too, ends with "\n" on every system. Strings are
        written as json.dumps writes them by default.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "own.tokenizer"
        >>> save(path, r"\S+|\s", {(104, 105): 256, (256, 33): 257}, {"<|end|>": 300})
        >>> path.read_text().split("\n")
        ['workbook tokenizer 1', '"\\\\S+|\\\\s"', '1', '"<|end|>" 300', '2', '104 105', '256 33', '']
    """
    # TODO 08.save: your code here (stuck? `hero hint 08.save`)
    raise NotImplementedError("08.save")


# %% [markdown]
# ## Reading it back
#
# A file comes from anywhere: from another version, cut off by a full disk, edited by hand. A loader that
# guesses gives a model other words without a word. So it believes nothing: **what `save` could not have
# written is an error**. A short way to find most of it: read, write down again what you have read, and
# compare. (It does not find a pattern that is JSON and no string, nor a merge of ids that are too young.)


# %%
def load(path):
    r"""Reads a tokenizer that save wrote.

    Args:
        path: the file, a str or a Path.

    Returns:
        (pattern, merges, special_tokens) as they were given to save: a str; {(left, right): new id}, new
        ids 256, 257, ... in the order of the lines; {str: id}.

    Raises:
        ValueError: for a file that save could not have written, and for nothing else of it (so no IndexError
            or TypeError of a line that is odd; json's and decode's errors are ValueErrors). That is: the
            first line is not the version; lines are missing, or there are more; a line is not what the
            format says it is; the file is no ASCII; a merge uses an id that is not older than its own
            (line i, counted from 0, makes 256 + i, so both halves must be from 0 to 255 + i); a merge or a
            special token stands there twice.
        FileNotFoundError: there is no such file.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "own.tokenizer"
        >>> save(path, r"\S+|\s", {(104, 105): 256, (256, 33): 257}, {"<|end|>": 300})
        >>> load(path)
        ('\\S+|\\s', {(104, 105): 256, (256, 33): 257}, {'<|end|>': 300})
    """
    # TODO 08.load: your code here (stuck? `hero hint 08.load`)
    raise NotImplementedError("08.load")


# %% [markdown]
# ## The same merges in tiktoken
#
# tiktoken knows no pairs. It has a table {bytes: rank}, and joins two neighbors if their *joined bytes* are
# in it, lowest rank first. For merges that were trained it comes to the same: whenever training made a
# token, it made it from the same two halves. By hand: of the merges he = 256, (256, l) = 257 it keeps b"he":
# 256 and b"hel": 257.


# %%
def to_ranks(merges):
    """The table that tiktoken wants.

    Args:
        merges: {(left, right): new id}, new ids 256, 257, ... in the order in which they were learned.

    Returns:
        A dict {bytes: id}: the 256 single bytes, with their own numbers as ids, and what each merge makes.

    Raises:
        ValueError: two ids stand for the same bytes; tiktoken could not tell them apart.

    Example:
        >>> ranks = to_ranks({(104, 101): 256, (256, 108): 257})
        >>> ranks[b"h"], ranks[b"he"], ranks[b"hel"], len(ranks)
        (104, 256, 257, 258)
    """
    # TODO 08.to_ranks: your code here (stuck? `hero hint 08.to_ranks`)
    raise NotImplementedError("08.to_ranks")


# %%
def to_tiktoken(name, pattern, merges, special_tokens):
    r"""A real tiktoken.Encoding that gives the same ids.

    Args:
        name: any str.
        pattern: the split pattern.
        merges: {(left, right): new id}, in the order in which they were learned.
        special_tokens: {str: id}, ids outside of 0 ... 255 + len(merges).

    Returns:
        A tiktoken.Encoding: Encoding(name, pat_str=..., mergeable_ranks=..., special_tokens=...). The
        package is imported inside of this function (it takes a moment). Nothing is downloaded.

    Example:
        >>> own = to_tiktoken("own", r"\S+|\s+", {(104, 101): 256, (256, 108): 257}, {"<|end|>": 300})
        >>> own.encode("hel he<|end|>", allowed_special="all")
        [257, 32, 256, 300]
    """
    # TODO 08.to_tiktoken: your code here (stuck? `hero hint 08.to_tiktoken`)
    raise NotImplementedError("08.to_tiktoken")


# %% [markdown]
# ## Run it
#
# Trains on names, saves, loads, and races the loaded tokenizer against tiktoken. In the picture: the same
# ids, so the same curve, but not the same time. `hero run 08/4 -- --merges 400` for a larger one.


# %%
def plot_race(sizes, seconds, path):
    """seconds: {name: one number for each of sizes, in characters}."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for name, values in seconds.items():
        axes.loglog(sizes, values, "o-", label=name)
    axes.set(xlabel="characters", ylabel="seconds", title="The same ids, not the same time")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="A tokenizer in a file, and inside tiktoken.")
    parser.add_argument("--merges", type=int, default=150, help="how many to learn")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.merges < 1:
        parser.error("--merges must be at least 1")

    text = " ".join(load_names()[:4000])
    learned = train(text[:6000], 256 + args.merges, PATTERN)
    path = picture("08_tokenizer/names.tokenizer")  # not a picture, but it lies well there
    save(path, PATTERN, learned, {"<|end|>": 256 + len(learned)})
    pattern, merges, special = load(path)
    print(f"{path}: {len(merges)} merges, {path.stat().st_size} bytes")
    print(f"the same after loading: {(pattern, merges) == (PATTERN, learned)}")

    real = to_tiktoken("names", pattern, merges, special)
    odd = (" emma", "\n", "é".encode()[:1], "👩‍🔬", "\x1b[31m")
    shown = [render_token(t if isinstance(t, bytes) else t.encode()) for t in odd]
    print("rendered: " + " | ".join(shown))
    longest = sorted(to_ranks(merges), key=len)[-8:]
    print("longest tokens: " + " | ".join(map(render_token, longest)))

    sizes = [200, 800, 3200, 12800]
    seconds = {"your encode": [], "tiktoken": []}
    for size in sizes:
        began = time.perf_counter()
        own = encode(text[:size], pattern, merges)
        middle = time.perf_counter()
        reals = real.encode_ordinary(text[:size])
        seconds["your encode"].append(middle - began)
        seconds["tiktoken"].append(time.perf_counter() - middle)
        print(f"{size:6} characters, {len(own):5} tokens, the same ids: {own == reals}")
    path = picture("08_tokenizer/race.png")
    plot_race(sizes, seconds, path)
    print(f"{path}: how long both take")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
