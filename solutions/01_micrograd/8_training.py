# %% [markdown]
# # 8. Training: four numbers to remember, one loop
#
# A loss is one number that says how wrong the network is. It is a `Value` like any other, so one
# `backward()` tells for each parameter which way is uphill. Then a small step downhill; again;
# again.
#
#        predict ---> loss ---> zero the grads ---> backward ---> step
#           ^                                                       |
#           +-------------------------------------------------------+
#
# What will go wrong: forgetting the box in the middle. Gradients *accumulate*, so without it the
# second step also follows the first gradient, the third the first two, ... like a heavy ball
# without friction. It even works for a while, which is why everybody has shipped this bug once.

# %%
import argparse
import math
import random
import sys

from data import picture, progress


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

    def exp(self):
        e = math.exp(self.data)
        return self._node(e, "exp", (self, e))

    def log(self):
        return self._node(math.log(self.data), "log", (self, 1 / self.data))


# %% [markdown]
# The network of part 7, given: tanh in the hidden layers, a linear output.


# %%
class Neuron:
    """activation(w . x + b)."""

    def __init__(self, nin, rng, activation):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(rng.uniform(-1, 1))
        self.activation = activation

    def __call__(self, x):
        total = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return total if self.activation == "linear" else getattr(total, self.activation)()


