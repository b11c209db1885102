"""04.who_learns: E01: all zeros, who learns?."""

import torch

from graders.authoring import exercise

learns = exercise("who_learns", title="E01: all zeros, who learns?", points=2, pure=False)


@learns.cases
def _(rng):
    """A layer of each kind; `zero` names the parameters that are all zero."""
    sizes = dict(d=3, h=4, v=5, n=6)
    for zero in [
        ("W1", "b1", "W2", "b2"),
        ("W2", "b2"),
        ("W1", "b1"),
        (),
        ("b1", "b2"),
        ("W1", "b1", "W2"),
    ]:
        d, h, v, n = sizes.values()
        params = {
            "W1": rng.normal(d, h),
            "b1": rng.normal(h),
            "W2": rng.normal(h, v),
            "b2": rng.normal(v),
            "spare": rng.normal(2),
        }
        params = {k: torch.zeros_like(p) if k in zero else p for k, p in params.items()}
        yield dict(params=params, x=rng.normal(n, d), y=rng.integers(0, v, n))


def network_loss(params, x, y):
    """A tanh layer, a linear layer, cross-entropy; "spare" is not used."""
    h = torch.tanh(x @ params["W1"] + params["b1"])
    return torch.nn.functional.cross_entropy(h @ params["W2"] + params["b2"], y)


def leaves(params):
    return {name: p.detach().clone().requires_grad_() for name, p in params.items()}


@learns.scenario
def _(m, params, x, y):
    params = leaves(params)
    told = m.who_learns(params, lambda p: network_loss(p, x, y))
    return [list(told), [p.detach().clone() for p in params.values()]]


@learns.check("old gradients")
def _(m, params, x, y):
    """Gradients from before the call must not count."""
    params = leaves(params)
    for p in params.values():
        p.grad = torch.ones_like(p)
    return list(m.who_learns(params, lambda p: network_loss(p, x, y)))


@learns.check("twice in a row")
def _(m, params, x, y):
    """What the first call left behind must not count in the second."""
    params = leaves(params)
    m.who_learns(params, lambda p: sum(t.sum() for t in p.values()))
    return list(m.who_learns(params, lambda p: network_loss(p, x, y)))


def tiny_cases(rng):
    yield dict(scale=1e-200, order=rng.shuffled("abcd"))
    yield dict(scale=-3.0, order=rng.shuffled("abcd"))


@learns.check("small, opposite and single gradients", cases=tiny_cases)
def _(m, scale, order):
    """Not zero, however small; a sum that cancels is no zero; one element is enough."""
    params = {k: torch.ones(3, dtype=torch.float64).requires_grad_() for k in order}
    signs = torch.tensor([1.0, -1.0, 0.0], dtype=torch.float64)
    only = torch.tensor([0.0, 0.0, 1.0], dtype=torch.float64)

    def loss_fn(p):
        return scale * ((p["a"] * signs).sum() + (p["b"] * only).sum() + 0 * p["c"].sum())

    return list(m.who_learns(params, loss_fn))


@learns.check("the names of the dict", cases=tiny_cases)
def _(m, scale, order):
    """Any names, any number of parameters, in the order of the dict."""
    params = {f"layer.{k}": torch.ones(2, dtype=torch.float64).requires_grad_() for k in order}
    told = m.who_learns(params, lambda p: scale * p["layer.d"].sum() * p["layer.b"].sum())
    return [
        list(told),
        list(
            m.who_learns(dict(list(params.items())[:1]), lambda p: sum(t.sum() for t in p.values()))
        ),
    ]


learns.legal(
    "params: grad changed",
    "what is in their `.grad` before the call must not count, and afterwards is up to you",
)

learns.hint("Which tensor tells, after a backward pass, whether a parameter would be moved?")
learns.hint(
    "torch.autograd.grad(loss, tensors, allow_unused=True) gives the gradients without touching .grad; "
    "None stands for a parameter that the loss does not use."
)
learns.hint("Keep the name if grad is not None and (grad != 0).any().")

