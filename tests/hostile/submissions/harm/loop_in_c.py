import torch


def second(x):
    return torch.ones(5000, 5000) @ torch.ones(5000, 5000) @ torch.ones(5000, 5000)
