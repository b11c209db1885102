"""Solutions of 08 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("code_points", "UTF-16 units: an emoji gives two")
def _(text):
    data = text.encode("utf-16-le")
    return [data[i] + 256 * data[i + 1] for i in range(0, len(data), 2)]


@wrong("code_points", "each different character once")
def _(text):
    return [ord(c) for c in dict.fromkeys(text)]


@wrong("utf8_bytes", "what does not fit into Latin-1 is replaced")
def _(text):
    return list(text.encode("latin-1", errors="replace"))


@wrong("utf8_bytes", "a bytearray, not a list")
def _(text):
    return bytearray(text, "utf-8")


@wrong("utf8_length", "limits off by one: 2**7 itself still one byte")
def _(code_point):
    if code_point <= 2**7:
        return 1
    if code_point <= 2**11:
        return 2
    return 3 if code_point <= 2**16 else 4


@wrong("utf8_length", "bytes that the bare number takes: bit_length / 8")
def _(code_point):
    return max(1, (code_point.bit_length() + 7) // 8)


@wrong("decode_bytes", "invalid bytes are left out")
def _(ids):
    return bytes(ids).decode("utf-8", errors="ignore")


@wrong("decode_bytes", "byte by byte: every accented letter is broken")
def _(ids):
    return "".join((bytes([i]).decode("utf-8", errors="replace") for i in ids))


@wrong("get_stats", "overlapping pairs do not count")
def _(ids):
    counts, i = ({}, 0)
    while i + 1 < len(ids):
        pair = (ids[i], ids[i + 1])
        counts[pair] = counts.get(pair, 0) + 1
        i += 2 if i + 2 < len(ids) and (ids[i + 1], ids[i + 2]) == pair else 1
    return counts


@wrong("get_stats", "most frequent first instead of first seen first")
def _(ids):
    counts = {}
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: -item[1]))


@wrong("merge", "from right to left")
def _(ids, pair, idx):
    out, i = ([], len(ids) - 1)
    while i >= 0:
        if i and (ids[i - 1], ids[i]) == pair:
            out.append(idx)
            i -= 2
        else:
            out.append(ids[i])
            i -= 1
    return out[::-1]


@wrong("merge", "what was just written is merged again")
def _(ids, pair, idx):
    out = []
    for i in ids:
        if out and (out[-1], i) == tuple(pair):
            out[-1] = idx
            while len(out) > 1 and (out[-2], out[-1]) == tuple(pair):
                out[-2:] = [idx]
        else:
            out.append(i)
    return out


@wrong("merge", "changes the list it was given")
def _(ids, pair, idx):
    i = 0
    while i + 1 < len(ids):
        if (ids[i], ids[i + 1]) == pair:
            ids[i : i + 2] = [idx]
        i += 1
    return ids


@wrong("best_pair", "the last of equals")
def _(counts):
    best = None
    for pair, n in counts.items():
        if best is None or n >= counts[best]:
            best = pair
    return best


@wrong("best_pair", "the smallest of equals")
def _(counts):
    return min(counts, key=lambda pair: (-counts[pair], pair))


@wrong("train", "stops when the best pair occurs once only")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(vocab_size)
    ids, merges = (list(text.encode()), {})
    for new in range(256, vocab_size):
        counts = get_stats(ids)
        if not counts:
            break
        pair = max(counts, key=counts.get)
        if counts[pair] < 2:
            break
        merges[pair] = new
        ids = merge(ids, pair, new)
    return merges


@wrong("train", "one merge too many")
def _(text, vocab_size):
    if vocab_size < 256:
        raise ValueError(vocab_size)
    ids, merges, new = (list(text.encode()), {}, 256)
    while len(ids) > 1 and new <= vocab_size:
        pair = best_pair(get_stats(ids))
        merges[pair] = new
        ids = merge(ids, pair, new)
        new += 1
    return merges


@wrong("build_vocab", "right half first")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (left, right), new in merges.items():
        vocab[new] = vocab[right] + vocab[left]
    return vocab


@wrong("build_vocab", "bytes(i): zeros")
def _(merges):
    vocab = {i: bytes(i) for i in range(256)}
    for (left, right), new in merges.items():
        vocab[new] = vocab[left] + vocab[right]
    return vocab


@wrong("decode", "each token decoded on its own")
def _(ids, vocab):
    return "".join((vocab[i].decode("utf-8", "replace") for i in ids))


@wrong("decode", "unknown ids are nothing")
def _(ids, vocab):
    return b"".join((vocab.get(i, b"") for i in ids)).decode("utf-8", errors="replace")


@wrong(
    "encode", "one pass through the merges is right, but only the leftmost place of each is merged"
)
def _(text, merges):
    ids = list(text.encode())
    for pair, new in merges.items():
        for i in range(len(ids) - 1):
            if (ids[i], ids[i + 1]) == pair:
                ids[i : i + 2] = [new]
                break
    return ids


@wrong("encode", "the most frequent pair of the text first")
def _(text, merges):
    ids = list(text.encode())
    while True:
        counts = {p: n for p, n in get_stats(ids).items() if p in merges}
        if not counts:
            return ids
        pair = max(counts, key=counts.get)
        ids = merge(ids, pair, merges[pair])


@wrong("encode", "the highest new id first")
def _(text, merges):
    ids = list(text.encode())
    while len(ids) > 1:
        pair = max(get_stats(ids), key=lambda p: merges.get(p, -1))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("bytes_per_token", "characters instead of bytes")
def _(text, ids):
    return len(text) / len(ids)


@wrong("bytes_per_token", "whole numbers")
def _(text, ids):
    return float(len(text.encode()) // len(ids))


@wrong("split_chunks", "re.split: what is between the matches")
def _(pattern, text):
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_chunks", "spaces at the edges are stripped")
def _(pattern, text):
    return [m.group().strip() for m in re.finditer(pattern, text)]


@wrong("count_pairs", "across chunk borders")
def _(chunks):
    ids, counts = ([i for chunk in chunks for i in chunk], {})
    for pair in zip(ids, ids[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_pairs", "each pair once per chunk")
def _(chunks):
    counts = {}
    for chunk in chunks:
        for pair in dict.fromkeys(zip(chunk, chunk[1:])):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("split_special", "special characters of regular expressions are not escaped")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(sorted(special, key=len, reverse=True)) + ")"
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("split_special", "in the order given, not the longest first")
def _(text, special):
    if not special:
        return [text] if text else []
    return [p for p in re.split("(" + "|".join(map(re.escape, special)) + ")", text) if p]


@wrong("split_special", "the empty text gives one empty piece")
def _(text, special):
    if not special:
        return [text]
    pattern = "(" + "|".join((re.escape(s) for s in sorted(special, key=len, reverse=True))) + ")"
    return [p for p in re.split(pattern, text) if p]


@wrong("train_chunks", "the earlier training's merges stay")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError(vocab_size)
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        for new in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            self.merges[pair] = new
            self.vocab[new] = self.vocab[pair[0]] + self.vocab[pair[1]]
            chunks = [merge(c, pair, new) for c in chunks]


@wrong("train_chunks", "special tokens are forgotten")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError(vocab_size)
        self.__init__(self.pattern)
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        for new in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            self.merges[pair] = new
            self.vocab[new] = self.vocab[pair[0]] + self.vocab[pair[1]]
            chunks = [merge(c, pair, new) for c in chunks]


@wrong("register_special_tokens", "added to the earlier ones")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any((i in self.vocab for i in ids)):
            raise ValueError("ids")
        self.special_tokens = {**self.special_tokens, **special_tokens}


@wrong("register_special_tokens", "the very dict is kept")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any((i in self.vocab for i in ids)):
            raise ValueError("ids")
        self.special_tokens = special_tokens


@wrong("register_special_tokens", "set before the check")
class _:
    def register_special_tokens(self, special_tokens):
        self.special_tokens = {}
        for token, i in special_tokens.items():
            if i in self.vocab or i in self.special_tokens.values():
                raise ValueError(token)
            self.special_tokens[token] = i


@wrong("decode_special", "decoded in pieces around the special tokens")
class _:
    def decode(self, ids):
        names = {i: s for s, i in self.special_tokens.items()}
        return "".join(
            (names[i] if i in names else self.vocab[i].decode("utf-8", "replace") for i in ids)
        )


@wrong("decode_special", "special tokens are not shown")
class _:
    def decode(self, ids):
        skip = set(self.special_tokens.values())
        return b"".join((self.vocab[i] for i in ids if i not in skip)).decode("utf-8", "replace")


@wrong("encode_ordinary", "no chunks: the whole text at once")
class _:
    def encode_ordinary(self, text):
        return encode_chunk(text.encode(), self.merges)


@wrong("encode_special", "none_raise raises for any '<|'")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "none_raise" and "<|" in text:
            raise ValueError("special")
        if isinstance(allowed_special, str) and allowed_special not in (
            "all",
            "none",
            "none_raise",
        ):
            raise ValueError(allowed_special)
        special = self.special_tokens if allowed_special == "all" else {}
        if not isinstance(allowed_special, str):
            special = {s: i for s, i in self.special_tokens.items() if s in allowed_special}
        out = []
        for piece in split_special(text, special):
            out += [special[piece]] if piece in special else self.encode_ordinary(piece)
        return out


@wrong("encode_special", "a set raises for special tokens that are not in it")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none":
            special = {}
        elif allowed_special == "none_raise":
            special = {}
            if any((s in text for s in self.special_tokens)):
                raise ValueError("special")
        elif isinstance(allowed_special, set):
            special = {s: self.special_tokens[s] for s in allowed_special}
        else:
            raise ValueError(allowed_special)
        out = []
        for piece in split_special(text, special):
            out.extend([special[piece]] if piece in special else self.encode_ordinary(piece))
        return out


@wrong("render_token", "repr's way: \\n stays as n")
def _(token):
    return repr(token.decode("utf-8", errors="backslashreplace"))[1:-1]


@wrong("render_token", "only Cc, not the other categories of C")
def _(token):
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join((f"\\u{ord(c):04x}" if unicodedata.category(c) == "Cc" else c for c in text))


@wrong("save", "platform line ends and no last one")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern), str(len(special_tokens))]
    lines += [f"{json.dumps(s)} {i}" for s, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{a} {b}" for a, b in merges]
    Path(path).write_text("\n".join(lines), encoding="ascii", newline="\n")


@wrong("save", "strings with their own characters: no ASCII")
def _(path, pattern, merges, special_tokens):
    lines = [VERSION, json.dumps(pattern, ensure_ascii=False), str(len(special_tokens))]
    lines += [f"{json.dumps(s, ensure_ascii=False)} {i}" for s, i in special_tokens.items()]
    lines += [str(len(merges))] + [f"{a} {b}" for a, b in merges]
    Path(path).write_bytes("".join((line + "\n" for line in lines)).encode())


@wrong("to_ranks", "the later of two equal ones wins, no error")
def _(merges):
    vocab = {i: bytes([i]) for i in range(256)}
    for (a, b), new in merges.items():
        vocab[new] = vocab[a] + vocab[b]
    return {token: i for i, token in vocab.items()}


@wrong("to_tiktoken", "special tokens among the ranks")
def _(name, pattern, merges, special_tokens):
    import tiktoken

    ranks = to_ranks(merges) | {s.encode(): i for s, i in special_tokens.items()}
    return tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})


@wrong("bytes_to_unicode", "byte 173 stands for itself")
def _():
    own = [*range(33, 127), *range(161, 256)]
    others = [b for b in range(256) if b not in own]
    return {b: chr(b) for b in own} | {b: chr(256 + k) for k, b in enumerate(others)}


@wrong("bytes_to_unicode", "the others are shifted by 256 rather than numbered")
def _():
    own = {*range(33, 127), *range(161, 173), *range(174, 256)}
    return {b: chr(b if b in own else b + 256) for b in range(256)}


@wrong("visible_to_bytes", "the UTF-8 bytes of what is seen")
def _(visible):
    return visible.replace("Ġ", " ").encode()


@wrong("read_vocab_bpe", "lines that begin with # are skipped as comments")
def _(text):
    lines = [line for line in text.split("\n")[1:] if line and (not line.startswith("#"))]
    return [tuple((visible_to_bytes(half) for half in line.split(" "))) for line in lines]


@wrong("read_vocab_bpe", "the version's line is read only where it begins with #")
def _(text):
    lines = text.splitlines()
    if lines[0].startswith("#version"):
        lines = lines[1:]
    return [tuple((visible_to_bytes(half) for half in line.split())) for line in lines if line]


@wrong("read_encoder_json", "special tokens that the file lacks are there with None")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    found = {s: table.get(s) for s in special}
    return ({visible_to_bytes(t): i for t, i in table.items() if t not in special}, found)


@wrong("link_merges", "new ids are counted from 256")
def _(pairs, ids):
    return {(ids[a], ids[b]): 256 + k for k, (a, b) in enumerate(pairs)}


@wrong("byte_shuffle", "the inverse: which byte has the id")
def _(ranks):
    out = [0] * 256
    for b in range(256):
        out[ranks[bytes([b])] % 256] = b
    return out


@wrong("encode_ranked", "starts from the bytes' own numbers")
def _(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        ids = list(chunk.encode())
        while True:
            found = [merges[p] for p in pairwise(ids) if p in merges]
            if not found:
                break
            new = min(found)
            pair = next((p for p in pairwise(ids) if merges.get(p) == new))
            ids = merge(ids, pair, new)
        out += ids
    return out


@wrong("encode_ranked", "in the order of the dict")
def _(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        ids = [ranks[bytes([b])] for b in chunk.encode()]
        for pair, new in merges.items():
            ids = merge(ids, pair, new)
        out += ids
    return out


@wrong("split_token", "any ranks, also higher than the token's own")
def _(token, ranks):
    parts = [bytes([b]) for b in token]
    while len(parts) > 2:
        options = [(ranks[a + b], i) for i, (a, b) in enumerate(pairwise(parts)) if a + b in ranks]
        if not options:
            raise ValueError(token)
        _, i = min(options)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return tuple(parts)


@wrong("recover_merges", "in the order of the dict given")
def _(ranks):
    out = {}
    for token, rank in ranks.items():
        if len(token) > 1:
            left, right = split_token(token, ranks)
            out[ranks[left], ranks[right]] = rank
    return out


@wrong("colored", "the line break stays behind the sign")
def _(tokens):
    return "".join(
        (
            f"\x1b[30;48;5;{COLORS[k % len(COLORS)]}m{t}\x1b[0m".replace("\n", "↵\n")
            for k, t in enumerate(tokens)
        )
    )


@wrong("colored", "the first colour again after four")
def _(tokens):
    out = ""
    for k, token in enumerate(tokens):
        out += (
            "\x1b[30;48;5;%dm" % COLORS[k % (len(COLORS) - 1)]
            + token.replace("\n", "↵")
            + "\x1b[0m"
        )
    return out


@wrong(
    "whole_characters",
    "groups end where the replacement sign is missing: a real U+FFFD in the text joins too much",
)
def _(tokens):
    out, data, n = ([], b"", 0)
    for token in tokens:
        data, n = (data + token, n + 1)
        text = data.decode("utf-8", "replace")
        if "�" not in text:
            out.append((text, n))
            data, n = (b"", 0)
    return out


@wrong("tokens_per_character", "bytes in place of characters")
def _(samples, encode):
    found = {name: len(encode(text)) / len(text.encode()) for name, text in samples.items()}
    return dict(sorted(found.items(), key=lambda item: item[1]))


@wrong("tokens_per_character", "dearest first")
def _(samples, encode):
    found = {name: len(encode(text)) / len(text) for name, text in samples.items()}
    return {name: found[name] for name in sorted(found, key=found.get, reverse=True)}


@wrong("unused_tokens", "in the order of the vocabulary, not ascending")
def _(vocab, ids, corpus):
    rest = [i for i in vocab if i not in set(ids)]
    return ([i for i in rest if vocab[i] not in corpus], [i for i in rest if vocab[i] in corpus])


@wrong("stable_ids", "how many ids agree in number, not up to the first difference")
def _(encode, prompt, endings):
    own = encode(prompt)
    return min(
        (sum((a == b for a, b in zip(own, encode(prompt + e)))) for e in endings), default=len(own)
    )


@wrong("stable_ids", "the ending is encoded apart")
def _(encode, prompt, endings):
    own, n = (encode(prompt), len(encode(prompt)))
    for ending in endings:
        both = encode(prompt) + encode(ending)
        n = min(n, next((i for i, (a, b) in enumerate(zip(own, both)) if a != b), len(own)))
    return n


@wrong("chunk_counts", "most common first")
def _(pattern, text):
    from collections import Counter

    return dict(Counter((c.encode() for c in re.findall(pattern, text))).most_common())


@wrong("train_fast", "plain, through all chunks: too much work")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError(vocab_size)
    chunks, merges = ([(list(c), n) for c, n in counts.items()], {})
    for new in range(256, vocab_size):
        stats = {}
        for ids, n in chunks:
            for pair in pairwise(ids):
                stats[pair] = stats.get(pair, 0) + n
        if not stats:
            break
        pair = max(stats, key=stats.get)
        merges[pair] = new
        chunks = [(merge(ids, pair, new), n) for ids, n in chunks]
    return merges


@wrong("encode_fast", "goes through the chunk for every merge")
def _(data, merges):
    ids = list(data)
    while len(ids) > 1:
        pair = min(pairwise(ids), key=lambda p: merges.get(p, float("inf")))
        if pair not in merges:
            break
        ids = merge(ids, pair, merges[pair])
    return ids


@wrong("keep_characters", "more than the share, not at least")
def _(text, coverage):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    kept, n = ([], 0)
    for c in sorted(counts, key=lambda c: -counts[c]):
        if n > coverage * len(text):
            break
        kept.append(c)
        n += counts[c]
    return kept


@wrong("keep_characters", "share of the different characters")
def _(text, coverage):
    counts = {}
    for c in text:
        counts[c] = counts.get(c, 0) + 1
    order = sorted(counts, key=counts.get, reverse=True)
    return order[: round(coverage * len(order))]


@wrong(
    "encode_fallback",
    "ASCII characters not on the list keep one id through ord, others their code point",
)
def _(text, characters):
    place = {c: 256 + k for k, c in enumerate(characters)}
    return [place[c] if c in place else ord(c) % 256 for c in text]


@wrong("decode_fallback", "characters and bytes decoded apart, byte by byte")
def _(ids, characters):
    out = ""
    for i in ids:
        if i < 0 or i >= 256 + len(characters):
            raise KeyError(i)
        out += characters[i - 256] if i >= 256 else bytes([i]).decode("utf-8", "replace")
    return out


@wrong("decode_fallback", "an IndexError, or the last character for a negative id")
def _(ids, characters):
    data = b""
    for i in ids:
        data += characters[i - 256].encode() if i >= 256 or i < 0 else bytes([i])
    return data.decode("utf-8", errors="replace")


@right("utf8_length", "encodes it")
def _(code_point):
    return len(chr(code_point).encode("utf-8"))


@right("utf8_length", "compares with a tuple")
def _(code_point: int) -> int:
    return 1 + sum((code_point >= limit for limit in (1 << 7, 1 << 11, 1 << 16)))


@right("get_stats", "Counter of indices, plain dict back")
def _(ids):
    from collections import Counter

    return dict(Counter(((ids[i], ids[i + 1]) for i in range(len(ids) - 1))))


@right("merge", "an iterator with a pending id")
def _(ids, pair, idx):
    out, pending = ([], None)
    for i in ids:
        if pending is None:
            pending = i
        elif (pending, i) == (pair[0], pair[1]):
            out.append(idx)
            pending = None
        else:
            out.append(pending)
            pending = i
    return out if pending is None else out + [pending]


@right("train", "recursion-free with a helper, ids as a tuple")
def _(text, vocab_size):
    if not vocab_size >= 256:
        raise ValueError("vocab_size must be at least 256")
    merges, ids = ({}, list(bytes(text, "utf-8")))
    while len(merges) < vocab_size - 256 and len(ids) >= 2:
        counts = get_stats(ids)
        top = max(counts.values())
        pair = next((p for p, n in counts.items() if n == top))
        merges[pair] = 256 + len(merges)
        ids = merge(ids, pair, merges[pair])
    return merges


@right("encode", "merge by merge in their order")
def _(text, merges):
    ids = [*text.encode("utf-8")]
    for pair, new in merges.items():
        if len(ids) < 2:
            break
        ids = merge(ids, pair, new)
    return ids


@right("split_special", "by hand, longest at each place")
def _(text, special):
    ordered = sorted(special, key=len, reverse=True)
    out, start, i = ([], 0, 0)
    while i < len(text):
        hit = next((s for s in ordered if text.startswith(s, i)), None)
        if hit is None:
            i += 1
            continue
        if i > start:
            out.append(text[start:i])
        out.append(hit)
        i += len(hit)
        start = i
    if start < len(text):
        out.append(text[start:])
    return out


@right("count_pairs", "setdefault over indices")
def _(chunks):
    counts = {}
    for chunk in chunks:
        for i in range(1, len(chunk)):
            pair = (chunk[i - 1], chunk[i])
            counts.setdefault(pair, 0)
            counts[pair] += 1
    return counts


@right("encode_special", "a helper that chooses the tokens")
class _:
    def encode(self, text, allowed_special="none_raise"):
        match allowed_special:
            case "all":
                chosen = dict(self.special_tokens)
            case "none" | "none_raise":
                chosen = {}
            case str():
                raise ValueError(f"unknown: {allowed_special!r}")
            case _:
                chosen = {s: i for s, i in self.special_tokens.items() if s in allowed_special}
        if allowed_special == "none_raise":
            for s in self.special_tokens:
                if s in text:
                    raise ValueError(f"{s!r} in the text")
        return [
            i
            for part in split_special(text, chosen)
            for i in ([chosen[part]] if part in chosen else self.encode_ordinary(part))
        ]


@right("register_special_tokens", "checked one after the other, then kept")
class _:
    def register_special_tokens(self, special_tokens):
        seen = set()
        for token, i in special_tokens.items():
            if i in self.vocab:
                raise ValueError(f"{token!r}: {i} is taken")
            if i in seen:
                raise ValueError(f"{i} is there twice")
            seen.add(i)
        self.special_tokens = dict(special_tokens.items())


@right("render_token", "character by character, startswith C")
def _(token):
    out = []
    for c in bytes(token).decode(errors="backslashreplace"):
        out.append("\\u" + format(ord(c), "04x") if unicodedata.category(c).startswith("C") else c)
    return "".join(out)


@right("save", "one line at a time, binary file")
def _(path, pattern, merges, special_tokens):
    with open(path, "wb") as file:

        def line(text):
            file.write(text.encode("ascii") + b"\n")

        line(VERSION)
        line(json.dumps(pattern))
        line(f"{len(special_tokens)}")
        for s in special_tokens:
            line(json.dumps(s) + " " + str(special_tokens[s]))
        line(f"{len(merges)}")
        for left, right in merges.keys():
            line(f"{left} {right}")


@right("to_ranks", "checks by length")
def _(merges):
    tokens = [bytes([b]) for b in range(256)]
    by_id = dict(enumerate(tokens))
    for (left, right), new in merges.items():
        by_id[new] = by_id[left] + by_id[right]
    ranks = {}
    for i, token in by_id.items():
        if token in ranks:
            raise ValueError(f"{token} is {ranks[token]} and {i}")
        ranks[token] = i
    return ranks


@right("bytes_to_unicode", "counting up, printable test by ranges")
def _():
    table, n = ({}, 256)
    for b in range(256):
        if 33 <= b <= 126 or (161 <= b <= 255 and b != 173):
            table[b] = chr(b)
        else:
            table[b] = chr(n)
            n += 1
    return table


@right("split_token", "merging in rank order with min over indices")
def _(token, ranks):
    parts, limit = ([token[i : i + 1] for i in range(len(token))], ranks[token])
    while True:
        best = None
        for i in range(len(parts) - 1):
            rank = ranks.get(parts[i] + parts[i + 1], limit)
            if rank < limit and (best is None or rank < best[0]):
                best = (rank, i)
        if best is None:
            break
        i = best[1]
        parts = parts[:i] + [parts[i] + parts[i + 1]] + parts[i + 2 :]
    if len(parts) != 2:
        raise ValueError(f"{token} falls into {len(parts)}")
    return (parts[0], parts[1])


@right("whole_characters", "an incremental decoder")
def _(tokens):
    import codecs

    decoder, groups, text, n = (codecs.getincrementaldecoder("utf-8")(), [], "", 0)
    for token in tokens:
        text, n = (text + decoder.decode(token), n + 1)
        if decoder.getstate()[0] == b"":
            groups.append((text, n))
            text, n = ("", 0)
    return groups


@right("unused_tokens", "one sorted loop")
def _(vocab, ids, corpus):
    used, absent, swallowed = (set(ids), [], [])
    for i in sorted(vocab):
        if i not in used:
            (swallowed if corpus.find(vocab[i]) >= 0 else absent).append(i)
    return (absent, swallowed)


@right("stable_ids", "shrinks from the whole prompt")
def _(encode, prompt, endings):
    own = list(encode(prompt))
    n = len(own)
    for ending in endings:
        other = list(encode(prompt + ending))
        while other[:n] != own[:n]:
            n -= 1
    return n


@right("keep_characters", "Counter, stable order, exact comparison")
def _(text, coverage):
    from collections import Counter

    kept, have = ([], 0)
    for c, n in Counter(text).most_common():
        if have >= coverage * len(text):
            return kept
        kept.append(c)
        have += n
    return kept


@right("encode_fast", "linked list and heap")
def _(data, merges):
    ids = list(data)
    n = len(ids)
    prev, nxt, alive, heap = (list(range(-1, n - 1)), list(range(1, n + 1)), [True] * n, [])

    def offer(i):
        j = nxt[i]
        if i >= 0 and j < n:
            new = merges.get((ids[i], ids[j]))
            if new is not None:
                heapq.heappush(heap, (new, i, ids[i], ids[j]))

    for i in range(n - 1):
        offer(i)
    while heap:
        new, i, left, right = heapq.heappop(heap)
        j = nxt[i] if alive[i] else n
        if not alive[i] or j >= n or ids[i] != left or (ids[j] != right):
            continue
        ids[i], alive[j] = (new, False)
        nxt[i] = nxt[j]
        if nxt[i] < n:
            prev[nxt[i]] = i
        offer(i)
        if prev[i] >= 0:
            offer(prev[i])
    return [x for x, living in zip(ids, alive) if living]


@right("encode_fallback", "a list extended")
def _(text, characters):
    out = []
    for c in text:
        try:
            out.append(256 + characters.index(c))
        except ValueError:
            out.extend(c.encode("utf-8"))
    return out


@right("decode_fallback", "a dict of all bytes")
def _(ids, characters):
    table = {b: bytes((b,)) for b in range(256)}
    table.update(((256 + k, c.encode()) for k, c in enumerate(characters)))
    return b"".join([table[i] for i in ids]).decode(errors="replace")


@wrong("load", "more lines are not noticed, nor a merge twice")
def _(path):
    lines = Path(path).read_text(encoding="ascii").split("\n")
    if lines[0] != VERSION:
        raise ValueError("version")
    try:
        pattern = json.loads(lines[1])
        n = int(lines[2])
        special = {}
        for line in lines[3 : 3 + n]:
            name, i = line.rsplit(" ", 1)
            special[json.loads(name)] = int(i)
        merges = {}
        for k in range(int(lines[3 + n])):
            a, b = map(int, lines[4 + n + k].split(" "))
            merges[a, b] = 256 + k
    except (IndexError, TypeError) as error:
        raise ValueError("odd") from error
    return (pattern, merges, special)


@wrong("load", "an IndexError for a file that is cut off")
def _(path):
    lines = Path(path).read_bytes().decode("ascii").split("\n")
    if lines[0] != VERSION:
        raise ValueError("version")
    pattern, n = (json.loads(lines[1]), int(lines[2]))
    special = {
        json.loads(line.rsplit(" ", 1)[0]): int(line.rsplit(" ", 1)[1]) for line in lines[3 : 3 + n]
    }
    count = int(lines[3 + n])
    merges = {tuple(map(int, lines[4 + n + k].split())): 256 + k for k in range(count)}
    if len(merges) != count or len(special) != n or lines[4 + n + count :] != [""]:
        raise ValueError("odd")
    return (pattern, merges, special)


@wrong("visible_to_bytes", "unknown characters are passed over")
def _(visible):
    table = {c: b for b, c in bytes_to_unicode().items()}
    return bytes((table[c] for c in visible if c in table))


@wrong("recover_merges", "a token that does not come apart is left out")
def _(ranks):
    out = {}
    for token, rank in sorted(ranks.items(), key=lambda item: item[1]):
        if len(token) > 1:
            try:
                left, right = split_token(token, ranks)
            except ValueError:
                continue
            out[ranks[left], ranks[right]] = rank
    return out


@right("code_points", "map")
def _(text):
    return [*map(ord, text)]


@right("decode_bytes", "str's constructor")
def _(ids):
    return str(bytes(ids), "utf-8", "replace")


@right("best_pair", "a loop with >")
def _(counts):
    best, most = (None, float("-inf"))
    for pair in counts:
        if counts[pair] > most:
            best, most = (pair, counts[pair])
    return best


@right("build_vocab", "comprehension, then update")
def _(merges):
    vocab = {i: i.to_bytes(1, "big") for i in range(256)}
    for pair in merges:
        vocab[merges[pair]] = b"".join((vocab[half] for half in pair))
    return vocab


@right("train_chunks", "on a copy of everything, then set")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError(f"{vocab_size} is less than 256")
        merges, vocab = ({}, {b: bytes([b]) for b in range(256)})
        chunks = [list(chunk.encode()) for chunk in split_chunks(self.pattern, text)]
        while 256 + len(merges) < vocab_size and any((len(chunk) > 1 for chunk in chunks)):
            counts = count_pairs(chunks)
            left, right = max(counts, key=lambda pair: counts[pair])
            new = 256 + len(merges)
            merges[left, right] = new
            vocab[new] = vocab[left] + vocab[right]
            chunks = [merge(chunk, (left, right), new) for chunk in chunks]
        self.merges, self.vocab = (merges, vocab)


@right("decode_special", "one table of everything")
class _:
    def decode(self, ids):
        table = dict(self.vocab)
        table.update({i: token.encode("utf-8") for token, i in self.special_tokens.items()})
        return b"".join(map(table.__getitem__, ids)).decode("utf-8", errors="replace")


@right("read_vocab_bpe", "partition")
def _(text):
    _, _, body = text.partition("\n")
    pairs = []
    for line in body.removesuffix("\n").split("\n") if body else []:
        left, _, right = line.partition(" ")
        pairs.append((visible_to_bytes(left), visible_to_bytes(right)))
    return pairs


@right("chunk_counts", "finditer and get")
def _(pattern, text):
    counts = {}
    for match in re.finditer(pattern, text):
        chunk = match[0].encode("utf-8")
        counts[chunk] = counts.get(chunk, 0) + 1
    return counts


@right("encode_ranked", "merges by id, ascending")
def _(text, pattern, ranks, merges):
    ordered = sorted(merges, key=merges.get)
    out = []
    for chunk in re.findall(pattern, text):
        ids = [ranks[bytes([b])] for b in chunk.encode()]
        for pair in ordered:
            if len(ids) > 1:
                ids = merge(ids, pair, merges[pair])
        out.extend(ids)
    return out


@right("colored", "a generator")
def _(tokens):
    from itertools import cycle

    pieces = (f"\x1b[30;48;5;{color}m{token}\x1b[0m" for color, token in zip(cycle(COLORS), tokens))
    return "".join(pieces).replace("\n", "↵")


@right("load", "a reader with line()")
def _(path):
    text = Path(path).read_bytes().decode("ascii")
    if not text.endswith("\n"):
        raise ValueError("the last line does not end")
    lines = iter(text[:-1].split("\n"))

    def line():
        for found in lines:
            return found
        raise ValueError("lines are missing")

    def number(found):
        n = int(found)
        if str(n) != found:
            raise ValueError(f"{found!r} is no number")
        return n

    def string(found):
        value = json.loads(found)
        if not isinstance(value, str) or json.dumps(value) != found:
            raise ValueError(f"{found!r} is no string")
        return value

    if line() != VERSION:
        raise ValueError("another version")
    pattern, special, merges = (string(line()), {}, {})
    count = number(line())
    if count < 0:
        raise ValueError("negative")
    for _ in range(count):
        name, space, i = line().rpartition(" ")
        token = string(name)
        if not space or token in special:
            raise ValueError(token)
        special[token] = number(i)
    count = number(line())
    if count < 0:
        raise ValueError("negative")
    for new in range(256, 256 + count):
        halves = line().split(" ")
        if len(halves) != 2:
            raise ValueError(halves)
        pair = (number(halves[0]), number(halves[1]))
        if pair in merges or not all((0 <= half < new for half in pair)):
            raise ValueError(pair)
        merges[pair] = new
    if next(lines, None) is not None:
        raise ValueError("more lines")
    return (pattern, merges, special)
