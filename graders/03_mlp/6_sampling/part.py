"""What the exercises of this part share.

Probabilities of the next character, and names drawn from them.

No check depends on luck: where the network leaves no choice the name is certain, and frequencies
are judged six standard deviations wide, over draws from a generator with a seed.
"""

import itertools

import torch


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


def single(params):
    """The same in float32, as init_params makes them."""
    return {name: p.float() for name, p in params.items()}


def scripted(table, v, t):
    """Parameters of a network that leaves no choice: after each context, table[context].

    One hidden neuron for each context, +1 for it and -1 for all others.
    """
    contexts = list(itertools.product(range(v), repeat=t))
    W1 = torch.zeros(t * v, len(contexts), dtype=torch.float64)
    W2 = torch.zeros(len(contexts), v, dtype=torch.float64)
    b2 = torch.zeros(v, dtype=torch.float64)
    for unit, context in enumerate(contexts):
        for place, i in enumerate(context):
            W1[place * v + i, unit] = 40.0
        W2[unit, table[context]] = 50.0
        b2[table[context]] += 50.0
    return {
        "C": torch.eye(v, dtype=torch.float64),
        "W1": W1,
        "b1": torch.full((len(contexts),), -40.0 * (t - 0.5), dtype=torch.float64),
        "W2": W2,
        "b2": b2,
    }


def script(rng, v, t, name):
    """A network that says `name` (indices, no context twice), then stops."""
    table = {c: rng.integer(1, v) for c in itertools.product(range(v), repeat=t)}
    context = (0,) * t
    for i in (*name, 0):
        table[context] = i
        context = (*context[1:], i)
    return scripted(table, v, t)
