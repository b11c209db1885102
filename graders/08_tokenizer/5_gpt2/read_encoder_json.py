"""08.read_encoder_json: the ids, and the special token that looks like any other."""

import json

from graders.authoring import exercise

from .part import PROSE, learned, random_text, seen

ex = exercise("read_encoder_json", title="reading encoder.json")


@ex.cases
def _(rng):
    end = "<|endoftext|>"
    yield dict(text='{"!": 0, "\\u0120t": 256, "<|endoftext|>": 50256}', special=[end])
    yield dict(text='{"<|endoftext|>": 3, "\u00e9": 9, "\u00c3\u00a9": 0}', special=[end, "<|no|>"])
    yield dict(text='{"a": 1, "<|a|>": 7, "<|endoftext|>": 8, "<|": 5}', special=["<|a|>"])
    yield dict(text='{"a": 1, "un seen": 7, "\u65e5": 2}', special=["\u65e5", "un seen"])
    yield dict(text='{"a": 1, "<|endoftext|>": 8}', special=[])
    yield dict(text="{}", special=[end])
    # what JSON may write otherwise; an emoji takes two escapes
    odd = '{"\\/": 70000, "\\u0021\\u0022": 5,\n "\\ud83d\\ude00": 100257, "\\u003c|a|>" : 0 }'
    yield dict(text=odd, special=["<|a|>", "\U0001f600"])
    for text, count in ((PROSE, 40), (random_text(rng, 60), 12)):
        tokens = [bytes([b]) for b in range(256)] + [a + b for a, b in learned(text, count)]
        ids = {seen(t): i for i, t in enumerate(rng.shuffled(tokens))} | {end: 256 + count}
        yield dict(text=json.dumps(ids, ensure_ascii=rng.choice([True, False])), special=[end])


@ex.check("by default", cases=lambda rng: list(ex.default_cases(rng))[::2])
def _(m, text, special):
    try:
        return m.read_encoder_json(text)
    except KeyError:
        return "no bytes"


@ex.oracle
def _(text, special):
    table, ids, kept = seen(range(256)), {}, {}
    for token, idx in json.loads(text).items():
        if token in special:
            kept[token] = idx
        else:
            ids[bytes(map(table.index, token))] = idx
    return (ids, kept)


ex.hint("json.loads gives a dict {token: id}. Which of them go to which of the two results?")
ex.hint(
    "Ask first whether the token is in special; only what is not goes through visible_to_bytes."
)
ex.hint("special_tokens[token] = idx if token in special, else ids[visible_to_bytes(token)] = idx")

ex.misconception(
    "The special tokens are among the others, as bytes. No merge makes them: keep them apart, by their text.",
    name="not_apart",
    replace="if token in special:",
    by="if False:",
)
ex.misconception(
    "The special tokens are in both results. They are no tokens of bytes: only in the second.",
    name="in_both",
    replace="special_tokens[token] = idx",
    by="special_tokens[token] = ids[token.encode('utf-8')] = idx",
)
ex.misconception(
    "The special tokens were dropped. They have ids too: the second result holds them.",
    name="dropped",
    replace="special_tokens[token] = idx",
    by="pass",
)
ex.misconception(
    "Only <|endoftext|> counts as special here, whatever was passed in: take the argument.",
    name="always_endoftext",
    replace="token in special:",
    by="token == ENDOFTEXT:",
)
ex.misconception(
    "Whatever has <| in it was taken for special. The argument says which are; `<|` alone may be a token.",
    name="by_look",
    replace="token in special:",
    by='"<|" in token or token in special:',
)
ex.misconception(
    "The tokens are the characters of the file. They stand for bytes: visible_to_bytes(token).",
    name="strings",
    replace="ids[visible_to_bytes(token)]",
    by="ids[token]",
)
ex.misconception(
    "The tokens were encoded as UTF-8. These characters are GPT-2's names of bytes: visible_to_bytes(token).",
    name="utf8",
    replace="ids[visible_to_bytes(token)]",
    by="ids[token.encode('utf-8')]",
)
ex.misconception(
    "The result goes from ids to tokens. {bytes: id} is asked for, as in the file.",
    name="turned",
    replace="return ids, special_tokens",
    by="return {i: t for t, i in ids.items()}, special_tokens",
)
ex.misconception(
    "Only the ids came back. The special tokens are the second result.",
    name="first_only",
    replace="return ids, special_tokens",
    by="return ids",
)

ex.variant(
    "special ones taken out first",
    name="taken_out",
    source="""
def read_encoder_json(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    apart = {token: table.pop(token) for token in special if token in table}
    return {visible_to_bytes(token): i for token, i in table.items()}, apart
""",
)
