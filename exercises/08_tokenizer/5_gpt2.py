# `hero check 08/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # GPT-2's tokenizer, and GPT-4's
#
# Two real vocabularies, read from the files that they were published in. Nothing is new about the algorithm:
# bytes, a split pattern, merges, lowest new id first. What is new is how it is *written down*, and both
# files have a trap that costs everyone an afternoon.
#
#     GPT-2    vocab.bpe       50,000 lines such as   Ġ t       the merges, in the order learned
#              encoder.json    {"Ġt": 256, ...}                 the id of each token
#     GPT-4    cl100k_base     100,256 tokens and their ranks; the merges are not there at all
#
# First trap: what is Ġ? Second trap: in both, byte 0 is not id 0. `A`, byte 65, has the id 32.
#
# What will go wrong: Ġ is read as a letter; lines that begin with `#` are thrown away as comments (one of
# them is a merge); the bytes keep their own numbers as ids; a token is cut at the first place that fits.

# %%
import argparse
import json
import random
import sys
import warnings
from itertools import pairwise
from pathlib import Path

import regex as re

from data import DataError, picture

GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
GPT4_SPLIT_PATTERN = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"""
    r"""| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"""
)
ENDOFTEXT = "<|endoftext|>"

# %% [markdown]
# *Given: merging, as in the parts before. Ids may be anything here.*


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


# %% [markdown]
# ## A character for every byte
#
# A merge is two strings of bytes, and a line of text cannot hold every byte: a space separates the two
# halves, a line break ends the line, byte 0 upsets editors, and 200 alone is no UTF-8. GPT-2's remedy: write
# each byte as *one character that can be seen*.
#
# - 188 bytes stand for themselves: as a code point they print something. These are `!` to `~` (33 to 126),
#   `¡` to `¬` (161 to 172), `®` to `ÿ` (174 to 255). Not the space (32), not the soft hyphen (173), which is
#   invisible.
# - The other 68, in ascending order, get the code points 256, 257, 258, ...
#
# Check by hand: the bytes 0 to 32 are all among the 68, so byte 0 is chr(256) = `Ā`, and the space, byte 32,
# is chr(256 + 32) = `Ġ`. There it is: **Ġ is a space**, and the line break, byte 10, is chr(266) = `Ċ`.


# %%
def bytes_to_unicode():
    """The character that GPT-2's files write for each byte.

    Returns:
        A new dict {byte: character} of all 256 bytes (ints 0 to 255), in any order. The 188 bytes 33 to 126,
        161 to 172 and 174 to 255 have the character with the same code point; the other 68, in ascending
        order, have those with the code points 256, 257, ..., 323.

    Example:
        >>> table = bytes_to_unicode()
        >>> table[65], table[0], table[10], table[32], len(table)
        ('A', 'Ā', 'Ċ', 'Ġ', 256)

    Source: GPT-2 (Radford et al. 2019), encoder.py.
    """
    # TODO 08.bytes_to_unicode: your code here (stuck? `hero hint 08.bytes_to_unicode`)
    raise NotImplementedError("08.bytes_to_unicode")


# %% [markdown]
# And back. This is *not* UTF-8: `é` in such a file is the one byte 233, and a real é, bytes 195 169, is
# written `Ã©`. Who has seen `Ã©` on a web page has seen the same accident.


# %%
def visible_to_bytes(visible):
    r"""The bytes that a token of GPT-2's files stands for: the inverse of bytes_to_unicode.

    Args:
        visible: a str, maybe empty, of characters that bytes_to_unicode gives.

    Returns:
        A bytes object with one byte for each character.

    Raises:
        KeyError: a character is none of the 256 (a plain space, say).

    Example:
        >>> visible_to_bytes("Ġhi"), visible_to_bytes("é"), visible_to_bytes("Ã©").decode()
        (b' hi', b'\xe9', 'é')
    """
    # TODO 08.visible_to_bytes: your code here (stuck? `hero hint 08.visible_to_bytes`)
    raise NotImplementedError("08.visible_to_bytes")


# %% [markdown]
# ## The two files
#
# `vocab.bpe` begins with a line that says its version, and then has one merge a line:
#
#     #version: 0.2
#     Ġ t
#     Ġ a
#     h e
#
# Only that first line is no merge. Somewhere below stands `# #`: a program that skips "comments" loses a
# merge.


# %%
def read_vocab_bpe(text):
    r"""The merges of GPT-2's file vocab.bpe, as bytes.

    Args:
        text: what the file holds: a first line that is the version, whatever it says, even if it is
            empty; then one merge a line: the left half, one space, the right half, both written as by
            bytes_to_unicode. The last line may or may not end with a line break; there are no other empty
            lines.

    Returns:
        A list of (left, right), both bytes, in the order of the file.

    Example:
        >>> read_vocab_bpe("#version: 0.2\nĠ t\nĠt he\n# #\n")
        [(b' ', b't'), (b' t', b'he'), (b'#', b'#')]
    """
    # TODO 08.read_vocab_bpe: your code here (stuck? `hero hint 08.read_vocab_bpe`)
    raise NotImplementedError("08.read_vocab_bpe")


# %% [markdown]
# `encoder.json` gives the ids. Its last entry, `<|endoftext|>`, looks like any other token: each of its
# thirteen characters happens to be a visible byte. But no merge makes it. It is special, and we keep it
# apart.


# %%
def read_encoder_json(text, special=(ENDOFTEXT,)):
    """The ids of GPT-2's file encoder.json, special tokens apart.

    Args:
        text: what the file holds: a JSON object {token: id}, tokens written as by bytes_to_unicode,
            special tokens as they are.
        special: a collection of the special tokens, str.

    Returns:
        (ids, special_tokens): {bytes: id} of all tokens that are not special, and {str: id} of those in
        special that the file has.

    Example:
        >>> read_encoder_json('{"!": 0, "Ġt": 256, "<|endoftext|>": 50256}')
        ({b'!': 0, b' t': 256}, {'<|endoftext|>': 50256})
    """
    # TODO 08.read_encoder_json: your code here (stuck? `hero hint 08.read_encoder_json`)
    raise NotImplementedError("08.read_encoder_json")


# %% [markdown]
# Together they are what our encoder wants, merges as ids: `(b" ", b"t")` becomes (220, 83): 256.


# %%
def link_merges(pairs, ids):
    """Merges as ids, as the parts before have them.

    Args:
        pairs: a list of (left, right), both bytes, in the order learned.
        ids: {bytes: id} of all tokens: of the halves, and of what each pair joins to.

    Returns:
        A dict {(left id, right id): id of the joined token}, in the order of pairs.

    Example:
        >>> link_merges([(b"h", b"i"), (b"hi", b"!")], {b"!": 0, b"h": 71, b"i": 72, b"hi": 300, b"hi!": 301})
        {(71, 72): 300, (300, 0): 301}
    """
    # TODO 08.link_merges: your code here (stuck? `hero hint 08.link_merges`)
    raise NotImplementedError("08.link_merges")


# %% [markdown]
# ## The byte shuffle
#
# Why is `A` 32 and not 65? GPT-2 numbered the bytes in the order in which its table was built: first the 188
# visible ones, so `!` is 0 and `A` is 65 - 33 = 32; then the 68 others, so the space is 188 + 32 = 220.
# GPT-4 kept that order. A historical accident, but all ids depend on it: before any merge, byte b must
# become `ranks[bytes([b])]`.


# %%
def byte_shuffle(ranks):
    """The id of each single byte.

    Args:
        ranks: {bytes: id} of all tokens, the 256 single bytes among them, in any order.

    Returns:
        A list of 256 ints: at place b the id of the byte b.

    Example:
        >>> upside_down = {bytes([b]): 255 - b for b in range(256)}
        >>> byte_shuffle({b"ab": 256, **upside_down})[:3]
        [255, 254, 253]
    """
    # TODO 08.byte_shuffle: your code here (stuck? `hero hint 08.byte_shuffle`)
    raise NotImplementedError("08.byte_shuffle")


# %%
def encode_ranked(text, pattern, ranks, merges):
    """The ids of a text, nothing in it being special, for ids that do not start from the bytes' own numbers.

    Args:
        text: a str, maybe empty.
        pattern: the split pattern; re.findall(pattern, text) are the chunks.
        ranks: {bytes: id} of all tokens.
        merges: {(left id, right id): new id}; each half is a byte or has a lower id than the whole. The
            order of the dict means nothing: the lowest new id is merged first, and of overlapping
            occurrences the leftmost.

    Returns:
        A list of ints: those of its chunks, one after the other. Each starts from the ids of its bytes.

    Example:
        >>> ranks = {bytes([b]): 255 - b for b in range(256)} | {b"ab": 256}
        >>> encode_ranked("ab b", GPT2_SPLIT_PATTERN, ranks, {(158, 157): 256})
        [256, 223, 157]
    """
    # TODO 08.encode_ranked: your code here (stuck? `hero hint 08.encode_ranked`)
    raise NotImplementedError("08.encode_ranked")


# %% [markdown]
# ## Merges from ranks
#
# GPT-4's file has tokens and ranks only: `b" the"` is number 279. Which two halves made it? Not every cut
# that fits: history decides. So we replay it: **encode the token's own bytes with all tokens that are older
# than it.** Two pieces must be left, or it could not have been the next merge. Those two are the pair.
#
# By hand: bc has rank 300, ab 301, abc 302, abcd 303. The bytes a b c d: of ab and bc, bc is older: a bc d.
# Of abc and bcd, abc is a token: abc d. abcd itself would be next, but is not older than itself. Two pieces:
# (abc, d). For abc: a bc, so (a, bc), though (ab, c) fits as well.


# %%
def split_token(token, ranks):
    """The two tokens that a token was merged from.

    Args:
        token: bytes, at least two, a key of ranks.
        ranks: {bytes: rank} of all tokens, the 256 single bytes among them; lower ranks are older.

    Returns:
        (left, right), both bytes. They are what is left when the bytes of the token are merged: of all
        neighbors that join to a token with a rank below that of `token`, the two with the lowest rank (the
        leftmost of equals) are joined, and again, one place at a time, until there are none.

    Raises:
        ValueError: not exactly two pieces are left.

    Example:
        >>> ranks = {bytes([b]): b for b in range(256)} | {b"bc": 300, b"ab": 301, b"abc": 302, b"abcd": 303}
        >>> split_token(b"abc", ranks), split_token(b"abcd", ranks)
        ((b'a', b'bc'), (b'abc', b'd'))
    """
    # TODO 08.split_token: your code here (stuck? `hero hint 08.split_token`)
    raise NotImplementedError("08.split_token")


# %%
def recover_merges(ranks):
    """The merges behind a table of ranks.

    Args:
        ranks: {bytes: rank} of all tokens, the 256 single bytes among them, in any order.

    Returns:
        A dict {(left rank, right rank): rank} with an entry for each token of two bytes or more, in ascending
        order of rank: the order in which they were learned.

    Raises:
        ValueError: a token does not come apart into two, see split_token.

    Example:
        >>> ranks = {bytes([b]): b for b in range(256)} | {b"abc": 302, b"bc": 300, b"ab": 301}
        >>> recover_merges(ranks)
        {(98, 99): 300, (97, 98): 301, (97, 300): 302}

    Source: the idea is minbpe's, for the lecture.
    """
    # TODO 08.recover_merges: your code here (stuck? `hero hint 08.recover_merges`)
    raise NotImplementedError("08.recover_merges")


# %% [markdown]
# ## Run it
#
# Reads both vocabularies with your code, and compares with the real `tiktoken` on some hundred odd strings.
# Of GPT-4 only the beginning: the first tokens of a vocabulary are one themselves. `--tokens 100256`
# recovers all of it, in some minutes. Your own text: `hero run 08/5 -- --text "..."`.


# %%
def odd_texts(count):
    """Strings that tokenizers stumble over: all scripts, emoji with joiners, control characters, runs."""
    draw = random.Random(5)
    pieces = ["the ", "don't", "I'LL", " 12345", "naïve ", "日本語", "שלום", "👩‍🔬", "🇫🇷", "Ω", "é"]
    pieces += ["   ", "\r\n", "\x00", "\t", "\u2028", "aaaa", "x=[1];", "Ġ"]
    for _ in range(count):
        anything = chr(draw.choice([draw.randrange(0xD800), draw.randrange(0xE000, 0x110000)]))
        yield "".join(draw.choices([*pieces, anything], k=draw.randrange(12)))


def plot_table(table, path):
    """The 256 characters as a square; those that had to move are colored."""
    from matplotlib.figure import Figure

    axes = (figure := Figure(figsize=(7.2, 7.4), layout="constrained")).subplots()
    moved = [[float(table[16 * i + j] != chr(16 * i + j)) for j in range(16)] for i in range(16)]
    axes.imshow(moved, cmap="Pastel1_r", vmin=-0.6, vmax=1.4)
    for byte, character in table.items():
        where = dict(ha="center", va="center", fontsize=13, parse_math=False)
        axes.text(byte % 16, byte // 16, character, **where)
    axes.set(xlabel="low half of the byte", ylabel="high half of the byte")
    axes.set_xticks(range(16), [f"{i:x}" for i in range(16)])
    axes.set_yticks(range(16), [f"{i:x}_" for i in range(16)])
    axes.set_title("What GPT-2 writes for each byte (blue: the 68 that had to move)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not every font can draw every character
        figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="GPT-2's and GPT-4's tokenizers.")
    parser.add_argument("--text", default="Hello world's 日本 12345!!")
    parser.add_argument("--tokens", type=int, default=5_000, help="how many of GPT-4's 100,256")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.tokens < 256:
        parser.error("--tokens must be at least 256: the bytes need a place each")
    if not args.text or any(0xD800 <= ord(c) <= 0xDFFF for c in args.text):
        parser.error("--text takes at least one character, all of them Unicode text")
    from tiktoken import Encoding

    from data import gpt2_files, load_cl100k_ranks, load_gpt2_ranks

    bpe_path, json_path = gpt2_files()
    pairs = read_vocab_bpe(Path(bpe_path).read_text(encoding="utf-8"))
    ids, special = read_encoder_json(Path(json_path).read_text(encoding="utf-8"))
    merges = link_merges(pairs, ids)
    print(f"GPT-2: {len(merges):,} merges, special: {special}, ", end="")
    print(f"ranks as tiktoken has them: {ids == load_gpt2_ranks()}")

    ranks = {token: rank for token, rank in load_cl100k_ranks().items() if rank < args.tokens}
    recovered = recover_merges(ranks)
    print(f"GPT-4: {len(recovered):,} merges recovered from the first {len(ranks):,} ranks")

    texts = [args.text, *odd_texts(300)]
    gpt4 = ("gpt4", GPT4_SPLIT_PATTERN, ranks, recovered)
    for name, pattern, table, learned in (("gpt2", GPT2_SPLIT_PATTERN, ids, merges), gpt4):
        real = Encoding(name, pat_str=pattern, mergeable_ranks=table, special_tokens={})
        both = [(encode_ranked(t, pattern, table, learned), real.encode_ordinary(t)) for t in texts]
        same = sum(own == reals for own, reals in both)
        print(f"{name}: {same} of {len(texts)} strings have the same ids as with tiktoken's")
        print(
            "    " + " ".join(f"{real.decode_single_token_bytes(i)!r}:{i}"[1:] for i in both[0][0])
        )
    path = picture("08_tokenizer/bytes_to_unicode.png")
    plot_table(bytes_to_unicode(), path)
    print(f"{path}: a character for every byte")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
    except DataError as error:
        sys.exit(str(error))
