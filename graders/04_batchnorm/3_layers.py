"""Linear, Tanh and BatchNorm1d with the API of torch.nn, and a deep network as a list of them."""

import itertools

import torch

from graders.authoring import differentiate, exercise

# -- Linear --------------------------------------------------------------------------------------

linear = exercise("linear", target="Linear", title="Linear", points=2, pure=False)
linear.hint("Three short methods: what it holds, what it computes, what of it learns.")
linear.hint(
    "weight is torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5. The bias is zeros, or None: "
    "ask `self.bias is not None`."
)
linear.hint("self.out = x @ self.weight, plus the bias if there is one; return self.out.")


@linear.cases
def _(rng):
    for n, fan_in, fan_out, bias in [
        (4, 3, 5, True),
        (1, 6, 2, False),
        (3, 1, 4, True),
        (2, 9, 1, False),
        (5, 4, 4, True),
    ]:
        yield dict(
            weight=rng.normal(fan_in, fan_out),
            b=rng.normal(fan_out) if bias else None,
            x=rng.normal(n, fan_in),
            up=rng.normal(n, fan_out),
            seed=rng.seed(),
        )


def filled(m, weight, b):
    """A Linear with these numbers in it."""
    layer = m.Linear(*weight.shape, bias=b is not None)
    layer.weight = weight
    if b is not None:
        layer.bias = b
    return layer


@linear.scenario
def _(m, weight, b, x, up, seed):
    """Twice, since a first call must leave nothing behind; .out is the last one's result."""
    layer = filled(m, weight, b)
    first, second = layer(x), layer(x[:1])
    return {"first": first, "second": second, "out": layer.out is second}


@linear.check("initial values")
def _(m, weight, b, x, up, seed):
    g = torch.Generator().manual_seed(seed)
    layer = m.Linear(*weight.shape, bias=b is not None, generator=g)
    plain = m.Linear(*weight.shape, generator=g)
    return {
        "weight": layer.weight.detach(),
        "bias": None if layer.bias is None else layer.bias.detach(),
        "with a bias unless told otherwise": plain.bias.detach(),
        "generator afterwards": torch.randn(2, generator=g),
    }


@linear.check("gradients")
def _(m, weight, b, x, up, seed):
    inputs = {"weight": weight.requires_grad_(), "x": x.requires_grad_()}
    if b is not None:
        inputs["bias"] = b.requires_grad_()
    return dict(differentiate(filled(m, weight, b)(x), inputs, up))


@linear.check("parameters")
def _(m, weight, b, x, up, seed):
    """A step on whatever parameters() returns must be seen by the next call."""
    layer = filled(m, weight, b)
    before, found = layer(x).detach().clone(), layer.parameters()
    shapes = [tuple(p.shape) for p in found]
    for p in found:
        p -= 0.5
    return {"list": isinstance(found, list), "shapes": shapes, "before": before, "then": layer(x)}


@linear.check("the gradient at .out")
def _(m, weight, b, x, up, seed):
    """What the plots of part 4 need: .out is part of the graph."""
    layer = filled(m, weight.requires_grad_(), b)
    result = layer(x)
    layer.out.retain_grad()
    (torch.tanh(result) * up).sum().backward()
    return layer.out.grad


linear.misconception(
    "The weight is not scaled: sums of fan_in products grow with the root of fan_in. Divide by fan_in**0.5.",
    name="unscaled",
    replace=" / fan_in**0.5",
    by="",
)
linear.misconception(
    "You divided by fan_in. It is the variance that grows with fan_in: the weight is divided by its root.",
    name="by_fan_in",
    replace="fan_in**0.5",
    by="fan_in",
)
linear.misconception(
    "You divided by the root of fan_out. A neuron adds up fan_in numbers: that is the count that matters.",
    name="fan_out_for_fan_in",
    replace=" / fan_in**0.5",
    by=" / fan_out**0.5",
)
linear.misconception(
    "The weight is multiplied by the root of fan_in. The more numbers are added up, the smaller each weight "
    "must be: divide.",
    name="multiplied",
    replace=" / fan_in**0.5",
    by=" * fan_in**0.5",
)
linear.misconception(
    "The gain of tanh is in the layer already. Linear does not know what follows it: whoever builds the "
    "network multiplies.",
    name="gain_inside",
    replace="/ fan_in**0.5",
    by="/ fan_in**0.5 * 5 / 3",
)
linear.misconception(
    "The generator is not used: the weight comes from the global one, and no run can be repeated.",
    name="generator_ignored",
    replace="generator=generator) / fan_in",
    by="generator=torch.Generator().manual_seed(0)) / fan_in",
)
linear.misconception(
    "The weight is drawn uniformly. Here it is normal, torch.randn.",
    name="uniform",
    replace="= torch.randn(fan_in",
    by="= torch.rand(fan_in",
)
linear.misconception(
    "The weight is kept as (fan_out, fan_in), as torch.nn does. Here it is (fan_in, fan_out), for x @ W.",
    name="transposed",
    edits=[
        ("= torch.randn(fan_in, fan_out,", "= torch.randn(fan_out, fan_in,"),
        ("x @ self.weight  #", "x @ self.weight.t()  #"),
    ],
)
linear.misconception(
    "The bias is random. It starts at zero.",
    name="random_bias",
    replace="torch.zeros(fan_out)",
    by="torch.randn(fan_out, generator=generator)",
)
linear.misconception(
    "The bias starts at one. It starts at zero.",
    name="ones_bias",
    replace="torch.zeros(fan_out)",
    by="torch.ones(fan_out)",
)
linear.misconception(
    "bias=False is ignored: there is a bias all the same.",
    name="always_bias",
    replace="torch.zeros(fan_out) if bias else None",
    by="torch.zeros(fan_out)",
)
linear.misconception(
    "The bias is made, but never added: without it no neuron can shift. x @ weight + bias.",
    name="bias_unused",
    replace="self.out = self.out + self.bias",
    by="pass",
)
linear.misconception(
    "`if self.bias:` asks whether a tensor is true; for several elements torch cannot say. Ask whether it is "
    "None.",
    name="truth_of_tensor",
    replace="if self.bias is not None:",
    by="if self.bias:",
)
linear.misconception(
    "The bias is missing in parameters(): it stays at zero for ever.",
    name="bias_does_not_learn",
    replace="return [self.weight] if self.bias is None else [self.weight, self.bias]",
    by="return [self.weight]",
)
linear.misconception(
    "parameters() holds None where there is no bias. Whoever goes through the list expects tensors only.",
    name="none_in_list",
    replace="return [self.weight] if self.bias is None else [self.weight, self.bias]",
    by="return [self.weight, self.bias]",
)
linear.misconception(
    "parameters() does not hand out what the layer holds now, but copies, or a list made earlier: "
    "a step on them never reaches the layer.",
    name="copies",
    replace="return [self.weight] if self.bias is None else [self.weight, self.bias]",
    by="return [p.clone() for p in (self.weight, self.bias) if p is not None]",
)
linear.misconception(
    "The result is not kept as self.out; part 4 wants to look at it.",
    name="no_out",
    edits=[
        ("self.out = x @ self.weight", "out = x @ self.weight"),
        ("self.out = self.out + self.bias", "out = out + self.bias"),
        ("return self.out", "return out"),
    ],
)
linear.misconception(
    "self.out is what there was before the bias. Keep what you return.",
    name="out_without_bias",
    edits=[
        ("self.out = self.out + self.bias", "return self.out + self.bias"),
    ],
)
linear.misconception(
    "self.out is detached: right numbers, but no gradient can be read there any more. Keep what you return.",
    name="out_detached",
    edits=[
        ("self.out = x @ self.weight", "out = x @ self.weight"),
        ("self.out = self.out + self.bias", "out = out + self.bias"),
        ("return self.out", "self.out = out.detach()\n        return out"),
    ],
)
linear.misconception(
    "The numbers are right, but the weight is detached (or .data) and can never learn.",
    name="weight_detached",
    replace="x @ self.weight  #",
    by="x @ self.weight.data  #",
)
linear.misconception(
    "The layer is cut off from x (detach or .data): nothing below it can learn.",
    name="input_detached",
    replace="x @ self.weight  #",
    by="x.detach() @ self.weight  #",
)
linear.variant(
    "torch's own function",
    name="functional",
    replace="self.out = x @ self.weight  # (n, fan_out)\n        if self.bias is not None:\n"
    "            self.out = self.out + self.bias\n        return self.out",
    by="self.out = F.linear(x, self.weight.t(), self.bias)\n        return self.out",
)
linear.variant(
    "parameters that learn from the start",
    name="requires_grad",
    edits=[
        ("self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5",
         "w = torch.randn((fan_in, fan_out), generator=generator).mul_(fan_in**-0.5)\n"
         "        self.weight = w.requires_grad_()"),
        ("torch.zeros(fan_out) if", "torch.zeros(fan_out, requires_grad=True) if"),
    ],
)  # fmt: skip

