"""07.attention: the soft lookup, with any mask."""

import torch

from graders.authoring import Tol, exercise

from .part import SIZES, gradients, leaf

attention = exercise("attention", title="the lookup: scores, mask, shares, mix", points=3)


def sometimes(rng, *shape):
    """A mask of this shape, about half True, at least one in each row."""
    mask = rng.uniform(0, 1, *shape) < 0.5
    mask[..., rng.integer(0, shape[-1])] = True
    return mask


@attention.cases
def _(rng):
    def qkv(front, T_q, T_k, d, d_v, size=1.0, **kind):
        q, k = (rng.normal(*front, T, d, std=size, **kind) for T in (T_q, T_k))
        return dict(q=q, k=k, v=rng.normal(*front, T_k, d_v, **kind))

    for front, T_q, T_k, d, d_v in SIZES:
        case = qkv(front, T_q, T_k, d, d_v, size=1.3)
        yield dict(case, mask=None)
        for shape in [(T_q, T_k), (*front, T_q, T_k)]:
            yield dict(case, mask=sometimes(rng, *shape))
    yield dict(qkv((3,), 4, 5, 2, 6), mask=sometimes(rng, 3, 1, 5))  # padding
    yield dict(qkv((3, 2), 4, 5, 6, 2), mask=sometimes(rng, 3, 1, 4, 5))  # the same for all heads
    yield dict(qkv((2,), 4, 5, 3, 6), mask=sometimes(rng, 5))  # one row for everybody
    yield dict(qkv((2,), 3, 4, 5, 2), mask=torch.ones(3, 4, dtype=torch.bool))
    one = torch.zeros(4, 5, dtype=torch.bool)
    one[[0, 1, 2, 3], [3, 0, 0, 4]] = True  # a single key each: no choice left
    yield dict(qkv((2,), 4, 5, 3, 6), mask=one)
    yield dict(qkv((2,), 4, 5, 3, 6, dtype=torch.float32), mask=sometimes(rng, 2, 4, 5))
    # scores in the thousands, of both signs, far from row to row; hidden ones far above all others
    q = torch.tensor([[40.0, 1.0], [-40.0, 2.0], [0.3, -0.2], [1.0, 90.0]]).double()
    k = torch.tensor([[60.0, 1.0], [59.9, -1.0], [61.0, 20.0], [60.1, 2.0], [59.0, 0.0]]).double()
    v = rng.normal(5, 3)
    hidden = torch.tensor([True, True, False, True, True])
    yield dict(q=q, k=k, v=v, mask=None)
    yield dict(q=q, k=k, v=v, mask=hidden)
    yield dict(q=q[[0, 2]], k=k - 30, v=v, mask=hidden)
    # all visible scores near -200, what is hidden near 0
    q, k = torch.full((3, 4), 10.0).double(), rng.normal(5, 4, mean=-10, std=0.1)
    k[1] = 0
    yield dict(q=q, k=k, v=v, mask=torch.tensor([True, False, True, True, True]))
    # ... and near -2e10: "however large"
    yield dict(q=q * 1e4, k=k * 1e4, v=v, mask=torch.tensor([True, False, True, True, True]))
    case = {name: t.transpose(0, 1) for name, t in qkv((5,), 3, 3, 4, 2).items()}
    yield dict(case, mask=sometimes(rng, 3, 5, 5).mT | torch.eye(5).bool())  # nothing contiguous


def query_by_query(q, k, v, mask):
    """Each query alone with the keys that it may look at: no mask is needed then."""
    T_q, T_k = q.shape[-2], k.shape[-2]
    if mask is None:
        mask = torch.ones(T_k, dtype=torch.bool)
    mask = mask.expand(*q.shape[:-1], T_k).reshape(-1, T_q, T_k)
    q3, k3, v3 = (t.reshape(-1, *t.shape[-2:]) for t in (q, k, v))
    rows = []
    for b in range(len(q3)):
        for t in range(T_q):
            seen = mask[b, t]
            score = (k3[b, seen] * q3[b, t]).sum(-1) / q.shape[-1] ** 0.5
            shares = (score - score.max().detach()).exp()
            rows.append((shares[:, None] * v3[b, seen]).sum(0) / shares.sum())
    return torch.stack(rows).view(*q.shape[:-1], v.shape[-1])


