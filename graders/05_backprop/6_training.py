"""Training the MLP with gradients of one's own."""

import math

import torch

from graders.authoring import Tol, exercise, part

part(forbid=("autograd",))


def parameters(rng, vocab_size, block_size, n_embd, n_hidden, spread=1.0):
    """Random parameters in float64; db1 is zero but for rounding, which float32 would drown in."""
    fan_in = block_size * n_embd
    return {
        "C": rng.normal(vocab_size, n_embd),
        "W1": rng.normal(fan_in, n_hidden, std=fan_in**-0.5),
        "b1": rng.normal(n_hidden, std=0.1),
        "bngain": rng.normal(1, n_hidden, mean=1, std=0.3),
        "bnbias": rng.normal(1, n_hidden, std=0.3),
        "W2": rng.normal(n_hidden, vocab_size, std=spread * n_hidden**-0.5),
        "b2": rng.normal(vocab_size, std=0.1),
    }


def a_batch(rng, n, vocab_size, block_size):
    return rng.integers(0, vocab_size, n, block_size), rng.integers(0, vocab_size, n)


# vocabulary, block size, n_embd, n_hidden, n
SIZES = [(7, 2, 3, 5, 4), (5, 3, 2, 4, 9), (6, 1, 4, 3, 2), (4, 3, 3, 9, 6)]

# -- backward ----------------------------------------------------------------------------------

backward = exercise("backward", title="the whole backward pass", points=3, pure=False)
backward.hint(
    "Go up the chain and write each name once: dlogits, then dW2, db2, dh, dhpreact, dbngain, "
    "dbnbias, dhprebn, dW1, db1, dembcat, demb, dC."
)
backward.hint(
    "dlogits and dhprebn are the one-liners of part 5; dW and db are those of parts 2 and 4, with "
    "cache['h'] and cache['embcat'] as their inputs."
)
backward.hint(
    "Mind the shapes: dbngain and dbnbias keep (1, n_hidden), db1 and db2 are flat. For dC: "
    "demb = dembcat.view(*Xb.shape, -1), and rows of repeated characters add up."
)


@backward.cases
def _(rng):
    for v, t, d, hidden, n in SIZES:
        Xb, Yb = a_batch(rng, n, v, t)
        yield dict(params=parameters(rng, v, t, d, hidden), Xb=Xb, Yb=Yb)
    v, t, d, hidden, n = 9, 2, 3, 4, 5
    Xb, Yb = a_batch(rng, n, v, t)
    Xb[1:3] = Xb[0]  # the same context three times,
    Xb[:, 0] = 0  # and a first character that all share
    yield dict(params=parameters(rng, v, t, d, hidden, spread=10), Xb=Xb, Yb=Yb)


# db1 is a sum that cancels: what is left of it is rounding, about 1e-15 here
backward_tolerance = Tol(atol=1e-11)


@backward.scenario
def _(m, params, Xb, Yb):
    _, cache = m.forward(params, Xb, Yb)
    return m.backward(params, cache, Xb, Yb)


backward.tolerance(backward_tolerance)


@backward.oracle
def _(params, Xb, Yb):
    p = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    n = len(Yb)
    hprebn = p["C"][Xb].reshape(n, -1) @ p["W1"] + p["b1"]
    centered = hprebn - hprebn.mean(0)
    bnraw = centered / (centered.square().sum(0) / (n - 1) + 1e-5).sqrt()
    logits = torch.tanh(p["bngain"] * bnraw + p["bnbias"]) @ p["W2"] + p["b2"]
    torch.nn.functional.cross_entropy(logits, Yb).backward()
    return {name: value.grad for name, value in p.items()}


@backward.check("parameters untouched")
def _(m, params, Xb, Yb):
    _, cache = m.forward(params, Xb, Yb)
    m.backward(params, cache, Xb, Yb)
    return {"params": params, "Xb": Xb, "Yb": Yb}


