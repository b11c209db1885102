"""Draws the terminal picture of the README: a real mistake, checked for real.

python tests/pictures/make_diagnosis.py solutions/05_backprop/pictures/diagnosis.svg
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from data.style import BLUE, GREEN, INK, PURPLE, VERMILION
from graders.core.judge import Judge
from graders.core.registry import Registry
from graders.front import render

EXERCISE = "C_backward"
TEAL, OLIVE, PAPER, DIM = "#00708F", "#8A5A00", "#F4F6F8", "#5B6670"
LIGHT = [
    INK,
    VERMILION,
    GREEN,
    OLIVE,
    BLUE,
    PURPLE,
    TEAL,
    DIM,
]  # black, red, green, ...: as ANSI has them
# fancy-index assignment keeps only the last of repeated rows: the classic
WRONG = """    dC = torch.zeros_like(C)
    dC[Xb] += demb
    return dC
"""


def main(target: Path) -> None:
    """Grades the wrong answer in a copy of exercises/ and saves what the terminal shows."""
    registry = Registry()
    ref = registry.select([f"05.{EXERCISE}"])[0][0]
    judge = Judge(registry, seed=7)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "exercises"
        shutil.copytree(registry.root / "exercises", folder)
        path = folder / ref.file
        marker = f'    raise NotImplementedError("05.{EXERCISE}")\n'
        text = path.read_text()
        assert marker in text
        path.write_text(text.replace(marker, WRONG))
        result = judge.grade(ref, [EXERCISE], folder)[0]
        judge.close()
        os.chdir(name)
        out = Console(record=True, width=98, file=io.StringIO(), force_terminal=True)
        out.print(Text(f"$ hero check 05.{EXERCISE}\n", "bold"))
        render.report(result, out)
        out.print()  # the picture cuts below its last line: let that be an empty one
        os.chdir(registry.root)
    rgb = [tuple(bytes.fromhex(color[1:])) for color in (PAPER, INK, *LIGHT)]
    theme = TerminalTheme(rgb[0], rgb[1], rgb[2:])
    target.write_text(out.export_svg(title="hero", theme=theme))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
