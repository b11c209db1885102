"""The book: formulas are typeset, every link leads somewhere, and no solution is in it unasked."""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from graders.book.build import MARK, build
from graders.book.links import faults
from graders.book.pages import Pages
from graders.core.registry import Registry
from graders.core.stubs import make_stub, owners, regions
from graders.errors import UserError
from graders.front.cli import app

REGISTRY = Registry()
LESSONS = ["01_micrograd", "02_bigram"]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two lessons, built once; Sphinx has nothing to complain of, and the links were checked."""
    folder = tmp_path_factory.mktemp("book") / "site"
    assert build(REGISTRY, folder, LESSONS) == []
    return folder


def squeezed(text: str) -> str:
    """Without spaces, and without what Markdown escapes with."""
    return re.sub(r"[\s\\]+", "", text)


def leaks(lessons: list[str], page: Callable[[str], str]) -> list[str]:
    """Solutions that a page tells more often than a learner's own file and the hints do."""
    found = []
    for ref in (ref for lesson in lessons for ref in REGISTRY.parts(lesson)):
        part = REGISTRY.load(ref)
        hints = "\n".join(hint for card in part.cards.values() for hint in card.hints)
        known = squeezed(make_stub(part.reference, owners(part)).replace("\n#", "\n") + hints)
        told = squeezed(page(ref.folder))
        lines = part.reference.splitlines()
        for first, last in regions(part.reference):
            body = squeezed("\n".join(lines[first : last - 1]))
            if told.count(body) > known.count(body):
                found.append(f"{ref.file}, line {first}")
    return found


def test_no_page_of_any_lesson_tells_a_solution(tmp_path: Path) -> None:
    Pages(REGISTRY, tmp_path).write()
    assert leaks(REGISTRY.lessons, lambda page: (tmp_path / f"{page}.md").read_text("utf-8")) == []


def test_nor_does_what_is_built(site: Path) -> None:
    def seen(page: str) -> str:
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        return html.unescape(re.sub(r"<[^>]+>", "", text))

    assert leaks(LESSONS, seen) == []
    pages = [page for lesson in LESSONS for page in (site / lesson).glob("*.html")]
    assert "BEGIN SOLUTION" not in "".join(page.read_text("utf-8") for page in pages)
    assert not list(site.rglob("*.md")) + list(site.rglob("*.py"))


def test_solutions_are_there_when_asked_for(tmp_path: Path) -> None:
    Pages(REGISTRY, tmp_path, ["02_bigram"], solutions=True).write()
    text = (tmp_path / "02_bigram/1_counts.md").read_text(encoding="utf-8")
    assert text.count('<details class="solution">') == text.count('<div class="exercise"') > 0


def test_formulas_are_typeset_and_exercises_are_cards(site: Path) -> None:
    text = (site / "01_micrograd/1_derivatives.html").read_text(encoding="utf-8")
    assert text.count('<math xmlns="http://www.w3.org/1998/Math/MathML"') > 5
    assert "$$" not in text and "<merror" not in text
    for ref in REGISTRY.parts("01_micrograd"):
        page = (site / f"{ref.folder}.html").read_text(encoding="utf-8")
        for name, card in REGISTRY.cards(ref).items():
            assert f'<div class="exercise" id="01.{name}">' in page
            assert len(re.findall(r'<details class="hint">', page)) >= len(card.hints)


def test_next_follows_the_curriculum(site: Path) -> None:
    def following(page: str) -> str:
        found = re.search(r'class="next-page" href="([^"]+)"', (site / page).read_text("utf-8"))
        return found[1] if found else ""

    assert following("index.html") == "01_micrograd/index.html"
    assert following("01_micrograd/index.html") == "1_derivatives.html"
    assert following("01_micrograd/9_moons.html") == "../02_bigram/index.html"


def test_the_search_knows_an_exercise_by_its_id(site: Path) -> None:
    assert '"02.bigrams"' in (site / "searchindex.js").read_text(encoding="utf-8")


def test_a_link_into_nothing_and_a_font_from_outside_are_found(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(
        '<p id="here"><a href="#here">a</a><a href="#gone">b</a><a href="c.html">c</a>'
        '<a href="https://example.org">d</a><img src="//example.org/e.png"></p>'
    )
    (tmp_path / "f.css").write_text("@font-face { src: url('https://example.org/f.woff') }")
    assert [
        re.findall(r"(#gone|c\.html|e\.png|f\.woff)", said)[0] for said in faults(tmp_path)
    ] == [
        "#gone",
        "c.html",
        "e.png",
        "f.woff",
    ]


def test_what_is_no_book_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.md").write_text("mine")
    said = CliRunner().invoke(app, ["book", "--to", str(tmp_path)])
    assert said.exit_code == 2 and "is no book" in said.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.md"]


def test_a_missing_extra_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "furo", None)
    with pytest.raises(UserError, match=r"pip install -e '\.\[book\]'"):
        build(REGISTRY, tmp_path / "book")


def test_a_book_takes_the_place_of_a_book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def quickly(source: Path, site: Path, *_: object) -> list[str]:
        site.mkdir()
        (site / "index.html").write_text(source.name)
        return []

    monkeypatch.setattr("graders.book.build._sphinx", quickly)
    site = tmp_path / "site"
    build(REGISTRY, site, ["02_bigram"])
    (site / "stale.html").write_text("old")
    build(REGISTRY, site, ["02_bigram"])
    assert sorted(path.name for path in site.iterdir()) == [MARK, "index.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["site"]  # nothing half made lies about
