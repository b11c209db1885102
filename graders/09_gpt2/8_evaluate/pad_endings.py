"""09.pad_endings: four endings of different lengths in one batch."""

import torch

from graders.authoring import exercise

ex = exercise("pad_endings", title="endings in one padded batch")


@ex.cases
def _(rng):
    for n_context, lengths in [
        (3, [3, 1, 4, 2]),
        (1, [1, 1]),
        (5, [2]),
        (2, [1, 6, 3]),
        (4, [5, 5, 1, 2]),
    ]:
        yield dict(
            context=rng.integers(0, 50, n_context).tolist(),
            endings=[rng.integers(0, 3, n).tolist() for n in lengths],
        )
    yield dict(context=[50_256, 40_000], endings=[[65_536], [70_001, 50_255]])  # ids of any size


@ex.oracle
def _(context, endings):
    T = len(context) + max(map(len, endings))
    rows = [[*context, *e, *[0] * (T - len(context) - len(e))] for e in endings]
    masks = [[len(context) <= t < len(context) + len(e) for t in range(T)] for e in endings]
    return torch.tensor(rows), torch.tensor(masks)


ex.hint("How long is the longest row? Make zeros of that size, then fill in row by row.")
ex.hint(
    "In row i the ending stands from len(context) to len(context) + len(ending): there the mask is "
    "True."
)
ex.hint("tokens[i, : len(row)] = torch.tensor(row); mask[i, len(context) : len(row)] = True")

ex.misconception(
    "The context is in the mask. It is the same for all endings; only the ending's tokens count.",
    name="context_counted",
    replace="mask[i, len(context) : len(row)]",
    by="mask[i, : len(row)]",
)
ex.misconception(
    "The padding is in the mask: the zeros after a short ending are no tokens of it.",
    name="padding_counted",
    replace="mask[i, len(context) : len(row)]",
    by="mask[i, len(context) :]",
)
ex.misconception(
    "A token 0 was taken for padding. 0 is an ordinary token too: go by the lengths, not by the numbers.",
    name="zeros_masked",
    replace="    return tokens, mask",
    by="    return tokens, mask & (tokens != 0)",
)
ex.misconception(
    "The mask is moved one place to the left, to where the ending is *predicted*. Here it marks the "
    "tokens themselves; the "
    "shift comes in completion_scores.",
    name="shifted_early",
    replace="mask[i, len(context) : len(row)]",
    by="mask[i, len(context) - 1 : len(row) - 1]",
)
ex.misconception(
    "The endings stand at the right edge, the padding before them. Then the positions of context and "
    "ending are no longer "
    "those of a text: pad on the right.",
    name="left_padding",
    edits=[
        ("tokens[i, : len(row)] = ", "tokens[i, T - len(row) :] = "),
        ("mask[i, len(context) : len(row)]", "mask[i, T - len(ending) :]"),
    ],
)
ex.misconception(
    "The first token of the ending is not in the mask: it is predicted from the last of the context, "
    "and counts.",
    name="first_missing",
    replace="mask[i, len(context) : len(row)]",
    by="mask[i, len(context) + 1 : len(row)]",
)
ex.misconception(
    "The mask consists of numbers; bool is asked for.",
    name="numbers",
    replace="dtype=torch.bool",
    by="dtype=torch.int64",
)
ex.misconception(
    "The padding is -100 (or another number than 0): these go into the model as tokens, and an "
    "embedding has no row -100.",
    name="minus_hundred",
    replace="torch.zeros(len(endings), T, dtype=torch.int64)",
    by="torch.full((len(endings), T), -100)",
)

ex.variant(
    "pad_sequence",
    name="pad_sequence",
    source="""
    def pad_endings(context, endings):
        from torch.nn.utils.rnn import pad_sequence
        rows = [torch.tensor([*context, *e]) for e in endings]
        tokens = pad_sequence(rows, batch_first=True)
        ends = torch.tensor([len(r) for r in rows])[:, None]
        t = torch.arange(tokens.shape[1])
        return tokens, (t >= len(context)) & (t < ends)
""",
)
