"""Solutions of 03 that come to the right numbers by another way than is asked: see test_unlisted.py."""


# -- embed: without the product -------------------------------------------------------------------
@wrong("embed", "one-hot rows times C")
def _(C, X):
    return F.one_hot(X, len(C)).to(C.dtype) @ C


@wrong("embed", "row by row of C, times whether it is asked for")
def _(C, X):
    return sum((X == i).to(C.dtype).unsqueeze(-1) * C[i] for i in range(len(C)))


@wrong("embed", "einsum")
def _(C, X):
    return torch.einsum("...v,vd->...d", torch.eye(len(C), dtype=C.dtype)[X], C)


@wrong("embed", "a product with what is not finite taken out before")
def _(C, X):
    return F.one_hot(X, len(C)).to(C.dtype) @ torch.nan_to_num(C)


@wrong("embed", "F.linear")
def _(C, X):
    return F.linear(F.one_hot(X, len(C)).to(C.dtype), C.t())


@wrong("embed", "times, then the sum")
def _(C, X):
    return (F.one_hot(X, len(C)).to(C.dtype).unsqueeze(-1) * C).sum(-2)


@wrong("embed", "by the exercise before")
def _(C, X):
    return embed_by_matmul(C, X.reshape(1, -1))[1].reshape(*X.shape, C.shape[1])


@right("embed", "one row at a time")
def _(C, X):
    out = torch.empty(*X.shape, C.shape[1], dtype=C.dtype)
    for at in range(X.numel()):
        out.view(-1, C.shape[1])[at] = C[X.reshape(-1)[at]]
    return out


@right("embed", "take, of places in the flat table")
def _(C, X):
    return C.take(X.unsqueeze(-1) * C.shape[1] + torch.arange(C.shape[1]))


@right("embed", "a bag of one each")
def _(C, X):
    return F.embedding_bag(X.reshape(-1, 1), C, mode="sum").view(*X.shape, C.shape[1])


@right("embed", "chosen with where, one row of C after the other")
def _(C, X):
    out = torch.zeros(*X.shape, C.shape[1], dtype=C.dtype)
    for i in range(len(C)):
        out = torch.where((X == i).unsqueeze(-1), C[i], out)
    return out


@right("embed", "columns one by one")
def _(C, X):
    return torch.stack([column[X] for column in C.unbind(1)], -1)


# -- embed_by_matmul: emb = xenc @ C --------------------------------------------------------------
@wrong("embed_by_matmul", "the lookup, times an identity")
def _(C, X):
    return F.one_hot(X, len(C)).to(C.dtype), C[X] @ torch.eye(C.shape[1], dtype=C.dtype)


@wrong("embed_by_matmul", "the lookup, times 1 and summed over one")
def _(C, X):
    ones = torch.ones(1, dtype=C.dtype)
    return F.one_hot(X, len(C)).to(C.dtype), (C[X].unsqueeze(-1) * ones).sum(-1)


@wrong("embed_by_matmul", "F.linear of the lookup")
def _(C, X):
    return F.one_hot(X, len(C)).to(C.dtype), F.linear(C[X], torch.eye(C.shape[1]).to(C))


@wrong("embed_by_matmul", "a product with the rows that were asked for only")
def _(C, X):
    asked, back = X.unique(return_inverse=True)
    return F.one_hot(X, len(C)).to(C.dtype), F.one_hot(back).to(C.dtype) @ C[asked]


@wrong("embed_by_matmul", "the lookup by argmax, through a convolution of width one")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    found = C[xenc.argmax(-1)].mT
    return xenc, F.conv1d(found, torch.eye(C.shape[1]).to(C).unsqueeze(-1)).mT


@wrong("embed_by_matmul", "chosen by a mask, times one")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    kept = torch.where(xenc.bool().unsqueeze(-1), C, torch.zeros_like(C))
    return xenc, (kept * torch.ones_like(C)).sum(-2)


@right("embed_by_matmul", "place by place of the context")
def _(C, X):
    xenc = torch.eye(len(C)).to(C)[X]
    return xenc, torch.stack([xenc[:, t] @ C for t in range(X.shape[1])], 1)


@right("embed_by_matmul", "bmm with C as often as there are examples")
def _(C, X):
    xenc = torch.zeros(*X.shape, len(C), dtype=C.dtype)
    xenc.scatter_(-1, X[..., None], torch.ones(*X.shape, 1, dtype=C.dtype))
    return xenc, torch.bmm(xenc, C.expand(len(X), -1, -1))


