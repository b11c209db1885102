"""08.split_special: cutting at special tokens, longest first, taken literally."""

import regex as re

from graders.authoring import exercise

from .part import cut, random_text

ex = exercise("split_special", title="cutting at special tokens")


@ex.cases
def _(rng):
    two = ["<|a|>", "<|b|>"]
    for text in ("", "plain", "hi<|a|><|b|>you", "<|a|>", "x<|a|", "<|b|><|b|> <|a|>y", " <|A|> "):
        yield dict(text=text, special=two)
    for text in ("", "a|b", "plain"):
        yield dict(text=text, special=[])
    nested = ["<|a|>", "<|a|>b", "<|a|>bc", "bc"]
    for text in ("<|a|>bcd", "<|a|>b<|a|>", "bc<|a|>c", "x<|a|>bbc"):
        yield dict(text=text, special=nested)
        yield dict(text=text, special=nested[::-1])
    literal = [".", "a+", "[x]", "(y)", "\\d", "^"]
    for text in ("ab.aa+[x]x(y)y\\d5", "a+b^2 = c.", "xyz5"):
        yield dict(text=text, special=literal)
    yield dict(text="x<|a|>y<|end|>", special={"<|end|>": 5, "<|a|>": 300})
    yield dict(text="\u65e5\u672c<s>\n<s>\u00e9", special={"<s>"})
    yield dict(text="aaa aaaa", special=["aa"])
    yield dict(text="abc", special=["ab", "bc"])
    # a longer one that begins later does not count: it overlaps one that is there already
    yield dict(text="abcd abcd", special=["ab", "bcd"])
    # no character is free to mark the cuts
    marks = "\x00\x01\x02\x1e\x1f\n|,\ue000\uf8ff\ufffd\uffff"
    yield dict(text="y<|a|>".join(marks) + marks, special=two)
    many = [f"<|{i}|>" for i in range(300)]
    yield dict(text="x".join(rng.shuffled(many)[:120]), special=many)
    pieces = ("<|a|>", "<|a|>b", "b", "<|", "|>", "a", ".", " ", "\u20ac")
    for length in (8, 25):
        yield dict(
            text=random_text(rng, length, pieces), special=rng.shuffled(["<|a|>", "<|a|>b", "."])
        )


@ex.oracle
def _(text, special):
    return cut(text, special)


ex.hint("re.split keeps what it splits at, if the pattern stands in parentheses.")
ex.hint(
    "Join the tokens with '|', each through re.escape, the longest first. What does the pattern match "
    "when there are none?"
)
ex.hint(
    "pattern = '(' + '|'.join(re.escape(t) for t in sorted(special, key=len, reverse=True)) + ')'; "
    "return the non-empty pieces of re.split(pattern, text); without special tokens the text alone"
)

ex.misconception(
    "The special tokens are not escaped: `|`, `.` or `(` in them mean something to a regular expression. "
    "Put each through re.escape.",
    name="unescaped",
    replace="re.escape(token)",
    by="token",
)
ex.misconception(
    "A shorter special token won over a longer one that begins with it: sort by length, the longest first.",
    name="shortest_first",
    replace="sorted(special, key=len, reverse=True)",
    by="sorted(special, key=len)",
)
ex.misconception(
    "The tokens were tried in the order in which they came; a shorter one may stand before a longer one that "
    "begins with it. Sort by length, the longest first.",
    name="unsorted",
    replace="sorted(special, key=len, reverse=True)",
    by="list(special)",
)
ex.misconception(
    "A character was put in to mark the cuts, and the text was cut at it. That character may stand in the "
    "text itself, which is then cut there, too, and loses it. Cut by places, or with re.split.",
    name="marked",
    source="""
def split_special(text, special):
    longest_first = sorted(special, key=len, reverse=True)
    pattern = "|".join(re.escape(token) for token in longest_first)
    if special:
        text = re.sub(pattern, lambda found: "\\0" + found.group() + "\\0", text)
    return [piece for piece in text.split("\\0") if piece]
""",
)
ex.misconception(
    "The special tokens themselves are gone. Put the pattern in parentheses: then re.split keeps what it "
    "splits at.",
    name="not_kept",
    edits=[('"(" + ', ""), (' + ")"', "")],
)
ex.misconception(
    "Empty pieces are left, where two special tokens touch or one stands at an end. Leave them out.",
    name="empty_pieces",
    edits=[("[text] if text else []", "[text]"), (" if piece]", "]")],
)
ex.misconception(
    "Without special tokens the pattern is empty and matches between any two characters. Then there is "
    "nothing to cut: the text is one piece.",
    name="none_at_all",
    replace="if not special:\n        return [text] if text else []",
    by="pass",
)
ex.misconception(
    "Only the first special token was cut out. Go on to the end of the text.",
    name="only_one",
    replace="re.split(pattern, text)",
    by="re.split(pattern, text, maxsplit=1)",
)
ex.misconception(
    "What stands between was stripped, or dropped where it is only spaces. The pieces must join to the text.",
    name="stripped",
    replace="[piece for piece in re.split(pattern, text) if piece]",
    by="[piece.strip() for piece in re.split(pattern, text) if piece.strip()]",
)
ex.misconception(
    "Capitals and small letters were taken for the same. A special token is exactly its characters.",
    name="any_case",
    replace="re.split(pattern, text)",
    by="re.split(pattern, text, flags=re.IGNORECASE)",
)
ex.misconception(
    "A longer special token took characters from a shorter one that begins before it. From left to right: "
    "length decides only between tokens that begin at the same place.",
    name="longest_anywhere",
    source="""
def split_special(text, special):
    for token in sorted(special, key=len, reverse=True):
        before, here, after = text.partition(token)
        if here:
            return split_special(before, special) + [token] + split_special(after, special)
    return [text] if text else []
""",
)
ex.misconception(
    "Cut with str.split, one special token after the other: a shorter one may cut a longer one apart, and "
    "the order of the dict decides. Find them all in one walk from left to right.",
    name="one_after_the_other",
    source="""
def split_special(text, special):
    pieces = [text]
    for token in special:
        new = []
        for piece in pieces:
            if piece in special:
                new.append(piece)
                continue
            for k, part in enumerate(piece.split(token)):
                new += ([token] if k else []) + [part]
        pieces = new
    return [piece for piece in pieces if piece]
""",
)


@ex.variant("a walk")
def walk(text, special):
    pieces, plain = [], ""
    while text:
        here = max((s for s in special if text.startswith(s)), key=len, default="")
        if here:
            pieces += [plain, here] if plain else [here]
            plain, text = "", text[len(here) :]
        else:
            plain, text = plain + text[0], text[1:]
    return pieces + [plain] if plain else pieces


@ex.variant("finditer")
def found(text, special):
    longest = sorted(special, key=lambda s: (-len(s), s))
    pattern, out, at = "|".join(map(re.escape, longest)), [], 0
    for match in re.finditer(pattern, text) if longest else ():
        out += [text[at : match.start()], match.group()]
        at = match.end()
    return list(filter(None, [*out, text[at:]]))


ex.equivalent(
    "sorted(special, key=len, reverse=True)  ->  sorted(special, reverse=True)",
    "backwards by the alphabet, too, what goes on further comes before its beginning",
)
