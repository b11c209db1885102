"""10.packed_targets: targets that stay at home."""

import torch

from graders.authoring import exercise

from .part import tables

ex = exercise("packed_targets", title="targets that stay at home", points=2)


@ex.cases
def _(rng):
    for documents in tables(rng):
        R, T = documents.shape
        ids = rng.integers(0, 9, R, T)
        yield dict(ids=ids, documents=documents, mask=torch.ones(R, T, dtype=torch.bool))
        yield dict(ids=ids, documents=documents, mask=rng.uniform(0, 1, R, T) < 0.6)
        # ids that some take for padding, in the midst of documents
        odd = rng.integers(255, 262, R, T)
        yield dict(ids=odd, documents=documents, mask=rng.uniform(0, 1, R, T) < 0.8)
    # an answer that ends its document, and one that begins the next
    documents = torch.tensor([[0, 0, 0, 1, 1, 1, -1, -1]])
    mask = torch.tensor([[0, 1, 1, 1, 0, 1, 0, 1]]).bool()
    yield dict(ids=rng.integers(1, 9, 1, 8), documents=documents, mask=mask)
    case = dict(ids=rng.integers(0, 9, 6, 4).T, documents=documents[:, :6].repeat(4, 1))
    yield dict(case, mask=(rng.uniform(0, 1, 6, 4) < 0.7).T)


@ex.oracle
def _(ids, documents, mask):
    R, T = ids.shape
    out = torch.full((R, T - 1), -100)
    for r in range(R):
        for t in range(1, T):
            if mask[r, t] and documents[r, t] >= 0 and documents[r, t] == documents[r, t - 1]:
                out[r, t - 1] = ids[r, t]
    return out


ex.hint(
    "Three conditions: the next token counts, it is in the same document as this one, and it is not "
    "padding."
)
ex.hint(
    "documents[:, :-1] are those of the tokens that are read, documents[:, 1:] those of the targets."
)
ex.hint(
    "counts = mask[:, 1:] & (here == there) & (there != -1); ids[:, 1:].masked_fill(~counts, -100)"
)

ex.misconception(
    """The targets cross a document's end: its last token is to predict the first one of a stranger. Both
    must be in the same document.""",
    name="crosses",
    replace="(here == there) & ",
    by="",
)
ex.misconception(
    """Padding is a target: its mask may be anything, and its neighbour is padding, too. Leave out where
    documents is -1.""",
    name="padding",
    replace=" & (there != -1)",
    by="",
)
ex.misconception(
    """The mask is not looked at: what the user said is a target, too. Only tokens that count are.""",
    name="no_mask",
    replace="mask[:, 1:] & ",
    by="",
)
ex.misconception(
    """The mask is not shifted with the targets: it belongs to the token itself, so to the target: mask[:,
    1:].""",
    name="mask_not_shifted",
    replace="mask[:, 1:]",
    by="mask[:, :-1]",
)
ex.misconception(
    """The targets are not shifted: each token is to predict itself. The target of column t is ids[:, t +
    1].""",
    name="not_shifted",
    replace="ids[:, 1:].masked",
    by="ids[:, :-1].masked",
)
ex.misconception(
    """A document's end is looked for one place late or early: its own last token is left out, or its
    successor kept. Compare the documents of token t and of token t + 1.""",
    name="one_late",
    replace="(here == there)",
    by="(there == torch.cat([there[:, 1:], there[:, -1:]], 1))",
)
ex.misconception(
    """What does not count is marked with 0, or with -1. cross_entropy leaves out -100.""",
    name="zero",
    replace="-100)",
    by="0)",
)
ex.misconception(
    """The mask of what counts is the wrong way round.""",
    name="inverted",
    replace="~counts",
    by="counts",
)
ex.misconception(
    """-100 was written into ids: a slice shares their memory, and the inputs are ruined. Make a copy.""",
    name="in_place",
    replace="return ids[:, 1:].masked_fill(~counts, -100)",
    by="return ids[:, 1:].masked_fill_(~counts, -100)",
)
ex.misconception(
    """There are T targets. The last token has none: T - 1, as many as ids[:, :-1].""",
    name="too_long",
    replace="return ids[:, 1:].masked_fill(~counts, -100)",
    by="return torch.cat([ids[:, 1:].masked_fill(~counts, -100), torch.full_like(ids[:, :1], -100)], 1)",
)
ex.misconception(
    """Target 0 is left out. It is an id like any other.""",
    name="zero_left_out",
    replace="mask[:, 1:] & ",
    by="mask[:, 1:] & (ids[:, 1:] != 0) & ",
)
ex.misconception(
    """Padding was told by its id. A document may hold that id, too: -1 in documents says what padding
    is.""",
    name="padding_by_id",
    replace="(there != -1)",
    by="(there != -1) & (ids[:, 1:] != PAD)",
)
ex.misconception(
    """A target counts only where token t counts, too: the first token of each answer is never learned.
    Only token t + 1 decides.""",
    name="both_masks",
    replace="mask[:, 1:]",
    by="mask[:, 1:] & mask[:, :-1]",
)
ex.misconception(
    """Document 0 was taken for padding. It is a row's first document; padding is -1.""",
    name="document_zero",
    replace="(there != -1)",
    by="(there > 0)",
)

ex.variant(
    "from the positions: a document's first token is nobody's target",
    name="positions",
    source="""def packed_targets(ids, documents, mask):
    first = restart_positions(documents)[:, 1:] == 0  # and all padding
    return torch.where(mask[:, 1:] & ~first, ids[:, 1:], -100)
""",
)
ex.variant(
    "row by row",
    name="loop",
    source="""def packed_targets(ids, documents, mask):
    targets = ids.clone()[:, 1:]
    for r in range(targets.shape[0]):
        for t in range(targets.shape[1]):
            d = int(documents[r, t + 1])
            if not mask[r, t + 1] or d == -1 or d != documents[r, t]:
                targets[r, t] = -100
    return targets
""",
)
