"""Training: the smoothed curve, the step, the switch, the loop, and a harness of runs."""

import itertools
import math

import torch

from graders.authoring import Tol, exercise

# -- smooth ------------------------------------------------------------------------------------

smooth = exercise("smooth", title="a loss curve that can be read")
smooth.hint("How many full groups are there? What happens to the losses after the last one?")
smooth.hint(
    "Cut the list to a multiple of window; a view with `window` columns then has one group in each "
    "row."
)
smooth.hint(
    "full = len(losses) // window * window; "
    "torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1)"
)


@smooth.cases
def _(rng):
    for n, window in [(12, 3), (10, 4), (7, 1), (5, 5), (23, 2), (9, 4), (30, 6)]:
        yield dict(losses=rng.numbers(n, 1.0, 4.0), window=window)
    yield dict(losses=rng.numbers(3, 1.0, 4.0), window=5)  # not one full group


# Single precision is fine here: means of a few numbers below 4, each rounded to 24 bits.
smooth_tolerance = Tol(rtol=1e-6)


@smooth.scenario
def _(m, losses, window):
    before = list(losses)
    means = m.smooth(losses, window)
    means = means.double() if isinstance(means, torch.Tensor) else means
    return {"means": means, "losses are unchanged": losses == before}


smooth.tolerance(smooth_tolerance)


@smooth.oracle
def _(losses, window):
    starts = range(0, len(losses) - window + 1, window)
    means = [sum(losses[i : i + window]) / window for i in starts]
    return {"means": torch.tensor(means, dtype=torch.float64), "losses are unchanged": True}


@smooth.misconception(
    "The list was shortened in place (pop or del): whoever passed it has lost those losses. Cut a "
    "copy, losses[:full]."
)
def shortened(losses, window):
    while len(losses) % window:
        losses.pop()
    return torch.tensor(losses, dtype=torch.float64).view(-1, window).mean(1)


@smooth.misconception(
    "The last full group is missing: range(0, len(losses) - window, window) stops before it. Its "
    "first step is len(losses) - window, so the end is one more."
)
def one_group_less(losses, window):
    starts = range(0, len(losses) - window, window)
    return torch.tensor([sum(losses[i : i + window]) / window for i in starts], dtype=torch.float64)


