"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("stack_stds", "called for all layers but the last, and sent through again")
def _(x, weights, nonlinearity):
    if not weights:
        return []
    h = x
    for W in weights:
        h = NONLINEARITIES[nonlinearity](h @ W)
    return stack_stds(x, weights[:-1], nonlinearity) + [h.std().item()]


@wrong("stack_stds", "an inner function that goes down to the input")
def _(x, weights, nonlinearity):
    def level(n):
        return x if n == 0 else NONLINEARITIES[nonlinearity](level(n - 1) @ weights[n - 1])

    return [level(n).std().item() for n in range(1, len(weights) + 1)]


@right("stack_stds", "all levels first")
def _(x, weights, nonlinearity):
    levels = [x]
    for W in weights:
        levels.append(NONLINEARITIES[nonlinearity](levels[-1] @ W))
    return [float(level.std()) for level in levels[1:]]


@right("stack_stds", "the std written out")
def _(x, weights, nonlinearity):
    stds, h = [], x
    for i in range(len(weights)):
        h = torch.matmul(h, weights[i])
        h = NONLINEARITIES[nonlinearity](h)
        off = h - h.mean()
        variance = (off * off).sum() / (h.numel() - 1)
        stds.append(math.sqrt(variance.item()))
    return stds


@wrong("residual_stack", "an inner function that goes down to x")
def _(x, weights, scale):
    def level(n):
        if n == 0:
            return x
        before = level(n - 1)
        return before + scale * torch.tanh(before @ weights[n - 1])

    return [level(n) for n in range(len(weights) + 1)]


@wrong("residual_stack", "reduced from x on, for each depth")
def _(x, weights, scale):
    from functools import reduce

    def block(h, W):
        return h + scale * torch.tanh(h @ W)

    return [reduce(block, weights[:n], x) for n in range(len(weights) + 1)]


@right("residual_stack", "recursion over the list")
def _(x, weights, scale):
    if len(weights) == 0:
        return [x]
    inside = x @ weights[0]
    return [x, *residual_stack(x + scale * torch.tanh(inside), weights[1:], scale)]


@right("residual_stack", "accumulate")
def _(x, weights, scale):
    import itertools

    return list(
        itertools.accumulate(weights, lambda h, W: h + scale * torch.tanh(h @ W), initial=x)
    )
