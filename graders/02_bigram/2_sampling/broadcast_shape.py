"""02.broadcast_shape: the rule of broadcasting."""

import torch

from graders.authoring import Raises, exercise

shape = exercise("broadcast_shape", title="the rule of broadcasting")


@shape.cases
def _(rng):
    pairs = [
        ((27, 27), (27, 1)),
        ((27, 27), (27,)),
        ((5, 1, 4), (3, 1)),
        ((), (2, 3)),
        ((4,), ()),
        ((), ()),
        ((1,), (1, 1)),
        ((2, 3), (2, 3)),
        ((1, 5), (7, 1)),
        ((6, 1, 5, 1), (4, 1, 3)),
        ((0, 3), (1, 3)),
        ((1,), (0,)),
        ((2, 1), (8, 4, 3, 5, 1, 6)),
        # errors
        ((3, 2), (2, 3)),
        ((27, 27), (26,)),
        ((2,), (3,)),
        ((2, 3, 4), (3, 3)),
        ((0,), (3,)),
        ((4, 2), (8, 1)),
    ]
    pairs += [(b, a) for a, b in pairs if a != b]
    size = rng.integer(2, 9)
    pairs += [((size, 1, size + 1), (1, size, 1)), ((size,), (size + 1,))]
    for a, b in pairs:
        yield dict(a=a, b=b)


@shape.scenario
def _(m, a, b):
    """A ValueError is a right answer for some shapes."""
    return tuple(m.broadcast_shape(a, b))


@shape.oracle
def _(a, b):
    try:
        # torch.broadcast_shapes says the same, but imports for a quarter of a second first
        return tuple((torch.empty(a) + torch.empty(b)).shape)
    except RuntimeError:
        return Raises("ValueError")


shape.hint("The shorter shape gets ones in front. Then compare place by place.")
shape.hint(
    "In each place: equal, or one of the two is 1. Which size counts then? And if neither holds?"
)
shape.hint(
    "Pad the shorter with (1,) * difference in front; for each pair: if they differ and neither is 1 raise "
    "ValueError, else keep the one that is not 1."
)


@shape.misconception(
    "Aligned on the left. The *last* sizes belong together: pad the shorter shape in front."
)
def aligned_left(a, b):
    length = max(len(a), len(b))
    a, b = a + (1,) * (length - len(a)), b + (1,) * (length - len(b))
    out = []
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError
        out.append(q if p == 1 else p)
    return tuple(out)


@shape.misconception(
    "zip stops at the shorter shape: its missing places count as 1, so the longer one's sizes stay "
    "in front."
)
def cut_off(a, b):
    out = []
    for p, q in zip(reversed(a), reversed(b), strict=False):
        if p != q and 1 not in (p, q):
            raise ValueError
        out.append(q if p == 1 else p)
    return tuple(reversed(out))


@shape.misconception(
    "Sizes that do not fit were let through, taking the larger. If they differ and neither is 1, "
    "raise ValueError."
)
def never_an_error(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    return tuple(max(p, q) for p, q in zip(a, b, strict=True))


@shape.misconception(
    "max takes 1 where the other size is 0. The size that is not 1 counts, even if it is 0."
)
def maximum(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        raise ValueError
    return tuple(max(p, q) for p, q in zip(a, b, strict=True))


@shape.misconception(
    "Sizes need not be multiples of one another: 4 and 8 do not fit. Equal, or one of them 1."
)
def multiples(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    out = []
    for p, q in zip(a, b, strict=True):
        if p != q and 1 not in (p, q) and (0 in (p, q) or max(p, q) % min(p, q)):
            raise ValueError
        out.append(q if p == 1 else p if q == 1 else max(p, q))
    return tuple(out)


@shape.misconception("Shapes of different length are fine: missing places in front count as 1.")
def same_length_only(a, b):
    if len(a) != len(b):
        raise ValueError
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        raise ValueError
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


@shape.misconception(
    "The result stands in reverse: you went from the right, so turn it around at the end."
)
def not_turned(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    out = []
    for p, q in zip(reversed(a), reversed(b), strict=True):
        if p != q and 1 not in (p, q):
            raise ValueError
        out.append(q if p == 1 else p)
    return tuple(out)


@shape.misconception(
    "Only the first shape may have ones in your rule. Either of the two may be stretched."
)
def only_one_side(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p not in (q, 1) for p, q in zip(a, b, strict=True)):
        raise ValueError
    return b


@shape.misconception(
    "None (or False) came back for shapes that do not fit. Raise ValueError, so that nobody goes on "
    "with it."
)
def none_for_error(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(p != q and 1 not in (p, q) for p, q in zip(a, b, strict=True)):
        return ()
    return tuple(q if p == 1 else p for p, q in zip(a, b, strict=True))


@shape.variant("from the right, with zip_longest")
def from_the_right(a, b):
    import itertools

    out = []
    for p, q in itertools.zip_longest(a[::-1], b[::-1], fillvalue=1):
        if p == q or q == 1:
            out.insert(0, p)
        elif p == 1:
            out.insert(0, q)
        else:
            raise ValueError("no")
    return tuple(out)


@shape.variant("torch does it, and its error is translated")
def with_torch(a, b):
    try:
        return tuple((torch.empty(a) + torch.empty(b)).shape)
    except RuntimeError as error:
        raise ValueError(str(error)) from error


shape.equivalent("tuple(a)  ->  a", "both shapes are tuples")
shape.equivalent("tuple(b)  ->  b", "both shapes are tuples")
shape.equivalent(
    "zip(a, b, strict=True)  ->  zip(b, a, strict=True)",
    "of two sizes it does not matter which comes first",
)
