"""What the workbook promises about speed and memory, measured as ratios in one run.

    python tests/benchmarks/bench.py [--rounds 7] [--saves 50] [--json]

Every promise is a ratio against importing what has to be imported anyway, and both sides are measured in
turn, so a slow or busy machine does not change the verdict much. Medians are quoted. The exit code is 1 if a
promise does not hold.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pty
import resource
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def solved_copy(folder: Path) -> Path:
    """A checkout whose exercises/ holds the reference solutions."""
    for name in ("graders", "solutions", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(folder / "solutions", folder / "exercises")
    shutil.copy(ROOT / "pyproject.toml", folder)
    # byte code is there in a used checkout, and what `hero` keeps beside it
    subprocess.run([sys.executable, "-m", "compileall", "-q", folder / "graders"], **QUIET)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    timed([sys.executable, "-m", "graders.front.cli", "check", "--from", "solutions"], folder)
    return folder


def timed(command: list[str], cwd: Path) -> tuple[float, int]:
    """(wall seconds, peak memory in KiB of the largest process) of a command that must succeed."""
    env = dict(os.environ, PYTHONPATH=str(cwd))
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=env, **QUIET)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    scale = 1024 if sys.platform == "darwin" else 1  # bytes there, KiB elsewhere
    return took, usage.ru_maxrss // scale


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def pairs(
    ours: list[str], theirs: list[str], cwd: Path, rounds: int
) -> list[tuple[float, float, int, int]]:
    """(our seconds, their seconds, our KiB, their KiB), measured in turn after one warm-up."""
    timed(ours, cwd), timed(theirs, cwd)
    found = []
    for _ in range(rounds):
        (a, m), (b, n) = timed(ours, cwd), timed(theirs, cwd)
        found.append((a, b, m, n))
    return found


def watch(cwd: Path, saves: int) -> list[float]:
    """Seconds from each save of one exercise's file to its verdict on the watch screen."""
    log = cwd / "watch.log"
    path = cwd / "exercises" / "05_backprop" / "2_linear.py"
    right = path.read_text()
    wrong = right.replace("return", "return -", 1) if "return -" not in right else right + "\n"
    (cwd / ".hero").mkdir(exist_ok=True)
    state = {"done": [], "current": "05.h_backward", "hints": {}}
    (cwd / ".hero" / "state.json").write_text(json.dumps(state))
    env = dict(os.environ, PYTHONPATH=str(cwd), HERO_WATCH_LOG=str(log), TERM="xterm-256color")
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        os.execve(sys.executable, [sys.executable, "-m", "graders.front.cli"], env)
    seconds = []
    try:
        _wait_for_lines(log, 1, fd, 60)
        for i in range(saves):
            time.sleep(0.3)  # a person is never faster
            count = len(_lines(log))
            temporary = path.with_suffix(".tmp")
            temporary.write_text(right if i % 2 else wrong + f"\n# save {i}\n")
            saved = time.time_ns()
            os.replace(temporary, path)
            line = _wait_for_lines(log, count + 1, fd, 30)[count]
            seconds.append((int(line.split()[0]) - saved) / 1e9)
    finally:
        os.kill(pid, signal.SIGTERM)
        time.sleep(0.3)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(fd)
    return seconds


def _lines(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


def _wait_for_lines(log: Path, count: int, fd: int, seconds: float) -> list[str]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ready, _, _ = select.select([fd], [], [], 0.002)
        if ready:
            os.read(fd, 65536)  # the screen must be drained, or its writer blocks
        lines = _lines(log)
        if len(lines) >= count:
            return lines
    raise SystemExit("the watch screen gave no verdict in time")


def main() -> int:
    """Measures, prints, and says whether each promise holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--saves", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows: list[dict[str, object]] = []

    def row(what: str, measured: float, promised: float, detail: str) -> None:
        rows.append(
            {
                "what": what,
                "measured": round(measured, 3),
                "promised": round(promised, 3),
                "holds": measured <= promised,
                "detail": detail,
            }
        )

    with tempfile.TemporaryDirectory() as name:
        cwd = solved_copy(Path(name))
        median = statistics.median
        torch_import = python("import torch")

        check = [sys.executable, "-m", "graders.front.cli", "check", "--from", "solutions"]
        found = pairs(check, torch_import, cwd, asked.rounds)
        parts = len(list((cwd / "solutions").glob("[0-9][0-9]_*/*.py")))
        ours, theirs = median(f[0] for f in found), median(f[1] for f in found)
        row(
            f"hero check --from solutions, {parts} parts, over import torch",
            median(f[0] / f[1] for f in found),
            1.5 + 0.05 * parts / theirs,
            f"{ours:.2f} s / {theirs:.2f} s; promised 1.5 x + 50 ms a part",
        )
        one = [*check[:-2], "05.h_backward"]
        memory = pairs(one, torch_import, cwd, 3)
        row(
            "peak memory of a check over import torch",
            median(f[2] / f[3] for f in memory),
            1.5,
            f"{memory[0][2] // 1024} MiB / {memory[0][3] // 1024} MiB",
        )
        run = [sys.executable, "-m", "pytest", "-q", "exercises/05"]
        found = pairs(run, python("import pytest, torch"), cwd, asked.rounds)
        row(
            "pytest exercises/05 (solved) over import pytest, torch",
            median(f[0] / f[1] for f in found),
            1.5,
            f"{median(f[0] for f in found):.2f} s / {median(f[1] for f in found):.2f} s",
        )
        makemore = sorted(p for p in (cwd / "exercises").glob("0[2346]_*"))
        files = sum(len(list(p.glob("*.py"))) for p in makemore)
        run = [*run[:-1], *[str(p.relative_to(cwd)) for p in makemore]]
        found = pairs(run, python("import pytest, torch"), cwd, asked.rounds)
        ours, theirs = median(f[0] for f in found), median(f[1] for f in found)
        row(
            f"pytest of {', '.join(p.name[:2] for p in makemore)} (solved), {files} parts, "
            "over import pytest, torch",
            median(f[0] / f[1] for f in found),
            1.5 + 0.1 * files / theirs,
            f"{ours:.2f} s / {theirs:.2f} s; promised 1.5 x + 0.1 s a part",
        )
        seconds = watch(cwd, asked.saves)
        baseline = median(timed(torch_import, cwd)[0] for _ in range(asked.rounds))
        row(
            f"watch: save to verdict over import torch, {asked.saves} saves",
            median(seconds) / baseline,
            1 / 20,
            f"{1000 * median(seconds):.0f} ms / {baseline:.2f} s",
        )
    if asked.json:
        print(json.dumps(rows))
    else:
        table = Table("promise", "measured", "promised at most", "holds", "medians")
        for r in rows:
            table.add_row(
                str(r["what"]), str(r["measured"]), str(r["promised"]),
                "yes" if r["holds"] else "NO", str(r["detail"]),
            )  # fmt: skip
        Console().print(table)
        print(f"peak memory of this benchmark itself: {_own() // 1024} MiB")
    return 0 if all(r["holds"] for r in rows) else 1


def _own() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
