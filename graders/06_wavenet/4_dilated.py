"""Causal dilated convolutions: the tree at every position, with the work done once."""

import itertools

import torch

from graders.authoring import differentiate, exercise

# -- windows -------------------------------------------------------------------------------------

windows = exercise("windows", title="all windows")
windows.hint("Where does the first window begin, and where does the last one?")
windows.hint("Window i is x[:, i : i + size]. How many are there? torch.stack puts them together.")
windows.hint("torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)")


@windows.cases
def _(rng):
    for shape, size in [((2, 5, 3), 3), ((1, 7, 2), 4), ((3, 4, 5), 1), ((2, 6, 1), 2)]:
        yield dict(x=rng.normal(*shape), size=size)
    yield dict(x=rng.normal(3, 4, 2), size=4)  # one window, the whole sequence
    yield dict(x=rng.normal(2, 4, 4), size=2)
    yield dict(x=rng.normal(1, 1, 1, dtype=torch.float32), size=1)
    yield dict(x=rng.normal(2, 3, 6).mT, size=2)  # not contiguous


@windows.oracle
def _(x, size):
    B, T, C = x.shape
    out = torch.empty(B, T - size + 1, size, C, dtype=x.dtype)
    for b, i, k in itertools.product(range(B), range(T - size + 1), range(size)):
        out[b, i, k] = x[b, i + k]
    return out


@windows.check("gradients")
def _(m, x, size):
    x = x.clone().requires_grad_()
    out = m.windows(x, size)
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, {"x": x}, up))


@windows.misconception(
    "Channel and time are swapped: `unfold` puts the window last. Each window is (size, C), time "
    "first."
)
def unfold_order(x, size):
    return x.unfold(1, size, 1)


@windows.misconception(
    "The last window is missing: from T positions come T - size + 1, for T = size still one."
)
def one_less(x, size):
    cut = [x[:, i : i + size] for i in range(x.shape[1] - size)]
    return torch.stack(cut, dim=1) if cut else x.new_zeros(len(x), 0, size, x.shape[2])


@windows.misconception(
    "Windows do not overlap in your version. They begin at every position, not at every size-th."
)
def no_overlap(x, size):
    starts = range(0, x.shape[1] - size + 1, size)
    return torch.stack([x[:, i : i + size] for i in starts], dim=1)


@windows.misconception(
    "The windows run backward in time: inside a window the earliest position comes first."
)
def reversed_inside(x, size):
    return torch.stack([x[:, i : i + size].flip(1) for i in range(x.shape[1] - size + 1)], dim=1)


@windows.misconception("The windows stand from last to first. Window 0 begins at position 0.")
def reversed_order(x, size):
    return torch.stack([x[:, i : i + size] for i in reversed(range(x.shape[1] - size + 1))], dim=1)


@windows.misconception(
    "Windows run over the end and go on at the beginning (roll). Only whole windows are wanted."
)
def wrapped(x, size):
    return torch.stack([x.roll(-i, 1)[:, :size] for i in range(x.shape[1])], dim=1)


@windows.misconception(
    "The windows stand in front of the batch: stack them along dimension 1, (B, windows, size, C)."
)
def windows_first(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=0)


@windows.misconception("The batch was sliced instead of time: positions are dimension 1.")
def batch_sliced(x, size):
    return torch.stack([x[i : i + size] for i in range(len(x) - size + 1)], dim=1)


