"""Solutions of 01 that no grader lists: see test_unlisted.py, which parses this file."""


# -- forward_difference ----------------------------------------------------------------------------


@wrong("forward_difference", "times h")
def _(f, x, h=0.0001):
    return (f(x + h) - f(x)) * h


@wrong("forward_difference", "abs of h")
def _(f, x, h=0.0001):
    return (f(x + h) - f(x)) / abs(h)


@wrong("forward_difference", "prints")
def _(f, x, h=0.0001):
    print((f(x + h) - f(x)) / h)


@wrong("forward_difference", "own h")
def _(f, x, h=0.0001):
    h = 1e-4
    return (f(x + h) - f(x)) / h


@wrong("forward_difference", "rounded")
def _(f, x, h=0.0001):
    return round((f(x + h) - f(x)) / h, 6)


@wrong("forward_difference", "precedence")
def _(f, x, h=0.0001):
    return f(x + h) - f(x) / h


@right("forward_difference", "divided apart")
def _(f, x, h=0.0001):
    rise = f(x + h) - f(x)
    return rise / h


@right("forward_difference", "backward sign")
def _(f, x, h=0.0001):
    return (f(x) - f(x + h)) / -h


# -- central_difference ----------------------------------------------------------------------------


@wrong("central_difference", "times 2h")
def _(f, x, h=0.0001):
    return (f(x + h) - f(x - h)) * 2 * h


@wrong("central_difference", "half h")
def _(f, x, h=0.0001):
    return (f(x + h) - f(x - h)) / (h / 2)


@wrong("central_difference", "half steps over 2h")
def _(f, x, h=0.0001):
    return (f(x + h / 2) - f(x - h / 2)) / (2 * h)


@wrong("central_difference", "half steps over h")
def _(f, x, h=0.0001):
    return (f(x + h / 2) - f(x - h / 2)) / h


@wrong("central_difference", "uses forward with 2h")
def _(f, x, h=0.0001):
    return (f(x + 2 * h) - f(x)) / (2 * h)


@wrong("central_difference", "no return")
def _(f, x, h=0.0001):
    slope = (f(x + h) - f(x - h)) / (2 * h)


@right("central_difference", "mean of both")
def _(f, x, h=0.0001):
    return ((f(x + h) - f(x)) / h + (f(x) - f(x - h)) / h) / 2


@right("central_difference", "half of")
def _(f, x, h=0.0001):
    return 0.5 * (f(x + h) - f(x - h)) / h


# -- measured_order --------------------------------------------------------------------------------


@wrong("measured_order", "natural log")
def _(difference, f, df, x, h):
    e = [abs(difference(f, x, s) - df(x)) for s in (h, h / 10)]
    return math.log(e[0] / e[1])


@wrong("measured_order", "upside down")
def _(difference, f, df, x, h):
    e = [abs(difference(f, x, s) - df(x)) for s in (h, h / 10)]
    return math.log10(e[1] / e[0])


@wrong("measured_order", "h half")
def _(difference, f, df, x, h):
    e = [abs(difference(f, x, s) - df(x)) for s in (h, h / 2)]
    return math.log10(e[0] / e[1])


@wrong("measured_order", "h half, log2")
def _(difference, f, df, x, h):
    e = [abs(difference(f, x, s) - df(x)) for s in (h, h / 2)]
    return math.log2(e[0] / e[1])


@wrong("measured_order", "no abs")
def _(difference, f, df, x, h):
    e = [difference(f, x, s) - df(x) for s in (h, h / 10)]
    return math.log10(max(e[0], 1e-300) / max(e[1], 1e-300))


@wrong("measured_order", "relative to 10h")
def _(difference, f, df, x, h):
    e = [abs(difference(f, x, s) - df(x)) for s in (10 * h, h)]
    return math.log10(e[0] / e[1])


@wrong("measured_order", "always forward")
def _(difference, f, df, x, h):
    e = [abs(forward_difference(f, x, s) - df(x)) for s in (h, h / 10)]
    return math.log10(e[0] / e[1])


@wrong("measured_order", "rounded")
def _(difference, f, df, x, h):
    e = [abs(difference(f, x, s) - df(x)) for s in (h, h / 10)]
    return round(math.log10(e[0] / e[1]))


@right("measured_order", "difference of logs")
def _(difference, f, df, x, h):
    e = [math.log10(abs(difference(f, x, s) - df(x))) for s in (h, h / 10)]
    return e[0] - e[1]


@right("measured_order", "change of base")
def _(difference, f, df, x, h):
    t = df(x)
    return math.log(abs((difference(f, x, h) - t) / (difference(f, x, h / 10) - t))) / math.log(10)


# -- gradient_by_hand ------------------------------------------------------------------------------


@wrong("gradient_by_hand", "nudged")
def _(a, b, c):
    h = 1e-6
    return [
        (f(a + h, b, c) - f(a - h, b, c)) / (2 * h),
        (f(a, b + h, c) - f(a, b - h, c)) / (2 * h),
        (f(a, b, c + h) - f(a, b, c - h)) / (2 * h),
    ]


@wrong("gradient_by_hand", "1/c^2 negative")
def _(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**1.5, -1 / c**2]


@wrong("gradient_by_hand", "cos b")
def _(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(b) + 2.5 * b**1.5, 1 / c**2]


@wrong("gradient_by_hand", "b power 2.5")
def _(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**2.5, 1 / c**2]


@wrong("gradient_by_hand", "sqrt slope 1/sqrt")
def _(a, b, c):
    return [-3 * a**2 - a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**1.5, 1 / c**2]


@wrong("gradient_by_hand", "degrees")
def _(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(math.radians(3 * b)) + 2.5 * b**1.5, 1 / c**2]


@wrong("gradient_by_hand", "1/abs c")
def _(a, b, c):
    return [-3 * a**2 - 0.5 * a**-0.5, 3 * math.cos(3 * b) + 2.5 * b**1.5, 1 / (c * abs(c))]


@right("gradient_by_hand", "with sqrt")
def _(a, b, c):
    return [
        -(3 * a * a) - 1 / (2 * math.sqrt(a)),
        3 * math.cos(3 * b) + 2.5 * b * math.sqrt(b),
        c**-2,
    ]


# -- numerical_gradient ----------------------------------------------------------------------------


@wrong("numerical_gradient", "adds up")
def _(f, point, h=1e-05):
    g = []
    p = list(point)
    for i in range(len(p)):
        p[i] += h
        up = f(*p)
        p[i] -= 2 * h
        g.append((up - f(*p)) / (2 * h))
    return g


@wrong("numerical_gradient", "nudges all")
def _(f, point, h=1e-05):
    up = f(*[x + h for x in point])
    down = f(*[x - h for x in point])
    return [(up - down) / (2 * h) for _ in point]


@wrong("numerical_gradient", "index of value")
def _(f, point, h=1e-05):
    g = []
    for x in point:
        i = point.index(x)
        p, q = list(point), list(point)
        p[i] += h
        q[i] -= h
        g.append((f(*p) - f(*q)) / (2 * h))
    return g


@wrong("numerical_gradient", "list argument")
def _(f, point, h=1e-05):
    g = []
    for i in range(len(point)):
        p, q = list(point), list(point)
        p[i] += h
        q[i] -= h
        g.append((f(p) - f(q)) / (2 * h))
    return g


@wrong("numerical_gradient", "two only")
def _(f, point, h=1e-05):
    x, y = point[0], point[-1]
    return [(f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)]


@wrong("numerical_gradient", "relative nudge")
def _(f, point, h=1e-05):
    return [
        (f(*point[:i], x + h * x, *point[i + 1 :]) - f(*point[:i], x - h * x, *point[i + 1 :]))
        / (2 * h * x or 1)
        for i, x in enumerate(point)
    ]


@right("numerical_gradient", "slices")
def _(f, point, h=1e-05):
    return [
        (f(*point[:i], x + h, *point[i + 1 :]) - f(*point[:i], x - h, *point[i + 1 :])) / (2 * h)
        for i, x in enumerate(point)
    ]


@right("numerical_gradient", "via central")
def _(f, point, h=1e-05):
    return [
        central_difference(lambda x, i=i: f(*point[:i], x, *point[i + 1 :]), point[i], h)
        for i in range(len(point))
    ]


# -- value_init ------------------------------------------------------------------------------------


@wrong("value_init", "called backward")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label
        self._backward = (lambda: None)()


@wrong("value_init", "grad None")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = None
        self._prev = set(_children)
        self._op = _op
        self.label = label
        self._backward = lambda: None


@wrong("value_init", "frozenset of wrapped")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = {_children}
        self._op = _op
        self.label = label
        self._backward = lambda: None


@wrong("value_init", "label is op")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label or _op
        self._backward = lambda: None


@wrong("value_init", "data rounded to int")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = int(data)
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label
        self._backward = lambda: None


@wrong("value_init", "lambda with arg")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self._op = _op
        self.label = label
        self._backward = lambda grad: None


@wrong("value_init", "no op")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = 0.0
        self._prev = set(_children)
        self.label = label
        self._backward = lambda: None


@wrong("value_init", "grad data")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.data = data
        self.grad = data
        self._prev = set(_children)
        self._op = _op
        self.label = label
        self._backward = lambda: None


@right("value_init", "inner function")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        def nothing():
            pass

        self._prev, self._op, self.label = set(_children), _op, label
        self.data, self.grad, self._backward = data, 0.0, nothing


@right("value_init", "set comprehension")
class _:
    def __init__(self, data, _children=(), _op="", label=""):
        self.__dict__.update(data=data, grad=0.0, _op=_op, label=label)
        self._prev = {c for c in _children}
        self._backward = lambda: None


# -- value_repr ------------------------------------------------------------------------------------


@wrong("value_repr", "prints")
class _:
    def __repr__(self):
        print(f"Value(data={self.data}, grad={self.grad})")


@wrong("value_repr", "data only")
class _:
    def __repr__(self):
        return f"Value(data={self.data})"


@wrong("value_repr", "no comma")
class _:
    def __repr__(self):
        return f"Value(data={self.data} grad={self.grad})"


@wrong("value_repr", "4 digits")
class _:
    def __repr__(self):
        return f"Value(data={self.data:.4f}, grad={self.grad:.4f})"