learns.misconception(
    "You looked at the *parameters*: those that are not zero. What decides is the gradient. With all zeros "
    "b2 is zero too, and it learns.",
    name="nonzero_parameters",
    source="""
def who_learns(params, loss_fn):
    loss_fn(params)
    return [name for name, p in params.items() if bool((p != 0).any())]
""",
)
learns.misconception(
    "Every parameter whose gradient *exists* is on your list. A gradient that is there and all zero "
    "moves nothing.",
    name="grad_exists",
    replace=" and bool((grad != 0).any())",
    by="",
)
learns.misconception(
    "The list holds those that do *not* learn.",
    name="inverted",
    source="""
def who_learns(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    return [n for n, g in zip(params, grads, strict=True) if g is None or not bool((g != 0).any())]
""",
)
learns.misconception(
    "Only parameters whose gradient is nonzero in *every* element are on the list. One element is enough.",
    name="all_for_any",
    replace="(grad != 0).any()",
    by="(grad != 0).all()",
)
learns.misconception(
    "You added up the gradient. Its elements may cancel: +1 and -1 both move their weights. Ask "
    "whether any is "
    "not zero.",
    name="sum_of_gradient",
    replace="bool((grad != 0).any())",
    by="abs(grad.sum().item()) > 1e-14",
)
learns.misconception(
    "You asked whether the gradient's *sum* is not zero. Elements may cancel, or leave nothing but "
    "rounding: ask whether any is not zero.",
    name="sum_not_zero",
    replace="bool((grad != 0).any())",
    by="bool(grad.sum() != 0)",
)
learns.misconception(
    "Only positive elements were counted. A negative gradient moves a weight just as well.",
    name="positive_only",
    replace="(grad != 0).any()",
    by="(grad > 0).any()",
)
learns.misconception(
    "A threshold (1e-8, or allclose) calls small gradients zero. A small one still learns; exact "
    "zeros are what "
    "you are after.",
    name="threshold",
    replace="(grad != 0).any()",
    by="(grad.abs() > 1e-8).any()",
)
learns.misconception(
    "The loss does not use every parameter, and torch refuses to give a gradient for one that is not used: "
    "allow_unused=True, and expect None.",
    name="unused_refused",
    replace=", allow_unused=True)",
    by=")",
)
learns.misconception(
    "None is the gradient of a parameter that the loss does not use. It does not learn: check for "
    "None first.",
    name="none_not_expected",
    replace="grad is not None and bool((grad != 0).any())",
    by="bool((grad != 0).any())",
)
learns.misconception(
    "backward() adds to what is in .grad already: the gradients of an earlier call count here. Clear them "
    "first, or use torch.autograd.grad.",
    name="old_gradients_count",
    source="""
def who_learns(params, loss_fn):
    loss_fn(params).backward()
    return [n for n, p in params.items() if p.grad is not None and bool((p.grad != 0).any())]
""",
)
learns.misconception(
    "You took a step and looked what had changed, but left the step in: the parameters are not what "
    "they were. "
    "Look at gradients only.",
    name="takes_a_step",
    source="""
def who_learns(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    found = []
    for (name, p), grad in zip(params.items(), grads, strict=True):
        if grad is not None and bool((grad != 0).any()):
            p.data -= 0.1 * grad
            found.append(name)
    return found
""",
)
learns.misconception(
    "That is the lesson's answer for all-zero weights, written down. The function has to find it "
    "out, for any "
    "parameters and any loss.",
    name="always_b2",
    source="""
def who_learns(params, loss_fn):
    return ["b2"]
""",
)
learns.misconception(
    "The names are sorted. Keep the order of params.",
    name="sorted_names",
    replace="for name, grad in zip(params, grads, strict=True)",
    by="for name, grad in sorted(zip(params, grads, strict=True), key=lambda pair: pair[0])",
)
learns.misconception(
    "A dict of name to True or False came back. A list of the names that learn is wanted.",
    name="dict_of_flags",
    source="""
def who_learns(params, loss_fn):
    grads = torch.autograd.grad(loss_fn(params), list(params.values()), allow_unused=True)
    return [(n, g is not None and bool((g != 0).any())) for n, g in zip(params, grads, strict=True)]
""",
)

learns.variant(
    "backward, after clearing",
    name="backward",
    source="""
def who_learns(params, loss_fn):
    for p in params.values():
        p.grad = None
    loss_fn(params).backward()
    return [n for n, p in params.items() if p.grad is not None and p.grad.count_nonzero() > 0]
""",
)
learns.variant(
    "on copies, with a step",
    name="copies",
    source="""
def who_learns(params, loss_fn):
    copies = {n: p.detach().clone().requires_grad_() for n, p in params.items()}
    loss_fn(copies).backward()
    moved = []
    for name, p in copies.items():
        if p.grad is not None and p.grad.abs().max() > 0:
            moved += [name]
    return moved
""",
)

learns.equivalent("list(params.values())  ->  params.values()", "it is gone through once")
