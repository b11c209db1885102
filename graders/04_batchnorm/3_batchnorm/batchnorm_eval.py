"""04.batchnorm_eval: eval mode."""

import torch
import torch.nn.functional as F

from graders.authoring import differentiate, exercise

from .part import columns_first, upstream

evaluation = exercise("batchnorm_eval", title="eval mode")


@evaluation.cases
def _(rng):
    for n, hidden, eps in [(1, 4, 0.5), (4, 3, 0.5), (3, 3, 1e-5), (2, 5, 2.0), (1, 1, 0.1)]:
        yield dict(
            x=rng.normal(n, hidden, mean=2.0, std=1.5),
            running_mean=rng.normal(hidden, mean=-0.5),
            running_var=rng.uniform(0.3, 3.0, hidden),
            gain=rng.normal(hidden, mean=1.5),
            bias=rng.normal(hidden, mean=-0.7),
            eps=eps,
        )
    yield dict(
        x=columns_first(rng.normal(4, 3)), running_mean=rng.normal(3), running_var=rng.normal(3) * 0,
        gain=rng.normal(3), bias=rng.normal(3), eps=0.5,
    )  # fmt: skip
    f32 = dict(dtype=torch.float32)
    yield dict(
        x=rng.normal(4, 3, **f32), running_mean=rng.normal(3, **f32),
        running_var=rng.uniform(0.5, 2.0, 3, **f32), gain=rng.normal(3, **f32), bias=rng.normal(3, **f32),
        eps=0.5,
    )  # fmt: skip


@evaluation.oracle
def _(x, running_mean, running_var, gain, bias, eps):
    return F.batch_norm(x, running_mean, running_var, gain, bias, training=False, eps=eps)


@evaluation.check("gradients")
def _(m, x, running_mean, running_var, gain, bias, eps):
    leaves = {
        name: t.clone().requires_grad_() for name, t in (("x", x), ("gain", gain), ("bias", bias))
    }
    y = m.batchnorm_eval(
        leaves["x"], running_mean, running_var, leaves["gain"], leaves["bias"], eps=eps
    )
    return dict(differentiate(y, leaves, upstream(y)))


@evaluation.check("default eps")
def _(m, x, running_mean, running_var, gain, bias, eps):
    return m.batchnorm_eval(x, running_mean, running_var * 1e-4, gain, bias)


evaluation.hint(
    "Where do mean and variance come from now? Does it matter how many examples there are?"
)
evaluation.hint(
    "The same formula as batchnorm, with the arguments in the place of the batch's statistics."
)
evaluation.hint("gain * (x - running_mean) / (running_var + eps).sqrt() + bias")


@evaluation.misconception(
    "The batch's statistics were used. In eval mode an example is answered alone: use the running ones."
)
def batch_statistics(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - x.mean(0)) / (x.var(0, correction=0) + eps).sqrt() + bias


@evaluation.misconception(
    "The mean is still the batch's: both statistics are the stored ones in eval mode."
)
def batch_mean(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - x.mean(0)) / (running_var + eps).sqrt() + bias


@evaluation.misconception(
    "The variance is still the batch's: both statistics are the stored ones in eval mode."
)
def batch_variance(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (x.var(0, correction=0) + eps).sqrt() + bias


@evaluation.misconception(
    "eps stands outside of the root; the formula has sqrt(running_var + eps)."
)
def eps_outside(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var.sqrt() + eps) + bias


@evaluation.misconception("eps is missing. Use it here as in training, or the two modes disagree.")
def no_eps(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / running_var.sqrt() + bias


@evaluation.misconception("1e-5 is written into the function; use the argument eps.")
def eps_fixed(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + 1e-5).sqrt() + bias


@evaluation.misconception("You divided by the variance: its root is missing.")
def by_variance(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + eps) + bias


@evaluation.misconception("The running mean is not subtracted.")
def not_centered(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * x / (running_var + eps).sqrt() + bias


@evaluation.misconception("The gain is not used: what was learned belongs to eval mode as well.")
def no_gain(x, running_mean, running_var, gain, bias, eps=1e-5):
    return (x - running_mean) / (running_var + eps).sqrt() + bias


@evaluation.misconception("The bias is not used: what was learned belongs to eval mode as well.")
def no_bias(x, running_mean, running_var, gain, bias, eps=1e-5):
    return gain * (x - running_mean) / (running_var + eps).sqrt()


@evaluation.misconception(
    "Neither gain nor bias is used: what was learned belongs to eval mode as well."
)
def neither(x, running_mean, running_var, gain, bias, eps=1e-5):
    return (x - running_mean) / (running_var + eps).sqrt()


@evaluation.misconception(
    "Bessel's correction was applied to the stored variance again, or taken back. Use it as it is."
)
def corrected_again(x, running_mean, running_var, gain, bias, eps=1e-5):
    n = len(x)
    return gain * (x - running_mean) / (running_var * max(1, n - 1) / n + eps).sqrt() + bias


@evaluation.misconception(
    "The running statistics were moved on the way, by this batch. Evaluation changes nothing, and uses "
    "them as they are."
)
def updated_first(x, running_mean, running_var, gain, bias, eps=1e-5):
    mean = 0.9 * running_mean + 0.1 * x.mean(0)
    var = 0.9 * running_var + 0.1 * x.var(0, correction=min(1, len(x) - 1))
    return gain * (x - mean) / (var + eps).sqrt() + bias


@evaluation.misconception(
    "The answer is right, but the statistics handed in were changed in place. Evaluation changes nothing."
)
def updates_them(x, running_mean, running_var, gain, bias, eps=1e-5):
    y = gain * (x - running_mean) / (running_var + eps).sqrt() + bias
    with torch.no_grad():
        running_mean.mul_(0.9).add_(0.1 * x.mean(0))
    return y


@evaluation.misconception(
    "The numbers are right, but cut off from the graph. Eval mode is not no_grad: that is the caller's "
    "choice."
)
def detached(x, running_mean, running_var, gain, bias, eps=1e-5):
    with torch.no_grad():
        return gain * (x - running_mean) / (running_var + eps).sqrt() + bias


@evaluation.misconception(
    "squeeze() drops the batch when it has one example: the result is (n, n_hidden), always."
)
def squeezed(x, running_mean, running_var, gain, bias, eps=1e-5):
    return (gain * (x - running_mean) / (running_var + eps).sqrt() + bias).squeeze(0)


@evaluation.variant("torch's own")
def torchs(x, running_mean, running_var, gain, bias, eps=1e-5):
    return F.batch_norm(x, running_mean, running_var, gain, bias, False, 0.1, eps)


@evaluation.variant("folded into one scale and one shift")
def folded(x, running_mean, running_var, gain, bias, eps=1e-5):
    scale = gain * torch.rsqrt(running_var + eps)
    return torch.addcmul(bias - running_mean * scale, x, scale)
