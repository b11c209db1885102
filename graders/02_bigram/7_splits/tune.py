"""02.tune: E03: tune the smoothing."""

import torch

from graders.authoring import Tol, exercise

from .part import ALPHAS, clearly_best, count, draw, true_losses, world

tune = exercise("tune", title="E03: tune the smoothing")


def valley(rng, vocab=4, n=60):
    """Counts, and examples on which the best alpha is none of the extremes."""
    while True:
        cube = world(rng, vocab, 2)
        N = count(*draw(rng, cube, n), vocab)
        xs, ys = draw(rng, cube, n)
        best = clearly_best(true_losses(N, xs, ys, ALPHAS))
        if 1 <= best < len(ALPHAS) - 1:
            return N, xs, ys, ALPHAS[best]


@tune.cases
def _(rng):
    for vocab, n in [(4, 60), (3, 40), (5, 90)]:
        N, xs, ys, best = valley(rng, vocab, n)
        others = [alpha for alpha in rng.shuffled(ALPHAS) if alpha != best]
        # the best neither first nor last, and not beside a slope that only falls
        yield dict(N=N, xs=xs, ys=ys, alphas=[*others[:4], best, *others[4:]])
        yield dict(N=N, xs=xs, ys=ys, alphas=sorted(ALPHAS))
        yield dict(N=N, xs=xs, ys=ys, alphas=sorted(ALPHAS, reverse=True))
    # the largest is best: what was counted says the opposite; the smallest: the counts are true
    N = torch.zeros(2, 2, 2, dtype=torch.int32)
    N[0, 1, 1] = 5
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([0]), alphas=[0.5, 8.0, 2.0])
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([1]), alphas=[2.0, 0.5, 8.0])
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([1]), alphas=[0.75])
    # one alpha twice: a loss for each entry of the list
    yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([1]), alphas=[2.0, 0.5, 2.0])
    # a long list; two that are nearly as good; and losses above 13
    ys, longer = torch.tensor([0]), [float(k) for k in range(1, 13)]
    for alphas in (longer, [8.0, 8.001], [1e-6, 3e-6, 2e-6]):
        yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=ys, alphas=alphas)
    # nothing was counted: every alpha gives exactly log 2, and the first is to be kept. (Powers of
    # two: no way of computing it rounds.)
    for alphas in ([2.0, 0.5, 1.0], [1.0, 2.0, 0.5]):
        yield dict(N=N, xs=torch.tensor([[1, 0]]), ys=torch.tensor([1]), alphas=alphas)


tune.tolerance(Tol(rtol=2e-5))


@tune.oracle
def _(N, xs, ys, alphas):
    logs = []
    for alpha in alphas:
        rows = N[xs[:, 0], xs[:, 1]].double() + alpha
        picked = rows[torch.arange(len(ys)), ys]
        logs.append(float(-(picked / rows.sum(1)).log().mean()))
    return min(alphas, key=lambda alpha: logs[alphas.index(alpha)]), logs


@tune.effort
def _(rng):
    N = torch.zeros(2, 2, 2, dtype=torch.int32)
    N[0, 1, 1] = 5
    for n in (3, 24):  # the largest is best, as above
        alphas = [float(k) for k in rng.shuffled(range(1, n + 1))]
        yield dict(N=N, xs=torch.tensor([[0, 1]]), ys=torch.tensor([0]), alphas=alphas)


tune.hint("You have a function that gives the loss for one alpha.")
tune.hint(
    "A list of losses, in the order of the alphas; losses.index(min(losses)) is where the best is."
)
tune.hint(
    "losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]; return "
    "alphas[losses.index(min(losses))], losses"
)

