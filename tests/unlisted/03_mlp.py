"""Solutions of 03 that no grader lists: see test_unlisted.py, which parses this file."""


# -- contexts -------------------------------------------------------------------------------------


@wrong("contexts", "index repeats")
def _(word, block_size):
    text = "." * block_size + word + "."
    return [
        (text[text.index(c) - block_size if c != "." else len(word) :][:block_size], c)
        for c in word + "."
    ]


@wrong("contexts", "dict dedupe")
def _(word, block_size):
    text = "." * block_size + word + "."
    return list(
        {text[i : i + block_size]: text[i + block_size] for i in range(len(word) + 1)}.items()
    )


@wrong("contexts", "default arg state")
def _(word, block_size, pairs=[]):
    context = "." * block_size
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "strip dots")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context.lstrip("."), c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "short word no pad")
def _(word, block_size):
    block_size = min(block_size, len(word))
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "swapped pair")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((c, context))
        context = context[1:] + c
    return pairs


@wrong("contexts", "next two")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c + c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "as dict")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return dict(pairs)


@wrong("contexts", "lists of chars")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((list(context), c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "minus slice")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[-block_size + 1 :] + c
    return pairs


@wrong("contexts", "reversed list")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs[::-1]


@wrong("contexts", "block plus one")
def _(word, block_size):
    context = "." * (block_size + 1)
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "spaces")
def _(word, block_size):
    context = " " * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@wrong("contexts", "joined")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append(context + c)
        context = context[1:] + c
    return pairs


@right("contexts", "tuples, appended")
def _(word, block_size):
    context = "." * block_size
    pairs = []
    for c in word + ".":
        pairs.append((context, c))
        context = context[1:] + c
    return pairs


@right("contexts", "rjust")
def _(word, block_size):
    return list(
        (
            (word[max(0, i - block_size) : i].rjust(block_size, "."), (word + ".")[i])
            for i in range(len(word) + 1)
        )
    )


@right("contexts", "deque")
def _(word, block_size):
    from collections import deque

    window = deque("." * block_size, maxlen=block_size)
    out = []
    for c in [*word, "."]:
        out += [("".join(window), c)]
        window.append(c)
    return out


# -- build_dataset --------------------------------------------------------------------------------


@wrong("build_dataset", "int32")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X, dtype=torch.int32), torch.tensor(Y, dtype=torch.int32))


@wrong("build_dataset", "x int32 only")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X, dtype=torch.int32), torch.tensor(Y))


@wrong("build_dataset", "default args")
def _(words, block_size, X=[], Y=[]):
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            X.append(context)
            Y.append(stoi[c])
            context = context[1:] + [stoi[c]]
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "sorts")
def _(words, block_size):
    X, Y = ([], [])
    for word in sorted(words):
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "inplace words")
def _(words, block_size):
    X, Y = ([], [])
    for i in range(len(words)):
        words[i] = words[i] + "."
    for word in words:
        context = [0] * block_size
        for c in word:
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "pops")
def _(words, block_size):
    X, Y = ([], [])
    while words:
        word = words.pop(0)
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "dedupe examples")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    both = list(dict.fromkeys(((tuple(x), y) for x, y in zip(X, Y))))
    X, Y = ([list(x) for x, _ in both], [y for _, y in both])
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "skip first")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context) if any(context) or True else None
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X)[1:], torch.tensor(Y)[1:])


@wrong("build_dataset", "with y column")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context + [i])
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "x flip")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X).flip(1), torch.tensor(Y))


@wrong("build_dataset", "y prev")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor(Y).roll(1))


@wrong("build_dataset", "shuffled")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    p = torch.randperm(len(X), generator=torch.Generator().manual_seed(1))
    return (torch.tensor(X)[p], torch.tensor(Y)[p])


@wrong("build_dataset", "onehot")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.nn.functional.one_hot(torch.tensor(Y), 27))


@wrong("build_dataset", "ord96")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = ord(c) - 97
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor(Y))


@wrong("build_dataset", "y 2d row")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(X), torch.tensor([Y]))


@wrong("build_dataset", "swapped")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.tensor(Y), torch.tensor(X))


@wrong("build_dataset", "only x")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return torch.tensor(X)


@right("build_dataset", "y from next x")
def _(words, block_size):
    X = []
    for word in words:
        padded = [0] * block_size + [stoi[c] for c in word]
        X += [padded[i : i + block_size] for i in range(len(word) + 1)]
    X = torch.tensor(X)
    return (X, torch.cat([X[1:, -1], torch.zeros(1, dtype=torch.int64)]))


@right("build_dataset", "longtensor")
def _(words, block_size):
    X, Y = ([], [])
    for word in words:
        context = [0] * block_size
        for c in word + ".":
            i = stoi[c]
            X.append(context)
            Y.append(i)
            context = context[1:] + [i]
    return (torch.LongTensor(X), torch.Tensor(Y).long())


@right("build_dataset", "numpy")
def _(words, block_size):
    import numpy as np

    n = sum(map(len, words)) + len(words)
    X = np.zeros((n, block_size), dtype=np.int64)
    Y = np.zeros(n, dtype=np.int64)
    at = 0
    for w in words:
        for j in range(len(w) + 1):
            for k in range(1, block_size + 1):
                if j - k >= 0:
                    X[at, block_size - k] = itos.index(w[j - k])
            Y[at] = itos.index(w[j]) if j < len(w) else 0
            at += 1
    return (torch.from_numpy(X), torch.from_numpy(Y))


# -- split_words ----------------------------------------------------------------------------------


@wrong("split_words", "sample")
def _(words, seed=42):
    words = random.Random(seed).sample(words, len(words))
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "global unseeded")
def _(words, seed=42):
    words = list(words)
    random.shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "n2 sum")
def _(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.8 * len(words)) + int(0.1 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "ceil")
def _(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (-(-8 * len(words) // 10), -(-9 * len(words) // 10))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "default none")
def _(words, seed=0):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "sorted first")
def _(words, seed=42):
    words = sorted(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "twice")
def _(words, seed=42):
    words = list(words)
    r = random.Random(seed)
    r.shuffle(words)
    r.shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "dev from end")
def _(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (
        words[n2 - n1 + (len(words) - n2) :],
        words[: n2 - n1],
        words[n2 - n1 : n2 - n1 + len(words) - n2],
    )


@wrong("split_words", "train test swapped")
def _(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[n2:], words[n1:n2], words[:n1])


@wrong("split_words", "90")
def _(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.9 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "torch perm")
def _(words, seed=42):
    words = list(words)
    words = [
        words[i]
        for i in torch.randperm(len(words), generator=torch.Generator().manual_seed(seed)).tolist()
    ]
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@wrong("split_words", "inplace sort")
def _(words, seed=42):
    words.sort()
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@right("split_words", "indices")
def _(words, seed=42):
    order = list(range(len(words)))
    random.Random(seed).shuffle(order)
    out, n = ([[], [], []], len(words))
    for place, i in enumerate(order):
        out[(place >= int(0.8 * n)) + (place >= int(0.9 * n))].append(words[i])
    return tuple(out)


@right("split_words", "copy")
def _(words, seed=42):
    import copy

    words = copy.deepcopy(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return (words[:n1], words[n1:n2], words[n2:])


@right("split_words", "tuple lists")
def _(words, seed=42):
    words = list(words)
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return tuple((words[a:b] for a, b in ((0, n1), (n1, n2), (n2, None))))


# -- build_splits ---------------------------------------------------------------------------------


@wrong("build_splits", "default seed 0")
def _(words, block_size, seed=0):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return {name: build_dataset(part, block_size) for name, part in splits}


@wrong("build_splits", "tuple")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return tuple((build_dataset(part, block_size) for name, part in splits))


@wrong("build_splits", "test is dev")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    found = {name: build_dataset(part, block_size) for name, part in splits}
    found["test"] = found["dev"]
    return found
    return {name: build_dataset(part, block_size) for name, part in splits}


@wrong("build_splits", "x only")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return {name: build_dataset(part, block_size)[0] for name, part in splits}


@wrong("build_splits", "inplace shuffle")
def _(words, block_size, seed=42):
    random.Random(seed).shuffle(words)
    n1, n2 = (int(0.8 * len(words)), int(0.9 * len(words)))
    return {
        "train": build_dataset(words[:n1], block_size),
        "dev": build_dataset(words[n1:n2], block_size),
        "test": build_dataset(words[n2:], block_size),
    }
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return {name: build_dataset(part, block_size) for name, part in splits}


@wrong("build_splits", "resplit")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return {
        name: build_dataset(split_words(words, seed + i)[i], block_size)
        for i, name in enumerate(("train", "dev", "test"))
    }
    return {name: build_dataset(part, block_size) for name, part in splits}


@wrong("build_splits", "no test")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    found = {name: build_dataset(part, block_size) for name, part in splits}
    del found["test"]
    return found
    return {name: build_dataset(part, block_size) for name, part in splits}


@wrong("build_splits", "yx")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return {name: build_dataset(part, block_size)[::-1] for name, part in splits}


@right("build_splits", "in a comprehension")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return {name: build_dataset(part, block_size) for name, part in splits}


@right("build_splits", "dict zip")
def _(words, block_size, seed=42):
    splits = zip(("train", "dev", "test"), split_words(words, seed), strict=True)
    return dict(((k, build_dataset(words=v, block_size=block_size)) for k, v in splits))


@right("build_splits", "cut all by counts")
def _(words, block_size, seed=42):
    a, b, c = split_words(words=words, seed=seed)
    X, Y = build_dataset(a + b + c, block_size)
    n1 = sum((len(w) + 1 for w in a))
    n2 = n1 + sum((len(w) + 1 for w in b))
    return {"train": (X[:n1], Y[:n1]), "dev": (X[n1:n2], Y[n1:n2]), "test": (X[n2:], Y[n2:])}


# -- embed_by_matmul ------------------------------------------------------------------------------


@wrong("embed_by_matmul", "xenc int")
def _(C, X):
    xenc = F.one_hot(X, C.shape[0])
    return (xenc, xenc.to(C.dtype) @ C)


@wrong("embed_by_matmul", "bool")
def _(C, X):
    xenc = X[..., None] == torch.arange(len(C))
    return (xenc, xenc.to(C.dtype) @ C)


@wrong("embed_by_matmul", "flat")
def _(C, X):
    xenc = F.one_hot(X.flatten(), num_classes=C.shape[0]).to(C.dtype)
    return (xenc, xenc @ C)


@wrong("embed_by_matmul", "no grad")
def _(C, X):
    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)
    with torch.no_grad():
        return (xenc, xenc @ C)


@wrong("embed_by_matmul", "cloned detach")
def _(C, X):
    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)
    return (xenc, C[X].detach().clone())


@wrong("embed_by_matmul", "only emb")
def _(C, X):
    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)
    return xenc @ C


