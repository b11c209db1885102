"""09.micro_loss: the share of one micro-batch, autocast around forward and loss."""

import torch
import torch.nn.functional as F

from graders.authoring import Tol, exercise, instead

from .part import Model, grads, micro_batches, state, weights

loss = exercise("micro_loss", title="the share of one micro-batch", points=2, pure=False)

SHAPES_ALONE = [(2, 5, 7), (3, 4, 1), (1, 6, 6), (4, 1, 3), (2, 3, 0)]


@loss.cases
def _(rng):
    for i, shape in enumerate(SHAPES_ALONE):
        ((x, y),) = micro_batches(rng, [shape], 6)
        dtype = torch.float32 if i == 1 else torch.float64
        logits = rng.normal(*x.shape, 6, std=3.0).to(dtype)
        yield dict(x=x, y=y, logits=logits, total=shape[2] + [3, 11, 0, 2, 5][i], upstream=1.7 + i)


def told(out):
    """A loss as plain data."""
    if not isinstance(out, torch.Tensor) or out.dim():
        return instead(out, "a tensor ()")
    return out


@loss.scenario
def _(m, x, y, logits, total, upstream):
    """A model that only looks up its logits; the gradient of them, with an upstream that is not 1."""
    leaf = logits.requires_grad_()
    called, before = [], (x.clone(), y.clone())

    def model(idx):
        called.append(idx)
        return leaf * 1.0

    out = told(m.micro_loss(model, x, y, total))
    if isinstance(out, dict):
        return out
    if out.requires_grad:
        (upstream * out).backward()
    return {
        "loss": out,
        "called": len(called),
        "called with x": all(torch.equal(idx, before[0]) for idx in called),
        "gradient of the logits": leaf.grad,
        "x and y as before": torch.equal(x, before[0]) and torch.equal(y, before[1]),
    }


@loss.oracle
def _(x, y, logits, total, upstream):
    p = logits.softmax(-1)
    counts = (y != -100).to(logits.dtype)
    right = F.one_hot(y.clamp(min=0), 6).to(logits.dtype)
    nll = -(p * right).sum(-1).log() * counts
    return {
        "loss": nll.sum() / total,
        "called": 1,
        "called with x": True,
        "gradient of the logits": upstream * (p - right) * counts[..., None] / total,
        "x and y as before": True,
    }


def half_cases(rng):
    for shape, dtype in [
        ((2, 5, 7), torch.bfloat16),
        ((3, 4, 1), None),
        ((1, 6, 4), torch.bfloat16),
    ]:
        ((x, y),) = micro_batches(rng, [shape], 6)
        yield dict(ws=weights(rng, 6, 3, 4), x=x, y=y, total=shape[2] + 3, dtype=str(dtype))


# bfloat16 has 8 bits of fraction: 0.4 % for each rounding, and a few of them follow one another
@loss.check("bfloat16", cases=half_cases, tol=Tol(rtol=4e-2))
def _(m, ws, x, y, total, dtype):
    """Where autocast is on, and of what type things are."""
    half = torch.bfloat16 if "bfloat16" in dtype else None
    model = Model(ws, torch.float32)
    before = state(model)
    out = told(m.micro_loss(model, x, y, total, half))
    if isinstance(out, dict):
        return out
    leaked = torch.is_autocast_enabled("cpu")
    if out.requires_grad:
        out.backward()
    return {
        "autocast in the model": model.seen["autocast in forward"],
        "autocast afterwards": leaked,
        "loss": out,
        "gradients": grads(model),
        "parameters as before": all(
            p.dtype == q.dtype and torch.equal(p, q)
            for p, q in zip(before, model.parameters(), strict=True)
        ),
    }


loss.hint("One token is one row of logits: lay batch and time into one dimension, targets too.")
loss.hint(
    """F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=-100, reduction="sum"), divided by
    total; all of it, and model(x), under `with torch.autocast(...)` if there is a dtype."""
)
loss.hint(
    """`with torch.autocast(x.device.type, dtype) if dtype else contextlib.nullcontext():` around both."""
)

