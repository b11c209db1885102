# `hero check 01/7` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # 7. Neuron, Layer, MLP
#
# A network is a big expression with a dull shape. Three short classes, each made of the one before:
#
#     Neuron    activation(w0*x0 + w1*x1 + ... + b)      one number
#     Layer     several neurons that see the same inputs   a list of numbers
#     MLP       layers in a row: each one's outputs are the next one's inputs
#
#     x0 ---\/--- neuron ---\/--- neuron ---\
#     x1 ---/\--- neuron ---/\--- neuron ----- neuron --- score
#                 ...             ...       /
#             hidden: tanh     hidden: tanh   output: linear
#
# What will go wrong: the *last* layer needs no activation. A score squashed by tanh can never say
# 3, and a relu there can never say -1. Hidden layers do need one: without it, a stack of layers is
# one linear function, however deep.

# %%
import argparse
import math
import random
import sys

from data import picture


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

    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 - t * t))

    def relu(self):
        return self._node(max(0.0, self.data), "relu", (self, float(self.data > 0)))


# %% [markdown]
# ## One neuron
#
# $$o = \varphi\Big(\sum_i w_i x_i + b\Big)$$
#
# The parameters start at random, each uniformly between -1 and 1, from a generator that you are
# handed. Using *that* generator (not the global `random`) is what makes a run repeatable.


# %%
class Neuron:
    """activation(w . x + b), with nin weights and a bias."""

    def __init__(self, nin, rng, activation="tanh"):
        """Makes a neuron with random parameters.

        Args:
            nin: the number of inputs, an int >= 1.
            rng: a random.Random. Its uniform(-1, 1) is called nin + 1 times: first for
                w[0], ..., w[nin - 1] in this order, then for b.
            activation: "tanh", "relu" or "linear" (none).

        Sets these attributes:
            w: list of nin Values.
            b: a Value.
            activation: as given.

        Example:
            >>> neuron = Neuron(3, random.Random(0))
            >>> len(neuron.w), round(neuron.w[0].data, 4)
            (3, 0.6888)
        """
        # TODO 01.neuron_init: your code here (stuck? `hero hint 01.neuron_init`)
        raise NotImplementedError("01.neuron_init")

    def __call__(self, x):
        """The neuron's output for one example.

        Args:
            x: list of nin inputs, each a Value, int or float.

        Returns:
            Value, activation(w[0]*x[0] + ... + b): its tanh, its relu, or with "linear"
            the sum itself.

        Example:
            >>> neuron = Neuron(2, random.Random(0), activation="linear")
            >>> neuron.w, neuron.b = [Value(-3.0), Value(1.0)], Value(6.5)
            >>> neuron([2.0, 0.0]).data
            0.5
        """
        # TODO 01.neuron_call: your code here (stuck? `hero hint 01.neuron_call`)
        raise NotImplementedError("01.neuron_call")

    def parameters(self):
        """The numbers that training may change: all of them.

        Returns:
            list of nin + 1 Values (the neuron's own, not copies): w[0], ..., w[nin - 1], b.

        Example:
            >>> len(Neuron(3, random.Random(0)).parameters())
            4
        """
        # TODO 01.neuron_parameters: your code here (stuck? `hero hint 01.neuron_parameters`)
        raise NotImplementedError("01.neuron_parameters")


# %% [markdown]
# ## A layer of neurons
#
# All neurons of a layer get the *same* inputs; they differ in their weights only.


# %%
class Layer:
    """nout neurons side by side."""

    def __init__(self, nin, nout, rng, activation="tanh"):
        """Makes the neurons.

        Args:
            nin: inputs per neuron, an int >= 1.
            nout: the number of neurons, an int >= 1.
            rng: a random.Random; the neurons draw from it one after the other.
            activation: that of every neuron.

        Sets the attribute neurons, a list of nout Neurons.
        """
        # TODO 01.layer: your code here (stuck? `hero hint 01.layer`)
        raise NotImplementedError("01.layer")

    def __call__(self, x):
        """The outputs of all neurons.

        Args:
            x: list of nin inputs, each a Value, int or float.

        Returns:
            list of nout Values; a list also when nout is 1.

        Example:
            >>> len(Layer(2, 3, random.Random(0))([1.0, -1.0]))
            3
        """
        # TODO 01.layer: your code here (stuck? `hero hint 01.layer`)
        raise NotImplementedError("01.layer")

    def parameters(self):
        """The parameters of all neurons.

        Returns:
            one flat list of nout * (nin + 1) Values: those of neurons[0], then of neurons[1], ...

        Example:
            >>> len(Layer(2, 3, random.Random(0)).parameters())
            9
        """
        # TODO 01.layer: your code here (stuck? `hero hint 01.layer`)
        raise NotImplementedError("01.layer")


