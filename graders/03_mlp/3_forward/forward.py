"""03.forward: contexts in, logits out."""

import torch

from graders.authoring import exercise

from .part import SIZES, gradients, leaves

forward = exercise("forward", title="contexts in, logits out")


def parameters(rng, v, t, d, hidden, std=0.7, **options):
    """Random parameters by name."""
    return {
        "C": rng.normal(v, d, std=std, **options),
        "W1": rng.normal(t * d, hidden, std=std, **options),
        "b1": rng.normal(hidden, std=std, **options),
        "W2": rng.normal(hidden, v, std=std, **options),
        "b2": rng.normal(v, std=std, **options),
    }


@forward.cases
def _(rng):
    for n, v, t, d, hidden in SIZES:
        yield dict(params=parameters(rng, v, t, d, hidden), X=rng.integers(0, v, n, t))
    # v = hidden: a transposed W2 fits
    yield dict(params=parameters(rng, 6, 2, 3, 6), X=rng.integers(0, 6, 6, 2))
    # no byte holds these indices
    yield dict(params=parameters(rng, 300, 2, 1, 2), X=torch.tensor([[299, 43], [128, 255]]))
    f32 = torch.float32
    yield dict(params=parameters(rng, 5, 3, 2, 4, dtype=f32), X=rng.integers(0, 5, 3, 3))


@forward.check("gradients")
def _(m, params, X):
    params = leaves(params)
    return gradients(m.forward(params, X), params)


forward.hint("Three steps: look up, hidden layer, output layer.")
forward.hint("params['C'][X] is emb; hidden_layer makes h of it.")
forward.hint("h @ params['W2'] + params['b2'], without tanh.")

forward.misconception(
    "You returned probabilities. Logits are what is asked: the loss takes the softmax itself.",
    name="softmax",
    replace='h @ params["W2"] + params["b2"]',
    by='F.softmax(h @ params["W2"] + params["b2"], dim=1)',
)
forward.misconception(
    "tanh on the output layer locks the logits into (-1, 1): no prediction could ever be sure.",
    name="tanh_out",
    replace='h @ params["W2"] + params["b2"]',
    by='torch.tanh(h @ params["W2"] + params["b2"])',
)
forward.misconception(
    "The output bias b2 is missing.",
    name="no_b2",
    replace=' + params["b2"]',
    by="",
)
forward.misconception(
    "W2 was transposed: (N, n_hidden) @ (n_hidden, vocab_size) fits as it is.",
    name="transposed",
    replace='h @ params["W2"]',
    by='h @ params["W2"].T',
)
forward.misconception(
    "The output layer was fed the embeddings, not the hidden layer.",
    name="skips_hidden",
    replace='    return h @ params["W2"]',
    by='    h = params["C"][X].flatten(1)\n    return h @ params["W2"]',
)
forward.misconception(
    "The lookup was detached: the embeddings in C are parameters too, and must learn.",
    name="c_detached",
    replace='params["C"][X]',
    by='params["C"].detach()[X]',
)
forward.misconception(
    "The logits are right, but no gradient comes back from them: no_grad or detach has no place here.",
    name="detached",
    replace='h @ params["W2"] + params["b2"]',
    by='(h @ params["W2"] + params["b2"]).detach()',
)
forward.misconception(
    "The contexts were read backwards: the first column of X is the oldest character.",
    name="reversed",
    replace='params["C"][X]',
    by='params["C"][X.flip(1)]',
)
forward.misconception(
    "The hidden layer was detached: W2 and b2 would learn, and nothing before them.",
    name="h_detached",
    replace='h @ params["W2"]',
    by='h.detach() @ params["W2"]',
)
forward.misconception(
    "You returned log-probabilities. Logits are what is asked, as they come out of the last layer.",
    name="log_probs",
    replace='h @ params["W2"] + params["b2"]',
    by='F.log_softmax(h @ params["W2"] + params["b2"], dim=1)',
)
forward.misconception(
    "squeeze drops the batch dimension when the batch is a single context: logits stay (N, vocab_size).",
    name="squeezed",
    replace='return h @ params["W2"] + params["b2"]',
    by='return (h @ params["W2"] + params["b2"]).squeeze()',
)

forward.variant(
    "without hidden_layer",
    name="inline",
    source="""def forward(params, X):
    C, W1, b1, W2, b2 = (params[k] for k in ("C", "W1", "b1", "W2", "b2"))
    x = F.embedding(X, C).flatten(start_dim=1)
    return torch.addmm(b2, (x @ W1 + b1).tanh(), W2)
""",
)
