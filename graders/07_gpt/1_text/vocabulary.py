"""07.vocabulary: a number for each character of a text."""

from graders.authoring import exercise

from .part import KINDS, some_text

vocab = exercise("vocabulary", title="a number for each character")


@vocab.cases
def _(rng):
    yield dict(text="to be, or not")
    yield dict(text="q")
    yield dict(text="")
    yield dict(text="  \n\n  zebra. Apple.\n\n")
    yield dict(text="".join(rng.shuffled(KINDS)))
    # UTF-16 puts the last of these before the other two; and more kinds than a byte has numbers
    yield dict(text="\ufb01a\uff21🙂")
    yield dict(text="".join(rng.shuffled(map(chr, range(0x4E00, 0x4E00 + 300)))))
    for length in (3, 12, 80):
        yield dict(text=some_text(rng, length))


vocab.hint("Each character once, and then in an order that is always the same.")
vocab.hint(
    "chars = sorted(set(text)); enumerate(chars) gives the pairs (0, first), (1, second), ..."
)
vocab.hint(
    "stoi = {ch: i for i, ch in enumerate(sorted(set(text)))}; "
    "itos = {i: ch for ch, i in stoi.items()}; return stoi, itos"
)


@vocab.misconception(
    "The characters are not sorted: they stand in the order of a set, or in which they were met. That "
    "changes with the text, or with each start of Python. Use sorted(set(text))."
)
def not_sorted(text):
    stoi = {ch: i for i, ch in enumerate(dict.fromkeys(text))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "'.' got the number 0 and a place of its own, as in the lessons on names. Here it is a character like "
    "all others: only if it occurs, and in its sorted place."
)
def dot_is_special(text):
    stoi = {".": 0, **{ch: i + 1 for i, ch in enumerate(sorted(set(text) - {"."}))}}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "The numbers begin at 1. Nothing is reserved here: the first character gets 0."
)
def from_one(text):
    stoi = {ch: i + 1 for i, ch in enumerate(sorted(set(text)))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "Spaces and line breaks are missing. They are characters too: a model that is to write lines must "
    "know them."
)
def no_whitespace(text):
    stoi = {ch: i for i, ch in enumerate(sorted(set("".join(text.split()))))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception("Capitals were made small letters. 'A' and 'a' are two characters.")
def lower_case(text):
    stoi = {ch: i for i, ch in enumerate(sorted(set(text.lower())))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "A character that occurs twice is there twice, and the numbers have holes: make a set first."
)
def no_set(text):
    stoi = {ch: i for i, ch in enumerate(sorted(text))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception("The two dicts are the wrong way round: return stoi first, then itos.")
def swapped(text):
    itos = dict(enumerate(sorted(set(text))))
    return itos, {ch: i for i, ch in itos.items()}


@vocab.misconception(
    "The numbers come from elsewhere: Unicode's own (ord), or the place in the text. Count the sorted "
    "characters instead: 0, 1, 2, ... without holes."
)
def code_points(text):
    return {ch: ord(ch) for ch in sorted(set(text))}, {ord(ch): ch for ch in sorted(set(text))}


@vocab.misconception(
    "The most frequent character came first. The order asked for is that of `sorted`, whatever the counts."
)
def by_frequency(text):
    stoi = {ch: i for i, ch in enumerate(sorted(set(text), key=lambda ch: (-text.count(ch), ch)))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.variant("counted by hand")
def by_hand(text):
    stoi, itos = {}, {}
    for ch in sorted(text):
        if ch not in stoi:
            itos[len(stoi)] = ch
            stoi[ch] = len(stoi)
    return stoi, itos


@vocab.variant("zip")
def zipped(text):
    chars = sorted(set(text))
    return dict(zip(chars, range(len(chars)), strict=True)), dict(enumerate(chars))
