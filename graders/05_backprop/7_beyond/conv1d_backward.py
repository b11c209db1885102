"""05.conv1d_backward: 1-D convolution, backward."""

import torch

from graders.authoring import exercise

from .part import gradients, leaf, turned

conv1d = exercise("conv1d_backward", title="1-D convolution, backward", points=2, stretch=True)


@conv1d.cases
def _(rng):
    def case(b, c_in, c_out, t, k, **dtype):
        return dict(
            dout=rng.normal(b, c_out, t - k + 1, **dtype),
            x=rng.normal(b, c_in, t, **dtype),
            weight=rng.normal(c_out, c_in, k, **dtype),
        )

    yield case(1, 1, 1, 4, 2)
    yield case(2, 3, 4, 7, 3)
    yield case(3, 2, 5, 6, 1)  # a kernel of one: a linear layer at each time
    yield case(2, 4, 3, 5, 5)  # as long as the input: one output
    yield case(2, 3, 3, 6, 3)
    moved = case(2, 3, 4, 6, 2)
    yield {name: turned(x) for name, x in moved.items()}
    yield case(2, 3, 4, 6, 2, dtype=torch.float32)


@conv1d.oracle
def _(dout, x, weight):
    a, w, b = leaf(x), leaf(weight), torch.zeros(len(weight)).double().requires_grad_()
    return gradients([a, w, b], torch.nn.functional.conv1d(a, w, b), dout)


conv1d.hint("Fix one k: then out is a matrix product of weight[:, :, k] and a shifted piece of x.")
conv1d.hint(
    "That piece is x[:, :, k : k + length], length = dout.shape[2]. dweight[:, :, k] sums over "
    "batch and time; into dx the pieces overlap, so add."
)
conv1d.hint(
    "In a loop over k: dx[:, :, k:k+length] += einsum('bot,oi->bit', dout, weight[:, :, k]) and "
    "dweight[:, :, k] = einsum('bot,bit->oi', dout, x[:, :, k:k+length]); dbias = dout.sum((0, 2))."
)

conv1d.misconception(
    "In dx the pieces overlap: each x[t] is used by several outputs. You assigned (=) where you "
    "should add (+=).",
    name="assigned",
    replace="dx[:, :, seen] += ",
    by="dx[:, :, seen] = ",
)
conv1d.misconception(
    "In dx the kernel runs the wrong way: where out[t] used x[t + k] with weight k, the "
    "gradient goes back to t + k with that same k. (Written as a convolution of dout, the "
    "kernel must be flipped.)",
    name="not_flipped",
    replace='"bot,oi->bit", dout, weight[:, :, k])',
    by='"bot,oi->bit", dout, weight[:, :, weight.shape[2] - 1 - k])',
)
conv1d.misconception(
    "dweight is flipped in time: weight[:, :, k] met x[:, :, t + k], not the piece from the "
    "other end.",
    name="weight_flipped",
    replace="dweight[:, :, k] = ",
    by="dweight[:, :, weight.shape[2] - 1 - k] = ",
)
conv1d.misconception(
    "dweight was averaged over the batch: the mean of the loss is inside dout already; sum.",
    name="weight_mean",
    replace='torch.einsum("bot,bit->oi", dout, x[:, :, seen])',
    by='torch.einsum("bot,bit->oi", dout, x[:, :, seen]) / x.shape[0]',
)
conv1d.misconception(
    "dbias was summed over the batch only. The bias is copied along time, too: sum over (0, 2).",
    name="bias_over_batch",
    replace="dout.sum((0, 2))",
    by="dout.sum(0)",
)
conv1d.misconception(
    "dbias is a mean: the copies of the bias in batch and time add up.",
    name="bias_mean",
    replace="dout.sum((0, 2))",
    by="dout.mean((0, 2))",
)
conv1d.misconception(
    "dweight was not shifted: for k the outputs met x[:, :, k : k + length], not always its "
    "beginning.",
    name="weight_not_shifted",
    replace="dout, x[:, :, seen])",
    by="dout, x[:, :, :length])",
)
conv1d.misconception(
    "dx was not shifted: weight k sends its gradient to places k ... k + length, not always to the "
    "beginning.",
    name="x_not_shifted",
    replace="dx[:, :, seen] += ",
    by="dx[:, :, :length] += ",
)
conv1d.misconception(
    "Input and output channels are swapped in dx (weight is (C_out, C_in, K)): sum over the "
    "*output* channels.",
    name="channels_swapped",
    replace='"bot,oi->bit", dout',
    by='"bot,io->bit", dout',
)
conv1d.misconception(
    "Upstream gradients are missing in dweight: multiply each piece of x by dout before you sum.",
    name="upstream_ignored",
    replace='"bot,bit->oi", dout, x',
    by='"bot,bit->oi", torch.ones_like(dout), x',
)


@conv1d.variant("as transposed convolutions")
def transposed(dout, x, weight):
    dx = torch.nn.functional.conv_transpose1d(dout, weight)
    dweight = torch.nn.functional.conv1d(x.transpose(0, 1), dout.transpose(0, 1)).transpose(0, 1)
    return dx, dweight, dout.sum(2).sum(0)


@conv1d.variant("a full convolution with the flipped kernel")
def flipped(dout, x, weight):
    k = weight.shape[2]
    dx = torch.nn.functional.conv1d(dout, weight.flip(2).transpose(0, 1), padding=k - 1)
    windows = x.unfold(2, k, 1)  # (B, C_in, T - K + 1, K)
    return dx, torch.einsum("bot,bitk->oik", dout, windows), torch.einsum("bot->o", dout)


@conv1d.variant("four loops")
def loops(dout, x, weight):
    dx, dweight = torch.zeros_like(x), torch.zeros_like(weight)
    for b in range(x.shape[0]):
        for t in range(dout.shape[2]):
            for k in range(weight.shape[2]):
                dx[b, :, t + k] += dout[b, :, t] @ weight[:, :, k]
                dweight[:, :, k] += torch.outer(dout[b, :, t], x[b, :, t + k])
    return dx, dweight, dout.sum(dim=(0, 2))


conv1d.equivalent(
    "torch.zeros_like(weight)  ->  torch.ones_like(weight)", "each of its elements is written to"
)
