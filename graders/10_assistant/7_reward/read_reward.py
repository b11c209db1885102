"""10.read_reward: one number for each row, from the hidden state at its end."""

import torch

from graders.authoring import differentiate, exercise

from .part import padded

read = exercise("read_reward", title="one number per text", pure=False)


@read.cases
def _(rng):
    for texts, T, C, left, dtype in [
        ([3, 6, 1, 4], 6, 5, False, torch.float64),
        ([2, 5, 1], 5, 4, True, torch.float64),
        ([4], 7, 3, False, torch.float64),
        ([2], 2, 1, True, torch.float64),
        ([1, 1], 1, 3, False, torch.float64),
        ([2, 7, 5, 3, 1], 8, 4, False, torch.float32),
    ]:
        pad = rng.integer(1, 9)
        ids = padded(rng, texts, T, pad, left)
        if T == 8:
            ids[1, 2] = pad  # within a text
        yield dict(
            ids=ids,
            pad=pad,
            hidden=rng.normal(len(texts), T, C, dtype=dtype),
            weight=rng.normal(1, C, mean=1.0, dtype=dtype),
            bias=rng.normal(1, mean=2.0, dtype=dtype),
            upstream=rng.normal(len(texts), mean=1.0, dtype=dtype),
        )


@read.scenario
def _(m, ids, pad, hidden, weight, bias, upstream):
    """The rewards; what the body was asked; the gradients of everything, with an upstream that is not 1."""
    leaves = {"hidden": hidden, "head.weight": weight, "head.bias": bias}
    for leaf in leaves.values():
        leaf.requires_grad_()
    asked = []

    def body(rows):
        asked.append(rows.clone())
        return hidden * 1.0

    def head(states):
        return torch.nn.functional.linear(states, weight, bias)

    out = m.read_reward(body, head, ids, pad)
    return {
        "rewards": out,
        "the body was called with": asked,
        "gradients": dict(differentiate(out, leaves, upstream)),
        "ids afterwards": ids,
    }


@read.oracle
def _(ids, pad, hidden, weight, bias, upstream):
    ends = [max(t for t, x in enumerate(row) if x != pad) for row in ids.tolist()]
    at_end = torch.stack([h[t] for h, t in zip(hidden, ends, strict=True)])
    grad = torch.zeros_like(hidden)
    for i, t in enumerate(ends):
        grad[i, t] = upstream[i] * weight[0]
    return {
        "rewards": (at_end * weight[0]).sum(1) + bias[0],
        "the body was called with": [ids],
        "gradients": {
            "hidden": grad,
            "head.weight": (upstream[:, None] * at_end).sum(0, keepdim=True),
            "head.bias": upstream.sum()[None],
        },
        "ids afterwards": ids,
    }


read.hint("hidden[rows, columns] with two index vectors picks one position per row: (B, C).")
read.hint("The rows are torch.arange(B), the columns last_token(ids, pad).")
read.hint("head makes (B, 1) of these (B, C); squeeze(1) takes the 1 away, and nothing else.")

AT = "hidden[torch.arange(len(ids)), last_token(ids, pad)]"

read.misconception(
    """The reward is read in the last column, which is padding in shorter texts. Read it at the last
    real token.""",
    name="last_column",
    replace=AT,
    by="hidden[:, -1]",
)
read.misconception(
    """The reward is read at the first token: there the model has seen nothing of the text.""",
    name="first_token",
    replace=AT,
    by="hidden[:, 0]",
)
read.misconception(
    """The reward is read one before the last token: the end has not been seen there. (In a text of one
    token, -1 is the last column.)""",
    name="one_early",
    replace="last_token(ids, pad)]",
    by="last_token(ids, pad) - 1]",
)
read.misconception(
    """The reward is read before the first pad. Where no pad follows that is index -1, and with padding
    on the left it is no end either; last_token knows better.""",
    name="before_first_pad",
    replace="last_token(ids, pad)]",
    by="(ids == pad).int().argmax(1) - 1]",
)
read.misconception(
    """The number of real tokens, minus one, is their last place only if all of them stand at the front
    without a gap: with padding on the left it is not. last_token knows better.""",
    name="count",
    replace="last_token(ids, pad)]",
    by="(ids != pad).sum(1) - 1]",
)
read.misconception(
    """The place of the first row's end was used for all rows. Each has its own.""",
    name="first_rows_end",
    replace=AT,
    by="hidden[:, last_token(ids, pad)[0]]",
)
read.misconception(
    """The mean over all positions: asked is the number at the end, the only place that has seen it
    all.""",
    name="mean",
    replace=AT,
    by="hidden.mean(1)",
)
read.misconception(
    """The mean over the real tokens: asked is the number at the last of them, which has seen all.""",
    name="mean_of_real",
    replace=AT,
    by="((ids != pad)[..., None] * hidden).sum(1) / (ids != pad).sum(1, keepdim=True)",
)
read.misconception(
    """The shape is (B, 1). One number for each row is a vector, (B,): squeeze(1).""",
    name="column",
    replace=".squeeze(1)",
    by="",
)
read.misconception(
    """squeeze() without a dimension takes the batch away as well if that is 1. Say squeeze(1).""",
    name="squeeze_all",
    replace=".squeeze(1)",
    by=".squeeze()",
)
read.misconception(
    """`hidden[:, ends]` takes the ends of all rows from each row: (B, B, C). Pair them with
    torch.arange(B).""",
    name="all_ends",
    replace="hidden[torch.arange(len(ids)), last_token(ids, pad)]",
    by="hidden[:, last_token(ids, pad)]",
)
read.misconception(
    """The body gets no gradient: only the head would learn. Leave the hidden states as they come.""",
    name="body_detached",
    replace="hidden = body(ids)",
    by="hidden = body(ids).detach()",
)
read.misconception(
    """The rewards are cut off from everything: nothing can learn from them.""",
    name="detached",
    replace="return head(at_end).squeeze(1)",
    by="return head(at_end).squeeze(1).detach()",
)
read.misconception(
    """The rewards were squashed between 0 and 1. A reward is any number; the sigmoid belongs to the
    difference of two, in the loss.""",
    name="sigmoid",
    replace="return head(at_end).squeeze(1)",
    by="return torch.sigmoid(head(at_end)).squeeze(1)",
)
read.misconception(
    """The pads were taken away, or replaced, before the body was asked. It gets ids as they are.""",
    name="pads_replaced",
    replace="body(ids)",
    by="body(ids.masked_fill(ids == pad, 0))",
)

read.variant(
    "all positions through the head, then gathered",
    name="gather",
    source="""
    def read_reward(body, head, ids, pad):
        values = head(body(ids))[..., 0]
        return values.gather(1, last_token(ids, pad)[:, None])[:, 0]
    """,
)
