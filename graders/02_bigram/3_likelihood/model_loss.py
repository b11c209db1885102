"""02.model_loss: the loss of a model on names."""

import torch

from graders.authoring import Tol, exercise

from .part import alphabet, table, word

model = exercise("model_loss", title="the loss of a model on names", points=2)


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


model.legal("answer: tensor for float", "a tensor with no dimensions will do")

model.hint(
    "step_probs gives the steps of one word, average_nll the loss of any number of steps. What lies "
    "between?"
)
model.hint("Collect the steps of *all* words in one tensor (torch.cat), and average once.")
model.hint("return average_nll(torch.cat([step_probs(P, word, stoi) for word in words]))")


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
