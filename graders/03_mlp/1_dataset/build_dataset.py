"""03.build_dataset: examples as two tensors."""

from graders.authoring import exercise

from .part import made_up, some

build_dataset = exercise("build_dataset", title="examples as two tensors")


@build_dataset.cases
def _(rng):
    yield dict(words=["emma", "ava"], block_size=3)
    yield dict(words=some(rng, 7), block_size=2)
    yield dict(words=some(rng, 5), block_size=1)
    yield dict(words=some(rng, 6), block_size=rng.integer(4, 9))
    yield dict(words=[made_up(rng, 1)], block_size=4)
    yield dict(words=["zz", "a", "zz"], block_size=3)  # the same name twice counts twice


build_dataset.hint("The same window, of indices instead of characters. Where does it start anew?")
build_dataset.hint("Collect lists of ints for X and ints for Y, make tensors at the end.")
build_dataset.hint(
    "For each word: context = [0] * block_size; for c in word + '.': X.append(context), "
    "Y.append(stoi[c]), context = context[1:] + [stoi[c]]."
)

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
    return X, Y
""",
)
