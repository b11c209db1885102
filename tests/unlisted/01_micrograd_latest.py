"""Solutions of 01 that come from the texts alone: see test_unlisted.py, which parses this file."""


# ------------------------------------------------------------------ 1 derivatives
@wrong("forward_difference", "rounds the slope so that it looks nice")
def _(f, x, h=1e-4):
    return round((f(x + h) - f(x)) / h, 6)


@wrong(
    "forward_difference", "divides by the size of h only, so a nudge to the left has the wrong sign"
)
def _(f, x, h=1e-4):
    # "h: ... a float other than 0", so a negative h is legal: (f(x + h) - f(x)) / h
    return (f(x + h) - f(x)) / abs(h)


@right("forward_difference", "names for rise and run, f(x) first")
def _(f, x: float, h: float = 1e-4) -> float:
    here = f(x)
    run = h
    rise = f(x + run) - here
    return rise / run


@wrong("central_difference", "h means the whole distance: half a step to each side")
def _(f, x, h=1e-4):
    # "h: how far to step to *each* side"
    half = h / 2
    return (f(x + half) - f(x - half)) / h


@wrong(
    "central_difference",
    "the mean of forward and backward slopes, the backward one with its sign turned",
)
def _(f, x, h=1e-4):
    right = (f(x + h) - f(x)) / h
    left = (f(x - h) - f(x)) / h
    return (left + right) / 2


@right("central_difference", "the mean of the slope to the right and the slope to the left")
def _(f, x, h=1e-4):
    return sum((f(x + s * h) - f(x)) / (s * h) for s in (1, -1)) / 2


@wrong("measured_order", "the difference of the errors in place of their ratio")
def _(difference, f, df, x, h):
    def error(step):
        return abs(difference(f, x, step) - df(x))

    return math.log10(error(h) - error(h / 10)) - math.log10(error(h / 10))


@wrong("measured_order", "compares h with 10 h, the larger one second")
def _(difference, f, df, x, h):
    # "h: the larger of the two steps; the other is h / 10"
    truth = df(x)
    return math.log10(abs(difference(f, x, 10 * h) - truth) / abs(difference(f, x, h) - truth))


@right("measured_order", "a loop over two steps, difference of logarithms")
def _(difference, f, df, x, h):
    logs = []
    for step in (h, h / 10):
        logs.append(math.log(math.fabs(difference(f, x, step) - df(x))))
    return (logs[0] - logs[1]) / math.log(10)


@wrong("gradient_by_hand", "the root has slope 2 sqrt(a)")
def _(a, b, c):
    return [-3 * a**2 - 2 * a**0.5, 3 * math.cos(3 * b) + 2.5 * b**1.5, 1 / c**2]


@wrong("gradient_by_hand", "the exponent of b stays 2.5")
def _(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**2.5, c**-2]


@right("gradient_by_hand", "one line per slope, other library functions")
def _(a, b, c):
    da = -(3 * a * a + 1 / (2 * math.sqrt(a)))
    db = 3 * math.cos(3 * b) + 5 / 2 * b * math.sqrt(b)
    dc = (1 / c) * (1 / c)
    return [da, db, dc]


@wrong(
    "numerical_gradient",
    "undoes the nudge with -= h from the other side, and ends a little off in the caller's list",
)
def _(f, point, h=1e-5):
    # "point: list of n floats, left unchanged"
    slopes = []
    for i in range(len(point)):
        point[i] += h
        up = f(*point)
        point[i] -= 2 * h
        down = f(*point)
        point[i] += h
        slopes.append((up - down) / (2 * h))
    return slopes


@wrong("numerical_gradient", "nudges by h times the coordinate")
def _(f, point, h=1e-5):
    grad = []
    for i, x in enumerate(point):
        step = h * abs(x) if x else h
        up, down = list(point), list(point)
        up[i] += step
        down[i] -= step
        grad.append((f(*up) - f(*down)) / (2 * step))
    return grad


