"""Training: the smoothed curve, the rate, the step, the loop: what the exercises share."""

from ..lesson import SIZES, a_split, flags, numbers, small_model, state
