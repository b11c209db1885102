import torch


def second(x):
    return torch.zeros(2**25 - 1000, dtype=torch.int8)