@right("numerical_gradient", "slices in place of copies")
def _(f, point, h=1e-5):
    def along(i, step):
        return f(*point[:i], point[i] + step, *point[i + 1 :])

    return [(along(i, h) - along(i, -h)) / (2 * h) for i, _x in enumerate(point)]


# ------------------------------------------------------------------ 2 Value
@wrong("value_init", "the default label is the operation")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label or _op
        self._backward = lambda: None


@right("value_init", "a named function that does nothing, set by comprehension")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        def nothing():
            return None

        self.data, self.grad = data, 0.0
        self._prev = {child for child in _children}
        self._op, self.label, self._backward = _op, label, nothing


@wrong("value_repr", "formats the numbers with four decimals")
class _:
    def __repr__(self):
        return f"Value(data={self.data:.4f}, grad={self.grad:.4f})"


@wrong("value_repr", "prints and returns nothing")
class _:
    def __repr__(self):
        print(f"Value(data={self.data}, grad={self.grad})")


@right("value_repr", "str.format")
class _:
    def __repr__(self):
        return "Value(data={}, grad={})".format(self.data, self.grad)


@wrong("add", "the grad of out is read when the node is made")
class _:
    def __add__(self, other):
        # "as that is when _backward() is called"
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        g = out.grad

        def _backward():
            self.grad += g
            other.grad += g

        out._backward = _backward
        return out


@wrong("add", "only floats count as constants")
class _:
    def __add__(self, other):
        # "or an int or float, which counts as a constant"
        if isinstance(other, float):
            other = Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out


@wrong(
    "mul", "the share of self is computed after other's grad, with the grad in place of the data"
)
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, [self, other], "*")

        def _backward():
            other.grad += self.data * out.grad
            self.grad += other.grad * out.grad

        out._backward = _backward
        return out


@wrong("mul", "hands the grad on and then empties it")
class _:
    def __mul__(self, other):
        # "Nothing else of the three nodes ever changes."
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
            out.grad = 0.0

        out._backward = _backward
        return out


@right("mul", "a loop over the pairs of child and slope")
class _:
    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        slopes = ((self, other.data), (other, self.data))
        product = Value(self.data * other.data, (self, other), "*")

        def hand_on():
            for child, slope in slopes:
                child.grad = child.grad + slope * product.grad

        product._backward = hand_on
        return product


@wrong("manual_L", "da and db without the factor f")
def _(a, b, c, f):
    d = a * b + c
    return {"L": 1.0, "f": d, "d": f, "e": f, "c": f, "a": b, "b": a}


