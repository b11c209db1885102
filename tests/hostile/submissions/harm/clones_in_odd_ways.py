"""clone with flags that look like a thread's, but are not quite; fork and vfork by their numbers."""
import ctypes
import os
import platform

CLONE = {"x86_64": 56, "aarch64": 220}[platform.machine()]
OLD = {"x86_64": (57, 58), "aarch64": ()}[platform.machine()]
# a parent of one's choice; shared memory only; shared files and signals; a new namespace; a trace
FLAGS = (17, 0x8000 | 17, 0x4100 | 17, 0xF00 | 17, 0x10000000 | 17, 0x20000000, 0x2000 | 17, 0x1000 | 17)


def second(x):
    libc = ctypes.CDLL(None, use_errno=True)
    for number, *arguments in [(number,) for number in OLD] + [(CLONE, flags, 0, 0, 0, 0) for flags in FLAGS]:
        found = libc.syscall(number, *arguments)
        if found == 0:
            os._exit(0)
        if found != -1:
            return "has a child"
    return x.cummax(0).values
