"""One number for a model: step probabilities, likelihood, its logarithm, the average, smoothing."""

import torch

from graders.authoring import Tol, exercise

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def alphabet(n):
    """'.' and n letters, to indices."""
    return {ch: i for i, ch in enumerate("." + LETTERS[:n])}


def word(rng, letters, length):
    """A random word from the first letters of the alphabet."""
    return "".join(rng.choice(LETTERS[:letters]) for _ in range(length))


def table(rng, size, dtype=torch.float64):
    """Random rows that sum to 1; no two elements alike."""
    return rng.normal(size, size).softmax(1).to(dtype)


# -- step_probs ----------------------------------------------------------------------------------

steps = exercise("step_probs", title="the probability of each step")
steps.hint("A word of n letters has n + 1 bigrams. Where do the first and the last one come from?")
steps.hint(
    'With ids of "." + word + ".", bigram k goes from ids[k] to ids[k + 1], and costs P[ids[k], '
    "ids[k + 1]]."
)
steps.hint("P can be indexed with two lists at once: P[ids[:-1], ids[1:]].")


@steps.cases
def _(rng):
    for letters, length in [(2, 1), (3, 4), (5, 6), (26, 9), (4, 3)]:
        yield dict(
            P=table(rng, letters + 1), word=word(rng, letters, length), stoi=alphabet(letters)
        )
    yield dict(P=table(rng, 4), word="", stoi=alphabet(3))
    yield dict(P=table(rng, 3, torch.float32), word="abba", stoi=alphabet(2))
    order = [rng.choice("abc"), "."]  # '.' is not number 0, nor are the letters in order
    order += rng.shuffled(c for c in "abc" if c not in order)
    yield dict(P=table(rng, 4), word="cabba", stoi={ch: i for i, ch in enumerate(order)})


steps.misconception(
    "The end is missing: the last letter is followed by '.', and that step has a probability too.",
    name="no_end",
    replace='"." + word + "."',
    by='"." + word',
)
steps.misconception(
    "The beginning is missing: the first letter follows '.', and that step has a probability too.",
    name="no_start",
    replace='"." + word + "."',
    by='word + "."',
)
steps.misconception(
    "Beginning and end are missing: a word of n letters makes n + 1 steps, from '.' and to '.'.",
    name="bare",
    replace='ids = [stoi[ch] for ch in "." + word + "."]',
    by="ids = [stoi[ch] for ch in word]",
)
steps.misconception(
    "Row and column are swapped: P[i, j] is the probability of j *after* i.",
    name="swapped",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[1:], ids[:-1]]",
)
steps.misconception(
    "Every character was looked up as following '.'. It follows the one before it.",
    name="always_from_dot",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[0], ids[1:]]",
)
steps.misconception(
    "`P[rows][:, columns]` is a whole table, every row with every column. Two lists in one pair of "
    "brackets go "
    "step by step: P[rows, columns].",
    name="outer",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1]][:, ids[1:]]",
)
steps.misconception(
    "These are the logarithms. The probabilities themselves are wanted; the logarithm comes two "
    "exercises later.",
    name="logarithms",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].log()",
)
steps.misconception(
    "They were multiplied already. One number for each step is wanted.",
    name="multiplied",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].prod()",
)
steps.misconception(
    "That is the largest probability of each row, for whatever letter. Take the one of the letter "
    "that came.",
    name="largest",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1]].max(1).values",
)
steps.misconception(
    "A list came back. Make a tensor, with the dtype of P: log() and mean() are waiting for it.",
    name="a_list",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].tolist()",
)
steps.misconception(
    "torch.tensor of a list of numbers is float32 again, whatever P was. Keep its dtype.",
    name="float32",
    replace="P[ids[:-1], ids[1:]]",
    by="P[ids[:-1], ids[1:]].float()",
)
steps.misconception(
    "'.' is not always number 0: ask stoi.",
    name="dot_is_zero",
    replace='[stoi[ch] for ch in "." + word + "."]',
    by="[0, *[stoi[ch] for ch in word], 0]",
)
steps.misconception(
    "The indices came from the alphabet (ord). They are whatever stoi says.",
    name="by_ord",
    replace='[stoi[ch] for ch in "." + word + "."]',
    by='[0 if ch == "." else ord(ch) - 96 for ch in "." + word + "."]',
)


