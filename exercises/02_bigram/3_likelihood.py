# `hero check 02/3` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # How good is the model? One number
#
# To compare models you need a single number. A good model finds the real names likely. So ask it for
# the probability of each bigram that really occurs, and put these together:
#
#     likelihood        p1 * p2 * p3 * ...                should be high
#     log-likelihood    log p1 + log p2 + log p3 + ...    should be high, at most 0
#     NLL               -(log-likelihood)                 should be low, at least 0
#     average NLL       NLL / how many                    should be low: *the loss*
#
# What it means: at loss L the model is, on average, as unsure as if it chose among e**L equally likely
# characters. Knowing nothing is ln 27 = 3.2958. Your counts reach 2.454, about 11.6 characters.
#
# What will go wrong: multiplying hundreds of probabilities gives exactly 0.0 in floating
# point; a sum where a mean is asked grows with the data; and one bigram that was never counted
# makes the loss infinite. The last exercise repairs that.

# %%
import argparse
import sys

import torch
import torch.nn.functional as F  # noqa: F401  (there if you want it)

from data import DataError, load_names, picture

# %% [markdown]
# ## The counts, given


# %%
def vocabulary(words):
    """(stoi, itos): characters to indices and back; '.' is 0."""
    itos = dict(enumerate("." + "".join(sorted(set("".join(words))))))
    return {ch: i for i, ch in itos.items()}, itos


def count_matrix(words, stoi):
    """int32 (vocab_size, vocab_size): row = first character, column = second."""
    ids = torch.tensor([stoi[ch] for ch in "." + ".".join(words) + "."])
    size = len(stoi)
    pairs = torch.bincount(ids[:-1] * size + ids[1:], minlength=size * size)
    return pairs.view(size, size).int()


# %% [markdown]
# ## The probability of each step
#
# A name of n letters is n + 1 steps, and the end is a step like the others:
#
#     ava:   .→a    a→v    v→a    a→.
#            0.14   0.02   0.25   0.20


# %%
def step_probs(P, word, stoi):
    """The probability that the model gives to each bigram of a word.

    Args:
        P: float (vocab_size, vocab_size); P[i, j] is the probability of j after i.
        word: a string, without '.'; it may be empty.
        stoi: dict from character to index; '.' marks beginning and end.

    Returns:
        A tensor of the dtype of P, (len(word) + 1,): one probability for each bigram of
        '.' + word + '.', in order.

    Example:
        >>> P = torch.tensor([[0.1, 0.9], [0.6, 0.4]])
        >>> step_probs(P, "aa", {".": 0, "a": 1})
        tensor([0.9000, 0.4000, 0.6000])
    """
    # TODO 02.step_probs: your code here (stuck? `hero hint 02.step_probs`)
    raise NotImplementedError("02.step_probs")


# %% [markdown]
# ## Likelihood
#
# The steps of a name happen one after the other, so their probabilities multiply. That product
# is what *maximum likelihood* means to make large. For the counting model there is nothing left to do: of
# all bigram models, the one with P = normalized counts gives the training names the highest likelihood.


# %%
def likelihood(probs):
    """The product of probabilities.

    Args:
        probs: float tensor (n,), each in [0, 1], n >= 1.

    Returns:
        The product, a float (a tensor with no dimensions will do).

    Example:
        >>> float(likelihood(torch.tensor([0.5, 0.5, 0.25])))
        0.0625
    """
    # TODO 02.likelihood: your code here (stuck? `hero hint 02.likelihood`)
    raise NotImplementedError("02.likelihood")


# %% [markdown]
# ## Log-likelihood
#
# Two hundred steps of probability 0.01 have the likelihood 1e-400. The smallest number a double can
# hold is about 5e-324 (a float32 1e-45: there, 23 steps are enough), so you get 0.0, and its logarithm is
# -inf. Sums of logarithms have no such problem:
#
#     log(p1 * p2 * p3) = log p1 + log p2 + log p3
#
# Take each logarithm *first*, then add. And since log rises with its argument, whatever makes the one large
# makes the other large. `log` is the natural logarithm, here and in all lessons.


# %%
def log_likelihood(probs):
    """The logarithm of the product of probabilities, for any number of them.

    Args:
        probs: float tensor (n,), each in (0, 1], n >= 1; n may be in the thousands.

    Returns:
        The natural logarithm of their product, a float (a tensor with no dimensions will do).

    Example:
        >>> round(float(log_likelihood(torch.tensor([0.5, 0.5, 0.25]))), 4)
        -2.7726
    """
    # TODO 02.log_likelihood: your code here (stuck? `hero hint 02.log_likelihood`)
    raise NotImplementedError("02.log_likelihood")


# %% [markdown]
# ## Average negative log-likelihood
#
# Two changes make it a *loss*. A minus, since one likes to minimize. And a mean instead of a sum, so that
# a short and a long list of names can be compared.


# %%
def average_nll(probs):
    """The mean of -log(p).

    Args:
        probs: float tensor (n,), each in [0, 1], n >= 1.

    Returns:
        A float (a tensor with no dimensions will do), 0 at best, inf if a probability is 0.

    Example:
        >>> round(float(average_nll(torch.tensor([0.5, 0.5, 0.25]))), 4)
        0.9242
    """
    # TODO 02.average_nll: your code here (stuck? `hero hint 02.average_nll`)
    raise NotImplementedError("02.average_nll")


