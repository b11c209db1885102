"""Wrong solutions of mlp that are right in some cases: what is told of them must not be chance."""


@wrong("mlp", "a hidden layer of width 1 is unwrapped: x is a Value")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, activation if i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
            x = x[0] if len(x) == 1 else x
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "the first layer is linear, too")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, activation if 0 < i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "linear where the width is that of the last layer")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, "linear" if b == nouts[-1] else activation)
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "linear by nouts.index: first of the same width")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(sizes[i], n, rng, "linear" if nouts.index(n) == len(nouts) - 1 else activation)
            for i, n in enumerate(nouts)
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "relu is always tanh unless linear")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        kind = "relu" if activation != "tanh" else "tanh"
        self.layers = [
            Layer(a, b, rng, kind if i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "built from the back: draws in another order")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(sizes[i], nouts[i], rng, activation if i < len(nouts) - 1 else "linear")
            for i in reversed(range(len(nouts)))
        ][::-1]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "the output layer is missing")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [Layer(sizes[i], nouts[i], rng, activation) for i in range(len(nouts) - 1)]
        self.layers.append(Layer(sizes[-2] if len(nouts) > 2 else nin, nouts[-1], rng, "linear"))

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "parameters without the biases")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, activation if i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for n in layer.neurons for p in n.w]


@wrong("mlp", "unwraps where the input is single too")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, activation if i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x[0] if len(x) == 1 and len(self.layers) > 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "stops at two layers")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, activation if i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        x = self.layers[0](x)
        if len(self.layers) > 1:
            x = self.layers[-1](x) if len(self.layers) == 2 else self.layers[2](self.layers[1](x))
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]


@wrong("mlp", "residual where sizes fit")
class _:
    def __init__(self, nin, nouts, rng, activation="tanh"):
        sizes = [nin, *nouts]
        self.layers = [
            Layer(a, b, rng, activation if i < len(nouts) - 1 else "linear")
            for i, (a, b) in enumerate(zip(sizes, nouts))
        ]

    def __call__(self, x):
        for layer in self.layers:
            y = layer(x)
            x = [a + b for a, b in zip(x, y)] if len(x) == len(y) > 1 else y
        return x[0] if len(x) == 1 else x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]
