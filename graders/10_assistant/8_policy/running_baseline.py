"""10.running_baseline: what was usual so far."""

import torch

from graders.authoring import Tol, exercise, instead, number

usual = exercise("running_baseline", title="a baseline: what was usual so far", pure=False)


@usual.cases
def _(rng):
    for sizes, momentum in [([3, 5, 1], 0.8), ([1], 0.25), ([4, 2], 1.0), ([2, 6], 0.0)]:
        batches = [rng.normal(n, mean=2.0 + 3 * i) for i, n in enumerate(sizes)]
        yield dict(baseline=rng.number(0.5, 2.0), batches=batches, momentum=momentum)
    yield dict(baseline=0.0, batches=[rng.normal(3, dtype=torch.float32)], momentum=0.6)


@usual.scenario
def _(m, baseline, batches, momentum):
    """Batch after batch, each handing the baseline on; the rewards have a graph."""
    found = []
    for rewards in batches:
        before = rewards.clone()
        given = rewards.requires_grad_() * 1.0
        out = m.running_baseline(baseline, given, momentum)
        if not isinstance(out, (tuple, list)) or len(out) != 2:
            return instead(out, "a pair (advantages, new)")
        advantages, baseline = out
        if not isinstance(advantages, torch.Tensor):
            return instead(advantages, "a tensor", False)
        found.append(
            {
                "advantages": advantages.detach(),
                "they have a graph": advantages.requires_grad,
                "new baseline": number(baseline),
                "rewards as before": torch.equal(before, given.detach()),
                "rewards afterwards": given.detach().clone(),
            }
        )
    return found


@usual.oracle
def _(baseline, batches, momentum):
    found = []
    for rewards in batches:
        advantages = torch.tensor([r - baseline for r in rewards.tolist()], dtype=rewards.dtype)
        mean = rewards.mean().item()
        baseline = mean + momentum * (baseline - mean)
        found.append(
            {
                "advantages": advantages,
                "they have a graph": False,
                "new baseline": baseline,
                "rewards as before": True,
                "rewards afterwards": rewards,
            }
        )
    return found


# float32 rewards: their mean has 7 digits
usual.tolerance(Tol(rtol=1e-6))

usual.hint(
    "The advantages need the baseline that was handed in; the next one is for the next batch."
)
usual.hint("momentum * baseline + (1 - momentum) * rewards.mean().item()")

usual.misconception(
    """The baseline was updated first and subtracted afterwards: it depends on the answers that it
    judges. Use the one that was handed in.""",
    name="updated_first",
    replace="    return rewards - baseline, momentum * baseline + (1 - momentum) * rewards.mean().item()",
    by="    new = momentum * baseline + (1 - momentum) * rewards.mean().item()\n"
    "    return rewards - new, new",
)
usual.misconception(
    """Momentum is swapped: it is the weight of what *was*; the new mean weighs 1 - momentum.""",
    name="momentum_swapped",
    replace="momentum * baseline + (1 - momentum) * rewards",
    by="(1 - momentum) * baseline + momentum * rewards",
)
usual.misconception(
    """The batch's mean was subtracted, not the running baseline.""",
    name="batch_mean",
    replace="return rewards - baseline",
    by="return rewards - rewards.mean()",
)
usual.misconception(
    """The new baseline is made of the advantages. It is to be a mean of rewards.""",
    name="of_advantages",
    replace="(1 - momentum) * rewards.mean()",
    by="(1 - momentum) * (rewards - baseline).mean()",
)
usual.misconception(
    """The advantages carry the rewards' graph. They are constants: detach.""",
    name="graph",
    edits=[
        ("    rewards = rewards.detach()\n", ""),
    ],
)
usual.misconception(
    """The new baseline is a tensor with a graph, which grows from batch to batch. A Python float is
    asked: .item() (and advantages without a graph).""",
    name="baseline_graph",
    edits=[("    rewards = rewards.detach()\n", ""), (".mean().item()", ".mean()")],
)
usual.misconception(
    """The rewards that were handed in were changed: detach() shares their memory. Make new numbers of
    them.""",
    name="in_place",
    replace="    return rewards - baseline, momentum * baseline + (1 - momentum) * rewards.mean().item()",
    by="    usual = rewards.mean().item()\n"
    "    return rewards.sub_(baseline), momentum * baseline + (1 - momentum) * usual",
)
usual.misconception(
    """The sum of the rewards went into the baseline; their mean is asked.""",
    name="sum",
    replace="rewards.mean().item()",
    by="rewards.sum().item()",
)
usual.misconception(
    """The baseline stayed what it was: it learns nothing from this batch.""",
    name="never_updated",
    replace="momentum * baseline + (1 - momentum) * rewards.mean().item()",
    by="baseline",
)
usual.misconception(
    """Only the last reward of the batch went into the baseline. The mean of all does.""",
    name="last_reward",
    replace="rewards.mean().item()",
    by="rewards[-1].item()",
)

usual.variant(
    "moved a little towards the mean",
    name="moved",
    source="""
    def running_baseline(baseline, rewards, momentum):
        with torch.no_grad():
            advantages = rewards - baseline
            return advantages, float(baseline + (1 - momentum) * advantages.mean())
    """,
)
