"""04.adam_step: Adam by hand."""

import torch

from graders.authoring import Tol, exercise

adam = exercise("adam_step", title="Adam by hand", points=3, stretch=True, pure=False)


@adam.cases
def _(rng):
    for shape, steps, lr, betas, eps in [
        ((3,), 4, 0.1, (0.9, 0.999), 1e-8),
        ((2, 3), 5, 0.3, (0.5, 0.8), 0.5),
        ((4, 1), 3, 1.0, (0.0, 0.6), 0.1),
        ((2, 2), 4, 0.05, (0.7, 0.9), 2.0),
        ((1,), 1, 0.2, (0.9, 0.99), 0.5),
    ]:
        yield dict(
            p=rng.normal(*shape),
            grads=[rng.normal(*shape, std=2.0) for _ in range(steps)],
            lr=lr,
            betas=betas,
            eps=eps,
        )
    yield dict(
        p=rng.normal(3, 2, dtype=torch.float32),
        grads=[rng.normal(3, 2, dtype=torch.float32) for _ in range(3)],
        lr=0.1,
        betas=(0.8, 0.95),
        eps=0.01,
    )
    large = [torch.tensor([1e15, -4e14]), torch.tensor([-2e14, 9e14])]  # squares still fit
    yield dict(p=rng.normal(2).float(), grads=large, lr=0.1, betas=(0.6, 0.9), eps=1e-3)


@adam.scenario
def _(m, p, grads, lr, betas, eps):
    """p after each step, with lr, lr / 2, lr / 3, ...; somebody else holds p too."""
    state, view, seen = {}, p.view(-1), []
    for t, grad in enumerate(grads, 1):
        m.adam_step(p, grad, state, lr / t, betas, eps)
        seen.append(p.detach().clone())
    return {"p after each step": seen, "in place": view.clone()}


@adam.oracle
def _(p, grads, lr, betas, eps):
    """Without recurrence: both averages as the weighted sums that they are.

    torch.optim.Adam gives the same (tests/lessons), but imports for a second first.
    """
    seen = []
    for t in range(1, len(grads) + 1):
        m_hat, v_hat = (
            sum(b ** (t - k) * g**power for k, g in enumerate(grads[:t], 1)) * (1 - b) / (1 - b**t)
            for power, b in enumerate(betas, 1)
        )
        p = p - lr / t * m_hat / (v_hat.sqrt() + eps)
        seen.append(p)
    return {"p after each step": seen, "in place": seen[-1].reshape(-1)}


# the same sums in another order: some ten roundings for each of up to five steps
adam.tolerance(Tol(atol=1e-11))


def default_cases(rng):
    for _ in range(2):
        yield dict(p=rng.normal(4), grads=[rng.normal(4, std=1e-4) for _ in range(3)])
    yield dict(p=rng.normal(2), grads=[rng.normal(2) * 1e-9 for _ in range(2)])


@adam.check("defaults", cases=default_cases)
def _(m, p, grads):
    state = {}
    for grad in grads:
        m.adam_step(p, grad, state)
    return p


@adam.check("two parameters by turns")
def _(m, p, grads, lr, betas, eps):
    """Each has a state of its own; what the one has seen is nothing to the other."""
    q, p_state, q_state = -2 * p.clone(), {}, {}
    for i, grad in enumerate(grads):
        m.adam_step(p, grad, p_state, lr, betas, eps)
        if i != 1:  # q skips a step, so its count differs
            m.adam_step(q, grad * grad, q_state, lr, betas, eps)
    return [p, q]


@adam.check("a parameter that learns")
def _(m, p, grads, lr, betas, eps):
    """A leaf that requires a gradient: the update is not recorded, the gradient stays as it is."""
    p.requires_grad_()
    state = {}
    for grad in grads:
        p.grad = grad.clone()
        returned = m.adam_step(p, p.grad, state, lr, betas, eps)
    return [p.detach().clone(), p.is_leaf, p.requires_grad, returned is None, p.grad.clone()]


adam.legal("state: changed after the call", "under names of your own, whatever you need")

