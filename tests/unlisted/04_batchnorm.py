"""Solutions of 04 that no grader lists: see test_unlisted.py, which parses this file."""


# -- expected_loss --------------------------------------------------------------------------------


@right("expected_loss")
def _(vocab_size):
    return -math.log(1 / vocab_size)


@right("expected_loss")
def _(vocab_size):
    return float(torch.tensor(float(vocab_size)).log())


@right("expected_loss")
def _(vocab_size):
    return F.cross_entropy(torch.zeros(1, vocab_size), torch.tensor([0])).item()


# -- loss_at_scale --------------------------------------------------------------------------------


@right("loss_at_scale")
def _(scale, vocab_size, n, g):
    l = torch.randn((n, vocab_size), generator=g) * scale
    y = torch.randint(vocab_size, (n,), generator=g)
    return -F.log_softmax(l, 1)[torch.arange(n), y].mean().item()


@right("loss_at_scale")
def _(scale, vocab_size, n, g):
    l = scale * torch.randn(n, vocab_size, generator=g)
    y = torch.randint(0, vocab_size, (n,), generator=g)
    m = l.max(1, keepdim=True).values
    p = (l - m).exp()
    return float((p.sum(1).log() + m[:, 0] - l[range(n), y]).mean())


# -- init_output ----------------------------------------------------------------------------------


@right("init_output")
def _(n_hidden, vocab_size, g, scale=0.01):
    return (scale * torch.randn((n_hidden, vocab_size), generator=g), torch.zeros(vocab_size))


@right("init_output")
def _(n_hidden, vocab_size, g, scale=0.01):
    W = torch.empty(n_hidden, vocab_size).normal_(generator=g)
    return (W * scale, W.new_zeros(vocab_size))


# -- tanh_local_gradient --------------------------------------------------------------------------


@right("tanh_local_gradient")
def _(h):
    return (1 - h) * (1 + h)


@right("tanh_local_gradient")
def _(h):
    return 1 - h.square()


@right("tanh_local_gradient")
def _(h):
    return torch.addcmul(torch.ones_like(h), h, h, value=-1)


# -- saturated ------------------------------------------------------------------------------------


@right("saturated")
def _(h, threshold=0.97):
    return torch.abs(h).gt(threshold)


@right("saturated")
def _(h, threshold=0.97):
    return torch.logical_or(h > threshold, h < -threshold)


@right("saturated")
def _(h, threshold=0.97):
    return ~(h.abs() <= threshold)


# -- fraction_saturated ---------------------------------------------------------------------------


@right("fraction_saturated")
def _(h, threshold=0.97):
    s = h.abs() > threshold
    return s.sum().item() / s.numel()


@right("fraction_saturated")
def _(h, threshold=0.97):
    return float((h.abs() > threshold).float().mean())


@right("fraction_saturated")
def _(h, threshold=0.97):
    return sum((abs(x) > threshold for x in h.flatten().tolist())) / h.numel()


# -- dead_neurons ---------------------------------------------------------------------------------


@right("dead_neurons")
def _(h, threshold=0.97):
    return (h.abs() > threshold).sum(0) == len(h)


@right("dead_neurons")
def _(h, threshold=0.97):
    return torch.all(saturated(h, threshold), dim=0)


@right("dead_neurons")
def _(h, threshold=0.97):
    return h.abs().amin(0) > threshold


# -- calculate_gain -------------------------------------------------------------------------------


@right("calculate_gain")
def _(nonlinearity):
    match nonlinearity:
        case "linear":
            return 1
        case "tanh":
            return 5 / 3
        case "relu":
            return 2**0.5
    raise ValueError(nonlinearity)


@right("calculate_gain")
def _(nonlinearity):
    try:
        return dict(linear=1.0, tanh=5 / 3, relu=math.sqrt(2.0))[nonlinearity]
    except KeyError as e:
        raise ValueError("unknown") from e


# -- kaiming_init ---------------------------------------------------------------------------------


@right("kaiming_init")
def _(fan_in, fan_out, nonlinearity, g):
    return torch.randn((fan_in, fan_out), generator=g) * calculate_gain(nonlinearity) / fan_in**0.5


