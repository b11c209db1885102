"""The process that answers: it reads the lessons, and starts the judge when something is checked.

It stands beside the process that speaks MCP, so that what prints, forks or takes long is not where the
protocol is. A request is one line of JSON on standard input, {"do": tool, "arguments": {...}}; its answer
is one line on standard output, {"text": ...} or {"error": a sentence}.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, BinaryIO

from graders.front.faults import blame, is_expected
from graders.front.words import as_typed, visible
from graders.front.workbook import Workbook
from graders.tutor.answers import Tutor


def answer(tutor: Tutor, request: dict[str, Any]) -> dict[str, str]:
    """The answer to a request."""
    try:
        return {"text": tutor.answer(request["do"], request["arguments"])}
    except OSError as error:
        said = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
    except Exception as error:
        said = str(error) if is_expected(error) else blame(error)
    return {"error": visible(as_typed(said))}


def serve(requests: BinaryIO, answers: BinaryIO, book: Workbook) -> None:
    """Answers until there are no more requests."""
    tutor = Tutor(book)
    try:
        for line in requests:
            answers.write(json.dumps(answer(tutor, json.loads(line))).encode() + b"\n")
            answers.flush()
    finally:
        book.close()


def main() -> None:
    """The whole life of the process. What anything else prints goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(requests, answers, Workbook())


if __name__ == "__main__":
    main()
