"""What the exercises of this part share.

The numbers behind the four plots: activations, histogram, gradients, grad:data, update:data.
"""

from graders.authoring import Tol

# Statistics of float32 tensors may be taken in float32 or in float64: n roundings of 6e-8, and n is
# below a thousand. Sizes are small, so that Bessel's correction is 3 % and more.
EITHER = Tol(rtol=2e-5, atol=1e-9)
