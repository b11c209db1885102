"""Training the MLP with gradients of one's own: what the exercises share."""

from graders.authoring import part

part(forbid=("autograd",))


def parameters(rng, vocab_size, block_size, n_embd, n_hidden, spread=1.0):
    """Random parameters in float64; db1 is zero but for rounding, which float32 would drown in."""
    fan_in = block_size * n_embd
    return {
        "C": rng.normal(vocab_size, n_embd),
        "W1": rng.normal(fan_in, n_hidden, std=fan_in**-0.5),
        "b1": rng.normal(n_hidden, std=0.1),
        "bngain": rng.normal(1, n_hidden, mean=1, std=0.3),
        "bnbias": rng.normal(1, n_hidden, std=0.3),
        "W2": rng.normal(n_hidden, vocab_size, std=spread * n_hidden**-0.5),
        "b2": rng.normal(vocab_size, std=0.1),
    }


def a_batch(rng, n, vocab_size, block_size):
    return rng.integers(0, vocab_size, n, block_size), rng.integers(0, vocab_size, n)


# vocabulary, block size, n_embd, n_hidden, n
SIZES = [(7, 2, 3, 5, 4), (5, 3, 2, 4, 9), (6, 1, 4, 3, 2), (4, 3, 3, 9, 6)]