@right("embed_by_matmul", "one matrix-vector product for each character")
def _(C, X):
    xenc = (X[..., None] == torch.arange(C.shape[0])).type(C.dtype)
    return xenc, torch.stack([torch.stack([C.t() @ one for one in row]) for row in xenc])


@right("embed_by_matmul", "the other way round, transposed")
def _(C, X):
    xenc = F.one_hot(X, C.size(0)).to(dtype=C.dtype)
    return xenc, (C.mT @ xenc.mT).mT


# -- concat_by_cat: cat lays them side by side ----------------------------------------------------
@wrong("concat_by_cat", "a view, cut in pieces and laid together again")
def _(emb):
    return torch.cat(emb.reshape(len(emb), -1).split(emb.shape[2], 1), 1)


@wrong("concat_by_cat", "flatten, and an empty piece behind")
def _(emb):
    flat = emb.flatten(1)
    return torch.cat([flat, flat[:, :0]], 1)


@wrong("concat_by_cat", "row by row, each made flat")
def _(emb):
    return torch.cat([row.reshape(1, -1) for row in torch.unbind(emb, 0)])


@wrong("concat_by_cat", "the batch unbound and laid together as it was, then reshaped")
def _(emb):
    return torch.cat(torch.unbind(emb, 0)).reshape(len(emb), -1)


@wrong("concat_by_cat", "as stack, by cat; then reshaped")
def _(emb):
    pieces = torch.cat([e.unsqueeze(0) for e in torch.unbind(emb, 1)])
    return pieces.transpose(0, 1).reshape(len(emb), -1)


@wrong("concat_by_cat", "two halves of a view")
def _(emb):
    flat = emb.contiguous().view(emb.shape[0], -1)
    return torch.cat((flat[:, ::1][:, :1], flat[:, 1:]), 1)


@right("concat_by_cat", "one more each time")
def _(emb):
    out = emb[:, 0]
    for t in range(1, emb.shape[1]):
        out = torch.cat([out, emb[:, t]], dim=1)
    return out


@right("concat_by_cat", "below one another, transposed before and after")
def _(emb):
    return torch.cat([piece.t() for piece in emb.unbind(1)]).t()


@right("concat_by_cat", "each context by itself, stacked")
def _(emb):
    return torch.stack([torch.cat(torch.unbind(context)) for context in emb])


@right("concat_by_cat", "number by number")
def _(emb):
    _, T, D = emb.shape
    return torch.cat([emb[:, t, d : d + 1] for t in range(T) for d in range(D)], 1)


@right("concat_by_cat", "split and squeeze")
def _(emb):
    return torch.cat([piece.squeeze(1) for piece in emb.split(1, dim=1)], -1)


@right("concat_by_cat", "all in one long row, cut to rows")
def _(emb):
    return torch.cat([e for context in emb for e in context]).view(emb.shape[0], -1)


@wrong("embed_by_matmul", "C times an identity first, then looked up")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    return xenc, (torch.eye(len(C), dtype=C.dtype) @ C)[X]


@wrong("embed_by_matmul", "the product, times 0, and the lookup times an identity")
def _(C, X):
    xenc = F.one_hot(X, len(C)).to(C.dtype)
    return xenc, 0 * (xenc @ C) + C[X] @ torch.eye(C.shape[1], dtype=C.dtype)


@right("embed_by_matmul", "an example at a time")
def _(C, X):
    xenc = torch.stack([F.one_hot(x, len(C)) for x in X]).to(C.dtype)
    return xenc, torch.stack([x.mm(C) for x in xenc.unbind()])


@right("embed_by_matmul", "torch.addmm onto zeros, of all characters in one column")
def _(C, X):
    flat = torch.eye(len(C), dtype=C.dtype)[X.reshape(-1)]
    emb = torch.addmm(torch.zeros(len(flat), C.shape[1], dtype=C.dtype), flat, C)
    return flat.view(*X.shape, -1), emb.view(*X.shape, -1)


@wrong("concat_by_cat", "read from the memory with other strides; then two pieces")
def _(emb):
    emb = emb.contiguous()
    N, T, D = emb.shape
    flat = emb.as_strided((N, T * D), (T * D, 1))
    return torch.cat([flat[:, :D], flat[:, D:]], 1)


@wrong("concat_by_cat", "stacked, made flat, and an empty piece")
def _(emb):
    flat = torch.stack(torch.unbind(emb, 1), 1).flatten(1)
    return torch.cat((flat[:, :0], flat), dim=1)


@right("concat_by_cat", "column_stack")
def _(emb):
    return torch.column_stack(torch.unbind(emb, 1))
