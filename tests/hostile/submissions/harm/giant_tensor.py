import torch


def second(x):
    return torch.ones(25 * 10**9, dtype=torch.float32)
