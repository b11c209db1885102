"""Solutions of 02 that no grader lists: see test_unlisted.py, which parses this file."""


# -- vocabulary -----------------------------------------------------------------------------------


@wrong("vocabulary")
def _(words):
    chars = sorted(set("".join(words)))
    stoi = {c: i for i, c in enumerate(chars)}
    stoi["."] = len(chars)
    return (stoi, {i: c for c, i in stoi.items()})


@wrong("vocabulary")
def _(words):
    chars = sorted(set("".join(words)), key=str.lower)
    stoi = {".": 0, **{c: i + 1 for i, c in enumerate(chars)}}
    return (stoi, {i: c for c, i in stoi.items()})


@wrong("vocabulary")
def _(words):
    chars = sorted(set("".join(words)))
    stoi = {".": 0, **{c: i + 1 for i, c in enumerate(chars)}}
    return (stoi, ["."] + chars)


@wrong("vocabulary")
def _(words):
    import string

    chars = string.ascii_lowercase
    stoi = {".": 0, **{c: i + 1 for i, c in enumerate(chars)}}
    return (stoi, {i: c for c, i in stoi.items()})


@wrong("vocabulary")
def _(words):
    chars = sorted(
        {w[0] for w in words if w}
        | {c for w in words for c in w[1:-1]}
        | {w[-1] for w in words if w}
    )
    stoi = {".": 0, **{c: ord(c) - 96 for i, c in enumerate(chars)}}
    return (stoi, {i: c for c, i in stoi.items()})


@wrong("vocabulary")
def _(words):
    chars = sorted(set("".join(words) + "."))
    stoi = {c: i for i, c in enumerate(chars)}
    return (stoi, {i: c for c, i in stoi.items()})


@wrong("vocabulary")
def _(words):
    words = [w.lower() for w in words]
    chars = sorted(set("".join(words)))
    stoi = {".": 0, **{c: i + 1 for i, c in enumerate(chars)}}
    return (stoi, {i: c for c, i in stoi.items()})


@wrong("vocabulary")
def _(words):
    chars = sorted(set("".join(words).strip()))
    stoi = {".": 0, **{c: i + 1 for i, c in enumerate(chars)}}
    itos = {i: c for c, i in stoi.items()}
    return (itos, stoi)


@right("vocabulary")
def _(words):
    itos = dict(enumerate(["."] + sorted({c for w in words for c in w})))
    return (dict(map(reversed, itos.items())), itos)


# -- bigrams --------------------------------------------------------------------------------------


@wrong("bigrams")
def _(word):
    w = "." + word + "."
    return [w[i : i + 2] for i in range(len(w) - 1)]


@wrong("bigrams")
def _(word):
    return list(zip(word, word[1:]))


@wrong("bigrams")
def _(word):
    return zip("." + word, word + ".")


@wrong("bigrams")
def _(word):
    if not word:
        return []
    return list(zip("." + word, word + "."))


@wrong("bigrams")
def _(word):
    return sorted(zip("." + word, word + "."))


@wrong("bigrams")
def _(word):
    return list(dict.fromkeys(zip("." + word, word + ".")))


@wrong("bigrams")
def _(word):
    return [[a, b] for a, b in zip("." + word, word + ".")]


@wrong("bigrams")
def _(word):
    return list(zip("." + word, word.lower() + "."))


@wrong("bigrams")
def _(word):
    w = word.split()[0] if word.split() else ""
    return list(zip("." + w, w + "."))


@right("bigrams")
def _(word):
    w = ["."] + list(word) + ["."]
    return [(w[i], w[i + 1]) for i in range(len(w) - 1)]


# -- count_bigrams --------------------------------------------------------------------------------


@wrong("count_bigrams")
def _(words):
    c = {}
    for w in words:
        for p in set(bigrams(w)):
            c[p] = c.get(p, 0) + 1
    return c


@wrong("count_bigrams")
def _(words):
    c = {}
    for w in set(words):
        for p in bigrams(w):
            c[p] = c.get(p, 0) + 1
    return c


@wrong("count_bigrams")
def _(words):
    c = {}
    for p in bigrams(".".join(words)):
        c[p] = c.get(p, 0) + 1
    return {k: v for k, v in c.items() if k != (".", ".")}


@wrong("count_bigrams")
def _(words):
    from collections import defaultdict

    c = defaultdict(float)
    for w in words:
        for p in bigrams(w):
            c[p] += 1
    return dict(c)


@wrong("count_bigrams")
def _(words):
    c = {}
    for w in words:
        for a, b in bigrams(w):
            c[a + b] = c.get(a + b, 0) + 1
    return c


@wrong("count_bigrams")
def _(words):
    c = {}
    for w in words:
        for a, b in bigrams(w):
            c[b, a] = c.get((b, a), 0) + 1
    return c


@wrong("count_bigrams")
def _(words):
    chars = sorted(set("".join(words))) + ["."]
    c = {(a, b): 0 for a in chars for b in chars}
    for w in words:
        for p in bigrams(w):
            c[p] += 1
    return c


@right("count_bigrams")
def _(words):
    from collections import Counter

    return Counter((p for w in words for p in bigrams(w)))


@right("count_bigrams")
def _(words):
    from collections import defaultdict

    c = defaultdict(int)
    for w in words:
        w = "." + w + "."
        for a, b in zip(w, w[1:]):
            c[a, b] += 1
    return c


# -- count_matrix ---------------------------------------------------------------------------------


@wrong("count_matrix")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi))
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    N = torch.zeros(27, 27, dtype=torch.int32)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[b], stoi[a]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int8)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N.int()


@wrong("count_matrix")
def _(words, stoi):
    stoi = dict(zip(sorted(stoi), range(len(stoi))))
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    s = set("".join(words)) | {"."}
    stoi = {c: i for i, c in enumerate(sorted(s, key=lambda c: stoi[c]))}
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    N = torch.ones(len(stoi), len(stoi), dtype=torch.int32)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for w in words:
        if not w:
            continue
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for w in words:
        if "." not in stoi:
            continue
        for a, b in bigrams(w):
            if a in stoi and b in stoi and stoi[a] and stoi[b]:
                N[stoi[a], stoi[b]] += 1
    return N


@right("count_matrix")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi)).int()
    for (a, b), n in count_bigrams(words).items():
        N[stoi[a], stoi[b]] = n
    return N


@right("count_matrix")
def _(words, stoi):
    V = len(stoi)
    flat = [stoi[a] * V + stoi[b] for w in words for a, b in bigrams(w)]
    return (
        torch.bincount(torch.tensor(flat, dtype=torch.int64), minlength=V * V)
        .view(V, V)
        .to(torch.int32)
    )


@right("count_matrix")
def _(words, stoi):
    V = len(stoi)
    rows = [[0] * V for _ in range(V)]
    for w in words:
        for a, b in bigrams(w):
            rows[stoi[a]][stoi[b]] += 1
    return torch.tensor(rows, dtype=torch.int32)


# -- cell_labels ----------------------------------------------------------------------------------


@wrong("cell_labels")
def _(N, itos):
    return [(i, j, itos[i] + itos[j], int(N[i, j])) for i in range(len(N)) for j in range(len(N))]


@wrong("cell_labels")
def _(N, itos):
    return [(j, i, itos[j] + itos[i], int(N[i, j])) for i in range(len(N)) for j in range(len(N))]


@wrong("cell_labels")
def _(N, itos):
    return [(j, i, itos[i] + itos[j], N[i, j]) for i in range(len(N)) for j in range(len(N))]


@wrong("cell_labels")
def _(N, itos):
    return [
        (j, i, itos[i] + itos[j], str(int(N[i, j]))) for i in range(len(N)) for j in range(len(N))
    ]


@wrong("cell_labels")
def _(N, itos):
    return [
        (j, i, itos[i] + itos[j], int(N[i, j]))
        for i in range(len(N))
        for j in range(len(N))
        if N[i, j]
    ]


