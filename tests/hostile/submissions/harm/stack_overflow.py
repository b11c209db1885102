import sys


class Nested:
    def __repr__(self):
        return repr([self])


def second(x):
    sys.setrecursionlimit(10**9)
    return repr(Nested())
