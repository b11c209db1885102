"""10.center_rewards: the bias, so that the mean is 0."""

import torch

from graders.authoring import exercise, number

from .part import Scorer, gradients, weights

center = exercise("center_rewards", title="where is zero?", pure=False)


@center.cases
def _(rng):
    for n, T, training, frozen in [(6, 4, True, False), (1, 3, False, False), (4, 1, False, True)]:
        yield dict(
            seed=rng.seed(),
            ids=rng.integers(0, 6, n, T),
            others=rng.integers(0, 6, 3, T + 1),
            training=training,
            frozen=frozen,
        )


@center.scenario
def _(m, seed, ids, others, training, frozen):
    """Twice: after the first time there is nothing left to shift."""
    model = Scorer(seed, frozen=frozen).train(training)
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.5)
    bias, given = model.head.bias, ids.clone()
    first = number(m.center_rewards(model, ids))
    modes = {mode for _, mode in model.seen}
    found = {
        "the mean before": first,
        "weights": weights(model),
        "rewards of other texts": model(others).detach(),
        "p.grad": gradients(model),
        "the bias is the parameter that it was": model.head.bias is bias,
        "it learns": [p.requires_grad for p in model.parameters()],
        "it is a leaf": bias.is_leaf,
        "modes": [sorted(modes), model.training],
        "ids as before": torch.equal(given, ids),
        "autograd is still on": torch.is_grad_enabled(),
    }
    again = m.center_rewards(model, others)
    return {**found, "the mean of other texts": number(again), "then": weights(model)}


@center.oracle
def _(seed, ids, others, training, frozen):
    model = Scorer(seed, frozen=frozen)
    before = weights(model)
    mean = sum(model(row[None]).item() for row in ids) / len(ids)
    rewards = model(others).detach() - mean
    first = {**before, "head.bias": before["head.bias"] - mean}
    return {
        "the mean before": mean,
        "weights": first,
        "rewards of other texts": rewards,
        "p.grad": {name: torch.full_like(p, 0.5) for name, p in before.items()},
        "the bias is the parameter that it was": True,
        "it learns": [not (name == "head.bias" and frozen) for name in before],
        "it is a leaf": True,
        "modes": [[training], training],
        "ids as before": True,
        "autograd is still on": True,
        "the mean of other texts": rewards.mean().item(),
        "then": {**first, "head.bias": first["head.bias"] - rewards.mean()},
    }


center.hint("The bias is added to every reward. By how much must it change?")
center.hint("A parameter may be changed in place inside `with torch.no_grad():`.")
center.hint(
    "with torch.no_grad(): mean = model(ids).mean(); model.head.bias -= mean; return mean.item()."
)

center.misconception(
    """The mean was added to the bias: now it is twice what it was. Subtract it.""",
    name="added",
    replace="model.head.bias -= mean",
    by="model.head.bias += mean",
)
center.misconception(
    """The bias was *set* to minus the mean. It was something before, and part of that mean: subtract
    from it.""",
    name="bias_set",
    replace="model.head.bias -= mean",
    by="model.head.bias.fill_(-mean)",
)
center.misconception(
    """The bias was set to 0. That takes away the bias, but the mean of the rewards is more than
    that.""",
    name="bias_zero",
    replace="model.head.bias -= mean",
    by="model.head.bias.zero_()",
)
center.misconception(
    """The rewards were divided by their spread as well. Only the zero is moved: differences, and so
    what the loss has learned about them, stay.""",
    name="divided",
    replace="        model.head.bias -= mean",
    by="        spread = model(ids).std()\n"
    "        model.head.bias -= mean\n"
    "        model.head.weight /= spread\n        model.head.bias /= spread",
)
center.misconception(
    """The bias is a new parameter. An optimizer that holds the old one would go on training that.
    Change the values in place, under torch.no_grad().""",
    name="new_parameter",
    replace="model.head.bias -= mean",
    by="model.head.bias = nn.Parameter(model.head.bias - mean, model.head.bias.requires_grad)",
)
center.misconception(
    """The first text's reward was made 0, not the mean over all texts.""",
    name="first_text",
    replace="model(ids).mean()",
    by="model(ids)[0]",
)
center.misconception(
    """The mean after the shift came back, which is 0. The one before is asked.""",
    name="mean_after",
    replace="return mean.item()",
    by="return model(ids).mean().item()",
)
center.misconception(
    """The model is in another mode afterwards, or was for the reading. Leave it as it is.""",
    name="switches",
    replace="    with torch.no_grad():",
    by="    model.eval()\n    with torch.no_grad():",
)
center.misconception(
    """The bias does not learn any more: its requires_grad was switched off and stayed so.""",
    name="frozen",
    replace="    with torch.no_grad():",
    by="    model.head.bias.requires_grad_(False)\n    with torch.no_grad():",
)
center.misconception(
    """Nothing is returned: the mean reward before the shift is asked, mean.item().""",
    name="no_return",
    replace="    return mean.item()",
    by="    mean.item()",
)

center.variant(
    "through .data",
    name="data",
    source="""
    def center_rewards(model, ids):
        mean = float(model(ids).detach().mean())
        model.head.bias.data.sub_(mean)
        return mean
    """,
)
