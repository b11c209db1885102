"""07.sum_text: a sum as text."""

from graders.authoring import Raises, exercise

text = exercise("sum_text", title="EX2: a sum as text")


@text.cases
def _(rng):
    for a, b, digits in [
        (7, 58, 2),
        (5, 3, 1),
        (0, 0, 1),
        (9, 8, 1),
        (99, 99, 2),
        (10, 20, 2),
        (40, 3, 3),
        (0, 60, 2),
        (9871, 129, 4),
        (12, 3, 1),
        (3, 12, 1),
        (-1, 4, 2),
        (4, -1, 2),
        (10, 0, 1),
        (0, 10, 1),
        (3, 105, 2),
        (10**20 - 1, 7, 20),  # more digits than a float holds
        (0, 10**20, 20),
    ]:
        yield dict(a=a, b=b, digits=digits)
    yield dict(a=rng.integer(0, 1000), b=rng.integer(0, 1000), digits=3)


@text.oracle
def _(a, b, digits):
    if min(a, b) < 0 or max(a, b) >= 10**digits:
        return Raises("ValueError")
    c = "".join(str((a + b) // 10**place % 10) for place in range(digits + 1))
    return f"{a:0{digits}d}+{b:0{digits}d}={c}"


text.hint(
    "str(7).zfill(2) is '07'; 'abc'[::-1] is 'cba'. In which order do you need the two for c?"
)
text.hint("c has digits + 1 digits: pad first, then reverse.")
text.hint(
    "result = str(a + b).zfill(digits + 1), and c is result[::-1]; ValueError before all that."
)

text.misconception(
    """The result is not reversed: its last digit comes first.""",
    name="not_reversed",
    replace="{result[::-1]}",
    by="{result}",
)
text.misconception(
    """Reversed first, padded afterwards: 8 became 08 instead of 80. The zeros belong in front of the number,
    so behind its reverse.""",
    name="padded_after",
    edits=[
        ("str(a + b).zfill(digits + 1)", "str(a + b)[::-1].zfill(digits + 1)"),
        ("{result[::-1]}", "{result}"),
    ],
)
text.misconception(
    """The result is not padded: sums are of different lengths then, and do not fit into one tensor.""",
    name="result_not_padded",
    replace="str(a + b).zfill(digits + 1)",
    by="str(a + b)",
)
text.misconception(
    """The result has room for `digits` digits only. A sum may have one more: digits + 1 of them.""",
    name="one_digit_short",
    replace="str(a + b).zfill(digits + 1)",
    by="str(a + b).zfill(digits)",
)
text.misconception(
    """a and b are not padded: they are written with `digits` digits, zeros in front.""",
    name="numbers_not_padded",
    replace="{str(a).zfill(digits)}+{str(b).zfill(digits)}",
    by="{a}+{b}",
)
text.misconception(
    """All three numbers are reversed. Only the result is; a and b are read as usual.""",
    name="all_reversed",
    replace="{str(a).zfill(digits)}+{str(b).zfill(digits)}",
    by="{str(a).zfill(digits)[::-1]}+{str(b).zfill(digits)[::-1]}",
)
text.misconception(
    """a and b have as many digits as the result. They have `digits`, it has one more.""",
    name="one_width",
    replace="{str(a).zfill(digits)}+{str(b).zfill(digits)}",
    by="{str(a).zfill(digits + 1)}+{str(b).zfill(digits + 1)}",
)
text.misconception(
    """Numbers with too many digits, or below zero, go through: raise ValueError, for a and for b.""",
    name="anything_goes",
    replace="if not (0 <= a < 10**digits and 0 <= b < 10**digits):",
    by="if False:",
)
text.misconception(
    """Negative numbers go through: raise ValueError.""",
    name="negative",
    replace="if not (0 <= a < 10**digits and 0 <= b < 10**digits):",
    by="if max(a, b) >= 10**digits:",
)
text.misconception(
    """The largest number is 10 ** digits - 1: 10 has two digits already.""",
    name="one_too_large",
    replace="if not (0 <= a < 10**digits and 0 <= b < 10**digits):",
    by="if not (0 <= a <= 10**digits and 0 <= b <= 10**digits):",
)

text.variant(
    "format strings, a loop",
    name="format",
    source="""def sum_text(a, b, digits):
    for n in (a, b):
        if n < 0 or len(str(n)) > digits:
            raise ValueError(n)
    c = "".join(reversed(f"{a + b:0{digits + 1}}"))
    return f"{a:0{digits}}+{b:0{digits}}={c}"
""",
)
