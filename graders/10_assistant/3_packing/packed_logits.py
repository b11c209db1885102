"""10.packed_logits: packed, and yet as if alone."""

import torch

from graders.authoring import Raises, exercise, instead

from .part import Model, documents, first_fit, weights

ex = exercise("packed_logits", title="packed as if alone", points=2, pure=False)


@ex.cases
def _(rng):
    for lengths, capacity, training in [
        ([3, 5, 2, 6, 4], 8, True),
        ([2, 2, 1, 2], 12, False),
        ([4], 4, True),
        ([1], 3, False),
        (rng.integers(1, 8, 9).tolist(), 10, True),
    ]:
        docs = documents(rng, lengths, V=7)
        docs[-1][0] = 6  # which is also the padding
        ws = weights(rng, 7, capacity)
        yield dict(ws=ws, docs=docs, capacity=capacity, pad=6, training=training)


def too_long(rng):
    yield dict(ws=weights(rng, 7, 4), docs=documents(rng, [2, 5, 3], V=7), capacity=4)
    yield dict(ws=weights(rng, 7, 4), docs=documents(rng, [5], V=7), capacity=4)


@ex.check("too long", cases=too_long)
def _(m, ws, docs, capacity):
    return m.packed_logits(Model(ws), docs, capacity, 0)


@ex.oracle("too long")
def _(ws, docs, capacity):
    return Raises("ValueError")


def alone(ws, docs):
    """Each document by itself, without any mask or padding."""
    model = Model(ws)
    return model, [model(torch.tensor([doc]))[0] for doc in docs]


def from_calls(found, model):
    """How many rows of what was found are, number for number, rows of what the model has given."""
    gave = {tuple(row.tolist()) for row in model.gave}
    rows = [row for one in found if isinstance(one, torch.Tensor) and one.ndim == 2 for row in one]
    return sum(tuple(row.tolist()) in gave for row in rows)


@ex.scenario
def _(m, ws, docs, capacity, pad, training):
    model, given = Model(ws).train(training), [list(doc) for doc in docs]
    found = m.packed_logits(model, docs, capacity, pad)
    if not isinstance(found, (list, tuple)):
        return instead(found, "a list of tensors")
    return {
        "logits": found,
        "shapes of the call": model.calls,
        "ids of the call, sorted": sorted(model.ids),
        "tokens whose logits the call gave": from_calls(found, model),
        "training mode while called, and afterwards": [*model.modes, model.training],
        "docs": docs,
        "as given": given,
    }


@ex.oracle
def _(ws, docs, capacity, pad, training):
    R = len(first_fit([len(doc) for doc in docs], capacity))
    shapes = [[R, capacity], [R, capacity], [R, capacity, capacity]]
    logits = [x.detach() for x in alone(ws, docs)[1]]
    ids = [i for doc in docs for i in doc]
    return {
        "logits": logits,
        "shapes of the call": [shapes],
        "ids of the call, sorted": sorted(ids + [pad] * (R * capacity - len(ids))),
        "tokens whose logits the call gave": len(ids),
        "training mode while called, and afterwards": [training, training],
        "docs": docs,
        "as given": docs,
    }


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
    replace="    logits = model(ids, restart_positions(documents), packed_mask(documents))\n",
    by="    whole = [(torch.tensor([doc]), torch.zeros(1, len(doc)).long()) for doc in docs]\n"
    "    return [model(i, restart_positions(z), packed_mask(z))[0] for i, z in whole]\n",
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
ex.misconception(
    """The model was called once for each row. Rows are there to go through it together: one call with all
    of them.""",
    name="row_by_row",
    replace="    logits = model(ids, restart_positions(documents), packed_mask(documents))\n",
    by="    logits = torch.cat(\n        [model(i[None], restart_positions(d[None]), packed_mask(d[None]))\n"
    "         for i, d in zip(ids, documents)])\n",
)
ex.misconception(
    """Rows were not filled with `pad`. No document sees it, but the model may have no such id.""",
    name="pad_ignored",
    replace="rows, capacity, pad)",
    by="rows, capacity, 0)",
)
ex.misconception(
    """The model's mode was changed. Whether dropout acts is the caller's decision: leave it as it is.""",
    name="switches",
    replace="    logits = model(",
    by="    model.eval()\n    logits = model(",
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
    return [found[d] for d in range(len(docs))]
""",
)
