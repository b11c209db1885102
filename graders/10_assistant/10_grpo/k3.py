"""10.k3: what each token pays for its distance from the reference."""

import torch

from graders.authoring import differentiate, exercise

from .part import columns_first

ex = exercise("k3", title="the KL penalty of each token")


@ex.cases
def _(rng):
    for shape in [(3, 5), (1, 4), (6, 1), (7,), (2, 3, 4), (), (0,)]:
        yield dict(
            logps=rng.normal(*shape, mean=-2.0), ref_logps=rng.normal(*shape, mean=-2.0, std=2.0)
        )
    same = rng.normal(4, 3)
    yield dict(logps=same, ref_logps=same.clone())
    yield dict(
        logps=columns_first(rng.normal(4, 3)), ref_logps=rng.normal(4, 3, dtype=torch.float64)
    )
    yield dict(
        logps=rng.normal(3, 2, dtype=torch.float32), ref_logps=rng.normal(3, 2, dtype=torch.float32)
    )
    # a token that the reference thinks impossible, or nearly
    yield dict(
        logps=torch.tensor([-0.5, -3.0, 0.0, -40.0], dtype=torch.float64),
        ref_logps=torch.tensor([-1e4, -40.0, -0.1, -9.0], dtype=torch.float64),
    )


@ex.oracle
def _(logps, ref_logps):
    rho = (logps - ref_logps).double()  # the log of policy over reference
    return ((-rho).exp() + rho - 1).to(logps.dtype)


@ex.check("gradients")
def _(m, logps, ref_logps):
    """Of both arguments; the reference's must not get any."""
    logps.requires_grad_()
    ref_logps.requires_grad_()
    out = m.k3(logps, ref_logps)
    up = torch.linspace(-1.5, 2.5, max(1, out.numel()), dtype=out.dtype)[: out.numel()]
    return dict(differentiate(out, {"logps": logps, "ref_logps": ref_logps}, up.reshape(out.shape)))


@ex.oracle("gradients")
def _(logps, ref_logps):
    up = torch.linspace(-1.5, 2.5, max(1, logps.numel()), dtype=logps.dtype)[: logps.numel()]
    slope = 1 - (ref_logps.double() - logps.double()).exp()
    return {"logps": up.reshape(logps.shape) * slope.to(logps.dtype), "ref_logps": None}


ex.hint("d = ref_logps - logps, in this order. What may ref_logps not have?")
ex.hint("The reference is a constant: ref_logps.detach().")
ex.hint("d = ref_logps.detach() - logps; return d.exp() - d - 1")

ex.misconception(
    """Policy and reference are exchanged: d is log reference minus log policy. With the tokens drawn from
    the policy, the other order estimates nothing.""",
    name="wrong_way",
    replace="ref_logps.detach() - logps",
    by="logps - ref_logps.detach()",
)
ex.misconception(
    """The sign of the linear term is wrong: exp(d) - d - 1. With + d it would fall below zero, and be
    steepest where it should be flat, at d = 0.""",
    name="plus_d",
    replace="d.exp() - d - 1",
    by="d.exp() + d - 1",
)
ex.misconception(
    """Without - 1 it costs 1 to be equal to the reference: exp(0) - 0 is 1.""",
    name="no_minus_one",
    replace="d.exp() - d - 1",
    by="d.exp() - d",
)
ex.misconception(
    """That is k1, log policy minus log reference: right on average, but negative for many tokens. Asked is
    k3.""",
    name="k1",
    replace="d.exp() - d - 1",
    by="-d",
)
ex.misconception(
    """That is k2, half the square: it equals k3 near zero only.""",
    name="k2",
    replace="d.exp() - d - 1",
    by="0.5 * d.square()",
)
ex.misconception(
    """A gradient flows into the reference, which is to stand still: detach it.""",
    name="ref_moves",
    replace="ref_logps.detach()",
    by="ref_logps",
)
ex.misconception(
    """The number is right, but no gradient flows back to the policy: a penalty without gradient holds
    nobody. Detach the reference only.""",
    name="no_gradient",
    replace="d.exp() - d - 1",
    by="(d.exp() - d - 1).detach()",
)
ex.misconception(
    """One number for everything came back. Asked is a penalty for each token; the mean comes later.""",
    name="averaged",
    replace="d.exp() - d - 1",
    by="(d.exp() - d - 1).mean()",
)
ex.misconception(
    """The formula of the full divergence weighs each term with its probability. Here the tokens were drawn
    by the policy already, which does that weighing.""",
    name="weighted",
    replace="d.exp() - d - 1",
    by="logps.exp() * (d.exp() - d - 1)",
)

ex.variant(
    "expm1",
    name="expm1",
    source="""
    def k3(logps, ref_logps):
        rho = logps - ref_logps.detach()
        return torch.expm1(-rho) + rho
""",
)
