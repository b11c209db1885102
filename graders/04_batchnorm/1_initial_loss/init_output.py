"""04.init_output: a humble output layer."""

import torch

from graders.authoring import exercise

output = exercise("init_output", title="a humble output layer", pure=False)


@output.cases
def _(rng):
    for n_hidden, vocab_size, scale in [(4, 3, 0.1), (1, 5, 0.5), (6, 6, 3.0), (30, 27, 0.01)]:
        yield dict(n_hidden=n_hidden, vocab_size=vocab_size, scale=scale, seed=rng.seed())
    yield dict(n_hidden=3, vocab_size=4, scale=0.0, seed=rng.seed())  # 0 is a scale, too
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
    same = [torch.equal(kept, first[0]), torch.equal(kept, second[0])]
    with torch.no_grad():  # training steps on them, where they lie
        first[1][:1] += 1.5
    return [*same, first[1]]


output.legal("the generator drawn from once more", "what you draw after it is up to you")

output.hint("Two tensors: the weights small and random, the bias without any opinion.")
output.hint("One draw from g for W2, then times scale. What is b2, and which shape has it?")
output.hint("torch.randn(n_hidden, vocab_size, generator=g) * scale, torch.zeros(vocab_size)")


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
    return W2, W2.new_zeros(W2.shape[1])
