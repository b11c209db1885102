"""06.count_nodes: how much less work."""

from graders.authoring import exercise

count = exercise("count_nodes", title="how much less work")


@count.cases
def _(rng):
    for T, L in [(15, 3), (8, 3), (2, 1), (16_000, 10), (20, 2)]:
        yield dict(T=T, L=L)
    yield dict(T=300_000, L=17)  # more nodes than 32 bits can count
    L = rng.integer(1, 6)
    yield dict(T=2**L + rng.integer(1, 50), L=L)


@count.oracle
def _(T, L):
    trees = sum(2 ** (L - level) for level in range(1, L + 1)) * len(range(2**L, T + 1))
    return (trees, L * T)


count.hint("How many nodes has one tree over 8 characters? How many windows of 8 are there in 15?")
count.hint(
    "One tree: 2**(L-1) + ... + 1 = 2**L - 1 nodes; T - 2**L + 1 windows. The convolutions: one "
    "node per level and position."
)
count.hint("(T - 2**L + 1) * (2**L - 1), T * L")


@count.misconception("The two are swapped: the trees come first, the convolutions second.")
def swapped(T, L):
    return T * L, (T - 2**L + 1) * (2**L - 1)


@count.misconception("There are T - 2**L + 1 windows, not T: a window needs 2**L positions.")
def t_windows(T, L):
    return T * (2**L - 1), T * L


@count.misconception("One window is missing: T - 2**L + 1, so that T = 2**L still has one.")
def one_window_less(T, L):
    return (T - 2**L) * (2**L - 1), T * L


@count.misconception(
    "The characters were counted as nodes, too. They are given; a tree over 2**L of them merges "
    "2**L - 1 times."
)
def with_leaves(T, L):
    return (T - 2**L + 1) * (2 ** (L + 1) - 1), T * L


@count.misconception(
    "2**L - 1, not 2**L: the nodes of a tree are 2**(L-1) + ... + 2 + 1, one less than its leaves."
)
def leaves(T, L):
    return (T - 2**L + 1) * 2**L, T * L


@count.misconception(
    "One tree has 2**L - 1 nodes, not L: it has L levels, and the lower ones have many nodes."
)
def levels_only(T, L):
    return (T - 2**L + 1) * L, T * L


@count.misconception(
    "The convolutions are computed at all T positions, those at the beginning included."
)
def whole_windows(T, L):
    return (T - 2**L + 1) * (2**L - 1), (T - 2**L + 1) * L


@count.misconception(
    "The convolutions have one node per level and position, T * L; only the dilation grows with "
    "the level, not the work."
)
def doubling(T, L):
    return (T - 2**L + 1) * (2**L - 1), T * (2**L - 1)


@count.misconception("In Python 2 ^ L is not a power but an exclusive or. The power is 2**L.")
def exclusive_or(T, L):
    return (T - (2 ^ L) + 1) * ((2 ^ L) - 1), T * L


@count.misconception("Windows overlap: there are T - 2**L + 1 of them, not T // 2**L.")
def no_overlap(T, L):
    return T // 2**L * (2**L - 1), T * L


@count.misconception("That is one tree. There is one for each of the T - 2**L + 1 windows.")
def one_tree(T, L):
    return 2**L - 1, T * L


@count.misconception(
    "Only the lowest level of each tree was counted, 2**(L-1) nodes. With those above it are "
    "2**L - 1."
)
def lowest_level(T, L):
    return (T - 2**L + 1) * 2 ** (L - 1), T * L


@count.misconception(
    "There are L levels of convolutions; the characters are given, they are no level."
)
def one_level_more(T, L):
    return (T - 2**L + 1) * (2**L - 1), T * (L + 1)


@count.misconception("Nodes are whole numbers: `/` makes floats of them, `//` does not.")
def floats(T, L):
    return (T - 2**L + 1) * (2**L - 1) / 1, T * L


@count.misconception(
    "The convolutions do not get shorter from level to level: zeros in front keep all T positions."
)
def shorter(T, L):
    return (T - 2**L + 1) * (2**L - 1), sum(T - 2**level + 1 for level in range(1, L + 1))


@count.variant("added up level by level")
def level_by_level(T, L):
    size = 1 << L
    nodes = sum(1 << level for level in range(L))
    return nodes * (T + 1 - size), sum(T for _ in range(L))
