"""09.adamw_update: one step for one tensor."""

import torch

from graders.authoring import exercise, instead

from .part import by_hand

update = exercise("adamw_update", title="one step of AdamW", points=2)

# t, lr, betas, eps, weight_decay
SETTINGS = [
    (1, 0.1, (0.9, 0.95), 1e-8, 0.1),
    (1, 0.3, (0.7, 0.6), 0.5, 0.4),
    (2, 0.05, (0.8, 0.99), 0.3, 0.0),
    (7, 0.2, (0.6, 0.9), 0.05, 1.5),
    (400, 0.01, (0.9, 0.999), 0.2, 0.7),
    (3, 0.4, (0.0, 0.5), 0.1, 0.2),
]


@update.cases
def _(rng):
    shapes = [(3, 4), (5,), (2, 1, 3), (1, 6), (4, 2), ()]
    for (t, lr, betas, eps, decay), shape in zip(SETTINGS, shapes, strict=True):
        first = t == 1
        case = dict(
            p=rng.normal(*shape, std=2.0),
            grad=rng.normal(*shape, std=3.0),
            m=rng.normal(*shape) * (not first),
            v=rng.uniform(0.1, 4.0, *shape) * (not first),
        )
        if len(shape) == 2:  # not contiguous
            case["p"] = rng.normal(*shape[::-1], std=2.0).T
            case["grad"] = rng.normal(*shape[::-1], std=3.0).T
        yield dict(case, t=t, lr=lr, betas=betas, eps=eps, weight_decay=decay)
    yield dict(
        p=torch.tensor([1.0, -2.0, 0.0, 0.5]),
        grad=torch.tensor([0.0, 1e-3, 5.0, -40.0]),
        m=torch.zeros(4),
        v=torch.zeros(4),
        **dict(t=1, lr=0.25, betas=(0.9, 0.8), eps=0.125, weight_decay=0.3),
    )


@update.oracle
def _(**case):
    return by_hand(**case)


def nothing_new(rng):
    """With lr 0 the new p has the old one's numbers; with beta1 0 the new m has the gradient's."""
    for betas in ((0.0, 0.9), (0.0, 0.0)):
        drawn = {name: rng.normal(3, std=2.0) for name in ("p", "grad", "m")}
        rest = dict(t=2, lr=0.0, betas=betas, eps=0.1, weight_decay=0.3)
        yield dict(given=dict(drawn, v=rng.uniform(0.1, 4.0, 3), **rest))


@update.check("new tensors", cases=nothing_new)
def _(m, given):
    """The answers, and the arguments after the answers were written to."""
    given = {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in given.items()}
    out = m.adamw_update(**given)
    if not isinstance(out, tuple):
        return instead(out, "a tuple (p, m, v)")
    told = [x.clone() if isinstance(x, torch.Tensor) else x for x in out]
    for x in out:
        if isinstance(x, torch.Tensor):
            x.detach().fill_(7)
    return {"answers": told, "arguments later": [given[name] for name in ("p", "grad", "m", "v")]}


@update.oracle("new tensors")
def _(given):
    return {
        "answers": list(by_hand(**given)),
        "arguments later": [given[name] for name in ("p", "grad", "m", "v")],
    }


update.hint("Four lines: m, v, the two corrected ones, p. Only m and v themselves are handed on.")
update.hint("m_hat = m / (1 - beta1**t), v_hat = v / (1 - beta2**t), both with the new m and v.")
update.hint("p - lr * (m_hat / (v_hat.sqrt() + eps) + weight_decay * p)")

update.misconception(
    """There is no bias correction: the averages begin at zero, and the first steps come out wrong.""",
    name="no_correction",
    replace="m / (1 - beta1**t), v / (1 - beta2**t)",
    by="m, v",
)
update.misconception(
    """The correction counts t from 0; t is 1 at the first step, and is given so.""",
    name="one_ahead",
    replace="m / (1 - beta1**t), v / (1 - beta2**t)",
    by="m / (1 - beta1 ** (t + 1)), v / (1 - beta2 ** (t + 1))",
)
update.misconception(
    """The corrected averages are handed on: the next step would correct them once more. Return m and v
    themselves.""",
    name="corrected_returned",
    replace="return p, m, v",
    by="return p, m_hat, v_hat",
)
update.misconception(
    """eps stands inside the root. It is added to the root: sqrt(v_hat) + eps.""",
    name="eps_inside",
    replace="(v_hat.sqrt() + eps)",
    by="(v_hat + eps).sqrt()",
)
update.misconception(
    """The decay was added to the gradient and went through the averages, where it is divided by the root
    as well. That is Adam with L2; the W is for decoupled: outside of the averages.""",
    name="coupled",
    edits=[
        (
            "    beta1, beta2 = betas\n",
            "    beta1, beta2 = betas\n    grad = grad + weight_decay * p\n",
        ),
        (" + weight_decay * p)", ")"),
    ],
)
update.misconception(
    """The decay is not multiplied by the learning rate: it pulls by lr * weight_decay * p.""",
    name="decay_without_lr",
    replace="p - lr * (m_hat / (v_hat.sqrt() + eps) + weight_decay * p)",
    by="p - lr * m_hat / (v_hat.sqrt() + eps) - weight_decay * p",
)
update.misconception(
    """There is no weight decay: without it this is Adam.""",
    name="no_decay",
    replace=" + weight_decay * p)",
    by=")",
)
update.misconception(
    """The decay is taken of the p after the step. The convention here is the p that came in.""",
    name="decay_afterwards",
    replace="p = p - lr * (m_hat / (v_hat.sqrt() + eps) + weight_decay * p)",
    by="p = p - lr * m_hat / (v_hat.sqrt() + eps)\n    p = p - lr * weight_decay * p",
)
update.misconception(
    """beta1 and beta2 have changed places: the first is for m, the second for v.""",
    name="betas_swapped",
    replace="beta1, beta2 = betas",
    by="beta2, beta1 = betas",
)
update.misconception(
    """The old and the new have changed places in the averages: beta weighs the old one, 1 - beta the
    gradient.""",
    name="average_turned",
    edits=[
        ("beta1 * m + (1 - beta1) * grad", "(1 - beta1) * m + beta1 * grad"),
        ("beta2 * v + (1 - beta2) * grad**2", "(1 - beta2) * v + beta2 * grad**2"),
    ],
)
update.misconception(
    """v averages the gradient, not its square.""",
    name="not_squared",
    replace="(1 - beta2) * grad**2",
    by="(1 - beta2) * grad.abs()",
)
update.misconception(
    """The root is missing: the step is divided by the square of the gradient's size.""",
    name="no_root",
    replace="v_hat.sqrt()",
    by="v_hat",
)
update.misconception(
    """An answer shares its memory with an argument where both have the same numbers (with beta1 = 0 the new
    m is the gradient): who zeroes the gradient would empty m too. Return new tensors.""",
    name="the_gradient_itself",
    replace="    v = beta2",
    by="    m = grad if beta1 == 0 else m\n    v = beta2",
)
update.variant(
    "decay first, as a factor, as torch does it",
    name="factor",
    source="""
    def adamw_update(p, grad, m, v, t, lr, betas, eps, weight_decay):
        m, v = m.lerp(grad, 1 - betas[0]), v * betas[1] + grad * grad * (1 - betas[1])
        p = p * (1 - lr * weight_decay)
        size = lr / (1 - betas[0] ** t)
        return p - size * m / (v.sqrt() / (1 - betas[1] ** t) ** 0.5 + eps), m, v
    """,
)
