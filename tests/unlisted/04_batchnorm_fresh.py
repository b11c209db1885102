# ---- part 1: initial loss


@wrong("loss_at_scale", "draws the targets before the logits")
def _(scale, vocab_size, n, g):
    targets = torch.randint(0, vocab_size, (n,), generator=g)
    logits = scale * torch.randn(n, vocab_size, generator=g)
    return F.cross_entropy(logits, targets).item()


@wrong("loss_at_scale", "exp without subtracting the maximum: inf / inf at a scale of 100")
def _(scale, vocab_size, n, g):
    counts = (scale * torch.randn(n, vocab_size, generator=g)).exp()
    targets = torch.randint(0, vocab_size, (n,), generator=g)
    probs = counts / counts.sum(1, keepdim=True)
    return -probs[torch.arange(n), targets].log().mean().item()


@right("loss_at_scale", "float64 inside, logsumexp minus the targets picked row by row")
def _(scale, vocab_size, n, g):
    logits = torch.randn(n, vocab_size, generator=g).mul(scale)
    targets = torch.randint(0, vocab_size, (n,), generator=g)
    wide = logits.double()
    right_ones = torch.stack([row[t] for row, t in zip(wide, targets.tolist())])
    return float((torch.logsumexp(wide, 1) - right_ones).sum() / n)


# ---- part 2: initialization


@wrong("saturated", "at the threshold counts as saturated")
def _(h, threshold=0.97):
    return h.abs() >= threshold


@wrong(
    "dead_neurons", "looks at the mean of |h|: a neuron that is just above on average is not dead"
)
def _(h, threshold=0.97):
    return h.abs().mean(0) > threshold


@wrong("calculate_gain", "a KeyError for other text instead of a ValueError")
def _(nonlinearity):
    return {"linear": 1.0, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]


@right("dead_neurons", "the smallest |h| of each column decides")
def _(h, threshold=0.97):
    return torch.gt(h.abs().amin(dim=0), threshold)


@right("calculate_gain", "a match statement")
def _(nonlinearity):
    match nonlinearity:
        case "linear":
            return 1
        case "tanh":
            return 5 / 3
        case "relu":
            return math.sqrt(2)
    raise ValueError(f"unknown nonlinearity: {nonlinearity!r}")


# ---- part 3: batchnorm


@wrong("update_running", "momentum is the share of the old statistics, not of the new batch")
def _(running_mean, running_var, x, momentum=0.1):
    x = x.detach()
    mean, var = x.mean(0), x.var(0)
    return momentum * running_mean + (1 - momentum) * mean, momentum * running_var + (
        1 - momentum
    ) * var


@wrong("which_corrections", "reads running_var as if it had been 1 before")
def _(norm, x):
    y = norm(x)
    biased, unbiased = x.var(0, correction=0), x.var(0, correction=1)
    candidates = [(x - x.mean(0)) / (v + norm.eps).sqrt() for v in (biased, unbiased)]
    divides = min((0, 1), key=lambda i: (y - candidates[i]).abs().sum().item())
    seen = (norm.running_var - (1 - norm.momentum)) / norm.momentum
    stores = min((0, 1), key=lambda i: (seen - (biased, unbiased)[i]).abs().sum().item())
    return divides, stores


@wrong("batchnorm_eval", "uses the statistics of x itself where there are at least two examples")
def _(x, running_mean, running_var, gain, bias, eps=1e-5):
    if len(x) > 1:
        running_mean, running_var = x.mean(0), x.var(0, correction=0)
    return gain * (x - running_mean) / torch.sqrt(running_var + eps) + bias


@right("batch_stats", "from the second moment of the centred columns, by einsum")
def _(x, correction):
    n = len(x)
    mean = torch.einsum("nh->h", x) / n
    centred = x - mean
    return mean, torch.einsum("nh,nh->h", centred, centred) / (n - correction)


@right("batchnorm", "gain over root folded into one scale, addcmul")
def _(x, gain, bias, eps=1e-5, correction=0):
    mean, var = batch_stats(x, correction)
    scale = gain * torch.rsqrt(var + eps)
    return torch.addcmul(bias, x - mean, scale)


