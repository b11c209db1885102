# %% [markdown]
# # Text is bytes
#
# A language model reads numbers. In the earlier lessons each character got one, from a table of
# the 27 we had met. What about é, ж, 語 and 😀? Unicode has a number for each of them, the **code
# point**; there are about 150,000, and more every year. Too many rows for an embedding table, most of
# them almost never trained.
#
# UTF-8 writes each code point as one to four **bytes**. A byte has 256 values: a tiny, complete
# alphabet. No text is ever unknown, and the price is that texts get longer:
#
#     character   code point       UTF-8 bytes
#     h               104          104                    1 byte: plain English
#     é               233          195 169                2: accents, Greek, Russian, Hebrew, Arabic
#     €             8,364          226 130 172            3: most of the rest, Chinese and Japanese too
#     😀          128,512          240 159 152 128        4: emoji, old scripts
#
# The first byte says how many follow; the others (continuation bytes) are all between 128 and 191. So a
# byte alone may be no text at all. Remember this for decoding.
#
# The rest of the lesson makes the long rows of bytes short again: find the pair of neighbors that
# occurs most often, give it a new number, write that number in its place, repeat. Here you build the two
# moves, counting and merging.

# %%
import argparse
import sys
import warnings

from data import picture

# %% [markdown]
# ## Two numbers for a character


# %%
def code_points(text):
    """The Unicode code point of each character.

    Args:
        text: a str, maybe empty.

    Returns:
        A list of len(text) ints, in the order of the text.

    Example:
        >>> code_points("hé€")
        [104, 233, 8364]

    Source: lecture "Let's build the GPT Tokenizer", on strings and code points.
    """
    ### BEGIN SOLUTION
    return [ord(character) for character in text]
    ### END SOLUTION


# %%
def utf8_bytes(text):
    """The UTF-8 bytes of the text, as whole numbers from 0 to 255.

    Args:
        text: a str, maybe empty.

    Returns:
        A list of ints (not a bytes object), at least as long as the text.

    Example:
        >>> utf8_bytes("hé€")
        [104, 195, 169, 226, 130, 172]
    """
    ### BEGIN SOLUTION
    return list(text.encode("utf-8"))
    ### END SOLUTION


# %% [markdown]
# ## How many bytes does it take?
#
# A byte that starts with 0 stands for itself: 7 bits are left. With two bytes, the markers `110` and `10`
# leave 5 + 6 = 11 bits; with three, 4 + 6 + 6 = 16; with four, 3 + 6 + 6 + 6 = 21:
#
#     0xxxxxxx                               up to  2**7  - 1
#     110xxxxx 10xxxxxx                      up to  2**11 - 1
#     1110xxxx 10xxxxxx 10xxxxxx             up to  2**16 - 1
#     11110xxx 10xxxxxx 10xxxxxx 10xxxxxx    all others


# %%
def utf8_length(code_point):
    """How many bytes UTF-8 takes for one character.

    Args:
        code_point: the character's number, an int from 0 to 0x10FFFF, but not one of
            0xD800 to 0xDFFF (those are no characters).

    Returns:
        1, 2, 3 or 4.

    Example:
        >>> [utf8_length(n) for n in (104, 233, 8364, 128512)]
        [1, 2, 3, 4]

    Source: RFC 3629, section 3.
    """
    ### BEGIN SOLUTION
    if code_point < 2**7:
        return 1
    if code_point < 2**11:
        return 2
    if code_point < 2**16:
        return 3
    return 4
    ### END SOLUTION


# %% [markdown]
# ## Back to text
#
# `bytes([195, 169]).decode("utf-8")` is "é". But `bytes([195]).decode("utf-8")` raises
# UnicodeDecodeError: half a character. A model that emits one byte at a time will produce such halves, and a
# program that generates text must not fall over them. With `errors="replace"` what is no UTF-8 becomes "�"
# (U+FFFD, the replacement character; one for each broken beginning, so that two stray bytes may give two),
# and the rest is read as usual.


# %%
def decode_bytes(ids):
    """The text that these bytes spell, with "�" where they are no UTF-8.

    Args:
        ids: a list of ints from 0 to 255, maybe empty.

    Returns:
        A str. Never raises for such a list: invalid bytes become U+FFFD, as
        Python's own errors="replace" does it.

    Example:
        >>> decode_bytes([104, 195, 169])
        'hé'
        >>> decode_bytes([104, 195])
        'h�'
    """
    ### BEGIN SOLUTION
    return bytes(ids).decode("utf-8", errors="replace")
    ### END SOLUTION


# %% [markdown]
# ## Counting pairs
#
# In `a a a b` there are three pairs of neighbors: (a, a), (a, a) again, (a, b). The two (a, a) overlap in
# the middle a, and both count. Pairs stand in the dict in the order in which they are met; this will
# decide ties in the next part.


