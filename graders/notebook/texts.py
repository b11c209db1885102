"""A lesson's text as it can stand in a notebook that lies anywhere: pictures in it, links that lead on."""

from __future__ import annotations

import base64
import html
import re
from pathlib import Path

from graders.core.loaded import PartRef

SVG = "image/svg+xml"
PICTURES = {".png": "image/png", ".svg": SVG, ".jpg": "image/jpeg", ".gif": "image/gif"}
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")

Attachments = dict[str, dict[str, str]]


def readable(source: str, folder: Path, ref: PartRef | None = None) -> tuple[str, Attachments]:
    """(the text, its attachments).

    Args:
        source: Markdown.
        folder: where its relative paths start.
        ref: the part whose text it is, if it is one's; then a plain `hero run` of it becomes `main()`.

    A picture below the folder becomes an attachment, an SVG a part of the text; a link to another part leads
    to its notebook; a link to anything else that is relative loses its address and keeps its words.
    """
    if ref is not None:
        run = f"`hero run {ref.number}/{ref.name.partition('_')[0]}`"
        source = source.replace(run, "`main()`")
    attachments: Attachments = {}

    def link(match: re.Match[str]) -> str:
        bang, words, address = match.groups()
        if re.match(r"[a-z]+:|#", address):
            return match[0]
        path = folder / address
        if bang and path.suffix in PICTURES and path.is_file():
            kind, data = PICTURES[path.suffix], base64.b64encode(path.read_bytes()).decode("ascii")
            if (
                kind == SVG
            ):  # no attachment in JupyterLab, and no data in Markdown's own form in VS Code
                return f'<img alt="{html.escape(words)}" src="data:{kind};base64,{data}">'
            attachments[path.name] = {kind: data}
            return f"![{words}](attachment:{path.name})"
        if "/" not in address and path.suffix == ".py":
            return f"[{words}]({path.stem}.ipynb)"
        if address == "README.md":
            return f"[{words}](0_lesson.ipynb)"
        return words

    return LINK.sub(link, source), attachments
