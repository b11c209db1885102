@wrong("embedding", "parameters() hands out a detached alias, not self.weight itself")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight.detach()]


@right("embedding", "index_select on the flattened indices, then the shape put back")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        rows = torch.index_select(self.weight, 0, ix.reshape(-1))
        return rows.reshape(*ix.shape, self.weight.shape[1])

    def parameters(self):
        found = []
        found.append(self.weight)
        return found


@wrong("flatten", "only the last two dimensions are joined: wrong for four dimensions")
class _:
    def __call__(self, x):
        return x.view(-1, x.shape[-2] * x.shape[-1]) if x.ndim > 2 else x


@right("flatten", "one example at a time, stacked")
class _(Module):
    def __call__(self, x):
        return torch.stack([example.reshape(-1) for example in x])


@wrong("sequential", "fails without layers, where x itself should come back")
class _:
    def __call__(self, x):
        first, *rest = self.layers
        x = first(x)
        for layer in rest:
            x = layer(x)
        return x


@wrong("sequential_parameters", "the largest first: the order of the layers is lost")
class _:
    def parameters(self):
        found = set()
        for layer in self.layers:
            found |= set(layer.parameters())
        return sorted(found, key=lambda p: -p.numel())


@right("sequential_parameters", "chained iterators, made a list")
class _:
    def parameters(self):
        import itertools

        return list(itertools.chain(*(layer.parameters() for layer in self.layers)))


@wrong("sequential_train", "the layers are always put into training mode, whatever mode says")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.train()
        return self


@wrong("count_parameters", "first times last size: a vector of n counts n * n")
def _(model):
    return sum(p.shape[0] * p.shape[-1] for p in model.parameters())


@right("count_parameters", "math.prod of the shapes")
def _(model):
    total = 0
    for p in model.parameters():
        total += math.prod(p.shape)
    return total


@wrong("consecutive", "a single group loses its dimension, though there are always three")
def _(x, n):
    B, T, C = x.shape
    x = x.view(B, T // n, n * C)
    return x.squeeze(1)


@right("flatten_consecutive", "the shape is worked out as a list first")
class _:
    def __call__(self, x):
        groups = x.shape[1] // self.n
        shape = [x.shape[0]] + ([groups] if groups > 1 else []) + [self.n * x.shape[2]]
        return x.reshape(shape)


@wrong("make_tree", "the embedding does not get the generator")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd)]
    fan_in, T = n_embd, block_size
    while T > 1:
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in, T = n_hidden, T // 2
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("tree_size", "every level counted as if it took in embeddings")
def _(vocab_size, n_embd, n_hidden, levels):
    level = 2 * n_embd * n_hidden + 2 * n_hidden
    return vocab_size * n_embd + levels * level + n_hidden * vocab_size + vocab_size


@right("tree_size", "the widths of all levels in a list, one generator expression")
def _(vocab_size, n_embd, n_hidden, levels):
    widths = [n_embd, *[n_hidden] * (levels - 1)]
    inner = sum(2 * n_hidden * (width + 1) for width in widths)
    return vocab_size * (n_embd + n_hidden + 1) + inner


@wrong("batchnorm", "dimensions 0 and 1 always: for (B, C) the channels are pooled too")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = x.mean((0, 1)), x.var((0, 1), correction=0)
            with torch.no_grad():
                n = x.numel() // x.shape[-1]
                self.running_mean = self.running_mean + self.momentum * (mean - self.running_mean)
                self.running_var = self.running_var + self.momentum * (
                    var * n / (n - 1) - self.running_var
                )
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("has_the_bug", "asks whether each position's mean is 0: a bias deceives it")
def _(layer, x):
    return bool(layer(x).mean(0).abs().max() < 1e-6)


@right("has_the_bug", "compares all single positions raised in turn, no clone but an added mask")
def _(layer, x):
    T = x.shape[1]
    reference = layer(x)
    for t in range(T):
        bump = torch.zeros_like(x)
        bump[:, t] = 5.0
        if (layer(x + bump) - reference).abs().max().item() > 1e-6:
            return False
    return True


@wrong("smooth", "cuts off with a negative slice: nothing is left when the groups come out even")
def _(losses, window):
    rest = len(losses) % window
    full = torch.tensor(losses, dtype=torch.float64)[:-rest]
    return full.view(-1, window).mean(1)


@wrong("learning_rate", "three quarters rounded down: the rate falls a step early")
def _(step, steps):
    return 0.1 if step < steps * 3 // 4 else 0.01


@right("learning_rate", "in whole numbers, by indexing a tuple")
def _(step, steps):
    return (0.1, 0.01)[4 * step >= 3 * steps]


@wrong("train", "the batch size is fixed at 32")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (32,), generator=g)
        losses.append(train_step(model, X[ix], Y[ix], learning_rate(step, steps)))
        on_step(losses[-1])
    return losses


@right("train", "an inner function for one step, and a list comprehension")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    def one(step):
        ix = torch.randint(0, X.size(0), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], lr=learning_rate(step, steps))
        on_step(loss)
        return loss

    model.train(True)
    return [one(step) for step in range(steps)]