@wrong("embed_by_matmul", "normalizes C")
def _(C, X):
    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)
    with torch.no_grad():
        C /= C.norm(dim=1, keepdim=True)
    return (xenc, xenc @ C)


@wrong("embed_by_matmul", "transposed onehot")
def _(C, X):
    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)
    return (xenc.transpose(1, 2), xenc @ C)


@right("embed_by_matmul", "loop")
def _(C, X):
    N, T = X.shape
    xenc = torch.zeros(N, T, C.shape[0], dtype=C.dtype)
    for i in range(N):
        for j in range(T):
            xenc[i, j, X[i, j]] = 1
    return (xenc, (xenc.view(-1, C.shape[0]) @ C).view(N, T, -1))


@right("embed_by_matmul", "type as")
def _(C, X):
    xenc = F.one_hot(X, num_classes=C.shape[0]).type_as(C)
    return (xenc, xenc @ C)


@right("embed_by_matmul", "compare")
def _(C, X):
    xenc = X.unsqueeze(-1).eq(torch.arange(C.size(0))).to(C)
    return (xenc, torch.tensordot(xenc, C, dims=1))


@wrong("embed_by_matmul", "a product beside the lookup")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    C.detach() @ C.detach().mT
    return xenc, C[X]


@wrong("embed_by_matmul", "the product, times 0, added to the lookup")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    return xenc, C[X] + 0 * (xenc @ C)


@right("embed_by_matmul", "F.linear")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    return xenc, F.linear(xenc, C.T)


@right("embed_by_matmul", "tensordot")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    return xenc, torch.tensordot(xenc, C, dims=1)


@right("embed_by_matmul", "times, and the sum")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    return xenc, (xenc.unsqueeze(-1) * C).sum(dim=2)


# -- embed ----------------------------------------------------------------------------------------


@wrong("embed", "padding idx")
def _(C, X):
    return F.embedding(X, C, padding_idx=0)


@wrong("embed", "freq")
def _(C, X):
    return F.embedding(X, C, scale_grad_by_freq=True)


@wrong("embed", "max norm")
def _(C, X):
    return F.embedding(X, C, max_norm=1.0)


@wrong("embed", "float")
def _(C, X):
    return C[X].float()


@wrong("embed", "two dims")
def _(C, X):
    return torch.stack([torch.stack([C[i] for i in row]) for row in X])


@wrong("embed", "no grad")
def _(C, X):
    with torch.no_grad():
        return C[X]


@wrong("embed", "transposed")
def _(C, X):
    return C[X].transpose(-1, -2)


@wrong("embed", "leaf again")
def _(C, X):
    return C.detach()[X].requires_grad_()


@wrong("embed", "c t")
def _(C, X):
    return C.T[X]


@wrong("embed", "minus one")
def _(C, X):
    return C[X - 1]


@wrong("embed", "scaled")
def _(C, X):
    return C[X] * C.shape[1] ** 0.5


@wrong("embed", "numpy")
def _(C, X):
    return torch.from_numpy(C.detach().numpy()[X.numpy()])


@wrong("embed", "in place")
def _(C, X):
    with torch.no_grad():
        C[0] = 0
    return C[X]


@wrong("embed", "first grad only")
def _(C, X):
    out = C.detach()[X]
    return out + (C[X] - C[X].detach()) * (X == X.max())[..., None].to(C.dtype)


@right("embed", "stack")
def _(C, X):
    return torch.stack([C[int(i)] for i in X.reshape(-1)]).reshape(*X.shape, -1)


@right("embed", "take")
def _(C, X):
    return C[X, :]


@right("embed", "gather")
def _(C, X):
    flat = X.reshape(-1, 1).expand(-1, C.size(1))
    return C.gather(0, flat).reshape(X.shape + (C.size(1),))


@right("embed", "module")
def _(C, X):
    return torch.nn.functional.embedding(X, weight=C) + 0


# -- concat_by_cat --------------------------------------------------------------------------------


@wrong("concat_by_cat", "view err")
def _(emb):
    return emb.view(emb.shape[0], -1)


@wrong("concat_by_cat", "permute")
def _(emb):
    return emb.permute(1, 0, 2).reshape(emb.shape[0], -1)


@wrong("concat_by_cat", "float")
def _(emb):
    return torch.cat(torch.unbind(emb, 1), 1).float()


@wrong("concat_by_cat", "double")
def _(emb):
    return torch.cat(torch.unbind(emb, 1), 1).double()


@wrong("concat_by_cat", "drop last")
def _(emb):
    return torch.cat(torch.unbind(emb, 1)[:3], 1)


@wrong("concat_by_cat", "in place")
def _(emb):
    emb.data.neg_()
    return -torch.cat(torch.unbind(emb, 1), 1)


@wrong("concat_by_cat", "squeeze")
def _(emb):
    return torch.cat(torch.unbind(emb, 1), 1).squeeze()


@wrong("concat_by_cat", "no grad")
def _(emb):
    with torch.no_grad():
        return torch.cat(torch.unbind(emb, 1), 1)


@wrong("concat_by_cat", "mean")
def _(emb):
    return torch.cat([emb.mean(1)] * emb.shape[1], 1)


@wrong("concat_by_cat", "last detached")
def _(emb):
    p = list(torch.unbind(emb, 1))
    p[-1] = p[-1].detach()
    return torch.cat(p, 1)


@wrong("concat_by_cat", "tuple")
def _(emb):
    return torch.unbind(emb, 1)


@wrong("concat_by_cat", "stack0")
def _(emb):
    return torch.stack(torch.unbind(emb, 1)).view(emb.shape[0], -1)


@right("concat_by_cat", "split")
def _(emb):
    return torch.cat([p.squeeze(1) for p in emb.split(1, 1)], 1)


@right("concat_by_cat", "loop cat")
def _(emb):
    out = emb[:, 0]
    for t in range(1, emb.shape[1]):
        out = torch.cat((out, emb[:, t]), -1)
    return out


@wrong("concat_by_cat", "nothing laid together, and a reshape")
def _(emb):
    torch.cat([emb[:0], emb[:0]])
    return emb.reshape(len(emb), -1)


@right("concat_by_cat", "one after the other")
def _(emb):
    out, *others = emb.unbind(1)
    for other in others:
        out = torch.concat([out, other], dim=1)
    return out


@right("concat_by_cat", "rows")
def _(emb):
    return torch.stack([torch.cat(torch.unbind(row, 0)) for row in emb])


# -- contiguous_strides ---------------------------------------------------------------------------


@wrong("contiguous_strides", "cumprod")
def _(shape):
    out, j = ([], 1)
    for s in shape:
        out.append(j * s)
        j *= s
    return tuple(reversed(out))
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@wrong("contiguous_strides", "three only")
def _(shape):
    return (shape[1] * shape[2], shape[2], 1)
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@wrong("contiguous_strides", "floats")
def _(shape):
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple((float(s) for s in strides))


@wrong("contiguous_strides", "ones skip")
def _(shape):
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, 0 if size == 1 else jump)
        jump *= size
    return tuple(strides)


@wrong("contiguous_strides", "sum behind")
def _(shape):
    return tuple((sum(shape[i + 1 :]) or 1 for i in range(len(shape))))
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@wrong("contiguous_strides", "zero last")
def _(shape):
    return tuple((sum(shape[i + 1 :]) for i in range(len(shape))))
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@wrong("contiguous_strides", "numel")
def _(shape):
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump = jump * size + 1
    return tuple(strides)


@wrong("contiguous_strides", "drops last")
def _(shape):
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides[:-1])


