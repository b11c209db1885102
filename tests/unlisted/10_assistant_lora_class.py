"""More solutions of 10, part 4, written from the docstrings alone: see test_unlisted.py, which parses this file."""


# lora_init


@wrong("lora_init", "standard deviation 1 / d_in")
def _(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / d_in, torch.zeros(d_out, r)


@wrong("lora_init", "divided by sqrt(r)")
def _(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / r**0.5, torch.zeros(d_out, r)


@wrong("lora_init", "drawn as (d_in, r) and transposed")
def _(d_in, d_out, r, g):
    return torch.randn(d_in, r, generator=g).T / d_in**0.5, torch.zeros(d_out, r)


@wrong("lora_init", "B is one zero, expanded")
def _(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / d_in**0.5, torch.zeros(1, 1).expand(d_out, r)


@wrong("lora_init", "B drawn too, and multiplied by 0")
def _(d_in, d_out, r, g):
    A = torch.randn(r, d_in, generator=g) / d_in**0.5
    return A, torch.randn(d_out, r, generator=g) * 0


@right("lora_init", "in place, with math.sqrt")
def _(d_in, d_out, r, g):
    import math

    A = torch.empty(r, d_in)
    A.copy_(torch.randn(r, d_in, generator=g)).div_(math.sqrt(d_in))
    return A, torch.full((d_out, r), 0.0)


@right("lora_init", "B from new_zeros, A times a power")
def _(d_in, d_out, r, g):
    A = torch.randn(r, d_in, generator=g) * d_in**-0.5
    return A, A.new_zeros(d_out, r)


# lora_forward


@wrong("lora_forward", "rank from B.shape[0]")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + alpha / B.shape[0] * (x @ A.T) @ B.T


@wrong("lora_forward", "integer division of alpha by r")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + (alpha // A.shape[0]) * ((x @ A.T) @ B.T)


@wrong("lora_forward", "the scale is on the bias too")
def _(x, weight, bias, A, B, alpha):
    y = x @ weight.T + F.linear(F.linear(x, A), B, bias) * (alpha / len(A))
    return y


@wrong("lora_forward", "builds B A first")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + alpha / len(A) * F.linear(x, B @ A)


@wrong("lora_forward", "the base detached: no gradient to x through W")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias).detach() + alpha / len(A) * ((x @ A.T) @ B.T)


@wrong("lora_forward", "the bias detached")
def _(x, weight, bias, A, B, alpha):
    y = x @ weight.T + alpha / len(A) * ((x @ A.T) @ B.T)
    if bias is not None:
        y = y + bias.detach()
    return y


@right("lora_forward", "einsum")
def _(x, weight, bias, A, B, alpha):
    h = torch.einsum("...i,ri->...r", x, A)
    y = torch.einsum("...i,oi->...o", x, weight) + torch.einsum(
        "...r,or->...o", h, B
    ) * alpha / len(A)
    return y if bias is None else y + bias


@right("lora_forward", "A scaled beforehand, two F.linear")
def _(x, weight, bias, A, B, alpha):
    return F.linear(F.linear(x, A * (alpha / A.size(0))), B) + F.linear(x, weight, bias)


# apply_lora


@wrong("apply_lora", "names by endswith")
def _(model, names, r, alpha, g):
    chosen = [
        n for n, m in model.named_modules() if isinstance(m, nn.Linear) and n.endswith(tuple(names))
    ]
    if not chosen:
        raise ValueError("none")
    model.requires_grad_(False)
    for n in chosen:
        parent, _, last = n.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(model.get_submodule(n), r, alpha, g))
    return chosen


@wrong("apply_lora", "freezes before it looks for names")
def _(model, names, r, alpha, g):
    model.requires_grad_(False)
    chosen = [
        n
        for n, m in model.named_modules()
        if isinstance(m, nn.Linear) and (n in names or n.split(".")[-1] in names)
    ]
    if not chosen:
        raise ValueError("none")
    for n in chosen:
        parent, _, last = n.rpartition(".")
        old = model.get_submodule(n)
        setattr(model.get_submodule(parent), last, LoRALinear(old, r, alpha, g).train(old.training))
    return chosen


@wrong("apply_lora", "only the last part of a name counts")
def _(model, names, r, alpha, g):
    chosen = [
        n
        for n, m in model.named_modules()
        if isinstance(m, nn.Linear) and n.split(".")[-1] in names
    ]
    if not chosen:
        raise ValueError("none")
    model.requires_grad_(False)
    for n in chosen:
        parent, _, last = n.rpartition(".")
        old = model.get_submodule(n)
        setattr(model.get_submodule(parent), last, LoRALinear(old, r, alpha, g).train(old.training))
    return chosen


@wrong("apply_lora", "in the order of names, not of the model")
def _(model, names, r, alpha, g):
    chosen = []
    for name in names:
        for n, m in list(model.named_modules()):
            if (
                isinstance(m, nn.Linear)
                and (n == name or n.split(".")[-1] == name)
                and n not in chosen
            ):
                chosen.append(n)
    if not chosen:
        raise ValueError("none")
    model.requires_grad_(False)
    for n in chosen:
        parent, _, last = n.rpartition(".")
        old = model.get_submodule(n)
        setattr(model.get_submodule(parent), last, LoRALinear(old, r, alpha, g).train(old.training))
    return chosen


@wrong("apply_lora", "the new layer is always in training mode")
def _(model, names, r, alpha, g):
    chosen = [
        n
        for n, m in model.named_modules()
        if isinstance(m, nn.Linear) and (n in names or n.split(".")[-1] in names)
    ]
    if not chosen:
        raise ValueError("none")
    model.requires_grad_(False)
    for n in chosen:
        parent, _, last = n.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(model.get_submodule(n), r, alpha, g))
    return chosen


@wrong("apply_lora", "freezes only the replaced layers")
def _(model, names, r, alpha, g):
    chosen = [
        n
        for n, m in model.named_modules()
        if isinstance(m, nn.Linear) and (n in names or n.split(".")[-1] in names)
    ]
    if not chosen:
        raise ValueError("none")
    for n in chosen:
        parent, _, last = n.rpartition(".")
        old = model.get_submodule(n)
        setattr(model.get_submodule(parent), last, LoRALinear(old, r, alpha, g).train(old.training))
    return chosen


@wrong("apply_lora", "sets the mode of the whole model to the layer's")
def _(model, names, r, alpha, g):
    chosen = [
        n
        for n, m in model.named_modules()
        if isinstance(m, nn.Linear) and (n in names or n.split(".")[-1] in names)
    ]
    if not chosen:
        raise ValueError("none")
    model.requires_grad_(False)
    for n in chosen:
        parent, _, last = n.rpartition(".")
        setattr(model.get_submodule(parent), last, LoRALinear(model.get_submodule(n), r, alpha, g))
    model.train(model.training)
    return chosen


@right("apply_lora", "walks over a list and freezes at the end")
def _(model, names, r, alpha, g):
    done = []
    for name, layer in list(model.named_modules()):
        *path, last = name.split(".")
        if isinstance(layer, nn.Linear) and {name, last} & set(names):
            lora = LoRALinear(layer, r, alpha, g)
            lora.training = layer.training
            setattr(model.get_submodule(".".join(path)), last, lora)
            done.append(name)
    if not done:
        raise ValueError(f"none of {names} is a linear layer")
    for name, p in model.named_parameters():
        p.requires_grad = name.rpartition(".")[0] in done and name[-2:] in (".A", ".B")
    return done


@right("apply_lora", "through the parent's _modules")
def _(model, names, r, alpha, g):
    mods = dict(model.named_modules())
    chosen = [
        n
        for n in mods
        if isinstance(mods[n], nn.Linear) and (n in names or n[n.rfind(".") + 1 :] in names)
    ]
    if len(chosen) == 0:
        raise ValueError("no such layer")
    for p in model.parameters():
        p.requires_grad_(False)
    for n in chosen:
        new = LoRALinear(mods[n], r, alpha, g)
        new.train(mods[n].training)
        head = n.rpartition(".")[0]
        mods[head]._modules[n[len(head) :].lstrip(".")] = new
    return chosen


# lora_step


@wrong("lora_step", "gradients added to those of before")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "model.zero_grad(): the frozen ones' p.grad is cleared")
def _(model, inputs, targets, lr):
    model.zero_grad()
    ps = [p for p in model.parameters() if p.requires_grad]
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "model.train() first")
def _(model, inputs, targets, lr):
    model.train()
    ps = [p for p in model.parameters() if p.requires_grad]
    for p in ps:
        p.grad = None
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "mean over all positions")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    for p in ps:
        p.grad = None
    loss = (
        F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten(), reduction="sum")
        / targets.numel()
    )
    loss.backward()
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "mean over rows of the rows' means")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    for p in ps:
        p.grad = None
    each = F.cross_entropy(model(inputs).transpose(1, 2), targets, reduction="none")
    n = (targets != -100).sum(1)
    loss = (each.sum(1)[n > 0] / n[n > 0]).mean()
    loss.backward()
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "counts only what got a gradient")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    for p in ps:
        p.grad = None
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    n = 0
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
                n += p.numel()
    return loss.item(), n


