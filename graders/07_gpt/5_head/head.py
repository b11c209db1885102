"""07.head: one head of self-attention."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise, parameters

head = exercise(
    "head",
    target=("Head.__init__", "Head.forward"),
    title="one head of self-attention",
    points=2,
)


@head.cases
def _(rng):
    # every size different; T below, at and far below block_size; a head larger than the embedding; later
    # ones read more than the first can
    for B, T, n_embd, head_size, block_size in [
        (2, 5, 7, 4, 6),
        (1, 7, 3, 9, 7),
        (3, 1, 5, 2, 8),
        (4, 3, 2, 7, 11),
    ]:
        yield dict(
            n_embd=n_embd,
            head_size=head_size,
            block_size=block_size,
            x=rng.normal(B, T, n_embd),
            # weights of unit size give scores far from zero, so that softmax is far from uniform
            weights={name: rng.normal(head_size, n_embd) for name in ("key", "query", "value")},
            upstream=rng.normal(B, T, head_size),
        )
    # the last position scores far above all others, in one row or in the other
    x = rng.normal(1, 4, 3).repeat(2, 1, 1)
    x[0, -1] *= 2000
    x[1, -1] = -x[0, -1]
    weights = {name: rng.normal(5, 3) for name in ("key", "query", "value")}
    weights["value"] *= 300
    sizes = dict(n_embd=3, head_size=5, block_size=6)
    yield dict(sizes, x=x, weights=weights, upstream=rng.normal(2, 4, 5))
    # the first position has no choice, however far its own score lies below those of the future
    x, first = rng.normal(2, 4, 3), torch.tensor([1e6, 0.0, 0.0]).double()
    x[:, :, 0], x[:, 0] = 0.0, first
    weights = {"key": torch.eye(5, 3).double(), "query": -torch.eye(5, 3).double()}
    weights["value"] = rng.normal(5, 3)
    yield dict(sizes, x=x, weights=weights, upstream=rng.normal(2, 4, 5))


def build(m, n_embd, head_size, block_size, weights):
    """The module in float64 with the case's weights."""
    made = m.Head(n_embd, head_size, block_size).double()
    with torch.no_grad():
        for name, weight in weights.items():
            getattr(made, name).weight.copy_(weight)
    return made


@head.scenario
def _(m, x, upstream, **rest):
    return build(m, **rest)(x)


@head.oracle
def _(x, upstream, weights, **rest):
    # torch's own kernel
    k, q, v = (x @ weights[name].T for name in ("key", "query", "value"))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@head.check("another x")
def _(m, x, upstream, **rest):
    """The same head, asked for a second time."""
    made = build(m, **rest)
    made(x)
    return made(1 - x)


@head.oracle("another x")
def _(x, upstream, weights, **rest):
    k, q, v = ((1 - x) @ weights[name].T for name in ("key", "query", "value"))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


def moderate(rng):
    """All but the last: a fused kernel's rounding, times numbers so large, would be seen in gradients."""
    return list(head.default_cases(rng))[:-1]


@head.check("gradients", cases=moderate)
def _(m, x, upstream, **rest):
    made = build(m, **rest)
    x = x.requires_grad_()
    inputs = {"x": x, **{n: getattr(made, n).weight for n in ("key", "query", "value")}}
    return dict(differentiate(made(x), inputs, upstream))


@head.oracle("gradients")
def _(x, upstream, weights, **rest):
    leaves = {"x": x.requires_grad_(), **{n: w.requires_grad_() for n, w in weights.items()}}
    k, q, v = (x @ weights[name].T for name in ("key", "query", "value"))
    scores = (q @ k.mT) / k.shape[-1] ** 0.5
    T = x.shape[1]
    scores = scores.masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf"))
    return dict(differentiate(scores.softmax(-1) @ v, leaves, upstream))


@head.check("parameters")
def _(m, n_embd, head_size, block_size, **rest):
    made = m.Head(n_embd, head_size, block_size)
    learns = parameters(made, ["key.weight", "query.weight", "value.weight"]).items()
    return {name: list(p.shape) for name, p in learns if p.requires_grad}


