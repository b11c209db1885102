"""10.verify: exact, whole, and ended; everything else is worth nothing."""

from graders.authoring import exercise

from .part import ASSISTANT, END, PAD, digits

verify = exercise("verify", title="a reward that can be checked")


def responses(a, b, rng):
    """Answers to a + b: right ones, nearly right ones, wrong ones."""
    right, c = digits(a + b), a + b
    other = (right[-1] + rng.integer(1, 9)) % 10
    return [
        [*right, END],
        [*right, END, PAD, PAD],
        [*right, END, 3, END, 1],  # behind END nothing is looked at
        [*right, END, *right, END],
        right,  # no END
        [*right, PAD],
        [*right, PAD, END],
        [*right, 0, END],  # 081
        [*right, 0, 0, END, PAD],
        [0, *right, END],
        [*right[::-1], END],  # not backwards
        [*right, *right, END],
        [*right, 10, END],
        [ASSISTANT, *right, END],
        [END, *right, END],
        [*right[:-1], END],
        [*right[:-1], other, END, PAD],
        [*right[:-1], other],
        [*digits(c + 10), END],  # a carry too many
        [*digits(max(c - 10, 1)), END],  # a carry forgotten
        [*right[:1], PAD, *right[1:], END],
        [PAD, *right, END],
        [END],
        [],
        [PAD, PAD, PAD],
    ]


@verify.cases
def _(rng):
    """In an order that is drawn: the place of a case tells nothing of its answer."""
    return rng.shuffled(tried(rng))


def tried(rng):
    carries = 10 * rng.integer(1, 5) + rng.integer(2, 10)
    for a, b in [(carries, 48), (0, 0), (99, rng.integer(13, 19)), (rng.integer(150, 990), 7)]:
        if str(a + b) == str(a + b)[::-1] and a:
            a += 1
        for response in responses(a, b, rng):
            yield dict(response=response, a=a, b=b)
    yield dict(response=[0, 2, END], a=7, b=13)  # 20: its own zero is the first one written
    yield dict(response=[2, END], a=7, b=13)
    yield dict(response=[0, 0, 1, END], a=50, b=50)
    yield dict(response=[END], a=0, b=0)
    a, b = rng.integer(10**9, 10**10), rng.integer(2 * 10**9, 10**10)
    own = [int(digit) for digit in reversed(str(a + b))]
    yield dict(response=[*own, END], a=a, b=b)
    yield dict(response=[*own[:3], END], a=a, b=b)
    # two digits in one id, as 1 and 8 in PAD, which is 18
    tens = rng.choice([2, 3, 4, 5, 6, 8])
    yield dict(response=[10 + tens, END], a=10 * tens - 9, b=10)
    yield dict(response=[7, 12, END], a=110, b=107)
    yield dict(response=[4, 0, END], a=0, b=4)
    yield dict(response=[4, END], a=4, b=0)
    yield dict(response=[2, 1, 3, END], a=0, b=12)


@verify.oracle
def _(response, a, b):
    if END not in response:
        return 0.0
    said = response[: response.index(END)]
    text = "".join(str(i) if i < 10 else "?" for i in reversed(said))
    return 1.0 if text == str(a + b) else 0.0


verify.hint("Which ids would be exactly right? Write them down first, END included.")
verify.hint("wanted = [*encode(str(a + b)[::-1]), END]. Behind the first END nothing counts.")
verify.hint("A list's beginning: response[: len(wanted)] == wanted; float of that.")

