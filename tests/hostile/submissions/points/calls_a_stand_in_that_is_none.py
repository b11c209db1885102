import torch


def second(x):
    __standin__("nobody")
    return torch.cummax(x, 0).values