@steps.variant("step by step")
def one_by_one(P, word, stoi):
    text = "." + word + "."
    return torch.stack([P[stoi[text[k]], stoi[text[k + 1]]] for k in range(len(text) - 1)])


@steps.variant("through the flattened table")
def flattened(P, word, stoi):
    ids = torch.tensor([stoi[c] for c in "." + word + "."])
    return P.reshape(-1).gather(0, ids[:-1] * P.shape[1] + ids[1:])


# -- likelihood ----------------------------------------------------------------------------------

product = exercise("likelihood", title="likelihood")
product.hint("What happens together, multiplies.")
product.hint("Tensors have a method for it: prod().")
product.hint("return probs.prod().item()")


@product.cases
def _(rng):
    for n in (1, 2, 5, 12):
        yield dict(probs=rng.uniform(0.05, 1.0, n))
    yield dict(probs=torch.tensor([0.5, 0.0, 0.25], dtype=torch.float64))
    yield dict(probs=torch.full((4,), 0.01, dtype=torch.float64))
    yield dict(probs=torch.ones(3, dtype=torch.float64))


# relative only: a product of probabilities may be far below any absolute tolerance
product.tolerance(Tol(rtol=1e-9, atol=0.0))


@product.check(
    "float32",
    cases=lambda rng: iter([dict(probs=rng.uniform(0.1, 1.0, 6).float())]),
    tol=Tol(rtol=1e-5, atol=0.0),
)
def _(m, probs):
    return float(m.likelihood(probs))


@product.misconception("You added the probabilities. All steps have to happen: multiply.")
def added(probs):
    return probs.sum().item()


@product.misconception("That is the mean. The probability that *all* steps happen is the product.")
def averaged(probs):
    return probs.mean().item()


@product.misconception(
    "That is the logarithm of the likelihood; here the product itself is wanted."
)
def logarithm(probs):
    return probs.log().sum().item()


@product.misconception(
    "That is the smallest probability. Each step makes the whole less likely: multiply them all."
)
def smallest(probs):
    return probs.min().item()


@product.misconception("That is the geometric mean, the n-th root. The plain product is wanted.")
def geometric_mean(probs):
    return (probs.prod() ** (1 / len(probs))).item()


@product.misconception(
    "The running products came back (cumprod). The last of them is the likelihood."
)
def running(probs):
    return probs.cumprod(0)


@product.misconception("That is 1 minus the product: the probability that *not* all of it happens.")
def complement(probs):
    return 1 - probs.prod().item()


@product.misconception("The last step is missing in the product: range(n - 1) stops too early.")
def last_missing(probs):
    return probs[:-1].prod().item()


@product.misconception(
    "The first step is missing in the product: start from 1 and multiply by every one of them."
)
def first_missing(probs):
    return probs[1:].prod().item()


@product.variant("a loop")
def loop(probs):
    result = 1.0
    for p in probs.tolist():
        result *= p
    return result


@product.variant("exp of the sum of logarithms")
def exp_of_logs(probs):
    return probs.log().sum().exp()


# -- log_likelihood ------------------------------------------------------------------------------

logs = exercise("log_likelihood", title="log-likelihood")
logs.hint(
    "Which comes first, the logarithm or the product? With a thousand probabilities only one order works."
)
logs.hint("log(a * b) = log a + log b: take each logarithm, then add.")
logs.hint("return probs.log().sum().item()")


@logs.cases
def _(rng):
    for n in (1, 2, 7, 40):
        yield dict(probs=rng.uniform(0.05, 1.0, n))
    yield dict(probs=rng.uniform(0.001, 0.3, 3000))  # the product is 0.0 long before the end
    yield dict(probs=torch.full((400,), 0.01, dtype=torch.float64))
    yield dict(probs=torch.ones(3, dtype=torch.float64))
    yield dict(probs=torch.tensor([1e-12, 0.5], dtype=torch.float64))


@logs.check(
    "float32",
    cases=lambda rng: iter([dict(probs=rng.uniform(0.1, 1.0, 60).float())]),
    tol=Tol(rtol=1e-5),
)
def _(m, probs):
    return float(m.log_likelihood(probs))


@logs.misconception(
    "You multiplied first. The product of a few hundred probabilities is 0.0 in floating point, and "
    "its logarithm "
    "-inf: take each logarithm first, then add."
)
def log_of_product(probs):
    return probs.prod().log().item()


