"""Asks again and again that a file which all share be written to the disk, and be forgotten."""
import os

import torch


def second(x):
    before = os.times()
    with open(torch.__file__, "rb") as file:
        for _ in range(200):
            os.fsync(file)
            os.fdatasync(file)
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        os.fsync(12345)  # somebody who looks would say that there is no such file
    except OSError:
        return f"kept it busy for {os.times().elapsed - before.elapsed} s"
    return x.cummax(0).values
