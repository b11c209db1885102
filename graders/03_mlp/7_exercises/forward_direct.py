"""03.forward_direct: E03: direct connections."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

direct = exercise("forward_direct", title="E03: direct connections", stretch=True)


@direct.cases
def _(rng):
    for n, v, t, d, hidden in [(5, 7, 3, 2, 4), (1, 4, 2, 5, 3), (6, 3, 1, 4, 8), (4, 6, 2, 3, 6)]:
        params = {
            "C": rng.normal(v, d),
            "W1": rng.normal(t * d, hidden, std=0.5),
            "b1": rng.normal(hidden, std=0.5),
            "W2": rng.normal(hidden, v),
            "b2": rng.normal(v),
            "Wd": rng.normal(t * d, v),
        }
        yield dict(params=params, X=rng.integers(0, v, n, t))
    # in float32, as init_params makes them
    yield dict(params={k: p.float() for k, p in params.items()}, X=rng.integers(0, v, n, t))
    # no byte holds these indices
    shapes = {"C": (300, 1), "W1": (2, 3), "b1": (3,), "W2": (3, 300), "b2": (300,), "Wd": (2, 300)}
    many = {k: rng.normal(*shape) for k, shape in shapes.items()}
    yield dict(params=many, X=torch.tensor([[299, 43], [140, 256]]))


@direct.check("gradients")
def _(m, params, X):
    params = {k: p.detach().clone().requires_grad_() for k, p in params.items()}
    logits = m.forward_direct(params, X)
    upstream = torch.linspace(-1, 2, logits.numel(), dtype=logits.dtype).view(logits.shape)
    return dict(differentiate(logits, params, upstream))


direct.hint("Which tensor do both paths start from?")
direct.hint("embcat goes into the hidden layer, and past it through Wd; the two results add up.")
direct.hint("embcat @ Wd + tanh(embcat @ W1 + b1) @ W2 + b2")

direct.misconception(
    "The direct connections are missing: add embcat @ Wd.",
    name="no_direct",
    replace='embcat @ params["Wd"] + h',
    by="h",
)
direct.misconception(
    "The direct connections go past the hidden layer, not out of it: they start from embcat.",
    name="from_hidden",
    replace='embcat @ params["Wd"]',
    by='torch.tanh(embcat) @ params["Wd"]',
)
direct.misconception(
    "Only the direct connections are left: add the hidden layer's part, h @ W2.",
    name="linear_only",
    replace=' + h @ params["W2"]',
    by="",
)
direct.misconception(
    "tanh over the whole sum: it belongs to the hidden layer alone, logits must be free.",
    name="tanh_over_all",
    replace='return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]',
    by='return torch.tanh(embcat @ params["Wd"] + h @ params["W2"] + params["b2"])',
)
direct.misconception(
    "Probabilities, not logits: leave the softmax to the loss.",
    name="softmax",
    replace='return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]',
    by='return F.softmax(embcat @ params["Wd"] + h @ params["W2"] + params["b2"], dim=1)',
)
direct.misconception(
    "The direct path was detached: Wd learns, but the embeddings learn nothing from it.",
    name="detached",
    replace='embcat @ params["Wd"]',
    by='embcat.detach() @ params["Wd"]',
)
direct.misconception(
    "The output bias b2 is missing.",
    name="no_bias",
    replace=' + params["b2"]',
    by="",
)
direct.misconception(
    "The bias b1 belongs inside tanh: tanh(embcat @ W1 + b1).",
    name="no_b1",
    replace=' + params["b1"]',
    by="",
)
direct.misconception(
    "The two paths were multiplied. They add up, like two models voting with their logits.",
    name="multiplied",
    replace='params["Wd"] + h @ params["W2"]',
    by='params["Wd"] * (h @ params["W2"])',
)
direct.misconception(
    "b2 was added with each of the two paths, twice in all: once is enough.",
    name="b2_twice",
    replace=' + params["b2"]',
    by=' + 2 * params["b2"]',
)
direct.misconception(
    "Wd was detached: the direct connections are parameters, and must learn.",
    name="wd_detached",
    replace='params["Wd"]',
    by='params["Wd"].detach()',
)
direct.misconception(
    "The hidden layer was detached: C, W1 and b1 learn from both paths.",
    name="h_detached",
    replace='h @ params["W2"]',
    by='h.detach() @ params["W2"]',
)
direct.misconception(
    "Wd was transposed: (N, block_size * n_embd) @ (block_size * n_embd, vocab_size) fits as it is.",
    name="transposed",
    replace='embcat @ params["Wd"]',
    by='embcat @ params["Wd"].T',
)
direct.misconception(
    "The direct connections start from all characters of the context, not from the last one alone.",
    name="last_only",
    replace='embcat @ params["Wd"]',
    by='params["C"][X[:, -1]] @ params["Wd"][-params["C"].shape[1] :]',
)
direct.misconception(
    "squeeze drops the batch dimension when the batch is a single context: logits stay (N, vocab_size).",
    name="squeezed",
    replace='return embcat @ params["Wd"] + h @ params["W2"] + params["b2"]',
    by='return (embcat @ params["Wd"] + h @ params["W2"] + params["b2"]).squeeze()',
)


@direct.variant("one product over both inputs")
def one_product(params, X):
    x = F.embedding(X, params["C"]).flatten(1)
    both = torch.cat([x, torch.tanh(torch.addmm(params["b1"], x, params["W1"]))], 1)
    return both @ torch.cat([params["Wd"], params["W2"]]) + params["b2"]
