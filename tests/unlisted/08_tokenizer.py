"""Solutions of 08 that no grader lists: see test_unlisted.py, which parses this file."""


# -- code_points ----------------------------------------------------------------------------------


@wrong("code_points", "lowercase")
def _(text):
    return tuple(ord(c) for c in text.lower())


@wrong("code_points", "the first of each run only")
def _(text):
    return [ord(c) for i, c in enumerate(text) if i == 0 or text[i - 1] != c]


@wrong("code_points", "16 bits")
def _(text):
    return [ord(c) & 0xFFFF for c in text]


@wrong("code_points", "printable ones")
def _(text):
    return [ord(c) for c in text if c.isprintable()]


@right("code_points", "a loop")
def _(text):
    out = []
    for c in text:
        out += [ord(c)]
    return out


# -- utf8_bytes -----------------------------------------------------------------------------------


@wrong("utf8_bytes", "strings of bits")
def _(text):
    return [f"{b:08b}" for b in text.encode()]


@wrong("utf8_bytes", "signed bytes")
def _(text):
    return [b - 256 if b > 127 else b for b in text.encode()]


@wrong("utf8_bytes", "UTF-16 with its mark")
def _(text):
    return list(text.encode("utf-16"))


@wrong("utf8_bytes", "a zero at the end, as in C")
def _(text):
    return list(text.encode()) + [0]


@wrong("utf8_bytes", "surrogate pairs, each as three bytes")
def _(text):
    units = text.encode("utf-16-be")
    chars = [chr(int.from_bytes(units[i : i + 2], "big")) for i in range(0, len(units), 2)]
    return list("".join(chars).encode("utf-8", "surrogatepass"))


@right("utf8_bytes", "a loop over a bytearray")
def _(text):
    return [int(b) for b in bytearray(text, "utf-8")]


# -- utf8_length ----------------------------------------------------------------------------------


@wrong("utf8_length", "by hexadecimal digits")
def _(code_point):
    return (len(hex(code_point)) - 1) // 2


@wrong("utf8_length", "plane 16 forgotten")
def _(code_point):
    return (
        1
        if code_point < 128
        else 2
        if code_point < 2048
        else 3
        if code_point < 65536
        else 4
        if code_point < 0x100000
        else 5
    )


@wrong("utf8_length", "0 takes no byte")
def _(code_point):
    return len(chr(code_point).encode()) if code_point else 0


@wrong("utf8_length", "two bytes up to 4095")
def _(code_point):
    return 1 if code_point < 128 else 2 if code_point < 4096 else 3 if code_point < 65536 else 4


@right("utf8_length", "a sum")
def _(code_point):
    return 1 + sum(code_point >= limit for limit in (0x80, 0x800, 0x10000))


# -- decode_bytes ---------------------------------------------------------------------------------


@wrong("decode_bytes", "one mark for each bad byte")
def _(ids):
    out, data = "", bytes(ids)
    while data:
        for n in (1, 2, 3, 4):
            try:
                out += data[:n].decode()
                data = data[n:]
                break
            except UnicodeDecodeError:
                pass
        else:
            out += "\ufffd"
            data = data[1:]
    return out


@wrong("decode_bytes", "stops at the first bad byte")
def _(ids):
    data = bytes(ids)
    try:
        return data.decode()
    except UnicodeDecodeError as e:
        return data[: e.start].decode() + "\ufffd"


@wrong("decode_bytes", "surrogates let through")
def _(ids):
    try:
        return bytes(ids).decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return bytes(ids).decode("utf-8", "replace")


@wrong("decode_bytes", "a byte order mark swallowed")
def _(ids):
    return bytes(ids).decode("utf-8-sig", "replace")


@wrong("decode_bytes", "utf-16 line ends")
def _(ids):
    return bytes(ids).decode("utf-8", "replace").replace("\r\n", "\n")


@right("decode_bytes", "codecs")
def _(ids):
    import codecs

    return codecs.decode(bytes(ids), "utf-8", "replace")


# -- get_stats ------------------------------------------------------------------------------------


@wrong("get_stats", "the latest pair moves to the end")
def _(ids):
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.pop(pair, 0) + 1
    return counts


@wrong("get_stats", "string keys")
def _(ids):
    counts = {}
    for a, b in zip(ids, ids[1:]):
        counts[f"{a},{b}"] = counts.get(f"{a},{b}", 0) + 1
    return counts


@wrong("get_stats", "only pairs that occur twice")
def _(ids):
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return {p: n for p, n in counts.items() if n > 1}


@wrong("get_stats", "list.count of one, so runs")
def _(ids):
    text = " ".join(map(str, ids))
    return {(a, b): text.count(f"{a} {b}") for a, b in zip(ids, ids[1:])}


@wrong("get_stats", "counts kept between calls")
def _(ids, counts={}):
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("get_stats", "frequencies")
def _(ids):
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1 / (len(ids) - 1)
    return counts


@right("get_stats", "defaultdict")
def _(ids):
    from collections import defaultdict

    counts = defaultdict(int)
    for i in range(1, len(ids)):
        counts[ids[i - 1], ids[i]] += 1
    return counts


# -- merge ----------------------------------------------------------------------------------------


@wrong("merge", "IndexError at the end")
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


@wrong("merge", "every left half becomes idx")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if ids[i] == pair[0]:
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@wrong("merge", "idx is put beside, not in place")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if ids[i : i + 2] == list(pair):
            out += [*pair, idx]
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@wrong("merge", "256 always")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if ids[i : i + 2] == list(pair):
            out.append(256)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@wrong("merge", "numpy: every place at once, the second half removed afterwards")
def _(ids, pair, idx):
    import numpy as np

    x = np.array(ids, dtype=int)
    if len(x) < 2:
        return list(ids)
    hit = (x[:-1] == pair[0]) & (x[1:] == pair[1])
    x[:-1][hit] = idx
    keep = np.ones(len(x), bool)
    keep[1:][hit] = False
    return x[keep].tolist()


@wrong("merge", "a slice compared to a tuple, so never equal")
def _(ids, pair, idx):
    out, i = [], 0
    while i < len(ids):
        if ids[i : i + 2] == pair:
            out.append(idx)
            i += 2
        else:
            out.append(ids[i])
            i += 1
    return out


@right("merge", "recursion-free with pop on a copy")
def _(ids, pair, idx):
    ids, i = list(ids), 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == (pair[0], pair[1]):
            ids[i] = idx
            del ids[i + 1]
        i += 1
    return ids
