"""02.bigrams: one name as bigrams."""

import itertools

from graders.authoring import exercise

from .part import LETTERS, word

pairs = exercise("bigrams", title="one name as bigrams")


@pairs.cases
def _(rng):
    for w in (
        "ava",
        "",
        "x",
        "aa",
        "aaaa",
        "vavava",
        "bookkeeper",
        "zoë",
        "Al Bo",
        " y ",
        "e\u0308a\n",
    ):
        yield dict(word=w)
    for n in (2, 5, 8):
        yield dict(word=word(rng, LETTERS, n))
    yield dict(word="ab" * 600)  # any length: longer than calls can be nested


@pairs.check("as keys of a dict")
def _(m, word):
    """A list for a pair would do everywhere but here, and this is what comes next."""
    counts = {}
    for pair in m.bigrams(word):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


pairs.hint("First the list of characters, with '.' in front and behind.")
pairs.hint("zip(chars, chars[1:]) pairs each character with its successor. What is not a list yet?")
pairs.hint('chars = ["."] + list(word) + ["."]; return list(zip(chars, chars[1:]))')


@pairs.misconception(
    "Each pair is a list. Make it a tuple, as zip does: only that can be the key of a dict, which "
    "count_bigrams needs."
)
def pairs_of_lists(word):
    return [[a, b] for a, b in zip("." + word, word + ".", strict=True)]


@pairs.misconception(
    "Capitals were made small. What a name consists of is not for `bigrams` to decide: take every "
    "character as it is."
)
def tidied(word):
    word = word.lower()
    return list(zip("." + word, word + ".", strict=True))


@pairs.misconception(
    "The beginning is missing: the first letter follows a '.', or no name could ever be begun."
)
def no_start(word):
    chars = [*word, "."]
    return list(itertools.pairwise(chars))


@pairs.misconception(
    "The last bigram is missing: a '.' follows the last letter, or no name could ever end. With "
    "indices, i goes through range(len(chars) - 1), and chars has both dots."
)
def no_end(word):
    chars = [".", *word]
    return list(itertools.pairwise(chars))


@pairs.misconception(
    "Beginning and end are both missing: put a '.' in front of the word and one behind it."
)
def bare(word):
    return list(itertools.pairwise(word))


@pairs.misconception("The pairs are swapped: (first, second), the successor comes second.")
def swapped(word):
    chars = [".", *word, "."]
    return list(zip(chars[1:], chars, strict=False))


@pairs.misconception(
    "Every second bigram is missing: the window moves on by *one* character, so that neighbors overlap."
)
def no_overlap(word):
    chars = [".", *word, "."]
    return list(zip(chars[::2], chars[1::2], strict=False))


@pairs.misconception(
    "Each character is paired with itself: shift the second list by one, chars[1:]."
)
def not_shifted(word):
    chars = [".", *word, "."]
    return list(zip(chars, chars, strict=True))


@pairs.misconception(
    "The window is one character too wide, or skips one: pair each character with the very next one."
)
def two_apart(word):
    chars = [".", *word, "."]
    return list(zip(chars, chars[2:], strict=False))


@pairs.misconception("A bigram that occurs twice is there once. Repeats count: no set, no dict.")
def distinct(word):
    chars = [".", *word, "."]
    return list(dict.fromkeys(itertools.pairwise(chars)))


@pairs.misconception("The bigrams were sorted. They stand in the order of the word.")
def in_sorted_order(word):
    chars = [".", *word, "."]
    return sorted(itertools.pairwise(chars))


@pairs.misconception(
    "These are strings of two characters. Pairs are asked for, ('a', 'v'): two things, not one."
)
def strings(word):
    text = "." + word + "."
    return [a + b for a, b in itertools.pairwise(text)]


@pairs.misconception(
    "zip returns an iterator, which can be read only once: make a list of it, list(zip(...))."
)
def iterator(word):
    chars = [".", *word, "."]
    return itertools.pairwise(chars)


@pairs.misconception(
    "An empty word has a bigram too: ('.', '.'), from the beginning straight to the end."
)
def empty_has_none(word):
    chars = [".", *word, "."] if word else []
    return list(itertools.pairwise(chars))


@pairs.misconception(
    "The last character was paired with the first, as in a circle. The word ends with its '.'."
)
def circle(word):
    chars = [".", *word, "."]
    return list(zip(chars, [*chars[1:], chars[0]], strict=True))


@pairs.variant("indices")
def indices(word):
    text = f".{word}."
    return [(text[i], text[i + 1]) for i in range(len(word) + 1)]


@pairs.variant("a list of characters, and itself shifted by one")
def shifted(word):
    chars = ["."] + list(word) + ["."]
    return list(itertools.pairwise(chars))


@pairs.variant("the previous character, remembered")
def remembered(word):
    before, out = ".", []
    for ch in [*word, "."]:
        out.append((before, ch))
        before = ch
    return out
