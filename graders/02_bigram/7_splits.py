"""Train, dev, test: splitting, and tuning the smoothing."""

import itertools
import random

import torch

from graders.authoring import Tol, exercise

# -- E02: splitting ----------------------------------------------------------------------------
# Any way of using the generator is right. So no order is compared: the sizes and contents are, that the
# generator and nothing else decides, and over many splits that every name, and every pair of names, is
# as often in each drawer as chance has it.

split = exercise("split_words", title="E02: train, dev, test")
split.hint("What comes first, the shuffling or the cutting? And whose list is it?")
split.hint(
    "Copy the list, shuffle the copy with rng.shuffle, cut it at int(0.8 * n) and int(0.9 * n)."
)
split.hint(
    "shuffled = list(words); rng.shuffle(shuffled); then shuffled[:n1], shuffled[n1:n2], shuffled[n2:]."
)


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
    m.split_words(words, random.Random(seed))
    return words


def many_words(rng):
    yield dict(words=[f"name{i}" for i in range(60)], seed=rng.seed(), other=rng.seed())


@split.check("only rng decides", cases=many_words)
def _(m, words, seed, other):
    """60 names have more orders than there are atoms: two equal shuffles are no accident."""
    rng = random.Random(seed)
    before = rng.getstate()
    random.seed(other)
    torch.manual_seed(other)
    first, second = m.split_words(words, rng), m.split_words(words, rng)
    another = random.Random(other)
    m.split_words(words, another)
    m.split_words(words, another)
    random.seed(other + 1)
    torch.manual_seed(other + 1)
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


def ten_words(rng):
    yield dict(words=rng.shuffled("abcdefghij"), seed=rng.seed(), rounds=2000)


def fair(case, got):
    """Counts within six standard deviations of what they are on average."""
    shares = {"train": 0.8, "dev": 0.1, "test": 0.1, "neighbors in dev + test": 1 / 45}
    if not isinstance(got, dict) or got.keys() != shares.keys():
        return "The drawers could not be counted."
    rounds = case["rounds"]
    for name, p in shares.items():
        off = 6 * (rounds * p * (1 - p)) ** 0.5
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
                    f"{name}: in {rounds} splits of ten words, {what.format(i, i + 1)} {count} times; "
                    f"chance would make it about {rounds * p:.0f}."
                )
    return None


@split.check("every word is equally likely in each", cases=ten_words, judge=fair)
def _(m, words, seed, rounds):
    rng = random.Random(seed)
    names = ("train", "dev", "test")
    counts = {name: dict.fromkeys(words, 0) for name in names}
    together = [0] * (len(words) - 1)
    for _ in range(rounds):
        drawers = m.split_words(list(words), rng)
        for name, drawer in zip(names, drawers, strict=True):
            for word in drawer:
                counts[name][word] += 1
        held = [*drawers[1], *drawers[2]]
        for i, (word, after) in enumerate(itertools.pairwise(words)):
            together[i] += word in held and after in held
    report = {name: [counts[name][word] for word in words] for name in names}
    report["neighbors in dev + test"] = together
    return report


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
    "The list was turned by a random number of places. Neighbors stay neighbors, so popular names still go "
    "together: shuffle it.",
    name="turned",
    replace="rng.shuffle(shuffled)",
    by="k = rng.randrange(len(words))\n    shuffled = shuffled[k:] + shuffled[:k]",
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
    "The last word is lost: `[n2:-1]` stops before it. Leave the second number out.",
    name="last_lost",
    replace="shuffled[n2:]",
    by="shuffled[n2:-1]",
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

# -- smoothing ---------------------------------------------------------------------------------
# float32 is good enough for this: 2e-5 allows it, and lies far below any mistake.

smoothed = exercise("smoothed_nll", title="smoothed counts, measured")
smoothed.hint("In which order: normalize, add alpha?")
smoothed.hint(
    "P = counts + alpha, divided by its sum over the *next* character (dimension 2, keepdim). "
    "Then the loss as in part 6."
)
smoothed.hint(
    "P = N.double() + alpha; P = P / P.sum(2, keepdim=True); return -P[xs[:, 0], xs[:, 1], "
    "ys].log().mean().item()"
)


