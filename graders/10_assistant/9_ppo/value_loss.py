"""10.value_loss: the critic's, with and without a clip."""

import torch

from graders.authoring import exercise

from .part import calls, masks, response, spans

critic = exercise("value_loss", title="the critic's loss", stretch=True)


def row(rng, mask, clip, dtype=torch.float64):
    """Moves inside the clip and outside, towards the return and away; nan where it does not matter."""
    B, T = mask.shape
    old = rng.normal(B, T - 1, dtype=dtype)
    c = clip or 0.5
    moves = [0.4 * c, 2.5 * c, -0.6 * c, -3.0 * c]
    values, returns = old.clone(), old.clone()
    order = rng.shuffled(range(8))
    for i, (b, t) in enumerate(response(mask)):
        kind = order[i % 8]
        values[b, t] += moves[kind % 4]
        returns[b, t] += (1 if kind < 4 else -1) * 5.0 * c
    for x in (values, old, returns):
        x[~mask[:, 1:]] = torch.nan
    return dict(values=values, old_values=old, returns=returns, mask=mask, clip=clip)


@critic.cases
def _(rng):
    for i, mask in enumerate([*masks(), spans(10, [[(1, 9)], [(2, 10)], []])]):
        for clip in (None, [0.2, 0.5, 1.5, 0.1, 0.3, 0.25][i]):
            yield row(rng, mask, clip, torch.float32 if i == 1 else torch.float64)
    yield row(rng, torch.zeros(2, 4, dtype=torch.bool), 0.2)


@critic.oracle
def _(values, old_values, returns, mask, clip):
    total = 0.0
    for b, t in response(mask):
        v, old, target = values[b, t].item(), old_values[b, t].item(), returns[b, t].item()
        held = v if clip is None else min(max(v, old - clip), old + clip)
        total += max((v - target) ** 2, (held - target) ** 2) / 2
    return torch.tensor(total / max(1, len(response(mask))), dtype=values.dtype)


@critic.check("gradients")
def _(m, values, old_values, returns, mask, clip):
    """Of the values; and whether any arrives at what is constant."""
    leaves = dict(values=values, old_values=old_values, returns=returns)
    for leaf in leaves.values():
        leaf.requires_grad_()
    out = calls(m.value_loss(values, old_values, returns, mask, clip), -1.7, **leaves)
    grad = out.get("gradients", {}).get("values")
    if grad is None:  # without a token it may have no graph
        out.setdefault("gradients", {})["values"] = (
            torch.zeros_like(values) if not mask.any() else None
        )
    return out


@critic.check("clip left out")
def _(m, values, old_values, returns, mask, clip):
    return m.value_loss(values, old_values, returns, mask)


critic.hint("Pick the response's tokens first: x[mask[:, 1:]]. What stands elsewhere may be nan.")
critic.hint(
    "held = old + (v - old).clamp(-clip, clip); the loss is the larger of two squares, for each token."
)
critic.hint("0.5 * torch.max((v - target) ** 2, (held - target) ** 2).sum() / max(1, how many)")

critic.misconception(
    """A mean for each row, and then the mean of these. Asked is one mean over all response tokens of
    the batch.""",
    name="row_means",
    replace="return 0.5 * loss.sum() / max(1, len(loss))",
    by="spread = torch.zeros_like(values).masked_scatter(own, loss).sum(1)\n"
    "    return 0.5 * (spread / own.sum(1).clamp(min=1)).mean()",
)
critic.misconception(
    """The value is right, but its gradient is nan: what stands outside the response was taken out after
    the square, and the backward pass meets it again (0 * nan). Take it out before.""",
    name="where_late",
    source="""
    def value_loss(values, old_values, returns, mask, clip=None):
        own, old, target = mask[:, 1:], old_values.detach(), returns.detach()
        loss = (values - target) ** 2
        if clip is not None:
            held = old + (values - old).clamp(-clip, clip)
            loss = torch.max(loss, (held - target) ** 2)
        return 0.5 * torch.where(own, loss, 0.0).sum() / own.sum().clamp(min=1)
    """,
)
critic.misconception(
    """The half is missing: half the squared distance is asked.""",
    name="no_half",
    replace="return 0.5 * loss",
    by="return loss",
)
critic.misconception(
    """The smaller of the two losses was taken: a value that went too far in the wrong direction is then
    left alone. Of losses it is the larger.""",
    name="smaller",
    replace="torch.max(loss",
    by="torch.min(loss",
)
critic.misconception(
    """Only the held value counts here: a value that moved too far *away* gets no gradient, and stays
    so. Take the larger of both losses.""",
    name="held_only",
    replace="torch.max(loss, (held - target) ** 2)",
    by="(held - target) ** 2",
)
critic.misconception(
    """The values were held within 1 - clip and 1 + clip, as the policy's ratio is. They are held around
    the old values.""",
    name="around_one",
    replace="old + (v - old).clamp(-clip, clip)",
    by="v.clamp(1 - clip, 1 + clip)",
)
critic.misconception(
    """The clip has no effect. With a float the larger of two losses is asked, one of them of the held
    value.""",
    name="no_clip",
    replace="if clip is not None:",
    by="if False:",
)
critic.misconception(
    """The sum over the tokens. The mean is asked.""",
    name="summed",
    replace="loss.sum() / max(1, len(loss))",
    by="loss.sum()",
)
critic.misconception(
    """Divided by all positions, prompt and padding included. The mean is over response tokens.""",
    name="over_all",
    replace="max(1, len(loss))",
    by="own.numel()",
)
critic.misconception(
    """The mask is off by one: entry t belongs to token t + 1, so mask[:, 1:] fits.""",
    name="mask_not_shifted",
    replace="own = mask[:, 1:]",
    by="own = mask[:, :-1]",
)
critic.misconception(
    """The absolute distance; the square is asked.""",
    name="absolute",
    edits=[
        ("loss = (v - target) ** 2", "loss = (v - target).abs()"),
        ("(held - target) ** 2", "(held - target).abs()"),
    ],
)
critic.misconception(
    """A gradient flows into the returns. They are constants: the critic must come to them, not they to
    the critic.""",
    name="returns_learn",
    replace="returns[own].detach()",
    by="returns[own]",
)
critic.misconception(
    """A gradient flows into the old values, which are constants.""",
    name="old_learns",
    replace="old_values[own].detach()",
    by="old_values[own]",
)
critic.misconception(
    """The sign is turned: the critic would be driven away from the returns.""",
    name="negative",
    replace="return 0.5",
    by="return -0.5",
)
critic.misconception(
    """Without a response token that is 0 / 0 = nan. It is to be 0.""",
    name="empty_is_nan",
    replace="loss.sum() / max(1, len(loss))",
    by="loss.mean()",
)

critic.variant(
    "torch.where and maximum",
    name="where",
    source="""
    def value_loss(values, old_values, returns, mask, clip=None):
        own, zero = mask[:, 1:], torch.zeros((), dtype=values.dtype)
        v = torch.where(own, values, zero)
        old, target = (torch.where(own, x.detach(), zero) for x in (old_values, returns))
        loss = 0.5 * (v - target).square()
        if clip is not None:
            held = torch.minimum(torch.maximum(v, old - clip), old + clip)
            loss = torch.maximum(loss, 0.5 * (held - target).square())
        return loss.sum() / own.sum().clamp(min=1)
    """,
)
