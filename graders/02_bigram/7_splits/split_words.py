"""02.split_words: E02: train, dev, test."""

import itertools
import random

import torch

from graders.authoring import exercise

# Any way of using the generator is right. So no order is compared: the sizes and contents are, that the
# generator and nothing else decides, and over many splits that every name, and every pair of names, is
# as often in each drawer as chance has it.
split = exercise("split_words", title="E02: train, dev, test")


@split.cases
def _(rng):
    for n in (10, 1, 2, 3, 5, 7, 8, 14, 19, 33, 126):
        words = [f"{'abcdefg'[i % 7]}{i}" for i in range(n)]
        yield dict(words=rng.shuffled(words), seed=rng.seed())
    # the same name for girls and for boys, and in a row
    yield dict(
        words=["ava", "ava", "lee", "kai", "lee", "ava", "bo", "a", "", "lee"], seed=rng.seed()
    )
    yield dict(words=["sky"] * 12, seed=rng.seed())


@split.scenario
def _(m, words, seed):
    """How many are in each drawer, and that together they are the words again."""
    drawers = m.split_words(words, random.Random(seed))
    return {
        "lists": [isinstance(drawer, list) for drawer in drawers],
        "sizes": [len(drawer) for drawer in drawers],
        "all words, sorted": sorted(word for drawer in drawers for word in drawer),
    }


@split.check("the list stays as it is")
def _(m, words, seed):
    drawers = m.split_words(words, random.Random(seed))
    return {"words": words, "sizes": [len(drawer) for drawer in drawers]}


def many_words(rng):
    yield dict(words=[f"name{i}" for i in range(60)], seed=rng.seed(), other=rng.seed())


@split.check("only rng decides", cases=many_words)
def _(m, words, seed, other):
    """60 names have more orders than there are atoms: two equal shuffles are no accident."""
    rng = random.Random(seed)
    before = rng.getstate()
    random.seed(other)
    torch.default_generator.manual_seed(other)
    first, second = m.split_words(words, rng), m.split_words(words, rng)
    another = random.Random(other)
    m.split_words(words, another)
    m.split_words(words, another)
    random.seed(other + 1)
    torch.default_generator.manual_seed(other + 1)
    again = m.split_words(words, random.Random(seed))
    return {
        "rng was used": rng.getstate() != before,
        "rng still is as it was seeded": rng.getstate() != another.getstate(),
        "same order every time": [list(d) for d in first] == [list(d) for d in second],
        "same seed, same split": [list(d) for d in first] == [list(d) for d in again],
        "other seed, same split": [sorted(d) for d in first]
        == [sorted(d) for d in m.split_words(words, random.Random(other))],
        "second call, same split": [sorted(d) for d in first] == [sorted(d) for d in second],
    }


def some_words(rng):
    """Ten often; and forty, where neighbors could come together without every word doing so."""
    yield dict(words=rng.shuffled("abcdefghij"), seed=rng.seed(), rounds=10_000)
    yield dict(words=[f"name{i}" for i in range(40)], seed=rng.seed(), rounds=600)


def fair(case, got):
    """Counts within six standard deviations (and six) of what they are on average."""
    held = len(case["words"]) / 5  # so many are in dev and test together
    pairs = held * (held - 1) / (len(case["words"]) * (len(case["words"]) - 1))
    shares = {"dev": 0.1, "test": 0.1, "neighbors in dev + test": pairs}
    if not isinstance(got, dict) or got.keys() != shares.keys():
        return "The drawers could not be counted."
    rounds = case["rounds"]
    for name, p in shares.items():
        off = 6 * (rounds * p * (1 - p)) ** 0.5 + 6
        counts = got[name]
        if not isinstance(counts, list) or len(counts) != len(case["words"]) - (p < 0.1):
            return "The drawers could not be counted."
        for i, count in enumerate(counts):
            if not isinstance(count, int) or isinstance(count, bool):
                return "The drawers could not be counted."
            if abs(count - rounds * p) > off:
                what = (
                    "the words {0} and {1} are there together" if p < 0.1 else "word {0} is there"
                )
                return (
                    f"{name}: in {rounds} splits of {len(case['words'])} words, "
                    f"{what.format(i, i + 1)} {count} times; "
                    f"chance would make it about {rounds * p:.0f}."
                )
    return None


