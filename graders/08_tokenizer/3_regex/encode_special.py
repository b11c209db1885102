"""08.encode_special: which special tokens are believed."""

import regex as re

from graders.authoring import Raises, exercise

from .part import GPT2, MERGES, SPECIAL, cut, encoded, made, random_text

ex = exercise(
    "encode_special", target="RegexTokenizer.encode", title="encoding with special tokens", points=2
)


@ex.cases
def _(rng):
    texts = (
        "",
        "ab ab",
        "<|a|>",
        "ab<|a|>b ab<|ab|><|ab|>(.)(x) \u00e9nd",
        "<|a|",
        "ab <|ab|> ab  ",
    )
    for text in texts:
        for allowed in (
            "all",
            "none",
            "none_raise",
            {"<|a|>"},
            {"<|a|>b", "<|ab|>", "<|no|>"},
            set(),
        ):
            yield dict(text=text, allowed=allowed, special=SPECIAL)
    yield dict(text="x<|no|>y", allowed={"<|no|>"}, special={"<|a|>": 300})
    yield dict(text="a|b <|a|>", allowed="all", special={})
    yield dict(text="<|a|>", allowed="none_raise", special={})
    yield dict(text="ab", allowed="some", special=SPECIAL)
    yield dict(text="", allowed="<|a|>", special=SPECIAL)
    for other in ("", "All", "none ", "raise"):
        yield dict(text="ab", allowed=other, special=SPECIAL)
    pieces = (*SPECIAL, "ab", " ", "b", "<|", "7")
    for length, allowed in ((9, "all"), (12, set(rng.shuffled(SPECIAL)[:2])), (20, "none")):
        yield dict(text=random_text(rng, length, pieces), allowed=allowed, special=SPECIAL)


@ex.scenario
def _(m, text, allowed, special):
    tokenizer = made(m, GPT2, MERGES, special)
    tokenizer.encode("ab<|a|>", "all")  # nothing of it may be left
    ids = tokenizer.encode(text, allowed_special=allowed)
    return {"ids": ids, "special tokens": dict(tokenizer.special_tokens)}


@ex.check("refuses unless told")
def _(m, text, allowed, special):
    return made(m, GPT2, MERGES, special).encode(text)


def pairs(rng):
    """The same strings, with other ids or other merges, and strings that only one of the two knows."""
    first, second = {"<|a|>": 400, "b": 300}, {"<|a|>": 500, "a|": 301}
    for more, merges in (({}, MERGES), ({}, MERGES), ({"<|ab|>": 302}, {})):
        text = random_text(rng, 8, (*first, *second, "<|ab|>", "ab", " ")) + "b<|a|>ab ab"
        yield dict(text=text, first=first, second=second | more, merges=merges)
    yield dict(text="ab<|a|> ab", first=second, second={}, merges=MERGES)
    yield dict(text="ab<|a|> ab", first=first, second={"<|a|>": 500, "b": 301}, merges=MERGES)
    yield dict(text="a<|a|>  a", first=first, second=dict(first), merges={})


@ex.check("two at once", cases=pairs)
def _(m, text, first, second, merges):
    one, other = made(m, GPT2, MERGES, first), made(m, GPT2, merges, second)
    found = []
    for allowed in ("all", {"<|a|>", "b"}, "none", "none_raise"):
        for tokenizer in (one, other, one, other):
            try:
                found.append(tokenizer.encode(text, allowed))
            except ValueError:
                found.append("ValueError")
    one.special_tokens, other.special_tokens = dict(second), dict(first)
    found += [tokenizer.encode(text, "all") for tokenizer in (one, other, one)]
    one.special_tokens["a"] = 600  # in place
    found += [tokenizer.encode(text, {"a", "b"}) for tokenizer in (one, other)]
    return found


@ex.oracle
def _(text, allowed, special):
    if isinstance(allowed, str) and allowed not in ("all", "none", "none_raise"):
        return Raises("ValueError")
    if allowed == "none_raise" and any(p in special for p in cut(text, special)):
        return Raises("ValueError")
    if isinstance(allowed, str):
        allowed = special if allowed == "all" else ()
    ids = []
    for piece in cut(text, [t for t in special if t in allowed]):
        believed = piece in special and piece in allowed
        ids += [special[piece]] if believed else encoded(re.findall(GPT2, piece), MERGES)
    return {"ids": ids, "special tokens": special}


