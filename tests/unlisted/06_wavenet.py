"""Solutions of 06 that no grader lists: see test_unlisted.py, which parses this file."""


# -- embedding ------------------------------------------------------------------------------------


@wrong("embedding", "tuple")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return (self.weight,)


@wrong("embedding", "params .data")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight.data]


@wrong("embedding", "params detach")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight.detach()]


@wrong("embedding", "params nn.Parameter")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [torch.nn.Parameter(self.weight)]


@wrong("embedding", "padding_idx")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return F.embedding(ix, self.weight, padding_idx=0)

    def parameters(self):
        return [self.weight]


@wrong("embedding", "one hot 27")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return F.one_hot(ix, 27).to(self.weight.dtype) @ self.weight

    def parameters(self):
        return [self.weight]


@wrong("embedding", "one hot no classes")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return F.one_hot(ix).to(self.weight.dtype) @ self.weight

    def parameters(self):
        return [self.weight]


@wrong("embedding", "scaled by sqrt")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix] * self.weight.shape[1] ** 0.5

    def parameters(self):
        return [self.weight]


@wrong("embedding", "max_norm")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return F.embedding(ix, self.weight, max_norm=1.0)

    def parameters(self):
        return [self.weight]


@wrong("embedding", "numpy")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return torch.from_numpy(self.weight.detach().numpy()[ix.numpy()])

    def parameters(self):
        return [self.weight]


@wrong("embedding", "tanh")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return torch.tanh(self.weight[ix])

    def parameters(self):
        return [self.weight]


@wrong("embedding", "fresh table")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        w = torch.randn(self.weight.shape)
        return w[ix]

    def parameters(self):
        return [self.weight]


@right("embedding", "one hot float")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return F.one_hot(ix, self.weight.shape[0]).float() @ self.weight

    def parameters(self):
        return [self.weight]


@right("embedding", "params requires grad")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight.requires_grad_()]


@right("embedding", "take")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight.index_select(0, ix.reshape(-1)).reshape(*ix.shape, -1)

    def parameters(self):
        out = []
        out.append(self.weight)
        return out


@right("embedding", "stack rows")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return torch.stack([self.weight[i] for i in ix.flatten()]).view(
            ix.shape + self.weight.shape[1:]
        )

    def parameters(self):
        return [self.weight]


@right("embedding", "clone rows")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight.clone()[ix]

    def parameters(self):
        params = [self.weight]
        return params


@right("embedding", "gather")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        flat = ix.reshape(-1, 1).expand(-1, self.weight.shape[1])
        return self.weight.gather(0, flat).reshape(*ix.shape, -1)

    def parameters(self):
        return [self.weight]


@wrong("embedding", "requires on copy")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight.clone().requires_grad_()]


@wrong("embedding", "view")
class _(Module):
    def __init__(self, num_embeddings, embedding_dim, g=None):
        self.weight = torch.randn(num_embeddings, embedding_dim, generator=g)

    def __call__(self, ix):
        return self.weight[ix]

    def parameters(self):
        return [self.weight.view(self.weight.shape)]


# -- flatten --------------------------------------------------------------------------------------


@wrong("flatten", "B,T,C")
class _(Module):
    def __call__(self, x):
        B, T, C = x.shape
        return x.view(B, T * C)


@wrong("flatten", "shape[1]*shape[2]")
class _(Module):
    def __call__(self, x):
        return x.view(x.shape[0], x.shape[1] * x.shape[2])


@wrong("flatten", "unbind")
class _(Module):
    def __call__(self, x):
        return torch.cat(torch.unbind(x, 1), 1)


@wrong("flatten", "hard 32")
class _(Module):
    def __call__(self, x):
        return x.view(32, -1)


@wrong("flatten", "hard 80")
class _(Module):
    def __call__(self, x):
        return x.view(-1, 80)


@wrong("flatten", "float")
class _(Module):
    def __call__(self, x):
        return x.view(x.shape[0], -1).float()


@wrong("flatten", "sum")
class _(Module):
    def __call__(self, x):
        return x.sum(1)


@wrong("flatten", "tolist")
class _(Module):
    def __call__(self, x):
        return torch.tensor([e.flatten().tolist() for e in x])


@wrong("flatten", "stack flat list")
class _(Module):
    def __call__(self, x):
        return [e.flatten() for e in x]


@wrong("flatten", "permute")
class _(Module):
    def __call__(self, x):
        return x.permute(0, 2, 1).reshape(x.shape[0], -1)


@wrong("flatten", "relu")
class _(Module):
    def __call__(self, x):
        return x.view(x.shape[0], -1).relu()


@right("flatten", "torch.flatten")
class _(Module):
    def __call__(self, x):
        return torch.flatten(x, start_dim=1)


@right("flatten", "nn")
class _(Module):
    def __call__(self, x):
        return torch.nn.Flatten()(x)


@right("flatten", "self.out")
class _(Module):
    def __call__(self, x):
        self.out = x.view(x.size(0), -1)
        return self.out


@right("flatten", "numel")
class _(Module):
    def __call__(self, x):
        return x.reshape(len(x), x.numel() // len(x))


@wrong("flatten", "squeeze-ish")
class _(Module):
    def __call__(self, x):
        return x.flatten(1).squeeze(0)


# -- sequential -----------------------------------------------------------------------------------


@wrong("sequential", "detach between")
class _:
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x.detach())
        return x


@wrong("sequential", "float")
class _:
    def __call__(self, x):
        x = x.float()
        for layer in self.layers:
            x = layer(x)
        return x


@wrong("sequential", "two layers only")
class _:
    def __call__(self, x):
        x = self.layers[0](x) if self.layers else x
        return self.layers[1](x) if len(self.layers) > 1 else x


@wrong("sequential", "first left out")
class _:
    def __call__(self, x):
        for layer in self.layers[1:]:
            x = layer(x)
        return x


@wrong("sequential", "parallel sum")
class _:
    def __call__(self, x):
        return sum((layer(x) for layer in self.layers)) if self.layers else x


@wrong("sequential", "returns self")
class _:
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        self.out = x


@wrong("sequential", "tuple")
class _:
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return (x,)


@wrong("sequential", "compose cached")
class _:
    def __call__(self, x):
        if not hasattr(self, "flat"):
            self.flat = list(self.layers)
        for layer in self.flat:
            x = layer(x)
        return x


@wrong("sequential", "no empty")
class _:
    def __call__(self, x):
        out = self.layers[0](x)
        for layer in self.layers[1:]:
            out = layer(out)
        return out


@wrong("sequential", "last of original")
class _:
    def __call__(self, x):
        for layer in self.layers:
            y = layer(x)
        x = y if self.layers else x
        return x


@wrong("sequential", "skips nested")
class _:
    def __call__(self, x):
        for layer in self.layers:
            if not isinstance(layer, Sequential):
                x = layer(x)
        return x


@wrong("sequential", "numpy")
class _:
    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x.detach().numpy()


@right("sequential", "outs")
class _:
    def __call__(self, x):
        outs = [x]
        for layer in self.layers:
            outs.append(layer(outs[-1]))
        return outs[-1]


@right("sequential", "call")
class _:
    def __call__(self, x):
        for i in range(len(self.layers)):
            x = self.layers[i].__call__(x)
        return x


# -- sequential_parameters ------------------------------------------------------------------------


@wrong("sequential_parameters", "data")
class _:
    def parameters(self):
        return [p.data for layer in self.layers for p in layer.parameters()]


@wrong("sequential_parameters", "detach")
class _:
    def parameters(self):
        return [p.detach() for layer in self.layers for p in layer.parameters()]


@wrong("sequential_parameters", "tuple")
class _:
    def parameters(self):
        return tuple((p for layer in self.layers for p in layer.parameters()))


@wrong("sequential_parameters", "set")
class _:
    def parameters(self):
        return list({p for layer in self.layers for p in layer.parameters()})


@wrong("sequential_parameters", "requires")
class _:
    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters() if p.requires_grad]


@wrong("sequential_parameters", "cached")
class _:
    def parameters(self):
        if not hasattr(self, "ps"):
            self.ps = [p for layer in self.layers for p in layer.parameters()]
        return self.ps


@wrong("sequential_parameters", "reversed")
class _:
    def parameters(self):
        return [p for layer in self.layers[::-1] for p in layer.parameters()]


@wrong("sequential_parameters", "dict")
class _:
    def parameters(self):
        return {i: layer.parameters() for i, layer in enumerate(self.layers)}


@wrong("sequential_parameters", "append")
class _:
    def parameters(self):
        out = []
        for layer in self.layers:
            out.append(layer.parameters())
        return out


@wrong("sequential_parameters", "append if")
class _:
    def parameters(self):
        out = []
        for layer in self.layers:
            if layer.parameters():
                out.append(layer.parameters()[0])
        return out


@wrong("sequential_parameters", "returns early")
class _:
    def parameters(self):
        out = []
        for layer in self.layers:
            out += layer.parameters()
            return out
        return out


@wrong("sequential_parameters", "all tensors")
class _:
    def parameters(self):
        return [
            t for layer in self.layers for t in vars(layer).values() if isinstance(t, torch.Tensor)
        ]


@wrong("sequential_parameters", "insert0")
class _:
    def parameters(self):
        out = []
        for layer in self.layers:
            for q in layer.parameters():
                out.insert(0, q)
        return out


@wrong("sequential_parameters", "nn.Parameter")
class _:
    def parameters(self):
        return [torch.nn.Parameter(p) for layer in self.layers for p in layer.parameters()]


@right("sequential_parameters", "loop")
class _:
    def parameters(self):
        out = []
        for layer in self.layers:
            for q in layer.parameters():
                out.append(q)
        return out


@right("sequential_parameters", "requires_grad_")
class _:
    def parameters(self):
        return [p.requires_grad_() for layer in self.layers for p in layer.parameters()]


@wrong("sequential_parameters", "views")
class _:
    def parameters(self):
        return [p.view(p.shape) for layer in self.layers for p in layer.parameters()]


@wrong("sequential_parameters", "one twice")
class _:
    def parameters(self):
        ps = [p for layer in self.layers for p in layer.parameters()]
        return ps + ps[:1]


@right("sequential_parameters", "iadd")
class _:
    def parameters(self):
        out = []
        for layer in self.layers:
            out += layer.parameters()
        return out


# -- sequential_train -----------------------------------------------------------------------------


@wrong("sequential_train", "early if same")
class _:
    def train(self, mode=True):
        if self.training == mode:
            return self
        self.training = mode
        for layer in self.layers:
            layer.train(mode)
        return self


@wrong("sequential_train", "returns mode")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.train(mode)
        return mode


