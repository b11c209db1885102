"""10.packed_logits: packed, and yet as if alone."""

import torch

from graders.authoring import Raises, exercise, instead

from .part import Model, documents, first_fit, weights

ex = exercise("packed_logits", title="packed as if alone", points=2, pure=False)


@ex.cases
def _(rng):
    for lengths, capacity in [
        ([3, 5, 2, 6, 4], 8),
        ([2, 2, 1, 2], 12),
        ([4], 4),
        ([1], 3),
        (rng.integers(1, 8, 9).tolist(), 10),
    ]:
        docs = documents(rng, lengths, V=7)
        docs[-1][0] = 6  # which is also the padding
        yield dict(ws=weights(rng, 7, capacity), docs=docs, capacity=capacity, pad=6)
    yield dict(ws=weights(rng, 7, 4), docs=documents(rng, [2, 5, 3], V=7), capacity=4, pad=0)


def alone(ws, docs):
    """Each document by itself, without any mask or padding."""
    model = Model(ws)
    return model, [model(torch.tensor([doc]))[0] for doc in docs]


@ex.scenario
def _(m, ws, docs, capacity, pad):
    model, given = Model(ws), [list(doc) for doc in docs]
    found = m.packed_logits(model, docs, capacity, pad)
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list of tensors")
    return {"logits": found, "shapes of the call": model.calls, "docs": docs, "as given": given}


@ex.oracle
def _(ws, docs, capacity, pad):
    if max(map(len, docs)) > capacity:
        return Raises("ValueError")
    R = len(first_fit([len(doc) for doc in docs], capacity))
    shapes = [[R, capacity], [R, capacity], [R, capacity, capacity]]
    logits = [x.detach() for x in alone(ws, docs)[1]]
    return {"logits": logits, "shapes of the call": [shapes], "docs": docs, "as given": docs}


def fitting(rng):
    docs = documents(rng, [3, 5, 2, 6, 4], V=7)
    ups = [rng.normal(len(doc), 7) for doc in docs]
    yield dict(ws=weights(rng, 7, 9), docs=docs, capacity=9, ups=ups)


@ex.check("gradients", cases=fitting)
def _(m, ws, docs, capacity, ups):
    """From one document's logits at a time: it reaches its own tokens, and no others."""
    found = []
    for d in range(len(docs)):
        model = Model(ws)
        logits = m.packed_logits(model, docs, capacity, 0)[d]
        if logits.requires_grad:
            (logits * ups[d]).sum().backward()
        found.append({n: None if p.grad is None else p.grad for n, p in model.named_parameters()})
    return found


@ex.oracle("gradients")
def _(ws, docs, capacity, ups):
    found = []
    for d in range(len(docs)):
        model, logits = alone(ws, docs)
        (logits[d] * ups[d]).sum().backward()
        found.append({n: p.grad for n, p in model.named_parameters()})
    return found


ex.hint(
    "pack wants lengths; fill_rows wants what pack gives; positions and mask come from its second result."
)
ex.hint("Document number n of row r is where documents[r] == n. Which document of docs is that?")
ex.hint(
    "found = [None] * len(docs); for r, row in enumerate(rows): for n, d in enumerate(row): found[d] = "
    "logits[r, documents[r] == n]"
)

ex.misconception(
    """The logits come in the order in which pack took the documents. Asked is that of docs: row[n] says
    which document it was.""",
    name="packed_order",
    replace="    return found",
    by="    return [found[d] for row in rows for d in row]",
)
ex.misconception(
    """The model got positions that run on, or none: a document in the midst of a row is told that it
    begins there. Alone it would begin at 0.""",
    name="no_positions",
    replace="restart_positions(documents)",
    by="torch.arange(capacity).expand(ids.shape)",
)
ex.misconception(
    """The model got a causal mask that knows nothing of documents: each document has read those before
    it.""",
    name="causal_mask",
    replace="packed_mask(documents)",
    by="torch.ones(len(rows), capacity, capacity, dtype=torch.bool).tril()",
)
ex.misconception(
    """The mask is the other way round: model wants True where a token may look.""",
    name="mask_inverted",
    replace="packed_mask(documents)",
    by="~packed_mask(documents)",
)
ex.misconception(
    """Each document was computed by itself. That is the right answer, but nothing was packed: one call on
    packed rows is asked.""",
    name="one_by_one",
    replace="    for r, row in",
    by="    whole = [(torch.tensor([doc]), torch.zeros(1, len(doc)).long()) for doc in docs]\n"
    "    return [model(i, restart_positions(z), packed_mask(z))[0] for i, z in whole]\n    for r, row in",
)
ex.misconception(
    """The logits are cut off from the model: nothing can be trained through them. Leave the graph on.""",
    name="detached",
    replace="logits[r, documents[r] == n]",
    by="logits[r, documents[r] == n].detach()",
)
ex.misconception(
    """The documents of all rows were taken from the first row: logits[r] is row r's.""",
    name="first_row",
    replace="logits[r, documents[r] == n]",
    by="logits[0, documents[0] == n]",
)
ex.misconception(
    """The padding's logits are in there, too. A document has as many as it has tokens.""",
    name="with_padding",
    replace="logits[r, documents[r] == n]",
    by="logits[r, (documents[r] == n) | (documents[r] < 0)]",
)
ex.misconception(
    """A document of one token came back without its dimension, or with one of row 1 in front: (length, V)
    is asked.""",
    name="extra_dimension",
    replace="logits[r, documents[r] == n]",
    by="logits[r : r + 1, documents[r] == n]",
)
ex.misconception(
    """The rows hold each one document: that is padding, not packing. pack says which ones share a row.""",
    name="not_packed",
    replace="rows = pack([len(doc) for doc in docs], capacity)",
    by="rows = pack([len(doc) for doc in docs], capacity) and [[d] for d in range(len(docs))]",
)

ex.variant(
    "cut by lengths, called by keywords",
    name="by_lengths",
    source="""def packed_logits(model, docs, capacity, pad):
    rows = pack(list(map(len, docs)), capacity)
    ids, who = fill_rows(docs, rows, capacity, pad)
    out = model(ids, mask=packed_mask(who), positions=restart_positions(who))
    found = {}
    for line, row in zip(out, rows):
        start = 0
        for d in row:
            found[d] = line[start : start + len(docs[d])]
            start += len(docs[d])
    return tuple(found[d] for d in range(len(docs)))
""",
)
