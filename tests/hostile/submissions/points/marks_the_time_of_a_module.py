"""A later child could read the times of a file that all children import."""
import json
import os

import torch


def second(x):
    for path in (json.__file__, torch.__file__, os.path.dirname(torch.__file__), "/", "/etc/passwd"):
        before = os.stat(path)
        with open(path if os.path.isfile(path) else json.__file__, "rb") as file:
            file.read(1)
        try:
            os.utime(path)
        except OSError:
            pass
        after = os.stat(path)
        if (before.st_atime_ns, before.st_mtime_ns) != (after.st_atime_ns, after.st_mtime_ns):
            return "left a mark"
    return x.cummax(0).values
