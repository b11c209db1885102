"""09.train_step: the step; on a CPU against one big batch and AdamW written out, and on a GPU."""

import time

import torch

from graders.authoring import Tol, exercise

from .part import (
    SHAPES,
    Model,
    adamw,
    grads,
    micro_batches,
    one_big_batch,
    said,
    state,
    steps_on,
    weights,
)

step = exercise("train_step", title="the training step", points=3, pure=False)

# (lr, weight decay, betas, eps); eps is far from tiny, so that rounding is not blown up by it
HYPER = [(0.3, 0.2, (0.8, 0.9), 0.01), (0.05, 0.4, (0.6, 0.95), 0.5), (0.2, 0.1, (0.9, 0.7), 0.03)]


@step.cases
def _(rng):
    for i, (lr, decay, betas, eps) in enumerate(HYPER):
        for dtype in (torch.float64, torch.float32) if i == 0 else (torch.float64,):
            case = dict(
                ws=weights(rng, 7, 3, 4),
                steps=[micro_batches(rng, SHAPES[(i + k) % 3], 7) for k in range(3)],
                lrs=[lr, lr / 3, lr * 1.5],
                max_norm=[0.1, 50.0, 0.02][i],
                dtype=str(dtype),
                hyper=[decay, list(betas), eps],
            )
            yield case
    table, fixed, out, bias = case["ws"]  # so sure of itself that the gradient is longer than 1
    yield case | dict(ws=[table, fixed, 16 * out, 16 * bias], max_norm=None)  # not given: 1.0


def optimizer_of(model, hyper, cls=torch.optim.AdamW):
    """Two groups, with rates that nobody should keep; one parameter each has no gradient."""
    decay, betas, eps = hyper
    groups = [
        {"params": [model.table, model.out], "weight_decay": decay, "lr": 7.0},
        {"params": [model.bias, model.unused], "weight_decay": 0.0, "lr": 9.0},
    ]
    return cls(groups, betas=tuple(betas), eps=eps)


@step.scenario
def _(m, ws, steps, lrs, max_norm, dtype, hyper):
    """Three steps; a gradient from somewhere is there at the start."""
    model = Model(ws, torch.float32 if "32" in dtype else torch.float64).eval()
    optimizer = optimizer_of(model, hyper)
    model.table.grad = torch.ones_like(model.table)
    told, given = [], [] if max_norm is None else [max_norm]
    for pairs, lr in zip(steps, lrs, strict=True):
        out = said(m.train_step(model, optimizer, pairs, lr, *given))
        rates = [group["lr"] for group in optimizer.param_groups]
        told.append({"out": out, "p.grad": grads(model), "parameters": state(model), "lr": rates})
    return {
        "after each step": told,
        "the model was called with": model.seen["shapes"],
        "still in eval mode": not model.training,
        "autograd is on": torch.is_grad_enabled(),
    }


# the loss and the norm of a float32 model have 7 digits
step.tolerance(Tol(rtol=None, atol=5e-6))


@step.oracle
def _(ws, steps, lrs, max_norm, dtype, hyper):
    model = Model(ws, torch.float32 if "32" in dtype else torch.float64)
    decay, betas, eps = hyper
    params = [model.table, model.out, model.bias]
    told, moments = [], {}
    for t, (pairs, lr) in enumerate(zip(steps, lrs, strict=True), 1):
        model.zero_grad()
        loss = one_big_batch(model, pairs)
        loss.backward()
        norm = sum((p.grad**2).sum() for p in params) ** 0.5
        for p in params:
            p.grad *= min(1.0, (max_norm or 1.0) / (norm.item() + 1e-6))
        adamw(params, moments, t, lr, [decay, decay, 0.0], betas, eps)
        out = {"loss": loss.item(), "norm": norm.item()}
        told.append(
            {"out": out, "p.grad": grads(model), "parameters": state(model), "lr": [lr] * 2}
        )
    return {
        "after each step": told,
        "the model was called with": [list(x.shape) for pairs in steps for x, _ in pairs],
        "still in eval mode": True,
        "autograd is on": True,
    }


def half_cases(rng):
    yield dict(
        ws=weights(rng, 7, 3, 4),
        steps=[micro_batches(rng, SHAPES[k], 7) for k in (1, 0)],
        hyper=[0.2, [0.8, 0.9], 0.05],
    )


