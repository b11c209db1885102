"""One step, one batch by heart, its floor, minibatches and the loop."""

import torch

from graders.authoring import Rng, Tol, exercise

SIZES = [(5, 7, 3, 2, 4), (1, 4, 2, 5, 3), (6, 3, 1, 4, 8), (3, 31, 4, 3, 6)]  # n, v, t, d, hidden


def parameters(rng, v, t, d, hidden):
    """Random parameters by name, float64."""
    return {
        "C": rng.normal(v, d),
        "W1": rng.normal(t * d, hidden, std=0.5),
        "b1": rng.normal(hidden, std=0.5),
        "W2": rng.normal(hidden, v, std=0.5),
        "b2": rng.normal(v, std=0.5),
    }


def examples(rng, n, v, t):
    """Contexts and answers."""
    return rng.integers(0, v, n, t), rng.integers(0, v, n)


def leaves(params):
    """Parameters that autograd records."""
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


def plain(params):
    return {name: p.detach().clone() for name, p in params.items()}


def bumpy(n, seed, lr):
    """A run in which the loss rises to twice the first, at some step; nobody may stop there.

    Always the same one. It multiplies rounding errors by 20 only, so 1e-9 stays far away.
    """
    rng = Rng(seed)
    X, Y = examples(rng, n, 5, 2)
    return dict(params=parameters(rng, 5, 2, 3, 4), X=X, Y=Y, lr=lr)


# -- train_step ----------------------------------------------------------------------------------

step = exercise("train_step", title="forward, backward, update", points=2, pure=False)
step.hint("Four things: loss, old gradients away, backward, update. Which of them is not recorded?")
step.hint("p.grad = None for each p; loss.backward(); then p -= lr * p.grad under torch.no_grad().")
step.hint(
    "loss = F.cross_entropy(forward(params, Xb), Yb); reset; loss.backward(); with torch.no_grad(): "
    "for p in params.values(): p -= lr * p.grad. Return loss.item()."
)


@step.cases
def _(rng):
    for n, v, t, d, hidden in SIZES:
        batches = [examples(rng, n + i, v, t) for i in range(3)]
        yield dict(
            params=parameters(rng, v, t, d, hidden), batches=batches, lr=rng.number(0.2, 0.8)
        )


@step.scenario
def _(m, params, batches, lr):
    params = leaves(params)
    held = dict(params)  # what somebody else holds must see the steps
    losses = [m.train_step(params, Xb, Yb, lr) for Xb, Yb in batches]
    return {
        "losses": losses,
        "params": plain(params),
        "the tensors that were passed in": plain(held),
        "still trainable": all(p.requires_grad and p.is_leaf for p in params.values()),
        "batches": batches,
        "autograd still on": torch.is_grad_enabled(),
    }


@step.check("old gradients")
def _(m, params, batches, lr):
    params = leaves(params)
    for p in params.values():
        p.grad = torch.full_like(p, 3.0)
    m.train_step(params, *batches[0], lr)
    return plain(params)


@step.check("gives a number")
def _(m, params, batches, lr):
    loss = m.train_step(leaves(params), *batches[0], lr)
    return {"a Python number": type(loss) is float}


