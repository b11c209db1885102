"""Parameters, hidden layer, logits, and a loss that stays finite."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

SIZES = [(5, 7, 3, 2, 4), (1, 4, 2, 5, 3), (6, 3, 1, 4, 8), (3, 31, 4, 3, 6)]  # N, v, t, d, hidden


def parameters(rng, v, t, d, hidden, std=0.7, **options):
    """Random parameters by name."""
    return {
        "C": rng.normal(v, d, std=std, **options),
        "W1": rng.normal(t * d, hidden, std=std, **options),
        "b1": rng.normal(hidden, std=std, **options),
        "W2": rng.normal(hidden, v, std=std, **options),
        "b2": rng.normal(v, std=std, **options),
    }


def leaves(params):
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


def gradients(output, inputs):
    """Gradients by name, with an upstream gradient that differs everywhere."""
    upstream = torch.linspace(-1, 2, output.numel(), dtype=output.dtype).view(output.shape)
    return dict(differentiate(output, inputs, upstream))


# -- init_params ---------------------------------------------------------------------------------

init = exercise("init_params", title="five tensors, and their shapes")
init.hint("How many numbers does the hidden layer see of each context?")
init.hint(
    "torch.randn(shape, generator=generator), in the order of the docstring: C, W1, b1, W2, b2."
)
init.hint("W1 is (block_size * n_embd, n_hidden); end each with .requires_grad_().")


@init.cases
def _(rng):
    for v, t, d, hidden in [(27, 3, 2, 100), (5, 2, 3, 4), (7, 1, 6, 2), (65, 5, 1, 9)]:
        yield dict(vocab_size=v, block_size=t, n_embd=d, n_hidden=hidden, seed=rng.seed())


@init.scenario
def _(m, seed, **sizes):
    g = torch.Generator().manual_seed(seed)
    torch.rand(seed % 5 + 1, generator=g)  # it has been used before, and is used again
    first = m.init_params(**sizes, generator=g)
    second = m.init_params(**sizes, generator=g)
    return {
        "first": {name: p.detach() for name, p in first.items()},
        "second": {name: p.detach() for name, p in second.items()},
        "next draw": torch.randint(0, 2**31, (1,), generator=g),
    }


@init.check("trainable")
def _(m, seed, **sizes):
    params = m.init_params(**sizes, generator=torch.Generator().manual_seed(seed))
    return {
        name: {"requires_grad": p.requires_grad, "leaf": p.is_leaf} for name, p in params.items()
    }


init.misconception(
    "requires_grad is missing: autograd would not record what happens to the parameters.",
    name="no_grad",
    replace=".requires_grad_()",
    by="",
)
init.misconception(
    "The generator was not used: the draws come from torch's global one, and nobody can repeat them.",
    name="global_generator",
    replace="name: torch.randn(shape, generator=generator)",
    by="name: torch.randn(shape)",
)
init.misconception(
    "W1 sees one character only: its input are the embeddings of the whole context, "
    "block_size * n_embd numbers.",
    name="one_character",
    replace='"W1": (block_size * n_embd, n_hidden)',
    by='"W1": (n_embd, n_hidden)',
)
init.misconception(
    "The weights are stored the other way round (as torch.nn.Linear does). Here h = embcat @ W1: "
    "the input size comes first.",
    name="transposed",
    edits=[
        ('"W1": (block_size * n_embd, n_hidden)', '"W1": (n_hidden, block_size * n_embd)'),
        ('"W2": (n_hidden, vocab_size)', '"W2": (vocab_size, n_hidden)'),
    ],
)
init.misconception(
    "rand is uniform between 0 and 1; randn is normal, around 0. Only positive weights are no start.",
    name="uniform",
    replace="name: torch.randn(shape",
    by="name: torch.rand(shape",
)
init.misconception(
    "All weights are zero: every hidden neuron would compute the same and get the same gradient "
    "for ever. Draw them.",
    name="zeros",
    replace="name: torch.randn(shape, generator=generator)",
    by="name: torch.zeros(shape)",
)
init.misconception(
    "You scaled the draws. A fine idea (part 7), but what is asked here is plain torch.randn.",
    name="scaled",
    replace="generator=generator).requires_grad_()",
    by="generator=generator).mul(0.1).requires_grad_()",
)
init.misconception(
    "randn(..., requires_grad=True) * 0.1, or .float() behind it, is a result, not a leaf: its .grad "
    "stays None. Call requires_grad_() last.",
    name="not_a_leaf",
    replace=".requires_grad_()",
    by=".requires_grad_() * 1.0",
)
init.misconception(
    "The biases are drawn last in your version. The order of draws decides who gets which numbers: "
    "C, W1, b1, W2, b2.",
    name="other_order",
    replace='        "b1": (n_hidden,),\n        "W2": (n_hidden, vocab_size),\n',
    by='        "W2": (n_hidden, vocab_size),\n        "b1": (n_hidden,),\n',
)


init.misconception(
    "float64 is not what was asked: torch.randn gives float32 by itself, half the memory, and exact enough.",
    name="float64",
    replace="generator=generator).requires_grad_()",
    by="generator=generator, dtype=torch.float64).requires_grad_()",
)
init.misconception(
    "The biases are zero. Often done, but what is asked here is torch.randn for all five.",
    name="zero_biases",
    replace="name: torch.randn(shape, generator=generator)",
    by="name: torch.randn(shape, generator=generator).mul_(float(len(shape) > 1))",
)
init.misconception(
    "You set the generator back to its seed, so every network starts the same. It goes on from where it "
    "stands: only draw from it.",
    name="rewound",
    replace="    shapes = {\n",
    by="    generator.manual_seed(generator.initial_seed())\n    shapes = {\n",
)
init.misconception(
    "A generator of your own has no place here, whatever its seed. Draw from the one passed in.",
    name="own_generator",
    replace="    shapes = {\n",
    by="    generator = torch.Generator().manual_seed(generator.initial_seed())\n    shapes = {\n",
)


@init.variant("one by one")
def one_by_one(vocab_size, block_size, n_embd, n_hidden, generator):
    C = torch.randn((vocab_size, n_embd), generator=generator, requires_grad=True)
    W1 = torch.randn((n_embd * block_size, n_hidden), generator=generator)
    b1 = torch.randn(n_hidden, generator=generator)
    W2 = torch.randn((n_hidden, vocab_size), generator=generator)
    b2 = torch.randn(vocab_size, generator=generator)
    params = dict(b2=b2, C=C, W1=W1, b1=b1, W2=W2)
    for p in params.values():
        p.requires_grad = True
    return params


# -- hidden_layer --------------------------------------------------------------------------------

hidden_layer = exercise("hidden_layer", title="tanh(embcat @ W1 + b1)")
hidden_layer.hint("Which shape must emb get before it can be multiplied with W1?")
hidden_layer.hint(
    "(N, block_size * n_embd) @ (block_size * n_embd, n_hidden), then the bias, then tanh."
)
hidden_layer.hint("torch.tanh(emb.view(emb.shape[0], -1) @ W1 + b1)")


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


# -- forward -------------------------------------------------------------------------------------

forward = exercise("forward", title="contexts in, logits out")
forward.hint("Three steps: look up, hidden layer, output layer.")
forward.hint("params['C'][X] is emb; hidden_layer makes h of it.")
forward.hint("h @ params['W2'] + params['b2'], without tanh.")


@forward.cases
def _(rng):
    for n, v, t, d, hidden in SIZES:
        yield dict(params=parameters(rng, v, t, d, hidden), X=rng.integers(0, v, n, t))
    # v = hidden: a transposed W2 fits
    yield dict(params=parameters(rng, 6, 2, 3, 6), X=rng.integers(0, 6, 6, 2))
    f32 = torch.float32
    yield dict(params=parameters(rng, 5, 3, 2, 4, dtype=f32), X=rng.integers(0, 5, 3, 3))


@forward.check("gradients")
def _(m, params, X):
    params = leaves(params)
    return gradients(m.forward(params, X), params)


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

# -- log_softmax ---------------------------------------------------------------------------------

log_softmax = exercise("log_softmax", title="log-probabilities that stay finite")
log_softmax.hint("What may be subtracted from every logit of a row, without changing its softmax?")
log_softmax.hint("Each row's own maximum, keepdim=True. Then do not form p at all: stay in logs.")
log_softmax.hint(
    "shifted = logits - max; return shifted - shifted.exp().sum(1, keepdim=True).log()"
)


def logit_cases(rng):
    """Small, huge, far apart, tied, one row, square, float32."""
    yield rng.normal(4, 7, std=2)
    yield rng.normal(1, 5, std=3)
    yield rng.normal(3, 4, std=1e4)
    yield rng.normal(3, 6, mean=-1e4)
    yield rng.normal(2, 3) + torch.tensor([[9000.0], [-9000.0]], dtype=torch.float64)
    yield rng.normal(5, 5, std=12)
    yield torch.full((2, 3), rng.number(), dtype=torch.float64)
    yield rng.normal(4, 6, std=40)
    yield rng.normal(3, 40, std=4)  # more than 27 characters
    yield rng.normal(3, 8, std=200, dtype=torch.float32)


@log_softmax.cases
def _(rng):
    for logits in logit_cases(rng):
        yield dict(logits=logits)


@log_softmax.oracle
def _(logits):
    return F.log_softmax(logits.double(), 1).to(logits.dtype)


@log_softmax.check("gradients")
def _(m, logits):
    logits = logits.detach().clone().requires_grad_()
    return gradients(m.log_softmax(logits), {"logits": logits})


log_softmax.misconception(
    "exp overflows: already exp(1000) is inf. Subtract each row's maximum first.",
    name="naive",
    replace="logits - logits.max(dim=1, keepdim=True).values",
    by="logits",
)
log_softmax.misconception(
    "One maximum for the whole batch: a row far below it underflows to zeros, and log(0) is -inf. "
    "Each row needs its own.",
    name="global_max",
    replace="logits.max(dim=1, keepdim=True).values",
    by="logits.max()",
)
log_softmax.misconception(
    "The maximum and the sum run over the batch (dim 0). Each row is a distribution: dim=1.",
    name="over_batch",
    edits=[("max(dim=1", "max(dim=0"), ("sum(dim=1", "sum(dim=0")],
)
log_softmax.misconception(
    "You took the log of the probabilities: a small one has already rounded to 0, and log(0) is -inf. "
    "Subtract the log of the sum instead.",
    name="log_of_p",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return (shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)).log()",
)
log_softmax.misconception(
    "log(p + 1e-9) is finite, and wrong: anything rarer than one in a billion costs the same 20.7. "
    "Stay in logarithms: shifted minus the log of the sum.",
    name="plus_tiny",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return (shifted.exp() / shifted.exp().sum(dim=1, keepdim=True) + 1e-9).log()",
)
log_softmax.misconception(
    "Probabilities were clipped to keep the log finite: the loss of a bad mistake, and its gradient, "
    "are then cut off. Subtract the log of the sum instead.",
    name="clipped",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return (shifted.exp() / shifted.exp().sum(1, keepdim=True)).clamp_min(1e-12).log()",
)
log_softmax.misconception(
    "The logits were clipped against overflow; that changes the answer. Subtract the maximum, which does "
    "not.",
    name="clamped",
    replace="logits - logits.max(dim=1, keepdim=True).values",
    by="logits.clamp(-80, 80)",
)
log_softmax.misconception(
    "These are probabilities; asked are their logarithms.",
    name="probabilities",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)",
)
log_softmax.misconception(
    "The normalizer is missing: shifted logits are no log-probabilities until exp of each row sums to 1.",
    name="shift_only",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return shifted",
)
log_softmax.misconception(
    "The log of the sum was detached, or taken without gradient: the values are right, but each "
    "logit also pulls on the sum.",
    name="detached_sum",
    replace="keepdim=True).log()",
    by="keepdim=True).log().detach()",
)


log_softmax.misconception(
    "You subtracted the mean of each row. The largest logit may lie far above it, and exp overflows again: "
    "subtract the maximum.",
    name="mean_subtracted",
    replace="logits.max(dim=1, keepdim=True).values",
    by="logits.mean(dim=1, keepdim=True)",
)
log_softmax.misconception(
    "The largest in *size* is not the maximum: with negative logits everything underflows. Leave out abs.",
    name="largest_size",
    replace="logits.max(",
    by="logits.abs().max(",
)
log_softmax.misconception(
    "`-=` changed the caller's logits: subtract into a new tensor.",
    name="in_place",
    replace="    shifted = logits - logits.max(dim=1, keepdim=True).values",
    by="    shifted = logits\n    shifted.data -= logits.data.max(dim=1, keepdim=True).values",
)
log_softmax.misconception(
    "double() hides the overflow for a while and changes the dtype: the result has that of logits.",
    name="doubled",
    replace="    shifted = logits",
    by="    logits = logits.double()\n    shifted = logits",
)


@log_softmax.variant("logsumexp")
def logsumexp(logits):
    return logits - torch.logsumexp(logits, 1, keepdim=True)


@log_softmax.variant("the maximum detached: it cancels")
def detached_max(logits):
    m = logits.detach().amax(-1).unsqueeze(-1)
    return logits - m - torch.log(torch.exp(logits - m).sum(-1)[:, None])


@log_softmax.variant("torch's own")
def own(logits):
    return torch.log_softmax(logits, dim=-1)


# -- cross_entropy -------------------------------------------------------------------------------

cross_entropy = exercise("cross_entropy", title="cross-entropy by hand")
cross_entropy.hint("Of each row's log-probabilities one matters. Which, and how are they averaged?")
cross_entropy.hint("Pick the pairs (row i, column Y[i]): [torch.arange(N), Y].")
cross_entropy.hint("-log_softmax(logits)[torch.arange(len(Y)), Y].mean()")


@cross_entropy.cases
def _(rng):
    for logits in logit_cases(rng):
        n, v = logits.shape
        yield dict(logits=logits, Y=rng.integers(0, v, n))
    yield dict(logits=rng.normal(4, 6), Y=torch.full((4,), 2))


@cross_entropy.oracle
def _(logits, Y):
    return F.cross_entropy(logits.double(), Y).to(logits.dtype)


@cross_entropy.check("gradients")
def _(m, logits, Y):
    logits = logits.detach().clone().requires_grad_()
    loss = m.cross_entropy(logits, Y)
    return {"shape of the loss": tuple(loss.shape), **gradients(loss * 3, {"logits": logits})}


@cross_entropy.check("shape and dtype")
def _(m, logits, Y):
    loss = m.cross_entropy(logits, Y)
    return {"shape": tuple(loss.shape), "dtype": str(loss.dtype)}


cross_entropy.misconception(
    "Summed, not averaged: the loss, and with it the step, would grow with the size of the batch.",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
cross_entropy.misconception(
    "The sign is missing: log-probabilities are negative, the loss is minus their mean.",
    name="sign",
    replace="return -logprobs",
    by="return logprobs",
)
cross_entropy.misconception(
    "`[:, Y]` takes these columns of *every* row. You want one per row: [torch.arange(N), Y].",
    name="every_row",
    replace="logprobs[torch.arange(len(Y)), Y]",
    by="logprobs[:, Y]",
)
cross_entropy.misconception(
    "You averaged all log-probabilities. Only that of the character that really came counts.",
    name="all_of_them",
    replace="logprobs[torch.arange(len(Y)), Y]",
    by="logprobs",
)
cross_entropy.misconception(
    "exp overflows, or the probability underflows to 0 and its log to -inf: use log_softmax, which "
    "subtracts each row's maximum.",
    name="naive",
    replace="logprobs = log_softmax(logits)",
    by="logprobs = (logits.exp() / logits.exp().sum(1, keepdim=True)).log()",
)
cross_entropy.misconception(
    "-log(p + 1e-9) is finite, and wrong: a mistake never costs more than 20.7, and its gradient "
    "vanishes. Use log_softmax.",
    name="plus_tiny",
    replace="logprobs = log_softmax(logits)",
    by="logprobs = (F.softmax(logits, 1) + 1e-9).log()",
)
cross_entropy.misconception(
    "Softmax before log_softmax: the probabilities were taken for logits. Normalize once.",
    name="softmax_twice",
    replace="log_softmax(logits)",
    by="log_softmax(F.softmax(logits, 1))",
)
cross_entropy.misconception(
    "You averaged the probabilities and took the log at the end. The log comes first: the loss is the "
    "mean of -log p.",
    name="log_of_mean",
    replace="return -logprobs[torch.arange(len(Y)), Y].mean()",
    by="return -logprobs[torch.arange(len(Y)), Y].exp().mean().log()",
)
cross_entropy.misconception(
    "The loss is a plain number now: .item(), float() or detach() cut the graph, and backward() has "
    "nothing to go back through.",
    name="item",
    replace="    return -logprobs[torch.arange(len(Y)), Y].mean()",
    by="    return -logprobs[torch.arange(len(Y)), Y].mean().detach()",
)
cross_entropy.misconception(
    "The loss in base 2: bits, not nats. Take the natural logarithm.",
    name="bits",
    replace=".mean()",
    by=".mean() / torch.log(torch.tensor(2.0, dtype=logits.dtype))",
)


cross_entropy.misconception(
    "Raw logits are no log-probabilities: log_softmax comes first.",
    name="no_softmax",
    replace="logprobs = log_softmax(logits)",
    by="logprobs = logits",
)
cross_entropy.misconception(
    "A Python number has no gradient: leave out .item() or float(), and return the tensor.",
    name="python_number",
    replace="return -logprobs[torch.arange(len(Y)), Y].mean()",
    by="return -logprobs[torch.arange(len(Y)), Y].mean().item()",
)
cross_entropy.misconception(
    "You divided by the size of the vocabulary; the mean is over the N examples.",
    name="by_vocabulary",
    replace=".mean()",
    by=".sum() / logits.shape[1]",
)
cross_entropy.misconception(
    "One loss for each example; what is asked is their mean, one number.",
    name="one_each",
    replace=".mean()",
    by="",
)
cross_entropy.misconception(
    "Index 0 was skipped as if it were padding. Here it is '.', the end of a name, and counts.",
    name="dot_ignored",
    replace="    logprobs = log_softmax(logits)",
    by="    return F.cross_entropy(logits, Y, ignore_index=0)\n    logprobs = log_softmax(logits)",
)


@cross_entropy.variant("logsumexp minus the right logit")
def by_logsumexp(logits, Y):
    right = logits.gather(1, Y.view(-1, 1)).squeeze(1)
    return (logits.logsumexp(1) - right).sum() / len(Y)


@cross_entropy.variant("one-hot")
def hot(logits, Y):
    log_p = torch.log_softmax(logits, 1)
    return -(log_p * F.one_hot(Y, logits.shape[1])).sum(1).mean()


@cross_entropy.variant("torch's own")
def torch_own(logits, Y):
    return F.cross_entropy(logits, Y)
