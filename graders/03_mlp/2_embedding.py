"""Lookup in a table, and laying end to end with and without a copy."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

SIZES = [(5, 7, 3, 2), (1, 4, 2, 5), (6, 3, 1, 4), (3, 31, 4, 3)]  # N, vocab, block_size, n_embd


def tables(rng):
    """C and X of many sizes; indices repeat, the last row of C is never looked up."""
    for n, v, t, d in SIZES:
        yield dict(C=rng.normal(v, d), X=rng.integers(0, v - 1, n, t))
    yield dict(C=rng.normal(5, 2), X=torch.full((3, 4), 3))
    yield dict(C=rng.normal(6, 3, dtype=torch.float32), X=rng.integers(0, 6, 4, 2))


def leaf(C):
    return C.detach().clone().requires_grad_()


# -- embed_by_matmul -----------------------------------------------------------------------------

matmul = exercise("embed_by_matmul", title="lookup as one-hot times C")
matmul.hint("How wide must a one-hot vector be, so that it can be multiplied with C?")
matmul.hint("F.one_hot(X, num_classes=...) works for an X of any shape, and returns int64.")
matmul.hint("xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype); return xenc, xenc @ C")
matmul.cases(tables)


@matmul.check("gradients")
def _(m, C, X):
    C = leaf(C)
    emb = m.embed_by_matmul(C, X)[1]
    upstream = torch.linspace(-1, 2, emb.numel(), dtype=C.dtype).view(emb.shape)
    return dict(differentiate(emb, {"C": C}, upstream))


matmul.misconception(
    "num_classes is missing: torch then guesses the width from the largest index that happens to "
    "occur. Give it C.shape[0].",
    name="guessed_width",
    replace=", num_classes=C.shape[0]",
    by="",
)
matmul.misconception(
    "The vocabulary has 27 characters here, but not everywhere: the width is C.shape[0].",
    name="always_27",
    replace="num_classes=C.shape[0]",
    by="num_classes=27",
)
matmul.misconception(
    "one_hot gives whole numbers, and a product needs both sides in one dtype: .to(C.dtype).",
    name="left_int",
    replace=".to(C.dtype)",
    by="",
)
matmul.misconception(
    "float() always means float32; here C may be float64. Take the dtype of C.",
    name="float32",
    replace=".to(C.dtype)",
    by=".float()",
)
matmul.misconception(
    "The width of a one-hot vector is the number of characters, C.shape[0], not the width of C.",
    name="width_of_rows",
    replace="C.shape[0]",
    by="C.shape[1]",
)
matmul.misconception(
    "Right numbers, but no gradient can reach C: leave out detach and .data.",
    name="detached",
    replace="xenc @ C\n",
    by="xenc @ C.data\n",
)
matmul.misconception(
    "The two results come the other way round: first the one-hot vectors, then the embeddings.",
    name="swapped",
    replace="return xenc, xenc @ C",
    by="return xenc @ C, xenc",
)


matmul.misconception(
    "emb is right, but the one-hot vectors came back as int64: give them the dtype of C before you return "
    "both.",
    name="int_returned",
    replace="    xenc = F.one_hot(X, num_classes=C.shape[0]).to(C.dtype)  # (N, block_size, vocab_size)\n"
    "    return xenc, xenc @ C",
    by="    xenc = F.one_hot(X, num_classes=C.shape[0])\n    return xenc, xenc.to(C.dtype) @ C",
)
matmul.misconception(
    "The embeddings of a context were added up: the product keeps one row for each character.",
    name="summed",
    replace="return xenc, xenc @ C",
    by="return xenc, (xenc @ C).sum(1)",
)


@matmul.variant("an identity matrix, einsum")
def identity(C, X):
    xenc = torch.eye(C.shape[0], dtype=C.dtype)[X]
    return xenc, torch.einsum("ntv,vd->ntd", xenc, C)


@matmul.variant("scatter, as a list")
def scatter(C, X):
    xenc = torch.zeros(*X.shape, len(C), dtype=C.dtype).scatter_(2, X.unsqueeze(2), 1)
    return [xenc, xenc.matmul(C)]


# -- embed ---------------------------------------------------------------------------------------

embed = exercise("embed", title="lookup by index")
embed.hint("What does torch return for a matrix indexed with a tensor of whole numbers?")
embed.hint("The first dimension of C is the character. Index it with the whole X at once.")
embed.hint("return C[X]")


@embed.cases
def _(rng):
    yield from tables(rng)
    yield dict(C=rng.normal(5, 3), X=rng.integers(0, 5, 6))  # other shapes of X
    yield dict(C=rng.normal(5, 3), X=rng.integers(0, 5, 2, 3, 4))


@embed.check("any order in memory", cases=tables)
def _(m, C, X):
    return m.embed(C.t().contiguous().t(), X.t())  # both are transposes now


@embed.check("gradients")
def _(m, C, X):
    C = leaf(C)
    emb = m.embed(C, X)
    upstream = torch.linspace(-1, 2, emb.numel(), dtype=C.dtype).view(emb.shape)
    return dict(differentiate(emb, {"C": C}, upstream))


@embed.oracle
def _(C, X):
    return F.embedding(X, C)


@embed.misconception("`C[:, X]` takes columns. A character's embedding is a row: C[X].")
def columns(C, X):
    return C[:, X]


@embed.misconception(
    "The numbers are right, but no gradient reaches C: index C itself, not C.data or C.detach()."
)
def detached(C, X):
    return C.detach()[X]


@embed.misconception(
    "You laid the embeddings end to end already. Here each character keeps its own row: "
    "(N, block_size, n_embd)."
)
def flattened(C, X):
    return C[X].reshape(len(X), -1)


@embed.misconception(
    "You averaged over the context: which character stood where is lost. Keep them all."
)
def averaged(C, X):
    return C[X].mean(1)


@embed.misconception(
    "You looked up the flattened X: (N * block_size, n_embd). The result keeps the shape of X."
)
def flat_x(C, X):
    return C[X.flatten()]


@embed.misconception("Only one character of each context was looked up. Index with the whole of X.")
def last_only(C, X):
    return C[X[..., -1]]


@embed.misconception(
    "torch.tensor(...) of looked-up numbers is a new tensor without history: C gets no gradient, and "
    "here it became float32. Index with X directly."
)
def rebuilt(C, X):
    return torch.tensor([C[i].tolist() for i in X.flatten()]).view(*X.shape, -1)


@embed.misconception("The numbers became float32. The embeddings keep the dtype of C.")
def to_float32(C, X):
    return C[X].float()


@embed.misconception(
    "padding_idx=0 stops the gradient of row 0. Here 0 is '.', a character like all others, and it learns."
)
def padding(C, X):
    return F.embedding(X, C, padding_idx=0)


@embed.misconception("Your loops expect an X of two dimensions. C[X] takes any shape.")
def two_loops(C, X):
    return torch.stack([torch.stack([C[i] for i in row]) for row in X])


@embed.variant("F.embedding")
def functional(C, X):
    return F.embedding(X, C)


@embed.variant("index_select")
def select(C, X):
    return C.index_select(0, X.flatten()).view(*X.shape, C.shape[1])


@embed.variant("one-hot")
def one_hot(C, X):
    return F.one_hot(X, len(C)).to(C.dtype) @ C


# -- concat_by_cat -------------------------------------------------------------------------------

by_cat = exercise("concat_by_cat", title="end to end, with unbind and cat")
by_cat.hint("Which dimension of (N, block_size, n_embd) must disappear?")
by_cat.hint("torch.unbind(emb, 1) is a tuple of (N, n_embd), as many as block_size.")
by_cat.hint("torch.cat(torch.unbind(emb, 1), 1)")


@by_cat.cases
def _(rng):
    for n, _, t, d in SIZES:
        yield dict(emb=rng.normal(n, t, d))
    yield dict(emb=rng.normal(3, 4, 2))
    yield dict(emb=rng.normal(3, 3, 3))
    yield dict(emb=rng.normal(2, 3, 5, dtype=torch.float32))


@by_cat.check("any order in memory")
def _(m, emb):
    return m.concat_by_cat(emb.transpose(0, 1))  # (block_size, N, n_embd), not contiguous


@by_cat.check("gradients")
def _(m, emb):
    emb = leaf(emb)
    out = m.concat_by_cat(emb)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=emb.dtype).view(out.shape)
    return dict(differentiate(out, {"emb": emb}, upstream))


@by_cat.oracle
def _(emb):
    return emb.reshape(emb.shape[0], -1)


@by_cat.misconception(
    "You laid them below one another: (block_size * N, n_embd). Each context is one row: cat over "
    "dimension 1."
)
def below(emb):
    return torch.cat(torch.unbind(emb, 1), 0)


@by_cat.misconception(
    "You took the batch apart (dimension 0), not the context. unbind(emb, 1) gives one piece per place."
)
def wrong_unbind(emb):
    return torch.cat(torch.unbind(emb, 0), 1)


@by_cat.misconception(
    "You named three places. That works for block_size 3 only; torch.unbind(emb, 1) finds them all."
)
def three(emb):
    return torch.cat([emb[:, 0, :], emb[:, 1, :], emb[:, 2, :]], 1)


@by_cat.misconception("stack makes a new dimension; cat makes an existing one longer.")
def stacked(emb):
    return torch.stack(torch.unbind(emb, 1), 1)


@by_cat.misconception(
    "The pieces come in the wrong order: the oldest character's embedding stands first."
)
def reverse(emb):
    return torch.cat(torch.unbind(emb, 1)[::-1], 1)


@by_cat.misconception(
    "You added the embeddings: then 'eva' and 'ave' would look the same. Lay them side by side."
)
def added(emb):
    return emb.sum(1)


@by_cat.misconception(
    "You took apart n_embd (dimension 2): all first numbers come first, then all second ones. Each "
    "character's numbers stay together: unbind dimension 1."
)
def interleaved(emb):
    return torch.cat(torch.unbind(emb, 2), 1)


@by_cat.misconception("Right numbers, but detached: no gradient reaches the embeddings any more.")
def detached_cat(emb):
    return torch.cat(torch.unbind(emb.detach(), 1), 1)


@by_cat.misconception(
    "view needs the numbers to lie in order; here they may lie in any. (view has its turn below.)"
)
def viewed(emb):
    return emb.view(emb.shape[0], -1)


@by_cat.misconception(
    "permute and reshape mixed up the contexts: a row holds numbers of different contexts now. The batch "
    "stays the first dimension."
)
def permuted(emb):
    return emb.permute(1, 0, 2).reshape(emb.shape[0], -1)


@by_cat.variant("a list of slices")
def slices(emb):
    return torch.cat([emb[:, t] for t in range(emb.shape[1])], dim=-1)


@by_cat.variant("hstack")
def hstack(emb):
    return torch.hstack(emb.unbind(1))


# -- contiguous_strides --------------------------------------------------------------------------

strides = exercise("contiguous_strides", title="strides of a fresh tensor")
strides.hint("How far to the neighbor in the last dimension? How many cells has one row?")
strides.hint(
    "Go from the last dimension to the first; each stride is the product of the sizes behind."
)
strides.hint("jump = 1; for size in reversed(shape): put jump in front; jump *= size.")


@strides.cases
def _(rng):
    yield dict(shape=(2, 3, 2))
    yield dict(shape=(rng.integer(2, 9),))
    yield dict(shape=(5, 3))
    yield dict(shape=(2, 3, 5, 7))
    yield dict(shape=tuple(rng.integer(1, 6) for _ in range(5)))
    yield dict(shape=(1, 4, 6))


@strides.oracle
def _(shape):
    return torch.empty(shape).stride()


@strides.misconception(
    "You went column by column: the first dimension got stride 1. In torch the last one runs fastest."
)
def columns_first(shape):
    found, jump = [], 1
    for size in shape:
        found.append(jump)
        jump *= size
    return tuple(found)


@strides.misconception(
    "Your strides are shifted: the dimension's own size is in its stride. One step along the last "
    "dimension is 1; multiply by a size only for the dimensions before it."
)
def own_size(shape):
    found, jump = [], 1
    for size in reversed(shape):
        jump *= size
        found.insert(0, jump)
    return tuple(found)


@strides.misconception(
    "Each stride is the size of the next dimension only. A step jumps over *all* that lies behind: "
    "the product of all sizes to the right."
)
def next_only(shape):
    return (*shape[1:], 1)


@strides.misconception(
    "You counted bytes. torch counts strides in elements (numpy counts bytes): the last one is 1."
)
def in_bytes(shape):
    found, jump = [], 4
    for size in reversed(shape):
        found.insert(0, jump)
        jump *= size
    return tuple(found)


@strides.misconception(
    "Right strides, wrong order: the stride of the first dimension stands first."
)
def reversed_order(shape):
    found, jump = [], 1
    for size in reversed(shape):
        found.append(jump)
        jump *= size
    return tuple(found)


@strides.misconception(
    "You returned the shape. A stride is how far to jump in the storage for one step."
)
def the_shape(shape):
    return tuple(shape)


@strides.misconception(
    "You added the sizes to the right. A step over a matrix of 3 rows of 2 jumps 6 elements: multiply."
)
def sums(shape):
    return tuple(sum(shape[i + 1 :]) or 1 for i in range(len(shape)))


@strides.variant("ask torch")
def ask(shape):
    return list(torch.empty(shape).stride())


@strides.variant("a product for each")
def products(shape):
    return tuple(int(torch.tensor(shape[i + 1 :]).prod()) for i in range(len(shape)))


# -- read_element --------------------------------------------------------------------------------

read = exercise("read_element", title="one element, from the storage")
read.hint("Where does [0, 0] lie? How much further is [1, 0], and [0, 1]?")
read.hint("Each index jumps index * stride; all jumps add up, starting from the offset.")
read.hint("storage[offset + sum(i * s for i, s in zip(index, strides))]")


@read.cases
def _(rng):
    storage = rng.shuffled(range(100, 160))
    yield dict(storage=storage, offset=0, strides=(10, 1), index=(rng.integer(1, 6), 7))
    yield dict(storage=storage, offset=0, strides=(1, 10), index=(7, rng.integer(1, 6)))
    yield dict(storage=storage, offset=5, strides=(10, 1), index=(2, rng.integer(1, 4)))
    yield dict(storage=storage, offset=7, strides=(3,), index=(rng.integer(1, 9),))
    yield dict(storage=storage, offset=1, strides=(20, 5, 1), index=(2, 1, rng.integer(1, 4)))
    yield dict(storage=storage, offset=3, strides=(0, 2), index=(6, 4))  # expanded: stride 0
    yield dict(storage=storage, offset=4, strides=(2, 12, 6), index=(1, 3, 1))
    yield dict(storage=storage, offset=2, strides=(9, 4), index=(0, 0))


@read.oracle
def _(storage, offset, strides, index):
    sizes = [i + 1 for i in index]
    return int(torch.tensor(storage).as_strided(sizes, strides, offset)[index])


@read.misconception("The offset is missing: a slice begins somewhere inside its storage.")
def no_offset(storage, offset, strides, index):
    return storage[sum(i * s for i, s in zip(index, strides, strict=True))]


@read.misconception(
    "You paired the last index with the first stride: index and strides go in the same order."
)
def crossed(storage, offset, strides, index):
    return storage[offset + sum(i * s for i, s in zip(index, strides[::-1], strict=True))]


@read.misconception("You added the indices alone; each step along a dimension jumps its stride.")
def strides_ignored(storage, offset, strides, index):
    return storage[offset + sum(index)]


@read.misconception("You returned the place; what is asked is the number that lies there.")
def the_place(storage, offset, strides, index):
    return offset + sum(i * s for i, s in zip(index, strides, strict=True))


@read.misconception(
    "You assumed the last stride to be 1. A transposed tensor has another one: use the strides given."
)
def last_is_one(storage, offset, strides, index):
    return storage[offset + sum(i * s for i, s in zip(index, (*strides[:-1], 1), strict=True))]


@read.misconception(
    "Your sum has two terms. A tensor may have any number of dimensions: add one jump for each."
)
def two_terms(storage, offset, strides, index):
    return storage[offset + index[0] * strides[0] + index[1] * strides[1]]


@read.misconception("The offset counts once, not once for each dimension.")
def offset_again(storage, offset, strides, index):
    return storage[sum(offset + i * s for i, s in zip(index, strides, strict=True)) % len(storage)]


@read.variant("a loop")
def loop(storage, offset, strides, index):
    for d in range(len(index)):
        offset = offset + strides[d] * index[d]
    return storage[offset]


@read.variant("as_strided")
def as_strided(storage, offset, strides, index):
    return torch.tensor(storage).as_strided([i + 1 for i in index], strides, offset)[index].item()


# -- concat_by_view ------------------------------------------------------------------------------

by_view = exercise("concat_by_view", title="end to end, for free")
by_view.hint("The numbers already lie in the right order. Which call only changes the shape?")
by_view.hint("emb.view(rows, columns): one of the two may be -1, the other is emb.shape[0].")
by_view.hint("return emb.view(emb.shape[0], -1)")


@by_view.cases
def _(rng):
    for n, _, t, d in SIZES:
        yield dict(emb=rng.normal(n, t, d))
    yield dict(emb=rng.normal(32, 3, 2))
    yield dict(emb=rng.normal(2, 2, 2, dtype=torch.float32))


@by_view.check("the same memory")
def _(m, emb):
    big = torch.cat([emb, emb + 1, emb + 2])
    part = big[len(emb) : 2 * len(emb)]  # contiguous, and begins in the middle of its storage
    out = m.concat_by_view(part)
    shared = out.data_ptr() == part.data_ptr()
    part[-1] = 7.0
    return {"starts where emb starts": shared, "sees what is written to emb": out}


@by_view.check("gradients")
def _(m, emb):
    emb = leaf(emb)
    out = m.concat_by_view(emb)
    upstream = torch.linspace(-1, 2, out.numel(), dtype=emb.dtype).view(out.shape)
    return dict(differentiate(out, {"emb": emb}, upstream))


@by_view.misconception(
    "The right numbers, but copied: cat always makes a new tensor. view only writes down another shape."
)
def copied(emb):
    return torch.cat(torch.unbind(emb, 1), 1)


@by_view.misconception(
    "-1 stands in the wrong place: `view(-1, n_embd)` gives a row for each character. You want one "
    "for each context."
)
def per_character(emb):
    return emb.view(-1, emb.shape[2])


@by_view.misconception(
    "Rows and columns are swapped: numbers of different contexts now share a row. view does not "
    "transpose; ask for (emb.shape[0], -1)."
)
def swapped_sizes(emb):
    return emb.view(-1, emb.shape[0])


@by_view.misconception(
    "The transpose puts numbers where they do not belong: contexts are already the rows of emb."
)
def transposed(emb):
    return emb.transpose(1, 2).reshape(emb.shape[0], -1)


@by_view.misconception(
    "The sizes are those of one example (a batch of 32, or 6 columns). Take them from emb.shape."
)
def six(emb):
    return emb.view(-1, 6)


@by_view.misconception("The batch dimension is gone: one row for each context, not one for all.")
def all_in_one(emb):
    return emb.view(-1)


@by_view.misconception(
    "A view of .data or detach() shares memory, but no gradient comes back through it."
)
def detached_view(emb):
    return emb.detach().view(emb.shape[0], -1)


@by_view.misconception(
    "Three characters are the default, not a law: take block_size from emb.shape, or write -1."
)
def three_characters(emb):
    return emb.view(-1, 3 * emb.shape[2])


@by_view.misconception(
    "You changed the shape of the tensor that was passed in (resize_, or assigning to .data). view returns a "
    "second tensor on the same storage; the first one stays as it is."
)
def resized(emb):
    return emb.resize_(emb.shape[0], emb.shape[1] * emb.shape[2])


@by_view.variant("flatten")
def flatten(emb):
    return emb.flatten(1)


@by_view.variant("reshape, sizes spelled out")
def reshape(emb):
    n, t, d = emb.shape
    return torch.reshape(emb, (n, t * d))
