"""10.perplexity: exp of the mean over all tokens."""

import math

import torch
from torch import nn

from graders.authoring import Tol, exercise, kind_of

from .part import Model, grads, mean_loss, micro, named, weights

ex = exercise("perplexity", title="perplexity", pure=False)


def scaled(ws, scale):
    return {**ws, "out": ws["out"] * scale}


@ex.cases
def _(rng):
    for shapes, training in (
        ([(2, 5, 3), (1, 7, 6), (3, 2, 1)], True),
        ([(3, 4, 0), (2, 3, 6), (1, 1, 1)], False),
        ([(1, 1, 1)], True),
    ):
        pairs = [micro(rng, B, T, 6, n) for B, T, n in shapes]
        yield dict(ws=weights(rng, 6, 3), pairs=pairs, training=training, scale=1.0)
    # means beyond 88 (too much for a float32's exp), and beyond 709
    pairs = [micro(rng, 2, 4, 6, 3), micro(rng, 1, 5, 6, 5)]
    for least in (150.0, 1500.0):
        ws, scale = weights(rng, 6, 3), 1.0
        while mean_loss(scaled(ws, scale), pairs) < least:
            scale *= 4.0
        yield dict(ws=ws, pairs=pairs, training=True, scale=scale)
    # just below and just above what a float's exp holds, log(1.8e308) = 709.78
    for mean in (708.9, 710.3):
        ws, scale = weights(rng, 6, 3), 100.0
        for _ in range(6):  # far out the loss is proportional to the logits
            scale *= mean / float(mean_loss(scaled(ws, scale), pairs))
        yield dict(ws=ws, pairs=pairs, training=True, scale=scale)


@ex.scenario
def _(m, ws, pairs, training, scale):
    model = Model(scaled(ws, scale)).train(training)
    model.noisy = True
    model.still = nn.Sequential(nn.Dropout(0.5)).train(not training)
    model.shift.grad = torch.full_like(model.shift, 0.3)
    found = m.perplexity(model, pairs)
    return {
        "perplexity": found,
        "it is a": kind_of(found),
        "in training mode": model.training,
        "dropout, too": model.drop.training,
        "a part in another mode": [part.training for part in model.still.modules()],
        "training or graph while asked": sorted({(t, g) for _, t, g in model.calls}),
        "parameters": named(model),
        "parameters learn": [p.requires_grad for p in model.parameters()],
        "p.grad": grads(model),
        "autograd on": torch.is_grad_enabled(),
    }


@ex.oracle
def _(ws, pairs, training, scale):
    loss = mean_loss(scaled(ws, scale), pairs)
    return {
        "perplexity": math.inf if loss > 709.78 else math.exp(loss),
        "it is a": "float",
        "in training mode": training,
        "dropout, too": training,
        "a part in another mode": [not training] * 2,
        "training or graph while asked": [(False, False)],
        "parameters": scaled(ws, scale),
        "parameters learn": [True] * len(ws),
        "p.grad": {"table": None, "shift": torch.full_like(ws["shift"], 0.3), "out": None},
        "autograd on": True,
    }


def empty(rng):
    for training in (True, False):
        for pairs in ([micro(rng, 2, 4, 6, 0), micro(rng, 1, 3, 6, 0)], []):
            yield dict(ws=weights(rng, 6, 3), pairs=pairs, training=training)


@ex.check("after the error", cases=empty)
def _(m, ws, pairs, training):
    """The mode and autograd, where a ValueError came."""
    model = Model(ws).train(training)
    came = "no error"
    try:
        m.perplexity(model, pairs)
    except ValueError:
        came = "ValueError"
    return {
        "came": came,
        "in training mode": model.training,
        "dropout, too": model.drop.training,
        "autograd on": torch.is_grad_enabled(),
    }


@ex.oracle("after the error")
def _(ws, pairs, training):
    return {
        "came": "ValueError",
        "in training mode": training,
        "dropout, too": training,
        "autograd on": True,
    }


@ex.check("without gradients")
def _(m, ws, pairs, training, scale):
    """Whoever had switched them off finds them so."""
    with torch.no_grad():
        found = m.perplexity(Model(scaled(ws, scale)).train(training), pairs)
        return {"perplexity": found, "autograd still off": not torch.is_grad_enabled()}


