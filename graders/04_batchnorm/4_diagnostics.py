"""The numbers behind the four plots: activations, histogram, gradients, grad:data, update:data."""

import torch

from graders.authoring import Tol, exercise

# Statistics of float32 tensors may be taken in float32 or in float64: n roundings of 6e-8, and n is
# below a thousand. Sizes are small, so that Bessel's correction is 3 % and more.
EITHER = Tol(rtol=2e-5, atol=1e-9)

# -- activation_stats ----------------------------------------------------------------------------

stats = exercise("activation_stats", title="activations: mean, std, saturation")
stats.hint("Three questions about one tensor, over all its numbers. Which of them looks at |h|?")
stats.hint("The percentage: how large a share of (h.abs() > threshold) is True, times 100.")
stats.hint(
    "return h.mean().item(), h.std().item(), (h.abs() > threshold).float().mean().item() * 100"
)


@stats.cases
def _(rng):
    for n, width, gain, threshold in [
        (3, 2, 2.0, 0.97),
        (5, 4, 1.0, 0.6),
        (2, 7, 3.0, 0.99),
        (1, 5, 2.0, 0.5),
    ]:
        yield dict(h=(gain * rng.normal(n, width) + 0.5).tanh(), threshold=threshold)
    yield dict(h=(2 * rng.normal(6, 5)).tanh())
    yield dict(h=(2 * rng.normal(4, 4)).tanh().float(), threshold=0.9)
    yield dict(h=-(rng.normal(3, 3).abs() + 2.0).tanh(), threshold=0.9)  # all at the lower end
    # at the threshold exactly: not above it
    yield dict(h=torch.tensor([[0.5, -0.5], [0.75, 0.0]], dtype=torch.float64), threshold=0.5)


stats.tolerance(EITHER)


@stats.check("plain numbers")
def _(m, h, threshold=0.97):
    return [type(number).__name__ for number in m.activation_stats(h, threshold)]


@stats.check("while it trains")
def _(m, h, threshold=0.97):
    """The outputs of a layer are part of a graph."""
    found = m.activation_stats(h.requires_grad_() * 1.0, threshold)
    return [float(number) for number in found]


stats.checks["while it trains"].tol = EITHER
stats.misconception(
    "Only the upper end was counted: tanh is just as flat at -1. Compare the absolute value.",
    name="upper_end",
    replace="(h.abs() > threshold)",
    by="(h > threshold)",
)
stats.misconception(
    "That is the share of outputs that are *not* saturated.",
    name="not_saturated",
    replace="(h.abs() > threshold)",
    by="(h.abs() <= threshold)",
)
stats.misconception(
    "A fraction from 0 to 1; a percentage is asked for: times 100.",
    name="fraction",
    replace=".mean() * 100",
    by=".mean()",
)
stats.misconception(
    "That is how many, not which percentage: layers of different width could not be compared.",
    name="count",
    replace=".double().mean() * 100",
    by=".double().sum()",
)
stats.misconception(
    "The threshold is 0.97 whatever the argument says.",
    name="own_threshold",
    replace="h.abs() > threshold",
    by="h.abs() > 0.97",
)
stats.misconception(
    "An output exactly at the threshold is not above it: > and not >=.",
    name="at_threshold",
    replace="h.abs() > threshold",
    by="h.abs() >= threshold",
)
stats.misconception(
    "That is the variance. The standard deviation is its root.",
    name="variance",
    replace="h.std().item()",
    by="h.var().item()",
)
stats.misconception(
    "The biased standard deviation divides by N. Here torch's default is asked for, h.std(), which "
    "divides by N - 1.",
    name="biased",
    replace="h.std()",
    by="h.std(correction=0)",
)
stats.misconception(
    "That is the root of the mean square. It measures from 0; the standard deviation measures from "
    "the mean.",
    name="from_zero",
    replace="h.std()",
    by="h.pow(2).mean().sqrt()",
)
stats.misconception(
    "The absolute values were averaged. The mean of the outputs themselves may be near 0, and tells "
    "whether they lean.",
    name="mean_of_absolute",
    replace="h.mean().item()",
    by="h.abs().mean().item()",
)
stats.misconception(
    "One number for each neuron came out (dim=0). One for the whole layer is wanted.",
    name="each_neuron",
    replace="return h.mean().item(), h.std().item(), percent.item()",
    by="return h.mean(0), h.std(0), percent.item()",
)
stats.misconception(
    "std for each neuron, then averaged, misses how the neurons differ from each other. All numbers "
    "at once.",
    name="average_std",
    replace="h.std()",
    by="h.std(0, correction=1 if len(h) > 1 else 0).mean()",
)
stats.misconception(
    "The order is mean, std, percent.",
    name="wrong_order",
    replace="return h.mean().item(), h.std().item(), percent.item()",
    by="return h.std().item(), h.mean().item(), percent.item()",
)
stats.misconception(
    "These are tensors: take the numbers out with .item().",
    name="tensors",
    replace="return h.mean().item(), h.std().item(), percent.item()",
    by="return h.mean(), h.std(), percent",
)
stats.variant(
    "by hand",
    name="by_hand",
    source="""
def activation_stats(h, threshold=0.97):
    values = h.detach().double().flatten()
    mean = values.sum() / values.numel()
    std = (((values - mean) ** 2).sum() / (values.numel() - 1)) ** 0.5
    flat = torch.logical_or(values > threshold, values < -threshold).sum()
    return [float(mean), float(std), 100.0 * flat.item() / values.numel()]
""",
)
stats.variant(
    "var_mean",
    name="var_mean",
    source="""
def activation_stats(h, threshold=0.97):
    var, mean = torch.var_mean(h)
    return mean.item(), var.item() ** 0.5, (h.abs() > threshold).float().mean().item() * 100
""",
)