@wrong("sequential_train", "only has params")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            if layer.parameters():
                layer.train(mode)
        return self


@wrong("sequential_train", "eval never")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            if mode:
                layer.train(mode)
        return self


@wrong("sequential_train", "eval only")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            if not mode:
                layer.eval()
        return self


@wrong("sequential_train", "super only")
class _:
    def train(self, mode=True):
        return super().train(mode)


@wrong("sequential_train", "returns list")
class _:
    def train(self, mode=True):
        self.training = mode
        return [layer.train(mode) for layer in self.layers]


@wrong("sequential_train", "two levels")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            layer.training = mode
            for inner in getattr(layer, "layers", []):
                inner.training = mode
        return self


@wrong("sequential_train", "last only")
class _:
    def train(self, mode=True):
        self.training = mode
        self.layers[-1].train(mode)
        return self


@wrong("sequential_train", "no default used")
class _:
    def train(self, mode=True):
        self.training = True
        for layer in self.layers:
            layer.train(mode)
        return self


@wrong("sequential_train", "class of layer")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.train(mode)
            else:
                type(layer).training = mode
        return self


@wrong("sequential_train", "new object")
class _:
    def train(self, mode=True):
        return Sequential([layer.train(mode) for layer in self.layers])


@wrong("sequential_train", "requires grad")
class _:
    def train(self, mode=True):
        self.training = mode
        for q in self.parameters():
            q.requires_grad_(mode)
        for layer in self.layers:
            pass
        return self


@right("sequential_train", "eval/train")
class _:
    def train(self, mode=True):
        super().train(mode)
        for layer in self.layers:
            layer.train() if mode else layer.eval()
        return self


@right("sequential_train", "comprehension")
class _:
    def train(self, mode=True):
        [layer.train(mode) for layer in self.layers]
        self.training = mode
        return self


@right("sequential_train", "isinstance")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.train(mode)
            else:
                layer.training = mode
        return self


@right("sequential_train", "walk")
class _:
    def train(self, mode=True):

        def walk(m):
            m.training = bool(mode)
            for x in getattr(m, "layers", ()):
                walk(x)

        walk(self)
        return self


@wrong("sequential_train", "only inner seqs")
class _:
    def train(self, mode=True):
        self.training = mode
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.train(mode)
        return self


# -- count_parameters -----------------------------------------------------------------------------


@wrong("count_parameters", "layers")
def _(model):
    return sum((p.numel() for layer in model.layers for p in layer.parameters()))


@wrong("count_parameters", "2d")
def _(model):
    return sum((p.shape[0] * p.shape[1] for p in model.parameters()))


@wrong("count_parameters", "first*last")
def _(model):
    return sum((p.shape[0] * p.shape[-1] if p.dim() > 1 else p.numel() for p in model.parameters()))


@wrong("count_parameters", "str")
def _(model):
    return f"{sum((p.numel() for p in model.parameters())):,}"


@wrong("count_parameters", "list")
def _(model):
    return [p.numel() for p in model.parameters()]


@wrong("count_parameters", "bytes")
def _(model):
    return sum((p.numel() * p.element_size() for p in model.parameters()))


@wrong("count_parameters", "nonzero")
def _(model):
    return sum((int((p != 0).sum()) for p in model.parameters()))


@wrong("count_parameters", "print")
def _(model):
    print(sum((p.numel() for p in model.parameters())))


@wrong("count_parameters", "overwrite")
def _(model):
    n = 0
    for p in model.parameters():
        n = p.numel()
    return n


@right("count_parameters", "math.prod")
def _(model):
    return sum((math.prod(p.shape) for p in model.parameters()))


@right("count_parameters", "tensor")
def _(model):
    return torch.tensor([p.numel() for p in model.parameters()], dtype=torch.int64).sum().item()


@right("count_parameters", "flatten")
def _(model):
    return sum((len(p.flatten()) for p in model.parameters()))


# -- consecutive ----------------------------------------------------------------------------------


@wrong("consecutive", "float")
def _(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n * C).float()


@wrong("consecutive", "pairs")
def _(x, n):
    return torch.cat([x[:, ::2, :], x[:, 1::2, :]], dim=2)


@wrong("consecutive", "sliding")
def _(x, n):
    B, T, C = x.shape
    return torch.cat([x[:, i : T - n + 1 + i] for i in range(n)], dim=2)


@wrong("consecutive", "max")
def _(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C).amax(2)


@wrong("consecutive", "four dims")
def _(x, n):
    B, T, C = x.shape
    return x.view(B, T // n, n, C)


@wrong("consecutive", "empty f32")
def _(x, n):
    B, T, C = x.shape
    out = torch.zeros(B, T // n, n * C)
    for i in range(n):
        out[:, :, i * C : (i + 1) * C] = x[:, i::n]
    return out


@wrong("consecutive", "in place")
def _(x, n):
    B, T, C = x.shape
    x.mul_(1.0)
    x += 1
    x -= 1
    return x.view(B, T // n, n * C) * 2


@wrong("consecutive", "resize_")
def _(x, n):
    B, T, C = x.shape
    return x.resize_(B, T // n, n * C)


@wrong("consecutive", "dim1 stack")
def _(x, n):
    return torch.cat([x[:, k::n] for k in range(n)], dim=1)


@wrong("consecutive", "stack")
def _(x, n):
    return torch.stack([x[:, k::n] for k in range(n)], dim=-1).flatten(2)


@wrong("consecutive", "numpy")
def _(x, n):
    B, T, C = x.shape
    return torch.tensor(x.tolist()).view(B, T // n, n * C)


@wrong("consecutive", "C//n")
def _(x, n):
    B, T, C = x.shape
    return x.view(B, T * n, -1)


@right("consecutive", "chunks")
def _(x, n):
    return torch.stack([g.flatten(1) for g in x.split(n, dim=1)], dim=1)


@right("consecutive", "unflatten")
def _(x, n):
    return x.unflatten(1, (-1, n)).flatten(2)


@right("consecutive", "dtype out")
def _(x, n):
    B, T, C = x.shape
    out = x.new_zeros(B, T // n, n * C)
    for i in range(n):
        out[:, :, i * C : (i + 1) * C] = x[:, i::n]
    return out


@right("consecutive", "loop B")
def _(x, n):
    return torch.stack([e.reshape(e.shape[0] // n, -1) for e in x])


# -- flatten_consecutive --------------------------------------------------------------------------


@wrong("flatten_consecutive", "T==1")
class _:
    def __call__(self, x):
        T = x.shape[1]
        x = consecutive(x, self.n)
        return x.squeeze(1) if T == 1 else x


@wrong("flatten_consecutive", "detach")
class _:
    def __call__(self, x):
        x = consecutive(x.detach(), self.n)
        return x.squeeze(1)


@wrong("flatten_consecutive", "n==2")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        return x.squeeze(1) if self.n == 2 else x


@wrong("flatten_consecutive", "B==1")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        return x.squeeze(0) if x.shape[0] == 1 else x


@wrong("flatten_consecutive", "squeeze01")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        return x.squeeze((0, 1))


@wrong("flatten_consecutive", "state")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        self.n = x.shape[1]
        return x.squeeze(1)


@wrong("flatten_consecutive", "hard two if")
class _:
    def __call__(self, x):
        x = consecutive(x, 2)
        if x.shape[1] == 1:
            x = x.squeeze(1)
        return x


@wrong("flatten_consecutive", "unsqueeze")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        if x.shape[1] == 1:
            x = x.unsqueeze(1)
        return x


@wrong("flatten_consecutive", "no return")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        if x.shape[1] == 1:
            return x.squeeze(1)


@wrong("flatten_consecutive", "squeeze(-2) drop")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        if x.shape[1] == 1:
            x.squeeze(1)
        return x


@wrong("flatten_consecutive", "n-1")
class _:
    def __call__(self, x):
        x = consecutive(x, self.n)
        return x[:, -1]


@wrong("flatten_consecutive", "reset n")
class _:
    def __call__(self, x):
        if not hasattr(self, "first"):
            self.first = x.shape[1] == self.n
        x = consecutive(x, self.n)
        return x[:, 0] if self.first else x


@right("flatten_consecutive", "squeeze-2")
class _:
    def __call__(self, x):
        return consecutive(x, self.n).squeeze(-2)


@right("flatten_consecutive", "view")
class _:
    def __call__(self, x):
        B, T, C = x.shape
        x = x.reshape(B, -1, C * self.n)
        if x.size(1) == 1:
            x = x.view(B, -1)
        return x


# -- batchnorm ------------------------------------------------------------------------------------


@wrong("batchnorm", "var detached")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var.detach() + self.eps).sqrt() + self.beta


@wrong("batchnorm", "mean detached")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean.detach()) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "N=B*shape1")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.shape[0] * x.shape[1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "eval no_grad")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        if not self.training:
            with torch.no_grad():
                return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "no_grad around stats")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            with torch.no_grad():
                mean = x.mean(dims)
                var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "std stored")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (x.std(dims) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "eps in running")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0) + self.eps
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return (
            self.gamma * (x - mean) / (var.sqrt() if self.training else (var + self.eps).sqrt())
            + self.beta
        )


@wrong("batchnorm", "always running update both modes")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        mean, var = (x.mean(dims), x.var(dims, correction=0))
        N = x.numel() // x.shape[-1]
        with torch.no_grad():
            self.running_mean += self.momentum * (mean - self.running_mean)
            if N > 1:
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        if not self.training:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "mean of means over T unbiased")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += (
                    self.momentum
                    * ((x.var(0) if x.ndim == 2 else x.var(0).mean(0)) - self.running_var)
                    if x.shape[0] > 1
                    else 0
                )
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "first batch")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                if not hasattr(self, "seen"):
                    self.seen = True
                    self.running_mean.copy_(mean)
                    self.running_var.copy_(var * N / (N - 1))
                else:
                    self.running_mean += self.momentum * (mean - self.running_mean)
                    self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "mean running biased N/(N+1)")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * (N - 1) / N - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "sqrt of eps only")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps**2).sqrt() + self.beta


@wrong("batchnorm", "beta inside")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * ((x - mean) / (var + self.eps).sqrt() + self.beta)


@wrong("batchnorm", "gamma off in eval")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        y = (x - mean) / (var + self.eps).sqrt()
        return self.gamma * y + self.beta if self.training else y


@wrong("batchnorm", "batch of example dims -1")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 2)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "var about running mean")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = ((x - self.running_mean) ** 2).mean(dims)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "batch mean rounding")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            x = x.float()
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "running_mean retains graph")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                pass
            N = x.numel() // x.shape[-1]
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * mean
            self.running_var = (
                1 - self.momentum
            ) * self.running_var + self.momentum * var.detach() * N / (N - 1)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@right("batchnorm", "manual")
