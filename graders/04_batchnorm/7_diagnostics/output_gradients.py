"""04.output_gradients: gradients at the outputs."""

import torch

from graders.authoring import exercise

grads = exercise("output_gradients", title="gradients at the outputs", points=2, pure=False)


@grads.cases
def _(rng):
    for n, widths in [(3, (2, 4, 3)), (1, (3, 3)), (4, (5, 2, 2, 6)), (2, (1,))]:
        weights, before = [], 3
        for width in widths:
            weights.append(rng.normal(before, width))
            before = width
        yield dict(x=rng.normal(n, 3), weights=weights, up=rng.normal(n, before))


def network(x, weights, up):
    """A stack of tanh layers: leaves, the loss, and every layer's output."""
    leaves = [W.requires_grad_() for W in weights]
    outs = []
    for W in leaves:
        x = torch.tanh(x @ W)
        outs.append(x)
    return leaves, ((outs[-1] + outs[-1] ** 2) * up).sum(), outs


@grads.scenario
def _(m, x, weights, up):
    _, loss, outs = network(x, weights, up)
    found = m.output_gradients(loss, outs)
    return [g.detach().clone() for g in found]


@grads.check("backward afterwards")
def _(m, x, weights, up):
    """The graph survives, and the parameters' gradients are those of one backward pass."""
    leaves, loss, outs = network(x, weights, up)
    for W in leaves:
        W.grad = torch.full_like(W, 2.0)
    found = m.output_gradients(loss, outs)
    held = [W.grad.clone() for W in leaves]
    untouched = all(bool((grad == 2.0).all()) for grad in held)
    for W in leaves:
        W.grad = None
    loss.backward()
    return [untouched, held, [W.grad.clone() for W in leaves], [g.detach() for g in found]]


@grads.check("one each")
def _(m, x, weights, up):
    _, loss, outs = network(x, weights, up)
    found = m.output_gradients(loss, outs)
    return [len(found), [list(g.shape) for g in found]]


grads.hint(
    "Outputs are no leaves, so backward() does not leave anything in their .grad. Who gives "
    "gradients of anything?"
)
grads.hint(
    "torch.autograd.grad(loss, outs) does. What happens to the graph afterwards, unless you say so?"
)
grads.hint("return list(torch.autograd.grad(loss, outs, retain_graph=True))")

grads.misconception(
    "The graph was used up: torch frees it after one pass, and loss.backward() fails afterwards. "
    "retain_graph=True.",
    name="graph_freed",
    replace=", retain_graph=True",
    by="",
)
grads.misconception(
    "backward() ran, which also adds to the .grad of every parameter. Ask for the outputs only: "
    "torch.autograd.grad(loss, outs, retain_graph=True).",
    name="backward",
    source="""
def output_gradients(loss, outs):
    for out in outs:
        out.retain_grad()
    loss.backward(retain_graph=True)
    return [out.grad for out in outs]
""",
)
grads.misconception(
    "Outputs are no leaves: after backward() their .grad is None, unless retain_grad() was called before.",
    name="no_retain_grad",
    source="""
def output_gradients(loss, outs):
    loss.backward(retain_graph=True)
    return [out.grad for out in outs]
""",
)
grads.misconception(
    "The gradient of each output's own sum is all ones. Start from the loss.",
    name="own_sum",
    source="""
def output_gradients(loss, outs):
    return [torch.autograd.grad(out.sum(), out, retain_graph=True)[0] for out in outs]
""",
)
grads.misconception(
    "The list stands in reverse: the first layer first.",
    name="reversed_list",
    replace="list(torch.autograd.grad(loss, outs, retain_graph=True))",
    by="list(torch.autograd.grad(loss, outs[::-1], retain_graph=True))",
)
grads.misconception(
    "Only the last output's gradient came back. Each layer has one.",
    name="only_last",
    replace="torch.autograd.grad(loss, outs, retain_graph=True)",
    by="torch.autograd.grad(loss, outs[-1:], retain_graph=True)",
)
grads.misconception(
    "These are standard deviations. The gradients themselves are wanted: the histogram is made from them.",
    name="only_std",
    replace="list(torch.autograd.grad(loss, outs, retain_graph=True))",
    by="[g.norm() for g in torch.autograd.grad(loss, outs, retain_graph=True)]",
)
grads.misconception(
    "The outputs came back, not their gradients.",
    name="the_outputs",
    replace="list(torch.autograd.grad(loss, outs, retain_graph=True))",
    by="[out.detach() for out in outs]",
)
grads.misconception(
    "The outputs were detached first, so they have nothing to do with the loss any more. Use them as "
    "they are.",
    name="detached",
    replace="torch.autograd.grad(loss, outs,",
    by="torch.autograd.grad(loss, [o.detach().requires_grad_() for o in outs],",
)

grads.variant(
    "hooks on the outputs, parameters put aside",
    name="one_by_one",
    source="""
def output_gradients(loss, outs):
    return [torch.autograd.grad(loss, [out], retain_graph=True)[0] for out in outs]
""",
)
grads.variant(
    "backward for the outputs only",
    name="inputs",
    source="""
def output_gradients(loss, outs):
    for out in outs:
        out.retain_grad()
        out.grad = None
    loss.backward(inputs=outs, retain_graph=True)
    return list(map(lambda out: out.grad, outs))
""",
)
