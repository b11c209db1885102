"""06.dilated_conv: one causal dilated convolution."""

import torch

from graders.authoring import differentiate, exercise

conv = exercise("dilated_conv", title="one causal dilated convolution", points=2)


@conv.cases
def _(rng):
    for (B, T, C_in, C_out), dilation in [
        ((2, 5, 3, 4), 1),
        ((1, 7, 2, 3), 2),
        ((3, 9, 1, 2), 4),
        ((2, 6, 3, 3), 3),
        ((2, 4, 2, 5), 4),  # exactly as long as the sequence: nobody has an earlier position
        ((2, 4, 3, 2), 5),  # longer than the sequence
        ((1, 1, 2, 2), 1),
    ]:
        W, b = rng.normal(2 * C_in, C_out), rng.normal(C_out)
        large = 1e3 if T == 1 else 1.0
        yield dict(x=rng.normal(B, T, C_in, std=large), W=W, b=b, dilation=dilation)


@conv.oracle
def _(x, W, b, dilation):
    weight = torch.stack([W[: x.shape[2]].T, W[x.shape[2] :].T], dim=-1)
    padded = torch.nn.functional.pad(x.transpose(1, 2), (dilation, 0))
    return torch.nn.functional.conv1d(padded, weight, b, dilation=dilation).transpose(1, 2)


@conv.check("gradients")
def _(m, x, W, b, dilation):
    inputs = {name: t.clone().requires_grad_() for name, t in (("x", x), ("W", W), ("b", b))}
    out = m.dilated_conv(*inputs.values(), dilation)
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, inputs, up))


@conv.check("nobody looks ahead")
def _(m, x, W, b, dilation):
    """The outputs up to t are the same, bit for bit or nearly, whatever comes after t."""
    T = x.shape[1]
    out = m.dilated_conv(x, W, b, dilation)
    ahead = []
    for t in range(T - 1):
        other = x.clone()
        other[:, t + 1 :] = 100.0
        ahead.append((m.dilated_conv(other, W, b, dilation) - out)[:, : t + 1].abs().max().item())
    return [a < 1e-9 for a in ahead]


conv.hint("Which two positions of x does out[:, t] see? What stands there while t < dilation?")
conv.hint(
    "Make the sequence of earlier positions first: x moved `dilation` places to the right, zeros "
    "in front, and what sticks out at the end cut off."
)
conv.hint(
    "left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]; "
    "return torch.cat([left, x], dim=-1) @ W + b"
)

LEFT = "left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]"

