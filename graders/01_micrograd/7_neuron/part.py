"""Neuron, Layer, MLP: what they hold, what they compute, what they let train: what the exercises share."""

import numbers


def data(m, value):
    """A Value's number; for anything else, what it is."""
    if not isinstance(value, m.Value):
        return f"a {type(value).__name__}, not a Value"
    if not isinstance(value.data, numbers.Real):
        return f"a Value whose data is a {type(value.data).__name__}"
    return float(value.data)


def all_data(m, values):
    """The numbers of a list of Values; for anything else, what it is."""
    if not isinstance(values, (list, tuple)):
        return f"a {type(values).__name__}, not a list"
    return [data(m, value) for value in values]
