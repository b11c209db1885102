"""What can be wrong with an answer, whatever it is: another type, dtype or shape, no graph, a cut edge."""

from __future__ import annotations

import re
from typing import Any

import torch

from graders.core.compare import RTOL
from graders.core.mutants.places import Call
from graders.core.mutants.values import (
    SAME,
    Change,
    attributes,
    deep,
    differ,
    inside,
    is_data,
    shares,
    tensors,
)  # fmt: skip

OTHER = {
    torch.float64: torch.float32,
    torch.float32: torch.float64,
    torch.int64: torch.int32,
    torch.int32: torch.int64,
    torch.bfloat16: torch.float32,
    torch.float16: torch.float32,
    torch.bool: torch.uint8,
}


def _as(kind: type, other: type) -> Change:
    return lambda v: other(v) if type(v) is kind else SAME


def _number(kind: type, make: Change) -> Change:
    return lambda v: make(v) if type(v) is kind else SAME


def _whole(v: Any) -> Any:
    return v.item() if isinstance(v, torch.Tensor) and v.dim() == 0 else SAME


def _tells(a: Any, b: Any) -> bool:
    """Whether two numbers or float tensors are further apart than any comparison forgives."""
    x, y = (torch.as_tensor(v).detach() for v in (a, b))
    x64, y64 = x.double(), y.double()
    if x64.shape != y64.shape or (x64.isfinite() != y64.isfinite()).any():
        return True
    scale = float(x64[x64.isfinite()].abs().max()) if x64.isfinite().any() else 0.0
    apart = (x64 - y64)[x64.isfinite()].abs()
    room = 3 * (RTOL[torch.float64] if x.dtype == torch.float64 or not x.ndim else RTOL[x.dtype])
    return bool((apart > 1e-11 + room * scale).any())


def _tensor(change: Change, wanted: Change = lambda v: True) -> Change:
    """A change of float tensors that counts where it changes something."""

    def made(v: Any) -> Any:
        if not isinstance(v, torch.Tensor) or not v.is_floating_point() or not wanted(v):
            return SAME
        if not v.numel():
            return SAME
        new = change(v)
        other = v.requires_grad != new.requires_grad
        return new if other or _tells(v, new) else SAME

    return made


def _float(change: Change) -> Change:
    """A change of float tensors that is one of floats too."""
    of_tensors = _tensor(change)

    def made(v: Any) -> Any:
        if type(v) is float:
            new = float(change(torch.tensor(v, dtype=torch.float64)))
            return new if _tells(torch.tensor(v).double(), torch.tensor(new).double()) else SAME
        return of_tensors(v)

    return made


def _dtype(v: Any) -> Any:
    return v.to(OTHER[v.dtype]) if isinstance(v, torch.Tensor) and v.dtype in OTHER else SAME


def _squeezed(v: Any) -> Any:
    return v.squeeze() if isinstance(v, torch.Tensor) and 1 in v.shape else SAME


def _sorted(v: Any) -> Any:
    if type(v) not in (list, tuple) or len(v) < 2:
        return SAME
    try:
        new = type(v)(sorted(v))
    except Exception:
        return SAME
    return new if differ(v, new) else SAME


def _no_repeats(v: Any) -> Any:
    if type(v) not in (list, tuple):
        return SAME
    try:
        new = type(v)(dict.fromkeys(v))
    except Exception:
        return SAME
    return new if len(new) < len(v) else SAME


def _stripped(v: Any) -> Any:
    return v.strip() if isinstance(v, (str, bytes)) and v.strip() != v else SAME


ROUNDINGS: dict[str, Change] = {
    "in float32": _float(lambda t: t.float().to(t.dtype)),
    "rounded to 4 digits": _float(lambda t: (t * 1e4).round() / 1e4),
    "absolute": _float(torch.abs),
    "clamped at 1e-8": _float(lambda t: torch.where((t >= 0) & (t < 1e-8), t * 0 + 1e-8, t)),
    "clamped at 100": _float(lambda t: t.clamp(-100, 100)),
    "nan_to_num": _float(torch.nan_to_num),
}
LISTS: dict[str, Change] = {
    "sorted": _sorted,
    "without repeats": _no_repeats,
    "stripped": _stripped,
}
LEAVES: dict[str, Change] = {
    **ROUNDINGS,
    **LISTS,
    "tuple for list": _as(list, tuple),
    "list for tuple": _as(tuple, list),
    "tensor for float": _number(float, lambda v: torch.tensor(v, dtype=torch.float64)),
    "tensor for int": _number(int, torch.tensor),
    "float for int": _number(int, float),
    "int for bool": _number(bool, int),
    "float for tensor": _whole,
    "another dtype": _dtype,
    "squeezed": _squeezed,
    "detached": _tensor(torch.Tensor.detach, lambda v: v.requires_grad),
}  # fmt: skip
# the order of a dict's keys and whether a number is a whole one are nobody's mistake: not looked for


def named(call: Call, attribute: str) -> bool:
    """Whether a docstring speaks of an attribute; what it does not is the learner's own affair."""
    return re.search(rf"\b{attribute}\b", str(call.memory.kept.get("said", ""))) is not None


