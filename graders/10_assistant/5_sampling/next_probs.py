"""10.next_probs: all knobs, in the order that was said."""

import torch

from graders.authoring import Raises, exercise

from .part import INF, by_hand

knobs = exercise("next_probs", title="all knobs, in order")

SETTINGS = [
    {},
    {"temperature": 0.5},
    {"temperature": 0},
    {"top_k": 3},
    {"top_p": 0.6},
    {"penalty": 2.5},
    {"temperature": 2.5, "top_p": 0.7},
    {"temperature": 0.3, "top_p": 0.8},
    {"top_k": 3, "top_p": 0.6},
    {"top_k": 4, "top_p": 0.85},
    {"top_k": 2, "penalty": 3.0},
    {"top_p": 0.5, "penalty": 2},
    {"temperature": 0.0, "penalty": 4.0},
    {"temperature": 1.7, "top_k": 5, "top_p": 0.75, "penalty": 1.4},
    {"temperature": 0, "top_k": 4, "top_p": 0.9, "penalty": 1.3},
    {"top_k": 100, "top_p": 1.0},
    {"top_k": 1, "temperature": 3.0},
    {"penalty": 0.4},
    {"penalty": 0.6, "temperature": 0.7, "top_k": 4, "top_p": 0.8},
]


@knobs.cases
def _(rng):
    for i, setting in enumerate(SETTINGS):
        B, T, V = [(3, 4, 9), (1, 5, 12), (4, 1, 8)][i % 3]
        ids, mask = rng.integers(0, V, B, T), torch.ones(B, T, dtype=torch.bool)
        logits = rng.normal(B, V) * 1.5
        logits[:, 2] = -INF
        if T > 1:
            mask[0, :2], ids[0, :2] = False, -1
            ids[0, -1] = ids[0, -2] = logits[0].argmax()  # said twice, and the likeliest
        yield dict(logits=logits, ids=ids, mask=mask, knobs=setting)
    ids, mask = torch.tensor([[0], [4]]), torch.ones(2, 1, dtype=torch.bool)
    far = torch.tensor([[1e4, 9998.0, -1e4, 3.0, -5.0], [-2.0, -1.0, -3.0, -2.5, 0.0]])
    yield dict(logits=far, ids=ids, mask=mask, knobs={"temperature": 0.5})
    yield dict(
        logits=far.double(), ids=ids, mask=mask, knobs={"top_k": 2, "top_p": 0.8, "temperature": 5}
    )
    # the penalty decides who is among the k, and who is in the nucleus
    near = torch.tensor(
        [[5.0, 4.9, 4.6, 4.0, -1.0], [3.0, -2.0, 3.1, 2.5, 3.3]], dtype=torch.float64
    )
    for setting in (
        {"top_k": 2, "temperature": 2},
        {"top_p": 0.6, "temperature": 0.7},
        {"temperature": 0},
    ):
        yield dict(logits=near, ids=ids, mask=mask, knobs={"penalty": 1.5, **setting})
    for bad in ({"temperature": -1.0}, {"top_k": 0}, {"top_p": 0.0}, {"top_p": 0}, {"top_p": 1.5}):
        yield dict(logits=far, ids=ids, mask=mask, knobs=bad)


@knobs.scenario
def _(m, logits, ids, mask, knobs):
    given = [t.clone() for t in (logits, ids, mask)]
    probs = m.next_probs(logits, ids, mask, **knobs)
    same = [torch.equal(a, b) for a, b in zip(given, (logits, ids, mask), strict=True)]
    return {"probs": probs, "arguments as before": same}


@knobs.oracle
def _(logits, ids, mask, knobs):
    if (
        knobs.get("temperature", 1) < 0
        or knobs.get("top_k", 1) < 1
        or not (0 < knobs.get("top_p", 1) <= 1)
    ):
        return Raises("ValueError")
    seen = []
    for row, real in zip(ids.tolist(), mask.tolist(), strict=True):
        seen.append({i for i, r in zip(row, real, strict=True) if r})
    rows = [by_hand(z, s, **knobs) for z, s in zip(logits.tolist(), seen, strict=True)]
    return {"probs": torch.tensor(rows, dtype=logits.dtype), "arguments as before": [True] * 3}


knobs.hint("Five lines: each filter gets the logits that the one before it returned.")
knobs.hint("`if top_k is not None`: a 0 is not None, and it has to raise its ValueError.")
knobs.hint("penalize_repeats, apply_temperature, top_k_filter, top_p_filter, then softmax.")

