"""Random weights under GPT-2's names, and a model without a cache: what the exercises share.

The model here computes everything at once with torch's own attention. It knows nothing of the part's
classes.
"""

import torch
import torch.nn.functional as F


def linear_weights(rng, name, n_in, n_out):
    """Large enough that attention is far from uniform, and biases that matter."""
    return {
        f"{name}.weight": rng.normal(n_out, n_in, std=1.5 / n_in**0.5),
        f"{name}.bias": rng.normal(n_out, std=0.5),
    }


def attention_weights(rng, n_embd, before=""):
    made = linear_weights(rng, f"{before}c_attn", n_embd, 3 * n_embd)
    return made | linear_weights(rng, f"{before}c_proj", n_embd, n_embd)


def norm_weights(rng, name, n_embd):
    return {
        f"{name}.weight": rng.normal(n_embd, mean=1.0, std=0.4),
        f"{name}.bias": rng.normal(n_embd, std=0.4),
    }


def block_weights(rng, n_embd, before=""):
    made = norm_weights(rng, f"{before}ln_1", n_embd) | norm_weights(rng, f"{before}ln_2", n_embd)
    made |= attention_weights(rng, n_embd, f"{before}attn.")
    made |= linear_weights(rng, f"{before}mlp.c_fc", n_embd, 4 * n_embd)
    return made | linear_weights(rng, f"{before}mlp.c_proj", 4 * n_embd, n_embd)


def gpt_weights(rng, vocab_size, block_size, n_layer, n_head, n_embd):
    made = {"wte.weight": rng.normal(vocab_size, n_embd), **norm_weights(rng, "ln_f", n_embd)}
    made["wpe.weight"] = rng.normal(block_size, n_embd)
    for i in range(n_layer):
        made |= block_weights(rng, n_embd, f"h.{i}.")
    return made


def loaded(module, weights):
    """The module with these numbers in it, in float64."""
    module = module.double()
    module.load_state_dict(weights)
    return module


def plain_attention(x, w, n_head, before=""):
    q, k, v = F.linear(x, w[f"{before}c_attn.weight"], w[f"{before}c_attn.bias"]).chunk(3, -1)
    heads = [
        F.scaled_dot_product_attention(a, b, c, is_causal=True)
        for a, b, c in zip(
            q.chunk(n_head, -1), k.chunk(n_head, -1), v.chunk(n_head, -1), strict=True
        )
    ]
    return F.linear(torch.cat(heads, -1), w[f"{before}c_proj.weight"], w[f"{before}c_proj.bias"])


def plain_norm(x, w, name):
    return F.layer_norm(x, x.shape[-1:], w[f"{name}.weight"], w[f"{name}.bias"])


def plain_block(x, w, n_head, before=""):
    x = x + plain_attention(plain_norm(x, w, f"{before}ln_1"), w, n_head, f"{before}attn.")
    up = F.linear(plain_norm(x, w, f"{before}ln_2"), w[f"{before}mlp.c_fc.weight"])
    up = F.gelu(up + w[f"{before}mlp.c_fc.bias"], approximate="tanh")
    return x + F.linear(up, w[f"{before}mlp.c_proj.weight"], w[f"{before}mlp.c_proj.bias"])


def plain_gpt(ids, w, n_layer, n_head):
    """Logits at all positions of a text that fits."""
    x = w["wte.weight"][ids] + w["wpe.weight"][: ids.shape[1]]
    for i in range(n_layer):
        x = plain_block(x, w, n_head, f"h.{i}.")
    return plain_norm(x, w, "ln_f") @ w["wte.weight"].T


def in_pieces(module, x, pieces, cache):
    """What a module makes of x, fed in pieces of these lengths through one cache."""
    return [module(piece, cache) for piece in x.split(pieces, dim=1)]
