"""07.encode: from characters to numbers."""

from graders.authoring import Raises, exercise

from .part import KINDS, some_text

encode = exercise("encode", title="from characters to numbers")


LARGE = [300, 70_000, 0, 32_768, 65_536, 100_276, 2**40]


def table(rng, kinds):
    """Numbers that are neither sorted nor without holes: what counts is what the table says."""
    numbers = rng.shuffled(range(2 * len(kinds)))
    return {ch: numbers[i] for i, ch in enumerate(rng.shuffled(kinds))}


@encode.cases
def _(rng):
    yield dict(text="", stoi={"a": 0})
    yield dict(text="bet\n be", stoi={"\n": 0, " ": 1, "b": 2, "e": 3, "t": 4})
    for length in (1, 7, 60):
        yield dict(text=some_text(rng, length), stoi=table(rng, KINDS))
    yield dict(text="\n\n " + some_text(rng, 5) + "  \n", stoi=table(rng, KINDS))
    yield dict(text="AaBbAA", stoi={"a": 3, "A": 1, "b": 7, "B": 0})
    # a mark of byte order and Windows line ends are characters like any other
    yield dict(text="\ufeffab\r\na\r\n", stoi={"\r": 4, "a": 2, "\ufeff": 0, "b": 7, "\n": 1})
    # a letter and its accent are two characters; numbers of any size
    yield dict(text="cafe\u0301 caf\u00e9", stoi=dict(zip("caf e\u0301\u00e9", LARGE, strict=True)))
    # an unknown character at the beginning, inside, at the end
    for text in ("%be", "be%et", "beet%", "%"):
        yield dict(text=text, stoi={"b": 2, "e": 0, "t": 5})
    yield dict(text="Bet", stoi={"b": 2, "e": 0, "t": 5})


@encode.oracle
def _(text, stoi):
    out = []
    for ch in text:
        if ch not in stoi:
            return Raises("KeyError")
        out.append(stoi[ch])
    return out


@encode.effort
def _(rng):
    for n in (16, 128):
        kinds = [chr(0x4E00 + i) for i in range(n)]
        yield dict(text="".join(rng.shuffled(kinds)), stoi=table(rng, kinds))


encode.hint("A str can be looped over: `for ch in text` gives one character after the other.")
encode.hint("Look each one up: stoi[ch]. A dict raises the KeyError by itself.")
encode.hint("return [stoi[ch] for ch in text]")


@encode.misconception(
    "Characters that are not in the table were left out, so what comes back after decoding is not what "
    "went in. Let the KeyError come."
)
def skips(text, stoi):
    return [stoi[ch] for ch in text if ch in stoi]


@encode.misconception(
    "An unknown character got a number that belongs to something else. A text that is quietly wrong is worse "
    "than an error: let stoi[ch] raise its KeyError."
)
def zero_for_unknown(text, stoi):
    return [stoi.get(ch, 0) for ch in text]


@encode.misconception(
    "`stoi.get(ch)` answers None for an unknown character, and the error comes much later, somewhere "
    "else. stoi[ch] raises at once."
)
def none_for_unknown(text, stoi):
    return [stoi.get(ch) for ch in text]


@encode.misconception(
    "An unknown character was added to the table with a new number. The model has no row for it; and "
    "stoi belongs to the caller."
)
def adds(text, stoi):
    return [stoi.setdefault(ch, len(stoi)) for ch in text]


@encode.misconception(
    "These are numbers from elsewhere (Unicode's, or the order of this text's characters). stoi says which "
    "number a character has."
)
def own_table(text, stoi):
    own = {ch: i for i, ch in enumerate(sorted(set(text)))}
    if not set(text) <= set(stoi):
        raise KeyError
    return [own[ch] for ch in text]


@encode.misconception(
    "Spaces or line breaks were cut away before the lookup. They are characters like all others."
)
def stripped(text, stoi):
    return [stoi[ch] for ch in text.strip()]


@encode.misconception(
    "Each number came once only. A character that occurs three times in the text has its number three times "
    "in the list."
)
def each_once(text, stoi):
    return [stoi[ch] for ch in dict.fromkeys(text)]


@encode.misconception("The text was made small letters first. 'A' has a number of its own.")
def lower_case(text, stoi):
    return [stoi[ch if ch not in stoi or ch.lower() not in stoi else ch.lower()] for ch in text]


encode.misconception(
    """The work grows with the text times the table: the whole of stoi is gone through for each
    character. A dict finds at once what belongs to a key: stoi[ch].""",
    name="the_table_for_each_character",
    source="""
def encode(text, stoi):
    ids = []
    for ch in text:
        found = [i for known, i in stoi.items() if known == ch]
        if not found:
            raise KeyError(ch)
        ids.append(found[0])
    return ids
""",
)


@encode.variant("map")
def mapped(text, stoi):
    return list(map(stoi.__getitem__, text))


@encode.variant("a loop that says what is missing")
def loop(text, stoi):
    ids = []
    for ch in text:
        if ch not in stoi:
            raise KeyError(f"{ch!r} is not in the vocabulary")
        ids += [stoi[ch]]
    return ids
