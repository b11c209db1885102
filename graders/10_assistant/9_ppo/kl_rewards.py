"""10.kl_rewards: a price for each token, and the reward at the end of the response."""

import torch

from graders.authoring import exercise

from .part import calls, masks, response, spans

priced = exercise("kl_rewards", title="a reward for each token", points=2)


def row(rng, mask, beta, dtype=torch.float64):
    B, T = mask.shape
    case = dict(
        logps=rng.normal(B, T - 1, mean=-2.0, dtype=dtype),
        ref_logps=rng.normal(B, T - 1, mean=-3.0, dtype=dtype),
        mask=mask,
        rewards=rng.normal(B, mean=2.0, std=2.0, dtype=dtype),
        beta=beta,
    )
    outside = (~mask[:, 1:]).nonzero().tolist()
    if outside and T > 3:
        b, t = outside[0]
        case["logps"][b, t], case["ref_logps"][b, t] = -torch.inf, -torch.inf
    return case


@priced.cases
def _(rng):
    for i, mask in enumerate(masks()):
        dtype = torch.float32 if i == 1 else torch.float64
        yield row(rng, mask, [0.3, 0.05, 2.0, 0.0, 0.7][i], dtype)
    yield row(rng, spans(7, [[(1, 3), (4, 5)], [(6, 7)], [], [(0, 1)]]), 0.4)
    yield row(rng, spans(7, [[(2, 6)], [(3, 7)]]), 0.45)  # as wide, without a tool
    yield row(rng, spans(4, [[(1, 4)], [(0, 4)]]), 0.4)  # nothing but the response
    yield row(rng, spans(5, [[(1, 2)], [(0, 2)]]), 0.3)  # the very first place is the last
    # far from the reference both ways, and large rewards: nothing is held back
    case = row(rng, spans(6, [[(1, 6)], [(2, 5)]]), 0.35)
    case["ref_logps"] = torch.where(rng.normal(2, 5) > 0, 40.0, -40.0) + rng.normal(2, 5)
    yield dict(case, rewards=torch.tensor([25.0, -30.0]).double() + rng.normal(2))
    case = row(rng, masks()[0], 0.6)
    yield dict(case, logps=case["logps"].T.contiguous().T, mask=case["mask"].T.contiguous().T)


@priced.oracle
def _(logps, ref_logps, mask, rewards, beta):
    out = torch.zeros_like(logps)
    for b, t in response(mask):
        out[b, t] = -beta * (logps[b, t] - ref_logps[b, t])
    for b in range(len(mask)):
        places = [t for i, t in response(mask) if i == b]
        if places:
            out[b, max(places)] += rewards[b]
    return out


@priced.check("constants")
def _(m, logps, ref_logps, mask, rewards, beta):
    """Rewards have no graph, whatever they are made of."""
    leaves = [x.requires_grad_() for x in (logps, ref_logps, rewards)]
    out = m.kl_rewards(leaves[0] * 1.0, leaves[1] * 1.0, mask, leaves[2] * 1.0, beta)
    told = calls(out, 1.0)
    return {**told, "it has a graph": isinstance(out, torch.Tensor) and out.requires_grad}


@priced.oracle("constants")
def _(logps, ref_logps, mask, rewards, beta):
    found = priced.checks["values"].oracle(logps, ref_logps, mask, rewards, beta)
    return {"value": found, "gradients": {}, "it has a graph": False}


priced.hint(
    "First the price at every response token, 0 elsewhere (masked_fill, as there may be nan)."
)
priced.hint(
    "Where is the last True of each row of mask[:, 1:]? There may be none: then nothing is added."
)
priced.hint(
    "places = arange(T - 1); last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))."
)

LAST = "last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))"