@wrong("cell_labels")
def _(N, itos):
    return [
        (j, len(N) - 1 - i, itos[i] + itos[j], int(N[i, j]))
        for i in range(len(N))
        for j in range(len(N))
    ]


@wrong("cell_labels")
def _(N, itos):
    return [
        (j + 0.5, i + 0.5, itos[i] + itos[j], int(N[i, j]))
        for i in range(len(N))
        for j in range(len(N))
    ]


@wrong("cell_labels")
def _(N, itos):
    return [(j, i, (itos[i], itos[j]), int(N[i, j])) for i in range(len(N)) for j in range(len(N))]


@wrong("cell_labels")
def _(N, itos):
    return [(j, i, itos[i] + itos[j], int(N[j, i])) for i in range(len(N)) for j in range(len(N))]


@right("cell_labels")
def _(N, itos):
    out = []
    for y, row in enumerate(N.tolist()):
        for x, c in enumerate(row):
            out.append((x, y, f"{itos[y]}{itos[x]}", c))
    return out[::-1]


# -- broadcast_shape ------------------------------------------------------------------------------


@wrong("broadcast_shape")
def _(a, b):
    n = max(len(a), len(b))
    a = (1,) * (n - len(a)) + tuple(a)
    b = (1,) * (n - len(b)) + tuple(b)
    if any((x != y and 1 not in (x, y) for x, y in zip(a, b))):
        raise TypeError
    return tuple((max(x, y) for x, y in zip(a, b)))


@wrong("broadcast_shape")
def _(a, b):
    if len(a) == len(b) and a == b:
        return a
    n = max(len(a), len(b))
    a = (1,) * (n - len(a)) + tuple(a)
    b = (1,) * (n - len(b)) + tuple(b)
    if any((x != y and 1 not in (x, y) for x, y in zip(a, b))):
        return None
    return tuple((y if x == 1 else x for x, y in zip(a, b)))


@wrong("broadcast_shape")
def _(a, b):
    n = max(len(a), len(b))
    a = (1,) * (n - len(a)) + tuple(a)
    b = (1,) * (n - len(b)) + tuple(b)
    if any((x != y and 1 not in (x, y) and (0 not in (x, y)) for x, y in zip(a, b))):
        raise ValueError
    return tuple((0 if 0 in (x, y) else max(x, y) for x, y in zip(a, b)))


@wrong("broadcast_shape")
def _(a, b):
    if not a:
        return b
    if not b:
        return a
    if a[-1] != b[-1] and 1 not in (a[-1], b[-1]):
        raise ValueError
    n = max(len(a), len(b))
    a = (1,) * (n - len(a)) + tuple(a)
    b = (1,) * (n - len(b)) + tuple(b)
    return tuple((y if x == 1 else x for x, y in zip(a, b)))


@wrong("broadcast_shape")
def _(a, b):
    n = max(len(a), len(b))
    a = (1,) * (n - len(a)) + tuple(a)
    b = (1,) * (n - len(b)) + tuple(b)
    out = []
    for x, y in zip(a, b):
        if x == y:
            out.append(x)
        elif x == 1:
            out.append(y)
        elif y == 1:
            out.append(x)
        else:
            raise ValueError
    while out and out[0] == 1:
        out.pop(0)
    return tuple(out)


@right("broadcast_shape")
def _(a, b):
    out = []
    a, b = (list(a), list(b))
    while a or b:
        x = a.pop() if a else 1
        y = b.pop() if b else 1
        if x == y or y == 1:
            out.insert(0, x)
        elif x == 1:
            out.insert(0, y)
        else:
            raise ValueError("no")
    return tuple(out)


@right("broadcast_shape")
def _(a, b):
    import numpy as np

    return np.broadcast_shapes(a, b)


@right("broadcast_shape")
def _(a, b):
    try:
        return tuple(torch.broadcast_shapes(a, b))
    except RuntimeError as e:
        raise ValueError(str(e)) from e


# -- normalize_rows -------------------------------------------------------------------------------


@wrong("normalize_rows")
def _(N):
    return N / N.sum(1)


@wrong("normalize_rows")
def _(N):
    return N / N.sum()


@wrong("normalize_rows")
def _(N):
    return (N.float() + 1) / (N.float() + 1).sum(1, keepdim=True)


@wrong("normalize_rows")
def _(N):
    return N.double() / N.sum(1, keepdim=True)


@wrong("normalize_rows")
def _(N):
    return N.float().softmax(1)


@wrong("normalize_rows")
def _(N):
    P = N.float()
    P /= P.sum(1, keepdim=True)
    return P


@wrong("normalize_rows")
def _(N):
    return (N / N.sum(0, keepdim=True)).float()


@wrong("normalize_rows")
def _(N):
    return N.float() / (N.sum(1, keepdim=True) + 0.001)


@wrong("normalize_rows")
def _(N):
    return torch.nn.functional.normalize(N.float(), dim=1)


@wrong("normalize_rows")
def _(N):
    return (100 * N.float() / N.sum(1, keepdim=True)).round() / 100


@wrong("normalize_rows")
def _(N):
    return N.float() / N.float().max(1, keepdim=True).values


@wrong("normalize_rows")
def _(N):
    return N.half() / N.half().sum(1, keepdim=True)


@right("normalize_rows")
def _(N):
    return (N.double() / N.double().sum(1, keepdim=True)).float()


@right("normalize_rows")
def _(N):
    return N.float().div(N.sum(dim=-1).unsqueeze(-1))


@right("normalize_rows")
def _(N):
    return torch.stack([r.float() / r.sum() for r in N])


@right("normalize_rows")
def _(N):
    P = N.to(torch.float32, copy=True)
    P /= P.sum(1, True)
    return P


# -- sample_next ----------------------------------------------------------------------------------


@wrong("sample_next")
def _(probs, generator):
    return torch.multinomial(probs, 1).item()


@wrong("sample_next")
def _(probs, generator):
    return torch.multinomial(probs**0.9, 1, generator=generator).item()


@wrong("sample_next")
def _(probs, generator):
    return torch.multinomial(probs + 0.02, 1, generator=generator).item()


@wrong("sample_next")
def _(probs, generator):
    u = torch.rand(1, generator=generator).item()
    c = probs.cumsum(0)
    return min(int((c < u).sum()) + 1, len(probs) - 1)


@wrong("sample_next")
def _(probs, generator):
    torch.manual_seed(generator.initial_seed() + 1)
    return torch.multinomial(probs, 1, generator=generator).item()


@wrong("sample_next")
def _(probs, generator):
    i = torch.randint(0, len(probs), (1,), generator=generator).item()
    return i if probs[i] > 0 else int(probs.argmax())


@wrong("sample_next")
def _(probs, generator):
    import random

    return random.choices(range(len(probs)), weights=probs.tolist())[0]


@wrong("sample_next")
def _(probs, generator):
    import numpy as np

    return int(
        np.random.choice(
            len(probs),
            p=(probs / probs.sum()).double().numpy() / (probs / probs.sum()).double().numpy().sum(),
        )
    )


@wrong("sample_next")
def _(probs, generator):
    return int(torch.multinomial(probs.softmax(0), 1, generator=generator))


@wrong("sample_next")
def _(probs, generator):
    return torch.multinomial(probs, 5, replacement=True, generator=generator).mode().values.item()


@right("sample_next")
def _(probs, generator):
    return int(torch.multinomial(probs, 1, generator=generator)[0])


@right("sample_next")
def _(probs, generator):
    u = torch.rand((), generator=generator, dtype=torch.float64) * probs.double().sum()
    return int(torch.searchsorted(probs.double().cumsum(0), u, right=True))


