"""02.vocabulary: a number for each character."""

from graders.authoring import exercise

from .part import LETTERS, word

vocab = exercise("vocabulary", title="a number for each character")


@vocab.cases
def _(rng):
    yield dict(words=["zoe", "ava", "moe"])
    yield dict(words=["b"])
    for letters, lengths in [(5, (3, 1, 4)), (26, (7, 6, 9, 2)), (12, (2, 2, 8))]:
        some = rng.shuffled(LETTERS)[:letters]
        yield dict(words=[word(rng, some, n) for n in lengths] + [some[0] * 2])
    # capitals, accents, a space, and characters that sort before '.'
    yield dict(words=["Zoë", "anna-lou", "o'neil", "ámi"])
    yield dict(words=["van dyk", "", "Bo", "x2"])
    yield dict(words=["cab", "cab", "dab", "ccc"])
    yield dict(words=["zoe\u0308", "zo\u00eb", "a\tb\n"])  # one code point, one character
    # sorted by code point: two units of UTF-16 would come before one large one
    yield dict(words=["\U0001f600a", "\uff21b", "\u00e9\ud7ff"])
    yield dict(words=["".join(rng.shuffled(chr(0x4E00 + i) for i in range(300)))])
    yield dict(words=[])


vocab.hint("All characters of all words, each once: join the words, then set(...).")
vocab.hint("sorted(...) gives them an order. '.' gets 0, so the first of them gets 1.")
vocab.hint(
    'chars = sorted(set("".join(words))); stoi = {ch: i + 1 for i, ch in enumerate(chars)}; '
    'stoi["."] = 0; itos = {i: ch for ch, i in stoi.items()}; return stoi, itos'
)


def first_appearance(words):
    """The characters in the order in which they first occur."""
    return list(dict.fromkeys("".join(words)))


@vocab.misconception(
    "The characters are not sorted: they stand in the order of a set, or in which they were met. "
    "That changes with the data, or with each start of Python. Use sorted(set(...))."
)
def unsorted_characters(words):
    stoi = {".": 0, **{ch: i + 1 for i, ch in enumerate(first_appearance(words))}}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "'.' is missing. It marks the beginning and the end of a name, and needs a number too: 0."
)
def no_dot(words):
    stoi = {ch: i + 1 for i, ch in enumerate(sorted(set("".join(words))))}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "'.' and the first character are both 0: one overwrites the other in itos. The others start at 1."
)
def zero_twice(words):
    stoi = {ch: i for i, ch in enumerate(sorted(set("".join(words))))}
    stoi["."] = 0
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception("'.' came last. Give it 0, and let the others start at 1.")
def dot_last(words):
    chars = [*sorted(set("".join(words))), "."]
    return {ch: i for i, ch in enumerate(chars)}, dict(enumerate(chars))


@vocab.misconception(
    "'.' was sorted in among the others, which puts '-' and ' ' before it. It gets 0, whatever "
    "characters there are: put it in front of the sorted ones."
)
def dot_sorted_in(words):
    chars = sorted(set("".join(words) + "."))
    return {ch: i for i, ch in enumerate(chars)}, dict(enumerate(chars))


@vocab.misconception(
    "You took the whole alphabet, a to z. Only characters that occur in the words get a number, and "
    "they need not be letters."
)
def whole_alphabet(words):
    chars = "." + LETTERS
    return {ch: i for i, ch in enumerate(chars)}, dict(enumerate(chars))


@vocab.misconception(
    "Characters that occur twice are there twice, and the numbers have holes: make a set first."
)
def no_set(words):
    stoi = {".": 0}
    for i, ch in enumerate(sorted("".join(words))):
        stoi[ch] = i + 1
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "That is a vocabulary of whole words. This model reads characters: join the words first."
)
def of_words(words):
    stoi = {".": 0, **{w: i + 1 for i, w in enumerate(sorted(set(words)))}}
    return stoi, {i: w for w, i in stoi.items()}


@vocab.misconception(
    "Only the characters of the first word have a number. Join all words: set(''.join(words))."
)
def only_first_word(words):
    stoi = {".": 0, **{ch: i + 1 for i, ch in enumerate(sorted(set("".join(words[:1]))))}}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "The two came back in the other order: (stoi, itos), from characters to numbers first."
)
def other_order(words):
    chars = ["."] + sorted(set("".join(words)))
    return dict(enumerate(chars)), {ch: i for i, ch in enumerate(chars)}


@vocab.misconception(
    "Everything was made lowercase. 'Z' and 'z' are two characters; leave the words as they are."
)
def lowercase(words):
    stoi = {".": 0, **{ch: i + 1 for i, ch in enumerate(sorted(set("".join(words).lower())))}}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "Numbers were computed from the alphabet (ord(ch) - 96). They count the characters that occur: 1, "
    "2, 3, ... without holes."
)
def by_ord(words):
    stoi = {".": 0, **{ch: ord(ch) - 96 for ch in sorted(set("".join(words)))}}
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "Sorted from z to a. Ascending is the order asked for: sorted(chars), without reverse."
)
def descending(words):
    stoi = {".": 0}
    for i, ch in enumerate(sorted(set("".join(words)), reverse=True)):
        stoi[ch] = i + 1
    return stoi, {i: ch for ch, i in stoi.items()}


@vocab.misconception(
    "itos is a list. It gives the same letters for 0, 1, 2, but takes -1 without a word; make the dict "
    "{i: ch for ch, i in stoi.items()}."
)
def itos_list(words):
    chars = ["."] + sorted(set("".join(words)))
    return {ch: i for i, ch in enumerate(chars)}, chars


@vocab.misconception(
    "itos is a copy of stoi, from characters to numbers. Turn each pair around: {i: ch for ch, i in ...}."
)
def not_turned(words):
    stoi = {ch: i for i, ch in enumerate(["."] + sorted(set("".join(words))))}
    return stoi, dict(stoi)


@vocab.misconception("Only stoi came back. Both dicts are wanted: return stoi, itos.")
def only_stoi(words):
    return {ch: i for i, ch in enumerate(["."] + sorted(set("".join(words))))}


@vocab.variant("one string of all characters")
def one_string(words):
    chars = "." + "".join(sorted({ch for word in words for ch in word}))
    return {ch: i for i, ch in enumerate(chars)}, dict(enumerate(chars))


@vocab.variant("zip, and the dot last but numbered 0")
def zipped(words):
    chars = sorted(set().union(*words))
    stoi = dict(zip(chars, range(1, len(chars) + 1), strict=True))
    stoi["."] = 0
    return stoi, dict(zip(stoi.values(), stoi.keys(), strict=True))
