"""05.logits_backward: dlogits: and where the maximum sat."""

import torch

from graders.authoring import exercise

from .part import SHAPES, columns_first, gradient, leaf

logits = exercise("logits_backward", title="dlogits: and where the maximum sat")


@logits.cases
def _(rng):
    def case(n, v, **dtype):
        return dict(
            dnorm_logits=rng.normal(n, v, **dtype),
            dlogit_maxes=rng.normal(n, 1, **dtype),
            max_indices=rng.integers(0, v, n),
        )

    for n, v in SHAPES:
        yield case(n, v)
    yield {**case(5, 3), "max_indices": torch.full((5,), rng.integer(0, 3))}
    yield {**case(4, 6), "dnorm_logits": columns_first(rng.normal(4, 6))}
    yield {**case(3, 300), "max_indices": torch.tensor([299, 43, 140])}  # no byte holds them
    yield case(3, 4, dtype=torch.float32)


@logits.oracle
def _(dnorm_logits, dlogit_maxes, max_indices):
    x = leaf(torch.zeros_like(dnorm_logits))
    maxes = x[torch.arange(len(max_indices)), max_indices].unsqueeze(1)
    return gradient(x, (x * dnorm_logits).sum() + (maxes * dlogit_maxes).sum(), 1.0, dnorm_logits)


logits.hint("In which two lines of the forward pass does logits stand on the right-hand side?")
logits.hint(
    "Through norm_logits the gradient passes unchanged. Through the maximum, row i's dlogit_maxes "
    "goes to one place only: column max_indices[i]."
)
logits.hint(
    "Clone dnorm_logits, then add dlogit_maxes.squeeze(1) at [torch.arange(n), max_indices]. Or "
    "multiply dlogit_maxes by a one-hot matrix and add."
)


@logits.misconception(
    "The branch through the maximum is missing: logits is used a second time in "
    "logit_maxes = logits.max(1), and dlogit_maxes comes back from there."
)
def first_only(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits.clone()


@logits.misconception(
    "The first branch is missing: through norm_logits = logits - logit_maxes, dnorm_logits passes "
    "unchanged. Add it."
)
def second_only(dnorm_logits, dlogit_maxes, max_indices):
    hot = torch.nn.functional.one_hot(max_indices, dnorm_logits.shape[1])
    return hot * dlogit_maxes


@logits.misconception(
    "At the maxima you assigned (=) where you should add (+=): the first branch is lost there."
)
def assigned(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(max_indices)), max_indices] = dlogit_maxes.squeeze(1)
    return d


@logits.misconception(
    "You added dlogit_maxes to the whole row. A maximum depends on one number of the row only; the "
    "others do not change it, so they get nothing."
)
def whole_row(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits + dlogit_maxes


@logits.misconception(
    "`[:, max_indices]` takes these columns in *every* row. You want one place per row: "
    "`[torch.arange(n), max_indices]`."
)
def every_row(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[:, max_indices] += dlogit_maxes
    return d


@logits.misconception(
    "Picking n places gives shape (n,), but dlogit_maxes is (n, 1): the two broadcast to (n, n). "
    "Bring them to the same shape, with dlogit_maxes.squeeze(1)."
)
def shapes_clash(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(max_indices)), max_indices] += dlogit_maxes
    return d


@logits.misconception(
    "You looked for the maximum in the gradient. What matters is where the maximum of the *logits* "
    "sat in the forward pass, and that is given: max_indices."
)
def maximum_of_gradient(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(d)), d.max(1).indices] += dlogit_maxes.squeeze(1)
    return d


@logits.misconception(
    "You subtracted at the maximum. The minus of logits - logit_maxes is inside dlogit_maxes "
    "already; the branches add up."
)
def subtracted(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits.clone()
    d[torch.arange(len(max_indices)), max_indices] -= dlogit_maxes.squeeze(1)
    return d


@logits.misconception(
    "You added 1 at the maximum: that is the local derivative. Multiply it by the upstream "
    "gradient dlogit_maxes."
)
def upstream_ignored(dnorm_logits, dlogit_maxes, max_indices):
    return dnorm_logits + torch.nn.functional.one_hot(max_indices, dnorm_logits.shape[1])


@logits.misconception(
    "The result is right, but you changed dnorm_logits itself: `d = dnorm_logits` is a second name "
    "for the same tensor. Take dnorm_logits.clone()."
)
def in_place(dnorm_logits, dlogit_maxes, max_indices):
    d = dnorm_logits
    d[torch.arange(len(max_indices)), max_indices] += dlogit_maxes.squeeze(1)
    return d


@logits.variant("one-hot")
def one_hot(dnorm_logits, dlogit_maxes, max_indices):
    hot = torch.nn.functional.one_hot(max_indices, num_classes=dnorm_logits.shape[1])
    return hot * dlogit_maxes + dnorm_logits


@logits.variant("scatter_add")
def scatter_add(dnorm_logits, dlogit_maxes, max_indices):
    return torch.scatter_add(dnorm_logits, 1, max_indices[:, None], dlogit_maxes)


@logits.variant("a loop")
def loop(dnorm_logits, dlogit_maxes, max_indices):
    d = torch.zeros_like(dnorm_logits)
    for i, j in enumerate(max_indices.tolist()):
        d[i, j] = dlogit_maxes[i, 0]
    return d + dnorm_logits
