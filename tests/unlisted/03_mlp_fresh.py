# ---- part 1: dataset


@wrong("build_splits", "forgets to hand the seed on")
def _(words, block_size, seed=42):
    parts = split_words(words)
    return {
        name: build_dataset(part, block_size) for name, part in zip(("train", "dev", "test"), parts)
    }


@right("contexts", "a deque with maxlen as a sliding window")
def _(word, block_size):
    from collections import deque

    window, pairs = deque("." * block_size, maxlen=block_size), []
    for c in [*word, "."]:
        pairs.append(("".join(window), c))
        window.append(c)
    return pairs


@right("build_dataset", "unfolds each padded name with Tensor.unfold and concatenates")
def _(words, block_size):
    X, Y = [], []
    for word in words:
        ids = torch.tensor([0] * block_size + [stoi[c] for c in word] + [0])
        windows = ids.unfold(0, block_size + 1, 1)  # (len(word) + 1, block_size + 1)
        X.append(windows[:, :-1])
        Y.append(windows[:, -1])
    return torch.cat(X), torch.cat(Y)


# ---- part 2: embedding


@wrong(
    "embed_by_matmul",
    "one-hot vectors and product in float32: for a float64 C, xenc has the wrong dtype and emb lost digits",
)
def _(C, X):
    xenc = F.one_hot(X, C.shape[0]).float()
    return xenc, (xenc @ C.float()).to(C.dtype)


@wrong(
    "embed",
    "flattens X and brings back two dimensions only: X of any other number of dimensions fails",
)
def _(C, X):
    N, block_size = X.shape
    return C.index_select(0, X.flatten()).view(N, block_size, -1)


@wrong(
    "contiguous_strides",
    "builds the products from the front: right only for shapes that read the same backwards",
)
def _(shape):
    strides, step = [], 1
    for size in shape:
        strides.append(step)
        step *= size
    return tuple(strides[::-1])


@wrong("read_element", "takes a stride of 0 for a missing one and steps by 1")
def _(storage, offset, strides, index):
    return storage[offset + sum(i * (s or 1) for s, i in zip(strides, index))]


@right("contiguous_strides", "recursion: the stride of the first dimension is the size of the rest")
def _(shape):
    def strides(rest):
        if len(rest) == 1:
            return (1,)
        inner = strides(rest[1:])
        return (inner[0] * rest[1], *inner)

    return strides(tuple(shape))


@right("read_element", "walks along one dimension after the other with functools.reduce")
def _(storage, offset, strides, index):
    import functools

    position = functools.reduce(
        lambda at, move: at + move[0] * move[1], zip(strides, index), offset
    )
    return storage[position]


@right("embed", "index_select on the flattened indices, shaped back for any number of dimensions")
def _(C, X):
    return torch.index_select(C, 0, X.reshape(-1)).reshape(*X.shape, C.shape[1])


# ---- part 3: forward


@wrong("init_params", "draws the biases after the weights: same shapes, other numbers")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    shapes = {
        "C": (vocab_size, n_embd),
        "W1": (block_size * n_embd, n_hidden),
        "W2": (n_hidden, vocab_size),
        "b1": (n_hidden,),
        "b2": (vocab_size,),
    }
    return {k: torch.randn(s, generator=generator).requires_grad_() for k, s in shapes.items()}


@wrong("hidden_layer", "adds the bias after the tanh")
def _(emb, W1, b1):
    return torch.tanh(emb.flatten(1) @ W1) + b1


@wrong("log_softmax", "subtracts the largest of all logits: a row far below the others gets -inf")
def _(logits):
    shifted = logits - logits.max()
    return shifted - shifted.exp().sum(1, keepdim=True).log()


@wrong("cross_entropy", "selects with logp[:, Y] and averages the whole square")
def _(logits, Y):
    logp = F.log_softmax(logits, dim=1)
    return -logp[:, Y].mean()


@right("hidden_layer", "one product per position of the context, added up")
def _(emb, W1, b1):
    total = b1
    for position, W in zip(emb.unbind(1), W1.chunk(emb.shape[1], dim=0)):
        total = total + position @ W
    return total.tanh()


@right("cross_entropy", "logsumexp of the logits minus the target's own logit, row by row")
def _(logits, Y):
    gaps = logits - logits.gather(1, Y.view(-1, 1))  # how far each lies above the target
    return gaps.logsumexp(dim=1).mean()


# ---- part 4: training


@wrong("train_step", "does not clear old gradients: they are added to the new ones")
def _(params, Xb, Yb, lr):
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in params.values():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "returns the loss after the step")
def _(params, Xb, Yb, lr):
    leaves = list(params.values())
    grads = torch.autograd.grad(F.cross_entropy(forward(params, Xb), Yb), leaves)
    with torch.no_grad():
        for p, grad in zip(leaves, grads):
            p -= lr * grad
        return F.cross_entropy(forward(params, Xb), Yb).item()


@wrong("minibatch", "draws a permutation: without replacement, and never more than N examples")
def _(X, Y, batch_size, generator):
    ix = torch.randperm(X.shape[0], generator=generator)[:batch_size]
    return X[ix], Y[ix]


@wrong("train", "draws one minibatch before the loop and trains on it at every step")
def _(params, X, Y, steps, batch_size, lr, generator):
    Xb, Yb = minibatch(X, Y, batch_size, generator)
    return [train_step(params, Xb, Yb, lr) for _ in range(steps)]


