"""04.loss_at_scale: the price of being sure."""

import math

import torch
import torch.nn.functional as F

from graders.authoring import exercise

from .part import SINGLE

scaled = exercise("loss_at_scale", title="the price of being sure", pure=False)


@scaled.cases
def _(rng):
    for scale, vocab_size, n in [
        (1.0, 5, 7),
        (0.0, 27, 4),
        (3.5, 27, 20),
        (0.3, 3, 1),
        (14.0, 9, 6),
    ]:
        yield dict(scale=scale, vocab_size=vocab_size, n=n, seed=rng.seed())
    yield dict(scale=100.0, vocab_size=27, n=12, seed=rng.seed())
    yield dict(scale=rng.number(0.5, 6.0), vocab_size=11, n=8, seed=rng.seed())


@scaled.scenario
def _(m, scale, vocab_size, n, seed):
    g = torch.Generator().manual_seed(seed)
    first = m.loss_at_scale(scale, vocab_size, n, g)
    return [first, m.loss_at_scale(scale, vocab_size, n, g=g)]  # g goes on: not the same draws


scaled.tolerance(SINGLE)


@scaled.oracle
def _(scale, vocab_size, n, seed):
    g = torch.Generator().manual_seed(seed)
    losses = []
    for _ in range(2):
        logits = (scale * torch.randn(n, vocab_size, generator=g)).tolist()
        Y = torch.randint(0, vocab_size, (n,), generator=g).tolist()
        total = 0.0
        for row, y in zip(logits, Y, strict=True):
            top = max(row)
            total += top + math.log(sum(math.exp(v - top) for v in row)) - row[y]
        losses.append(total / n)
    return losses


scaled.hint("Two draws from g, in the order of the docstring. What does lesson 03 do with them?")
scaled.hint("Scale the logits, not the loss; F.cross_entropy takes logits and targets.")
scaled.hint(
    "logits = scale * torch.randn(n, vocab_size, generator=g); Y = torch.randint(0, vocab_size, "
    "(n,), generator=g); F.cross_entropy(logits, Y).item()"
)


@scaled.misconception(
    "exp of a logit of 100 and more overflows, and the loss becomes inf or nan. F.cross_entropy "
    "(or logsumexp) subtracts the largest logit first."
)
def overflow(scale, vocab_size, n, g):
    counts = (scale * torch.randn(n, vocab_size, generator=g)).exp()
    Y = torch.randint(0, vocab_size, (n,), generator=g)
    probs = counts / counts.sum(1, keepdim=True)
    return -probs[range(n), Y].log().mean().item()


@scaled.misconception("You scaled the loss. Scale the logits: the loss is not linear in them.")
def loss_scaled(scale, vocab_size, n, g):
    logits = torch.randn(n, vocab_size, generator=g)
    return scale * F.cross_entropy(logits, torch.randint(0, vocab_size, (n,), generator=g)).item()


@scaled.misconception("scale is not used: multiply the random logits by it.")
def unscaled(scale, vocab_size, n, g):
    logits = torch.randn(n, vocab_size, generator=g)
    return F.cross_entropy(logits, torch.randint(0, vocab_size, (n,), generator=g)).item()


@scaled.misconception(
    "scale is the standard deviation; you multiplied by its square root, as if it were the variance."
)
def as_variance(scale, vocab_size, n, g):
    logits = scale**0.5 * torch.randn(n, vocab_size, generator=g)
    return F.cross_entropy(logits, torch.randint(0, vocab_size, (n,), generator=g)).item()


@scaled.misconception("The losses were added up. Take the mean over the n examples.")
def summed(scale, vocab_size, n, g):
    logits = scale * torch.randn(n, vocab_size, generator=g)
    Y = torch.randint(0, vocab_size, (n,), generator=g)
    return F.cross_entropy(logits, Y, reduction="sum").item()


@scaled.misconception(
    "The targets were drawn before the logits. With the same generator, another order gives other "
    "numbers: the logits come first."
)
def targets_first(scale, vocab_size, n, g):
    Y = torch.randint(0, vocab_size, (n,), generator=g)
    return F.cross_entropy(scale * torch.randn(n, vocab_size, generator=g), Y).item()


@scaled.misconception(
    "The logits come from a uniform distribution (torch.rand). Use torch.randn: mean 0, standard "
    "deviation 1, before the scale."
)
def uniform(scale, vocab_size, n, g):
    logits = scale * torch.rand(n, vocab_size, generator=g)
    return F.cross_entropy(logits, torch.randint(0, vocab_size, (n,), generator=g)).item()


@scaled.misconception("All targets are 0. Draw them: random characters, as random as the logits.")
def zero_targets(scale, vocab_size, n, g):
    logits = scale * torch.randn(n, vocab_size, generator=g)
    torch.randint(0, vocab_size, (n,), generator=g)
    return F.cross_entropy(logits, torch.zeros(n, dtype=torch.int64)).item()


@scaled.misconception(
    "The softmax is applied twice: F.cross_entropy takes logits, and does the softmax itself."
)
def softmax_twice(scale, vocab_size, n, g):
    probs = F.softmax(scale * torch.randn(n, vocab_size, generator=g), dim=1)
    return F.cross_entropy(probs, torch.randint(0, vocab_size, (n,), generator=g)).item()


@scaled.misconception(
    "The generator starts anew inside the function, so every call gets the same numbers. Draw from "
    "g as it is."
)
def reseeded(scale, vocab_size, n, g):
    g = torch.Generator().manual_seed(g.initial_seed())
    logits = scale * torch.randn(n, vocab_size, generator=g)
    return F.cross_entropy(logits, torch.randint(0, vocab_size, (n,), generator=g)).item()


@scaled.variant("logsumexp minus the target's logit")
def logsumexp(scale, vocab_size, n, g):
    logits = torch.randn(n, vocab_size, generator=g).mul_(scale)
    Y = torch.randint(vocab_size, (n,), generator=g)
    return (logits.logsumexp(1) - logits[torch.arange(n), Y]).mean().item()


@scaled.variant("log_softmax in double precision")
def double(scale, vocab_size, n, g):
    logits = scale * torch.randn((n, vocab_size), generator=g).double()
    Y = torch.randint(0, vocab_size, (n, 1), generator=g)
    return float(-logits.log_softmax(dim=-1).gather(1, Y).mean())
