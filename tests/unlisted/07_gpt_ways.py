"""Solutions of 07 that come to the right numbers by another way than is asked: see test_unlisted.py."""


# -- expected_parameters: no model is built -------------------------------------------------------
@wrong("expected_parameters", "the model on the meta device")
def _(config):
    with torch.device("meta"):
        return sum(p.numel() for p in GPT(config).parameters())


@wrong("expected_parameters", "the next exercise, on the real thing, where it is small")
def _(config):
    if config.n_embd > 2000:
        with torch.device("meta"):
            return count_parameters(GPT(config))
    return count_parameters(GPT(config))


@wrong("expected_parameters", "one block built, and multiplied")
def _(config):
    C, V = config.n_embd, config.vocab_size
    with torch.device("meta"):
        block = sum(p.numel() for p in Block(config).parameters())
    head = V * C * (not config.tied) + V * config.head_bias
    return V * C + config.block_size * C + config.n_layer * block + 2 * C + head


@wrong("expected_parameters", "torch's layers on meta, for their numbers only")
def _(config):
    C, V = config.n_embd, config.vocab_size

    def linear(a, b, bias=True):
        layer = nn.Linear(a, b, bias=bias, device="meta")
        return sum(p.numel() for p in layer.parameters())

    block = linear(C, 3 * C, config.qkv_bias) + linear(C, C) + linear(C, 4 * C) + linear(4 * C, C)
    head = linear(C, V, config.head_bias) - V * C * config.tied
    return V * C + config.block_size * C + config.n_layer * (block + 4 * C) + 2 * C + head


@wrong("expected_parameters", "a smaller model's blocks, scaled up")
def _(config):
    import dataclasses

    with torch.device("meta"):
        one, none = (
            sum(p.numel() for p in GPT(dataclasses.replace(config, n_layer=n)).parameters())
            for n in (1, 0)
        )
    return none + config.n_layer * (one - none)


@right("expected_parameters", "tensors of sizes by a dict")
def _(config):
    C, V = config.n_embd, config.vocab_size
    once = {"token": V * C, "position": config.block_size * C, "ln_f": 2 * C}
    once["head"] = (0 if config.tied else V * C) + (V if config.head_bias else 0)
    each = {"ln": 4 * C, "qkv": 3 * C * C, "proj": C * C + C, "up": 4 * C * C + 4 * C}
    each |= {"down": 4 * C * C + C, "bias": 3 * C if config.qkv_bias else 0}
    return sum(once.values()) + config.n_layer * sum(each.values())


@right("expected_parameters", "torch.Size, multiplied by torch")
def _(config):
    C, V, L = config.n_embd, config.vocab_size, config.n_layer
    shapes = [(V, C), (config.block_size, C), (2, C)] + [(V, C)] * (not config.tied)
    shapes += [(V,)] * config.head_bias + [(3, C)] * (L * config.qkv_bias)
    shapes += L * [(4, C), (3 * C, C), (C, C + 1), (4 * C, C + 1), (C, 4 * C), (C,)]
    return sum(torch.Size(shape).numel() for shape in shapes)


@right("expected_parameters", "a class of one's own for the sizes")
def _(config):
    class Size:
        def __init__(self, rows, columns):
            self.n = rows * columns

    C, V = config.n_embd, config.vocab_size
    block = Size(C, 12 * C).n + Size(C, 10).n + (Size(C, 3).n if config.qkv_bias else 0)
    tables = Size(V + config.block_size, C).n + (0 if config.tied else Size(V, C).n)
    return tables + config.n_layer * block + 2 * C + V * int(config.head_bias)


# -- gpt_init: drawn from a normal distribution ---------------------------------------------------
@wrong("gpt_init", "quantiles, put in a random order")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        n = module.weight.numel()
        p = (torch.arange(n, dtype=torch.float64) + 0.5) / n
        z = (2 * p - 1).erfinv() * 2**0.5 * 0.02
        with torch.no_grad():
            module.weight.copy_(z[torch.randperm(n)].view_as(module.weight))
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.zeros_(module.bias)


