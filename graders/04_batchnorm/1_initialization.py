"""Initialization: the first loss, the tanh layer, the gain, and a deep stack."""

import itertools
import math

import torch
import torch.nn.functional as F

from graders.authoring import Tol, differentiate, exercise

# A mean of a few float32 terms, or a float32 share like 1/3, is right to about 1e-7; 1e-5 leaves room
# for another order of summation. Every misconception below is off by more than 1e-2.
SINGLE = Tol(rtol=1e-5)

# -- expected_loss -------------------------------------------------------------------------------

expected = exercise("expected_loss", title="what the first loss should be")
expected.hint("All characters get the same probability. Which?")
expected.hint("The loss is -log(p) with p = 1 / vocab_size.")
expected.hint("-math.log(1 / vocab_size), which is math.log(vocab_size).")


@expected.cases
def _(rng):
    for vocab_size in (27, 1, 2, 65, 50257, rng.integer(3, 1000)):
        yield dict(vocab_size=vocab_size)


# the lecture computes it in single precision, -torch.tensor(1 / 27.0).log(): right to 1e-7
expected.tolerance(SINGLE)


@expected.oracle
def _(vocab_size):
    targets = torch.tensor([vocab_size - 1])
    return F.cross_entropy(torch.zeros(1, vocab_size, dtype=torch.float64), targets).item()


@expected.misconception(
    "The sign: a probability below 1 has a negative logarithm, and the loss is minus that. It is "
    "never negative."
)
def sign(vocab_size):
    return math.log(1 / vocab_size)


@expected.misconception(
    "That is in bits (base 2). Cross-entropy in torch uses the natural logarithm: math.log."
)
def bits(vocab_size):
    return math.log2(vocab_size)


@expected.misconception("log10 is the wrong base. Cross-entropy uses the natural one: math.log.")
def base_ten(vocab_size):
    return math.log10(vocab_size)


@expected.misconception(
    "That is the probability of each character. The loss is minus its logarithm."
)
def probability(vocab_size):
    return 1 / vocab_size


@expected.misconception(
    "27 is written into the function. The vocabulary is an argument: GPT-2's has 50,257 tokens."
)
def always_27(vocab_size):
    return math.log(27)


@expected.misconception(
    "One character is missing: the dot that ends a name is one of the vocab_size characters already."
)
def one_less(vocab_size):
    return math.log(vocab_size - 1) if vocab_size > 1 else 0.0


@expected.misconception(
    "The loss is the logarithm for the one character that comes next, not p * log(p) for it: the "
    "target has the weight 1."
)
def weighted(vocab_size):
    return math.log(vocab_size) / vocab_size


@expected.variant("minus the log of the probability, in torch")
def in_torch(vocab_size):
    return -torch.tensor(1 / vocab_size, dtype=torch.float64).log().item()


@expected.variant("the entropy of the uniform distribution")
def entropy(vocab_size):
    return -sum(1 / vocab_size * math.log(1 / vocab_size) for _ in range(vocab_size))


# -- loss_at_scale -------------------------------------------------------------------------------

scaled = exercise("loss_at_scale", title="the price of being sure", pure=False)
scaled.hint("Two draws from g, in the order of the docstring. What does lesson 03 do with them?")
scaled.hint("Scale the logits, not the loss; F.cross_entropy takes logits and targets.")
scaled.hint(
    "logits = scale * torch.randn(n, vocab_size, generator=g); Y = torch.randint(0, vocab_size, "
    "(n,), generator=g); F.cross_entropy(logits, Y).item()"
)


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
    return (logits.logsumexp(1) - logits[torch.arange(n), Y]).mean()


@scaled.variant("log_softmax in double precision")
def double(scale, vocab_size, n, g):
    logits = scale * torch.randn((n, vocab_size), generator=g).double()
    Y = torch.randint(0, vocab_size, (n, 1), generator=g)
    return float(-logits.log_softmax(dim=-1).gather(1, Y).mean())


# -- init_output ---------------------------------------------------------------------------------

output = exercise("init_output", title="a humble output layer", pure=False)
output.hint("Two tensors: the weights small and random, the bias without any opinion.")
output.hint("One draw from g for W2, then times scale. What is b2, and which shape has it?")
output.hint("torch.randn(n_hidden, vocab_size, generator=g) * scale, torch.zeros(vocab_size)")


