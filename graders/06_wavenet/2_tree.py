"""A tree of characters: FlattenConsecutive, BatchNorm1d for three dimensions, the model."""

import torch

from graders.authoring import differentiate, exercise

# -- consecutive -------------------------------------------------------------------------------

consecutive = exercise("consecutive", title="neighbors side by side")
consecutive.hint(
    "In memory, where do the numbers of position 1 lie, seen from those of position 0?"
)
consecutive.hint("They follow directly, so a view with other sizes is enough. Which three sizes?")
consecutive.hint("B, T, C = x.shape; return x.view(B, T // n, n * C)")


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


# -- FlattenConsecutive ------------------------------------------------------------------------

flatten = exercise(
    "flatten_consecutive",
    target="FlattenConsecutive.__call__",
    title="the squeeze rule",
    pure=False,
)
flatten.hint("How many groups are there, and which dimension counts them?")
flatten.hint(
    "squeeze(1) drops dimension 1, and only if its size is 1; squeeze() drops all of size 1."
)
flatten.hint("x = consecutive(x, self.n), then return x.squeeze(1) if there is one group, else x.")

GROUPED = "return x.squeeze(1) if x.shape[1] == 1 else x"


@flatten.cases
def _(rng):
    for shape, n in [
        ((2, 4, 3), 2),
        ((2, 4, 3), 4),
        ((1, 4, 3), 2),  # a batch of one, two groups
        ((1, 6, 2), 6),  # a batch of one, one group
        ((3, 2, 5), 2),
        ((1, 2, 1), 2),
        ((3, 4, 1), 1),  # groups of one number: the last dimension stays
        ((3, 1, 4), 1),
        ((1, 1, 1), 1),
        ((5, 6, 2), 3),
    ]:
        yield dict(x=rng.normal(*shape), n=n)


@flatten.scenario
def _(m, x, n):
    return m.FlattenConsecutive(n)(x)


@flatten.oracle
def _(x, n):
    groups = [x[:, i : i + n].reshape(len(x), -1) for i in range(0, x.shape[1], n)]
    return groups[0] if len(groups) == 1 else torch.stack(groups, dim=1)


@flatten.check("gradients")
def _(m, x, n):
    x.requires_grad_()
    out = m.FlattenConsecutive(n)(x)
    up = torch.linspace(-1, 2, out.numel(), dtype=x.dtype).view(out.shape)
    return dict(differentiate(out, {"x": x}, up))


@flatten.check("up the tree")
def _(m, x, n):
    """One object, called on batches of other sizes: each call stands for itself."""
    layer = m.FlattenConsecutive(n)
    shapes = [tuple(layer(x).shape), tuple(layer(torch.cat([x, x], dim=1)).shape)]
    shapes += [tuple(layer(x[:1]).shape), tuple(layer(torch.cat([x, x, x])).shape)]
    return [shapes, layer.n, layer.parameters()]


flatten.misconception(
    "`squeeze()` without a dimension drops every dimension of size 1: a batch of one is lost, too. "
    "Drop dimension 1 only.",
    name="squeeze_everything",
    replace=GROUPED,
    by="return x.squeeze()",
)
flatten.misconception(
    "When there is one group you squeezed all dimensions of size 1, and with a batch of one the "
    "batch went, too. Use squeeze(1).",
    name="squeeze_everything_on_top",
    replace=GROUPED,
    by="return x.squeeze() if x.shape[1] == 1 else x",
)
flatten.misconception(
    "You never squeeze: with one group (B, 1, n * C) must become (B, n * C), or the logits would "
    "have three dimensions.",
    name="never",
    replace=GROUPED,
    by="return x",
)
flatten.misconception(
    "You squeezed the batch: dimension 0 is the examples, dimension 1 the groups.",
    name="squeeze_batch",
    replace=GROUPED,
    by="return x.squeeze(0)",
)
flatten.misconception(
    "You squeezed the last dimension, the channels. It is dimension 1, the groups.",
    name="squeeze_channels",
    replace=GROUPED,
    by="return x.squeeze(-1)",
)
flatten.misconception(
    "With more than one group you took only the first. Drop the dimension only if its size is 1.",
    name="first_group",
    replace=GROUPED,
    by="return x[:, 0]",
)
flatten.misconception(
    "The number of neighbors is self.n, chosen when the layer was made. You always take 2.",
    name="always_two",
    replace="consecutive(x, self.n)",
    by="consecutive(x, 2)",
)
flatten.misconception(
    "All positions were flattened at once: that is Flatten. Only self.n neighbors go together.",
    name="plain_flatten",
    replace=GROUPED,
    by="return x.flatten(1)",
)
flatten.misconception(
    "Only one neighbor was merged: consecutive(x, self.n) is missing.",
    name="no_grouping",
    replace="        x = consecutive(x, self.n)\n",
    by="",
)
flatten.variant(
    "view by cases",
    name="view",
    source="""def __call__(self, x):
    B, T, C = x.shape
    if T == self.n:
        return x.view(B, C * self.n)
    return x.view(B, T // self.n, C * self.n)
""",
)
flatten.variant(
    "squeeze(1) alone: it leaves other sizes as they are",
    name="squeeze_one",
    replace=GROUPED,
    by="return x.squeeze(1)",
)
flatten.variant(
    "keeps its result, as in the lecture",
    name="keeps_out",
    source="""def __call__(self, x):
    x = torch.cat([x[:, k :: self.n] for k in range(self.n)], dim=-1)
    if x.shape[1] == 1:
        x = x[:, 0]
    self.out = x
    return self.out
""",
)

