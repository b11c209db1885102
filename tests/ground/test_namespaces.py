"""The strict level's view of the machine, as a child sees it, and what becomes of the child from outside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped,unused-ignore]
import pytest

from graders.ground import limits, namespaces, sandbox, wire
from graders.ground.pending import Pending
from graders.ground.worker import READABLE, Worker

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not all(sandbox.capabilities().values()), reason="no namespaces for this user here"
)
# what can be seen at the root: where Python, torch and the data lie, the devices, the room
LEADING = {path.parts[1] for path in (*READABLE, *namespaces.visible())}
LEADING |= {path.resolve().parts[1] for path in (*READABLE, *namespaces.visible())}
SEEN = LEADING | {"dev", "etc", "tmp", Path(limits.ROOM).name}  # /tmp leads to the room


@pytest.fixture(scope="module")
def strict() -> Iterator[Worker]:
    with Worker(strict=True) as worker:
        yield worker


def submit(worker: Worker, body: str) -> Pending:
    """A child that executes the body of a function ``f``."""
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    run = {"exercise": "f", "check": "values", "target": "f", "pure": False, "cases": [[{}, 0]]}
    source = f"import ctypes, mmap, os, struct\nfrom pathlib import Path\n\n\ndef f():\n{lines}"
    request = {"source": source, "path": "x.py", "name": "part", "standins": {}, "scenarios": ""}
    return worker.submit({**request, "forbid": [], "runs": [run]})


def answer(worker: Worker, body: str) -> Any:
    """What the body returns in a child."""
    result = submit(worker, body).collect({})
    outcome = result.outcomes.get(("f", "values"), [{}])[0]
    assert "value" in outcome, (result, outcome)
    return wire.decode(outcome["value"])


# -- what a child sees ---------------------------------------------------------------------------------------


def test_what_there_is(strict: Worker) -> None:
    root = answer(strict, "return sorted(os.listdir('/'))")
    assert set(root) <= SEEN
    assert answer(strict, "return sorted(os.listdir('/dev'))") == [
        "null",
        "random",
        "urandom",
        "zero",
    ]
    etc = set(answer(strict, "return os.listdir('/etc')"))
    assert etc <= {"passwd", "group", "ld.so.cache", "localtime"}
    assert answer(strict, "return os.listdir('.')") == []
    assert answer(strict, "return os.getcwd()") == limits.ROOM
    assert not answer(strict, "return os.path.exists('/proc/self') or os.path.exists('/proc/1')")
    for data in READABLE:
        assert answer(strict, f"return os.listdir({str(data)!r})")
    assert not answer(strict, f"return os.path.exists({str(ROOT / 'solutions')!r})")


def test_who_it_is(strict: Worker) -> None:
    body = "return [os.getuid(), os.geteuid(), os.getgid(), os.getpid(), os.getppid()]"
    assert answer(strict, body) == [1000, 1000, 1000, 1, 0]
    body = """
held = ctypes.create_string_buffer(24)
assert ctypes.CDLL(None).capget(struct.pack('<Ii', 0x20080522, 0), held) == 0
return held.raw + bytes(0)
"""
    assert answer(strict, body) == bytes(24)


def test_only_its_room_can_be_written(strict: Worker) -> None:
    body = """
found = []
for folder, folders, _ in os.walk('/'):
    folders[:] = [f for f in folders if folder.count('/') < 4]
    try:
        os.close(os.open(folder + '/file', os.O_CREAT | os.O_WRONLY))
        found.append(folder)
    except OSError:
        continue
return found
"""
    assert answer(strict, body) == [limits.ROOM]
    body = """
found = os.statvfs('.').f_flag
return [bool(found & flag) for flag in (os.ST_NOEXEC, os.ST_NOSUID, os.ST_NODEV, os.ST_RDONLY)]
"""
    assert answer(strict, body) == [True, True, True, False]
    assert answer(strict, "return bool(os.statvfs('/').f_flag & os.ST_RDONLY)")


def test_its_temporary_files_are_there(strict: Worker) -> None:
    """Whatever the process that forks it found out about temporary folders."""
    body = """
import tempfile
with tempfile.NamedTemporaryFile() as file:
    return os.path.dirname(file.name)