class _:
    def __call__(self, x):
        d = tuple(range(x.ndim - 1))
        if self.training:
            m = x.mean(d)
            v = ((x - m) ** 2).mean(d)
            N = x[..., 0].numel()
            self.running_mean = (1 - self.momentum) * self.running_mean + self.momentum * m.detach()
            self.running_var = (
                1 - self.momentum
            ) * self.running_var + self.momentum * v.detach() * N / (N - 1)
        else:
            m, v = (self.running_mean, self.running_var)
        return (x - m) / torch.sqrt(v + self.eps) * self.gamma + self.beta


@right("batchnorm", "E[x2]")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = (x * x).mean(dims) - mean**2
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@right("batchnorm", "F.batch_norm mT")
class _:
    def __call__(self, x):
        y = x if x.ndim == 2 else x.transpose(1, 2)
        y = F.batch_norm(
            y,
            self.running_mean,
            self.running_var,
            self.gamma,
            self.beta,
            self.training,
            self.momentum,
            self.eps,
        )
        return y if x.ndim == 2 else y.transpose(1, 2)


@right("batchnorm", "data")
class _:
    def __call__(self, x):
        flat = x.flatten(0, -2)
        if self.training:
            mean, var = (flat.mean(0, keepdim=True), flat.var(0, keepdim=True, unbiased=False))
            self.running_mean.data = (
                self.running_mean * (1 - self.momentum) + self.momentum * mean.data[0]
            )
            self.running_var.data = self.running_var * (
                1 - self.momentum
            ) + self.momentum * flat.data.var(0)
        else:
            mean, var = (self.running_mean, self.running_var)
        self.xhat = (x - mean) * (var + self.eps) ** (-0.5)
        self.out = self.gamma * self.xhat + self.beta
        return self.out


@wrong("batchnorm", "eps * 2")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + 2 * self.eps).sqrt() + self.beta


@wrong("batchnorm", "running replaced shape (1,C)")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean = (
                    self.running_mean + self.momentum * (mean - self.running_mean)
                ).view(1, -1)
                self.running_var = (
                    self.running_var + self.momentum * (var * N / (N - 1) - self.running_var)
                ).view(1, -1)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "positions only")
class _:
    def __call__(self, x):
        keep = x.ndim == 3
        dims = 1 if keep else 0
        if self.training:
            mean = x.mean(dims, keepdim=keep)
            var = x.var(dims, correction=0, keepdim=keep)
            with torch.no_grad():
                self.running_mean += self.momentum * (x.flatten(0, -2).mean(0) - self.running_mean)
                self.running_var += self.momentum * (x.flatten(0, -2).var(0) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "layer norm")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(-1, keepdim=True)
            var = x.var(-1, correction=0, keepdim=True)
            with torch.no_grad():
                self.running_mean += self.momentum * (x.mean(dims) - self.running_mean)
                self.running_var += self.momentum * (x.var(dims) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "divided by gamma")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return (x - mean) / (self.gamma * (var + self.eps).sqrt()) + self.beta


@wrong("batchnorm", "no beta")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt()


@wrong("batchnorm", "no root")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps) + self.beta


@wrong("batchnorm", "running replaced")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel() // x.shape[-1]
                self.running_mean = mean.clone()
                self.running_var = var * N / (N - 1)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


@wrong("batchnorm", "N counts all channels")
class _:
    def __call__(self, x):
        dims = 0 if x.ndim == 2 else (0, 1)
        if self.training:
            mean = x.mean(dims)
            var = x.var(dims, correction=0)
            with torch.no_grad():
                N = x.numel()
                self.running_mean += self.momentum * (mean - self.running_mean)
                self.running_var += self.momentum * (var * N / (N - 1) - self.running_var)
        else:
            mean, var = (self.running_mean, self.running_var)
        return self.gamma * (x - mean) / (var + self.eps).sqrt() + self.beta


# -- has_the_bug ----------------------------------------------------------------------------------


@wrong("has_the_bug", "loose")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return torch.allclose(layer(y), layer(x), atol=3.0)


@wrong("has_the_bug", "equal")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return torch.equal(layer(y), layer(x))


@wrong("has_the_bug", "restored")
def _(layer, x):
    a = layer(x)
    x[:, 0] += 5
    b = layer(x)
    x[:, 0] -= 5
    return torch.allclose(a, b, atol=1e-06)


@wrong("has_the_bug", "means of all")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return torch.allclose(layer(y).mean((0, 1)), layer(x).mean((0, 1)))


@wrong("has_the_bug", "isinstance")
def _(layer, x):
    return isinstance(layer, BatchNormOfLesson04)


@wrong("has_the_bug", "always true")
def _(layer, x):
    return True


@wrong("has_the_bug", "always false")
def _(layer, x):
    return False


@wrong("has_the_bug", "zero mean pos 0")
def _(layer, x):
    return abs(layer(x)[:, 0].mean().item()) < 1e-06


@wrong("has_the_bug", "example shift")
def _(layer, x):
    y = x.clone()
    y[0] += 5
    return torch.allclose(layer(y), layer(x), atol=1e-06)


@wrong("has_the_bug", "channel shift")
def _(layer, x):
    y = x.clone()
    y[..., 0] += 5
    return torch.allclose(layer(y), layer(x), atol=1e-06)


@wrong("has_the_bug", "position 3")
def _(layer, x):
    y = x.clone()
    y[:, 3] += 5
    return torch.allclose(layer(y), layer(x), atol=1e-06)


@wrong("has_the_bug", "list of bools")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return (layer(y) - layer(x)).abs() < 1e-06


@wrong("has_the_bug", "eval")
def _(layer, x):
    layer.eval()
    y = x.clone()
    y[:, 0] += 5
    return torch.allclose(layer(y), layer(x), atol=1e-06)


@wrong("has_the_bug", "only position 1")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return torch.allclose(layer(y)[:, :1].mean(), layer(x)[:, :1].mean(), atol=1e-06) and False


@wrong("has_the_bug", "view copy")
def _(layer, x):
    y = x[:]
    y[:, 0] += 5
    return torch.allclose(layer(y), layer(x), atol=1e-06)


@wrong("has_the_bug", "signed diff")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return bool((layer(y) - layer(x)).max() < 1e-06) and bool((layer(y) - layer(x)).sum() < -1)


@wrong("has_the_bug", "sum of diff")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 5
    return abs((layer(y) - layer(x)).sum().item()) < 1e-06


@wrong("has_the_bug", "swaps positions")
def _(layer, x):
    y = x.flip(1)
    return torch.allclose(layer(y), layer(x).flip(1), atol=1e-06)


@right("has_the_bug", "own x")
def _(layer, x):
    y = torch.randn(8, 4, x.shape[2], dtype=x.dtype)
    z = y.clone()
    z[:, 2] -= 4
    return torch.allclose(layer(z), layer(y), atol=1e-05)


@right("has_the_bug", "tensor bool")
def _(layer, x):
    y = x.clone()
    y[:, -1] += 100
    return (layer(y) - layer(x)).abs().max() < 1e-05


@right("has_the_bug", "first half")
def _(layer, x):
    y = x.clone()
    y[:, : x.shape[1] // 2] += 5
    return torch.allclose(layer(y), layer(x), atol=1e-06)


@right("has_the_bug", "one position alone")
def _(layer, x):
    return torch.allclose(layer(x[:, :1]), layer(x)[:, :1], atol=1e-06)


@right("has_the_bug", "mask")
def _(layer, x):
    shift = torch.zeros_like(x)
    shift[:, 0, :] = 3.0
    return bool(torch.all(torch.isclose(layer(x + shift), layer(x), atol=1e-08)))


@right("has_the_bug", "float eps")
def _(layer, x):
    y = x.clone()
    y[:, 0] += 1.0
    return (layer(y) - layer(x)).norm().item() < 1e-06


@wrong("has_the_bug", "shape of output")
def _(layer, x):
    return layer(x).shape != x.shape


@wrong("has_the_bug", "std per position")
def _(layer, x):
    return torch.allclose(layer(x).std(0), torch.ones_like(x[0]), atol=0.01)


@right("has_the_bug", "huge")
def _(layer, x):
    y = x.clone()
    y[:, 0] = y[:, 0] + 50
    return torch.allclose(layer(y)[:, 1:], layer(x)[:, 1:], atol=1e-06)


# -- make_tree ------------------------------------------------------------------------------------


@wrong("make_tree", "embedding no g")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "linear no g")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "last no g")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "no g at all")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "last first")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    out = Linear(n_hidden, vocab_size, g=g)
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(out)
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "scale bias")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].bias *= 0.1
    return Sequential(layers)


@wrong("make_tree", "scale 0.01")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.01
    return Sequential(layers)


@wrong("make_tree", "scale all")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    for l in layers:
        if isinstance(l, Linear):
            l.weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "27")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(27, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, 27, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "bool as g")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "flat level")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2 ** (level + 1)),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "bn of fan_in")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(2 * fan_in),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "bn before linear")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            BatchNorm1d(2 * fan_in),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "bn on top")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    layers.append(BatchNorm1d(vocab_size))
    return Sequential(layers)


@wrong("make_tree", "eval")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers).eval()


@wrong("make_tree", "nested blocks")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential([layers[0], Sequential(layers[1:-1]), layers[-1]])


@wrong("make_tree", "zero last")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0
    return Sequential(layers)


@wrong("make_tree", "rebind")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    w = layers[-1].weight
    w = w * 0.1
    return Sequential(layers)


@wrong("make_tree", "reseeded g")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    g = torch.Generator().manual_seed(42)
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "gain")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    for l in layers[:-1]:
        if isinstance(l, Linear):
            l.weight *= 5 / 3
    return Sequential(layers)


@right("make_tree", "tanh reused")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    tanh = Tanh()
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            tanh,
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@right("make_tree", "flat reused")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    flat = FlattenConsecutive(2)
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            flat,
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@right("make_tree", "requires_grad")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    model = Sequential(layers)
    for p in model.parameters():
        p.requires_grad = True
    return model


@right("make_tree", "insert")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = []
    w = n_embd
    t = block_size
    layers.append(Embedding(vocab_size, n_embd, g=g))
    while t > 1:
        layers.append(FlattenConsecutive(2))
        layers.append(Linear(w * 2, n_hidden, bias=False, g=g))
        layers.append(BatchNorm1d(n_hidden))
        layers.append(Tanh())
        w = n_hidden
        t //= 2
    out = Linear(n_hidden, vocab_size, g=g)
    with torch.no_grad():
        out.weight.mul_(0.1)
    return Sequential([*layers, out])