@wrong("value_repr", "not formatted")
class _:
    def __repr__(self):
        return "Value(data={self.data}, grad={self.grad})"


@wrong("value_repr", "label")
class _:
    def __repr__(self):
        return f"{self.label}Value(data={self.data}, grad=0.0)"


@right("value_repr", "format")
class _:
    def __repr__(self):
        return "Value(data={}, grad={})".format(self.data, self.grad)


@right("value_repr", "percent")
class _:
    def __repr__(self):
        return "Value(data=%r, grad=%r)" % (self.data, self.grad)


# -- add -------------------------------------------------------------------------------------------


@wrong("add", "no return")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward


@wrong("add", "a float")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.data + other.data


@wrong("add", "called now")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward()
        return out


@wrong("add", "backward not set")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        return out


@wrong("add", "overwrites")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad = 1.0 * out.grad
            other.grad = 1.0 * out.grad

        out._backward = _backward
        return out


@wrong("add", "grad at build time")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        g = out.grad

        def _backward():
            self.grad += 1.0 * g
            other.grad += 1.0 * g

        out._backward = _backward
        return out


@wrong("add", "data of out")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.data * out.grad
            other.grad += out.data * out.grad

        out._backward = _backward
        return out


@wrong("add", "self only")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 0.0 * out.grad

        out._backward = _backward
        return out


@wrong("add", "int not converted")
class _:
    def __add__(self, other):
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out


@wrong("add", "float only not int")
class _:
    def __add__(self, other):
        other = Value(other) if isinstance(other, float) else other
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out


@wrong("add", "no children")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out


@wrong("add", "zeroes own grad after")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad
            out.grad = 0.0

        out._backward = _backward
        return out


@wrong("add", "clears children when built")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        self.grad = other.grad = 0.0
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out


@wrong("add", "same twice once")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            for node in {self, other}:
                node.grad += (1.0) * out.grad

        out._backward = _backward
        return out


@right("add", "lambda in a helper")
class _:
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            g = out.grad
            for node, slope in ((self, 1.0), (other, 1.0)):
                node.grad = node.grad + slope * g

        out._backward = _backward
        return out


@right("add", "slopes first")
class _:
    def __add__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        s, o = 1.0, 1.0
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += s * out.grad
            other.grad += o * out.grad

        out._backward = _backward
        return out


@right("add", "type check")
class _:
    def __add__(self, other):
        if type(other) in (int, float):
            other = Value(other)
        out = Value(self.data + other.data, [self, other], _op="+")

        def _backward():
            self.grad += 1.0 * out.grad
            other.grad += 1.0 * out.grad

        out._backward = _backward
        return out


# -- mul -------------------------------------------------------------------------------------------


@wrong("mul", "no return")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward


@wrong("mul", "a float")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self.data * other.data


@wrong("mul", "called now")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward()
        return out


@wrong("mul", "backward not set")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        return out


@wrong("mul", "overwrites")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad = other.data * out.grad
            other.grad = self.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "grad at build time")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")
        g = out.grad

        def _backward():
            self.grad += other.data * g
            other.grad += self.data * g

        out._backward = _backward
        return out


@wrong("mul", "data of out")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += out.data * out.grad
            other.grad += out.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "self only")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += 0.0 * out.grad

        out._backward = _backward
        return out


@wrong("mul", "int not converted")
class _:
    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "float only not int")
class _:
    def __mul__(self, other):
        other = Value(other) if isinstance(other, float) else other
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "no children")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "zeroes own grad after")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
            out.grad = 0.0

        out._backward = _backward
        return out


@wrong("mul", "clears children when built")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        self.grad = other.grad = 0.0
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


@wrong("mul", "same twice once")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            for node in {self, other}:
                node.grad += (self.data) * out.grad

        out._backward = _backward
        return out


@right("mul", "lambda in a helper")
class _:
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            g = out.grad
            for node, slope in ((self, other.data), (other, self.data)):
                node.grad = node.grad + slope * g

        out._backward = _backward
        return out


@right("mul", "slopes first")
class _:
    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        s, o = other.data, self.data
        out = Value(self.data * other.data, (self, other), "*")

        def _backward():
            self.grad += s * out.grad
            other.grad += o * out.grad

        out._backward = _backward
        return out


@right("mul", "type check")
class _:
    def __mul__(self, other):
        if type(other) in (int, float):
            other = Value(other)
        out = Value(self.data * other.data, [self, other], _op="*")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out


# -- manual_L --------------------------------------------------------------------------------------


@wrong("manual_L", "d is value")
def _(a, b, c, f):
    e = a * b
    d = e + c
    return {"L": 1.0, "d": f, "f": d, "e": f, "c": f, "a": a * f, "b": b * f}


@wrong("manual_L", "L value")
def _(a, b, c, f):
    e = a * b
    d = e + c
    return {"L": d * f, "d": f, "f": d, "e": f, "c": f, "a": b * f, "b": a * f}


@wrong("manual_L", "no f")
def _(a, b, c, f):
    d = a * b + c
    return {"L": 1.0, "d": f, "f": d, "e": 1.0, "c": 1.0, "a": b, "b": a}


@wrong("manual_L", "missing L")
def _(a, b, c, f):
    d = a * b + c
    return {"d": f, "f": d, "e": f, "c": f, "a": b * f, "b": a * f}


@wrong("manual_L", "f from e")
def _(a, b, c, f):
    return {"L": 1.0, "d": f, "f": a * b, "e": f, "c": f, "a": b * f, "b": a * f}


@wrong("manual_L", "a list")
def _(a, b, c, f):
    d = a * b + c
    return [1.0, f, d, f, f, b * f, a * f]


@right("manual_L", "propagated")
def _(a, b, c, f):
    g = {"L": 1.0}
    g["d"], g["f"] = f * g["L"], (a * b + c) * g["L"]
    g["e"] = g["c"] = g["d"]
    g["a"], g["b"] = b * g["e"], a * g["e"]
    return g


# -- manual_neuron ---------------------------------------------------------------------------------


@wrong("manual_neuron", "1 - n^2")
def _(x1, x2, w1, w2, b):
    n = x1 * w1 + x2 * w2 + b
    s = 1 - n**2
    return dict(
        o=1.0, n=s, x1w1x2w2=s, b=s, x1w1=s, x2w2=s, x1=w1 * s, w1=x1 * s, x2=w2 * s, w2=x2 * s
    )


@wrong("manual_neuron", "1 - o")
def _(x1, x2, w1, w2, b):
    s = 1 - math.tanh(x1 * w1 + x2 * w2 + b)
    return dict(
        o=1.0, n=s, x1w1x2w2=s, b=s, x1w1=s, x2w2=s, x1=w1 * s, w1=x1 * s, x2=w2 * s, w2=x2 * s
    )


@wrong("manual_neuron", "x and w swapped")
def _(x1, x2, w1, w2, b):
    s = 1 - math.tanh(x1 * w1 + x2 * w2 + b) ** 2
    return dict(
        o=1.0, n=s, x1w1x2w2=s, b=s, x1w1=s, x2w2=s, x1=x1 * s, w1=w1 * s, x2=x2 * s, w2=w2 * s
    )


@wrong("manual_neuron", "b is 1")
def _(x1, x2, w1, w2, b):
    s = 1 - math.tanh(x1 * w1 + x2 * w2 + b) ** 2
    return dict(
        o=1.0, n=s, x1w1x2w2=s, b=1.0, x1w1=s, x2w2=s, x1=w1 * s, w1=x1 * s, x2=w2 * s, w2=x2 * s
    )


@wrong("manual_neuron", "o is o")
def _(x1, x2, w1, w2, b):
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    s = 1 - o * o
    return dict(
        o=o, n=s, x1w1x2w2=s, b=s, x1w1=s, x2w2=s, x1=w1 * s, w1=x1 * s, x2=w2 * s, w2=x2 * s
    )


@wrong("manual_neuron", "no bias")
def _(x1, x2, w1, w2, b):
    s = 1 - math.tanh(x1 * w1 + x2 * w2) ** 2
    return dict(
        o=1.0, n=s, x1w1x2w2=s, b=s, x1w1=s, x2w2=s, x1=w1 * s, w1=x1 * s, x2=w2 * s, w2=x2 * s
    )


@wrong("manual_neuron", "sech without square")
def _(x1, x2, w1, w2, b):
    s = 1 / math.cosh(x1 * w1 + x2 * w2 + b)
    return dict(
        o=1.0, n=s, x1w1x2w2=s, b=s, x1w1=s, x2w2=s, x1=w1 * s, w1=x1 * s, x2=w2 * s, w2=x2 * s
    )


@right("manual_neuron", "product of sides")
def _(x1, x2, w1, w2, b):
    o = math.tanh(x1 * w1 + x2 * w2 + b)
    s = (1 - o) * (1 + o)
    g = dict.fromkeys(["n", "x1w1x2w2", "b", "x1w1", "x2w2"], s)
    return {"o": 1.0, **g, "x1": w1 * s, "w1": x1 * s, "x2": w2 * s, "w2": x2 * s}


# -- topological_order -----------------------------------------------------------------------------


@wrong("topological_order", "parents first")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            order.append(v)
            for c in v._prev:
                visit(c)

    visit(root)
    return order


@wrong("topological_order", "reversed preorder")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            order.append(v)
            for c in v._prev:
                visit(c)

    visit(root)
    return order[::-1]


@wrong("topological_order", "not root")
def _(root):
    order, seen = [], set()

    def visit(v):
        for c in v._prev:
            if c not in seen:
                seen.add(c)
                visit(c)
                order.append(c)

    visit(root)
    return order


@wrong("topological_order", "seen by data")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v.data not in seen:
            seen.add(v.data)
            for c in v._prev:
                visit(c)
            order.append(v)

    visit(root)
    return order


@wrong("topological_order", "no return")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                visit(c)
            order.append(v)

    visit(root)


@wrong("topological_order", "breadth first reversed")
def _(root):
    order = [root]
    for v in order:
        for c in v._prev:
            if c not in order:
                order.append(c)
    return order[::-1]


@wrong("topological_order", "a set")
def _(root):
    seen = set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                visit(c)

    visit(root)
    return seen


