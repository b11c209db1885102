# %% [markdown]
# # 1. Derivatives, with nothing but a calculator
#
# Training a network means asking one question millions of times: *if I nudge this number a
# little, which way does the result move, and how fast?* The answer is a derivative. Before
# we build a machine that finds derivatives, we find a few by hand, so that we know what
# the machine should say.
#
#         f(x + h) |                    *
#                  |               *   /  the rise, f(x + h) - f(x)
#             f(x) |          * - - - +
#                  |     *       h  (the run)
#                  +----------x-------x+h---
#
# The slope is rise over run. The true derivative is what this ratio tends to as `h` shrinks to 0.

# %%
import argparse
import math
import sys

from data import picture

# %% [markdown]
# ## One nudge
#
# $$f'(x) \approx \frac{f(x + h) - f(x)}{h}$$
#
# What will go wrong: it looks as if a smaller `h` were always better. It is not. You subtract two
# nearly equal numbers that each carry an error of about 1e-16, and then blow
# the difference up by 1/h. The picture at the end of this file shows both ends of that trade.


# %%
def forward_difference(f, x, h=1e-4):
    """The derivative of f at x, estimated from one nudge to the right: rise over run.

    Args:
        f: a function of one float that returns a float.
        x: where, a float.
        h: the size of the nudge, a float other than 0.

    Returns:
        float, (f(x + h) - f(x)) / h.

    Example:
        >>> forward_difference(lambda x: x * x, 3.0, h=0.5)
        6.5
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x)) / h
    ### END SOLUTION


# %% [markdown]
# ## A nudge to each side
#
# For $f(x) = x^2$ at 3 the truth is 6, and we got 6.5. The curve bends upward, so looking only to
# the right sees it steeper than it is; looking only to the left sees it flatter, and by just
# as much. Look both ways and the two errors cancel:
#
# $$f'(x) \approx \frac{f(x + h) - f(x - h)}{2h}$$
#
# Mind the denominator: the two points are `2h` apart, and in Python `a / 2 * h` is `(a / 2) * h`.


# %%
def central_difference(f, x, h=1e-4):
    """The derivative of f at x, estimated symmetrically, from x - h to x + h.

    Args:
        f: a function of one float that returns a float.
        x: where, a float.
        h: how far to step to *each* side, a float other than 0.

    Returns:
        float, (f(x + h) - f(x - h)) / (2h).

    Example:
        >>> central_difference(lambda x: x * x, 3.0, h=0.5)
        6.0
    """
    ### BEGIN SOLUTION
    return (f(x + h) - f(x - h)) / (2 * h)
    ### END SOLUTION


# %% [markdown]
# ## How much better is it?
#
# Taylor's series tells: the error of the one-sided estimate is about $\tfrac12 f''(x)\,h$, that of
# the symmetric one about $\tfrac16 f'''(x)\,h^2$. So when `h` shrinks tenfold, the first
# error shrinks tenfold and the second a hundredfold. The exponent of `h` is called the *order*
# of the method. Do not take Taylor's word for it: measure. For exp at 0, say:
#
#     h         one-sided error       symmetric error
#     0.1       0.0517                0.00167
#     0.01      0.0050   (: 10)       0.0000167   (: 100)


# %%
def measured_order(difference, f, df, x, h):
    """How many powers of ten the error of an estimate loses when h shrinks tenfold.

    The error at a step h is |difference(f, x, h) - df(x)|.

    Args:
        difference: a function (f, x, h) -> float, such as forward_difference.
        f: a function of one float that returns a float.
        df: the exact derivative of f, a function of one float that returns a float.
        x: where, a float.
        h: the larger of the two steps; the other is h / 10. Neither error is exactly 0.

    Returns:
        float, log10(error at h / error at h / 10): near 1 for a method of first order, near
        2 for one of second order.

    Example:
        >>> round(measured_order(forward_difference, math.sin, math.cos, 1.0, 0.01), 2)
        1.0
    """
    ### BEGIN SOLUTION
    error = abs(difference(f, x, h) - df(x))
    smaller_error = abs(difference(f, x, h / 10) - df(x))
    return math.log10(error / smaller_error)
    ### END SOLUTION


# %% [markdown]
# ## Several inputs: the gradient
#
# A function of several numbers has one slope per input: hold all others still and nudge one.
# The list of these slopes is the *gradient*. Here is a function to practice on:


# %%
def f(a, b, c):
    """-a^3 + sin(3b) - 1/c + b^2.5 - sqrt(a), for a > 0, b > 0, c != 0."""
    return -(a**3) + math.sin(3 * b) - 1.0 / c + b**2.5 - a**0.5


# %% [markdown]
# Take pencil and paper. Five terms; which of them feel a nudge of `a`? Of `b`? Two rules do all the
# work: $(u^n)' = n\,u^{n-1}u'$ (also for $n = -1$ and $n = \tfrac12$), and $\sin(u)' =
# \cos(u)\,u'$. The factor $u'$ is where most people slip.


# %%
def gradient_by_hand(a, b, c):
    """The exact gradient of f at (a, b, c), from formulas you derived on paper.

    f(a, b, c) = -a^3 + sin(3b) - 1/c + b^2.5 - sqrt(a)

    Args:
        a, b, c: floats; a > 0, b > 0, c != 0, none of a size below 1e-100 or above 1e100.

    Returns:
        list of 3 floats, [df/da, df/db, df/dc]; exact up to rounding, so no nudging.

    Example:
        >>> [round(slope, 4) for slope in gradient_by_hand(2.0, 3.0, 4.0)]
        [-12.3536, 10.257, 0.0625]
    """
    ### BEGIN SOLUTION
    return [
        -3 * a**2 - 0.5 * a**-0.5,
        3 * math.cos(3 * b) + 2.5 * b**1.5,
        1 / c**2,
    ]
    ### END SOLUTION


# %% [markdown]
# ## The gradient of anything, slowly
#
# With a symmetric nudge of one input at a time you get the gradient of *any* function, and a way to
# check every formula of this workbook. The price: two evaluations per input. GPT-2
# has 124 million inputs; that is why the rest of this lesson builds something better.
#
# What will go wrong: to nudge one coordinate you change a list, and forget to change it back.


# %%
def numerical_gradient(f, point, h=1e-5):
    """The gradient of f at a point, each slope estimated by a symmetric difference.

    Args:
        f: a function of n floats, called as f(x1, ..., xn), that returns a float.
        point: list of n floats, left unchanged.
        h: how far to step to each side of a coordinate, a float.

    Returns:
        list of n floats; number i is (f(.., xi + h, ..) - f(.., xi - h, ..)) / (2h), the
        other coordinates at their values in `point`.

    Example:
        >>> numerical_gradient(lambda x, y: x * y, [3.0, 5.0], h=0.5)
        [5.0, 3.0]
    """
    ### BEGIN SOLUTION
    slopes = []
    for i in range(len(point)):
        up, down = list(point), list(point)
        up[i] += h
        down[i] -= h
        slopes.append((f(*up) - f(*down)) / (2 * h))
    return slopes
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# `main` compares your formulas with your nudges, then draws both errors over `h`. Each is a V:
# the right arm is the method's own error (slope 1 and slope 2: you measured it), the left
# arm is rounding. The symmetric V is deeper, and its best `h` is larger.


# %%
def plot_errors(steps, errors, path):
    """Draws error over step size, both logarithmic; `errors` maps a name to a list of floats."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.5))
    axes = figure.subplots()
    for (name, values), color in zip(errors.items(), ["#D55E00", "#0072B2"], strict=True):
        axes.loglog(steps, values, "o-", color=color, markersize=3.5, linewidth=1.4, label=name)
        lowest = min(range(len(steps)), key=values.__getitem__)
        axes.annotate(
            f"best: {values[lowest]:.0e}",
            (steps[lowest], values[lowest]),
            (-9, -12),  # below its V and to the left of it: no curve comes by there
            ha="right",
            textcoords="offset points",
            color=color,
        )
    axes.set_xlabel("step size h")
    axes.set_ylabel("error of the derivative")
    axes.set_title("sin'(1) from differences: too large a step, too small a step")
    axes.text(0.03, 0.9, "rounding", transform=axes.transAxes, style="italic", color="0.4")
    axes.text(0.84, 0.4, "the method", transform=axes.transAxes, style="italic", color="0.4")
    axes.margins(y=0.12)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="upper center")
    figure.savefig(path, dpi=110, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description="Two ways to estimate a derivative.")
    parser.add_argument("--point", type=float, nargs=3, default=[2.0, 3.0, 4.0])
    point = parser.parse_args([] if "ipykernel" in sys.modules else None).point
    if not (min(point[:2]) >= 1e-3 and abs(point[2]) >= 1e-3 and max(map(abs, point)) <= 1e6):
        parser.error("f needs a and b between 0.001 and 1e6; c likewise, or below 0")

    print(f"f at {point}: by hand and by nudging")
    rows = zip("abc", gradient_by_hand(*point), numerical_gradient(f, point), strict=True)
    for name, exact, estimate in rows:
        print(f"  df/d{name}  {exact:+.10f}  {estimate:+.10f}")

    methods = {"one-sided": forward_difference, "symmetric": central_difference}
    for name, method in methods.items():
        order = measured_order(method, math.sin, math.cos, 1.0, 0.01)
        print(f"the {name} difference has order {order:.2f}")

    steps = [10 ** (-k / 4) for k in range(2, 57)]
    errors = {name: [] for name in methods}
    for name, method in methods.items():
        for h in steps:
            # an estimate that happens to be exact has no place on a log scale
            errors[name].append(max(abs(method(math.sin, 1.0, h) - math.cos(1.0)), 1e-16))
    path = picture("01_micrograd/derivative_errors.png")
    plot_errors(steps, errors, path)
    print(f"Look at {path}: two Vs, one deeper than the other.")


if __name__ == "__main__":
    main()
