"""06.flatten_consecutive: the squeeze rule."""

import torch

from graders.authoring import differentiate, exercise

flatten = exercise(
    "flatten_consecutive",
    target="FlattenConsecutive.__call__",
    title="the squeeze rule",
    pure=False,
)


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


flatten.hint("How many groups are there, and which dimension counts them?")
flatten.hint(
    "squeeze(1) drops dimension 1, and only if its size is 1; squeeze() drops all of size 1."
)
flatten.hint("x = consecutive(x, self.n), then return x.squeeze(1) if there is one group, else x.")

GROUPED = "return x.squeeze(1) if x.shape[1] == 1 else x"

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
flatten.misconception(
    "You asked whether there was one *position* before the neighbors were merged. Ask afterwards, "
    "whether there is one *group*: n positions make one.",
    name="asked_before",
    edits=[
        ("        x = consecutive", "        T = x.shape[1]\n        x = consecutive"),
        (GROUPED, "return x.squeeze(1) if T == 1 else x"),
    ],
)
flatten.misconception(
    "The result is cut off from x (detach or .data): the shape is right, but no gradient reaches "
    "the levels below.",
    name="detached",
    replace="consecutive(x, self.n)",
    by="consecutive(x.detach(), self.n)",
)
flatten.misconception(
    "With two groups or more nothing came back: `return` stands inside the if. Return x in both "
    "cases.",
    name="no_return",
    replace=GROUPED,
    by="if x.shape[1] == 1:\n            return x.squeeze(1)",
)
flatten.misconception(
    "The layer changed its own n. It belongs to the layer, and the next batch needs it as it was.",
    name="changes_n",
    replace=GROUPED,
    by="self.n = x.shape[1]\n        return x.squeeze(1)",
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

flatten.equivalent(
    "x.squeeze(1) if x.shape[1] == 1 else x  ->  x.squeeze(1)",
    "squeeze(1) leaves a dimension that is not 1",
)
