# `hero check 01/4` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # 4. Arithmetic: few rules, many operators
#
# `Value` can add and multiply. Everything else of school arithmetic follows, most of it *for free*:
#
#     -a     =  a * -1            2 + a  =  a + 2          a / b  =  a * b**-1
#     a - b  =  a + (-b)          2 * a  =  a * 2          2 / a  =  2 * a**-1
#
# An operator that is made of other operators needs no backward of its own: the graph
# underneath already has one. So eight short lines are all you write here. Only the power is new.
#
# What will go wrong: taking a shortcut through `.data`. `Value(-self.data)` is the right number and
# a dead end: a fresh leaf that remembers nothing, so no gradient ever passes through it.

# %%
import argparse
import math
import sys

# %% [markdown]
# ## The engine so far, and your operators
#
# Python turns `a - b` into `a.__sub__(b)`. For `2 - a` it first asks the int 2, which does not know
# Values, and then `a.__rsub__(2)`: the *right* operand answers, and gets the left one as argument.
# Addition and multiplication do not mind the swap. Subtraction and division do.
#
# The power rule, for a constant exponent: $(u^n)' = n\,u^{n-1}$.
#
# Each operator returns a Value, through which backward() reaches every Value it was made from, and
# changes none of them. All sizes are moderate: numbers, results and slopes are 0 or lie between
# 1e-100 and 1e100, plus or minus.


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

    def __neg__(self):
        """-self.

        Example:
            >>> (-Value(3.0)).data
            -3.0
        """
        # TODO 01.neg: your code here (stuck? `hero hint 01.neg`)
        raise NotImplementedError("01.neg")

    def __sub__(self, other):
        """self - other, where other is a Value, or an int or float (a constant).

        Example:
            >>> (Value(3.0) - 5).data
            -2.0
        """
        # TODO 01.sub: your code here (stuck? `hero hint 01.sub`)
        raise NotImplementedError("01.sub")

    def __radd__(self, other):
        """other + self, for an int or float. Python calls this for `2 + a`.

        So does sum([a, b]), which starts from 0.

        Example:
            >>> sum([Value(1.0), Value(2.0)]).data
            3.0
        """
        # TODO 01.radd: your code here (stuck? `hero hint 01.radd`)
        raise NotImplementedError("01.radd")

    def __rmul__(self, other):
        """other * self, for an int or float. Python calls this for `2 * a`.

        Example:
            >>> (2 * Value(3.0)).data
            6.0
        """
        # TODO 01.rmul: your code here (stuck? `hero hint 01.rmul`)
        raise NotImplementedError("01.rmul")

    def __rsub__(self, other):
        """other - self, for an int or float, the *left* operand. Python calls this for `2 - a`.

        Example:
            >>> (2 - Value(3.0)).data
            -1.0
        """
        # TODO 01.rsub: your code here (stuck? `hero hint 01.rsub`)
        raise NotImplementedError("01.rsub")

    def __pow__(self, exponent):
        """self ** exponent, for a constant exponent.

        Args:
            exponent: an int or float, never a Value, and no node of the graph. With
                self.data < 0 it is an int (maybe negative); with self.data == 0 it is 1 or more.

        Example:
            >>> a = Value(3.0)
            >>> b = a**2
            >>> b.backward()
            >>> b.data, a.grad
            (9.0, 6.0)
        """
        # TODO 01.pow: your code here (stuck? `hero hint 01.pow`)
        raise NotImplementedError("01.pow")

    def __truediv__(self, other):
        """self / other, where other is a Value, or an int or float (a constant); not 0.

        Example:
            >>> (Value(3.0) / 2).data
            1.5
        """
        # TODO 01.truediv: your code here (stuck? `hero hint 01.truediv`)
        raise NotImplementedError("01.truediv")

    def __rtruediv__(self, other):
        """other / self, for an int or float, the *left* operand. Python calls this for `2 / a`.

        Example:
            >>> (3 / Value(2.0)).data
            1.5
        """
        # TODO 01.rtruediv: your code here (stuck? `hero hint 01.rtruediv`)
        raise NotImplementedError("01.rtruediv")


# %% [markdown]
# ## Look at it
#
# `main` has your engine do a school problem: the length of a ladder against a wall, and how it
# changes when the foot or the top of it moves. Then it lets your gradient find a square root: to
# solve x² = 2, follow the slope of the error (x² - 2)² downhill.


# %%
def main():
    parser = argparse.ArgumentParser(description="Arithmetic that can be differentiated.")
    parser.add_argument("--number", type=float, default=2.0, help="whose square root to find")
    number = parser.parse_args([] if "ipykernel" in sys.modules else None).number
    if not 1e-30 <= number <= 1e30:
        parser.error("--number must lie between 1e-30 and 1e30")

    x, y = Value(3.0), Value(4.0)
    ladder = (x**2 + y**2) ** 0.5
    ladder.backward()
    print(f"the ladder is {ladder.data} long; it grows by {x.grad:.2f} per unit of its foot,")
    print(f"by {y.grad:.2f} per unit of its top")

    guess = 2.0 ** math.floor((math.log2(number) - 1) / 2)  # a power of 2, a little too small
    rate = 0.1 / number  # large numbers make steep slopes
    first = None
    for step in range(40):
        x = Value(guess)
        error = (number - x**2) ** 2 / 2
        error.backward()
        first = first or error.data or 1.0
        if step % 5 == 0:
            bar = "#" * round(error.data / first * 30)
            print(f"  step {step:2}  x = {guess:<12.7g}  error {error.data:.1e} {bar}")
        guess -= rate * x.grad
    print(f"the square root of {number:g}: {guess:.7g}; by math.sqrt: {math.sqrt(number):.7g}")


if __name__ == "__main__":
    main()
