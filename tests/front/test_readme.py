"""The README's lesson table is made from the lessons; run this file as a script to write it anew."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from graders.core.registry import Registry

README = Path(__file__).resolve().parents[2] / "README.md"
ROWS = re.compile(r"(\|---\|---\|---\|---\|\n)(.*?)(<!-- lessons)", re.S)


def rows() -> str:
    """One table row for each lesson."""
    registry = Registry()
    text = ""
    for lesson in registry.lessons:
        parts = registry.parts(lesson)
        count = sum(len(registry.exercise_names(ref)) for ref in parts)
        about = registry.about(lesson)["about"]
        text += f"| [{lesson}](exercises/{lesson}/README.md) | {about} | {len(parts)} | {count} |\n"
    return text


def test_the_lesson_table_is_true() -> None:
    found = ROWS.search(README.read_text(encoding="utf-8"))
    assert found is not None
    assert found.group(2) == rows()


def test_every_path_in_the_readme_exists() -> None:
    text = README.read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (README.parent / path).exists(), path


if __name__ == "__main__":
    updated = ROWS.sub(lambda m: m.group(1) + rows() + m.group(3), README.read_text("utf-8"))
    README.write_text(updated, encoding="utf-8")
    sys.stdout.write(rows())
