"""07.next_token_probs: temperature, down to greedy."""

import math

import torch

from graders.authoring import Raises, exercise

probs = exercise("next_token_probs", title="temperature, down to greedy", points=2)


@probs.cases
def _(rng):
    for shape, temperature, top_k in [
        ((7,), 0.5, None),
        ((3, 5), 1.7, 2),
        ((1, 4), 1, 1),
        ((2, 3, 6), 0.3, 4),
        ((4, 1), 2.5, None),
        ((3, 6), 4, 9),
        ((5, 3), 0, None),
        ((2, 4), 0.0, 3),
        ((6,), 0, None),
        ((2, 1, 5), 0, None),
    ]:
        yield dict(logits=rng.normal(*shape) * 2 - 1, temperature=temperature, top_k=top_k)
    # far apart, far from zero, and so cold that exp overflows for whoever takes it as it is
    far = torch.tensor([[900.0, 903.0, -900.0], [-1000.0, -1000.5, -2000.0]], dtype=torch.float64)
    for temperature, top_k in [(1.5, None), (0.02, 2), (0, None)]:
        yield dict(logits=far[:, rng.np.permutation(3)], temperature=temperature, top_k=top_k)
    # ties: the first of the largest when greedy; all of them otherwise
    ties = torch.tensor([[1.0, 3.0, 3.0, -2.0], [0.0, 0.0, 0.0, 0.0], [-4.0, -5.0, -5.0, -4.0]])
    for temperature, top_k in [(0, None), (0.7, 1), (0.7, 2), (0, 1)]:
        yield dict(logits=ties, temperature=temperature, top_k=top_k)
    close = torch.tensor([[2.0, 2.0 + 1e-9, -1.0], [-3.0, -7.0, -3.0 - 1e-9]], dtype=torch.float64)
    yield dict(logits=close, temperature=0, top_k=None)
    # close to 0 is not 0: equal logits still share, and below it is negative
    yield dict(logits=ties, temperature=1e-9, top_k=None)
    yield dict(logits=ties, temperature=-1e-9, top_k=None)
    yield dict(logits=rng.normal(5, 4, dtype=torch.float32).T, temperature=0.6, top_k=3)
    for temperature in (-0.5, -1):
        yield dict(logits=rng.normal(2, 4), temperature=temperature, top_k=2)


@probs.oracle
def _(logits, temperature, top_k):
    """Row by row, number by number, in Python."""
    if temperature < 0:
        return Raises("ValueError")
    rows = []
    for row in logits.reshape(-1, logits.shape[-1]).tolist():
        best = max(row)
        if temperature == 0:
            rows.append([float(i == row.index(best)) for i in range(len(row))])
            continue
        kth = sorted(row, reverse=True)[: top_k or len(row)][-1]
        e = [math.exp((x - best) / temperature) if x >= kth else 0.0 for x in row]
        rows.append([x / sum(e) for x in e])
    return torch.tensor(rows, dtype=logits.dtype).view(logits.shape)


@probs.check("defaults", cases=lambda rng: iter([dict(logits=rng.normal(2, 5))]))
def _(m, logits):
    """Temperature 1, no top-k; and each of them alone."""
    return [
        m.next_token_probs(logits),
        m.next_token_probs(logits, 0.4),
        m.next_token_probs(logits, top_k=2),
    ]


@probs.oracle("defaults")
def _(logits):
    first = logits.topk(2).values[:, -1:]
    return [
        logits.softmax(-1),
        (logits / 0.4).softmax(-1),
        logits.where(logits >= first, -math.inf).softmax(-1),
    ]


probs.hint("Cut, divide, softmax. And which temperature can nothing be divided by?")
probs.hint(
    "Treat 0 first: argmax tells where the 1 stands. F.one_hot makes whole numbers: convert them."
)
probs.hint(
    "F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1), and before it the two special temperatures."
)

