"""A thread that never lets another one run."""
import sys
import threading


def spin():
    while True:
        pass


def second(x):
    sys.setswitchinterval(1e6)
    thread = threading.Thread(target=spin, daemon=True)
    thread.start()
    thread.join()
