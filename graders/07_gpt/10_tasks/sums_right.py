"""07.sums_right: the share of sums without a wrong digit."""

import torch
from torch import nn

from graders.authoring import Tol, exercise, kind_of, number

right = exercise("sums_right", title="EX2: how many sums are right")


def spoken(sums, wrong, digits):
    """A case, in which certain digits of the results (as written, the last first) come out wrong.

    The scenario is only told what its model says.
    """
    says = []
    for (a, b), faults in zip(sums, wrong, strict=True):
        digit = [(a + b) // 10**i % 10 for i in range(digits + 1)]
        says.append([(d + 3) % 10 if i in faults else d for i, d in enumerate(digit)])
    return dict(sums=sums, says=says, digits=digits, share=sum(not w for w in wrong) / len(sums))


@right.cases
def _(rng):
    yield spoken([(3, 4), (9, 9), (0, 0), (7, 8)], [[], [1], [], []], digits=1)
    yield spoken([(12, 34), (99, 1), (5, 60)], [[0], [2], []], digits=2)
    yield spoken([(12, 34), (34, 12), (50, 50)], [[], [], []], digits=2)
    yield spoken([(8, 8), (1, 2)], [[0, 1], [0]], digits=1)
    yield spoken([(7, 95)], [[1]], digits=2)
    sums = [(rng.integer(0, 1000), rng.integer(0, 1000)) for _ in range(7)]
    yield spoken(sums, [[], [3], [0], [1, 2], [], [2], []], digits=3)
    sums = [(a, rng.integer(0, 100)) for a in range(rng.integer(8, 20))]
    yield spoken(sums, [rng.choice([[], [0], [1, 2]]) for _ in sums], digits=2)


def needed(sums, says, digits):
    """How many digits of each sum must be asked for: all where it is right, one may do where it is wrong."""
    whole = [sum(d * 10**i for i, d in enumerate(said)) for said in says]
    return [digits + 1 if a + b == c else 1 for (a, b), c in zip(sums, whole, strict=True)]


@right.scenario
def _(m, sums, says, digits):
    """A model that answers as told; it sees nothing but the ids up to each position."""
    sums = [tuple(pair) for pair in sums]
    asked = dict.fromkeys(sums, 0)

    class Says(nn.Module):
        def next_id(self, ids):
            text = "".join(m.CHARS[i] for i in ids)
            question, _, said = text.partition("=")
            if "=" not in text or len(said) > digits:
                return 10
            a, b = (int(n) for n in question.split("+"))
            if (a, b) in sums:
                asked[a, b] = max(asked[a, b], len(said) + 1)
                return says[sums.index((a, b))][len(said)]
            return (a + b) // 10 ** len(said) % 10

        def forward(self, ids):
            out = torch.zeros(*ids.shape, 12)
            for row, ids_of_row in zip(out, ids.tolist(), strict=True):
                for t in range(len(ids_of_row)):
                    row[t, self.next_id(ids_of_row[: t + 1])] = 5.0
            return out

    share = number(m.sums_right(Says(), sums, digits))
    told = zip(needed(sums, says, digits), sums, strict=True)
    return {
        "share": share,
        "sums that the model was asked": sum(asked[pair] >= n for n, pair in told),
    }


right.tolerance(Tol(rtol=1e-6))  # a mean in float32 is as good as one in float64


@right.oracle
def _(sums, says, digits, share):
    return {"share": share, "sums that the model was asked": len(sums)}


@right.check("a float", cases=lambda rng: [dict(sums=[(1, 2), (2, 3), (4, 4)], digits=1)])
def _(m, sums, digits):
    found = m.sums_right(lambda ids: nn.functional.one_hot(ids * 0 + 3, 12).float(), sums, digits)
    return kind_of(found)


def a_sign(rng):
    yield dict(sums=[(5, 5), (0, 0)], digits=1)


@right.check("a sign for a digit", cases=a_sign)
def _(m, sums, digits):
    """A model that answers "00", but after a 5 "+0", whose ids are 10 and 0."""

    def plus(ids):
        at = torch.arange(ids.shape[1]).expand(ids.shape)
        sign = (at == 3) & (ids[:, :1] == 5)
        return nn.functional.one_hot(torch.where(sign, 10, 0), 12).float()

    return number(m.sums_right(plus, sums, digits))


@right.oracle("a sign for a digit")
def _(sums, digits):
    return 0.5


right.hint("Encode the sums, cut each row behind '=' : 2 * digits + 2 characters are the question.")
right.hint("greedy_answer(model, question, digits + 1), compared with the rest of the row.")
right.hint("(answer == wanted).all(dim=1).float().mean().item()")

right.misconception(
    """That is the share of right digits. A sum is right if *all* its digits are: .all(dim=1) before the
    mean.""",
    name="digits_right",
    replace=".all(dim=1)",
    by="",
)
right.misconception(
    """A sum counted as right with one right digit. All of them must be.""",
    name="any_digit",
    replace=".all(dim=1)",
    by=".any(dim=1)",
)
right.misconception(
    """The number of right sums came back; asked is their share, between 0 and 1.""",
    name="count",
    replace="right.float().mean().item()",
    by="float(right.sum())",
)
right.misconception(
    """The share is in percent. It is asked as a number between 0 and 1.""",
    name="percent",
    replace="right.float().mean().item()",
    by="100 * right.float().mean().item()",
)
right.misconception(
    """The leading digit was not looked at: the answer has digits + 1 digits.""",
    name="one_digit_short",
    replace="(greedy_answer(model, question, digits + 1) == wanted)",
    by="(greedy_answer(model, question, digits) == wanted[:, :-1])",
)
right.misconception(
    """Only the first digit that is written was compared. The others can be wrong, too.""",
    name="first_digit",
    replace=".all(dim=1)",
    by="[:, 0]",
)
right.misconception(
    """All sums or nothing: .all() over everything says whether the whole list is right, not how much of
    it.""",
    name="all_or_nothing",
    replace=".all(dim=1)",
    by=".all().view(1)",
)
right.misconception(
    """That is the share of *wrong* sums.""",
    name="error_rate",
    replace="right.float().mean().item()",
    by="1 - right.float().mean().item()",
)
right.misconception(
    """The model was shown the sum without its '='. The question goes up to and includes '=', where the model
    learned to begin.""",
    name="without_equals",
    replace="ids[:, : 2 * digits + 2], ids",
    by="ids[:, : 2 * digits + 1], ids",
)
right.misconception(
    """A tensor came back. A plain float is asked: .item().""",
    name="tensor",
    replace=".mean().item()",
    by=".mean()",
)

right.misconception(
    """Only the last character of each answer was compared. A sum is right if all of its answer is.""",
    name="last_digit",
    replace=".all(dim=1)",
    by="[:, -1]",
)

right.variant(
    "sum by sum",
    name="loop",
    source="""def sums_right(model, sums, digits):
    hits = 0
    for a, b in sums:
        text = sum_text(a, b, digits)
        start = text.index("=") + 1
        said = greedy_answer(model, torch.tensor([encode(text[:start])]), digits + 1)
        hits += "".join(CHARS[i] for i in said[0]) == text[start:]
    return hits / len(sums)
""",
)
right.variant(
    "all digits at once: right everywhere given the right ones before is right greedily, too",
    name="teacher_forced",
    source="""def sums_right(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    with torch.no_grad():
        best = model(ids[:, :-1]).argmax(-1)
    return (best == ids[:, 1:])[:, 2 * digits + 1 :].all(1).double().mean().item()
""",
)
