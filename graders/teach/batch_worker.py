"""A process that grades submissions one after the other: jobs come as lines of JSON, results go the
same way.

It trusts the lines, which come from ``graders.teach.grader``, and nothing that a submission holds.
It writes nothing. Standard output is the answers' alone.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ANOTHER = (
    "it holds another workbook than this one (a lesson, a solution or a grader differs): bring both to the "
    "same commit"
)


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

        if setup["confined"]:
            from graders.teach.confined import refuse_unless_confined

            refuse_unless_confined()
        registry = Registry(Path(setup["root"]))
        # before a lesson is read: the children are forked from what there is now
        judge = start_judge(registry, setup["seed"], strict=not setup["trusted"])
        from graders.errors import UserError
        from graders.teach.course import tasks_of
        from graders.teach.results import grade_submission, workbook_key
        from graders.teach.submissions import from_json

        tasks = tasks_of(registry, setup["released"])
        if setup["book"] != workbook_key(registry, tasks, setup["extra"]):
            raise UserError(ANOTHER)
    except Exception as error:
        answer(fatal=str(error))
        return
    answer(ready=True)
    try:
        for line in sys.stdin:
            job = json.loads(line)
            try:
                made = grade_submission(
                    judge, tasks, from_json(job["files"]), job["student"], job["key"]
                )
                answer(result=made.to_json())
            except Exception as error:
                import traceback

                traceback.print_exc()
                answer(error=f"{type(error).__name__}: {error}")
    finally:
        judge.close()


if __name__ == "__main__":
    main()
