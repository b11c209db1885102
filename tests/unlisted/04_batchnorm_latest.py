"""Solutions of 04 that come from the texts alone: see test_unlisted.py, which parses this file."""


# ------------------------------------------------------------------ 1 initial loss
@wrong("expected_loss", "log2: bits")
def _(vocab_size):
    return math.log2(vocab_size)


@wrong("expected_loss", "a tensor")
def _(vocab_size):
    return -torch.tensor(1.0 / vocab_size).log()


@wrong("loss_at_scale", "targets are drawn first")
def _(scale, vocab_size, n, g):
    targets = torch.randint(0, vocab_size, (n,), generator=g)
    logits = scale * torch.randn(n, vocab_size, generator=g)
    return F.cross_entropy(logits, targets).item()


@wrong("loss_at_scale", "the most likely character is the target")
def _(scale, vocab_size, n, g):
    logits = torch.randn(n, vocab_size, generator=g) * scale
    torch.randint(0, vocab_size, (n,), generator=g)
    return F.cross_entropy(logits, logits.argmax(1)).item()


@right("loss_at_scale", "logsumexp minus the target's logit")
def _(scale, vocab_size, n, g):
    logits = torch.randn(n, vocab_size, generator=g) * scale
    targets = torch.randint(0, vocab_size, (n,), generator=g)
    chosen = logits.gather(1, targets[:, None]).squeeze(1)
    return float((logits.logsumexp(1) - chosen).mean())


