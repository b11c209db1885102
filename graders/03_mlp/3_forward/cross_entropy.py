"""03.cross_entropy: cross-entropy by hand."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise

from .part import gradients, logit_cases

cross_entropy = exercise("cross_entropy", title="cross-entropy by hand")


@cross_entropy.cases
def _(rng):
    for logits in logit_cases(rng):
        n, v = logits.shape
        yield dict(logits=logits, Y=rng.integers(0, v, n))
    yield dict(logits=rng.normal(3, 300), Y=torch.tensor([299, 40, 140]))  # no byte holds them
    yield dict(logits=rng.normal(4, 6), Y=torch.full((4,), 2))


@cross_entropy.oracle
def _(logits, Y):
    return F.cross_entropy(logits.double(), Y).to(logits.dtype)


@cross_entropy.check("gradients")
def _(m, logits, Y):
    logits = logits.detach().clone().requires_grad_()
    loss = m.cross_entropy(logits, Y)
    return {"shape of the loss": tuple(loss.shape), **gradients(loss * 3, {"logits": logits})}


@cross_entropy.check("shape and dtype")
def _(m, logits, Y):
    loss = m.cross_entropy(logits, Y)
    return {"shape": tuple(loss.shape), "dtype": str(loss.dtype)}


cross_entropy.hint("Of each row's log-probabilities one matters. Which, and how are they averaged?")
cross_entropy.hint("Pick the pairs (row i, column Y[i]): [torch.arange(N), Y].")
cross_entropy.hint("-log_softmax(logits)[torch.arange(len(Y)), Y].mean()")

cross_entropy.misconception(
    "Summed, not averaged: the loss, and with it the step, would grow with the size of the batch.",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
cross_entropy.misconception(
    "The sign is missing: log-probabilities are negative, the loss is minus their mean.",
    name="sign",
    replace="return -logprobs",
    by="return logprobs",
)
cross_entropy.misconception(
    "`[:, Y]` takes these columns of *every* row. You want one per row: [torch.arange(N), Y].",
    name="every_row",
    replace="logprobs[torch.arange(len(Y)), Y]",
    by="logprobs[:, Y]",
)
cross_entropy.misconception(
    "You averaged all log-probabilities. Only that of the character that really came counts.",
    name="all_of_them",
    replace="logprobs[torch.arange(len(Y)), Y]",
    by="logprobs",
)
cross_entropy.misconception(
    "exp overflows, or the probability underflows to 0 and its log to -inf: use log_softmax, which "
    "subtracts each row's maximum.",
    name="naive",
    replace="logprobs = log_softmax(logits)",
    by="logprobs = (logits.exp() / logits.exp().sum(1, keepdim=True)).log()",
)
cross_entropy.misconception(
    "-log(p + 1e-9) is finite, and wrong: a mistake never costs more than 20.7, and its gradient "
    "vanishes. Use log_softmax.",
    name="plus_tiny",
    replace="logprobs = log_softmax(logits)",
    by="logprobs = (F.softmax(logits, 1) + 1e-9).log()",
)
cross_entropy.misconception(
    "Softmax before log_softmax: the probabilities were taken for logits. Normalize once.",
    name="softmax_twice",
    replace="log_softmax(logits)",
    by="log_softmax(F.softmax(logits, 1))",
)
cross_entropy.misconception(
    "You averaged the probabilities and took the log at the end. The log comes first: the loss is the "
    "mean of -log p.",
    name="log_of_mean",
    replace="return -logprobs[torch.arange(len(Y)), Y].mean()",
    by="return -logprobs[torch.arange(len(Y)), Y].exp().mean().log()",
)
cross_entropy.misconception(
    "The loss is a plain number now: .item(), float() or detach() cut the graph, and backward() has "
    "nothing to go back through.",
    name="item",
    replace="    return -logprobs[torch.arange(len(Y)), Y].mean()",
    by="    return -logprobs[torch.arange(len(Y)), Y].mean().detach()",
)
cross_entropy.misconception(
    "The loss in base 2: bits, not nats. Take the natural logarithm.",
    name="bits",
    replace=".mean()",
    by=".mean() / torch.log(torch.tensor(2.0, dtype=logits.dtype))",
)
cross_entropy.misconception(
    "Raw logits are no log-probabilities: log_softmax comes first.",
    name="no_softmax",
    replace="logprobs = log_softmax(logits)",
    by="logprobs = logits",
)
cross_entropy.misconception(
    "A Python number has no gradient: leave out .item() or float(), and return the tensor.",
    name="python_number",
    replace="return -logprobs[torch.arange(len(Y)), Y].mean()",
    by="return -logprobs[torch.arange(len(Y)), Y].mean().item()",
)
cross_entropy.misconception(
    "You divided by the size of the vocabulary; the mean is over the N examples.",
    name="by_vocabulary",
    replace=".mean()",
    by=".sum() / logits.shape[1]",
)
cross_entropy.misconception(
    "One loss for each example; what is asked is their mean, one number.",
    name="one_each",
    replace=".mean()",
    by="",
)
cross_entropy.misconception(
    "Index 0 was skipped as if it were padding. Here it is '.', the end of a name, and counts.",
    name="dot_ignored",
    replace="    logprobs = log_softmax(logits)",
    by="    return F.cross_entropy(logits, Y, ignore_index=0)\n    logprobs = log_softmax(logits)",
)


@cross_entropy.variant("logsumexp minus the right logit")
def by_logsumexp(logits, Y):
    right = logits.gather(1, Y.view(-1, 1)).squeeze(1)
    return (logits.logsumexp(1) - right).sum() / len(Y)


@cross_entropy.variant("one-hot")
def hot(logits, Y):
    log_p = torch.log_softmax(logits, 1)
    return -(log_p * F.one_hot(Y, logits.shape[1])).sum(1).mean()


@cross_entropy.variant("torch's own")
def torch_own(logits, Y):
    return F.cross_entropy(logits, Y)