@smooth.misconception(
    "The incomplete last group was filled up with zeros, which pulls its mean down. Drop it."
)
def filled_up(losses, window):
    x = torch.zeros(-(-len(losses) // window) * window, dtype=torch.float64)
    x[: len(losses)] = torch.tensor(losses, dtype=torch.float64)
    return x.view(-1, window).mean(1)


@smooth.misconception(
    "The dimension over which you averaged was kept (keepdim): one number for each group, "
    "(groups,), not (groups, 1)."
)
def kept_dimension(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(1, keepdim=True)


@smooth.misconception("You returned a list. A tensor is promised: torch.tensor(means).")
def a_list(losses, window):
    full = len(losses) // window * window
    return [sum(losses[i : i + window]) / window for i in range(0, full, window)]


@smooth.misconception("1000 is the lecture's window. Here window is an argument.")
def always_1000(losses, window):
    full = len(losses) // 1000 * 1000
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, 1000).mean(1)


@smooth.misconception("That is the median of each group; the mean is asked for.")
def medians(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).median(1).values


@smooth.misconception(
    "That is a moving average, one value for each step. Here groups do not overlap: one value for "
    "each `window` steps."
)
def moving(losses, window):
    x = torch.tensor(losses, dtype=torch.float64)
    return x.unfold(0, window, 1).mean(1) if len(x) >= window else x[:0]


@smooth.misconception(
    "Neighbors are torn apart: with `window` rows, a mean over dimension 0 mixes early and late "
    "losses. One group is one *row* of `window` numbers: view(-1, window), then mean(1)."
)
def torn(losses, window):
    full = len(losses) // window * window
    x = torch.tensor(losses[:full], dtype=torch.float64)
    return x.view(window, -1).mean(0) if full else x


@smooth.misconception(
    "You averaged over the wrong dimension: mean(0) mixes the groups; mean(1) goes along each row, "
    "over the `window` losses of one group."
)
def wrong_dim(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).mean(0)


@smooth.misconception("The losses were added up. Divide by window: a loss curve shows means.")
def summed(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, window).sum(1)


@smooth.misconception(
    "The incomplete last group was averaged as well. It is noisier than the others, and the last "
    "point of a curve is the one people look at: drop it."
)
def last_kept(losses, window):
    groups = [losses[i : i + window] for i in range(0, len(losses), window)]
    return torch.tensor([sum(g) / len(g) for g in groups], dtype=torch.float64)


@smooth.misconception(
    "The first losses were dropped instead of the last ones: groups start at step 0."
)
def first_dropped(losses, window):
    cut = len(losses) % window
    return torch.tensor(losses[cut:], dtype=torch.float64).view(-1, window).mean(1)


@smooth.misconception(
    "You took every window-th loss. That is as noisy as before, with fewer points: average the "
    "group."
)
def subsampled(losses, window):
    full = len(losses) // window * window
    return torch.tensor(losses[:full:window], dtype=torch.float64)


@smooth.misconception("window is the number of steps in a group, not the number of groups.")
def number_of_groups(losses, window):
    size = max(1, len(losses) // window)
    full = len(losses) // size * size
    return torch.tensor(losses[:full], dtype=torch.float64).view(-1, size).mean(1)


@smooth.misconception(
    "A view needs a multiple of window: without cutting the list first, every other length fails."
)
def not_cut(losses, window):
    return torch.tensor(losses, dtype=torch.float64).view(-1, window).mean(1)


@smooth.variant("unfold, in single precision")
def unfold(losses, window):
    x = torch.tensor(losses)
    return x.unfold(0, window, window).mean(1) if len(x) >= window else x[:0]


@smooth.variant("a loop")
def loop(losses, window):
    means = torch.zeros(len(losses) // window, dtype=torch.float64)
    for i in range(len(means)):
        means[i] = sum(losses[i * window : (i + 1) * window]) / window
    return means


def number(x):
    """A number as plain data: a tensor with one number counts as that number."""
    return x.item() if isinstance(x, torch.Tensor) and x.numel() == 1 else x


# -- learning_rate -----------------------------------------------------------------------------

rate = exercise("learning_rate", title="a step schedule")
rate.hint("Which is the first step that gets 0.01 when there are 4? When there are 200,000?")
rate.hint("Compare step with 0.75 * steps.")
rate.hint("return 0.1 if step < 0.75 * steps else 0.01")


@rate.cases
def _(rng):
    for steps in (1, 4, 7, 10, 200_000):
        picked = {0, steps - 1, *range(min(steps, 10)), int(0.75 * steps), steps // 2}
        picked |= {max(0, int(0.75 * steps) - 1), min(steps - 1, int(0.75 * steps) + 1)}
        yield dict(steps=steps, picked=sorted(picked))
    steps = rng.integer(20, 200)
    yield dict(steps=steps, picked=list(range(steps)))


def changes(rates, picked):
    """A schedule in a few words: the first rate, and each change with the step where it comes."""
    pairs = list(zip([None, *rates], rates, strict=False))
    after = [(step, b) for step, (a, b) in zip(picked, pairs, strict=True) if a != b]
    return {
        "at step 0": rates[0],
        "changes at step": [step for step, _ in after[1:]],
        "changes to": [rate for _, rate in after[1:]],
    }


@rate.scenario
def _(m, steps, picked):
    return changes([number(m.learning_rate(step, steps)) for step in picked], picked)


@rate.oracle
def _(steps, picked):
    return changes([0.1 if 4 * step < 3 * steps else 0.01 for step in picked], picked)


@rate.misconception("The small rate comes first: begin with 0.1, end with 0.01.")
def swapped(step, steps):
    return 0.01 if step < 0.75 * steps else 0.1


@rate.misconception(
    "One step too late: step 3 of 4 (they count from 0) is already in the last quarter. Less than, "
    "not less or equal."
)
def less_or_equal(step, steps):
    return 0.1 if step <= 0.75 * steps else 0.01


@rate.misconception(
    "150,000 is three quarters of the lecture's 200,000; in a shorter run the drop would never "
    "come. Use 0.75 * steps."
)
def fixed(step, steps):
    return 0.1 if step < 150_000 else 0.01


@rate.misconception("The drop comes at half: it is asked for at three quarters.")
def half(step, steps):
    return 0.1 if step < 0.5 * steps else 0.01


@rate.misconception(
    "`steps // 4 * 3` rounds down first and is too early for steps that 4 does not divide: 3 of 7. "
    "Compare with 0.75 * steps."
)
def rounded(step, steps):
    return 0.1 if step < steps // 4 * 3 else 0.01


@rate.misconception(
    "One step early where 4 does not divide steps: step 5 of 7 is less than 5.25. Do not cut off "
    "the fraction (int or //), nor count step + 1: compare step itself with 0.75 * steps."
)
def cut_off(step, steps):
    return 0.1 if step < int(0.75 * steps) else 0.01


@rate.misconception(
    "Rounding moves the drop where 4 does not divide steps. Compare with 0.75 * steps as it is."
)
def rounded_off(step, steps):
    return 0.1 if step < round(0.75 * steps) else 0.01


@rate.misconception(
    "One step too early: step counts from 0 already, no + 1. Compare step itself with 0.75 * steps."
)
def counted_from_one(step, steps):
    return 0.1 if step + 1 < 0.75 * steps else 0.01


@rate.misconception(
    "The last quarter has no rate: without a second return the function gives None."
)
def nothing_later(step, steps):
    return 0.1 if step < 0.75 * steps else None


@rate.misconception("You let the rate fall gradually. This schedule has two values, and one drop.")
def linear(step, steps):
    return 0.1 - 0.09 * step / steps


@rate.misconception("The last quarter has a tenth of 0.1, which is 0.01, not 0.001.")
def hundredth(step, steps):
    return 0.1 if step < 0.75 * steps else 0.001


@rate.variant("in integers")
def integers(step, steps):
    return [0.1, 0.01][step * 4 >= steps * 3]


@rate.variant("the fraction done")
def fraction(step, steps):
    if step / steps >= 3 / 4:
        return 0.01
    return 0.1


# -- models for what follows ---------------------------------------------------------------------


def small_model(m, v, groups, d, h, seed):
    """The part's own model in double precision, every parameter and statistic random."""
    g = torch.Generator().manual_seed(seed)
    model = m.build(v, groups, d, h)
    for layer in model.layers:
        for name in ("weight", "bias", "gamma", "beta", "running_mean", "running_var"):
            old = getattr(layer, name, None)
            if old is None:
                continue
            new = torch.randn(old.shape, generator=g, dtype=torch.float64) * 0.5
            if name in ("gamma", "running_var"):
                new = new.abs() + 0.5
            setattr(layer, name, new)
    for p in model.parameters():
        p.requires_grad_()
    return model


def state(model):
    """All numbers of a model: what learns, and what only follows."""
    found = [p.detach().clone() for p in model.parameters()]
    for layer in model.layers:
        if hasattr(layer, "running_mean"):
            found += [layer.running_mean.clone(), layer.running_var.clone()]
    return found


def flags(model):
    """Who is in training mode: the container, then each layer."""
    return [model.training, *[layer.training for layer in model.layers]]


def a_split(rng, n, v, T):
    return rng.integers(0, v, n, T), rng.integers(0, v, n)


# vocabulary, groups, n_embd, n_hidden, examples in a batch
SIZES = [(5, (2,), 3, 4, 6), (7, (2, 2), 2, 5, 4), (4, (3,), 4, 3, 5), (6, (2, 2), 3, 3, 9)]

# -- train_step ----------------------------------------------------------------------------------

step = exercise("train_step", title="one step", pure=False)
step.hint("What is in p.grad when the step begins? Where does backward() put the new gradient?")
step.hint(
    "Forget (p.grad = None), F.cross_entropy(model(Xb), Yb), loss.backward(), then "
    "`p -= lr * p.grad` for each parameter under torch.no_grad()."
)
step.hint(
    "The update must change the very tensor: `p -= ...` inside `with torch.no_grad():`, or "
    "`p.data`. Return loss.item(), the loss that was computed before the update."
)


@step.cases
def _(rng):
    for (v, groups, d, h, n), training in zip(SIZES, (True, True, False, True), strict=True):
        T = math.prod(groups)
        yield dict(
            shape=(v, groups, d, h),
            seed=rng.seed(),
            batches=[a_split(rng, n + i, v, T) for i in range(3)],
            lr=rng.number(0.05, 0.6),
            training=training,
        )


@step.scenario
def _(m, shape, seed, batches, lr, training):
    """Three steps on one model, with stale gradients from somewhere at the start."""
    model = small_model(m, *shape, seed)
    model.train(training)
    held = model.parameters()
    for p in held:
        p.grad = torch.ones_like(p)
    losses = [m.train_step(model, Xb, Yb, lr) for Xb, Yb in batches]
    losses = [x.item() if isinstance(x, torch.Tensor) and x.numel() == 1 else x for x in losses]
    same = all(p is q for p, q in zip(held, model.parameters(), strict=True))
    return {
        "losses": losses,
        "state": state(model),
        "the same tensors": same,
        "modes": flags(model),
    }


@step.check("gradients")
def _(m, shape, seed, batches, lr, training):
    """What is left in p.grad: this batch's gradient, and parameters that can go on learning."""
    model = small_model(m, *shape, seed)
    for Xb, Yb in batches[:2]:
        m.train_step(model, Xb, Yb, lr)
    leaves = [p.is_leaf and p.requires_grad for p in model.parameters()]
    return {
        "p.grad": [p.grad for p in model.parameters()],
        "parameters can go on learning": leaves,
        "autograd is still on": torch.is_grad_enabled(),
    }


@step.check("any model")
def _(m, shape, seed, batches, lr, training):
    """A callable with parameters() is enough, and it may have been stepped by nobody yet."""
    v = shape[0]
    g = torch.Generator().manual_seed(seed)
    table = torch.randn(v, v, generator=g, dtype=torch.float64).requires_grad_()

    class Bigram:
        def __call__(self, ix):
            return table[ix[:, -1]]

        def parameters(self):
            return [table]

    losses = [number(m.train_step(Bigram(), Xb, Yb, lr)) for Xb, Yb in batches]
    return {"losses": losses, "table": table, "gradient": table.grad}


step.misconception(
    "You went through model.layers. Not every model has them: model.parameters() is the list of "
    "all tensors that learn.",
    name="through_layers",
    edits=[
        (
            "    for p in model.parameters():\n        p.grad = None\n",
            "    for p in [p for layer in model.layers for p in layer.parameters()]:\n"
            "        p.grad = None\n",
        ),
    ],
)
step.misconception(
    "p.grad is None before the first backward(): it has no zero_(). Set p.grad = None, or ask "
    "first.",
    name="zero_none",
    replace="        p.grad = None\n",
    by="        p.grad.zero_()\n",
)
step.misconception(
    "The model was called twice, and BatchNorm's running statistics moved twice. Call it once, and "
    "keep what it returns.",
    name="called_twice",
    replace="    loss = F",
    by="    model(Xb)\n    loss = F",
)
step.misconception(
    "The update was recorded by autograd, which refuses to change a leaf in place. Put the loop "
    "under `with torch.no_grad():`.",
    name="recorded",
    replace="    with torch.no_grad():\n",
    by="    if True:\n",
)
step.misconception(
    "The learning rate 0.1 is written into the code: lr is an argument.",
    name="always_tenth",
    replace="p -= lr * p.grad",
    by="p -= 0.1 * p.grad",
)
step.misconception(
    "The gradient was divided by the batch size. The loss is a mean, so that is done already.",
    name="divided_again",
    replace="p -= lr * p.grad",
    by="p -= lr * p.grad / len(Xb)",
)
step.misconception(
    "Nothing is returned: the batch's loss is asked for, loss.item().",
    name="no_return",
    replace="    return loss.item()",
    by="    loss.item()",
)
step.misconception(
    "The logarithm to base 10 is for the picture. Return the loss itself.",
    name="log10",
    replace="return loss.item()",
    by="return loss.log10().item()",
)
step.misconception(
    "The loss was rounded. Round when you print, not when you measure.",
    name="rounded",
    replace="return loss.item()",
    by="return round(loss.item(), 4)",
)
step.misconception(
    "Adam (or another optimizer with a memory) was used. This is plain gradient descent: "
    "p moves by -lr * p.grad.",
    name="adam",
    source="""def train_step(model, Xb, Yb, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    optimizer.step()
    return loss.item()
""",
)
step.misconception(
    "The model was put into eval mode at the end. This function leaves the mode as it is.",
    name="eval_afterwards",
    replace="    return loss.item()",
    by="    model.eval()\n    return loss.item()",
)
step.misconception(
    "Gradients are off for good, by torch.set_grad_enabled(False) or requires_grad = False: after "
    "one step nothing can be trained any more. Use `with torch.no_grad():`, which ends with its "
    "block.",
    name="grad_off_for_good",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
step.misconception(
    "Gradients pile up: backward() adds to p.grad, so what earlier calls left there counts again. "
    "Set p.grad = None (or to zero) before backward().",
    name="no_zero_grad",
    replace="    for p in model.parameters():\n        p.grad = None\n",
    by="",
)
step.misconception(
    "The gradients are zero when the step is taken: backward() is missing, or they were forgotten "
    "after it. Forget first, then backward, then the step.",
    name="zero_after_backward",
    replace="    loss.backward()\n",
    by="    loss.backward()\n    for p in model.parameters():\n"
    "        p.grad = torch.zeros_like(p)\n",
)
step.misconception(
    "The gradients are gone afterwards, and those that were there before counted: forgetting at "
    "the end only works if everybody does it. Forget at the beginning, and leave this batch's in "
    "p.grad.",
    name="zero_at_the_end",
    edits=[
        ("    for p in model.parameters():\n        p.grad = None\n", ""),
        (
            "            p -= lr * p.grad\n",
            "            p -= lr * p.grad\n            p.grad = None\n",
        ),
    ],
)
step.misconception(
    "The gradients are gone afterwards. Forgetting them is the beginning of the next step; until "
    "then p.grad is this batch's gradient, for whoever wants to look at it.",
    name="zero_at_both_ends",
    replace="            p -= lr * p.grad\n",
    by="            p -= lr * p.grad\n            p.grad = None\n",
)
step.misconception(
    "The step goes uphill: the gradient points to where the loss grows. Subtract it.",
    name="uphill",
    replace="p -= lr * p.grad",
    by="p += lr * p.grad",
)
step.misconception(
    "No parameter of the model changed. Either the step is missing, or it is `p = p - ...`, which "
    "makes a new tensor and gives it the name p while the model keeps the old one: change it in "
    "place, `p -= ...`.",
    name="rebound",
    replace="p -= lr * p.grad",
    by="p = p - lr * p.grad",
)
step.misconception(
    "The learning rate is not used: the step is lr times the gradient.",
    name="no_lr",
    replace="p -= lr * p.grad",
    by="p -= p.grad",
)
step.misconception(
    "The loss is the sum over the batch. Take the mean, or the step grows with the batch.",
    name="summed",
    replace="F.cross_entropy(model(Xb), Yb)",
    by='F.cross_entropy(model(Xb), Yb, reduction="sum")',
)
step.misconception(
    "You applied softmax before cross_entropy, which applies it itself: it wants the logits.",
    name="softmax_twice",
    replace="F.cross_entropy(model(Xb), Yb)",
    by="F.cross_entropy(F.softmax(model(Xb), dim=1), Yb)",
)
step.misconception(
    "You returned the loss after the step (and ran the model a second time, which moved "
    "BatchNorm's statistics again). Return the one the step was computed from.",
    name="loss_after",
    replace="return loss.item()",
    by="return F.cross_entropy(model(Xb), Yb).item()",
)
step.misconception(
    "You switched the model to training mode. This function steps in whatever mode the model is; "
    "switching is the loop's work.",
    name="switches",
    replace="    loss = F",
    by="    model.train()\n    loss = F",
)
step.misconception(
    "Only the first parameter learns: `return` or the update stands at the wrong depth, or the "
    "loop ends early. Every parameter takes a step.",
    name="first_only",
    replace="            p -= lr * p.grad",
    by="            p -= lr * p.grad\n            break",
)
step.misconception(
    "Only matrices take a step; biases, gamma and beta learn, too.",
    name="matrices_only",
    replace="            p -= lr * p.grad",
    by="            if p.ndim > 1:\n                p -= lr * p.grad",
)
step.misconception(
    "You only used the gradient's sign. The step is lr times the gradient itself.",
    name="sign",
    replace="p -= lr * p.grad",
    by="p -= lr * p.grad.sign()",
)
step.variant(
    "torch.optim.SGD",
    name="optimizer",
    source="""def train_step(model, Xb, Yb, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(Xb), Yb)
    loss.backward()
    optimizer.step()
    return float(loss)
""",
)
step.variant(
    "through .data, gradients zeroed, cross-entropy by hand",
    name="data",
    source="""def train_step(model, Xb, Yb, lr):
    logprobs = model(Xb).log_softmax(1)
    loss = -logprobs[torch.arange(len(Yb)), Yb].mean()
    for p in model.parameters():
        if p.grad is not None:
            p.grad.zero_()
    loss.backward()
    for p in model.parameters():
        p.data += -lr * p.grad
    return loss
""",
)
step.variant(
    "autograd.grad",
    name="autograd_grad",
    source="""def train_step(model, Xb, Yb, lr):
    loss = F.cross_entropy(model(Xb), Yb)
    parameters = model.parameters()
    grads = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for p, grad in zip(parameters, grads):
            p.grad = grad
            p.sub_(grad, alpha=lr)
    return loss.item()
""",
)

# -- evaluate ------------------------------------------------------------------------------------

evaluate = exercise("evaluate", title="the switch", points=2, pure=False)
evaluate.hint(
    "Which three things belong to every evaluation? Which of them must be undone at the end?"
)
evaluate.hint(
    "Remember model.training, call model.eval(), go over the chunks under torch.no_grad() adding "
    "up sums, then model.train(what it was)."
)
evaluate.hint(
    'For each chunk total += F.cross_entropy(logits, Y[i : i + chunk], reduction="sum").item(); '
    "return total / len(X)."
)


@evaluate.cases
def _(rng):
    settings = [(1, True), (3, False), (4, True), (100, False)]
    for (v, groups, d, h, _), (chunk, training) in zip(SIZES, settings, strict=True):
        X, Y = a_split(rng, 10, v, math.prod(groups))
        yield dict(
            shape=(v, groups, d, h), seed=rng.seed(), X=X, Y=Y, chunk=chunk, training=training
        )
    X, Y = a_split(rng, 7, 5, 2)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), X=X, Y=Y, chunk=5, training=True)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), X=X, Y=Y, chunk=7, training=False)


def measured(m, model, *arguments):
    """(the loss, whether gradients are still on); in any case they are on afterwards."""
    try:
        loss = number(m.evaluate(model, *arguments))
        return loss, torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)


@evaluate.scenario
def _(m, shape, seed, X, Y, chunk, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    loss = measured(m, model, X, Y, chunk)[0]
    return {"the loss": loss, "with chunk left out": measured(m, model, X, Y)[0]}


@evaluate.check("the mode afterwards")
def _(m, shape, seed, X, Y, chunk, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    seen = {}
    for mode in (training, not training):
        model.train(mode)
        measured(m, model, X, Y, chunk)
        before = "training" if mode else "eval"
        seen[f"training flags of a model that was in {before} mode"] = flags(model)
    return seen


@evaluate.check("nothing changed")
def _(m, shape, seed, X, Y, chunk, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    for p in model.parameters()[1:]:  # a gradient that somebody still needs, and none
        p.grad = torch.ones_like(p)
    still_on = measured(m, model, X, Y, chunk)[1]
    return {
        "state": state(model),
        "p.grad": [p.grad for p in model.parameters()],
        "requires_grad": [p.requires_grad for p in model.parameters()],
        "autograd is still on": still_on,
    }


@evaluate.check("on the way")
def _(m, shape, seed, X, Y, chunk, training):
    """A layer that watches: no gradients, never more than a chunk, always in eval mode."""
    seen = []

    class Watch(m.Module):
        def __call__(self, x):
            seen.append((torch.is_grad_enabled(), len(x), self.training, model.training))
            return x

    model = small_model(m, *shape, seed)
    model.layers.insert(0, Watch())
    model.train(training)
    measured(m, model, X, Y, chunk)
    return {
        "gradients on": any(grad for grad, _, _, _ in seen),
        "never more than a chunk": all(n <= chunk for _, n, _, _ in seen),
        "examples": sum(n for _, n, _, _ in seen),
        "in training mode": any(mode for _, _, mode, _ in seen),
        "the container, too": any(mode for _, _, _, mode in seen),
    }


evaluate.misconception(
    "The model was measured in training mode: the loss of an example depends on its neighbors in "
    "the chunk, and the running statistics move. Call model.eval() first.",
    name="no_eval",
    replace="    model.eval()\n",
    by="",
)
evaluate.misconception(
    "A model that was in training mode is left in eval mode, and would go on training with frozen "
    "statistics. Put it back into the mode it was in, and ask for that mode *before* eval() "
    "changes it.",
    name="left_in_eval",
    replace="    model.train(was_training)\n",
    by="",
)
evaluate.misconception(
    "The model is always put into training mode at the end. Somebody who samples from it had it "
    "in eval mode: put it back into the mode it was in.",
    name="always_train",
    replace="model.train(was_training)",
    by="model.train()",
)
evaluate.misconception(
    "Only the container's flag was changed (model.training = False). BatchNorm has one of its "
    "own: call model.eval(), which reaches every layer.",
    name="flag_only",
    edits=[
        ("    model.eval()\n", "    model.training = False\n"),
        ("model.train(was_training)", "model.training = was_training"),
    ],
)
evaluate.misconception(
    "The whole evaluation was recorded for a backward pass that never comes. Put it under "
    "torch.no_grad().",
    name="grad_on",
    replace="    with torch.no_grad():\n",
    by="    if True:\n",
)
evaluate.misconception(
    "Gradients are off for good: after set_grad_enabled(False) nothing can be trained any more. "
    "Use `with torch.no_grad():`, which ends with its block.",
    name="grad_off_for_good",
    replace="    with torch.no_grad():\n",
    by="    torch.set_grad_enabled(False)\n    if True:\n",
)
evaluate.misconception(
    "The mean of the chunks' means gives the examples of the last, smaller chunk too much weight. "
    "Add up sums, and divide by the number of examples.",
    name="mean_of_means",
    edits=[
        ('reduction="sum").item()', 'reduction="mean").item()'),
        ("return total / len(X)", "return total / ((len(X) + chunk - 1) // chunk)"),
    ],
)
evaluate.misconception(
    "The last, incomplete chunk was dropped. All N examples belong to the split.",
    name="last_dropped",
    edits=[
        ("range(0, len(X), chunk)", "range(0, len(X) - len(X) % chunk, chunk)"),
        ("return total / len(X)", "return total / max(1, len(X) - len(X) % chunk)"),
    ],
)
evaluate.misconception(
    "Only the last chunk's loss came back: add up all chunks.",
    name="last_only",
    replace="            total += F",
    by="            total = F",
)
evaluate.misconception(
    "Only the first chunk was measured: the loop ends after it.",
    name="first_only",
    edits=[
        ("range(0, len(X), chunk)", "range(0, min(1, len(X)), chunk)"),
        ("return total / len(X)", "return total / min(chunk, len(X))"),
    ],
)
evaluate.misconception(
    "The sum was returned. Divide by the number of examples: losses of splits of different sizes "
    "are to be compared.",
    name="summed",
    replace="return total / len(X)",
    by="return total",
)
evaluate.misconception(
    "All examples went through at once: use chunk, or a large split does not fit into memory.",
    name="no_chunks",
    edits=[
        ("range(0, len(X), chunk)", "range(0, 1)"),
        ("model(X[i : i + chunk])", "model(X)"),
        ("F.cross_entropy(logits, Y[i : i + chunk]", "F.cross_entropy(logits, Y"),
    ],
)
evaluate.misconception(
    "The gradients were cleared. Measuring changes nothing about the model: somebody may be about "
    "to take a step with them.",
    name="clears_gradients",
    replace="    model.train(was_training)\n",
    by="    model.train(was_training)\n    for p in model.parameters():\n        p.grad = None\n",
)
evaluate.misconception(
    "requires_grad was switched off, and stays off: the model cannot be trained any more. Use "
    "torch.no_grad().",
    name="requires_grad_off",
    replace="    model.eval()\n",
    by="    model.eval()\n    for p in model.parameters():\n        p.requires_grad = False\n",
)
evaluate.misconception(
    "Each chunk's mean was weighted by chunk, the last one, which is smaller, as well. Weight it by "
    "how many examples it really has.",
    name="weighted_by_chunk",
    replace='reduction="sum").item()',
    by='reduction="mean").item() * chunk',
)
evaluate.misconception(
    "The sum was divided by chunk. Divide by the number of all examples, len(X).",
    name="divided_by_chunk",
    replace="return total / len(X)",
    by="return total / chunk",
)
evaluate.misconception(
    "That is the accuracy. The mean cross-entropy is asked for.",
    name="accuracy",
    replace='F.cross_entropy(logits, Y[i : i + chunk], reduction="sum").item()',
    by="(logits.argmax(1) == Y[i : i + chunk]).sum().item()",
)
evaluate.misconception(
    "You wanted to put a model that was in eval mode into training mode, and left the others. Put "
    "it back into the mode it was in: model.train(was_training).",
    name="condition_inverted",
    replace="    model.train(was_training)\n",
    by="    if not was_training:\n        model.train()\n",
)
evaluate.misconception(
    "The layers are back in their mode, the container is not: call model.train(was_training), "
    "which reaches all.",
    name="container_left",
    replace="    model.train(was_training)\n",
    by="    for layer in model.layers:\n        layer.train(was_training)\n",
)
evaluate.misconception(
    "The inputs move on from chunk to chunk, the targets do not: slice both.",
    name="targets_stay",
    replace="F.cross_entropy(logits, Y[i : i + chunk]",
    by="F.cross_entropy(logits, Y[: len(logits)]",
)
evaluate.misconception(
    "You stepped while measuring: an evaluation changes no parameter.",
    name="trains",
    replace="    model.eval()\n",
    by="    model.eval()\n    train_step(model, X[:2], Y[:2], 0.1)\n",
)
evaluate.variant(
    "split, and try/finally",
    name="split",
    source="""@torch.no_grad()
def evaluate(model, X, Y, chunk=4096):
    before = model.training
    try:
        model.eval()
        losses = [
            F.cross_entropy(model(Xc), Yc, reduction="none")
            for Xc, Yc in zip(X.split(chunk), Y.split(chunk))
        ]
    finally:
        model.train(before)
    return torch.cat(losses).mean().item()
""",
)
evaluate.variant(
    "all logits, then one loss",
    name="all_logits",
    source="""def evaluate(model, X, Y, chunk=4096):
    mode = model.training
    model.train(False)
    with torch.inference_mode():
        logits = torch.cat([model(X[i : i + chunk]) for i in range(0, X.shape[0], chunk)])
        loss = F.cross_entropy(logits, Y)
    if mode:
        model.train()
    return float(loss)
""",
)
evaluate.variant(
    "weighted means",
    name="weighted",
    source="""def evaluate(model, X, Y, chunk=4096):
    training = model.training
    model.eval()
    loss, i = 0.0, 0
    while i < len(X):
        j = min(i + chunk, len(X))
        with torch.no_grad():
            loss += F.cross_entropy(model(X[i:j]), Y[i:j]) * (j - i) / len(X)
        i = j
    model.train(training)
    return loss
""",
)

# -- train ---------------------------------------------------------------------------------------

train = exercise("train", title="the loop", points=2, pure=False)
train.hint("In which mode must the model be, and who puts it there?")
train.hint(
    "Each step: ix = torch.randint(0, len(X), (batch_size,), generator=g), one call of train_step "
    "with X[ix], Y[ix] and learning_rate(step, steps)."
)
train.hint(
    "model.train(); losses = []; in the loop loss = train_step(...), losses.append(loss), "
    "on_step(loss); return losses."
)


@train.cases
def _(rng):
    for (v, groups, d, h, _), steps, size in zip(SIZES, (4, 12, 5, 1), (3, 32, 2, 5), strict=True):
        X, Y = a_split(rng, rng.integer(20, 40), v, math.prod(groups))
        yield dict(
            shape=(v, groups, d, h),
            seed=rng.seed(),
            X=X,
            Y=Y,
            steps=steps,
            batch_size=size,
            training=bool(rng.integer(0, 2)),
        )
    X, Y = a_split(rng, 9, 5, 2)
    options = dict(X=X, Y=Y, batch_size=4)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), steps=3, training=False, **options)
    yield dict(shape=(5, (2,), 3, 4), seed=rng.seed(), steps=0, training=False, **options)


def numbers(losses):
    """A list of losses as plain data, tensors with one number as that number."""
    return [number(x) for x in losses] if isinstance(losses, (list, tuple)) else losses


@train.scenario
def _(m, shape, seed, X, Y, steps, batch_size, training):
    model = small_model(m, *shape, seed)
    model.train(training)
    g = torch.Generator().manual_seed(seed)
    losses = m.train(model, X, Y, steps, g, batch_size)
    drawn = torch.randint(0, 10**6, (2,), generator=g)  # where the generator is by now
    return {"losses": numbers(losses), "state": state(model), "then drawn": drawn}


@train.check("batches of 32")
def _(m, shape, seed, X, Y, steps, batch_size, training):
    """batch_size left out, on_step given."""
    told = []
    model = small_model(m, *shape, seed)
    model.train(training)
    g = torch.Generator().manual_seed(seed)
    losses = m.train(model, X, Y, steps, g, on_step=told.append)
    return {
        "losses": numbers(losses),
        "on_step was told": numbers(told),
        "training flags afterwards": flags(model),
    }


def overfit(rng):
    """Distinct contexts, each with one answer: they can be learned by heart."""
    v, n = 6, 6
    X = torch.stack([torch.arange(n), (torch.arange(n) + 1) % v], dim=1)
    # one case: with this many misconceptions to compare with, 150 steps are seconds for a learner
    yield dict(seed=rng.seed(), X=X, Y=rng.integers(0, v, n))


def it_falls(case, got):
    """A band: from about 2 to far below a third of that in 150 steps of 12 examples."""
    if not isinstance(got, list) or len(got) != 150:
        return "expected a list of 150 losses, one for each step"
    if not all(isinstance(x, float) and math.isfinite(x) for x in got):
        return "a loss is not a finite number"
    first, last = sum(got[:5]) / 5, sum(got[-20:]) / 20
    if not last < first / 3:
        return (
            f"six examples should be learned by heart in 150 steps: the loss went from "
            f"{first:.3f} to {last:.3f}"
        )
    return None


@train.check("the loss falls", cases=overfit, judge=it_falls)
def _(m, seed, X, Y):
    g = torch.Generator().manual_seed(seed)
    model = small_model(m, 6, (2,), 4, 12, 7)
    return numbers(m.train(model, X, Y, 150, g, 12))


train.misconception(
    "The model was not put into training mode. Whoever calls may have left it in eval mode, and "
    "BatchNorm would train with frozen statistics: model.train().",
    name="mode_taken_as_is",
    replace="    model.train()\n",
    by="",
)
train.misconception(
    "Training ran in eval mode: model.train() puts the model into training mode.",
    name="in_eval",
    replace="    model.train()\n",
    by="    model.eval()\n",
)
train.misconception(
    "One batch was drawn before the loop and used for every step. Draw a new one each time.",
    name="drawn_once",
    edits=[
        (
            "        ix = torch.randint(0, len(X), (batch_size,), generator=g)\n",
            "        if not losses:\n"
            "            ix = torch.randint(0, len(X), (batch_size,), generator=g)\n",
        ),
    ],
)
train.misconception(
    "Inputs and targets were drawn separately, so that each context got somebody else's answer. "
    "Use the same ix for both.",
    name="drawn_apart",
    replace="Y[ix]",
    by="Y[torch.randint(0, len(X), (batch_size,), generator=g)]",
)
train.misconception(
    "The generator is not used: without generator=g, torch's global one draws, and no run can be "
    "repeated. (The generator that was handed in stays where it was.)",
    name="global_generator",
    replace="(batch_size,), generator=g)\n",
    by="(batch_size,))\n",
)
train.misconception(
    "A generator made anew in every step draws the same batch each time. Use the one that was "
    "handed in.",
    name="generator_restarts",
    replace="generator=g)\n",
    by="generator=torch.Generator().manual_seed(42))\n",
)
train.misconception(
    "The learning rate stays at 0.1: ask learning_rate(step, steps) anew at each step.",
    name="fixed_rate",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], 0.1)",
)
train.misconception(
    "Steps count from 0: learning_rate(step + 1, steps) drops one step too early.",
    name="rate_early",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], learning_rate(step + 1, steps))",
)
train.misconception(
    "The rate drops one step too late: the step about to be taken is `step`, not the one before.",
    name="rate_late",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], learning_rate(max(step - 1, 0), steps))",
)
train.misconception(
    "learning_rate wants the number of steps, not the number of examples: "
    "learning_rate(step, steps).",
    name="rate_of_examples",
    replace="Y[ix], learning_rate(step, steps))",
    by="Y[ix], learning_rate(step, len(X)))",
)
train.misconception(
    "The generator was seeded anew: whoever handed it in chose where it stands. Use it as it is.",
    name="seeds_g",
    replace="    model.train()\n",
    by="    model.train()\n    g.manual_seed(42)\n",
)
train.misconception(
    "The model is left in eval mode. It is in training mode afterwards; evaluate switches for "
    "itself.",
    name="eval_afterwards",
    replace="    return losses",
    by="    model.eval()\n    return losses",
)
train.misconception(
    "on_step was told the number of the step. It gets the loss.",
    name="told_the_step",
    replace="on_step(loss)",
    by="on_step(step)",
)
train.misconception(
    "You returned a tensor. A list of Python floats is promised.",
    name="a_tensor",
    replace="return losses",
    by="return torch.tensor(losses, dtype=torch.float64)",
)
train.misconception(
    "Nothing is returned: the list of losses is asked for.",
    name="no_return",
    replace="return losses",
    by="self_losses = losses",
)
train.misconception(
    "Each step was taken twice: one call of train_step does it all, and returns the loss.",
    name="two_steps",
    replace="        losses.append(loss)\n",
    by="        losses.append(train_step(model, X[ix], Y[ix], learning_rate(step, steps)))\n",
)
train.misconception(
    "steps counts steps, not epochs: one batch for each.",
    name="epochs",
    replace="in range(steps):",
    by="in range(steps * max(1, len(X) // batch_size)):",
)
train.misconception(
    "batch_size is an argument; 32 is only what it is when left out.",
    name="always_32",
    replace="len(X), (batch_size,)",
    by="len(X), (32,)",
)
train.misconception(
    "Each epoch went through a permutation (or consecutive slices). Here each step draws its "
    "examples independently with torch.randint, as the docstring says.",
    name="permutation",
    replace="torch.randint(0, len(X), (batch_size,), generator=g)",
    by="torch.randperm(len(X), generator=g)[:batch_size]",
)
train.misconception(
    "The last example is never drawn: the upper end of torch.randint is excluded already, so it is "
    "len(X), not len(X) - 1.",
    name="last_example",
    replace="len(X), (batch_size,)",
    by="len(X) - 1, (batch_size,)",
)
train.misconception(
    "One step too many: range(steps) has `steps` numbers.",
    name="one_more",
    replace="in range(steps):",
    by="in range(steps + 1):",
)
train.misconception(
    "The first step is missing: range(1, steps) has one number less.",
    name="one_less",
    replace="in range(steps):",
    by="in range(1, steps):",
)
train.misconception(
    "Only the last loss came back: collect one for each step.",
    name="last_loss",
    replace="    return losses",
    by="    return losses[-1] if losses else None",
)
train.misconception(
    "`return` stands inside the loop: training ends after its first step.",
    name="returns_early",
    replace="        on_step(loss)\n",
    by="        on_step(loss)\n        return losses\n",
)
train.misconception(
    "on_step was never called: after each step it gets the loss, so that a progress bar can move.",
    name="silent",
    replace="        on_step(loss)\n",
    by="",
)
train.misconception(
    "on_step was called once, at the end. It is to be called after each step.",
    name="told_at_the_end",
    replace="        on_step(loss)\n",
    by="    for loss in losses[-1:]:\n        on_step(loss)\n",
)
train.variant(
    "drawn inside the call, losses in a comprehension",
    name="comprehension",
    source="""def train(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    model.train(True)

    def one(step):
        ix = torch.randint(X.shape[0], (batch_size,), generator=g)
        loss = train_step(model, X[ix], Y[ix], lr=learning_rate(step, steps))
        on_step(loss)
        return loss

    return [one(step) for step in range(steps)]
""",
)
train.variant(
    "the step written out",
    name="written_out",
    source="""def train(model, X, Y, steps, g, batch_size=32, on_step=lambda loss: None):
    losses, step = [], 0
    model.train()
    while step < steps:
        ix = torch.randint(0, len(Y), size=(batch_size,), generator=g)
        for p in model.parameters():
            p.grad = None
        loss = F.cross_entropy(model(X.index_select(0, ix)), Y.index_select(0, ix))
        loss.backward()
        lr = 0.1 if step < steps * 3 / 4 else 0.01
        for p in model.parameters():
            p.data -= lr * p.grad
        losses += [loss.item()]
        on_step(losses[-1])
        step += 1
    return losses
""",
)

