"""Compares what came back with what was expected, as plain data, and says what is off first.

Order, stopping at the first: type, shape, dtype, NaN, values. A list is no tuple, and a tensor or numpy's
number is no float, unless the exercise's docstring allows it (``Tol.types``). Where two wrong answers are
compared, to name a mistake, these are the same: what is wrong about them is something else.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from graders.authoring import Tol
from graders.core.words import NOWHERE, Place, dtype_name, kind_of, number, short
from graders.ground.wire import Unsupported
from graders.instead import FORGOTTEN, said_instead

RTOL = {
    torch.float64: 1e-9,
    torch.complex128: 1e-9,
    torch.float32: 2e-5,
    torch.complex64: 2e-5,
    torch.float16: 2e-2,
    torch.bfloat16: 2e-2,
}


@dataclass(frozen=True)
class Mismatch:
    """The first thing that is off.

    Attributes:
        kind: "type", "shape", "dtype", "nan" or "value".
        message: in words, for the learner; one or more lines.
        where: the place inside the result.
    """

    kind: str
    message: str
    where: Place = Place()  # noqa: RUF009


def compare(
    got: Any, expected: Any, tol: Tol | None = None, dtype: bool = True, where: Place | None = None
) -> Mismatch | None:
    """None if ``got`` is as good as ``expected``, else the first mismatch; without words where NOWHERE."""
    tol, where = tol or Tol(), Place() if where is None else where
    if isinstance(expected, Unsupported):
        return Mismatch("type", "the reference returned something that cannot be sent", where)
    said = said_instead(got)
    if said is not None:
        return None if got == expected else _instead(*said, where)
    if isinstance(got, Unsupported):
        return _type(got, expected, where)
    if isinstance(expected, torch.Tensor):
        if not isinstance(got, torch.Tensor):
            return _type(got, expected, where)
        return _graph(got, expected, tol, where) or _tensors(
            got.detach(), expected.detach(), tol, dtype, where
        )
    if isinstance(expected, np.ndarray):
        if not isinstance(got, np.ndarray):
            return _type(got, expected, where)
        return _arrays(got, expected, tol, dtype, where)
    if isinstance(expected, (list, tuple)):
        return _sequences(got, expected, tol, dtype, where)
    if isinstance(expected, dict):
        return _dicts(got, expected, tol, dtype, where)
    if isinstance(expected, (set, frozenset)):
        if not isinstance(got, (set, frozenset)):
            return _type(got, expected, where)
        if got == expected and tol.types is not None and (off := _other_kind(got, expected)):
            return _instead(f"the member {off[0]}", off[1], where)
        return None if got == expected else _sets(set(got), set(expected), where)
    if isinstance(got, torch.Tensor) and got.requires_grad and type(expected) in (int, float):
        return _instead("a tensor that belongs to a graph", kind_of(expected), where)
    if _another(got, expected, tol):
        return _type(got, expected, where)
    got, expected = _scalar(got), _scalar(expected)
    if isinstance(expected, bool) or expected is None or isinstance(expected, (str, bytes)):
        if type(got) is not type(expected):
            return _type(got, expected, where)
        return None if got == expected else _text(got, expected, where)
    if isinstance(expected, (int, float, complex)):
        return _numbers(got, expected, tol, where)
    if type(got) is not type(expected):
        return _type(got, expected, where)
    return None if got == expected else _text(got, expected, where)


# (what came, what should have come): the name of the behaviour, as ``legal`` has it
STANDS_FOR = {
    (tuple, list): "tuple for list",
    (list, tuple): "list for tuple",
    (torch.Tensor, float): "tensor for float",
    (torch.Tensor, int): "tensor for int",
    (torch.Tensor, bool): "tensor for bool",
}


def _another(got: Any, expected: Any, tol: Tol) -> bool:
    """Whether an answer is of a kind that is like the right one, and that the docstring does not allow."""
    if tol.types is None:
        return False
    kind = type(expected)
    if isinstance(got, float) and kind is float:
        return False  # numpy's float64 is one of Python's floats
    if isinstance(got, (np.generic, np.ndarray)) and kind in (int, float, bool):
        return f"numpy number for {kind.__name__}" not in tol.types
    name = STANDS_FOR.get((type(got), kind))
    return name is not None and name not in tol.types


def _graph(got: torch.Tensor, expected: torch.Tensor, tol: Tol, where: Place) -> Mismatch | None:
    """Where the right answer has no graph, one that has keeps it in memory; where it has, gradients end."""
    if tol.types is None or got.requires_grad == expected.requires_grad:
        return None
    name = "requires a gradient" if got.requires_grad else "detached"
    if name in tol.types or got.shape != expected.shape or got.dtype != expected.dtype:
        return None
    graph = "a tensor that belongs to a graph", "a tensor without one (detach it)"
    cut = "a tensor without a graph", "one through which gradients flow"
    return _instead(*(graph if got.requires_grad else cut), where)


def _scalar(value: Any) -> Any:
    """Python's own number for a numpy scalar or 0-d tensor or array; anything else unchanged."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, torch.Tensor) and value.dim() == 0:
        return value.detach().item()
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    return value


