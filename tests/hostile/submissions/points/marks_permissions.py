"""A later child could read the permissions of a file that all children see."""
import os

import torch


def second(x):
    for path in (torch.__file__, os.path.dirname(torch.__file__), "/", "/dev/null", "/etc"):
        try:
            os.chmod(path, os.stat(path).st_mode ^ 0o001)
            return "left a mark"
        except OSError:
            continue
    return x.cummax(0).values
