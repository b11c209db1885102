"""Writes a program into its folder and maps it to be executed."""
import mmap
import os


def second(x):
    fd = os.open("library", os.O_CREAT | os.O_RDWR, 0o755)
    os.ftruncate(fd, 4096)
    try:
        mmap.mmap(fd, 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC)
        return "may execute it"
    except OSError:
        return x.cummax(0).values
