"""07.padding_mask: which keys are real."""

import torch

from graders.authoring import exercise

padding_mask = exercise("padding_mask", title="the mask of a padded batch")


@padding_mask.cases
def _(rng):
    for lengths, T in [
        ([3, 1], 3),
        ([1], 1),
        ([5], 5),
        ([2, 4, 1, 3], 6),
        ([4, 4, 4], 4),
        ([1, 1], 5),
    ]:
        yield dict(lengths=torch.tensor(lengths), T=T)
    T = rng.integer(4, 9)
    yield dict(lengths=rng.integers(1, T + 1, 7), T=T)
    yield dict(lengths=rng.integers(1, 4, 3), T=3)  # as many sequences as positions
    yield dict(lengths=rng.integers(1, 5, 3, 2)[:, 0], T=7)  # not contiguous
    yield dict(lengths=torch.tensor([200, 127, 300]), T=300)  # more than a byte counts


@padding_mask.oracle
def _(lengths, T):
    rows = [[[s < n for s in range(T)]] for n in lengths.tolist()]
    return torch.tensor(rows)


padding_mask.hint(
    "Compare each position number with each length: two dimensions at once, by broadcasting."
)
padding_mask.hint("torch.arange(T) is (T,), lengths[:, None] is (B, 1). What has their comparison?")
padding_mask.hint("(torch.arange(T) < lengths[:, None])[:, None, :]")


def wrong(message, name, by, replace="(torch.arange(T) < lengths[:, None])[:, None, :]"):
    padding_mask.misconception(message, name=name, replace=replace, by=by)


wrong(
    """One position too many is real: a sequence of length 3 has positions 0, 1, 2, so s < length.""",
    "one_too_many",
    "(torch.arange(T) <= lengths[:, None])[:, None, :]",
)
wrong(
    """One position too few is real: position 0 counts as well, s < length.""",
    "one_too_few",
    "(torch.arange(T) + 1 < lengths[:, None])[:, None, :]",
)
wrong(
    """The mask is the wrong way round: True where padding is. Here True means real, may be looked at.""",
    "inverted",
    "(torch.arange(T) >= lengths[:, None])[:, None, :]",
)
wrong(
    """Of shape (B, T): beside scores (B, T, T) this would be read as one row per *query* position, the
    same for all sequences (or fail). Put a 1 between: (B, 1, T).""",
    "no_query_dimension",
    "torch.arange(T) < lengths[:, None]",
)
wrong(
    """Of shape (B, T, 1): this hides queries. It is the keys that must not be looked at: (B, 1, T).""",
    "hides_queries",
    "(torch.arange(T) < lengths[:, None])[:, :, None]",
)
wrong(
    """The padding is taken to stand in front. Sequences were filled up at the end: the first positions
    are real.""",
    "padding_in_front",
    "(torch.arange(T) >= T - lengths[:, None])[:, None, :]",
)
wrong(
    """As wide as the longest sequence. The batch may have been filled up further: use T.""",
    "as_wide_as_longest",
    "(torch.arange(int(lengths.max())) < lengths[:, None])[:, None, :]",
)
wrong(
    """The table holds numbers. A mask of True and False is asked for.""",
    "numbers",
    "(torch.arange(T) < lengths[:, None])[:, None, :].float()",
)
wrong(
    """Expanded to all queries, (B, T, T). Leave the 1: broadcasting does that, for any number of
    queries.""",
    "expanded",
    "(torch.arange(T) < lengths[:, None])[:, None, :].expand(-1, T, -1)",
)


@padding_mask.variant("sequence by sequence")
def loop(lengths, T):
    mask = torch.zeros(len(lengths), 1, T, dtype=torch.bool)
    for b, n in enumerate(lengths.tolist()):
        mask[b, 0, :n] = True
    return mask


@padding_mask.variant("lengths reshaped")
def reshaped(lengths, T):
    return torch.arange(T).expand(len(lengths), 1, T) < lengths.reshape(-1, 1, 1)
