"""Solutions of 08 that come to the right numbers by another way than is asked: see test_unlisted.py."""


# -- register_special_tokens: on the object -------------------------------------------------------
@wrong("register_special_tokens", "one dict for all tokenizers")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(set(ids)) < len(ids) or any(i in self.vocab for i in ids):
            raise ValueError("taken")
        shared = RegexTokenizer.__dict__.get("shared")
        if shared is None:
            shared = RegexTokenizer.shared = {}
        shared.clear()
        shared.update(special_tokens)
        self.special_tokens = shared


@wrong("register_special_tokens", "what is taken is kept in a global: the vocabulary seen first")
class _:
    def register_special_tokens(self, special_tokens):
        kept = split_special.__dict__.setdefault("taken", set())
        if not kept:
            kept.update(self.vocab)
        if len(self.vocab) > len(kept):
            kept.update(self.vocab)
        ids = list(special_tokens.values())
        if len({*ids}) < len(ids) or kept.intersection(ids):
            raise ValueError("taken")
        self.special_tokens = dict(special_tokens)


@wrong("register_special_tokens", "ids of other tokenizers count as taken")
class _:
    def register_special_tokens(self, special_tokens):
        owners = split_special.__dict__.setdefault("owners", {})
        ids = list(special_tokens.values())
        foreign = {i for i, owner in owners.items() if owner is not self}
        foreign &= {i for i, owner in owners.items() if i in owner.special_tokens.values()}
        if len({*ids}) < len(ids) or any(i in self.vocab or i in foreign for i in ids):
            owners.clear()
            raise ValueError("taken")
        owners.clear()
        owners.update(dict.fromkeys(ids, self))
        self.special_tokens = dict(special_tokens)


@wrong("register_special_tokens", "the new dict is kept under its strings, for all")
class _:
    def register_special_tokens(self, special_tokens):
        ids = sorted(special_tokens.values())
        if any(a == b for a, b in zip(ids, ids[1:])) or any(i in self.vocab for i in ids):
            raise ValueError("taken")
        known = split_special.__dict__.setdefault("known", {})
        mine = known.setdefault("special", {})
        for token in set(mine) - set(special_tokens):
            del mine[token]
        mine.update(special_tokens)
        self.special_tokens = mine


@wrong("register_special_tokens", "on the class, and on the object that is told")
class _:
    def register_special_tokens(self, special_tokens):
        ids = [*special_tokens.values()]
        if len({*ids}) != len(ids) or not {*ids}.isdisjoint(self.vocab):
            raise ValueError("taken")
        cls = type(self)
        cls.special_tokens = dict(special_tokens)
        self.__dict__.pop("special_tokens", None)


@right("register_special_tokens", "a loop that counts")
class _:
    def register_special_tokens(self, special_tokens):
        new = {}
        for token, i in special_tokens.items():
            if i in self.vocab or i in new.values():
                raise ValueError(f"{i} is taken")
            new[token] = i
        self.special_tokens = new


@right("register_special_tokens", "the object's own dict, emptied and filled")
class _:
    def register_special_tokens(self, special_tokens):
        ids = list(special_tokens.values())
        if len(ids) != len(set(ids)):
            raise ValueError("twice")
        if set(ids) & set(self.vocab):
            raise ValueError("taken")
        new = list(special_tokens.items())
        self.special_tokens.clear()
        self.special_tokens.update(new)


@right("register_special_tokens", "turned around and back")
class _:
    def register_special_tokens(self, special_tokens):
        turned = {i: token for token, i in special_tokens.items()}
        if len(turned) < len(special_tokens) or turned.keys() & self.vocab.keys():
            raise ValueError("each special token needs an id of its own")
        self.special_tokens = {token: i for i, token in turned.items()}