@wrong("manual_neuron", "the slope of tanh from n, 1 - n^2")
def _(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    dn = 1 - n**2
    return {
        "o": 1.0,
        "n": dn,
        "x1w1x2w2": dn,
        "b": dn,
        "x1w1": dn,
        "x2w2": dn,
        "x1": w1 * dn,
        "w1": x1 * dn,
        "x2": w2 * dn,
        "w2": x2 * dn,
    }


@right("manual_neuron", "1 / cosh^2 for moderate n, dict.fromkeys")
def _(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    slope = (1 - math.tanh(n)) * (1 + math.tanh(n))
    grads = dict.fromkeys(["n", "x1w1x2w2", "b", "x1w1", "x2w2"], slope)
    grads.update(o=1.0, x1=slope * w1, w1=slope * x1, x2=slope * w2, w2=slope * x2)
    return grads


# ------------------------------------------------------------------ 3 backward
@wrong(
    "topological_order",
    "breadth first, reversed, each node where it is met last among the levels only by first visit",
)
def _(root):
    order, queue = [root], [root]
    while queue:
        node = queue.pop(0)
        for child in node._prev:
            if child not in order:
                order.append(child)
                queue.append(child)
    return order[::-1]


@wrong("topological_order", "marks a node by its data, so two equal numbers are one node")
def _(root):
    order, seen = [], set()

    def visit(node):
        if node.data in seen:
            return
        seen.add(node.data)
        for child in node._prev:
            visit(child)
        order.append(node)

    visit(root)
    return order


@right(
    "topological_order",
    "counts the parents that are still missing (Kahn), and turns the list round",
)
def _(root):
    uses, stack, seen = {}, [root], {root}
    while stack:
        node = stack.pop()
        for child in set(node._prev):
            uses[child] = uses.get(child, 0) + 1
            if child not in seen:
                seen.add(child)
                stack.append(child)
    order, ready = [], [root]
    while ready:
        node = ready.pop()
        order.append(node)
        for child in set(node._prev):
            uses[child] -= 1
            if uses[child] == 0:
                ready.append(child)
    order.reverse()
    return order


@wrong("backward", "sets its own grad before it zeroes the inner ones")
class _:
    def backward(self):
        order = topological_order(self)
        self.grad = 1.0
        for node in order:
            if node._prev:
                node.grad = 0.0
        for node in reversed(order):
            node._backward()


@wrong("backward", "a leaf that calls backward gets 1 added")
class _:
    def backward(self):
        # "set self.grad to 1.0 (not added, even if self is a leaf)"
        order = topological_order(self)
        for node in order:
            if len(node._prev) > 0:
                node.grad = 0.0
        self.grad += 1.0
        for node in order[::-1]:
            node._backward()


@right("backward", "pops from the end of the order")
class _:
    def backward(self):
        order = topological_order(self)
        for inner in filter(lambda node: node._prev, order):
            inner.grad = 0.0
        self.grad = 1.0
        while order:
            order.pop()._backward()


@wrong(
    "deep_chains",
    "a stack, and each node is put down before its children (order of discovery, reversed)",
)
def _(root):
    order, stack, seen = [], [root], {root}
    while stack:
        node = stack.pop()
        order.append(node)
        for child in node._prev:
            if child not in seen:
                seen.add(child)
                stack.append(child)
    return order[::-1]


@right("deep_chains", "a stack of iterators")
def _(root):
    order, seen = [], {root}
    stack = [(root, iter(root._prev))]
    while stack:
        node, children = stack[-1]
        for child in children:
            if child not in seen:
                seen.add(child)
                stack.append((child, iter(child._prev)))
                break
        else:
            order.append(node)
            stack.pop()
    return order


# ------------------------------------------------------------------ 4 arithmetic
@wrong("neg", "changes the sign in place and returns itself")
class _:
    def __neg__(self):
        self.data = -self.data
        return self


@wrong("sub", "the constant is turned, the Value is not")
class _:
    def __sub__(self, other):
        if isinstance(other, (int, float)):
            return self + (-other)
        return self + other * 1


@wrong("radd", "leaves out the 0 that sum starts from, and any other number too")
class _:
    def __radd__(self, other):
        return self


@wrong("rsub", "minus the sum")
class _:
    def __rsub__(self, other):
        return -(self + other)


@wrong("pow", "the slope without the exponent in front")
class _:
    def __pow__(self, exponent):
        return self._node(self.data**exponent, "**", (self, self.data ** (exponent - 1)))


@wrong("pow", "repeated multiplication: whole exponents only, from 1 on")
class _:
    def __pow__(self, exponent):
        out = self
        for _ in range(int(exponent) - 1):
            out = out * self
        return out


@right("pow", "math.pow and a node of its own making")
class _:
    def __pow__(self, exponent):
        out = Value(math.pow(self.data, exponent), (self,), f"**{exponent}")

        def _backward():
            self.grad += exponent * math.pow(self.data, exponent - 1) * out.grad

        out._backward = _backward
        return out


@wrong("truediv", "whole division of the numbers")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        d = other.data
        return self._node(self.data // d, "/", (self, 1 / d), (other, -self.data / d**2))


@wrong("truediv", "the denominator's slope lost its square")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        d = other.data
        return self._node(self.data / d, "/", (self, 1 / d), (other, -self.data / d))


@right("truediv", "quotient rule as one node")
class _:
    def __truediv__(self, other):
        if not isinstance(other, Value):
            return self._node(self.data / other, "/", (self, 1.0 / other))
        q = self.data / other.data
        return self._node(q, "/", (self, 1.0 / other.data), (other, -q / other.data))


@wrong("rtruediv", "a plain number: the graph ends here")
class _:
    def __rtruediv__(self, other):
        return Value(other / self.data)


@wrong("rmul", "repeated addition, for whole numbers")
class _:
    def __rmul__(self, other):
        out = self * 0
        for _ in range(int(other)):
            out = out + self
        return out


# ------------------------------------------------------------------ 5 functions
@wrong("exp", "2.718 for e")
class _:
    def exp(self):
        y = 2.718281828**self.data
        return self._node(y, "exp", (self, y))


@wrong("log", "a small number in the logarithm, to be safe")
class _:
    def log(self):
        # "self, whose data is 1e-300 or more"
        return self._node(math.log(self.data + 1e-8), "log", (self, 1 / (self.data + 1e-8)))


@wrong("tanh", "by hand, overflows for large numbers")
class _:
    def tanh(self):
        # "a number between -300 and 300": (e^600)^2 is no float
        e = math.exp(self.data) ** 4
        t = (e**0.5 - 1) / (e**0.5 + 1)
        return self._node(t, "tanh", (self, 1 - t**2))


@wrong("relu", "a leaky one")
class _:
    def relu(self):
        positive = self.data > 0
        return self._node(
            self.data if positive else 0.01 * self.data, "relu", (self, 1.0 if positive else 0.01)
        )


@wrong("relu", "the slope is the output itself")
class _:
    def relu(self):
        y = max(0.0, self.data)
        return self._node(y, "relu", (self, y))


@right("relu", "multiplies by a mask")
class _:
    def relu(self):
        on = float(self.data > 0)
        return self._node(self.data * on, "relu", (self, on))


@wrong("tanh_from_exp", "the sigmoid of 2x, doubled, without the -1")
def _(x):
    return 2 / ((-2 * x).exp() + 1)


@right("tanh_from_exp", "2 sigmoid(2x) - 1")
def _(x):
    return 2 / ((-2 * x).exp() + 1) - 1


@wrong("readme_expression", "relu(a - b) in place of relu(b - a)")
def _(a, b):
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (a - b).relu()
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f


@right("readme_expression", "each equation in one line, squares as products")
def _(a, b):
    c = 2 * (2 * (a + b) + 1) + 1 - a
    d = 4 * (3 * (a * b + b * b * b) + (b + a).relu()) + (b - a).relu()
    e2 = (c - d) * (c - d)
    return 0.5 * e2 + 10 / e2


@wrong("same_in_torch", "float32 tensors")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    result = expression(*values)
    result.backward()
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    out = expression(*tensors)
    out.backward()
    theirs = [0.0 if t.grad is None else t.grad.item() for t in tensors]
    return [result.data] + [v.grad for v in values], [out.item()] + theirs


@right("same_in_torch", "torch.autograd.grad with allow_unused")
def _(expression, inputs):
    ours = [Value(float(x)) for x in inputs]
    y = expression(*ours)
    y.backward()
    xs = [torch.tensor(float(x), dtype=torch.float64, requires_grad=True) for x in inputs]
    z = expression(*xs)
    grads = torch.autograd.grad(z, xs, allow_unused=True)
    return [y.data, *(v.grad for v in ours)], [
        z.item(),
        *(0.0 if g is None else g.item() for g in grads),
    ]


# ------------------------------------------------------------------ 6 graph
@wrong("trace", "the pairs the other way round")
def _(root):
    nodes, edges, stack = set(), set(), [root]
    while stack:
        node = stack.pop()
        if node not in nodes:
            nodes.add(node)
            for child in node._prev:
                edges.add((node, child))
                stack.append(child)
    return nodes, edges


@wrong("steps_to_root", "the shortest path")
def _(root):
    steps, queue = {root: 0}, [root]
    for node in queue:
        for child in node._prev:
            if child not in steps:
                steps[child] = steps[node] + 1
                queue.append(child)
    return steps


@right("steps_to_root", "from trace, parents before children")
def _(root):
    nodes, edges = trace(root)
    children, missing = {n: [] for n in nodes}, dict.fromkeys(nodes, 0)
    for child, parent in edges:
        children[parent].append(child)
        missing[child] += 1
    steps, ready = dict.fromkeys(nodes, 0), [root]
    while ready:
        parent = ready.pop()
        for child in children[parent]:
            steps[child] = max(steps[child], steps[parent] + 1)
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return steps


# ------------------------------------------------------------------ 7 neuron
@wrong("neuron_init", "the bias starts at zero, but is drawn")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        rng.uniform(-1, 1)
        self.b = Value(0.0)
        self.activation = activation


@wrong(
    "neuron_call", "zip stops at the inputs and the bias is only added when there are two or more"
)
class _:
    def __call__(self, x):
        total = self.w[0] * x[0]
        for w, xi in zip(self.w[1:], x[1:]):
            total = total + w * xi
        if len(x) > 1:
            total = total + self.b
        return total if self.activation == "linear" else getattr(total, self.activation)()


@wrong("neuron_parameters", "a list in a list")
class _:
    def parameters(self):
        return [self.w, self.b]


@wrong("layer", "all neurons are the same object")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation)] * nout

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@right("layer", "map and sum of lists")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = []
        while len(self.neurons) < nout:
            self.neurons.append(Neuron(nin, rng, activation=activation))

    def __call__(self, x):
        return list(map(lambda neuron: neuron(x), self.neurons))

    def parameters(self):
        return sum([neuron.parameters() for neuron in self.neurons], [])


@wrong("mlp", "every layer takes nin inputs")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        self.layers = [
            Layer(nin, n, rng, "linear" if i == len(nouts) - 1 else activation)
            for i, n in enumerate(nouts)
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "the linear layer is recognised by its width: the one as wide as the last")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        self.layers = []
        for n in nouts:
            self.layers.append(Layer(nin, n, rng, "linear" if n == nouts[-1] else activation))
            nin = n

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


# ------------------------------------------------------------------ 8 training
@wrong("squared_loss", "the square of the summed error")
def _(predictions, targets):
    return sum(p - t for p, t in zip(predictions, targets)) ** 2


@wrong("zero_grad", "skips parameters whose grad is negative or None-like (tests > 0)")
def _(parameters):
    for p in parameters:
        if p.grad > 0:
            p.grad = 0.0


@wrong("sgd_step", "moves by lr in the direction of the sign")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * (1 if p.grad > 0 else -1)


@wrong("train", "zeroes once before the loop")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    if zero:
        zero_grad(model.parameters())
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "zero=False still zeroes in the first step")
def _(model, xs, ys, steps, lr, zero=True):
    # "False leaves the zeroing out, in every step"
    losses = []
    for step in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero or step == 0:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("softmax", "clips the logits at 700 so that exp does not overflow")
