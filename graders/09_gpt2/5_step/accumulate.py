"""09.accumulate: the gradient of the whole step, one micro-batch after the other."""

import torch

from graders.authoring import Tol, exercise, number

from .part import SHAPES, Model, grads, micro_batches, one_big_batch, state, weights

whole = exercise("accumulate", title="gradient accumulation", points=2, pure=False)


@whole.cases
def _(rng):
    for i, shapes in enumerate(SHAPES):
        for dtype in (torch.float64, torch.float32) if i == 0 else (torch.float64,):
            yield dict(
                ws=weights(rng, 7, 3, 4),
                pairs=micro_batches(rng, shapes, 7),
                dtype=str(dtype),
                earlier=rng.normal(7, 3) if i == 1 else None,
            )


def ready(ws, dtype, earlier):
    """The model, perhaps with a gradient from somewhere."""
    model = Model(ws, torch.float32 if "32" in dtype else torch.float64)
    if earlier is not None:
        model.table.grad = earlier.clone()
    return model


@whole.scenario
def _(m, ws, pairs, dtype, earlier):
    model = ready(ws, dtype, earlier)
    before, given = state(model), [(x.clone(), y.clone()) for x, y in pairs]
    loss = m.accumulate(model, pairs)
    return {
        "p.grad": grads(model),
        "loss": number(loss),
        "the model was called with": model.seen["shapes"],
        "parameters as before": all(map(torch.equal, before, state(model))),
        "micro-batches as before": len(pairs) == len(given)
        and all(
            torch.equal(a, c) and torch.equal(b, d)
            for (a, b), (c, d) in zip(pairs, given, strict=True)
        ),
    }


# the loss of a float32 model is rounded to 7 digits
whole.tolerance(Tol(rtol=None, atol=5e-6))


@whole.oracle
def _(ws, pairs, dtype, earlier):
    model = ready(ws, dtype, earlier)
    loss = one_big_batch(model, pairs)
    loss.backward()
    return {
        "p.grad": grads(model),
        "loss": loss.item(),
        "the model was called with": [list(x.shape) for x, _ in pairs],
        "parameters as before": True,
        "micro-batches as before": True,
    }


def order_cases(rng):
    yield dict(ws=weights(rng, 7, 3, 4), pairs=micro_batches(rng, SHAPES[1], 7), dtype="None")
    yield dict(ws=weights(rng, 7, 3, 4), pairs=micro_batches(rng, SHAPES[0], 7), dtype="bfloat16")


@whole.check("one after the other", cases=order_cases)
def _(m, ws, pairs, dtype):
    """In which order forward and backward come, and where autocast is on."""
    model = Model(ws, torch.float32)
    half = torch.bfloat16 if dtype == "bfloat16" else None
    order = []
    model.register_forward_hook(lambda *_: order.append("forward"))
    # per backward pass one gradient arrives here
    model.table.register_hook(lambda grad: order.append("backward"))
    m.accumulate(model, pairs, dtype=half)
    return {
        "order": order,
        "autocast in the model": model.seen["autocast in forward"],
        "autocast in backward": model.seen["autocast in backward"],
        "autocast afterwards": torch.is_autocast_enabled("cpu"),
    }


@whole.oracle("one after the other")
def _(ws, pairs, dtype):
    kind = "torch.bfloat16" if dtype == "bfloat16" else "off"
    return {
        "order": ["forward", "backward"] * len(pairs),
        "autocast in the model": [kind] * len(pairs),
        "autocast in backward": [False] * len(pairs),
        "autocast afterwards": False,
    }


whole.hint("Before the first micro-batch: how many targets of the whole step are not -100?")
whole.hint(
    "Then for each: micro_loss(..., total, dtype), backward() on it, and add its detached value up."
)
whole.hint("total = sum(int((y != -100).sum()) for _, y in micro_batches)")