def draw(rng, cube, n):
    """n examples from a cube of probabilities: (xs, ys)."""
    vocab = len(cube)
    xs = rng.integers(0, vocab, n, 2)
    ys = [rng.np.choice(vocab, p=cube[a, b] / cube[a, b].sum()) for a, b in xs.tolist()]
    return xs, torch.tensor([int(y) for y in ys])


def count(xs, ys, vocab):
    flat = (xs[:, 0] * vocab + xs[:, 1]) * vocab + ys
    return torch.bincount(flat, minlength=vocab**3).view(vocab, vocab, vocab).int()


def world(rng, vocab, sharpness):
    """Random probabilities (vocab, vocab, vocab), as numpy; the sharper, the easier to predict."""
    return rng.np.dirichlet([1 / sharpness] * vocab, (vocab, vocab))


@smoothed.cases
def _(rng):
    for vocab, n, alpha in [(3, 20, 1), (4, 30, 0.1), (5, 40, 2.5), (6, 100, 0.01), (2, 9, 30.0)]:
        cube = world(rng, vocab, 3)
        N = count(*draw(rng, cube, n), vocab)
        N[0, 1] = 0  # never seen in the counts, but among the examples
        N[1, 0, 1] += 7
        xs, ys = draw(rng, cube, 12)
        xs[0], xs[1], ys[1] = torch.tensor([0, 1]), torch.tensor([1, 0]), 1
        yield dict(N=N, xs=xs, ys=ys, alpha=alpha)
    yield dict(
        N=torch.zeros(3, 3, 3, dtype=torch.int32),
        xs=torch.tensor([[1, 2]]),
        ys=torch.tensor([0]),
        alpha=0.25,
    )
    # hundreds of steps; probabilities around 1e-10
    N = rng.integers(0, 9, 4, 4, 4).int()
    N[2, 1] = torch.tensor([0, 3, 9, 1], dtype=torch.int32) * 10_000
    yield dict(N=N, xs=rng.integers(0, 4, 800, 2), ys=rng.integers(0, 4, 800), alpha=0.5)
    yield dict(N=N, xs=torch.tensor([[2, 1], [0, 3]]), ys=torch.tensor([0, 1]), alpha=1e-5)


smoothed.tolerance(Tol(rtol=2e-5))


@smoothed.oracle
def _(N, xs, ys, alpha):
    total = 0.0
    for (a, b), c in zip(xs.tolist(), ys.tolist(), strict=True):
        row = N[a, b].tolist()
        p = torch.tensor((row[c] + alpha) / (sum(row) + alpha * len(row)), dtype=torch.float64)
        total -= float(p.log())
    return total / len(ys)


smoothed.misconception(
    "alpha is not used: what was never counted has probability 0 (or 0 / 0), and the loss is inf or NaN.",
    name="no_smoothing",
    replace="N.double() + alpha",
    by="N.double()",
)
smoothed.misconception(
    "You always add 1. How much is alpha's to say.",
    name="always_one",
    replace="N.double() + alpha",
    by="N.double() + 1",
)
smoothed.misconception(
    "alpha was made a whole number, so 0.1 adds nothing. Turn the counts into floats, then add alpha.",
    name="whole_alpha",
    replace="N.double() + alpha",
    by="(N + int(alpha)).double()",
)


@smoothed.misconception(
    "You normalized first and added alpha afterwards: rows no longer sum to 1, and an unseen "
    "context was 0 / 0 "
    "already. Add alpha to the counts, then divide."
)
def smoothed_after(N, xs, ys, alpha):
    P = N.double()
    P = P / P.sum(2, keepdim=True) + alpha
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "alpha is missing below the line: the row's sum must be that of the smoothed counts, with vocab_size * "
    "alpha in it. As it is, rows sum to more than 1."
)
def alpha_on_top_only(N, xs, ys, alpha):
    P = (N.double() + alpha) / N.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "The row's sum grew by alpha only once. Each of its vocab_size cells got alpha."
)
def alpha_once_below(N, xs, ys, alpha):
    P = (N.double() + alpha) / (N.sum(2, keepdim=True) + alpha)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "alpha was added inside the logarithm, to the probability. That is no distribution any "
    "more: add it to the "
    "counts, before you divide."
)
def alpha_in_the_log(N, xs, ys, alpha):
    P = N.double()
    P = P / P.sum(2, keepdim=True).clamp(min=1)
    return -(P[xs[:, 0], xs[:, 1], ys] + alpha).log().mean().item()