tune.misconception(
    "You kept the alpha with the *largest* loss. Smaller is better: min.",
    name="worst",
    replace="min(losses)",
    by="max(losses)",
)
tune.misconception(
    "The losses were kept in a dict, in which an alpha that stands twice in the list has one loss only. The "
    "list of losses has one for each entry of alphas.",
    name="dict_of_losses",
    replace="losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]",
    by="alphas = list(dict.fromkeys(alphas)); "
    "losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]",
)
tune.misconception(
    "That is the place of the best alpha in the list, not the alpha: alphas[...] of it.",
    name="place",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return float(losses.index(min(losses))), losses",
)
tune.misconception(
    "The best *loss* comes back in place of the alpha that has it.",
    name="loss_for_alpha",
    replace="alphas[losses.index(min(losses))]",
    by="min(losses)",
)
tune.misconception(
    "If several are equally good, the first of the list is to be kept. Yours keeps the last: compare with <, "
    "not with <=.",
    name="last_of_ties",
    replace="alphas[losses.index(min(losses))]",
    by="[a for a, loss in zip(alphas, losses, strict=True) if loss == min(losses)][-1]",
)
tune.misconception(
    "If several are equally good, the first of the list is to be kept. Yours keeps the smallest alpha: "
    "min over pairs (loss, alpha) goes on to compare the alphas.",
    name="smallest_of_ties",
    replace="alphas[losses.index(min(losses))]",
    by="min(zip(losses, alphas, strict=True))[1]",
)
tune.misconception(
    "The search stops at the first alpha that is worse than the one before. The list is in "
    "any order: try all.",
    name="stops_early",
    replace="    losses = [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]\n",
    by="    losses = []\n"
    "    for alpha in alphas:\n"
    "        losses.append(smoothed_nll(N, xs, ys, alpha))\n"
    "        if len(losses) > 1 and losses[-1] > losses[-2]:\n"
    "            break\n",
)
tune.misconception(
    "The losses are sorted. They belong to the alphas, in their order.",
    name="losses_sorted",
    replace="alphas[losses.index(min(losses))], losses",
    by="alphas[losses.index(min(losses))], sorted(losses)",
)
tune.misconception(
    "The losses are in the order of sorted alphas. Keep the order of the list.",
    name="alphas_sorted",
    replace="    losses = [",
    by="    alphas = sorted(alphas)\n    losses = [",
)
tune.misconception(
    "The caller's list of alphas was sorted. Leave it as it is, and go through it in its order.",
    name="list_sorted",
    replace="    losses = [",
    by="    alphas.sort()\n    losses = [",
)
tune.misconception(
    "The two results are swapped: the alpha comes first, then the list of losses.",
    name="results_swapped",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return losses, alphas[losses.index(min(losses))]",
)
tune.misconception(
    "Only the alpha comes back. The list of losses is wanted too, for the curve.",
    name="alpha_only",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return alphas[losses.index(min(losses))]",
)
tune.misconception(
    "The smallest alpha comes back. It is the best for the names that were counted; these examples were not.",
    name="smallest",
    replace="alphas[losses.index(min(losses))]",
    by="min(alphas)",
)
tune.misconception(
    "Each alpha was added on top of those before: the smoothed counts are counted again. "
    "Start from the same N "
    "each time.",
    name="adds_up",
    replace="[smoothed_nll(N, xs, ys, alpha) for alpha in alphas]",
    by="[smoothed_nll(N, xs, ys, sum(alphas[: i + 1])) for i in range(len(alphas))]",
)
tune.misconception(
    "The losses only ever fall: each is the best so far. Keep the loss of each alpha.",
    name="best_so_far",
    replace="return alphas[losses.index(min(losses))], losses",
    by="return alphas[losses.index(min(losses))], [\n"
    "        min(losses[: i + 1]) for i in range(len(losses))\n    ]",
)
tune.misconception(
    "The loss was measured on the drawer that was counted, where the smallest alpha always "
    "wins. Measure it on "
    "the examples you are given.",
    name="on_the_counts",
    replace="    losses = [",
    by="    xs = N.nonzero().repeat_interleave(N[N > 0].long(), 0)\n"
    "    xs, ys = xs[:, :2], xs[:, 2]\n    losses = [",
)

tune.misconception(
    """The work grows with the square of the alphas: all losses are computed again for each of them.
    Compute the list once; what is smallest in it, and where that stands, are questions to the list.""",
    name="all_losses_for_each",
    source="""
def tune(N, xs, ys, alphas):
    def losses():
        return [smoothed_nll(N, xs, ys, alpha) for alpha in alphas]

    best = [alpha for i, alpha in enumerate(alphas) if losses()[i] == min(losses())]
    return best[0], losses()
""",
)

tune.variant(
    "the best so far, in a loop",
    name="loop",
    source='''
def tune(N, xs, ys, alphas):
    """Keeps the best so far."""
    best, lowest, losses = None, float("inf"), []
    for alpha in alphas:
        loss = float(smoothed_nll(N, xs, ys, alpha))
        losses.append(loss)
        if best is None or loss < lowest:
            best, lowest = alpha, loss
    return best, losses
''',
)
tune.variant(
    "min with a key",
    name="key",
    replace="alphas[losses.index(min(losses))], losses",
    by="min(zip(losses, alphas, strict=True), key=lambda pair: pair[0])[1], losses",
)
tune.variant(
    "without smoothed_nll",
    name="by_itself",
    source='''
def tune(N, xs, ys, alphas):
    """All alphas at once."""
    a = torch.tensor(alphas, dtype=torch.float64)
    rows = N[xs[:, 0], xs[:, 1]].double()
    top = rows.gather(1, ys.view(-1, 1)) + a
    losses = ((rows.sum(1, keepdim=True) + N.shape[2] * a).log() - top.log()).mean(0)
    return alphas[int(losses.argmin())], losses.tolist()
''',
)
