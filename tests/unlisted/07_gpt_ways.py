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
