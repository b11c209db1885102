@wrong("rms_norm", "the largest entry instead of the root mean square")
def _(x, weight, eps=1e-5):
    return x / (x.abs().amax(-1, keepdim=True) + eps) * weight


@wrong("rms_norm", "unbiased: C - 1")
def _(x, weight, eps=1e-5):
    square = x.square().sum(-1, keepdim=True) / max(1, x.shape[-1] - 1)
    return x * (square + eps).rsqrt() * weight


@wrong("rms_norm", "through float32")
def _(x, weight, eps=1e-5):
    y = x.float()
    return (y * (y.square().mean(-1, keepdim=True) + eps).rsqrt()).to(x.dtype) * weight


@wrong("rms_norm", "in place")
def _(x, weight, eps=1e-5):
    with torch.no_grad():
        x.mul_((x.square().mean(-1, keepdim=True) + eps).rsqrt())
    return x * weight


@wrong("rope", "by complex neighbours")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    angle = positions[:, None] * base ** (-torch.arange(0, hs, 2, dtype=torch.float64) / hs)
    z = torch.view_as_complex(x.double().reshape(*x.shape[:-1], -1, 2).contiguous())
    z = z * torch.polar(torch.ones_like(angle), angle)
    return torch.view_as_real(z).flatten(-2).to(x.dtype)


@wrong("rope", "relative to the first position")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    angle = (positions - positions[0])[:, None] * base ** (
        -torch.arange(0, hs, 2, dtype=torch.float64) / hs
    )
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


@wrong("rope", "a plain sinusoid added")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    angle = positions[:, None] * base ** (-torch.arange(0, hs, 2, dtype=torch.float64) / hs)
    return x + torch.cat([angle.sin(), angle.cos()], -1).to(x.dtype)


@wrong("rope", "speeds up to hs / 2 - 1 in the denominator")
def _(x, positions, base=10000.0):
    h = x.shape[-1] // 2
    angle = positions[:, None] * base ** (-torch.arange(h, dtype=torch.float64) / max(1, h - 1))
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


@wrong("rope", "result in float64")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    angle = positions[:, None] * base ** (-torch.arange(0, hs, 2, dtype=torch.float64) / hs)
    a, b = x.double().chunk(2, -1)
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)


@wrong("half_split_rows", "heads in the wrong order")
def _(weight, n_head):
    heads = weight.reshape(n_head, -1, 2, weight.shape[1])
    return heads.flip(0).transpose(1, 2).reshape(weight.shape)


@wrong("half_split_rows", "in place")
def _(weight, n_head):
    heads = weight.reshape(n_head, -1, 2, weight.shape[1])
    weight.copy_(heads.transpose(1, 2).reshape(weight.shape).clone())
    return weight


@wrong("grouped_attention", "mean of the group's queries")
def _(q, k, v):
    r = q.shape[1] // k.shape[1]
    q = q.unflatten(1, (-1, r)).mean(2).repeat_interleave(r, 1)
    k, v = k.repeat_interleave(r, 1), v.repeat_interleave(r, 1)
    future = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    return s.masked_fill(future, float("-inf")).softmax(-1) @ v


@wrong("grouped_attention", "masked with -100")
def _(q, k, v):
    r = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(r, 1), v.repeat_interleave(r, 1)
    future = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    return s.masked_fill(future, -100.0).softmax(-1) @ v


@wrong("grouped_attention", "is_causal whatever T_k")
def _(q, k, v):
    r = q.shape[1] // k.shape[1]
    return F.scaled_dot_product_attention(
        q, k.repeat_interleave(r, 1), v.repeat_interleave(r, 1), is_causal=True
    )


@wrong("grouped_attention", "softmax over queries")
def _(q, k, v):
    r = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(r, 1), v.repeat_interleave(r, 1)
    future = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
    return s.masked_fill(future, -1e9).softmax(-2) @ v


@wrong("swiglu", "down transposed where it fits")
def _(x, gate, up, down):
    h = F.silu(F.linear(x, gate)) * F.linear(x, up)
    return h @ down if down.shape[0] == down.shape[1] else h @ down.T


@wrong("swiglu", "relu squared")
def _(x, gate, up, down):
    return F.linear(F.relu(F.linear(x, gate)).square() * F.linear(x, up), down)


