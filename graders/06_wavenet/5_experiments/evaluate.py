"""06.evaluate: the switch."""

import math

import torch

from graders.authoring import exercise, number

from .part import SIZES, a_split, flags, small_model, state

evaluate = exercise("evaluate", title="the switch", points=2, pure=False)


@evaluate.cases
def _(rng):
    settings = [
        (100, False),
        (3, False),
        (4, True),
        (1, True),
    ]  # the largest first: no other may stay
    for (v, groups, d, h, _), (chunk, training) in zip(SIZES, settings, strict=True):
        X, Y = a_split(rng, 10, v, math.prod(groups))
        yield dict(
            shape=(v, groups, d, h), seed=rng.seed(), X=X, Y=Y, chunk=chunk, training=training
        )
    X, Y = a_split(rng, 7, 5, 2)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), X=X, Y=Y, chunk=5, training=True)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), X=X, Y=Y, chunk=7, training=False)


def measured(m, model, *arguments):
    """(the loss, whether gradients are still on); in any case they are on afterwards."""
    try:
        loss = number(m.evaluate(model, *arguments))
        return loss, torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


@evaluate.scenario
def _(m, shape, seed, X, Y, chunk, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    loss = measured(m, model, X, Y, chunk)[0]
    return {"the loss": loss, "with chunk left out": measured(m, model, X, Y)[0]}


@evaluate.check("the mode afterwards")
def _(m, shape, seed, X, Y, chunk, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    seen = {}
    for mode in (training, not training):
        model.train(mode)
        before = "training" if mode else "eval"
        seen[f"loss of a model that was in {before} mode"] = measured(m, model, X, Y, chunk)[0]
        seen[f"training flags of a model that was in {before} mode"] = flags(model)
    return seen


@evaluate.check("nothing changed")
def _(m, shape, seed, X, Y, chunk, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    for p in model.parameters()[1:]:  # a gradient that somebody still needs, and none
        p.grad = torch.ones_like(p)
    loss, still_on = measured(m, model, X, Y, chunk)
    return {
        "loss": loss,
        "state": state(model),
        "p.grad": [p.grad for p in model.parameters()],
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "autograd is still on": still_on,
    }


@evaluate.check("on the way")
def _(m, shape, seed, X, Y, chunk, training):
    """A layer that watches: no gradients, never more than a chunk, always in eval mode."""
    seen = []

    class Watch(m.Module):
        def __call__(self, x):
            seen.append((torch.is_grad_enabled(), len(x), self.training, model.training))
            return x

    model = small_model(m, *shape, seed)
    model.layers.insert(0, Watch())
    model.train(training)
    measured(m, model, X, Y, chunk)
    return {
        "gradients on": any(grad for grad, _, _, _ in seen),
        "never more than a chunk": all(n <= chunk for _, n, _, _ in seen),
        "examples": sum(n for _, n, _, _ in seen),
        "in training mode": any(mode for _, _, mode, _ in seen),
        "the container, too": any(mode for _, _, _, mode in seen),
    }


evaluate.hint(
    "Which three things belong to every evaluation? Which of them must be undone at the end?"
)
evaluate.hint(
    "Remember model.training, call model.eval(), go over the chunks under torch.no_grad() adding "
    "up sums, then model.train(what it was)."
)
evaluate.hint(
    'For each chunk total += F.cross_entropy(logits, Y[i : i + chunk], reduction="sum").item(); '
    "return total / len(X)."
)

evaluate.misconception(
    "The model was measured in training mode: the loss of an example depends on its neighbors in "
    "the chunk, and the running statistics move. Call model.eval() first.",
    name="no_eval",
    replace="    model.eval()\n",
    by="",
)
evaluate.misconception(
    "A model that was in training mode is left in eval mode, and would go on training with frozen "
    "statistics. Put it back into the mode it was in, and ask for that mode *before* eval() "
    "changes it.",
    name="left_in_eval",
    replace="    model.train(was_training)\n",
    by="",
)
evaluate.misconception(
    "The model is always put into training mode at the end. Somebody who samples from it had it "
    "in eval mode: put it back into the mode it was in.",
    name="always_train",
    replace="model.train(was_training)",
    by="model.train()",
)
evaluate.misconception(
    "Only the container's flag was changed (model.training = False). BatchNorm has one of its "
    "own: call model.eval(), which reaches every layer.",
    name="flag_only",
    edits=[
        ("    model.eval()\n", "    model.training = False\n"),
        ("model.train(was_training)", "model.training = was_training"),
    ],
)
evaluate.misconception(
    "The whole evaluation was recorded for a backward pass that never comes. Put it under "
    "torch.no_grad().",
    name="grad_on",
    replace="    with torch.no_grad():\n",
    by="    if True:\n",
)
evaluate.misconception(
    "Gradients are off for good: after set_grad_enabled(False) nothing can be trained any more. "
    "Use `with torch.no_grad():`, which ends with its block.",
    name="grad_off_for_good",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
evaluate.misconception(
    "The mean of the chunks' means gives the examples of the last, smaller chunk too much weight. "
    "Add up sums, and divide by the number of examples.",
    name="mean_of_means",
    edits=[
        ('reduction="sum").item()', 'reduction="mean").item()'),
        ("return total / len(X)", "return total / ((len(X) + chunk - 1) // chunk)"),
    ],
)
evaluate.misconception(
    "The last, incomplete chunk was dropped. All N examples belong to the split.",
    name="last_dropped",
    edits=[
        ("range(0, len(X), chunk)", "range(0, len(X) - len(X) % chunk, chunk)"),
        ("return total / len(X)", "return total / max(1, len(X) - len(X) % chunk)"),
    ],
)
evaluate.misconception(
    "Only the last chunk's loss came back: add up all chunks.",
    name="last_only",
    replace="            total += F",
    by="            total = F",
)
evaluate.misconception(
    "Only the first chunk was measured: the loop ends after it.",
    name="first_only",
    edits=[
        ("range(0, len(X), chunk)", "range(0, min(1, len(X)), chunk)"),
        ("return total / len(X)", "return total / min(chunk, len(X))"),
    ],
)
evaluate.misconception(
    "The sum was returned. Divide by the number of examples: losses of splits of different sizes "
    "are to be compared.",
    name="summed",
    replace="return total / len(X)",
    by="return total",
)
evaluate.misconception(
    "All examples went through at once: use chunk, or a large split does not fit into memory.",
    name="no_chunks",
    edits=[
        ("range(0, len(X), chunk)", "range(0, 1)"),
        ("model(X[i : i + chunk])", "model(X)"),
        ("F.cross_entropy(logits, Y[i : i + chunk]", "F.cross_entropy(logits, Y"),
    ],
)
evaluate.misconception(
    "The gradients were cleared. Measuring changes nothing about the model: somebody may be about "
    "to take a step with them.",
    name="clears_gradients",
    replace="    model.train(was_training)\n",
    by="    model.train(was_training)\n    for p in model.parameters():\n        p.grad = None\n",
)
evaluate.misconception(
    "requires_grad was switched off, and stays off: the model cannot be trained any more. Use "
    "torch.no_grad().",
    name="requires_grad_off",
    replace="    model.eval()\n",
    by="    model.eval()\n    for p in model.parameters():\n        p.requires_grad = False\n",
)
evaluate.misconception(
    "Each chunk's mean was weighted by chunk, the last one, which is smaller, as well. Weight it by "
    "how many examples it really has.",
    name="weighted_by_chunk",
    replace='reduction="sum").item()',
    by='reduction="mean").item() * chunk',
)
evaluate.misconception(
    "The sum was divided by chunk. Divide by the number of all examples, len(X).",
    name="divided_by_chunk",
    replace="return total / len(X)",
    by="return total / chunk",
)
evaluate.misconception(
    "The inputs move on from chunk to chunk, the targets do not: slice both.",
    name="targets_stay",
    replace="F.cross_entropy(logits, Y[i : i + chunk]",
    by="F.cross_entropy(logits, Y[: len(logits)]",
)

evaluate.variant(
    "split, and try/finally",
    name="split",
    source="""@torch.no_grad()
def evaluate(model, X, Y, chunk=4096):
    before = model.training
    try:
        model.eval()
        losses = [
            F.cross_entropy(model(Xc), Yc, reduction="none")
            for Xc, Yc in zip(X.split(chunk), Y.split(chunk))
        ]
    finally:
        model.train(before)
    return torch.cat(losses).mean().item()
""",
)
evaluate.variant(
    "all logits, then one loss",
    name="all_logits",
    source="""def evaluate(model, X, Y, chunk=4096):
    mode = model.training
    model.train(False)
    with torch.inference_mode():
        logits = torch.cat([model(X[i : i + chunk]) for i in range(0, X.shape[0], chunk)])
        loss = F.cross_entropy(logits, Y)
    if mode:
        model.train()
    return float(loss)
""",
)
evaluate.variant(
    "weighted means",
    name="weighted",
    source="""def evaluate(model, X, Y, chunk=4096):
    training = model.training
    model.eval()
    loss, i = 0.0, 0
    while i < len(X):
        j = min(i + chunk, len(X))
        with torch.no_grad():
            loss += F.cross_entropy(model(X[i:j]), Y[i:j]) * (j - i) / len(X)
        i = j
    model.train(training)
    return float(loss)
""",
)

evaluate.equivalent(
    "4096  ->  4097", "the size of the pieces changes nothing but the memory they take"
)
evaluate.equivalent(
    "4096  ->  4095", "the size of the pieces changes nothing but the memory they take"
)
evaluate.equivalent(
    "range(0, len(X), chunk)  ->  range(0, len(X) + 1, chunk)", "an empty piece adds 0"
)