@windows.misconception(
    "All windows of all examples stand in one list. Keep the batch: (B, windows, size, C)."
)
def batch_lost(x, size):
    return torch.cat([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=0)


@windows.misconception(
    "The values are right, but cut off from x: through detach, .data or a copy into a new tensor "
    "no gradient flows."
)
def detached(x, size):
    return torch.stack([x.detach()[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)


@windows.variant("unfold, then the window's dimension to its place")
def unfold(x, size):
    return x.unfold(1, size, 1).transpose(2, 3)


@windows.variant("a table of indices")
def indices(x, size):
    starts = torch.arange(x.shape[1] - size + 1)
    return x[:, starts[:, None] + torch.arange(size)]


# -- levels for what follows ---------------------------------------------------------------------


def some_levels(rng, widths):
    """A pair (W, b) for each level, biases far from zero."""
    return [
        (rng.normal(2 * i, j, std=(2 * i) ** -0.5), rng.normal(j))
        for i, j in itertools.pairwise(widths)
    ]


def stacks(rng):
    """Sequences and levels: one to four levels, widths that fit in one way only."""
    for widths, B, T in [
        ((2, 3), 2, 5),
        ((3, 2, 4), 1, 9),
        ((2, 3, 5, 4), 3, 11),
        ((4, 4, 4, 4), 2, 8),
        ((1, 2, 1, 3, 2), 2, 19),
        ((3, 3, 3), 4, 4),
    ]:
        yield dict(x=rng.normal(B, T, widths[0]), levels=some_levels(rng, widths))


def one_window(x, levels):
    """The tree by recursion: independent of the part's own loop. x is (B, 2**L, C)."""
    if not levels:
        return x[:, 0]
    half = x.shape[1] // 2
    left, right = one_window(x[:, :half], levels[:-1]), one_window(x[:, half:], levels[:-1])
    W, b = levels[-1]
    return torch.tanh(torch.cat([left, right], dim=-1) @ W + b)


# -- tree_everywhere -------------------------------------------------------------------------------

everywhere = exercise("tree_everywhere", title="the tree on every window")
everywhere.hint(
    "`tree` takes (B, 2**L, C). What you have is (B, N, 2**L, C): one dimension too many."
)
everywhere.hint("Windows are just more examples: put B and N together, call tree, take them apart.")
everywhere.hint(
    "cut = windows(x, 2 ** len(levels)); B, N, size, C = cut.shape; "
    "tree(cut.reshape(B * N, size, C), levels).view(B, N, -1)"
)
everywhere.cases(stacks)


@everywhere.oracle
def _(x, levels):
    size = 2 ** len(levels)
    out = [one_window(x[:, i : i + size], levels) for i in range(x.shape[1] - size + 1)]
    return torch.stack(out, dim=1)


@everywhere.check("gradients")
def _(m, x, levels):
    inputs = {"x": x.clone().requires_grad_()}
    for i, (W, b) in enumerate(levels):
        inputs |= {f"W{i}": W.clone().requires_grad_(), f"b{i}": b.clone().requires_grad_()}
    out = m.tree_everywhere(
        inputs["x"], [(inputs[f"W{i}"], inputs[f"b{i}"]) for i in range(len(levels))]
    )
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, inputs, up))


everywhere.misconception(
    "The size of a window is 2**L: each level doubles what is seen. You took 2 * L.",
    name="two_times",
    replace="2 ** len(levels)",
    by="2 * len(levels)",
)
everywhere.misconception(
    "Eight is the window of three levels. It follows from the number of levels: 2 ** len(levels).",
    name="always_eight",
    replace="2 ** len(levels)",
    by="min(8, x.shape[1])",
)
everywhere.misconception(
    "Windows and examples are mixed up: (B * N) was taken apart as (N, B). Take it apart in the "
    "order in which you put it together.",
    name="mixed_up",
    replace=".view(B, N, -1)",
    by=".view(N, B, -1).transpose(0, 1)",
)
everywhere.misconception(
    "The result was not taken apart again: (B, N, C_out) is asked for, one row per example.",
    name="not_apart",
    replace=".view(B, N, -1)",
    by="",
)
everywhere.misconception(
    "Only the last window's output came back: all of them are asked for.",
    name="last_only",
    replace=".view(B, N, -1)",
    by=".view(B, N, -1)[:, -1]",
)
everywhere.misconception(
    "The tree saw each window with its time reversed.",
    name="backwards",
    replace="tree(cut.reshape(B * N, size, C), levels)",
    by="tree(cut.reshape(B * N, size, C).flip(1), levels)",
)
everywhere.misconception(
    "Time and channel were mixed while reshaping: a window is (size, C), and stays that way.",
    name="channels_mixed",
    replace="cut.reshape(B * N, size, C)",
    by="cut.transpose(2, 3).reshape(B * N, size, C)",
)
everywhere.misconception(
    "The levels were applied from last to first. (Where the widths do not fit, it even fails.)",
    name="levels_reversed",
    replace="size, C), levels)",
    by="size, C), levels[::-1])",
)
everywhere.misconception(
    "Only windows that do not overlap were taken, every 2**L positions. The tree is wanted at "
    "every position.",
    name="no_overlap",
    replace="windows(x, 2 ** len(levels))",
    by="windows(x, 2 ** len(levels))[:, :: 2 ** len(levels)]",
)
everywhere.variant(
    "a loop over the windows",
    name="loop",
    source="""def tree_everywhere(x, levels):
    size = 2 ** len(levels)
    out = [tree(x[:, i : i + size], levels) for i in range(x.shape[1] - size + 1)]
    return torch.stack(out, dim=1)
""",
)
everywhere.variant(
    "window by window through `windows`",
    name="unbind",
    source="""def tree_everywhere(x, levels):
    cut = windows(x, 1 << len(levels))
    return torch.cat([tree(w, levels).unsqueeze(1) for w in cut.unbind(1)], dim=1)
""",
)

# -- dilated_conv ----------------------------------------------------------------------------------

conv = exercise("dilated_conv", title="one causal dilated convolution", points=2)
conv.hint("Which two positions of x does out[:, t] see? What stands there while t < dilation?")
conv.hint(
    "Make the sequence of earlier positions first: x moved `dilation` places to the right, zeros "
    "in front, and what sticks out at the end cut off."
)
conv.hint(
    "left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]; "
    "return torch.cat([left, x], dim=-1) @ W + b"
)


@conv.cases
def _(rng):
    for (B, T, C_in, C_out), dilation in [
        ((2, 5, 3, 4), 1),
        ((1, 7, 2, 3), 2),
        ((3, 9, 4, 2), 4),
        ((2, 6, 3, 3), 3),
        ((2, 4, 2, 5), 4),  # exactly as long as the sequence: nobody has an earlier position
        ((2, 3, 1, 2), 5),  # longer than the sequence
        ((1, 1, 2, 2), 1),
    ]:
        W, b = rng.normal(2 * C_in, C_out), rng.normal(C_out)
        yield dict(x=rng.normal(B, T, C_in), W=W, b=b, dilation=dilation)


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

# -- wavenet ---------------------------------------------------------------------------------------

stack = exercise("wavenet", title="the stack equals the tree", points=2)
stack.hint("In the tree, how far apart are the two things that level 2 merges? And level 3?")
stack.hint("The dilation of level number i, counted from 0, is 2**i. tanh comes after every level.")
stack.hint("for i, (W, b) in enumerate(levels): x = torch.tanh(dilated_conv(x, W, b, 2**i))")
stack.cases(stacks)


@stack.check("equals the tree")
def _(m, x, levels):
    return m.wavenet(x, levels)[:, 2 ** len(levels) - 1 :]


@stack.oracle("equals the tree")
def _(x, levels):
    size = 2 ** len(levels)
    out = [one_window(x[:, i : i + size], levels) for i in range(x.shape[1] - size + 1)]
    return torch.stack(out, dim=1)


@stack.check("gradients")
def _(m, x, levels):
    inputs = {"x": x.clone().requires_grad_()}
    for i, (W, b) in enumerate(levels):
        inputs |= {f"W{i}": W.clone().requires_grad_(), f"b{i}": b.clone().requires_grad_()}
    out = m.wavenet(inputs["x"], [(inputs[f"W{i}"], inputs[f"b{i}"]) for i in range(len(levels))])
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, inputs, up))