@ex.oracle("without gradients")
def _(ws, pairs, training, scale):
    loss = mean_loss(scaled(ws, scale), pairs)
    return {
        "perplexity": math.inf if loss > 709.78 else math.exp(loss),
        "autograd still off": True,
    }


def single(rng):
    """Weights in float32, and means that its exp does not hold, or hardly."""
    pairs = [micro(rng, 2, 4, 6, 3), micro(rng, 1, 5, 6, 5)]
    for least in (0.0, 120.0):
        ws, scale = weights(rng, 6, 3), 1.0
        while mean_loss(scaled(ws, scale), pairs) < least:
            scale *= 4.0
        yield dict(ws={n: w.float() for n, w in scaled(ws, scale).items()}, pairs=pairs)


@ex.check("float32", cases=single)
def _(m, ws, pairs):
    return m.perplexity(Model(ws), pairs)


@ex.oracle("float32")
def _(ws, pairs):
    return math.exp(mean_loss({n: w.double() for n, w in ws.items()}, pairs))


ex.tolerance(Tol(rtol=3e-3), "float32")

ex.hint(
    "Two numbers over all batches: the sum of the losses, and how many targets count. exp comes at the "
    "very end."
)
ex.hint(
    "sft_loss(model(x), y, total=1) is a batch's sum. eval() and torch.no_grad() before; after it each "
    "module's own mode, noted from model.modules()."
)
ex.hint(
    "math.exp raises OverflowError above 709.78: return math.inf. No target at all: ValueError."
)

