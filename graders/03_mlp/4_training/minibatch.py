"""03.minibatch: rows at random."""

import torch

from graders.authoring import exercise

from .part import examples

minibatch = exercise("minibatch", title="rows at random", pure=False)


@minibatch.cases
def _(rng):
    for n, batch_size, t in [(20, 5, 3), (7, 4, 2), (3, 9, 4), (50, 1, 1)]:
        X, Y = examples(rng, n, 1000, t)  # nearly every row is different
        yield dict(X=X, Y=Y, batch_size=batch_size, seed=rng.seed())
    X = torch.arange(70_000).view(35_000, 2)  # neither the rows' numbers nor what is in them
    yield dict(X=X, Y=X[:, 1].clone(), batch_size=9, seed=rng.seed())  # goes into two bytes


@minibatch.scenario
def _(m, X, Y, batch_size, seed):
    g = torch.Generator().manual_seed(seed)
    found = [m.minibatch(X, Y, batch_size, g) for _ in range(3)]  # three batches, not one thrice
    return {"batches": found, "X": X, "Y": Y}


minibatch.hint("One set of row numbers, used twice.")
minibatch.hint("ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)")
minibatch.hint("return X[ix], Y[ix]")

minibatch.misconception(
    "X and Y were drawn apart: the answers belong to other contexts. Use the same row numbers twice.",
    name="drawn_apart",
    replace="return X[ix], Y[ix]",
    by="jx = torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n    return X[ix], Y[jx]",
)
minibatch.misconception(
    "The generator was not used: the draw comes from torch's global one.",
    name="global_generator",
    replace="(batch_size,), generator=generator)\n",
    by="(batch_size,))\n",
)
minibatch.misconception(
    "The last example can never be drawn: randint leaves its upper end out by itself.",
    name="last_never",
    replace="X.shape[0], (",
    by="max(1, X.shape[0] - 1), (",
)
minibatch.misconception(
    "You returned the row numbers; asked are the rows: X[ix], Y[ix].",
    name="row_numbers",
    replace="return X[ix], Y[ix]",
    by="return ix, ix",
)
minibatch.misconception(
    "A whole stretch of neighbors: examples of one name look alike. Draw each row by itself.",
    name="neighbors",
    replace="return X[ix], Y[ix]",
    by="i = int(ix[0])\n    return X[i : i + batch_size], Y[i : i + batch_size]",
)
minibatch.misconception(
    "Drawn without replacement, by randperm: never more than N examples, and other numbers than "
    "agreed. Use torch.randint here.",
    name="randperm",
    replace="torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n",
    by="torch.randperm(X.shape[0], generator=generator)[:batch_size]\n",
)
minibatch.misconception(
    "You drew from the first batch_size rows: randint's upper end is the number of examples.",
    name="wrong_range",
    replace="X.shape[0], (",
    by="min(batch_size, X.shape[0]), (",
)
minibatch.misconception(
    "A fresh generator draws the same rows each time. Draw from the one passed in.",
    name="fresh_generator",
    replace="    ix = torch.randint",
    by="    generator = torch.Generator().manual_seed(2147483647)\n    ix = torch.randint",
)
minibatch.misconception(
    "You set the generator back to its seed: every minibatch is the first one.",
    name="rewound",
    replace="    ix = torch.randint",
    by="    generator.manual_seed(generator.initial_seed())\n    ix = torch.randint",
)
minibatch.misconception(
    "You drew twice and used the second draw. Once is what was agreed; whoever repeats your run gets other "
    "batches.",
    name="second_draw",
    replace="    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n",
    by="    torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n"
    "    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n",
)
minibatch.misconception(
    "Rows drawn twice were dropped, or the rows sorted: return them as they were drawn, batch_size of them.",
    name="unique",
    replace="return X[ix], Y[ix]",
    by="ix = ix.unique()\n    return X[ix], Y[ix]",
)
minibatch.misconception(
    "You shuffled X and Y themselves, the caller's tensors. Draw row numbers and leave the data as it is.",
    name="shuffled_in_place",
    replace="return X[ix], Y[ix]",
    by="Xb, Yb, order = X[ix], Y[ix], torch.randperm(X.shape[0])\n"
    "    X.copy_(X[order])\n    Y.copy_(Y[order])\n    return Xb, Yb",
)


@minibatch.variant("index_select, high only")
def select(X, Y, batch_size, generator):
    ix = torch.randint(len(Y), size=[batch_size], generator=generator)
    return X.index_select(0, ix), torch.take(Y, ix)
