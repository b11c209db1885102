"""10.accumulate: micro-batches that count unequally."""

import torch

from graders.authoring import exercise, kind_of

from .part import Model, grads, mean_loss, micro, named, weights

ex = exercise("accumulate", title="micro-batches that count unequally", points=2, pure=False)


@ex.cases
def _(rng):
    for shapes in (
        [(2, 5, 3), (1, 7, 6), (3, 2, 1)],
        [(3, 4, 12), (2, 3, 0), (1, 1, 1)],
        [(2, 4, 5)],
        [(1, 3, 1)],
        [(1, 3, 0), (4, 2, 0)],
        [(1, 1, 1), (2, 6, 11), (2, 6, 2), (5, 1, 3)],
    ):
        pairs = [micro(rng, B, T, 6, n) for B, T, n in shapes]
        for earlier in (None, rng.normal(6, 3)):
            yield dict(ws=weights(rng, 6, 3), pairs=pairs, earlier=earlier)


@ex.scenario
def _(m, ws, pairs, earlier):
    model = Model(ws)
    if earlier is not None:
        model.table.grad = earlier.clone()
    given = [(x.clone(), y.clone()) for x, y in pairs]
    loss = m.accumulate(model, pairs)
    return {
        "loss": loss,
        "the loss is a": kind_of(loss),
        "p.grad": grads(model, none_is_zero=True),
        "parameters": named(model),
        "inputs and targets": [t for x, y in pairs for t in (x, y)],
        "as given": [t for pair in given for t in pair],
    }


@ex.oracle
def _(ws, pairs, earlier):
    leaves = {name: w.clone().requires_grad_() for name, w in ws.items()}
    loss = mean_loss(leaves, pairs)
    if loss is not None:
        loss.backward()
    made = {n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in leaves.items()}
    if earlier is not None:
        made["table"] = made["table"] + earlier
    return {
        "loss": 0.0 if loss is None else loss.item(),
        "the loss is a": "float",
        "p.grad": made,
        "parameters": ws,
        "inputs and targets": [t for pair in pairs for t in pair],
        "as given": [t for pair in pairs for t in pair],
    }


def one(rng):
    pairs = [micro(rng, 2, 3, 6, 4), micro(rng, 1, 5, 6, 2)]
    for training in (True, False):
        yield dict(ws=weights(rng, 6, 3), pairs=pairs, training=training)


@ex.check("one after the other", cases=one)
def _(m, ws, pairs, training):
    """In which order forward and backward come, and what is returned."""
    model, order = Model(ws).train(training), []
    model.register_forward_hook(lambda *_: order.append("forward"))
    model.out.register_hook(lambda grad: order.append("backward"))  # one gradient for each backward
    loss = m.accumulate(model, pairs)
    return {"order": order, "the loss is a": kind_of(loss), "in training mode": model.training}


@ex.oracle("one after the other")
def _(ws, pairs, training):
    return {
        "order": ["forward", "backward"] * 2,
        "the loss is a": "float",
        "in training mode": training,
    }


ex.hint("Before the first micro-batch: how many targets of *all* of them count?")
ex.hint(
    "sft_loss(model(inputs), targets, total) is a piece's share; backward() on it adds to p.grad."
)
ex.hint(
    "total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches)); the loss is the sum of all "
    "shares' .item()."
)

