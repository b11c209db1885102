"""10.preference_accuracy: how often the chosen one is ahead."""

import torch

from graders.authoring import Tol, exercise

accuracy = exercise("preference_accuracy", title="how often is it right?")


@accuracy.cases
def _(rng):
    for n, mean in [(7, 0.6), (5, -2.0), (1, 3.0), (1, -3.0), (12, 0.0)]:
        yield dict(chosen=rng.normal(n, mean=mean), rejected=rng.normal(n, mean=0.1))
    # some ties, and a batch of nothing but ties
    chosen = rng.normal(8)
    rejected = chosen + torch.tensor(rng.shuffled([0.0, 0.0, 0.0, 1.0, 2.0, -1.0, -3.0, -0.5]))
    yield dict(chosen=chosen, rejected=rejected)
    yield dict(chosen=torch.full((3,), 2.5), rejected=torch.full((3,), 2.5))
    # small differences are no ties, and equal huge ones are
    near = torch.tensor([1.0, 2.0, 3.0]).double()
    yield dict(chosen=near, rejected=near + torch.tensor([1e-12, -1e-12, 1e-12]).double())
    both = rng.normal(9, 2)
    yield dict(chosen=both[1:, 0], rejected=both[1:, 1])
    yield dict(chosen=torch.tensor([1e-9, 1e9, -2.0, 5.0, 1.0]).double(),
               rejected=torch.tensor([0.0, 1e9, -1.0, 4.0, 1.0]).double())  # fmt: skip


@accuracy.scenario
def _(m, chosen, rejected):
    """The rewards have a graph, as those of a model in training."""
    return m.preference_accuracy(chosen.requires_grad_() * 1.0, rejected.requires_grad_() * 1.0)


# .float().mean().item(), a right way to say it, has 7 digits
accuracy.tolerance(Tol(rtol=1e-6))


@accuracy.check("arguments", tol=Tol(rtol=1e-6))
def _(m, chosen, rejected):
    before = chosen.clone(), rejected.clone()
    return {
        "share": m.preference_accuracy(chosen, rejected),
        "chosen as before": torch.equal(chosen, before[0]),
        "rejected as before": torch.equal(rejected, before[1]),
    }


@accuracy.oracle
def _(chosen, rejected):
    both = list(zip(chosen.tolist(), rejected.tolist(), strict=True))
    return (sum(a > b for a, b in both) + 0.5 * sum(a == b for a, b in both)) / len(both)


accuracy.hint("chosen > rejected is True where the model is right; the mean of these is the share.")
accuracy.hint("Add half of (chosen == rejected); then .item() makes a Python float of the mean.")

accuracy.misconception(
    """A tie counts as wrong here. It is to count one half: the model does not know, and a coin would be
    right every other time.""",
    name="ties_wrong",
    replace=" + 0.5 * (chosen == rejected).double()",
    by="",
)
accuracy.misconception(
    """A tie counts as right here: a model that gives every text the same number would be perfect. It is
    to count one half.""",
    name="ties_right",
    replace="0.5 * (chosen == rejected)",
    by="(chosen == rejected)",
)
accuracy.misconception(
    """That is how often the rejected answer is ahead.""",
    name="rejected_ahead",
    replace="(chosen > rejected)",
    by="(chosen < rejected)",
)
accuracy.misconception(
    """Ties were left out of the count. They count one half each, and stay in the denominator.""",
    name="ties_left_out",
    replace="return right.mean().item()",
    by="return ((chosen > rejected).sum() / (chosen != rejected).sum()).item()",
)
accuracy.misconception(
    """Every chosen reward was compared with every rejected one. A pair is one prompt's: i with i
    only.""",
    name="all_with_all",
    replace="return right.mean().item()",
    by="chosen, rejected = chosen[:, None], rejected[None]\n"
    "    right = (chosen > rejected).double() + 0.5 * (chosen == rejected).double()\n"
    "    return right.mean().item()",
)
accuracy.misconception(
    """The mean of the sigmoids is the mean *probability* of the choices. Asked is how often the chosen
    answer is ahead, by however little.""",
    name="mean_probability",
    replace="return right.mean().item()",
    by="return torch.sigmoid(chosen - rejected).mean().item()",
)
accuracy.misconception(
    """That is how many, not which share of all. Divide by the number of pairs.""",
    name="how_many",
    replace="right.mean()",
    by="right.sum()",
)
accuracy.misconception(
    """Rewards were compared with 0. They have no zero of their own: only the difference counts.""",
    name="above_zero",
    replace="(chosen > rejected)",
    by="(chosen > 0)",
)
accuracy.misconception(
    """A percentage came back. The share is asked, from 0 to 1.""",
    name="percent",
    replace="right.mean().item()",
    by="100 * right.mean().item()",
)

accuracy.misconception(
    """Rewards that are nearly equal were taken for a tie. By however little one is ahead, it is: only == is a
    tie.""",
    name="nearly_equal",
    edits=[
        ("(chosen > rejected)", "(chosen - rejected > 1e-6)"),
        ("(chosen == rejected)", "((chosen - rejected).abs() <= 1e-6)"),
    ],
)

accuracy.variant(
    "the sign of the difference",
    name="sign",
    replace="return right.mean().item()",
    by="return float(((chosen - rejected).sign() + 1).double().mean() / 2)",
)
accuracy.variant(
    "counted in a loop",
    name="loop",
    source="""
    def preference_accuracy(chosen, rejected):
        points = 0.0
        for a, b in zip(chosen.tolist(), rejected.tolist()):
            points += 1.0 if a > b else 0.5 if a == b else 0.0
        return points / len(chosen)
    """,
)

accuracy.equivalent(
    "(chosen > rejected).double()  ->  chosen > rejected",
    "the sum is float64 by its other half, and halves are exact",
)
accuracy.equivalent(
    "(chosen == rejected).double()  ->  chosen == rejected",
    "the sum is float64 by its other half, and halves are exact",
)
