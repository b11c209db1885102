"""Solutions of 07/6 that no grader lists: see test_unlisted.py, which parses this file."""


# -- split_heads ----------------------------------------------------------------------------------


@wrong("split_heads", "permute that also swaps time and features")
def _(x, n_head):
    B, T, C = x.shape
    return x.reshape(B, T, n_head, -1).permute(0, 2, 3, 1).contiguous()


@wrong("split_heads", "view of the transposed input")
def _(x, n_head):
    B, T, C = x.shape
    return x.transpose(1, 2).reshape(B, n_head, T, C // n_head)


@wrong("split_heads", "n_head taken for the head size")
def _(x, n_head):
    B, T, C = x.shape
    return x.reshape(B, T, C // n_head, n_head).transpose(1, 2)


@right("split_heads", "view: cutting one dimension needs no copy")
def _(x, n_head):
    B, T, C = x.shape
    return x.view(B, T, n_head, C // n_head).transpose(1, 2)


@wrong("split_heads", "heads in reverse order")
def _(x, n_head):
    return torch.stack(x.chunk(n_head, dim=-1)[::-1], dim=1)


@wrong("split_heads", "float made of integers")
def _(x, n_head):
    return torch.stack(x.chunk(n_head, dim=-1), dim=1).float()


@right("split_heads", "unflatten")
def _(x, n_head):
    return x.unflatten(-1, (n_head, -1)).movedim(2, 1)


# -- merge_heads ----------------------------------------------------------------------------------


@wrong("merge_heads", "mean over heads")
def _(y):
    return y.double().mean(1)


@wrong("merge_heads", "time and batch swapped")
def _(y):
    B, n, T, h = y.shape
    return y.permute(2, 0, 1, 3).reshape(T, B, n * h)


@wrong("merge_heads", "heads concatenated along time")
def _(y):
    return torch.cat(y.unbind(1), dim=1)


@wrong("merge_heads", "flattened without transpose")
def _(y):
    B, n, T, h = y.shape
    return y.contiguous().view(B, T, n * h)


@wrong("merge_heads", "left as four dimensions")
def _(y):
    return y.transpose(1, 2)


@right("merge_heads", "flatten")
def _(y):
    return y.movedim(1, 2).flatten(2)


@right("merge_heads", "contiguous view")
def _(y):
    B, n, T, h = y.shape
    return y.transpose(1, 2).contiguous().view(B, T, n * h)


# -- multi_head -----------------------------------------------------------------------------------


@wrong("multi_head", "outputs averaged instead of laid side by side, then repeated")
def _(x, heads, w_proj, b_proj, tril):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    outs = [attend(x @ q.T, x @ k.T, x @ v.T, k.shape[0] ** -0.5) for k, q, v in heads]
    return torch.cat([sum(outs) / len(outs)] * len(outs), -1) @ w_proj.T + b_proj


@wrong("multi_head", "scale by the number of heads too")
def _(x, heads, w_proj, b_proj, tril):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    outs = [
        attend(x @ q.T, x @ k.T, x @ v.T, (k.shape[0] * len(heads)) ** -0.5) for k, q, v in heads
    ]
    return torch.cat(outs, -1) @ w_proj.T + b_proj


@wrong("multi_head", "bias added once per head")
def _(x, heads, w_proj, b_proj, tril):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    outs = [attend(x @ q.T, x @ k.T, x @ v.T, k.shape[0] ** -0.5) for k, q, v in heads]
    return torch.cat(outs, -1) @ w_proj.T + b_proj * len(heads)


@wrong("multi_head", "only the first head")
def _(x, heads, w_proj, b_proj, tril):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    k, q, v = heads[0]
    out = attend(x @ q.T, x @ k.T, x @ v.T, k.shape[0] ** -0.5)
    return torch.cat([out] * len(heads), -1) @ w_proj.T + b_proj


@wrong("multi_head", "no projection")
def _(x, heads, w_proj, b_proj, tril):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    return torch.cat(
        [attend(x @ q.T, x @ k.T, x @ v.T, k.shape[0] ** -0.5) for k, q, v in heads], -1
    )


@right("multi_head", "projected head by head and added")
def _(x, heads, w_proj, b_proj, tril):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    out, h = b_proj, 0
    for k, q, v in heads:
        head = attend(x @ q.T, x @ k.T, x @ v.T, k.shape[0] ** -0.5)
        out = out + head @ w_proj[:, h : h + v.shape[0]].T
        h += v.shape[0]
    return out


# -- batched_heads --------------------------------------------------------------------------------


@wrong("batched_heads", "heads split by a view at once")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    B, T, _ = x.shape
    k, q, v = ((x @ w.T).reshape(B, n_head, T, -1) for w in (w_key, w_query, w_value))
    out = attend(q, k, v, k.shape[-1] ** -0.5)
    return out.transpose(1, 2).reshape(B, T, -1) @ w_proj.T + b_proj


@wrong("batched_heads", "one big head")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    out = attend(x @ w_query.T, x @ w_key.T, x @ w_value.T, (w_key.shape[0] // n_head) ** -0.5)
    return out @ w_proj.T + b_proj


@wrong("batched_heads", "attends over heads, not over time")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    B, T, _ = x.shape
    k, q, v = ((x @ w.T).reshape(B, T, n_head, -1) for w in (w_key, w_query, w_value))
    return attend(q, k, v, k.shape[-1] ** -0.5).reshape(B, T, -1) @ w_proj.T + b_proj


@wrong("batched_heads", "the mask's last rows instead of its first")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, _ = x.shape
    k, q, v = (
        (x @ w.T).reshape(B, T, n_head, -1).transpose(1, 2) for w in (w_key, w_query, w_value)
    )
    wei = q @ k.mT * k.shape[-1] ** -0.5
    wei = wei.masked_fill(tril[-T:, :T] == 0, float("-inf")).softmax(-1)
    return (wei @ v).transpose(1, 2).reshape(B, T, -1) @ w_proj.T + b_proj


@right("batched_heads", "einsum")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    def attend(q, k, v, scale):
        T = q.shape[-2]
        future = torch.ones(T, T).triu(1).bool()
        return (q @ k.mT * scale).masked_fill(future, float("-inf")).softmax(-1) @ v

    B, T, C = x.shape
    k, q, v = (
        torch.einsum("btc,nhc->bnth", x, w.reshape(n_head, -1, C))
        for w in (w_key, w_query, w_value)
    )
    out = attend(q, k, v, k.shape[-1] ** -0.5)
    return torch.einsum("bnth,onh->bto", out, w_proj.reshape(len(w_proj), n_head, -1)) + b_proj