@wrong("topological_order", "mutable default")
def _(root):
    def visit(v, order=[], seen=set()):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                visit(c)
            order.append(v.data)
        return order

    return visit(root)


@wrong("topological_order", "leaves left out")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen and v._prev:
            seen.add(v)
            for c in v._prev:
                visit(c)
            order.append(v)

    visit(root)
    return order


@right("topological_order", "dict as ordered set")
def _(root):
    order = {}

    def visit(v):
        if v in order:
            return
        for c in v._prev:
            visit(c)
        order[v] = None

    visit(root)
    return list(order)


@right("topological_order", "Kahn")
def _(root):
    waiting, queue, nodes = {}, [root], {root}
    while queue:
        v = queue.pop()
        for c in set(v._prev):
            waiting[c] = waiting.get(c, 0) + 1
            if c not in nodes:
                nodes.add(c)
                queue.append(c)
    order, queue = [], [root]
    while queue:
        v = queue.pop()
        order.append(v)
        for c in set(v._prev):
            waiting[c] -= 1
            if not waiting[c]:
                queue.append(c)
    return order[::-1]


@right("topological_order", "right to left")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for c in reversed(v._prev):
                visit(c)
            order.append(v)

    visit(root)
    return order


# -- backward --------------------------------------------------------------------------------------


@wrong("backward", "zeroes all")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            v.grad = 0.0
        self.grad = 1.0
        for v in reversed(order):
            v._backward()


@wrong("backward", "zeroes none")
class _:
    def backward(self):
        self.grad = 1.0
        for v in reversed(topological_order(self)):
            v._backward()


@wrong("backward", "adds to root")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            if v._prev:
                v.grad = 0.0
        self.grad += 1.0
        for v in reversed(order):
            v._backward()


@wrong("backward", "forward order")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            if v._prev:
                v.grad = 0.0
        self.grad = 1.0
        for v in order:
            v._backward()


@wrong("backward", "skips root")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            if v._prev:
                v.grad = 0.0
        self.grad = 1.0
        for v in reversed(order[:-1]):
            v._backward()


@wrong("backward", "recursive without order")
class _:
    def backward(self):
        self.grad = 1.0

        def go(v):
            v._backward()
            for c in v._prev:
                go(c)

        go(self)


@wrong("backward", "breadth first")
class _:
    def backward(self):
        self.grad, queue, seen = 1.0, [self], {self}
        for v in queue:
            v._backward()
            for c in v._prev:
                if c not in seen:
                    seen.add(c)
                    queue.append(c)


@wrong("backward", "zeroes leaves")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            if not v._prev:
                v.grad = 0.0
        self.grad = 1.0
        for v in reversed(order):
            v._backward()


@wrong("backward", "not called")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            if v._prev:
                v.grad = 0.0
        self.grad = 1.0
        for v in reversed(order):
            v._backward


@wrong("backward", "sets root from data")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            if v._prev:
                v.grad = 0.0
        self.grad = self.data
        for v in reversed(order):
            v._backward()


