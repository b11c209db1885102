# %% [markdown]
# # 2. A number that remembers where it came from
#
# Nudging costs two evaluations per input. The chain rule gets *all* slopes in one backward
# sweep, if only we remember how the result was made. So we build a number that remembers:
#
#     a = 2 ----\
#                * --- e = -6 ---\
#     b = -3 ---/                 + --- d = 4 ---\
#     c = 10 --------------------/                * --- L = -8
#     f = -2 ------------------------------------/
#
# Every `Value` knows its number (`data`), the nodes it was computed from (`_prev`, its
# children), and how much the final result moves when it moves (`grad`).

# %%
import argparse
import math
import sys

# %% [markdown]
# ## The node, and two operations
#
# Forward: `a * b` makes a new node. Backward: when that node learns its own `grad`, it hands each
# child a share:
#
# $$\frac{\partial L}{\partial a} \mathrel{+}= \frac{\partial \text{out}}{\partial a}\cdot
# \frac{\partial L}{\partial \text{out}}$$
#
# The first factor is *local*: addition and multiplication each know theirs without
# any idea of what L is. The second comes from upstream. What will go wrong is
# the `+`: with `=` instead of `+=` everything works, until one node is used twice.
# In `a + a`, or when `a` feeds two branches, the shares of both uses add up.
#
# How can a `_backward` without arguments know its nodes? Define it *inside* `__add__`: a function
# keeps the names around it (`self`, `other`, `out`) alive, and looks up what they hold when it is
# *called* (a *closure*). So `out._backward = _backward`, without parentheses, stores it for later.


# %%
class Value:
    """A number, its gradient, and the nodes it was computed from."""

    def __init__(self, data, _children=(), _op="", label=""):
        """Makes a node.

        Args:
            data: the number, a float or int.
            _children: the Values it was computed from, a tuple or list; empty for a leaf.
            _op: what made it, "+" or "*" say; "" for a leaf.
            label: a name to show in drawings.

        Sets these attributes:
            data: the number.
            grad: 0.0; d(final result) / d(this node), once a backward pass has filled it in.
            _prev: the children, each once: a set (a tuple or a list will do).
            _op, label: as given.
            _backward: a function without arguments that hands this node's grad on to
                its children. Here: one that does nothing and returns None (a leaf has no
                children); each operation replaces it with its own.

        Example:
            >>> a = Value(2.0, label="a")
            >>> a.data, a.grad, a._prev, a._op, a.label, a._backward()
            (2.0, 0.0, set(), '', 'a', None)
        """
        ### BEGIN SOLUTION
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label
        self._backward = lambda: None
        ### END SOLUTION

    def __repr__(self):
        """How Python shows this node: its data and its grad, in this form.

        Example:
            >>> Value(-2.5)
            Value(data=-2.5, grad=0.0)
        """
        ### BEGIN SOLUTION
        return f"Value(data={self.data}, grad={self.grad})"
        ### END SOLUTION

    def __add__(self, other):
        """self + other, as a new node.

        Args:
            other: a Value; or an int or float, which counts as a constant: a new leaf, or no child at all.

        Returns:
            Value with the sum as data, "+" as _op, and self and other as children. Its
            _backward() *adds* to each child's grad that child's share of the node's own
            grad, as that is when _backward() is called (no data has changed by then).
            Nothing else of the three nodes ever changes.

        Example:
            >>> a, b = Value(2.0), Value(-3.0)
            >>> c = a + b
            >>> c.grad = 5.0
            >>> c._backward()
            >>> c.data, a.grad, b.grad
            (-1.0, 5.0, 5.0)
        """
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def __mul__(self, other):
        """self * other, as a new node.

        Args:
            other: a Value; or an int or float, which counts as a constant: a new leaf, or no child at all.

        Returns:
            Value with the product as data, "*" as _op, and self and other as children. Its
            _backward() *adds* to each child's grad that child's share of the node's own
            grad, as that is when _backward() is called (no data has changed by then).
            Nothing else of the three nodes ever changes.

        Example:
            >>> a, b = Value(2.0), Value(-3.0)
            >>> c = a * b
            >>> c.grad = 5.0
            >>> c._backward()
            >>> c.data, a.grad, b.grad
            (-6.0, -15.0, 10.0)
        """
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION


# %% [markdown]
# ## Be the backward pass, once
#
# Before the machine does it, do it yourself: fill in every gradient of L = (a*b + c) * f. Start at
# the output (how much does L move when L moves?) and walk left, one local slope at a time. You
# never look at more than one operation at once, and that is the whole trick.


