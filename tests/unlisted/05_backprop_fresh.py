# ---- part 1: loss


@wrong("logprobs_backward", "divides by the number of elements, n * vocab_size, instead of n")
def _(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[torch.arange(len(Yb)), Yb] = -1.0 / logprobs.numel()
    return d


@wrong(
    "probs_backward",
    "clamps the probabilities at 1e-3, which makes the gradient of small ones too small",
)
def _(dlogprobs, probs):
    return dlogprobs / probs.clamp(min=1e-3)


@wrong("logits_backward", "scatters into dnorm_logits itself, which does not stay as it is")
def _(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits.scatter_add_(1, max_indices[:, None], dlogit_maxes)


@right("logprobs_backward", "an outer comparison with the column numbers, torch.where")
def _(logprobs, Yb):
    n, vocab_size = logprobs.shape
    hit = Yb.view(n, 1) == torch.arange(vocab_size)
    return torch.where(hit, logprobs.new_tensor(-1.0 / n), logprobs.new_tensor(0.0))


@right("counts_sum_inv_backward", "batched dot products by torch.bmm")
def _(dprobs, counts):
    return torch.bmm(dprobs.unsqueeze(1), counts.unsqueeze(2)).squeeze(2)


# ---- part 2: linear


@wrong("h_backward", "reshapes W2 where it should transpose it: the shape fits, the numbers do not")
def _(dlogits, W2):
    return dlogits @ W2.reshape(W2.shape[1], W2.shape[0])


@wrong("W2_backward", "divides by the batch size, as if the mean had not been taken yet")
def _(dlogits, h):
    return h.t() @ dlogits / len(h)


@wrong("b2_backward", "the mean over the batch, not the sum")
def _(dlogits):
    return dlogits.mean(0)


@right("W2_backward", "einsum")
def _(dlogits, h):
    return torch.einsum("nh,nv->hv", h, dlogits)


@right("b2_backward", "a row of ones times dlogits")
def _(dlogits):
    return torch.ones(dlogits.shape[0], dtype=dlogits.dtype) @ dlogits


# ---- part 3: batchnorm


@wrong("bngain_backward", "multiplies the sums, instead of summing the products")
def _(dhpreact, bnraw):
    return dhpreact.sum(0, keepdim=True) * bnraw.sum(0, keepdim=True)


@wrong("bnbias_backward", "drops the dimension: (n_hidden,)")
def _(dhpreact):
    return dhpreact.sum(0)


@right("bnvar_backward", "through the cube of the inverse root")
def _(dbnvar_inv, bnvar, eps=1e-5):
    inverse = (bnvar + eps).rsqrt()
    return dbnvar_inv * (inverse * inverse * inverse) / -2


@right("bndiff2_backward", "an outer product with a column of equal shares")
def _(dbnvar, bndiff2):
    n = bndiff2.size(0)
    return bndiff2.new_full((n, 1), 1 / (n - 1)) @ dbnvar


# ---- part 4: embedding


@wrong("embcat_backward", "leaves W1 as it is where the shapes allow it")
def _(dhprebn, W1):
    return dhprebn @ (W1 if W1.shape[0] == W1.shape[1] else W1.t())


@wrong("W1_backward", "the factors in the wrong order: the transpose of the gradient")
def _(dhprebn, embcat):
    return dhprebn.t() @ embcat


@right("C_backward", "index_add_ of the flattened gradients")
def _(demb, Xb, C):
    flat = demb.reshape(-1, demb.shape[-1])
    return flat.new_zeros(C.shape).index_add_(0, Xb.reshape(-1), flat)


@right("emb_backward", "split into the characters' parts and stacked")
def _(dembcat, emb):
    return torch.stack(dembcat.split(emb.shape[2], dim=1), dim=1)


# ---- part 5: one line


@wrong("cross_entropy_backward", "softmax without the maximum: nan from logits of 1e4")
def _(logits, Yb):
    counts = logits.exp()
    d = counts / counts.sum(1, keepdim=True)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@wrong("batchnorm_backward", "the gain stands before the first term only")
def _(dhpreact, bngain, bnraw, bnvar_inv):
    n = len(dhpreact)
    pull = dhpreact.sum(0, keepdim=True) + n / (n - 1) * bnraw * (dhpreact * bnraw).sum(
        0, keepdim=True
    )
    return bnvar_inv * (bngain * dhpreact - pull / n)


@right("cross_entropy_backward", "exp of log_softmax, minus one_hot, times 1 / n")
def _(logits, Yb):
    n, vocab_size = logits.shape
    target = F.one_hot(Yb, vocab_size).to(logits.dtype)
    return F.log_softmax(logits, dim=1).exp().sub(target).mul(1 / n)


@right("batchnorm_backward", "the Jacobian of each column as a matrix, applied with einsum")
def _(dhpreact, bngain, bnraw, bnvar_inv):
    n = bnraw.shape[0]
    jacobian = torch.eye(n, dtype=bnraw.dtype).unsqueeze(2) - 1 / n
    jacobian = jacobian - torch.einsum("ih,jh->ijh", bnraw, bnraw) / (n - 1)
    return torch.einsum("ijh,jh->ih", jacobian, dhpreact) * (bngain * bnvar_inv)


# ---- part 6: training


@wrong("backward", "dC overwrites repeated characters instead of adding them up")
def _(params, cache, Xb, Yb):
    n = len(Xb)
    d = F.softmax(cache["logits"], 1)
    d[torch.arange(n), Yb] -= 1
    d = d / n
    grads = {"W2": cache["h"].t() @ d, "b2": d.sum(0)}
    dpre = (d @ params["W2"].t()) * (1 - cache["h"] ** 2)
    grads["bngain"] = (dpre * cache["bnraw"]).sum(0, keepdim=True)
    grads["bnbias"] = dpre.sum(0, keepdim=True)
    g = dpre * params["bngain"]
    raw = cache["bnraw"]
    dhprebn = cache["bnvar_inv"] * (g - g.mean(0) - raw * (g * raw).sum(0) / (n - 1))
    grads["W1"], grads["b1"] = cache["embcat"].t() @ dhprebn, dhprebn.sum(0)
    dC = torch.zeros_like(params["C"])
    dC[Xb] = (dhprebn @ params["W1"].t()).view(*Xb.shape, -1)
    grads["C"] = dC
    return grads


@wrong("backward", "db1 has the shape (1, n_hidden), not that of its parameter")
def _(params, cache, Xb, Yb):
    n = len(Xb)
    d = F.softmax(cache["logits"], 1) - F.one_hot(Yb, cache["logits"].shape[1])
    d = d / n
    h, raw = cache["h"], cache["bnraw"]
    dpre = (d @ params["W2"].t()) * (1 - h * h)
    g = dpre * params["bngain"]
    dhprebn = cache["bnvar_inv"] * (g - g.mean(0) - raw * (g * raw).sum(0) / (n - 1))
    demb = dhprebn @ params["W1"].t()
    dC = torch.zeros_like(params["C"]).index_add_(0, Xb.flatten(), demb.view(Xb.numel(), -1))
    return {
        "C": dC,
        "W1": cache["embcat"].t() @ dhprebn,
        "b1": dhprebn.sum(0, keepdim=True),
        "bngain": (dpre * raw).sum(0, keepdim=True),
        "bnbias": dpre.sum(0, keepdim=True),
        "W2": h.t() @ d,
        "b2": d.sum(0),
    }


@wrong("update", "pairs parameters and gradients by their position, not by their key")
def _(params, grads, lr):
    with torch.no_grad():
        for p, grad in zip(params.values(), grads.values()):
            p -= lr * grad


@wrong("update", "new tensors in the dict instead of a change in place")
def _(params, grads, lr):
    for name in params:
        params[name] = params[name] - lr * grads[name]


@wrong("train", "goes through the batches twice: once to count them, so a generator is empty then")
def _(params, batches, lr):
    total = sum(1 for _ in batches)
    losses = [0.0] * total
    for i, (Xb, Yb) in enumerate(batches):
        loss, cache = forward(params, Xb, Yb)
        update(params, backward(params, cache, Xb, Yb), lr)
        losses[i] = loss.item()
    return losses


@right(
    "backward",
    "einsum throughout; dbngain and dbnbias are reused for batchnorm, dC by a one-hot product",
)
def _(params, cache, Xb, Yb):
    n, V = cache["logits"].shape
    raw, h = cache["bnraw"], cache["h"]
    dlogits = (torch.softmax(cache["logits"], dim=1) - torch.eye(V, dtype=h.dtype)[Yb]) / n
    dpre = torch.einsum("nv,hv->nh", dlogits, params["W2"]).mul(1 - h.square())
    gain = torch.einsum("nh,nh->h", dpre, raw)
    bias = torch.einsum("nh->h", dpre)
    inner = dpre - bias / n - raw * gain / (n - 1)  # gain and bias serve here, too
    dhprebn = params["bngain"] * cache["bnvar_inv"] * inner
    demb = torch.einsum("nh,fh->nf", dhprebn, params["W1"]).reshape(Xb.numel(), -1)
    rows = torch.eye(params["C"].shape[0], dtype=h.dtype)[Xb.reshape(-1)]
    return {
        "C": rows.T @ demb,
        "W1": torch.einsum("nf,nh->fh", cache["embcat"], dhprebn),
        "b1": torch.einsum("nh->h", dhprebn),
        "bngain": gain[None],
        "bnbias": bias[None],
        "W2": torch.einsum("nh,nv->hv", h, dlogits),
        "b2": torch.einsum("nv->v", dlogits),
    }


@right("update", "sub_ on detached views, over the items of grads")
def _(params, grads, lr):
    for name, grad in grads.items():
        params[name].detach().sub_(lr * grad)


# ---- part 7: beyond


@wrong("softmax_backward", "sums over dimension 1: the last one only for two dimensions")
def _(dprobs, probs):
    dim = 1 if probs.dim() > 1 else 0
    return probs * (dprobs - (dprobs * probs).sum(dim, keepdim=True))


@wrong("layernorm_backward", "dgain and dbias are summed over the first dimension only")
def _(dout, x, gain, eps=1e-5):
    rstd = (x.var(-1, keepdim=True, unbiased=False) + eps) ** -0.5
    raw = (x - x.mean(-1, keepdim=True)) * rstd
    g = dout * gain
    dx = rstd * (g - g.mean(-1, keepdim=True) - raw * (g * raw).mean(-1, keepdim=True))
    return dx, (dout * raw).sum(0), dout.sum(0)


@wrong("gelu_backward", "the derivative of the exact GELU, by erf")
def _(dout, x):
    cdf = 0.5 * (1 + torch.erf(x / 2**0.5))
    pdf = torch.exp(-0.5 * x * x) / (2 * math.pi) ** 0.5
    return dout * (cdf + x * pdf)


@wrong("attention_backward", "dk without transposing dscores")
def _(dout, q, k, v, att):
    datt = dout @ v.transpose(-2, -1)
    dscores = att * (datt - (datt * att).sum(-1, keepdim=True)) / q.shape[-1] ** 0.5
    return dscores @ k, dscores @ q, att.transpose(-2, -1) @ dout


@wrong("conv1d_backward", "dweight is averaged over the batch")
def _(dout, x, weight):
    dx = F.conv_transpose1d(dout, weight)
    dweight = torch.einsum("bot,bikt->oik", dout, x.unfold(2, dout.shape[2], 1)) / len(x)
    return dx, dweight, dout.sum((0, 2))


@right("softmax_backward", "the whole Jacobian, diag(p) - p p^T, times dprobs")
def _(dprobs, probs):
    jacobian = torch.diag_embed(probs) - probs.unsqueeze(-1) * probs.unsqueeze(-2)
    return torch.matmul(jacobian, dprobs.unsqueeze(-1)).squeeze(-1)


@right(
    "layernorm_backward",
    "flattens the leading dimensions and goes through mean and variance step by step",
)
def _(dout, x, gain, eps=1e-5):
    C = x.shape[-1]
    rows, drows = x.reshape(-1, C), dout.reshape(-1, C)
    diff = rows - rows.mean(1, keepdim=True)
    rstd = (diff.square().mean(1, keepdim=True) + eps).rsqrt()
    raw = diff * rstd
    draw = drows * gain
    dvar = (draw * diff).sum(1, keepdim=True) * -0.5 * rstd**3
    ddiff = draw * rstd + dvar * 2 * diff / C
    drow = ddiff - ddiff.mean(1, keepdim=True)
    return drow.reshape(x.shape), torch.einsum("rc,rc->c", drows, raw), drows.sum(0)
