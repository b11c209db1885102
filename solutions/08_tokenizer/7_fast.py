# %% [markdown]
# # Fast, and never at a loss
#
# *(All of this part is a stretch: nothing later needs it.)*
#
# The plain loop counts all pairs again after every merge: 1,000 merges of one megabyte look at some 800
# million pairs, to learn that almost nothing has changed. Three ideas make the same merges, to the last
# tie, and much faster:
#
# 1. **Each chunk once.** Prose repeats its words: a megabyte of it holds far fewer different chunks than
#    chunks. Keep each with its count.
# 2. **Only what changed.** A merge changes the chunks that hold its pair, and no others. Know which they are.
# 3. **A heap.** The best pair is at the top of a heap, not at the end of a search through all of them.
#
# What will go wrong: the counts drift, because a pair that vanished was not taken off; the ties come out
# otherwise than in the plain loop, and with them all later merges.

# %%
import argparse
import heapq
import sys
import time
from itertools import pairwise

import regex as re

from data import DataError, load_names, load_shakespeare, picture

PATTERN = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""  # GPT-2's

# %% [markdown]
# *Given: merging one list, and the plain training of the parts before, to compare with.*


# %%
def merge(ids, pair, idx):
    """A new list with idx in the place of every occurrence of pair, from left to right."""
    merged, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(idx)
            i += 2
        else:
            merged.append(ids[i])
            i += 1
    return merged


def train_plain(text, vocab_size, pattern):
    """{(left, right): new id}: the most frequent pair within the chunks; of equals the one seen first."""
    chunks, merges = [list(c.encode("utf-8")) for c in re.findall(pattern, text)], {}
    for idx in range(256, vocab_size):
        counts = {}
        for ids in chunks:
            for pair in pairwise(ids):
                counts[pair] = counts.get(pair, 0) + 1
        if not counts:
            break
        pair = max(counts, key=counts.get)
        chunks = [merge(ids, pair, idx) for ids in chunks]
        merges[pair] = idx
    return merges


# %% [markdown]
# ## Each chunk once


# %%
def chunk_counts(pattern, text):
    """How often each chunk occurs.

    Args:
        pattern: the split pattern; re.findall(pattern, text) are the chunks.
        text: a str, maybe empty.

    Returns:
        A dict {chunk as UTF-8 bytes: count}, chunks in the order in which they first occur in the text. The
        work grows with the number of chunks.

    Example:
        >>> chunk_counts(PATTERN, "the cat, the hat")
        {b'the': 1, b' cat': 1, b',': 1, b' the': 1, b' hat': 1}
    """
    ### BEGIN SOLUTION
    counts = {}
    for chunk in re.findall(pattern, text):
        data = chunk.encode("utf-8")
        counts[data] = counts.get(data, 0) + 1
    return counts
    ### END SOLUTION


# %% [markdown]
# ## Only what changed
#
# Start with all pairs counted once; a pair in a chunk that occurs n times counts n. Then, for each merge, go
# through the chunks that hold the pair: keep a list of them for each pair. By hand, for `hug` that occurs 5
# times, and the merge hu = 256:
#
#     before   h u g      (h, u) and (u, g)    take 5 off each
#     after    256 g      (256, g)             add 5
#
# **Ties.** The plain loop takes, of equally frequent pairs, the one it sees first. Walking through all
# chunks of the text, where does it first see a pair? In the first chunk that holds it; and as equal chunks
# hold equal pairs, that is the first in the order of `chunk_counts`. Two pairs of the same chunk: the one
# further left. So the order is
#
#     (most frequent, earliest chunk in the dict, earliest place in that chunk)
#
# **A heap that may be late.** One fact helps: all places of a pair come into being at once, when the younger
# of its halves is made. After that, places only vanish. So what a heap says of a pair is never too bad, only
# too good. Take the top: if it is still true, it is the best of all; if not, put it back with what is true
# now, and look again. (Count places in *bytes*. Counted in tokens, a place moves to the left when something
# before it is merged, and what the heap says becomes too bad.)