# -- BatchNorm1d -------------------------------------------------------------------------------

norm = exercise(
    "batchnorm",
    target="BatchNorm1d.__call__",
    title="BatchNorm over examples and positions",
    points=2,
    pure=False,
)
norm.hint("How many means are there: one per channel, or one per channel and position?")
norm.hint(
    "For (B, T, C) reduce over the dimensions (0, 1), for (B, C) over 0. N is how many values went "
    "into each mean, and the running variance takes var * N / (N - 1)."
)
norm.hint(
    "dims = 0 if x.ndim == 2 else (0, 1); mean = x.mean(dims); var = x.var(dims, correction=0); "
    "the rest is lesson 04, with N = x.numel() // x.shape[-1], the running part under "
    "torch.no_grad()."
)


@norm.cases
def _(rng):
    # few values per channel, so that N and N - 1 are far apart; eps and momentum of every size
    for shape, eps, momentum in [
        ((3, 2, 4), 1e-5, 0.1),
        ((2, 3, 5), 0.5, 0.3),
        ((4, 3), 0.5, 0.3),
        ((2, 2), 1e-5, 0.25),
        ((1, 4, 3), 0.1, 0.4),  # one example, but four values per channel
        ((5, 1, 2), 0.2, 0.7),
        ((3, 3, 3), 1e-3, 0.9),
    ]:
        C = shape[-1]
        yield dict(
            xs=[rng.normal(*shape, mean=rng.number(), std=2.0) for _ in range(3)],
            eps=eps,
            momentum=momentum,
            gamma=rng.normal(C, mean=1.0, std=0.5),
            beta=rng.normal(C),
            mean=rng.normal(C),
            var=rng.uniform(0.5, 3.0, C),
            up=rng.normal(*shape),
        )


def prepared(m, eps, momentum, gamma, beta, mean, var):
    """A layer with everything of its own: no zeros and ones that hide a missing term."""
    layer = m.BatchNorm1d(len(gamma), eps, momentum)
    layer.gamma, layer.beta = gamma, beta
    layer.running_mean, layer.running_var = mean.clone(), var.clone()
    return layer


@norm.scenario
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    return [layer(xs[0]), layer(xs[1])]


@norm.oracle
def _(xs, eps, momentum, gamma, beta, mean, var, up):
    out = []
    for x in xs[:2]:
        flat = x.reshape(-1, x.shape[-1])
        y = torch.nn.functional.batch_norm(flat, None, None, gamma, beta, True, momentum, eps)
        out.append(y.view(x.shape))
    return out


@norm.check("running statistics")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    seen = []
    for x in xs[:2]:
        layer(x)
        seen.append([layer.running_mean.clone(), layer.running_var.clone()])
    return seen


@norm.oracle("running statistics")
def _(xs, eps, momentum, gamma, beta, mean, var, up):
    layer = torch.nn.BatchNorm1d(len(gamma), eps, momentum).double()
    layer.running_mean.copy_(mean)
    layer.running_var.copy_(var)
    seen = []
    for x in xs[:2]:
        layer(x.reshape(-1, x.shape[-1]))
        seen.append([layer.running_mean.clone(), layer.running_var.clone()])
    return seen


@norm.check("eval mode")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    """Running statistics, which stay; one example alone; and back to training."""
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    layer(xs[0])
    layer.eval()
    out = [layer(xs[1]), layer(xs[1][:1])]
    kept = [layer.running_mean.clone(), layer.running_var.clone()]
    layer.train()
    return [out, kept, layer(xs[2]), layer.running_mean.clone()]


@norm.check("gradients")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    inputs = {"x": xs[0], "gamma": gamma, "beta": beta}
    for tensor in inputs.values():
        tensor.requires_grad_()
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    found = dict(differentiate(layer(xs[0]), inputs, up))
    flags = [layer.running_mean.requires_grad, layer.running_var.requires_grad]
    layer.eval()
    evaluated = dict(differentiate(layer(xs[0]), inputs, up))
    return [found, flags, evaluated]


@norm.check("inputs untouched")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    layer(xs[0])
    layer.eval()
    layer(xs[1])
    return [xs, layer.gamma, layer.beta]


DIMS = "dims = 0 if x.ndim == 2 else (0, 1)"

