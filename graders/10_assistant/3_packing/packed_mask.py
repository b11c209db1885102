"""10.packed_mask: blocks on the diagonal."""

import torch

from graders.authoring import exercise

from .part import tables

ex = exercise("packed_mask", title="the block-diagonal mask", points=2)


@ex.cases
def _(rng):
    for documents in tables(rng):
        yield dict(documents=documents)


@ex.oracle
def _(documents):
    R, T = documents.shape
    out = torch.zeros(R, T, T, dtype=torch.bool)
    for r, row in enumerate(documents.tolist()):
        for q in range(T):
            for k in range(q + 1):
                out[r, q, k] = k == q or row[q] == row[k] >= 0
    return out


ex.hint("documents[:, :, None] and documents[:, None, :]: the query's document, and the key's.")
ex.hint("Same document *and* not later; .tril() keeps what is not later (k <= q).")
ex.hint(
    "Padding equals padding, too: take it out, and put the diagonal back with | torch.eye(T, "
    "dtype=torch.bool)."
)

ex.misconception(
    """Only the causal triangle is there: a document sees all that stand before it in the row, strangers'
    conversations. Documents must be equal, too.""",
    name="causal_only",
    replace="same.tril() |",
    by="torch.ones_like(same).tril() & (documents != -1)[:, None, :] |",
)
ex.misconception(
    """This is the causal triangle alone, padding included: a document sees all that stand before it in the
    row. Documents must be equal, too, and padding looks at itself only.""",
    name="tril",
    replace="return same.tril() | torch.eye(T, dtype=torch.bool)",
    by="return torch.ones_like(same).tril()",
)
ex.misconception(
    """The mask is not causal: within a document a token sees those that come later, and so its own
    target.""",
    name="not_causal",
    replace="same.tril()",
    by="same",
)
ex.misconception(
    """Queries and keys are exchanged: a token sees what comes later, and not what came before. Rows are
    queries.""",
    name="transposed",
    replace="same.tril()",
    by="same.triu()",
)
ex.misconception(
    """Padding looks at padding that stands before it. It may look at itself only.""",
    name="padding_block",
    replace=" & (documents != -1)[:, None, :]",
    by="",
)
ex.misconception(
    """Padding looks at nothing: its softmax is over nothing, and NaN. Let it look at itself.""",
    name="padding_blind",
    replace=" | torch.eye(T, dtype=torch.bool)",
    by="",
)
ex.misconception(
    """The mask is the other way round: True is where a token *may* look.""",
    name="inverted",
    replace="return same.tril() | torch.eye(T, dtype=torch.bool)",
    by="return ~(same.tril() | torch.eye(T, dtype=torch.bool))",
)
ex.misconception(
    """A token does not see itself. k <= q: its own place is included.""",
    name="not_itself",
    replace="same.tril() | torch.eye(T, dtype=torch.bool)",
    by="same.tril(-1) | (torch.eye(T, dtype=torch.bool) & (documents == -1)[:, None, :])",
)
ex.misconception(
    """The first row's mask came back for all rows. Each row is packed in its own way.""",
    name="first_row",
    replace="    T = documents.shape[1]\n",
    by="    T, R = documents.shape[1], documents.shape[0]\n    documents = documents[:1].expand(R, T)\n",
)
ex.misconception(
    """Later documents see earlier ones: the comparison is "not larger" where it must be "equal".""",
    name="not_larger",
    replace="(documents[:, :, None] == documents[:, None, :])",
    by="(documents[:, :, None] >= documents[:, None, :])",
)
ex.misconception(
    """Numbers came back, 0 and 1. A mask of dtype bool is asked: with numbers, ~mask means something
    else.""",
    name="numbers",
    replace="return same.tril() | torch.eye(T, dtype=torch.bool)",
    by="return (same.tril() | torch.eye(T, dtype=torch.bool)).float()",
)
ex.misconception(
    """There is a dimension too many, or one too few: (R, T, T) is asked.""",
    name="heads",
    replace="return same.tril() | torch.eye(T, dtype=torch.bool)",
    by="return (same.tril() | torch.eye(T, dtype=torch.bool))[:, None]",
)
ex.misconception(
    """Document 0 was taken for padding. It is a row's first document; padding is -1.""",
    name="document_zero",
    replace="(documents != -1)",
    by="(documents > 0)",
)
ex.misconception(
    """What came back is to be added to the scores, 0 and -inf. A mask of dtype bool is asked: True where a
    token may look.""",
    name="additive",
    replace="return same.tril() | torch.eye(T, dtype=torch.bool)",
    by="may = same.tril() | torch.eye(T, dtype=torch.bool)\n"
    '    return torch.zeros(may.shape).masked_fill(~may, float("-inf"))',
)

ex.variant(
    "indices compared",
    name="indices",
    source="""def packed_mask(documents):
    q, k = documents.unsqueeze(2), documents.unsqueeze(1)
    t = torch.arange(documents.shape[1])
    itself = t[:, None] == t
    return torch.where(q < 0, itself, (q == k) & (t[:, None] >= t))
""",
)
ex.variant(
    "block by block",
    name="blocks",
    source="""def packed_mask(documents):
    R, T = documents.shape
    mask = torch.eye(T).bool().repeat(R, 1, 1)
    for r in range(R):
        for d in documents[r].unique().tolist():
            if d != -1:
                at = (documents[r] == d).nonzero()[:, 0]
                lo, hi = int(at[0]), int(at[-1]) + 1
                mask[r, lo:hi, lo:hi] = torch.ones(hi - lo, hi - lo).bool().tril()
    return mask
""",
)
