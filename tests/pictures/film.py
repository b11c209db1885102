"""What the moving pictures share: a page to draw on, frames, and one small GIF.

A film begins with its last frame: where pictures stand still (in print, or where somebody asked for no
motion) one sees the whole result, and where they move it is the pause at the end.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

# data first: it tells matplotlib where our style is
from data.style import COLORS as SEVEN  # noqa: E402
from data.style import GREY, INK, PALE  # noqa: E402

# isort: split
from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import FancyBboxPatch  # noqa: E402
from matplotlib.text import Text  # noqa: E402
from PIL import Image  # noqa: E402

OURS = (INK, GREY, PALE, *SEVEN)
COLORS = 48  # more: enough for soft edges, few enough for a small file


def part(name: str) -> Any:
    """The reference's module of a part: part("07_gpt/8_gpt")."""
    spec = importlib.util.spec_from_file_location("part", ROOT / "solutions" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["part"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


class Page:
    """One frame: 800 units wide, y downwards, as on a screen."""

    def __init__(self, height: int, title: str) -> None:
        self.figure = Figure(figsize=(8, height / 100), dpi=110, facecolor="white")
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, 800), ylim=(height, 0))
        self.axes.axis("off")
        self.text(24, 28, title, size=15, ha="left", weight="bold")

    def text(self, x: float, y: float, words: str, size: float = 13, **more: Any) -> None:
        kind = {"ha": "center", "va": "center", "color": INK, "parse_math": False} | more
        self.axes.text(x, y, words, fontsize=size, **kind)

    def box(self, x: float, y: float, w: float, h: float, fill: str, **more: Any) -> None:
        """A box; (x, y) is its upper left corner."""
        kind = {"edgecolor": INK, "linewidth": 1.0} | more
        shape = f"round,pad=0,rounding_size={min(5, w / 4, h / 4)}"
        self.axes.add_patch(FancyBboxPatch((x, y), w, h, shape, facecolor=fill, **kind))

    def arrow(self, start: Sequence[float], end: Sequence[float], **more: Any) -> None:
        kind = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.6, "shrinkA": 0, "shrinkB": 0}
        self.axes.annotate("", tuple(end), tuple(start), arrowprops=kind | more)

    def image(self) -> Image.Image:
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        size = canvas.get_width_height()
        for text in filter(Text.get_text, self.axes.texts):
            at = text.get_window_extent()  # a sentence that runs off the page is a mistake
            if at.x0 < 20 or at.x1 > size[0] - 20:
                raise ValueError(f"{text.get_text()!r} is wider than the page")
        return Image.frombytes("RGBA", size, bytes(canvas.buffer_rgba())).convert("RGB")


def save(frames: list[tuple[Page, int]], target: Path) -> None:
    """Writes [(page, milliseconds), ...] as a GIF that runs for ever, the last one first."""
    frames = frames[-1:] + frames[:-1]
    images = [page.image() for page, _ in frames]
    width, height = images[0].size
    strip = Image.new("RGB", (width, 3 * height))  # one palette for all, from three of them
    for k in range(3):
        strip.paste(images[k * (len(images) - 1) // 2], (0, k * height))
    palette = strip.quantize(COLORS, method=Image.Quantize.MEDIANCUT)
    entries = (palette.getpalette() or [])[: 3 * COLORS]
    exact = [255, 255, 255, *(channel for name in OURS for channel in bytes.fromhex(name[1:]))]
    palette.putpalette(exact + entries)  # our own colours as they are, then soft edges
    flat = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    times = [ms for _, ms in frames]
    flat[0].save(target, save_all=True, append_images=flat[1:], duration=times, loop=0)
    print(f"{target}: {len(flat)} frames, {target.stat().st_size / 1000:.0f} kB")
