import os


def second(x):
    os._exit(0)
