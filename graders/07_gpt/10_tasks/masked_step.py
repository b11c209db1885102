"""07.masked_step: one step, what does not count left out."""

import torch

from graders.authoring import Tol, exercise, number

from .part import gradients, small_gpt, weights

step = exercise("masked_step", title="EX2: one step", pure=False)


@step.cases
def _(rng):
    for n, T, training in [(3, 4, True), (5, 2, False)]:
        batches = []
        for i in range(3):
            targets = rng.integers(0, 5, n + i, T)
            targets[:, 0] = -100
            targets[0, -1] = -100
            batches.append((rng.integers(0, 5, n + i, T), targets))
        yield dict(seed=rng.seed(), batches=batches, lr=rng.number(0.01, 0.03), training=training)


@step.scenario
def _(m, seed, batches, lr, training):
    """Three steps, with stale gradients at the start."""
    model = small_gpt(m, seed).train(training)
    for p in model.parameters():
        p.grad = torch.ones_like(p)
    optimizer = m.Adam(model.parameters(), lr)
    losses = [number(m.masked_step(model, x, y, optimizer)) for x, y in batches]
    return {"losses": losses, "weights": weights(model), "in training mode": model.training}


@step.check("gradients")
def _(m, seed, batches, lr, training):
    """What is left in p.grad after one step and after two."""
    model, found = small_gpt(m, seed), []
    optimizer = m.Adam(model.parameters(), lr)
    for x, y in batches[:2]:
        m.masked_step(model, x, y, optimizer)
        found.append(gradients(model))
    return {"p.grad": found, "autograd is still on": torch.is_grad_enabled()}


# Adam divides by the size of the gradient, so rounding in a tiny one is magnified
for check in ("values", "gradients"):
    step.tolerance(Tol(rtol=1e-7, atol=1e-9), check)


step.hint("In which order: backward, forget, loss, step?")
step.hint("optimizer.zero_grad() first; the loss is your answer_loss of model(inputs).")
step.hint(
    "zero_grad, loss = answer_loss(model(inputs), targets), backward, step, return loss.item()."
)

step.misconception(
    """Gradients of earlier calls count again: backward() adds to p.grad. Begin with
    optimizer.zero_grad().""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
step.misconception(
    """The gradients were forgotten between backward() and step(): nothing is left to step with. Forget
    first.""",
    name="zero_after_backward",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    loss.backward()\n", "    loss.backward()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The gradients are gone afterwards, and those from before counted: forget at the beginning, and
    leave this batch's in p.grad.""",
    name="zero_at_the_end",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    optimizer.step()\n", "    optimizer.step()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The weights are what they were: optimizer.step() is missing, or it stands before backward(), where
    there is no gradient yet.""",
    name="no_step",
    replace="    optimizer.step()\n",
    by="",
)
step.misconception(
    """Positions that are marked -100 counted in the mean: the gradient shrinks with the length of the
    question. answer_loss leaves them out.""",
    name="mean_over_all",
    replace="loss = answer_loss(model(inputs), targets)",
    by="loss = answer_loss(model(inputs), targets) * (targets != -100).double().mean()",
)
step.misconception(
    """The loss after the step came back. The one that the step was made from is asked.""",
    name="loss_after",
    replace="return loss.item()",
    by="return answer_loss(model(inputs), targets).item()",
)
step.misconception(
    """The mode was changed. This function steps in whatever mode the model is.""",
    name="switches",
    replace="    optimizer.zero_grad()\n",
    by="    model.train()\n    optimizer.zero_grad()\n",
)
step.misconception(
    """Nothing is returned: the batch's loss is asked for, loss.item().""",
    name="no_return",
    replace="    return loss.item()",
    by="    loss.item()",
)

step.variant(
    "cross-entropy here, gradients zeroed after the forward pass",
    name="inline",
    source="""def masked_step(model, inputs, targets, optimizer):
    logits = model(inputs)
    loss = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-100)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.detach().item()
""",
)
