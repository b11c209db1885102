"""02.nll_loss: the loss of the network."""

import torch

from graders.authoring import differentiate, exercise

nll = exercise("nll_loss", title="the loss of the network")


@nll.cases
def _(rng):
    for n, v in [(1, 3), (4, 4), (5, 3), (3, 7), (40, 27)]:
        ys = rng.integers(0, v, n)
        if n > 1:  # never all equal, or a column could be taken for the picked elements
            ys[1] = (ys[0] + 1) % v
        yield dict(probs=rng.normal(n, v, std=1.5).softmax(1), ys=ys)
    yield dict(probs=rng.normal(6, 5, dtype=torch.float32).softmax(1), ys=rng.integers(0, 5, 6))
    # very small probabilities: nothing may be added or clamped
    probs = torch.tensor([[1e-12, 1 - 1e-12], [0.25, 0.75], [1e-30, 1.0]], dtype=torch.float64)
    yield dict(probs=probs, ys=torch.tensor([0, 1, 0]))
    yield dict(probs=rng.normal(3, 300).softmax(1), ys=torch.tensor([299, 40, 140]))
    yield dict(probs=rng.normal(4, 4).softmax(1), ys=torch.tensor(rng.shuffled(range(4))))


@nll.check("gradients")
def _(m, probs, ys):
    probs.requires_grad_()
    up = torch.tensor(-1.7, dtype=probs.dtype)
    return dict(differentiate(m.nll_loss(probs, ys), {"probs": probs}, up))


@nll.check("a tensor")
def _(m, probs, ys):
    """A plain number would have no backward()."""
    loss = m.nll_loss(probs, ys)
    return [isinstance(loss, torch.Tensor), tuple(loss.shape), str(loss.dtype)]


nll.hint("Of each row of probs only one number counts. Which?")
nll.hint(
    "probs[torch.arange(n), ys] picks it from every row. Then the logarithm, the mean, the minus."
)
nll.hint("return -probs[torch.arange(n), ys].log().mean(), with n = ys.shape[0]")


@nll.misconception(
    "The losses were summed. Take their mean, so that the loss does not grow with the number of examples."
)
def summed(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log().sum()


@nll.misconception(
    "The minus is missing: this is the log-likelihood, and going downhill on it makes the model worse."
)
def positive(probs, ys):
    return probs[torch.arange(len(ys)), ys].log().mean()


@nll.misconception(
    "`probs[:, ys]` takes len(ys) columns of *every* row. Pair row numbers with targets: "
    "probs[torch.arange(n), ys]."
)
def columns_of_every_row(probs, ys):
    return -probs[:, ys].log().mean()


@nll.misconception(
    "The logarithm is missing: the average probability was taken. (F.nll_loss takes none either; it wants "
    "log-probabilities.)"
)
def no_log(probs, ys):
    return -probs[torch.arange(len(ys)), ys].mean()


@nll.misconception(
    "The probabilities were averaged, and then the logarithm was taken. Each example has its own "
    "logarithm; the mean comes last."
)
def log_of_mean(probs, ys):
    return -probs[torch.arange(len(ys)), ys].mean().log()


@nll.misconception(
    "The targets were not used: this is the entropy-like mean over *all* probabilities. Pick those of ys."
)
def all_elements(probs, ys):
    return -probs.log().mean()


@nll.misconception(
    "The targets were not used: the most likely character of each row was scored, however wrong it is."
)
def of_the_favorite(probs, ys):
    return -probs.max(1).values.log().mean()


@nll.misconception(
    "log(p + 1e-9) caps the cost of a bad guess at 20.7, and beyond that there is no slope. probs "
    "come from a softmax: leave them."
)
def plus_1e_9(probs, ys):
    return -(probs[torch.arange(len(ys)), ys] + 1e-9).log().mean()


@nll.misconception(
    "Clamped probabilities make all bad guesses equal, with a gradient of 0. Leave them as they are."
)
def clamp_probs(probs, ys):
    return -probs[torch.arange(len(ys)), ys].clamp(min=1e-9).log().mean()


@nll.misconception(
    "That is the logarithm to base 2. The loss is measured with the natural one, torch.log."
)
def base_two(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log2().mean()


@nll.misconception(
    "This is the mean squared error between probs and one-hot targets. Asked is -log of the targets' "
    "probabilities."
)
def squared_error(probs, ys):
    hot = torch.nn.functional.one_hot(ys, probs.shape[1]).to(probs.dtype)
    return ((probs - hot) ** 2).mean()


@nll.misconception(
    "F.cross_entropy wants logits and takes a softmax of its own. These are probabilities already."
)
def softmax_twice(probs, ys):
    return torch.nn.functional.cross_entropy(probs, ys)


@nll.misconception("One loss for each example comes back. Their mean, one number, is wanted.")
def not_reduced(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log()


@nll.misconception(
    "Divided by all elements, n * vocab_size: there is one loss for each example, so divide by n."
)
def over_all_elements(probs, ys):
    return -probs[torch.arange(len(ys)), ys].log().sum() / probs.numel()


nll.misconception(
    "`.item()` (or float) made a plain number of the loss. Nobody can call backward() on it: return "
    "the tensor.",
    name="item",
    replace=".mean()",
    by=".mean().item()",
)
nll.misconception(
    "The loss is detached from probs: right value, but no gradient and so no training.",
    name="detached",
    replace="-probs[",
    by="-probs.detach()[",
)
nll.misconception(
    "The loss has a dimension, of size 1. mean() without keepdim gives a tensor without any.",
    name="one_dimension",
    replace=".mean()",
    by=".mean(0, keepdim=True)",
)

nll.variant(
    "gather",
    name="gather",
    replace="probs[torch.arange(n), ys].log()",
    by="probs.gather(1, ys[:, None]).squeeze(1).log()",
)
nll.variant(
    "torch's nll_loss of the logarithms",
    name="functional",
    replace="return -probs[torch.arange(n), ys].log().mean()",
    by="return F.nll_loss(probs.log(), ys)",
)
nll.variant(
    "logarithms first",
    name="log_first",
    replace="probs[torch.arange(n), ys].log()",
    by="probs.log()[torch.arange(n), ys]",
)
nll.variant(
    "a loop",
    name="loop",
    replace="return -probs[torch.arange(n), ys].log().mean()",
    by="return -sum(probs[i, y].log() for i, y in enumerate(ys)) / n",
)
nll.variant(
    "one-hot as a mask",
    name="mask",
    replace="return -probs[torch.arange(n), ys].log().mean()",
    by="return -(probs * one_hot(ys, probs.shape[1])).sum(1).log().sum() / n",
)

nll.equivalent("0  ->  -1", "ys has one dimension")
