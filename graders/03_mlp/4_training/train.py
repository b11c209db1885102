"""03.train: the loop over minibatches."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, bumpy, examples, leaves, parameters, plain, single

train = exercise("train", title="the loop over minibatches", pure=False)


@train.cases
def _(rng):
    for (n, v, t, d, hidden), steps in zip(SIZES, (3, 5, 4, 2), strict=True):
        X, Y = examples(rng, 6 * n + 5, v, t)
        yield dict(
            params=parameters(rng, v, t, d, hidden), X=X, Y=Y, steps=steps, batch_size=n + 1,
            lr=rng.number(0.2, 0.8), seed=rng.seed(),
        )  # fmt: skip
    yield dict(
        params=parameters(rng, 3, 2, 2, 2), X=torch.zeros(4, 2, dtype=torch.int64),
        Y=torch.zeros(4, dtype=torch.int64), steps=0, batch_size=2, lr=0.1, seed=1,
    )  # fmt: skip
    yield dict(**bumpy(20, seed=16, lr=3.0), steps=5, batch_size=5, seed=8)


def losses_and_parameters(m, params, seed, **case):
    params = leaves(params)
    g = torch.Generator().manual_seed(seed)
    losses = m.train(params, generator=g, **case)
    after = torch.randint(0, 2**31, (1,), generator=g)  # where the generator stands now
    return {
        "losses": losses,
        "params": plain(params),
        "still trainable": [p.requires_grad for p in params.values()],
        "next draw": after,
        "X and Y": (case["X"], case["Y"]),
    }


@train.scenario
def _(m, **case):
    return losses_and_parameters(m, **case)


def in_float32(rng):
    X, Y = examples(rng, 20, 7, 2)
    yield dict(
        params=single(parameters(rng, 7, 2, 2, 4)), X=X, Y=Y, steps=2, batch_size=5, lr=0.1,
        seed=rng.seed(),
    )  # fmt: skip


@train.check("in float32", cases=in_float32, tol=Tol(rtol=1e-4))
def _(m, **case):
    return losses_and_parameters(m, **case)


def learnable(rng):
    """The answer is the last character: easy."""
    X = rng.integers(0, 5, 60, 2)
    yield dict(
        params=parameters(rng, 5, 2, 4, 16), X=X, Y=X[:, 1].clone(), steps=150, batch_size=16,
        lr=0.5, seed=rng.seed(),
    )  # fmt: skip


def it_learns(case, got):
    """A band, not a value."""
    if not isinstance(got, list) or len(got) != case["steps"]:
        return f"expected a list of {case['steps']} losses"
    if not all(isinstance(loss, float) and 0 <= loss < 1e9 for loss in got):
        return "a loss is not a finite number"
    first, last = sum(got[:5]) / 5, sum(got[-20:]) / 20
    if not last < 0.35 * first:
        return f"in {case['steps']} steps the mean loss only went from {first:.3f} to {last:.3f}"
    return None


@train.check("the loss falls", cases=learnable, judge=it_learns)
def _(m, params, seed, **case):
    g = torch.Generator().manual_seed(seed)
    return [float(loss) for loss in m.train(leaves(params), generator=g, **case)]


train.legal("params: grad changed", "what their .grad holds afterwards is up to you")

train.hint("What is new in each step: the batch, the parameters, or both?")
train.hint("Draw a minibatch, call train_step with it, note the loss.")
train.hint(
    "for _ in range(steps): Xb, Yb = minibatch(X, Y, batch_size, generator); "
    "losses.append(train_step(params, Xb, Yb, lr))"
)

train.misconception(
    "The minibatch was drawn once, before the loop: you learn 32 examples by heart, and none of the "
    "others. Draw a new one in each step.",
    name="drawn_once",
    edits=[
        ("        Xb, Yb = minibatch(X, Y, batch_size, generator)\n", ""),
        (
            "    losses = []\n",
            "    losses = []\n    Xb, Yb = minibatch(X, Y, batch_size, generator)\n",
        ),
    ],
)
train.misconception(
    "Each step took all examples. That works, and is slow: draw a minibatch.",
    name="all_examples",
    replace="Xb, Yb = minibatch(X, Y, batch_size, generator)",
    by="Xb, Yb = X, Y",
)
train.misconception(
    "A fresh generator in each step draws the same batch again and again. Use the one you were given.",
    name="generator_again",
    replace="    for _ in range(steps):\n",
    by="    start = generator.get_state()\n"
    "    for _ in range(steps):\n"
    "        generator.set_state(start)\n",
)
train.misconception(
    "The generator was not handed on: nobody can repeat your batches.",
    name="global_generator",
    replace="minibatch(X, Y, batch_size, generator)",
    by="minibatch(X, Y, batch_size, None)",
)
train.misconception(
    "You drew two batches a step, one for X and one for Y: contexts and answers no longer belong together.",
    name="two_draws",
    replace="Xb, Yb = minibatch(X, Y, batch_size, generator)",
    by="Xb = minibatch(X, Y, batch_size, generator)[0]\n"
    "        Yb = minibatch(X, Y, batch_size, generator)[1]",
)
train.misconception(
    "The list holds losses over the whole set, or of another batch: note what train_step returns.",
    name="whole_loss",
    replace="losses.append(train_step(params, Xb, Yb, lr))",
    by="train_step(params, Xb, Yb, lr)\n"
    "        losses.append(F.cross_entropy(forward(params, X), Y).item())",
)
train.misconception(
    "The loop ends after the first step: `return` stands one level too deep.",
    name="returns_early",
    replace="    return losses",
    by="        return losses\n    return losses",
)
train.misconception(
    "The batch size is 32 in your version: use the argument.",
    name="always_32",
    replace="minibatch(X, Y, batch_size, generator)",
    by="minibatch(X, Y, 32, generator)",
)
train.misconception(
    "You trained a copy of the parameters; those that were passed in must learn.",
    name="copy",
    replace="    losses = []\n",
    by="    losses = []\n"
    "    params = {k: p.detach().clone().requires_grad_() for k, p in params.items()}\n",
)
train.misconception(
    "Only the last loss came back: collect one for each step.",
    name="last_only",
    replace="return losses",
    by="return losses[-1:]",
)
train.misconception(
    "You shuffled once and went through the rows in order (epochs). A good way too, but asked is a new "
    "`minibatch` for each step.",
    name="epochs",
    source="""def train(params, X, Y, steps, batch_size, lr, generator):
    losses, order = [], torch.randperm(X.shape[0], generator=generator)
    for i in range(steps):
        ix = order[torch.arange(i * batch_size, (i + 1) * batch_size) % X.shape[0]]
        losses.append(train_step(params, X[ix], Y[ix], lr))
    return losses
