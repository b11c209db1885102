"""07.gpt_train_step: forget, forward, backward, step."""

import math

import torch

from graders.authoring import Tol, exercise, number

from .part import CONFIGS, build, forward, leaves, weights

step = exercise(
    "gpt_train_step", target="train_step", title="one step with AdamW", points=2, pure=False
)


def optimizer_of(params, kind, lr):
    if kind == "SGD":
        return torch.optim.SGD(params, lr=lr, momentum=0.7)
    return torch.optim.AdamW(params, lr=lr, betas=(0.8, 0.9), weight_decay=0.3)


@step.cases
def _(rng):
    for config, kind, (B, T) in [
        (CONFIGS[0], "AdamW", (2, 5)),
        (CONFIGS[2], "AdamW", (3, 8)),
        (CONFIGS[1], "SGD", (4, 1)),
    ]:
        V = config["vocab_size"]
        batches = [[rng.integers(0, V, B + i, T), rng.integers(0, V, B + i, T)] for i in range(3)]
        w = {name: p * 0.5 for name, p in weights(rng, config).items()}
        yield dict(config=config, w=w, kind=kind, lr=rng.number(0.02, 0.1), batches=batches)


@step.scenario
def _(m, config, w, kind, lr, batches):
    """Three steps, with stale gradients from somewhere at the start: losses, weights, gradients."""
    model = build(m, config, w)
    optimizer = optimizer_of(model.parameters(), kind, lr)
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.5)
    losses = [number(m.train_step(model, optimizer, x, y)) for x, y in batches]
    return {
        "losses": losses,
        "weights": {name: p.detach() for name, p in model.named_parameters()},
        "p.grad": {name: p.grad for name, p in model.named_parameters()},
        "goes on learning": all(p.requires_grad for p in model.parameters())
        and torch.is_grad_enabled(),
    }


@step.oracle
def _(config, w, kind, lr, batches):
    w = leaves(w, config)
    named = {name: p for name, p in w.items() if not (config.get("tied") and name == "head.weight")}
    optimizer, losses = optimizer_of(list(named.values()), kind, lr), []
    for x, y in batches:
        for p in named.values():
            p.grad = None
        loss = forward(w, config, x, y)[1]
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {
        "losses": losses,
        "weights": {name: p.detach() for name, p in named.items()},
        "p.grad": {name: p.grad for name, p in named.items()},
        "goes on learning": True,
    }


# the gradient of a key's bias is 0 but for rounding (softmax does not see what all scores share), and AdamW
# divides that rounding, 1e-17 or so, by eps = 1e-8: the weights know 1e-9, and a mistake is far larger
step.tolerance(Tol(rtol=1e-9, atol=1e-7))


def modes(rng):
    for training in (True, False):
        batch = [rng.integers(0, 7, 2, 5), rng.integers(0, 7, 2, 5)]
        yield dict(w=weights(rng, CONFIGS[0]), batch=batch, training=training)


@step.check("modes", cases=modes)
def _(m, w, batch, training):
    """The model is read once, in the mode it is in, and stays in it."""
    model, seen = build(m, CONFIGS[0], w).train(training), []
    model.ln_f.register_forward_hook(lambda *_: seen.append(model.training))
    m.train_step(model, torch.optim.AdamW(model.parameters(), lr=0.01), *batch)
    return {"while it is read": seen, "afterwards": model.training}


def by_heart(rng):
    yield dict(text=rng.shuffled([*range(8), *range(8)]), seed=rng.seed())


def it_falls(case, got):
    """A band: a text of 16 tokens is learned by heart, from about ln 8 to far below it."""
    if not isinstance(got, list) or len(got) != 40:
        return "expected 40 losses"
    if not all(isinstance(x, float) and math.isfinite(x) for x in got):
        return "a loss is not a finite number"
    if not 1.7 < got[0] < 2.5:
        return f"the first loss should be near ln 8 = 2.08, and is {got[0]:.3f}"
    if not got[-1] < 0.4:
        return f"40 steps should learn 16 tokens by heart: from {got[0]:.3f} to {got[-1]:.3f}"
    return None