ex.misconception(
    """That is the mean of the batches' perplexities. exp comes last: first one mean over all tokens of all
    batches.""",
    name="mean_of_perplexities",
    replace="mean = sum(sft_loss(model(x), y, total=1).item() for x, y in batches) / count",
    by="losses = [sft_loss(model(x), y) for x, y in batches if (y != -100).any()]\n"
    "        mean = torch.stack(losses).exp().mean().log().item()",
)
ex.misconception(
    """That is exp of the mean of the batches' means: a batch with one token weighs as much as one with a
    thousand. One mean over all tokens.""",
    name="mean_of_means",
    replace="mean = sum(sft_loss(model(x), y, total=1).item() for x, y in batches) / count",
    by="losses = [sft_loss(model(x), y).item() for x, y in batches if (y != -100).any()]\n"
    "        mean = sum(losses) / len(losses)",
)
ex.misconception(
    """The sum was divided by all positions, masked ones included. Only targets that count are in the
    mean.""",
    name="over_all",
    replace=") / count",
    by=") / sum(y.numel() for _, y in batches)",
)
ex.misconception(
    """That is the mean loss. Perplexity is exp of it.""",
    name="loss",
    replace="return math.exp(mean)",
    by="return mean",
)
ex.misconception(
    """That is 2 to the power of a loss in nats. The loss is made with the natural logarithm, so e to its
    power.""",
    name="power_of_two",
    replace="return math.exp(mean)",
    by="return 2.0**mean",
)
ex.misconception(
    """exp of the *sum*: it grows with the number of tokens. Divide by how many count before.""",
    name="exp_of_sum",
    replace=") / count",
    by=")",
)
ex.misconception(
    """Where the mean is beyond 709, math.exp raises OverflowError. A model can be that wrong: the answer is
    math.inf.""",
    name="overflow",
    replace="    try:\n        return math.exp(mean)\n    except OverflowError:\n        return math.inf",
    by="    return math.exp(mean)",
)
ex.misconception(
    """The perplexity is cut off at some largest value. Where exp is too large for a float, the answer is
    math.inf.""",
    name="capped",
    replace="return math.exp(mean)",
    by="return math.exp(min(mean, 100.0))",
)
ex.misconception(
    """With no target that counts something came back. There is no mean of nothing: ValueError.""",
    name="nothing_is_one",
    replace='raise ValueError("no target counts: there is nothing to take the mean of")',
    by="return 1.0",
)
ex.misconception(
    """The model was asked in the mode it came in: with dropout on, the perplexity is noise. model.eval()
    first.""",
    name="no_eval",
    replace="    model.eval()\n",
    by="",
)
ex.misconception(
    """The model is still in eval mode afterwards: training goes on without dropout, and nobody notices.
    Put it back into the mode it came in.""",
    name="stays_in_eval",
    replace="    for part, mode in modes.items():\n        part.training = mode\n",
    by="",
)
ex.misconception(
    """The model is in training mode afterwards, whatever it was in. Remember each module's mode first.""",
    name="always_train",
    replace="    for part, mode in modes.items():\n        part.training = mode\n",
    by="    model.train()\n",
)
ex.misconception(
    """One mode for the whole model came back. A module may have rested in eval mode inside a model that is
    trained (a frozen part, say): note part.training for every part in model.modules().""",
    name="one_mode",
    edits=[
        ("modes = {part: part.training for part in model.modules()}", "mode = model.training"),
        (
            "    for part, mode in modes.items():\n        part.training = mode\n",
            "    model.train(mode)\n",
        ),
    ],
)
ex.misconception(
    """A graph was made for each batch, and nobody needs it: with torch.no_grad().""",
    name="graph",
    replace="with torch.no_grad():",
    by="if True:",
)
ex.misconception(
    """Afterwards torch records gradients although it did not before: turn back to what was, as
    `with torch.no_grad():` does by itself.""",
    name="on_for_good",
    edits=[
        ("    with torch.no_grad():\n", "    torch.set_grad_enabled(False)\n    if True:\n"),
        ("    try:\n", "    torch.set_grad_enabled(True)\n    try:\n"),
    ],
)
ex.misconception(
    """A tensor came back. A Python float is asked.""",
    name="tensor",
    replace="return math.exp(mean)",
    by="return torch.tensor(math.exp(mean), dtype=torch.float64)",
)
ex.misconception(
    """exp was taken of a tensor in the dtype of the logits. That of a float32 is infinite beyond 88; a
    Python float goes on to 709. Take .item() first, then math.exp.""",
    name="exp_of_float32",
    source="""def perplexity(model, batches):
    count = sum(int((y != -100).sum()) for _, y in batches)
    if count == 0:
        raise ValueError("no target counts: there is nothing to take the mean of")
    modes = {part: part.training for part in model.modules()}
    model.eval()
    with torch.no_grad():
        total = sum(sft_loss(model(x), y, total=1) for x, y in batches)
    for part, mode in modes.items():
        part.training = mode
    return (total / count).exp().item()
""",
)
ex.misconception(
    """A batch in which nothing counts raises an error here. It adds nothing; only if no batch has a target
    that counts there is no mean.""",
    name="any_empty",
    replace="if count == 0:",
    by="if count == 0 or any((y == -100).all() for _, y in batches):",
)
ex.misconception(
    """Where nothing counts the model was left in eval mode. The mode comes back in any case: look whether
    something counts before you change it, or put it back in a finally.""",
    name="eval_after_error",
    edits=[
        ("    model.eval()\n", ""),
        ("    modes = {part: part.training for part in model.modules()}\n", ""),
        (
            "    count = ",
            "    modes = {part: part.training for part in model.modules()}\n    model.eval()\n    count = ",
        ),
    ],
)
ex.misconception(
    """It is called infinite too early. math.exp holds up to 709.78, and says so itself, by an
    OverflowError: no limit of your own is needed.""",
    name="limit",
    replace="    try:\n        return math.exp(mean)\n    except OverflowError:\n        return math.inf",
    by="    return math.exp(mean) if mean < 700 else math.inf",
)

ex.variant(
    "a loop, torch's exp, which knows infinity",
    name="torch_exp",
    source="""def perplexity(model, batches):
    modes, total, n = [(part, part.training) for part in model.modules()], 0.0, 0
    model.train(False)
    try:
        with torch.inference_mode():
            for x, y in batches:
                total += float(F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum"))
                n += int(y.ne(-100).sum())
    finally:
        for part, mode in modes:
            part.train(mode)  # a module comes before its parts
    if not n:
        raise ValueError("nothing counts")
    return torch.tensor(total / n, dtype=torch.float64).exp().item()
""",
)
ex.equivalent(
    "sft_loss(model(x), y, total=1).item()  ->  sft_loss(model(x), y, total=1)",
    "math.exp makes a float of it",
)
