"""04.batchnorm_call: BatchNorm1d: the call."""

import torch

from graders.authoring import differentiate, exercise

from .part import norm

call = exercise(
    "batchnorm_call",
    target="BatchNorm1d.__call__",
    title="BatchNorm1d: the call",
    points=3,
    pure=False,
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
    inputs = {"x": x, "gamma": layer.gamma, "beta": layer.beta}
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


@call.check("eps as it is by then")
def _(m, x, later, **kept):
    layer = norm(m, **kept)
    layer.training = False
    first = layer(x)
    layer.eps += 1.0
    return [first, layer(x)]


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


call.hint("Two ways to come to a mean and a variance; one formula for the rest.")
call.hint(
    "Training: x.mean(0) and x.var(0, correction=0), not detached, and then self.update(x). Eval: the "
    "running ones."
)
call.hint(
    "self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta; return self.out"
)

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
    "You updated the running statistics with the *normalized* x. They describe what comes in.",
    name="updates_with_result",
    edits=[("            self.update(x)\n", ""),
           ("        return self.out",
            "        if self.training:\n            self.update(self.out)\n        return self.out")],
)  # fmt: skip
call.misconception(
    "The result is not kept as self.out; part 6 wants to look at it.",
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
    "The running statistics move twice with each batch. self.update(x) once, in training mode.",
    name="updates_twice",
    replace="            self.update(x)\n",
    by="            self.update(x)\n            self.update(x)\n",
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
