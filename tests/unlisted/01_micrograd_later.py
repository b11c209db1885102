"""Solutions of 01 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("value_repr", "the label is shown")
class _:
    def __repr__(self):
        return f"Value(label={self.label}, data={self.data}, grad={self.grad})"


@wrong("value_repr", "rounded")
class _:
    def __repr__(self):
        return f"Value(data={self.data:.4f}, grad={self.grad})"


@right("value_repr", "format")
class _:
    def __repr__(self):
        return "Value(data={0.data}, grad={0.grad})".format(self)


@wrong("add", "gradients replaced")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad = self.grad * 0 + out.grad
            other.grad = out.grad if other is not self else self.grad + out.grad

        out._backward = _backward
        return out


@wrong("add", "the node's grad when it was made")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        grad = out.grad

        def _backward():
            self.grad += grad
            other.grad += grad

        out._backward = _backward
        return out


@wrong("mul", "the data as it is in the other order: own data")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += self.data * out.grad
            other.grad += other.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "a constant fails")
class _:
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "the children's grad is handed over once: the square")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            a, b = self.grad, other.grad
            self.grad = a + other.data * out.grad
            other.grad = b + self.data * out.grad

        out._backward = _backward
        return out


@right("mul", "a loop over pairs")
class _:
    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        out = Value(other.data * self.data, [other, self], "*")

        def _backward():
            for child, slope in ((self, other.data), (other, self.data)):
                child.grad = child.grad + slope * out.grad

        out._backward = _backward
        return out


@wrong("neg", "no graph")
class _:
    def __neg__(self):
        return Value(-self.data)


@wrong("sub", "other's gradient has the wrong sign")
class _:
    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data - other.data, "-", (self, 1.0), (other, 1.0))


@wrong("rsub", "self - other")
class _:
    def __rsub__(self, other):
        return self - other


@wrong("rtruediv", "self / other")
class _:
    def __rtruediv__(self, other):
        return self / other


@wrong("pow", "the exponent's own power")
class _:
    def __pow__(self, exponent):
        return self._node(
            self.data**exponent, f"**{exponent}", (self, exponent * self.data**exponent)
        )


@wrong("pow", "whole exponents by products, others by exp of log of the size")
class _:
    def __pow__(self, exponent):
        data = math.exp(exponent * math.log(abs(self.data))) if self.data else 0.0
        return self._node(
            data, f"**{exponent}", (self, exponent * data / self.data if self.data else 0.0)
        )


@right("pow", "a product for exponent 2, else the rule")
class _:
    def __pow__(self, exponent):
        if exponent == 2:
            return self * self
        return self._node(self.data**exponent, "**", (self, exponent * self.data ** (exponent - 1)))


@right("truediv", "the quotient rule")
class _:
    def __truediv__(self, other):
        if not isinstance(other, Value):
            return self * (1 / other)
        a, b = self.data, other.data
        return self._node(a / b, "/", (self, 1 / b), (other, -a / b**2))


@wrong("truediv", "the divisor as a constant")
class _:
    def __truediv__(self, other):
        return self * (1 / (other.data if isinstance(other, Value) else other))


@wrong("exp", "slope of the data")
class _:
    def exp(self):
        return self._node(math.exp(self.data), "exp", (self, self.data))


@wrong("log", "base 2")
class _:
    def log(self):
        return self._node(math.log2(self.data), "log", (self, 1 / self.data))


@wrong("tanh", "overflows far out")
class _:
    def tanh(self):
        e = math.exp(2 * self.data)
        t = (e - 1) / (e + 1)
        return self._node(t, "tanh", (self, 4 * e / (e + 1) ** 2))


@wrong("tanh", "1 minus t")
class _:
    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 - t))


@right("tanh", "two branches")
class _:
    def tanh(self):
        e = math.exp(-2 * abs(self.data))
        t = math.copysign((1 - e) / (1 + e), self.data)
        return self._node(t, "tanh", (self, (1 - t) * (1 + t)))


@wrong("relu", "slope 1 at 0")
class _:
    def relu(self):
        return self._node(max(0.0, self.data), "relu", (self, float(self.data >= 0)))


@wrong("relu", "leaky")
class _:
    def relu(self):
        return self._node(
            max(0.01 * self.data, self.data), "relu", (self, 1.0 if self.data > 0 else 0.01)
        )


@wrong("tanh_from_exp", "built on the data: no graph")
def _(x):
    e = math.exp(2 * x.data)
    return Value((e - 1) / (e + 1))


@wrong("tanh_from_exp", "e^x, not e^2x")
def _(x):
    e = x.exp()
    return (e - 1) / (e + 1)


@right("tanh_from_exp", "1 minus two over")
def _(x):
    return 1 - 2 / ((2 * x).exp() + 1)


@right("tanh_from_exp", "two exponentials")
def _(x):
    a, b = x.exp(), (-x).exp()
    return (a - b) / (a + b)


@wrong("manual_L", "dL/dL forgotten")
def _(a, b, c, f):
    return {"d": f, "f": a * b + c, "e": f, "c": f, "a": b * f, "b": a * f}


@wrong("manual_L", "a and b mixed up")
def _(a, b, c, f):
    return {"L": 1.0, "d": f, "f": a * b + c, "e": f, "c": f, "a": a * f, "b": b * f}


@wrong("manual_L", "f's gradient is e")
def _(a, b, c, f):
    return {"L": 1.0, "d": f, "f": a * b, "e": f, "c": f, "a": b * f, "b": a * f}


@wrong("manual_neuron", "the slope of tanh left out")
def _(x1, x2, w1, w2, b):
    return {"o": 1.0, "n": 1.0, "x1w1x2w2": 1.0, "b": 1.0, "x1w1": 1.0, "x2w2": 1.0} | {
        "x1": w1,
        "w1": x1,
        "x2": w2,
        "w2": x2,
    }


@right("manual_neuron", "fromkeys")
def _(x1, x2, w1, w2, b):
    s = 1 / math.cosh(x1 * w1 + x2 * w2 + b) ** 2
    grads = dict.fromkeys(["n", "x1w1x2w2", "b", "x1w1", "x2w2"], s)
    return {"o": 1.0, **grads, "x1": w1 * s, "w1": x1 * s, "x2": w2 * s, "w2": x2 * s}


@wrong("trace", "(parent, child)")
def _(root):
    nodes, edges, stack = set(), set(), [root]
    while stack:
        node = stack.pop()
        if node not in nodes:
            nodes.add(node)
            edges |= {(node, child) for child in node._prev}
            stack.extend(node._prev)
    return nodes, edges


@wrong("trace", "leaves left out")
def _(root):
    nodes, edges, stack, seen = {root}, set(), [root], set()
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node._prev:
            nodes.add(node)
        for child in node._prev:
            edges.add((child, node))
            stack.append(child)
    return nodes, edges


@wrong("trace", "edges as a list")
def _(root):
    nodes, edges = set(), []

    def visit(node):
        if node not in nodes:
            nodes.add(node)
            for child in node._prev:
                edges.append((child, node))
                visit(child)

    visit(root)
    return nodes, edges


@right("trace", "level by level")
def _(root):
    nodes, edges, level = {root}, set(), {root}
    while level:
        pairs = {(child, parent) for parent in level for child in parent._prev}
        edges |= pairs
        level = {child for child, _ in pairs} - nodes
        nodes |= level
    return nodes, edges


@wrong("steps_to_root", "the shortest path")
def _(root):
    steps, level = {root: 0}, [root]
    while level:
        nxt = []
        for node in level:
            for child in node._prev:
                if child not in steps:
                    steps[child] = steps[node] + 1
                    nxt.append(child)
        level = nxt
    return steps


@wrong("steps_to_root", "every path walked")
def _(root):
    steps = {}

    def visit(node, n):
        steps[node] = max(n, steps.get(node, 0))
        for child in node._prev:
            visit(child, n + 1)

    visit(root, 0)
    return steps


@right("steps_to_root", "a topological order")
def _(root):
    from graphlib import TopologicalSorter

    graph, stack = {}, [root]
    while stack:
        node = stack.pop()
        if node not in graph:
            graph[node] = set(node._prev)
            stack.extend(node._prev)
    steps = dict.fromkeys(graph, 0)
    for node in reversed(list(TopologicalSorter(graph).static_order())):
        for child in node._prev:
            steps[child] = max(steps[child], steps[node] + 1)
    return steps


@wrong("squared_loss", "the mean")
def _(predictions, targets):
    return sum(((p - t) ** 2 for p, t in zip(predictions, targets)), Value(0.0)) / len(targets)


@wrong("squared_loss", "the square of the sum")
def _(predictions, targets):
    return sum((p - t for p, t in zip(predictions, targets)), Value(0.0)) ** 2


@wrong("squared_loss", "half")
def _(predictions, targets):
    return sum(((p - t) ** 2 * 0.5 for p, t in zip(predictions, targets)), Value(0.0))


@wrong("zero_grad", "None")
def _(parameters):
    for p in parameters:
        p.grad = None


@wrong("sgd_step", "uphill")
def _(parameters, lr):
    for p in parameters:
        p.data += lr * p.grad


@wrong("sgd_step", "the gradients are zeroed on the way")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * p.grad
        p.grad = 0.0


@wrong("sgd_step", "new Values in the list")
def _(parameters, lr):
    parameters[:] = [Value(p.data - lr * p.grad) for p in parameters]


@wrong("train", "the losses after the step")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(squared_loss([model(x) for x in xs], ys).data)
    return losses


@wrong("train", "zero is not looked at")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "gradients of an earlier run count in the first step")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for step in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero and step:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "one step for each example")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        total = 0.0
        for x, y in zip(xs, ys):
            loss = squared_loss([model(x)], [y])
            if zero:
                zero_grad(model.parameters())
            loss.backward()
            sgd_step(model.parameters(), lr)
            total += loss.data
        losses.append(total)
    return losses


@wrong("softmax", "overflows")
def _(logits):
    es = [l.exp() for l in logits]
    total = sum(es, Value(0.0))
    return [e / total for e in es]


@wrong("softmax", "the sum without a graph")
def _(logits):
    m = max(l.data for l in logits)
    es = [(l - m).exp() for l in logits]
    total = sum(e.data for e in es)
    return [e / total for e in es]


@right("softmax", "the largest taken away as a number")
def _(logits):
    top = max(logits, key=lambda l: l.data).data
    es = [(l + -top).exp() for l in logits]
    total = es[0]
    for e in es[1:]:
        total = total + e
    inverse = total**-1
    return [e * inverse for e in es]


@wrong("nll_loss", "the sign")
def _(logits, target):
    return softmax(logits)[target].log()


@wrong("nll_loss", "minus the probability")
def _(logits, target):
    return -softmax(logits)[target]


@right("nll_loss", "log-sum-exp")
def _(logits, target):
    top = max(l.data for l in logits)
    total = sum(((l - top).exp() for l in logits), Value(0.0))
    return total.log() + top - logits[target]


@right("topological_order", "two calls a level: a generator in sum")
def _(root):
    seen = set()

    def build(v):
        if v in seen:
            return []
        seen.add(v)
        return sum((build(c) for c in v._prev), []) + [v]

    return build(root)


@right("backward", "a comprehension that calls on")
class _:
    def backward(self):
        topo, visited = [], set()

        def build(v):
            if v not in visited:
                visited.add(v)
                [build(child) for child in v._prev]
                topo.append(v)

        build(self)
        for v in topo:
            if v._prev:
                v.grad = 0.0
        self.grad = 1.0
        for v in reversed(topo):
            v._backward()


@wrong("zero_grad", "makes grad a property of the class that always says 0")
def _(parameters):
    for p in parameters:
        type(p).grad = property(lambda self: 0.0, lambda self, g: None)


@wrong("zero_grad", "a class whose grad is 0 for the parameters")
def _(parameters):
    kinds = {}
    for p in parameters:
        kind = type(p)
        kinds.setdefault(kind, type("Still", (kind,), {"grad": property(lambda self: 0.0)}))
        p.__class__ = kinds[kind]