@wrong("evaluate", "weighs all chunks the same, the smaller last one too")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    with torch.no_grad():
        losses = [
            F.cross_entropy(model(x), y).item()
            for x, y in zip(X.split(chunk), Y.split(chunk), strict=True)
        ]
    model.train(was)
    return sum(losses) / len(losses)


@right("evaluate", "log softmax and gather, summed chunk by chunk in a generator expression")
def _(model, X, Y, chunk=4096):
    mode = model.training
    model.eval()
    try:
        with torch.no_grad():
            total = sum(
                -F.log_softmax(model(X[i : i + chunk]), 1)
                .gather(1, Y[i : i + chunk, None])
                .double()
                .sum()
                .item()
                for i in range(0, len(X), chunk)
            )
    finally:
        model.train(mode)
    return total / X.shape[0]


@wrong("run_experiment", "the train loss is that of the last batch, not of the whole split")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum(p.numel() for p in model.parameters()),
        "steps": steps,
        "train": losses[-1],
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("table", "the change is the difference of the rounded losses")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    before = None
    for row in rows:
        dev = round(row["dev"], 3)
        change = "" if before is None else f"{dev - before:+.3f}"
        before = dev
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} "
            f"| {row['train']:.3f} | {dev:.3f} | {change} |"
        )
    return "\n".join(lines)


@right("table", "cells in lists, joined; the row above by zip with a shifted list")
def _(rows):
    def line(cells):
        return "| " + " | ".join(cells) + " |"

    out = [line(["run", "parameters", "steps", "train", "dev", "change"]), "|" + "---|" * 6]
    for row, above in zip(rows, [None, *rows]):
        change = "" if above is None else format(row["dev"] - above["dev"], "+.3f")
        out.append(
            line(
                [
                    row["name"],
                    format(row["parameters"], ",d"),
                    format(row["steps"], ",d"),
                    format(row["train"], ".3f"),
                    format(row["dev"], ".3f"),
                    change,
                ]
            )
        )
    return "\n".join(out)


@wrong("windows", "unfold puts the window last: (B, n, C, size)")
def _(x, size):
    return x.unfold(1, size, 1)


@wrong("tree_everywhere", "windows of 2 * L characters, the same as 2**L for L = 1 and 2")
def _(x, levels):
    size = 2 * len(levels)
    w = windows(x, size)
    B, n = w.shape[:2]
    return tree(w.reshape(B * n, size, -1), levels).view(B, n, -1)


@right("tree_everywhere", "one call of the tree for each start")
def _(x, levels):
    size = 1 << len(levels)
    outs = [tree(x[:, i : i + size], levels) for i in range(x.shape[1] - size + 1)]
    return torch.stack(outs, 1)


@wrong(
    "dilated_conv", "as many zeros as the dilation: too many when it is longer than the sequence"
)
def _(x, W, b, dilation):
    B, T, C = x.shape
    left = torch.cat([x.new_zeros(B, dilation, C), x[:, :-dilation]], dim=1)
    return torch.cat([left, x], dim=-1) @ W + b


@right("wavenet", "the last level unpacked and done apart")
def _(x, levels):
    if not levels:
        return x
    *lower, (W, b) = levels
    below = x
    for i, (V, c) in enumerate(lower):
        below = dilated_conv(below, V, c, 1 << i).tanh()
    return dilated_conv(below, W, b, 1 << len(lower)).tanh()


@wrong("receptive_field", "takes for granted that the dilations double")
def _(dilations):
    return 2 ** len(dilations)


@wrong("count_nodes", "windows that do not overlap")
def _(T, L):
    return (T // 2**L) * (2**L - 1), L * T


@right("count_nodes", "a tree's nodes summed level by level")
def _(T, L):
    trees = sum(2**level for level in range(L)) * len(range(2**L, T + 1))
    return trees, sum(T for _ in range(L))


@wrong("conv1d_weight", "the rows are cut into pairs: taps and channels get mixed")
def _(W):
    return W.T.reshape(W.shape[1], W.shape[0] // 2, 2)


@wrong("gated", "the gate's convolution has the filter's bias")
def _(x, block, dilation):
    what = dilated_conv(x, block["Wf"], block["bf"], dilation)
    how_much = dilated_conv(x, block["Wg"], block["bf"], dilation)
    return what.tanh() * how_much.sigmoid()


@right("gated", "one convolution for both, then chunked; sigmoid by way of tanh")
def _(x, block, dilation):
    W = torch.cat([block["Wf"], block["Wg"]], dim=1)
    b = torch.cat([block["bf"], block["bg"]])
    f, g = dilated_conv(x, W, b, dilation).chunk(2, dim=-1)
    return torch.tanh(f) * (0.5 * (1 + torch.tanh(g / 2)))


@wrong("residual_block", "the residual is taken from z instead of x")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return z + z @ block["Wr"] + block["br"], z @ block["Ws"] + block["bs"]


@wrong("output", "each skip goes through the ReLU before the sum")
def _(skips, head):
    x = sum(F.relu(s) for s in skips)
    return F.relu(x @ head["W1"] + head["b1"]) @ head["W2"] + head["b2"]


@right("output", "stacked and summed, clamp for the ReLU")
def _(skips, head):
    x = torch.stack(skips).sum(0)
    for i in "12":
        x = x.clamp(min=0) @ head[f"W{i}"] + head[f"b{i}"]
    return x