smoothed.misconception(
    "You summed over the first dimension. The next character, the last dimension, must sum to 1.",
    name="first_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(0, keepdim=True)",
)
smoothed.misconception(
    "You summed over dimension 1, the younger character of the context. The next character is dimension 2.",
    name="middle_dimension",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(1, keepdim=True)",
)
smoothed.misconception(
    "keepdim=True is missing: [a, b, c] is divided by the sum of context b, c.",
    name="no_keepdim",
    replace="P.sum(2, keepdim=True)",
    by="P.sum(2)",
)
smoothed.misconception(
    "The whole cube was divided by its total. Each context has a distribution of its own.",
    name="total",
    replace="P.sum(2, keepdim=True)",
    by="P.sum()",
)
smoothed.misconception(
    "The losses were summed. The mean makes drawers of different sizes comparable: dev has an eighth of "
    "train's examples.",
    name="summed",
    replace=".log().mean()",
    by=".log().sum()",
)
smoothed.misconception(
    "The minus is missing: this is the log-likelihood. A loss is positive, and smaller is better.",
    name="positive",
    replace="return -P",
    by="return P",
)
smoothed.misconception(
    "You averaged the probabilities and took one logarithm. The mean comes last.",
    name="log_of_mean",
    replace=".log().mean()",
    by=".mean().log()",
)
smoothed.misconception(
    "1e-9 was added inside the logarithm. With alpha > 0 nothing is 0, and it bends what is small.",
    name="plus_1e_9",
    replace="ys].log()",
    by="ys].add(1e-9).log()",
)
smoothed.misconception(
    "The two characters of the context are swapped: the older one, xs[:, 0], is the first index.",
    name="swapped",
    replace="xs[:, 0], xs[:, 1], ys",
    by="xs[:, 1], xs[:, 0], ys",
)
smoothed.misconception(
    "The likelihood is a product of hundreds of small numbers, which is 0.0 in the computer. "
    "Logarithms first, "
    "then the mean.",
    name="product",
    replace=".log().mean()",
    by=".prod().log() / len(ys)",
)


