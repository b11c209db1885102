"""Solutions of 08, as learners might hand them in: see test_unlisted.py, which parses this file."""


@right("code_points", "map")
def _(text):
    return list(map(ord, text))


@right("code_points", "UTF-32 by hand")
def _(text):
    data = text.encode("utf-32-le", "surrogatepass")
    return [int.from_bytes(data[i : i + 4], "little") for i in range(0, len(data), 4)]


@wrong("code_points", "gives the bytes")
def _(text):
    return list(text.encode("utf-8"))


@wrong("code_points", "UTF-16 units: two for an emoji")
def _(text):
    data = text.encode("utf-16-le", "surrogatepass")
    return [data[i] + 256 * data[i + 1] for i in range(0, len(data), 2)]


@wrong("code_points", "a lazy map, no list")
def _(text):
    return map(ord, text)


@wrong("code_points", "each character once, sorted")
def _(text):
    return sorted({ord(c) for c in text})


@right("utf8_bytes", "character by character")
def _(text):
    out = []
    for c in text:
        out += c.encode()
    return out


@right("utf8_bytes", "bits by hand")
def _(text):
    out = []
    for c in text:
        n = ord(c)
        if n < 0x80:
            out.append(n)
        elif n < 0x800:
            out += [0xC0 | n >> 6, 0x80 | n & 0x3F]
        elif n < 0x10000:
            out += [0xE0 | n >> 12, 0x80 | n >> 6 & 0x3F, 0x80 | n & 0x3F]
        else:
            out += [0xF0 | n >> 18, 0x80 | n >> 12 & 0x3F, 0x80 | n >> 6 & 0x3F, 0x80 | n & 0x3F]
    return out


@wrong("utf8_bytes", "a bytes object")
def _(text):
    return text.encode("utf-8")


@wrong("utf8_bytes", "latin-1, unknown ones replaced")
def _(text):
    return list(text.encode("latin-1", errors="replace"))


@wrong("utf8_bytes", "utf-8-sig puts a mark in front")
def _(text):
    return list(text.encode("utf-8-sig"))


@wrong("utf8_bytes", "what is no ASCII is lost")
def _(text):
    return list(text.encode("ascii", errors="ignore"))


@right("utf8_length", "asks Python")
def _(code_point):
    return len(chr(code_point).encode("utf-8"))


@right("utf8_length", "sum of comparisons")
def _(code_point):
    return 1 + (code_point > 0x7F) + (code_point > 0x7FF) + (code_point > 0xFFFF)


@right("utf8_length", "bisect")
def _(code_point):
    from bisect import bisect_right

    return bisect_right([2**7, 2**11, 2**16], code_point) + 1


@wrong("utf8_length", "limits belong to the shorter one")
def _(code_point):
    if code_point <= 2**7:
        return 1
    if code_point <= 2**11:
        return 2
    if code_point <= 2**16:
        return 3
    return 4


@wrong("utf8_length", "as many bytes as the number has")
def _(code_point):
    return max(1, (code_point.bit_length() + 7) // 8)


@wrong("utf8_length", "seven bits a byte")
def _(code_point):
    return max(1, -(-code_point.bit_length() // 7))


@wrong("utf8_length", "three is the most")
def _(code_point):
    if code_point < 128:
        return 1
    return 2 if code_point < 2048 else 3


@wrong("utf8_length", "emoji range only: 0x10000 to 0x1FFFF")
def _(code_point):
    if code_point < 0x80:
        return 1
    if code_point < 0x800:
        return 2
    if 0x10000 <= code_point < 0x20000:
        return 4
    return 3


@right("decode_bytes", "str of a bytearray")
def _(ids):
    return str(bytearray(ids), "utf-8", "replace")


@right("decode_bytes", "incremental decoder, flushed")
def _(ids):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    return "".join(decoder.decode(bytes([i])) for i in ids) + decoder.decode(b"", final=True)


@wrong("decode_bytes", "incremental decoder, end not flushed")
def _(ids):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    return "".join(decoder.decode(bytes([i])) for i in ids)


@wrong("decode_bytes", "errors ignored")
def _(ids):
    return bytes(ids).decode("utf-8", errors="ignore")


@wrong("decode_bytes", "strict")
def _(ids):
    return bytes(ids).decode("utf-8")


@wrong("decode_bytes", "each byte a character")
def _(ids):
    return "".join(chr(i) for i in ids)


@wrong("decode_bytes", "one mark for everything after the first fault")
def _(ids):
    data = bytes(ids)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return data[: error.start].decode("utf-8") + "\ufffd"


@wrong("decode_bytes", "one mark for each wrong byte")
def _(ids):
    data, out = bytes(ids), ""
    while data:
        for n in (1, 2, 3, 4):
            try:
                out += data[:n].decode("utf-8")
                data = data[n:]
                break
            except UnicodeDecodeError:
                pass
        else:
            out += "\ufffd"
            data = data[1:]
    return out


@right("get_stats", "Counter of pairwise")
def _(ids):
    from collections import Counter
    from itertools import pairwise

    return dict(Counter(pairwise(ids)))


@right("get_stats", "indices")
def _(ids):
    counts = {}
    for i in range(1, len(ids)):
        pair = ids[i - 1], ids[i]
        if pair not in counts:
            counts[pair] = 0
        counts[pair] += 1
    return counts


@right("get_stats", "a Counter is a dict")
def _(ids):
    from collections import Counter

    return Counter(zip(ids[:-1], ids[1:]))


@wrong("get_stats", "no overlaps")
def _(ids):
    counts, i = {}, 0
    last = None
    while i + 1 < len(ids):
        pair = (ids[i], ids[i + 1])
        if pair == last:
            last = None
        else:
            counts[pair] = counts.get(pair, 0) + 1
            last = pair
        i += 1
    return counts


@wrong("get_stats", "last pair missing")
def _(ids):
    counts = {}
    for i in range(len(ids) - 2):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("get_stats", "pairs without direction")
def _(ids):
    counts = {}
    for a, b in zip(ids, ids[1:]):
        pair = (min(a, b), max(a, b))
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("get_stats", "sorted by count")
def _(ids):
    from collections import Counter

    return dict(Counter(zip(ids, ids[1:])).most_common())


@wrong("get_stats", "the end is a neighbor of the beginning")
def _(ids):
    counts = {}
    for i in range(len(ids)):
        pair = (ids[i - 1], ids[i])
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("get_stats", "order of a set")
def _(ids):
    pairs = list(zip(ids, ids[1:]))
    return {pair: pairs.count(pair) for pair in set(pairs)}


@right("merge", "iterator with a held id")
def _(ids, pair, idx):
    out, held = [], []
    for i in ids:
        if held and (held[0], i) == tuple(pair):
            out.append(idx)
            held = []
        else:
            out += held
            held = [i]
    return out + held


@right("merge", "copy, then replaced by slices")
def _(ids, pair, idx):
    out = ids.copy()
    i = 0
    while i + 1 < len(out):
        if out[i] == pair[0] and out[i + 1] == pair[1]:
            out[i : i + 2] = [idx]
        i += 1
    return out


@right("merge", "for loop with a flag")
def _(ids, pair, idx):
    out, skip = [], False
    for k, i in enumerate(ids):
        if skip:
            skip = False
        elif ids[k : k + 2] == list(pair):
            out.append(idx)
            skip = True
        else:
            out.append(i)
    return out


@wrong("merge", "stack: merges what was just written")
def _(ids, pair, idx):
    out = []
    for i in ids:
        if out and (out[-1], i) == pair:
            out[-1] = idx
        else:
            out.append(i)
    return out


@wrong("merge", "all places at once, the middle used twice")
def _(ids, pair, idx):
    out = []
    for k in range(len(ids)):
        if k + 1 < len(ids) and (ids[k], ids[k + 1]) == pair:
            out.append(idx)
        elif k > 0 and (ids[k - 1], ids[k]) == pair:
            continue
        else:
            out.append(ids[k])
    return out


@wrong("merge", "changes its argument")
def _(ids, pair, idx):
    i = 0
    while i + 1 < len(ids):
        if (ids[i], ids[i + 1]) == pair:
            ids[i : i + 2] = [idx]
        i += 1
    return ids


@wrong("merge", "last id lost")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == pair:
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@wrong("merge", "from the right")
def _(ids, pair, idx):
    out, i = [], len(ids) - 1
    while i >= 0:
        if i > 0 and (ids[i - 1], ids[i]) == pair:
            out.append(idx)
            i -= 2
        else:
            out.append(ids[i])
            i -= 1
    return out[::-1]


@wrong("merge", "looks past the end")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if ids[i] == pair[0] and ids[i + 1] == pair[1]:
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@wrong("merge", "only the first occurrence")
def _(ids, pair, idx):
    for i in range(len(ids) - 1):
        if (ids[i], ids[i + 1]) == pair:
            return ids[:i] + [idx] + ids[i + 2 :]
    return list(ids)


@wrong("merge", "goes on one place after a merge")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            out.append(idx)
        else:
            out.append(ids[i])
        i += 1
    return out


@right("best_pair", "loop with >")
def _(counts):
    best, most = None, None
    for pair, count in counts.items():
        if most is None or count > most:
            best, most = pair, count
    return best


@right("best_pair", "stable sort")
def _(counts):
    return sorted(counts, key=counts.get, reverse=True)[0]


@right("best_pair", "highest count, then next")
def _(counts):
    most = max(counts.values())
    return next(pair for pair in counts if counts[pair] == most)


@wrong("best_pair", "last of equals")
def _(counts):
    best, most = None, 0
    for pair, count in counts.items():
        if count >= most:
            best, most = pair, count
    return best


@wrong("best_pair", "largest pair")
def _(counts):
    return max(counts)


@wrong("best_pair", "of equals the largest pair")
def _(counts):
    return max(counts.items(), key=lambda item: (item[1], item[0]))[0]


@wrong("best_pair", "of equals the smallest pair")
def _(counts):
    return min(counts, key=lambda pair: (-counts[pair], pair))


@wrong("best_pair", "None if all occur once")
def _(counts):
    best, most = None, 1
    for pair, count in counts.items():
        if count > most:
            best, most = pair, count
    return best


@right("train", "while, counting inline")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(f"vocab_size is {vocab_size}, the bytes alone are 256")
    ids, merges = list(text.encode()), {}
    while len(merges) < vocab_size - 256 and len(ids) > 1:
        counts = {}
        for a, b in zip(ids, ids[1:]):
            counts[a, b] = counts.get((a, b), 0) + 1
        pair = max(counts, key=counts.get)
        merges[pair] = 256 + len(merges)
        ids = merge(ids, pair, merges[pair])
    return merges


@right("train", "pairs in a list, the dict at the end")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("too small")
    row = [*text.encode("utf-8")]
    out = []
    for step in range(vocab_size - 256):
        stats = get_stats(row)
        if len(stats) == 0:
            return {pair: 256 + k for k, pair in enumerate(out)}
        best = best_pair(stats)
        row = merge(row, best, 256 + step)
        out.append(best)
    return {pair: 256 + k for k, pair in enumerate(out)}


@wrong("train", "stops when no pair occurs twice")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    ids, merges = list(text.encode("utf-8")), {}
    for idx in range(256, vocab_size):
        stats = get_stats(ids)
        if not stats or max(stats.values()) < 2:
            break
        pair = best_pair(stats)
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "code points instead of bytes")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    ids, merges = [ord(c) for c in text], {}
    for idx in range(256, vocab_size):
        if len(ids) < 2:
            break
        pair = best_pair(get_stats(ids))
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "no error for a small vocab_size")
def _(text, vocab_size):
    ids, merges = list(text.encode("utf-8")), {}
    for idx in range(256, vocab_size):
        if len(ids) < 2:
            break
        pair = best_pair(get_stats(ids))
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "256 itself is refused")
def _(text, vocab_size):
    if vocab_size <= 256:
        raise ValueError("vocab_size must be more than 256")
    ids, merges = list(text.encode("utf-8")), {}
    for idx in range(256, vocab_size):
        if len(ids) < 2:
            break
        pair = best_pair(get_stats(ids))
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "counts are made only once")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    stats = get_stats(list(text.encode("utf-8")))
    merges = {}
    for idx in range(256, vocab_size):
        if not stats:
            break
        pair = best_pair(stats)
        del stats[pair]
        merges[pair] = idx
    return merges


@wrong("train", "falls over when no pair is left")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    ids, merges = list(text.encode("utf-8")), {}
    for idx in range(256, vocab_size):
        pair = best_pair(get_stats(ids))
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "an assert for the error")
def _(text, vocab_size):
    assert vocab_size >= 256
    ids, merges = list(text.encode("utf-8")), {}
    for idx in range(256, vocab_size):
        if len(ids) < 2:
            break
        pair = best_pair(get_stats(ids))
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@wrong("train", "one merge too many")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    ids, merges = list(text.encode("utf-8")), {}
    for idx in range(256, vocab_size + 1):
        if len(ids) < 2:
            break
        pair = best_pair(get_stats(ids))
        ids = merge(ids, pair, idx)
        merges[pair] = idx
    return merges


@right("build_vocab", "list of bytes first")
def _(merges):
    vocab = dict(enumerate(i.to_bytes(1, "big") for i in range(256)))
    for pair in merges:
        vocab[merges[pair]] = b"".join([vocab[pair[0]], vocab[pair[1]]])
    return vocab


@right("build_vocab", "recursion with a cache")
def _(merges):
    from functools import cache

    halves = {idx: pair for pair, idx in merges.items()}

    @cache
    def spell(i):
        if i not in halves:
            return bytes([i])
        left, right = halves[i]
        return spell(left) + spell(right)

    return {i: spell(i) for i in [*range(256), *halves]}


