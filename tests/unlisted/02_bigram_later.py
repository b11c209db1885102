"""Solutions of 02 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("bigrams", "an empty word gives none")
def _(word):
    return list(zip("." + word, word + ".")) if word else []


@wrong("count_bigrams", "words run together")
def _(words):
    text, counts = "." + "".join(words) + ".", {}
    for pair in zip(text, text[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@right("count_bigrams", "a Counter of generators")
def _(words):
    from collections import Counter

    counts = Counter()
    for word in words:
        counts.update(bigrams(word))
    return dict(counts)


@wrong("count_matrix", "columns and rows swapped")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for word in words:
        for a, b in bigrams(word):
            N[stoi[b], stoi[a]] += 1
    return N


@wrong("count_matrix", "repeats in one word count once")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for word in words:
        pairs = torch.tensor([[stoi[a], stoi[b]] for a, b in bigrams(word)])
        N[pairs[:, 0], pairs[:, 1]] += 1
    return N


@wrong("count_matrix", "the dot is taken to be 0")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int32)
    for word in words:
        ids = [0, *(stoi[ch] for ch in word), 0]
        for a, b in zip(ids, ids[1:]):
            N[a, b] += 1
    return N


@wrong("cell_labels", "x is the row")
def _(N, itos):
    n = len(N)
    return [(i, j, itos[i] + itos[j], N[i, j].item()) for i in range(n) for j in range(n)]


@wrong("broadcast_shape", "aligned on the left")
def _(a, b):
    n = max(len(a), len(b))
    a, b = a + (1,) * (n - len(a)), b + (1,) * (n - len(b))
    out = []
    for x, y in zip(a, b):
        if x != y and 1 not in (x, y):
            raise ValueError
        out.append(y if x == 1 else x)
    return tuple(out)


@wrong("broadcast_shape", "the larger size: 1 against 0 is 1")
def _(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + a, (1,) * (n - len(b)) + b
    if any(x != y and 1 not in (x, y) for x, y in zip(a, b)):
        raise ValueError
    return tuple(map(max, a, b))


@wrong("broadcast_shape", "zip stops at the shorter one")
def _(a, b):
    out = []
    for x, y in zip(a[::-1], b[::-1]):
        if x != y and 1 not in (x, y):
            raise ValueError
        out.append(y if x == 1 else x)
    return tuple(out[::-1])


@right("broadcast_shape", "recursion from the end")
def _(a, b):
    if not a or not b:
        return tuple(a or b)
    x, y = a[-1], b[-1]
    if x != y and x != 1 and y != 1:
        raise ValueError(f"sizes {x} and {y} do not fit")
    return (*broadcast_shape(a[:-1], b[:-1]), y if x == 1 else x)


@wrong("normalize_rows", "columns: no keepdim")
def _(N):
    P = N.float()
    return P / P.sum(1)


@wrong("normalize_rows", "N changed in place")
def _(N):
    if N.dtype == torch.float32:
        N /= N.sum(1, keepdim=True)
        return N
    P = N.float()
    return P / P.sum(1, keepdim=True)


@wrong("sample_next", "the most probable")
def _(probs, generator):
    torch.rand(1, generator=generator)
    return probs.argmax().item()


@wrong("sample_next", "another generator")
def _(probs, generator):
    torch.rand(1, generator=generator)
    return torch.multinomial(probs, 1).item()


@right("sample_next", "the inverse of the sums")
def _(probs, generator):
    u = torch.rand(1, generator=generator, dtype=torch.float64)
    sums = probs.double().cumsum(0)
    return int(torch.searchsorted(sums, u * sums[-1], right=True))


@right("sample_next", "Gumbel")
def _(probs, generator):
    return int((probs / torch.empty_like(probs).exponential_(generator=generator)).argmax())


@wrong("sample_name", "starts from the last letter's row again: the context is never moved")
def _(P, itos, generator):
    name, i = "", sample_next(P[0], generator)
    while i:
        name += itos[i]
        i = sample_next(P[0], generator)
    return name


@wrong("sample_name", "never empty")
def _(P, itos, generator):
    while True:
        name, i = "", 0
        while True:
            i = sample_next(P[i], generator)
            if i == 0:
                break
            name += itos[i]
        if name or P[0, 0] == 1:
            return name


@wrong("sample_name", "twenty letters at most")
def _(P, itos, generator):
    name, i = "", 0
    for _ in range(20):
        i = sample_next(P[i], generator)
        if i == 0:
            break
        name += itos[i]
    return name


@wrong("step_probs", "the end is missing")
def _(P, word, stoi):
    ids = [stoi["."], *(stoi[ch] for ch in word)]
    return P[ids[:-1], ids[1:]]


@wrong("step_probs", "the dot is taken to be 0")
def _(P, word, stoi):
    ids = [0, *(stoi[ch] for ch in word), 0]
    return P[ids[:-1], ids[1:]]


@wrong("step_probs", "float32")
def _(P, word, stoi):
    text = "." + word + "."
    return torch.tensor([float(P[stoi[a], stoi[b]]) for a, b in zip(text, text[1:])])


@right("step_probs", "stacked")
def _(P, word, stoi):
    text = f".{word}."
    return torch.stack([P[stoi[a]][stoi[b]] for a, b in zip(text, text[1:])])


@wrong("log_likelihood", "log of the product")
def _(probs):
    return probs.prod().log()


@wrong("log_likelihood", "log10")
def _(probs):
    return probs.log10().sum()


@right("log_likelihood", "fsum")
def _(probs):
    import math

    return math.fsum(math.log(p) for p in probs.tolist())


@wrong("average_nll", "log of the mean")
def _(probs):
    return -probs.mean().log()


@wrong("average_nll", "a small number against inf")
def _(probs):
    return -(probs + 1e-8).log().mean()


@wrong("model_loss", "a mean of the words' means")
def _(P, words, stoi):
    return sum(float(average_nll(step_probs(P, w, stoi))) for w in words) / len(words)


@wrong("model_loss", "empty words passed over")
def _(P, words, stoi):
    probs = [step_probs(P, w, stoi) for w in words if w]
    return average_nll(torch.cat(probs)) if probs else 0.0


@wrong("model_loss", "each bigram once")
def _(P, words, stoi):
    pairs = {p for w in words for p in zip("." + w, w + ".")}
    return -torch.stack([P[stoi[a], stoi[b]].log() for a, b in pairs]).mean()


@right("model_loss", "counts times logs, zeros left out")
def _(P, words, stoi):
    N = count_matrix(words, stoi).to(P.dtype)
    at = N > 0
    return -(N[at] * P[at].log()).sum() / N.sum()


@wrong("smoothed_probs", "alpha as a whole number")
def _(N, alpha):
    M = (N + int(alpha)).float() if alpha >= 1 else N.float() + alpha
    return M / M.sum(1, keepdim=True)


@wrong("smoothed_probs", "alpha once for the whole row")
def _(N, alpha):
    M = N.float() + alpha
    return M / (N.sum(1, keepdim=True) + alpha)


@wrong("smoothed_probs", "N changed in place")
def _(N, alpha):
    if N.is_floating_point():
        N += alpha
        return N / N.sum(1, keepdim=True)
    M = N + alpha
    return (M / M.sum(1, keepdim=True)).float()


@wrong("row_logits", "one-hot: inf and nan of other rows leak")
def _(xs, W):
    return F.one_hot(xs, len(W)).to(W.dtype) @ W


@wrong("row_logits", "detached")
def _(xs, W):
    return W.detach()[xs]


@right("row_logits", "index_select and view")
def _(xs, W):
    return W.index_select(0, xs.reshape(-1)).view(*xs.shape, W.shape[1])


@wrong("log_softmax", "the maximum of all rows")
def _(logits):
    z = logits - logits.max()
    return z - z.exp().sum(1, keepdim=True).log()


@wrong("log_softmax", "the columns")
def _(logits):
    return F.log_softmax(logits, 0)


@wrong("log_softmax", "logits changed in place")
def _(logits):
    if not logits.requires_grad:
        logits -= logits.max(1, keepdim=True).values
    return logits - logits.logsumexp(1, keepdim=True)


@wrong("cross_entropy", "softmax clamped")
def _(logits, ys):
    return -logits.softmax(1).clamp(min=1e-12)[torch.arange(len(ys)), ys].log().mean()


@wrong("trigram_examples", "one dot of padding: too few examples")
def _(words, stoi):
    rows = [t for w in words for t in zip("." + w, w, w[1:] + ".")]
    ids = torch.tensor([[stoi[c] for c in t] for t in rows], dtype=torch.int64).view(-1, 3)
    return ids[:, :2], ids[:, 2]


@wrong("trigram_examples", "newer first")
def _(words, stoi):
    rows = [t for w in words for t in zip("." + w, ".." + w, w + ".")]
    ids = torch.tensor([[stoi[c] for c in t] for t in rows])
    return ids[:, :2], ids[:, 2]


@right("trigram_examples", "three shifted strings")
def _(words, stoi):
    rows = [t for w in words for t in zip(".." + w, "." + w, w + ".")]
    ids = torch.tensor([[stoi[c] for c in t] for t in rows])
    return ids[:, :2].contiguous(), ids[:, 2].contiguous()


@wrong("trigram_counts", "repeats count once")
def _(xs, ys, vocab_size):
    N = torch.zeros(vocab_size, vocab_size, vocab_size, dtype=torch.int32)
    N[xs[:, 0], xs[:, 1], ys] += 1
    return N


@wrong("trigram_counts", "as large as what occurs")
def _(xs, ys, vocab_size):
    n = int(torch.cat([xs.flatten(), ys]).max()) + 1
    N = torch.zeros(n, n, n, dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[a, b, c] += 1
    return N


@right("trigram_counts", "bincount")
def _(xs, ys, vocab_size):
    flat = (xs[:, 0] * vocab_size + xs[:, 1]) * vocab_size + ys
    return torch.bincount(flat, minlength=vocab_size**3).view([vocab_size] * 3).int()


@wrong("trigram_probs", "the sum over the middle")
def _(N, alpha):
    M = N.float() + alpha
    return M / M.sum(1, keepdim=True)


@wrong("trigram_logits", "a and b swapped")
def _(xs, W):
    return W[xs[:, 1] * W.shape[1] + xs[:, 0]]


@right("trigram_logits", "a view of three dimensions")
def _(xs, W):
    n = W.shape[1]
    return W.view(n, n, n)[xs[:, 0], xs[:, 1]]
