"""10.gae: from the last token back; what is not the response's is skipped."""

import torch

from graders.authoring import exercise, instead

from .part import masks, response, spans

advantage = exercise("gae", title="generalized advantage estimation", points=2, stretch=True)


def row(rng, mask, gamma, lam, bootstrap=True, dtype=torch.float64):
    B, T = mask.shape
    case = dict(
        rewards=rng.normal(B, T - 1, dtype=dtype),
        values=rng.normal(B, T - 1, mean=1.0, dtype=dtype),
        mask=mask,
        gamma=gamma,
        lam=lam,
    )
    outside = (~mask[:, 1:]).nonzero().tolist()
    for b, t in outside[: len(outside) // 2]:
        case["values"][b, t] = torch.nan
    if outside:
        case["rewards"][tuple(outside[-1])] = torch.nan
    if bootstrap:
        case["bootstrap"] = rng.normal(B, mean=2.0, dtype=dtype)
        case["bootstrap"][B // 2] = 0.0  # that one ended
    return case


@advantage.cases
def _(rng):
    for i, mask in enumerate(masks()):
        dtype = torch.float32 if i == 1 else torch.float64
        yield row(
            rng, mask, [0.9, 0.95, 1.0, 0.8, 0.7][i], [0.7, 0.9, 0.6, 0.5, 0.4][i], i != 3, dtype
        )
    mask = spans(9, [[(1, 9)], [(2, 4), (6, 9)], [(5, 6)], []])
    yield row(rng, mask, 0.9, 0.6)
    yield row(rng, mask, 0.85, 0.0)
    yield row(rng, mask, 0.0, 0.8)
    yield row(rng, mask, 0.6, 1.0, bootstrap=False)
    yield dict(row(rng, mask, 0.9, 0.7), bootstrap=None)
    case = row(rng, mask, 0.95, 0.85)
    yield dict(case, rewards=30 * case["rewards"], values=20 * case["values"])  # of any size
    yield row(rng, spans(4, [[(1, 4)], [(0, 4)]]), 0.9, 0.6)  # nothing but the response
    alone = row(rng, spans(5, [[(2, 5)]]), 0.9, 0.8)  # a batch of one, cut off
    yield dict(alone, bootstrap=rng.normal(1, mean=2.0))
    case = row(rng, masks()[0], 0.8, 0.9)
    yield dict(
        case, values=case["values"].T.contiguous().T, rewards=case["rewards"].T.contiguous().T
    )


@advantage.scenario
def _(m, rewards, values, mask, gamma, lam, **bootstrap):
    """All of them have a graph, as those of a critic in training; what comes back has none."""
    given = {"rewards": rewards, "values": values, **bootstrap}
    given = {name: x.requires_grad_() * 1.0 for name, x in given.items() if x is not None}
    before = {name: x.detach().clone() for name, x in given.items()}
    out = m.gae(mask=mask, gamma=gamma, lam=lam, **{**bootstrap, **given})
    if not isinstance(out, (tuple, list)) or len(out) != 2:
        return instead(out, "a pair (advantages, returns)")
    if not all(isinstance(x, torch.Tensor) for x in out):
        return instead(out[0], "a tensor", False)
    return {
        "advantages": out[0].detach(),
        "returns": out[1].detach(),
        "they have a graph": [x.requires_grad for x in out],
        "arguments as before": all(
            torch.equal(x.detach().nan_to_num(9.0), before[name].nan_to_num(9.0))
            for name, x in given.items()
        ),
    }


@advantage.oracle
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    """Equation 16 as it stands: a sum of deltas with weights that fade."""
    found = torch.zeros_like(values), torch.zeros_like(values)
    for b in range(len(mask)):
        places = [t for i, t in response(mask) if i == b]
        V = [values[b, t].item() for t in places]
        V.append(0.0 if bootstrap is None else bootstrap[b].item())
        deltas = [rewards[b, t].item() + gamma * V[k + 1] - V[k] for k, t in enumerate(places)]
        for k, t in enumerate(places):
            A = sum((gamma * lam) ** j * delta for j, delta in enumerate(deltas[k:]))
            found[0][b, t], found[1][b, t] = A, A + V[k]
    return {
        "advantages": found[0],
        "returns": found[1],
        "they have a graph": [False, False],
        "arguments as before": True,
    }


@advantage.effort
def _(rng):
    for T in (4, 44):
        yield row(rng, spans(T, [[(1, T)]]), 0.95, 0.9)


advantage.hint(
    "Go through the columns from the last to the first, with two things in hand: next V and next A."
)
advantage.hint(
    "In rows where the token is not the response's, both stay as they are: torch.where(here, new, old)."
)
advantage.hint(
    "delta = rewards[:, t] + gamma * V - values[:, t]; A = where(here, delta + gamma * lam * A, A); "
    "V = where(here, values[:, t], V). At the start A is 0 and V the bootstrap."
)

advantage.misconception(
    """gamma is missing in the recursion: A_t = delta_t + gamma * lam * A_(t+1).""",
    name="no_gamma_in_recursion",
    replace="delta + gamma * lam * A",
    by="delta + lam * A",
)
advantage.misconception(
    """gamma is missing in delta: what comes next counts gamma times its value.""",
    name="no_gamma_in_delta",
    replace="gamma * V - values",
    by="V - values",
)
advantage.misconception(
    """lam is missing: these are returns minus values, as with lam = 1, whatever the argument says.""",
    name="no_lam",
    replace="gamma * lam * A",
    by="gamma * A",
)
advantage.misconception(
    """Each token's delta alone came out, as with lam = 0. The following ones count too, with weights
    that fade.""",
    name="deltas",
    replace="delta + gamma * lam * A",
    by="delta",
)
advantage.misconception(
    """The bootstrap is not used: an answer that was cut off is treated as if nothing could have come
    any more.""",
    name="no_bootstrap",
    replace="A if bootstrap is None else bootstrap.detach()",
    by="A",
)
advantage.misconception(
    """The bootstrap was taken for an advantage: it is a value, and belongs into the last token's
    delta.""",
    name="bootstrap_as_advantage",
    replace="    V = A if bootstrap is None else bootstrap.detach()\n",
    by="    V = A\n    A = A if bootstrap is None else bootstrap.detach()\n",
)
advantage.misconception(
    """Masked tokens are steps here: their values and rewards leak into the response through the next V
    or the next A. Skip them.""",
    name="masked_are_steps",
    edits=[
        ("A = torch.where(here, delta + gamma * lam * A, A)", "A = delta + gamma * lam * A"),
        ("V = torch.where(here, values[:, t], V)", "V = values[:, t]"),
    ],
)
advantage.misconception(
    """The next value is read from the next column, whatever stands there: padding, or a tool's output.
    It is that of the next *response* token, or the bootstrap.""",
    name="next_column",
    replace="V = torch.where(here, values[:, t], V)",
    by="V = values[:, t]",
)
advantage.misconception(
    """A masked token ends the sum: A and V are set to 0 there, and a tool's output cuts the answer in
    two, or the padding takes the bootstrap away. It is to be skipped.""",
    name="masked_end",
    edits=[
        (
            "A = torch.where(here, delta + gamma * lam * A, A)",
            "A = torch.where(here, delta + gamma * lam * A, 0.0)",
        ),
        ("V = torch.where(here, values[:, t], V)", "V = torch.where(here, values[:, t], 0.0)"),
    ],
)
advantage.misconception(
    """Masked tokens count as tokens of reward 0 and value 0: every one of them costs a factor gamma *
    lam, and the next value is 0. Skip them, as if neighbours stood side by side.""",
    name="masked_as_zero",
    edits=[
        (
            "own, values = mask[:, 1:], values.detach()",
            "own = mask[:, 1:]\n    values = torch.where(own, values.detach(), 0.0)\n"
            "    rewards = torch.where(own, rewards, 0.0)",
        ),
        ("A = torch.where(here, delta + gamma * lam * A, A)", "A = delta + gamma * lam * A"),
        ("V = torch.where(here, values[:, t], V)", "V = values[:, t]"),
    ],
)
advantage.misconception(
    """The mask is off by one: entry t belongs to token t + 1, so mask[:, 1:] fits.""",
    name="mask_not_shifted",
    replace="mask[:, 1:], values.detach()",
    by="mask[:, :-1], values.detach()",
)
advantage.misconception(
    """It runs from the first token on. What a token is worth depends on what follows: from the last one
    back.""",
    name="forwards",
    replace="reversed(range(own.shape[1]))",
    by="range(own.shape[1])",
)
advantage.misconception(
    """The values were not subtracted from the returns: an advantage is how much better than expected it
    went.""",
    name="no_minus_value",
    replace=" - values[:, t]",
    by="",
)
advantage.misconception(
    """The returns are what the critic should have said: advantages *plus* values.""",
    name="returns_minus",
    replace="advantages + values, 0.0)",
    by="advantages - values, 0.0)",
)
advantage.misconception(
    """The advantages carry the critic's graph: the policy's loss would train the critic. They are
    constants.""",
    name="graph",
    replace="    own, values = mask[:, 1:], values.detach()\n    advantages = torch.zeros_like(values)",
    by="    own = mask[:, 1:]\n    advantages = torch.zeros_like(values.detach())",
)
advantage.misconception(
    """Values stand in the returns outside the response as well. There they are to be 0.""",
    name="returns_unmasked",
    replace="torch.where(own, advantages + values, 0.0)",
    by="advantages + values",
)

advantage.misconception(
    """The work grows with the square of the response's length: the sum over all later tokens is
    made anew for each. An advantage is delta plus gamma * lam times the next one's: go from the
    last back to the first.""",
    name="all_later_ones_for_each",
    source="""
def gae(rewards, values, mask, gamma, lam, bootstrap=None):
    values = values.detach()
    advantages, returns = torch.zeros_like(values), torch.zeros_like(values)
    for b in range(len(mask)):
        places = mask[b, 1:].nonzero().flatten().tolist()
        V = [values[b, t].item() for t in places]
        V.append(0.0 if bootstrap is None else bootstrap[b].item())
        deltas = [rewards[b, t].item() + gamma * V[k + 1] - V[k] for k, t in enumerate(places)]
        for k, t in enumerate(places):
            A = sum((gamma * lam) ** n * delta for n, delta in enumerate(deltas[k:]))
            advantages[b, t], returns[b, t] = A, A + V[k]
    return advantages, returns
""",
)

advantage.variant(
    "row by row, response tokens only",
    name="rows",
    source="""
    def gae(rewards, values, mask, gamma, lam, bootstrap=None):
        with torch.no_grad():
            advantages, returns = torch.zeros_like(values), torch.zeros_like(values)
            for b in range(len(mask)):
                places = mask[b, 1:].nonzero().flatten().tolist()
                ahead, A = (0.0 if bootstrap is None else bootstrap[b]), 0.0
                for t in places[::-1]:
                    A = rewards[b, t] + gamma * ahead - values[b, t] + gamma * lam * A
                    ahead = values[b, t]
                    advantages[b, t], returns[b, t] = A, A + values[b, t]
        return advantages, returns
    """,
)

advantage.equivalent(
    "torch.zeros_like(values)  ->  torch.ones_like(values)",
    "every place is written",
)
