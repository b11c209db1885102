"""The worker on a machine that is short of something, and when it is ended in the middle of its work.

Each test runs a small program in a process of its own, as what it does to itself (limits, signals)
stays done; it is forked from this one, so that torch need not be imported again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from graders.ground import sandbox

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
linux = pytest.mark.skipif(sys.platform != "linux", reason="asks for what Linux has")

BEGIN = """
import os, sys
from graders.ground import forkserver, machine, sandbox, wire
from graders.ground.worker import Worker

def request(source):
    return {'source': source, 'path': 'x.py', 'name': 'part', 'standins': {}, 'scenarios': '',
            'forbid': [], 'runs': [
                {'exercise': 'f', 'check': 'values', 'target': 'f', 'pure': False, 'cases': [[{}, 0]]}
            ]}

def answer(worker, source='def f():\\n    return 7'):
    result = worker.submit(request(source)).collect({})
    assert not result.died, result
    return wire.decode(result.outcomes['f', 'values'][0]['value'])
"""


class Program:
    """A forked process that runs some Python text; what it prints comes through a pipe."""

    def __init__(self, text: str, folder: Path, cwd: Path | None = None) -> None:
        sys.stdout.flush()
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # forking beside other threads
            self.pid = os.fork()
        if not self.pid:
            try:
                os.dup2(writer, 1)
                os.dup2(writer, 2)
                os.closerange(3, 200)
                sys.stdout = sys.stderr = open(1, "w", buffering=1)  # noqa: SIM115
                for number in (signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_DFL)
                os.environ.update(TMPDIR=str(folder), PYTHONPATH=str(ROOT))
                tempfile.tempdir = None
                os.chdir(cwd or ROOT)
                exec(compile(BEGIN + text, "<program>", "exec"), {})
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(0)
        os.close(writer)
        self.out = open(reader)  # noqa: SIM115

    def line(self) -> str:
        return self.out.readline()

    def all(self) -> str:
        """What it printed; waits until everybody who could print more is gone."""
        said = self.out.read()
        self.end()
        return said.strip()

    def end(self) -> None:
        self.out.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def said(text: str, folder: Path, cwd: Path | None = None) -> str:
    return Program(text, folder, cwd).all()


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until_gone(pids: list[int], folder: Path) -> None:
    """Waits a little; what is still there then is told."""
    end = time.monotonic() + 15
    while not (all(map(gone, pids)) and not list(folder.iterdir())) and time.monotonic() < end:
        time.sleep(0.02)
    assert [pid for pid in pids if not gone(pid)] == []
    assert [path.name for path in folder.iterdir()] == []


# -- ended in the middle of its work ----------------------------------------------------------------

AT_WORK = """
import time
worker = Worker(fresh={fresh})
{before}
pending = worker.submit(request({source!r}))
time.sleep(0.5)
print(worker.server.pid, pending.pid, flush=True)
print(pending.collect({{('f', 'values'): 60.0}}).died)
"""
LOOPS = "def f():\n    open('file', 'w').close()\n    while True: pass"
DEAF = (
    "def f():\n"
    "    import ctypes, os\n"
    "    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)\n"
    "    os.mkdir('locked', 0)\n"
    "    while True: pass"
)
UNCONFINED = "sandbox.install_seccomp = lambda **_: False"  # so that it does become deaf


def at_work(
    folder: Path, source: str, before: str = "", fresh: bool = False
) -> tuple[Program, list[int]]:
    parent = Program(AT_WORK.format(source=source, before=before, fresh=fresh), folder)
    return parent, [parent.pid, *map(int, parent.line().split())]


@pytest.mark.parametrize(
    ("number", "source", "before"),
    [
        (signal.SIGTERM, LOOPS, ""),
        (signal.SIGHUP, DEAF, ""),
        (signal.SIGKILL, LOOPS, ""),
        (signal.SIGKILL, DEAF, UNCONFINED),
    ],
)
def test_nothing_stays_when_the_parent_is_killed(
    number: int, source: str, before: str, tmp_path: Path
) -> None:
    parent, pids = at_work(tmp_path, source, before)
    assert len(list(tmp_path.iterdir())) == 1
    os.kill(parent.pid, number)
    wait_until_gone(pids, tmp_path)
    parent.end()


def test_nor_when_the_server_is_another_interpreter(tmp_path: Path) -> None:
    parent, pids = at_work(tmp_path, LOOPS, fresh=True)
    os.kill(parent.pid, signal.SIGKILL)
    wait_until_gone(pids, tmp_path)
    parent.end()


@linux
def test_nor_when_another_process_holds_the_parents_end(tmp_path: Path) -> None:
    """Then the server is not told by its socket that the parent is gone."""
    fork = "worker.start()\nholder = os.fork()\nif not holder: time.sleep(60); os._exit(0)"
    parent, pids = at_work(tmp_path, LOOPS, fork)
    (other,) = [p for p in psutil.Process(parent.pid).children() if p.pid not in pids]
    os.kill(parent.pid, signal.SIGKILL)
    try:
        wait_until_gone(pids, tmp_path)
    finally:
        other.kill()
    parent.end()


def test_nor_when_the_server_is_asked_to_end(tmp_path: Path) -> None:
    """By a system that goes down, say; the parent reports a run that was broken off."""
    parent, pids = at_work(tmp_path, LOOPS)
    os.kill(pids[1], signal.SIGTERM)
    assert parent.all() == "server"
    wait_until_gone(pids, tmp_path)


@linux
@pytest.mark.skipif(
    not all(sandbox.capabilities().values()), reason="this machine cannot confine a process"
)
def test_killed_with_its_server_it_leaves_a_folder_for_the_next_to_sweep(tmp_path: Path) -> None:
    parent, pids = at_work(tmp_path, DEAF)  # it may not become deaf
    os.kill(pids[1], signal.SIGSTOP)
    for pid in pids[:2]:
        os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 10
    while not all(map(gone, pids)) and time.monotonic() < end:
        time.sleep(0.02)
    assert [pid for pid in pids if not gone(pid)] == []
    parent.end()
    assert len(list(tmp_path.iterdir())) == 1
    assert said("with Worker() as worker: print(answer(worker))", tmp_path) == "7"
    assert list(tmp_path.iterdir()) == []


def test_a_spawned_child_sees_that_its_pipe_is_closed(tmp_path: Path) -> None:
    """Where the system does not end it with its parent."""
    text = (
        "import time; from graders.ground.spawned import PipeChannel\n"
        "reader, writer = os.pipe()\n"
        "channel = PipeChannel(reader, 1)\n"
        "channel.write(b'ready ')\n"
        "time.sleep(0.2); os.write(1, b'waits ')\n"
        "os.close(writer); time.sleep(60); print('too long')\n"
    )
    assert said(text, tmp_path) == "ready waits"


# -- short of something -----------------------------------------------------------------------------

TELL = """
try:
    with Worker({arguments}) as worker:
        {before}
        print(answer(worker))
