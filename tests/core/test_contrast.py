"""What the wrong cases have in common: never a sentence that is not true of every case."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.authoring import Check, Tol
from graders.core.contrast import between, how_many
from graders.core.features import features
from graders.core.judge import Judge
from graders.core.parts_wrong import same_part
from graders.core.words import show_call
from graders.ground import wire
from tests.core.leaning import file_of, grade_with

ZEROS, T = torch.zeros, torch.tensor


@pytest.mark.parametrize(
    ("yes", "no", "words"),
    [
        (-1, 2, "is negative"),
        (0.0, -1.5, "is 0"),
        (1, 3, "is 1"),
        (0.5, 2.0, "is not a whole number"),
        (float("inf"), 1.0, "is NaN or infinite"),
        (-60.0, 50.0, "is further than 50 from 0"),
        (2.0, 2, "is a float"),
        (1e-9, 0.0, "is nearly 0, but not 0"),
        (True, False, "is True"),
        (None, 3, "is None"),
        (4, -3, "is even"),
        ([], [1], "is empty"),
        ("", "a", "is empty"),
        ([1], [1, 2], "has a single element"),
        ("é", "ee", "has a character beyond ASCII"),
        (" a", "a b", "begins or ends with a space"),
        ("abca", "abc", "has an element twice"),
        ([[1], [1]], [[1], [2]], "has an element twice"),
        ([2, 2], [2, 1], "has the same element throughout"),
        ([[1], []], [[1], [2]], "has an empty element"),
        ([[1], [2, 3]], [[1], [2]], "has elements of different lengths"),
        ([0, 1], [2, 1], "holds a 0"),
        ([0, 0], [1, 1], "is 0 throughout"),
        ([None, None], [None, 1], "holds nothing but None"),
        (["a", "b\n"], ["a", "b"], "has an element with a line break"),
        (["é"], ["e"], "has an element with a character beyond ASCII"),
        (torch.tensor([1e-9, 1]), torch.tensor([0.0, 1]), "holds a number that is nearly 0, but not 0"),
        (ZEROS(0), ZEROS(2), "is empty"),
        (ZEROS(()), ZEROS(1), "has no dimensions"),
        (ZEROS(2, 2), ZEROS(2, 3), "is square"),
        (ZEROS(2, 1), ZEROS(3), "`x.shape[-1]` is 1"),
        (T([0.5]), T([2.0]), "holds a number that is not whole"),
        (ZEROS(2), ZEROS(2).double(), "is of float32"),
        (ZEROS(2, 3).T, ZEROS(3, 2), "is not contiguous"),
        (ZEROS(2), torch.arange(2.0), "is 0 throughout"),
        (torch.tensor([1.0, 60]), torch.tensor([1.0, 50]), "holds a number further than 50 from 0"),
        (torch.tensor([1, 1, 2]), torch.tensor([1, 3, 2]), "holds a number twice"),
        (torch.tensor([[1.0, 1], [2, 3]]), torch.tensor([[1.0, 2], [2, 1]]), "a number twice in a row"),
        (torch.tensor([[1.0, 2], [1, 2]]), torch.tensor([[1.0, 2], [2, 1]]), "has two equal rows"),
        (torch.tensor([float("nan")]), torch.tensor([0.0]), "holds NaN or infinity"),
        (np.zeros((2, 2)), np.zeros((2, 3)), "is square"),
    ],
)  # fmt: skip
def test_a_feature_is_true_of_one_and_not_of_the_other(yes: Any, no: Any, words: str) -> None:
    told = {f.words: f.holds for f in features([{"x": yes}, {"x": no}])}
    (holds,) = (holds for said, holds in told.items() if said.endswith(words))
    assert holds == (True, False)


def test_features_of_what_lies_deeper_and_beside() -> None:
    cases = [{"c": {"n": 1}, "k": 3, "x": [1, 2]}, {"c": {"n": 5}, "k": 2, "x": [1, 2], "y": 1}]
    told = {f.words for f in features(cases) if f.holds == (True, False)}
    assert {"`c['n']` is 1", "`k` is more than `len(x)`", "`y` is left out"} <= told
    assert {f.subject for f in features(cases)} == {"c['n']", "k", "y"}


def told(cases: list[dict[str, Any]], wrong: str) -> str:
    return between(cases, [w == "1" for w in wrong])


def test_one_number_of_many_is_told_only_where_somebody_may_have_written_it() -> None:
    cases = [{"k": k} for k in (5, 5, 5, 3, 7, 4, 9)]
    assert (
        told(cases, "0001111") == "Right in the 3 of 7 cases where `k` is 5; wrong in all others."
    )
    assert told(cases, "1110000") == ""
    assert told(cases[1:], "001111") == ""  # two may have it in common by chance


@pytest.mark.parametrize("name", ["seed", "pad", "end"])
def test_of_a_number_that_is_a_name_it_does_not_count_which_is_more(name: str) -> None:
    cases = [{name: n} for n in (2, 4, 6, 7, 9, 11)]
    assert told(cases, "000111") == ""
    assert told([{"k": case[name]} for case in cases], "000111") != ""
    assert told([{"k": 10**6 + n} for n in (2, 4, 6, 7, 9, 11)], "000111") == ""


def test_where_larger_tensors_are_wrong_no_size_is_blamed() -> None:
    rows = [{"x": torch.zeros(3, n)} for n in (2, 3, 4, 5, 6, 7)]
    assert told(rows, "000111") == ""
    flat = [{"x": torch.zeros(9 - n, n)} for n in (2, 3, 4, 5, 6, 7)]
    assert told(flat, "000111") == (
        "Right in the 3 of 6 cases where `x.shape[0]` is more than 4; wrong in all others."
    )
    assert told(flat, "000011") == ""  # two, by chance


def test_another_dtype_is_seen_beside_what_has_it() -> None:
    kinds = [(32, 64), (64, 64), (32, 32), (64, 64), (32, 64), (32, 32)]
    as_kind = {32: torch.float32, 64: torch.float64}
    cases = [{"x": ZEROS(2, dtype=as_kind[a]), "s": ZEROS(1, dtype=as_kind[b])} for a, b in kinds]
    assert (
        told(cases, "100010")
        == "Right in 4 of 6 cases; wrong in the 2 where `s` has another dtype than `x`."
    )


def test_of_a_few_right_cases_what_is_bare_is_told_and_nothing_else() -> None:
    cases = [{"f": f, "x": x} for f, x in [("exp", [1]), ("exp", [2]), *[("log", [1, 2])] * 5]]
    assert told(cases, "0011111") == (
        "Right in the 2 of 7 cases where `x` has a single element; wrong in all others."
    )
    one = cases[1:]  # where it is one case, what else it differs in is told beside it
    assert told(one, "011111") == (
        "Right in the one of 6 cases where `x` has a single element and `f` is 'exp'; wrong in all others."
    )


def test_of_what_may_be_chance_two_are_told_and_of_three_none() -> None:
    cases = [{"a": n, "b": 2 * n, "c": 3 * n} for n in (2, 3, 4, 5, 6, 7)]
    two = [{"a": case["a"], "b": case["b"]} for case in cases]
    assert told(two, "000111") == (
        "Right in 3 of 6 cases; wrong in the 3 where `a` is more than 4 and `b` is more than 8."
    )
    assert told(cases, "000111") == ""


def test_a_text_that_is_no_name_says_something_only_if_it_comes_twice() -> None:
    texts = ["a + b", "a - b", "a + b", "a * b", "a / b", "a ** b"]
    cases = [{"text": text} for text in texts]
    assert told(cases, "101000") == "Right in 4 of 6 cases; wrong in the 2 where `text` is 'a + b'."
    assert told(cases, "010000") == ""


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (
            "0001",
            "Right in 3 of 4 cases; wrong in the one that is shown: what is special about it?",
        ),
        ("0101", "Right in 2 of 4 cases: what is special about the one that is shown?"),
        ("0111", ""),
        ("0000", ""),
        ("001", ""),
    ],
)
def test_where_nothing_can_be_said_it_is_told_how_many_are_right(wrong: str, words: str) -> None:
    assert how_many([w == "1" for w in wrong]) == words


X = [{"x": x, "h": h} for x, h in [(1.5, 1), (2.5, -1), (3.5, 2), (4.5, -3), (5.5, 4), (6.5, 2)]]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("010100", "Right in 4 of 6 cases; wrong in the 2 where `h` is negative."),
        ("101011", "Right in the 2 of 6 cases where `h` is negative; wrong in all others."),
        ("100000", "Right in 5 of 6 cases; wrong in the one where `h` is 1."),
        ("000010", ""),  # h is the largest there, which is chance
        ("000000", ""),
        ("111111", ""),
        ("110000", ""),  # nothing simple
    ],
)
def test_what_divides_the_cases(wrong: str, words: str) -> None:
    assert between(X, [w == "1" for w in wrong]) == words


def test_one_word_for_two_things_is_not_told() -> None:
    """An empty text and an empty tensor: "empty" is true of both, and would be told of one."""
    a = {"a": None}
    cases = [a, a, a | {"b": ""}, a | {"b": torch.tensor([])}]
    assert "empty" not in between(cases, [False, False, True, False])


def test_nothing_is_said_of_few_cases_or_of_many_differences() -> None:
    assert between(X[:2], [False, True]) == ""
    assert between(X[:3], [False, True, False]) == ""  # one of three
    alike = {"a": 1, "b": 1, "c": 1}
    cases = [dict.fromkeys("abc", 0), alike, alike, alike, alike]
    assert between(cases, [True, *[False] * 4]) == ""  # which of the three is it?
    assert between([{"a": 0, "b": None}, *[{"a": 2, "b": 2}] * 4], [True, *[False] * 4]) == (
        "Right in 4 of 5 cases; wrong in the one where `b` is None and `a` is 0."
    )


ARGUMENT = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.sampled_from(["", "a", "é", " b"]),
    st.lists(st.integers(0, 2), max_size=3),
    st.lists(st.integers(-2, 2), max_size=4).map(torch.tensor),
    st.tuples(st.integers(1, 2), st.integers(0, 3)).map(torch.ones),
)
CASES = st.lists(
    st.tuples(st.fixed_dictionaries({"a": ARGUMENT}, optional={"b": ARGUMENT}), st.booleans()),
    max_size=9,
)


def _size(value: Any) -> int:
    return value.numel() if isinstance(value, torch.Tensor) else len(value)


SURE = {  # asked anew, in other words
    "is negative": lambda v: isinstance(v, int) and v < 0,
    "is 0": lambda v: isinstance(v, int) and not v,
    "is None": lambda v: v is None,
    "is empty": lambda v: v is not None and not isinstance(v, int) and not _size(v),
    "is positive": lambda v: isinstance(v, int) and v > 0,
}


@settings(max_examples=100, deadline=None)
@given(CASES)
def test_a_contrast_is_true_of_every_case(drawn: list[tuple[dict[str, Any], bool]]) -> None:
    cases, wrong = [case for case, _ in drawn], [w for _, w in drawn]
    said = between(cases, wrong)
    if not said:
        return
    right = wrong.count(False)
    assert len(cases) > 2 and 0 < right < len(cases)
    assert f"of {len(cases)} cases" in said
    where = re.search(r"where (.*?)(?:; wrong|\.$)", said)
    assert where is not None
    those = wrong if said.startswith(f"Right in {right} of") else [not w for w in wrong]
    found = {f.words: [*f.holds] for f in features(cases)}
    for words in where[1].split(" and "):
        assert found[words] == those
        name, told = words.split("` ")
        if told in SURE and name in ("`a", "`b"):
            assert [name[1:] in c and SURE[told](c[name[1:]]) for c in cases] == those


def part(pairs: list[tuple[Any, Any]], cases: list[Any] | None = None) -> str:
    got, want = ([{"value": wire.encode(pair[i])} for pair in pairs] for i in (0, 1))
    wrong = [g != w for g, w in zip(got, want, strict=True)]
    return same_part(Check("values", tol=Tol()), cases or [{}] * len(pairs), got, want, wrong)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([({"W": 1, "b": 2}, {"W": 1, "b": 3})], "`b` is wrong; `W` is right."),
        ([((1, 2), (1, 3)), ((4, 5), (4, 6))],
         "In every case only the second of 2 results is wrong."),
        ([((1, 2), (1, 3)), ((4, 5), (4, 5))],
         "In one of 2 cases only the second of 2 results is wrong."),
        ([([1, 2], [1, 3]), ([1, 2, 3], [1, 2, 4])],
         "In every case only the last of the results is wrong."),
        ([((1, 2), (1, 3)), ((4, 5), (4, 6)), ((7, 8), (7, 8))],
         "In 2 of 3 cases only the second of 2 results is wrong."),
        ([((1, 2), (1, 3)), ((4, 5), (3, 5))], ""),
        ([((1, 2), (2, 3))], ""),
        ([(1, 2)], ""),
        ([(T([[1.0, 2, 3], [4, 5, 6]]), T([[7.0, 8, 9], [4, 5, 6]]) - 3)], ""),
        ([(T([[1.0, 2, 3], [4, 5, 6]]), T([[7.0, 5, 9], [4, 5, 6]]))],
         "The first row is wrong, and nothing else."),
        ([(torch.ones(3, 3), torch.ones(3, 3) - torch.eye(3))],
         "Wrong numbers stand where the right answer is 0, and nowhere else."),
        ([(torch.ones(3, 3), torch.ones(3, 3) + torch.eye(3))],
         "Wrong numbers stand where the right answer is more than 1, and nowhere else."),
        ([(T([1.0, 2, 3, 4]), T([0.0, 2, 3, 4]))], ""),  # one number may stand anywhere
    ],
)  # fmt: skip
def test_the_part_that_is_wrong_in_every_case(pairs: list[Any], words: str) -> None:
    assert part(pairs) == words


def test_an_argument_marks_what_is_wrong() -> None:
    x = T([-1.0, 2, -3, 4, -5, 6])
    assert part([(x, x.relu())], [{"x": x}]) == (
        "Wrong numbers stand where `x` is negative, and nowhere else."
    )


@pytest.mark.parametrize(
    ("case", "call"),
    [
        ({"x": 2, "h": -0.1}, "f(x=2, h=-0.1)"),
        ({"ids": [1, 1], "s": "a\n"}, "f(ids=[1, 1], s='a\\n')"),
        ({"x": T([1.5])}, "f(x=torch.tensor([1.5], dtype=torch.float32))"),
        ({"x": T([[1], [2]])}, "f(x=torch.tensor([[1], [2]]))"),
        ({"x": torch.zeros(9)}, ""),
        ({"x": [torch.zeros(1)]}, ""),
        ({"s": "a" * 200}, ""),
    ],
)
def test_a_small_call_is_shown_as_one_would_type_it(case: dict[str, Any], call: str) -> None:
    assert show_call("f", case) == call
    if call:
        received: dict[str, Any] = {}
        eval(call, {"torch": torch, "f": lambda **a: received.update(a)})
        assert all(torch.equal(a, case[n]) if isinstance(a, torch.Tensor) else a == case[n]
                   for n, a in received.items())  # fmt: skip


BODY = "return more(x) + triple(x) + (x > 0)"
WHERE = "Wrong numbers stand where `x` is positive, and nowhere else."


def test_a_contrast_reaches_the_report(own: Judge, tmp_path: Path) -> None:
    result = grade_with(own, tmp_path, file_of(own, most=BODY), "most")["most"]
    assert result.diagnosis == WHERE


def test_with_a_solution_in_the_process_nothing_is_told(strict: Judge, tmp_path: Path) -> None:
    result = grade_with(strict, tmp_path, file_of(strict, more=None, most=BODY), "most")["most"]
    assert result.status == "failed" and result.diagnosis == ""
    result = grade_with(strict, tmp_path, file_of(strict, most=BODY), "most")["most"]
    assert result.diagnosis == WHERE  # of a run of its own, all is