# -- Tanh ----------------------------------------------------------------------------------------

tanh = exercise("tanh", target="Tanh", title="Tanh", pure=False)
tanh.hint("torch.tanh does the work. What is to be kept?")
tanh.hint("A layer without parameters answers parameters() with an empty list.")
tanh.hint("self.out = torch.tanh(x); return self.out")


@tanh.cases
def _(rng):
    for shape in [(3, 4), (1, 1), (5,), (2, 3, 2)]:
        yield dict(x=rng.normal(*shape, std=2.0), up=rng.normal(*shape))
    yield dict(x=torch.tensor([[-1e4, 0.0, 1e4]]), up=torch.ones(1, 3))


@tanh.scenario
def _(m, x, up):
    layer = m.Tanh()
    first, second = layer(x), layer(-0.5 * x)
    kept = layer.out is second
    return {"first": first, "second": second, "out": kept, "parameters": layer.parameters()}


@tanh.check("gradients")
def _(m, x, up):
    layer = m.Tanh()
    x.requires_grad_()
    result = layer(x * 1)
    layer.out.retain_grad()
    (result * result * up).sum().backward()
    return [x.grad, layer.out.grad]


@tanh.check("input as it was")
def _(m, x, up):
    m.Tanh()(x)
    return x


tanh.misconception(
    "The result is not kept as self.out; part 4 wants to look at it.",
    name="no_out",
    edits=[("self.out = torch", "out = torch"), ("return self.out", "return out")],
)
tanh.misconception(
    "self.out is what went in. Keep what comes out.",
    name="keeps_input",
    edits=[
        ("self.out = torch.tanh(x)", "self.out = x"),
        ("return self.out", "return torch.tanh(x)"),
    ],
)
tanh.misconception(
    "self.out is detached: right numbers, but no gradient can be read there. Keep what you return.",
    name="out_detached",
    edits=[
        ("self.out = torch.tanh(x)", "out = torch.tanh(x)\n        self.out = out.detach()"),
        ("return self.out", "return out"),
    ],
)
tanh.misconception(
    "The result is cut off from x (detach or .data): no gradient passes this layer.",
    name="detached",
    replace="torch.tanh(x)",
    by="torch.tanh(x.detach())",
)
tanh.misconception(
    "tanh_ works in place: the layer before loses its own .out, which was this very tensor.",
    name="in_place",
    replace="torch.tanh(x)",
    by="x.tanh_()",
)
tanh.misconception(
    "That is the sigmoid, between 0 and 1. tanh lies between -1 and 1.",
    name="sigmoid",
    replace="torch.tanh(x)",
    by="torch.sigmoid(x)",
)
tanh.misconception(
    "exp(x) overflows for large x, and inf / inf is NaN: use torch.tanh.",
    name="overflow",
    replace="torch.tanh(x)",
    by="(torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x))",
)
tanh.misconception(
    "parameters() returns None (a `pass`). A list is wanted, so that loops over it work: an empty one.",
    name="no_list",
    replace="return []",
    by="return None",
)
tanh.variant(
    "the method, and a local name",
    name="method",
    source="""class Tanh:
    def __init__(self):
        self.out = None

    def __call__(self, x):
        result = x.tanh()
        self.out = result
        return result

    def parameters(self):
        return list()
""",
)
tanh.variant(
    "from the sigmoid",
    name="from_sigmoid",
    replace="torch.tanh(x)",
    by="2 * torch.sigmoid(2 * x) - 1",
)

# -- what a BatchNorm1d holds --------------------------------------------------------------------

