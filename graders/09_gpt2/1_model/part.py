"""GPT-2: shapes and random weights under their names, and the plain model that they mean."""

import math

import torch

from graders.authoring import differentiate, parameters


def layer_shapes(C):
    """Names and shapes of one block, as torch.nn lays them out: Linear is (out, in)."""
    return {
        "ln_1.weight": (C,),
        "ln_1.bias": (C,),
        "attn.c_attn.weight": (3 * C, C),
        "attn.c_attn.bias": (3 * C,),
        "attn.c_proj.weight": (C, C),
        "attn.c_proj.bias": (C,),
        "ln_2.weight": (C,),
        "ln_2.bias": (C,),
        "mlp.c_fc.weight": (4 * C, C),
        "mlp.c_fc.bias": (4 * C,),
        "mlp.c_proj.weight": (C, 4 * C),
        "mlp.c_proj.bias": (C,),
    }


def shapes(block_size, vocab_size, n_layer, n_head, n_embd):
    """Names and shapes of all parameters of a GPT, the tied head not counted."""
    found = {"transformer.wte.weight": (vocab_size, n_embd)}
    found["transformer.wpe.weight"] = (block_size, n_embd)
    for i in range(n_layer):
        for name, shape in layer_shapes(n_embd).items():
            found[f"transformer.h.{i}.{name}"] = shape
    return found | {"transformer.ln_f.weight": (n_embd,), "transformer.ln_f.bias": (n_embd,)}


def weights(rng, named, begin="", dtype=torch.float64):
    """Random tensors for the names that begin so; wide enough that attention is far from even."""
    found = {}
    for name, shape in named.items():
        if name.startswith(begin):
            fan_in = shape[1] if len(shape) == 2 else 1
            drawn = rng.normal(*shape, std=1.5 / math.sqrt(fan_in))
            found[name.removeprefix(begin)] = drawn.to(dtype)
    return found


def names(module, asked):
    """Shapes, by every name asked for under which a parameter can be found; behind them what has none."""
    return {name: list(p.shape) for name, p in sorted(parameters(module, asked).items())}


def gradients(function, x, named, module=None):
    """Gradients of x and of every parameter, with a non-unit upstream gradient."""
    x = x.clone().requires_grad_()
    leaves = parameters(module, named) if module is not None else named
    leaves = {"x": x} | {name: leaves[name].requires_grad_() for name in named if name in leaves}
    out = function(x)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=out.dtype).view(out.shape)
    return dict(differentiate(out, leaves, upstream))


# -- what it all means, with no layer of torch.nn


def linear(x, w, name):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def norm(x, w, name):
    centered = x - x.mean(-1, keepdim=True)
    var = (centered**2).mean(-1, keepdim=True)
    return centered / (var + 1e-5) ** 0.5 * w[name + ".weight"] + w[name + ".bias"]


def plain_mlp(x, w, at=""):
    h = linear(x, w, at + "c_fc")
    return linear(torch.nn.functional.gelu(h, approximate="tanh"), w, at + "c_proj")


def plain_attention(x, w, n_head, at=""):
    """Head by head and query by query."""
    C = x.shape[-1]
    hs = C // n_head
    qkv, heads = linear(x, w, at + "c_attn"), []
    for i in range(n_head):
        q, k, v = (qkv[..., j * C + i * hs : j * C + (i + 1) * hs] for j in range(3))
        rows = []
        for t in range(x.shape[1]):
            scores = (k[:, : t + 1] * q[:, t : t + 1]).sum(-1) / math.sqrt(hs)
            rows.append((scores.softmax(-1)[..., None] * v[:, : t + 1]).sum(1))
        heads.append(torch.stack(rows, 1))
    return linear(torch.cat(heads, -1), w, at + "c_proj")


def plain_block(x, w, n_head, at=""):
    x = x + plain_attention(norm(x, w, at + "ln_1"), w, n_head, at + "attn.")
    return x + plain_mlp(norm(x, w, at + "ln_2"), w, at + "mlp.")


def plain_gpt(idx, w, n_layer, n_head):
    """Logits, (B, T, vocab_size)."""
    x = w["transformer.wte.weight"][idx] + w["transformer.wpe.weight"][: idx.shape[1]]
    for i in range(n_layer):
        x = plain_block(x, w, n_head, f"transformer.h.{i}.")
    return norm(x, w, "transformer.ln_f") @ w["transformer.wte.weight"].T


# n_head, head size, B, T: head counts odd and even, each size 1 once
SIZES = [(3, 4, 2, 5), (1, 5, 1, 6), (5, 2, 3, 1), (2, 1, 2, 4), (4, 3, 1, 7)]
SETTINGS = [(sizes, torch.float64) for sizes in SIZES] + [((3, 4, 2, 6), torch.float32)]
# block_size, vocab_size, n_layer, n_head, n_embd
CONFIGS = [(8, 11, 2, 3, 6), (5, 7, 1, 1, 4), (6, 9, 3, 5, 10), (1, 4, 2, 2, 2)]
FIELDS = ("block_size", "vocab_size", "n_layer", "n_head", "n_embd")
