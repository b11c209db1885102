"""Clears its death signal, ignores whatever can be ignored, and never returns."""
import ctypes
import signal


def second(x):
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
    while True:
        pass
