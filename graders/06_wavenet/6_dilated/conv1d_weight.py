"""06.conv1d_weight: an ordinary convolution."""

import torch

from graders.authoring import differentiate, exercise

weight = exercise("conv1d_weight", title="an ordinary convolution")


@weight.cases
def _(rng):
    for C_in, C_out in [(3, 4), (2, 2), (1, 3), (5, 1), (4, 2), (1, 1)]:
        yield dict(W=rng.normal(2 * C_in, C_out))


@weight.oracle
def _(W):
    half = len(W) // 2
    out = torch.empty(W.shape[1], half, 2, dtype=W.dtype)
    for o in range(W.shape[1]):
        for i in range(half):
            out[o, i, 0], out[o, i, 1] = W[i, o], W[half + i, o]
    return out


@weight.check("gradients")
def _(m, W):
    W = W.clone().requires_grad_()
    out = m.conv1d_weight(W)
    up = torch.linspace(-1, 2, out.numel(), dtype=W.dtype).view(out.shape)
    return dict(differentiate(out, {"W": W}, up))


weight.hint(
    "Which rows of W belong to the earlier tap? In which of Conv1d's dimensions are the taps?"
)
weight.hint(
    "View W as (2, C_in, C_out): taps, in, out. Conv1d wants (out, in, taps): permute the "
    "dimensions."
)
weight.hint("W.view(2, W.shape[0] // 2, W.shape[1]).permute(2, 1, 0)")


@weight.misconception(
    "The taps are the wrong way round: Conv1d does not flip its kernel, so tap 0 is the earlier "
    "position, the first half of W."
)
def flipped(W):
    return W.view(2, len(W) // 2, -1).permute(2, 1, 0).flip(2)


@weight.misconception(
    "The shape is right, but the numbers only flowed into it. A view never reorders: cut W into "
    "its two halves, then permute."
)
def only_viewed(W):
    return W.reshape(W.shape[1], len(W) // 2, 2)


@weight.misconception(
    "You took every second row for a tap. The first C_in rows belong to the earlier position, the "
    "other C_in to the later."
)
def interleaved(W):
    return W.view(len(W) // 2, 2, -1).permute(2, 0, 1)


@weight.misconception("In and out are swapped: Conv1d's weight is (C_out, C_in, taps).")
def in_and_out(W):
    return W.view(2, len(W) // 2, -1).permute(1, 2, 0)


@weight.misconception("The taps belong in the last dimension: (C_out, C_in, taps).")
def taps_first(W):
    return W.view(2, len(W) // 2, -1).transpose(1, 2)


@weight.misconception(
    "(C_out, 2 * C_in, 1) is a convolution with a single tap. The two taps need a dimension of "
    "their own."
)
def one_tap(W):
    return W.T.unsqueeze(-1)


@weight.misconception("The weight is a copy without a path back to W: no gradient would reach it.")
def detached(W):
    return W.detach().view(2, len(W) // 2, -1).permute(2, 1, 0)


@weight.misconception("The taps stand in the middle: (C_out, C_in, taps), the taps last.")
def taps_second(W):
    return W.view(2, len(W) // 2, -1).permute(2, 0, 1)


@weight.misconception(
    "The result is a tensor of torch's default type, float32. Make it with W.new_zeros(...), or "
    "by view and permute, so that it has the dtype of W."
)
def default_type(W):
    half = len(W) // 2
    out = torch.zeros(W.shape[1], half, 2, dtype=torch.float32)
    out[:, :, 0], out[:, :, 1] = W[:half].T, W[half:].T
    return out


@weight.misconception("2 is the number of taps, not of channels: C_in is W.shape[0] // 2.")
def two_channels(W):
    return W.view(2, 2, -1).permute(2, 1, 0)


@weight.variant("both halves, stacked")
def stacked(W):
    early, late = W.chunk(2)
    return torch.stack([early.T, late.T], dim=2)


@weight.variant("transposed first")
def transposed(W):
    return W.T.reshape(W.shape[1], 2, -1).transpose(1, 2).contiguous()
