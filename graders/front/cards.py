"""What is shown of exercises without grading them: titles, hints, which parts are done."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from graders.core.registry import PartRef, Registry
from graders.front.put_back import parse
from graders.ground.definitions import definition


def needed(registry: Registry, ref: PartRef) -> list[str]:
    """The ids that make a part done: all but the stretch exercises, if there are others."""
    found = registry.cards(ref)
    plain = [name for name, card in found.items() if not card.stretch]
    return [f"{ref.number}.{name}" for name in plain or found]


def is_part_done(registry: Registry, ref: PartRef, done: Collection[str]) -> bool:
    ids = needed(registry, ref)
    return bool(ids) and all(key in done for key in ids)


def last_part_done(registry: Registry, done: Collection[str], noted: str = "") -> PartRef | None:
    """The part that was finished last; the last in order where nobody noted which that was."""
    parts = registry.all_parts()
    for ref in parts:
        if ref.file == noted and is_part_done(registry, ref, done):
            return ref
    lessons = {key.partition(".")[0] for key in done}
    whole = [r for r in parts if r.number in lessons and is_part_done(registry, r, done)]
    return whole[-1] if whole else None


def next_part(registry: Registry, ref: PartRef, done: Collection[str]) -> PartRef | None:
    """The next part with something left to do, looking behind this one first."""
    parts = registry.all_parts()
    at = parts.index(ref)
    left = (r for r in parts[at + 1 :] + parts[:at] if not is_part_done(registry, r, done))
    return next(left, None)


def pictures(source: str) -> list[str]:
    """The pictures that a part's program draws: ["out/05_backprop/training.png"]."""
    return list(
        dict.fromkeys(f"out/{name}" for name in re.findall(r'picture\("([^"{]+)"\)', source))
    )


def todo_line(source: str, exercise: str) -> int:
    """The line of an exercise's TODO ("05.logits_backward"), or 0 if it is not there any more."""
    name = re.escape(exercise)
    for mark in (rf"#\s*TODO {name}\b", rf"""NotImplementedError\(["']{name}["']"""):
        found = re.search(mark, source)
        if found:
            return source.count("\n", 0, found.start()) + 1
    return 0


def line_in(source: str, exercise: str, targets: Sequence[str]) -> int:
    """Where an exercise stands in a file: its TODO, else its first definition that is there, else line 1."""
    line = todo_line(source, exercise)
    if line:
        return line
    try:
        tree = parse(source)
    except SyntaxError:
        return 1
    nodes = (definition(tree, target) for target in targets)
    return next((node.lineno for node in nodes if node is not None), 1)
