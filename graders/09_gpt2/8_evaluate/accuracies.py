"""09.accuracies: by the total, and by the average."""

import torch

from graders.authoring import Tol, exercise

ex = exercise("accuracies", title="accuracy, plain and normalized")


@ex.cases
def _(rng):
    for items, n in [(7, 4), (1, 3), (5, 2), (40, 4), (4, 6)]:
        lengths = rng.integers(1, 12, items, n)
        averages = -rng.uniform(0.2, 5.0, items, n)
        labels = rng.integers(0, n, items)
        averages[torch.arange(items), labels] /= 2  # more often right than by chance
        yield dict(totals=averages * lengths, averages=averages, labels=labels)
    # 3 of 4 by the total, 1 of 4 by the average
    totals = -torch.tensor([[1.0, 2, 3], [5, 4, 6], [7, 9, 8], [1, 2, 3]])
    averages = -torch.tensor([[1.0, 0.5, 3], [1, 4, 6], [7, 9, 0.8], [1, 0.2, 3]])
    yield dict(totals=totals, averages=averages, labels=torch.tensor([0, 1, 2, 0]))
    # nearly ties: float32 would hold them for equal
    near = -1.5 + 1e-12 * rng.integers(0, 1000, 9, 3).double()
    labels = near.argmax(1)
    labels[4:] = rng.integers(0, 3, 5)
    yield dict(totals=near, averages=near.flip(0), labels=labels)
    # ties: the first of equal ones is chosen, so 1 of 4 is right, and 3 of 4
    ties = -torch.tensor([[1.0, 1, 2], [3, 2, 2], [2, 1, 1], [4, 4, 4]])
    yield dict(totals=ties, averages=ties.flip(0), labels=torch.tensor([1, 2, 1, 2]))


@ex.oracle
def _(totals, averages, labels):
    def share(scores):
        rows = zip(scores.tolist(), labels.tolist(), strict=True)
        return sum(row.index(max(row)) == label for row, label in rows) / len(labels)

    return {"acc": share(totals), "acc_norm": share(averages)}


# a share is as good if it was divided in float32
ex.tolerance(Tol(rtol=1e-6))

ex.hint("Per item: which ending has the best score? Is it the label?")
ex.hint("Log-likelihoods: higher is better, so argmax over the endings (dim=1).")
ex.hint('"acc": (totals.argmax(dim=1) == labels).double().mean().item()')

ex.misconception(
    "The *worst* ending was chosen. argmin is for losses; of log-likelihoods the highest wins: argmax.",
    name="argmin",
    edits=[("totals.argmax", "totals.argmin"), ("averages.argmax", "averages.argmin")],
)
ex.misconception(
    "Both accuracies come from the totals. acc_norm asks the averages.",
    name="totals_twice",
    replace="averages.argmax",
    by="totals.argmax",
)
ex.misconception(
    "The two are exchanged: acc goes by the totals, acc_norm by the averages.",
    name="exchanged",
    source="""
    def accuracies(totals, averages, labels):
        return {
            "acc": (averages.argmax(dim=1) == labels).double().mean().item(),
            "acc_norm": (totals.argmax(dim=1) == labels).double().mean().item(),
        }
""",
)
ex.misconception(
    "The best item of each ending was looked for. Each *row* is an item: dim=1.",
    name="wrong_dimension",
    edits=[
        ("(totals.argmax(dim=1) == labels)", "(totals.argmax(dim=0)[:1] == labels)"),
        ("(averages.argmax(dim=1) == labels)", "(averages.argmax(dim=0)[:1] == labels)"),
    ],
)
ex.misconception(
    "These are numbers of items. Shares are asked for: divide by how many items there are.",
    name="counts",
    edits=[
        (
            "(totals.argmax(dim=1) == labels).double().mean()",
            "(totals.argmax(dim=1) == labels).double().sum()",
        ),
        (
            "(averages.argmax(dim=1) == labels).double().mean()",
            "(averages.argmax(dim=1) == labels).double().sum()",
        ),
    ],
)
ex.misconception(
    "Percent: a share lies between 0 and 1.",
    name="percent",
    edits=[
        (
            "(totals.argmax(dim=1) == labels).double()",
            "(totals.argmax(dim=1) == labels).double().mul(100)",
        ),
        (
            "(averages.argmax(dim=1) == labels).double()",
            "(averages.argmax(dim=1) == labels).double().mul(100)",
        ),
    ],
)
ex.misconception(
    "The first ending was taken for the right one in every item: the labels say which it is.",
    name="label_zero",
    edits=[
        ("totals.argmax(dim=1) == labels", "totals.argmax(dim=1) == 0 * labels"),
        ("averages.argmax(dim=1) == labels", "averages.argmax(dim=1) == 0 * labels"),
    ],
)

ex.variant(
    "a loop in Python",
    name="loop",
    source="""
    def accuracies(totals, averages, labels):
        found = {}
        for name, scores in (("acc", totals), ("acc_norm", averages)):
            right = 0
            for row, label in zip(scores, labels):
                right += int(row.max(0).indices == label)
            found[name] = right / len(labels)
        return found
""",
)
ex.variant(
    "shares in float32",
    name="float32",
    edits=[
        ("(totals.argmax(dim=1) == labels).double()", "(totals.argmax(dim=1) == labels).float()"),
        (
            "(averages.argmax(dim=1) == labels).double()",
            "(averages.argmax(dim=1) == labels).float()",
        ),
    ],
)