@wrong("sample_next")
def _(probs, generator):
    kept = sample_next.__dict__  # a generator of its own for each that is given
    if kept.get("of") is not generator:
        own = torch.Generator().manual_seed(generator.initial_seed())
        kept.update({"of": generator, "own": own})
    return torch.multinomial(probs, 1, generator=kept["own"]).item()


@right("sample_next")
def _(probs, generator):
    e = torch.empty(len(probs)).exponential_(generator=generator)
    return int((probs / e).argmax())


# -- sample_name ----------------------------------------------------------------------------------


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", 0)
    while True:
        ix = sample_next(P[ix], generator)
        name += itos[ix]
        if ix == 0:
            return name


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", 0)
    for _ in range(20):
        ix = sample_next(P[ix], generator)
        if ix == 0:
            break
        name += itos[ix]
    return name


@wrong("sample_name")
def _(P, itos, generator):
    while True:
        name, ix = ("", 0)
        while True:
            ix = sample_next(P[ix], generator)
            if ix == 0:
                break
            name += itos[ix]
        if name:
            return name


@wrong("sample_name")
def _(P, itos, generator):
    out, ix = ([], 0)
    while True:
        ix = sample_next(P[ix], generator)
        if ix == 0:
            return out
        out.append(itos[ix])


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", sample_next(torch.ones(len(P)) / len(P), generator))
    while ix:
        name += itos[ix]
        ix = sample_next(P[ix], generator)
    return name


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", 0)
    while True:
        row = P[ix].clone()
        row[ix] = 0
        if row.sum() == 0:
            row = P[ix]
        ix = sample_next(row / row.sum(), generator)
        if ix == 0:
            return name
        name += itos[ix]


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", 0)
    g = torch.Generator().manual_seed(generator.initial_seed())
    while True:
        ix = sample_next(P[ix], g)
        if ix == 0:
            return name
        name += itos[ix]


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", 0)
    while True:
        ix = sample_next(P[ix], generator)
        if ix == 0:
            return name.capitalize()
        name += itos[ix]


@wrong("sample_name")
def _(P, itos, generator):
    name, ix = ("", 0)
    while True:
        ix = sample_next(P[ix], generator)
        if itos[ix] == ".":
            return "." + name
        name += itos[ix]


@right("sample_name")
def _(P, itos, generator):
    out = []
    ix = sample_next(P[0], generator)
    while ix != 0:
        out.append(itos[ix])
        ix = sample_next(P[ix], generator)
    return "".join(out)


@right("sample_name")
def _(P, itos, generator):

    def go(ix, name):
        ix = int(torch.multinomial(P[ix], 1, replacement=True, generator=generator))
        return name if ix == 0 else go(ix, name + itos[ix])

    return go(0, "")


# -- step_probs -----------------------------------------------------------------------------------


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    return P[ids[1:], ids[:-1]]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in word]
    return P[ids[:-1], ids[1:]]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word]
    return P[ids[:-1], ids[1:]]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [0] + [stoi[c] for c in word] + [0]
    return P[ids[:-1], ids[1:]]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    return [P[a, b].item() for a, b in zip(ids, ids[1:])]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    return torch.tensor([P[a, b].item() for a, b in zip(ids, ids[1:])])


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    return P[ids[:-1]][:, ids[1:]]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    return P[ids[:-1], ids[1:]].log()


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    P = P / P.sum(0, keepdim=True)
    return P[ids[:-1], ids[1:]]


@wrong("step_probs")
def _(P, word, stoi):
    ids = [stoi[c] for c in "." + word + "."]
    return P[ids[:-1], ids[1:]].unique()


@wrong("step_probs")
def _(P, word, stoi):
    ids = [ord(c) - 96 if c != "." else 0 for c in "." + word + "."]
    return P[ids[:-1], ids[1:]]


@right("step_probs")
def _(P, word, stoi):
    w = "." + word + "."
    return torch.stack([P[stoi[a], stoi[b]] for a, b in zip(w, w[1:])])


# -- likelihood -----------------------------------------------------------------------------------


@wrong("likelihood")
def _(probs):
    return probs.sum().item()


@wrong("likelihood")
def _(probs):
    return probs.log().sum().item()


@wrong("likelihood")
def _(probs):
    return probs.log().sum().exp().item() if (probs > 0).all() else 1e-30


@wrong("likelihood")
def _(probs):
    return probs.prod().item() ** (1 / len(probs))


@wrong("likelihood")
def _(probs):
    return (probs + 1e-06).prod().item()


@wrong("likelihood")
def _(probs):
    return probs.cumprod(0)


@wrong("likelihood")
def _(probs):
    return round(probs.prod().item(), 4)


@wrong("likelihood")
def _(probs):
    out = probs[0]
    for p in probs:
        out = out * p
    return out


@wrong("likelihood")
def _(probs):
    return probs.min().item() * probs.max().item()


@wrong("likelihood")
def _(probs):
    return probs.prod(keepdim=True) if False else probs.prod()[None]


@right("likelihood")
def _(probs):
    return torch.prod(probs)


@right("likelihood")
def _(probs):
    import math

    return math.prod(probs.tolist())


@right("likelihood")
def _(probs):
    return probs.log().sum().exp()


# -- log_likelihood -------------------------------------------------------------------------------


@wrong("log_likelihood")
def _(probs):
    import math

    p = probs.prod().item()
    return math.log(p) if p > 0 else float("-inf")


@wrong("log_likelihood")
def _(probs):
    return probs.log10().sum().item()


@wrong("log_likelihood")
def _(probs):
    return probs.log2().sum().item()


@wrong("log_likelihood")
def _(probs):
    return probs.log().mean().item()


@wrong("log_likelihood")
def _(probs):
    return (probs + 1e-08).log().sum().item()


@wrong("log_likelihood")
def _(probs):
    return probs.double().prod().log().item()


@wrong("log_likelihood")
def _(probs):
    return -probs.log().sum().item()


@wrong("log_likelihood")
def _(probs):
    return probs.sum().log().item()


@wrong("log_likelihood")
def _(probs):
    return probs.clamp(min=0.001).log().sum().item()


@wrong("log_likelihood")
def _(probs):
    return probs.log()


@wrong("log_likelihood")
def _(probs):
    return torch.log1p(probs).sum().item()


@wrong("log_likelihood")
def _(probs):
    return (probs.reshape(-1)[:64].log().sum() * len(probs) / min(64, len(probs))).item()


@right("log_likelihood")
def _(probs):
    import math

    return sum((math.log(p) for p in probs.tolist()))


@right("log_likelihood")
def _(probs):
    return torch.log(probs.double()).sum()


# -- average_nll ----------------------------------------------------------------------------------


@wrong("average_nll")
def _(probs):
    return -probs.log().sum().item()


@wrong("average_nll")
def _(probs):
    return probs.log().mean().item()


@wrong("average_nll")
def _(probs):
    return -probs.mean().log().item()


@wrong("average_nll")
def _(probs):
    return -probs.log2().mean().item()


@wrong("average_nll")
def _(probs):
    return -probs.log().median().item()


@wrong("average_nll")
def _(probs):
    return -probs.log().sum().item() / (len(probs) - 1) if len(probs) > 1 else 0.0


@wrong("average_nll")
def _(probs):
    return probs.log().mean().exp().item()


@wrong("average_nll")
def _(probs):
    return (-(probs + 1e-05).log()).mean().item()


@wrong("average_nll")
def _(probs):
    return abs(probs.log().mean().item()) * 1.0001


@wrong("average_nll")
def _(probs):
    return (1 - probs).mean().item()


@wrong("average_nll")
def _(probs):
    return (-probs * probs.log()).mean().item()


@right("average_nll")
def _(probs):
    return -log_likelihood(probs) / len(probs)


@right("average_nll")
def _(probs):
    return (-probs.log()).mean()


@wrong("average_nll", "math.log raises where a probability is 0, and inf is asked")
def _(probs):
    import math

    return math.fsum((-math.log(p) for p in probs.tolist())) / len(probs)