norm.misconception(
    "For (B, T, C) you average over the examples only, so that each position has a mean and "
    "variance of its own: the bug of this lesson. Reduce over the dimensions (0, 1).",
    name="the_bug",
    edits=[
        (DIMS, "dims = 0"),
        (
            "self.running_mean += self.momentum * (mean - self.running_mean)",
            "self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)",
        ),
        (
            "self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)",
            "self.running_var = self.running_var + self.momentum * (\n"
            "                    x.var(0) - self.running_var)",
        ),
    ],
)
norm.misconception(
    "For (B, T, C) you average over the examples only: the statistics get the shape (T, C), which "
    "does not fit into the running ones. Reduce over the dimensions (0, 1).",
    name="the_bug_in_place",
    replace=DIMS,
    by="dims = 0",
)
norm.misconception(
    "You average over the positions only, for each example alone. The examples belong in as well: "
    "dimensions (0, 1).",
    name="positions_only",
    edits=[
        (DIMS, "dims = 0 if x.ndim == 2 else 1"),
        ("mean = x.mean(dims)", "mean = x.mean(dims, keepdim=x.ndim == 3)"),
        ("var = x.var(dims, correction=0)", "var = x.var(dims, correction=0, keepdim=x.ndim == 3)"),
        ("self.momentum * (mean -", "self.momentum * (x.mean(dims).mean(0) -"),
        (
            "(var * N / (N - 1) -",
            "(x.flatten(0, -2).var(0) -",
        ),
    ],
)
norm.misconception(
    "You normalize each vector over its channels: that is LayerNorm (lesson 07). BatchNorm keeps "
    "the channels apart and averages over examples and positions.",
    name="layernorm",
    edits=[
        ("mean = x.mean(dims)", "mean = x.mean(-1, keepdim=True)"),
        ("var = x.var(dims, correction=0)", "var = x.var(-1, correction=0, keepdim=True)"),
        ("self.momentum * (mean -", "self.momentum * (x.mean(dims) -"),
        ("(var * N / (N - 1) -", "(x.var(dims) -"),
    ],
)
norm.misconception(
    "One mean for everything: you reduced over the channels, too. Each channel has its own, so the "
    "last dimension stays.",
    name="everything",
    edits=[
        ("mean = x.mean(dims)", "mean = x.mean()"),
        ("var = x.var(dims, correction=0)", "var = x.var(correction=0)"),
    ],
)
norm.misconception(
    "You normalize with the unbiased variance. As in torch, the batch is normalized with the "
    "biased one (correction=0); only the running variance takes in the unbiased.",
    name="unbiased",
    edits=[
        ("var = x.var(dims, correction=0)", "var = x.var(dims)"),
        ("var * N / (N - 1) -", "var -"),
    ],
)
norm.misconception(
    "The running variance takes in the biased variance. As in torch, it stores the unbiased one: "
    "var * N / (N - 1).",
    name="biased_stored",
    replace="var * N / (N - 1)",
    by="var",
)
norm.misconception(
    "In N / (N - 1), N is the number of values in each mean: B * T for (B, T, C). You used the "
    "number of examples.",
    name="n_examples",
    replace="N = x.numel() // x.shape[-1]",
    by="N = max(x.shape[0], 2)",
)
norm.misconception(
    "In N / (N - 1), N is the number of values of one channel. You counted all channels' values.",
    name="n_everything",
    replace="N = x.numel() // x.shape[-1]",
    by="N = x.numel()",
)
norm.misconception(
    "eps was added after the root. It belongs under it: sqrt(var + eps).",
    name="eps_outside",
    replace="(var + self.eps).sqrt()",
    by="(var.sqrt() + self.eps)",
)
norm.misconception(
    "eps is missing: a channel that is constant in a batch would be divided by zero.",
    name="no_eps",
    replace="(var + self.eps).sqrt()",
    by="var.sqrt()",
)
norm.misconception(
    "eps is written into the code as 1e-5; use self.eps.",
    name="fixed_eps",
    replace="(var + self.eps).sqrt()",
    by="(var + 1e-5).sqrt()",
)
norm.misconception(
    "You divided by the variance. Divide by its root, the standard deviation.",
    name="no_root",
    replace="(var + self.eps).sqrt()",
    by="(var + self.eps)",
)
norm.misconception(
    "Momentum is the wrong way round: the fraction `momentum` is new, 1 - momentum is old.",
    name="momentum_swapped",
    edits=[
        ("self.momentum * (mean -", "(1 - self.momentum) * (mean -"),
        ("self.momentum * (var * N", "(1 - self.momentum) * (var * N"),
    ],
)
norm.misconception(
    "The momentum is written into the code as 0.1; use self.momentum.",
    name="fixed_momentum",
    edits=[
        ("self.momentum * (mean -", "0.1 * (mean -"),
        ("self.momentum * (var * N", "0.1 * (var * N"),
    ],
)
norm.misconception(
    "The batch's statistics replace the running ones. They should only move a little towards them: "
    "momentum.",
    name="replaced",
    edits=[
        ("self.momentum * (mean -", "1.0 * (mean -"),
        ("self.momentum * (var * N", "1.0 * (var * N"),
    ],
)
norm.misconception(
    "The running statistics never move: in training mode each batch must update both.",
    name="never_updated",
    edits=[
        ("self.momentum * (mean -", "0.0 * (mean -"),
        ("self.momentum * (var * N", "0.0 * (var * N"),
    ],
)
norm.misconception(
    "The running variance never moves; only the mean is updated.",
    name="variance_not_updated",
    replace="self.momentum * (var * N",
    by="0.0 * (var * N",
)
norm.misconception(
    "The running statistics are used in training mode, too. While training, a batch is normalized "
    "with its own statistics.",
    name="running_while_training",
    replace="        return self.gamma",
    by="        mean, var = self.running_mean.clone(), self.running_var.clone()\n"
    "        return self.gamma",
)
norm.misconception(
    "Eval mode uses the batch's statistics. There the answer for one example must not depend on "
    "the others: use the running ones.",
    name="batch_in_eval",
    replace="            mean, var = self.running_mean, self.running_var\n",
    by="            mean, var = x.mean(dims), x.var(dims, correction=0)\n",
)
norm.misconception(
    "Eval mode updates the running statistics. Measuring must change nothing: update in training "
    "mode only.",
    name="updates_in_eval",
    replace="            mean, var = self.running_mean, self.running_var\n",
    by="            mean, var = self.running_mean.clone(), self.running_var.clone()\n"
    "            with torch.no_grad():\n"
    "                self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)\n"
    "                new = x.var(dims, correction=0)\n"
    "                self.running_var += self.momentum * (new - self.running_var)\n",
)
norm.misconception(
    "gamma and beta are not used: scale by gamma and shift by beta after normalizing.",
    name="no_gain",
    replace="return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta",
    by="return (x - mean) / (var + self.eps).sqrt()",
)
norm.misconception(
    "beta is missing: after scaling by gamma, add it.",
    name="no_beta",
    replace=".sqrt() + self.beta",
    by=".sqrt()",
)
norm.misconception(
    "The mean is subtracted, but gamma scales only the quotient's denominator: gamma multiplies "
    "the normalized value, it does not divide it.",
    name="gain_divides",
    replace="self.gamma * (x - mean) / (var + self.eps).sqrt()",
    by="(x - mean) / (self.gamma * (var + self.eps).sqrt())",
)
norm.misconception(
    "Mean and variance were treated as constants (no_grad or detach around them): the values are "
    "right, the gradient is not. In training, gradient flows through both.",
    name="detached",
    replace="        return self.gamma",
    by="        mean, var = mean.detach(), var.detach()\n        return self.gamma",
)
norm.misconception(
    "Autograd records the running statistics: every batch hangs another piece onto a graph that is "
    "never freed. Update them under torch.no_grad().",
    name="recorded",
    edits=[
        ("            with torch.no_grad():\n", "            if True:\n"),
        (
            "self.running_mean += self.momentum * (mean - self.running_mean)",
            "self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)",
        ),
        (
            "self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)",
            "self.running_var = self.running_var + self.momentum * (\n"
            "                    var * N / (N - 1) - self.running_var)",
        ),
    ],
)
norm.misconception(
    "The running statistics changed their shape (keepdim): they are (C,), always, or the same "
    "layer could not be used on (B, C).",
    name="keepdim",
    edits=[
        ("mean = x.mean(dims)", "mean = x.mean(dims, keepdim=True)"),
        ("var = x.var(dims, correction=0)", "var = x.var(dims, correction=0, keepdim=True)"),
        (
            "self.running_mean += self.momentum * (mean - self.running_mean)",
            "self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)",
        ),
        (
            "self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)",
            "self.running_var = self.running_var + self.momentum * (\n"
            "                    var * N / (N - 1) - self.running_var)",
        ),
    ],
)
norm.misconception(
    "Only (B, T, C) works: for (B, C) you also reduce over (0, 1), and that includes the "
    "channels. At the top of the tree x has two dimensions.",
    name="three_only",
    replace=DIMS,
    by="dims = (0, 1)",
)
norm.misconception(
    "You averaged means of positions and variances of positions. The variance of all B * T values "
    "is not the mean of the positions' variances: the positions' means differ, too.",
    name="mean_of_variances",
    edits=[
        (
            "var = x.var(dims, correction=0)",
            "var = x.var(0, correction=0) if x.ndim == 2 else x.var(0, correction=0).mean(0)",
        ),
    ],
)
norm.misconception(
    "x was changed in place. It belongs to whoever called, and autograd needs it for the way back.",
    name="in_place",
    replace="        return self.gamma",
    by="        with torch.no_grad():\n            x -= mean\n        mean = 0\n"
    "        return self.gamma",
)
norm.variant(
    "all positions are just more examples",
    name="flattened",
    source="""def __call__(self, x):
    flat = x.reshape(-1, x.shape[-1])
    if self.training:
        mean = flat.mean(0)
        centered = flat - mean
        var = centered.square().mean(0)
        with torch.no_grad():
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * flat.var(0)
    else:
        centered, var = flat - self.running_mean, self.running_var
    out = centered * torch.rsqrt(var + self.eps)
    return (out * self.gamma + self.beta).view(x.shape)
""",
)
norm.variant(
    "torch's own",
    name="functional",
    source="""def __call__(self, x):
    flat = x.reshape(-1, x.shape[-1])
    out = F.batch_norm(
        flat, self.running_mean, self.running_var, self.gamma, self.beta,
        self.training, self.momentum, self.eps,
    )
    return out.view(x.shape)
""",
)
norm.variant(
    "keepdim inside, lerp for the running statistics",
    name="keepdim_inside",
    source="""def __call__(self, x):
    dims = tuple(range(x.dim() - 1))
    if self.training:
        mean, var = x.mean(dims, keepdim=True), x.var(dims, keepdim=True, correction=0)
        self.running_mean.lerp_(mean.detach().flatten(), self.momentum)
        self.running_var.lerp_(x.detach().var(dims), self.momentum)
    else:
        mean, var = self.running_mean, self.running_var
    self.out = self.gamma * ((x - mean) / torch.sqrt(var + self.eps)) + self.beta
    return self.out
""",
)