@wrong("init_output", "the default scale in any case")
def _(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(n_hidden, vocab_size, generator=g) * 0.01, torch.zeros(vocab_size)


@wrong("init_output", "b2 as small as W2, not zero")
def _(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * scale
    return W2, torch.randn(vocab_size, generator=g) * scale


# ------------------------------------------------------------------ 2 initialization
@wrong("tanh_local_gradient", "takes h for x: tanh once more")
def _(h):
    return 1 - torch.tanh(h) ** 2


@right("tanh_local_gradient", "(1 - h)(1 + h)")
def _(h):
    return (1 - h) * (1 + h)


@wrong("saturated", "exactly at the threshold counts too")
def _(h, threshold=0.97):
    return torch.logical_or(h >= threshold, h <= -threshold)


@wrong("fraction_saturated", "the share of neurons with any saturated example")
def _(h, threshold=0.97):
    return (h.abs() > threshold).any(0).float().mean().item()


@wrong("fraction_saturated", "percent")
def _(h, threshold=0.97):
    return 100.0 * (h.abs() > threshold).float().mean().item()


@wrong("dead_neurons", "the mean activation is beyond the threshold")
def _(h, threshold=0.97):
    # saturated at 1 for one example and at -1 for another is dead, too
    return h.mean(0).abs() > threshold


@wrong("dead_neurons", "over the neurons: one answer per example")
def _(h, threshold=0.97):
    return (h.abs() > threshold).all(dim=1)


@right("dead_neurons", "the smallest size of each column")
def _(h, threshold=0.97):
    return h.abs().amin(dim=0).gt(threshold)


@wrong("calculate_gain", "1 for anything unknown")
def _(nonlinearity):
    return {"tanh": 5 / 3, "relu": math.sqrt(2)}.get(nonlinearity, 1)


@wrong("calculate_gain", "a KeyError for unknown ones")
def _(nonlinearity):
    return {"linear": 1.0, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]


@right("calculate_gain", "match")
def _(nonlinearity):
    match nonlinearity:
        case "linear":
            return 1
        case "tanh":
            return 5 / 3
        case "relu":
            return math.sqrt(2)
    raise ValueError(nonlinearity)


@wrong("kaiming_init", "the mean of fan_in and fan_out (Xavier)")
def _(fan_in, fan_out, nonlinearity, g):
    W = torch.randn(fan_in, fan_out, generator=g)
    return W * calculate_gain(nonlinearity) / math.sqrt((fan_in + fan_out) / 2)


@wrong("kaiming_init", "the gain's square under the root of fan_in only for relu (gain 2)")
def _(fan_in, fan_out, nonlinearity, g):
    gain = 2 if nonlinearity == "relu" else calculate_gain(nonlinearity)
    return torch.randn(fan_in, fan_out, generator=g) * gain / fan_in**0.5


@wrong("stack_stds", "each layer gets the first input")
def _(x, weights, nonlinearity):
    return [NONLINEARITIES[nonlinearity](x @ W).std().item() for W in weights]


@wrong("stack_stds", "the mean of the columns' stds")
def _(x, weights, nonlinearity):
    stds = []
    for W in weights:
        x = NONLINEARITIES[nonlinearity](x @ W)
        stds.append(x.std(0, unbiased=len(x) > 1).mean().item())
    return stds


@wrong("factor_per_layer", "the mean of the factors")
def _(stds):
    factors = [b / a for a, b in zip(stds, stds[1:])]
    return sum(factors) / len(factors)


@right("factor_per_layer", "the geometric mean of the steps")
def _(stds):
    logs = [math.log(b) - math.log(a) for a, b in zip(stds, stds[1:])]
    return math.exp(sum(logs) / len(logs))


# ------------------------------------------------------------------ 3 batchnorm
@wrong("batch_stats", "the mean divides by n - correction, too")
def _(x, correction):
    n = len(x) - correction
    mean = x.sum(0) / n
    return mean, ((x - x.mean(0)) ** 2).sum(0) / n


@right("batch_stats", "mean of squares minus square of mean")
def _(x, correction):
    # far from 0 the digits cancel; equal up to rounding only for small numbers
    n = len(x)
    mean = x.mean(0)
    return mean, ((x**2).mean(0) - mean**2) * n / (n - correction)


@right("batch_stats", "torch.var_mean")
def _(x, correction):
    var, mean = torch.var_mean(x, dim=0, correction=correction)
    return mean, var


@wrong("batchnorm", "eps outside the root")
def _(x, gain, bias, eps=1e-5, correction=0):
    mean, var = batch_stats(x, correction)
    return gain * (x - mean) / (var.sqrt() + eps) + bias


@wrong("batchnorm", "mean and variance are constants for the gradient")
def _(x, gain, bias, eps=1e-5, correction=0):
    with torch.no_grad():
        mean, var = batch_stats(x, correction)
    return (x - mean) * torch.rsqrt(var + eps) * gain + bias


@right("batchnorm", "addcmul and rsqrt")
def _(x, gain, bias, eps=1e-5, correction=0):
    centered = x - x.mean(dim=0, keepdim=True)
    var = centered.square().sum(0) / (x.shape[0] - correction)
    return torch.addcmul(bias, centered * torch.rsqrt(var + eps), gain)


@wrong("update_running", "the share of the old is momentum")
def _(running_mean, running_var, x, momentum=0.1):
    x = x.detach()
    return (
        momentum * running_mean + (1 - momentum) * x.mean(0),
        momentum * running_var + (1 - momentum) * x.var(0),
    )


@wrong("update_running", "the running variance of the difference to the running mean")
def _(running_mean, running_var, x, momentum=0.1):
    x = x.detach()
    mean = (1 - momentum) * running_mean + momentum * x.mean(0)
    spread = ((x - mean) ** 2).sum(0) / (len(x) - 1)
    return mean, (1 - momentum) * running_var + momentum * spread


@right("update_running", "lerp")
def _(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        mean, var = batch_stats(x, 1)
        return torch.lerp(running_mean, mean, momentum), torch.lerp(running_var, var, momentum)


@wrong("which_corrections", "assumes running_var is 1 before")
def _(norm, x):
    n = len(x)
    y = norm(x).detach()
    divides = int(y.std(0, unbiased=True).mean() < 1 + 0.5 * ((n / (n - 1)) ** 0.5 - 1))
    new = norm.running_var
    var = (new - (1 - norm.momentum)) / norm.momentum
    biased, unbiased = x.var(0, unbiased=False), x.var(0, unbiased=True)
    return divides, int((var - unbiased).abs().sum() < (var - biased).abs().sum())


@wrong("which_corrections", "keeps the old running_var by reference")
def _(norm, x):
    # "Whether it is a new tensor then, or the old one with new numbers, is the layer's own affair."
    old = norm.running_var
    y = norm(x).detach()
    n, m = len(x), norm.momentum
    divides = int(
        (y.var(0, unbiased=True).mean() - 1).abs() < (y.var(0, unbiased=False).mean() - 1).abs()
    )
    stored = (norm.running_var - (1 - m) * old) / m
    biased, unbiased = x.var(0, unbiased=False), x.var(0)
    return divides, int((stored - unbiased).abs().sum() < (stored - biased).abs().sum())


@right("which_corrections", "closest candidate, in float64")
def _(norm, x):
    before = norm.running_var.detach().clone().double()
    y = norm(x).detach().double()
    after, m, z = norm.running_var.detach().double(), norm.momentum, x.double()
    variances = [z.var(0, correction=c) for c in (0, 1)]
    shown = [(((z - z.mean(0)) / v.sqrt()) - y).abs().sum().item() for v in variances]
    kept = [((1 - m) * before + m * v - after).abs().sum().item() for v in variances]
    return shown.index(min(shown)), kept.index(min(kept))


@wrong("batchnorm_eval", "running_var taken for a std")
def _(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + eps) + bias


@right("batchnorm_eval", "one scale and one shift")
def _(x, running_mean, running_var, gain, bias, eps=1e-5):
    scale = gain / torch.sqrt(running_var + eps)
    return x * scale + (bias - running_mean * scale)


# ------------------------------------------------------------------ 4 network
@wrong("bias_gradient", "the gradient of x, not summed")
def _(function, x, b1, dout):
    z = (x + b1).detach().requires_grad_()
    (function(z) * dout).sum().backward()
    return z.grad


@wrong("bias_gradient", "the mean of the product, not the sum")
def _(function, x, b1, dout):
    b = b1.clone().requires_grad_()
    (function(x + b) * dout).mean().backward()
    return b.grad


@wrong("mlp_forward", "eval mode normalizes by the batch if there is more than one example")
def _(p, Xb, training, momentum=0.1, eps=1e-5):
    hprebn = p.C[Xb].view(len(Xb), -1) @ p.W1
    if training:
        p.running_mean, p.running_var = update_running(
            p.running_mean, p.running_var, hprebn, momentum
        )
    if training or len(Xb) > 1:
        hpreact = batchnorm(hprebn, p.bngain, p.bnbias, eps)
    else:
        hpreact = batchnorm_eval(hprebn, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)
    return torch.tanh(hpreact) @ p.W2 + p.b2


@wrong("mlp_forward", "updates in eval mode as well")
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


@wrong("calibrate", "the variance of 1000 examples at a time, averaged")
def _(p, X):
    # "over all N examples at once"
    with torch.no_grad():
        h = p.C[X].flatten(1) @ p.W1
        pieces = h.split(max(2, len(h) // 2)) if len(h) > 3 else (h,)
        var = torch.stack([q.var(0) for q in pieces if len(q) > 1]).mean(0)
        return h.mean(0), var


@right("calibrate", "inference of the graph, then detach")
def _(p, X):
    hprebn = torch.einsum("nf,fh->nh", p.C[X].reshape(X.shape[0], -1), p.W1).detach()
    return tuple(reversed(torch.var_mean(hprebn, dim=0)))


# ------------------------------------------------------------------ 5 layers
@wrong("linear", "parameters lists the None of a missing bias")
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
        return [self.weight, self.bias]


@wrong("linear", "adds the bias in place to an out that is kept, and returns a copy")
class _:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = torch.randn((fan_in, fan_out), generator=generator) * fan_in**-0.5
        self.bias = torch.zeros(fan_out) if bias else None

    def __call__(self, x):
        out = x @ self.weight
        if self.bias is not None:
            out = out + self.bias
        self.out = out
        return out.clone()

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


@wrong("tanh", "in place")
class _:
    def __call__(self, x):
        self.out = torch.tanh_(x)
        return self.out

    def parameters(self):
        return []


@wrong("tanh", "out is detached")
class _:
    def __call__(self, x):
        y = torch.tanh(x)
        self.out = y.detach()
        return y

    def parameters(self):
        return []


@right("tanh", "a chain of assignment, () turned into a list")
class _:
    def __call__(self, x):
        self.out = out = x.tanh()
        return out

    def parameters(self) -> list:
        return list()


@wrong("batchnorm_holds", "gamma and beta in each other's place")
class _:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma, self.beta = torch.ones(dim), torch.zeros(dim)
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)

    def parameters(self):
        return [self.beta, self.gamma]


@wrong("batchnorm_holds", "one tensor of ones for gamma and running_var")
class _:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        # gamma learns in place; running_var must not move along
        self.eps, self.momentum, self.training = eps, momentum, True
        self.gamma = self.running_var = torch.ones(dim)
        self.beta = self.running_mean = torch.zeros(dim)

    def parameters(self):
        return [self.gamma, self.beta]


@wrong("batchnorm_update", "the biased variance")
class _:
    def update(self, x):
        with torch.no_grad():
            m = self.momentum
            self.running_mean = (1 - m) * self.running_mean + m * x.mean(0)
            self.running_var = (1 - m) * self.running_var + m * x.var(0, unbiased=False)


@wrong("batchnorm_update", "0.1 fixed")
class _:
    def update(self, x):
        with torch.no_grad():
            self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(0)
            self.running_var = 0.9 * self.running_var + 0.1 * x.var(0)


@right("batchnorm_update", "lerp_ in place")
class _:
    @torch.no_grad()
    def update(self, x):
        for kept, new in ((self.running_mean, x.mean(0)), (self.running_var, x.var(0))):
            kept.lerp_(new, self.momentum)


@wrong("batchnorm_call", "updates first and normalizes by the running statistics")
class _:
    def __call__(self, x):
        if self.training:
            self.update(x)
        mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


@wrong("batchnorm_call", "out without gamma and beta")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, unbiased=False)
            self.update(x)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = (x - mean) / torch.sqrt(var + self.eps)
        return self.gamma * self.out + self.beta


@right("batchnorm_call", "F.batch_norm")
class _:
    def __call__(self, x):
        if self.training:
            self.out = F.batch_norm(x, None, None, self.gamma, self.beta, True, 0.0, self.eps)
            self.update(x)
            return self.out
        self.out = F.batch_norm(
            x, self.running_mean, self.running_var, self.gamma, self.beta, False, 0.0, self.eps
        )
        return self.out


# ------------------------------------------------------------------ 6 deep
@wrong("build_layers", "a tanh behind the last layer, too")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers.append(Linear(a, b, bias=not batchnorm, generator=generator))
        if batchnorm:
            layers.append(BatchNorm1d(b))
        layers.append(Tanh())
    with torch.no_grad():
        for layer in layers[:-3] if batchnorm else layers[:-2]:
            if isinstance(layer, Linear):
                layer.weight *= gain
        if batchnorm:
            layers[-2].gamma *= 0.1
        else:
            layers[-2].weight *= 0.1
    return layers


@wrong("build_layers", "the last weight times 0.1 with BatchNorm as well, gamma as it is")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        last = i == len(sizes) - 2
        linear = Linear(a, b, bias=not batchnorm, generator=generator)
        with torch.no_grad():
            linear.weight *= 0.1 if last else gain
        layers.append(linear)
        if batchnorm:
            layers.append(BatchNorm1d(b))
        if not last:
            layers.append(Tanh())
    return layers


@right("build_layers", "hidden layers in a loop, the last by hand")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    *hidden, n_out = sizes[1:]
    layers, n_in = [], sizes[0]
    for n in hidden:
        linear = Linear(n_in, n, generator=generator)
        linear.weight = linear.weight.detach() * gain
        layers += [linear, BatchNorm1d(n), Tanh()] if batchnorm else [linear, Tanh()]
        n_in = n
    layers.append(Linear(n_in, n_out, generator=generator))
    if batchnorm:
        layers.append(BatchNorm1d(n_out))
        layers[-1].gamma = layers[-1].gamma * 0.1
    else:
        layers[-1].weight = layers[-1].weight * 0.1
    return layers


@wrong("forward", "sums the embeddings of a context")
def _(C, layers, Xb):
    x = C[Xb].sum(1)
    for layer in layers:
        x = layer(x)
    return x


@wrong("all_parameters", "clones")
def _(C, layers):
    return [p.clone() for p in [C] + [q for layer in layers for q in layer.parameters()]]


@wrong("set_training", "only the first BatchNorm1d")
def _(layers, mode):
    for layer in layers:
        if isinstance(layer, BatchNorm1d):
            layer.training = mode
            return


@wrong("set_training", "toggles")
def _(layers, mode):
    for layer in layers:
        if hasattr(layer, "training"):
            layer.training = not layer.training


# ------------------------------------------------------------------ 7 diagnostics
@wrong("activation_stats", "percent of outputs above the threshold, not below minus it")
def _(h, threshold=0.97):
    return h.mean().item(), h.std().item(), (h > threshold).float().mean().item() * 100


@wrong("activation_stats", "a fraction")
def _(h, threshold=0.97):
    return h.mean().item(), h.std().item(), (h.abs() > threshold).float().mean().item()


@wrong("histogram", "counts divided by their number only")
def _(t, bins):
    t = t.detach().flatten()
    low, high = t.min().item(), t.max().item()
    counts = torch.histc(t, bins, low, high)
    width = (high - low) / bins
    centers = low + width * (torch.arange(bins, dtype=t.dtype) + 0.5)
    return centers, counts / counts.sum()


@right("histogram", "in float64, a bin number per element")
def _(t, bins):
    x = t.detach().double().flatten()
    low, high = x.min(), x.max()
    width = (high - low) / bins
    where = ((x - low) / width).long().clamp(max=bins - 1)
    counts = torch.bincount(where, minlength=bins).double()
    centers = low + (torch.arange(bins).double() + 0.5) * width
    return centers.to(t.dtype), (counts / (x.numel() * width)).to(t.dtype)


@wrong("output_gradients", "retain_grad and backward: the parameters' grad is filled")
def _(loss, outs):
    for out in outs:
        out.retain_grad()
    loss.backward(retain_graph=True)
    return [out.grad for out in outs]


@wrong("grad_data_ratio", "mean sizes in place of stds")
def _(p):
    return (p.grad.abs().mean() / p.detach().abs().mean()).item()


@wrong("update_data_ratios", "natural logarithm")
def _(parameters, lr):
    return [math.log(lr * p.grad.std().item() / p.std().item()) for p in parameters if p.ndim == 2]


@wrong("update_data_ratios", "everything but vectors: three dimensions count, too")
def _(parameters, lr):
    return [(lr * p.grad.std() / p.std()).log10().item() for p in parameters if p.ndim >= 2]


# ------------------------------------------------------------------ 8 exercises
@wrong("who_learns", "the sum of the gradient is not zero")
def _(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    return [name for name, g in zip(params, grads) if g is not None and g.sum() != 0]


@wrong("who_learns", "all with a gradient, zero or not")
def _(params, loss_fn):
    for p in params.values():
        p.grad = None
    loss_fn(params).backward()
    return [name for name, p in params.items() if p.grad is not None]


@right("who_learns", "autograd.grad, count_nonzero")
def _(params, loss_fn):
    names, tensors = zip(*params.items())
    grads = torch.autograd.grad(loss_fn(params), tensors, allow_unused=True)
    return [n for n, g in zip(names, grads) if g is not None and torch.count_nonzero(g)]


@wrong("unigram_loss", "the loss of equal shares among the characters that occur")
def _(Y, vocab_size):
    return torch.tensor(float(len(Y.unique()))).log().item()


@wrong("unigram_loss", "plus one smoothing")
def _(Y, vocab_size):
    counts = torch.bincount(Y, minlength=vocab_size).double() + 1
    shares = counts / counts.sum()
    return -shares[Y].log().mean().item()


@wrong("distinct_neurons", "rows")
def _(W):
    return len(torch.unique(W.detach(), dim=0))


@wrong("distinct_neurons", "rounded to six decimals")
def _(W):
    return len({tuple(round(x, 6) for x in column) for column in W.T.tolist()})


@wrong("fold_batchnorm", "scales the rows of W")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / torch.sqrt(running_var + eps)
    b = torch.zeros_like(beta) if b is None else b
    W2 = W * scale.unsqueeze(1) if W.shape[0] == W.shape[1] else W * scale
    return W2, (b - running_mean) * scale + beta


@wrong("fold_batchnorm", "the bias is not scaled")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    scale = gamma / torch.sqrt(running_var + eps)
    return W * scale, (0 if b is None else b) - running_mean * scale + beta


@right("fold_batchnorm", "measures the function: at zero and at the unit vectors")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    def both(x):
        x = x @ W if b is None else x @ W + b
        return gamma * (x - running_mean) / (running_var + eps) ** 0.5 + beta

    b2 = both(torch.zeros(W.shape[0], dtype=W.dtype))
    return W @ torch.diag(gamma / (running_var + eps) ** 0.5), b2


# ------------------------------------------------------------------ 9 deeper
@wrong("residual_stack", "scale times the whole block, the input too")
def _(x, weights, scale):
    out = [x]
    for W in weights:
        out.append(scale * (out[-1] + torch.tanh(out[-1] @ W)))
    return out


@wrong("residual_stack", "adds x itself at every block, not the block's input")
def _(x, weights, scale):
    out, h = [x], x
    for W in weights:
        h = x + scale * torch.tanh(h @ W)
        out.append(h)
    return out


@wrong("adam_step", "no bias correction of the second average")
def _(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    state["t"] = state.get("t", 0) + 1
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * grad
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * grad**2
    with torch.no_grad():
        p -= lr * state["m"] / (1 - b1 ** state["t"]) / (state["v"].sqrt() + eps)


@wrong("adam_step", "eps inside the root")
def _(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    b1, b2 = betas
    state["t"] = t = state.get("t", 0) + 1
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * grad
    state["v"] = b2 * state.get("v", 0) + (1 - b2) * grad**2
    with torch.no_grad():
        p -= lr * (state["m"] / (1 - b1**t)) / (state["v"] / (1 - b2**t) + eps).sqrt()


@wrong("adam_step", "keeps the gradient itself as first average, and changes it in the second step")
def _(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    # "grad: ... stays as it is"
    b1, b2 = betas
    if not state:
        state.update(t=0, m=grad, v=torch.zeros_like(grad))
        state["v"] += (1 - b2) * grad * grad
        state["m"].mul_(1 - b1)
    else:
        state["m"].mul_(b1).add_(grad, alpha=1 - b1)
        state["v"].mul_(b2).addcmul_(grad, grad, value=1 - b2)
    state["t"] += 1
    with torch.no_grad():
        p -= (
            lr
            * (state["m"] / (1 - b1 ** state["t"]))
            / ((state["v"] / (1 - b2 ** state["t"])).sqrt() + eps)
        )


@right("adam_step", "lerp_ and addcdiv_")
def _(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    if "step" not in state:
        state["step"], state["avg"], state["sq"] = 0, torch.zeros_like(grad), torch.zeros_like(grad)
    state["step"] += 1
    state["avg"].lerp_(grad, 1 - betas[0])
    state["sq"].mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    root = (state["sq"] / (1 - betas[1] ** state["step"])).sqrt_().add_(eps)
    p.data.addcdiv_(state["avg"], root, value=-lr / (1 - betas[0] ** state["step"]))


# ------------------------------------------------------------------ more right ones
@right("expected_loss", "from the probability")
def _(vocab_size):
    return -math.log(1 / vocab_size)


@right("init_output", "scaled in place")
def _(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.randn((n_hidden, vocab_size), generator=g)
    W2 *= scale
    return W2, W2.new_zeros(vocab_size)


@right("saturated", "two comparisons")
def _(h, threshold=0.97):
    return (h > threshold) | (h < -threshold)


@right("fraction_saturated", "counted")
def _(h, threshold=0.97):
    return torch.count_nonzero(saturated(h, threshold)).item() / h.numel()


@right("kaiming_init", "torch's own: std times a standard normal")
def _(fan_in, fan_out, nonlinearity, g):
    std = calculate_gain(nonlinearity) / math.sqrt(fan_in)
    return std * torch.randn(fan_in, fan_out, generator=g)


@right("stack_stds", "by the formula, in float64 at the end")
def _(x, weights, nonlinearity):
    f, stds = NONLINEARITIES[nonlinearity], []
    for W in weights:
        x = f(torch.matmul(x, W))
        z = x.detach().double()
        stds.append(math.sqrt(((z - z.mean()) ** 2).sum().item() / (z.numel() - 1)))
    return stds


@right("bias_gradient", "torch.autograd.grad")
def _(function, x, b1, dout):
    b = b1.detach().clone().requires_grad_(True)
    return torch.autograd.grad(function(x + b), b, grad_outputs=dout)[0]


@right("mlp_forward", "F.batch_norm for both modes, update by the given function")
def _(p, Xb, training, momentum=0.1, eps=1e-5):
    h = p.C[Xb].flatten(1) @ p.W1
    if training:
        normal = batchnorm(h, p.bngain, p.bnbias, eps=eps)
        p.running_mean, p.running_var = update_running(p.running_mean, p.running_var, h, momentum)
    else:
        normal = F.batch_norm(h, p.running_mean, p.running_var, p.bngain, p.bnbias, False, 0.0, eps)
    return F.linear(normal.tanh(), p.W2.T, p.b2)


@right("linear", "requires a gradient from the start, addmm")
class _:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        w = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.weight = w.requires_grad_()
        self.bias = torch.zeros(fan_out, requires_grad=True) if bias else None

    def __call__(self, x):
        if self.bias is None:
            self.out = torch.mm(x, self.weight)
        else:
            self.out = torch.addmm(self.bias, x, self.weight)
        return self.out

    def parameters(self):
        return [t for t in (self.weight, self.bias) if t is not None]


@right("batchnorm_holds", "full and new_zeros")
class _:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.training = True
        self.momentum = momentum
        self.eps = eps
        for name, number in {
            "gamma": 1.0,
            "beta": 0.0,
            "running_mean": 0.0,
            "running_var": 1.0,
        }.items():
            setattr(self, name, torch.full((dim,), number))

    def parameters(self):
        return [getattr(self, name) for name in ("gamma", "beta")]


@right("forward", "functools.reduce by a loop, F.embedding")
def _(C, layers, Xb):
    n, block = Xb.shape
    x = F.embedding(Xb, C).reshape(n, block * C.shape[1])
    for layer in layers:
        x = layer(x)
    return x


@right("set_training", "duck typing")
def _(layers, mode):
    for layer in layers:
        layer.training = mode


@right("activation_stats", "by hand in float64")
def _(h, threshold=0.97):
    z = h.detach().double().flatten()
    mean = z.mean()
    std = ((z - mean).square().sum() / (len(z) - 1)).sqrt()
    return mean.item(), std.item(), 100 * (h.detach().abs() > threshold).sum().item() / len(z)


@right("output_gradients", "autograd.grad, retaining the graph")
def _(loss, outs):
    return [torch.autograd.grad(loss, out, retain_graph=True)[0] for out in outs]


@right("update_data_ratios", "difference of logarithms")
def _(parameters, lr):
    return [
        math.log10(lr) + math.log10(p.grad.std().item()) - math.log10(p.detach().std().item())
        for p in parameters
        if len(p.shape) == 2
    ]


@right("unigram_loss", "torch.distributions-free: Counter of the shares")
def _(Y, vocab_size):
    _, counts = Y.unique(return_counts=True)
    shares = counts.double() / len(Y)
    return torch.special.entr(shares).sum().item()


@right("distinct_neurons", "a set of tuples")
def _(W):
    return len(set(map(tuple, W.detach().T.tolist())))


@right("residual_stack", "levels[-1] in a loop, addmm-free")
def _(x, weights, scale):
    levels = [x.clone()]
    for W in weights:
        block_in = levels[-1]
        levels.append(torch.add(block_in, (block_in @ W).tanh(), alpha=scale))
    return levels
