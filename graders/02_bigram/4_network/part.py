"""What the exercises of this part share.

The bigram network: pairs, one-hot, logits, softmax, loss, one step, the loop, the spring.
"""

import torch


def ramp(like):
    """An upstream gradient of the same shape: all different, and with a sum that is not 0."""
    return torch.linspace(-1, 2, like.numel(), dtype=like.dtype).view(like.shape)


def bowl(W, target):
    """A loss that is not the same in all directions, and not a parabola."""
    weights = torch.linspace(0.5, 2, W.numel(), dtype=W.dtype).view(W.shape)
    return (weights * (W - target) ** 2).sum() + (W.sin() * target).sum()
