"""10.top_p_filter: the nucleus."""

import torch

from graders.authoring import Raises, exercise

from .part import INF, rows, shares

nucleus = exercise("top_p_filter", title="top-p, the nucleus", points=2)


@nucleus.cases
def _(rng):
    for i, logits in enumerate(rows(rng)):
        for p in (0.001, rng.number(0.3, 0.6), rng.number(0.75, 0.95), 1 if i % 2 else 1.0):
            yield dict(logits=logits, p=p)
    # the text's example, not sorted, in several orders; no sum is p
    probs = torch.tensor([0.1, 0.5, 0.15, 0.25], dtype=torch.float64)
    for p in (0.4, 0.7, 0.8, 0.95):
        yield dict(logits=probs[torch.from_numpy(rng.np.permutation(4))].log() + 3.0, p=p)
    # ties: the smaller ids stay; two halves: 0.5 is reached with the first
    yield dict(logits=torch.zeros(2, 8, dtype=torch.float64), p=0.3)
    yield dict(logits=torch.tensor([[1.0, 2.0, 2.0, 1.0, 2.0, 1.0]], dtype=torch.float64), p=0.45)
    yield dict(logits=torch.zeros(1, 2, dtype=torch.float64), p=0.5)
    yield dict(logits=torch.tensor([[-INF, 4.0, -INF, 4.0]], dtype=torch.float64), p=0.5)
    yield dict(logits=torch.tensor([[0.0, -30.0, -60.0, -90.0]], dtype=torch.float64), p=1.0)
    # nearly all: only the last of these goes
    yield dict(logits=torch.tensor([0.5, 0.4, 0.0995, 0.0005]).double().log(), p=0.999)
    for p in (0, 1.1, -0.5, 0.0, 1.000001, -1e-9):
        yield dict(logits=rng.normal(2, 4), p=p)


@nucleus.oracle
def _(logits, p):
    """Token by token, from the likeliest on."""
    if p <= 0 or p > 1:
        return Raises("ValueError")
    out = []
    for z in logits.reshape(-1, logits.shape[-1]).tolist():
        probs, total, kept = shares(z), 0.0, set()
        for i in sorted(range(len(z)), key=lambda i: -probs[i]):
            if total < p or p == 1:
                kept.add(i)
            total += probs[i]
        out.append([value if i in kept else -INF for i, value in enumerate(z)])
    return torch.tensor(out, dtype=logits.dtype).view(logits.shape)


@nucleus.check(
    "memory of its own", cases=lambda rng: [dict(logits=rng.normal(2, 3), p=p) for p in (0.5, 1)]
)
def _(m, logits, p):
    kept = logits.clone()
    m.top_p_filter(logits, p).fill_(7.0)
    return logits - kept


@nucleus.oracle("memory of its own")
def _(logits, p):
    return logits * 0


nucleus.hint("Sort, and sum up from the likeliest on. Whose sum *before* it is below p?")
nucleus.hint("""probs.cumsum(-1) - probs is the sum before. `order` says which id stands at which sorted
    place: scatter brings a row of bools back to the ids.""")
nucleus.hint("""probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True); outside =
    torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, before >= p)""")

