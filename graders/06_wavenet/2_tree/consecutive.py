"""06.consecutive: neighbors side by side."""

import torch

from graders.authoring import differentiate, exercise

consecutive = exercise("consecutive", title="neighbors side by side")


@consecutive.cases
def _(rng):
    for (B, T, C), n in [
        ((2, 4, 3), 2),
        ((1, 6, 2), 3),
        ((3, 8, 5), 4),
        ((2, 6, 4), 2),
        ((4, 4, 1), 2),
    ]:
        yield dict(x=rng.normal(B, T, C), n=n)
    yield dict(x=rng.normal(3, 5, 2), n=5)  # one group: still three dimensions
    yield dict(x=rng.normal(2, 3, 4), n=1)  # every position alone: nothing changes
    yield dict(x=rng.normal(1, 2, 1, dtype=torch.float32), n=2)


@consecutive.oracle
def _(x, n):
    # neighbor by neighbor: the first of each group, the second of each group, ...
    return torch.cat([x[:, k::n] for k in range(n)], dim=-1)


@consecutive.check("gradients")
def _(m, x, n):
    x = x.clone().requires_grad_()
    out = m.consecutive(x, n)
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, {"x": x}, up))


consecutive.hint(
    "In memory, where do the numbers of position 1 lie, seen from those of position 0?"
)
consecutive.hint("They follow directly, so a view with other sizes is enough. Which three sizes?")
consecutive.hint("B, T, C = x.shape; return x.view(B, T // n, n * C)")


@consecutive.misconception(
    "Channel before time: your groups list all first channels of the neighbors, then all second "
    "ones. All of the first neighbor comes first, then all of the second: no transpose is needed."
)
def channel_first(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C).transpose(2, 3).reshape(B, T // n, n * C)


@consecutive.misconception(
    "You put positions together that lie T // n apart. Neighbors belong together: 0 with 1, "
    "2 with 3."
)
def far_apart(x, n):
    return torch.cat(x.split(x.shape[1] // n, dim=1), dim=-1)


@consecutive.misconception(
    "Time and channel are swapped in the whole tensor before it is cut into groups, so each group "
    "holds one channel at many times. Leave out the transpose."
)
def swapped(x, n):
    B, T, C = x.shape
    return x.transpose(1, 2).reshape(B, T // n, n * C)


@consecutive.misconception(
    "The neighbors were averaged. An average cannot tell 'ab' from 'ba', and the next layer "
    "expects n * C numbers: put them side by side."
)
def averaged(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C).mean(2)


@consecutive.misconception(
    "The neighbors were added up: each keeps its own n-th of the longer vector, side by side."
)
def added(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C).sum(2)


@consecutive.misconception(
    "The largest of the neighbors was kept (pooling). Nothing is computed here: put all their "
    "numbers side by side."
)
def largest(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C).amax(2)


@consecutive.misconception(
    "The groups overlap: a new one begins at every position. They begin at every n-th, so that "
    "T // n are left."
)
def overlapping(x, n):
    last = x.shape[1] - n + 1
    return torch.cat([x[:, k : k + last] for k in range(n)], dim=-1)


@consecutive.misconception(
    "x[:, ::2] and x[:, 1::2] are pairs. n is an argument: n slices x[:, k::n], one for each "
    "neighbor."
)
def two_slices(x, n):
    return torch.cat([x[:, ::2], x[:, 1::2]], dim=-1)


@consecutive.misconception(
    "The slices of the neighbors were put one after the other in time (dim=1). They belong side "
    "by side, in the last dimension."
)
def along_time(x, n):
    return torch.cat([x[:, k::n] for k in range(n)], dim=1)


@consecutive.misconception(
    "The neighbors still have a dimension of their own, (B, T // n, n, C): one more view makes "
    "n * C of the last two."
)
def four_dimensions(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C)


@consecutive.misconception("The second neighbor stands before the first. Keep the order of time.")
def backwards(x, n):
    return torch.cat([x[:, k::n] for k in reversed(range(n))], dim=-1)


@consecutive.misconception(
    "The sizes T // n and n are mixed up: you made n groups of T // n neighbors. It is T // n "
    "groups of n."
)
def n_groups(x, n):
    B, T, C = x.shape
    return x.view(B, n, T // n * C)


@consecutive.misconception(
    "Only pairs: n is an argument and may be 3 or 4. Do not write 2 into the code."
)
def always_pairs(x, n):
    B, T, C = x.shape
    return torch.cat([x[:, 0::2], x[:, 1::2]], dim=-1) if T % 2 == 0 else x.view(B, T // n, n * C)


@consecutive.misconception(
    "With a single group you dropped its dimension. Here the result always has three dimensions; "
    "the squeeze rule belongs to FlattenConsecutive, the next exercise."
)
def squeezed(x, n):
    B, T, C = x.shape
    out = x.view(B, T // n, n * C)
    return out.squeeze(1) if n == T else out


@consecutive.misconception(
    "Everything was flattened into one group. Only n neighbors at a time are put together."
)
def all_of_it(x, n):
    return x.view(x.shape[0], 1, -1)


@consecutive.misconception(
    "The batch dimension is gone: groups of all examples stand in one list. Keep (B, T // n, n * "
    "C)."
)
def batch_lost(x, n):
    return x.view(-1, n * x.shape[2])


@consecutive.misconception(
    "The values are right, but cut off from x (detach or .data): no gradient would reach the level "
    "below, and it would never learn."
)
def detached(x, n):
    B, T, C = x.shape
    return x.detach().view(B, T // n, n * C)


@consecutive.variant("slices with a step, concatenated")
def slices(x, n):
    return torch.cat([x[:, k::n, :] for k in range(n)], dim=2)


@consecutive.variant("reshape with -1")
def reshape(x, n):
    return x.reshape(x.shape[0], -1, n * x.shape[2])


@consecutive.variant("unfold")
def unfold(x, n):
    return x.unfold(1, n, n).transpose(2, 3).flatten(2)