conv.misconception(
    "It looks ahead: out[:, t] sees x at t + dilation. In training it would read the answer. The "
    "other tap lies *back*, at t - dilation.",
    name="looks_ahead",
    replace=LEFT,
    by="left = F.pad(x, (0, 0, 0, dilation))[:, -x.shape[1] :]",
)
conv.misconception(
    "It looks ahead: the window was centered, as in image filters. Put all the zeros in front.",
    name="centered",
    edits=[
        (LEFT, "half = dilation // 2\n    wide = F.pad(x, (0, 0, dilation - half, half))"),
        (
            "torch.cat([left, x], dim=-1)",
            "torch.cat([wide[:, : x.shape[1]], wide[:, dilation:]], dim=-1)",
        ),
    ],
)
conv.misconception(
    "The two taps are swapped: the first C_in rows of W belong to the earlier position.",
    name="taps_swapped",
    replace="[left, x]",
    by="[x, left]",
)
conv.misconception(
    "The dilation is ignored: the earlier tap lies `dilation` positions back, not one.",
    name="no_dilation",
    replace=LEFT,
    by="left = F.pad(x, (0, 0, 1, 0))[:, : x.shape[1]]",
)
conv.misconception(
    "One too many: with `dilation` steps between the taps you went dilation + 1 back. The earlier "
    "tap is at t - dilation.",
    name="one_too_far",
    replace=LEFT,
    by="left = F.pad(x, (0, 0, dilation + 1, 0))[:, : x.shape[1]]",
)
conv.misconception(
    "The end of the sequence comes back in at its beginning (roll). Before the first position "
    "there is nobody: zeros.",
    name="wraps",
    replace=LEFT,
    by="left = x.roll(dilation, 1)",
)
conv.misconception(
    "A negative index counts from the end: for t < dilation, x[:, t - dilation] is the end of the "
    "sequence (or fails). Before the first position there is nobody: zeros.",
    name="negative_index",
    replace=LEFT,
    by="left = torch.stack([x[:, t - dilation] for t in range(x.shape[1])], dim=1)",
)
conv.misconception(
    "Zeros and x[:, :-dilation] are T positions only while dilation is less than T. It may be more: "
    "pad, then cut off at T, [:, : x.shape[1]].",
    name="too_many_zeros",
    replace=LEFT,
    by="left = torch.cat([torch.zeros_like(x[:, :1]).repeat(1, dilation, 1), x[:, :-dilation]], 1)",
)
conv.misconception(
    "At t = dilation the earlier tap is x[:, 0], which is there: t >= dilation, not t > dilation.",
    name="first_never_seen",
    replace=LEFT,
    by="left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]].clone()\n"
    "    left[:, dilation : dilation + 1] = 0",
)
conv.misconception(
    "Both taps use the first half of W. Each has a half of its own: the earlier x.shape[2] rows "
    "belong to the earlier position, the others to the later.",
    name="same_half",
    replace="return torch.cat([left, x], dim=-1) @ W + b",
    by="half = W[: x.shape[2]]\n    return left @ half + x @ half + b",
)
conv.misconception(
    "Every second row of W was taken for a tap. The first C_in rows belong to the earlier "
    "position, the other C_in to the later: concatenate, do not interleave.",
    name="interleaved",
    replace="torch.cat([left, x], dim=-1)",
    by="torch.stack([left, x], dim=-1).flatten(2)",
)
conv.misconception(
    "The bias was added twice, once for each tap. It is added once.",
    name="bias_twice",
    replace="@ W + b",
    by="@ W + 2 * b",
)
conv.misconception(
    "It looks ahead: with zeros at both ends (padding=dilation) the surplus is at the end. Cut it "
    "off there, [:, :T]; you cut it off in front.",
    name="cut_in_front",
    replace=LEFT,
    by="wide = F.pad(x, (0, 0, 0, dilation))\n    left, x = x, wide[:, dilation:]",
)
conv.misconception(
    "That is (B, C_out, T), as conv1d returns it. Here channels are last: transpose back.",
    name="channels_second",
    replace="return torch.cat([left, x], dim=-1) @ W + b",
    by="return (torch.cat([left, x], dim=-1) @ W + b).transpose(1, 2)",
)
conv.misconception(
    "The zeros were put in front of the batch, so that each example sees another one. F.pad counts "
    "from the last dimension: time is the second pair.",
    name="batch_padded",
    replace=LEFT,
    by="left = F.pad(x, (0, 0, 0, 0, dilation, 0))[: x.shape[0]]",
)
conv.misconception(
    "The earlier tap lies 2 * dilation back: it is at t - dilation.",
    name="twice_as_far",
    replace=LEFT,
    by="left = F.pad(x, (0, 0, 2 * dilation, 0))[:, : x.shape[1]]",
)
conv.misconception(
    "The first position was repeated where there is none. Zeros stand in there.",
    name="repeats",
    replace=LEFT,
    by="at = (torch.arange(x.shape[1]) - dilation).clamp(min=0)\n    left = x[:, at]",
)
conv.misconception(
    "The sequence got shorter: with zeros in front, as many positions come out as go in.",
    name="shorter",
    edits=[
        (LEFT, "left = x[:, : max(0, x.shape[1] - dilation)]"),
        ("[left, x]", "[left, x[:, dilation:]]"),
    ],
)
conv.misconception(
    "The sequence got longer: zeros were put in front and never cut off at the end. T positions "
    "come out.",
    name="longer",
    edits=[
        (LEFT, "left = F.pad(x, (0, 0, dilation, 0))"),
        ("[left, x]", "[left, F.pad(x, (0, 0, 0, dilation))]"),
    ],
)
conv.misconception(
    "The first `dilation` outputs were set to zero. They are computed as well, from x[:, t] and a "
    "zero: the padding is at the input.",
    name="output_padded",
    replace="return torch.cat([left, x], dim=-1) @ W + b",
    by="out = torch.cat([left, x], dim=-1) @ W + b\n"
    "    mask = torch.arange(x.shape[1])[:, None] >= dilation\n"
    "    return out * mask",
)
conv.misconception(
    "The bias is missing: add b at every position, the first ones included.",
    name="no_bias",
    replace="@ W + b",
    by="@ W",
)
conv.misconception(
    "The two taps were averaged, and W used in two halves alike: an average forgets who came "
    "first. Put them side by side.",
    name="averaged",
    replace="return torch.cat([left, x], dim=-1) @ W + b",
    by="both = (left + x) / 2\n    return torch.cat([both, both], dim=-1) @ W + b",
)
conv.misconception(
    "A tanh was applied here already. This is the convolution alone; the tanh comes in the stack.",
    name="tanh",
    replace="return torch.cat([left, x], dim=-1) @ W + b",
    by="return torch.tanh(torch.cat([left, x], dim=-1) @ W + b)",
)
conv.misconception(
    "Channels were padded instead of time: F.pad counts from the last dimension backward, so time "
    "is the second pair, (0, 0, dilation, 0).",
    name="channels_padded",
    replace=LEFT,
    by="left = F.pad(x, (dilation, 0))[:, :, : x.shape[2]]",
)
conv.misconception(
    "The earlier tap is cut off from x (detach or no_grad): the output is right, but half of the "
    "gradient is missing.",
    name="detached",
    replace="[left, x]",
    by="[left.detach(), x]",
)
conv.misconception(
    "Only every dilation-th position was computed. Dilation spreads the taps; the convolution "
    "still stops at every position. (Skipping positions is called stride.)",
    name="stride",
    replace="return torch.cat([left, x], dim=-1) @ W + b",
    by="return (torch.cat([left, x], dim=-1) @ W + b)[:, ::dilation]",
)