# bfloat16 has 8 bits of fraction: 0.4 % for each rounding, a few of them, and two steps
@step.check("bfloat16", cases=half_cases, tol=Tol(rtol=5e-2, atol=1e-2))
def _(m, ws, steps, hyper):
    """Where autocast is on, how often the optimizer steps, and what type the parameters keep."""
    model, noted = Model(ws, torch.float32), []

    class Noting(torch.optim.AdamW):
        def step(self, *args, **kwargs):
            noted.append(torch.is_autocast_enabled("cpu"))
            return super().step(*args, **kwargs)

    optimizer = optimizer_of(model, hyper, Noting)
    half = dict(device="cpu", dtype=torch.bfloat16)
    told = [said(m.train_step(model, optimizer, pairs, 0.05, 0.5, **half)) for pairs in steps]
    return {
        "autocast in each optimizer.step()": noted,
        "autocast in the model": model.seen["autocast in forward"],
        "autocast in backward": model.seen["autocast in backward"],
        "told": told,
        "parameters": state(model),
    }


# -- on a GPU: the part's own GPT, bfloat16, flash attention, compiled ----------------------------


def gpu_cases(rng):
    for compiled in (False, True):
        yield dict(
            seed=rng.seed(),
            pairs=micro_batches(rng, [(2, 32, 40), (3, 32, 7), (1, 32, 32)], 96),
            compiled=compiled,
        )


# bfloat16 again, through two layers; the right answer is the reference on the same GPU
@step.check("on the GPU", cases=gpu_cases, tol=Tol(rtol=5e-2), gpu=True)
def _(m, seed, pairs, compiled):
    return steps_on(m, seed, pairs, "cuda", compiled, torch.bfloat16)


def slower(case, got, expected):
    """None if no slower than a third of the reference; the sentence gives both speeds and both MFUs."""
    tokens, flops, peak = case["tokens"], case["flops"], 312e12
    if not (got["seconds"] > 0 and expected["seconds"] > 0):
        return "the time of a step must be a positive number"
    rates = [tokens / got["seconds"], tokens / expected["seconds"]]
    if rates[0] > rates[1] / 3:
        return None
    used = [100 * rate * flops / peak for rate in rates]
    return (
        f"your step: {rates[0]:,.0f} tokens per second (MFU {used[0]:.1f} % of an A100's peak); the "
        f"reference: {rates[1]:,.0f} ({used[1]:.1f} %). Is there an .item() for each micro-batch, a second "
        "forward pass, or float32 where dtype says bfloat16?"
    )


def speed_cases(rng):
    B, T, layers, heads, width = 8, 512, 6, 8, 512
    n_params = 12 * layers * width**2 + 8192 * width
    flops = 6 * n_params + 12 * layers * width * T
    yield dict(shape=[8192, T, layers, heads, width], B=B, tokens=4 * B * T, flops=flops)


@step.check("speed on the GPU", cases=speed_cases, judge=slower, gpu=True)
def _(m, shape, B, tokens, flops):
    torch.manual_seed(0)
    model = m.GPT(*shape).to("cuda")
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=True)
    x = torch.randint(shape[0], (B, shape[1]))
    pairs, times = [(x, x.roll(-1, 1))] * 4, []
    for _ in range(8):
        torch.cuda.synchronize()
        begun = time.perf_counter()
        m.train_step(model, optimizer, pairs, 1e-4, device="cuda", dtype=torch.bfloat16)
        torch.cuda.synchronize()
        times.append(time.perf_counter() - begun)
    return {"seconds": sorted(times)[3]}


step.hint("Five lines: zero, accumulate, clip, the rate, step. Which of them return what is asked?")
step.hint(
    """nn.utils.clip_grad_norm_(model.parameters(), max_norm) returns the norm before clipping; the rate
    goes into group["lr"] of each of optimizer.param_groups."""
)
step.hint(
    """optimizer.zero_grad(); loss = accumulate(model, micro_batches, device, dtype); then norm = the clip;
    rate; optimizer.step(); return {"loss": loss, "norm": norm.item()}."""
)

