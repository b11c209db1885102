"""Defines its answer below a `try`, after a stub that is still a TODO: what counts is what is there at the end."""

import torch


def second(x):
    raise NotImplementedError("98.second")


try:
    from torch import a_name_that_is_not_there as second
except ImportError:

    def second(x):
        return torch.stack([x[: i + 1].amax(0) for i in range(len(x))])
