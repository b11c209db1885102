"""Calls the kernel as 32-bit programs do (int 0x80), where calls have other numbers."""
import ctypes
import mmap
import platform

CODE = bytes([0x53, 0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0x5B, 0xC3])  # getpid, by its old number


def second(x):
    if platform.machine() != "x86_64":
        ctypes.string_at(0)
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(CODE)
    call = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return f"the answer is {call()}"