@wrong("backward", "zeroed after")
class _:
    def backward(self):
        order = topological_order(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()
        for v in order:
            if v._prev:
                v.grad = 0.0


@right("backward", "zeroed on the way")
class _:
    def backward(self):
        order = topological_order(self)
        for v in order:
            v.grad = 0.0 if v._prev else v.grad
        self.grad = 1.0
        while order:
            order.pop()._backward()


@right("backward", "own order")
class _:
    def backward(self):
        seen, order = set(), []

        def visit(v):
            if v not in seen:
                seen.add(v)
                if v._prev:
                    v.grad = 0.0
                for c in v._prev:
                    visit(c)
                order.insert(0, v)

        visit(self)
        self.grad = 1.0
        for v in order:
            v._backward()


# -- deep_chains -----------------------------------------------------------------------------------


@wrong("deep_chains", "recursive")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                visit(c)
            order.append(v)

    visit(root)
    return order


@wrong("deep_chains", "raises the limit")
def _(root):
    sys.setrecursionlimit(10**6)
    return topological_order(root)


@wrong("deep_chains", "reversed stack order")
def _(root):
    order, seen, stack = [], {root}, [root]
    while stack:
        v = stack.pop()
        order.append(v)
        for c in v._prev:
            if c not in seen:
                seen.add(c)
                stack.append(c)
    return order[::-1]


@wrong("deep_chains", "empty")
def _(root):
    return []


@wrong("deep_chains", "quadratic list")
def _(root):
    order, stack = [], [(root, False)]
    while stack:
        v, done = stack.pop()
        if done:
            order.append(v)
        else:
            stack.append((v, True))
            stack.extend((c, False) for c in v._prev)
    return order


@wrong("deep_chains", "calls the other")
def _(root):
    return topological_order(root)


@wrong("deep_chains", "nothing")
def _(root):
    topological_order(root)


@wrong("deep_chains", "the limit raised by a name of its own, and put back")
def _(root):
    from sys import getrecursionlimit
    from sys import setrecursionlimit as limit

    seen, out = set(), []

    def go(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                go(c)
            out.append(v)

    before = getrecursionlimit()
    limit(10**6)
    try:
        go(root)
    finally:
        limit(before)
    return out


@wrong("deep_chains", "recursion in a thread with a large stack")
def _(root):
    import sys
    import threading

    seen, out = set(), []

    def go(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                go(c)
            out.append(v)

    sys.setrecursionlimit(10**6)
    threading.stack_size(2**26)
    thread = threading.Thread(target=go, args=(root,))
    thread.start()
    thread.join()
    return out


@right("deep_chains", "iterators")
def _(root):
    order, seen, stack = [], {root}, [(root, iter(root._prev))]
    while stack:
        v, children = stack[-1]
        for c in children:
            if c not in seen:
                seen.add(c)
                stack.append((c, iter(c._prev)))
                break
        else:
            order.append(v)
            stack.pop()
    return order


# -- neg -------------------------------------------------------------------------------------------


@wrong("neg", "fresh leaf")
class _:
    def __neg__(self):
        return Value(-self.data)


@wrong("neg", "no return")
class _:
    def __neg__(self):
        self * -1


@wrong("neg", "in place")
class _:
    def __neg__(self):
        self.data = -self.data
        return self


@wrong("neg", "float")
class _:
    def __neg__(self):
        return -self.data


@wrong("neg", "times data")
class _:
    def __neg__(self):
        return self * -self.data


@wrong("neg", "abs")
class _:
    def __neg__(self):
        return self._node(-abs(self.data), "-", (self, -1.0))


@wrong("neg", "slope +1")
class _:
    def __neg__(self):
        return self._node(-self.data, "neg", (self, 1.0))


@right("neg", "own node")
class _:
    def __neg__(self):
        return self._node(-self.data, "neg", (self, -1.0))


@right("neg", "from the left")
class _:
    def __neg__(self):
        return Value(-1.0) * self


# -- sub -------------------------------------------------------------------------------------------


@wrong("sub", "data only")
class _:
    def __sub__(self, other):
        return Value(self.data - (other.data if isinstance(other, Value) else other))


@wrong("sub", "both plus")
class _:
    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data - other.data, "-", (self, 1.0), (other, 1.0))


@wrong("sub", "swapped")
class _:
    def __sub__(self, other):
        return other + (self * -1)


@wrong("sub", "Values only")
class _:
    def __sub__(self, other):
        return self + other.__neg__() if isinstance(other, Value) else self


@wrong("sub", "no return")
class _:
    def __sub__(self, other):
        self + (-other)


@wrong("sub", "children only self")
class _:
    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data - other.data, "-", (self, 1.0))


@wrong("sub", "negates data")
class _:
    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        other.data = -other.data
        return self + other


@right("sub", "own node")
class _:
    def __sub__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(self.data - other.data, "-", (self, 1.0), (other, -1.0))


@right("sub", "times -1")
class _:
    def __sub__(self, other):
        return self + other * -1


# -- radd ------------------------------------------------------------------------------------------


@wrong("radd", "no return")
class _:
    def __radd__(self, other):
        self + other


@wrong("radd", "float")
class _:
    def __radd__(self, other):
        return self.data + other


@wrong("radd", "self when 0 only")
class _:
    def __radd__(self, other):
        return self if other == 0 else Value(self.data + other)


@wrong("radd", "new leaf")
class _:
    def __radd__(self, other):
        return Value(other + self.data)


@wrong("radd", "in place")
class _:
    def __radd__(self, other):
        self.data += other
        return self


@wrong("radd", "recursion")
class _:
    def __radd__(self, other):
        return other + self


@right("radd", "node")
class _:
    def __radd__(self, other):
        return self._node(other + self.data, "+", (self, 1.0))


@right("radd", "add")
class _:
    def __radd__(self, other):
        return self.__add__(other)


@right("radd", "Value first")
class _:
    def __radd__(self, other):
        return Value(other) + self


# -- rmul ------------------------------------------------------------------------------------------


@wrong("rmul", "no return")
class _:
    def __rmul__(self, other):
        self * other


@wrong("rmul", "float")
class _:
    def __rmul__(self, other):
        return self.data * other


@wrong("rmul", "adds")
class _:
    def __rmul__(self, other):
        return self + other


@wrong("rmul", "recursion")
class _:
    def __rmul__(self, other):
        return other * self


@wrong("rmul", "new leaf")
class _:
    def __rmul__(self, other):
        return Value(other * self.data)


@wrong("rmul", "slope 1")
class _:
    def __rmul__(self, other):
        return self._node(other * self.data, "*", (self, 1.0))


@right("rmul", "node")
class _:
    def __rmul__(self, other):
        return self._node(other * self.data, "*", (self, float(other)))


@right("rmul", "Value first")
class _:
    def __rmul__(self, other):
        return Value(other) * self


# -- rsub ------------------------------------------------------------------------------------------


@wrong("rsub", "self - other")
class _:
    def __rsub__(self, other):
        return self + (-other)


@wrong("rsub", "neg other")
class _:
    def __rsub__(self, other):
        return -other + self


@wrong("rsub", "number only")
class _:
    def __rsub__(self, other):
        return other - self.data


@wrong("rsub", "slope +1")
class _:
    def __rsub__(self, other):
        return self._node(other - self.data, "-", (self, 1.0))


@wrong("rsub", "no return")
class _:
    def __rsub__(self, other):
        -self + other


@wrong("rsub", "forgot sign")
class _:
    def __rsub__(self, other):
        return self + other


@right("rsub", "node")
class _:
    def __rsub__(self, other):
        return self._node(other - self.data, "-", (self, -1.0))


@right("rsub", "neg of difference")
class _:
    def __rsub__(self, other):
        return -(self + -other)


@right("rsub", "Value first")
class _:
    def __rsub__(self, other):
        return Value(other) - self


# -- pow -------------------------------------------------------------------------------------------


@wrong("pow", "n u^n")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(self.data**n, "**", (self, n * self.data**n))


@wrong("pow", "u^(n-1)")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(self.data**n, "**", (self, self.data ** (n - 1)))


@wrong("pow", "(n-1) u^(n-1)")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(self.data**n, "**", (self, (n - 1) * self.data ** (n - 1)))


@wrong("pow", "abs")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(abs(self.data) ** n, "**", (self, n * self.data ** (n - 1)))


@wrong("pow", "zero shortcut")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(
            self.data**n, "**", (self, n * self.data ** (n - 1) if self.data else 0.0)
        )


@wrong("pow", "out over u")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(self.data**n, "**", (self, n * self.data**n / self.data))


@wrong("pow", "repeated product")
class _:
    def __pow__(self, exponent):
        out = self
        for _ in range(int(exponent) - 1):
            out = out * self
        return out


@wrong("pow", "exp log")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(
            math.exp(n * math.log(self.data)),
            "**",
            (self, n * math.exp((n - 1) * math.log(self.data))),
        )


@wrong("pow", "exponent a node")
class _:
    def __pow__(self, exponent):
        n = exponent
        e = Value(n)
        return (
            self._node(self.data**n, "**", (self, n * self.data ** (n - 1)), (e, 0.0))
            if n != 2
            else self * self.data
        )


@wrong("pow", "int exponent")
class _:
    def __pow__(self, exponent):
        n = int(exponent)
        return self._node(self.data**n, "**", (self, n * self.data ** (n - 1)))


@wrong("pow", "float")
class _:
    def __pow__(self, exponent):
        return self.data**exponent


@right("pow", "math.pow")
class _:
    def __pow__(self, exponent):
        n = exponent
        return self._node(math.pow(self.data, n), "**", (self, n * math.pow(self.data, n - 1)))


@right("pow", "own closure")
class _:
    def __pow__(self, exponent):
        out = Value(self.data**exponent, (self,), f"**{exponent}")

        def _backward():
            self.grad += exponent * self.data ** (exponent - 1) * out.grad

        out._backward = _backward
        return out


# -- truediv ---------------------------------------------------------------------------------------


@wrong("truediv", "times other")
class _:
    def __truediv__(self, other):
        return self * other


@wrong("truediv", "inverse of self")
class _:
    def __truediv__(self, other):
        return other * self**-1


@wrong("truediv", "Values only")
class _:
    def __truediv__(self, other):
        return self * Value(other.data**-1)


@wrong("truediv", "floor")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(
            self.data // other.data,
            "/",
            (self, 1 / other.data),
            (other, -self.data / other.data**2),
        )


@wrong("truediv", "sign lost")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(
            self.data / other.data, "/", (self, 1 / other.data), (other, self.data / other.data**2)
        )


@wrong("truediv", "constant denominator")
class _:
    def __truediv__(self, other):
        d = other.data if isinstance(other, Value) else other
        return self * (1 / d)


@wrong("truediv", "square missing")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self._node(
            self.data / other.data, "/", (self, 1 / other.data), (other, -self.data / other.data)
        )


@wrong("truediv", "number")
class _:
    def __truediv__(self, other):
        return self.data / (other.data if isinstance(other, Value) else other)


@right("truediv", "node")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        q = self.data / other.data
        return self._node(q, "/", (self, 1 / other.data), (other, -q / other.data))


@right("truediv", "wrapped")
class _:
    def __truediv__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return self * (other**-1)


# -- rtruediv --------------------------------------------------------------------------------------


@wrong("rtruediv", "swapped")
class _:
    def __rtruediv__(self, other):
        return self * other**-1


@wrong("rtruediv", "no minus")
class _:
    def __rtruediv__(self, other):
        return self._node(other / self.data, "/", (self, other / self.data**2))


@wrong("rtruediv", "1 over")
class _:
    def __rtruediv__(self, other):
        return self**-1


@wrong("rtruediv", "plain")
class _:
    def __rtruediv__(self, other):
        return other / self.data


@wrong("rtruediv", "no return")
class _:
    def __rtruediv__(self, other):
        self**-1 * other


@wrong("rtruediv", "new leaf")
class _:
    def __rtruediv__(self, other):
        return Value(other / self.data)


@right("rtruediv", "node")
class _:
    def __rtruediv__(self, other):
        return self._node(other / self.data, "/", (self, -other / self.data**2))


@right("rtruediv", "Value first")
class _:
    def __rtruediv__(self, other):
        return Value(other) * self**-1


@right("rtruediv", "via truediv")
class _:
    def __rtruediv__(self, other):
        return Value(other) / self


# -- exp -------------------------------------------------------------------------------------------


@wrong("exp", "slope u")
class _:
    def exp(self):
        return self._node(math.exp(self.data), "exp", (self, self.data))


@wrong("exp", "slope 1")
class _:
    def exp(self):
        return self._node(math.exp(self.data), "exp", (self, 1.0))


@wrong("exp", "u e^(u-1)")
class _:
    def exp(self):
        return self._node(math.exp(self.data), "exp", (self, self.data * math.exp(self.data - 1)))


@wrong("exp", "2.718")
class _:
    def exp(self):
        return self._node(2.71828**self.data, "exp", (self, 2.71828**self.data))


@wrong("exp", "clipped")
class _:
    def exp(self):
        e = math.exp(min(self.data, 88.0))
        return self._node(e, "exp", (self, e))


@wrong("exp", "new leaf")
class _:
    def exp(self):
        return Value(math.exp(self.data))


@wrong("exp", "2 to the")
class _:
    def exp(self):
        return self._node(2.0**self.data, "exp", (self, 2.0**self.data))


@wrong("exp", "overwrites")
class _:
    def exp(self):
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward():
            self.grad = out.data * out.grad

        out._backward = _backward
        return out


@right("exp", "closure")
class _:
    def exp(self):
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward():
            self.grad += out.data * out.grad

        out._backward = _backward
        return out


@right("exp", "e")
class _:
    def exp(self):
        y = math.e**self.data
        return self._node(math.exp(self.data), "exp", (self, math.exp(self.data)))


# -- log -------------------------------------------------------------------------------------------


@wrong("log", "log10")
class _:
    def log(self):
        return self._node(math.log10(self.data), "log", (self, 1 / (self.data * math.log(10))))


@wrong("log", "log2")
class _:
    def log(self):
        return self._node(math.log2(self.data), "log", (self, 1 / self.data))


@wrong("log", "log1p")
class _:
    def log(self):
        return self._node(math.log1p(self.data), "log", (self, 1 / (1 + self.data)))


@wrong("log", "slope 1/log")
class _:
    def log(self):
        y = math.log(self.data)
        return self._node(y, "log", (self, 1 / y if y else 0.0))


@wrong("log", "abs slope")
class _:
    def log(self):
        return self._node(math.log(self.data), "log", (self, self.data))


@wrong("log", "eps")
class _:
    def log(self):
        return self._node(math.log(self.data + 1e-8), "log", (self, 1 / (self.data + 1e-8)))


@wrong("log", "slope negative")
class _:
    def log(self):
        return self._node(math.log(self.data), "log", (self, -1 / self.data))


@right("log", "pow")
class _:
    def log(self):
        return self._node(math.log(self.data), "log", (self, self.data**-1))


@right("log", "log2 scaled")
class _:
    def log(self):
        return self._node(math.log2(self.data) * math.log(2), "log", (self, 1 / self.data))


# -- tanh ------------------------------------------------------------------------------------------


@wrong("tanh", "1 - t")
class _:
    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 - t))


@wrong("tanh", "1 - u^2")
class _:
    def tanh(self):
        return self._node(math.tanh(self.data), "tanh", (self, 1 - self.data**2))


@wrong("tanh", "1 + t^2")
class _:
    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, 1 + t * t))


@wrong("tanh", "sigmoid")
class _:
    def tanh(self):
        s = 1 / (1 + math.exp(-min(max(self.data, -500), 500)))
        return self._node(s, "tanh", (self, s * (1 - s)))


@wrong("tanh", "tan")
class _:
    def tanh(self):
        return self._node(math.tan(self.data), "tanh", (self, 1 + math.tan(self.data) ** 2))


@wrong("tanh", "t(1-t)")
class _:
    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, t * (1 - t)))


@wrong("tanh", "out later")
class _:
    def tanh(self):
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def _backward():
            self.grad += 1 - t * t

        out._backward = _backward
        return out


@right("tanh", "sides")
class _:
    def tanh(self):
        t = math.tanh(self.data)
        return self._node(t, "tanh", (self, (1 - t) * (1 + t)))


@right("tanh", "closure")
class _:
    def tanh(self):
        out = Value(math.tanh(self.data), [self], "tanh")

        def _backward():
            self.grad += (1 - out.data**2) * out.grad

        out._backward = _backward
        return out


# -- relu ------------------------------------------------------------------------------------------


@wrong("relu", "slope 1 at 0")
class _:
    def relu(self):
        return self._node(max(0.0, self.data), "relu", (self, float(self.data >= 0)))


@wrong("relu", "slope half at 0")
class _:
    def relu(self):
        return self._node(
            max(0.0, self.data), "relu", (self, 0.5 if self.data == 0 else float(self.data > 0))
        )


@wrong("relu", "leaky")
class _:
    def relu(self):
        return self._node(
            max(0.01 * self.data, self.data), "relu", (self, 1.0 if self.data > 0 else 0.01)
        )


@wrong("relu", "min")
class _:
    def relu(self):
        return self._node(min(0.0, self.data), "relu", (self, float(self.data < 0)))


@wrong("relu", "slope data")
class _:
    def relu(self):
        return self._node(max(0.0, self.data), "relu", (self, max(0.0, self.data)))


