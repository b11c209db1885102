"""03.log_softmax: log-probabilities that stay finite."""

import torch
import torch.nn.functional as F

from graders.authoring import exercise

from .part import gradients, logit_cases

log_softmax = exercise("log_softmax", title="log-probabilities that stay finite")


@log_softmax.cases
def _(rng):
    for logits in logit_cases(rng):
        yield dict(logits=logits)


@log_softmax.oracle
def _(logits):
    return F.log_softmax(logits.double(), 1).to(logits.dtype)


@log_softmax.check("gradients")
def _(m, logits):
    logits = logits.detach().clone().requires_grad_()
    return gradients(m.log_softmax(logits), {"logits": logits})


log_softmax.hint("What may be subtracted from every logit of a row, without changing its softmax?")
log_softmax.hint("Each row's own maximum, keepdim=True. Then do not form p at all: stay in logs.")
log_softmax.hint(
    "shifted = logits - max; return shifted - shifted.exp().sum(1, keepdim=True).log()"
)

log_softmax.misconception(
    "exp overflows: already exp(1000) is inf. Subtract each row's maximum first.",
    name="naive",
    replace="logits - logits.max(dim=1, keepdim=True).values",
    by="logits",
)
log_softmax.misconception(
    "One maximum for the whole batch: a row far below it underflows to zeros, and log(0) is -inf. "
    "Each row needs its own.",
    name="global_max",
    replace="logits.max(dim=1, keepdim=True).values",
    by="logits.max()",
)
log_softmax.misconception(
    "The maximum and the sum run over the batch (dim 0). Each row is a distribution: dim=1.",
    name="over_batch",
    edits=[("max(dim=1", "max(dim=0"), ("sum(dim=1", "sum(dim=0")],
)
log_softmax.misconception(
    "You took the log of the probabilities: a small one has already rounded to 0, and log(0) is -inf. "
    "Subtract the log of the sum instead.",
    name="log_of_p",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return (shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)).log()",
)
log_softmax.misconception(
    "log(p + 1e-9) is finite, and wrong: anything rarer than one in a billion costs the same 20.7. "
    "Stay in logarithms: shifted minus the log of the sum.",
    name="plus_tiny",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return (shifted.exp() / shifted.exp().sum(dim=1, keepdim=True) + 1e-9).log()",
)
log_softmax.misconception(
    "Probabilities were clipped to keep the log finite: the loss of a bad mistake, and its gradient, "
    "are then cut off. Subtract the log of the sum instead.",
    name="clipped",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return (shifted.exp() / shifted.exp().sum(1, keepdim=True)).clamp_min(1e-12).log()",
)
log_softmax.misconception(
    "The logits were clipped against overflow; that changes the answer. Subtract the maximum, which does "
    "not.",
    name="clamped",
    replace="logits - logits.max(dim=1, keepdim=True).values",
    by="logits.clamp(-80, 80)",
)
log_softmax.misconception(
    "These are probabilities; asked are their logarithms.",
    name="probabilities",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return shifted.exp() / shifted.exp().sum(dim=1, keepdim=True)",
)
log_softmax.misconception(
    "The normalizer is missing: shifted logits are no log-probabilities until exp of each row sums to 1.",
    name="shift_only",
    replace="return shifted - shifted.exp().sum(dim=1, keepdim=True).log()",
    by="return shifted",
)
log_softmax.misconception(
    "The log of the sum was detached, or taken without gradient: the values are right, but each "
    "logit also pulls on the sum.",
    name="detached_sum",
    replace="keepdim=True).log()",
    by="keepdim=True).log().detach()",
)
log_softmax.misconception(
    "You subtracted the mean of each row. The largest logit may lie far above it, and exp overflows again: "
    "subtract the maximum.",
    name="mean_subtracted",
    replace="logits.max(dim=1, keepdim=True).values",
    by="logits.mean(dim=1, keepdim=True)",
)
log_softmax.misconception(
    "The largest in *size* is not the maximum: with negative logits everything underflows. Leave out abs.",
    name="largest_size",
    replace="logits.max(",
    by="logits.abs().max(",
)
log_softmax.misconception(
    "`-=` changed the caller's logits: subtract into a new tensor.",
    name="in_place",
    replace="    shifted = logits - logits.max(dim=1, keepdim=True).values",
    by="    shifted = logits\n    shifted.data -= logits.data.max(dim=1, keepdim=True).values",
)
log_softmax.misconception(
    "double() hides the overflow for a while and changes the dtype: the result has that of logits.",
    name="doubled",
    replace="    shifted = logits",
    by="    logits = logits.double()\n    shifted = logits",
)


@log_softmax.misconception(
    "The maximum was subtracted under the exp only, and is missing from what the logarithm is taken off: "
    "subtract both from the logits."
)
def maximum_once(logits):
    m = logits.max(1, keepdim=True).values
    return logits - (logits - m).exp().sum(1, keepdim=True).log()


@log_softmax.variant("logsumexp")
def logsumexp(logits):
    return logits - torch.logsumexp(logits, 1, keepdim=True)


@log_softmax.variant("the maximum detached: it cancels")
def detached_max(logits):
    m = logits.detach().amax(-1).unsqueeze(-1)
    return logits - m - torch.log(torch.exp(logits - m).sum(-1)[:, None])


@log_softmax.variant("torch's own")
def own(logits):
    return torch.log_softmax(logits, dim=-1)
