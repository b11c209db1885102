"""What pytest says of exercises, under its dots: once per exercise, with the mistake named.

The verdicts travel in the reports' ``user_properties``, so that all this works under xdist too.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

KEY = "hero"


def portable(result: Any) -> dict[str, Any]:
    """What the reporter needs, as plain data (it may travel from an xdist worker)."""
    from graders.core.report import footer, sentences
    from graders.front.render import look_at, sameness, source_of
    from graders.front.words import as_typed, visible

    source = source_of(result)
    return {
        "id": result.id,
        "status": result.status,
        "lines": [visible(line) for line in sentences(result, source)],
        "footer": as_typed(footer(result)),
        "path": result.path,
        "part": f"{result.lesson}/{result.part}",
        "line": look_at(result, source),
        "same": sameness(result),
        "diagnosis": visible(result.diagnosis),
        "points": result.points,
        "max_points": result.max_points,
    }


class Reporter:
    """Says what was found, once per exercise, under pytest's dots.

    Args:
        shelf: the plugin's; gives the checkout (``root``, ``exercises``) and its ``registry()``.
    """

    def __init__(self, shelf: Any) -> None:
        self.shelf = shelf
        self.found: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for key, value in report.user_properties:
            if key == KEY and isinstance(value, dict):
                self.found.setdefault(value["id"], value)

    def pytest_sessionfinish(self) -> None:
        """Remembers what passed; under xdist the controller alone does, from all reports."""
        if self.found and not os.environ.get("PYTEST_XDIST_WORKER"):
            from graders.core.registry import PartRef
            from graders.front.cards import is_part_done
            from graders.front.state import State

            state = State.load(self.shelf.root)
            for found in self.found.values():
                passed = found["status"] == "passed"
                if state.record(found["id"], passed, found["status"] not in ("todo", "skipped")):
                    ref = PartRef(*found["part"].split("/"))
                    if passed and is_part_done(self.shelf.registry(), ref, state.done):
                        state.part = ref.file
            if state.unsaved:
                state.save()

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        write = terminalreporter.write_line
        wrong = [f for f in self.found.values() if f["status"] not in ("passed", "skipped")]
        groups: dict[str, list[dict[str, Any]]] = {}
        for found in wrong:
            groups.setdefault(found["same"] or found["id"], []).append(found)
        if groups:
            terminalreporter.section("what is not right yet")
        for group in groups.values():
            self._tell(group, write)
        if not self.found:
            return
        for sentence in self._strays():
            write("")
            write(sentence, yellow=True)
        right = sum(f["status"] == "passed" for f in self.found.values())
        points = sum(f["points"] for f in self.found.values())
        most = sum(f["max_points"] for f in self.found.values())
        write("")
        write(f"{right} of {len(self.found)} exercises right; {points} of {most} points.")

    def _tell(self, group: list[dict[str, Any]], write: Any) -> None:
        """Writes what is not right with one exercise, or with several for the same reason."""
        from graders.front.render import for_all
        from graders.front.words import shown

        found = group[0]
        if found["status"] == "todo":
            write(found["lines"][0], yellow=True)
            return
        here, title = shown(found["path"]), found["lines"][0]
        if len(group) > 1:
            title = title.removeprefix(f"{found['id']}: ")
            title = title if here in title else f"{here}: {title}"
        write("")
        write(title, red=True, bold=True)
        for line in found["lines"][1:]:
            if line and line == found["diagnosis"]:
                write("  -> " + line, cyan=True)
            else:
                write("  " + line if line else "")
        if len(group) > 1:
            write(f"  {for_all([f['id'] for f in group])}")
        write(f"  {here}:{found['line']}")
        if len(group) == 1:
            write(f"  {found['footer']}")

    def _strays(self) -> list[str]:
        from graders.core.registry import PartRef
        from graders.front.strays import stray_sentences

        refs = [PartRef(*f["part"].split("/")) for f in self.found.values()]
        return stray_sentences(self.shelf.registry(), self.shelf.exercises, refs)
