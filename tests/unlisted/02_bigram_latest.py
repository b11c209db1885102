"""Solutions of 02 that come from the texts alone: see test_unlisted.py, which parses this file."""


# ------------------------------------------------------------------ 1 counts
@wrong("vocabulary", "characters in order of first appearance")
def _(words):
    stoi = {".": 0}
    for w in words:
        for c in w:
            stoi.setdefault(c, len(stoi))
    return stoi, {i: c for c, i in stoi.items()}


@wrong("vocabulary", "sorts without regard to case")
def _(words):
    # "sorted order (that of Python's `sorted`)"
    chars = sorted(set("".join(words)), key=lambda c: (c.lower(), c))
    stoi = {c: i for i, c in enumerate(["."] + chars)}
    return stoi, dict(enumerate(["."] + chars))


@wrong("vocabulary", "the dot is sorted in with the others")
def _(words):
    # a hyphen or an apostrophe sorts before '.', digits after: '.' must be 0
    chars = sorted(set("".join(words) + "."))
    return {c: i for i, c in enumerate(chars)}, {i: c for i, c in enumerate(chars)}


@right("vocabulary", "set.union, zip")
def _(words):
    chars = ["."] + sorted(set().union(*words))
    numbers = range(len(chars))
    return dict(zip(chars, numbers)), dict(zip(numbers, chars))


@wrong("bigrams", "only for words of two letters and more, [] otherwise")
def _(word):
    if len(word) < 1:
        return []
    chars = "." + word + "."
    return [(a, b) for a, b in zip(chars, chars[1:])]


@wrong("bigrams", "strings of two in place of pairs")
def _(word):
    s = f".{word}."
    return [s[i : i + 2] for i in range(len(s) - 1)]


@right("bigrams", "remembers the previous character")
def _(word: str) -> list:
    pairs, before = [], "."
    for c in word:
        pairs.append((before, c))
        before = c
    pairs.append((before, "."))
    return pairs


@wrong("count_bigrams", "counts in how many words, not how often")
def _(words):
    counts = {}
    for w in words:
        for b in set(bigrams(w)):
            counts[b] = counts.get(b, 0) + 1
    return counts


@wrong("count_bigrams", "joins the words with a single dot, and misses the first and the last")
def _(words):
    text = ".".join(words)
    counts = {}
    for pair in zip(text, text[1:]):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


@right("count_bigrams", "one long text with a dot between: each dot ends and begins")
def _(words):
    counts = {}
    if not words:
        return counts
    text = "." + ".".join(words) + "."
    for i in range(len(text) - 1):
        pair = text[i], text[i + 1]
        if pair not in counts:
            counts[pair] = 0
        counts[pair] += 1
    return counts


@wrong("count_matrix", "int64")
def _(words, stoi):
    N = torch.zeros(len(stoi), len(stoi), dtype=torch.int64)
    for w in words:
        for a, b in bigrams(w):
            N[stoi[a], stoi[b]] += 1
    return N