# %%
def train_fast(counts, vocab_size):
    """The merges of plain training, found by looking only at what changes.

    Args:
        counts: {chunk: count} as from chunk_counts: bytes, and how often each occurs (a positive int), in
            the order of their first occurrence.
        vocab_size: 256 plus the number of merges wanted, an int >= 256.

    Returns:
        A dict {(left, right): new id}, new ids 256, 257, ... in the order learned: the most frequent pair; of
        equally frequent ones the one in the earliest chunk of the dict, in that chunk the leftmost.
        Every place counts, in aaa the pair (a, a) twice. Fewer merges if no chunk has a pair left. It is
        the same as that of train_plain on the text.

        The work: a merge must not go through all chunks, only through those that hold its pair. (The
        grader's counts count how often they are added or subtracted: at most 40 times for each place where
        a pair stands in a chunk at the beginning. To take off all pairs of a chunk and add all anew, as
        above, needs about 5.)

    Raises:
        ValueError: vocab_size is less than 256.

    Example:
        >>> train_fast({b"hug": 5, b"pug": 2, b"hugs": 1}, 259)
        {(117, 103): 256, (104, 256): 257, (112, 256): 258}

    Source: Sennrich et al. 2016, section 3.2 (the idea; ties and heap are ours).
    """
    ### BEGIN SOLUTION
    if vocab_size < 256:
        raise ValueError(f"the 256 bytes need a place each: vocab_size is {vocab_size}")
    words, times = [list(chunk) for chunk in counts], list(counts.values())
    total, chunks_of = {}, {}  # of each pair: how often, and which chunks (once each, ascending)
    size = dict.fromkeys(range(256), 1)  # of each id, in bytes
    for c, ids in enumerate(words):
        for pair in pairwise(ids):
            total[pair] = total.get(pair, 0) + times[c]
            chunks_of.setdefault(pair, {})[c] = True

    def standing(pair):
        """What the heap sorts by; drops chunks that lost the pair from the front of its list."""
        for c in list(chunks_of[pair]):
            place = 0  # in bytes: that of a pair does not change when something is merged before it
            for here in pairwise(words[c]):
                if here == pair:
                    return -total[pair], c, place, pair
                place += size[here[0]]
            del chunks_of[pair][c]
        return None

    heap, merges = [standing(pair) for pair in total], {}
    heapq.heapify(heap)
    while heap and 256 + len(merges) < vocab_size:
        pair = heap[0][3]
        now = standing(pair)
        if now is None:
            heapq.heappop(heap)
        elif now != heap[0]:
            heapq.heapreplace(heap, now)
        else:
            heapq.heappop(heap)
            merges[pair] = idx = 256 + len(merges)
            size[idx], fresh = size[pair[0]] + size[pair[1]], {}
            for c in chunks_of.pop(pair):
                old, new = words[c], merge(words[c], pair, idx)
                if len(old) == len(new):
                    continue  # it lost the pair before
                for gone in pairwise(old):
                    total[gone] -= times[c]
                for here in pairwise(new):
                    total[here] = total.get(here, 0) + times[c]
                    if idx in here:
                        fresh[here] = True
                        chunks_of.setdefault(here, {})[c] = True
                words[c] = new
            for here in fresh:
                heapq.heappush(heap, standing(here))
    return merges
    ### END SOLUTION


# %% [markdown]
# ## One long chunk
#
# Encoding has the same disease: our loop looks at the whole chunk for every merge. Words are short, so
# nobody notices, until someone pastes 100,000 letters without a space. The cure is the same, too: neighbors
# in a linked list (two arrays: who is to the left, who to the right), and a heap of the pairs that may be
# merged, sorted by (new id, place). Take the top; if its two are still there, join them, and push the two
# new pairs left and right of it. About n log n instead of n times n.
#
#     0:a 1:b 2:c 3:a 4:b     heap: (256, 0), (256, 3)      ab = 256, (256, c) = 257
#     take (256, 0):          place 0 becomes 256, place 1 is gone, right of 0 is 2: push (257, 0)


