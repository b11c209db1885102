"""08.visible_to_bytes: what a token of GPT-2's files stands for."""

from graders.authoring import Raises, exercise

from .part import TEXTS, seen

ex = exercise("visible_to_bytes", title="from visible characters to bytes")


@ex.cases
def _(rng):
    yield dict(visible="")
    yield dict(visible="\u0120hi")
    yield dict(visible="\u00e9")
    yield dict(visible=seen(rng.shuffled(range(256))))  # in order it would be the table
    for text in TEXTS[2:]:
        yield dict(visible=seen(text.encode("utf-8")))
    yield dict(visible=seen([rng.integer(0, 256) for _ in range(40)]))
    for wrong in ("a b", "\u65e5", "\n", "\u0144", "\xad", "ab\u65e5cd", "\x00", "\ta", "\x7f"):
        yield dict(visible=wrong)


@ex.oracle
def _(visible):
    table = list(seen(range(256)))
    if any(c not in table for c in visible):
        return Raises("KeyError")
    return bytes(map(table.index, visible))


ex.hint("Turn the table of bytes_to_unicode() around: from character to byte.")
ex.hint("One byte for each character; bytes([...]) takes a list of numbers.")
ex.hint(
    "byte_of = {c: b for b, c in bytes_to_unicode().items()}; bytes(byte_of[c] for c in visible)"
)


@ex.misconception(
    "These characters are not UTF-8: é in GPT-2's files is the one byte 233, and Ġ is the space. Look "
    "each up "
    "in the table of bytes_to_unicode, turned around."
)
def utf8(visible):
    return visible.encode("utf-8")


@ex.misconception(
    "Only Ġ was replaced, by a space, and the rest encoded as UTF-8. Every byte has its own character "
    "in these files: look all of them up in the table of bytes_to_unicode, turned around."
)
def only_space(visible):
    return visible.replace("\u0120", " ").encode("utf-8")


@ex.misconception(
    "The code points were taken as bytes where they fit, and the low eight bits otherwise. The 68 that "
    "had to move have spare characters, numbered in their order: look them up."
)
def low_bits(visible):
    return bytes(ord(c) % 256 for c in visible)


ex.misconception(
    "A list of numbers came back. bytes(...) makes them a bytes object.",
    name="a_list",
    source="""
    def visible_to_bytes(visible):
        table = {c: b for b, c in bytes_to_unicode().items()}
        return [table[c] for c in visible]
    """,
)
ex.misconception(
    "Characters that are none of the 256 were skipped. They can only be a mistake: let the KeyError come.",
    name="skips",
    source="""
    def visible_to_bytes(visible):
        table = {c: b for b, c in bytes_to_unicode().items()}
        return bytes(table[c] for c in visible if c in table)
    """,
)
ex.misconception(
    "The bytes were decoded to a string. A token may be a part of a character, so it must stay bytes.",
    name="decoded",
    source="""
    def visible_to_bytes(visible):
        table = {c: b for b, c in bytes_to_unicode().items()}
        return bytes(table[c] for c in visible).decode("utf-8", errors="replace")
    """,
)
ex.variant(
    "joined",
    name="joined",
    source="""
    def visible_to_bytes(visible):
        table = bytes_to_unicode()
        back = dict(zip(table.values(), table))
        return b"".join([bytes((back[c],)) for c in visible])
    """,
)
