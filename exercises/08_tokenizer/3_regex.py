# `hero check 08/3` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Split first, then merge
#
# Plain byte pair encoding learns `dog.`, `dog!` and `dog?` as three tokens: frequent words glue themselves to
# whatever follows. GPT-2's remedy: cut the text into **chunks** first (words with the space before them,
# numbers, punctuation) and never merge across a cut.
#
#     "Hello world's 2024 dogs!!"
#     GPT-2:   Hello| world|'s| 2024| dogs|!!
#     GPT-4:   Hello| world|'s| |202|4| dogs|!!
#
# Each chunk is encoded alone; the ids are put one after the other. So no token spans two chunks, and the
# loss of a long text falls apart into many short, cheap problems.
#
# The cut is a regular expression, tried from left to right at each place. It needs `\p{L}` (any letter of
# any script) and `\p{N}` (any kind of number), which Python's own `re` does not know: we use the
# package `regex`, under the name `re`.
#
# What will go wrong: merges that cross a cut; pairs counted across chunks; special tokens whose `|` means
# "or" to a regular expression; a short special token that eats the beginning of a longer one.

# %%
import argparse
import sys
import warnings

import regex as re

from data import picture

# an English ending | letters | numbers | the rest | spaces, but the last before a word belongs to it
GPT2_SPLIT_PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
# endings in capitals too; at most three digits; line breaks stay together with what is before them
GPT4_SPLIT_PATTERN = (
    r"""'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}"""
    r"""| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"""
)


# %% [markdown]
# *Given: merging, and encoding the bytes of one chunk, from the part before.*


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


