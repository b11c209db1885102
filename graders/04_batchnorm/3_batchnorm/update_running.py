"""04.update_running: running statistics, momentum."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise

from .part import columns_first

running = exercise("update_running", title="running statistics, momentum")


@running.cases
def _(rng):
    for n, hidden, momentum in [(4, 3, 0.3), (3, 5, 0.1), (2, 2, 0.8), (3, 3, 0.3), (2, 4, 0.001)]:
        yield dict(
            running_mean=rng.normal(hidden, mean=1.0),
            running_var=rng.uniform(2.0, 4.0, hidden),
            x=rng.normal(n, hidden, mean=-2.0, std=1.5),
            momentum=momentum,
        )
    for momentum in (0.0, 1.0):
        yield dict(
            running_mean=rng.normal(3),
            running_var=rng.uniform(0.5, 2.0, 3),
            x=columns_first(rng.normal(4, 3, mean=3.0)),
            momentum=momentum,
        )
    f32 = dict(dtype=torch.float32)
    yield dict(
        running_mean=rng.normal(3, **f32), running_var=rng.uniform(0.5, 2.0, 3, **f32),
        x=rng.normal(4, 3, **f32), momentum=0.3,
    )  # fmt: skip


@running.oracle
def _(running_mean, running_var, x, momentum):
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x, mean, var, training=True, momentum=momentum)  # torch updates them in place
    return mean, var


@running.check("no gradient")
def _(m, running_mean, running_var, x, momentum):
    """x comes from a layer that learns; the bookkeeping must not keep its graph alive."""
    weight = torch.ones(x.shape[1], dtype=x.dtype, requires_grad=True)
    answer = m.update_running(running_mean, running_var, x * weight, momentum)
    found = [[t.requires_grad for t in answer], [t.detach().clone() for t in answer]]
    for t in answer:
        t.detach().add_(1)  # new tensors: what the caller holds does not see it
    return [*found, running_mean, running_var]


@running.check("again and again")
def _(m, running_mean, running_var, x, momentum):
    """Three batches, one after the other, with the default momentum."""
    seen = []
    for factor in (1.0, -2.0, 0.5):
        running_mean, running_var = m.update_running(running_mean, running_var, x * factor)
        seen += [running_mean, running_var]
    return seen


running.hint("Which share is new with momentum = 0.1? And which variance does torch store?")
running.hint(
    "Inside torch.no_grad(): batch_stats(x, correction=1), then (1 - momentum) * old + momentum * new."
)
running.hint(
    "(1 - momentum) * running_mean + momentum * mean, and the same for the variance; return both"
)


@running.misconception(
    "momentum is the wrong way round: in torch it is the share of the *new* batch, 0.1 by default."
)
def swapped(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            momentum * running_mean + (1 - momentum) * x.mean(0),
            momentum * running_var + (1 - momentum) * x.var(0),
        )


@running.misconception(
    "The biased variance was stored. It is too small a guess at all the data; torch stores the unbiased "
    "one (and divides by the biased one in the forward pass)."
)
def biased(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * x.var(0, correction=0),
        )


@running.misconception("The standard deviation was mixed into the running *variance*.")
def std(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * x.std(0),
        )


@running.misconception(
    "running_var is never updated: the variance needs the same step as the mean."
)
def mean_only(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (1 - momentum) * running_mean + momentum * x.mean(0), running_var.clone()


@running.misconception(
    "running_mean is never updated: the mean needs the same step as the variance."
)
def var_only(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return running_mean.clone(), (1 - momentum) * running_var + momentum * x.var(0)


@running.misconception("Nothing moves: what comes back are the old statistics.")
def nothing(running_mean, running_var, x, momentum=0.1):
    return running_mean.clone(), running_var.clone()


@running.misconception(
    "The batch's statistics replaced the running ones. One batch is a small sample: move toward it by "
    "momentum."
)
def replaced(running_mean, running_var, x, momentum=0.1):
    return x.mean(0).detach(), x.var(0).detach()


@running.misconception(
    "The old share must shrink, (1 - momentum) * old. Otherwise the statistics grow without end."
)
def added(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return running_mean + momentum * x.mean(0), running_var + momentum * x.var(0)


@running.misconception("0.1 is written into the function; use the argument momentum.")
def fixed(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return 0.9 * running_mean + 0.1 * x.mean(0), 0.9 * running_var + 0.1 * x.var(0)


@running.misconception("The default of momentum is 0.1, the share of the new batch; yours is 0.9.")
def default_swapped(running_mean, running_var, x, momentum=0.9):
    with torch.no_grad():
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * x.var(0),
        )


@running.misconception(
    "The numbers are right, but they are part of the graph: each step then keeps the graphs of all steps "
    "before, until memory is full. Compute them under torch.no_grad()."
)
def with_gradient(running_mean, running_var, x, momentum=0.1):
    return (
        (1 - momentum) * running_mean + momentum * x.mean(0),
        (1 - momentum) * running_var + momentum * x.var(0),
    )


@running.misconception(
    "The variance is still part of the graph: both statistics are bookkeeping, without gradient."
)
def var_with_gradient(running_mean, running_var, x, momentum=0.1):
    return (
        (1 - momentum) * running_mean + momentum * x.mean(0).detach(),
        (1 - momentum) * running_var + momentum * x.var(0),
    )


@running.misconception(
    "The arguments were changed in place. The docstring asks for new tensors: the caller decides."
)
def in_place(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        running_mean.mul_(1 - momentum).add_(momentum * x.mean(0))
        running_var.mul_(1 - momentum).add_(momentum * x.var(0))
    return running_mean.clone(), running_var.clone()


@running.misconception("You went along the neurons. The batch is dimension 0.")
def wrong_dim(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        var = x.var(1) if x.shape[1] > 1 else x[:, 0] * 0
        return (
            (1 - momentum) * running_mean + momentum * x.mean(1),
            (1 - momentum) * running_var + momentum * var,
        )


@running.misconception(
    "The spread was measured around the *running* mean. The batch's variance is that around its own mean."
)
def around_running_mean(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        var = ((x - running_mean) ** 2).sum(0) / (len(x) - 1)
        return (
            (1 - momentum) * running_mean + momentum * x.mean(0),
            (1 - momentum) * running_var + momentum * var,
        )


@running.misconception("The order: the mean comes first, then the variance.")
def order(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        return (
            (1 - momentum) * running_var + momentum * x.var(0),
            (1 - momentum) * running_mean + momentum * x.mean(0),
        )


@running.variant("lerp")
def lerp(running_mean, running_var, x, momentum=0.1):
    var, mean = torch.var_mean(x.detach(), 0)
    return torch.lerp(running_mean, mean, momentum), torch.lerp(running_var, var, momentum)


@running.variant("torch's own, on copies")
def torchs(running_mean, running_var, x, momentum=0.1):
    mean, var = running_mean.clone(), running_var.clone()
    F.batch_norm(x.detach(), mean, var, training=True, momentum=momentum)
    return mean, var


@running.variant("a step toward the batch")
def step(running_mean, running_var, x, momentum=0.1):
    x = x.data
    n = x.shape[0]
    var = x.var(0, unbiased=False) * n / (n - 1)
    return (
        running_mean + momentum * (x.mean(0) - running_mean),
        running_var + momentum * (var - running_var),
    )