@step.check("the loss falls", cases=by_heart, judge=it_falls)
def _(m, text, seed):
    torch.default_generator.manual_seed(seed)
    model = m.GPT(
        m.GPTConfig(vocab_size=8, block_size=15, n_embd=24, n_head=3, n_layer=1, dropout=0.0)
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.02)
    x = torch.tensor([text])
    return [number(m.train_step(model, optimizer, x[:, :-1], x[:, 1:])) for _ in range(40)]


step.hint("backward() adds to p.grad. What must happen to the old gradients, and when?")
step.hint("optimizer.zero_grad(), then model(x, y), then loss.backward(), then optimizer.step().")
step.hint("model(x, y) is a pair: `_, loss = model(x, y)`. Return loss.item().")

step.misconception(
    """Gradients pile up: backward() adds to p.grad, so earlier steps count again. optimizer.zero_grad()
    first.""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
step.misconception(
    """The gradients were forgotten after backward() and before the step: the optimizer has nothing to
    go by. Forget first.""",
    name="zero_after_backward",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("loss.backward()\n", "loss.backward()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The gradients are gone afterwards, and stale ones from before counted in the first step. Forget
    at the beginning, and leave this batch's in p.grad.""",
    name="zero_at_the_end",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("optimizer.step()\n", "optimizer.step()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The gradients are gone afterwards: until the next step p.grad is this batch's gradient.""",
    name="zero_twice",
    replace="optimizer.step()\n",
    by="optimizer.step()\n    optimizer.zero_grad()\n",
)
step.misconception(
    """No weight changed: optimizer.step() is missing, or it comes before backward(), when there is no
    gradient yet that it could follow.""",
    name="no_step",
    replace="    optimizer.step()\n",
    by="",
)
step.misconception(
    """A plain gradient step was taken by hand. The optimizer was handed in to do that, with its own
    learning rate and memory: optimizer.step().""",
    name="by_hand",
    replace="    optimizer.step()\n",
    by='    for p in model.parameters():\n        p.data -= optimizer.param_groups[0]["lr"] * p.grad\n',
)
step.misconception(
    """A new optimizer was made in each step. AdamW's memory of earlier gradients is lost, and the
    settings of the one that was handed in, too.""",
    name="new_optimizer",
    replace="    optimizer.zero_grad()\n",
    by='    optimizer = torch.optim.AdamW(model.parameters(), lr=optimizer.param_groups[0]["lr"])\n'
    "    optimizer.zero_grad()\n",
)
step.misconception(
    """The loss after the step was returned, from a second reading of the batch. Return the one the step
    was computed from.""",
    name="loss_after",
    replace="return loss.item()",
    by="return model(x, y)[1].item()",
)
step.misconception(
    """Nothing is returned: the batch's loss is asked for, loss.item().""",
    name="no_return",
    replace="    return loss.item()",
    by="    loss.item()",
)
step.misconception(
    """The model was switched to training mode. This function steps in whatever mode the model is;
    switching is the loop's work.""",
    name="switches",
    replace="    _, loss",
    by="    model.train()\n    _, loss",
)
step.misconception(
    """The gradients were clipped. That is often wise, but not asked for here.""",
    name="clipped",
    replace="    optimizer.step()\n",
    by="    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)\n    optimizer.step()\n",
)
step.variant(
    "zeros instead of None, after the forward pass",
    name="zeros",
    source="""
    def train_step(model, optimizer, x, y):
        logits, loss = model(x, targets=y)
        optimizer.zero_grad(set_to_none=False)
        loss.backward()
        optimizer.step()
        return float(loss)
    """,
)
step.variant(
    "p.grad = None by hand",
    name="by_float",
    source="""
    def train_step(model, optimizer, x, y):
        for p in model.parameters():
            p.grad = None
        loss = model(x, y)[1]
        loss.backward()
        optimizer.step()
        return float(loss.detach())
    """,
)