# -- has_the_bug -------------------------------------------------------------------------------

test = exercise("has_the_bug", title="the test that catches it", pure=True)
test.hint("Which change of x would one of the two normalizations undo, and the other not?")
test.hint(
    "Copy x, add 5 to position 0 of all examples, and compare both outputs, with a tolerance."
)
test.hint(
    "shifted = x.clone(); shifted[:, 0] += 5.0; "
    "return torch.allclose(layer(shifted), layer(x), atol=1e-6)"
)


@test.cases
def _(rng):
    kinds = ["separate", "pooled", "lesson 04", "part 2"]
    for shape in [(4, 2, 3), (3, 5, 1), (16, 4, 6)]:
        for kind in rng.shuffled(kinds):
            sign = rng.choice([-1.0, 1.0])
            gain = sign * rng.uniform(0.5, 2.0, shape[-1])
            x = rng.normal(*shape)
            yield dict(x=x, kind=kind, gain=gain, bias=rng.normal(shape[-1], mean=3.0))
    # position 0 is the same as position 1 but for a constant, or has another spread
    x = rng.normal(5, 2, 3)
    for kind in ("separate", "pooled"):
        ones = torch.ones(3, dtype=torch.float64)
        yield dict(x=x, kind=kind, gain=ones, bias=0 * ones)


