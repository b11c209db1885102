"""10.leave_one_out: the others are the baseline."""

import torch

from graders.authoring import Raises, exercise, instead

rloo = exercise("leave_one_out", title="a baseline: the other answers")


@rloo.cases
def _(rng):
    for P, K, dtype in [
        (3, 4, torch.float64),
        (1, 5, torch.float64),
        (5, 2, torch.float64),
        (2, 3, torch.float32),
        (2, 7, torch.float64),
    ]:
        rewards = rng.normal(P, K, mean=3.0, std=2.0, dtype=dtype)
        if P == 3:
            rewards[1] = 0.5  # all equal
            rewards[2] += 100.0  # another prompt, another level
        yield dict(rewards=rewards)
    yield dict(rewards=rng.normal(3, 2).T)
    yield dict(rewards=rng.normal(4, 1))


@rloo.scenario
def _(m, rewards):
    """The rewards have a graph, as those of a reward model; the advantages have none."""
    rewards.requires_grad_()
    before = rewards.detach().clone()
    out = m.leave_one_out(rewards)
    if not isinstance(out, torch.Tensor):
        return instead(out, "a tensor")
    return {
        "advantages": out.detach(),
        "they have a graph": out.requires_grad,
        "rewards as before": torch.equal(before, rewards.detach()),
        "they still require a gradient, and have none": [rewards.requires_grad, rewards.grad],
    }


@rloo.oracle
def _(rewards):
    if rewards.shape[1] < 2:
        return Raises("ValueError")
    rows = []
    for row in rewards.tolist():
        rows.append([r - sum(row[:i] + row[i + 1 :]) / (len(row) - 1) for i, r in enumerate(row)])
    return {
        "advantages": torch.tensor(rows, dtype=rewards.dtype),
        "they have a graph": False,
        "rewards as before": True,
        "they still require a gradient, and have none": [True, None],
    }


rloo.hint("The sum of the others is the sum of all, minus one's own.")
rloo.hint("There are K - 1 others: (rewards.sum(1, keepdim=True) - rewards) / (K - 1).")
rloo.hint("detach() the rewards first, and raise ValueError if K < 2.")

rloo.misconception(
    """The mean is over all K, one's own reward included: that shrinks every advantage to (K - 1) / K of
    it. The mean of the *others* is asked.""",
    name="own_included",
    replace="(rewards.sum(1, keepdim=True) - rewards) / (K - 1)",
    by="rewards.mean(1, keepdim=True)",
)
rloo.misconception(
    """The sum of the others was divided by K. There are K - 1 of them.""",
    name="over_k",
    replace="/ (K - 1)",
    by="/ K",
)
rloo.misconception(
    """The rewards of all prompts share a baseline. An easy prompt then praises all of its answers:
    compare within the row.""",
    name="whole_batch",
    replace="(rewards.sum(1, keepdim=True) - rewards) / (K - 1)",
    by="(rewards.sum() - rewards) / (rewards.numel() - 1)",
)
rloo.misconception(
    """Compared are answer k of one prompt with answer k of others: the wrong dimension. A row is a
    prompt.""",
    name="columns",
    replace="others = (rewards.sum(1, keepdim=True) - rewards) / (K - 1)",
    by="others = (rewards.sum(0, keepdim=True) - rewards) / max(1, len(rewards) - 1)",
)
rloo.misconception(
    """The sign is turned round: others minus own. An answer that is better than the others has a
    positive advantage.""",
    name="sign",
    replace="return rewards - others",
    by="return others - rewards",
)
rloo.misconception(
    """The baselines came back, not the advantages: subtract them from the rewards.""",
    name="baselines",
    replace="return rewards - others",
    by="return others",
)
rloo.misconception(
    """The advantages were divided by their standard deviation. That is another method (GRPO's); here
    they keep their size.""",
    name="divided",
    replace="return rewards - others",
    by="return (rewards - others) / (rewards.std(1, keepdim=True) + 1e-4)",
)
rloo.misconception(
    """The best of the others is the baseline here. Asked is their mean.""",
    name="best_other",
    replace="others = (rewards.sum(1, keepdim=True) - rewards) / (K - 1)",
    by="rest = [torch.cat([rewards[:, :k], rewards[:, k + 1 :]], 1) for k in range(K)]\n"
    "    others = torch.stack([r.amax(1) for r in rest], 1)",
)
rloo.misconception(
    """The advantages carry the rewards' graph: a loss made of them would train the reward model too.
    They are constants.""",
    name="graph",
    replace="rewards = rewards.detach()",
    by="rewards = rewards + 0",
)
rloo.misconception(
    """One answer per prompt gives 0 / 0 = nan, or something made up. There are no others:
    ValueError.""",
    name="single",
    replace="K < 2",
    by="False",
)

rloo.variant(
    "scaled distance from the mean of all",
    name="scaled",
    source="""
    def leave_one_out(rewards):
        if rewards.size(1) == 1:
            raise ValueError("no others")
        K = rewards.size(1)
        with torch.no_grad():
            return (rewards - rewards.mean(1, keepdim=True)) * K / (K - 1)
    """,
)