# -- run_experiment --------------------------------------------------------------------------------

run = exercise("run_experiment", title="one call, one row", points=2, pure=False)
run.hint("Train first, or measure first? On which split is each of the two numbers measured?")
run.hint(
    "losses = train(model, X, Y, steps, g, on_step=on_step) with the train split; then evaluate "
    "on the train split, and on the dev split."
)
run.hint(
    'Return {"name": name, "parameters": sum(p.numel() for p in model.parameters()), '
    '"steps": steps, "train": ..., "dev": ..., "losses": losses}. Leave "test" alone.'
)


@run.cases
def _(rng):
    for (v, groups, d, h, _), steps in zip(SIZES, (4, 7, 5, 1), strict=True):
        T = math.prod(groups)
        yield dict(
            name=rng.choice(["flat", "a tree", "with the bug", "larger"]),
            shape=(v, groups, d, h),
            seed=rng.seed(),
            train=a_split(rng, 25, v, T),
            dev=a_split(rng, 9, v, T),
            steps=steps,
        )


@run.scenario
def _(m, name, shape, seed, train, dev, steps):
    model = small_model(m, *shape, seed)
    g = torch.Generator().manual_seed(seed)
    splits = {"train": train, "dev": dev, "test": None}  # whoever looks at test gets None
    told = []
    row = m.run_experiment(name, model, splits, steps, g, told.append)
    if isinstance(row, dict):
        row = {
            key: numbers(value) if key == "losses" else number(value) for key, value in row.items()
        }
    drawn = torch.randint(0, 10**6, (2,), generator=g)
    return {
        "row": row,
        "on_step was told": numbers(told),
        "state": state(model),
        "then drawn": drawn,
        "splits": sorted(splits),
    }


