"""07.bigram_train: AdamW, a step for each batch."""

import math

import torch

from graders.authoring import exercise

from .part import a_model

train = exercise(
    "bigram_train", target="train", title="a step for each batch", points=2, pure=False
)


@train.cases
def _(rng):
    """C, B, T, steps, lr. Rare characters: some rows never get a gradient, and only decay."""
    for C, B, T, steps, lr in [
        (6, 2, 3, 5, 0.3),
        (4, 1, 5, 9, 0.02),
        (9, 3, 1, 1, 0.1),
        (3, 2, 4, 0, 0.5),
        (5, 4, 2, 14, 0.07),
    ]:
        yield dict(
            table=rng.normal(C, C, std=1.5),
            batches=[(rng.integers(0, C, B, T), rng.integers(0, C, B, T)) for _ in range(steps)],
            lr=lr,
            training=steps in (1, 9),
            stale=rng.normal(C, C),
        )


@train.scenario
def _(m, table, batches, lr, training, stale):
    """Batches that come one by one, a model in either mode, gradients left from somewhere."""
    modes = []

    class Watched(m.BigramLanguageModel):
        def forward(self, idx, targets=None):
            modes.append(self.training)
            return super().forward(idx, targets)

    model = a_model(Watched(len(table)), table).train(training)
    weight = model.token_embedding_table.weight
    weight.grad = stale.clone()
    losses = m.train(model, (batch for batch in batches), lr)
    return {
        "losses": losses,
        "Python floats": isinstance(losses, list) and all(isinstance(x, float) for x in losses),
        "table": weight.detach().clone(),
        "training mode at each batch": modes,
        "training mode afterwards": model.training or not batches,
        "the same parameter": weight is model.token_embedding_table.weight,
        "it can go on learning": weight.requires_grad and torch.is_grad_enabled(),
    }


@train.oracle
def _(table, batches, lr, training, stale):
    """AdamW by its formulas, and the gradient by hand."""
    p, m, v = table.clone(), torch.zeros_like(table), torch.zeros_like(table)
    losses = []
    for step, (x, y) in enumerate(batches, 1):
        grad, loss = torch.zeros_like(p), 0.0
        probs = p.softmax(1)
        for i, target in zip(x.flatten().tolist(), y.flatten().tolist(), strict=True):
            loss -= math.log(probs[i, target].item()) / x.numel()
            grad[i] += probs[i] / x.numel()
            grad[i, target] -= 1 / x.numel()
        losses.append(loss)
        p -= lr * 0.01 * p
        m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
        p -= lr * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
    return {
        "losses": losses,
        "Python floats": True,
        "table": p,
        "training mode at each batch": [True] * len(batches),
        "training mode afterwards": True,
        "the same parameter": True,
        "it can go on learning": True,
    }


def a_language(rng):
    """Texts from a table of probabilities; the floor is what nobody can guess better."""
    C, steps = 5, 120
    probs = torch.softmax(rng.normal(C, C, std=1.5), 1)
    texts = [rng.integers(0, C, steps * 8)]
    u = rng.uniform(0, 1, 10, steps * 8)
    for t in range(10):
        sums = probs[texts[-1]].cumsum(1)
        texts.append((u[t][:, None] >= sums).sum(1).clamp(max=C - 1))
    text = torch.stack(texts, 1)  # (steps * 8, 11)
    entropy = -(probs[text[:, :-1]] * probs[text[:, :-1]].log()).sum(-1).mean().item()
    yield dict(text=text, C=C, lr=0.1, floor=entropy)


def down_to_the_floor(case, got):
    """A band: the last forty batches cost about what the language costs by itself."""
    if not isinstance(got, list) or not all(isinstance(x, float) for x in got) or len(got) < 40:
        return "expected a list of losses, Python floats"
    last = sum(got[-40:]) / 40
    if not abs(last - case["floor"]) < 0.15:
        return (
            f"the last 40 batches cost {last:.3f} on average; what the text itself allows is "
            f"{case['floor']:.3f}, and after {len(got)} steps a bigram is near it"
        )
    return None


@train.check("it learns", cases=a_language, judge=down_to_the_floor)
def _(m, text, C, lr, floor):
    model = a_model(m.BigramLanguageModel(C), torch.zeros(C, C))
    batches = [(rows[:, :-1].contiguous(), rows[:, 1:].contiguous()) for rows in text.split(8)]
    losses = m.train(model, batches, lr)
    return losses if isinstance(losses, list) else None