conv.variant(
    "two products, no cat",
    name="two_products",
    source="""def dilated_conv(x, W, b, dilation):
    B, T, C = x.shape
    out = x @ W[C:] + b
    if dilation < T:
        zeros = torch.zeros(B, dilation, W.shape[1], dtype=x.dtype)
        out = out + torch.cat([zeros, (x @ W[:C])[:, : T - dilation]], dim=1)
    return out
""",
)
conv.variant(
    "torch's conv1d",
    name="functional",
    source="""def dilated_conv(x, W, b, dilation):
    weight = W.reshape(2, x.shape[-1], -1).permute(2, 1, 0)
    padded = F.pad(x.transpose(1, 2), (dilation, 0))
    return F.conv1d(padded, weight, b, dilation=dilation).transpose(1, 2)
""",
)
conv.variant(
    "position by position",
    name="loop",
    source="""def dilated_conv(x, W, b, dilation):
    out = []
    for t in range(x.shape[1]):
        earlier = x[:, t - dilation] if t >= dilation else torch.zeros_like(x[:, t])
        out.append(torch.cat([earlier, x[:, t]], dim=1) @ W + b)
    return torch.stack(out, dim=1)
""",
)

conv.equivalent("0  ->  1", "what is too much at the end is cut off, and dilation is 1 or more")
conv.equivalent("0  ->  -1", "what is too much at the end is cut off, and dilation is 1 or more")
