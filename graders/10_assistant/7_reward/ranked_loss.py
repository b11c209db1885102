"""10.ranked_loss: all pairs of a prompt, then all prompts."""

import itertools

import torch
import torch.nn.functional as F

from graders.authoring import Tol, differentiate, exercise

ranked = exercise("ranked_loss", title="K answers, ranked", points=2)


@ranked.cases
def _(rng):
    for sizes, std in [([4, 2, 7], 1.5), ([5], 1.0), ([2, 2, 3], 3.0), ([2], 1.0), ([3, 6], 500.0)]:
        groups = [rng.normal(k, std=std, mean=3.0 * i) for i, k in enumerate(sizes)]
        if len(sizes) == 3:
            groups[0][1] = groups[0][0]  # a tie
        yield dict(groups=groups)
    yield dict(groups=[rng.normal(14), rng.normal(9)[1::2]])
    yield dict(groups=[rng.normal(4, dtype=torch.float32), rng.normal(3, dtype=torch.float32)])


@ranked.oracle
def _(groups):
    means = []
    for rewards in groups:
        costs = [F.softplus(b - a) for a, b in itertools.combinations(rewards.double(), 2)]
        means.append(sum(costs) / len(costs))
    return (sum(means) / len(means)).to(groups[0].dtype)


@ranked.check("gradients")
def _(m, groups):
    leaves = {f"group {i}": g.requires_grad_() for i, g in enumerate(groups)}
    out = m.ranked_loss(groups)
    return dict(differentiate(out, leaves, torch.tensor(-1.7, dtype=out.dtype)))


# F.softplus, a right way to say it, is linear beyond 20: off by e^-20 = 2e-9 in float64
for check in ("values", "gradients"):
    ranked.tolerance(Tol(atol=1e-8), check)

ranked.hint("Which pairs (i, j) of K answers are there, the better one first? All with i < j.")
ranked.hint("torch.triu_indices(K, K, offset=1) lists them: two rows, i and j.")
ranked.hint(
    "For each prompt pairwise_loss(rewards[i], rewards[j]), which is a mean; then the mean over the prompts."
)

ranked.misconception(
    """All pairs of all prompts share one mean: a prompt with 9 answers counts 36 times as much as one
    with 2. Take the mean within each prompt first.""",
    name="pooled",
    source="""
    def ranked_loss(groups):
        better, worse = [], []
        for rewards in groups:
            i, j = torch.triu_indices(len(rewards), len(rewards), offset=1)
            better.append(rewards[i])
            worse.append(rewards[j])
        return pairwise_loss(torch.cat(better), torch.cat(worse))
    """,
)
ranked.misconception(
    """Only neighbours in the ranking were compared. All K (K - 1) / 2 pairs count: the first against
    the last, too.""",
    name="neighbours",
    replace="pairwise_loss(rewards[better], rewards[worse])",
    by="pairwise_loss(rewards[:-1], rewards[1:])",
)
ranked.misconception(
    """Only the best answer was compared with the others. A ranking says who is better within the others
    as well.""",
    name="best_against_others",
    replace="pairwise_loss(rewards[better], rewards[worse])",
    by="pairwise_loss(rewards[:1], rewards[1:])",
)
ranked.misconception(
    """Only the best and the worst were compared. All K (K - 1) / 2 pairs count.""",
    name="ends_only",
    replace="pairwise_loss(rewards[better], rewards[worse])",
    by="pairwise_loss(rewards[:1], rewards[-1:])",
)
ranked.misconception(
    """The ranking is read the wrong way round. The best answer stands first.""",
    name="worst_first",
    replace="pairwise_loss(rewards[better], rewards[worse])",
    by="pairwise_loss(rewards[worse], rewards[better])",
)
ranked.misconception(
    """Each answer was compared with itself, too (a loss of log 2 that never goes away). Pairs begin
    beside the diagonal: i < j.""",
    name="with_itself",
    replace="offset=1",
    by="offset=0",
)
ranked.misconception(
    """Every pair was counted in both orders, so each comparison is also taken for its opposite. Only
    the order that the ranking gives counts.""",
    name="both_orders",
    replace="pairwise_loss(rewards[better], rewards[worse])",
    by="(pairwise_loss(rewards[better], rewards[worse])"
    " + pairwise_loss(rewards[worse], rewards[better])) / 2",
)
ranked.misconception(
    """The pairs of a prompt were summed. Take their mean, or prompts with many answers weigh more.""",
    name="pairs_summed",
    replace="losses.append(pairwise_loss(rewards[better], rewards[worse]))",
    by="losses.append(pairwise_loss(rewards[better], rewards[worse]) * len(better))",
)
ranked.misconception(
    """The prompts were summed. Take their mean.""",
    name="prompts_summed",
    replace="torch.stack(losses).mean()",
    by="torch.stack(losses).sum()",
)
ranked.misconception(
    """A prompt's pairs were divided by K * K, or by K. There are K (K - 1) / 2 of them.""",
    name="over_k_squared",
    replace="losses.append(pairwise_loss(rewards[better], rewards[worse]))",
    by="losses.append(pairwise_loss(rewards[better], rewards[worse]) * len(better) / len(rewards) ** 2)",
)
ranked.misconception(
    """The rewards were sorted first. Their order in the tensor is the *people's* ranking, the truth
    that the rewards should come to agree with.""",
    name="sorted",
    replace="pairwise_loss(rewards[better], rewards[worse])",
    by="pairwise_loss(rewards.sort(descending=True).values[better],"
    " rewards.sort(descending=True).values[worse])",
)
ranked.misconception(
    """The value is right, but it is cut off from the rewards: nothing can learn from it.""",
    name="detached",
    replace="torch.stack(losses).mean()",
    by="torch.stack(losses).mean().detach()",
)

ranked.variant(
    "two loops",
    name="loops",
    source="""
    def ranked_loss(groups):
        total = 0.0
        for rewards in groups:
            K = len(rewards)
            pairs = [(rewards[i], rewards[j]) for i in range(K) for j in range(i + 1, K)]
            total = total + sum(-F.logsigmoid(a - b) for a, b in pairs) / (K * (K - 1) / 2)
        return total / len(groups)
    """,
)
ranked.variant(
    "a table of differences",
    name="table",
    source="""
    def ranked_loss(groups):
        losses = []
        for r in groups:
            above = torch.ones(len(r), len(r), dtype=torch.bool).triu(1)
            losses.append(F.softplus(r[None, :] - r[:, None])[above].mean())
        return sum(losses) / len(losses)
    """,
)