# -- histogram -----------------------------------------------------------------------------------

hist = exercise("histogram", title="a histogram with area 1", points=2)
hist.hint(
    "torch.histogram gives counts and edges, bins + 1 of them. What has to be detached, and flattened?"
)
hist.hint(
    "density=True scales the counts to area 1. The middle of a bin lies between its two edges."
)
hist.hint(
    "counts, edges = torch.histogram(t.detach().flatten(), bins=bins, density=True); return "
    "(edges[:-1] + edges[1:]) "
    "/ 2, counts"
)


@hist.cases
def _(rng):
    for shape, bins in [((7,), 3), ((4, 5), 6), ((2, 3, 4), 1), ((30,), 8)]:
        # multiples of 1/8 off the edges: no rounding can push a number into the next bin
        values = rng.integers(-40, 41, *shape).double() / 8
        low, high = values.min() - 1, values.max() + 2
        values.view(-1)[0], values.view(-1)[1] = low, high
        width = (high - low) / bins
        place = (values - low) / width
        near = (place - place.round()).abs() < 1e-3
        inner = near & (values != low) & (values != high)
        yield dict(t=torch.where(inner, values + width / 7, values), bins=bins)
    yield dict(
        t=torch.tensor([0.0, 4.0, 4.0, 1.0], dtype=torch.float64), bins=2
    )  # two at the right edge
    yield dict(t=torch.tensor([[0.0, 1.0], [3.5, 8.0]]), bins=4)
    yield dict(t=torch.tensor([-3.0, -1.25, -1.0, 5.0], dtype=torch.float64), bins=5)


@hist.check("of a layer in training")
def _(m, t, bins):
    """t belongs to a graph; what is drawn does not."""
    centers, density = m.histogram(t.requires_grad_() * 1.0, bins)
    return [centers.requires_grad, density.requires_grad, density]


@hist.check("area")
def _(m, t, bins):
    centers, density = m.histogram(t, bins)
    width = (t.max() - t.min()) / bins
    return [(density * width).sum(), (centers * density * width).sum()]