backward.misconception(
    "1 / n is missing in dlogits: the loss is the mean over the batch, and every gradient above "
    "it is n times too large.",
    name="no_mean",
    replace="dlogits = dlogits / n",
    by="pass",
)
backward.misconception(
    "dlogits are the probabilities alone: subtract 1 at the right character of each row.",
    name="no_minus_one",
    replace="dlogits[torch.arange(n), Yb] -= 1",
    by="pass",
)
backward.misconception(
    "The tanh was skipped on the way back: dhpreact = dh * (1 - h**2).",
    name="no_tanh",
    replace="dh * (1 - h**2)",
    by="dh",
)
backward.misconception(
    "h already is tanh(hpreact): the derivative is 1 - h**2, you applied tanh a second time.",
    name="tanh_twice",
    replace="dh * (1 - h**2)",
    by="dh * (1 - torch.tanh(h)**2)",
)
backward.misconception(
    "In dhprebn the path through the batch's mean is missing.",
    name="no_mean_path",
    replace="(dhpreact - mean_path - variance_path)",
    by="(dhpreact - variance_path)",
)
backward.misconception(
    "In dhprebn the path through the batch's variance is missing.",
    name="no_variance_path",
    replace="(dhpreact - mean_path - variance_path)",
    by="(dhpreact - mean_path)",
)
backward.misconception(
    "In dhprebn mean and variance were treated as constants: gradient flows through both.",
    name="direct_only",
    replace="(dhpreact - mean_path - variance_path)",
    by="dhpreact",
)
backward.misconception(
    "Bessel's correction is missing in dhprebn: the variance divides by n - 1, so its path "
    "does, too.",
    name="no_bessel",
    replace="bnraw * dbngain / (n - 1)",
    by="bnraw * dbngain / n",
)
backward.misconception(
    "The gain is missing in dhprebn: multiply by params['bngain'].",
    name="no_gain",
    replace='params["bngain"] * cache["bnvar_inv"] * (',
    by='cache["bnvar_inv"] * (',
)
backward.misconception(
    "The scale is missing in dhprebn: multiply by cache['bnvar_inv'].",
    name="no_scale",
    replace='params["bngain"] * cache["bnvar_inv"] * (',
    by='params["bngain"] * (',
)
backward.misconception(
    "Batchnorm was skipped: dW1, db1 and dC continue from dhprebn, not from dhpreact.",
    name="batchnorm_skipped",
    edits=[
        ('cache["embcat"].T @ dhprebn', 'cache["embcat"].T @ dhpreact'),
        ("dhprebn.sum(0)", "dhpreact.sum(0)"),
        ('dhprebn @ params["W1"].T', 'dhpreact @ params["W1"].T'),
    ],
)
backward.misconception(
    "dbngain and dbnbias lost a dimension: these parameters are (1, n_hidden), sum with "
    "keepdim=True.",
    name="no_keepdim",
    edits=[
        (
            "dbngain = (dhpreact * bnraw).sum(0, keepdim=True)",
            "dbngain = (dhpreact * bnraw).sum(0)",
        ),
        ("dbnbias = dhpreact.sum(0, keepdim=True)", "dbnbias = dhpreact.sum(0)"),
    ],
)
backward.misconception(
    "dbngain lacks its local derivative: bngain is multiplied by bnraw.",
    name="gain_like_bias",
    replace='"bngain": dbngain',
    by='"bngain": dbnbias',
)
backward.misconception(
    "The biases got means of their gradients: each bias is copied n times, and the copies' "
    "gradients add up.",
    name="bias_means",
    edits=[
        ("db2 = dlogits.sum(0)", "db2 = dlogits.mean(0)"),
        ('"bnbias": dbnbias', '"bnbias": dbnbias / n'),
    ],
)
backward.misconception(
    "Rows of dC were assigned, not added: where a character repeats, only its last occurrence "
    "is left.",
    name="rows_assigned",
    replace='dC = torch.zeros_like(params["C"]).index_add_(0, Xb.flatten(), demb)',
    by='dC = torch.zeros_like(params["C"])\n    dC[Xb.flatten()] = demb',
)
backward.misconception(
    "Xb and demb were flattened in different orders, so dC's rows belong to other characters. "
    "Flatten both row by row.",
    name="order_mixed",
    replace="index_add_(0, Xb.flatten(), demb)",
    by="index_add_(0, Xb.T.flatten(), demb)",
)
backward.misconception(
    "dW2 was computed from bnraw (or hpreact). What met W2 in the forward pass is h, after the "
    "tanh.",
    name="before_tanh",
    replace="dW2 = h.T @ dlogits",
    by="dW2 = bnraw.T @ dlogits",
)
backward.misconception(
    "The transpose of W2 is missing in dh.",
    name="no_transpose",
    replace='dlogits @ params["W2"].T',
    by='dlogits @ params["W2"]',
)
backward.misconception(
    "The parameters were changed: backward only computes gradients, the step comes later in "
    "update.",
    name="steps_itself",
    replace="n = Xb.shape[0]",
    by='n = Xb.shape[0]\n    params["b2"] -= 0.1',
)


