"""08.colored: tokens on backgrounds of their own."""

from graders.authoring import exercise

from .part import random_text

ex = exercise("colored", title="tokens in color")


@ex.cases
def _(rng):
    yield dict(tokens=["a\n", " b"])
    yield dict(tokens=[])
    yield dict(tokens=[""])
    yield dict(tokens=["\n\n", "x\r\n", " ", "\t", "", "\u65e5", "a\nb\nc", "same", "same"])
    yield dict(tokens=[str(i) for i in range(13)])
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

ex.equivalent(
    "out.append(f'\\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\\x1b[0m')  ->  "
    "out.extend(f'\\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\\x1b[0m')",
    "what is appended is joined to the rest at the end, letter by letter or at once",
)
