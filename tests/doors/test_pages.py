"""The pages about doors: what they name is there, and assistants are asked the same everywhere."""

import re
from pathlib import Path

import pytest

from graders.core.registry import Registry
from graders.tutor.tools import BY_NAME, INSTRUCTIONS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["AGENTS.md", "docs/tutor.md", "docs/editors.md"])
def test_what_a_page_names_is_there(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for path in re.findall(r"\]\(([\w./-]+)", text):
        assert (ROOT / name).parent.joinpath(path).exists(), path
    for path in re.findall(
        r"`((?:exercises|graders|solutions|docs)/[\w./-]*|\.\w[\w/]+\.json)", text
    ):
        made = (".vscode/mcp.json", ".hero/state.json")  # by whoever uses them
        assert (ROOT / path).exists() or path in made, path
    ids = re.findall(r"\b\d\d\.[a-z_]+\b", text)
    for id_ in ids:
        Registry().select([id_])
    if name == "docs/tutor.md":
        assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == set(BY_NAME)


def test_assistants_are_asked_the_same_everywhere():
    words = (ROOT / "AGENTS.md").read_text(encoding="utf-8")
    for text in (words, INSTRUCTIONS):
        flat = " ".join(text.split())
        assert "Never open" in flat and "solutions/" in flat and "numbered folders in" in flat
        assert "plain words" in flat