# -- model_loss -----------------------------------------------------------------------------------


@wrong("model_loss")
def _(P, words, stoi):
    return sum((float(average_nll(step_probs(P, w, stoi))) for w in words)) / len(words)


@wrong("model_loss")
def _(P, words, stoi):
    return float(average_nll(torch.cat([step_probs(P, w, stoi) for w in set(words)])))


@wrong("model_loss")
def _(P, words, stoi):
    p = torch.cat([step_probs(P, w, stoi) for w in words])
    return -p[p > 0].log().mean().item()


@wrong("model_loss")
def _(P, words, stoi):
    p = torch.cat([step_probs(P, w, stoi) for w in words])
    return -(p + 1e-09).log().mean().item()


@right("model_loss")
def _(P, words, stoi):
    return float(average_nll(step_probs(P, ".".join(words), stoi)))


@wrong("model_loss")
def _(P, words, stoi):
    return float(average_nll(step_probs(P, "".join(words), stoi)))


@wrong("model_loss")
def _(P, words, stoi):
    t = 0
    n = 0
    for w in words:
        p = step_probs(P, w, stoi)
        t -= p.log().sum().item()
        n += len(w)
    return t / max(n, 1)


@wrong("model_loss")
def _(P, words, stoi):
    return -sum((step_probs(P, w, stoi).log().sum().item() for w in words))


@wrong("model_loss")
def _(P, words, stoi):
    P = (P + 0.0001) / (P + 0.0001).sum(1, keepdim=True)
    return average_nll(torch.cat([step_probs(P, w, stoi) for w in words]))


@wrong("model_loss")
def _(P, words, stoi):
    return average_nll(torch.cat([step_probs(P, w, stoi) for w in words if w]))


@wrong("model_loss")
def _(P, words, stoi):
    return average_nll(torch.cat([step_probs(P, w, stoi) for w in words[:3]]))


@right("model_loss")
def _(P, words, stoi):
    t, n = (0.0, 0)
    for w in words:
        p = step_probs(P, w, stoi)
        t -= p.log().sum().item()
        n += len(p)
    return t / n


@right("model_loss")
def _(P, words, stoi):
    L = P.double().log()
    xs = []
    ys = []
    for w in words:
        xs += [stoi[c] for c in "." + w]
        ys += [stoi[c] for c in w + "."]
    return -L[xs, ys].mean()


# -- smoothed_probs -------------------------------------------------------------------------------


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float() / N.sum(1, keepdim=True) + alpha
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum()


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum(0, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float() + int(alpha)
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    N += int(alpha)
    P = N.float()
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = torch.where(N == 0, alpha, N.float())
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = (N.float() + alpha) / (N.float().sum(1, keepdim=True) + alpha)
    return P


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float() + alpha / N.shape[1]
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float()
    P += alpha
    P /= P.sum(1, keepdim=True)
    return P


@wrong("smoothed_probs")
def _(N, alpha):
    P = (N + alpha).to(torch.int32).float()
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.float() + max(alpha, 0.01)
    return P / P.sum(1, keepdim=True)


@wrong("smoothed_probs")
def _(N, alpha):
    P = N.double() + alpha
    return P / P.sum(1, keepdim=True)


@right("smoothed_probs")
def _(N, alpha):
    P = (N + alpha).float()
    return P / P.sum(1, keepdim=True)


@right("smoothed_probs")
def _(N, alpha):
    P = N.double() + alpha
    return (P / P.sum(1, keepdim=True)).float()


@right("smoothed_probs")
def _(N, alpha):
    return (
        F.normalize(N.float() + alpha, p=1, dim=1)
        if False
        else torch.nn.functional.normalize(N.float() + alpha, p=1, dim=1)
    )


# -- make_pairs -----------------------------------------------------------------------------------


@wrong("make_pairs")
def _(words, stoi):
    ids = torch.tensor([stoi[c] for c in "." + ".".join(words) + "."])
    return (ids[1:], ids[:-1])


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return (torch.tensor(xs).float(), torch.tensor(ys).float())


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return (torch.tensor(xs, dtype=torch.int32), torch.tensor(ys, dtype=torch.int32))


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return (xs, ys)


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in sorted(words):
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        if not w:
            continue
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        ids = [0] + [stoi[c] for c in w] + [0]
        xs += ids[:-1]
        ys += ids[1:]
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("make_pairs")
def _(words, stoi):
    ids = [stoi[c] for c in "." + "".join(words) + "."]
    return (torch.tensor(ids[:-1]), torch.tensor(ids[1:]))


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return torch.tensor([xs, ys]).T


@wrong("make_pairs")
def _(words, stoi):
    xs = []
    ys = []
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        xs += ids[:-1]
        ys += ids[1:]
    return (torch.tensor([xs]), torch.tensor([ys]))


@right("make_pairs")
def _(words, stoi):
    p = [(stoi[a], stoi[b]) for w in words for a, b in zip("." + w, w + ".")]
    t = torch.tensor(p)
    return (t[:, 0], t[:, 1])


@right("make_pairs")
def _(words, stoi):
    ids = torch.tensor([stoi[c] for c in "." + ".".join(words) + "."])
    return (ids[:-1], ids[1:])


# -- one_hot --------------------------------------------------------------------------------------


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs).float()


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs, num_classes)


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs, num_classes).double()


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs, 27).float()


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs, num_classes).float().T


@wrong("one_hot")
def _(xs, num_classes):
    return (xs[:, None] >= torch.arange(num_classes)).float()


@wrong("one_hot")
def _(xs, num_classes):
    o = torch.zeros(len(xs), num_classes)
    o[:, xs] = 1
    return o


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs, num_classes + 1).float()


@wrong("one_hot")
def _(xs, num_classes):
    return torch.eye(num_classes)[xs] * 0.999


@wrong("one_hot")
def _(xs, num_classes):
    return F.one_hot(xs.unique(), num_classes).float()


@right("one_hot")
def _(xs, num_classes):
    return torch.eye(num_classes)[xs]


@right("one_hot")
def _(xs, num_classes):
    return (xs[:, None] == torch.arange(num_classes)).float()


@right("one_hot")
def _(xs, num_classes):
    return torch.zeros(len(xs), num_classes).scatter_(1, xs[:, None], 1.0)


# -- bigram_logits --------------------------------------------------------------------------------


@wrong("bigram_logits")
def _(xs, W):
    return one_hot(xs, W.shape[1]) @ W


@wrong("bigram_logits")
def _(xs, W):
    return W[:, xs].T


@wrong("bigram_logits")
def _(xs, W):
    return W.data[xs]


@wrong("bigram_logits")
def _(xs, W):
    return (one_hot(xs, W.shape[0]) @ W).softmax(1)


@wrong("bigram_logits")
def _(xs, W):
    return one_hot(xs, 27) @ W


@wrong("bigram_logits")
def _(xs, W):
    return one_hot(xs, W.shape[0]) @ W.T


@wrong("bigram_logits")
def _(xs, W):
    return xs.float()[:, None] * W[0]


@wrong("bigram_logits")
def _(xs, W):
    return W[xs].detach().requires_grad_()


@wrong("bigram_logits")
def _(xs, W):
    return (one_hot(xs, W.shape[0]) @ W).exp()


@wrong("bigram_logits")
def _(xs, W):
    return torch.tensor((one_hot(xs, W.shape[0]) @ W).tolist())


@right("bigram_logits")
def _(xs, W):
    return W[xs]


@right("bigram_logits")
def _(xs, W):
    return F.embedding(xs, W)


@right("bigram_logits")
def _(xs, W):
    return F.linear(F.one_hot(xs, len(W)).to(W.dtype), W.T)


# -- softmax --------------------------------------------------------------------------------------


