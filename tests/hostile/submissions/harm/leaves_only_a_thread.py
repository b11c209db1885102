"""Ends its main thread alone: the process lives on, as something that looks dead."""
import ctypes
import platform
import threading

EXIT = {"x86_64": 60, "aarch64": 93}[platform.machine()]


def spin():
    while True:
        pass


def second(x):
    threading.Thread(target=spin, daemon=True).start()
    ctypes.CDLL(None).syscall(EXIT, 0)
