"""06.train: the loop."""

import math

import torch

from graders.authoring import exercise

from .part import SIZES, a_split, flags, numbers, small_model, state

train = exercise("train", title="the loop", points=2, pure=False)


@train.cases
def _(rng):
    for (v, groups, d, h, _), steps, size in zip(SIZES, (4, 12, 5, 1), (3, 32, 2, 5), strict=True):
        X, Y = a_split(rng, rng.integer(20, 40), v, math.prod(groups))
        yield dict(
            shape=(v, groups, d, h),
            seed=rng.seed(),
            X=X,
            Y=Y,
            steps=steps,
            batch_size=size,
            training=bool(rng.integer(0, 2)),
        )
    X, Y = a_split(rng, 9, 5, 2)
    options = dict(X=X, Y=Y, batch_size=4)
    # more steps than examples, and a last quarter that is not a quarter of these
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), steps=11, training=False, **options)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), steps=0, training=False, **options)


@train.scenario
def _(m, shape, seed, X, Y, steps, batch_size, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    g = torch.Generator().manual_seed(seed)
    losses = m.train(model, X, Y, steps, g, batch_size)
    drawn = torch.randint(0, 10**6, (2,), generator=g)  # where the generator is by now
    return {"losses": numbers(losses), "state": state(model), "then drawn": drawn}


@train.check("batches of 32")
def _(m, shape, seed, X, Y, steps, batch_size, training):
    """batch_size left out, on_step given: each loss is told after its step, when the model has moved."""
    told, moved = [], []
    model = small_model(m, *shape, seed)
    model.train(training)
    g = torch.Generator().manual_seed(seed)

    def on_step(loss):
        told.append(loss)
        moved.append(model.parameters()[0].detach().clone())

    losses = m.train(model, X, Y, steps, g, on_step=on_step)
    return {
        "losses": numbers(losses),
        "on_step was told": numbers(told),
        "the first parameter by then": moved,
        "training flags afterwards": flags(model),
    }


def overfit(rng):
    """Distinct contexts, each with one answer: they can be learned by heart."""
    v, n = 6, 6
    X = torch.stack([torch.arange(n), (torch.arange(n) + 1) % v], dim=1)
    # one case: 150 steps for each misconception to compare with are seconds for a learner
    yield dict(seed=rng.seed(), X=X, Y=rng.integers(0, v, n))


def it_falls(case, got):
    """A band: from about 2 to far below a third of that in 150 steps of 12 examples."""
    if not isinstance(got, list) or len(got) != 150:
        return "expected a list of 150 losses, one for each step"
    if not all(isinstance(x, float) and math.isfinite(x) for x in got):
        return "a loss is not a finite number"
    first, last = sum(got[:5]) / 5, sum(got[-20:]) / 20
    if not last < first / 3:
        return (
            f"six examples should be learned by heart in 150 steps: the loss went from "
            f"{first:.3f} to {last:.3f}"
        )
    return None


@train.check("the loss falls", cases=overfit, judge=it_falls)
def _(m, seed, X, Y):
    g = torch.Generator().manual_seed(seed)
    model = small_model(m, 6, (2,), 4, 12, 7)
    return numbers(m.train(model, X, Y, 150, g, 12))


train.legal("answer: tensor for float", "tensors without a graph will do")

train.hint("In which mode must the model be, and who puts it there?")
train.hint(
    "Each step: ix = torch.randint(0, len(X), (batch_size,), generator=g), one call of train_step "
    "with X[ix], Y[ix] and learning_rate(step, steps)."
)
train.hint(
    "model.train(); losses = []; in the loop loss = train_step(...), losses.append(loss), "
    "on_step(loss); return losses."
)

train.misconception(
    "The model was not put into training mode. Whoever calls may have left it in eval mode, and "
    "BatchNorm would train with frozen statistics: model.train().",
    name="mode_taken_as_is",
    replace="    model.train()\n",
    by="",
)
train.misconception(
    "One batch was drawn before the loop and used for every step. Draw a new one each time.",
    name="drawn_once",
    replace="        ix = torch",
    by="        if not losses:\n            ix = torch",
)
train.misconception(
    "Inputs and targets were drawn separately, so that each context got somebody else's answer. "
    "Use the same ix for both.",
    name="drawn_apart",
    replace="Y[ix]",
    by="Y[torch.randint(0, len(X), (batch_size,), generator=g)]",
)
train.misconception(
    "The generator is not used: without generator=g, torch's global one draws, and no run can be "
    "repeated. (The generator that was handed in stays where it was.)",
    name="global_generator",
    replace="(batch_size,), generator=g)\n",
    by="(batch_size,))\n",
)
train.misconception(
    "A generator made anew in every step draws the same batch each time. Use the one that was "
    "handed in.",
    name="generator_restarts",
    replace="generator=g)\n",
    by="generator=torch.Generator().manual_seed(42))\n",
)
train.misconception(
    "The learning rate stays at 0.1: ask learning_rate(step, steps) anew at each step.",
    name="fixed_rate",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], 0.1)",
)
train.misconception(
    "Steps count from 0: learning_rate(step + 1, steps) drops one step too early.",
    name="rate_early",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], learning_rate(step + 1, steps))",
)
train.misconception(
    "The rate drops one step too late: the step about to be taken is `step`, not the one before.",
    name="rate_late",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], learning_rate(max(step - 1, 0), steps))",
)
train.misconception(
    "learning_rate wants the number of steps, not the number of examples: "
    "learning_rate(step, steps).",
    name="rate_of_examples",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], learning_rate(step, len(X)))",
)
train.misconception(
    "The model is left in eval mode. It is in training mode afterwards; evaluate switches for "
    "itself.",
    name="eval_afterwards",
    replace="    return losses",
    by="    model.eval()\n    return losses",
)
train.misconception(
    "on_step was told the number of the step. It gets the loss.",
    name="told_the_step",
    replace="on_step(loss)",
    by="on_step(step)",
)
train.misconception(
    "You returned a tensor. A list of Python floats is promised.",
    name="a_tensor",
    replace="return losses",
    by="return torch.tensor(losses, dtype=torch.float64)",
)
train.misconception(
    "Nothing is returned: the list of losses is asked for.",
    name="no_return",
    replace="return losses",
    by="",
)
train.misconception(
    "batch_size is an argument; 32 is only what it is when left out.",
    name="always_32",
    replace="len(X), (batch_size,)",
    by="len(X), (32,)",
)
train.misconception(
    "The batches were taken from a permutation (or consecutive slices). Here each step draws its "
    "examples independently with torch.randint, as the docstring says.",
    name="permutation",
    replace="torch.randint(0, len(X), (batch_size,), generator=g)",
    by="torch.randperm(len(X), generator=g)[:batch_size]",
)
train.misconception(
    "The last example is never drawn: the upper end of torch.randint is excluded already, so it is "
    "len(X), not len(X) - 1.",
    name="last_example",
    replace="len(X), (batch_size,)",
    by="len(X) - 1, (batch_size,)",
)
train.misconception(
    "One step too many: range(steps) has `steps` numbers.",
    name="one_more",
    replace="in range(steps):",
    by="in range(steps + 1):",
)
train.misconception(
    "The first step is missing: range(1, steps) has one number less.",
    name="one_less",
    replace="in range(steps):",
    by="in range(1, steps):",
)
train.misconception(
    "Only the last loss came back: collect one for each step.",
    name="last_loss",
    replace="    return losses",
    by="    return losses[-1] if losses else None",
)
train.misconception(
    "`return` stands inside the loop: training ends after its first step.",
    name="returns_early",
    replace="        on_step(loss)\n",
    by="        on_step(loss)\n        return losses\n",
)
train.misconception(
    "on_step was never called: after each step it gets the loss, so that a progress bar can move.",
    name="silent",
    replace="        on_step(loss)\n",
    by="",
)
train.misconception(
    "on_step was called once, at the end. It is to be called after each step.",
    name="told_at_the_end",
    replace="        on_step(loss)\n",
    by="    for loss in losses[-1:]:\n        on_step(loss)\n",
)
train.misconception(
    "on_step got all losses when training was over: a progress bar would stand still until the end. It is to "
    "be called after each step.",
    name="told_all_at_the_end",
    replace="        on_step(loss)\n",
    by="    for loss in losses:\n        on_step(loss)\n",
)

train.variant(
    "drawn inside the call, losses in a comprehension",
    name="comprehension",
    source="""def train(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train(True)

    def one(step):
        ix = torch.randint(X.shape[0], (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], lr=learning_rate(step, steps))
        on_step(loss)
        return loss

    return [one(step) for step in range(steps)]
""",
)
train.variant(
    "the step written out",
    name="written_out",
    source="""def train(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    losses, step = [], 0
    model.train()
    while step < steps:
        ix = torch.randint(0, len(Y), size=(batch_size,), generator=g)
        for p in model.parameters():
            p.grad = None
        loss = F.cross_entropy(model(X.index_select(0, ix)), Y.index_select(0, ix))
        loss.backward()
        lr = 0.1 if step < steps * 3 / 4 else 0.01
        for p in model.parameters():
            p.data -= lr * p.grad
        losses += [loss.item()]
        on_step(losses[-1])
        step += 1
    return losses
""",
)
