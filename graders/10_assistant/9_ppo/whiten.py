"""10.whiten: mean 0 and standard deviation 1, over the response tokens."""

import torch

from graders.authoring import exercise, instead

from .part import masks, response, spans

white = exercise("whiten", title="advantages, whitened")


def row(rng, mask, mean, std, dtype=torch.float64):
    advantages = rng.normal(len(mask), mask.shape[1] - 1, mean=mean, std=std, dtype=dtype)
    outside = (~mask[:, 1:]).nonzero().tolist()
    for b, t in outside[::2]:
        advantages[b, t] = torch.nan
    return dict(advantages=advantages, mask=mask)


@white.cases
def _(rng):
    for i, mask in enumerate([*masks(), spans(8, [[(1, 8)], [(3, 6)], []])]):
        dtype = torch.float32 if i == 1 else torch.float64
        yield row(
            rng,
            mask,
            [3.0, -2.0, 50.0, 1.0, 0.0, 5.0][i],
            [2.0, 0.3, 10.0, 1.0, 1.0, 4.0][i],
            dtype,
        )
    case = row(rng, spans(42, [[(2, 42)]]), 0.5, 1.0)
    case["advantages"][0, rng.integer(1, 41)] = rng.choice([900.0, -900.0])  # 6 deviations away
    yield case
    yield row(rng, masks()[0], 1e5, 1.0)  # far from 0: the mean of the squares would cancel
    yield row(rng, masks()[0], 1e-7, 3e-8)  # of the size of the 1e-8
    yield row(rng, spans(4, [[(1, 4)], [(0, 4)]]), 2.0, 3.0)  # nothing but the response
    yield row(rng, torch.zeros(2, 4, dtype=torch.bool), 1.0, 1.0)
    same = row(rng, masks()[1], 0.0, 1.0)
    same["advantages"][masks()[1][:, 1:]] = 0.75
    yield same
    case = row(rng, masks()[2], 2.0, 3.0)
    yield dict(case, advantages=case["advantages"].T.contiguous().T)


@white.scenario
def _(m, advantages, mask):
    """The advantages have a graph; what comes back has none, and is no part of the argument."""
    before = advantages.clone().nan_to_num(9.0)
    out = m.whiten(advantages.requires_grad_() * 1.0, mask)
    if not isinstance(out, torch.Tensor):
        return instead(out, "a tensor")
    plain = advantages.detach()
    m.whiten(plain, mask)
    return {
        "whitened": out.detach(),
        "it has a graph": out.requires_grad,
        "advantages as before": torch.equal(before, plain.nan_to_num(9.0)),
        "their gradient": [plain.requires_grad, plain.grad],
    }


@white.oracle
def _(advantages, mask):
    out, places = torch.zeros_like(advantages), response(mask)
    found = [advantages[b, t].item() for b, t in places]
    if len(found) > 1:
        mean = sum(found) / len(found)
        std = (sum((x - mean) ** 2 for x in found) / (len(found) - 1)) ** 0.5
        for (b, t), x in zip(places, found, strict=True):
            out[b, t] = (x - mean) / (std + 1e-8)
    return {
        "whitened": out,
        "it has a graph": False,
        "advantages as before": True,
        "their gradient": [False, None],
    }


white.hint(
    "A = advantages[mask[:, 1:]] holds the response's tokens; their mean and std are wanted."
)
white.hint(
    "out = zeros; out[own] = (A - A.mean()) / (A.std() + 1e-8). torch's std divides by n - 1."
)
white.hint("With fewer than two tokens std is nan: leave the zeros.")

