"""Which part of an answer is wrong, where it is the same one in every case: a gradient of several, a row, zeros.

``graders.core.relation`` says how wrong numbers relate to the right ones; this says where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from graders.authoring import Case, Check
from graders.core.compare import compare
from graders.core.relation import differs, float64
from graders.core.verdict import value_of
from graders.core.words import number
from graders.ground import wire
from graders.ground.runner import Outcome

ENOUGH = 3  # numbers that are wrong, and as many that are right: of fewer, a place is chance


def same_part(
    check: Check, cases: list[Case], got: list[Outcome], want: list[Outcome], wrong: list[bool]
) -> str:
    """ "Only `dW` is wrong, `db` is right", if that is so in every wrong case; else ""."""
    if check.judge is not None or not any(wrong):
        return ""
    try:
        pairs = [
            (value_of(g), value_of(w)) for g, w in zip(got, want, strict=True) if "raised" not in w
        ]
    except (wire.WireError, KeyError):
        return ""
    if len(pairs) != len(cases):
        return ""
    off = [pair for pair, is_off in zip(pairs, wrong, strict=True) if is_off]
    return _items(check, off) or _elements(check, cases, pairs, wrong)


# -- things in a list or a dict ---------------------------------------------------------------------


def _items(check: Check, pairs: list[tuple[Any, Any]]) -> str:
    """The items of a list or the keys of a dict that are wrong in all of some answers, and no others."""
    found = []
    for got, want in pairs:
        if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
            keys = [*want]
        elif isinstance(want, (list, tuple)) and type(got) is type(want) and len(got) == len(want):
            keys = [*range(len(want))]
        else:
            return ""
        strict = check.strict(graph=False)
        off = [compare(got[k], want[k], strict, check.dtype) is not None for k in keys]
        if all(off) or not any(off):
            return ""
        found.append((keys, off, isinstance(want, dict)))
    keys, off, named = found[0]
    if any(n != named for _, _, n in found):
        return ""
    always = "" if len(pairs) == 1 else "In every wrong case: "
    if all((k, o) == (keys, off) for k, o, _ in found) and len(keys) <= 12:
        bad = [k for k, o in zip(keys, off, strict=True) if o]
        good = [k for k, o in zip(keys, off, strict=True) if not o]
        if named:
            said = f"{_named(bad)} {_is(bad)} wrong, {_named(good)} {_is(good)} right."
        else:
            said = (
                f"of {len(keys)} results, the {_counted(bad)} {_is(bad)} wrong, "
                f"the {_counted(good)} {_is(good)} right."
            )
        return always + said if always else said[0].upper() + said[1:]
    for words, place in PLACES.items():
        if not named and all(o == place(len(o)) for _, o, _ in found):
            return f"In every wrong case {words} of the results {'are' if 'all' in words else 'is'} wrong."
    return ""


def _is(things: list[Any]) -> str:
    return "is" if len(things) == 1 else "are"


def _named(keys: list[Any]) -> str:
    return _and([f"`{k}`" if isinstance(k, str) else f"`{k!r}`" for k in keys])


def _counted(places: list[int]) -> str:
    return _and([ORDINALS[p] for p in places])


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
)
PLACES = {
    "only the first": lambda n: [i == 0 for i in range(n)],
    "only the last": lambda n: [i == n - 1 for i in range(n)],
    "all but the first": lambda n: [i > 0 for i in range(n)],
    "all but the last": lambda n: [i < n - 1 for i in range(n)],
}


# -- numbers in a tensor ------------------------------------------------------------------------------


def _elements(
    check: Check, cases: list[Case], pairs: list[tuple[Any, Any]], wrong: list[bool]
) -> str:
    """Where in a tensor the wrong numbers stand, if that can be said of all of them and of no other."""
    masks, wants = [], []
    for got, want in pairs:
        if not isinstance(want, torch.Tensor) or not isinstance(got, torch.Tensor):
            return ""
        if got.shape != want.shape or got.dtype != want.dtype or not want.dim():
            return ""
        try:
            g, w = float64(got), float64(want)
        except (TypeError, RuntimeError):
            return ""
        masks.append(differs(g, w, check.tol, want.dtype))
        wants.append(w)
    if any(bool(m.any()) != off for m, off in zip(masks, wrong, strict=True)):
        return ""
    off = sum(int(m.sum()) for m in masks)
    if min(off, sum(m.numel() for m in masks) - off) < ENOUGH:
        return ""
    for words, found in _by_value(cases, wants):
        if all(torch.equal(a, b) for a, b in zip(found, masks, strict=True)):
            return f"Wrong numbers stand where {words}, and nowhere else."
    bad = [m for m, is_off in zip(masks, wrong, strict=True) if is_off]
    for words, place in _by_place(bad):
        if all(torch.equal(a, b) for a, b in zip(place, bad, strict=True)):
            return f"{words} wrong, and nothing else{' in any wrong case' * (len(bad) > 1)}."
    return ""


Masks = list[torch.Tensor]


def _by_value(cases: list[Case], wants: Masks) -> Iterator[tuple[str, Masks]]:
    """Places that a number marks: of the right answer, or of an argument of the same shape."""
    marks = [("the right answer", wants)]
    for name in cases[0]:
        values = [case.get(name) for case in cases]
        alike = [
            v.detach()
            for v, w in zip(values, wants, strict=True)
            if isinstance(v, torch.Tensor) and v.shape == w.shape and not v.is_complex()
        ]
        if len(alike) == len(cases):
            marks.insert(-1, (f"`{name}`", alike))
    for subject, tensors in marks:
        if all(t.dtype == torch.bool for t in tensors):
            yield f"{subject} is True", [t.clone() for t in tensors]
            yield f"{subject} is False", [~t for t in tensors]
            continue
        for words, test in VALUES.items():
            yield f"{subject} is {words}", [test(t) for t in tensors]
        lows = {float(t.min()) for t in tensors if t.numel()}
        if len(lows) == 1 and min(lows) not in (0.0, 1.0):
            low = min(lows)
            yield f"{subject} is {number(low)}", [t == low for t in tensors]


VALUES = {
    "negative": lambda t: t < 0,
    "positive": lambda t: t > 0,
    "0": lambda t: t == 0,
    "not 0": lambda t: t != 0,
    "1": lambda t: t == 1,
    "more than 1": lambda t: t > 1,
    "at most 1": lambda t: t <= 1,
    "further than 1 from 0": lambda t: t.abs() > 1,
    "infinite or NaN": lambda t: ~t.isfinite(),
}


def _by_place(masks: Masks) -> Iterator[tuple[str, Masks]]:
    """Rows, columns, the diagonal; the first and the last of them."""
    dims = {m.dim() for m in masks}
    if len(dims) != 1 or any(not m.numel() for m in masks):
        return
    dim = dims.pop()
    names = {1: ["element"], 2: ["row", "column"]}.get(dim, [""] * dim)
    for axis in range(dim):
        one = names[axis]
        first = f"The first {one}" if one else f"[{', '.join([':'] * axis + ['0', '...'])}]"
        last = f"The last {one}" if one else f"[{', '.join([':'] * axis + ['-1', '...'])}]"
        if all(m.shape[axis] > 1 for m in masks):
            heads = [_slice(m, axis, 0) for m in masks]
            tails = [_slice(m, axis, m.shape[axis] - 1) for m in masks]
            yield f"{first} is", heads
            yield f"{last} is", tails
            yield f"All but {_low(first)} is", [~h for h in heads]
            yield f"All but {_low(last)} is", [~t for t in tails]
    if dim >= 2 and all(min(m.shape[-2:]) > 1 for m in masks):
        ones = [torch.ones_like(m) for m in masks]
        diagonal = [o.triu() & o.tril() for o in ones]
        yield "The diagonal is", diagonal
        yield "All but the diagonal is", [~d for d in diagonal]
        yield "What is above the diagonal is", [o.triu(1) for o in ones]
        yield "What is below the diagonal is", [o.tril(-1) for o in ones]
        yield "The diagonal and what is above it are", [o.triu() for o in ones]
        yield "The diagonal and what is below it are", [o.tril() for o in ones]


def _low(words: str) -> str:
    return words[0].lower() + words[1:]


def _slice(mask: torch.Tensor, axis: int, at: int) -> torch.Tensor:
    made = torch.zeros_like(mask)
    made.select(axis, at).fill_(True)
    return made