def layer_of_kind(m, kind, gain, bias):
    """A batch normalization of one kind or the other, in training mode."""
    if kind in ("lesson 04", "part 2"):
        layer = {"lesson 04": m.BatchNormOfLesson04, "part 2": m.BatchNorm1d}[kind](len(gain))
        layer.gamma, layer.beta = gain, bias
        zeros = torch.zeros_like(gain)
        layer.running_mean, layer.running_var = zeros, zeros + 1
        return layer
    dims = {"separate": (0,), "pooled": (0, 1)}[kind]

    def function(x):
        x = x - x.mean(dims, keepdim=True)
        return gain * x / (x.square().mean(dims, keepdim=True) + 1e-5) ** 0.5 + bias

    return function


@test.scenario
def _(m, x, kind, gain, bias):
    before = x.clone()
    answer = m.has_the_bug(layer_of_kind(m, kind, gain, bias), x)
    if isinstance(answer, torch.Tensor) and answer.numel() == 1:
        answer = answer.item()
    return [answer, torch.equal(x, before)]


@test.oracle
def _(x, kind, gain, bias):
    return [kind in ("separate", "lesson 04"), True]


@test.misconception(
    "The answers are the wrong way round: an output that stays the same after the shift means "
    "that each position has a mean of its own, the bug."
)
def inverted(layer, x):
    shifted = x.clone()
    shifted[:, 0] += 5.0
    return not torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.misconception(
    "Your test says True for both kinds. Both subtract what all positions share (x + 5) and what a "
    "channel shares (x[..., 0] + 5), and both keep the shape: shift one position, x[:, 0], and "
    "compare the values."
)
def all_positions(layer, x):
    return torch.allclose(layer(x + 5.0), layer(x), atol=1e-6)


@test.misconception(
    "Your test says False for both kinds. A single example that moves against the others shows in "
    "both, and so does rounding if outputs are compared bit by bit: shift one position in all "
    "examples, and compare with a tolerance."
)
def one_example(layer, x):
    shifted = x.clone()
    shifted[0, 0] += 5.0
    return torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.misconception(
    "You looked for a mean of zero at each position. The layer's bias moves it, so that this never "
    "holds after some training: compare two outputs instead."
)
def zero_means(layer, x):
    return bool((layer(x).mean(0).abs() < 1e-6).all())


