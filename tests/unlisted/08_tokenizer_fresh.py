@wrong("code_points", "UTF-16 units: a character above 0xFFFF becomes two surrogates")
def _(text):
    raw = text.encode("utf-16-le")
    return [raw[i] + 256 * raw[i + 1] for i in range(0, len(raw), 2)]


@right("code_points", "a list of map(ord)")
def _(text):
    return [*map(ord, text)]


@wrong("utf8_length", "the limits themselves still count to the shorter form")
def _(code_point):
    if code_point <= 2**7:
        return 1
    if code_point <= 2**11:
        return 2
    if code_point <= 2**16:
        return 3
    return 4


@right("utf8_length", "bisect in the list of limits")
def _(code_point):
    from bisect import bisect_right

    return 1 + bisect_right([0x80, 0x800, 0x10000], code_point)


@wrong("decode_bytes", "what comes after the first invalid byte is lost")
def _(ids):
    try:
        return bytes(ids).decode("utf-8")
    except UnicodeDecodeError as error:
        start = bytes(ids)[: error.start].decode("utf-8")
        return start + "\ufffd"


@wrong("merge", "merges within the list it was given")
def _(ids, pair, idx):
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == pair:
            ids[i : i + 2] = [idx]
        i += 1
    return ids


@right("merge", "an iterator with one id kept back")
def _(ids, pair, idx):
    out, kept, have = [], None, False
    for this in ids:
        if have and (kept, this) == pair:
            out.append(idx)
            have = False
        else:
            if have:
                out.append(kept)
            kept, have = this, True
    return out + [kept] if have else out


@wrong("best_pair", "of equals the larger pair wins")
def _(counts):
    return max(counts, key=lambda pair: (counts[pair], pair))


@right("build_vocab", "each id spelled by a recursive function")
def _(merges):
    halves = {idx: pair for pair, idx in merges.items()}

    def spell(i):
        return spell(halves[i][0]) + spell(halves[i][1]) if i in halves else bytes((i,))

    return {i: spell(i) for i in [*range(256), *halves]}


@wrong("decode", "unknown ids are passed over")
def _(ids, vocab):
    return b"".join(vocab.get(i, b"") for i in ids).decode("utf-8", errors="replace")


@wrong("encode", "the longest token that fits, from the left")
def _(text, merges):
    table = {bytes([i]): i for i in range(256)}
    spelled = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        spelled[idx] = spelled[left] + spelled[right]
        table[spelled[idx]] = idx
    data, out, i = text.encode("utf-8"), [], 0
    while i < len(data):
        end = next(j for j in range(len(data), i, -1) if data[i:j] in table)
        out.append(table[data[i:end]])
        i = end
    return out


@right("encode", "every merge once, in the order learned: later ids never make an earlier pair")
def _(text, merges):
    ids = list(text.encode("utf-8"))
    for pair, idx in merges.items():
        ids = merge(ids, pair, idx)
    return ids


@wrong("split_chunks", "re.split in parentheses: what the pattern does not match stays in")
def _(pattern, text):
    return [piece for piece in re.split(f"({pattern})", text) if piece]


@right("count_pairs", "a Counter of a generator, made a dict")
def _(chunks):
    from collections import Counter

    return dict(Counter(pair for ids in chunks for pair in zip(ids, ids[1:])))


@wrong("split_special", "the alternatives are not sorted: the shorter token may eat the longer one")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(re.escape(s) for s in sorted(special)) + ")"
    return [piece for piece in re.split(pattern, text) if piece]


@wrong("register_special_tokens", "keeps the caller's own dict")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i in self.vocab for i in ids):
            raise ValueError("an id is taken")
        self.special_tokens = special_tokens


@right("register_special_tokens", "the inverse dict shows doubles, isdisjoint the rest")
class _:
    def register_special_tokens(self, special_tokens):
        inverse = {i: token for token, i in special_tokens.items()}
        if len(inverse) != len(special_tokens) or not self.vocab.keys().isdisjoint(inverse):
            raise ValueError("an id has two meanings")
        self.special_tokens = dict(special_tokens)


@wrong("decode_special", "what is between special tokens is decoded piece by piece, each id alone")
class _:
    def decode(self, ids):
        inverse = {i: token for token, i in self.special_tokens.items()}
        return "".join(
            inverse[i] if i in inverse else self.vocab[i].decode("utf-8", errors="replace")
            for i in ids
        )


