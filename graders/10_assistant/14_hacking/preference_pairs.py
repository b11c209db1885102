"""10.preference_pairs: who is preferred to whom, within a group."""

import torch

from graders.authoring import exercise

pairs = exercise("preference_pairs", title="pairs of answers to the same prompt")


@pairs.cases
def _(rng):
    for B, G in [(3, 4), (5, 2), (1, 6), (4, 3)]:
        yield dict(rewards=rng.integers(0, 2, B * G).float(), G=G)
        yield dict(rewards=rng.integers(-2, 3, B * G).double() / 4, G=G)
    yield dict(rewards=torch.tensor([0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0]), G=3)
    yield dict(rewards=torch.tensor([0.5, -1.0, 2.0, 0.0, -3.0, -2.5]), G=6)
    yield dict(rewards=torch.tensor([1.0, 0.0, 1.0, 0.0, 0.5]), G=1)
    yield dict(rewards=torch.ones(8), G=4)
    near = 1 + torch.tensor([0.0, 1e-12, 0.0, -1e-12], dtype=torch.float64)
    yield dict(rewards=near, G=4)
    yield dict(rewards=rng.integers(0, 2, 300).double(), G=2)  # rows above 127
    yield dict(rewards=rng.normal(1), G=1)
    yield dict(rewards=rng.normal(4, 3).T.reshape(-1)[::1], G=2)
    yield dict(rewards=rng.integers(0, 3, 16).double()[::2], G=4)


@pairs.oracle
def _(rewards, G):
    r = rewards.tolist()
    found = [
        [i, j] for i in range(len(r)) for j in range(len(r)) if i // G == j // G and r[i] > r[j]
    ]
    return torch.tensor(found, dtype=torch.int64).view(-1, 2)


pairs.hint(
    """View the rewards as (B, G). When is row i of a group preferred to row j of the same group?"""
)
pairs.hint(
    """grouped[:, :, None] > grouped[:, None, :] is (B, G, G): in which group, is i better than j?
    nonzero() lists where it is True, in the order that is asked."""
)
pairs.hint(
    """Row i of group k is row k * G + i of the rollout: stack [group * G + i, group * G + j] in dim 1."""
)

pairs.misconception(
    """Answers to different prompts were compared. A reward model that learns from such pairs learns
    which prompts are easy.""",
    name="across_prompts",
    source="""
    def preference_pairs(rewards, G):
        return (rewards[:, None] > rewards[None, :]).nonzero()
    """,
)
pairs.misconception(
    """Ties became pairs. Equal rewards say nothing about which is better; and no answer is better than
    itself.""",
    name="ties",
    replace="[:, :, None] > ",
    by="[:, :, None] >= ",
)
pairs.misconception(
    """Chosen and rejected changed places: the first of a pair is the one with the greater reward.""",
    name="swapped",
    replace="[group * G + i, group * G + j]",
    by="[group * G + j, group * G + i]",
)
pairs.misconception(
    """These are places within the group. Rows of the rollout are asked: add G for every group before.""",
    name="within_group",
    replace="[group * G + i, group * G + j]",
    by="[i, j]",
)
pairs.misconception(
    """Only the best and the worst of each group. Every two rows with different rewards are a pair.""",
    name="best_and_worst",
    source="""
    def preference_pairs(rewards, G):
        r = rewards.view(-1, G)
        at = torch.arange(len(r)) * G
        keep = r.max(1).values > r.min(1).values
        return torch.stack([r.argmax(1) + at, r.argmin(1) + at], dim=1)[keep]
    """,
)
pairs.misconception(
    """Only neighbours were compared. Every two rows of a group are: the first with the last, too.""",
    name="neighbours",
    source="""
    def preference_pairs(rewards, G):
        found = []
        for i in range(len(rewards) - 1):
            if i // G == (i + 1) // G and rewards[i] != rewards[i + 1]:
                found.append([i, i + 1] if rewards[i] > rewards[i + 1] else [i + 1, i])
        return torch.tensor(found, dtype=torch.int64).view(-1, 2)
    """,
)
pairs.misconception(
    """Rewards were taken for right or wrong: above zero or not. Any two that differ make a pair, 0.5
    and 0.25 or -1 and -2 too.""",
    name="right_or_wrong",
    replace="rewards.view(-1, G)",
    by="(rewards > 0).float().view(-1, G)",
)
pairs.misconception(
    """Each row is in one pair at most: right ones were matched with wrong ones in turn. All
    combinations are asked.""",
    name="matched",
    source="""
    def preference_pairs(rewards, G):
        found = []
        for start in range(0, len(rewards), G):
            r = rewards[start : start + G]
            order = r.argsort(descending=True, stable=True).tolist()
            found += [
                [start + i, start + j]
                for i, j in zip(order[: G // 2], order[::-1])
                if r[i] > r[j]
            ]
        return torch.tensor(sorted(found), dtype=torch.int64).view(-1, 2)
    """,
)
pairs.misconception(
    """The pairs stand in another order: sorted by chosen, then by rejected.""",
    name="other_order",
    replace="    return torch.stack([group * G + i, group * G + j], dim=1)",
    by="    return torch.stack([group * G + i, group * G + j], dim=1).flip(0)",
)
pairs.variant(
    "three loops",
    name="loops",
    source="""
    def preference_pairs(rewards, G):
        found = []
        for i in range(len(rewards)):
            first = i - i % G
            for j in range(first, first + G):
                if rewards[i] > rewards[j]:
                    found.append((i, j))
        return torch.tensor(found, dtype=torch.int64).reshape(-1, 2)
    """,
)
pairs.variant(
    "one big comparison, masked by group",
    name="masked",
    source="""
    def preference_pairs(rewards, G):
        group = torch.arange(len(rewards)) // G
        better = rewards[:, None] > rewards
        return torch.nonzero(better & (group[:, None] == group))
    """,
)
