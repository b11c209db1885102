"""How the mistake is named: never a sentence that is not true of all that is wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from graders.authoring import Tol
from graders.core.diagnose import by_the_bank, same_outcome
from graders.core.part_judge import PartJudge
from graders.core.registry import Registry
from graders.core.relation import Numbers, relate
from graders.core.report import sentences
from graders.ground import runner, wire
from tests.core.small import Grade, wrong


def test_a_misconception_is_recognised_in_other_words(grade: Grade) -> None:
    loop = (
        "    out = x.clone()\n    for i in range(len(x)):\n        for j in range(len(x)):\n"
        "            out[i] = out[i] - x[j]\n    return out"
    )
    result = grade(wrong(("    return x - x.mean(0)", loop)), "centre")["centre"]
    assert result.status == "failed"
    assert result.diagnosis == "You subtracted the sum, not the mean."
    patched = wrong(("x - x.mean(0)", "x - x.sum(1)[:, None] / 3"))
    result = grade(patched, "centre")["centre"]
    assert result.diagnosis == "You took the mean over the columns."


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("-(a @ b)", "everything is negated"),
        ("(a @ b).T", "the transpose of the right one"),
        ("0 * (a @ b)", "Everything you return is zero"),
        ("(a @ b)[None]", "only the shape is not"),
        ("2 * (a @ b)", "Every wrong number is 2 times the right one"),
        ("(a @ b) / a.shape[1]", "the right one divided by a.shape[1]"),
        ("(a @ b) * len(b)", "Every wrong number is the right one times"),
        ("(a.float() @ b.float()).double()", "so exact is a float32"),
    ],
)
def test_how_numbers_relate(grade: Grade, body: str, words: str) -> None:
    result = grade(wrong(("a @ b", body)), "product")["product"]
    assert result.status == "failed"
    assert words in result.diagnosis


@pytest.mark.parametrize(
    "body", ["(a @ b) + 1", "(a @ b).float()", "torch.zeros(1)", "None", "[10 ** 400]", "a"]
)
def test_nothing_is_made_up(grade: Grade, body: str) -> None:
    result = grade(wrong(("a @ b", body)), "product")["product"]
    assert result.status == "failed"
    if body != "torch.zeros(1)":
        assert result.diagnosis == ""


COLUMNS = "You took the mean over the columns."


@pytest.mark.parametrize(
    ("body", "diagnosis"),
    [
        ("x - x.mean(1, keepdim=True)", COLUMNS),
        # right for a batch of one, where the mistake would be wrong: two cases for it, one against
        ("x - (x.mean(0) if len(x) == 1 else x.mean(1, keepdim=True))", f"A guess: {COLUMNS}"),
        # one for it, two against
        ("x - (x.mean(1, keepdim=True) if len(x) == 4 else x.mean(0))", ""),
        # as many for it as against
        ("x - (x.sum(0) if len(x) == 4 else x.mean(0))", ""),
        ("x / 0 * 0", ""),
    ],
)
def test_facts_and_guesses(grade: Grade, body: str, diagnosis: str) -> None:
    result = grade(wrong(("x - x.mean(0)", body)), "centre")["centre"]
    assert result.status == "failed" and result.diagnosis == diagnosis


def test_what_an_argument_suffered_comes_first(grade: Grade) -> None:
    result = grade(wrong(("return a @ b", "return -(a.mul_(2) @ b)")), "product")["product"]
    assert "changed its argument `a` in place" in sentences(result)[0]
    assert result.diagnosis == "" and "also not right: values" not in sentences(result)[0]
    assert [c.name for c in result.checks] == ["inputs", "values"]


def numbers(*pairs: tuple[object, object]) -> list[Numbers]:
    """(got, right) of one case each."""
    made = []
    for case, (got, right) in enumerate(pairs):
        g, w = torch.as_tensor(got).double(), torch.as_tensor(right).double()
        wrong = g != w if g.shape == w.shape else torch.ones_like(g, dtype=torch.bool)
        made.append(Numbers(g, w, wrong, case, {}))
    return made


def test_lists_have_no_shape() -> None:
    pairs = numbers(([1.0, 2, 3, 4], [[1.0, 2], [3, 4]]), ([5.0, 6], [[5.0], [6]]))
    said = relate([replace(n, tensors=False) for n in pairs], 2)
    assert (
        said == "The numbers are right, and in their order; only how they are put together is not."
    )


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([], ""),
        ([(1.0, 1.0), (2.0, 2.0)], ""),
        ([(-1.0, 1.0), (-3.0, 3.0)], "everything is negated"),
        # where n is even, abs(x)**n is right: not everything is negated
        ([(8.0, -8.0), (27.0, -27.0), (4.0, 4.0)], "Every wrong number is the right one with the"),
        ([(-1.0, 1.0), (0.0, 0.0), (-3.0, 3.0)], "everything is negated"),
        # one case of several, or numbers of one size, are not enough to tell
        ([(-1.0, 1.0), (3.0, 3.0)], ""),
        ([(-1.0, 1.0), (-1.0, 1.0)], ""),
        # (f(x + h) - f(x)) * h is h * h times the right one: a constant only if h is one
        ([(2e-8, 2.0), (3e-8, 3.0)], "Every wrong number is 1e-08 times the right one"),
        ([(2e-8, 2.0), (3e-4, 3.0)], ""),
        ([(2.0, 1.0), (6.0, 3.0), (float("nan"), 4.0)], ""),
        ([(2.0, 1.0), (1.0, 0.0)], ""),
        ([(0.0, 1.5), (0.0, 3.0)], "Every wrong number is 0"),
        ([(0.0, 1.0), (0.0, 3.0)], ""),  # it may be an index
        ([(1.0000003, 1.0), (3.000001, 3.0)], "a millionth"),
        (
            [(1.24, 1.2378), (3.0, 3.0011)],
            "Every wrong number is the right one, rounded to 2 places.",
        ),
        (
            [(1.0, 1.2378), (3.0, 3.0011)],
            "Every wrong number is the right one, rounded to a whole number.",
        ),
        ([(1.23, 1.2378), (3.0, 3.0011)], ""),
        ([(1.0000003, 1.0), (2.99, 3.0)], ""),
        ([([[1.0, 2], [3, 4]], [[1.0, 3], [2, 4]]), ([[5.0, 6]], [[5.0], [6]])], "the transpose"),
        (
            [([[1.0, 2], [3, 4]], [[1.0, 3], [2, 4]]), ([[5.0, 6], [7, 8]], [[5.0, 7], [6, 8]])],
            "the transpose",
        ),
        ([([[1.0, 2]], [1.0, 2]), ([[3.0]], [3.0])], "only the shape is not"),
        # one number in another shape, or wrong numbers besides: nothing is known
        ([([[1.0]], [1.0]), ([[3.0]], [3.0])], ""),
        ([([[1.0, 2]], [1.0, 2]), ([4.0], [3.0])], ""),
        ([([[1.0, 2]], [1.0, 2]), ([[4.0]], [3.0])], ""),
    ],
)
def test_a_relation_holds_for_all_that_is_wrong(pairs: list, words: str) -> None:
    said = relate(numbers(*pairs), len(pairs))
    assert (words in said) if words else said == ""


def test_outcomes_are_the_same_or_not() -> None:
    def value(x: object) -> dict[str, object]:
        return {"value": wire.encode(x)}

    assert same_outcome(value(1.0), value(1.0 + 1e-13), Tol())
    assert not same_outcome(value(1.0), value(2.0), Tol())
    assert not same_outcome(value(1.0), {"raised": "ValueError"}, Tol())
    one = {"raised": "ValueError", "message": "bad value 3"}
    assert same_outcome(one, {"raised": "ValueError", "message": "bad value 4"}, Tol())
    assert not same_outcome(one, {"raised": "ValueError", "message": "else"}, Tol())
    assert not same_outcome(one, {"raised": "KeyError", "message": "bad value 3"}, Tol())
    mine, theirs = ({**one, "message": m, "by_hand": True} for m in ("too long", "no room"))
    assert same_outcome(mine, theirs, Tol())  # two who refuse the same, each in words of their own
    assert not same_outcome(mine, {**theirs, "by_hand": False}, Tol())
    assert not same_outcome({**value(1), "changed": ["x"]}, value(1), Tol())
    assert not same_outcome({"value": b"nonsense"}, value(1), Tol())


def named(wanted: str, name: str, *edits: tuple[str, str]) -> str:
    """What the bank says of a part's reference with some of its text changed."""
    registry = Registry()
    ((ref, _),) = registry.select([wanted])
    part = PartJudge(registry.load(ref), seed=1)
    exercise, text = part.part.exercises[name], part.part.reference
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    module = runner.load(text, "mine.py", "part")
    came = {
        check.name: [
            part.run(module, exercise, check, *one)
            for one in part.cases(exercise).cases[check.name]
        ]
        for check in exercise.checks.values()
    }
    return by_the_bank(part, exercise, came)


def test_a_mistake_that_is_only_a_part_of_what_is_wrong() -> None:
    """It is told as a part: here p = 1 goes wrong for a reason of its own."""
    edits = ("if p == 1:", "if p == 7:"), ("before >= p)", "before + probs >= p)")
    said = named("10/5", "top_p_filter", *edits)
    assert said.startswith("In ") and "The token that crosses the border is out" in said


def test_a_mistake_that_passes_a_case_is_not_why_it_is_wrong() -> None:
    """A tuple for a list: no mistake of the bank that gives the right numbers is named."""
    assert named("06/4", "train", ("    return losses\n", "    return tuple(losses)\n")) == ""
