"""Whatever comes back from a child becomes a verdict and a report that may be shown."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import strategies as st
from rich.console import Console

from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.core.report import STATUSES, ExerciseResult, one_line, sentences, to_json
from graders.front import render
from graders.ground.pending import Pending
from graders.ground.worker import Worker
from graders.notebook import show
from tests.ground.fuzz import answered, framed, fuzzed, outcomes, raised, values

LESSON = Path(__file__).resolve().parents[1] / "hostile" / "lesson"
SECOND = "def second(x):\n    return x.cummax(0).values\n\n\n"
MACHINERY = ("Traceback", "\x1b", "SECRET", "graders/")

near = st.sampled_from(
    [
        torch.zeros(1, 3, dtype=torch.float64),
        torch.full((4, 3), float("nan"), dtype=torch.float64),
        torch.ones(5, 3),
        torch.ones(3, 1, dtype=torch.int64),
        {"a": 5, "b": 2, "r": 2, "c": 1, "d": 1},
        {},
        {"a": "\x1b[2J"},
        [torch.ones(1), None],
        10**400,
        1e-320,
    ]
)
honest = (
    raised | near.map(answered) | values.map(answered)
)  # in form; the rest ends a child at once
answers = honest | honest | honest | honest | outcomes
stops = st.sampled_from([99, 99, 99]) | st.integers(0, 9)
ends = st.sampled_from([0, 1, 70, -9, -11, -25, -99])


class Talking(Pending):
    """A child that says what was drawn, up to where it stops."""

    def __init__(self, request: dict[str, Any], told: list[Any], stop: int, status: int) -> None:
        super().__init__("/nonexistent", request)
        self.told, self.stop_at, self.status = iter(told), stop, status
        self.runs = request["runs"]

    def talk(self) -> Iterator[Any]:
        yield {"ready": True}
        first = next(self.told)
        if "raised" in first and self.stop_at == 0:
            yield {"load": first, "end": True}
        yield {"loaded": True, "printed": "\x1b[31m<b>"}
        for run in self.runs:
            label = [run["exercise"], run["check"]]
            yield {"start": label}
            yield {"done": label, "outcomes": [next(self.told) for _ in run["cases"]]}
        yield {"end": True}

    def pump(self, allowances: Any) -> None:
        for number, value in enumerate(self.talk()):
            if number and number == self.stop_at:
                break
            self.feed(framed(value))
        self.note_output(b"out \xff\x9b<script>")
        self.conclude(self.status)

    def kill(self) -> None:
        pass


class Scripted(Worker):
    """Starts no process: each request is answered by what was drawn."""

    script: tuple[list[Any], int, int] = ([], 0, 0)

    def start(self) -> None:
        pass

    def submit(self, request: dict[str, Any]) -> Pending:
        told, stop, status = self.script
        return Talking(request, told * 40, stop, status)


class Desk:
    """The toy lesson of the hostile submissions, with a file that is right."""

    def __init__(self, root: Path) -> None:
        shutil.copytree(LESSON, root)
        self.worker = Scripted()
        self.judge = Judge(Registry(root), self.worker, seed=3)
        ((self.ref, self.names),) = self.judge.registry.select(["98"])
        file = root / "exercises" / self.ref.file
        file.parent.mkdir(parents=True)
        file.write_text(SECOND + (root / "right.py").read_text())
        self.folder = root / "exercises"

    def results(self, *script: Any) -> list[ExerciseResult]:
        self.worker.script = script  # type: ignore[assignment]
        return self.judge.grade(self.ref, self.names, self.folder)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("reports") / "checkout")


def shown(result: ExerciseResult) -> str:
    """All that anybody is shown of it."""
    out = io.StringIO()
    console = Console(file=out, markup=False, emoji=False, highlight=False, soft_wrap=True)
    render.report(result, console)
    lines = sentences(result)
    card = {"id": result.id, "title": "", "status": result.status, "lines": lines, "help": ["h"]}
    page = show.report_html(card)
    assert not re.search(r"<(?!/?(div|pre|br|code|span)\b)", page)
    return "\n".join([*lines, one_line(result), out.getvalue(), page, show.report_text(card)])


@fuzzed(150, st.lists(answers, min_size=1, max_size=7), stops, ends)
def test_every_answer_becomes_a_report(desk: Desk, told: list[Any], stop: int, status: int) -> None:
    results = desk.results(told, stop, status)
    assert [result.name for result in results] == desk.names
    json.dumps(to_json(results)).encode()
    for result in results:
        assert result.status in STATUSES
        assert result.points in (0, result.max_points)
        text = shown(result)
        assert not any(word in text for word in MACHINERY), text
        assert all(c.isprintable() or c in "\n\t" for c in text)
        text.encode("utf-8")
        assert len(text) < 60_000
