"""10.group_advantages: each reward against those of its own group."""

import statistics

import torch

from graders.authoring import Raises, exercise

ex = exercise("group_advantages", title="advantages within the group")


@ex.cases
def _(rng):
    for n, G in [(3, 4), (2, 5), (1, 3), (5, 2), (4, 1), (1, 1)]:
        yield dict(rewards=rng.normal(n * G, mean=1.0, std=2.0), group_size=G)
    # right or wrong; whole groups agree: on 0, on 1, on a number that is negative
    r = torch.tensor([0.0, 0, 0, 1, 1, 1, 0, 1, 0, -2, -2, -2], dtype=torch.float64)
    yield dict(rewards=r, group_size=3)
    yield dict(rewards=torch.full((4,), 0.5), group_size=4)
    # groups far from each other
    far = rng.normal(3, 4) + torch.tensor([[-50.0], [0.0], [80.0]], dtype=torch.float64)
    yield dict(rewards=far.flatten(), group_size=4)
    yield dict(rewards=rng.normal(6, dtype=torch.float32), group_size=2, eps=0.05)
    yield dict(rewards=rng.normal(6, 2)[:, 1], group_size=3)
    # an eps that counts
    yield dict(rewards=rng.normal(8), group_size=4, eps=rng.number(0.3, 0.9))
    yield dict(rewards=rng.normal(7), group_size=3)
    yield dict(rewards=rng.normal(2), group_size=3)


@ex.oracle
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        return Raises("ValueError")
    found = []
    for i in range(0, len(rewards), group_size):
        group = rewards[i : i + group_size].tolist()
        std = statistics.stdev(group) if group_size > 1 else 0.0
        found += [(r - statistics.fmean(group)) / (std + eps) for r in group]
    return torch.tensor(found, dtype=rewards.dtype)


ex.hint("rewards.reshape(-1, group_size) has one row for each prompt.")
ex.hint("Mean and std along dim=1, with keepdim=True. What is the std of a single number in torch?")
ex.hint("(groups - mean) / (std + eps), flattened; torch.zeros_like(rewards) for groups of one.")

WHOLE = "(away / (groups.std(dim=1, keepdim=True) + eps)).flatten()"

ex.misconception(
    """Mean and standard deviation are those of the whole batch. A right answer to an easy question
    would count as much as one to a hard question: compare within each group only.""",
    name="whole_batch",
    edits=[
        ("groups.mean(dim=1, keepdim=True)", "groups.mean()"),
        ("groups.std(dim=1, keepdim=True)", "groups.std()"),
    ],
)
ex.misconception(
    """The mean is the group's, but the standard deviation that of the whole batch. Both belong to the
    group.""",
    name="batch_std",
    replace="groups.std(dim=1, keepdim=True)",
    by="rewards.std()",
)
ex.misconception(
    """The standard deviation divides by G. Agreed is G - 1, torch's own default.""",
    name="population_std",
    replace="groups.std(dim=1, keepdim=True)",
    by="groups.std(dim=1, keepdim=True, correction=0)",
)
ex.misconception(
    """Answers to one prompt lie one after the other: 0 0 0 1 1 1. Here they are taken as 0 1 0 1 0 1.""",
    name="interleaved",
    edits=[
        ("rewards.reshape(-1, group_size)", "rewards.reshape(group_size, -1).T"),
        (".flatten()", ".T.flatten()"),
    ],
)
ex.misconception(
    """A group whose rewards are all equal gives 0 / 0, which is nan, and after one step the whole model is.
    Add eps to the standard deviation.""",
    name="no_eps",
    replace="keepdim=True) + eps)",
    by="keepdim=True))",
)
ex.misconception(
    """The standard deviation of one number, with G - 1 = 0 below the fraction bar, is nan. A group of one
    has nobody to be compared with: zeros.""",
    name="nan_for_one",
    replace="if group_size == 1:",
    by="if False:",
)
ex.misconception(
    """A group of one got its reward as advantage. It has nobody to be compared with: zeros.""",
    name="reward_for_one",
    replace="return torch.zeros_like(rewards)",
    by="return rewards.clone()",
)
ex.misconception(
    """eps stands inside the root, sqrt(variance + eps). Agreed is std + eps.""",
    name="eps_inside",
    replace="(groups.std(dim=1, keepdim=True) + eps)",
    by="(groups.var(dim=1, keepdim=True) + eps).sqrt()",
)
ex.misconception(
    """eps is an argument, and here it is always 1e-4.""",
    name="eps_fixed",
    replace="keepdim=True) + eps)",
    by="keepdim=True) + 1e-4)",
)
ex.misconception(
    """The mean is taken off, but nothing is divided by the standard deviation (that is Dr. GRPO's way; not
    this one).""",
    name="not_divided",
    replace=WHOLE,
    by="away.flatten()",
)
ex.misconception(
    """It was divided by the variance. The standard deviation is its root.""",
    name="variance",
    replace="groups.std(dim=1, keepdim=True)",
    by="groups.var(dim=1, keepdim=True)",
)
ex.misconception(
    """Nothing is taken off: divided by the standard deviation only, every right answer of a group in which
    all are right would be pushed up. Subtract the group's mean.""",
    name="no_mean",
    replace="groups - groups.mean(dim=1, keepdim=True)",
    by="groups",
)
ex.misconception(
    """Numbers that do not fill their last group raise ValueError.""",
    name="no_error",
    replace="if len(rewards) % group_size:",
    by="if False:",
)
ex.misconception(
    """One row for each prompt came back. Asked are as many numbers as came, in one line: flatten.""",
    name="not_flat",
    replace=".flatten()",
    by="",
)
ex.misconception(
    """eps has no part in a group whose rewards differ. It is added to the standard deviation in every group,
    and a group whose rewards are all equal needs nothing else.""",
    name="eps_forgotten",
    replace="keepdim=True) + eps)).flatten()",
    by="keepdim=True))).nan_to_num().flatten()",
)

ex.variant(
    "group by group",
    name="loop",
    source="""
    def group_advantages(rewards, group_size, eps=1e-4):
        if len(rewards) % group_size != 0:
            raise ValueError("no")
        out = torch.zeros_like(rewards)
        for i in range(0, len(rewards), group_size):
            r = rewards[i : i + group_size]
            if len(r) > 1:
                out[i : i + group_size] = (r - r.mean()) / (r.std() + eps)
        return out
""",
)
ex.variant(
    "population variance, corrected",
    name="by_hand",
    source="""
    def group_advantages(rewards, group_size, eps=1e-4):
        if len(rewards) % group_size:
            raise ValueError("no")
        r = rewards.unflatten(0, (-1, group_size))
        r = r - r.sum(1, keepdim=True) / group_size
        std = (r.square().sum(1, keepdim=True) / max(1, group_size - 1)).sqrt()
        return (r / (std + eps)).reshape(-1)
""",
)