@head.check("moves with the module")
def _(m, n_embd, head_size, block_size, x, **rest):
    # .to(device) takes parameters and buffers along; a tensor that is a plain attribute, or that
    # the first forward stored for the next ones, stays behind. What each forward makes anew does no harm:
    # the weights, kept for a picture
    made = m.Head(n_embd, head_size, block_size)
    out = made(x.float())
    first = {name: value for name, value in vars(made).items() if isinstance(value, torch.Tensor)}
    made(x.float())
    left = sorted(name for name, value in first.items() if vars(made).get(name) is value)
    return {"shape": list(out.shape), "tensors left behind": left}


head.hint("""Three Linear layers without bias in __init__; in forward, four lines: scores, mask, softmax,
    weighted sum. Write the shape behind each line.""")
head.hint("""Scores are q @ k.transpose(-2, -1), shape (B, T, T), divided by the square root of head_size.
    Row t belongs to query t; everything to the right of the diagonal is the future.""")
head.hint("""wei.masked_fill(tril[:T, :T] == 0, float("-inf")), then softmax over the last dimension, then
    wei @ v. The mask is cut to T because a sequence may be shorter than block_size.""")

head.misconception(
    """The scores are not divided by sqrt(head_size). Their variance grows with head_size, softmax saturates
    and the head stops learning: multiply by head_size ** -0.5.""",
    name="no_scale",
    replace="* k.shape[-1] ** -0.5",
    by="",
)
head.misconception(
    """You divided the scores by head_size itself. A dot product of d unit-variance terms has standard
    deviation sqrt(d), so the square root is what brings it back to 1.""",
    name="scaled_by_d",
    replace="** -0.5",
    by="** -1.0",
)
head.misconception(
    """You scaled with the size of the input (n_embd). The dot product runs over head_size terms, so the
    scale is 1 / sqrt(head_size); the two are equal only by accident.""",
    name="scaled_by_n_embd",
    replace="k.shape[-1] ** -0.5",
    by="C ** -0.5",
)
head.misconception(
    """You multiplied by sqrt(head_size) where you should divide: the scores got larger, not smaller.""",
    name="scaled_up",
    replace="** -0.5",
    by="** 0.5",
)
head.misconception(
    """The softmax runs over the queries (the rows). Each *query* shares out its attention among
    the keys, so every row must sum to 1: dim=-1.""",
    name="softmax_over_queries",
    replace="dim=-1",
    by="dim=-2",
)
head.misconception(
    """The softmax runs over the batch. Sequences of a batch have nothing to do with each other:
    each query's scores over the keys, the last dimension, must sum to 1.""",
    name="softmax_over_batch",
    replace="dim=-1",
    by="dim=0",
)
head.misconception(
    """The mask comes after the softmax: the future took part in the sum, and what is left no longer adds
    up to 1. Put -inf into the scores *before* softmax.""",
    name="mask_after_softmax",
    edits=[
        ('wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))\n', "\n"),
        (
            "wei = F.softmax(wei, dim=-1)",
            "wei = F.softmax(wei, dim=-1).masked_fill(self.tril[:T, :T] == 0, 0.0)",
        ),
    ],
)
head.misconception(
    """Softmax comes first, then the future's shares are crossed out and the rest is divided by its sum. On
    paper that is the same; but where the future had everything, 0 / 0 is left (nan). Put -inf into the scores
    before softmax.""",
    name="renormalized",
    edits=[
        ('wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))\n', "\n"),
        (
            "wei = F.softmax(wei, dim=-1)",
            "wei = F.softmax(wei, dim=-1) * self.tril[:T, :T]\n"
            "        wei = wei / wei.sum(-1, keepdim=True)",
        ),
    ],
)
head.misconception(
    """Masked scores are set to 0, but exp(0) = 1: the future still gets a share. Only -inf becomes 0
    under exp.""",
    name="masked_with_zero",
    replace='float("-inf")',
    by="0.0",
)
head.misconception(
    """There is no mask: every position sees the future, and predicting the next character becomes
    copying it.""",
    name="no_mask",
    replace='wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))\n',
    by="\n",
)
head.misconception(
    """The mask is off by one: a position also sees the one after it, which is the very answer it
    must predict. The diagonal belongs to the visible part, what is above it does not.""",
    name="sees_the_next",
    replace="torch.tril(torch.ones(block_size, block_size))",
    by="torch.tril(torch.ones(block_size, block_size), diagonal=1)",
)
head.misconception(
    """Positions do not see themselves: the diagonal is masked too, and the first position, left with
    nothing, becomes NaN.""",
    name="not_itself",
    replace="torch.tril(torch.ones(block_size, block_size))",
    by="torch.tril(torch.ones(block_size, block_size), diagonal=-1)",
)
head.misconception(
    """The mask is upside down: positions see the future and not the past. Keep what is on and below the
    diagonal (tril).""",
    name="upside_down",
    replace="torch.tril(torch.ones",
    by="torch.triu(torch.ones",
)
head.misconception(
    """The mask is not cut to T: with a sequence shorter than block_size the shapes do not fit. Use
    tril[:T, :T].""",
    name="mask_not_cropped",
    replace="self.tril[:T, :T]",
    by="self.tril",
)
head.misconception(
    """The keys are handed over instead of the values. What a position offers for comparison and what it
    hands over are two different projections.""",
    name="keys_as_values",
    replace="v = self.value(x)",
    by="v = self.key(x)",
)
head.misconception(
    """The input itself is handed over instead of its value projection: multiply x by the value
    layer first.""",
    name="values_not_projected",
    replace="return wei @ v",
    by="return wei @ x",
)
head.misconception(
    """Query and key have changed places: row t of the scores must belong to *query* t, that is
    q @ k.transpose(-2, -1). Here each row asks with its key.""",
    name="q_and_k_swapped",
    replace="wei = q @ k.transpose",
    by="wei = k @ q.transpose",
)
head.misconception(
    """Your Linear layers have a bias. This head has none: pass bias=False to all three.""",
    name="with_bias",
    edits=[
        (
            f"self.{name} = nn.Linear(n_embd, head_size, bias=False)",
            f"self.{name} = nn.Linear(n_embd, head_size)",
        )
        for name in ("key", "query", "value")
    ],
)
head.misconception(
    """The mask is a parameter, so the optimizer will train it away. Use register_buffer: it moves with the
    module but is not trained.""",
    name="mask_is_trained",
    replace='self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
    by="self.tril = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))",
)
head.misconception(
    """The mask is a plain attribute, so it stays behind when the module moves to another device.
    register_buffer takes it along.""",
    name="mask_stays_behind",
    replace='self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))',
    by="self.tril = torch.tril(torch.ones(block_size, block_size))",
)
head.misconception(
    """The attention shares are detached from the graph: the output is right, but key and query get no
    gradient and never learn.""",
    name="detached",
    replace="return wei @ v",
    by="return wei.detach() @ v",
)
head.misconception(
    """You return the attention shares; they still have to be used: wei @ v adds up the values.""",
    name="returns_shares",
    replace="return wei @ v",
    by="return wei",
)
head.misconception(
    """The scores are scaled after the softmax, so the shares sum to 1 / sqrt(head_size). The scale
    belongs to the scores, before the softmax.""",
    name="scaled_after_softmax",
    edits=[
        (" * k.shape[-1] ** -0.5", ""),
        ("wei = F.softmax(wei, dim=-1)", "wei = F.softmax(wei, dim=-1) * k.shape[-1] ** -0.5"),
    ],
)