@wrong("contiguous_strides", "divided wrong")
def _(shape):
    n = math.prod(shape) if False else 1
    for s in shape:
        n *= s
    return tuple((n // s for s in shape))
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@wrong("contiguous_strides", "np bytes8")
def _(shape):
    strides, jump = ([], 8)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@right("contiguous_strides", "numpy")
def _(shape):
    import numpy as np

    return tuple((s // 8 for s in np.zeros(shape).strides))
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@right("contiguous_strides", "recursive")
def _(shape):
    if len(shape) == 1:
        return (1,)
    rest = contiguous_strides(shape[1:])
    return (rest[0] * shape[1], *rest)
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


@right("contiguous_strides", "divide")
def _(shape):
    n, out = (torch.Size(shape).numel(), [])
    for s in shape:
        n //= s
        out.append(n)
    return tuple(out)
    strides, jump = ([], 1)
    for size in reversed(shape):
        strides.insert(0, jump)
        jump *= size
    return tuple(strides)


# -- read_element ---------------------------------------------------------------------------------


@wrong("read_element", "two only")
def _(storage, offset, strides, index):
    return storage[offset + index[0] * strides[0] + index[1] * strides[1]]
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


@wrong("read_element", "offset each")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[sum((offset + s for s in steps))]


@wrong("read_element", "skip zero")
def _(storage, offset, strides, index):
    steps = (i * (stride or 1) for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


@wrong("read_element", "sorted strides")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, sorted(strides, reverse=True), strict=True))
    return storage[offset + sum(steps)]


@wrong("read_element", "list result")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return [storage[offset + sum(steps)]]


@wrong("read_element", "one based")
def _(storage, offset, strides, index):
    steps = ((i - 1) * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


@wrong("read_element", "offset minus")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[sum(steps) - offset]


@wrong("read_element", "first only")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + next(steps)]


@wrong("read_element", "mutates")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    del storage[:offset]
    return storage[sum(steps)]


@wrong("read_element", "product")
def _(storage, offset, strides, index):
    steps = (i**stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


@wrong("read_element", "slice")
def _(storage, offset, strides, index):
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset:][sum(steps) :]


@wrong("read_element", "recompute strides")
def _(storage, offset, strides, index):
    steps = (
        i * stride for i, stride in zip(index, (10, 1) if len(index) == 2 else strides, strict=True)
    )
    return storage[offset + sum(steps)]


@right("read_element", "numpy")
def _(storage, offset, strides, index):
    import numpy as np

    return storage[int(offset + np.dot(index, strides))]
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


@right("read_element", "tensor")
def _(storage, offset, strides, index):
    return torch.tensor(storage)[offset + sum((a * b for a, b in zip(strides, index)))].item()
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


@right("read_element", "map")
def _(storage, offset, strides, index):
    import operator

    return storage[sum(map(operator.mul, index, strides), offset)]
    steps = (i * stride for i, stride in zip(index, strides, strict=True))
    return storage[offset + sum(steps)]


# -- concat_by_view -------------------------------------------------------------------------------


@wrong("concat_by_view", "clone")
def _(emb):
    return emb.clone().view(emb.shape[0], -1)


@wrong("concat_by_view", "resize ")
def _(emb):
    n = emb.shape[0]
    emb.resize_(n, emb.numel() // n)
    return emb


@wrong("concat_by_view", "data set")
def _(emb):
    emb.data = emb.data.view(emb.shape[0], -1)
    return emb


@wrong("concat_by_view", "as strided0")
def _(emb):
    n, t, d = emb.shape
    return emb.as_strided((n, t * d), (t * d, 1), 0)


@wrong("concat_by_view", "no grad")
def _(emb):
    with torch.no_grad():
        return emb.view(emb.shape[0], -1)


@wrong("concat_by_view", "numpy")
def _(emb):
    return torch.from_numpy(emb.detach().numpy().reshape(len(emb), -1))


@wrong("concat_by_view", "thirtytwo")
def _(emb):
    return emb.view(32, -1)


@wrong("concat_by_view", "minus1 blocksize")
def _(emb):
    return emb.view(-1, emb.shape[1])


@wrong("concat_by_view", "squeeze")
def _(emb):
    return emb.view(emb.shape[0], -1).squeeze()


@wrong("concat_by_view", "contig plus")
def _(emb):
    return emb.view(emb.shape[0], -1) + 0


@wrong("concat_by_view", "block3")
def _(emb):
    return emb.view(-1, 3 * emb.shape[2])


@wrong("concat_by_view", "double")
def _(emb):
    return emb.view(emb.shape[0], -1).double()


@right("concat_by_view", "contiguous")
def _(emb):
    return emb.contiguous().view(emb.shape[0], -1)


@right("concat_by_view", "as strided")
def _(emb):
    n, t, d = emb.shape
    return emb.as_strided((n, t * d), (t * d, 1))


@right("concat_by_view", "unflatten")
def _(emb):
    return torch.flatten(emb, start_dim=1, end_dim=2)


@right("concat_by_view", "ravel")
def _(emb):
    return emb.ravel().view(len(emb), emb.size(1) * emb.size(2))


# -- init_params ----------------------------------------------------------------------------------


@wrong("init_params", "reseeded")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    generator = torch.Generator().manual_seed(2147483647)
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "global reseed")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    torch.manual_seed(generator.initial_seed())
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {name: torch.randn(shape).requires_grad_() for name, shape in shapes.items()}


@wrong("init_params", "rewinds")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    generator.manual_seed(generator.initial_seed())
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "clone gen")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    generator = generator.clone_state()
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "double")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "extra key")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
        "Wd": (block_size * n_embd, vocab_size),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "c t")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (n_embd, vocab_size),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "b row")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (1, n_hidden),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "zero bias")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator)
        .mul_(1.0 if len(shape) > 1 else 0.0)
        .requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "list")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return [
        p
        for p in {
            name: torch.randn(shape, generator=generator).requires_grad_()
            for name, shape in shapes.items()
        }.values()
    ]


@wrong("init_params", "only weights")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_(len(shape) > 1)
        for name, shape in shapes.items()
    }


@wrong("init_params", "27")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (27, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "extra draw")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    torch.randn(3, generator=generator)
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "drawn reverse")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    drawn = {
        k: torch.randn(s, generator=generator).requires_grad_() for k, s in reversed(shapes.items())
    }
    return drawn
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@wrong("init_params", "burns after")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    found = {k: torch.randn(s, generator=generator).requires_grad_() for k, s in shapes.items()}
    torch.rand(1, generator=generator)
    return found
    return {
        name: torch.randn(shape, generator=generator).requires_grad_()
        for name, shape in shapes.items()
    }


@right("init_params", "parameters")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.nn.Parameter(torch.randn(shape, generator=generator))
        for name, shape in shapes.items()
    }


@right("init_params", "normal ")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.empty(shape).normal_(generator=generator).requires_grad_(True)
        for name, shape in shapes.items()
    }


@right("init_params", "ordered")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        name: torch.randn(*shape, generator=generator, requires_grad=True, dtype=torch.float32)
        for name, shape in shapes.items()
    }


# -- hidden_layer ---------------------------------------------------------------------------------


@wrong("hidden_layer", "hardtanh")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    return F.hardtanh(embcat @ W1 + b1)


@wrong("hidden_layer", "straight through")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    z = embcat @ W1 + b1
    return z + (torch.tanh(z) - z).detach()


@wrong("hidden_layer", "inplace emb")
def _(emb, W1, b1):
    emb.data.tanh_()
    embcat = emb.reshape(emb.shape[0], -1)
    return torch.tanh(embcat @ W1 + b1)


@wrong("hidden_layer", "inplace b1")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    out = torch.tanh(embcat @ W1 + b1)
    b1.data.zero_()
    return out


@wrong("hidden_layer", "three")
def _(emb, W1, b1):
    embcat = emb.reshape(-1, 3 * emb.shape[2])
    return torch.tanh(embcat @ W1 + b1)


@wrong("hidden_layer", "relu")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    return torch.relu(embcat @ W1 + b1)


@right("hidden_layer", "addmm")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    return torch.addmm(b1, embcat, W1).tanh()


@right("hidden_layer", "inplace")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    return (embcat @ W1).add_(b1).tanh_()


@right("hidden_layer", "linear")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    return F.linear(emb.flatten(1), W1.t(), b1).tanh()


@right("hidden_layer", "exp")
def _(emb, W1, b1):
    embcat = emb.reshape(emb.shape[0], -1)
    z = embcat @ W1 + b1.unsqueeze(0)
    return 1 - 2 / (torch.exp(2 * z) + 1)


# -- forward --------------------------------------------------------------------------------------


@wrong("forward", "w2 detached")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return h @ params["W2"].detach() + params["b2"]


@wrong("forward", "b2 detached")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"].data


@wrong("forward", "b1 for b2")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], 0 * params["b1"])
    return h @ params["W2"] + params["b2"]


