"""08.utf8_length: one to four bytes, by the size of the code point."""

from graders.authoring import exercise

from .part import SPANS

ex = exercise("utf8_length", title="how many bytes it takes")


@ex.cases
def _(rng):
    tried = [97, 255, 256, 4095, 4096, 32768]
    for low, high in SPANS:
        tried += [low, high, rng.integer(low, high + 1), rng.integer(low, high + 1)]
    for code_point in rng.shuffled(tried):
        yield dict(code_point=code_point)


@ex.oracle
def _(code_point):
    return len(chr(code_point).encode("utf-8"))


ex.hint("Three thresholds, at the bits that the markers leave free: 7, 11, 16.")
ex.hint("2**7 - 1 still fits into one byte; 2**7 needs two.")
ex.hint("if code_point < 2**7: return 1, then 2**11 and 2**16, and 4 for all others")


@ex.misconception(
    "Cut at 256, 65,536, ...: as if all eight bits of a byte were free. The markers take some of them: "
    "7, 11, 16 and 21 are left."
)
def eight_bits(code_point):
    return max(1, (code_point.bit_length() + 7) // 8)


@ex.misconception("Off by one: 2**7, 2**11 and 2**16 need one byte more. Compare with <, not <=.")
def closed(code_point):
    return 1 + (code_point > 2**7) + (code_point > 2**11) + (code_point > 2**16)


@ex.misconception(
    "Off by one the other way: 2**7 - 1, 2**11 - 1 and 2**16 - 1 are the last that fit."
)
def early(code_point):
    return 1 + (code_point >= 2**7 - 1) + (code_point >= 2**11 - 1) + (code_point >= 2**16 - 1)


@ex.misconception(
    "Continuation bytes carry 6 bits each, not 7: two bytes hold 11 bits, three hold 16."
)
def seven_bits(code_point):
    return max(1, (code_point.bit_length() + 6) // 7)


@ex.misconception("Four bytes are never answered: what is above 65,535, such as emoji, takes four.")
def at_most_three(code_point):
    return 1 + (code_point >= 2**7) + (code_point >= 2**11)


@ex.misconception("Three bytes are never answered: from 2**11 up to 2**16 - 1 it is three.")
def no_three(code_point):
    return 1 if code_point < 2**7 else 2 if code_point < 2**11 else 4


@ex.misconception(
    "One byte up to 255 is Latin-1. In UTF-8, 128 to 255 take two: a byte that starts with 1 belongs to a "
    "longer character."
)
def latin(code_point):
    return 1 + (code_point >= 2**8) + (code_point >= 2**11) + (code_point >= 2**16)


@ex.misconception("That is UTF-16: two bytes, or four above 65,535. UTF-8 takes one to four.")
def utf16(code_point):
    return 2 if code_point < 2**16 else 4


ex.misconception(
    """128 itself takes two bytes: seven bits hold 0 to 127.""",
    name="one_more",
    replace="code_point < 2**7",
    by="code_point <= 2**7",
)


@ex.variant("ask Python")
def asked(code_point):
    return len(chr(code_point).encode("utf-8"))


@ex.variant("bits")
def by_bits(code_point):
    bits = code_point.bit_length()
    return next(n for n, free in ((1, 7), (2, 11), (3, 16), (4, 21)) if bits <= free)
