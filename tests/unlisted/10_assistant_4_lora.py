"""Solutions of 10, part 4, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("lora_init", "float64")
def _(d_in, d_out, r, g):
    A = torch.randn(r, d_in, generator=g, dtype=torch.float64) * d_in**-0.5
    return A, torch.zeros(d_out, r, dtype=torch.float64)


@wrong("lora_init", "Kaiming uniform, as in the reference code of the paper")
def _(d_in, d_out, r, g):
    A = torch.empty(r, d_in)
    nn.init.kaiming_uniform_(A, a=5**0.5, generator=g)
    return A, torch.zeros(d_out, r)


@wrong("lora_init", "B tiny, not zero")
def _(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / d_in**0.5, torch.full((d_out, r), 1e-4)


@wrong("lora_init", "transposed draw")
def _(d_in, d_out, r, g):
    return torch.randn(d_in, r, generator=g).T / d_in**0.5, torch.zeros(d_out, r)


@wrong("lora_forward", "scale inside twice, for A and for B")
def _(x, weight, bias, A, B, alpha):
    s = alpha / len(A)
    return F.linear(x, weight, bias) + F.linear(s * F.linear(x, A), s * B)


@wrong("lora_forward", "A detached")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + alpha / len(A) * F.linear(F.linear(x, A.detach()), B)


@wrong("lora_forward", "computed in float32")
def _(x, weight, bias, A, B, alpha):
    change = F.linear(F.linear(x.float(), A.float()), B.float())
    return F.linear(x, weight, bias) + alpha / len(A) * change.to(x.dtype)


@wrong("lora_forward", "needs two dimensions")
def _(x, weight, bias, A, B, alpha):
    h = torch.mm(x.reshape(-1, x.shape[-1]), weight.T)
    h = h + alpha / len(A) * torch.mm(torch.mm(x.reshape(-1, x.shape[-1]), A.T), B.T)
    return h if bias is None else h + bias


@wrong("lora_forward", "bias assumed")
def _(x, weight, bias, A, B, alpha):
    return x @ weight.T + bias + alpha / len(A) * (x @ A.T @ B.T)


@wrong("lora_forward", "scale rounded to an integer")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + round(alpha / len(A)) * F.linear(F.linear(x, A), B)


@wrong("lora_forward", "adds the change to the weight for good")
def _(x, weight, bias, A, B, alpha):
    with torch.no_grad():
        weight += alpha / len(A) * B @ A
    return F.linear(x, weight, bias)


@right("lora_forward", "addmm on flattened rows")
def _(x, weight, bias, A, B, alpha):
    rows = x.reshape(-1, x.shape[-1])
    out = rows @ weight.T + (rows @ A.T) @ B.T * (alpha / A.size(0))
    if bias is not None:
        out = out + bias
    return out.view(*x.shape[:-1], -1) if rows.numel() else out.view(*x.shape[:-1], weight.shape[0])


@wrong("apply_lora", "adapters for everything, whatever the names")
def _(model, names, r, alpha, g):
    found = [k for k, l in model.named_modules() if isinstance(l, nn.Linear)]
    model.requires_grad_(False)
    for k in found:
        parent, _, last = k.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(model.get_submodule(k), r, alpha, g))
    return found


@wrong("apply_lora", "names returned without their path")
def _(model, names, r, alpha, g):
    found = [
        k
        for k, l in model.named_modules()
        if isinstance(l, nn.Linear) and (k in names or k.split(".")[-1] in names)
    ]
    if not found:
        raise ValueError
    model.requires_grad_(False)
    for k in found:
        parent, _, last = k.rpartition(".")
        old = model.get_submodule(k)
        setattr(model.get_submodule(parent), last, LoRALinear(old, r, alpha, g).train(old.training))
    return [k.split(".")[-1] for k in found]


@wrong("apply_lora", "puts the whole model into training mode")
def _(model, names, r, alpha, g):
    found = [
        k
        for k, l in model.named_modules()
        if isinstance(l, nn.Linear) and (k in names or k.split(".")[-1] in names)
    ]
    if not found:
        raise ValueError
    model.requires_grad_(False).train()
    for k in found:
        parent, _, last = k.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(model.get_submodule(k), r, alpha, g))
    return found


@wrong("apply_lora", "freezes only the layers that are replaced")
def _(model, names, r, alpha, g):
    found = [
        k
        for k, l in model.named_modules()
        if isinstance(l, nn.Linear) and (k in names or k.split(".")[-1] in names)
    ]
    if not found:
        raise ValueError
    for k in found:
        parent, _, last = k.rpartition(".")
        old = model.get_submodule(k)
        setattr(model.get_submodule(parent), last, LoRALinear(old, r, alpha, g).train(old.training))
    return found


@wrong("lora_step", "loss as a tensor")
def _(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.grad = None
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    with torch.no_grad():
        for p in trained:
            if p.grad is not None:
                p -= lr * p.grad
    return loss, sum(p.numel() for p in trained)


@wrong("lora_step", "gradients clipped")
def _(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.grad = None
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    nn.utils.clip_grad_norm_(trained, 0.1)
    with torch.no_grad():
        for p in trained:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in trained)


@wrong("lora_step", "zeros where None should stay")
def _(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.grad = torch.zeros_like(p)
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), reduction="sum")
    (loss / targets.numel()).backward()
    with torch.no_grad():
        for p in trained:
            p -= lr * p.grad
    return loss.item() / targets.numel(), sum(p.numel() for p in trained)


@wrong("lora_step", "Adam")
def _(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.Adam(trained, lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    optimizer.step()
    return loss.item(), sum(p.numel() for p in trained)


@wrong("lora_state", "names of state_dict, bases included")
def _(model):
    return {k: v.clone() for k, v in model.state_dict().items()}


@wrong("lora_state", "half precision")
def _(model):
    return {
        f"{k}.{s}".lstrip("."): getattr(l, s).detach().half()
        for k, l in model.named_modules()
        if isinstance(l, LoRALinear)
        for s in "AB"
    }


@right("lora_state", "names from named_parameters, layers asked by get_submodule")
def _(model):
    out = {}
    for name, p in model.named_parameters():
        parent, _, last = name.rpartition(".")
        if isinstance(model.get_submodule(parent), LoRALinear) and last in ("A", "B"):
            out[name] = p.detach().clone()
    return out


@wrong("lora_merge", "A B instead of B A, where shapes allow, else nothing")
def _(layer):
    with torch.no_grad():
        if layer.A.shape[1] == layer.B.shape[0]:
            layer.base.weight += layer.alpha / layer.r * (layer.B @ layer.A).T
    layer.merged = True


@wrong("lora_merge", "merges into the bias as well")
def _(layer):
    if layer.merged:
        return
    with torch.no_grad():
        change = layer.alpha / layer.r * (layer.B @ layer.A)
        layer.base.weight += change
        if layer.base.bias is not None:
            layer.base.bias += change.sum(1)
    layer.merged = True


@wrong("lora_merge", "raises when merged already")
def _(layer):
    if layer.merged:
        raise RuntimeError("merged already")
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.r * (layer.B @ layer.A)
    layer.merged = True


@wrong("lora_unmerge", "keeps the first weight that it ever saw")
def _(layer):
    if layer.merged:
        with torch.no_grad():
            layer.base.weight.zero_()
        layer.merged = False


@right("lora_unmerge", "adds the negative")
def _(layer):
    if layer.merged:
        with torch.no_grad():
            layer.base.weight.copy_(layer.base.weight - layer.B @ layer.A * layer.alpha / layer.r)
        layer.merged = False


@wrong("lora_merge", "in single precision")
def _(layer):
    if not layer.merged:
        change = layer.alpha / layer.r * (layer.B.detach().float() @ layer.A.detach().float())
        layer.base.weight.data += change.to(layer.base.weight.dtype)
        layer.merged = True


@wrong("lora_merge", "the weight's memory is replaced by that of the sum, and a copy is kept in A")
def _(layer):
    if not layer.merged:
        layer.base.weight.data += layer.alpha / layer.r * (layer.B.data @ layer.A.data)
        layer.A.data *= 1.001
        layer.merged = True


@wrong("lora_unmerge", "in single precision")
def _(layer):
    if layer.merged:
        change = layer.alpha / layer.r * (layer.B.detach().float() @ layer.A.detach().float())
        layer.base.weight.data -= change.to(layer.base.weight.dtype)
        layer.merged = False


@wrong("lora_unmerge", "requires a gradient afterwards")
def _(layer):
    if layer.merged:
        layer.base.weight.data -= layer.alpha / layer.r * (layer.B.data @ layer.A.data)
        layer.base.weight.requires_grad_(True)
        layer.merged = False


@wrong("lora_forward", "the graph is cut where there is no bias")
def _(x, weight, bias, A, B, alpha):
    out = F.linear(x, weight, bias) + alpha / len(A) * F.linear(F.linear(x, A), B)
    return out if bias is not None else out.detach()


@wrong("lora_forward", "dropout on the adapter's input")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + alpha / len(A) * F.linear(F.linear(F.dropout(x, 0.1), A), B)


@wrong("apply_lora", "every layer with r of its own, cut to its size")
def _(model, names, r, alpha, g):
    found = [
        k
        for k, l in model.named_modules()
        if isinstance(l, nn.Linear) and (k in names or k.split(".")[-1] in names)
    ]
    if not found:
        raise ValueError
    model.requires_grad_(False)
    for k in found:
        parent, _, last = k.rpartition(".")
        old = model.get_submodule(k)
        rank = min(r, old.in_features, old.out_features) - (r > 2)
        new = LoRALinear(old, max(1, rank), alpha, g).train(old.training)
        setattr(model.get_submodule(parent), last, new)
    return found


@wrong("lora_step", "base gradients recorded, base not moved")
def _(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    frozen = [p for p in model.parameters() if not p.requires_grad]
    for p in trained:
        p.grad = None
    model.requires_grad_(True)
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    for p in frozen:
        p.requires_grad_(False)
    with torch.no_grad():
        for p in trained:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in trained)
