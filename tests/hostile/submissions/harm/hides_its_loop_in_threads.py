"""Waits in the main thread while others compute, under a name that looks like a line of /proc."""
import ctypes
import threading
import time


def spin():
    while True:
        pass


def second(x):
    ctypes.CDLL(None).prctl(15, b") R 0 0 0 0 0", 0, 0, 0)
    for _ in range(2):
        threading.Thread(target=spin, daemon=True).start()
    time.sleep(1000)
