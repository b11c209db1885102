"""The child where fork is missing (Windows), or not wanted: a fresh interpreter.

``python -m graders.ground.spawned`` imports torch, waits for one request on standard input, and
answers on standard output. Slower by torch's import; the parent keeps one such process warm.
"""

from __future__ import annotations

import os
import sys
import threading

from graders.ground import child, lean, sandbox
from graders.ground.limits import BROKEN


class PipeChannel(child.FdChannel):
    """A channel over two pipes, whose process ends when the parent's end of the first is closed.

    Linux ends it anyway; elsewhere nothing would tell it that its parent was killed.
    """

    watching = False

    def write(self, data: bytes) -> None:
        if not self.watching:  # the request has been read: all that can come is the end
            self.watching = True
            threading.Thread(target=self._watch, daemon=True).start()
        super().write(data)

    def _watch(self) -> None:
        try:
            over = not os.read(self.read_fd, 1)
        except OSError:  # submitted code has closed it
            return
        if over:
            os._exit(BROKEN)


def run() -> None:
    """Takes the pipes for the channel and leaves the learner's prints to standard error."""
    request_fd, answer_fd = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(request_fd, os.O_BINARY)
        msvcrt.setmode(answer_fd, os.O_BINARY)
    sandbox.die_with_parent()
    lean.lean_optimizers()
    output_fd = os.dup(2)
    child.main(PipeChannel(request_fd, answer_fd), output_fd)


if __name__ == "__main__":
    run()
