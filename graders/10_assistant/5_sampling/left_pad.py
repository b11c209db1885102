"""10.left_pad: prompts of unequal length as one batch."""

import torch

from graders.authoring import Raises, exercise

pad = exercise("left_pad", title="a batch of unequal prompts")


@pad.cases
def _(rng):
    for lengths, filling in [
        ((3, 1, 5), 9),
        ((1,), 0),
        ((4, 4), -1),
        ((2, 7, 1, 3), 50),
        ((1, 2), 0),
    ]:
        prompts = [rng.integers(0, 6, n).tolist() for n in lengths]
        prompts[0][0] = filling if filling >= 0 else 3  # a real token with pad's number
        yield dict(prompts=prompts, pad=filling)
    yield dict(prompts=[[2, 2, 2, 7], [2], [7, 2]], pad=2)
    yield dict(prompts=[[1, 2], []], pad=0)
    yield dict(prompts=[[], [3]], pad=5)
    yield dict(prompts=[[4], [3], [], [1, 2]], pad=5)
    yield dict(prompts=[[4], [3], [1], []], pad=5)
    # ids that two bytes do not hold; positions above 127
    yield dict(prompts=[[70_000, 2**24 + 1, 200], [40_000]], pad=100_000)
    yield dict(prompts=[rng.integers(0, 9, 300).tolist(), [1, 2]], pad=3)


@pad.scenario
def _(m, prompts, pad):
    made = m.left_pad(prompts, pad)
    if isinstance(made, (tuple, list)):
        made = [t.clone() if isinstance(t, torch.Tensor) else t for t in made]
    return {"ids, mask, positions": made, "prompts afterwards": prompts}


@pad.oracle
def _(prompts, pad):
    if not all(prompts):
        return Raises("ValueError")
    T = max(map(len, prompts))
    ids = torch.full((len(prompts), T), pad)
    mask, positions = torch.zeros(len(prompts), T, dtype=torch.bool), torch.zeros_like(ids)
    for b, prompt in enumerate(prompts):
        for i, token in enumerate(prompt):
            at = T - len(prompt) + i
            ids[b, at], mask[b, at], positions[b, at] = token, True, i
    return {"ids, mask, positions": [ids, mask, positions], "prompts afterwards": prompts}


pad.hint("T is the longest length. In front of each prompt stand T - len(prompt) paddings.")
pad.hint("The mask comes from the lengths, not from ids != pad: a prompt may hold that number.")
pad.hint("""torch.arange(T) - (T - lengths)[:, None] is negative where there is padding, and counts 0, 1,
2, ...
    from the first real token on.""")

