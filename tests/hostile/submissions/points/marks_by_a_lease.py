"""A lease on a file, and news of a folder, tell one child what another one opens."""
import fcntl
import os

import torch


def second(x):
    for path, command in ((torch.__file__, fcntl.F_SETLEASE), (os.path.dirname(torch.__file__), fcntl.F_NOTIFY)):
        fd = os.open(path, os.O_RDONLY)
        try:
            fcntl.fcntl(fd, command, fcntl.F_RDLCK if command == fcntl.F_SETLEASE else 1)
            return "hears of others"
        except OSError:
            pass
        finally:
            os.close(fd)
    return x.cummax(0).values