@wrong("lora_step", "the gradients are cleared afterwards")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.SGD(ps, lr)
    opt.zero_grad()
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "an old gradient moves a parameter that the loss does not use")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    grads = torch.autograd.grad(loss, ps, allow_unused=True)
    with torch.no_grad():
        for p, d in zip(ps, grads):
            if d is not None:
                p.grad = d
            if p.grad is not None:
                p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


@wrong("lora_step", "the loss is a tensor")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    for p in ps:
        p.grad = None
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    with torch.no_grad():
        for p in ps:
            if p.grad is not None:
                p -= lr * p.grad
    return loss.detach(), sum(p.numel() for p in ps)


@right("lora_step", "torch's SGD")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    opt = torch.optim.SGD(ps, lr)
    opt.zero_grad()
    logits = model(inputs)
    loss = F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))
    loss.backward()
    opt.step()
    return float(loss), sum(p.numel() for p in ps)


@right("lora_step", "log_softmax and gather, autograd.grad")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    counts = targets != -100
    logp = model(inputs).log_softmax(-1)[counts]
    loss = -logp[torch.arange(len(logp)), targets[counts]].mean()
    for p, d in zip(ps, torch.autograd.grad(loss, ps, allow_unused=True)):
        p.grad = d
        if d is not None:
            p.data.sub_(lr * d)
    return loss.item(), sum(p.nelement() for p in ps)


