"""10.penalize_repeats: what was said already is less likely."""

import torch

from graders.authoring import exercise

from .part import INF

repeats = exercise("penalize_repeats", title="the repetition penalty")


@repeats.cases
def _(rng):
    for B, T, V, penalty in [
        (3, 5, 7, 1.5),
        (1, 4, 6, 2.5),
        (2, 1, 4, 0.5),
        (4, 8, 5, 1.0),
        (2, 0, 3, 2),
    ]:
        dtype = torch.float32 if B == 1 else torch.float64
        logits = rng.normal(V, B, dtype=dtype).T * 3
        ids, mask = rng.integers(0, V, B, T), torch.ones(B, T, dtype=torch.bool)
        if T > 3:
            ids[0, 1:4] = ids[0, 0]  # one token again and again
            mask[0, :1] = False  # padding at the left, and at the right
            mask[B - 1, -1] = False
            ids[0, 0], ids[B - 1, -1] = -1, V
        if B > 2:
            mask[1] = False  # nothing was said
            logits[0, ids[0, 1]] = -2.5  # a token that was said has a negative logit
            logits[2, ids[2, 0]] = 4.0
        yield dict(logits=logits, ids=ids, mask=mask, penalty=penalty)
    ids = torch.tensor([[0, 1, 2, 3]])
    logits = torch.tensor([[0.0, -INF, 1e4, -1e4, 3.0]], dtype=torch.float64)
    yield dict(logits=logits, ids=ids, mask=torch.ones(1, 4, dtype=torch.bool), penalty=3)
    # an id that two bytes do not hold
    ids, wide = torch.tensor([[39_999, 3, 39_999]]), rng.normal(1, 40_000, dtype=torch.float32)
    yield dict(logits=wide, ids=ids, mask=torch.ones(1, 3, dtype=torch.bool), penalty=1.7)
    # a padding id that is a token of the vocabulary: at the left, but said as well in the second row
    ids = torch.tensor([[2, 2, 1], [2, 0, 2]])
    mask = torch.tensor([[False, False, True], [False, True, True]])
    yield dict(logits=rng.normal(2, 4) + 2, ids=ids, mask=mask, penalty=1.3)
    # said, and behind it padding with the same id, or with id 0 said before
    ids = torch.tensor([[2, 1, 2], [0, 3, 6]])
    mask = torch.tensor([[True, True, False], [True, True, False]])
    yield dict(logits=rng.normal(2, 4).abs() + 0.5, ids=ids, mask=mask, penalty=1.9)
    # real tokens anywhere, each id once
    ids = torch.stack([torch.from_numpy(rng.np.permutation(6)) for _ in range(3)])
    mask = torch.tensor([[1, 0, 1, 0, 0, 0], [0, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 1]]).bool()
    yield dict(logits=rng.normal(3, 6) * 2, ids=ids, mask=mask, penalty=1.7)


@repeats.oracle
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        for i in {i for i, real in zip(ids[b].tolist(), mask[b].tolist(), strict=True) if real}:
            z = logits[b, i]
            out[b, i] = z / penalty if z > 0 else z * penalty
    return out


NOTHING_TO_DO = [(1.0, 2, True), (1, 2, True), (1.5, 0, True), (1.5, 2, False)]


def nothing_to_do(rng):
    """Penalty 1, no tokens so far, none that is real: the values stay, the tensor is a new one."""
    for penalty, T, real in NOTHING_TO_DO:
        ids, mask = rng.integers(0, 4, 3, T), torch.full((3, T), real)
        yield dict(logits=rng.normal(3, 4), ids=ids, mask=mask, penalty=penalty)


@repeats.check("memory of its own", cases=nothing_to_do)
def _(m, logits, ids, mask, penalty):
    kept = logits.clone()
    m.penalize_repeats(logits, ids, mask, penalty).fill_(7.0)
    return logits - kept


@repeats.oracle("memory of its own")
def _(logits, ids, mask, penalty):
    return logits * 0


repeats.hint("First: which ids were said in which row? As a bool (B, V), `seen`.")
repeats.hint(
    "mask.nonzero(as_tuple=True) gives rows and places; seen[rows, ids[rows, places]] = True."
)
repeats.hint(
    "torch.where(logits > 0, logits / penalty, logits * penalty), and that only where seen."
)

WHERE = "torch.where(logits > 0, logits / penalty, logits * penalty)"

