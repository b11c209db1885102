"""10.padding_shares: how much of the rectangle is empty."""

from graders.authoring import Raises, Tol, exercise, kind_of

from .part import first_fit

ex = exercise("padding_shares", title="the share of padding")


@ex.cases
def _(rng):
    yield dict(lengths=[3, 5, 2, 6, 4], capacity=8)
    yield dict(lengths=[4], capacity=4)
    yield dict(lengths=[3, 4, 3, 3], capacity=5)
    yield dict(lengths=[3], capacity=7)
    yield dict(lengths=[2, 2, 2, 2], capacity=4)
    yield dict(lengths=rng.integers(1, 20, 30).tolist(), capacity=rng.integer(21, 30))
    yield dict(lengths=rng.integers(1, 6, 9).tolist(), capacity=rng.integer(40, 60))
    yield dict(lengths=[2, 5], capacity=4)


@ex.oracle
def _(lengths, capacity):
    if max(lengths) > capacity:
        return Raises("ValueError")
    rows = first_fit(lengths, capacity)
    empty = sum(capacity - sum(lengths[d] for d in row) for row in rows)
    alone = sum(max(lengths) - n for n in lengths)
    return empty / (len(rows) * capacity), alone / (len(lengths) * max(lengths))


# a share is as good if it was computed in float32, and taken from 1 there
ex.tolerance(Tol(rtol=1e-6, atol=2e-7))


@ex.check(
    "floats", cases=lambda rng: [dict(lengths=[1, 3], capacity=4), dict(lengths=[2], capacity=5)]
)
def _(m, lengths, capacity):
    return [kind_of(share) for share in m.padding_shares(lengths, capacity)]


ex.hint(
    "Both times: how many places has the rectangle, and how many of them hold a token? sum(lengths) of "
    "them do."
)
ex.hint(
    "Packed: len(pack(lengths, capacity)) rows of capacity. Alone: len(lengths) rows of max(lengths)."
)
ex.hint("1 - sum(lengths) / places, for both.")

ex.misconception(
    """Those are the shares of tokens. Asked are the shares of padding: what is left to 1.""",
    name="tokens",
    replace="return 1 - tokens / packed, 1 - tokens / alone",
    by="return tokens / packed, tokens / alone",
)
ex.misconception(
    """The padding was divided by the tokens. Its share is that of the whole rectangle.""",
    name="over_tokens",
    replace="return 1 - tokens / packed, 1 - tokens / alone",
    by="return packed / tokens - 1, alone / tokens - 1",
)
ex.misconception(
    """Those are numbers of places. Asked are shares: divide by the size of the rectangle.""",
    name="counts",
    replace="return 1 - tokens / packed, 1 - tokens / alone",
    by="return float(packed - tokens), float(alone - tokens)",
)
ex.misconception(
    """Alone, too, each row was taken to be `capacity` long. There the rectangle is as wide as the longest
    document.""",
    name="alone_capacity",
    replace="len(lengths) * max(lengths)",
    by="len(lengths) * capacity",
)
ex.misconception(
    """The packed rows were taken to be as long as the fullest of them. They have `capacity` places
    each.""",
    name="fullest_row",
    replace="len(pack(lengths, capacity)) * capacity",
    by="max(sum(lengths[d] for d in row) for row in pack(lengths, capacity)) * len(pack(lengths, capacity))",
)
ex.misconception(
    """The number of rows was computed as if documents could be cut: tokens / capacity, rounded up. They
    are kept whole, as pack puts them.""",
    name="cut",
    replace="len(pack(lengths, capacity)) * capacity",
    by="pack(lengths, capacity) and -(-tokens // capacity) * capacity",
)
ex.misconception(
    """The two are exchanged: packed comes first, alone second.""",
    name="exchanged",
    replace="return 1 - tokens / packed, 1 - tokens / alone",
    by="return 1 - tokens / alone, 1 - tokens / packed",
)
ex.misconception(
    """The shares are in percent. They are asked as numbers between 0 and 1.""",
    name="percent",
    replace="return 1 - tokens / packed, 1 - tokens / alone",
    by="return 100 - 100 * tokens / packed, 100 - 100 * tokens / alone",
)

ex.variant(
    "the empty places counted",
    name="counted",
    source="""def padding_shares(lengths, capacity):
    rows = pack(lengths, capacity)
    empty = sum(capacity - sum(lengths[d] for d in row) for row in rows)
    gaps = [max(lengths) - n for n in lengths]
    return empty / (capacity * len(rows)), sum(gaps) / len(gaps) / max(lengths)
""",
)
ex.variant(
    "shares in float32",
    name="float32",
    source="""def padding_shares(lengths, capacity):
    tokens = torch.tensor(float(sum(lengths)))
    places = [len(pack(lengths, capacity)) * capacity, len(lengths) * max(lengths)]
    return tuple((1 - tokens / n).item() for n in places)
""",
)
