"""Compares what came back with what was expected, as plain data, and says what is off first.

Order, stopping at the first: type, shape, dtype, NaN, values. Lists and tuples are the same thing;
a 0-d tensor or numpy scalar may stand where a Python number is expected; nothing else is forgiven.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from graders.authoring import Tol
from graders.ground.wire import Unsupported

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
        where: the path inside the result ("", "[0]", "['W1']").
    """

    kind: str
    message: str
    where: str = ""


def compare(
    got: Any, expected: Any, tol: Tol | None = None, dtype: bool = True, where: str = ""
) -> Mismatch | None:
    """None if ``got`` is as good as ``expected``, else the first mismatch."""
    tol = tol or Tol()
    if isinstance(expected, Unsupported):
        return Mismatch("type", "the reference returned something that cannot be sent", where)
    if isinstance(got, Unsupported):
        return _type(got, expected, where)
    if isinstance(expected, torch.Tensor):
        if not isinstance(got, torch.Tensor):
            return _type(got, expected, where)
        return _tensors(got.detach(), expected.detach(), tol, dtype, where)
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
        return None if got == expected else _sets(set(got), set(expected), where)
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


def _scalar(value: Any) -> Any:
    """Python's own number for a numpy scalar or 0-d tensor or array; anything else unchanged."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, torch.Tensor) and value.dim() == 0:
        return value.detach().item()
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return value.item()
    return value


def kind_of(value: Any) -> str:
    """What something is, in words: "a tensor of shape (3, 2)", "a list of 4", "None"."""
    if isinstance(value, Unsupported):
        return f"{_a(value.type_name)} {value.type_name}"
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}, {_dtype(value.dtype)}"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape}, {value.dtype.name}"
    if isinstance(value, (list, tuple, set, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    names = {"str": "string", "bool": "True/False value", "int": "whole number (int)"}
    name = names.get(type(value).__name__, type(value).__name__)
    return f"{_a(name)} {name}"


def _a(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"


def _dtype(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _of(where: str) -> str:
    return f" in result{where}" if where else ""


def _type(got: Any, expected: Any, where: str) -> Mismatch:
    message = f"wrong type{_of(where)}: got {kind_of(got)}, expected {kind_of(expected)}"
    if got is None and not where:
        message += " (is the `return` missing?)"
    return Mismatch("type", message, where)


def _sequences(
    got: Any, expected: list[Any] | tuple[Any, ...], tol: Tol, dtype: bool, where: str
) -> Mismatch | None:
    if not isinstance(got, (list, tuple)):
        return _type(got, expected, where)
    if len(got) != len(expected):
        return Mismatch(
            "shape",
            f"wrong length{_of(where)}: got {len(got)} elements, expected {len(expected)}"
            + _first_other(got, expected),
            where,
        )
    off = []
    for i, (g, e) in enumerate(zip(got, expected, strict=True)):
        mismatch = compare(g, e, tol, dtype, f"{where}[{i}]")
        if mismatch:
            off.append(mismatch)
    if len(off) > 1 and len(expected) > 4 and off[0].kind == "value":
        many = f"\n({len(off)} of {len(expected)} elements differ)"
        return Mismatch(off[0].kind, off[0].message + many, off[0].where)
    return off[0] if off else None


def _first_other(got: Any, expected: Any) -> str:
    if all(isinstance(x, (int, str, bytes, float)) for x in (*got, *expected)):
        return f"\n  got       {_short(list(got))}\n  expected  {_short(list(expected))}"
    return ""


def _dicts(
    got: Any, expected: dict[Any, Any], tol: Tol, dtype: bool, where: str
) -> Mismatch | None:
    if not isinstance(got, dict):
        return _type(got, expected, where)
    lacking = [k for k in expected if k not in got]
    extra = [k for k in got if k not in expected]
    if lacking or extra:
        parts = []
        if lacking:
            parts.append(f"missing {_short(lacking)}")
        if extra:
            parts.append(f"unexpected {_short(extra)}")
        return Mismatch("shape", f"wrong keys{_of(where)}: {'; '.join(parts)}", where)
    for key, e in expected.items():
        mismatch = compare(got[key], e, tol, dtype, f"{where}[{key!r}]")
        if mismatch:
            return mismatch
    return None


def _sets(got: set[Any], expected: set[Any], where: str) -> Mismatch:
    lacking, extra = expected - got, got - expected
    return Mismatch(
        "value",
        f"wrong members{_of(where)}:"
        + (f" missing {_short(_sorted(lacking))}" if lacking else "")
        + (f" unexpected {_short(_sorted(extra))}" if extra else ""),
        where,
    )


def _sorted(items: set[Any]) -> list[Any]:
    return sorted(items, key=repr)


def _text(got: Any, expected: Any, where: str) -> Mismatch:
    message = f"wrong value{_of(where)}: got {_short(got)}, expected {_short(expected)}"
    if isinstance(got, (str, bytes)) and len(expected) > 30:
        at = next(
            (i for i, (g, e) in enumerate(zip(got, expected, strict=False)) if g != e),
            min(len(got), len(expected)),
        )
        message = (
            f"wrong value{_of(where)}: differs from character {at} on\n"
            f"  got       ...{_short(got[max(0, at - 10) : at + 30])}\n"
            f"  expected  ...{_short(expected[max(0, at - 10) : at + 30])}"
        )
    return Mismatch("value", message, where)


def _numbers(got: Any, expected: Any, tol: Tol, where: str) -> Mismatch | None:
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
            else Mismatch(kind, f"got {got}{_of(where)}, expected {_number(expected)}", where)
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


def _off(got: Any, expected: Any, where: str) -> Mismatch:
    # more digits when the short form would show the same number twice
    g, e = _number(got), _number(expected)
    if g == e:
        g, e = _number(got, 17), _number(expected, 17)
    return Mismatch("value", f"wrong value{_of(where)}: got {g}, expected {e}", where)


def _arrays(
    got: np.ndarray, expected: np.ndarray, tol: Tol, dtype: bool, where: str
) -> Mismatch | None:
    if got.dtype != expected.dtype and dtype and got.shape == expected.shape:
        return Mismatch(
            "dtype",
            f"wrong dtype{_of(where)}: got {got.dtype.name}, expected {expected.dtype.name}",
            where,
        )
    try:
        return _tensors(torch.from_numpy(got), torch.from_numpy(expected), tol, dtype, where)
    except TypeError:
        return None if np.array_equal(got, expected) else _text(got, expected, where)


def _tensors(
    got: torch.Tensor, expected: torch.Tensor, tol: Tol, dtype: bool, where: str
) -> Mismatch | None:
    if got.shape != expected.shape:
        return Mismatch(
            "shape",
            f"wrong shape{_of(where)}: got {tuple(got.shape)}, expected {tuple(expected.shape)}",
            where,
        )
    both_float = got.dtype.is_floating_point and expected.dtype.is_floating_point
    if got.dtype != expected.dtype and (dtype or not both_float):
        return Mismatch(
            "dtype",
            f"wrong dtype{_of(where)}: got {_dtype(got.dtype)}, expected {_dtype(expected.dtype)}",
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
            f"NaN{_of(where)}: {count} of {g.numel()} elements are not a number, the first at "
            f"{at}, where {_number(e[tuple((g_nan & ~e_nan).nonzero()[0])].item())} was expected",
            where,
        )
    finite = e.isfinite()
    scale = float(e[finite].abs().max()) if finite.any() else 0.0
    near = (g - e).abs() <= tol.atol + rtol * scale
    wrong = ~torch.where(finite, near & g.isfinite(), (g == e) | (g_nan & e_nan))
    return _elements(g, e, wrong, where) if wrong.any() else None


def _elements(g: torch.Tensor, e: torch.Tensor, wrong: torch.Tensor, where: str) -> Mismatch:
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
        short_a, short_b = _number(a), _number(b)
        if short_a == short_b:
            short_a, short_b = _number(a, 12), _number(b, 12)
        place = f" at {_index(at)}" if g.dim() else ""
        return f"  {label}{place}: got {short_a}, expected {short_b}"

    head = f"wrong values{_of(where)}: {count} of {total} elements differ"
    if total == 1:
        return Mismatch("value", f"wrong value{_of(where)}:{line('', first)[3:]}", where)
    lines = [head, line("the first", first)]
    if not torch.equal(first, worst):
        lines.append(line("the largest difference", worst))
    return Mismatch("value", "\n".join(lines), where)


def _index(at: torch.Tensor) -> str:
    return "[" + ", ".join(str(int(i)) for i in at) + "]"


def _number(value: Any, digits: int = 6) -> str:
    if isinstance(value, (bool, int)):
        return str(value) if abs(value) < 10**20 else f"{value.bit_length()}-bit integer"
    if isinstance(value, float):
        text = f"{value:.{digits}g}"
        return text if any(c in text for c in ".en") else text + ".0"
    return str(value)


def _short(value: Any, limit: int = 160) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def show_case(case: dict[str, Any]) -> str:
    """The arguments of a case in words: small ones as they are, large ones by shape."""
    return ", ".join(f"{name}={show_value(value)}" for name, value in case.items())


def show_value(value: Any, limit: int = 60) -> str:
    """One value, short enough for a line."""
    if isinstance(value, torch.Tensor):
        if value.numel() <= 6 and value.dim() <= 2:
            numbers = value.detach().tolist()
            text = re_spaced(_round(numbers))
            usual = value.dtype in (torch.float64, torch.int64)
            suffix = "" if usual else f", {_dtype(value.dtype)}"
            return f"tensor({text}{suffix})"
        return f"{_dtype(value.dtype)} tensor {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name} array {value.shape}"
    if isinstance(value, float):
        return _number(value)
    text = re_spaced(_round(value)) if isinstance(value, (list, tuple)) else repr(value)
    if len(text) <= limit:
        return text
    if isinstance(value, (list, tuple, dict, set, str, bytes)):
        return f"{text[: limit - 20]}... ({type(value).__name__} of {len(value)})"
    return text[: limit - 3] + "..."


def _round(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_round(v) for v in value)
    return float(f"{value:.4g}") if isinstance(value, float) else value


def re_spaced(value: Any) -> str:
    """repr, with tensors inside lists shown by shape."""
    if isinstance(value, (list, tuple)):
        inner = ", ".join(re_spaced(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return show_value(value, 200) if isinstance(value, torch.Tensor) else repr(value)
