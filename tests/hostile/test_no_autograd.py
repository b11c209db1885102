"""Gradients by autograd where a lesson forbids it: however it is asked, it does not answer.

Each file in no_autograd/ solves 05.h_backward by another door. Most of them deceive everything that
watches: with the doors left open they are graded as right, and that is tried too, so that none of them
is rejected for a mistake of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.core import asking
from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.core.report import ExerciseResult, sentences
from graders.ground import no_autograd
from graders.ground.worker import Worker

FOLDER = Path(__file__).parent / "no_autograd"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
SEEN = {  # by what watches, and what is said
    "plain": "the autograd engine ran",
    "recording_on_again": "gradient recording was switched back on",
}
GRAPH = {
    "recorded_at_import"
}  # its answer belongs to a graph of its own: told where all doors are open, too
SLOW = {
    "forward_mode",
    "functional",
    "inductor",
}  # right too with open doors, after some seconds of compiling
BY_HAND = "gradients are computed by hand here, but {}: write the gradient out yourself."

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")


class Desk:
    """Somebody who grades what is handed in for 05.h_backward."""

    def __init__(self, worker: Worker, folder: Path) -> None:
        self.judge = Judge(Registry(), worker, seed=5)
        ((self.ref, self.names),) = self.judge.registry.select(["05.h_backward"])
        self.folder = folder
        self.file = folder / self.ref.file
        self.file.parent.mkdir(parents=True)

    def hand_in(self, text: str) -> ExerciseResult:
        self.file.write_text(text)
        (result,) = self.judge.grade(self.ref, self.names, self.folder)
        return result


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Worker() as worker:
        yield Desk(worker, tmp_path_factory.mktemp("closed"))


@pytest.fixture(scope="module")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """As it would be without no_autograd.py: the server is forked from this process, and inherits that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(no_autograd, "keep", lambda closed: None)
        patch.setattr(no_autograd, "close_the_doors", lambda forbid: None)
        worker = Worker()
        worker.start()
    with worker:
        yield Desk(worker, tmp_path_factory.mktemp("open"))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some doors compile something first; on a busy machine that takes more than a moment."""
    monkeypatch.setattr(asking, "CHECK_SECONDS", 20.0)


@pytest.mark.parametrize("name", NAMES)
def test_no_door_leads_to_autograd(name: str, desk: Desk) -> None:
    result = desk.hand_in((FOLDER / f"{name}.py").read_text())
    assert result.status in ("failed", "error", "timeout"), result
    if name in SEEN:
        assert result.checks[0].message == BY_HAND.format(SEEN[name])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in SLOW])
def test_with_open_doors_it_is_the_gradient(name: str, open_desk: Desk) -> None:
    result = open_desk.hand_in((FOLDER / f"{name}.py").read_text())
    assert (result.status == "passed") == (name not in {*SEEN, *GRAPH}), result


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("torch.autograd.grad(loss(h.requires_grad_()), h)[0]", "the autograd engine ran"),
        ("torch.func.grad(loss)(h)", "torch.func was asked to differentiate"),
        ("torch.func.jacfwd(loss)(h)", "torch.autograd.forward_ad ran"),
        ("dlogits.requires_grad_() @ W2.T", "your code uses `requires_grad_`"),
        ("torch.ops.aten.tanh_backward(dlogits, dlogits)", "torch's own tanh_backward ran"),
    ],
)
def test_the_honest_mistake_is_named(call: str, said: str, desk: Desk) -> None:
    result = desk.hand_in(
        "import torch\n\n\ndef h_backward(dlogits, W2):\n"
        "    h = torch.zeros(len(dlogits), len(W2), dtype=W2.dtype)\n"
        "    loss = lambda h: (h @ W2 * dlogits).sum()\n"
        f"    return {call}\n"
    )
    assert result.checks[0].message == BY_HAND.format(said)


RIGHT = "import torch\n\n\ndef h_backward(dlogits, W2):\n    return dlogits @ W2.T\n\n\n"
COMPARES = "x = torch.ones(3, requires_grad=True)\n(x * x).sum().backward()\n"


def test_who_compares_with_autograd_is_told_where(desk: Desk) -> None:
    assert desk.hand_in(RIGHT + COMPARES).status == "passed"
    result = desk.hand_in(RIGHT.replace("W2.T", "W2.T + 1") + COMPARES)
    assert result.status == "failed"
    assert 'below `if __name__ == "__main__":`' in "".join(sentences(result))


def test_other_lessons_have_autograd_as_ever(desk: Desk, tmp_path: Path) -> None:
    """The server that has closed its doors opens them again for the next lesson's child."""
    assert desk.hand_in(RIGHT).status == "passed"
    ((ref, names),) = desk.judge.registry.select(["06.train"])
    source = (desk.judge.registry.root / "solutions" / ref.file).read_text()
    (tmp_path / ref.file).parent.mkdir()
    (tmp_path / ref.file).write_text(source)
    (result,) = desk.judge.grade(ref, names, tmp_path)
    assert result.status == "passed", result
    assert desk.hand_in(RIGHT).status == "passed"
