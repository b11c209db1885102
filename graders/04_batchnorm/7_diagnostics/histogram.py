"""04.histogram: a histogram with area 1."""

import torch

from graders.authoring import exercise

hist = exercise("histogram", title="a histogram with area 1", points=2)


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
    # 0 need not lie among the numbers
    t = torch.tensor([1.0, 1.25, 2.5, 3.0], dtype=torch.float64)
    for sign in (1, -1):
        yield dict(t=sign * t, bins=2)


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
    "t may require a gradient: torch.histogram refuses that, and a picture needs no graph. t.detach() first.",
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

hist.equivalent("t.detach().flatten()  ->  t.detach()", "torch.histogram flattens what it is given")
