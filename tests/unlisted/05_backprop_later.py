"""Solutions of 05 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("logprobs_backward", "over all elements")
def _(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[range(len(Yb)), Yb] = -1.0 / logprobs.numel()
    return d


@wrong("logprobs_backward", "columns, not elements")
def _(logprobs, Yb):
    d = torch.zeros_like(logprobs)
    d[:, Yb] = -1.0 / len(Yb)
    return d


@wrong("logprobs_backward", "float32 whatever comes in")
def _(logprobs, Yb):
    return -F.one_hot(Yb, logprobs.shape[1]).float() / len(Yb)


@right("logprobs_backward", "scatter")
def _(logprobs, Yb):
    return torch.zeros_like(logprobs).scatter(1, Yb[:, None], -1 / Yb.numel())


@right("logprobs_backward", "a comparison")
def _(logprobs, Yb):
    hit = torch.arange(logprobs.shape[1]) == Yb.unsqueeze(1)
    return hit.to(logprobs.dtype).neg().div(logprobs.size(0))


@wrong("probs_backward", "times probs")
def _(dlogprobs, probs):
    return dlogprobs * probs


@right("probs_backward", "a reciprocal")
def _(dlogprobs, probs):
    return dlogprobs * probs.reciprocal()


@wrong("counts_sum_inv_backward", "the dimension is lost")
def _(dprobs, counts):
    return (dprobs * counts).sum(1)


@wrong("counts_sum_inv_backward", "summed over the batch")
def _(dprobs, counts):
    return (dprobs * counts).sum(0, keepdim=True).T[: len(dprobs)]


@wrong("counts_sum_inv_backward", "the mean")
def _(dprobs, counts):
    return (dprobs * counts).mean(1, keepdim=True)


@right("counts_sum_inv_backward", "a batched dot product")
def _(dprobs, counts):
    return torch.einsum("ij,ij->i", dprobs, counts).unsqueeze(-1)


@right("counts_sum_inv_backward", "bmm")
def _(dprobs, counts):
    return torch.bmm(dprobs[:, None], counts[:, :, None])[:, 0]


@wrong("counts_sum_backward", "the sign")
def _(dcounts_sum_inv, counts_sum):
    return dcounts_sum_inv * counts_sum**-2


@wrong("counts_sum_backward", "one power too few")
def _(dcounts_sum_inv, counts_sum):
    return -dcounts_sum_inv / counts_sum


@wrong("counts_backward", "the second branch forgotten")
def _(dprobs, counts_sum_inv, dcounts_sum):
    return dprobs * counts_sum_inv


@wrong("counts_backward", "the second branch scaled as well")
def _(dprobs, counts_sum_inv, dcounts_sum):
    return (dprobs + dcounts_sum) * counts_sum_inv


@right("counts_backward", "addcmul")
def _(dprobs, counts_sum_inv, dcounts_sum):
    return torch.addcmul(dcounts_sum, dprobs, counts_sum_inv)


@wrong("norm_logits_backward", "exp once more")
def _(dcounts, counts):
    return dcounts * counts.exp()


@wrong("logit_maxes_backward", "the sign")
def _(dnorm_logits):
    return dnorm_logits.sum(1, keepdim=True)


@right("logit_maxes_backward", "a product with ones")
def _(dnorm_logits):
    return -(dnorm_logits @ torch.ones_like(dnorm_logits[:1]).T)


@wrong("logits_backward", "dnorm_logits changed")
def _(dnorm_logits, dlogit_maxes, max_indices):
    dnorm_logits[range(len(max_indices)), max_indices] += dlogit_maxes[:, 0]
    return dnorm_logits


@wrong("logits_backward", "added to the whole row")
def _(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits + dlogit_maxes


@wrong("logits_backward", "put there, not added")
def _(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits.scatter(1, max_indices[:, None], dlogit_maxes)


@wrong("logits_backward", "broadcast of (n, 1): every row gets all of them")
def _(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[:, max_indices] += dlogit_maxes
    return d


@right("logits_backward", "scatter_add")
def _(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits.scatter_add(1, max_indices.view(-1, 1), dlogit_maxes)


@right("logits_backward", "row by row")
def _(dnorm_logits, dlogit_maxes, max_indices):
    rows = dnorm_logits.clone()
    for i, j in enumerate(max_indices.tolist()):
        rows[i, j] = rows[i, j] + dlogit_maxes[i, 0]
    return rows


@wrong("W2_backward", "transposed")
def _(dlogits, h):
    return dlogits.T @ h


@wrong("W2_backward", "divided by n once more")
def _(dlogits, h):
    return h.T @ dlogits / len(h)


@right("W2_backward", "a sum of outer products")
def _(dlogits, h):
    return sum(torch.outer(a, b) for a, b in zip(h, dlogits))


@wrong("b2_backward", "the mean")
def _(dlogits):
    return dlogits.mean(0)


@wrong("b2_backward", "one row is kept")
def _(dlogits):
    return dlogits.sum(0, keepdim=True)


@wrong("hpreact_backward", "tanh once more")
def _(dh, h):
    return dh * (1 - torch.tanh(h) ** 2)


@right("hpreact_backward", "a difference")
def _(dh, h):
    return dh - dh * h.square()


@wrong("bngain_backward", "not summed")
def _(dhpreact, bnraw):
    return dhpreact * bnraw


@wrong("bngain_backward", "shape (n_hidden,)")
def _(dhpreact, bnraw):
    return (dhpreact * bnraw).sum(0)


@right("bngain_backward", "einsum")
def _(dhpreact, bnraw):
    return torch.einsum("nh,nh->h", dhpreact, bnraw)[None]


@wrong("bnvar_backward", "power -0.5")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + eps) ** -0.5 * dbnvar_inv


@wrong("bnvar_backward", "eps forgotten")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * bnvar**-1.5 * dbnvar_inv


@wrong("bnvar_backward", "always 1e-5")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return -0.5 * (bnvar + 1e-5) ** -1.5 * dbnvar_inv


@right("bnvar_backward", "rsqrt cubed")
def _(dbnvar_inv, bnvar, eps=1e-5):
    return -dbnvar_inv * torch.rsqrt(bnvar + eps).pow(3) / 2


@wrong("bndiff2_backward", "over n")
def _(dbnvar, bndiff2):
    return (dbnvar / len(bndiff2)).expand_as(bndiff2)


@wrong("bndiff2_backward", "times bndiff2")
def _(dbnvar, bndiff2):
    return dbnvar * bndiff2 / (len(bndiff2) - 1)


@right("bndiff2_backward", "repeated rows")
def _(dbnvar, bndiff2):
    n = bndiff2.shape[0]
    return dbnvar.repeat(n, 1) / (n - 1)


@wrong("bndiff_backward", "no 2")
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    return dbnraw * bnvar_inv + dbndiff2 * bndiff


@wrong("bndiff_backward", "dbnraw changed in place")
def _(dbnraw, bnvar_inv, dbndiff2, bndiff):
    dbnraw *= bnvar_inv
    return dbnraw + 2 * bndiff * dbndiff2


@wrong("hprebn_backward", "not over n")
def _(dbndiff, dbnmeani):
    return dbndiff + dbnmeani


@wrong("hprebn_backward", "over n - 1")
def _(dbndiff, dbnmeani):
    return dbndiff + dbnmeani / (len(dbndiff) - 1)


@wrong("hprebn_backward", "over n_hidden")
def _(dbndiff, dbnmeani):
    return dbndiff + dbnmeani / dbndiff.shape[1]


@right("hprebn_backward", "torch.add with alpha")
def _(dbndiff, dbnmeani):
    return torch.add(dbndiff, dbnmeani, alpha=1 / dbndiff.size(0))


@wrong("emb_backward", "transposed into shape")
def _(dembcat, emb):
    n, block, e = emb.shape
    return dembcat.view(n, e, block).transpose(1, 2)


@right("emb_backward", "unflatten")
def _(dembcat, emb):
    return dembcat.unflatten(1, tuple(emb.shape[1:]))


@right("emb_backward", "stacked pieces")
def _(dembcat, emb):
    return torch.stack(dembcat.split(emb.shape[2], dim=1), dim=1)


@wrong("C_backward", "repeats overwrite")
def _(demb, Xb, C):
    dC = torch.zeros(C.shape, dtype=demb.dtype)
    dC[Xb] += demb
    return dC


@right("C_backward", "zeros like C")
def _(demb, Xb, C):
    return torch.zeros_like(C).index_add(0, Xb.flatten(), demb.flatten(0, 1).to(C.dtype))


@wrong("C_backward", "one position only")
def _(demb, Xb, C):
    dC = torch.zeros(C.shape, dtype=demb.dtype)
    return dC.index_add(0, Xb[:, -1], demb[:, -1])


@wrong("C_backward", "averaged over the repeats")
def _(demb, Xb, C):
    dC = torch.zeros(C.shape, dtype=demb.dtype).index_add(0, Xb.flatten(), demb.flatten(0, 1))
    return dC / torch.bincount(Xb.flatten(), minlength=len(C)).clamp(min=1)[:, None]


@right("C_backward", "one-hot and a product")
def _(demb, Xb, C):
    return torch.einsum("nbv,nbe->ve", F.one_hot(Xb, len(C)).to(demb.dtype), demb)


@right("C_backward", "index_put with accumulate")
def _(demb, Xb, C):
    return torch.zeros(C.shape, dtype=demb.dtype).index_put((Xb,), demb, accumulate=True)


@right("C_backward", "two loops")
def _(demb, Xb, C):
    dC = torch.zeros(*C.shape, dtype=demb.dtype)
    for i in range(Xb.shape[0]):
        for j in range(Xb.shape[1]):
            dC[Xb[i, j]] += demb[i, j]
    return dC


@wrong("W1_backward", "one batch row")
def _(dhprebn, embcat):
    return torch.outer(embcat.mean(0), dhprebn.sum(0))


@wrong("embcat_backward", "the wrong side")
def _(dhprebn, W1):
    return (W1.T @ dhprebn.T).T if W1.shape[0] == W1.shape[1] else dhprebn @ W1.T * 0