class MLP:
    """MLP(3, [4, 4, 1], rng): called with a list of 3 numbers, returns one Value."""

    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [
            [Neuron(sizes[i], rng, kinds[i]) for _ in range(sizes[i + 1])]
            for i in range(len(nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for neuron in layer for p in (*neuron.w, neuron.b)]


# %% [markdown]
# ## How wrong?
#
# $$L = \sum_i (\hat y_i - y_i)^2$$
#
# Squared, so that errors in both directions count, and large ones count more.


# %%
def squared_loss(predictions, targets):
    """The sum of the squared errors.

    Args:
        predictions: list of n Values, n >= 1.
        targets: list of n ints or floats.

    Returns:
        Value, the sum (not the mean) over all i of (predictions[i] - targets[i])^2, through which
        backward() reaches every prediction.

    Example:
        >>> squared_loss([Value(1.0), Value(-2.0)], [1.0, 1.0]).data
        9.0
    """
    ### BEGIN SOLUTION
    return sum((p - t) ** 2 for p, t in zip(predictions, targets, strict=True))
    ### END SOLUTION


# %% [markdown]
# ## Clean up, and step
#
# The gradient points uphill. The loss should go *down*.


# %%
def zero_grad(parameters):
    """Sets the grad of every parameter to 0.0, and changes nothing else.

    Args:
        parameters: list of Values, changed in place.

    Returns:
        None.

    Example:
        >>> p = Value(3.0)
        >>> (p * p).backward()
        >>> zero_grad([p])
        >>> p.data, p.grad
        (3.0, 0.0)
    """
    ### BEGIN SOLUTION
    for p in parameters:
        p.grad = 0.0
    ### END SOLUTION


def sgd_step(parameters, lr):
    """One step of gradient descent: moves every parameter's data by -lr times its grad.

    Args:
        parameters: list of Values; their data is changed in place, their grad is not.
        lr: learning rate, a float.

    Returns:
        None.

    Example:
        >>> p = Value(3.0)
        >>> (p * p).backward()  # p.grad is 6
        >>> sgd_step([p], lr=0.25)
        >>> p.data, p.grad
        (1.5, 6.0)
    """
    ### BEGIN SOLUTION
    for p in parameters:
        p.data -= lr * p.grad
    ### END SOLUTION


# %% [markdown]
# ## The loop
#
# Four examples, three numbers each, and a wish: +1, -1, -1, +1.

# %%
XS = [[2.0, 3.0, -1.0], [3.0, -1.0, 0.5], [0.5, 1.0, 1.0], [1.0, 1.0, -1.0]]
YS = [1.0, -1.0, -1.0, 1.0]


# %%
def train(model, xs, ys, steps, lr, zero=True):
    """Trains a model by gradient descent on all examples at once.

    Each of the steps: predict all examples; compute the squared loss (the sum); zero the
    gradients of the parameters; go backward; make one SGD step.

    Args:
        model: an MLP with one output; its parameters are changed in place. They may hold
            gradients of an earlier run, which must not count (unless zero is False).
        xs: list of n examples, each a list of floats.
        ys: list of n targets, floats.
        steps: the number of steps, an int >= 0.
        lr: learning rate, a float.
        zero: False leaves the zeroing out, in every step: the famous bug, for comparison.

    Returns:
        list of floats, the loss of each step, as computed *before* its update.

    Example:
        >>> model = MLP(3, [4, 4, 1], random.Random(0))
        >>> losses = train(model, XS, YS, steps=30, lr=0.02)
        >>> len(losses), losses[-1] < losses[0]
        (30, True)
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses
    ### END SOLUTION


# %% [markdown]
# ## Choosing one of several
#
# For a class label, squared errors are the wrong question. Let the network give one score per
# class (the *logits*) and turn them into probabilities:
#
# $$p_i = \frac{e^{l_i}}{\sum_j e^{l_j}} \qquad L = -\log p_{\text{target}}$$
#
# The gradient is the most beautiful of this workbook: $\partial L / \partial l_i = p_i$, minus 1
# for the target. Every wrong class is pushed down by exactly the probability it claimed.
#
# What will go wrong: `math.exp(1000)` overflows. But all logits may be shifted by the same number
# without changing any p (why?), so shift the largest to 0.


# %%
def softmax(logits):
    """Probabilities from scores.

    Args:
        logits: list of n Values, n >= 1, with data anywhere between -10000 and 10000.

    Returns:
        list of n Values, exp(l_i) / (sum over j of exp(l_j)); through each, backward() reaches
        all logits. The work grows with n, and so does the graph.

    Example:
        >>> [round(p.data, 4) for p in softmax([Value(x) for x in (0.0, 3.0, -2.0, 1.0)])]
        [0.0418, 0.839, 0.0057, 0.1135]
    """
    ### BEGIN SOLUTION
    largest = max(l.data for l in logits)
    counts = [(l - largest).exp() for l in logits]
    total = sum(counts)
    return [count / total for count in counts]
    ### END SOLUTION


def nll_loss(logits, target):
    """The negative log-likelihood of the right class: -log(softmax(logits)[target]).

    Args:
        logits: list of n Values, as for softmax; the largest is less than 500 above the target's.
        target: the index of the right class, an int in 0, ..., n - 1.

    Returns:
        Value, through which backward() reaches all logits.

    Example:
        >>> logits = [Value(x) for x in (0.0, 3.0, -2.0, 1.0)]
        >>> loss = nll_loss(logits, target=3)
        >>> loss.backward()
        >>> round(loss.data, 4), [round(l.grad, 5) for l in logits]
        (2.1755, [0.04177, 0.83902, 0.00565, -0.88645])
    """
    ### BEGIN SOLUTION
    return -softmax(logits)[target].log()
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# `main` trains the same network twice, with and without `zero_grad`. Watch the second curve: for a
# few steps it keeps up or even leads, then it overshoots, and swings.


# %%
def plot_losses(curves, path):
    """Draws loss curves; `curves` maps a name to a list of floats."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4))
    axes = figure.subplots()
    for (name, losses), color in zip(curves.items(), ["#0072B2", "#D55E00"], strict=True):
        axes.semilogy(losses, color=color, linewidth=1.8, label=name)
    axes.set_xlabel("step")
    axes.set_ylabel("squared loss")
    axes.set_title("One line makes the difference")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110, bbox_inches="tight")


def main():
    parser = argparse.ArgumentParser(description="Gradient descent, with and without zero_grad.")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--seed", type=int, default=4)
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.steps < 1 or not 0 <= args.lr <= 10:
        parser.error("--steps must be 1 or more, --lr between 0 and 10")

    curves = {}
    for name, zero in {"with zero_grad": True, "without": False}.items():
        model = MLP(3, [4, 4, 1], random.Random(args.seed))
        curves[name] = []
        with progress(args.steps, name) as bar:
            for _ in range(args.steps):
                curves[name] += train(model, XS, YS, 1, args.lr, zero)
                bar.update(loss=curves[name][-1])
                if not curves[name][-1] < 1e9:
                    break  # the steps are too long: the loss would soon outgrow all floats
        predictions = ", ".join(f"{model(x).data:+.4g}" for x in XS)
        print(f"  {name}: loss {curves[name][-1]:.4g}, predictions {predictions}")
    path = picture("01_micrograd/zero_grad.png")
    plot_losses(curves, path)
    print(f"Look at {path}: who never zeroes builds up speed; where does that lead?")


if __name__ == "__main__":
    main()
