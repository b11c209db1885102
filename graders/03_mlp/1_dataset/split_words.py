"""03.split_words: train, dev and test names."""

import random

from graders.authoring import exercise

from .part import some

split_words = exercise("split_words", title="train, dev and test names")


@split_words.cases
def _(rng):
    for n, seed in [(10, 42), (27, rng.seed()), (7, rng.seed()), (18, 0), (39, rng.seed())]:
        yield dict(words=some(rng, n), seed=seed)


@split_words.check("default seed")
def _(m, words, seed):
    return m.split_words(words)


split_words.hint("Copy, shuffle, cut: which of the three would change the caller's list?")
split_words.hint("random.Random(seed) is a generator of its own; its shuffle works in place.")
split_words.hint(
    "words = list(words); random.Random(seed).shuffle(words); words[:n1], words[n1:n2]…"
)


@split_words.misconception(
    "Nothing was shuffled. The file is sorted, so train and test would hold different kinds of names."
)
def not_shuffled(words, seed=42):
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "The pieces are right, but you shuffled the caller's own list. Shuffle a copy."
)
def in_place(words, seed=42):
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception("The seed is always 42 in your version: use the argument.")
def seed_fixed(words, seed=42):
    words = list(words)
    random.Random(42).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "The training names come back in dev and test: cut words[n1:n2] and words[n2:], not from 0."
)
def overlapping(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[:n2], words


@split_words.misconception(
    "Dev and test changed places: the order is train, dev, test, as they lie in the shuffled list."
)
def swapped(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n2:], words[n1:n2]


@split_words.misconception(
    "A name at the cut is lost: the next slice begins exactly where the last one ended."
)
def one_lost(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1 + 1 : n2], words[n2 + 1 :]


@split_words.misconception(
    "You cut at 80 % and then at another 80 %: the second cut is at int(0.9 * n) of all names."
)
def nested(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1 = int(0.8 * len(words))
    rest = words[n1:]
    n2 = int(0.8 * len(rest))
    return words[:n1], rest[:n2], rest[n2:]


@split_words.misconception("The cuts were rounded; they are cut off: int(0.8 * n), int(0.9 * n).")
def rounded(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = round(0.8 * len(words)), round(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "Names that occur twice were dropped (a set?). Split the list as it is, repeats included."
)
def as_set(words, seed=42):
    words = list(dict.fromkeys(words))
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "You shuffled each split by itself, after cutting: a sorted file then still gives train and "
    "test different kinds of names. Shuffle first."
)
def cut_first(words, seed=42):
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    parts = [list(words[:n1]), list(words[n1:n2]), list(words[n2:])]
    for p in parts:
        random.Random(seed).shuffle(p)
    return parts


@split_words.misconception(
    "random.sample draws in another order than shuffle does. Both are fair, but all should get the same "
    "splits: random.Random(seed).shuffle on a copy."
)
def sampled(words, seed=42):
    words = random.Random(seed).sample(words, len(words))
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "You sorted the names before the shuffle, so they end elsewhere: shuffle the list as it comes."
)
def sorted_first(words, seed=42):
    words = sorted(words)
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "int(0.8 * n) + int(0.1 * n) cuts off twice, and is one less than int(0.9 * n) for many n."
)
def cut_off_twice(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1 = int(0.8 * len(words))
    n2 = n1 + int(0.1 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "The shuffle ignores the seed, so the splits change from run to run, and dev names of today are "
    "training names of tomorrow: random.Random(seed).shuffle."
)
def unseeded(words, seed=42):
    words = list(words)
    random.shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.misconception(
    "The right names, but random.seed seeds Python's one global generator: whoever draws from it next gets "
    "other numbers than without your function. random.Random(seed) is a generator of your own."
)
def global_seed(words, seed=42):
    words = words[:]
    random.seed(seed)
    random.shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@split_words.variant("the positions in whole numbers")
def whole_numbers(words, seed=42):
    words = words[:]
    random.Random(seed).shuffle(words)
    a, b = len(words) * 8 // 10, len(words) * 9 // 10
    return words[:a], words[a:b], words[b:]
