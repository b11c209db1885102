"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


# -- get_stats ------------------------------------------------------------------------------------
@wrong("get_stats", "list.count for each pair")
def _(ids):
    pairs = list(zip(ids, ids[1:]))
    return {pair: pairs.count(pair) for pair in pairs}


@wrong("get_stats", "seen pairs in a list, searched by index")
def _(ids):
    seen, counts = [], []
    for i in range(len(ids) - 1):
        pair = (ids[i], ids[i + 1])
        if pair in seen:
            counts[seen.index(pair)] += 1
        else:
            seen.append(pair)
            counts.append(1)
    return dict(zip(seen, counts))


@wrong("get_stats", "two loops over the places")
def _(ids):
    counts = {}
    for i in range(len(ids) - 1):
        counts[ids[i], ids[i + 1]] = 0
        for j in range(len(ids) - 1):
            if ids[j] == ids[i] and ids[j + 1] == ids[i + 1]:
                counts[ids[i], ids[i + 1]] += 1
    return counts


@right("get_stats", "a dict of dicts, flattened in the order of first sight")
def _(ids):
    order, counts = [], {}
    for i in range(len(ids) - 1):
        row = counts.setdefault(ids[i], {})
        if ids[i + 1] not in row:
            row[ids[i + 1]] = 0
            order.append((ids[i], ids[i + 1]))
        row[ids[i + 1]] += 1
    return {(a, b): counts[a][b] for a, b in order}


@right("get_stats", "the zeros first, then three lookups for each")
def _(ids):
    counts = dict.fromkeys(zip(ids, ids[1:]), 0)
    for a, b in zip(ids, ids[1:]):
        if (a, b) in counts:
            before = counts[a, b]
            counts[a, b] = before + 1
    return counts


# -- train ----------------------------------------------------------------------------------------
@wrong("train", "encodes the text with the merges so far, each time")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")

    def so_far(merges):
        ids = list(text.encode("utf-8"))
        for pair in merges:
            ids = merge(ids, pair, merges[pair])
        return ids

    merges = {}
    while len(merges) < vocab_size - 256 and len(so_far(merges)) > 1:
        merges[best_pair(get_stats(so_far(merges)))] = 256 + len(merges)
    return merges


@wrong("train", "the ids after so many merges are asked of a function that begins with the bytes")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    learned = []

    def ids_after(n):
        if n == 0:
            return list(text.encode("utf-8"))
        return merge(ids_after(n - 1), learned[n - 1], 255 + n)

    for n in range(vocab_size - 256):
        counts = get_stats(ids_after(n))
        if not counts:
            break
        learned.append(best_pair(counts))
    return {pair: 256 + n for n, pair in enumerate(learned)}


@right("train", "counts three times in each round")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    ids, merges = list(text.encode("utf-8")), {}
    while len(get_stats(ids)) > 0 and len(merges) < vocab_size - 256:
        pair = best_pair(get_stats(ids))
        assert get_stats(ids)[pair] > 0
        merges[pair] = 256 + len(merges)
        ids = merge(ids, pair, merges[pair])
    return merges


@right("train", "until the ids run out")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    merges, ids = {}, [b for b in text.encode("utf-8")]
    for k in range(vocab_size - 256):
        if len(ids) < 2:
            return merges
        best = best_pair(get_stats(ids))
        merges |= {best: 256 + k}
        ids = merge(list(ids), best, 256 + k)
    return merges


# -- count_pairs ----------------------------------------------------------------------------------
@wrong("count_pairs", "list.count over all chunks together")
def _(chunks):
    pairs = [pair for ids in chunks for pair in zip(ids, ids[1:])]
    return {pair: pairs.count(pair) for pair in pairs}


@wrong("count_pairs", "a new dict of everything for each chunk")
def _(chunks):
    counts = {}
    for ids in chunks:
        for pair in zip(ids, ids[1:]):
            if pair not in counts:
                counts[pair] = sum(p == pair for row in chunks for p in zip(row, row[1:]))
    return counts


@right("count_pairs", "a dict for each chunk, then added up")
def _(chunks):
    counts = {}
    for ids in chunks:
        mine = {}
        for i in range(len(ids) - 1):
            mine[ids[i], ids[i + 1]] = mine.get((ids[i], ids[i + 1]), 0) + 1
        for pair, n in mine.items():
            counts[pair] = counts.get(pair, 0) + n
    return counts


@right("count_pairs", "places listed for each pair")
def _(chunks):
    places = {}
    for c, ids in enumerate(chunks):
        for i, pair in enumerate(zip(ids, ids[1:])):
            places.setdefault(pair, []).append((c, i))
    return {pair: len(found) for pair, found in places.items()}


# -- chunk_counts ---------------------------------------------------------------------------------
@wrong("chunk_counts", "entries in a list")
def _(pattern, text):
    entries = []
    for chunk in re.findall(pattern, text):
        data = chunk.encode("utf-8")
        for entry in entries:
            if entry[0] == data:
                entry[1] += 1
                break
        else:
            entries.append([data, 1])
    return dict(map(tuple, entries))


@wrong("chunk_counts", "splits the text again for each chunk")
def _(pattern, text):
    counts = {}
    for chunk in re.findall(pattern, text):
        same = [other for other in re.findall(pattern, text) if other == chunk]
        counts[chunk.encode("utf-8")] = len(same)
    return counts


