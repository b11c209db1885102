"""04.kaiming_init: gain / sqrt(fan_in)."""

import torch

from graders.authoring import exercise

kaiming = exercise("kaiming_init", title="gain / sqrt(fan_in)", pure=False)


@kaiming.cases
def _(rng):
    for fan_in, fan_out, nonlinearity in [
        (5, 3, "tanh"), (2, 7, "relu"), (4, 1, "linear"), (1, 6, "tanh"), (6, 6, "relu"), (30, 20, "tanh"),
        (3, 9, "linear"),
    ]:  # fmt: skip
        yield dict(fan_in=fan_in, fan_out=fan_out, nonlinearity=nonlinearity, seed=rng.seed())


@kaiming.scenario
def _(m, fan_in, fan_out, nonlinearity, seed):
    g = torch.Generator().manual_seed(seed)
    return m.kaiming_init(fan_in, fan_out, nonlinearity, g)


@kaiming.oracle
def _(fan_in, fan_out, nonlinearity, seed):
    # torch keeps weights as (fan_out, fan_in): what it calls fan_out is our first dimension
    W = torch.empty(fan_in, fan_out)
    g = torch.Generator().manual_seed(seed)
    W.copy_(torch.randn(fan_in, fan_out, generator=g))
    return W * (torch.nn.init.calculate_gain(nonlinearity) / fan_in**0.5)


@kaiming.check("two layers")
def _(m, fan_in, fan_out, nonlinearity, seed):
    """Two calls with one generator give two different matrices, drawn one after the other."""
    g = torch.Generator().manual_seed(seed)
    first = m.kaiming_init(fan_in, fan_out, nonlinearity, g)
    kept = first.clone()
    second = m.kaiming_init(fan_in, fan_out, nonlinearity, g)
    same = [torch.equal(kept, first), torch.equal(kept, second)]
    return [same, first, second, torch.rand(2, generator=g)]


kaiming.hint("The more numbers a neuron adds up, the smaller each weight has to be. How much?")
kaiming.hint("The standard deviation is gain / sqrt(fan_in); torch.randn has 1.")
kaiming.hint(
    "torch.randn(fan_in, fan_out, generator=g) * calculate_gain(nonlinearity) / fan_in**0.5"
)


@kaiming.misconception(
    "fan_out in the place of fan_in. A neuron adds up fan_in products; how many other neurons there "
    "are does not matter for it."
)
def fan_out_used(fan_in, fan_out, nonlinearity, g):
    std = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity] / fan_out**0.5
    return torch.randn(fan_in, fan_out, generator=g) * std


@kaiming.misconception("The gain is forgotten: std is gain / sqrt(fan_in).")
def no_gain(fan_in, fan_out, nonlinearity, g):
    return torch.randn(fan_in, fan_out, generator=g) / fan_in**0.5


@kaiming.misconception(
    "The square root is missing. Variances add up: fan_in * std**2 is to be 1, so std is 1 / sqrt(fan_in)."
)
def no_root(fan_in, fan_out, nonlinearity, g):
    std = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity] / fan_in
    return torch.randn(fan_in, fan_out, generator=g) * std


@kaiming.misconception(
    "std for var: torch.randn is multiplied by the standard deviation, gain / sqrt(fan_in), not by "
    "the variance, its square."
)
def variance(fan_in, fan_out, nonlinearity, g):
    std = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity] / fan_in**0.5
    return torch.randn(fan_in, fan_out, generator=g) * std**2


@kaiming.misconception("The gain stands under the root: only fan_in does.")
def gain_under_root(fan_in, fan_out, nonlinearity, g):
    gain = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    return torch.randn(fan_in, fan_out, generator=g) * (gain / fan_in) ** 0.5


@kaiming.misconception("You multiplied by sqrt(fan_in), where you have to divide.")
def multiplied(fan_in, fan_out, nonlinearity, g):
    gain = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    return torch.randn(fan_in, fan_out, generator=g) * gain * fan_in**0.5


@kaiming.misconception("You divided by the gain. It makes up for a loss: multiply.")
def gain_divided(fan_in, fan_out, nonlinearity, g):
    gain = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    return torch.randn(fan_in, fan_out, generator=g) / gain / fan_in**0.5


@kaiming.misconception(
    "The gain is always that of tanh, whatever follows: ask calculate_gain(nonlinearity)."
)
def always_tanh(fan_in, fan_out, nonlinearity, g):
    return torch.randn(fan_in, fan_out, generator=g) * (5 / 3) / fan_in**0.5


@kaiming.misconception(
    "The matrix is transposed: for x @ W it is (fan_in, fan_out). torch.nn.Linear keeps the other one."
)
def transposed(fan_in, fan_out, nonlinearity, g):
    std = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity] / fan_in**0.5
    return torch.randn(fan_out, fan_in, generator=g) * std


@kaiming.misconception(
    "torch.rand is uniform between 0 and 1: a mean of 0.5 and a smaller std. Use torch.randn."
)
def uniform(fan_in, fan_out, nonlinearity, g):
    std = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity] / fan_in**0.5
    return torch.rand(fan_in, fan_out, generator=g) * std


@kaiming.misconception(
    "That is Xavier's rule, with the mean of fan_in and fan_out. Here it is fan_in alone."
)
def xavier(fan_in, fan_out, nonlinearity, g):
    gain = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    return torch.randn(fan_in, fan_out, generator=g) * gain * (2 / (fan_in + fan_out)) ** 0.5


@kaiming.misconception(
    "The draw was divided by its own standard deviation first. Each draw may differ a little from 1: "
    "scale it as it is."
)
def standardized(fan_in, fan_out, nonlinearity, g):
    W = torch.randn(fan_in, fan_out, generator=g)
    gain = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    return W / W.std() * gain / fan_in**0.5


@kaiming.misconception(
    "The generator was not used: hand it on (generator=g), or no run can be repeated."
)
def no_generator(fan_in, fan_out, nonlinearity, g):
    private = torch.Generator().manual_seed(0)
    std = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity] / fan_in**0.5
    return torch.randn(fan_in, fan_out, generator=private) * std


@kaiming.variant("normal_ with a standard deviation")
def normal(fan_in, fan_out, nonlinearity, g):
    W = torch.empty(fan_in, fan_out)
    gain = {"linear": 1, "tanh": 5 / 3, "relu": 2**0.5}[nonlinearity]
    return W.normal_(0, gain / fan_in**0.5, generator=g)


@kaiming.variant("torch.nn.init, which calls our fan_in fan_out")
def nn_init(fan_in, fan_out, nonlinearity, g):
    W = torch.randn(fan_in, fan_out, generator=g)
    bound = torch.nn.init.calculate_gain(nonlinearity) * torch.tensor(fan_in).rsqrt()
    return W * bound
