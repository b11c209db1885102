# ---- part 1: counts


@wrong("vocabulary", "itos is a list, not a dict")
def _(words):
    itos = ["."] + sorted(set("".join(words)))
    return {ch: i for i, ch in enumerate(itos)}, itos


@wrong("bigrams", "an empty word gives no bigram at all")
def _(word):
    if not word:
        return []
    chars = ["."] + list(word) + ["."]
    return list(zip(chars, chars[1:]))


@wrong(
    "count_bigrams",
    "joins the words with dots first: an empty list of words then counts ('.', '.') once",
)
def _(words):
    text = "." + ".".join(words) + "."
    counts = {}
    for pair in zip(text, text[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@right("vocabulary", "dict.fromkeys over sorted characters, zip with itertools.count")
def _(words):
    from itertools import chain, count

    letters = sorted(dict.fromkeys(chain.from_iterable(words)))
    stoi = dict(zip([".", *letters], count()))
    return stoi, dict(map(reversed, stoi.items()))


@right("count_bigrams", "a Counter fed by zip, then made a plain dict")
def _(words):
    from collections import Counter

    counts = Counter()
    for w in words:
        counts.update(zip("." + w, w + "."))
    return dict(counts)


# ---- part 2: sampling


@wrong("normalize_rows", "divides in place, so a float32 N does not stay as it is")
def _(N):
    P = N.to(torch.float32)
    P /= P.sum(1, keepdim=True)
    return P


@wrong(
    "sample_next",
    "draws from a fresh generator with the seed of the given one, which never moves on",
)
def _(probs, generator):
    g = torch.Generator().manual_seed(generator.initial_seed())
    return int(torch.multinomial(probs, 1, generator=g))


@wrong("sample_name", "cuts names at twenty letters")
def _(P, itos, generator):
    i, letters = 0, []
    while len(letters) < 20:
        i = int(torch.multinomial(P[i], 1, generator=generator))
        if i == 0:
            break
        letters.append(itos[i])
    return "".join(letters)


@right("broadcast_shape", "pads the shorter one with ones, then decides with a match statement")
def _(a, b):
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + tuple(a), (1,) * (n - len(b)) + tuple(b)

    def meet(pair):
        match pair:
            case (1, size) | (size, 1):
                return size
            case (x, y) if x == y:
                return x
            case (x, y):
                raise ValueError(f"sizes {x} and {y} do not fit")

    return tuple(map(meet, zip(a, b)))


@right("normalize_rows", "einsum with the inverse sums, in float64 inside")
def _(N):
    rows = N.double()
    return torch.einsum("ij,i->ij", rows, 1.0 / rows.sum(dim=1)).float()


# ---- part 3: likelihood


@wrong(
    "step_probs",
    "collects Python floats into a new tensor, which makes float64 probabilities float32",
)
def _(P, word, stoi):
    return torch.tensor([P[stoi[a], stoi[b]].item() for a, b in zip("." + word, word + ".")])


@wrong("log_likelihood", "the logarithm of the product, which is 0 for thousands of probabilities")
def _(probs):
    return probs.double().prod().log().item()


@wrong("average_nll", "clamps the probabilities, so that one of 0 gives about 27 instead of inf")
def _(probs):
    return -probs.clamp(min=1e-12).log().mean()


@wrong("smoothed_probs", "keeps the counts whole: a fractional alpha is cut off")
def _(N, alpha):
    counts = N.int() + int(alpha)
    return counts.float() / counts.sum(1, keepdim=True)


@right("likelihood", "functools.reduce with operator.mul over Python floats")
def _(probs):
    import functools
    import operator

    return functools.reduce(operator.mul, probs.tolist(), 1.0)


@right("average_nll", "math.log in a loop with an early return for a probability of 0")
def _(probs):
    import math

    values = probs.tolist()
    if 0.0 in values:
        return float("inf")
    return math.fsum(-math.log(p) for p in values) / len(values) + 0.0


# ---- part 4: network


@wrong("make_pairs", "skips empty words, which are an example too")
def _(words, stoi):
    pairs = [(stoi[a], stoi[b]) for w in words if w for a, b in zip("." + w, w + ".")]
    xs, ys = torch.tensor(pairs, dtype=torch.int64).view(-1, 2).unbind(1)
    return xs, ys


@wrong("bigram_logits", "one-hot rows as wide as W has columns: right for a square W only")
def _(xs, W):
    return F.one_hot(xs, W.shape[1]).to(W.dtype) @ W


@wrong(
    "gradient_step",
    "clears the gradient after the step only: what an earlier step has left counts again",
)
def _(W, loss, lr):
    loss.backward()
    with torch.no_grad():
        W -= lr * W.grad
    W.grad = None


@wrong(
    "regularized_loss",
    "the penalty is computed from W.detach(): right value, but no gradient from it",
)
def _(W, xs, ys, strength):
    return F.cross_entropy(W[xs], ys) + strength * (W.detach() ** 2).mean()


@right("one_hot", "compares each index with an arange")
def _(xs, num_classes):
    return torch.eq(xs.unsqueeze(-1), torch.arange(num_classes, device=xs.device)).to(torch.float32)


@right("softmax", "one row at a time, each shifted by its own maximum, stacked again")
def _(logits):
    rows = []
    for row in logits:
        e = torch.exp(row - row.detach().max())
        rows.append(e / e.sum())
    return torch.stack(rows) if rows else logits * 1.0


# ---- part 5: shortcuts


@wrong(
    "row_logits",
    "a product with one-hot rows: inf or NaN in a row that xs does not name spoils all",
)
def _(xs, W):
    return F.one_hot(xs, W.shape[0]).to(W.dtype) @ W


@wrong("log_softmax", "the logarithm of torch's softmax: -inf where the probability underflows")
def _(logits):
    return torch.softmax(logits, dim=1).log()


@wrong(
    "cross_entropy",
    "clamps the logits to +-100 to keep exp finite, which changes the loss of larger ones",
)
def _(logits, ys):
    logits = logits.clamp(-100, 100)
    picked = logits[torch.arange(len(ys)), ys]
    return (logits.logsumexp(1) - picked).mean()


@right("row_logits", "F.embedding")
def _(xs, W):
    return F.embedding(xs, W)


@right("cross_entropy", "logaddexp folded over the shifted columns, minus the target by gather")
def _(logits, ys):
    import functools

    logits = logits - logits.detach().amax(dim=1, keepdim=True)
    total = functools.reduce(torch.logaddexp, logits.unbind(dim=1))
    return torch.mean(total - torch.gather(logits, 1, ys.unsqueeze(1)).squeeze(1))


# ---- part 6: trigrams


@wrong("trigram_examples", "pads and ends with index 0, whatever the index of '.' is")
def _(words, stoi):
    xs, ys = [], []
    for word in words:
        ids = [0, 0, *(stoi[c] for c in word), 0]
        for a, b, c in zip(ids, ids[1:], ids[2:]):
            xs.append([a, b])
            ys.append(c)
    return torch.tensor(xs), torch.tensor(ys)


@wrong("trigram_counts", "the size comes from the highest index that occurs, not from vocab_size")
def _(xs, ys, vocab_size):
    size = int(max(xs.max(), ys.max())) + 1
    flat = (xs[:, 0] * size + xs[:, 1]) * size + ys
    return torch.bincount(flat, minlength=size**3).view(size, size, size).int()


@right("trigram_probs", "in float64, row by row of a two-dimensional view")
def _(N, alpha):
    V = N.shape[-1]
    rows = N.reshape(-1, V).to(torch.float64).add(float(alpha))
    return rows.div(rows.sum(dim=1).unsqueeze(1)).to(torch.float32).view(N.shape)


@right("trigram_logits", "W as a cube, indexed with both characters")
def _(xs, W):
    V = W.shape[1]
    older, newer = xs.t()
    return W.reshape(V, V, V)[older, newer]


# ---- part 7: splits


@wrong("split_words", "shuffles the caller's list in place")
def _(words, rng):
    rng.shuffle(words)
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return words[:n1], words[n1:n2], words[n2:]


@wrong("split_words", "shuffles a set of the words: one that occurs twice is there only once")
def _(words, rng):
    shuffled = sorted(set(words))
    rng.shuffle(shuffled)
    n1, n2 = int(0.8 * len(shuffled)), int(0.9 * len(shuffled))
    return shuffled[:n1], shuffled[n1:n2], shuffled[n2:]


@wrong("tune", "the last of several best alphas wins")
def _(N, xs, ys, alphas):
    losses, best = [], None
    for alpha in alphas:
        losses.append(float(smoothed_nll(N, xs, ys, alpha)))
        if best is None or losses[-1] <= best[1]:
            best = (alpha, losses[-1])
    return best[0], losses


@right("split_words", "draws a sample as large as the list, then deals it out of one iterator")
def _(words, rng):
    from itertools import islice

    n = len(words)
    deck = iter(rng.sample(words, n))
    n1, n2 = int(0.8 * n), int(0.9 * n)
    return tuple(list(islice(deck, size)) for size in (n1, n2 - n1, n - n2))


@right(
    "smoothed_nll",
    "only the rows that are needed: log of the row sums minus log of the cells, float64",
)
def _(N, xs, ys, alpha):
    rows = N[xs[:, 0], xs[:, 1]].double() + alpha
    cells = torch.take_along_dim(rows, ys[:, None], dim=1)[:, 0]
    return (rows.sum(1).log() - cells.log()).mean().item()