@right("kaiming_init")
def _(fan_in, fan_out, nonlinearity, g):
    return torch.randn(fan_in, fan_out, generator=g).mul_(
        calculate_gain(nonlinearity) * fan_in ** (-0.5)
    )


# -- stack_stds -----------------------------------------------------------------------------------


@right("stack_stds")
def _(x, weights, nonlinearity):
    f = NONLINEARITIES[nonlinearity]
    out = []
    for W in weights:
        x = f(torch.matmul(x, W))
        out.append(float(torch.std(x)))
    return out


@right("stack_stds")
def _(x, weights, nonlinearity):
    out = []
    for W in weights:
        x = NONLINEARITIES[nonlinearity](x @ W)
        out.append(x.var(correction=1).sqrt().item())
    return out


# -- factor_per_layer -----------------------------------------------------------------------------


@right("factor_per_layer")
def _(stds):
    return math.exp(math.log(stds[-1] / stds[0]) / (len(stds) - 1))


@right("factor_per_layer")
def _(stds):
    n = len(stds) - 1
    return math.pow(stds[-1] / stds[0], 1 / n)


@right("factor_per_layer")
def _(stds):
    import statistics

    return statistics.geometric_mean([b / a for a, b in zip(stds, stds[1:])])


# -- batch_stats ----------------------------------------------------------------------------------


@right("batch_stats")
def _(x, correction):
    return (x.mean(0), x.var(0, correction=correction))


@right("batch_stats")
def _(x, correction):
    m = x.sum(0) / len(x)
    d = x - m
    return (m, d.pow(2).sum(0) / (x.shape[0] - correction))


@right("batch_stats")
def _(x, correction):
    m = x.mean(dim=0)
    return (m, x.var(dim=0, unbiased=bool(correction)))


@right("batch_stats")
def _(x, correction):
    v, m = torch.var_mean(x, 0, correction=correction)
    return (m, v)


# -- batchnorm ------------------------------------------------------------------------------------


@right("batchnorm")
def _(x, gain, bias, eps=1e-05, correction=0):
    m, v = batch_stats(x, correction)
    return gain * ((x - m) * (v + eps) ** (-0.5)) + bias


@right("batchnorm")
def _(x, gain, bias, eps=1e-05, correction=0):
    m = x.mean(0, keepdim=True)
    v = x.var(0, keepdim=True, correction=correction)
    return gain * (x - m) / torch.sqrt(v + eps) + bias


@right("batchnorm")
def _(x, gain, bias, eps=1e-05, correction=0):
    m, v = batch_stats(x, correction)
    s = gain / torch.sqrt(v + eps)
    return x * s + (bias - m * s)


# -- update_running -------------------------------------------------------------------------------


@right("update_running")
def _(running_mean, running_var, x, momentum=0.1):
    x = x.detach()
    return (
        running_mean * (1 - momentum) + momentum * x.mean(0),
        running_var * (1 - momentum) + momentum * x.var(0),
    )


@right("update_running")
def _(running_mean, running_var, x, momentum=0.1):
    m, v = batch_stats(x.detach(), 1)
    return (torch.lerp(running_mean, m, momentum), torch.lerp(running_var, v, momentum))


@right("update_running")
def _(running_mean, running_var, x, momentum=0.1):
    a, b = (running_mean.clone(), running_var.clone())
    F.batch_norm(x.detach(), a, b, training=True, momentum=momentum)
    return (a, b)


# -- which_corrections ----------------------------------------------------------------------------


@right("which_corrections")
def _(norm, x):
    old = norm.running_var.detach().clone()
    y = norm(x).detach()
    n = len(x)
    d = (
        0
        if (y.var(0, correction=0) - 1).abs().mean() < (y.var(0, correction=1) - 1).abs().mean()
        else 1
    )
    got = (norm.running_var.detach() - (1 - norm.momentum) * old) / norm.momentum
    s = 0 if (got - x.var(0, correction=0)).abs().mean() < (got - x.var(0)).abs().mean() else 1
    return (d, s)


