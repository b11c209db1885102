"""06.embedding: the lookup as a layer."""

import torch

from graders.authoring import differentiate, exercise, put

embedding = exercise("embedding", target="Embedding", title="the lookup as a layer", pure=False)


@embedding.cases
def _(rng):
    # float32, as the constructor makes its table: whoever multiplies by a one-hot float() is right
    f32 = torch.float32
    for rows, dim, shape in [(5, 3, (2, 4)), (7, 2, (1, 3)), (4, 5, (6,)), (6, 1, (2, 3, 5))]:
        yield dict(
            weight=rng.normal(rows, dim, dtype=f32),
            ix=rng.integers(0, rows, *shape),
            up=rng.normal(*shape, dim, dtype=f32),
            step=rng.number(0.5, 1),
        )
    # the same row over and over, and a batch of one: gradients of a row add up
    yield dict(
        weight=rng.normal(3, 4, dtype=f32),
        ix=torch.full((1, 5), 2),
        up=rng.normal(1, 5, 4, dtype=f32),
        step=0.5,
    )


@embedding.scenario
def _(m, weight, ix, up, step):
    return put(m.Embedding(*weight.shape), weight=weight)(ix)


@embedding.oracle
def _(weight, ix, up, step):
    return torch.nn.functional.embedding(ix, weight)


@embedding.check("gradients")
def _(m, weight, ix, up, step):
    layer = put(m.Embedding(*weight.shape), weight=weight)
    inputs = {"weight": layer.weight.requires_grad_()}
    return dict(differentiate(layer(ix), inputs, up))


@embedding.check("parameters")
def _(m, weight, ix, up, step):
    """The very tensor, not one that shares its numbers: a step on it is seen by the next call."""
    layer = put(m.Embedding(*weight.shape), weight=weight)
    parameters = layer.parameters()
    shapes = [tuple(p.shape) for p in parameters]
    same = [p is layer.weight for p in parameters]
    with torch.no_grad():
        for p in parameters:
            p -= step
    return {
        "parameters() is a list": isinstance(parameters, list),
        "shapes": shapes,
        "self.weight itself": same,
        "the next call": layer(ix).detach(),  # parameters may require a gradient already
    }


@embedding.check("initial values")
def _(m, weight, ix, up, step):
    """The given constructor is still what it was: N(0, 1) from the generator."""
    g = torch.Generator().manual_seed(len(ix))
    table = m.Embedding(*weight.shape, g).weight.detach()  # it may require a gradient already
    return [table, torch.rand(2, generator=g)]


embedding.legal("answer: requires a gradient", "from the start on, it does no harm")

embedding.hint("In lesson 03 the lookup was C[Xb]. What is C called here?")
embedding.hint("Indexing a tensor with an int64 tensor of any shape looks up a row for each index.")
embedding.hint("__call__ returns self.weight[ix], parameters returns [self.weight].")

embedding.misconception(
    "The table is no parameter: parameters() returns an empty list, so the embeddings keep their "
    "random values for ever. Return [self.weight].",
    name="no_parameter",
    replace="return [self.weight]",
    by="return []",
)
embedding.misconception(
    "parameters() returns the tensor alone. It must be a list with the tensor in it, or the "
    "container goes through the table's rows instead of through parameters.",
    name="not_a_list",
    replace="return [self.weight]",
    by="return self.weight",
)
embedding.misconception(
    "parameters() returns a copy. A step on the copy never reaches the table: hand out self.weight "
    "itself.",
    name="copied",
    replace="return [self.weight]",
    by="return [self.weight.clone()]",
)
embedding.misconception(
    "parameters() returns a tensor cut off from the table (.data or detach): the same numbers, but "
    "another tensor. The gradient arrives at self.weight, and the optimizer looks for it elsewhere, "
    "so the table never learns. Hand out self.weight itself.",
    name="cut_off",
    replace="return [self.weight]",
    by="return [self.weight.data]",
)
embedding.misconception(
    "parameters() returns a tuple. A list is promised, so that lists of parameters can be added up.",
    name="tuple",
    replace="return [self.weight]",
    by="return (self.weight,)",
)
embedding.misconception(
    "Row 0 gets no gradient: with padding_idx=0 the row of index 0 never learns. Here 0 is a "
    "character like the others.",
    name="padding_idx",
    replace="return self.weight[ix]",
    by="return F.embedding(ix, self.weight, padding_idx=0)",
)
embedding.misconception(
    "The number of rows is written into the code. It is that of the table, self.weight.shape[0].",
    name="always_27",
    replace="return self.weight[ix]",
    by="return F.one_hot(ix, 27).to(self.weight.dtype) @ self.weight",
)
embedding.misconception(
    "parameters() returns the rows, one by one. The table is one parameter, one tensor.",
    name="rows",
    replace="return [self.weight]",
    by="return list(self.weight)",
)
embedding.misconception(
    "The result is cut off from the table (detach, .data or no_grad): the values are right, but no "
    "gradient comes back and the table never learns.",
    name="detached",
    replace="return self.weight[ix]",
    by="return self.weight.detach()[ix]",
)
embedding.misconception(
    "You looked up columns: weight[:, ix]. Each index names a row of the table.",
    name="columns",
    replace="return self.weight[ix]",
    by="return self.weight[:, ix % self.weight.shape[1]]",
)
embedding.misconception(
    "The embeddings are already side by side. Here the last dimension is added and the others "
    "stay; putting them side by side is Flatten's work.",
    name="flattened",
    replace="return self.weight[ix]",
    by="return self.weight[ix].view(ix.shape[0], -1)",
)
embedding.misconception(
    "The embeddings of an example were averaged. An average forgets the order: keep each row.",
    name="averaged",
    replace="return self.weight[ix]",
    by="return self.weight[ix].mean(-2)",
)
embedding.misconception(
    "You moved the embedding to the front. The shape of ix comes first, embedding_dim last.",
    name="dim_first",
    replace="return self.weight[ix]",
    by="return self.weight[ix].movedim(-1, 0)",
)

embedding.variant(
    "one-hot times table",
    name="one_hot",
    replace="return self.weight[ix]",
    by="hot = F.one_hot(ix, self.weight.shape[0]).to(self.weight.dtype)\n"
    "        return hot @ self.weight",
)
embedding.variant(
    "one-hot as float, and a table that autograd records from now on",
    name="one_hot_float",
    edits=[
        (
            "return self.weight[ix]",
            "return F.one_hot(ix, len(self.weight)).float() @ self.weight",
        ),
        ("return [self.weight]", "return [self.weight.requires_grad_()]"),
    ],
)
embedding.variant(
    "index_select, then view",
    name="index_select",
    replace="return self.weight[ix]",
    by="rows = torch.index_select(self.weight, 0, ix.flatten())\n"
    "        return rows.view(*ix.shape, self.weight.shape[1])",
)
embedding.variant(
    "torch's own",
    name="functional",
    replace="return self.weight[ix]",
    by="self.out = F.embedding(ix, self.weight)\n        return self.out",
)
