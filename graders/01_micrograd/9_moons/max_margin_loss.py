"""01.max_margin_loss: the hinge: right, with room to spare."""

import torch

from graders.authoring import exercise, real, value_data

from .part import SUMS, labels_for

margin = exercise("max_margin_loss", title="the hinge: right, with room to spare")


@margin.cases
def _(rng):
    for n in (1, 2, 5, 8):
        yield dict(scores=rng.numbers(n), labels=labels_for(rng, n), upstream=rng.number(1.5, 3))
    yield dict(scores=[2.5, -3.0, 0.3, 0.4], labels=[1, -1, 1, -1], upstream=-2.0)
    yield dict(scores=[5.0, 7.0, -0.6], labels=[1, 1, -1], upstream=1.5)


@margin.scenario
def _(m, scores, labels, upstream):
    return value_data(m, m.max_margin_loss([m.Value(s) for s in scores], labels))


@margin.check("gradients", tol=SUMS)
def _(m, scores, labels, upstream):
    values = [m.Value(s) for s in scores]
    loss = m.max_margin_loss(values, labels)
    if not isinstance(loss, m.Value):
        return value_data(m, loss)
    (loss * upstream).backward()
    return [real(v.grad) for v in values]


@margin.check("one Value twice", cases=lambda rng: iter([dict(s=rng.number(0.2, 0.7))]))
def _(m, s):
    """Each entry of the list counts, be it an object that was there before."""
    score = m.Value(s)
    return value_data(m, m.max_margin_loss([score, score, m.Value(2.0)], [1, -1, -1]))


@margin.oracle
def _(scores, labels, upstream):
    s, y = torch.tensor(scores, dtype=torch.float64), torch.tensor(labels)
    return (1 - y * s).clamp(min=0).mean().item()


@margin.oracle("gradients")
def _(scores, labels, upstream):
    s = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    (torch.relu(1 - torch.tensor(labels) * s).mean() * upstream).backward()
    return s.grad.tolist()


margin.hint("One term per example, 1 - y*s, cut off at 0. Which method of Value cuts off at 0?")
margin.hint("Then the mean: the sum, divided by how many there are.")
margin.hint(
    """losses = [(1 - y * s).relu() for s, y in zip(scores, labels)]; return sum(losses) /
    len(losses)"""
)

margin.misconception(
    """This is the sum. Divide by the number of examples, or twice as many points need half the
    learning rate.""",
    name="sum",
    replace="sum(losses) / len(losses)",
    by="sum(losses)",
)
margin.misconception(
    """Nothing is cut off at 0: a point that is very right earns *negative* loss, and the network
    is rewarded for pushing it further and further.""",
    name="no_relu",
    replace="(1 - y * s).relu()",
    by="(1 - y * s)",
)
margin.misconception(
    """The cut comes too late: first cut off every single term at 0, then take the mean. Here very
    right points pay for wrong ones.""",
    name="relu_of_mean",
    source="""
def max_margin_loss(scores, labels):
    losses = [1 - y * s for s, y in zip(scores, labels)]
    return (sum(losses) / len(losses)).relu()
""",
)
margin.misconception(
    """There is no margin: the loss is content as soon as the sign is right, be it by a hair. Ask
    for y*s of at least 1.""",
    name="no_margin",
    replace="(1 - y * s)",
    by="(-y * s)",
)
margin.misconception(
    """The sign is wrong: y*s is positive where the point is right, and should *lower* the loss.""",
    name="plus",
    replace="1 - y * s",
    by="1 + y * s",
)
margin.misconception(
    """The labels are -1 and +1, not 0 and 1: the label -1 makes a negative score right.""",
    name="zero_one",
    replace="1 - y * s",
    by="1 - max(y, 0) * s",
)
margin.misconception(
    """The hinge is not squared here.""",
    name="squared",
    replace="(1 - y * s).relu()",
    by="(1 - y * s).relu() ** 2",
)
margin.misconception(
    """The loss is computed from .data: a right number without memory. No gradient reaches the
    scores.""",
    name="cut",
    replace="(1 - y * s).relu()",
    by="Value(1 - y * s.data).relu()",
)
margin.misconception(
    """The mean runs over the wrong examples only. Divide by the number of all of them.""",
    name="mean_of_wrong",
    replace="sum(losses) / len(losses)",
    by="sum(losses) / max(1, sum(loss.data > 0 for loss in losses))",
)

margin.variant(
    "skips what is right; multiplies by 1/n",
    name="skips",
    source="""
def max_margin_loss(scores, labels):
    total = Value(0.0)
    for s, y in zip(scores, labels):
        if 1 - y * s.data > 0:
            total = total + (s * -y + 1)
    return total * (1.0 / len(scores))
""",
)

margin.equivalent(
    "zip(scores, labels, strict=True)  ->  zip(labels, scores, strict=True)",
    "a product has no order",
)
