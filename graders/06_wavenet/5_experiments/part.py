"""Experiments: small models with random numbers, and what became of them, as plain data."""

from ..lesson import SIZES, a_split, flags, numbers, small_model, state
