"""02.trigram_examples: E01: contexts of two characters."""

import torch

from graders.authoring import exercise

examples = exercise("trigram_examples", title="E01: contexts of two characters")


@examples.cases
def _(rng):
    yield dict(words=["emma", "ava", "emma"], stoi={".": 0, "a": 1, "e": 2, "m": 3, "v": 4})
    yield dict(words=["bac"], stoi={".": 0, "a": 1, "b": 2, "c": 3})
    yield dict(words=["ab", "", "b"], stoi={".": 0, "a": 1, "b": 2})
    yield dict(words=[""], stoi={"a": 0, ".": 1})
    # any numbering will do, and it may know more characters than occur
    yield dict(words=["abba", "cab"], stoi={"c": 0, "b": 1, "z": 2, ".": 3, "a": 4})
    # more characters than a byte has numbers
    many = {chr(0x4E00 + i): i for i in range(299)} | {".": 299}
    yield dict(words=["".join(list(many)[100:299:66]), list(many)[298]], stoi=many)
    yield dict(words=["aba"], stoi={".": 0, "a": 40_000, "b": 70_000})  # nor do two bytes
    letters = rng.shuffled("abcdefghij.")
    stoi = {ch: i for i, ch in enumerate(letters)}
    letters.remove(".")
    words = ["".join(rng.choice(letters) for _ in range(rng.integer(1, 8))) for _ in range(12)]
    yield dict(words=["abc", *words, words[3]], stoi=stoi)


examples.hint(
    "Write down '..ab.' and put a frame of three characters around it. How often does it fit?"
)
examples.hint(
    "For each word by itself: ids of '..' + word + '.', and then zip(ids, ids[1:], ids[2:])."
)
examples.hint(
    "Each triple (first, second, third) appends [first, second] to xs and third to ys; at the end "
    "both become tensors."
)


@examples.misconception(
    "The names begin with one dot only, so the first letter of each is never predicted. Two "
    "characters of context need two dots in front."
)
def one_dot(words, stoi):
    xs, ys = [], []
    for word in words:
        ids = [stoi[ch] for ch in "." + word + "."]
        for first, second, third in zip(ids, ids[1:], ids[2:], strict=False):
            xs.append([first, second])
            ys.append(third)
    return torch.tensor(xs, dtype=torch.int64).view(-1, 2), torch.tensor(ys, dtype=torch.int64)


@examples.misconception(
    "The context is not set back to '..' at the start of each name: windows cross from one name "
    "into the next, which has nothing to do with it."
)
def crosses_names(words, stoi):
    xs, ys = [], []
    context = [stoi["."]] * 2
    for word in words:
        for ch in word + ".":
            xs.append(context)
            ys.append(stoi[ch])
            context = [context[1], stoi[ch]]
    return torch.tensor(xs), torch.tensor(ys)


@examples.misconception(
    "All names were joined into one text, and the window slid over all of it: some examples "
    "contain the end of one name and the start of the next. Go name by name."
)
def one_text(words, stoi):
    ids = torch.tensor([stoi[ch] for ch in ".." + "..".join(words) + "."])
    return torch.stack([ids[:-2], ids[1:-1]], 1), ids[2:]


