"""Names and messages that turn text around, or stack marks upon marks."""


def second(x):
    name = "\u202e\u2066dessap\u2069\u200f" + "e" + "\u0301" * 500
    raise type(name, (ValueError,), {})(name + "\ud800\udfff\x00\x7f\u2028" + name)