pad.misconception(
    """The padding is on the right. What comes next is read from the last column: there a real token must
    stand.""",
    name="right",
    source="""def left_pad(prompts, pad):
    if not all(len(prompt) for prompt in prompts):
        raise ValueError
    T = max(map(len, prompts))
    ids = torch.tensor([list(prompt) + [pad] * (T - len(prompt)) for prompt in prompts])
    lengths = torch.tensor([len(prompt) for prompt in prompts])
    mask = torch.arange(T) < lengths[:, None]
    return ids, mask, torch.arange(T).expand(len(ids), T) * mask
""",
)
pad.misconception(
    """The positions are those of the columns: a shorter prompt begins at 2 or 3 then, and reads otherwise
    than alone. The first *real* token has position 0.""",
    name="columns",
    replace="positions >= 0, positions.clamp(min=0)",
    by="positions >= 0, torch.arange(T).repeat(len(ids), 1)",
)
pad.misconception(
    """Positions begin at 1: the first real token has 0.""",
    name="from_one",
    replace="positions.clamp(min=0)",
    by="(positions + 1).clamp(min=0)",
)
pad.misconception(
    """Padding has negative positions, and no embedding has a row for them. Agreed is 0.""",
    name="negative",
    replace="positions.clamp(min=0)",
    by="positions",
)
pad.misconception(
    """Padding has position 1, as in the often copied masked_fill_(mask == 0, 1). Agreed is 0.""",
    name="ones",
    replace="positions.clamp(min=0)",
    by="positions.masked_fill(positions < 0, 1)",
)
pad.misconception(
    """The mask says where a token differs from pad. A prompt may hold that number as a real token: lengths
    decide.""",
    name="by_value",
    replace="positions >= 0, pos",
    by="ids != pad, pos",
)
pad.misconception(
    """Mask and positions both come from ids != pad. A prompt may hold that number as a real token: lengths
    decide.""",
    name="all_by_value",
    replace="positions >= 0, positions.clamp(min=0)",
    by="ids != pad, ((ids != pad).cumsum(1) - 1).clamp(min=0)",
)
pad.misconception(
    """The filling has position -1, as cumsum of the mask minus 1 gives: no table of positions has a row -1 in
    mind. Agreed is 0.""",
    name="minus_1",
    replace="positions.clamp(min=0)",
    by="positions.clamp(min=-1)",
)
pad.misconception(
    """The mask is the wrong way round: True is where a token is real.""",
    name="inverted",
    replace="positions >= 0, pos",
    by="positions < 0, pos",
)
pad.misconception(
    """The first real token of each row is masked: positions begin at 0, and 0 is real.""",
    name="first_masked",
    replace="positions >= 0, pos",
    by="positions > 0, pos",
)
pad.misconception(
    """The mask is int64. As True and False it can choose: `mask` is bool.""",
    name="int_mask",
    replace="positions >= 0, pos",
    by="(positions >= 0).long(), pos",
)
pad.misconception(
    """Prompts were cut to the shortest. They are filled up to the longest.""",
    name="cut",
    source="""def left_pad(prompts, pad):
    if not all(len(prompt) for prompt in prompts):
        raise ValueError
    T = min(map(len, prompts))
    ids = torch.tensor([list(prompt)[-T:] for prompt in prompts])
    return ids, ids == ids, torch.arange(T).repeat(len(ids), 1)
""",
)
pad.misconception(
    """An empty prompt is let through: there is nothing to continue. ValueError.""",
    name="empty",
    replace="if not all(len(prompt) for prompt in prompts):",
    by="if False:",
)
pad.misconception(
    """The lists that were given have grown. Make new ones.""",
    name="in_place",
    replace="    ids = torch.tensor([[pad] * (T - len(prompt)) + list(prompt) for prompt in prompts])\n"
    "    lengths = torch.tensor([len(prompt) for prompt in prompts])\n",
    by="    lengths = torch.tensor([len(prompt) for prompt in prompts])\n"
    "    for prompt in prompts:\n        prompt[:0] = [pad] * (T - len(prompt))\n"
    "    ids = torch.tensor(prompts)\n",
)

pad.misconception(
    """Positions were counted from the padding on. The first real token of each prompt stands at 0, as
    it would alone.""",
    name="from_the_padding",
    replace="positions.clamp(min=0)",
    by="torch.arange(T).expand(len(prompts), T) * (positions >= 0)",
)

pad.variant(
    "row by row; cumsum of the mask",
    name="loop",
    source="""def left_pad(prompts, pad):
    if any(len(prompt) == 0 for prompt in prompts):
        raise ValueError("empty")
    n, T = len(prompts), max(len(prompt) for prompt in prompts)
    ids = torch.full((n, T), pad, dtype=torch.int64)
    mask = torch.zeros((n, T), dtype=torch.bool)
    for i, prompt in enumerate(prompts):
        ids[i, -len(prompt):] = torch.tensor(prompt)
        mask[i, -len(prompt):] = True
    return ids, mask, (mask.long().cumsum(-1) - 1).clamp_min(0)
""",
)

pad.equivalent(
    "list(prompt)  ->  prompt",
    "a prompt is a list",
)
