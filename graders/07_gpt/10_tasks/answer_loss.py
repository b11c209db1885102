"""07.answer_loss: one mean over what counts."""

import torch

from graders.authoring import differentiate, exercise

loss = exercise("answer_loss", title="EX2: the loss of what counts")


def batch(rng, n, T, V, dtype=torch.float64, std=1.5):
    """Rows that count differently often: row i counts from a place of its own on, the last one wholly."""
    targets = rng.integers(0, V, n, T)
    for i in range(n - 1):
        targets[i, : T - (i * 2) % (T + 1)] = -100
    return dict(logits=rng.normal(n, T, V, std=std, dtype=dtype), targets=targets)


@loss.cases
def _(rng):
    yield batch(rng, 3, 5, 7)
    yield batch(rng, 1, 4, 6)
    yield batch(rng, 4, 1, 5)
    yield batch(rng, 5, 3, 2)
    far = batch(rng, 3, 6, 4, std=300.0)
    yield dict(far, logits=far["logits"] + 900.0)  # exp of most of them is no finite number
    yield batch(rng, 2, 4, 9, torch.float32)
    case = batch(rng, 4, 6, 5)
    yield dict(case, logits=case["logits"].transpose(0, 1).contiguous().transpose(0, 1))
    yield dict(logits=rng.normal(2, 3, 4), targets=torch.tensor([[-100, 0, 0], [3, -100, 1]]))


@loss.oracle
def _(logits, targets):
    costs = [
        row.double().logsumexp(0) - row[target].double()
        for row, target in zip(logits.flatten(0, 1), targets.flatten().tolist(), strict=True)
        if target != -100
    ]
    return torch.stack(costs).mean().to(logits.dtype)


@loss.check("gradients")
def _(m, logits, targets):
    logits.requires_grad_()
    out = m.answer_loss(logits, targets)
    return dict(differentiate(out, {"logits": logits}, torch.tensor(-1.7, dtype=out.dtype)))


loss.hint(
    "cross_entropy wants (N, vocab_size) and (N,): lay the positions of all rows in one line."
)
loss.hint(
    "Its argument ignore_index (-100 unless you say otherwise) leaves targets out, of the mean too."
)
loss.hint("F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)")

loss.misconception(
    """The sum is divided by all positions, ignored ones included. The mean is over what counts:
    otherwise the loss looks better the longer the question is.""",
    name="over_all",
    replace="ignore_index=-100)",
    by='ignore_index=-100, reduction="sum") / targets.numel()',
)
loss.misconception(
    """A mean for each row, and then the mean of these: rows with few targets that count weigh too much.
    Take one mean over all of them.""",
    name="row_means",
    replace="return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)",
    by="pairs = [(l, t) for l, t in zip(logits, targets) if (t != -100).any()]\n"
    "    return torch.stack([F.cross_entropy(l, t) for l, t in pairs]).mean()",
)
loss.misconception(
    """That is the sum. The mean is asked: divide by how many count.""",
    name="summed",
    replace="ignore_index=-100)",
    by='ignore_index=-100, reduction="sum")',
)
loss.misconception(
    """Ignored positions count as id 0. They are to be left out.""",
    name="ignored_as_zero",
    replace="targets.flatten(), ignore",
    by="targets.flatten().clamp(min=0), ignore",
)
loss.misconception(
    """Target 0 was left out. It is an id like any other; -100 is what does not count.""",
    name="zero_ignored",
    replace="targets.flatten(), ignore",
    by="targets.flatten().masked_fill(targets.flatten() == 0, -100), ignore",
)
loss.misconception(
    """Shape (n, vocab_size, T) was made by a reshape, which mixes positions with ids. Flatten (n, T) to one
    dimension, or transpose.""",
    name="reshaped",
    replace="logits.flatten(0, 1), targets.flatten()",
    by="logits.reshape(logits.shape[0], logits.shape[2], -1), targets",
)
loss.misconception(
    """The targets were shifted once more. They stand one further on already: position t's logits belong to
    targets[t].""",
    name="shifted_again",
    replace="logits.flatten(0, 1), targets.flatten()",
    by="logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten()",
)
loss.misconception(
    """Only the last position counts here. All targets other than -100 do.""",
    name="last_only",
    replace="logits.flatten(0, 1), targets.flatten()",
    by="logits[:, -1], targets[:, -1]",
)
loss.misconception(
    """Softmax came before cross_entropy, which applies it itself: it wants the logits.""",
    name="softmax_twice",
    replace="logits.flatten(0, 1), targets",
    by="logits.softmax(-1).flatten(0, 1), targets",
)
loss.misconception(
    """log(softmax) is -inf, or a constant where something small was added, once logits are hundreds
    apart. Use cross_entropy or log_softmax.""",
    name="log_of_softmax",
    replace="return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)",
    by="logp = (logits.softmax(-1) + 1e-9).log().flatten(0, 1)\n"
    "    return F.nll_loss(logp, targets.flatten(), ignore_index=-100)",
)
loss.misconception(
    """The value is right, but it is cut off from the logits: no gradient flows. Return the tensor as it
    comes.""",
    name="detached",
    replace="ignore_index=-100)",
    by="ignore_index=-100).detach()",
)

loss.variant(
    "picked by a mask",
    name="mask",
    source="""def answer_loss(logits, targets):
    counts = targets != -100
    logp = logits[counts].log_softmax(-1)
    return -logp.gather(1, targets[counts][:, None]).mean()
""",
)
loss.variant(
    "class dimension second",
    name="transposed",
    source="""def answer_loss(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets)
""",
)

loss.equivalent(
    "F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)  ->  "
    "F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    "-100 is torch's default",
)

loss.equivalent(
    "F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)  ->  "
    "F.cross_entropy(logits.flatten(0, 1), targets.flatten())",
    "-100 is torch's default",
)