adam.hint("What must survive from step to step? Three things, and `state` is where they live.")
adam.hint(
    "At the first step (state is empty) put zeros for m and v, and t = 0. At each step t += 1 first, "
    "then the two averages, then their corrected versions."
)
adam.hint(
    "m_hat = m / (1 - b1**t), v_hat = v / (1 - b2**t), p.data -= lr * m_hat / (v_hat.sqrt() + eps)."
)

adam.misconception(
    "The averages start at zero and are too small at first; you did not correct that. Divide by 1 - b**t.",
    name="no_correction",
    edits=[
        ('m_hat = state["m"] / (1 - b1 ** state["t"])', 'm_hat = state["m"]'),
        ('v_hat = state["v"] / (1 - b2 ** state["t"])', 'v_hat = state["v"]'),
    ],
)
adam.misconception(
    "m is corrected, v is not: divide v by 1 - b2**t, or the first steps are far too large.",
    name="v_not_corrected",
    replace='v_hat = state["v"] / (1 - b2 ** state["t"])',
    by='v_hat = state["v"]',
)
adam.misconception(
    "v is corrected, m is not: divide m by 1 - b1**t.",
    name="m_not_corrected",
    replace='m_hat = state["m"] / (1 - b1 ** state["t"])',
    by='m_hat = state["m"]',
)
adam.misconception(
    "Both corrections use the same beta. m belongs to b1, v to b2.",
    name="same_beta_corrects",
    replace='(1 - b2 ** state["t"])',
    by='(1 - b1 ** state["t"])',
)
adam.misconception(
    "The corrected averages were stored, so that the correction is applied again at the next step. "
    "Keep m and v, correct a copy.",
    name="corrected_kept",
    edits=[
        ('    m_hat = state["m"] /', '    m_hat = state["m"] = state["m"] /'),
        ('    v_hat = state["v"] /', '    v_hat = state["v"] = state["v"] /'),
    ],
)
adam.misconception(
    "eps stands inside the root. It is added to the root: sqrt(v_hat) + eps.",
    name="eps_inside",
    replace="(v_hat.sqrt() + eps)",
    by="(v_hat + eps).sqrt()",
)
adam.misconception(
    "eps is not used: take the argument, outside the root.",
    name="no_eps",
    replace="(v_hat.sqrt() + eps)",
    by="v_hat.sqrt()",
)
adam.misconception(
    "eps was added to the root of the uncorrected v, and the correction applied to both. First "
    "correct, then add eps.",
    name="eps_before_correction",
    edits=[
        ('v_hat = state["v"] / (1 - b2 ** state["t"])', 'v_hat = state["v"]'),
        ("(v_hat.sqrt() + eps)", '((v_hat.sqrt() + eps) / (1 - b2 ** state["t"]) ** 0.5)'),
    ],
)
adam.misconception(
    "The root is missing: that divides by v_hat, the square of a typical gradient.",
    name="no_root",
    replace="(v_hat.sqrt() + eps)",
    by="(v_hat + eps)",
)
adam.misconception(
    "The averages are swapped in weight: the *new* gradient gets 1 - b, the old average b.",
    name="betas_mean_new",
    edits=[
        ('b1 * state["m"] + (1 - b1) * grad', '(1 - b1) * state["m"] + b1 * grad'),
        ('b2 * state["v"] + (1 - b2) * grad * grad', '(1 - b2) * state["v"] + b2 * grad * grad'),
    ],
)
adam.misconception(
    "The two betas are swapped: the first is for m, the second for v.",
    name="betas_swapped",
    replace="b1, b2 = betas",
    by="b2, b1 = betas",
)
adam.misconception(
    "The betas are 0.9 and 0.999 whatever the argument says.",
    name="own_betas",
    replace="b1, b2 = betas",
    by="b1, b2 = 0.9, 0.999",
)
adam.misconception(
    "The factor 1 - b1 is missing, so m is a sum that grows (that is momentum, not Adam).",
    name="momentum",
    replace="(1 - b1) * grad\n",
    by="grad\n",
)
adam.misconception(
    "v averages the gradient, not its square: signs cancel, and the root of a negative number is NaN.",
    name="not_squared",
    replace="(1 - b2) * grad * grad",
    by="(1 - b2) * grad",
)
adam.misconception(
    "The count is raised after the step, so t is 0 at the first one and 1 - b**0 is 0. Raise it first.",
    name="t_from_zero",
    edits=[
        ('    state["t"] += 1\n', ""),
        ("(v_hat.sqrt() + eps)", '(v_hat.sqrt() + eps)\n    state["t"] += 1'),
    ],
)
adam.misconception(
    "The count never rises: the correction is that of the first step for ever.",
    name="t_stays",
    replace='    state["t"] += 1\n',
    by='    state["t"] = 1\n',
)
adam.misconception(
    "Nothing is kept: every step starts with empty averages. They live in the dict you are given.",
    name="forgets",
    replace="if not state:",
    by="if True:",
)
adam.misconception(
    "The averages start with the first gradient. They start at zero, which the correction expects.",
    name="starts_with_gradient",
    replace="m=torch.zeros_like(grad), v=torch.zeros_like(grad)",
    by="m=grad.clone(), v=grad * grad",
)
adam.misconception(
    "You went uphill: the step is subtracted, or the loss grows with every step.",
    name="uphill",
    replace="p.data -= lr",
    by="p.data += lr",
)
adam.misconception(
    "The learning rate is not used, or is one of your own.",
    name="no_lr",
    replace="lr * m_hat",
    by="1e-3 * m_hat",
)
adam.misconception(
    "`p = p - ...` only names a new tensor inside your function. Change p in place: p.data -= ...",
    name="rebound",
    replace="p.data -= lr * m_hat / (v_hat.sqrt() + eps)",
    by="p = p - lr * m_hat / (v_hat.sqrt() + eps)",
)
adam.misconception(
    "The update is recorded: torch refuses to change a leaf that requires a gradient in place. "
    "Change p.data, or work under torch.no_grad().",
    name="recorded",
    replace="p.data -=",
    by="p -=",
)
adam.misconception(
    "All parameters share one memory (a global, or a default argument). Keep everything in the state "
    "that is passed in.",
    name="shared_memory",
    source="""
def adam_step(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, memory={}):
    key = tuple(p.shape)
    b1, b2 = betas
    if not state:
        state["here"] = True
        memory.setdefault(key, [0, torch.zeros_like(grad), torch.zeros_like(grad)])
    t, m, v = memory[key]
    t, m, v = t + 1, b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad * grad
    memory[key] = [t, m, v]
    p.data -= lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps)
""",
)

