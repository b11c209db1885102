"""A docstring's plain text as Markdown: sections as lists, an example as code, the rest as it stands."""

from __future__ import annotations

import html
import re
import textwrap

SECTION = re.compile(r"(Args|Attributes|Returns|Raises|Examples?|Source):[ ]*(.*)")
ENTRY = re.compile(r"([*\w][\w*.,\[\] ]*?)(?: \(([^)]*)\))?: (.*)")
LISTED = ("Args", "Attributes", "Raises")
EMPHASIS = re.compile(r"(?<![\w*])\*(\w+(?: \w+){0,3})\*(?![\w*])")


def inline(text: str) -> str:
    """Text in which only `code` and *a few words* mean something to Markdown, as people write comments."""
    pieces = re.split(r"(`[^`]+`)", text)
    for i in range(0, len(pieces), 2):
        piece = EMPHASIS.sub("\0\\1\1", pieces[i])
        piece = re.sub(r"([\\*_<>$\[\]|~`])", r"\\\1", piece)
        pieces[i] = piece.replace("\0", "*").replace("\1", "*")
    return "".join(pieces)


def markup(text: str) -> str:
    """The same as HTML, for a line that Markdown does not read."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def code(text: str, language: str = "python") -> str:
    """A block of code."""
    return f"```{language}\n{text.rstrip()}\n```"


def docstring(text: str) -> str:
    """A docstring (cleaned, as ``ast.get_docstring`` gives it) as Markdown."""
    made: list[str] = []
    for title, body in _sections(text):
        if title.startswith("Example"):
            made.append(code(body, "pycon" if ">>>" in body else "text"))
        elif title in LISTED:
            made.append(f"**{title}**\n\n{_entries(body)}")
        elif title:
            made.append(f"**{title}:** {_prose(body)}")
        else:
            made.append(_prose(body))
    return "\n\n".join(part for part in made if part.strip())


def _sections(text: str) -> list[tuple[str, str]]:
    """(title, dedented body); the title of what comes before all sections is empty."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.splitlines():
        head = SECTION.fullmatch(line)
        if head:
            found.append((head[1], [f"    {head[2]}"] if head[2] else []))
        elif found[-1][0] and line and not line.startswith(" "):
            if found[-1][0] == "Source" and found[-1][1] and found[-1][1][-1].strip():
                found[-1][1].append(f"    {line}")  # a source may go on in the next line
            else:
                found.append(("", [line]))
        else:
            found[-1][1].append(line)
    return [(title, textwrap.dedent("\n".join(lines)).strip("\n")) for title, lines in found]


def _entries(body: str) -> str:
    """ "name: what it is" as a list; a line that is indented goes on with the one before."""
    items: list[str] = []
    for line in body.splitlines():
        if line.startswith(" ") and items:
            items[-1] += f" {line.strip()}"
        elif line.strip():
            items.append(line.strip())
    made = []
    for item in items:
        entry = ENTRY.fullmatch(item)
        if entry:
            kind = f" ({inline(entry[2])})" if entry[2] else ""
            made.append(f"- `{entry[1]}`{kind}: {inline(entry[3])}")
        else:
            made.append(f"- {inline(item)}")
    return "\n".join(made)


def _prose(body: str) -> str:
    """Paragraphs, with what is indented kept as it stands."""
    made = []
    for block in re.split(r"\n\s*\n", body):
        lines = block.splitlines()
        indented = [line.startswith("    ") for line in lines]
        at = indented.index(True) if any(indented) else len(lines)
        if at < len(lines) and all(indented[at:]):
            if at:
                made.append("\n".join(inline(line) for line in lines[:at]))
            made.append(code(textwrap.dedent("\n".join(lines[at:])), "text"))
        else:
            made.append("\n".join(inline(line) for line in lines))
    return "\n\n".join(made)
