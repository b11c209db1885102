"""Tries files of solutions that no grader lists, and says which verdicts surprise.

    python tests/unlisted/try_solutions.py FILE... [--seed N] [--json]

A file is called after its lesson (``02_bigram.py``, ``02_more.py``) and may lie anywhere; what is in it,
see ``graders/core/trying.py``. The exit code is 0 if every wrong solution is rejected and every right one
accepted, 1 if not, 2 if a file is not of the right form.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track

from graders.core.judge import PartJudge
from graders.core.registry import Registry
from graders.core.trying import Tried, parts, read, try_one
from graders.errors import UserError


def main() -> int:
    """Tries, prints, and says whether there was no surprise."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="NN_lesson*.py")
    parser.add_argument("--seed", type=int, default=1, help="of the cases (1)")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    asked = parser.parse_args()
    if asked.seed < 0:
        parser.error("--seed must not be negative")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", UserWarning)  # some mistakes make torch warn
    registry, tried = Registry(), Tried()
    try:
        solutions = [s for file in asked.files for s in read(file, registry)]
    except UserError as error:
        print(error, file=sys.stderr)
        return 2
    work = [
        (judge, solution)
        for ref, mine in parts(solutions, registry)
        for judge in [PartJudge(registry.load(ref), asked.seed)]
        for solution in mine
    ]
    for judge, solution in track(work, "Trying", console=Console(stderr=True), transient=True):
        try_one(judge, solution, tried)
    if asked.json:
        print(json.dumps(tried.to_json()))
    else:
        for sentence in tried.off:
            print(sentence)
        print(
            f"{tried.wrong} wrong: {tried.rejected} rejected, {tried.named} named, "
            f"{tried.described} described; {tried.right} right: {tried.accepted} accepted."
        )
    return 1 if tried.off else 0


if __name__ == "__main__":
    sys.exit(main())