hist.misconception(
    "These are counts. Divide by the number of values and by the width of a bin, so that the area is 1.",
    name="counts",
    replace=", density=True)",
    by=")",
)
hist.misconception(
    "The densities sum to 1; their *area* should: divide by the width of a bin too.",
    name="shares",
    replace="    return (edges[:-1] + edges[1:]) / 2, counts",
    by="    return (edges[:-1] + edges[1:]) / 2, counts / counts.sum()",
)
hist.misconception(
    "These are the edges of the bins, one more than there are bins. The middle of each bin is wanted.",
    name="edges",
    replace="return (edges[:-1] + edges[1:]) / 2, counts",
    by="return edges, counts",
)
hist.misconception(
    "These are the left edges. The middle of a bin lies half a width further right.",
    name="left_edges",
    replace="return (edges[:-1] + edges[1:]) / 2, counts",
    by="return edges[:-1], counts",
)
hist.misconception(
    "These are the right edges. The middle of a bin lies half a width further left.",
    name="right_edges",
    replace="return (edges[:-1] + edges[1:]) / 2, counts",
    by="return edges[1:], counts",
)
hist.misconception(
    "The edges were added, but not halved: the middle is their mean.",
    name="not_halved",
    replace="(edges[:-1] + edges[1:]) / 2",
    by="(edges[:-1] + edges[1:])",
)
hist.misconception(
    "The largest number fell out: it lies on the right edge of the last bin, which includes it.",
    name="largest_lost",
    source="""
def histogram(t, bins):
    t = t.detach().flatten()
    low, width = t.min(), (t.max() - t.min()) / bins
    place = ((t - low) / width).long()
    counts = torch.stack([(place == b).sum() for b in range(bins)]).to(t.dtype)
    centers = low + width * (torch.arange(bins, dtype=t.dtype) + 0.5)
    return centers, counts / (len(t) * width)
""",
)
hist.misconception(
    "The range is fixed (0 to 1, or -1 to 1). It goes from the smallest to the largest number of t.",
    name="fixed_range",
    replace="bins=bins, density=True)",
    by="bins=bins, range=(-1.0, 1.0), density=True)",
)
hist.misconception(
    "Ten bins (or whatever), not the number you were given.",
    name="own_bins",
    replace="bins=bins,",
    by="bins=10,",
)
hist.misconception(
    "The tensor requires a gradient, and torch.histogram refuses that: t.detach() first.",
    name="not_detached",
    replace="t.detach().flatten()",
    by="t.flatten()",
)
hist.misconception(
    "First the densities, then the centers came back: (centers, density).",
    name="wrong_order",
    replace="return (edges[:-1] + edges[1:]) / 2, counts",
    by="return counts, (edges[:-1] + edges[1:]) / 2",
)
hist.misconception(
    "That is the histogram of the absolute values: both ends fell on each other.",
    name="absolute",
    replace="t.detach().flatten()",
    by="t.detach().abs().flatten()",
)
hist.variant(
    "numpy",
    name="numpy",
    source="""
def histogram(t, bins):
    import numpy

    density, edges = numpy.histogram(t.detach().numpy().ravel(), bins=bins, density=True)
    edges = torch.from_numpy(edges).to(t.dtype)
    return edges[:-1] + (edges[1] - edges[0]) / 2, torch.from_numpy(density).to(t.dtype)
""",
)
hist.variant(
    "histc",
    name="histc",
    source="""
def histogram(t, bins):
    t = t.detach()
    low, high = t.min(), t.max()
    width = (high - low) / bins
    centers = low + width * (torch.arange(bins, dtype=t.dtype) + 0.5)
    return centers, torch.histc(t, bins=bins) / (t.numel() * width)
""",
)

# -- output_gradients ----------------------------------------------------------------------------

grads = exercise("output_gradients", title="gradients at the outputs", points=2, pure=False)
grads.hint(
    "Outputs are no leaves, so backward() does not leave anything in their .grad. Who gives "
    "gradients of anything?"
)
grads.hint(
    "torch.autograd.grad(loss, outs) does. What happens to the graph afterwards, unless you say so?"
)
grads.hint("return list(torch.autograd.grad(loss, outs, retain_graph=True))")


@grads.cases
def _(rng):
    for n, widths in [(3, (2, 4, 3)), (1, (3, 3)), (4, (5, 2, 2, 6)), (2, (1,))]:
        weights, before = [], 3
        for width in widths:
            weights.append(rng.normal(before, width))
            before = width
        yield dict(x=rng.normal(n, 3), weights=weights, up=rng.normal(n, before))


def network(x, weights, up):
    """A stack of tanh layers: leaves, the loss, and every layer's output."""
    leaves = [W.requires_grad_() for W in weights]
    outs = []
    for W in leaves:
        x = torch.tanh(x @ W)
        outs.append(x)
    return leaves, ((outs[-1] + outs[-1] ** 2) * up).sum(), outs


@grads.scenario
def _(m, x, weights, up):
    _, loss, outs = network(x, weights, up)
    found = m.output_gradients(loss, outs)
    return [g.detach().clone() for g in found]


