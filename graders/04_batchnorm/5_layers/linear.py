"""04.linear: Linear."""

import torch

from graders.authoring import differentiate, exercise, put

linear = exercise("linear", target="Linear", title="Linear", points=2, pure=False)


@linear.cases
def _(rng):
    for n, fan_in, fan_out, bias in [
        (4, 3, 5, True),
        (1, 6, 2, False),
        (3, 1, 4, True),
        (2, 9, 1, False),
        (5, 4, 4, True),
    ]:
        yield dict(
            weight=rng.normal(fan_in, fan_out),
            b=rng.normal(fan_out) if bias else None,
            x=rng.normal(n, fan_in),
            up=rng.normal(n, fan_out),
            seed=rng.seed(),
        )
    # zeros, as a new bias has them: they are to learn
    yield dict(
        weight=rng.normal(3, 2), b=torch.zeros(2).double(), x=rng.normal(4, 3), up=rng.normal(4, 2),
        seed=rng.seed(),
    )  # fmt: skip


def filled(m, weight, b):
    """A Linear with these numbers in it."""
    layer = m.Linear(*weight.shape, bias=b is not None)
    return put(layer, weight=weight) if b is None else put(layer, weight=weight, bias=b)


@linear.scenario
@torch.no_grad()  # weight and bias may learn already
def _(m, weight, b, x, up, seed):
    """Twice, since a first call must leave nothing behind; .out is the last one's result."""
    layer = filled(m, weight, b)
    first, second = layer(x), layer(x[:1])
    return {"first": first, "second": second, "out": layer.out is second}


@linear.check("initial values")
def _(m, weight, b, x, up, seed):
    g = torch.Generator().manual_seed(seed)
    layer = m.Linear(*weight.shape, bias=b is not None, generator=g)
    # asking for them changes nothing: not even whether gradients are on
    very = [any(t is own for own in (layer.weight, layer.bias)) for t in layer.parameters()]
    plain = m.Linear(*weight.shape, generator=g)
    with torch.no_grad():  # training steps on them, where they lie
        plain.bias[:1] += 1.5
    return {
        "weight": layer.weight.detach(),
        "bias": None if layer.bias is None else layer.bias.detach(),
        "with a bias unless told otherwise": plain.bias.detach(),
        "generator afterwards": torch.randn(2, generator=g),
        "parameters() gives the very tensors": very,
    }


@linear.check("gradients")
def _(m, weight, b, x, up, seed):
    layer = filled(m, weight, b)
    inputs = {"weight": layer.weight.requires_grad_(), "x": x.requires_grad_()}
    if b is not None:
        inputs["bias"] = layer.bias.requires_grad_()
    return dict(differentiate(layer(x), inputs, up))


@linear.check("parameters")
@torch.no_grad()
def _(m, weight, b, x, up, seed):
    """A step on whatever parameters() returns must be seen by the next call."""
    layer = filled(m, weight, b)
    before, found = layer(x).detach().clone(), layer.parameters()
    out = layer.out.detach().clone()
    shapes = [tuple(p.shape) for p in found]
    for p in found:
        p.data -= 0.5
    return {
        "list": isinstance(found, list),
        "shapes": shapes,
        "before": before,
        "out": out,
        "then": layer(x),
    }


@linear.check("the gradient at .out")
def _(m, weight, b, x, up, seed):
    """What the picture of part 6 needs: .out is part of the graph."""
    layer = filled(m, weight, b)
    layer.weight.requires_grad_()
    result = layer(x)
    layer.out.retain_grad()
    (torch.tanh(result) * up).sum().backward()
    return layer.out.grad


linear.legal("answer: requires a gradient", "done by the constructor, it does no harm")

linear.hint("Three short methods: what it holds, what it computes, what of it learns.")
linear.hint(
    "weight is torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5. The bias is zeros, or None: "
    "ask `self.bias is not None`."
)
linear.hint("self.out = x @ self.weight, plus the bias if there is one; return self.out.")