def _type(got: Any, expected: Any, where: Place) -> Mismatch:
    message = f"wrong type{where.words}: got {kind_of(got)}, expected {kind_of(expected)}"
    if got is None and not where:
        message += FORGOTTEN
    return Mismatch("type", message, where)


def _instead(got: str, wanted: str, where: Place) -> Mismatch:
    return Mismatch("type", f"wrong type{where.words}: got {got}, expected {wanted}", where)


def _sequences(
    got: Any, expected: list[Any] | tuple[Any, ...], tol: Tol, dtype: bool, where: Place
) -> Mismatch | None:
    if not isinstance(got, (list, tuple)) or _another(got, expected, tol):
        return _type(got, expected, where)
    if len(got) != len(expected):
        return Mismatch(
            "shape",
            f"wrong length{where.words}: got {len(got)} elements, expected {len(expected)}"
            + _first_other(got, expected),
            where,
        )
    off = []
    for i, (g, e) in enumerate(zip(got, expected, strict=True)):
        mismatch = compare(g, e, tol, dtype, where.item(i, len(expected)))
        if mismatch:
            off.append(mismatch)
            if where is NOWHERE:
                break
    if len(off) > 1 and len(expected) > 4 and off[0].kind == "value":
        many = f"\n({len(off)} of {len(expected)} elements differ)"
        return Mismatch(off[0].kind, off[0].message + many, off[0].where)
    return off[0] if off else None


def _first_other(got: Any, expected: Any) -> str:
    if all(isinstance(x, (int, str, bytes, float)) for x in (*got, *expected)):
        return f"\n  got       {short(list(got))}\n  expected  {short(list(expected))}"
    return ""


def _dicts(
    got: Any, expected: dict[Any, Any], tol: Tol, dtype: bool, where: Place
) -> Mismatch | None:
    if not isinstance(got, dict):
        return _type(got, expected, where)
    lacking = [k for k in expected if k not in got]
    extra = [k for k in got if k not in expected]
    if lacking or extra:
        parts = []
        if lacking:
            parts.append(f"missing {short(lacking)}")
        if extra:
            parts.append(f"unexpected {short(extra)}")
        return Mismatch("shape", f"wrong keys{where.words}: {'; '.join(parts)}", where)
    if tol.types is not None and (off := _other_kind(got, expected)):
        return _instead(f"the key {off[0]}", off[1], where)
    for key, e in expected.items():
        mismatch = compare(got[key], e, tol, dtype, where.key(key))
        if mismatch:
            return mismatch
    return None


def _other_kind(got: Collection[Any], expected: Collection[Any]) -> tuple[str, str] | None:
    """Two equal keys or members of different types: True is found where 1 is looked for, and 1.0, too."""
    kinds = {key: _kinds(key) for key in got}
    for key in expected:
        if kinds[key] != _kinds(key):
            mine = next(k for k in got if k == key)
            return f"{short(mine)}, {kind_of(mine)}", f"{short(key)}, {kind_of(key)}"
    return None


def _kinds(key: Any) -> Any:
    """The type of a key, and those inside a tuple. numpy's float64 is one of Python's floats."""
    if isinstance(key, tuple):
        return tuple(_kinds(item) for item in key)
    return float if isinstance(key, float) else type(key)


def _sets(got: set[Any], expected: set[Any], where: Place) -> Mismatch:
    lacking, extra = expected - got, got - expected
    return Mismatch(
        "value",
        f"wrong members{where.words}:"
        + (f" missing {short(_sorted(lacking))}" if lacking else "")
        + (f" unexpected {short(_sorted(extra))}" if extra else ""),
        where,
    )


def _sorted(items: set[Any]) -> list[Any]:
    return sorted(items, key=repr)


def _text(got: Any, expected: Any, where: Place) -> Mismatch:
    message = f"wrong value{where.words}: got {short(got)}, expected {short(expected)}"
    if isinstance(got, (str, bytes)) and len(expected) > 30:
        at = next(
            (i for i, (g, e) in enumerate(zip(got, expected, strict=False)) if g != e),
            min(len(got), len(expected)),
        )
        message = (
            f"wrong value{where.words}: differs from character {at} on\n"
            f"  got       ...{short(got[max(0, at - 10) : at + 30])}\n"
            f"  expected  ...{short(expected[max(0, at - 10) : at + 30])}"
        )
    return Mismatch("value", message, where)


def _numbers(got: Any, expected: Any, tol: Tol, where: Place) -> Mismatch | None:
    if isinstance(got, bool) or not isinstance(got, (int, float, complex)):
        return _type(got, expected, where)
    if isinstance(expected, int):
        if not isinstance(got, int):
            return _type(got, expected, where)
        return None if got == expected else _off(got, expected, where)
    if isinstance(got, complex) and not isinstance(expected, complex):
        return _type(got, expected, where)
    if isinstance(got, int) and got.bit_length() > 1000:
        return _off(got, expected, where)
    bad_got, bad_expected = not _finite(got), not _finite(expected)
    if bad_got or bad_expected:
        same = str(complex(got)) == str(complex(expected))
        kind = "nan" if bad_got and not bad_expected else "value"
        return (
            None
            if same
            else Mismatch(kind, f"got {got}{where.words}, expected {number(expected)}", where)
        )
    rtol = RTOL[torch.float64] if tol.rtol is None else tol.rtol
    try:
        if got == expected or abs(got - expected) <= tol.atol + rtol * abs(expected):
            return None
    except OverflowError:  # the size of an enormous complex number, or the distance of two
        pass
    return _off(got, expected, where)