@wrong("make_tree", "growing")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for level in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2 ** (level + 1)),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[-1].weight *= 0.1
    return Sequential(layers)


@wrong("make_tree", "scaled first")
def _(vocab_size, block_size, n_embd, n_hidden, g=None):
    layers = [Embedding(vocab_size, n_embd, g)]
    fan_in = n_embd
    for _ in range(int(math.log2(block_size))):
        layers += [
            FlattenConsecutive(2),
            Linear(2 * fan_in, n_hidden, bias=False, g=g),
            BatchNorm1d(n_hidden),
            Tanh(),
        ]
        fan_in = n_hidden
    layers.append(Linear(n_hidden, vocab_size, g=g))
    layers[0].weight *= 0.1
    return Sequential(layers)


# -- tree_size ------------------------------------------------------------------------------------


@wrong("tree_size", "three levels")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + 2 * o + out


@wrong("tree_size", "float")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return float(e + f + (levels - 1) * o + out)


@wrong("tree_size", "gamma only")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + (levels - 1) * o + out - levels * n_hidden


@wrong("tree_size", "bn once")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + (levels - 1) * (o - 2 * n_hidden) + out


@wrong("tree_size", "27 out")
def _(vocab_size, n_embd, n_hidden, levels):
    e = 27 * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * 27 + 27
    return e + f + (levels - 1) * o + out


@wrong("tree_size", "block_size emb")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return 2**levels * e + f + (levels - 1) * o + out


@wrong("tree_size", "bn of inputs")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 4 * n_embd
    o = 2 * n_hidden * n_hidden + 4 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + (levels - 1) * o + out


@wrong("tree_size", "no output")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + (levels - 1) * o


@wrong("tree_size", "output two neighbours")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + (levels - 1) * o + 2 * n_hidden * vocab_size + vocab_size


@wrong("tree_size", "bn bias of last")
def _(vocab_size, n_embd, n_hidden, levels):
    e = vocab_size * n_embd
    f = 2 * n_embd * n_hidden + 2 * n_hidden
    o = 2 * n_hidden * n_hidden + 2 * n_hidden
    out = n_hidden * vocab_size + vocab_size
    return e + f + (levels - 1) * o + out + n_hidden - vocab_size


@wrong("tree_size", "the model itself, counted")
def _(vocab_size, n_embd, n_hidden, levels):
    return sum((p.numel() for p in make_tree(vocab_size, 2**levels, n_embd, n_hidden).parameters()))


@right("tree_size", "widths")
def _(vocab_size, n_embd, n_hidden, levels):
    w = [n_embd] + [n_hidden] * levels
    return vocab_size * (n_embd + n_hidden + 1) + sum(((2 * a + 2) * b for a, b in zip(w, w[1:])))


@right("tree_size", "torch")
def _(vocab_size, n_embd, n_hidden, levels):
    return (
        torch.tensor(
            [
                vocab_size * n_embd,
                (2 * n_embd + 2) * n_hidden,
                (levels - 1) * (2 * n_hidden + 2) * n_hidden,
                (n_hidden + 1) * vocab_size,
            ]
        )
        .sum()
        .item()
    )


# -- smooth ---------------------------------------------------------------------------------------


@wrong("smooth", "del in place")
def _(losses, window):
    full = len(losses) // window * window
    del losses[full:]
    return torch.tensor(losses, dtype=torch.float64).view(-1, window).mean(1)


@wrong("smooth", "pop")
def _(losses, window):
    while len(losses) % window:
        losses.pop()
    return torch.tensor(losses, dtype=torch.float64).view(-1, window).mean(1)


@wrong("smooth", "keepdim")
def _(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1, keepdim=True)


@wrong("smooth", "list")
def _(losses, window):
    full = len(losses) // window * window
    return [sum(losses[i : i + window]) / window for i in range(0, full, window)]


@wrong("smooth", "median")
def _(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).median(1).values


@wrong("smooth", "ema")
def _(losses, window):
    out, r = ([], losses[0])
    for i, l in enumerate(losses):
        r += (l - r) / window
        if (i + 1) % window == 0:
            out.append(r)
    return torch.tensor(out, dtype=torch.float64)


@wrong("smooth", "cumulative")
def _(losses, window):
    full = len(losses) // window * window
    return torch.tensor(
        [sum(losses[: i + window]) / (i + window) for i in range(0, full, window)],
        dtype=torch.float64,
    )


@wrong("smooth", "padded zero")
def _(losses, window):
    n = -(-len(losses) // window)
    x = torch.zeros(n * window, dtype=torch.float64)
    x[: len(losses)] = torch.tensor(losses)
    return x.view(-1, window).mean(1)


@wrong("smooth", "half")
def _(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full]).half().view(-1, window).mean(1)


@wrong("smooth", "window 1000")
def _(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[: len(losses) // 1000 * 1000]).view(-1, 1000).mean(1)


@wrong("smooth", "off by one range")
def _(losses, window):
    return torch.tensor(
        [sum(losses[i : i + window]) / window for i in range(0, len(losses) - window, window)],
        dtype=torch.float64,
    )


@wrong("smooth", "log")
def _(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).log10().view(-1, window).mean(1)


@right("smooth", "float32 list")
def _(losses, window):
    return torch.tensor(
        [sum(losses[i * window : (i + 1) * window]) / window for i in range(len(losses) // window)]
    )


@right("smooth", "avg_pool")
def _(losses, window):
    x = torch.tensor(losses, dtype=torch.float64)
    if len(x) < window:
        return x[:0]
    return F.avg_pool1d(x[None, None], window)[0, 0]


@right("smooth", "split")
def _(losses, window):
    x = torch.tensor(losses, dtype=torch.float64)
    ms = [c.mean() for c in x.split(window) if len(c) == window]
    return torch.stack(ms) if ms else torch.zeros(0, dtype=torch.float64)


@wrong("smooth", "reverse in place")
def _(losses, window):
    losses.sort(reverse=True)
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1)


# -- learning_rate --------------------------------------------------------------------------------


@wrong("learning_rate", "int()")
def _(step, steps):
    return 0.1 if step < int(0.75 * steps) else 0.01


@wrong("learning_rate", "round()")
def _(step, steps):
    return 0.1 if step < round(0.75 * steps) else 0.01


@wrong("learning_rate", "step+1")
def _(step, steps):
    return 0.1 if (step + 1) / steps <= 0.75 else 0.01


@wrong("learning_rate", "step+1 <")
def _(step, steps):
    return 0.1 if step + 1 < 0.75 * steps else 0.01


@wrong("learning_rate", "str")
def _(step, steps):
    return "0.1" if step < 0.75 * steps else "0.01"


@wrong("learning_rate", "-1")
def _(step, steps):
    return 0.1 if step / max(1, steps - 1) < 0.75 else 0.01


@wrong("learning_rate", "2/3")
def _(step, steps):
    return 0.1 if step < 2 * steps / 3 else 0.01


@wrong("learning_rate", "0.8")
def _(step, steps):
    return 0.1 if step < 0.8 * steps else 0.01


@wrong("learning_rate", "only one return")
def _(step, steps):
    if step < 0.75 * steps:
        return 0.1


@wrong("learning_rate", "1e-1 1e-3")
def _(step, steps):
    return 0.1 if step < 0.75 * steps else 0.05


@wrong("learning_rate", "3*steps//4")
def _(step, steps):
    return 0.1 if step < 3 * steps // 4 else 0.01


@wrong("learning_rate", "from end")
def _(step, steps):
    return 0.01 if steps - step < steps / 4 else 0.1


@right("learning_rate", "power")
def _(step, steps):
    return 0.1 * 0.1 ** (step >= 0.75 * steps)


@right("learning_rate", "left")
def _(step, steps):
    return 0.01 if (steps - step) * 4 <= steps else 0.1


@right("learning_rate", "ceil")
def _(step, steps):
    return [0.1, 0.01][int(step >= -(-3 * steps // 4))]


@right("learning_rate", "tensor")
def _(step, steps):
    return (
        torch.where(torch.tensor(step >= 0.75 * steps), 0.01, 0.1).double().item()
        if False
        else 0.01
        if step >= steps * 0.75
        else 0.1
    )


# -- train_step -----------------------------------------------------------------------------------


@wrong("train_step", "layers")
def _(model, Xb, Yb, lr):
    for layer in model.layers:
        for p in layer.parameters():
            p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for layer in model.layers:
            for p in layer.parameters():
                p -= lr * p.grad
    return loss.item()


@wrong("train_step", "twice forward")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    logits = model(Xb)
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "adam")
def _(model, Xb, Yb, lr):
    opt = torch.optim.Adam(model.parameters(), lr=lr)
    opt.zero_grad()
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    opt.step()
    return loss.item()


@wrong("train_step", "weight decay")
def _(model, Xb, Yb, lr):
    opt = torch.optim.SGD(model.parameters(), lr=lr, weight_decay=0.0001)
    opt.zero_grad()
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    opt.step()
    return loss.item()


@wrong("train_step", "clip")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "lr/n")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad / len(Xb)
    return loss.item()


@wrong("train_step", "hard lr")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= 0.1 * p.grad
    return loss.item()


@wrong("train_step", "zero_ only")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad.zero_()
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "eval after")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    model.eval()
    return loss.item()


@wrong("train_step", "grad off")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    torch.set_grad_enabled(False)
    for p in model.parameters():
        p -= lr * p.grad
    return loss.item()


@wrong("train_step", "ignore 0")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb, ignore_index=0)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "requires false")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    for p in model.parameters():
        p.requires_grad = False
        p -= lr * p.grad
    return loss.item()


@wrong("train_step", "returns logits")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return model(Xb)


@wrong("train_step", "no return")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad


@wrong("train_step", "round")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return round(loss.item(), 4)


@wrong("train_step", "nll of log10")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.log10().item()


@wrong("train_step", "label smoothing")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb, label_smoothing=0.1)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "mse")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    z = model(Xb)
    loss = ((z.softmax(1) - F.one_hot(Yb, z.shape[1])) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "detached logits")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    z = model(Xb).detach().requires_grad_()
    loss = F.cross_entropy(z, Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "no no_grad")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    for p in model.parameters():
        p -= lr * p.grad
    return loss.item()


@wrong("train_step", "grad summed over")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad.mean()
    return loss.item()


@right("train_step", "foreach")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    ps = model.parameters()
    with torch.no_grad():
        torch._foreach_add_(ps, [p.grad for p in ps], alpha=-lr)
    return loss.item()


@right("train_step", "copy_")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    for p in model.parameters():
        p.data.copy_(p.data - lr * p.grad)
    return loss.item()


@right("train_step", "data assign")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    for p in model.parameters():
        p.data = p.data - lr * p.grad
    return loss.item()


