"""Draws what an embedding lookup is: python tests/pictures/make_lookup.py

A one-hot row times the table, and the row that the index names: the reference computes both. Of lesson 03's
27 characters there are six here, of their numbers three.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import torch
from film import ROOT, Page, part

from data.style import BLUE, INK, ORANGE, PALE

CHARS, INDEX, WIDTH = ".abcde", 3, 3  # c
CELL, ROW, TABLE = (58, 32), 38, (244, 94)  # a cell's size; the rows' distance; the table's corner
STILL = "#5B6670"  # what stands back, and can be read on PALE
ROWS = {k: TABLE[1] + ROW * k for k in range(len(CHARS))}


def measure():
    """The table, the one-hot row, and the embedding by product and by index: they are equal."""
    lesson = part("03_mlp/2_embedding")
    C = torch.randn(len(CHARS), WIDTH, generator=torch.Generator().manual_seed(7))
    X = torch.tensor([[INDEX]])
    xenc, emb = lesson.embed_by_matmul(C, X)
    assert torch.equal(emb, lesson.embed(C, X))
    return C.tolist(), xenc[0, 0].tolist(), emb[0, 0].tolist()


def numbers(page, x, y, row, fill, color):
    for k, number in enumerate(row):
        page.box(x + k * (CELL[0] + 4), y, *CELL, fill, linewidth=0)
        page.text(
            x + k * (CELL[0] + 4) + CELL[0] / 2, y + CELL[1] / 2, f"{number:.2f}", color=color
        )


def draw():
    C, onehot, emb = measure()
    page = Page(392, f"Looking “{CHARS[INDEX]}” up: its one-hot row times C is row {INDEX} of C")
    across = WIDTH * (CELL[0] + 4) - 4
    after = TABLE[0] + across  # where the table ends
    page.text(146, 76, "one-hot", 12)
    page.text(TABLE[0] + across / 2, 76, f"C: {len(CHARS)} rows of {WIDTH} numbers", 12)
    page.text(after + 76 + across / 2, ROWS[INDEX] - 22, "the embedding", 12)
    for k, (row, y) in enumerate(zip(C, ROWS.values(), strict=True)):
        chosen = k == INDEX
        fill, ink = (ORANGE, INK) if chosen else (PALE, STILL)
        middle, weight = y + CELL[1] / 2, "bold" if chosen else "normal"
        page.text(60, middle, f"{CHARS[k]}   {k}", color=ink, weight=weight)
        page.box(120, y, 52, CELL[1], fill, linewidth=0)
        page.text(146, middle, f"{onehot[k]:.0f}", color=ink, weight=weight)
        page.text(208, middle, "×", color=ink)
        numbers(page, TABLE[0], y, row, fill, ink)
    y = ROWS[INDEX] + CELL[1] / 2
    page.arrow((after + 10, y), (after + 66, y), color=BLUE, linewidth=2.5)
    numbers(page, after + 76, ROWS[INDEX], emb, ORANGE, INK)
    total = len(CHARS) * WIDTH
    for y, code, words in (
        (346, "onehot @ C", f"{total} products, {total - WIDTH} of them with 0, added up"),
        (370, f"C[{INDEX}]", "the row is read, nothing is computed"),
    ):
        page.text(24, y, code, 12.5, ha="left", family="monospace", weight="bold")
        page.text(146, y, words, 12.5, ha="left")
    return page


if __name__ == "__main__":
    draw().image().quantize(64).save(ROOT / "solutions/03_mlp/pictures/lookup.png", optimize=True)
