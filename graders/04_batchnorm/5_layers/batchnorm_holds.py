"""04.batchnorm_holds: BatchNorm1d: what it holds."""

import torch

from graders.authoring import exercise, put

holds = exercise(
    "batchnorm_holds",
    target=("BatchNorm1d.__init__", "BatchNorm1d.parameters"),
    title="BatchNorm1d: what it holds",
    pure=False,
)


@holds.cases
def _(rng):
    for dim in (1, 3, 6):
        yield dict(dim=dim, eps=rng.number(0.1, 0.9), momentum=rng.number(0.2, 0.8))


@holds.scenario
def _(m, dim, eps, momentum):
    layer, plain, by_position = (
        m.BatchNorm1d(dim, momentum=momentum, eps=eps),
        m.BatchNorm1d(dim),
        m.BatchNorm1d(dim, eps, momentum),
    )
    tensors = (layer.gamma, layer.beta, layer.running_mean, layer.running_var)
    return {
        "gamma, beta, running_mean, running_var": [t.detach() for t in tensors],
        "eps and momentum": [layer.eps, layer.momentum, by_position.eps, by_position.momentum],
        "unless told otherwise": [plain.eps, plain.momentum],
        "training": layer.training,
    }


@holds.check("parameters")
def _(m, dim, eps, momentum):
    """A step on parameters() must reach gamma and beta, and nothing else."""
    layer, other = m.BatchNorm1d(dim), m.BatchNorm1d(dim)
    found = layer.parameters()
    length = len(found)
    for i, p in enumerate(found):
        p.data -= 0.5 + i
    tensors = (layer.gamma, layer.beta, layer.running_mean, layer.running_var, other.gamma)
    return {
        "list": isinstance(found, list),
        "how many": length,
        "after a step": [t.detach() for t in tensors],
    }


@holds.check("parameters, later")
def _(m, dim, eps, momentum):
    """They are the tensors that the layer has now, also if somebody put in others."""
    gamma, beta = torch.full((dim,), eps), torch.full((dim,), momentum)
    layer = put(m.BatchNorm1d(dim), gamma=gamma, beta=beta)
    return [p.detach().clone() for p in layer.parameters()]


@holds.check("buffers do not learn")
def _(m, dim, eps, momentum):
    layer = m.BatchNorm1d(dim)
    return [layer.running_mean.requires_grad, layer.running_var.requires_grad]


holds.hint("Four tensors of size dim, and three plain numbers and flags.")
holds.hint(
    "Which two would change nothing about an x that is normalized already? 1 times x plus 0."
)
holds.hint(
    "gamma and running_var are torch.ones(dim), beta and running_mean torch.zeros(dim); parameters() returns "
    "[self.gamma, self.beta]."
)