stack.misconception(
    "All levels have dilation 1: three of them see 4 characters, not 8. Double it at each level.",
    name="all_one",
    replace="        dilation *= 2\n",
    by="",
)
stack.misconception(
    "The dilations are 1, 2, 3, 4, ...: they must double. A level merges groups that are twice as "
    "long as those of the level before.",
    name="one_two_three",
    replace="dilation *= 2",
    by="dilation += 1",
)
stack.misconception(
    "The dilations begin with 2. The first level merges neighbors, which lie 1 apart.",
    name="begins_with_two",
    replace="    dilation = 1\n",
    by="    dilation = 2\n",
)
stack.misconception(
    "The largest dilation comes first: 4, 2, 1 sees as far, but it merges other positions than "
    "the tree. Neighbors first: 1, 2, 4.",
    name="largest_first",
    edits=[
        ("    dilation = 1\n", "    dilation = 2 ** (len(levels) - 1)\n"),
        ("dilation *= 2", "dilation //= 2"),
    ],
)
stack.misconception(
    "The dilation is squared, 2, 4, 16, or tripled: it doubles from level to level.",
    name="tripled",
    replace="dilation *= 2",
    by="dilation *= 3",
)
stack.misconception(
    "tanh is missing: without it all levels are one linear function.",
    name="no_tanh",
    replace="torch.tanh(dilated_conv(x, W, b, dilation))",
    by="dilated_conv(x, W, b, dilation)",
)
stack.misconception(
    "The last level has no tanh. The tree has one after every level; the logits come from a layer "
    "of their own.",
    name="last_without_tanh",
    replace="    return x",
    by="    return torch.atanh(x)",
)
stack.misconception(
    "tanh was applied before the convolution, so that the characters are squashed and the last "
    "level is not.",
    name="tanh_before",
    replace="torch.tanh(dilated_conv(x, W, b, dilation))",
    by="dilated_conv(torch.tanh(x), W, b, dilation)",
)
stack.misconception(
    "Each level got the original x: its input is the output of the level before.",
    name="always_x",
    edits=[
        ("        x = torch.tanh(dilated_conv(x,", "        out = torch.tanh(dilated_conv(x,"),
        ("    return x", "    return out"),
    ],
)
stack.misconception(
    "The first positions were cut off. Return all T; whoever compares with the tree begins at "
    "2**L - 1.",
    name="cut_off",
    replace="    return x",
    by="    return x[:, 2 ** len(levels) - 1 :]",
)
stack.misconception(
    "Positions were dropped between the levels, as in the tree. Here every level keeps all T "
    "positions.",
    name="thinned_out",
    replace="        dilation *= 2\n",
    by="        x = x[:, 1::2]\n",
)
stack.misconception(
    "The trees were computed, and zeros put in front. That is right from position 2**L - 1 on, "
    "but all the work is done over and over, and the first positions are wrong.",
    name="trees_again",
    replace="    dilation = 1\n",
    by="    return F.pad(tree_everywhere(x, levels), (0, 0, 2 ** len(levels) - 1, 0))\n"
    "    dilation = 1\n",
)
stack.misconception(
    "You added each level's input to its output: the residual connections come in part 5. Here a "
    "level replaces what it was given.",
    name="residual",
    replace="        x = torch.tanh(dilated_conv(x, W, b, dilation))\n",
    by="        y = torch.tanh(dilated_conv(x, W, b, dilation))\n"
    "        x = x + y if x.shape == y.shape else y\n",
)
stack.variant(
    "enumerate and powers",
    name="enumerate",
    source="""def wavenet(x, levels):
    for i, (W, b) in enumerate(levels):
        x = dilated_conv(x, W, b, dilation=2**i).tanh()
    return x
""",
)
stack.variant(
    "recursion from the top",
    name="recursion",
    source="""def wavenet(x, levels):
    if len(levels) == 0:
        return x
    below = wavenet(x, levels[:-1])
    return torch.tanh(dilated_conv(below, *levels[-1], 1 << (len(levels) - 1)))
""",
)

