"""Counting bigrams: the vocabulary, one word, a dict, a matrix, and where its labels go."""

import itertools

import torch

from graders.authoring import exercise

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def word(rng, letters, length):
    """A random word from the given letters."""
    return "".join(rng.choice(letters) for _ in range(length))


# -- vocabulary ----------------------------------------------------------------------------------

vocab = exercise("vocabulary", title="a number for each character")
vocab.hint("All characters of all words, each once: join the words, then set(...).")
vocab.hint("sorted(...) gives them an order. '.' gets 0, so the first of them gets 1.")
vocab.hint(
    'chars = sorted(set("".join(words))); stoi = {ch: i + 1 for i, ch in enumerate(chars)}; '
    'stoi["."] = 0; itos = {i: ch for ch, i in stoi.items()}; return stoi, itos'
)


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
    yield dict(words=[])


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
    return [stoi, dict(zip(stoi.values(), stoi.keys(), strict=True))]


# -- bigrams -------------------------------------------------------------------------------------

pairs = exercise("bigrams", title="one name as bigrams")
pairs.hint("First the list of characters, with '.' in front and behind.")
pairs.hint("zip(chars, chars[1:]) pairs each character with its successor. What is not a list yet?")
pairs.hint('chars = ["."] + list(word) + ["."]; return list(zip(chars, chars[1:]))')


@pairs.cases
def _(rng):
    for w in ("ava", "", "x", "aa", "aaaa", "vavava", "bookkeeper", "zoë", "Al Bo"):
        yield dict(word=w)
    for n in (2, 5, 8):
        yield dict(word=word(rng, LETTERS, n))


@pairs.check("as keys of a dict")
def _(m, word):
    """A list for a pair would do everywhere but here, and this is what comes next."""
    counts = {}
    for pair in m.bigrams(word):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


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


# -- count_bigrams -------------------------------------------------------------------------------

counted = exercise("count_bigrams", title="a dict of counts")
counted.hint("Two loops: over the words, and over the bigrams of each.")
counted.hint("counts.get(pair, 0) is 0 for a pair that is new. What do you write back?")
counted.hint(
    "counts = {}; for word in words: for pair in bigrams(word): counts[pair] = counts.get(pair, 0) + 1; "
    "return counts"
)


@counted.cases
def _(rng):
    yield dict(words=["ava", "a", "vava"])
    yield dict(words=["aaa"])
    yield dict(words=[])
    yield dict(words=["", "b", ""])
    yield dict(words=["Zoë", "noe"])
    for letters, lengths in [(3, (5, 1, 6, 2)), (6, (4, 9, 3)), (2, (8, 8, 8, 1))]:
        some = rng.shuffled(LETTERS)[:letters]
        made = [word(rng, some, n) for n in lengths]
        yield dict(words=[*made, made[0], some[0] * 3, some[1] + some[0]])


@counted.scenario
def _(m, words):
    """A Counter or a defaultdict is a dict; a pair that occurs 0 times must not be in it."""
    counts = m.count_bigrams(words)
    return dict(counts) if isinstance(counts, dict) else counts


@counted.misconception(
    "Everything is 1: a pair that comes again starts anew. Add 1 to what is there, counts.get(pair, 0) + 1."
)
def always_one(words):
    return {p: 1 for w in words for p in zip("." + w, w + ".", strict=True)}


