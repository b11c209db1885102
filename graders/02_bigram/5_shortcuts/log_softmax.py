"""02.log_softmax: log-softmax."""

import torch

from graders.authoring import differentiate, exercise

from .part import logit_cases, widened

log_softmax = exercise("log_softmax", title="log-softmax")


def ramp(like):
    """An upstream gradient of the same shape; no two numbers are equal, and they do not sum to 0."""
    return torch.linspace(-1, 2, like.numel(), dtype=like.dtype).view(like.shape)


@log_softmax.cases
def _(rng):
    for logits in logit_cases(rng):
        yield dict(logits=logits)


@log_softmax.oracle
def _(logits):
    return torch.nn.functional.log_softmax(logits, 1)


def log_softmax_gradient_cases(rng):
    for logits in logit_cases(rng):
        yield dict(logits=widened(logits))


@log_softmax.check("gradients", cases=log_softmax_gradient_cases)
def _(m, logits):
    logits.requires_grad_()
    return dict(differentiate(m.log_softmax(logits), {"logits": logits}, ramp(logits.detach())))


log_softmax.hint("Is there any need to compute a probability, if all you want is its logarithm?")
log_softmax.hint(
    "log(exp(a) / sum) = a - log(sum). Subtracting the same number from a whole row changes "
    "nothing on paper; which number makes exp safe?"
)
log_softmax.hint(
    "norm_logits = logits - logits.max(1, keepdim=True).values; then subtract from it the log of "
    "norm_logits.exp().sum(1, keepdim=True)."
)


@log_softmax.misconception(
    "No maximum is subtracted. exp(1000) is inf, and exp(-1000) is 0, whose logarithm is -inf: "
    "take each row's maximum away first."
)
def no_max(logits):
    return logits - logits.exp().sum(1, keepdim=True).log()


@log_softmax.misconception(
    "You took softmax first and its logarithm afterwards. A probability below 1e-45 (1e-324 in "
    "float64) is 0.0 by then, and log(0.0) is -inf. Never leave the logarithms: a - log(sum(exp(a)))."
)
def softmax_then_log(logits):
    return logits.softmax(1).log()


@log_softmax.misconception(
    "log(p + 1e-9) hides the zeros, and bends everything below 1e-9: it is flat where the true "
    "answer falls on, and has no slope to learn from. Compute log-probabilities directly, a - "
    "log(sum(exp(a)))."
)
def plus_1e_9(logits):
    return (logits.softmax(1) + 1e-9).log()


@log_softmax.misconception(
    "You clamped the probabilities away from 0. Below the bound all answers are equal and the gradient "
    "is 0. There is nothing to clamp if you compute a - log(sum(exp(a))) with the maximum taken out."
)
def clamped(logits):
    return logits.softmax(1).clamp(min=1e-9).log()


@log_softmax.misconception(
    "You clamped the logits, so that exp stays in range: this is another model for large ones. "
    "Subtract each row's maximum instead, it changes nothing on paper."
)
def clamped_logits(logits):
    logits = logits.clamp(-50, 50)
    return logits - logits.exp().sum(1, keepdim=True).log()


@log_softmax.misconception(
    "You subtracted the largest number of the whole tensor. In a row far below it every exp is 0 "
    "and the logarithm -inf: each row needs its own maximum."
)
def global_max(logits):
    a = logits - logits.max()
    return a - a.exp().sum(1, keepdim=True).log()


@log_softmax.misconception(
    "You normalized over the rows, dimension 0. Each row is a distribution: sum over dimension 1."
)
def columns(logits):
    return logits.log_softmax(0)


@log_softmax.misconception(
    "The sum runs over the whole tensor. Each row is a distribution of its own: sum over dimension 1."
)
def whole_tensor(logits):
    return logits.flatten().log_softmax(0).view(logits.shape)


@log_softmax.misconception(
    "The maximum was taken out of the exp, but only there: log(sum(exp(a))) = m + log(sum(exp(a - "
    "m))). Subtract m from the logits too, or add it back."
)
def max_not_added_back(logits):
    m = logits.max(1, keepdim=True).values
    return logits - (logits - m).exp().sum(1, keepdim=True).log()


@log_softmax.misconception("These are probabilities; their logarithms are wanted.")
def softmax_only(logits):
    return logits.softmax(1)


@log_softmax.misconception(
    "The sign is flipped: that is the negative log-likelihood of each character. A log-probability "
    "is never above 0."
)
def negated(logits):
    return -logits.log_softmax(1)


@log_softmax.misconception(
    "That is the logarithm to base 2. The loss is measured with the natural one, torch.log."
)
def base_two(logits):
    return logits.log_softmax(1) / 0.6931471805599453


@log_softmax.misconception(
    "The mean of the exps was taken in place of their sum: exp of the result sums to the number of "
    "characters, not to 1."
)
def mean_of_exps(logits):
    a = logits - logits.max(1, keepdim=True).values
    return a - a.exp().mean(1, keepdim=True).log()


log_softmax.misconception(
    "The result is cut off from the logits by detach() or .data: the values are right, but nothing "
    "can be trained through it.",
    name="detached",
    replace="norm_logits = logits - logits",
    by="norm_logits = logits.detach() - logits.detach()",
)
log_softmax.misconception(
    "The logarithm of the sum is cut off (detach or no_grad). Taking out the maximum may be, but "
    "the sum depends on every logit: without it the gradient lacks the part - softmax.",
    name="sum_detached",
    replace="norm_logits.exp().sum(1, keepdim=True).log()",
    by="norm_logits.exp().sum(1, keepdim=True).log().detach()",
)
log_softmax.misconception(
    "`-=` works in place: it changes the caller's logits. Write a new tensor, logits - max.",
    name="in_place",
    replace="norm_logits = logits - logits.max(1, keepdim=True).values",
    by="norm_logits = logits\n    norm_logits -= logits.max(1, keepdim=True).values",
)


@log_softmax.misconception(
    "The logarithm was taken of a probability that is kept above some small number: nothing is -inf then, "
    "but what is less probable comes out too large, and gets no gradient. Compute the logarithm itself: "
    "norm_logits minus the log of the sum."
)
def clamped_probabilities(logits):
    return logits.softmax(1).clamp(min=1e-38).log()


log_softmax.variant(
    "logsumexp",
    name="logsumexp",
    replace="return norm_logits - norm_logits.exp().sum(1, keepdim=True).log()",
    by="return logits - torch.logsumexp(logits, 1, keepdim=True)",
)
log_softmax.variant(
    "torch's own",
    name="functional",
    replace="return norm_logits - norm_logits.exp().sum(1, keepdim=True).log()",
    by="return F.log_softmax(logits, dim=-1)",
)
log_softmax.variant(
    "maximum without a gradient",
    name="max_detached",
    replace="norm_logits = logits - logits.max(1, keepdim=True).values",
    by="norm_logits = logits - logits.detach().amax(1, keepdim=True)",
)
log_softmax.variant(
    "row by row",
    name="row_by_row",
    replace="return norm_logits - norm_logits.exp().sum(1, keepdim=True).log()",
    by="return torch.stack([row - row.exp().sum().log() for row in norm_logits])",
)
