"""02.experiment: train, dev, test: who decides what."""

import torch

from graders.authoring import Tol, exercise

from .part import clearly_best, count, drawers, true_losses

whole = exercise("experiment", title="train, dev, test: who decides what")


@whole.cases
def _(rng):
    for vocab in (3, 4, 5):
        yield drawers(rng, vocab)
    # a drawer's highest character need not occur in another
    pair, best = [0.1, 2.0], -1
    while best < 0:
        case = drawers(rng, 3)
        best = clearly_best(true_losses(count(*case["train"], 5), *case["dev"], pair))
    yield dict(case, vocab_size=5, alphas=pair)
    yield dict(case, alphas=[0.7])
    # dev is larger than train, and says something else further on; test outvotes it
    seen, ys = torch.tensor([[0, 1]] * 12), torch.tensor([1] * 12)
    dev = seen[:4], torch.tensor([1, 0, 0, 0])
    three = dict(train=(seen[:1], ys[:1]), dev=dev, test=(seen, ys))
    yield dict(**three, vocab_size=2, alphas=[0.5, 8.0])
    # dev says nothing of what was counted: every alpha gives exactly log 2, and the first is to be kept
    unseen = torch.tensor([[1, 0]]), torch.tensor([1])
    three = dict(train=(seen[:3], ys[:3]), dev=unseen, test=(seen[:1], ys[:1]))
    yield dict(**three, vocab_size=2, alphas=[2.0, 0.5, 1.0])


whole.tolerance(Tol(rtol=2e-5))


@whole.oracle
def _(train, dev, test, vocab_size, alphas):
    N = torch.zeros((vocab_size,) * 3)
    for (a, b), c in zip(train[0].tolist(), train[1].tolist(), strict=True):
        N[a, b, c] += 1
    curves = [true_losses(N, *part, alphas) for part in (train, dev, test)]
    best = min(range(len(alphas)), key=curves[1].__getitem__)
    names = ("train", "dev", "test")
    losses = {name: curve[best] for name, curve in zip(names, curves, strict=True)}
    return {"alpha": alphas[best], **losses}


whole.hint("Which drawer is counted? Which one chooses? Which one is only looked at?")
whole.hint(
    "One N, from train. One alpha, by tune on dev. Then smoothed_nll three times, with both."
)
whole.hint(
    "N = trigram_counts(*train, vocab_size); alpha, _ = tune(N, *dev, alphas); then a dict with alpha and "
    "smoothed_nll(N, *train, alpha), and the same for dev and test."
)

whole.misconception(
    "alpha was tuned on test. The test loss is then the best of many tries, and no longer "
    "says how the model does "
    "on new names: choose on dev.",
    name="tuned_on_test",
    replace="tune(N, *dev, alphas)",
    by="tune(N, *test, alphas)",
)
whole.misconception(
    "alpha was tuned on train, where nothing is unseen and the smallest always wins. Choose on dev.",
    name="tuned_on_train",
    replace="tune(N, *dev, alphas)",
    by="tune(N, *train, alphas)",
)
whole.misconception(
    "Each loss has an alpha of its own, the best for that drawer. There is one model, with the alpha that "
    "dev chose.",
    name="best_for_each",
    replace="smoothed_nll(N, *examples, alpha)",
    by="min(tune(N, *examples, alphas)[1])",
)
whole.misconception(
    "The test loss is the lowest of all alphas on test. Test is looked at once, with the "
    "alpha that dev chose.",
    name="best_test_loss",
    replace='return {"alpha": alpha, **losses}',
    by='losses["test"] = min(tune(N, *test, alphas)[1])\n    return {"alpha": alpha, **losses}',
)
whole.misconception(
    "Dev was counted too. Its trigrams are then nothing new, and it cannot say any more how much smoothing "
    "new names need: count train only.",
    name="dev_counted",
    replace="    N = trigram_counts(*train, vocab_size)\n",
    by="    N = trigram_counts(*train, vocab_size) + trigram_counts(*dev, vocab_size)\n",
)
whole.misconception(
    "All three drawers were counted, test included: a model that has seen its exam. Count train only.",
    name="all_counted",
    replace="    N = trigram_counts(*train, vocab_size)\n",
    by="    N = sum(trigram_counts(*part, vocab_size) for part in (train, dev, test))\n",
)
whole.misconception(
    "After tuning, dev was added to the counts. People do that before they ship a model; "
    "here all three losses are "
    "asked for with the counts of train.",
    name="counted_again",
    replace="    splits = {",
    by="    N = N + trigram_counts(*dev, vocab_size)\n    splits = {",
)
whole.misconception(
    "Every drawer was measured with its own counts, so each is its own train. The counts come from train.",
    name="own_counts",
    replace="smoothed_nll(N, *examples, alpha)",
    by="smoothed_nll(trigram_counts(*examples, vocab_size), *examples, alpha)",
)
whole.misconception(
    "The counts are those of dev. Train, the large drawer, is for counting.",
    name="dev_for_train",
    replace="N = trigram_counts(*train, vocab_size)",
    by="N = trigram_counts(*dev, vocab_size)",
)
whole.misconception(
    "dev and test are swapped in the report.",
    name="swapped",
    replace='"dev": dev, "test": test',
    by='"dev": test, "test": dev',
)
whole.misconception(
    "The first alpha of the list was taken. tune says which one is best on dev.",
    name="first_alpha",
    replace="alpha, _ = tune(N, *dev, alphas)",
    by="alpha = alphas[0]",
)
whole.misconception(
    "You kept the alpha that is best on average over train and dev. Train has an opinion only about counts: "
    "choose on dev alone.",
    name="on_train_and_dev",
    replace="alpha, _ = tune(N, *dev, alphas)",
    by="sums = [\n"
    "        a + b\n"
    "        for a, b in zip(tune(N, *train, alphas)[1], tune(N, *dev, alphas)[1], strict=True)\n"
    "    ]\n"
    "    alpha = alphas[sums.index(min(sums))]",
)
whole.misconception(
    "The report has whole curves in it. For each drawer one loss is wanted, with the chosen alpha.",
    name="curves",
    replace="smoothed_nll(N, *examples, alpha)",
    by="tune(N, *examples, alphas)[1]",
)
whole.misconception(
    "alpha is missing from the report.",
    name="no_alpha",
    replace='{"alpha": alpha, **losses}',
    by="losses",
)
whole.misconception(
    "These are plain values in a tuple. A dict with the keys alpha, train, dev and test is asked for.",
    name="tuple",
    replace='{"alpha": alpha, **losses}',
    by="(alpha, *losses.values())",
)

whole.variant(
    "one by one",
    name="one_by_one",
    replace='return {"alpha": alpha, **losses}',
    by="return dict(\n        test=smoothed_nll(N, test[0], test[1], alpha),\n"
    "        dev=min(tune(N, dev[0], dev[1], alphas)[1]),\n"
    "        train=smoothed_nll(N, train[0], train[1], alpha),\n"
    "        alpha=alpha,\n    )",
)
whole.variant(
    "without tune",
    name="by_itself",
    replace="alpha, _ = tune(N, *dev, alphas)",
    by="alpha = min(alphas, key=lambda a: smoothed_nll(N, *dev, a))",
)
