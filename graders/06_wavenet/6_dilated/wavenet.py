"""06.wavenet: the stack equals the tree."""

import torch

from graders.authoring import differentiate, exercise

from .part import one_window, stacks

stack = exercise("wavenet", title="the stack equals the tree", points=2)

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


stack.hint("In the tree, how far apart are the two things that level 2 merges? And level 3?")
stack.hint("The dilation of level number i, counted from 0, is 2**i. tanh comes after every level.")
stack.hint("for i, (W, b) in enumerate(levels): x = torch.tanh(dilated_conv(x, W, b, 2**i))")

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
    "In Python 2 ^ i is not a power but an exclusive or: 2, 3, 0, 1. The power is 2**i.",
    name="exclusive_or",
    edits=[
        ("for W, b in levels:", "for i, (W, b) in enumerate(levels):"),
        ("dilation)", "2 ^ i)"),
    ],
)
stack.misconception(
    "The dilations are 1, 2, 4, 6, ... (2 * i): they must double, 2**i.",
    name="two_times_i",
    edits=[
        ("for W, b in levels:", "for i, (W, b) in enumerate(levels):"),
        ("dilation)", "max(1, 2 * i))"),
    ],
)
stack.misconception(
    "The last level's dilation was used at all levels. They double: 1, 2, 4, ...",
    name="all_largest",
    edits=[
        ("    dilation = 1\n", "    dilation = 2 ** (len(levels) - 1)\n"),
        ("        dilation *= 2\n", ""),
    ],
)
stack.misconception(
    "tanh came once, at the end. It comes after every level: without it, levels in a row are one "
    "linear function.",
    name="tanh_once",
    edits=[
        ("torch.tanh(dilated_conv(x, W, b, dilation))", "dilated_conv(x, W, b, dilation)"),
        ("    return x", "    return torch.tanh(x)"),
    ],
)
stack.misconception(
    "ReLU was used for tanh. The outputs are to equal the tree's, so take what it takes.",
    name="relu",
    replace="torch.tanh(",
    by="torch.relu(",
)
stack.misconception(
    "`return` stands inside the loop: only the first level was computed.",
    name="returns_early",
    replace="        dilation *= 2\n",
    by="        return x\n",
)
stack.misconception(
    "Only the last position came back. All T are wanted: each one is a prediction.",
    name="last_position",
    replace="    return x",
    by="    return x[:, -1]",
)
stack.misconception(
    "You returned what all levels gave. Only the last level's output is asked for.",
    name="all_levels",
    edits=[
        ("    dilation = 1\n", "    dilation, found = 1, []\n"),
        ("        dilation *= 2\n", "        dilation *= 2\n        found.append(x)\n"),
        ("    return x", "    return found"),
    ],
)
stack.misconception(
    "Each level was cut off from the one below (detach): only the last one would learn.",
    name="detached",
    replace="dilated_conv(x, W",
    by="dilated_conv(x.detach(), W",
)
stack.misconception(
    "The list of levels was used up (pop). It belongs to whoever called, who needs it again: only "
    "go through it.",
    name="pops",
    replace="    for W, b in levels:\n",
    by="    while levels:\n        W, b = levels.pop(0)\n",
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
    "You added each level's input to its output: the residual connections come in part 7. Here a "
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
