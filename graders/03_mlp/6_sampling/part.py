"""What the exercises of this part share.

Probabilities of the next character, and names drawn from them.

No check depends on luck: where the network leaves no choice the name is certain, and frequencies
are judged six standard deviations wide, over draws from a generator with a seed.
"""


def parameters(rng, v, t, d, hidden, std=0.5):
    """Random parameters by name, float64."""
    return {
        "C": rng.normal(v, d),
        "W1": rng.normal(t * d, hidden, std=std),
        "b1": rng.normal(hidden, std=std),
        "W2": rng.normal(hidden, v, std=std),
        "b2": rng.normal(v, std=std),
    }


def leaves(params):
    """Parameters that autograd records."""
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}