@right("encode_ordinary", "sum of lists with a start value")
class _:
    def encode_ordinary(self, text):
        pieces = (c.encode("utf-8") for c in split_chunks(self.pattern, text))
        return sum((encode_chunk(piece, self.merges) for piece in pieces), start=[])


@wrong("encode_special", "with a set, a special token outside of it raises")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "all":
            allowed = set(self.special_tokens)
        elif allowed_special in ("none", "none_raise"):
            allowed = set()
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            allowed = set(allowed_special) & set(self.special_tokens)
        if allowed_special != "none":
            for token in self.special_tokens:
                if token not in allowed and token in text:
                    raise ValueError(f"{token} in the text")
        out = []
        for piece in split_special(text, allowed):
            if piece in allowed:
                out.append(self.special_tokens[piece])
            else:
                out.extend(self.encode_ordinary(piece))
        return out


@wrong("render_token", "only category Cc is escaped: format characters go through")
def _(token):
    text = token.decode("utf-8", errors="backslashreplace")
    return "".join(f"\\u{ord(c):04x}" if unicodedata.category(c) == "Cc" else c for c in text)


@right("save", "print into a file opened with newline and encoding")
def _(path, pattern, merges, special_tokens):
    with open(path, "w", encoding="ascii", newline="\n") as file:
        print(VERSION, json.dumps(pattern), len(special_tokens), sep="\n", file=file)
        for item in special_tokens.items():
            print(json.dumps(item[0]), item[1], file=file)
        print(len(merges), file=file)
        for pair in merges:
            print(*pair, file=file)


@wrong("load", "lines behind the last merge are not noticed, nor a merge that is too young")
def _(path):
    lines = Path(path).read_text(encoding="ascii").split("\n")
    if lines[0] != VERSION or len(lines) < 5:
        raise ValueError("not a tokenizer")
    pattern, n = json.loads(lines[1]), int(lines[2])
    special = {}
    for line in lines[3 : 3 + n]:
        s, i = line.rsplit(" ", 1)
        special[json.loads(s)] = int(i)
    m = int(lines[3 + n])
    rows = lines[4 + n : 4 + n + m]
    if len(rows) < m:
        raise ValueError("cut off")
    merges = {tuple(map(int, line.split(" "))): 256 + k for k, line in enumerate(rows)}
    return pattern, merges, special


@wrong("to_ranks", "the same bytes twice: the later id wins without an error")
def _(merges):
    spelled = {i: bytes([i]) for i in range(256)}
    for (left, right), idx in merges.items():
        spelled[idx] = spelled[left] + spelled[right]
    return {token: i for i, token in spelled.items()}


@wrong("bytes_to_unicode", "the soft hyphen, 173, stands for itself")
def _():
    own = [*range(33, 127), *range(161, 256)]
    table = {b: chr(b) for b in own}
    n = 256
    for b in range(256):
        if b not in table:
            table[b] = chr(n)
            n += 1
    return table


@right("bytes_to_unicode", "an iterator of code points from 256 on, next() in a comprehension")
def _():
    from itertools import count

    fresh = count(256)
    own = [(33, 126), (161, 172), (174, 255)]
    return {
        b: chr(b if any(low <= b <= high for low, high in own) else next(fresh)) for b in range(256)
    }


@wrong("read_vocab_bpe", "the last line is dropped, whether it is empty or not")
def _(text):
    lines = text.split("\n")[1:-1]
    return [tuple(map(visible_to_bytes, line.split())) for line in lines]


@right("read_vocab_bpe", "partition for the first line and for each pair")
def _(text):
    _version, _, rest = text.partition("\n")
    out = []
    for line in rest.removesuffix("\n").split("\n") if rest else []:
        left, _, right = line.partition(" ")
        out.append((visible_to_bytes(left), visible_to_bytes(right)))
    return out


@wrong("read_encoder_json", "special tokens the file does not have are there with None")
def _(text, special=(ENDOFTEXT,)):
    table = json.loads(text)
    ids = {visible_to_bytes(t): i for t, i in table.items() if t not in special}
    return ids, {s: table.get(s) for s in special}


@right("byte_shuffle", "sorted single bytes, looked up")
def _(ranks):
    return [ranks[token] for token in sorted(t for t in ranks if len(t) == 1)]


@wrong("encode_ranked", "the first merge of the dict that applies, not the lowest id")
def _(text, pattern, ranks, merges):
    out = []
    for chunk in re.findall(pattern, text):
        ids = [ranks[bytes([b])] for b in chunk.encode("utf-8")]
        for pair, idx in merges.items():
            ids = merge(ids, pair, idx)
        out += ids
    return out


