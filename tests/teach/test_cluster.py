"""hero grade --scheduler: a real Dask cluster of separate processes on this machine."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from graders.core.registry import Registry
from graders.errors import UserError
from graders.teach.batch import Batch, Job
from graders.teach.course import open_course
from graders.teach.grader import Grader
from tests.teach.classroom import cell_of, environment, load, text
from tests.teach.conftest import NAME, PART, Class

pytest.importorskip("distributed")

EXITS = "import os\ndef tree_size(vocab_size, n_embd, n_hidden, levels):\n    os._exit(0)"


@dataclass
class Dask:
    """A scheduler and two workers, each a process (and a nanny) of its own."""

    address: str

    @contextmanager
    def client(self) -> Iterator[Any]:
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:
            yield client

    def pids(self) -> list[int]:
        """Of the workers."""
        with self.client() as client:
            client.wait_for_workers(2, timeout=30)
            return list(client.run(os.getpid).values())


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    env = environment(folder / "home") | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    options = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    commands = [["scheduler", "--port", "0"], *2 * [["worker", "--nthreads", "1"]]]
    with (folder / "log").open("w") as log:
        started = [
            subprocess.Popen(
                [sys.executable, "-P", "-m", "dask", *command, *options],
                cwd=folder,
                env=env,
                stdout=log,
                stderr=log,
            )
            for command in commands
        ]
        try:
            _until(lambda: file.is_file() and file.read_text().endswith("}"), 30)
            yield Dask(json.loads(file.read_text())["address"])
        finally:
            for process in started:
                process.kill()  # a worker ends as its nanny is gone
                process.wait()


@pytest.fixture(scope="module")
def desk(classroom: Class) -> Class:
    right = classroom.notebook()
    classroom.hand_in("right", right)
    classroom.hand_in("half", classroom.notebook(["06-2-consecutive"]))
    exits = classroom.notebook()
    cell_of(exits, "06-2-tree_size")["source"] = EXITS
    classroom.hand_in("exits", exits)
    code = [
        text(c) for c in right["cells"] if c["cell_type"] == "code" and "graded(" not in text(c)
    ]
    classroom.hand_in("script", "\n\n".join(code), "mine.py")
    classroom.hand_in("torn", '{"cells": [')
    classroom.folder("link").mkdir(parents=True)
    (classroom.folder("link") / f"{PART}.ipynb").symlink_to(classroom.source)
    return classroom


def _until(holds: Callable[[], Any], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def _results(desk: Class) -> dict[str, Any]:
    found = {}
    for path in (desk.course / ".hero" / "results" / NAME).glob("*.json"):
        found[path.stem] = load(path) | {"seconds": 0}
    return found


def test_a_worker_is_killed_and_all_is_as_on_one_machine(desk: Class, dask: Dask) -> None:
    import psutil

    victim = psutil.Process(dask.pids()[0])
    command = [sys.executable, "-P", "-m", "graders.front.cli", "grade", str(desk.course), NAME]
    grading = subprocess.Popen(
        [*command, "--scheduler", dask.address],
        env=environment(desk.home),
        cwd=desk.course,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    _until(lambda: victim.children() or grading.poll() is not None, 30)
    (grader,) = victim.children()  # it works on a submission
    os.kill(victim.pid, signal.SIGKILL)
    said, _ = grading.communicate(timeout=50)
    assert grading.returncode == 0, said
    _until(lambda: not grader.is_running(), 20)
    there = _results(desk)
    assert set(there) == {"right", "half", "exits", "script", "torn", "link"}
    assert not any(r["broke"] for r in there.values())
    points = {s: desk.points(s) for s in there}
    assert points == {"right": 5, "half": 1, "exits": 4, "script": 5, "torn": 0, "link": 0}
    shutil.rmtree(desk.course / ".hero" / "results" / NAME)
    shutil.rmtree(desk.course / "autograded")
    desk.grade("--jobs", "1")
    assert _results(desk) == there
    assert {s: desk.points(s) for s in there} == points


def test_nothing_of_the_course_folder_is_needed_there(desk: Class) -> None:
    batch = Batch(open_course(desk.course), NAME, Registry())
    sent = json.dumps([batch.setup(), _job(desk, "right").line()])
    assert str(desk.course) not in sent


def test_what_comes_back_is_bytes_that_dask_does_not_pickle() -> None:
    from distributed.protocol import serialize

    from graders.teach.cluster import grade_there

    found = grade_there(b"no JSON", b"")
    assert json.loads(found) == {"result": None}  # and no exception, which Dask would pickle
    assert serialize(found)[0]["serializer"] == "dask"


def test_a_submission_that_kills_its_workers_is_left_to_a_person(
    desk: Class, dask: Dask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graders.teach import cluster

    def dies(setup: bytes, line: bytes) -> bytes:
        os._exit(1)

    monkeypatch.setattr(cluster, "grade_there", dies)
    batch, job = Batch(open_course(desk.course), NAME, Registry()), _job(desk, "right")
    with cluster.Cluster(dask.address) as runner:
        assert list(batch.run([job], runner)) == ["right"]
    assert load(job.result)["broke"]


def test_a_worker_with_another_workbook_is_told(desk: Class, dask: Dask) -> None:
    from graders.teach.cluster import Cluster

    setup = Batch(open_course(desk.course), NAME, Registry()).setup() | {"book": "another"}
    with (
        Cluster(dask.address) as runner,
        pytest.raises(UserError, match=r"the worker at tcp://127\S+ it holds another workbook"),
    ):
        list(runner.run(setup, [_job(desk, "right")]))


UNCONFINED = """
from graders.ground import sandbox
sandbox.capabilities = lambda: {"processes": True, "network": False}
from graders.teach import batch_worker
batch_worker.main()
"""


def test_a_worker_that_cannot_confine_refuses(desk: Class) -> None:
    setup = Batch(open_course(desk.course), NAME, Registry()).setup() | {"confined": True}
    grader = Grader(setup, command=(sys.executable, "-c", UNCONFINED))
    with pytest.raises(UserError, match="could use the network, so a class is not graded here"):
        grader.grade(_job(desk, "right").line())


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "?"])
def test_a_wrong_address_is_one_sentence(address: str, desk: Class) -> None:
    shutil.rmtree(desk.course / ".hero" / "results" / NAME, ignore_errors=True)
    began = time.monotonic()
    said = desk.grade("--scheduler", address, code=2)
    assert f"no Dask scheduler answers at {address}" in said and "Traceback" not in said
    assert time.monotonic() - began < 10


def _job(desk: Class, student: str) -> Job:
    return Job(student, desk.folder(student), desk.home / f"{student}.json", "key")