@wrong("build_vocab", "bytes(i): so many zeros")
def _(merges):
    vocab = {i: bytes(i) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    return vocab


@wrong("build_vocab", "chr(i).encode(): two bytes from 128 on")
def _(merges):
    vocab = {i: chr(i).encode("utf-8") for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    return vocab


@wrong("build_vocab", "halves the wrong way round")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (right, left), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    return vocab


@wrong("build_vocab", "halves are always bytes")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = bytes([left % 256, right % 256])
    return vocab


@right("decode", "bytearray")
def _(ids, vocab):
    data = bytearray()
    for i in ids:
        data += vocab[i]
    return data.decode("utf-8", "replace")


@right("decode", "map of __getitem__")
def _(ids, vocab):
    return str(b"".join(map(vocab.__getitem__, ids)), encoding="utf-8", errors="replace")


@wrong("decode", "token by token")
def _(ids, vocab):
    return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)


@wrong("decode", "unknown ids are skipped")
def _(ids, vocab):
    return b"".join(vocab.get(i, b"") for i in ids).decode("utf-8", errors="replace")


@wrong("decode", "strict")
def _(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8")


@wrong("decode", "halves dropped")
def _(ids, vocab):
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="ignore")


@wrong("decode", "ValueError for an unknown id")
def _(ids, vocab):
    for i in ids:
        if i not in vocab:
            raise ValueError(f"unknown id {i}")
    return b"".join(vocab[i] for i in ids).decode("utf-8", errors="replace")


@right("encode", "all merges in order, once each")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    for pair, idx in merges.items():
        ids = merge(ids, pair, idx)
    return ids


@right("encode", "one place at a time")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    while True:
        found = [(merges[p], k) for k, p in enumerate(zip(ids, ids[1:])) if p in merges]
        if not found:
            return ids
        idx, k = min(found)
        ids[k : k + 2] = [idx]


@right("encode", "a step as a helper, until nothing changes")
def _(text, merges):
    def step(ids):
        known = [merges[p] for p in get_stats(ids) if p in merges]
        if not known:
            return ids
        lowest = min(known)
        pair = [p for p in merges if merges[p] == lowest][0]
        return merge(ids, pair, lowest)

    ids = list(text.encode("utf-8"))
    while (new := step(ids)) != ids:
        ids = new
    return ids


@wrong("encode", "longest token first")
def _(text, merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    table = {token: i for i, token in vocab.items()}
    data, ids, at = text.encode("utf-8"), [], 0
    while at < len(data):
        for end in range(len(data), at, -1):
            if data[at:end] in table:
                ids.append(table[data[at:end]])
                at = end
                break
    return ids


@wrong("encode", "highest id first")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    while len(ids) >= 2:
        pair = max(get_stats(ids), key=lambda p: merges.get(p, -1))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("encode", "most frequent pair first")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    while True:
        stats = {p: n for p, n in get_stats(ids).items() if p in merges}
        if not stats:
            return ids
        pair = max(stats, key=stats.get)
        ids = merge(ids, pair, merges[pair])


@wrong("encode", "first pair from the left that is known")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    i = 0
    while i + 1 < len(ids):
        pair = (ids[i], ids[i + 1])
        if pair in merges:
            ids[i : i + 2] = [merges[pair]]
            i = max(i - 1, 0)
        else:
            i += 1
    return ids


@wrong("encode", "falls over at the empty text")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    while True:
        pair = min(get_stats(ids), key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("encode", "one merge, then done")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    if len(ids) < 2:
        return ids
    pair = min(get_stats(ids), key=lambda p: merges.get(p, float("inf")))
    if pair in merges:
        ids = merge(ids, pair, merges[pair])
    return ids


@right("bytes_per_token", "sum over characters")
def _(text, ids):
    total = 0
    for c in text:
        total += len(c.encode())
    return float(total) / len(ids)


@right("bytes_per_token", "bytes() and float()")
def _(text, ids):
    size = len(bytes(text, "utf-8"))
    return size / float(len(ids))


@wrong("bytes_per_token", "characters")
def _(text, ids):
    return len(text) / len(ids)


@wrong("bytes_per_token", "upside down")
def _(text, ids):
    return len(ids) / len(text.encode("utf-8"))


@wrong("bytes_per_token", "whole division")
def _(text, ids):
    return float(len(text.encode("utf-8")) // len(ids))


@wrong("bytes_per_token", "different tokens only")
def _(text, ids):
    return len(text.encode("utf-8")) / len(set(ids))


@wrong("bytes_per_token", "rounded as in the example")
def _(text, ids):
    return round(len(text.encode("utf-8")) / len(ids), 1)


@right("split_chunks", "finditer")
def _(pattern, text):
    return [match.group() for match in re.finditer(pattern, text)]


@right("split_chunks", "compiled, by positions")
def _(pattern, text):
    return [text[slice(*match.span())] for match in re.compile(pattern).finditer(text)]


@wrong("split_chunks", "always GPT-2's pattern")
def _(pattern, text):
    return re.findall(GPT2_SPLIT_PATTERN, text)


@wrong("split_chunks", "spaces stripped")
def _(pattern, text):
    return [chunk.strip() for chunk in re.findall(pattern, text)]


@wrong("split_chunks", "what the pattern leaves out is kept")
def _(pattern, text):
    out, at = [], 0
    for match in re.finditer(pattern, text):
        if match.start() > at:
            out.append(text[at : match.start()])
        out.append(match.group())
        at = match.end()
    if at < len(text):
        out.append(text[at:])
    return out


@wrong("split_chunks", "upper and lower case alike")
def _(pattern, text):
    return re.findall(pattern, text, flags=re.IGNORECASE)


@wrong("split_chunks", "each chunk once")
def _(pattern, text):
    return list(dict.fromkeys(re.findall(pattern, text)))


@wrong("split_chunks", "Python's own re, letters by \\w")
def _(pattern, text):
    import re as plain

    return plain.findall(pattern.replace(r"\p{L}", "a-zA-Z").replace(r"\p{N}", "0-9"), text)


@right("count_pairs", "Counter, updated")
def _(chunks):
    from collections import Counter

    counts = Counter()
    for ids in chunks:
        counts.update(zip(ids, ids[1:]))
    return dict(counts)


@right("count_pairs", "one comprehension of pairs")
def _(chunks):
    counts = {}
    for pair in [(ids[i], ids[i + 1]) for ids in chunks for i in range(len(ids) - 1)]:
        counts.setdefault(pair, 0)
        counts[pair] += 1
    return counts


@wrong("count_pairs", "across the cuts")
def _(chunks):
    ids = [i for chunk in chunks for i in chunk]
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_pairs", "each chunk overwrites")
def _(chunks):
    counts = {}
    for ids in chunks:
        own = {}
        for pair in zip(ids, ids[1:]):
            own[pair] = own.get(pair, 0) + 1
        counts.update(own)
    return counts


@wrong("count_pairs", "once for each chunk that has it")
def _(chunks):
    counts = {}
    for ids in chunks:
        for pair in dict.fromkeys(zip(ids, ids[1:])):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_pairs", "equal chunks count once")
def _(chunks):
    counts = {}
    for ids in dict.fromkeys(map(tuple, chunks)):
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_pairs", "ends at the first short chunk")
def _(chunks):
    counts = {}
    for ids in chunks:
        if len(ids) < 2:
            break
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@right("split_special", "scan by hand")
def _(text, special):
    tokens = sorted(special, key=len, reverse=True)
    out, plain, at = [], "", 0
    while at < len(text):
        hit = next((t for t in tokens if text.startswith(t, at)), None)
        if hit is None:
            plain += text[at]
            at += 1
        else:
            if plain:
                out.append(plain)
                plain = ""
            out.append(hit)
            at += len(hit)
    return out + [plain] if plain else out


@right("split_special", "find the nearest, longest of these")
def _(text, special):
    out = []
    while text:
        places = [(text.find(t), -len(t), t) for t in special if t in text]
        if not places:
            out.append(text)
            break
        at, _, token = min(places)
        if at:
            out.append(text[:at])
        out.append(token)
        text = text[at + len(token) :]
    return out


@right("split_special", "finditer, pieces between")
def _(text, special):
    out, at = [], 0
    if len(special):
        pattern = "|".join(map(re.escape, sorted(special, key=lambda t: -len(t))))
        for match in re.finditer(pattern, text):
            out += [text[at : match.start()], match.group()]
            at = match.end()
    out.append(text[at:])
    return list(filter(None, out))


@wrong("split_special", "not escaped")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(sorted(special, key=len, reverse=True)) + ")"
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_special", "in the given order, not longest first")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(re.escape(t) for t in special) + ")"
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_special", "empty pieces stay")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True)) + ")"
    return re.split(pattern, text)


@wrong("split_special", "special tokens thrown away")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True))
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_special", "empty text gives an empty piece")
def _(text, special):
    if not special:
        return [text]
    pattern = "(" + "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True)) + ")"
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_special", "longest one first through the whole text")
def _(text, special):
    pieces = [(text, False)]
    for token in sorted(special, key=len, reverse=True):
        new = []
        for piece, done in pieces:
            if done:
                new.append((piece, True))
                continue
            parts = piece.split(token)
            for k, part in enumerate(parts):
                if k:
                    new.append((token, True))
                new.append((part, False))
        pieces = new
    return [piece for piece, _ in pieces if piece]


@wrong("split_special", "sorts the caller's list")
def _(text, special):
    if not special:
        return [text] if text else []
    if isinstance(special, list):
        special.sort(key=len, reverse=True)
    else:
        special = sorted(special, key=len, reverse=True)
    pattern = "(" + "|".join(map(re.escape, special)) + ")"
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_special", "no special tokens: cut into characters")
def _(text, special):
    pattern = "(" + "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True)) + ")"
    return [piece for piece in re.split(pattern, text, flags=re.V1) if piece]


@right("train_chunks", "different chunks, weighted")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        times = {}
        for chunk in split_chunks(self.pattern, text):
            key = tuple(chunk.encode("utf-8"))
            times[key] = times.get(key, 0) + 1
        words = [list(key) for key in times]
        weights = list(times.values())
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        while len(self.vocab) < vocab_size:
            counts = {}
            for ids, weight in zip(words, weights):
                for pair in zip(ids, ids[1:]):
                    counts[pair] = counts.get(pair, 0) + weight
            if not counts:
                return
            pair = max(counts, key=counts.get)
            idx = len(self.vocab)
            words = [merge(ids, pair, idx) for ids in words]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@right("train_chunks", "vocab built at the end")
class _:
    def train(self, text, vocab_size):
        wanted = vocab_size - 256
        if wanted < 0:
            raise ValueError(f"{vocab_size} is less than 256")
        chunks = [list(m.group().encode()) for m in re.finditer(self.pattern, text)]
        learned = []
        while len(learned) < wanted and any(len(ids) > 1 for ids in chunks):
            counts = count_pairs(chunks)
            best = sorted(counts.items(), key=lambda item: -item[1])[0][0]
            for k, ids in enumerate(chunks):
                chunks[k] = merge(ids, best, 256 + len(learned))
            learned.append(best)
        self.merges = {pair: 256 + k for k, pair in enumerate(learned)}
        self.vocab = {i: bytes([i]) for i in range(256)}
        for (a, b), idx in self.merges.items():
            self.vocab[idx] = self.vocab[a] + self.vocab[b]


@wrong("train_chunks", "old merges stay")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "merges new, vocab still the old one")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        self.merges = {}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "special tokens are reset")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        self.__init__(self.pattern)
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "the text is one chunk")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        ids = list(text.encode("utf-8"))
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs([ids])
            if not counts:
                break
            pair = max(counts, key=counts.get)
            ids = merge(ids, pair, idx)
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "GPT-4's pattern, whatever self.pattern is")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        chunks = [list(c.encode("utf-8")) for c in split_chunks(GPT4_SPLIT_PATTERN, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "equal chunks count once")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        chunks = dict.fromkeys(split_chunks(self.pattern, text))
        chunks = [list(c.encode("utf-8")) for c in chunks]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "no ValueError")
class _:
    def train(self, text, vocab_size):
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "vocab forgotten")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        self.merges = {}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx


@wrong("train_chunks", "ends when the first chunk is one id")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            if not all(len(ids) > 1 for ids in chunks):
                break
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(ids, pair, idx) for ids in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@right("register_special_tokens", "one by one into a new dict")
class _:
    def register_special_tokens(self, special_tokens):
        new, seen = {}, set()
        for token, idx in special_tokens.items():
            if idx in self.vocab or idx in seen:
                raise ValueError(f"{token!r}: id {idx} is taken")
            seen.add(idx)
            new[token] = idx
        self.special_tokens = new


@right("register_special_tokens", "sets")
class _:
    def register_special_tokens(self, special_tokens):
        ids = set(special_tokens.values())
        if len(ids) < len(special_tokens) or not ids.isdisjoint(self.vocab):
            raise ValueError("the ids must be new and different")
        self.special_tokens = {**special_tokens}


@wrong("register_special_tokens", "keeps the caller's dict")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i in self.vocab for i in ids):
            raise ValueError("the ids must be new and different")
        self.special_tokens = special_tokens


@wrong("register_special_tokens", "adds to those set before")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i in self.vocab for i in ids):
            raise ValueError("the ids must be new and different")
        self.special_tokens = {**self.special_tokens, **special_tokens}


@wrong("register_special_tokens", "sets first, checks afterwards")
class _:
    def register_special_tokens(self, special_tokens):
        self.special_tokens = {}
        for token, idx in special_tokens.items():
            if idx in self.vocab or idx in self.special_tokens.values():
                raise ValueError(f"id {idx} is taken")
            self.special_tokens[token] = idx


@wrong("register_special_tokens", "only the bytes are forbidden")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i < 256 for i in ids):
            raise ValueError("the ids must be new and different")
        self.special_tokens = dict(special_tokens)


@wrong("register_special_tokens", "equal ids are let through")
class _:
    def register_special_tokens(self, special_tokens):
        if any(i in self.vocab for i in special_tokens.values()):
            raise ValueError("id taken")
        self.special_tokens = dict(special_tokens)


@wrong("register_special_tokens", "old ids count as taken")
class _:
    def register_special_tokens(self, special_tokens):
        taken = {*self.vocab, *self.special_tokens.values()}
        for idx in special_tokens.values():
            if idx in taken:
                raise ValueError(f"id {idx} is taken")
            taken.add(idx)
        self.special_tokens = dict(special_tokens)


@right("decode_special", "one table of both")
class _:
    def decode(self, ids):
        table = {i: t.encode() for t, i in self.special_tokens.items()} | self.vocab
        return b"".join([table[i] for i in ids]).decode(errors="replace")


@right("decode_special", "bytearray and a loop")
class _:
    def decode(self, ids):
        data = bytearray()
        for i in ids:
            if i in self.vocab:
                data.extend(self.vocab[i])
                continue
            for token, idx in self.special_tokens.items():
                if idx == i:
                    data.extend(token.encode("utf-8"))
                    break
            else:
                raise KeyError(i)
        return data.decode("utf-8", errors="replace")


@wrong("decode_special", "token by token")
class _:
    def decode(self, ids):
        names = {i: t for t, i in self.special_tokens.items()}
        out = ""
        for i in ids:
            out += names[i] if i in names else self.vocab[i].decode("utf-8", errors="replace")
        return out


@wrong("decode_special", "special tokens put into self.vocab")
class _:
    def decode(self, ids):
        for token, idx in self.special_tokens.items():
            self.vocab[idx] = token.encode("utf-8")
        return b"".join(self.vocab[i] for i in ids).decode("utf-8", errors="replace")


@wrong("decode_special", "unknown ids vanish")
class _:
    def decode(self, ids):
        names = {i: t.encode("utf-8") for t, i in self.special_tokens.items()}
        data = b"".join(self.vocab.get(i) or names.get(i, b"") for i in ids)
        return data.decode("utf-8", errors="replace")


@wrong("decode_special", "special tokens must be ASCII")
class _:
    def decode(self, ids):
        names = {i: t.encode("ascii", "ignore") for t, i in self.special_tokens.items()}
        data = b"".join(self.vocab[i] if i in self.vocab else names[i] for i in ids)
        return data.decode("utf-8", errors="replace")


@wrong("decode_special", "special tokens are left out of the text")
class _:
    def decode(self, ids):
        hidden = set(self.special_tokens.values())
        data = b"".join(self.vocab[i] for i in ids if i not in hidden)
        return data.decode("utf-8", errors="replace")


@right("encode_ordinary", "chain and a memory of chunks")
class _:
    def encode_ordinary(self, text):
        from itertools import chain

        known = {}
        rows = []
        for chunk in split_chunks(self.pattern, text):
            if chunk not in known:
                known[chunk] = encode_chunk(chunk.encode("utf-8"), self.merges)
            rows.append(known[chunk])
        return list(chain.from_iterable(rows))


@right("encode_ordinary", "replays the merges in order")
class _:
    def encode_ordinary(self, text):
        out = []
        for match in re.finditer(self.pattern, text):
            ids = list(match.group().encode("utf-8"))
            for pair, idx in self.merges.items():
                ids = merge(ids, pair, idx)
            out = out + ids
        return out


@wrong("encode_ordinary", "not cut")
class _:
    def encode_ordinary(self, text):
        return encode_chunk(text.encode("utf-8"), self.merges)


@wrong("encode_ordinary", "a list for each chunk")
class _:
    def encode_ordinary(self, text):
        return [
            encode_chunk(c.encode("utf-8"), self.merges) for c in split_chunks(self.pattern, text)
        ]


@wrong("encode_ordinary", "default pattern instead of its own")
class _:
    def encode_ordinary(self, text):
        ids = []
        for chunk in split_chunks(GPT4_SPLIT_PATTERN, text):
            ids.extend(encode_chunk(chunk.encode("utf-8"), self.merges))
        return ids


@wrong("encode_ordinary", "special tokens are believed")
class _:
    def encode_ordinary(self, text):
        ids = []
        for piece in split_special(text, self.special_tokens):
            if piece in self.special_tokens:
                ids.append(self.special_tokens[piece])
                continue
            for chunk in split_chunks(self.pattern, piece):
                ids.extend(encode_chunk(chunk.encode("utf-8"), self.merges))
        return ids


@wrong("encode_ordinary", "words looked up as a whole, else bytes")
class _:
    def encode_ordinary(self, text):
        table = {token: i for i, token in self.vocab.items()}
        ids = []
        for chunk in split_chunks(self.pattern, text):
            data = chunk.encode("utf-8")
            ids.extend([table[data]] if data in table else data)
        return ids


@right("encode_special", "mode to a set, sum of lists")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(f"unknown: {allowed_special}")
            if allowed_special == "none_raise" and any(t in text for t in self.special_tokens):
                raise ValueError("special token in the text")
            allowed = set(self.special_tokens) if allowed_special == "all" else set()
        else:
            allowed = set(self.special_tokens) & set(allowed_special)
        if not allowed:
            return self.encode_ordinary(text)
        return sum(
            (
                [self.special_tokens[p]] if p in allowed else self.encode_ordinary(p)
                for p in split_special(text, allowed)
            ),
            [],
        )


@right("encode_special", "none_raise by cutting the text")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "none_raise":
            if len(split_special(text, self.special_tokens)) > 1 or text in self.special_tokens:
                raise ValueError("the text holds a special token")
            return self.encode_ordinary(text)
        if allowed_special == "none":
            return self.encode_ordinary(text)
        if allowed_special == "all":
            allowed_special = set(self.special_tokens)
        if isinstance(allowed_special, str):
            raise ValueError(f"allowed_special cannot be {allowed_special!r}")
        known = [t for t in self.special_tokens if t in allowed_special]
        out = []
        for piece in split_special(text, known):
            if piece in known:
                out += [self.special_tokens[piece]]
            else:
                out += self.encode_ordinary(piece)
        return out


@wrong("encode_special", "none_raise behaves like none")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special in ("none", "none_raise"):
            special = {}
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids.extend([special[piece]] if piece in special else self.encode_ordinary(piece))
        return ids


@wrong("encode_special", "cut at tokens that are not allowed, too")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            allowed = set(self.special_tokens)
        elif allowed_special == "none":
            allowed = set()
        elif allowed_special == "none_raise":
            allowed = set()
            if any(t in text for t in self.special_tokens):
                raise ValueError("the text holds a special token")
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            allowed = allowed_special
        ids = []
        for piece in split_special(text, self.special_tokens):
            if piece in self.special_tokens and piece in allowed:
                ids.append(self.special_tokens[piece])
            else:
                ids.extend(self.encode_ordinary(piece))
        return ids