whole.misconception(
    """Each micro-batch is divided by its own count: the sum of their means, not the mean over all tokens.
    Gradient and loss grow with the number of micro-batches.""",
    name="not_divided",
    replace="y.to(device), total, dtype",
    by="y.to(device), max(1, int((y != -100).sum())), dtype",
)
whole.misconception(
    """That is the mean of the means: a micro-batch with one counted token weighs as much as one with a
    thousand. Divide every sum by the number of counted tokens of the whole step.""",
    name="mean_of_means",
    replace="y.to(device), total, dtype",
    by="y.to(device), len(micro_batches) * max(1, int((y != -100).sum())), dtype",
)
whole.misconception(
    """Targets of -100 are counted in the total. They cost nothing and must not thin out the others.""",
    name="ignored_counted",
    replace="sum(int((y != -100).sum()) for _, y in micro_batches)",
    by="sum(y.numel() for _, y in micro_batches)",
)
whole.misconception(
    """The shares are divided by the number of micro-batches once more: total is the whole step's count
    already.""",
    name="divided_again",
    replace="share.backward()",
    by="share = share / len(micro_batches)\n        share.backward()",
)
whole.misconception(
    """The gradients are zeroed for each micro-batch: only the last one is left. They must add up.""",
    name="zero_inside",
    replace="        share.backward()",
    by="        model.zero_grad()\n        share.backward()",
)
whole.misconception(
    """The gradients that were there before are gone. This function adds to p.grad; zeroing is its caller's
    decision.""",
    name="zero_before",
    replace="    loss = torch.zeros((), device=device)",
    by="    model.zero_grad()\n    loss = torch.zeros((), device=device)",
)
whole.misconception(
    """The loss of the last micro-batch alone is returned: add the shares up.""",
    name="last_loss",
    replace="loss = loss + share.detach()",
    by="loss = share.detach()",
)
whole.misconception(
    """The loss is divided by the number of micro-batches: shares of one total are added up, not averaged.""",
    name="loss_averaged",
    replace="return loss.item()",
    by="return loss.item() / len(micro_batches)",
)
whole.misconception(
    """backward() comes once, after all forward passes: the numbers are right, but all graphs are in memory
    at the same time, which is what micro-batches are to avoid. Call it for each.""",
    name="backward_at_the_end",
    edits=[
        ("        share.backward()\n", ""),
        ("loss + share.detach()", "loss + share"),
        ("    return loss.item()", "    loss.backward()\n    return loss.item()"),
    ],
)
whole.misconception(
    """Only the last micro-batch flows back: backward() stands behind the loop, or its indentation is off.""",
    name="last_backward",
    edits=[
        ("        share.backward()\n", ""),
        ("    return loss.item()", "    share.backward()\n    return loss.item()"),
    ],
)
whole.misconception(
    """backward() runs under autocast. Each operation repeats in the type that its forward had; autocast
    belongs around forward and loss only.""",
    name="backward_in_autocast",
    replace="        share.backward()\n",
    by="        with torch.autocast(x.device.type, torch.bfloat16, enabled=dtype is not None):\n"
    "            share.backward()\n",
)
whole.misconception(
    """dtype is not handed on to micro_loss: everything runs in float32.""",
    name="no_dtype",
    replace="total, dtype)",
    by="total)",
)
whole.misconception(
    """The model is called once more per micro-batch than it need be, at full price. One forward pass is
    enough.""",
    name="called_twice",
    replace="        share.backward()",
    by="        with torch.no_grad():\n            model(x.to(device))\n        share.backward()",
)
whole.variant(
    "counts gathered in a tensor, floats added",
    name="floats",
    source="""
    def accumulate(model, micro_batches, device="cpu", dtype=None):
        total = torch.stack([y.ne(-100).sum() for _, y in micro_batches]).sum().item()
        losses = []
        for x, y in micro_batches:
            loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
            loss.backward()
            losses.append(loss.item())
        return sum(losses)
    """,
)
whole.variant(
    "sums flow back, with 1 / total as their gradient",
    name="upstream",
    source="""
    def accumulate(model, micro_batches, device="cpu", dtype=None):
        counts = [int((y != -100).sum()) for _, y in micro_batches]
        loss = 0.0
        for x, y in micro_batches:
            share = micro_loss(model, x.to(device), y.to(device), 1, dtype)
            share.backward(torch.ones_like(share) / sum(counts))
            loss += float(share.detach())
        return loss / sum(counts)
    """,
)

whole.equivalent(
    "int((y != -100).sum())  ->  (y != -100).sum()", "item() makes the sum a number in the end"
)
whole.equivalent("share.detach()  ->  share", "item() takes the number out of its graph")
whole.equivalent(
    "torch.zeros((), device=device)  ->  torch.zeros(())",
    "on the CPU there is one device",
)