def _(logits):
    counts = [
        (l if l.data < 700 else l * 0 + 700).exp() if l.data > -700 else (l * 0 - 700).exp()
        for l in logits
    ]
    total = sum(counts)
    return [c / total for c in counts]


@right("softmax", "subtracts the largest as a constant")
def _(logits):
    top = max(logits, key=lambda l: l.data).data
    counts = []
    for l in logits:
        counts.append((l - top).exp())
    total = counts[0]
    for c in counts[1:]:
        total = total + c
    inverse = total**-1
    return [c * inverse for c in counts]


@wrong("nll_loss", "the mean over the classes")
def _(logits, target):
    return -(softmax(logits)[target].log()) / len(logits)


@right("nll_loss", "log-sum-exp minus the logit")
def _(logits, target):
    top = max(l.data for l in logits)
    return sum((l - top).exp() for l in logits).log() + top - logits[target]


# ------------------------------------------------------------------ 9 moons
@wrong("max_margin_loss", "a point on the margin's right side counts as minus something: no relu")
def _(scores, labels):
    return sum(1 - y * s for s, y in zip(scores, labels)) * (1.0 / len(scores))


@wrong("max_margin_loss", "the mean over the points inside the margin only")
def _(scores, labels):
    losses = [(1 - y * s).relu() for s, y in zip(scores, labels)]
    active = sum(l.data > 0 for l in losses)
    return sum(losses) * (1.0 / max(1, active))


