"""Sweep, pick, decay, and a fair verdict: what the exercises share."""

SIZES = [(5, 7, 3, 2, 4), (1, 4, 2, 5, 3), (6, 3, 1, 4, 8), (3, 31, 4, 3, 6)]  # n, v, t, d, hidden


def parameters(rng, v, t, d, hidden):
    """Random parameters by name, float64."""
    return {
        "C": rng.normal(v, d),
        "W1": rng.normal(t * d, hidden, std=0.5),
        "b1": rng.normal(hidden, std=0.5),
        "W2": rng.normal(hidden, v, std=0.5),
        "b2": rng.normal(v, std=0.5),
    }


def leaves(params):
    """Parameters that autograd records."""
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


def single(params):
    """The same in float32, as init_params makes them."""
    return {name: p.float() for name, p in params.items()}


def plain(params):
    return {name: p.detach().clone() for name, p in params.items()}