@right("train_step", "onehot ce")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    z = model(Xb)
    loss = (z.logsumexp(1) - z.gather(1, Yb[:, None])[:, 0]).mean()
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return float(loss.detach())


@right("train_step", "nll")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.nll_loss(F.log_softmax(model(Xb), dim=-1), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad
    return loss.item()


@wrong("train_step", "mode train then restore layers")
def _(model, Xb, Yb, lr):
    was = model.training
    model.train()
    loss = F.cross_entropy(model(Xb), Yb)
    for p in model.parameters():
        p.grad = None
    loss.backward()
    for p in model.parameters():
        p.data -= lr * p.grad
    model.train(was)
    return loss.item()


@right("train_step", "zero after forward")
def _(model, Xb, Yb, lr):
    loss = F.cross_entropy(model(Xb), Yb)
    ps = list(model.parameters())
    for p in ps:
        p.grad = None
    loss.backward()
    for p in ps:
        p.data.add_(p.grad, alpha=-lr)
    return loss.item()


@wrong("train_step", "matrices only")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            if p.ndim > 1:
                p -= lr * p.grad
    return loss.item()


@wrong("train_step", "sign")
def _(model, Xb, Yb, lr):
    for p in model.parameters():
        p.grad = None
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    with torch.no_grad():
        for p in model.parameters():
            p -= lr * p.grad.sign()
    return loss.item()


# -- evaluate -------------------------------------------------------------------------------------


@wrong("evaluate", "chunk weight")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(model(X[i : i + chunk]), Y[i : i + chunk]).item() * chunk
    model.train(was)
    return total / len(X)


@wrong("evaluate", "clears grads")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    for p in model.parameters():
        p.grad = None
    return total / len(X)


@wrong("evaluate", "hard 4096")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), 4096):
            total += F.cross_entropy(
                model(X[i : i + 4096]), Y[i : i + 4096], reduction="sum"
            ).item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "train in end only if")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    if not was:
        model.train()
    return total / len(X)


@wrong("evaluate", "mode asked late")
def _(model, X, Y, chunk=4096):
    model.eval()
    was = model.training
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "return tensor list")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    return [total / len(X)]


@wrong("evaluate", "no_grad loss only")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    for i in range(0, len(X), chunk):
        z = model(X[i : i + chunk])
        with torch.no_grad():
            total += F.cross_entropy(z, Y[i : i + chunk], reduction="sum").item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "requires off")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    for p in model.parameters():
        p.requires_grad = False
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "accuracy")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += (model(X[i : i + chunk]).argmax(1) == Y[i : i + chunk]).sum().item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "perplexity")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    import math

    return math.exp(total / len(X))


@wrong("evaluate", "max(len chunk)")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    return total / chunk


@wrong("evaluate", "cumulative i+1")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X) - 1, chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "random subset")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        ix = torch.randint(0, len(X), (chunk,))
        total = F.cross_entropy(model(X[ix]), Y[ix]).item() * len(X)
    model.train(was)
    return total / len(X)


@wrong("evaluate", "set train layers")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    for l in model.layers:
        l.train(was)
    return total / len(X)


@wrong("evaluate", "bn eval only flag")
def _(model, X, Y, chunk=4096):
    was = model.training
    for l in model.layers:
        l.training = False
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    for l in model.layers:
        l.training = was
    return total / len(X)


@wrong("evaluate", "mean of chunk sum/len int")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            total += F.cross_entropy(
                model(X[i : i + chunk]), Y[i : i + chunk], reduction="sum"
            ).item()
    model.train(was)
    return total // len(X)


@wrong("evaluate", "a tensor for the float")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.train(False)
    with torch.no_grad():
        parts = [
            F.cross_entropy(model(a), b, reduction="none")
            for a, b in zip(torch.split(X, chunk), torch.split(Y, chunk))
        ]
    model.train(was)
    return torch.cat(parts).mean()


@right("evaluate", "smaller chunks")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    total = 0.0
    c = max(1, chunk // 2)
    with torch.inference_mode():
        for i in range(0, len(X), c):
            total += F.cross_entropy(model(X[i : i + c]), Y[i : i + c], reduction="sum").item()
    model.train(was)
    return total / len(X)


@wrong("evaluate", "model copied?")
def _(model, X, Y, chunk=4096):
    import copy

    m = copy.deepcopy(model)
    m.train()
    with torch.no_grad():
        return F.cross_entropy(m(X), Y).item()


@right("evaluate", "single pass list")
def _(model, X, Y, chunk=4096):
    was = model.training
    model.eval()
    losses = []
    with torch.no_grad():
        for a in range(0, len(X), chunk):
            b = a + chunk
            losses.extend(F.cross_entropy(model(X[a:b]), Y[a:b], reduction="none").tolist())
    model.train(was)
    return sum(losses) / len(losses)


@wrong("evaluate", "trains")
def _(model, X, Y, chunk=4096):
    was_training = model.training
    model.eval()
    train_step(model, X[:2], Y[:2], 0.1)
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            logits = model(X[i : i + chunk])
            total += F.cross_entropy(logits, Y[i : i + chunk], reduction="sum").item()
    model.train(was_training)
    return total / len(X)


@wrong("evaluate", "condition inverted")
def _(model, X, Y, chunk=4096):
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for i in range(0, len(X), chunk):
            logits = model(X[i : i + chunk])
            total += F.cross_entropy(logits, Y[i : i + chunk], reduction="sum").item()
    if not was_training:
        model.train()
    return total / len(X)


# -- train ----------------------------------------------------------------------------------------


@wrong("train", "on_step with step")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(step)
    return losses


@wrong("train", "eval at end")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    model.eval()
    return losses


@wrong("train", "global rng")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,))
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "reseed g")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    g.manual_seed(42)
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "lr of len")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, len(X)))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "slices")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        i = step * batch_size % len(X)
        ix = torch.arange(i, i + batch_size) % len(X)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "steps as epochs")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps * max(1, len(X) // batch_size)):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "smoothed")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return smooth(losses, 1)


@wrong("train", "tensor")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return torch.tensor(losses)


@wrong("train", "extra draw")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    torch.randint(0, len(X), (batch_size,), generator=g)
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "two train_steps")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "loss after via evaluate")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        loss = evaluate(model, X, Y)
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "first lr only")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    lr = learning_rate(0, steps)
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], lr)
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "on_step every 10")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        if step % 10 == 0:
            on_step(loss)
    return losses


@wrong("train", "rounding")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        loss = round(loss, 3)
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "running mean")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        losses[-1] = sum(losses) / len(losses)
        on_step(loss)
    return losses


@wrong("train", "randint sz 1")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X) + 1, (batch_size,), generator=g) % len(X)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "no return")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)


@wrong("train", "multinomial")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.multinomial(torch.ones(len(X)), batch_size, replacement=True, generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "lr minus")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(max(step - 1, 0), steps))
        losses.append(loss)
        on_step(loss)
    return losses


@right("train", "train each")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        model.train()
        loss = train_step(model, X[ix], Y[ix], lr=learning_rate(step=step, steps=steps))
        losses.append(loss)
        on_step(loss)
    return losses


@right("train", "size kw")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(high=X.size(0), size=[batch_size], generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


@wrong("train", "a tuple for the list")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return tuple(losses)


@right("train", "tensors")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(torch.tensor(loss, dtype=torch.float64))
        on_step(loss)
    return losses


@wrong("train", "in eval")
def _(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.eval()
    losses = []
    for step in range(steps):
        ix = torch.randint(0, len(X), (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], learning_rate(step, steps))
        losses.append(loss)
        on_step(loss)
    return losses


# -- run_experiment -------------------------------------------------------------------------------


@wrong("run_experiment", "batch 64")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, 64, on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "extra key")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
        "lr": 0.1,
    }


@wrong("run_experiment", "smoothed")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": smooth(losses, 10),
    }


@wrong("run_experiment", "train key renamed")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
        "train_loss": evaluate(model, *splits["train"]),
    }


@wrong("run_experiment", "eval end")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    model.eval()
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "param elements of 2d")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters() if p.ndim > 1)),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "pop test")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    splits.pop("test", None)
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "own seed g")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    g.manual_seed(42)
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "train+dev")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(
        model,
        *[torch.cat(t) for t in zip(splits["train"], splits["dev"])],
        steps,
        g,
        on_step=on_step,
    )
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "dev chunk mean")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": F.cross_entropy(model(splits["dev"][0]), splits["dev"][1]).item(),
        "losses": losses,
    }


@wrong("run_experiment", "last of losses dev")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": min(losses),
        "losses": losses,
    }


@wrong("run_experiment", "subset train")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, splits["train"][0][:10], splits["train"][1][:10]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "train twice")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    train(model, *splits["train"], steps, g, on_step=on_step)
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "name upper")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name.title(),
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "calls on_step itself too")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    for l in losses:
        on_step(l)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "trainable only")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.shape[0] for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@wrong("run_experiment", "swapped order unpack")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    test, dev, tr_ = [splits.get(s) for s in ("test", "dev", "train")]
    losses = train(model, *tr_, steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *dev),
        "dev": evaluate(model, *(test or dev)),
        "losses": losses,
    }


@right("run_experiment", "len losses")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=on_step)
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": len(losses),
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": list(losses),
    }


@right("run_experiment", "model.train after")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    X, Y = splits["train"]
    losses = train(model, X, Y, steps=steps, g=g, on_step=on_step)
    model.train()
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"]),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


@right("run_experiment", "lambda")
def _(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = train(model, *splits["train"], steps, g, on_step=lambda l: on_step(l))
    return {
        "name": name,
        "parameters": sum((p.numel() for p in model.parameters())),
        "steps": steps,
        "train": evaluate(model, *splits["train"], chunk=7),
        "dev": evaluate(model, *splits["dev"]),
        "losses": losses,
    }


# -- table ----------------------------------------------------------------------------------------


@wrong("table", "one space")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |".replace(
                "|  |", "| |"
            )
        )
    return "\n".join(lines)


@wrong("table", "no header spaces")
def _(rows):
    lines = ["|run|parameters|steps|train|dev|change|", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "dash in first")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "-" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "percent")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{100 * (row['dev'] / rows[i - 1]['dev'] - 1):+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "space sign")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']: .3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "commas in params only")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "mutates rows")
