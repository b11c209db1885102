"""07.split_sums: no test sum is trained on."""

import torch

from graders.authoring import exercise

split = exercise("split_sums", title="EX2: sums that are held out", pure=False)


@split.cases
def _(rng):
    for n_test in (7, 20, 1, 0, 55):
        yield dict(digits=1, n_test=n_test, seed=rng.seed())
    yield dict(digits=2, n_test=12, seed=rng.seed())


@split.scenario
def _(m, digits, n_test, seed):
    g = torch.Generator().manual_seed(seed)
    found = m.split_sums(digits, n_test, g)
    lists = [[tuple(pair) for pair in sums] for sums in found]
    then = torch.randint(0, 10**6, (2,), generator=g)
    # two-digit sums are many: the first of them stand for all
    return {
        "how many": [len(sums) for sums in lists],
        "train": lists[0][:120],
        "test": lists[1][:120],
        "different ones in train": len(set(lists[0])),
        "then drawn": then,
    }


@split.oracle
def _(digits, n_test, seed):
    g, n = torch.Generator().manual_seed(seed), 10**digits
    a, b = torch.triu_indices(n, n)  # row by row
    order = torch.randperm(len(a), generator=g)
    lists = []
    for places in (order[n_test:], order[:n_test]):
        sums = []
        for x, y in zip(a[places].tolist(), b[places].tolist(), strict=True):
            sums += [(x, y), (y, x)][: 1 + (x != y)]
        lists.append(sums)
    return {
        "how many": [len(sums) for sums in lists],
        "train": lists[0][:120],
        "test": lists[1][:120],
        "different ones in train": len(set(lists[0])),
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
    }


split.hint("Make the pairs with a <= b, split those, and turn them round only afterwards.")
split.hint("b runs from a on: for a in range(10**digits) for b in range(a, 10**digits).")
split.hint("order = torch.randperm(len(pairs), generator=g).tolist(); order[:n_test] is the test.")

split.misconception(
    """Ordered pairs were split, (a, b) apart from (b, a): 35+12 can be in training and 12+35 in the
    test. Split
    the pairs with a <= b.""",
    name="swapped_leak",
    source="""def split_sums(digits, n_test, g):
    pairs = [(a, b) for a in range(10**digits) for b in range(10**digits)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    return [pairs[i] for i in order[n_test:]], [pairs[i] for i in order[:n_test]]
""",
)
split.misconception(
    """The test is part of the training: order[n_test:] is what is left for it.""",
    name="test_trained_on",
    replace="order[n_test:]",
    by="order",
)
split.misconception(
    """Only (a, b) with a <= b is there: each pair is followed by its swap, unless a equals b.""",
    name="one_order",
    replace="([(a, b), (b, a)] if a != b else [(a, b)])",
    by="[(a, b)]",
)
split.misconception(
    """Pairs of equal numbers are there twice: (4, 4) has no other order.""",
    name="equal_twice",
    replace="([(a, b), (b, a)] if a != b else [(a, b)])",
    by="[(a, b), (b, a)]",
)
split.misconception(
    """Sums like 4 + 4 are missing: b runs from a on, a included.""",
    name="no_equal",
    replace="for b in range(a, 10**digits)",
    by="for b in range(a + 1, 10**digits)",
)
split.misconception(
    """Nothing is shuffled: the test is the sums with the smallest numbers. Draw an order.""",
    name="not_shuffled",
    replace="torch.randperm(len(pairs), generator=g).tolist()",
    by="list(range(len(pairs)))",
)
split.misconception(
    """The order was drawn from torch's global generator, so that no split can be repeated: generator=g.""",
    name="global_generator",
    replace="torch.randperm(len(pairs), generator=g)",
    by="torch.randperm(len(pairs), generator=torch.Generator().manual_seed(5))",
)
split.misconception(
    """(train, test) is asked, and came the other way round.""",
    name="test_first",
    replace="return both([pairs[i] for i in order[n_test:]]), both([pairs[i] for i in order[:n_test]])",
    by="return both([pairs[i] for i in order[:n_test]]), both([pairs[i] for i in order[n_test:]])",
)
split.misconception(
    """The test are the last pairs of the order. Agreed were the first n_test.""",
    name="last_ones",
    replace="return both([pairs[i] for i in order[n_test:]]), both([pairs[i] for i in order[:n_test]])",
    by="k = len(pairs) - n_test\n"
    "    return both([pairs[i] for i in order[:k]]), both([pairs[i] for i in order[k:]])",
)
split.misconception(
    """The numbers end at 9, whatever `digits` is: they run up to 10 ** digits - 1.""",
    name="one_digit_only",
    replace="for a in range(10**digits) for b in range(a, 10**digits)",
    by="for a in range(10) for b in range(a, 10)",
)

split.variant(
    "loops and a condition",
    name="loops",
    source="""def split_sums(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(n) if a <= b]
    train, test = [], []
    for rank, i in enumerate(torch.randperm(len(pairs), generator=g)):
        a, b = pairs[i]
        where = test if rank < n_test else train
        where.append((a, b))
        if b != a:
            where.append((b, a))
    return train, test
""",
)

split.equivalent(
    "range(10 ** digits)  ->  range(10 ** digits + 1)", "from 10 ** digits on, no b is left"
)
split.equivalent("10  ->  11", "from 10 ** digits on, no b is left")
split.equivalent(
    "torch.randperm(len(pairs), generator=g).tolist()  ->  torch.randperm(len(pairs), generator=g)",
    "a tensor of ints indexes a list as an int does",
)