except machine.MachineError as error:
    print('MachineError:', error)
"""


def tell(
    folder: Path,
    first: str = "",
    before: str = "pass",
    arguments: str = "",
    cwd: Path | None = None,
) -> str:
    out = said(first + TELL.format(before=before, arguments=arguments), folder, cwd)
    assert list(folder.iterdir()) == []
    assert "\n" not in out, out  # one sentence
    return out


FILES = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
TAKEN = "taken = [os.open('/', os.O_RDONLY) for _ in range({n})]"


def test_few_files_are_made_more(tmp_path: Path) -> None:
    assert tell(tmp_path, FILES.format(soft=40, hard=1024)) == "7"


@pytest.mark.parametrize("most", [20, 60, 120])
def test_too_few_files_are_the_machines_fault(most: int, tmp_path: Path) -> None:
    out = tell(tmp_path, FILES.format(soft=most, hard=most))
    assert out.startswith(f"MachineError: only {most} files may be open at a time here"), out


def test_enough_files(tmp_path: Path) -> None:
    assert tell(tmp_path, FILES.format(soft=130, hard=130)) == "7"


def test_files_that_run_out_here_are_not_the_learners_fault(tmp_path: Path) -> None:
    """Whatever it is that no descriptor is left for: a folder, a socket, a pipe, a clock."""
    text = FILES.format(soft=200, hard=200) + (
        "with Worker() as worker:\n"
        "    answer(worker)\n"
        "    for left in range(12):\n"
        "        taken = []\n"
        "        try:\n"
        "            while True: taken.append(os.open('/', os.O_RDONLY))\n"
        "        except OSError: pass\n"
        "        for _ in range(left): os.close(taken.pop())\n"
        "        try: print(answer(worker))\n"
        "        except machine.MachineError as error: print(error)\n"
        "        for fd in taken: os.close(fd)\n"
    )
    lines = said(text, tmp_path).splitlines()
    assert len(lines) == 12 and lines[-1] == "7"
    for line in lines:
        assert line == "7" or line.startswith("too many files are open"), line
    assert list(tmp_path.iterdir()) == []


def test_a_server_without_room_for_a_child(tmp_path: Path) -> None:
    patch = (
        "def fork(*_):\n    raise BlockingIOError(11, 'Resource temporarily unavailable')\n"
        "forkserver._fork = fork\n"
    )
    out = tell(tmp_path, patch)
    assert out.startswith("MachineError: this machine has no memory or no process left"), out


def test_more_files_than_select_knows(tmp_path: Path) -> None:
    if hard_limit() < 1500:
        pytest.skip("so many may not be open here")
    first = FILES.format(soft=1500, hard=1500)
    assert tell(tmp_path, first, TAKEN.format(n=1200)) == "7"


def hard_limit() -> int:
    import resource

    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return hard if hard != resource.RLIM_INFINITY else 2**20


def test_without_a_null_device(tmp_path: Path) -> None:
    assert tell(tmp_path, "os.devnull = '/nowhere/null'\n") == "7"


@pytest.mark.parametrize("closed", ["0", "0, 1, 2"])
def test_without_standard_files(closed: str, tmp_path: Path) -> None:
    text = (
        f"for fd in ({closed},): os.close(fd)\n"
        "with Worker() as worker: found = answer(worker)\n"
        f"open({str(tmp_path / 'found')!r}, 'w').write(str(found))\n"
    )
    assert said(text, tmp_path) == ""
    assert (tmp_path / "found").read_text() == "7"


@pytest.mark.parametrize("arguments", ["", "fresh=True", "method='spawn'"])
def test_in_a_folder_that_is_gone(arguments: str, tmp_path: Path) -> None:
    here, temporary = tmp_path / "here", tmp_path / "tmp"
    here.mkdir()
    temporary.mkdir()
    assert tell(temporary, "os.rmdir(os.getcwd())\n", arguments=arguments, cwd=here) == "7"


def test_where_torch_cannot_be_imported(tmp_path: Path) -> None:
    text = (
        "machine.can_start()\n"
        "os.rmdir(os.getcwd())\n"
        "try: machine.can_start()\n"
        "except machine.MachineError as error: print(error)\n"
        "os.chdir('/'); os.access = lambda *_: False\n"
        "try: machine.can_start()\n"
        "except machine.MachineError as error: print(error)\n"
    )
    first, second = said(text, tmp_path, cwd=tmp_path).splitlines()
    assert first.startswith("the folder that you are in has been deleted")
    assert second.startswith("there is no /dev/urandom here")


def test_without_a_folder_for_temporary_files(tmp_path: Path) -> None:
    first = "import tempfile; tempfile.tempdir = '/nowhere'\n"
    out = tell(tmp_path, first)
    assert out.startswith("MachineError: the checks have no folder to run in (/nowhere"), out


def test_a_child_that_cannot_begin(tmp_path: Path) -> None:
    """Whatever breaks before the learner's file is read is told as what it is."""
    patch = (
        "from graders.ground import child\n"
        "def confine(*_):\n    raise {error}\n"
        "child.confine = confine\n"
    )
    out = tell(tmp_path, patch.format(error="OSError(24, 'Too many open files')"))
    assert out.startswith("MachineError: too many files are open"), out
    out = tell(tmp_path, patch.format(error="sandbox.SandboxError('it cannot be confined')"))
    assert out == "MachineError: it cannot be confined"
    out = tell(tmp_path, patch.format(error="SystemExit(3)"))
    assert out.startswith("MachineError: this machine could not run the checks"), out
    patch = "from graders.ground import child\nchild.prepare = lambda _: os._exit(3)\n"
    out = tell(tmp_path, patch)
    assert out.startswith("MachineError: the process that runs the checks ended before"), out


def test_graders_that_fail_are_not_the_learners_fault(tmp_path: Path) -> None:
    text = (
        "from graders.ground.result import ScenarioError\n"
        "with Worker() as worker:\n"
        "    try: worker.submit(request('') | {'scenarios': 'torhc.ones'}).collect({})\n"
        "    except ScenarioError as error: print(error)\n"
    )
    assert said(text, tmp_path) == "NameError: name 'torhc' is not defined"
    assert list(tmp_path.iterdir()) == []
