"""What a lesson's page promises: the moment it clicks, three failures to bring about, commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.parent for path in ROOT.glob("solutions/[0-9]*/README.md"))
RUN = re.compile(r"hero run (\d\d)/(\d+)([^`\n]*)")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_page_ends_with_three_failures(lesson: Path) -> None:
    page = (lesson / "README.md").read_text("utf-8")
    assert page.count("**The moment it clicks:**") == 1
    (failures,) = re.findall(r"^## Break it\n(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    assert re.findall(r"^(\d)\. \*\*", failures, re.MULTILINE) == ["1", "2", "3"]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_part_and_option_that_a_text_names_exists(lesson: Path) -> None:
    for text in [lesson / "README.md", *lesson.glob("[0-9]*.py")]:
        for number, part, options in RUN.findall(text.read_text("utf-8")):
            (program,) = ROOT.glob(f"solutions/{number}_*/{part}_*.py")
            source = program.read_text("utf-8")
            for flag in re.findall(r"--([a-z][\w-]*)", options):
                named = f'"--{flag}"' in source
                listed = 'f"--{name}"' in source and re.search(rf"\b{flag}=", source)
                assert named or listed, f"{text}: hero run {number}/{part} has no --{flag}"