# -- receptive_field -------------------------------------------------------------------------------

reach = exercise("receptive_field", title="how far back it sees")
reach.hint("One layer with dilation 4: how many positions lie between its two taps, ends included?")
reach.hint(
    "Each layer reaches its dilation further back; what the output sees at t itself is one more."
)
reach.hint("1 + sum(dilations)")


@reach.cases
def _(rng):
    yield dict(dilations=[1, 2, 4])
    yield dict(dilations=[])
    yield dict(dilations=[1])
    yield dict(dilations=[2**i for i in range(10)] * 3)
    yield dict(dilations=[1, 1, 1, 1])
    yield dict(dilations=[5, 3])
    yield dict(dilations=[rng.integer(1, 20) for _ in range(rng.integer(2, 7))])


@reach.oracle
def _(dilations):
    seen = {0}
    for d in dilations:
        seen |= {t - d for t in seen}
    return 1 - min(seen)


@reach.misconception("The position itself is missing: 1 + sum(dilations).")
def without_itself(dilations):
    return sum(dilations)


@reach.misconception(
    "2 ** number of layers is right only if the dilations are 1, 2, 4, ... In general each layer "
    "adds its own dilation."
)
def powers(dilations):
    return 2 ** len(dilations)


@reach.misconception(
    "The reach does not end with the largest dilation: the layers stand on each other, so their "
    "dilations add up."
)
def largest(dilations):
    return 1 + max(dilations, default=0)


@reach.misconception(
    "Twice the last dilation is the rule for 1, 2, 4, ... only. Add up all of them."
)
def twice_the_last(dilations):
    return 2 * dilations[-1] if dilations else 1