@grads.check("backward afterwards")
def _(m, x, weights, up):
    """The graph survives, and the parameters' gradients are those of one backward pass."""
    leaves, loss, outs = network(x, weights, up)
    for W in leaves:
        W.grad = torch.full_like(W, 2.0)
    m.output_gradients(loss, outs)
    untouched = all(bool((W.grad == 2.0).all()) for W in leaves)
    for W in leaves:
        W.grad = None
    loss.backward()
    return [untouched, [W.grad.clone() for W in leaves]]


@grads.check("one each")
def _(m, x, weights, up):
    _, loss, outs = network(x, weights, up)
    found = m.output_gradients(loss, outs)
    return [len(found), [list(g.shape) for g in found]]


grads.misconception(
    "The graph was used up: torch frees it after one pass, and loss.backward() fails afterwards. "
    "retain_graph=True.",
    name="graph_freed",
    replace=", retain_graph=True",
    by="",
)
grads.misconception(
    "backward() ran, which also adds to the .grad of every parameter. Ask for the outputs only: "
    "torch.autograd.grad(loss, outs, retain_graph=True).",
    name="backward",
    source="""
def output_gradients(loss, outs):
    for out in outs:
        out.retain_grad()
    loss.backward(retain_graph=True)
    return [out.grad for out in outs]
""",
)
grads.misconception(
    "Outputs are no leaves: after backward() their .grad is None, unless retain_grad() was called before.",
    name="no_retain_grad",
    source="""
def output_gradients(loss, outs):
    loss.backward(retain_graph=True)
    return [out.grad for out in outs]
""",
)
grads.misconception(
    "The gradient of each output's own sum is all ones. Start from the loss.",
    name="own_sum",
    source="""
def output_gradients(loss, outs):
    return [torch.autograd.grad(out.sum(), out, retain_graph=True)[0] for out in outs]
""",
)
grads.misconception(
    "The list stands in reverse: the first layer first.",
    name="reversed_list",
    replace="list(torch.autograd.grad(loss, outs, retain_graph=True))",
    by="list(torch.autograd.grad(loss, outs[::-1], retain_graph=True))",
)
grads.misconception(
    "Only the last output's gradient came back. Each layer has one.",
    name="only_last",
    replace="torch.autograd.grad(loss, outs, retain_graph=True)",
    by="torch.autograd.grad(loss, outs[-1:], retain_graph=True)",
)
grads.misconception(
    "These are standard deviations. The gradients themselves are wanted: the histogram is made from them.",
    name="only_std",
    replace="list(torch.autograd.grad(loss, outs, retain_graph=True))",
    by="[g.norm() for g in torch.autograd.grad(loss, outs, retain_graph=True)]",
)
grads.misconception(
    "The outputs came back, not their gradients.",
    name="the_outputs",
    replace="list(torch.autograd.grad(loss, outs, retain_graph=True))",
    by="[out.detach() for out in outs]",
)
grads.misconception(
    "The outputs were detached first, so they have nothing to do with the loss any more. Use them as "
    "they are.",
    name="detached",
    replace="torch.autograd.grad(loss, outs,",
    by="torch.autograd.grad(loss, [o.detach().requires_grad_() for o in outs],",
)
grads.variant(
    "hooks on the outputs, parameters put aside",
    name="one_by_one",
    source="""
def output_gradients(loss, outs):
    return [torch.autograd.grad(loss, [out], retain_graph=True)[0] for out in outs]
""",
)
grads.variant(
    "backward for the outputs only",
    name="inputs",
    source="""
def output_gradients(loss, outs):
    for out in outs:
        out.retain_grad()
        out.grad = None
    loss.backward(inputs=outs, retain_graph=True)
    return tuple(out.grad for out in outs)
""",
)

# -- grad_data_ratio -----------------------------------------------------------------------------

ratio = exercise("grad_data_ratio", title="grad : data", pure=False)
ratio.hint("Two standard deviations, one of p and one of p.grad.")
ratio.hint("Which of them is above, which below? A large result should mean: a large gradient.")
ratio.hint("return (p.grad.std() / p.detach().std()).item()")


