# deeper than a path may be long, and than files may be open
import os
import time

import torch


def second(x):
    here = os.open(".", os.O_RDONLY)
    for _ in range(100):
        os.mkdir("deeper" * 9)
        os.chdir("deeper" * 9)
    os.mkdir("locked", 0)
    os.fchdir(here)
    time.sleep(3)  # until somebody looks
    return torch.cummax(x, 0).values
