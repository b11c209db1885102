"""What pictures promise: small, all of one hand, and what they show is what the reference computes."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from data.style import COLORS, RC

ROOT = Path(__file__).resolve().parents[2]
MOVING = {"backward": "01_micrograd", "mask": "07_gpt", "bpe": "08_tokenizer", "cache": "09_gpt2"}


@pytest.mark.parametrize(("name", "lesson"), MOVING.items())
def test_a_moving_picture_is_small_loops_and_rests(name: str, lesson: str) -> None:
    path = ROOT / "solutions" / lesson / "pictures" / f"{name}.gif"
    assert path.stat().st_size < 200_000
    with Image.open(path) as film:
        assert film.n_frames >= 10 and film.info["loop"] == 0
        assert film.info["duration"] >= 4000  # the first frame is the whole result, and it stays
        assert film.width >= 800
    page = (ROOT / "solutions" / lesson / "README.md").read_text(encoding="utf-8")
    assert f"](pictures/{name}.gif)" in page
    assert (Path(__file__).parent / f"make_{name}.py").is_file()  # it can be drawn again


def test_every_picture_is_shown_and_small() -> None:
    for page in [ROOT / "README.md", *ROOT.glob("solutions/*/README.md"), *ROOT.glob("docs/*.md")]:
        for words, address in re.findall(r"!\[([^\]]*)\]\(([^):]+)\)", page.read_text("utf-8")):
            path = page.parent / address
            assert path.is_file(), f"{page}: {address}"
            assert words and path.stat().st_size < 200_000, f"{page}: {address}"


def test_the_style_is_what_matplotlib_reads() -> None:
    assert all(color[1:] in RC.read_text("utf-8") for color in COLORS)
    code = "import data, matplotlib as m; print(m.rcParams['axes.prop_cycle'].by_key()['color'][0])"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert said.stdout.strip().lstrip("#") == COLORS[0][1:]


def test_the_story_of_the_readme_is_what_the_run_said() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    log = (Path(__file__).parent / "training.log").read_text("utf-8")
    told = re.findall(r"^    step (\d+) +([\d.]+)   (.+)$", readme, re.MULTILINE)
    assert len(told) == 3
    for step, loss, text in told:
        (line,) = re.findall(rf"^step {step}: val {loss}; it writes .*$", log, re.MULTILINE)
        assert text in line
