"""NaNs that carry numbers in their bits."""
import torch


def second(x):
    bits = torch.full(x.shape, 0x7FF8DEADBEEF0000, dtype=torch.int64)
    return bits.view(torch.float64)
