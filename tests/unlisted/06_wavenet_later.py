"""Solutions of 06 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("sequential", "the input goes into every layer")
class _:
    def __call__(self, x):
        out = x
        for layer in self.layers:
            out = layer(x)
        return out


@wrong("sequential", "fails without layers")
class _:
    def __call__(self, x):
        x = self.layers[0](x)
        for layer in self.layers[1:]:
            x = layer(x)
        return x


@right("sequential", "reduce")
class _:
    def __call__(self, x):
        from functools import reduce

        return reduce(lambda value, layer: layer(value), self.layers, x)


@wrong("sequential_parameters", "a list of lists")
class _:
    def parameters(self):
        return [layer.parameters() for layer in self.layers]


@wrong("sequential_parameters", "a generator")
class _:
    def parameters(self):
        return (p for layer in self.layers for p in layer.parameters())


@wrong("sequential_parameters", "copies")
class _:
    def parameters(self):
        return [p.clone() for layer in self.layers for p in layer.parameters()]


@right("sequential_parameters", "sum of lists")
class _:
    def parameters(self):
        return sum((list(layer.parameters()) for layer in self.layers), [])


@wrong("sequential_train", "always True")
class _:
    def train(self, mode=True):
        self.training = True
        for layer in self.layers:
            layer.train(mode)
        return self


@wrong("sequential_train", "returns nothing")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.train(mode)


@wrong("sequential_train", "the attribute only, so no deeper than one level")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.training = mode
        return self


@wrong("sequential_train", "not its own")
class _:
    def train(self, mode=True):
        for layer in self.layers:
            layer.train(mode)
        return self


@wrong("sequential_train", "inner modules are always set to train")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.train()
        return self


@wrong("count_parameters", "tensors are counted")
def _(model):
    return len(model.parameters())


@wrong("count_parameters", "a tensor comes back")
def _(model):
    return sum(torch.tensor(p.numel()) for p in model.parameters())


@right("count_parameters", "math.prod of the shapes")
def _(model):
    return sum(math.prod(p.shape) for p in model.parameters())


@wrong("consecutive", "the dimension of groups squeezed")
def _(x, n):
    B, T, C = x.shape
    x = x.view(B, T // n, n * C)
    return x.squeeze(1)


@wrong("consecutive", "every other position, not neighbours")
def _(x, n):
    T = x.shape[1]
    return torch.cat([x[:, i * (T // n) : (i + 1) * (T // n)] for i in range(n)], 2)


@right("consecutive", "strided slices side by side")
def _(x, n):
    return torch.cat([x[:, i::n] for i in range(n)], dim=-1)


@right("consecutive", "unflatten and flatten")
def _(x, n):
    return x.unflatten(1, (-1, n)).flatten(2)


@wrong("flatten_consecutive", "squeeze: a batch of one is lost")
class _:
    def __call__(self, x):
        B, T, C = x.shape
        return x.view(B, T // self.n, self.n * C).squeeze()


@wrong("flatten_consecutive", "never squeezed")
class _:
    def __call__(self, x):
        B, T, C = x.shape
        return x.view(B, T // self.n, self.n * C)


@wrong("make_tree", "a bias in each level")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers, width = [Embedding(vocab_size, n_embd, g)], n_embd
    while block_size > 1:
        layers += [
            FlattenConsecutive(2),
            Linear(2 * width, n_hidden, bias=True, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        width, block_size = n_hidden, block_size // 2
    last = Linear(n_hidden, vocab_size, g=g)
    last.weight *= 0.1
    return Sequential([*layers, last])


@wrong("make_tree", "the last weight is not made smaller")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers, width = [Embedding(vocab_size, n_embd, g)], n_embd
    while block_size > 1:
        layers += [
            FlattenConsecutive(2),
            Linear(2 * width, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        width, block_size = n_hidden, block_size // 2
    return Sequential([*layers, Linear(n_hidden, vocab_size, g=g)])


@right("make_tree", "gradients switched on already")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers, width = [Embedding(vocab_size, n_embd, g)], n_embd
    while block_size > 1:
        layers += [
            FlattenConsecutive(2),
            Linear(2 * width, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        width, block_size = n_hidden, block_size // 2
    last = Linear(n_hidden, vocab_size, g=g)
    last.weight *= 0.1
    model = Sequential([*layers, last])
    for p in model.parameters():
        p.requires_grad = True
    return model


@right("make_tree", "log2")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g=g)]
    for level in range(round(math.log2(block_size))):
        fan_in = 2 * (n_hidden if level else n_embd)
        layers.append(FlattenConsecutive(2))
        layers.append(Linear(fan_in, n_hidden, bias=False, g=g))
        layers.append(BatchNorm1d(n_hidden))
        layers.append(Tanh())
    layers.append(Linear(n_hidden, vocab_size, bias=True, g=g))
    layers[-1].weight = layers[-1].weight * 0.1
    return Sequential(layers)


@wrong("tree_size", "a bias in each level")
def _(vocab_size, n_embd, n_hidden, levels):
    size = vocab_size * n_embd + n_hidden * vocab_size + vocab_size
    size += 2 * n_embd * n_hidden + (levels - 1) * 2 * n_hidden * n_hidden
    return size + levels * 3 * n_hidden


@wrong("tree_size", "batchnorm's running statistics too")
def _(vocab_size, n_embd, n_hidden, levels):
    size = vocab_size * n_embd + n_hidden * vocab_size + vocab_size
    size += 2 * n_embd * n_hidden + (levels - 1) * 2 * n_hidden * n_hidden
    return size + levels * 4 * n_hidden


@wrong("tree_size", "for three levels only")
def _(vocab_size, n_embd, n_hidden, levels):
    return vocab_size * (n_embd + n_hidden + 1) + 2 * n_hidden * (n_embd + 2 * n_hidden + 3)


@right("tree_size", "level by level")
def _(vocab_size, n_embd, n_hidden, levels):
    total, width = vocab_size * n_embd, n_embd
    for _ in range(levels):
        total += 2 * width * n_hidden + n_hidden + n_hidden
        width = n_hidden
    return total + (width + 1) * vocab_size


@wrong("batchnorm", "the running variance is the biased one")
class _:
    def __call__(self, x):
        dims = tuple(range(x.dim() - 1))
        if self.training:
            mean, var = x.mean(dims), x.var(dims, correction=0)
            with torch.no_grad():
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * var
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "statistics of each position")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            with torch.no_grad():
                keep = tuple(range(mean.dim() - 1))
                m, v = (mean.mean(keep), x.var(0).mean(keep)) if keep else (mean, x.var(0))
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * m
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * v
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "no gradient through mean and variance")
class _:
    def __call__(self, x):
        dims = tuple(range(x.dim() - 1))
        if self.training:
            with torch.no_grad():
                mean, var = x.mean(dims), x.var(dims, correction=0)
                self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
                self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(
                    dims
                )
        else:
            mean, var = self.running_mean, self.running_var
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@right("batchnorm", "flattened, then shaped back")
class _:
    def __call__(self, x):
        flat = x.reshape(-1, x.shape[-1])
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean = flat.mean(0)
            var = (flat - mean).square().mean(0)
            n, k = len(flat), self.momentum
            self.running_mean = self.running_mean + k * (mean.detach() - self.running_mean)
            self.running_var = self.running_var + k * (
                var.detach() * n / (n - 1) - self.running_var
            )
        return ((flat - mean) * (var + self.eps).rsqrt() * self.gamma + self.beta).view(x.shape)


@right("batchnorm", "F.batch_norm, channels second")
class _:
    def __call__(self, x):
        y = x.reshape(-1, x.shape[-1])
        out = F.batch_norm(
            y,
            self.running_mean,
            self.running_var,
            self.gamma,
            self.beta,
            self.training,
            self.momentum,
            self.eps,
        )
        return out.view_as(x)


@wrong("has_the_bug", "x changed in place")
def _(layer, x):
    before = layer(x)
    x[:, 0] += 10
    return torch.allclose(before, layer(x))


@wrong("has_the_bug", "one example moved, not all")
def _(layer, x):
    moved = x.clone()
    moved[0, 0] += 1
    return torch.allclose(layer(x), layer(moved))


@wrong("has_the_bug", "the mean of each position must be 0")
def _(layer, x):
    return bool(layer(x).mean(0).abs().max() < 1e-6)


@right("has_the_bug", "the first position's own output")
def _(layer, x):
    shift = torch.zeros_like(x)
    shift[:, 0] = 5.0
    a, b = layer(x), layer(x + shift)
    return bool((a - b).abs().max() < 1e-3)


@wrong("windows", "one window too few")
def _(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size)], 1)


@wrong("windows", "unfold's order of dimensions")
def _(x, size):
    return x.unfold(1, size, 1)


@right("windows", "an index of indices")
def _(x, size):
    starts = torch.arange(x.shape[1] - size + 1)
    return x[:, starts[:, None] + torch.arange(size)]


@right("windows", "as_strided")
def _(x, size):
    B, T, C = x.shape
    b, t, c = x.stride()
    return x.as_strided((B, T - size + 1, size, C), (b, t, t, c), x.storage_offset())


@wrong("dilated_conv", "the later position first")
def _(x, W, b, dilation):
    past = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return torch.cat([x, past], -1) @ W + b


@wrong("dilated_conv", "rolled around")
def _(x, W, b, dilation):
    return torch.cat([x.roll(dilation, 1), x], -1) @ W + b


@wrong("dilated_conv", "looks ahead")
def _(x, W, b, dilation):
    future = F.pad(x, (0, 0, 0, dilation))[:, dilation:]
    return torch.cat([x, future], -1) @ W + b


@wrong("dilated_conv", "fails where dilation is T or more")
def _(x, W, b, dilation):
    past = torch.zeros_like(x)
    past[:, dilation:] = x[:, : x.shape[1] - dilation] if dilation <= x.shape[1] else x
    return torch.cat([past, x], -1) @ W + b


@wrong("dilated_conv", "no bias where the past is missing")
def _(x, W, b, dilation):
    C = x.shape[-1]
    past = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    out = past @ W[:C] + x @ W[C:]
    out[:, dilation:] += b
    return out


@right("dilated_conv", "step by step")
def _(x, W, b, dilation):
    zero = torch.zeros_like(x[:, 0])
    steps = []
    for t in range(x.shape[1]):
        before = x[:, t - dilation] if t >= dilation else zero
        steps.append(torch.cat([before, x[:, t]], 1) @ W + b)
    return torch.stack(steps, 1)


@right("dilated_conv", "two products")
def _(x, W, b, dilation):
    C = x.shape[2]
    late, early = x @ W[C:] + b, x @ W[:C]
    late[:, dilation:] += early[:, : max(x.shape[1] - dilation, 0)]
    return late


@wrong("wavenet", "dilations 1, 2, 3")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, i + 1))
    return x


@wrong("wavenet", "no tanh at the end")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = dilated_conv(x, W, b, 2**i)
        if i + 1 < len(levels):
            x = x.tanh()
    return x


@right("wavenet", "recursion from the top")
def _(x, levels):
    *below, (W, b) = levels
    if below:
        x = wavenet(x, below)
    return dilated_conv(x, W, b, 1 << len(below)).tanh()


@wrong("receptive_field", "itself forgotten")
def _(dilations):
    return sum(dilations)


@wrong("receptive_field", "two to the number of layers")
def _(dilations):
    return 2 ** len(dilations)


@wrong("receptive_field", "twice the last")
def _(dilations):
    return 2 * dilations[-1] if dilations else 1


@wrong("count_nodes", "leaves counted as nodes")
def _(T, L):
    return (T - 2**L + 1) * (2 ** (L + 1) - 1), T * L


@wrong("count_nodes", "one window too few")
def _(T, L):
    return (T - 2**L) * (2**L - 1), T * L


@right("count_nodes", "level by level")
def _(T, L):
    per_tree = sum(2**level for level in range(L))
    return per_tree * (T + 1 - 2**L), sum(T for _ in range(L))


@wrong("conv1d_weight", "taps interleaved")
def _(W):
    return W.T.reshape(W.shape[1], W.shape[0] // 2, 2)


@wrong("conv1d_weight", "the taps swapped")
def _(W):
    C = W.shape[0] // 2
    return torch.stack([W[C:].T, W[:C].T], -1)


@right("conv1d_weight", "permute")
def _(W):
    return W.unflatten(0, (2, -1)).permute(2, 1, 0)


@wrong("tree_everywhere", "windows that do not overlap")
def _(x, levels):
    n = 2 ** len(levels)
    return torch.stack([tree(x[:, i : i + n], levels) for i in range(0, x.shape[1] - n + 1, n)], 1)


@right("tree_everywhere", "window by window")
def _(x, levels):
    n = 2 ** len(levels)
    return torch.stack([tree(x[:, i : i + n], levels) for i in range(x.shape[1] - n + 1)], 1)


@right("embedding", "an nn.Module with an nn.Parameter")
class Embedding(torch.nn.Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(num_embeddings, embedding_dim, generator=g))

    def __call__(self, ix):
        self.out = self.weight[ix]
        return self.out

    def parameters(self):
        return [self.weight]
