"""10.sft_step: one step, clipped."""

import torch
from torch import nn

from graders.authoring import Tol, exercise, kind_of

from .part import Model, grads, mean_loss, micro, named, weights

ex = exercise("sft_step", title="one step of finetuning", points=2, pure=False)

SHAPES = [
    [(2, 5, 3), (1, 7, 6), (3, 2, 1)],
    [(2, 3, 0), (2, 4, 5)],
    [(3, 3, 4)],
]


@ex.cases
def _(rng):
    for max_norm, kind_, training in (
        (0.05, "sgd", True),
        (50.0, "sgd", False),
        (0.2, "adamw", True),
    ):
        yield dict(
            ws=weights(rng, 6, 3, scale=2.0),
            steps=[[micro(rng, B, T, 6, n) for B, T, n in shapes] for shapes in SHAPES],
            max_norm=max_norm,
            lr=rng.number(0.01, 0.04),
            optimizer=kind_,
            training=training,
        )


def ready(ws, lr, optimizer, stale=True):
    model = Model(ws)
    if stale:
        for p in model.parameters():
            p.grad = torch.full_like(p, 0.7)
    if optimizer == "sgd":
        return model, torch.optim.SGD(model.parameters(), lr, momentum=0.6, weight_decay=0.1)
    return model, torch.optim.AdamW(
        model.parameters(), lr, betas=(0.8, 0.9), eps=0.1, weight_decay=0.2
    )


@ex.scenario
def _(m, ws, steps, max_norm, lr, optimizer, training):
    """Three steps, with stale gradients before the first; what is left after each."""
    model, opt = ready(ws, lr, optimizer)
    model.train(training)
    model.still = nn.Sequential(nn.Dropout(0.5)).train(not training)  # a part in another mode
    found = []
    for pairs in steps:
        loss, norm = m.sft_step(model, pairs, opt, max_norm)
        found.append({"loss": loss, "norm": norm, "p.grad": grads(model), "weights": named(model)})
    return {
        "steps": found,
        "in training mode": model.training,
        "a part in another mode": [part.training for part in model.still.modules()],
        "autograd on": torch.is_grad_enabled(),
    }


# torch adds 1e-6 to the norm it divides by (1/3 and more); who clips by hand need not
ex.tolerance(Tol(rtol=1e-5, atol=1e-8))


@ex.oracle
def _(ws, steps, max_norm, lr, optimizer, training):
    """The optimizer by torch, all else by hand."""
    model, opt = ready(ws, lr, optimizer)
    found = []
    for pairs in steps:
        leaves = {name: p.detach().clone().requires_grad_() for name, p in model.named_parameters()}
        loss = mean_loss(leaves, pairs)
        loss.backward()
        norm = sum(float((p.grad**2).sum()) for p in leaves.values()) ** 0.5
        for name, p in model.named_parameters():
            p.grad = leaves[name].grad * min(1.0, max_norm / (norm + 1e-6))
        opt.step()
        found.append(
            {"loss": loss.item(), "norm": norm, "p.grad": grads(model), "weights": named(model)}
        )
    return {
        "steps": found,
        "in training mode": training,
        "a part in another mode": [not training] * 2,
        "autograd on": True,
    }


def nothing(rng):
    # with one token only nothing can be wrong: loss and gradients are 0, and yet there is a step
    for optimizer, V in (("sgd", 6), ("adamw", 6), ("sgd", 1), ("adamw", 1)):
        yield dict(
            ws=weights(rng, V, 3),
            pairs=[micro(rng, 2, 5, V, 4), micro(rng, 1, 3, V, 2)],
            empty=[micro(rng, 2, 3, V, 0), micro(rng, 1, 4, V, 0)],
            lr=rng.number(0.02, 0.04),
            optimizer=optimizer,
        )