# -- batchnorm_eval -------------------------------------------------------------------------------


@right("batchnorm_eval")
def _(x, running_mean, running_var, gain, bias, eps=1e-05):
    return (x - running_mean) * torch.rsqrt(running_var + eps) * gain + bias


@right("batchnorm_eval")
def _(x, running_mean, running_var, gain, bias, eps=1e-05):
    return F.batch_norm(x, running_mean, running_var, gain, bias, training=False, eps=eps)


@right("batchnorm_eval")
def _(x, running_mean, running_var, gain, bias, eps=1e-05):
    s = gain / (running_var + eps) ** 0.5
    return torch.addcmul(bias - running_mean * s, x, s)


# -- bias_gradient --------------------------------------------------------------------------------


@right("bias_gradient")
def _(function, x, b1, dout):
    b = b1.clone().requires_grad_(True)
    (g,) = torch.autograd.grad(function(x + b), b, dout)
    return g


@right("bias_gradient")
def _(function, x, b1, dout):
    b = torch.nn.Parameter(b1.clone())
    (function(x + b) * dout).sum().backward()
    return b.grad


@right("bias_gradient")
def _(function, x, b1, dout):
    z = (x + b1).detach().requires_grad_()
    function(z).backward(dout)
    return z.grad.sum(0)


# -- mlp_forward ----------------------------------------------------------------------------------


@right("mlp_forward")
def _(p, Xb, training, momentum=0.1, eps=1e-05):
    z = p.C[Xb].flatten(1) @ p.W1
    if training:
        h = batchnorm(z, p.bngain, p.bnbias, eps)
        p.running_mean, p.running_var = update_running(
            p.running_mean, p.running_var, z.detach(), momentum
        )
    else:
        h = batchnorm_eval(z, p.running_mean, p.running_var, p.bngain, p.bnbias, eps)
    return h.tanh() @ p.W2 + p.b2


@right("mlp_forward")
def _(p, Xb, training, momentum=0.1, eps=1e-05):
    z = p.C[Xb].reshape(Xb.shape[0], -1) @ p.W1
    if training:
        with torch.no_grad():
            m, v = update_running(p.running_mean, p.running_var, z, momentum)
            p.running_mean, p.running_var = (m, v)
        mean, var = batch_stats(z, 0)
    else:
        mean, var = (p.running_mean, p.running_var)
    return torch.tanh(batchnorm_eval(z, mean, var, p.bngain, p.bnbias, eps)) @ p.W2 + p.b2


# -- calibrate ------------------------------------------------------------------------------------


@right("calibrate")
def _(p, X):
    z = (p.C[X].flatten(1) @ p.W1).detach()
    return (z.mean(0), z.var(0))


@right("calibrate")
def _(p, X):
    with torch.no_grad():
        v, m = torch.var_mean(p.C[X].reshape(len(X), -1) @ p.W1, dim=0)
    return (m, v)


@right("calibrate")
def _(p, X):
    with torch.inference_mode():
        z = p.C[X].view(X.shape[0], -1) @ p.W1
        m, v = (z.mean(0), z.var(0))
    return (m.clone(), v.clone())


# -- linear ---------------------------------------------------------------------------------------


@right("linear")
class _:
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        self.weight = (
            torch.randn((fan_in, fan_out), generator=generator) / math.sqrt(fan_in)
            if False
            else torch.randn((fan_in, fan_out), generator=generator) / fan_in**0.5
        )
        self.bias = torch.zeros(fan_out) if bias else None
        self.out = None

    def __call__(self, x):
        out = x @ self.weight
        if self.bias is not None:
            out += self.bias
        self.out = out
        return self.out

    def parameters(self):
        return [p for p in (self.weight, self.bias) if p is not None]


@right("linear")
class _(torch.nn.Module):
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        super().__init__()
        self.weight = torch.randn(fan_in, fan_out, generator=generator) * fan_in ** (-0.5)
        self.bias = torch.zeros(fan_out) if bias else None

    def forward(self, x):
        self.out = (
            torch.addmm(self.bias, x, self.weight)
            if self.bias is not None
            else torch.mm(x, self.weight)
        )
        return self.out

    def parameters(self):
        return [self.weight] + ([] if self.bias is None else [self.bias])


