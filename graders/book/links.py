"""Does every link of a built site lead somewhere, and does no page ask for anything from outside?

Links that a person may follow (``<a href="https://...">``) may leave; what a page loads by itself may not.
"""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("source", "src"), ("iframe", "src")}
LOADS |= {("img", "srcset"), ("video", "src"), ("object", "data"), ("embed", "src")}
OUTSIDE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"]?)((?:https?:)?//[^'\")\s]+)")


class _Page(HTMLParser):
    """A page's anchors, its links, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: set[str] = set()
        self.links: list[tuple[str, bool]] = []  # (address, whether the page loads it by itself)
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.ids.add(value)
            elif (tag, name) in LOADS:
                self.links.append((value, True))
            elif (tag, name) == ("a", "href"):
                self.links.append((value, False))
            elif name == "style":
                self.links += [(found, True) for found in OUTSIDE.findall(value)]


def faults(site: Path) -> list[str]:
    """One sentence for each link that leads nowhere and each thing that is loaded from outside."""
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    said: list[str] = []
    there: dict[Path, bool] = {}
    for path, page in pages.items():
        name = path.relative_to(site).as_posix()
        for address, loaded in dict.fromkeys(page.links):
            parts = urlsplit(address)
            if parts.scheme == "data":
                continue
            if parts.scheme or parts.netloc:
                if loaded:
                    said.append(f"{name} loads {address}, which is not in the book")
                continue
            target = (
                Path(os.path.normpath(path.parent / unquote(parts.path))) if parts.path else path
            )
            if target not in there:
                there[target] = target.is_file() and site in target.parents
            if not there[target]:
                said.append(f"{name} links {address}, which is not there")
            elif parts.fragment and target in pages:
                known = pages[target].ids
                if parts.fragment not in known and unquote(parts.fragment) not in known:
                    said.append(f"{name} links {address}: no such place on that page")
    for path in sorted(site.rglob("*.css")):
        for address in OUTSIDE.findall(path.read_text(encoding="utf-8")):
            said.append(f"{path.relative_to(site).as_posix()} loads {address}")
    return said
