"""Derives exercises/ from solutions/, and says what of exercises/ is not what the sources derive."""

from __future__ import annotations

import shutil
from pathlib import Path

from graders.core import work
from graders.core.cards import LESSON, PART
from graders.core.registry import Registry, UserError
from graders.core.stubs import stub_of

CARRIED = (".md", ".png", ".svg", ".gif")  # what lies in a lesson's folder beside its parts


def wanted(registry: Registry, lessons: list[str] | None = None) -> dict[str, bytes]:
    """Every file that exercises/ must hold: {path below exercises/: content}."""
    files: dict[str, bytes] = {}
    chosen = registry.lessons if lessons is None else lessons
    for ref in [ref for lesson in chosen for ref in registry.parts(lesson)]:
        files[ref.file] = stub_of(registry.load(ref)).encode("utf-8")
    solutions = registry.root / "solutions"
    for lesson in chosen:
        for path in sorted((solutions / lesson).rglob("*")):
            if path.is_file() and path.suffix in CARRIED:
                files[path.relative_to(solutions).as_posix()] = path.read_bytes()
    return files


def differences(registry: Registry, lessons: list[str] | None = None) -> list[str]:
    """One sentence for each file below exercises/ that is missing, stale or stray."""
    folder = registry.root / "exercises"
    files = wanted(registry, lessons)
    said = []
    for name, content in files.items():
        path = folder / name
        if not path.is_file():
            said.append(f"exercises/{name} is missing")
        elif path.read_bytes() != content:
            said.append(f"exercises/{name} is not what solutions/{name} derives")
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    if lessons is not None:
        there = {name for name in there if name.split("/")[0] in lessons}
    strays = {n for n in there if n not in files and "__pycache__" not in n}
    said += [f"exercises/{name} is not derived from anything" for name in sorted(strays)]
    for wing in ("solutions", "graders"):
        said += _strays(registry, wing, lessons)
    return said


def _strays(registry: Registry, wing: str, lessons: list[str] | None) -> list[str]:
    known = {ref.file for ref in registry.all_parts()}
    if wing == "graders":
        known = {
            f"{ref.folder}/{name}.py"
            for ref in registry.all_parts()
            for name in (PART, *registry.exercise_names(ref))
        }
    said = []
    for path in sorted((registry.root / wing).glob("[0-9][0-9]_*/**/*")):
        name = path.relative_to(registry.root / wing).as_posix()
        if not path.is_file() or "__pycache__" in name or name in known:
            continue
        if lessons is not None and name.split("/")[0] not in lessons:
            continue
        if wing == "graders" and name.split("/")[1:] in (["lesson.toml"], [f"{LESSON}.py"]):
            continue
        if wing == "solutions" and path.suffix in CARRIED:
            continue
        said.append(f"{wing}/{name} belongs to nothing")
    return said


def derive(registry: Registry, lessons: list[str] | None = None, force: bool = False) -> list[str]:
    """Writes exercises/ (or some lessons of it); returns the names of the files that changed.

    Raises UserError where that would overwrite somebody's work (see core/work.py), unless forced to.
    """
    folder = registry.root / "exercises"
    changed = []
    files = wanted(registry, lessons)
    if not force:
        held = work.held(registry.root, files, lessons)
        if held:
            raise UserError(work.refusal(held))
    for name, content in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        changed.append(name)
    for path in sorted(folder.rglob("*")):
        if path.name == "__pycache__":
            shutil.rmtree(path, ignore_errors=True)
        elif path.is_file() and path.relative_to(folder).as_posix() not in files:
            if lessons is not None and path.relative_to(folder).parts[0] not in lessons:
                continue
            path.unlink()
            changed.append(f"{path.relative_to(folder).as_posix()} (removed)")
    work.note_derived(registry.root, files)
    return changed


def back_up_work(registry: Registry, lessons: list[str] | None = None) -> Path | None:
    """Keeps what a forced derivation would overwrite below .hero/backup; the folder, or None."""
    held = work.held(registry.root, wanted(registry, lessons), lessons)
    return work.back_up(registry.root, held) if held else None
