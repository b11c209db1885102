"""Solutions of 08, training and encoding, that no grader lists: see test_unlisted.py."""


# -- best_pair ------------------------------------------------------------------------------------


@wrong("best_pair", "frequency times id")
def _(counts):
    return max(counts, key=lambda p: counts[p] * (p[0] + p[1]))


@wrong("best_pair", "counts compared as text")
def _(counts):
    return max(counts, key=lambda p: str(counts[p]))


@wrong("best_pair", "a list")
def _(counts):
    return list(max(counts, key=counts.get)) + [0]


@wrong("best_pair", "the second of equals")
def _(counts):
    top = max(counts.values())
    best = [p for p in counts if counts[p] == top]
    return best[1] if len(best) > 1 else best[0]


@right("best_pair", "Counter.most_common, which is stable")
def _(counts):
    from collections import Counter

    return Counter(counts).most_common(1)[0][0]


# -- train ----------------------------------------------------------------------------------------


@wrong("train", "counts kept across rounds")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError
    ids, merges, counts = list(text.encode()), {}, {}
    for idx in range(256, vocab_size):
        for p in zip(ids, ids[1:]):
            counts[p] = counts.get(p, 0) + 1
        left = {p: n for p, n in counts.items() if p not in merges}
        if not left:
            break
        pair = best_pair(left)
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "words apart, as in the paper of 2016")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError
    words, merges = [list(w.encode()) for w in text.split()], {}
    for idx in range(256, vocab_size):
        counts = {}
        for w in words:
            for p in zip(w, w[1:]):
                counts[p] = counts.get(p, 0) + 1
        if not counts:
            break
        pair = best_pair(counts)
        words = [merge(w, pair, idx) for w in words]
        merges[pair] = idx
    return merges


@wrong("train", "a list of pairs")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError
    ids, merges = list(text.encode()), []
    for idx in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        merges.append(best_pair(counts))
        ids = merge(ids, merges[-1], idx)
    return merges


@wrong("train", "TypeError for a small vocabulary")
def _(text, vocab_size):
    if vocab_size < 256:
        raise TypeError
    ids, merges = list(text.encode()), {}
    for idx in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        pair = best_pair(counts)
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "256 is refused")
def _(text, vocab_size):
    if vocab_size <= 256:
        raise ValueError
    ids, merges = list(text.encode()), {}
    for idx in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        pair = best_pair(counts)
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "longest token preferred among equals")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError
    ids, merges = list(text.encode()), {}
    size = {i: 1 for i in range(256)}
    for idx in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        pair = max(counts, key=lambda p: (counts[p], size[p[0]] + size[p[1]]))
        size[idx] = size[pair[0]] + size[pair[1]]
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "pairs counted without overlap")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError
    ids, merges = list(text.encode()), {}
    for idx in range(256, vocab_size):
        counts = {}
        for pair in zip(ids, ids[1:]):
            counts[pair] = len(ids) - len(merge(ids, pair, -1))
        if not counts:
            break
        pair = best_pair(counts)
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@right("train", "recursion")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("no")
    ids, merges = list(bytes(text, "utf-8")), {}
    while len(merges) < vocab_size - 256 and len(ids) != 1 and ids:
        pair = best_pair(get_stats(ids))
        merges[pair] = len(merges) + 256
        ids = merge(ids, pair, merges[pair])
    return merges


# -- build_vocab ----------------------------------------------------------------------------------


@wrong("build_vocab", "lists of numbers")
def _(merges):
    vocab = {i: [i] for i in range(256)}
    for (a, b), idx in merges.items():
        vocab[idx] = vocab[a] + vocab[b]
    return vocab


@wrong("build_vocab", "ids modulo 256")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (a, b), idx in merges.items():
        vocab[idx] = bytes([a % 256, b % 256])
    return vocab


@wrong("build_vocab", "a list")
def _(merges):
    vocab = [bytes([i]) for i in range(256)]
    for a, b in merges:
        vocab.append(vocab[a] + vocab[b])
    return vocab


@wrong("build_vocab", "one id off")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (a, b), idx in merges.items():
        vocab[idx] = vocab[a] + vocab[b]
    vocab[len(vocab)] = b""
    return vocab