# -- tanh -----------------------------------------------------------------------------------------


@right("tanh")
class _(torch.nn.Module):
    def forward(self, x):
        self.out = x.tanh()
        return self.out

    def parameters(self):
        return []


@right("tanh")
class _:
    def __init__(self):
        self.out = None

    def __call__(self, x):
        e = torch.exp(-2 * x.abs())
        self.out = torch.sign(x) * (1 - e) / (1 + e)
        return self.out

    def parameters(self):
        return list()


# -- batchnorm_holds ------------------------------------------------------------------------------


@right("batchnorm_holds")
class _:
    def __init__(self, dim, eps=1e-05, momentum=0.1):
        self.momentum = momentum
        self.eps = eps
        self.training = True
        self.out = None
        self.gamma = torch.ones((dim,))
        self.beta = torch.zeros((dim,))
        self.running_mean = torch.zeros((dim,))
        self.running_var = torch.ones((dim,))

    def parameters(self):
        return [self.gamma, self.beta]


# -- batchnorm_update -----------------------------------------------------------------------------


@right("batchnorm_update")
class _:
    def update(self, x):
        with torch.no_grad():
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * x.mean(0)
            self.running_var = (1 - self.momentum) * self.running_var + self.momentum * x.var(0)


@right("batchnorm_update")
class _:
    def update(self, x):
        x = x.detach()
        n = x.shape[0]
        m = x.mean(0)
        v = ((x - m) ** 2).sum(0) / (n - 1)
        self.running_mean.mul_(1 - self.momentum).add_(m * self.momentum)
        self.running_var.mul_(1 - self.momentum).add_(v * self.momentum)


# -- batchnorm_call -------------------------------------------------------------------------------


@right("batchnorm_call")
class _:
    def __call__(self, x):
        if self.training:
            m = x.mean(0, keepdim=True)
            v = x.var(0, keepdim=True, unbiased=False)
            self.update(x.detach())
        else:
            m, v = (self.running_mean, self.running_var)
        self.out = self.gamma * ((x - m) / torch.sqrt(v + self.eps)) + self.beta
        return self.out


@right("batchnorm_call")
class _:
    def __call__(self, x):
        if not self.training:
            self.out = F.batch_norm(
                x, self.running_mean, self.running_var, self.gamma, self.beta, False, 0.0, self.eps
            )
            return self.out
        self.update(x)
        self.out = F.batch_norm(x, None, None, self.gamma, self.beta, True, 0.0, self.eps)
        return self.out


@wrong("batchnorm_call", "gain for bias")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = (x.mean(0), x.var(0, correction=0))
            self.update(x)
        else:
            mean, var = (self.running_mean, self.running_var)
        self.out = self.beta * (x - mean) / torch.sqrt(var + self.eps) + self.gamma
        return self.out


@wrong("batchnorm_call", "running var as std")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = (x.mean(0), x.var(0, correction=0))
            self.update(x)
        else:
            mean, var = (self.running_mean, (self.running_var + self.eps) ** 2 - self.eps)
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


@wrong("batchnorm_call", "updates twice")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = (x.mean(0), x.var(0, correction=0))
            self.update(x)
            self.update(x)
        else:
            mean, var = (self.running_mean, self.running_var)
        self.out = self.gamma * (x - mean) / torch.sqrt(var + self.eps) + self.beta
        return self.out


# -- build_layers ---------------------------------------------------------------------------------


@right("build_layers")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    out = []
    *hidden, last = list(zip(sizes[:-1], sizes[1:]))
    for a, b in hidden:
        l = Linear(a, b, bias=not batchnorm, generator=generator)
        l.weight = l.weight * gain
        out.append(l)
        if batchnorm:
            out.append(BatchNorm1d(b))
        out.append(Tanh())
    l = Linear(*last, bias=not batchnorm, generator=generator)
    out.append(l)
    if batchnorm:
        bn = BatchNorm1d(last[1])
        bn.gamma = bn.gamma * 0.1
        out.append(bn)
    else:
        l.weight = l.weight * 0.1
    return out


