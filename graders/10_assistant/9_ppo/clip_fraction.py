"""10.clip_fraction: how busy is the clip?"""

import torch

from graders.authoring import Tol, exercise

from .part import masks, ratio_rows, response, spans

busy = exercise("clip_fraction", title="how busy is the clip?")


@busy.cases
def _(rng):
    for i, mask in enumerate([*masks(), spans(9, [[(1, 9)], [(2, 8)], [(3, 9)]])]):
        clip = [0.2, 0.1, 0.3, 0.15, 0.25, 0.2][i]
        logps, old, _ = ratio_rows(rng, mask, clip)
        yield dict(logps=logps, old_logps=old, mask=mask, clip=clip)
    mask = spans(8, [[(3, 8)], [(1, 4)], []])
    logps, old, _ = ratio_rows(rng, mask, 0.2)
    yield dict(logps=logps, old_logps=old, mask=mask, clip=0.2)
    yield dict(logps=logps, old_logps=old, mask=mask, clip=0.45)
    yield dict(logps=logps, old_logps=old, mask=mask, clip=50.0)
    # ratios between exp(clip) and 1 + clip, and between 1 - clip and exp(-clip)
    four = torch.tensor([[1.35, 1.45, 1.47, 0.62, 0.7]]).double().log()
    old = rng.normal(1, 5)
    yield dict(logps=old + four, old_logps=old, mask=spans(6, [[(1, 6)]]), clip=0.4)
    # no room at all: who has not moved is inside
    moved = torch.tensor([[0.0, 0.3, 0.0, -0.2, 0.0, 0.0, 0.1]]).double()
    old = rng.normal(1, 7)
    yield dict(logps=old + moved, old_logps=old, mask=spans(8, [[(1, 8)]]), clip=0.0)
    one = spans(3, [[(1, 2)]])
    yield dict(logps=old[:, :2] + 0.5, old_logps=old[:, :2], mask=one, clip=0.2)
    none = torch.zeros(2, 4, dtype=torch.bool)
    yield dict(logps=rng.normal(2, 3), old_logps=rng.normal(2, 3), mask=none, clip=0.2)


@busy.scenario
def _(m, logps, old_logps, mask, clip):
    """The new log-probabilities have a graph, as those of a policy in training."""
    return m.clip_fraction(logps.requires_grad_() * 1.0, old_logps, mask, clip)


# .float().mean().item(), a right way to say it, has 7 digits
busy.tolerance(Tol(rtol=1e-6))


@busy.check("arguments", tol=Tol(rtol=1e-6))
def _(m, logps, old_logps, mask, clip):
    given = {"logps": logps, "old_logps": old_logps, "mask": mask}
    before = {name: x.clone() for name, x in given.items()}
    share = m.clip_fraction(logps, old_logps, mask, clip)
    same = lambda a, b: torch.equal(a.nan_to_num(9.0), b.nan_to_num(9.0))
    told = {f"{name} as before": same(x, before[name]) for name, x in given.items()}
    return {"share": share, **told}


@busy.oracle
def _(logps, old_logps, mask, clip):
    ratio = [(logps[b, t] - old_logps[b, t]).exp().item() for b, t in response(mask)]
    return sum(not 1 - clip <= r <= 1 + clip for r in ratio) / max(1, len(ratio))


busy.hint("(ratio - 1).abs() > clip is True outside, on both sides.")
busy.hint(
    "Only response tokens: pick them with mask[:, 1:] first. Then .sum().item() over how many."
)

busy.misconception(
    """Only ratios above 1 + clip are counted. Those below 1 - clip are outside as well.""",
    name="only_above",
    replace="(ratios(logps[own], old_logps[own]) - 1).abs() > clip",
    by="ratios(logps[own], old_logps[own]) - 1 > clip",
)
busy.misconception(
    """Only ratios below 1 - clip are counted. Those above 1 + clip are outside as well.""",
    name="only_below",
    replace="(ratios(logps[own], old_logps[own]) - 1).abs() > clip",
    by="1 - ratios(logps[own], old_logps[own]) > clip",
)
busy.misconception(
    """Ratios exactly at the limit were counted: with clip = 0 that is every token that has not moved.
    Outside begins behind the limit.""",
    name="limit_counted",
    replace="abs() > clip",
    by="abs() >= clip",
)
busy.misconception(
    """That is the share *inside* the interval.""",
    name="inside",
    replace="abs() > clip",
    by="abs() <= clip",
)
busy.misconception(
    """The log-ratio was compared with clip. The limits hold for the ratio: 1.4 is inside for clip =
    0.4, and its log, 0.34, too; but 0.62 is inside as well, and its log is -0.48.""",
    name="log_ratio",
    replace="(ratios(logps[own], old_logps[own]) - 1).abs()",
    by="(logps[own] - old_logps[own]).abs()",
)
busy.misconception(
    """Divided by all positions, prompt and padding included. The share is of the response tokens.""",
    name="over_all",
    replace="max(1, len(outside))",
    by="own.numel()",
)
busy.misconception(
    """Prompt, padding and tool outputs were counted as well.""",
    name="no_mask",
    replace="own = mask[:, 1:]",
    by="own = torch.ones_like(mask[:, 1:])",
)
busy.misconception(
    """The mask is off by one: entry t belongs to token t + 1, so mask[:, 1:] fits.""",
    name="mask_not_shifted",
    replace="own = mask[:, 1:]",
    by="own = mask[:, :-1]",
)
busy.misconception(
    """That is how many, not which share.""",
    name="how_many",
    replace="outside.sum().item() / max(1, len(outside))",
    by="float(outside.sum())",
)
busy.misconception(
    """A share for each row, and then the mean of these. Asked is the share of all response tokens.""",
    name="row_means",
    replace="return outside.sum().item() / max(1, len(outside))",
    by="rows = torch.zeros(own.shape).masked_scatter(own, outside.float()).sum(1)\n"
    "    return (rows / own.sum(1).clamp(min=1)).double().mean().item()",
)
busy.misconception(
    """Without a response token that is 0 / 0. It is to be 0.0.""",
    name="empty",
    replace="max(1, len(outside))",
    by="len(outside)",
)
busy.misconception(
    """The limit is always 0.2: use the argument.""",
    name="always_02",
    replace="abs() > clip",
    by="abs() > 0.2",
)

busy.variant(
    "both sides by name",
    name="sides",
    source="""
    def clip_fraction(logps, old_logps, mask, clip):
        with torch.no_grad():
            own = mask[:, 1:]
            ratio = torch.where(own, ratios(logps, old_logps), torch.ones_like(logps))
            out = (ratio > 1 + clip) | (ratio < 1 - clip)
            return float(out.sum() / own.sum().clamp(min=1).double())
    """,
)
