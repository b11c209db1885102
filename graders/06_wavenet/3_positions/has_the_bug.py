"""06.has_the_bug: the test that catches it."""

import torch

from graders.authoring import exercise, put

test = exercise("has_the_bug", title="the test that catches it", pure=True)


@test.cases
def _(rng):
    kinds = ["separate", "pooled", "lesson 04", "part 3"]
    for shape in [(4, 2, 3), (3, 5, 1), (16, 4, 6)]:
        for kind in rng.shuffled(kinds):
            sign = rng.choice([-1.0, 1.0])
            gain = sign * rng.uniform(0.5, 2.0, shape[-1])
            x = rng.normal(*shape)
            yield dict(x=x, kind=kind, gain=gain, bias=rng.normal(shape[-1], mean=3.0))
    # the same x for both, and normalized only: no gain, no bias
    x, ones = rng.normal(5, 2, 3), torch.ones(3, dtype=torch.float64)
    for kind in ("separate", "pooled"):
        yield dict(x=x, kind=kind, gain=ones, bias=0 * ones)
    for kind in (
        "separate",
        "pooled",
    ):  # a large bias, which a relative tolerance must not drown in
        bias = torch.tensor([1000.0, -1000.0, 700.0], dtype=torch.float64)
        yield dict(x=rng.normal(6, 3, 3), kind=kind, gain=0.5 * ones, bias=bias)


def layer_of_kind(m, kind, gain, bias):
    """A batch normalization of one kind or the other, in training mode."""
    if kind in ("lesson 04", "part 3"):
        layer = {"lesson 04": m.BatchNormOfLesson04, "part 3": m.BatchNorm1d}[kind](len(gain))
        zeros = torch.zeros_like(gain)
        return put(layer, gamma=gain, beta=bias, running_mean=zeros, running_var=zeros + 1)
    dims = {"separate": (0,), "pooled": (0, 1)}[kind]

    def function(x):
        x = x - x.mean(dims, keepdim=True)
        return gain * x / (x.square().mean(dims, keepdim=True) + 1e-5) ** 0.5 + bias

    return function


@test.scenario
def _(m, x, kind, gain, bias):
    before = x.clone()
    answer = m.has_the_bug(layer_of_kind(m, kind, gain, bias), x)
    if isinstance(answer, torch.Tensor) and answer.numel() == 1:
        answer = answer.item()
    return {"answer": answer, "x is unchanged": torch.equal(x, before), "x afterwards": x}


@test.oracle
def _(x, kind, gain, bias):
    said = kind in ("separate", "lesson 04")
    return {"answer": said, "x is unchanged": True, "x afterwards": x}


class Layer:
    """One object, which normalizes over other dims after a while."""

    dims = (0,)

    def __call__(self, x):
        x = x - x.mean(self.dims, keepdim=True)
        return x / (x.square().mean(self.dims, keepdim=True) + 1e-5) ** 0.5


@test.check("the same layer, changed")
def _(m, x):
    layer, answers = Layer(), []
    for layer.dims in ((0,), (0, 1)):
        answer = m.has_the_bug(layer, x)
        answers.append(answer.item() if isinstance(answer, torch.Tensor) else answer)
    return answers


UP_TO_YOU = "what running statistics it is left with is up to you"
test.legal("layer.running_mean: changed after the call", UP_TO_YOU)
test.legal("layer.running_var: changed after the call", UP_TO_YOU)

test.legal("may draw from torch's generator", "numbers that you draw yourself")

test.hint("Which change of x would one of the two normalizations undo, and the other not?")
test.hint(
    "Copy x, add 5 to position 0 of all examples, and compare both outputs, with a tolerance."
)
test.hint(
    "shifted = x.clone(); shifted[:, 0] += 5.0; "
    "return torch.allclose(layer(shifted), layer(x), atol=1e-6)"
)


@test.misconception(
    "The answers are the wrong way round: an output that stays the same after the shift means "
    "that each position has a mean of its own, the bug."
)
def inverted(layer, x):
    shifted = x.clone()
    shifted[:, 0] += 5.0
    return not torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.misconception(
    "Your test says True for both kinds. Both subtract what all positions share (x + 5) and what a "
    "channel shares (x[..., 0] + 5), and both keep the shape: shift one position, x[:, 0], and "
    "compare the values."
)
def all_positions(layer, x):
    return torch.allclose(layer(x + 5.0), layer(x), atol=1e-6)


