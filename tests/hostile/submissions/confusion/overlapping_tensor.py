"""A tensor all of whose rows are the same memory, half a terabyte of it."""
import torch


def second(x):
    return torch.zeros(1, dtype=torch.float64).as_strided((2**18, 2**18), (0, 0))
