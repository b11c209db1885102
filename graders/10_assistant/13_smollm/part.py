"""Llama's pieces by other means: rotation as multiplication of complex numbers, heads one by one."""

import torch


def turned(x, positions, base):
    """Half-split rotation of (..., T, hs), in double precision."""
    half = x.shape[-1] // 2
    rows = []
    for t, p in enumerate(positions.tolist()):
        angle = torch.tensor([p * base ** (-i / half) for i in range(half)], dtype=torch.float64)
        row = x[..., t, :].double()
        z = torch.complex(row[..., :half], row[..., half:]) * torch.polar(
            torch.ones_like(angle), angle
        )
        rows.append(torch.cat([z.real, z.imag], -1))
    return torch.stack(rows, -2).to(x.dtype)


def attended(q, k, v):
    """Grouped causal attention, query by query."""
    n_head, T_q, T_k = q.shape[1], q.shape[2], k.shape[2]
    per = n_head // k.shape[1]
    heads = []
    for i in range(n_head):
        rows = []
        for t in range(T_q):
            upto = T_k - T_q + t + 1
            keys, values = k[:, i // per, :upto], v[:, i // per, :upto]
            weights = (keys @ q[:, i, t, :, None] / q.shape[-1] ** 0.5).softmax(1)  # (B, upto, 1)
            rows.append((weights * values).sum(1))
        heads.append(torch.stack(rows, 1))
    return torch.stack(heads, 1)


def normed(x, weight, eps):
    return weight * x / torch.sqrt((x**2).sum(-1, keepdim=True) / x.shape[-1] + eps)


def gated(x, gate, up, down):
    z = x @ gate.T
    return (z / (1 + torch.exp(-z)) * (x @ up.T)) @ down.T


def block_weights(rng, C, n_head, n_kv, hs, hidden, dtype=torch.float64):
    """Wide enough that attention is far from even."""
    shapes = {
        "attn_q": (n_head * hs, C),
        "attn_k": (n_kv * hs, C),
        "attn_v": (n_kv * hs, C),
        "attn_output": (C, n_head * hs),
        "ffn_gate": (hidden, C),
        "ffn_up": (hidden, C),
        "ffn_down": (C, hidden),
    }
    w = {name: rng.normal(*s, std=1.2 * s[1] ** -0.5, dtype=dtype) for name, s in shapes.items()}
    norms = {
        name: rng.normal(C, mean=1.0, std=0.4, dtype=dtype) for name in ("attn_norm", "ffn_norm")
    }
    return w | norms


def plain_block(x, w, n_head, n_kv, eps, base):
    """A whole text at once; with it the keys, turned, and the values."""
    positions, h = torch.arange(x.shape[1]), normed(x, w["attn_norm"], eps)

    def heads(name, n):
        y = h @ w[name].T
        return torch.stack(y.chunk(n, -1), 1)  # (B, n, T, hs)

    q = turned(heads("attn_q", n_head), positions, base)
    k = turned(heads("attn_k", n_kv), positions, base)
    v = heads("attn_v", n_kv)
    y = attended(q, k, v)
    x = x + torch.cat(list(y.unbind(1)), -1) @ w["attn_output"].T
    mlp = gated(normed(x, w["ffn_norm"], eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"])
    return x + mlp, k, v
