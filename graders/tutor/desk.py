"""The process that answers: it reads the lessons, and starts the judge when something is checked.

It stands beside the process that speaks MCP, so that what prints, forks or takes long is not where the
protocol is. A request is {"do": tool, "arguments": {...}}; its answer {"text": ...} or {"error": a sentence}
(see graders/front/exchange.py).
"""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any, BinaryIO

from graders.front.exchange import exchange, whole_life
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
    with contextlib.closing(book):
        exchange(requests, answers, partial(answer, Tutor(book)))


def main() -> None:
    """The whole life of the process."""
    whole_life(lambda requests, answers: serve(requests, answers, Workbook()))


if __name__ == "__main__":
    main()
