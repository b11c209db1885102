"""08.register_special_tokens: ids of their own, in a dict of one's own."""

from graders.authoring import Raises, exercise

from .part import GPT2, MERGES, SPECIAL, made

ex = exercise(
    "register_special_tokens",
    target="RegexTokenizer.register_special_tokens",
    title="telling it the special tokens",
)


@ex.cases
def _(rng):
    high = rng.integer(1000, 200_000)
    for special in (
        {},
        {"<|endoftext|>": 100257},
        SPECIAL,
        {"<|x|>": high, "<|y|>": high + 1, "<|z|>": high - 1},
        {"<|x|>": 262},  # the first that is free
        {"<|x|>": 7000},  # that of a token which it replaces
        {"<|x|>": 261},  # the last merge
        {"<|x|>": 0},
        {"<|x|>": 300, "<|y|>": 255},
        {"<|x|>": 300, "<|y|>": 300},
        {"<|x|>": 300, "<|y|>": 301, "<|z|>": 300},  # the same, but not side by side
        {"<|x|>": 300, "<|y|>": 258, "<|z|>": 301},
    ):
        yield dict(special=special)


@ex.scenario
def _(m, special):
    tokenizer = made(m, GPT2, MERGES, {})
    tokenizer.register_special_tokens({"<|old|>": 7000})
    given = dict(special)
    tokenizer.register_special_tokens(given)
    unchanged = given == special
    given["<|later|>"] = 8000
    return {
        "special": dict(tokenizer.special_tokens),
        "vocab": len(tokenizer.vocab),
        "argument unchanged": unchanged,
    }


@ex.check("refused tokens change nothing")
def _(m, special):
    tokenizer = made(m, GPT2, MERGES, {})
    tokenizer.register_special_tokens({"<|old|>": 7000})
    refused = []
    for wrong in (
        {"<|n|>": 7001, "<|m|>": 97},
        {"<|n|>": 9, "<|m|>": 7001},
        {"<|n|>": 7001, "<|m|>": 7001},
    ):
        try:
            tokenizer.register_special_tokens(wrong)
            refused.append(False)
        except ValueError:
            refused.append(True)
    return [refused, dict(tokenizer.special_tokens)]


def pairs(rng):
    high = rng.integer(1000, 200_000)
    yield dict(first={"<|x|>": high, "<|m|>": 260}, second={"<|y|>": high, "<|x|>": 300})
    yield dict(first={"<|x|>": 261}, second={})


@ex.check("two at once", cases=pairs)
def _(m, first, second):
    """One of bytes alone, and one with merges, whose ids the first may give away."""
    plain, merged = m.RegexTokenizer(GPT2), made(m, GPT2, MERGES, {})
    seen = []

    def tell(tokenizer, special):
        try:
            tokenizer.register_special_tokens(dict(special))
            seen.append("accepted")
        except ValueError:
            seen.append("ValueError")
        seen.append([dict(plain.special_tokens), dict(merged.special_tokens)])

    for tokenizer, special in (
        *((plain, first), (merged, second), (plain, first), (merged, first)),
        *((plain, second), (merged, {}), (merged, second), (plain, {})),
    ):
        tell(tokenizer, special)
    return seen


@ex.oracle
def _(special):
    used = [*range(256 + len(MERGES)), *special.values()]
    if len(used) > len({*used}):
        return Raises("ValueError")
    return {"special": special, "vocab": 256 + len(MERGES), "argument unchanged": True}


ex.hint("Check first, then set: after an error everything should be as before.")
ex.hint("Two ids are equal if a set of them is shorter than the list. dict(...) makes a copy.")
ex.hint(
    "ids = list(special_tokens.values()); ValueError if len(set(ids)) < len(ids) or any is in self.vocab; "
    "self.special_tokens = dict(special_tokens)"
)

ex.misconception(
    "The caller's own dict was kept: when it changes later, so does the tokenizer. Keep a copy: dict(...).",
    name="no_copy",
    replace="dict(special_tokens)",
    by="special_tokens",
)
ex.misconception(
    "The tokens set before are still there. The new ones take their place.",
    name="added",
    replace="dict(special_tokens)",
    by="{**self.special_tokens, **special_tokens}",
)
ex.misconception(
    "An id that a byte or a merge has already was accepted: decoding could not tell the two apart. "
    "Raise ValueError.",
    name="taken",
    replace=" or any(i in self.vocab for i in ids)",
    by="",
)
ex.misconception(
    "Two special tokens with the same id were accepted: decoding cannot tell them apart. Raise ValueError.",
    name="twice",
    replace="len(set(ids)) < len(ids) or ",
    by="",
)
ex.misconception(
    "Only ids of single bytes are refused. The ids of merges are taken as well: look into self.vocab.",
    name="bytes_only",
    replace="i in self.vocab for",
    by="i < 256 for",
)
ex.misconception(
    "Turned around: {str: id} is asked for, not {id: str}.",
    name="turned",
    replace="dict(special_tokens)",
    by="{i: t for t, i in special_tokens.items()}",
)
ex.misconception(
    "Set before it was checked: after the error the wrong tokens are there. Check first.",
    name="set_first",
    edits=[
        ("ids = list(", "self.special_tokens = dict(special_tokens)\n        ids = list("),
    ],
)
ex.misconception(
    "The special tokens were put into self.vocab. That holds bytes and merges only.",
    name="into_vocab",
    replace="self.special_tokens = dict(special_tokens)",
    by="self.special_tokens = dict(special_tokens)\n"
    "        self.vocab.update({i: t.encode() for t, i in special_tokens.items()})",
)

ex.misconception(
    "All tokenizers share one dict (a global, one of the class, or a default argument, which is made only "
    "once): what one is told, the others have, too. Each needs a dict of its own.",
    name="shared",
    source="""
    def register_special_tokens(self, special_tokens, kept={}):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i in self.vocab for i in ids):
            raise ValueError("each special token needs an id of its own, outside of the vocabulary")
        kept.clear()
        kept.update(special_tokens)
        self.special_tokens = kept
""",
)

ex.variant(
    "one by one",
    name="one_by_one",
    source="""
    def register_special_tokens(self, special_tokens):
        seen = set(self.vocab)
        for idx in special_tokens.values():
            if idx in seen:
                raise ValueError(f"{idx} is taken")
            seen.add(idx)
        self.special_tokens = {**special_tokens}
""",
)

ex.equivalent(
    "list(special_tokens.values())  ->  special_tokens.values()",
    "how many there are, and which, is seen without a list",
)
