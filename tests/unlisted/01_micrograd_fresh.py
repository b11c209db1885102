# ---- part 1: derivatives


@wrong(
    "forward_difference",
    "takes the absolute value of h, so a negative h no longer steps to the left",
)
def _(f, x, h=1e-4):
    h = abs(h)
    return (f(x + h) - f(x)) / h


@wrong("central_difference", "steps h / 2 to each side and divides by h, instead of h to each side")
def _(f, x, h=1e-4):
    return (f(x + h / 2) - f(x - h / 2)) / h


@wrong(
    "measured_order", "leaves out the absolute value: errors of opposite sign raise a ValueError"
)
def _(difference, f, df, x, h):
    exact = df(x)
    return math.log10((difference(f, x, h) - exact) / (difference(f, x, h / 10) - exact))


@right("measured_order", "difference of two logarithms, errors from a small closure")
def _(difference, f, df, x, h):
    def digits(step):
        return math.log10(math.fabs(difference(f, x, step) - df(x)))

    return digits(h) - digits(h / 10)


@right("gradient_by_hand", "negative powers, and cos as a shifted product")
def _(a, b, c):
    da = -(3 * a * a + 0.5 * a**-0.5)
    db = 2.5 * b * math.sqrt(b) + 3 * math.cos(b + b + b)
    return [da, db, (1.0 / c) * (1.0 / c)]


# ---- part 2: the node


@wrong("value_repr", "rounds the numbers to four places")
class _:
    def __repr__(self):
        return f"Value(data={round(self.data, 4)}, grad={round(self.grad, 4)})"


@wrong("add", "treats a + a as one child and hands it a single share")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            for child in {self, other}:
                child.grad += out.grad

        out._backward = _backward
        return out


@wrong("mul", "recovers the other factor by dividing the product, which fails where a factor is 0")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += out.data / self.data * out.grad
            other.grad += out.data / other.data * out.grad

        out._backward = _backward
        return out


@right("value_init", "writes all attributes through vars(self)")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        def nothing():
            """A leaf has nobody to hand anything to."""

        vars(self).update(
            data=data, grad=0.0, _prev={*_children}, _op=_op, label=label, _backward=nothing
        )


@right("add", "one loop over the pair of operands, the share taken when called")
class _:
    def __add__(self, other):
        operands = [self, other if isinstance(other, Value) else Value(other)]
        out = Value(sum(node.data for node in operands), tuple(operands), "+")

        def _backward(nodes=operands):
            for node in nodes:
                node.grad = node.grad + out.grad

        out._backward = _backward
        return out


# ---- part 3: backward


@wrong(
    "topological_order",
    "breadth first from the root, reversed: wrong where a child is found over a short path first",
)
def _(root):
    order, seen = [root], {root}
    for node in order:
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                order.append(child)
    return order[::-1]


@wrong(
    "backward",
    "adds 1.0 to self.grad: the same for an inner node, but wrong if self is a leaf with a gradient",
)
class _:
    def backward(self):
        order = topological_order(self)
        for node in order:
            if node._prev:
                node.grad = 0.0
        self.grad += 1.0
        for node in reversed(order):
            node._backward()


@wrong(
    "deep_chains",
    "marks nodes as seen when they are pushed, so a parent may come before a shared child",
)
def _(root):
    order, seen, stack = [], {root}, [(root, False)]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        stack.append((node, True))
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                stack.append((child, False))
    return order


@right("topological_order", "Kahn's algorithm from the root, with counts of the parents, reversed")
def _(root):
    from collections import Counter

    parents, todo, known = Counter(), [root], {root}
    while todo:
        for child in todo.pop()._prev:
            parents[child] += 1
            if child not in known:
                known.add(child)
                todo.append(child)
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for child in node._prev:
            parents[child] -= 1
            if not parents[child]:
                ready.append(child)
    return order[::-1]


@right("backward", "its own depth-first walk through a generator; zeroes on the way, then sweeps")
class _:
    def backward(self):
        seen = set()

        def walk(node):
            if node in seen:
                return
            seen.add(node)
            for child in node._prev:
                yield from walk(child)
            yield node

        nodes = [*walk(self)]
        for inner in filter(lambda node: len(node._prev) > 0, nodes):
            inner.grad = 0.0
        self.grad = 1.0
        while nodes:
            nodes.pop()._backward()


# ---- part 4: arithmetic


@wrong("pow", "writes the slope as n * result / data, which divides by zero where the data is 0")
class _:
    def __pow__(self, exponent):
        result = self.data**exponent
        return self._node(result, f"**{exponent}", (self, exponent * result / self.data))


@wrong(
    "truediv", "multiplies by the inverse of the divisor's number: no gradient reaches the divisor"
)
class _:
    def __truediv__(self, other):
        number = other.data if isinstance(other, Value) else other
        return self * (1.0 / number)


@wrong("rtruediv", "the quotient the right way round, but its slope lacks the minus sign")
class _:
    def __rtruediv__(self, other):
        return self._node(other / self.data, "/", (self, other / self.data**2))


@right("pow", "a node built by hand, with its own closure; the slope is computed on the way back")
class _:
    def __pow__(self, exponent):
        out = Value(self.data**exponent, (self,), "pow")

        def _backward():
            if exponent != 0:
                self.grad += exponent * self.data ** (exponent - 1) * out.grad

        out._backward = _backward
        return out


@right("truediv", "the quotient rule in one node")
class _:
    def __truediv__(self, other):
        if isinstance(other, (int, float)):
            other = Value(other)
        quotient = self.data / other.data
        return self._node(quotient, "/", (self, 1 / other.data), (other, -quotient / other.data))