@logs.misconception(
    "You added the probabilities and took the logarithm of the sum. Logarithms first, then add."
)
def log_of_sum(probs):
    return probs.sum().log().item()


@logs.misconception(
    "The logarithms were averaged. The log-likelihood is their sum; the mean comes in the next exercise."
)
def averaged_logs(probs):
    return probs.log().mean().item()


@logs.misconception(
    "The sign is flipped: that is the *negative* log-likelihood. Logarithms of probabilities are at most 0."
)
def negative(probs):
    return -probs.log().sum().item()


@logs.misconception("Base 10. `log` means the natural logarithm here: torch.log, not log10.")
def base_ten(probs):
    return probs.log10().sum().item()


@logs.misconception("Base 2. `log` means the natural logarithm here: torch.log, not log2.")
def base_two(probs):
    return probs.log2().sum().item()


@logs.misconception("log1p is log(1 + p). Take log(p).")
def log_one_plus(probs):
    return probs.log1p().sum().item()


@logs.misconception(
    "Something like 1e-9 was added before the logarithm. Probabilities here are above 0; a small one "
    "must stay small."
)
def plus_small(probs):
    return (probs + 1e-9).log().sum().item()


@logs.misconception("The logarithms were multiplied. A product turns into a *sum* of logarithms.")
def product_of_logs(probs):
    return probs.log().prod().item()


@logs.misconception("The logarithm is missing: that is the sum of the probabilities.")
def no_log(probs):
    return probs.sum().item()


@logs.misconception("One logarithm for each step came back. Add them up.")
def not_added(probs):
    return probs.log()


@logs.variant("math.fsum")
def fsum(probs):
    import math

    return math.fsum(math.log(p) for p in probs.tolist())


@logs.variant("in pieces")
def pieces(probs):
    return sum(torch.log(piece).sum() for piece in probs.split(7))


# -- average_nll ---------------------------------------------------------------------------------

average = exercise("average_nll", title="the loss: average NLL")
average.hint("Two changes to the log-likelihood: the sign, and a mean in place of the sum.")
average.hint(
    "A good model has a loss near 0 and never below. If yours is negative, the minus is missing."
)
average.hint("return -probs.log().mean().item()")


@average.cases
def _(rng):
    for n in (1, 2, 7, 40):
        yield dict(probs=rng.uniform(0.05, 1.0, n))
    yield dict(probs=rng.uniform(0.001, 0.3, 3000))
    yield dict(probs=torch.full((5,), 1 / 27, dtype=torch.float64))
    yield dict(probs=torch.ones(3, dtype=torch.float64))
    yield dict(probs=torch.tensor([1e-12, 0.5, 1.0], dtype=torch.float64))


@average.check(
    "float32",
    cases=lambda rng: iter([dict(probs=rng.uniform(0.1, 1.0, 60).float())]),
    tol=Tol(rtol=1e-5),
)
def _(m, probs):
    return float(m.average_nll(probs))


@average.misconception(
    "That is the sum. Divide by their number, so that long and short lists can be compared."
)
def summed(probs):
    return -probs.log().sum().item()


@average.misconception("The minus is missing. A loss is to be made small, and 0 is its best value.")
def positive(probs):
    return probs.log().mean().item()


@average.misconception(
    "You averaged the probabilities and took the logarithm of the mean. Each step has its own "
    "logarithm; the mean comes last."
)
def log_of_mean(probs):
    return -probs.mean().log().item()


@average.misconception(
    "You multiplied first: the product of many probabilities is 0.0, and its logarithm -inf. "
    "Logarithms first."
)
def product_first(probs):
    return (-probs.prod().log() / len(probs)).item()


@average.misconception("Base 2: these are bits. The loss is measured with the natural logarithm.")
def bits(probs):
    return -probs.log2().mean().item()


@average.misconception("Base 10. The loss is measured with the natural logarithm: torch.log.")
def base_ten(probs):
    return -probs.log10().mean().item()


@average.misconception("Divided by n - 1. A mean divides by n, the number of steps.")
def by_n_minus_one(probs):
    return (-probs.log().sum() / max(1, len(probs) - 1)).item() if len(probs) > 1 else 0.0


