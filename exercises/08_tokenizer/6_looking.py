# `hero check 08/6` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # Looking at tokens
#
# Many a strange thing that a language model does is the tokenizer's doing. This part makes tokens visible,
# and then looks at five oddities. Each is an experiment that you run below, with GPT-2's own vocabulary.
#
# 1. **Spelling is hard.** `strawberry` is `st|raw|berry`, three numbers, and with a space before it a single
#    one. How many r are in them is nowhere to be seen.
# 2. **Arithmetic.** In `127 + 677`, `127` is one token and ` 677` is two, ` 6|77`; ` 12345` is cut into
#    ` 123|45`. Columns of digits, as we add at school, never line up.
# 3. **A space at the end.** ` the` is one token, so a prompt that ends with a space asks for a word
#    *without* its space. The model has hardly ever seen that.
# 4. **Other languages cost more.** The merges were learned on English. The same greeting in Korean takes
#    several times as many tokens: slower, dearer, and less of it fits.
# 5. **SolidGoldMagikarp.** That name, with a space before it, is one token of GPT-2: it was in the text that
#    the *tokenizer* learned from, but hardly in what the *model* learned from. Its row of numbers stayed as
#    random as on the first day.
#
# What will go wrong: half a character, shown alone; a color that runs on to the end of the line; a token
# that is in the vocabulary, but that no text ever gives.

# %%
import argparse
import sys
import warnings

from data import DataError, picture

# backgrounds of a terminal with 256 colors: pale ones, so that black text can be read on them
COLORS = (224, 194, 189, 229, 183)

# %% [markdown]
# ## Colors
#
# A terminal obeys *escape sequences*: `\x1b[48;5;224m` makes the background number 224, `\x1b[30m` the text
# black, `\x1b[0m` ends both. Two neighbors must differ, so the colors go round.


# %%
def colored(tokens):
    r"""Tokens as one string, each on a background of its own.

    Args:
        tokens: a list of str, maybe empty.

    Returns:
        A str: for the token at place k, "\x1b[30;48;5;" + the number COLORS[k % len(COLORS)] + "m", the
        token, "\x1b[0m". Nothing between tokens. In the token, each line break ("\n") is shown as "↵" and
        no line break follows, so that no color runs to the end of a line.

    Example:
        >>> colored(["a\n", " b"])
        '\x1b[30;48;5;224ma↵\x1b[0m\x1b[30;48;5;194m b\x1b[0m'
    """
    # TODO 08.colored: your code here (stuck? `hero hint 08.colored`)
    raise NotImplementedError("08.colored")


# %% [markdown]
# ## Half a character
#
# `日` is three bytes, and may be two tokens: neither can be shown alone. So show together what only together
# is text. By hand: the tokens `a`, `\xe6\x97`, `\xa5`, `!` are the groups `a` (1 token), `日` (2 tokens), `!`
# (1 token).


# %%
def whole_characters(tokens):
    r"""Neighboring tokens, joined where a character runs across them.

    Args:
        tokens: a list of bytes, none empty, that join to valid UTF-8.

    Returns:
        A list of (text, number of tokens), tuples or lists, from left to right, each group with as few
        tokens as possible so that its bytes are valid UTF-8. The texts join to the whole.

    Example:
        >>> whole_characters([b"a", b"\xe6\x97", b"\xa5", b"!"])
        [('a', 1), ('日', 2), ('!', 1)]
    """
    # TODO 08.whole_characters: your code here (stuck? `hero hint 08.whole_characters`)
    raise NotImplementedError("08.whole_characters")


# %% [markdown]
# ## What a language costs


# %%
def tokens_per_character(samples, encode):
    """How many tokens a character takes, for each of several texts.

    Args:
        samples: {language: text}, no text empty.
        encode: a function from a str to a list of ids.

    Returns:
        A dict {language: tokens / characters, a float}, the cheapest language first; equally cheap ones in
        the order of samples. Characters are code points: len(text).

    Example:
        >>> tokens_per_character({"b": "éé", "a": "abcd"}, lambda text: list(text.encode()))
        {'a': 1.0, 'b': 2.0}
    """
    # TODO 08.tokens_per_character: your code here (stuck? `hero hint 08.tokens_per_character`)
    raise NotImplementedError("08.tokens_per_character")


# %% [markdown]
# ## Tokens that nobody meets
#
# A model learns the row of a token each time that the token occurs. Two kinds hardly ever do:
#
# - its text does not occur: ` SolidGoldMagikarp` in a corpus without that user;
# - its text occurs, but only as a piece of a longer token: once ` token` is one, ` tok` has hardly any work
#   left.
#
# Both are found in the same way: encode a corpus, and see which ids are not there. For the second kind, look
# whether the bytes are in the corpus all the same.


# %%
def unused_tokens(vocab, ids, corpus):
    """The tokens of a vocabulary that a text never uses.

    Args:
        vocab: {id: bytes} of all tokens.
        ids: the ids of the corpus, a list of ints, maybe empty.
        corpus: its bytes.

    Returns:
        (absent, swallowed), two ascending lists of the ids in vocab that are not among ids: those whose bytes
        stand nowhere in the corpus, and those whose bytes do stand there, but inside of longer tokens or
        across their borders. The ids are not gone through for each token: there may be millions.

    Example:
        >>> vocab = {0: b"a", 1: b"b", 2: b"ab", 3: b"zz"}
        >>> unused_tokens(vocab, [2, 2, 0], b"ababa")
        ([3], [1])
    """
    # TODO 08.unused_tokens: your code here (stuck? `hero hint 08.unused_tokens`)
    raise NotImplementedError("08.unused_tokens")


