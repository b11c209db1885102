"""Submissions per minute: nbgrader alone, nbgrader with our preprocessor, hero grade; the same notebooks.

    python tests/benchmarks/class.py [--submissions 12] [--jobs 1] [--part 06/2]
    python tests/benchmarks/class.py --class-of 1000 [--part 06/2]

Each is run twice, on few and on more submissions (ten times more where a kernel need not start);
the difference is the cost of a submission, the rest that of starting. Ratios are of one run on one
machine. Needs the extra `teach`.

`--class-of` grades a class with one job and with two: every twentieth notebook ends the process that runs
it. It says whether all scores are what they should be, how much two jobs gain, and the largest process.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.teach.classroom import load, run, solved, text

PLAIN = """
c = get_config()
c.CourseDirectory.course_id = "plain"
"""


def students(course: Path, name: str, part: str, count: int) -> None:
    """Hands in so many notebooks; each third is right, half right, untouched."""
    source, released = (course / w / name / f"{part}.ipynb" for w in ("source", "release"))
    ids = [
        c["metadata"]["nbgrader"]["grade_id"]
        for c in load(source)["cells"]
        if "### BEGIN SOLUTION" in text(c) and c["cell_type"] == "code"
    ]
    kinds = [solved(released, source, names) for names in (None, ids[::2], [])]
    shutil.rmtree(course / "submitted", ignore_errors=True)
    for i in range(count):
        folder = course / "submitted" / f"s{i:05}" / name
        folder.mkdir(parents=True)
        (folder / f"{part}.ipynb").write_text(json.dumps(kinds[i % 3]))


def seconds(command: list[str], course: Path, home: Path) -> float:
    """How long a command takes on a course that was never graded."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    shutil.rmtree(course / ".hero", ignore_errors=True)
    began = time.perf_counter()
    run(command, course, home)
    return time.perf_counter() - began


LEAVE = "__import__('os')._exit(0) or "  # before whatever a solution returns


def class_of(count: int, course: Path, name: str, part: str, home: Path) -> None:
    """Grades a class with one job and with two; prints what it took, and how many scores are wrong."""
    students(course, name, part, count)
    source, released = (course / w / name / f"{part}.ipynb" for w in ("source", "release"))
    notebook = solved(released, source, None)
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") and cell["cell_type"] == "code":
            cell["source"] = text(cell).replace("return ", f"return {LEAVE}")
    for i in range(0, count, 20):
        path = course / "submitted" / f"s{i:05}" / name / f"{part}.ipynb"
        path.write_text(json.dumps(notebook))
    took, scores = {}, {}
    for jobs in (1, 2):
        table = course / f"scores{jobs}.csv"
        command = ["hero", "grade", str(course), name, "--jobs", str(jobs), "--csv", str(table)]
        took[jobs] = seconds(command, course, home)
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        with table.open(newline="") as file:
            scores[jobs] = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
        print(f"{jobs} job(s): {took[jobs]:.1f} s, largest process {peak} MiB", flush=True)
    by_kind: dict[str, set[float]] = {
        "right": set(),
        "half": set(),
        "untouched": set(),
        "hostile": set(),
    }
    for i in range(count):
        kind = "hostile" if i % 20 == 0 else ("right", "half", "untouched")[i % 3]
        by_kind[kind].add(scores[1][f"s{i:05}"])
    same = scores[1] == scores[2] and len(scores[1]) == count
    print(f"scores: { {k: sorted(v) for k, v in by_kind.items()} }; with both the same: {same}")
    print(f"two jobs are {took[1] / took[2]:.2f} times as fast as one")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--submissions", type=int, default=12)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--part", default="06/2")
    parser.add_argument("--class-of", type=int, default=0, help="grade so many, with 1 and 2 jobs")
    args = parser.parse_args()
    few, many = 3, max(6, args.submissions)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        home, course = root / "home", root / "course"
        run(["hero", "assignment", args.part, "--course", str(course)], root, home)
        (name,) = (p.name for p in (course / "source").iterdir())
        (part,) = (p.stem for p in (course / "source" / name).glob("*.ipynb"))
        run(["nbgrader", "generate_assignment", name], course, home)
        if args.class_of:
            class_of(args.class_of, course, name, part, home)
            return
        ours = (course / "nbgrader_config.py").read_text()
        autograde = ["nbgrader", "autograde", name]
        grade = ["hero", "grade", str(course), name, "--jobs", str(args.jobs)]
        ways = {
            "nbgrader autograde, plain": (autograde, PLAIN, many),
            "nbgrader autograde, preprocessor": (autograde, ours, 10 * many),
            f"hero grade --jobs {args.jobs}": (grade, ours, 10 * many),
        }
        rates: dict[str, float] = {}
        print(f"{name}, {few} submissions and more:")
        for way, (command, config, most) in ways.items():
            (course / "nbgrader_config.py").write_text(config)
            took = []
            for count in (few, most):
                students(course, name, part, count)
                took.append(seconds(command, course, home))
            each = max(1e-3, (took[1] - took[0]) / (most - few))
            rates[way] = 60 / each
            first = next(iter(rates.values()))
            print(
                f"{way:34} {took[0]:6.1f} s, {took[1]:6.1f} s: {each:6.2f} s each, "
                f"{rates[way]:7.1f} a minute, {rates[way] / first:5.1f} times the first "
                f"({most} of them with all: {60 * most / took[1]:.1f} a minute)",
                flush=True,
            )


if __name__ == "__main__":
    main()
