"""10.exact_kl: how far has it gone, over the whole vocabulary?"""

import torch

from graders.authoring import exercise

from .part import calls

distance = exercise("exact_kl", title="KL to the reference")


@distance.cases
def _(rng):
    for shape, std, dtype in [
        ((3, 5, 7), 1.5, torch.float64),
        ((4, 2), 1.0, torch.float64),
        ((6,), 2.0, torch.float64),
        ((2, 3, 1), 1.0, torch.float64),
        ((1, 3, 5), 2.0, torch.float32),
    ]:
        yield dict(
            logits=rng.normal(*shape, std=std, mean=1.0, dtype=dtype),
            ref_logits=rng.normal(*shape, std=std, mean=-2.0, dtype=dtype),
        )
    some = rng.normal(3, 6)
    some[0, 2:5], some[2, 1:] = -torch.inf, -torch.inf
    yield dict(logits=some, ref_logits=rng.normal(3, 6))
    far, ref = rng.normal(4, 5), rng.normal(4, 5)
    far[0, 1], far[1, 2], ref[2, 3], ref[3, 0] = 1e4, -1e4, 1e4, -1e4
    yield dict(logits=far, ref_logits=ref)
    # the same distribution, other logits: distance 0; the size of the others is the scale
    yield dict(
        logits=torch.stack([ref[0], ref[1] * 2]), ref_logits=torch.stack([ref[0] + 3, ref[1]])
    )
    yield dict(logits=rng.normal(4, 3).T, ref_logits=rng.normal(4, 3).T)


@distance.oracle
def _(logits, ref_logits):
    V = logits.shape[-1]
    out = []
    for a, b in zip(
        logits.double().reshape(-1, V), ref_logits.double().reshape(-1, V), strict=True
    ):
        logp, logq = a - a.logsumexp(0), b - b.logsumexp(0)
        seen = logp > -torch.inf
        out.append((logp[seen].exp() * (logp[seen] - logq[seen])).sum())
    return torch.stack(out).view(logits.shape[:-1]).to(logits.dtype)


@distance.check("gradients")
def _(m, logits, ref_logits):
    """Of the policy; and whether any arrives at the reference."""
    leaves = {"logits": logits.requires_grad_(), "ref_logits": ref_logits.requires_grad_()}
    out = m.exact_kl(logits, ref_logits)
    return calls(out, 1.7 + torch.arange(out.numel()).view(out.shape), **leaves)


distance.hint("log_softmax of both; the difference, weighted with the *policy's* probabilities.")
distance.hint(
    "-inf - x is -inf, and 0 * -inf is nan: set the difference to 0 where the policy's log p is -inf."
)
distance.hint("(logp.exp() * (logp - logq)).sum(-1), with logq from ref_logits.detach().")

distance.misconception(
    """That is KL(reference || policy): the other way round. Here the policy's own probabilities
    weigh.""",
    name="other_direction",
    replace="return (logp.exp() * apart).sum(-1)",
    by="return (logq.exp() * (logq - logp)).sum(-1)",
)
distance.misconception(
    """The sign is turned: KL is never negative. log p - log q, the policy first.""",
    name="negative",
    replace="return (logp",
    by="return -(logp",
)
distance.misconception(
    """The difference is weighted with the reference's probabilities. The mean is over what the *policy*
    says.""",
    name="weighted_by_reference",
    replace="logp.exp() * apart",
    by="logq.exp() * apart",
)
distance.misconception(
    """The difference of the logits is not that of the log-probabilities: each needs its own
    log_softmax. (Logits that are all 3 higher are the same distribution.)""",
    name="logits",
    replace="apart = (logp - logq)",
    by="apart = (logits - ref_logits.detach())",
)
distance.misconception(
    """That is the mean over the vocabulary. The sum is asked; the weights are in p already.""",
    name="mean",
    replace=".sum(-1)",
    by=".mean(-1)",
)
distance.misconception(
    """One number for everything came back. Each position has its own.""",
    name="one_number",
    replace=".sum(-1)",
    by=".sum(-1).mean()",
)
distance.misconception(
    """A token that the policy never writes (logit -inf) makes it nan: 0 * -inf. It contributes 0.""",
    name="nan",
    replace=".masked_fill(logp == -torch.inf, 0.0)",
    by="",
)
distance.misconception(
    """The value is right, but its gradient is nan where a logit is -inf: nan_to_num hides the product 0
    * -inf from the eye, not from the backward pass.""",
    name="hidden_nan",
    replace="return (logp.exp() * apart).sum(-1)",
    by="return (logp.exp() * (logp - logq)).nan_to_num(0.0).sum(-1)",
)
distance.misconception(
    """A gradient flows into the reference. It is a constant: it must not come to meet the policy.""",
    name="reference_learns",
    replace="ref_logits.detach()",
    by="ref_logits",
)
distance.misconception(
    """No gradient flows into the policy, so a penalty made of this would do nothing.""",
    name="detached",
    replace="F.log_softmax(logits, dim=-1)",
    by="F.log_softmax(logits.detach(), dim=-1)",
)
distance.misconception(
    """The policy's probabilities were taken as constants: the gradient misses that they change,
    too.""",
    name="weights_constant",
    replace="logp.exp() * apart",
    by="logp.exp().detach() * apart",
)
distance.misconception(
    """The policy came detached, and the gradient flows into the reference: the other way round.""",
    name="wrong_one_detached",
    edits=[
        ("F.log_softmax(logits, dim=-1)", "F.log_softmax(logits.detach(), dim=-1)"),
        ("ref_logits.detach()", "ref_logits"),
    ],
)

distance.misconception(
    """That is the mean of both directions, KL(p || q) and KL(q || p). Asked is one: the policy's own
    probabilities weigh.""",
    name="both_directions",
    replace="return (logp.exp() * apart).sum(-1)",
    by="return 0.5 * ((logp.exp() - logq.exp()) * apart).sum(-1)",
)

distance.variant(
    "cross-entropy minus entropy",
    name="cross_entropy",
    source="""
    def exact_kl(logits, ref_logits):
        with torch.no_grad():
            logq = ref_logits.log_softmax(-1)
        p, logp = logits.softmax(-1), logits.log_softmax(-1)
        terms = torch.where(p > 0, logp - logq, torch.zeros_like(p))
        return torch.einsum("...v,...v->...", p, terms)
    """,
)
distance.variant(
    "a large negative number for -inf",
    name="large_negative",
    source="""
    def exact_kl(logits, ref_logits):
        logp = F.log_softmax(logits, dim=-1)
        safe = torch.where(logits == -torch.inf, torch.full_like(logp, -1e5), logp)
        p = safe.exp()
        return (p * (safe - F.log_softmax(ref_logits.detach(), dim=-1))).sum(-1)
    """,
)

distance.equivalent("0.0  ->  1.0", "what stands there is multiplied by 0")
