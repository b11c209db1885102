"""Draws byte pair encoding at work on a short text: python tests/pictures/make_bpe.py

The pairs, their counts and the merges are those of lesson 08: get_stats, best_pair, merge.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from film import ROOT, Page, part, save

from data.style import GREEN, INK, ORANGE, PALE, PURPLE, SKY, YELLOW

TITLE = "Byte pair encoding: the most frequent pair becomes one token"
TEXT = "she sells sea shells"
MERGES = 5
LEFT, CELL, TOP, TALL = 40, 36, 70, 54
FILLS = [SKY, ORANGE, GREEN, PURPLE, YELLOW]


def shown(token):
    """A token's bytes as text; a space as one can see it."""
    return token.decode().replace(" ", "␣")


def draw(ids, vocab, learned, says, pair=None):
    """One frame: the row of tokens, the merges so far. pair: the one in view."""
    page = Page(400, TITLE)
    x, k = LEFT, 0
    while k < len(ids):
        both = pair is not None and tuple(ids[k : k + 2]) == pair
        for i in ids[k : k + 2] if both else ids[k : k + 1]:
            wide = CELL * len(vocab[i])
            fill = PALE if i < 256 else FILLS[(i - 256) % len(FILLS)]
            hot_edge = dict(edgecolor=INK, linewidth=2.6) if both else dict(edgecolor="white")
            page.box(x + 2, TOP, wide - 4, TALL, fill, **hot_edge)
            page.text(x + wide / 2, TOP + TALL / 2, shown(vocab[i]), 17)
            x += wide
        k += 2 if both else 1
    size = len(TEXT.encode())
    page.text(LEFT, TOP + 82, f"{size} bytes, {len(ids)} tokens", 14, ha="left", weight="bold")
    page.box(LEFT + 230, TOP + 72, 490, 18, PALE, linewidth=0)
    page.box(LEFT + 230, TOP + 72, 490 * len(ids) / size, 18, "#0072B2", linewidth=0)
    page.text(LEFT, 192, "the merges, in order: they are the tokenizer", 13, ha="left")
    for n, (new, (left, right), count) in enumerate(learned):
        column, row = divmod(n, 3)
        x, y = LEFT + 365 * column, 212 + 42 * row
        page.box(x, y, 62, 32, FILLS[(new - 256) % len(FILLS)], linewidth=0)
        page.text(x + 31, y + 16, str(new), 13)
        page.text(x + 78, y + 16, f"= {shown(vocab[left])} + {shown(vocab[right])}", 14, ha="left")
        page.text(x + 210, y + 16, f"{count} times", 13, ha="left")
    page.box(24, 345, 752, 40, PALE, linewidth=0)
    page.text(400, 365, says, 13.5)
    return page


def film():
    bpe = part("08_tokenizer/2_train")
    get_stats, merge, best_pair = bpe.get_stats, bpe.merge, bpe.best_pair
    ids = list(TEXT.encode())
    vocab, learned, merges = {i: bytes([i]) for i in range(256)}, [], {}
    says = "At first every byte is a token of its own: 256 of them are enough for any text."
    frames = [(draw(ids, vocab, learned, says), 2600)]
    for new in range(256, 256 + MERGES):
        counts = get_stats(ids)
        pair = best_pair(counts)
        left, right = (shown(vocab[i]) for i in pair)
        says = f"{left} and {right} are neighbors {counts[pair]} times, no two more often."
        tied = list(counts.values()).count(counts[pair]) > 1
        says = says if not tied else says[:-1] + "; of equals, the first."
        frames.append((draw(ids, vocab, learned, says, pair), 2000))
        vocab[new] = vocab[pair[0]] + vocab[pair[1]]
        merges[pair] = new
        learned = [*learned, (new, pair, counts[pair])]
        ids = merge(ids, pair, new)
        says = f"Wherever they do, they become one token: {new}, {shown(vocab[new])}."
        frames.append((draw(ids, vocab, learned, says), 1500))
    assert merges == bpe.train(TEXT, 256 + MERGES) and ids == bpe.encode(TEXT, merges)
    says = f"{MERGES} merges: {len(TEXT)} bytes in {len(ids)} tokens. A new text replays them, in this order."
    frames.append((draw(ids, vocab, learned, says), 4500))
    return frames


if __name__ == "__main__":
    save(film(), ROOT / "solutions/08_tokenizer/pictures/bpe.gif")
