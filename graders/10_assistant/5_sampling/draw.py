"""10.draw: which token a number from 0 to 1 hits."""

import torch

from graders.authoring import exercise

from .part import hit

dart = exercise("draw", title="draw a token")


@dart.cases
def _(rng):
    for B, V in [(4, 6), (1, 9), (3, 1), (200, 5)]:
        dtype = torch.float32 if B == 1 else torch.float64
        yield dict(probs=rng.normal(V, B, dtype=dtype).T.softmax(-1), u=rng.uniform(0, 1, B))
    # borders that are hit exactly, zeros at the beginning, in the middle and at the end
    probs = [
        [0.25, 0.5, 0.25, 0.0],
        [0.0, 0.5, 0.0, 0.5],
        [0.0, 0.0, 1.0, 0.0],
        [0.125, 0.125, 0.25, 0.5],
    ]
    last = 1 - 2.0**-53
    for u in ([0.75, 0.0, 0.0, 0.25], [0.0, 0.5, 0.5, 0.125], [last] * 4, [0.25, last, last, 0.5]):
        for dtype in (torch.float64, torch.float32):
            yield dict(
                probs=torch.tensor(probs, dtype=dtype), u=torch.tensor(u, dtype=torch.float64)
            )
    # the sum is not quite 1, as softmax in float32 gives it; the first and the last number of all
    short = torch.full((2, 10), 0.0999999, dtype=torch.float32)
    for u in (0.95, 0.49999975):  # the latter is between the border 0.4999995 and its half of 1
        yield dict(probs=short, u=torch.tensor([last, u], dtype=torch.float64))
    # a token that two bytes do not hold
    far = torch.zeros(1, 40_000)
    far[0, 39_000:39_003] = torch.tensor([0.25, 0.5, 0.25])
    yield dict(probs=far, u=torch.tensor([0.5], dtype=torch.float64))
    # near a border, closer than float32 can tell
    near = torch.tensor([[0.5, 0.5], [0.5, 0.5]], dtype=torch.float32)
    yield dict(probs=near, u=torch.tensor([0.5 - 1e-12, 0.5 + 1e-12], dtype=torch.float64))
    # pieces that a running sum in float32 swallows, behind a large one; and many small ones
    small = torch.tensor([[0.5, 2.0**-26, 2.0**-26, 0.5]] * 3, dtype=torch.float32)
    half = 0.5 / (1 + 2.0**-25)
    u = [half + 2.0**-27, half + 3 * 2.0**-27, half + 5 * 2.0**-27]  # the middles of three pieces
    yield dict(probs=small, u=torch.tensor(u, dtype=torch.float64))
    many = torch.cat([torch.full((1, 1), 0.9), torch.full((1, 300), 1e-8)], 1)
    yield dict(probs=many, u=torch.tensor([0.9 / (0.9 + 3e-6) + 1.505e-6], dtype=torch.float64))


@dart.oracle
def _(probs, u):
    return torch.tensor([hit(row, x) for row, x in zip(probs.tolist(), u.tolist(), strict=True)])


dart.hint(
    "cumsum(-1) gives the right border of each token's piece. How many borders lie at or below u?"
)
dart.hint(
    "Compare with u times the row's last border, in float64; a comparison of (B, V) with (B, 1)."
)
dart.hint("borders = probs.double().cumsum(-1); (borders <= u[:, None] * borders[:, -1:]).sum(-1)")

dart.misconception(
    """A u that is exactly on a border went to the token before it; with u = 0 even to a token of probability
    0. The sum must be *greater* than u.""",
    name="border",
    replace="borders <=",
    by="borders <",
)
dart.misconception(
    """The likeliest token came back, whatever u is.""",
    name="greedy",
    replace="(borders <= u[:, None] * borders[:, -1:]).sum(-1)",
    by="probs.argmax(-1)",
)
dart.misconception(
    """The sum is not quite 1 in float32, so the last numbers below 1 hit nothing. Multiply u by the row's own
    sum.""",
    name="sum_is_one",
    replace="u[:, None] * borders[:, -1:]",
    by="u[:, None]",
)
dart.misconception(
    """The sum is not quite 1 in float32: cutting the id off at V - 1 moves the borders a little. Multiply
    u by the row's own sum.""",
    name="clamped",
    replace="(borders <= u[:, None] * borders[:, -1:]).sum(-1)",
    by="(borders <= u[:, None]).sum(-1).clamp(max=probs.shape[1] - 1)",
)
dart.misconception(
    """u was rounded to float32: numbers near a border, or near 1, fall on the other side. Compare in
    float64.""",
    name="float32",
    replace="u[:, None] * borders[:, -1:]",
    by="(u.float()[:, None] * borders[:, -1:].float()).double()",
)
dart.misconception(
    """The running sum was made in float32, which swallows small probabilities behind a large one. First
    .double(), then cumsum.""",
    name="float32_sums",
    replace="probs.double().cumsum(-1)",
    by="probs.cumsum(-1).double()",
)
dart.misconception(
    """The sum is not quite 1 in float32: where u is above it nothing is hit, and the first id came back.
    Multiply u by the row's own sum.""",
    name="first_if_none",
    replace="(borders <= u[:, None] * borders[:, -1:]).sum(-1)",
    by="(borders > u[:, None]).int().argmax(-1)",
)
dart.misconception(
    """The ids are one too large: count the borders that u has passed, and the first token is 0.""",
    name="one_too_large",
    replace=".sum(-1)",
    by=".sum(-1).add(1).clamp(max=probs.shape[1] - 1)",
)
dart.misconception(
    """The number of the first row was used for all. Each row has its own u.""",
    name="one_u",
    replace="u[:, None]",
    by="u[:1, None]",
)
dart.misconception(
    """u was compared with the probabilities themselves. Their *running sum* says where each token's piece
    ends.""",
    name="no_cumsum",
    replace="probs.double().cumsum(-1)",
    by="probs.double()",
)
dart.misconception(
    """The way was laid from the last token on: with 1 - u, every draw is another one. The first piece begins
    at 0.""",
    name="reversed",
    replace="u[:, None] *",
    by="(1 - u[:, None]) *",
)
dart.misconception(
    """The sum runs over the batch. Each row has its own borders: cumsum(-1).""",
    name="over_batch",
    replace="cumsum(-1)",
    by="cumsum(0)",
)
dart.misconception(
    """A draw by torch.multinomial, or any other chance, does not depend on u. u is the chance here.""",
    name="multinomial",
    replace="(borders <= u[:, None] * borders[:, -1:]).sum(-1)",
    by="probs.multinomial(1, generator=torch.Generator().manual_seed(3))[:, 0]",
)
dart.misconception(
    """The shape is (B, 1). One id a row is asked for: (B,).""",
    name="column",
    replace=".sum(-1)",
    by=".sum(-1, keepdim=True)",
)

dart.variant(
    "searchsorted",
    name="searchsorted",
    source="""def draw(probs, u):
    borders = probs.to(torch.float64).cumsum(dim=1).contiguous()
    aims = (u * borders[:, -1]).unsqueeze(1)
    return torch.searchsorted(borders, aims, right=True).squeeze(1)
""",
)
dart.variant(
    "argmax finds the first True",
    name="argmax",
    source="""def draw(probs, u):
    borders = torch.cumsum(probs.double(), 1)
    return (borders > u.view(-1, 1) * borders[:, -1].view(-1, 1)).int().argmax(1)
""",
)

dart.equivalent("-1  ->  1", "of two dimensions, the last is number 1")