@smoothed.misconception(
    "You counted the examples themselves: a model that knows its own exam. The counts N come from another "
    "drawer, and are given."
)
def counts_the_examples(N, xs, ys, alpha):
    P = torch.zeros(N.shape, dtype=torch.float64)
    P.index_put_(
        (xs[:, 0], xs[:, 1], ys), torch.ones(len(ys), dtype=torch.float64), accumulate=True
    )
    P = P + alpha
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@smoothed.misconception(
    "The mean is weighted by the counts N: that is the loss on the drawer that was counted. "
    "The examples xs, ys "
    "are what it is measured on."
)
def measured_on_the_counts(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return float(-(N * P.log()).sum() / max(1, int(N.sum())))


smoothed.misconception(
    "The caller's counts were changed, and every further alpha adds to the one before. Make a new tensor: "
    "N.double() + alpha.",
    name="in_place",
    replace="P = N.double() + alpha",
    by="P = N.double() + alpha\n    N += 1",
)
smoothed.variant("a tensor", name="tensor", replace=".mean().item()", by=".mean()")
smoothed.variant(
    "float32",
    name="float32",
    replace="N.double() + alpha",
    by="N.float() + alpha",
)
smoothed.variant(
    "only the rows that are needed",
    name="rows",
    replace="return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()",
    by="rows = N[xs[:, 0], xs[:, 1]]\n"
    "    top = rows.gather(1, ys[:, None])[:, 0] + alpha\n"
    "    return float((torch.log(rows.sum(1) + N.shape[2] * alpha) - torch.log(top)).mean())",
)

# -- E03: tuning -------------------------------------------------------------------------------

tune = exercise("tune", title="E03: tune the smoothing")
tune.hint("You have a function that gives the loss for one alpha.")
tune.hint(
    "A list of losses, in the order of the alphas; losses.index(min(losses)) is where the best is."
)
tune.hint(
    "losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]; return "
    "alphas[losses.index(min(losses))], losses"
)

ALPHAS = [0.004, 0.02, 0.1, 0.5, 2.0, 8.0, 40.0]


def true_losses(N, xs, ys, alphas):
    """Used for choosing cases only: they are made where the judge is."""
    losses = []
    for alpha in alphas:
        P = N.double() + alpha
        losses.append(float(-(P / P.sum(2, keepdim=True))[xs[:, 0], xs[:, 1], ys].log().mean()))
    return losses


def clearly_best(losses):
    """Where the lowest loss is, or -1 if another comes close (float32 must not decide)."""
    ranked = sorted(losses)
    return losses.index(ranked[0]) if ranked[1] - ranked[0] > 1e-3 else -1


def valley(rng, vocab=4, n=60):
    """Counts, and examples on which the best alpha is none of the extremes."""
    while True:
        cube = world(rng, vocab, 2)
        N = count(*draw(rng, cube, n), vocab)
        xs, ys = draw(rng, cube, n)
        best = clearly_best(true_losses(N, xs, ys, ALPHAS))
        if 1 <= best < len(ALPHAS) - 1:
            return N, xs, ys, ALPHAS[best]


@tune.cases
def _(rng):
    for vocab, n in [(4, 60), (3, 40), (5, 90)]:
        N, xs, ys, best = valley(rng, vocab, n)
        others = [alpha for alpha in rng.shuffled(ALPHAS) if alpha != best]
        # the best neither first nor last, and not beside a slope that only falls
        yield dict(N=N, xs=xs, ys=ys, alphas=[*others[:4], best, *others[4:]])
        yield dict(N=N, xs=xs, ys=ys, alphas=sorted(ALPHAS))
        yield dict(N=N, xs=xs, ys=ys, alphas=sorted(ALPHAS, reverse=True))
    # the largest is best: what was counted says the opposite; the smallest: the counts are true
    N = torch.zeros(2, 2, 2, dtype=torch.int32)
    N[0, 1, 1] = 5
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([0]), alphas=[0.5, 8.0, 2.0])
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([1]), alphas=[2.0, 0.5, 8.0])
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([1]), alphas=[0.75])
    # one alpha twice: a loss for each entry of the list
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([1]), alphas=[2.0, 0.5, 2.0])
    # nothing was counted: every alpha gives exactly log 2, and the first is to be kept. (Powers of
    # two: no way of computing it rounds.)
    for alphas in ([2.0, 0.5, 1.0], [1.0, 2.0, 0.5]):
        yield dict(N=N, xs=torch.tensor([[1, 0]]), ys=torch.tensor([1]), alphas=alphas)


tune.tolerance(Tol(rtol=2e-5))


@tune.oracle
def _(N, xs, ys, alphas):
    logs = []
    for alpha in alphas:
        rows = N[xs[:, 0], xs[:, 1]].double() + alpha
        picked = rows[torch.arange(len(ys)), ys]
        logs.append(float(-(picked / rows.sum(1)).log().mean()))
    return min(alphas, key=lambda alpha: logs[alphas.index(alpha)]), logs