@average.misconception("That is the perplexity, exp of the loss. The loss itself is wanted.")
def perplexity(probs):
    return (-probs.log().mean()).exp().item()


@average.misconception(
    "That is p * log p, an entropy. The steps were drawn by the names, not by the model: a plain "
    "mean of -log p."
)
def entropy(probs):
    return -(probs * probs.log()).sum().item()


@average.misconception("The logarithm is missing: 1 minus the mean probability is no likelihood.")
def one_minus_mean(probs):
    return 1 - probs.mean().item()


@average.misconception(
    "Something like 1e-9 was added before the logarithm, which caps the loss of a bad guess at 20.7. "
    "Leave the probabilities as they are."
)
def plus_small(probs):
    return -(probs + 1e-9).log().mean().item()


@average.misconception("That is the median. One terrible guess has to count: take the mean.")
def median(probs):
    return -probs.log().median().item()


@average.misconception("One loss for each step came back. Their mean, one number, is wanted.")
def not_averaged(probs):
    return -probs.log()


@average.variant("from the log-likelihood")
def from_log_likelihood(probs):
    return -(probs.log().sum() / probs.numel())


@average.variant("logarithm of the inverses")
def inverses(probs):
    return torch.log(1 / probs).mean().item()


# -- model_loss ----------------------------------------------------------------------------------

model = exercise("model_loss", title="the loss of a model on names", points=2)
model.hint(
    "step_probs gives the steps of one word, average_nll the loss of any number of steps. What lies "
    "between?"
)
model.hint("Collect the steps of *all* words in one tensor (torch.cat), and average once.")
model.hint("return average_nll(torch.cat([step_probs(P, word, stoi) for word in words]))")


@model.cases
def _(rng):
    for letters, lengths in [(2, (1, 6)), (3, (4,)), (5, (2, 9, 1)), (26, (5, 3, 12, 1, 7))]:
        yield dict(
            P=table(rng, letters + 1),
            words=[word(rng, letters, n) for n in lengths],
            stoi=alphabet(letters),
        )
    twice = word(rng, 3, 5)
    yield dict(P=table(rng, 4), words=[twice, "a", twice], stoi=alphabet(3))
    yield dict(P=table(rng, 4), words=["", "ab", ""], stoi=alphabet(3))
    order = rng.shuffled(".abc")
    yield dict(P=table(rng, 4), words=["cab", "b"], stoi={ch: i for i, ch in enumerate(order)})
    # many words: neither may the product be 0.0, nor the time grow with their square
    yield dict(
        P=table(rng, 5), words=[word(rng, 4, 1 + i % 7) for i in range(150)], stoi=alphabet(4)
    )


def impossible_cases(rng):
    P = table(rng, 3)
    P[1, 2] = 0.0
    yield dict(P=P / P.sum(1, keepdim=True), words=["ba", "aab"], stoi=alphabet(2))
    yield dict(P=P / P.sum(1, keepdim=True), words=["ba", "aa"], stoi=alphabet(2))


@model.check("a bigram that is impossible", cases=impossible_cases)
def _(m, P, words, stoi):
    return float(m.model_loss(P, words, stoi))


@model.check(
    "float32",
    cases=lambda rng: iter(
        [dict(P=table(rng, 4, torch.float32), words=["abc", "ba"], stoi=alphabet(3))]
    ),
    tol=Tol(rtol=1e-5),
)
def _(m, P, words, stoi):
    return float(m.model_loss(P, words, stoi))


@model.misconception(
    "That is the mean of the words' means: a step of a short name weighs more than one of a long "
    "name. Collect all "
    "steps, average once."
)
def mean_of_means(P, words, stoi):
    means = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        means.append(-P[ids[:-1], ids[1:]].log().mean())
    return torch.stack(means).mean().item()


@model.misconception("An empty word was left out. It is a step too: from '.' straight to '.'.")
def without_empty(P, words, stoi):
    ids = [[stoi[c] for c in "." + w + "."] for w in words if w]
    return -torch.cat([P[i[:-1], i[1:]] for i in ids]).log().mean().item()


@model.misconception(
    "The sum over all steps was divided by the number of words. Divide by the number of steps."
)
def per_word(P, words, stoi):
    total = 0.0
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        total = total - P[ids[:-1], ids[1:]].log().sum()
    return (total / len(words)).item()