@ratio.cases
def _(rng):
    for shape in [(2,), (3, 4), (5, 2), (4, 4)]:
        yield dict(
            p=rng.normal(*shape, mean=1.5, std=0.7), grad=rng.normal(*shape, mean=-0.2, std=0.01)
        )
    yield dict(p=rng.normal(3, 3, dtype=torch.float32), grad=rng.normal(3, 3, dtype=torch.float32))


@ratio.scenario
def _(m, p, grad):
    p.requires_grad_()
    p.grad = grad
    before = p.detach().clone(), grad.clone()
    value = m.grad_data_ratio(p)
    same = torch.equal(p.detach(), before[0]) and torch.equal(p.grad, before[1])
    return {
        "ratio": float(value),
        "a Python float": type(value) is float,
        "p as it was": bool(same),
    }


ratio.tolerance(EITHER)
ratio.misconception(
    "Upside down: gradient above, data below.",
    name="upside_down",
    replace="p.grad.std() / p.detach().std()",
    by="p.detach().std() / p.grad.std()",
)
ratio.misconception(
    "Means were compared. Both may be near 0 while the numbers are large: take standard deviations.",
    name="means",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.mean() / p.detach().mean()",
)
ratio.misconception(
    "Average absolute values were compared. Asked are standard deviations.",
    name="absolute",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.abs().mean() / p.detach().abs().mean()",
)
ratio.misconception(
    "Lengths (norms) were compared: they measure from 0, standard deviations from the mean.",
    name="norms",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.norm() / p.detach().norm()",
)
ratio.misconception(
    "Variances were compared: the ratio comes out squared.",
    name="variances",
    replace="p.grad.std() / p.detach().std()",
    by="p.grad.var() / p.detach().var()",
)
ratio.misconception(
    "The ratios of single elements were formed first. Compare the sizes of the two tensors: std over std.",
    name="elementwise",
    replace="p.grad.std() / p.detach().std()",
    by="(p.grad / p.detach()).std()",
)
ratio.misconception(
    "That is the logarithm; here the plain ratio is wanted.",
    name="logarithm",
    replace="(p.grad.std() / p.detach().std())",
    by="(p.grad.std() / p.detach().std()).log10()",
)
ratio.misconception(
    "Only the gradient's size: without the data's there is nothing to compare it with.",
    name="only_gradient",
    replace="(p.grad.std() / p.detach().std())",
    by="p.grad.std()",
)
ratio.misconception(
    "A tensor came back: take the number out with .item().",
    name="a_tensor",
    replace="(p.grad.std() / p.detach().std()).item()",
    by="p.grad.std() / p.detach().std()",
)
ratio.variant(
    "in double precision",
    name="double",
    replace="(p.grad.std() / p.detach().std()).item()",
    by="p.grad.double().std().item() / p.data.double().std().item()",
)
ratio.variant(
    "under no_grad",
    name="no_grad",
    replace="return (p.grad.std() / p.detach().std()).item()",
    by="with torch.no_grad():\n        return float(torch.std(p.grad) / torch.std(p))",
)

# -- update_data_ratios --------------------------------------------------------------------------

update = exercise("update_data_ratios", title="update : data, about -3", points=2, pure=False)
update.hint(
    "An update of plain gradient descent is lr * p.grad. How large is it beside p, in powers of ten?"
)
update.hint(
    "Only weight matrices: p.ndim == 2. For each one number: log10(std(lr * grad) / std(p))."
)
update.hint(
    "[((lr * p.grad).std() / p.detach().std()).log10().item() for p in parameters if p.ndim == 2]"
)


@update.cases
def _(rng):
    for shapes, lr in [
        ([(3, 4), (4,), (4, 2)], 0.1),
        ([(5,), (2, 2)], 0.01),
        ([(2, 3)], 3.0),
        ([(4,)], 0.5),
        ([(6, 2), (2, 3, 2), (1, 3), (3, 1)], 0.07),
    ]:
        params = [rng.normal(*s, mean=0.8, std=0.5) for s in shapes]
        yield dict(params=params, grads=[rng.normal(*s, mean=0.3, std=0.02) for s in shapes], lr=lr)
    params = [rng.normal(3, 3, dtype=torch.float32)]
    yield dict(params=params, grads=[rng.normal(3, 3, dtype=torch.float32)], lr=0.1)