# %%
def encode_fast(data, merges):
    """The ids of one chunk, without going through it for every merge.

    Args:
        data: the chunk, bytes, maybe empty, maybe very long.
        merges: {(left, right): new id}, in the order in which they were learned (ids ascending).

    Returns:
        A list of ints: the bytes after all merges that apply, the lowest new id first, of overlapping
        occurrences the leftmost.

        The work: for n bytes at most 15 n look-ups in merges and 120 n comparisons of its ids (the
        grader's merges count both, n being 1,000), however many merges there are.

    Example:
        >>> encode_fast(b"abcab", {(97, 98): 256, (256, 99): 257})
        [257, 256]
    """
    ### BEGIN SOLUTION
    ids, n = list(data), len(data)
    left, right = list(range(-1, n - 1)), list(range(1, n + 1))
    heap = [(merges[p], i, p) for i, p in enumerate(pairwise(ids)) if p in merges]
    heapq.heapify(heap)
    while heap:
        idx, i, pair = heapq.heappop(heap)
        j = right[i]
        if ids[i] is None or j >= n or (ids[i], ids[j]) != pair:
            continue  # one of the two has been merged with another since
        ids[i], ids[j] = idx, None
        right[i] = right[j]
        if right[j] < n:
            left[right[j]] = i
        for a, b in ((left[i], i), (i, right[i])):
            if a >= 0 and b < n and (ids[a], ids[b]) in merges:
                heapq.heappush(heap, (merges[ids[a], ids[b]], a, (ids[a], ids[b])))
    return [i for i in ids if i is not None]
    ### END SOLUTION


# %% [markdown]
# ## Never at a loss: byte fallback
#
# Llama's first tokenizers (sentencepiece) begin at the other end: not bytes but *characters* are the
# alphabet. Then rare ones are a problem: there are 150,000 characters, and a model cannot learn one that
# occurs once. So only the most frequent have an id; all others **fall back to their UTF-8 bytes**, tokens
# called `<0x00>` to `<0xFF>`. Merges work as before, on characters. In `aaab€`, with a coverage of 0.75: a
# alone is 3 of 5 = 0.6, a and b are 4 of 5 = 0.8. So a and b have ids, and € becomes `<0xE2> <0x82> <0xAC>`.


# %%
def keep_characters(text, coverage):
    """The characters that get an id of their own.

    Args:
        text: a str, not empty.
        coverage: a number from 0 to 1.

    Returns:
        A list of characters, the most frequent first, of equally frequent ones the one that occurs first
        in the text. As few as possible, so that they make up at least this share of the text: kept
        occurrences >= coverage * len(text). With 0 none. What is kept is not counted anew for each further
        character.

    Example:
        >>> keep_characters("aaab€", 0.75), keep_characters("aaab€", 0.6), keep_characters("aaab€", 1)
        (['a', 'b'], ['a'], ['a', 'b', '€'])

    Source: Kudo and Richardson 2018, SentencePiece (its option character_coverage).
    """
    ### BEGIN SOLUTION
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    kept, covered = [], 0
    for c in sorted(counts, key=counts.get, reverse=True):
        if covered >= coverage * len(text):
            break
        kept.append(c)
        covered += counts[c]
    return kept
    ### END SOLUTION


# %%
def encode_fallback(text, characters):
    """The ids of a text: characters where possible, bytes where not.

    Args:
        text: a str, maybe empty.
        characters: a list of different characters; that at place k has the id 256 + k. The ids 0 to 255 are
            the tokens <0x00> to <0xFF>.

    Returns:
        A list of ints. A character that is not among characters becomes the ids of its UTF-8 bytes, also if
        it is ASCII. No loop over the characters stands inside the one over the text.

    Example:
        >>> encode_fallback("ab€c", ["b", "a"])
        [257, 256, 226, 130, 172, 99]
    """
    ### BEGIN SOLUTION
    id_of, ids = {c: 256 + k for k, c in enumerate(characters)}, []
    for c in text:
        ids.extend([id_of[c]] if c in id_of else c.encode("utf-8"))
    return ids
    ### END SOLUTION