step.misconception(
    "Gradients pile up: backward() adds to p.grad. Set it to None (or zero) before each backward.",
    name="accumulate",
    replace="        p.grad = None\n",
    by="        pass\n",
)
step.misconception(
    "The gradients were reset once they were needed: after backward and before the update. Reset "
    "first, then backward, then update.",
    name="reset_too_late",
    edits=[
        (
            "    for p in params.values():\n        p.grad = None\n    loss.backward()\n",
            "    loss.backward()\n    for p in params.values():\n        p.grad = None\n",
        ),
    ],
)
step.misconception(
    "You added the gradient: it points uphill. Subtract lr times it.",
    name="uphill",
    replace="p -= lr * p.grad",
    by="p += lr * p.grad",
)
step.misconception(
    "Nothing moved. Either `p = p - ...` made a new tensor and gave it the name p (change it in place: "
    "p -= ...), or the gradients were zeroed between backward and update.",
    name="rebound",
    replace="p -= lr * p.grad",
    by="p = p - lr * p.grad",
)
step.misconception(
    "The dict holds new tensors; whoever holds the old ones sees no step. Change them in place.",
    name="new_tensors",
    replace="        for p in params.values():\n            p -= lr * p.grad",
    by="        for k, p in list(params.items()):\n"
    "            params[k] = (p - lr * p.grad).requires_grad_()",
)
step.misconception(
    "The learning rate is not used: the step is lr times the gradient.",
    name="no_lr",
    replace="p -= lr * p.grad",
    by="p -= p.grad",
)
step.misconception(
    "You used a learning rate of your own, 0.1: take the argument.",
    name="fixed_lr",
    replace="p -= lr * p.grad",
    by="p -= 0.1 * p.grad",
)
step.misconception(
    "You returned the loss after the step. Return the one of the forward pass that caused it.",
    name="loss_after",
    replace="return loss.item()",
    by="return F.cross_entropy(forward(params, Xb), Yb).item()",
)
step.misconception(
    "The returned loss is a tensor that keeps its whole graph alive; in a long list that eats the "
    "memory. Return loss.item().",
    name="tensor",
    replace="return loss.item()",
    by="return loss",
)
step.misconception(
    "The embeddings never learn: C is a parameter too.",
    name="c_forgotten",
    replace="            p -= lr * p.grad",
    by='            p -= lr * p.grad * (p is not params["C"])',
)
step.misconception(
    "Only the gradient's sign was used. The step is lr times the gradient itself.",
    name="sign_only",
    replace="lr * p.grad",
    by="lr * p.grad.sign()",
)
step.misconception(
    "Summed instead of averaged: the step now grows with the batch. F.cross_entropy takes the mean "
    "by itself.",
    name="summed",
    replace="forward(params, Xb), Yb)\n    for",
    by='forward(params, Xb), Yb, reduction="sum")\n    for',
)
step.misconception(
    "The update was recorded by autograd: torch refuses to change a leaf in place. Put it under "
    "torch.no_grad(), or change p.data.",
    name="recorded",
    replace="with torch.no_grad():",
    by="if True:",
)
step.misconception(
    "Divided by the size of the batch a second time: F.cross_entropy has averaged already.",
    name="divided_again",
    replace="lr * p.grad",
    by="lr * p.grad / len(Xb)",
)
step.misconception(
    "The biases never learn: b1 and b2 are parameters like all others.",
    name="biases_forgotten",
    replace="            p -= lr * p.grad",
    by="            p -= lr * p.grad * (p.dim() > 1)",
)
step.misconception(
    "backward() ran twice, and the gradients of both are added: the step is twice as long. Once is enough.",
    name="backward_twice",
    replace="    loss.backward()\n",
    by="    loss.backward(retain_graph=True)\n    loss.backward()\n",
)
step.misconception(
    "Gradients were clipped or normalized. A fine tool against explosions, but the step asked for is "
    "lr times the gradient.",
    name="normalized",
    replace="lr * p.grad",
    by="lr * p.grad / (p.grad.norm() + 1e-12)",
)
step.misconception(
    "The loss was rounded. Round when you print, never what you return.",
    name="rounded",
    replace="return loss.item()",
    by="return round(loss.item(), 4)",
)
step.misconception(
    "autograd was switched off for good, and the next step has no gradients. `with torch.no_grad():` "
    "switches it on again by itself.",
    name="left_off",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
step.variant(
    "through .data",
    name="data",
    source="""def train_step(params, Xb, Yb, lr):
    for p in params.values():
        if p.grad is not None:
            p.grad.zero_()
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    for p in params.values():
        p.data.add_(p.grad, alpha=-lr)
    return float(loss.detach())
""",
)
step.variant(
    "torch.optim, after backward",
    name="sgd",
    source="""def train_step(params, Xb, Yb, lr):
    optimizer = torch.optim.SGD(list(params.values()), lr=lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(forward(params, Xb), Yb)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
)
step.variant(
    "autograd.grad",
    name="grad",
    source="""def train_step(params, Xb, Yb, lr):
    names = list(params)
    loss = F.cross_entropy(forward(params, Xb), Yb)
    grads = torch.autograd.grad(loss, [params[n] for n in names])
    with torch.no_grad():
        for n, g in zip(names, grads):
            params[n].copy_(params[n] - lr * g)
    return loss.tolist()
""",
)

# -- overfit -------------------------------------------------------------------------------------

overfit = exercise("overfit", title="one batch by heart", pure=False)
overfit.hint("Which function of yours does one step, and what does it return?")
overfit.hint("Call train_step with the same batch, `steps` times, and collect what it returns.")


@overfit.cases
def _(rng):
    for (n, v, t, d, hidden), steps in zip(SIZES, (3, 5, 1, 4), strict=True):
        Xb, Yb = examples(rng, n, v, t)
        params = parameters(rng, v, t, d, hidden)
        yield dict(params=params, Xb=Xb, Yb=Yb, steps=steps, lr=rng.number(0.2, 0.8))
    yield dict(params=params, Xb=Xb, Yb=Yb, steps=0, lr=0.1)
    rough = bumpy(7, seed=23, lr=8.0)
    yield dict(params=rough["params"], Xb=rough["X"], Yb=rough["Y"], steps=5, lr=rough["lr"])


@overfit.scenario
def _(m, params, **case):
    params = leaves(params)
    losses = m.overfit(params, **case)
    return {"losses": losses, "params": plain(params), "batch": (case["Xb"], case["Yb"])}


def distinct(rng):
    """Contexts that differ: each answer can be learned by heart."""
    Xb = torch.tensor([[i, (i + 1) % 6] for i in range(6)])
    yield dict(
        params=parameters(rng, 6, 2, 4, 20), Xb=Xb, Yb=rng.integers(0, 6, 6), steps=60, lr=0.5
    )


def it_falls(case, got):
    """A band, not a value."""
    if not isinstance(got, list) or len(got) != case["steps"]:
        return f"expected a list of {case['steps']} losses"
    if not all(type(loss) is float and 0 <= loss < 1e9 for loss in got):
        return "a loss is not a finite number"
    if not got[-1] < 0.25 * got[0]:
        return f"in {case['steps']} steps the loss only went from {got[0]:.3f} to {got[-1]:.3f}"
    return None


@overfit.check("by heart", cases=distinct, judge=it_falls)
def _(m, params, **case):
    return [float(loss) for loss in m.overfit(leaves(params), **case)]


overfit.misconception(
    "Only the last loss came back: collect one for each step in a list.",
    name="last_only",
    replace="lr) for _ in range(steps)]",
    by="lr) for _ in range(steps)][-1:]",
)
overfit.misconception(
    "One step too many, or too few: range(steps) gives exactly `steps`.",
    name="one_more",
    replace="range(steps)",
    by="range(steps + 1)",
)
overfit.misconception(
    "You trained a copy: the parameters that were passed in must learn.",
    name="copy",
    replace="    return [",
    by="    params = {k: p.detach().clone().requires_grad_() for k, p in params.items()}\n    return [",
)
overfit.misconception(
    "Each step saw one example only. A step takes the whole batch.",
    name="one_example",
    replace="train_step(params, Xb, Yb, lr) for _",
    by="train_step(params, Xb[i % len(Xb)][None], Yb[i % len(Yb)][None], lr) for i",
)
overfit.misconception(
    "The same first loss, again and again: no step was taken between them. Call train_step each time.",
    name="no_steps",
    replace="[train_step(params, Xb, Yb, lr) for _ in range(steps)]",
    by="[F.cross_entropy(forward(params, Xb), Yb).item() for _ in range(steps)]",
)
overfit.misconception(
    "The learning rate is another one than asked for: hand lr on.",
    name="fixed_lr",
    replace="Yb, lr)",
    by="Yb, 0.1)",
)
overfit.misconception(
    "You stopped as soon as the loss rose. It may rise for a step or two; asked are all `steps` steps.",
    name="stops",
    source="""def overfit(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        losses.append(train_step(params, Xb, Yb, lr))
        if len(losses) > 1 and losses[-1] > losses[-2]:
            break
    return losses
""",
)
overfit.misconception(
    "The list holds the lowest loss so far. Note each loss as it is, bumps included.",
    name="lowest_so_far",
    source="""def overfit(params, Xb, Yb, steps, lr):
    losses = []
    for _ in range(steps):
        loss = train_step(params, Xb, Yb, lr)
        losses.append(min([loss, *losses[-1:]]))
    return losses
""",
)
overfit.misconception(
    "The learning rate falls on the way. That is the next part's idea; here it stays lr.",
    name="decays",
    replace="train_step(params, Xb, Yb, lr) for _",
    by="train_step(params, Xb, Yb, lr if i < steps / 2 else lr / 10) for i",
)
overfit.misconception(
    "You drew rows of the batch at random. By heart means the whole batch, each time.",
    name="random_rows",
    replace="train_step(params, Xb, Yb, lr) for _",
    by="train_step(params, *minibatch(Xb, Yb, len(Xb), torch.Generator().manual_seed(i)), lr) for i",
)
overfit.variant(
    "a loop, the step written out",
    name="inline",
    source="""def overfit(params, Xb, Yb, steps, lr):
    found = []
    while len(found) < steps:
        loss = F.cross_entropy(forward(params, Xb), Yb)
        for p in params.values():
            p.grad = None
        loss.backward()
        for p in params.values():
            p.data -= lr * p.grad
        found += [loss.item()]
    return found
""",
)

# -- loss_floor ----------------------------------------------------------------------------------

floor = exercise("loss_floor", title="what no model can beat")
floor.hint("For one context that occurs four times: which probabilities would you answer with?")
floor.hint("Count the contexts, and the pairs (context, answer). tuple(...) makes a row countable.")
floor.hint("For each example add -math.log(count of the pair / count of the context); divide by N.")


@floor.cases
def _(rng):
    yield dict(X=torch.tensor([[0, 0], [0, 0], [0, 1]]), Y=torch.tensor([1, 2, 2]))
    yield dict(X=rng.integers(0, 2, 12, 2), Y=rng.integers(0, 3, 12))
    yield dict(X=rng.integers(0, 3, 20, 1), Y=rng.integers(0, 5, 20))
    yield dict(X=torch.zeros(9, 3, dtype=torch.int64), Y=rng.integers(0, 4, 9))
    yield dict(X=torch.arange(8).view(4, 2), Y=rng.integers(0, 4, 4))  # all differ: 0
    yield dict(X=torch.tensor([[1, 2], [2, 1], [1, 2]]), Y=torch.tensor([1, 3, 0]))
    # contexts may not run into one another: two digits, and more than 27 characters
    yield dict(X=torch.tensor([[0, 27], [1, 0], [0, 27], [1, 0]]), Y=torch.tensor([40, 2, 13, 2]))
    yield dict(X=torch.tensor([[1, 12], [11, 2], [1, 12], [11, 2]]), Y=torch.tensor([3, 5, 3, 5]))


# counts and logarithms in float32 are off by some 1e-7, relatively; the mistakes by percents
floor.tolerance(Tol(rtol=1e-6))

floor.misconception(
    "The sum over the examples is right, but the mean is asked: divide by N.",
    name="summed",
    replace=" for pair in pairs) / len(pairs)",
    by=" for pair in pairs)",
)
floor.misconception(
    "The average runs over the different pairs. A pair that occurs three times costs three times.",
    name="distinct_pairs",
    replace="for pair in pairs) / len(pairs)",
    by="for pair in set(pairs)) / len(set(pairs))",
)
floor.misconception(
    "You looked at the last character only: two contexts are the same when all their characters are.",
    name="last_character",
    replace="tuple(x) for x in",
    by="tuple(x[-1:]) for x in",
)
floor.misconception(
    "The order of the characters was lost: 'ab' and 'ba' are different contexts.",
    name="unordered",
    replace="tuple(x) for x in",
    by="tuple(sorted(x)) for x in",
)
floor.misconception(
    "You divided by the number of all examples: that is the joint frequency of context and answer. "
    "A model is *given* the context: divide by how often that occurs.",
    name="joint",
    replace="/ seen[pair[0]]",
    by="/ len(pairs)",
)
floor.misconception(
    "The context was ignored: the floor is computed context by context, by its own counts.",
    name="no_context",
    replace="tuple(x) for x in",
    by="() for x in",
)
floor.misconception(
    "That assumes each answer of a context to be equally frequent. Use how often each occurs.",
    name="uniform",
    replace="seen_with[pair] / seen[pair[0]]",
    by="1 / len({y for x, y in pairs if x == pair[0]})",
)
floor.misconception(
    "The sign is missing: logarithms of frequencies are negative, a loss is not.",
    name="sign",
    replace="-math.log",
    by="math.log",
)
floor.misconception(
    "These are bits (base 2). The loss of this lesson is in nats: the natural logarithm.",
    name="bits",
    replace="-math.log(",
    by="-math.log2(",
)
floor.misconception(
    "A loss of zero needs every context to have one answer only. Repeated contexts with different "
    "answers cost something, whatever the model.",
    name="zero",
    replace="sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)",
    by="0.0",
)


floor.misconception(
    "That is the loss if each context always gave its most frequent answer. The answers that did come are "
    "what counts, the rare ones too.",
    name="most_frequent",
    replace="seen_with[pair] / seen[pair[0]]",
    by="max(n for (x, _), n in seen_with.items() if x == pair[0]) / seen[pair[0]]",
)
floor.misconception(
    "The average runs over the different contexts. One that occurs ten times counts ten times.",
    name="each_context_once",
    replace="    return sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)",
    by="    costs = [-math.log(seen_with[p] / seen[p[0]]) / seen[p[0]] for p in pairs]\n"
    "    return sum(costs) / len(seen)",
)
floor.misconception(
    "Smoothing keeps a model humble; the floor is what a model reaches that knows the counts exactly.",
    name="smoothed",
    replace="seen_with[pair] / seen[pair[0]]",
    by="(seen_with[pair] + 1) / (seen[pair[0]] + 27)",
)
floor.misconception(
    "The mean of the probabilities, and then the logarithm. The other way round: each example costs -ln p, "
    "and costs are averaged.",
    name="log_of_mean",
    replace="sum(-math.log(seen_with[pair] / seen[pair[0]]) for pair in pairs) / len(pairs)",
    by="-math.log(sum(seen_with[pair] / seen[pair[0]] for pair in pairs) / len(pairs))",
)


@floor.variant("unique rows, a table of counts")
def table(X, Y):
    _, rows = torch.unique(X, dim=0, return_inverse=True)
    N = torch.zeros(int(rows.max()) + 1, int(Y.max()) + 1, dtype=torch.float64)
    for i, y in zip(rows.tolist(), Y.tolist(), strict=True):
        N[i, y] += 1
    P = N / N.sum(1, keepdim=True)
    return -P[rows, Y].log().mean().item()


@floor.variant("all pairs compared")
def quadratic(X, Y):
    same = (X[:, None] == X[None]).all(2)
    both = same & (Y[:, None] == Y[None])
    return -(both.sum(1).double() / same.sum(1)).log().mean()


@floor.variant("in float32")
def in_float32(X, Y):
    same = (X[:, None] == X[None]).all(2)
    both = same & (Y[:, None] == Y[None])
    return -(both.sum(1) / same.sum(1)).log().mean().item()


# -- minibatch -----------------------------------------------------------------------------------

minibatch = exercise("minibatch", title="rows at random", pure=False)
minibatch.hint("One set of row numbers, used twice.")
minibatch.hint("ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)")
minibatch.hint("return X[ix], Y[ix]")


@minibatch.cases
def _(rng):
    for n, batch_size, t in [(20, 5, 3), (7, 4, 2), (3, 9, 4), (50, 1, 1)]:
        X, Y = examples(rng, n, 1000, t)  # nearly every row is different
        yield dict(X=X, Y=Y, batch_size=batch_size, seed=rng.seed())


@minibatch.scenario
def _(m, X, Y, batch_size, seed):
    g = torch.Generator().manual_seed(seed)
    found = [m.minibatch(X, Y, batch_size, g) for _ in range(3)]  # three batches, not one thrice
    return {"batches": found, "X": X, "Y": Y}


minibatch.misconception(
    "X and Y were drawn apart: the answers belong to other contexts. Use the same row numbers twice.",
    name="drawn_apart",
    replace="return X[ix], Y[ix]",
    by="jx = torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n    return X[ix], Y[jx]",
)
minibatch.misconception(
    "The generator was not used: the draw comes from torch's global one.",
    name="global_generator",
    replace="(batch_size,), generator=generator)\n",
    by="(batch_size,))\n",
)
minibatch.misconception(
    "The last example can never be drawn: randint leaves its upper end out by itself.",
    name="last_never",
    replace="X.shape[0], (",
    by="max(1, X.shape[0] - 1), (",
)
minibatch.misconception(
    "You returned the row numbers; asked are the rows: X[ix], Y[ix].",
    name="row_numbers",
    replace="return X[ix], Y[ix]",
    by="return ix, ix",
)
minibatch.misconception(
    "A whole stretch of neighbors: examples of one name look alike. Draw each row by itself.",
    name="neighbors",
    replace="return X[ix], Y[ix]",
    by="i = int(ix[0])\n    return X[i : i + batch_size], Y[i : i + batch_size]",
)
minibatch.misconception(
    "Drawn without replacement, by randperm: never more than N examples, and other numbers than "
    "agreed. Use torch.randint here.",
    name="randperm",
    replace="torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n",
    by="torch.randperm(X.shape[0], generator=generator)[:batch_size]\n",
)
minibatch.misconception(
    "You drew from the first batch_size rows: randint's upper end is the number of examples.",
    name="wrong_range",
    replace="X.shape[0], (",
    by="min(batch_size, X.shape[0]), (",
)


minibatch.misconception(
    "A fresh generator draws the same rows each time. Draw from the one passed in.",
    name="fresh_generator",
    replace="    ix = torch.randint",
    by="    generator = torch.Generator().manual_seed(2147483647)\n    ix = torch.randint",
)
minibatch.misconception(
    "You set the generator back to its seed: every minibatch is the first one.",
    name="rewound",
    replace="    ix = torch.randint",
    by="    generator.manual_seed(generator.initial_seed())\n    ix = torch.randint",
)
minibatch.misconception(
    "You drew twice and used the second draw. Once is what was agreed; whoever repeats your run gets other "
    "batches.",
    name="second_draw",
    replace="    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n",
    by="    torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n"
    "    ix = torch.randint(0, X.shape[0], (batch_size,), generator=generator)\n",
)
minibatch.misconception(
    "Rows drawn twice were dropped, or the rows sorted: return them as they were drawn, batch_size of them.",
    name="unique",
    replace="return X[ix], Y[ix]",
    by="ix = ix.unique()\n    return X[ix], Y[ix]",
)
minibatch.misconception(
    "You shuffled X and Y themselves, the caller's tensors. Draw row numbers and leave the data as it is.",
    name="shuffled_in_place",
    replace="return X[ix], Y[ix]",
    by="Xb, Yb, order = X[ix], Y[ix], torch.randperm(X.shape[0])\n"
    "    X.copy_(X[order])\n    Y.copy_(Y[order])\n    return Xb, Yb",
)


@minibatch.variant("index_select, high only")
def select(X, Y, batch_size, generator):
    ix = torch.randint(len(Y), size=[batch_size], generator=generator)
    return [X.index_select(0, ix), torch.take(Y, ix)]


# -- train ---------------------------------------------------------------------------------------

train = exercise("train", title="the loop over minibatches", pure=False)
train.hint("What is new in each step: the batch, the parameters, or both?")
train.hint("Draw a minibatch, call train_step with it, note the loss.")
train.hint(
    "for _ in range(steps): Xb, Yb = minibatch(X, Y, batch_size, generator); "
    "losses.append(train_step(params, Xb, Yb, lr))"
)


@train.cases
def _(rng):
    for (n, v, t, d, hidden), steps in zip(SIZES, (3, 5, 4, 2), strict=True):
        X, Y = examples(rng, 6 * n + 5, v, t)
        yield dict(
            params=parameters(rng, v, t, d, hidden), X=X, Y=Y, steps=steps, batch_size=n + 1,
            lr=rng.number(0.2, 0.8), seed=rng.seed(),
        )  # fmt: skip
    yield dict(
        params=parameters(rng, 3, 2, 2, 2), X=torch.zeros(4, 2, dtype=torch.int64),
        Y=torch.zeros(4, dtype=torch.int64), steps=0, batch_size=2, lr=0.1, seed=1,
    )  # fmt: skip
    yield dict(**bumpy(20, seed=16, lr=3.0), steps=5, batch_size=5, seed=8)


@train.scenario
def _(m, params, seed, **case):
    params = leaves(params)
    g = torch.Generator().manual_seed(seed)
    losses = m.train(params, generator=g, **case)
    after = torch.randint(0, 2**31, (1,), generator=g)  # where the generator stands now
    return {
        "losses": losses,
        "params": plain(params),
        "next draw": after,
        "X and Y": (case["X"], case["Y"]),
    }


def learnable(rng):
    """The answer is the last character: easy."""
    X = rng.integers(0, 5, 60, 2)
    yield dict(
        params=parameters(rng, 5, 2, 4, 16), X=X, Y=X[:, 1].clone(), steps=150, batch_size=16,
        lr=0.5, seed=rng.seed(),
    )  # fmt: skip


def it_learns(case, got):
    """A band, not a value."""
    if not isinstance(got, list) or len(got) != case["steps"]:
        return f"expected a list of {case['steps']} losses"
    if not all(type(loss) is float and 0 <= loss < 1e9 for loss in got):
        return "a loss is not a finite number"
    first, last = sum(got[:5]) / 5, sum(got[-20:]) / 20
    if not last < 0.35 * first:
        return f"in {case['steps']} steps the mean loss only went from {first:.3f} to {last:.3f}"
    return None


@train.check("the loss falls", cases=learnable, judge=it_learns)
def _(m, params, seed, **case):
    g = torch.Generator().manual_seed(seed)
    return [float(loss) for loss in m.train(leaves(params), generator=g, **case)]


train.misconception(
    "The minibatch was drawn once, before the loop: you learn 32 examples by heart, and none of the "
    "others. Draw a new one in each step.",
    name="drawn_once",
    edits=[
        ("        Xb, Yb = minibatch(X, Y, batch_size, generator)\n", ""),
        (
            "    losses = []\n",
            "    losses = []\n    Xb, Yb = minibatch(X, Y, batch_size, generator)\n",
        ),
    ],
)
train.misconception(
    "Each step took all examples. That works, and is slow: draw a minibatch.",
    name="all_examples",
    replace="Xb, Yb = minibatch(X, Y, batch_size, generator)",
    by="Xb, Yb = X, Y",
)
train.misconception(
    "A fresh generator in each step draws the same batch again and again. Use the one you were given.",
    name="generator_again",
    replace="    for _ in range(steps):\n",
    by="    start = generator.get_state()\n"
    "    for _ in range(steps):\n"
    "        generator.set_state(start)\n",
)
train.misconception(
    "The generator was not handed on: nobody can repeat your batches.",
    name="global_generator",
    replace="minibatch(X, Y, batch_size, generator)",
    by="minibatch(X, Y, batch_size, None)",
)
train.misconception(
    "You drew two batches a step, one for X and one for Y: contexts and answers no longer belong together.",
    name="two_draws",
    replace="Xb, Yb = minibatch(X, Y, batch_size, generator)",
    by="Xb = minibatch(X, Y, batch_size, generator)[0]\n"
    "        Yb = minibatch(X, Y, batch_size, generator)[1]",
)
train.misconception(
    "The list holds losses over the whole set, or of another batch: note what train_step returns.",
    name="whole_loss",
    replace="losses.append(train_step(params, Xb, Yb, lr))",
    by="train_step(params, Xb, Yb, lr)\n"
    "        losses.append(F.cross_entropy(forward(params, X), Y).item())",
)
train.misconception(
    "The loop ends after the first step: `return` stands one level too deep.",
    name="returns_early",
    replace="    return losses",
    by="        return losses\n    return losses",
)
train.misconception(
    "The batch size is 32 in your version: use the argument.",
    name="always_32",
    replace="minibatch(X, Y, batch_size, generator)",
    by="minibatch(X, Y, 32, generator)",
)
train.misconception(
    "You trained a copy of the parameters; those that were passed in must learn.",
    name="copy",
    replace="    losses = []\n",
    by="    losses = []\n"
    "    params = {k: p.detach().clone().requires_grad_() for k, p in params.items()}\n",
)
train.misconception(
    "Only the last loss came back: collect one for each step.",
    name="last_only",
    replace="return losses",
    by="return losses[-1:]",
)
train.misconception(
    "You shuffled once and went through the rows in order (epochs). A good way too, but asked is a new "
    "`minibatch` for each step.",
    name="epochs",
    source="""def train(params, X, Y, steps, batch_size, lr, generator):
    losses, order = [], torch.randperm(X.shape[0], generator=generator)
    for i in range(steps):
        ix = order[torch.arange(i * batch_size, (i + 1) * batch_size) % X.shape[0]]
        losses.append(train_step(params, X[ix], Y[ix], lr))
    return losses
""",
)
train.misconception(
    "The learning rate falls half-way. That comes in the next part; here it stays lr.",
    name="decays",
    replace="for _ in range(steps):\n        Xb, Yb = minibatch(X, Y, batch_size, generator)\n"
    "        losses.append(train_step(params, Xb, Yb, lr))",
    by="for i in range(steps):\n        Xb, Yb = minibatch(X, Y, batch_size, generator)\n"
    "        losses.append(train_step(params, Xb, Yb, lr if i < steps / 2 else lr / 10))",
)
train.misconception(
    "You noted the loss after each step. train_step returns the one before it: note that.",
    name="loss_after",
    replace="losses.append(train_step(params, Xb, Yb, lr))",
    by="train_step(params, Xb, Yb, lr)\n"
    "        losses.append(F.cross_entropy(forward(params, Xb), Yb).item())",
)
train.misconception(
    "Gradients pile up: your own loop never resets them. train_step does: call it.",
    name="accumulates",
    replace="        losses.append(train_step(params, Xb, Yb, lr))",
    by="        loss = F.cross_entropy(forward(params, Xb), Yb)\n"
    "        loss.backward()\n"
    "        for p in params.values():\n"
    "            p.data -= lr * p.grad\n"
    "        losses.append(loss.item())",
)
train.misconception(
    "You stopped when the loss rose. Single losses jump; asked are all `steps` steps.",
    name="stops",
    replace="        losses.append(train_step(params, Xb, Yb, lr))",
    by="        losses.append(train_step(params, Xb, Yb, lr))\n"
    "        if losses[-1] > 1.5 * losses[0]:\n"
    "            break",
)
train.misconception(
    "A generator of your own, even with the same seed, leaves the one passed in where it stood: whoever "
    "calls train twice gets the same batches twice.",
    name="own_generator",
    replace="    losses = []\n",
    by="    losses = []\n    generator = torch.Generator().manual_seed(generator.initial_seed())\n",
)
train.variant(
    "a comprehension",
    name="comprehension",
    source="""def train(params, X, Y, steps, batch_size, lr, generator):
    return [
        train_step(params, *minibatch(X, Y, batch_size, generator), lr=lr) for _ in range(steps)
    ]
""",
)
train.variant(
    "written out",
    name="written_out",
    source="""def train(params, X, Y, steps, batch_size, lr, generator):
    losses = []
    for i in range(1, steps + 1):
        ix = torch.randint(0, len(X), (batch_size,), generator=generator)
        loss = F.cross_entropy(forward(params, X[ix]), Y[ix])
        for p in params.values():
            p.grad = None
        loss.backward()
        for p in params.values():
            p.data += -lr * p.grad
        losses.append(loss.item())
    return losses
""",
)