@attention.oracle
def _(q, k, v, mask):
    return query_by_query(q, k, v, mask)


def some(rng):
    return list(attention.default_cases(rng))[::2]


@attention.check("gradients", cases=some)
def _(m, q, k, v, mask):
    leaves = dict(q=leaf(q), k=leaf(k), v=leaf(v))
    return gradients(m.attention(**leaves, mask=mask), leaves)


@attention.oracle("gradients")
def _(q, k, v, mask):
    leaves = dict(q=leaf(q), k=leaf(k), v=leaf(v))
    return gradients(query_by_query(**leaves, mask=mask), leaves)


# the root may be taken in float32, torch.sqrt(torch.tensor(d)): right to 3e-8, whatever the scores are
attention.tolerance(Tol(rtol=2e-5))
attention.tolerance(Tol(rtol=2e-4), "gradients")  # in float32 what is left of large terms

attention.hint(
    "Three steps: compare, softmax, mix. The mask belongs between the first and the second."
)
attention.hint(
    """masked_fill writes where its mask is True; yours is True where one *may* look. Which
    dimension of the scores are the keys?"""
)
attention.hint(
    """wei = compare(q, k); unless mask is None: wei = wei.masked_fill(~mask, float("-inf"));
    return F.softmax(wei, dim=-1) @ v"""
)


def wrong(message, name, replace, by):
    attention.misconception(message, name=name, replace=replace, by=by)


