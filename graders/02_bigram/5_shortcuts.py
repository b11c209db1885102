"""Shortcuts: rows of W instead of one-hot, a stable log-softmax, cross-entropy."""

import torch

from graders.authoring import differentiate, exercise

# -- E04: rows ---------------------------------------------------------------------------------

rows = exercise("row_logits", title="E04: rows instead of one-hot")
rows.hint("What does a one-hot row, times W, take out of W?")
rows.hint("A tensor can be indexed with a tensor of indices: one row for each of them.")
rows.hint("return W[xs]")


@rows.cases
def _(rng):
    for vocab, n_out, shape in [(5, 3, (4,)), (4, 7, (1,)), (3, 2, (2, 5)), (6, 4, (2, 1, 3))]:
        yield dict(xs=rng.integers(0, vocab, *shape), W=rng.normal(vocab, n_out))
    yield dict(xs=torch.tensor(2), W=rng.normal(3, 5))
    yield dict(xs=rng.integers(0, 27, 40), W=rng.normal(27, 27, dtype=torch.float32))
    # the same row over and over, and rows of huge numbers: gradients of a row add up
    yield dict(xs=torch.full((6,), 3), W=rng.normal(4, 3, std=1e4))
    # W need not lie in memory row by row
    yield dict(xs=rng.integers(0, 5, 7), W=rng.normal(3, 5).t())


@rows.oracle
def _(xs, W):
    return torch.stack([W[int(i)] for i in xs.flatten()]).view(*xs.shape, W.shape[1])


@rows.check("gradients")
def _(m, xs, W):
    W.requires_grad_()
    up = torch.linspace(-1, 2, xs.numel() * W.shape[1], dtype=W.dtype).view(*xs.shape, W.shape[1])
    return dict(differentiate(m.row_logits(xs, W), {"W": W}, up))


def spoiled_rows(rng):
    for bad in (float("inf"), float("nan"), float("-inf")):
        W = rng.normal(5, 3)
        W[2, 1] = bad
        W[4] = bad
        yield dict(xs=torch.tensor([0, 3, 1, 3]), W=W)


@rows.check("rows that are not asked for", cases=spoiled_rows)
def _(m, xs, W):
    return m.row_logits(xs, W)


@rows.misconception(
    "That is still the product with one-hot vectors: nearly all of its multiplications are by "
    "zero, and 0 * inf is NaN, so a bad row that nobody asked for spoils the result. Take the rows "
    "of W by their indices."
)
def one_hot(xs, W):
    hot = torch.nn.functional.one_hot(xs, W.shape[0]).to(W.dtype)
    return hot @ W


rows.misconception(
    "You took columns of W. Row i of W holds the logits of what follows character i: index the "
    "first dimension.",
    name="columns",
    replace="return W[xs]",
    by="return W[:, xs % W.shape[1]]",
)
rows.misconception(
    "W is transposed before its rows are taken, which gives columns. Row i of W belongs to "
    "character i.",
    name="transposed",
    replace="return W[xs]",
    by="return W.T[xs % W.shape[1]]",
)
rows.misconception(
    "gather with one index per example takes one number of W for each, not a row. Indexing with "
    "xs takes whole rows.",
    name="gathered",
    replace="return W[xs]",
    by="return W[xs, xs % W.shape[1]]",
)
rows.misconception(
    "The values are right, but .data or detach() cut them off from W: no gradient comes back, and "
    "W never learns.",
    name="detached",
    replace="return W[xs]",
    by="return W.detach()[xs]",
)
rows.misconception(
    "xs was flattened. It may have any shape: what comes back has that shape, and one more "
    "dimension for the logits.",
    name="flattened",
    replace="return W[xs]",
    by="return W[xs.flatten()]",
)
rows.misconception(
    "`squeeze()` removes every dimension of size 1, also that of a batch of one. The result always "
    "has the shape of xs and one more dimension.",
    name="squeezed",
    replace="return W[xs]",
    by="return W[xs].squeeze()",
)
rows.misconception(
    "Each row is there only once: unique() dropped the repeats and sorted the rest. Every index, "
    "repeated or not, gets a row, in the order of xs.",
    name="unique",
    replace="return W[xs]",
    by="return W[xs.unique()]",
)
rows.misconception(
    "These are probabilities. Logits are wanted, the numbers in W as they are; softmax comes "
    "later, inside the loss.",
    name="softmaxed",
    replace="return W[xs]",
    by="return W[xs].softmax(-1)",
)
rows.misconception(
    "These are counts: exp was already taken. The rows of W as they are, the logits, are wanted.",
    name="exponentiated",
    replace="return W[xs]",
    by="return W[xs].exp()",
)
rows.misconception(
    "The result is float32 whatever W was. The rows of W need no conversion, they are numbers of "
    "W's dtype already.",
    name="float32",
    replace="return W[xs]",
    by="return W[xs].float()",
)
rows.misconception(
    "The rows went into a new tensor, made by torch.tensor from plain numbers. It does not know "
    "where they came from, so no gradient flows back to W. Index W itself.",
    name="plain_numbers",
    replace="return W[xs]",
    by="rows = [W[int(i)].tolist() for i in xs.flatten()]\n"
    "    if len(xs.shape) == 1:\n        return torch.tensor(rows)\n"
    "    return torch.tensor(rows, dtype=W.dtype).view(*xs.shape, -1)",
)
rows.variant(
    "torch's own embedding",
    name="embedding",
    replace="return W[xs]",
    by="return F.embedding(xs, W)",
)
rows.variant(
    "index_select",
    name="index_select",
    replace="return W[xs]",
    by="return W.index_select(0, xs.flatten()).view(*xs.shape, W.shape[1])",
)
rows.variant(
    "gather, with the index copied along the row",
    name="gather",
    replace="return W[xs]",
    by="flat = xs.reshape(-1, 1).expand(-1, W.shape[1])\n"
    "    return torch.gather(W, 0, flat).reshape(*xs.shape, W.shape[1])",
)
rows.variant(
    "row by row",
    name="stacked",
    replace="return W[xs]",
    by="return torch.stack([W[i] for i in xs.flatten()]).view(xs.shape + W.shape[1:])",
)

