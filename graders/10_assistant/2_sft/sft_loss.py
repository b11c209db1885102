"""10.sft_loss: one mean over what counts."""

import torch

from graders.authoring import differentiate, exercise

ex = exercise("sft_loss", title="the loss of the answers", points=2)


def batch(rng, B, T, V, total=None, dtype=torch.float64, std=1.5):
    """Rows that count differently often: row 0 wholly, the next ones less and less."""
    targets = rng.integers(0, V, B, T)
    for b in range(1, B):
        targets[b, : min(T, 2 * b - 1)] = -100
    return dict(logits=rng.normal(B, T, V, std=std, dtype=dtype), targets=targets, total=total)


@ex.cases
def _(rng):
    yield batch(rng, 3, 5, 7)
    yield batch(rng, 3, 5, 7, total=23)
    yield batch(rng, 1, 4, 6)
    yield batch(rng, 4, 1, 5, total=3)
    yield batch(rng, 2, 3, 2, total=1)
    yield batch(rng, 3, 6, 4, std=300.0)
    yield batch(rng, 2, 4, 9, dtype=torch.float32)
    yield batch(rng, 1, 1, 1)
    # ids that one byte, or two, do not hold
    yield dict(logits=rng.normal(1, 3, 300), targets=torch.tensor([[299, -100, 130]]), total=None)
    wide = rng.normal(1, 1, 33_000, dtype=torch.float32)
    yield dict(logits=wide, targets=torch.tensor([[32_900]]), total=None)
    case = batch(rng, 4, 6, 5)
    yield dict(case, logits=case["logits"].transpose(0, 1).contiguous().transpose(0, 1))
    yield dict(
        logits=rng.normal(2, 3, 4), targets=torch.tensor([[-100, 0, 0], [3, -100, 1]]), total=None
    )
    # a row and a whole batch in which nothing counts
    yield dict(
        logits=rng.normal(2, 3, 4), targets=torch.tensor([[-100] * 3, [-100, 2, -100]]), total=None
    )
    for total in (None, 6):
        yield dict(logits=rng.normal(2, 3, 4), targets=torch.full((2, 3), -100), total=total)
    far = rng.normal(2, 3, 4)
    far[0, 1, 2], far[1, 0, 3], far[1, 2, 0] = 1e4, -1e4, 1e4
    yield dict(logits=far, targets=torch.tensor([[1, 0, -100], [3, 2, 0]]), total=None)


@ex.oracle
def _(logits, targets, total):
    costs = torch.zeros((), dtype=torch.float64)
    n = 0
    for row, target in zip(logits.flatten(0, 1), targets.flatten().tolist(), strict=True):
        if target != -100:
            costs = costs + row.double().logsumexp(0) - row[target].double()
            n += 1
    return (costs / (total or max(n, 1))).to(logits.dtype)


@ex.check("gradients")
def _(m, logits, targets, total):
    logits.requires_grad_()
    out = m.sft_loss(logits, targets, total)
    return dict(differentiate(out, {"logits": logits}, torch.tensor(-1.7, dtype=out.dtype)))


@ex.oracle("gradients")
def _(logits, targets, total):
    """softmax - onehot, by hand."""
    n = total or max(int((targets != -100).sum()), 1)
    grad = logits.double().softmax(-1)
    for b, t in torch.cartesian_prod(*map(torch.arange, targets.shape)).tolist():
        if targets[b, t] == -100:
            grad[b, t] = 0
        else:
            grad[b, t, targets[b, t]] -= 1
    return {"logits": (-1.7 * grad / n).to(logits.dtype)}


@ex.check("total left out", cases=lambda rng: [batch(rng, 3, 4, 5)])
def _(m, logits, targets, total):
    return m.sft_loss(logits, targets)


ex.hint(
    'cross_entropy knows reduction="sum", and leaves targets of -100 out. Then divide yourself.'
)
ex.hint(
    "How many count? int((targets != -100).sum()), and if that is 0, divide by 1: the sum is 0 anyway."
)
ex.hint('F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / total')