loss.misconception(
    """It is the mean over this micro-batch alone: as if each micro-batch weighed the same, however many
    tokens count in it (and NaN where none does). Sum, and divide by total.""",
    name="mean",
    edits=[(', reduction="sum")', ")"), ("return loss / total", "return loss")],
)
loss.misconception(
    """It is divided twice: cross_entropy's mean divides by the counted targets already. With total, take
    the sum.""",
    name="mean_over_total",
    replace=', reduction="sum")',
    by=")",
)
loss.misconception(
    """The sum is not divided by total, so the gradient grows with the number of tokens.""",
    name="sum",
    replace="return loss / total",
    by="return loss",
)
loss.misconception(
    """It is divided by all targets of this micro-batch, those that do not count among them. The divisor is
    total.""",
    name="numel",
    replace="return loss / total",
    by="return loss / y.numel()",
)
loss.misconception(
    """Tokens with target -100 are part of the loss: as if they predicted token 0. They do not count at
    all.""",
    name="clamped",
    replace="y.flatten(), ignore_index=-100",
    by="y.flatten().clamp(min=0)",
)
loss.misconception(
    """y is shifted once more: it already holds the next token of each place.""",
    name="shifted_again",
    replace="rows, y.flatten()",
    by="model(x)[:, :-1].flatten(0, 1), y[:, 1:].flatten()",
)
loss.misconception(
    """Autocast is never switched on, so with a dtype everything still runs in float32.""",
    name="no_autocast",
    replace="if dtype else",
    by="if False else",
)
loss.misconception(
    """Autocast is on although dtype is None. Then there must be none.""",
    name="always",
    replace="dtype) if dtype else contextlib.nullcontext()",
    by="dtype or torch.bfloat16)",
)
loss.misconception(
    """The loss is computed outside of autocast, on logits in bfloat16, and so comes out with 3 digits. The
    block goes around forward *and* loss: in it, cross_entropy works in float32.""",
    name="loss_outside",
    edits=[
        ("        loss = F", "    loss = F"),
        ("        return loss", "    return loss"),
    ],
)
loss.misconception(
    """The model itself was cast: its parameters are bfloat16 now, and small updates get lost. Autocast
    leaves them in float32 and casts copies.""",
    name="model_cast",
    replace="torch.autocast(x.device.type, dtype) if dtype else contextlib.nullcontext()",
    by="model.to(dtype) and contextlib.nullcontext() if dtype else contextlib.nullcontext()",
)
loss.misconception(
    """The loss has no graph (detach, item, no_grad): nothing can flow back from it.""",
    name="detached",
    replace="return loss / total",
    by="return (loss / total).detach()",
)
loss.misconception(
    """softmax comes before cross_entropy, which applies it itself: it wants the logits.""",
    name="softmax_twice",
    replace="(rows, y",
    by="(rows.softmax(-1), y",
)
loss.variant(
    "token by token, then picked; autocast switched off by enabled=False",
    name="by_hand",
    source="""
    def micro_loss(model, x, y, total, dtype=None):
        with torch.autocast(x.device.type, dtype=dtype or torch.bfloat16, enabled=dtype is not None):
            logits, counted = model(x), (y != -100).flatten()
            each = F.cross_entropy(logits.flatten(0, 1), y.clamp(min=0).flatten(), reduction="none")
            return each[counted].sum() / total
    """,
)
loss.variant(
    "classes in front",
    name="classes_in_front",
    edits=[("model(x).flatten(0, 1)", "model(x).transpose(1, 2)"), ("y.flatten(), ", "y, ")],
)

loss.equivalent(
    "F.cross_entropy(rows, y.flatten(), ignore_index=-100, reduction='sum')  ->  "
    "F.cross_entropy(rows, y.flatten(), reduction='sum')",
    "-100 is torch's default",
)