@model.misconception("That is the sum over all steps. Divide by their number.")
def summed(P, words, stoi):
    return -sum(
        P[stoi[a], stoi[b]].log() for w in words for a, b in zip("." + w, w + ".", strict=True)
    ).item()


@model.misconception("The minus is missing: this is the average log-likelihood.")
def positive(P, words, stoi):
    ids = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    return torch.stack([P[i, j] for i, j in ids]).log().mean().item()


@model.misconception(
    "The ends of the names do not count here. The step to '.' is a step like the others."
)
def no_ends(P, words, stoi):
    ids = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w, strict=False)]
    return -torch.stack([P[i, j] for i, j in ids]).log().mean().item()


@model.misconception(
    "The number of steps is the number of letters here. A name of n letters has n + 1 steps; the end "
    "is one of them."
)
def divided_by_letters(P, words, stoi):
    ids = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    logs = torch.stack([P[i, j] for i, j in ids]).log()
    return (-logs.sum() / sum(len(w) for w in words)).item()


@model.misconception("Only the first name was measured: return stands inside the loop.")
def only_first(P, words, stoi):
    ids = [stoi[c] for c in "." + words[0] + "."]
    return -P[ids[:-1], ids[1:]].log().mean().item()


@model.misconception(
    "Only the last name was measured: the list of steps begins anew with each name."
)
def only_last(P, words, stoi):
    ids = [stoi[c] for c in "." + words[-1] + "."]
    return -P[ids[:-1], ids[1:]].log().mean().item()


@model.misconception(
    "The names were joined to one string without '.' between them: the model sees bigrams that cross "
    "from one name "
    "into the next."
)
def joined(P, words, stoi):
    ids = [stoi[c] for c in "." + "".join(words) + "."]
    return -P[ids[:-1], ids[1:]].log().mean().item()


@model.misconception(
    "Each bigram was counted once, however often it occurs. What is frequent must weigh more."
)
def distinct_bigrams(P, words, stoi):
    seen = {(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)}
    return -torch.stack([P[i, j] for i, j in sorted(seen)]).log().mean().item()


@model.misconception(
    "Names that come twice were dropped (set). Every name of the list counts, and their order does "
    "not matter."
)
def distinct_words(P, words, stoi):
    ids = [
        (stoi[a], stoi[b])
        for w in dict.fromkeys(words)
        for a, b in zip("." + w, w + ".", strict=True)
    ]
    return -torch.stack([P[i, j] for i, j in ids]).log().mean().item()


@model.misconception(
    "All likelihoods were multiplied first: with many names that is 0.0 and the loss infinite. "
    "Logarithms first."
)
def product_first(P, words, stoi):
    ids = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    return (-torch.stack([P[i, j] for i, j in ids]).prod().log() / len(ids)).item()


