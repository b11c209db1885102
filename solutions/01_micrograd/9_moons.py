# %% [markdown]
# # 9. Two moons
#
# The final exam of a scalar engine: two interlocked crescents of points, which no straight line can
# tell apart. Your network draws a curve between them.
#
#            . o o o .
#         o     x       o              o: label -1
#        o     x         o    x        x: label +1
#                x          x
#                  x x  x x
#
# The output is one score: positive says +1, negative says -1. New are a loss that only cares about
# being on the right side with some room to spare, a price on large weights, and a learning rate
# that fades.

# %%
import argparse
import gc
import math
import random
import sys

import numpy as np

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
# The network of part 7, `zero_grad` and `sgd_step` of part 8, given; and the data.


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
    """MLP(2, [8, 8, 1], rng): called with a list of 2 numbers, returns one Value."""

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


def zero_grad(parameters):
    for p in parameters:
        p.grad = 0.0


def sgd_step(parameters, lr):
    for p in parameters:
        p.data -= lr * p.grad


# %%
def make_moons(n, noise, seed):
    """n points, in turn on the upper and the lower of two interlocked half circles.

    Returns (points, labels): n lists of 2 floats; n ints, -1 for the upper moon, +1 for the lower.
    """
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0, np.pi, n)
    labels = np.where(np.arange(n) % 2 == 0, -1, 1)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)  # (n, 2)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)  # (n, 2)
    points = np.where(labels[:, None] < 0, upper, lower) + rng.normal(0, noise, (n, 2))
    return points.tolist(), labels.tolist()


# %% [markdown]
# ## Enough is enough
#
# With y = ±1, the product $y\,s$ is positive where the score s has the right sign. The *max-margin*
# (hinge) loss is content once that product is 1 or more, and complains linearly below:
#
# $$L = \frac1n \sum_i \max(0,\; 1 - y_i s_i)$$
#
#     loss  \|
#          1 +             squared error would also punish y*s = 5,
#            |\            a point that is *very* right
#            | \
#          0 +--\__________________ y*s
#            0  1           5


# %%
def max_margin_loss(scores, labels):
    """The mean hinge loss.

    Args:
        scores: list of n Values, n >= 1.
        labels: list of n ints, each -1 or +1.

    Returns:
        Value, the mean over all i of max(0, 1 - labels[i] * scores[i]), through which
        backward() reaches the scores.

    Example:
        >>> max_margin_loss([Value(3.0), Value(0.5)], [1, -1]).data
        0.75
    """
    ### BEGIN SOLUTION
    losses = [(1 - y * s).relu() for s, y in zip(scores, labels, strict=True)]
    return sum(losses) / len(losses)
    ### END SOLUTION


# %% [markdown]
# ## A price on weights
#
# Doubling all parameters of the last layer doubles every score and has learned nothing. L2
# regularization puts a small price on size, so that the curve stays simple where the data do not
# insist.


# %%
def l2_penalty(parameters, alpha):
    """alpha times the sum of the squares of all parameters.

    Args:
        parameters: list of Values, at least one (all of them: weights and biases).
        alpha: the price, a float.

    Returns:
        Value, through which backward() reaches every parameter.

    Example:
        >>> l2_penalty([Value(3.0), Value(-1.0)], alpha=0.5).data
        5.0
    """
    ### BEGIN SOLUTION
    return alpha * sum(p * p for p in parameters)
    ### END SOLUTION


# %% [markdown]
# ## How many are right?
#
# The loss is for the machine, the accuracy for us. (Why not train on accuracy itself? Nudge a
# parameter a little: it does not move at all. Its slope is 0 nearly everywhere.)


# %%
def accuracy(scores, labels):
    """The fraction of examples whose score has the right sign.

    Args:
        scores: list of n Values, n >= 1.
        labels: list of n ints, each -1 or +1.

    Returns:
        float in [0, 1], the fraction of i where labels[i] is +1 and scores[i] > 0, or labels[i] is
        -1 and scores[i] <= 0.

    Example:
        >>> accuracy([Value(0.2), Value(3.0), Value(-1.0), Value(-7.0)], [1, -1, -1, -1])
        0.75
    """
    ### BEGIN SOLUTION
    right = [(s.data > 0) == (y > 0) for s, y in zip(scores, labels, strict=True)]
    return sum(right) / len(right)
    ### END SOLUTION


# %% [markdown]
# ## Large steps first, small steps later
#
# Far from the goal, hurry; close to it, step softly. The simplest schedule is a straight line.


# %%
def learning_rate(step, steps, start=1.0, end=0.1):
    """The learning rate at a step: from start, falling on a straight line toward end.

    Args:
        step: the step's number, 0, ..., steps - 1.
        steps: how many steps the run has.
        start: the rate at step 0.
        end: the rate that step number `steps` would have (the run stops one before).

    Returns:
        float.

    Example:
        >>> learning_rate(0, 100), learning_rate(50, 100)
        (1.0, 0.55)
    """
    ### BEGIN SOLUTION
    return start + (end - start) * step / steps
    ### END SOLUTION


# %% [markdown]
# ## Everything together


