"""10.last_token: where each row's text ends, wherever the padding is."""

import torch

from graders.authoring import Raises, exercise

from .part import padded

last = exercise("last_token", title="where a text ends")


@last.cases
def _(rng):
    yield dict(ids=padded(rng, [3, 6, 1, 5], 6, 7), pad=7)
    yield dict(ids=padded(rng, [2, 5, 1, 4, 3], 5, 0, left=True), pad=0)
    yield dict(ids=padded(rng, [2, 3], 7, 4, before=[2, 1]), pad=4)
    yield dict(ids=padded(rng, [1], 1, 3), pad=3)
    yield dict(ids=padded(rng, [4], 8, 2), pad=2)
    # the id of padding inside the text, and in front of it
    ids = padded(rng, [6, 4, 7], 8, 5)
    ids[0, 1:4], ids[1, 2], ids[2, 0] = 5, 5, 5
    yield dict(ids=ids, pad=5)
    yield dict(ids=padded(rng, [5, 2, 3], 6, 1).T.contiguous().T, pad=1)
    lengths = [rng.integer(1, 41) for _ in range(6)]
    yield dict(ids=padded(rng, lengths, 40, 5), pad=5)
    # nothing but padding
    empty = padded(rng, [3, 0, 4], 4, 6)
    yield dict(ids=empty, pad=6)
    yield dict(ids=torch.full((1, 3), 2), pad=2)
    yield dict(ids=padded(rng, [3, 4, 0], 4, 6), pad=6)  # the last row
    # numbers that fewer bytes, or a float32, take for the same as pad; a place above 127
    yield dict(ids=torch.tensor([[7, 65_543, 7], [263, 7, 7]]), pad=7)
    yield dict(ids=torch.tensor([[1, 2**24, 2**24 + 1]]), pad=2**24 + 1)
    yield dict(ids=padded(rng, [200, 3], 210, 5), pad=5)
    yield dict(ids=padded(rng, [3, 5, 2, 7], 8, 4)[1::2, :-1], pad=4)


@last.oracle
def _(ids, pad):
    found = [[t for t, token in enumerate(row) if token != pad] for row in ids.tolist()]
    if not all(found):
        return Raises("ValueError")
    return torch.tensor([places[-1] for places in found])


last.hint("Which positions are real? Of these you want the largest in each row.")
last.hint(
    "torch.where(ids != pad, torch.arange(T), -1) is the position where real, and -1 elsewhere."
)
last.hint("Its amax(dim=1) is the answer; it is -1 in a row of nothing but padding: ValueError.")

LAST = "torch.where(real, torch.arange(ids.shape[1]), -1).amax(dim=1)"

last.misconception(
    """One before the first pad: there may be no pad (then that is -1, another column), it may stand in
    front, and it may occur within the text. Look for the last token that is not pad.""",
    name="before_first_pad",
    replace=LAST,
    by="(~real).int().argmax(dim=1) - 1",
)
last.misconception(
    """One before the first pad, modulo T: a row without padding comes out right, but the padding may
    stand in front, and pad may occur within the text. Look for the last token that is not pad.""",
    name="before_first_pad_modulo",
    replace=LAST,
    by="((~real).int().argmax(dim=1) - 1) % ids.shape[1]",
)
last.misconception(
    """The number of real tokens, minus one, is the last position only if all of them stand at the front
    without a gap. Ask for the position, not for the count.""",
    name="count",
    replace=LAST,
    by="real.sum(dim=1) - 1",
)
last.misconception(
    """The number of real tokens was counted on from the first of them. Where pad occurs within the text
    that comes short: ask for the last position, not for the count.""",
    name="count_from_first",
    replace=LAST,
    by="real.int().argmax(dim=1) + real.sum(dim=1) - 1",
)
last.misconception(
    """The last column: in a row that is padded on the right, that is padding.""",
    name="last_column",
    replace=LAST,
    by="torch.full((len(ids),), ids.shape[1] - 1)",
)
last.misconception(
    """That is where the text begins: argmax gives the first of the largest. The last real token is
    asked.""",
    name="first_real",
    replace=LAST,
    by="real.int().argmax(dim=1)",
)
last.misconception(
    """The position was counted from the end (the row was flipped). Count it back: T - 1 - position.""",
    name="from_the_end",
    replace=LAST,
    by="real.flip(1).int().argmax(dim=1)",
)
last.misconception(
    """One position past the end: the index of the last token itself is asked.""",
    name="one_past",
    replace=LAST,
    by=LAST + " + 1",
)
last.misconception(
    """The tokens themselves came back. Asked is where they stand.""",
    name="the_tokens",
    replace=LAST,
    by="ids.gather(1, " + LAST + "[:, None]).squeeze(1)",
)
last.misconception(
    """A row of nothing but padding gets a position too (-1 is the last column, 0 the first: both are
    padding). It has no last token: raise ValueError.""",
    name="empty_is_minus_one",
    replace="not real.any(dim=1).all()",
    by="False",
)
last.misconception(
    """ValueError comes only if no row has a real token. One empty row is enough.""",
    name="all_empty",
    replace="real.any(dim=1).all()",
    by="real.any()",
)

last.variant(
    "row by row",
    name="loop",
    source="""
    def last_token(ids, pad):
        ends = [[t for t, x in enumerate(row.tolist()) if x != pad] for row in ids]
        if any(not e for e in ends):
            raise ValueError("empty")
        return torch.tensor([max(e) for e in ends], dtype=torch.int64)
    """,
)
last.variant(
    "flipped",
    name="flipped",
    source="""
    def last_token(ids, pad):
        real = (ids != pad).long()
        if (real.sum(1) == 0).any():
            raise ValueError("empty")
        return ids.shape[1] - 1 - real.flip(1).argmax(1)
    """,
)

last.equivalent("1  ->  2", "every row has a token, and its place is 0 or more")
last.equivalent("1  ->  0", "every row has a token, and its place is 0 or more")
