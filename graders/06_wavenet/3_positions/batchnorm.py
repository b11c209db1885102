"""06.batchnorm: BatchNorm over examples and positions."""

import torch

from graders.authoring import differentiate, exercise, put

norm = exercise(
    "batchnorm",
    target="BatchNorm1d.__call__",
    title="BatchNorm over examples and positions",
    points=2,
    pure=False,
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
    return put(layer, gamma=gamma, beta=beta, running_mean=mean.clone(), running_var=var.clone())


def followed(layer, batches):
    """The running statistics after each of two batches."""
    seen = []
    for x in batches:
        layer(x)
        seen.append({"mean": layer.running_mean.clone(), "var": layer.running_var.clone()})
    return {"after one batch": seen[0], "after two": seen[1]}


@norm.scenario
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    return {"first batch": layer(xs[0]), "second batch": layer(xs[1])}


@norm.oracle
def _(xs, eps, momentum, gamma, beta, mean, var, up):
    def normalized(x):
        flat = x.reshape(-1, x.shape[-1])
        y = torch.nn.functional.batch_norm(flat, None, None, gamma, beta, True, momentum, eps)
        return y.view(x.shape)

    return {"first batch": normalized(xs[0]), "second batch": normalized(xs[1])}


@norm.check("running statistics")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    return followed(prepared(m, eps, momentum, gamma, beta, mean, var), xs[:2])


@norm.oracle("running statistics")
def _(xs, eps, momentum, gamma, beta, mean, var, up):
    layer = torch.nn.BatchNorm1d(len(gamma), eps, momentum).double()
    layer.running_mean, layer.running_var = mean, var
    return followed(layer, [x.reshape(-1, x.shape[-1]) for x in xs[:2]])


@norm.check("eval mode")
@torch.no_grad()  # gamma and beta may learn already
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    """Running statistics, which stay; one example alone; and back to training, with other settings."""
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    layer(xs[0])
    layer.eval()
    out = [layer(xs[1]), layer(xs[1][:1])]
    kept = [layer.running_mean.clone(), layer.running_var.clone()]
    layer.train()
    put(layer, gamma=beta, beta=gamma, eps=eps + 0.5, momentum=momentum / 2)
    return {
        "in eval mode": out,
        "running statistics after eval mode": kept,
        "back in training mode": layer(torch.cat([xs[2], xs[1]])),
        "running_mean then": layer.running_mean.clone(),
        "running_var then": layer.running_var.clone(),
    }


@norm.check("gradients")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    inputs = {"x": xs[0], "gamma": layer.gamma, "beta": layer.beta}
    for tensor in inputs.values():
        tensor.requires_grad_()
    found = dict(differentiate(layer(xs[0]), inputs, up))
    recorded = layer.running_mean.requires_grad or layer.running_var.requires_grad
    layer.eval()
    return {
        "in training mode": found,
        "running statistics require gradients": recorded,
        "in eval mode": dict(differentiate(layer(xs[0]), inputs, up)),
    }


@norm.check("inputs untouched")
def _(m, xs, eps, momentum, gamma, beta, mean, var, up):
    layer = prepared(m, eps, momentum, gamma, beta, mean, var)
    out = layer(xs[0])
    layer.eval()
    return [xs, layer.gamma.detach(), layer.beta.detach(), out.detach(), layer(xs[1]).detach()]


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

DIMS = "dims = 0 if x.ndim == 2 else (0, 1)"
OUTPUT = "return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta"
# not in place: a new tensor, which may have another shape, or a graph behind it
ASSIGNED = [
    ("self.running_mean += ", "self.running_mean = self.running_mean + "),
    ("self.running_var += ", "self.running_var = self.running_var + "),
]


def new_share(share):
    """Edits: how much of each batch goes into the running statistics."""
    return [(f"self.momentum * ({s}", f"{share} * ({s}") for s in ("mean", "var")]


norm.misconception(
    "For (B, T, C) you average over the examples only, so that each position has a mean and "
    "variance of its own: the bug of this lesson. Reduce over the dimensions (0, 1).",
    name="the_bug",
    edits=[(DIMS, "dims = 0"), *ASSIGNED, ("var * N / (N - 1)", "x.var(0)")],
)
norm.misconception(
    "For (B, T, C) you average over the examples only: the statistics get the shape (T, C), which "
    "does not fit into the running ones. Reduce over the dimensions (0, 1).",
    name="the_bug_in_place",
    replace=DIMS,
    by="dims = 0",
)
norm.misconception(
    "One mean for everything: you reduced over the channels, too. Each channel has its own, so the "
    "last dimension stays.",
    name="everything",
    edits=[("x.mean(dims)", "x.mean()"), ("x.var(dims, ", "x.var(")],
)
norm.misconception(
    "You normalize with the unbiased variance. As in torch, the batch is normalized with the "
    "biased one (correction=0); only the running variance takes in the unbiased.",
    name="unbiased",
    edits=[(", correction=0", ""), ("var * N / (N - 1) -", "var -")],
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
    by="N = x.shape[0]",
)
norm.misconception(
    "In N / (N - 1), x.shape[0] * x.shape[1] counts the values per channel of (B, T, C) only. For "
    "(B, C) it counts the channels, too: x.numel() // x.shape[-1].",
    name="n_three_only",
    replace="N = x.numel() // x.shape[-1]",
    by="N = x.shape[0] * x.shape[1]",
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
    "Momentum is the wrong way round: the fraction `momentum` is new, 1 - momentum is old.",
    name="momentum_swapped",
    edits=new_share("(1 - self.momentum)"),
)
norm.misconception(
    "The momentum is written into the code as 0.1; use self.momentum.",
    name="fixed_momentum",
    edits=new_share("0.1"),
)
norm.misconception(
    "The running statistics never move: in training mode each batch must update both.",
    name="never_updated",
    edits=new_share("0.0"),
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
    replace="(x - mean) / (var + self.eps)",
    by="(x - self.running_mean) / (self.running_var + self.eps)",
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
    edits=[("if self.training:", "if True:"), ("        else:", "        if not self.training:")],
)
norm.misconception(
    "gamma and beta are not used: scale by gamma and shift by beta after normalizing.",
    name="no_gain",
    replace=OUTPUT,
    by="return (x - mean) / (var + self.eps).sqrt()",
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
    edits=[("with torch.no_grad():", "if True:"), *ASSIGNED],
)
norm.misconception(
    "The running statistics changed their shape (keepdim). It is (C,), for (B, T, C) and (B, C).",
    name="keepdim",
    edits=[
        ("x.mean(dims)", "x.mean(dims, keepdim=True)"),
        ("correction=0", "correction=0, keepdim=True"),
        *ASSIGNED,
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
    replace="x.var(dims, correction=0)",
    by="x.var(0, correction=0).view(-1, x.shape[-1]).mean(0)",
)
norm.misconception(
    "x was changed in place. It belongs to whoever called, and autograd needs it for the way back.",
    name="in_place",
    replace=OUTPUT,
    by="x -= mean\n        " + OUTPUT.replace("(x - mean)", "x"),
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
    return (centered * torch.rsqrt(var + self.eps) * self.gamma + self.beta).view(x.shape)
""",
)
norm.variant(
    "torch's own",
    name="functional",
    source="""def __call__(self, x):
    flat = x.reshape(-1, x.shape[-1])
    running = self.running_mean, self.running_var
    options = self.training, self.momentum, self.eps
    out = F.batch_norm(flat, *running, self.gamma, self.beta, *options)
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

norm.equivalent("x.numel() // x.shape[-1]  ->  x.numel() / x.shape[-1]", "the division has no rest")