white.misconception(
    """Padding and prompt were in the mean and the standard deviation. They are no advantages: pick the
    response's first.""",
    name="over_all",
    replace="    A = advantages.detach()[own]\n",
    by="    A = advantages.detach().nan_to_num(0.0)\n    own = torch.ones_like(own)\n    A = A[own]\n",
)
white.misconception(
    """Padding was counted as tokens of advantage 0: they pull the mean to 0, and the standard deviation
    down. They are not there.""",
    name="padding_as_zero",
    replace="        out[own] = (A - A.mean()) / (A.std() + 1e-8)",
    by="        full = torch.zeros_like(out).masked_scatter(own, A)\n"
    "        out[own] = (A - full.mean()) / (full.std() + 1e-8)",
)
white.misconception(
    """Each row was whitened for itself. Asked are one mean and one standard deviation for the whole
    batch: a bad answer is to stay worse than a good one.""",
    name="rows",
    replace="        out[own] = (A - A.mean()) / (A.std() + 1e-8)",
    by="        for b in range(len(own)):\n"
    "            a = advantages.detach()[b, own[b]]\n"
    "            if len(a) > 1:\n                out[b, own[b]] = (a - a.mean()) / (a.std() + 1e-8)",
)
white.misconception(
    """The standard deviation was taken with n. n - 1 is asked (torch's std, as it comes).""",
    name="population",
    replace="A.std()",
    by="A.std(correction=0)",
)
white.misconception(
    """Divided by the variance. The standard deviation is its root.""",
    name="variance",
    replace="A.std()",
    by="A.var()",
)
white.misconception(
    """The mean was not subtracted: only the size is 1.""",
    name="no_mean",
    replace="(A - A.mean())",
    by="A",
)
white.misconception(
    """Only the mean was subtracted; the size is what it was.""",
    name="no_std",
    replace=" / (A.std() + 1e-8)",
    by="",
)
white.misconception(
    """The 1e-8 is inside the root, with the variance: its effect is that of 1e-4 there. It is added to
    the standard deviation.""",
    name="eps_inside",
    replace="(A.std() + 1e-8)",
    by="(A.var() + 1e-8).sqrt()",
)
white.misconception(
    """Where all are equal that is 0 / 0 = nan: add 1e-8 to the standard deviation.""",
    name="no_eps",
    replace="A.std() + 1e-8",
    by="A.std()",
)
white.misconception(
    """1e-8 only steps in where the standard deviation is smaller. It is added to every one.""",
    name="clamped",
    replace="(A.std() + 1e-8)",
    by="A.std().clamp(min=1e-8)",
)
white.misconception(
    """A single token has no standard deviation: nan. Fewer than two tokens give zeros.""",
    name="single_is_nan",
    replace="    if len(A) > 1:\n        out",
    by="    if len(A) > 0:\n        out",
)
white.misconception(
    """The mask is off by one: entry t belongs to token t + 1, so mask[:, 1:] fits.""",
    name="mask_not_shifted",
    replace="own, out = mask[:, 1:]",
    by="own, out = mask[:, :-1]",
)
white.misconception(
    """What is not the response's keeps its old value (or is nan): it is to be 0.""",
    name="outside_kept",
    replace="torch.zeros_like(advantages, requires_grad=False)",
    by="advantages.detach().clone()",
)
white.misconception(
    """The advantages that were handed in were changed. Write into a new tensor.""",
    name="in_place",
    replace="torch.zeros_like(advantages, requires_grad=False)",
    by="advantages.detach()\n    A = out[own]\n    out[~own] = 0.0",
)
white.misconception(
    """The result carries a graph. Advantages are constants: detach.""",
    name="graph",
    replace="A = advantages.detach()[own]",
    by="A = advantages[own]",
)

white.variant(
    "with weights",
    name="weights",
    source="""
    @torch.no_grad()
    def whiten(advantages, mask):
        own = mask[:, 1:]
        n = int(own.sum())
        if n < 2:
            return torch.zeros_like(advantages)
        A = torch.where(own, advantages, torch.zeros_like(advantages))
        apart = torch.where(own, A - A.sum() / n, torch.zeros_like(A))
        return apart / ((apart.square().sum() / (n - 1)).sqrt() + 1e-8)
    """,
)

white.equivalent(
    "torch.zeros_like(advantages, requires_grad=False)  ->  torch.zeros_like(advantages)",
    "False is torch's default",
)