def encode_chunk(data, merges):
    """The ids of a bytes object after all merges that apply, lowest new id first."""
    ids = list(data)
    while len(ids) >= 2:
        pair = min(zip(ids, ids[1:], strict=False), key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


# %% [markdown]
# ## Cutting


# %%
def split_chunks(pattern, text):
    """All matches of the pattern, in order.

    Args:
        pattern: a regular expression of the package regex, without capturing groups, that never matches the
            empty string.
        text: a str, maybe empty.

    Returns:
        A list of str. With the two patterns above they join to the whole text; what another
        pattern does not match is left out.

    Example:
        >>> split_chunks(GPT2_SPLIT_PATTERN, "Hello world's 2024")
        ['Hello', ' world', "'s", ' 2024']

    Source: GPT-2 (Radford et al. 2019), section 2.2; the pattern is in its encoder.
    """
    # TODO 08.split_chunks: your code here (stuck? `hero hint 08.split_chunks`)
    raise NotImplementedError("08.split_chunks")


# %% [markdown]
# ## Counting, chunk by chunk
#
# In the chunks `ab` and `ba` there are the pairs (a, b) and (b, a). There is no (b, b): the end of one
# chunk and the beginning of the next are no neighbors.


# %%
def count_pairs(chunks):
    """How often each pair of neighbors occurs within the chunks.

    Args:
        chunks: a list of lists of ints, any of which may be short or empty.

    Returns:
        A dict {(left, right): count} over all chunks together, pairs in the order in which they are first
        seen. The chunks are not gone through for each pair.

    Example:
        >>> count_pairs([[1, 2, 1], [2, 1, 2], [7]])
        {(1, 2): 2, (2, 1): 2}
    """
    # TODO 08.count_pairs: your code here (stuck? `hero hint 08.count_pairs`)
    raise NotImplementedError("08.count_pairs")


# %% [markdown]
# ## Special tokens
#
# `<|endoftext|>` marks where a document ends. It is one id that no merge can produce, and must be cut out
# of the text *before* the pattern and the merges see it. A regular expression can do that:
# `re.split` keeps what it splits at if that stands in parentheses, `re.split("(,)", "a,,b")` is
# `['a', ',', '', ',', 'b']`. With two traps:
#
# - `|` means "or" there. `re.escape` makes every character stand for itself.
# - Of `<|end|>` and `<|end|>!` the first alternative that fits wins: put the **longest first**.


# %%
def split_special(text, special):
    """Cuts a text at the special tokens and keeps them.

    Args:
        text: a str, maybe empty.
        special: a collection of different, non-empty strings (a list, set or dict), maybe empty.

    Returns:
        A list of non-empty str that join to the whole text: each occurrence of a special token is
        an item of its own; what is between two of them is one item. From left to right; where
        several special tokens begin at one place, the longest counts.

    Example:
        >>> split_special("hi<|a|><|b|>you", ["<|a|>", "<|b|>"])
        ['hi', '<|a|>', '<|b|>', 'you']
        >>> split_special("plain", [])
        ['plain']
    """
    # TODO 08.split_special: your code here (stuck? `hero hint 08.split_special`)
    raise NotImplementedError("08.split_special")


# %% [markdown]
# ## The tokenizer
#
# Five methods, five exercises. Which special tokens `encode` believes is a matter of safety: text typed by
# a user must not be able to end the document by writing `<|endoftext|>`. So the default is to refuse:
#
#     allowed_special="none_raise"     an error if the text holds any of them
#     allowed_special="none"           they are ordinary text
#     allowed_special="all"            each becomes its id
#     allowed_special={"<|a|>"}        this one becomes its id; the others are ordinary text


# %%
class RegexTokenizer:
    """Byte pair encoding within chunks, and special tokens.

    Attributes:
        pattern: the split pattern, a str.
        merges: {(left, right): new id}, in the order in which they were learned; empty before train.
        vocab: {id: bytes} of the bytes and merges, without special tokens.
        special_tokens: {str: id}.
    """

    def __init__(self, pattern=GPT4_SPLIT_PATTERN):
        self.pattern = pattern
        self.merges = {}
        self.vocab = {i: bytes([i]) for i in range(256)}
        self.special_tokens = {}

    def train(self, text, vocab_size):
        """Learns merges within the chunks of the text; sets self.merges and self.vocab.

        Args:
            text: a str.
            vocab_size: 256 bytes plus the number of merges wanted, an int >= 256.

        Returns:
            None. Merges go on until there are vocab_size - 256, or no chunk has a pair left. The most
            frequent pair comes first; of several, the one seen first. Nothing of an earlier training is
            left; special tokens stay as they are. (Give them ids that no training reaches: one that means two
            things is not looked after.)

        Raises:
            ValueError: vocab_size is less than 256.

        Example:
            >>> tokenizer = RegexTokenizer(GPT2_SPLIT_PATTERN)
            >>> tokenizer.train("hug hug hugs", 258)
            >>> [tokenizer.vocab[i] for i in (256, 257)]
            [b'hu', b'hug']
        """
        # TODO 08.train_chunks: your code here (stuck? `hero hint 08.train_chunks`)
        raise NotImplementedError("08.train_chunks")

    def register_special_tokens(self, special_tokens):
        """Sets which special tokens there are.

        Args:
            special_tokens: {str: id}, no str empty; takes the place of those set before. Later changes to
                this dict must not reach the tokenizer.

        Raises:
            ValueError: an id is among self.vocab, or two tokens have the same id. The tokens set
                before then stay.

        Example:
            >>> tokenizer = RegexTokenizer()
            >>> tokenizer.register_special_tokens({"<|endoftext|>": 100257})
            >>> tokenizer.special_tokens
            {'<|endoftext|>': 100257}
        """
        # TODO 08.register_special_tokens: your code here (stuck? `hero hint 08.register_special_tokens`)
        raise NotImplementedError("08.register_special_tokens")

    def decode(self, ids):
        """The text of a list of ids, special ones included.

        Args:
            ids: a list of ints, maybe empty.

        Returns:
            A str. All bytes are joined before they are decoded, once; what is no UTF-8 becomes U+FFFD.

        Raises:
            KeyError: an id is neither in self.vocab nor that of a special token.

        Example:
            >>> tokenizer = RegexTokenizer()
            >>> tokenizer.register_special_tokens({"<|endoftext|>": 300})
            >>> tokenizer.decode([104, 105, 300])
            'hi<|endoftext|>'
        """
        # TODO 08.decode_special: your code here (stuck? `hero hint 08.decode_special`)
        raise NotImplementedError("08.decode_special")

    def encode_ordinary(self, text):
        """The ids of a text in which nothing is special.

        Args:
            text: a str, maybe empty.

        Returns:
            A list of ints: those of its chunks, one after the other.

        Example:
            >>> tokenizer = RegexTokenizer(GPT2_SPLIT_PATTERN)
            >>> tokenizer.train("hug hug hugs", 258)
            >>> tokenizer.encode_ordinary("hug hugs")
            [257, 32, 257, 115]
        """
        # TODO 08.encode_ordinary: your code here (stuck? `hero hint 08.encode_ordinary`)
        raise NotImplementedError("08.encode_ordinary")

    def encode(self, text, allowed_special="none_raise"):
        """The ids of a text in which special tokens may stand.

        Args:
            text: a str, maybe empty.
            allowed_special: "all", "none", "none_raise", or a set of special tokens; see above. With a set,
                only its tokens are looked for; strings in it that are no special tokens of this tokenizer
                mean nothing.

        Returns:
            A list of ints. What is between special tokens is encoded as by encode_ordinary.

        Raises:
            ValueError: with "none_raise", the text holds a special token; or allowed_special is
                another string.

        Example:
            >>> tokenizer = RegexTokenizer()
            >>> tokenizer.register_special_tokens({"<|a|>": 300})
            >>> tokenizer.encode("h<|a|>", allowed_special="all")
            [104, 300]
            >>> tokenizer.encode("h<|a|>", allowed_special="none")
            [104, 60, 124, 97, 124, 62]
        """
        # TODO 08.encode_special: your code here (stuck? `hero hint 08.encode_special`)
        raise NotImplementedError("08.encode_special")


# %% [markdown]
# ## Run it
#
# The two patterns on the same text; then a tokenizer trained on a page of prose, and what special tokens do
# to it. Try your own: `hero run 08/3 -- --text "..."`.

# %%
PROSE = """\
The tokenizer stands between the text and the model, and neither of them sees past it. The model never reads
a letter: it reads the numbers that the tokenizer has given to the words, to the endings of the words, and
to the spaces that stand in front of the words. What is frequent gets a number of its own; what is rare is
spelled out, byte by byte. The other end is the same: the model gives numbers, the tokenizer gives the text.
When the model can't count the letters of a word, when it doesn't see that the words rhyme, when the numbers
of a sum are cut into pieces that have nothing to do with the digits, the tokenizer is the reason. It isn't
trained with the model. It's trained before, on a text of its own, and it doesn't change after that.
"""


def plot_chunks(rows, path):
    """rows: [(name, chunks), ...]; each chunk a box as wide as its characters."""
    from matplotlib.figure import Figure

    from data.style import TINTS

    width = max(sum(map(len, chunks)) for _, chunks in rows)
    figure = Figure(figsize=(max(5.0, 0.2 * width), 0.6 * len(rows) + 0.8), layout="constrained")
    axes = figure.subplots()
    for row, (_, chunks) in enumerate(rows):
        x = 0
        for k, chunk in enumerate(chunks):
            axes.barh(row, len(chunk), 0.86, left=x, color=TINTS[k % 5], edgecolor="white")
            for i, c in enumerate(chunk):
                shown = {" ": "␣", "\n": "↵"}.get(c, c if c.isprintable() else "·")
                where = dict(ha="center", va="center", fontsize=12, parse_math=False)
                axes.text(x + i + 0.5, row, shown, **where)
            x += len(chunk)
    axes.set(xlim=(0, width), ylim=(len(rows) - 0.5, -0.5), xticks=[], yticks=range(len(rows)))
    axes.set_yticklabels([f"{name}: {len(chunks)} chunks" for name, chunks in rows])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title("No merge crosses a cut")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not every font can draw every character
        figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Split patterns, and a tokenizer that uses them.")
    sample = "I don't, I CAN'T:\n    x = 12345  # naïve"
    parser.add_argument("--text", default=sample, help="1 to 120 characters")
    parser.add_argument("--merges", type=int, default=120)
    parser.add_argument("--pattern", default=GPT4_SPLIT_PATTERN, help="how the prose is cut")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.merges < 1:
        parser.error("--merges must be at least 1")
    if not 1 <= len(args.text) <= 120 or any(0xD800 <= ord(c) <= 0xDFFF for c in args.text):
        parser.error("--text takes 1 to 120 characters, all of them Unicode text")

    try:
        re.compile(args.pattern)
    except re.error as error:
        parser.error(f"--pattern: {error}")

    patterns = {"GPT-2": GPT2_SPLIT_PATTERN, "GPT-4": GPT4_SPLIT_PATTERN}
    rows = [(name, split_chunks(pattern, args.text)) for name, pattern in patterns.items()]
    for name, chunks in rows:
        print(f"{name}: {chunks}")

    tokenizer = RegexTokenizer(args.pattern)
    tokenizer.train(PROSE, 256 + args.merges)
    longest = sorted(list(tokenizer.vocab.values())[256:], key=len, reverse=True)[:10]
    n = len(tokenizer.encode(PROSE, "none"))
    print(
        f"\n{len(tokenizer.merges)} merges of a page of prose, which is {n:,} tokens now. The longest:"
    )
    print("    " + " ".join(repr(token.decode("utf-8", errors="replace")) for token in longest))

    end = "<|endoftext|>"
    tokenizer.register_special_tokens({end: max(tokenizer.vocab) + 1})
    text = "The words." + end
    print(f"\n{text!r} with allowed_special=")
    for allowed in ("all", "none"):
        ids = tokenizer.encode(text, allowed)
        same = "back to the same text" if tokenizer.decode(ids) == text else "NOT the same text"
        print(f"    {allowed!r}: {len(ids)} ids, {same}")
    try:
        tokenizer.encode(text)
    except ValueError as error:
        print(f"    'none_raise': ValueError: {error}")
    path = picture("08_tokenizer/chunks.png")
    plot_chunks(rows, path)
    print(f"\n{path}: where the two patterns cut")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