holds = exercise(
    "batchnorm_holds",
    target=("BatchNorm1d.__init__", "BatchNorm1d.parameters"),
    title="BatchNorm1d: what it holds",
    pure=False,
)
holds.hint("Four tensors of size dim, and three plain numbers and flags.")
holds.hint(
    "Which two would change nothing about an x that is normalized already? 1 times x plus 0."
)
holds.hint(
    "gamma and running_var are torch.ones(dim), beta and running_mean torch.zeros(dim); parameters() returns "
    "[self.gamma, self.beta]."
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
    layer = m.BatchNorm1d(dim)
    layer.gamma, layer.beta = torch.full((dim,), eps), torch.full((dim,), momentum)
    return [p.clone() for p in layer.parameters()]


@holds.check("buffers do not learn")
def _(m, dim, eps, momentum):
    layer = m.BatchNorm1d(dim)
    return [layer.running_mean.requires_grad, layer.running_var.requires_grad]


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

# -- how the buffers move ------------------------------------------------------------------------

update = exercise(
    "batchnorm_update",
    target="BatchNorm1d.update",
    title="BatchNorm1d: running statistics",
    points=2,
    pure=False,
)
update.hint("Which of the two shares is the new batch's, momentum or 1 - momentum?")
update.hint(
    "The stored variance is the unbiased one, x.var(0), and none of this belongs into the graph: "
    "torch.no_grad()."
)
update.hint(
    "with torch.no_grad(): self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * "
    "x.mean(0), and likewise running_var with x.var(0)."
)


@update.cases
def _(rng):
    for n, dim, momentum in [(2, 3, 0.3), (3, 1, 0.1), (4, 4, 0.7), (2, 5, 1.0), (3, 2, 0.0)]:
        yield dict(
            batches=[rng.normal(n + i, dim, mean=1.0, std=2.0) for i in range(3)],
            running_mean=rng.normal(dim),
            running_var=rng.uniform(0.5, 3.0, dim),
            momentum=momentum,
        )


@update.scenario
def _(m, batches, running_mean, running_var, momentum):
    """After each batch: what is stored. Batches differ in size."""
    layer = m.BatchNorm1d(batches[0].shape[1], 0.5, momentum)
    layer.running_mean, layer.running_var = running_mean, running_var
    seen = []
    for x in batches:
        returned = layer.update(x)
        seen.append([layer.running_mean.clone(), layer.running_var.clone(), returned is None])
    return seen


@update.oracle
def _(batches, running_mean, running_var, momentum):
    layer = torch.nn.BatchNorm1d(batches[0].shape[1], 0.5, momentum).double()
    layer.running_mean, layer.running_var = running_mean, running_var
    seen = []
    for x in batches:
        layer(x)
        seen.append([layer.running_mean.clone(), layer.running_var.clone(), True])
    return seen


@update.check("no graph")
def _(m, batches, running_mean, running_var, momentum):
    """x comes out of a layer that learns; the buffers must not hold on to its graph."""
    layer = m.BatchNorm1d(batches[0].shape[1], 0.5, momentum)
    layer.running_mean, layer.running_var = running_mean, running_var
    w = torch.full_like(running_mean, 2.0).requires_grad_()
    for x in batches:
        layer.update(x * w)
    buffers = (layer.running_mean, layer.running_var)
    return [[b.requires_grad for b in buffers], [b.detach().clone() for b in buffers]]


@update.check("nothing else moves")
def _(m, batches, running_mean, running_var, momentum):
    """x, gamma, beta and a second layer are left alone."""
    x = batches[0].float()
    layer, other = m.BatchNorm1d(x.shape[1]), m.BatchNorm1d(x.shape[1])
    before = x.clone()
    layer.update(x)
    layer.update(x)
    layer.training = False
    layer.update(x)  # whoever calls it means it, in either mode
    still = [other.running_mean, other.running_var, layer.gamma, layer.beta]
    return [
        bool(torch.equal(before, x)),
        [t.detach() for t in still],
        layer.running_mean,
        layer.running_var,
    ]


update.misconception(
    "The shares are swapped: in torch momentum is the share of the *new* batch, not of the old.",
    name="momentum_swapped",
    edits=[
        ("self.momentum * (x.mean", "(1 - self.momentum) * (x.mean"),
        ("self.momentum * (x.var", "(1 - self.momentum) * (x.var"),
    ],
)
update.misconception(
    "The variance stored is the biased one. torch normalizes with that, but stores the unbiased one: divided "
    "by n - 1.",
    name="biased",
    replace="correction=1",
    by="correction=0",
)
update.misconception(
    "running_var is never updated: in eval mode the layer would divide by what it started with.",
    name="var_never",
    replace="            self.running_var += self.momentum * (x.var(0, correction=1) - self.running_var)\n",
    by="",
)
update.misconception(
    "running_mean is never updated.",
    name="mean_never",
    replace="            self.running_mean += self.momentum * (x.mean(0) - self.running_mean)\n",
    by="",
)
update.misconception(
    "The standard deviation is stored where the variance belongs: no root here.",
    name="std_for_var",
    replace="x.var(0, correction=1)",
    by="x.std(0, correction=1)",
)
update.misconception(
    "One mean and one variance of the whole batch were taken. Each column has its own: dimension 0.",
    name="all_columns",
    edits=[("x.mean(0)", "x.mean()"), ("x.var(0, correction=1)", "x.var(correction=1)")],
)
update.misconception(
    "The buffers hold the last batch only; they are to move a little toward it, by momentum.",
    name="overwritten",
    edits=[
        (
            "self.running_mean += self.momentum * (x.mean(0) - self.running_mean)",
            "self.running_mean = x.mean(0)",
        ),
        (
            "self.running_var += self.momentum * (x.var(0, correction=1) - self.running_var)",
            "self.running_var = x.var(0, correction=1)",
        ),
    ],
)
update.misconception(
    "The old statistics do not fade: new = old + momentum * batch's grows and grows. Multiply the old by "
    "1 - momentum.",
    name="old_does_not_fade",
    edits=[("(x.mean(0) - self.running_mean)", "x.mean(0)"),
           ("(x.var(0, correction=1) - self.running_var)", "x.var(0, correction=1)")],
)  # fmt: skip
update.misconception(
    "momentum is 0.1 whatever the layer was given: use self.momentum.",
    name="own_momentum",
    edits=[
        ("self.momentum * (x.mean", "0.1 * (x.mean"),
        ("self.momentum * (x.var", "0.1 * (x.var"),
    ],
)
update.misconception(
    "The running statistics carry the graph of x, and of every batch before: memory grows with each step. "
    "Update them under torch.no_grad().",
    name="with_graph",
    edits=[
        ("with torch.no_grad():", "if True:"),
        ("self.running_mean +=", "self.running_mean = self.running_mean +"),
        ("self.running_var +=", "self.running_var = self.running_var +"),
    ],
)
update.misconception(
    "The mean of the squares is no variance: subtract the mean first.",
    name="mean_square",
    replace="x.var(0, correction=1)",
    by="(x**2).sum(0) / (x.shape[0] - 1)",
)
update.misconception(
    "The squares were averaged around the running mean. The batch's variance is taken around the batch's own "
    "mean.",
    name="around_running_mean",
    replace="x.var(0, correction=1)",
    by="((x - self.running_mean) ** 2).sum(0) / (x.shape[0] - 1)",
)
update.misconception(
    "eps was added to the stored variance. It belongs into the root when dividing, not into the memory.",
    name="eps_stored",
    replace="x.var(0, correction=1)",
    by="x.var(0, correction=1) + self.eps",
)
update.misconception(
    "Bessel's factor the wrong way round: the unbiased variance is the biased one times n / (n - 1).",
    name="bessel_inverted",
    replace="x.var(0, correction=1)",
    by="x.var(0, correction=0) * (x.shape[0] - 1) / x.shape[0]",
)
update.misconception(
    "The new numbers went into local names and are lost: assign to self.running_mean and self.running_var.",
    name="lost",
    edits=[
        ("self.running_mean +=", "running_mean = self.running_mean +"),
        ("self.running_var +=", "running_var = self.running_var +"),
    ],
)
update.misconception(
    "update() does nothing in eval mode. Who decides when to update is __call__; here it simply happens.",
    name="looks_at_training",
    replace="with torch.no_grad():\n",
    by="if not self.training:\n            return\n        with torch.no_grad():\n",
)
update.misconception(
    "You averaged over all batches so far (1 / count). The share of a new batch is always momentum.",
    name="cumulative",
    replace="with torch.no_grad():\n",
    by="self.seen = getattr(self, 'seen', 0) + 1\n"
    "        with torch.no_grad():\n"
    "            self.running_mean += (x.mean(0) - self.running_mean) / self.seen\n"
    "            self.running_var += (x.var(0) - self.running_var) / self.seen\n"
    "            return\n",
)
update.variant(
    "new tensors from detached ones",
    name="detached",
    source="""
def update(self, x):
    x, n = x.detach(), x.shape[0]
    mean = x.sum(0) / n
    var = ((x - mean) ** 2).sum(0) / (n - 1)
    keep = 1 - self.momentum
    self.running_mean = keep * self.running_mean + self.momentum * mean
    self.running_var = keep * self.running_var + self.momentum * var
""",
)
update.variant(
    "lerp",
    name="lerp",
    source="""
def update(self, x):
    var, mean = torch.var_mean(x.data, dim=0)
    self.running_mean.lerp_(mean, self.momentum)
    self.running_var.lerp_(var, self.momentum)
""",
)
update.variant(
    "torch's own",
    name="torch_batch_norm",
    source="""
def update(self, x):
    F.batch_norm(x.data, self.running_mean, self.running_var, training=True, momentum=self.momentum)
""",
)

# -- the call ------------------------------------------------------------------------------------

call = exercise(
    "batchnorm_call",
    target="BatchNorm1d.__call__",
    title="BatchNorm1d: the call",
    points=3,
    pure=False,
)
call.hint("Two ways to come to a mean and a variance; one formula for the rest.")
call.hint(
    "Training: x.mean(0) and x.var(0, correction=0), not detached, and then self.update(x). Eval: the "
    "running ones."
)
call.hint(
    "self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta; return self.out"
)


@call.cases
def _(rng):
    for n, dim, eps, momentum in [
        (4, 3, 0.5, 0.3),
        (2, 5, 1e-5, 0.1),
        (3, 1, 2.0, 0.6),
        (3, 3, 0.5, 0.9),
        (2, 2, 0.1, 0.3),
    ]:
        yield dict(
            x=rng.normal(n, dim, mean=1.0, std=1.5),
            later=rng.normal(n + 1, dim, mean=-1.0),
            gamma=rng.normal(dim),
            beta=rng.normal(dim),
            running_mean=rng.normal(dim),
            running_var=rng.uniform(0.3, 3.0, dim),
            eps=eps,
            momentum=momentum,
        )


def norm(m, gamma, beta, running_mean, running_var, eps, momentum):
    """A BatchNorm1d with these numbers in it."""
    layer = m.BatchNorm1d(len(gamma), eps, momentum)
    layer.gamma, layer.beta = gamma, beta
    layer.running_mean, layer.running_var = running_mean, running_var
    return layer


@call.scenario
def _(m, x, later, **kept):
    """Two batches in training mode, then eval mode, then training again; what is stored after each."""
    layer, seen = norm(m, **kept), []
    for batch, mode in [(x, True), (later, True), (x, False), (later[:1], False), (later, True)]:
        layer.training = mode
        result = layer(batch)
        seen.append([result, layer.running_mean.clone(), layer.running_var.clone(), layer.training])
    return seen


@call.oracle
def _(x, later, gamma, beta, running_mean, running_var, eps, momentum):
    layer, seen = torch.nn.BatchNorm1d(len(gamma), eps, momentum).double(), []
    layer.weight.data, layer.bias.data = gamma, beta
    layer.running_mean, layer.running_var = running_mean, running_var
    for batch, mode in [(x, True), (later, True), (x, False), (later[:1], False), (later, True)]:
        layer.train(mode)
        result = layer(batch).detach()
        seen.append([result, layer.running_mean.clone(), layer.running_var.clone(), mode])
    return seen


def call_gradients(m, mode, x, later, **kept):
    up = later[: len(x)] * 2 + 0.5
    layer = norm(m, **kept)
    layer.training = mode
    inputs = {"x": x, "gamma": kept["gamma"], "beta": kept["beta"]}
    for tensor in inputs.values():
        tensor.requires_grad_()
    found = dict(differentiate(layer(x), inputs, up))
    return [found, layer.running_mean.requires_grad, layer.running_var.requires_grad]


@call.check("gradients in training mode")
def _(m, **case):
    return call_gradients(m, True, **case)


@call.oracle("gradients in training mode")
def _(x, later, gamma, beta, running_mean, running_var, eps, momentum):
    inputs = {"x": x, "gamma": gamma, "beta": beta}
    for tensor in inputs.values():
        tensor.requires_grad_()
    y = torch.nn.functional.batch_norm(x, None, None, gamma, beta, True, momentum, eps)
    return [dict(differentiate(y, inputs, later[: len(x)] * 2 + 0.5)), False, False]


@call.check("gradients in eval mode")
def _(m, **case):
    return call_gradients(m, False, **case)


@call.check("out")
def _(m, x, later, **kept):
    """.out is the very tensor returned, in both modes, and part of the graph."""
    layer, seen = norm(m, **kept), []
    x.requires_grad_()
    for mode in (True, False):
        layer.training = mode
        result = layer(x)
        same = layer.out is result
        layer.out.retain_grad()
        (result**2).sum().backward()
        seen.append([same, layer.out.grad])
    return seen


@call.check("input as it was")
def _(m, x, later, **kept):
    layer, before = norm(m, **kept), x.clone()
    first = layer(x)
    held = first.clone()
    layer(later)  # what an earlier call returned stays as it is
    layer.training = False
    layer(x)
    return [bool(torch.equal(before, x)), bool(torch.equal(first, held))]


call.misconception(
    "You normalized with the unbiased variance (divided by n - 1, torch's default for var). torch.nn divides "
    "by the biased one: correction=0.",
    name="unbiased",
    replace="correction=0",
    by="correction=1",
)
call.misconception(
    "eps stands outside the root. It is added to the variance: sqrt(var + eps).",
    name="eps_outside",
    replace="torch.sqrt(var + self.eps)",
    by="(torch.sqrt(var) + self.eps)",
)
call.misconception(
    "eps is missing: a column of equal numbers would be divided by zero.",
    name="no_eps",
    replace="torch.sqrt(var + self.eps)",
    by="torch.sqrt(var)",
)
call.misconception(
    "eps is 1e-5 whatever the layer was given: use self.eps.",
    name="own_eps",
    replace="var + self.eps",
    by="var + 1e-5",
)
call.misconception(
    "The root is missing: divide by the standard deviation, not by the variance.",
    name="variance_for_std",
    replace="torch.sqrt(var + self.eps)",
    by="(var + self.eps)",
)
call.misconception(
    "Mean and variance were taken over the wrong dimension: each *column* is normalized over the batch, "
    "dimension 0.",
    name="wrong_dimension",
    replace="mean, var = x.mean(0), x.var(0, correction=0)",
    by="mean, var = x.mean(1, keepdim=True), x.var(1, correction=0, keepdim=True)",
)
call.misconception(
    "One mean and one variance for all of x. Each column has its own: dimension 0.",
    name="all_of_x",
    replace="mean, var = x.mean(0), x.var(0, correction=0)",
    by="mean, var = x.mean(), x.var(correction=0)",
)
call.misconception(
    "The mean is not subtracted: the columns keep whatever offset they came with.",
    name="no_mean",
    replace="self.gamma * (x - mean)",
    by="self.gamma * x",
)
call.misconception(
    "gamma and beta are unused: the layer only normalizes and can never undo it.",
    name="no_gain_no_bias",
    replace="self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta",
    by="(x - mean) / torch.sqrt(var + self.eps)",
)
call.misconception(
    "gamma is unused: the layer cannot choose how wide its output is. Multiply the normalized x by it.",
    name="no_gain",
    replace="self.gamma * (x - mean)",
    by="(x - mean)",
)
call.misconception(
    "beta is unused: the layer cannot choose where its output is centered. Add it at the end.",
    name="no_bias",
    replace=" + self.beta",
    by="",
)
call.misconception(
    "gamma multiplies beta too. It is gamma * x̂ + beta.",
    name="beta_times_gamma",
    replace="self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta",
    by="self.gamma * ((x - mean) / torch.sqrt(var + self.eps) + self.beta)",
)
call.misconception(
    "gamma and beta have changed places.",
    name="gain_for_bias",
    replace="self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta",
    by="self.beta * (x - mean) / torch.sqrt(var + self.eps) + self.gamma",
)
call.misconception(
    "The statistics are detached. Forward nothing changes, but the gradient no longer knows that each "
    "example moves the mean and the variance of all.",
    name="statistics_detached",
    replace="mean, var = x.mean(0), x.var(0, correction=0)",
    by="mean, var = x.mean(0).detach(), x.var(0, correction=0).detach()",
)
call.misconception(
    "The mean is detached: its share of the gradient is missing.",
    name="mean_detached",
    replace="mean, var = x.mean(0),",
    by="mean, var = x.detach().mean(0),",
)
call.misconception(
    "The variance is detached: its share of the gradient is missing.",
    name="var_detached",
    replace="x.var(0, correction=0)",
    by="x.detach().var(0, correction=0)",
)
call.misconception(
    "The whole layer works under no_grad (or on .data): nothing below it learns, nor gamma, nor beta.",
    name="all_detached",
    replace="        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta\n",
    by="        with torch.no_grad():\n"
    "            self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta\n",
)
call.misconception(
    "The running statistics never move: call self.update(x) in training mode.",
    name="no_update",
    replace="            self.update(x)\n",
    by="",
)
call.misconception(
    "In eval mode the running statistics move too. Whoever evaluates changes the network by looking at it.",
    name="eval_updates",
    edits=[("            self.update(x)\n", ""),
           ("        return self.out", "        self.update(x)\n        return self.out")],
)  # fmt: skip
call.misconception(
    "Eval mode uses the statistics of the batch: what a name gets depends on who else is in the batch, and a "
    "single one cannot be normalized at all.",
    name="eval_uses_batch",
    replace="mean, var = self.running_mean, self.running_var",
    by="mean, var = x.mean(0), x.var(0, correction=0)",
)
call.misconception(
    "In training mode, too, the running statistics were used. Training is about the batch's own; the running "
    "ones lag behind.",
    name="training_uses_running",
    replace="        self.out = self.gamma",
    by="        mean, var = self.running_mean, self.running_var\n        self.out = self.gamma",
)
call.misconception(
    "The modes are swapped: in training mode the batch's statistics, in eval mode the running ones.",
    name="modes_swapped",
    replace="if self.training:",
    by="if not self.training:",
)
call.misconception(
    "Training or not was guessed from the size of the batch. Ask self.training.",
    name="guessed_from_batch",
    replace="if self.training:",
    by="if x.shape[0] > 1:",
)
call.misconception(
    "The running statistics move twice in each call.",
    name="updates_twice",
    replace="            self.update(x)\n",
    by="            self.update(x)\n            self.update(x)\n",
)
call.misconception(
    "You updated the running statistics with the *normalized* x. They describe what comes in.",
    name="updates_with_result",
    edits=[("            self.update(x)\n", ""),
           ("        return self.out",
            "        if self.training:\n            self.update(self.out)\n        return self.out")],
)  # fmt: skip
call.misconception(
    "The result is not kept as self.out; part 4 wants to look at it.",
    name="no_out",
    edits=[("self.out = self.gamma", "out = self.gamma"), ("return self.out", "return out")],
)
call.misconception(
    "self.out is the normalized x before gamma and beta. Keep what you return.",
    name="keeps_xhat",
    edits=[
        ("self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta",
         "self.out = (x - mean) / torch.sqrt(var + self.eps)"),
        ("return self.out", "return self.gamma * self.out + self.beta"),
    ],
)  # fmt: skip
call.misconception(
    "self.out is detached: right numbers, but no gradient can be read there any more. Keep what you return.",
    name="out_detached",
    edits=[("self.out = self.gamma", "out = self.gamma"),
           ("return self.out", "self.out = out.detach()\n        return out")],
)  # fmt: skip
call.misconception(
    "eval mode divides by running_var + eps without a root.",
    name="running_var_as_std",
    replace="mean, var = self.running_mean, self.running_var",
    by="mean, var = self.running_mean, (self.running_var + self.eps) ** 2 - self.eps",
)
call.variant(
    "updates in place itself",
    name="all_in_one",
    source="""
def __call__(self, x):
    if self.training:
        n = x.size(0)
        mean = x.sum(0, keepdim=True) / n
        var = (x - mean).square().mean(0, keepdim=True)
        with torch.no_grad():
            m = self.momentum
            self.running_mean.mul_(1 - m).add_(m * mean.squeeze(0))
            self.running_var.mul_(1 - m).add_(m * var.squeeze(0) * n / (n - 1))
    else:
        mean, var = self.running_mean[None], self.running_var[None]
    xhat = (x - mean) * torch.rsqrt(var + self.eps)
    self.out = torch.addcmul(self.beta, xhat, self.gamma)
    return self.out
""",
)
call.variant(
    "torch's own function",
    name="functional",
    source="""
def __call__(self, x):
    self.out = F.batch_norm(
        x, self.running_mean, self.running_var, self.gamma, self.beta,
        self.training, self.momentum, self.eps,
    )
    return self.out
""",
)

# -- build_layers --------------------------------------------------------------------------------

build = exercise("build_layers", title="bricks into a wall", points=2, pure=False)
build.hint("A loop over neighbors in sizes. What is different for the last pair?")
build.hint(
    "Hidden: linear.weight *= gain, then BatchNorm1d, then Tanh. Last: no gain, no Tanh; gamma *= 0.1, or "
    "without BatchNorm weight *= 0.1."
)
build.hint(
    "for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])): hidden = i < len(sizes) - 2; make "
    "a Linear, scale it, append it, then BatchNorm1d(fan_out) if batchnorm, then Tanh() if hidden."
)


@build.cases
def _(rng):
    for sizes, gain, batchnorm in [
        ([3, 5, 4, 2], 5 / 3, True),
        ([3, 5, 4, 2], 1.4, False),
        ([6, 2], 0.7, True),
        ([2, 6], 2.5, False),
        ([4, 4, 4, 4, 4], 0.5, True),
        ([5, 3, 6], -0.8, False),
    ]:
        yield dict(sizes=sizes, gain=gain, batchnorm=batchnorm, seed=rng.seed())


def numbers_in(layer):
    """(kind, its weight, gamma or beta); not whether there is a bias, which is checked by itself."""
    names = ("weight", "gamma", "beta", "running_mean", "running_var")
    found = {n: getattr(layer, n).detach() for n in names if hasattr(layer, n)}
    found.update({n: getattr(layer, n) for n in ("eps", "momentum") if hasattr(layer, n)})
    return [type(layer).__name__, found]


@build.scenario
def _(m, sizes, gain, batchnorm, seed):
    g = torch.Generator().manual_seed(seed)
    layers = m.build_layers(sizes, gain=gain, batchnorm=batchnorm, generator=g)
    return [numbers_in(layer) for layer in layers]


@build.check("defaults and positions")
def _(m, sizes, gain, batchnorm, seed):
    g = torch.Generator().manual_seed(seed)
    plain = [numbers_in(layer) for layer in m.build_layers(sizes, generator=g)]
    layers = m.build_layers(sizes, gain, batchnorm, g)
    return [plain, [numbers_in(layer) for layer in layers], len(m.build_layers(sizes))]


@build.check("biases")
def _(m, sizes, gain, batchnorm, seed):
    """Without BatchNorm each Linear needs one; before a BatchNorm either way is right."""
    layers = m.build_layers(sizes, gain, False, torch.Generator().manual_seed(seed))
    return [layer.bias.detach() for layer in layers if hasattr(layer, "bias")]


@build.check("new objects")
def _(m, sizes, gain, batchnorm, seed):
    """Each layer stands once in the list; a second network shares nothing; sizes stays as it is."""
    held = list(sizes)
    first = m.build_layers(sizes, gain, batchnorm)
    second = m.build_layers(sizes, gain, batchnorm)
    different = len({id(layer) for layer in [*first, *second]})
    return [isinstance(first, list), different == len(first) + len(second), sizes == held]


@build.check("it runs")
def _(m, sizes, gain, batchnorm, seed):
    g = torch.Generator().manual_seed(seed)
    layers = m.build_layers(sizes, gain, batchnorm, g)
    x = torch.linspace(-1, 2, 4 * sizes[0]).view(4, sizes[0]).sin()
    for layer in layers:
        x = layer(x)
    return x.detach()


build.misconception(
    "The gain is forgotten: tanh squeezes in each layer, and nothing makes up for it.",
    name="no_gain",
    replace="linear.weight *= gain",
    by="pass",
)
build.misconception(
    "The gain is 5/3 whatever the argument says.",
    name="own_gain",
    replace="linear.weight *= gain",
    by="linear.weight *= 5 / 3",
)
build.misconception(
    "The last Linear got the gain, too. No tanh follows it.",
    name="gain_on_the_last",
    replace="        if hidden:\n            linear.weight *= gain\n        elif not batchnorm:\n",
    by="        linear.weight *= gain\n        if not hidden and not batchnorm:\n",
)
build.misconception(
    "The first layer did not get the gain. It is followed by a tanh like every hidden layer.",
    name="first_without_gain",
    replace="linear.weight *= gain",
    by="linear.weight *= gain if i else 1",
)
build.misconception(
    "Multiplied by the root of the gain, or by its square: the weight is multiplied by the gain itself.",
    name="gain_squared",
    replace="linear.weight *= gain",
    by="linear.weight *= gain * gain",
)
build.misconception(
    "The output layer is not made humble: the first loss is far above ln 27.",
    name="not_humble",
    edits=[
        ("linear.weight *= 0.1", "pass"),
        ("layers[-1].gamma *= 0.1", "pass"),
    ],
)
build.misconception(
    "With BatchNorm behind it, the last *weight* was made small. BatchNorm divides that out again: it "
    "is gamma that counts.",
    name="weight_before_batchnorm",
    edits=[
        ("elif not batchnorm:", "else:"),
        ("layers[-1].gamma *= 0.1", "pass"),
    ],
)
build.misconception(
    "Every gamma was multiplied by 0.1. Only the output layer is to be humble.",
    name="all_humble",
    replace="            if not hidden:\n                layers[-1].gamma *= 0.1\n",
    by="            layers[-1].gamma *= 0.1\n",
)
build.misconception(
    "A Tanh stands at the end as well. Logits may be any number; between -1 and 1 the network can never be "
    "sure.",
    name="tanh_at_the_end",
    replace="        if hidden:\n            layers.append(Tanh())",
    by="        if True:\n            layers.append(Tanh())",
)
build.misconception(
    "There is no BatchNorm1d after the last Linear. Here every Linear has one.",
    name="no_batchnorm_at_the_end",
    replace="        if batchnorm:\n            layers.append(BatchNorm1d(sizes[i + 1]))\n",
    by="        if batchnorm and hidden:\n            layers.append(BatchNorm1d(sizes[i + 1]))\n",
)
build.misconception(
    "BatchNorm1d comes after the Tanh. It belongs between Linear and Tanh, to keep the tanh from saturating.",
    name="batchnorm_after_tanh",
    edits=[
        ("        if batchnorm:\n",
         "        if hidden:\n            layers.append(Tanh())\n        if batchnorm:\n"),
        ("        if hidden:\n            layers.append(Tanh())\n    return", "    return"),
    ],
)  # fmt: skip
build.misconception(
    "The Tanh layers are missing: without them, all matrices together are one.",
    name="no_tanh",
    replace="        if hidden:\n            layers.append(Tanh())\n",
    by="",
)
build.misconception(
    "batchnorm=False is ignored: no BatchNorm1d at all is wanted then.",
    name="always_batchnorm",
    replace="        if batchnorm:\n            layers",
    by="        if True:\n            layers",
)
build.misconception(
    "The generator is not handed to the Linears: no run can be repeated.",
    name="generator_ignored",
    replace="generator=generator)",
    by="generator=torch.Generator().manual_seed(i))",
)
build.misconception(
    "Without BatchNorm the Linears have no bias either. Then nothing in the network can shift.",
    name="never_bias",
    replace="bias=not batchnorm",
    by="bias=False",
)
build.misconception(
    "One Tanh object stands in the list several times: its .out is overwritten by the next use. Make a new "
    "one for each layer.",
    name="one_tanh",
    edits=[
        ("    layers = []\n", "    layers, tanh = [], Tanh()\n"),
        ("layers.append(Tanh())", "layers.append(tanh)"),
    ],
)
build.misconception(
    "The last pair of sizes was left out: three sizes make two Linears.",
    name="one_too_few",
    edits=[
        ("range(len(sizes) - 1)", "range(len(sizes) - 2)"),
        ("len(sizes) - 2\n", "len(sizes) - 3\n"),
    ],
)
build.misconception(
    "The list is nested, one list for each layer. Make it flat.",
    name="nested",
    replace="    return layers",
    by="    return [[layer] for layer in layers]",
)
build.variant(
    "hidden layers first, with a bias before BatchNorm",
    name="pairs",
    source="""
def build_layers(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    *hidden, last = list(zip(sizes[:-1], sizes[1:]))
    for fan_in, fan_out in hidden:
        linear = Linear(fan_in, fan_out, generator=generator)
        linear.weight = linear.weight * gain
        layers += [linear] + [BatchNorm1d(fan_out)] * batchnorm + [Tanh()]
    layers += [Linear(*last, generator=generator)]
    if batchnorm:
        layers += [BatchNorm1d(last[1])]
        layers[-1].gamma = 0.1 * layers[-1].gamma
    else:
        layers[-1].weight = layers[-1].weight / 10
    return layers
""",
)
build.variant(
    "built, then scaled",
    name="scaled_afterwards",
    source="""
def build_layers(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i in range(1, len(sizes)):
        layers.append(Linear(sizes[i - 1], sizes[i], True, generator))
        if batchnorm:
            layers.append(BatchNorm1d(sizes[i]))
        layers.append(Tanh())
    layers.pop()
    with torch.no_grad():
        linears = [layer for layer in layers if isinstance(layer, Linear)]
        for layer in linears[:-1]:
            layer.weight.mul_(gain)
        layers[-1].parameters()[0].mul_(0.1)
    return layers
""",
)

# -- forward -------------------------------------------------------------------------------------

run = exercise("forward", title="the forward pass as a loop", pure=False)
run.hint("Lookup, view, and then each layer gets what the one before returned.")
run.hint("C[Xb] is (n, block_size, n_embd); view it as (n, block_size * n_embd).")
run.hint("x = C[Xb].view(Xb.shape[0], -1); for layer in layers: x = layer(x); return x")


@run.cases
def _(rng):
    for n, block_size, n_embd, v, sizes in [
        (4, 3, 2, 5, [5, 3]),
        (1, 2, 3, 4, [2]),
        (3, 1, 4, 6, [3, 3, 2]),
        (2, 3, 3, 7, []),
        (5, 4, 1, 3, [4]),
    ]:
        widths = [block_size * n_embd, *sizes]
        yield dict(
            C=rng.normal(v, n_embd),
            Xb=rng.integers(0, v, n, block_size),
            weights=[rng.normal(i, o) for i, o in itertools.pairwise(widths)],
        )


class Affine:
    """A layer of the grader's own: x @ W, bent."""

    def __init__(self, W):
        self.W = W

    def __call__(self, x):
        return torch.sin(x @ self.W) + 0.5


@run.scenario
def _(m, C, Xb, weights):
    layers = [Affine(W) for W in weights]
    before = [C.clone(), Xb.clone()]
    first, again = m.forward(C, layers, Xb), m.forward(C, layers, Xb)
    same = [bool(torch.equal(before[0], C)), bool(torch.equal(before[1], Xb))]
    return [first, again, same, len(layers)]


@run.check("gradients")
def _(m, C, Xb, weights):
    inputs = {"C": C.requires_grad_()}
    for i, W in enumerate(weights):
        inputs[f"weights[{i}]"] = W.requires_grad_()
    logits = m.forward(C, [Affine(W) for W in weights], Xb)
    up = torch.linspace(-1, 2, logits.numel(), dtype=logits.dtype).view(logits.shape)
    return dict(differentiate(logits, inputs, up))


@run.check("with the real layers")
def _(m, C, Xb, weights):
    """In training mode each layer is called once: running statistics move once."""
    width = Xb.shape[1] * C.shape[1]
    norm = m.BatchNorm1d(width)
    C = C.float()
    logits = m.forward(C, [norm, m.Tanh()], Xb.repeat(2, 1))
    return [logits.detach(), norm.running_mean, norm.running_var]


run.misconception(
    "Each layer was called with the embeddings. It gets what the layer before returned: x = layer(x).",
    name="not_chained",
    replace="    for layer in layers:\n        x = layer(x)\n    return x",
    by="    y = x\n    for layer in layers:\n        y = layer(x)\n    return y",
)
run.misconception(
    "The results are thrown away: layer(x) returns a new tensor. x = layer(x).",
    name="thrown_away",
    replace="x = layer(x)",
    by="layer(x)",
)
run.misconception(
    "The layers ran from the last to the first.",
    name="reversed_order",
    replace="in layers:",
    by="in reversed(layers):",
)
run.misconception(
    "`return` stands inside the loop: only the first layer is ever called.",
    name="returns_early",
    replace="        x = layer(x)\n",
    by="        x = layer(x)\n        return x\n",
)
run.misconception(
    "The last layer is left out: what comes back are no logits yet. Go through all of the list.",
    name="without_last",
    replace="in layers:",
    by="in layers[:-1]:",
)
run.misconception(
    "The embeddings of a context were averaged. An average forgets the order: put them side by side.",
    name="averaged",
    replace="C[Xb].view(Xb.shape[0], -1)",
    by="C[Xb].mean(1).repeat(1, Xb.shape[1])",
)
run.misconception(
    "The numbers are in the wrong order: all first coordinates, then all second ones. Keep the embedding of "
    "each character together.",
    name="interleaved",
    replace="C[Xb].view(Xb.shape[0], -1)",
    by="C[Xb].transpose(1, 2).reshape(Xb.shape[0], -1)",
)
run.misconception(
    "The characters of each context stand in reverse order.",
    name="context_reversed",
    replace="C[Xb]",
    by="C[Xb.flip(1)]",
)
run.misconception(
    "The numbers of different examples were mixed: view(n, -1) of a tensor whose first dimension is not n.",
    name="examples_mixed",
    replace="C[Xb].view",
    by="C[Xb.t()].contiguous().view",
)
run.misconception(
    "The embeddings are not put side by side: the first layer wants (n, block_size * n_embd).",
    name="no_view",
    replace="C[Xb].view(Xb.shape[0], -1)",
    by="C[Xb]",
)
run.misconception(
    "squeeze() also removes a batch of one, or a single neuron: the result has two dimensions.",
    name="squeezed",
    replace="    return x",
    by="    return x.squeeze()",
)
run.misconception(
    "The table is detached (or .data): the embeddings never learn.",
    name="table_detached",
    replace="C[Xb]",
    by="C.data[Xb]",
)
run.misconception(
    "The result is detached, or computed under no_grad: nothing learns.",
    name="detached",
    replace="    return x",
    by="    return x.detach()",
)
run.misconception(
    "Softmax was applied at the end. The cross-entropy wants logits and does that itself.",
    name="softmax",
    replace="    return x",
    by="    return torch.softmax(x, 1)",
)
run.misconception(
    "The table was looked up by column: each index names a *row* of C.",
    name="columns",
    replace="C[Xb].view",
    by="C.t()[Xb % C.shape[1]].reshape",
)
run.misconception(
    "Each layer is called twice: once for x, and once more for nothing. BatchNorm1d's statistics move at "
    "each call.",
    name="called_twice",
    replace="        x = layer(x)\n",
    by="        layer(x)\n        x = layer(x)\n",
)
run.variant(
    "F.embedding and flatten",
    name="functional",
    source="""
def forward(C, layers, Xb):
    x = F.embedding(Xb, C).flatten(1)
    for i in range(len(layers)):
        x = layers[i](x)
    return x
""",
)
run.variant(
    "one-hot, concatenated",
    name="one_hot",
    source="""
def forward(C, layers, Xb):
    x = torch.cat([F.one_hot(ix, len(C)).to(C.dtype) @ C for ix in Xb.unbind(1)], 1)
    todo = list(layers)
    while todo:
        x = todo.pop(0)(x)
    return x
""",
)

# -- all_parameters ------------------------------------------------------------------------------

everyone = exercise("all_parameters", title="who learns", pure=False)
everyone.hint("The table is no layer. Who else learns?")
everyone.hint(
    "One flat list: C first, then go through the layers, and through each one's parameters()."
)
everyone.hint("[C] + [p for layer in layers for p in layer.parameters()]")


@everyone.cases
def _(rng):
    for v, d, h, bias in [(5, 2, 3, True), (4, 3, 6, False), (3, 1, 1, True)]:
        yield dict(v=v, d=d, h=h, bias=bias)


def small_network(m, v, d, h, bias):
    """(C, layers), with numbers that tell the tensors apart."""
    C = torch.arange(v * d).view(v, d) * 0.5
    layers = [
        m.Linear(d, h, bias=bias),
        m.BatchNorm1d(h),
        m.Tanh(),
        m.Linear(h, v),
        m.BatchNorm1d(v),
    ]
    for i, layer in enumerate(layers):
        for name in ("weight", "bias", "gamma", "beta", "running_mean", "running_var"):
            if getattr(layer, name, None) is not None:
                t = getattr(layer, name).detach()
                setattr(layer, name, t * 0 + i + len(name) / 100)
    return C, layers


@everyone.scenario
def _(m, v, d, h, bias):
    C, layers = small_network(m, v, d, h, bias)
    got = m.all_parameters(C, layers)
    first = [p.clone() for p in got]
    for p in got:
        p -= 0.25  # must be seen by the layers: the very tensors, each once
    names = ("weight", "bias", "gamma", "beta", "running_mean", "running_var")
    tensors = [getattr(layer, n, None) for layer in layers for n in names]
    after = [C, *[t.clone() for t in tensors if t is not None]]
    return {"list": isinstance(got, list), "values": first, "after a step": after}


@everyone.check("any layers")
def _(m, v, d, h, bias):
    """Layers of the grader's own: only parameters() is asked. And none at all."""

    class Other:
        def parameters(self):
            return [torch.full((d,), 7.0), torch.full((h, d), 8.0), torch.full((1,), 9.0)]

    C = torch.ones(v, d)
    before = m.all_parameters(C, [])
    layers = [Other(), m.Tanh(), Other()]
    return [before, m.all_parameters(C, layers), len(layers)]


everyone.misconception(
    "C is missing: the embeddings keep their random values for ever.",
    name="no_table",
    replace="[C] + ",
    by="",
)
everyone.misconception(
    "C stands at the end. It comes first.",
    name="table_last",
    replace="[C] + [p for layer in layers for p in layer.parameters()]",
    by="[p for layer in layers for p in layer.parameters()] + [C]",
)
everyone.misconception(
    "A list of lists, one for each layer. Whoever trains goes through tensors: make it flat.",
    name="list_of_lists",
    replace="[p for layer in layers for p in layer.parameters()]",
    by="[layer.parameters() for layer in layers]",
)
everyone.misconception(
    "You collected weights only. Biases, gamma and beta learn, too: ask each layer for its parameters().",
    name="weights_only",
    replace="[p for layer in layers for p in layer.parameters()]",
    by="[layer.weight for layer in layers if hasattr(layer, 'weight')]",
)
everyone.misconception(
    "Only matrices were collected; vectors learn, too.",
    name="matrices_only",
    replace="in layer.parameters()]",
    by="in layer.parameters() if p.ndim == 2]",
)
everyone.misconception(
    "All tensors of each layer are in the list, the running statistics too. These are no parameters: ask "
    "each layer for its parameters().",
    name="buffers_too",
    replace="in layer.parameters()]",
    by="in (vars(layer).values() if vars(layer) else layer.parameters()) if torch.is_tensor(p)]",
)
everyone.misconception(
    "These are copies: a step on them never reaches the layers.",
    name="copies",
    replace="[p for layer",
    by="[p.clone() for layer",
)
everyone.misconception(
    "Only the last layer's parameters came back: the list is made anew for each layer.",
    name="last_layer_only",
    replace="return [C] + [p for layer in layers for p in layer.parameters()]",
    by="found = [C]\n    for layer in layers:\n        found = [C] + layer.parameters()\n    return found",
)
everyone.misconception(
    "That is a generator: it can be gone through once, and len() fails. Return a list.",
    name="generator",
    replace="[C] + [p for layer in layers for p in layer.parameters()]",
    by="(p for group in [[C]] + [layer.parameters() for layer in layers] for p in group)",
)
everyone.misconception(
    "Parameters that do not require a gradient yet were left out. Whoever trains switches that on *after* "
    "asking for the list.",
    name="requiring_only",
    replace="in layer.parameters()]",
    by="in layer.parameters() if p.requires_grad]",
)
everyone.variant(
    "a loop",
    name="loop",
    source="""
def all_parameters(C, layers):
    found = [C]
    for layer in layers:
        found.extend(layer.parameters())
    return found
""",
)
everyone.variant(
    "a sum of lists",
    name="sum_of_lists",
    source="""
def all_parameters(C, layers):
    return sum((layer.parameters() for layer in layers), [C])
""",
)

# -- set_training --------------------------------------------------------------------------------

switch = exercise("set_training", title="the switch reaches every layer", pure=False)
switch.hint("Which layers look at a flag, and at whose?")
switch.hint("A loop that sets an attribute of each layer.")
switch.hint("for layer in layers: layer.training = mode")


@switch.cases
def _(rng):
    for dims in ([2], [3, 1], [2, 4, 3], []):
        yield dict(dims=dims, modes=[False, False, True, False])
        yield dict(dims=dims, modes=rng.shuffled([True, True, False, True]))


def mixed(m, dims):
    layers = [m.Tanh()]
    for dim in dims:
        layers += [m.Linear(dim, dim), m.BatchNorm1d(dim), m.Tanh()]
    return layers


@switch.scenario
def _(m, dims, modes):
    """The flags of all BatchNorm1d after each call; of the network, and of another one."""
    layers, others, seen = mixed(m, dims), mixed(m, dims), []
    shared = getattr(m.BatchNorm1d, "training", None)  # the class must be left alone
    for mode in modes:
        returned = m.set_training(layers, mode)
        flags = [n.training for n in [*layers, *others] if isinstance(n, m.BatchNorm1d)]
        seen.append([flags, len(layers), returned is None])
    same = getattr(m.BatchNorm1d, "training", None) is shared
    return [seen, m.BatchNorm1d(2).training, same]


@switch.check("what it is for")
def _(m, dims, modes):
    """In eval mode the running statistics are used, and left alone."""
    layers, seen = mixed(m, dims), []
    norms = [layer for layer in layers if isinstance(layer, m.BatchNorm1d)]
    for mode in modes:
        m.set_training(layers, mode)
        for norm in norms:
            dim = len(norm.running_mean)
            x = torch.arange(3.0 * dim).view(3, dim)
            seen.append([norm(x).detach(), norm.running_mean.clone()])
    return seen


switch.misconception(
    "No flag has changed. `training = mode` makes a variable of your own, `==` only compares, and no layer "
    "looks at an attribute of another name: assign to layer.training.",
    name="a_variable",
    replace="layer.training = mode",
    by="training = mode",
)
switch.misconception(
    "The mode is ignored: True means training, False eval.",
    name="mode_ignored",
    replace="layer.training = mode",
    by="layer.training = False",
)
switch.misconception(
    "The mode is the wrong way round.",
    name="inverted",
    replace="layer.training = mode",
    by="layer.training = not mode",
)
switch.misconception(
    "The flag was flipped. Calling it twice with False must leave eval mode on: set it.",
    name="flipped",
    replace="layer.training = mode",
    by="layer.training = not getattr(layer, 'training', True)",
)
switch.misconception(
    "Only the first BatchNorm1d was told. Do not stop there.",
    name="first_only",
    replace="        layer.training = mode\n",
    by="        layer.training = mode\n        if isinstance(layer, BatchNorm1d):\n            break\n",
)
switch.misconception(
    "Only the last layer was told: the assignment stands after the loop.",
    name="last_only",
    replace="        layer.training = mode\n",
    by="        pass\n    layers[-2 if len(layers) > 1 else -1].training = mode\n",
)
switch.misconception(
    "You set the flag of the *class*. Every layer has a flag of its own, and looks at that first.",
    name="on_the_class",
    replace="layer.training = mode",
    by="type(layer).training = mode",
)
switch.variant(
    "only those who look at it",
    name="batchnorm_only",
    replace="        layer.training = mode\n",
    by="        if isinstance(layer, BatchNorm1d):\n            layer.training = mode\n",
)
switch.variant(
    "setattr",
    name="setattr",
    replace="layer.training = mode",
    by='setattr(layer, "training", bool(mode))',
)
