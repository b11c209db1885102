"""Solutions of 08 that come from the texts alone: see test_unlisted.py, which parses this file."""


@right("utf8_length", "a table of limits")
def _(code_point):
    return 1 + sum(code_point >= limit for limit in (0x80, 0x800, 0x10000))


@right("utf8_length", "from bit_length")
def _(code_point):
    bits = code_point.bit_length()
    return 1 if bits <= 7 else 2 if bits <= 11 else 3 if bits <= 16 else 4


@wrong("utf8_length", "128 takes one byte")
def _(code_point):
    return (
        1 if code_point <= 0x80 else 2 if code_point <= 0x7FF else 3 if code_point <= 0xFFFF else 4
    )


@wrong("utf8_length", "bytes of the plain number")
def _(code_point):
    return max(1, (code_point.bit_length() + 7) // 8)


@right("decode_bytes", "an incremental decoder")
def _(ids):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    return "".join(decoder.decode(bytes([i])) for i in ids) + decoder.decode(b"", True)


@wrong("decode_bytes", "byte by byte")
def _(ids):
    return "".join(bytes([i]).decode("utf-8", "replace") for i in ids)


@wrong("decode_bytes", "invalid bytes left out")
def _(ids):
    return bytes(ids).decode("utf-8", "ignore")


@right("get_stats", "setdefault")
def _(ids):
    counts = {}
    for i in range(1, len(ids)):
        pair = ids[i - 1], ids[i]
        counts.setdefault(pair, 0)
        counts[pair] += 1
    return counts


@wrong("get_stats", "overlapping pairs count once")
def _(ids):
    counts, last = {}, None
    for i in range(len(ids) - 1):
        pair = (ids[i], ids[i + 1])
        if last == (i - 1, pair):
            continue
        counts[pair] = counts.get(pair, 0) + 1
        last = (i, pair)
    return counts


@wrong("get_stats", "sorted by how often")
def _(ids):
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


@right("merge", "written from an iterator")
def _(ids, pair, idx):
    out, skip = [], False
    for i, x in enumerate(ids):
        if skip:
            skip = False
        elif x == pair[0] and i + 1 < len(ids) and ids[i + 1] == pair[1]:
            out.append(idx)
            skip = True
        else:
            out.append(x)
    return out


@wrong("merge", "what was written is merged again")
def _(ids, pair, idx):
    out = []
    for x in ids:
        if out and (out[-1], x) == pair:
            out[-1] = idx
        else:
            out.append(x)
    return out


@wrong("merge", "the last id is lost")
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


@right("best_pair", "the first of a stable sort")
def _(counts):
    return sorted(counts, key=lambda pair: -counts[pair])[0]


@wrong("best_pair", "of several the largest pair")
def _(counts):
    return max(counts, key=lambda pair: (counts[pair], pair))


@wrong("best_pair", "of several the last")
def _(counts):
    best = None
    for pair, n in counts.items():
        if best is None or n >= counts[best]:
            best = pair
    return best


@right("train", "recursion")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size")

    def go(ids, merges):
        if len(merges) == vocab_size - 256 or len(ids) < 2:
            return merges
        counts = get_stats(ids)
        pair = max(counts, key=counts.get)
        new = 256 + len(merges)
        return go(merge(ids, pair, new), {**merges, pair: new})

    return go(list(text.encode()), {})


@wrong("train", "stops at pairs that occur once")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size")
    ids, merges = list(text.encode()), {}
    for new in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts or max(counts.values()) < 2:
            break
        pair = max(counts, key=counts.get)
        ids, merges[pair] = merge(ids, pair, new), new
    return merges


@wrong("train", "code points in place of bytes")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size")
    ids, merges = [ord(c) for c in text], {}
    for new in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        pair = max(counts, key=counts.get)
        ids, merges[pair] = merge(ids, pair, new), new
    return merges


@wrong("train", "256 is too few")
def _(text, vocab_size):
    if vocab_size <= 256:
        raise ValueError("vocab_size")
    ids, merges = list(text.encode()), {}
    for new in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        pair = max(counts, key=counts.get)
        ids, merges[pair] = merge(ids, pair, new), new
    return merges


@right("build_vocab", "recursive expansion")
def _(merges):
    parts = {new: pair for pair, new in merges.items()}

    def spell(i):
        return bytes([i]) if i < 256 else spell(parts[i][0]) + spell(parts[i][1])

    return {i: spell(i) for i in [*range(256), *parts]}


@wrong("build_vocab", "chr of each number, encoded")
def _(merges):
    vocab = {i: chr(i).encode() for i in range(256)}
    for (a, b), i in merges.items():
        vocab[i] = vocab[a] + vocab[b]
    return vocab


@wrong("decode", "each token decoded by itself")
def _(ids, vocab):
    return "".join(vocab[i].decode("utf-8", errors="replace") for i in ids)


@wrong("decode", "unknown ids are passed over")
def _(ids, vocab):
    return b"".join(vocab.get(i, b"") for i in ids).decode("utf-8", errors="replace")


@right("decode", "a bytearray")
def _(ids, vocab):
    data = bytearray()
    for i in ids:
        data += vocab[i]
    return str(data, "utf-8", "replace")


@right("encode", "all merges in order, one pass each")
def _(text, merges):
    ids = list(text.encode())
    for pair, new in merges.items():
        ids = merge(ids, pair, new)
    return ids


@wrong("encode", "the most frequent pair first")
def _(text, merges):
    ids = list(text.encode())
    while True:
        counts = {p: n for p, n in get_stats(ids).items() if p in merges}
        if not counts:
            return ids
        pair = max(counts, key=counts.get)
        ids = merge(ids, pair, merges[pair])


@wrong("encode", "one merge at most")
def _(text, merges):
    ids = list(text.encode())
    pairs = [p for p in get_stats(ids) if p in merges]
    if pairs:
        pair = min(pairs, key=merges.get)
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("encode", "greedy: the longest token from the left")
def _(text, merges):
    vocab = build_vocab(merges)
    back = {token: i for i, token in vocab.items()}
    data, ids = text.encode(), []
    while data:
        n = max(n for n in range(1, len(data) + 1) if data[:n] in back)
        ids.append(back[data[:n]])
        data = data[n:]
    return ids


@wrong("bytes_per_token", "characters per token")
def _(text, ids):
    return len(text) / len(ids)


@wrong("bytes_per_token", "whole division")
def _(text, ids):
    return float(len(text.encode()) // len(ids))


@right("split_chunks", "finditer")
def _(pattern, text):
    return [m.group() for m in re.finditer(pattern, text)]


@wrong("split_chunks", "joined chunks: what is between stays")
def _(pattern, text):
    out, at = [], 0
    for m in re.finditer(pattern, text):
        if m.start() > at:
            out.append(text[at : m.start()])
        out.append(m.group())
        at = m.end()
    return out + ([text[at:]] if at < len(text) else [])


@wrong("count_pairs", "pairs across chunks")
def _(chunks):
    ids, counts = [i for chunk in chunks for i in chunk], {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@right("count_pairs", "a Counter as a dict")
def _(chunks):
    from collections import Counter
    from itertools import chain, pairwise

    return dict(Counter(chain.from_iterable(map(pairwise, chunks))))


@wrong("split_special", "the specials not escaped")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(sorted(special, key=len, reverse=True)) + ")"
    return [part for part in re.split(pattern, text) if part]


@wrong("split_special", "the first given wins, not the longest")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(re.escape(s) for s in special) + ")"
    return [part for part in re.split(pattern, text) if part]


@wrong("split_special", "empty strings between")
def _(text, special):
    if not special:
        return [text]
    pattern = "(" + "|".join(re.escape(s) for s in sorted(special, key=len, reverse=True)) + ")"
    return re.split(pattern, text)


@right("split_special", "by startswith")
def _(text, special):
    out, at, i = [], 0, 0
    ordered = sorted(special, key=len, reverse=True)
    while i < len(text):
        hit = next((s for s in ordered if text.startswith(s, i)), None)
        if hit is None:
            i += 1
            continue
        out += [text[at:i], hit]
        i += len(hit)
        at = i
    out.append(text[at:])
    return [part for part in out if part]


@wrong("register_special_tokens", "the dict itself is kept")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if any(i in self.vocab for i in ids) or len(set(ids)) < len(ids):
            raise ValueError("ids")
        self.special_tokens = special_tokens


@wrong("register_special_tokens", "added to those before")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if any(i in self.vocab for i in ids) or len(set(ids)) < len(ids):
            raise ValueError("ids")
        self.special_tokens.update(special_tokens)


@wrong("register_special_tokens", "set before they are checked")
class _:
    def register_special_tokens(self, special_tokens):
        self.special_tokens = {}
        for token, i in special_tokens.items():
            if i in self.vocab or i in self.special_tokens.values():
                raise ValueError(token)
            self.special_tokens[token] = i


@right("register_special_tokens", "checked by a set")
class _:
    def register_special_tokens(self, special_tokens):
        ids = set(special_tokens.values())
        if len(ids) != len(special_tokens):
            raise ValueError("two tokens with one id")
        if ids & set(self.vocab):
            raise ValueError("taken")
        self.special_tokens = dict(special_tokens)


@wrong("decode_special", "special tokens decoded apart")
class _:
    def decode(self, ids):
        names = {i: s for s, i in self.special_tokens.items()}
        out, data = "", b""
        for i in ids:
            if i in names:
                out += data.decode("utf-8", "replace") + names[i]
                data = b""
            else:
                data += self.vocab[i]
        return out + data.decode("utf-8", "strict" if not data else "ignore")


@right("decode_special", "one table")
class _:
    def decode(self, ids):
        table = {**self.vocab, **{i: s.encode() for s, i in self.special_tokens.items()}}
        return b"".join([table[i] for i in ids]).decode(errors="replace")


@wrong("encode_special", "a set raises for the other special tokens")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif allowed_special == "none_raise":
            special = {}
            if any(s in text for s in self.special_tokens):
                raise ValueError("special")
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            special = {s: i for s, i in self.special_tokens.items() if s in allowed_special}
            if any(s in text for s in self.special_tokens if s not in special):
                raise ValueError("special")
        out = []
        for part in split_special(text, special):
            out += [special[part]] if part in special else self.encode_ordinary(part)
        return out


@wrong("encode_special", "unknown strings of a set are a KeyError")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(allowed_special)
            if allowed_special == "none_raise" and any(s in text for s in self.special_tokens):
                raise ValueError("special")
            special = self.special_tokens if allowed_special == "all" else {}
        else:
            special = {s: self.special_tokens[s] for s in allowed_special}
        out = []
        for part in split_special(text, special):
            out += [special[part]] if part in special else self.encode_ordinary(part)
        return out


@right("encode_special", "match")
class _:
    def encode(self, text, allowed_special="none_raise"):
        match allowed_special:
            case "all":
                allowed = set(self.special_tokens)
            case "none":
                allowed = set()
            case "none_raise":
                allowed = set()
                for token in self.special_tokens:
                    if token in text:
                        raise ValueError(f"{token} in the text")
            case str():
                raise ValueError(f"{allowed_special!r} is not known")
            case _:
                allowed = set(self.special_tokens).intersection(allowed_special)
        if not allowed:
            return self.encode_ordinary(text)
        ids = []
        for part in split_special(text, allowed):
            if part in allowed:
                ids.append(self.special_tokens[part])
            else:
                ids.extend(self.encode_ordinary(part))
        return ids


@wrong("train_chunks", "stops when the most frequent pair occurs once")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size")
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for new in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts or max(counts.values()) == 1:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(c, pair, new) for c in chunks]
            self.merges[pair], self.vocab[new] = new, self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "the earlier merges stay")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size")
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        for new in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(c, pair, new) for c in chunks]
            self.merges[pair], self.vocab[new] = new, self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "special tokens forgotten")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError("vocab_size")
        self.__init__(self.pattern)
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        for new in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(c, pair, new) for c in chunks]
            self.merges[pair], self.vocab[new] = new, self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("render_token", "only control characters Cc")