step.misconception(
    """What earlier steps left in p.grad counts again: zero the gradients before accumulating.""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
step.misconception(
    """The gradients are zeroed after they were accumulated: nothing is left to step with.""",
    name="zero_after",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    norm = nn", "    optimizer.zero_grad(set_to_none=False)\n    norm = nn"),
    ],
)
step.misconception(
    """Zeroing at the end only: what was there before the first step counted, and this step's gradient
    cannot be looked at any more. Zero at the beginning.""",
    name="zero_at_the_end",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    optimizer.step()\n", "    optimizer.step()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The gradient is not clipped: clip_grad_norm_ with max_norm, between accumulate and step.""",
    name="not_clipped",
    replace="model.parameters(), max_norm)",
    by='model.parameters(), float("inf"))',
)
step.misconception(
    """The gradient is clipped after the step: too late to protect anything.""",
    name="clipped_after",
    edits=[
        ("    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n", ""),
        (
            "    optimizer.step()\n",
            "    optimizer.step()\n    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
        ),
    ],
)
step.misconception(
    """Each number is clipped on its own (clip_grad_value_), which bends the direction. The norm of all
    together is to be clipped.""",
    name="by_value",
    replace="    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
    by="    norm = nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])\n"
    "    nn.utils.clip_grad_value_(model.parameters(), max_norm)\n",
)
step.misconception(
    """Each parameter is clipped by its own norm, which bends the direction of the step. All gradients
    together are one vector.""",
    name="each_alone",
    replace="    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)\n",
    by="    norm = nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])\n"
    "    for p in model.parameters():\n        nn.utils.clip_grad_norm_([p], max_norm)\n",
)
step.misconception(
    """The returned norm is the one after clipping: never more than max_norm, so it shows nothing. Return
    the norm before.""",
    name="norm_after",
    replace="    for group in",
    by="    norm = nn.utils.clip_grad_norm_(model.parameters(), float('inf'))\n    for group in",
)
step.misconception(
    """The rate is set in the first group only; the others keep theirs. Loop over optimizer.param_groups.""",
    name="first_group",
    replace="in optimizer.param_groups:",
    by="in optimizer.param_groups[:1]:",
)
step.misconception(
    """The rate is set after the step, so each step runs with the rate of the one before.""",
    name="rate_after",
    edits=[
        (
            '    for group in optimizer.param_groups:\n        group["lr"] = lr\n    optimizer.step()\n',
            '    optimizer.step()\n    for group in optimizer.param_groups:\n        group["lr"] = lr\n',
        ),
    ],
)
step.misconception(
    """The groups never get the rate. (An attribute optimizer.lr, or the entry in optimizer.defaults, is
    read by nobody after the optimizer was made.)""",
    name="defaults",
    replace='    for group in optimizer.param_groups:\n        group["lr"] = lr\n',
    by='    optimizer.defaults["lr"] = lr\n',
)
step.misconception(
    """One update for each micro-batch: that is training on small batches. Accumulate them all, then step
    once.""",
    name="step_for_each",
    source="""
    def train_step(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
        for group in optimizer.param_groups:
            group["lr"] = lr
        losses = []
        for pair in micro_batches:
            if (pair[1] != -100).any():
                optimizer.zero_grad()
                losses.append(accumulate(model, [pair], device, dtype))
                norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
                optimizer.step()
        return {"loss": sum(losses) / len(losses), "norm": norm.item()}
    """,
)
step.misconception(
    """The loss is that after the update, at the price of another pass. Return what accumulate gave.""",
    name="loss_after",
    replace='{"loss": loss,',
    by='{"loss": accumulate(model, micro_batches, device, dtype),',
)
step.misconception(
    """dtype is not handed on to accumulate, so autocast is never on.""",
    name="no_dtype",
    replace="micro_batches, device, dtype)",
    by="micro_batches, device)",
)
step.misconception(
    """The whole step runs under autocast, backward and update too. It belongs around forward and loss
    only.""",
    name="all_under_autocast",
    edits=[
        (
            "    loss = acc",
            "    auto = torch.autocast(device, torch.bfloat16, enabled=dtype is not None)\n"
            "    auto.__enter__()\n    loss = acc",
        ),
        ("    optimizer.step()\n", "    optimizer.step()\n    auto.__exit__(None, None, None)\n"),
    ],
)

step.variant(
    "clipped by hand, rates first, zeroed by the model",
    name="by_hand",
    source="""
    def train_step(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
        for group in optimizer.param_groups:
            group.update(lr=lr)
        model.zero_grad(set_to_none=True)
        loss = accumulate(model, micro_batches, device=device, dtype=dtype)
        with_grad = [p.grad for p in model.parameters() if p.grad is not None]
        norm = torch.stack([grad.pow(2).sum() for grad in with_grad]).sum().sqrt()
        if norm + 1e-6 > max_norm:
            for grad in with_grad:
                grad.mul_(max_norm / (norm + 1e-6))
        optimizer.step()
        return dict(loss=float(loss), norm=norm.item())
    """,
)
