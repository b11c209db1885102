"""04.stack_stds: through a deep stack."""

import itertools
import math

import torch

from graders.authoring import exercise

stack = exercise("stack_stds", title="through a deep stack")


@stack.cases
def _(rng):
    for nonlinearity, n, sizes in [
        ("tanh", 4, (3, 5, 2, 6)), ("relu", 5, (2, 6, 4)), ("linear", 3, (4, 2, 5)),
        ("tanh", 6, (3, 3, 3, 3)), ("relu", 3, (6, 4)), ("linear", 1, (3, 4, 2)),
    ]:  # fmt: skip
        weights = [rng.normal(a, b) for a, b in itertools.pairwise(sizes)]
        x = rng.normal(n, sizes[0], mean=0.5)
        if nonlinearity == "relu":  # an entry that survives, so that no std is zero
            x, weights = x.abs(), [w + 0.3 for w in weights]
        yield dict(x=x, weights=weights, nonlinearity=nonlinearity)
    yield dict(x=rng.normal(2, 3), weights=[], nonlinearity="tanh")


@stack.oracle
def _(x, weights, nonlinearity):
    functions = {"linear": lambda v: v, "tanh": math.tanh, "relu": lambda v: max(v, 0.0)}
    rows, stds = x.tolist(), []
    for W in weights:
        columns = W.t().tolist()
        rows = [
            [
                functions[nonlinearity](sum(a * b for a, b in zip(r, c, strict=True)))
                for c in columns
            ]
            for r in rows
        ]
        flat = [v for r in rows for v in r]
        mean = math.fsum(flat) / len(flat)
        stds.append(math.sqrt(math.fsum((v - mean) ** 2 for v in flat) / (len(flat) - 1)))
    return stds


@stack.effort
def _(rng):
    for depth in (3, 24):
        angles = [rng.number(0, 6) for _ in range(depth)]  # a turn makes no std smaller
        turns = [[[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]] for a in angles]
        weights = [torch.tensor(turn, dtype=torch.float64) for turn in turns]
        yield dict(x=rng.normal(3, 2), weights=weights, nonlinearity="linear")


stack.hint("What leaves a layer goes into the next one: which variable has to change?")
stack.hint("In the loop: x @ W, then the nonlinearity, then x.std().item() into the list.")
stack.hint("x = NONLINEARITIES[nonlinearity](x @ W); stds.append(x.std().item())")

stack.misconception(
    "Every layer got the same x. What leaves a layer goes into the next: assign x anew in the loop.",
    name="not_chained",
    replace="        x = NONLINEARITIES[nonlinearity](x @ W)\n        stds.append(x.std().item())\n",
    by="        stds.append(NONLINEARITIES[nonlinearity](x[:, : len(W)] @ W[: x.shape[1]]).std().item())\n",
)
stack.misconception(
    "The std was taken before the nonlinearity. What counts is what the next layer gets.",
    name="before",
    replace="        x = NONLINEARITIES[nonlinearity](x @ W)\n        stds.append(x.std().item())\n",
    by="        x = x @ W\n        stds.append(x.std().item())\n"
    "        x = NONLINEARITIES[nonlinearity](x)\n",
)
stack.misconception(
    "The nonlinearity is missing: without it, the layers are one linear layer.",
    name="no_nonlinearity",
    replace="NONLINEARITIES[nonlinearity](x @ W)",
    by="x @ W",
)
stack.misconception(
    "The nonlinearity is always tanh: take NONLINEARITIES[nonlinearity].",
    name="always_tanh",
    replace="NONLINEARITIES[nonlinearity](x @ W)",
    by="torch.tanh(x @ W)",
)
stack.misconception(
    "The nonlinearity was applied before the matrix. A layer is the matrix first.",
    name="nonlinearity_first",
    replace="NONLINEARITIES[nonlinearity](x @ W)",
    by="NONLINEARITIES[nonlinearity](x) @ W",
)
stack.misconception(
    "var for std: the variance is the square of what is asked.",
    name="variance",
    replace="x.std()",
    by="x.var()",
)
stack.misconception(
    "You divided by the number of activations. torch.std, by default, divides by one less.",
    name="biased",
    replace="x.std()",
    by="x.std(correction=0)",
)
stack.misconception(
    "That is the mean of the columns' (neurons') standard deviations. Take one std over all numbers.",
    name="mean_of_columns",
    replace="x.std()",
    by="x.std(0).mean()",
)
stack.misconception(
    "That is the root of the mean square, which counts the mean as spread. std subtracts the mean.",
    name="rms",
    replace="x.std()",
    by="(x**2).mean().sqrt()",
)
stack.misconception(
    "The std of x itself stands at the front. One number for each layer, after it.",
    name="with_input",
    replace="    stds = []\n",
    by="    stds = [x.std().item()]\n",
)
stack.misconception(
    "Only the last layer's std came back. Collect one per layer in a list.",
    name="last_only",
    replace="return stds",
    by="return stds[-1] if stds else 0.0",
)
stack.misconception(
    "`return` stands inside the loop: only the first layer is computed.",
    name="returns_early",
    replace="        stds.append(x.std().item())\n",
    by="        stds.append(x.std().item())\n        return stds\n",
)

stack.misconception(
    """The work grows with the square of the depth: for each layer the input is sent through all
    layers before it once more. What left the layer before is what goes into the next: keep it.""",
    name="from_the_input_for_each_layer",
    source="""
def stack_stds(x, weights, nonlinearity):
    stds = []
    for depth in range(len(weights)):
        h = x
        for W in weights[: depth + 1]:
            h = NONLINEARITIES[nonlinearity](h @ W)
        stds.append(h.std().item())
    return stds
""",
)

stack.variant(
    "torch.std_mean",
    name="std_mean",
    source="""def stack_stds(x, weights, nonlinearity):
    stds = []
    for W in weights:
        h = torch.matmul(x, W)
        x = h if nonlinearity == "linear" else getattr(torch, nonlinearity)(h)
        stds.append(torch.std_mean(x)[0].item())
    return stds
""",
)
stack.variant(
    "recursion",
    name="recursion",
    source="""def stack_stds(x, weights, nonlinearity):
    if not weights:
        return []
    h = NONLINEARITIES[nonlinearity](x.matmul(weights[0]))
    return [float(h.var().sqrt())] + stack_stds(h, weights[1:], nonlinearity)
""",
)