@counted.misconception(
    "One too low: a new pair starts with 0 and is never counted for its first time. get(pair, 0) + 1."
)
def first_not_counted(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts[p] + 1 if p in counts else 0
    return counts


@counted.misconception(
    "One too high: a new pair starts with 1, and then gets 1 more. The count so far is 0: get(pair, 0)."
)
def starts_at_one(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 1) + 1
    return counts


@counted.misconception(
    "Only the last word was counted: make the dict once, before the loop over the words."
)
def only_last(words):
    counts = {}
    for w in words:
        counts = {}
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception("Only the first word was counted: return stands inside the loop.")
def only_first(words):
    counts = {}
    for w in words[:1]:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "The words were joined to one text: pairs that cross from one name into the next are no bigrams of "
    "any name. Go through the words one by one."
)
def crossing(words):
    counts, text = {}, "." + "".join(words) + "."
    for p in itertools.pairwise(text):
        counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "('.', '.') was counted where one name ends and the next begins. Go through the words one by one."
)
def dots_meet(words):
    counts, text = {}, "".join("." + w + "." for w in words)
    for p in itertools.pairwise(text):
        counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "Beginnings and ends were not counted: bigrams(word) has them, zip(word, word[1:]) has not."
)
def no_dots(words):
    counts = {}
    for w in words:
        for p in itertools.pairwise(w):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "A word that comes twice was counted once. Every word of the list counts: no set."
)
def distinct_words(words):
    counts = {}
    for w in dict.fromkeys(words):
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "A bigram that occurs twice in the same word was counted once for it. Every occurrence counts: no set."
)
def once_a_word(words):
    counts = {}
    for w in words:
        for p in dict.fromkeys(zip("." + w, w + ".", strict=True)):
            counts[p] = counts.get(p, 0) + 1
    return counts


@counted.misconception(
    "The keys are strings of two characters. They shall be pairs, as bigrams(word) gives them."
)
def string_keys(words):
    counts = {}
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            counts[a + b] = counts.get(a + b, 0) + 1
    return counts


@counted.misconception("The pairs are swapped: (first, second), the successor comes second.")
def swapped_keys(words):
    counts = {}
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            counts[b, a] = counts.get((b, a), 0) + 1
    return counts


@counted.misconception(
    "These are single characters. A bigram model counts pairs: use bigrams(word)."
)
def single_characters(words):
    counts = {}
    for w in words:
        for ch in w + ".":
            counts[ch] = counts.get(ch, 0) + 1
    return counts


