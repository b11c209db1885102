"""Leaves something in modules, builtins and the environment for whoever runs in this process next."""
import builtins
import os

import torch

PLACES = (builtins, torch, torch.Tensor, os)
FOUND = [str(place) for place in PLACES if hasattr(place, "hero_mark")] + [n for n in os.environ if n == "HERO_MARK"]
for place in PLACES:
    place.hero_mark = 42
os.environ["HERO_MARK"] = "42"


def second(x):
    return f"found {FOUND}" if FOUND else x.cummax(0).values
