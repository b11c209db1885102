"""09.document_tokens: <|endoftext|> first, 16 bits, and no silent overflow."""

import numpy as np

from graders.authoring import Raises, exercise

doc = exercise("document_tokens", title="one document", points=1, pure=False)

CASES = [
    ("b a b", [3, 700], 50_256),
    ("", [1], 7),
    ("a", [65_535], 0),
    ("a b c a", [40_000, 0, 32_768], 65_535),
    ("c a", [5, 6, 65_536], 9),
    ("b c", [1, 2, 3], 70_000),
    ("a b", [100_257, 4], 3),
    ("a", [-1], 3),
    ("a", [5], -1),
    ("b a", [2**70, 3], 4),  # no int64 holds it
    ("a", [5], 2**64),
]


@doc.cases
def _(rng):
    for text, ids, eot in CASES:
        yield dict(text=text, table=dict(zip("abc", ids, strict=False)), eot=eot)
    ids = rng.integers(1000, 60_000, 3).tolist()
    text = " ".join(rng.choice("abc") for _ in range(300))
    yield dict(text=text, table=dict(zip("abc", ids, strict=True)), eot=rng.integer(60_000, 65_536))


@doc.scenario
def _(m, text, table, eot):
    asked = []

    def encode(piece):
        asked.append(piece)
        return [table[word] for word in piece.split()]

    tokens = m.document_tokens(text, encode, eot)
    return {"tokens": tokens, "encoded": asked}


@doc.oracle
def _(text, table, eot):
    ids = [eot] + [table[word] for word in text.split()]
    if any(i not in range(2**16) for i in ids):
        return Raises("ValueError")
    return {"tokens": np.array(ids, dtype="uint16"), "encoded": [text]}


doc.hint("A list first, with eot in front. Then look at it before it is squeezed into 16 bits.")
doc.hint(
    "ids = [eot, *encode(text)], check min(ids) and max(ids), then np.array(ids, dtype=np.uint16)."
)

doc.misconception(
    """<|endoftext|> stands behind the document. It opens one: then it is also what a new text begins
    with.""",
    name="eot_behind",
    replace="[eot, *encode(text)]",
    by="[*encode(text), eot]",
)
doc.misconception(
    """<|endoftext|> is missing: documents would flow into each other.""",
    name="no_eot",
    replace="[eot, *encode(text)]",
    by="encode(text) or [eot]",
)
doc.misconception(
    """<|endoftext|> stands on both sides; one before each document separates them all.""",
    name="both_sides",
    replace="[eot, *encode(text)]",
    by="[eot, *encode(text), eot]",
)
doc.misconception(
    """Ids that do not fit into 16 bits wrap around in silence: 65,536 becomes 0. Raise a ValueError.""",
    name="silent",
    edits=[
        ("min(ids) < 0 or max(ids) > 65_535", "False"),
        ("np.array(ids, dtype=np.uint16)", "np.array([i % 65_536 for i in ids], dtype=np.uint16)"),
    ],
)
doc.misconception(
    """65,535 itself fits into 16 bits; 65,536 is the first that does not.""",
    name="off_by_one",
    replace="max(ids) > 65_535",
    by="max(ids) >= 65_535",
)
doc.misconception(
    """65,536 does not fit: it becomes 0. The largest number in 16 bits is 65,535.""",
    name="one_too_many",
    replace="max(ids) > 65_535",
    by="max(ids) > 65_536",
)
doc.misconception(
    """Negative ids are not refused: -1 becomes 65,535.""",
    name="negative",
    replace="min(ids) < 0 or max(ids) > 65_535",
    by="max(ids) > 65_535",
)
doc.misconception(
    """eot is not looked at: it is an id like the others, and may be too large as well.""",
    name="eot_not_checked",
    replace="min(ids) < 0 or max(ids) > 65_535",
    by="min(ids[1:], default=0) < 0 or max(ids[1:], default=0) > 65_535",
)
doc.misconception(
    """The limit is that of *signed* 16 bits. uint16 has no sign, and goes up to 65,535.""",
    name="signed",
    replace="max(ids) > 65_535",
    by="max(ids) > 32_767",
)
doc.misconception(
    """The type is not np.uint16: twice the disk or more, for the same tokens.""",
    name="int64",
    replace="dtype=np.uint16",
    by="dtype=np.int64",
)
doc.misconception(
    """An id too large for int64 ended in numpy's OverflowError. A ValueError is asked: compare Python's ints,
    which know no limit, and make the array afterwards.""",
    name="int64_first",
    edits=[
        ("ids = [eot, *encode(text)]", "ids = np.array([eot, *encode(text)], dtype=np.int64)"),
        ("min(ids) < 0 or max(ids) > 65_535", "ids.min() < 0 or ids.max() > 65_535"),
    ],
)
doc.variant(
    "an array of whatever dtype numpy finds",
    name="any_dtype",
    edits=[
        ("ids = [eot, *encode(text)]", "ids = np.array([eot, *encode(text)])"),
        ("min(ids) < 0 or max(ids) > 65_535", "ids.min() < 0 or ids.max() > 65_535"),
    ],
)
doc.variant(
    "a range, and all()",
    name="all",
    source="""
    def document_tokens(text, encode, eot):
        ids = [eot] + list(encode(text))
        if not all(0 <= i < 2**16 for i in ids):
            raise ValueError("not in 16 bits")
        return np.array(ids, dtype=np.uint16)
    """,
)