priced.misconception(
    """The price has the wrong sign: leaving the reference is paid for, not charged. It is -beta *
    (logps - ref_logps).""",
    name="sign",
    replace="(-beta * (logps - ref_logps))",
    by="(beta * (logps - ref_logps))",
)
priced.misconception(
    """The price is k3. Charged is k1 here, the plain difference: its sum over the answer is the
    answer's own log-ratio.""",
    name="k3",
    replace="(-beta * (logps - ref_logps))",
    by="(-beta * (torch.expm1(ref_logps - logps) + logps - ref_logps))",
)
priced.misconception(
    """The price is the absolute difference: a token that has become less probable than with the
    reference is to earn something, so that the mean is KL.""",
    name="absolute",
    replace="(-beta * (logps - ref_logps))",
    by="(-beta * (logps - ref_logps).abs())",
)
priced.misconception(
    """The reward is in the last column, which is padding in shorter answers: nobody will see it
    there.""",
    name="last_column",
    replace=LAST,
    by="last = (places == own.shape[1] - 1).expand(own.shape)",
)
priced.misconception(
    """The reward is in the last column where the answer is empty, or cut: index -1 wraps around. A row
    without response tokens is all 0.""",
    name="wraps_around",
    replace=LAST,
    by="at = torch.where(own, places, -1).amax(1, keepdim=True) % own.shape[1]\n    last = places == at",
)
priced.misconception(
    """An empty answer got its reward in the first column. It has no token that could have earned it:
    all 0.""",
    name="empty_first",
    replace=LAST,
    by="last = places == torch.where(own, places, 0).amax(1, keepdim=True)",
)
priced.misconception(
    """The reward is one behind the last response token: on the padding, or off the end.""",
    name="one_late",
    replace=LAST,
    by="last = places == torch.where(own, places, -9).amax(1, keepdim=True) + 1",
)
priced.misconception(
    """The reward is one before the last response token.""",
    name="one_early",
    replace=LAST,
    by="last = places == torch.where(own, places, -9).amax(1, keepdim=True) - 1",
)
priced.misconception(
    """The reward is at the *count* of response tokens, as if the response began in the first column.
    Ask for the position of the last one.""",
    name="count",
    replace=LAST,
    by="last = own.any(1, keepdim=True) & (places == own.sum(1, keepdim=True) - 1)",
)
priced.misconception(
    """The reward is at the end of the first stretch of the response. After a tool's output it goes on:
    the last token is behind it.""",
    name="first_stretch",
    replace=LAST,
    by="ends = own & ~torch.cat([own[:, 1:], torch.zeros_like(own[:, :1])], 1)\n"
    "    last = ends & (ends.cumsum(1) == 1)",
)
priced.misconception(
    """The reward is at the first token of the response. It is for the whole of it: at the last one.""",
    name="first_token",
    replace=LAST,
    by="last = own & (own.cumsum(1) == 1)",
)
priced.misconception(
    """The reward is where the response's first token stands plus their number: after a tool's output there
    is a gap, and the last token is further on.""",
    name="start_and_count",
    replace=LAST,
    by="start = own.long().argmax(1, keepdim=True)\n"
    "    last = own.any(1, keepdim=True) & (places == start + own.sum(1, keepdim=True) - 1)",
)
priced.misconception(
    """The price was divided by the number of tokens. Each token pays its own difference in full.""",
    name="averaged",
    replace=".masked_fill(~own, 0.0)",
    by=".masked_fill(~own, 0.0) / own.sum(1, keepdim=True).clamp(min=1)",
)
priced.misconception(
    """Only where the policy likes a token more than the reference is there a price. Where it likes it less,
    the token is to earn as much, so that the mean is KL.""",
    name="only_positive",
    replace="(logps - ref_logps))",
    by="(logps - ref_logps).clamp(min=0))",
)
priced.misconception(
    """The reward was given to every response token. It was earned once: at the last one.""",
    name="everywhere",
    replace=LAST,
    by="last = own",
)
priced.misconception(
    """The reward replaces the last token's price. It is added to it.""",
    name="replaces",
    replace="out + rewards.detach()[:, None], out)",
    by="rewards.detach()[:, None], out)",
)
priced.misconception(
    """The reward was multiplied by beta, too. beta is the price of leaving the reference.""",
    name="beta_on_reward",
    replace="out + rewards.detach()[:, None], out)",
    by="out + beta * rewards.detach()[:, None], out)",
)
priced.misconception(
    """The mask is off by one: entry t belongs to token t + 1, so mask[:, 1:] fits.""",
    name="mask_not_shifted",
    replace="own = mask[:, 1:]",
    by="own = mask[:, :-1]",
)
priced.misconception(
    """A price stands outside the response as well, where the policy wrote nothing.""",
    name="no_mask",
    replace=".masked_fill(~own, 0.0)",
    by="",
)
priced.misconception(
    """A product with the mask leaves nan: -inf - -inf is nan, and 0 * nan too. Use masked_fill.""",
    name="product",
    replace=".masked_fill(~own, 0.0)",
    by=" * own",
)
priced.misconception(
    """The rewards carry a graph: the advantages made of them would train the policy through the price,
    and the reward model. They are constants.""",
    name="graph",
    edits=[(".detach().masked", ".masked"), ("rewards.detach()", "rewards")],
)

priced.variant(
    "row by row",
    name="loop",
    source="""
    @torch.no_grad()
    def kl_rewards(logps, ref_logps, mask, rewards, beta):
        out = torch.zeros_like(logps)
        for b in range(len(mask)):
            places = mask[b, 1:].nonzero().flatten()
            out[b, places] = beta * (ref_logps[b, places] - logps[b, places])
            if len(places):
                out[b, places[-1]] += rewards[b]
        return out
    """,
)

priced.equivalent(
    "1  ->  2", "places are 0 or more, and a row without any of its own has no last one"
)
priced.equivalent(
    "1  ->  0", "places are 0 or more, and a row without any of its own has no last one"
)