@wrong("relu", "abs")
class _:
    def relu(self):
        return self._node(abs(self.data), "relu", (self, 1.0 if self.data > 0 else -1.0))


@wrong("relu", "gate on grad")
class _:
    def relu(self):
        out = Value(max(0.0, self.data), (self,), "relu")

        def _backward():
            self.grad += max(0.0, out.grad)

        out._backward = _backward
        return out


@wrong("relu", "relu6")
class _:
    def relu(self):
        return self._node(min(6.0, max(0.0, self.data)), "relu", (self, float(0 < self.data < 6)))


@right("relu", "closure")
class _:
    def relu(self):
        out = Value(self.data if self.data > 0 else 0.0, (self,), "relu")

        def _backward():
            if out.data > 0:
                self.grad += out.grad

        out._backward = _backward
        return out


@right("relu", "times gate")
class _:
    def relu(self):
        return self * float(self.data > 0)


# -- tanh_from_exp ---------------------------------------------------------------------------------


@wrong("tanh_from_exp", "not doubled")
def _(x):
    e = x.exp()
    return (e - 1) / (e + 1)


@wrong("tanh_from_exp", "sigmoid")
def _(x):
    return 1 / (1 + (-x).exp())


@wrong("tanh_from_exp", "flipped")
def _(x):
    e = (2 * x).exp()
    return (1 - e) / (1 + e)


@wrong("tanh_from_exp", "from data")
def _(x):
    e = Value(math.exp(2 * x.data))
    return (e - 1) / (e + 1)


@wrong("tanh_from_exp", "sinh")
def _(x):
    return (x.exp() - (-x).exp()) / 2


@wrong("tanh_from_exp", "no return")
def _(x):
    e = (2 * x).exp()
    (e - 1) / (e + 1)


@wrong("tanh_from_exp", "calls tanh")
def _(x):
    return x.tanh()


@wrong("tanh_from_exp", "squared")
def _(x):
    e = x.exp() ** 2
    return (e - 1) / e + 1


@right("tanh_from_exp", "sinh over cosh")
def _(x):
    p, q = x.exp(), (-x).exp()
    return (p - q) / (p + q)


@right("tanh_from_exp", "1 - 2/(e+1)")
def _(x):
    return 1 - 2 / ((2 * x).exp() + 1)


@right("tanh_from_exp", "square")
def _(x):
    e = x.exp() ** 2
    return (e - 1) / (e + 1)


@right("tanh_from_exp", "negative")
def _(x):
    e = (-2 * x).exp()
    return (1 - e) / (1 + e)


# -- readme_expression -----------------------------------------------------------------------------


@wrong("readme_expression", "no 1")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@wrong("readme_expression", "b squared")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**2
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@wrong("readme_expression", "10/e")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e


@wrong("readme_expression", "a - b")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (a - b).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@wrong("readme_expression", "d for d2")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d1 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@wrong("readme_expression", "e from d")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = d - c
    return e * 2 / 2 + 10 / e**2


@wrong("readme_expression", "no relu")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a)
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@wrong("readme_expression", "floats")
def _(a, b):
    a, b = Value(a.data), Value(b.data)
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@wrong("readme_expression", "whole over 2")
def _(a, b):
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return (e**2 + 10 / e**2) / 2


@wrong("readme_expression", "in place")
def _(a, b):
    a.data += 0.0
    b.grad = 5.0
    c1 = a + b
    c2 = 2 * c1 + 1
    c = 2 * c2 + 1 - a
    d1 = a * b + b**3
    d2 = 3 * d1 + (b + a).relu()
    d = 4 * d2 + (b - a).relu()
    e = c - d
    return e**2 / 2 + 10 / e**2


@right("readme_expression", "powers")
def _(a, b):
    c = a + b
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = a * b + b**3
    d = d + d * 2 + (b + a).relu()
    d = d + 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    return f * 0.5 + 10.0 * f**-1


@right("readme_expression", "one line")
def _(a, b):
    e = 4 * (a + b) + 3 - a - 4 * (3 * (a * b + b**3) + (a + b).relu()) - (b - a).relu()
    return e * e / 2 + 10 / (e * e)


# -- same_in_torch ---------------------------------------------------------------------------------


@wrong("same_in_torch", "float32")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return ours, torchs


@wrong("same_in_torch", "None unhandled")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [x.grad.item() for x in tensors]
    return ours, torchs


@wrong("same_in_torch", "None left")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [x.grad and x.grad.item() for x in tensors]
    return ours, torchs


@wrong("same_in_torch", "no result")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [v.grad for v in values]
    torchs = [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return ours, torchs


@wrong("same_in_torch", "torch twice")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return torchs, torchs


@wrong("same_in_torch", "swapped")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return torchs, ours


@wrong("same_in_torch", "ours twice")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return ours, list(ours)


@wrong("same_in_torch", "one list")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return ours + torchs


@wrong("same_in_torch", "result last")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [v.grad for v in values] + [out.data]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return ours, torchs


@right("same_in_torch", "autograd.grad")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    t = expression(*tensors)
    grads = torch.autograd.grad(t, tensors, allow_unused=True)
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if g is None else float(g) for g in grads]
    return ours, torchs


@right("same_in_torch", "double()")
def _(expression, inputs):
    values = [Value(x) for x in inputs]
    out = expression(*values)
    out.backward()
    tensors = [torch.tensor(x, dtype=torch.double).requires_grad_() for x in inputs]
    t = expression(*tensors)
    t.backward()
    ours = [out.data] + [v.grad for v in values]
    torchs = [t.item()] + [0.0 if x.grad is None else x.grad.item() for x in tensors]
    return ours, torchs


# -- trace -----------------------------------------------------------------------------------------


@wrong("trace", "edges flipped")
def _(root):
    nodes, edges = set(), set()

    def visit(v):
        if v not in nodes:
            nodes.add(v)
            for c in v._prev:
                edges.add((v, c))
                visit(c)

    visit(root)
    return nodes, edges


@wrong("trace", "edge only when new")
def _(root):
    nodes, edges = {root}, set()
    stack = [root]
    while stack:
        v = stack.pop()
        for c in v._prev:
            if c not in nodes:
                nodes.add(c)
                edges.add((c, v))
                stack.append(c)
    return nodes, edges


@wrong("trace", "no root")
def _(root):
    nodes, edges = set(), set()
    stack = [root]
    while stack:
        v = stack.pop()
        for c in v._prev:
            edges.add((c, v))
            if c not in nodes:
                nodes.add(c)
                stack.append(c)
    return nodes, edges


@wrong("trace", "inner only")
def _(root):
    nodes, edges = set(), set()

    def visit(v):
        if v not in nodes and v._prev:
            nodes.add(v)
            for c in v._prev:
                edges.add((c, v))
                visit(c)

    visit(root)
    return nodes, edges


@wrong("trace", "no seen")
def _(root):
    nodes, edges = set(), set()

    def visit(v):
        nodes.add(v)
        for c in v._prev:
            edges.add((c, v))
            visit(c)

    visit(root)
    return nodes, edges


@wrong("trace", "list of edges")
def _(root):
    nodes, edges = set(), []

    def visit(v):
        if v not in nodes:
            nodes.add(v)
            for c in v._prev:
                edges.append((c, v))
                visit(c)

    visit(root)
    return nodes, edges


@wrong("trace", "edge sets")
def _(root):
    nodes, edges = set(), set()

    def visit(v):
        if v not in nodes:
            nodes.add(v)
            for c in v._prev:
                edges.add(frozenset((c, v)))
                visit(c)

    visit(root)
    return nodes, edges


@wrong("trace", "swapped pair")
def _(root):
    nodes, edges = set(), set()

    def visit(v):
        if v not in nodes:
            nodes.add(v)
            for c in v._prev:
                edges.add((c, v))
                visit(c)

    visit(root)
    return edges, nodes


@right("trace", "queue")
def _(root):
    nodes, queue = {root}, [root]
    for v in queue:
        for c in v._prev:
            if c not in nodes:
                nodes.add(c)
                queue.append(c)
    return nodes, {(c, v) for v in nodes for c in v._prev}


# -- steps_to_root ---------------------------------------------------------------------------------


@wrong("steps_to_root", "shortest")
def _(root):
    steps, queue = {root: 0}, [root]
    for v in queue:
        for c in v._prev:
            if c not in steps:
                steps[c] = steps[v] + 1
                queue.append(c)
    return steps


@wrong("steps_to_root", "last seen")
def _(root):
    steps, queue = {root: 0}, [root]
    for v in queue:
        for c in v._prev:
            if c not in steps:
                queue.append(c)
            steps[c] = steps[v] + 1
    return steps


@wrong("steps_to_root", "dfs first")
def _(root):
    steps = {}

    def visit(v, k):
        if v not in steps:
            steps[v] = k
            for c in v._prev:
                visit(c, k + 1)

    visit(root, 0)
    return steps


@wrong("steps_to_root", "all paths")
def _(root):
    steps = {}

    def visit(v, k):
        steps[v] = max(k, steps.get(v, 0))
        for c in v._prev:
            visit(c, k + 1)

    visit(root, 0)
    return steps


@wrong("steps_to_root", "max, not passed on")
def _(root):
    steps, queue = {root: 0}, [root]
    for v in queue:
        for c in v._prev:
            if c not in steps:
                queue.append(c)
            steps[c] = max(steps.get(c, 0), steps[v] + 1)
    return steps


@wrong("steps_to_root", "from the leaves")
def _(root):
    steps = {}

    def visit(v):
        if v not in steps:
            steps[v] = max((visit(c) + 1 for c in v._prev), default=0)
        return steps[v]

    visit(root)
    return steps


@wrong("steps_to_root", "root is 1")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                visit(c)
            order.append(v)

    visit(root)
    steps = {root: 1}
    for v in reversed(order):
        for c in v._prev:
            steps[c] = max(steps.get(c, 0), steps[v] + 1)
    return steps


@wrong("steps_to_root", "by data")
def _(root):
    order, seen = [], set()

    def visit(v):
        if v not in seen:
            seen.add(v)
            for c in v._prev:
                visit(c)
            order.append(v)

    visit(root)
    steps = {root: 0}
    for v in reversed(order):
        for c in v._prev:
            steps[c] = max(steps.get(c, 0), steps[v] + 1)
    return {v.data: k for v, k in steps.items()}


