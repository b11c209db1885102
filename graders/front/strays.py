"""Files beside the parts that are no part: said once, because such a file is never checked."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from graders.core.registry import PartRef, Registry
from graders.front.files import MAX_BYTES
from graders.front.words import shown
from graders.ground.doors import Door
from graders.ground.reading import NotPlain


def stray_sentences(
    registry: Registry, folder: Path, refs: list[PartRef], strict: bool = False
) -> list[str]:
    """One sentence for each Python file in the lessons' folders that is neither a part nor used by one.

    Args:
        registry: the checkout.
        folder: where the files lie.
        refs: the parts that were asked for; only their lessons are looked at.
        strict: the folder is somebody else's, and no link in it is followed.
    """
    said = []
    for lesson in dict.fromkeys(ref.lesson for ref in refs):
        parts = {f"{ref.name}.py" for ref in registry.parts(lesson)}
        home = folder / lesson
        if strict and home.is_symlink():
            continue
        there = {path.name for path in home.glob("*.py")}
        strays = there - parts
        used = _imported(Door(folder, strict=strict), lesson, there - strays) if strays else set()
        for name in sorted(strays):
            if name.removesuffix(".py") in used:
                continue
            close = difflib.get_close_matches(name, sorted(parts - there), 1, 0.6)
            number = re.match(r"\d+", name)
            same = [
                p for p in sorted(parts - there) if number and p.startswith(number.group() + "_")
            ]
            meant = (close or same or [""])[0]
            hint = f" Is it meant to be {meant}, which is missing?" if meant else ""
            said.append(f"{shown(home / name)} is no part of the lesson, and is not checked.{hint}")
    return said


def _imported(door: Door, lesson: str, parts: set[str]) -> set[str]:
    """The names that parts import: a module of one's own is no stray."""
    names: set[str] = set()
    for part in parts:
        try:
            text = door.read(f"{lesson}/{part}", MAX_BYTES).decode("utf-8", "replace")
        except (OSError, NotPlain):
            continue
        names.update(re.findall(r"^\s*(?:import|from)\s+(\w+)", text, re.MULTILINE))
    return names
