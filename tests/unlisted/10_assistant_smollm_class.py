"""Solutions of 10, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("rms_norm", "eps outside of the root")
def _(x, weight, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True).sqrt() + eps) * weight


@wrong("rms_norm", "the sum instead of the mean")
def _(x, weight, eps=1e-5):
    return x / (x.square().sum(-1, keepdim=True) + eps).sqrt() * weight


@wrong("rms_norm", "the mean is taken off")
def _(x, weight, eps=1e-5):
    x = x - x.mean(-1, keepdim=True)
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * weight


@wrong("rms_norm", "float32 only")
def _(x, weight, eps=1e-5):
    y = x.float()
    y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + eps)
    return (y.to(x.dtype)) * weight


@wrong("rms_norm", "the norm is a constant")
def _(x, weight, eps=1e-5):
    return x / (x.detach().square().mean(-1, keepdim=True) + eps).sqrt() * weight


@wrong("rms_norm", "all dimensions but the first")
def _(x, weight, eps=1e-5):
    dims = tuple(range(1, x.dim())) or (0,)
    return x / (x.square().mean(dims, keepdim=True) + eps).sqrt() * weight


@wrong("rms_norm", "eps frozen")
def _(x, weight, eps=1e-5):
    return F.rms_norm(x, (x.shape[-1],), weight, 1e-5)


@wrong("rms_norm", "1 + weight, as Gemma")
def _(x, weight, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * (1 + weight)


@wrong("rms_norm", "without the weight")
def _(x, weight, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt()


@wrong("rms_norm", "in place")
def _(x, weight, eps=1e-5):
    root = (x.detach().square().mean(-1, keepdim=True) + eps).sqrt()
    with torch.no_grad():
        x /= root
    return x * weight


@right("rms_norm", "F.rms_norm")
def _(x, weight, eps=1e-5):
    return F.rms_norm(x, weight.shape, weight, eps)


@right("rms_norm", "in float64, einsum")
def _(x, weight, eps=1e-5):
    y = x.double()
    mean_square = torch.einsum("...c,...c->...", y, y) / y.shape[-1]
    return (y / torch.sqrt(mean_square + eps)[..., None] * weight.double()).to(x.dtype)


@wrong("rope", "pairs of neighbours")
def _(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    angle = positions[:, None] * base ** (-torch.arange(half, dtype=x.dtype) / half)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., ::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, b * cos + a * sin], -1).flatten(-2)


@wrong("rope", "turned the other way")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    return turned(
        x, -positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
    )


@wrong("rope", "positions from 0")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    positions = torch.arange(x.shape[-2])
    return turned(x, positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half))


@wrong("rope", "only the first position counts")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    positions = positions[0] + torch.arange(x.shape[-2])
    return turned(x, positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half))


@wrong("rope", "-i / hs instead of -2i / hs")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    hs = x.shape[-1]
    i = torch.arange(hs // 2, dtype=torch.float64)
    return turned(x, positions[:, None] * base ** (-i / hs))


@wrong("rope", "base frozen")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    return turned(
        x, positions[:, None] * 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    )


@wrong("rope", "one angle for all pairs")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    return turned(x, positions[:, None] * torch.ones(half))


@wrong("rope", "the output interleaved")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    y = turned(x, positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half))
    return torch.stack([y[..., :half], y[..., half:]], -1).flatten(-2)


@wrong("rope", "b' from the turned a")
def _(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    angle = positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x[..., :half], x[..., half:]
    a = a * cos - b * sin
    return torch.cat([a, b * cos + a * sin], -1)


@wrong("rope", "in place")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    half = x.shape[-1] // 2
    y = turned(x, positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half))
    with torch.no_grad():
        x.copy_(y)
    return x


@wrong("rope", "the result is float64")
def _(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    angle = positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)


@wrong("rope", "along dimension 1, as for (B, T, n_head, hs)")
def _(x, positions, base=10000.0):
    def turned(x, angle):
        half = x.shape[-1] // 2
        a, b = x[..., :half], x[..., half:]
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)

    if x.dim() < 4:
        half = x.shape[-1] // 2
        return turned(
            x, positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
        )
    half, n = x.shape[-1] // 2, x.shape[1]
    positions = torch.arange(n) + positions[0]
    angle = positions[:, None] * base ** (-torch.arange(half, dtype=torch.float64) / half)
    return turned(x.transpose(1, 2), angle).transpose(1, 2)


@right("rope", "complex numbers")
def _(x, positions, base=10000.0):
    half = x.shape[-1] // 2
    angle = torch.outer(
        positions.double(), base ** (-torch.arange(half).double() * 2 / x.shape[-1])
    )
    z = torch.complex(x[..., :half].double(), x[..., half:].double())
    z = z * torch.polar(torch.ones_like(angle), angle)
    return torch.cat([z.real, z.imag], dim=-1).to(x.dtype)


@right("rope", "rotate_half as in Hugging Face, angles in x's type")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    inverse = 1.0 / (base ** (torch.arange(0, hs, 2, dtype=x.dtype) / hs))
    angle = positions.to(x.dtype)[:, None] * inverse
    angle = torch.cat([angle, angle], dim=-1)
    rotated = torch.cat([-x[..., hs // 2 :], x[..., : hs // 2]], dim=-1)
    return x * angle.cos() + rotated * angle.sin()


@right("rope", "pair by pair")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    columns = [None] * hs
    for i in range(hs // 2):
        theta = positions.to(torch.float64) * base ** (-2 * i / hs)
        c, s = torch.cos(theta).to(x.dtype), torch.sin(theta).to(x.dtype)
        a, b = x[..., i], x[..., i + hs // 2]
        columns[i], columns[i + hs // 2] = a * c - b * s, b * c + a * s
    return torch.stack(columns, dim=-1)


@wrong("half_split_rows", "over all heads at once")
def _(weight, n_head):
    return torch.cat([weight[0::2], weight[1::2]])


@wrong("half_split_rows", "the inverse order")
def _(weight, n_head):
    C = weight.shape[1]
    return weight.view(n_head, 2, -1, C).transpose(1, 2).reshape(-1, C)


@wrong("half_split_rows", "unchanged")
def _(weight, n_head):
    return weight


@wrong("half_split_rows", "odd rows first")
def _(weight, n_head):
    w = weight.view(n_head, -1, weight.shape[1])
    return torch.cat([w[:, 1::2], w[:, 0::2]], 1).flatten(0, 1)


@wrong("half_split_rows", "columns instead of rows")
def _(weight, n_head):
    if weight.shape[1] % 2:
        return weight.clone()
    return torch.cat([weight[:, 0::2], weight[:, 1::2]], 1)


@wrong("half_split_rows", "in place")
def _(weight, n_head):
    w = weight.view(n_head, -1, weight.shape[1])
    with torch.no_grad():
        w.copy_(torch.cat([w[:, 0::2].clone(), w[:, 1::2].clone()], 1))
    return weight


@wrong("half_split_rows", "n_head taken for the head size")
def _(weight, n_head):
    C = weight.shape[1]
    if n_head % 2 or (weight.shape[0] // n_head) < 1:
        return weight.clone()
    return weight.view(-1, n_head // 2, 2, C).transpose(1, 2).reshape(-1, C)


@wrong("half_split_rows", "keeps three dimensions")
def _(weight, n_head):
    w = weight.view(n_head, -1, weight.shape[1])
    return torch.cat([w[:, 0::2], w[:, 1::2]], 1)


@right("half_split_rows", "a list of row numbers")
def _(weight, n_head):
    hs = weight.shape[0] // n_head
    order = [h * hs + r for h in range(n_head) for r in [*range(0, hs, 2), *range(1, hs, 2)]]
    return weight[order]


@right("half_split_rows", "chunk and cat")
def _(weight, n_head):
    return torch.cat([part for head in weight.chunk(n_head) for part in (head[::2], head[1::2])])


@wrong("grouped_attention", "key heads by repeat")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat(1, n, 1, 1), v.repeat(1, n, 1, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.mT / q.shape[-1] ** 0.5
    return s.masked_fill(future, -torch.inf).softmax(-1) @ v


@wrong("grouped_attention", "is_causal: aligned at the first key")
def _(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)


@wrong("grouped_attention", "no mask when T_q is below T_k")
def _(q, k, v):
    return F.scaled_dot_product_attention(
        q, k, v, is_causal=q.shape[2] == k.shape[2], enable_gqa=True
    )


@wrong("grouped_attention", "no scale")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat_interleave(n, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    return (q @ k.mT).masked_fill(future, -torch.inf).softmax(-1) @ v


@wrong("grouped_attention", "scale by the root of all features")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat_interleave(n, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.mT / (q.shape[-1] * q.shape[1]) ** 0.5
    return s.masked_fill(future, -torch.inf).softmax(-1) @ v


@wrong("grouped_attention", "one key too many: triu(+2)")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat_interleave(n, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 2)
    s = q @ k.mT / q.shape[-1] ** 0.5
    return s.masked_fill(future, -torch.inf).softmax(-1) @ v


@wrong("grouped_attention", "softmax over the queries")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat_interleave(n, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.mT / q.shape[-1] ** 0.5
    return s.masked_fill(future, -1e9).softmax(-2) @ v


@wrong("grouped_attention", "values by repeat only")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat(1, n, 1, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.mT / q.shape[-1] ** 0.5
    return s.masked_fill(future, -torch.inf).softmax(-1) @ v


@wrong("grouped_attention", "query heads of a group are averaged")
def _(q, k, v):
    B, H, T, hs = q.shape
    n = H // k.shape[1]
    q = q.view(B, -1, n, T, hs).mean(2)
    future = torch.ones(T, k.shape[2]).bool().triu(k.shape[2] - T + 1)
    s = q @ k.mT / hs**0.5
    return (s.masked_fill(future, -torch.inf).softmax(-1) @ v).repeat_interleave(n, 1)


@wrong("grouped_attention", "masked with 0 instead of minus infinity")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat_interleave(n, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.mT / q.shape[-1] ** 0.5
    return s.masked_fill(future, 0.0).softmax(-1) @ v


@wrong("grouped_attention", "masked after the softmax, not normalised again")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(n, 1), v.repeat_interleave(n, 1)
    future = torch.ones(q.shape[2], k.shape[2]).bool().triu(k.shape[2] - q.shape[2] + 1)
    s = q @ k.mT / q.shape[-1] ** 0.5
    return s.softmax(-1).masked_fill(future, 0.0) @ v


@wrong("grouped_attention", "right for n_kv 1 or n_head: key head i % n_kv")
def _(q, k, v):
    which = torch.arange(q.shape[1]) % k.shape[1]
    k, v = k[:, which], v[:, which]
    mask = torch.ones(q.shape[2], k.shape[2]).bool().tril(k.shape[2] - q.shape[2])
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@right("grouped_attention", "scaled_dot_product_attention with enable_gqa and a mask")
def _(q, k, v):
    mask = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).tril(k.shape[2] - q.shape[2])
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, enable_gqa=True)


@right("grouped_attention", "einsum over groups")
def _(q, k, v):
    B, H, Tq, hs = q.shape
    n_kv, Tk = k.shape[1], k.shape[2]
    q = q.reshape(B, n_kv, H // n_kv, Tq, hs)
    s = torch.einsum("bgnth,bgsh->bgnts", q, k) / hs**0.5
    allowed = torch.arange(Tk)[None] <= torch.arange(Tk - Tq, Tk)[:, None]
    p = torch.softmax(torch.where(allowed, s, float("-inf")), dim=-1)
    return torch.einsum("bgnts,bgsh->bgnth", p, v).reshape(B, H, Tq, hs)


@right("grouped_attention", "a loop over queries: each sees its own keys only")
def _(q, k, v):
    B, H, Tq, hs = q.shape
    Tk, n = k.shape[2], H // k.shape[1]
    which = [i // n for i in range(H)]
    k, v, out = k[:, which], v[:, which], []
    for t in range(Tq):
        end = Tk - Tq + t + 1
        s = (k[:, :, :end] @ q[:, :, t, :, None])[..., 0] / hs**0.5
        out.append((s.softmax(-1)[..., None] * v[:, :, :end]).sum(2))
    return torch.stack(out, dim=2)


@wrong("swiglu", "gate and up exchanged")
def _(x, gate, up, down):
    return F.linear(F.silu(F.linear(x, up)) * F.linear(x, gate), down)


@wrong("swiglu", "sigmoid instead of silu")
def _(x, gate, up, down):
    return F.linear(torch.sigmoid(F.linear(x, gate)) * F.linear(x, up), down)


@wrong("swiglu", "GELU")
def _(x, gate, up, down):
    return F.linear(F.gelu(F.linear(x, gate)) * F.linear(x, up), down)


@wrong("swiglu", "relu")
def _(x, gate, up, down):
    return F.linear(F.relu(F.linear(x, gate)) * F.linear(x, up), down)


@wrong("swiglu", "silu of the product")
def _(x, gate, up, down):
    return F.linear(F.silu(F.linear(x, gate) * F.linear(x, up)), down)


@wrong("swiglu", "the sum instead of the product")
def _(x, gate, up, down):
    return F.linear(F.silu(F.linear(x, gate)) + F.linear(x, up), down)


@wrong("swiglu", "the gate is detached")
def _(x, gate, up, down):
    return F.linear(F.silu(F.linear(x, gate)).detach() * F.linear(x, up), down)


@wrong("swiglu", "silu after the way down")
def _(x, gate, up, down):
    return F.silu(F.linear(F.linear(x, gate) * F.linear(x, up), down))


@wrong("swiglu", "up goes ungated: up is not used")
def _(x, gate, up, down):
    return F.linear(F.silu(F.linear(x, gate)), down)


@right("swiglu", "matrices at the right, silu by hand")
def _(x, gate, up, down):
    z = x @ gate.T
    return (z * torch.sigmoid(z) * (x @ up.T)) @ down.T


@right("swiglu", "einsum; both ways up in one")
def _(x, gate, up, down):
    both = torch.einsum("...c,hc->...h", x, torch.cat([gate, up]))
    g, u = both.chunk(2, dim=-1)
    return torch.einsum("...h,ch->...c", u * F.silu(g), down)


@wrong("llama_block", "positions restart at 0")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "base not passed on")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "eps not passed on")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"])
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"])
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "keys go into the cache as they came, all are turned anew at each call")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k, v = cache.update(cut(n @ w["attn_k"].T, config.n_kv), cut(n @ w["attn_v"].T, config.n_kv))
    k = rope(k, torch.arange(k.shape[2]), config.base)
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "the cache's keys are turned twice")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k, v = cache.update(cut(n @ w["attn_k"].T, config.n_kv), cut(n @ w["attn_v"].T, config.n_kv))
    k = rope(k, torch.arange(k.shape[2]), config.base)
    cache.k = k
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "the positions after the update")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "values turned too")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, rope(cut(n @ w["attn_v"].T, config.n_kv), p, config.base))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "the second residual is x")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return x + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "heads by view without transpose")
def _(x, w, config, cache):
    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope((n @ w["attn_q"].T).view(B, config.n_head, T, -1), p, config.base)
    k = rope((n @ w["attn_k"].T).view(B, config.n_kv, T, -1), p, config.base)
    k, v = cache.update(k, (n @ w["attn_v"].T).view(B, config.n_kv, T, -1))
    h = x + grouped_attention(q, k, v).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "the residual is added in place")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    y = grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    with torch.no_grad():
        x += y
    n = rms_norm(x, w["ffn_norm"], config.eps)
    return x + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "the norms exchanged")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["ffn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["attn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "q and k are brought to half-split once more")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ half_split_rows(w["attn_q"], config.n_head).T, config.n_head), p, config.base)
    k = rope(cut(n @ half_split_rows(w["attn_k"], config.n_kv).T, config.n_kv), p, config.base)
    k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "only the new keys are attended")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
    k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
    v = cut(n @ w["attn_v"].T, config.n_kv)
    cache.update(k, v)
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@wrong("llama_block", "n_head * hs taken to be C")
def _(x, w, config, cache):
    B, T, C = x.shape
    hs = C // config.n_head
    n = rms_norm(x, w["attn_norm"], config.eps)
    p = torch.arange(len(cache), len(cache) + T)
    q = rope((n @ w["attn_q"].T).view(B, T, config.n_head, hs).transpose(1, 2), p, config.base)
    k = rope((n @ w["attn_k"].T).view(B, T, config.n_kv, hs).transpose(1, 2), p, config.base)
    k, v = cache.update(k, (n @ w["attn_v"].T).view(B, T, config.n_kv, hs).transpose(1, 2))
    h = x + grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, C) @ w["attn_output"].T
    n = rms_norm(h, w["ffn_norm"], config.eps)
    return h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"])


@right("llama_block", "one product for q, k, v; rope on keys and queries together")
def _(x, w, config, cache):
    past, (B, T, _) = len(cache), x.shape
    n_head, n_kv = config.n_head, config.n_kv
    hs = w["attn_q"].shape[0] // n_head
    n = rms_norm(x, w["attn_norm"], config.eps)
    all_rows = torch.cat([w["attn_q"], w["attn_k"], w["attn_v"]])
    qkv = F.linear(n, all_rows).view(B, T, n_head + 2 * n_kv, hs).permute(0, 2, 1, 3)
    qk = rope(qkv[:, : n_head + n_kv], torch.arange(T) + past, config.base)
    k, v = cache.update(qk[:, n_head:], qkv[:, n_head + n_kv :])
    y = grouped_attention(qk[:, :n_head], k, v).permute(0, 2, 1, 3).flatten(2)
    h = x + F.linear(y, w["attn_output"])
    return (
        swiglu(rms_norm(h, w["ffn_norm"], config.eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"])
        + h
    )


@right("llama_block", "position after position")
def _(x, w, config, cache):
    def cut(y, n):
        B, T, _ = y.shape
        return y.view(B, T, n, -1).transpose(1, 2)

    out = []
    for t in range(x.shape[1]):
        here = x[:, t : t + 1]
        n = rms_norm(here, w["attn_norm"], config.eps)
        p = torch.tensor([len(cache)])
        q = rope(cut(n @ w["attn_q"].T, config.n_head), p, config.base)
        k = rope(cut(n @ w["attn_k"].T, config.n_kv), p, config.base)
        k, v = cache.update(k, cut(n @ w["attn_v"].T, config.n_kv))
        h = here + grouped_attention(q, k, v)[:, :, 0].flatten(1)[:, None] @ w["attn_output"].T
        n = rms_norm(h, w["ffn_norm"], config.eps)
        out.append(h + swiglu(n, w["ffn_gate"], w["ffn_up"], w["ffn_down"]))
    return torch.cat(out, dim=1)


@wrong("reply", "the end is yielded")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        yield t
        if t == end:
            return
        new = torch.tensor([[t]])


@wrong("reply", "one call of the model too many")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()
    logits = torch.no_grad()(model)(ids, caches)[0, -1]
    for _ in range(max_new):
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        yield t
        logits = torch.no_grad()(model)(torch.tensor([[t]]), caches)[0, -1]


@wrong("reply", "the whole text at each token, same caches")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()
    for _ in range(max_new):
        logits = torch.no_grad()(model)(ids, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        yield t
        ids = torch.cat([ids, torch.tensor([[t]])], 1)


@wrong("reply", "the whole text at each token, new caches")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    for _ in range(max_new):
        logits = torch.no_grad()(model)(ids, model.new_caches())[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        yield t
        ids = torch.cat([ids, torch.tensor([[t]])], 1)


@wrong("reply", "the generator is ignored")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1).item()
        if t == end:
            return
        yield t
        new = torch.tensor([[t]])


@wrong("reply", "the generator is drawn from in greedy mode too")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        warm = logits / (temperature or 1.0)
        t = torch.multinomial(warm.softmax(-1), 1, generator=generator).item()
        if temperature == 0:
            t = logits.argmax().item()
        if t == end:
            return
        yield t
        new = torch.tensor([[t]])


@wrong("reply", "times temperature")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits * temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        yield t
        new = torch.tensor([[t]])


@wrong("reply", "the logits of the first position")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, 0]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        yield t
        new = torch.tensor([[t]])


@wrong("reply", "yields tensors")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[0]
        if t == end:
            return
        yield t
        new = t.view(1, 1)


@wrong("reply", "returns a list: all at the end")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new, out = model.new_caches(), ids, []
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            break
        out.append(t)
        new = torch.tensor([[t]])
    return out


@wrong("reply", "collects first, yields afterwards")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new, out = model.new_caches(), ids, []
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            break
        out.append(t)
        new = torch.tensor([[t]])
    yield from out


@wrong("reply", "computes one ahead before it yields")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()
    logits = torch.no_grad()(model)(ids, caches)[0, -1] if max_new else None
    for i in range(max_new):
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        if i + 1 < max_new:
            logits = torch.no_grad()(model)(torch.tensor([[t]]), caches)[0, -1]
        yield t


@wrong("reply", "max_new counts the end: one token less")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new - 1):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t == end:
            return
        yield t
        new = torch.tensor([[t]])


@wrong("reply", "skips the end and goes on")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature == 0:
            t = logits.argmax().item()
        else:
            t = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator).item()
        if t != end:
            yield t
        new = torch.tensor([[t]])


@wrong("reply", "a very small temperature instead of 0")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        p = (logits / max(temperature, 1e-6)).softmax(-1)
        t = torch.multinomial(p, 1, generator=generator).item()
        if t == end:
            return
        yield t
        new = torch.tensor([[t]])


@right("reply", "while, the loop's state in one tensor")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, given = model.new_caches(), 0
    text = ids
    while given < max_new:
        last = torch.no_grad()(model)(text, caches)[:, -1, :]
        if not temperature:
            text = torch.argmax(last, dim=-1, keepdim=True)
        else:
            p = F.softmax(last.div(temperature), dim=-1)
            text = torch.multinomial(p, num_samples=1, generator=generator)
        if int(text) == end:
            break
        given += 1
        yield int(text)


@right("reply", "recursion through yield from")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()

    def go(new, left):
        if left == 0:
            return
        logits = torch.no_grad()(model)(new, caches)[0, -1]
        if temperature > 0:
            chosen = torch.multinomial(
                torch.softmax(logits / temperature, 0), 1, generator=generator
            )
        else:
            chosen = logits.argmax()[None]
        token = int(chosen[0])
        if token != end:
            yield token
            yield from go(chosen[None], left - 1)

    yield from go(ids, max_new)


@right("reply", "iter with a closure")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches, state = model.new_caches(), [ids]

    def following():
        logits = torch.no_grad()(model)(state[0], caches)[0, -1]
        if temperature == 0:
            token = max(range(len(logits)), key=logits.tolist().__getitem__)
        else:
            p = (logits / temperature).softmax(dim=-1)
            token = torch.multinomial(p, 1, generator=generator).tolist()[0]
        state[0] = torch.tensor([[token]])
        return token

    for _, token in zip(range(max_new), iter(following, end), strict=False):
        yield token
