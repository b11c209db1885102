"""08.render_token: a token as text that is safe to print."""

import unicodedata

from graders.authoring import exercise

from .part import TEXTS, planes

ex = exercise("render_token", title="looking at a token", points=2)


@ex.cases
def _(rng):
    for token in (
        b"",
        b" the",
        b"a\n\xe2\x82b",
        b"\x1b[31mred\x07\x00\x7f",
        b"\\n \\x41",
        b"\xff\xfe\xc3",
    ):
        yield dict(token=token)
    for token in (
        b"\xe2\x82",
        b"\x82\xac",
        b"\xe2\x82\xac\xe2",
        b"\xf0\x9f\x98",
        b"\xed\xa0\x80",
        b"\xc0\x80",
    ):
        yield dict(token=token)
    for text in (
        *TEXTS[3:],
        "\x85\xa0\xad\u200b\u200d\u202e\ue000\U000e0001\U0001f600\u0378",
        "\r\n\t ",
    ):
        yield dict(token=text.encode())
        yield dict(token=text.encode()[1:-1])
    yield dict(token=planes(rng, 20).encode())
    yield dict(token=bytes(rng.integer(0, 256) for _ in range(30)))


@ex.oracle
def _(token):
    out, i = "", 0
    while i < len(token):
        for n in (1, 2, 3, 4):
            try:
                c = token[i : i + n].decode("utf-8")
            except UnicodeDecodeError:
                continue
            if len(c) == 1:
                break
        else:
            out, i = out + f"\\x{token[i]:02x}", i + 1
            continue
        order = unicodedata.category(c)[0] == "C"
        out, i = out + ("\\u" + hex(ord(c))[2:].rjust(4, "0") if order else c), i + n
    return out


ex.hint("Two steps: from bytes to characters, then each character for itself.")
ex.hint(
    "token.decode('utf-8', errors='backslashreplace') does the first. For the second: "
    "unicodedata.category(c) begins with C."
)
ex.hint(
    "''.join(f'\\\\u{ord(c):04x}' if unicodedata.category(c).startswith('C') else c for c in text)"
)

ex.misconception(
    "Bytes that are no UTF-8 became �: which bytes they are cannot be seen any more. Show each as \\x "
    "and two "
    "digits: errors='backslashreplace'.",
    name="replacement_character",
    replace='token.decode("utf-8", errors="backslashreplace")',
    by='token.decode("utf-8", errors="replace")',
)
ex.misconception(
    "Bytes that are no UTF-8 were left out: a token of half a character looks empty. Show each as \\x "
    "and two digits.",
    name="ignored",
    replace='token.decode("utf-8", errors="backslashreplace")',
    by='token.decode("utf-8", errors="ignore")',
)
ex.misconception(
    "Half a character raised an error. Tokens end inside of characters all the time: "
    "errors='backslashreplace'.",
    name="strict",
    replace='token.decode("utf-8", errors="backslashreplace")',
    by='token.decode("utf-8", errors="strict")',
)
ex.misconception(
    "Line breaks and other control characters came through: the screen obeys them. Show what has a "
    "category that "
    "begins with C by number.",
    name="control_passes",
    replace='unicodedata.category(c).startswith("C")',
    by="False",
)
ex.misconception(
    "Only control characters (category Cc) are shown by number. Joiners, direction marks and unassigned "
    "characters are "
    "just as invisible: every category that begins with C.",
    name="only_cc",
    replace='.startswith("C")',
    by=' == "Cc"',
)
ex.misconception(
    "Only characters below the space were shown by number. Byte 127, those from 128 to 159, and joiners are "
    "orders too: ask unicodedata.category.",
    name="below_32",
    replace='unicodedata.category(c).startswith("C")',
    by="ord(c) < 32",
)
ex.misconception(
    "Everything that is not printable for Python was shown by number, other kinds of spaces too. Only "
    "categories that "
    "begin with C are.",
    name="isprintable",
    replace='unicodedata.category(c).startswith("C")',
    by="not c.isprintable()",
)
ex.misconception(
    "All characters outside ASCII were shown by number. é or 日 are harmless, and better seen.",
    name="ascii",
    replace='unicodedata.category(c).startswith("C")',
    by='not " " <= c <= "~"',
)
ex.misconception(
    "The number after \\u has too few digits: at least four, so 000a and not a.",
    name="short",
    replace="{ord(c):04x}",
    by="{ord(c):x}",
)
ex.misconception(
    "The number after \\u is decimal. Hexadecimal is asked for, as everywhere with Unicode.",
    name="decimal",
    replace="{ord(c):04x}",
    by="{ord(c):04}",
)
ex.misconception(
    "repr was used: it has quotes around it, doubles the backslash and writes a line break as \\n. The "
    "docstring asks for "
    "other signs.",
    name="repr",
    source="""
def render_token(token):
    return repr(token.decode("utf-8", errors="backslashreplace"))
""",
)

ex.misconception(
    """Spaces were written as codes, too. Only control characters (category C...) are: a space is to be
    seen as one.""",
    name="spaces_too",
    replace='.startswith("C")',
    by='[0] in "CZ"',
)

ex.variant(
    "a loop",
    name="a_loop",
    source="""
def render_token(token):
    out = []
    for c in str(token, "utf-8", "backslashreplace"):
        if unicodedata.category(c)[0] == "C":
            c = "\\\\u" + format(ord(c), "x").zfill(4)
        out.append(c)
    return "".join(out)
""",
)
