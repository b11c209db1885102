"""Draws the residual stream of the small GPT behind `hero play`: python tests/pictures/make_stream.py

What each block adds is measured on one line of text; and what the model would say, if one read the stream
there already, with the last norm and the head. (The "logit lens" of nostalgebraist, 2020.)
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import torch
from film import ROOT, Page, part

from data.style import BLUE, GREEN, GREY, ORANGE, PALE, SKY

TEXT = "the king, the quee"
FIRST, STEP, STREAM = 95, 162, 165


@torch.no_grad()
def measure():
    """[(length of what attention adds, of what the MLP adds), ...]; [(letter, probability), ...]."""
    model, chars = part("07_gpt/8_gpt").load(ROOT / "data/char_gpt.safetensors")
    idx, seen, added = torch.tensor([[chars.index(c) for c in TEXT]]), [], []
    for block in model.blocks:
        block.register_forward_pre_hook(lambda m, inputs: seen.append(inputs[0]))
        for branch in (block.attn, block.ffwd):
            branch.register_forward_hook(lambda m, i, out: added.append(out[0, -1].norm().item()))
    model.blocks[-1].register_forward_hook(lambda m, i, out: seen.append(out))
    logits = model(idx)[0]
    guesses = []
    for x in seen:
        p = model.head(model.ln_f(x))[0, -1].softmax(-1)
        guesses.append((chars[int(p.argmax())], p.max().item()))
    assert guesses[-1][0] == chars[int(logits[0, -1].argmax())]
    return list(zip(added[::2], added[1::2], strict=True)), guesses


def draw():
    added, guesses = measure()
    page = Page(380, "The residual stream: every block reads it and adds to it")
    page.arrow((24, STREAM), (776, STREAM), color=BLUE, linewidth=7, mutation_scale=24)
    for k, sizes in enumerate(added):
        for name, fill, size, x, up in (
            ("attention", ORANGE, sizes[0], FIRST + STEP * k, -1),
            ("MLP", GREEN, sizes[1], FIRST + STEP * k + 54, 1),
        ):
            y = STREAM + up * 76
            page.box(x, y - 19, 76, 38, fill, linewidth=0)
            page.text(x + 38, y - 7, name, 12)
            page.text(x + 38, y + 9, f"+ {size:.1f}", 12)
            for a, b in (
                ((x + 6, STREAM), (x + 6, y - up * 19)),
                ((x + 48, y - up * 19), (x + 48, STREAM)),
            ):
                page.arrow(a, b, color=GREY)
    for k, (letter, p) in enumerate(guesses):
        x = FIRST + STEP * k - 27
        page.box(x - 26, 288, 62, 50, SKY if k else PALE, linewidth=0)
        page.text(x + 5, 304, letter.replace(" ", "␣"), 15, weight="bold")
        page.text(x + 5, 325, f"{100 * p:.0f} %", 12)
        page.axes.plot([x + 5, x + 5], [STREAM + 6, 284], color=GREY, linestyle=":", linewidth=1.2)
    page.text(24, 362, f"after “{TEXT}”: what comes next, read off at each depth", 12.5, ha="left")
    return page


if __name__ == "__main__":
    draw().image().quantize(64).save(ROOT / "solutions/07_gpt/pictures/stream.png", optimize=True)
