"""Answers as a notebook shows them: HTML that follows a light or a dark page, and the same as plain text.

All that comes from anybody's code is escaped. No script, no style sheet: the colors stand in the elements,
since a notebook that is opened again may keep nothing else.
"""

from __future__ import annotations

import html
import re
from importlib import import_module  # IPython is there only where a notebook is
from typing import Any

# JupyterLab's own colors where they are known, and such as can be read on white and on black elsewhere
COLORS = {
    "passed": "var(--jp-success-color1, #2e9e4f)",
    "failed": "var(--jp-error-color1, #d9534f)",
    "error": "var(--jp-error-color1, #d9534f)",
    "timeout": "var(--jp-error-color1, #d9534f)",
    "todo": "var(--jp-warn-color1, #c98a00)",
    "skipped": "var(--jp-info-color1, #4a90b8)",
    "plain": "var(--jp-info-color1, #4a90b8)",
}
MARKS = {"passed": "✓", "todo": "·", "skipped": "-"}
MONO = "font-family:var(--jp-code-font-family, monospace)"
BOX = (
    "border-left:4px solid {color};padding:.4em .9em;margin:.3em 0;background:rgba(128,128,128,.09);"
    "color:inherit;border-radius:0 4px 4px 0;max-width:60em;line-height:1.45"
)


def escaped(text: str) -> str:
    """Text as HTML in which nothing is markup or a formula, and `code` is set as code."""
    # a formula's marks, each in an element of its own, are not seen as a formula's
    safe = re.sub(r"[$\\]", lambda m: f"<span>{m[0]}</span>", html.escape(text))
    return re.sub(r"`([^`\n]+)`", rf'<code style="{MONO}">\1</code>', safe)


def report_html(report: dict[str, Any]) -> str:
    """The report on one exercise ({"id", "title", "status", "lines", "help"}) as HTML."""
    color = COLORS.get(report["status"], COLORS["plain"])
    first, *rest = report["lines"]
    parts = [f'<div style="font-weight:600;color:{color}">{_mark(report)} {escaped(first)}</div>']
    for block in _blocks(rest):
        if block[0].startswith("  "):
            text = "\n".join(escaped(line[2:]) for line in block)
            parts.append(
                f'<pre style="{MONO};margin:.3em 0 .3em 1em;background:none;color:inherit;'
                f'white-space:pre-wrap;font-size:.92em">{text}</pre>'
            )
        else:
            parts.append(f"<div>{'<br>'.join(map(escaped, block))}</div>")
    if report.get("help"):
        parts.append(_small(" &nbsp; ".join(escaped(h) for h in report["help"])))
    return _box(color, *parts)


def report_text(report: dict[str, Any]) -> str:
    """The same as plain text."""
    tail = ["  ".join(f"[{h}]" for h in report["help"])] if report.get("help") else []
    return "\n".join([*report["lines"], *tail])


def list_html(entries: list[dict[str, Any]], heading: str) -> str:
    """Exercises, each with a mark, below a heading."""
    rows = "".join(
        f'<div><span style="color:{COLORS.get(e["status"], COLORS["failed"])};display:inline-block;'
        f'width:1.3em;font-weight:700">{_mark(e)}</span>'
        f'<code style="{MONO}">{escaped(e["id"])}</code> &nbsp; {escaped(e["title"])}</div>'
        for e in entries
    )
    return _box(COLORS["plain"], f'<div style="font-weight:600">{escaped(heading)}</div>', rows)


def list_text(entries: list[dict[str, Any]], heading: str) -> str:
    """The same as plain text."""
    return "\n".join([heading, *(f"  {_mark(e)} {e['id']:32} {e['title']}" for e in entries)])


def sentence_html(text: str, status: str = "plain") -> str:
    """A sentence, or a few lines."""
    return _box(COLORS[status], escaped(text).replace("\n", "<br>"))


def code_html(heading: str, code: str) -> str:
    """Code below a heading."""
    return _box(
        COLORS["plain"],
        f'<div style="font-weight:600">{escaped(heading)}</div>',
        f'<pre style="{MONO};margin:.3em 0;background:none;color:inherit;overflow-x:auto">'
        f"{html.escape(code)}</pre>",
    )


def display(parts: list[tuple[str, str]]) -> None:
    """Shows (HTML, text) pairs below the running cell; as text where there is no notebook."""
    text = "\n\n".join(text for _, text in parts)
    try:
        show = import_module("IPython.display").display
    except ImportError:
        print(text)
        return
    show({"text/html": "".join(markup for markup, _ in parts), "text/plain": text}, raw=True)


def _box(color: str, *parts: str) -> str:
    return f'<div style="{BOX.format(color=color)}">{"".join(parts)}</div>'


def _small(markup: str) -> str:
    return f'<div style="opacity:.75;font-size:.9em;margin-top:.4em">{markup}</div>'


def _mark(entry: dict[str, Any]) -> str:
    return MARKS.get(entry["status"], "✗")


def _blocks(lines: list[str]) -> list[list[str]]:
    """Lines in groups: indented ones together, others together, an empty line between groups."""
    made: list[list[str]] = []
    fresh = True
    for line in lines:
        if not line:
            fresh = True
            continue
        if fresh or made[-1][0].startswith("  ") != line.startswith("  "):
            made.append([])
        made[-1].append(line)
        fresh = False
    return made
