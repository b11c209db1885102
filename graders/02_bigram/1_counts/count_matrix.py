"""02.count_matrix: a matrix of counts."""

import itertools

import torch

from graders.authoring import exercise

from .part import LETTERS, word

matrix = exercise("count_matrix", title="a matrix of counts", points=2)


@matrix.cases
def _(rng):
    yield dict(words=["ava", "a", "vav"], stoi={".": 0, "a": 1, "v": 2})
    yield dict(words=["bbb"], stoi={".": 0, "b": 1})
    yield dict(words=[], stoi={".": 0, "a": 1, "b": 2})
    # more than a byte can count, and more than float16 can: it stays at 2,048
    yield dict(words=["b" * 2200], stoi={".": 0, "a": 1, "b": 2})
    # more characters than a byte has numbers
    many = [chr(0x4E00 + i) for i in range(299)]
    yield dict(words=[many[200] + many[298]], stoi={ch: i for i, ch in enumerate([*many, "."])})
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


@matrix.effort
def _(rng):
    for n in (2, 6):  # as many words as pairs of letters
        words = [a + b for a in LETTERS[:n] for b in LETTERS[:n]]
        stoi = {ch: i for i, ch in enumerate("." + LETTERS[:n])}
        yield dict(words=rng.shuffled(words), stoi=stoi)


matrix.hint("The same two loops. What is the row of a pair, what is its column?")
matrix.hint(
    "torch.zeros((len(stoi), len(stoi)), dtype=torch.int32), and then += 1 at the right place."
)
matrix.hint("For each pair: N[stoi[first], stoi[second]] += 1.")


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
    "A pair that comes twice in a word is counted once, as by `N[xs, ys] += 1` for all its pairs at once, or "
    "by a set of them. A plain loop over the pairs counts each."
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


matrix.misconception(
    """All words are gone through again and again, once for each element of the matrix or for each
    bigram. Go through them once, and let each bigram add 1 to its element.""",
    name="the_words_once_for_each_element",
    source="""
def count_matrix(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for first, i in stoi.items():
        for second, j in stoi.items():
            N[i, j] = sum(pair == (first, second) for word in words for pair in bigrams(word))
    return N
""",
)


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


@matrix.variant("every element asks a dict")
def from_dict(words, stoi):
    counts = {}
    for w in words:
        for pair in zip("." + w, w + ".", strict=True):
            counts[pair] = counts.get(pair, 0) + 1
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for a, i in stoi.items():
        for b, j in stoi.items():
            N[i, j] = counts.get((a, b), 0)
    return N