@wrong("l2_penalty", "the mean of the squares")
def _(parameters, alpha):
    return alpha * sum(p * p for p in parameters) / len(parameters)


@wrong("accuracy", "a score of zero is right for either label")
def _(scores, labels):
    return sum(s.data * y >= 0 for s, y in zip(scores, labels)) / len(labels)


@right("accuracy", "a loop with two conditions")
def _(scores, labels):
    hits = 0
    for i in range(len(scores)):
        hits += (scores[i].data > 0) == (labels[i] == 1)
    return hits / len(scores)


@wrong("learning_rate", "start and end fixed")
def _(step, steps, start=1.0, end=0.1):
    return 1.0 - 0.9 * step / steps


@wrong("learning_rate", "falls exponentially")
def _(step, steps, start=1.0, end=0.1):
    return start * (end / start) ** (step / steps)


@wrong("train_moons", "the accuracy is measured after the update")
def _(model, points, labels, steps, alpha=1e-4):
    losses, accuracies = [], []
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(model.parameters(), alpha)
        zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), learning_rate(step, steps))
        losses.append(loss.data)
        accuracies.append(accuracy([model(p) for p in points], labels))
    return losses, accuracies


@wrong("train_moons", "the reported loss leaves out the penalty")
def _(model, points, labels, steps, alpha=1e-4):
    losses, accuracies = [], []
    for step in range(steps):
        scores = [model(p) for p in points]
        data_loss = max_margin_loss(scores, labels)
        total = data_loss + l2_penalty(model.parameters(), alpha)
        zero_grad(model.parameters())
        total.backward()
        sgd_step(model.parameters(), learning_rate(step, steps))
        losses.append(data_loss.data)
        accuracies.append(accuracy(scores, labels))
    return losses, accuracies