verify.misconception(
    """A zero at the end passes: read as a number, 081 is 81. Then every answer with zeros pays, and RL
    will find that. Compare the digits, not the numbers.""",
    name="as_number",
    source="""
    def verify(response, a, b):
        if END not in response:
            return 0.0
        said = response[: response.index(END)]
        if not said or max(said) > 9:
            return 0.0
        return float(int("".join(map(str, said))[::-1]) == a + b)
    """,
)
verify.misconception(
    """An answer without END was paid. A policy that is paid for it never learns to stop.""",
    name="end_not_asked",
    source="""
    def verify(response, a, b):
        said = response[: response.index(END)] if END in response else response
        while said and said[-1] == PAD:
            said = said[:-1]
        return float(said == encode(str(a + b)[::-1]))
    """,
)
verify.misconception(
    """The right digits somewhere inside are not the answer: a policy that writes many digits gets paid
    by luck. The whole of what stands before END has to be right.""",
    name="contained",
    source="""
    def verify(response, a, b):
        wanted = encode(str(a + b)[::-1])
        if END not in response:
            return 0.0
        said = response[: response.index(END)]
        return float(any(said[i : i + len(wanted)] == wanted for i in range(len(said))))
    """,
)
verify.misconception(
    """A good beginning was paid: whatever follows the right digits, END has to.""",
    name="beginning",
    replace="[*encode(str(a + b)[::-1]), END]",
    by="encode(str(a + b)[::-1])",
)
verify.misconception(
    """The digits are expected in the order in which we write. Here the last digit comes first.""",
    name="forwards",
    replace="str(a + b)[::-1]",
    by="str(a + b)",
)
verify.misconception(
    """A right digit here and there is worth nothing: with part of the reward for part of the digits, a
    wrong answer that pays surely beats a right one that is a risk.""",
    name="partial",
    source="""
    def verify(response, a, b):
        wanted = [*encode(str(a + b)[::-1]), END]
        return sum(x == y for x, y in zip(response, wanted)) / len(wanted)
    """,
)
verify.misconception(
    """What stands behind END was compared too: a right answer that is padded, as rollouts are, gets
    nothing.""",
    name="padding_compared",
    replace="response[: len(wanted)] == wanted",
    by="response == wanted",
)
verify.misconception(
    """The answer ends at the first END. Here it is read up to the last one, so what is written behind
    the end counts.""",
    name="last_end",
    source="""
    def verify(response, a, b):
        if END not in response:
            return 0.0
        at = len(response) - 1 - response[::-1].index(END)
        return float(response[:at] == encode(str(a + b)[::-1]))
    """,
)
verify.misconception(
    """What is no digit was thrown away before comparing, so an answer with rubbish in it pays. The form
    is part of what is rewarded.""",
    name="only_digits",
    source="""
    def verify(response, a, b):
        if END not in response:
            return 0.0
        said = [i for i in response[: response.index(END)] if i < 10]
        return float(said == encode(str(a + b)[::-1]))
    """,
)
verify.misconception(
    """The ids were joined to a text, in which the one id 18, which is PAD, looks as 1 and 8 do. Compare the
    ids themselves.""",
    name="ids_joined",
    source="""
    def verify(response, a, b):
        if END not in response:
            return 0.0
        return float("".join(map(str, response[: response.index(END)])) == str(a + b)[::-1])
    """,
)
verify.misconception(
    """Three digits are expected, with a zero in front of short results. Here a result has the digits
    that it has.""",
    name="zero_filled",
    replace="str(a + b)[::-1]",
    by="str(a + b).zfill(3)[::-1]",
)
verify.misconception(
    """That is True or False; a reward is a number: 1.0 or 0.0.""",
    name="truth",
    replace="float(response[: len(wanted)] == wanted)",
    by="response[: len(wanted)] == wanted",
)
verify.variant(
    "as text",
    name="text",
    source="""
    def verify(response, a, b):
        if END not in response:
            return 0.0
        said = response[: response.index(END)]
        if any(i > 9 for i in said):
            return 0.0
        return 1.0 if "".join(str(i) for i in said[::-1]) == f"{a + b}" else 0.0
    """,
)
verify.variant(
    "position by position",
    name="loop",
    source="""
    def verify(response, a, b):
        rest, at = a + b, 0
        while True:
            if at >= len(response) or response[at] != rest % 10:
                return 0.0
            rest, at = rest // 10, at + 1
            if rest == 0:
                return 1.0 if at < len(response) and response[at] == END else 0.0
    """,
)