repeats.misconception(
    """Negative logits were divided, too: -3 / 1.5 is -2, which is *more* likely. Multiply them.""",
    name="all_divided",
    replace=WHERE,
    by="logits / penalty",
)
repeats.misconception(
    """The rule is the wrong way round: positive logits are divided, negative ones multiplied.""",
    name="wrong_way_round",
    replace=WHERE,
    by="torch.where(logits < 0, logits / penalty, logits * penalty)",
)
repeats.misconception(
    """The penalty was subtracted. That is another one (the presence penalty); CTRL's divides or
    multiplies.""",
    name="subtracted",
    replace=WHERE,
    by="logits - penalty",
)
repeats.misconception(
    """A token was penalized once for each time it occurred. Once is enough, however often it was said.""",
    name="once_each_time",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        for i in ids[b, mask[b]]:
            out[b, i] = out[b, i] / penalty if out[b, i] > 0 else out[b, i] * penalty
    return out
""",
)
repeats.misconception(
    """The mask was not used: the padding counts as something that was said, or is no id at all.""",
    name="padding_counts",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    V = logits.shape[1]
    seen = F.one_hot(ids % V, V).any(1)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
""",
)
repeats.misconception(
    """The padding was made token 0 and then counted as said: token 0 is penalized in every row that has
    padding.""",
    name="padding_is_0",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(1, ids * mask, True)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
""",
)
repeats.misconception(
    """Where several places write to one id, the last decides: a masked place takes back what a real one has
    said. Write only True, and only for real tokens.""",
    name="last_place_decides",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    seen = torch.zeros_like(logits, dtype=torch.bool).scatter(1, ids * mask, mask)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
""",
)
repeats.misconception(
    """Valid ids were penalized although the mask is False there: padding may have the id of a token.""",
    name="valid_padding_counts",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    V = logits.shape[1]
    seen = (ids[:, :, None] == torch.arange(V)).any(1)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
""",
)
repeats.misconception(
    """nan: a choice made by multiplying with 0 and 1 fails for -inf, as 0 * inf is nan. torch.where
    chooses.""",
    name="zero_times_inf",
    replace="return torch.where(seen, less, logits)",
    by="return seen * less + ~seen * logits",
)
repeats.misconception(
    """Where nothing is to be done, the given tensor itself came back. A new one is asked for.""",
    name="same_tensor",
    replace="    rows, places =",
    by="    if penalty == 1 or not mask.any():\n        return logits\n    rows, places =",
)
repeats.misconception(
    """The mask was used the other way round: True is where a token is real.""",
    name="mask_inverted",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    V = logits.shape[1]
    seen = (F.one_hot(ids % V, V).bool() & ~mask[:, :, None]).any(1)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
""",
)
repeats.misconception(
    """What one row said was held against all rows. Each has its own past.""",
    name="whole_batch",
    replace="    less =",
    by="    seen = seen.any(0, keepdim=True).expand_as(seen)\n    less =",
)
repeats.misconception(
    """Only the newest token was penalized. All that were said are.""",
    name="newest_only",
    replace="    rows, places = mask.nonzero(as_tuple=True)\n",
    by="    mask = mask & (mask.flip(1).cumsum(1).flip(1) == 1)\n"
    "    rows, places = mask.nonzero(as_tuple=True)\n",
)
repeats.misconception(
    """What was *not* said is penalized.""",
    name="unseen",
    replace="return torch.where(seen, less, logits)",
    by="return torch.where(seen, logits, less)",
)
repeats.misconception(
    """All logits were changed, said or not: nothing distinguishes them then.""",
    name="everything",
    replace="return torch.where(seen, less, logits)",
    by="return less",
)
repeats.misconception(
    """A token that was said can never come again (-inf). The penalty only makes it less likely.""",
    name="forbidden",
    replace=WHERE,
    by="torch.full_like(logits, -torch.inf)",
)
repeats.misconception(
    """The logits that were given have changed. Work on a copy.""",
    name="in_place",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    for b in range(len(ids)):
        for i in set(ids[b, mask[b]].tolist()):
            logits[b, i] = logits[b, i] / penalty if logits[b, i] > 0 else logits[b, i] * penalty
    return logits
""",
)

repeats.variant(
    "row by row, gather and scatter",
    name="scatter",
    source="""def penalize_repeats(logits, ids, mask, penalty):
    out = []
    for row, said, real in zip(logits, ids, mask):
        said = said[real].unique()
        z = row[said]
        out.append(row.scatter(0, said, torch.where(z < 0, z * penalty, z / penalty)))
    return torch.stack(out)
""",
)

repeats.equivalent("logits > 0  ->  logits >= 0", "0 is 0, multiplied or divided")
