"""Something that may be said of some cases, and what may be said where an argument is a number."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from operator import eq, gt, lt
from typing import Any

LARGE = 50  # exp() of numbers that are further apart soon is 0 or infinite
FAR = f"further than {LARGE} from 0"
NEARLY = "is nearly 0, but not 0"
HUGE = 2**53  # integers from there on are not looked at
COUNTED = 10_000  # larger whole numbers are seeds and the like: which is more says nothing
TINY = 1e-6  # what is nearer to 0, and not 0, some take for it
# whole numbers that are names: one of them may be another's, but which is more, or odd, says nothing
IDS = re.compile(r"\b(pad|end|eot|eos|bos|unk|seed|equals|token_id)\b")


@dataclass(frozen=True)
class Feature:
    """Something that is true of some cases.

    Attributes:
        rank: the lower, the simpler.
        words: "`h` is negative".
        holds: for each case, whether it is true.
        chance: whether it may well come about by chance, as the signs of random numbers do; such a
            feature tells something only if it divides several from several.
        fixed: whether it names one number of many: it is told of right cases alone, where somebody may have
            written that number into the code. Why should 2 be wrong, where 1 and 3 are right?
    """

    rank: int
    words: str
    holds: tuple[bool, ...] = field(repr=False)
    chance: bool = False
    fixed: bool = False

    @property
    def subject(self) -> str:
        """The argument that is spoken of: "x", also of "`len(x)` is more than 3"."""
        return re.sub(r"^`(?:len\()?", "", self.words).split("`")[0].split(".shape")[0].rstrip(")")


def is_number(value: Any) -> bool:
    if isinstance(value, int):
        return not isinstance(value, bool) and abs(value) < HUGE
    return isinstance(value, float)


def of_numbers(
    name: str, values: tuple[Any, ...], rank: int = 3, sizes: bool = False
) -> Iterator[Feature]:
    """Of a number: its sign, 0 and 1, whole or not, large, odd, more than others; of sizes, less."""

    def ask(by: int, words: str, test: Callable[[Any], bool], chance: bool = False) -> Feature:
        holds = tuple(is_number(v) and test(v) for v in values)
        return Feature(rank + by, f"`{name}` {words}", holds, chance)

    yield ask(0, "is 0", lambda v: v == 0)
    yield ask(0, "is negative", lambda v: v < 0)
    yield ask(1, "is 1", lambda v: v == 1)
    yield ask(1, "is positive", lambda v: v > 0)
    yield ask(2, "is not a whole number", lambda v: math.isfinite(v) and v != int(v), True)
    yield ask(2, "is NaN or infinite", lambda v: not math.isfinite(v))
    yield ask(3, NEARLY, lambda v: 0 < abs(v) < TINY)
    yield ask(3, f"is {FAR}", lambda v: abs(v) > LARGE)
    whole = [v for v in values if isinstance(v, int)]
    for each in sorted(set(whole)):
        if each not in (0, 1):
            one = ask(4, f"is {each}", partial(eq, each), True)
            yield replace(one, fixed=True)
    small = [v for v in whole if abs(v) <= COUNTED]
    if IDS.search(name) or 2 * len(small) < len(whole):
        return
    if not sizes:
        yield ask(5, "is odd", lambda v: isinstance(v, int) and v % 2 == 1, True)
        yield ask(5, "is even", lambda v: isinstance(v, int) and v % 2 == 0, True)
    for bound in sorted(set(small)):  # not of random floats: a border between them says nothing
        yield ask(6, f"is more than {bound}", partial(lt, bound), True)
        yield ask(6, f"is less than {bound}", partial(gt, bound), True)