@ex.check("nothing counts", cases=nothing)
def _(m, ws, pairs, empty, lr, optimizer):
    """A step; then one in which nothing counts; then another, which tells whether the optimizer had
    moved."""
    model, opt = ready(ws, lr, optimizer)
    found = {"first": list(m.sft_step(model, pairs, opt, 5.0)), "weights before": named(model)}
    said = m.sft_step(model, empty, opt, 5.0)
    found["nothing counts"], found["weights after"] = list(said), named(model)
    found["types"] = [kind_of(x) for x in said]
    found["another"], found["weights then"] = list(m.sft_step(model, pairs, opt, 5.0)), named(model)
    return found


ex.tolerance(Tol(rtol=1e-5, atol=1e-8), "nothing counts")


@ex.check("floats", cases=lambda rng: [dict(ws=weights(rng, 6, 3), pairs=[micro(rng, 2, 5, 6, 4)])])
def _(m, ws, pairs):
    model, opt = ready(ws, 0.1, "sgd")
    return [kind_of(x) for x in m.sft_step(model, pairs, opt, 1.5)]


ex.hint("In which order: step, clip, accumulate, forget?")
ex.hint(
    "norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm) clips in place and returns the norm "
    "from before."
)
ex.hint(
    "If all targets are -100: return 0.0, 0.0. Else zero_grad, loss = accumulate(...), clip, step, return "
    "loss, norm.item()."
)

