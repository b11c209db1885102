"""What a learner wrote is shown as it can be seen, and counted as Python counts it."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.ground.shown import lines_of, shown_name, shown_text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, with a\ttab\nand a line", "plain, with a\ttab\nand a line"),
        ("\x1b]0;title\x07\x1b[2J", "\\x1b]0;title\\x07\\x1b[2J"),
        ("\x7f\x80\x9b31m", "\\x7f\\x80\\x9b31m"),  # DEL, and C1: a CSI in one character
        ("a\u202eb\u2066c\u200fd", "a\\u202eb\\u2066c\\u200fd"),
        ("zero\u200bwidth\ufeff\u00ad\U000e0041", "zero\\u200bwidth\\ufeff\\xad\\U000e0041"),
        ("one\x0cline\u2028all\x85of\x1cit\x0b", "one\\x0cline\\u2028all\\x85of\\x1cit\\x0b"),
        ("half \ud800", "half \\ud800"),
        ("Windows\r\nends\rhere", "Windows\nends\nhere"),
        ("no-break\xa0blank", "no-break\\xa0blank"),
        ("für, 数, 🙂, ∂L/∂x", "für, 数, 🙂, ∂L/∂x"),
        (3, "3"),
    ],
)
def test_what_cannot_be_seen_is_spelled_out(text: object, shown: str) -> None:
    assert shown_text(text) == shown


@given(st.text(st.characters()), st.integers(0, 40))
def test_any_text_is_safe(text: str, limit: int) -> None:
    for shown in (shown_text(text), shown_text(text, limit)):
        assert all(c.isprintable() or c in "\n\t" for c in shown)
        shown.encode("utf-8")
        assert shown_text(shown) == shown
        assert len(shown.splitlines()) <= shown.count("\n") + 1
    assert len(shown) <= limit


def test_it_is_not_too_long() -> None:
    assert shown_text("a" * 100, 10) == "a" * 7 + "..."
    assert shown_text("a" * 10, 10) == "a" * 10
    assert shown_text("\x1b" * 10, 12) == "\\x1b\\x1b\\..."
    assert len(shown_text("x" * 10_000_000)) == 2_000


@pytest.mark.parametrize("between", ["\x0c", "\u2028", "\x85", "\x1c", "\x1d", "\x1e", "\x0b"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_those_that_python_counts(between: str, end: str) -> None:
    source = end.join(["# one" + between + "still one", "two = 2", "three = 3"])
    for text in (source, source + end):
        tree = ast.parse(text)
        lines = lines_of(text)
        assert len(lines) == 3
        assert [lines[node.lineno - 1] for node in tree.body] == ["two = 2", "three = 3"]
        assert "".join(lines_of(text, keepends=True)) == text


def test_the_lines_of_nothing() -> None:
    assert lines_of("") == []
    assert lines_of("\n") == [""]
    assert lines_of("a\n\nb") == ["a", "", "b"]


def test_it_needs_no_torch() -> None:
    program = (
        "import sys; import graders.ground.shown, graders.ground.reading, graders.ground.limits;"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_a_name_has_one_line() -> None:
    assert shown_name("zoe\nalice") == "zoe\\nalice"
    assert shown_name("a\tb\x1b") == "a\\tb\\x1b"
    assert "\n" not in shown_name("\r\n\n\r" * 9)
