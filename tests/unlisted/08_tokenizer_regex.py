"""Solutions of 08, split patterns and special tokens, that no grader lists: see test_unlisted.py."""


# -- split_chunks ---------------------------------------------------------------------------------


@wrong("split_chunks", "match after match, stopping at the first gap")
def _(pattern, text):
    out, at = [], 0
    while m := re.compile(pattern).match(text, at):
        out.append(m.group())
        at = m.end()
    return out


@wrong("split_chunks", "what lies between is kept too")
def _(pattern, text):
    return [p for p in re.split(f"({pattern})", text) if p]


@wrong("split_chunks", "dot matches line ends")
def _(pattern, text):
    return re.findall(pattern, text, flags=re.DOTALL)


@wrong("split_chunks", "overlapping matches")
def _(pattern, text):
    return re.findall(pattern, text, overlapped=True)


@right("split_chunks", "compiled")
def _(pattern, text):
    return re.compile(pattern).findall(text)


# -- count_pairs ----------------------------------------------------------------------------------


@wrong("count_pairs", "chunks of one or two only")
def _(chunks):
    counts = {}
    for ids in chunks:
        for pair in zip(ids[::2], ids[1::2]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_pairs", "a separator in between")
def _(chunks):
    counts, flat = {}, []
    for ids in chunks:
        flat += [*ids, -1]
    for pair in zip(flat, flat[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_pairs", "the first chunk only")
def _(chunks):
    counts = {}
    for ids in chunks:
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + 1
        return counts
    return counts


@wrong("count_pairs", "chunks from the last")
def _(chunks):
    counts = {}
    for ids in reversed(chunks):
        for pair in zip(ids, ids[1:]):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@right("count_pairs", "defaultdict")
def _(chunks):
    from collections import defaultdict

    counts = defaultdict(int)
    for ids in chunks:
        for i in range(len(ids) - 1):
            counts[ids[i], ids[i + 1]] += 1
    return counts


# -- split_special --------------------------------------------------------------------------------


@wrong("split_special", "sorted as text")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + "|".join(re.escape(t) for t in sorted(special)) + ")"
    return [p for p in re.split(pattern, text) if p]


@wrong("split_special", "the whole alternation escaped")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = "(" + re.escape("|".join(sorted(special, key=len, reverse=True))) + ")"
    return [p for p in re.split(pattern, text) if p]


@wrong("split_special", "only the pipe escaped")
def _(text, special):
    if not special:
        return [text] if text else []
    pattern = (
        "(" + "|".join(t.replace("|", r"\|") for t in sorted(special, key=len, reverse=True)) + ")"
    )
    try:
        return [p for p in re.split(pattern, text) if p]
    except re.error:
        return [text]


@wrong("split_special", "repeated tokens as one")
def _(text, special):
    if not special:
        return [text] if text else []
    longest = "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True))
    return [p for p in re.split(f"((?:{longest})+)", text) if p]


@wrong("split_special", "longest anywhere rather than leftmost")
def _(text, special):
    for t in sorted(special, key=len, reverse=True):
        if t in text:
            a, b = text.split(t, 1)
            rest = split_special
            return rest(a, special) + [t] + rest(b, special)
    return [text] if text else []


@wrong("split_special", "a character at a time between")
def _(text, special):
    longest = "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True))
    return re.findall(f"(?s){longest}|." if longest else "(?s).", text)


@right("split_special", "findall with a lookahead")
def _(text, special):
    if not special:
        return [text] if text else []
    some = "|".join(re.escape(t) for t in sorted(special, key=len, reverse=True))
    return re.findall(f"(?s){some}|(?:(?!{some}).)+", text)


# -- train_chunks ---------------------------------------------------------------------------------


@wrong("train_chunks", "never across, but spaces cut off")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError
        chunks = [list(c.strip().encode()) for c in split_chunks(self.pattern, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(c, pair, idx) for c in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "returns the merges as well")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(c, pair, idx) for c in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]
        return self.merges


@wrong("train_chunks", "goes on from the vocabulary there is")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        while len(self.vocab) < vocab_size:
            counts = count_pairs(chunks)
            if not counts:
                break
            idx, pair = len(self.vocab), max(counts, key=counts.get)
            chunks = [merge(c, pair, idx) for c in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]


@wrong("train_chunks", "special tokens in the vocabulary")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError
        chunks = [list(c.encode()) for c in split_chunks(self.pattern, text)]
        self.merges, self.vocab = {}, {i: bytes([i]) for i in range(256)}
        for idx in range(256, vocab_size):
            counts = count_pairs(chunks)
            if not counts:
                break
            pair = max(counts, key=counts.get)
            chunks = [merge(c, pair, idx) for c in chunks]
            self.merges[pair] = idx
            self.vocab[idx] = self.vocab[pair[0]] + self.vocab[pair[1]]
        for token, idx in self.special_tokens.items():
            self.vocab[idx] = token.encode()


@right("train_chunks", "chunks of one byte dropped early")
class _:
    def train(self, text, vocab_size):
        if vocab_size < 256:
            raise ValueError
        chunks = [
            c for c in (list(c.encode()) for c in split_chunks(self.pattern, text)) if len(c) > 1
        ]
        vocab, self.merges = [bytes([i]) for i in range(256)], {}
        while chunks and len(vocab) < vocab_size:
            counts = count_pairs(chunks)
            pair = max(counts, key=lambda p: counts[p])
            self.merges[pair] = len(vocab)
            chunks = [d for d in (merge(c, pair, len(vocab)) for c in chunks) if len(d) > 1]
            vocab.append(vocab[pair[0]] + vocab[pair[1]])
        self.vocab = dict(enumerate(vocab))


# -- register_special_tokens ----------------------------------------------------------------------


@wrong("register_special_tokens", "colliding tokens passed over")
class _:
    def register_special_tokens(self, special_tokens):
        self.special_tokens = {t: i for t, i in special_tokens.items() if i not in self.vocab}


@wrong("register_special_tokens", "assert instead of ValueError")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        assert len(set(ids)) == len(ids) and not set(ids) & set(self.vocab)
        self.special_tokens = dict(special_tokens)


@wrong("register_special_tokens", "one by one, half done when it fails")
class _:
    def register_special_tokens(self, special_tokens):
        self.special_tokens = {}
        for t, i in special_tokens.items():
            if i in self.vocab or i in self.special_tokens.values():
                raise ValueError
            self.special_tokens[t] = i


@wrong("register_special_tokens", "above the largest id only")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i <= len(self.vocab) for i in ids):
            raise ValueError
        self.special_tokens = dict(special_tokens)


@right("register_special_tokens", "sets")
class _:
    def register_special_tokens(self, special_tokens):
        ids = set(special_tokens.values())
        if len(ids) != len(special_tokens) or not ids.isdisjoint(self.vocab):
            raise ValueError("taken")
        self.special_tokens = special_tokens.copy()


# -- decode_special -------------------------------------------------------------------------------


@wrong("decode_special", "decoded in stretches between special tokens")
class _:
    def decode(self, ids):
        special = {i: t for t, i in self.special_tokens.items()}
        text, data = "", b""
        for i in ids:
            if i in special:
                text += data.decode() + special[i]
                data = b""
            else:
                data += self.vocab[i]
        return text + data.decode("utf-8", errors="replace")


@wrong("decode_special", "special tokens as ASCII")
class _:
    def decode(self, ids):
        special = {i: t.encode("ascii", errors="replace") for t, i in self.special_tokens.items()}
        return b"".join(special[i] if i in special else self.vocab[i] for i in ids).decode(
            "utf-8", "replace"
        )


@wrong("decode_special", "stops at a special token")
class _:
    def decode(self, ids):
        data = b""
        for i in ids:
            if i in self.special_tokens.values():
                break
            data += self.vocab[i]
        return data.decode("utf-8", "replace")


@right("decode_special", "by stretches, each with replacement")
class _:
    def decode(self, ids):
        special = {i: t for t, i in self.special_tokens.items()}
        text, data = "", b""
        for i in ids:
            if i in special:
                text += data.decode("utf-8", "replace") + special[i]
                data = b""
            else:
                data += self.vocab[i]
        return text + data.decode("utf-8", errors="replace")


# -- encode_ordinary ------------------------------------------------------------------------------


@wrong("encode_ordinary", "merges replayed backwards")
class _:
    def encode_ordinary(self, text):
        out = []
        for c in split_chunks(self.pattern, text):
            ids = list(c.encode())
            for pair, idx in reversed(self.merges.items()):
                ids = merge(ids, pair, idx)
            out += ids
        return out


@wrong("encode_ordinary", "each different chunk once")
class _:
    def encode_ordinary(self, text):
        out = []
        for c in dict.fromkeys(split_chunks(self.pattern, text)):
            out += encode_chunk(c.encode(), self.merges)
        return out


@wrong("encode_ordinary", "what the pattern leaves out is kept")
class _:
    def encode_ordinary(self, text):
        out = []
        for c in re.split(f"({self.pattern})", text):
            out += encode_chunk(c.encode(), self.merges)
        return out


@right("encode_ordinary", "merges replayed")
class _:
    def encode_ordinary(self, text):
        out = []
        for c in split_chunks(self.pattern, text):
            ids = list(c.encode())
            for pair, idx in self.merges.items():
                ids = merge(ids, pair, idx)
            out += ids
        return out


# -- encode_special -------------------------------------------------------------------------------


@wrong("encode_special", "none_raise only when it is the first thing")
class _:
    def encode(self, text, allowed_special="none_raise"):
        special = self.special_tokens if allowed_special == "all" else {}
        if allowed_special == "none_raise" and text.startswith(tuple(self.special_tokens)):
            raise ValueError
        if isinstance(allowed_special, str) and allowed_special not in (
            "all",
            "none",
            "none_raise",
        ):
            raise ValueError
        if not isinstance(allowed_special, str):
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        out = []
        for p in split_special(text, special):
            out += [special[p]] if p in special else self.encode_ordinary(p)
        return out


@wrong("encode_special", "split at all, even those not allowed")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "none_raise" and any(t in text for t in self.special_tokens):
            raise ValueError
        if isinstance(allowed_special, str) and allowed_special not in (
            "all",
            "none",
            "none_raise",
        ):
            raise ValueError
        allowed = self.special_tokens if allowed_special == "all" else ()
        if not isinstance(allowed_special, str):
            allowed = allowed_special
        out = []
        for p in split_special(text, self.special_tokens):
            if p in self.special_tokens and p in allowed:
                out.append(self.special_tokens[p])
            else:
                out += self.encode_ordinary(p)
        return out


@wrong("encode_special", "AssertionError, as in a well-known repository")
class _:
    def encode(self, text, allowed_special="none_raise"):
        special = {}
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none_raise":
            assert all(t not in text for t in self.special_tokens)
        elif isinstance(allowed_special, str) and allowed_special != "none":
            raise ValueError
        elif not isinstance(allowed_special, str):
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        out = []
        for p in split_special(text, special):
            out += [special[p]] if p in special else self.encode_ordinary(p)
        return out


@wrong("encode_special", "an empty set is taken for no argument")
class _:
    def encode(self, text, allowed_special="none_raise"):
        special = {}
        allowed_special = allowed_special or "none_raise"
        if allowed_special == "all":
            special = self.special_tokens
        elif allowed_special == "none_raise":
            if any(t in text for t in self.special_tokens):
                raise ValueError
        elif isinstance(allowed_special, str) and allowed_special != "none":
            raise ValueError
        elif not isinstance(allowed_special, str):
            special = {t: i for t, i in self.special_tokens.items() if t in allowed_special}
        out = []
        for p in split_special(text, special):
            out += [special[p]] if p in special else self.encode_ordinary(p)
        return out


@right("encode_special", "match")
class _:
    def encode(self, text, allowed_special="none_raise"):
        match allowed_special:
            case "all":
                names = set(self.special_tokens)
            case "none" | "none_raise":
                names = set()
                if allowed_special != "none" and any(
                    text.find(t) >= 0 for t in self.special_tokens
                ):
                    raise ValueError("special")
            case str():
                raise ValueError("what?")
            case _:
                names = set(self.special_tokens) & set(allowed_special)
        return [
            i
            for p in split_special(text, names)
            for i in ([self.special_tokens[p]] if p in names else self.encode_ordinary(p))
        ]
