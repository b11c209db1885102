"""07.causal_mask: who may look at whom, with a cache as well."""

import torch

from graders.authoring import exercise

causal_mask = exercise("causal_mask", title="the decoder's mask, for the last T_q of T_k positions")


@causal_mask.cases
def _(rng):
    for T_q, T_k in [(1, 1), (3, 3), (2, 4), (1, 5), (4, 5), (3, 8), (6, 6), (5, 9)]:
        yield dict(T_q=T_q, T_k=T_k)
    for T_q, T_k in [(2, 1100), (70, 73)]:  # longer than a small table, or a byte, goes
        yield dict(T_q=T_q, T_k=T_k)
    T_q = rng.integer(2, 6)
    yield dict(T_q=T_q, T_k=T_q + rng.integer(1, 6))


@causal_mask.oracle
def _(T_q, T_k):
    # position by position
    rows = [[s <= T_k - T_q + t for s in range(T_k)] for t in range(T_q)]
    return torch.tensor(rows)


causal_mask.hint(
    "Draw the table for T_q = T_k first, then leave away the upper rows: what remains?"
)
causal_mask.hint(
    "The last row is all True, whatever the sizes. tril has a second argument, the diagonal."
)
causal_mask.hint("torch.ones(T_q, T_k, dtype=torch.bool).tril(T_k - T_q)")


def wrong(message, name, by, replace="torch.ones(T_q, T_k, dtype=torch.bool).tril(T_k - T_q)"):
    causal_mask.misconception(message, name=name, replace=replace, by=by)


wrong(
    """The triangle starts in the upper left corner, as if the queries were the *first* positions. They
    are the last: shift the diagonal by T_k - T_q.""",
    "not_shifted",
    "torch.ones(T_q, T_k, dtype=torch.bool).tril()",
)
wrong(
    """The triangle is shifted to the wrong side, so that even the last position loses its past. The
    diagonal of tril moves right by T_k - T_q, a positive number.""",
    "shifted_left",
    "torch.ones(T_q, T_k, dtype=torch.bool).tril(T_q - T_k)",
)
wrong(
    """Positions do not see themselves, and the first has nothing to look at. A position may look at its
    own key.""",
    "not_itself",
    "torch.ones(T_q, T_k, dtype=torch.bool).tril(T_k - T_q - 1)",
)
wrong(
    """The mask is off by one: a position sees the one after it, the very answer it must guess.""",
    "sees_the_next",
    "torch.ones(T_q, T_k, dtype=torch.bool).tril(T_k - T_q + 1)",
)
wrong(
    """The mask is the wrong way round: True where a query may *not* look. Here True means that it may.""",
    "inverted",
    "~torch.ones(T_q, T_k, dtype=torch.bool).tril(T_k - T_q)",
)
wrong(
    """The triangle is upside down: positions see the future (and themselves), but not the past.""",
    "upside_down",
    "torch.ones(T_q, T_k, dtype=torch.bool).triu(T_k - T_q)",
)
wrong(
    """The table holds numbers. A mask of True and False is asked for: ask for dtype=torch.bool, or
    compare with 1.""",
    "numbers",
    "torch.ones(T_q, T_k).tril(T_k - T_q)",
)
wrong(
    """This is the table of all T_k positions. Only the last T_q of its rows are asked for.""",
    "all_positions",
    "torch.ones(T_k, T_k, dtype=torch.bool).tril()",
)
wrong(
    """The mask is to be added to scores: 0 and -inf. Here True and False are asked for; attention turns
    them into -inf.""",
    "additive",
    'torch.full((T_q, T_k), float("-inf")).triu(T_k - T_q + 1)',
)
wrong(
    """Everything is open as soon as there are fewer queries than keys. That is right for a single
    query; of two new positions the first must still not see the second.""",
    "open_with_cache",
    "torch.ones(T_q, T_k, dtype=torch.bool).tril(0 if T_q == T_k else T_k)",
)


@causal_mask.variant("the last rows of the whole table")
def last_rows(T_q, T_k):
    return torch.tril(torch.ones(T_k, T_k))[T_k - T_q :] == 1


@causal_mask.variant("positions compared")
def positions(T_q, T_k):
    return torch.arange(T_k)[None, :] <= torch.arange(T_k - T_q, T_k)[:, None]