@counted.misconception(
    "These are shares, not counts. Dividing comes in part 2: return whole numbers."
)
def shares(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    total = sum(counts.values())
    return {p: n / total for p, n in counts.items()}


@counted.misconception(
    "A list of (pair, count), sorted perhaps, came back. Return the dict itself; whoever wants to sort "
    "it can do so."
)
def a_list(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            counts[p] = counts.get(p, 0) + 1
    return sorted(counts.items(), key=lambda item: -item[1])


counted.misconception(
    "The dict is a default argument or a global, so it still holds the counts of the last call. Make it "
    "inside the function.",
    name="shared",
    source="""
def count_bigrams(words, counts={}):
    for word in words:
        for pair in bigrams(word):
            counts[pair] = counts.get(pair, 0) + 1
    return dict(counts)
""",
)


@counted.variant("Counter")
def with_counter(words):
    import collections

    return collections.Counter(p for w in words for p in zip("." + w, w + ".", strict=True))


@counted.variant("defaultdict")
def with_defaultdict(words):
    import collections

    counts = collections.defaultdict(int)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            counts[a, b] += 1
    return counts


@counted.variant("in the test, and one more")
def membership(words):
    counts = {}
    for w in words:
        for p in zip("." + w, w + ".", strict=True):
            if p in counts:
                counts[p] += 1
            else:
                counts[p] = 1
    return counts


# -- count_matrix --------------------------------------------------------------------------------

matrix = exercise("count_matrix", title="a matrix of counts", points=2)
matrix.hint("The same two loops. What is the row of a pair, what is its column?")
matrix.hint(
    "torch.zeros((len(stoi), len(stoi)), dtype=torch.int32), and then += 1 at the right place."
)
matrix.hint("For each pair: N[stoi[first], stoi[second]] += 1.")


@matrix.cases
def _(rng):
    yield dict(words=["ava", "a", "vav"], stoi={".": 0, "a": 1, "v": 2})
    yield dict(words=["bbb"], stoi={".": 0, "b": 1})
    yield dict(words=[], stoi={".": 0, "a": 1, "b": 2})
    yield dict(words=["b" * 260], stoi={".": 0, "a": 1, "b": 2})  # more than a byte can count
    for letters, lengths in [(3, (5, 1, 6)), (6, (4, 9, 3)), (26, (7, 6, 9, 2))]:
        made = [word(rng, LETTERS[:letters], n) for n in lengths]
        made += [made[0], "aab", "bca"]
        yield dict(words=made, stoi={ch: i for i, ch in enumerate("." + LETTERS[:letters])})
    # it may know more characters than occur, in any order, '.' anywhere but at 0
    chars = rng.shuffled("abcxyz")
    chars.insert(rng.integer(1, 7), ".")
    yield dict(words=["abba", "zyx", "", "abba"], stoi={ch: i for i, ch in enumerate(chars)})
    # nor does the dict have to list them by number
    yield dict(words=["héh", "éq"], stoi={"h": 3, "é": 1, ".": 2, "q": 0, "w": 4})


@matrix.misconception(
    "A byte counts to 127, or to 255, and begins again below: the counts of a whole list of names are far "
    "larger. Count in int32 from the start."
)
def in_bytes(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int8)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N.int()


@matrix.misconception(
    "Rows and columns are swapped. The row is the first character: N[stoi[first], stoi[second]]."
)
def transposed(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[b], stoi[a]] += 1
    return N


@matrix.misconception(
    "Every pair that occurs has a 1 here, however often it occurs. `= 1` does that, and so does "
    "`N[xs, ys] += 1` with lists of indices, which adds 1 only once. Loop over the pairs, and add."
)
def indexed_at_once(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    xs = [stoi[c] for w in words for c in "." + w]
    ys = [stoi[c] for w in words for c in w + "."]
    N[xs, ys] += 1
    return N


@matrix.misconception(
    "`N[xs, ys] += 1` for all pairs of a word at once: a pair that comes twice in the word is counted "
    "once. A plain loop counts each."
)
def indexed_by_word(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        N[[stoi[c] for c in "." + w], [stoi[c] for c in w + "."]] += 1
    return N


@matrix.misconception("The matrix is 27 x 27, whatever stoi says. Its size is len(stoi).")
def always_27(words, stoi):
    N = torch.zeros((27, 27), dtype=torch.int32)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "The size was taken from the characters that occur. stoi may know more: len(stoi)."
)
def size_of_occurring(words, stoi):
    size = len(set("." + "".join(words)))
    N = torch.zeros((size, size), dtype=torch.int32)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception("The counts are floats. Say dtype=torch.int32 when you make the zeros.")
def floats(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)))
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "The counts are int64, torch's default for integers. int32 is asked for: dtype=torch.int32."
)
def int64(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int64)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "The counting starts with ones. That is smoothing, and comes in part 3: start with torch.zeros."
)
def starts_with_ones(words, stoi):
    N = torch.ones((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "Beginnings and ends were not counted: row and column of '.' are empty. Use bigrams(word)."
)
def no_dots(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for a, b in itertools.pairwise(w):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "Ends were not counted: the column of '.' is empty, and no name could come to an end. Use bigrams(word)."
)
def no_ends(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for a, b in zip("." + w, w, strict=False):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "Beginnings were not counted: the row of '.' is empty, and no name could begin. Use bigrams(word)."
)
def no_starts(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for a, b in zip(w, w[1:] + ".", strict=False):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "Both directions were counted, and the matrix is symmetric. 'av' and 'va' are two bigrams."
)
def symmetric(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
            N[stoi[b], stoi[a]] += 1
    return N


@matrix.misconception(
    "Only the last word was counted: make the matrix once, before the loop over the words."
)
def only_last(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words[-1:]:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "A word that comes twice was counted once. Every word of the list counts: no set."
)
def distinct_words(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in dict.fromkeys(words):
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "The words were joined: where one ends and the next begins, pairs were counted that are in no "
    "name. Go through the words one by one."
)
def crossing(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    text = "".join("." + w + "." for w in words)
    for a, b in itertools.pairwise(text):
        N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "The words were joined without a '.' between them: the last letter of one and the first of the next "
    "were counted as a bigram. Go through the words one by one."
)
def joined(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    text = "." + "".join(words) + "."
    for a, b in itertools.pairwise(text):
        N[stoi[a], stoi[b]] += 1
    return N


@matrix.misconception(
    "'.' is not always number 0: take its index from stoi, as for any other character."
)
def dot_is_zero(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for w in words:
        ids = [0, *[stoi[c] for c in w], 0]
        for i in range(len(ids) - 1):
            N[ids[i], ids[i + 1]] += 1
    return N


@matrix.misconception(
    "The place of a character in the dict is not its number: look it up, stoi[ch]."
)
def place_in_dict(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    places = list(stoi)
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[places.index(a), places.index(b)] += 1
    return N


@matrix.misconception(
    "A list of lists came back. Make a tensor of it: torch.tensor(N, dtype=torch.int32)."
)
def lists(words, stoi):
    N = [[0] * len(stoi) for _ in stoi]
    for w in words:
        for a, b in zip("." + w, w + ".", strict=True):
            N[stoi[a]][stoi[b]] += 1
    return N


@matrix.variant("bincount of row * size + column")
def with_bincount(words, stoi):
    size = len(stoi)
    flat = [stoi[a] * size + stoi[b] for w in words for a, b in zip("." + w, w + ".", strict=True)]
    counts = torch.bincount(torch.tensor(flat, dtype=torch.int64), minlength=size * size)
    return counts.view(size, size).to(torch.int32)


@matrix.variant("index_put_ that accumulates")
def accumulated(words, stoi):
    xs = torch.tensor([stoi[c] for w in words for c in "." + w], dtype=torch.int64)
    ys = torch.tensor([stoi[c] for w in words for c in w + "."], dtype=torch.int64)
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    N.index_put_((xs, ys), torch.ones(len(xs), dtype=torch.int32), accumulate=True)
    return N


@matrix.variant("one-hot vectors, multiplied")
def outer_products(words, stoi):
    eye = torch.eye(len(stoi), dtype=torch.int32)
    xs = torch.tensor([stoi[c] for w in words for c in "." + w], dtype=torch.int64)
    ys = torch.tensor([stoi[c] for w in words for c in w + "."], dtype=torch.int64)
    return (eye[xs].T.double() @ eye[ys].double()).int()


# -- cell_labels ---------------------------------------------------------------------------------

cells = exercise("cell_labels", title="a heat map: what goes where")
cells.hint("Two loops, over rows i and columns j. Which of them is x, the horizontal place?")
cells.hint("Element [i, j] stands at x = j, y = i, and its bigram begins with itos[i].")
cells.hint("Append (j, i, itos[i] + itos[j], N[i, j].item()) for all i and j.")


@cells.cases
def _(rng):
    for letters in (1, 2, 4, 7):
        size = letters + 1
        some = rng.shuffled(LETTERS)[:letters]
        N = rng.integers(0, 50, size, size).int()
        N[0, 1], N[1, 0] = 60, 0  # never symmetric, and a zero among them
        yield dict(N=N, itos={i: ch for i, ch in enumerate([".", *some])})
    # not all of the bigrams occur; and itos need not list its characters by number
    N = torch.tensor([[0, 3, 0], [0, 0, 2], [5, 0, 1]], dtype=torch.int32)
    yield dict(N=N, itos={2: "é", 0: ".", 1: "b"})
    yield dict(N=torch.tensor([[4]], dtype=torch.int32), itos={0: "."})


@cells.scenario
def _(m, N, itos):
    """In any order, so they are put in one; what cannot be sorted comes back as it is."""
    made = m.cell_labels(N, itos)
    try:
        return sorted((tuple(cell) for cell in made), key=lambda cell: (cell[1], cell[0]))
    except Exception:
        return made


@cells.check("plain data")
def _(m, N, itos):
    """A list; in each label three ints and a string. Tensors would be written as 'tensor(7)'."""
    made = m.cell_labels(N, itos)
    return [type(made) is list, sorted({" ".join(type(v).__name__ for v in cell) for cell in made})]


cells.misconception(
    "x and y are swapped. imshow draws element [i, j] at the *horizontal* place j and the height i: "
    "x = j, y = i.",
    name="swapped_places",
    replace="(j, i, itos[i]",
    by="(i, j, itos[i]",
)
cells.misconception(
    "The texts are swapped: row i is the first character, so the bigram is itos[i] + itos[j].",
    name="swapped_text",
    replace="itos[i] + itos[j]",
    by="itos[j] + itos[i]",
)
cells.misconception(
    "The counts are those of the swapped bigram, N[j, i]. Row first: N[i, j].",
    name="swapped_counts",
    replace="N[i, j].item()",
    by="N[j, i].item()",
)
cells.misconception(
    "The count is a tensor, and would be written as 'tensor(7)'. Take the number out: .item().",
    name="tensor_counts",
    replace="N[i, j].item()",
    by="N[i, j]",
)
cells.misconception(
    "The count is a float, and would be written as '7.0'. Counts are whole numbers.",
    name="float_counts",
    replace="N[i, j].item()",
    by="float(N[i, j])",
)
cells.misconception(
    "Cells with a count of 0 were left out. An empty cell gets its label too.",
    name="no_zeros",
    replace="for j in range(size)",
    by="for j in range(size) if N[i, j] > 0",
)
cells.misconception(
    "Heights were counted from the bottom. imshow draws row 0 at the top, at y = 0.",
    name="from_the_bottom",
    replace="(j, i, itos[i]",
    by="(j, size - 1 - i, itos[i]",
)
cells.misconception(
    "The text is the number again. It is the bigram, two characters: itos[i] + itos[j].",
    name="count_as_text",
    replace="itos[i] + itos[j]",
    by="str(N[i, j].item())",
)
cells.misconception(
    "The text has only one of the two characters: itos[i] + itos[j].",
    name="one_character",
    replace="itos[i] + itos[j]",
    by="itos[j]",
)
cells.misconception(
    "The text is a pair of characters. Write it as one string: itos[i] + itos[j].",
    name="pair_as_text",
    replace="itos[i] + itos[j]",
    by="(itos[i], itos[j])",
)
cells.misconception(
    "The text is made of the indices. Look the characters up: itos[i] + itos[j].",
    name="indices_as_text",
    replace="itos[i] + itos[j]",
    by="str(i) + str(j)",
)
cells.misconception(
    "The row and column of '.' are missing: begin with 0, not with 1.",
    name="without_dot",
    replace="for i in range(size) for j in range(size)",
    by="for i in range(1, size) for j in range(1, size)",
)
cells.misconception(
    "The last row and column are missing: range(size) ends with size - 1 already.",
    name="without_last",
    replace="for i in range(size) for j in range(size)",
    by="for i in range(size - 1) for j in range(size - 1)",
)
cells.misconception(
    "One half of the table, up to its diagonal, is missing: 'av' and 'va' are two cells.",
    name="half",
    replace="for j in range(size)",
    by="for j in range(i, size)",
)
cells.misconception(
    "Only the diagonal was labeled: i and j need a loop each, not one together.",
    name="diagonal",
    replace="for j in range(size)",
    by="for j in [i]",
)
cells.misconception(
    "The table is not always 27 x 27: take its size from N.shape.",
    name="always_27",
    replace="size = N.shape[0]",
    by="size = 27",
)
cells.variant(
    "columns first",
    name="columns_first",
    replace="for i in range(size) for j in range(size)",
    by="for j in range(size) for i in range(size)",
)
cells.variant(
    "from a list of lists",
    name="from_lists",
    source="""
def cell_labels(N, itos):
    labels = []
    for y, row in enumerate(N.tolist()):
        for x, count in enumerate(row):
            labels.append((x, y, f"{itos[y]}{itos[x]}", count))
    return labels
""",
)
cells.variant(
    "with int()",
    name="with_int",
    replace="N[i, j].item()",
    by="int(N[i][j])",
)
