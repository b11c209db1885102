"""05.C_backward: dC: a lookup, with repeated rows."""

import torch

from graders.authoring import exercise

from .part import gradient, leaf

C = exercise("C_backward", title="dC: a lookup, with repeated rows")


@C.cases
def _(rng):
    def case(n, t, v, d, **dtype):
        return dict(
            demb=rng.normal(n, t, d, **dtype),
            Xb=rng.integers(0, v, n, t),
            C=rng.normal(v, d, **dtype),
        )

    yield case(1, 1, 4, 2)
    yield case(4, 3, 5, 2)  # 12 places, 5 characters: repeats for sure
    yield case(2, 3, 27, 5)  # most characters are missing
    yield case(5, 2, 3, 4)
    same_row = case(2, 4, 6, 3)
    same_row["Xb"][1] = same_row["Xb"][0]  # the same context twice
    yield same_row
    dots = case(3, 3, 7, 2)
    dots["Xb"][:, :2] = 0  # the beginning of a name: . . and a character
    yield dots
    low = case(3, 2, 9, 4)
    low["Xb"] %= 4  # the last characters of the alphabet never occur
    yield low
    yield {**case(2, 2, 300, 1), "Xb": torch.tensor([[299, 43], [140, 299]])}  # no byte holds them
    yield case(4, 3, 6, 2, dtype=torch.float32)


@C.oracle
def _(demb, Xb, C):
    x = leaf(C)
    return gradient(x, x[Xb], demb, demb)


@C.effort
def _(rng):
    for n in (6, 36):  # as many characters as places
        yield dict(demb=rng.normal(n, 1, 2), Xb=rng.integers(0, n, n, 1), C=rng.normal(n, 2))


C.hint("A character that occurs four times in Xb: how often was its row of C used?")
C.hint(
    "Go through all places (i, t) and *add* demb[i, t] to row Xb[i, t] of a dC that starts at zero."
)
C.hint(
    "Two loops with dC[Xb[i, t]] += demb[i, t]. Without loops: "
    "torch.zeros_like(C).index_add_(0, Xb.flatten(), demb.flatten(0, 1))."
)


@C.misconception(
    "Rows were assigned, not added: where a character repeats, only its last occurrence is left. "
    "`dC[Xb] += demb` does the same, since it reads all rows first and then writes each once."
)
def assigned(demb, Xb, C):
    dC = torch.zeros_like(C)
    dC[Xb] = demb
    return dC


@C.misconception(
    "You averaged over the occurrences of a character. Each use of a row adds to the loss's "
    "slope: sum them."
)
def averaged(demb, Xb, C):
    dC = torch.zeros_like(C).index_add_(0, Xb.flatten(), demb.flatten(0, 1))
    count = torch.bincount(Xb.flatten(), minlength=len(C)).clamp(min=1)
    return dC / count[:, None].to(dC.dtype)


@C.misconception(
    "You counted occurrences and left out the upstream gradient: add demb[i, t], not 1."
)
def upstream_ignored(demb, Xb, C):
    count = torch.bincount(Xb.flatten(), minlength=len(C))
    return count[:, None].to(demb.dtype).expand(C.shape)


@C.misconception(
    "Only the first position of each context was counted: go over all block_size positions."
)
def first_position(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb[:, 0], demb[:, 0])


@C.misconception(
    "The table is too short: it must have a row for every character of the alphabet, also for "
    "those after the largest index in this batch. Take the shape of C."
)
def too_short(demb, Xb, C):
    dC = torch.zeros(int(Xb.max()) + 1, C.shape[1], dtype=demb.dtype)
    return dC.index_add_(0, Xb.flatten(), demb.flatten(0, 1))


@C.misconception(
    "Xb and demb were flattened in different orders, so gradients went to other places' "
    "characters. Flatten both row by row."
)
def order_mixed(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb.T.flatten(), demb.flatten(0, 1))


@C.misconception(
    "You started from C and added to it. The gradient starts at zero; the values of C play no part "
    "in it."
)
def started_from_C(demb, Xb, C):
    return C.clone().index_add_(0, Xb.flatten(), demb.flatten(0, 1))


@C.misconception(
    "You multiplied by the embedding's values. A lookup is a copy, with local derivative 1."
)
def times_value(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb.flatten(), (demb * C[Xb]).flatten(0, 1))


@C.misconception(
    "You summed over the positions of a context first and gave the sum to each of its characters. "
    "Each position has its own character and its own gradient."
)
def positions_summed(demb, Xb, C):
    total = demb.sum(1, keepdim=True).expand_as(demb)
    return torch.zeros_like(C).index_add_(0, Xb.flatten(), total.flatten(0, 1))


@C.misconception(
    "The values are right but the dtype is not: torch.zeros(v, d) is float32 whatever the input. "
    "Use torch.zeros_like(C)."
)
def always_float32(demb, Xb, C):
    dC = torch.zeros(C.shape)
    for i in range(Xb.shape[0]):
        for t in range(Xb.shape[1]):
            dC[Xb[i, t]] += demb[i, t]
    return dC


C.misconception(
    """The work grows with the product of places and characters: all places are gone through again
    and again. Go through them once: the character that stands at a place says which row its
    gradient is added to.""",
    name="all_places_for_each_character",
    source="""
def C_backward(demb, Xb, C):
    dC = torch.zeros_like(C, dtype=demb.dtype)
    for character in range(C.shape[0]):
        for row, gradients in zip(Xb.tolist(), demb):
            for seen, gradient in zip(row, gradients):
                if seen == character:
                    dC[character] += gradient
    return dC
""",
)


@C.variant("index_add_")
def index_add(demb, Xb, C):
    return torch.zeros_like(C).index_add_(0, Xb.view(-1), demb.view(-1, demb.shape[-1]))


@C.variant("one-hot, a matrix product")
def one_hot(demb, Xb, C):
    hot = torch.nn.functional.one_hot(Xb.flatten(), len(C)).to(demb.dtype)
    return hot.T @ demb.flatten(0, 1)


@C.variant("einsum")
def einsum(demb, Xb, C):
    hot = torch.nn.functional.one_hot(Xb, C.shape[0]).to(demb.dtype)
    return torch.einsum("ntv,ntd->vd", hot, demb)


@C.variant("index_put_ that accumulates")
def index_put(demb, Xb, C):
    return torch.zeros_like(C).index_put_((Xb,), demb, accumulate=True)


@C.variant("scatter_add_")
def scatter_add(demb, Xb, C):
    index = Xb.flatten()[:, None].expand(-1, demb.shape[2])
    return torch.zeros_like(C).scatter_add_(0, index, demb.flatten(0, 1))


@C.variant("character by character")
def by_character(demb, Xb, C):
    return torch.stack([demb[Xb == v].sum(0) for v in range(len(C))])


C.equivalent(
    "torch.zeros_like(C, dtype=demb.dtype)  ->  torch.zeros_like(C)", "C is of the dtype of demb"
)