backward.misconception(
    "You asked autograd. Here you compute by hand what it would: while the checks run nothing is "
    "recorded, so there is nothing to call backward() on.",
    name="autograd",
    replace="    n = Xb.shape[0]\n",
    by="    params = {name: p.clone().requires_grad_() for name, p in params.items()}\n"
    "    forward(params, Xb, Yb)[0].backward()\n"
    "    n = Xb.shape[0]\n",
)


@backward.variant("the long way: every atom of parts 1 to 4")
def atoms(params, cache, Xb, Yb):
    n = len(Yb)
    logits, h, bnraw, bnvar_inv = cache["logits"], cache["h"], cache["bnraw"], cache["bnvar_inv"]
    indices = logits.max(1).indices
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    counts_sum = counts.sum(1, keepdim=True)
    probs = counts / counts_sum
    dlogprobs = torch.zeros_like(probs)
    dlogprobs[range(n), Yb] = -1.0 / n
    # a probability that underflowed has no logarithm; as a limit its gradient is finite
    dprobs = torch.where(dlogprobs == 0, dlogprobs, dlogprobs / probs)
    dcounts = dprobs / counts_sum
    dcounts_sum = -(dprobs * counts).sum(1, keepdim=True) / counts_sum**2
    dcounts = dcounts + dcounts_sum
    dnorm = dcounts * counts
    dlogits = dnorm.clone()
    dlogits[range(n), indices] -= dnorm.sum(1)
    dh = torch.einsum("nv,hv->nh", dlogits, params["W2"])
    dhpreact = dh - dh * h * h
    dbnraw = dhpreact * params["bngain"]
    bndiff = bnraw / bnvar_inv
    dbnvar = -0.5 * bnvar_inv**3 * (dbnraw * bndiff).sum(0, keepdim=True)
    dbndiff = dbnraw * bnvar_inv + 2 * bndiff * dbnvar / (n - 1)
    dhprebn = dbndiff - dbndiff.sum(0, keepdim=True) / n
    demb = (dhprebn @ params["W1"].T).reshape(*Xb.shape, -1)
    dC = torch.zeros_like(params["C"])
    for i in range(n):
        for t in range(Xb.shape[1]):
            dC[Xb[i, t]] += demb[i, t]
    return {
        "W2": torch.einsum("nh,nv->hv", h, dlogits),
        "b2": dlogits.sum(0),
        "bngain": (dhpreact * bnraw).sum(0, keepdim=True),
        "bnbias": dhpreact.sum(0, keepdim=True),
        "W1": torch.einsum("nf,nh->fh", cache["embcat"], dhprebn),
        "b1": dhprebn.sum(0),
        "C": dC,
    }


@backward.variant("one-hot, and zero for the bias that batchnorm removes")
def one_hot(params, cache, Xb, Yb):
    n, v = cache["logits"].shape
    hot = torch.nn.functional.one_hot
    dlogits = (torch.softmax(cache["logits"], 1) - hot(Yb, v)) / n
    dhpreact = dlogits @ params["W2"].T * (1 + cache["h"]) * (1 - cache["h"])
    x = cache["bnraw"]
    dbngain = (dhpreact * x).sum(0, keepdim=True)
    centered = dhpreact - dhpreact.mean(0)
    dhprebn = params["bngain"] * cache["bnvar_inv"] * (centered - x * dbngain / (n - 1))
    demb = (dhprebn @ params["W1"].T).view(Xb.numel(), -1)
    lookup = hot(Xb.flatten(), len(params["C"])).to(demb.dtype)
    return dict(
        C=lookup.T @ demb,
        W1=cache["embcat"].T @ dhprebn,
        b1=torch.zeros_like(params["b1"]),
        bngain=dbngain,
        bnbias=dhpreact.sum(0, keepdim=True),
        W2=cache["h"].T @ dlogits,
        b2=dlogits.sum(0),
    )


# -- update ------------------------------------------------------------------------------------

update = exercise("update", title="one step downhill", pure=False)
update.hint("The gradient points uphill. Which sign, then?")
update.hint("Go through the dict by name; each parameter has its gradient under the same name.")
update.hint("for name, parameter in params.items(): parameter -= lr * grads[name]")


