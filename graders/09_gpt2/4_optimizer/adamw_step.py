"""09.adamw_step: many parameters, each with averages of its own."""

import torch
from torch import nn

from graders.authoring import exercise, instead

from .part import by_hand

many = exercise("adamw_step", target="AdamW.step", title="many parameters", points=2, pure=False)


@many.cases
def _(rng):
    for lr, betas, eps, decays in [
        (0.1, (0.8, 0.9), 0.3, [0.4, 0.0]),
        (0.02, (0.9, 0.6), 0.05, [0.0, 2.0, 0.5]),
    ]:
        shapes = [[(3, 2), (4,)], [(1, 5), (3, 2)], [(2,), (1, 5)]][: len(decays)]
        count = sum(map(len, shapes))
        # who has a gradient when: the last one from step 2 on, the first one not at step 3
        grads = [
            [
                None
                if (k == count - 1 and t == 0) or (k == 0 and t == 2)
                else rng.normal(*s, std=2.0)
                for k, s in enumerate(s for group in shapes for s in group)
            ]
            for t in range(4)
        ]
        grads[3][0] = torch.zeros_like(grads[0][0])  # zeros, and yet a gradient: it decays and ages
        yield dict(
            ps=[[rng.normal(*s, std=2.0) for s in group] for group in shapes],
            grads=grads,
            lrs=[lr, lr / 2, lr * 3, lr],
            betas=betas,
            eps=eps,
            decays=decays,
        )


CHANGED = 2  # the step from which on betas and eps are others


def kept(state, p):
    """What an optimizer keeps for a parameter, as plain data."""
    if p not in state:
        return None
    row = state[p]
    if not isinstance(row, (tuple, list)) or len(row) != 3:
        return instead(row, "(t, m, v)", False)
    return [row[0], *(x.detach().clone() if isinstance(x, torch.Tensor) else x for x in row[1:])]


@many.scenario
def _(m, ps, grads, lrs, betas, eps, decays):
    """Four steps with other rates and settings, some without a gradient; what is left after each."""
    ps = [[nn.Parameter(p) for p in group] for group in ps]
    groups = [
        {"params": group, "weight_decay": decay} for group, decay in zip(ps, decays, strict=True)
    ]
    optimizer, flat, told = m.AdamW(groups, 9.0, betas, eps), [p for g in ps for p in g], []
    places = [p.data_ptr() for p in flat]
    for t, (lr, row) in enumerate(zip(lrs, grads, strict=True)):
        optimizer.lr = lr
        if t == CHANGED:
            optimizer.betas, optimizer.eps = (betas[1], betas[0]), 2 * eps
        for p, grad in zip(flat, row, strict=True):
            p.grad = None if grad is None else grad.clone()
        optimizer.step()
        told.append(
            {
                "parameters": [p.detach().clone() for p in flat],
                "state": [kept(optimizer.state, p) for p in flat],
                "entries in state": len(optimizer.state),
                "p.grad": [p.grad for p in flat],
            }
        )
    return {
        "after each step": told,
        "the same tensors": [p.data_ptr() for p in flat] == places,
        "parameters can go on learning": all(p.requires_grad and p.is_leaf for p in flat),
        "autograd is on": torch.is_grad_enabled(),
    }


@many.oracle
def _(ps, grads, lrs, betas, eps, decays):
    flat = [p for group in ps for p in group]
    rates = [decay for group, decay in zip(ps, decays, strict=True) for _ in group]
    state, told = [None] * len(flat), []
    for t, (lr, row) in enumerate(zip(lrs, grads, strict=True)):
        if t == CHANGED:
            betas, eps = (betas[1], betas[0]), 2 * eps
        for k, grad in enumerate(row):
            if grad is not None:
                n, a, b = state[k] or (0, torch.zeros_like(grad), torch.zeros_like(grad))
                new = by_hand(flat[k], grad, a, b, n + 1, lr, betas, eps, rates[k])
                flat[k], state[k] = new[0], (n + 1, *new[1:])
        told.append(
            {
                "parameters": list(flat),
                "state": [s and list(s) for s in state],
                "entries in state": sum(s is not None for s in state),
                "p.grad": row,
            }
        )
    return {
        "after each step": told,
        "the same tensors": True,
        "parameters can go on learning": True,
        "autograd is on": True,
    }


many.hint("For each group, for each parameter with a gradient: look up, update, write back.")
many.hint("t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))")
many.hint(
    "Under torch.no_grad(), p.copy_(new) writes into the very tensor that the model holds; then "
    "self.state[p] = (t + 1, m, v)."
)

many.misconception(
    """m and v are zero again in each step: they are not kept, or not read. self.state[p] is for that.""",
    name="forgetful",
    replace="self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))",
    by="(self.state.get(p, (0,))[0], torch.zeros_like(p), torch.zeros_like(p))",
)
many.misconception(
    """The first step of a parameter has t = 0 here, and the correction divides by zero. Count up before
    the update.""",
    name="t_from_zero",
    replace="m, v, t + 1, self.lr",
    by="m, v, t, self.lr",
)
many.misconception(
    """t is one for all parameters and grows with each of them: it counts the steps, for each parameter by
    itself.""",
    name="t_for_all",
    edits=[
        ("t, m, v = self", "_, m, v = self"),
        (
            "                    new, m, v",
            "                    t = sum(row[0] > 0 for row in self.state.values())\n"
            "                    new, m, v",
        ),
    ],
)
many.misconception(
    """A parameter without a gradient is treated as if its gradient were zero: it decays and ages. Pass it
    over.""",
    name="none_is_zero",
    edits=[
        (
            "                        continue\n",
            "                        p.grad = torch.zeros_like(p)\n",
        ),
    ],
)
many.misconception(
    """A parameter whose gradient is all zeros was passed over. Only None means that there is none: with zeros
    it decays, and goes on by its average.""",
    name="zeros_are_none",
    replace="if p.grad is None:",
    by="if p.grad is None or not p.grad.any():",
)
many.misconception(
    """The loop ends at the first parameter without a gradient: `continue` passes over one, `return` and
    `break` over all that follow.""",
    name="stops",
    replace="continue",
    by="return",
)
many.misconception(
    """The parameters never change: the new values were given to the name p, not written into the tensor.
    p.copy_(new).""",
    name="rebound",
    replace="p.copy_(new)",
    by="pass",
)
many.misconception(
    """All groups decay alike: each group has a weight_decay of its own.""",
    name="first_decay",
    replace='group["weight_decay"]',
    by='self.groups[0]["weight_decay"]',
)
many.misconception(
    """Only the first group is updated.""",
    name="first_group",
    replace="in self.groups:",
    by="in self.groups[:1]:",
)
many.misconception(
    """The gradients are gone afterwards: zero_grad is a step of its own, and p.grad stays.""",
    name="zeroes",
    replace="                    p.copy_(new)\n",
    by="                    p.copy_(new)\n                    p.grad = None\n",
)
many.variant(
    "in place through .data",
    name="in_place",
    source="""
    def step(self):
        for group in self.groups:
            for p in group["params"]:
                if p.grad is not None:
                    if p not in self.state:
                        self.state[p] = [0, torch.zeros_like(p.data), torch.zeros_like(p.data)]
                    row = self.state[p]
                    row[0] += 1
                    p.data[...], row[1], row[2] = adamw_update(
                        p.data, p.grad, row[1], row[2], row[0], self.lr, self.betas, self.eps,
                        weight_decay=group["weight_decay"],
                    )
    """,
)
