"""08.decode_bytes: text again, whatever the bytes."""

import codecs

from graders.authoring import exercise

from .part import TEXTS, random_text

ex = exercise("decode_bytes", title="bytes to text, even broken ones")


@ex.cases
def _(rng):
    for text in TEXTS:
        yield dict(ids=list(text.encode("utf-8")))
    yield dict(ids=[104, 195])  # half a character at the end
    yield dict(ids=[169, 104])  # its other half at the start
    yield dict(ids=[104, 240, 159, 152, 105])  # cut short before an ASCII letter
    yield dict(ids=[128, 129, 130])
    yield dict(ids=[0xED, 0xA0, 0x80, 65])  # a surrogate
    yield dict(ids=[0xC0, 0xAF, 0xFE, 0xFF, 66])  # overlong; never in UTF-8
    yield dict(ids=list("a\ufffdb".encode()))
    for length in (3, 40):
        whole = list(random_text(rng, length).encode("utf-8"))
        yield dict(ids=whole[1:-1])
        yield dict(ids=rng.shuffled(whole))


@ex.oracle
def _(ids):
    # a decoder of its own kind, fed one byte at a time
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    return "".join(decoder.decode(bytes([i])) for i in ids) + decoder.decode(b"", final=True)


ex.hint("The other way round: from numbers to a bytes object, from there to a str.")
ex.hint("bytes(ids) makes the bytes object; its decode takes a second argument: errors.")
ex.hint('return bytes(ids).decode("utf-8", errors="replace")')


@ex.misconception(
    'Invalid bytes raise UnicodeDecodeError. A model may well produce them: pass errors="replace".'
)
def strict(ids):
    return bytes(ids).decode("utf-8")


@ex.misconception(
    "Invalid bytes vanish without a trace (errors='ignore'). 'replace' shows that something was there."
)
def ignored(ids):
    return bytes(ids).decode("utf-8", errors="ignore")


@ex.misconception(
    "Each byte was decoded alone. A character may take up to four: join all bytes first, then "
    "decode once."
)
def one_by_one(ids):
    return "".join(bytes([i]).decode("utf-8", errors="replace") for i in ids)


@ex.misconception(
    "chr(byte) reads each byte as a code point (that is Latin-1). Beyond 127 a character is several bytes: "
    "decode them together as UTF-8."
)
def by_chr(ids):
    return "".join(chr(i) for i in ids)


@ex.misconception(
    "Invalid bytes are written out as \\xc3. That is errors='backslashreplace'; wanted is 'replace'."
)
def backslashes(ids):
    return bytes(ids).decode("utf-8", errors="backslashreplace")


@ex.misconception(
    "Invalid bytes became lone surrogates, which no file or terminal can write. Use errors='replace'."
)
def escaped(ids):
    return bytes(ids).decode("utf-8", errors="surrogateescape")


@ex.misconception(
    "One bad byte, and the whole text is given up. Only the bad stretch becomes a replacement character: "
    'errors="replace".'
)
def all_or_nothing(ids):
    try:
        return bytes(ids).decode("utf-8")
    except UnicodeDecodeError:
        return "\ufffd"


@ex.misconception("That is '?' for what is invalid; the replacement character is U+FFFD.")
def question_mark(ids):
    text = bytes(ids).decode("utf-8", errors="replace")
    return text.replace("\ufffd", "?")


@ex.misconception("Stripped. Spaces, tabs and line ends are text too.")
def stripped(ids):
    return bytes(ids).decode("utf-8", errors="replace").strip()


@ex.misconception(
    "Each invalid byte got a replacement character of its own. Bytes that begin a character and are cut "
    "short become one together: errors='replace' knows where."
)
def one_for_each_byte(ids):
    out = bytes(ids).decode("utf-8", errors="surrogateescape")
    return "".join("\ufffd" if 0xDC80 <= ord(c) <= 0xDCFF else c for c in out)


@ex.variant("str(bytes, encoding, errors)")
def constructor(ids):
    return str(bytearray(ids), "utf-8", "replace")


@ex.variant("the pieces joined first")
def joined(ids):
    return b"".join(bytes([i]) for i in ids).decode(errors="replace")