@wrong("encode_special", "KeyError for a string in the set that is none of its own")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif allowed_special == "none_raise":
            special = {}
            if any(t in text for t in self.special_tokens):
                raise ValueError("the text holds a special token")
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            special = {t: self.special_tokens[t] for t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids.extend([special[piece]] if piece in special else self.encode_ordinary(piece))
        return ids


@wrong("encode_special", "another string is taken for a set of letters")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif allowed_special == "none_raise":
            special = {}
            if any(t in text for t in self.special_tokens):
                raise ValueError("the text holds a special token")
        else:
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids.extend([special[piece]] if piece in special else self.encode_ordinary(piece))
        return ids


@wrong("encode_special", "with a set, the others raise")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif isinstance(allowed_special, str) and allowed_special != "none_raise":
            raise ValueError(allowed_special)
        else:
            allowed = () if allowed_special == "none_raise" else allowed_special
            special = {t: i for t, i in self.special_tokens.items() if t in allowed}
            if any(t in text for t in self.special_tokens if t not in special):
                raise ValueError("a special token that is not allowed")
        ids = []
        for piece in split_special(text, special):
            ids.extend([special[piece]] if piece in special else self.encode_ordinary(piece))
        return ids


@wrong("encode_special", "raises whenever special tokens are registered")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif allowed_special == "none_raise":
            special = {}
            if self.special_tokens:
                raise ValueError("special tokens are not allowed here")
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids.extend([special[piece]] if piece in special else self.encode_ordinary(piece))
        return ids


@wrong("encode_special", "replaced in the text before it is cut: specials go last")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "none_raise":
            if any(t in text for t in self.special_tokens):
                raise ValueError("the text holds a special token")
            allowed_special = "none"
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        found = []
        for token, idx in special.items():
            found += [idx] * text.count(token)
            text = text.replace(token, "")
        return self.encode_ordinary(text) + found


@right("render_token", "surrogateescape and a loop")
def _(token):
    out = []
    for c in token.decode("utf-8", "surrogateescape"):
        n = ord(c)
        if 0xDC80 <= n <= 0xDCFF:
            out.append(f"\\x{n - 0xDC00:02x}")
        elif unicodedata.category(c)[0] == "C":
            out.append("\\u" + format(n, "x").zfill(4))
        else:
            out.append(c)
    return "".join(out)


@right("render_token", "translate")
def _(token):
    text = str(token, "utf-8", "backslashreplace")
    orders = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")}
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in orders})


@wrong("render_token", "halves become the replacement character")
def _(token):
    text = token.decode("utf-8", errors="replace")
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c)[0] == "C" else c for c in text)


@wrong("render_token", "control characters only")
def _(token):
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) == "Cc" else c for c in text)


@wrong("render_token", "isprintable: the hard space is escaped, too")
def _(token):
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


@wrong("render_token", "not padded to four digits")
def _(token):
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join(f"\\u{ord(c):x}" if unicodedata.category(c)[0] == "C" else c for c in text)


@wrong("render_token", "Python's repr without quotes")
def _(token):
    return repr(token.decode("utf-8", errors="backslashreplace"))[1:-1]


@wrong("render_token", "unicode_escape for all that is no ASCII")
def _(token):
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c)[0] == "C" or ord(c) > 126 else c for c in text
    )


@wrong("render_token", "one escape for all bytes when some are wrong")
def _(token):
    try:
        text = token.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"\\x{b:02x}" for b in token)
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c)[0] == "C" else c for c in text)


@right("save", "print into a file")
def _(path, pattern, merges, special_tokens):
    with open(path, "w", encoding="ascii", newline="\n") as file:
        print(VERSION, file=file)
        print(json.dumps(pattern), file=file)
        print(len(special_tokens), file=file)
        for token in special_tokens:
            print(json.dumps(token), special_tokens[token], file=file)
        print(len(merges), file=file)
        for pair in merges:
            print(*pair, file=file)


@right("save", "write_text with newline")
def _(path, pattern, merges, special_tokens):
    special = "".join("%s %d\n" % (json.dumps(t), i) for t, i in special_tokens.items())
    learned = "".join("%d %d\n" % pair for pair in merges)
    head = f"{VERSION}\n{json.dumps(pattern)}\n{len(special_tokens)}\n"
    Path(path).write_text(f"{head}{special}{len(merges)}\n{learned}", "ascii", newline="\n")


@wrong("save", "no line break at the end")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern), str(len(special_tokens))]
    lines += [f"{json.dumps(t)} {i}" for t, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{left} {right}" for left, right in merges]
    Path(path).write_text("\n".join(lines), encoding="ascii", newline="\n")


@wrong("save", "UTF-8 instead of ASCII")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern, ensure_ascii=False), str(len(special_tokens))]
    lines += [f"{json.dumps(t, ensure_ascii=False)} {i}" for t, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{left} {right}" for left, right in merges]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


@wrong("save", "the pattern as it is")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, f'"{pattern}"', str(len(special_tokens))]
    lines += [f'"{t}" {i}' for t, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{left} {right}" for left, right in merges]
    Path(path).write_bytes(("\n".join(lines) + "\n").encode())


@wrong("save", "appends to a file that is there")
def _(path, pattern, merges, special_tokens):
    with open(path, "a", encoding="ascii", newline="\n") as file:
        file.write(f"{VERSION}\n{json.dumps(pattern)}\n{len(special_tokens)}\n")
        for token, i in special_tokens.items():
            file.write(f"{json.dumps(token)} {i}\n")
        file.write(f"{len(merges)}\n")
        for left, right in merges:
            file.write(f"{left} {right}\n")


@wrong("save", "the merges sorted by their halves")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern), str(len(special_tokens))]
    lines += [f"{json.dumps(t)} {i}" for t, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{left} {right}" for left, right in sorted(merges)]
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


@wrong("save", "the new ids are written")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern), str(len(special_tokens))]
    lines += [f"{json.dumps(t)} {i}" for t, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{left} {right} {i}" for (left, right), i in merges.items()]
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


@wrong("save", "special tokens in order of their ids")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern), str(len(special_tokens))]
    lines += [f"{json.dumps(t)} {i}" for t, i in sorted(special_tokens.items(), key=lambda x: x[1])]
    lines += [str(len(merges))] + [f"{left} {right}" for left, right in merges]
    Path(path).write_text("\n".join(lines) + "\n", encoding="ascii", newline="\n")


@right("load", "reads, saves into another file, compares")
def _(path):
    import tempfile

    data = Path(path).read_bytes()
    try:
        rows = iter(data.decode("ascii").split("\n"))
        next(rows)
        pattern = json.loads(next(rows))
        special = {}
        for _ in range(int(next(rows))):
            token, _, i = next(rows).rpartition(" ")
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(next(rows))):
            left, right = map(int, next(rows).split())
            if max(left, right) > 255 + k or min(left, right) < 0:
                raise ValueError("too young")
            merges[left, right] = 256 + k
        if not isinstance(pattern, str) or not all(isinstance(t, str) for t in special):
            raise ValueError("no string")
        with tempfile.TemporaryDirectory() as folder:
            save(Path(folder) / "again", pattern, merges, special)
            same = (Path(folder) / "again").read_bytes() == data
    except (ValueError, StopIteration, TypeError, RecursionError, MemoryError):
        same = False
    if not same:
        raise ValueError(f"{path} is not a file that save has written.")
    return pattern, merges, special


@right("load", "a regular expression for each line")
def _(path):
    def bad(why):
        return ValueError(f"{path} cannot be read because {why}.")

    def number(line):
        if re.fullmatch("0|[1-9][0-9]*", line) is None:
            raise bad("a number is missing")
        if len(line) > 4000:
            raise bad("a number is too long")
        return int(line)

    def string(line):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise bad("a string is no JSON") from None
        if not isinstance(value, str) or json.dumps(value) != line:
            raise bad("a string is written in another way")
        return value

    data = Path(path).read_bytes()
    if not data.isascii():
        raise bad("it is no ASCII")
    lines = data.decode("ascii").split("\n")
    if lines.pop() != "":
        raise bad("its last line has no end")
    if len(lines) < 4 or lines[0] != VERSION:
        raise bad("it is of another version or cut off")
    pattern, n = string(lines[1]), number(lines[2])
    if len(lines) < 4 + n or len(lines) != 4 + n + number(lines[3 + n]):
        raise bad("it has too few or too many lines")
    special = {}
    for line in lines[3 : 3 + n]:
        token, _, i = line.rpartition(" ")
        token = string(token)
        if token in special:
            raise bad("a special token stands there twice")
        sign = -1 if i[:1] == "-" and i != "-0" else 1
        special[token] = sign * number(i.removeprefix("-") if sign < 0 else i)
    merges = {}
    for line in lines[4 + n :]:
        left, _, right = line.partition(" ")
        pair, idx = (number(left), number(right)), 256 + len(merges)
        if max(pair) >= idx or pair in merges:
            raise bad("a merge is too young or not new")
        merges[pair] = idx
    return pattern, merges, special


@wrong("load", "believes everything")
def _(path):
    lines = Path(path).read_text(encoding="ascii").split("\n")
    pattern, n = json.loads(lines[1]), int(lines[2])
    special = {}
    for line in lines[3 : 3 + n]:
        token, i = line.rsplit(" ", 1)
        special[json.loads(token)] = int(i)
    merges = {}
    for line in lines[4 + n : 4 + n + int(lines[3 + n])]:
        left, right = line.split()
        merges[int(left), int(right)] = 256 + len(merges)
    return pattern, merges, special


@wrong("load", "more lines than announced are overlooked")
def _(path):
    try:
        lines = Path(path).read_bytes().decode("ascii").split("\n")
        if lines[0] != VERSION:
            raise ValueError
        pattern, n = json.loads(lines[1]), int(lines[2])
        special = {}
        for k in range(n):
            token, i = lines[3 + k].rsplit(" ", 1)
            if json.loads(token) in special:
                raise ValueError
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            left, right = map(int, lines[4 + n + k].split(" "))
            if not (0 <= left < 256 + k and 0 <= right < 256 + k) or (left, right) in merges:
                raise ValueError
            merges[left, right] = 256 + k
        if not isinstance(pattern, str):
            raise ValueError
    except (ValueError, IndexError):
        raise ValueError(f"{path} is no tokenizer file.") from None
    return pattern, merges, special


@wrong("load", "lines missing: IndexError")
def _(path):
    data = Path(path).read_bytes()
    lines = data.decode("ascii").split("\n")
    if lines[0] != VERSION:
        raise ValueError("The version is another one.")
    pattern, n = json.loads(lines[1]), int(lines[2])
    special = {}
    for k in range(n):
        token, i = lines[3 + k].rsplit(" ", 1)
        special[json.loads(token)] = int(i)
    merges = {}
    for k in range(int(lines[3 + n])):
        left, right = map(int, lines[4 + n + k].split(" "))
        if not (0 <= left < 256 + k and 0 <= right < 256 + k):
            raise ValueError("A merge uses an id that is not older.")
        merges[left, right] = 256 + k
    again = [VERSION, json.dumps(pattern), str(len(special))]
    again += [f"{json.dumps(t)} {i}" for t, i in special.items()] + [str(len(merges))]
    again += [f"{left} {right}" for left, right in merges]
    if not isinstance(pattern, str) or ("\n".join(again) + "\n").encode() != data:
        raise ValueError("The file is not as save writes it.")
    return pattern, merges, special


@wrong("load", "ids of merges not checked")
def _(path):
    data = Path(path).read_bytes()
    try:
        lines = data.decode("ascii").split("\n")
        pattern, n = json.loads(lines[1]), int(lines[2])
        special = {}
        for k in range(n):
            token, i = lines[3 + k].rsplit(" ", 1)
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            left, right = map(int, lines[4 + n + k].split(" "))
            merges[left, right] = 256 + k
    except (ValueError, IndexError, TypeError):
        raise ValueError(f"{path} is no tokenizer file.") from None
    again = [VERSION, json.dumps(pattern), str(len(special))]
    again += [f"{json.dumps(t)} {i}" for t, i in special.items()] + [str(len(merges))]
    again += [f"{left} {right}" for left, right in merges]
    if not isinstance(pattern, str) or ("\n".join(again) + "\n").encode() != data:
        raise ValueError(f"{path} is no tokenizer file.")
    return pattern, merges, special


@wrong("load", "too young by one is let through")
def _(path):
    data = Path(path).read_bytes()
    try:
        lines = data.decode("ascii").split("\n")
        pattern, n = json.loads(lines[1]), int(lines[2])
        special = {}
        for k in range(n):
            token, i = lines[3 + k].rsplit(" ", 1)
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            left, right = map(int, lines[4 + n + k].split(" "))
            if not (0 <= left <= 256 + k and 0 <= right <= 256 + k):
                raise ValueError
            merges[left, right] = 256 + k
    except (ValueError, IndexError, TypeError):
        raise ValueError(f"{path} is no tokenizer file.") from None
    again = [VERSION, json.dumps(pattern), str(len(special))]
    again += [f"{json.dumps(t)} {i}" for t, i in special.items()] + [str(len(merges))]
    again += [f"{left} {right}" for left, right in merges]
    if not isinstance(pattern, str) or ("\n".join(again) + "\n").encode() != data:
        raise ValueError(f"{path} is no tokenizer file.")
    return pattern, merges, special


@wrong("load", "a missing file is a ValueError, too")
def _(path):
    try:
        data = Path(path).read_bytes()
        lines = data.decode("ascii").split("\n")
        pattern, n = json.loads(lines[1]), int(lines[2])
        special = {}
        for k in range(n):
            token, i = lines[3 + k].rsplit(" ", 1)
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            left, right = map(int, lines[4 + n + k].split(" "))
            if not (0 <= left < 256 + k and 0 <= right < 256 + k):
                raise ValueError
            merges[left, right] = 256 + k
    except Exception:
        raise ValueError(f"{path} is no tokenizer file.") from None
    again = [VERSION, json.dumps(pattern), str(len(special))]
    again += [f"{json.dumps(t)} {i}" for t, i in special.items()] + [str(len(merges))]
    again += [f"{left} {right}" for left, right in merges]
    if not isinstance(pattern, str) or ("\n".join(again) + "\n").encode() != data:
        raise ValueError(f"{path} is no tokenizer file.")
    return pattern, merges, special


@wrong("load", "compares by lines: foreign line ends and a missing last one pass")
def _(path):
    data = Path(path).read_bytes()
    try:
        lines = data.decode("ascii").splitlines()
        pattern, n = json.loads(lines[1]), int(lines[2])
        special = {}
        for k in range(n):
            token, i = lines[3 + k].rsplit(" ", 1)
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            left, right = map(int, lines[4 + n + k].split(" "))
            if not (0 <= left < 256 + k and 0 <= right < 256 + k):
                raise ValueError
            merges[left, right] = 256 + k
    except (ValueError, IndexError, TypeError):
        raise ValueError(f"{path} is no tokenizer file.") from None
    again = [VERSION, json.dumps(pattern), str(len(special))]
    again += [f"{json.dumps(t)} {i}" for t, i in special.items()] + [str(len(merges))]
    again += [f"{left} {right}" for left, right in merges]
    if not isinstance(pattern, str) or again != lines:
        raise ValueError(f"{path} is no tokenizer file.")
    return pattern, merges, special


