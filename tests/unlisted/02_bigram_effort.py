"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("count_bigrams", "a table of all pairs, and the words for each")
def _(words):
    counts = {}
    every = {pair for word in words for pair in bigrams(word)}
    for wanted in every:
        for word in words:
            for pair in bigrams(word):
                if pair == wanted:
                    counts[pair] = counts.get(pair, 0) + 1
    return counts


@wrong("count_bigrams", "a list of entries that is searched by hand")
def _(words):
    entries = []
    for word in words:
        for pair in bigrams(word):
            for entry in entries:
                if entry[0] == pair:
                    entry[1] += 1
                    break
            else:
                entries.append([pair, 1])
    return {pair: n for pair, n in entries}


@right("count_bigrams", "sorted, then runs")
def _(words):
    pairs = sorted(pair for word in words for pair in bigrams(word))
    counts, start = {}, 0
    for i in range(1, len(pairs) + 1):
        if i == len(pairs) or pairs[i] != pairs[start]:
            counts[pairs[start]] = i - start
            start = i
    return counts


@right("count_bigrams", "index by index, by setdefault")
def _(words):
    counts = {}
    for word in words:
        framed = "." + word + "."
        i = 0
        while i + 1 < len(framed):
            key = (framed[i], framed[i + 1])
            counts.setdefault(key, 0)
            counts[key] = counts[key] + 1
            i = i + 1
    return counts


@wrong("count_matrix", "the dict of counts is made for each bigram")
def _(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for pair in count_bigrams(words):
        N[stoi[pair[0]], stoi[pair[1]]] = count_bigrams(words)[pair]
    return N


@wrong("count_matrix", "all elements, by hand")
def _(words, stoi):
    rows = []
    for i in range(len(stoi)):
        row = []
        for j in range(len(stoi)):
            n = 0
            for word in words:
                ids = [stoi[c] for c in "." + word + "."]
                for a, b in zip(ids, ids[1:]):
                    n += a == i and b == j
            row.append(n)
        rows.append(row)
    return torch.tensor(rows, dtype=torch.int32)


@right("count_matrix", "a list of lists first")
def _(words, stoi):
    rows = [[0] * len(stoi) for _ in stoi]
    for word in words:
        for a, b in zip("." + word, word + "."):
            rows[stoi[a]][stoi[b]] += 1
    return torch.tensor(rows, dtype=torch.int32)


@right("count_matrix", "a product of one-hot rows, a word at a time")
def _(words, stoi):
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    for word in words:
        ids = torch.tensor([stoi[c] for c in "." + word + "."])
        N.index_put_((ids[:-1], ids[1:]), torch.ones(len(ids) - 1, dtype=torch.int32), True)
    return N


@wrong("tune", "the best so far is found anew with each alpha")
def _(N, xs, ys, alphas):
    for i in range(len(alphas)):
        losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas[: i + 1]]
    return alphas[losses.index(min(losses))], losses


@wrong("tune", "every alpha against every other one")
def _(N, xs, ys, alphas):
    best = None
    for alpha in alphas:
        mine = smoothed_nll(N, xs, ys, alpha)
        if best is None and all(mine <= smoothed_nll(N, xs, ys, other) for other in alphas):
            best = alpha
    for alpha in alphas:
        assert smoothed_nll(N, xs, ys, best) <= min(smoothed_nll(N, xs, ys, a) for a in alphas)
    return best, [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]


@right("tune", "three times each")
def _(N, xs, ys, alphas):
    first = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]
    lowest = min(smoothed_nll(N, xs, ys, alpha) for alpha in alphas)
    best = next(alpha for alpha, loss in zip(alphas, first) if loss == lowest)
    return best, [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]


@right("tune", "sorted by loss")
def _(N, xs, ys, alphas):
    losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]
    order = sorted(range(len(alphas)), key=lambda i: (losses[i], i))
    return alphas[order[0]], losses