ex.misconception(
    """That is the mean of the micro-batches' means: tokens in a batch with few of them weigh more. Divide
    every sum by the number of tokens that count in all of them together.""",
    name="mean_of_means",
    replace="sft_loss(model(inputs), targets, total)",
    by="sft_loss(model(inputs), targets) / len(micro_batches)",
)
ex.misconception(
    """The means of the micro-batches are added up, and not divided: gradient and loss grow with their
    number. Divide every sum by the number that counts in all.""",
    name="sum_of_means",
    replace="sft_loss(model(inputs), targets, total)",
    by="sft_loss(model(inputs), targets)",
)
ex.misconception(
    """Everything is divided by all positions, masked ones included. Only what counts is in the mean.""",
    name="masked_counted",
    replace="sum(int((targets != -100).sum()) for",
    by="sum(targets.numel() for",
)
ex.misconception(
    """The shares are divided by the number of micro-batches once more: the total is that of all of them
    already.""",
    name="divided_again",
    replace="targets, total)",
    by="targets, total * len(micro_batches))",
)
ex.misconception(
    """The number of the first micro-batch was used for all.""",
    name="first_total",
    replace="for _, targets in micro_batches))",
    by="for _, targets in micro_batches[:1]))",
)
ex.misconception(
    """The gradients were zeroed within the loop: only the last micro-batch is left. They must add up.""",
    name="zero_inside",
    replace="        share.backward()",
    by="        model.zero_grad()\n        share.backward()",
)
ex.misconception(
    """The gradients that stood there before are gone. This function adds to p.grad; to forget is the
    step's business.""",
    name="zero_before",
    replace="    loss = 0.0\n",
    by="    loss = 0.0\n    model.zero_grad()\n",
)
ex.misconception(
    """Only the last micro-batch's share was returned: add them up.""",
    name="last_share",
    replace="loss += share.item()",
    by="loss = share.item()",
)
ex.misconception(
    """The gradients are right, but the loss is the mean of the micro-batches' means. It is the mean over
    all tokens: the sum of the shares.""",
    name="loss_mean_of_means",
    replace="loss += share.item()",
    by="n = max(1, int((targets != -100).sum()))\n"
    "        loss += share.item() * total / n / len(micro_batches)",
)
ex.misconception(
    """No gradient arrives: backward() was not called on the shares.""",
    name="no_backward",
    replace="        share.backward()\n",
    by="",
)
ex.misconception(
    """backward() comes once, after all forward passes. The numbers are right, but all graphs are in memory
    together, which micro-batches are there to avoid.""",
    name="backward_at_the_end",
    edits=[
        ("        share.backward()\n", ""),
        ("loss += share.item()", "loss = loss + share"),
        ("    return loss", "    loss.backward()\n    return loss.item()"),
    ],
)
ex.misconception(
    """The mode was changed. Whether dropout acts is the caller's decision: leave it as it is.""",
    name="switches",
    replace="    loss = 0.0\n",
    by="    loss = 0.0\n    model.train()\n",
)
ex.misconception(
    """The loss still belongs to a graph, or is a tensor. A Python float is asked: .item().""",
    name="tensor",
    replace="loss += share.item()",
    by="loss = loss + share.detach()",
)
ex.misconception(
    """With nothing that counts in any micro-batch the division is by zero. Loss and gradients are 0
    then.""",
    name="division_by_zero",
    replace="max(1, sum(int((targets != -100).sum()) for _, targets in micro_batches))",
    by="sum((targets != -100).sum() for _, targets in micro_batches)",
)
ex.misconception(
    """The number that a share is divided by grows from piece to piece. Count over all micro-batches first:
    the first share must know the last.""",
    name="running_total",
    edits=[
        (
            "    total = max(1, sum(int((targets != -100).sum()) for _, targets in micro_batches))\n",
            "    total = 0\n",
        ),
        (
            "        share = sft_loss(model(inputs), targets, total)\n",
            "        total += int((targets != -100).sum())\n"
            "        share = sft_loss(model(inputs), targets, max(1, total))\n",
        ),
    ],
)
ex.misconception(
    """Each micro-batch went through the model twice. The share whose backward() is called is also the one
    to add up: .item().""",
    name="two_forwards",
    replace="        loss += share.item()\n",
    by="        loss += sft_loss(model(inputs), targets, total).item()\n",
)
ex.misconception(
    """It ends with the first micro-batch in which nothing counts. Such a piece may be skipped, but those
    behind it count.""",
    name="stops_early",
    replace="        share = ",
    by="        if (targets == -100).all():\n            break\n        share = ",
)

ex.variant(
    "sums flow back with 1 / total as their gradient",
    name="upstream",
    source="""def accumulate(model, micro_batches):
    counts = [(y != -100).sum().item() for _, y in micro_batches]
    n = sum(counts) or 1
    losses = []
    for x, y in micro_batches:
        total = F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum")
        total.backward(torch.full_like(total, 1 / n))
        losses.append(float(total.detach()))
    return sum(losses) / n
""",
)
ex.variant(
    "means weighted by their counts",
    name="weighted",
    source="""def accumulate(model, micro_batches):
    counts = [int((y != -100).sum()) for _, y in micro_batches]
    loss = 0.0
    for n, (x, y) in zip(counts, micro_batches):
        share = sft_loss(model(x), y) * (n / max(1, sum(counts)))
        share.backward()
        loss += share.item()
    return loss
""",
)

ex.equivalent(
    "int((targets != -100).sum())  ->  (targets != -100).sum()",
    "a count in a tensor divides as an int does",
)
