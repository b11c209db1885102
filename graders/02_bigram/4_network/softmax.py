"""02.softmax: softmax by hand."""

import torch

from graders.authoring import differentiate, exercise

from .part import ramp

soft = exercise("softmax", title="softmax by hand")


@soft.cases
def _(rng):
    for n, v in [(1, 4), (4, 4), (3, 5), (5, 2), (6, 1)]:
        yield dict(logits=rng.normal(n, v, std=2))
    yield dict(logits=rng.normal(4, 27, dtype=torch.float32))
    # some so large that exp is inf, some so far below another row that exp of the difference is 0
    yield dict(
        logits=rng.normal(3, 4) + torch.tensor([[1000.0], [-1000.0], [0.0]], dtype=torch.float64)
    )
    # in float64, because float32 numbers near 1e4 are 0.001 apart, which `logits - logsumexp` would show
    huge = [[1e4, 9999.0, -1e4], [-1e4, -1e4, -9999.0]]
    yield dict(logits=torch.tensor(huge, dtype=torch.float64))
    yield dict(logits=torch.tensor([[95.0, 94.0], [-110.0, -111.0], [0.0, 1.0]]))
    yield dict(logits=torch.zeros(2, 3, dtype=torch.float64))


@soft.oracle
def _(logits):
    return torch.nn.functional.softmax(logits, 1)


def soft_gradient_cases(rng):
    for n, v in [(1, 4), (4, 4), (3, 5), (5, 2)]:
        yield dict(logits=rng.normal(n, v, std=2))
    yield dict(logits=rng.normal(2, 3) + torch.tensor([[800.0], [-800.0]], dtype=torch.float64))


# the gradient of the normalization cancels in part: its terms are at most 2, float64, far below 1e-9
@soft.check("gradients", cases=soft_gradient_cases)
def _(m, logits):
    logits.requires_grad_()
    probs = m.softmax(logits)
    return dict(differentiate(probs, {"logits": logits}, ramp(probs.detach())))


soft.hint(
    "exp, then divide by the row sums, with keepdim=True as in part 2. What if a logit is 1000?"
)
soft.hint("Subtract from each row its own maximum before exp: logits.max(1, keepdim=True).values.")
soft.hint(
    "counts = (logits - logits.max(1, keepdim=True).values).exp(); return counts / counts.sum(1, "
    "keepdim=True)"
)


@soft.misconception(
    "No maximum is subtracted: exp(1000) is inf and inf / inf is NaN, and a row of -1000s gives 0 / 0. "
    "Take each row's maximum away first."
)
def no_max(logits):
    counts = logits.exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "You subtracted the largest number of the whole tensor. A row far below it becomes 0 / 0: each row "
    "needs its own maximum."
)
def global_max(logits):
    counts = (logits - logits.max()).exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "The maxima of the columns were subtracted, one number for each character. That changes the model: "
    "only what is the same for a whole row cancels. max(1, keepdim=True)."
)
def max_of_columns(logits):
    counts = (logits - logits.max(0, keepdim=True).values).exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "You clamped the logits so that exp stays finite: large ones are all the same then. Subtract "
    "each row's maximum, which changes nothing on paper."
)
def clamped(logits):
    counts = logits.clamp(-50, 50).exp()
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "The columns sum to 1. Each *row* is a distribution: dimension 1, with keepdim=True."
)
def over_columns(logits):
    return logits.softmax(0)


@soft.misconception(
    "The whole tensor sums to 1. Each row is a distribution of its own: sum over dimension 1."
)
def over_all(logits):
    return logits.flatten().softmax(0).view(logits.shape)


@soft.misconception(
    "keepdim=True is missing in the sum: the row sums lie down as a row, and column j is divided by "
    "the sum of row j."
)
def no_keepdim(logits):
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    return counts / counts.sum(1)


@soft.misconception(
    "exp is missing: negative logits would be negative probabilities. exp first, then divide by the sum."
)
def no_exp(logits):
    return logits / logits.sum(1, keepdim=True)


@soft.misconception("These are the counts, exp(logits): divide each row by its sum.")
def not_normalized(logits):
    return (logits - logits.max(1, keepdim=True).values).exp()


@soft.misconception(
    "These are log-probabilities. Return the probabilities themselves; the logarithm comes in the loss."
)
def log_probabilities(logits):
    return logits.log_softmax(1)


@soft.misconception(
    "Powers of 2 in place of e. The gradient, and every published number, come from exp."
)
def base_two(logits):
    counts = 2 ** (logits - logits.max(1, keepdim=True).values)
    return counts / counts.sum(1, keepdim=True)


@soft.misconception(
    "This is 1 for the largest logit, 0 for all others: no probability, and nothing to learn from."
)
def hard_max(logits):
    return torch.nn.functional.one_hot(logits.argmax(1), logits.shape[1]).to(logits.dtype)


@soft.misconception(
    "A small number was added to the sum 'against division by zero'. With the maximum subtracted the "
    "sum is at "
    "least 1, and now the rows no longer sum to 1."
)
def epsilon(logits):
    counts = (logits - logits.max(1, keepdim=True).values).exp()
    return counts / (counts.sum(1, keepdim=True) + 1e-5)


soft.misconception(
    "The result is cut off from the logits (detach, .data, no_grad): nothing can be trained through it.",
    name="detached",
    replace="counts = (logits - logits",
    by="logits = logits.detach()\n    counts = (logits - logits",
)
soft.misconception(
    "The row sums are detached. They depend on every logit of the row: without them the gradient lacks "
    "the part that pushes all other characters down.",
    name="sum_detached",
    replace="counts.sum(1, keepdim=True)",
    by="counts.sum(1, keepdim=True).detach()",
)
soft.misconception(
    "`-=` works in place: it changes the caller's logits. Make a new tensor: logits - max.",
    name="in_place",
    replace="counts = (logits - logits.max(1, keepdim=True).values).exp()",
    by="logits -= logits.detach().max(1, keepdim=True).values\n    counts = logits.exp()",
)
soft.misconception(
    "float32 whatever the logits were: keep their dtype.",
    name="float32",
    replace="counts = (logits",
    by="logits = logits.float()\n    counts = (logits",
)

soft.variant(
    "torch's own",
    name="functional",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return logits.softmax(dim=-1)",
)
soft.variant(
    "the maximum without gradient",
    name="max_detached",
    replace="(logits - logits.max(1, keepdim=True).values)",
    by="(logits - logits.detach().amax(1, keepdim=True))",
)
soft.variant(
    "exp of log-probabilities",
    name="logsumexp",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return (logits - logits.logsumexp(1, keepdim=True)).exp()",
)
soft.variant(
    "row by row",
    name="rows",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return torch.stack([row / row.sum() for row in counts])",
)
soft.variant(
    "transposed, normalized, and back",
    name="transposed",
    replace="return counts / counts.sum(1, keepdim=True)",
    by="return (counts.T / counts.sum(1)).T",
)