@wrong("llama_block", "one norm's weight for both")
def _(x, w, config, cache):
    B, T, _ = x.shape
    p = torch.arange(len(cache), len(cache) + T)
    h = rms_norm(x, w["attn_norm"], config.eps)
    cut = lambda name, n: F.linear(h, w[name]).view(B, T, n, -1).transpose(1, 2)
    q, k, v = cut("attn_q", config.n_head), cut("attn_k", config.n_kv), cut("attn_v", config.n_kv)
    k, v = cache.update(rope(k, p, config.base), v)
    y = grouped_attention(rope(q, p, config.base), k, v)
    x = x + F.linear(y.transpose(1, 2).reshape(B, T, -1), w["attn_output"])
    return x + swiglu(
        rms_norm(x, w["attn_norm"], config.eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"]
    )


@wrong("llama_block", "all keys turned again at each call")
def _(x, w, config, cache):
    B, T, _ = x.shape
    h = rms_norm(x, w["attn_norm"], config.eps)
    cut = lambda name, n: F.linear(h, w[name]).view(B, T, n, -1).transpose(1, 2)
    q, k, v = cut("attn_q", config.n_head), cut("attn_k", config.n_kv), cut("attn_v", config.n_kv)
    past = len(cache)
    k, v = cache.update(k, v)
    cache.k = k = rope(k, torch.arange(past + T), config.base)
    y = grouped_attention(rope(q, torch.arange(past, past + T), config.base), k, v)
    x = x + F.linear(y.transpose(1, 2).reshape(B, T, -1), w["attn_output"])
    return x + swiglu(
        rms_norm(x, w["ffn_norm"], config.eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"]
    )


@wrong("llama_block", "keys kept as they came, all turned where they are used")
def _(x, w, config, cache):
    B, T, _ = x.shape
    h = rms_norm(x, w["attn_norm"], config.eps)
    cut = lambda name, n: F.linear(h, w[name]).view(B, T, n, -1).transpose(1, 2)
    q, k, v = cut("attn_q", config.n_head), cut("attn_k", config.n_kv), cut("attn_v", config.n_kv)
    past = len(cache)
    k, v = cache.update(k, v)
    k = rope(k, torch.arange(past + T), config.base)
    y = grouped_attention(rope(q, torch.arange(past, past + T), config.base), k, v)
    x = x + F.linear(y.transpose(1, 2).reshape(B, T, -1), w["attn_output"])
    return x + swiglu(
        rms_norm(x, w["ffn_norm"], config.eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"]
    )


@wrong("llama_block", "the residual added in place")
def _(x, w, config, cache):
    B, T, _ = x.shape
    p = torch.arange(len(cache), len(cache) + T)
    h = rms_norm(x, w["attn_norm"], config.eps)
    cut = lambda name, n: F.linear(h, w[name]).view(B, T, n, -1).transpose(1, 2)
    q, k, v = cut("attn_q", config.n_head), cut("attn_k", config.n_kv), cut("attn_v", config.n_kv)
    k, v = cache.update(rope(k, p, config.base), v)
    y = grouped_attention(rope(q, p, config.base), k, v)
    x += F.linear(y.transpose(1, 2).reshape(B, T, -1), w["attn_output"])
    return x + swiglu(
        rms_norm(x, w["ffn_norm"], config.eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"]
    )


@wrong("reply", "draws even when greedy")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        z = torch.no_grad()(model)(new, caches)[:, -1]
        drawn = torch.multinomial(F.softmax(z / max(temperature, 1e-3), -1), 1, generator=generator)
        new = z.argmax(-1, keepdim=True) if temperature == 0 else drawn
        if new.item() == end:
            return
        yield new.item()


@wrong("reply", "the last token is not fed")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()
    torch.no_grad()(model)(ids[:, :-1], caches) if ids.shape[1] > 1 else None
    new = ids[:, -1:]
    for _ in range(max_new):
        z = torch.no_grad()(model)(new, caches)[:, -1]
        new = (
            z.argmax(-1, keepdim=True)
            if temperature == 0
            else torch.multinomial(F.softmax(z / temperature, -1), 1, generator=generator)
        )
        if new.item() == end:
            return
        yield new.item()


@wrong("reply", "a list")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new, out = model.new_caches(), ids, []
    for _ in range(max_new):
        z = torch.no_grad()(model)(new, caches)[:, -1]
        new = (
            z.argmax(-1, keepdim=True)
            if temperature == 0
            else torch.multinomial(F.softmax(z / temperature, -1), 1, generator=generator)
        )
        if new.item() == end:
            break
        out.append(new.item())
    return out


@wrong("reply", "ends when the end token was in the prompt")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    if (ids == end).any():
        return
    for _ in range(max_new):
        z = torch.no_grad()(model)(new, caches)[:, -1]
        new = (
            z.argmax(-1, keepdim=True)
            if temperature == 0
            else torch.multinomial(F.softmax(z / temperature, -1), 1, generator=generator)
        )
        if new.item() == end:
            return
        yield new.item()


@wrong("reply", "gradients on")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        z = model(new, caches)[:, -1]
        new = (
            z.argmax(-1, keepdim=True)
            if temperature == 0
            else torch.multinomial(F.softmax(z / temperature, -1), 1, generator=generator)
        )
        if new.item() == end:
            return
        yield new.item()


@wrong("reply", "one token short")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new - 1):
        z = torch.no_grad()(model)(new, caches)[:, -1]
        new = (
            z.argmax(-1, keepdim=True)
            if temperature == 0
            else torch.multinomial(F.softmax(z / temperature, -1), 1, generator=generator)
        )
        if new.item() == end:
            return
        yield new.item()
