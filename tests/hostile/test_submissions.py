"""Submissions that attack the grader: each gets the right verdict, and harms nothing.

Each file in submissions/ attacks in its exercise ``second`` (or while it is executed); the right
answers to ``first`` and ``third`` are appended to it. What becomes of each is in verdicts.py.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest
import torch

from graders.ground import sandbox
from graders.ground.worker import Worker
from tests.hostile.desk import SUBMISSIONS, Desk, patient, said, source
from tests.hostile.verdicts import FORBIDDEN, NEEDS_CONFINEMENT, SECONDS, VERDICTS

LACKING = [name for name, held in sandbox.capabilities().items() if not held]
CONFINED = not set(LACKING) - {"namespaces"}
# what is to be seen of what a submission leaves somewhere
PLANTED = ("/tmp/hero-pickle-bomb", "/tmp/hero-planted", "/etc/planted", "/dev/shm/hero-planted")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    # a fresh interpreter, as this process has long read lessons; `hero` starts it before that
    with Worker(fresh=True) as runs:
        yield Desk(tmp_path_factory.mktemp("hostile") / "checkout", runs)


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Less patience than usual, so that the loops do not take long."""
    call = getattr(request.node, "callspec", None)
    name = call.params.get("name", "") if call else ""
    patient(monkeypatch, SECONDS.get(name, 0.4))


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk for other people's code."""
    if LACKING:
        pytest.skip(f"this machine does not give: {', '.join(LACKING)}")
    with pytest.MonkeyPatch.context() as patch:
        for number in range(40):  # of many lengths, as freed memory is used again by length
            patch.setenv(f"MY_TOKEN_{number}", "x" * 13 * number + "TOP-SECRET-TOKEN")
        for name in ("NVIDIA_API_KEY", "HERO_PASSWORD", "PYTHON_DB_PASSWORD"):
            patch.setenv(name, "TOP-SECRET-TOKEN")
        with Worker(strict=True) as runs:
            yield Desk(tmp_path_factory.mktemp("others") / "checkout", runs)


def test_every_submission_has_a_verdict() -> None:
    found = [(path.parent.name, path.stem) for path in SUBMISSIONS.glob("*/*.py")]
    assert sorted((v.folder, name) for name, v in VERDICTS.items()) == sorted(found)
    assert {v.mode for v in VERDICTS.values()} == {"any", "strict"}


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_submission(name: str, request: pytest.FixtureRequest) -> None:
    _, mode, status, words = VERDICTS[name]
    if name in NEEDS_CONFINEMENT and not CONFINED:
        pytest.skip("this machine cannot confine a process")
    desk: Desk = request.getfixturevalue("strict" if mode == "strict" else "desk")
    whole_file, _, status = status.rpartition(" ")
    first, second, third = desk.hand_in(name)
    report = said(second, desk)
    assert second.status == status, report
    assert words in report
    others = status if whole_file else "passed"
    assert [first.status, third.status] == [others, others], said(first, desk)
    # plain sentences: none of the machinery, no terminal codes, no wall of text
    for internal in ("graders/", "Traceback", "\x1b", "SECRET-MISCONCEPTION", "wire"):
        assert internal not in report
    assert len(report) < 12_000
    assert desk.left_behind() == []
    assert os.listdir(desk.file.parent) == [desk.file.name]
    assert "planted" not in desk.file.read_text().replace(source(name), "")
    for planted in PLANTED:
        assert not os.path.exists(planted)


def test_all_in_a_row(desk: Desk) -> None:
    """After all that, an honest file is graded as ever."""
    for name in ("os_exit", "segfault", "right"):
        results = desk.hand_in(name)
    assert [r.status for r in results] == ["passed"] * 3