@wrong("load", "a pattern that is no string passes")
def _(path):
    data = Path(path).read_bytes()
    try:
        lines = data.decode("ascii").split("\n")
        pattern, n = json.loads(lines[1]), int(lines[2])
        special = {}
        for k in range(n):
            token, i = lines[3 + k].rsplit(" ", 1)
            special[json.loads(token)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            left, right = map(int, lines[4 + n + k].split(" "))
            if not (0 <= left < 256 + k and 0 <= right < 256 + k):
                raise ValueError
            merges[left, right] = 256 + k
    except (ValueError, IndexError, TypeError):
        raise ValueError(f"{path} is no tokenizer file.") from None
    again = [VERSION, json.dumps(pattern), str(len(special))]
    again += [f"{json.dumps(t)} {i}" for t, i in special.items()] + [str(len(merges))]
    again += [f"{left} {right}" for left, right in merges]
    if ("\n".join(again) + "\n").encode() != data:
        raise ValueError(f"{path} is no tokenizer file.")
    return pattern, merges, special


@wrong("load", "numbers as int() takes them; duplicates found by counting")
def _(path):
    data = Path(path).read_bytes()
    try:
        lines = data.decode("ascii").split("\n")
        pattern, n = json.loads(lines[1]), int(lines[2])
        m = int(lines[3 + n])
        special = {}
        for line in lines[3 : 3 + n]:
            token, i = line.rsplit(" ", 1)
            special[json.loads(token)] = int(i)
        merges = {}
        for k, line in enumerate(lines[4 + n : 4 + n + m]):
            left, right = map(int, line.split(" "))
            if not (0 <= left < 256 + k and 0 <= right < 256 + k):
                raise ValueError
            merges[left, right] = 256 + k
        if len(special) != n or len(merges) != m or len(lines) != n + m + 5 or lines[-1]:
            raise ValueError
        if lines[0] != VERSION or not isinstance(pattern, str):
            raise ValueError
        if not all(isinstance(t, str) for t in special):
            raise ValueError
    except (ValueError, IndexError, TypeError):
        raise ValueError(f"{path} is no tokenizer file.") from None
    return pattern, merges, special


@right("to_ranks", "table of bytes, checked as it grows")
def _(merges):
    names = [bytes([i]) for i in range(256)]
    names = dict(enumerate(names))
    ranks = {name: i for i, name in names.items()}
    for pair, idx in merges.items():
        joined = names[pair[0]] + names[pair[1]]
        if joined in ranks:
            raise ValueError(f"{idx} and {ranks[joined]} are both {joined!r}")
        ranks[joined] = idx
        names[idx] = joined
    return ranks


@right("to_ranks", "checked at the end with a set")
def _(merges):
    vocab = {i: i.to_bytes(1, "little") for i in range(256)}
    for (a, b), idx in merges.items():
        vocab[idx] = b"".join((vocab[a], vocab[b]))
    if len(set(vocab.values())) < 256 + len(merges):
        raise ValueError("bytes that have two ids")
    return dict(zip(vocab.values(), vocab.keys()))


@wrong("to_ranks", "the later id wins, no error")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    return {token: i for i, token in vocab.items()}


@wrong("to_ranks", "the single bytes are missing")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    ranks = {}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
        if vocab[idx] in ranks:
            raise ValueError("two ids for the same bytes")
        ranks[vocab[idx]] = idx
    return ranks


@wrong("to_ranks", "a table from ids to bytes")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    if len(set(vocab.values())) < len(vocab):
        raise ValueError("two ids for the same bytes")
    return vocab


@wrong("to_ranks", "KeyError for the same bytes")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    ranks = {token: i for i, token in vocab.items()}
    if len(ranks) < len(vocab):
        raise KeyError("two ids for the same bytes")
    return ranks


@right("to_tiktoken", "ranks built here")
def _(name, pattern, merges, special_tokens):
    from tiktoken import Encoding

    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    ranks = {token: i for i, token in vocab.items()}
    if len(ranks) != len(vocab):
        raise ValueError("two ids stand for the same bytes")
    settings = dict(pat_str=pattern, mergeable_ranks=ranks, special_tokens=special_tokens)
    return Encoding(name, **settings)


@right("to_tiktoken", "positional name, copy of the special tokens")
def _(name, pattern, merges, special_tokens):
    import tiktoken

    return tiktoken.core.Encoding(
        name=name,
        pat_str=pattern,
        mergeable_ranks=to_ranks(merges),
        special_tokens={token: idx for token, idx in special_tokens.items()},
    )


@wrong("to_tiktoken", "without the special tokens")
def _(name, pattern, merges, special_tokens):
    from tiktoken import Encoding

    return Encoding(name, pat_str=pattern, mergeable_ranks=to_ranks(merges), special_tokens={})


@wrong("to_tiktoken", "the file's pattern instead of the argument")
def _(name, pattern, merges, special_tokens):
    from tiktoken import Encoding

    return Encoding(
        name, pat_str=PATTERN, mergeable_ranks=to_ranks(merges), special_tokens=special_tokens
    )


@wrong("to_tiktoken", "special tokens renumbered after the merges")
def _(name, pattern, merges, special_tokens):
    from tiktoken import Encoding

    first = 256 + len(merges)
    special = {token: first + k for k, token in enumerate(special_tokens)}
    return Encoding(name, pat_str=pattern, mergeable_ranks=to_ranks(merges), special_tokens=special)


@wrong("to_tiktoken", "special tokens among the mergeable ones")
def _(name, pattern, merges, special_tokens):
    from tiktoken import Encoding

    ranks = to_ranks(merges)
    for token, idx in special_tokens.items():
        ranks[token.encode("utf-8")] = idx
    return Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


@wrong("to_tiktoken", "gives only its encode")
def _(name, pattern, merges, special_tokens):
    from tiktoken import Encoding

    return Encoding(
        name, pat_str=pattern, mergeable_ranks=to_ranks(merges), special_tokens=special_tokens
    ).encode


@right("bytes_to_unicode", "OpenAI's way")
def _():
    bs = list(range(ord("!"), ord("~") + 1)) + list(range(ord("¡"), ord("¬") + 1))
    bs += list(range(ord("®"), ord("ÿ") + 1))
    cs = bs[:]
    n = 0
    for b in range(256):
        if b not in bs:
            bs.append(b)
            cs.append(256 + n)
            n += 1
    return dict(zip(bs, map(chr, cs)))


@right("bytes_to_unicode", "isprintable, but not the space")
def _():
    from itertools import count

    new = count(256)
    return {b: chr(b) if chr(b).isprintable() and b != 32 else chr(next(new)) for b in range(256)}


@wrong("bytes_to_unicode", "the space counts as visible")
def _():
    table, n = {}, 256
    for b in range(256):
        if chr(b).isprintable():
            table[b] = chr(b)
        else:
            table[b] = chr(n)
            n += 1
    return table


@wrong("bytes_to_unicode", "the soft hyphen counts as visible")
def _():
    visible = {*range(33, 127), *range(161, 256)}
    table, n = {}, 256
    for b in range(256):
        table[b] = chr(b) if b in visible else chr(n)
        n += b not in visible
    return table


@wrong("bytes_to_unicode", "the others are moved by 256")
def _():
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    return {b: chr(b) if b in visible else chr(256 + b) for b in range(256)}


@wrong("bytes_to_unicode", "ends of the ranges left out")
def _():
    visible = {*range(33, 126), *range(161, 172), *range(174, 255)}
    table, n = {}, 256
    for b in range(256):
        table[b] = chr(b) if b in visible else chr(n)
        n += b not in visible
    return table


@wrong("bytes_to_unicode", "the table backward")
def _():
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    table, n = {}, 256
    for b in range(256):
        table[chr(b) if b in visible else chr(n)] = b
        n += b not in visible
    return table


@right("visible_to_bytes", "bytearray and a search")
def _(visible):
    characters = dict(zip(bytes_to_unicode().values(), bytes_to_unicode().keys()))
    data = bytearray()
    for c in visible:
        data.append(characters[c])
    return bytes(data)


@right("visible_to_bytes", "by number, own check")
def _(visible):
    moved = [b for b in range(256) if not (33 <= b <= 126 or 161 <= b <= 172 or b >= 174)]
    out = []
    for c in visible:
        n = ord(c)
        if 256 <= n < 256 + len(moved):
            out.append(moved[n - 256])
        elif n < 256 and n not in moved:
            out.append(n)
        else:
            raise KeyError(c)
    return bytes(out)


@wrong("visible_to_bytes", "UTF-8 of the characters")
def _(visible):
    return visible.replace("Ġ", " ").replace("Ċ", "\n").encode("utf-8")


@wrong("visible_to_bytes", "unknown characters are skipped")
def _(visible):
    back = {c: b for b, c in bytes_to_unicode().items()}
    return bytes(back[c] for c in visible if c in back)


@wrong("visible_to_bytes", "latin-1 for all but Ġ")
def _(visible):
    if " " in visible:
        raise KeyError(" ")
    return visible.replace("Ġ", " ").encode("latin-1")


@wrong("visible_to_bytes", "ValueError for a strange character")
def _(visible):
    back = {c: b for b, c in bytes_to_unicode().items()}
    if not set(visible) <= set(back):
        raise ValueError("not a visible byte")
    return bytes([back[c] for c in visible])


@wrong("visible_to_bytes", "a list of numbers")
def _(visible):
    back = {c: b for b, c in bytes_to_unicode().items()}
    return [back[c] for c in visible]


@right("read_vocab_bpe", "splitlines and partition")
def _(text):
    out = []
    for line in text.partition("\n")[2].splitlines():
        left, _, right = line.partition(" ")
        out.append((visible_to_bytes(left), visible_to_bytes(right)))
    return out


@right("read_vocab_bpe", "findall after the first line")
def _(text):
    _, _, rest = text.partition("\n")
    return [tuple(map(visible_to_bytes, m)) for m in re.findall(r"([^ \n]+) ([^ \n]+)", rest)]


@wrong("read_vocab_bpe", "lines with # are comments")
def _(text):
    out = []
    for line in text.split("\n"):
        if line and not line.startswith("#"):
            left, right = line.split(" ")
            out.append((visible_to_bytes(left), visible_to_bytes(right)))
    return out


@wrong("read_vocab_bpe", "first line skipped only if it says #version")
def _(text):
    out = []
    for line in text.split("\n"):
        if line and not line.startswith("#version"):
            left, right = line.split(" ")
            out.append((visible_to_bytes(left), visible_to_bytes(right)))
    return out


@wrong("read_vocab_bpe", "last line always dropped")
def _(text):
    out = []
    for line in text.split("\n")[1:-1]:
        left, right = line.split(" ")
        out.append((visible_to_bytes(left), visible_to_bytes(right)))
    return out


@wrong("read_vocab_bpe", "falls over at the last line break")
def _(text):
    out = []
    for line in text.split("\n")[1:]:
        left, right = line.split(" ")
        out.append((visible_to_bytes(left), visible_to_bytes(right)))
    return out


@wrong("read_vocab_bpe", "halves as UTF-8")
def _(text):
    lines = text.strip("\n").split("\n")[1:]
    return [tuple(half.encode("utf-8") for half in line.split(" ")) for line in lines]


@wrong("read_vocab_bpe", "halves still visible strings")
def _(text):
    lines = text.strip("\n").split("\n")[1:]
    return [tuple(line.split(" ")) for line in lines]


@right("read_encoder_json", "special ones taken out first")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    apart = {token: table.pop(token) for token in special if token in table}
    return {visible_to_bytes(token): i for token, i in table.items()}, apart


@right("read_encoder_json", "two comprehensions")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    rest = [token for token in table if token not in set(special)]
    ids = dict(zip(map(visible_to_bytes, rest), map(table.get, rest)))
    return ids, {t: table[t] for t in set(special) & set(table)}


@wrong("read_encoder_json", "special tokens among the others, too")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    ids = {visible_to_bytes(token): i for token, i in table.items()}
    return ids, {t: table[t] for t in special if t in table}


@wrong("read_encoder_json", "KeyError for a special token that the file lacks")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    apart = {token: table.pop(token) for token in special}
    return {visible_to_bytes(token): i for token, i in table.items()}, apart


@wrong("read_encoder_json", "ENDOFTEXT, whatever special says")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    apart = {ENDOFTEXT: table.pop(ENDOFTEXT)} if ENDOFTEXT in table else {}
    return {visible_to_bytes(token): i for token, i in table.items()}, apart


@wrong("read_encoder_json", "tokens encoded as UTF-8")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    ids = {t.replace("Ġ", " ").encode(): i for t, i in table.items() if t not in special}
    return ids, {t: table[t] for t in special if t in table}


@wrong("read_encoder_json", "special tokens as bytes")
def _(text, special=(ENDOFTEXT,)):
    ids, apart = {}, {}
    for token, i in json.loads(text).items():
        (apart if token in special else ids)[visible_to_bytes(token)] = i
    return ids, apart


@wrong("read_encoder_json", "the last entry is the special one")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    token, idx = list(table.items())[-1]
    del table[token]
    return {visible_to_bytes(t): i for t, i in table.items()}, {token: idx}


@right("link_merges", "loop")
def _(pairs, ids):
    merges = {}
    for pair in pairs:
        merges[tuple(ids[half] for half in pair)] = ids[b"".join(pair)]
    return merges


@right("link_merges", "zip of three columns")
def _(pairs, ids):
    lefts = [ids[a] for a, _ in pairs]
    rights = [ids[b] for _, b in pairs]
    return dict(zip(zip(lefts, rights), [ids[a + b] for a, b in pairs]))


@wrong("link_merges", "new ids counted up from 256")
def _(pairs, ids):
    return {(ids[a], ids[b]): 256 + k for k, (a, b) in enumerate(pairs)}


@wrong("link_merges", "keys stay bytes")
def _(pairs, ids):
    return {(a, b): ids[a + b] for a, b in pairs}


@wrong("link_merges", "sorted by id")
def _(pairs, ids):
    merges = {(ids[a], ids[b]): ids[a + b] for a, b in pairs}
    return dict(sorted(merges.items(), key=lambda item: item[1]))


@wrong("link_merges", "single bytes by their own number")
def _(pairs, ids):
    def of(token):
        return token[0] if len(token) == 1 else ids[token]

    return {(of(a), of(b)): of(a + b) for a, b in pairs}


@right("byte_shuffle", "filled by going through the table")
def _(ranks):
    out = [0] * 256
    for token, rank in ranks.items():
        if len(token) == 1:
            out[token[0]] = rank
    return out


@right("byte_shuffle", "to_bytes")
def _(ranks):
    return list(map(ranks.get, (b.to_bytes(1, "big") for b in range(256))))


@wrong("byte_shuffle", "the other direction")
def _(ranks):
    out = [0] * 256
    for token, rank in ranks.items():
        if len(token) == 1:
            out[rank % 256] = token[0]
    return out


@wrong("byte_shuffle", "in the order of the dict")
def _(ranks):
    return [rank for token, rank in ranks.items() if len(token) == 1]


@wrong("byte_shuffle", "each byte its own number")
def _(ranks):
    return list(range(256))


@wrong("byte_shuffle", "chr(b).encode(): wrong from 128 on")
def _(ranks):
    return [ranks.get(chr(b).encode("utf-8"), b) for b in range(256)]


@wrong("byte_shuffle", "the first 256 of the table")
def _(ranks):
    return list(ranks.values())[:256]


@right("encode_ranked", "lowest id present, then its pair")
def _(text, pattern, ranks, merges):
    out = []
    for match in re.finditer(pattern, text):
        ids = [ranks[bytes([b])] for b in match.group().encode("utf-8")]
        while True:
            known = [merges[p] for p in zip(ids, ids[1:]) if p in merges]
            if not known:
                break
            lowest = min(known)
            pair = next(p for p in zip(ids, ids[1:]) if merges.get(p) == lowest)
            ids = merge(ids, pair, lowest)
        out += ids
    return out


@right("encode_ranked", "chunks remembered")
def _(text, pattern, ranks, merges):
    first = byte_shuffle(ranks)

    def chunk_ids(data):
        ids = [first[b] for b in data]
        while len(ids) > 1:
            options = {merges[p]: p for p in pairwise(ids) if p in merges}
            if not options:
                return ids
            new = min(options)
            ids = merge(ids, options[new], new)
        return ids

    memory, out = {}, []
    for chunk in re.findall(pattern, text):
        if chunk not in memory:
            memory[chunk] = chunk_ids(chunk.encode("utf-8"))
        out.extend(memory[chunk])
    return out


@wrong("encode_ranked", "starts from the bytes' own numbers")
def _(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        ids = list(chunk.encode("utf-8"))
        while len(ids) >= 2:
            pair = min(pairwise(ids), key=lambda p: merges.get(p, float("inf")))
            if pair not in merges:
                break
            ids = merge(ids, pair, merges[pair])
        out.extend(ids)
    return out


@wrong("encode_ranked", "replays the dict in its order")
def _(text, pattern, ranks, merges):
    first, out = byte_shuffle(ranks), []
    for chunk in re.findall(pattern, text):
        ids = [first[b] for b in chunk.encode("utf-8")]
        for pair, idx in merges.items():
            ids = merge(ids, pair, idx)
        out.extend(ids)
    return out


@wrong("encode_ranked", "not cut into chunks")
def _(text, pattern, ranks, merges):
    ids = [ranks[bytes([b])] for b in text.encode("utf-8")]
    while len(ids) >= 2:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("encode_ranked", "pairs ordered by their left id")
def _(text, pattern, ranks, merges):
    first, out = byte_shuffle(ranks), []
    for chunk in re.findall(pattern, text):
        ids = [first[b] for b in chunk.encode("utf-8")]
        while True:
            known = [p for p in pairwise(ids) if p in merges]
            if not known:
                break
            ids = merge(ids, min(known), merges[min(known)])
        out.extend(ids)
    return out


@wrong("encode_ranked", "longest token of ranks first")
def _(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        data = chunk.encode("utf-8")
        while data:
            n = next(k for k in range(len(data), 0, -1) if data[:k] in ranks)
            out.append(ranks[data[:n]])
            data = data[n:]
    return out


@wrong("encode_ranked", "missing pairs rank as 256: new ids above lose")
def _(text, pattern, ranks, merges):
    first, out = byte_shuffle(ranks), []
    for chunk in re.findall(pattern, text):
        ids = [first[b] for b in chunk.encode("utf-8")]
        while len(ids) >= 2:
            pair = min(pairwise(ids), key=lambda p: merges.get(p, 257))
            if pair not in merges:
                break
            ids = merge(ids, pair, merges[pair])
        out.extend(ids)
    return out


@right("split_token", "table of older tokens, min of places")
def _(token, ranks):
    older = {t: r for t, r in ranks.items() if r < ranks[token]}
    parts = [token[i : i + 1] for i in range(len(token))]
    while True:
        found = [(older[a + b], k) for k, (a, b) in enumerate(pairwise(parts)) if a + b in older]
        if not found:
            break
        k = min(found)[1]
        parts = parts[:k] + [parts[k] + parts[k + 1]] + parts[k + 2 :]
    if len(parts) == 2:
        return tuple(parts)
    raise ValueError(f"{token!r} falls into {len(parts)}")


@right("split_token", "cuts as positions")
def _(token, ranks):
    limit, cuts = ranks[token], list(range(len(token) + 1))
    while True:
        best = None
        for i in range(len(cuts) - 2):
            rank = ranks.get(token[cuts[i] : cuts[i + 2]], limit)
            if rank < limit and (best is None or rank < best[0]):
                best = (rank, i + 1)
        if best is None:
            break
        del cuts[best[1]]
    if len(cuts) != 3:
        raise ValueError("not two pieces")
    return token[: cuts[1]], token[cuts[1] :]


@wrong("split_token", "first cut that fits")
def _(token, ranks):
    for k in range(1, len(token)):
        if token[:k] in ranks and token[k:] in ranks:
            return token[:k], token[k:]
    raise ValueError("no cut fits")


@wrong("split_token", "younger tokens may be joined, too")
def _(token, ranks):
    parts = [bytes([b]) for b in token]
    while len(parts) > 2:
        found = [(ranks[a + b], k) for k, (a, b) in enumerate(pairwise(parts)) if a + b in ranks]
        if not found:
            break
        k = min(found)[1]
        parts[k : k + 2] = [parts[k] + parts[k + 1]]
    if len(parts) != 2:
        raise ValueError("not two pieces")
    return tuple(parts)


@wrong("split_token", "the cut whose younger half is oldest")
def _(token, ranks):
    best = None
    for k in range(1, len(token)):
        left, right = ranks.get(token[:k]), ranks.get(token[k:])
        if left is not None and right is not None and max(left, right) < ranks[token]:
            if best is None or max(left, right) < best[0]:
                best = (max(left, right), k)
    if best is None:
        raise ValueError("no cut fits")
    return token[: best[1]], token[best[1] :]


@wrong("split_token", "rightmost of equals")
def _(token, ranks):
    parts = [bytes([b]) for b in token]
    while True:
        best, where = ranks[token], None
        for k, (a, b) in enumerate(pairwise(parts)):
            rank = ranks.get(a + b, best + 1)
            if rank <= best and rank < ranks[token]:
                best, where = rank, k
        if where is None:
            break
        parts[where : where + 2] = [parts[where] + parts[where + 1]]
    if len(parts) != 2:
        raise ValueError("not two pieces")
    return tuple(parts)


@wrong("split_token", "no error: first and rest")
def _(token, ranks):
    parts = [bytes([b]) for b in token]
    while True:
        found = [
            (ranks[a + b], k)
            for k, (a, b) in enumerate(pairwise(parts))
            if ranks.get(a + b, ranks[token]) < ranks[token]
        ]
        if not found:
            return parts[0], b"".join(parts[1:])
        k = min(found)[1]
        parts[k : k + 2] = [parts[k] + parts[k + 1]]


@wrong("split_token", "ranks instead of bytes")
def _(token, ranks):
    parts = [bytes([b]) for b in token]
    while True:
        found = [
            (ranks[a + b], k)
            for k, (a, b) in enumerate(pairwise(parts))
            if ranks.get(a + b, ranks[token]) < ranks[token]
        ]
        if not found:
            break
        k = min(found)[1]
        parts[k : k + 2] = [parts[k] + parts[k + 1]]
    if len(parts) != 2:
        raise ValueError("not two pieces")
    return ranks[parts[0]], ranks[parts[1]]


@right("recover_merges", "by rank, through an inverse table")
def _(ranks):
    tokens = {rank: token for token, rank in ranks.items() if len(token) > 1}
    merges = {}
    for rank in sorted(tokens):
        merges[tuple(map(ranks.get, split_token(tokens[rank], ranks)))] = rank
    return merges


@right("recover_merges", "made first, sorted afterwards")
def _(ranks):
    rows = []
    for token, rank in ranks.items():
        if len(token) < 2:
            continue
        left, right = split_token(token, ranks)
        rows.append((rank, (ranks[left], ranks[right])))
    rows.sort()
    return {pair: rank for rank, pair in rows}


@wrong("recover_merges", "in the order of the table")
def _(ranks):
    merges = {}
    for token, rank in ranks.items():
        if len(token) > 1:
            left, right = split_token(token, ranks)
            merges[ranks[left], ranks[right]] = rank
    return merges


@wrong("recover_merges", "what does not come apart is skipped")
def _(ranks):
    merges = {}
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            try:
                left, right = split_token(token, ranks)
            except ValueError:
                continue
            merges[ranks[left], ranks[right]] = rank
    return merges


@wrong("recover_merges", "by rank >= 256 instead of by length")
def _(ranks):
    merges = {}
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if rank >= 256:
            left, right = split_token(token, ranks)
            merges[ranks[left], ranks[right]] = rank
    return merges


@wrong("recover_merges", "pairs of bytes")
def _(ranks):
    tokens = sorted((t for t in ranks if len(t) > 1), key=ranks.get)
    return {split_token(token, ranks): ranks[token] for token in tokens}


@wrong("recover_merges", "shortest token first")
def _(ranks):
    merges = {}
    for token in sorted(ranks, key=lambda t: (len(t), ranks[t])):
        if len(token) > 1:
            left, right = split_token(token, ranks)
            merges[ranks[left], ranks[right]] = ranks[token]
    return merges


@right("colored", "cycle and join")
def _(tokens):
    from itertools import cycle

    return "".join(
        "\x1b[30;48;5;" + str(color) + "m" + "↵".join(token.split("\n")) + "\x1b[0m"
        for token, color in zip(tokens, cycle(COLORS))
    )


@right("colored", "characters one by one")
def _(tokens):
    parts = []
    for k in range(len(tokens)):
        parts.append("\033[30;48;5;%dm" % COLORS[k % len(COLORS)])
        for c in tokens[k]:
            parts.append("↵" if c == "\n" else c)
        parts.append("\033[0m")
    return "".join(parts)


@wrong("colored", "line break kept after the arrow")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        shown = token.replace("\n", "↵\n")
        out += f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\x1b[0m"
    return out


@wrong("colored", "too few colors: IndexError")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        shown = token.replace("\n", "↵")
        out += f"\x1b[30;48;5;{COLORS[k]}m{shown}\x1b[0m"
    return out


@wrong("colored", "reset only at the end")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        shown = token.replace("\n", "↵")
        out += f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}"
    return out + "\x1b[0m" if tokens else out


@wrong("colored", "only the last line break")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        if token.endswith("\n"):
            token = token[:-1] + "↵"
        out += f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{token}\x1b[0m"
    return out


@wrong("colored", "the space is shown, too")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        shown = token.replace("\n", "↵").replace(" ", "␣")
        out += f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{shown}\x1b[0m"
    return out


@right("whole_characters", "by the first byte of what follows")
def _(tokens):
    groups = []
    for k, token in enumerate(tokens):
        if k and token[0] & 0b11000000 == 0b10000000:
            groups[-1].append(token)
        else:
            groups.append([token])
    return [(b"".join(group).decode("utf-8"), len(group)) for group in groups]


@right("whole_characters", "incremental decoder")
def _(tokens):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    groups, text, n = [], "", 0
    for token in tokens:
        text += decoder.decode(token)
        n += 1
        if not decoder.getstate()[0]:
            groups.append((text, n))
            text, n = "", 0
    return groups


@wrong("whole_characters", "each token alone")
def _(tokens):
    return [(token.decode("utf-8", errors="replace"), 1) for token in tokens]


@wrong("whole_characters", "one group for each character")
def _(tokens):
    owner = [k for k, token in enumerate(tokens) for _ in token]
    groups, at = [], 0
    for c in b"".join(tokens).decode("utf-8"):
        size = len(c.encode("utf-8"))
        groups.append((c, len(set(owner[at : at + size]))))
        at += size
    return groups


@wrong("whole_characters", "count not set back")
def _(tokens):
    groups, held, n = [], b"", 0
    for token in tokens:
        held, n = held + token, n + 1
        try:
            text = held.decode("utf-8")
        except UnicodeDecodeError:
            continue
        groups.append((text, n))
        held = b""
    return groups


@wrong("whole_characters", "bytes, not text")
def _(tokens):
    groups, held, n = [], b"", 0
    for token in tokens:
        held, n = held + token, n + 1
        try:
            held.decode("utf-8")
        except UnicodeDecodeError:
            continue
        groups.append((held, n))
        held, n = b"", 0
    return groups


@wrong("whole_characters", "halves of at most two tokens")
def _(tokens):
    groups, k = [], 0
    while k < len(tokens):
        try:
            groups.append((tokens[k].decode("utf-8"), 1))
            k += 1
        except UnicodeDecodeError:
            pair = b"".join(tokens[k : k + 2])
            groups.append((pair.decode("utf-8", errors="replace"), 2))
            k += 2
    return groups


@wrong("whole_characters", "looks only at the end of the new token")
def _(tokens):
    groups, held, n = [], b"", 0
    for token in tokens:
        held, n = held + token, n + 1
        if token[-1] < 128 or held.decode("utf-8", "ignore").encode() == token:
            groups.append((held.decode("utf-8"), n))
            held, n = b"", 0
    if held:
        groups.append((held.decode("utf-8"), n))
    return groups


@right("tokens_per_character", "sorted names")
def _(samples, encode):
    cost = {}
    for name in samples:
        cost[name] = len(encode(samples[name])) / len(samples[name])
    return {name: cost[name] for name in sorted(samples, key=cost.__getitem__)}


@right("tokens_per_character", "rows with their place")
def _(samples, encode):
    rows = [
        (len(encode(text)) / len(text), k, name) for k, (name, text) in enumerate(samples.items())
    ]
    return {name: cost for cost, _, name in sorted(rows)}


@wrong("tokens_per_character", "a byte's cost")
def _(samples, encode):
    cost = {n: len(encode(t)) / len(t.encode("utf-8")) for n, t in samples.items()}
    return dict(sorted(cost.items(), key=lambda item: item[1]))


@wrong("tokens_per_character", "equal ones by name")
def _(samples, encode):
    rows = sorted((len(encode(t)) / len(t), n) for n, t in samples.items())
    return {n: cost for cost, n in rows}


@wrong("tokens_per_character", "order of samples")
def _(samples, encode):
    return {n: len(encode(t)) / len(t) for n, t in samples.items()}


@wrong("tokens_per_character", "characters of a token")
def _(samples, encode):
    cost = {n: len(t) / len(encode(t)) for n, t in samples.items()}
    return dict(sorted(cost.items(), key=lambda item: item[1]))


@wrong("tokens_per_character", "dearest first")
def _(samples, encode):
    cost = {n: len(encode(t)) / len(t) for n, t in samples.items()}
    return dict(sorted(cost.items(), key=lambda item: -item[1]))


@wrong("tokens_per_character", "different tokens only")
def _(samples, encode):
    cost = {n: len(set(encode(t))) / len(t) for n, t in samples.items()}
    return dict(sorted(cost.items(), key=lambda item: item[1]))


@right("unused_tokens", "set difference")
def _(vocab, ids, corpus):
    left = sorted(set(vocab) - set(ids))
    absent = [i for i in left if corpus.find(vocab[i]) < 0]
    return absent, [i for i in left if corpus.find(vocab[i]) >= 0]


@right("unused_tokens", "two lists filled, then sorted")
def _(vocab, ids, corpus):
    used = dict.fromkeys(ids)
    both = ([], [])
    for i, token in vocab.items():
        if i not in used:
            both[token in corpus].append(i)
    for row in both:
        row.sort()
    return both


@wrong("unused_tokens", "order of the vocab")
def _(vocab, ids, corpus):
    used = set(ids)
    absent = [i for i in vocab if i not in used and vocab[i] not in corpus]
    swallowed = [i for i in vocab if i not in used and vocab[i] in corpus]
    return absent, swallowed


@wrong("unused_tokens", "swapped")
def _(vocab, ids, corpus):
    used = set(ids)
    left = [i for i in sorted(vocab) if i not in used]
    return [i for i in left if vocab[i] in corpus], [i for i in left if vocab[i] not in corpus]


@wrong("unused_tokens", "swallowed only inside of one longer token")
def _(vocab, ids, corpus):
    used = set(ids)
    absent, swallowed = [], []
    for i in sorted(vocab):
        if i in used:
            continue
        inside = any(vocab[i] in vocab[j] for j in used)
        (swallowed if inside else absent).append(i)
    return absent, swallowed


@wrong("unused_tokens", "absent holds the swallowed ones, too")
def _(vocab, ids, corpus):
    absent = sorted(set(vocab) - set(ids))
    return absent, [i for i in absent if vocab[i] in corpus]


@wrong("unused_tokens", "ids are 0 ... len(vocab) - 1")
def _(vocab, ids, corpus):
    used = set(ids)
    left = [i for i in range(len(vocab)) if i not in used]
    return (
        [i for i in left if vocab.get(i, b"") not in corpus],
        [i for i in left if vocab.get(i, b"") in corpus],
    )


@wrong("unused_tokens", "used tokens are swallowed, too")
def _(vocab, ids, corpus):
    absent = [i for i in sorted(vocab) if vocab[i] not in corpus]
    return absent, [i for i in sorted(vocab) if vocab[i] in corpus]


@right("stable_ids", "commonprefix of lists")
def _(encode, prompt, endings):
    from os.path import commonprefix

    own = list(encode(prompt))
    n = len(own)
    for ending in endings:
        n = min(n, len(commonprefix([own, list(encode(prompt + ending))])))
    return n


@right("stable_ids", "largest n tried first")
def _(encode, prompt, endings):
    own = encode(prompt)
    rows = [encode(prompt + ending) for ending in endings]
    for n in range(len(own), 0, -1):
        if all(row[:n] == own[:n] for row in rows):
            return n
    return 0


@right("stable_ids", "takewhile over columns")
def _(encode, prompt, endings):
    from itertools import takewhile

    own = encode(prompt)
    columns = zip(own, *(encode(prompt + ending) for ending in endings))
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


@wrong("stable_ids", "equal places anywhere")
def _(encode, prompt, endings):
    own = encode(prompt)
    return min(
        (sum(a == b for a, b in zip(own, encode(prompt + e))) for e in endings), default=len(own)
    )


@wrong("stable_ids", "without endings 0")
def _(encode, prompt, endings):
    own, best = encode(prompt), []
    for ending in endings:
        n = 0
        for a, b in zip(own, encode(prompt + ending)):
            if a != b:
                break
            n += 1
        best.append(n)
    return min(best, default=0)


@wrong("stable_ids", "the kindest ending")
def _(encode, prompt, endings):
    own, best = encode(prompt), []
    for ending in endings:
        n = 0
        for a, b in zip(own, encode(prompt + ending)):
            if a != b:
                break
            n += 1
        best.append(n)
    return max(best, default=len(own))


@wrong("stable_ids", "falls over when the longer text has fewer ids")
def _(encode, prompt, endings):
    own = encode(prompt)
    n = len(own)
    for ending in endings:
        ids = encode(prompt + ending)
        k = 0
        while k < n and ids[k] == own[k]:
            k += 1
        n = k
    return n


@wrong("stable_ids", "ending encoded alone")
def _(encode, prompt, endings):
    own = list(encode(prompt))
    n = len(own)
    for ending in endings:
        ids = own + list(encode(ending))
        while ids[:n] != own[:n]:
            n -= 1
    return n


@wrong("stable_ids", "only the first ending")
def _(encode, prompt, endings):
    own = encode(prompt)
    n = 0
    for a, b in zip(own, encode(prompt + endings[0]) if endings else own):
        if a != b:
            break
        n += 1
    return n


@wrong("stable_ids", "always all but the last")
def _(encode, prompt, endings):
    own = encode(prompt)
    if all(encode(prompt + ending)[: len(own)] == own for ending in endings):
        return len(own)
    return len(own) - 1


@right("chunk_counts", "Counter")
def _(pattern, text):
    from collections import Counter

    return dict(Counter(match.group().encode() for match in re.finditer(pattern, text)))


@right("chunk_counts", "counted as text, encoded afterwards")
def _(pattern, text):
    counts = {}
    for chunk in re.findall(pattern, text):
        counts[chunk] = 1 + counts.setdefault(chunk, 0)
    return {chunk.encode("utf-8"): n for chunk, n in counts.items()}


@wrong("chunk_counts", "keys are str")
def _(pattern, text):
    counts = {}
    for chunk in re.findall(pattern, text):
        counts[chunk] = counts.get(chunk, 0) + 1
    return counts


@wrong("chunk_counts", "most frequent first")
def _(pattern, text):
    from collections import Counter

    return dict(Counter(c.encode() for c in re.findall(pattern, text)).most_common())


@wrong("chunk_counts", "sorted chunks")
def _(pattern, text):
    chunks = sorted(c.encode() for c in re.findall(pattern, text))
    return {chunk: chunks.count(chunk) for chunk in chunks}


@wrong("chunk_counts", "counted with str.count: pieces of words, too")
def _(pattern, text):
    return {c.encode("utf-8"): text.count(c) for c in re.findall(pattern, text)}


@wrong("chunk_counts", "pattern of the file")
def _(pattern, text):
    counts = {}
    for chunk in re.findall(PATTERN, text):
        chunk = chunk.encode("utf-8")
        counts[chunk] = counts.get(chunk, 0) + 1
    return counts


@right("train_fast", "no heap: all pairs' totals, but only changed chunks")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    words = [(list(chunk), n) for chunk, n in counts.items()]
    sizes = {i: 1 for i in range(256)}
    total, holders = {}, {}
    for w, (ids, n) in enumerate(words):
        for pair in pairwise(ids):
            total[pair] = total.get(pair, 0) + n
            holders.setdefault(pair, set()).add(w)

    def place(pair):
        w = min(holders[pair])
        at = 0
        ids = words[w][0]
        for k in range(len(ids) - 1):
            if (ids[k], ids[k + 1]) == pair:
                break
            at += sizes[ids[k]]
        return w, at

    merges = {}
    while len(merges) < vocab_size - 256 and total:
        most = max(total.values())
        pair = min((p for p in total if total[p] == most), key=place)
        idx = 256 + len(merges)
        merges[pair] = idx
        sizes[idx] = sizes[pair[0]] + sizes[pair[1]]
        for w in sorted(holders[pair]):
            ids, n = words[w]
            new = merge(ids, pair, idx)
            for p in pairwise(ids):
                total[p] -= n
                holders[p].discard(w)
            for p in pairwise(new):
                total[p] = total.get(p, 0) + n
                holders.setdefault(p, set()).add(w)
            words[w] = (new, n)
            for p in pairwise(ids):
                if p in holders and not holders[p]:
                    del holders[p], total[p]
    return merges


@right("train_fast", "heap; pairs touched in a chunk counted before and after")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError(f"vocab_size is {vocab_size}")
    chunks, weights = [list(chunk) for chunk in counts], list(counts.values())
    size = [1] * 256

    def places(ids):
        found, at = {}, 0
        for k in range(len(ids) - 1):
            found.setdefault((ids[k], ids[k + 1]), []).append(at)
            at += size[ids[k]]
        return found

    table = [places(ids) for ids in chunks]  # chunk: {pair: places in bytes}
    homes, total = {}, {}
    for c, found in enumerate(table):
        for pair, where in found.items():
            homes.setdefault(pair, []).append(c)
            for _ in where:
                total[pair] = total.get(pair, 0) + weights[c]

    def entry(pair):
        while homes[pair] and pair not in table[homes[pair][0]]:
            heapq.heappop(homes[pair])
        if not homes[pair]:
            return None
        c = homes[pair][0]
        return -total[pair], c, table[c][pair][0], pair

    heap = [entry(pair) for pair in list(total)]
    heapq.heapify(heap)
    merges = {}
    while heap and len(merges) < vocab_size - 256:
        old = heapq.heappop(heap)
        now = entry(old[-1])
        if now is None:
            continue
        if now != old:
            heapq.heappush(heap, now)
            continue
        pair, idx = old[-1], 256 + len(merges)
        merges[pair] = idx
        size.append(size[pair[0]] + size[pair[1]])
        fresh = set()
        for c in sorted(set(homes[pair])):
            if pair not in table[c]:
                continue
            before = table[c]
            chunks[c] = merge(chunks[c], pair, idx)
            after = places(chunks[c])
            for p in before.keys() | after.keys():
                change = len(after.get(p, ())) - len(before.get(p, ()))
                for _ in range(abs(change)):
                    if change > 0:
                        total[p] = total.get(p, 0) + weights[c]
                    else:
                        total[p] = total[p] - weights[c]
                if p in after and p not in before:
                    heapq.heappush(homes.setdefault(p, []), c)
                    fresh.add(p)
            table[c] = after
        for p in fresh:
            heapq.heappush(heap, entry(p))
    return merges


@wrong("train_fast", "each chunk counts once")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    chunks, merges = [list(c) for c in counts], {}
    for idx in range(256, vocab_size):
        total = {}
        for ids in chunks:
            for pair in pairwise(ids):
                total[pair] = total.get(pair, 0) + 1
        if not total:
            break
        pair = max(total, key=total.get)
        chunks = [merge(ids, pair, idx) for ids in chunks]
        merges[pair] = idx
    return merges


@wrong("train_fast", "all chunks counted again after every merge")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    chunks, merges = [(list(c), n) for c, n in counts.items()], {}
    for idx in range(256, vocab_size):
        total = {}
        for ids, n in chunks:
            for pair in pairwise(ids):
                total[pair] = total.get(pair, 0) + n
        if not total:
            break
        pair = max(total, key=total.get)
        chunks = [(merge(ids, pair, idx), n) for ids, n in chunks]
        merges[pair] = idx
    return merges


@wrong("train_fast", "of equals the smallest pair")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    words = [(list(chunk), n) for chunk, n in counts.items()]
    total, holders = {}, {}
    for w, (ids, n) in enumerate(words):
        for pair in pairwise(ids):
            total[pair] = total.get(pair, 0) + n
            holders.setdefault(pair, set()).add(w)
    merges = {}
    for idx in range(256, vocab_size):
        if not total:
            break
        pair = min(total, key=lambda p: (-total[p], p))
        merges[pair] = idx
        for w in sorted(holders[pair]):
            ids, n = words[w]
            new = merge(ids, pair, idx)
            for p in pairwise(ids):
                total[p] -= n
                holders[p].discard(w)
            for p in pairwise(new):
                total[p] = total.get(p, 0) + n
                holders.setdefault(p, set()).add(w)
            words[w] = (new, n)
        total = {p: n for p, n in total.items() if holders[p]}
    return merges


@wrong("train_fast", "of equals the one that came first into the table")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    words = [(list(chunk), n) for chunk, n in counts.items()]
    total, holders = {}, {}
    for w, (ids, n) in enumerate(words):
        for pair in pairwise(ids):
            total[pair] = total.get(pair, 0) + n
            holders.setdefault(pair, set()).add(w)
    merges = {}
    for idx in range(256, vocab_size):
        if not total:
            break
        pair = max(total, key=total.get)
        merges[pair] = idx
        for w in sorted(holders[pair]):
            ids, n = words[w]
            new = merge(ids, pair, idx)
            for p in pairwise(ids):
                total[p] -= n
                holders[p].discard(w)
            for p in pairwise(new):
                total[p] = total.get(p, 0) + n
                holders.setdefault(p, set()).add(w)
            words[w] = (new, n)
        total = {p: n for p, n in total.items() if holders[p]}
    return merges


@wrong("train_fast", "vanished neighbors are not taken off")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    words = [(list(chunk), n) for chunk, n in counts.items()]
    total, holders = {}, {}
    for w, (ids, n) in enumerate(words):
        for pair in pairwise(ids):
            total[pair] = total.get(pair, 0) + n
            holders.setdefault(pair, set()).add(w)
    merges = {}
    for idx in range(256, vocab_size):
        if not total:
            break
        pair = max(total, key=total.get)
        merges[pair] = idx
        for w in sorted(holders[pair]):
            ids, n = words[w]
            new = merge(ids, pair, idx)
            for p in pairwise(new):
                if idx in p:
                    total[p] = total.get(p, 0) + n
                    holders.setdefault(p, set()).add(w)
            words[w] = (new, n)
        del total[pair]
    return merges


@wrong("train_fast", "aaa counts once")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    words = [(list(chunk), n) for chunk, n in counts.items()]
    size = {i: 1 for i in range(256)}
    total, holders = {}, {}

    def change(w, sign):
        ids, n = words[w]
        for p in set(pairwise(ids)):
            k, times = 0, 0
            while k + 1 < len(ids):
                if (ids[k], ids[k + 1]) == p:
                    times, k = times + 1, k + 1
                k += 1
            total[p] = total.get(p, 0) + sign * n * times
            if sign > 0:
                holders.setdefault(p, set()).add(w)
            else:
                holders[p].discard(w)

    def place(pair):
        w, at = min(holders[pair]), 0
        for a, b in pairwise(words[w][0]):
            if (a, b) == pair:
                break
            at += size[a]
        return w, at

    for w in range(len(words)):
        change(w, 1)
    merges = {}
    for idx in range(256, vocab_size):
        alive = [p for p in total if holders[p]]
        if not alive:
            break
        pair = min(alive, key=lambda p: (-total[p], *place(p)))
        merges[pair] = idx
        size[idx] = size[pair[0]] + size[pair[1]]
        for w in sorted(holders[pair]):
            change(w, -1)
            words[w] = (merge(words[w][0], pair, idx), words[w][1])
            change(w, 1)
    return merges


@wrong("train_fast", "no ValueError; pairs that occur once are not merged")
def _(counts, vocab_size):
    words = [(list(chunk), n) for chunk, n in counts.items()]
    size = {i: 1 for i in range(256)}
    total, holders = {}, {}

    def change(w, sign):
        ids, n = words[w]
        for p in pairwise(ids):
            total[p] = total.get(p, 0) + (n if sign > 0 else -n)
            if sign > 0:
                holders.setdefault(p, set()).add(w)
            else:
                holders[p].discard(w)

    def place(pair):
        w, at = min(holders[pair]), 0
        for a, b in pairwise(words[w][0]):
            if (a, b) == pair:
                break
            at += size[a]
        return w, at

    for w in range(len(words)):
        change(w, 1)
    merges = {}
    for idx in range(256, vocab_size):
        alive = [p for p in total if total[p] > 1]
        if not alive:
            break
        pair = min(alive, key=lambda p: (-total[p], *place(p)))
        merges[pair] = idx
        size[idx] = size[pair[0]] + size[pair[1]]
        for w in sorted(holders[pair]):
            change(w, -1)
            words[w] = (merge(words[w][0], pair, idx), words[w][1])
            change(w, 1)
    return merges


@right("encode_fast", "a heap of ids, a list of places for each")
def _(data, merges):
    ids, n = list(data), len(data)
    before, after = [i - 1 for i in range(n)], [i + 1 for i in range(n)]
    places, waiting = {}, []

    def note(a, b):
        if a < 0 or b >= n:
            return
        new = merges.get((ids[a], ids[b]))
        if new is None:
            return
        if new not in places:
            places[new] = []
            heapq.heappush(waiting, new)
        places[new].append((a, ids[a], ids[b]))

    for a in range(n - 1):
        note(a, a + 1)
    while waiting:
        new = heapq.heappop(waiting)
        for a, left, right in sorted(places.pop(new), key=lambda row: row[0]):
            b = after[a]
            if b >= n or ids[a] != left or ids[b] != right:
                continue
            ids[a], ids[b] = new, -1
            after[a] = after[b]
            if after[a] < n:
                before[after[a]] = a
            note(before[a], a)
            note(a, after[a])
    return [i for i in ids if i != -1]


@right("encode_fast", "heap of nodes")
def _(data, merges):
    class Node:
        def __init__(self, at, idx):
            self.at, self.idx, self.left, self.right, self.alive = at, idx, None, None, True

    nodes = [Node(k, b) for k, b in enumerate(data)]
    for a, b in pairwise(nodes):
        a.right, b.left = b, a
    heap, made = [], 0

    def push(a):
        if a is not None and a.right is not None:
            new = merges.get((a.idx, a.right.idx))
            if new is not None:
                heapq.heappush(heap, (new, a.at, a.idx, a.right.idx))

    for node in nodes:
        push(node)
    while heap:
        new, at, left, right = heapq.heappop(heap)
        a = nodes[at]
        b = a.right
        if not a.alive or b is None or (a.idx, b.idx) != (left, right):
            continue
        a.idx, a.right, b.alive = new, b.right, False
        if b.right is not None:
            b.right.left = a
        push(a.left)
        push(a)
    return [node.idx for node in nodes if node.alive]


@wrong("encode_fast", "the plain loop")
def _(data, merges):
    ids = list(data)
    while len(ids) >= 2:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("encode_fast", "one look at all merges in order: work grows with them")
def _(data, merges):
    ids = list(data)
    for pair in merges:
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("encode_fast", "longest token first")
def _(data, merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab[idx] = vocab[left] + vocab[right]
    table = {token: i for i, token in vocab.items()}
    longest = max(map(len, table))
    ids, at = [], 0
    while at < len(data):
        n = next(
            k for k in range(min(longest, len(data) - at), 0, -1) if data[at : at + k] in table
        )
        ids.append(table[data[at : at + n]])
        at += n
    return ids


@wrong("encode_fast", "stale entries are believed")
def _(data, merges):
    ids, n = list(data), len(data)
    left, right = [i - 1 for i in range(n)], [i + 1 for i in range(n)]
    heap = [(merges[p], i) for i, p in enumerate(pairwise(ids)) if p in merges]
    heapq.heapify(heap)
    while heap:
        new, i = heapq.heappop(heap)
        if ids[i] is None or right[i] >= n:
            continue
        j = right[i]
        ids[i], ids[j], right[i] = new, None, right[j]
        if right[j] < n:
            left[right[j]] = i
        for a, b in ((left[i], i), (i, right[i])):
            if a >= 0 and b < n and (ids[a], ids[b]) in merges:
                heapq.heappush(heap, (merges[ids[a], ids[b]], a))
    return [i for i in ids if i is not None]


@wrong("encode_fast", "left neighbor of a merge never looked at")
def _(data, merges):
    ids, n = list(data), len(data)
    right = [i + 1 for i in range(n)]
    heap = [(merges[p], i) for i, p in enumerate(pairwise(ids)) if p in merges]
    heapq.heapify(heap)
    while heap:
        new, i = heapq.heappop(heap)
        if ids[i] is None or right[i] >= n:
            continue
        j = right[i]
        if merges.get((ids[i], ids[j])) != new:
            continue
        ids[i], ids[j], right[i] = new, None, right[j]
        if right[i] < n and (new, ids[right[i]]) in merges:
            heapq.heappush(heap, (merges[new, ids[right[i]]], i))
    return [i for i in ids if i is not None]


@wrong("encode_fast", "leftmost pair first, by place instead of by id")
def _(data, merges):
    out = []
    for b in data:
        out.append(b)
        while len(out) > 1 and (out[-2], out[-1]) in merges:
            new = merges[out[-2], out[-1]]
            out[-2:] = [new]
    return out


@wrong("encode_fast", "of overlapping ones the rightmost")
def _(data, merges):
    ids, n = list(data), len(data)
    left, right = [i - 1 for i in range(n)], [i + 1 for i in range(n)]
    heap = [(merges[p], -i) for i, p in enumerate(pairwise(ids)) if p in merges]
    heapq.heapify(heap)
    while heap:
        new, i = heapq.heappop(heap)
        i = -i
        if ids[i] is None or right[i] >= n:
            continue
        j = right[i]
        if merges.get((ids[i], ids[j])) != new:
            continue
        ids[i], ids[j], right[i] = new, None, right[j]
        if right[j] < n:
            left[right[j]] = i
        for a, b in ((left[i], i), (i, right[i])):
            if a >= 0 and b < n and (ids[a], ids[b]) in merges:
                heapq.heappush(heap, (merges[ids[a], ids[b]], -a))
    return [i for i in ids if i is not None]


@right("keep_characters", "most_common")
def _(text, coverage):
    from collections import Counter

    wanted, kept, have = coverage * len(text), [], 0
    for c, n in Counter(text).most_common():
        if have >= wanted:
            return kept
        kept.append(c)
        have += n
    return kept


@wrong("keep_characters", "each prefix added up from its beginning, until one suffices")
def _(text, coverage):
    order = sorted(dict.fromkeys(text), key=lambda c: -text.count(c))
    for k in range(len(order) + 1):
        if sum(text.count(c) for c in order[:k]) >= coverage * len(text):
            return order[:k]
    return order


@wrong("keep_characters", "more than the share")
def _(text, coverage):
    from collections import Counter

    kept, have = [], 0
    for c, n in Counter(text).most_common():
        if have > coverage * len(text):
            break
        kept.append(c)
        have += n
    return kept


@wrong("keep_characters", "share of the different characters")
def _(text, coverage):
    from collections import Counter
    from math import ceil

    order = [c for c, _ in Counter(text).most_common()]
    return order[: ceil(coverage * len(order))]


@wrong("keep_characters", "equal ones by code point")
def _(text, coverage):
    counts = {c: text.count(c) for c in text}
    kept, have = [], 0
    for c in sorted(counts, key=lambda c: (-counts[c], c)):
        if have >= coverage * len(text):
            break
        kept.append(c)
        have += counts[c]
    return kept


@wrong("keep_characters", "at least one, even with 0")
def _(text, coverage):
    from collections import Counter

    kept, have = [], 0
    for c, n in Counter(text).most_common():
        kept.append(c)
        have += n
        if have >= coverage * len(text):
            break
    return kept


@wrong("keep_characters", "stays below the share")
def _(text, coverage):
    from collections import Counter

    kept, have = [], 0
    for c, n in Counter(text).most_common():
        if have + n > coverage * len(text):
            break
        kept.append(c)
        have += n
    return kept


@wrong("keep_characters", "share counted in bytes")
def _(text, coverage):
    from collections import Counter

    kept, have = [], 0
    for c, n in Counter(text).most_common():
        if have >= coverage * len(text.encode("utf-8")):
            break
        kept.append(c)
        have += n * len(c.encode("utf-8"))
    return kept


@right("encode_fallback", "index of the list")
def _(text, characters):
    out = []
    for c in text:
        try:
            out.append(256 + characters.index(c))
        except ValueError:
            out.extend(c.encode("utf-8"))
    return out


@right("encode_fallback", "table of lists")
def _(text, characters):
    table = {c: [256 + k] for k, c in enumerate(characters)}
    return [i for c in text for i in table.get(c, c.encode("utf-8"))]


@wrong("encode_fallback", "ASCII always as its byte")
def _(text, characters):
    out = []
    for c in text:
        if ord(c) < 128:
            out.append(ord(c))
        elif c in characters:
            out.append(256 + characters.index(c))
        else:
            out.extend(c.encode("utf-8"))
    return out


@wrong("encode_fallback", "ids without the 256")
def _(text, characters):
    table = {c: k for k, c in enumerate(characters)}
    out = []
    for c in text:
        out.extend([table[c]] if c in table else c.encode("utf-8"))
    return out


@wrong("encode_fallback", "unknown ones by code point")
def _(text, characters):
    table = {c: 256 + k for k, c in enumerate(characters)}
    return [table.get(c, ord(c)) for c in text]


@wrong("encode_fallback", "characters sorted first")
def _(text, characters):
    table = {c: 256 + k for k, c in enumerate(sorted(characters))}
    out = []
    for c in text:
        out.extend([table[c]] if c in table else c.encode("utf-8"))
    return out


@wrong("encode_fallback", "index 0 is taken for missing")
def _(text, characters):
    table = {c: k for k, c in enumerate(characters)}
    out = []
    for c in text:
        if table.get(c):
            out.append(256 + table[c])
        else:
            out.extend(c.encode("utf-8"))
    return out


@right("decode_fallback", "one table of both")
def _(ids, characters):
    table = {b: bytes([b]) for b in range(256)}
    table.update((256 + k, c.encode("utf-8")) for k, c in enumerate(characters))
    return b"".join([table[i] for i in ids]).decode("utf-8", "replace")


@right("decode_fallback", "bytearray, checked first")
def _(ids, characters):
    top = 256 + len(characters)
    wrong_ids = [i for i in ids if i < 0 or i >= top]
    if wrong_ids:
        raise KeyError(wrong_ids[0])
    data = bytearray()
    for i in ids:
        if i > 255:
            data += characters[i - 256].encode()
        else:
            data.append(i)
    return data.decode(errors="replace")


@wrong("decode_fallback", "IndexError and ValueError instead of KeyError")
def _(ids, characters):
    data = b""
    for i in ids:
        data += bytes([i]) if i < 256 else characters[i - 256].encode("utf-8")
    return data.decode("utf-8", errors="replace")


@wrong("decode_fallback", "each byte decoded alone")
def _(ids, characters):
    table = {b: bytes([b]).decode("utf-8", errors="replace") for b in range(256)}
    table.update({256 + k: c for k, c in enumerate(characters)})
    return "".join(table[i] for i in ids)


@wrong("decode_fallback", "bytes as code points")
def _(ids, characters):
    table = {b: chr(b) for b in range(256)} | {256 + k: c for k, c in enumerate(characters)}
    return "".join(table[i] for i in ids)


@wrong("decode_fallback", "one too high is let through, one byte lost")
def _(ids, characters):
    data = b""
    for i in ids:
        if i < 0 or i > 256 + len(characters):
            raise KeyError(i)
        if i < 256:
            data += bytes([i])
        else:
            data += "".join(characters[i - 256 : i - 255]).encode("utf-8")
    return data.decode("utf-8", errors="replace")


@wrong("decode_fallback", "negative ids count from the end")
def _(ids, characters):
    table = [bytes([b]) for b in range(256)] + [c.encode("utf-8") for c in characters]
    if any(i >= len(table) for i in ids):
        raise KeyError("too large")
    return b"".join(table[i] for i in ids).decode("utf-8", errors="replace")


@wrong("decode_fallback", "wrong bytes dropped")
def _(ids, characters):
    table = {b: bytes([b]) for b in range(256)}
    table |= {256 + k: c.encode("utf-8") for k, c in enumerate(characters)}
    return b"".join(table[i] for i in ids).decode("utf-8", errors="ignore")


@right("code_points", "while with append")
def _(text):
    numbers, i = [], 0
    while i < len(text):
        numbers.append(ord(text[i]))
        i += 1
    return numbers


@right("code_points", "unpacked")
def _(text):
    if not text:
        return []
    return [*map(ord, list(text))]


@right("utf8_bytes", "unpacked bytes()")
def _(text):
    return [*bytes(text, encoding="utf8")]


@right("utf8_bytes", "memoryview to list")
def _(text):
    return memoryview(text.encode("utf-8")).tolist()


@right("utf8_length", "from the number of bits")
def _(code_point):
    bits = code_point.bit_length()
    for length, room in ((1, 7), (2, 11), (3, 16)):
        if bits <= room:
            return length
    return 4


@right("decode_bytes", "codecs.decode")
def _(ids):
    import codecs

    return codecs.decode(bytes(list(ids)), "utf-8", "replace")


@right("decode_bytes", "strict first, replace only when needed")
def _(ids):
    data = bytes(ids)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode(errors="replace")


@right("get_stats", "a defaultdict")
def _(ids):
    from collections import defaultdict

    counts = defaultdict(int)
    for left, right in zip(ids[:-1], ids[1:], strict=True):
        counts[left, right] += 1
    return counts


@wrong("get_stats", "previous id kept; count of a list, for each pair")
def _(ids):
    if len(ids) < 2:
        return {}
    pairs = [tuple(ids[i : i + 2]) for i in range(len(ids) - 1)]
    return {pair: pairs.count(pair) for pair in pairs}


@right("merge", "reversed list as a stack of what is to come")
def _(ids, pair, idx):
    todo, out = list(reversed(ids)), []
    left, right = pair
    while todo:
        i = todo.pop()
        if i == left and todo and todo[-1] == right:
            todo.pop()
            i = idx
        out.append(i)
    return out


@right("merge", "generator inside")
def _(ids, pair, idx):
    def walk():
        k = 0
        while k < len(ids):
            hit = tuple(ids[k : k + 2]) == tuple(pair)
            yield idx if hit else ids[k]
            k += 1 + hit

    return list(walk())


@right("best_pair", "Counter.most_common")
def _(counts):
    from collections import Counter

    return Counter(counts).most_common(1)[0][0]


@right("best_pair", "min of negative counts")
def _(counts):
    return min(counts.items(), key=lambda item: -item[1])[0]


@right("best_pair", "max with the place as a second key")
def _(counts):
    order = list(counts)
    k = max(range(len(order)), key=lambda k: (counts[order[k]], -k))
    return order[k]


@right("train", "stops by the dict being empty")
def _(text, vocab_size):
    if not vocab_size >= 256:
        raise ValueError("There are 256 bytes already.")
    ids = list(bytes(text, "utf-8"))
    merges = dict()
    new = 256
    while new != vocab_size:
        stats = get_stats(ids)
        if stats == {}:
            break
        pair = best_pair(stats)
        merges.update({pair: new})
        ids = merge(ids, pair, new)
        new += 1
    return merges


@right("train", "a step as a closure")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size < 256")
    ids = list(text.encode("utf-8"))
    merges = {}

    def step():
        nonlocal ids
        if len(ids) < 2 or 256 + len(merges) >= vocab_size:
            return False
        pair, _ = max(get_stats(ids).items(), key=lambda item: item[1])
        merges[pair] = 256 + len(merges)
        ids = merge(ids, pair, merges[pair])
        return True

    while step():
        pass
    return merges


@right("build_vocab", "bytes of a whole range, sliced")
def _(merges):
    alphabet = bytes(range(256))
    vocab = {}
    for i in range(256):
        vocab[i] = alphabet[i : i + 1]
    for pair, idx in merges.items():
        vocab[idx] = b"%b%b" % tuple(vocab[half] for half in pair)
    return vocab


@right("build_vocab", "struct.pack, setdefault")
def _(merges):
    from struct import pack

    vocab = {i: pack("B", i) for i in range(256)}
    for (left, right), idx in merges.items():
        vocab.setdefault(idx, bytes([*vocab[left], *vocab[right]]))
    return vocab


@right("decode", "BytesIO")
def _(ids, vocab):
    from io import BytesIO

    file = BytesIO()
    for i in ids:
        file.write(vocab[i])
    return file.getvalue().decode("utf-8", errors="replace")


@right("decode", "list of single bytes")
def _(ids, vocab):
    return bytes([b for i in ids for b in vocab[i]]).decode(errors="replace")


@right("encode", "ranks of the present pairs")
def _(text, merges):
    ids = [b for b in text.encode("utf-8")]
    pairs = {idx: pair for pair, idx in merges.items()}
    while True:
        present = set(zip(ids[:-1], ids[1:])) & merges.keys()
        if not present:
            break
        rank = min(map(merges.get, present))
        ids = merge(ids, pairs[rank], rank)
    return ids


@right("encode", "early return for nothing to merge")
def _(text, merges):
    data = text.encode("utf-8")
    if len(data) < 2 or not merges:
        return list(data)
    ids = list(data)
    for pair in sorted(merges, key=merges.get):
        if pair in get_stats(ids):
            ids = merge(ids, pair, merges[pair])
    return ids


@right("bytes_per_token", "operator.truediv")
def _(text, ids):
    from operator import truediv

    return truediv(len(list(text.encode("utf-8"))), len(ids))


@right("bytes_per_token", "mean of the tokens' shares in Fraction")
def _(text, ids):
    from fractions import Fraction

    return float(Fraction(len(text.encode()), len(ids)))


@right("split_chunks", "collected by sub")
def _(pattern, text):
    chunks = []
    for match in re.compile(pattern).finditer(text, 0, len(text)):
        chunks.append(match[0])
    return chunks


@right("split_chunks", "findall on a compiled pattern")
def _(pattern, text):
    return list(re.compile(pattern).findall(text))


@right("count_pairs", "defaultdict and pairwise")
def _(chunks):
    from collections import defaultdict
    from itertools import pairwise

    counts = defaultdict(int)
    for ids in chunks:
        for pair in pairwise(ids):
            counts[pair] += 1
    return dict(counts)


@right("count_pairs", "walks by index, skips the short ones")
def _(chunks):
    counts = {}
    for ids in chunks:
        if len(ids) < 2:
            continue
        for k in range(1, len(ids)):
            pair = (ids[k - 1], ids[k])
            if pair in counts:
                counts[pair] += 1
            else:
                counts[pair] = 1
    return counts


@right("count_pairs", "Counter over a chain")
def _(chunks):
    from collections import Counter
    from itertools import chain

    return Counter(chain.from_iterable(zip(ids, ids[1:]) for ids in chunks))


@right("split_special", "Python's own re")
def _(text, special):
    import re as plain

    if len(special) == 0 or text == "":
        return [text] * bool(text)
    order = sorted(sorted(special), key=len)[::-1]
    parts = plain.split("(%s)" % "|".join(map(plain.escape, order)), text)
    return [part for part in parts if part != ""]


@right("split_special", "two pointers")
def _(text, special):
    out, begin, at = [], 0, 0
    while at < len(text):
        here = [t for t in special if text[at : at + len(t)] == t]
        if not here:
            at += 1
            continue
        if begin < at:
            out.append(text[begin:at])
        out.append(max(here, key=len))
        begin = at = at + len(out[-1])
    if begin < len(text):
        out.append(text[begin:])
    return out


@right("train_chunks", "own counting, best by a loop")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be 256 or more")
        rows = [list(bytes(chunk, "utf-8")) for chunk in re.findall(self.pattern, text)]
        merges = {}
        vocab = dict((i, bytes((i,))) for i in range(256))
        while len(vocab) < vocab_size:
            counts, best, most = {}, None, 0
            for row in rows:
                for k in range(len(row) - 1):
                    pair = row[k], row[k + 1]
                    counts[pair] = counts.get(pair, 0) + 1
            for pair, n in counts.items():
                if n > most:
                    best, most = pair, n
            if best is None:
                break
            merges[best] = len(vocab)
            rows = [merge(row, best, len(vocab)) for row in rows]
            vocab[len(vocab)] = vocab[best[0]] + vocab[best[1]]
        self.merges, self.vocab = merges, vocab


@right("train_chunks", "short chunks thrown away on the way")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size must be at least 256")
        self.merges = {}
        self.vocab = {i: bytes([i]) for i in range(256)}
        chunks = [list(c.encode("utf-8")) for c in split_chunks(self.pattern, text)]
        for idx in range(256, vocab_size):
            chunks = [ids for ids in chunks if len(ids) > 1]
            if not chunks:
                return None
            counts = count_pairs(chunks)
            pair = max(counts, key=lambda p: counts[p])
            self.merges[pair] = idx
            self.vocab[idx] = b"".join(self.vocab[half] for half in pair)
            chunks = [merge(ids, pair, idx) for ids in chunks]
        return None


@right("register_special_tokens", "taken ids in one set, copied at the end")
class _:
    def register_special_tokens(self, special_tokens):
        taken = set(self.vocab)
        for token in special_tokens:
            if special_tokens[token] in taken:
                raise ValueError("taken: " + repr(token))
            taken.add(special_tokens[token])
        self.special_tokens = special_tokens.copy()


@right("register_special_tokens", "a Counter of ids")
class _:
    def register_special_tokens(self, special_tokens):
        from collections import Counter

        for idx, n in Counter(special_tokens.values()).items():
            if n > 1:
                raise ValueError(f"{n} special tokens have the id {idx}")
            if idx in self.vocab.keys():
                raise ValueError(f"{idx} stands for {self.vocab[idx]!r}")
        self.special_tokens = {str(token): idx for token, idx in special_tokens.items()}


@right("decode_special", "ChainMap")
class _:
    def decode(self, ids):
        from collections import ChainMap

        special = {i: token.encode("utf-8") for token, i in self.special_tokens.items()}
        table = ChainMap(self.vocab, special)
        return b"".join(map(table.__getitem__, ids)).decode("utf-8", errors="replace")


@right("decode_special", "try the vocab first")
class _:
    def decode(self, ids):
        special = {i: token for token, i in self.special_tokens.items()}
        data = b""
        for i in ids:
            try:
                data += self.vocab[i]
            except KeyError:
                data += special[i].encode()
        return data.decode("utf-8", "replace")


@right("encode_ordinary", "sum of lists")
class _:
    def encode_ordinary(self, text):
        chunks = split_chunks(self.pattern, text)
        return sum([encode_chunk(c.encode("utf-8"), self.merges) for c in chunks], start=[])


@right("encode_ordinary", "nested comprehension")
class _:
    def encode_ordinary(self, text):
        return [
            i
            for chunk in re.findall(self.pattern, text)
            for i in encode_chunk(bytes(chunk, "utf-8"), self.merges)
        ]


@right("encode_special", "specials decided piece by piece")
class _:
    def encode(self, text, allowed_special="none_raise"):
        modes = {
            "all": lambda: dict(self.special_tokens),
            "none": dict,
            "none_raise": dict,
        }
        if isinstance(allowed_special, str):
            if allowed_special not in modes:
                raise ValueError("allowed_special must be all, none, none_raise or a set")
            special = modes[allowed_special]()
        else:
            special = {}
            for token in allowed_special:
                if token in self.special_tokens:
                    special[token] = self.special_tokens[token]
        if allowed_special == "none_raise":
            for token in self.special_tokens:
                if text.find(token) >= 0:
                    raise ValueError(f"{token} in the text")
        ids = []
        for piece in split_special(text, list(special)):
            if piece in special:
                ids += [special[piece]]
            else:
                ids += self.encode_ordinary(piece)
        return ids


@right("encode_special", "early returns")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "none":
            return self.encode_ordinary(text)
        if allowed_special == "none_raise":
            found = {token for token in self.special_tokens if token in text}
            if found:
                raise ValueError(f"not allowed: {sorted(found)}")
            return self.encode(text, "none")
        if allowed_special == "all":
            return self.encode(text, self.special_tokens.keys())
        if isinstance(allowed_special, str):
            raise ValueError(f"what is {allowed_special}?")
        believed = self.special_tokens.keys() & allowed_special
        out = []
        for piece in split_special(text, believed):
            out.extend(
                (self.special_tokens[piece],) if piece in believed else self.encode_ordinary(piece)
            )
        return out


@right("render_token", "small helper, ord and category")
def _(token):
    def show(c):
        if unicodedata.category(c).startswith("C"):
            return "\\u%04x" % ord(c)
        return c

    return "".join(map(show, token.decode(encoding="utf-8", errors="backslashreplace")))


@right("render_token", "escapes by the decoder's own error positions")
def _(token):
    out, rest = "", bytes(token)
    while rest:
        try:
            good, bad, rest = rest.decode("utf-8"), b"", b""
        except UnicodeDecodeError as error:
            good = rest[: error.start].decode("utf-8")
            bad, rest = rest[error.start : error.end], rest[error.end :]
        for c in good:
            out += f"\\u{ord(c):04x}" if unicodedata.category(c)[0] == "C" else c
        out += "".join(f"\\x{b:02x}" for b in bad)
    return out


@right("save", "bytes joined")
def _(path, pattern, merges, special_tokens):
    rows = [VERSION, json.dumps(pattern), len(special_tokens)]
    rows.extend(f"{json.dumps(token)} {idx}" for token, idx in special_tokens.items())
    rows.append(len(merges))
    rows.extend(" ".join(map(str, pair)) for pair in merges)
    with open(path, "wb") as file:
        file.writelines(f"{row}\n".encode("ascii") for row in rows)


@right("save", "StringIO")
def _(path, pattern, merges, special_tokens):
    from io import StringIO

    out = StringIO(newline="\n")
    out.write(VERSION + "\n" + json.dumps(pattern) + "\n")
    out.write(str(len(special_tokens)) + "\n")
    for token, idx in special_tokens.items():
        out.write(json.dumps(token) + " " + str(idx) + "\n")
    out.write(str(len(merges)) + "\n")
    for (left, right), _ in merges.items():
        out.write(str(left) + " " + str(right) + "\n")
    Path(path).write_bytes(out.getvalue().encode("ascii"))


@right("load", "parser and writer as helpers")
def _(path):
    def parse(lines):
        version, pattern = next(lines), json.loads(next(lines))
        if version != VERSION or type(pattern) is not str:
            raise ValueError("bad head")
        special, merges = {}, {}
        for _ in range(int(next(lines))):
            cut = (line := next(lines)).rindex(" ")
            token = json.loads(line[:cut])
            if type(token) is not str or token in special:
                raise ValueError("bad special token")
            special[token] = int(line[cut + 1 :])
        for new in range(256, 256 + int(next(lines))):
            left, right = (int(word) for word in next(lines).split(" "))
            if not 0 <= min(left, right) <= max(left, right) < new or (left, right) in merges:
                raise ValueError("bad merge")
            merges[left, right] = new
        return pattern, merges, special

    def write(pattern, merges, special):
        yield VERSION
        yield json.dumps(pattern)
        yield str(len(special))
        for token, idx in special.items():
            yield f"{json.dumps(token)} {idx}"
        yield str(len(merges))
        for left, right in merges:
            yield f"{left} {right}"

    with open(path, "rb") as file:
        data = file.read()
    try:
        found = parse(iter(data.decode("ascii").split("\n")))
    except (ValueError, StopIteration, RecursionError):
        raise ValueError(f"The file {path} is damaged.") from None
    if "".join(line + "\n" for line in write(*found)).encode() != data:
        raise ValueError(f"The file {path} was changed by hand.")
    return found


@right("to_ranks", "grown by update, checked by membership")
def _(merges):
    table = {bytes([i]): i for i in range(256)}
    spelled = {i: token for token, i in table.items()}
    for (left, right), idx in merges.items():
        spelled[idx] = spelled[left] + spelled[right]
        if spelled[idx] in table.keys():
            raise ValueError(f"{spelled[idx]!r} has two ids")
        table.update({spelled[idx]: idx})
    return table


@right("to_ranks", "recursion with a cache")
def _(merges):
    from functools import cache

    halves = {idx: pair for pair, idx in merges.items()}

    @cache
    def spell(i):
        return spell(halves[i][0]) + spell(halves[i][1]) if i in halves else bytes([i])

    ranks = {}
    for i in [*range(256), *sorted(halves)]:
        if ranks.setdefault(spell(i), i) != i:
            raise ValueError("two ids stand for the same bytes")
    return ranks


@right("to_tiktoken", "keyword dict, name first")
def _(name, pattern, merges, special_tokens):
    import tiktoken

    arguments = {
        "pat_str": pattern,
        "mergeable_ranks": to_ranks(merges),
        "special_tokens": {**special_tokens},
    }
    return tiktoken.Encoding(name, **arguments)


@right("bytes_to_unicode", "list of the 68, index")
def _():
    def visible(b):
        return 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255

    moved = [b for b in range(256) if not visible(b)]
    return {b: chr(b if visible(b) else 256 + moved.index(b)) for b in range(256)}


@right("bytes_to_unicode", "two dicts united, visible ones first")
def _():
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = sorted(set(range(256)) - set(keep))
    return {b: chr(b) for b in keep} | {b: chr(256 + k) for k, b in enumerate(rest)}


@right("visible_to_bytes", "map of __getitem__")
def _(visible):
    back = dict(map(reversed, bytes_to_unicode().items()))
    return bytes(map(back.__getitem__, visible))


@right("visible_to_bytes", "joined single bytes")
def _(visible):
    table = {c: bytes([b]) for b, c in bytes_to_unicode().items()}
    return b"".join([table[c] for c in visible])


@right("read_vocab_bpe", "StringIO, line by line")
def _(text):
    from io import StringIO

    file = StringIO(text, newline="\n")
    next(file, None)
    return [tuple(visible_to_bytes(half) for half in line.rstrip("\n").split(" ")) for line in file]


@right("read_vocab_bpe", "strip the end, split at white space")
def _(text):
    pairs = []
    for number, line in enumerate(text.rstrip("\n").split("\n")):
        if number > 0:
            left, right = line.split()
            pairs.append((visible_to_bytes(left), visible_to_bytes(right)))
    return pairs


@right("read_encoder_json", "loop, own table back")
def _(text, special=(ENDOFTEXT,)):
    back = {c: b for b, c in bytes_to_unicode().items()}
    apart, ids = {}, {}
    for token, idx in json.loads(text).items():
        if any(token == s for s in special):
            apart[token] = idx
            continue
        ids[bytes([back[c] for c in token])] = idx
    return ids, apart


@right("link_merges", "setdefault-free loop with names")
def _(pairs, ids):
    out = {}
    for left, right in pairs:
        key = ids[left], ids[right]
        out[key] = ids[bytes([*left, *right])]
    return out


@right("link_merges", "map")
def _(pairs, ids):
    def entry(pair):
        left, right = pair
        return (ids[left], ids[right]), ids[left + right]

    return dict(map(entry, pairs))


@right("byte_shuffle", "sorted single bytes")
def _(ranks):
    singles = sorted(token for token in ranks if len(token) == 1)
    return [ranks[token] for token in singles]


@right("byte_shuffle", "slices of all bytes")
def _(ranks):
    everything = bytes(range(256))
    out = []
    for b in range(256):
        out.append(ranks[everything[b : b + 1]])
    return out


@right("encode_ranked", "merges sorted by their lowest present id")
def _(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        ids = [ranks[bytes((b,))] for b in chunk.encode()]
        while True:
            best = None
            for pair in pairwise(ids):
                if pair in merges and (best is None or merges[pair] < merges[best]):
                    best = pair
            if best is None:
                break
            ids = merge(ids, best, merges[best])
        out += ids
    return out


@right("encode_ranked", "generator for each chunk, early return for the empty text")
def _(text, pattern, ranks, merges):
    if text == "":
        return []
    start = byte_shuffle(ranks)

    def ids_of(data):
        ids = list(map(start.__getitem__, data))
        while present := set(pairwise(ids)) & merges.keys():
            pair = min(present, key=merges.get)
            ids = merge(ids, pair, merges[pair])
        yield from ids

    return [i for chunk in re.findall(pattern, text) for i in ids_of(chunk.encode("utf-8"))]


@right("split_token", "infinity for what is too young")
def _(token, ranks):
    own = ranks[token]

    def rank(piece):
        r = ranks.get(piece, float("inf"))
        return r if r < own else float("inf")

    pieces = [token[k : k + 1] for k in range(len(token))]
    while len(pieces) > 1:
        joined = [rank(a + b) for a, b in pairwise(pieces)]
        if min(joined) == float("inf"):
            break
        k = joined.index(min(joined))
        pieces[k] += pieces.pop(k + 1)
    try:
        left, right = pieces
    except ValueError:
        raise ValueError(f"{token!r} leaves {len(pieces)} pieces") from None
    return left, right


@right("recover_merges", "inverse list in ascending order")
def _(ranks):
    order = sorted(ranks, key=ranks.__getitem__)
    out = {}
    for token in order:
        if len(token) == 1:
            continue
        a, b = split_token(token, ranks)
        out |= {(ranks[a], ranks[b]): ranks[token]}
    return out


@right("recover_merges", "zip of pairs and ranks")
def _(ranks):
    tokens = [t for _, t in sorted((rank, t) for t, rank in ranks.items()) if len(t) >= 2]
    halves = [split_token(token, ranks) for token in tokens]
    return {(ranks[a], ranks[b]): ranks[t] for (a, b), t in zip(halves, tokens)}


@right("colored", "format and translate")
def _(tokens):
    arrow = str.maketrans({"\n": "↵"})
    rows = [
        "\x1b[30;48;5;{}m{}\x1b[0m".format(COLORS[k % len(COLORS)], t.translate(arrow))
        for k, t in enumerate(tokens)
    ]
    return "".join(rows)


@right("colored", "index that turns round")
def _(tokens):
    out, color = [], 0
    for token in tokens:
        out += [f"\x1b[30;48;5;{COLORS[color]}m", token.replace("\n", "\u21b5"), "\x1b[0m"]
        color = color + 1 if color + 1 < len(COLORS) else 0
    return "".join(out)


@right("whole_characters", "borders of characters and of tokens")
def _(tokens):
    from itertools import accumulate

    data = b"".join(tokens)
    starts = {0} | set(accumulate(len(c.encode()) for c in data.decode("utf-8")))
    groups, begin, first = [], 0, 0
    for k, end in enumerate(accumulate(map(len, tokens)), 1):
        if end in starts:
            groups.append((data[begin:end].decode("utf-8"), k - first))
            begin, first = end, k
    return groups


@right("tokens_per_character", "cheapest taken out again and again")
def _(samples, encode):
    cost = {name: len(list(encode(text))) / len(text) for name, text in samples.items()}
    out = {}
    while cost:
        name = min(cost, key=cost.get)
        out[name] = cost.pop(name)
    return out


@right("tokens_per_character", "itemgetter")
def _(samples, encode):
    from operator import itemgetter

    rows = [(name, len(encode(text)) / len(text)) for name, text in samples.items()]
    rows.sort(key=itemgetter(1))
    return dict(rows)


@right("unused_tokens", "filter and count")
def _(vocab, ids, corpus):
    corpus = bytes(corpus)
    unused = sorted(vocab.keys() - set(ids))
    present = {i: vocab[i] in corpus for i in unused}
    return [i for i in unused if not present[i]], [i for i in unused if present[i]]


@right("unused_tokens", "sorted items")
def _(vocab, ids, corpus):
    used, absent, swallowed = frozenset(ids), [], []
    for i, token in sorted(vocab.items()):
        if i not in used:
            (absent if corpus.find(token) == -1 else swallowed).append(i)
    return absent, swallowed


@right("stable_ids", "the firm part shortened in place")
def _(encode, prompt, endings):
    firm = list(encode(prompt))
    for ending in endings:
        ids = list(encode(prompt + ending))
        while ids[: len(firm)] != firm:
            firm.pop()
    return len(firm)


@right("stable_ids", "next unequal place, with default")
def _(encode, prompt, endings):
    own = encode(prompt)

    def common(ids):
        shorter = min(len(own), len(ids))
        return next((k for k in range(shorter) if own[k] != ids[k]), shorter)

    return min([len(own)] + [common(encode(prompt + ending)) for ending in endings])


@right("chunk_counts", "defaultdict")
def _(pattern, text):
    from collections import defaultdict

    counts = defaultdict(int)
    for match in re.compile(pattern).finditer(text):
        counts[bytes(match[0], "utf-8")] += 1
    return counts


@right("chunk_counts", "list count for each of the different ones")
def _(pattern, text):
    chunks = [chunk.encode("utf-8") for chunk in re.findall(pattern, text)]
    return {chunk: chunks.count(chunk) for chunk in dict.fromkeys(chunks)}


@right("train_fast", "places in bytes in a table by pair; only neighbors of a merge change")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size must be at least 256")
    tokens, weights = [], list(counts.values())  # tokens[c]: {place in bytes: id}
    follow, before = [], []
    size, total, places = [1] * 256, {}, {}

    def put(pair, c, at):
        total[pair] = total.get(pair, 0) + weights[c]
        places.setdefault(pair, set()).add((c, at))

    def take(pair, c, at):
        total[pair] = total[pair] - weights[c]
        places[pair].remove((c, at))

    for c, chunk in enumerate(counts):
        n = len(chunk)
        tokens.append(dict(enumerate(chunk)))
        follow.append({k: k + 1 for k in range(n - 1)})
        before.append({k + 1: k for k in range(n - 1)})
        for k in range(n - 1):
            put((chunk[k], chunk[k + 1]), c, k)
    heap = [(-total[p], min(places[p]), p) for p in places]
    heapq.heapify(heap)
    merges = {}
    while heap and 256 + len(merges) < vocab_size:
        n, first, pair = heapq.heappop(heap)
        if not places[pair]:
            continue
        now = (-total[pair], min(places[pair]), pair)
        if now != (n, first, pair):
            heapq.heappush(heap, now)
            continue
        idx = 256 + len(merges)
        merges[pair] = idx
        size.append(size[pair[0]] + size[pair[1]])
        fresh = set()
        for c, at in sorted(places[pair]):
            if (c, at) not in places[pair]:
                continue
            row, right, left = tokens[c], follow[c], before[c]
            two = right[at]
            last, prior = right.get(two), left.get(at)
            take(pair, c, at)
            if last is not None:
                take((row[two], row[last]), c, two)
            if prior is not None:
                take((row[prior], row[at]), c, prior)
            row[at] = idx
            del row[two], right[at]
            left.pop(two)
            if last is not None:
                right.pop(two)
                right[at], left[last] = last, at
                put((idx, row[last]), c, at)
                fresh.add((idx, row[last]))
            if prior is not None:
                put((row[prior], idx), c, prior)
                fresh.add((row[prior], idx))
        for p in fresh:
            if places[p]:
                heapq.heappush(heap, (-total[p], min(places[p]), p))
    return merges


@right("encode_fast", "heap with both places and the pair; walks the links at the end")
def _(data, merges):
    n = len(data)
    if n < 2:
        return list(data)
    ids = list(data)
    nxt, prv = list(range(1, n)) + [None], [None] + list(range(n - 1))
    heap = []

    def offer(a):
        if a is not None and nxt[a] is not None:
            pair = ids[a], ids[nxt[a]]
            if pair in merges:
                heapq.heappush(heap, (merges[pair], a, nxt[a], pair))

    for a in range(n):
        offer(a)
    while heap:
        new, a, b, pair = heapq.heappop(heap)
        if nxt[a] != b or (ids[a], ids[b]) != pair:
            continue
        ids[a], ids[b] = new, None
        nxt[a], nxt[b] = nxt[b], None
        if nxt[a] is not None:
            prv[nxt[a]] = a
        offer(prv[a])
        offer(a)
    out, at = [], 0
    while at is not None:
        out.append(ids[at])
        at = nxt[at]
    return out


@right("keep_characters", "accumulate")
def _(text, coverage):
    from collections import Counter
    from itertools import accumulate

    rows = Counter(text).most_common()
    have = [0, *accumulate(n for _, n in rows)]
    k = next(k for k, share in enumerate(have) if share >= coverage * len(text))
    return [c for c, _ in rows[:k]]


@right("keep_characters", "the most frequent taken out one by one")
def _(text, coverage):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    kept, missing = [], coverage * len(text)
    have = 0
    while have < missing:
        c = max(counts, key=counts.get)
        have += counts.pop(c)
        kept.append(c)
    return kept


@right("encode_fallback", "generator")
def _(text, characters):
    def ids():
        place = dict(zip(characters, range(256, 256 + len(characters))))
        for c in text:
            if c in place:
                yield place[c]
            else:
                yield from c.encode("utf-8")

    return list(ids())


@right("encode_fallback", "list lookups only")
def _(text, characters):
    out = []
    for c in text:
        out += [256 + characters.index(c)] if c in characters else list(c.encode())
    return out


@right("decode_fallback", "list index behind an own check")
def _(ids, characters):
    pieces = [bytes([b]) for b in range(256)] + [c.encode("utf-8") for c in characters]
    data = b""
    for i in ids:
        if i not in range(len(pieces)):
            raise KeyError(f"no token has the id {i}")
        data = data + pieces[i]
    return data.decode("utf-8", errors="replace")


@right("decode_fallback", "IndexError translated")
def _(ids, characters):
    out = []
    for i in ids:
        if i < 0:
            raise KeyError(i)
        if i < 256:
            out.append(i)
            continue
        try:
            out.extend(characters[i - 256].encode("utf-8"))
        except IndexError:
            raise KeyError(i) from None
    return str(bytes(out), "utf-8", errors="replace")