@right("lora_step", "gradients set to zero, not None, before")
def _(model, inputs, targets, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    for p in ps:
        if p.grad is not None:
            p.grad = torch.zeros_like(p.grad)
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    for p in ps:
        if p.grad is not None:
            p.data -= lr * p.grad
    return loss.item(), sum(p.numel() for p in ps)


# lora_state


@wrong("lora_state", "by requires_grad")
def _(model):
    return {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}


@wrong("lora_state", "by the end of the name")
def _(model):
    return {
        n: p.detach().clone() for n, p in model.named_parameters() if n.split(".")[-1] in ("A", "B")
    }


@wrong("lora_state", "no copies")
def _(model):
    return {
        f"{n}.{k}".lstrip("."): getattr(m, k).detach()
        for n, m in model.named_modules()
        if isinstance(m, LoRALinear)
        for k in "AB"
    }


@wrong("lora_state", "a model that is itself one gets the name '.A'")
def _(model):
    return {
        f"{n}.{k}": getattr(m, k).detach().clone()
        for n, m in model.named_modules()
        if isinstance(m, LoRALinear)
        for k in "AB"
    }


@wrong("lora_state", "clone with gradient")
def _(model):
    return {
        f"{n}.{k}".lstrip("."): getattr(m, k).clone()
        for n, m in model.named_modules()
        if isinstance(m, LoRALinear)
        for k in "AB"
    }


@wrong("lora_state", "everything of a LoRALinear, the base too")
def _(model):
    out = {}
    for n, m in model.named_modules():
        if isinstance(m, LoRALinear):
            for k, p in m.named_parameters(prefix=n):
                out[k] = p.detach().clone()
    return out


@wrong("lora_state", "all B behind all A")
def _(model):
    mods = [
        (n + "." if n else "", m) for n, m in model.named_modules() if isinstance(m, LoRALinear)
    ]
    return {n + "A": m.A.detach().clone() for n, m in mods} | {
        n + "B": m.B.detach().clone() for n, m in mods
    }


@right("lora_state", "from the modules, with a prefix")
def _(model):
    out = {}
    for n, m in model.named_modules():
        if isinstance(m, LoRALinear):
            prefix = n + "." if n else ""
            out[prefix + "A"], out[prefix + "B"] = m.A.detach().clone(), m.B.detach().clone()
    return out


@right("lora_state", "by the parent of each parameter")
def _(model):
    out = {}
    for n, p in model.named_parameters():
        parent, _, last = n.rpartition(".")
        if last in ("A", "B") and isinstance(model.get_submodule(parent), LoRALinear):
            out[n] = torch.empty_like(p, requires_grad=False).copy_(p.data)
    return out


# lora_merge


@wrong("lora_merge", "alpha without 1 / r")
def _(layer):
    if layer.merged:
        return
    with torch.no_grad():
        layer.base.weight += layer.alpha * layer.B @ layer.A
    layer.merged = True


@wrong("lora_merge", "a new Parameter")
def _(layer):
    if layer.merged:
        return
    with torch.no_grad():
        layer.base.weight = nn.Parameter(
            layer.base.weight + layer.alpha / layer.r * layer.B @ layer.A, False
        )
    layer.merged = True


@wrong("lora_merge", "merged is not set")
def _(layer):
    if layer.merged:
        return
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.r * layer.B @ layer.A


@wrong("lora_merge", "twice if called twice")
def _(layer):
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.r * layer.B @ layer.A
    layer.merged = True


@wrong("lora_merge", "A and B are zeroed after it")
def _(layer):
    if layer.merged:
        return
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.r * layer.B @ layer.A
        layer.B.zero_()
    layer.merged = True


@wrong("lora_merge", "the weight asks for a gradient afterwards")
def _(layer):
    if layer.merged:
        return
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.r * layer.B @ layer.A
    layer.base.weight.requires_grad_(True)
    layer.merged = True


@wrong("lora_merge", "the weight becomes float64")
def _(layer):
    if layer.merged:
        return
    layer.base.weight.data = layer.base.weight.data.to(torch.float64) + layer.alpha / layer.r * (
        layer.B.double() @ layer.A.double()
    )
    layer.merged = True


@wrong("lora_merge", "B and A are kept, but frozen")
def _(layer):
    if layer.merged:
        return
    layer.base.weight.data += layer.alpha / layer.r * layer.B.data @ layer.A.data
    layer.A.requires_grad_(False), layer.B.requires_grad_(False)
    layer.merged = True


@right("lora_merge", "addmm_ on .data")
def _(layer):
    if not layer.merged:
        layer.base.weight.data.addmm_(layer.B.data, layer.A.data, alpha=layer.alpha / layer.r)
        layer.merged = True


@right("lora_merge", "one rank at a time")
def _(layer):
    if layer.merged:
        return None
    with torch.no_grad():
        for j in range(layer.r):
            layer.base.weight.add_(
                torch.outer(layer.B[:, j], layer.A[j]), alpha=layer.alpha / layer.r
            )
    layer.merged = True


# lora_unmerge


@wrong("lora_unmerge", "does it even if it is not merged")
def _(layer):
    with torch.no_grad():
        layer.base.weight -= layer.alpha / layer.r * layer.B @ layer.A
    layer.merged = False


@wrong("lora_unmerge", "added again")
def _(layer):
    if not layer.merged:
        return
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.r * layer.B @ layer.A
    layer.merged = False


@wrong("lora_unmerge", "merged stays True")
def _(layer):
    if not layer.merged:
        return
    with torch.no_grad():
        layer.base.weight -= layer.alpha / layer.r * layer.B @ layer.A


@wrong("lora_unmerge", "1 / r forgotten")
def _(layer):
    if not layer.merged:
        return
    with torch.no_grad():
        layer.base.weight -= layer.alpha * layer.B @ layer.A
    layer.merged = False


@wrong("lora_unmerge", "a new Parameter")
def _(layer):
    if not layer.merged:
        return
    with torch.no_grad():
        layer.base.weight = nn.Parameter(
            layer.base.weight - layer.alpha / layer.r * layer.B @ layer.A, False
        )
    layer.merged = False


@wrong("lora_unmerge", "only the flag")
def _(layer):
    layer.merged = False


@right("lora_unmerge", "addmm_ with a negative alpha")
def _(layer):
    if layer.merged:
        layer.base.weight.data.addmm_(layer.B.data, layer.A.data, alpha=-layer.alpha / layer.r)
        layer.merged = False


@right("lora_unmerge", "copy_ of the difference")
def _(layer):
    if layer.merged is False:
        return
    change = (layer.B @ layer.A).detach() * layer.alpha / layer.r
    with torch.no_grad():
        layer.base.weight.copy_(layer.base.weight - change)
    layer.merged = False
