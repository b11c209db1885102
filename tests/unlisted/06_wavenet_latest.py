"""Solutions of 06 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("embedding", "parameters gives the rows as separate tensors, not the table itself")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return list(self.weight)


@wrong("embedding", "looks up only flat indices and forgets to restore the shape")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix.reshape(-1)]

    def parameters(self):
        return [self.weight]


@wrong("embedding", "the lookup is detached: the table gets no gradient")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight.data[ix]

    def parameters(self):
        return [self.weight]


@wrong("flatten", "squeezes a batch of one away")
class _(Module):
    def __call__(self, x):
        return x.flatten(1).squeeze(0)


@wrong("flatten", "flattens only the last two dimensions: (B, d1, d2, d3) keeps d1")
class _(Module):
    def __call__(self, x):
        return x.flatten(-2) if x.dim() > 2 else x


@wrong("sequential", "skips the first layer's result: each layer gets the original x")
class _:
    def __call__(self, x):
        out = x
        for layer in self.layers:
            out = layer(x)
        return out


@wrong(
    "sequential",
    "calls a nested Sequential's layers only one deep, via attribute; without layers None",
)
class _:
    def __call__(self, x):
        result = None
        for layer in self.layers:
            result = layer(x if result is None else result)
        return result


@wrong("sequential_parameters", "a set removes order")
class _:
    def parameters(self):
        return sorted(
            {p for layer in self.layers for p in layer.parameters()}, key=lambda p: -p.numel()
        )


@wrong("sequential_parameters", "a generator instead of a list")
class _:
    def parameters(self):
        return (p for layer in self.layers for p in layer.parameters())


@wrong("sequential_train", "ignores mode: eval turns training on")
class _:
    def train(self, mode=True):
        self.training = True
        for layer in self.layers:
            layer.train()
        return self


@wrong(
    "sequential_train", "sets the layers' attribute only, a nested Sequential's layers are not told"
)
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.training = mode
        return self


@wrong("count_parameters", "only tensors that require a gradient are counted (fresh layers: 0)")
def _(model):
    return sum((p.numel() for p in model.parameters() if p.requires_grad))


@wrong("count_parameters", "rows only")
def _(model):
    return sum((len(p) for p in model.parameters()))


@wrong("consecutive", "neighbours are taken n apart instead of side by side")
def _(x, n):
    B, T, C = x.shape
    return x.view(B, n, T // n, C).transpose(1, 2).reshape(B, T // n, n * C)


@wrong("consecutive", "averages the group's vectors")
def _(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C).mean(2)


@wrong("flatten_consecutive", "squeezes when the batch is one as well")
class _:
    def __call__(self, x):
        B, T, C = x.shape
        return x.view(B, T // self.n, C * self.n).squeeze()


@wrong("flatten_consecutive", "never squeezes")
class _:
    def __call__(self, x):
        return x.reshape(len(x), -1, self.n * x.shape[2])


@wrong("make_tree", "each level's Linear takes n_embd * 2, also above the first")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    size = block_size
    while size > 1:
        layers += [
            FlattenConsecutive(2),
            Linear(2 * n_embd, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        size //= 2
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong(
    "make_tree",
    "the last Linear is not scaled by 0.1 but its draws are skipped: drawn before the levels",
)
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    last = Linear(n_hidden, vocab_size, g=g)
    last.weight = last.weight * 0.1
    layers, width = ([Embedding(vocab_size, n_embd, g)], n_embd)
    for _ in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * width, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        width = n_hidden
    return Sequential(layers + [last])


@wrong("tree_size", "counts only gamma of each BatchNorm, not beta")
def _(vocab_size, n_embd, n_hidden, levels):
    total = vocab_size * n_embd + 2 * n_embd * n_hidden + n_hidden
    total += (levels - 1) * (2 * n_hidden * n_hidden + n_hidden)
    return total + n_hidden * vocab_size + vocab_size


@wrong("batchnorm", "the running variance is the biased one")
class _:
    def __call__(self, x):
        if self.training:
            dims = tuple(range(x.dim() - 1))
            mean, var = (x.mean(dims), x.var(dims, correction=0))
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta


@wrong("batchnorm", "N for the unbiased variance is B, also for (B, T, C)")
class _:
    def __call__(self, x):
        if not self.training:
            return (
                self.gamma * (x - self.running_mean) / (self.running_var + self.eps).sqrt()
                + self.beta
            )
        dims = (0,) if x.ndim == 2 else (0, 1)
        mean, var = (x.mean(dims), x.var(dims, unbiased=False))
        with torch.no_grad():
            n = x.shape[0]
            self.running_mean = self.running_mean.lerp(mean, self.momentum)
            self.running_var = self.running_var.lerp(var * n / max(n - 1, 1), self.momentum)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "eps is added to the standard deviation")
class _:
    def __call__(self, x):
        flat = x.reshape(-1, x.shape[-1])
        if self.training:
            mean, var = (flat.mean(0), flat.var(0, correction=0))
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (flat.var(0) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var.sqrt() + self.eps) + self.beta


@wrong("batchnorm", "no gradient through mean and variance")
class _:
    def __call__(self, x):
        flat = x.detach().reshape(-1, x.shape[-1])
        if self.training:
            mean, var = (flat.mean(0), flat.var(0, correction=0))
            self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
            self.running_var = self.running_var + self.momentum * (flat.var(0) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong(
    "has_the_bug",
    "looks whether each position's mean over the examples is the layer's bias 0: a bias breaks it",
)
def _(layer, x):
    return bool((layer(x).mean(0).abs() < 1e-06).all())


@wrong("has_the_bug", "adds the constant to all positions: both kinds do not react")
def _(layer, x):
    return bool(torch.allclose(layer(x), layer(x + 1.0)))


@wrong("has_the_bug", "changes x in place")
def _(layer, x):
    before = layer(x)
    x[:, 0] += 1
    return bool(torch.allclose(before, layer(x), atol=1e-06))


@wrong("smooth", "the mean of the incomplete last group is there too")
def _(losses, window):
    return torch.tensor(
        [
            sum(losses[i : i + window]) / len(losses[i : i + window])
            for i in range(0, len(losses), window)
        ],
        dtype=torch.float64,
    )


@wrong("smooth", "a sliding window")
def _(losses, window):
    return torch.tensor(losses).unfold(0, window, 1).mean(-1)


@wrong("learning_rate", "whole-number three quarters, rounded down: 5 steps drop at 3")
def _(step, steps):
    return 0.1 if step < 3 * (steps // 4) else 0.01


@wrong("learning_rate", "<= at three quarters")
def _(step, steps):
    return 0.1 if step <= steps * 0.75 else 0.01


@wrong("train_step", "gradients of the call before are added")
def _(model, Xb, Yb, lr):
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    for p in model.parameters():
        p.data -= lr * p.grad
    return loss.item()


@wrong("train_step", "returns the loss after the step")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    F.cross_entropy(model(Xb), Yb).backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
        return F.cross_entropy(model(Xb), Yb).item()


@wrong("train", "the rate is computed for the step that was just done")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for i in range(1, steps + 1):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        losses.append(train_step(model, X[ix], Y[ix], learning_rate(i, steps)))
        on_step(losses[-1])
    return losses


@wrong("train", "on_step gets the step's number")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for i in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        losses.append(train_step(model, X[ix], Y[ix], learning_rate(i, steps)))
        on_step(i)
    return losses


@wrong("evaluate", "the mean of the chunks' means")
def _(model, X, Y, chunk=4096):
    mode = model.training
    model.eval()
    with torch.no_grad():
        parts = [F.cross_entropy(model(x), y) for x, y in zip(X.split(chunk), Y.split(chunk))]
    model.train(mode)
    return (sum(parts) / len(parts)).item()


@wrong("evaluate", "always back in training mode")
def _(model, X, Y, chunk=4096):
    model.eval()
    with torch.no_grad():
        total = sum(
            (
                F.cross_entropy(model(x), y, reduction="sum").item()
                for x, y in zip(X.split(chunk), Y.split(chunk))
            )
        )
    model.train()
    return total / len(X)


@wrong("run_experiment", "dev is measured before training")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    dev = evaluate(model, *splits["dev"])
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": dev,
        "losses": losses,
    }


@wrong("run_experiment", "train is the mean of the losses while training")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return dict(
        name=name,
        parameters=sum((p.numel() for p in model.parameters())),
        steps=steps,
        train=sum(losses) / len(losses),
        dev=evaluate(model, *splits["dev"]),
        losses=losses,
    )


@wrong("table", "the change is that of the rounded losses")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    last = None
    for row in rows:
        dev = round(row["dev"], 3)
        change = "" if last is None else f"{dev - last:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {dev:.3f} | {change} |"
        )
        last = dev
    return "\n".join(lines)


@wrong("table", "the change against the first row")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, r in enumerate(rows):
        change = f"{r['dev'] - rows[0]['dev']:+.3f}" if i else ""
        lines.append(
            "| {name} | {parameters:,} | {steps:,} | {train:.3f} | {dev:.3f} | ".format(**r)
            + change
            + " |"
        )
    return "\n".join(lines)


@wrong("windows", "the last window is missing")
def _(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size)] or [x[:, :size]], 1)


@wrong("windows", "unfold's window dimension stays last")
def _(x, size):
    return x.unfold(1, size, 1)


@wrong("tree_everywhere", "windows side by side, not overlapping")
def _(x, levels):
    n = 2 ** len(levels)
    return torch.stack([tree(x[:, i : i + n], levels) for i in range(0, x.shape[1] - n + 1, n)], 1)


@wrong("dilated_conv", "the order of the taps is exchanged")
def _(x, W, b, dilation):
    T = x.shape[1]
    past = F.pad(x, (0, 0, dilation, 0))[:, :T]
    return torch.cat([x, past], -1) @ W + b


@wrong("dilated_conv", "wraps around: roll instead of zeros")
def _(x, W, b, dilation):
    return torch.cat([x.roll(dilation, 1), x], -1) @ W + b


@wrong(
    "dilated_conv", "no result for a dilation of T or more: the zeros are built with T - dilation"
)
def _(x, W, b, dilation):
    B, T, C = x.shape
    past = torch.cat([torch.zeros(B, dilation, C, dtype=x.dtype), x[:, : T - dilation]], 1)
    return torch.cat([past, x], -1) @ W + b


@wrong("wavenet", "dilations 1, 2, 3, ...")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, i + 1))
    return x


@wrong("wavenet", "no tanh behind the last level")
def _(x, levels):
    d = 1
    for W, b in levels[:-1]:
        x = dilated_conv(x, W, b, d).tanh()
        d *= 2
    return dilated_conv(x, *levels[-1], d)


@wrong("receptive_field", "the largest dilation times two")
def _(dilations):
    return 2 * max(dilations, default=0) or 1


@wrong("count_nodes", "the trees' leaves are counted too")
def _(T, L):
    return ((T - 2**L + 1) * (2 ** (L + 1) - 1), T * L)


@wrong("count_nodes", "one window too few")
def _(T, L):
    return ((T - 2**L) * (2**L - 1), L * T)


@wrong("conv1d_weight", "the taps are interleaved: view in the wrong order")
def _(W):
    return W.T.reshape(W.shape[1], W.shape[0] // 2, 2)


@wrong("gated", "tanh and sigmoid exchanged")
def _(x, block, dilation):
    f = dilated_conv(x, block["Wf"], block["bf"], dilation)
    g = dilated_conv(x, block["Wg"], block["bg"], dilation)
    return torch.sigmoid(f) * torch.tanh(g)


@wrong("residual_block", "the skip comes from the stream")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    stream = x + z @ block["Wr"] + block["br"]
    return (stream, (stream - x) @ block["Wr"].T @ block["Ws"] + block["bs"])


@wrong("residual_block", "x is added in place")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    skip = z @ block["Ws"] + block["bs"]
    x.add_(z @ block["Wr"] + block["br"])
    return (x, skip)


@wrong("output", "the relu comes before the sum")
def _(skips, head):
    h = sum((F.relu(s) for s in skips))
    return F.relu(h @ head["W1"] + head["b1"]) @ head["W2"] + head["b2"]


@wrong("output", "relu on the logits too")
def _(skips, head):
    h = F.relu(torch.stack(skips).sum(0))
    h = F.relu(h @ head["W1"] + head["b1"])
    return F.relu(h @ head["W2"] + head["b2"])


@wrong("paper_wavenet", "only the last block's skip")
def _(x, blocks, head):
    for dilation, block in blocks:
        x, skip = residual_block(x, block, dilation)
    return output([skip], head)


@wrong("paper_wavenet", "every block gets the first x")
def _(x, blocks, head):
    return output([residual_block(x, block, d)[1] for d, block in blocks], head)


@right("embedding", "index_select on the flat indices, then the shape again")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight.index_select(0, ix.reshape(-1)).view(*ix.shape, self.weight.shape[1])

    def parameters(self):
        return [self.weight]


@right("embedding", "one-hot times table")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return F.one_hot(ix, self.weight.shape[0]).to(self.weight.dtype) @ self.weight

    def parameters(self):
        weights = []
        weights.append(self.weight)
        return weights


@right("flatten", "the number of columns is worked out")
class _(Module):
    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return x.reshape(x.shape[0], math.prod(x.shape[1:]))


@right("sequential_parameters", "sum of lists")
class _:
    def parameters(self):
        return sum((list(layer.parameters()) for layer in self.layers), [])


@right("sequential_train", "super for the own mode")
class _:
    def train(self, mode=True):
        for layer in reversed(self.layers):
            layer.train(mode)
        self.training = mode
        return self


@right("count_parameters", "product of the shapes")
def _(model):
    total = 0
    for p in model.parameters():
        total += math.prod(p.shape)
    return total


@right("consecutive", "unfold-free: concatenation of strided slices")
def _(x, n):
    return torch.cat([x[:, i::n] for i in range(n)], dim=-1)


@right("make_tree", "levels by recursion on the size")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):

    def levels(size, width):
        if size == 1:
            return []
        here = [
            FlattenConsecutive(2),
            Linear(width * 2, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        return here + levels(size // 2, n_hidden)

    front = [Embedding(vocab_size, n_embd, g), *levels(block_size, n_embd)]
    head = Linear(n_hidden, vocab_size, g=g)
    head.weight.mul_(0.1)
    return Sequential(front + [head])


@right("batchnorm", "torch's own function on the flattened input")
class _:
    def __call__(self, x):
        flat = x.reshape(-1, x.shape[-1])
        if self.training:
            mean = flat.mean(0)
            var = ((flat - mean) ** 2).mean(0)
            n = flat.shape[0]
            self.running_mean = torch.lerp(self.running_mean, mean.detach(), self.momentum)
            self.running_var = torch.lerp(
                self.running_var, var.detach() * (n / (n - 1)), self.momentum
            )
        else:
            mean, var = (self.running_mean, self.running_var)
        y = (flat - mean) * torch.rsqrt(var + self.eps)
        return torch.addcmul(self.beta, y, self.gamma).view(x.shape)


@right("has_the_bug", "a large shift at the last position, largest difference compared")
def _(layer, x):
    moved = x.clone()
    moved[:, -1] = moved[:, -1] + 7.0
    before, after = (layer(x.clone()), layer(moved))
    return (before - after).abs().max().item() < 0.001


@right("smooth", "by numpy-like reshaping in float32")
def _(losses, window):
    n = len(losses) // window
    return (
        torch.tensor(losses[: n * window], dtype=torch.float32).reshape(n, window).sum(1) / window
    )


@right("learning_rate", "compared as whole numbers")
def _(step: int, steps: int) -> float:
    if 4 * step >= 3 * steps:
        return 0.01
    return 0.1


@right("train_step", "torch.autograd.grad, gradients kept in p.grad")
def _(model, Xb, Yb, lr):
    params = list(model.parameters())
    logp = F.log_softmax(model(Xb), dim=-1)
    loss = F.nll_loss(logp, Yb)
    grads = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for p, grad in zip(params, grads):
            p.grad = grad
            p.sub_(grad, alpha=lr)
    return float(loss)


@right("evaluate", "inference_mode and try/finally")
def _(model, X, Y, chunk=4096):
    was, total = (model.training, 0.0)
    try:
        model.eval()
        with torch.inference_mode():
            for start in range(0, X.size(0), chunk):
                logits = model(X[start : start + chunk])
                logp = logits.log_softmax(1)[torch.arange(len(logits)), Y[start : start + chunk]]
                total -= logp.double().sum().item()
    finally:
        model.train(was)
    return total / X.size(0)


@right("table", "cells joined, change from zip with the row above")
def _(rows):

    def line(*cells):
        return "| " + " | ".join(cells) + " |"

    out = [line("run", "parameters", "steps", "train", "dev", "change"), "|" + "---|" * 6]
    for above, row in zip([None, *rows], rows):
        change = format(row["dev"] - above["dev"], "+.3f") if above else ""
        out.append(
            line(
                row["name"],
                format(row["parameters"], ","),
                format(row["steps"], ","),
                "%.3f" % row["train"],
                "%.3f" % row["dev"],
                change,
            )
        )
    return "\n".join(out)


@right("windows", "advanced indexing")
def _(x, size):
    starts = torch.arange(x.shape[1] - size + 1)[:, None]
    return x[:, starts + torch.arange(size)]


@right("dilated_conv", "two products, the past one added into a slice")
def _(x, W, b, dilation):
    C, T = (x.shape[-1], x.shape[1])
    out = x @ W[C:] + b
    if dilation < T:
        past = x[:, : T - dilation] @ W[:C]
        out = torch.cat([out[:, :dilation], out[:, dilation:] + past], dim=1)
    return out


@right("wavenet", "by conv1d")
def _(x, levels):
    h = x.transpose(1, 2)
    for i, (W, b) in enumerate(levels):
        d = 1 << i
        h = F.conv1d(F.pad(h, (d, 0)), conv1d_weight(W), b, dilation=d).tanh()
    return h.transpose(1, 2)


@right("conv1d_weight", "the two halves stacked")
def _(W):
    early, late = W.chunk(2, dim=0)
    return torch.stack((early.T, late.T), dim=2)


@right("tree_everywhere", "a dilated stack, cut")
def _(x, levels):
    h, d = (x, 1)
    for W, b in levels:
        h = torch.tanh(torch.cat((h[:, :-d], h[:, d:]), dim=-1) @ W + b)
        d *= 2
    return h


@right("gated", "one convolution with both matrices side by side")
def _(x, block, dilation):
    W = torch.cat([block["Wf"], block["Wg"]], dim=1)
    b = torch.cat([block["bf"], block["bg"]])
    f, g = dilated_conv(x, W, b, dilation).chunk(2, dim=-1)
    return f.tanh() * g.sigmoid()


@right("output", "F.linear and a loop for the sum")
def _(skips, head):
    total = torch.zeros_like(skips[0])
    for skip in skips:
        total = total + skip
    hidden = F.linear(total.clamp(min=0), head["W1"].T, head["b1"]).clamp(min=0)
    return F.linear(hidden, head["W2"].T, head["b2"])


@wrong("has_the_bug", "asks for exactly equal outputs: rounding makes the bug invisible")
def _(layer, x):
    moved = x.clone()
    moved[:, 0] += 1 / 3
    return torch.equal(layer(x), layer(moved))


@wrong("evaluate", "with gradients recorded is fine, but in the model's own mode")
def _(model, X, Y, chunk=4096):
    with torch.no_grad():
        total = sum(
            (
                F.cross_entropy(model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum").item()
                for i in range(0, len(X), chunk)
            )
        )
    return total / len(X)


@right("sequential", "functools.reduce")
class _:
    def __call__(self, x):
        from functools import reduce

        return reduce(lambda value, layer: layer(value), self.layers, x)


@right("flatten_consecutive", "consecutive, then an index")
class _:
    def __call__(self, x):
        y = consecutive(x, self.n)
        if y.shape[1] == 1:
            return y[:, 0]
        return y


@right("tree_size", "a loop over the levels")
def _(vocab_size, n_embd, n_hidden, levels):
    total, width = (vocab_size * n_embd, n_embd)
    for _ in range(levels):
        total += 2 * width * n_hidden + 2 * n_hidden
        width = n_hidden
    return total + (width + 1) * vocab_size


@right("train", "a generator's batches, a dict's rates")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    losses = []
    model.train()
    for step in range(steps):
        batch = torch.randint(len(X), (batch_size,), generator=g)
        loss = train_step(
            model, X.index_select(0, batch), Y.index_select(0, batch), lr=learning_rate(step, steps)
        )
        on_step(loss)
        losses.append(loss)
    return losses


@right("run_experiment", "step by step")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    row = {"name": name, "steps": steps}
    row["parameters"] = sum((p.nelement() for p in model.parameters()))
    row["losses"] = train(model, splits["train"][0], splits["train"][1], steps, g, on_step=on_step)
    for split in ("dev", "train"):
        row[split] = evaluate(model, *splits[split])
    return row


@right("residual_block", "one product for both, split")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    both = z @ torch.cat([block["Wr"], block["Ws"]], dim=1) + torch.cat([block["br"], block["bs"]])
    more, skip = both.split([x.shape[2], both.shape[2] - x.shape[2]], dim=2)
    return (x + more, skip)


@right("paper_wavenet", "zip of what a helper yields")
def _(x, blocks, head):

    def skips(stream):
        for dilation, block in blocks:
            stream, skip = residual_block(stream, block, dilation)
            yield skip

    return output(list(skips(x)), head)


@right("count_nodes", "sums over the levels")
def _(T, L):
    per_tree = sum((2**level for level in range(L)))
    windows_there = T + 1 - (1 << L)
    return (per_tree * windows_there, L * T)