@reach.misconception(
    "Every layer has two taps, but both do not reach `dilation` further: one of them is at t "
    "itself. It is the sum once, not twice."
)
def both_sides(dilations):
    return 1 + 2 * sum(dilations)


@reach.misconception("The dilations were multiplied. Layer on layer, reaches add up.")
def product(dilations):
    total = 1
    for d in dilations:
        total *= d
    return 1 + total if dilations else 1


@reach.misconception("One was added for each layer. The position itself counts only once.")
def one_per_layer(dilations):
    return sum(d + 1 for d in dilations) if dilations else 1


@reach.variant("a loop")
def loop(dilations):
    field = 1
    for d in dilations:
        field += d
    return field


# -- count_nodes -----------------------------------------------------------------------------------

count = exercise("count_nodes", title="how much less work")
count.hint("How many nodes has one tree over 8 characters? How many windows of 8 are there in 15?")
count.hint(
    "One tree: 2**(L-1) + ... + 1 = 2**L - 1 nodes; T - 2**L + 1 windows. The convolutions: one "
    "node per level and position."
)
count.hint("(T - 2**L + 1) * (2**L - 1), T * L")


@count.cases
def _(rng):
    for T, L in [(15, 3), (8, 3), (2, 1), (16_000, 10), (20, 2)]:
        yield dict(T=T, L=L)
    L = rng.integer(1, 6)
    yield dict(T=2**L + rng.integer(1, 50), L=L)


@count.oracle
def _(T, L):
    trees = sum(2 ** (L - level) for level in range(1, L + 1)) * len(range(2**L, T + 1))
    return (trees, L * T)


@count.misconception("The two are swapped: the trees come first, the convolutions second.")
def swapped(T, L):
    return T * L, (T - 2**L + 1) * (2**L - 1)


@count.misconception("There are T - 2**L + 1 windows, not T: a window needs 2**L positions.")
def t_windows(T, L):
    return T * (2**L - 1), T * L


@count.misconception("One window is missing: T - 2**L + 1, so that T = 2**L still has one.")
def one_window_less(T, L):
    return (T - 2**L) * (2**L - 1), T * L


@count.misconception(
    "The characters were counted as nodes, too. They are given; a tree over 2**L of them merges "
    "2**L - 1 times."
)
def with_leaves(T, L):
    return (T - 2**L + 1) * (2 ** (L + 1) - 1), T * L


@count.misconception(
    "2**L - 1, not 2**L: the nodes of a tree are 2**(L-1) + ... + 2 + 1, one less than its leaves."
)
def leaves(T, L):
    return (T - 2**L + 1) * 2**L, T * L


@count.misconception(
    "One tree has 2**L - 1 nodes, not L: it has L levels, and the lower ones have many nodes."
)
def levels_only(T, L):
    return (T - 2**L + 1) * L, T * L


@count.misconception(
    "The convolutions are computed at all T positions, those at the beginning included."
)
def whole_windows(T, L):
    return (T - 2**L + 1) * (2**L - 1), (T - 2**L + 1) * L


@count.misconception(
    "The convolutions have one node per level and position, T * L; only the dilation grows with "
    "the level, not the work."
)
def doubling(T, L):
    return (T - 2**L + 1) * (2**L - 1), T * (2**L - 1)


@count.variant("added up level by level")
def level_by_level(T, L):
    size = 1 << L
    nodes = sum(1 << level for level in range(L))
    return [nodes * (T + 1 - size), sum(T for _ in range(L))]


# -- conv1d_weight ---------------------------------------------------------------------------------

weight = exercise("conv1d_weight", title="an ordinary convolution")
weight.hint(
    "Which rows of W belong to the earlier tap? In which of Conv1d's dimensions are the taps?"
)
weight.hint(
    "View W as (2, C_in, C_out): taps, in, out. Conv1d wants (out, in, taps): permute the "
    "dimensions."
)
weight.hint("W.view(2, W.shape[0] // 2, W.shape[1]).permute(2, 1, 0)")


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


@weight.variant("both halves, stacked")
def stacked(W):
    early, late = W.chunk(2)
    return torch.stack([early.T, late.T], dim=2)


@weight.variant("transposed first")
def transposed(W):
    return W.T.reshape(W.shape[1], 2, -1).transpose(1, 2).contiguous()
