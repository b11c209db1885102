"""03.build_splits: first split, then build."""

from graders.authoring import exercise

from .part import some

build_splits = exercise("build_splits", title="first split, then build")


@build_splits.cases
def _(rng):
    for n, block_size, seed in [
        (10, 3, 42),
        (23, 2, rng.seed()),
        (31, 5, 0),
        (14, 1, 7),
        (12, 2, -5),
    ]:
        yield dict(words=some(rng, n), block_size=block_size, seed=seed)
    # a name that comes again and again counts each time
    yield dict(words=some(rng, 3) * 7, block_size=2, seed=rng.seed())


@build_splits.check("default seed")
def _(m, words, block_size, seed):
    return m.build_splits(words, block_size)


build_splits.hint("Two functions of yours do all the work. Which one first?")
build_splits.hint(
    "split_words gives three lists of names; build_dataset turns one list into (X, Y)."
)

build_splits.misconception(
    "You built all examples first and split them: examples of one name are now in two splits, and "
    "dev is no longer new to the model. Split the names, then build.",
    name="built_first",
    source="""def build_splits(words, block_size, seed=42):
    X, Y = build_dataset(words, block_size)
    n1, n2 = int(0.8 * len(X)), int(0.9 * len(X))
    return {
        "train": (X[:n1], Y[:n1]),
        "dev": (X[n1:n2], Y[n1:n2]),
        "test": (X[n2:], Y[n2:]),
    }
""",
)
build_splits.misconception(
    "You shuffled the names, built all examples and cut these: the names at the cuts are torn apart. "
    "Cut the list of names, then build.",
    name="cut_examples",
    source="""def build_splits(words, block_size, seed=42):
    X, Y = build_dataset([w for part in split_words(words, seed) for w in part], block_size)
    n1, n2 = int(0.8 * len(X)), int(0.9 * len(X))
    return {
        "train": (X[:n1], Y[:n1]),
        "dev": (X[n1:n2], Y[n1:n2]),
        "test": (X[n2:], Y[n2:]),
    }
""",
)
build_splits.misconception(
    "Train holds all the names, dev and test included: the dev loss would be an exam with known "
    "questions.",
    name="train_is_all",
    replace="    return {",
    by="    found = {name: build_dataset(part, block_size) for name, part in splits}\n"
    '    return {**found, "train": build_dataset(words, block_size)}\n'
    "    return {",
)
build_splits.misconception(
    "The seed did not arrive: hand it on to split_words.",
    name="seed_lost",
    replace="split_words(words, seed), strict",
    by="split_words(words), strict",
)
build_splits.misconception(
    "The block_size did not arrive: hand it on to build_dataset.",
    name="block_size_lost",
    replace="build_dataset(part, block_size)",
    by="build_dataset(part, 3)",
)
build_splits.misconception(
    "Dev and test changed places: split_words returns train, dev, test, in this order.",
    name="swapped",
    replace='("train", "dev", "test")',
    by='("train", "test", "dev")',
)
build_splits.misconception(
    "You returned the names of each split, not their examples: call build_dataset on each list.",
    name="names",
    replace="name: build_dataset(part, block_size)",
    by="name: part",
)
build_splits.misconception(
    "You shuffled the caller's own list. split_words works on a copy: call it, with the list as it came.",
    name="shuffled_in_place",
    source="""def build_splits(words, block_size, seed=42):
    random.Random(seed).shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    parts = {"train": words[:n1], "dev": words[n1:n2], "test": words[n2:]}
    return {name: build_dataset(part, block_size) for name, part in parts.items()}
""",
)
build_splits.misconception(
    "Repeated names were thrown out first. Split the list as it is.",
    name="as_set",
    replace="split_words(words, seed), strict",
    by="split_words(list(dict.fromkeys(words)), seed), strict",
)
build_splits.misconception(
    "A dict is asked, with the keys train, dev and test: whoever uses it should not have to count.",
    name="a_tuple",
    replace="return {name: build_dataset(part, block_size) for name, part in splits}",
    by="return tuple(build_dataset(part, block_size) for name, part in splits)",
)

build_splits.variant(
    "one after the other",
    name="spelled_out",
    source="""def build_splits(words, block_size, seed=42):
    a, b, c = split_words(words, seed)
    found = {"test": build_dataset(c, block_size), "dev": build_dataset(b, block_size)}
    found["train"] = tuple(build_dataset(a, block_size))
    return found
""",
)
