import os
import signal


def second(x):
    os.kill(os.getpid(), signal.SIGSTOP)