# ---- part 5: functions


@wrong("log", "log1p(data - 1): inexact for small numbers, and a domain error at 1e-300")
class _:
    def log(self):
        return self._node(math.log1p(self.data - 1.0), "log", (self, 1.0 / self.data))


@wrong("relu", "the slope where the data is exactly 0 is 1")
class _:
    def relu(self):
        return self._node(max(0.0, self.data), "relu", (self, 0.0 if self.data < 0 else 1.0))


@wrong("tanh_from_exp", "2 * sigmoid(x) - 1, which is tanh(x / 2)")
def _(x):
    return 2 / (1 + (-x).exp()) - 1


@right("tanh", "expm1 of twice the number for the value, cosh for the slope")
class _:
    def tanh(self):
        e = math.expm1(2 * self.data)
        return self._node(e / (e + 2), "tanh", (self, math.cosh(self.data) ** -2))


@right("same_in_torch", "torch.autograd.grad with allow_unused, plain lists on both sides")
def _(expression, inputs):
    values = list(map(Value, inputs))
    ours = expression(*values)
    ours.backward()
    leaves = [torch.tensor(float(x), dtype=torch.float64).requires_grad_() for x in inputs]
    result = expression(*leaves)
    grads = torch.autograd.grad(result, leaves, allow_unused=True)
    slopes = [0.0 if grad is None else float(grad) for grad in grads]
    return [float(ours.data), *(float(v.grad) for v in values)], [float(result.detach()), *slopes]


# ---- part 6: graph


@wrong("trace", "walks every path: the sets hide it, but nodes are visited once per path")
def _(root):
    nodes, edges = set(), set()

    def visit(node):
        nodes.add(node)
        for child in node._prev:
            edges.add((child, node))
            visit(child)

    visit(root)
    return nodes, edges


@right("steps_to_root", "relaxes the longest path along an order made by depth first search")
def _(root):
    finished, seen, stack = [], set(), [(root, 0)]
    while stack:
        node, at = stack.pop()
        seen.add(node)
        children = tuple(node._prev)
        if at < len(children):
            stack.append((node, at + 1))
            if children[at] not in seen:
                stack.append((children[at], 0))
        else:
            finished.append(node)
    steps = {root: 0}
    for node in reversed(finished):
        for child in node._prev:
            steps[child] = max(steps.get(child, 0), steps[node] + 1)
    return steps


# ---- part 7: neuron


@wrong(
    "neuron_call",
    "takes the numbers out of inputs that are Values: no gradient reaches the layer before",
)
class _:
    def __call__(self, x):
        total = self.b
        for wi, xi in zip(self.w, x, strict=True):
            total = total + wi * (xi.data if isinstance(xi, Value) else xi)
        return total if self.activation == "linear" else getattr(total, self.activation)()


@wrong("layer", "a layer of one neuron returns the Value itself, not a list")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        outs = [neuron(x) for neuron in self.neurons]
        return outs[0] if len(outs) == 1 else outs

    def parameters(self):
        return [p for neuron in self.neurons for p in neuron.parameters()]


@right("mlp", "pairwise sizes, functools.reduce for the call, sum of lists for the parameters")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        from itertools import pairwise

        last = len(nouts) - 1
        self.layers = [
            Layer(fan_in, fan_out, rng, activation if i != last else "linear")
            for i, (fan_in, fan_out) in enumerate(pairwise((nin, *nouts)))
        ]

    def __call__(self, x):
        import functools

        match functools.reduce(lambda signal, layer: layer(signal), self.layers, x):
            case [single]:
                return single
            case many:
                return many

    def parameters(self):
        return sum((layer.parameters() for layer in self.layers), [])


# ---- part 8: training


@wrong("zero_grad", "multiplies each grad by 0: an inf or nan becomes nan, not 0.0")
def _(parameters):
    for p in parameters:
        p.grad *= 0.0


@wrong(
    "train",
    "zeroes the gradients after the step, so those of an earlier run count in the first one",
)
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        loss.backward()
        sgd_step(model.parameters(), lr)
        if zero:
            zero_grad(model.parameters())
        losses.append(loss.data)
    return losses


@right("nll_loss", "log-sum-exp with the maximum as a constant, minus the target's logit")
def _(logits, target):
    top = max(l.data for l in logits)
    total = Value(0.0)
    for l in logits:
        total = total + (l - top).exp()
    return total.log() + top - logits[target]


# ---- part 9: moons


@wrong(
    "accuracy",
    "asks for a product above 0, so a score of exactly 0 with the label -1 counts as wrong",
)
def _(scores, labels):
    return sum(s.data * y > 0 for s, y in zip(scores, labels, strict=True)) / len(labels)


@wrong("train_moons", "reports the loss without the penalty (and trains on the right one)")
def _(model, points, labels, steps, alpha=1e-4):
    losses, accuracies = [], []
    for step in range(steps):
        scores = [model(p) for p in points]
        data_loss = max_margin_loss(scores, labels)
        total = data_loss + l2_penalty(model.parameters(), alpha)
        losses.append(data_loss.data)
        accuracies.append(accuracy(scores, labels))
        zero_grad(model.parameters())
        total.backward()
        sgd_step(model.parameters(), learning_rate(step, steps))
    return losses, accuracies


@right("accuracy", "numpy: signs compared as booleans, and the mean as a float")
def _(scores, labels):
    positive = np.array([s.data for s in scores]) > 0
    return float(np.mean(positive == (np.array(labels) == 1)))
