import os


def second(x):
    os.chdir("/")
    return x.cummax(0).values