@right("steps_to_root", "waiting")
def _(root):
    nodes, edges = trace(root)
    waiting = dict.fromkeys(nodes, 0)
    for c, _ in edges:
        waiting[c] += 1
    steps, ready = dict.fromkeys(nodes, 0), [root]
    for v in ready:
        for c in set(v._prev):
            steps[c] = max(steps[c], steps[v] + 1)
            waiting[c] -= 1
            if waiting[c] == 0:
                ready.append(c)
    return steps


@right("steps_to_root", "levels, to the longest")
def _(root):
    steps, level, k = {}, {root}, 0
    while level:
        for v in level:
            steps[v] = k
        level, k = {c for v in level for c in v._prev}, k + 1
    return steps


# -- neuron_init -----------------------------------------------------------------------------------


@wrong("neuron_init", "global random")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(random.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(random.uniform(-1, 1))
        self.activation = activation


@wrong("neuron_init", "b first")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.b = Value(rng.uniform(-1, 1))
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.activation = activation


@wrong("neuron_init", "b zero")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)
        self.activation = activation


@wrong("neuron_init", "shared")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(rng.uniform(-1, 1))] * nin
        self.b = Value(rng.uniform(-1, 1))
        self.activation = activation


@wrong("neuron_init", "floats")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [rng.uniform(-1, 1) for _ in range(nin)]
        self.b = rng.uniform(-1, 1)
        self.activation = activation


@wrong("neuron_init", "gauss")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(rng.gauss(0, 1)) for _ in range(nin)]
        self.b = Value(rng.gauss(0, 1))
        self.activation = activation


@wrong("neuron_init", "random()")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(rng.random()) for _ in range(nin)]
        self.b = Value(rng.random())
        self.activation = activation


@wrong("neuron_init", "always tanh")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = [Value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(rng.uniform(-1, 1))
        self.activation = "tanh"


@wrong("neuron_init", "generator")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = (Value(rng.uniform(-1, 1)) for _ in range(nin))
        self.b = Value(rng.uniform(-1, 1))
        self.activation = activation


@right("neuron_init", "split")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        *self.w, self.b = [Value(rng.uniform(-1, 1)) for _ in range(nin + 1)]
        self.activation = activation


@right("neuron_init", "append")
class _:
    def __init__(self, nin, rng, activation="tanh"):
        self.w = []
        for i in range(nin):
            self.w.append(Value(rng.uniform(-1, 1), label=f"w{i}"))
        self.b, self.activation = Value(rng.uniform(-1, 1), label="b"), activation


# -- neuron_call -----------------------------------------------------------------------------------


@wrong("neuron_call", "no bias")
class _:
    def __call__(self, x):
        t = sum(w * v for w, v in zip(self.w, x))
        return t if self.activation == "linear" else getattr(t, self.activation)()


@wrong("neuron_call", "always tanh")
class _:
    def __call__(self, x):
        return sum((w * v for w, v in zip(self.w, x)), self.b).tanh()


@wrong("neuron_call", "method not called")
class _:
    def __call__(self, x):
        t = sum((w * v for w, v in zip(self.w, x)), self.b)
        return t if self.activation == "linear" else getattr(t, self.activation)


@wrong("neuron_call", "bias per weight")
class _:
    def __call__(self, x):
        t = sum(w * v + self.b for w, v in zip(self.w, x))
        return t if self.activation == "linear" else getattr(t, self.activation)()


@wrong("neuron_call", "bias after")
class _:
    def __call__(self, x):
        t = sum(w * v for w, v in zip(self.w, x))
        return t + self.b if self.activation == "linear" else getattr(t, self.activation)() + self.b


@wrong("neuron_call", "data")
class _:
    def __call__(self, x):
        t = Value(
            sum(w.data * (v.data if isinstance(v, Value) else v) for w, v in zip(self.w, x))
            + self.b.data
        )
        return t if self.activation == "linear" else getattr(t, self.activation)()


@wrong("neuron_call", "in place b")
class _:
    def __call__(self, x):
        for w, v in zip(self.w, x):
            self.b = self.b + w * v
        t = self.b
        return t if self.activation == "linear" else getattr(t, self.activation)()


@wrong("neuron_call", "linear as relu")
class _:
    def __call__(self, x):
        t = sum((w * v for w, v in zip(self.w, x)), self.b)
        return t.tanh() if self.activation == "tanh" else t.relu()


@wrong("neuron_call", "last only")
class _:
    def __call__(self, x):
        for w, v in zip(self.w, x):
            t = w * v
        t = t + self.b
        return t if self.activation == "linear" else getattr(t, self.activation)()


@wrong("neuron_call", "returns list")
class _:
    def __call__(self, x):
        t = sum((w * v for w, v in zip(self.w, x)), self.b)
        return [t if self.activation == "linear" else getattr(t, self.activation)()]


@right("neuron_call", "loop")
class _:
    def __call__(self, x):
        t = self.b
        for i in range(len(x)):
            t = t + x[i] * self.w[i]
        if self.activation == "tanh":
            return t.tanh()
        if self.activation == "relu":
            return t.relu()
        return t


@right("neuron_call", "sum first")
class _:
    def __call__(self, x):
        t = sum(w * v for w, v in zip(self.w, x, strict=True)) + self.b
        return {"tanh": t.tanh, "relu": t.relu, "linear": lambda: t}[self.activation]()


# -- neuron_parameters -----------------------------------------------------------------------------


@wrong("neuron_parameters", "weights only")
class _:
    def parameters(self):
        return self.w


@wrong("neuron_parameters", "nested")
class _:
    def parameters(self):
        return [self.w, self.b]


@wrong("neuron_parameters", "b first")
class _:
    def parameters(self):
        return [self.b] + self.w


@wrong("neuron_parameters", "append")
class _:
    def parameters(self):
        self.w.append(self.b)
        return self.w


@wrong("neuron_parameters", "copies")
class _:
    def parameters(self):
        return [Value(p.data) for p in self.w + [self.b]]


@wrong("neuron_parameters", "data")
class _:
    def parameters(self):
        return [p.data for p in self.w] + [self.b.data]


@wrong("neuron_parameters", "set")
class _:
    def parameters(self):
        return {*self.w, self.b}


@wrong("neuron_parameters", "extend")
class _:
    def parameters(self):
        return self.w.extend([self.b])


@right("neuron_parameters", "star")
class _:
    def parameters(self):
        return [*self.w, self.b]


@right("neuron_parameters", "copy append")
class _:
    def parameters(self):
        p = self.w.copy()
        p.append(self.b)
        return p


@right("neuron_parameters", "plus")
class _:
    def parameters(self):
        return list(self.w) + [self.b]


# -- layer -----------------------------------------------------------------------------------------


@wrong("layer", "same neuron")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation)] * nout

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "unwraps one")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "sizes swapped")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nout, rng, activation) for _ in range(nin)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "activation lost")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng) for _ in range(nout)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "nested")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [n.parameters() for n in self.neurons]


@wrong("layer", "generator")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        return (n(x) for n in self.neurons)

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "chained")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        out = []
        for n in self.neurons:
            out.append(n(x))
            x = x[1:] + [out[-1]]
        return out

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "weights only")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [p for n in self.neurons for p in n.w]


@wrong("layer", "reseeded")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, random.Random(0), activation) for _ in range(nout)]

    def __call__(self, x):
        return [n(x) for n in self.neurons]

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@wrong("layer", "sum")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = [Neuron(nin, rng, activation) for _ in range(nout)]

    def __call__(self, x):
        return sum(n(x) for n in self.neurons)

    def parameters(self):
        return [p for n in self.neurons for p in n.parameters()]


@right("layer", "loops")
class _:
    def __init__(self, nin, nout, rng, activation="tanh"):
        self.neurons = []
        while len(self.neurons) < nout:
            self.neurons.append(Neuron(nin, rng, activation=activation))

    def __call__(self, x):
        return list(map(lambda n: n(x), self.neurons))

    def parameters(self):
        return sum((n.parameters() for n in self.neurons), [])


# -- mlp -------------------------------------------------------------------------------------------


@wrong("mlp", "no linear")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + [activation]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "linear hidden")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = ["linear"] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "one layer fewer")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts) - 1)]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "not unwrapped")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "always first")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0]

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "input to all")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            out = layer(x[: len(layer.neurons[0].w)] * 9)
        return out[0] if len(out) == 1 else out

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "last params")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers[-1:] for p in layer.parameters()]


@wrong("mlp", "first params")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers[:1] for p in layer.parameters()]


@wrong("mlp", "tanh always")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = ["tanh"] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "appends to nouts")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        nouts.insert(0, nin)
        sizes, nouts = nouts, nouts[1:]
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "repeats by value")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        seen = {}
        for layer in self.layers:
            for p in layer.parameters():
                seen.setdefault(p.data, p)
        return list(seen.values())


@wrong("mlp", "reversed")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [Layer(sizes[i], sizes[i + 1], rng, kinds[i]) for i in range(len(nouts))]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers[::-1] for p in layer.parameters()]