@test.misconception(
    "You looked at the shape of running_mean. A layer may have none, or keep it elsewhere: judge "
    "it by what it returns."
)
def looks_inside(layer, x):
    layer(x)
    return layer.running_mean.ndim > 1


@test.misconception("You shifted x itself: the caller's tensor is changed. Clone it first.")
def in_place(layer, x):
    before = layer(x)
    x[:, 0] += 5.0
    return torch.allclose(layer(x), before, atol=1e-6)


@test.misconception(
    "`shifted = x` is no copy: both names mean one tensor, which you compared with itself. Use "
    "x.clone()."
)
def no_copy(layer, x):
    shifted = x
    shifted[:, 0] += 5.0
    return torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.variant("the last position, downward, by the largest difference")
def last_position(layer, x):
    other = torch.cat([x[:, :-1], x[:, -1:] - 3.0], dim=1)
    return (layer(other) - layer(x)).abs().max().item() < 1e-4


@test.variant("do other positions matter?")
def other_positions(layer, x):
    replaced = x.clone()
    replaced[:, 1:] = 7.0 * replaced[:, 1:] ** 2 + 1
    return bool(torch.isclose(layer(replaced)[:, 0], layer(x)[:, 0]).all())


@test.variant("are the means of all positions equal?")
def equal_means(layer, x):
    means = layer(x).mean(0)  # (T, C)
    return torch.allclose(means, means[:1].expand_as(means), atol=1e-7)


# -- make_tree ---------------------------------------------------------------------------------

tree = exercise("make_tree", title="the hierarchical model", points=2)
tree.hint(
    "How many levels does a block_size of 8 take? Of 16? What is the width that goes into each?"
)
tree.hint(
    "The first level takes in 2 * n_embd numbers, every later one 2 * n_hidden: keep a variable "
    "fan_in and let it become n_hidden after the first."
)
tree.hint(
    "layers = [Embedding(...)]; for each of log2(block_size) levels add FlattenConsecutive(2), "
    "Linear(2 * fan_in, n_hidden, bias=False, g=g), BatchNorm1d(n_hidden), Tanh(); then the last "
    "Linear, whose weight *= 0.1."
)


@tree.cases
def _(rng):
    for v, block_size, d, h in [(5, 4, 3, 4), (7, 8, 2, 5), (4, 2, 3, 6), (3, 16, 1, 2)]:
        ix = rng.integers(0, v, 3, block_size)
        yield dict(v=v, block_size=block_size, d=d, h=h, ix=ix, seed=rng.seed())


def names_of(layer, m):
    """The layer's class, and its sizes where they are not in its parameters."""
    name = type(layer).__name__
    if isinstance(layer, m.FlattenConsecutive):
        name += f"({layer.n})"
    if isinstance(layer, m.Linear):
        name += " with bias" if layer.bias is not None else " without bias"
    return name


@tree.scenario
def _(m, v, block_size, d, h, ix, seed):
    model = m.make_tree(v, block_size, d, h)
    shapes = [tuple(p.shape) for p in model.parameters()]
    # the same object twice would share its weights
    distinct = len({id(layer) for layer in model.layers}) == len(model.layers)
    return {
        "layers": [names_of(layer, m) for layer in model.layers],
        "parameters": shapes,
        "no object twice": distinct,
        "training": model.training,
    }


@tree.check("forward")
def _(m, v, block_size, d, h, ix, seed):
    """With weights that everybody has, training and eval mode, and a batch of one."""
    model = m.make_tree(v, block_size, d, h)
    for layer in model.layers:  # in double precision: a BatchNorm of three examples amplifies
        for name in ("weight", "bias", "gamma", "beta", "running_mean", "running_var"):
            if getattr(layer, name, None) is not None:
                setattr(layer, name, getattr(layer, name).double())
    for i, p in enumerate(model.parameters()):
        p.copy_(torch.sin(torch.arange(p.numel()).double() * 1.7 + i).view(p.shape))
    trained = model(ix)
    model.eval()
    return [trained, model(ix), model(ix[:1])]


@tree.check("initial values")
def _(m, v, block_size, d, h, ix, seed):
    g = torch.Generator().manual_seed(seed)
    model = m.make_tree(v, block_size, d, h, g)
    return [p.clone() for p in model.parameters()]


@tree.check("the sizes of the lecture")
def _(m, v, block_size, d, h, ix, seed):
    sizes = []
    for width in ((10, 68), (24, 128)):
        model = m.make_tree(27, 8, *width)
        sizes.append(sum(p.numel() for p in model.parameters()))
    return sizes


@tree.oracle("the sizes of the lecture")
def _(v, block_size, d, h, ix, seed):
    return [22_397, 76_579]