def test_files_beside_the_stub_are_never_imported(desk: Desk) -> None:
    """torch.py, conftest.py, sitecustomize.py, pytest.ini: names that other graders fall for."""
    desk.hand_in("shadows")
    shouting = "open('/tmp/hero-shadowed', 'w').close()\nraise SystemExit(0)\n"
    beside = ["torch.py", "conftest.py", "sitecustomize.py", "usercustomize.py", "json.py"]
    for name in beside:
        (desk.file.parent / name).write_text(shouting)
    (desk.file.parent / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    results = desk.judge.grade(desk.ref, desk.names, desk.folder)
    assert [r.status for r in results] == ["passed"] * 3
    assert not os.path.exists("/tmp/hero-shadowed")


def test_strict_mode(strict: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some that are judged as one's own code above: what they look for is not even there."""
    patient(monkeypatch, 5.0)
    for name, status, words in [
        ("right", "passed", ""),
        ("reads_the_solution", "error", "No such file"),
        ("searches_the_environment", "passed", ""),
        ("searches_memory", "passed", ""),
        ("attacks_memory_of_others", "error", "No such file"),
        ("writes_outside", "error", FORBIDDEN),
        ("uses_the_network", "error", FORBIDDEN),
        ("fork_bomb", "error", FORBIDDEN),
        ("segfault", "error", "crashed"),
    ]:
        results = strict.hand_in(name)
        report = f"{name}: {said(results[1], strict)}"
        assert [r.status for r in results] == ["passed", status, "passed"], report
        assert words in report
    assert strict.left_behind() == []


def test_strict_mode_is_refused_where_it_cannot_be(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = {"processes": True, "network": False, "files": False}
    monkeypatch.setattr(sandbox, "capabilities", lambda: lacking)
    with pytest.raises(sandbox.SandboxError, match="network, files"):
        Worker(strict=True)


def test_a_server_that_dies_is_replaced_by_one_that_knows_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient(monkeypatch, 20.0)
    assert desk.hand_in("right")[1].status == "passed"
    old = desk.judge.worker.server.pid
    psutil.Process(old).kill()
    assert [r.status for r in desk.hand_in("searches_memory")] == ["passed"] * 3
    assert desk.judge.worker.server.pid != old
    assert desk.left_behind() == []


def test_a_server_that_dies_meanwhile(desk: Desk) -> None:
    """The grading that ran is reported as broken off; the next is graded as ever."""
    killer = threading.Timer(0.1, psutil.Process(desk.judge.worker.server.pid).kill)
    killer.start()
    assert desk.hand_in("sleep")[1].status in ("error", "timeout")
    killer.join()
    assert [r.status for r in desk.hand_in("right")] == ["passed"] * 3


def test_the_searches_do_find_what_is_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is forked too late has the answers in its memory: that is why it is not."""
    patient(monkeypatch, 20.0)
    with Worker() as late:
        monkeypatch.setattr(desk.judge, "worker", late)
        for name in ("searches_memory", "searches_the_heap"):
            assert desk.hand_in(name)[1].status == "failed"


def test_what_is_begun_and_never_collected(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Worker() as runs:
        monkeypatch.setattr(desk.judge, "worker", runs)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        desk.file.write_text("while True: pass")
        desk.judge.begin(desk.ref, desk.names, desk.folder)
        (child,) = psutil.Process(runs.server.pid).children()
        assert len(list(tmp_path.iterdir())) == 1
    assert not child.is_running()
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def spawning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Worker(method="spawn") as runs:
        yield Desk(tmp_path_factory.mktemp("spawn") / "checkout", runs)


def test_spawned(spawning: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same without fork (slow: each child imports torch); alone, to start fewer of them."""
    monkeypatch.setattr(spawning, "names", ["second"])
    for name in ("right", "os_exit", "loop_forever"):
        (second,) = spawning.hand_in(name)
        _, _, status, words = VERDICTS[name]
        assert second.status == status, said(second, spawning)
        assert words in said(second, spawning)
    spawning.judge.close()
    assert list(spawning.temporary.iterdir()) == []
    assert torch.get_num_threads() >= 1