@split.check("every word is equally likely in each", cases=some_words, judge=fair)
def _(m, words, seed, rounds):
    rng = random.Random(seed)
    names = ("dev", "test")  # what is in neither is in train
    counts = {name: dict.fromkeys(words, 0) for name in names}
    together = [0] * (len(words) - 1)
    for _ in range(rounds):
        drawers = m.split_words(list(words), rng)
        for name, drawer in zip(names, drawers[1:], strict=True):
            for word in drawer:
                counts[name][word] += 1
        held = [*drawers[1], *drawers[2]]
        for i, (word, after) in enumerate(itertools.pairwise(words)):
            together[i] += word in held and after in held
    report = {name: [counts[name][word] for word in words] for name in names}
    report["neighbors in dev + test"] = together
    return report


split.legal("words: sorted", "Any way of using it will do")
split.legal("the generator drawn from once more", "Any way of using it will do")

split.hint("What comes first, the shuffling or the cutting? And whose list is it?")
split.hint(
    "Copy the list, shuffle the copy with rng.shuffle, cut it at int(0.8 * n) and int(0.9 * n)."
)
split.hint(
    "shuffled = list(words); rng.shuffle(shuffled); then shuffled[:n1], shuffled[n1:n2], shuffled[n2:]."
)

split.misconception(
    "The words were not shuffled. They may stand in an order, by popularity or alphabet, and then train and "
    "test differ in kind.",
    name="not_shuffled",
    replace="    rng.shuffle(shuffled)\n",
    by="",
)
split.misconception(
    "rng.shuffle shuffled the caller's own list. Copy it first: list(words).",
    name="in_place",
    replace="shuffled = list(words)",
    by="shuffled = words",
)
split.misconception(
    "You used the global random module. Only the rng you are given makes a split that can be repeated.",
    name="global_random",
    replace="rng.shuffle(shuffled)",
    by="random.shuffle(shuffled)",
)
split.misconception(
    "A generator with a seed of your own was made inside, so every split is the same. Use "
    "the one you are given.",
    name="own_seed",
    replace="rng.shuffle(shuffled)",
    by="random.Random(42).shuffle(shuffled)",
)
split.misconception(
    "You seeded rng anew inside. Whoever hands it over has seeded it; a second call must give another "
    "split.",
    name="reseeded",
    replace="rng.shuffle(shuffled)",
    by="rng.seed(42)\n    rng.shuffle(shuffled)",
)
split.misconception(
    "The drawers were cut first and shuffled afterwards, each in itself. Which word is in which drawer "
    "then is no matter of chance: shuffle the whole list, then cut.",
    name="cut_first",
    replace="    rng.shuffle(shuffled)\n",
    by="    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))\n"
    "    pieces = [shuffled[:n1], shuffled[n1:n2], shuffled[n2:]]\n"
    "    for piece in pieces:\n"
    "        rng.shuffle(piece)\n"
    "    shuffled = [word for piece in pieces for word in piece]\n",
)
split.misconception(
    "The words were sorted after the shuffle, which undoes it.",
    name="sorted",
    replace="rng.shuffle(shuffled)",
    by="rng.shuffle(shuffled)\n    shuffled.sort()",
)
split.misconception(
    "A die was rolled for each word. The sizes then are a matter of luck: shuffle, and cut at 80 % and 90 %.",
    name="die_for_each",
    source='''
def split_words(words, rng):
    """80 % of the time train, else dev or test."""
    drawers = [], [], []
    for word in words:
        u = rng.random()
        drawers[0 if u < 0.8 else 1 if u < 0.9 else 2].append(word)
    return drawers
''',
)
split.misconception(
    "choices draws with replacement: some words come up twice, others never. Every word belongs in exactly "
    "one drawer.",
    name="with_replacement",
    replace="rng.shuffle(shuffled)",
    by="shuffled = rng.choices(words, k=len(words))",
)
split.misconception(
    "The three drawers were drawn one by one, each from all words: the same word can be in two, and a "
    "model is tested on what it was trained on.",
    name="overlapping",
    replace="    return shuffled[:n1], shuffled[n1:n2], shuffled[n2:]",
    by="    n = len(words)\n"
    "    return rng.sample(words, n1), rng.sample(words, n2 - n1), rng.sample(words, n - n2)",
)
split.misconception(
    "dev goes on to the end, so that it contains test. Cut it off at n2.",
    name="dev_contains_test",
    replace="shuffled[n1:n2]",
    by="shuffled[n1:]",
)
split.misconception(
    "A word is lost at each cut: a slice ends *before* its second number, so the next one "
    "starts right there.",
    name="lost_at_cuts",
    replace="shuffled[n1:n2], shuffled[n2:]",
    by="shuffled[n1 + 1 : n2], shuffled[n2 + 1 :]",
)
split.misconception(
    "Words that occur twice were made one. Twice in the data means twice as likely; keep both.",
    name="no_repeats",
    replace="shuffled = list(words)",
    by="shuffled = words = sorted(set(words))",
)
split.misconception(
    "The cuts were rounded. They are at int(0.8 * n) and int(0.9 * n), which round down.",
    name="rounded",
    replace="n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))",
    by="n1, n2 = round(0.8 * len(words)), round(0.9 * len(words))",
)
split.misconception(
    "dev got int(0.1 * n) words, and test the rest. Cut at int(0.9 * n), so that dev has n2 - n1.",
    name="tenth",
    replace="int(0.9 * len(words))",
    by="int(0.8 * len(words)) + int(0.1 * len(words))",
)
split.misconception(
    "These are 80, 10 and 10 %, but in the wrong order: train, the large one, comes first.",
    name="test_first",
    replace="return shuffled[:n1], shuffled[n1:n2], shuffled[n2:]",
    by="return shuffled[n2:], shuffled[n1:n2], shuffled[:n1]",
)
split.misconception(
    "The drawers are 90, 5 and 5 %. Cut at 0.8 and 0.9.",
    name="ninety",
    replace="n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))",
    by="n1, n2 = int(0.9 * len(words)), int(0.95 * len(words))",
)
split.misconception(
    "The split was made after the words were taken apart: pieces of one name are in several drawers, so dev "
    "has seen its own names. Split whole words, then make examples.",
    name="examples_first",
    replace="    shuffled = list(words)\n    rng.shuffle(shuffled)\n",
    by="    words = [a + b for word in words for a, b in itertools.pairwise('.' + word + '.')]\n"
    "    shuffled = list(words)\n    rng.shuffle(shuffled)\n",
)