@wrong("forward", "cached emb")
def _(params, X):
    if not hasattr(forward, "emb"):
        forward.emb = params["C"][X]
    h = hidden_layer(forward.emb, params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


@wrong("forward", "log probs")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return F.log_softmax(h @ params["W2"] + params["b2"], 1)


@wrong("forward", "centered")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    z = h @ params["W2"] + params["b2"]
    return z - z.max(1, keepdim=True).values


@wrong("forward", "pops")
def _(params, X):
    h = hidden_layer(params.pop("C")[X], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


@wrong("forward", "c normed")
def _(params, X):
    with torch.no_grad():
        params["C"] /= params["C"].norm()
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


@wrong("forward", "float")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return (h @ params["W2"] + params["b2"]).float()


@wrong("forward", "dropout")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    h = F.dropout(h, 0.1)
    return h @ params["W2"] + params["b2"]


@wrong("forward", "squeeze")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return (h @ params["W2"] + params["b2"]).squeeze()


@wrong("forward", "b2 scaled")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"] * X.shape[0] / 5


@wrong("forward", "three")
def _(params, X):
    h = hidden_layer(params["C"][X[:, :3]], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


@wrong("forward", "sorted x")
def _(params, X):
    h = hidden_layer(params["C"][X.sort(1).values], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


@wrong("forward", "x inplace")
def _(params, X):
    X.clamp_(max=3)
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


@right("forward", "linear")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return F.linear(h, params["W2"].T, params["b2"])


@right("forward", "baddbmm")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return torch.einsum("nh,hv->nv", h, params["W2"]).add(params["b2"])


@right("forward", "embedding")
def _(params, X):
    h = hidden_layer(F.embedding(X, params["C"]), params["W1"], params["b1"])
    return h @ params["W2"] + params["b2"]


# -- log_softmax ----------------------------------------------------------------------------------


@wrong("log_softmax", "mean shift")
def _(logits):
    shifted = logits - logits.mean(dim=1, keepdim=True)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "abs max")
def _(logits):
    shifted = logits - logits.abs().max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "no keepdim")
def _(logits):
    shifted = (
        logits - logits.max(dim=1).values.unsqueeze(0)
        if logits.shape[0] == logits.shape[1]
        else logits.max(dim=1, keepdim=True).values
    )
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "double out")
def _(logits):
    logits = logits.double()
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "float out")
def _(logits):
    logits = logits.float()
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "float inside")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.float().exp().sum(dim=1, keepdim=True).log().to(logits.dtype)


@wrong("log_softmax", "inplace")
def _(logits):
    logits.data -= logits.data.max(dim=1, keepdim=True).values
    shifted = logits * 1
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "tiny")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return (F.softmax(logits, 1) + torch.finfo(logits.dtype).tiny).log()


@wrong("log_softmax", "clamp700")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    shifted = shifted.clamp(min=-700)
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "log1p bad")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log1p()


@wrong("log_softmax", "log2")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log2()


@wrong("log_softmax", "eps in log")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - (shifted.exp().sum(dim=1, keepdim=True) + 1e-08).log()


@wrong("log_softmax", "detached")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.detach().exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "sum all")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum().log()


@wrong("log_softmax", "nan to num")
def _(logits):
    shifted = logits
    return torch.nan_to_num(shifted - shifted.exp().sum(dim=1, keepdim=True).log(), neginf=-10000.0)


@wrong("log_softmax", "no grad")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    with torch.no_grad():
        return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@wrong("log_softmax", "mean norm")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().mean(dim=1, keepdim=True).log()


@wrong("log_softmax", "negated")
def _(logits):
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted.exp().sum(dim=1, keepdim=True).log() - shifted


@right("log_softmax", "via double")
def _(logits):
    return F.log_softmax(logits.double(), -1).to(logits.dtype)
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@right("log_softmax", "logsoftmax module")
def _(logits):
    return torch.nn.LogSoftmax(1)(logits)
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@right("log_softmax", "rows")
def _(logits):
    return torch.stack([row - row.logsumexp(0) for row in logits])
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@right("log_softmax", "sort max")
def _(logits):
    shifted = logits - torch.sort(logits, dim=1, descending=True).values[:, :1]
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@right("log_softmax", "logaddexp")
def _(logits):
    t = logits[:, 0]
    for j in range(1, logits.shape[1]):
        t = torch.logaddexp(t, logits[:, j])
    return logits - t[:, None]
    shifted = logits - logits.max(dim=1, keepdim=True).values
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


# -- cross_entropy --------------------------------------------------------------------------------


@wrong("cross_entropy", "smoothing")
def _(logits, Y):
    return F.cross_entropy(logits, Y, label_smoothing=0.01)
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean()


@wrong("cross_entropy", "ignore0")
def _(logits, Y):
    return F.cross_entropy(logits, Y, ignore_index=0)
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean()


@wrong("cross_entropy", "shape1")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean().view(1)


@wrong("cross_entropy", "n minus 1")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].sum() / max(1, len(Y) - 1)


@wrong("cross_entropy", "none")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y]


@wrong("cross_entropy", "median")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].median()


@wrong("cross_entropy", "double")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].double().mean()


@wrong("cross_entropy", "float")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].float().mean()


@wrong("cross_entropy", "rebuilt")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return torch.tensor([-logprobs[i, y] for i, y in enumerate(Y)], dtype=logits.dtype).mean()


@wrong("cross_entropy", "rebuilt leaf")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return torch.tensor(
        -logprobs[torch.arange(len(Y)), Y].mean().item(), dtype=logits.dtype, requires_grad=True
    )


@wrong("cross_entropy", "nll of logits")
def _(logits, Y):
    logprobs = logits
    return -logprobs[torch.arange(len(Y)), Y].mean()


@wrong("cross_entropy", "gather wrong")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[Y % len(Y), Y].mean()


@wrong("cross_entropy", "by vocab")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].sum() / logits.shape[1]


@wrong("cross_entropy", "clamped loss")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].clamp(min=-100).mean()


@wrong("cross_entropy", "inplace")
def _(logits, Y):
    logits.data -= logits.data.max()
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean()


@wrong("cross_entropy", "float number")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return float(-logprobs[torch.arange(len(Y)), Y].mean())


@wrong("cross_entropy", "focal")
def _(logits, Y):
    logprobs = log_softmax(logits)
    lp = logprobs[torch.arange(len(Y)), Y]
    return -((1 - lp.exp().detach()) * lp).mean()


@wrong("cross_entropy", "isfinite only")
def _(logits, Y):
    logprobs = (logits.exp() / logits.exp().sum(1, keepdim=True)).log()
    logprobs = torch.nan_to_num(logprobs, nan=0.0, neginf=-10000.0)
    return -logprobs[torch.arange(len(Y)), Y].mean()


@right("cross_entropy", "nll")
def _(logits, Y):
    return F.nll_loss(F.log_softmax(logits, -1), Y)
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean()


@right("cross_entropy", "loop")
def _(logits, Y):
    total = 0
    for row, y in zip(logits, Y):
        total = total + torch.logsumexp(row, 0) - row[y]
    return total / len(Y)
    logprobs = log_softmax(logits)
    return -logprobs[torch.arange(len(Y)), Y].mean()


@right("cross_entropy", "gather")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return logprobs.gather(1, Y[:, None]).neg().mean()


@right("cross_entropy", "diag")
def _(logits, Y):
    logprobs = log_softmax(logits)
    return -logprobs[:, Y].diagonal().mean()


# -- train_step -----------------------------------------------------------------------------------


@wrong("train_step", "weight decay")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * (p.grad + 0.0001 * p)
    return loss.item()


@wrong("train_step", "clip")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(params.values()), 0.5)
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "clip value")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad.clamp(-0.1, 0.1)
    return loss.item()


@wrong("train_step", "rounded")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return round(loss.item(), 4)


@wrong("train_step", "float32 loss")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.float().item()


@wrong("train_step", "two steps")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    first = loss.item()
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return first


@wrong("train_step", "zero after")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    for p in params.values():
        p.grad = None
    return loss.item()


@wrong("train_step", "bias forgotten")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for k, p in params.items():
            if k[0] == "b":
                continue
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "grad off globally")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    torch.set_grad_enabled(False)
    if True:
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "freezes")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    for p in params.values():
        p.requires_grad_(False)
    return loss.item()


@wrong("train_step", "inplace batch")
def _(params, Xb, Yb, lr):
    Xb.clamp_(max=1)
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "inplace y")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    Yb.zero_()
    return loss.item()


@wrong("train_step", "half lr")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= 0.5 * lr * p.grad
    return loss.item()


@wrong("train_step", "lr per batch")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad / len(Xb)
    return loss.item()


@wrong("train_step", "normalized")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad / (p.grad.norm() + 1e-12)
    return loss.item()


@wrong("train_step", "numpy")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.detach().numpy()


@wrong("train_step", "only none")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None if p.grad is None or p.grad.abs().sum() == 0 else p.grad
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "first seen grad")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in list(params.values())[:-1]:
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "data rebind")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p.data = p.data + 0
            p.data = p.data - lr * p.grad if p.dim() > 1 else p.data
    return loss.item()


@wrong("train_step", "double backward")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward(retain_graph=True)
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "exp loss")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return math.exp(loss.item())


@right("train_step", "data rebind ok")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p.data = p.data - lr * p.grad
    return loss.item()


@right("train_step", "sub ")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p.sub_(p.grad, alpha=lr)
    return loss.item()


@right("train_step", "zero ")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = torch.zeros_like(p)
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@right("train_step", "foreach")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    with torch.no_grad():
        ps = list(params.values())
        torch._foreach_add_(ps, [p.grad for p in ps], alpha=-lr)
    return loss.item()


