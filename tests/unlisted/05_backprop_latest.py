"""Solutions of 05 that come from the texts alone: see test_unlisted.py, which parses this file."""


# ------------------------------------------------------------------ 1 loss
@wrong("logprobs_backward", "divides by the number of all elements")
def _(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[range(len(Yb)), Yb] = -1.0 / logprobs.numel()
    return d


@wrong("logprobs_backward", "float32 zeros in any case")
def _(logprobs, Yb):
    d = torch.zeros(logprobs.shape)
    d[torch.arange(len(Yb)), Yb] = -1.0 / len(Yb)
    return d


@right("logprobs_backward", "one-hot, negative and divided")
def _(logprobs, Yb):
    return -F.one_hot(Yb, logprobs.shape[1]).to(logprobs.dtype) / logprobs.shape[0]


@wrong("probs_backward", "adds a small number to probs")
def _(dlogprobs, probs):
    return dlogprobs / (probs + 1e-3)


@wrong("probs_backward", "the log's value for its slope")
def _(dlogprobs, probs):
    return dlogprobs * probs.log()


@right("probs_backward", "reciprocal")
def _(dlogprobs, probs):
    return torch.mul(probs.reciprocal(), dlogprobs)


@wrong("counts_sum_inv_backward", "mean over the row")
def _(dprobs, counts):
    return (dprobs * counts).mean(1, keepdim=True)


@right("counts_sum_inv_backward", "a batched dot product")
def _(dprobs, counts):
    return torch.einsum("ij,ij->i", dprobs, counts).unsqueeze(1)


@wrong("counts_sum_backward", "exponent -1 kept")
def _(dcounts_sum_inv, counts_sum):
    return -dcounts_sum_inv / counts_sum


@wrong("counts_backward", "dcounts_sum spread evenly over the row")
def _(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv + dcounts_sum / dprobs.shape[1]


@wrong("counts_backward", "in place on dprobs")
def _(dprobs, counts_sum_inv, dcounts_sum):
    # every part says: the arguments stay as they are? here the docstring does not; the value is off anyway
    dprobs = dprobs.mul_(counts_sum_inv)
    dprobs += dcounts_sum.sum()
    return dprobs


@right("counts_backward", "addcmul")
def _(dprobs, counts_sum_inv, dcounts_sum):
    return torch.addcmul(dcounts_sum, dprobs, counts_sum_inv)


@wrong("norm_logits_backward", "exp of counts")
def _(dcounts, counts):
    return dcounts * counts.exp()


@wrong("logit_maxes_backward", "zero, since the maximum cancels in softmax")
def _(dnorm_logits):
    return torch.zeros_like(dnorm_logits[:, :1])


@wrong("logits_backward", "scatters dlogit_maxes over dnorm_logits instead of adding it")
def _(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    return d.scatter(1, max_indices[:, None], dlogit_maxes)


@wrong("logits_backward", "every row gets the sum of dlogit_maxes")
def _(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(d)), max_indices] += dlogit_maxes.sum()
    return d


@right("logits_backward", "scatter_add")
def _(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits.scatter_add(1, max_indices.unsqueeze(1), dlogit_maxes)


# ------------------------------------------------------------------ 2 linear
@wrong("h_backward", "reshapes W2 in place of transposing it")
def _(dlogits, W2):
    return dlogits @ W2.reshape(W2.shape[1], W2.shape[0])


@right("h_backward", "F.linear")
def _(dlogits, W2):
    return F.linear(dlogits, W2)


@wrong("W2_backward", "divided by the batch")
def _(dlogits, h):
    return h.T @ dlogits / len(h)


@right("W2_backward", "a sum of outer products")
def _(dlogits, h):
    return sum(torch.outer(row, d) for row, d in zip(h, dlogits))


@wrong("b2_backward", "shape (1, vocab_size)")
def _(dlogits):
    return dlogits.sum(0, keepdim=True)


@right("b2_backward", "ones @ dlogits")
def _(dlogits):
    return dlogits.new_ones(dlogits.shape[0]) @ dlogits


@wrong("hpreact_backward", "1 - h without the square")
def _(dh, h):
    return dh * (1 - h.abs())


@right("hpreact_backward", "two factors")
def _(dh, h):
    return dh * (1 + h) * (1 - h)


# ------------------------------------------------------------------ 3 batchnorm
@wrong("bngain_backward", "no sum")
def _(dhpreact, bnraw):
    return dhpreact * bnraw


@wrong("bnbias_backward", "one number for all neurons")
def _(dhpreact):
    return dhpreact.sum().expand(1, dhpreact.shape[1]).clone()


@wrong("bnraw_backward", "divides by the gain")
def _(dhpreact, bngain):
    return dhpreact / bngain


@wrong("bnvar_inv_backward", "the square of bndiff")
def _(dbnraw, bndiff):
    return (dbnraw * bndiff**2).sum(0, keepdim=True)


@wrong("bnvar_backward", "exponent -0.5 in place of -1.5")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * dbnvar_inv * (bnvar + eps) ** -0.5


@wrong("bnvar_backward", "eps outside: bnvar^-1.5 + eps")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * dbnvar_inv * (bnvar**-1.5 + eps)


@right("bnvar_backward", "rsqrt cubed")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return dbnvar_inv * torch.rsqrt(bnvar + eps).pow(3) / -2


@wrong("bndiff2_backward", "not expanded: (1, n_hidden)")
def _(dbnvar, bndiff2):
    return dbnvar / (bndiff2.shape[0] - 1)


@wrong("bndiff2_backward", "the number of neurons minus one")
def _(dbnvar, bndiff2):
    return (dbnvar / max(1, bndiff2.shape[1] - 1)).expand_as(bndiff2).clone()


@right("bndiff2_backward", "an outer product with ones")
def _(dbnvar, bndiff2):
    n = len(bndiff2)
    return torch.full((n, 1), 1 / (n - 1), dtype=dbnvar.dtype) @ dbnvar


@wrong("bndiff_backward", "the square's slope without the factor 2")
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + bndiff * dbndiff2


@wrong("bndiff_backward", "bnvar_inv on both branches")
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return (dbnraw + 2 * bndiff * dbndiff2) * bnvar_inv


@wrong("bnmeani_backward", "minus the mean")
def _(dbndiff):
    return -dbndiff.mean(0, keepdim=True)


@wrong("hprebn_backward", "the mean's share subtracted")
def _(dbndiff, dbnmeani):
    return dbndiff - dbnmeani / len(dbndiff)


@right("hprebn_backward", "torch.add with alpha")
def _(dbndiff, dbnmeani):
    return torch.add(dbndiff, dbnmeani, alpha=1 / dbndiff.shape[0])


# ------------------------------------------------------------------ 4 embedding
@wrong("embcat_backward", "W1 flipped along its rows before the product")
def _(dhprebn, W1):
    return dhprebn @ W1.flip(0).T


@wrong("W1_backward", "transposed")
def _(dhprebn, embcat):
    return dhprebn.T @ embcat


@wrong("b1_backward", "a plain list")
def _(dhprebn):
    return dhprebn.sum(0).tolist()


@wrong("emb_backward", "n_embd first, then the characters")
def _(dembcat, emb):
    n, b, e = emb.shape
    return dembcat.view(n, e, b).transpose(1, 2)


@right("emb_backward", "stack of chunks")
def _(dembcat, emb):
    return torch.stack(dembcat.split(emb.shape[2], dim=1), dim=1)


@wrong("C_backward", "repeats overwrite each other")
def _(demb, Xb, C):
    dC = torch.zeros(C.shape, dtype=demb.dtype)
    dC[Xb] += demb
    return dC


@wrong("C_backward", "divided by how often the character occurs")
def _(demb, Xb, C):
    dC = torch.zeros_like(C).index_add(0, Xb.flatten(), demb.flatten(0, 1))
    return dC / torch.bincount(Xb.flatten(), minlength=len(C)).clamp(min=1)[:, None]


@right("C_backward", "one-hot transposed times demb")
def _(demb, Xb, C):
    onehot = F.one_hot(Xb, C.shape[0]).to(demb.dtype)
    return torch.einsum("nbv,nbe->ve", onehot, demb)


# ------------------------------------------------------------------ 5 one line
@wrong("cross_entropy_backward", "probabilities minus one at the answer, the division only there")
def _(logits, Yb):
    n = len(Yb)
    d = F.softmax(logits, 1)
    d[range(n), Yb] -= 1
    d[range(n), Yb] /= n
    return d


@wrong("cross_entropy_backward", "exp without the maximum")
def _(logits, Yb):
    # "values up to +-1e4"
    counts = logits.exp()
    d = counts / counts.sum(1, keepdim=True)
    d[range(len(Yb)), Yb] -= 1
    return d / len(Yb)


@right("cross_entropy_backward", "one-hot subtracted, logsumexp")
def _(logits, Yb):
    p = (logits - torch.logsumexp(logits, 1, keepdim=True)).exp()
    return (p - F.one_hot(Yb, logits.shape[1])) / len(Yb)


@wrong("batchnorm_backward", "n for n - 1 in the last term")
def _(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    s = dhpreact.sum(0, keepdim=True)
    t = (dhpreact * bnraw).sum(0, keepdim=True)
    return bngain * bnvar_inv * (dhpreact - s / n - bnraw * t / n)


@wrong("batchnorm_backward", "the gain squared (once in the sums, once in front)")
def _(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    d = bngain * dhpreact
    return bngain * bnvar_inv / n * (n * d - d.sum(0) - n / (n - 1) * bnraw * (d * bnraw).sum(0))


@right("batchnorm_backward", "in two steps: through the variance, then centered")
def _(dhpreact, bngain, bnraw, bnvar_inv):
    n = dhpreact.shape[0]
    dbnraw = dhpreact * bngain
    through_var = bnraw * (dbnraw * bnraw).sum(0, keepdim=True) / (n - 1)
    d = bnvar_inv * (dbnraw - through_var)
    return d - d.mean(0, keepdim=True)


# ------------------------------------------------------------------ 6 training
@wrong("backward", "dC of the last position of the context only")
def _(params, cache, Xb, Yb):
    n = len(Xb)
    grads = {}
    d = F.softmax(cache["logits"], 1)
    d[range(n), Yb] -= 1
    d /= n
    grads["W2"], grads["b2"] = cache["h"].T @ d, d.sum(0)
    dpre = (d @ params["W2"].T) * (1 - cache["h"] ** 2)
    grads["bngain"] = (dpre * cache["bnraw"]).sum(0, keepdim=True)
    grads["bnbias"] = dpre.sum(0, keepdim=True)
    dbn = (
        params["bngain"]
        * cache["bnvar_inv"]
        / n
        * (n * dpre - dpre.sum(0) - n / (n - 1) * cache["bnraw"] * (dpre * cache["bnraw"]).sum(0))
    )
    grads["W1"], grads["b1"] = cache["embcat"].T @ dbn, dbn.sum(0)
    demb = (dbn @ params["W1"].T).view(n, Xb.shape[1], -1)
    grads["C"] = torch.zeros_like(params["C"]).index_add(0, Xb[:, -1], demb[:, -1])
    return {k: grads[k] for k in params}


@wrong("backward", "bngain and bnbias as (n_hidden,)")
def _(params, cache, Xb, Yb):
    n = len(Xb)
    d = F.softmax(cache["logits"], 1) - F.one_hot(Yb, cache["logits"].shape[1])
    d = d / n
    dpre = (d @ params["W2"].T) * (1 - cache["h"] ** 2)
    bnraw = cache["bnraw"]
    dbn = (
        params["bngain"]
        * cache["bnvar_inv"]
        / n
        * (n * dpre - dpre.sum(0) - n / (n - 1) * bnraw * (dpre * bnraw).sum(0))
    )
    demb = dbn @ params["W1"].T
    dC = torch.zeros_like(params["C"])
    dC.index_add_(0, Xb.flatten(), demb.view(-1, dC.shape[1]))
    return {
        "C": dC,
        "W1": cache["embcat"].T @ dbn,
        "b1": dbn.sum(0),
        "bngain": (dpre * bnraw).sum(0),
        "bnbias": dpre.sum(0),
        "W2": cache["h"].T @ d,
        "b2": d.sum(0),
    }


@right("backward", "one-hot everywhere, names in another order")
def _(params, cache, Xb, Yb):
    n, v = cache["logits"].shape
    bnraw = cache["bnraw"]
    dlogits = (cache["logits"].softmax(1) - F.one_hot(Yb, v).to(cache["logits"].dtype)) / n
    dh = dlogits @ params["W2"].t()
    dpre = dh - dh * cache["h"].square()
    draw = dpre * params["bngain"]
    dpart = cache["bnvar_inv"] * (draw - bnraw * (draw * bnraw).sum(0, keepdim=True) / (n - 1))
    dhprebn = dpart - dpart.mean(0, keepdim=True)
    demb = (dhprebn @ params["W1"].t()).reshape(n, Xb.shape[1], params["C"].shape[1])
    onehot = F.one_hot(Xb, params["C"].shape[0]).to(demb.dtype)
    return {
        "b2": dlogits.sum(0),
        "W2": cache["h"].t() @ dlogits,
        "bnbias": dpre.sum(0, keepdim=True),
        "bngain": (dpre * bnraw).sum(0, keepdim=True),
        "b1": dhprebn.sum(0),
        "W1": cache["embcat"].t() @ dhprebn,
        "C": torch.einsum("nbv,nbe->ve", onehot, demb),
    }


@wrong("update", "matches them by position, not by key")
def _(params, grads, lr):
    # "with the same keys, in any order"
    with torch.no_grad():
        for p, g in zip(params.values(), grads.values()):
            p -= lr * g


@wrong("update", "puts new tensors into the dict")
def _(params, grads, lr):
    for name in params:
        params[name] = params[name] - lr * grads[name]


@wrong("update", "scales the gradients in place first")
def _(params, grads, lr):
    # "grads: ... not changed"
    with torch.no_grad():
        for name, p in params.items():
            p.sub_(grads[name].mul_(lr))


@right("update", "sub_ with alpha")
def _(params, grads, lr):
    with torch.no_grad():
        for name, g in grads.items():
            params[name].sub_(g, alpha=lr)


@wrong("train", "goes through the batches twice")
def _(params, batches, lr):
    # "gone through once (it may be a generator)"
    n = sum(1 for _ in batches)
    losses = []
    for Xb, Yb in batches:
        loss, cache = forward(params, Xb, Yb)
        losses.append(float(loss))
        update(params, backward(params, cache, Xb, Yb), lr)
    return losses[:n]


@wrong("train", "the losses as a running mean")
def _(params, batches, lr):
    losses, mean = [], None
    for Xb, Yb in batches:
        loss, cache = forward(params, Xb, Yb)
        update(params, backward(params, cache, Xb, Yb), lr)
        mean = float(loss) if mean is None else 0.9 * mean + 0.1 * float(loss)
        losses.append(mean)
    return losses


# ------------------------------------------------------------------ 7 beyond
@wrong("softmax_backward", "the sum over all but the last dimension")
def _(dprobs, probs):
    s = (dprobs * probs).sum(0, keepdim=True)
    return probs * (dprobs - s)


@wrong("softmax_backward", "the diagonal only")
def _(dprobs, probs):
    return dprobs * probs * (1 - probs)


@right("softmax_backward", "the matrix of the derivatives, einsum")
def _(dprobs, probs):
    eye = torch.eye(probs.shape[-1], dtype=probs.dtype)
    jacobian = probs.unsqueeze(-1) * (eye - probs.unsqueeze(-2))
    return torch.einsum("...i,...ij->...j", dprobs, jacobian)


@wrong("layernorm_backward", "the gain in front of everything, outside the sums")
def _(dout, x, gain, eps=1e-5):
    C = x.shape[-1]
    inv = (x.var(-1, keepdim=True, unbiased=False) + eps) ** -0.5
    xhat = (x - x.mean(-1, keepdim=True)) * inv
    dx = (
        gain
        * inv
        / C
        * (C * dout - dout.sum(-1, keepdim=True) - xhat * (dout * xhat).sum(-1, keepdim=True))
    )
    lead = tuple(range(x.dim() - 1))
    return dx, (dout * xhat).sum(lead), dout.sum(lead)


@wrong("layernorm_backward", "dgain and dbias summed over the first dimension only")
def _(dout, x, gain, eps=1e-5):
    inv = (x.var(-1, keepdim=True, unbiased=False) + eps) ** -0.5
    xhat = (x - x.mean(-1, keepdim=True)) * inv
    d = dout * gain
    dx = inv * (d - d.mean(-1, keepdim=True) - xhat * (d * xhat).mean(-1, keepdim=True))
    return dx, (dout * xhat).sum(0), dout.sum(0)


@right("layernorm_backward", "flattens to two dimensions and back")
def _(dout, x, gain, eps=1e-5):
    C = x.shape[-1]
    X, D = x.reshape(-1, C), dout.reshape(-1, C)
    centered = X - X.mean(1, keepdim=True)
    std = (centered.square().mean(1, keepdim=True) + eps).sqrt()
    xhat = centered / std
    d = D * gain
    dX = (d - d.mean(1, keepdim=True) - xhat * (d * xhat).mean(1, keepdim=True)) / std
    return dX.reshape(x.shape), (D * xhat).sum(0), D.sum(0)


@wrong("gelu_backward", "the exact GELU")
def _(dout, x):
    cdf = 0.5 * (1 + torch.erf(x / math.sqrt(2)))
    return dout * (cdf + x * torch.exp(-x * x / 2) / math.sqrt(2 * math.pi))


@wrong("gelu_backward", "the inner slope without the factor 3")
def _(dout, x):
    k = math.sqrt(2 / math.pi)
    t = torch.tanh(k * (x + 0.044715 * x**3))
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * k * (1 + 0.044715 * x * x))


@right("gelu_backward", "as x times a sigmoid of 2u")
def _(dout, x):
    k = 2 * (2 / math.pi) ** 0.5
    s = torch.sigmoid(k * (x + 0.044715 * x * x * x))
    return dout * (s + x * s * (1 - s) * k * (1 + 3 * 0.044715 * x * x))


@wrong("attention_backward", "the root of value_size")
def _(dout, q, k, v, att):
    dv = att.transpose(-2, -1) @ dout
    datt = dout @ v.transpose(-2, -1)
    ds = att * (datt - (datt * att).sum(-1, keepdim=True)) / v.shape[-1] ** 0.5
    return ds @ k, ds.transpose(-2, -1) @ q, dv


@wrong("attention_backward", "dk without the transpose")
def _(dout, q, k, v, att):
    dv = att.transpose(-2, -1) @ dout
    datt = dout @ v.transpose(-2, -1)
    ds = att * (datt - (datt * att).sum(-1, keepdim=True)) / q.shape[-1] ** 0.5
    return ds @ k, ds @ q, dv


@right("attention_backward", "einsum")
def _(dout, q, k, v, att):
    scale = 1 / math.sqrt(q.size(-1))
    dv = torch.einsum("...ts,...td->...sd", att, dout)
    datt = torch.einsum("...td,...sd->...ts", dout, v)
    ds = softmax_backward(datt, att) * scale
    return torch.einsum("...ts,...sd->...td", ds, k), torch.einsum("...ts,...td->...sd", ds, q), dv


@wrong("conv1d_backward", "dx with the kernel not flipped")
def _(dout, x, weight):
    K, n = weight.shape[-1], dout.shape[-1]
    dx, dw = torch.zeros_like(x), torch.zeros_like(weight)
    for k in range(K):
        dx[:, :, k : k + n] += torch.einsum("bot,oi->bit", dout, weight[:, :, K - 1 - k])
        dw[:, :, k] = torch.einsum("bot,bit->oi", dout, x[:, :, k : k + n])
    return dx, dw, dout.sum((0, 2))


@wrong("conv1d_backward", "dbias is the mean over the batch")
def _(dout, x, weight):
    K, n = weight.shape[-1], dout.shape[-1]
    dx, dw = torch.zeros_like(x), torch.zeros_like(weight)
    for k in range(K):
        dx[:, :, k : k + n] += torch.einsum("bot,oi->bit", dout, weight[:, :, k])
        dw[:, :, k] = torch.einsum("bot,bit->oi", dout, x[:, :, k : k + n])
    return dx, dw, dout.sum(2).mean(0)


@right("conv1d_backward", "unfold for dweight, conv_transpose1d for dx")
def _(dout, x, weight):
    windows = x.unfold(2, weight.shape[2], 1)
    dweight = torch.einsum("bot,bitk->oik", dout, windows)
    dx = F.conv_transpose1d(dout, weight)
    return dx, dweight, dout.sum(dim=(0, 2))


@right("train", "an iterator with next, a helper inside")
def _(params, batches, lr):
    def one(Xb, Yb):
        loss, cache = forward(params, Xb, Yb)
        grads = backward(params, cache, Xb, Yb)
        update(params, grads, lr)
        return float(loss)

    return [one(*batch) for batch in batches]


# ------------------------------------------------------------------ more right ones
@right("counts_sum_backward", "the square as a product")
def _(dcounts_sum_inv, counts_sum):
    inverse = 1 / counts_sum
    return dcounts_sum_inv * (-inverse * inverse)


@right("norm_logits_backward", "the exponential of its logarithm")
def _(dcounts, counts):
    return torch.einsum("ij,ij->ij", counts, dcounts)


@right("logit_maxes_backward", "a matrix product with minus ones")
def _(dnorm_logits):
    return dnorm_logits @ -torch.ones(dnorm_logits.shape[1], 1, dtype=dnorm_logits.dtype)


@right("bngain_backward", "einsum, None in front")
def _(dhpreact, bnraw):
    return torch.einsum("nh,nh->h", dhpreact, bnraw)[None]


@right("bnbias_backward", "a loop over the rows")
def _(dhpreact):
    total = torch.zeros_like(dhpreact[:1])
    for row in dhpreact:
        total = total + row
    return total


@right("bnraw_backward", "a diagonal matrix")
def _(dhpreact, bngain):
    return dhpreact @ torch.diag(bngain.flatten())


@right("bnvar_inv_backward", "diagonal of a product")
def _(dbnraw, bndiff):
    return torch.diagonal(dbnraw.T @ bndiff).unsqueeze(0)


@right("bndiff_backward", "addcmul twice")
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return torch.addcmul(dbnraw * bnvar_inv, bndiff, dbndiff2, value=2)


@right("bnmeani_backward", "sum of the negatives, viewed")
def _(dbndiff):
    return dbndiff.neg().sum(0).view(1, -1)


@right("embcat_backward", "einsum")
def _(dhprebn, W1):
    return torch.einsum("nh,fh->nf", dhprebn, W1)


@right("W1_backward", "transposed twice")
def _(dhprebn, embcat):
    return (dhprebn.T @ embcat).T


@right("b1_backward", "add reduce over the first axis, n times the mean")
def _(dhprebn):
    return dhprebn.mean(0) * len(dhprebn)


# ------------------------------------------------------------------ more wrong ones
@wrong("norm_logits_backward", "minus, as if it were 1 / counts")
def _(dcounts, counts):
    return -dcounts / counts


@wrong("bngain_backward", "summed over the neurons")
def _(dhpreact, bnraw):
    return (dhpreact * bnraw).sum(1, keepdim=True).T


@wrong("h_backward", "adds the other bias: dlogits + 1")
def _(dlogits, W2):
    return (dlogits + 1) @ W2.T


@wrong("cross_entropy_backward", "softmax over the batch")
def _(logits, Yb):
    d = F.softmax(logits, 0)
    d[range(len(Yb)), Yb] -= 1
    return d / len(Yb)


@wrong("softmax_backward", "keepdim forgotten: broadcast over the wrong dimension")
def _(dprobs, probs):
    s = (dprobs * probs).sum(-1)
    if probs.dim() > 1 and probs.shape[-1] == probs.shape[-2]:
        return probs * (dprobs - s.unsqueeze(-2))
    return probs * (dprobs - s.unsqueeze(-1)) if probs.dim() != 2 else probs * (dprobs - s[0])


@wrong("gelu_backward", "overflows: the slope of tanh by cosh")
def _(dout, x):
    # "values up to +-1e4": inf - 0 * inf
    k = math.sqrt(2 / math.pi)
    u = k * (x + 0.044715 * x**3)
    e = torch.exp(u)
    t = (e - 1 / e) / (e + 1 / e)
    return dout * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * k * (1 + 3 * 0.044715 * x**2))


@wrong("conv1d_backward", "dx only for the full windows: written, not added")
def _(dout, x, weight):
    K, n = weight.shape[-1], dout.shape[-1]
    dx, dw = torch.zeros_like(x), torch.zeros_like(weight)
    for k in range(K):
        dx[:, :, k : k + n] = torch.einsum("bot,oi->bit", dout, weight[:, :, k])
        dw[:, :, k] = torch.einsum("bot,bit->oi", dout, x[:, :, k : k + n])
    return dx, dw, dout.sum((0, 2))