head.variant(
    "torch's fused attention",
    name="fused",
    source="""
    def forward(self, x):
        q, k, v = self.query(x), self.key(x), self.value(x)
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    """,
)
head.variant(
    "einsum, the query scaled first, a mask made on the spot",
    name="einsum",
    source="""
    def forward(self, x):
        q = self.query(x) / self.query.out_features**0.5
        scores = torch.einsum("bth,bsh->bts", q, self.key(x))
        T = x.shape[1]
        future = torch.triu(torch.ones(T, T, dtype=torch.bool, device=x.device), diagonal=1)
        scores = scores + torch.zeros_like(scores).masked_fill(future, float("-inf"))
        shares = torch.exp(scores - scores.amax(-1, keepdim=True))
        shares = shares / shares.sum(-1, keepdim=True)
        return torch.einsum("bts,bsh->bth", shares, self.value(x))
    """,
)
head.variant(
    "position by position",
    name="loop",
    source="""
    def forward(self, x):
        k, q, v = self.key(x), self.query(x), self.value(x)
        rows = []
        for t in range(x.shape[1]):
            scores = (q[:, t : t + 1] * k[:, : t + 1]).sum(-1) / k.shape[-1] ** 0.5
            rows.append((scores.softmax(-1)[..., None] * v[:, : t + 1]).sum(1))
        return torch.stack(rows, 1)
    """,
)