@right(
    "loss_floor",
    "torch.unique with inverse indices and counts, once for contexts and once for pairs",
)
def _(X, Y):
    _, which, often = torch.unique(X, dim=0, return_inverse=True, return_counts=True)
    pairs = torch.stack([which, Y], dim=1)
    _, which_pair, together = torch.unique(pairs, dim=0, return_inverse=True, return_counts=True)
    share = together[which_pair].double() / often[which].double()
    return -share.log().mean().item() + 0.0


@right("train_step", "torch.autograd.grad and a foreach update")
def _(params, Xb, Yb, lr):
    leaves = list(params.values())
    loss = F.cross_entropy(forward(params, Xb), Yb)
    grads = torch.autograd.grad(loss, leaves)
    with torch.no_grad():
        torch._foreach_add_(leaves, list(grads), alpha=-lr)
    return loss.item()


# ---- part 5: learning rate


@wrong("sweep", "copies the dict but not the tensors in it, so the parameters are trained")
def _(params, X, Y, lrs, batch_size, generator):
    trial = dict(params)
    return [train_step(trial, *minibatch(X, Y, batch_size, generator), lr) for lr in lrs]


@wrong(
    "pick_lr",
    "min over the means: a window with a nan in front is never beaten, as no comparison with nan is true",
)
def _(lrs, losses, window):
    half = window // 2
    means = [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]
    return lrs[min(range(len(means)), key=means.__getitem__) + half]


@wrong("decayed_lr", "step < steps // 2: an odd number of steps drops one step too early")
def _(step, steps, lr):
    return lr if step < steps // 2 else lr / 10


@wrong("split_loss", "switches autograd off and then on again, whatever it was before")
def _(params, X, Y):
    torch.set_grad_enabled(False)
    loss = F.cross_entropy(forward(params, X), Y).item()
    torch.set_grad_enabled(True)
    return loss


@right("candidate_lrs", "exp of a mixture of two logarithms, the ends put in exactly")
def _(low, high, steps):
    import math

    def mix(t):
        return math.exp((1 - t) * math.log(low) + t * math.log(high))

    return [low, *(mix(i / (steps - 1)) for i in range(1, steps - 1)), high]


@right("pick_lr", "exact sums by math.fsum, inf for a window with anything not finite in it")
def _(lrs, losses, window):
    import math

    def score(i):
        part = losses[i : i + window]
        return math.fsum(part) if all(map(math.isfinite, part)) else math.inf

    scores = [score(i) for i in range(len(losses) - window + 1)]
    return float(lrs[scores.index(min(scores)) + (window - 1) // 2])


# ---- part 6: sampling


@wrong("next_probs", "keeps the graph: the probabilities require a gradient")
def _(params, context):
    return F.softmax(forward(params, torch.tensor([context])), dim=1)[0]


@wrong(
    "sample_name",
    "draws once more when the name has max_len characters already, then throws it away",
)
def _(params, block_size, itos, generator, max_len=20):
    context, name = [0] * block_size, ""
    while True:
        i = torch.multinomial(next_probs(params, context), 1, generator=generator).item()
        if i == 0 or len(name) == max_len:
            return name
        name += itos[i]
        context = context[1:] + [i]


@right(
    "sample_name", "a for loop over max_len with break, the context sliced from all indices so far"
)
def _(params, block_size, itos, generator, max_len=20):
    ids = [0] * block_size
    for _ in range(max_len):
        draw = torch.multinomial(
            next_probs(params, ids[len(ids) - block_size :]), 1, generator=generator
        )
        if not (i := int(draw)):
            break
        ids.append(i)
    return "".join(map(itos.__getitem__, ids[block_size:]))


# ---- part 7: exercises


@wrong("better_init", "everything 0 but C: the first loss is right, but all neurons are the same")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    made = {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.zeros(block_size * n_embd, n_hidden),
        "b1": torch.zeros(n_hidden),
        "W2": torch.zeros(n_hidden, vocab_size),
        "b2": torch.zeros(vocab_size),
    }
    return {name: p.requires_grad_() for name, p in made.items()}


@wrong("better_init", "seeds the generator anew, so that a second call gives the same numbers")
def _(vocab_size, block_size, n_embd, n_hidden, generator):
    generator.manual_seed(2147483647)
    fan_in = block_size * n_embd
    made = {
        "C": torch.randn(vocab_size, n_embd, generator=generator),
        "W1": torch.randn(fan_in, n_hidden, generator=generator) / fan_in**0.5,
        "b1": torch.zeros(n_hidden),
        "W2": torch.zeros(n_hidden, vocab_size),
        "b2": torch.zeros(vocab_size),
    }
    return {name: p.requires_grad_() for name, p in made.items()}


@wrong("forward_direct", "the inputs go through a tanh of their own before the direct connections")
def _(params, X):
    embcat = params["C"][X].flatten(1)
    h = torch.tanh(embcat @ params["W1"] + params["b1"])
    return params["b2"] + torch.tanh(embcat) @ params["Wd"] + h @ params["W2"]


@right(
    "uniform_loss",
    "minus the logarithm of the share, as cross-entropy of one row of zeros in float64",
)
def _(vocab_size):
    return F.cross_entropy(
        torch.zeros(1, vocab_size, dtype=torch.float64), torch.tensor([0])
    ).item()


@right(
    "forward_direct",
    "one product of the inputs and hidden outputs side by side with Wd stacked on W2",
)
def _(params, X):
    x = F.embedding(X, params["C"]).reshape(len(X), -1)
    h = torch.tanh(torch.addmm(params["b1"], x, params["W1"]))
    both = torch.cat([params["Wd"], params["W2"]], dim=0)
    return torch.addmm(params["b2"], torch.cat([x, h], dim=1), both)
