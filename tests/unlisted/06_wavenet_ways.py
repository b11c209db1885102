"""Solutions of 06 that come to the right numbers by another way than is asked: see test_unlisted.py."""


@wrong("tree_size", "the learner's own model, on the meta device")
def _(vocab_size, n_embd, n_hidden, levels):
    with torch.device("meta"):
        model = make_tree(vocab_size, 2**levels, n_embd, n_hidden)
        return sum(p.numel() for p in model.parameters())


@wrong("tree_size", "two small models, and a straight line through their sizes")
def _(vocab_size, n_embd, n_hidden, levels):
    def counted(n):
        tree = make_tree(vocab_size, 2**n, n_embd, n_hidden)
        return sum(p.numel() for p in tree.parameters())

    one, two = counted(1), counted(2)
    return one + (levels - 1) * (two - one)


@wrong("tree_size", "torch's layers")
def _(vocab_size, n_embd, n_hidden, levels):
    from torch import nn

    layers = [nn.Embedding(vocab_size, n_embd), nn.Linear(n_hidden, vocab_size)]
    for level in range(levels):
        layers.append(nn.Linear(2 * (n_hidden if level else n_embd), n_hidden, bias=False))
        layers.append(nn.BatchNorm1d(n_hidden))
    return sum(p.numel() for layer in layers for p in layer.parameters())


@wrong("tree_size", "the layers one by one, thrown away at once")
def _(vocab_size, n_embd, n_hidden, levels):
    total = sum(p.numel() for p in Embedding(vocab_size, n_embd).parameters())
    for level in range(levels):
        fan_in = 2 * n_hidden if level else 2 * n_embd
        total += Linear(fan_in, n_hidden, bias=False).weight.numel() + 2 * n_hidden
    return total + sum(p.numel() for p in Linear(n_hidden, vocab_size).parameters())


@right("tree_size", "shapes written down, and torch.Size")
def _(vocab_size, n_embd, n_hidden, levels):
    shapes = [(vocab_size, n_embd), (2 * n_embd, n_hidden), (n_hidden, vocab_size), (vocab_size,)]
    shapes += (levels - 1) * [(2 * n_hidden, n_hidden)] + 2 * levels * [(n_hidden,)]
    return sum(torch.Size(shape).numel() for shape in shapes)


@right("tree_size", "a helper for one level")
def _(vocab_size, n_embd, n_hidden, levels):
    def level(fan_in):
        return n_hidden * (2 * fan_in + 2)

    inner = level(n_embd) + sum(level(n_hidden) for _ in range(1, levels))
    return inner + vocab_size * (n_embd + n_hidden + 1)


@right("tree_size", "from the top down, by recursion")
def _(vocab_size, n_embd, n_hidden, levels):
    def below(level):
        if level == 1:
            return vocab_size * n_embd + 2 * n_hidden * (n_embd + 1)
        return 2 * n_hidden * (n_hidden + 1) + below(level - 1)

    return below(levels) + n_hidden * vocab_size + vocab_size
