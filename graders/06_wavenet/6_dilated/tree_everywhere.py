"""06.tree_everywhere: the tree on every window."""

import torch

from graders.authoring import differentiate, exercise

from .part import one_window, stacks

everywhere = exercise("tree_everywhere", title="the tree on every window")

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


everywhere.hint(
    "`tree` takes (B, 2**L, C). What you have is (B, N, 2**L, C): one dimension too many."
)
everywhere.hint("Windows are just more examples: put B and N together, call tree, take them apart.")
everywhere.hint(
    "cut = windows(x, 2 ** len(levels)); B, N, size, C = cut.shape; "
    "tree(cut.reshape(B * N, size, C), levels).view(B, N, -1)"
)

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
everywhere.misconception(
    "Windows and examples are mixed up: the windows were put in front before flattening, and "
    "taken apart as if the batch were in front. Flatten (B, N, size, C) as it is.",
    name="windows_in_front",
    replace="cut.reshape(B * N, size, C)",
    by="cut.transpose(0, 1).reshape(B * N, size, C)",
)
everywhere.misconception(
    "The windows stand in front of the batch: stack along dimension 1, (B, N, C_out).",
    name="stacked_in_front",
    replace=".view(B, N, -1)",
    by=".view(B, N, -1).transpose(0, 1)",
)
everywhere.misconception(
    "The last window is missing: there are T - 2**L + 1.",
    name="one_less",
    replace=".view(B, N, -1)",
    by=".view(B, N, -1)[:, : max(1, N - 1)]",
)
everywhere.misconception(
    "Only the first example came back: keep the batch.",
    name="first_example",
    replace=".view(B, N, -1)",
    by=".view(B, N, -1)[:1]",
)
everywhere.misconception(
    "The trees were computed without gradients (no_grad or detach): nothing could be trained "
    "through them.",
    name="no_grad",
    replace="return tree(",
    by="with torch.no_grad():\n        return tree(",
)
everywhere.misconception(
    "Zeros were put in front, so that T outputs come out. Only whole windows are wanted here, "
    "T - 2**L + 1.",
    name="padded",
    replace="windows(x, 2 ** len(levels))",
    by="windows(F.pad(x, (0, 0, 2 ** len(levels) - 1, 0)), 2 ** len(levels))",
)
everywhere.misconception(
    "The output has the width of the last level, not that of x: .view(B, N, -1).",
    name="width_of_x",
    replace=".view(B, N, -1)",
    by=".view(B, N, C)",
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
