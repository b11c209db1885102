"""07.average_loop: the past averaged with a loop."""

import torch

from graders.authoring import exercise

from .part import gradients, running_mean, sequences

loop = exercise("average_loop", title="the past averaged with a loop")


@loop.cases
def _(rng):
    for x in sequences(rng):
        yield dict(x=x)


@loop.oracle
def _(x):
    return running_mean(x)


@loop.check("gradients")
def _(m, x):
    x = x.clone().requires_grad_()
    return gradients(m.average_loop(x), {"x": x})


@loop.oracle("gradients")
def _(x):
    x = x.clone().requires_grad_()
    return gradients(running_mean(x), {"x": x})


loop.hint("For each t: which slice of x is the past of position t, itself included?")
loop.hint("x[:, : t + 1] for all sequences at once, its mean over time; T of these, stacked.")
loop.hint("torch.stack([x[:, : t + 1].mean(dim=1) for t in range(x.shape[1])], dim=1)")


@loop.misconception(
    "A position does not count itself: x[:, :t] ends before t, and the first average, of nothing, is "
    "nan. Write x[:, : t + 1]."
)
def without_itself(x):
    return torch.stack([x[:, :t].mean(1) for t in range(x.shape[1])], 1)


@loop.misconception(
    "You averaged the whole sequence, future included. Position t may use positions 0 to t."
)
def whole(x):
    return x.mean(1, keepdim=True).expand(x.shape).clone()


@loop.misconception("These are sums. Divide by how many there are: position t has t + 1 of them.")
def summed(x):
    return x.cumsum(1)


@loop.misconception(
    "You divided every sum by T. Position t has t + 1 vectors behind it, so its sum is divided by t + 1."
)
def over_T(x):
    return x.cumsum(1) / x.shape[1]


@loop.misconception(
    "You averaged from t to the end: that is the future. The past of t is x[:, : t + 1]."
)
def future(x):
    return torch.stack([x[:, t:].mean(1) for t in range(x.shape[1])], 1)


@loop.misconception(
    "Batch and time have changed places in the result: stack the T averages along dim=1."
)
def stacked_first(x):
    return torch.stack([x[:, : t + 1].mean(1) for t in range(x.shape[1])])


@loop.misconception(
    "The values are right, but they are cut off from x: no gradient comes back. Leave out detach, "
    "item and no_grad."
)
def detached(x):
    return running_mean(x.detach())


@loop.misconception(
    "You averaged an average: (the average so far + the new one) / 2 gives the newest half of all the "
    "weight. Everyone counts the same: sum, then divide by t + 1."
)
def average_of_averages(x):
    out = [x[:, 0]]
    for t in range(1, x.shape[1]):
        out.append((out[-1] + x[:, t]) / 2)
    return torch.stack(out, 1)


@loop.misconception("Each position looks back one step only. Its past begins at 0: x[:, : t + 1].")
def window_of_two(x):
    return torch.stack([x[:, max(0, t - 1) : t + 1].mean(1) for t in range(x.shape[1])], 1)


@loop.variant("filled in, sequence by sequence")
def filled(x):
    xbow = torch.zeros(x.shape, dtype=x.dtype)
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            xbow[b, t] = x[b, : t + 1].mean(0)
    return xbow
