"""06.gated: the gated activation."""

from graders.authoring import differentiate, exercise

from .part import a_block, leaves, unit, upstream

gated = exercise("gated", title="the gated activation", stretch=True)


@gated.cases
def _(rng):
    for B, T, C, H, dilation in [
        (2, 5, 3, 4, 1),
        (1, 7, 2, 2, 2),
        (3, 4, 4, 3, 5),
        (2, 9, 1, 2, 4),
    ]:
        yield dict(x=rng.normal(B, T, C), block=a_block(rng, C, H, 2), dilation=dilation)
    yield dict(x=rng.normal(2, 3, 2, std=5), block=a_block(rng, 2, 3, 1), dilation=1)


@gated.oracle
def _(x, block, dilation):
    return unit(x, block, dilation)


@gated.check("gradients")
def _(m, x, block, dilation):
    x = x.clone().requires_grad_()
    block, named = leaves("", {name: block[name] for name in ("Wf", "bf", "Wg", "bg")})
    out = m.gated(x, block, dilation)
    return dict(differentiate(out, {"x": x, **named}, upstream(out)))


gated.hint(
    "Two convolutions of the same x. Which of them goes through tanh, which through sigmoid?"
)
gated.hint("The filter ('Wf', 'bf') says what: tanh. The gate ('Wg', 'bg') says how much: sigmoid.")
gated.hint(
    'torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation)) times torch.sigmoid of the '
    "same with the gate's weights."
)

gated.misconception(
    "tanh and sigmoid have swapped places: the filter goes through tanh (-1 to 1), the gate "
    "through sigmoid (0 to 1).",
    name="swapped",
    edits=[
        ("torch.tanh(", "torch.sigmoid("),
        ("how_much = torch.sigmoid(", "how_much = torch.tanh("),
    ],
)
gated.misconception(
    "Both went through tanh. A gate lies between 0 and 1, closed and open: sigmoid.",
    name="two_tanh",
    replace="torch.sigmoid(",
    by="torch.tanh(",
)
gated.misconception(
    "Both went through sigmoid. The filter says what, and that may be negative: tanh.",
    name="two_sigmoids",
    replace="torch.tanh(",
    by="torch.sigmoid(",
)
gated.misconception(
    "The gate was added to the filter. It multiplies: a closed gate lets nothing through.",
    name="added",
    replace="return what * how_much",
    by="return what + how_much",
)
gated.misconception(
    "Filter and gate use the same weights, the filter's. The gate has its own: 'Wg' and 'bg'.",
    name="same_weights",
    replace='block["Wg"], block["bg"]',
    by='block["Wf"], block["bf"]',
)
gated.misconception(
    "The gate has the filter's bias: its own is 'bg'.",
    name="same_bias",
    replace='block["bg"]',
    by='block["bf"]',
)
gated.misconception(
    "The dilation is ignored in one or both of the convolutions: pass it to both.",
    name="no_dilation",
    edits=[
        ('block["bf"], dilation)', 'block["bf"], 1)'),
        ('block["bg"], dilation)', 'block["bg"], 1)'),
    ],
)
gated.misconception(
    "The gate does not see the dilated neighbor: pass the dilation to both convolutions.",
    name="gate_not_dilated",
    replace='block["bg"], dilation)',
    by='block["bg"], 1)',
)
gated.misconception(
    "There is no gate: tanh alone is the activation of part 6. Multiply by the sigmoid.",
    name="no_gate",
    replace="return what * how_much",
    by="return what",
)
gated.misconception(
    "The gate was computed from the filter's output. Both read x.",
    name="gate_of_filter",
    replace="return what * how_much",
    by="return what * torch.sigmoid(what)",
)
gated.misconception(
    "The gate is cut off from the gradient (detach): it would never learn when to open.",
    name="gate_detached",
    replace="return what * how_much",
    by="return what * how_much.detach()",
)
gated.misconception(
    "The gate's convolution uses the filter's matrix: its own is 'Wg'.",
    name="same_matrix",
    replace='block["Wg"]',
    by='block["Wf"]',
)
gated.misconception(
    "The gate is the wrong way round (1 - sigmoid): near 1 it is open.",
    name="gate_inverted",
    replace="return what * how_much",
    by="return what * (1 - how_much)",
)
gated.misconception(
    "The filter has no tanh: what it says has to stay between -1 and 1.",
    name="no_tanh",
    replace="torch.tanh(",
    by="(",
)
gated.misconception(
    "The filter went through ReLU. What it says may be negative: tanh.",
    name="relu",
    replace="torch.tanh(",
    by="torch.relu(",
)
gated.misconception(
    "The gates of a position were made to compete (softmax). Each channel has a gate of its own, "
    "open or not whatever the others do: sigmoid.",
    name="softmax",
    replace='torch.sigmoid(dilated_conv(x, block["Wg"], block["bg"], dilation))',
    by='torch.softmax(dilated_conv(x, block["Wg"], block["bg"], dilation), dim=-1)',
)
gated.misconception(
    "The gate only opens and closes (> 0). A step has no gradient, so that it would never learn: "
    "sigmoid is the soft version.",
    name="hard_gate",
    replace="return what * how_much",
    by="return what * (how_much > 0.5)",
)
gated.misconception(
    "The filter does not see the dilated neighbor: pass the dilation to both convolutions.",
    name="filter_not_dilated",
    replace='block["bf"], dilation)',
    by='block["bf"], 1)',
)
gated.misconception(
    "You returned both factors. Multiply them.",
    name="both",
    replace="return what * how_much",
    by="return what, how_much",
)
gated.misconception(
    "The filter is cut off from the gradient (detach): it would never learn what to say.",
    name="filter_detached",
    replace="return what * how_much",
    by="return what.detach() * how_much",
)

gated.variant(
    "both in one convolution, then split",
    name="one_convolution",
    source="""def gated(x, block, dilation):
    W = torch.cat([block["Wf"], block["Wg"]], dim=1)
    b = torch.cat([block["bf"], block["bg"]])
    what, gate = dilated_conv(x, W, b, dilation).chunk(2, dim=-1)
    return what.tanh() * gate.sigmoid()
""",
)
gated.variant(
    "F.glu",
    name="glu",
    source="""def gated(x, block, dilation):
    what = torch.tanh(dilated_conv(x, block["Wf"], block["bf"], dilation))
    gate = dilated_conv(x, block["Wg"], block["bg"], dilation)
    return F.glu(torch.cat([what, gate], dim=-1), dim=-1)
""",
)