nucleus.misconception(
    """The token that crosses the border is out: together the rest does not reach p, and if the likeliest
    alone crosses it, nothing is left. Compare the sum *before* each token with p.""",
    name="crossing_out",
    replace="before = probs.cumsum(-1) - probs",
    by="before = probs.cumsum(-1)",
)
nucleus.misconception(
    """The token that crosses the border is out, but for the likeliest. The nucleus *reaches* p: with
    probabilities 0.5 and 0.25 and p = 0.7 both stay.""",
    name="crossing_out_but_first",
    replace="before = probs.cumsum(-1) - probs",
    by="before = probs.cumsum(-1)\n    before[..., 0] = 0.0",
)
nucleus.misconception(
    """One token too many stays: when p is reached, that is enough.""",
    name="one_too_many",
    replace="before >= p)",
    by="before - F.pad(probs, (1, 0))[..., :-1] >= p)",
)
nucleus.misconception(
    """When the sum reaches p exactly, one more was taken: two halves and p = 0.5 need one.""",
    name="exactly_p",
    replace="before >= p)",
    by="before > p)",
)
nucleus.misconception(
    """Sorted places were taken for ids: what stands at place 0 after sorting has its own id, order[0]. Bring
    the bools back with scatter.""",
    name="places_for_ids",
    replace="torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, before >= p)",
    by="before >= p",
)
nucleus.misconception(
    """Brought back the wrong way: gather with order asks again what scatter should undo.""",
    name="gathered",
    replace="torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, before >= p)",
    by="(before >= p).gather(-1, order)",
)
nucleus.misconception(
    """The result is sorted, and no longer says which token has which logit.""",
    name="sorted",
    replace="return logits.masked_fill(outside, -torch.inf)",
    by="return logits.gather(-1, order).masked_fill(before >= p, -torch.inf)",
)
nucleus.misconception(
    """Nothing was sorted: the sum runs over the ids as they come. From the likeliest on.""",
    name="not_sorted",
    replace="logits.softmax(-1).sort(dim=-1, descending=True, stable=True)",
    by="logits.softmax(-1), torch.arange(logits.shape[-1]).expand(logits.shape)",
)
nucleus.misconception(
    """Sorted from the least likely on: the tail stayed, and the best tokens went.""",
    name="ascending",
    replace="descending=True, stable=True",
    by="descending=False, stable=True",
)
nucleus.misconception(
    """Logits were summed instead of probabilities: softmax first.""",
    name="logits_summed",
    replace="logits.softmax(-1).sort",
    by="logits.sort",
)
nucleus.misconception(
    """p was compared with each token's own probability. It is the sum, from the likeliest on, that has to
    reach p.""",
    name="own_probability",
    replace="before = probs.cumsum(-1) - probs",
    by="before = 1 - probs + (probs == probs[..., :1]) * (probs - 1)",
)
nucleus.misconception(
    """The others got 0 (or a number near it), which as a logit is more than any negative one. Only -inf means
    never.""",
    name="zero",
    replace="-torch.inf",
    by="1e-10",
)
nucleus.misconception(
    """Of equal tokens the larger ids stayed. Agreed is the smaller id first: sort(..., stable=True).""",
    name="larger_ids",
    replace="logits.softmax(-1).sort(dim=-1, descending=True, stable=True)",
    by="(flip := logits.softmax(-1).flip(-1).sort(dim=-1, descending=True, stable=True))[0], "
    "logits.shape[-1] - 1 - flip[1]",
)
nucleus.misconception(
    """Of equal tokens at the border all stayed, which can be far more than p needs. The smallest set that
    reaches p is asked, the smaller ids first.""",
    name="ties_stay",
    replace="return logits.masked_fill(outside, -torch.inf)",
    by="edge = logits.masked_fill(outside, torch.inf).amin(-1, keepdim=True)\n"
    "    return logits.masked_fill(logits < edge, -torch.inf)",
)
nucleus.misconception(
    """p of 0, or above 1, is let through: ValueError.""",
    name="any_p",
    edits=[("if not 0 < p <= 1:", "if False:"), ("if p == 1:", "if p >= 1:")],
)
nucleus.misconception(
    """The nucleus of the first row was used for all. Each row has its own.""",
    name="first_row",
    replace="return logits.masked_fill(outside, -torch.inf)",
    by="flat = outside.reshape(-1, logits.shape[-1])[:1].expand(logits.numel() // logits.shape[-1], -1)\n"
    "    return logits.masked_fill(flat.reshape(logits.shape), -torch.inf)",
)
nucleus.misconception(
    """The logits that were given have changed: masked_fill makes a new tensor, masked_fill_ does not.""",
    name="in_place",
    replace="logits.masked_fill(",
    by="logits.masked_fill_(",
)
nucleus.misconception(
    """With p = 1 the given tensor itself came back. A new one is asked for.""",
    name="same_tensor",
    replace="return logits.clone()",
    by="return logits",
)
nucleus.misconception(
    """p = 1 changes nothing, and here it does: rounding makes the sum 1 before the last tokens, which have a
    little probability, too. Treat 1 by itself.""",
    name="one_rounds",
    replace="    if p == 1:\n        return logits.clone()\n",
    by="",
)

nucleus.variant(
    "row by row, a loop",
    name="loop",
    source="""def top_p_filter(logits, p):
    if p <= 0 or p > 1:
        raise ValueError(p)
    flat = logits.reshape(-1, logits.shape[-1])
    out = torch.full_like(flat, float("-inf"))
    for row, new in zip(flat, out):
        probs, total = torch.softmax(row, 0), 0.0
        for i in torch.argsort(probs, descending=True, stable=True):
            new[i] = row[i]
            total += probs[i]
            if total >= p and p < 1:
                break
    return out.view(logits.shape)
""",
)
nucleus.variant(
    "the mask shifted by one place, unsorted with argsort",
    name="shifted",
    source="""def top_p_filter(logits, p):
    if not (0 < p <= 1):
        raise ValueError(p)
    ordered, order = torch.sort(logits, dim=-1, descending=True, stable=True)
    out = ordered.softmax(-1).cumsum(-1) >= p
    out = torch.cat([torch.zeros_like(out[..., :1]), out[..., :-1]], -1)
    if p == 1:
        out[:] = False
    return logits.masked_fill(out.gather(-1, order.argsort(-1)), -torch.inf)
""",
)

nucleus.equivalent(
    "logits.softmax(-1).sort(dim=-1, descending=True, stable=True)  ->  "
    "logits.softmax(-1).sort(descending=True, stable=True)",
    "the last dimension is sort's default",
)
nucleus.equivalent(
    "torch.zeros_like(logits, dtype=torch.bool)  ->  torch.ones_like(logits, dtype=torch.bool)",
    "the order names every place once: all are written",
)
SORTED = "logits.softmax(-1).sort(dim=-1, descending=True"
STABLE = "on the CPU torch's sort is stable anyway"
nucleus.equivalent(f"{SORTED}, stable=True)  ->  {SORTED})", STABLE)
nucleus.equivalent("True  ->  False", STABLE)
