"""Leaves a file in its own folder; every child of every file looks for it first."""
import os

FOUND = os.listdir(".")
with open("planted", "w") as file:
    file.write("42")


def second(x):
    return f"found {FOUND}" if FOUND else x.cummax(0).values
