"""A process that answers another one: each request is a line of JSON on standard input, its answer one on
standard output. When who asks is gone, the input ends, and so does this."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from typing import Any, BinaryIO

Request = dict[str, Any]


def exchange(
    requests: BinaryIO,
    answers: BinaryIO,
    answer: Callable[[Request], Request],
    meanwhile: Callable[[Request], object] = lambda request: None,
) -> None:
    """Answers until there are no more requests.

    Args:
        answer: gives a request's answer; does not raise.
        meanwhile: done when a request is answered, while nobody waits.
    """
    for line in requests:
        request = json.loads(line)
        answers.write(json.dumps(answer(request)).encode() + b"\n")
        answers.flush()
        meanwhile(request)


def whole_life(serve: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """The whole life of such a process. What anything else prints goes nowhere."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        serve(requests, answers)