@wrong("softmax")
def _(l):
    c = l.exp()
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    c = (l - l.max()).exp()
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    c = (l - l.max(0, keepdim=True).values).exp()
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    return l.softmax(0)


@wrong("softmax")
def _(l):
    c = l.clamp(-80, 80).exp()
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    l -= l.max(1, keepdim=True).values
    c = l.exp()
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    c = (l - l.max(1, keepdim=True).values).exp()
    return c / (c.sum(1, keepdim=True) + 0.001)


@wrong("softmax")
def _(l):
    return l.softmax(1).detach()


@wrong("softmax")
def _(l):
    return l.float().softmax(1)


@wrong("softmax")
def _(l):
    return l.log_softmax(1)


@wrong("softmax")
def _(l):
    c = (l - l.mean(1, keepdim=True)).exp()
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    c = 2 ** (l - l.max(1, keepdim=True).values)
    return c / c.sum(1, keepdim=True)


@wrong("softmax")
def _(l):
    c = (l - l.max(1, keepdim=True).values.detach()).abs().mul(-1).exp()
    return (c / c.sum()).mul(len(l))


@wrong("softmax")
def _(l):
    c = (l - l.max(1, keepdim=True).values).exp()
    return c / c.sum(1, keepdim=True).detach()


@right("softmax")
def _(logits):
    return F.softmax(logits, dim=1)


@right("softmax")
def _(logits):
    return (logits - logits.logsumexp(1, keepdim=True)).exp()


@right("softmax")
def _(logits):
    c = (logits - logits.detach().amax(1, keepdim=True)).exp()
    return c / c.sum(1, keepdim=True)


# -- nll_loss -------------------------------------------------------------------------------------


@wrong("nll_loss")
def _(p, ys):
    return -p[:, ys].log().mean()


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(len(ys)), ys].log().sum()


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(len(ys)), ys].mean().log()


@wrong("nll_loss")
def _(p, ys):
    return torch.tensor(-p[torch.arange(len(ys)), ys].log().mean().item(), requires_grad=True)


@wrong("nll_loss")
def _(p, ys):
    return F.nll_loss(p, ys)


@wrong("nll_loss")
def _(p, ys):
    return F.cross_entropy(p, ys)


@wrong("nll_loss")
def _(p, ys):
    return -(p[torch.arange(len(ys)), ys] + 1e-06).log().mean()


@wrong("nll_loss")
def _(p, ys):
    return p[torch.arange(len(ys)), ys].log().mean()


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(len(ys)), ys].log().mean().item()


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(len(ys)), ys].log()


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(27)[: len(ys)], ys[:27]].log().mean()


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(len(ys)), ys].log().mean()[None]


@wrong("nll_loss")
def _(p, ys):
    return F.nll_loss(p.log(), ys, ignore_index=0)


@wrong("nll_loss")
def _(p, ys):
    return -p[torch.arange(len(ys)), ys].clamp(min=0.0001).log().mean()


@right("nll_loss")
def _(probs, ys):
    return F.nll_loss(probs.log(), ys)


@right("nll_loss")
def _(probs, ys):
    return -probs.gather(1, ys[:, None]).log().mean()


@right("nll_loss")
def _(probs, ys):
    return -sum((probs[i, y].log() for i, y in enumerate(ys))) / len(ys)


# -- gradient_step --------------------------------------------------------------------------------


@wrong("gradient_step")
def _(W, loss, lr):
    loss.backward()
    W.data -= lr * W.grad


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data += lr * W.grad


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W = W - lr * W.grad


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad.sign()


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad / W.grad.norm()


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad
    W.requires_grad = False


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad
    return W


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= 0.1 * W.grad


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad.clamp(-1, 1)


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad.mean()


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data = W.data - lr * W.grad


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data *= 1 - lr * 0.01
    W.data -= lr * W.grad


@wrong("gradient_step")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    loss.backward
    W.data -= lr * W.grad
    W.data -= lr * W.grad


@right("gradient_step")
def _(W, loss, lr):
    if W.grad is not None:
        W.grad.zero_()
    loss.backward()
    with torch.no_grad():
        W -= lr * W.grad


@right("gradient_step")
def _(W, loss, lr):
    (g,) = torch.autograd.grad(loss, W)
    W.data.add_(g, alpha=-lr)


# -- train ----------------------------------------------------------------------------------------


@wrong("train")
def _(W, loss_fn, steps, lr):
    loss = loss_fn(W)
    out = []
    for _ in range(steps):
        out.append(loss.item())
        gradient_step(W, loss, lr)
        loss = loss_fn(W)
    return out + [loss.item()]


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for _ in range(steps):
        gradient_step(W, loss_fn(W), lr)
        out.append(loss_fn(W).item())
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for _ in range(steps):
        loss = loss_fn(W)
        out.append(loss)
        gradient_step(W, loss, lr)
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for i in range(steps):
        loss = loss_fn(W)
        out.append(loss.item())
        gradient_step(W, loss, lr * (1 - i / steps / 10))
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    V = W.detach().clone().requires_grad_()
    out = []
    for _ in range(steps):
        loss = loss_fn(V)
        out.append(loss.item())
        gradient_step(V, loss, lr)
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for _ in range(steps):
        loss = loss_fn(W)
        out.append(loss.item())
        gradient_step(W, loss, lr)
        if len(out) > 1 and out[-1] > out[-2]:
            break
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for _ in range(steps):
        loss = loss_fn(W)
        out.append(loss.item())
        gradient_step(W, loss, lr)
    return out[-1] if out else None


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for _ in range(max(1, steps)):
        loss = loss_fn(W)
        out.append(loss.item())
        gradient_step(W, loss, lr)
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    v = 0
    for _ in range(steps):
        loss = loss_fn(W)
        out.append(loss.item())
        W.grad = None
        loss.backward()
        v = 0.5 * v + W.grad
        W.data -= lr * v
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    W.data = torch.zeros_like(W.data)
    for _ in range(steps):
        loss = loss_fn(W)
        out.append(loss.item())
        gradient_step(W, loss, lr)
    return out


@wrong("train")
def _(W, loss_fn, steps, lr):
    out = []
    for _ in range(steps):
        loss = loss_fn(W)
        out.append(round(loss.item(), 3))
        gradient_step(W, loss, lr)
    return out


@right("train")
def _(W, loss_fn, steps, lr):

    def one():
        loss = loss_fn(W)
        v = float(loss)
        gradient_step(W, loss, lr)
        return v

    return [one() for _ in range(steps)]


# -- regularized_loss -----------------------------------------------------------------------------


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W**2).sum()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * W.abs().mean()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W.detach() ** 2).mean()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W[xs] ** 2).mean()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + 0.01 * (W**2).mean()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * W.norm()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * W.mean() ** 2


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) - strength * (W**2).mean()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W**2).mean() / 2


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * W.var()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return strength * (W**2).mean()


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) * (1 + strength * (W**2).mean())


@wrong("regularized_loss")
def _(W, xs, ys, strength):
    return (1 - strength) * nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * (W**2).mean()


@right("regularized_loss")
def _(W, xs, ys, strength):
    return F.cross_entropy(W[xs], ys) + strength * W.pow(2).mean()


@right("regularized_loss")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength / W.numel() * (W * W).sum()


# -- row_logits -----------------------------------------------------------------------------------


@wrong("row_logits")
def _(xs, W):
    return W[:, xs]


@wrong("row_logits")
def _(xs, W):
    return W.data[xs]


@wrong("row_logits")
def _(xs, W):
    return W[xs.flatten()]


@wrong("row_logits")
def _(xs, W):
    return torch.index_select(W, 0, xs.flatten())


@wrong("row_logits")
def _(xs, W):
    return F.one_hot(xs, W.shape[0]).to(W.dtype) @ W


@wrong("row_logits")
def _(xs, W):
    return W[xs].float()


@wrong("row_logits")
def _(xs, W):
    return W[xs - 1]