wrong(
    """The scores are not divided by sqrt(d): they grow with the number of features, and softmax
    saturates. compare does that for you.""",
    "no_scale",
    "compare(q, k)",
    "q @ k.transpose(-2, -1)",
)
wrong(
    """The scores are scaled twice: compare has divided them by sqrt(d) already.""",
    "scaled_twice",
    "compare(q, k)",
    "compare(q, k) / q.shape[-1] ** 0.5",
)
wrong(
    """The scale is the root of the values' size, d_v. The dot products run over the features of queries
    and keys: divide by sqrt(d), which compare does.""",
    "scaled_by_values",
    "compare(q, k)",
    "q @ k.transpose(-2, -1) / v.shape[-1] ** 0.5",
)
wrong(
    """The scores are divided by the root of the number of keys. What counts is how many terms each dot
    product adds up: sqrt(d), which compare does.""",
    "scaled_by_keys",
    "compare(q, k)",
    "q @ k.transpose(-2, -1) / k.shape[-2] ** 0.5",
)
wrong(
    """The softmax runs over the queries. Each query shares out its attention among the keys, so each
    row of the scores must become shares: dim=-1.""",
    "softmax_over_queries",
    "dim=-1",
    "dim=-2",
)
wrong(
    """The mask comes after the softmax: hidden keys took part in the sum, and what is left no longer
    adds up to 1. Put -inf into the scores before softmax.""",
    "mask_after_softmax",
    """        wei = wei.masked_fill(~mask, float("-inf"))
    return F.softmax(wei, dim=-1) @ v""",
    """        return F.softmax(wei, dim=-1).masked_fill(~mask, 0.0) @ v
    return F.softmax(wei, dim=-1) @ v""",
)
wrong(
    """Hidden shares are crossed out after the softmax and the rest is divided by its sum. On paper that
    is the same; but where a hidden key had everything, 0 / 0 is left (nan). Put -inf into the scores
    before softmax.""",
    "renormalized",
    """        wei = wei.masked_fill(~mask, float("-inf"))
    return F.softmax(wei, dim=-1) @ v""",
    """        p = F.softmax(wei, dim=-1) * mask
        return p / p.sum(-1, keepdim=True) @ v
    return F.softmax(wei, dim=-1) @ v""",
)
wrong(
    """Hidden scores are 0 (or nearly), but exp(0) = 1: hidden keys still get a share. Only -inf becomes
    0 under exp.""",
    "hidden_with_zero",
    'float("-inf")',
    "0.0",
)
wrong(
    """Hidden scores get a number like -100. Where the visible scores are lower still, the hidden keys
    win. Only -inf (or the dtype's lowest number) is below every score.""",
    "hidden_with_minus_100",
    'float("-inf")',
    "-100.0",
)
wrong(
    """Hidden scores get a number (-1e9, say), which is one like others: where the visible scores are
    lower still, the hidden keys win. Only -inf (or the dtype's lowest number) is below every score.""",
    "hidden_with_minus_1e9",
    'float("-inf")',
    "-1e9",
)
wrong(
    """A large number is subtracted from hidden scores, but not large enough: a key that scores still
    higher shines through. Replace the score by -inf.""",
    "subtracts_100",
    'wei.masked_fill(~mask, float("-inf"))',
    "wei - 100.0 * ~mask",
)
wrong(
    """The mask is read the wrong way round: True means that the query *may* look, and masked_fill
    writes where its mask is True.""",
    "inverted",
    "~mask",
    "mask",
)
wrong(
    """The mask is never used: every query sees every key.""",
    "mask_ignored",
    "mask is not None",
    "mask is None and False",
)
wrong(
    """The shares are detached: the output is right, but no gradient reaches queries and keys, which
    never learn whom to look at.""",
    "detached",
    "F.softmax(wei, dim=-1) @ v",
    "F.softmax(wei, dim=-1).detach() @ v",
)
wrong(
    """The keys are handed over instead of the values. The key says what a position offers, the value is
    what it gives.""",
    "keys_as_values",
    "dim=-1) @ v",
    "dim=-1) @ k",
)
wrong(
    """These are the shares; they still have to be used: shares @ v mixes the values.""",
    "returns_shares",
    "F.softmax(wei, dim=-1) @ v",
    "F.softmax(wei, dim=-1)",
)
wrong(
    """The best key gets everything. That is the dictionary again: argmax passes no gradient on. Softmax
    leaves every visible key a share.""",
    "hard",
    "F.softmax(wei, dim=-1) @ v",
    "F.one_hot(wei.argmax(-1), k.shape[-2]).to(v.dtype) @ v",
)
wrong(
    """Right for small scores, but exp overflows for large ones (inf / inf is nan): use F.softmax, or
    subtract each row's maximum first.""",
    "overflow",
    "F.softmax(wei, dim=-1)",
    "(wei.exp() / wei.exp().sum(-1, keepdim=True))",
)
wrong(
    """One maximum is subtracted from all scores, so exp of a whole row can underflow to 0, and 0 / 0 is
    nan. Each row needs its own maximum (F.softmax takes care of that).""",
    "one_maximum",
    "F.softmax(wei, dim=-1)",
    "((wei - wei.max()).exp() / (wei - wei.max()).exp().sum(-1, keepdim=True))",
)

attention.variant(
    "torch's fused kernel",
    name="fused",
    source="""
    def attention(q, k, v, mask=None):
        if mask is not None:
            mask = mask.expand(*q.shape[:-1], k.shape[-2])
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    """,
)
attention.variant(
    "where, and the softmax by hand",
    name="by_hand",
    source="""
    def attention(q, k, v, mask=None):
        wei = torch.einsum("...td,...sd->...ts", q, k) / q.shape[-1] ** 0.5
        if mask is not None:
            wei = torch.where(mask, wei, torch.finfo(wei.dtype).min)
        p = (wei - wei.amax(-1, keepdim=True)).exp()
        return (p @ v) / p.sum(-1, keepdim=True)
    """,
)