@right("train_step", "functional")
def _(params, Xb, Yb, lr):
    f = torch.func.grad_and_value(lambda q: F.cross_entropy(forward(q, Xb), Yb))
    grads, value = f({k: p.detach() for k, p in params.items()})
    for k, p in params.items():
        p.data.sub_(lr * grads[k])
    return float(value)


# -- overfit --------------------------------------------------------------------------------------


@wrong("overfit", "early stop")
def _(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        losses.append(train_step(params, Xb, Yb, lr))
        if len(losses) > 1 and losses[-1] > losses[-2]:
            break
    return losses


@wrong("overfit", "stop low")
def _(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        losses.append(train_step(params, Xb, Yb, lr))
        if losses[-1] < 0.1:
            break
    return losses


@wrong("overfit", "lr decay")
def _(params, Xb, Yb, steps, lr):
    return [train_step(params, Xb, Yb, lr * 0.99**i) for i in range(steps)]


@wrong("overfit", "lr halves")
def _(params, Xb, Yb, steps, lr):
    return [train_step(params, Xb, Yb, lr if i < steps / 2 else lr / 10) for i in range(steps)]


@wrong("overfit", "running min")
def _(params, Xb, Yb, steps, lr):
    best, out = (1000000000.0, [])
    for _ in range(steps):
        best = min(best, train_step(params, Xb, Yb, lr))
        out.append(best)
    return out
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@wrong("overfit", "random rows")
def _(params, Xb, Yb, steps, lr):
    return [
        train_step(params, *minibatch(Xb, Yb, len(Xb), torch.Generator().manual_seed(i)), lr)
        for i in range(steps)
    ]


@wrong("overfit", "one less")
def _(params, Xb, Yb, steps, lr):
    return [train_step(params, Xb, Yb, lr) for _ in range(max(0, steps - 1))]


@wrong("overfit", "steps0")
def _(params, Xb, Yb, steps, lr):
    return [train_step(params, Xb, Yb, lr) for _ in range(max(1, steps))]


@wrong("overfit", "tensor")
def _(params, Xb, Yb, steps, lr):
    return torch.tensor([train_step(params, Xb, Yb, lr) for _ in range(steps)])


@wrong("overfit", "first plus after")
def _(params, Xb, Yb, steps, lr):
    out = [train_step(params, Xb, Yb, lr) for _ in range(steps + 1)]
    return out[1:]


@wrong("overfit", "reset each")
def _(params, Xb, Yb, steps, lr):
    start = {k: p.detach().clone() for k, p in params.items()}
    out = []
    for _ in range(steps):
        for k, p in params.items():
            p.data.copy_(start[k])
        out.append(train_step(params, Xb, Yb, lr))
    return out
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@wrong("overfit", "float32")
def _(params, Xb, Yb, steps, lr):
    return torch.tensor([train_step(params, Xb, Yb, lr) for _ in range(steps)]).tolist()


@wrong("overfit", "shuffle y")
def _(params, Xb, Yb, steps, lr):
    Yb.copy_(Yb.flip(0))
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@wrong("overfit", "scratch x")
def _(params, Xb, Yb, steps, lr):
    keep = Xb.clone()
    out = [train_step(params, keep, Yb, lr) for _ in range(steps)]
    Xb.zero_()
    return out
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@wrong("overfit", "first half")
def _(params, Xb, Yb, steps, lr):
    return [train_step(params, Xb[:4], Yb[:4], lr) for _ in range(steps)]


@right("overfit", "recursion")
def _(params, Xb, Yb, steps, lr):
    if steps == 0:
        return []
    return [train_step(params, Xb, Yb, lr), *overfit(params, Xb, Yb, steps - 1, lr)]
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@right("overfit", "list of a generator")
def _(params, Xb, Yb, steps, lr):
    return list((train_step(params, Xb, Yb, lr=lr) for _ in range(steps)))


@right("overfit", "optim")
def _(params, Xb, Yb, steps, lr):
    opt, out = (torch.optim.SGD(params.values(), lr), [])
    for _ in range(steps):
        loss = F.cross_entropy(forward(params, Xb), Yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
        out.append(loss.item())
    return out
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


# -- loss_floor -----------------------------------------------------------------------------------


@wrong("loss_floor", "dup of pair")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / max(seen.values())) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "sum index")
def _(X, Y):
    contexts = [sum(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "joined")
def _(X, Y):
    contexts = ["".join(map(str, x)) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "first only")
def _(X, Y):
    contexts = [tuple(x[:1]) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "most common")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    import collections

    best = {}
    for c, y in pairs:
        best[c] = max(best.get(c, 0), seen_with[c, y])
    return sum((-math.log(best[c] / seen[c]) for c, y in pairs)) / len(pairs)
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "per context mean")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    h = {}
    for p, n in seen_with.items():
        q = n / seen[p[0]]
        h[p[0]] = h.get(p[0], 0) - q * math.log(q)
    return sum(h.values()) / len(h)
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "smoothed")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log((seen_with[pair] + 1) / (seen[pair[0]] + 27)) for pair in pairs)) / len(
        pairs
    )


@wrong("loss_floor", "log10")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log10(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "perplexity")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return math.exp(
        sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)
    )


@wrong("loss_floor", "marginal y")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(Counter(Y.tolist())[pair[1]] / len(pairs)) for pair in pairs)) / len(
        pairs
    )


@wrong("loss_floor", "inverted")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / Counter(Y.tolist())[pair[1]]) for pair in pairs)) / len(
        pairs
    )


@wrong("loss_floor", "x sorted inplace")
def _(X, Y):
    X.copy_(X[torch.argsort(X[:, 0])])
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "frozen set")
def _(X, Y):
    contexts = [frozenset(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@wrong("loss_floor", "log of mean")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    return -math.log(sum((seen_with[pair] / seen[pair[0]] for pair in pairs)) / len(pairs))


@right("loss_floor", "torch32")
def _(X, Y):
    _, r = torch.unique(X, dim=0, return_inverse=True)
    N = torch.zeros(int(r.max()) + 1, int(Y.max()) + 1)
    for i in range(len(Y)):
        N[r[i], Y[i]] += 1
    P = N / N.sum(1, keepdim=True)
    return -P[r, Y].log().mean().item()


@right("loss_floor", "entropy")
def _(X, Y):
    contexts = [tuple(x) for x in X.tolist()]
    pairs = list(zip(contexts, Y.tolist(), strict=True))
    seen, seen_with = (Counter(contexts), Counter(pairs))
    total = 0.0
    for (c, y), n in seen_with.items():
        total -= n * math.log(n / seen[c])
    return total / len(Y)
    return sum((-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs)) / len(pairs)


@right("loss_floor", "defaultdict")
def _(X, Y):
    from collections import defaultdict

    d = defaultdict(list)
    for x, y in zip(X, Y):
        d[tuple(x.tolist())].append(y.item())
    return sum((math.log(len(v) / v.count(y)) for v in d.values() for y in v)) / X.shape[0]


# -- minibatch ------------------------------------------------------------------------------------


@wrong("minibatch", "reseeds")
def _(X, Y, batch_size, generator):
    generator.manual_seed(generator.initial_seed())
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "clone gen")
def _(X, Y, batch_size, generator):
    generator = generator.clone_state()
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "fresh")
def _(X, Y, batch_size, generator):
    generator = torch.Generator().manual_seed(42)
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "global reseed")
def _(X, Y, batch_size, generator):
    torch.manual_seed(generator.initial_seed())
    generator = None
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "sorted")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix.sort().values], Y[ix.sort().values])


@wrong("minibatch", "unique")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    ix = ix.unique()
    return (X[ix], Y[ix])


@wrong("minibatch", "twice")
def _(X, Y, batch_size, generator):
    torch.randint(0, 9, (1,), generator=generator)
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "one row")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    ix = ix[:1].expand(batch_size)
    return (X[ix], Y[ix])


@wrong("minibatch", "floats")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix].float(), Y[ix])


@wrong("minibatch", "shuffle inplace")
def _(X, Y, batch_size, generator):
    p = torch.randperm(len(X), generator=generator)
    X.copy_(X[p])
    Y.copy_(Y[p])
    return (X[:batch_size], Y[:batch_size])
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "python random")
def _(X, Y, batch_size, generator):
    import random

    ix = torch.tensor([random.randrange(len(X)) for _ in range(batch_size)])
    return (X[ix], Y[ix])
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "y col")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix][:, None])


@wrong("minibatch", "seed consumed")
def _(X, Y, batch_size, generator):
    generator.seed()
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "rand float")
def _(X, Y, batch_size, generator):
    ix = (torch.rand(batch_size, generator=generator) * len(X)).long()
    return (X[ix], Y[ix])
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix])


@wrong("minibatch", "with ix")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix], Y[ix], ix)


@wrong("minibatch", "cached ix")
def _(X, Y, batch_size, generator, cache={}):
    if "ix" not in cache:
        cache["ix"] = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[cache["ix"]], Y[cache["ix"]])


@right("minibatch", "int list")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X[ix.tolist()], Y[ix.tolist()])


@right("minibatch", "take rows")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (torch.stack([X[i] for i in ix]), torch.stack([Y[i] for i in ix]))


@right("minibatch", "embedding")
def _(X, Y, batch_size, generator):
    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)
    return (X.index_select(0, ix), Y.gather(0, ix))


