"""An alarm every millisecond, whose handler raises wherever the process is just then."""
import signal


def raise_it(*_):
    raise ValueError("wherever it hurts")


def second(x):
    signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    while True:
        pass
