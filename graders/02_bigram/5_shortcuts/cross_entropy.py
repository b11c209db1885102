"""02.cross_entropy: E05: cross-entropy."""

import torch

from graders.authoring import differentiate, exercise

from .part import logit_cases, widened

entropy = exercise("cross_entropy", title="E05: cross-entropy")


@entropy.cases
def _(rng):
    for logits in map(widened, logit_cases(rng)):
        n, vocab = logits.shape
        ys = rng.integers(0, vocab, n)
        if n > 1 and vocab > 1:  # never all equal, or columns could be taken for elements
            ys[1] = (ys[0] + 1) % vocab
        yield dict(logits=logits, ys=ys)
    # the worst guess there is; and one of them among good ones
    yield dict(logits=torch.tensor([[1e4, -1e4]]), ys=torch.tensor([1]))
    yield dict(
        logits=torch.tensor([[60.0, 0.0, 1.0], [0.0, 2.0, 1.0]], dtype=torch.float64),
        ys=torch.tensor([1, 2]),
    )
    yield dict(logits=rng.normal(50, 27, std=3, dtype=torch.float32), ys=rng.integers(0, 27, 50))
    yield dict(logits=rng.normal(3, 300), ys=torch.tensor([299, 40, 140]))  # no byte holds them
    # as many examples as characters, where logits[:, ys] has the right shape
    yield dict(logits=rng.normal(4, 4, std=2), ys=torch.tensor(rng.shuffled(range(4))))


@entropy.oracle
def _(logits, ys):
    return torch.nn.functional.cross_entropy(logits, ys)


@entropy.check("gradients")
def _(m, logits, ys):
    logits.requires_grad_()
    up = torch.tensor(-1.7, dtype=logits.dtype)
    return dict(differentiate(m.cross_entropy(logits, ys), {"logits": logits}, up))


@entropy.check("a tensor")
def _(m, logits, ys):
    """A plain number would have no dimensions to ask for, and no backward()."""
    loss = m.cross_entropy(logits, ys)
    return [isinstance(loss, torch.Tensor), tuple(loss.shape), str(loss.dtype)]


entropy.hint("It is the loss of part 4, from one step earlier: not from probs, but from logits.")
entropy.hint(
    "log_softmax(logits) has a row for each example. Which one number of row i counts? And then?"
)
entropy.hint(
    "Pick [torch.arange(n), ys] from log_softmax(logits), take the mean, and the minus. Or call "
    "F.cross_entropy(logits, ys)."
)


@entropy.misconception(
    "You gave probabilities to a function that wants logits, so softmax is taken twice. It runs "
    "and even trains, badly: hand over the logits as they are."
)
def softmax_twice(logits, ys):
    return torch.nn.functional.cross_entropy(logits.softmax(1), ys)


@entropy.misconception(
    "You gave log-probabilities of a softmax that had already lost the small ones: they are -inf. "
    "Hand over the logits, or use your log_softmax."
)
def log_of_softmax(logits, ys):
    return -logits.softmax(1)[torch.arange(len(ys)), ys].log().mean()


@entropy.misconception(
    "exp of large logits is inf, and of very negative ones 0: the loss is then NaN or inf. Your "
    "log_softmax does it without either."
)
def no_max(logits, ys):
    counts = logits.exp()
    return -(counts / counts.sum(1, keepdim=True))[torch.arange(len(ys)), ys].log().mean()


@entropy.misconception(
    "log(p + 1e-9) hides the zeros: every bad guess costs at most 20.7, and beyond that there is no "
    "slope to learn from. Use log-probabilities: log_softmax(logits)."
)
def plus_1e_9(logits, ys):
    return -(logits.softmax(1)[torch.arange(len(ys)), ys] + 1e-9).log().mean()


@entropy.misconception(
    "A clamped probability makes all bad guesses equal, and gives them a gradient of 0. Use "
    "log-probabilities: log_softmax(logits)."
)
def clamped(logits, ys):
    return -logits.softmax(1)[torch.arange(len(ys)), ys].clamp(min=1e-9).log().mean()


@entropy.misconception(
    "The losses were summed. Take their mean, so that the loss does not grow with the number of "
    "examples."
)
def summed(logits, ys):
    return torch.nn.functional.cross_entropy(logits, ys, reduction="sum")


@entropy.misconception(
    "You divided by all elements, n * vocab_size. There is one loss for each example: divide by n."
)
def over_all_elements(logits, ys):
    return torch.nn.functional.cross_entropy(logits, ys, reduction="sum") / logits.numel()