@update.cases
def _(rng):
    for v, t, d, hidden, _ in SIZES:
        params = parameters(rng, v, t, d, hidden)
        grads = {name: rng.normal(*p.shape) for name, p in params.items()}
        order = rng.shuffled(grads)  # the two dicts need not list their names in the same order
        yield dict(
            params=params, grads={name: grads[name] for name in order}, lr=rng.number(0.01, 1)
        )
    yield dict(params={"b2": rng.normal(3)}, grads={"b2": rng.normal(3)}, lr=0.0)
    yield dict(params={"W": rng.normal(2, 3)}, grads={"W": torch.zeros(2, 3).double()}, lr=0.1)


@update.scenario
def _(m, params, grads, lr):
    held = list(params.values())  # what somebody else holds must see the step
    m.update(params, grads, lr)
    return {"params": params, "the same tensors": held, "grads": grads}


@update.misconception(
    "You added the gradient: it points uphill, and the loss would grow. Subtract lr times it."
)
def uphill(params, grads, lr):
    for name in params:
        params[name] += lr * grads[name]


@update.misconception(
    "Nothing changed: `p = p - lr * grad` makes a new tensor and gives it the name p, while the "
    "old one stays in the dict. Change it in place with `p -= lr * grad`."
)
def rebound(params, grads, lr):
    for name, p in params.items():
        p = p - lr * grads[name]


@update.misconception(
    "The dict holds new tensors; whoever holds the old ones sees no step. Change the tensors in "
    "place: `params[name] -= ...` or `p -= ...`."
)
def new_tensors(params, grads, lr):
    for name in params:
        params[name] = params[name] - lr * grads[name]


@update.misconception("The learning rate is not used: the step is lr times the gradient.")
def lr_ignored(params, grads, lr):
    for name in params:
        params[name] -= grads[name]


@update.misconception("You replaced the parameters by the step. Take the step from where they are.")
def replaced(params, grads, lr):
    for name in params:
        params[name].copy_(-lr * grads[name])


@update.misconception(
    "The names were paired by position. The two dicts may list them in different orders: look each "
    "gradient up by name."
)
def by_position(params, grads, lr):
    for p, g in zip(params.values(), grads.values(), strict=True):
        p -= lr * g


@update.misconception(
    "The parameters are right, but you scaled the gradients in place; they belong to the caller."
)
def gradients_scaled(params, grads, lr):
    for name in params:
        grads[name] *= lr
        params[name] -= grads[name]


@update.misconception(
    "You only used the gradient's sign. The step is lr times the gradient itself, so that steep "
    "directions move further."
)
def sign_only(params, grads, lr):
    for name in params:
        params[name] -= lr * grads[name].sign()


@update.variant("add_ with alpha")
def add(params, grads, lr):
    for name in params:
        params[name].add_(grads[name], alpha=-lr)


@update.variant("copy_")
def copy(params, grads, lr):
    for name, p in params.items():
        p.copy_(p - lr * grads[name])


@update.variant("through .data")
def data(params, grads, lr):
    for name, p in params.items():
        p.data += -lr * grads[name]


@update.variant("a slice")
def slice_(params, grads, lr):
    for name in grads:
        params[name][:] = params[name] - lr * grads[name]


# -- train -------------------------------------------------------------------------------------

train = exercise("train", title="the loop, without autograd", points=2, pure=False)
train.hint("Three calls for each batch, in which order?")
train.hint("forward gives (loss, cache); backward takes the cache; update takes the gradients.")
train.hint(
    "for Xb, Yb in batches: loss, cache = forward(...); update(params, backward(...), lr); "
    "losses.append(loss.item()). Return losses."
)


@train.cases
def _(rng):
    for (v, t, d, hidden, n), steps in zip(SIZES, (3, 4, 1, 2), strict=True):
        batches = [a_batch(rng, n + i, v, t) for i in range(steps)]
        yield dict(
            params=parameters(rng, v, t, d, hidden), batches=batches, lr=rng.number(0.05, 0.5)
        )
    yield dict(params=parameters(rng, 4, 2, 3, 5), batches=[], lr=0.1)


@train.scenario
def _(m, params, batches, lr):
    losses = m.train(params, iter(batches), lr)
    return {"losses": losses, "params": params}