# %%
def train_moons(model, points, labels, steps, alpha=1e-4):
    """Trains a model with max-margin loss, L2 penalty and the falling learning rate.

    Each step: score all points; total loss = max-margin loss + L2 penalty of all parameters;
    zero the gradients of the parameters; backward; one SGD step with learning_rate(step, steps).

    Args:
        model: an MLP with one output; its parameters are changed in place. They may hold
            gradients of an earlier run, which must not count.
        points: list of n points, each a list of 2 floats.
        labels: list of n ints, each -1 or +1.
        steps: the number of steps, an int >= 0.
        alpha: the price of the L2 penalty, a float.

    Returns:
        (losses, accuracies): two lists of one float per step, the total loss and
        the accuracy, both as computed *before* that step's update.

    Example:
        >>> points, labels = make_moons(20, noise=0.05, seed=1)
        >>> model = MLP(2, [8, 1], random.Random(1))
        >>> losses, accuracies = train_moons(model, points, labels, steps=30)
        >>> len(losses), len(accuracies), losses[-1] < losses[0]
        (30, 30, True)
    """
    ### BEGIN SOLUTION
    losses, accuracies = [], []
    parameters = model.parameters()
    for step in range(steps):
        scores = [model(point) for point in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(parameters, alpha)
        zero_grad(parameters)
        loss.backward()
        lr = learning_rate(step, steps)
        sgd_step(parameters, lr)
        losses.append(loss.data)
        accuracies.append(accuracy(scores, labels))
    return losses, accuracies
    ### END SOLUTION


# %% [markdown]
# ## The map
#
# To see what was learned, ask the network about every spot of the plane. One row of the map is one
# height: *rows* go with the second coordinate, *columns* with the first. Swap them and you get a
# picture that is mirrored at the diagonal, and looks just as convincing.


# %%
def decision_grid(model, x0s, x1s):
    """The scores of a model on a grid.

    Args:
        model: a function from a list of 2 floats, [x0, x1], to a Value.
        x0s: list of W floats, the horizontal coordinates.
        x1s: list of H floats, the vertical coordinates.

    Returns:
        list of H lists of W floats; row i, column j is the score (a plain float) of
        the point [x0s[j], x1s[i]].

    Example:
        >>> decision_grid(lambda x: Value(x[0] + 10 * x[1]), [1.0, 2.0, 3.0], [0.0, 5.0])
        [[1.0, 2.0, 3.0], [51.0, 52.0, 53.0]]
    """
    ### BEGIN SOLUTION
    return [[model([x0, x1]).data for x0 in x0s] for x1 in x1s]
    ### END SOLUTION


# %% [markdown]
# ## Look at it
#
# `main` trains a small network; `--lecture` takes the full one (two hidden layers of 16 neurons,
# 100 points), which takes a minute or two: almost 70,000 little Values per step. PyTorch does the
# same with a handful of tensors. You now know everything it does with them.


# %%
def plot_moons(points, labels, x0s, x1s, grid, losses, accuracies, path):
    """Draws the decision boundary beside the curves of the training."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.4))
    left, right = figure.subplots(1, 2, width_ratios=[1.35, 1])
    limit = max(abs(score) for row in grid for score in row) or 1.0
    levels = np.linspace(-limit, limit, 25)
    left.contourf(x0s, x1s, grid, levels=levels, cmap="BrBG", alpha=0.75)
    left.contour(x0s, x1s, grid, levels=[-1, 1], colors="k", linewidths=0.7, linestyles=":")
    left.contour(x0s, x1s, grid, levels=[0], colors="k", linewidths=1.8)
    for label, color, marker in ((-1, "#8c510a", "o"), (1, "#01665e", "X")):
        chosen = [p for p, y in zip(points, labels, strict=True) if y == label]
        left.scatter(
            *zip(*chosen, strict=True), c=color, marker=marker, s=42, edgecolors="white",
            linewidths=0.8, label=f"{label:+d}", zorder=3,
        )  # fmt: skip
    left.set(title="the boundary (solid) and the margin (dotted)", xlabel="x0", ylabel="x1")
    left.legend(loc="upper left", framealpha=0.9)
    right.plot(losses, color="#0072B2", linewidth=1.8, label="loss")
    right.plot(accuracies, color="#D55E00", linewidth=1.8, label="accuracy")
    right.set(title="training", xlabel="step", ylabel="loss, accuracy")
    right.set_ylim(-0.02, max(1.05, min(2.0, max(losses))))
    right.grid(alpha=0.25)
    right.spines[["top", "right"]].set_visible(False)
    right.legend(frameon=False, loc="center right")
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def main():
    parser = argparse.ArgumentParser(description="Two moons, told apart by a scalar engine.")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--hidden", type=int, nargs="+", default=[8, 8])
    parser.add_argument("--activation", choices=["tanh", "relu"], default="tanh")
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--lecture", action="store_true", help="100 points, 16 + 16 relu neurons")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.lecture:
        args.points, args.hidden, args.activation, args.steps = 100, [16, 16], "relu", 100
    if args.steps < 1 or args.points < 2 or min(args.hidden) < 1 or args.seed < 0:
        parser.error("at least 1 step, 2 points, 1 neuron in each layer, and no seed below 0")

    # A node's _backward knows the node: a cycle, and tens of thousands of them per step. Python's
    # garbage collector would look through them again and again: it is much faster if it may wait.
    gc.set_threshold(200_000)
    points, labels = make_moons(args.points, noise=0.1, seed=args.seed)
    model = MLP(2, [*args.hidden, 1], random.Random(args.seed), args.activation)
    print(f"{args.points} points, {len(model.parameters())} parameters")
    with progress(args.steps, "training") as bar:

        def watched(point):  # asked about the last point of all, it moves the bar
            if point is points[-1]:
                bar.update()
            return model(point)

        watched.parameters = model.parameters
        losses, accuracies = train_moons(watched, points, labels, args.steps)
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}, accuracy {accuracies[-1]:.0%}")

    n = 36
    x0s = np.linspace(-1.6, 2.6, n).tolist()
    x1s = np.linspace(-1.2, 1.7, n).tolist()
    grid = decision_grid(model, x0s, x1s)
    path = picture("01_micrograd/moons.png")
    plot_moons(points, labels, x0s, x1s, grid, losses, accuracies, path)
    print(f"Look at {path}: where does the line bend, and must it?")


if __name__ == "__main__":
    main()
