"""10.reinforce_loss: a loss whose gradient is the policy gradient."""

import torch

from graders.authoring import exercise

from .part import calls, masks, spans

reinforce = exercise("reinforce_loss", title="REINFORCE", points=2)


@reinforce.cases
def _(rng):
    for i, mask in enumerate(masks()):
        B, T = mask.shape
        dtype = torch.float32 if i == 1 else torch.float64
        advantages = rng.normal(B, std=2.0, mean=1.0, dtype=dtype)
        if B > 2:
            advantages[0], advantages[1] = -1.5 - advantages[0].abs(), advantages[1].abs() + 0.5
        yield dict(
            logps=rng.normal(B, T - 1, mean=-2.0, dtype=dtype), mask=mask, advantages=advantages
        )
    whole = spans(4, [[(1, 4)], [(0, 4)]])  # nothing but the response
    yield dict(logps=rng.normal(2, 3), mask=whole, advantages=rng.normal(2, mean=1.0))
    mask = masks()[0]
    logps = rng.normal(3, 5)
    logps[0, 0], logps[2, 4] = -torch.inf, torch.nan  # outside the response
    yield dict(logps=logps, mask=mask, advantages=torch.tensor([0.0, 2.5, -3.0]).double())
    # improbable tokens count in full
    yield dict(
        logps=rng.normal(3, 5, mean=-40.0, std=20.0), mask=mask, advantages=rng.normal(3, mean=1.0)
    )
    yield dict(logps=rng.normal(5, 3).T, mask=mask, advantages=rng.normal(3, 2)[:, 0])
    yield dict(
        logps=rng.normal(2, 3), mask=torch.zeros(2, 4, dtype=torch.bool), advantages=rng.normal(2)
    )


@reinforce.oracle
def _(logps, mask, advantages):
    total = 0.0
    for row, own, A in zip(logps.tolist(), mask.tolist(), advantages.tolist(), strict=True):
        total -= A * sum(v for v, x in zip(row, own[1:], strict=True) if x)
    return torch.tensor(total / len(logps), dtype=logps.dtype)


@reinforce.check("gradients")
def _(m, logps, mask, advantages):
    """Of the log-probabilities; and whether any arrives at the advantages."""
    leaves = {"logps": logps.requires_grad_(), "advantages": advantages.requires_grad_()}
    return calls(m.reinforce_loss(logps, mask, advantages), -1.7, **leaves)


reinforce.hint("One number per row first: the log-probability of its response.")
reinforce.hint(
    "over_response(logps, mask) is that sum, (B,); times advantages.detach(), the mean, the minus."
)
reinforce.hint("-(advantages.detach() * over_response(logps, mask)).mean()")

LOSS = "-(advantages.detach() * over_response(logps, mask)).mean()"

reinforce.misconception(
    """The minus is missing: an optimizer makes losses small, and would make good answers
    improbable.""",
    name="no_minus",
    replace=LOSS,
    by=LOSS[1:],
)
reinforce.misconception(
    """The loss is cut off from the policy: its value looks as always, and nothing is learned.""",
    name="detached",
    replace=LOSS,
    by="(" + LOSS + ").detach()",
)
reinforce.misconception(
    """A gradient flows into the advantages. They are constants: a baseline that is learned must not be
    pulled by the policy's loss.""",
    name="advantages_learn",
    replace="advantages.detach()",
    by="advantages",
)
reinforce.misconception(
    """The log-probabilities came detached, and the gradient flows into the advantages: the other way
    round.""",
    name="wrong_one_detached",
    replace=LOSS,
    by="-(advantages * over_response(logps.detach(), mask)).mean()",
)
reinforce.misconception(
    """The mask is off by one. Entry t belongs to token t + 1, so mask[:, 1:] fits, not mask[:,
    :-1].""",
    name="mask_not_shifted",
    replace="over_response(logps, mask)",
    by="logps.masked_fill(~mask[:, :-1], 0.0).sum(1)",
)
reinforce.misconception(
    """The prompt and the padding count: the policy is praised for what it did not write.""",
    name="no_mask",
    replace="over_response(logps, mask)",
    by="logps.sum(1)",
)
reinforce.misconception(
    """All from the response's first token on counts here: what a tool wrote, or the padding behind the
    end. Only what the policy wrote does.""",
    name="from_first_on",
    replace="over_response(logps, mask)",
    by="over_response(logps, mask.cumsum(1) > 0)",
)
reinforce.misconception(
    """Tokens are averaged in each row here. The log-probability of the response is their *sum*: with
    the mean, long answers learn less per token.""",
    name="token_mean",
    replace="over_response(logps, mask)",
    by="over_response(logps, mask, mean=True)",
)
reinforce.misconception(
    """One mean over all tokens of the batch. Asked is the sum in each row, then the mean over rows.""",
    name="all_tokens_mean",
    replace=".mean()",
    by=".sum() / mask[:, 1:].sum().clamp(min=1)",
)
reinforce.misconception(
    """The rows were summed. Take their mean, or the step grows with the batch.""",
    name="summed",
    replace=".mean()",
    by=".sum()",
)
reinforce.misconception(
    """Rows without response are left out of the mean. They contribute 0 and are counted.""",
    name="empty_not_counted",
    replace=".mean()",
    by=".sum() / mask[:, 1:].any(1).sum().clamp(min=1)",
)
reinforce.misconception(
    """Probabilities instead of their logs: the gradient is then p times too small, nearly 0 for a rare
    answer.""",
    name="probabilities",
    replace="over_response(logps, mask)",
    by="over_response(logps, mask).exp()",
)
reinforce.misconception(
    """Only the sign of the advantages was used. By how much an answer is better matters too.""",
    name="sign",
    replace="advantages.detach()",
    by="advantages.detach().sign()",
)
reinforce.misconception(
    """The mean advantage times the mean log-probability: each row's advantage belongs to its own
    response.""",
    name="means_multiplied",
    replace=LOSS,
    by="-advantages.detach().mean() * over_response(logps, mask).mean()",
)
reinforce.misconception(
    """The mean of the advantages was taken away once more. They are used as they come.""",
    name="centred_again",
    replace="advantages.detach()",
    by="(advantages - advantages.mean()).detach()",
)

reinforce.misconception(
    """The mask only says here which rows have a response, and all tokens of these count. Sum over the
    response's own tokens.""",
    name="whole_rows",
    replace="over_response(logps, mask)",
    by="(logps.nan_to_num(0.0, neginf=0.0).sum(1) * mask.any(1))",
)

reinforce.misconception(
    """Only good answers count here: a negative advantage was set to 0. Bad answers are to become less
    probable.""",
    name="only_good",
    replace="advantages.detach()",
    by="advantages.detach().clamp(min=0)",
)

reinforce.variant(
    "every token with its row's advantage",
    name="per_token",
    source="""
    def reinforce_loss(logps, mask, advantages):
        per_token = -advantages.detach()[:, None] * torch.where(mask[:, 1:], logps, torch.zeros_like(logps))
        return per_token.sum() / logps.shape[0]
    """,
)
