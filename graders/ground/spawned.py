"""The child where fork is missing (Windows), or not wanted: a fresh interpreter.

``python -m graders.ground.spawned`` imports torch, waits for one request on standard input, and
answers on standard output. Slower by torch's import; the parent keeps one such process warm.
"""

from __future__ import annotations

import os
import sys


def run() -> None:
    """Takes the pipes for the channel and leaves the learner's prints to standard error."""
    request_fd, answer_fd = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(request_fd, os.O_BINARY)
        msvcrt.setmode(answer_fd, os.O_BINARY)
    from graders.ground import child, sandbox

    sandbox.die_with_parent()
    output_fd = os.dup(2)
    child.main(child.FdChannel(request_fd, answer_fd), output_fd)


if __name__ == "__main__":
    run()
