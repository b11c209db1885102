"""Where pictures go."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import DataError, picture


@pytest.fixture(autouse=True)
def no_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HERO_OUT", raising=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "exercises" / "01_bigram").mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize("inside", [".", "exercises", "exercises/01_bigram"])
def test_out_is_in_the_checkout(
    checkout: Path, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout / inside)
    assert picture("loss.png") == checkout / "out" / "loss.png"
    assert (checkout / "out").is_dir()
    assert not picture("loss.png").exists()  # the folder only
    picture("loss.png").write_text("x")
    assert picture("loss.png").read_text() == "x"


def test_folders_of_its_own(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    assert picture("01/a/loss.png") == checkout / "out" / "01" / "a" / "loss.png"
    assert (checkout / "out" / "01" / "a").is_dir()


@pytest.mark.parametrize("half", ["pyproject.toml", "exercises"])
def test_half_a_checkout_is_none(
    tmp_path: Path, half: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if half == "exercises":
        (tmp_path / half).mkdir()
    else:
        (tmp_path / half).touch()
    here = tmp_path / "a" / "b"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    assert picture("loss.png") == here / "out" / "loss.png"


def test_the_environment_chooses_another_folder(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    monkeypatch.setenv("HERO_OUT", str(checkout / "elsewhere" / "pictures"))
    assert picture("loss.png") == checkout / "elsewhere" / "pictures" / "loss.png"
    assert (checkout / "elsewhere" / "pictures").is_dir()
    assert not (checkout / "out").exists()
    monkeypatch.setenv("HERO_OUT", "")
    assert picture("loss.png") == checkout / "out" / "loss.png"


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x.png", "a/../../x.png", "a\\..\\x.png", "/x.png", "C:\\x.png", "C:x.png"],
)
def test_names_that_lead_elsewhere_are_refused(
    checkout: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    with pytest.raises(ValueError, match="no name for a picture"):
        picture(name)
    assert not (checkout / "out").exists()


def test_dots_in_a_name_are_fine(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    assert picture("..loss..png").name == "..loss..png"


def test_a_folder_that_cannot_be_made(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)
    (checkout / "out").write_text("a file")
    with pytest.raises(DataError, match=r"Cannot make the folder .*set HERO_OUT"):
        picture("loss.png")
