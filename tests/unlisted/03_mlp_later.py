"""Solutions of 03 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("contexts", "the end is missing")
def _(word, block_size):
    padded = "." * block_size + word
    return [(padded[i : i + block_size], ch) for i, ch in enumerate(word)]


@wrong("contexts", "short contexts not padded")
def _(word, block_size):
    return [(word[max(0, i - block_size) : i], ch) for i, ch in enumerate(word + ".")]


@wrong("contexts", "dots on the right")
def _(word, block_size):
    return [
        (word[max(0, i - block_size) : i].ljust(block_size, "."), ch)
        for i, ch in enumerate(word + ".")
    ]


@right("contexts", "rjust")
def _(word, block_size):
    return [(word[:i][-block_size:].rjust(block_size, "."), ch) for i, ch in enumerate(word + ".")]


@right("contexts", "a deque")
def _(word, block_size):
    from collections import deque

    window, out = deque("." * block_size, maxlen=block_size), []
    for ch in [*word, "."]:
        out.append(("".join(window), ch))
        window.append(ch)
    return out


@wrong("build_dataset", "the context goes on from word to word")
def _(words, block_size):
    X, Y, context = [], [], [0] * block_size
    for word in words:
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = context[1:] + [stoi[ch]]
    return torch.tensor(X), torch.tensor(Y)


@wrong("build_dataset", "newest first")
def _(words, block_size):
    X, Y = [], []
    for word in words:
        context = [0] * block_size
        for ch in word + ".":
            X.append(context)
            Y.append(stoi[ch])
            context = [stoi[ch]] + context[:-1]
    return torch.tensor(X), torch.tensor(Y)


@wrong("build_dataset", "Y has a column")
def _(words, block_size):
    rows = [(c, n) for w in words for c, n in contexts(w, block_size)]
    X = torch.tensor([[stoi[ch] for ch in c] for c, _ in rows])
    return X, torch.tensor([[stoi[n]] for _, n in rows])


@right("build_dataset", "one long line, unfolded")
def _(words, block_size):
    X, Y = [], []
    for word in words:
        ids = torch.tensor([0] * block_size + [stoi[ch] for ch in word] + [0])
        piece = ids.unfold(0, block_size + 1, 1)
        X.append(piece[:, :-1])
        Y.append(piece[:, -1])
    return torch.cat(X), torch.cat(Y)


@wrong("split_words", "words shuffled in place")
def _(words, seed=42):
    random.Random(seed).shuffle(words)
    n = len(words)
    return words[: int(0.8 * n)], words[int(0.8 * n) : int(0.9 * n)], words[int(0.9 * n) :]


@wrong("split_words", "the global generator")
def _(words, seed=42):
    words, n = list(words), len(words)
    random.seed(seed)
    random.shuffle(words)
    return words[: int(0.8 * n)], words[int(0.8 * n) : int(0.9 * n)], words[int(0.9 * n) :]


@wrong("split_words", "random.sample in place of shuffle")
def _(words, seed=42):
    n = len(words)
    words = random.Random(seed).sample(words, n)
    return words[: int(0.8 * n)], words[int(0.8 * n) : int(0.9 * n)], words[int(0.9 * n) :]


@wrong("split_words", "dev as long as int(0.1 n)")
def _(words, seed=42):
    words, n = list(words), len(words)
    random.Random(seed).shuffle(words)
    a, k = int(0.8 * n), int(0.1 * n)
    return words[:a], words[a : a + k], words[a + k :]


@wrong("split_words", "sorted before the shuffle")
def _(words, seed=42):
    words, n = sorted(words), len(words)
    random.Random(seed).shuffle(words)
    return words[: int(0.8 * n)], words[int(0.8 * n) : int(0.9 * n)], words[int(0.9 * n) :]


@wrong("build_splits", "the seed is not handed on")
def _(words, block_size, seed=42):
    return dict(
        zip(("train", "dev", "test"), (build_dataset(w, block_size) for w in split_words(words)))
    )


@wrong("build_splits", "doubles removed first")
def _(words, block_size, seed=42):
    parts = split_words(list(dict.fromkeys(words)), seed)
    return {
        name: build_dataset(part, block_size) for name, part in zip(("train", "dev", "test"), parts)
    }


@wrong("embed_by_matmul", "always float32")
def _(C, X):
    xenc = F.one_hot(X, C.shape[0]).float()
    return xenc, xenc @ C.float()


@wrong("embed_by_matmul", "as many classes as occur")
def _(C, X):
    xenc = F.one_hot(X).to(C.dtype)
    return xenc, xenc @ C[: xenc.shape[-1]]


@right("embed_by_matmul", "rows of the identity")
def _(C, X):
    xenc = torch.eye(len(C), dtype=C.dtype)[X]
    return xenc, torch.einsum("nbv,ve->nbe", xenc, C)


@right("embed_by_matmul", "a comparison")
def _(C, X):
    xenc = (X[..., None] == torch.arange(C.shape[0])).type_as(C)
    return xenc, torch.matmul(xenc, C)


@wrong("concat_by_cat", "position by position across: cat on dim 0")
def _(emb):
    return torch.cat(torch.unbind(emb, 1), 0).view(emb.shape[0], -1)


@wrong("concat_by_cat", "for three characters only")
def _(emb):
    return torch.cat([emb[:, 0], emb[:, 1], emb[:, 2]], 1)


@wrong("contiguous_strides", "the other order")
def _(shape):
    out, n = [], 1
    for size in shape:
        out.append(n)
        n *= size
    return tuple(out)


@wrong("contiguous_strides", "sizes, not products")
def _(shape):
    return (*shape[1:], 1)


@right("contiguous_strides", "accumulate")
def _(shape):
    from itertools import accumulate
    from operator import mul

    return tuple(accumulate(reversed(shape[1:]), mul, initial=1))[::-1]


@right("contiguous_strides", "asks an empty tensor on meta")
def _(shape):
    return torch.empty(shape, device="meta").stride()


@wrong("read_element", "offset forgotten")
def _(storage, offset, strides, index):
    return storage[sum(s * i for s, i in zip(strides, index))]


@right("concat_by_view", "flatten")
def _(emb):
    return emb.flatten(1)


@wrong("concat_by_view", "reshaped copy")
def _(emb):
    return emb.clone().view(len(emb), -1)


@wrong("init_params", "scaled weights")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    g = generator
    p = {
        "C": torch.randn(vocab_size, n_embd, generator=g),
        "W1": torch.randn(block_size * n_embd, n_hidden, generator=g) * 0.1,
        "b1": torch.randn(n_hidden, generator=g),
        "W2": torch.randn(n_hidden, vocab_size, generator=g),
        "b2": torch.randn(vocab_size, generator=g),
    }
    return {k: t.requires_grad_() for k, t in p.items()}


@wrong("init_params", "not leaves")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {"C": (vocab_size, n_embd), "W1": (block_size * n_embd, n_hidden), "b1": (n_hidden,)}
    shapes |= {"W2": (n_hidden, vocab_size), "b2": (vocab_size,)}
    return {
        k: torch.randn(s, generator=generator, requires_grad=True) * 1.0 for k, s in shapes.items()
    }


@wrong("hidden_layer", "tanh before the bias")
def _(emb, W1, b1):
    return torch.tanh(emb.view(len(emb), -1) @ W1) + b1


@right("hidden_layer", "W1 cut into blocks")
def _(emb, W1, b1):
    N, block_size, n_embd = emb.shape
    return torch.tanh(torch.einsum("nbe,beh->nh", emb, W1.view(block_size, n_embd, -1)) + b1)


@wrong("log_softmax", "the maximum of the whole batch")
def _(logits):
    z = logits - logits.max()
    return z - z.exp().sum(1, keepdim=True).log()


@wrong("log_softmax", "log of softmax")
def _(logits):
    return logits.softmax(1).log()


@wrong("log_softmax", "normalized over the batch")
def _(logits):
    return logits - logits.logsumexp(0, keepdim=True)


@right("log_softmax", "logsumexp")
def _(logits):
    return logits - torch.logsumexp(logits, dim=1, keepdim=True)


@wrong("cross_entropy", "a clamp against log of 0")
def _(logits, Y):
    p = logits.softmax(1)[torch.arange(len(Y)), Y]
    return -(p + 1e-9).log().mean()


@wrong("cross_entropy", "the sum")
def _(logits, Y):
    return -log_softmax(logits)[range(len(Y)), Y].sum()


@wrong("cross_entropy", "columns picked for all rows")
def _(logits, Y):
    return -log_softmax(logits)[:, Y].mean()


@wrong("candidate_lrs", "even steps")
def _(low, high, steps):
    return torch.linspace(low, high, steps)


@wrong("candidate_lrs", "the last one is left out")
def _(low, high, steps):
    return [low * (high / low) ** (i / steps) for i in range(steps)]


@right("candidate_lrs", "multiplied on")
def _(low, high, steps):
    factor, out = (high / low) ** (1 / (steps - 1)), [low]
    while len(out) < steps:
        out.append(out[-1] * factor)
    return out


@right("candidate_lrs", "logspace")
def _(low, high, steps):
    import math

    return torch.logspace(math.log10(low), math.log10(high), steps, dtype=torch.float64)


@wrong("sweep", "the caller's parameters are trained")
def _(params, X, Y, lrs, batch_size, generator):
    losses = []
    for lr in lrs:
        x, y = minibatch(X, Y, batch_size, generator)
        loss = F.cross_entropy(forward(params, x), y)
        for p in params.values():
            p.grad = None
        loss.backward()
        for p in params.values():
            p.data -= lr * p.grad
        losses.append(loss.item())
    return losses


@wrong("sweep", "each rate from the beginning")
def _(params, X, Y, lrs, batch_size, generator):
    losses = []
    for lr in lrs:
        mine = {k: p.detach().clone().requires_grad_() for k, p in params.items()}
        x, y = minibatch(X, Y, batch_size, generator)
        loss = F.cross_entropy(forward(mine, x), y)
        loss.backward()
        for p in mine.values():
            p.data -= lr * p.grad
        losses.append(loss.item())
    return losses


@wrong("sweep", "gradients add up")
def _(params, X, Y, lrs, batch_size, generator):
    mine, losses = {k: p.detach().clone().requires_grad_() for k, p in params.items()}, []
    for lr in lrs:
        x, y = minibatch(X, Y, batch_size, generator)
        loss = F.cross_entropy(forward(mine, x), y)
        loss.backward()
        for p in mine.values():
            p.data -= lr * p.grad
        losses.append(loss.item())
    return losses


@right("sweep", "autograd.grad, new tensors each step")
def _(params, X, Y, lrs, batch_size, generator):
    mine, losses = {k: p.detach().clone().requires_grad_() for k, p in params.items()}, []
    for lr in lrs:
        x, y = minibatch(X, Y, batch_size, generator)
        loss = F.cross_entropy(forward(mine, x), y)
        grads = torch.autograd.grad(loss, list(mine.values()))
        mine = {k: (p - lr * g).detach().requires_grad_() for (k, p), g in zip(mine.items(), grads)}
        losses.append(float(loss))
    return losses


@wrong("pick_lr", "the window's first entry")
def _(lrs, losses, window):
    import math

    means = [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    means = [m if math.isfinite(m) else math.inf for m in means]
    return lrs[means.index(min(means))]


@wrong("pick_lr", "the last of equal ones")
def _(lrs, losses, window):
    import math

    best = None
    for i in range(len(losses) - window + 1):
        mean = sum(losses[i : i + window]) / window
        if math.isfinite(mean) and (best is None or mean <= best[0]):
            best = mean, i + window // 2
    return lrs[best[1]]


@wrong("pick_lr", "nan can win")
def _(lrs, losses, window):
    means = [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    return lrs[min(range(len(means)), key=means.__getitem__) + window // 2]


@wrong("pick_lr", "windows at the edges count too")
def _(lrs, losses, window):
    import math

    half, best = window // 2, (math.inf, 0)
    for i in range(len(losses)):
        piece = losses[max(0, i - half) : i + half + 1]
        mean = sum(piece) / len(piece)
        if mean < best[0]:
            best = mean, i
    return lrs[best[1]]


@right("pick_lr", "unfold and nan_to_num")
def _(lrs, losses, window):
    means = torch.tensor(losses, dtype=torch.float64).unfold(0, window, 1).mean(1)
    means[~means.isfinite()] = torch.inf
    return lrs[int(means.argmin()) + window // 2]


@wrong("decayed_lr", "whole-number half")
def _(step, steps, lr):
    return lr if step < steps // 2 else lr / 10


@wrong("decayed_lr", "one step too many")
def _(step, steps, lr):
    return lr if step <= steps / 2 else lr / 10


@right("decayed_lr", "without a fraction")
def _(step, steps, lr):
    return [lr, lr / 10][2 * step >= steps]


@wrong("split_loss", "the gradients are set to None")
def _(params, X, Y):
    for p in params.values():
        p.grad = None
    with torch.no_grad():
        return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "requires_grad off for good")
def _(params, X, Y):
    for p in params.values():
        p.requires_grad_(False)
    return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "autograd records it")
def _(params, X, Y):
    return F.cross_entropy(forward(params, X), Y).item()


@right("split_loss", "detached copies of the dict")
def _(params, X, Y):
    return F.cross_entropy(forward({k: p.detach() for k, p in params.items()}, X), Y).item()


@wrong("next_probs", "requires_grad is left")
def _(params, context):
    return forward(params, torch.tensor([context])).softmax(1)[0]


@wrong("next_probs", "shape (1, vocab_size)")
def _(params, context):
    with torch.no_grad():
        return forward(params, torch.tensor([context])).softmax(1)


@wrong("sample_name", "a draw more at max_len")
def _(params, block_size, itos, generator, max_len=20):
    context, name = [0] * block_size, ""
    while True:
        i = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        if i == 0 or len(name) >= max_len:
            return name
        name += itos[i]
        context = context[1:] + [i]


@wrong("sample_name", "the dot stays")
def _(params, block_size, itos, generator, max_len=20):
    context, name = [0] * block_size, ""
    while len(name) < max_len:
        i = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        name += itos[i]
        if i == 0:
            break
        context = context[1:] + [i]
    return name


@wrong("sample_name", "the context grows at the wrong end")
def _(params, block_size, itos, generator, max_len=20):
    context, name = [0] * block_size, ""
    while len(name) < max_len:
        i = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        if i == 0:
            break
        name += itos[i]
        context = [i] + context[:-1]
    return name


@right("sample_name", "a list of all ids")
def _(params, block_size, itos, generator, max_len=20):
    ids = [0] * block_size
    for _ in range(max_len):
        probs = next_probs(params, ids[-block_size:])
        ids.append(torch.multinomial(probs, 1, generator=generator).item())
        if not ids[-1]:
            ids.pop()
            break
    return "".join(itos[i] for i in ids[block_size:])
