import torch


def second(x):
    __standin__([])
    return torch.cummax(x, 0).values
