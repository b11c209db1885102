"""10.shifted_targets: the mask moves with the targets."""

import torch

from graders.authoring import exercise

ex = exercise("shifted_targets", title="the mask moves with the targets")


def rows(rng, B, T, p=0.5):
    return dict(ids=rng.integers(0, 300, B, T), mask=rng.uniform(0, 1, B, T) < p)


@ex.cases
def _(rng):
    # an answer at the end, one in the midst, one from the first token on, none
    ids, mask = rng.integers(1, 300, 5, 7), torch.zeros(5, 7, dtype=torch.bool)
    mask[0, 4:], mask[1, 2:5], mask[2, :3], mask[3, 6] = True, True, True, True
    ids[0, 4] = 0
    yield dict(ids=ids, mask=mask)
    yield rows(rng, 4, 9)
    yield rows(rng, 1, 6)
    yield rows(rng, 5, 2, 0.7)
    yield dict(ids=rng.integers(0, 9, 3, 1), mask=torch.tensor([[True], [False], [True]]))
    yield rows(rng, 2, 5, 1.1)
    large = torch.tensor([[70_000, 2**24 + 1, 40_000, 2**24 + 3, 200]])
    yield dict(ids=large, mask=torch.tensor([[True, True, False, True, True]]))
    # every other row and column of something larger
    case = rows(rng, 6, 15)
    yield dict(ids=case["ids"][1::2, 1::2], mask=case["mask"][1::2, 1::2])
    # special tokens are ids like others: padding's, too, where the mask says so
    yield dict(ids=rng.integers(255, 262, 3, 8), mask=rng.uniform(0, 1, 3, 8) < 0.8)
    case = rows(rng, 7, 4)
    yield dict(ids=case["ids"].T.contiguous().T, mask=case["mask"].T.contiguous().T)


@ex.oracle
def _(ids, mask):
    B, T = ids.shape
    inputs, targets = torch.zeros(B, T - 1).long(), torch.zeros(B, T - 1).long()
    for b in range(B):
        for t in range(T - 1):
            inputs[b, t] = int(ids[b, t])
            targets[b, t] = int(ids[b, t + 1]) if mask[b, t + 1] else -100
    return inputs, targets


ex.legal("answer: a copy", "a slice or a copy")

ex.hint("Position t predicts ids[t + 1]. Whether that counts says mask[t + 1].")
ex.hint("Ids and mask lose their first column together; the inputs lose their last one.")
ex.hint("ids[:, 1:].masked_fill(~mask[:, 1:], -100), which makes a copy.")

ex.misconception(
    """The mask was not shifted with the targets: the first token of each answer is never learned. What
    counts at t is whether token t + 1 is the answer's: mask[:, 1:].""",
    name="mask_not_shifted",
    replace="~mask[:, 1:]",
    by="~mask[:, :-1]",
)
ex.misconception(
    """The targets were not shifted: each position is to say what it reads. Targets are ids[:, 1:], where
    mask[:, 1:].""",
    name="targets_not_shifted",
    replace="ids[:, 1:].masked_fill(~mask[:, 1:]",
    by="ids[:, :-1].masked_fill(~mask[:, 1:]",
)
ex.misconception(
    """Neither targets nor mask were shifted: each position is to say what it reads already. Both begin
    with their second column.""",
    name="nothing_shifted",
    replace="ids[:, 1:].masked_fill(~mask[:, 1:]",
    by="ids[:, :-1].masked_fill(~mask[:, :-1]",
)
ex.misconception(
    """The mask was lost: the model is trained to write the prompts, too. The training loss looks healthy,
    the chats get worse.""",
    name="no_mask",
    replace="ids[:, 1:].masked_fill(~mask[:, 1:], -100)",
    by="ids[:, 1:].clone()",
)
ex.misconception(
    """The mask is the wrong way round: the prompts are learned, and the answers are not.""",
    name="inverted",
    replace="~mask[:, 1:]",
    by="mask[:, 1:]",
)
ex.misconception(
    """The inputs were masked as well. The model reads the whole conversation; only targets are left
    out.""",
    name="inputs_masked",
    replace="return ids[:, :-1], ",
    by="return ids[:, :-1].masked_fill(~mask[:, :-1], -100), ",
)
ex.misconception(
    """-100 was written into ids themselves: a slice is a view of the same memory, and so are the inputs.
    Make a copy (masked_fill, torch.where or clone).""",
    name="view_written",
    replace="return ids[:, :-1], ids[:, 1:].masked_fill(~mask[:, 1:], -100)",
    by="targets = ids[:, 1:]\n    targets[~mask[:, 1:]] = -100\n    return ids[:, :-1], targets",
)
ex.misconception(
    """What does not count is marked with 0, which is an id like any other, and will be learned.
    cross_entropy leaves out -100.""",
    name="zero",
    replace="-100)",
    by="0)",
)
ex.misconception(
    """What does not count is marked with -1. cross_entropy leaves out -100, unless told otherwise.""",
    name="minus_one",
    replace="-100)",
    by="-1)",
)
ex.misconception(
    """The last token of each answer does not count. It is the END, and without it the model never learns
    to stop.""",
    name="end_lost",
    replace="~mask[:, 1:]",
    by="~(mask[:, 1:] & F.pad(mask[:, 2:], (0, 1)))",
)
ex.misconception(
    """Inputs and targets are still T long. The last token has no target: leave it out of the inputs, and
    the first out of the targets.""",
    name="too_long",
    replace="return ids[:, :-1], ids[:, 1:].masked_fill(~mask[:, 1:], -100)",
    by="targets = ids.roll(-1, 1).masked_fill(~mask.roll(-1, 1), -100)\n    targets[:, -1] = -100\n"
    "    return ids, targets",
)
ex.misconception(
    """A target counts only where token t counts, too: the first token of each answer is never learned.
    Only token t + 1 decides.""",
    name="both_masks",
    replace="~mask[:, 1:]",
    by="~(mask[:, 1:] & mask[:, :-1])",
)

ex.variant("where", name="where")(
    lambda ids, mask: (ids[:, :-1].clone(), torch.where(mask[:, 1:], ids[:, 1:], -100))
)
ex.variant(
    "a clone, written into",
    name="clone",
    source="""def shifted_targets(ids, mask):
    labels = ids.clone()
    labels[mask.logical_not()] = -100
    return ids[:, :-1], labels[:, 1:]
""",
)
