"""07.estimate_loss: a mean over batches, and no trace of it."""

import torch
import torch.nn as nn

from graders.authoring import Tol, exercise

estimate = exercise("estimate_loss", title="the mean over several batches", points=2, pure=False)


@estimate.cases
def _(rng):
    """Modes and autograd in every combination; batches differ in size, and by much in their loss."""
    for eval_iters, training, recording in [
        (5, True, True),
        (3, False, True),
        (1, True, False),
        (7, False, False),
        (2, True, True),
    ]:
        sizes = [(rng.integer(1, 5), rng.integer(1, 6)) for _ in range(eval_iters + 3)]
        yield dict(
            batches=[
                (rng.normal(*shape), rng.normal(*shape, std=1.0 + 2 * i))
                for i, shape in enumerate(sizes)
            ],
            eval_iters=eval_iters,
            training=training,
            recording=recording,
        )


class Layer(nn.Module):
    """In training mode it makes everything three times as large: a dropout without chance."""

    def forward(self, x):
        return 3 * x if self.training else x


class Probe(nn.Module):
    """A model whose loss shows the mode it is in, and that takes notes."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(0.7, dtype=torch.float64))
        self.layer = Layer()
        self.notes = []

    def forward(self, x, y):
        self.notes.append(
            {
                "model in training mode": self.training,
                "its layer too": self.layer.training,
                "gradients recorded": torch.is_grad_enabled(),
            }
        )
        logits = self.layer(x * self.weight)
        return logits, ((logits - y) ** 2).mean()


@estimate.scenario
def _(m, batches, eval_iters, training, recording):
    model, drawn = Probe().train(training), []

    def draw():
        drawn.append(len(drawn))
        return batches[len(drawn) % len(batches)]

    with torch.set_grad_enabled(recording):
        found = m.estimate_loss(model, draw, eval_iters)
        still = torch.is_grad_enabled()
    return {
        "while it measures": model.notes,
        "the mean": found,
        "a number without a graph": not (isinstance(found, torch.Tensor) and found.requires_grad),
        "draw was called": len(drawn),
        "in training mode afterwards": [model.training, model.layer.training],
        "gradients recorded afterwards": still,
        "p.grad": model.weight.grad,
    }


@estimate.oracle
def _(batches, eval_iters, training, recording):
    losses = [
        ((0.7 * x - y).square().sum() / y.numel()).item()
        for x, y in [batches[(i + 1) % len(batches)] for i in range(eval_iters)]
    ]
    note = {
        "model in training mode": False,
        "its layer too": False,
        "gradients recorded": False,
    }
    return {
        "while it measures": [note] * eval_iters,
        "the mean": sum(losses) / eval_iters,
        "a number without a graph": True,
        "draw was called": eval_iters,
        "in training mode afterwards": [training, training],
        "gradients recorded afterwards": recording,
        "p.grad": None,
    }


# losses that are collected in a float32 tensor, as in the lecture, are off by some 1e-7
estimate.tolerance(Tol(rtol=1e-6))

estimate.hint("Before you switch to eval mode, look which mode the model is in, and keep that.")
estimate.hint(
    "was = model.training; model.eval(); under torch.no_grad() add up model(x, y)[1].item(), for eval_iters "
    "batches."
)
estimate.hint("At the end model.train(was): train(False) is eval(). Return the sum / eval_iters.")

estimate.misconception(
    """The model is left in eval mode: training would go on with everything switched off that only training
    has. Put the mode back.""",
    name="left_in_eval",
    replace="    model.train(was)\n",
    by="",
)
estimate.misconception(
    """The model always ends up in training mode, also when it was in eval mode before. Keep model.training
    first, and put that back.""",
    name="always_train",
    replace="model.train(was)",
    by="model.train()",
)
estimate.misconception(
    """The mode is put back too early, inside the loop: from the second batch on the model is measured in
    training mode.""",
    name="back_too_early",
    edits=[
        ("    model.train(was)\n", ""),
        ("model(x, y)[1].item()\n", "model(x, y)[1].item()\n            model.train(was)\n"),
    ],
)
estimate.misconception(
    """The model was measured in the mode it was in. What is random in training belongs off: model.eval().""",
    name="never_eval",
    replace="    model.eval()\n",
    by="",
)
estimate.misconception(
    """`model.training = False` switches this one module only; the layers inside go on as in training.
    model.eval() tells all of them.""",
    name="flag_only",
    edits=[
        ("model.eval()", "model.training = False"),
        ("model.train(was)", "model.training = was"),
    ],
)
estimate.misconception(
    """Gradients were recorded: every batch builds a graph that nobody needs. Measure under
    torch.no_grad().""",
    name="recorded",
    replace="    with torch.no_grad():\n",
    by="    if True:\n",
)
estimate.misconception(
    """Gradients are off for good, for everybody: torch.set_grad_enabled(False) stays. `with torch.no_grad():`
    ends with its block.""",
    name="off_for_good",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
estimate.misconception(
    """Afterwards torch records gradients although it did not before: turn back to what was, as
    `with torch.no_grad():` does by itself.""",
    name="on_for_good",
    replace="    return total",
    by="    torch.set_grad_enabled(True)\n    return total",
)
estimate.misconception(
    """That is the loss of one batch, the first or the last. Add them up, and divide by eval_iters.""",
    name="last_batch",
    edits=[("total += ", "total = "), ("total / eval_iters", "total")],
)
estimate.misconception(
    """The losses were added up, but not divided by their number: the mean is asked.""",
    name="summed",
    replace="total / eval_iters",
    by="total",
)
estimate.misconception(
    """One batch was drawn, before the loop, and measured again and again. Call draw() anew for each.""",
    name="one_batch",
    edits=[
        ("            x, y = draw()\n", ""),
        ("    total = 0.0\n", "    total = 0.0\n    x, y = draw()\n"),
    ],
)
estimate.misconception(
    """A batch too many was drawn, or x and y came from two calls: each draw() gives a pair (x, y), and there
    are eval_iters of them.""",
    name="drawn_twice",
    replace="x, y = draw()",
    by="x, y = draw()[0], draw()[1]",
)
estimate.misconception(
    """model(x, y) returns two things. The loss is the second: logits, loss = model(x, y).""",
    name="first_of_two",
    replace="model(x, y)[1].item()",
    by="model(x, y)[0].mean().item()",
)

estimate.variant(
    "as in the lecture: a tensor of losses, and its mean",
    name="tensor",
    source="""
    def estimate_loss(model, draw, eval_iters):
        was = model.training
        model.eval()
        losses = torch.zeros(eval_iters)
        with torch.inference_mode():
            for k in range(eval_iters):
                _, loss = model(*draw())
                losses[k] = loss.item()
        model.train(was)
        return losses.mean().item()
    """,
)
estimate.variant(
    "decorated, put back whatever happens",
    name="decorated",
    source="""
    @torch.no_grad()
    def estimate_loss(model, draw, eval_iters):
        switch = model.train if model.training else model.eval
        try:
            model.eval()
            losses = []
            while len(losses) < eval_iters:
                x, y = draw()
                losses.append(float(model(x, y)[1]))
            return sum(losses) / len(losses)
        finally:
            switch()
    """,
)
