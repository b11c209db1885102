"""10.reward_step: two readings, one loss, one step."""

import torch

from graders.authoring import Tol, exercise

from .part import Scorer, gradients, pair, weights

step = exercise("reward_step", title="one step of the reward model", pure=False)


@step.cases
def _(rng):
    for n, T1, T2, training, kind in [(5, 4, 6, True, "SGD"), (3, 3, 1, False, "Adam")]:
        batches = [(rng.integers(0, 6, n - i, T1), rng.integers(0, 6, n - i, T2)) for i in range(3)]
        yield dict(
            seed=rng.seed(),
            batches=batches,
            lr=rng.number(0.05, 0.1),
            training=training,
            kind=kind,
            steep=[1.0, 30.0][training],
        )
    same = rng.integers(0, 6, 2, 3)  # ties: the same texts on both sides, in one pair
    other = torch.stack([same[0], (same[1] + 1) % 6])
    yield dict(
        seed=rng.seed(), batches=[(same, other)], lr=0.1, training=True, kind="SGD", steep=0.2
    )


def model_of(seed, training, steep):
    """Steep: its gradients are large, and whoever cuts them is seen."""
    model = Scorer(seed).train(training)
    with torch.no_grad():
        model.head.weight.mul_(steep)
    return model


def optimizer_of(model, kind, lr):
    if kind == "SGD":
        return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.7)
    return torch.optim.Adam(model.parameters(), lr=lr, eps=1e-3)


@step.scenario
def _(m, seed, batches, lr, training, kind, steep):
    """Up to three steps, with stale gradients at the start."""
    model = model_of(seed, training, steep)
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.5)
    optimizer = optimizer_of(model, kind, lr)
    before = [(a.clone(), b.clone()) for a, b in batches]
    told, left = [], []
    for chosen, rejected in batches:
        told.append(pair(m.reward_step(model, chosen, rejected, optimizer)))
        left.append(gradients(model))
    return {
        "loss and accuracy": told,
        "p.grad": left,
        "weights": weights(model),
        "the model read": sorted(model.seen),
        "training mode afterwards": model.training,
        "texts as before": all(
            torch.equal(a, c) and torch.equal(b, d)
            for (a, b), (c, d) in zip(batches, before, strict=True)
        ),
        "autograd is still on": torch.is_grad_enabled(),
    }


# Adam divides by the size of the gradient, so rounding in a tiny one is magnified
step.tolerance(Tol(rtol=1e-8, atol=1e-10))


@step.oracle
def _(seed, batches, lr, training, kind, steep):
    model = model_of(seed, training, steep)
    optimizer, told, left = optimizer_of(model, kind, lr), [], []
    for chosen, rejected in batches:
        apart = model(chosen) - model(rejected)
        loss = torch.logaddexp(torch.zeros_like(apart), -apart).mean()
        for p in model.parameters():
            p.grad = None
        loss.backward()
        optimizer.step()
        share = (((apart > 0).double() + (apart >= 0).double()) / 2).mean().item()
        told.append([loss.item(), round(share, 6)])
        left.append(gradients(model))
    return {
        "loss and accuracy": told,
        "p.grad": left,
        "weights": weights(model),
        "the model read": sorted(model.seen),
        "training mode afterwards": training,
        "texts as before": True,
        "autograd is still on": True,
    }


step.hint("Read both sides, with gradients for both; then forget, backward, step.")
step.hint(
    "The loss is your pairwise_loss of the two rewards, the accuracy your preference_accuracy."
)
step.hint("Keep better and worse in variables: both figures come from these, before the step.")

step.misconception(
    """Gradients of earlier calls count again: backward() adds to p.grad. Call optimizer.zero_grad()
    before it.""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
step.misconception(
    """The gradients were forgotten between backward() and step(): nothing is left to step with.""",
    name="zero_after_backward",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    loss.backward()\n", "    loss.backward()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The gradients are gone afterwards: this batch's are to stay in p.grad.""",
    name="zero_at_the_end",
    replace="    optimizer.step()\n",
    by="    optimizer.step()\n    optimizer.zero_grad()\n",
)
step.misconception(
    """The weights are what they were: optimizer.step() is missing, or it stands before backward(),
    where there is no gradient yet.""",
    name="no_step",
    replace="    optimizer.step()\n",
    by="",
)
step.misconception(
    """The rejected texts were read without gradients: the model learns to raise rewards, not to tell
    texts apart. The gradient flows through both readings.""",
    name="rejected_constant",
    replace="    loss = pairwise_loss(better, worse)",
    by="    worse = worse.detach()\n    loss = pairwise_loss(better, worse)",
)
step.misconception(
    """The sides are swapped: the rejected texts' rewards are pushed up.""",
    name="swapped",
    replace="model(chosen), model(rejected)",
    by="model(rejected), model(chosen)",
)
step.misconception(
    """The figures are those of the model after the step, from a second reading. Asked are the ones that
    the step was made from.""",
    name="figures_after",
    replace="    return loss.item(), preference_accuracy(better, worse)",
    by="    better, worse = model(chosen), model(rejected)\n"
    "    return pairwise_loss(better, worse).item(), preference_accuracy(better, worse)",
)
step.misconception(
    """The model was put into training mode. This function leaves the mode as it is.""",
    name="switches",
    replace="    better, worse =",
    by="    model.train()\n    better, worse =",
)
step.misconception(
    """Two numbers are asked, (loss, accuracy): only one came back.""",
    name="loss_only",
    replace="return loss.item(), preference_accuracy(better, worse)",
    by="return loss.item()",
)
step.misconception(
    """The loss came back as a tensor, with its graph: a list of them keeps every batch in memory. Use
    .item().""",
    name="keeps_graph",
    replace="return loss.item()",
    by="return loss",
)

step.variant(
    "everything in other words",
    name="other_words",
    source="""
    def reward_step(model, chosen, rejected, optimizer):
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = None
        worse = model(rejected)
        better = model(chosen)
        apart = better - worse
        loss = F.softplus(-apart).mean()
        loss.backward()
        optimizer.step()
        return float(loss.detach()), preference_accuracy(better.detach(), worse.detach())
    """,
)