@right("chunk_counts", "as text first, bytes at the end")
def _(pattern, text):
    counts = {}
    for found in re.finditer(pattern, text):
        chunk = found.group()
        if chunk not in counts:
            counts[chunk] = 0
        counts[chunk] += 1
    return {chunk.encode("utf-8"): n for chunk, n in counts.items()}


@right("chunk_counts", "zeros, then ones")
def _(pattern, text):
    chunks = [chunk.encode("utf-8") for chunk in re.findall(pattern, text)]
    counts = {chunk: 0 for chunk in chunks}
    for chunk in chunks:
        counts[chunk] = counts[chunk] + 1
    return {chunk: n for chunk, n in counts.items()}


# -- keep_characters ------------------------------------------------------------------------------
@wrong("keep_characters", "the greatest of what is left, by hand, each time")
def _(text, coverage):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    kept, covered = [], 0
    while covered < coverage * len(text):
        best = None
        for c in counts:
            if c not in kept and (best is None or counts[c] > counts[best]):
                best = c
        kept.append(best)
        covered += counts[best]
    return kept


@wrong("keep_characters", "what is covered is looked for in the text, each time")
def _(text, coverage):
    from collections import Counter

    kept = []
    for c, _ in Counter(text).most_common():
        covered = 0
        for letter in text:
            covered += letter in kept
        if covered >= coverage * len(text):
            break
        kept.append(c)
    return kept


@right("keep_characters", "counted by str.count")
def _(text, coverage):
    order = sorted(dict.fromkeys(text), key=lambda c: -text.count(c))
    kept, covered = [], 0
    for c in order:
        if covered >= coverage * len(text):
            break
        kept.append(c)
        covered += text.count(c)
    return kept


@right("keep_characters", "all partial sums first")
def _(text, coverage):
    from itertools import accumulate

    counts = {}
    for c in text:
        counts.setdefault(c, []).append(c)
    order = sorted(counts.items(), key=lambda item: -len(item[1]))
    sums = [0, *accumulate(len(found) for _, found in order)]
    n = next(n for n, covered in enumerate(sums) if covered >= coverage * len(text))
    return [c for c, _ in order[:n]]


# -- encode_fallback ------------------------------------------------------------------------------
@right("encode_fallback", "list.index, and what it raises: no loop of Python's")
def _(text, characters):
    ids = []
    for c in text:
        try:
            ids.append(256 + characters.index(c))
        except ValueError:
            ids += c.encode("utf-8")
    return ids


@wrong("encode_fallback", "enumerates the characters for each one")
def _(text, characters):
    ids = []
    for c in text:
        for k, known in enumerate(characters):
            if known == c:
                ids.append(256 + k)
                break
        else:
            ids += list(c.encode("utf-8"))
    return ids


@wrong("encode_fallback", "a number for each character, looked for among pairs")
def _(text, characters):
    ids = []
    for c in text:
        found = [i for known, i in zip(characters, range(256, 256 + len(characters))) if known == c]
        ids.extend(found or c.encode("utf-8"))
    return ids


@right("encode_fallback", "a dict by zip, get with the bytes")
def _(text, characters):
    id_of = dict(zip(characters, range(256, 256 + len(characters))))
    ids = []
    for c in text:
        found = id_of.get(c)
        if found is None:
            for b in c.encode("utf-8"):
                ids.append(b)
        else:
            ids.append(found)
    return ids


@right("encode_fallback", "each distinct character of the text once")
def _(text, characters):
    id_of = {}
    for k, c in enumerate(characters):
        id_of[c] = [256 + k]
    for c in set(text):
        if c not in id_of:
            id_of[c] = list(c.encode("utf-8"))
    return [i for c in text for i in id_of[c]]


# -- unused_tokens --------------------------------------------------------------------------------
@wrong("unused_tokens", "list.count of the ids")
def _(vocab, ids, corpus):
    unused = [i for i in sorted(vocab) if ids.count(i) == 0]
    return [i for i in unused if vocab[i] not in corpus], [i for i in unused if vocab[i] in corpus]


@wrong("unused_tokens", "the set is made for each token")
def _(vocab, ids, corpus):
    unused = [i for i in sorted(vocab) if i not in set(ids)]
    return [i for i in unused if vocab[i] not in corpus], [i for i in unused if vocab[i] in corpus]


@wrong("unused_tokens", "any, over all ids, for each token")
def _(vocab, ids, corpus):
    absent, swallowed = [], []
    for i in sorted(vocab):
        if not any(i == used for used in ids):
            (swallowed if vocab[i] in corpus else absent).append(i)
    return absent, swallowed


@right("unused_tokens", "the vocabulary, less what is met")
def _(vocab, ids, corpus):
    left = dict(vocab)
    for i in ids:
        if i in left:
            del left[i]
    absent = [i for i in left if corpus.find(left[i]) < 0]
    return sorted(absent), sorted(i for i in left if i not in absent)


@right("unused_tokens", "flags")
def _(vocab, ids, corpus):
    met = {i: False for i in vocab}
    for i in ids:
        met[i] = True
    absent, swallowed = [], []
    for i in sorted(vocab):
        if not met[i]:
            (swallowed if vocab[i] in corpus else absent).append(i)
    return absent, swallowed
