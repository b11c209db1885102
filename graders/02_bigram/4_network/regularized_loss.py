"""02.regularized_loss: regularization is smoothing."""

import torch

from graders.authoring import Tol, differentiate, exercise

spring = exercise("regularized_loss", title="regularization is smoothing")


@spring.cases
def _(rng):
    for v, n, strength in [(3, 4, 0.5), (5, 1, 2.0), (4, 9, 0.01), (6, 6, 0.0), (2, 3, 30.0)]:
        yield dict(
            W=rng.normal(v, v, dtype=torch.float32),
            xs=rng.integers(0, v, n),
            ys=rng.integers(0, v, n),
            strength=strength,
        )
    yield dict(
        W=rng.normal(27, 27, dtype=torch.float32),
        xs=rng.integers(0, 27, 30),
        ys=rng.integers(0, 27, 30),
        strength=0.1,
    )
    # no byte holds these indices
    yield dict(
        W=rng.normal(260, 260, dtype=torch.float32),
        xs=torch.tensor([259, 140]),
        ys=torch.tensor([150, 258]),
        strength=0.5,
    )
    # a confident network, at the edge of what the docstring promises
    yield dict(
        W=torch.tensor([[20.0, -20.0, 10.0], [0.0, -20.0, 0.0], [0.0, 1.0, 2.0]]),
        xs=torch.tensor([0, 0, 1]),
        ys=torch.tensor([0, 1, 2]),
        strength=0.25,
    )


@spring.check("gradients")
def _(m, W, xs, ys, strength):
    W.requires_grad_()
    loss = m.regularized_loss(W, xs, ys, strength)
    return dict(differentiate(loss, {"W": W}, torch.tensor(-1.7)))


# float32: a dozen roundings of 6e-8 each, of terms no larger than the loss itself
spring.tolerance(Tol(rtol=2e-5))

spring.hint(
    "Two terms: the loss you already have, and strength times something that is small when W is near 0."
)
spring.hint("The mean of the squares of all weights: (W**2).mean().")
spring.hint("return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W**2).mean()")

spring.misconception(
    "The penalty is missing: strength does nothing.",
    name="no_penalty",
    replace=" + strength * (W**2).mean()",
    by="",
)
spring.misconception(
    "The squared weights were summed: with 729 of them the spring is 729 times too strong. Take the mean.",
    name="summed_squares",
    replace="(W**2).mean()",
    by="(W**2).sum()",
)
spring.misconception(
    "The weights themselves were averaged, so large positive and negative ones cancel. Square them first.",
    name="not_squared",
    replace="(W**2).mean()",
    by="W.mean()",
)
spring.misconception(
    "The mean was squared: it is near 0 for any W. Square first, then take the mean.",
    name="mean_squared",
    replace="(W**2).mean()",
    by="W.mean() ** 2",
)
spring.misconception(
    "That is the mean of absolute values (L1). Asked are the squares.",
    name="absolute",
    replace="(W**2).mean()",
    by="W.abs().mean()",
)
spring.misconception(
    "That is the length of W, the root of the sum of squares. Asked is the mean of the squares.",
    name="norm",
    replace="(W**2).mean()",
    by="W.norm()",
)
spring.misconception(
    "That is the variance of the weights: it pulls them to their mean. The spring pulls them to 0.",
    name="variance",
    replace="(W**2).mean()",
    by="W.var()",
)
spring.misconception(
    "The penalty has the wrong sign: it *rewards* large weights.",
    name="minus",
    replace="+ strength",
    by="- strength",
)
spring.misconception(
    "Half of strength: the 1/2 of some textbooks is not in the docstring.",
    name="half",
    replace="strength * (W**2).mean()",
    by="0.5 * strength * (W**2).mean()",
)
spring.misconception(
    "A strength of your own, 0.01: take the argument.",
    name="own_strength",
    replace="strength * (W**2)",
    by="0.01 * (W**2)",
)
spring.misconception(
    "The penalty is detached: it is in the loss, but its gradient is 0 and it pulls nothing.",
    name="penalty_detached",
    replace="(W**2).mean()",
    by="(W.detach() ** 2).mean()",
)
spring.misconception(
    "Only the penalty has a gradient: the data's part is detached.",
    name="nll_detached",
    replace="return nll +",
    by="return nll.detach() +",
)
spring.misconception(
    "Only the rows of W that occur in xs were penalized. The spring pulls all of W, or rare rows "
    "would go wild.",
    name="only_used_rows",
    replace="(W**2).mean()",
    by="(W[xs] ** 2).mean()",
)
spring.misconception(
    "The probabilities were penalized, not the weights: their squares are small for a *uniform* row "
    "too, but "
    "this is another model. (W**2).mean().",
    name="penalized_probs",
    replace="(W**2).mean()",
    by="(softmax(W) ** 2).mean()",
)
spring.misconception(
    "The penalty was multiplied in. Two forces add up: nll + strength * mean(W**2).",
    name="multiplied",
    replace="nll + strength *",
    by="nll * strength *",
)
spring.misconception(
    "`.item()` (or float) made a plain number of the loss. Return the tensor, or there is nothing to "
    "call backward() on.",
    name="item",
    replace="(W**2).mean()",
    by="(W**2).mean()).item()",
    edits=[("return nll +", "return (nll +")],
)

spring.variant(
    "torch's own functions",
    name="functional",
    source="""
def regularized_loss(W, xs, ys, strength):
    return F.cross_entropy(W[xs], ys) + strength * W.pow(2).mean()
""",
)
spring.variant(
    "the sum, divided", name="sum_divided", replace="(W**2).mean()", by="(W * W).sum() / W.numel()"
)
spring.variant(
    "mean squared distance from 0",
    name="mse",
    replace="(W**2).mean()",
    by="F.mse_loss(W, torch.zeros_like(W))",
)
spring.variant(
    "in the lecture's own lines",
    name="lecture",
    source="""
def regularized_loss(W, xs, ys, strength):
    xenc = F.one_hot(xs, num_classes=W.shape[0]).float()
    counts = (xenc @ W).exp()
    probs = counts / counts.sum(1, keepdims=True)
    return -probs[torch.arange(len(xs)), ys].log().mean() + strength * (W**2).mean()
""",
)