# %%
def manual_L(a, b, c, f):
    """All gradients of L, where e = a * b, d = e + c, L = d * f. Plain floats, chain rule by hand.

    By hand means that no autograd runs, torch's neither.

    Args:
        a, b, c, f: floats.

    Returns:
        dict of 7 floats: for each of the names "L", "d", "f", "e", "c", "a", "b" the derivative
        of L with respect to it, dL/dL included.

    Example:
        >>> manual_L(2.0, -3.0, 10.0, -2.0)["b"]
        -4.0
    """
    ### BEGIN SOLUTION
    e = a * b
    d = e + c
    grad = {"L": 1.0}
    grad["d"] = f * grad["L"]
    grad["f"] = d * grad["L"]
    grad["e"] = grad["d"]
    grad["c"] = grad["d"]
    grad["a"] = b * grad["e"]
    grad["b"] = a * grad["e"]
    return grad
    ### END SOLUTION


# %% [markdown]
# ## A neuron
#
#     x1 ---*--- x1w1 --\
#     w1 --/             + --- x1w1x2w2 --\
#     x2 ---*--- x2w2 --/                  + --- n --- tanh --- o
#     w2 --/                          b --/
#
# The only new thing is tanh, which squashes any number into (-1, 1). Its slope is pretty:
# $\tanh'(n) = 1 - \tanh(n)^2$, so with `o` in your hand you need no further exponential: it
# is 1 - o². Where the neuron is *saturated* (o near 1 or -1) that slope is near 0, and hardly
# anything flows back: a first glimpse of a trouble that will fill lesson 04.


# %%
def manual_neuron(x1, x2, w1, w2, b):
    """All gradients of a neuron's output o = tanh(x1 * w1 + x2 * w2 + b). Plain floats, by hand.

    By hand means that no autograd runs, torch's neither.
    x1w1 = x1 * w1, x2w2 = x2 * w2, x1w1x2w2 = x1w1 + x2w2, n = x1w1x2w2 + b, o = tanh(n).

    Args:
        x1, x2: inputs, floats.
        w1, w2: weights, floats.
        b: bias, float.

    Returns:
        dict of 10 floats: for each of the names "o", "n", "x1w1x2w2", "b", "x1w1", "x2w2", "x1",
        "w1", "x2", "w2" the derivative of o with respect to it.

    Example:
        >>> grad = manual_neuron(2.0, 0.0, -3.0, 1.0, b=6.8813735870195432)
        >>> {name: round(grad[name], 4) for name in ["x1", "w1", "x2", "w2"]}
        {'x1': -1.5, 'w1': 1.0, 'x2': 0.5, 'w2': 0.0}
    """
    ### BEGIN SOLUTION
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    grad = {"o": 1.0}
    grad["n"] = (1 - o**2) * grad["o"]
    for name in ("x1w1x2w2", "b", "x1w1", "x2w2"):  # addition hands its gradient on unchanged
        grad[name] = grad["n"]
    grad["x1"] = w1 * grad["x1w1"]
    grad["w1"] = x1 * grad["x1w1"]
    grad["x2"] = w2 * grad["x2w2"]
    grad["w2"] = x2 * grad["x2w2"]
    return grad
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# `main` builds L from your Values, sets the first gradient to 1 and calls each `_backward` itself,
# right to left. Then it moves every leaf a little *along* its gradient and recomputes L. What
# should happen? That one step, taken the other way and repeated, is all of training.


# %%
def show(nodes):
    """Prints one line per node: its label, operation, data and gradient."""
    for node in nodes:
        made = f"by {node._op}" if node._op else "a leaf"
        numbers = f"data {node.data:8.4f}   dL/d{node.label} {node.grad:8.4f}"
        print(f"  {node.label}  {made:6}  {numbers}")


def main():
    parser = argparse.ArgumentParser(description="L = (a*b + c) * f, backward by hand.")
    parser.add_argument("--step", type=float, default=0.01, help="how far to follow the gradient")
    step = parser.parse_args([] if "ipykernel" in sys.modules else None).step

    leaves = [Value(x, label=n) for n, x in zip("abcf", (2.0, -3.0, 10.0, -2.0), strict=True)]
    a, b, c, f = leaves
    e = a * b
    d = e + c
    L = d * f
    e.label, d.label, L.label = "e", "d", "L"
    L.grad = 1.0
    for node in (L, d, e):  # each only after the nodes that use it
        node._backward()
    print("L = (a*b + c) * f, with your Values:")
    show([L, d, f, e, c, a, b])
    by_hand = manual_L(2.0, -3.0, 10.0, -2.0)
    agree = all(abs(by_hand[node.label] - node.grad) < 1e-12 for node in (L, d, f, e, c, a, b))
    print(f"  the same as your manual_L: {agree}")

    for leaf in leaves:
        leaf.data += step * leaf.grad
    print(f"all leaves moved {step} along their gradients:")
    print(f"  L was {L.data:.4f}, is {((a * b + c) * f).data:.4f}")

    print("the neuron, by hand:")
    for name, slope in manual_neuron(2.0, 0.0, -3.0, 1.0, 6.8813735870195432).items():
        print(f"  do/d{name:9} {slope:8.4f}")


if __name__ == "__main__":
    main()