# %%
def get_stats(ids):
    """How often each pair of neighbors occurs.

    Args:
        ids: a list of ints, of any length.

    Returns:
        A dict {(left, right): count}: pairs as tuples, in the order in which they are first
        seen; overlapping ones count. Empty when there are fewer than two ids. The work grows with the
        number of ids: they are not gone through for each pair.

    Example:
        >>> get_stats([1, 1, 1, 2])
        {(1, 1): 2, (1, 2): 1}
        >>> get_stats([5])
        {}
    """
    ### BEGIN SOLUTION
    counts = {}
    for pair in zip(ids, ids[1:], strict=False):
        counts[pair] = counts.get(pair, 0) + 1
    return counts
    ### END SOLUTION


# %% [markdown]
# ## Merging
#
# Walk from the left. If this id and the next are the pair, write the new id and go on *two* places;
# otherwise copy one id and go on one. With the pair (a, a) and the new id X:
#
#     a a a b   ->   X a b        the third a has lost its partner
#     a a a a   ->   X X
#
# Counting overlaps, merging does not: an id can be used up only once.


# %%
def merge(ids, pair, idx):
    """Puts idx in the place of every occurrence of pair, from left to right.

    Args:
        ids: a list of ints, of any length; unchanged afterwards.
        pair: a tuple of two ints, maybe the same one twice.
        idx: the new id, an int.

    Returns:
        A new list of ints. What was just written is not merged again in the same call.

    Example:
        >>> merge([5, 6, 6, 7, 9, 1], (6, 7), 99)
        [5, 6, 99, 9, 1]
        >>> merge([1, 1, 1, 2], (1, 1), 4)
        [4, 1, 2]
    """
    ### BEGIN SOLUTION
    merged, i = [], 0
    while i < len(ids):
        if tuple(ids[i : i + 2]) == tuple(pair):
            merged.append(idx)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Your own text as bytes (`hero run 08/1 -- --text "naïve 日本"`), and the first merge. The picture shows each
# character as wide as its bytes.


# %%
def plot_bytes(text, path):
    """Characters above, the bytes that carry them below."""
    from matplotlib.figure import Figure

    from data.style import PALE, TINTS

    colors = dict(enumerate((PALE, *TINTS), 1))
    ids, x = utf8_bytes(text), 0
    figure = Figure(figsize=(max(4.0, 0.34 * len(ids) + 1), 2.2), layout="constrained")
    axes = figure.subplots()
    for character, code in zip(text, code_points(text), strict=True):
        n = utf8_length(code)
        axes.barh(1, n, 0.9, left=x, color=colors[n], edgecolor="white", linewidth=2)
        shown = "␣" if character == " " else character if character.isprintable() else "·"
        axes.text(x + n / 2, 1.12, shown, ha="center", va="center", fontsize=15, parse_math=False)
        axes.text(x + n / 2, 0.72, f"{code:,}", ha="center", va="center", fontsize=8.5, color="0.3")
        for i in range(x, x + n):
            axes.barh(0, 1, 0.9, left=i, color=colors[n], edgecolor="white", linewidth=2)
            axes.text(i + 0.5, 0, str(ids[i]), ha="center", va="center", fontsize=9.5)
        x += n
    axes.set(xlim=(0, len(ids)), ylim=(-0.6, 1.6), yticks=[0, 1], xticks=[])
    axes.set_yticklabels(["bytes", "characters"])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title(f"{len(text)} characters, {len(ids)} bytes")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not every font can draw every character
        figure.savefig(path, dpi=80)


def main():
    parser = argparse.ArgumentParser(description="A text as code points, bytes and pairs.")
    parser.add_argument("--text", default="naïve → 3 €, ש 😀", help="at most 60 characters")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    text = parser.parse_args([] if "ipykernel" in sys.modules else None).text
    if not 1 <= len(text) <= 60 or any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        parser.error("--text takes 1 to 60 characters, all of them Unicode text")

    ids = utf8_bytes(text)
    print(f"{text!r}: {len(code_points(text))} characters, {len(ids)} bytes")
    for character in dict.fromkeys(text):
        own = " ".join(str(byte) for byte in utf8_bytes(character))
        print(f"    {character!r:<8}{code_points(character)[0]:>8,}   {own}")
    print(f"the first half of the bytes reads {decode_bytes(ids[: len(ids) // 2])!r}\n")

    verse = "the cat that sat there, the rat that ate the thing"
    ids = utf8_bytes(verse)
    counts = get_stats(ids)
    pair = max(counts, key=counts.get)
    shorter = merge(ids, pair, 256)
    print(
        f"{verse!r}\n    most frequent pair {pair} = {decode_bytes(pair)!r}, {counts[pair]} times"
    )
    print(f"    merged into 256: {len(ids)} ids become {len(shorter)}\n")
    path = picture("08_tokenizer/bytes.png")
    plot_bytes(text, path)
    print(f"{path}: each character as wide as its bytes")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