# %% [markdown]
# ## The loss of a model on a list of names
#
# Take the mean over all *steps* of all names. The mean of the names' means is something else: there the
# step of a short name weighs more than the step of a long one.
#
#     ab:  3 steps       all steps:  (3 + 5 numbers) / 8
#     abcd: 5 steps      not:        (mean of 3 + mean of 5) / 2


# %%
def model_loss(P, words, stoi):
    """The average negative log-likelihood over all bigrams of all words.

    Args:
        P: float (vocab_size, vocab_size); P[i, j] is the probability of j after i.
        words: list of at least one string, without '.'; an empty one is a step too, from '.' to '.'.
        stoi: dict from character to index; '.' marks beginning and end.

    Returns:
        A float (a tensor with no dimensions will do); inf if a bigram of the words has
        probability 0.

    Example:
        >>> P = torch.tensor([[0.5, 0.5], [0.75, 0.25]])
        >>> round(float(model_loss(P, ["a", "aa"], {".": 0, "a": 1})), 4)
        0.6696
    """
    # TODO 02.model_loss: your code here (stuck? `hero hint 02.model_loss`)
    raise NotImplementedError("02.model_loss")


# %% [markdown]
# ## Smoothing
#
# No name in the list contains `jq`. So P says it is *impossible*, and a name like "andrejq" has
# loss infinity. That is more certainty than a finite list can justify. Pretend to have seen
# every bigram a few times more than you have:
#
#     P[i, j] = (N[i, j] + alpha) / (sum over j of (N[i, j] + alpha))
#
# The fake counts go in *before* normalizing, into every cell, so the rows still sum to one. With larger
# alpha the rows become flatter; in the end they are uniform.


# %%
def smoothed_probs(N, alpha):
    """Probabilities from counts, after adding alpha to each count.

    Args:
        N: counts, int32 or float32 (vocab_size, vocab_size). It stays as it is.
        alpha: fake counts, an int or a float from 1e-6 to 1e6; also 0 if each row of N has a count.

    Returns:
        float32 (vocab_size, vocab_size); each row sums to 1.

    Example:
        >>> smoothed_probs(torch.tensor([[0, 2], [0, 0]], dtype=torch.int32), 1)
        tensor([[0.2500, 0.7500],
                [0.5000, 0.5000]])
    """
    # TODO 02.smoothed_probs: your code here (stuck? `hero hint 02.smoothed_probs`)
    raise NotImplementedError("02.smoothed_probs")


# %% [markdown]
# ## Run it on the names
#
# On the lecture's names (`--data lecture`) the raw counts reach 2.4540 and counts + 1 reach 2.4546. The
# picture shows a name as the model sees it: the higher a bar, the more it is surprised. Try your own name.


# %%
def plot_surprise(P, words, stoi, path):
    """-log p of each step of each word; the average is the dashed line."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.2 + 1.9 * len(words), 3.6), layout="constrained")
    axes = figure.subplots(1, len(words), sharey=True, squeeze=False)[0]
    for ax, word in zip(axes, words, strict=True):
        probs = step_probs(P, word, stoi)
        chars = "." + word + "."
        steps = [chars[i : i + 2] for i in range(len(word) + 1)]
        ax.bar(range(len(steps)), -probs.log(), color="#0072B2")
        ax.axhline(average_nll(probs), color="black", linestyle="--", linewidth=1)
        ax.set_xticks(range(len(steps)), steps)
        ax.set_title(f"{word}: {average_nll(probs):.2f}")
        ax.set_xlabel("step")
    axes[0].set_ylabel("-log p")
    figure.suptitle("how much each step surprises the model, and the average")
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Measures the bigram model.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--full", action="store_true", help="as it is: this part always takes all")
    parser.add_argument("--name", default="andrejq", help="a name to look at, letters a to z")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)

    words = load_names(args.data)
    stoi, _ = vocabulary(words)
    name = "".join(ch for ch in args.name.lower() if ch in stoi and ch != ".")
    if not name:
        parser.error("--name: none of its letters stands in the data")
    N = count_matrix(words, stoi)

    first = words[0]
    probs = step_probs(smoothed_probs(N, 0), first, stoi)
    print(f"{first}:   " + "  ".join(f"{p:.4f}" for p in probs.tolist()))
    print(
        f"likelihood {likelihood(probs):.3e}, log-likelihood {log_likelihood(probs):.4f}, ", end=""
    )
    print(f"average NLL {average_nll(probs):.4f}\n")
    print(f"{'model':<18} {'all names':>10} {name:>12}")
    uniform = torch.ones(len(stoi), len(stoi)) / len(stoi)
    rows = [("uniform", uniform)]
    rows += [(f"counts + {alpha}", smoothed_probs(N, alpha)) for alpha in (0, 1, 100, 10_000)]
    for label, P in rows:
        on_name = model_loss(P, [name], stoi)
        print(f"{label:<18} {model_loss(P.double(), words, stoi):>10.4f} {on_name:>12.4f}")

    path = picture("02_bigram/surprise.png")
    known = [word for word in (first, "xavier", name) if set(word) <= set(stoi)]
    plot_surprise(smoothed_probs(N, 1), known, stoi, path)
    print(f"\n{path}: which step of {name} surprises the model most?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the table comes when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