# ---- part 4: network


@wrong("bias_gradient", "switches requires_grad on for the bias it was given, and leaves it on")
def _(function, x, b1, dout):
    b1.requires_grad_()
    b1.grad = None
    (function(x + b1) * dout).sum().backward()
    return b1.grad


@wrong("mlp_forward", "the running statistics move in eval mode as well")
def _(p, Xb, training, momentum=0.1, eps=1e-5):
    hprebn = p.C[Xb].flatten(1) @ p.W1
    if training:
        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)
    else:
        hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)
    if len(Xb) > 1:
        p.running_mean, p.running_var = update_running(
            p.running_mean, p.running_var, hprebn, momentum
        )
    return torch.tanh(hpreact) @ p.W2 + p.b2


@wrong(
    "calibrate",
    "averages the variances of batches of 32, which misses what lies between their means",
)
def _(p, X):
    with torch.no_grad():
        pre = p.C[X].flatten(1) @ p.W1
        parts = [part for part in pre.split(32) if len(part) > 1]
        var = torch.stack([part.var(0) for part in parts]).mean(0)
        return pre.mean(0), var


@right("calibrate", "torch.var_mean on detached tensors")
def _(p, X):
    pre = F.embedding(X, p.C.detach()).reshape(X.shape[0], -1).matmul(p.W1.detach())
    var, mean = torch.var_mean(pre, dim=0, correction=1)
    return mean, var


# ---- part 5: layers


@wrong("linear", "a bias that is all zeros counts as no bias among the parameters")
class _:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [p for p in (self.weight, self.bias) if p is not None and bool((p != 0).any())]


@wrong("batchnorm_holds", "gamma is a row, (1, dim), not (dim,)")
class _:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = torch.ones(1, dim), torch.zeros(1, dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def parameters(self):
        return [self.gamma, self.beta]


@wrong("batchnorm_update", "the graph of the batch stays attached to the running statistics")
class _:
    def update(self, x):
        m = self.momentum
        self.running_mean = (1 - m) * self.running_mean + m * x.mean(0)
        self.running_var = (1 - m) * self.running_var + m * x.var(0)


@wrong(
    "batchnorm_call",
    "normalizes by the running statistics after it updated them, in training mode too",
)
class _:
    def __call__(self, x):
        if self.training:
            self.update(x)
        scale = self.gamma / torch.sqrt(self.running_var + self.eps)
        self.out = scale * (x - self.running_mean) + self.beta
        return self.out


@right("linear", "torch.addmm with a bias, matmul without one; parameters by filter")
class _:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn(fan_in, fan_out, generator=generator).div(fan_in**0.5)
        self.bias = None if not bias else torch.zeros((fan_out,), dtype=torch.float32)

    def __call__(self, x):
        match self.bias:
            case None:
                y = torch.matmul(x, self.weight)
            case bias:
                y = torch.addmm(bias, x, self.weight)
        self.out = y
        return y

    def parameters(self):
        return list(filter(lambda p: p is not None, (self.weight, self.bias)))


@right("batchnorm_call", "F.batch_norm on copies for the numbers, self.update for the statistics")
class _:
    def __call__(self, x):
        if self.training:
            y = F.batch_norm(x, None, None, self.gamma, self.beta, training=True, eps=self.eps)
            self.update(x)
        else:
            stats = self.running_mean, self.running_var
            y = F.batch_norm(x, *stats, self.gamma, self.beta, training=False, eps=self.eps)
        self.out = y
        return y


# ---- part 6: deep


@wrong("build_layers", "without BatchNorm the last weight is not made small")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(sizes, sizes[1:])):
        last = i == len(sizes) - 2
        linear = Linear(fan_in, fan_out, bias=not batchnorm, generator=generator)
        if not last:
            linear.weight *= gain
        layers.append(linear)
        if batchnorm:
            layers.append(BatchNorm1d(fan_out))
        if not last:
            layers.append(Tanh())
    if batchnorm:
        layers[-1].gamma *= 0.1
    return layers


