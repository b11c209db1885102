"""Draws the lessons' still pictures again, with the reference and the style of data/matplotlibrc.

python tests/pictures/redraw.py 01 05/5      those of a lesson, of a part; then run `hero derive`

A part's own program draws its pictures; those that stand in solutions/NN_*/pictures are replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
OPTIONS = {"02/7": ["--names", "2000"]}  # where the page shows another run than the default one
CROPS = {"counts.png": (46, 26, 674, 653)}  # a quarter of it is enough to read, and can be read
SHOWN = {"activations.png": "diagnostics.png"}  # where the page has another name for it
NAME = re.compile(r'picture\(f?"([\w/{}]+\.(?:png|svg))"\)')


def parts(chosen: list[str]) -> list[tuple[Path, list[Path]]]:
    """[(a part's file, the committed pictures that it draws), ...]."""
    found = []
    for file in sorted(ROOT.glob("solutions/[0-9]*/[0-9]*.py")):
        number = f"{file.parent.name[:2]}/{file.name.partition('_')[0]}"
        names = {ROOT / "solutions" / name for name in NAME.findall(file.read_text("utf-8"))}
        kept = []
        for path in sorted(names):  # "{name}.svg" stands for several
            shown = re.sub(r"\{\w+\}", "*", SHOWN.get(path.name, path.name))
            kept += sorted((path.parent / "pictures").glob(shown))
        if kept and (not chosen or number in chosen or number[:2] in chosen):
            found.append((file, kept))
    return found


def main(chosen: list[str]) -> None:
    for file, pictures in parts(chosen):
        options = OPTIONS.get(f"{file.parent.name[:2]}/{file.name.partition('_')[0]}", [])
        began = time.perf_counter()
        with tempfile.TemporaryDirectory() as out:
            place = os.environ | {"HERO_OUT": out}
            done = subprocess.run(
                [sys.executable, str(file), *options],
                env=place,
                cwd=ROOT,
                capture_output=True,
                text=True,
            )
            if done.returncode:
                print(f"{file.name} failed: {done.stderr.strip().splitlines()[-1]}")
                continue
            for path in pictures:
                drawn = next((k for k, v in SHOWN.items() if v == path.name), path.name)
                shutil.copyfile(Path(out) / path.parent.parent.name / drawn, path)
                if path.name in CROPS:
                    Image.open(path).crop(CROPS[path.name]).save(path, optimize=True)
        names = ", ".join(path.name for path in pictures)
        print(
            f"{file.parent.name}/{file.name}: {names}, {time.perf_counter() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
