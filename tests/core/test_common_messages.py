"""Common messages are explained: each is raised here by the very act that it is known for."""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from graders.core.common_messages import PATTERNS, explained
from graders.core.verdict import describe_exception


class Value:
    def __init__(self, data: float) -> None:
        self.data = data

    def double(self) -> float:
        return 2 * self.data


class NoSuper(nn.Module):
    def __init__(self) -> None:
        self.layer = nn.Linear(1, 1)


class NoForward(nn.Module):
    pass


def assigned_later() -> int:
    total = total + 1  # type: ignore[has-type]  # noqa: F821
    return total


def twice() -> None:
    loss = (torch.ones(2, requires_grad=True) ** 2).sum()
    loss.backward()
    loss.backward()


def overwritten() -> None:
    y = torch.ones(2, requires_grad=True).exp()
    y += 1
    y.sum().backward()


def shrinking() -> None:
    d = {1: 2}
    for _ in d:
        d.clear()


ONES = torch.ones
NONE: Any = None
ANY: Any = 3
ACTS: list[tuple[Callable[[], Any], str]] = [
    (lambda: ONES(1).backward(), "no graph behind this tensor"),
    (twice, "Compute the loss anew"),
    (overwritten, "Write into a new tensor"),
    (lambda: ONES(2, requires_grad=True).backward(), "single number"),
    (lambda: ONES(2, requires_grad=True).add_(1), "torch.no_grad()"),
    (lambda: torch.tensor([1], requires_grad=True), "Integers have no gradient"),
    (lambda: F.cross_entropy(ONES(2, 3), ONES(2, dtype=torch.int32)), "torch calls Long"),
    (lambda: F.embedding(ONES(2), ONES(2, 2)), "torch calls Long"),
    (lambda: ONES(2, 2) @ ONES(2, 2).double(), "does not mix dtypes"),
    (lambda: torch.arange(3).mul_(0.5), "keeps the tensor's dtype, Long"),
    (lambda: torch.arange(3).mean(), "x.float()"),
    (lambda: ONES(3)[ONES(2)], "x.long()"),
    (lambda: ONES(3, 4) @ ONES(5, 2), "Here they are 4 and 5."),
    (lambda: ONES(2, 3, 4) @ ONES(2, 5, 2), "should be of shape (2, 4, ...)"),
    (lambda: ONES(3, 4) @ ONES(5), "Here they are 4 and 5"),
    (lambda: ONES(3) @ ONES(5), "Here their lengths are 3 and 5"),
    (lambda: ONES(3) + ONES(4), "lined up from the right"),
    (lambda: ONES(3).expand(2, 4), "does not fit into the place"),
    (lambda: ONES(6).view(4, 2), "must give 6"),
    (lambda: ONES(2, 3).T.view(6), "reshape copies them"),
    (lambda: F.cross_entropy(ONES(2, 3), torch.ones(4).long()), "2 rows and 4 targets"),
    (lambda: torch.stack([ONES(2), ONES(3)]), "torch.cat joins"),
    (lambda: torch.cat([ONES(2, 2), ONES(3, 3)]), "here dimension 0"),
    (lambda: torch.tensor([[1], [1, 2]]), "all rows have the same length"),
    (lambda: ONES(3).sum(1), "-1 to 0 can be named here, and 1 was"),
    (lambda: ONES(3)[0, 0], "this tensor has 1"),
    (lambda: bool(ONES(2)), ".any() or .all()"),
    (lambda: ONES(2).item(), "This one has 2."),
    (lambda: math.exp(ONES(2)), "a single element was needed"),
    (lambda: torch.multinomial(torch.tensor([-1.0, 2]), 1), "softmax makes weights"),
    (lambda: torch.multinomial(torch.zeros(2), 1), "larger than 0"),
    (lambda: torch.multinomial(ONES(2), 3), "replacement=True"),
    (lambda: F.embedding(torch.tensor([9]), ONES(2, 2)), "0 to n - 1"),
    (lambda: F.cross_entropy(ONES(2, 3), torch.tensor([1, 3])), "the number of a class"),
    (lambda: F.cross_entropy(ONES(2, 3), ONES(2, 3).long()), "taken for probabilities"),
    (lambda: ONES(2)[2], "the last is n - 1"),
    (lambda: [1][1], "the last is n - 1"),
    (lambda: [].pop(), "nothing left"),
    (lambda: NONE(), "is None. `g = f()` keeps"),
    (lambda: ANY(2), "is no function"),
    (lambda: list(NONE), "Something here is None"),
    (lambda: NONE + 1, "Something here is None"),
    (lambda: NONE.data, "before .data is None"),
    (lambda: ANY.backward(), "before .backward is a plain int"),
    (lambda: len + ANY, "are its parentheses missing"),
    (lambda: operator.getitem((x for x in "a"), 0), "list(...) keeps them"),  # type: ignore
    (lambda: Value(1) > ANY, "Value.__gt__ for this `>`"),
    (lambda: operator.gt(ANY, Value(1)), "Value.__lt__ for this `>`"),
    (lambda: ANY > "a", "no order between int and str"),
    (lambda: Value(1) + ANY, "Value.__add__ for this `+`"),
    (lambda: ANY * Value(1), "Value.__rmul__ for this `*`"),
    (lambda: -Value(1), "__neg__ for a minus"),  # type: ignore[operator]
    (lambda: [1] * 0.5, "does not multiply the elements"),  # type: ignore[operator]
    (lambda: Value(1).double(2), "first parameter is `self`"),  # type: ignore[call-arg]
    (lambda: Value.double(), "called on the class"),  # type: ignore[call-arg]
    (lambda: twice(x=1), "no parameter called x"),  # type: ignore[call-arg]
    (NoSuper, "super().__init__()"),
    (lambda: NoForward()(1), "indented under the class"),
    (assigned_later, "the function's own"),
    (lambda: range(4 / 2), "`//` an int"),  # type: ignore[call-overload]
    (lambda: list(ANY), "range(n)"),
    (lambda: math.log(0), "log wants a number above 0"),
    (lambda: math.exp(1000), "709"),
    (shrinking, "loop over list(...)"),
    (lambda: {[1]: 2}, "A tuple can be one"),  # type: ignore[list-item]
    (lambda: [a for a, b in [(1, 2, 3)]], "exactly as many things"),  # type: ignore[misc]
    (lambda: b"\xc3".decode("utf-8"), 'errors="replace"'),
    (lambda: "a" + ANY, "joins a str with another str; this one is of type int"),
    (lambda: list(zip([1], [], strict=True)), "all of one length"),
]