# %%
def decode_fallback(ids, characters):
    """The text of ids that encode_fallback gave, or that a model made up.

    Args:
        ids: a list of ints, maybe empty; those of bytes may be incomplete or wrong UTF-8.
        characters: as in encode_fallback.

    Returns:
        A str. All is joined as bytes and decoded once; what is no UTF-8 becomes U+FFFD (errors="replace").

    Raises:
        KeyError: an id is negative, or 256 + len(characters) or more.

    Example:
        >>> decode_fallback([257, 256, 226, 130, 172, 99], ["b", "a"])
        'ab€c'
    """
    ### BEGIN SOLUTION
    vocab = {i: bytes([i]) for i in range(256)}
    vocab |= {256 + k: c.encode("utf-8") for k, c in enumerate(characters)}
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")
    ### END SOLUTION


# %% [markdown]
# ## Run it
#
# Trains both ways on the same text and compares. The plain loop is stopped after `--plain` merges, and its
# time for all of them is extrapolated (too high by a little: the chunks get shorter as merges are made).
# `--data lecture` takes all of Tiny Shakespeare, one megabyte, and 1,000 merges take a few seconds.


# %%
def plot_times(points, path):
    """points: {name: (merges, seconds)}, both lists."""
    from matplotlib.figure import Figure

    axes = (figure := Figure(figsize=(6, 4), layout="constrained")).subplots()
    for name, (merges, seconds) in points.items():
        axes.loglog(merges, seconds, "o-", label=name)
    axes.set(xlabel="merges", ylabel="seconds", title="The same merges, in two ways")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Fast training, and byte fallback.")
    parser.add_argument("--merges", type=int, default=1000, help="how many to learn")
    parser.add_argument("--plain", type=int, default=20, help="how many of them the plain way too")
    parser.add_argument(
        "--data", default="names", help="'names', 'lecture' (Shakespeare), or a file"
    )
    # a notebook's kernel has arguments of its own: there, the defaults hold
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.merges < 1:
        parser.error("--merges must be at least 1")
    if not 1 <= args.plain <= args.merges:
        parser.error("--plain must be from 1 to the number of merges")

    names = args.data == "names"
    text = " ".join(load_names()[:8000]) if names else load_shakespeare(args.data)
    points = {"all pairs again": ([], []), "only what changed": ([], [])}

    def timed(name, n, function):
        began = time.perf_counter()
        result = function()
        points[name][0].append(n)
        points[name][1].append(time.perf_counter() - began)
        return result

    for n in dict.fromkeys((1, args.plain)):
        plain = timed("all pairs again", n, lambda n=n: train_plain(text, 256 + n, PATTERN))
    for n in dict.fromkeys((1, args.plain, args.merges)):
        fast = timed(
            "only what changed",
            n,
            lambda n=n: train_fast(chunk_counts(PATTERN, text), 256 + n),
        )
    same = list(fast.items())[: len(plain)] == list(plain.items())
    each = points["all pairs again"][1][-1] / args.plain
    whole = points["only what changed"][1][-1]
    print(f"{len(text):,} characters, {len(chunk_counts(PATTERN, text)):,} different chunks")
    print(f"the first {len(plain)} merges are the same both ways: {same}")
    print(
        f"{len(fast)} merges: {whole:.2f} s; the plain loop, at {each:.2f} s a merge, would take",
        end=" ",
    )
    print(f"{each * len(fast):.0f} s: {each * len(fast) / whole:.0f} times as long")

    run = "".join(load_names()[:3000]).encode()
    began = time.perf_counter()
    ids = encode_fast(run, fast)
    print(
        f"one chunk of {len(run):,} bytes: {len(ids):,} ids in {time.perf_counter() - began:.2f} s"
    )

    kept = keep_characters("a naïve café, a 日本 cafe", 0.8)
    ids = encode_fallback("naïf 日", kept)
    print(f"byte fallback, {len(kept)} characters kept: {ids} -> {decode_fallback(ids, kept)!r}")
    path = picture("08_tokenizer/fast.png")
    plot_times(points, path)
    print(f"{path}: seconds for so many merges")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO: this needs all of the part.")
    except DataError as error:
        sys.exit(str(error))