def _finite(value: Any) -> bool:
    value = complex(value)
    return math.isfinite(value.real) and math.isfinite(value.imag)


def _off(got: Any, expected: Any, where: Place) -> Mismatch:
    # more digits when the short form would show the same number twice
    g, e = number(got), number(expected)
    if g == e:
        g, e = number(got, 17), number(expected, 17)
    return Mismatch("value", f"wrong value{where.words}: got {g}, expected {e}", where)


def _arrays(
    got: np.ndarray, expected: np.ndarray, tol: Tol, dtype: bool, where: Place
) -> Mismatch | None:
    if got.dtype != expected.dtype and dtype and got.shape == expected.shape:
        return Mismatch(
            "dtype",
            f"wrong dtype{where.words}: got {got.dtype.name}, expected {expected.dtype.name}",
            where,
        )
    try:
        return _tensors(torch.from_numpy(got), torch.from_numpy(expected), tol, dtype, where)
    except TypeError:
        return None if np.array_equal(got, expected) else _text(got, expected, where)


def _tensors(
    got: torch.Tensor, expected: torch.Tensor, tol: Tol, dtype: bool, where: Place
) -> Mismatch | None:
    if got.shape != expected.shape:
        return Mismatch(
            "shape",
            f"wrong shape{where.words}: got {tuple(got.shape)}, expected {tuple(expected.shape)}",
            where,
        )
    both_float = got.dtype.is_floating_point and expected.dtype.is_floating_point
    if got.dtype != expected.dtype and (dtype or not both_float):
        return Mismatch(
            "dtype",
            f"wrong dtype{where.words}: got {dtype_name(got.dtype)}, expected {dtype_name(expected.dtype)}",
            where,
        )
    rtol = tol.rtol
    if rtol is None:
        rtol = max(RTOL.get(got.dtype, 0.0), RTOL.get(expected.dtype, 0.0))
    if not expected.dtype.is_floating_point and not expected.dtype.is_complex:
        wrong = got != expected
        return _elements(got, expected, wrong, where) if wrong.any() else None
    g = got.to(torch.complex128 if got.is_complex() else torch.float64)
    e = expected.to(torch.complex128 if expected.is_complex() else torch.float64)
    g_nan, e_nan = g.isnan(), e.isnan()
    if (g_nan & ~e_nan).any():
        at = _index((g_nan & ~e_nan).nonzero()[0])
        count = int((g_nan & ~e_nan).sum())
        return Mismatch(
            "nan",
            f"NaN{where.words}: {count} of {g.numel()} elements are not a number, the first at "
            f"{at}, where {number(e[tuple((g_nan & ~e_nan).nonzero()[0])].item())} was expected",
            where,
        )
    finite = e.isfinite()
    scale = float(e[finite].abs().max()) if finite.any() else 0.0
    near = (g - e).abs() <= tol.atol + rtol * scale
    wrong = ~torch.where(finite, near & g.isfinite(), (g == e) | (g_nan & e_nan))
    return _elements(g, e, wrong, where) if wrong.any() else None


def _elements(g: torch.Tensor, e: torch.Tensor, wrong: torch.Tensor, where: Place) -> Mismatch:
    if where is NOWHERE:
        return Mismatch("value", "")
    count, total = int(wrong.sum()), wrong.numel()
    first = wrong.nonzero()[0]
    if g.is_complex() or e.is_complex():
        distance = (g - e).abs()
    else:
        distance = (g.double() - e.double()).abs()
    distance = distance.nan_to_num(nan=math.inf)
    distance = torch.where(wrong, distance, torch.full_like(distance, -1.0))
    worst = (distance == distance.max()).nonzero()[0]

    def line(label: str, at: torch.Tensor) -> str:
        a, b = g[tuple(at)].item(), e[tuple(at)].item()
        short_a, short_b = number(a), number(b)
        if short_a == short_b:
            short_a, short_b = number(a, 12), number(b, 12)
        place = f" at {_index(at)}" if g.dim() else ""
        return f"{label}{place}: got {short_a}, expected {short_b}"

    head = f"wrong values{where.words}: {count} of {total} elements differ"
    if total == 1:
        return Mismatch("value", line(f"wrong value{where.words}", first), where)
    lines = [head, line("  the first", first)]
    if not torch.equal(first, worst):
        lines.append(line("  the largest difference", worst))
    return Mismatch("value", "\n".join(lines), where)


def _index(at: torch.Tensor) -> str:
    return "[" + ", ".join(str(int(i)) for i in at) + "]"