ex.hint("First work out, from allowed_special, which special tokens count: a dict {str: id}.")
ex.hint(
    "split_special(text, those) cuts the text. A piece that is one of them is one id; any other goes "
    "through encode_ordinary."
)
ex.hint(
    "'all': self.special_tokens; 'none': {}; 'none_raise': {} after raising ValueError if any(token in text "
    "...); other strings: ValueError; else those of self.special_tokens that are in allowed_special"
)

ex.misconception(
    "Special tokens that are not allowed became ids all the same: which of them count depends on "
    "allowed_special. Text that a user typed must not be able to forge them.",
    name="all_always",
    replace="for piece in split_special(text, special):",
    by="special = self.special_tokens\n        for piece in split_special(text, special):",
)
ex.misconception(
    "With 'none_raise', a text that holds a special token must raise ValueError; here it is encoded as "
    "ordinary text.",
    name="never_raises",
    replace="if any(token in text for token in self.special_tokens):",
    by="if False:",
)
ex.misconception(
    "'none' raised an error. Only 'none_raise' does; with 'none' special tokens are ordinary text.",
    name="none_raises_too",
    replace='elif allowed_special == "none":',
    by='elif allowed_special == "none" and not any(t in text for t in self.special_tokens):',
)
ex.misconception(
    "The default is 'all': then whoever calls encode without a thought lets users forge special tokens. The "
    "default refuses: 'none_raise'.",
    name="default_all",
    replace='allowed_special="none_raise"',
    by='allowed_special="all"',
)
ex.misconception(
    "The default is 'none': special tokens in the text go unnoticed. The default refuses: 'none_raise'.",
    name="default_none",
    replace='allowed_special="none_raise"',
    by='allowed_special="none"',
)
ex.misconception(
    "With a set, special tokens outside of it raised an error. They are ordinary text then.",
    name="set_raises",
    replace="special = {t: i for",
    by="if any(t in text for t in self.special_tokens if t not in allowed_special):\n"
    "                raise ValueError('not allowed')\n            special = {t: i for",
)
ex.misconception(
    "With a set, every special token was allowed. Only those in the set are.",
    name="set_as_all",
    replace=" if t in allowed_special}",
    by="}",
)
ex.misconception(
    "A string in the set that is no special token of this tokenizer raises KeyError. It means nothing: go "
    "through self.special_tokens and keep those in the set.",
    name="unknown_in_set",
    replace="{t: i for t, i in self.special_tokens.items() if t in allowed_special}",
    by="{t: self.special_tokens[t] for t in allowed_special}",
)
ex.misconception(
    "An unknown string such as 'some' was let through. Raise ValueError, or a typing mistake goes unnoticed.",
    name="any_string",
    replace="elif isinstance(allowed_special, str):",
    by="elif False:",
)
ex.misconception(
    "Special tokens were dropped from the result: each is one id.",
    name="dropped",
    replace="[special[piece]] if piece in special",
    by="[] if piece in special",
)
ex.misconception(
    "Tokens that are not allowed were forgotten for good: self.special_tokens was changed. Make a new dict.",
    name="forgets",
    replace="ids = []",
    by="self.special_tokens = special\n        ids = []",
)
ex.misconception(
    "'none_raise' asked only whether the whole text is a special token. It may stand anywhere in it.",
    name="whole_text",
    replace="any(token in text for token in self.special_tokens)",
    by="text in self.special_tokens",
)

ex.variant(
    "a set of names",
    name="names",
    source="""
    def encode(self, text, allowed_special="none_raise"):
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(allowed_special)
            names = list(self.special_tokens) if allowed_special == "all" else []
        else:
            names = [t for t in allowed_special if t in self.special_tokens]
        if allowed_special == "none_raise":
            if any(p in self.special_tokens for p in split_special(text, self.special_tokens)):
                raise ValueError("special")
        ids = []
        for piece in split_special(text, names):
            if piece in names:
                ids.append(self.special_tokens[piece])
            else:
                ids += self.encode_ordinary(piece)
        return ids
""",
)
