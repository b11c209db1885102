"""03.split_loss: the verdict, without gradients."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, leaves, parameters, plain, single

split_loss = exercise("split_loss", title="the verdict, without gradients", pure=False)


@split_loss.cases
def _(rng):
    for n, v, t, d, hidden in SIZES:
        N = 20 * n + 3  # never made of equal pieces
        X, Y = rng.integers(0, v, N, t), rng.integers(0, v, N)
        yield dict(params=parameters(rng, v, t, d, hidden), X=X, Y=Y)
    for N in (1, 1100):
        yield dict(
            params=parameters(rng, 5, 2, 3, 4), X=rng.integers(0, 5, N, 2), Y=rng.integers(0, 5, N)
        )


def loss_and_what_stays(m, params, X, Y):
    params = leaves(params)
    for p in params.values():
        p.grad = torch.full_like(p, 2.0)
    try:
        loss = float(m.split_loss(params, X, Y))
        on = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    return {
        "loss": loss,
        "params": plain(params),
        "their .grad": {k: p.grad for k, p in params.items()},
        "still trainable": [p.requires_grad for p in params.values()],
        "autograd still on": on,
        "X and Y": (X, Y),
    }


@split_loss.scenario
def _(m, **case):
    return loss_and_what_stays(m, **case)


def in_float32(rng):
    params = single(parameters(rng, 300, 2, 2, 4))  # and indices that no byte holds
    yield dict(params=params, X=rng.integers(0, 300, 20, 2), Y=rng.integers(0, 300, 20))


@split_loss.check("in float32", cases=in_float32, tol=Tol(rtol=1e-4))
def _(m, **case):
    return loss_and_what_stays(m, **case)


@split_loss.check("called again, without gradients")
def _(m, params, X, Y):
    m.split_loss(leaves(params), X, Y)
    others = leaves({name: p.flip(0) for name, p in params.items()})
    try:
        with torch.no_grad():
            loss = float(m.split_loss(others, X, Y))
            on = torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    return {"loss of other parameters": loss, "autograd still off": not on}


@split_loss.check("nothing recorded")
def _(m, params, X, Y):
    params, kept = leaves(params), []
    try:
        with torch.autograd.graph.saved_tensors_hooks(lambda t: kept.append(1), lambda t: t):
            loss = m.split_loss(params, X, Y)
    finally:
        torch.set_grad_enabled(True)
    return {"tensors kept for backward": len(kept) > 0, "a Python float": isinstance(loss, float)}


split_loss.hint("All examples at once, and nobody will call backward. How do you tell torch?")
split_loss.hint(
    "with torch.no_grad(): ... or the decorator @torch.no_grad(); .item() makes a float."
)

split_loss.misconception(
    "The number is right, but autograd recorded everything: a graph over the whole split, for nothing. "
    "Compute it under torch.no_grad().",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
split_loss.misconception(
    "detach at the end is too late: the graph over the whole split was already built. no_grad belongs "
    "around the forward pass.",
    name="detached_late",
    replace="    with torch.no_grad():\n"
    "        return F.cross_entropy(forward(params, X), Y).item()",
    by="    loss = F.cross_entropy(forward(params, X), Y).detach()\n"
    "    with torch.no_grad():\n"
    "        return loss",
)
split_loss.misconception(
    "A tensor came back: .item() makes a Python float of it.",
    name="tensor",
    replace="Y).item()",
    by="Y)",
)
split_loss.misconception(
    "autograd stays switched off after your call, and the next training step fails. Use `with "
    "torch.no_grad():`, which switches it on again.",
    name="left_off",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
split_loss.misconception(
    "The parameters were frozen for good: requires_grad is now False. no_grad needs no such thing.",
    name="frozen",
    replace="    with torch.no_grad():\n",
    by="    for p in params.values():\n        p.requires_grad_(False)\n    if True:\n",
)
split_loss.misconception(
    "You judged a minibatch. Take all examples of the split.",
    name="minibatch",
    replace="forward(params, X), Y)",
    by="forward(params, X[:32]), Y[:32])",
)
split_loss.misconception(
    "The sum over the examples: large splits would look worse than small ones. Take the mean.",
    name="summed",
    replace="forward(params, X), Y)",
    by='forward(params, X), Y, reduction="sum")',
)
split_loss.misconception(
    "You trained on the split: whoever learns from dev can no longer judge by it.",
    name="trains",
    replace="    with torch.no_grad():\n"
    "        return F.cross_entropy(forward(params, X), Y).item()",
    by="    return train_step(params, X, Y, 0.1)",
)
split_loss.misconception(
    "The old gradients of the parameters were wiped. A verdict leaves everything as it is.",
    name="wiped",
    replace="    with torch.no_grad():\n",
    by="    for p in params.values():\n        p.grad = None\n    with torch.no_grad():\n",
)
split_loss.misconception(
    "That is how often the best guess was wrong, not the cross-entropy.",
    name="accuracy",
    replace="F.cross_entropy(forward(params, X), Y).item()",
    by="(forward(params, X).argmax(1) != Y).double().mean().item()",
)
split_loss.misconception(
    "You averaged the means of pieces. The last piece is smaller, so its examples count more: add up "
    "sums, and divide by N once.",
    name="mean_of_means",
    source="""@torch.no_grad()
def split_loss(params, X, Y):
    losses = [
        F.cross_entropy(forward(params, X[i : i + 10]), Y[i : i + 10]).item()
        for i in range(0, len(X), 10)
    ]
    return sum(losses) / len(losses)
""",
)
split_loss.misconception(
    "autograd is on after your call, even if the caller had switched it off. `with torch.no_grad():` "
    "puts back what was before.",
    name="turned_on",
    replace="    with torch.no_grad():\n"
    "        return F.cross_entropy(forward(params, X), Y).item()",
    by="    torch.set_grad_enabled(False)\n"
    "    loss = F.cross_entropy(forward(params, X), Y).item()\n"
    "    torch.set_grad_enabled(True)\n"
    "    return loss",
)
split_loss.misconception(
    "That is the perplexity, exp of the loss. Asked is the loss itself.",
    name="perplexity",
    replace="Y).item()",
    by="Y).exp().item()",
)
split_loss.misconception(
    "The last, smaller piece was left out. All N examples count.",
    name="last_piece_lost",
    replace="forward(params, X), Y)",
    by="forward(params, X)[: max(1, len(X) // 4 * 4)], Y[: max(1, len(X) // 4 * 4)])",
)

split_loss.variant(
    "inference_mode, on detached parameters",
    name="inference",
    source="""def split_loss(params, X, Y):
    with torch.inference_mode():
        fixed = {name: p.detach() for name, p in params.items()}
        return float(F.cross_entropy(forward(fixed, X), Y))
""",
)
split_loss.variant(
    "in pieces, as a decorated function",
    name="pieces",
    source="""@torch.no_grad()
def split_loss(params, X, Y):
    total = 0.0
    for i in range(0, len(X), 8):
        logits = forward(params, X[i : i + 8])
        total += F.cross_entropy(logits, Y[i : i + 8], reduction="sum").item()
    return total / len(X)
""",
)
split_loss.variant(
    "requires_grad off, and on again",
    name="switched",
    source="""def split_loss(params, X, Y):
    for p in params.values():
        p.requires_grad = False
    loss = F.cross_entropy(forward(params, X), Y).item()
    for p in params.values():
        p.requires_grad = True
    return loss
""",
)
