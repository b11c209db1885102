"""04.batchnorm_update: BatchNorm1d: running statistics."""

import torch

from graders.authoring import exercise, put

update = exercise(
    "batchnorm_update",
    target="BatchNorm1d.update",
    title="BatchNorm1d: running statistics",
    points=2,
    pure=False,
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
    put(layer, running_mean=running_mean, running_var=running_var)
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


@update.check("momentum as it is by then")
def _(m, batches, running_mean, running_var, momentum):
    layer = m.BatchNorm1d(batches[0].shape[1], 0.5, momentum)
    put(layer, running_mean=running_mean, running_var=running_var)
    layer.update(batches[0])
    layer.momentum = 1 - momentum / 2
    layer.update(batches[1])
    return [layer.running_mean, layer.running_var]


@update.check("no graph")
def _(m, batches, running_mean, running_var, momentum):
    """x comes out of a layer that learns; the buffers must not hold on to its graph."""
    layer = m.BatchNorm1d(batches[0].shape[1], 0.5, momentum)
    put(layer, running_mean=running_mean, running_var=running_var)
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


update.hint("Which of the two shares is the new batch's, momentum or 1 - momentum?")
update.hint(
    "The stored variance is the unbiased one, x.var(0), and none of this belongs into the graph: "
    "torch.no_grad()."
)
update.hint(
    "with torch.no_grad(): self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * "
    "x.mean(0), and likewise running_var with x.var(0)."
)

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

update.equivalent("x.var(0, correction=1)  ->  x.var(0)", "1 is torch's default")
