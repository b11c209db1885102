"""An array of Python objects, and a record array, with a tensor in them."""
import numpy as np


def second(x):
    return np.array([x, {1: x}, None], dtype=object)