@update.scenario
def _(m, params, grads, lr):
    for p, grad in zip(params, grads, strict=True):
        p.requires_grad_()
        p.grad = grad
    before = [p.detach().clone() for p in params] + [g.clone() for g in grads]
    found = m.update_data_ratios(params, lr)
    after = [p.detach() for p in params] + [p.grad for p in params]
    return {
        "ratios": [float(r) for r in found],
        "Python floats": all(type(r) is float for r in found),
        "all as it was": all(torch.equal(a, b) for a, b in zip(before, after, strict=True)),
    }


# a logarithm turns the relative rounding of EITHER into an absolute one: 2e-5 / ln 10
update.tolerance(Tol(rtol=1e-9, atol=1e-5))
update.misconception(
    "The learning rate is missing: that is grad:data. The update is lr times the gradient.",
    name="no_lr",
    replace="(lr * p.grad).std()",
    by="p.grad.std()",
)
update.misconception(
    "That is the plain ratio; its logarithm to base 10 is wanted, so that -3 means a thousandth.",
    name="no_log",
    replace=".log10().item()",
    by=".item()",
)
update.misconception(
    "That is the natural logarithm. Powers of ten are wanted: log10.",
    name="natural_log",
    replace=".log10().item()",
    by=".log().item()",
)
update.misconception(
    "Base 2. Powers of ten are wanted: log10.",
    name="base_two",
    replace=".log10().item()",
    by=".log2().item()",
)
update.misconception(
    "Upside down: the update above, the data below. A healthy one is about -3, not 3.",
    name="upside_down",
    replace="(lr * p.grad).std() / p.detach().std()",
    by="p.detach().std() / (lr * p.grad).std()",
)
update.misconception(
    "Biases and gains are in the list too. They start at 0 or 1, so their spread says nothing: only "
    "p.ndim == 2.",
    name="all_parameters",
    replace=" if p.ndim == 2",
    by="",
)
update.misconception(
    "More than two dimensions are in the list too. Only parameters with exactly two count here.",
    name="at_least_two",
    replace="p.ndim == 2",
    by="p.ndim >= 2",
)
update.misconception(
    "Only the first weight matrix was measured; each has its own number.",
    name="first_only",
    replace="for p in parameters if p.ndim == 2",
    by="for p in [q for q in parameters if q.ndim == 2][:1]",
)
update.misconception(
    "The average over the matrices came back. One number for each is wanted: a sick layer hides in a mean.",
    name="averaged",
    source="""
def update_data_ratios(parameters, lr):
    found = [((lr * p.grad).std() / p.detach().std()).log10() for p in parameters if p.ndim == 2]
    return [float(sum(found) / len(found))] if found else []
""",
)
update.misconception(
    "Means were compared. The mean of a weight matrix says nothing about its size: standard deviations.",
    name="means",
    replace="(lr * p.grad).std() / p.detach().std()",
    by="(lr * p.grad).mean().abs() / p.detach().mean().abs()",
)
update.misconception(
    "Lengths (norms) were compared: they measure from 0, standard deviations from the mean.",
    name="norms",
    replace="(lr * p.grad).std() / p.detach().std()",
    by="(lr * p.grad).norm() / p.detach().norm()",
)
update.misconception(
    "lr stands inside twice, or squared: the update is lr * grad, once.",
    name="lr_squared",
    replace="(lr * p.grad).std()",
    by="(lr * lr * p.grad).std()",
)
update.misconception(
    "You took the step before measuring. Only look: the training loop takes the step.",
    name="takes_the_step",
    source="""
def update_data_ratios(parameters, lr):
    found = [
        ((lr * p.grad).std() / p.detach().std()).log10().item() for p in parameters if p.ndim == 2
    ]
    for p in parameters:
        p.data -= lr * p.grad
    return found
""",
)
update.misconception(
    "Tensors in the list: take the numbers out with .item().",
    name="tensors",
    replace=".log10().item()",
    by=".log10()",
)
update.variant(
    "the learning rate outside",
    name="lr_outside",
    replace="((lr * p.grad).std() / p.detach().std()).log10().item()",
    by="math.log10(lr * p.grad.std().item() / p.data.std().item())",
)
update.variant(
    "a difference of logarithms",
    name="difference",
    replace="((lr * p.grad).std() / p.detach().std()).log10().item()",
    by="(torch.log10(torch.std(p.grad * lr)) - torch.log10(torch.std(p.detach()))).item()",
)
