"""07.answer_targets: the question does not count."""

import torch

from graders.authoring import exercise

targets = exercise("answer_targets", title="EX2: targets that count, and others", points=2)


def rows(rng, n, L, equals, places=None):
    """Ids with one `equals` in each row, never in the last column."""
    ids = rng.integers(0, 14, n, L)
    ids[ids == equals] = equals + 1
    where = rng.integers(0, L - 1, n) if places is None else torch.tensor(places)
    ids[torch.arange(n), where] = equals
    return dict(ids=ids, equals=equals)


@targets.cases
def _(rng):
    yield rows(rng, 3, 9, 11, [5, 5, 5])
    yield rows(rng, 4, 6, 3, [2, 0, 4, 3])
    yield rows(rng, 1, 5, 7, [1])
    yield rows(rng, 5, 2, 9, [0] * 5)
    yield rows(rng, 6, 8, 0)
    yield rows(rng, 2, 7, 12)
    case = rows(rng, 7, 4, 11)
    yield dict(ids=case["ids"].T.contiguous().T, equals=11)


@targets.oracle
def _(ids, equals):
    out = []
    for row in ids.tolist():
        at = row.index(equals)
        out.append([-100] * at + row[at + 1 :])
    return ids[:, :-1].clone(), torch.tensor(out)


targets.hint("Position t reads ids[t] and is to say ids[t + 1]. Where does it read '='?")
targets.hint("(inputs == equals).cumsum(1) is 0 before the '=' of each row, and 1 from there on.")
targets.hint(
    "targets = ids[:, 1:].clone(), a copy; then targets[(inputs == equals).cumsum(1) == 0] = -100."
)

targets.misconception(
    """The mask is off by one: the answer's first digit does not count. It is the target of the position
    that reads
    '=', so '=' itself is where counting begins.""",
    name="first_digit_lost",
    replace="behind = (inputs == equals).cumsum(1) > 0",
    by="behind = (inputs == equals).cumsum(1) - (inputs == equals).long() > 0",
)
targets.misconception(
    """The mask is off by one: '=' counts as a target. It belongs to the question; what counts is what
    stands behind it.""",
    name="equals_counts",
    replace="behind = (inputs == equals).cumsum(1) > 0",
    by="behind = (ids[:, 1:] == equals).cumsum(1) > 0",
)
targets.misconception(
    """Nothing is masked: the model is also blamed for not guessing the question.""",
    name="no_mask",
    replace="ids[:, 1:].masked_fill(~behind, -100)",
    by="ids[:, 1:].clone()",
)
targets.misconception(
    """The answer is masked, and the question counts: the other way round.""",
    name="inverted",
    replace="masked_fill(~behind, -100)",
    by="masked_fill(behind, -100)",
)
targets.misconception(
    """The targets are not shifted: position t is to say what it reads already. The target is the id one
    further on.""",
    name="not_shifted",
    replace="ids[:, 1:].masked_fill",
    by="ids[:, :-1].masked_fill",
)
targets.misconception(
    """The inputs are masked as well. The model must read the question; only the targets are masked.""",
    name="inputs_masked",
    replace="    return inputs, ids",
    by="    inputs = inputs.masked_fill(~behind, -100)\n    return inputs, ids",
)
targets.misconception(
    """A slice is no copy: -100 written into ids[:, 1:] is in ids, and in the inputs, too. Clone it first.""",
    name="view_written",
    replace="    return inputs, ids[:, 1:].masked_fill(~behind, -100)",
    by="    targets = ids[:, 1:]\n    targets[~behind] = -100\n    return inputs, targets",
)
targets.misconception(
    """What does not count is marked with -1. The number that cross_entropy ignores is -100.""",
    name="minus_one",
    replace="(~behind, -100)",
    by="(~behind, -1)",
)
targets.misconception(
    """What does not count is marked with 0, which is an id: the digit 0 is then the target there.""",
    name="zero",
    replace="(~behind, -100)",
    by="(~behind, 0)",
)
targets.misconception(
    """The place of '=' in the first row was used for all rows. Each row has its own.""",
    name="first_rows_place",
    replace="behind = (inputs == equals).cumsum(1) > 0",
    by="behind = ((inputs == equals).cumsum(1) > 0)[:1].expand(inputs.shape)",
)
targets.misconception(
    """The inputs are still L long. The last id has nothing after it: leave it out.""",
    name="inputs_too_long",
    replace="    return inputs, ids",
    by="    return ids, ids",
)

targets.misconception(
    """The id of '=' is fixed. It is another one in another vocabulary: the argument `equals`.""",
    name="fixed_equals",
    replace="(inputs == equals)",
    by="(inputs == 11)",
)

targets.variant(
    "row by row",
    name="loop",
    source="""def answer_targets(ids, equals):
    x, y = ids[:, :-1].clone(), ids[:, 1:].clone()
    for row, target in zip(ids, y):
        target[: int((row == equals).nonzero()[0])] = -100
    return x, y
""",
)
targets.variant(
    "argmax and where",
    name="argmax",
    source="""def answer_targets(ids, equals):
    at = (ids == equals).int().argmax(dim=1, keepdim=True)
    t = torch.arange(ids.shape[1] - 1)
    return ids[:, :-1], torch.where(t >= at, ids[:, 1:], torch.tensor(-100))
""",
)
