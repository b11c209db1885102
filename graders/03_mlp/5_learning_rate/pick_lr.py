"""03.pick_lr: the bottom of the valley."""

import torch

from graders.authoring import Tol, exercise

pick = exercise("pick_lr", title="the bottom of the valley")


@pick.cases
def _(rng):
    lrs = sorted(rng.numbers(9, 0.001, 1))
    # single low spikes at the ends, a valley in the middle
    valley = [9.0, 1.0, 9.5, 6.0, 3.0, 2.5, 3.1, 8.0, 0.5]
    yield dict(lrs=lrs, losses=valley, window=3)
    yield dict(lrs=lrs, losses=valley, window=1)
    yield dict(lrs=lrs, losses=valley, window=9)
    yield dict(lrs=lrs, losses=[x + rng.number(0, 0.1) for x in valley], window=5)
    nan, inf = float("nan"), float("inf")
    yield dict(lrs=lrs, losses=[5.0, 4.0, 3.5, 3.0, 3.2, 7.0, 90.0, inf, nan], window=3)
    yield dict(lrs=lrs, losses=[nan, 4.0, 3.0, 3.5, 6.0, inf, nan, nan, nan], window=3)
    yield dict(lrs=lrs, losses=[4.0, 2.0, 2.0, 2.0, 9.0, 2.0, 2.0, 2.0, 9.0], window=3)  # a tie
    # without the nan, its neighbors would make the lowest window
    yield dict(lrs=lrs, losses=[9.0, 8.0, 2.0, nan, 1.0, 2.0, 8.0, 4.0, 4.0], window=3)
    yield dict(
        lrs=lrs, losses=[5.0, 3.01, 3.0, 3.0, 6.0, 3.0, 3.0, 3.0, 7.0], window=3
    )  # nearly one
    yield dict(lrs=lrs, losses=[9.0, 9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0], window=3)
    yield dict(lrs=lrs, losses=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], window=5)
    # all are huge; and rates that fall, or stand in no order
    yield dict(lrs=lrs, losses=[1e12 * x for x in valley], window=3)
    yield dict(lrs=lrs[::-1], losses=valley, window=5)
    yield dict(lrs=rng.shuffled(lrs), losses=valley, window=3)
    lrs, losses = sorted(rng.numbers(40, 0.001, 1)), rng.numbers(40, 2, 9)
    yield dict(lrs=lrs, losses=losses, window=7)


# an entry of lrs that went through float32 is off by 6e-8, relatively; its neighbors by percents
pick.tolerance(Tol(rtol=1e-6))

pick.hint("A window that starts at i covers losses[i : i + window]. Where is its middle?")
pick.hint("Keep the lowest mean so far, beginning with infinity; nan < x is False for every x.")
pick.hint("for start in range(len(losses) - window + 1): ... best = lrs[start + window // 2]")