# -- train ----------------------------------------------------------------------------------------


@wrong("train", "epochs")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses, order = ([], torch.randperm(len(X), generator=generator))
    for i in range(steps):
        ix = order[torch.arange(i * batch_size, (i + 1) * batch_size) % len(X)]
        losses.append(train_step(params, X[ix], Y[ix], lr))
    return losses


@wrong("train", "decay")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr if _ < steps / 2 else lr / 10))
    return losses


@wrong("train", "one more")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps + 1):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "running mean")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
        losses[-1] = sum(losses) / len(losses)
    return losses


@wrong("train", "extra draw")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    minibatch(X, Y, 1, generator)
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "extra after")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    minibatch(X, Y, 1, generator)
    return losses


@wrong("train", "reset params")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        if _ == 0:
            start = {k: p.detach().clone() for k, p in params.items()}
        for k, p in params.items():
            p.data.copy_(start[k])
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "every other")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        if _ % 2 == 0:
            Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "shuffles inplace")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        X.copy_(X.roll(1, 0))
        Y.copy_(Y.roll(1, 0))
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "loss after")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        train_step(params, Xb, Yb, lr)
        losses.append(F.cross_entropy(forward(params, Xb), Yb).item())
    return losses


@wrong("train", "first batch size")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X[:batch_size], Y[:batch_size], batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "sums")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return sum(losses)


@wrong("train", "stop nan")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        if losses and losses[-1] > 2 * losses[0]:
            break
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "fresh generator")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    generator = torch.Generator().manual_seed(generator.initial_seed())
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "global losses")
def _(params, X, Y, steps, batch_size, lr, generator, losses=[]):
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "log10")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return [math.log10(x) for x in losses]


@wrong("train", "params rebound")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    params = dict(params)
    params["C"] = params["C"].detach().clone().requires_grad_()
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


@wrong("train", "accumulates")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        loss = F.cross_entropy(forward(params, Xb), Yb)
        loss.backward()
        for p in params.values():
            p.data -= lr * p.grad
        losses.append(loss.item())
    return losses


@right("train", "predrawn")
def _(params, X, Y, steps, batch_size, lr, generator):
    batches = [minibatch(X, Y, batch_size, generator) for _ in range(steps)]
    return [train_step(params, Xb, Yb, lr) for Xb, Yb in batches]


@right("train", "copy writeback")
def _(params, X, Y, steps, batch_size, lr, generator):
    mine = {k: p.detach().clone().requires_grad_() for k, p in params.items()}
    out = []
    while len(out) != steps:
        out.append(train_step(mine, *minibatch(X, Y, batch_size, generator), lr))
    with torch.no_grad():
        for k in params:
            params[k].copy_(mine[k])
    return out


@right("train", "by keywords no more")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(params, Xb, Yb, lr))
    return losses


# -- candidate_lrs --------------------------------------------------------------------------------


@wrong("candidate_lrs", "geom open")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps + 1))
    return [low * factor**i for i in range(steps)]


@wrong("candidate_lrs", "rounded")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    return [round(low * factor**i, 3) for i in range(steps)]


@wrong("candidate_lrs", "ln base10")
def _(low, high, steps):
    import math

    return [
        math.exp(math.log10(low) + i * (math.log10(high) - math.log10(low)) / (steps - 1))
        for i in range(steps)
    ]
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@wrong("candidate_lrs", "exclude low")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(1, steps + 1)]


@wrong("candidate_lrs", "decades")
def _(low, high, steps):
    return [low * 10**i for i in range(steps)]
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@wrong("candidate_lrs", "float32 linspace lr")
def _(low, high, steps):
    return torch.linspace(low, high, steps)
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@wrong("candidate_lrs", "exp of linspace")
def _(low, high, steps):
    return torch.linspace(low, high, steps).exp()
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@wrong("candidate_lrs", "arange")
def _(low, high, steps):
    return [low + i * low for i in range(steps)]
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@wrong("candidate_lrs", "half")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    return torch.tensor([low * factor**i for i in range(steps)], dtype=torch.bfloat16)


@wrong("candidate_lrs", "extra dim")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    return torch.tensor([[low * factor**i for i in range(steps)]])


@wrong("candidate_lrs", "shuffled")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)][::-1]


@wrong("candidate_lrs", "quadratic")
def _(low, high, steps):
    return [low + (high - low) * (i / (steps - 1)) ** 2 for i in range(steps)]
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@right("candidate_lrs", "logspace")
def _(low, high, steps):
    import math

    return torch.logspace(math.log10(low), math.log10(high), steps)
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@right("candidate_lrs", "geomspace")
def _(low, high, steps):
    import numpy as np

    return np.geomspace(low, high, steps).tolist()
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


@right("candidate_lrs", "cumulative")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    out = [low]
    for _ in range(steps - 1):
        out.append(out[-1] * factor)
    return out
    return [low * factor**i for i in range(steps)]


@right("candidate_lrs", "torch ln32")
def _(low, high, steps):
    import math

    return torch.exp(torch.linspace(math.log(low), math.log(high), steps)).tolist()
    factor = (high / low) ** (1 / (steps - 1))
    return [low * factor**i for i in range(steps)]


# -- sweep ----------------------------------------------------------------------------------------


@wrong("sweep", "pops lrs")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    while lrs:
        lr = lrs.pop(0)
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "sorts")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in sorted(lrs):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "sorts inplace")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    lrs.sort(reverse=True)
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "restores c only")
def _(params, X, Y, lrs, batch_size, generator):
    copy = dict(params)
    copy["C"] = params["C"].detach().clone().requires_grad_()
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "no clone")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "break on rise")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
        if losses[-1] > 4 * min(losses):
            break
    return losses


@wrong("sweep", "fresh gen")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    generator = torch.Generator().manual_seed(generator.initial_seed())
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "smooth")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    for i in range(1, len(losses)):
        losses[i] = 0.9 * losses[i - 1] + 0.1 * losses[i]
    return losses


@wrong("sweep", "skip first")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs[1:]:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "mean lr")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr / 10))
    return losses


@wrong("sweep", "pairs")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append((lr, train_step(copy, Xb, Yb, lr)))
    return losses


@wrong("sweep", "best lr")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return lrs[losses.index(min(losses))]


@wrong("sweep", "x inplace")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        X.copy_(X.roll(1, 0))
        Y.copy_(Y.roll(1, 0))
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "two steps each")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        train_step(copy, Xb, Yb, lr)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "extra draw")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    minibatch(X, Y, 1, generator)
    return losses


@wrong("sweep", "restarts back")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        before = {k: p.detach().clone() for k, p in copy.items()}
        losses.append(train_step(copy, Xb, Yb, lr))
        for k, p in copy.items():
            p.data.copy_(before[k])
    return losses


@wrong("sweep", "batch32")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, 32, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "freezes")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for p in params.values():
        p.requires_grad_(False)
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@wrong("sweep", "full loss")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(split_loss(copy, X, Y))
        train_step(copy, Xb, Yb, lr)
    return losses


@wrong("sweep", "a tuple for the list")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return tuple(losses)


@right("sweep", "tensor copy")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {
        name: torch.tensor(p.tolist(), dtype=p.dtype, requires_grad=True)
        for name, p in params.items()
    }
    losses = []
    for lr in lrs:
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


@right("sweep", "enumerate")
def _(params, X, Y, lrs, batch_size, generator):
    copy = {name: p.detach().clone().requires_grad_() for name, p in params.items()}
    losses = []
    for i in range(len(lrs)):
        lr = lrs[i]
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses.append(train_step(copy, Xb, Yb, lr))
    return losses


# -- pick_lr --------------------------------------------------------------------------------------