@test.misconception(
    "Your test says False for both kinds. A single example that moves against the others shows in "
    "both, and so does rounding if outputs are compared bit by bit: shift one position in all "
    "examples, and compare with a tolerance."
)
def one_example(layer, x):
    shifted = x.clone()
    shifted[0, 0] += 5.0
    return torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.misconception(
    "You looked for a mean of zero at each position. The layer's bias moves it, so that this never "
    "holds after some training: compare two outputs instead."
)
def zero_means(layer, x):
    return bool((layer(x).mean(0).abs() < 1e-6).all())


@test.misconception(
    "You looked at the shape of running_mean. A layer may have none, or keep it elsewhere: judge "
    "it by what it returns."
)
def looks_inside(layer, x):
    layer(x)
    return layer.running_mean.ndim > 1


@test.misconception(
    "You looked at the type. The bug has many names, and a layer may be any callable: judge it by "
    "what it returns."
)
def by_type(layer, x):
    return type(layer).__name__ == "BatchNormOfLesson04"


@test.misconception("Position 3 need not be there: x has T >= 2 positions. Shift position 0.")
def position_three(layer, x):
    shifted = x.clone()
    shifted[:, 3] += 5.0
    return torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.misconception(
    "You shifted x itself: the caller's tensor is changed, and subtracting again does not undo it to "
    "the last bit. Clone it first."
)
def in_place(layer, x):
    before = layer(x)
    x[:, 0] += 5.0
    return torch.allclose(layer(x), before, atol=1e-6)


@test.misconception(
    "`shifted = x` is no copy: both names mean one tensor, which you compared with itself. Use "
    "x.clone()."
)
def no_copy(layer, x):
    shifted = x
    shifted[:, 0] += 5.0
    return torch.allclose(layer(shifted), layer(x), atol=1e-6)


@test.variant("the last position, downward, by the largest difference")
def last_position(layer, x):
    other = torch.cat([x[:, :-1], x[:, -1:] - 3.0], dim=1)
    return (layer(other) - layer(x)).abs().max().item() < 1e-4


@test.variant("do other positions matter?")
def other_positions(layer, x):
    replaced = x.clone()
    replaced[:, 1:] = 7.0 * replaced[:, 1:] ** 2 + 1
    return bool(torch.isclose(layer(replaced)[:, 0], layer(x)[:, 0]).all())


@test.variant("another x, half of the positions")
def another_x(layer, x):
    g = torch.Generator().manual_seed(1)
    other = torch.randn(9, 4, x.shape[2], generator=g, dtype=x.dtype)
    shift = torch.zeros_like(other)
    shift[:, ::2] = -3
    return bool((layer(other + shift) - layer(other)).norm() < 1e-5)


@test.variant("a position alone")
def alone(layer, x):
    return torch.allclose(layer(x[:, :1]), layer(x)[:, :1], atol=1e-6)


@test.variant("are the means of all positions equal?")
def equal_means(layer, x):
    means = layer(x).mean(0)  # (T, C)
    return torch.allclose(means, means[:1].expand_as(means), atol=1e-7)


test.equivalent(
    "0  ->  1",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
test.equivalent(
    "0  ->  -1",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
test.equivalent(
    "5.0  ->  10.0",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
test.equivalent(
    "torch.allclose(layer(shifted), layer(x), atol=1e-06)  ->  torch.allclose(layer(shifted), layer(x))",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
test.equivalent(
    "torch.allclose(layer(shifted), layer(x), atol=1e-06)  ->  "
    "torch.allclose(layer(x), layer(shifted), atol=1e-06)",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
test.equivalent(
    "1e-06  ->  2e-06",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
test.equivalent(
    "1e-06  ->  0.0",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)

test.equivalent(
    "torch.allclose(layer(shifted), layer(x), atol=1e-06)  ->  "
    "torch.allclose(layer(x), layer(shifted), atol=1e-06)",
    "any disturbance of one position tells the two ways to average apart, and any small tolerance",
)
