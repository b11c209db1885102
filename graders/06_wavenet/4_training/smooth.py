"""06.smooth: a loss curve that can be read."""

import torch

from graders.authoring import Tol, exercise

smooth = exercise("smooth", title="a loss curve that can be read")


@smooth.cases
def _(rng):
    for n, window in [(12, 3), (10, 4), (7, 1), (5, 5), (23, 2), (9, 4), (30, 6)]:
        yield dict(losses=rng.numbers(n, 1.0, 4.0), window=window)
    yield dict(losses=rng.numbers(3, 1.0, 4.0), window=5)  # not one full group


@smooth.scenario
def _(m, losses, window):
    before = list(losses)
    means = m.smooth(losses, window)
    learns = isinstance(means, torch.Tensor) and means.requires_grad
    means = means.double() if isinstance(means, torch.Tensor) else means
    return {
        "means": means,
        "requires a gradient": learns,
        "losses are unchanged": losses == before,
        "losses afterwards": losses,
    }


# Single precision is fine here: means of a few numbers below 4, each rounded to 24 bits.
smooth.tolerance(Tol(rtol=1e-6))


@smooth.oracle
def _(losses, window):
    starts = range(0, len(losses) - window + 1, window)
    means = [sum(losses[i : i + window]) / window for i in starts]
    return {
        "means": torch.tensor(means, dtype=torch.float64),
        "requires a gradient": False,
        "losses are unchanged": True,
        "losses afterwards": losses,
    }


smooth.legal("answer: another dtype", "float64 or float32")

smooth.hint("How many full groups are there? What happens to the losses after the last one?")
smooth.hint(
    "Cut the list to a multiple of window; a view with `window` columns then has one group in each "
    "row."
)
smooth.hint(
    "full = len(losses) // window * window; "
    "torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1)"
)


@smooth.misconception(
    "The list was shortened in place (pop or del): whoever passed it has lost those losses. Cut a "
    "copy, losses[:full]."
)
def shortened(losses, window):
    while len(losses) % window:
        losses.pop()
    return torch.tensor(losses, dtype=torch.float64).view(-1, window).mean(1)


@smooth.misconception(
    "The last full group is missing: range(0, len(losses) - window, window) stops before it. Its "
    "first step is len(losses) - window, so the end is one more."
)
def one_group_less(losses, window):
    starts = range(0, len(losses) - window, window)
    return torch.tensor([sum(losses[i : i + window]) / window for i in starts], dtype=torch.float64)


@smooth.misconception(
    "The incomplete last group was filled up with zeros, which pulls its mean down. Drop it."
)
def filled_up(losses, window):
    x = torch.zeros(-(-len(losses) // window) * window, dtype=torch.float64)
    x[: len(losses)] = torch.tensor(losses, dtype=torch.float64)
    return x.view(-1, window).mean(1)


@smooth.misconception(
    "The dimension over which you averaged was kept (keepdim): one number for each group, "
    "(groups,), not (groups, 1)."
)
def kept_dimension(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1, keepdim=True)


@smooth.misconception("You returned a list. A tensor is promised: torch.tensor(means).")
def a_list(losses, window):
    full = len(losses) // window * window
    return [sum(losses[i : i + window]) / window for i in range(0, full, window)]


@smooth.misconception("1000 is the lecture's window. Here window is an argument.")
def always_1000(losses, window):
    full = len(losses) // 1000 * 1000
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, 1000).mean(1)


@smooth.misconception("That is the median of each group; the mean is asked for.")
def medians(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).median(1).values


@smooth.misconception(
    "That is a moving average, one value for each step. Here groups do not overlap: one value for "
    "each `window` steps."
)
def moving(losses, window):
    x = torch.tensor(losses, dtype=torch.float64)
    return x.unfold(0, window, 1).mean(1) if len(x) >= window else x[:0]


@smooth.misconception(
    "Neighbors are torn apart: with `window` rows, a mean over dimension 0 mixes early and late "
    "losses. One group is one *row* of `window` numbers: view(-1, window), then mean(1)."
)
def torn(losses, window):
    full = len(losses) // window * window
    x = torch.tensor(losses[:full], dtype=torch.float64)
    return x.view(window, -1).mean(0) if full else x


@smooth.misconception(
    "You averaged over the wrong dimension: mean(0) mixes the groups; mean(1) goes along each row, "
    "over the `window` losses of one group."
)
def wrong_dim(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(0)


@smooth.misconception("The losses were added up. Divide by window: a loss curve shows means.")
def summed(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).sum(1)


@smooth.misconception(
    "The incomplete last group was averaged as well. It is noisier than the others, and the last "
    "point of a curve is the one people look at: drop it."
)
def last_kept(losses, window):
    groups = [losses[i : i + window] for i in range(0, len(losses), window)]
    return torch.tensor([sum(g) / len(g) for g in groups], dtype=torch.float64)


@smooth.misconception(
    "The first losses were dropped instead of the last ones: groups start at step 0."
)
def first_dropped(losses, window):
    cut = len(losses) % window
    return torch.tensor(losses[cut:], dtype=torch.float64).view(-1, window).mean(1)


@smooth.misconception(
    "You took every window-th loss. That is as noisy as before, with fewer points: average the "
    "group."
)
def subsampled(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full:window], dtype=torch.float64)


@smooth.misconception("window is the number of steps in a group, not the number of groups.")
def number_of_groups(losses, window):
    size = max(1, len(losses) // window)
    full = len(losses) // size * size
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, size).mean(1)


@smooth.misconception(
    "A view needs a multiple of window: without cutting the list first, every other length fails."
)
def not_cut(losses, window):
    return torch.tensor(losses, dtype=torch.float64).view(-1, window).mean(1)


@smooth.variant("unfold, in single precision")
def unfold(losses, window):
    x = torch.tensor(losses)
    return x.unfold(0, window, window).mean(1) if len(x) >= window else x[:0]


@smooth.variant("a loop")
def loop(losses, window):
    means = torch.zeros(len(losses) // window, dtype=torch.float64)
    for i in range(len(means)):
        means[i] = sum(losses[i * window : (i + 1) * window]) / window
    return means


smooth.equivalent(
    "torch.tensor(losses[:full], dtype=torch.float64)  ->  torch.tensor(losses[:full])",
    "float32 will do, as the docstring says",
)