# %% [markdown]
# ## The end of a prompt is not firm
#
# Append one letter to a prompt, and its last tokens may become others: `hell` + `o` is not the tokens of
# `hell` followed by one for `o`, it is `hello`. A program that completes text must know how many of the ids
# will stay, whatever comes.


# %%
def stable_ids(encode, prompt, endings):
    """How many ids at the beginning of a prompt stay the same, whichever ending is appended.

    Args:
        encode: a function from a str to a list of ids.
        prompt: a str, maybe empty.
        endings: a list of str, maybe empty, of which any may come.

    Returns:
        An int: the largest n such that for each ending the ids of prompt + ending begin with the first n
        ids of the prompt. Without endings, all ids of the prompt.

    Example:
        >>> by_pairs = lambda text: [text[i : i + 2] for i in range(0, len(text), 2)]
        >>> stable_ids(by_pairs, "hello", ["", "!"]), stable_ids(by_pairs, "hell", ["o"])
        (2, 2)
    """
    # TODO 08.stable_ids: your code here (stuck? `hero hint 08.stable_ids`)
    raise NotImplementedError("08.stable_ids")


# %% [markdown]
# ## Run it
#
# The five oddities with GPT-2's vocabulary. The picture shows a line of each kind, cut into tokens; your own
# text: `hero run 08/6 -- --text "..."`.

# %%
LANGUAGES = {
    "English": "Good morning, how are you today?",
    "German": "Guten Morgen, wie geht es dir heute?",
    "Greek": "Καλημέρα, τι κάνεις σήμερα;",
    "Hebrew": "בוקר טוב, מה שלומך היום?",
    "Hindi": "सुप्रभात, आज आप कैसे हैं?",
    "Korean": "좋은 아침이에요, 오늘 어떠세요?",
    "Japanese": "おはようございます、今日はお元気ですか?",
}
PROSE = "The token stands between the text and the model, and the model sees nothing else. " * 20


def plot_tokens(rows, path):
    """rows: [(name, groups of whole_characters), ...]"""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    rows = [
        (
            f"{name}: {sum(n for _, n in groups)}",
            [t.replace(" ", "␣").replace("\n", "↵") + f" ({n})" * (n > 1) for t, n in groups],
        )
        for name, groups in rows
    ]
    width = max(sum(map(len, labels)) for _, labels in rows)
    figure = Figure(figsize=(max(5.0, 0.16 * width), 0.5 * len(rows) + 0.5), layout="constrained")
    axes, colors = figure.subplots(), mpl.colormaps["Pastel1"].colors
    for row, (_, labels) in enumerate(rows):
        x = 0
        for k, label in enumerate(labels):
            axes.barh(row, len(label), 0.86, left=x, color=colors[k % 5], edgecolor="white")
            where = dict(ha="center", va="center", fontsize=8, parse_math=False)
            axes.text(x + len(label) / 2, row, label, **where)
            x += len(label)
    axes.set(xlim=(0, width), ylim=(len(rows) - 0.5, -0.5), xticks=[])
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title("What GPT-2 sees (in brackets: tokens of one character)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not every font can draw every character
        figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Tokens in color, and five oddities.")
    parser.add_argument("--text", default="Egg. An Egg. EGG egg eggs")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not 1 <= len(args.text) <= 200 or any(0xD800 <= ord(c) <= 0xDFFF for c in args.text):
        parser.error("--text takes 1 to 200 characters, all of them Unicode text")
    from tiktoken import Encoding

    from data import load_gpt2_ranks

    pattern = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
    ranks = load_gpt2_ranks()
    gpt2 = Encoding("gpt2", pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
    vocab = {idx: token for token, idx in ranks.items()}

    def groups(text):
        return whole_characters([vocab[i] for i in gpt2.encode_ordinary(text)])

    def show(name, text):
        print(f"{name:<18}" + colored([piece for piece, _ in groups(text)]))

    show("your text", args.text)
    show(
        "1 spelling", "strawberry, Strawberry: how many r are in a strawberry? s t r a w b e r r y"
    )
    show("2 arithmetic", "127 + 677 = 804, 1275 + 6773 = 8048, 12345 + 67890")
    show("3 space at the end", "Once upon a time there was ")
    print("4 tokens per character:")
    costs = tokens_per_character(LANGUAGES, gpt2.encode_ordinary)
    for name, cost in costs.items():
        print(f"    {name:<10}{cost:5.2f}  {'#' * round(20 * cost)}")
    show("5 one token", "x SolidGoldMagikarp")
    absent, swallowed = unused_tokens(vocab, gpt2.encode_ordinary(PROSE), PROSE.encode())
    print(
        f"  a corpus of {len(PROSE)} characters leaves {len(absent):,} tokens without any training;"
    )
    print(f"  of these that occur, {len(swallowed)} are only pieces of others, such as", end=" ")
    print(
        ", ".join(repr(vocab[i])[1:] for i in sorted(swallowed, key=lambda i: -len(vocab[i]))[:5])
    )
    letters = [chr(c) for c in range(ord("a"), ord("z") + 1)]
    for prompt in ("Say hell", "Say hello", "Say hello "):
        n, size = (
            stable_ids(gpt2.encode_ordinary, prompt, letters),
            len(gpt2.encode_ordinary(prompt)),
        )
        print(f"{prompt!r}: {n} of {size} ids are firm, whichever letter comes next")
    rows = [("your text", groups(args.text)), ("spelling", groups("strawberry, Strawberry"))]
    rows += [("sums", groups("127 + 677, 12345 + 67890")), ("end", groups("Once upon a time "))]
    rows += [(name, groups(LANGUAGES[name])) for name in ("English", "German", "Greek")]
    path = picture("08_tokenizer/looking.png")
    plot_tokens(rows, path)
    print(f"{path}: the same, to keep")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
    except DataError as error:
        sys.exit(str(error))
