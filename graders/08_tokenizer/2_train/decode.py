"""08.decode: join the bytes, then decode once."""

from graders.authoring import Raises, exercise

ex = exercise("decode", title="from ids to text")


@ex.cases
def _(rng):
    euro = {1: bytes([226, 130]), 2: bytes([172]), 3: b"a", 300: b" \n", 0: b"\xc3\xa9"}
    for ids in ([], [3], [1, 2], [2, 1], [3, 1], [1, 3], [300, 3, 300], [0, 1, 2, 0, 3], [1, 1, 2]):
        yield dict(ids=ids, vocab=euro)
    yield dict(ids=[3, 4], vocab=euro)  # no such id
    yield dict(ids=[-1], vocab=euro)
    yield dict(ids=[97], vocab={})
    yield dict(ids=[], vocab={})
    yield dict(ids=[5, 6], vocab={5: b"\xed\xa0", 6: b"\x80", 7: b""})
    yield dict(ids=[7, 5, 7], vocab={5: b"\xf0\x9f\x98", 6: b"\x80", 7: b""})
    yield dict(ids=[5, 7, 6, 7], vocab={5: b"\xf0\x9f\x98", 6: b"\x80", 7: b""})
    singles = {i: bytes([i]) for i in range(256)}
    # a mark of byte order and Windows line ends are text like any other
    yield dict(ids=list("\ufeffab\r\nab \ufeffab\r\n".encode()), vocab=singles)
    text = "".join(rng.choice("a \u00e9\u20ac\U0001f600") for _ in range(12))
    yield dict(ids=list(text.encode()), vocab=singles)
    yield dict(ids=[rng.integer(0, 256) for _ in range(30)], vocab=singles)


@ex.oracle
def _(ids, vocab):
    if any(i not in vocab for i in ids):
        return Raises("KeyError")
    data = bytearray()
    for i in ids:
        data.extend(vocab[i])
    return str(data, "utf-8", "replace")


ex.hint("Look up each id; what you get are bytes, maybe parts of characters.")
ex.hint('b"".join(...) makes one bytes object of them all. Only that can be decoded.')
ex.hint('return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")')


@ex.misconception(
    "Token by token: each was decoded on its own, and characters that two tokens share fell apart. "
    "Join all bytes first, then decode once."
)
def token_by_token(ids, vocab):
    return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)


@ex.misconception(
    'Bytes that are no UTF-8 raise UnicodeDecodeError. Pass errors="replace": a model may well produce them.'
)
def strict(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8")


@ex.misconception(
    "Invalid bytes vanish (errors='ignore'). 'replace' shows that something was there."
)
def ignored(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="ignore")


@ex.misconception("Bytes came back, not text: decode what you joined.")
def still_bytes(ids, vocab):
    return b"".join(vocab[i] for i in ids)


@ex.misconception(
    "An id that is not in vocab was passed over. That hides a mistake elsewhere: vocab[i] raises KeyError."
)
def unknown_ignored(ids, vocab):
    return b"".join(vocab.get(i, b"") for i in ids).decode("utf-8", errors="replace")


@ex.misconception(
    "An id that is not in vocab became a replacement character. vocab[i] raises KeyError, as asked for."
)
def unknown_replaced(ids, vocab):
    return b"".join(vocab.get(i, b"\xff") for i in ids).decode("utf-8", errors="replace")


@ex.misconception(
    "Decoded as Latin-1, where each byte is a character. The tokens are UTF-8, up to four bytes a character."
)
def latin(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("latin-1")


@ex.misconception(
    "Spaces were put between the tokens. Spaces are in the tokens already: join with nothing."
)
def spaced(ids, vocab):
    return b" ".join(vocab[i] for i in ids).decode("utf-8", errors="replace")


@ex.misconception("Stripped: the spaces and line ends at the ends are part of the text.")
def stripped(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace").strip()


@ex.variant("a bytearray")
def growing(ids, vocab):
    data = bytearray()
    for i in ids:
        data += vocab[i]
    return data.decode(errors="replace")
