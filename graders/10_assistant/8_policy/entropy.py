"""10.entropy: how undecided is it?"""

import torch

from graders.authoring import exercise

from .part import calls

undecided = exercise("entropy", title="how undecided is it?")


@undecided.cases
def _(rng):
    for shape, std, dtype in [
        ((3, 5, 7), 1.5, torch.float64),
        ((4, 2), 1.0, torch.float64),
        ((6,), 2.0, torch.float64),
        ((2, 3, 1), 1.0, torch.float64),
        ((1, 3, 5), 2.0, torch.float32),
    ]:
        yield dict(logits=rng.normal(*shape, mean=-3.0, std=std, dtype=dtype))
    some = rng.normal(3, 4, 6)
    some[0, 1, 2:5], some[1, :, 0], some[2, 3, 1:] = -torch.inf, -torch.inf, -torch.inf
    yield dict(logits=some)
    far = rng.normal(4, 5)
    far[0, 1], far[1, 2], far[2, :2], far[3, 0] = 1e4, -1e4, 1e4, 30.0
    yield dict(logits=far)
    yield dict(logits=rng.normal(5, 4, 3).transpose(0, 2))
    # nearly sure: what a constant inside the log would add is not small beside it
    yield dict(logits=torch.tensor([24.0, 0.3, -0.5, 0.0]).double() + rng.number())


@undecided.oracle
def _(logits):
    rows = logits.double().flatten(0, -2) if logits.dim() > 1 else logits.double()[None]
    out = []
    for row in rows:
        row = row[row > -torch.inf]
        logp = row - row.logsumexp(0)
        out.append(-(logp.exp() * logp).sum())
    return torch.stack(out).view(logits.shape[:-1]).to(logits.dtype)


@undecided.check("gradients")
def _(m, logits):
    logits.requires_grad_()
    out = m.entropy(logits)
    return calls(out, 1.7 + torch.arange(out.numel()).view(out.shape), logits=logits)


undecided.hint(
    "log_softmax gives log p, its exp p; the entropy is minus the sum of p log p over V."
)
undecided.hint("0 * -inf is nan. Replace log p by 0 where it is -inf, before you multiply.")
undecided.hint("-(logp.exp() * logp.masked_fill(logp == -torch.inf, 0.0)).sum(-1)")

undecided.misconception(
    """The minus is missing: p log p is never positive, entropy never negative.""",
    name="no_minus",
    replace="return -(",
    by="return (",
)
undecided.misconception(
    """A forbidden token (logit -inf) makes it nan: 0 * -inf. It contributes 0.""",
    name="nan",
    replace="logp.masked_fill(logp == -torch.inf, 0.0)",
    by="logp",
)
undecided.misconception(
    """The value is right, but its gradient is nan where a logit is -inf: nan_to_num hides a product 0 *
    -inf, and the backward pass meets it again. Replace before multiplying.""",
    name="hidden_nan",
    replace="return -(logp.exp() * logp.masked_fill(logp == -torch.inf, 0.0)).sum(-1)",
    by="return -(logp.exp() * logp).nan_to_num(0.0).sum(-1)",
)
undecided.misconception(
    """log(p + eps) is not log p: with a small constant inside, the entropy is a little off, and its
    gradient too. log_softmax needs none.""",
    name="with_eps",
    replace="logp.masked_fill(logp == -torch.inf, 0.0)",
    by="(logp.exp() + 1e-8).log()",
)
undecided.misconception(
    """That is the mean over the vocabulary. Entropy is the sum.""",
    name="mean",
    replace=".sum(-1)",
    by=".mean(-1)",
)
undecided.misconception(
    """The softmax, or the sum, runs over another dimension. The vocabulary is the last one.""",
    name="first_dimension",
    replace="dim=-1)",
    by="dim=0)",
)
undecided.misconception(
    """One number for everything came back. Each position has an entropy of its own.""",
    name="one_number",
    replace=".sum(-1)",
    by=".sum(-1).mean()",
)
undecided.misconception(
    """That is in bits. Asked is the natural logarithm (nats).""",
    name="bits",
    replace=".sum(-1)",
    by=".sum(-1) / 0.6931471805599453",
)
undecided.misconception(
    """p and log p are taken of the logits themselves, not of softmax(logits).""",
    name="no_softmax",
    replace="F.log_softmax(logits, dim=-1)",
    by="logits",
)
undecided.misconception(
    """The probabilities were taken as constants: the gradient is that of the logs only. Both factors
    depend on the logits.""",
    name="probabilities_constant",
    replace="logp.exp()",
    by="logp.exp().detach()",
)
undecided.misconception(
    """The value is right, but it is cut off from the logits: as a bonus in a loss it would do
    nothing.""",
    name="detached",
    replace="F.log_softmax(logits, dim=-1)",
    by="F.log_softmax(logits.detach(), dim=-1)",
)

undecided.variant(
    "logsumexp minus the mean logit",
    name="logsumexp",
    replace="    logp = F.log_softmax(logits, dim=-1)\n"
    "    return -(logp.exp() * logp.masked_fill(logp == -torch.inf, 0.0)).sum(-1)",
    by="    p = logits.softmax(-1)\n"
    "    seen = logits.masked_fill(logits == -torch.inf, 0.0)\n"
    "    top = logits.detach().max(-1, keepdim=True).values\n"
    "    seen = torch.where(logits == -torch.inf, 0.0, seen - top)\n"
    "    return torch.logsumexp(logits - top, -1) - (p * seen).sum(-1)",
)

undecided.equivalent("0.0  ->  1.0", "what stands there is multiplied by 0")