ex.misconception(
    """With nothing that counts this is 0/0, NaN, and one such batch ruins all weights. The loss is 0 then,
    and so are its gradients.""",
    name="nan",
    replace="max(1, int((targets != -100).sum()))",
    by="(targets != -100).sum()",
)
ex.misconception(
    """With nothing that counts a constant came back, which has no graph: backward() fails on it. Let the 0
    be computed from the logits.""",
    name="constant_zero",
    replace="    if total is None:\n",
    by="    if (targets == -100).all():\n        return torch.zeros((), dtype=logits.dtype)\n"
    "    if total is None:\n",
)
ex.misconception(
    """The sum is divided by all positions, masked ones included: the longer the prompts, the smaller the
    loss. Count what counts.""",
    name="over_all",
    replace="max(1, int((targets != -100).sum()))",
    by="targets.numel()",
)
ex.misconception(
    """A mean for each row, and the mean of these: an answer of one token weighs as much as one of a
    hundred. One mean over the whole batch.""",
    name="row_means",
    replace="        total = max(1, int((targets != -100).sum()))\n",
    by="        cost = F.cross_entropy(logits.transpose(1, 2), targets, reduction='none').sum(1)\n"
    "        n = (targets != -100).sum(1)\n"
    "        return (cost / n.clamp(min=1)).sum() / (n > 0).sum().clamp(min=1)\n",
)
ex.misconception(
    """`total` is not looked at. If it is given, the sum is divided by it.""",
    name="total_ignored",
    replace="    if total is None:\n        total",
    by="    if True:\n        total",
)
ex.misconception(
    """The mean was divided by `total` once more. It replaces the number of targets that count.""",
    name="divided_twice",
    replace="    if total is None:\n        total = max(1, int((targets != -100).sum()))\n",
    by="    total = max(1, int((targets != -100).sum())) * (total or 1)\n",
)
ex.misconception(
    """That is the sum. Divide it by how many targets count (or by `total`).""",
    name="summed",
    replace=" / total",
    by=" / 1",
)
ex.misconception(
    """Masked positions count as if their target were id 0. They are to be left out.""",
    name="masked_as_zero",
    replace="targets.flatten(), reduction",
    by="targets.flatten().clamp(min=0), reduction",
)
ex.misconception(
    """Target 0 was left out. It is an id like any other: what does not count is -100.""",
    name="zero_left_out",
    edits=[
        ("(targets != -100)", "(targets > 0)"),
        (
            "targets.flatten(), reduction",
            "targets.flatten().masked_fill(targets.flatten() == 0, -100), reduction",
        ),
    ],
)
ex.misconception(
    """Logits and targets were shifted against each other once more. They belong together already: position
    t with targets[t].""",
    name="shifted_again",
    replace="F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ",
    by="F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten(), ",
)
ex.misconception(
    """log(softmax) is -inf once logits are far apart, or a constant where something small was added. Use
    cross_entropy or log_softmax.""",
    name="log_of_softmax",
    replace="F.cross_entropy(logits.flatten(0, 1), ",
    by="F.nll_loss((logits.softmax(-1) + 1e-9).log().flatten(0, 1), ",
)
ex.misconception(
    """The value is right, but cut off from the logits: nothing is learned from it. Return the tensor as it
    comes.""",
    name="detached",
    replace='reduction="sum") / total',
    by='reduction="sum").detach() / total',
)
ex.misconception(
    """log(softmax) is -inf once logits are far apart, and its gradients are NaN. Use cross_entropy or
    log_softmax, which subtract the largest logit of each position first.""",
    name="log_of_softmax_alone",
    replace="F.cross_entropy(logits.flatten(0, 1), ",
    by="F.nll_loss(logits.softmax(-1).log().flatten(0, 1), ",
)

ex.variant(
    "picked by a mask",
    name="mask",
    source="""def sft_loss(logits, targets, total=None):
    counts = targets.ne(-100)
    logp = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    n = counts.sum().clamp(min=1) if total is None else total
    return -torch.where(counts, logp, 0.0).sum() / n
""",
)
ex.variant(
    "only the rows that count",
    name="selected",
    source="""def sft_loss(logits, targets, total=None):
    counts = targets != -100
    total = total or max(int(counts.sum()), 1)
    return F.cross_entropy(logits[counts], targets[counts], reduction="none").sum() / total
""",
)

ex.equivalent(
    "int((targets != -100).sum())  ->  (targets != -100).sum()",
    "a count in a tensor divides as an int does",
)