@pytest.mark.parametrize(("act", "words"), ACTS)
def test_what_it_means_stands_below_what_it_says(act: Callable[[], Any], words: str) -> None:
    with warnings.catch_warnings(), pytest.raises(Exception) as caught:
        warnings.simplefilter("ignore")
        act()
    kind, message = type(caught.value).__name__, str(caught.value)
    told = explained(kind, message)
    assert words in told, (kind, message)
    mine = {"raised": kind, "message": message, "frames": [[3, "f"]]}
    verdict = describe_exception(mine)
    assert verdict.message == f"{kind}: {message}" + (f"\n{told}" if told else "")
    by_hand = describe_exception({**mine, "by_hand": True})
    assert by_hand.message == f"{kind}: {message}"  # who raises it knows what it means


def test_other_messages_are_left_alone() -> None:
    for kind, message in [
        ("ValueError", "no such thing"),
        ("ValueError", "'NoneType' object is not callable"),  # of another kind
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'"),
        ("TypeError", "unsupported operand type(s) for +: 'Tensor' and 'list'"),
        ("TypeError", "f() takes 1 positional argument but 2 were given"),
        ("TypeError", "Value.f() takes 1 positional argument but 4 were given"),
        ("", ""),
        ("TypeError", "{0} {1}"),
    ]:
        assert explained(kind, message) == ""


def test_every_sentence_ends_and_none_is_long() -> None:
    for _, pattern, words in PATTERNS:
        assert words.startswith("{") or (words[-1] in ".?" and len(words) < 330), pattern
