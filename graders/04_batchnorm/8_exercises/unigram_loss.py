"""04.unigram_loss: E01: where zeros end."""

import torch

from graders.authoring import Tol, exercise

unigram = exercise("unigram_loss", title="E01: where zeros end")


@unigram.cases
def _(rng):
    for n, v in [(7, 3), (1, 4), (30, 5), (200, 27)]:
        yield dict(Y=rng.integers(0, v, n), vocab_size=v)
    yield dict(Y=torch.tensor([3, 3, 1, 3, 1]), vocab_size=6)
    yield dict(Y=torch.arange(5), vocab_size=5)
    yield dict(Y=torch.tensor([0, 256, 44, 300, 128]), vocab_size=301)  # no byte holds them
    yield dict(Y=torch.arange(5), vocab_size=50)
    yield dict(Y=torch.full((9,), 2), vocab_size=4)


# the sum has at most 50 terms, each at most 0.37; in float32 they round by 4e-8 each, 2e-6 in all
unigram.tolerance(Tol(rtol=1e-6, atol=2e-6))

unigram.legal("vocab_size: frozen", "the entropy of the characters' shares in Y")

unigram.hint("torch.bincount counts; divide by the number of answers.")
unigram.hint(
    "log(0) is -inf, and 0 * -inf is NaN. Characters that never occur add nothing: leave them out."
)
unigram.hint(
    "p = torch.bincount(Y).double() / len(Y); p = p[p > 0]; return -(p * p.log()).sum().item()"
)


@unigram.misconception(
    "log(0) is -inf, and 0 * -inf is NaN: characters that never occur must be left out. 0 * log 0 "
    "counts as 0."
)
def nan_for_zero(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -(p * p.log()).sum().item()


@unigram.misconception(
    "That is ln(vocab_size), the loss *before* training, when all characters seem as likely. "
    "Afterwards b2 knows "
    "how frequent each one is."
)
def uniform(Y, vocab_size):
    return float(torch.tensor(float(vocab_size)).log())


@unigram.misconception(
    "That is the logarithm of the number of characters that occur. They are not equally frequent: weigh "
    "each with its share."
)
def log_of_occurring(Y, vocab_size):
    return float(torch.tensor(float(len(Y.unique()))).log())


@unigram.misconception("The minus is missing: an entropy is never negative.")
def negative(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    p = p[p > 0]
    return (p * p.log()).sum().item()


@unigram.misconception(
    "The logarithms were averaged over the characters. A frequent character counts more often: weigh each "
    "with its share, sum p * log p."
)
def mean_over_characters(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -p[p > 0].log().mean().item()


@unigram.misconception(
    "p * log p was averaged over the characters. The shares are the weights already: sum."
)
def mean_of_products(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -(p * p.clamp(min=1e-300).log()).mean().item()


@unigram.misconception(
    "These are bits (base 2). The loss is measured with the natural logarithm, in nats."
)
def bits(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    p = p[p > 0]
    return -(p * p.log2()).sum().item()


@unigram.misconception(
    "One was added to each count. That is a smoothed model; the smallest loss on these answers "
    "belongs to their "
    "own shares."
)
def smoothed(Y, vocab_size):
    counts = torch.bincount(Y, minlength=vocab_size).double()
    q = (counts + 1) / (counts + 1).sum()
    return -(counts / len(Y) * q.log()).sum().item()


@unigram.misconception("The counts were not divided by their sum: shares add up to 1.")
def raw_counts(Y, vocab_size):
    n = torch.bincount(Y, minlength=vocab_size).double()
    n = n[n > 0]
    return -(n * n.log()).sum().item()


@unigram.misconception(
    "Divided by vocab_size where the number of answers belongs: the share of c is its count / N."
)
def over_vocab(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / vocab_size
    p = p[p > 0]
    return -(p * p.log()).sum().item()


@unigram.misconception(
    "That is minus the logarithm of the most frequent character's share: the loss if it always came."
)
def of_the_most_frequent(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).double() / len(Y)
    return -p.max().log().item()


@unigram.variant("answer by answer")
def answer_by_answer(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size).float() / Y.numel()
    return float(-p[Y].log().mean())


@unigram.variant("cross-entropy of the logarithms")
def cross_entropy(Y, vocab_size):
    logits = torch.bincount(Y, minlength=vocab_size).double().log()
    return torch.nn.functional.cross_entropy(logits.expand(len(Y), -1), Y).item()


@unigram.variant("plain Python")
def plain(Y, vocab_size):
    total = 0.0
    for c in range(vocab_size):
        share = (c == Y).double().mean().item()
        if share:
            total -= share * torch.tensor(share, dtype=torch.float64).log().item()
    return total


unigram.equivalent(
    "torch.bincount(Y, minlength=vocab_size).double()  ->  torch.bincount(Y, minlength=vocab_size)",
    "float32 will do: the tolerance says so",
)
unigram.equivalent(
    "torch.bincount(Y, minlength=vocab_size)  ->  torch.bincount(Y)",
    "what never occurs adds nothing",
)
unigram.equivalent("0  ->  -1", "Y has one dimension")