train.hint("One optimizer for the whole loop. In which order come backward, step and zero_grad?")
train.hint(
    "Before the loop: torch.optim.AdamW(model.parameters(), lr=lr) and model.train(). For each batch: the "
    "loss, zero_grad, backward, step."
)
train.hint(
    "_, loss = model(x, y); optimizer.zero_grad(); loss.backward(); optimizer.step(); "
    "losses.append(loss.item())"
)

MAKE = "    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)\n"

train.misconception(
    """Gradients pile up: backward() adds to what is there from the batches before. optimizer.zero_grad() in
    each step, before backward().""",
    name="no_zero_grad",
    replace="        optimizer.zero_grad()\n",
    by="",
)
train.misconception(
    """What others left in p.grad counted in the first step: zero_grad comes before backward(), not only at
    the end of a step.""",
    name="zero_at_the_end",
    edits=[
        ("        optimizer.zero_grad()\n", ""),
        ("        optimizer.step()\n", "        optimizer.step()\n        optimizer.zero_grad()\n"),
    ],
)
train.misconception(
    """The optimizer is made anew for each batch, and with it goes its memory, the running means. Make it
    once, before the loop.""",
    name="new_optimizer",
    edits=[
        (MAKE, ""),
        ("        optimizer.zero_grad()\n", "    " + MAKE + "        optimizer.zero_grad()\n"),
    ],
)
train.misconception(
    """These are the steps of plain gradient descent (SGD), lr times the gradient. Asked is
    torch.optim.AdamW.""",
    name="sgd",
    replace="torch.optim.AdamW(",
    by="torch.optim.SGD(",
)
train.misconception(
    """These are Adam's steps, without the W: AdamW also pulls each weight a little towards zero in each
    step (weight decay).""",
    name="adam",
    replace="torch.optim.AdamW(",
    by="torch.optim.Adam(",
)
train.misconception(
    """The learning rate that was handed in is not used: AdamW(model.parameters(), lr=lr).""",
    name="no_lr",
    replace="model.parameters(), lr=lr)",
    by="model.parameters())",
)
train.misconception(
    """The table got no step from its gradient: for each batch optimizer.step() comes after backward(), and
    nothing that forgets the gradient between the two.""",
    name="no_step",
    replace="        optimizer.step()\n",
    by="",
)
train.misconception(
    """The losses are tensors. Each keeps the graph of its batch alive, and memory grows from step to step:
    keep loss.item().""",
    name="keeps_graphs",
    replace="loss.item()",
    by="loss",
)
train.misconception(
    """Only the last loss came back: collect one for each batch.""",
    name="last_loss",
    replace="    return losses",
    by="    return losses[-1:]",
)
train.misconception(
    """The losses were measured after the step. The one wanted is that from which the step was computed.""",
    name="loss_after",
    replace="losses.append(loss.item())",
    by="losses.append(model(x, y)[1].item())",
)
train.misconception(
    """The model trains in the mode in which it was found. If it was just measured, that is eval mode:
    model.train() first.""",
    name="mode_as_found",
    replace="    model.train()\n",
    by="",
)
train.misconception(
    """The model is in eval mode afterwards. It stays in training mode; whoever measures switches it.""",
    name="eval_afterwards",
    replace="    return losses",
    by="    model.eval()\n    return losses",
)
train.misconception(
    """`batches` may come one by one: it has no length and no [i]. `for x, y in batches` is all that is
    promised.""",
    name="asks_its_length",
    replace="    for x, y in batches:\n",
    by="    for i in range(len(batches)):\n        x, y = batches[i]\n",
)
train.misconception(
    """The step goes uphill: the loss grows. Call backward() on the loss itself, and let the optimizer
    minimize.""",
    name="uphill",
    replace="loss.backward()",
    by="(-loss).backward()",
)
train.misconception(
    """`return` stands inside the loop: training ends after its first batch.""",
    name="returns_early",
    replace="        losses.append(loss.item())\n",
    by="        losses.append(loss.item())\n        return losses\n",
)

train.variant(
    "set to None by hand, in another order",
    name="by_hand",
    source="""
    def train(model, batches, lr):
        model.train(True)
        parameters = list(model.parameters())
        optimizer = torch.optim.AdamW(parameters, lr, foreach=False)

        def step(x, y):
            for p in parameters:
                p.grad = None
            loss = model(x, targets=y)[1]
            loss.backward()
            optimizer.step()
            return float(loss)

        return [step(*batch) for batch in batches]
    """,
)
