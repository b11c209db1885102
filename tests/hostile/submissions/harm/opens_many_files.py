import os


def second(x):
    while True:
        os.open(".", os.O_RDONLY)