@output.cases
def _(rng):
    for n_hidden, vocab_size, scale in [(4, 3, 0.1), (1, 5, 0.5), (6, 6, 3.0), (30, 27, 0.01)]:
        yield dict(n_hidden=n_hidden, vocab_size=vocab_size, scale=scale, seed=rng.seed())
    yield dict(n_hidden=7, vocab_size=2, scale=rng.number(0.2, 0.8), seed=rng.seed())


@output.scenario
def _(m, n_hidden, vocab_size, scale, seed):
    g = torch.Generator().manual_seed(seed)
    return m.init_output(n_hidden, vocab_size, g, scale=scale)


@output.check("default scale")
def _(m, n_hidden, vocab_size, scale, seed):
    return m.init_output(n_hidden, vocab_size, torch.Generator().manual_seed(seed))


@output.check("two layers")
def _(m, n_hidden, vocab_size, scale, seed):
    """Two calls with one generator give two different layers; the first stays as it was."""
    g = torch.Generator().manual_seed(seed)
    first = m.init_output(n_hidden, vocab_size, g, scale)
    kept = first[0].clone()
    second = m.init_output(n_hidden, vocab_size, g, scale)
    return [torch.equal(kept, first[0]), torch.equal(kept, second[0])]


@output.misconception(
    "W2 was not scaled: logits as far apart as these are sure of something random. Multiply by scale."
)
def unscaled(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(n_hidden, vocab_size, generator=g), torch.zeros(vocab_size)


@output.misconception(
    "W2 is all zeros. Then the hidden layer gets no gradient at the first step; small random numbers "
    "are humble enough."
)
def zero_weights(n_hidden, vocab_size, g, scale=0.01):
    return torch.zeros(n_hidden, vocab_size), torch.zeros(vocab_size)


@output.misconception(
    "The bias is random: a preference for some characters, before any data was seen. It starts at "
    "zero."
)
def random_bias(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * scale
    return W2, torch.randn(vocab_size, generator=g)


@output.misconception(
    "The bias is scaled down, but random still. Nothing is gained by it: the bias starts at zero."
)
def small_bias(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * scale
    return W2, torch.randn(vocab_size, generator=g) * scale


@output.misconception("0.01 is written into the function: use the argument scale.")
def scale_ignored(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(n_hidden, vocab_size, generator=g) * 0.01, torch.zeros(vocab_size)


@output.misconception("You divided by scale, which makes the weights larger. Multiply.")
def divided(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(n_hidden, vocab_size, generator=g) / scale, torch.zeros(vocab_size)


@output.misconception(
    "W2 is transposed. h @ W2 takes (n, n_hidden) to (n, vocab_size), so W2 is (n_hidden, vocab_size)."
)
def transposed(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(vocab_size, n_hidden, generator=g) * scale, torch.zeros(vocab_size)


@output.misconception("There is one bias for each character, not for each hidden neuron.")
def bias_of_hidden(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(n_hidden, vocab_size, generator=g) * scale, torch.zeros(n_hidden)


@output.misconception("The bias has the shape (vocab_size,), without a leading 1.")
def bias_row(n_hidden, vocab_size, g, scale=0.01):
    return torch.randn(n_hidden, vocab_size, generator=g) * scale, torch.zeros(1, vocab_size)


@output.misconception(
    "torch.rand is uniform between 0 and 1, all positive. The docstring asks for torch.randn."
)
def uniform(n_hidden, vocab_size, g, scale=0.01):
    return torch.rand(n_hidden, vocab_size, generator=g) * scale, torch.zeros(vocab_size)


@output.misconception(
    "scale is the standard deviation itself; you divided it by sqrt(n_hidden) as well. That is the "
    "rule of kaiming_init, later in this part."
)
def kaiming_too(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.randn(n_hidden, vocab_size, generator=g) * scale / n_hidden**0.5
    return W2, torch.zeros(vocab_size)


@output.misconception(
    "The generator was not used for W2: hand it on (generator=g), or no run can be repeated."
)
def no_generator(n_hidden, vocab_size, g, scale=0.01):
    private = torch.Generator().manual_seed(0)
    W2 = torch.randn(n_hidden, vocab_size, generator=private) * scale
    return W2, torch.zeros(vocab_size)


@output.variant("a bias drawn and multiplied by zero, as in the lecture")
def times_zero(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.randn((n_hidden, vocab_size), generator=g) * scale
    b2 = torch.randn(vocab_size, generator=g) * 0
    return W2, b2


@output.variant("in place")
def in_place(n_hidden, vocab_size, g, scale=0.01):
    W2 = torch.empty(n_hidden, vocab_size).normal_(generator=g).mul_(scale)
    return [W2, W2.new_zeros(W2.shape[1])]


# -- tanh_local_gradient -------------------------------------------------------------------------

slope = exercise("tanh_local_gradient", title="what tanh lets through")
slope.hint("You wrote it in lesson 01, for one number: which of x and tanh(x) did you need?")
slope.hint("d tanh(x) / dx = 1 - tanh(x)**2, and tanh(x) is h.")
slope.hint("return 1 - h**2")


@slope.cases
def _(rng):
    for shape in [(5,), (4, 3), (1, 6), (2, 3, 4)]:
        yield dict(h=rng.normal(*shape, std=1.5).tanh())
    yield dict(h=torch.tensor([-1.0, 1.0, 0.0, 0.97, -0.5], dtype=torch.float64))
    yield dict(h=rng.normal(3, 4).tanh().t())
    yield dict(h=rng.normal(4, 2, dtype=torch.float32).tanh())


@slope.check("gradients")
def _(m, h):
    h = h.clone().requires_grad_()
    upstream = torch.arange(1.0, h.numel() + 1, dtype=h.dtype).view(h.shape)
    return dict(differentiate(m.tanh_local_gradient(h), {"h": h}, upstream))


@slope.misconception("h already is tanh(x): you applied tanh a second time.")
def tanh_twice(h):
    return 1 - torch.tanh(h) ** 2


@slope.misconception("The square is missing: it is 1 - h**2. At h = -1 yours says 2.")
def no_square(h):
    return 1 - h


@slope.misconception(
    "The square is missing: 1 - |h| is right at -1, 0 and 1 only. In between it is 1 - h**2."
)
def tent(h):
    return 1 - h.abs()


@slope.misconception("That is the slope of the sigmoid, h * (1 - h). For tanh it is 1 - h**2.")
def sigmoid(h):
    return h * (1 - h)


@slope.misconception("The sign is wrong: tanh rises everywhere, its slope is never negative.")
def negative(h):
    return h**2 - 1


@slope.misconception(
    "sqrt(1 - h**2) has the root too much: that is the cosine of an angle whose sine is h."
)
def root(h):
    return (1 - h**2).sqrt()


@slope.misconception(
    "The numbers are right, but they are cut off from the graph (detach, no_grad or .data): nobody "
    "can differentiate through them."
)
def detached(h):
    return (1 - h**2).detach()


@slope.variant("a product")
def product(h):
    return (1 - h) * (1 + h)


@slope.variant("ones minus a power")
def ones_minus_power(h):
    return torch.ones_like(h) - h.pow(2)


# -- saturated -----------------------------------------------------------------------------------

sat = exercise("saturated", title="black and white")
sat.hint("-0.99 is as saturated as 0.99.")
sat.hint("Compare the absolute value with the threshold; a comparison gives a tensor of bools.")
sat.hint("return h.abs() > threshold")

TIES = torch.tensor([[0.5, -0.5, 0.75], [-0.75, 0.25, -1.0]], dtype=torch.float64)


def with_columns(rng, n, threshold, columns):
    """h (n, columns): up to five special columns, then random ones; beyond threshold is saturated.

    Dead on one side, dead on both sides, dead but for one example, one saturated example only,
    all of them just inside.
    """
    inside = rng.uniform(-threshold, threshold, n, columns) * 0.999
    beyond = rng.uniform(threshold, 1, n, columns) * 0.999 + 0.001
    sign = torch.where(rng.uniform(0, 1, n, columns) < 0.5, -1.0, 1.0).double()
    sign[0, 1], sign[-1, 1] = 1.0, -1.0
    h = torch.where(rng.uniform(0, 1, n, columns) < 0.5, inside, beyond * sign)
    h[:, 0] = -beyond[:, 0]
    h[:, 1] = beyond[:, 1] * sign[:, 1]
    h[:, 2] = beyond[:, 2] * sign[:, 2]
    h[rng.integer(0, n), 2] = 0.9 * threshold
    h[:, 3] = inside[:, 3]
    h[rng.integer(0, n), 3] = -beyond[0, 3]
    h[:, 4] = 0.999 * threshold
    return h


@sat.cases
def _(rng):
    for n, threshold in [(5, 0.97), (4, 0.5), (1, 0.9), (6, rng.number(0.3, 0.8))]:
        yield dict(h=with_columns(rng, n, threshold, 6), threshold=threshold)
    yield dict(h=TIES, threshold=0.5)
    yield dict(h=TIES.float().t(), threshold=0.75)


@sat.check("default threshold")
def _(m, h, threshold):
    near = torch.tensor([[0.98, -0.98, 0.96, -0.96, 0.9, 0.995]], dtype=h.dtype)
    return m.saturated(torch.cat([near, near * 0.5]))


@sat.misconception(
    "Only the upper end was looked at. At -1 the slope of tanh is zero as well: take the absolute "
    "value."
)
def upper_only(h, threshold=0.97):
    return h > threshold


@sat.misconception("Exactly at the threshold is not saturated: > and not >=.")
def at_least(h, threshold=0.97):
    return h.abs() >= threshold


@sat.misconception("That marks what is *not* saturated. White is what is beyond the threshold.")
def inverted(h, threshold=0.97):
    return h.abs() < threshold


@sat.misconception("0.97 is written into the function: use the argument threshold.")
def always_97(h, threshold=0.97):
    return h.abs() > 0.97


@sat.misconception(
    "You tested the slope, 1 - h**2, against the threshold. It is |h| that is compared with it."
)
def slope_tested(h, threshold=0.97):
    return 1 - h**2 < 1 - threshold


@sat.misconception("h already is the output of tanh: you applied tanh once more.")
def tanh_again(h, threshold=0.97):
    return torch.tanh(h).abs() > threshold


@sat.misconception(
    "Zeros and ones in floating point. A comparison gives bools: return it as it is."
)
def floats(h, threshold=0.97):
    return (h.abs() > threshold).float()


@sat.misconception(
    "0.97 is the default of the argument here, as in the lecture's later statistics; 0.99 is what its "
    "black-and-white picture uses."
)
def default_99(h, threshold=0.99):
    return h.abs() > threshold


@sat.variant("both ends, one by one")
def both_ends(h, threshold=0.97):
    return (h > threshold) | (h < -threshold)


@sat.variant("squares")
def squares(h, threshold=0.97):
    return torch.logical_not((h <= threshold) & (h >= -threshold))


# -- fraction_saturated --------------------------------------------------------------------------

fraction = exercise("fraction_saturated", title="the share of white")
fraction.hint("How many are white, of how many in all?")
fraction.hint("The mean of ones and zeros is a share. A bool tensor has no mean: convert it first.")
fraction.hint("saturated(h, threshold).double().mean().item()")


@fraction.cases
def _(rng):
    for n, threshold in [(5, 0.97), (4, 0.5), (1, 0.9), (7, rng.number(0.3, 0.8))]:
        yield dict(h=with_columns(rng, n, threshold, 6), threshold=threshold)
    yield dict(h=TIES, threshold=0.5)
    yield dict(h=TIES.float().t(), threshold=0.75)
    yield dict(h=TIES * 0.5, threshold=0.875)  # none
    yield dict(h=torch.full((2, 3), -1.0), threshold=0.97)  # all


fraction.tolerance(SINGLE)


@fraction.check("default threshold", tol=SINGLE)
def _(m, h, threshold):
    return m.fraction_saturated(torch.tensor([[0.98, -0.98, 0.96, -0.96, 0.9]], dtype=h.dtype))


@fraction.oracle
def _(h, threshold):
    flat = h.flatten().tolist()
    return sum(v > threshold or v < -threshold for v in flat) / len(flat)


@fraction.misconception("That is how many, not which share: divide by the number of activations.")
def count(h, threshold=0.97):
    return float((h.abs() > threshold).sum())


@fraction.misconception(
    "The number of white cells was divided by the number of examples. Divide by all activations, n * "
    "n_hidden."
)
def per_example(h, threshold=0.97):
    return ((h.abs() > threshold).sum() / len(h)).item()


@fraction.misconception(
    "That is one share for each neuron. One number for the whole picture is asked: the mean over all."
)
def per_neuron(h, threshold=0.97):
    return (h.abs() > threshold).double().mean(0)


@fraction.misconception(
    "Only the upper end was counted. Both -1 and 1 are saturated: take the absolute value."
)
def upper_only(h, threshold=0.97):
    return (h > threshold).double().mean().item()


@fraction.misconception("That is the share that is *not* saturated.")
def inverted(h, threshold=0.97):
    return (h.abs() <= threshold).double().mean().item()


@fraction.misconception("The absolute values were averaged. Count how many exceed the threshold.")
def mean_size(h, threshold=0.97):
    return h.abs().double().mean().item()


@fraction.misconception("A percentage. A share lies between 0 and 1.")
def percent(h, threshold=0.97):
    return 100 * (h.abs() > threshold).double().mean().item()


@fraction.misconception(
    "That is the share of neurons that are dead. Here every single activation counts."
)
def dead_share(h, threshold=0.97):
    return (h.abs() > threshold).all(0).double().mean().item()


@fraction.misconception("The threshold you were given is not used: 0.97 is only its default.")
def always_97(h, threshold=0.97):
    return (h.abs() > 0.97).double().mean().item()


@fraction.variant("counting")
def counting(h, threshold=0.97):
    return torch.count_nonzero(h.abs() > threshold).item() / h.numel()


@fraction.variant("in single precision, a 0-d tensor")
def single(h, threshold=0.97):
    return (h.abs() > threshold).float().mean()


# -- dead_neurons --------------------------------------------------------------------------------

dead = exercise("dead_neurons", title="dead neurons")
dead.hint("A neuron is a column. When is all of it white?")
dead.hint("Start from the map of saturated activations; `all` along the examples, dimension 0.")
dead.hint("return saturated(h, threshold).all(0)")


@dead.cases
def _(rng):
    for n, threshold, columns in [(5, 0.97, 7), (6, 0.5, 6), (3, 0.9, 5), (4, 0.7, 8)]:
        yield dict(h=with_columns(rng, n, threshold, columns), threshold=threshold)
    h = with_columns(rng, 6, 0.8, 6)
    h[2] = torch.tensor([-0.9, 0.9, 0.9, -0.9, 0.9, -0.9])  # one example saturates everybody
    yield dict(h=h, threshold=0.8)
    h = torch.full((64, 4), 0.95)  # almost all of the time is not always
    h[rng.integer(0, 64), 1] = 0.5
    yield dict(h=h, threshold=0.9)
    yield dict(h=TIES[:1], threshold=0.5)
    yield dict(h=TIES.float(), threshold=0.25)
    yield dict(h=-h.t(), threshold=0.8)


@dead.check("default threshold")
def _(m, h, threshold):
    near = torch.tensor([[0.98, -0.98, 0.96, -0.96, 0.9, 0.995]], dtype=h.dtype)
    return m.dead_neurons(torch.cat([near, -near, near]))


@dead.misconception(
    "One saturated example does not kill a neuron: it learns from the others. `all`, not `any`."
)
def any_example(h, threshold=0.97):
    return (h.abs() > threshold).any(0)


@dead.misconception(
    "You went along the neurons: that tells which *examples* saturate everything. Go down the "
    "examples, dimension 0."
)
def wrong_dim(h, threshold=0.97):
    return (h.abs() > threshold).all(1)


@dead.misconception(
    "The neuron's mean is compared with the threshold. One that is at -1 for half of the batch and at "
    "1 for the rest has mean 0, and is dead all the same."
)
def of_the_mean(h, threshold=0.97):
    return h.mean(0).abs() > threshold


@dead.misconception(
    "The mean of |h| hides the one example for which the neuron is alive. Look at each example."
)
def mean_of_size(h, threshold=0.97):
    return h.abs().mean(0) > threshold


@dead.misconception("Only neurons stuck at the upper end were found. At -1 the slope is zero, too.")
def upper_only(h, threshold=0.97):
    return (h > threshold).all(0)


@dead.misconception(
    "Only neurons with all examples on the *same* side were found. The slope is zero at both ends, so "
    "the sides may be mixed."
)
def same_side(h, threshold=0.97):
    return (h > threshold).all(0) | (h < -threshold).all(0)


@dead.misconception("That says who is alive. True stands for a dead neuron.")
def alive(h, threshold=0.97):
    return ~(h.abs() > threshold).all(0)


@dead.misconception("How many are dead is the sum of what is asked: which ones, one bool each.")
def how_many(h, threshold=0.97):
    return int((h.abs() > threshold).all(0).sum())


@dead.misconception(
    "`all` without a dimension asks about the whole batch and every neuron at once."
)
def all_of_all(h, threshold=0.97):
    return (h.abs() > threshold).all()


@dead.misconception("The shape is (n_hidden,): one bool for each neuron, without keepdim.")
def keepdim(h, threshold=0.97):
    return (h.abs() > threshold).all(0, keepdim=True)


@dead.misconception("Exactly at the threshold is not saturated: compare with >, not with >=.")
def at_least(h, threshold=0.97):
    return (h.abs() >= threshold).all(0)


@dead.misconception("The threshold you were given is not used: 0.97 is only its default.")
def always_97(h, threshold=0.97):
    return (h.abs() > 0.97).all(0)


@dead.variant("the least saturated example decides")
def smallest(h, threshold=0.97):
    return h.abs().amin(0) > threshold


@dead.variant("a loop over neurons")
def loop(h, threshold=0.97):
    answers = [all(abs(v) > threshold for v in column.tolist()) for column in h.T]
    return torch.tensor(answers, dtype=torch.bool)


# -- calculate_gain ------------------------------------------------------------------------------

gain = exercise("calculate_gain", title="the gain")
gain.hint("Three numbers, all of them in the text above. And what about a fourth nonlinearity?")
gain.hint("A dict of the three; raise ValueError for what is not in it.")
gain.hint('{"linear": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}')


@gain.cases
def _(rng):
    for nonlinearity in ("tanh", "linear", "relu", "swish", "", "Tanh!"):
        yield dict(nonlinearity=nonlinearity)


@gain.scenario
def _(m, nonlinearity):
    return float(m.calculate_gain(nonlinearity))


gain.tolerance(SINGLE)  # torch.tensor(2.0).sqrt() is fine; 1.41 is not


@gain.misconception("The gain of tanh is forgotten: tanh squeezes, 5/3 makes up for it.")
def tanh_one(nonlinearity):
    gains = {"linear": 1.0, "tanh": 1.0, "relu": math.sqrt(2)}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.misconception(
    "2 is what relu takes from the mean *square*. The gain multiplies the standard deviation: sqrt(2)."
)
def relu_two(nonlinearity):
    gains = {"linear": 1.0, "tanh": 5 / 3, "relu": 2.0}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.misconception("The gain of relu is forgotten: it throws away one half, sqrt(2) makes up.")
def relu_one(nonlinearity):
    gains = {"linear": 1.0, "tanh": 5 / 3, "relu": 1.0}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.misconception(
    "Upside down: tanh and relu make numbers smaller, so their gains are above 1 (5/3, sqrt(2))."
)
def inverse(nonlinearity):
    gains = {"linear": 1.0, "tanh": 3 / 5, "relu": 1 / math.sqrt(2)}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.misconception("tanh and relu have each other's gain: 5/3 is tanh's, sqrt(2) relu's.")
def swapped(nonlinearity):
    gains = {"linear": 1.0, "tanh": math.sqrt(2), "relu": 5 / 3}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.misconception(
    "The root of 5/3 is taken. 5/3 already multiplies the standard deviation; only relu's 2 has a root."
)
def root_of_tanh(nonlinearity):
    gains = {"linear": 1.0, "tanh": math.sqrt(5 / 3), "relu": math.sqrt(2)}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.misconception(
    "An unknown nonlinearity silently gets 1. A typo then costs a week: raise ValueError."
)
def silent(nonlinearity):
    return {"linear": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}.get(nonlinearity, 1.0)


@gain.misconception(
    "An unknown nonlinearity raises a KeyError, which says nothing of gains. Raise ValueError."
)
def key_error(nonlinearity):
    return {"linear": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}[nonlinearity]


@gain.misconception("1.67 is 5/3 rounded. Write 5 / 3: Python can divide.")
def rounded(nonlinearity):
    gains = {"linear": 1.0, "tanh": 1.67, "relu": 1.41}
    if nonlinearity not in gains:
        raise ValueError(nonlinearity)
    return gains[nonlinearity]


@gain.variant("torch's own")
def torchs(nonlinearity):
    return torch.nn.init.calculate_gain(nonlinearity)


@gain.variant("match")
def cases(nonlinearity):
    match nonlinearity:
        case "linear":
            return 1
        case "tanh":
            return 5 / 3
        case "relu":
            return 2**0.5
    raise ValueError(f"{nonlinearity} has no gain")


# -- kaiming_init --------------------------------------------------------------------------------

kaiming = exercise("kaiming_init", title="gain / sqrt(fan_in)", pure=False)
kaiming.hint("The more numbers a neuron adds up, the smaller each weight has to be. How much?")
kaiming.hint("The standard deviation is gain / sqrt(fan_in); torch.randn has 1.")
kaiming.hint(
    "torch.randn(fan_in, fan_out, generator=g) * calculate_gain(nonlinearity) / fan_in**0.5"
)


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
    """Two calls with one generator give two different matrices."""
    g = torch.Generator().manual_seed(seed)
    first = m.kaiming_init(fan_in, fan_out, nonlinearity, g)
    kept = first.clone()
    second = m.kaiming_init(fan_in, fan_out, nonlinearity, g)
    return [torch.equal(kept, first), torch.equal(kept, second)]


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


# -- stack_stds ----------------------------------------------------------------------------------

stack = exercise("stack_stds", title="through a deep stack")
stack.hint("What leaves a layer goes into the next one: which variable has to change?")
stack.hint("In the loop: x @ W, then the nonlinearity, then x.std().item() into the list.")
stack.hint("x = NONLINEARITIES[nonlinearity](x @ W); stds.append(x.std().item())")


@stack.cases
def _(rng):
    for nonlinearity, n, sizes in [
        ("tanh", 4, (3, 5, 2, 6)), ("relu", 5, (2, 6, 4)), ("linear", 3, (4, 2, 5)),
        ("tanh", 6, (3, 3, 3, 3)), ("relu", 3, (6, 4)), ("linear", 1, (3, 4, 2)),
    ]:  # fmt: skip
        weights = [rng.normal(a, b) for a, b in itertools.pairwise(sizes)]
        x = rng.normal(n, sizes[0], mean=0.5)
        if nonlinearity == "relu":  # an entry that survives, so that no std is zero
            x, weights = x.abs(), [w + 0.3 for w in weights]
        yield dict(x=x, weights=weights, nonlinearity=nonlinearity)
    yield dict(x=rng.normal(2, 3), weights=[], nonlinearity="tanh")


@stack.oracle
def _(x, weights, nonlinearity):
    functions = {"linear": lambda v: v, "tanh": math.tanh, "relu": lambda v: max(v, 0.0)}
    rows, stds = x.tolist(), []
    for W in weights:
        columns = W.t().tolist()
        rows = [
            [
                functions[nonlinearity](sum(a * b for a, b in zip(r, c, strict=True)))
                for c in columns
            ]
            for r in rows
        ]
        flat = [v for r in rows for v in r]
        mean = math.fsum(flat) / len(flat)
        stds.append(math.sqrt(math.fsum((v - mean) ** 2 for v in flat) / (len(flat) - 1)))
    return stds


stack.misconception(
    "Every layer got the same x. What leaves a layer goes into the next: assign x anew in the loop.",
    name="not_chained",
    replace="        x = NONLINEARITIES[nonlinearity](x @ W)\n        stds.append(x.std().item())\n",
    by="        stds.append(NONLINEARITIES[nonlinearity](x[:, : len(W)] @ W[: x.shape[1]]).std().item())\n",
)
stack.misconception(
    "The std was taken before the nonlinearity. What counts is what the next layer gets.",
    name="before",
    replace="        x = NONLINEARITIES[nonlinearity](x @ W)\n        stds.append(x.std().item())\n",
    by="        x = x @ W\n        stds.append(x.std().item())\n"
    "        x = NONLINEARITIES[nonlinearity](x)\n",
)
stack.misconception(
    "The nonlinearity is missing: without it, the layers are one linear layer.",
    name="no_nonlinearity",
    replace="NONLINEARITIES[nonlinearity](x @ W)",
    by="x @ W",
)
stack.misconception(
    "The nonlinearity is always tanh: take NONLINEARITIES[nonlinearity].",
    name="always_tanh",
    replace="NONLINEARITIES[nonlinearity](x @ W)",
    by="torch.tanh(x @ W)",
)
stack.misconception(
    "The nonlinearity was applied before the matrix. A layer is the matrix first.",
    name="nonlinearity_first",
    replace="NONLINEARITIES[nonlinearity](x @ W)",
    by="NONLINEARITIES[nonlinearity](x) @ W",
)
stack.misconception(
    "var for std: the variance is the square of what is asked.",
    name="variance",
    replace="x.std()",
    by="x.var()",
)
stack.misconception(
    "You divided by the number of activations. torch.std, by default, divides by one less.",
    name="biased",
    replace="x.std()",
    by="x.std(correction=0)",
)
stack.misconception(
    "That is the mean of the columns' (neurons') standard deviations. Take one std over all numbers.",
    name="mean_of_columns",
    replace="x.std()",
    by="x.std(0).mean()",
)
stack.misconception(
    "That is the root of the mean square, which counts the mean as spread. std subtracts the mean.",
    name="rms",
    replace="x.std()",
    by="(x**2).mean().sqrt()",
)
stack.misconception(
    "The std of x itself stands at the front. One number for each layer, after it.",
    name="with_input",
    replace="    stds = []\n",
    by="    stds = [x.std().item()]\n",
)
stack.misconception(
    "Only the last layer's std came back. Collect one per layer in a list.",
    name="last_only",
    replace="return stds",
    by="return stds[-1] if stds else 0.0",
)
stack.misconception(
    "`return` stands inside the loop: only the first layer is computed.",
    name="returns_early",
    replace="        stds.append(x.std().item())\n",
    by="        stds.append(x.std().item())\n        return stds\n",
)
stack.variant(
    "torch.std_mean, and tensors in the list",
    name="std_mean",
    source="""def stack_stds(x, weights, nonlinearity):
    stds = []
    for W in weights:
        h = torch.matmul(x, W)
        x = h if nonlinearity == "linear" else getattr(torch, nonlinearity)(h)
        stds.append(torch.std_mean(x)[0])
    return stds
""",
)
stack.variant(
    "recursion",
    name="recursion",
    source="""def stack_stds(x, weights, nonlinearity):
    if not weights:
        return []
    h = NONLINEARITIES[nonlinearity](x.matmul(weights[0]))
    return [float(h.var().sqrt())] + stack_stds(h, weights[1:], nonlinearity)
""",
)

# -- factor_per_layer ----------------------------------------------------------------------------

factor = exercise("factor_per_layer", title="the factor per layer")
factor.hint("Layer to layer: how many steps lie between the first std and the last?")
factor.hint("f ** steps = last / first, so f is a root.")
factor.hint("(stds[-1] / stds[0]) ** (1 / (len(stds) - 1))")


@factor.cases
def _(rng):
    yield dict(stds=[1.0, 2.0, 4.0, 8.0])
    yield dict(stds=[0.5, 3.0, 2.0])
    yield dict(stds=[rng.number(0.1, 1.0), rng.number(1.5, 4.0)])
    yield dict(stds=[0.9**i for i in range(10)])
    yield dict(stds=rng.numbers(7, 0.05, 20.0))
    yield dict(stds=[1.0, 1e-3, 5e-7, 3e-13])


factor.tolerance(SINGLE)


@factor.misconception(
    "From n layers to the next there are n - 1 steps, so the root is that of n - 1."
)
def off_by_one(stds):
    return (stds[-1] / stds[0]) ** (1 / len(stds))


@factor.misconception("The root is missing: that is the factor of the whole stack.")
def no_root(stds):
    return stds[-1] / stds[0]


@factor.misconception("Divided the wrong way round: a std that grows has a factor above 1.")
def inverse(stds):
    return (stds[0] / stds[-1]) ** (1 / (len(stds) - 1))


@factor.misconception(
    "Factors are multiplied, so their mean is a root, not a sum: halving and doubling gives 1, and "
    "(0.5 + 2) / 2 = 1.25."
)
def arithmetic_mean(stds):
    ratios = [b / a for a, b in itertools.pairwise(stds)]
    return sum(ratios) / len(ratios)


@factor.misconception("You divided by the number of steps; take the root of that degree.")
def divided(stds):
    return stds[-1] / stds[0] / (len(stds) - 1)


@factor.misconception("The difference per layer is asked as little as the sum: sizes multiply.")
def difference(stds):
    return (stds[-1] - stds[0]) / (len(stds) - 1)


@factor.misconception("That is the last layer's factor only.")
def last_step(stds):
    return stds[-1] / stds[-2]


@factor.misconception("That is the logarithm of the factor: take exp of it.")
def logarithm(stds):
    return math.log(stds[-1] / stds[0]) / (len(stds) - 1)


@factor.misconception(
    "The input's std is taken to be 1: you forgot to divide by the first layer's."
)
def from_one(stds):
    return stds[-1] ** (1 / (len(stds) - 1))


@factor.variant("exp of the mean of the logs")
def logs(stds):
    logs = [math.log(b) - math.log(a) for a, b in itertools.pairwise(stds)]
    return math.exp(sum(logs) / len(logs))


@factor.variant("the product of all ratios")
def product(stds):
    whole = math.prod(b / a for a, b in itertools.pairwise(stds))
    return math.pow(whole, 1 / (len(stds) - 1))