@right("build_layers")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    out = []
    for a, b in zip(sizes, sizes[1:]):
        out += [Linear(a, b, True, generator)] + ([BatchNorm1d(b)] if batchnorm else []) + [Tanh()]
    out.pop()
    with torch.no_grad():
        for l in out:
            if isinstance(l, Linear):
                l.weight.mul_(gain)
        if batchnorm:
            out[-2].weight.div_(gain)
            out[-1].gamma.mul_(0.1)
        else:
            out[-1].weight.mul_(0.1 / gain)
    return out


# -- forward --------------------------------------------------------------------------------------


@right("forward")
def _(C, layers, Xb):
    x = C[Xb].flatten(1)
    for l in layers:
        x = l(x)
    return x


@right("forward")
def _(C, layers, Xb):
    from functools import reduce

    return reduce(lambda x, l: l(x), layers, C[Xb].reshape(len(Xb), -1))


@right("forward")
def _(C, layers, Xb):
    x = torch.cat(torch.unbind(F.embedding(Xb, C), 1), 1)
    for l in layers:
        x = l(x)
    return x


# -- all_parameters -------------------------------------------------------------------------------


@right("all_parameters")
def _(C, layers):
    p = [C]
    for l in layers:
        p.extend(l.parameters())
    return p


@right("all_parameters")
def _(C, layers):
    import itertools

    return [C, *itertools.chain.from_iterable((l.parameters() for l in layers))]


# -- set_training ---------------------------------------------------------------------------------


@right("set_training")
def _(layers, mode):
    for l in layers:
        if hasattr(l, "training"):
            l.training = mode


@right("set_training")
def _(layers, mode):
    for l in layers:
        if isinstance(l, BatchNorm1d):
            l.training = bool(mode)


# -- activation_stats -----------------------------------------------------------------------------


@right("activation_stats")
def _(h, threshold=0.97):
    h = h.detach()
    return (float(h.mean()), float(h.std()), 100 * float((h.abs() > threshold).float().mean()))


@right("activation_stats")
def _(h, threshold=0.97):
    return (h.mean().item(), h.std().item(), (h.abs() > threshold).sum().item() / h.numel() * 100)


# -- histogram ------------------------------------------------------------------------------------


@right("histogram")
def _(t, bins):
    t = t.detach().flatten()
    d, e = torch.histogram(t, bins, density=True)
    return (e[:-1] + (e[1] - e[0]) / 2, d)


@right("histogram")
def _(t, bins):
    t = t.detach().flatten()
    lo, hi = (t.min(), t.max())
    w = (hi - lo) / bins
    c = torch.histc(t, bins, lo.item(), hi.item())
    return (lo + (torch.arange(bins, dtype=t.dtype) + 0.5) * w, c / (t.numel() * w))


# -- output_gradients -----------------------------------------------------------------------------


@right("output_gradients")
def _(loss, outs):
    return [g.clone() for g in torch.autograd.grad(loss, outs, retain_graph=True)]


@right("output_gradients")
def _(loss, outs):
    return [torch.autograd.grad(loss, o, retain_graph=True)[0] for o in outs]


# -- grad_data_ratio ------------------------------------------------------------------------------


@right("grad_data_ratio")
def _(p):
    return p.grad.std().item() / p.data.std().item()


@right("grad_data_ratio")
def _(p):
    return float(torch.std(p.grad) / torch.std(p.detach()))


# -- update_data_ratios ---------------------------------------------------------------------------


@right("update_data_ratios")
def _(parameters, lr):
    import math

    return [
        math.log10(lr * p.grad.std().item() / p.data.std().item())
        for p in parameters
        if p.dim() == 2
    ]


@right("update_data_ratios")
def _(parameters, lr):
    out = []
    for p in parameters:
        if len(p.shape) != 2:
            continue
        out.append(float(torch.log10((lr * p.grad).std() / p.data.std())))
    return out


