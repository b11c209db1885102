"""08.bytes_to_unicode: a character that can be seen for every byte."""

from graders.authoring import exercise

from .part import visible

ex = exercise("bytes_to_unicode", title="a character for every byte", points=2)


@ex.cases
def _(rng):
    yield dict(times=1)
    yield dict(times=3)
    yield dict(times=rng.integer(40, 80))  # who hands out a few dicts in turn has none left


@ex.scenario
def _(m, times):
    tables = [m.bytes_to_unicode() for _ in range(times)]
    tables[0] = dict(tables[0])
    for table in tables[1:]:
        table.pop(65, None)  # what a caller does with his own must not reach the next
    return tables[0] if times == 1 else m.bytes_to_unicode()


@ex.oracle
def _(times):
    return visible()


ex.hint(
    "Go through the bytes 0 to 255 in order: is this one of the 188? What does it get if it isn't?"
)
ex.hint("Count how many had to move so far: the first gets chr(256), the next chr(257), and so on.")
ex.hint(
    "printable = {*range(33, 127), *range(161, 173), *range(174, 256)}; for byte in range(256): chr(byte) if "
    "it is in there, else chr(spare), with spare from 256 on, one more each time"
)

ex.misconception(
    "The bytes that do not print moved to 256 + byte. They are numbered one after the other instead: the "
    "first of them gets chr(256), the next chr(257), so byte 127 gets chr(289).",
    name="plus_256",
    replace="table[byte] = chr(spare)",
    by="table[byte] = chr(256 + byte)",
)
ex.misconception(
    "The space stands for itself. It separates the two halves of a merge in the file, so it must "
    "move: chr(288), which is Ġ.",
    name="space_stays",
    replace="range(33, 127)",
    by="range(32, 127)",
)
ex.misconception(
    "The soft hyphen, byte 173, stands for itself. As a character it is invisible, so it moves.",
    name="soft_hyphen",
    replace="*range(161, 173), *range(174, 256)",
    by="*range(161, 256)",
)
ex.misconception(
    "The last byte of a range is missing: 126 (~), 172 (¬) and 255 (ÿ) print, and range leaves its end out.",
    name="range_ends",
    replace="*range(33, 127), *range(161, 173), *range(174, 256)",
    by="*range(33, 126), *range(161, 172), *range(174, 255)",
)
ex.misconception(
    "The no-break space, byte 160, stands for itself. It looks like a space, so it moves.",
    name="no_break_space",
    replace="range(161, 173)",
    by="range(160, 173)",
)
ex.misconception(
    "Only ASCII stands for itself here. The visible characters from 161 on (¡ to ÿ) do too.",
    name="ascii_only",
    replace="printable = {*range(33, 127), *range(161, 173), *range(174, 256)}",
    by="printable = {*range(33, 127)}",
)
ex.misconception(
    "The spare characters begin at 257. The first byte that has to move, 0, gets chr(256).",
    name="from_257",
    replace="spare = {}, 256",
    by="spare = {}, 257",
)
ex.misconception(
    "Every byte has the character of the same code point: then control characters and spaces are in the "
    "file. Only the 188 that print may keep theirs.",
    name="latin_1",
    replace="if byte in printable:",
    by="if True:",
)
ex.misconception(
    "The table is the wrong way round: {byte: character} is asked for.",
    name="turned",
    replace="return table",
    by="return {c: b for b, c in table.items()}",
)
ex.misconception(
    "The values are code points. Characters are asked for: chr(...).",
    name="numbers",
    replace="return table",
    by="return {b: ord(c) for b, c in table.items()}",
)
ex.misconception(
    "The same dict came back twice (by lru_cache, as in GPT-2's own code?), so that what one caller changes "
    "reaches the next. Make a new one in each call.",
    name="shared",
    source="""
def bytes_to_unicode():
    known = bytes_to_unicode.__dict__
    if not known.get("table"):
        hidden = [*range(33), *range(127, 161), 173]
        table = {b: chr(b) for b in range(256)}
        known["table"] = table | {b: chr(256 + i) for i, b in enumerate(hidden)}
    return known["table"]
""",
)

ex.variant(
    "two lists side by side",
    name="two_lists",
    source="""
def bytes_to_unicode():
    shown = list(range(ord("!"), ord("~") + 1)) + list(range(161, 173)) + list(range(174, 256))
    points = shown[:]
    for b in range(2**8):
        if b not in shown:
            shown.append(b)
            points.append(256 + len(points) - 188)
    return dict(zip(shown, map(chr, points)))
""",
)

ex.equivalent("256  ->  257", "only bytes are looked up: 256 is none")
