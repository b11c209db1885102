"""05.cross_entropy_backward: cross-entropy backward in one line."""

import torch

from graders.authoring import exercise

from .part import columns_first, gradient, leaf

cross_entropy = exercise(
    "cross_entropy_backward", title="cross-entropy backward in one line", points=2
)


@cross_entropy.cases
def _(rng):
    for n, v in [(1, 5), (4, 3), (2, 7), (6, 11), (3, 3)]:
        yield dict(logits=rng.normal(n, v, std=2), Yb=rng.integers(0, v, n))
    # exp(10000) is infinite: the maximum has to be subtracted first
    yield dict(logits=rng.normal(3, 4, std=1e4).clamp(-1e4, 1e4), Yb=rng.integers(0, 4, 3))
    levels = torch.tensor([[0.0], [4e3], [-4e3]]).double()  # and each row's own maximum
    yield dict(logits=rng.normal(3, 5) + levels, Yb=rng.integers(0, 5, 3))
    yield dict(logits=torch.zeros(4, 6).double(), Yb=rng.integers(0, 6, 4))  # ties everywhere
    yield dict(logits=rng.normal(5, 3), Yb=torch.full((5,), rng.integer(0, 3)))
    yield dict(logits=columns_first(rng.normal(4, 6)), Yb=rng.integers(0, 6, 4))
    # no byte holds these indices
    yield dict(logits=rng.normal(3, 300), Yb=torch.tensor([299, 43, 140]))
    yield dict(logits=rng.normal(3, 4, dtype=torch.float32), Yb=rng.integers(0, 4, 3))


@cross_entropy.oracle
def _(logits, Yb):
    x = leaf(logits)
    return gradient(x, torch.nn.functional.cross_entropy(x, Yb), 1.0, logits)


cross_entropy.hint("For one example: the probabilities, minus 1 at one place. Which place?")
cross_entropy.hint(
    "F.softmax(logits, dim=1), subtract 1 at the pairs (row i, column Yb[i]). And the loss is a "
    "mean over n examples."
)
cross_entropy.hint(
    "dlogits = F.softmax(logits, dim=1); dlogits[torch.arange(n), Yb] -= 1; then divide all of it "
    "by n."
)


@cross_entropy.misconception(
    "Those are the probabilities alone. The right character must be pulled up: subtract 1 at "
    "[torch.arange(n), Yb]."
)
def softmax_only(logits, Yb):
    return torch.softmax(logits, 1) / len(Yb)


@cross_entropy.misconception(
    "1 / n is missing: the loss is the mean over the batch, so each example's row counts 1 / n."
)
def no_mean(logits, Yb):
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d


@cross_entropy.misconception(
    "The sign is flipped: that is the force (where the logits should move). The gradient points "
    "uphill: probabilities minus one-hot."
)
def flipped(logits, Yb):
    d = -torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] += 1
    return d / len(Yb)


@cross_entropy.misconception(
    "`[:, Yb]` takes these columns in *every* row. Subtract 1 at one place per row: "
    "`[torch.arange(n), Yb]`."
)
def every_row(logits, Yb):
    d = torch.softmax(logits, 1)
    d[:, Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You subtracted 1 from every probability. Only the right character's gets it; a row of dlogits "
    "sums to zero."
)
def minus_one_everywhere(logits, Yb):
    return (torch.softmax(logits, 1) - 1) / len(Yb)


@cross_entropy.misconception(
    "The softmax runs down the batch (dim=0). The probabilities of one example are a row: dim=1."
)
def wrong_dimension(logits, Yb):
    d = torch.softmax(logits, 0)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You divided by the number of all elements, n * vocab_size. The mean is over the n examples."
)
def per_element(logits, Yb):
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / logits.numel()


@cross_entropy.misconception(
    "Right for small logits, but exp overflows for large ones (inf / inf is nan): subtract each "
    "row's maximum first, or use F.softmax."
)
def overflow(logits, Yb):
    counts = logits.exp()
    d = counts / counts.sum(1, keepdim=True)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You subtracted the maximum of the whole batch. A row far below it underflows to 0 / 0: "
    "subtract each row's own maximum."
)
def batch_maximum(logits, Yb):
    counts = (logits - logits.max()).exp()
    d = counts / counts.sum(1, keepdim=True)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "1 / n belongs to both terms, you divided only one of them: subtract 1 first, divide afterward."
)
def half_divided(logits, Yb):
    d = torch.softmax(logits, 1) / len(Yb)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d


@cross_entropy.misconception(
    "You took log-probabilities (log_softmax). The gradient has the probabilities themselves."
)
def log_probabilities(logits, Yb):
    d = torch.log_softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You replaced the right character's probability by -1. Subtract 1 *from* it: p - 1."
)
def assigned(logits, Yb):
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] = -1.0
    return d / len(Yb)


@cross_entropy.misconception(
    "The result is right, but logits was changed on the way: `-=` works in place, on the caller's "
    "tensor."
)
def in_place(logits, Yb):
    logits -= logits.max(1, keepdim=True).values
    d = torch.softmax(logits, 1)
    d[torch.arange(len(Yb)), Yb] -= 1
    return d / len(Yb)


@cross_entropy.misconception(
    "You asked autograd. Here you compute by hand what it would: while the checks run nothing is "
    "recorded, so there is nothing to call backward() on."
)
def autograd(logits, Yb):
    x = logits.detach().clone().requires_grad_()
    torch.nn.functional.cross_entropy(x, Yb).backward()
    return x.grad


@cross_entropy.misconception(
    "You asked torch for a gradient that it has ready. Here you compute it by hand: the probabilities, "
    "minus 1 at [torch.arange(n), Yb], divided by n."
)
def ready_made(logits, Yb):
    import torch.nn.modules.linear_cross_entropy  # its operator returns the gradients, too

    name = "_linear_cross_entropy_batch_chunked"
    eye = torch.eye(logits.shape[1], dtype=logits.dtype)
    how = (
        None,
        None,
        "mean",
        -100,
        0.0,
        len(Yb),
        "default",
        logits.dtype,
        True,
        True,
        False,
        False,
    )
    return getattr(torch.ops.torch_nn, name)(logits, eye, Yb, *how)[1]


@cross_entropy.variant("one-hot")
def one_hot(logits, Yb):
    hot = torch.nn.functional.one_hot(Yb, logits.shape[1])
    return (torch.softmax(logits, dim=-1) - hot) / logits.shape[0]


@cross_entropy.variant("exponentials by hand")
def by_hand(logits, Yb):
    counts = (logits - logits.amax(1, keepdim=True)).exp()
    probs = counts / counts.sum(1, keepdim=True)
    return probs.scatter_add(1, Yb[:, None], -torch.ones_like(probs)) / len(Yb)


@cross_entropy.variant("the long way, atom by atom")
def atoms(logits, Yb):
    n = len(Yb)
    i = torch.arange(n)
    log_probs = torch.log_softmax(logits, 1)
    dlogprobs = torch.zeros_like(logits)
    dlogprobs[i, Yb] = -1 / n
    return dlogprobs - log_probs.exp() * dlogprobs.sum(1, keepdim=True)


cross_entropy.equivalent(
    "F.softmax(logits, dim=1)  ->  F.softmax(logits)",
    "of two dimensions, torch takes 1 where none is named",
)