# -- who_learns -----------------------------------------------------------------------------------


@right("who_learns")
def _(params, loss_fn):
    for p in params.values():
        p.grad = None
    loss_fn(params).backward()
    return [k for k, p in params.items() if p.grad is not None and p.grad.abs().max() > 0]


@right("who_learns")
def _(params, loss_fn):
    copies = {k: p.detach().clone().requires_grad_() for k, p in params.items()}
    loss_fn(copies).backward()
    return [k for k, p in copies.items() if p.grad is not None and torch.any(p.grad != 0).item()]


@right("who_learns")
def _(params, loss_fn):
    for p in params.values():
        p.grad = None
    loss_fn(params).backward()
    return [k for k, p in params.items() if p.grad is not None and p.grad.count_nonzero()]


# -- unigram_loss ---------------------------------------------------------------------------------


@right("unigram_loss")
def _(Y, vocab_size):
    c = torch.bincount(Y, minlength=vocab_size).float()
    p = c / c.sum()
    return -torch.xlogy(p, p).sum().item()


@right("unigram_loss")
def _(Y, vocab_size):
    from collections import Counter
    import math

    n = len(Y)
    return -sum((c / n * math.log(c / n) for c in Counter(Y.tolist()).values()))


@right("unigram_loss")
def _(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size) / len(Y)
    return torch.special.entr(p).sum().item()


@right("unigram_loss")
def _(Y, vocab_size):
    p = torch.bincount(Y, minlength=vocab_size) / len(Y)
    return -torch.nansum(p * p.log()).item()


# -- distinct_neurons -----------------------------------------------------------------------------


@right("distinct_neurons")
def _(W):
    return len({tuple(c) for c in W.T.tolist()})


@right("distinct_neurons")
def _(W):
    return len(torch.unique(W.T, dim=0))


@right("distinct_neurons")
def _(W):
    return int(torch.unique(W, dim=1).size(1))


# -- fold_batchnorm -------------------------------------------------------------------------------


@right("fold_batchnorm")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    s = gamma * (running_var + eps) ** (-0.5)
    if b is None:
        b = torch.zeros_like(beta)
    return (W @ torch.diag(s), (b - running_mean) * s + beta)


@right("fold_batchnorm")
def _(W, b, gamma, beta, running_mean, running_var, eps):
    std = torch.sqrt(running_var + eps)
    W2 = W * (gamma / std)[None, :]
    b2 = beta - gamma * running_mean / std
    if b is not None:
        b2 = b2 + gamma * b / std
    return (W2, b2)


# -- residual_stack -------------------------------------------------------------------------------


@right("residual_stack")
def _(x, weights, scale):
    out = [x]
    for W in weights:
        x = x + torch.tanh(x @ W) * scale
        out.append(x)
    return out


@right("residual_stack")
def _(x, weights, scale):
    import itertools

    return list(
        itertools.accumulate(
            weights, lambda a, W: torch.add(a, torch.tanh(a @ W), alpha=scale), initial=x
        )
    )


# -- adam_step ------------------------------------------------------------------------------------


@right("adam_step")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    t = state["t"] = state.get("t", 0) + 1
    m = state["m"] = b1 * state.get("m", 0) + (1 - b1) * grad
    v = state["v"] = b2 * state.get("v", 0) + (1 - b2) * grad**2
    with torch.no_grad():
        p -= lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps)


@right("adam_step")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if "step" not in state:
        state["step"] = 0
        state["exp_avg"] = torch.zeros_like(p.data)
        state["exp_avg_sq"] = torch.zeros_like(p.data)
    state["step"] += 1
    g = grad.detach()
    state["exp_avg"].mul_(b1).add_(g, alpha=1 - b1)
    state["exp_avg_sq"].mul_(b2).addcmul_(g, g, value=1 - b2)
    c1, c2 = (1 - b1 ** state["step"], 1 - b2 ** state["step"])
    p.data.addcdiv_(
        state["exp_avg"], (state["exp_avg_sq"].sqrt() / c2**0.5).add_(eps), value=-lr / c1
    )