@run.check("without on_step")
def _(m, name, shape, seed, train, dev, steps):
    """on_step left out; a dict without a test split is enough."""
    model = small_model(m, *shape, seed)
    g = torch.Generator().manual_seed(seed)
    row = m.run_experiment(name, model, {"dev": dev, "train": train}, steps, g)
    keys = sorted(row) if isinstance(row, dict) else row
    return {"keys of the row": keys, "training flags afterwards": flags(model)}


run.misconception(
    "Both numbers are those of the train split: measure dev on the dev split.",
    name="dev_is_train",
    replace='"dev": evaluate(model, *splits["dev"])',
    by='"dev": evaluate(model, *splits["train"])',
)
run.misconception(
    "train and dev are swapped in the row.",
    name="swapped",
    edits=[
        ('"train": evaluate(model, *splits["train"])', '"train": evaluate(model, *splits["dev"])'),
        ('"dev": evaluate(model, *splits["dev"])', '"dev": evaluate(model, *splits["train"])'),
    ],
)
run.misconception(
    "You trained on the dev split: then its loss says nothing about new names. Train on train "
    "only.",
    name="trains_on_dev",
    replace='losses = train(model, *splits["train"], steps',
    by='losses = train(model, *splits["dev"], steps',
)
run.misconception(
    "The test split was used. It stays untouched until the very end: the row has train and dev.",
    name="test_for_dev",
    replace='"dev": evaluate(model, *splits["dev"])',
    by='"dev": evaluate(model, *splits["test"])',
)
run.misconception(
    '"parameters" counts the tensors. Count the numbers in them: p.numel().',
    name="tensors",
    replace="sum(p.numel() for p in model.parameters())",
    by="len(model.parameters())",
)
run.misconception(
    "The model was measured before it was trained.",
    name="measured_first",
    edits=[
        (
            '    losses = train(model, *splits["train"], steps, g, on_step=on_step)\n',
            '    before = [evaluate(model, *splits[s]) for s in ("train", "dev")]\n'
            '    losses = train(model, *splits["train"], steps, g, on_step=on_step)\n',
        ),
        ('evaluate(model, *splits["train"]),', "before[0],"),
        ('evaluate(model, *splits["dev"]),', "before[1],"),
    ],
)
run.misconception(
    "The train loss is the last batch's: 32 names, in training mode. Evaluate the whole split, as "
    "for dev, or the two cannot be compared.",
    name="last_batch",
    replace='"train": evaluate(model, *splits["train"])',
    by='"train": losses[-1]',
)
run.misconception(
    "The train loss is the mean over the training run, most of which is long past. Evaluate the "
    "split after training.",
    name="mean_of_run",
    replace='"train": evaluate(model, *splits["train"])',
    by='"train": sum(losses) / len(losses)',
)
run.misconception(
    "on_step was not passed on: pass it to train, or the progress bar stands still.",
    name="on_step_dropped",
    replace=", g, on_step=on_step)",
    by=", g)",
)
run.misconception(
    "on_step was passed in the place of batch_size: name it, on_step=on_step.",
    name="by_position",
    replace="g, on_step=on_step)",
    by="g, on_step)",
)
run.misconception(
    "The generator that was handed in is not used: each run then draws its own batches, and "
    "cannot be repeated from its seed.",
    name="own_generator",
    replace="steps, g, on_step=on_step)",
    by="steps, torch.Generator().manual_seed(42), on_step=on_step)",
)
run.misconception(
    "The dict of splits was changed. It belongs to whoever called, who needs the test split at the "
    "very end: leave it alone.",
    name="drops_test",
    replace="    losses = train(",
    by='    splits.pop("test", None)\n    losses = train(',
)
run.misconception(
    "The row has more than was asked for. Whoever reads many rows relies on their keys.",
    name="more_keys",
    replace='        "steps": steps,\n',
    by='        "steps": steps,\n        "test": None,\n',
)
run.misconception(
    "The losses are called train_loss and dev_loss in your row; the names are train and dev.",
    name="other_keys",
    edits=[
        ('"train": evaluate', '"train_loss": evaluate'),
        ('"dev": evaluate', '"dev_loss": evaluate'),
    ],
)
run.misconception(
    "Another batch size was used. Leave it out, train has its own: what is measured the same way "
    "can be compared.",
    name="own_batch_size",
    replace=", g, on_step=on_step)",
    by=", g, batch_size=64, on_step=on_step)",
)
run.misconception(
    "The generator was seeded anew: whoever handed it in chose where it stands. Use it as it is.",
    name="seeds_g",
    replace="    losses = train(",
    by="    g.manual_seed(42)\n    losses = train(",
)
run.misconception(
    "on_step was called for each loss once more: train has told it already.",
    name="told_twice",
    replace="    return {",
    by="    for loss in losses:\n        on_step(loss)\n    return {",
)
run.misconception(
    "The dev loss was measured in training mode: it depends on the other examples in the batch. "
    "evaluate switches to eval mode, and back.",
    name="dev_in_training_mode",
    replace='"dev": evaluate(model, *splits["dev"])',
    by='"dev": F.cross_entropy(model(splits["dev"][0]), splits["dev"][1]).item()',
)
run.misconception(
    "The model was trained twice, which is twice as long as the row says.",
    name="trained_twice",
    replace="    losses = train(",
    by='    train(model, *splits["train"], steps, g, on_step=on_step)\n    losses = train(',
)
run.misconception(
    "The losses of the run are missing from the row: the plot needs them.",
    name="no_losses",
    replace='        "losses": losses,\n',
    by="",
)
run.misconception(
    '"steps" was turned into text. Keep the number, an int: printing it is work for the table.',
    name="steps_as_text",
    replace='"steps": steps,',
    by='"steps": f"{steps:,}",',
)
run.misconception(
    "The losses were rounded. Round when you print, not when you measure.",
    name="rounded",
    edits=[
        (
            '"train": evaluate(model, *splits["train"])',
            '"train": round(evaluate(model, *splits["train"]), 3)',
        ),
        (
            '"dev": evaluate(model, *splits["dev"])',
            '"dev": round(evaluate(model, *splits["dev"]), 3)',
        ),
    ],
)
run.misconception(
    "You returned a tuple. A row is a dict, so that everybody can see which number is which.",
    name="a_tuple",
    replace='    return {\n        "name"',
    by='    return name, losses[-1]\n    return {\n        "name"',
)
run.variant(
    "step by step",
    name="step_by_step",
    source="""def run_experiment(name, model, splits, steps, g, on_step=lambda loss: None):
    X, Y = splits["train"]
    row = {"steps": steps, "name": name}
    row["losses"] = train(model=model, X=X, Y=Y, steps=steps, g=g, on_step=on_step)
    row["parameters"] = 0
    for p in model.parameters():
        row["parameters"] += p.nelement()
    for split in ("dev", "train"):
        row[split] = evaluate(model, splits[split][0], splits[split][1], chunk=1000)
    return row
""",
)
run.variant(
    "dict()",
    name="dict_call",
    source="""def run_experiment(name, model, splits, steps, g, on_step=lambda loss: None):
    losses = list(train(model, splits["train"][0], splits["train"][1], steps, g, 32, on_step))
    measured = {split: evaluate(model, *splits[split]) for split in ["train", "dev"]}
    count = sum(math_size(p.shape) for p in model.parameters())
    return dict(name=name, parameters=count, steps=steps, losses=losses, **measured)


def math_size(shape):
    return shape.numel()
""".replace("sum(math_size(p.shape) for", "sum(p.shape.numel() for").split("\n\n\ndef")[0],
)

