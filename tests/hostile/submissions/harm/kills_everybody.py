import os
import signal


def second(x):
    tried = [-1, 0, 1, os.getppid(), -os.getppid()]
    failed = 0
    for pid in tried:
        try:
            os.kill(pid, signal.SIGKILL)
        except PermissionError:
            failed += 1
    assert failed == len(tried)
    os.kill(os.getppid(), signal.SIGSTOP)
