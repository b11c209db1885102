# `hero check 02/7` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # E02 and E03: train, dev, test
#
# A model that memorizes its training names has a wonderful loss, on these names. What you want to know is how
# it does on names it has *not* seen. So names are put into three drawers:
#
#     ├──────────── train 80 % ────────────┼─ dev 10 % ─┼─ test 10 % ─┤
#      the counts come from here            you choose    you look
#                                           alpha here    once, at the end
#
# Why two drawers besides train? Whoever tries a hundred settings and keeps the one that is best on dev has
# fitted dev a little. Test stays fresh for an honest number.
#
# What will go wrong: names that stand in order of popularity and are not shuffled, so that train and test
# differ in kind; examples made before the split, so that pieces of one name are in two drawers; counts
# that saw dev; a setting picked on test. None of it raises an error, and most of it makes the numbers
# *better*.

# %%
import argparse
import itertools
import random
import sys

import torch
import torch.nn.functional as F  # noqa: F401  (there if you want it)

from data import DataError, load_names, picture, progress

# %% [markdown]
# ## Given: trigram counts
#
# Smoothing hardly matters for bigrams, there are about 250 examples for each cell. For the 19,683 cells of a
# trigram it does. (In the data some 2,500 names stand twice, for girls and for boys, so about 400 of the
# 3,200 dev names stand in train too. That is the lecture's list; for a paper you would remove them.)


# %%
def trigram_examples(words, stoi):
    """(xs, ys): contexts int64 (n, 2), next characters int64 (n,)."""
    ids = [[0, 0] + [stoi[ch] for ch in word] + [0] for word in words]
    xs = [[a, b] for word in ids for a, b in itertools.pairwise(word[:-1])]
    return torch.tensor(xs), torch.tensor([c for word in ids for c in word[2:]])


def trigram_counts(xs, ys, size):
    """int32 (size, size, size)."""
    flat = (xs[:, 0] * size + xs[:, 1]) * size + ys
    return torch.bincount(flat, minlength=size**3).view(size, size, size).int()


# %% [markdown]
# ## E02: split
#
# Shuffle a *copy* with the random numbers you are given, then cut at 80 % and at 90 %. Split the
# *names*, not the examples: pieces of one name in both drawers would make dev too easy.


# %%
def split_words(words, rng):
    """Shuffles the words and splits them 80 / 10 / 10.

    Args:
        words: list of n strings. It stays as it is.
        rng: a random.Random, the only source of randomness. (rng.shuffle(x) shuffles a list in
            place, rng.sample(x, k) draws k of its elements without replacement.) Any way of using it will do.

    Returns:
        (train, dev, test): three lists of strings. With n1 = int(0.8 * n) and n2 = int(0.9 * n), they
        have n1, n2 - n1 and n - n2 words. Each word of the input is in exactly one of them (one that
        occurs twice, twice).

    Example:
        >>> train, dev, test = split_words(list("abcdefghij"), random.Random(42))
        >>> len(train), len(dev), len(test), sorted(train + dev + test) == list("abcdefghij")
        (8, 1, 1, True)

    Source: lecture, E02.
    """
    # TODO 02.split_words: your code here (stuck? `hero hint 02.split_words`)
    raise NotImplementedError("02.split_words")


# %% [markdown]
# ## What smoothing does
#
# Counts from one drawer, examples from another (or the same), and alpha as in part 3. The order matters: add
# alpha to the counts, *then* normalize. The other way round rows no longer sum to 1, and a row that was never
# seen is 0 / 0.


# %%
def smoothed_nll(N, xs, ys, alpha):
    """The loss on some examples of the trigram model made from counts N, smoothed by alpha.

    Args:
        N: counts, int32 (vocab_size, vocab_size, vocab_size); N[a, b, c] counts c after a, b. Stays
            as it is.
        xs: int64 (n, 2), contexts of the examples, which need not be those that were counted.
        ys: int64 (n,), what followed; n >= 1.
        alpha: fake counts for each cell, a number from 1e-6 to 1e6.

    Returns:
        A float (a tensor with no dimensions will do): the average negative log-likelihood.

    Example:
        >>> N = torch.zeros(2, 2, 2, dtype=torch.int32)
        >>> N[0, 1, 1] = 2
        >>> round(float(smoothed_nll(N, torch.tensor([[0, 1]]), torch.tensor([0]), 1)), 4)  # -log(1/4)
        1.3863
    """
    # TODO 02.smoothed_nll: your code here (stuck? `hero hint 02.smoothed_nll`)
    raise NotImplementedError("02.smoothed_nll")


# %% [markdown]
# ## E03: tune
#
# Try a list of alphas, look at the dev loss, keep the best. On *train* the best alpha is always the
# smallest: there nothing is unseen. On dev there is a valley: too little is punished by what was never
# counted, too much drowns the counts.