def _(token):
    text = token.decode("utf-8", "backslashreplace")
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) == "Cc" else c for c in text)


@wrong("render_token", "the space is shown as a code too")
def _(token):
    text = token.decode("utf-8", "backslashreplace")
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c)[0] in "CZ" else c for c in text)


@right("render_token", "str.translate of what occurs")
def _(token):
    text = str(token, "utf-8", errors="backslashreplace")
    odd = {ord(c) for c in text if unicodedata.category(c).startswith("C")}
    return text.translate({n: f"\\u{n:04x}" for n in odd})


@wrong("to_ranks", "no error for two ids with the same bytes")
def _(merges):
    parts = {i: bytes([i]) for i in range(256)}
    for (a, b), i in merges.items():
        parts[i] = parts[a] + parts[b]
    return {token: i for i, token in parts.items()}


@right("to_ranks", "a check by length")
def _(merges):
    parts = [bytes([i]) for i in range(256)]
    ids = list(range(256))
    known = dict(zip(ids, parts))
    for (a, b), i in merges.items():
        known[i] = known[a] + known[b]
    ranks = {token: i for i, token in known.items()}
    if len(ranks) < len(known):
        raise ValueError("the same bytes twice")
    return ranks


@wrong("save", "text mode: the system's newlines, and non-ASCII as it is")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern, ensure_ascii=False), str(len(special_tokens))]
    lines += [f"{json.dumps(s, ensure_ascii=False)} {i}" for s, i in special_tokens.items()]
    lines += [str(len(merges)), *(f"{a} {b}" for a, b in merges)]
    Path(path).write_bytes(("\n".join(lines) + "\n").encode())


@wrong("save", "no newline at the end")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern), str(len(special_tokens))]
    lines += [f"{json.dumps(s)} {i}" for s, i in special_tokens.items()]
    lines += [str(len(merges)), *(f"{a} {b}" for a, b in merges)]
    Path(path).write_bytes("\n".join(lines).encode())


@right("save", "print into a file")
def _(path, pattern, merges, special_tokens):
    with open(path, "w", encoding="ascii", newline="\n") as file:
        print(VERSION, json.dumps(pattern), len(special_tokens), sep="\n", file=file)
        for token, i in special_tokens.items():
            print(json.dumps(token), i, file=file)
        print(len(merges), file=file)
        for pair in merges:
            print(*pair, file=file)