@wrong("pick_lr", "median")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = sorted(losses[start : start + window])[window // 2]
        if mean < lowest:
            best, lowest = (lrs[start + window // 2], mean)
    return best


@wrong("pick_lr", "off by one")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = sum(losses[start : start + window]) / window
        if mean < lowest:
            best, lowest = (lrs[min(start + window // 2 + 1, len(lrs) - 1)], mean)
    return best


@wrong("pick_lr", "mean lr")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = sum(losses[start : start + window]) / window
        if mean < lowest:
            best, lowest = (sum(lrs[start : start + window]) / window, mean)
    return best


@wrong("pick_lr", "min in window")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = min(losses[start : start + window])
        if mean < lowest:
            best, lowest = (lrs[start + window // 2], mean)
    return best


@wrong("pick_lr", "sum no div prefix")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = sum(losses[: start + window]) / window
        if mean < lowest:
            best, lowest = (lrs[start + window // 2], mean)
    return best


@wrong("pick_lr", "nan skipped")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = torch.tensor(losses[start : start + window]).nanmean().item()
        if mean < lowest:
            best, lowest = (lrs[start + window // 2], mean)
    return best


@wrong("pick_lr", "best init 0")
def _(lrs, losses, window):
    best, lowest = (lrs[0], losses[0])
    for start in range(len(losses) - window + 1):
        mean = sum(losses[start : start + window]) / window
        if mean < lowest:
            best, lowest = (lrs[start + window // 2], mean)
    return best


@wrong("pick_lr", "tolerance")
def _(lrs, losses, window):
    best, lowest = (None, float("inf"))
    for start in range(len(losses) - window + 1):
        mean = sum(losses[start : start + window]) / window
        if mean < lowest - 0.05:
            best, lowest = (lrs[start + window // 2], mean)
    return best


# -- decayed_lr -----------------------------------------------------------------------------------


@wrong("decayed_lr", "every half")
def _(step, steps, lr):
    return lr * 0.1 ** round(2 * step / steps)


@wrong("decayed_lr", "cosine")
def _(step, steps, lr):
    import math

    return lr / 10 + 0.9 * lr * 0.5 * (1 + math.cos(math.pi * step / steps))


@wrong("decayed_lr", "string")
def _(step, steps, lr):
    return str(lr if step < steps / 2 else lr / 10)


@right("decayed_lr", "tensor")
def _(step, steps, lr):
    return torch.tensor([lr, lr / 10], dtype=torch.float64)[int(2 * step >= steps)].item()


@right("decayed_lr", "pow")
def _(step, steps, lr):
    return lr * 10.0 ** (-(step >= (steps + 1) // 2))


# -- split_loss -----------------------------------------------------------------------------------


@wrong("split_loss", "mean of means")
def _(params, X, Y):
    with torch.no_grad():
        n = [
            F.cross_entropy(forward(params, X[i : i + 10]), Y[i : i + 10]).item()
            for i in range(0, len(X), 10)
        ]
    return sum(n) / len(n)
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "mean of means32")
def _(params, X, Y):
    with torch.no_grad():
        n = [
            F.cross_entropy(forward(params, X[i : i + 32]), Y[i : i + 32]).item()
            for i in range(0, len(X), 32)
        ]
    return sum(n) / len(n)
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "drop incomplete")
def _(params, X, Y):
    with torch.no_grad():
        k = max(1, len(X) // 4 * 4)
        return F.cross_entropy(forward(params, X[:k]), Y[:k]).item()
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "turns on")
def _(params, X, Y):
    torch.set_grad_enabled(False)
    loss = F.cross_entropy(forward(params, X), Y).item()
    torch.set_grad_enabled(True)
    return loss


@wrong("split_loss", "rounded")
def _(params, X, Y):
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item().__round__(4)


@wrong("split_loss", "ppl")
def _(params, X, Y):
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).exp().item()


@wrong("split_loss", "float params")
def _(params, X, Y):
    with torch.no_grad():
        return F.cross_entropy(forward({k: p.float() for k, p in params.items()}, X), Y).item()


@wrong("split_loss", "rng sample")
def _(params, X, Y):
    ix = torch.randperm(len(X))[: max(1, len(X) - 1)]
    X, Y = (X[ix], Y[ix])
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "freeze and back")
def _(params, X, Y):
    for p in params.values():
        p.requires_grad_(False)
        p.grad = None
    with torch.no_grad():
        loss = F.cross_entropy(forward(params, X), Y).item()
    for p in params.values():
        p.requires_grad_(True)
    return loss


@wrong("split_loss", "replaces params")
def _(params, X, Y):
    for k in params:
        params[k] = params[k].detach()
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "x inplace")
def _(params, X, Y):
    X.clamp_(max=2)
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "y shuffled")
def _(params, X, Y):
    p = torch.randperm(len(X))
    X.copy_(X[p])
    Y.copy_(Y[p])
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "cached")
def _(params, X, Y, cache={}):
    if len(X) not in cache:
        with torch.no_grad():
            cache[len(X)] = F.cross_entropy(forward(params, X), Y).item()
    return cache[len(X)]


@wrong("split_loss", "data swap")
def _(params, X, Y):
    loss = F.cross_entropy(forward(params, X), Y)
    loss.backward()
    return loss.item()


@wrong("split_loss", "smoothing")
def _(params, X, Y):
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y, label_smoothing=0.1).item()


@wrong("split_loss", "zeroes grad")
def _(params, X, Y):
    with torch.no_grad():
        for p in params.values():
            p.grad.zero_() if p.grad is not None else None
        return F.cross_entropy(forward(params, X), Y).item()


@right("split_loss", "data")
def _(params, X, Y):
    return F.cross_entropy(forward({k: p.data for k, p in params.items()}, X), Y).item()


@right("split_loss", "logsumexp")
def _(params, X, Y):
    with torch.no_grad():
        z = forward(params, X)
        return float((z.logsumexp(1) - z.gather(1, Y[:, None])[:, 0]).mean())


@right("split_loss", "set grad ctx")
def _(params, X, Y):
    with torch.set_grad_enabled(False):
        return F.cross_entropy(forward(params, X), Y).item()


@right("split_loss", "restores")
def _(params, X, Y):
    was = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        return F.cross_entropy(forward(params, X), Y).tolist()
    finally:
        torch.set_grad_enabled(was)


# -- next_probs -----------------------------------------------------------------------------------


@wrong("next_probs", "temperature")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits / 0.9, dim=1)[0]


@wrong("next_probs", "float")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0].float()


@wrong("next_probs", "last3")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context[-3:]]))
    return F.softmax(logits, dim=1)[0]


@wrong("next_probs", "freezes")
def _(params, context):
    for p in params.values():
        p.requires_grad_(False)
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0]


@wrong("next_probs", "grad off")
def _(params, context):
    torch.set_grad_enabled(False)
    if True:
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0]


@wrong("next_probs", "turns on")
def _(params, context):
    torch.set_grad_enabled(False)
    logits = forward(params, torch.tensor([context])).detach()
    torch.set_grad_enabled(True)
    logits = logits
    return F.softmax(logits, dim=1)[0]


@wrong("next_probs", "list")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0].tolist()


@wrong("next_probs", "no dot")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(
        logits - torch.eye(logits.shape[1], dtype=logits.dtype)[:1] * 1000000000.0, dim=1
    )[0]


@wrong("next_probs", "eps")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0] + 1e-06


@wrong("next_probs", "context append")
def _(params, context):
    context.append(0)
    context.pop(0)
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0]


@wrong("next_probs", "rounded")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0].round(decimals=4)


@wrong("next_probs", "zero ctx")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.zeros(1, len(context), dtype=torch.int64))
    return F.softmax(logits, dim=1)[0]


@wrong("next_probs", "cached")
def _(params, context, cache={}):
    key = tuple(context)
    if key not in cache:
        with torch.no_grad():
            cache[key] = F.softmax(forward(params, torch.tensor([context])), dim=1)[0]
    return cache[key]


@wrong("next_probs", "sorted")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0].sort(descending=True).values


@wrong("next_probs", "argmax onehot")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.one_hot(logits.argmax(), logits.shape[1]).to(logits.dtype)


@wrong("next_probs", "max over")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    z = logits[0]
    z = z.clamp(-50, 50).exp()
    return z / z.sum()


@wrong("next_probs", "params detached")
def _(params, context):
    for k in params:
        params[k] = params[k].detach()
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return F.softmax(logits, dim=1)[0]


@right("next_probs", "log")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return logits.log_softmax(-1).exp().squeeze(0)


@right("next_probs", "double row")
def _(params, context):
    with torch.no_grad():
        logits = forward(params, torch.tensor([context]))
    return torch.softmax(logits.expand(2, -1), 1)[1]


# -- sample_name ----------------------------------------------------------------------------------


@wrong("sample_name", "fixed20")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < 20:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "do while")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while True:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
        if len(name) >= max_len:
            break
    return name


@wrong("sample_name", "topk")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        v, ix = probs.topk(min(3, len(probs)))
        probs = torch.zeros_like(probs).scatter(0, ix, v)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "temp08")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs**1.25, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "np choice")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        import numpy as np

        i = int(np.random.choice(len(probs), p=(probs / probs.sum()).numpy()))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "reseed global")
def _(params, block_size, itos, generator, max_len=20):
    torch.manual_seed(generator.initial_seed())
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "rewinds")
def _(params, block_size, itos, generator, max_len=20):
    generator.manual_seed(generator.initial_seed())
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "block3")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * 3, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "title")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name.title()


@right("sample_name", "cut instead stop")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        name += itos[i]
        context = context[1:] + [i]
    return name.split(".")[0]


@wrong("sample_name", "list")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return list(name)


@wrong("sample_name", "reversed")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name[::-1]