@wrong("decision_grid", "rows are x0s")
def _(model, x0s, x1s):
    return [[model([x0, x1]).data for x1 in x1s] for x0 in x0s]


@wrong("decision_grid", "only the sign")
def _(model, x0s, x1s):
    return [[1.0 if model([x0, x1]).data > 0 else -1.0 for x0 in x0s] for x1 in x1s]


@right("decision_grid", "two loops")
def _(model, x0s, x1s):
    grid = []
    for x1 in x1s:
        row = []
        for x0 in x0s:
            row.append(float(model([x0, x1]).data))
        grid.append(row)
    return grid


# ------------------------------------------------------------------ more right ones
@right("manual_L", "backward in the order of the graph, assigned one by one")
def _(a, b, c, f):
    e = a * b
    d = e + c
    g = {}
    g["L"] = 1.0
    g["d"], g["f"] = g["L"] * f, g["L"] * d
    g["e"] = g["c"] = g["d"]
    g["a"] = g["e"] * b
    g["b"] = g["e"] * a
    return g


@right("add", "float() of anything that is no Value, a lambda")
class _:
    def __add__(self, other):
        if not isinstance(other, Value):
            other = Value(float(other))
        total = Value(self.data + other.data, (self, other), "+")

        def share():
            for child in (self, other):
                child.grad += total.grad

        total._backward = share
        return total


@right("neg", "zero minus itself as one node")
class _:
    def __neg__(self):
        return self._node(-self.data, "neg", (self, -1))


