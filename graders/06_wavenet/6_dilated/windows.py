"""06.windows: all windows."""

import itertools

import torch

from graders.authoring import differentiate, exercise

windows = exercise("windows", title="all windows")


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


windows.hint("Where does the first window begin, and where does the last one?")
windows.hint("Window i is x[:, i : i + size]. How many are there? torch.stack puts them together.")
windows.hint("torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)")


@windows.misconception(
    "Channel and time are swapped: `unfold` puts the window last. Each window is (size, C), time "
    "first."
)
def unfold_order(x, size):
    return x.unfold(1, size, 1)


@windows.misconception(
    "unfold puts the window last, (B, windows, C, size), and a view or reshape only changes the "
    "shape: the numbers stay where they are. Exchange the last two dimensions with transpose(2, 3)."
)
def unfold_reshaped(x, size):
    B, T, C = x.shape
    return x.unfold(1, size, 1).reshape(B, T - size + 1, size, C)


@windows.misconception(
    "Zeros were put in front, so that windows begin before the sequence does. Only whole windows "
    "are wanted here, T - size + 1."
)
def padded(x, size):
    x = torch.cat([x.new_zeros(len(x), size - 1, x.shape[2]), x], dim=1)
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)


@windows.misconception(
    "The windows were stacked along dimension 2: (B, size, windows, C). The number of the window "
    "comes before the position in it: dim=1."
)
def windows_third(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=2)


@windows.misconception(
    "The windows were put one after the other in time (cat). Stack them: a new dimension counts "
    "them."
)
def one_long_row(x, size):
    return torch.cat([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)


@windows.misconception(
    "The result is a tensor of torch's default type, float32. Make it with x.new_zeros(...), or "
    "stack the slices, so that it has the dtype of x."
)
def default_type(x, size):
    B, T, C = x.shape
    out = torch.zeros(B, T - size + 1, size, C, dtype=torch.float32)
    for i in range(T - size + 1):
        out[:, i] = x[:, i : i + size]
    return out


@windows.misconception("You returned a list of windows. Stack them: torch.stack(..., dim=1).")
def a_list(x, size):
    return [x[:, i : i + size] for i in range(x.shape[1] - size + 1)]


@windows.misconception(
    "squeeze() removes every dimension of size 1: a batch of one, a window of one, a single window. "
    "The result always has four."
)
def squeezed(x, size):
    stacked = torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)
    return stacked.squeeze()


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


windows.misconception(
    """The last window is missing: of T positions, T - size + 1 windows begin before the end.""",
    name="one_too_few",
    replace="- size + 1)",
    by="- size)",
)


@windows.variant("unfold, then the window's dimension to its place")
def unfold(x, size):
    return x.unfold(1, size, 1).transpose(2, 3)


@windows.variant("strides")
def strides(x, size):
    B, T, C = x.shape
    b, t, c = x.stride()
    return x.as_strided((B, T - size + 1, size, C), (b, t, t, c))


@windows.variant("position by position inside the windows")
def positions(x, size):
    n = x.shape[1] - size + 1
    return torch.stack([x[:, k : k + n] for k in range(size)], dim=2)


@windows.variant("a table of indices")
def indices(x, size):
    starts = torch.arange(x.shape[1] - size + 1)
    return x[:, starts[:, None] + torch.arange(size)]
