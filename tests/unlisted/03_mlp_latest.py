"""Solutions of 03 that come from the texts alone: see test_unlisted.py, which parses this file."""


# ------------------------------------------------------------------ 1 dataset
@wrong("contexts", "no example for the end of the name")
def _(word, block_size):
    padded = "." * block_size + word
    return [(padded[i : i + block_size], padded[i + block_size]) for i in range(len(word))]


@wrong("contexts", "cuts the last block_size characters of what was seen, without dots on the left")
def _(word, block_size):
    text = word + "."
    return [(("." + word)[: i + 1][-block_size:], text[i]) for i in range(len(text))]


@wrong("contexts", "dots on the right")
def _(word, block_size):
    text = word + "."
    return [
        (word[max(0, i - block_size) : i].ljust(block_size, "."), c) for i, c in enumerate(text)
    ]


@right("contexts", "rjust")
def _(word, block_size):
    return [
        (word[max(0, i - block_size) : i].rjust(block_size, "."), c)
        for i, c in enumerate(word + ".")
    ]


@wrong("build_dataset", "the context is carried over to the next word")
def _(words, block_size):
    X, Y, context = [], [], [0] * block_size
    for w in words:
        for c in w + ".":
            X.append(context)
            Y.append(stoi[c])
            context = context[1:] + [stoi[c]]
    return torch.tensor(X), torch.tensor(Y)


@wrong("build_dataset", "Y as a column (N, 1)")
def _(words, block_size):
    pairs = [(x, y) for w in words for x, y in contexts(w, block_size)]
    X = torch.tensor([[stoi[c] for c in x] for x, _ in pairs])
    Y = torch.tensor([[stoi[y]] for _, y in pairs])
    return X, Y


@wrong("build_dataset", "int32, to save memory")
def _(words, block_size):
    X, Y = [], []
    for w in words:
        for x, y in contexts(w, block_size):
            X.append([stoi[c] for c in x])
            Y.append(stoi[y])
    return torch.tensor(X, dtype=torch.int32), torch.tensor(Y, dtype=torch.int32)


@right("build_dataset", "unfold of the padded names")
def _(words, block_size):
    rows = []
    for w in words:
        ids = torch.tensor([stoi[c] for c in "." * block_size + w + "."])
        rows.append(ids.unfold(0, block_size + 1, 1))
    rows = torch.cat(rows)
    return rows[:, :-1], rows[:, -1]


@wrong("split_words", "the third split is as long as the second: 80, 10, 10 rounded down")
def _(words, seed=42):
    copy = words[:]
    random.Random(seed).shuffle(copy)
    n = len(copy)
    a, b = int(0.8 * n), int(0.1 * n)
    return copy[:a], copy[a : a + b], copy[a + b : a + 2 * b]


@wrong("split_words", "random.seed and the module's shuffle of a sorted copy")
def _(words, seed=42):
    # "a copy of words is shuffled", not a sorted one
    copy = sorted(words)
    random.Random(seed).shuffle(copy)
    n1, n2 = int(0.8 * len(copy)), int(0.9 * len(copy))
    return copy[:n1], copy[n1:n2], copy[n2:]


@right("split_words", "a list by comprehension, slices by a loop")
def _(words, seed=42):
    mixed = [w for w in words]
    random.Random(seed).shuffle(mixed)
    n = len(mixed)
    cuts = [0, int(0.8 * n), int(0.9 * n), n]
    return tuple(mixed[a:b] for a, b in zip(cuts, cuts[1:]))


@wrong("build_splits", "splits the examples, not the names")
def _(words, block_size, seed=42):
    copy = list(words)
    random.Random(seed).shuffle(copy)
    X, Y = build_dataset(copy, block_size)
    n1, n2 = int(0.8 * len(X)), int(0.9 * len(X))
    return {"train": (X[:n1], Y[:n1]), "dev": (X[n1:n2], Y[n1:n2]), "test": (X[n2:], Y[n2:])}


@wrong("build_splits", "dev and test in each other's place")
def _(words, block_size, seed=42):
    train, test, dev = split_words(words, seed)
    return {
        k: build_dataset(w, block_size) for k, w in (("train", train), ("dev", dev), ("test", test))
    }