tree.misconception(
    "The levels' Linear layers have a bias. BatchNorm subtracts it again: bias=False.",
    name="with_bias",
    replace="n_hidden, bias=False, g=g)",
    by="n_hidden, g=g)",
)
tree.misconception(
    "The output layer has no bias. No BatchNorm comes after it, so it needs one of its own.",
    name="output_without_bias",
    replace="Linear(n_hidden, vocab_size, g=g)",
    by="Linear(n_hidden, vocab_size, bias=False, g=g)",
)
tree.misconception(
    "Three levels are written into the code. Their number follows from block_size: "
    "log2(block_size).",
    name="always_three",
    replace="range(int(math.log2(block_size)))",
    by="range(3)",
)
tree.misconception(
    "block_size // 2 is not the number of levels: each level halves the number of positions, so "
    "it is log2(block_size), 4 for 16.",
    name="half_as_many",
    replace="int(math.log2(block_size))",
    by="block_size // 2",
)
tree.misconception(
    "One level is missing: at the top more than one group is left.",
    name="one_level_short",
    replace="int(math.log2(block_size))",
    by="int(math.log2(block_size)) - 1",
)
tree.misconception(
    "All characters are merged at the first level: that is the flat network. Merge 2 at a time.",
    name="flat",
    edits=[
        ("range(int(math.log2(block_size)))", "range(1)"),
        ("FlattenConsecutive(2),\n", "FlattenConsecutive(block_size),\n"),
        ("Linear(2 * fan_in", "Linear(block_size * fan_in"),
    ],
)
tree.misconception(
    "Every level takes in n_embd channels. Only the first does; the later ones take in n_hidden.",
    name="fan_in_stays",
    replace="        fan_in = n_hidden\n",
    by="",
)
tree.misconception(
    "The width of two neighbors side by side is 2 * fan_in: the Linear layer is too small for "
    "them.",
    name="not_doubled",
    replace="Linear(2 * fan_in",
    by="Linear(fan_in",
)
tree.misconception(
    "BatchNorm is missing at the levels.",
    name="no_batchnorm",
    replace="            BatchNorm1d(n_hidden),\n",
    by="",
)
tree.misconception(
    "The nonlinearity is missing: without Tanh the whole tree is one linear function.",
    name="no_tanh",
    replace="            Tanh(),\n",
    by="",
)
tree.misconception(
    "BatchNorm and Tanh are the wrong way round: normalize what goes into the Tanh, so that it "
    "does not saturate.",
    name="tanh_first",
    replace="            BatchNorm1d(n_hidden),\n            Tanh(),\n",
    by="            Tanh(),\n            BatchNorm1d(n_hidden),\n",
)
tree.misconception(
    "The output layer's weight was not scaled: multiply it by 0.1, or the untrained model is sure "
    "of nonsense.",
    name="not_scaled",
    replace="    layers[-1].weight *= 0.1\n",
    by="",
)
tree.misconception(
    "The scale 0.1 went to the first layer (the embedding). It belongs to the last, layers[-1].",
    name="scaled_first",
    replace="layers[-1].weight",
    by="layers[0].weight",
)
tree.misconception(
    "The last level squashes the logits with a Tanh: logits are not bounded, no Tanh after the "
    "output layer.",
    name="tanh_on_top",
    replace="    return Sequential(layers)",
    by="    layers.append(Tanh())\n    return Sequential(layers)",
)
tree.misconception(
    "The generator is not used by all layers: pass g=g to the embedding and to every Linear, so "
    "that a seed gives the same model each time.",
    name="embedding_without_g",
    replace="Embedding(vocab_size, n_embd, g)",
    by="Embedding(vocab_size, n_embd, torch.Generator().manual_seed(1))",
)
tree.misconception(
    "One level was made and used over and over: all levels share the same weights. Positions "
    "share, levels do not: make new layers for each.",
    name="shared_levels",
    replace="        fan_in = n_hidden\n",
    by="        fan_in = n_hidden\n"
    "        if len(layers) > 9:\n"
    "            layers[-3:] = layers[-7:-4]\n",
)
tree.misconception(
    "You return the list of layers. Put it into a Sequential, so that it can be called.",
    name="a_list",
    replace="return Sequential(layers)",
    by="return layers",
)
tree.variant(
    "widths in a list",
    name="widths",
    source="""def make_tree(vocab_size, block_size, n_embd, n_hidden, g=None):
    levels = block_size.bit_length() - 1
    widths = [n_embd] + [n_hidden] * levels
    layers = [Embedding(vocab_size, n_embd, g)]
    for before, after in zip(widths[:-1], widths[1:]):
        layers.append(FlattenConsecutive(2))
        layers.append(Linear(before * 2, after, False, g))
        layers.append(BatchNorm1d(after))
        layers.append(Tanh())
    last = Linear(n_hidden, vocab_size, g=g)
    last.weight = last.weight * 0.1
    return Sequential(layers + [last])
""",
)
tree.variant(
    "halving until one is left",
    name="halving",
    source="""def make_tree(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers, width, left = [Embedding(vocab_size, n_embd, g=g)], n_embd, block_size
    while left > 1:
        linear = Linear(2 * width, n_hidden, g=g, bias=False)
        layers = layers + [FlattenConsecutive(2), linear, BatchNorm1d(n_hidden), Tanh()]
        width, left = n_hidden, left // 2
    layers.append(Linear(width, vocab_size, bias=True, g=g))
    with torch.no_grad():
        layers[-1].weight.mul_(0.1)
    return Sequential(layers)
""",
)

