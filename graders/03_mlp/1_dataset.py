"""From names to examples: windows, tensors, and splits that share no name."""

import random

from graders.authoring import exercise

NAMES = [
    "emma",
    "olivia",
    "ava",
    "mia",
    "zoe",
    "eve",
    "ida",
    "leo",
    "noah",
    "liam",
    "anna",
    "elle",
    "bob",
    "otto",
    "jo",
    "al",
    "ed",
    "finn",
    "max",
    "ada",
    "maximilian",
    "christabelle",
    "bo",
    "lee",
    "ann",
    "hannah",
    "aaa",
    "zz",
]


def some(rng, n):
    """n names, in a random order, with repeats when there are not enough."""
    return (rng.shuffled(NAMES) + rng.shuffled(NAMES))[:n]


def made_up(rng, letters):
    """A name of so many random letters."""
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(letters))


# -- contexts ------------------------------------------------------------------------------------

contexts = exercise("contexts", title="a window slides over a name")
contexts.hint("What stands in the window before the first letter, and how does it move on?")
contexts.hint("Go through word + '.', so that the end is an example too.")
contexts.hint("Note (context, c), then context = context[1:] + c.")


@contexts.cases
def _(rng):
    yield dict(word="emma", block_size=3)
    yield dict(word=rng.choice(["olivia", "amelia", "sophia"]), block_size=2)
    yield dict(word=made_up(rng, 5), block_size=1)
    yield dict(word=made_up(rng, 2), block_size=5)  # shorter than the context
    yield dict(word="aaaaab", block_size=4)
    yield dict(word=made_up(rng, 9), block_size=rng.integer(3, 7))
    yield dict(word=made_up(rng, 1), block_size=3)


@contexts.misconception(
    "The end of the name is missing: what follows the last letter is '.', and a model that never "
    "sees it cannot stop. Go through word + '.'."
)
def no_end(word, block_size):
    context, pairs = "." * block_size, []
    for c in word:
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@contexts.misconception(
    "The character to be guessed already stands in its own context. Note the pair first, then "
    "move the window."
)
def moved_first(word, block_size):
    context, pairs = "." * block_size, []
    for c in word + ".":
        context = context[1:] + c
        pairs.append((context, c))
    return pairs


@contexts.misconception(
    "The window never drops its oldest character, so contexts grow. Take context[1:] + c."
)
def grows(word, block_size):
    context, pairs = "." * block_size, []
    for c in word + ".":
        pairs.append((context, c))
        context = context + c
    return pairs


@contexts.misconception(
    "Your window moves the wrong way: the newest character comes in on the right, the oldest "
    "leaves on the left."
)
def backwards(word, block_size):
    context, pairs = "." * block_size, []
    for c in word + ".":
        pairs.append((context, c))
        context = c + context[:-1]
    return pairs


@contexts.misconception(
    "The first letters are never guessed: start with a context of dots only, not with the first "
    "block_size letters."
)
def no_padding(word, block_size):
    text = word + "."
    return [(text[i - block_size : i], text[i]) for i in range(block_size, len(text))]


@contexts.misconception(
    "The context never moves: strings are not changed in place, assign context[1:] + c to context."
)
def never_moves(word, block_size):
    return [("." * block_size, c) for c in word + "."]


@contexts.misconception("Your context always has three characters: use block_size.")
def always_three(word, block_size):
    context, pairs = "...", []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@contexts.misconception(
    "The dots belong on the left: the letters seen last stand at the right end of the context."
)
def dots_right(word, block_size):
    pairs = []
    for i, c in enumerate(word + "."):
        pairs.append((word[max(0, i - block_size) : i].ljust(block_size, "."), c))
    return pairs


@contexts.misconception(
    "One character too many: for each letter there is one example, and one more for the end."
)
def one_dot_more(word, block_size):
    context, pairs = "." * block_size, []
    for c in "." + word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@contexts.misconception(
    "You looked for each letter with index or find: that gives its first place only, and letters "
    "repeat ('emma'). Count the places instead."
)
def first_place(word, block_size):
    pairs = []
    for c in word + ".":
        i = (word + ".").index(c)
        pairs.append((("." * block_size + word)[i : i + block_size], c))
    return pairs


