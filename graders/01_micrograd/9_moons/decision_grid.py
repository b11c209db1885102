"""01.decision_grid: a map of scores."""

from graders.authoring import exercise, instead

grid = exercise("decision_grid", title="a map of scores")


def wavy(m, x, slope):
    """A stand-in for a network: not symmetric in its two inputs."""
    x0, x1 = x
    return m.Value(x0) * slope + m.Value(x1) * x1 + m.Value(x0 * x1).tanh()


@grid.cases
def _(rng):
    for h, w in [(2, 3), (4, 2), (3, 3), (1, 4), (3, 1), (1, 1), (2, 3)]:
        slope = rng.number(2, 3)  # each with a model of its own
        yield dict(x0s=sorted(rng.numbers(w)), x1s=sorted(rng.numbers(h)), slope=slope)
    # the rows and columns come as the points do, in whatever order that is
    yield dict(x0s=[1.5, -2.0, 0.5], x1s=[2.0, -1.0], slope=rng.number(2, 3))


@grid.scenario
def _(m, x0s, x1s, slope):
    found = m.decision_grid(lambda x: wavy(m, x, slope), x0s, x1s)
    if not isinstance(found, (list, tuple)) or not all(isinstance(r, (list, tuple)) for r in found):
        return found
    return [[instead(s, "a number") if isinstance(s, m.Value) else s for s in row] for row in found]


grid.hint("Two loops, one inside the other. Which coordinate belongs to the outer one, the rows?")
grid.hint("Rows go with x1s, columns with x0s; a point is [x0, x1], whatever the loops are.")
grid.hint("return [[model([x0, x1]).data for x0 in x0s] for x1 in x1s]")

grid.misconception(
    """Rows and columns are swapped: row i belongs to x1s[i]. On a square grid you would get a
    mirrored picture and no error.""",
    name="transposed",
    replace="for x0 in x0s] for x1 in x1s]",
    by="for x1 in x1s] for x0 in x0s]",
)
grid.misconception(
    """The coordinates of the point are swapped: the network wants [x0, x1].""",
    name="swapped_point",
    replace="model([x0, x1])",
    by="model([x1, x0])",
)
grid.misconception(
    """These are Values. Return the plain numbers: .data.""",
    name="values",
    replace="model([x0, x1]).data",
    by="model([x0, x1])",
)
grid.misconception(
    """This is one long list. Make a list of rows.""",
    name="flat",
    replace="[[model([x0, x1]).data for x0 in x0s] for x1 in x1s]",
    by="[model([x0, x1]).data for x1 in x1s for x0 in x0s]",
)
grid.misconception(
    """zip walks along the diagonal only. A grid has every x0 with every x1.""",
    name="diagonal",
    replace="[[model([x0, x1]).data for x0 in x0s] for x1 in x1s]",
    by="[[model([x0, x1]).data] for x0, x1 in zip(x0s, x1s)]",
)
grid.misconception(
    """The rows are upside down. Row 0 belongs to x1s[0]; the plotting function knows where the
    origin is.""",
    name="upside_down",
    replace="for x1 in x1s]",
    by="for x1 in x1s[::-1]]",
)
grid.misconception(
    """These are decisions, +1 or -1. Return the scores themselves: the drawing shows the margin,
    too.""",
    name="signs",
    replace="model([x0, x1]).data",
    by="(1.0 if model([x0, x1]).data > 0 else -1.0)",
)

grid.variant(
    "loops",
    name="loops",
    source="""
def decision_grid(model, x0s, x1s):
    rows = []
    for i in range(len(x1s)):
        row = []
        for j in range(len(x0s)):
            row.append(float(model([x0s[j], x1s[i]]).data))
        rows += [row]
    return rows
""",
)
