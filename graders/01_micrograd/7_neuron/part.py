"""Neuron, Layer, MLP: what they hold, what they compute, what they let train: what the exercises share."""

import numbers

from graders.instead import instead


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return instead(value, "a Value")
    if not isinstance(value.data, numbers.Real):
        return instead(value.data, "a number as the Value's data", returned=False)
    return float(value.data)


def all_data(m, values):
    """The numbers of a list of Values; for anything else, what it is."""
    if not isinstance(values, (list, tuple)):
        return instead(values, "a list")
    return [data(m, value) for value in values]
