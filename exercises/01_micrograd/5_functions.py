# `hero check 01/5` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # 5. exp, log, tanh, relu; and the judgment of PyTorch
#
# An operation may be as small as `+` or as large as tanh. All it owes the engine is its
# value and its local slope:
#
#     exp(u)   slope exp(u)        the only function that is its own slope
#     log(u)   slope 1 / u         the natural logarithm, u > 0
#     tanh(u)  slope 1 - tanh(u)²  squashes into (-1, 1)
#     relu(u)  slope 1 or 0        max(0, u): a gate, open or shut
#
# Three of the four slopes are cheap once you have the *result*. What will go wrong: using the
# result where the formula means the input, or the other way around.

# %%
import argparse
import math
import sys

import torch

from data import picture

# %% [markdown]
# ## The engine, and four functions
#
# relu has a corner at 0, where it has no derivative. Frameworks pick one; like PyTorch we pick 0: a
# gate that is shut at 0.
#
# Each function returns a Value, through which backward() reaches self, and leaves self as it is.


# %%
class Value:
    """A number, its gradient, and the nodes it was computed from."""

    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._backward = lambda: None
        self._prev = tuple(_children)
        self._op = _op
        self.label = label

    def __repr__(self):
        return f"Value(data={self.data}, grad={self.grad})"

    def _node(self, data, op, *edges):
        """The result of an operation; edges are pairs (child, d result / d child)."""
        out = Value(data, [child for child, _ in edges], op)

        def _backward():
            for child, slope in edges:
                child.grad += slope * out.grad

        out._backward = _backward
        return out

    def backward(self):
        """Fills in all gradients: those of inner nodes anew, those of leaves by adding."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, children_are_in = stack.pop()
            if children_are_in:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._prev)
        for node in order:
            if node._prev:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __pow__(self, n):
        return self._node(self.data**n, f"**{n}", (self, n * self.data ** (n - 1)))

    def __neg__(self):
        return self * -1

    def __sub__(self, other):
        return self + -other

    def __rsub__(self, other):
        return -self + other

    def __truediv__(self, other):
        return self * other**-1

    def __rtruediv__(self, other):
        return self**-1 * other

    __radd__ = __add__
    __rmul__ = __mul__

    def exp(self):
        """e to the power of self, whose data lies between -300 and 300 (e^710 is no float anymore).

        Example:
            >>> a = Value(0.0)
            >>> b = a.exp()
            >>> b.backward()
            >>> b.data, a.grad
            (1.0, 1.0)
        """
        # TODO 01.exp: your code here (stuck? `hero hint 01.exp`)
        raise NotImplementedError("01.exp")

    def log(self):
        """The natural logarithm of self, whose data is 1e-300 or more.

        Example:
            >>> a = Value(1.0)
            >>> b = a.log()
            >>> b.backward()
            >>> b.data, a.grad
            (0.0, 1.0)
        """
        # TODO 01.log: your code here (stuck? `hero hint 01.log`)
        raise NotImplementedError("01.log")

    def tanh(self):
        """The hyperbolic tangent of self, a number between -300 and 300.

        Example:
            >>> a = Value(0.0)
            >>> b = a.tanh()
            >>> b.backward()
            >>> b.data, a.grad
            (0.0, 1.0)
        """
        # TODO 01.tanh: your code here (stuck? `hero hint 01.tanh`)
        raise NotImplementedError("01.tanh")

    def relu(self):
        """max(0, self), the rectified linear unit. Where self.data is exactly 0, the slope is 0.

        Example:
            >>> a = Value(-3.0)
            >>> b = a.relu()
            >>> b.backward()
            >>> float(b.data), float(a.grad)
            (0.0, 0.0)
        """
        # TODO 01.relu: your code here (stuck? `hero hint 01.relu`)
        raise NotImplementedError("01.relu")


# %% [markdown]
# ## Large steps or small ones
#
# $$\tanh x = \frac{e^{2x} - 1}{e^{2x} + 1}$$
#
# One node or six: the gradient has to come out the same, because the chain rule
# holds at every zoom level. Where to draw the line is a choice of convenience. You never have to
# know the derivative of tanh at all.
#
# What will go wrong: many small steps can leave the range of floats where one large step would not.
# At x = 200 tanh is flat, but the slope of this quotient needs 1 / (e^400 + 1)², which is smaller
# than any float: it becomes 0, and the gradient comes out as 2. (From x = 355 on e^(2x) itself
# overflows.) Hence the range below. The softmax of part 8 will meet the same trouble.


# %%
def tanh_from_exp(x):
    """tanh of x, composed of x.exp() and arithmetic on Values, without calling tanh.

    Args:
        x: a Value with -150 < x.data < 150.

    Returns:
        Value, through which backward() reaches x; value and gradient those of x.tanh(), up to
        rounding.

    Example:
        >>> x = Value(0.8813735870195432)
        >>> o = tanh_from_exp(x)
        >>> o.backward()
        >>> round(o.data, 4), round(x.grad, 4)
        (0.7071, 0.5)
    """
    # TODO 01.tanh_from_exp: your code here (stuck? `hero hint 01.tanh_from_exp`)
    raise NotImplementedError("01.tanh_from_exp")


# %% [markdown]
# ## A hard test
#
# The readme of micrograd has an expression in which `a` and `b` meet again and again: ten paths
# lead from each of them to the result. In equations:
#
# $$c_1 = a + b \qquad c_2 = 2c_1 + 1 \qquad c = 2c_2 + 1 - a$$
# $$d_1 = ab + b^3 \qquad d_2 = 3d_1 + \mathrm{relu}(b + a) \qquad d = 4d_2 + \mathrm{relu}(b - a)$$
# $$e = c - d \qquad g = \frac{e^2}{2} + \frac{10}{e^2}$$
#
# At a = -4, b = 2 the answer is 24.7041, with slopes 138.8338 and 645.5773. Nobody wants to find
# those by hand anymore.


# %%
def readme_expression(a, b):
    """The g of the equations above, from two Values.

    Args:
        a, b: Values (not changed in place).

    Returns:
        Value g, through which backward() reaches a and b.

    Example:
        >>> a, b = Value(-4.0), Value(2.0)
        >>> g = readme_expression(a, b)
        >>> g.backward()
        >>> round(g.data, 4), round(a.grad, 4), round(b.grad, 4)
        (24.7041, 138.8338, 645.5773)
    """
    # TODO 01.readme_expression: your code here (stuck? `hero hint 01.readme_expression`)
    raise NotImplementedError("01.readme_expression")


# %% [markdown]
# ## A second opinion
#
# How do you know that an engine is right? Write the same expression twice, once with your Values
# and once with PyTorch's tensors, and compare every number. Your operators have the same names
# as torch's (`+`, `.exp()`, `.relu()`), so one function serves both.
#
# What will go wrong: torch's floats have 32 bits unless you ask for 64, the size of Python's. The
# two engines then differ from about the seventh digit on, and you hunt for a bug that is none. And
# an input the result does not depend on has no gradient at all in torch (`None`); ours says 0.0.


# %%
def same_in_torch(expression, inputs):
    """Value and gradients of an expression, from your engine and from PyTorch's.

    Args:
        expression: a function of n arguments that works on Values as well as on torch
            tensors, and returns one of the same kind (it depends on at least one argument).
        inputs: list of n floats.

    Returns:
        (ours, torchs): two lists of n + 1 floats each: the result, then the derivative
        of the result with respect to each input. ours comes from calling expression on n
        Values, torchs from calling it on n float64 tensors, of shape (), with gradients; the
        derivatives are what each engine's own way back finds. An input that the expression does
        not use has the derivative 0.0 in both.

    Example:
        >>> same_in_torch(lambda x, y: x * y, [3.0, 5.0])
        ([15.0, 5.0, 3.0], [15.0, 5.0, 3.0])
    """
    # TODO 01.same_in_torch: your code here (stuck? `hero hint 01.same_in_torch`)
    raise NotImplementedError("01.same_in_torch")


# %% [markdown]
# ## Look at it
#
# `main` puts your engine next to torch, then draws your four functions and, dashed, the slopes your
# backward pass found. Slope by slope: does the dashed line tell how steep the solid one is?


# %%
def plot_functions(curves, path):
    """Draws functions and slopes; `curves` maps a name to lists (x, y, slope)."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3 * len(curves), 3.2))
    grid = figure.subplots(1, len(curves), sharey=True)
    for axes, (name, (x, y, slope)) in zip(grid, curves.items(), strict=True):
        axes.axhline(0, color="0.8", linewidth=0.8)
        axes.axvline(0, color="0.8", linewidth=0.8)
        axes.plot(x, y, color="#0072B2", linewidth=2, label="value")
        axes.plot(x, slope, color="#D55E00", linewidth=1.6, linestyle="--", label="slope")
        axes.set_title(f"{name}(u)")
        axes.set_xlabel("u")
        axes.set_ylim(-2.2, 3.2)
        axes.spines[["top", "right"]].set_visible(False)
    grid[0].set_ylabel("value and slope")
    grid[0].legend(frameon=False, loc="upper left")
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description="Functions, their slopes, and PyTorch's opinion.")
    parser.add_argument("--a", type=float, default=-4.0)
    parser.add_argument("--b", type=float, default=2.0)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if not (abs(args.a) <= 1e6 and abs(args.b) <= 1e6):
        parser.error("a and b must lie between -1e6 and 1e6")

    print(f"the readme's expression at a = {args.a}, b = {args.b}")
    try:
        ours, torchs = same_in_torch(readme_expression, [args.a, args.b])
    except ZeroDivisionError as error:
        parser.error(f"{error} (where e = 0, 10 / e² has no value): take another a or b")
    for name, our, theirs in zip(("g", "dg/da", "dg/db"), ours, torchs, strict=True):
        print(f"  {name:6} ours {our:14.8f}   torch {theirs:14.8f}")

    functions = {"exp": Value.exp, "log": Value.log, "tanh": Value.tanh, "relu": Value.relu}
    curves = {}
    for name, function in functions.items():
        low = 0.02 if name == "log" else -3.0
        xs = [Value(low + (3.0 - low) * i / 200) for i in range(201)]
        ys = [function(x) for x in xs]
        for y in ys:
            y.backward()
        curves[name] = [x.data for x in xs], [y.data for y in ys], [x.grad for x in xs]
    path = picture("01_micrograd/functions.png")
    plot_functions(curves, path)
    print(f"Look at {path}: where tanh is flat its slope is 0, and no gradient gets through.")


if __name__ == "__main__":
    main()
