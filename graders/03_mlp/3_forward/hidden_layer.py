"""03.hidden_layer: tanh(embcat @ W1 + b1)."""

import torch

from graders.authoring import exercise

from .part import SIZES, gradients, leaves

hidden_layer = exercise("hidden_layer", title="tanh(embcat @ W1 + b1)")


@hidden_layer.cases
def _(rng):
    for n, _, t, d, hidden in SIZES:
        yield dict(
            emb=rng.normal(n, t, d), W1=rng.normal(t * d, hidden, std=0.5), b1=rng.normal(hidden)
        )
    # square all over: nothing but the values can tell
    yield dict(emb=rng.normal(4, 2, 2), W1=rng.normal(4, 4, std=0.5), b1=rng.normal(4))
    yield dict(
        emb=rng.normal(4, 3, 2, dtype=torch.float32),
        W1=rng.normal(6, 5, std=0.5, dtype=torch.float32),
        b1=rng.normal(5, dtype=torch.float32),
    )


@hidden_layer.check("gradients")
def _(m, **case):
    inputs = leaves(case)
    return gradients(m.hidden_layer(**inputs), inputs)


hidden_layer.hint("Which shape must emb get before it can be multiplied with W1?")
hidden_layer.hint(
    "(N, block_size * n_embd) @ (block_size * n_embd, n_hidden), then the bias, then tanh."
)
hidden_layer.hint("torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)")

hidden_layer.misconception(
    "tanh is missing. Without it two layers are worth one: a product of two matrices is a matrix.",
    name="no_tanh",
    replace="return torch.tanh(embcat @ W1 + b1)",
    by="return embcat @ W1 + b1",
)
hidden_layer.misconception(
    "The bias is missing: add b1 before tanh.",
    name="no_bias",
    replace="embcat @ W1 + b1)\n",
    by="embcat @ W1)\n",
)
hidden_layer.misconception(
    "The bias came after tanh. It belongs inside: tanh(embcat @ W1 + b1).",
    name="bias_outside",
    replace="return torch.tanh(embcat @ W1 + b1)",
    by="return torch.tanh(embcat @ W1) + b1",
)
hidden_layer.misconception(
    "W1 was transposed: embcat @ W1 fits as it is.",
    name="transposed",
    replace="(embcat @ W1 + b1)\n",
    by="(embcat @ W1.T + b1)\n",
)
hidden_layer.misconception(
    "The embeddings of a context got mixed up: lay them end to end, character by character.",
    name="interleaved",
    replace="emb.reshape(emb.shape[0], -1)",
    by="emb.transpose(1, 2).reshape(emb.shape[0], -1)",
)
hidden_layer.misconception(
    "Six columns are right for three characters of two numbers only. Take the sizes from emb.shape.",
    name="six",
    replace="emb.reshape(emb.shape[0], -1)",
    by="emb.reshape(-1, 6)",
)
hidden_layer.misconception(
    "The numbers are right, but the graph is cut (detach, .data, or no_grad): nothing would be learned.",
    name="detached",
    replace="return torch.tanh(embcat @ W1 + b1)",
    by="return torch.tanh(embcat @ W1 + b1).detach()",
)
hidden_layer.misconception(
    "The hidden neurons learn, but the embeddings do not: something cut the way back to emb.",
    name="emb_detached",
    replace="embcat = emb.reshape",
    by="embcat = emb.detach().reshape",
)
hidden_layer.misconception(
    "That is the sigmoid, between 0 and 1; asked is tanh, between -1 and 1.",
    name="sigmoid",
    replace="torch.tanh(",
    by="torch.sigmoid(",
)
hidden_layer.misconception(
    "That is relu; asked is tanh, which Bengio et al. used and the lecture too.",
    name="relu",
    replace="torch.tanh(",
    by="torch.relu(",
)
hidden_layer.misconception(
    "squeeze drops the batch dimension when the batch is a single context: h stays (N, n_hidden).",
    name="squeezed",
    replace="return torch.tanh(embcat @ W1 + b1)",
    by="return torch.tanh(embcat @ W1 + b1).squeeze()",
)
hidden_layer.misconception(
    "The bias was added along the wrong dimension, one for each context. b1 has one number for each neuron: "
    "embcat @ W1 + b1 broadcasts it over the rows.",
    name="bias_by_row",
    replace="embcat @ W1 + b1)\n",
    by="embcat @ W1 + b1.view(-1, 1))\n",
)


@hidden_layer.variant("cat, and tanh from sigmoid")
def cat_and_sigmoid(emb, W1, b1):
    x = torch.cat(emb.unbind(1), 1)
    return 2 * torch.sigmoid(2 * (x @ W1 + b1)) - 1


@hidden_layer.variant("one product for each place")
def place_by_place(emb, W1, b1):
    pieces = W1.view(emb.shape[1], emb.shape[2], -1)
    return torch.tanh(torch.einsum("ntd,tdh->nh", emb, pieces) + b1)