adam.variant(
    "in place, with lerp and addcmul",
    name="lerp",
    source="""
def adam_step(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m = state.setdefault("exp_avg", torch.zeros_like(p.detach()))
    v = state.setdefault("exp_avg_sq", torch.zeros_like(p.detach()))
    state["step"] = state.get("step", 0) + 1
    with torch.no_grad():
        m.lerp_(grad, 1 - betas[0])
        v.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
        denominator = (v / (1 - betas[1] ** state["step"])).sqrt().add_(eps)
        p.addcdiv_(m, denominator, value=-lr / (1 - betas[0] ** state["step"]))
""",
)
adam.variant(
    "the products of the betas are kept, not t",
    name="products",
    source="""
def adam_step(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    m, v, c1, c2 = state.get("all", (0.0, 0.0, 1.0, 1.0))
    m = m + (1 - betas[0]) * (grad - m)
    v = v + (1 - betas[1]) * (grad.square() - v)
    c1, c2 = c1 * betas[0], c2 * betas[1]
    state["all"] = (m, v, c1, c2)
    p.data = p.data.sub_(lr * (m / (1 - c1)) / (torch.sqrt(v / (1 - c2)) + eps))
""",
)
adam.misconception(
    "The lr of the first call stays for ever: each call may bring another one, as a schedule does.",
    name="first_lr",
    edits=[
        ("p.data -= lr * m_hat", 'p.data -= state.setdefault("lr", lr) * m_hat'),
    ],
)
adam.variant(
    "torch's own",
    name="torch_adam",
    source="""
def adam_step(p, grad, state, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    if "optimizer" not in state:
        state["leaf"] = p.detach().requires_grad_()
        state["optimizer"] = torch.optim.Adam([state["leaf"]], lr=lr, betas=betas, eps=eps)
    state["optimizer"].param_groups[0]["lr"] = lr
    state["leaf"].grad = grad.detach().clone()
    state["optimizer"].step()
""",
)