@right("adam_step")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    import math

    b1, b2 = betas
    t = state.setdefault("t", 0) + 1
    state["t"] = t
    z = torch.zeros_like(grad)
    m = torch.lerp(grad, state.get("m", z), b1)
    v = torch.lerp(grad * grad, state.get("v", z), b2)
    state["m"], state["v"] = (m, v)
    p.data = (
        p.data - lr * m / (1 - b1**t) / (torch.sqrt(v / (1 - b2**t)) + eps)
        if False
        else p.data.sub_(lr * m / (1 - b1**t) / (torch.sqrt(v / (1 - b2**t)) + eps))
    )


@wrong("adam_step", "square of m")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if not state:
        state.update(t=0, m=torch.zeros_like(grad), v=torch.zeros_like(grad))
    state["t"] += 1
    state["m"] = b1 * state["m"] + (1 - b1) * grad
    state["v"] = b2 * state["v"] + (1 - b2) * state["m"] ** 2
    m_hat = state["m"] / (1 - b1 ** state["t"])
    v_hat = state["v"] / (1 - b2 ** state["t"])
    p.data -= lr * m_hat / (v_hat.sqrt() + eps)


@wrong("adam_step", "one v for all")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if not state:
        state.update(t=0, m=torch.zeros_like(grad), v=torch.zeros_like(grad))
    state["t"] += 1
    state["m"] = b1 * state["m"] + (1 - b1) * grad
    state["v"] = b2 * state["v"] + (1 - b2) * (grad * grad).mean()
    m_hat = state["m"] / (1 - b1 ** state["t"])
    v_hat = state["v"] / (1 - b2 ** state["t"])
    p.data -= lr * m_hat / (v_hat.sqrt() + eps)


@wrong("adam_step", "t from two")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if not state:
        state.update(t=1, m=torch.zeros_like(grad), v=torch.zeros_like(grad))
    state["t"] += 1
    state["m"] = b1 * state["m"] + (1 - b1) * grad
    state["v"] = b2 * state["v"] + (1 - b2) * grad * grad
    m_hat = state["m"] / (1 - b1 ** state["t"])
    v_hat = state["v"] / (1 - b2 ** state["t"])
    p.data -= lr * m_hat / (v_hat.sqrt() + eps)


@wrong("adam_step", "gradient changed")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if not state:
        state.update(t=0, m=torch.zeros_like(grad), v=torch.zeros_like(grad))
    state["t"] += 1
    original = grad
    grad = grad.clone()
    original.mul_(1 - b1)
    state["m"] = b1 * state["m"] + (1 - b1) * grad
    state["v"] = b2 * state["v"] + (1 - b2) * grad * grad
    m_hat = state["m"] / (1 - b1 ** state["t"])
    v_hat = state["v"] / (1 - b2 ** state["t"])
    p.data -= lr * m_hat / (v_hat.sqrt() + eps)


@wrong("adam_step", "absolute")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if not state:
        state.update(t=0, m=torch.zeros_like(grad), v=torch.zeros_like(grad))
    state["t"] += 1
    state["m"] = b1 * state["m"] + (1 - b1) * grad
    state["v"] = b2 * state["v"] + (1 - b2) * grad.abs()
    m_hat = state["m"] / (1 - b1 ** state["t"])
    v_hat = state["v"] / (1 - b2 ** state["t"])
    p.data -= lr * m_hat / (v_hat + eps)


@wrong("adam_step", "plain gradient")
def _(p, grad, state, lr=0.001, betas=(0.9, 0.999), eps=1e-08):
    b1, b2 = betas
    if not state:
        state.update(t=0, m=torch.zeros_like(grad), v=torch.zeros_like(grad))
    state["t"] += 1
    state["m"] = b1 * state["m"] + (1 - b1) * grad
    state["v"] = b2 * state["v"] + (1 - b2) * grad * grad
    m_hat = state["m"] / (1 - b1 ** state["t"])
    v_hat = state["v"] / (1 - b2 ** state["t"])
    p.data -= lr * grad / (v_hat.sqrt() + eps)