tune.misconception(
    "You kept the alpha with the *largest* loss. Smaller is better: min.",
    name="worst",
    replace="min(losses)",
    by="max(losses)",
)
tune.misconception(
    "The losses were kept in a dict, in which an alpha that stands twice in the list has one loss only. The "
    "list of losses has one for each entry of alphas.",
    name="dict_of_losses",
    replace="losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]",
    by="alphas = list(dict.fromkeys(alphas)); "
    "losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]",
)
tune.misconception(
    "That is the place of the best alpha in the list, not the alpha: alphas[...] of it.",
    name="place",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return float(losses.index(min(losses))), losses",
)
tune.misconception(
    "The best *loss* comes back in place of the alpha that has it.",
    name="loss_for_alpha",
    replace="alphas[losses.index(min(losses))]",
    by="min(losses)",
)
tune.misconception(
    "If several are equally good, the first of the list is to be kept. Yours keeps the last: compare with <, "
    "not with <=.",
    name="last_of_ties",
    replace="alphas[losses.index(min(losses))]",
    by="[a for a, loss in zip(alphas, losses, strict=True) if loss == min(losses)][-1]",
)
tune.misconception(
    "If several are equally good, the first of the list is to be kept. Yours keeps the smallest alpha: "
    "min over pairs (loss, alpha) goes on to compare the alphas.",
    name="smallest_of_ties",
    replace="alphas[losses.index(min(losses))]",
    by="min(zip(losses, alphas, strict=True))[1]",
)
tune.misconception(
    "The search stops at the first alpha that is worse than the one before. The list is in "
    "any order: try all.",
    name="stops_early",
    replace="    losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]\n",
    by="    losses = []\n"
    "    for alpha in alphas:\n"
    "        losses.append(smoothed_nll(N, xs, ys, alpha))\n"
    "        if len(losses) > 1 and losses[-1] > losses[-2]:\n"
    "            break\n",
)
tune.misconception(
    "The losses are sorted. They belong to the alphas, in their order.",
    name="losses_sorted",
    replace="alphas[losses.index(min(losses))], losses",
    by="alphas[losses.index(min(losses))], sorted(losses)",
)
tune.misconception(
    "The losses are in the order of sorted alphas. Keep the order of the list.",
    name="alphas_sorted",
    replace="    losses = [",
    by="    alphas = sorted(alphas)\n    losses = [",
)
tune.misconception(
    "The caller's list of alphas was sorted. Leave it as it is, and go through it in its order.",
    name="list_sorted",
    replace="    losses = [",
    by="    alphas.sort()\n    losses = [",
)
tune.misconception(
    "The two results are swapped: the alpha comes first, then the list of losses.",
    name="results_swapped",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return losses, alphas[losses.index(min(losses))]",
)
tune.misconception(
    "Only the alpha comes back. The list of losses is wanted too, for the curve.",
    name="alpha_only",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return alphas[losses.index(min(losses))]",
)
tune.misconception(
    "The smallest alpha comes back. It is the best for the names that were counted; these examples were not.",
    name="smallest",
    replace="alphas[losses.index(min(losses))]",
    by="min(alphas)",
)
tune.misconception(
    "Each alpha was added on top of those before: the smoothed counts are counted again. "
    "Start from the same N "
    "each time.",
    name="adds_up",
    replace="[smoothed_nll(N, xs, ys, alpha) for alpha in alphas]",
    by="[smoothed_nll(N, xs, ys, sum(alphas[: i + 1])) for i in range(len(alphas))]",
)
tune.misconception(
    "The losses only ever fall: each is the best so far. Keep the loss of each alpha.",
    name="best_so_far",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return alphas[losses.index(min(losses))], [\n"
    "        min(losses[: i + 1]) for i in range(len(losses))\n    ]",
)
tune.misconception(
    "The loss was measured on the drawer that was counted, where the smallest alpha always "
    "wins. Measure it on "
    "the examples you are given.",
    name="on_the_counts",
    replace="    losses = [",
    by="    xs = N.nonzero().repeat_interleave(N[N > 0].long(), 0)\n"
    "    xs, ys = xs[:, :2], xs[:, 2]\n    losses = [",
)
tune.variant(
    "the best so far, in a loop",
    name="loop",
    source='''
def tune(N, xs, ys, alphas):
    """Keeps the best so far."""
    best, lowest, losses = None, float("inf"), []
    for alpha in alphas:
        loss = float(smoothed_nll(N, xs, ys, alpha))
        losses.append(loss)
        if best is None or loss < lowest:
            best, lowest = alpha, loss
    return best, losses
''',
)
tune.variant(
    "min with a key",
    name="key",
    replace="alphas[losses.index(min(losses))], losses",
    by="min(zip(losses, alphas, strict=True), key=lambda pair: pair[0])[1], losses",
)
tune.variant(
    "without smoothed_nll",
    name="by_itself",
    source='''
def tune(N, xs, ys, alphas):
    """All alphas at once."""
    a = torch.tensor(alphas, dtype=torch.float64)
    rows = N[xs[:, 0], xs[:, 1]].double()
    top = rows.gather(1, ys.view(-1, 1)) + a
    losses = ((rows.sum(1, keepdim=True) + N.shape[2] * a).log() - top.log()).mean(0)
    return alphas[int(losses.argmin())], losses.tolist()
''',
)

# -- the whole ---------------------------------------------------------------------------------

whole = exercise("experiment", title="train, dev, test: who decides what")
whole.hint("Which drawer is counted? Which one chooses? Which one is only looked at?")
whole.hint(
    "One N, from train. One alpha, by tune on dev. Then smoothed_nll three times, with both."
)
whole.hint(
    "N = trigram_counts(*train, vocab_size); alpha, _ = tune(N, *dev, alphas); then a dict with alpha and "
    "smoothed_nll(N, *train, alpha), and the same for dev and test."
)


def drawers(rng, vocab):
    """Three drawers whose best alphas are three different ones, clearly so.

    Train is sharp; dev is like it with some noise; test is nearly all noise.
    """
    while True:
        cube = world(rng, vocab, 3)
        noise = 0 * cube + 1 / vocab
        train = draw(rng, cube, 70)
        dev = draw(rng, 0.8 * cube + 0.2 * noise, 40)
        test = draw(rng, 0.3 * cube + 0.7 * noise, 30)
        N = count(*train, vocab)
        both = count(torch.cat([train[0], dev[0]]), torch.cat([train[1], dev[1]]), vocab)
        curves = [true_losses(N, *part, ALPHAS) for part in (train, dev, test)]
        best = [clearly_best(curve) for curve in curves]
        on_both = [a + b for a, b in zip(*curves[:2], strict=True)]
        # what is chosen by other counts must be something else, or at least another loss
        if (
            -1 not in best
            and len(set(best)) == 3
            and clearly_best(on_both) not in (-1, best[1])
            and not torch.equal(N, both)
        ):
            order = rng.shuffled(ALPHAS)
            while {order[0], order[-1]} & {ALPHAS[i] for i in (*best, clearly_best(on_both))}:
                order = rng.shuffled(ALPHAS)  # what comes first or last is nobody's choice
            return dict(train=train, dev=dev, test=test, vocab_size=vocab, alphas=order)


@whole.cases
def _(rng):
    for vocab in (3, 4, 5):
        yield drawers(rng, vocab)
    # a drawer's highest character need not occur in another
    pair, best = [0.1, 2.0], -1
    while best < 0:
        case = drawers(rng, 3)
        best = clearly_best(true_losses(count(*case["train"], 5), *case["dev"], pair))
    yield dict(case, vocab_size=5, alphas=pair)
    yield dict(case, alphas=[0.7])


whole.tolerance(Tol(rtol=2e-5))


@whole.oracle
def _(train, dev, test, vocab_size, alphas):
    N = torch.zeros((vocab_size,) * 3)
    for (a, b), c in zip(train[0].tolist(), train[1].tolist(), strict=True):
        N[a, b, c] += 1
    curves = [true_losses(N, *part, alphas) for part in (train, dev, test)]
    best = min(range(len(alphas)), key=curves[1].__getitem__)
    names = ("train", "dev", "test")
    losses = {name: curve[best] for name, curve in zip(names, curves, strict=True)}
    return {"alpha": alphas[best], **losses}


whole.misconception(
    "alpha was tuned on test. The test loss is then the best of many tries, and no longer "
    "says how the model does "
    "on new names: choose on dev.",
    name="tuned_on_test",
    replace="tune(N, *dev, alphas)",
    by="tune(N, *test, alphas)",
)
whole.misconception(
    "alpha was tuned on train, where nothing is unseen and the smallest always wins. Choose on dev.",
    name="tuned_on_train",
    replace="tune(N, *dev, alphas)",
    by="tune(N, *train, alphas)",
)
whole.misconception(
    "Each loss has an alpha of its own, the best for that drawer. There is one model, with the alpha that "
    "dev chose.",
    name="best_for_each",
    replace="smoothed_nll(N, *examples, alpha)",
    by="min(tune(N, *examples, alphas)[1])",
)
whole.misconception(
    "The test loss is the lowest of all alphas on test. Test is looked at once, with the "
    "alpha that dev chose.",
    name="best_test_loss",
    replace='return {"alpha": alpha, **losses}',
    by='losses["test"] = min(tune(N, *test, alphas)[1])\n    return {"alpha": alpha, **losses}',
)
whole.misconception(
    "Dev was counted too. Its trigrams are then nothing new, and it cannot say any more how much smoothing "
    "new names need: count train only.",
    name="dev_counted",
    replace="    N = trigram_counts(*train, vocab_size)\n",
    by="    N = trigram_counts(*train, vocab_size) + trigram_counts(*dev, vocab_size)\n",
)
whole.misconception(
    "All three drawers were counted, test included: a model that has seen its exam. Count train only.",
    name="all_counted",
    replace="    N = trigram_counts(*train, vocab_size)\n",
    by="    N = sum(trigram_counts(*part, vocab_size) for part in (train, dev, test))\n",
)
whole.misconception(
    "After tuning, dev was added to the counts. People do that before they ship a model; "
    "here all three losses are "
    "asked for with the counts of train.",
    name="counted_again",
    replace="    splits = {",
    by="    N = N + trigram_counts(*dev, vocab_size)\n    splits = {",
)
whole.misconception(
    "Every drawer was measured with its own counts, so each is its own train. The counts come from train.",
    name="own_counts",
    replace="smoothed_nll(N, *examples, alpha)",
    by="smoothed_nll(trigram_counts(*examples, vocab_size), *examples, alpha)",
)
whole.misconception(
    "The counts are those of dev. Train, the large drawer, is for counting.",
    name="dev_for_train",
    replace="N = trigram_counts(*train, vocab_size)",
    by="N = trigram_counts(*dev, vocab_size)",
)
whole.misconception(
    "dev and test are swapped in the report.",
    name="swapped",
    replace='"dev": dev, "test": test',
    by='"dev": test, "test": dev',
)
whole.misconception(
    "The first alpha of the list was taken. tune says which one is best on dev.",
    name="first_alpha",
    replace="alpha, _ = tune(N, *dev, alphas)",
    by="alpha = alphas[0]",
)
whole.misconception(
    "You kept the alpha that is best on average over train and dev. Train has an opinion only about counts: "
    "choose on dev alone.",
    name="on_train_and_dev",
    replace="alpha, _ = tune(N, *dev, alphas)",
    by="sums = [\n"
    "        a + b\n"
    "        for a, b in zip(tune(N, *train, alphas)[1], tune(N, *dev, alphas)[1], strict=True)\n"
    "    ]\n"
    "    alpha = alphas[sums.index(min(sums))]",
)
whole.misconception(
    "The report has whole curves in it. For each drawer one loss is wanted, with the chosen alpha.",
    name="curves",
    replace="smoothed_nll(N, *examples, alpha)",
    by="tune(N, *examples, alphas)[1]",
)
whole.misconception(
    "alpha is missing from the report.",
    name="no_alpha",
    replace='{"alpha": alpha, **losses}',
    by="losses",
)
whole.misconception(
    "These are plain values in a tuple. A dict with the keys alpha, train, dev and test is asked for.",
    name="tuple",
    replace='{"alpha": alpha, **losses}',
    by="(alpha, *losses.values())",
)
whole.variant(
    "one by one",
    name="one_by_one",
    replace='return {"alpha": alpha, **losses}',
    by="return dict(\n        test=smoothed_nll(N, test[0], test[1], alpha),\n"
    "        dev=min(tune(N, dev[0], dev[1], alphas)[1]),\n"
    "        train=smoothed_nll(N, train[0], train[1], alpha),\n"
    "        alpha=alpha,\n    )",
)
whole.variant(
    "without tune",
    name="by_itself",
    replace="alpha, _ = tune(N, *dev, alphas)",
    by="alpha = min(alphas, key=lambda a: smoothed_nll(N, *dev, a))",
)
