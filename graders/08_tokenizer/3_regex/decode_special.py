"""08.decode_special: bytes of ordinary and special ids, joined and decoded once."""

from graders.authoring import Raises, exercise

from .part import GPT2, MERGES, SPECIAL, made, spelled

ex = exercise(
    "decode_special", target="RegexTokenizer.decode", title="ids to text, special ones too"
)


@ex.cases
def _(rng):
    for ids in (
        [],
        [104, 105, 400],
        [257, 500, 301, 301, 259],
        [303, 195, 169, 302],
        [195, 400, 169],  # a character that a special token breaks
        [226, 130, 172, 226],
        [32, 400, 10],
        # a mark of byte order and Windows line ends are text like any other
        [*"\ufeffa\r\n\ufeff".encode(), 400, 13, 10],
        [262],
        [400, -1],
    ):
        yield dict(ids=ids, merges=MERGES, special=SPECIAL)
    yield dict(ids=[104, 400], merges=MERGES, special={})
    yield dict(ids=[256, 300], merges={}, special={"<|x|>": 300, "<|y|>": 256})
    known = [*range(260), *SPECIAL.values()]
    yield dict(ids=[rng.choice(known) for _ in range(40)], merges=MERGES, special=SPECIAL)


@ex.scenario
def _(m, ids, merges, special):
    return made(m, GPT2, merges, special).decode(ids)


@ex.check("the tokenizer stays as it is", cases=lambda rng: [dict(special=SPECIAL)])
def _(m, special):
    tokenizer = made(m, GPT2, MERGES, special)
    text = tokenizer.decode([104, *special.values()])
    return {
        "text": text,
        "vocab": len(tokenizer.vocab),
        "special tokens": dict(tokenizer.special_tokens),
    }


@ex.check("two at once", cases=lambda rng: [dict(i=rng.integer(400, 999))])
def _(m, i):
    """The same id in three tokenizers, and then another one in the first."""
    one, other = made(m, GPT2, MERGES, {"<|x|>": i}), made(m, GPT2, MERGES, {"<|y|>": i})
    third = made(m, GPT2, {}, {"<|x|>": 257, "z": 256, "<|y|>": i})
    found = [tokenizer.decode([i, 104]) for tokenizer in (one, other, third, one, other)]
    found += [tokenizer.decode([256, 105]) for tokenizer in (one, third, other)]
    one.special_tokens = {"<|new|>": i}
    found += [tokenizer.decode([104, i]) for tokenizer in (one, other, one)]
    one.special_tokens["<|more|>"] = i + 1
    return [*found, one.decode([i + 1, i])]


@ex.oracle
def _(ids, merges, special):
    table = spelled(merges) | {i: t.encode() for t, i in special.items()}
    if any(i not in table for i in ids):
        return Raises("KeyError")
    data = bytearray()
    for i in ids:
        data += table[i]
    return str(data, "utf-8", "replace")


ex.hint("special_tokens goes from strings to ids. Here you need the other direction.")
ex.hint("Turn the special strings into bytes as well, so that everything can be joined.")
ex.hint(
    "special = {idx: token.encode('utf-8') for token, idx in self.special_tokens.items()}; join special[i] "
    "or self.vocab[i] for each i; decode once with errors='replace'"
)

ex.misconception(
    "Special ids are looked up among the ordinary ones, and are not there: turn self.special_tokens around "
    "and look there too.",
    name="no_special",
    replace="special[i] if i in special else self.vocab[i] for",
    by="self.vocab[i] for",
)
ex.misconception(
    "Special tokens were left out. decode gives back the text as it was, with them.",
    name="special_skipped",
    replace="special[i] if i in special else self.vocab[i] for",
    by='b"" if i in special else self.vocab[i] for',
)
ex.misconception(
    "Token by token: characters that several tokens share fell apart. Join all bytes, then decode once.",
    name="token_by_token",
    source="""
    def decode(self, ids):
        special = {idx: token.encode("utf-8") for token, idx in self.special_tokens.items()}
        pieces = [special[i] if i in special else self.vocab[i] for i in ids]
        return "".join(piece.decode("utf-8", errors="replace") for piece in pieces)
""",
)
ex.misconception(
    "Bytes that are no UTF-8 raise UnicodeDecodeError: pass errors='replace'.",
    name="strict",
    replace='data.decode("utf-8", errors="replace")',
    by='data.decode("utf-8")',
)
ex.misconception(
    "Bytes that are no UTF-8 vanish: pass errors='replace', not 'ignore'.",
    name="ignored",
    replace='errors="replace"',
    by='errors="ignore"',
)
ex.misconception(
    "Unknown ids were passed over. They are a mistake somewhere: raise KeyError.",
    name="unknown_skipped",
    replace="self.vocab[i] for",
    by='self.vocab.get(i, b"") for',
)
ex.misconception(
    "ValueError for an unknown id; the docstring says KeyError, which a dict raises by itself.",
    name="value_error",
    replace="data = b",
    by="if any(i not in special and i not in self.vocab for i in ids):\n"
    "            raise ValueError('unknown')\n        data = b",
)
ex.misconception(
    "Spaces were put around the special tokens. Nothing is added: the text is what was encoded.",
    name="spaced",
    replace='token.encode("utf-8") for',
    by='f" {token} ".encode("utf-8") for',
)

ex.variant(
    "one table",
    name="one_table",
    source="""
    def decode(self, ids):
        table = dict(self.vocab)
        table.update((i, bytes(t, "utf-8")) for t, i in self.special_tokens.items())
        return b"".join([table[i] for i in ids]).decode(errors="replace")
""",
)