@contexts.misconception(
    "A dict keeps one answer for each context, and contexts come back ('aaaab'). Keep a list of pairs."
)
def as_dict(word, block_size):
    text = "." * block_size + word + "."
    found = {text[i : i + block_size]: text[i + block_size] for i in range(len(word) + 1)}
    return list(found.items())


@contexts.misconception(
    "The dots are missing: every context has exactly block_size characters, dots at the beginning."
)
def no_dots(word, block_size):
    return [(word[max(0, i - block_size) : i], c) for i, c in enumerate(word + ".")]


@contexts.variant("slices of the padded name")
def slices(word, block_size):
    text = "." * block_size + word + "."
    return [(text[i : i + block_size], text[i + block_size]) for i in range(len(word) + 1)]


# -- build_dataset -------------------------------------------------------------------------------

build_dataset = exercise("build_dataset", title="examples as two tensors")
build_dataset.hint("The same window, of indices instead of characters. Where does it start anew?")
build_dataset.hint("Collect lists of ints for X and ints for Y, make tensors at the end.")
build_dataset.hint(
    "For each word: context = [0] * block_size; for c in word + '.': X.append(context), "
    "Y.append(stoi[c]), context = context[1:] + [stoi[c]]."
)


@build_dataset.cases
def _(rng):
    yield dict(words=["emma", "ava"], block_size=3)
    yield dict(words=some(rng, 7), block_size=2)
    yield dict(words=some(rng, 5), block_size=1)
    yield dict(words=some(rng, 6), block_size=rng.integer(4, 9))
    yield dict(words=[made_up(rng, 1)], block_size=4)
    yield dict(words=["zz", "a", "zz"], block_size=3)  # the same name twice counts twice


