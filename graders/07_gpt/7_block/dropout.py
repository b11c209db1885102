"""07.dropout: inverted dropout, in training and in eval mode."""

import torch

from graders.authoring import Tol, exercise

from .part import gradients, leaf

dropout = exercise("dropout", title="dropout, training and eval")


@dropout.cases
def _(rng):
    shapes = [(40,), (5, 8), (2, 3, 4), (1, 6, 9), (3, 1, 7), (30, 40)]
    for i, shape in enumerate(shapes):
        for p in (0.3, 0.75):
            for training in (True, False):
                kind = torch.float32 if i == 1 else torch.float64
                x = rng.normal(*shape, mean=0.5, dtype=kind)
                yield dict(x=x, p=p, training=training, seed=rng.seed())
    for p in (0.0, 1.0):
        for training in (True, False):
            yield dict(x=rng.normal(3, 7), p=p, training=training, seed=rng.seed())
    yield dict(x=rng.normal(6, 4, 5).permute(2, 0, 1), p=0.4, training=True, seed=rng.seed())
    yield dict(x=torch.zeros(4, 3).double(), p=0.4, training=True, seed=rng.seed())
    # a draw is exactly p: that number is kept
    seed = rng.seed()
    draws = torch.rand(3, 5, generator=torch.Generator().manual_seed(seed)).flatten()
    yield dict(x=rng.normal(3, 5), p=draws.sort().values[6].item(), training=True, seed=seed)


@dropout.scenario
def _(m, x, p, training, seed):
    return m.dropout(x, p, training, torch.Generator().manual_seed(seed))


def expected(x, p, training, seed):
    """Number by number."""
    draws = torch.rand(x.shape, generator=torch.Generator().manual_seed(seed)).flatten().tolist()
    if not training or p == 0:
        factors = [1.0] * x.numel()
    else:
        factors = [1 / (1 - p) if u >= p else 0.0 for u in draws]
    return torch.tensor(factors, dtype=torch.float64).view(x.shape).to(x.dtype)


@dropout.oracle
def _(x, p, training, seed):
    return x * expected(x, p, training, seed)


@dropout.check("gradients")
def _(m, x, p, training, seed):
    x = leaf(x)
    return gradients(m.dropout(x, p, training, torch.Generator().manual_seed(seed)), dict(x=x))


@dropout.oracle("gradients")
def _(x, p, training, seed):
    x = leaf(x)
    return gradients(x * expected(x, p, training, seed), dict(x=x))


@dropout.check("input as it was")
def _(m, x, p, training, seed):
    out = m.dropout(x, p, training, torch.Generator().manual_seed(seed))
    return {"x": x, "result": out.detach()}


@dropout.check("what is drawn")
def _(m, x, p, training, seed):
    """The next draw of the generator afterwards, and of torch's own; where p leaves no choice: None."""
    g = torch.Generator().manual_seed(seed)
    torch.default_generator.manual_seed(seed)
    m.dropout(x, p, training, g)
    free = training and p in (0, 1)
    return None if free else [torch.rand(3, generator=g), torch.rand(3)]


@dropout.check("without a generator")
def _(m, x, p, training, seed):
    """torch's own generator, which takes part as any other."""
    torch.default_generator.manual_seed(seed)
    return m.dropout(x, p, training)


@dropout.oracle("without a generator")
def _(x, p, training, seed):
    return x * expected(x, p, training, seed)


# the scale may have been in float32: keep.float() / (1 - p)
dropout.tolerance(Tol(rtol=2e-5))
dropout.tolerance(Tol(rtol=2e-5), "gradients")
dropout.tolerance(Tol(rtol=2e-5), "without a generator")

dropout.hint(
    "Three cases: nothing to do (eval), everything gone (p = 1), and a mask times a scale."
)
dropout.hint("A number u drawn from [0, 1) is >= p with probability 1 - p: keep where it is.")
dropout.hint("keep = torch.rand(x.shape, generator=generator) >= p; return x * keep / (1 - p)")


def wrong(message, name, replace, by):
    dropout.misconception(message, name=name, replace=replace, by=by)


