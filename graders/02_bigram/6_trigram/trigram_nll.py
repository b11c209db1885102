"""02.trigram_nll: the loss of trigrams."""

import torch

from graders.authoring import Tol, exercise

# float32 probabilities carry 6e-8 each, and the sum of 50 rounds by 2e-6 at most: far below any mistake.
nll = exercise("trigram_nll", title="the loss of trigrams")


def random_probs(rng, vocab, dtype=torch.float64):
    """A random cube, sharp in some contexts and flat in others."""
    scale = rng.uniform(0.5, 4, vocab, vocab, 1)
    return (rng.normal(vocab, vocab, vocab) * scale).softmax(2).to(dtype)


@nll.cases
def _(rng):
    for vocab, n in [(3, 5), (5, 1), (4, 30), (2, 2)]:
        P = random_probs(rng, vocab)
        xs = rng.integers(0, vocab, n, 2)
        xs[0] = torch.tensor([0, 1])  # never a palindrome throughout
        yield dict(P=P, xs=xs, ys=torch.cat([torch.tensor([1]), rng.integers(0, vocab, n - 1)]))
    yield dict(
        P=random_probs(rng, 6, torch.float32),
        xs=rng.integers(0, 6, 50, 2),
        ys=rng.integers(0, 6, 50),
    )
    # 900 steps: their product is 0.0, the sum of their logarithms is not
    yield dict(P=random_probs(rng, 5), xs=rng.integers(0, 5, 900, 2), ys=rng.integers(0, 5, 900))
    # unlikely, and impossible
    P = random_probs(rng, 3)
    P[0, 1] = torch.tensor([1e-12, 0.3, 0.7 - 1e-12])
    P[2, 1] = torch.tensor([0.5, 0.0, 0.5])
    xs = torch.tensor([[0, 1], [2, 1], [1, 1]])
    yield dict(P=P, xs=xs, ys=torch.tensor([0, 2, 1]))
    yield dict(P=P, xs=xs, ys=torch.tensor([2, 1, 0]))


nll.tolerance(Tol(rtol=3e-6))


@nll.oracle
def _(P, xs, ys):
    logs = torch.stack([P[a, b, c].log() for (a, b), c in zip(xs, ys, strict=True)])
    return float(-logs.sum() / len(logs))


nll.legal("answer: tensor for float", "a tensor with no dimensions will do")

nll.hint("It is the loss of part 3, with one index more.")
nll.hint("P can be indexed with three tensors at once, one for each dimension.")
nll.hint("return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()")

nll.misconception(
    "The losses were summed. Take the mean, or the loss of a long list cannot be compared with that of a "
    "short one.",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
nll.misconception(
    "The minus is missing: this is the log-likelihood. A loss is smaller when the model is better.",
    name="positive",
    replace="return -P[",
    by="return P[",
)
nll.misconception(
    "The two characters of the context are swapped: the older one, xs[:, 0], is the first index.",
    name="swapped",
    replace="xs[:, 0], xs[:, 1], ys",
    by="xs[:, 1], xs[:, 0], ys",
)
nll.misconception(
    "What followed was used as the first index. It is the last one.",
    name="target_first",
    replace="xs[:, 0], xs[:, 1], ys",
    by="ys, xs[:, 0], xs[:, 1]",
)
nll.misconception(
    "You averaged the probabilities and took one logarithm. Each example has its own; the mean comes last.",
    name="log_of_mean",
    replace=".log().mean()",
    by=".mean().log()",
)
nll.misconception(
    "The logarithm is missing: that is the average probability, with a minus.",
    name="no_log",
    replace=".log().mean()",
    by=".mean()",
)
nll.misconception(
    "log(p + 1e-9) hides what the model calls impossible: its loss is inf, and smoothing is the honest cure.",
    name="plus_1e_9",
    replace="ys].log()",
    by="ys].add(1e-9).log()",
)
nll.misconception(
    "Clamping hides what the model calls impossible: its loss is inf, and smoothing is the honest cure.",
    name="clamped",
    replace="ys].log()",
    by="ys].clamp(min=1e-9).log()",
)
nll.misconception(
    "The likelihood is a product of hundreds of small numbers, which is 0.0 in the computer. Take "
    "logarithms first, then add.",
    name="product",
    replace=".log().mean()",
    by=".prod().log() / len(ys)",
)
nll.misconception(
    "That is the logarithm to base 2, or bits. The losses here are in natural logarithms.",
    name="base_two",
    replace=".log()",
    by=".log2()",
)
nll.misconception(
    "That is the perplexity, exp of the loss. Return the loss itself.",
    name="perplexity",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="return (-P[xs[:, 0], xs[:, 1], ys].log().mean()).exp().item()",
)
nll.misconception(
    "One loss for each example comes back. Their mean, a single number, is wanted.",
    name="not_reduced",
    replace=".log().mean().item()",
    by=".log()",
)
nll.misconception(
    "The mean runs over the whole cube of log-probabilities. Only what really came counts, once for "
    "each time it came.",
    name="whole_cube",
    replace="P[xs[:, 0], xs[:, 1], ys].log()",
    by="P.log()",
)
nll.misconception(
    "Each different trigram was counted once. One that comes ten times counts ten times.",
    name="unique",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log()",
    by="a, b, c = torch.cat([xs, ys[:, None]], 1).unique(dim=0).t()\n    return -P[a, b, c].log()",
)
nll.misconception(
    "The older character is not looked at: the cube was averaged over it. The context is both.",
    name="older_ignored",
    replace="P[xs[:, 0], xs[:, 1], ys]",
    by="P.mean(0)[xs[:, 1], ys]",
)

nll.variant(
    "a tensor",
    name="tensor",
    replace=".log().mean().item()",
    by=".log().mean()",
)
nll.variant(
    "a loop over Python numbers",
    name="loop",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="total = 0.0\n"
    "    for (a, b), c in zip(xs.tolist(), ys.tolist(), strict=True):\n"
    "        total -= P[a, b, c].log().item()\n"
    "    return total / len(ys)",
)
nll.variant(
    "cross-entropy of log-probabilities",
    name="nll_loss",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="return float(F.nll_loss(P.log()[tuple(xs.t())], ys))",
)