def _(rows):
    for i, row in enumerate(rows):
        row["change"] = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = row["change"]
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "rounded :.4g")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.4g} | {row['dev']:.4g} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "round()")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {round(row['train'], 3)} | {round(row['dev'], 3)} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "wrap i-1")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "plus if positive")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = (
            ""
            if i == 0
            else ("+" if row["dev"] > rows[i - 1]["dev"] else "")
            + f"{row['dev'] - rows[i - 1]['dev']:.3f}"
        )
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "rule wide")
def _(rows):
    lines = [
        "| run | parameters | steps | train | dev | change |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "rjust")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']:<10} | {row['parameters']:>10,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "train diff gap")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - row['train']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@wrong("table", "empty rows fails")
def _(rows):
    first = rows[0]
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


@right("table", "format")
def _(rows):

    def line(*c):
        return "| " + " | ".join(c) + " |"

    out = [
        line("run", "parameters", "steps", "train", "dev", "change"),
        "|" + "|".join(["---"] * 6) + "|",
    ]
    for prev, r in zip([None] + rows, rows):
        d = "" if prev is None else "%+.3f" % (r["dev"] - prev["dev"])
        out.append(
            line(
                r["name"],
                format(r["parameters"], ","),
                format(r["steps"], ","),
                "%.3f" % r["train"],
                "%.3f" % r["dev"],
                d,
            )
        )
    return "\n".join(out)


@right("table", "strip")
def _(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, row in enumerate(rows):
        change = "" if i == 0 else f"{row['dev'] - rows[i - 1]['dev']:+.3f}"
        lines.append(
            f"| {row['name']} | {row['parameters']:,} | {row['steps']:,} | {row['train']:.3f} | {row['dev']:.3f} | {change} |"
        )
    return ("\n".join(lines) + "\n").rstrip("\n")


# -- windows --------------------------------------------------------------------------------------


@wrong("windows", "unfold reshape")
def _(x, size):
    B, T, C = x.shape
    return x.unfold(1, size, 1).reshape(B, T - size + 1, size, C)


@wrong("windows", "zeros f32")
def _(x, size):
    B, T, C = x.shape
    out = torch.zeros(B, T - size + 1, size, C)
    for i in range(T - size + 1):
        out[:, i] = x[:, i : i + size]
    return out


@wrong("windows", "list")
def _(x, size):
    return [x[:, i : i + size] for i in range(x.shape[1] - size + 1)]


@wrong("windows", "squeeze")
def _(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1).squeeze()


@wrong("windows", "dim 2")
def _(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=2)


@wrong("windows", "mirror pad")
def _(x, size):
    x = F.pad(x, (0, 0, size - 1, 0))
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)


@wrong("windows", "hard 8")
def _(x, size):
    return torch.stack([x[:, i : i + 8] for i in range(x.shape[1] - 8 + 1)], dim=1)


@wrong("windows", "flat windows")
def _(x, size):
    return torch.stack([x[:, i : i + size].flatten(1) for i in range(x.shape[1] - size + 1)], dim=1)


@wrong("windows", "as_strided contiguous")
def _(x, size):
    B, T, C = x.shape
    return torch.as_strided(x, (B, T - size + 1, size, C), (T * C, C, C, 1))


@wrong("windows", "as_strided float")
def _(x, size):
    return torch.stack([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1).float()


@wrong("windows", "cat dim1")
def _(x, size):
    return torch.cat([x[:, i : i + size] for i in range(x.shape[1] - size + 1)], dim=1)


@wrong("windows", "len x")
def _(x, size):
    return torch.stack([x[:, i : i + size] for i in range(len(x) - size + 1)], dim=1)


@right("windows", "as_strided")
def _(x, size):
    B, T, C = x.shape
    b, t, c = x.stride()
    return x.as_strided((B, T - size + 1, size, C), (b, t, t, c))


@right("windows", "stack other")
def _(x, size):
    n = x.shape[1] - size + 1
    return torch.stack([x[:, k : k + n] for k in range(size)], dim=2)


@right("windows", "gather")
def _(x, size):
    ix = (torch.arange(x.size(1) - size + 1).unsqueeze(1) + torch.arange(size)).flatten()
    return x.index_select(1, ix).unflatten(1, (-1, size))


# -- tree_everywhere ------------------------------------------------------------------------------


@wrong("tree_everywhere", "len")
def _(x, levels):
    cut = windows(x, len(levels))
    B, N, s, C = cut.shape
    return tree(cut.reshape(B * N, s, C), levels).view(B, N, -1)


@wrong("tree_everywhere", "B only first")
def _(x, levels):
    cut = windows(x[:1], 2 ** len(levels))
    B, N, s, C = cut.shape
    return tree(cut.reshape(B * N, s, C), levels).view(B, N, -1)


@wrong("tree_everywhere", "padded")
def _(x, levels):
    s = 2 ** len(levels)
    cut = windows(F.pad(x, (0, 0, s - 1, 0)), s)
    B, N, s, C = cut.shape
    return tree(cut.reshape(B * N, s, C), levels).view(B, N, -1)


@wrong("tree_everywhere", "view N*B")
def _(x, levels):
    cut = windows(x, 2 ** len(levels))
    B, N, s, C = cut.shape
    return tree(cut.transpose(0, 1).reshape(B * N, s, C), levels).view(B, N, -1)


@wrong("tree_everywhere", "no grad")
def _(x, levels):
    cut = windows(x, 2 ** len(levels))
    B, N, s, C = cut.shape
    with torch.no_grad():
        return tree(cut.reshape(B * N, s, C), levels).view(B, N, -1)


@wrong("tree_everywhere", "out zeros")
def _(x, levels):
    s = 2 ** len(levels)
    N = x.shape[1] - s + 1
    out = torch.zeros(x.shape[0], N, levels[-1][0].shape[1])
    for i in range(N):
        out[:, i] = tree(x[:, i : i + s], levels)
    return out


@wrong("tree_everywhere", "range N-1")
def _(x, levels):
    s = 2 ** len(levels)
    return torch.stack([tree(x[:, i : i + s], levels) for i in range(max(1, x.shape[1] - s))], 1)


@wrong("tree_everywhere", "dim0")
def _(x, levels):
    s = 2 ** len(levels)
    return torch.stack([tree(x[:, i : i + s], levels) for i in range(x.shape[1] - s + 1)])


@wrong("tree_everywhere", "keeps dim")
def _(x, levels):
    cut = windows(x, 2 ** len(levels))
    B, N, s, C = cut.shape
    return tree(cut.reshape(B * N, s, C), levels).view(B, N, 1, -1)


@wrong("tree_everywhere", "whole tree")
def _(x, levels):
    return tree(x, levels)


@wrong("tree_everywhere", "view C")
def _(x, levels):
    cut = windows(x, 2 ** len(levels))
    B, N, s, C = cut.shape
    return tree(cut.reshape(B * N, s, C), levels).view(B, N, C)


@right("tree_everywhere", "vmap")
def _(x, levels):
    return torch.vmap(lambda w: tree(w, levels), in_dims=1, out_dims=1)(
        windows(x, 2 ** len(levels))
    )


@right("tree_everywhere", "per example")
def _(x, levels):
    return torch.stack([tree(w, levels) for w in windows(x, 2 ** len(levels))])


@right("tree_everywhere", "unflatten")
def _(x, levels):
    cut = windows(x, 2 ** len(levels))
    return tree(cut.flatten(0, 1), levels).unflatten(0, cut.shape[:2])


# -- dilated_conv ---------------------------------------------------------------------------------


@wrong("dilated_conv", "negative index")
def _(x, W, b, dilation):
    out = []
    for t in range(x.shape[1]):
        out.append(torch.cat([x[:, t - dilation], x[:, t]], dim=1) @ W + b)
    return torch.stack(out, 1)


@wrong("dilated_conv", "crop from zero")
def _(x, W, b, dilation):
    left = torch.cat([x.new_zeros(x.shape[0], dilation, x.shape[2]), x[:, :-dilation]], 1)
    return torch.cat([left, x], -1) @ W + b


@wrong("dilated_conv", "in place left")
def _(x, W, b, dilation):
    left = x
    left[:, dilation:] = x[:, : x.shape[1] - dilation].clone()
    left[:, :dilation] = 0
    return torch.cat([left, x], -1) @ W + b


@wrong("dilated_conv", "W twice")
def _(x, W, b, dilation):
    C = x.shape[2]
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return left @ W[:C] + x @ W[:C] + b


@wrong("dilated_conv", "bias only where")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return left @ W[: x.shape[2]] + (left != 0).any(-1, keepdim=True) * b + x @ W[x.shape[2] :]


@wrong("dilated_conv", "b twice")
def _(x, W, b, dilation):
    C = x.shape[2]
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return left @ W[:C] + b + x @ W[C:] + b


@wrong("dilated_conv", "interleaved W")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return left @ W[::2] + x @ W[1::2] + b


@wrong("dilated_conv", "relu")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return torch.relu(torch.cat([left, x], dim=-1) @ W + b)


@wrong("dilated_conv", "batch pad")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, 0, 0, dilation, 0))[: x.shape[0]]
    return torch.cat([left, x], dim=-1) @ W + b


@wrong("dilated_conv", "2*dilation")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, 2 * dilation, 0))[:, : x.shape[1]]
    return torch.cat([left, x], dim=-1) @ W + b


@wrong("dilated_conv", "conv1d flipped")
def _(x, W, b, dilation):
    w = W.view(2, x.shape[2], -1).permute(2, 1, 0).flip(2)
    return F.conv1d(F.pad(x.mT, (dilation, 0)), w, b, dilation=dilation).mT


@wrong("dilated_conv", "conv1d padding")
def _(x, W, b, dilation):
    w = W.view(2, x.shape[2], -1).permute(2, 1, 0)
    return F.conv1d(x.mT, w, b, dilation=dilation, padding=dilation).mT


@wrong("dilated_conv", "conv1d cropped end")
def _(x, W, b, dilation):
    w = W.view(2, x.shape[2], -1).permute(2, 1, 0)
    return F.conv1d(x.mT, w, b, dilation=dilation, padding=dilation).mT[:, dilation:]


@wrong("dilated_conv", "conv1d BCT")
def _(x, W, b, dilation):
    w = W.view(2, x.shape[2], -1).permute(2, 1, 0)
    return F.conv1d(F.pad(x.mT, (dilation, 0)), w, b, dilation=dilation)


@wrong("dilated_conv", "stack")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return torch.stack([left, x], dim=-1).flatten(2) @ W + b


@wrong("dilated_conv", "out f32")
def _(x, W, b, dilation):
    out = torch.zeros(x.shape[0], x.shape[1], W.shape[1])
    for t in range(x.shape[1]):
        e = x[:, t - dilation] if t >= dilation else torch.zeros_like(x[:, t])
        out[:, t] = torch.cat([e, x[:, t]], 1) @ W + b
    return out


@wrong("dilated_conv", "t > dilation")
def _(x, W, b, dilation):
    out = []
    for t in range(x.shape[1]):
        e = x[:, t - dilation] if t > dilation else torch.zeros_like(x[:, t])
        out.append(torch.cat([e, x[:, t]], 1) @ W + b)
    return torch.stack(out, 1)