""",
)
train.misconception(
    "The learning rate falls half-way. That comes in the next part; here it stays lr.",
    name="decays",
    replace="for _ in range(steps):\n        Xb, Yb = minibatch(X, Y, batch_size, generator)\n"
    "        losses.append(train_step(params, Xb, Yb, lr))",
    by="for i in range(steps):\n        Xb, Yb = minibatch(X, Y, batch_size, generator)\n"
    "        losses.append(train_step(params, Xb, Yb, lr if i < steps / 2 else lr / 10))",
)
train.misconception(
    "You noted the loss after each step. train_step returns the one before it: note that.",
    name="loss_after",
    replace="losses.append(train_step(params, Xb, Yb, lr))",
    by="train_step(params, Xb, Yb, lr)\n"
    "        losses.append(F.cross_entropy(forward(params, Xb), Yb).item())",
)
train.misconception(
    "Gradients pile up: your own loop never resets them. train_step does: call it.",
    name="accumulates",
    replace="        losses.append(train_step(params, Xb, Yb, lr))",
    by="        loss = F.cross_entropy(forward(params, Xb), Yb)\n"
    "        loss.backward()\n"
    "        for p in params.values():\n"
    "            p.data -= lr * p.grad\n"
    "        losses.append(loss.item())",
)
train.misconception(
    "You stopped when the loss rose. Single losses jump; asked are all `steps` steps.",
    name="stops",
    replace="        losses.append(train_step(params, Xb, Yb, lr))",
    by="        losses.append(train_step(params, Xb, Yb, lr))\n"
    "        if losses[-1] > 1.5 * losses[0]:\n"
    "            break",
)
train.misconception(
    "A generator of your own, even with the same seed, leaves the one passed in where it stood: whoever "
    "calls train twice gets the same batches twice.",
    name="own_generator",
    replace="    losses = []\n",
    by="    losses = []\n    generator = torch.Generator().manual_seed(generator.initial_seed())\n",
)

train.variant(
    "a comprehension",
    name="comprehension",
    source="""def train(params, X, Y, steps, batch_size, lr, generator):
    return [
        train_step(params, *minibatch(X, Y, batch_size, generator), lr=lr) for _ in range(steps)
    ]
""",
)
train.variant(
    "written out",
    name="written_out",
    source="""def train(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for i in range(1, steps + 1):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss = F.cross_entropy(forward(params, X[ix]), Y[ix])
        for p in params.values():
            p.grad = None
        loss.backward()
        for p in params.values():
            p.data += -lr * p.grad
        losses.append(loss.item())
    return losses
""",
)