build_dataset.misconception(
    "Your contexts cross names: the window still holds the end of the previous name. Start each "
    "word with zeros.",
    name="crosses_names",
    edits=[
        ("        context = [0] * block_size\n", ""),
        ("    X, Y = [], []\n", "    X, Y = [], []\n    context = [0] * block_size\n"),
    ],
)
build_dataset.misconception(
    "All rows of X are one list, changed in place after it was stored. Make a new list at each "
    "step: context = context[1:] + [i].",
    name="one_list",
    replace="            context = context[1:] + [i]  # a new list: the old one is in X already",
    by="            context.append(i)\n            context.pop(0)",
)
build_dataset.misconception(
    "The window moved before the example was stored, so each context holds its own answer.",
    name="moved_first",
    edits=[
        ("            X.append(context)\n", "            X.append(context[1:] + [i])\n"),
    ],
)
build_dataset.misconception(
    "The last example of each word is missing, the one whose answer is '.': go through word + '.'.",
    name="no_end",
    replace='word + "."',
    by="word",
)
build_dataset.misconception(
    "The newest character must come in on the right; your window runs backwards.",
    name="backwards",
    replace="context[1:] + [i]",
    by="[i] + context[:-1]",
)
build_dataset.misconception(
    "X and Y are floats: indices must be whole numbers, or no embedding can be looked up with them.",
    name="floats",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.tensor(X).float(), torch.tensor(Y).float()",
)
build_dataset.misconception(
    "Y has shape (N, 1). Each example has one answer, a single number: Y is (N,).",
    name="y_column",
    replace="torch.tensor(Y)",
    by="torch.tensor(Y).view(-1, 1)",
)
build_dataset.misconception(
    "Only the full windows were kept. The first letters of a name are guessed too, from dots.",
    name="full_windows",
    replace="    return torch",
    by="    kept = [i for i, x in enumerate(X) if 0 not in x]\n"
    "    X, Y = [X[i] for i in kept], [Y[i] for i in kept]\n"
    "    return torch",
)
build_dataset.misconception(
    "The block_size is always 3 in your version: use the argument.",
    name="always_three",
    replace="[0] * block_size",
    by="[0] * 3",
)
build_dataset.misconception(
    "Letters start at 0 in your version; 0 is taken by '.'. Use stoi.",
    name="no_dot_index",
    replace="i = stoi[c]",
    by='i = 26 if c == "." else ord(c) - ord("a")',
)
build_dataset.misconception(
    "Repeated names were thrown out. Each word of the list counts, however often it stands there.",
    name="repeats_dropped",
    replace="    for word in words:",
    by="    for word in dict.fromkeys(words):",
)
build_dataset.misconception(
    "You returned lists: make tensors of them, torch.tensor(X) and torch.tensor(Y).",
    name="lists",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return X, Y",
)
build_dataset.misconception(
    "int32 is not what torch takes for indices and targets everywhere (F.cross_entropy refuses it): "
    "int64, which torch.tensor makes of Python's ints by itself.",
    name="int32",
    replace="return torch.tensor(X), torch.tensor(Y)",
    by="return torch.tensor(X).int(), torch.tensor(Y).int()",
)
build_dataset.misconception(
    "The answer stands in X as well, as a last column: X has block_size columns.",
    name="answer_inside",
    replace="X.append(context)",
    by="X.append(context + [i])",
)
build_dataset.misconception(
    "The words were sorted. Examples come in the order of the list.",
    name="sorted_words",
    replace="for word in words:",
    by="for word in sorted(words):",
)
build_dataset.misconception(
    "The right tensors, but the caller's list is empty now, or changed: words.pop() and the like work on "
    "the list that was passed in. Go through it with `for`.",
    name="list_emptied",
    replace="    for word in words:\n",
    by="    while words:\n        word = words.pop(0)\n",
)
build_dataset.variant(
    "unfold over each padded word",
    name="unfold",
    source="""def build_dataset(words, block_size):
    X, Y = [], []
    for word in words:
        row = torch.tensor([0] * block_size + [stoi[c] for c in word] + [0])
        windows = row.unfold(0, block_size + 1, 1)
        X.append(windows[:, :-1])
        Y.append(windows[:, -1])
    return torch.cat(X), torch.cat(Y)
""",
)
build_dataset.variant(
    "through contexts",
    name="through_contexts",
    source="""def build_dataset(words, block_size):
    pairs = [pair for word in words for pair in contexts(word, block_size)]
    X = torch.tensor([[stoi[c] for c in context] for context, _ in pairs])
    Y = torch.tensor([stoi[c] for _, c in pairs])
    return [X, Y]
""",
)

# -- split_words ---------------------------------------------------------------------------------

split_words = exercise("split_words", title="train, dev and test names")
split_words.hint("Copy, shuffle, cut: which of the three would change the caller's list?")
split_words.hint("random.Random(seed) is a generator of its own; its shuffle works in place.")
split_words.hint(
    "words = list(words); random.Random(seed).shuffle(words); words[:n1], words[n1:n2]…"
)


@split_words.cases
def _(rng):
    for n, seed in [(10, 42), (27, rng.seed()), (7, rng.seed()), (18, 0), (39, rng.seed())]:
        yield dict(words=some(rng, n), seed=seed)


@split_words.check("default seed")
def _(m, words, seed):
    return m.split_words(words)


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


@split_words.variant("the global generator, seeded")
def global_seed(words, seed=42):
    words = words[:]
    random.seed(seed)
    random.shuffle(words)
    a, b = len(words) * 8 // 10, len(words) * 9 // 10
    return [words[:a], words[a:b], words[b:]]


# -- build_splits --------------------------------------------------------------------------------

build_splits = exercise("build_splits", title="first split, then build")
build_splits.hint("Two functions of yours do all the work. Which one first?")
build_splits.hint(
    "split_words gives three lists of names; build_dataset turns one list into (X, Y)."
)


@build_splits.cases
def _(rng):
    for n, block_size, seed in [(10, 3, 42), (23, 2, rng.seed()), (31, 5, rng.seed()), (14, 1, 7)]:
        yield dict(words=some(rng, n), block_size=block_size, seed=seed)


@build_splits.check("default seed")
def _(m, words, block_size, seed):
    return m.build_splits(words, block_size)


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
    found["train"] = list(build_dataset(a, block_size))
    return found
""",
)
