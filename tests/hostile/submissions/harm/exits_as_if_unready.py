"""Ends with the status of a child that could not begin, which is nobody's fault."""
import os


def second(x):
    os._exit(71)