"""
    assert answer(strict, body) == limits.ROOM


# -- and who it is where it has not been confined further: as root and as an ordinary user ------------------

INSIDE = """
import json, os, socket, struct, sys, fcntl
sys.path.insert(0, {root!r})
from pathlib import Path
from graders.ground import namespaces
reader, writer = os.pipe()
os.set_inheritable(writer, True)
apart = namespaces.move_out([Path({data!r})])
namespaces.next_child_apart(apart)
if os.fork() == 0:
    namespaces.room_of_its_own(apart)
    ends = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names = [name for _, name in socket.if_nameindex()]
    asked = [struct.pack('16sh', name.encode(), 0) for name in names]  # SIOCGIFFLAGS
    flags = [struct.unpack('16sh', fcntl.ioctl(ends, 0x8913, text))[1] for text in asked]
    said = dict(root=os.listdir('/'), ids=[os.getuid(), os.getgid(), os.getpid(), os.getppid()],
                names=names, up=[f & 1 for f in flags], data=os.listdir({data!r}), here=os.getcwd())
    os.write(1, json.dumps(said).encode())
    os._exit(0)
os.wait()
"""


@pytest.mark.parametrize("who", ["this user", "an ordinary user"])
def test_a_room_of_its_own(who: str) -> None:
    program = INSIDE.format(root=str(ROOT), data=str(ROOT / "data"))
    command = [sys.executable, "-c", program]
    if who == "an ordinary user":
        if shutil.which("unshare") is None or os.geteuid() != 0:
            pytest.skip("needs root and unshare, to make one")
        command = ["unshare", "-U", "--map-user=1000", "--map-group=1000", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["root"]) <= SEEN
    assert said["ids"] == [1000, 1000, 1, 0]
    assert (said["names"], said["up"]) == (["lo"], [0])
    assert said["data"] and said["here"] == limits.ROOM


# -- what becomes of it --------------------------------------------------------------------------------------


def test_its_time_is_measured_and_ends(strict: Worker) -> None:
    """Its number means nothing inside, and is known outside: that is where its time is asked for."""
    pending = submit(strict, "while True: pass")
    assert strict.server is not None
    number = strict.server.number(pending.pid)  # type: ignore[attr-defined]
    assert number > 1 and psutil.pid_exists(number)
    before = pending.cpu()
    began = time.monotonic()
    result = pending.collect({("f", "values"): 0.3})
    assert (result.died, before is not None) == ("timeout", True)
    assert time.monotonic() - began < 20
    assert _gone(number)


def test_it_ends_with_the_server() -> None:
    with Worker(strict=True) as worker:
        pending = submit(worker, "while True: pass")
        assert worker.server is not None
        number = worker.server.number(pending.pid)  # type: ignore[attr-defined]
        below = psutil.Process(worker.server.pid).children(recursive=True)
        assert number in {process.pid for process in below}
        os.kill(worker.server.pid, signal.SIGKILL)
        assert pending.collect({}).died == "server"
        assert all(_gone(process.pid) for process in below)
        assert answer(worker, "return 7") == 7  # another server, as strict as the first
        assert answer(worker, "return os.getpid()") == 1


def _gone(number: int) -> bool:
    end = time.monotonic() + 20
    while psutil.pid_exists(number) and time.monotonic() < end:
        try:
            if psutil.Process(number).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:  # it went while it was looked at
            return True
        time.sleep(0.01)
    return not psutil.pid_exists(number)


def test_best_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without namespaces everything else holds, if whoever starts it said that this will do."""
    held = {"namespaces": False, "processes": True, "network": True, "files": True}
    monkeypatch.setattr(sandbox, "capabilities", lambda: held)
    monkeypatch.delenv("HERO_STRICT", raising=False)
    with pytest.raises(sandbox.SandboxError, match="namespaces"):
        Worker(strict=True)
    monkeypatch.setenv("HERO_STRICT", "best-effort")
    solution = next((ROOT / "solutions").glob("*/*.py"), ROOT / "README.md")
    with Worker(strict=True) as worker:
        assert worker.lacking == ["namespaces"]
        assert answer(worker, "return 7") == 7
        body = f"""
refused = []
for path in ({str(solution)!r}, '/etc/shadow', '/etc/passwd', '/proc/1/environ', '/proc/self/mem'):
    try:
        open(path).close()
    except OSError:
        refused.append(path)
for call in (os.fork, lambda: os.listdir('..'), lambda: os.kill(os.getppid(), 0), lambda: os.utime('.')):
    try:
        call()
    except OSError:
        refused.append('call')
return refused
"""
        assert len(answer(worker, body)) == 5 + 4