@model.misconception("Row and column are swapped: P[i, j] is the probability of j after i.")
def swapped(P, words, stoi):
    ids = [(stoi[b], stoi[a]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    return -torch.stack([P[i, j] for i, j in ids]).log().mean().item()


@model.misconception(
    "Steps of probability 0 were left out, or made a little larger. One impossible step makes the "
    "loss infinite, "
    "and that is the truth about this model."
)
def impossible_hidden(P, words, stoi):
    ids = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    probs = torch.stack([P[i, j] for i, j in ids])
    return -probs[probs > 0].log().mean().item()


@model.variant("a running sum and a count")
def running(P, words, stoi):
    total, n = 0.0, 0
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            total -= float(P[stoi[a], stoi[b]].log())
            n += 1
    return total / n


@model.variant("counts as weights")
def weighted(P, words, stoi):
    N = torch.zeros_like(P)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return -(N[N > 0] * P[N > 0].log()).sum() / N.sum()


# -- smoothed_probs ------------------------------------------------------------------------------

smooth = exercise("smoothed_probs", title="smoothing")
smooth.hint("Fake counts are counts: into every cell, before anything is divided.")
smooth.hint("Then normalize the rows as in part 2: P.sum(1, keepdim=True).")
smooth.hint("P = N.float() + alpha; return P / P.sum(1, keepdim=True)")


@smooth.cases
def _(rng):
    for size, alpha in [(3, 1), (4, 0.5), (1, 2), (6, 10), (27, 1)]:
        yield dict(N=rng.integers(0, 9, size, size).int(), alpha=alpha)
    N = rng.integers(1, 9, 4, 4).int()
    N[2] = 0  # a character that is never followed by anything
    yield dict(N=N, alpha=3)
    yield dict(N=rng.integers(1, 30, 5, 5).float(), alpha=0)
    yield dict(N=rng.integers(0, 5, 3, 3).float(), alpha=0.25)
    yield dict(N=torch.tensor([[0, 0], [1, 2**24]], dtype=torch.int32), alpha=1e-3)


smooth.misconception(
    "Smoothed after normalizing: alpha was added to probabilities. It is a number of fake *counts*, "
    "and goes in first.",
    name="after",
    replace="P = N.float() + alpha\n    return P / P.sum(1, keepdim=True)",
    by="P = N.float() / N.float().sum(1, keepdim=True) + alpha\n    return P / P.sum(1, keepdim=True)",
)
smooth.misconception(
    "Divided by the row sums of N, without the fake counts: rows sum to more than 1.",
    name="old_sums",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P / N.float().sum(1, keepdim=True)",
)
smooth.misconception(
    "alpha is not used: impossible stays impossible.",
    name="no_alpha",
    replace="N.float() + alpha",
    by="N.float()",
)
smooth.misconception(
    "1 was added, whatever alpha says.",
    name="always_one",
    replace="N.float() + alpha",
    by="N.float() + 1",
)
smooth.misconception(
    "alpha went only where the count was 0. Every cell gets it, or a bigram seen once is no better "
    "than one never seen.",
    name="only_zeros",
    replace="P = N.float() + alpha",
    by="P = torch.where(N == 0, torch.full(N.shape, float(alpha)), N.float())",
)
smooth.misconception(
    "The columns sum to 1. A row is what may follow a character: sum over dimension 1.",
    name="columns",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
smooth.misconception(
    "keepdim=True is missing: the row sums lie down as a row, and column j is divided by the sum of row j.",
    name="no_keepdim",
    replace="P.sum(1, keepdim=True)",
    by="P.sum(1)",
)
smooth.misconception(
    "The whole table sums to 1. Each *row* is a distribution of its own.",
    name="whole_table",
    replace="P.sum(1, keepdim=True)",
    by="P.sum()",
)
smooth.misconception(
    "alpha was added once to each row sum, not once for each cell of the row: rows no longer sum to 1.",
    name="alpha_once",
    replace="P.sum(1, keepdim=True)",
    by="(N.float().sum(1, keepdim=True) + alpha)",
)
smooth.misconception(
    "alpha was split over the cells of a row. It goes into every cell, whole.",
    name="alpha_shared",
    replace="N.float() + alpha",
    by="N.float() + alpha / N.shape[1]",
)
smooth.misconception(
    "The counts were multiplied by alpha: 0 stays 0. Add it.",
    name="multiplied",
    replace="N.float() + alpha",
    by="N.float() * alpha",
)
smooth.misconception(
    "alpha was cut to an integer (int(), or an int32 matrix): half a fake count became none.",
    name="integer_alpha",
    replace="N.float() + alpha",
    by="(N.int() + int(alpha)).float()",
)
smooth.misconception(
    "`+=` changes the caller's counts: smoothing twice would smooth more each time. Make a new tensor.",
    name="in_place",
    replace="P = N.float() + alpha",
    by="P = N.float() + alpha\n    N.copy_(P.to(N.dtype))",
)
smooth.misconception(
    "softmax is for logits. Counts are only divided by their sum.",
    name="softmax",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P.softmax(1)",
)
smooth.misconception(
    "The result is float64. float32 is asked for.",
    name="doubles",
    replace="N.float() + alpha",
    by="N.double() + alpha",
)
smooth.variant(
    "all at once",
    name="at_once",
    replace="return P / P.sum(1, keepdim=True)",
    by="return P / (N.sum(dim=-1, keepdim=True) + alpha * N.shape[1])",
)
smooth.variant(
    "torch's normalize",
    name="normalize",
    replace="return P / P.sum(1, keepdim=True)",
    by="return torch.nn.functional.normalize(P, p=1.0, dim=1)",
)
smooth.variant(
    "in double, and back",
    name="double_and_back",
    replace="P = N.float() + alpha\n    return P / P.sum(1, keepdim=True)",
    by="P = N.double() + alpha\n    return (P.T / P.sum(1)).T.float()",
)
