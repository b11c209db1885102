import sys


def second(x):
    sys.modules.clear()
    import torch

    return torch.ones(1)