# -- log-softmax -------------------------------------------------------------------------------
# The tolerance goes with the largest expected number of a case, so each size of logits has cases of its
# own: what is lost near zero must not hide behind -20,000.


def logit_cases(rng):
    yield rng.normal(4, 3, std=2)
    yield rng.normal(1, 5)
    yield rng.normal(3, 1)  # one character only: its probability is 1
    yield rng.normal(5, 4, std=2, dtype=torch.float32)
    yield rng.normal(3, 4, std=8).t()  # not contiguous
    yield rng.normal(3, 5) + torch.tensor([[900.0], [0.0], [-900.0]], dtype=torch.float64)
    yield rng.normal(3, 6, dtype=torch.float32) + torch.tensor([[95.0], [0.0], [-120.0]])
    yield rng.normal(2, 4) * torch.tensor([40.0], dtype=torch.float64)  # log(p + 1e-9) is flat here
    yield torch.tensor([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]], dtype=torch.float64)
    yield torch.tensor([[-1e4, 1e4, 1e4, 3.0], [2.0, 2.0, 2.0, 2.0]])  # ties, float32
    yield torch.tensor([[0.0, -800.0], [-30.0, 0.0]], dtype=torch.float64)


def widened(logits):
    """The same, but thousands in float64: near 1e4 two float32 numbers are 0.001 apart.

    A right solution that computes `logits - logsumexp` rounds that much, which a small loss and
    a gradient would show.
    """
    return logits.double() if logits.abs().max() > 1000 else logits


def ramp(like):
    """An upstream gradient of the same shape; no two numbers are equal, and they do not sum to 0."""
    return torch.linspace(-1, 2, like.numel(), dtype=like.dtype).view(like.shape)


log_softmax = exercise("log_softmax", title="log-softmax")
log_softmax.hint("Is there any need to compute a probability, if all you want is its logarithm?")
log_softmax.hint(
    "log(exp(a) / sum) = a - log(sum). Subtracting the same number from a whole row changes "
    "nothing on paper; which number makes exp safe?"
)
log_softmax.hint(
    "norm_logits = logits - logits.max(1, keepdim=True).values; then subtract from it the log of "
    "norm_logits.exp().sum(1, keepdim=True)."
)


@log_softmax.cases
def _(rng):
    for logits in logit_cases(rng):
        yield dict(logits=logits)


@log_softmax.oracle
def _(logits):
    return torch.nn.functional.log_softmax(logits, 1)


def log_softmax_gradient_cases(rng):
    for logits in logit_cases(rng):
        yield dict(logits=widened(logits))


@log_softmax.check("gradients", cases=log_softmax_gradient_cases)
def _(m, logits):
    logits.requires_grad_()
    return dict(differentiate(m.log_softmax(logits), {"logits": logits}, ramp(logits.detach())))


@log_softmax.misconception(
    "No maximum is subtracted. exp(1000) is inf, and exp(-1000) is 0, whose logarithm is -inf: "
    "take each row's maximum away first."
)
def no_max(logits):
    return logits - logits.exp().sum(1, keepdim=True).log()


@log_softmax.misconception(
    "You took softmax first and its logarithm afterwards. A probability below 1e-45 (1e-324 in "
    "float64) is 0.0 by then, and log(0.0) is -inf. Never leave the logarithms: a - log(sum(exp(a)))."
)
def softmax_then_log(logits):
    return logits.softmax(1).log()


@log_softmax.misconception(
    "log(p + 1e-9) hides the zeros, and bends everything below 1e-9: it is flat where the true "
    "answer falls on, and has no slope to learn from. Compute log-probabilities directly, a - "
    "log(sum(exp(a)))."
)
def plus_1e_9(logits):
    return (logits.softmax(1) + 1e-9).log()


