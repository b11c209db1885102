"""10.kl_estimates: k1, k2 and k3, and what they are on average."""

import torch

from graders.authoring import exercise, instead

estimates = exercise("kl_estimates", title="KL from drawn tokens: k1, k2, k3")


@estimates.cases
def _(rng):
    for shape, std, dtype in [
        ((3, 5), 1.0, torch.float64),
        ((4,), 2.0, torch.float64),
        ((1, 1), 1.0, torch.float64),
        ((2, 3, 4), 0.7, torch.float64),
        ((5, 2), 1.0, torch.float32),
    ]:
        logps = rng.normal(*shape, mean=-2.0, std=std, dtype=dtype)
        refs = rng.normal(*shape, mean=-2.5, std=std, dtype=dtype)
        refs.view(-1)[0] = logps.view(-1)[0] + 1.5 if refs.numel() > 1 else refs.view(-1)[0]
        yield dict(logps=logps, ref_logps=refs)
    yield dict(logps=rng.normal(4, 3).T, ref_logps=rng.normal(4, 3).T)
    # far apart, both ways: e^-l is e^9 and more, or next to nothing
    far = torch.tensor([9.0, -9.0, 12.5, -11.0, 6.0, 35.0]).double()
    logps = rng.normal(6, mean=-40.0)
    yield dict(logps=logps, ref_logps=logps + far)
    same = rng.normal(3)
    yield dict(logps=torch.cat([same, rng.normal(2)]), ref_logps=torch.cat([same, rng.normal(2)]))


@estimates.oracle
def _(logps, ref_logps):
    ratio = (ref_logps.double() - logps.double()).exp()  # q / p
    out = (-ratio.log(), ratio.log() ** 2 / 2, ratio - 1 - ratio.log())
    return tuple(k.to(logps.dtype) for k in out)


@estimates.check("gradients")
def _(m, logps, ref_logps):
    """Of each of the three, for the policy; and whether any arrives at the reference."""
    logps.requires_grad_()
    ref_logps.requires_grad_()
    found = []
    for i in range(3):
        logps.grad = ref_logps.grad = None
        out = m.kl_estimates(logps, ref_logps)
        if not isinstance(out, (tuple, list)) or len(out) != 3:
            return instead(out, "three tensors")
        if out[i].requires_grad:
            (out[i] * (1.7 + torch.arange(logps.numel()).view(logps.shape))).sum().backward()
        found.append([logps.grad, ref_logps.grad])
    return found


def vocabularies(rng):
    for V in (2, 5):
        yield dict(logits=rng.normal(V), ref_logits=rng.normal(V))


@estimates.check("on average", cases=vocabularies)
def _(m, logits, ref_logits):
    """Each weighted with the policy's probabilities, over the whole of a small vocabulary."""
    logp, logq = logits.log_softmax(0), ref_logits.log_softmax(0)
    out = m.kl_estimates(logp, logq)
    if not isinstance(out, (tuple, list)) or len(out) != 3:
        return instead(out, "three tensors")
    return [(logp.exp() * k).sum() for k in out]


@estimates.oracle("on average")
def _(logits, ref_logits):
    p, q = (torch.distributions.Categorical(logits=x) for x in (logits, ref_logits))
    kl = torch.distributions.kl_divergence(p, q)
    return [kl, (p.probs * (p.probs / q.probs).log() ** 2).sum() / 2, kl]


estimates.hint(
    "All three are made of one difference: the policy's log-probability minus the reference's."
)
estimates.hint("With d = logps - ref_logps: d, d ** 2 / 2, and exp(-d) - 1 + d.")
estimates.hint("The reference is a constant: ref_logps.detach().")

estimates.misconception(
    """The difference is taken the wrong way round, reference minus policy: k1 has the other sign, and
    k3 is an estimate of something else.""",
    name="other_way",
    replace="apart = logps - ref_logps.detach()",
    by="apart = ref_logps.detach() - logps",
)
estimates.misconception(
    """k1 has the wrong sign. k3 is often written with the log of q / p, reference minus policy; k1 is
    minus that.""",
    name="k1_sign",
    replace="return apart,",
    by="return -apart,",
)
estimates.misconception(
    """In k3 the exponent has the wrong sign: e to the reference minus the policy is asked, q / p. With
    p / q its mean under the policy is not KL.""",
    name="k3_exponent",
    replace="torch.expm1(-apart) + apart",
    by="torch.expm1(apart) - apart",
)
estimates.misconception(
    """In k3 the last term has the wrong sign: e^(-l) - 1 + l, which is never negative.""",
    name="k3_sign",
    replace="torch.expm1(-apart) + apart",
    by="torch.expm1(-apart) - apart",
)
estimates.misconception(
    """In k3 the 1 is not subtracted: then two equal policies are 1 apart.""",
    name="k3_no_one",
    replace="torch.expm1(-apart) + apart",
    by="torch.exp(-apart) + apart",
)
estimates.misconception(
    """k2 is half the square; the half is missing.""",
    name="k2_no_half",
    replace="apart**2 / 2",
    by="apart**2",
)
estimates.misconception(
    """k1 is the difference itself. As an absolute value its mean is not KL any more: negative ones must
    be allowed to cancel.""",
    name="k1_absolute",
    replace="return apart,",
    by="return apart.abs(),",
)
estimates.misconception(
    """Means came back. One estimate for each token is asked.""",
    name="means",
    replace="return apart, apart**2 / 2, torch.expm1(-apart) + apart",
    by="return apart.mean(), (apart**2 / 2).mean(), (torch.expm1(-apart) + apart).mean()",
)
estimates.misconception(
    """The estimates were weighted with the policy's probabilities. The tokens were *drawn* from it:
    probable ones come more often already.""",
    name="weighted",
    replace="return apart, apart**2 / 2, torch.expm1(-apart) + apart",
    by="p = logps.exp()\n    return p * apart, p * apart**2 / 2, p * (torch.expm1(-apart) + apart)",
)
estimates.misconception(
    """A gradient flows into the reference, which is a constant.""",
    name="reference_learns",
    replace="ref_logps.detach()",
    by="ref_logps",
)
estimates.misconception(
    """No gradient flows into the policy: as a penalty in a loss these would do nothing.""",
    name="detached",
    replace="logps - ref_logps.detach()",
    by="logps.detach() - ref_logps.detach()",
)

estimates.variant(
    "with the ratio",
    name="ratio",
    source="""
    def kl_estimates(logps, ref_logps):
        log_ratio = ref_logps.detach() - logps  # Schulman's log r
        return -log_ratio, 0.5 * log_ratio.square(), log_ratio.exp() - 1 - log_ratio
    """,
)
