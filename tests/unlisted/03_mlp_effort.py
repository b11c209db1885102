"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("loss_floor", "all examples again, by index")
def _(X, Y):
    X, Y, total = X.tolist(), Y.tolist(), 0.0
    for i in range(len(Y)):
        seen = both = 0
        for j in range(len(Y)):
            if X[i] == X[j]:
                seen += 1
                if Y[i] == Y[j]:
                    both += 1
        total += math.log(seen / both)
    return total / len(Y)


@wrong("loss_floor", "a list of the examples with the same context, for each")
def _(X, Y):
    pairs = [(tuple(x), y) for x, y in zip(X.tolist(), Y.tolist())]
    losses = []
    for x, y in pairs:
        answers = [b for a, b in pairs if a == x]
        losses.append(-math.log(answers.count(y) / len(answers)))
    return sum(losses) / len(losses)


@right("loss_floor", "answers listed by context")
def _(X, Y):
    answers = {}
    for x, y in zip(X.tolist(), Y.tolist()):
        answers.setdefault(tuple(x), []).append(y)
    total = 0.0
    for found in answers.values():
        for y in set(found):
            total -= found.count(y) * math.log(found.count(y) / len(found))
    return total / len(Y)


@right("loss_floor", "number by number out of the tensors")
def _(X, Y):
    seen, both = {}, {}
    for i in range(X.shape[0]):
        x, y = tuple(int(c) for c in X[i]), int(Y[i])
        seen[x] = seen.get(x, 0) + 1
        both[x, y] = both.get((x, y), 0) + 1
    return sum(n * -math.log(n / seen[x]) for (x, y), n in both.items()) / X.shape[0]


@wrong("contexts", "all that was seen is slid through again, from a list")
def _(word, block_size):
    pairs = []
    for i, c in enumerate(word + "."):
        window = ["."] * block_size
        for j in range(i):
            window.pop(0)
            window.append(word[j])
        pairs.append(("".join(window), c))
    return pairs


@wrong("contexts", "the text so far is put together anew for each letter")
def _(word, block_size):
    pairs = []
    for i in range(len(word) + 1):
        padded = "." * block_size
        for j, c in enumerate(word):
            if j < i:
                padded += c
        pairs.append((padded[-block_size:], (word + ".")[i]))
    return pairs


@right("contexts", "each context character by character")
def _(word, block_size):
    pairs = []
    for i, c in enumerate(word + "."):
        context = ""
        for j in range(i - block_size, i):
            context += word[j] if j >= 0 else "."
        pairs.append((context, c))
    return pairs


@right("contexts", "a deque")
def _(word, block_size):
    from collections import deque

    window, pairs = deque("." * block_size, maxlen=block_size), []
    for c in word + ".":
        pairs.append(("".join(window), c))
        window.append(c)
    return pairs


@wrong("candidate_lrs", "a product for each rate")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))

    def power(n):
        return 1.0 if n == 0 else factor * power(n - 1)

    return [low * power(i) for i in range(steps)]


@wrong("candidate_lrs", "the list up to here is made for each rate")
def _(low, high, steps):
    factor, lrs = (high / low) ** (1 / (steps - 1)), [low]
    while len(lrs) < steps:
        again = [low]
        for _ in lrs:
            again.append(again[-1] * factor)
        lrs = again
    return lrs


@right("candidate_lrs", "the one before times the factor")
def _(low, high, steps):
    factor, lrs = (high / low) ** (1 / (steps - 1)), [low]
    for _ in range(steps - 1):
        lrs.append(lrs[-1] * factor)
    return lrs


@right("candidate_lrs", "powers of ten, a factor for each")
def _(low, high, steps):
    import math

    lrs = []
    for i in range(steps):
        share = i / (steps - 1)
        exponent = (1 - share) * math.log10(low) + share * math.log10(high)
        lrs.append(10**exponent)
    return lrs