@right("build_vocab", "recursion")
def _(merges):
    back = {i: p for p, i in merges.items()}

    def spell(i):
        return bytes([i]) if i not in back else spell(back[i][0]) + spell(back[i][1])

    return {i: spell(i) for i in [*range(256), *back]}


# -- decode ---------------------------------------------------------------------------------------


@wrong("decode", "IndexError instead of KeyError")
def _(ids, vocab):
    if any(i not in vocab for i in ids):
        raise IndexError
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")


@wrong("decode", "strict first, then token by token")
def _(ids, vocab):
    try:
        return b"".join(vocab[i] for i in ids).decode()
    except UnicodeDecodeError:
        return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)


@wrong("decode", "repeated replacement characters made one")
def _(ids, vocab):
    import re

    text = b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")
    return re.sub("\ufffd+", "\ufffd", text)


@wrong("decode", "question marks")
def _(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace").replace("\ufffd", "?")


@right("decode", "map")
def _(ids, vocab):
    return str(b"".join(map(vocab.__getitem__, ids)), encoding="utf8", errors="replace")


# -- encode ---------------------------------------------------------------------------------------


@wrong("encode", "merges replayed backwards")
def _(text, merges):
    ids = list(text.encode())
    for pair, idx in reversed(merges.items()):
        ids = merge(ids, pair, idx)
    return ids


@wrong("encode", "words apart")
def _(text, merges):
    out = []
    for word in text.split(" "):
        ids = list(word.encode())
        for pair, idx in merges.items():
            ids = merge(ids, pair, idx)
        out += ids
    return out


@wrong("encode", "rightmost occurrence first")
def _(text, merges):
    ids = list(text.encode())
    while True:
        found = [(merges[p], -i) for i, p in enumerate(zip(ids, ids[1:])) if p in merges]
        if not found:
            return ids
        idx, i = min(found)
        ids[-i : -i + 2] = [idx]


@wrong("encode", "lowest pair of ids first")
def _(text, merges):
    ids = list(text.encode())
    while True:
        found = [p for p in zip(ids, ids[1:]) if p in merges]
        if not found:
            return ids
        ids = merge(ids, min(found), merges[min(found)])


@wrong("encode", "tokens as bytes")
def _(text, merges):
    ids = list(text.encode())
    vocab = build_vocab(merges)
    for pair, idx in merges.items():
        ids = merge(ids, pair, idx)
    return [vocab[i] for i in ids]


@wrong("encode", "shortest row of tokens, by dynamic programming")
def _(text, merges):
    vocab = build_vocab(merges)
    known = {b: i for i, b in vocab.items()}
    data = text.encode()
    best = [[]]
    for end in range(1, len(data) + 1):
        ways = [best[s] + [known[data[s:end]]] for s in range(end) if data[s:end] in known]
        best.append(min(ways, key=len))
    return best[-1]


@wrong("encode", "text stripped")
def _(text, merges):
    ids = list(text.strip().encode())
    for pair, idx in merges.items():
        ids = merge(ids, pair, idx)
    return ids


@wrong("encode", "merges one vectorized step, aaa as one")
def _(text, merges):
    ids = list(text.encode())
    for pair, idx in merges.items():
        starts = [i for i in range(len(ids) - 1) if (ids[i], ids[i + 1]) == pair]
        gone = {i + 1 for i in starts}
        ids = [idx if i in starts else x for i, x in enumerate(ids) if i not in gone]
    return ids


@right("encode", "sorted merges")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    for idx, pair in sorted((i, p) for p, i in merges.items()):
        ids = merge(ids, pair, idx)
    return ids


# -- bytes_per_token ------------------------------------------------------------------------------


@wrong("bytes_per_token", "a string")
def _(text, ids):
    return f"{len(text.encode()) / len(ids):.2f}"


@wrong("bytes_per_token", "UTF-16")
def _(text, ids):
    return len(text.encode("utf-16-le")) / len(ids)


@right("bytes_per_token", "len of bytes")
def _(text, ids):
    return len(bytes(text, "utf-8")) / len(list(ids))
