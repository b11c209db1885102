"""Numbers in eight bits, with a scale."""
import torch


def second(x):
    return torch.quantize_per_tensor(x.float(), 0.1, 0, torch.qint8)
