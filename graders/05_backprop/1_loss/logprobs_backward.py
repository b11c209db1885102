"""05.logprobs_backward: dlogprobs: the loss picks n numbers."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

logprobs = exercise("logprobs_backward", title="dlogprobs: the loss picks n numbers")


@logprobs.cases
def _(rng):
    for n, v in SHAPES:
        yield dict(logprobs=rng.normal(n, v, mean=-2), Yb=rng.integers(0, v, n))
    yield dict(logprobs=rng.normal(5, 4, mean=-2), Yb=torch.full((5,), rng.integer(0, 4)))
    yield dict(logprobs=columns_first(rng.normal(3, 8)), Yb=rng.integers(0, 8, 3))
    # no byte holds these indices
    yield dict(logprobs=rng.normal(3, 300), Yb=torch.tensor([299, 43, 140]))
    yield dict(logprobs=rng.normal(3, 4, dtype=torch.float32), Yb=rng.integers(0, 4, 3))


@logprobs.oracle
def _(logprobs, Yb):
    x = leaf(logprobs)
    loss = -x[torch.arange(len(Yb)), Yb].mean()
    return gradient(x, loss, 1.0, logprobs)


logprobs.hint("How many numbers of logprobs does the loss look at? What about all the others?")
logprobs.hint(
    "Nudge one picked number by 0.01: a mean over n examples moves by 0.01 / n, "
    "and there is a minus sign in front."
)
logprobs.hint(
    "Start from torch.zeros_like(logprobs), and write -1 / n at [torch.arange(n), Yb]: "
    "pairs (row i, column Yb[i])."
)


@logprobs.misconception(
    "The right places, but 1 / n is missing: the loss is the mean over the n examples of the "
    "batch, so each example only counts 1 / n."
)
def no_mean(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = -1.0
    return d


@logprobs.misconception(
    "The sign is wrong: the loss is *minus* the mean, so a higher log-probability lowers it and "
    "the gradient is negative."
)
def sign(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = 1.0 / len(Yb)
    return d


@logprobs.misconception(
    "`[:, Yb]` takes these columns in *every* row. You want one place per row, the pairs "
    "(i, Yb[i]): index with `[torch.arange(n), Yb]`."
)
def every_row(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[:, Yb] = -1.0 / len(Yb)
    return d


@logprobs.misconception(
    "You divided by the number of all elements, n * vocab_size. The mean is taken over the n "
    "picked numbers, so only n counts."
)
def per_element(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = -1.0 / logprobs.numel()
    return d


@logprobs.misconception(
    "Every number got a gradient. The loss looks at one number per row; nudging another changes "
    "nothing, so its gradient is 0."
)
def everywhere(logprobs, Yb):
    return torch.full_like(logprobs, -1.0 / len(Yb))


@logprobs.misconception(
    "The values are right but the dtype is not: torch.zeros(n, v) is float32 whatever the input. "
    "Use torch.zeros_like(logprobs)."
)
def always_float32(logprobs, Yb):
    d = torch.zeros(logprobs.shape)
    d[torch.arange(len(Yb)), Yb] = -1.0 / len(Yb)
    return d


@logprobs.misconception(
    "You put the log-probabilities themselves there, as if the derivative of x were x. The loss is "
    "linear in them: the slope is the constant -1 / n."
)
def value_for_slope(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    i = torch.arange(len(Yb))
    d[i, Yb] = -logprobs[i, Yb] / len(Yb)
    return d


@logprobs.misconception(
    "That is the formula for dlogits, all of cross-entropy at once: probabilities minus one-hot. "
    "Here you are one step from the loss, and no softmax lies between."
)
def already_dlogits(logprobs, Yb):
    d = logprobs.exp()
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@logprobs.misconception(
    "You asked autograd. Here you compute by hand what it would: while the checks run nothing is "
    "recorded, so there is nothing to call backward() on."
)
def autograd(logprobs, Yb):
    x = logprobs.detach().clone().requires_grad_()
    loss = -x[torch.arange(len(Yb)), Yb].mean()
    loss.backward()
    return x.grad


@logprobs.variant("one-hot")
def one_hot(logprobs, Yb):
    n, v = logprobs.shape
    return -torch.nn.functional.one_hot(Yb, v).to(logprobs.dtype) / n


@logprobs.variant("scatter")
def scatter(logprobs, Yb):
    return torch.zeros_like(logprobs).scatter_(1, Yb[:, None], -1.0 / Yb.shape[0])


@logprobs.variant("a loop over lists")
def loop(logprobs, Yb):
    n, v = logprobs.shape
    rows = [[-1 / n if j == y else 0.0 for j in range(v)] for y in Yb.tolist()]
    return torch.tensor(rows, dtype=logprobs.dtype)