probs.misconception(
    """The logits were multiplied by the temperature: it then works the wrong way round, and low
    temperatures write nonsense. Divide.""",
    name="multiplied",
    replace=" / temperature",
    by=" * temperature",
)
probs.misconception(
    """The temperature is not used, so that all of them write alike: divide the logits by it.""",
    name="ignored",
    replace=" / temperature",
    by="",
)
probs.misconception(
    """Probabilities were divided by the temperature: each row no longer sums to 1. Divide the logits,
    before softmax.""",
    name="after_softmax",
    replace="F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)",
    by="F.softmax(keep_top_k(logits, top_k), dim=-1) / temperature",
)
probs.misconception(
    """At temperature 0 the logits are divided by zero: inf - inf is nan. Zero means greedy, all for the
    largest.""",
    name="division_by_zero",
    replace="temperature == 0",
    by="False",
)
probs.misconception(
    """At temperature 0 a tiny number stood in for it. Logits that are equal, or nearly, then share what
    greedy gives to one alone.""",
    name="nearly_zero",
    replace="        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)",
    by="        temperature = 1e-8",
)
probs.misconception(
    """At temperature 0 all of the largest logits share. Greedy takes one, the first of them (argmax).""",
    name="ties_share",
    replace="        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)",
    by="""        best = (logits == logits.amax(-1, keepdim=True)).to(logits.dtype)
        return best / best.sum(-1, keepdim=True)""",
)
probs.misconception(
    """At temperature 0 whole numbers came back (one_hot makes int64). Probabilities have the dtype of
    the logits.""",
    name="integers",
    replace=".to(logits.dtype)",
    by="",
)
probs.misconception(
    """At temperature 0 the index of the largest came back. A distribution is asked for: 1 there, 0
    elsewhere.""",
    name="index",
    replace="F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)",
    by="logits.argmax(-1, keepdim=True)",
)
probs.misconception(
    """top_k is not used: cut the logits with keep_top_k(logits, top_k) before softmax.""",
    name="no_top_k",
    replace="keep_top_k(logits, top_k)",
    by="logits",
)
probs.misconception(
    """The cut came after softmax, so what is left sums to less than 1. Cut the logits first.""",
    name="cut_after",
    replace="F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)",
    by="keep_top_k(F.softmax(logits / temperature, dim=-1), top_k).clamp(min=0.0)",
)
probs.misconception(
    """The softmax runs over the wrong dimension. The vocabulary is the last one.""",
    name="first_dimension",
    replace="temperature, dim=-1)",
    by="temperature, dim=0)",
)
probs.misconception(
    """Large logits overflow in exp: inf / inf is nan. Use F.softmax, which subtracts the maximum first.""",
    name="overflow",
    replace="return F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)",
    by="e = (keep_top_k(logits, top_k) / temperature).exp()\n    return e / e.sum(-1, keepdim=True)",
)
probs.misconception(
    """Log-probabilities came back (log_softmax). The probabilities are asked for.""",
    name="log",
    replace="F.softmax(",
    by="F.log_softmax(",
)
probs.misconception(
    """A negative temperature turns the order around, and is refused with ValueError.""",
    name="negative",
    replace="temperature < 0",
    by="False",
)
probs.misconception(
    """A negative temperature was taken for 0. It is refused with ValueError.""",
    name="negative_is_zero",
    edits=[("temperature < 0", "False"), ("temperature == 0", "temperature <= 0")],
)
probs.misconception(
    """The caller's logits were changed by `/=`. Divide into a new tensor.""",
    name="in_place",
    replace="    return F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)",
    by="    logits /= temperature\n    return F.softmax(keep_top_k(logits, top_k), dim=-1)",
)
probs.variant(
    "the cut after the division, the maximum subtracted by hand",
    name="by_hand",
    source="""
    def next_token_probs(logits, temperature=1.0, top_k=None):
        if temperature < 0:
            raise ValueError("negative")
        best = logits.max(dim=-1, keepdim=True)
        if not temperature:
            return torch.zeros_like(logits).scatter_(-1, best.indices, 1.0)
        e = keep_top_k((logits - best.values) / temperature, top_k).exp()
        return e / e.sum(-1, keepdim=True)
    """,
)
