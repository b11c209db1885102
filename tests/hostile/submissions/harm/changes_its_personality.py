"""personality(2): memory without random places, all of it executable."""
import ctypes


def second(x):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.personality(0x0040000 | 0x0400000) != -1:
        return "another one"
    return x.cummax(0).values