@entropy.misconception(
    "One loss for each example comes back. Their mean, a single number, is wanted."
)
def not_reduced(logits, ys):
    return torch.nn.functional.cross_entropy(logits, ys, reduction="none")


@entropy.misconception(
    "The minus is missing: this is the average log-likelihood, which training would push down."
)
def positive(logits, ys):
    return logits.log_softmax(1)[torch.arange(len(ys)), ys].mean()


@entropy.misconception(
    "The logits themselves were averaged. They are not normalized: subtract the log of the sum "
    "of the exps first, that is log_softmax."
)
def raw_logits(logits, ys):
    return -logits[torch.arange(len(ys)), ys].mean()


@entropy.misconception(
    "The probabilities were averaged, and then the logarithm was taken. Each example has its own "
    "logarithm; the mean comes last."
)
def log_of_mean(logits, ys):
    return -logits.softmax(1)[torch.arange(len(ys)), ys].mean().log()


@entropy.misconception(
    "`[:, ys]` takes len(ys) columns of every row. You want one element of each row: pair the row "
    "numbers with the targets, [torch.arange(n), ys]."
)
def columns_of_every_row(logits, ys):
    return -logits.log_softmax(1)[:, ys].mean()


@entropy.misconception(
    "You normalized over the examples, dimension 0. Each row is a distribution: dimension 1."
)
def normalized_columns(logits, ys):
    return -logits.log_softmax(0)[torch.arange(len(ys)), ys].mean()


@entropy.misconception(
    "The targets were not used: this is the loss of the most likely characters, which is low "
    "however wrong they are. Pick those that really came, ys."
)
def of_the_favorite(logits, ys):
    return -logits.log_softmax(1).max(1).values.mean()


entropy.misconception(
    "`.item()` (or float) turned the loss into a plain number. Nobody can call backward() on it: "
    "return the tensor.",
    name="item",
    replace=".mean()",
    by=".mean().item()",
)
entropy.misconception(
    "The loss is detached from the logits: right value, but no gradient and so no training.",
    name="detached",
    replace="log_softmax(logits)[",
    by="log_softmax(logits).detach()[",
)
entropy.misconception(
    "The loss has a dimension, of size 1. It must be a tensor without any: mean() without "
    "keepdim gives one.",
    name="one_dimension",
    replace=".mean()",
    by=".mean(0, keepdim=True)",
)
entropy.misconception(
    "The result is float32 whatever the logits were. It keeps their dtype.",
    name="float32",
    replace="return -log_softmax(logits)",
    by="return -log_softmax(logits.float())",
)

entropy.misconception(
    """The probabilities were kept above a small number before the logarithm. What is less likely than
    that costs the same as it then; take log_softmax, which has no need of it.""",
    name="softmax_clamped",
    source="""
def cross_entropy(logits, ys):
    return -logits.softmax(1).clamp(min=1e-12)[torch.arange(len(ys)), ys].log().mean()
""",
)

entropy.variant(
    "torch's own",
    name="functional",
    replace="return -log_softmax(logits)[torch.arange(ys.shape[0]), ys].mean()",
    by="return F.cross_entropy(logits, ys)",
)
entropy.variant(
    "nll_loss of log_softmax",
    name="nll_loss",
    replace="return -log_softmax(logits)[torch.arange(ys.shape[0]), ys].mean()",
    by="return F.nll_loss(F.log_softmax(logits, 1), ys)",
)
entropy.variant(
    "log of the sum, minus the target's logit",
    name="logsumexp",
    replace="return -log_softmax(logits)[torch.arange(ys.shape[0]), ys].mean()",
    by="picked = logits.gather(1, ys.view(-1, 1)).squeeze(1)\n"
    "    return (logits.logsumexp(1) - picked).sum() / len(ys)",
)
entropy.variant(
    "a mask of one-hot rows",
    name="one_hot",
    replace="return -log_softmax(logits)[torch.arange(ys.shape[0]), ys].mean()",
    by="hot = F.one_hot(ys, logits.shape[1]).to(logits.dtype)\n"
    "    return -(hot * log_softmax(logits)).sum(1).mean()",
)
entropy.variant(
    "a loop",
    name="loop",
    replace="return -log_softmax(logits)[torch.arange(ys.shape[0]), ys].mean()",
    by="rows = log_softmax(logits)\n"
    "    return sum(-row[y] for row, y in zip(rows, ys.tolist(), strict=True)) / len(ys)",
)

entropy.equivalent("0  ->  -1", "ys has one dimension")