linear.misconception(
    "The weight is not scaled: sums of fan_in products grow with the root of fan_in. Divide by fan_in**0.5.",
    name="unscaled",
    replace=" / fan_in**0.5",
    by="",
)
linear.misconception(
    "You divided by fan_in. It is the variance that grows with fan_in: the weight is divided by its root.",
    name="by_fan_in",
    replace="fan_in**0.5",
    by="fan_in",
)
linear.misconception(
    "You divided by the root of fan_out. A neuron adds up fan_in numbers: that is the count that matters.",
    name="fan_out_for_fan_in",
    replace=" / fan_in**0.5",
    by=" / fan_out**0.5",
)
linear.misconception(
    "The weight is multiplied by the root of fan_in. The more numbers are added up, the smaller each weight "
    "must be: divide.",
    name="multiplied",
    replace=" / fan_in**0.5",
    by=" * fan_in**0.5",
)
linear.misconception(
    "The gain of tanh is in the layer already. Linear does not know what follows it: whoever builds the "
    "network multiplies.",
    name="gain_inside",
    replace="/ fan_in**0.5",
    by="/ fan_in**0.5 * 5 / 3",
)
linear.misconception(
    "The generator is not used: the weight comes from the global one, and no run can be repeated.",
    name="generator_ignored",
    replace="generator=generator) / fan_in",
    by="generator=torch.Generator().manual_seed(0)) / fan_in",
)
linear.misconception(
    "The weight is drawn uniformly. Here it is normal, torch.randn.",
    name="uniform",
    replace="= torch.randn(fan_in",
    by="= torch.rand(fan_in",
)
linear.misconception(
    "The weight is kept as (fan_out, fan_in), as torch.nn does. Here it is (fan_in, fan_out), for x @ W.",
    name="transposed",
    edits=[
        ("= torch.randn(fan_in, fan_out,", "= torch.randn(fan_out, fan_in,"),
        ("x @ self.weight  #", "x @ self.weight.t()  #"),
    ],
)
linear.misconception(
    "The bias is random. It starts at zero.",
    name="random_bias",
    replace="torch.zeros(fan_out)",
    by="torch.randn(fan_out, generator=generator)",
)
linear.misconception(
    "The bias starts at one. It starts at zero.",
    name="ones_bias",
    replace="torch.zeros(fan_out)",
    by="torch.ones(fan_out)",
)
linear.misconception(
    "bias=False is ignored: there is a bias all the same.",
    name="always_bias",
    replace="torch.zeros(fan_out) if bias else None",
    by="torch.zeros(fan_out)",
)
linear.misconception(
    "The bias is made, but never added: without it no neuron can shift. x @ weight + bias.",
    name="bias_unused",
    replace="self.out = self.out + self.bias",
    by="pass",
)
linear.misconception(
    "`if self.bias:` asks whether a tensor is true; for several elements torch cannot say. Ask whether it is "
    "None.",
    name="truth_of_tensor",
    replace="if self.bias is not None:",
    by="if self.bias:",
)
linear.misconception(
    "The bias is missing in parameters(): it stays at zero for ever.",
    name="bias_does_not_learn",
    replace="return [self.weight] if self.bias is None else [self.weight, self.bias]",
    by="return [self.weight]",
)
linear.misconception(
    "parameters() holds None where there is no bias. Whoever goes through the list expects tensors only.",
    name="none_in_list",
    replace="return [self.weight] if self.bias is None else [self.weight, self.bias]",
    by="return [self.weight, self.bias]",
)
linear.misconception(
    "parameters() does not hand out what the layer holds now, but copies, or a list made earlier: "
    "a step on them never reaches the layer.",
    name="copies",
    replace="return [self.weight] if self.bias is None else [self.weight, self.bias]",
    by="return [p.clone() for p in (self.weight, self.bias) if p is not None]",
)
linear.misconception(
    "The result is not kept as self.out; part 6 wants to look at it.",
    name="no_out",
    edits=[
        ("self.out = x @ self.weight", "out = x @ self.weight"),
        ("self.out = self.out + self.bias", "out = out + self.bias"),
        ("return self.out", "return out"),
    ],
)
linear.misconception(
    "self.out is what there was before the bias. Keep what you return.",
    name="out_without_bias",
    edits=[
        ("self.out = self.out + self.bias", "return self.out + self.bias"),
    ],
)
linear.misconception(
    "self.out is detached: right numbers, but no gradient can be read there any more. Keep what you return.",
    name="out_detached",
    edits=[
        ("self.out = x @ self.weight", "out = x @ self.weight"),
        ("self.out = self.out + self.bias", "out = out + self.bias"),
        ("return self.out", "self.out = out.detach()\n        return out"),
    ],
)
linear.misconception(
    "The numbers are right, but the weight is detached (or .data) and can never learn.",
    name="weight_detached",
    replace="x @ self.weight  #",
    by="x @ self.weight.data  #",
)
linear.misconception(
    "The layer is cut off from x (detach or .data): nothing below it can learn.",
    name="input_detached",
    replace="x @ self.weight  #",
    by="x.detach() @ self.weight  #",
)

linear.variant(
    "torch's own function",
    name="functional",
    replace="self.out = x @ self.weight  # (n, fan_out)\n        if self.bias is not None:\n"
    "            self.out = self.out + self.bias\n        return self.out",
    by="self.out = F.linear(x, self.weight.t(), self.bias)\n        return self.out",
)
linear.variant(
    "parameters that learn from the start",
    name="requires_grad",
    edits=[
        ("self.weight = torch.randn(fan_in, fan_out, generator=generator) / fan_in**0.5",
         "w = torch.randn((fan_in, fan_out), generator=generator).mul_(fan_in**-0.5)\n"
         "        self.weight = w.requires_grad_()"),
        ("torch.zeros(fan_out) if", "torch.zeros(fan_out, requires_grad=True) if"),
    ],
)  # fmt: skip