# %%
def tune(N, xs, ys, alphas):
    """The alpha with the lowest loss.

    Args:
        N: counts from the training names, int32 (vocab_size, vocab_size, vocab_size).
        xs, ys: int64 (n, 2) and (n,), the examples that decide (those of dev); n >= 1.
        alphas: list of at least one float from 1e-6 to 1e6, in any order.

    Returns:
        (alpha, losses): the best of the alphas, a float, the first of them if several are best; and
        the list of all losses, floats, in the order of alphas. The work grows with the number of alphas.

    Example:
        >>> N = torch.zeros(2, 2, 2, dtype=torch.int32)
        >>> N[0, 1, 1] = 2
        >>> alpha, losses = tune(N, torch.tensor([[0, 1]]), torch.tensor([0]), [0.5, 2.0, 1.0])
        >>> alpha, [round(loss, 4) for loss in losses]
        (2.0, [1.7918, 1.0986, 1.3863])

    Source: lecture, E03.
    """
    # TODO 02.tune: your code here (stuck? `hero hint 02.tune`)
    raise NotImplementedError("02.tune")


# %% [markdown]
# ## The whole experiment
#
# Counts from train, alpha from dev, and the test loss once, with that alpha. `train` here is what
# `trigram_examples` makes of the training names, and so on: the names were split first.


# %%
def experiment(train, dev, test, vocab_size, alphas):
    """Counts on train, tunes alpha on dev, reports all three losses.

    Args:
        train, dev, test: pairs (xs, ys) of int64 tensors (n, 2) and (n,); n >= 1, and may differ.
        vocab_size: an int.
        alphas: list of at least one float from 1e-6 to 1e6.

    Returns:
        A dict with four floats: "alpha", the one with the lowest loss on dev (the first if several are),
        and "train", "dev", "test", the loss on each with that alpha and the counts of train.

    Example:
        >>> train = torch.tensor([[0, 1], [0, 1], [0, 1]]), torch.tensor([1, 1, 0])
        >>> dev = torch.tensor([[0, 1], [0, 1]]), torch.tensor([0, 1])
        >>> report = experiment(train, dev, dev, 2, [0.1, 5.0, 1.0])
        >>> report["alpha"], round(report["train"], 4), round(report["test"], 4)
        (5.0, 0.6704, 0.6961)
    """
    # TODO 02.experiment: your code here (stuck? `hero hint 02.experiment`)
    raise NotImplementedError("02.experiment")


# %% [markdown]
# ## Run it on the names
#
# Is a trigram model still better than a bigram model on names it has not seen? Look at dev and
# test. Then look at the two curves: one has a valley. `--names 2000` makes the training set small: the
# valley gets deep, and the gap between the curves wide, for with fewer counts the fake ones are needed more.


# %%
def plot_curves(alphas, curves, best, path):
    """Loss against alpha, on train and on dev."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for label, losses in curves.items():
        axes.plot(alphas, losses, marker=".", label=label)
    axes.axvline(best, color="black", linestyle="--", linewidth=1, label=f"chosen: {best:.3g}")
    axes.set_xscale("log")
    axes.set(xlabel="alpha", ylabel="loss", title="smoothing: what train cannot tell you")
    axes.legend()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Tunes the smoothing of a trigram model.")
    parser.add_argument("--data", default="embedded", help="'lecture', or a file of names")
    parser.add_argument("--names", type=int, default=0, help="use only so many names, at random")
    parser.add_argument("--full", action="store_true", help="four times as many values of alpha")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)

    words = load_names(args.data)
    if args.names:
        words = random.Random(42).sample(words, max(0, min(args.names, len(words))))
    if len(words) < 10:
        parser.error("with fewer than 10 names there are no three splits")
    stoi = {ch: i for i, ch in enumerate("." + "".join(sorted(set("".join(words)))))}
    size = len(stoi)
    splits = split_words(words, random.Random(42))
    train, dev, test = (trigram_examples(part, stoi) for part in splits)
    for label, part in zip(("train", "dev", "test"), splits, strict=True):
        print(f"{label:<6} {len(part):>6,} names: {' '.join(part[:4])} ...")

    steps = 80 if args.full else 20
    alphas = [10 ** (-3 + 4 * i / steps) for i in range(steps + 1)]
    N = trigram_counts(*train, size)
    curves = {"train": [], "dev": []}
    with progress(len(alphas), "smoothing") as bar:
        for alpha in alphas:
            curves["train"].append(smoothed_nll(N, *train, alpha))
            curves["dev"].append(smoothed_nll(N, *dev, alpha))
            bar.update(loss=curves["dev"][-1])
    report = experiment(train, dev, test, size, alphas)
    # a bigram model is a cube in which the older character makes no difference
    pairs = N.sum(0, keepdim=True).expand(size, size, size)
    keys = ("alpha", "train", "dev", "test")
    print(f"\n{'':<8} " + " ".join(f"{key:>9}" for key in keys))
    alpha, _ = tune(pairs, *dev, alphas)
    losses = [smoothed_nll(pairs, *part, alpha) for part in (train, dev, test)]
    print(f"{'bigram':<8} {alpha:>9.4f} " + " ".join(f"{loss:>9.4f}" for loss in losses))
    print(f"{'trigram':<8} " + " ".join(f"{report[key]:>9.4f}" for key in keys))
    alpha, _ = tune(N, *train, alphas)
    print(f"Tuned on train instead, alpha would be {alpha:g}, the smallest there is.")
    path = picture("02_bigram/smoothing.png")
    plot_curves(alphas, curves, report["alpha"], path)
    print(f"{path}: on train the least smoothing is best. On dev?")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: the curves come when all of this part are there.")
    except DataError as error:
        sys.exit(str(error))