pick.misconception(
    "The single lowest loss is one lucky minibatch. Average over the window first.",
    name="single_lowest",
    replace="sum(losses[start : start + window]) / window",
    by="losses[start + window // 2]",
)
pick.misconception(
    "The learning rate at the beginning of the window; asked is the one in its middle.",
    name="beginning",
    replace="lrs[start + window // 2]",
    by="lrs[start]",
)
pick.misconception(
    "The learning rate at the end of the window; asked is the one in its middle.",
    name="end",
    replace="lrs[start + window // 2]",
    by="lrs[start + window - 1]",
)
pick.misconception(
    "You returned the lowest mean loss; asked is the learning rate it belongs to.",
    name="the_loss",
    replace="return best",
    by="return lowest",
)
pick.misconception(
    "You returned a position; asked is the learning rate at it.",
    name="position",
    replace="best, lowest = lrs[start + window // 2], mean",
    by="best, lowest = start + window // 2, mean",
)
pick.misconception(
    "You looked for the highest loss. The valley is where it is lowest.",
    name="highest",
    edits=[('float("inf")', '-float("inf")'), ("mean < lowest", "mean > lowest")],
)
pick.misconception(
    "The last window is left out: there are n - window + 1 of them.",
    name="last_left_out",
    replace="- window + 1",
    by="- window + (window == len(losses))",
)
pick.misconception(
    "Of equal windows you took the last; asked is the first.",
    name="last_of_equal",
    replace="mean < lowest",
    by="mean <= lowest",
)
pick.misconception(
    "nan won: argmin and sorting treat it as the smallest. After an explosion, such windows must not "
    "count.",
    name="nan_wins",
    source="""def pick_lr(lrs, losses, window):
    means = torch.tensor(losses, dtype=torch.float64).unfold(0, window, 1).mean(1)
    return lrs[int(means.argmin()) + window // 2]
""",
)
pick.misconception(
    "Windows at the edges were filled up with zeros (a convolution does that), so they look low. Only full "
    "windows count.",
    name="padded",
    source="""def pick_lr(lrs, losses, window):
    half = window // 2
    padded = [0.0] * half + list(losses) + [0.0] * half
    means = [sum(padded[i : i + window]) / window for i in range(len(losses))]
    return lrs[min(range(len(means)), key=lambda i: means[i] if means[i] == means[i] else 1e9)]
""",
)
pick.misconception(
    "You took out nan and inf first, and so made neighbors of losses that are none. A window with one in it "
    "does not count.",
    name="taken_out",
    source="""def pick_lr(lrs, losses, window):
    kept = [i for i, loss in enumerate(losses) if abs(loss) < float("inf")]
    lrs, losses = [lrs[i] for i in kept], [losses[i] for i in kept]
    means = [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    return lrs[means.index(min(means)) + window // 2]
""",
)
pick.misconception(
    "The lowest loss of each window is one lucky minibatch again: take the mean.",
    name="lowest_in_window",
    replace="sum(losses[start : start + window]) / window",
    by="min(losses[start : start + window])",
)
pick.misconception(
    "The mean over the window of the learning rates is none of the candidates; asked is the one in "
    "the middle.",
    name="mean_lr",
    replace="lrs[start + window // 2]",
    by="sum(lrs[start : start + window]) / window",
)
pick.misconception(
    "nan became 0, or the mean left it out: the explosion then looks like a valley. Such windows do not "
    "count.",
    name="nan_left_out",
    replace="sum(losses[start : start + window]) / window",
    by="torch.tensor(losses[start : start + window]).nanmean().item()",
)


pick.misconception(
    """Windows that reach over an end were averaged over what is left of them: a few lucky losses win
    there. Only whole windows count.""",
    name="edges",
    source="""
def pick_lr(lrs, losses, window):
    half, best = window // 2, (float("inf"), 0)
    for i in range(len(losses)):
        piece = losses[max(0, i - half) : i + half + 1]
        best = min(best, (sum(piece) / len(piece), i))
    return lrs[best[1]]
""",
)


@pick.misconception(
    "That is the median of each window. Asked for is the mean, which a single loss moves."
)
def median(lrs, losses, window):
    half, best, at = window // 2, float("inf"), 0
    for i in range(half, len(losses) - half):
        piece = losses[i - half : i + half + 1]
        if all(abs(loss) < float("inf") for loss in piece) and sorted(piece)[half] < best:
            best, at = sorted(piece)[half], i
    return lrs[at]


@pick.variant("torch, nan replaced")
def unfold(lrs, losses, window):
    means = torch.tensor(losses, dtype=torch.float64).unfold(0, window, 1).mean(1)
    means = torch.nan_to_num(means, nan=float("inf"))
    return lrs[means.tolist().index(means.min().item()) + window // 2]


pick.equivalent(
    "sum(losses[start:start + window]) / window  ->  sum(losses[start:start + window]) * window",
    "the place of the least sum is that of the least mean",
)
pick.equivalent(
    "sum(losses[start:start + window]) / window  ->  sum(losses[start:start + window])",
    "the place of the least sum is that of the least mean",
)
