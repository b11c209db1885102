"""Checkpoints in Hugging Face's layout, and the model that they mean: x @ W + b, spelled out."""

import math

import torch


def checkpoint(rng, block_size, vocab_size, n_layer, C, prefix="", dtype=torch.float64):
    """Random tensors under Hugging Face's names, Linear weights as (in, out); no buffers, no head."""
    shapes = {"wte.weight": (vocab_size, C), "wpe.weight": (block_size, C)}
    for i in range(n_layer):
        at = f"h.{i}."
        shapes |= {
            f"{at}{ln}.{kind}": (C,) for ln in ("ln_1", "ln_2") for kind in ("weight", "bias")
        }
        for name, a, b in [
            ("attn.c_attn", C, 3 * C),
            ("attn.c_proj", C, C),
            ("mlp.c_fc", C, 4 * C),
            ("mlp.c_proj", 4 * C, C),
        ]:
            shapes |= {f"{at}{name}.weight": (a, b), f"{at}{name}.bias": (b,)}
    shapes |= {"ln_f.weight": (C,), "ln_f.bias": (C,)}
    found = {}
    for name, shape in shapes.items():
        std = 1.5 / math.sqrt(C if len(shape) == 2 else 1)
        found[prefix + name] = rng.normal(*shape, std=std).to(dtype)
    return found


def ours(theirs):
    """The same under our names and in our layout (theirs without a prefix and buffers)."""
    found = {}
    for name, tensor in theirs.items():
        linear = name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        found[f"transformer.{name}"] = tensor.T.contiguous() if linear else tensor.clone()
    return found | {"lm_head.weight": theirs["wte.weight"].clone()}


def theirs_of(weights):
    """A checkpoint in our layout, back in theirs."""
    found = {}
    for name, tensor in weights.items():
        linear = name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        found[name.removeprefix("transformer.")] = tensor.T if linear else tensor
    return found


def sizes_of(theirs):
    """block_size, vocab_size, n_layer, n_embd as a dict."""
    vocab_size, C = theirs["wte.weight"].shape
    n_layer = sum(name.endswith("ln_1.bias") for name in theirs)
    block_size = theirs["wpe.weight"].shape[0]
    return dict(block_size=block_size, vocab_size=vocab_size, n_layer=n_layer, n_embd=C)


def ready(theirs):
    """The arguments for `fresh` and `loaded`, made here: a helper that travels would be `convert`."""
    return dict(weights=ours(theirs), sizes=sizes_of(theirs))


def fresh(m, weights, sizes, n_head, seed=0):
    """The part's own model with random numbers of its own, in the checkpoint's precision."""
    dtype = weights["transformer.wte.weight"].dtype
    model = m.GPT(m.GPTConfig(**sizes, n_head=n_head)).to(dtype)
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            p.normal_(generator=g)
    return model


def loaded(m, weights, sizes, n_head):
    """The part's own model with the checkpoint's numbers, by torch's own load_state_dict."""
    model = fresh(m, weights, sizes, n_head)
    model.load_state_dict(weights)
    return model


def norm(x, w, name):
    centered = x - x.mean(-1, keepdim=True)
    var = (centered**2).mean(-1, keepdim=True)
    return centered / (var + 1e-5) ** 0.5 * w[name + ".weight"] + w[name + ".bias"]


def conv1d(x, w, name):
    return x @ w[name + ".weight"] + w[name + ".bias"]


def plain_gpt(idx, w, n_head):
    """Logits (B, T, vocab_size) straight from a checkpoint in Hugging Face's layout."""
    T, C = idx.shape[1], w["wte.weight"].shape[1]
    hs = C // n_head
    x = w["wte.weight"][idx] + w["wpe.weight"][:T]
    past = torch.ones(T, T, dtype=torch.bool).tril()
    for i in range(sizes_of(w)["n_layer"]):
        qkv, heads = conv1d(norm(x, w, f"h.{i}.ln_1"), w, f"h.{i}.attn.c_attn"), []
        for h in range(n_head):
            q, k, v = (qkv[..., j * C + h * hs : j * C + (h + 1) * hs] for j in range(3))
            scores = q @ k.transpose(1, 2) / math.sqrt(hs)
            heads.append(scores.masked_fill(~past, -math.inf).softmax(-1) @ v)
        x = x + conv1d(torch.cat(heads, -1), w, f"h.{i}.attn.c_proj")
        u = conv1d(norm(x, w, f"h.{i}.ln_2"), w, f"h.{i}.mlp.c_fc")
        u = 0.5 * u * (1 + torch.tanh((2 / math.pi) ** 0.5 * (u + 0.044715 * u**3)))
        x = x + conv1d(u, w, f"h.{i}.mlp.c_proj")
    return norm(x, w, "ln_f") @ w["wte.weight"].T
