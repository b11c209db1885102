"""The name that a missing one is nearly: found among a few, and not looked for without end."""

from __future__ import annotations

import random
import time
from pathlib import Path

from graders.core.source import Source


def of(folder: Path, text: str) -> Source:
    file = folder / "part.py"
    file.write_text(text)
    return Source(file)


def test_a_misspelt_name_is_found(tmp_path: Path) -> None:
    assert of(tmp_path, "def tanh_backwards(): 0\n").nearly("tanh_backward") == "tanh_backwards"


def test_thousands_of_names_nearly_alike_cost_no_minutes(tmp_path: Path) -> None:
    rng = random.Random(0)

    def name(length: int) -> str:
        return "".join(rng.choices("ab", k=length))

    for length in (55, 190):
        source = of(tmp_path, "".join(f"def {name(length)}(): 0\n" for _ in range(3_000)))
        began = time.process_time()
        source.nearly(name(length))
        assert time.process_time() - began < 5