wrong(
    """Nothing is scaled up: with p = 0.75 only a quarter is left to be added up in training, and
    suddenly four times as much in eval mode. Divide by 1 - p.""",
    "no_scale",
    "x * keep / (1 - p)",
    "x * keep",
)
wrong(
    """What is kept is divided by p. A share of 1 - p is kept: divide by that.""",
    "divided_by_p",
    "x * keep / (1 - p)",
    "x * keep / p",
)
wrong(
    """What is kept is multiplied by 1 - p where it should be divided: it must become larger, to stand
    for what is gone.""",
    "scaled_down",
    "x * keep / (1 - p)",
    "x * keep * (1 - p)",
)
wrong(
    """p is taken for the probability to be *kept*. It is that of being dropped: keep where the draw is
    >= p.""",
    "p_is_keep",
    "keep = torch.rand(x.shape, generator=generator) >= p",
    "keep = torch.rand(x.shape, generator=generator) < p",
)
wrong(
    """Dropout is active in eval mode too: the same text gets another answer each time. With
    training=False x comes back as it is.""",
    "active_in_eval",
    "if not training or p == 0",
    "if p == 0",
)
wrong(
    """In eval mode everything is multiplied by 1 - p. That belongs to the old kind of dropout, which
    did not scale in training; here eval mode changes nothing.""",
    "scaled_in_eval",
    """    if not training or p == 0:
        return x
""",
    """    if not training:
        return x * (1 - p)
    if p == 0:
        return x
""",
)
wrong(
    """The modes are swapped: numbers are dropped in eval mode, and none in training.""",
    "modes_swapped",
    "if not training or",
    "if training or",
)
wrong(
    """p = 1 divides by zero. Then everything is dropped: return zeros.""",
    "p_one",
    """    if p == 1:
        return x * 0.0
""",
    "",
)
wrong(
    """The generator is not used: pass it on to torch.rand, or the draw cannot be repeated.""",
    "generator_ignored",
    "torch.rand(x.shape, generator=generator)",
    "torch.rand(x.shape)",
)
wrong(
    """One draw for each row: whole vectors are dropped together. Each number has a draw of its own.""",
    "whole_vectors",
    "torch.rand(x.shape, generator=generator)",
    "torch.rand(x.shape[:-1] + (1,), generator=generator)",
)
wrong(
    """The draw is from a normal distribution, of which a share of p is not below p. Take torch.rand,
    which is uniform on [0, 1).""",
    "normal_draw",
    "keep = torch.rand(",
    "keep = torch.randn(",
)
wrong(
    """x itself is changed. Whoever called still needs it (the residual, for one): make a new tensor.""",
    "in_place",
    "    return x * keep / (1 - p)",
    "    x.data.mul_(keep / (1 - p))\n    return x * 1.0",
)
wrong(
    """The result is detached: nothing below learns.""",
    "detached",
    "    return x * keep / (1 - p)",
    "    return (x * keep / (1 - p)).detach()",
)


dropout.misconception(
    """What is kept was divided by the share that happened to be kept. Divide by 1 - p: only the mean
    over many draws stays the same, not each draw.""",
    name="by_what_was_kept",
    replace="return x * keep / (1 - p)",
    by="return x * keep / keep.to(x.dtype).mean().clamp(min=1e-9)",
)


@dropout.variant("where, and zeros for p = 1")
def where(x, p, training, generator=None):
    if not training:
        return x.clone()
    u = torch.rand(x.shape, generator=generator)
    scale = 0.0 if p == 1 else 1 / (1 - p)
    return torch.where(u < p, torch.zeros_like(x), x * scale)


@dropout.variant("masked_fill")
def masked(x, p, training, generator=None):
    if training:
        drop = torch.rand(x.shape, generator=generator) < p
        x = x.masked_fill(drop, 0.0) / max(1 - p, 1e-9)
    return x


dropout.equivalent(
    "not training or p == 0  ->  not training", "with p = 0 all is kept, and divided by 1"
)
dropout.equivalent("0  ->  -1", "with p = 0 all is kept, and divided by 1")