@log_softmax.misconception(
    "You clamped the probabilities away from 0. Below the bound all answers are equal and the gradient "
    "is 0. There is nothing to clamp if you compute a - log(sum(exp(a))) with the maximum taken out."
)
def clamped(logits):
    return logits.softmax(1).clamp(min=1e-9).log()


@log_softmax.misconception(
    "You clamped the logits, so that exp stays in range: this is another model for large ones. "
    "Subtract each row's maximum instead, it changes nothing on paper."
)
def clamped_logits(logits):
    logits = logits.clamp(-50, 50)
    return logits - logits.exp().sum(1, keepdim=True).log()


@log_softmax.misconception(
    "You subtracted the largest number of the whole tensor. In a row far below it every exp is 0 "
    "and the logarithm -inf: each row needs its own maximum."
)
def global_max(logits):
    a = logits - logits.max()
    return a - a.exp().sum(1, keepdim=True).log()


@log_softmax.misconception(
    "You normalized over the rows, dimension 0. Each row is a distribution: sum over dimension 1."
)
def columns(logits):
    return logits.log_softmax(0)


@log_softmax.misconception(
    "The sum runs over the whole tensor. Each row is a distribution of its own: sum over dimension 1."
)
def whole_tensor(logits):
    return logits.flatten().log_softmax(0).view(logits.shape)


@log_softmax.misconception(
    "The maximum was taken out of the exp, but only there: log(sum(exp(a))) = m + log(sum(exp(a - "
    "m))). Subtract m from the logits too, or add it back."
)
def max_not_added_back(logits):
    m = logits.max(1, keepdim=True).values
    return logits - (logits - m).exp().sum(1, keepdim=True).log()


@log_softmax.misconception("These are probabilities; their logarithms are wanted.")
def softmax_only(logits):
    return logits.softmax(1)


@log_softmax.misconception(
    "The sign is flipped: that is the negative log-likelihood of each character. A log-probability "
    "is never above 0."
)
def negated(logits):
    return -logits.log_softmax(1)


@log_softmax.misconception(
    "That is the logarithm to base 2. The loss is measured with the natural one, torch.log."
)
def base_two(logits):
    return logits.log_softmax(1) / 0.6931471805599453


@log_softmax.misconception(
    "The mean of the exps was taken in place of their sum: exp of the result sums to the number of "
    "characters, not to 1."
)
def mean_of_exps(logits):
    a = logits - logits.max(1, keepdim=True).values
    return a - a.exp().mean(1, keepdim=True).log()


log_softmax.misconception(
    "The result is cut off from the logits by detach() or .data: the values are right, but nothing "
    "can be trained through it.",
    name="detached",
    replace="norm_logits = logits - logits",
    by="norm_logits = logits.detach() - logits.detach()",
)
log_softmax.misconception(
    "The logarithm of the sum is cut off (detach or no_grad). Taking out the maximum may be, but "
    "the sum depends on every logit: without it the gradient lacks the part - softmax.",
    name="sum_detached",
    replace="norm_logits.exp().sum(1, keepdim=True).log()",
    by="norm_logits.exp().sum(1, keepdim=True).log().detach()",
)
log_softmax.misconception(
    "`-=` works in place: it changes the caller's logits. Write a new tensor, logits - max.",
    name="in_place",
    replace="norm_logits = logits - logits.max(1, keepdim=True).values",
    by="norm_logits = logits\n    norm_logits -= logits.max(1, keepdim=True).values",
)
log_softmax.variant(
    "logsumexp",
    name="logsumexp",
    replace="return norm_logits - norm_logits.exp().sum(1, keepdim=True).log()",
    by="return logits - torch.logsumexp(logits, 1, keepdim=True)",
)
log_softmax.variant(
    "torch's own",
    name="functional",
    replace="return norm_logits - norm_logits.exp().sum(1, keepdim=True).log()",
    by="return F.log_softmax(logits, dim=-1)",
)
log_softmax.variant(
    "maximum without a gradient",
    name="max_detached",
    replace="norm_logits = logits - logits.max(1, keepdim=True).values",
    by="norm_logits = logits - logits.detach().amax(1, keepdim=True)",
)
log_softmax.variant(
    "row by row",
    name="row_by_row",
    replace="return norm_logits - norm_logits.exp().sum(1, keepdim=True).log()",
    by="return torch.stack([row - row.exp().sum().log() for row in norm_logits])",
)

# -- E05: cross-entropy ------------------------------------------------------------------------

entropy = exercise("cross_entropy", title="E05: cross-entropy")
entropy.hint("It is the loss of part 4, from one step earlier: not from probs, but from logits.")
entropy.hint(
    "log_softmax(logits) has a row for each example. Which one number of row i counts? And then?"
)
entropy.hint(
    "Pick [torch.arange(n), ys] from log_softmax(logits), take the mean, and the minus. Or call "
    "F.cross_entropy(logits, ys)."
)


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
