"""08.byte_shuffle: byte 65 is not id 65."""

from graders.authoring import exercise

from .part import PROSE, learned, mixed, random_text, seen, table

ex = exercise("byte_shuffle", title="the byte shuffle")


@ex.cases
def _(rng):
    visible_first = sorted(range(256), key=lambda b: ord(seen([b])))
    yield dict(ranks={bytes([b]): i for i, b in enumerate(visible_first)})  # GPT-2's own order
    yield dict(ranks={b"ab": 256, **{bytes([b]): 255 - b for b in range(256)}})
    yield dict(ranks={bytes([b]): b for b in range(256)})
    yield dict(ranks={bytes([b]): 1000 + 3 * b for b in range(256)} | {b"ab": 7, b"\x00\x00": 2})
    yield dict(ranks={bytes([b]): 70_000 - 9 * b for b in range(256)})
    for text, count in ((PROSE, 20), (random_text(rng, 50), 9)):
        yield dict(ranks=mixed(rng, table(rng, learned(text, count))))


@ex.oracle
def _(ranks):
    out = [None] * 256
    for token, rank in ranks.items():
        if len(token) == 1:
            out[token[0]] = rank
    return out


ex.hint("For each number b from 0 to 255: what is the key of ranks that is just this byte?")
ex.hint("bytes([b]) is the bytes object of the one byte b; bytes(b) is b zeros.")
ex.hint("return [ranks[bytes([b])] for b in range(256)]")

ex.misconception(
    "This is the inverse: at place i the byte with the id i. Asked is, at place b, the id of the byte b.",
    name="inverse",
    replace="[ranks[bytes([b])] for b in range(256)]",
    by="[t[0] for t in sorted((t for t in ranks if len(t) == 1), key=ranks.get)]",
)
ex.misconception(
    "The bytes kept their own numbers as ids. That they don't is the point: ranks[bytes([b])].",
    name="own_numbers",
    replace="[ranks[bytes([b])] for b in range(256)]",
    by="list(range(256))",
)
ex.misconception(
    "The ids stand in the order of the dict. The place is the byte itself, whatever the order of ranks.",
    name="dict_order",
    replace="[ranks[bytes([b])] for b in range(256)]",
    by="[i for t, i in ranks.items() if len(t) == 1]",
)
ex.misconception(
    "chr(b).encode() is two bytes from 128 on: the character with this code point. The byte b is bytes([b]).",
    name="characters",
    replace="ranks[bytes([b])]",
    by="ranks[chr(b).encode()]",
)
ex.misconception(
    "bytes(b) is b zeros. bytes([b]), of a list, is the one byte b.",
    name="zeros",
    replace="ranks[bytes([b])]",
    by="ranks.get(bytes(b))",
)
ex.misconception(
    "Byte 255 is missing: range(256) goes from 0 to 255.",
    name="range_255",
    replace="for b in range(256)]",
    by="for b in range(255)]",
)
ex.misconception(
    "A dict came back. A list is asked for, with the id of the byte b at place b.",
    name="a_dict",
    replace="[ranks[bytes([b])] for b in range(256)]",
    by="{b: ranks[bytes([b])] for b in range(256)}",
)

ex.variant(
    "slices",
    name="slices",
    source="""
def byte_shuffle(ranks):
    every = bytes(range(256))
    return [ranks[every[i : i + 1]] for i in range(256)]
""",
)
