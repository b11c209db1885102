"""Configurations, weights for them, the same model without modules: what the exercises on the GPT share."""

import torch
import torch.nn.functional as F

# every size is 1 once, and block_size is T once
CONFIGS = [
    dict(vocab_size=7, block_size=6, n_embd=8, n_head=2, n_layer=2),
    dict(vocab_size=5, block_size=4, n_embd=6, n_head=3, n_layer=1, head_bias=False),
    dict(vocab_size=9, block_size=8, n_embd=4, n_head=1, n_layer=3, tied=True, qkv_bias=True),
    dict(vocab_size=3, block_size=5, n_embd=1, n_head=1, n_layer=2, tied=True, head_bias=False),
    dict(vocab_size=1, block_size=3, n_embd=4, n_head=2, n_layer=1),
]
SHAPES = [(2, 5), (3, 4), (1, 7), (4, 1), (2, 3)]  # B, T


def weights(rng, config):
    """Every parameter by name, float64, large enough that nothing is nearly zero or nearly uniform."""
    V, T, C = config["vocab_size"], config["block_size"], config["n_embd"]
    qkv_bias, head_bias = config.get("qkv_bias", False), config.get("head_bias", True)
    sizes = {"token.weight": (V, C), "position.weight": (T, C)}
    for i in range(config["n_layer"]):
        block = {
            **{f"{ln}.{name}": (C,) for ln in ("ln1", "ln2") for name in ("weight", "bias")},
            "attn.qkv.weight": (3 * C, C),
            **({"attn.qkv.bias": (3 * C,)} if qkv_bias else {}),
            "attn.proj.weight": (C, C),
            "attn.proj.bias": (C,),
            "ffwd.0.weight": (4 * C, C),
            "ffwd.0.bias": (4 * C,),
            "ffwd.2.weight": (C, 4 * C),
            "ffwd.2.bias": (C,),
        }
        sizes.update({f"blocks.{i}.{name}": size for name, size in block.items()})
    sizes.update({"ln_f.weight": (C,), "ln_f.bias": (C,), "head.weight": (V, C)})
    if head_bias:
        sizes["head.bias"] = (V,)
    made = {name: rng.normal(*size) for name, size in sizes.items()}
    if config.get("tied", False):
        made["head.weight"] = made["token.weight"].clone()
    return made


def build(m, config, w, dropout=0.0):
    """The part's own model with these weights, in float64."""
    model = m.GPT(m.GPTConfig(dropout=dropout, **config)).double()
    model.load_state_dict(w)
    return model


def embedded(w, idx):
    """Token by token, position by position."""
    rows = [
        [w["token.weight"][i] + w["position.weight"][t] for t, i in enumerate(r)]
        for r in idx.tolist()
    ]
    return torch.stack([torch.stack(row) for row in rows])


def forward(w, config, idx, targets=None):
    """The whole model, written down without a single module."""
    x, C, nh = embedded(w, idx), config["n_embd"], config["n_head"]
    for i in range(config["n_layer"]):
        b = {name.split(".", 2)[2]: p for name, p in w.items() if name.startswith(f"blocks.{i}.")}
        h = F.layer_norm(x, (C,), b["ln1.weight"], b["ln1.bias"])
        q, k, v = F.linear(h, b["attn.qkv.weight"], b.get("attn.qkv.bias")).split(C, dim=-1)
        outs = []
        for qh, kh, vh in zip(*(z.chunk(nh, dim=-1) for z in (q, k, v)), strict=True):
            scores = qh @ kh.mT / qh.shape[-1] ** 0.5
            future = torch.ones(scores.shape[-2:]).triu(1).bool()
            outs.append(scores.masked_fill(future, float("-inf")).softmax(-1) @ vh)
        x = x + F.linear(torch.cat(outs, -1), b["attn.proj.weight"], b["attn.proj.bias"])
        h = F.layer_norm(x, (C,), b["ln2.weight"], b["ln2.bias"])
        h = F.linear(h, b["ffwd.0.weight"], b["ffwd.0.bias"]).relu()
        x = x + F.linear(h, b["ffwd.2.weight"], b["ffwd.2.bias"])
    x = F.layer_norm(x, (C,), w["ln_f.weight"], w["ln_f.bias"])
    logits = F.linear(x, w["head.weight"], w.get("head.bias"))
    if targets is None:
        return logits, None
    picked = logits.log_softmax(-1).gather(-1, targets[..., None])
    return logits, -picked.mean()


def leaves(w, config):
    """The weights as leaves that learn; a tied head is the token table itself."""
    made = {name: p.clone().requires_grad_() for name, p in w.items()}
    if config.get("tied", False):
        made["head.weight"] = made["token.weight"]
    return made
