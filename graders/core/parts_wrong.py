"""Which part of an answer is wrong, if it is the same one in every case: a gradient of several, a row.

``graders.core.relation`` says how wrong numbers relate to the right ones; this says where they stand.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch

from graders.authoring import Case, Check, Tol
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
    if check.judge is not None or not any(wrong) or any("raised" in w for w in want):
        return ""
    try:
        pairs = [
            Pair(value_of(g), value_of(w), check.strict(graph="elsewhere" not in w))
            for g, w in zip(got, want, strict=True)
        ]
    except wire.WireError:
        return ""
    off = [pair for pair, is_off in zip(pairs, wrong, strict=True) if is_off]
    return _items(check, off, len(pairs)) or _elements(check, cases, pairs, wrong)


class Pair(NamedTuple):
    """An answer beside the right one, and how near it has to be."""

    got: Any
    want: Any
    tol: Tol


# -- things in a list or a dict ---------------------------------------------------------------------


def _items(check: Check, pairs: list[Pair], cases: int) -> str:
    """The items of a list or the keys of a dict that are wrong in all wrong answers, and no others."""
    found = []
    for got, want, tol in pairs:
        keys = _keys(got, want)
        off = [compare(got[k], want[k], tol, check.dtype) is not None for k in keys]
        if all(off) or not any(off):
            return ""
        found.append((keys, off))
    keys, off = found[0]
    several = len(pairs) > 1
    some = f"in {len(pairs)} of {cases} cases " if several else f"in one of {cases} cases "
    where = some if len(pairs) < cases else "in every case " if several else ""
    said = ""
    if len(keys) <= len(ORDINALS) and all(f == found[0] for f in found):
        bad = [k for k, o in zip(keys, off, strict=True) if o]
        good = [k for k, o in zip(keys, off, strict=True) if not o]
        if all(isinstance(k, str) for k in keys):
            said = f"{where}{_named(bad)} {_is(bad)} wrong; {_named(good)} {_is(good)} right."
        elif all(isinstance(k, int) for k in keys) and (several or _is_tuple(pairs)):
            bad = [ORDINALS[k] for k in bad]
            things = f"{len(keys)} results"
            if check.scenario is not None:  # nobody's function gives them
                things = f"the {len(keys)} things that this check looks at"
            said = f"{where}only the {_and(bad)} of {things} {_is(bad)} wrong."
    elif several and not any(isinstance(pair.want, dict) for pair in pairs):
        for words, place in PLACES.items():
            if all(o == place(len(o)) for _, o in found):
                is_ = "are" if "all" in words else "is"
                things = "things that this check looks at" if check.scenario else "results"
                said = f"{where}{words} of the {things} {is_} wrong."
                break
    return said[:1].upper() + said[1:]


def _is_tuple(pairs: list[Pair]) -> bool:
    return all(isinstance(pair.want, tuple) for pair in pairs)


def _keys(got: Any, want: Any) -> list[Any]:
    """The keys of two dicts, or the places of two lists, that correspond; else none."""
    if isinstance(want, dict) and isinstance(got, dict) and got.keys() == want.keys():
        return [*want]
    if isinstance(want, (list, tuple)) and type(got) is type(want) and len(got) == len(want):
        return [*range(len(want))]
    return []


def _is(things: list[Any]) -> str:
    return "is" if len(things) == 1 else "are"


def _named(keys: list[Any]) -> str:
    return _and([f"`{k}`" for k in keys])


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
)  # fmt: skip
PLACES = {
    "only the first": lambda n: [i == 0 for i in range(n)],
    "only the last": lambda n: [i == n - 1 for i in range(n)],
    "all but the first": lambda n: [i > 0 for i in range(n)],
    "all but the last": lambda n: [i < n - 1 for i in range(n)],
}


# -- numbers in a tensor ------------------------------------------------------------------------------


def _elements(check: Check, cases: list[Case], pairs: list[Pair], wrong: list[bool]) -> str:
    """Where in a tensor the wrong numbers stand, if that can be said of all of them and of no other."""
    masks, wants = [], []
    for got, want, _ in pairs:
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
