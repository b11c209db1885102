# %% [markdown]
# # 3. The backward pass, on any graph
#
# In part 2 you called each `_backward` yourself, in an order you chose by looking at the picture.
# Now the machine must find that order. The rule: a node may hand its gradient on only when that
# gradient is *complete*, so after every node that uses it has handed on its own.
#
#     a --- * --- b ----\          b feeds two nodes. If b hands on its gradient after hearing
#     2 --/  \           + --- d   from d but before hearing from c, then a misses a share,
#             \--- tanh -/         for good.
#                    c
#
# So we line up all nodes such that children stand before parents (a *topological order*)
# and walk that line from its end.

# %%
import argparse
import math
import sys
import time

# %% [markdown]
# ## In line
#
# Depth first: to add a node, first add all its children, then the node itself. What will go
# wrong: without a note of who was there already, a node on two paths is added twice, one
# on four paths four times, and after thirty doublings `x = x + x` you wait for a billion visits.


# %%
def topological_order(root):
    """All nodes of the graph that ends in root, every child before its parents.

    Args:
        root: a Value at the end of a graph at most 300 operations deep. A node's children are
            in its `_prev`, which may name a child twice.

    Returns:
        list of Values: root and everything it was computed from, each node exactly once, each
        child before every node computed from it (root, then, is last). Any such order is right.

    The work grows with the number of nodes, not with that of the paths between them.

    Example:
        >>> a = Value(2.0)
        >>> b = a * a
        >>> topological_order(b) == [a, b]
        True
    """
    ### BEGIN SOLUTION
    order = []
    seen = set()

    def add(node):
        if node not in seen:
            seen.add(node)
            for child in node._prev:
                add(child)
            order.append(node)

    add(root)
    return order
    ### END SOLUTION


# %% [markdown]
# ## Value.backward
#
# Here is the engine of part 2 once more, written shorter: a local derivative is just a number,
# known as soon as the forward pass has happened, so one helper serves every operation. Only
# `backward` is missing. And `_prev` is a tuple from now on: it names `a` twice in `a * a`, but its
# order is the same in every run, where that of a set depends on memory addresses.
#
# Decide what a *second* call does before you write the first:
#
# - **Leaves accumulate**, as in PyTorch. Two backward passes through the same leaf add up, whether
#   from two results or from one result twice. (That is how several examples become one gradient,
#   and why every training loop has a `zero_grad`.)
# - **Inner nodes start afresh** at 0, or what they still hold from the last call would be
#   handed down again. The engine in the lecture forgets this, and nobody noticed, because
#   training builds a new graph for every step. (PyTorch hands down nothing old either; an inner
#   node's grad it keeps only after `retain_grad()`, and then adds to it.)
# - **The root is set to 1**, whatever it held, even if it is a leaf (where PyTorch would add).


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

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data * other.data, "*", (self, other.data), (other, self.data))

    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 - t * t))

    def backward(self):
        """Fills in grad = d(self) / d(node) for every node that self was computed from.

        In this order:
        1. line up the graph that ends in self (topological_order above does it);
        2. set the grad of its inner nodes (those with children) to 0.0, and leave the grad
           of its leaves (those without) as it is: new gradients are *added* to it;
        3. set self.grad to 1.0 (not added, even if self is a leaf);
        4. call every node's _backward() once, parents before children.

        Nodes outside of this graph are not touched. It is at most 300 operations deep.

        Example:
            >>> a = Value(3.0)
            >>> b = a * a
            >>> b.backward()
            >>> a.grad, b.grad
            (6.0, 1.0)
            >>> b.backward()
            >>> a.grad, b.grad  # the leaf accumulates
            (12.0, 1.0)
        """
        ### BEGIN SOLUTION
        order = topological_order(self)
        for node in order:
            if node._prev:
                node.grad = 0.0
        self.grad = 1.0
        for node in reversed(order):
            node._backward()
        ### END SOLUTION


# %% [markdown]
# ## Deep graphs (stretch)
#
# A recursive function goes one call deeper per node, and Python stops at about 1000. `sum` of two
# thousand losses is a chain two thousand nodes deep, so this is no exotic case. Raising
# Python's limit moves the cliff and keeps it. The cure is to keep the list of what is still to do
# yourself, in a plain list used as a stack.
#
# What will go wrong: reversing the order in which a stack hands out the nodes is right on every
# tree. A node that is reached by a short and by a long path proves it wrong.


# %%
def topological_order_deep(root):
    """As topological_order, for graphs of any depth: without recursion.

    Args:
        root: a Value; a chain of many thousand nodes may hang below it.

    Returns:
        list of Values: root and everything it was computed from, each node exactly once, each
        child before every node computed from it. Any such order is right.

    The work grows with the number of nodes here, too. Python's recursion limit (sys.setrecursionlimit)
    stays what it was.

    Example:
        >>> x = y = Value(1.0)
        >>> for _ in range(5000):
        ...     y = y + 1.0
        >>> len(topological_order_deep(y))  # x, 5000 constants, 5000 sums
        10001
    """
    ### BEGIN SOLUTION
    order = []
    seen = set()
    stack = [(root, False)]
    while stack:
        node, children_are_in = stack.pop()
        if children_are_in:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            stack.append((node, True))  # comes up again when all that is pushed now is done
            stack.extend((child, False) for child in node._prev)
    return order
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# `main` runs the neuron backward with one call, then counts how many steps a *missing* `seen` would
# have cost, then goes deep.


# %%
def main():
    parser = argparse.ArgumentParser(description="Backward through any graph.")
    parser.add_argument("--depth", type=int, default=20_000, help="length of the deep chain")
    depth = parser.parse_args([] if "ipykernel" in sys.modules else None).depth

    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    o = (x1 * w1 + x2 * w2 + b).tanh()
    o.label = "o"
    o.backward()
    print("the neuron, one call to backward():")
    for node in (o, x1, w1, x2, w2, b):
        print(f"  do/d{node.label:3} {node.grad:8.4f}")

    y = Value(1.0)
    for _ in range(30):
        y = y + y
    print(f"30 doublings: {len(topological_order(y))} nodes, {y.data:,.0f} paths to the leaf")

    # A curve along a deep chain: x -> tanh(1.01 x), over and over.
    x = y = Value(0.5)
    started = time.perf_counter()
    for _ in range(depth):
        y = (y * 1.01).tanh()
    order = topological_order_deep(y)
    y.grad = 1.0
    for node in reversed(order):
        node._backward()
    seconds = time.perf_counter() - started
    print(f"a chain of {len(order)} nodes, forward and backward in {seconds:.2f} s: {x.grad:.3g}")
    try:
        topological_order(y)
        print("the recursive order manages a chain of this length, too")
    except RecursionError as error:
        print(f"the recursive order, on the same chain: RecursionError: {error}")


if __name__ == "__main__":
    main()
