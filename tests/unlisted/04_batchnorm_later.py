"""Solutions of 04 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("tanh_local_gradient", "tanh once more")
def _(h):
    return 1 - torch.tanh(h) ** 2


@right("tanh_local_gradient", "a product")
def _(h):
    return (1 - h) * (1 + h)


@wrong("saturated", "the threshold itself counts")
def _(h, threshold=0.97):
    return h.abs() >= threshold


@wrong("saturated", "always 0.97")
def _(h, threshold=0.97):
    return h.abs() > 0.97


@wrong("fraction_saturated", "a tensor")
def _(h, threshold=0.97):
    return (h.abs() > threshold).float().mean()


@wrong("dead_neurons", "positive or negative, but always the same side")
def _(h, threshold=0.97):
    return (h > threshold).all(0) | (h < -threshold).all(0)


@wrong("dead_neurons", "along the wrong axis")
def _(h, threshold=0.97):
    return (h.abs() > threshold).all(1)


@wrong("dead_neurons", "the mean is saturated")
def _(h, threshold=0.97):
    return h.abs().mean(0) > threshold


@right("dead_neurons", "the smallest of the column")
def _(h, threshold=0.97):
    return h.abs().amin(0) > threshold


@wrong("calculate_gain", "relu for anything else")
def _(nonlinearity):
    if nonlinearity == "linear":
        return 1
    if nonlinearity == "tanh":
        return 5 / 3
    return math.sqrt(2)


@wrong("calculate_gain", "KeyError")
def _(nonlinearity):
    return {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]


@wrong("kaiming_init", "fan_out")
def _(fan_in, fan_out, nonlinearity, g):
    return torch.randn(fan_in, fan_out, generator=g) * calculate_gain(nonlinearity) / fan_out**0.5


@wrong("kaiming_init", "normalized to exactly this std")
def _(fan_in, fan_out, nonlinearity, g):
    W = torch.randn(fan_in, fan_out, generator=g)
    return W / W.std() * calculate_gain(nonlinearity) / fan_in**0.5


@wrong("stack_stds", "before the nonlinearity")
def _(x, weights, nonlinearity):
    out = []
    for W in weights:
        x = x @ W
        out.append(x.std().item())
        x = NONLINEARITIES[nonlinearity](x)
    return out


@wrong("stack_stds", "the mean of the columns' stds")
def _(x, weights, nonlinearity):
    out = []
    for W in weights:
        x = NONLINEARITIES[nonlinearity](x @ W)
        out.append(x.std(0).mean().item())
    return out


@right("stack_stds", "accumulate")
def _(x, weights, nonlinearity):
    from itertools import accumulate

    f = NONLINEARITIES[nonlinearity]
    layers = list(accumulate(weights, lambda h, W: f(torch.matmul(h, W)), initial=x))
    return [float(torch.var(h).sqrt()) for h in layers[1:]]


@wrong("factor_per_layer", "one root too many")
def _(stds):
    return (stds[-1] / stds[0]) ** (1 / len(stds))


@wrong("factor_per_layer", "the mean of the factors")
def _(stds):
    return sum(b / a for a, b in zip(stds, stds[1:])) / (len(stds) - 1)


@right("factor_per_layer", "logarithms")
def _(stds):
    return math.exp((math.log(stds[-1]) - math.log(stds[0])) / (len(stds) - 1))


@wrong("batch_stats", "the mean divides by n - correction as well")
def _(x, correction):
    n = len(x) - correction
    mean = x.sum(0) / n
    return mean, ((x - x.mean(0)) ** 2).sum(0) / n


@wrong("batch_stats", "kept dimension")
def _(x, correction):
    return x.mean(0, keepdim=True), x.var(0, keepdim=True, correction=correction)


@wrong("batch_stats", "detached")
def _(x, correction):
    return x.detach().mean(0), x.detach().var(0, correction=correction)


@right("batch_stats", "var_mean")
def _(x, correction):
    return torch.var_mean(x, 0, correction=correction)[::-1]


@wrong("batchnorm", "eps outside of the root")
def _(x, gain, bias, eps=1e-5, correction=0):
    mean, var = batch_stats(x, correction)
    return gain * (x - mean) / (var.sqrt() + eps) + bias


@wrong("batchnorm", "correction ignored")
def _(x, gain, bias, eps=1e-5, correction=0):
    return F.batch_norm(x, None, None, gain, bias, True, 0.0, eps)


@wrong("batchnorm", "mean and variance detached")
def _(x, gain, bias, eps=1e-5, correction=0):
    mean, var = batch_stats(x.detach(), correction)
    return gain * (x - mean) / (var + eps).sqrt() + bias


@wrong("update_running", "changed in place")
def _(running_mean, running_var, x, momentum=0.1):
    with torch.no_grad():
        running_mean.lerp_(x.mean(0), momentum)
        running_var.lerp_(x.var(0), momentum)
    return running_mean, running_var


@wrong("update_running", "momentum on the old ones")
def _(running_mean, running_var, x, momentum=0.1):
    x = x.detach()
    return (
        momentum * running_mean + (1 - momentum) * x.mean(0),
        momentum * running_var + (1 - momentum) * x.var(0),
    )


@wrong("update_running", "the biased variance")
def _(running_mean, running_var, x, momentum=0.1):
    x = x.detach()
    return torch.lerp(running_mean, x.mean(0), momentum), torch.lerp(
        running_var, x.var(0, correction=0), momentum
    )


@wrong("update_running", "a graph stays")
def _(running_mean, running_var, x, momentum=0.1):
    return (
        (1 - momentum) * running_mean + momentum * x.mean(0),
        (1 - momentum) * running_var + momentum * x.var(0),
    )


@right("update_running", "F.batch_norm does it on copies")
def _(running_mean, running_var, x, momentum=0.1):
    mean, var = running_mean.detach().clone(), running_var.detach().clone()
    F.batch_norm(x.detach(), mean, var, training=True, momentum=momentum)
    return mean, var


@wrong("which_corrections", "running_var is taken to have been 1")
def _(norm, x):
    out = norm(x)
    divides = int(((out.var(0) - 1).abs() < (out.var(0, correction=0) - 1).abs()).all())
    batch = (norm.running_var - (1 - norm.momentum)) / norm.momentum
    stores = int(((batch - x.var(0)).abs() < (batch - x.var(0, correction=0)).abs()).all())
    return divides, stores


@wrong("which_corrections", "before and after are the same tensor")
def _(norm, x):
    before = norm.running_var
    out = norm(x)
    divides = int((out.var(0) - 1).abs().mean() < (out.var(0, correction=0) - 1).abs().mean())
    batch = (norm.running_var - (1 - norm.momentum) * before) / norm.momentum
    stores = int((batch - x.var(0)).abs().mean() < (batch - x.var(0, correction=0)).abs().mean())
    return divides, stores


@right("which_corrections", "two hypotheses for each")
def _(norm, x):
    old = norm.running_var.detach().clone()
    with torch.no_grad():
        out = norm(x)
    wrong_by = []
    for c in (0, 1):
        a = (out - (x - x.mean(0)) / (x.var(0, correction=c) + norm.eps).sqrt()).abs().max()
        b = (norm.running_var - torch.lerp(old, x.var(0, correction=c), norm.momentum)).abs().max()
        wrong_by.append((float(a), float(b)))
    return int(wrong_by[1][0] < wrong_by[0][0]), int(wrong_by[1][1] < wrong_by[0][1])


@wrong("batchnorm_eval", "the variance is corrected again")
def _(x, running_mean, running_var, gain, bias, eps=1e-5):
    n = len(x)
    return gain * (x - running_mean) / (running_var * n / max(n - 1, 1) + eps).sqrt() + bias


@wrong("batchnorm_update", "momentum as torch's docs of optimizers: on the old ones")
class _:
    def update(self, x):
        with torch.no_grad():
            self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * x.mean(0)
            self.running_var = self.momentum * self.running_var + (1 - self.momentum) * x.var(0)


@wrong("batchnorm_call", "updates in eval mode too")
class _:
    def __call__(self, x):
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
        else:
            mean, var = self.running_mean, self.running_var
        self.out = self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta
        if len(x) > 1:
            self.update(x)
        return self.out


@wrong("batchnorm_call", "update twice")
class _:
    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            self.update(x)
            self.update(x)
        self.out = self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta
        return self.out


@wrong("batchnorm_call", "self.out forgotten")
class _:
    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0, correction=0)
            self.update(x)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm_call", "the unbiased variance")
class _:
    def __call__(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0)
            self.update(x)
        self.out = self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta
        return self.out


@wrong("build_layers", "gain on the last one too")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        linear = Linear(a, b, bias=not batchnorm, generator=generator)
        linear.weight *= gain
        layers.append(linear)
        if batchnorm:
            layers.append(BatchNorm1d(b))
        if i < len(sizes) - 2:
            layers.append(Tanh())
    if batchnorm:
        layers[-1].gamma *= 0.1
    else:
        layers[-1].weight *= 0.1
    return layers


@wrong("build_layers", "no bias without batchnorm either")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        last = i == len(sizes) - 2
        linear = Linear(a, b, bias=False, generator=generator)
        if not last:
            linear.weight *= gain
        layers.append(linear)
        if batchnorm:
            layers.append(BatchNorm1d(b))
        if not last:
            layers.append(Tanh())
    if batchnorm:
        layers[-1].gamma *= 0.1
    else:
        layers[-1].weight *= 0.1
    return layers


@wrong("build_layers", "the last weight is made small, batchnorm or not")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        last = i == len(sizes) - 2
        linear = Linear(a, b, bias=not batchnorm, generator=generator)
        linear.weight *= 0.1 if last else gain
        layers.append(linear)
        if batchnorm:
            layers.append(BatchNorm1d(b))
        if not last:
            layers.append(Tanh())
    return layers


@right("build_layers", "hidden ones, then the output")
def _(sizes, gain=5 / 3, batchnorm=True, generator=None):
    layers = []
    for a, b in zip(sizes[:-2], sizes[1:-1]):
        layers.append(Linear(a, b, generator=generator))
        layers[-1].weight = layers[-1].weight * gain
        layers += [BatchNorm1d(b), Tanh()] if batchnorm else [Tanh()]
    layers.append(Linear(sizes[-2], sizes[-1], generator=generator))
    if batchnorm:
        layers.append(BatchNorm1d(sizes[-1]))
        layers[-1].gamma = torch.full_like(layers[-1].gamma, 0.1)
    else:
        layers[-1].weight.mul_(0.1)
    return layers


@wrong("all_parameters", "C last")
def _(C, layers):
    return [p for layer in layers for p in layer.parameters()] + [C]


@wrong("set_training", "the first one only")
def _(layers, mode):
    for layer in layers:
        if hasattr(layer, "training"):
            layer.training = mode
            break


@wrong("set_training", "always off")
def _(layers, mode):
    for layer in layers:
        layer.training = False


@wrong("activation_stats", "a share, no percentage")
def _(h, threshold=0.97):
    return h.mean().item(), h.std().item(), (h.abs() > threshold).float().mean().item()


@wrong("activation_stats", "the std without Bessel's correction")
def _(h, threshold=0.97):
    return (
        h.mean().item(),
        h.std(correction=0).item(),
        100 * (h.abs() > threshold).double().mean().item(),
    )


@wrong("histogram", "counts, not densities")
def _(t, bins):
    t = t.detach().flatten()
    low, high = t.min(), t.max()
    counts = torch.histc(t, bins, float(low), float(high))
    edges = torch.linspace(float(low), float(high), bins + 1, dtype=t.dtype)
    return (edges[1:] + edges[:-1]) / 2, counts / counts.sum()


@wrong("histogram", "left edges")
def _(t, bins):
    density, edges = torch.histogram(t.detach().flatten(), bins, density=True)
    return edges[:-1], density


@wrong("histogram", "the largest number is left out")
def _(t, bins):
    t = t.detach().flatten()
    low, width = t.min(), (t.max() - t.min()) / bins
    at = ((t - low) / width).floor().long()
    counts = torch.bincount(at[at < bins], minlength=bins).to(t.dtype)
    return low + (torch.arange(bins, dtype=t.dtype) + 0.5) * width, counts / (counts.sum() * width)


@right("histogram", "numpy")
def _(t, bins):
    import numpy as np

    density, edges = np.histogram(t.detach().double().flatten().numpy(), bins=bins, density=True)
    centers = (edges[1:] + edges[:-1]) / 2
    return torch.from_numpy(centers).to(t.dtype), torch.from_numpy(density).to(t.dtype)


@wrong("output_gradients", "loss.backward()")
def _(loss, outs):
    for out in outs:
        out.retain_grad()
    loss.backward(retain_graph=True)
    return [out.grad for out in outs]


@wrong("output_gradients", "the graph is freed")
def _(loss, outs):
    return list(torch.autograd.grad(loss, outs))


@wrong("output_gradients", "a tuple")
def _(loss, outs):
    return torch.autograd.grad(loss, outs, retain_graph=True)


@wrong("grad_data_ratio", "norms")
def _(p):
    return (p.grad.norm() / p.detach().norm()).item()


@wrong("update_data_ratios", "natural logarithm")
def _(parameters, lr):
    return [(lr * p.grad.std() / p.std()).log().item() for p in parameters if p.dim() == 2]


@wrong("update_data_ratios", "vectors too")
def _(parameters, lr):
    return [(lr * p.grad.std() / p.std()).log10().item() for p in parameters if p.numel() > 1]


@wrong("update_data_ratios", "two dimensions or more")
def _(parameters, lr):
    return [(lr * p.grad.std() / p.std()).log10().item() for p in parameters if p.dim() >= 2]


@right("update_data_ratios", "logarithms apart")
def _(parameters, lr):
    out = []
    for p in parameters:
        if len(p.shape) != 2:
            continue
        out.append(
            math.log10(lr) + math.log10(p.grad.std().item()) - math.log10(p.detach().std().item())
        )
    return out


@right("linear", "an nn.Module with nn.Parameter")
class Linear(torch.nn.Module):
    def __init__(self, fan_in, fan_out, bias=True, generator=None):
        super().__init__()
        weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5
        self.weight = torch.nn.Parameter(weight)
        self.bias = torch.nn.Parameter(torch.zeros(fan_out)) if bias else None

    def forward(self, x):
        self.out = x @ self.weight
        if self.bias is not None:
            self.out = self.out + self.bias
        return self.out

    def parameters(self):
        return [self.weight] if self.bias is None else [self.weight, self.bias]


@right("batchnorm_holds", "nn.Parameter")
class _:
    def __init__(self, dim, eps=1e-5, momentum=0.1):
        self.gamma = torch.nn.Parameter(torch.ones(dim))
        self.beta = torch.nn.Parameter(torch.zeros(dim))
        self.running_mean, self.running_var = torch.zeros(dim), torch.ones(dim)
        self.eps, self.momentum, self.training = eps, momentum, True

    def parameters(self):
        return [self.gamma, self.beta]


@wrong("set_training", "puts the layers into a class that is in this mode")
def _(layers, mode):
    for layer in layers:
        kind = type(layer)
        layer.__class__ = type(
            kind.__name__, (kind,), {"training": property(lambda self: mode, lambda self, m: None)}
        )


@wrong("set_training", "the class says it for all of its layers")
def _(layers, mode):
    for layer in layers:
        layer.__dict__.pop("training", None)
        type(layer).training = mode