@right("sub", "one node with the slopes 1 and -1")
class _:
    def __sub__(self, other):
        if isinstance(other, Value):
            return self._node(self.data - other.data, "-", (self, 1.0), (other, -1.0))
        return self._node(self.data - other, "-", (self, 1.0))


@right("radd", "0 gives itself back unchanged, as sum wants it")
class _:
    def __radd__(self, other):
        return self + other


@right("rmul", "a constant node on the left")
class _:
    def __rmul__(self, other):
        return Value(other) * self


@right("rsub", "self times -1, plus")
class _:
    def __rsub__(self, other):
        return self * -1.0 + other


@right("exp", "math.e to the power, by hand")
class _:
    def exp(self):
        out = Value(math.exp(self.data), [self], "exp")

        def chain():
            self.grad += out.data * out.grad

        out._backward = chain
        return out


@right("tanh", "the slope from cosh, which is finite up to 300")
class _:
    def tanh(self):
        slope = 1.0 / math.cosh(self.data) ** 2
        return self._node(math.tanh(self.data), "tanh", (self, slope))


@right("trace", "recursion with a set")
def _(root):
    nodes, edges = set(), set()

    def visit(node):
        if node in nodes:
            return
        nodes.add(node)
        for child in node._prev:
            edges.add((child, node))
            visit(child)

    visit(root)
    return nodes, edges


@right("neuron_init", "all numbers first, then the last one as bias")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        drawn = [Value(rng.uniform(-1, 1)) for _ in range(nin + 1)]
        self.b = drawn.pop()
        self.w = drawn
        self.activation = activation


@right("neuron_call", "sum from the bias, a dict of functions")
class _:
    def __call__(self, x):
        total = sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b)
        end = {"tanh": lambda: total.tanh(), "relu": lambda: total.relu(), "linear": lambda: total}
        return end[self.activation]()


@right("mlp", "zip of the sizes, activations in a list")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(a, b, rng, k) for a, b, k in zip(sizes, nouts, kinds)]

    def __call__(self, x):
        out = list(x)
        for layer in self.layers:
            out = layer(out)
        if len(out) == 1:
            (out,) = out
        return out

    def parameters(self):
        every = []
        for layer in self.layers:
            every.extend(layer.parameters())
        return every


@right("squared_loss", "products, a running total")
def _(predictions, targets):
    total = Value(0.0)
    for p, t in zip(predictions, targets):
        error = t - p
        total = total + error * error
    return total


@right("train", "the sums by hand, a while loop")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    while len(losses) < steps:
        predictions = list(map(model, xs))
        loss = squared_loss(predictions, ys)
        if zero:
            for p in model.parameters():
                p.grad = 0.0
        loss.backward()
        for p in model.parameters():
            p.data -= lr * p.grad
        losses.append(loss.data)
    return losses


@right("max_margin_loss", "only the points inside the margin are added, divided by all")
def _(scores, labels):
    total = Value(0.0)
    for score, label in zip(scores, labels):
        if label * score.data < 1:
            total = total + (1 - label * score)
    return total / len(scores)


@right("l2_penalty", "each square times alpha")
def _(parameters, alpha):
    first, *rest = parameters
    penalty = alpha * first * first
    for p in rest:
        penalty = penalty + alpha * p**2
    return penalty


@right("learning_rate", "a weighted mean of both ends")
def _(step, steps, start=1.0, end=0.1):
    t = step / steps
    return (1 - t) * start + t * end


@right("train_moons", "divided into a helper for one step")
def _(model, points, labels, steps, alpha=1e-4):
    def one(step):
        scores = [model(point) for point in points]
        parameters = model.parameters()
        loss = l2_penalty(parameters, alpha) + max_margin_loss(scores, labels)
        right = accuracy(scores, labels)
        zero_grad(parameters)
        loss.backward()
        sgd_step(parameters, learning_rate(step, steps))
        return loss.data, right

    both = [one(step) for step in range(steps)]
    return [loss for loss, _ in both], [share for _, share in both]
