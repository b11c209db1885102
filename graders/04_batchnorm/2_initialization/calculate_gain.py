"""04.calculate_gain: the gain."""

import math

import torch

from graders.authoring import exercise

from .part import SINGLE

gain = exercise("calculate_gain", title="the gain")


@gain.cases
def _(rng):
    for nonlinearity in rng.shuffled(
        ["tanh", "linear", "relu", "sigmoid", "", "Tanh", " relu", "selu"]
    ):
        yield dict(nonlinearity=nonlinearity)


@gain.scenario
def _(m, nonlinearity):
    return float(m.calculate_gain(nonlinearity))


gain.tolerance(SINGLE)  # torch.tensor(2.0).sqrt() is fine; 1.41 is not

gain.hint("Three numbers, all of them in the text above. And what about a fourth nonlinearity?")
gain.hint("A dict of the three; raise ValueError for what is not in it.")
gain.hint('{"linear": 1.0, "tanh": 5 / 3, "relu": math.sqrt(2)}')


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


@gain.misconception(
    """torch's own knows more than these three: to it a sigmoid's gain is 1, though a sigmoid shrinks
    what goes through. Here any other text is a ValueError."""
)
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
