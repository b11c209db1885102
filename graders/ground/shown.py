"""Text from a learner, made safe to show; and the lines of a source, as Python counts them.

Source lines, messages, names and prints all pass through ``shown_text`` before they reach a
terminal or a page. It changes nothing that can be seen, and spells out what cannot: a terminal
code, a character that turns the text around, a blank that is none. It knows nothing of colors or
of HTML; whoever shows the text adds those. Nothing here needs torch.
"""

from __future__ import annotations

import re

MAX_SHOWN = 2_000  # characters
ENDS = re.compile(r"\r\n|\r|\n")


def shown_text(text: object, limit: int = MAX_SHOWN) -> str:
    r"""Text as it may be shown: what cannot be seen is spelled out, and it is not too long.

    Newlines and tabs stay; every other character without a picture of its own becomes an escape, as
    Python writes it. Applying it twice changes nothing more.

    Args:
        text: usually a str; of anything else, what ``str`` makes of it.
        limit: of the result, in characters; a longer one is cut, and ends in "...".

    Examples:
        >>> shown_text("\x1b[31mred")
        '\\x1b[31mred'
        >>> shown_text("a" * 50, limit=8)
        'aaaaa...'
    """
    text = str(text)
    # what is cut away anyway need not be looked at: a text may have millions of characters
    head = ENDS.sub("\n", text[: limit + 1])
    if not head.replace("\n", "").isprintable():
        head = "".join(c if c.isprintable() or c in "\n\t" else _escape(c) for c in head)
    if len(head) <= limit and len(text) <= limit + 1:
        return head
    return head[: max(0, limit - 3)] + "..."[:limit]


def shown_name(name: object, limit: int = MAX_SHOWN) -> str:
    r"""A name as ``shown_text``, on one line: a folder may be called "zoe\nalice", too."""
    text = str(name)[: limit + 1]
    for sign, spelled in (("\r", "\\r"), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(sign, spelled)
    return shown_text(text, limit)


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def lines_of(source: str, keepends: bool = False) -> list[str]:
    """The lines of a Python source, numbered as in tracebacks and syntax trees.

    ``str.splitlines`` also splits at form feeds, U+2028 and others, where Python goes on with the
    same line; so a line looked up by its number would be another one.
    """
    lines: list[str] = []
    at = 0
    for end in ENDS.finditer(source):
        lines.append(source[at : end.end() if keepends else end.start()])
        at = end.end()
    if at < len(source):
        lines.append(source[at:])
    return lines
