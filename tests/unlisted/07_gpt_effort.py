"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("encode", "two lists instead of a dict")
def _(text, stoi):
    kinds, numbers, ids = list(stoi), list(stoi.values()), []
    for c in text:
        at = 0
        while at < len(kinds) and kinds[at] != c:
            at += 1
        if at == len(kinds):
            raise KeyError(c)
        ids.append(numbers[at])
    return ids


@wrong("encode", "the dict is copied for each character")
def _(text, stoi):
    return [{k: v for k, v in stoi.items()}[c] for c in text]


@right("encode", "with a test of its own")
def _(text, stoi):
    ids = []
    for position in range(len(text)):
        character = text[position]
        if character in stoi:
            ids = [*ids, stoi[character]]
        else:
            raise KeyError(character)
    return ids


@right("encode", "itemgetter, and a loop for each distinct character")
def _(text, stoi):
    known = {}
    for c in set(text):
        known[c] = stoi[c]
    return list(map(known.__getitem__, text))


@wrong("decode", "turned around, and searched")
def _(ids, itos):
    text = ""
    for i in ids:
        for number, character in itos.items():
            if number == i:
                text += character
                break
        else:
            raise KeyError(i)
    return text


@wrong("decode", "next over the items")
def _(ids, itos):
    def character(i):
        found = next((c for n, c in itos.items() if n == i), None)
        if found is None:
            raise KeyError(i)
        return found

    return "".join(character(i) for i in ids)


@right("decode", "get, and a test")
def _(ids, itos):
    pieces = []
    for i in ids:
        c = itos.get(i)
        if c is None:
            raise KeyError(i)
        pieces.append(c)
    return "".join(pieces)


@right("decode", "recursion by halves")
def _(ids, itos):
    if len(ids) < 2:
        return "".join(itos[i] for i in ids)
    half = len(ids) // 2
    return decode(ids[:half], itos) + decode(ids[half:], itos)