HEAT = "    logits = apply_temperature(logits, temperature)\n"
REPEATS = "    logits = penalize_repeats(logits, ids, mask, penalty)\n"
TOP_K = "    if top_k is not None:\n        logits = top_k_filter(logits, top_k)\n"
TOP_P = "    if top_p is not None:\n        logits = top_p_filter(logits, top_p)\n"

knobs.misconception(
    """top-p decided by the probabilities of *all* tokens, top-k's not taken away: over what top-k leaves they
    do not sum to 1, and may never reach p. top-k comes first, and top-p filters what it left.""",
    name="unnormalised",
    edits=[
        (TOP_K, "    whole = logits\n" + TOP_K),
        ("top_p_filter(logits, top_p)", "torch.minimum(logits, top_p_filter(whole, top_p))"),
    ],
)
knobs.misconception(
    """The penalty came after the temperature: it belongs first. (They only change places freely as long as
    nothing is 0.)""",
    name="penalty_after_temperature",
    edits=[(REPEATS, ""), (HEAT, HEAT + REPEATS)],
)
knobs.misconception(
    """top-p came before the temperature. Agreed is: penalty, temperature, top-k, top-p.""",
    name="top_p_before_temperature",
    edits=[(TOP_P, ""), (HEAT, TOP_P + HEAT)],
)
knobs.misconception(
    """The penalty came last: the filters decided without it. It belongs first.""",
    name="penalty_last",
    edits=[(REPEATS, ""), (TOP_P, TOP_P + REPEATS)],
)
knobs.misconception(
    """The temperature came last, after top-p had decided: hot, it keeps no more than cold. It belongs before
    the filters.""",
    name="temperature_last",
    edits=[(HEAT, ""), (TOP_P, TOP_P + HEAT)],
)
knobs.misconception(
    """top_k is not used: `if top_k is not None`, filter.""",
    name="no_top_k",
    replace=TOP_K,
    by="    if top_k is not None and top_k < 1:\n        raise ValueError\n",
)
knobs.misconception(
    """top_p is not used: `if top_p is not None`, filter.""",
    name="no_top_p",
    replace=TOP_P,
    by="    if top_p is not None and top_p <= 0:\n        raise ValueError\n",
)
knobs.misconception(
    """The penalty is not used: what was said already is as likely as before.""",
    name="no_penalty",
    replace=REPEATS,
    by="",
)
knobs.misconception(
    """A penalty below 1 is not used. It is allowed, and makes likelier what was said already.""",
    name="penalty_above_1",
    replace=REPEATS,
    by="    if penalty > 1:\n        logits = penalize_repeats(logits, ids, mask, penalty)\n",
)
knobs.misconception(
    """Of top_k and top_p only one is applied (`elif`). Both may be given: top-k first, then top-p.""",
    name="elif",
    replace="    if top_p is not None:",
    by="    elif top_p is not None:",
)
knobs.misconception(
    """The temperature is not used: it comes after the penalty and before the filters.""",
    name="no_temperature",
    replace=HEAT,
    by="    if temperature < 0:\n        raise ValueError\n",
)
knobs.misconception(
    """`if top_k:` takes a 0 for None, and lets a mistake through. Ask `is not None`.""",
    name="zero_is_none",
    edits=[("if top_k is not None", "if top_k"), ("if top_p is not None", "if top_p")],
)
knobs.misconception(
    """Logits came back: softmax over the last dimension makes probabilities of them.""",
    name="logits",
    replace="logits.softmax(-1)",
    by="logits",
)
knobs.misconception(
    """The softmax runs over the batch. Each row sums to 1: softmax(-1).""",
    name="over_batch",
    replace="logits.softmax(-1)",
    by="logits.softmax(0)",
)
knobs.misconception(
    """exp without subtracting the largest logit overflows for large ones. softmax is stable.""",
    name="overflow",
    replace="logits.softmax(-1)",
    by="logits.exp() / logits.exp().sum(-1, keepdim=True)",
)

knobs.misconception(
    """Log-probabilities came back. draw wants probabilities: softmax, not log_softmax.""",
    name="logs",
    replace="logits.softmax(-1)",
    by="logits.log_softmax(-1)",
)

knobs.variant(
    "inf for None, log_softmax and exp",
    name="defaults",
    source="""def next_probs(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    if penalty != 1:
        logits = penalize_repeats(logits, ids, mask, penalty)
    logits = top_k_filter(
        apply_temperature(logits, temperature), logits.shape[-1] if top_k is None else top_k
    )
    return F.softmax(top_p_filter(logits, 1.0 if top_p is None else top_p), dim=1)
""",
)

knobs.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
