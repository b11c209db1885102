"""07.decode: from numbers back to characters."""

from graders.authoring import Raises, exercise

from .part import KINDS

decode = exercise("decode", title="and back to characters")


def table(rng):
    numbers = rng.shuffled(range(2 * len(KINDS)))
    return {numbers[i]: ch for i, ch in enumerate(rng.shuffled(KINDS))}


@decode.cases
def _(rng):
    itos = {0: "\n", 1: " ", 2: "b", 3: "e", 4: "t"}
    yield dict(ids=[], itos=itos)
    yield dict(ids=[2, 3, 4, 0, 0, 1, 2, 3, 0], itos=itos)
    yield dict(ids=[0], itos=itos)
    yield dict(ids=[3, 0, 4, 4, 0], itos={4: "x", 0: "m", 3: "a"})
    for length in (3, 50):
        itos = table(rng)
        yield dict(ids=[rng.choice(list(itos)) for _ in range(length)], itos=itos)
    itos = {70_000: "a", 4464: "b", 65_536: "c", 0: "d", 2**40: "e\u0301"}
    yield dict(ids=[0, 65_536, 70_000, 2**40, 4464], itos=itos)
    for ids in ([1, 9, 0], [-1], [2, 2, 5]):
        yield dict(ids=ids, itos={0: "a", 1: "b", 2: "c"})


@decode.oracle
def _(ids, itos):
    text = ""
    for i in ids:
        if i not in itos:
            return Raises("KeyError")
        text += itos[i]
    return text


@decode.effort
def _(rng):
    for n in (16, 128):
        numbers = rng.shuffled(range(2 * n))
        itos = {numbers[i]: chr(0x4E00 + i) for i in range(n)}
        yield dict(ids=rng.shuffled(itos), itos=itos)


decode.hint("Look each number up, and make one str of what you find.")
decode.hint('"".join(...) puts strings one after the other, with nothing in between.')
decode.hint('return "".join(itos[i] for i in ids)')


@decode.misconception("A list of characters came back. Join them to one str: ''.join(...).")
def a_list(ids, itos):
    return [itos[i] for i in ids]


@decode.misconception(
    "There is something between the characters: join with the empty string, ''. The spaces of the text "
    "are among the characters already."
)
def spaced(ids, itos):
    return " ".join(itos[i] for i in ids)


@decode.misconception(
    "The text stops at the number 0, as the names did at their '.'. Here 0 is a character like all others."
)
def stops_at_zero(ids, itos):
    text = ""
    for i in ids:
        if i == 0:
            break
        text += itos[i]
    return text


@decode.misconception(
    "The number 0 was left out. It is a character like all others (in most texts the line break)."
)
def skips_zero(ids, itos):
    return "".join(itos[i] for i in ids if i)


@decode.misconception(
    "The numbers were looked up in another table: Unicode's, or the sorted characters. itos says which "
    "character a number stands for."
)
def wrong_table(ids, itos):
    chars = sorted(itos.values())
    if not set(ids) <= set(itos):
        raise KeyError
    return "".join(chars[sorted(itos).index(i)] for i in ids)


@decode.misconception(
    "The table is turned round: that maps characters to numbers, and finds no number in it. Look i up in "
    "itos as it is."
)
def turned_round(ids, itos):
    stoi = {ch: i for i, ch in itos.items()}
    return "".join(stoi[i] for i in ids)


@decode.misconception(
    "A number that is not in the table was passed over, or became another character. Nobody notices until "
    "much later: let itos[i] raise its KeyError."
)
def quiet(ids, itos):
    return "".join(itos.get(i, "") for i in ids)


@decode.misconception("The text stands in reverse: each new character comes at the end.")
def reversed_text(ids, itos):
    text = ""
    for i in ids:
        text = itos[i] + text
    return text


@decode.misconception(
    "White space at an end of the text is gone. It is part of the text: hand back what was decoded."
)
def stripped(ids, itos):
    return "".join(itos[i] for i in ids).strip()


decode.misconception(
    """The work grows with the ids times the table: the whole of itos is gone through for each id. A
    dict finds at once what belongs to a key: itos[i].""",
    name="the_table_for_each_id",
    source="""
def decode(ids, itos):
    text = ""
    for i in ids:
        found = [ch for known, ch in itos.items() if known == i]
        if not found:
            raise KeyError(i)
        text += found[0]
    return text
""",
)


@decode.variant("a loop")
def loop(ids, itos):
    text = ""
    for i in ids:
        text += itos[i]
    return text


@decode.variant("map")
def mapped(ids, itos):
    return "".join(map(itos.__getitem__, ids))