@wrong("build_layers", "the gain goes into the last Linear as well")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for fan_in, fan_out in zip(sizes, sizes[1:]):
        linear = Linear(fan_in, fan_out, bias=not batchnorm, generator=generator)
        linear.weight = linear.weight * gain
        layers += [linear, BatchNorm1d(fan_out), Tanh()] if batchnorm else [linear, Tanh()]
    layers.pop()
    if batchnorm:
        layers[-1].gamma = layers[-1].gamma * 0.1
    else:
        layers[-1].weight = layers[-1].weight * 0.1
    return layers


@right("all_parameters", "itertools.chain")
def _(C, layers):
    from itertools import chain

    return [*chain((C,), chain.from_iterable(layer.parameters() for layer in layers))]


@right("forward", "functools.reduce, starting from F.embedding")
def _(C, layers, Xb):
    import functools

    start = F.embedding(Xb, C).reshape(Xb.shape[0], -1)
    return functools.reduce(lambda signal, layer: layer(signal), layers, start)


# ---- part 7: diagnostics


@wrong("output_gradients", "frees the graph: loss.backward() does not work afterwards")
def _(loss, outs):
    return list(torch.autograd.grad(loss, outs))


@right("activation_stats", "float64 with math.fsum over a plain list")
def _(h, threshold=0.97):
    values = h.detach().double().flatten().tolist()
    n = len(values)
    mean = math.fsum(values) / n
    std = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    limit = torch.tensor(threshold, dtype=h.dtype)
    loud = int(torch.count_nonzero(h.detach().abs() > limit))
    return mean, std, 100.0 * loud / n


@right(
    "update_data_ratios",
    "difference of logarithms; matrices are picked by unpacking the shape in a match",
)
def _(parameters, lr):
    ratios = []
    for p in parameters:
        match tuple(p.shape):
            case (_rows, _columns):
                update, data = p.grad.double().std().item(), p.detach().double().std().item()
                ratios.append(math.log10(lr) + math.log10(update) - math.log10(data))
    return ratios


# ---- parts 8 and 9: exercises, deeper


@wrong("who_learns", "what was in .grad before counts, as it is never cleared")
def _(params, loss_fn):
    loss_fn(params).backward()
    return [name for name, p in params.items() if p.grad is not None and bool((p.grad != 0).any())]


@wrong("distinct_neurons", "counts different rows instead of columns")
def _(W):
    return len(torch.unique(W.detach(), dim=0))


@wrong("fold_batchnorm", "fails where the layer has no bias: b is None")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / (running_var + eps).sqrt()
    return W * scale, (b - running_mean) * scale + beta


@wrong("adam_step", "the step number is a global one: all parameters count in the same one")
def _(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    clock = globals().setdefault("_adam_clock", [0])
    clock[0] += 1
    b1, b2 = betas
    with torch.no_grad():
        state["m"] = b1 * state.get("m", torch.zeros_like(p)) + (1 - b1) * grad
        state["v"] = b2 * state.get("v", torch.zeros_like(p)) + (1 - b2) * grad * grad
        m = state["m"] / (1 - b1 ** clock[0])
        v = state["v"] / (1 - b2 ** clock[0])
        p -= lr * m / (v.sqrt() + eps)


@right("unigram_loss", "math.log over a Counter")
def _(Y, vocab_size):
    import math
    from collections import Counter

    shares = [n / len(Y) for n in Counter(Y.tolist()).values()]
    return math.fsum(share * math.log(1 / share) for share in shares)


@right("adam_step", "a small class in the state keeps the averages; addcdiv_ moves the data")
def _(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    class Moments:
        def __init__(self):
            self.steps, self.first, self.second = 0, torch.zeros_like(grad), torch.zeros_like(grad)

    kept = state["moments"] if "moments" in state else state.setdefault("moments", Moments())
    b1, b2 = betas
    with torch.no_grad():
        kept.steps += 1
        kept.first.mul_(b1).add_(grad, alpha=1 - b1)
        kept.second.mul_(b2).addcmul_(grad, grad, value=1 - b2)
        root = (kept.second / (1 - b2**kept.steps)).sqrt_().add_(eps)
        p.addcdiv_(kept.first, root, value=-lr / (1 - b1**kept.steps))
