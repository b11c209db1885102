"""A filter of its own upon that of the grader: it could make the answer of any call up."""
import ctypes
import platform

SECCOMP = {"x86_64": 317, "aarch64": 277}[platform.machine()]


def second(x):
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(b"\x06\0\0\0\0\0\xff\x7f", 8)  # allow everything

    class Program(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    program = Program(1, ctypes.addressof(code))
    if libc.prctl(22, 2, ctypes.byref(program), 0, 0) != -1 or libc.syscall(SECCOMP, 1, 8, ctypes.byref(program)) != -1:
        return "has another filter"
    return x.cummax(0).values