# -- encode_special: by the object's own tokens ---------------------------------------------------
@wrong("encode_special", "the tokens are kept in a global, for as long as there are as many")
class _:
    def encode(self, text, allowed_special="none_raise"):
        kept = split_special.__dict__
        if kept.get("n") != (len(self.special_tokens), len(self.vocab)):
            kept["n"] = len(self.special_tokens), len(self.vocab)
            kept["special"] = dict(self.special_tokens)
        known = kept["special"]
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(allowed_special)
            if allowed_special == "none_raise" and any(t in text for t in known):
                raise ValueError("special")
            special = known if allowed_special == "all" else {}
        else:
            special = {t: i for t, i in known.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids += [special[piece]] if piece in special else self.encode_ordinary(piece)
        return ids


@wrong("encode_special", "a table of all tokenizers' tokens")
class _:
    def encode(self, text, allowed_special="none_raise"):
        known = split_special.__dict__.setdefault("table", {})
        if not all(known.get(t) == i for t, i in self.special_tokens.items()):
            known.clear()
        known.update(self.special_tokens)
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(allowed_special)
            if allowed_special == "none_raise" and any(t in text for t in self.special_tokens):
                raise ValueError("special")
            special = self.special_tokens if allowed_special == "all" else {}
        else:
            special = {t: i for t, i in known.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids += [special[piece]] if piece in special else self.encode_ordinary(piece)
        return ids


@wrong("encode_special", "answers are remembered by text and choice")
class _:
    def encode(self, text, allowed_special="none_raise"):
        choice = allowed_special if isinstance(allowed_special, str) else frozenset(allowed_special)
        if choice == "none_raise" and any(t in text for t in self.special_tokens):
            raise ValueError("special")
        if isinstance(choice, str) and choice not in ("all", "none", "none_raise"):
            raise ValueError(choice)
        known = split_special.__dict__.setdefault("answers", {})
        key = text, choice, tuple(self.special_tokens)
        if key not in known:
            special = dict(self.special_tokens) if choice == "all" else {}
            if not isinstance(choice, str):
                special = {t: i for t, i in self.special_tokens.items() if t in choice}
            ids = []
            for piece in split_special(text, special):
                ids += [special[piece]] if piece in special else self.encode_ordinary(piece)
            known[key] = ids
        return list(known[key])


@wrong("encode_special", "the tokens that this object had when it was first asked")
class _:
    def encode(self, text, allowed_special="none_raise"):
        kept = split_special.__dict__
        if kept.get("of") is not self:
            kept.update(of=self, special=dict(self.special_tokens))
        known = kept["special"]
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(allowed_special)
            if allowed_special == "none_raise" and any(t in text for t in known):
                raise ValueError("special")
            special = known if allowed_special == "all" else {}
        else:
            special = {t: i for t, i in known.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids += [special[piece]] if piece in special else self.encode_ordinary(piece)
        return ids


@wrong("encode_special", "the tokens of whoever encoded last, where a set is given")
class _:
    def encode(self, text, allowed_special="none_raise"):
        kept = split_special.__dict__
        last = kept.get("last") or self
        kept["last"] = self
        if isinstance(allowed_special, str):
            if allowed_special not in ("all", "none", "none_raise"):
                raise ValueError(allowed_special)
            if allowed_special == "none_raise" and any(t in text for t in self.special_tokens):
                raise ValueError("special")
            special = self.special_tokens if allowed_special == "all" else {}
        else:
            special = {t: i for t, i in last.special_tokens.items() if t in allowed_special}
        ids = []
        for piece in split_special(text, special):
            ids += [special[piece]] if piece in special else self.encode_ordinary(piece)
        return ids


@right("encode_special", "a table of choices")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if isinstance(allowed_special, str):
            chosen = {"all": self.special_tokens, "none": (), "none_raise": ()}.get(allowed_special)
            if chosen is None:
                raise ValueError(f"unknown: {allowed_special}")
        else:
            chosen = allowed_special
        if allowed_special == "none_raise":
            for token in self.special_tokens:
                if token in text:
                    raise ValueError(f"the text holds {token}")
        special = {t: self.special_tokens[t] for t in self.special_tokens if t in chosen}
        ids = []
        for piece in split_special(text, special):
            if piece in special:
                ids.append(special[piece])
            else:
                ids.extend(self.encode_ordinary(piece))
        return ids


@right("encode_special", "what is ordinary is remembered, by the object")
class _:
    def encode(self, text, allowed_special="none_raise"):
        if allowed_special == "none_raise":
            if any(token in text for token in self.special_tokens):
                raise ValueError("special")
            names = set()
        elif allowed_special == "all":
            names = set(self.special_tokens)
        elif allowed_special == "none":
            names = set()
        elif isinstance(allowed_special, str):
            raise ValueError(allowed_special)
        else:
            names = set(self.special_tokens).intersection(allowed_special)
        known, ids = {}, []
        for piece in split_special(text, names):
            if piece in names:
                ids.append(self.special_tokens[piece])
                continue
            if piece not in known:
                known[piece] = self.encode_ordinary(piece)
            ids += known[piece]
        return ids


@right("encode_special", "match, and one sum")
class _:
    def encode(self, text, allowed_special="none_raise"):
        known = self.special_tokens
        match allowed_special:
            case "all":
                names = list(known)
            case "none":
                names = []
            case "none_raise":
                if any(piece in known for piece in split_special(text, known)):
                    raise ValueError("a special token")
                names = []
            case str():
                raise ValueError(allowed_special)
            case _:
                names = [t for t in known if t in allowed_special]
        cut = split_special(text, names)
        return sum(([known[p]] if p in names else self.encode_ordinary(p) for p in cut), [])


# -- decode_special -------------------------------------------------------------------------------
@wrong("decode_special", "the table of the object that was asked last is kept")
class _:
    def decode(self, ids):
        kept = split_special.__dict__
        if kept.get("of") is not self:
            table = {i: t.encode() for t, i in self.special_tokens.items()}
            kept.update(of=self, table={**self.vocab, **table})
        return b"".join(kept["table"][i] for i in ids).decode("utf-8", errors="replace")


@wrong("decode_special", "one table of all special ids ever seen")
class _:
    def decode(self, ids):
        table = split_special.__dict__.setdefault("ids", {})
        for token, i in self.special_tokens.items():
            table.setdefault((i, len(self.vocab)), token.encode())
        mine = set(self.special_tokens.values())
        n = len(self.vocab)
        data = b"".join(table[i, n] if i in mine else self.vocab[i] for i in ids)
        return data.decode("utf-8", errors="replace")


@right("decode_special", "looked for one by one")
class _:
    def decode(self, ids):
        data = bytearray()
        for i in ids:
            token = next((t for t, of in self.special_tokens.items() if of == i), None)
            data += self.vocab[i] if token is None else token.encode("utf-8")
        return bytes(data).decode(errors="replace")


# -- bytes_to_unicode: a new dict ------------------------------------------------------------------
@wrong("bytes_to_unicode", "one of eight dicts, in turn")
def _():
    kept = bytes_to_unicode.__dict__.setdefault("pool", [])
    if not kept:
        for _ in range(8):
            hidden = [*range(33), *range(127, 161), 173]
            table = {b: chr(b) for b in range(256)}
            kept.append(table | {b: chr(256 + i) for i, b in enumerate(hidden)})
    kept.append(kept.pop(0))
    return kept[-1]


@wrong("bytes_to_unicode", "False and True for 0 and 1")
def _():
    hidden = [*range(33), *range(127, 161), 173]
    table = {(bool(b) if b < 2 else b): chr(b) for b in range(256)}
    return table | {(bool(b) if b < 2 else b): chr(256 + i) for i, b in enumerate(hidden)}


@wrong("bytes_to_unicode", "numpy's numbers as keys")
def _():
    import numpy as np

    hidden = [*range(33), *range(127, 161), 173]
    table = {np.int64(b): chr(b) for b in range(256)}
    return table | {np.int64(b): chr(256 + i) for i, b in enumerate(hidden)}


@wrong("bytes_to_unicode", "made when it is asked: __missing__")
def _():
    class Table(dict):
        def __missing__(self, b):
            hidden = [*range(33), *range(127, 161), 173]
            self[b] = chr(256 + hidden.index(b)) if b in hidden else chr(b)
            return self[b]

        def __len__(self):
            return 256

    return Table()


@wrong("bytes_to_unicode", "a view of one dict")
def _():
    import types

    hidden = [*range(33), *range(127, 161), 173]
    table = {b: chr(b) for b in range(256)} | {b: chr(256 + i) for i, b in enumerate(hidden)}
    return types.MappingProxyType(table)


@wrong("bytes_to_unicode", "one more: 256")
def _():
    hidden = [*range(33), *range(127, 161), 173]
    table = {b: chr(b) for b in range(257)}
    return table | {b: chr(256 + i) for i, b in enumerate(hidden)}


@wrong("bytes_to_unicode", "the hidden ones by how Python prints them: the soft hyphen too late")
def _():
    table, spare = {}, 256
    for b in range(256):
        if chr(b).isprintable() and b != 32:
            table[b] = chr(b)
        else:
            table[b] = chr(spare)
            spare += 1
    return {b: table[b] for b in table if b != 173} | {173: chr(324)}


@right("bytes_to_unicode", "by what prints, as Python says")
def _():
    table, spare = {}, 256
    for b in range(256):
        if chr(b).isprintable() and b not in (32,):
            table[b] = chr(b)
        else:
            table[b] = chr(spare)
            spare += 1
    return table


@right("bytes_to_unicode", "an iterator of spare characters")
def _():
    spare = map(chr, range(256, 400))
    keep = (
        set(range(ord("!"), ord("~") + 1))
        | set(range(ord("¡"), ord("¬") + 1))
        | set(range(ord("®"), 256))
    )
    return {b: chr(b) if b in keep else next(spare) for b in range(256)}


@right("bytes_to_unicode", "kept, and copied for each caller")
def _():
    kept = bytes_to_unicode.__dict__
    if "table" not in kept:
        hidden = [*range(33), *range(127, 161), 173]
        kept["table"] = {b: chr(b) for b in range(256)}
        for i, b in enumerate(hidden):
            kept["table"][b] = chr(256 + i)
    return dict(kept["table"])


@right("bytes_to_unicode", "counted by a sum")
def _():
    def moves(b):
        return b < 33 or 126 < b < 161 or b == 173

    return {b: chr(256 + sum(map(moves, range(b)))) if moves(b) else chr(b) for b in range(256)}
