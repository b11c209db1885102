"""How values are said: what kind they are, a number, the arguments of a case, a place inside a result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from graders.ground.wire import Unsupported
from graders.instead import a


@dataclass(frozen=True)
class Place:
    """Where inside a result something is.

    Attributes:
        path: keys of dicts, and (index, length) for lists.
        own: whether the result is what the learner's function returned. If a scenario put it together,
            ``result[2]`` is nothing that a learner has ever seen.
    """

    path: tuple[Any, ...] = ()
    own: bool = True

    def __bool__(self) -> bool:
        return bool(self.path)

    def item(self, index: int, length: int) -> Place:
        return Place((*self.path, (index, length)), self.own)

    def key(self, key: Any) -> Place:
        return Place((*self.path, _Key(key)), self.own)

    def __str__(self) -> str:
        """ "[0]['W1']" """
        return "".join(f"[{p.key!r}]" if isinstance(p, _Key) else f"[{p[0]}]" for p in self.path)

    @property
    def words(self) -> str:
        """What follows the head of a sentence: " in result[0]", or " ('grads', item 1 of 3)"."""
        if not self.path:
            return ""
        if self.own:
            return f" in result{self}"
        said = [
            repr(p.key) if isinstance(p, _Key) else f"item {p[0] + 1} of {p[1]}" for p in self.path
        ]
        return f" ({', '.join(said)})"


class _Nowhere(Place):
    """Of a comparison of which nobody reads the words: only whether it comes out even."""

    def item(self, index: int, length: int) -> Place:
        return self

    def key(self, key: Any) -> Place:
        return self


NOWHERE = _Nowhere()


@dataclass(frozen=True)
class _Key:
    key: Any


def kind_of(value: Any) -> str:
    """What something is, in words: "a tensor of shape (3, 2)", "a list of 4", "None"."""
    if isinstance(value, Unsupported):
        return a(value.type_name)
    if value is None:
        return "None"
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}, {dtype_name(value.dtype)}"
    if isinstance(value, np.ndarray):
        return f"a numpy array of shape {value.shape}, {value.dtype.name}"
    if isinstance(value, (list, tuple, set, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return "bytes" if isinstance(value, bytes) else a(type(value).__name__)


def dtype_name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def number(value: Any, digits: int = 6) -> str:
    if isinstance(value, (bool, int)):
        return str(value) if abs(value) < 10**20 else f"{value.bit_length()}-bit integer"
    if isinstance(value, float):
        text = f"{value:.{digits}g}"
        return text if any(c in text for c in ".en") else text + ".0"
    return str(value)


def short(value: Any, limit: int = 160) -> str:
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def show_case(case: dict[str, Any]) -> str:
    """The arguments of a case in words: small ones as they are, large ones by shape."""
    return ", ".join(f"{name}={show_value(value)}" for name, value in case.items())


MAX_CALL = 100  # characters of a call that is shown as one would type it


def show_call(function: str, case: dict[str, Any]) -> str:
    """A call as one would type it, numbers rounded: "scale(x=2.0)"; "" if an argument is too large."""
    arguments = []
    for name, value in case.items():
        said = show_value(value)
        if isinstance(value, torch.Tensor):
            if not said.startswith("tensor("):
                return ""
            numbers = _spaced(_round(value.detach().tolist()))
            usual = value.dtype in (torch.int64, torch.bool)
            said = f"torch.tensor({numbers}{'' if usual else f', dtype={value.dtype}'})"
        elif not isinstance(value, TYPED) or _holds_more(value) or _is_cut(value, said):
            return ""
        arguments.append(f"{name}={said}")
    call = f"{function}({', '.join(arguments)})"
    return call if len(call) <= MAX_CALL else ""


TYPED = (int, float, str, bytes, list, tuple, dict, set, type(None))


def _holds_more(value: Any) -> bool:
    """Whether in a list, say, there is something that cannot be typed as it is shown."""
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, (list, tuple, set)):
        return any(not isinstance(x, TYPED) or _holds_more(x) for x in value)
    return False


def _is_cut(value: Any, said: str) -> bool:
    return said != show_value(value, 10**6)


def show_value(value: Any, limit: int = 60) -> str:
    """One value, short enough for a line."""
    if isinstance(value, torch.Tensor):
        if value.numel() <= 6 and value.dim() <= 2:
            numbers = value.detach().tolist()
            text = _spaced(_round(numbers))
            usual = value.dtype in (torch.float64, torch.int64)
            suffix = "" if usual else f", {dtype_name(value.dtype)}"
            return f"tensor({text}{suffix})"
        return f"{dtype_name(value.dtype)} tensor {tuple(value.shape)}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype.name} array {value.shape}"
    if isinstance(value, float):
        return number(value)
    text = _spaced(_round(value)) if isinstance(value, (list, tuple)) else repr(value)
    if len(text) <= limit:
        return text
    if isinstance(value, (list, tuple, dict, set, str, bytes)):
        return f"{text[: limit - 20]}... ({type(value).__name__} of {len(value)})"
    return text[: limit - 3] + "..."


def _round(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return type(value)(_round(v) for v in value)
    return float(f"{value:.4g}") if isinstance(value, float) else value


def _spaced(value: Any) -> str:
    """repr, with tensors inside lists shown by shape."""
    if isinstance(value, (list, tuple)):
        inner = ", ".join(_spaced(v) for v in value)
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' * (len(value) == 1)})"
    return show_value(value, 200) if isinstance(value, torch.Tensor) else repr(value)