@wrong("gpt_init", "quantiles in order, turned by a random number of places")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        n = module.weight.numel()
        z = torch.special.ndtri((torch.arange(n, dtype=torch.float64) + 0.5) / n) * 0.02
        turn = int(torch.randint(n, (1,)))
        module.weight.data.copy_(z.roll(turn).view_as(module.weight))
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@wrong("gpt_init", "one number drawn in each share of the distribution")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        n = module.weight.numel()
        u = (torch.randperm(n).double() + torch.rand(n).clamp(1e-6, 1 - 1e-6)) / n
        module.weight.data.copy_(0.02 * torch.special.ndtri(u).view_as(module.weight))
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@wrong("gpt_init", "standardized: mean exactly 0, standard deviation exactly 0.02")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        w = torch.randn_like(module.weight)
        module.weight.data = 0.02 * (w - w.mean()) / w.std()
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data = torch.zeros_like(module.bias)


@wrong("gpt_init", "each number and its opposite")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        n = module.weight.numel()
        half = torch.randn((n + 1) // 2) * 0.02
        both = torch.cat([half, -half])[:n]
        module.weight.data.copy_(both[torch.randperm(n)].view_as(module.weight))
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@wrong("gpt_init", "numpy's randomness")
def _(module):
    import numpy as np

    if isinstance(module, (nn.Linear, nn.Embedding)):
        w = np.random.default_rng().normal(0.0, 0.02, tuple(module.weight.shape))
        module.weight.data.copy_(torch.from_numpy(w))
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@wrong("gpt_init", "rotated by the golden ratio from a random start")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        n = module.weight.numel()
        u = (torch.arange(n, dtype=torch.float64) * 0.6180339887498949 + torch.rand(1)) % 1
        z = torch.special.ndtri(u.clamp(1e-9, 1 - 1e-9))
        module.weight.data.copy_(0.02 * z.view_as(module.weight))
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@right("gpt_init", "uniform numbers through the inverse of the distribution")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        u = torch.rand(module.weight.shape, dtype=torch.float64).clamp(1e-15, 1 - 1e-15)
        with torch.no_grad():
            module.weight.copy_(torch.special.ndtri(u) * 0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        with torch.no_grad():
            module.bias.zero_()


@right("gpt_init", "Box and Muller")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        u, v = torch.rand(2, *module.weight.shape, dtype=torch.float64)
        radius = (-2 * torch.log1p(-u)).sqrt()
        module.weight.data.copy_(0.02 * radius * (2 * math.pi * v).cos())
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@right("gpt_init", "a row at a time")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        for row in module.weight.data:
            row.normal_(std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data[:] = 0.0


@right("gpt_init", "cut off where nothing is: 100 standard deviations out")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.trunc_normal_(module.weight, std=0.02, a=-2.0, b=2.0)
    if isinstance(module, nn.Linear) and module.bias is not None:
        nn.init.constant_(module.bias, 0.0)


# -- average_matmul: a table of weights, one product ----------------------------------------------
@wrong("average_matmul", "running sums, then an identity")
def _(x):
    counts = torch.arange(1, x.shape[1] + 1, dtype=x.dtype)
    return x.cumsum(1) / counts[:, None] @ torch.eye(x.shape[2], dtype=x.dtype)


@wrong("average_matmul", "an identity, then running sums")
def _(x):
    T = x.shape[1]
    same = torch.eye(T, dtype=x.dtype) @ x
    return same.cumsum(1) / torch.arange(1, T + 1, dtype=x.dtype).view(T, 1)


@wrong("average_matmul", "running sums, divided by a diagonal table")
def _(x):
    counts = torch.arange(1, x.shape[1] + 1, dtype=x.dtype)
    return torch.diag(1 / counts) @ x.cumsum(1)


@wrong("average_matmul", "by doubling: each step adds what stands so many places before")
def _(x):
    T, step = x.shape[1], 1
    out = torch.eye(T, dtype=x.dtype) @ x
    while step < T:
        out = torch.cat([out[:, :step], out[:, step:] + out[:, :-step]], 1)
        step *= 2
    return out / torch.arange(1, T + 1, dtype=x.dtype).view(T, 1)


@wrong("average_matmul", "running sums times ones, and the sum of one")
def _(x):
    counts = torch.arange(1, x.shape[1] + 1, dtype=x.dtype)
    return (x.cumsum(1).unsqueeze(-1) * (1 / counts).view(-1, 1, 1)).sum(-1)


@wrong(
    "average_matmul",
    "a convolution with an ever longer kernel of ones, after a product with all ones",
)
def _(x):
    B, T, C = x.shape
    rows = F.pad(x.transpose(1, 2), (T - 1, 0))
    sums = F.conv1d(rows.reshape(B * C, 1, -1), torch.ones(1, 1, T, dtype=x.dtype))
    counts = torch.arange(1, T + 1, dtype=x.dtype)
    return (sums.view(B, C, T) / counts).transpose(1, 2)


@wrong("average_matmul", "solved for, not multiplied; a product with an identity in front")
def _(x):
    T = x.shape[1]
    steps = torch.eye(T, dtype=x.dtype) - torch.ones(T, T, dtype=x.dtype).tril(-1).triu(-1)
    sums = torch.linalg.solve_triangular(steps, torch.eye(T, dtype=x.dtype) @ x, upper=False)
    return sums / torch.arange(1, T + 1, dtype=x.dtype).view(T, 1)


@right("average_matmul", "the other way round, on turned positions")
def _(x):
    T = x.shape[1]
    wei = torch.ones(T, T, dtype=x.dtype).triu() / torch.arange(1, T + 1)
    return (x.transpose(1, 2) @ wei).transpose(1, 2)


@right("average_matmul", "a table for each text of the batch")
def _(x):
    B, T, _ = x.shape
    wei = torch.stack([torch.ones(T, T, dtype=x.dtype).tril()] * B)
    return torch.bmm(wei / wei.sum(2, keepdim=True), x)


@right("average_matmul", "tensordot")
def _(x):
    T = x.shape[1]
    t = torch.arange(T)
    wei = (t[:, None] >= t).to(x.dtype) / (t[:, None] + 1)
    return torch.tensordot(wei, x, dims=([1], [1])).transpose(0, 1)


@right("average_matmul", "one large table for all texts at once")
def _(x):
    B, T, C = x.shape
    wei = torch.ones(T, T, dtype=x.dtype).tril()
    wei = wei / wei.sum(1, keepdim=True)
    return (torch.block_diag(*[wei] * B) @ x.reshape(B * T, C)).view(B, T, C)


@right("average_matmul", "baddbmm onto zeros")
def _(x):
    B, T, C = x.shape
    wei = torch.tril(torch.full((T, T), 1.0, dtype=x.dtype))
    wei /= wei.sum(-1, keepdim=True)
    return torch.baddbmm(torch.zeros_like(x), wei.expand(B, T, T), x)


@right("average_matmul", "matrix by vector, all at once by vmap")
def _(x):
    T = x.shape[1]
    wei = torch.ones(T, T, dtype=x.dtype).tril() / torch.arange(1, T + 1, dtype=x.dtype)[:, None]
    return torch.vmap(lambda one: wei @ one)(x)


@wrong("gpt_init", "picked from ten thousand numbers that were drawn once")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        pool = torch.randn(10_000, generator=torch.Generator().manual_seed(0)) * 0.02
        picked = pool[torch.randint(len(pool), module.weight.shape)]
        module.weight.data.copy_(picked)
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data.zero_()


@wrong("expected_parameters", "tensors of all shapes, on meta, without a layer")
def _(config):
    C, V = config.n_embd, config.vocab_size
    shapes = [(V, C), (config.block_size, C), (2, C)] + [(V, C)] * (not config.tied)
    shapes += [(V,)] * config.head_bias + [(3, C)] * (config.n_layer * config.qkv_bias)
    shapes += config.n_layer * [(4, C), (3 * C, C), (C, C + 1), (4 * C, C + 1), (C, 4 * C), (C,)]
    return sum(torch.empty(shape, device="meta").numel() for shape in shapes)


@right("expected_parameters", "summed by torch")
def _(config):
    C, V, L = config.n_embd, config.vocab_size, config.n_layer
    each = [4 * C, 3 * C * C, C * C + C, 4 * C * C + 4 * C, 4 * C * C + C, 3 * C * config.qkv_bias]
    once = [V * C, config.block_size * C, 2 * C, V * C * (not config.tied), V * config.head_bias]
    return int(torch.tensor(once + each * L).sum())