# %% [markdown]
# ## A multi-layer perceptron
#
# `MLP(3, [4, 4, 1], rng)`: 3 inputs, two hidden layers of 4, one output. The sizes chain:
# 3 → 4, 4 → 4, 4 → 1, and so the parameters count 16 + 20 + 5 = 41.


# %%
class MLP:
    """Layers in a row; the hidden ones with an activation, the last one linear."""

    def __init__(self, nin, nouts, rng, activation="tanh"):
        """Makes the layers.

        Args:
            nin: the number of inputs, an int >= 1.
            nouts: list of ints >= 1, the number of neurons of each layer, the output layer last;
                not empty.
            rng: a random.Random; the layers draw from it one after the other.
            activation: that of the hidden layers. The last layer is "linear" in any case.

        Sets the attribute layers, a list of len(nouts) Layers.
        """
        # TODO 01.mlp: your code here (stuck? `hero hint 01.mlp`)
        raise NotImplementedError("01.mlp")

    def __call__(self, x):
        """The network's output for one example.

        Args:
            x: list of nin inputs, each a Value, int or float.

        Returns:
            the Value, if the last layer has one neuron; else the list of its Values.

        Example:
            >>> score = MLP(3, [4, 4, 1], random.Random(0))([2.0, 3.0, -1.0])
            >>> type(score).__name__
            'Value'
        """
        # TODO 01.mlp: your code here (stuck? `hero hint 01.mlp`)
        raise NotImplementedError("01.mlp")

    def parameters(self):
        """The parameters of all layers.

        Returns:
            one flat list of Values: those of layers[0], then of layers[1], ...

        Example:
            >>> len(MLP(3, [4, 4, 1], random.Random(0)).parameters())
            41
        """
        # TODO 01.mlp: your code here (stuck? `hero hint 01.mlp`)
        raise NotImplementedError("01.mlp")


# %% [markdown]
# ## Look at it
#
# An untrained network is already a function of the plane; `main` draws three of them as maps. With
# tanh the land is smooth; relu folds it along straight lines; without any activation it is one
# tilted plane, no matter how many neurons you pay for.


# %%
def plot_maps(maps, side, path):
    """Draws maps of (-side, side)²; `maps` maps a title to a square list of lists of scores."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.4 * len(maps), 3.7))
    grid = figure.subplots(1, len(maps), sharey=True)
    for axes, (title, scores) in zip(grid, maps.items(), strict=True):
        extent = (-side, side, -side, side)
        axes.imshow(scores, origin="lower", extent=extent, cmap="BrBG", interpolation="bilinear")
        axes.contour(scores, levels=9, extent=extent, colors="k", linewidths=0.6, alpha=0.6)
        axes.set_title(title)
        axes.set_xlabel("x0")
    grid[0].set_ylabel("x1")
    figure.suptitle("An untrained network's score, by its activation")
    figure.tight_layout()
    figure.savefig(path, dpi=100, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description="What an untrained network looks like.")
    parser.add_argument("--hidden", type=int, nargs="+", default=[8, 8], help="hidden layers")
    parser.add_argument("--seed", type=int, default=11)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if min(args.hidden) < 1:
        parser.error("--hidden: every layer needs a neuron")

    side, n = 3.0, 40
    ticks = [side * (2 * i / (n - 1) - 1) for i in range(n)]
    maps = {}
    for activation in ("tanh", "relu", "linear"):
        model = MLP(2, [*args.hidden, 1], random.Random(args.seed), activation)
        maps[activation] = [[model([x0, x1]).data for x0 in ticks] for x1 in ticks]
    model([1.0, 2.0]).backward()
    reached = sum(p.grad != 0 for p in model.parameters())
    print(f"{len(model.parameters())} parameters; one backward() reached {reached} of them")
    path = picture("01_micrograd/untrained.png")
    plot_maps(maps, side, path)
    print(f"Look at {path}: smooth with tanh, folded with relu, flat without.")


if __name__ == "__main__":
    main()
