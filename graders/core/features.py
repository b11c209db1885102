"""What may be said of a case's arguments: "`h` is negative", "`x.shape[0]` is 1", "`k` is left out".

Plain data in, sentences out; nothing here knows what is right or wrong. Each feature is a question with a
yes or a no for every case, and its words are true of exactly those that say yes. They come in an order, the
simplest first: a learner should look at a sign before a layout, and at that before how long something is.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from graders.authoring import Case
from graders.core.feature import FAR, IDS, LARGE, NEARLY, TINY, Feature, is_number, of_numbers
from graders.core.words import dtype_name

MANY = 4096  # elements of a tensor or a list that are looked at; of larger ones, only the sizes
NESTED = 8  # keys of a dict that are looked at one by one

MISSING: Any = object()  # in the place of an argument that is left out


@dataclass(frozen=True)
class Subject:
    """What is spoken of, with what it is in each case."""

    name: str
    values: tuple[Any, ...]


def features(cases: list[Case]) -> Iterator[Feature]:
    """All that can be said of some of the cases and not of all."""
    alone = itertools.chain.from_iterable(_of(s) for s in _subjects(cases))
    for feature in itertools.chain(alone, _beside(cases)):
        if any(feature.holds) and not all(feature.holds):
            yield feature


def _subjects(cases: list[Case]) -> Iterator[Subject]:
    """The arguments, and what stands in those that are dicts with names for keys."""
    for name in dict.fromkeys(name for case in cases for name in case):
        values = tuple(case.get(name, MISSING) for case in cases)
        yield Subject(name, values)
        dicts = [v for v in values if isinstance(v, dict)]
        keys = dict.fromkeys(k for v in dicts for k in v if isinstance(k, str))
        if len(dicts) == len(values) and len(keys) <= NESTED:
            for key in keys:
                inner = tuple(v.get(key, MISSING) for v in values)
                yield Subject(f"{name}[{key!r}]", inner)


def _of(subject: Subject) -> Iterator[Feature]:
    name, values = subject.name, subject.values

    def ask(rank: int, words: str, test: Callable[[Any], bool], chance: bool = False) -> Feature:
        return Feature(rank, f"`{name}` {words}", tuple(map(test, values)), chance)

    yield ask(0, "is left out", lambda v: v is MISSING)
    yield ask(1, "is None", lambda v: v is None)
    for kind in AN:
        yield ask(6, f"is {AN[kind]}", partial(_is_of, kind))
    yield from _choices(subject)
    if any(is_number(v) for v in values):
        yield from of_numbers(name, values)
    if any(isinstance(v, (list, tuple, str, bytes, dict, set)) for v in values):
        yield from _collections(subject, ask)
    if any(isinstance(v, (torch.Tensor, np.ndarray)) for v in values):
        yield from _tensors(subject, ask)


def _is_of(kind: type, value: Any) -> bool:
    return type(value) is kind


ONE = (int, float, str, list, tuple, bool)
AN = {kind: f"{'an' if kind is int else 'a'} {kind.__name__}" for kind in ONE}


def _choices(subject: Subject) -> Iterator[Feature]:
    """One of several names, or True and False: "`f` is 'exp'"; not a text that is another in each case.

    Of texts that are no names, as 'x*x*x', each has to come twice: else it only says which case it is.
    """
    found = [v for v in subject.values if type(v) in (str, bool) and len(str(v)) <= 24]
    names = all(type(v) is bool or v.isidentifier() for v in found)
    for choice in dict.fromkeys(found):
        often = len(set(found)) < len(found) if names else found.count(choice) > 1
        if type(choice) is bool or often:
            holds = tuple(type(v) is type(choice) and v == choice for v in subject.values)
            yield Feature(2 if names else 7, f"`{subject.name}` is {choice!r}", holds, not names)


# -- lists, texts, dicts --------------------------------------------------------------------------


def _collections(subject: Subject, ask: Callable[..., Feature]) -> Iterator[Feature]:
    kinds = (list, tuple, str, bytes, dict, set)

    def of(kind: Any, test: Callable[[Any], Any]) -> Callable[[Any], bool]:
        return lambda v: isinstance(v, kind) and len(v) <= MANY and bool(test(v))

    yield ask(4, "is empty", of(kinds, lambda v: not v))
    texts = (str, bytes)
    yield ask(4, "is a single character", of(str, lambda v: len(v) == 1))
    yield ask(4, "is a single byte", of(bytes, lambda v: len(v) == 1))
    yield ask(4, "has a single element", of((list, tuple, dict, set), lambda v: len(v) == 1))
    yield ask(5, "has a character beyond ASCII", of(str, lambda v: not v.isascii()))
    yield ask(6, "has a line break", of(str, lambda v: "\n" in v))
    yield ask(6, "has a space", of(str, lambda v: " " in v), True)
    yield ask(6, "begins or ends with a space", of(str, lambda v: v != v.strip()))
    yield ask(6, "has a capital letter", of(str, lambda v: v != v.lower()), True)
    yield ask(6, "has a digit", of(str, lambda v: any(c.isdigit() for c in v)), True)
    rows = (list, tuple)
    yield ask(5, "is 0 throughout", of(rows, lambda v: len(v) > 1 and all(map(_is_zero, v))))
    yield ask(6, "has the same element throughout", of(rows, lambda v: len(v) > 1 and _same(v)))
    yield ask(7, "has an element twice", of((*rows, *texts), _repeats), True)
    yield ask(6, "has an empty element", of(rows, lambda v: any(_length(x) == 0 for x in v)))
    yield ask(
        6,
        "has an element of length 1",  # of a short tensor among others nobody thinks
        of(rows, lambda v: any(isinstance(x, (*rows, *texts)) and len(x) == 1 for x in v)),
        True,
    )
    yield ask(
        6,
        "has elements of different lengths",
        of(rows, lambda v: len({_length(x) for x in v} - {None}) > 1),
    )
    for words, test in IN_A_TEXT.items():
        yield ask(6, f"has an element with {words}", of(rows, partial(_some_text, test)))
    nothing = of(rows, lambda v: v and all(x is None for x in v))
    yield ask(5, "holds nothing but None", nothing)
    yield ask(6, "holds None", of(rows, lambda v: any(x is None for x in v)))
    yield ask(6, "holds a 0", of(rows, lambda v: any(map(_is_zero, v))))
    yield ask(
        6, "holds a negative number", of(rows, lambda v: any(is_number(x) and x < 0 for x in v))
    )
    several = (list, tuple, dict, set)  # how long a text is hardly matters
    lengths = tuple(len(v) if isinstance(v, several) else None for v in subject.values)
    found = of_numbers(f"len({subject.name})", lengths, 7, sizes=True)
    yield from (f for f in found if " than " in f.words and not f.words.endswith(FAR))


def _length(value: Any) -> int | None:
    if isinstance(value, torch.Tensor):
        return len(value) if value.dim() else None
    return len(value) if isinstance(value, (list, tuple, str, bytes)) else None


IN_A_TEXT: dict[str, Callable[[str], bool]] = {
    "a line break": lambda text: "\n" in text,
    "a character beyond ASCII": lambda text: not text.isascii(),
}


def _some_text(test: Callable[[str], bool], items: Any) -> bool:
    return any(isinstance(item, str) and test(item) for item in items)


def _is_zero(item: Any) -> bool:
    return is_number(item) and item == 0


def _same(items: Any) -> bool:
    return all(_equal(items[0], x) for x in items)


def _repeats(items: Any) -> bool:
    try:
        return len(set(items)) < len(items)
    except TypeError:  # lists in a list
        return len(items) < 200 and any(_equal(a, b) for a, b in itertools.combinations(items, 2))


def _equal(a: Any, b: Any) -> bool:
    if isinstance(a, torch.Tensor) and isinstance(b, torch.Tensor):
        return a.shape == b.shape and bool((a == b).all())
    try:
        return bool(a == b)
    except (RuntimeError, ValueError, TypeError):  # lists of tensors
        return False


# -- tensors --------------------------------------------------------------------------------------


def _tensors(subject: Subject, ask: Callable[..., Feature]) -> Iterator[Feature]:
    name, values = subject.name, tuple(map(_as_tensor, subject.values))

    def of(test: Callable[[torch.Tensor], Any], most: int = MANY) -> Callable[[Any], bool]:
        def asked(value: Any) -> bool:
            tensor = _as_tensor(value)
            return tensor is not None and tensor.numel() <= most and bool(test(tensor))

        return asked

    every = 2**62
    yield ask(4, "is empty", of(lambda t: t.numel() == 0, every))
    yield ask(4, "has no dimensions", of(lambda t: t.dim() == 0, every))
    yield ask(4, "has a single element", of(lambda t: t.dim() and t.numel() == 1, every))
    yield ask(5, "is square", of(lambda t: t.dim() == 2 and t.shape[0] == t.shape[1], every), True)
    dims = {t.dim() for t in values if t is not None}
    for dim in sorted(dims - {0}) if len(dims) > 1 else ():
        said = f"has {dim} dimension{'s' * (dim > 1)}"
        yield ask(4, said, of(partial(_has_dims, dim), every))
    if len(dims) == 1:
        for dim in range(dims.pop()):
            sizes = tuple(None if t is None else t.shape[dim] for t in values)
            found = of_numbers(f"{name}.shape[{dim}]", sizes, 4, sizes=True)
            found = (f for f in found if not f.words.endswith((" is positive", FAR)))
            yield from (f for f in found if " than " not in f.words or not _by_count(f, values))
    elif 0 not in dims:
        for at in (0, -1):
            sizes = tuple(None if t is None else t.shape[at] for t in values)
            found = of_numbers(f"{name}.shape[{at}]", sizes, 4, sizes=True)
            yield from (f for f in found if f.words.endswith(("is 0", "is 1")))
    dtypes = {t.dtype for t in values if t is not None}
    for dtype in sorted(dtypes, key=str):
        yield ask(5, f"is of {dtype_name(dtype)}", of(partial(_has_dtype, dtype), every))
    yield ask(6, "is not contiguous", of(lambda t: not t.is_contiguous(), every))
    yield ask(6, "requires a gradient", of(lambda t: t.requires_grad, every))
    yield ask(6, "holds NaN or infinity", of(lambda t: t.numel() and not t.isfinite().all()))
    yield ask(6, "is 0 throughout", of(lambda t: t.numel() and not t.any()))
    yield ask(
        6,
        "holds one number throughout",
        of(lambda t: t.numel() > 1 and (t == t.flatten()[0]).all()),
    )
    floats = all(t is None or t.is_floating_point() for t in values)  # hardly equal by chance
    yield ask(7, "holds a 0", of(lambda t: _real(t) and (t == 0).any()), not floats)
    yield ask(7, "holds a negative number", of(lambda t: _real(t) and (t < 0).any()), floats)
    yield ask(7, "holds a number that is not whole", of(_holds_part), True)
    if None not in values:  # else it is that there is something
        yield ask(7, "holds a positive number", of(lambda t: _real(t) and (t > 0).any()), True)
    yield ask(7, NEARLY.replace("is", "holds a number that is", 1), of(_holds_tiny))
    yield ask(
        7,
        f"holds a number {FAR}",
        of(lambda t: _real(t) and (t.abs() > LARGE).any()),
    )
    yield ask(7, "holds a number twice", of(_holds_twice), not floats)
    yield ask(7, "has a number twice in a row", of(_row_holds_twice), not floats)
    yield ask(7, "has two equal rows", of(_equal_rows), not floats)


def _as_tensor(value: Any) -> torch.Tensor | None:
    if isinstance(value, torch.Tensor):
        return value
    try:
        return torch.from_numpy(value) if isinstance(value, np.ndarray) else None
    except (TypeError, ValueError):  # an array of objects, or of negative strides
        return None


def _has_dims(dim: int, tensor: torch.Tensor) -> bool:
    return tensor.dim() == dim


def _has_dtype(dtype: torch.dtype, tensor: torch.Tensor) -> bool:
    return tensor.dtype == dtype


def _by_count(feature: Feature, tensors: tuple[torch.Tensor | None, ...]) -> bool:
    """Whether a size divides the cases as the number of elements does: of more, more may be wrong."""
    if any(t is None or t.dim() < 2 for t in tensors):
        return False
    counts = [
        [
            t.numel()
            for t, h in zip(tensors, feature.holds, strict=True)
            if t is not None and h == here
        ]
        for here in (False, True)
    ]
    return all(counts) and any(max(a) < min(b) for a, b in (counts, counts[::-1]))


def _holds_tiny(tensor: torch.Tensor) -> bool:
    return _real(tensor) and bool(((tensor != 0) & (tensor.abs() < TINY)).any())


def _holds_part(tensor: torch.Tensor) -> bool:
    if not tensor.is_floating_point():
        return False
    return bool(((tensor != tensor.round()) & tensor.isfinite()).any())


def _real(tensor: torch.Tensor) -> bool:
    return not tensor.is_complex() and tensor.dtype != torch.bool


def _holds_twice(tensor: torch.Tensor) -> bool:
    flat = tensor.detach().flatten()
    return _real(tensor) and tensor.dim() == 1 and len(flat.unique()) < len(flat)


def _row_holds_twice(tensor: torch.Tensor) -> bool:
    if tensor.dim() < 2 or not _real(tensor) or not tensor.numel():
        return False
    ordered = tensor.detach().flatten(0, -2).sort(-1).values
    return bool((ordered[:, 1:] == ordered[:, :-1]).any())


def _equal_rows(tensor: torch.Tensor) -> bool:
    if tensor.dim() != 2 or not tensor.numel():
        return False
    return len(tensor.detach().unique(dim=0)) < len(tensor)


# -- one beside another ----------------------------------------------------------------------------


def _beside(cases: list[Case]) -> Iterator[Feature]:
    """A whole number beside a length: "`k` is more than `len(x)`"; another kind of number."""
    whole, sizes, floats = {}, {}, {}
    for subject in _subjects(cases):
        if all(type(v) is int for v in subject.values) and not IDS.search(subject.name):
            whole[f"`{subject.name}`"] = subject.values
        lengths = tuple(_length(v) for v in subject.values)
        if all(n is not None for n in lengths):
            sizes[f"`len({subject.name})`"] = lengths
        tensors = tuple(map(_as_tensor, subject.values))
        if any(t is not None for t in tensors) and all(
            t is None or t.is_floating_point() for t in tensors
        ):
            floats[f"`{subject.name}`"] = tensors
        if all(t is not None and t.dim() > 1 for t in tensors):
            sizes[f"`{subject.name}.shape[-1]`"] = tuple(
                t.shape[-1] for t in tensors if t is not None
            )
    for (a, mine), (b, theirs) in itertools.product(whole.items(), sizes.items()):
        pairs = [*zip(mine, theirs, strict=True)]
        yield from (
            Feature(14, f"{a} is more than {b}", tuple(x > y for x, y in pairs), True),
            Feature(14, f"{a} is less than {b}", tuple(x < y for x, y in pairs), True),
            Feature(14, f"{a} equals {b}", tuple(x == y for x, y in pairs), True),
        )
    for (a, some), (b, others) in itertools.combinations(floats.items(), 2):
        another = tuple(
            x is not None and y is not None and x.dtype != y.dtype
            for x, y in zip(some, others, strict=True)
        )
        yield Feature(6, f"{b} has another dtype than {a}", another)
