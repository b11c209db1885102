"""09.text_loss: how well a text is predicted."""

from graders.authoring import exercise

from .part import checkpoint, loaded, plain_gpt, ready, theirs_of

loss = exercise("text_loss", title="how well a text is predicted", points=2, pure=False)


@loss.cases
def _(rng):
    # block_size, n_head, C; lengths of the text: two tokens, windows full, one over, a last one short
    for S, n_head, C, lengths in [
        (4, 3, 6, (2, 5, 6, 8, 12)),
        (1, 1, 3, (2, 6)),
        (7, 5, 5, (4, 17)),
    ]:
        theirs = checkpoint(rng, S, 9, 1, C)
        for N in lengths:
            yield dict(**ready(theirs), n_head=n_head, ids=rng.integers(0, 9, N))


@loss.scenario
def _(m, weights, sizes, n_head, ids):
    return m.text_loss(loaded(m, weights, sizes, n_head), ids)


@loss.oracle
def _(weights, sizes, n_head, ids):
    """Each token by itself, from the beginning of its window."""
    theirs, S, costs = theirs_of(weights), sizes["block_size"], []
    for t in range(1, len(ids)):
        start = (t - 1) // S * S
        logits = plain_gpt(ids[None, start:t], theirs, n_head)[0, -1]
        costs.append(-logits.log_softmax(0)[ids[t]].item())
    return sum(costs) / len(costs)


loss.hint("Two sequences of N - 1: ids[:-1] and ids[1:]. Cut both at the same places.")
loss.hint(
    "The model wants a batch: inputs[None, i : i + S]. Sum the losses of a window, divide once at the end."
)
loss.hint(
    'F.cross_entropy(logits, targets[i : i + S], reduction="sum").item(), added up; total / (N - 1) at '
    "the end."
)

loss.misconception(
    """The mean over windows is not the mean over tokens when the last window is shorter: its few tokens
    count too much. Sum up, and divide once by all N - 1.""",
    name="mean_of_means",
    edits=[
        (', reduction="sum"', ""),
        ("total / len(inputs)", "total / len(range(0, len(inputs), S))"),
    ],
)
loss.misconception(
    """The loss compares with the inputs themselves. Position t is to predict the token after it.""",
    name="not_shifted",
    replace="inputs, targets = ids[:-1], ids[1:]",
    by="inputs, targets = ids[:-1], ids[:-1]",
)
loss.misconception(
    """The text was cut first, and shifted in each window: the first token of every window but the first is
    never predicted. Shift once, then cut.""",
    name="shifted_in_windows",
    replace="""        logits = model(inputs[None, i : i + S])[0]  # (T, V)
        total += F.cross_entropy(logits, targets[i : i + S], reduction="sum").item()
    return total / len(inputs)""",
    by="""        window = ids[i : i + S]
        if len(window) > 1:
            logits = model(window[None, :-1])[0]
            total += F.cross_entropy(logits, window[1:], reduction="sum").item()
    return total / len(inputs)""",
)
loss.misconception(
    """Only the first block_size predictions were counted: go on with the next window.""",
    name="first_window",
    edits=[
        ("range(0, len(inputs), S)", "range(0, 1)"),
        ("total / len(inputs)", "total / len(inputs[:S])"),
    ],
)
loss.misconception(
    """The last, shorter window was dropped. Its tokens belong to the text.""",
    name="last_dropped",
    replace="range(0, len(inputs), S)",
    by="range(0, len(inputs) - len(inputs) % S, S)",
)
loss.misconception(
    """That is the sum over the text. Divide by the N - 1 predictions.""",
    name="summed",
    replace="total / len(inputs)",
    by="total",
)
loss.misconception(
    """Divided by N. The first token is predicted by nobody: N - 1.""",
    name="by_n",
    replace="total / len(inputs)",
    by="total / len(ids)",
)
loss.misconception(
    """The windows' inputs overlap, so some tokens are predicted twice. They begin at 0, S, 2 S, ...""",
    name="stride_short",
    replace="range(0, len(inputs), S)",
    by="range(0, len(inputs), max(S - 1, 1))",
)
loss.misconception(
    """The last window, shorter than the others, was left out. Every token but the first is predicted
    and counts.""",
    name="short_window",
    edits=[
        (
            "for i in range(0, len(inputs), S):",
            "for i in range(0, max(1, len(inputs) - S + 1), S):",
        ),
        (
            "return total / len(inputs)",
            "return total / max(min(S, len(inputs)), len(inputs) // S * S)",
        ),
    ],
)

loss.variant(
    "split, and log-softmax by hand",
    name="split",
    source="""
    def text_loss(model, ids):
        S, costs = model.config.block_size, []
        with torch.no_grad():
            for x, y in zip(ids[:-1].split(S), ids[1:].split(S), strict=True):
                logprobs = model(x.unsqueeze(0)).squeeze(0).log_softmax(-1)
                costs.append(-logprobs[torch.arange(len(y)), y])
        return torch.cat(costs).mean().item()
    """,
)

loss.equivalent("0  ->  -1", "there is one row")
