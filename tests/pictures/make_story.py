"""Draws how the README's small GPT learns, from training.log: python tests/pictures/make_story.py"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from film import ROOT
from matplotlib.figure import Figure

from data.style import BLUE, GREEN, GREY, INK

LOG = Path(__file__).with_name("training.log")
SAID = re.compile(r"^step (\d+): val ([\d.]+); it writes (.+)$", re.MULTILINE)
SHIPPED = 1.506  # char_gpt.safetensors: data/README.md has its card


def story():
    """[(step, validation loss, what it wrote), ...] as the run said it."""
    found = SAID.findall(LOG.read_text(encoding="utf-8"))
    return [(int(step), float(loss), ast.literal_eval(text)) for step, loss, text in found]


def draw(target):
    """The validation loss, and beside each point the beginning of what the model wrote there."""
    told = story()
    figure = Figure(figsize=(8, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot([t[0] for t in told], [t[1] for t in told], "o-", color=BLUE)
    axes.axhline(SHIPPED, color=GREEN, linestyle="--", linewidth=1.4)
    last = told[-1][0]
    axes.text(
        0, SHIPPED + 0.06, f"{SHIPPED}: the larger model of hero play", color=INK, fontsize=11
    )
    for k, (step, loss, text) in enumerate(told):
        words = re.sub(r"\s+", " ", text)[:24].rsplit(" ", 1)[0].strip()
        y = 2.1 + 0.45 * (len(told) - 1 - k) if k else loss + 0.12
        axes.plot([step, step], [loss, y], color=GREY, linewidth=0.8, zorder=1)
        says = f"{loss:.2f}  “{words} …”"
        axes.text(step + 0.01 * last, y, says, fontsize=11, va="center", parse_math=False)
    axes.set(xlabel="step", ylabel="loss, nats per character", ylim=(1.3, 4.5))
    axes.set_xlim(-0.03 * last, 1.65 * last)
    axes.set_xticks([t[0] for t in told])
    axes.set_title("A small GPT learns to write")
    figure.savefig(target, dpi=100)


if __name__ == "__main__":
    draw(ROOT / "docs/pictures/training.png")
