"""Solutions of 07's averaging that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("average_loop", "window of two")
def _(x):
    return torch.stack([x[:, max(0, t - 1) : t + 1].mean(1) for t in range(x.shape[1])], 1)


@wrong("average_loop", "averages over channels")
def _(x):
    return torch.stack([x[:, : t + 1].mean(-1) for t in range(x.shape[1])], 1)


@wrong("average_loop", "float32 result always")
def _(x):
    out = torch.zeros(x.shape)
    for t in range(x.shape[1]):
        out[:, t] = x[:, : t + 1].mean(1)
    return out


@wrong("average_loop", "average of averages")
def _(x):
    out = [x[:, 0]]
    for t in range(1, x.shape[1]):
        out.append((out[-1] + x[:, t]) / 2)
    return torch.stack(out, 1)


@wrong("average_loop", "only the first sequence, repeated")
def _(x):
    rows = torch.stack([x[0, : t + 1].mean(0) for t in range(x.shape[1])])
    return rows.expand(x.shape).clone()


@wrong("average_loop", "one too far")
def _(x):
    return torch.stack([x[:, : t + 2].mean(1) for t in range(x.shape[1])], 1)


@wrong("average_loop", "past averaged over the batch, too")
def _(x):
    rows = [x[:, : t + 1].mean((0, 1)) for t in range(x.shape[1])]
    return torch.stack(rows).expand(x.shape).clone()


@wrong("average_loop", "written into x")
def _(x):
    for t in reversed(range(x.shape[1])):
        x[:, t] = x[:, : t + 1].mean(1)
    return x


@wrong("average_loop", "divides by t")
def _(x):
    return torch.stack([x[:, : t + 1].sum(1) / max(t, 1) for t in range(x.shape[1])], 1)


@wrong("average_matmul", "weights of C, not T")
def _(x):
    C = x.shape[2]
    wei = torch.tril(torch.ones(C, C, dtype=x.dtype))
    return x @ (wei / wei.sum(1, keepdim=True))


@wrong("average_matmul", "divided by T")
def _(x):
    T = x.shape[1]
    return torch.tril(torch.ones(T, T, dtype=x.dtype)) / T @ x


@wrong("average_matmul", "float32 table")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    return (wei / wei.sum(1, keepdim=True)) @ x


@wrong("average_matmul", "transposed table")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T, dtype=x.dtype))
    return (wei / wei.sum(1, keepdim=True)).T @ x


@wrong("average_matmul", "float32 weights, cast afterwards")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    return (wei / wei.sum(1, keepdim=True)).to(x.dtype) @ x


@wrong("average_matmul", "integer division")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T, dtype=x.dtype))
    return (wei // wei.sum(1, keepdim=True)) @ x


@wrong("choose", "softmax over the batch")
def _(scores, x):
    T = x.shape[1]
    return scores.masked_fill(torch.ones(T, T).triu(1) == 1, float("-inf")).softmax(0) @ x


@wrong("choose", "first table for all")
def _(scores, x):
    T = x.shape[1]
    scores = scores if scores.dim() == 2 else scores[0]
    return scores.masked_fill(torch.ones(T, T).triu(1) == 1, float("-inf")).softmax(-1) @ x


@wrong("choose", "masked with -10")
def _(scores, x):
    T = x.shape[1]
    return scores.masked_fill(torch.ones(T, T).triu(1) == 1, -10.0).softmax(-1) @ x


@wrong("choose", "scores overwritten")
def _(scores, x):
    T = x.shape[1]
    scores.data.masked_fill_(torch.ones(T, T).triu(1) == 1, float("-inf"))
    return scores.softmax(-1) @ x


@wrong("choose", "exp overflows")
def _(scores, x):
    e = scores.exp().tril()
    return e / e.sum(-1, keepdim=True) @ x


@wrong("choose", "maximum of the whole table")
def _(scores, x):
    e = (scores - scores.max()).exp().tril()
    return e / e.sum(-1, keepdim=True) @ x


@wrong("choose", "normalized scores without exp")
def _(scores, x):
    e = scores.tril()
    return e / e.sum(-1, keepdim=True) @ x


@wrong("choose", "returns the shares")
def _(scores, x):
    T = x.shape[1]
    return scores.masked_fill(torch.ones(T, T).triu(1) == 1, float("-inf")).softmax(-1)


@wrong("choose", "the best alone")
def _(scores, x):
    T = x.shape[1]
    best = scores.masked_fill(torch.ones(T, T).triu(1) == 1, float("-inf")).argmax(-1)
    return F.one_hot(best, T).to(x.dtype) @ x


@wrong("choose", "the transposed table")
def _(scores, x):
    T = x.shape[1]
    return scores.mT.masked_fill(torch.ones(T, T).triu(1) == 1, float("-inf")).softmax(-1) @ x


@wrong("choose", "multiplied by tril, then softmax")
def _(scores, x):
    return scores.tril().softmax(-1) @ x


@right("average_loop", "running sum")
def _(x):
    total, out = 0, []
    for t in range(x.shape[1]):
        total = total + x[:, t]
        out.append(total / (t + 1))
    return torch.stack(out, dim=1)


@right("average_loop", "cat of kept dimensions")
def _(x):
    return torch.cat([x[:, : t + 1].mean(1, keepdim=True) for t in range(x.shape[1])], 1)


@right("average_matmul", "new_ones and bmm")
def _(x):
    B, T, C = x.shape
    wei = x.new_ones(T, T).tril()
    wei = wei / wei.sum(-1, keepdim=True)
    return torch.bmm(wei.expand(B, T, T), x)


@wrong("average_matmul", "a product beside the running sum")
def _(x):
    x[:, :1].detach() @ x[:, :1].detach().mT
    return x.cumsum(1) / torch.arange(1, x.shape[1] + 1, dtype=x.dtype)[:, None]


@right("average_matmul", "F.linear over the turned positions")
def _(x):
    wei = torch.ones(x.shape[1], x.shape[1], dtype=x.dtype).tril()
    return F.linear(x.mT, wei / wei.sum(1, keepdim=True)).mT


@right("average_matmul", "softmax of a mask")
def _(x):
    T = x.shape[1]
    wei = torch.full((T, T), float("-inf"), dtype=x.dtype).triu(1).softmax(-1)
    return torch.matmul(wei, x)


@right("choose", "a very negative number of the dtype")
def _(scores, x):
    T = x.shape[1]
    mask = torch.ones(T, T, dtype=torch.bool).tril()
    return torch.where(mask, scores, torch.finfo(scores.dtype).min).softmax(-1) @ x


@right("choose", "logsumexp")
def _(scores, x):
    T = x.shape[1]
    scores = scores.masked_fill(torch.ones(T, T).triu(1).bool(), -torch.inf)
    return (scores - scores.logsumexp(-1, keepdim=True)).exp() @ x
