"""Submissions that attack the grader: each gets the right verdict, and harms nothing.

Each file in submissions/ attacks in its exercise ``second`` (or while it is executed); the right
answers to ``first`` and ``third`` are appended to it.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest
import torch

from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.core.report import ExerciseResult, sentences
from graders.ground import limits, sandbox
from graders.ground.worker import Worker

HERE = Path(__file__).parent
SUBMISSIONS = HERE / "submissions"
FORBIDDEN = "may not do"
LOOP = "is there a loop that never ends?"
CONFINED = all(sandbox.capabilities().values())

# what becomes of ``second``, and words that its report must hold; "file": of all three
VERDICTS: dict[str, tuple[str, str]] = {
    "abort": ("error", "crashed the interpreter (SIGABRT)"),
    "atexit_exit": ("error", "called exit()"),
    "attacks_memory_of_others": ("passed", ""),
    "babbles_frames": ("error", "wrote into the grader's channel"),
    "blames_the_machine": ("error", "wrote into the grader's channel"),
    "broadcastable": ("failed", "wrong shape: got (1, 1), expected (1, 3)"),
    "calls_a_stand_in_that_is_none": ("passed", ""),
    "calls_a_stand_in_without_a_name": ("passed", ""),
    "changes_its_argument": ("failed", "changed its argument `x` in place"),
    "changes_the_seed": ("passed", ""),
    "clears_its_death_signal": ("passed", ""),
    "clears_modules": ("error", "line 6, in second:  import torch"),
    "closes_descriptors": ("error", "broke the process"),
    "colliding_keys": ("error", "cannot be read"),
    "cyclic": ("error", "nested too deeply"),
    "daemon": ("error", FORBIDDEN),
    "deaf_to_signals": ("timeout", LOOP),
    "deep_list": ("error", "nested too deeply"),
    "deep_recursion": ("error", "the recursion went too deep"),
    "dispatch_subclass": ("error", "computed only when nobody looks"),
    "empty": ("error", "I cannot find `second` in your file"),
    "endless_str": ("timeout", LOOP),
    "equal_to_everything": ("failed", "wrong type: got a Yes, expected a tensor"),
    "forges_an_end": ("file error", "wrote into the grader's channel"),
    "forges_answers": ("error", "wrong type: got a string, expected a tensor"),
    "forges_long_texts": ("error", "wrote into the grader's channel"),
    "forges_nonsense_outcomes": ("error", "wrote into the grader's channel"),
    "forges_odd_fields": ("error", "wrote into the grader's channel"),
    "forges_todo": ("error", "wrote into the grader's channel"),
    "fork_bomb": ("error", FORBIDDEN),
    "fork_through_libc": ("passed", ""),
    "frame_is_a_tensor": ("error", "wrote into the grader's channel"),
    "function": ("failed", "wrong type: got a function"),
    "generator": ("failed", "wrong type: got a generator"),
    "generator_exit": ("error", "GeneratorExit"),
    "giant_expanded": ("error", "the answer is too large"),
    "giant_integer": ("error", "an enormous integer"),
    "giant_list": ("error", "more memory than a check may have (2 GB)"),
    "giant_tensor": ("error", "more memory than a check may have (2 GB)"),
    "grad_tensor": ("passed", ""),
    "hostile_exception": ("error", "98.second: "),
    "huge_message": ("error", "ValueError: pass pass"),
    "huge_traceback": ("error", "ValueError: at the bottom"),
    "interrupts_later": ("error", "KeyboardInterrupt"),
    "keyboard_interrupt": ("error", "KeyboardInterrupt"),
    "keyboard_interrupt_at_import": ("file error", "cannot be executed: KeyboardInterrupt"),
    "kills_everybody": ("error", FORBIDDEN),
    "kills_itself": ("error", "ended by the system"),
    "large_answers": ("error", "the answer is too large"),
    "leaves_deep_folders": ("error", "more than 50 deep"),
    "leaves_its_folder": ("passed", ""),
    "locks_its_folder": ("passed", ""),
    "loop_forever": ("timeout", LOOP),
    "loop_forever_at_import": ("file timeout", LOOP),
    "loop_in_c": ("timeout", LOOP),
    "lying_int": ("failed", "wrong type: got a list of 3"),
    "many_big_files": ("error", "wrote more than 256 MB"),
    "many_files": ("error", "more than 2,000 files"),
    "many_tensors": ("error", "the answer has too many elements"),
    "meta_tensor": ("failed", "got a tensor on the meta device, which holds no numbers"),
    "nameless_answer": ("failed", "got a nameless thing"),
    "nameless_exception": ("error", "an exception without a name"),
    "nan": ("failed", "NaN: 3 of 3 elements are not a number"),
    "one_big_file": ("error", "wrote a file larger than 64 MB"),
    "opens_many_files": ("error", "Too many open files"),
    "os_exit": ("error", "ended the whole process"),
    "os_exit_at_import": ("file error", "ended the whole process"),
    "other_dtype": ("failed", "wrong dtype: got float32, expected float64"),
    "patched_allclose": ("failed", "wrong values"),
    "patched_builtins": ("file error", "98.second: "),
    "patched_builtins_later": ("error", "broke the process"),
    "patched_clock": ("timeout", LOOP),
    "patched_function": ("failed", "wrong shape: got (1,), expected (1, 3)"),
    "patched_grader": ("failed", "wrong values"),
    "patched_json": ("failed", "wrong values"),
    "patched_tensor": ("failed", "wrong values"),
    "pickle_bomb": ("failed", "wrong type: got a Bomb"),
    "prints_a_pass": ("failed", "(is the `return` missing?)"),
    "prints_much": ("error", "is there a print in a loop?"),
    "prints_much_at_import": ("file error", "is there a print in a loop?"),
    "prints_much_through_the_descriptor": ("error", "printed more than 1 MB"),
    "pytest_exit": ("error", "Exit: all passed"),
    "raises_not_implemented": ("todo", "still a TODO"),
    "reads_stdin": ("error", "EOFError"),
    "reads_the_solution": ("passed", ""),  # in strict mode it cannot: see below
    "replaces_its_module": ("failed", "wrong type: got a module"),
    "replaces_stdout": ("passed", ""),
    "returns_none": ("failed", "(is the `return` missing?)"),
    "right": ("passed", ""),
    "searches_memory": ("passed", ""),
    "searches_the_environment": ("passed", ""),
    "searches_the_heap": ("passed", ""),
    "segfault": ("error", "line 5, in second:  ctypes.string_at(0)"),
    "shadows": ("passed", ""),
    "shares_memory": ("passed", ""),
    "skips": ("error", "only an answer counts"),
    "skips_at_import": ("file error", "only an answer counts"),
    "sleep": ("timeout", LOOP),
    "sparse_tensor": ("failed", "layout torch.sparse_coo"),
    "stack_overflow": ("error", "crashed the interpreter (SIGSEGV)"),
    "stops_itself": ("timeout", LOOP),
    "strange_dict": ("failed", "wrong type: got a dict"),
    "strict_warnings": ("error", "UserWarning: attention"),
    "swallows_everything": ("timeout", LOOP),
    "syntax_error": ("file error", "line 1 is not valid Python"),
    "sys_exit": ("error", "called exit()"),
    "sys_exit_at_import": ("file error", "called exit()"),
    "tensor_subclass": ("failed", "wrong values"),
    "terminal_codes": ("error", "\\x1b[1A\\x1b[2K98.second: right.\\x85\\x9b32m\\u2028\\u202eok"),
    "thread_bomb": ("passed", ""),
    "threads_left": ("passed", ""),
    "traces": ("failed", "wrong values"),
    "unfolds_in_the_parent": ("error", "your answer cannot be read"),
    "unpicklable": ("failed", "wrong type: got a lock"),
    "uses_a_unix_socket": ("error", FORBIDDEN),
    "uses_the_network": ("error", FORBIDDEN),
    "with_a_leading_one": ("failed", "wrong shape: got (1, 1, 3), expected (1, 3)"),
    "writes_garbage_on_the_channel": ("error", "wrote into the grader's channel"),
    "writes_outside": ("error", FORBIDDEN),
    "zero_size": ("failed", "wrong shape: got (0, 3), expected (1, 3)"),
}
# CPU seconds, where the attack needs more than a moment to have its chance
SECONDS = {
    "dispatch_subclass": 8.0,
    "forges_long_texts": 8.0,
    "giant_list": 8.0,
    "large_answers": 8.0,
    "leaves_deep_folders": 8.0,
    "many_big_files": 8.0,
    "many_files": 8.0,
    "many_tensors": 8.0,
    "opens_many_files": 8.0,
    "prints_much": 8.0,
    "prints_much_at_import": 8.0,
    "pytest_exit": 8.0,
    "searches_memory": 20.0,
    "searches_the_heap": 20.0,
    "skips": 8.0,
    "skips_at_import": 8.0,
    "stack_overflow": 8.0,
    "threads_left": 8.0,
    "unfolds_in_the_parent": 8.0,
}
NEEDS_CONFINEMENT = [n for n, (_, words) in VERDICTS.items() if words == FORBIDDEN]
NEEDS_CONFINEMENT += ["fork_through_libc", "attacks_memory_of_others", "shares_memory"]


def patient(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Gives a check, and the execution of a file, so many CPU seconds."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("graders.") and hasattr(module, "CHECK_SECONDS"):
            monkeypatch.setattr(module, "CHECK_SECONDS", seconds)
    monkeypatch.setattr(limits, "LOAD_SECONDS", seconds)


class Desk:
    """A checkout with the toy lesson, and somebody who grades what is handed in."""

    def __init__(self, root: Path, worker: Worker) -> None:
        self.root = root
        shutil.copytree(HERE / "lesson", root)
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        self.judge = Judge(Registry(root), worker, seed=11)
        ((self.ref, self.names),) = self.judge.registry.select(["98"])
        self.folder = root / "exercises"
        self.file = self.folder / self.ref.file

    def hand_in(self, name: str) -> list[ExerciseResult]:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.file.parent.mkdir(parents=True)
        right = (HERE / "lesson" / "right.py").read_text()
        self.file.write_text((SUBMISSIONS / f"{name}.py").read_text() + "\n\n" + right)
        tempfile.tempdir = str(self.temporary)
        try:
            return self.judge.grade(self.ref, self.names, self.folder)
        finally:
            tempfile.tempdir = None

    def left_behind(self) -> list[str]:
        """Processes and temporary files that are still there; waits a little for killed ones."""
        end = time.monotonic() + 10
        while True:
            found = [str(path) for path in self.temporary.iterdir()]
            server = self.judge.worker.server
            if server:
                found += [str(p) for p in psutil.Process(server.pid).children(recursive=True)]
            if not found or time.monotonic() > end:
                return found
            time.sleep(0.01)
            if server:  # the next grading would hear of it anyway; here there may be none
                server.hear(0)


def said(result: ExerciseResult, desk: Desk) -> str:
    return "\n".join(sentences(result, desk.file.read_text()))


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


def test_every_submission_has_a_verdict() -> None:
    assert sorted(VERDICTS) == sorted(p.stem for p in SUBMISSIONS.glob("*.py"))


@pytest.mark.parametrize("name", sorted(VERDICTS))
def test_submission(name: str, desk: Desk) -> None:
    if name in NEEDS_CONFINEMENT and not CONFINED:
        pytest.skip("this machine cannot confine a process")
    status, words = VERDICTS[name]
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
    assert "planted" not in desk.file.read_text().replace(
        (SUBMISSIONS / f"{name}.py").read_text(), ""
    )
    for planted in ("/tmp/hero-pickle-bomb", "/tmp/hero-planted", "/etc/planted"):
        assert not os.path.exists(planted)
    assert not os.path.exists("/dev/shm/hero-planted")


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


@pytest.mark.skipif(not CONFINED, reason="this machine cannot confine a process")
def test_strict_mode(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "TOP-SECRET-TOKEN")
    patient(monkeypatch, 5.0)
    with Worker(strict=True) as runs:
        desk = Desk(tmp_path_factory.mktemp("strict") / "checkout", runs)
        for name, status, words in [
            ("right", "passed", ""),
            ("reads_the_solution", "error", "No such file"),
            ("searches_the_environment", "passed", ""),
            ("attacks_memory_of_others", "error", "No such file"),
            ("writes_outside", "error", FORBIDDEN),
            ("uses_the_network", "error", FORBIDDEN),
            ("fork_bomb", "error", FORBIDDEN),
            ("segfault", "error", "crashed"),
        ]:
            results = desk.hand_in(name)
            report = f"{name}: {said(results[1], desk)}"
            assert [r.status for r in results] == ["passed", status, "passed"], report
            assert words in report
        assert desk.left_behind() == []


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
        status, words = VERDICTS[name]
        assert second.status == status, said(second, spawning)
        assert words in said(second, spawning)
    spawning.judge.close()
    assert list(spawning.temporary.iterdir()) == []
    assert torch.get_num_threads() >= 1
