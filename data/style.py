"""One hand for every picture: the colours, and the file that tells matplotlib about them.

    from data.style import BLUE, VERMILION

The colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which people with any kind of
colour blindness can tell apart; on a white ground they are as clear in a dark page as in a light one. Use
them in this order, and never colour alone: a label, a marker or a dash says the same.
"""

from __future__ import annotations

import os
from pathlib import Path

BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
SKY, PURPLE, YELLOW = "#56B4E9", "#CC79A7", "#F0E442"
COLORS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, YELLOW)  # the cycle of data/matplotlibrc
INK, GREY, PALE = "#22303C", "#8A949E", "#E8ECEF"  # text, what stands back, what is empty
TINTS = ("#BDE0F5", "#F7DCA1", "#B5E2D2", "#EFCFE1", "#F4EE9C")  # grounds to write on, side by side

RC = Path(__file__).with_name("matplotlibrc")


def use_style() -> None:
    """Have matplotlib read our file, unless you named another one in MATPLOTLIBRC.

    It reads it when it is first imported, which a part does when it draws: this costs nothing here.
    """
    os.environ.setdefault("MATPLOTLIBRC", str(RC))