# ------------------------------------------------------------------ 2 embedding
@wrong("embed_by_matmul", "one_hot without the number of classes")
def _(C, X):
    xenc = F.one_hot(X).to(C.dtype)
    return xenc, xenc @ C[: xenc.shape[-1]]


@right("embed_by_matmul", "scatter_ of ones, einsum")
def _(C, X):
    xenc = torch.zeros(*X.shape, len(C), dtype=C.dtype)
    xenc.scatter_(2, X.unsqueeze(2), 1.0)
    return xenc, torch.einsum("nbv,ve->nbe", xenc, C)


@wrong("embed", "through numpy-like tolist: a new tensor without gradient")
def _(C, X):
    return torch.tensor(C.tolist(), dtype=C.dtype)[X]


@wrong("embed", "only for two dimensions of X")
def _(C, X):
    return torch.stack([torch.stack([C[i] for i in row]) for row in X])


@right("embed", "index_select and reshape")
def _(C, X):
    return C.index_select(0, X.flatten()).reshape(X.shape + (C.shape[1],))


@wrong("concat_by_cat", "unbinds the batch")
def _(emb):
    return (
        torch.cat(torch.unbind(emb, 0), 1).reshape(emb.shape[0], -1)
        if emb.shape[0] == 1
        else torch.cat(torch.unbind(emb.transpose(1, 2), 2), 0).reshape(emb.shape[0], -1)
    )


@wrong("concat_by_cat", "always three characters")
def _(emb):
    return torch.cat([emb[:, 0, :], emb[:, 1, :], emb[:, 2, :]], 1)


@right("concat_by_cat", "unbind, then hcat-like cat along the last")
def _(emb):
    first, *rest = emb.unbind(dim=1)
    return torch.cat((first, *rest), dim=-1)


@wrong("contiguous_strides", "the strides of the transpose (column by column)")
def _(shape):
    strides, step = [], 1
    for size in shape:
        strides.append(step)
        step *= size
    return tuple(strides)


@wrong("contiguous_strides", "products that include the own size")
def _(shape):
    out = []
    for i in range(len(shape)):
        p = 1
        for s in shape[i:]:
            p *= s
        out.append(p)
    return tuple(out)


@right("contiguous_strides", "asks torch on the meta device")
def _(shape):
    return torch.empty(shape, device="meta").stride()


@wrong("read_element", "the offset only once the index is not zero")
def _(storage, offset, strides, index):
    position = sum(s * i for s, i in zip(strides, index))
    return storage[position + offset] if position else storage[0]


@wrong("read_element", "skips strides of 0 by treating them as 1")
def _(storage, offset, strides, index):
    # "any order, 0 is possible"
    position = offset
    for s, i in zip(strides, index):
        position += max(s, 1) * i
    return storage[position]


@wrong("concat_by_view", "flatten of the transpose")
def _(emb):
    return emb.transpose(1, 2).reshape(emb.shape[0], -1)


@right("concat_by_view", "as_strided")
def _(emb):
    n, b, e = emb.shape
    return emb.as_strided((n, b * e), (b * e, 1), emb.storage_offset())


# ------------------------------------------------------------------ 3 forward
@wrong("init_params", "requires_grad, then scaled: not leaves any more")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "b1": (n_hidden,),
        "W2": (n_hidden, vocab_size),
        "b2": (vocab_size,),
    }
    return {
        k: torch.randn(s, generator=generator, requires_grad=True) * 1.0 for k, s in shapes.items()
    }


@wrong("init_params", "b1 drawn after W2")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    C = torch.randn((vocab_size, n_embd), generator=generator)
    W1 = torch.randn((block_size * n_embd, n_hidden), generator=generator)
    W2 = torch.randn((n_hidden, vocab_size), generator=generator)
    b1 = torch.randn(n_hidden, generator=generator)
    b2 = torch.randn(vocab_size, generator=generator)
    params = {"C": C, "W1": W1, "b1": b1, "W2": W2, "b2": b2}
    for p in params.values():
        p.requires_grad = True
    return params


@wrong("hidden_layer", "sigmoid in place of tanh, stretched by the wrong factor")
def _(emb, W1, b1):
    pre = emb.flatten(1) @ W1 + b1
    return 2 * torch.sigmoid(pre) - 1


@wrong("hidden_layer", "the bias after the tanh")
def _(emb, W1, b1):
    return torch.tanh(emb.view(len(emb), -1) @ W1) + b1