def overfit(rng):
    """One small batch with distinct contexts, over and over: it can be learned by heart."""
    v, t, n = 6, 2, 5
    Xb = torch.tensor([[i, (i + 1) % v] for i in range(n)])
    batch = (Xb, rng.integers(0, v, n))
    yield dict(params=parameters(rng, v, t, 4, 12), batches=[batch] * 30, lr=0.3)


def it_falls(case, got):
    """A band, not a value: after 30 steps on one batch, far less than at the start."""
    if not isinstance(got, list) or len(got) != len(case["batches"]):
        return f"expected a list of {len(case['batches'])} losses, one for each batch"
    if not all(isinstance(loss, (float, torch.Tensor)) and math.isfinite(loss) for loss in got):
        return "a loss is not a finite number"
    if not got[-1] < 0.3 * got[0]:
        return (
            f"the loss of one small batch should fall below a third in 30 steps: "
            f"it went from {float(got[0]):.3f} to {float(got[-1]):.3f}"
        )
    return None


@train.check("the loss falls", cases=overfit, judge=it_falls)
def _(m, params, batches, lr):
    return list(m.train(params, iter(batches), lr))


train.misconception(
    "The parameters never change: after backward, call update(params, grads, lr).",
    name="no_update",
    replace="update(params, backward(params, cache, Xb, Yb), lr)",
    by="backward(params, cache, Xb, Yb)",
)
train.misconception(
    "You recorded the loss after the step. Record the one of the forward pass that caused it.",
    name="loss_after",
    replace="losses.append(loss.item())",
    by="losses.append(forward(params, Xb, Yb)[0].item())",
)
train.misconception(
    "The gradients were computed once and used for every step. They hold only for the "
    "parameters and the batch they were computed with: call backward in each step.",
    name="stale",
    replace="        update(params, backward(params, cache, Xb, Yb), lr)",
    by="        grads = grads if losses else backward(params, cache, Xb, Yb)\n"
    "        update(params, grads, lr)",
)
train.misconception(
    "Gradients piled up from step to step. Autograd does that until you set them to zero; here "
    "each step uses its own gradients only.",
    name="piled_up",
    replace="        update(params, backward(params, cache, Xb, Yb), lr)",
    by="        grads = backward(params, cache, Xb, Yb)\n"
    "        if losses:\n"
    "            grads = {k: grads[k] + total[k] for k in grads}\n"
    "        total = grads\n"
    "        update(params, grads, lr)",
)
train.misconception(
    "Every step trained on the first batch: take the next (Xb, Yb) from batches each time.",
    name="first_batch",
    replace="    for Xb, Yb in batches:",
    by="    batches = list(batches)\n    for _ in batches:\n        Xb, Yb = batches[0]",
)
train.misconception(
    "The loop ends after the first batch: `return` stands inside it, one level too deep.",
    name="returns_early",
    replace="    return losses",
    by="        return losses\n    return losses",
)
train.misconception(
    "Only the last loss is returned: collect one for each batch in a list.",
    name="last_loss",
    replace="    return losses",
    by="    return losses[-1] if losses else None",
)
train.misconception(
    "The learning rate was divided by the batch size. The mean in the loss has done that already.",
    name="lr_over_n",
    replace="Xb, Yb), lr)",
    by="Xb, Yb), lr / len(Yb))",
)
train.misconception(
    "You used a learning rate of your own: take the argument lr.",
    name="fixed_lr",
    replace="Xb, Yb), lr)",
    by="Xb, Yb), 0.1)",
)
train.misconception(
    "You trained a copy: the parameters that were passed in must change, in place.",
    name="copies",
    replace="    losses = []",
    by="    losses = []\n    params = {name: p.clone() for name, p in params.items()}",
)
train.variant(
    "counted with while, losses as tensors",
    name="while_loop",
    source="""def train(params, batches, lr):
    losses, rest = [], list(batches)
    while rest:
        Xb, Yb = rest.pop(0)
        loss, cache = forward(params, Xb, Yb)
        grads = backward(params, cache, Xb, Yb)
        update(params, grads, lr)
        losses += [loss]
    return [float(loss) for loss in losses]
""",
)
train.variant(
    "the step written out",
    name="inline_step",
    source="""def train(params, batches, lr):
    losses = []
    for batch in batches:
        loss, cache = forward(params, *batch)
        for name, grad in backward(params, cache, *batch).items():
            params[name].sub_(grad * lr)
        losses.append(float(loss))
    return losses
""",
)