# -- tree_size ---------------------------------------------------------------------------------

size = exercise("tree_size", title="its size, on paper")
size.hint("Which tensors learn at one level? Which levels are the same size?")
size.hint(
    "A level is a weight (2 * fan_in, n_hidden), gamma and beta (n_hidden each). Only the first "
    "level has fan_in = n_embd."
)
size.hint(
    "vocab_size * n_embd + (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * "
    "n_hidden + (n_hidden + 1) * vocab_size"
)


@size.cases
def _(rng):
    yield dict(vocab_size=27, n_embd=10, n_hidden=68, levels=3)
    yield dict(vocab_size=27, n_embd=24, n_hidden=128, levels=3)
    for levels in (1, 2, 4, 5):
        v, d, h = rng.integer(3, 40), rng.integer(2, 30), rng.integer(2, 90)
        yield dict(vocab_size=v, n_embd=d, n_hidden=h, levels=levels)


@size.oracle
def _(vocab_size, n_embd, n_hidden, levels):
    shapes = [(vocab_size, n_embd), (vocab_size,), (n_hidden, vocab_size)]
    for level in range(levels):
        shapes += [(2 * (n_hidden if level else n_embd), n_hidden), (2, n_hidden)]
    return sum(torch.Size(shape).numel() for shape in shapes)


@size.misconception(
    "The levels' Linear layers were counted with a bias; they have none, BatchNorm's beta does its "
    "work."
)
def with_bias(vocab_size, n_embd, n_hidden, levels):
    first = (2 * n_embd + 3) * n_hidden + (levels - 1) * (2 * n_hidden + 3) * n_hidden
    return vocab_size * n_embd + first + (n_hidden + 1) * vocab_size


@size.misconception("BatchNorm's gamma and beta are missing: 2 * n_hidden at every level.")
def no_batchnorm(vocab_size, n_embd, n_hidden, levels):
    inner = 2 * n_embd * n_hidden + (levels - 1) * 2 * n_hidden * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "The running statistics were counted. They follow the batches, they do not learn: only gamma "
    "and beta are parameters."
)
def with_statistics(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 4) * n_hidden + (levels - 1) * (2 * n_hidden + 4) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "Each position was counted on its own: 4 + 2 + 1 nodes. All nodes of a level use the same "
    "weights, so a level counts once."
)
def every_node(vocab_size, n_embd, n_hidden, levels):
    inner = 2 ** (levels - 1) * (2 * n_embd + 2) * n_hidden
    for level in range(1, levels):
        inner += 2 ** (levels - 1 - level) * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("All levels were counted like the first. The later ones take in 2 * n_hidden.")
def like_the_first(vocab_size, n_embd, n_hidden, levels):
    inner = levels * (2 * n_embd + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("All levels were counted like the later ones. The first takes in 2 * n_embd.")
def like_the_later(vocab_size, n_embd, n_hidden, levels):
    inner = levels * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception(
    "The embedding's table is missing: vocab_size * n_embd numbers that learn, too."
)
def no_embedding(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return inner + (n_hidden + 1) * vocab_size


@size.misconception("The output layer's bias is missing: one number for each character.")
def no_output_bias(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + (levels - 1) * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + n_hidden * vocab_size


@size.misconception(
    "The factor 2 of the two neighbors is missing: two vectors side by side go into each Linear."
)
def one_neighbor(vocab_size, n_embd, n_hidden, levels):
    inner = (n_embd + 2) * n_hidden + (levels - 1) * (n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.misconception("One level too many: the first is one of the `levels`, levels - 1 are left.")
def one_too_many(vocab_size, n_embd, n_hidden, levels):
    inner = (2 * n_embd + 2) * n_hidden + levels * (2 * n_hidden + 2) * n_hidden
    return vocab_size * n_embd + inner + (n_hidden + 1) * vocab_size


@size.variant("a loop over the levels")
def loop(vocab_size, n_embd, n_hidden, levels):
    total, fan_in = vocab_size * n_embd, n_embd
    for _ in range(levels):
        total += n_hidden * (fan_in + fan_in + 1 + 1)
        fan_in = n_hidden
    return total + (fan_in + 1) * vocab_size


size.variant(
    "the model itself, counted",
    name="build_it",
    source="""def tree_size(vocab_size, n_embd, n_hidden, levels):
    layers = [Embedding(vocab_size, n_embd), Linear(n_hidden, vocab_size)]
    for level in range(levels):
        layers.append(Linear(2 * (n_hidden if level else n_embd), n_hidden, bias=False))
        layers.append(BatchNormOfLesson04(n_hidden))
    return sum(p.numel() for p in Sequential(layers).parameters())
""",
)