@right("hidden_layer", "F.linear and 2 sigmoid(2x) - 1")
def _(emb, W1, b1):
    pre = F.linear(emb.reshape(emb.shape[0], -1), W1.T, b1)
    return 2 * torch.sigmoid(2 * pre) - 1


@wrong("forward", "tanh on the logits too")
def _(params, X):
    h = hidden_layer(params["C"][X], params["W1"], params["b1"])
    return torch.tanh(h @ params["W2"] + params["b2"])


@right("forward", "unpacks the dict in order of names, addmm")
def _(params, X):
    C, W1, b1, W2, b2 = (params[name] for name in ("C", "W1", "b1", "W2", "b2"))
    embcat = F.embedding(X, C).flatten(start_dim=1)
    return torch.addmm(b2, torch.addmm(b1, embcat, W1).tanh(), W2)


@wrong("log_softmax", "dim=0")
def _(logits):
    return F.log_softmax(logits, dim=0)


@wrong("log_softmax", "subtracts the maximum before exp and forgets to subtract it from the logits")
def _(logits):
    m = logits.max(1, keepdim=True).values
    return logits - (logits - m).exp().sum(1, keepdim=True).log()


@wrong("cross_entropy", "divides by N * vocab_size")
def _(logits, Y):
    return -log_softmax(logits)[torch.arange(len(Y)), Y].sum() / logits.numel()


@wrong("cross_entropy", "a Python float")
def _(logits, Y):
    return F.cross_entropy(logits, Y).item()


@right("cross_entropy", "masks with one_hot, where")
def _(logits, Y):
    mask = F.one_hot(Y, logits.shape[1]).bool()
    return -log_softmax(logits)[mask].mean()


# ------------------------------------------------------------------ 4 training
@wrong("train_step", "returns the loss after the step")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    for p in params.values():
        p.data -= lr * p.grad
    with torch.no_grad():
        return F.cross_entropy(forward(params, Xb), Yb).item()