# -- table -----------------------------------------------------------------------------------------

table = exercise("table", title="the table of runs")
table.hint("Two fixed lines, then one per row. Which cell needs to know the row above?")
table.hint(
    "Format codes do the work: {:,} puts commas, {:.3f} rounds to three decimals, {:+.3f} shows "
    "the sign as well."
)
table.hint(
    'Each line is "| " + " | ".join(cells) + " |", the change being "" at first and '
    "f\"{row['dev'] - before:+.3f}\" later; join the lines with newlines."
)


def a_row(rng, name, dev=None):
    return {
        "name": name,
        "parameters": rng.integer(1_000, 2_000_000),
        "steps": rng.integer(1_000, 300_000),
        "train": rng.number(1.5, 3.3),
        "dev": rng.number(1.5, 3.3) if dev is None else dev,
    }


@table.cases
def _(rng):
    # fixed losses: the changes rounded and the rounded losses' changes differ, both signs occur
    devs = [2.1049, 2.0271, 2.0284, 2.0216, 1.9927]
    names = ["3 letters", "8 letters", "a tree, with the bug", "a tree", "a larger tree"]
    yield dict(rows=[a_row(rng, n, d) for n, d in zip(names, devs, strict=True)])
    rows = [a_row(rng, f"run {i}") for i in rng.shuffled(range(4))]
    yield dict(rows=rows)
    yield dict(rows=[a_row(rng, "alone")])
    yield dict(rows=[])
    small = {"name": "small", "parameters": 97, "steps": 5, "train": 3.0, "dev": 3.25}
    yield dict(rows=[{**small, "losses": [3.5, 3.0]}, {**small, "name": "same", "dev": 3.25}])