@wrong("split_token", "the first cut of which both sides are older tokens")
def _(token, ranks):
    for k in range(1, len(token)):
        left, right = token[:k], token[k:]
        if left in ranks and right in ranks and max(ranks[left], ranks[right]) < ranks[token]:
            return left, right
    raise ValueError(token)


@right("recover_merges", "sorted pairs of (rank, token), a generator of items into dict()")
def _(ranks):
    tokens = sorted((rank, token) for token, rank in ranks.items() if len(token) != 1)
    return dict(
        (tuple(ranks[half] for half in split_token(token, ranks)), rank) for rank, token in tokens
    )


@wrong("colored", "the color hangs on the token, so equal neighbors share it")
def _(tokens):
    return "".join(
        f"\x1b[30;48;5;{COLORS[tokens.index(t) % len(COLORS)]}m{t.replace(chr(10), '↵')}\x1b[0m"
        for t in tokens
    )


@right("whole_characters", "an incremental decoder says whether something is pending")
def _(tokens):
    import codecs

    decoder = codecs.getincrementaldecoder("utf-8")()
    groups, text, n = [], "", 0
    for token in tokens:
        text += decoder.decode(token)
        n += 1
        if decoder.getstate()[0] == b"":
            groups.append((text, n))
            text, n = "", 0
    return groups


@wrong("tokens_per_character", "equally cheap ones by name")
def _(samples, encode):
    rows = sorted((len(encode(text)) / len(text), name) for name, text in samples.items())
    return {name: cost for cost, name in rows}


@wrong("stable_ids", "counts all places that agree, not only those at the beginning")
def _(encode, prompt, endings):
    own = encode(prompt)
    return min(
        (sum(a == b for a, b in zip(own, encode(prompt + e))) for e in endings), default=len(own)
    )


@right("stable_ids", "takewhile over zipped ids")
def _(encode, prompt, endings):
    from itertools import takewhile

    own = list(encode(prompt))
    kept = len(own)
    for ending in endings:
        same = takewhile(lambda two: two[0] == two[1], zip(own, encode(prompt + ending)))
        kept = min(kept, sum(1 for _ in same))
    return kept


@wrong("train_fast", "of equally frequent pairs the smaller one, not the one seen first")
def _(counts, vocab_size):
    if vocab_size < 256:
        raise ValueError("vocab_size is less than 256")
    chunks, weights = [list(c) for c in counts], list(counts.values())
    stats, where = {}, {}
    for k, ids in enumerate(chunks):
        for pair in pairwise(ids):
            stats[pair] = stats.get(pair, 0) + weights[k]
            where.setdefault(pair, set()).add(k)
    merges = {}
    for idx in range(256, vocab_size):
        if not stats:
            break
        pair = min(stats, key=lambda p: (-stats[p], p))
        merges[pair] = idx
        for k in list(where[pair]):
            for p in pairwise(chunks[k]):
                stats[p] -= weights[k]
                where[p].discard(k)
            chunks[k] = merge(chunks[k], pair, idx)
            for p in pairwise(chunks[k]):
                stats[p] = stats.get(p, 0) + weights[k]
                where.setdefault(p, set()).add(k)
        stats = {p: n for p, n in stats.items() if n > 0}
    return merges


@wrong("keep_characters", "equally frequent ones in alphabetical order")
def _(text, coverage):
    order = sorted(set(text), key=lambda c: (-text.count(c), c))
    kept, have = [], 0
    for c in order:
        if have >= coverage * len(text):
            break
        kept.append(c)
        have += text.count(c)
    return kept


@right("keep_characters", "accumulated counts, the first place where they suffice")
def _(text, coverage):
    from itertools import accumulate

    order = sorted(dict.fromkeys(text), key=text.count, reverse=True)
    need = coverage * len(text)
    sums = accumulate((text.count(c) for c in order), initial=0)
    return order[: next(k for k, have in enumerate(sums) if have >= need)]


@wrong("encode_fallback", "a character below 256 falls back to its code point, not its bytes")
def _(text, characters):
    ids = {c: 256 + k for k, c in enumerate(characters)}
    out = []
    for c in text:
        if c in ids:
            out.append(ids[c])
        elif ord(c) < 256:
            out.append(ord(c))
        else:
            out.extend(c.encode("utf-8"))
    return out
