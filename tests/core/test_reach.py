"""What code may call, read off its text, and the order that follows."""

from __future__ import annotations

import ast

import pytest

from graders.core.reach import Reach, named_in, ordered

TEXT = """\
import torch

K = helper = lambda x: plus(x)


def plus(x):
    return x + 1


def twice(x):
    return helper(x)


class Value:
    def __init__(self, x):
        self.x = plus(x)

    def __add__(self, other):
        return twice(other)

    def show(self):
        return getattr(self, "hidden")()

    def hidden(self):
        return -self


def alone():
    return 1


print(alone())
if __name__ == "__main__":
    twice(1)
"""
TARGETS = {
    "plus": ("plus",),
    "twice": ("twice",),
    "init": ("Value.__init__",),
    "add": ("Value.__add__",),
    "neg": ("Value.__neg__",),
    "hidden": ("Value.hidden",),
    "alone": ("alone",),
}


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ("alone", []),
        ("twice", ["plus", "add", "twice", "init"]),  # an operator may be that of Value
        ("Value.__init__", ["plus", "add", "twice", "init"]),
        ("Value.show", ["hidden", "neg", "plus", "add", "twice", "init"]),
        ("nowhere", []),
    ],
)
def test_what_a_definition_reaches(target: str, reached: list[str]) -> None:
    words = Reach(ast.parse(TEXT)).from_code([target])
    assert named_in(words, TARGETS) == set(reached)


def test_what_runs_at_once() -> None:
    words = Reach(ast.parse(TEXT)).from_loading()
    assert "alone" in words and "twice" not in words - Reach(ast.parse(TEXT)).from_words(["plus"])


def test_each_comes_after_what_it_needs() -> None:
    needs = {"a": frozenset("c"), "b": frozenset("a"), "c": frozenset()}
    assert ordered("abc", [needs]) == ["c", "a", "b"]
    knot = {"a": frozenset("b"), "b": frozenset("a"), "c": frozenset("a")}
    assert ordered("abc", [knot]) == ["a", "b", "c"]
    assert ordered("cab", [knot, {"a": frozenset("b")}]) == ["b", "a", "c"]
    assert ordered("ab", []) == ["a", "b"]
