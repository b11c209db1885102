"""10.preference_metrics: implicit rewards, their margin, and how often chosen wins."""

import torch

from graders.authoring import Tol, exercise, instead, kind_of, number

from .part import NAMES, pair_cases, pairs

ex = exercise("preference_metrics", title="implicit rewards and accuracy")


@ex.cases
def _(rng):
    yield from pair_cases(rng)
    # ties: never won; all numbers exact
    pi_c = torch.tensor([-4.0, -6.0, -5.0, -3.0], dtype=torch.float64)
    pi_r = torch.tensor([-8.0, -6.0, -5.5, -9.0], dtype=torch.float64)
    ref_c = torch.tensor([-5.0, -7.0, -5.0, -1.0], dtype=torch.float64)
    ref_r = torch.tensor([-9.0, -7.0, -5.0, -9.0], dtype=torch.float64)
    yield dict(zip(NAMES, (pi_c, pi_r, ref_c, ref_r), strict=True)) | dict(beta=0.25)
    # whole answers are improbable, and the rewards of two may differ by very little
    few = torch.tensor([1e-9, -1e-9, 2e-9, 3e-9], dtype=torch.float64)
    far = torch.tensor([-300.0, -800.0, -70.0, -2000.0], dtype=torch.float64)
    yield dict(zip(NAMES, (far + few, far, far, far), strict=True)) | dict(beta=1.0)
    # chosen is more probable, yet has the smaller reward: and the other way round
    lift = torch.tensor([5.0, 5.0, -5.0, 0.0, 0.0], dtype=torch.float64)
    case = pairs(rng, 5, std=0.5, beta=0.3)
    yield dict(case, pi_chosen=case["pi_chosen"] + lift, ref_chosen=case["ref_chosen"] + 2.5 * lift)
    yield pairs(rng, 7, std=4.0, beta=1.5)


@ex.scenario
def _(m, **case):
    """Graph or not: the function is asked with numbers that require a gradient, too."""
    before = {k: v.clone() for k, v in case.items() if k in NAMES}
    found = []
    for grad in (False, True):
        four = {k: v.clone().requires_grad_(grad) for k, v in before.items()}
        out = m.preference_metrics(**{**case, **four})
        if not isinstance(out, dict):
            return instead(out, "a dict")
        found.append({str(k): number(v) for k, v in out.items()})
        found.append([kind_of(v) for v in out.values()])
    return found


# a mean in float32 of a float32 batch
ex.tolerance(Tol(rtol=2e-5))


@ex.oracle
def twice(**case):
    return [metrics(**case), ["float"] * 4] * 2


def metrics(beta=0.1, **four):
    pi_c, pi_r, ref_c, ref_r = (four[name].tolist() for name in NAMES)
    chosen = [beta * (a - b) for a, b in zip(pi_c, ref_c, strict=True)]
    rejected = [beta * (a - b) for a, b in zip(pi_r, ref_r, strict=True)]
    n = len(chosen)
    return {
        "chosen": sum(chosen) / n,
        "rejected": sum(rejected) / n,
        "margin": (sum(chosen) - sum(rejected)) / n,
        "accuracy": sum(a > b for a, b in zip(chosen, rejected, strict=True)) / n,
    }


@ex.check("nothing changed", tol=Tol(rtol=2e-5))
def _(m, **case):
    before = {k: v.clone() for k, v in case.items() if k in NAMES}
    found = m.preference_metrics(**case)
    return {"found": found, "as before": all(torch.equal(case[k], v) for k, v in before.items())}


@ex.oracle("nothing changed")
def _(**case):
    return {"found": metrics(**case), "as before": True}


ex.hint("The implicit reward of an answer: beta * (pi - ref). Two vectors of n numbers.")
ex.hint("accuracy: (chosen > rejected), pair by pair, as a float mean.")
ex.hint(
    '{"chosen": chosen.mean().item(), ..., "accuracy": (chosen > rejected).float().mean().item()}'
)

