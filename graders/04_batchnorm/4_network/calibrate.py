"""04.calibrate: calibration on the whole set."""

import torch

from graders.authoring import exercise

from .part import a_network, namespace

calibration = exercise("calibrate", title="calibration on the whole set", pure=False)


@calibration.cases
def _(rng):
    for vocab_size, block_size, n_embd, n_hidden, n in [
        (5, 3, 2, 4, 3), (4, 2, 3, 6, 2), (7, 1, 4, 3, 5), (3, 3, 3, 3, 9), (6, 2, 2, 5, 71),
        (7, 3, 3, 4, 64), (4, 2, 2, 3, 40),
        (4, 2, 1, 2, 3000),  # the whole set, however large
        (5, 3, 2, 4, 3),  # as large as the first
    ]:  # fmt: skip
        tensors = a_network(rng, vocab_size, block_size, n_embd, n_hidden)
        yield dict(tensors=tensors, X=rng.integers(0, vocab_size, n, block_size))


@calibration.scenario
def _(m, tensors, X):
    p = namespace(tensors)
    answer = m.calibrate(p, X)
    unchanged = sorted(name for name, t in tensors.items() if torch.equal(getattr(p, name), t))
    afterwards = {name: getattr(p, name).detach() for name in sorted(tensors)}
    return {
        "mean and var": [t.detach() for t in answer],
        "they require a gradient": [t.requires_grad for t in answer],
        "left as it was in p": unchanged,
        "p afterwards": afterwards,
    }


@calibration.oracle
def _(tensors, X):
    rows = torch.cat([tensors["C"][column] for column in X.t()], dim=1) @ tensors["W1"]
    var, mean = torch.var_mean(rows, dim=0, unbiased=True)
    return {
        "mean and var": [mean, var],
        "they require a gradient": [False, False],
        "left as it was in p": sorted(tensors),
        "p afterwards": tensors,
    }


calibration.hint(
    "The first line of mlp_forward, for all of X at once; then you have the function already."
)
calibration.hint(
    "Under torch.no_grad(): hprebn = p.C[X].view(len(X), -1) @ p.W1, then its statistics."
)
calibration.hint("return batch_stats(hprebn, correction=1)")

calibration.misconception(
    "The biased variance. It should agree with running_var, which collects unbiased ones: correction=1.",
    name="biased",
    replace="correction=1",
    by="correction=0",
)
calibration.misconception(
    "That is the standard deviation (as the lecture keeps it). Here the variance is asked, as in "
    "running_var.",
    name="std",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        mean, var = batch_stats(hprebn, correction=1)\n        return mean, var.sqrt()",
)
calibration.misconception(
    "The statistics are part of the graph, and with them the whole training set. Use torch.no_grad().",
    name="with_gradient",
    replace="    with torch.no_grad():",
    by="    if True:",
)
calibration.misconception(
    "The statistics of what comes after tanh were taken. BatchNorm stands before tanh.",
    name="after_tanh",
    replace="@ p.W1\n",
    by="@ p.W1\n        hprebn = torch.tanh(hprebn)\n",
)
calibration.misconception(
    "Statistics of the embeddings, before W1: BatchNorm gets embcat @ W1.",
    name="of_embeddings",
    replace="p.C[X].view(len(X), -1) @ p.W1",
    by="p.C[X].view(len(X), -1)",
)
calibration.misconception(
    "Only the first 32 examples were used. Calibration is over the whole training set, for an exact answer.",
    name="one_batch",
    replace="p.C[X].view(len(X), -1) @ p.W1",
    by="(p.C[X].view(len(X), -1) @ p.W1)[:32]",
)
calibration.misconception(
    "The mean of the batches' variances is not the variance of the whole: the batches' means differ, too.",
    name="mean_of_batches",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        stats = [batch_stats(h, min(1, len(h) - 1)) for h in hprebn.split(2)]\n"
    "        n = len(stats)\n"
    "        return hprebn.mean(0), sum(s[1] for s in stats) / n",
)
calibration.misconception(
    "The mean over batches of 32. A last batch that is smaller then counts as much as a full one, and the "
    "mean of variances is not the variance of the whole.",
    name="mean_of_32",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        stats = [batch_stats(h, correction=1) for h in hprebn.split(32)]\n"
    "        return tuple(sum(s) / len(stats) for s in zip(*stats))",
)
calibration.misconception(
    "One mean and one variance for all neurons. Each neuron has its own: over the examples, dimension 0.",
    name="one_for_all",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        mean, var = batch_stats(hprebn.view(-1, 1), correction=1)\n"
    "        return mean.expand(hprebn.shape[1]).clone(), var.expand(hprebn.shape[1]).clone()",
)
calibration.misconception(
    "The statistics are those of each example, over the neurons. Each neuron has its own, over the examples: "
    "dimension 0.",
    name="over_neurons",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return batch_stats(hprebn.T, correction=1)",
)
calibration.misconception(
    "The last examples are missing: they did not fill a batch. Calibration is over the whole training set.",
    name="last_dropped",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        n = len(hprebn) // 32 * 32 or len(hprebn)\n"
    "        return batch_stats(hprebn[:n], correction=1)",
)
calibration.misconception(
    "The old running statistics were mixed in. Calibration starts from nothing, and replaces them.",
    name="mixed",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return update_running(p.running_mean, p.running_var, hprebn)",
)
calibration.misconception(
    "The running statistics came back as they are. Calibration computes them anew, from the whole set.",
    name="as_they_are",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return p.running_mean.clone(), p.running_var.clone()",
)
calibration.misconception(
    "p's running statistics were overwritten. Return the two: the caller decides what to do with them.",
    name="overwrites",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        p.running_mean, p.running_var = batch_stats(hprebn, correction=1)\n"
    "        return p.running_mean, p.running_var",
)
calibration.misconception(
    "The statistics are those after the normalization with gain and bias. What goes *into* it is asked.",
    name="after_normalization",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        hpreact = batchnorm(hprebn, p.bngain, p.bnbias)\n"
    "        return batch_stats(hpreact, correction=1)",
)
calibration.misconception(
    "Each *different* context was counted once. A context that occurs often counts as often.",
    name="unique_contexts",
    replace="        return batch_stats(hprebn, correction=1)",
    by="        return batch_stats(hprebn.unique(dim=0), correction=1)",
)

calibration.variant(
    "chunk by chunk, from sums",
    name="chunks",
    source="""def calibrate(p, X):
    C, W1 = p.C.detach(), p.W1.detach()
    n, total, squares = 0, 0.0, 0.0
    for chunk in X.split(2):
        h = C[chunk].flatten(1) @ W1
        n, total, squares = n + len(h), total + h.sum(0), squares + (h**2).sum(0)
    mean = total / n
    return mean, (squares - n * mean**2) / (n - 1)
""",
)
calibration.variant(
    "detached afterwards",
    name="detached",
    source="""def calibrate(p, X):
    hprebn = torch.einsum("nd,dh->nh", p.C[X].reshape(X.shape[0], -1), p.W1).detach()
    return hprebn.mean(dim=0), hprebn.std(dim=0) ** 2
""",
)