@wrong("train_step", "clips the gradient at 1")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    for p in params.values():
        p.grad = None
    loss.backward()
    torch.nn.utils.clip_grad_norm_(params.values(), 1.0)
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@right("train_step", "torch.optim.SGD")
def _(params, Xb, Yb, lr):
    optimizer = torch.optim.SGD(params.values(), lr=lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


@wrong("overfit", "the losses without the first")
def _(params, Xb, Yb, steps, lr):
    losses = [train_step(params, Xb, Yb, lr) for _ in range(steps)]
    return losses[1:] + losses[:1]


@wrong("overfit", "stops when the loss is small enough")
def _(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        losses.append(train_step(params, Xb, Yb, lr))
        if losses[-1] < 2.0:
            break
    return losses


@wrong("loss_floor", "the mean over different contexts, not over examples")
def _(X, Y):
    seen = {}
    for x, y in zip(X.tolist(), Y.tolist()):
        seen.setdefault(tuple(x), []).append(y)
    total = 0.0
    for ys in seen.values():
        total += sum(-math.log(ys.count(y) / len(ys)) for y in ys) / len(ys)
    return total / len(seen)


@wrong("loss_floor", "looks at the last character of the context only")
def _(X, Y):
    last = X[:, -1].tolist()
    pairs = list(zip(last, Y.tolist()))
    a, b = Counter(last), Counter(pairs)
    return sum(-math.log(b[p] / a[p[0]]) for p in pairs) / len(pairs)


@right("loss_floor", "torch.unique with counts")
def _(X, Y):
    _, where, counts = torch.unique(X, dim=0, return_inverse=True, return_counts=True)
    both = torch.stack([where, Y], 1)
    _, where2, counts2 = torch.unique(both, dim=0, return_inverse=True, return_counts=True)
    return -(counts2[where2].double() / counts[where].double()).log().mean().item()


@wrong("minibatch", "a permutation: no example twice")
def _(X, Y, batch_size, generator):
    ix = torch.randperm(len(X), generator=generator)[:batch_size]
    return X[ix], Y[ix]


@wrong("minibatch", "row numbers drawn for X and once more for Y")
def _(X, Y, batch_size, generator):
    def draw():
        return torch.randint(0, len(X), (batch_size,), generator=generator)

    return X[draw()], Y[draw()]


@wrong("train", "one batch for the whole run")
def _(params, X, Y, steps, batch_size, lr, generator):
    Xb, Yb = minibatch(X, Y, batch_size, generator)
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@wrong("train", "the loss over all examples")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for _ in range(steps):
        with torch.no_grad():
            losses.append(F.cross_entropy(forward(params, X), Y).item())
        train_step(params, *minibatch(X, Y, batch_size, generator), lr)
    return losses


# ------------------------------------------------------------------ 5 learning rate
@wrong("candidate_lrs", "one factor too small: the last end is missing")
def _(low, high, steps):
    factor = (high / low) ** (1 / steps)
    return [low * factor**i for i in range(steps)]


@right("candidate_lrs", "torch.logspace")
def _(low, high, steps):
    ends = torch.tensor([low, high], dtype=torch.float64).log10()
    return torch.logspace(ends[0].item(), ends[1].item(), steps)


@wrong("sweep", "a shallow copy: dict(params)")
def _(params, X, Y, lrs, batch_size, generator):
    copy = dict(params)
    return [train_step(copy, *minibatch(X, Y, batch_size, generator), lr) for lr in lrs]


@wrong("sweep", "a fresh copy for each learning rate")
def _(params, X, Y, lrs, batch_size, generator):
    # "each starts from the parameters the last one left"
    losses = []
    for lr in lrs:
        copy = {k: p.detach().clone().requires_grad_() for k, p in params.items()}
        losses.append(train_step(copy, *minibatch(X, Y, batch_size, generator), lr))
    return losses


@wrong("pick_lr", "the first entry of the window")
def _(lrs, losses, window):
    means = [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    best = min((i for i in range(len(means)) if means[i] - means[i] == 0), key=lambda i: means[i])
    return lrs[best]


@wrong("pick_lr", "the median of the window")
def _(lrs, losses, window):
    half, best, at = window // 2, float("inf"), None
    for i in range(half, len(losses) - half):
        piece = losses[i - half : i + half + 1]
        if any(l != l or l == float("inf") for l in piece):
            continue
        m = sorted(piece)[half]
        if m < best:
            best, at = m, i
    return lrs[at]


@right("pick_lr", "unfold")
def _(lrs, losses, window):
    means = torch.tensor(losses, dtype=torch.float64).unfold(0, window, 1).mean(1)
    means = torch.where(torch.isfinite(means), means, torch.inf)
    return lrs[int(means.argmin()) + window // 2]


@wrong("decayed_lr", "whole division of the steps: one step too early in odd runs")
def _(step, steps, lr):
    return lr if step < steps // 2 else lr / 10


@wrong("decayed_lr", "the step at the half still has the first rate")
def _(step, steps, lr):
    return lr if 2 * step <= steps else 0.1 * lr


@wrong("split_loss", "autograd is switched off for good")
def _(params, X, Y):
    torch.set_grad_enabled(False)
    return F.cross_entropy(forward(params, X), Y).item()


@wrong("split_loss", "switches autograd on at the end")
def _(params, X, Y):
    # "whether autograd is on stay[s] as [it is]"
    torch.set_grad_enabled(False)
    loss = F.cross_entropy(forward(params, X), Y).item()
    torch.set_grad_enabled(True)
    return loss


@right("split_loss", "inference_mode")
def _(params, X, Y):
    with torch.inference_mode():
        return F.cross_entropy(forward(params, X), Y).item()


# ------------------------------------------------------------------ 6 sampling
@wrong("next_probs", "shape (1, vocab_size)")
def _(params, context):
    with torch.no_grad():
        return F.softmax(forward(params, torch.tensor([context])), dim=1)


@wrong("next_probs", "sharpened: temperature one half")
def _(params, context):
    with torch.no_grad():
        return F.softmax(forward(params, torch.tensor([context]))[0] / 0.5, dim=0)


@wrong("sample_name", "the context gets the new character on the left")
def _(params, block_size, itos, generator, max_len=20):
    context, name = [0] * block_size, ""
    while len(name) < max_len:
        ix = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        if ix == 0:
            break
        name += itos[ix]
        context = [ix] + context[:-1]
    return name


@wrong("sample_name", "draws one more after the last character")
def _(params, block_size, itos, generator, max_len=20):
    # "none once the name has max_len characters"
    context, name = [0] * block_size, ""
    while True:
        ix = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        if ix == 0 or len(name) >= max_len:
            return name
        name += itos[ix]
        context = context[1:] + [ix]


@right("sample_name", "a for loop over max_len, a tensor of context")
def _(params, block_size, itos, generator, max_len=20):
    seen = [0] * block_size
    for _ in range(max_len):
        p = next_probs(params, seen[-block_size:])
        seen.append(int(p.multinomial(1, generator=generator)))
        if seen[-1] == 0:
            seen.pop()
            break
    return "".join(itos[i] for i in seen[block_size:])


# ------------------------------------------------------------------ 7 exercises
@wrong("uniform_loss", "the probability, not its log")
def _(vocab_size):
    return 1 / vocab_size


@wrong("better_init", "everything of size 0.01: C as well, W2 zero, one row of W1 for all neurons")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    column = torch.randn((block_size * n_embd, 1), generator=generator)
    params = {
        "C": torch.randn((vocab_size, n_embd), generator=generator),
        "W1": column.repeat(1, n_hidden) * 0.1,
        "b1": torch.zeros(n_hidden),
        "W2": torch.randn((n_hidden, vocab_size), generator=generator) * 0.01,
        "b2": torch.zeros(vocab_size),
    }
    return {k: p.requires_grad_() for k, p in params.items()}


@wrong("better_init", "the output layer small, b2 as drawn")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    params["W1"] = (params["W1"].detach() * 0.2).requires_grad_()
    params["W2"] = (params["W2"].detach() * 0.01).requires_grad_()
    return params


@right("better_init", "nn.init, uniform weights, zero output")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    fan_in = block_size * n_embd
    params = {
        "C": torch.empty(vocab_size, n_embd).normal_(generator=generator),
        "W1": torch.empty(fan_in, n_hidden).uniform_(-1, 1, generator=generator) / fan_in**0.5,
        "b1": torch.zeros(n_hidden),
        "W2": torch.zeros(n_hidden, vocab_size),
        "b2": torch.zeros(vocab_size),
    }
    for name in params:
        params[name].requires_grad_(True)
    return params


@wrong("forward_direct", "the direct way goes past the tanh, but after W1")
def _(params, X):
    emb = params["C"][X].flatten(1)
    pre = emb @ params["W1"] + params["b1"]
    return (
        params["b2"]
        + pre @ params["W2"]
        + torch.tanh(pre) @ params["W2"]
        + 0 * (emb @ params["Wd"])
    )


@wrong("forward_direct", "b2 twice")
def _(params, X):
    emb = params["C"][X].flatten(1)
    return forward(params, X) + emb @ params["Wd"] + params["b2"]


@right("forward_direct", "one product of the two side by side")
def _(params, X):
    emb = params["C"][X].reshape(X.shape[0], -1)
    h = torch.tanh(emb @ params["W1"] + params["b1"])
    both = torch.cat([emb, h], dim=1) @ torch.cat([params["Wd"], params["W2"]], dim=0)
    return both + params["b2"]


@wrong("settings", "too many examples: 4000 steps of 32")
def _():
    return {
        "block_size": 3,
        "n_embd": 10,
        "n_hidden": 200,
        "batch_size": 32,
        "steps": 4000,
        "lr": 0.1,
    }


# ------------------------------------------------------------------ more right ones
@right("build_splits", "zip of names and splits")
def _(words, block_size, seed=42):
    return dict(
        zip(
            ("train", "dev", "test"),
            (build_dataset(s, block_size) for s in split_words(words, seed)),
        )
    )


@right("read_element", "map and mul")
def _(storage, offset, strides, index):
    for k in range(len(index)):
        offset += index[k] * strides[k]
    return storage[offset]


@right("init_params", "drawn, then marked, in a dict")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    def draw(*shape):
        return torch.randn(*shape, generator=generator, requires_grad=True)

    return {
        "C": draw(vocab_size, n_embd),
        "W1": draw(block_size * n_embd, n_hidden),
        "b1": draw(n_hidden),
        "W2": draw(n_hidden, vocab_size),
        "b2": draw(vocab_size),
    }


@right("log_softmax", "twice: the maximum, then logsumexp of what is left")
def _(logits):
    m = logits.detach().amax(dim=1, keepdim=True)
    shifted = logits - m
    return shifted - shifted.exp().sum(dim=1, keepdim=True).log()


@right("overfit", "a loop with append")
def _(params, Xb, Yb, steps, lr):
    history = []
    for _ in range(steps):
        history.append(train_step(params, Xb, Yb, lr))
    return history


@right("minibatch", "index_select")
def _(X, Y, batch_size, generator):
    rows = torch.randint(low=0, high=Y.numel(), size=(batch_size,), generator=generator)
    return X.index_select(0, rows), torch.take(Y, rows)


@right("train", "its own SGD with autograd.grad")
def _(params, X, Y, steps, batch_size, lr, generator):
    losses, tensors = [], list(params.values())
    for _ in range(steps):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        loss = F.cross_entropy(forward(params, Xb), Yb)
        gradients = torch.autograd.grad(loss, tensors)
        with torch.no_grad():
            for p, g in zip(tensors, gradients):
                p.sub_(g, alpha=lr)
        losses.append(loss.item())
    return losses


@right("sweep", "deepcopy")
def _(params, X, Y, lrs, batch_size, generator):
    import copy

    mine = copy.deepcopy(params)
    losses = torch.empty(len(lrs))
    for i, lr in enumerate(lrs):
        Xb, Yb = minibatch(X, Y, batch_size, generator)
        losses[i] = train_step(mine, Xb, Yb, lr)
    return losses


@right("sweep", "changes the parameters and puts the old numbers back")
def _(params, X, Y, lrs, batch_size, generator):
    kept = {name: p.detach().clone() for name, p in params.items()}
    losses = [train_step(params, *minibatch(X, Y, batch_size, generator), lr) for lr in lrs]
    for name, p in params.items():
        p.data.copy_(kept[name])
    return losses


@right("candidate_lrs", "multiplies step by step")
def _(low, high, steps):
    factor = (high / low) ** (1 / (steps - 1))
    rates = [low]
    for _ in range(steps - 1):
        rates.append(rates[-1] * factor)
    return rates


@right("decayed_lr", "compares twice the step")
def _(step, steps, lr):
    if 2 * step >= steps:
        return lr / 10
    return lr


@right("next_probs", "detach at the end")
def _(params, context):
    logits = forward(params, torch.tensor(context)[None])
    return logits.softmax(dim=-1).squeeze(0).detach()


@right("uniform_loss", "minus the log of one over n")
def _(vocab_size):
    return -math.log(1.0 / vocab_size) + 0.0


@right("settings", "smaller network, two characters, larger rate")
def _():
    return {
        "block_size": 3,
        "n_embd": 8,
        "n_hidden": 100,
        "batch_size": 16,
        "steps": 4000,
        "lr": 0.2,
    }


# ------------------------------------------------------------------ more wrong ones
@wrong("better_init", "seeds the generator anew")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    # "which is not seeded anew"
    generator.manual_seed(42)
    params = plain_init(vocab_size, block_size, n_embd, n_hidden, generator)
    scales = {"C": 1.0, "W1": 0.3, "b1": 0.0, "W2": 0.01, "b2": 0.0}
    return {k: (p.detach() * scales[k]).requires_grad_() for k, p in params.items()}


@wrong("pick_lr", "windows that are cut off at the ends count, too")
def _(lrs, losses, window):
    # "Only full windows count."
    half, means = window // 2, []
    for i in range(len(losses)):
        piece = losses[max(0, i - half) : i + half + 1]
        m = sum(piece) / len(piece)
        means.append(m if m == m else float("inf"))
    return lrs[means.index(min(means))]


@wrong("loss_floor", "in bits")
def _(X, Y):
    rows = [tuple(x) for x in X.tolist()]
    pairs = list(zip(rows, Y.tolist()))
    a, b = Counter(rows), Counter(pairs)
    return sum(math.log2(a[x] / b[x, y]) for x, y in pairs) / len(pairs)


@wrong("train_step", "the sum over the batch")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb, reduction="sum")
    for p in params.values():
        p.grad = None
    loss.backward()
    for p in params.values():
        p.data -= lr * p.grad
    return loss.item() / len(Yb)


@wrong("next_probs", "the log-probabilities")
def _(params, context):
    with torch.no_grad():
        return F.log_softmax(forward(params, torch.tensor([context])), dim=1)[0]