def changed_answer(name: str, change: Change) -> Any:
    """The function (call, answer) -> another answer, or SAME; of an __init__, what it leaves in self."""

    lists = not name.startswith("tensor for")  # in a list, tensors of one number do no harm

    def made(call: Call, answer: Any) -> Any:
        if answer is None and call.method and call.function.__name__ == "__init__":
            hit = False
            for key, value in attributes(call.self).items():
                # the mode is set by nn.Module, not by who writes its __init__
                mode = key == "training" and isinstance(call.self, torch.nn.Module)
                if mode or isinstance(value, torch.nn.Parameter) or not named(call, key):
                    continue
                new = deep(value, change, lists)
                if new is not SAME:
                    hit = True
                    if call.memory.kept.get("really"):
                        setattr(call.self, key, new)
            return None if hit else SAME
        return deep(answer, change, lists)

    return made


def _inner(kind: type, other: type) -> Any:
    return lambda call, answer: inside(answer, _as(kind, other))


SAYS_NONE = (
    r"[Rr]eturns?:?[^.]*\bNone\b"  # what returns nothing, and does not say so, may return itself
)


def _none(call: Call, answer: Any) -> Any:
    name = call.function.__name__
    if answer is not None or name in ("__init__", "__setattr__", "__setitem__"):
        return SAME
    if not re.search(SAYS_NONE, call.function.__doc__ or ""):
        return SAME
    return call.self if call.method else 0


def _none_is(thing: str) -> Any:
    def made(call: Call, answer: Any) -> Any:
        if answer is not None or call.function.__name__.startswith("__"):
            return SAME
        if not re.search(SAYS_NONE, call.function.__doc__ or ""):
            return SAME
        if thing == "an argument":
            return next(iter(call.arguments.values()), SAME)
        return True

    return made


NEW_THING = (
    r"\bnew (tensors?|lists?|dicts?|arrays?)\b|(?<!item )\bof (its|their) own\b|\bcop(y|ies)\b"
)
# "x.view(2, 3)" is a call, what "may share" need not, and share_of_batch is a name
SAME_THING = (
    r"\bviews?\b(?!\()|\bitself\b(?! stays)|(?<!may )\bshare[ds]?\b|\bsame (tensor|object|list|memory)"
    r"|in place|no copy"
)


def _things(call: Call) -> list[torch.Tensor]:
    held = tensors(list(call.arguments.values()))
    return held + (tensors(attributes(call.self)) if call.method else [])


def _cloned(call: Call, answer: Any) -> Any:
    """A copy where the docstring asks for something that was there before."""
    if not re.search(SAME_THING, str(call.memory.kept.get("said", ""))):
        return SAME
    things = _things(call)
    lists = [v for v in call.arguments.values() if type(v) in (list, dict)]

    def change(v: Any) -> Any:
        if isinstance(v, torch.Tensor) and any(v is t or shares(v, t) for t in things):
            return v.clone()
        if type(v) in (list, dict) and any(v is t for t in lists):
            return v.copy()
        return SAME

    return deep(answer, change)


def _itself(call: Call, answer: Any) -> Any:
    """An argument, where the answer equals it, and the docstring says that it is another."""
    if not re.search(NEW_THING, call.function.__doc__ or ""):
        return SAME
    mine = [v for v in call.arguments.values() if isinstance(v, (torch.Tensor, list, dict))]

    def change(v: Any) -> Any:
        if not isinstance(v, (torch.Tensor, list, dict)) or not is_data(v):
            return SAME
        if isinstance(v, torch.Tensor) and not v.numel():  # nobody can write to it
            return SAME
        for t in mine:
            if isinstance(v, torch.Tensor) and (
                v is t or shares(v, t) if isinstance(t, torch.Tensor) else True
            ):
                continue
            if v is not t and not differ(v, t):
                return t
        return SAME

    return deep(answer, change)


def _itself_in(call: Call, answer: Any) -> Any:
    """The memory of an argument that has the answer's form."""

    def change(v: Any) -> Any:
        if not isinstance(v, torch.Tensor) or v.requires_grad:
            return SAME
        for t in tensors(list(call.arguments.values())):
            fits = t.shape == v.shape and t.dtype == v.dtype and not t.requires_grad
            if fits and not shares(t, v) and t.numel() and differ(t, v):
                if call.memory.kept.get("really"):
                    t.data.copy_(v)
                return t
        return SAME

    return deep(answer, change)


_graph = _tensor(
    lambda v: v.clone().requires_grad_(), lambda v: not v.requires_grad and not v.is_inference()
)
SAYS_PLAIN = (
    r"without (a )?(gradient|graph)|requires_grad is False|\bdetached\b|no (gradient|graph)\b"
)


def _requires(call: Call, answer: Any) -> Any:
    """A graph, where nothing that was given has one, or where the docstring wants none."""
    given = any(t.requires_grad for t in _things(call))
    if given and not re.search(SAYS_PLAIN, str(call.memory.kept.get("said", ""))):
        return SAME
    return _changed_graph(call, answer)


_changed_graph = changed_answer("requires a gradient", _graph)
ANSWERS: dict[str, Any] = {
    **{name: changed_answer(name, change) for name, change in LEAVES.items()},
    "requires a gradient": _requires,
    "tuple for list, inside": _inner(list, tuple),
    "list for tuple, inside": _inner(tuple, list),
    "something for None": _none,
    "an argument for None": _none_is("an argument"),
    "True for None": _none_is("True"),
    "a copy": _cloned,
    "an argument itself": _itself,
    "in an argument's memory": _itself_in,
}
