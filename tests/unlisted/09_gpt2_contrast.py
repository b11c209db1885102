"""Wrong solutions of linear_int8 that are right in some cases: what is told of them must not be chance."""


@wrong("linear_int8", "the product in int8: wraps")
def _(x, q, scale, bias=None):
    W = (q * scale.to(torch.int8)[:, None]).to(x.dtype)
    return F.linear(x, W, None if bias is None else bias.to(x.dtype))


@wrong("linear_int8", "scale of the first row for all")
def _(x, q, scale, bias=None):
    y = F.linear(x, q.to(x.dtype)) * scale[0].to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@wrong("linear_int8", "float32 always on the way")
def _(x, q, scale, bias=None):
    y = F.linear(x.float(), q.float()) * scale.float()
    return (y if bias is None else y + bias.float()).to(x.dtype)


@wrong("linear_int8", "scale not cast: dtype promoted")
def _(x, q, scale, bias=None):
    y = F.linear(x, q.to(x.dtype)) * scale
    return y if bias is None else y + bias


@wrong("linear_int8", "x clamped to 127")
def _(x, q, scale, bias=None):
    y = F.linear(x.clamp(-127, 127), q.to(x.dtype)) * scale.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@wrong("linear_int8", "scale along the wrong dimension")
def _(x, q, scale, bias=None):
    W = q.to(x.dtype) * scale.to(x.dtype)
    return F.linear(x, W, None if bias is None else bias.to(x.dtype))


@wrong("linear_int8", "half precision")
def _(x, q, scale, bias=None):
    W = (q.to(torch.bfloat16) * scale.to(torch.bfloat16)[:, None]).to(x.dtype)
    return F.linear(x, W, None if bias is None else bias.to(x.dtype))


@wrong("linear_int8", "x flattened: leading dimensions lost")
def _(x, q, scale, bias=None):
    y = F.linear(x.reshape(-1, x.shape[-1]), q.to(x.dtype)) * scale.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@wrong("linear_int8", "the dtype of scale")
def _(x, q, scale, bias=None):
    y = F.linear(x.to(scale.dtype), q.to(scale.dtype)) * scale
    return y if bias is None else y + bias


@wrong("linear_int8", "q.t matmul with vector")
def _(x, q, scale, bias=None):
    y = torch.stack([q.to(x.dtype) @ row for row in x.reshape(-1, x.shape[-1])]) * scale.to(x.dtype)
    y = y if bias is None else y + bias.to(x.dtype)
    return y.reshape(*x.shape[:-1], len(q))


@wrong("linear_int8", "q.view")
def _(x, q, scale, bias=None):
    q = q.view(-1).reshape(len(scale), -1).to(x.dtype)
    y = F.linear(x, q) * scale.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@wrong("linear_int8", "abs max scaled by 128/127")
def _(x, q, scale, bias=None):
    y = F.linear(x, q.clamp(-126, 126).to(x.dtype)) * scale.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)