ex.misconception(
    """beta is missing in the implicit rewards.""",
    name="no_beta",
    replace="beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)",
    by="(pi_chosen - ref_chosen), (pi_rejected - ref_rejected)",
)
ex.misconception(
    """beta is an argument, and here it is always 0.1.""",
    name="beta_fixed",
    replace="beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)",
    by="0.1 * (pi_chosen - ref_chosen), 0.1 * (pi_rejected - ref_rejected)",
)
ex.misconception(
    """The accuracy compares the policy's log-probabilities. Compared with the reference's is what counts: a
    long chosen answer is nearly always the less probable one.""",
    name="by_probability",
    replace="(chosen > rejected)",
    by="(pi_chosen > pi_rejected)",
)
ex.misconception(
    """A tie counts as won. At the start, when policy and reference are one, that would be an accuracy of
    100 %.""",
    name="tie_won",
    replace="(chosen > rejected)",
    by="(chosen >= rejected)",
)
ex.misconception(
    """The accuracy asks whether the chosen answer's reward is positive. It is to be larger than that of the
    rejected
    one: both may be negative.""",
    name="positive",
    replace="(chosen > rejected)",
    by="(chosen > 0)",
)
ex.misconception(
    """The accuracy is that of the means, 0 or 1. Compare pair by pair.""",
    name="of_means",
    replace="(chosen > rejected).float().mean()",
    by="(chosen.mean() > rejected.mean()).float()",
)
ex.misconception(
    """The accuracy is in percent. It is asked as a number between 0 and 1.""",
    name="percent",
    replace="(chosen > rejected).float().mean().item()",
    by="100 * (chosen > rejected).float().mean().item()",
)
ex.misconception(
    """The margin is rejected minus chosen. It is chosen minus rejected, and grows in training.""",
    name="margin_sign",
    replace="(chosen - rejected).mean()",
    by="(rejected - chosen).mean()",
)
ex.misconception(
    """The margin is a distance, without sign: pairs that are the wrong way round would look good.""",
    name="margin_abs",
    replace="(chosen - rejected).mean()",
    by="(chosen - rejected).abs().mean()",
)
ex.misconception(
    """Rewards are summed over the pairs. Their means are asked.""",
    name="summed",
    edits=[
        ('chosen.mean().item(),\n        "rejected"', 'chosen.sum().item(),\n        "rejected"'),
        ("rejected.mean().item(),\n", "rejected.sum().item(),\n"),
        ("(chosen - rejected).mean()", "(chosen - rejected).sum()"),
    ],
)
ex.misconception(
    """The reference does not occur: that is the log-probability, not the implicit reward.""",
    name="no_reference",
    replace="beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)",
    by="beta * pi_chosen, beta * pi_rejected",
)
ex.misconception(
    """Tensors came back. Python floats are asked: .item().""",
    name="tensors",
    source="""
    def preference_metrics(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        chosen, rejected = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
        return {
            "chosen": chosen.mean(),
            "rejected": rejected.mean(),
            "margin": (chosen - rejected).mean(),
            "accuracy": (chosen > rejected).float().mean(),
        }
""",
)
ex.misconception(
    """A tie counts as half won. Agreed is that equal rewards are not won: at the start, when policy and
    reference are one, the accuracy is 0.""",
    name="tie_half",
    replace="(chosen > rejected).float()",
    by="((chosen > rejected).float() + (chosen >= rejected).float()).div(2)",
)
ex.misconception(
    """The accuracy is the number of pairs won. Their share is asked: divided by n.""",
    name="count",
    replace="(chosen > rejected).float().mean()",
    by="(chosen > rejected).float().sum()",
)

ex.variant(
    "a loop over the pairs",
    name="loop",
    source="""
    def preference_metrics(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
        with torch.no_grad():
            c = (beta * (pi_chosen - ref_chosen)).tolist()
            r = (beta * (pi_rejected - ref_rejected)).tolist()
        n = len(c)
        return {
            "accuracy": sum(x > y for x, y in zip(c, r)) / n,
            "margin": sum(c) / n - sum(r) / n,
            "chosen": sum(c) / n,
            "rejected": sum(r) / n,
        }
""",
)