examples.misconception(
    "The younger character stands first. The older one comes first, in the order of reading.",
    name="younger_first",
    replace="xs.append([first, second])",
    by="xs.append([second, first])",
)
examples.misconception(
    "The end is missing: a name ends with a dot, and that too has to be predicted.",
    name="no_end",
    replace='".." + word + "."]',
    by='".." + word]',
    edits=[
        (
            "return torch.tensor(xs), torch.tensor(ys)",
            "return torch.tensor(xs, dtype=torch.int64).view(-1, 2), "
            "torch.tensor(ys, dtype=torch.int64)",
        )
    ],
)
examples.misconception(
    "There are two dots at the end. One is enough: after the first the name is over, there is "
    "nothing more to predict.",
    name="two_ends",
    replace='".." + word + "."]',
    by='".." + word + ".."]',
)
examples.misconception(
    "There are three dots in front: the first context predicts only another dot.",
    name="three_dots",
    replace='".." + word + "."]',
    by='"..." + word + "."]',
)
examples.misconception(
    "You padded with the number 0. The dot has the index that stoi gives it, which need not be 0.",
    name="padded_with_0",
    replace='[stoi[ch] for ch in ".." + word + "."]',
    by="[0, 0] + [stoi[ch] for ch in word] + [0]",
)
examples.misconception(
    "You made a vocabulary of your own. Use the stoi you are given: the numbers must mean the "
    "same everywhere.",
    name="own_vocabulary",
    replace="    xs, ys = [], []\n",
    by='    stoi = {ch: i for i, ch in enumerate("." + "".join(sorted(set("".join(words)))))}\n'
    "    xs, ys = [], []\n",
)
examples.misconception(
    "The target is the younger character of the context itself. It is the one after it.",
    name="target_in_context",
    replace="ys.append(third)",
    by="ys.append(second)",
)
examples.misconception(
    "There is a gap: the context is the characters one and three places back. The two right "
    "before the target are wanted, next to each other.",
    name="gap",
    edits=[
        ('".." + word + "."]', '"..." + word + "."]'),
        ("zip(ids, ids[1:], ids[2:], strict=False)", "zip(ids, ids[2:], ids[3:], strict=False)"),
    ],
)
examples.misconception(
    "The frame moved on by three characters each time. It moves by one: every character is "
    "predicted once.",
    name="steps_of_three",
    replace="zip(ids, ids[1:], ids[2:], strict=False)",
    by="zip(ids[::3], ids[1::3], ids[2::3], strict=False)",
)
examples.misconception(
    "Names that stand in the list twice were used once. Twice in the data means twice as likely: "
    "keep them all.",
    name="no_repeats",
    replace="for word in words:",
    by="for word in dict.fromkeys(words):",
)
examples.misconception(
    "Empty words were skipped. Even one with no letters makes an example: after '..' it is over.",
    name="empty_skipped",
    replace="for word in words:",
    by="for word in filter(None, words):",
    edits=[
        (
            "return torch.tensor(xs), torch.tensor(ys)",
            "return torch.tensor(xs, dtype=torch.int64).view(-1, 2), "
            "torch.tensor(ys, dtype=torch.int64)",
        )
    ],
)
examples.misconception(
    "The examples are not in order, they were sorted. Words and letters stay as they come.",
    name="sorted",
    replace="for word in words:",
    by="for word in sorted(words):",
)
examples.misconception(
    "xs has floats in it. These are indices: int64, which is what torch.tensor makes of ints.",
    name="floats",
    replace="torch.tensor(xs)",
    by="torch.tensor(xs).float()",
)
examples.misconception(
    "xs is transposed, (2, n). There is a row for each example: (n, 2).",
    name="transposed",
    replace="torch.tensor(xs)",
    by="torch.tensor(xs).t()",
)
examples.misconception(
    "Both characters went into one long list: xs is flat. Each example has a row of two: append "
    "[first, second].",
    name="flat",
    replace="xs.append([first, second])",
    by="xs += [first, second]",
)
examples.misconception(
    "ys got a second dimension. It is flat, one number for each example: (n,).",
    name="column_of_targets",
    replace="ys.append(third)",
    by="ys.append([third])",
)
examples.misconception(
    "These are lists. Tensors are wanted: torch.tensor(xs), torch.tensor(ys).",
    name="lists",
    replace="return torch.tensor(xs), torch.tensor(ys)",
    by="return xs, ys",
)

examples.variant(
    "a context that moves on",
    name="moving_context",
    source='''
def trigram_examples(words, stoi):
    """Sets the context back for each word."""
    xs, ys = [], []
    for word in words:
        context = (stoi["."],) * 2
        for ch in word + ".":
            xs.append(context)
            ys.append(stoi[ch])
            context = context[1:] + (stoi[ch],)
    return torch.tensor(xs), torch.tensor(ys)
''',
)
examples.variant(
    "windows by unfold",
    name="unfold",
    source='''
def trigram_examples(words, stoi):
    """Each word as a tensor, cut into windows of three."""
    pieces = []
    for word in words:
        ids = torch.tensor([stoi[ch] for ch in [".", ".", *word, "."]])
        pieces.append(ids.unfold(0, 3, 1))
    windows = torch.cat(pieces)
    return windows[:, :2], windows[:, 2]
''',
)