@wrong("dilated_conv", "no grad W")
def _(x, W, b, dilation):
    left = F.pad(x, (0, 0, dilation, 0))[:, : x.shape[1]]
    return torch.cat([left, x], dim=-1) @ W.data + b


@right("dilated_conv", "conv crop")
def _(x, W, b, dilation):
    w = W.reshape(2, x.shape[2], -1).permute(2, 1, 0)
    return F.conv1d(x.mT, w, b, dilation=dilation, padding=dilation)[:, :, : x.shape[1]].mT


@right("dilated_conv", "zeros_like")
def _(x, W, b, dilation):
    left = torch.zeros_like(x)
    if dilation < x.shape[1]:
        left[:, dilation:] = x[:, :-dilation]
    return torch.cat((left, x), 2) @ W + b


@right("dilated_conv", "roll mask")
def _(x, W, b, dilation):
    left = x.roll(dilation, 1) * (torch.arange(x.shape[1]) >= dilation)[:, None]
    C = W.shape[0] // 2
    return left @ W[:C] + x @ W[C:] + b


@right("dilated_conv", "einsum")
def _(x, W, b, dilation):
    left = torch.cat([torch.zeros(x.shape[0], dilation, x.shape[2]), x], 1)[:, : x.shape[1]]
    return torch.einsum("btc,co->bto", torch.cat([left, x], 2), W) + b


# -- wavenet --------------------------------------------------------------------------------------


@wrong("wavenet", "xor")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, 2 ^ i))
    return x


@wrong("wavenet", "2*i")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, max(1, 2 * i)))
    return x


@wrong("wavenet", "2**(i+1)")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, 2 ** (i + 1)))
    return x


@wrong("wavenet", "i**2")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, max(1, i**2)))
    return x


@wrong("wavenet", "len levels const")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, 2 ** (len(levels) - 1)))
    return x


@wrong("wavenet", "relu")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.relu(dilated_conv(x, W, b, 2**i))
    return x


@wrong("wavenet", "tanh once")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = dilated_conv(x, W, b, 2**i)
    return torch.tanh(x)


@wrong("wavenet", "returns early")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, 2**i))
        return x


@wrong("wavenet", "last pos")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, 2**i))
    return x[:, -1]


@wrong("wavenet", "all")
def _(x, levels):
    outs = []
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x, W, b, 2**i))
        outs.append(x)
    return outs


@wrong("wavenet", "detach")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.tanh(dilated_conv(x.detach(), W, b, 2**i))
    return x


@wrong("wavenet", "first level for all")
def _(x, levels):
    W, b = levels[0]
    for i in range(len(levels)):
        x = torch.tanh(dilated_conv(x, W, b, 2**i))
    return x


@wrong("wavenet", "sigmoid")
def _(x, levels):
    for i, (W, b) in enumerate(levels):
        x = torch.sigmoid(dilated_conv(x, W, b, 2**i))
    return x


@wrong("wavenet", "pops")
def _(x, levels):
    i = 0
    while levels:
        W, b = levels.pop(0)
        x = torch.tanh(dilated_conv(x, W, b, 2**i))
        i += 1
    return x


@wrong("wavenet", "zeroed first")
def _(x, levels):
    y = x
    for i, (W, b) in enumerate(levels):
        y = torch.tanh(dilated_conv(y, W, b, 2**i))
        y = y * (torch.arange(y.shape[1])[:, None] >= 2**i)
    return y


@right("wavenet", "written out")
def _(x, levels):
    d = 1
    for W, b in levels:
        left = F.pad(x, (0, 0, d, 0))[:, : x.shape[1]]
        x = (torch.cat([left, x], -1) @ W + b).tanh()
        d = d + d
    return x


@right("wavenet", "zip")
def _(x, levels):
    for (W, b), d in zip(levels, [2**i for i in range(len(levels))]):
        x = F.tanh(dilated_conv(x, W, b, dilation=d))
    return x


# -- receptive_field ------------------------------------------------------------------------------


@wrong("receptive_field", "len")
def _(dilations):
    return len(dilations) + 1


@wrong("receptive_field", "tensor float")
def _(dilations):
    return float(1 + sum(dilations))


@wrong("receptive_field", "2*sum")
def _(dilations):
    return 2 * sum(dilations)


@wrong("receptive_field", "2*max")
def _(dilations):
    return 2 * max(dilations)


@wrong("receptive_field", "empty 0")
def _(dilations):
    return 1 + sum(dilations) if dilations else 0


@wrong("receptive_field", "2**sum")
def _(dilations):
    return 2 ** sum(dilations)


@wrong("receptive_field", "pop")
def _(dilations):
    n = 1
    while dilations:
        n += dilations.pop()
    return n


@wrong("receptive_field", "set")
def _(dilations):
    return 1 + sum(set(dilations))


@wrong("receptive_field", "len + sum - 1")
def _(dilations):
    return len(dilations) + sum(dilations) - 1


@right("receptive_field", "recursion")
def _(dilations):
    return 1 if not dilations else dilations[0] + receptive_field(dilations[1:])


@right("receptive_field", "experiment")
def _(dilations):
    seen = {0}
    for d in dilations:
        seen |= {s + d for s in seen}
    return max(seen) + 1


# -- count_nodes ----------------------------------------------------------------------------------


@wrong("count_nodes", "list of levels")
def _(T, L):
    return ((T - 2**L + 1) * (2**L - 1), [T] * L)


@wrong("count_nodes", "xor")
def _(T, L):
    return ((T - (2 ^ L) + 1) * ((2 ^ L) - 1), T * L)


@wrong("count_nodes", "float")
def _(T, L):
    return ((T - 2**L + 1) * (2**L - 1) / 1, T * L)


@wrong("count_nodes", "non overlap")
def _(T, L):
    return (T // 2**L * (2**L - 1), T * L)


@wrong("count_nodes", "L+1")
def _(T, L):
    return ((T - 2**L + 1) * (2**L - 1), T * (L + 1))


@wrong("count_nodes", "ratio")
def _(T, L):
    return (T - 2**L + 1) * (2**L - 1) / (T * L)


@wrong("count_nodes", "one tree")
def _(T, L):
    return (2**L - 1, T * L)


@wrong("count_nodes", "halved")
def _(T, L):
    return ((T - 2**L + 1) * 2 ** (L - 1), T * L)


@wrong("count_nodes", "triangular")
def _(T, L):
    return ((T - 2**L + 1) * L * (L + 1) // 2, T * L)


@wrong("count_nodes", "conv shrinks")
def _(T, L):
    return ((T - 2**L + 1) * (2**L - 1), sum((T - 2 ** (i + 1) + 1 for i in range(L))))


@wrong("count_nodes", "sum")
def _(T, L):
    return (T - 2**L + 1) * (2**L - 1) + T * L


@right("count_nodes", "a sum of powers")
def _(T, L):
    w = len(range(T - 2**L + 1))
    return w * sum((2**i for i in range(L))), L * T


@right("count_nodes", "tensor")
def _(T, L):
    a = torch.tensor([(T - 2**L + 1) * (2**L - 1), T * L])
    return tuple(a.tolist())


# -- conv1d_weight --------------------------------------------------------------------------------


@wrong("conv1d_weight", "WT view")
def _(W):
    return W.T.reshape(W.shape[1], -1, 2)


@wrong("conv1d_weight", "hard C")
def _(W):
    return W.view(2, 2, -1).permute(2, 1, 0)


@wrong("conv1d_weight", "WT 2 first")
def _(W):
    return W.T.reshape(W.shape[1], 2, -1)


@wrong("conv1d_weight", "numpy")
def _(W):
    return torch.from_numpy(
        W.detach().numpy().reshape(2, W.shape[0] // 2, -1).transpose(2, 1, 0).copy()
    )


@wrong("conv1d_weight", "halves cat")
def _(W):
    a, b = W.chunk(2)
    return torch.cat([a.T, b.T], dim=1).unsqueeze(-1)


@wrong("conv1d_weight", "stack dim1")
def _(W):
    a, b = W.chunk(2)
    return torch.stack([a.T, b.T], dim=1)


@wrong("conv1d_weight", "stack no T")
def _(W):
    a, b = W.chunk(2)
    return torch.stack([a, b], dim=2)


@wrong("conv1d_weight", "chunk 1")
def _(W):
    a, b = W.chunk(2, dim=1) if W.shape[1] > 1 else W.chunk(2)
    return torch.stack([a.T, b.T], dim=2)


@wrong("conv1d_weight", "float")
def _(W):
    return W.view(2, W.shape[0] // 2, W.shape[1]).permute(2, 1, 0).float()


@wrong("conv1d_weight", "nn.Parameter")
def _(W):
    return torch.nn.Parameter(W.view(2, W.shape[0] // 2, W.shape[1]).permute(2, 1, 0))


@wrong("conv1d_weight", "empty loop f32")
def _(W):
    h = len(W) // 2
    out = torch.zeros(W.shape[1], h, 2)
    out[:, :, 0] = W[:h].T
    out[:, :, 1] = W[h:].T
    return out


@right("conv1d_weight", "einops")
def _(W):
    return torch.einsum("tio->oit", W.reshape(2, -1, W.shape[1]))


@right("conv1d_weight", "loop")
def _(W):
    h = len(W) // 2
    out = W.new_zeros(W.shape[1], h, 2)
    out[:, :, 0] = W[:h].T
    out[:, :, 1] = W[h:].T
    return out


@right("conv1d_weight", "unflatten")
def _(W):
    return W.unflatten(0, (2, -1)).movedim(0, -1).transpose(0, 1)


# -- gated ----------------------------------------------------------------------------------------


@wrong("gated", "Wg bf")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) * torch.sigmoid(
        dilated_conv(x, block["Wf"], block["bg"], dilation)
    )


@wrong("gated", "1-sigmoid")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) * (
        1 - torch.sigmoid(dilated_conv(x, block["Wg"], block["bg"], dilation))
    )


@wrong("gated", "filters swapped")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wg"], block["bg"], dilation)) * torch.sigmoid(
        dilated_conv(x, block["Wf"], block["bf"], dilation)
    )


@wrong("gated", "softmax")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) * torch.softmax(
        dilated_conv(x, block["Wg"], block["bg"], dilation), -1
    )


@wrong("gated", "no tanh")
def _(x, block, dilation):
    return dilated_conv(x, block["Wf"], block["bf"], dilation) * torch.sigmoid(
        dilated_conv(x, block["Wg"], block["bg"], dilation)
    )


@wrong("gated", "relu")
def _(x, block, dilation):
    return torch.relu(dilated_conv(x, block["Wf"], block["bf"], dilation)) * torch.sigmoid(
        dilated_conv(x, block["Wg"], block["bg"], dilation)
    )


@wrong("gated", "gate reads filter conv")
def _(x, block, dilation):
    z = dilated_conv(x, block["Wf"], block["bf"], dilation)
    return torch.tanh(z) * torch.sigmoid(z)


@wrong("gated", "gate at x only")
def _(x, block, dilation):
    C = x.shape[-1]
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) * torch.sigmoid(
        x @ block["Wg"][C:] + block["bg"]
    )


@wrong("gated", "filter not dilated")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], 1)) * torch.sigmoid(
        dilated_conv(x, block["Wg"], block["bg"], dilation)
    )