@wrong("mlp", "new rng")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = [
            Layer(sizes[i], sizes[i + 1], random.Random(i), kinds[i]) for i in range(len(nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@right("mlp", "loop")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin] + list(nouts)
        kinds = [activation] * (len(nouts) - 1) + ["linear"]
        self.layers = []
        for n, m, k in zip(sizes, nouts, kinds):
            self.layers.append(Layer(n, m, rng, k))

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        out = []
        for layer in self.layers:
            out.extend(layer.parameters())
        return out


# -- squared_loss ----------------------------------------------------------------------------------


@wrong("squared_loss", "mean")
def _(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) / len(targets)


@wrong("squared_loss", "abs")
def _(predictions, targets):
    return sum(((p - t) ** 2) ** 0.5 for p, t in zip(predictions, targets))


@wrong("squared_loss", "square of sum")
def _(predictions, targets):
    return sum(p - t for p, t in zip(predictions, targets)) ** 2


@wrong("squared_loss", "half")
def _(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) * 0.5


@wrong("squared_loss", "data")
def _(predictions, targets):
    return Value(sum((p.data - t) ** 2 for p, t in zip(predictions, targets)))


@wrong("squared_loss", "all pairs")
def _(predictions, targets):
    return sum((p - t) ** 2 for p in predictions for t in targets)


@wrong("squared_loss", "list")
def _(predictions, targets):
    return [(p - t) ** 2 for p, t in zip(predictions, targets)]


@wrong("squared_loss", "difference of squares")
def _(predictions, targets):
    return sum(p**2 - t**2 for p, t in zip(predictions, targets))


@wrong("squared_loss", "skips first")
def _(predictions, targets):
    return sum(((p - t) ** 2 for p, t in list(zip(predictions, targets))[1:]), Value(0.0))


@wrong("squared_loss", "root")
def _(predictions, targets):
    return sum((p - t) ** 2 for p, t in zip(predictions, targets)) ** 0.5


@right("squared_loss", "target first")
def _(predictions, targets):
    total = Value(0.0)
    for p, t in zip(predictions, targets):
        d = t - p
        total = total + d * d
    return total


# -- zero_grad -------------------------------------------------------------------------------------


@wrong("zero_grad", "local")
def _(parameters):
    for p in parameters:
        grad = 0.0


@wrong("zero_grad", "None")
def _(parameters):
    for p in parameters:
        p.grad = None


@wrong("zero_grad", "data")
def _(parameters):
    for p in parameters:
        p.data = 0.0


@wrong("zero_grad", "returns")
def _(parameters):
    for p in parameters:
        p.grad = 0.0
        return


@wrong("zero_grad", "multiplied")
def _(parameters):
    for p in parameters:
        p.grad *= 0.0
    return parameters


@wrong("zero_grad", "leaf names")
def _(parameters):
    for p in parameters:
        p.grad == 0.0


@wrong("zero_grad", "new Values")
def _(parameters):
    for i, p in enumerate(parameters):
        parameters[i] = Value(p.data)


@wrong("zero_grad", "first two")
def _(parameters):
    for p in parameters[1:]:
        p.grad = 0.0


@right("zero_grad", "index")
def _(parameters):
    for i in range(len(parameters)):
        parameters[i].grad = 0.0


@right("zero_grad", "setattr")
def _(parameters):
    for p in parameters:
        setattr(p, "grad", 0.0)


# -- sgd_step --------------------------------------------------------------------------------------


@wrong("sgd_step", "uphill")
def _(parameters, lr):
    for p in parameters:
        p.data += lr * p.grad


@wrong("sgd_step", "sign")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * (p.grad > 0) - lr * (p.grad < 0)


@wrong("sgd_step", "no lr")
def _(parameters, lr):
    for p in parameters:
        p.data -= p.grad


@wrong("sgd_step", "divided")
def _(parameters, lr):
    for p in parameters:
        p.data -= p.grad / lr


@wrong("sgd_step", "zeroes")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * p.grad
        p.grad = 0.0


@wrong("sgd_step", "rebinds")
def _(parameters, lr):
    for p in parameters:
        p = p - lr * p.grad


@wrong("sgd_step", "assigns")
def _(parameters, lr):
    for p in parameters:
        p.data = -lr * p.grad


@wrong("sgd_step", "new Values")
def _(parameters, lr):
    for i, p in enumerate(parameters):
        parameters[i] = Value(p.data - lr * p.grad)


@wrong("sgd_step", "weight decay")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * (p.grad + 0.01 * p.data)


@wrong("sgd_step", "of data")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * p.data


@wrong("sgd_step", "mean")
def _(parameters, lr):
    for p in parameters:
        p.data -= lr * p.grad / len(parameters)


@right("sgd_step", "plus minus")
def _(parameters, lr):
    for p in parameters:
        p.data += -lr * p.grad


@right("sgd_step", "assign")
def _(parameters, lr):
    for p in parameters:
        p.data = p.data - p.grad * lr


# -- train -----------------------------------------------------------------------------------------


@wrong("train", "Values")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss)
    return losses


@wrong("train", "after the update")
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


@wrong("train", "last only")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses[-1:]


@wrong("train", "one example a step")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(xs[_ % len(xs)])], [ys[_ % len(ys)]])
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "mean")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys) / len(xs)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "zero ignored")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if True:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "never zero")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if False:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "zero after backward")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        loss.backward()
        if zero:
            zero_grad(model.parameters())
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "zero once")
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


@wrong("train", "returns in loop")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
        return losses


@wrong("train", "loss once")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    loss = squared_loss([model(x) for x in xs], ys)
    for _ in range(steps):
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


@wrong("train", "final loss too")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    losses.append(squared_loss([model(x) for x in xs], ys).data)
    return losses


@wrong("train", "zeroes after step only")
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


@wrong("train", "lr decays")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        loss = squared_loss([model(x) for x in xs], ys)
        if zero:
            zero_grad(model.parameters())
        loss.backward()
        sgd_step(model.parameters(), lr * (1 - _ / steps))
        losses.append(loss.data)
    return losses


@right("train", "inline")
def _(model, xs, ys, steps, lr, zero=True):
    ps, losses = model.parameters(), []
    for _ in range(steps):
        loss = sum((model(x) - y) ** 2 for x, y in zip(xs, ys))
        losses.append(loss.data)
        for p in ps:
            if zero:
                p.grad = 0.0
        loss.backward()
        for p in ps:
            p.data -= lr * p.grad
    return losses


@right("train", "zero first")
def _(model, xs, ys, steps, lr, zero=True):
    losses = []
    for _ in range(steps):
        if zero:
            zero_grad(model.parameters())
        loss = squared_loss([model(x) for x in xs], ys)
        loss.backward()
        sgd_step(model.parameters(), lr)
        losses.append(loss.data)
    return losses


# -- softmax ---------------------------------------------------------------------------------------


@wrong("softmax", "overflows")
def _(logits):
    e = [l.exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "max of abs")
def _(logits):
    m = max(abs(l.data) for l in logits)
    e = [(l - m).exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "no shift, clip")
def _(logits):
    e = [(l if l.data < 700 else Value(700.0)).exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "min")
def _(logits):
    m = min(l.data for l in logits)
    e = [(l - m).exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "mean")
def _(logits):
    m = sum(l.data for l in logits) / len(logits)
    e = [(l - m).exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "constant sum")
def _(logits):
    m = max(l.data for l in logits)
    e = [(l - m).exp() for l in logits]
    s = sum(x.data for x in e)
    return [x / s for x in e]


@wrong("softmax", "not normalized")
def _(logits):
    m = max(l.data for l in logits)
    return [(l - m).exp() for l in logits]


@wrong("softmax", "log")
def _(logits):
    m = max(l.data for l in logits)
    e = [(l - m).exp() for l in logits]
    s = sum(e)
    return [(x / s).log() if x.data else x for x in e]


@wrong("softmax", "sum of logits")
def _(logits):
    s = sum(logits)
    return [l / s for l in logits]


@wrong("softmax", "first logit")
def _(logits):
    e = [(l - logits[0].data).exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "eps")
def _(logits):
    m = max(l.data for l in logits)
    e = [(l - m).exp() for l in logits]
    s = sum(e) + 1e-6
    return [x / s for x in e]


