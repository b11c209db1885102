"""Draws a causal mask sliding over a sentence: python tests/pictures/make_mask.py

The shares are those of one head of the small GPT behind `hero play` (block 2, head 3 of 6).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import torch
import torch.nn.functional as F
from film import ROOT, Page, part, save
from matplotlib.patches import Rectangle

from data.style import GREY, INK, PALE, VERMILION

TITLE = "A causal mask: each letter sees itself and what came before"
TEXT = "the king, the queen"
BLOCK, HEAD = 1, 2
LEFT, CELL, TOP, ROW = 96, 35, 62, 19
BLUES = ((255, 255, 255), (0, 114, 178))


def shares():
    """(T, T): how much of which position each position takes; row i sums to 1 over its first i + 1."""
    gpt = part("07_gpt/8_gpt")
    model, chars = gpt.load(ROOT / "data/char_gpt.safetensors")
    idx, seen = torch.tensor([[chars.index(c) for c in TEXT]]), []
    attn = model.blocks[BLOCK].attn
    with attn.register_forward_pre_hook(lambda m, inputs: seen.extend(m.heads(inputs[0]).detach())):
        model(idx)
    T = len(TEXT)
    numbers = torch.eye(T).expand(*seen[0].shape[:2], T, T)  # each hands over its own number
    return F.scaled_dot_product_attention(*seen[:2], numbers, is_causal=True)[0, HEAD]


def shade(share):
    """White for 0, blue for 1, in ten steps; its square root, so that small shares can be seen."""
    share = round(10 * share**0.5) / 10
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*BLUES, strict=True))


def draw(table, now, says):
    """One frame: the sentence with the shares of position `now`, and all rows up to there below."""
    page, T = Page(560, TITLE), len(TEXT)
    seen = [c.replace(" ", "␣") for c in TEXT]
    for k, letter in enumerate(seen):
        x, share = LEFT + CELL * k, float(table[now, k])
        hidden = k > now
        fill = PALE if hidden else shade(share)
        page.box(x + 1.5, TOP, CELL - 3, 44, fill, edgecolor=VERMILION if k == now else GREY,
                 linewidth=2.8 if k == now else 0.8, **({"hatch": "////"} if hidden else {}))  # fmt: skip
        dark = not hidden and share > 0.3
        page.text(
            x + CELL / 2, TOP + 22, letter, 17, color="white" if dark else GREY if hidden else INK
        )
        if not hidden and share >= 0.1:
            page.text(x + CELL / 2, TOP + 57, f"{100 * share:.0f}%", 10.5)
    page.text(LEFT - 12, TOP + 22, "sees", 12.5, ha="right")
    top = TOP + 78
    for i in range(T):
        y = top + ROW * i
        page.text(LEFT - 22, y + ROW / 2, seen[i], 11.5, color=INK if i <= now else GREY,
                  weight="bold" if i == now else "normal")  # fmt: skip
        for k in range(T):
            fill = PALE if k > i else shade(float(table[i, k])) if i <= now else "white"
            place, edge = (LEFT + CELL * k, y), "white" if k > i else "#C9D0D6"
            cell = Rectangle(place, CELL, ROW, facecolor=fill, edgecolor=edge, linewidth=0.6)
            page.axes.add_patch(cell)
    page.text(LEFT + CELL * (T - 4.2), top + ROW * 4.2, "masked: the future", 13, color="#66707A")
    y = top + ROW * now
    page.axes.plot(
        [LEFT, LEFT + CELL * (now + 1)], [y + ROW, y + ROW], color=VERMILION, linewidth=2
    )
    page.box(24, 510, 752, 40, PALE, linewidth=0)
    page.text(400, 530, says, 13.5)
    return page


def film():
    table = shares()
    assert torch.allclose(table.sum(-1), torch.ones(len(TEXT)), atol=1e-5)
    frames = []
    for now, letter in enumerate(TEXT):
        best = int(table[now].argmax())
        name = {" ": "The space"}.get(letter, letter)
        whom = "itself" if best == now else {" ": "a space"}.get(TEXT[best], TEXT[best])
        back = "" if best == now else f", {now - best} back"
        most = f"it takes most, {100 * table[now, best]:.0f} %, from {whom}{back}."
        says = f"{name} may look at {now + 1} of {len(TEXT)}; {most}"
        frames.append((draw(table, now, says), 800))
    inside = [k for k in range(4, len(TEXT)) if TEXT[k].isalpha()]
    right = sum(TEXT.rindex(" ", 0, k) == int(table[k].argmax()) for k in inside)
    many = "All" if right == len(inside) else right
    says = f"{many} of the last {len(inside)} letters look most at the space before their word."
    frames.append((draw(table, len(TEXT) - 1, says), 4500))
    return frames


if __name__ == "__main__":
    save(film(), ROOT / "solutions/07_gpt/pictures/mask.gif")
