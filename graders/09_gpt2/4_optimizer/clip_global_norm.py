"""09.clip_global_norm: one factor for all gradients."""

import torch
from torch import nn

from graders.authoring import exercise

from .part import tensor

clip = exercise("clip_global_norm", title="clip the gradient", points=2, pure=False)


@clip.cases
def _(rng):
    for i, max_norm in enumerate([0.7, 3.0, 200.0, 1.0, 0.05]):
        dtype = torch.float32 if i == 3 else torch.float64
        shapes = [(3, 4), (5,), None, (1, 2), ()]
        size = [2.0, 5.0, 1.0, 3.0, 0.001][i]
        yield dict(
            grads=[None if s is None else rng.normal(*s, std=size).to(dtype) for s in shapes],
            max_norm=max_norm,
            generator=i % 2 == 0,
        )
    yield dict(grads=[torch.zeros(2), torch.zeros(3, 1)], max_norm=0.5, generator=False)
    yield dict(
        grads=[torch.tensor([3e-4, 0.0]), torch.tensor([4e-4])], max_norm=2e-4, generator=True
    )
    # gradients that lie across in memory: flattened, they are copies
    across = [rng.normal(4, 3, std=2.0).T, rng.normal(2, 3).T]
    yield dict(grads=across, max_norm=0.3, generator=False)
    yield dict(grads=[None, None], max_norm=0.5, generator=True)


@clip.scenario
def _(m, grads, max_norm, generator):
    params = []
    for grad in grads:
        params.append(nn.Parameter(torch.ones(3) if grad is None else torch.ones_like(grad)))
        params[-1].grad = None if grad is None else grad.clone()
    places = [None if p.grad is None else p.grad.data_ptr() for p in params]
    norm = m.clip_global_norm((p for p in params) if generator else params, max_norm)
    return {
        "norm": norm if isinstance(norm, float) else tensor(norm),
        "norm belongs to a graph": isinstance(norm, torch.Tensor) and norm.requires_grad,
        "p.grad": [p.grad for p in params],
        "in place": places == [None if p.grad is None else p.grad.data_ptr() for p in params],
        "parameters as before": all((p == 1).all().item() and p.requires_grad for p in params),
    }


@clip.oracle
def _(grads, max_norm, generator):
    params = [nn.Parameter(torch.ones(3) if g is None else g.clone()) for g in grads]
    for p, grad in zip(params, grads, strict=True):
        p.grad = grad
    norm = nn.utils.clip_grad_norm_(params, max_norm)
    return {
        "norm": norm,
        "norm belongs to a graph": False,
        "p.grad": [p.grad for p in params],
        "in place": True,
        "parameters as before": True,
    }


clip.hint("First one number: the length of all gradients together. Then, perhaps, one factor.")
clip.hint("sum of (g**2).sum() over all grads, and only then the root.")
clip.hint(
    "A generator can be looped over once: put the grads into a list first. g *= ... is in place."
)

clip.misconception(
    """Each gradient is clipped by its own norm: that bends the direction of the step. There is one norm,
    and one factor for all.""",
    name="each_alone",
    replace="            g *= max_norm / (norm + 1e-6)",
    by="            own = (g**2).sum().sqrt()\n"
    "            g *= max_norm / (own + 1e-6) if own > max_norm else 1.0",
)
clip.misconception(
    """Every number is cut off at max_norm: that is clipping by value. Clipping by norm scales them all
    alike.""",
    name="by_value",
    replace="            g *= max_norm / (norm + 1e-6)",
    by="            g.clamp_(-max_norm, max_norm)",
)
clip.misconception(
    """The root is missing: this is the square of the norm.""",
    name="no_root",
    replace="start=torch.zeros(())).sqrt()",
    by="start=torch.zeros(()))",
)
clip.misconception(
    """The norms of the tensors are added up. Lengths at right angles do not add: sum the squares, then
    take the root.""",
    name="sum_of_norms",
    replace="[(g**2).sum() for g in grads], start=torch.zeros(())).sqrt()",
    by="[(g**2).sum().sqrt() for g in grads], start=torch.zeros(()))",
)
clip.misconception(
    """Short gradients are made longer, up to max_norm. The factor must never be above 1.""",
    name="scales_up",
    replace="    if norm > max_norm:",
    by="    if True:",
)
clip.misconception(
    """The norm after clipping is returned: asked for is the one before, which tells what the batch was
    like.""",
    name="norm_after",
    replace="    return norm",
    by="    return sum([(g**2).sum() for g in grads], start=torch.zeros(())).sqrt()",
)
clip.misconception(
    """The 1e-6 under max_norm is missing: the factor is max_norm / (norm + 1e-6), as torch has it.""",
    name="no_eps",
    replace="g *= max_norm / (norm + 1e-6)",
    by="g *= max_norm / norm",
)
clip.misconception(
    """The gradients never change: new tensors were made. Multiply in place, g *= factor.""",
    name="not_in_place",
    replace="g *= max_norm",
    by="g = g * max_norm",
)
clip.misconception(
    """p.grad is another tensor now. Whoever holds the old one (an optimizer, a hook) sees nothing of it:
    multiply in place.""",
    name="new_tensors",
    source="""
    def clip_global_norm(params, max_norm):
        params = [p for p in params if p.grad is not None]
        norm = sum([(p.grad**2).sum() for p in params], start=torch.zeros(())).sqrt()
        if norm > max_norm:
            for p in params:
                p.grad = p.grad * (max_norm / (norm + 1e-6))
        return norm
    """,
)
clip.misconception(
    """params may be a generator (model.parameters() is one): the second loop over it finds nothing left. Keep
    a list.""",
    name="generator_used_up",
    source="""
    def clip_global_norm(params, max_norm):
        squares = [(p.grad**2).sum() for p in params if p.grad is not None]
        norm = sum(squares, start=torch.zeros(())).sqrt()
        if norm > max_norm:
            for p in params:
                if p.grad is not None:
                    p.grad *= max_norm / (norm + 1e-6)
        return norm
    """,
)
clip.misconception(
    """A parameter without a gradient (p.grad is None) is not passed over.""",
    name="none_not_skipped",
    replace=" if p.grad is not None]",
    by="]",
)
clip.variant(
    "norm of norms, the factor clamped",
    name="clamped",
    source="""
    def clip_global_norm(params, max_norm):
        grads = [p.grad for p in params if p.grad is not None]
        if not grads:
            return torch.tensor(0.0)
        norm = torch.linalg.vector_norm(torch.stack([g.norm() for g in grads]))
        factor = (max_norm / (norm + 1e-6)).clamp(max=1.0)
        for g in grads:
            g.mul_(factor)
        return norm
    """,
)

clip.equivalent(
    "norm > max_norm  ->  norm >= max_norm",
    "of lengths within 1e-6 of max_norm the docstring says that either will do",
)