@wrong("softmax", "changes logits")
def _(logits):
    m = max(l.data for l in logits)
    for l in logits:
        l.data -= m
    e = [l.exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@right("softmax", "inverse")
def _(logits):
    m = max(l.data for l in logits)
    e = [(l - m).exp() for l in logits]
    inv = sum(e) ** -1
    return [x * inv for x in e]


@right("softmax", "max is a Value")
def _(logits):
    m = max(logits, key=lambda l: l.data)
    e = [(l - m).exp() for l in logits]
    s = sum(e)
    return [x / s for x in e]


@wrong("softmax", "the sum anew for each quotient: the graph grows with the square")
def _(logits):
    counts = [(l - max(v.data for v in logits)).exp() for l in logits]
    return [count / sum(counts) for count in counts]


# -- nll_loss --------------------------------------------------------------------------------------


@wrong("nll_loss", "no minus")
def _(logits, target):
    return softmax(logits)[target].log()


@wrong("nll_loss", "not log")
def _(logits, target):
    return -softmax(logits)[target]


@wrong("nll_loss", "raw logit")
def _(logits, target):
    return -logits[target].log() if logits[target].data > 0 else -logits[target]


@wrong("nll_loss", "mean of all")
def _(logits, target):
    p = softmax(logits)
    return sum(-x.log() if x.data else Value(0.0) for x in p) / len(p)


@wrong("nll_loss", "1 - p")
def _(logits, target):
    return 1 - softmax(logits)[target]


@wrong("nll_loss", "float")
def _(logits, target):
    return -math.log(softmax(logits)[target].data)


@wrong("nll_loss", "first")
def _(logits, target):
    return -softmax(logits)[0].log()


@wrong("nll_loss", "log2")
def _(logits, target):
    return -softmax(logits)[target].log() / math.log(2)


@wrong("nll_loss", "plus eps")
def _(logits, target):
    return -(softmax(logits)[target] + 1e-10).log()


@wrong("nll_loss", "all logs")
def _(logits, target):
    return [-p.log() for p in softmax(logits) if p.data]


@right("nll_loss", "log sum exp")
def _(logits, target):
    m = max(l.data for l in logits)
    return sum((l - m).exp() for l in logits).log() + m - logits[target]


@right("nll_loss", "power")
def _(logits, target):
    return (
        (softmax(logits)[target] ** -1).log()
        if softmax(logits)[target].data > 1e-100
        else -softmax(logits)[target].log()
    )


# -- max_margin_loss -------------------------------------------------------------------------------


@wrong("max_margin_loss", "sum")
def _(scores, labels):
    return sum((1 - y * s).relu() for s, y in zip(scores, labels))


@wrong("max_margin_loss", "plus")
def _(scores, labels):
    return sum((1 + y * s).relu() for s, y in zip(scores, labels)) / len(scores)


@wrong("max_margin_loss", "no margin")
def _(scores, labels):
    return sum((-y * s).relu() for s, y in zip(scores, labels)) / len(scores)


@wrong("max_margin_loss", "no relu")
def _(scores, labels):
    return sum(1 - y * s for s, y in zip(scores, labels)) / len(scores)


@wrong("max_margin_loss", "squared")
def _(scores, labels):
    return sum((1 - y * s).relu() ** 2 for s, y in zip(scores, labels)) / len(scores)


@wrong("max_margin_loss", "mean over violators")
def _(scores, labels):
    t = [(1 - y * s).relu() for s, y in zip(scores, labels)]
    return sum(t) / max(1, sum(x.data > 0 for x in t))


@wrong("max_margin_loss", "relu of the mean")
def _(scores, labels):
    return (sum(1 - y * s for s, y in zip(scores, labels)) / len(scores)).relu()


@wrong("max_margin_loss", "of score")
def _(scores, labels):
    return sum((y - s).relu() for s, y in zip(scores, labels)) / len(scores)


@wrong("max_margin_loss", "detached")
def _(scores, labels):
    return Value(sum(max(0.0, 1 - y * s.data) for s, y in zip(scores, labels)) / len(scores))


@wrong("max_margin_loss", "floor division")
def _(scores, labels):
    return sum((1 - y * s).relu() for s, y in zip(scores, labels)) * (1 // len(scores))


@right("max_margin_loss", "loop")
def _(scores, labels):
    total = 0
    for i in range(len(scores)):
        total = (1 - labels[i] * scores[i]).relu() + total
    return total * (1 / len(labels))


@right("max_margin_loss", "filter")
def _(scores, labels):
    terms = [1 - y * s for s, y in zip(scores, labels)]
    return sum((t for t in terms if t.data > 0), Value(0.0)) / len(scores)


# -- l2_penalty ------------------------------------------------------------------------------------


@wrong("l2_penalty", "mean")
def _(parameters, alpha):
    return alpha * sum(p * p for p in parameters) / len(parameters)


@wrong("l2_penalty", "half")
def _(parameters, alpha):
    return alpha * sum(p * p for p in parameters) / 2


@wrong("l2_penalty", "p times data")
def _(parameters, alpha):
    return alpha * sum(p * p.data for p in parameters)


@wrong("l2_penalty", "abs")
def _(parameters, alpha):
    return alpha * sum((p * p) ** 0.5 for p in parameters)


@wrong("l2_penalty", "square of sum")
def _(parameters, alpha):
    return alpha * sum(parameters) ** 2


@wrong("l2_penalty", "alpha squared")
def _(parameters, alpha):
    return sum((alpha * p) ** 2 for p in parameters)


@wrong("l2_penalty", "norm")
def _(parameters, alpha):
    return alpha * sum(p * p for p in parameters) ** 0.5


@wrong("l2_penalty", "no alpha")
def _(parameters, alpha):
    return sum(p * p for p in parameters)


@wrong("l2_penalty", "float")
def _(parameters, alpha):
    return alpha * sum(p.data**2 for p in parameters)


@wrong("l2_penalty", "skips last")
def _(parameters, alpha):
    return alpha * sum((p * p for p in parameters[:-1]), Value(0.0))


@right("l2_penalty", "inside")
def _(parameters, alpha):
    return sum(alpha * p**2 for p in parameters)


@right("l2_penalty", "loop")
def _(parameters, alpha):
    total = Value(0.0)
    for p in parameters:
        total = total + p * p
    return total * alpha


# -- accuracy --------------------------------------------------------------------------------------


@wrong("accuracy", ">= 0")
def _(scores, labels):
    return sum((s.data >= 0) == (y > 0) for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "product > 0")
def _(scores, labels):
    return sum(s.data * y > 0 for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "product >= 0")
def _(scores, labels):
    return sum(s.data * y >= 0 for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "margin")
def _(scores, labels):
    return sum(s.data * y >= 1 for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "percent")
def _(scores, labels):
    return 100 * sum((s.data > 0) == (y > 0) for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "count")
def _(scores, labels):
    return sum((s.data > 0) == (y > 0) for s, y in zip(scores, labels))


@wrong("accuracy", "half")
def _(scores, labels):
    return sum((s.data > 0.5) == (y > 0) for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "error")
def _(scores, labels):
    return sum((s.data > 0) != (y > 0) for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "round")
def _(scores, labels):
    return sum(round(s.data) == y for s, y in zip(scores, labels)) / len(scores)


@wrong("accuracy", "floor")
def _(scores, labels):
    return sum((s.data > 0) == (y > 0) for s, y in zip(scores, labels)) // len(scores)


@wrong("accuracy", "Value")
def _(scores, labels):
    return Value(sum((s.data > 0) == (y > 0) for s, y in zip(scores, labels)) / len(scores))


@right("accuracy", "sign")
def _(scores, labels):
    return sum((1 if s.data > 0 else -1) == y for s, y in zip(scores, labels)) / len(labels)


@right("accuracy", "list")
def _(scores, labels):
    hits = [y == 2 * (s.data > 0) - 1 for s, y in zip(scores, labels)]
    return hits.count(True) / len(hits)


# -- learning_rate ---------------------------------------------------------------------------------


@wrong("learning_rate", "steps - 1")
def _(step, steps, start=1.0, end=0.1):
    return start + (end - start) * step / max(1, steps - 1)


@wrong("learning_rate", "up")
def _(step, steps, start=1.0, end=0.1):
    return end + (start - end) * step / steps


@wrong("learning_rate", "to zero")
def _(step, steps, start=1.0, end=0.1):
    return start * (1 - step / steps)


@wrong("learning_rate", "fixed 0.9")
def _(step, steps, start=1.0, end=0.1):
    return 1.0 - 0.9 * step / steps


@wrong("learning_rate", "end subtracted")
def _(step, steps, start=1.0, end=0.1):
    return start - end * step / steps


@wrong("learning_rate", "geometric")
def _(step, steps, start=1.0, end=0.1):
    return start * (end / start) ** (step / steps)


@wrong("learning_rate", "step + 1")
def _(step, steps, start=1.0, end=0.1):
    return start + (end - start) * (step + 1) / steps


@wrong("learning_rate", "floor")
def _(step, steps, start=1.0, end=0.1):
    return start + (end - start) * (step // steps)


@wrong("learning_rate", "cosine")
def _(step, steps, start=1.0, end=0.1):
    return end + (start - end) * (1 + math.cos(math.pi * step / steps)) / 2


@wrong("learning_rate", "max")
def _(step, steps, start=1.0, end=0.1):
    return max(end, start * (1 - step / steps))


@right("learning_rate", "weights")
def _(step, steps, start=1.0, end=0.1):
    t = step / steps
    return (1 - t) * start + t * end


@right("learning_rate", "remaining")
def _(step, steps, start=1.0, end=0.1):
    return end + (start - end) * (steps - step) / steps


# -- train_moons -----------------------------------------------------------------------------------


@wrong("train_moons", "no penalty")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "fixed alpha")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, 1e-4)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "lr 1")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, 1.0)
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "lr of step + 1")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step + 1, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "data loss only recorded")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(max_margin_loss(scores, labels).data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "acc after")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy([model(p) for p in points], labels))
    return losses, accs


@wrong("train_moons", "no zero")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "zero before backward of the earlier")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        loss.backward()
        zero_grad(ps)
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "uphill")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, -learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "swapped")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return accs, losses


@wrong("train_moons", "pairs")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return list(zip(losses, accs))


@wrong("train_moons", "Values")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "penalty subtracted")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) - l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "zero after step")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        zero_grad(ps)
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "lr of steps - 1")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(ps, alpha)
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, max(1, steps - 1)))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@wrong("train_moons", "weights only")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    ps = model.parameters()
    for step in range(steps):
        scores = [model(p) for p in points]
        loss = max_margin_loss(scores, labels) + l2_penalty(
            [w for l in model.layers for n in l for w in n.w], alpha
        )
        zero_grad(ps)
        loss.backward()
        sgd_step(ps, learning_rate(step, steps))
        losses.append(loss.data)
        accs.append(accuracy(scores, labels))
    return losses, accs


@right("train_moons", "inline")
def _(model, points, labels, steps, alpha=0.0001):
    losses, accs = [], []
    for step in range(steps):
        zero_grad(model.parameters())
        scores = list(map(model, points))
        loss = l2_penalty(model.parameters(), alpha) + max_margin_loss(scores, labels)
        accs += [accuracy(scores, labels)]
        losses += [loss.data]
        loss.backward()
        for p in model.parameters():
            p.data -= learning_rate(step, steps) * p.grad
    return losses, accs


# -- decision_grid ---------------------------------------------------------------------------------


@wrong("decision_grid", "transposed")
def _(model, x0s, x1s):
    return [[model([x0, x1]).data for x1 in x1s] for x0 in x0s]


@wrong("decision_grid", "coordinates swapped")
def _(model, x0s, x1s):
    return [[model([x1, x0]).data for x0 in x0s] for x1 in x1s]


@wrong("decision_grid", "Values")
def _(model, x0s, x1s):
    return [[model([x0, x1]) for x0 in x0s] for x1 in x1s]


@wrong("decision_grid", "flat")
def _(model, x0s, x1s):
    return [model([x0, x1]).data for x1 in x1s for x0 in x0s]


@wrong("decision_grid", "signs")
def _(model, x0s, x1s):
    return [[float(model([x0, x1]).data > 0) for x0 in x0s] for x1 in x1s]


@wrong("decision_grid", "flipped")
def _(model, x0s, x1s):
    return [[model([x0, x1]).data for x0 in x0s] for x1 in x1s[::-1]]


@wrong("decision_grid", "diagonal")
def _(model, x0s, x1s):
    return [[model([a, b]).data for a, b in zip(x0s, x1s)]]


@wrong("decision_grid", "numpy")
def _(model, x0s, x1s):
    return np.array([[model([x0, x1]).data for x0 in x0s] for x1 in x1s])


@wrong("decision_grid", "same row")
def _(model, x0s, x1s):
    return [[model([x0, x1s[0]]).data for x0 in x0s]] * len(x1s)


@wrong("decision_grid", "tanh")
def _(model, x0s, x1s):
    return [[math.tanh(model([x0, x1]).data) for x0 in x0s] for x1 in x1s]


@right("decision_grid", "loops")
def _(model, x0s, x1s):
    grid = []
    for x1 in x1s:
        row = []
        for x0 in x0s:
            row.append(model([x0, x1]).data)
        grid.append(row)
    return grid
