"""02.make_pairs: examples: input and target."""

import string

import torch

from graders.authoring import exercise

pairs = exercise("make_pairs", title="examples: input and target")


def alphabet(n):
    """'.' and n letters, to indices."""
    return {ch: i for i, ch in enumerate("." + string.ascii_lowercase[:n])}


@pairs.cases
def _(rng):
    for letters, sizes in [(3, (1,)), (3, (4, 1, 1)), (6, (2, 5, 3)), (26, (7, 2))]:
        stoi = alphabet(letters)
        words = [
            "".join(rng.choice("." + string.ascii_lowercase[:letters]) for _ in range(n))
            for n in sizes
        ]
        words = [w.replace(".", string.ascii_lowercase[letters - 1]) for w in words]
        yield dict(words=words, stoi=stoi)
    # neither alphabetical, nor is '.' number 0: only stoi may say
    order = rng.shuffled(".abcxyz")
    yield dict(words=["abba", "zyx", "abba"], stoi={ch: i for i, ch in enumerate(order)})
    yield dict(words=["héé"], stoi={"h": 3, "é": 1, ".": 2, "q": 0})
    yield dict(words=["ba", "", "b"], stoi=alphabet(2))
    # more characters than a byte has numbers
    many = [chr(0x4E00 + i) for i in range(300)]
    words = ["".join(rng.shuffled(many)[:4]) + many[-1], many[270]]
    yield dict(words=words, stoi={ch: i for i, ch in enumerate([*many, "."])})
    yield dict(words=["aba"], stoi={".": 0, "a": 40_000, "b": 70_000})  # nor do two bytes


@pairs.check("index tensors")
def _(m, words, stoi):
    """Inputs and targets are used as indices later; only int64 will do everywhere."""
    made = m.make_pairs(words, stoi)
    return [len(made), [str(t.dtype) for t in made], [list(t.shape) for t in made]]


pairs.hint(
    "A word of k letters makes k + 1 examples. Which characters can be an input, which a target?"
)
pairs.hint(
    'ids = [stoi[ch] for ch in "." + word + "."]: inputs are all but the last, targets all but the first.'
)
pairs.hint("Add ids[:-1] to xs and ids[1:] to ys, word by word; at the end torch.tensor of each.")


@pairs.misconception(
    "The end of a word is missing: the last letter is followed by '.', and the network must learn "
    "when to stop."
)
def no_end(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "An empty word was left out. It is an example too: after '.' comes '.' straight away."
)
def without_empty(words, stoi):
    kept = [w for w in words if w]
    xs = [stoi[c] for w in kept for c in "." + w]
    return torch.tensor(xs), torch.tensor([stoi[c] for w in kept for c in w + "."])


@pairs.misconception(
    "The beginning of a word is missing: '.' is followed by the first letter, or nothing could ever "
    "be started."
)
def no_start(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "Neither the beginning nor the end of a word is there: put '.' before and after each."
)
def bare_words(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in w]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs, dtype=torch.int64), torch.tensor(ys, dtype=torch.int64)


@pairs.misconception(
    "The words were joined to one long text with a single '.' between them, so that '.' at the end of "
    "one is the '.' at the start of the next. It gives the same examples, one word after the other, only "
    "if you leave out nothing: here those of the first '.' are missing."
)
def joined(words, stoi):
    ids = [stoi[c] for c in ".".join(words) + "."]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception(
    "Each word begins and ends with '.', and you paired the two where words meet: (., .) is no "
    "bigram of any word."
)
def across_words(words, stoi):
    ids = [stoi[c] for c in "".join("." + w + "." for w in words)]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception("Inputs and targets are swapped: ys[i] follows xs[i].")
def swapped(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[1:]
        ys += ids[:-1]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "Every input is its own target. The target is the character that comes next: shift by one."
)
def not_shifted(words, stoi):
    ids = [stoi[c] for w in words for c in "." + w]
    return torch.tensor(ids), torch.tensor(ids)


@pairs.misconception(
    "Only the first word was used: the lists are made anew, or returned, inside the loop."
)
def first_word(words, stoi):
    ids = [stoi[c] for c in "." + words[0] + "."]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception(
    "Only the last word was kept: the lists are made anew for each word. Make them once, before the loop."
)
def last_word(words, stoi):
    ids = [stoi[c] for c in "." + words[-1] + "."]
    return torch.tensor(ids[:-1]), torch.tensor(ids[1:])


@pairs.misconception(
    "Each bigram appears once here. Repeats count: what is frequent must be seen often."
)
def only_distinct(words, stoi):
    seen = {}
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        for i in range(len(ids) - 1):
            seen[ids[i], ids[i + 1]] = None
    xs, ys = zip(*seen, strict=True)
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "The indices are floats (torch.Tensor, with a capital T, makes float32 of everything). "
    "torch.tensor keeps integers."
)
def float_indices(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.Tensor(xs), torch.Tensor(ys)


@pairs.misconception(
    "These are Python lists. Make a tensor of each: torch.tensor(xs), torch.tensor(ys)."
)
def lists(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return xs, ys


@pairs.misconception(
    "The indices were computed from the alphabet (ord(ch) - 96). They are whatever stoi says: look them up."
)
def by_ord(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [0 if c == "." else ord(c) - 96 for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception("'.' is not always 0: take its index from stoi, as for any other character.")
def dot_is_zero(words, stoi):
    xs, ys = [], []
    for w in words:
        ids = [0, *[stoi[c] for c in w], 0]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor(xs), torch.tensor(ys)


@pairs.misconception(
    "One tensor of n pairs comes back. Two are asked for, inputs and targets: (xs, ys)."
)
def one_tensor(words, stoi):
    rows = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        rows += [ids[i : i + 2] for i in range(len(ids) - 1)]
    return torch.tensor(rows)


@pairs.variant("zip")
def with_zip(words, stoi):
    rows = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".", strict=True)]
    xs, ys = zip(*rows, strict=True)
    return torch.tensor(xs), torch.tensor(ys)


@pairs.variant("one long text, with the right number of dots")
def one_text(words, stoi):
    ids = torch.tensor([stoi[c] for c in "." + ".".join(words) + "."])
    return ids[:-1], ids[1:]
