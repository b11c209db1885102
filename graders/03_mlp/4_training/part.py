"""One step, one batch by heart, its floor, minibatches and the loop: what the exercises share."""

from graders.authoring import Rng

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


def examples(rng, n, v, t):
    """Contexts and answers."""
    return rng.integers(0, v, n, t), rng.integers(0, v, n)


def leaves(params):
    """Parameters that autograd records."""
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


def single(params):
    """The same in float32, as init_params makes them."""
    return {name: p.float() for name, p in params.items()}


def plain(params):
    return {name: p.detach().clone() for name, p in params.items()}


def bumpy(n, seed, lr):
    """A run in which the loss rises to twice the first, at some step; nobody may stop there.

    Always the same one. It multiplies rounding errors by 20 only, so 1e-9 stays far away.
    """
    rng = Rng(seed)
    X, Y = examples(rng, n, 5, 2)
    return dict(params=parameters(rng, 5, 2, 3, 4), X=X, Y=Y, lr=lr)
