"""A class, an exception and an answer whose name has ten million letters."""


def second(x):
    raise type("E" * 10_000_000, (ValueError,), {})("pass")