@wrong("gated", "tuple")
def _(x, block, dilation):
    return (
        torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)),
        torch.sigmoid(dilated_conv(x, block["Wg"], block["bg"], dilation)),
    )


@wrong("gated", "filter detached")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)).detach() * torch.sigmoid(
        dilated_conv(x, block["Wg"], block["bg"], dilation)
    )


@wrong("gated", "hard gate")
def _(x, block, dilation):
    return torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) * (
        dilated_conv(x, block["Wg"], block["bg"], dilation) > 0
    )


@wrong("gated", "mult x")
def _(x, block, dilation):
    return (
        x[..., :1]
        * torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation))
        * torch.sigmoid(dilated_conv(x, block["Wg"], block["bg"], dilation))
    )


@right("gated", "tanh half")
def _(x, block, dilation):
    g = dilated_conv(x, block["Wg"], block["bg"], dilation)
    return dilated_conv(x, block["Wf"], block["bf"], dilation).tanh() * (0.5 * (g / 2).tanh() + 0.5)


@right("gated", "exp")
def _(x, block, dilation):
    g = dilated_conv(x, block["Wg"], block["bg"], dilation)
    return dilated_conv(x, block["Wf"], block["bf"], dilation).tanh() / (1 + torch.exp(-g))


@right("gated", "helper")
def _(x, block, dilation):
    f, g = [dilated_conv(x, block["W" + k], block["b" + k], dilation) for k in "fg"]
    return torch.mul(F.tanh(f), F.sigmoid(g))


# -- residual_block -------------------------------------------------------------------------------


@wrong("residual_block", "skip = stream@Ws via z+..")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    s = x + z @ block["Wr"] + block["br"]
    return (s, s)


@wrong("residual_block", "skip is z")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x + z @ block["Wr"] + block["br"], z)


@wrong("residual_block", "residual z")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (
        z + z @ block["Wr"] + block["br"] if z.shape == x.shape else z @ block["Wr"] + block["br"],
        z @ block["Ws"] + block["bs"],
    )


@wrong("residual_block", "no br")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x + z @ block["Wr"], z @ block["Ws"] + block["bs"])


@wrong("residual_block", "dict")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return {"stream": x + z @ block["Wr"] + block["br"], "skip": z @ block["Ws"] + block["bs"]}


@wrong("residual_block", "only stream")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return x + z @ block["Wr"] + block["br"]


@wrong("residual_block", "stack")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return torch.cat([x + z @ block["Wr"] + block["br"], z @ block["Ws"] + block["bs"]], -1)


@wrong("residual_block", "skip detached")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x + z @ block["Wr"] + block["br"], (z @ block["Ws"] + block["bs"]).detach())


@wrong("residual_block", "stream z detached")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x + z.detach() @ block["Wr"] + block["br"], z @ block["Ws"] + block["bs"])


@wrong("residual_block", "relu skip")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x + z @ block["Wr"] + block["br"], torch.relu(z @ block["Ws"] + block["bs"]))


@wrong("residual_block", "gated minus")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x - z @ block["Wr"] - block["br"], z @ block["Ws"] + block["bs"])


@wrong("residual_block", "gated of tanh")
def _(x, block, dilation):
    z = torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation))
    return (x + z @ block["Wr"] + block["br"], z @ block["Ws"] + block["bs"])


@wrong("residual_block", "add_")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    x.add_(z @ block["Wr"] + block["br"])
    return (x, z @ block["Ws"] + block["bs"])


@wrong("residual_block", "WrT")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    return (x + z @ block["Wr"].T + block["br"], z @ block["Ws"] + block["bs"])


@right("residual_block", "addmm")
def _(x, block, dilation):
    z = gated(x, block, dilation)
    a = torch.matmul(z, block["Wr"]) + (block["br"] + x)
    b = block["bs"] + torch.einsum("bth,hs->bts", z, block["Ws"])
    return (a, b)


@right("residual_block", "clone")
def _(x, block, dilation):
    z = gated(x.clone(), block, dilation)
    x = x.clone()
    x += z @ block["Wr"] + block["br"]
    return (x, z @ block["Ws"] + block["bs"])


@right("residual_block", "inlined")
def _(x, block, dilation):
    z = (
        dilated_conv(x, block["Wf"], block["bf"], dilation).tanh()
        * dilated_conv(x, block["Wg"], block["bg"], dilation).sigmoid()
    )
    return (
        x + F.linear(z, block["Wr"].t(), block["br"]),
        F.linear(z, block["Ws"].t(), block["bs"]),
    )


# -- output ---------------------------------------------------------------------------------------


@wrong("output", "cat")
def _(skips, head):
    h = torch.relu(torch.cat(skips, -1))[..., : head["W1"].shape[0]] @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "max")
def _(skips, head):
    h = torch.relu(torch.stack(skips).amax(0)) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "first")
def _(skips, head):
    h = torch.relu(skips[0]) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "product")
def _(skips, head):
    p = skips[0]
    for s in skips[1:]:
        p = p * s
    h = torch.relu(p) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "sum dim")
def _(skips, head):
    h = torch.relu(torch.stack(skips).sum(1)) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "relu_ inplace")
def _(skips, head):
    t = skips[0]
    for s in skips[1:]:
        t = t + s
    t.relu_()
    h = t @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "log_softmax")
def _(skips, head):
    h = torch.relu(sum(skips)) @ head["W1"] + head["b1"]
    return F.log_softmax(torch.relu(h) @ head["W2"] + head["b2"], -1)


@wrong("output", "gelu")
def _(skips, head):
    h = F.gelu(sum(skips)) @ head["W1"] + head["b1"]
    return F.gelu(h) @ head["W2"] + head["b2"]


@wrong("output", "no b1")
def _(skips, head):
    h = torch.relu(sum(skips)) @ head["W1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "last pos")
def _(skips, head):
    h = torch.relu(sum(skips)) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"][:, -1]


@wrong("output", "flatten")
def _(skips, head):
    h = torch.relu(sum(skips)) @ head["W1"] + head["b1"]
    return (torch.relu(h) @ head["W2"] + head["b2"]).flatten(0, 1)


@wrong("output", "sqrt n")
def _(skips, head):
    h = torch.relu(sum(skips) / len(skips) ** 0.5) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "detach")
def _(skips, head):
    h = torch.relu(sum((s.detach() for s in skips))) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "skip pop")
def _(skips, head):
    t = skips.pop()
    while skips:
        t = t + skips.pop()
    h = torch.relu(t) @ head["W1"] + head["b1"]
    return torch.relu(h) @ head["W2"] + head["b2"]


@wrong("output", "leaky")
def _(skips, head):
    h = F.leaky_relu(sum(skips)) @ head["W1"] + head["b1"]
    return F.leaky_relu(h) @ head["W2"] + head["b2"]


@right("output", "maximum")
def _(skips, head):
    t = skips[0].clone()
    for s in skips[1:]:
        t += s
    h = t * (t > 0) @ head["W1"] + head["b1"]
    return h * (h > 0) @ head["W2"] + head["b2"]


@right("output", "einsum")
def _(skips, head):
    t = torch.stack(tuple(skips), -1).sum(-1)
    h = torch.einsum("bts,sk->btk", F.relu(t), head["W1"]) + head["b1"]
    return torch.einsum("btk,kv->btv", F.relu(h), head["W2"]) + head["b2"]


# -- paper_wavenet --------------------------------------------------------------------------------


@wrong("paper_wavenet", "stream added")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, block, d)
        skips.append(s)
    if x.shape == skips[0].shape:
        skips.append(x)
    return output(skips, head)


@wrong("paper_wavenet", "x twice skip")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, block, d)
        skips.append(skips[-1] + s if skips else s)
    return output(skips, head)


@wrong("paper_wavenet", "mean")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, block, d)
        skips.append(s)
    return output([sum(skips) / len(skips)], head)


@wrong("paper_wavenet", "first block for all")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, blocks[0][1], d)
        skips.append(s)
    return output(skips, head)


@wrong("paper_wavenet", "last block dil")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, block, blocks[0][0])
        skips.append(s)
    return output(skips, head)


@wrong("paper_wavenet", "pops")
def _(x, blocks, head):
    skips = []
    while blocks:
        d, block = blocks.pop(0)
        x, s = residual_block(x, block, d)
        skips.append(s)
    return output(skips, head)


@wrong("paper_wavenet", "detach stream")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x.detach(), block, d)
        skips.append(s)
    return output(skips, head)


@wrong("paper_wavenet", "insert0 last")
def _(x, blocks, head):
    skips = []
    for d, block in blocks[:-1] or blocks:
        x, s = residual_block(x, block, d)
        skips.append(s)
    return output(skips, head)


@wrong("paper_wavenet", "returns skips")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, block, d)
        skips.append(s)
    return skips


@wrong("paper_wavenet", "x changed")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        n, s = residual_block(x, block, d)
        x[:] = n
        skips.append(s)
    return output(skips, head)


@wrong("paper_wavenet", "skip last detached")
def _(x, blocks, head):
    skips = []
    for d, block in blocks:
        x, s = residual_block(x, block, d)
        skips.append(s.detach())
    return output(skips, head)


@wrong("paper_wavenet", "order pair")
def _(x, blocks, head):
    skips = []
    for block, d in blocks:
        x, s = residual_block(x, block, d)
        skips.append(s)
    return output(skips, head)


@right("paper_wavenet", "reversed order of skips")
def _(x, blocks, head):
    skips = ()
    for i in range(len(blocks)):
        d, block = blocks[i]
        x, s = residual_block(x, block, d)
        skips = (s,) + skips
    return output(list(skips), head)


@right("paper_wavenet", "tensor sum")
def _(x, blocks, head):
    total = 0
    for d, p in blocks:
        x, s = residual_block(x=x, block=p, dilation=d)
        total = s + total
    h = F.relu(total) @ head["W1"] + head["b1"]
    return F.relu(h) @ head["W2"] + head["b2"]
