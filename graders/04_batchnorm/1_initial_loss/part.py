"""The first loss: what its exercises share."""

from graders.authoring import Tol

# A mean of a few float32 terms is right to about 1e-7; 1e-5 leaves room for another order of summation.
# Every misconception below is off by more than 1e-2.
SINGLE = Tol(rtol=1e-5)