split.misconception(
    """Each place is swapped with any place, those before it too: some orders come more often than others, and
    the last word is in dev too often. rng.shuffle does it right: swap place i with one of the places
    0 ... i.""",
    name="biased",
    source="""
def split_words(words, rng):
    words, n = list(words), len(words)
    for i in range(n):
        j = rng.randrange(n)
        words[i], words[j] = words[j], words[i]
    n1, n2 = int(0.8 * n), int(0.9 * n)
    return words[:n1], words[n1:n2], words[n2:]
""",
)

split.variant(
    "sample all",
    name="sample",
    replace="    shuffled = list(words)\n    rng.shuffle(shuffled)\n",
    by="    shuffled = rng.sample(words, k=len(words))\n",
)
split.variant(
    "sort by random numbers",
    name="random_keys",
    replace="    shuffled = list(words)\n    rng.shuffle(shuffled)\n",
    by="    shuffled = sorted(words, key=lambda word: rng.random())\n",
)
split.variant(
    "shuffled indices",
    name="indices",
    replace="    shuffled = list(words)\n    rng.shuffle(shuffled)\n",
    by="    order = list(range(len(words)))\n    rng.shuffle(order)\n"
    "    shuffled = [words[i] for i in order]\n",
)
split.variant(
    "test and dev drawn first, in the order of the list",
    name="drawn_out",
    source='''
def split_words(words, rng):
    """Draws who is held out; everybody keeps the order of the list."""
    n = len(words)
    n1, n2 = int(0.8 * n), int(0.9 * n)
    held = rng.sample(range(n), n - n1)
    dev, test = set(held[: n2 - n1]), set(held[n2 - n1 :])
    return (
        [words[i] for i in range(n) if i not in dev | test],
        [words[i] for i in range(n) if i in dev],
        [words[i] for i in range(n) if i in test],
    )
''',
)
