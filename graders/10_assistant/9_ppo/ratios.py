"""10.ratios: how much more probable is it now?"""

import torch

from graders.authoring import exercise

from .part import calls

ratio = exercise("ratios", title="the ratio")


@ratio.cases
def _(rng):
    for shape, std, dtype in [
        ((3, 5), 1.0, torch.float64),
        ((1, 4), 0.3, torch.float64),
        ((4, 1), 2.0, torch.float32),
        ((6,), 1.0, torch.float64),
        ((2, 0), 1.0, torch.float64),
    ]:
        yield dict(
            logps=rng.normal(*shape, mean=-2.0, std=std, dtype=dtype),
            old_logps=rng.normal(*shape, mean=-2.5, std=std, dtype=dtype),
        )
    logps = rng.normal(4, mean=-1.0)
    yield dict(logps=logps, old_logps=logps + torch.tensor([0.0, 30.0, -12.0, -30.0]).double())
    # improbable under both: neither probability is more than 0 in floating point
    yield dict(
        logps=logps - 1e4, old_logps=logps - 1e4 + torch.tensor([0.5, -0.5, 2.0, 0.0]).double()
    )
    yield dict(logps=rng.normal(4, 3).T, old_logps=rng.normal(4, 3).T)


@ratio.oracle
def _(logps, old_logps):
    return torch.expm1(logps - old_logps) + 1


@ratio.check("gradients")
def _(m, logps, old_logps):
    """Of the policy that is trained; and whether any arrives at the old log-probabilities."""
    leaves = {"logps": logps.requires_grad_(), "old_logps": old_logps.requires_grad_()}
    upstream = 1.7 + torch.arange(logps.numel()).view(logps.shape)
    return calls(m.ratios(logps, old_logps), upstream, **leaves)


ratio.hint("A quotient of probabilities is the exponential of a difference of logs.")
ratio.hint("(logps - old_logps.detach()).exp(): only the new ones have a gradient.")

ratio.misconception(
    """That is the difference of the logs. The ratio is its exponential: 1 where nothing changed, not
    0.""",
    name="no_exp",
    replace=".exp()",
    by="",
)
ratio.misconception(
    """Upside down: old over new. What has become *more* probable has a ratio above 1.""",
    name="upside_down",
    replace="(logps - old_logps.detach()).exp()",
    by="(old_logps.detach() - logps).exp()",
)
ratio.misconception(
    """The logs were divided by each other. Divide the probabilities, which is to subtract the logs.""",
    name="logs_divided",
    replace="(logps - old_logps.detach()).exp()",
    by="logps / old_logps.detach()",
)
ratio.misconception(
    """Both were turned into probabilities first: exp(-10000) is 0, and 0 / 0 is nan. Subtract the logs,
    then one exp.""",
    name="exp_first",
    replace="(logps - old_logps.detach()).exp()",
    by="logps.exp() / old_logps.detach().exp()",
)
ratio.misconception(
    """A gradient flows into the old log-probabilities. They are what was, a constant; if they come from
    the same policy, the two gradients cancel.""",
    name="old_learns",
    replace="old_logps.detach()",
    by="old_logps",
)
ratio.misconception(
    """Without a gradient the loss teaches nothing: only the *old* log-probabilities are constants.""",
    name="detached",
    replace="(logps - old_logps.detach())",
    by="(logps.detach() - old_logps.detach())",
)
ratio.misconception(
    """The ratios are clipped here already. That is the loss's work, which needs the unclipped ones,
    too.""",
    name="clipped",
    replace=".exp()",
    by=".exp().clamp(0.8, 1.2)",
)
ratio.misconception(
    """The tokens' logs were summed: that is the ratio of whole answers. Each token has its own.""",
    name="summed",
    replace="(logps - old_logps.detach()).exp()",
    by="(logps - old_logps.detach()).sum(-1, keepdim=True).exp().expand(logps.shape)",
)
ratio.misconception(
    """The policy's log-probabilities minus themselves, detached: 1 everywhere. The gradient is right
    for the first step only; the old ones are those of the rollout.""",
    name="always_one",
    replace="logps - old_logps.detach()",
    by="logps - logps.detach()",
)

ratio.variant(
    "torch.exp, under no_grad",
    name="no_grad",
    source="""
    def ratios(logps, old_logps):
        with torch.no_grad():
            old = old_logps.clone()
        return torch.exp(logps - old)
    """,
)
