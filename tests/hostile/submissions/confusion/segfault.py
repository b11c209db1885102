import ctypes


def second(x):
    ctypes.string_at(0)