@wrong("count_matrix", "fancy indexing += 1 counts repeats once")
def _(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    pairs = [(stoi[a], stoi[b]) for w in words for a, b in bigrams(w)]
    if pairs:
        i, j = torch.tensor(pairs).T
        N[i, j] += 1
    return N


@right("count_matrix", "bincount of a * n + b")
def _(words, stoi):
    n = len(stoi)
    codes = [stoi[a] * n + stoi[b] for w in words for a, b in bigrams(w)]
    flat = torch.bincount(torch.tensor(codes, dtype=torch.int64), minlength=n * n)
    return flat.reshape(n, n).int()


@wrong("cell_labels", "leaves out the cells with a count of zero")
def _(N, itos):
    return [
        (j, i, itos[i] + itos[j], N[i, j].item())
        for i in range(len(itos))
        for j in range(len(itos))
        if N[i, j] > 0
    ]


@wrong("cell_labels", "x and y right, the text of the mirrored cell")
def _(N, itos):
    return [
        (x, y, itos[x] + itos[y], int(N[y, x]))
        for y in range(N.shape[0])
        for x in range(N.shape[1])
    ]


@right("cell_labels", "from tolist, column by column")
def _(N, itos):
    rows = N.tolist()
    labels = []
    for x in range(len(rows)):
        for y, row in enumerate(rows):
            labels.append((x, y, f"{itos[y]}{itos[x]}", row[x]))
    return labels


# ------------------------------------------------------------------ 2 sampling
@wrong("broadcast_shape", "the larger one counts, a 0 against a 1 becomes 1")
def _(a, b):
    # "Where one size is 1, the other one counts (even if that is 0)."
    n = max(len(a), len(b))
    a, b = (1,) * (n - len(a)) + tuple(a), (1,) * (n - len(b)) + tuple(b)
    for x, y in zip(a, b):
        if x != y and 1 not in (x, y):
            raise ValueError(f"sizes {x} and {y} do not fit")
    return tuple(max(x, y) for x, y in zip(a, b))


@wrong("broadcast_shape", "lines up from the left")
def _(a, b):
    n = max(len(a), len(b))
    a, b = tuple(a) + (1,) * (n - len(a)), tuple(b) + (1,) * (n - len(b))
    out = []
    for x, y in zip(a, b):
        if x != y and x != 1 and y != 1:
            raise ValueError("do not fit")
        out.append(y if x == 1 else x)
    return tuple(out)


@wrong("broadcast_shape", "lets torch try, whose error is a RuntimeError")
def _(a, b):
    return tuple(torch.broadcast_shapes(a, b))


@right("broadcast_shape", "itertools-free zip from the end, recursion")
def _(a, b):
    if not a or not b:
        return tuple(a) or tuple(b)
    x, y = a[-1], b[-1]
    if x != y and 1 not in (x, y):
        raise ValueError("sizes do not fit")
    last = x if y == 1 else y
    return broadcast_shape(a[:-1], b[:-1]) + (last,)


@wrong("normalize_rows", "in place division on the caller's floats")
def _(N):
    P = N.float()
    P /= P.sum(1, keepdim=True)
    return P


@wrong("normalize_rows", "softmax of the counts")
def _(N):
    return F.softmax(N.float(), dim=1)


@right("normalize_rows", "F.normalize with p=1")
def _(N):
    return F.normalize(N.to(torch.float32), p=1, dim=1)


@wrong("sample_next", "a generator seeded anew for each call")
def _(probs, generator):
    # "it moves on with each call"
    g = torch.Generator().manual_seed(generator.initial_seed())
    return torch.multinomial(probs, 1, generator=g).item()


@wrong("sample_next", "uniform among the characters that are possible")
def _(probs, generator):
    possible = torch.nonzero(probs).flatten()
    return possible[torch.randint(0, len(possible), (1,), generator=generator)].item()


@right("sample_next", "Gumbel's trick")
def _(probs, generator):
    u = torch.rand(len(probs), generator=generator, dtype=torch.float64)
    noise = -torch.log(-torch.log(u))
    return int(torch.argmax(torch.log(probs.double()) + noise))


@wrong("sample_name", "always the column of the character, P[:, i]")
def _(P, itos, generator):
    name, i = "", 0
    for _ in range(1000):
        i = torch.multinomial(P[:, i] / P[:, i].sum(), 1, generator=generator).item()
        if i == 0:
            break
        name += itos[i]
    return name


@wrong("sample_name", "never empty: draws again if the first is the dot")
def _(P, itos, generator):
    # "it may be empty"
    name, i = "", 0
    while True:
        j = torch.multinomial(P[i], 1, generator=generator).item()
        if j == 0:
            if name or P[0, 0] == 1:
                return name
            continue
        name += itos[j]
        i = j


@right("sample_name", "uses sample_next, builds a list")
def _(P, itos, generator):
    letters = []
    i = sample_next(P[0], generator)
    while i != 0:
        letters.append(itos[i])
        i = sample_next(P[i], generator)
    return "".join(letters)


# ------------------------------------------------------------------ 3 likelihood
@wrong("step_probs", "the last step to the dot missing")
def _(P, word, stoi):
    s = "." + word
    return torch.stack([P[stoi[a], stoi[b]] for a, b in zip(s, s[1:])]) if word else P.new_zeros(0)


@wrong("step_probs", "float32 whatever P is")
def _(P, word, stoi):
    s = "." + word + "."
    return torch.tensor([P[stoi[a], stoi[b]].item() for a, b in zip(s, s[1:])])


@right("step_probs", "indexes with two lists")
def _(P, word, stoi):
    ix = [stoi[c] for c in f".{word}."]
    return P[ix[:-1], ix[1:]]


@wrong(
    "likelihood",
    "exp of the sum of the logs of p + 1e-12: 0 is no longer 0 and small products are off",
)
def _(probs):
    return torch.exp(torch.log(probs + 1e-3).sum())


@right("log_likelihood", "log2 and a factor")
def _(probs):
    return (probs.double().log2().sum() * torch.log(torch.tensor(2.0, dtype=torch.float64))).item()


@wrong("log_likelihood", "log10")
def _(probs):
    return probs.log10().sum()


@wrong("average_nll", "minus the log of the mean")
def _(probs):
    return -probs.mean().log()


@wrong("average_nll", "clamps the probabilities, so never inf")
def _(probs):
    return -probs.clamp(min=1e-10).log().mean()


@wrong("model_loss", "the mean of the words' means")
def _(P, words, stoi):
    losses = [average_nll(step_probs(P, w, stoi)) for w in words]
    return sum(losses) / len(losses)


@wrong("model_loss", "skips empty words")
def _(P, words, stoi):
    return average_nll(torch.cat([step_probs(P, w, stoi) for w in words if w] or [torch.ones(1)]))


@right("model_loss", "sums and counts")
def _(P, words, stoi):
    total = n = 0
    for w in words:
        p = step_probs(P, w, stoi)
        total = total - p.log().sum()
        n += p.numel()
    return float(total) / n


@wrong("smoothed_probs", "whole fake counts: int(alpha)")
def _(N, alpha):
    M = (N + int(alpha)).float()
    return M / M.sum(1, keepdim=True)


@wrong("smoothed_probs", "divides by the row sum plus one alpha")
def _(N, alpha):
    return (N.float() + alpha) / (N.float().sum(1, keepdim=True) + alpha)


@right("smoothed_probs", "row sums by formula, in float64")
def _(N, alpha):
    M = N.double()
    return ((M + alpha) / (M.sum(1, keepdim=True) + alpha * N.shape[1])).float()


# ------------------------------------------------------------------ 4 network
@wrong("make_pairs", "ys from the whole text shifted by one: words run into each other")
def _(words, stoi):
    xs = [stoi[c] for w in words for c in "." + w]
    ys = xs[1:] + [stoi["."]]
    ys = [y for y in ys]
    return torch.tensor(xs[:-1]), torch.tensor(ys[:-1])


@right("make_pairs", "one text with dots between the words")
def _(words, stoi):
    codes = [stoi[c] for c in "." + ".".join(words) + "."]
    return torch.tensor(codes[:-1]), torch.tensor(codes[1:])


@wrong("one_hot", "width from the largest index")
def _(xs, num_classes):
    return F.one_hot(xs).float()


@wrong("bigram_logits", "one-hot as wide as the output")
def _(xs, W):
    # "In this lesson n_out is vocab_size too, but your function needs no such thing."
    return F.one_hot(xs, W.shape[1]).float() @ W


@wrong("bigram_logits", "detached rows")
def _(xs, W):
    return one_hot(xs, W.shape[0]) @ W.data


@right("bigram_logits", "einsum")
def _(xs, W):
    return torch.einsum("nv,vo->no", one_hot(xs, len(W)), W)


@wrong("softmax", "subtracts the maximum of the whole matrix")
def _(logits):
    # rows far below the largest one become 0 / 0
    counts = (logits - logits.max()).exp()
    return counts / counts.sum(1, keepdim=True)


@wrong("softmax", "clamps to +-80 first")
def _(logits):
    counts = logits.clamp(-80, 80).exp()
    return counts / counts.sum(1, keepdim=True)


@right("softmax", "logsumexp")
def _(logits):
    return torch.exp(logits - torch.logsumexp(logits, dim=1, keepdim=True))


@wrong("nll_loss", "mean over the whole matrix of one-hot times log")
def _(probs, ys):
    return -(F.one_hot(ys, probs.shape[1]) * probs.log()).mean()


@right("nll_loss", "gather")
def _(probs, ys):
    return probs.gather(1, ys.unsqueeze(1)).log().neg().mean()


@wrong("gradient_step", "replaces W.data by a step with the old gradient included")
def _(W, loss, lr):
    loss.backward()
    W.data = W.data - lr * W.grad


@wrong("gradient_step", "rebinds the name W only")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W = W - lr * W.grad


@right("gradient_step", "torch.autograd.grad and sub_ under no_grad")
def _(W, loss, lr):
    (gradient,) = torch.autograd.grad(loss, W)
    with torch.no_grad():
        W.sub_(lr * gradient)


@wrong("train", "the loss after each step")
def _(W, loss_fn, steps, lr):
    losses = []
    for _ in range(steps):
        gradient_step(W, loss_fn(W), lr)
        losses.append(loss_fn(W).item())
    return losses


@wrong("regularized_loss", "the penalty is the mean of the sizes, not of the squares")
def _(W, xs, ys, strength):
    return nll_loss(softmax(bigram_logits(xs, W)), ys) + strength * W.abs().mean()


@wrong("regularized_loss", "only the rows that occur are penalized")
def _(W, xs, ys, strength):
    return F.cross_entropy(W[xs], ys) + strength * (W[xs] ** 2).mean()


@right("regularized_loss", "library functions, norm squared over numel")
def _(W, xs, ys, strength):
    penalty = (W * W).sum() / W.numel()
    return F.cross_entropy(W[xs], ys) + penalty * strength


# ------------------------------------------------------------------ 5 shortcuts
@wrong("row_logits", "one-hot times W: NaN of other rows leaks in")
def _(xs, W):
    return F.one_hot(xs, W.shape[0]).to(W.dtype) @ W


@wrong("row_logits", "flattens the shape of xs")
def _(xs, W):
    return torch.index_select(W, 0, xs.flatten())


@right("row_logits", "index_select, shape put back")
def _(xs, W):
    return W.index_select(0, xs.reshape(-1)).reshape(*xs.shape, W.shape[1])


@wrong("log_softmax", "log of softmax plus a small number")
def _(logits):
    return (F.softmax(logits, dim=1) + 1e-9).log()


@wrong("log_softmax", "subtracts the row's maximum in place")
def _(logits):
    # "Stays as it is."
    logits.data.sub_(logits.data.max(1, keepdim=True).values)
    return logits - logits.exp().sum(1, keepdim=True).log()


@right("log_softmax", "logaddexp, column by column")
def _(logits):
    total = logits[:, 0]
    for j in range(1, logits.shape[1]):
        total = torch.logaddexp(total, logits[:, j])
    return logits - total[:, None]


@wrong("cross_entropy", "the sum")
def _(logits, ys):
    return F.cross_entropy(logits, ys, reduction="sum")


@wrong("cross_entropy", "in float32 and back")
def _(logits, ys):
    # float64 logits lose digits: for +-1e4 about 1e-3
    return F.cross_entropy(logits.float(), ys).to(logits.dtype)


@right("cross_entropy", "a loop over the rows")
def _(logits, ys):
    total = 0
    for row, y in zip(logits, ys):
        total = total + torch.logsumexp(row, 0) - row[y]
    return total / len(ys)


# ------------------------------------------------------------------ 6 trigram
@wrong("trigram_examples", "pads with index 0, whatever '.' is")
def _(words, stoi):
    # "'.', whatever its index is, pads the beginning"
    xs, ys = [], []
    for w in words:
        a = b = 0
        for c in w + ".":
            xs.append([a, b])
            ys.append(stoi[c])
            a, b = b, stoi[c]
    return torch.tensor(xs), torch.tensor(ys)


@right("trigram_examples", "unfold of each padded word")
def _(words, stoi):
    windows = [torch.tensor([stoi[c] for c in ".." + w + "."]).unfold(0, 3, 1) for w in words]
    all_of_them = torch.cat(windows)
    return all_of_them[:, :2], all_of_them[:, 2]


@wrong("trigram_counts", "the size from what occurs")
def _(xs, ys, vocab_size):
    n = int(max(xs.max(), ys.max())) + 1
    N = torch.zeros(n, n, n, dtype=torch.int32)
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        N[a, b, c] += 1
    return N


@right("trigram_counts", "index_put_ with accumulate")
def _(xs, ys, vocab_size):
    N = torch.zeros((vocab_size,) * 3, dtype=torch.int32)
    ones = torch.ones(len(ys), dtype=torch.int32)
    return N.index_put_((xs[:, 0], xs[:, 1], ys), ones, accumulate=True)


@wrong("trigram_probs", "sums over the first two dimensions' rest: all of P[a] sums to 1")
def _(N, alpha):
    M = N + float(alpha)
    return M / M.sum((1, 2), keepdim=True)


@wrong("trigram_nll", "skips examples of probability 0")
def _(P, xs, ys):
    p = P[xs[:, 0], xs[:, 1], ys]
    return -p[p > 0].log().mean()


@right("trigram_nll", "a loop of Python floats")
def _(P, xs, ys):
    import math

    total = 0.0
    for (a, b), c in zip(xs.tolist(), ys.tolist()):
        p = P[a, b, c].item()
        total += -math.log(p) if p > 0 else math.inf
    return total / len(ys)


@wrong("trigram_logits", "the base is W's height")
def _(xs, W):
    return W[(xs[:, 0] * W.shape[0] + xs[:, 1]) % W.shape[0]]


@right("trigram_logits", "W as a cube")
def _(xs, W):
    v = W.shape[1]
    return W.reshape(v, v, v)[xs[:, 0], xs[:, 1]]


# ------------------------------------------------------------------ 7 splits
@wrong("split_words", "draws each split anew: a word may be in two")
def _(words, rng):
    n = len(words)
    n1, n2 = int(0.8 * n), int(0.9 * n)
    return rng.sample(words, n1), rng.sample(words, n2 - n1), rng.sample(words, n - n2)


@wrong("split_words", "test is what is not in train or dev: a word that occurs twice is lost")
def _(words, rng):
    shuffled = rng.sample(sorted(set(words)), len(set(words)))
    n1, n2 = int(0.8 * len(shuffled)), int(0.9 * len(shuffled))
    return shuffled[:n1], shuffled[n1:n2], shuffled[n2:]


@right("split_words", "sorts by random keys")
def _(words, rng):
    order = sorted(range(len(words)), key=lambda i: rng.random())
    mixed = [words[i] for i in order]
    n1, n2 = int(0.8 * len(words)), int(0.9 * len(words))
    return mixed[:n1], mixed[n1:n2], mixed[n2:]


@wrong("smoothed_nll", "adds alpha to the counts in place")
def _(N, xs, ys, alpha):
    N += int(alpha)
    P = N.float() + (alpha - int(alpha))
    P = P / P.sum(2, keepdim=True)
    return -P[xs[:, 0], xs[:, 1], ys].log().mean()


@wrong("tune", "the last of several best ones")
def _(N, xs, ys, alphas):
    losses = [float(smoothed_nll(N, xs, ys, a)) for a in alphas]
    best = min(losses)
    return [a for a, l in zip(alphas, losses) if l == best][-1], losses


@wrong("tune", "the losses in the order of sorted alphas")
def _(N, xs, ys, alphas):
    alphas = sorted(alphas)
    losses = [float(smoothed_nll(N, xs, ys, a)) for a in alphas]
    return alphas[losses.index(min(losses))], losses


@right("tune", "enumerate and a running best")
def _(N, xs, ys, alphas):
    losses, best = [], 0
    for i, alpha in enumerate(alphas):
        losses.append(float(smoothed_nll(N, xs, ys, alpha)))
        if losses[i] < losses[best]:
            best = i
    return alphas[best], losses


@wrong("experiment", "the three losses each with an alpha of their own")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    report = {"alpha": tune(N, *dev, alphas)[0]}
    for name, split in zip(("train", "dev", "test"), (train, dev, test)):
        report[name] = min(tune(N, *split, alphas)[1])
    return report


@wrong("experiment", "the dev loss is that of the last alpha tried")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    alpha, losses = tune(N, *dev, alphas)
    return {
        "alpha": alpha,
        "train": float(smoothed_nll(N, *train, alpha)),
        "dev": losses[-1],
        "test": float(smoothed_nll(N, *test, alpha)),
    }


# ------------------------------------------------------------------ more right ones
@right("likelihood", "functools-free fold of Python floats")
def _(probs):
    product = 1.0
    for p in probs.tolist():
        product *= p
    return product


@right("average_nll", "a generator of -math.log, inf for 0")
def _(probs):
    logs = torch.log(probs)
    return -(logs.sum().item() / logs.numel())


@right("one_hot", "comparison with arange")
def _(xs, num_classes):
    return (xs.unsqueeze(1) == torch.arange(num_classes)).to(torch.float32)


@right("train", "the loss is kept before the step")
def _(W, loss_fn, steps, lr):
    history = []
    for _ in range(steps):
        loss = loss_fn(W)
        history.append(float(loss.detach()))
        gradient_step(W, loss, lr)
    return history


@right("trigram_probs", "float64 inside, keepdim by indexing")
def _(N, alpha):
    M = N.to(torch.float64).add(alpha)
    return (M / M.sum(-1)[..., None]).to(torch.float32)


@right("smoothed_nll", "only the rows that the examples need, logs subtracted")
def _(N, xs, ys, alpha):
    rows = N[xs[:, 0], xs[:, 1]].double() + alpha
    picked = rows.gather(1, ys[:, None])[:, 0]
    return (rows.sum(1).log() - picked.log()).mean().item()


@right("experiment", "dict comprehension, dev's loss computed again")
def _(train, dev, test, vocab_size, alphas):
    N = trigram_counts(*train, vocab_size)
    alpha, _ = tune(N, dev[0], dev[1], alphas)
    splits = {"train": train, "dev": dev, "test": test}
    return {"alpha": alpha} | {
        k: float(smoothed_nll(N, x, y, alpha)) for k, (x, y) in splits.items()
    }


@right("nll_loss", "cross entropy of the logs: F.nll_loss")
def _(probs, ys):
    return F.nll_loss(probs.log(), ys)


@right("gradient_step", "W.data, and the gradient emptied at both ends")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.data -= lr * W.grad
    W.grad = None


# ------------------------------------------------------------------ more wrong ones
@wrong("sample_next", "argmax of the probabilities plus a little noise")
def _(probs, generator):
    noise = 0.1 * torch.rand(len(probs), generator=generator)
    return int((probs + noise * (probs > 0)).argmax())


@wrong("sample_next", "searchsorted on the right side of an inclusive sum: off by one")
def _(probs, generator):
    u = torch.rand(1, generator=generator)
    return (
        int((probs.cumsum(0) < u).sum())
        if u < 0.5
        else min(int((probs.cumsum(0) < u).sum()) + 1, len(probs) - 1)
    )


@wrong("gradient_step", "W gets a new leaf's data but no longer requires a gradient")
def _(W, loss, lr):
    W.grad = None
    loss.backward()
    W.requires_grad_(False)
    W -= lr * W.grad


@wrong("one_hot", "int64")
def _(xs, num_classes):
    return F.one_hot(xs, num_classes)


@wrong("trigram_logits", "the younger character times vocab_size")
def _(xs, W):
    return W[xs[:, 1] * W.shape[1] + xs[:, 0]]


@wrong("trigram_examples", "one dot of padding for words of one letter")
def _(words, stoi):
    xs, ys = [], []
    for w in words:
        s = ".." + w + "." if len(w) != 1 else "." + w + "."
        for a, b, c in zip(s, s[1:], s[2:]):
            xs.append([stoi[a], stoi[b]])
            ys.append(stoi[c])
    return torch.tensor(xs), torch.tensor(ys)
