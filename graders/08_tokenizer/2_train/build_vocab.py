"""08.build_vocab: the bytes behind each id."""

from graders.authoring import exercise

from .part import TEXTS, random_text, trained

ex = exercise("build_vocab", title="the bytes behind each id")


@ex.cases
def _(rng):
    yield dict(merges={})
    yield dict(merges={(97, 97): 256, (256, 98): 257})
    yield dict(merges={(226, 130): 256, (256, 172): 257, (257, 257): 258, (195, 0): 259})
    for text in TEXTS[4:]:
        yield dict(merges=trained(text, 262))
    yield dict(merges=trained(random_text(rng, 60), 280))


@ex.oracle
def _(merges):
    halves = {idx: pair for pair, idx in merges.items()}

    def spell(i):  # from the top down
        return bytes([i]) if i < 256 else b"".join(map(spell, halves[i]))

    return {i: spell(i) for i in range(256 + len(merges))}


ex.hint("First the 256 single bytes: how do you make a bytes object that holds just the number i?")
ex.hint(
    "Then the merges in their order: a new id is the bytes of its left half plus those of its right."
)
ex.hint("vocab = {i: bytes([i]) for i in range(256)}, then vocab[idx] = vocab[left] + vocab[right]")

ex.misconception(
    "bytes(i) is i zeros. bytes([i]), of a list, is the one byte i.",
    name="zeros",
    replace="bytes([i]) for",
    by="bytes(i) for",
)
ex.misconception(
    "chr(i).encode() gives two bytes from 128 on: that is the character with this code point. The id i "
    "is the single byte bytes([i]).",
    name="characters",
    replace="bytes([i]) for",
    by='chr(i).encode("utf-8") for',
)
ex.misconception(
    "The halves stand in the wrong order: left first.",
    name="swapped",
    replace="vocab[left] + vocab[right]",
    by="vocab[right] + vocab[left]",
)
ex.misconception(
    "The 256 single bytes are missing from the result. Every id must be there, bytes included.",
    name="merges_only",
    replace="return vocab",
    by="return {i: b for i, b in vocab.items() if i >= 256}",
)
ex.misconception(
    "Byte 255 is missing: range(256) goes from 0 to 255.",
    name="range_255",
    replace="range(256)",
    by="range(255)",
)
ex.misconception(
    "Only the printable ASCII characters (or the first 128) have an entry. All 256 bytes do.",
    name="ascii",
    replace="range(256)",
    by="range(128)",
)
ex.misconception(
    "The tokens are strings. A token may be a part of a character, so they must stay bytes.",
    name="strings",
    replace="return vocab",
    by='return {i: b.decode("utf-8", errors="replace") for i, b in vocab.items()}',
)
ex.misconception(
    "The result goes from bytes to ids. Decoding looks up ids: {id: bytes}.",
    name="turned",
    replace="return vocab",
    by="return {b: i for i, b in vocab.items()}",
)
ex.misconception(
    "A merge holds only the left half. The new id stands for both: vocab[left] + vocab[right].",
    name="left_half",
    replace="vocab[left] + vocab[right]",
    by="vocab[left]",
)

ex.variant(
    "a list first",
    name="a_list",
    source="""
def build_vocab(merges):
    table = [bytes((i,)) for i in range(256)]
    for a, b in merges:
        table.append(b"".join([table[a], table[b]]))
    return dict(enumerate(table))
""",
)
