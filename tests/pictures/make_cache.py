"""Draws the KV cache as it fills, beside writing without one: python tests/pictures/make_cache.py

The text is what the small GPT behind `hero play` writes. Which positions are computed at each token is
counted: on that model, which has no cache, and on the one of lesson 09, which has.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import torch
from film import ROOT, Page, part, save
from matplotlib.patches import Rectangle

from data.style import INK, ORANGE, PALE, SKY

TITLE = "A KV cache: what does not change need not be computed again"
PROMPT, NEW = "To be", 8
CELL, ROW, TOP = 26, 22, 128
PANELS = ((30, "without a cache"), (425, "with a KV cache"))


def counted(module, run):
    """How many positions went through `module` at each of its calls while `run` ran, and run's result."""
    widths = []
    with module.register_forward_pre_hook(lambda m, inputs: widths.append(inputs[0].shape[1])):
        result = run()
    return widths, result


@torch.no_grad()
def numbers():
    """(the text, positions computed for each token without a cache, and with one)."""
    gpt = part("07_gpt/8_gpt")
    model, chars = gpt.load(ROOT / "data/char_gpt.safetensors")
    idx = torch.tensor([[chars.index(c) for c in PROMPT]])
    attn = model.blocks[0].attn
    plain, out = counted(attn, lambda: gpt.generate(model, idx, NEW, top_k=1))
    nine = part("09_gpt2/9_cache")
    small = nine.GPT(vocab_size=len(chars), block_size=64, n_layer=2, n_head=2, n_embd=16)
    cached, _ = counted(small.h[0].attn, lambda: nine.generate_cached(small, idx, NEW))
    return "".join(chars[i] for i in out[0].tolist()), plain, cached


def draw(text, work, step, says):
    """One frame: `step` tokens are written; step -1 is before the first."""
    page = Page(440, TITLE)
    for (left, name), widths in zip(PANELS, work, strict=True):
        page.text(left, 68, name, 14, ha="left", weight="bold")
        for k, letter in enumerate(text):
            written = k < len(PROMPT) + step
            page.box(left + CELL * k + 1, 88, CELL - 2, 30, PALE if k < len(PROMPT) else "white",
                     edgecolor=INK if written else "#C9D0D6", linewidth=0.9)  # fmt: skip
            if written:
                page.text(left + CELL * k + CELL / 2, 103, letter.replace(" ", "␣"), 14)
        for row in range(step):
            length, computed = len(PROMPT) + row, widths[row]
            for k in range(length):
                fill = ORANGE if k >= length - computed else SKY
                place = (left + CELL * k + 1, TOP + ROW * row + 1)
                page.axes.add_patch(Rectangle(place, CELL - 2, ROW - 2, facecolor=fill))
        total = sum(widths[:step])
        page.text(
            left, TOP + ROW * NEW + 22, f"computed: {total} positions", 14, ha="left", weight="bold"
        )
    for x, fill, what in ((425, ORANGE, "computed"), (560, SKY, "read from the cache")):
        page.axes.add_patch(Rectangle((x, 354), 16, 14, facecolor=fill))
        page.text(x + 24, 361, what, 12.5, ha="left")
    page.box(24, 388, 752, 40, PALE, linewidth=0)
    page.text(400, 408, says, 13.5)
    return page


def film():
    text, *work = numbers()
    plain, cached = work
    assert len(plain) == len(cached) == NEW and len(text) == len(PROMPT) + NEW
    says = "A row for each new token; a square is the keys and values of one position."
    frames = [(draw(text, work, 0, says), 3000)]
    for step in range(1, NEW + 1):
        letter = text[len(PROMPT) + step - 1].replace(" ", "␣")
        n, m = plain[step - 1], cached[step - 1]
        says = f"For {letter}: {n} positions without a cache, {m} with it." if step > 1 else (
            f"For {letter}: the prompt, {n} positions on both sides. On the right they are kept."
        )  # fmt: skip
        frames.append((draw(text, work, step, says), 2200 if step < 3 else 800))
    ratio = sum(plain) / sum(cached)
    says = f"{NEW} tokens: {sum(plain)} positions against {sum(cached)}, {ratio:.1f} times as many."
    frames.append((draw(text, work, NEW, says), 4500))
    return frames


if __name__ == "__main__":
    save(film(), ROOT / "solutions/09_gpt2/pictures/cache.gif")
