import os


def second(x):
    os.abort()
