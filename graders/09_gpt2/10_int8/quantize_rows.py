"""09.quantize_rows: absmax by rows."""

import torch

from graders.authoring import exercise

rows = exercise("quantize_rows", title="8 bits, and a scale for each row", points=2, stretch=True)


@rows.cases
def _(rng):
    for i, (out, inputs) in enumerate([(4, 3), (3, 3), (1, 6), (5, 1)]):
        W = rng.normal(out, inputs, std=2.0) * 10.0 ** rng.integers(-3, 3, out, 1).double()
        yield dict(W=W.to([torch.float64, torch.float32, torch.float64, torch.float32][i]))
    # scales of 1, 1/2 and 4: halves are exact, and the even neighbour takes them
    halves = torch.tensor([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, -126.5])
    ends = torch.tensor([[127.0, 3.0], [3.0, -127.0], [-127.0, 127.0]])
    W = torch.cat([halves.expand(3, 8), ends], 1) * torch.tensor([[1.0], [0.5], [4.0]])
    yield dict(W=W.double())
    yield dict(W=rng.normal(3, 4) * torch.tensor([[1e-30], [1e30], [1e-9]]))  # small, and no zeros
    W = rng.normal(3, 4)
    W[1] = 0
    yield dict(W=W)
    yield dict(W=rng.normal(6, 4).T * 50)  # lies across in memory
    yield dict(W=torch.tensor([[0.25, -20.0, 5.5], [-3.0, 1.0, 2.9], [0.0, 0.0, -0.25]]).half())


@rows.oracle
def _(W):
    q = torch.zeros(W.shape, dtype=torch.int8)
    scales = []
    for i, row in enumerate(W):
        scale = row.abs().max() / 127
        scales.append(scale if scale > 0 else torch.ones((), dtype=W.dtype))
        q[i] = (row / scales[-1]).round().to(torch.int8)
    return q, torch.stack(scales)


rows.hint("The largest |W| of each row becomes 127: one division for each row, one scale for each.")
rows.hint(
    "W.abs().amax(dim=1) is (out,); to divide row by row it must stand as a column: [:, None]."
)
rows.hint(
    "scale = torch.where(scale == 0, 1.0, scale), with W's dtype; torch.round before .to(torch.int8), "
    "for .to cuts off."
)

rows.misconception(
    """One scale serves the whole matrix. Each row has one of its own: its largest |W| over 127.""",
    name="one_scale",
    replace="W.abs().amax(dim=1) / 127",
    by="(W.abs().max() / 127).expand(W.shape[0])",
)
rows.misconception(
    """The largest value was looked for down the columns, or the scales lie along the columns. A row is an
    output: dim=1 is what goes away.""",
    name="by_columns",
    source="""
    def quantize_rows(W):
        scale = W.abs().amax(dim=0) / 127
        scale = torch.where(scale == 0, torch.ones_like(scale), scale)
        return torch.round(W / scale).to(torch.int8), scale
    """,
)
rows.misconception(
    """Nothing is rounded: .to(torch.int8) cuts off what stands behind the point, always toward zero. First
    torch.round.""",
    name="cut_off",
    replace="torch.round(W / scale[:, None])",
    by="(W / scale[:, None])",
)
rows.misconception(
    """The numbers are rounded downwards (floor), not to the nearest integer.""",
    name="floor",
    replace="torch.round(W / scale[:, None])",
    by="torch.floor(W / scale[:, None])",
)
rows.misconception(
    """A half is rounded up (x + 0.5, then floor); torch.round gives it to the even neighbour, which favours
    neither side.""",
    name="half_up",
    replace="torch.round(W / scale[:, None])",
    by="torch.floor(W / scale[:, None] + 0.5)",
)
rows.misconception(
    """The largest value was made 128, which an int8 cannot hold: it comes out as -128. Both ends are 127.""",
    name="overflow",
    replace="/ 127",
    by="/ 128",
)
rows.misconception(
    """The sign is forgotten when the largest is sought: in a row whose largest |W| is negative the scale is
    too small. Take abs first.""",
    name="no_abs",
    replace="W.abs().amax(dim=1)",
    by="W.amax(dim=1).abs()",
)
rows.misconception(
    """A row of zeros is divided by zero. Its scale is 1.""",
    name="zero_row",
    replace="    scale = torch.where(scale == 0, torch.ones_like(scale), scale)\n",
    by="",
)
rows.misconception(
    """The scale is the wrong way round: it must say what 1 is worth, largest |W| over 127, so that q times
    scale is W again.""",
    name="inverse",
    replace="return q, scale",
    by="return q, 1 / scale",
)
rows.misconception(
    """The scales are (out, 1), a column. Asked for is (out,).""",
    name="column",
    replace="return q, scale",
    by="return q, scale[:, None]",
)
rows.misconception(
    """q still consists of floats. Only as int8 does a weight take one byte: .to(torch.int8).""",
    name="floats",
    replace=".to(torch.int8)",
    by="",
)
rows.misconception(
    """Zero was moved: the smallest weight became -127 and the largest 127 (affine quantization). Here zero
    stays zero, and the scale comes from the largest |W|.""",
    name="affine",
    source="""
    def quantize_rows(W):
        low, high = W.amin(dim=1), W.amax(dim=1)
        scale = (high - low) / 254
        scale = torch.where(scale == 0, torch.ones_like(scale), scale)
        q = torch.round((W - low[:, None]) / scale[:, None] - 127)
        return q.to(torch.int8), scale
    """,
)
rows.misconception(
    """The scales have another dtype than W.""",
    name="float32_scale",
    replace="return q, scale",
    by="return q, scale.float()",
)
rows.misconception(
    """W itself was changed. Divide into a new tensor.""",
    name="in_place",
    replace="torch.round(W / scale[:, None])",
    by="W.div_(scale[:, None]).round_()",
)
rows.misconception(
    """The scale was the largest divided by 128. int8 ends at 127: the largest would need one step
    more.""",
    name="by_128",
    edits=[
        (".amax(dim=1) / 127", ".amax(dim=1) / 128"),
        ("torch.round(W / scale[:, None])", "torch.round(W / scale[:, None]).clamp(-127, 127)"),
    ],
)

rows.variant(
    "by row, times 127 over the largest",
    name="one_by_one",
    source="""
    def quantize_rows(W):
        q = torch.empty(W.shape, dtype=torch.int8)
        scale = torch.ones(len(W), dtype=W.dtype)
        for i in range(len(W)):
            largest = W[i].abs().max()
            if largest > 0:
                scale[i] = largest / 127
            q[i] = (W[i] / scale[i]).round()
        return q, scale
    """,
)
rows.variant(
    "max with keepdim, squeezed later; clamped for safety",
    name="keepdim",
    source="""
    def quantize_rows(W):
        scale = W.abs().max(dim=-1, keepdim=True).values / 127
        scale[scale == 0] = 1.0
        q = torch.div(W, scale).round().clamp(-127, 127)
        return q.type(torch.int8), scale.squeeze(1)
    """,
)
