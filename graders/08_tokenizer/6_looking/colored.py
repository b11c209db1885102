"""08.colored: tokens on backgrounds of their own."""

from graders.authoring import exercise

from .part import random_text

ex = exercise("colored", title="tokens in color")


@ex.cases
def _(rng):
    yield dict(tokens=["a\n", " b"])
    yield dict(tokens=[])
    yield dict(tokens=[""])
    # what may go wrong, one at a time: how many there are, what is in them, the same one again
    for n in (3, 4, 5, 6, 13):
        yield dict(tokens=[f"w{rng.integer(10, 99)}{i}" for i in range(n)])
    yield dict(tokens=["w\n\nw", "ww\n\n", "\nww"])
    yield dict(tokens=["ww ", "  ", "\tww"])
    yield dict(tokens=["ww\r\n", "w\rw", "w\u2028w"])
    yield dict(tokens=["\u65e5\u65e5", "w\u00e9"])
    yield dict(tokens=["same", "ww", "same"])
    yield dict(tokens=["ww", "", "www"])
    yield dict(tokens=["x", "y"])
    yield dict(tokens=["w"] * 130)
    yield dict(tokens=["\x1b[0mw", "ww\x1b[30m"])
    yield dict(tokens=["\n\n", "x\r\n", " ", "\t", "", "\u65e5", "a\nb\nc", "same", "same"])
    yield dict(tokens=[random_text(rng, rng.integer(1, 6), "ab\n \u00e9") for _ in range(8)])


@ex.oracle
def _(tokens):
    out, colors = "", (224, 194, 189, 229, 183)
    for k in range(len(tokens)):
        out += (
            "\x1b[30;48;5;"
            + str(colors[k % 5])
            + "m"
            + "\u21b5".join(tokens[k].split("\n"))
            + "\x1b[0m"
        )
    return out


ex.hint("Go through the tokens with their places: enumerate. The colors go round: k % len(COLORS).")
ex.hint(
    "Replace line breaks in the token by ↵; put the sequence before it and the end sequence after it."
)
ex.hint(
    'f"\\\\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\\\\x1b[0m" for each, joined by nothing'
)

ex.misconception(
    "The color is never ended: it runs on into whatever is printed next. Each token ends with \\x1b[0m.",
    name="never_ended",
    replace="m{shown}\\x1b[0m",
    by="m{shown}",
)
ex.misconception(
    "The color is ended once, after the last token. Each token ends with \\x1b[0m.",
    name="ended_once",
    edits=[
        ("m{shown}\\x1b[0m", "m{shown}"),
        ('return "".join(out)', 'return "".join(out) + "\\x1b[0m"'),
    ],
)
ex.misconception(
    "Line breaks came through: the color runs to the end of the line. Show ↵ in their place.",
    name="line_breaks",
    replace='token.replace("\\n", "↵")',
    by="token",
)
ex.misconception(
    "After ↵ there is still a line break. The docstring has none, so that no color runs to the end of "
    "the line.",
    name="both",
    replace='"↵")',
    by='"↵\\n")',
)
ex.misconception(
    "The color depends on the token, not on its place: two neighbors may look like one.",
    name="by_token",
    replace="{COLORS[k % len(COLORS)]}",
    by="{COLORS[len(token) % len(COLORS)]}",
)
ex.misconception(
    "The colors begin with the second. The first token, at place 0, has COLORS[0].",
    name="from_one",
    replace="enumerate(tokens)",
    by="enumerate(tokens, 1)",
)
ex.misconception(
    "There are only five colors: with more tokens they go round, COLORS[k % len(COLORS)].",
    name="no_round",
    replace="{COLORS[k % len(COLORS)]}",
    by="{COLORS[k]}",
)
ex.misconception(
    "Something stands between the tokens. A space there looks like a part of one: join by nothing.",
    name="spaces",
    replace='"".join',
    by='" ".join',
)
ex.misconception(
    "A list came back. One string is asked for: ''.join(...).",
    name="a_list",
    replace='return "".join(out)',
    by="return out",
)

ex.misconception(
    "Only as many tokens came as there are colors: zip ends with the shorter one. Colors go round.",
    name="zip_ends",
    source="""
def colored(tokens):
    pairs = zip(COLORS, tokens)
    return "".join(f"\\x1b[30;48;5;{n}m" + t.replace("\\n", "\\u21b5") + "\\x1b[0m" for n, t in pairs)
""",
)
ex.misconception(
    "From the sixth token on the color stays the last one. The colors go round: k % len(COLORS).",
    name="stays_last",
    replace="{COLORS[k % len(COLORS)]}",
    by="{COLORS[min(k, len(COLORS) - 1)]}",
)
ex.misconception(
    "A token that comes again got the color of its first place. The color belongs to the place: enumerate.",
    name="first_place",
    replace="{COLORS[k % len(COLORS)]}",
    by="{COLORS[tokens.index(token) % len(COLORS)]}",
)
ex.misconception(
    "Empty tokens were left out. They have a color and an end, too, with nothing between.",
    name="no_empty",
    replace="enumerate(tokens):",
    by="enumerate(tokens):\n        if not token:\n            continue",
)
ex.misconception(
    "A line break at a token's end is lost, or others than \\n became ↵: splitlines does both. "
    "replace('\\n', '↵') is all that is asked.",
    name="splitlines",
    replace='token.replace("\\n", "↵")',
    by='"↵".join(token.splitlines())',
)
ex.misconception(
    "Only the first line break of a token became ↵. Each of them does.",
    name="first_break",
    replace='token.replace("\\n", "↵")',
    by='token.replace("\\n", "↵", 1)',
)
ex.misconception(
    "Spaces were taken off. They belong to the token, and are what the picture is to show.",
    name="stripped",
    replace='token.replace("\\n", "↵")',
    by='token.replace("\\n", "↵").strip(" ")',
)
ex.variant(
    "cycle",
    name="cycle",
    source="""
def colored(tokens):
    from itertools import cycle

    pairs = zip(cycle(COLORS), tokens)
    return "".join(f"\\x1b[30;48;5;{n}m" + t.replace("\\n", "\\u21b5") + "\\x1b[0m" for n, t in pairs)
""",
)

ex.equivalent(
    "out.append(f'\\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\\x1b[0m')  ->  "
    "out.extend(f'\\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\\x1b[0m')",
    "what is appended is joined to the rest at the end, letter by letter or at once",
)