@table.misconception(
    "The change lacks its sign: a + in front of a loss that grew is the first thing one looks for. "
    "Format it with :+.3f."
)
def no_sign(rows):
    lines = ["| run | parameters | steps | train | dev | change |", "|---|---|---|---|---|---|"]
    for i, r in enumerate(rows):
        change = f"{r['dev'] - rows[i - 1]['dev']:.3f}" if i else ""
        lines.append(
            f"| {r['name']} | {r['parameters']:,} | {r['steps']:,} | {r['train']:.3f} "
            f"| {r['dev']:.3f} | {change} |"
        )
    return "\n".join(lines)


table.misconception(
    "The change is measured against the first row. Each row changed one thing from the row above "
    "it: compare with that.",
    name="against_the_first",
    replace="        before = row",
    by="        before = before if len(lines) > 3 else row",
)
table.misconception(
    "The change has the wrong sign: it is this row's dev minus the one above, negative when it got "
    "better.",
    name="wrong_sign",
    replace="{row['dev'] - before:+.3f}",
    by="{before - row['dev']:+.3f}",
)
table.misconception(
    "The change was computed from rounded losses: subtract first, then round.",
    name="rounded_first",
    replace="{row['dev'] - before:+.3f}",
    by="{round(row['dev'], 3) - round(before, 3):+.3f}",
)
table.misconception(
    "The change is that of the train loss. What counts is dev, names the model has not seen.",
    name="train_change",
    edits=[
        ("{row['dev'] - before:+.3f}", "{row['train'] - before:+.3f}"),
        ('before = row["dev"]', 'before = row["train"]'),
    ],
)
table.misconception(
    "The first row has nothing to be compared with: its change is empty.",
    name="first_is_zero",
    replace='"" if before is None',
    by='"+0.000" if before is None',
)
table.misconception(
    "The rows were sorted by their loss. The order is the story, one change after the other: keep "
    "it.",
    name="sorted",
    replace="    for row in rows:",
    by='    for row in sorted(rows, key=lambda row: row["dev"]):',
)
table.misconception(
    "Integers without commas: 22397 is hard to read, {:,} makes it 22,397.",
    name="no_commas",
    edits=[
        ("{row['parameters']:,}", "{row['parameters']}"),
        ("{row['steps']:,}", "{row['steps']}"),
    ],
)
table.misconception(
    "Losses have three decimals here, {:.3f}.",
    name="four_decimals",
    edits=[("{row['train']:.3f}", "{row['train']:.4f}"), ("{row['dev']:.3f}", "{row['dev']:.4f}")],
)
table.misconception(
    "train and dev stand in each other's column.",
    name="columns_swapped",
    edits=[
        (
            "f\"{row['train']:.3f}\",\n            f\"{row['dev']:.3f}\"",
            "f\"{row['dev']:.3f}\",\n            f\"{row['train']:.3f}\"",
        ),
    ],
)
table.misconception(
    "The line |---|---| under the header is missing: without it, Markdown shows no table.",
    name="no_rule",
    replace=', "|---|---|---|---|---|---|"]',
    by="]",
)
table.misconception(
    "The first row was compared with the last one: rows[-1] is the end of the list. It has nothing "
    "above it, so its change is empty.",
    name="wraps",
    edits=[
        ("    before = None\n", '    before = rows[-1]["dev"] if rows else None\n'),
    ],
)
table.misconception(
    "Without a change the cell has two spaces, `|  |`: each cell has one before and one after it, "
    "the empty one, too.",
    name="one_space",
    replace='"| " + " | ".join(cells) + " |"',
    by='("| " + " | ".join(cells) + " |").replace("|  |", "| |")',
)
table.misconception(
    "The line under the header has no spaces: |---|---|---|---|---|---|.",
    name="wide_rule",
    replace='"|---|---|---|---|---|---|"',
    by='"| --- | --- | --- | --- | --- | --- |"',
)
table.misconception(
    "The first row's change is a dash. It is to be empty.",
    name="dash",
    replace='"" if before is None',
    by='"-" if before is None',
)
table.misconception(
    "`round(x, 3)` drops zeros at the end: 3.250 becomes 3.25. {:.3f} always shows three decimals.",
    name="zeros_dropped",
    edits=[
        ("f\"{row['train']:.3f}\"", "str(round(row['train'], 3))"),
        ("f\"{row['dev']:.3f}\"", "str(round(row['dev'], 3))"),
    ],
)
table.misconception(
    "The change is dev minus train of the same row. It is dev minus the dev of the row above.",
    name="dev_minus_train",
    replace="{row['dev'] - before:+.3f}",
    by="{row['dev'] - row['train']:+.3f}",
)
table.misconception(
    "Only the parameters have commas. The steps are an integer, too: {:,}.",
    name="steps_without_commas",
    replace="{row['steps']:,}",
    by="{row['steps']}",
)
table.misconception(
    "The text ends with a newline; lines are joined by newlines, none comes after the last.",
    name="newline_at_the_end",
    replace='return "\\n".join(lines)',
    by='return "\\n".join(lines) + "\\n"',
)
table.misconception(
    "You returned the list of lines. Join them: a str.",
    name="a_list",
    replace='return "\\n".join(lines)',
    by="return lines",
)
table.misconception(
    "The table was printed, not returned.",
    name="printed",
    replace='return "\\n".join(lines)',
    by='print("\\n".join(lines))',
)


@table.variant("one f-string per row")
def f_strings(rows):
    text = "| run | parameters | steps | train | dev | change |\n|---|---|---|---|---|---|"
    for i, r in enumerate(rows):
        change = "{:+.3f}".format(r["dev"] - rows[i - 1]["dev"]) if i > 0 else ""
        text += f"\n| {r['name']} | {r['parameters']:,d} | {r['steps']:,d} | {r['train']:.3f} | "
        text += f"{r['dev']:.3f} | {change} |"
    return text


@table.variant("zip with the rows above")
def zipped(rows):
    changes = [""] + [f"{b['dev'] - a['dev']:+.3f}" for a, b in itertools.pairwise(rows)]
    lines = [["run", "parameters", "steps", "train", "dev", "change"]]
    for r, change in zip(rows, changes, strict=False):
        whole = [format(r[key], ",") for key in ("parameters", "steps")]
        lines.append([r["name"], *whole, *[format(r[k], ".3f") for k in ("train", "dev")], change])
    text = ["| " + " | ".join(cells) + " |" for cells in lines]
    text.insert(1, "|" + "---|" * 6)
    return "\n".join(text)
