"""Sizes, weights and torch's own attention: what the exercises on several heads share."""

import torch
import torch.nn.functional as F

# B, T, n_embd, n_head, head_size, n_out, block_size: each is 1 once but block_size;
# all differ; the second reads more than the first's block holds
SIZES = [
    (2, 5, 7, 3, 4, 6, 8),
    (1, 9, 5, 2, 3, 4, 10),
    (3, 1, 4, 2, 5, 7, 6),
    (2, 4, 3, 1, 6, 5, 9),
    (3, 5, 1, 4, 2, 8, 6),
    (2, 6, 8, 5, 1, 3, 10),
    (4, 3, 6, 2, 7, 1, 3),
]

SETTINGS = [(sizes, torch.float64) for sizes in SIZES] + [((3, 4, 5, 2, 6, 7, 8), torch.float32)]


def weights(rng, sizes, dtype=torch.float64):
    """Stacked weights; unit size, so that the shares are far from uniform."""
    B, T, n_embd, n_head, hs, n_out, block_size = sizes
    w = {f"w_{name}": rng.normal(n_head * hs, n_embd) for name in ("key", "query", "value")}
    case = dict(
        x=rng.normal(T, B, n_embd).transpose(0, 1),  # not contiguous
        **w,
        w_proj=rng.normal(n_out, n_head * hs),
        b_proj=rng.normal(n_out),
        tril=torch.ones(block_size, block_size, dtype=torch.float64).tril(),
    )
    return {name: tensor.to(dtype) for name, tensor in case.items()}


def torchs_own(x, w_key, w_query, w_value, w_proj, b_proj, n_head):
    """Head by head with torch's fused kernel."""
    outs = [
        F.scaled_dot_product_attention(x @ q.T, x @ k.T, x @ v.T, is_causal=True)
        for k, q, v in zip(*(w.chunk(n_head) for w in (w_key, w_query, w_value)), strict=True)
    ]
    return F.linear(torch.cat(outs, -1), w_proj, b_proj)