@wrong("row_logits")
def _(xs, W):
    return W[xs].softmax(-1)


@wrong("row_logits")
def _(xs, W):
    return W.T[xs]


@wrong("row_logits")
def _(xs, W):
    return W[xs].clone().detach().requires_grad_()


@wrong("row_logits")
def _(xs, W):
    return W[xs.unique()]


@wrong("row_logits")
def _(xs, W):
    return F.embedding(xs, W, padding_idx=0)


@wrong("row_logits")
def _(xs, W):
    return F.embedding(xs, W, scale_grad_by_freq=True)


@wrong("row_logits")
def _(xs, W):
    return F.embedding(xs.squeeze(), W)


@wrong("row_logits")
def _(xs, W):
    return torch.stack([W[int(i)] for i in xs])


@wrong("row_logits")
def _(xs, W):
    return F.embedding(xs, W, max_norm=1.0)


@right("row_logits")
def _(xs, W):
    return F.embedding(xs, W)


@right("row_logits")
def _(xs, W):
    return torch.index_select(W, 0, xs.flatten()).view(*xs.shape, -1)


@right("row_logits")
def _(xs, W):
    return W[xs, :]


# -- log_softmax ----------------------------------------------------------------------------------


@wrong("log_softmax")
def _(logits):
    return logits.softmax(1).log()


@wrong("log_softmax")
def _(logits):
    return logits - logits.exp().sum(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    return logits.log_softmax(0)


@wrong("log_softmax")
def _(logits):
    return (logits.softmax(1) + 1e-12).log()


@wrong("log_softmax")
def _(logits):
    c = logits.clamp(-80, 80)
    return c - c.exp().sum(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    m = logits.max()
    l = logits - m
    return l - l.exp().sum(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    m = logits.max(1, keepdim=True).values
    return logits - m - logits.exp().sum(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    return torch.log2(torch.softmax(logits, 1))


@wrong("log_softmax")
def _(logits):
    return logits.log_softmax(1).detach()


@wrong("log_softmax")
def _(logits):
    return logits.double().log_softmax(1)


@wrong("log_softmax")
def _(logits):
    logits -= logits.max(1, keepdim=True).values
    return logits - logits.exp().sum(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    m = logits.mean(1, keepdim=True)
    l = logits - m
    return l - l.exp().sum(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    l = logits - logits.max(1, keepdim=True).values
    return l - (l.exp().sum(1, keepdim=True) + 0.0001).log()


@wrong("log_softmax")
def _(logits):
    l = logits - logits.max(1, keepdim=True).values
    return l - l.exp().mean(1, keepdim=True).log()


@wrong("log_softmax")
def _(logits):
    l = logits - logits.max(1, keepdim=True).values
    return l


@wrong("log_softmax")
def _(logits):
    return logits - torch.logsumexp(logits, 1)[:, None].detach()


@wrong("log_softmax")
def _(logits):
    return logits.softmax(1).clamp(min=1e-38).log()


@wrong("log_softmax")
def _(logits):
    return -logits.log_softmax(1)


@wrong("log_softmax")
def _(logits):
    return logits.float().log_softmax(1).to(logits.dtype)


@right("log_softmax")
def _(logits):
    return F.log_softmax(logits, dim=-1)


@right("log_softmax")
def _(logits):
    return logits - torch.logsumexp(logits, 1, keepdim=True)


@right("log_softmax")
def _(logits):
    m = logits.amax(1, keepdim=True)
    return logits - (m + (logits - m).exp().sum(1, keepdim=True).log())


@right("log_softmax")
def _(logits):
    l = logits - logits.detach().amax(1, keepdim=True)
    return l - l.exp().sum(1, keepdim=True).log()


# -- cross_entropy --------------------------------------------------------------------------------


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits.softmax(1), ys)


@wrong("cross_entropy")
def _(logits, ys):
    return F.nll_loss(logits, ys)


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys, reduction="sum")


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys, label_smoothing=0.01)


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys, ignore_index=0)


@wrong("cross_entropy")
def _(logits, ys):
    return -logits.softmax(1)[torch.arange(len(ys)), ys].log().mean()


@wrong("cross_entropy")
def _(logits, ys):
    return -log_softmax(logits)[:, ys].mean()


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys).item()


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys).detach()


@wrong("cross_entropy")
def _(logits, ys):
    return log_softmax(logits)[torch.arange(len(ys)), ys].mean()


@wrong("cross_entropy")
def _(logits, ys):
    return -log_softmax(logits)[torch.arange(len(ys)), ys].median()


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits.clamp(-100, 100), ys)


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, F.one_hot(ys, logits.shape[1]))


@wrong("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys)[None]


@wrong("cross_entropy")
def _(logits, ys):
    return -log_softmax(logits)[torch.arange(len(ys)), ys].sum() / logits.numel()


@wrong("cross_entropy")
def _(logits, ys):
    return -(log_softmax(logits) * F.one_hot(ys, logits.shape[1])).mean()


@wrong("cross_entropy")
def _(logits, ys):
    return F.mse_loss(logits.softmax(1), F.one_hot(ys, logits.shape[1]).to(logits.dtype))


@wrong("cross_entropy")
def _(logits, ys):
    return F.multi_margin_loss(logits, ys)


@right("cross_entropy")
def _(logits, ys):
    return F.cross_entropy(logits, ys)


@right("cross_entropy")
def _(logits, ys):
    return F.nll_loss(log_softmax(logits), ys)


@right("cross_entropy")
def _(logits, ys):
    return (torch.logsumexp(logits, 1) - logits.gather(1, ys[:, None])[:, 0]).mean()


@right("cross_entropy")
def _(logits, ys):
    return -(log_softmax(logits) * F.one_hot(ys, logits.shape[1])).sum(1).mean()


# -- trigram_examples -----------------------------------------------------------------------------


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in "." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([b, a])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w + ".."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    c0 = [stoi["."]] * 2
    for w in words:
        for ch in w + ".":
            xs.append(list(c0))
            ys.append(stoi[ch])
            c0 = [c0[1], stoi[ch]]
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [0, 0] + [stoi[c] for c in w] + [0]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        if not w:
            continue
        ids = [stoi[c] for c in ".." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs).T, torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys)[:, None])


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append(a * len(stoi) + b)
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@wrong("trigram_examples")
def _(words, stoi):
    ids = [stoi[c] for c in ".." + "..".join(words) + "."]
    t = torch.tensor(ids)
    return (torch.stack([t[:-2], t[1:-1]], 1), t[2:])


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w + "."]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs, dtype=torch.int32), torch.tensor(ys, dtype=torch.int32))


@wrong("trigram_examples")
def _(words, stoi):
    xs, ys = ([], [])
    for w in words:
        ids = [stoi[c] for c in ".." + w]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return (torch.tensor(xs), torch.tensor(ys))


@right("trigram_examples")
def _(words, stoi):
    rows = torch.tensor(
        [
            [stoi[c] for c in p[i : i + 3]]
            for p in (f"..{w}." for w in words)
            for i in range(len(p) - 2)
        ]
    )
    return (rows[:, :2], rows[:, 2])


