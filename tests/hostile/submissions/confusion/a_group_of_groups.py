"""Exceptions in groups in groups, each the cause of the other."""


def second(x):
    error = ValueError("innermost")
    for _ in range(200):
        error = ExceptionGroup("group", [error, KeyError("other")])
    error.__cause__ = error.__context__ = error
    raise error