holds.misconception(
    "running_var starts at zero: in eval mode an untrained layer would divide by the root of eps. Start at "
    "one.",
    name="var_zero",
    replace="torch.zeros(dim), torch.ones(dim)\n",
    by="torch.zeros(dim), torch.zeros(dim)\n",
)
holds.misconception(
    "running_mean starts at one. A mean that nobody has seen yet starts at zero.",
    name="mean_one",
    replace="self.running_mean, self.running_var = torch.zeros(dim)",
    by="self.running_mean, self.running_var = torch.ones(dim)",
)
holds.misconception(
    "gamma starts at zero: whatever comes in, beta comes out, and no gradient passes. Start at one.",
    name="gamma_zero",
    replace="self.gamma, self.beta = torch.ones(dim)",
    by="self.gamma, self.beta = torch.zeros(dim)",
)
holds.misconception(
    "gamma and beta are swapped: the gain starts at one, the bias at zero.",
    name="swapped",
    replace="self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)",
    by="self.gamma, self.beta = torch.zeros(dim), torch.ones(dim)",
)
holds.misconception(
    "gamma and beta are random. An untrained layer only normalizes: one and zero.",
    name="random",
    replace="self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)",
    by="g = torch.Generator().manual_seed(dim)\n"
    "        self.gamma, self.beta = torch.randn(dim, generator=g), torch.randn(dim, generator=g)",
)
holds.misconception(
    "gamma and beta are single numbers. Each column has its own: dim of them.",
    name="single_numbers",
    replace="self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)",
    by="self.gamma, self.beta = torch.ones(1), torch.zeros(1)",
)
holds.misconception(
    "gamma, beta and the statistics have the shape (1, dim). It is (dim,), as in torch.nn.",
    name="with_a_row",
    edits=[
        (
            "self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)",
            "self.gamma, self.beta = torch.ones(1, dim), torch.zeros(1, dim)",
        ),
        (
            "= torch.zeros(dim), torch.ones(dim)\n",
            "= torch.zeros(1, dim), torch.ones(1, dim)\n",
        ),
    ],
)
holds.misconception(
    "One tensor serves as gamma and as running_var (a = b = torch.ones): a step on one changes both.",
    name="one_tensor_twice",
    replace="= torch.zeros(dim), torch.ones(dim)\n",
    by="= torch.zeros(dim), self.gamma\n",
)
holds.misconception(
    "The running statistics are among the parameters. Gradient descent must not touch them.",
    name="buffers_learn",
    replace="return [self.gamma, self.beta]",
    by="return [self.gamma, self.beta, self.running_mean, self.running_var]",
)
holds.misconception(
    "beta is missing in parameters(): it would stay at zero for ever.",
    name="beta_missing",
    replace="return [self.gamma, self.beta]",
    by="return [self.gamma]",
)
holds.misconception(
    "parameters() is empty: gamma and beta never learn.",
    name="nothing_learns",
    replace="return [self.gamma, self.beta]",
    by="return []",
)
holds.misconception(
    "parameters() does not hand out what the layer holds now, but copies, or a list made earlier: "
    "a step on them never reaches the layer.",
    name="copies",
    replace="return [self.gamma, self.beta]",
    by="return [self.gamma.clone(), self.beta.clone()]",
)
holds.misconception(
    "beta stands before gamma. An optimizer that is given the list counts on the order: gamma, beta.",
    name="order",
    replace="return [self.gamma, self.beta]",
    by="return [self.beta, self.gamma]",
)
holds.misconception(
    "eps and momentum are the defaults whatever the constructor is told.",
    name="arguments_ignored",
    replace="self.eps, self.momentum = eps, momentum",
    by="self.eps, self.momentum = 1e-5, 0.1",
)
holds.misconception(
    "The default momentum is 0.9. In torch momentum is the *new* share, and 0.1.",
    name="momentum_of_the_old",
    replace="momentum=0.1",
    by="momentum=0.9",
)
holds.misconception(
    "eps and momentum come in the wrong order: BatchNorm1d(dim, eps, momentum).",
    name="arguments_swapped",
    replace="eps=1e-5, momentum=0.1",
    by="momentum=0.1, eps=1e-5",
)
holds.misconception(
    "A new layer is in eval mode. It starts in training mode, like everything in torch.nn.",
    name="eval_at_first",
    replace="self.training = True",
    by="self.training = False",
)
holds.misconception(
    "The running statistics require a gradient. No gradient step may ever move them.",
    name="buffers_require_grad",
    replace="= torch.zeros(dim), torch.ones(dim)\n",
    by="= torch.zeros(dim, requires_grad=True), torch.ones(dim, requires_grad=True)\n",
)

holds.variant(
    "torch.full, and gamma and beta that learn from the start",
    name="full",
    edits=[
        (
            "self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)",
            "self.beta = torch.zeros((dim,), requires_grad=True)\n"
            "        self.gamma = torch.full((dim,), 1.0).requires_grad_()",
        ),
        ("torch.zeros(dim), torch.ones(dim)\n", "torch.zeros((dim,)), torch.full((dim,), 1.0)\n"),
    ],
)
holds.variant(
    "parameters by name",
    name="by_name",
    replace="return [self.gamma, self.beta]",
    by='return [getattr(self, name) for name in ("gamma", "beta")]',
)
