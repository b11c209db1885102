"""05.backward: the whole backward pass."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, a_batch, parameters

backward = exercise("backward", title="the whole backward pass", points=3, pure=False)


@backward.cases
def _(rng):
    for v, t, d, hidden, n in SIZES:
        Xb, Yb = a_batch(rng, n, v, t)
        yield dict(params=parameters(rng, v, t, d, hidden), Xb=Xb, Yb=Yb)
    v, t, d, hidden, n = 9, 2, 3, 4, 5
    Xb, Yb = a_batch(rng, n, v, t)
    many = torch.tensor([[299, 43], [140, 256], [7, 299]])  # no byte holds these indices
    yield dict(params=parameters(rng, 300, 2, 1, 3), Xb=many, Yb=many[:, 1].clone())
    Xb[1:3] = Xb[0]  # the same context three times,
    Xb[:, 0] = 0  # and a first character that all share
    yield dict(params=parameters(rng, v, t, d, hidden, spread=10), Xb=Xb, Yb=Yb)


# db1 is a sum that cancels: what is left of it is rounding, up to 1e-11 here
backward_tolerance = Tol(atol=1e-10)


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


def in_float32(rng):
    """As init_params makes them."""
    params = {name: p.float() for name, p in parameters(rng, 5, 3, 2, 4).items()}
    Xb, Yb = a_batch(rng, 9, 5, 3)
    yield dict(params=params, Xb=Xb, Yb=Yb)


@backward.check("in float32", cases=in_float32, tol=Tol(rtol=1e-3, atol=1e-4))
def _(m, params, Xb, Yb):
    _, cache = m.forward(params, Xb, Yb)
    return m.backward(params, cache, Xb, Yb)


@backward.check("parameters untouched")
def _(m, params, Xb, Yb):
    _, cache = m.forward(params, Xb, Yb)
    before = {name: x.clone() for name, x in cache.items() if isinstance(x, torch.Tensor)}
    found = m.backward(params, cache, Xb, Yb)
    changed = [name for name, x in before.items() if not torch.equal(x, cache[name])]
    return {"params": params, "Xb": Xb, "Yb": Yb, "changed in cache": changed, "gradients": found}


backward.tolerance(backward_tolerance, "parameters untouched")


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


backward.equivalent(
    "F.softmax(cache['logits'], dim=1)  ->  F.softmax(cache['logits'])",
    "of two dimensions, torch takes 1 where none is named",
)
backward.equivalent(
    "dhprebn.sum(0)  ->  dhprebn.mean(0)",
    "a bias before a batchnorm has no gradient: both are 0 but for rounding",
)
