import torch


def fake(*args, **kwargs):
    return torch.zeros(1)


torch.cummax = torch.Tensor.cummax = fake


def second(x):
    return fake()