ex.misconception(
    """Gradients of earlier steps count again: backward() adds to p.grad. Begin with
    optimizer.zero_grad().""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
ex.misconception(
    """The gradients are not clipped: one odd batch moves the weights as far as it likes.""",
    name="no_clip",
    replace="nn.utils.clip_grad_norm_(model.parameters(), max_norm)",
    by="torch.stack([p.grad.norm() for p in model.parameters()]).norm()",
)
ex.misconception(
    """The gradients were clipped after the step, when they had already been used. Clip between backward and
    step.""",
    name="clipped_after",
    edits=[
        (
            "    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n    optimizer.step()\n",
            "    optimizer.step()\n    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
        ),
    ],
)
ex.misconception(
    """Every parameter was clipped by itself, which turns the direction of the step. One norm over all of
    them.""",
    name="each_alone",
    replace="norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)",
    by="norm = torch.stack([nn.utils.clip_grad_norm_([p], max_norm) for p in model.parameters()]).norm()",
)
ex.misconception(
    """Each number of the gradient was cut off at max_norm. What is limited is the norm of all of them
    together, so that the direction stays.""",
    name="by_value",
    replace="norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)",
    by="norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()\n"
    "    nn.utils.clip_grad_value_(model.parameters(), max_norm)",
)
ex.misconception(
    """The gradients are scaled to max_norm even when they are shorter: clipping makes long ones shorter,
    never short ones longer.""",
    name="always_scaled",
    replace="norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)",
    by="norm = torch.stack([p.grad.norm() for p in model.parameters()]).norm()\n"
    "    for p in model.parameters():\n        p.grad *= max_norm / (norm + 1e-6)",
)
ex.misconception(
    """max_norm is not looked at: the gradients were clipped to 1.""",
    name="clipped_to_one",
    replace="(model.parameters(), max_norm)",
    by="(model.parameters(), 1.0)",
)
ex.misconception(
    """The norm after clipping came back. Asked is the one before: it tells when a batch was odd.""",
    name="norm_after",
    replace="norm.item()",
    by="min(norm.item(), max_norm)",
)
ex.misconception(
    """When nothing counts, a step was made all the same: momentum and weight decay move the weights
    although nothing was to be learned.""",
    name="empty_step",
    replace="if all((targets == -100).all() for _, targets in micro_batches):",
    by="if not micro_batches:",
)
ex.misconception(
    """No step is made if *any* micro-batch has nothing that counts. Only if that holds for all of them is
    there nothing to learn.""",
    name="any_empty",
    replace="if all((targets",
    by="if any((targets",
)
ex.misconception(
    """Each micro-batch made a step of its own. They are pieces of one batch: accumulate all, then one
    step.""",
    name="step_each",
    replace="    loss = accumulate(model, micro_batches)\n"
    "    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n    optimizer.step()\n",
    by="    loss = 0.0\n    for pair in micro_batches:\n        optimizer.zero_grad()\n"
    "        loss += accumulate(model, [pair]) / len(micro_batches)\n"
    "        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n        optimizer.step()\n",
)
ex.misconception(
    """The gradients are clipped after each micro-batch. A piece's gradient is no gradient of the batch:
    clip once, when all have arrived.""",
    name="clip_each",
    replace="    loss = accumulate(model, micro_batches)\n"
    "    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
    by="    total, loss = sum(int((y != -100).sum()) for _, y in micro_batches), 0.0\n"
    "    for x, y in micro_batches:\n"
    "        share = sft_loss(model(x), y, total)\n        share.backward()\n"
    "        loss += share.item()\n        norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
)
ex.misconception(
    """The weights are what they were: optimizer.step() is missing.""",
    name="no_step",
    replace="    optimizer.step()\n",
    by="",
)
ex.misconception(
    """The loss after the step came back. Asked is the one that the step was made from.""",
    name="loss_after",
    replace="return loss, norm.item()",
    by="with torch.no_grad():\n        n = sum(int((y != -100).sum()) for _, y in micro_batches)\n"
    "        return sum(sft_loss(model(x), y, n).item() for x, y in micro_batches), norm.item()",
)
ex.misconception(
    """The gradients are gone afterwards, or were before the step. Forget those of earlier steps first, and
    leave this one's in p.grad.""",
    name="zero_at_the_end",
    replace="    optimizer.step()\n",
    by="    optimizer.step()\n    optimizer.zero_grad()\n",
)
ex.misconception(
    """The mode was changed. The step is made in whatever mode the model is.""",
    name="switches",
    replace="    optimizer.zero_grad()\n",
    by="    model.train()\n    optimizer.zero_grad()\n",
)
ex.misconception(
    """One mode for the whole model was set. A module may rest in eval mode inside a model that is trained (a
    frozen part, say): leave the modes alone.""",
    name="one_mode",
    replace="    optimizer.zero_grad()\n",
    by="    model.train(model.training)\n    optimizer.zero_grad()\n",
)
ex.misconception(
    """The norm is a tensor. Two Python floats are asked: .item().""",
    name="tensor",
    replace="norm.item()",
    by="norm",
)
ex.misconception(
    """No step is made where the loss is 0.0. That can be where every answer is known for certain; nothing
    counts where all targets are -100.""",
    name="loss_zero",
    edits=[
        (
            "if all((targets == -100).all() for _, targets in micro_batches):",
            "if not micro_batches:",
        ),
        (
            "    loss = accumulate(model, micro_batches)\n",
            "    loss = accumulate(model, micro_batches)\n    if loss == 0.0:\n"
            "        return 0.0, 0.0\n",
        ),
    ],
)

ex.variant(
    "clipped by hand",
    name="by_hand",
    source="""def sft_step(model, micro_batches, optimizer, max_norm):
    if sum(int((y != -100).sum()) for _, y in micro_batches) == 0:
        return (0.0, 0.0)
    for p in model.parameters():
        p.grad = None
    loss = accumulate(model, micro_batches)
    norm = math.sqrt(sum(float(p.grad.square().sum()) for p in model.parameters()))
    if norm > max_norm:
        for p in model.parameters():
            p.grad.mul_(max_norm / norm)
    optimizer.step()
    return loss, norm
""",
)
ex.variant(
    "zeroed in place; decided by the gradients' owner",
    name="in_place",
    source="""def sft_step(model, micro_batches, optimizer, max_norm):
    if not any((y != -100).any() for _, y in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad(set_to_none=False)
    loss = accumulate(model, micro_batches)
    norm = float(torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm, foreach=False))
    optimizer.step()
    return loss, norm
""",
)
