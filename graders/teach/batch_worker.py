"""A process that grades submissions one after the other: jobs come as lines of JSON, answers go the
same way.

It trusts the lines, which come from ``graders.teach.batch``, and nothing else. What it made of a
submission is a result file; the answer only says that it is there. Standard output is the answers'
alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Grades until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**said: Any) -> None:
        answers.write(json.dumps(said) + "\n")
        answers.flush()

    setup = json.loads(sys.stdin.readline())
    try:
        from graders.core.registry import Registry
        from graders.front.workbook import start_judge

        registry = Registry(Path(setup["root"]))
        # before a lesson is read: the children are forked from what there is now
        judge = start_judge(registry, setup["seed"], strict=not setup["trusted"])
        from graders.teach.course import tasks_in
        from graders.teach.results import grade_submission

        tasks = tasks_in(registry, Path(setup["released"]))
    except Exception as error:
        answer(fatal=str(error))
        return
    answer(ready=True)
    try:
        for line in sys.stdin:
            job = json.loads(line)
            try:
                made = grade_submission(
                    judge, tasks, Path(job["folder"]), job["student"], job["key"]
                )
                made.save(Path(job["result"]))
                answer(student=job["student"])
            except Exception as error:
                import traceback

                traceback.print_exc()
                answer(student=job["student"], error=f"{type(error).__name__}: {error}")
    finally:
        judge.close()


if __name__ == "__main__":
    main()