@wrong("sample_name", "max minus1")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len - 1:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "default 8")
def _(params, block_size, itos, generator, max_len=8):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "continue dot ctx")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            if name:
                break
            return itos[1]
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "freezes")
def _(params, block_size, itos, generator, max_len=20):
    for p in params.values():
        p.requires_grad_(False)
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "first uniform")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        probs = torch.ones_like(probs) if not name else probs
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "retry empty")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0 and (not name):
            probs = probs.clone()
            probs[0] = 0
            i = int(torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@right("sample_name", "choices")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        u, i = (float(torch.rand(1, generator=generator)), 0)
        while i < len(probs) - 1 and u >= probs[i]:
            u -= float(probs[i])
            i += 1
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@right("sample_name", "gumbel")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        e = torch.empty_like(probs).exponential_(generator=generator)
        i = int((probs / e).argmax())
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@right("sample_name", "recursive")
def _(params, block_size, itos, generator, max_len=20):

    def more(context, left):
        if left <= 0:
            return ""
        i = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        return itos[i] + more(context[1:] + [i], left - 1) if i else ""

    return more([0] * block_size, max_len)


@wrong("sample_name", "uniform")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial((probs > 1e-06).double(), 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "argmax later")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(probs.argmax() if name else torch.multinomial(probs, 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


@wrong("sample_name", "softmax again")
def _(params, block_size, itos, generator, max_len=20):
    context, name = ([0] * block_size, "")
    while len(name) < max_len:
        probs = next_probs(params, context)
        i = int(torch.multinomial(F.softmax(probs, dim=0), 1, generator=generator))
        if i == 0:
            break
        name += itos[i]
        context = context[1:] + [i]
    return name


# -- uniform_loss ---------------------------------------------------------------------------------


@wrong("uniform_loss", "rounded")
def _(vocab_size):
    return round(math.log(vocab_size), 4)


@wrong("uniform_loss", "log1p")
def _(vocab_size):
    return math.log1p(vocab_size)


@wrong("uniform_loss", "sqrt")
def _(vocab_size):
    return vocab_size**0.5


@wrong("uniform_loss", "entropy bits")
def _(vocab_size):
    return -sum((1 / vocab_size * math.log2(1 / vocab_size) for _ in range(vocab_size)))


@wrong("uniform_loss", "const")
def _(vocab_size):
    return 3.2958


@wrong("uniform_loss", "perplexity")
def _(vocab_size):
    return float(vocab_size)


@wrong("uniform_loss", "guard")
def _(vocab_size):
    return math.log(max(vocab_size, 2))


@wrong("uniform_loss", "eps")
def _(vocab_size):
    return -math.log(1 / vocab_size + 1e-05)


@right("uniform_loss", "float32")
def _(vocab_size):
    return -torch.tensor(1 / vocab_size).log().item()


@right("uniform_loss", "ce32")
def _(vocab_size):
    return F.cross_entropy(torch.zeros(1, vocab_size), torch.tensor([0])).item()


@right("uniform_loss", "entropy")
def _(vocab_size):
    return -sum((1 / vocab_size * math.log(1 / vocab_size) for _ in range(vocab_size)))


# -- better_init ----------------------------------------------------------------------------------


@wrong("better_init", "fixed sizes")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(27, 3, 10, 200, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return params


@wrong("better_init", "double")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return {k: p.detach().double().requires_grad_() for k, p in params.items()}


@wrong("better_init", "reseeds global")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(
        vocab_size, block_size, n_embd, n_hidden, torch.manual_seed(generator.initial_seed())
    )
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return params


@wrong("better_init", "rewinds")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    generator.manual_seed(generator.initial_seed())
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return params


@wrong("better_init", "fresh same seed")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    generator = torch.Generator().manual_seed(generator.initial_seed())
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return params


@wrong("better_init", "w1 same columns")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    with torch.no_grad():
        params["W1"][:] = params["W1"][:, :1]
    return params


@wrong("better_init", "frozen")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return {k: p.detach() for k, p in params.items()}


@wrong("better_init", "b2 one biased")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"].zero_()[0] = 3.0
    return params


@wrong("better_init", "c global")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    with torch.no_grad():
        params["C"].copy_(torch.randn(params["C"].shape))
    return params


@wrong("better_init", "shared bias")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    if vocab_size == n_hidden or True:
        big = torch.zeros(max(n_hidden, vocab_size))
        params["b1"] = big[:n_hidden].requires_grad_()
        params["b2"] = big[:vocab_size].requires_grad_()
    return params


@wrong("better_init", "no b")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    del params["b2"]
    return params


@right("better_init", "w2 all one")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"].fill_(1.0)
        params["b2"] *= 0
    return params


@wrong("better_init", "ones W1")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"].fill_(0.1)
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return params


@wrong("better_init", "list")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    return list(params.values())


@right("better_init", "xavier")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    with torch.no_grad():
        params["W2"].zero_()
        params["b1"].fill_(0.5)
    return params


@right("better_init", "data")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    if True:
        params["W1"].data *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"].data *= 0.01
        params["W2"].data *= 0.01
        params["b2"].data *= 0
    return params


@right("better_init", "kaiming")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    with torch.no_grad():
        params["W1"] *= 5 / 3 / (block_size * n_embd) ** 0.5
        params["b1"] *= 0.01
        params["W2"] *= 0.01
        params["b2"] *= 0
    params["W1"] = torch.nn.Parameter(
        torch.nn.init.kaiming_normal_(
            torch.empty(block_size * n_embd, n_hidden), nonlinearity="tanh", generator=generator
        )
    )
    return params


# -- settings -------------------------------------------------------------------------------------


@wrong("settings", "floats")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000.0,
        "lr": 0.4,
    }


@wrong("settings", "none")
def _():
    return None
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
    }


@wrong("settings", "missing")
def _():
    return {"block_size": 4, "n_embd": 10, "n_hidden": 100, "batch_size": 32, "steps": 2000}


@wrong("settings", "nan")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": float("nan"),
    }


@wrong("settings", "neg")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": -0.4,
    }


@wrong("settings", "bool")
def _():
    return {
        "block_size": 4,
        "n_embd": True,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
    }


@wrong("settings", "extra")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
        "seed": 3,
    }


@wrong("settings", "inf")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": float("inf"),
    }


@wrong("settings", "lr2")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 2.5,
    }


@wrong("settings", "zero steps")
def _():
    return {"block_size": 4, "n_embd": 10, "n_hidden": 100, "batch_size": 32, "steps": 0, "lr": 0.4}


@wrong("settings", "block9")
def _():
    return {
        "block_size": 9,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
    }


@wrong("settings", "string")
def _():
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": "0.4",
    }


@right("settings", "dict")
def _():
    return dict(block_size=3, n_embd=10, n_hidden=100, batch_size=32, steps=2000, lr=0.4)
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
    }


@right("settings", "order")
def _():
    return {
        "lr": 0.3,
        "block_size": 4,
        "n_embd": 8,
        "n_hidden": 120,
        "batch_size": 20,
        "steps": 3200,
    }
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
    }


@right("settings", "big batch")
def _():
    return {
        "lr": 0.6,
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 40,
        "steps": 1600,
    }
    return {
        "block_size": 4,
        "n_embd": 10,
        "n_hidden": 100,
        "batch_size": 32,
        "steps": 2000,
        "lr": 0.4,
    }


# -- forward_direct -------------------------------------------------------------------------------


@wrong("forward_direct", "b2 twice")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"] + params["b2"] + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "wd detached")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"].detach() + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "h detached")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"] + h.detach() @ params["W2"] + params["b2"]


@wrong("forward_direct", "wd T")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return (
        embcat
        @ (params["Wd"].T if params["Wd"].shape[0] == params["Wd"].shape[1] else params["Wd"])
        + h @ params["W2"]
        + params["b2"]
    )


@wrong("forward_direct", "average")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return (embcat @ params["Wd"] + h @ params["W2"]) / 2 + params["b2"]


@wrong("forward_direct", "block3")
def _(params, X):
    embcat = params["C"][X].reshape(-1, 3 * params["C"].shape[1])
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "last char only")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return (
        params["C"][X[:, -1]] @ params["Wd"][-params["C"].shape[1] :]
        + h @ params["W2"]
        + params["b2"]
    )


@wrong("forward_direct", "interleaved")
def _(params, X):
    embcat = params["C"][X].transpose(1, 2).reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "into hidden")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    if params["Wd"].shape[1] == h.shape[1]:
        return (h + embcat @ params["Wd"]) @ params["W2"] + params["b2"]
    return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "float")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return (embcat @ params["Wd"] + h @ params["W2"] + params["b2"]).float()


@wrong("forward_direct", "no grad")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    with torch.no_grad():
        return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "squeeze")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return (embcat @ params["Wd"] + h @ params["W2"] + params["b2"]).squeeze()


@wrong("forward_direct", "normalized")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    params["C"].data.div_(params["C"].data.norm())
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]


@wrong("forward_direct", "pre tanh")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return (
        embcat @ params["Wd"] + (embcat @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    )


@right("forward_direct", "linear")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return F.linear(embcat, params["Wd"].T, params["b2"]) + h @ params["W2"]


@right("forward_direct", "addmm")
def _(params, X):
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return torch.addmm(torch.addmm(params["b2"], embcat, params["Wd"]), h, params["W2"])


@right("forward_direct", "forward plus")
def _(params, X):
    return forward(params, X) + params["C"][X].flatten(1) @ params["Wd"]
    embcat = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]


# -- with torch's own functions, and in the lecture's own lines ------------------------------------


@right("split_loss")
def _(params, X, Y):
    for p in params.values():
        p.requires_grad = False
    loss = F.cross_entropy(forward(params, X), Y).item()
    for p in params.values():
        p.requires_grad = True
    return loss


@right("build_dataset")
def _(words, block_size):
    X, Y = [], []
    for word in words:
        ids = F.pad(torch.tensor([stoi[c] for c in word + "."]), (block_size, 0))
        X.append(ids[:-1].unfold(0, block_size, 1))
        Y.append(ids[block_size:])
    return torch.cat(X), torch.cat(Y)


@right("hidden_layer")
def _(emb, W1, b1):
    return torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)


@right("log_softmax")
def _(logits):
    return F.log_softmax(logits, dim=1)


@wrong("split_loss")
def _(params, X, Y):
    for p in params.values():
        p.requires_grad = False
    return F.cross_entropy(forward(params, X), Y).item()