# -- trigram_counts -------------------------------------------------------------------------------


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    N[xs[:, 0], xs[:, 1], ys] += 1
    return N


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3)
    return N.index_put_((xs[:, 0], xs[:, 1], ys), torch.ones(len(ys)), accumulate=True)


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((27,) * 3, dtype=torch.int32)
    return N.index_put_(
        (xs[:, 0], xs[:, 1], ys), torch.ones(len(ys), dtype=torch.int32), accumulate=True
    )


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    return N.index_put_(
        (xs[:, 1], xs[:, 0], ys), torch.ones(len(ys), dtype=torch.int32), accumulate=True
    )


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.uint8)
    return N.index_put_(
        (xs[:, 0], xs[:, 1], ys), torch.ones(len(ys), dtype=torch.uint8), accumulate=True
    ).int()


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    f = (xs[:, 0] * vocab_size + xs[:, 1]) * vocab_size + ys
    return torch.bincount(f).int()


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    v = int(max(xs.max(), ys.max())) + 1
    f = (xs[:, 0] * v + xs[:, 1]) * v + ys
    return torch.bincount(f, minlength=v**3).view(v, v, v).int()


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    f = (xs[:, 0] * vocab_size + xs[:, 1]) * vocab_size + ys
    return torch.bincount(f, minlength=vocab_size**3).view(vocab_size, vocab_size, vocab_size)


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[a, b, c] = 1
    return N


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.ones((vocab_size,) * 3, dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[a, b, c] += 1
    return N


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 2, dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[b, c] += 1
    return N


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size**2, vocab_size), dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[a * vocab_size + b, c] += 1
    return N


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    for (a, b), c in set(zip(map(tuple, xs.tolist()), ys.tolist())):
        N[a, b, c] += 1
    return N


@wrong("trigram_counts")
def _(xs, ys, vocab_size):
    return torch.zeros((vocab_size,) * 3, dtype=torch.int32)


@right("trigram_counts")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[a, b, c] += 1
    return N


@right("trigram_counts")
def _(xs, ys, vocab_size):
    f = (xs[:, 0] * vocab_size + xs[:, 1]) * vocab_size + ys
    return torch.bincount(f, minlength=vocab_size**3).view((vocab_size,) * 3).int()


@right("trigram_counts")
def _(xs, ys, vocab_size):
    from collections import Counter

    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    for (a, b, c), n in Counter(((*x, y) for x, y in zip(xs.tolist(), ys.tolist()))).items():
        N[a, b, c] = n
    return N


# -- trigram_probs --------------------------------------------------------------------------------


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum(1, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum(0, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum()


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum(2)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() / N.sum(2, keepdim=True) + alpha
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N + int(alpha)
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.double() + alpha
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float()
    return (P + alpha) / (P.sum(2, keepdim=True) + alpha)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + 1
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha
    return P / P.sum((1, 2), keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha
    P[P == alpha] = 1 / len(P)
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    N += int(alpha)
    P = N.float()
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float() + alpha / N.shape[-1]
    return P / P.sum(2, keepdim=True)


@wrong("trigram_probs")
def _(N, alpha):
    P = N.float()
    P /= P.sum(2, keepdim=True).clamp(min=1)
    return P


@wrong("trigram_probs")
def _(N, alpha):
    P = N.half() + alpha
    return (P / P.sum(2, keepdim=True)).float()


@wrong("trigram_probs")
def _(N, alpha):
    return (N.float() + alpha).softmax(2)


@right("trigram_probs")
def _(N, alpha):
    return F.normalize(N.float() + alpha, p=1, dim=2)


@right("trigram_probs")
def _(N, alpha):
    return (N + alpha) / (N.sum(-1)[..., None] + alpha * N.shape[-1])


# -- trigram_nll ----------------------------------------------------------------------------------


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 1], xs[:, 0], ys].log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], xs[:, 1]][:, ys].log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], xs[:, 1], ys].log().sum().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], xs[:, 1], ys].mean().log().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -(P[xs[:, 0], xs[:, 1], ys] + 1e-08).log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    p = P[xs[:, 0], xs[:, 1], ys]
    return -p[p > 0].log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], xs[:, 1], ys].log2().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs].log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return (-P * P.log()).sum().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], xs[:, 1], ys].log().mean(0, keepdim=True)


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], ys, xs[:, 1]].log().mean().item()


@wrong("trigram_nll")
def _(P, xs, ys):
    return -P[xs[:, 0], xs[:, 1], ys].clamp(min=1e-09).log().mean()


@right("trigram_nll")
def _(P, xs, ys):
    return -P.double().log()[xs[:, 0], xs[:, 1], ys].mean()


@right("trigram_nll")
def _(P, xs, ys):
    a, b = xs.T
    return float(F.nll_loss(P[a, b].log(), ys))


# -- trigram_logits -------------------------------------------------------------------------------


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 1] * W.shape[1] + xs[:, 0]]


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0] * 27 + xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0] + xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W[xs].sum(1)


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0] * W.shape[0] + xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W.data[xs[:, 0] * W.shape[1] + xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0] * (W.shape[1] + 1) + xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0] * W.shape[1] + xs[:, 1]].softmax(1)


@wrong("trigram_logits")
def _(xs, W):
    v = int(xs.max()) + 1
    return W[xs[:, 0] * v + xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0] * W.shape[1] + xs[:, 1]].float()


@wrong("trigram_logits")
def _(xs, W):
    return W[xs[:, 0]] + W[xs[:, 1]]


@wrong("trigram_logits")
def _(xs, W):
    return W.view(W.shape[1], W.shape[1], -1)[xs[:, 1], xs[:, 0]]


@wrong("trigram_logits")
def _(xs, W):
    i = (xs[:, 0] * W.shape[1] + xs[:, 1]).unique()
    return W[i]


@right("trigram_logits")
def _(xs, W):
    v = W.shape[1]
    return W.view(v, v, v)[xs[:, 0], xs[:, 1]]


@right("trigram_logits")
def _(xs, W):
    v = W.shape[1]
    return F.embedding(xs @ torch.tensor([v, 1]), W)


@right("trigram_logits")
def _(xs, W):
    v = W.shape[1]
    return F.one_hot(xs[:, 0] * v + xs[:, 1], v * v).to(W.dtype) @ W


# -- split_words ----------------------------------------------------------------------------------


@wrong("split_words")
def _(words, rng):
    s = sorted(words)
    rng.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2 - 1 :])


@wrong("split_words")
def _(words, rng):
    s = list(set(words))
    rng.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = list(words)
    random.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = list(words)
    rng.seed(42)
    rng.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    s = list(words)
    r = rng.randrange(len(s)) if s else 0
    s = s[r:] + s[:r]
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = list(words)
    rng.shuffle(s)
    n1, n2 = (round(0.8 * len(s)), round(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = list(words)
    rng.shuffle(s)
    n = int(0.1 * len(s))
    return (s[2 * n :], s[:n], s[n : 2 * n])


@wrong("split_words")
def _(words, rng):
    tr, de, te = ([], [], [])
    for w in words:
        u = rng.random()
        (tr if u < 0.8 else de if u < 0.9 else te).append(w)
    return (tr, de, te)


@wrong("split_words")
def _(words, rng):
    s = list(words)
    rng.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n2:], s[n1:n2])


@wrong("split_words")
def _(words, rng):
    s = list(words)
    rng.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    rng.shuffle(words)
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = [rng.choice(words) for _ in words]
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = sorted(words, key=hash)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    rng.random()
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    s = list(words)
    for i in range(len(s)):
        j = rng.randrange(len(s))
        s[i], s[j] = (s[j], s[i])
        break
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words")
def _(words, rng):
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    a = words[:n1]
    b = words[n1:]
    b = list(b)
    rng.shuffle(b)
    return (a, b[: n2 - n1], b[n2 - n1 :])


@right("split_words")
def _(words, rng):
    s = rng.sample(words, len(words))
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@right("split_words")
def _(words, rng):
    i = list(range(len(words)))
    rng.shuffle(i)
    n1, n2 = (int(0.8 * len(i)), int(0.9 * len(i)))
    g = lambda k: [words[j] for j in k]
    return (g(i[:n1]), g(i[n1:n2]), g(i[n2:]))


@right("split_words")
def _(words, rng):
    s = sorted(words)
    rng.shuffle(s)
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return s[:n1], s[n1:n2], s[n2:]


@right("split_words")
def _(words, rng):
    k = [(rng.random(), i, w) for i, w in enumerate(words)]
    s = [w for _, _, w in sorted(k)]
    n1, n2 = (int(0.8 * len(s)), int(0.9 * len(s)))
    return (s[:n1], s[n1:n2], s[n2:])


