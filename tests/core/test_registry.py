"""What an id typed by a person means."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.core.registry import PartRef, Registry, UserError

ONE, TWO = PartRef("97_made_up", "1_part"), PartRef("97_made_up", "2_more")
OTHER = PartRef("98_other", "1_part")
NAMES = ["scale", "centre", "both", "counter_init", "counter_add", "counter_all"]
NAMES += ["product", "doubled"]


@pytest.fixture
def registry(checkout: Path) -> Registry:
    return Registry(checkout)


@pytest.mark.parametrize(
    "text",
    ["97", "97_made_up", "97_made_up/", "exercises/97_made_up", "./exercises/97_made_up",
     "/some/where/exercises/97_made_up", r"exercises\97_made_up"],
)  # fmt: skip
def test_a_lesson(registry: Registry, text: str) -> None:
    assert registry.select([text]) == [(ONE, NAMES), (TWO, ["more"])]


@pytest.mark.parametrize(
    "text", ["97/1", "97/1_part", "97/1_part.py", "97_made_up/1_part.py", "solutions/97/1_part.py"]
)
def test_a_part(registry: Registry, text: str) -> None:
    assert registry.select([text]) == [(ONE, NAMES)]


@pytest.mark.parametrize(
    "text",
    ["97.centre", "97_made_up::centre", "97::centre", "exercises/97_made_up/1_part.py::centre",
     "97/1::centre"],
)  # fmt: skip
def test_an_exercise(registry: Registry, text: str) -> None:
    assert registry.select([text]) == [(ONE, ["centre"])]


def test_a_check_of_an_exercise_means_the_exercise(registry: Registry) -> None:
    assert registry.select(["97::centre::values"]) == [(ONE, ["centre"])]


def test_several_keep_the_order_of_the_book(registry: Registry) -> None:
    chosen = registry.select(["98", "97.more", "97.both", "97.scale", "97.both"])
    assert chosen == [(ONE, ["scale", "both"]), (TWO, ["more"]), (OTHER, ["other"])]


def test_nothing_means_everything(registry: Registry) -> None:
    assert registry.select([]) == [(ONE, NAMES), (TWO, ["more"]), (OTHER, ["other"])]
    assert registry.lessons == ["97_made_up", "98_other"]  # not graders/core


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("96", "there is no lesson '96'; there are 97_made_up, 98_other"),
        ("97.center", "Did you mean 97.centre?"),
        ("97/3", "its parts are 1_part, 2_more"),
        ("97/1_prat", "Did you mean 1_part?"),
        ("97/2::centre", "there is no exercise"),
        ("centre", "'centre' is not an exercise: write a lesson (05)"),
        ("", "is not an exercise"),
        ("..", "is not an exercise"),
        ("97.", "is not an exercise"),
        ("exercises", "is not an exercise"),
        ("::", "is not an exercise"),
    ],
)
def test_errors_help(registry: Registry, text: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        registry.select([text])
    assert words in str(caught.value)
