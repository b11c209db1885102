"""Does luck ever decide? The whole audit, many times, each time with other seeds and threads.

    python tests/benchmarks/steady.py [--runs 50] [--json] [02 03/1 ...]

Every run is a process of its own: its seed makes the cases and sets the global generators of random, numpy
and torch; PYTHONHASHSEED differs; and what is right is computed with one thread in the even runs, with two
in the odd ones. A verdict is which misconception, if any, is named, and whether the exercise is passed: it
has to be the same in every run. Told beside it: how often only the list of failed checks differs, because
a mistake may well show in one check more on some cases. The exit code is 1 if a verdict changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

ROOT = Path(__file__).resolve().parents[2]


def one_run(number: int, wanted: list[str]) -> dict[str, Any]:
    """The JSON of one audit; the run's number decides its seeds and its thread count."""
    seed = random.Random(number).getrandbits(31)
    options = ["--seeds", "1", "--seed", str(seed), "--threads", str(1 + number % 2)]
    run = subprocess.run(
        [sys.executable, "-m", "graders.front.cli", "audit", *wanted, *options]
        + ["--json", "--verdicts"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(seed % 2**32)},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in (0, 1) or not run.stdout.startswith("{"):
        raise SystemExit(f"run {number} ended with {run.returncode}: {run.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def main() -> int:
    """Runs the audits one after the other and counts what differed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("wanted", nargs="*", help="lessons and parts; all if none")
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    verdicts: dict[str, set[str]] = defaultdict(set)
    checks: dict[str, set[str]] = defaultdict(set)
    holes: dict[str, list[int]] = defaultdict(list)
    counts: dict[str, int] = {}
    columns = TextColumn("auditing"), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, TextColumn("{task.description}"), transient=True) as bar:
        task = bar.add_task("", total=args.runs)
        for number in range(args.runs):
            found = one_run(number, args.wanted)
            for name, told in found["verdicts"].items():
                failed, _, named = told[0].rpartition("; ")
                passed = "passed" if failed == "passed" else "failed"
                verdicts[name].add(f"{passed}, {named}")
                checks[name].add(failed)
            for hole in found["holes"]:
                holes[hole.split(" (seed")[0]].append(number)
            counts = {k: v for k, v in found.items() if isinstance(v, int)}
            bar.update(task, advance=1, description=f"{len(holes)} holes")

    changed = {name: sorted(told) for name, told in verdicts.items() if len(told) > 1}
    summary = {
        "runs": args.runs,
        "exercises": counts["exercises"],
        "alternatives": len(verdicts),
        "changed": changed,
        "only_the_failed_checks_differ": sum(
            len(told) > 1 for name, told in checks.items() if name not in changed
        ),
        "holes": holes,
    }
    if args.json:
        print(json.dumps(summary))
    else:
        for name, told in changed.items():
            print(f"changed: {name}: {' | '.join(told)}")
        for hole, runs in holes.items():
            print(f"hole in {len(runs)} of {args.runs} runs: {hole}")
        print(
            f"{args.runs} runs of {summary['exercises']} exercises and {len(verdicts)} "
            f"misconceptions and variants: {len(changed)} verdicts changed, {len(holes)} holes; "
            f"for {summary['only_the_failed_checks_differ']} only the list of failed checks differs."
        )
    return 1 if changed or holes else 0


if __name__ == "__main__":
    sys.exit(main())
