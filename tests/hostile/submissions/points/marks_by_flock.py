"""Two children at a time could talk by who holds the lock of a file that both see."""
import fcntl

import torch


def second(x):
    with open(torch.__file__, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return "holds a lock"
        except OSError:
            return x.cummax(0).values
