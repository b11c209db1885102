"""What goes through a list in C is counted by the values themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from graders.counting import MANY, Lookups, searched

NUMBERS = [*range(60)]
LETTERS = [chr(0x4E00 + i) for i in range(60)]


@pytest.mark.parametrize("values", [NUMBERS, LETTERS])
def test_they_are_the_same_values(values: list[Any]) -> None:
    watched = Lookups().watch(values)
    assert watched == values and [*map(type(values[0]), watched)] == values
    assert dict.fromkeys(watched).keys() == dict.fromkeys(values).keys()
    assert isinstance(watched[0], type(values[0])) and watched[0] != values[1]


@pytest.mark.parametrize("values", [NUMBERS, LETTERS])
def test_what_searches_is_told_so(values: list[Any]) -> None:
    for search in (
        lambda there: [value for value in values if value not in there],
        lambda there: [there.count(value) for value in values],
        lambda there: [there.index(value) for value in values],
        lambda there: [value for value in values if value not in set(there)],
        lambda there: [value for value in values if all(value != other for other in there[::-1])],
    ):
        lookups = Lookups()
        search(lookups.watch(values))
        assert lookups.times() == MANY + 1
        said = searched(lookups.times(), len(values), "ids")
        assert said is not None and "one of the 60 ids" in said and "1,200 times" in said


@pytest.mark.parametrize("values", [NUMBERS, LETTERS])
def test_what_finds_at_once_is_not(values: list[Any]) -> None:
    for find in (
        lambda there: [value for seen in [{*there}] for value in values if value not in seen],
        lambda there: {value: k for k, value in enumerate(there)},
        lambda there: sorted(there) == values,
        lambda there: [{pair: 1}[pair] for pair in pairwise(there)],
    ):
        lookups = Lookups()
        find(lookups.watch(values))
        assert lookups.times() <= 6
        assert searched(lookups.times(), len(values), "ids") is None