@wrong("split_words", "last lost")
def _(words, rng):
    shuffled = list(words)
    rng.shuffle(shuffled)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (shuffled[:n1], shuffled[n1:n2], shuffled[n2:-1])


# -- smoothed_nll ---------------------------------------------------------------------------------


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.float() / N.sum(2, keepdim=True) + alpha
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(1, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return -(P[xs[:, 0], xs[:, 1], ys] + 1e-06).log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N + int(alpha)
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().sum().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return -(N * P.log()).sum().item() / N.sum().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 1], xs[:, 0], ys].log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    N += int(alpha)
    P = N / N.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    return -(P[xs[:, 0], xs[:, 1], ys] / (N.sum(2)[xs[:, 0], xs[:, 1]] + alpha)).log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double() + alpha
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item() + alpha


@wrong("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.double().clamp(min=alpha)
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


@right("smoothed_nll")
def _(N, xs, ys, alpha):
    a, b = xs.T
    M = N[a, b].double() + alpha
    return (M.sum(1).log() - M.gather(1, ys[:, None])[:, 0].log()).mean()


@right("smoothed_nll")
def _(N, xs, ys, alpha):
    P = N.float() + alpha
    P /= P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean().item()


# -- tune -----------------------------------------------------------------------------------------


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in sorted(alphas)]
    return (sorted(alphas)[l.index(min(l))], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    return (min(l), l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    return (l.index(min(l)), l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    return (alphas[l.index(max(l))], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    i = len(l) - 1 - l[::-1].index(min(l))
    return (alphas[i], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    return alphas[l.index(min(l))]


@wrong("tune")
def _(N, xs, ys, alphas):
    l = {a: smoothed_nll(N, xs, ys, a) for a in alphas}
    return (min(l, key=l.get), l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    return (alphas[l.index(min(l))], sorted(l))


@wrong("tune")
def _(N, xs, ys, alphas):
    l = []
    for a in alphas:
        l.append(smoothed_nll(N, xs, ys, a))
        if len(l) > 1 and l[-1] > l[-2]:
            break
    return (alphas[l.index(min(l))], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    alphas.sort()
    l = [smoothed_nll(N, xs, ys, a) for a in alphas]
    return (alphas[l.index(min(l))], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [smoothed_nll(N, xs, ys, a) for a in dict.fromkeys(alphas)]
    return (list(dict.fromkeys(alphas))[l.index(min(l))], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    l = [round(smoothed_nll(N, xs, ys, a), 2) for a in alphas]
    return (alphas[l.index(min(l))], l)


@wrong("tune")
def _(N, xs, ys, alphas):
    return (1.0, [smoothed_nll(N, xs, ys, a) for a in alphas])


@right("tune")
def _(N, xs, ys, alphas):
    l = [float(smoothed_nll(N, xs, ys, a)) for a in alphas]
    b = min(range(len(l)), key=l.__getitem__)
    return (alphas[b], l)


@right("tune")
def _(N, xs, ys, alphas):
    l = [float(smoothed_nll(N, xs, ys, a)) for a in alphas]
    return (min(zip(l, range(len(l)), alphas))[2], l)


# -- experiment -----------------------------------------------------------------------------------


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *test, alphas)
    return {
        "alpha": a,
        **{k: smoothed_nll(N, *v, a) for k, v in dict(train=train, dev=dev, test=test).items()},
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *train, alphas)
    return {
        "alpha": a,
        **{k: smoothed_nll(N, *v, a) for k, v in dict(train=train, dev=dev, test=test).items()},
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        **{
            k: min(tune(N, *v, alphas)[1]) for k, v in dict(train=train, dev=dev, test=test).items()
        },
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(torch.cat([train[0], dev[0]]), torch.cat([train[1], dev[1]]), vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        **{k: smoothed_nll(N, *v, a) for k, v in dict(train=train, dev=dev, test=test).items()},
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    M = trigram_counts(torch.cat([train[0], dev[0]]), torch.cat([train[1], dev[1]]), vocab_size)
    return {
        "alpha": a,
        "train": smoothed_nll(N, *train, a),
        "dev": smoothed_nll(N, *dev, a),
        "test": smoothed_nll(M, *test, a),
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        **{
            k: smoothed_nll(trigram_counts(*v, vocab_size), *v, a)
            for k, v in dict(train=train, dev=dev, test=test).items()
        },
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        **{k: smoothed_nll(N, *v, 0.1) for k, v in dict(train=train, dev=dev, test=test).items()},
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        "train": smoothed_nll(N, *train, a),
        "dev": smoothed_nll(N, *dev, a),
        "test": smoothed_nll(N, *dev, a),
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        "train": smoothed_nll(N, *train, a),
        "dev": smoothed_nll(N, *test, a),
        "test": smoothed_nll(N, *dev, a),
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return (a, [smoothed_nll(N, *v, a) for v in (train, dev, test)])


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, *dev, alphas)
    return {
        "alpha": a,
        "train": smoothed_nll(N, *train, 1e-09),
        "dev": smoothed_nll(N, *dev, a),
        "test": smoothed_nll(N, *test, a),
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, _ = tune(N, torch.cat([dev[0], test[0]]), torch.cat([dev[1], test[1]]), alphas)
    return {
        "alpha": a,
        **{k: smoothed_nll(N, *v, a) for k, v in dict(train=train, dev=dev, test=test).items()},
    }


@wrong("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a = alphas[0]
    return {
        "alpha": a,
        **{k: smoothed_nll(N, *v, a) for k, v in dict(train=train, dev=dev, test=test).items()},
    }


@right("experiment")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    a, l = tune(N, *dev, list(alphas))
    return dict(
        alpha=float(a),
        train=float(smoothed_nll(N, *train, a)),
        dev=min(l),
        test=float(smoothed_nll(N, *test, a)),
    )


# -- with torch's own functions, and in the lecture's own lines ------------------------------------


@right("normalize_rows")
def _(N):
    return F.normalize(N.float(), p=1, dim=1)


@right("count_matrix")
def _(words, stoi):
    ids = [[stoi[c] for c in "." + word + "."] for word in words]
    xs = torch.tensor([i for word in ids for i in word[:-1]], dtype=torch.int64)
    ys = torch.tensor([i for word in ids for i in word[1:]], dtype=torch.int64)
    pairs = F.one_hot(xs, len(stoi)).double().T @ F.one_hot(ys, len(stoi)).double()
    return pairs.int()


@right("smoothed_probs")
def _(N, alpha):
    return F.normalize(N.float() + alpha, p=1, dim=1)


@right("average_nll")
def _(probs):
    return float(F.nll_loss(probs.log()[:, None], torch.zeros(len(probs), dtype=torch.int64)))


@right("smoothed_nll")
def _(N, xs, ys, alpha):
    P = F.normalize(N.double() + alpha, p=1, dim=2)
    return F.nll_loss(P[xs[:, 0], xs[:, 1]].log(), ys).item()


@right("gradient_step")
def _(W, loss, lr):
    optimizer = torch.optim.SGD([W], lr=lr)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@right("regularized_loss")
def _(W, xs, ys, strength):
    xenc = F.one_hot(xs, num_classes=len(W)).float()
    logits = xenc @ W
    counts = logits.exp()
    probs = counts / counts.sum(1, keepdims=True)
    return -probs[torch.arange(xs.nelement()), ys].log().mean() + strength * (W**2).mean()


@wrong("gradient_step")
def _(W, loss, lr):
    optimizer = torch.optim.SGD([W], lr=lr)
    loss.backward()
    optimizer.step()


@wrong("gradient_step")
def _(W, loss, lr):
    optimizer = torch.optim.SGD([W], lr=lr, weight_decay=0.01)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
