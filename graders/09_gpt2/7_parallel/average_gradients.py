"""09.average_gradients: the mean over the ranks, on all of them."""

import torch

from graders.authoring import exercise

from .part import Ranks, small_model, weights

ex = exercise("average_gradients", title="the mean of the gradients", points=2, pure=False)


@ex.cases
def _(rng):
    for size, vocab_size, width in [(2, 5, 3), (3, 4, 1), (1, 3, 2), (4, 2, 5)]:
        state = weights(rng, vocab_size, width)
        names = ["0.weight", "1.weight", "2.weight", "2.bias"]  # 1.bias is frozen
        if size == 3:
            names.remove("0.weight")  # nobody has asked it
        gradients = [{n: rng.normal(*state[n].shape) for n in names} for _ in range(size)]
        if size == 2:  # laid across in memory: flattened, it is a copy
            for mine in gradients:
                mine["0.weight"] = mine["0.weight"].T.contiguous().T
        gradients[-1]["2.bias"].zero_()  # zeros on one rank: the others wait for them as for any
        yield dict(state=state, gradients=gradients)


@ex.scenario
def _(m, state, gradients):
    ranks = Ranks(len(gradients))

    def work(rank, mine):
        model = small_model(state).train(rank % 2 == 0)
        for name, p in model.named_parameters():
            if name in mine:
                p.grad = mine[name].clone()
        returned = m.average_gradients(model, ranks.size, ranks.all_reduce(rank))
        return {
            "returned": returned,
            "gradients": {name: p.grad for name, p in model.named_parameters()},
            "weights": dict(model.state_dict()),
            "a buffer with persistent=False": model.scale,
            "training mode": [module.training for module in model.modules()],
            "autograd is on": torch.is_grad_enabled(),  # each thread has a switch of its own
            "elements sent": ranks.sent[rank],
        }

    return ranks.run(work, gradients)


def tied(rng):
    yield dict(table=rng.normal(5, 3), gradients=[rng.normal(5, 3) for _ in range(3)])


@ex.check("tied", cases=tied)
def _(m, table, gradients):
    """One weight with two names has one gradient."""
    ranks = Ranks(len(gradients))

    def work(rank, mine):
        model = torch.nn.Sequential(torch.nn.Embedding(5, 3), torch.nn.Linear(3, 5, bias=False))
        model[0].weight = model[1].weight = torch.nn.Parameter(table.clone())
        model[0].weight.grad = mine.clone()
        m.average_gradients(model, ranks.size, ranks.all_reduce(rank))
        return {"gradient": model[0].weight.grad, "elements sent": ranks.sent[rank]}

    found = ranks.run(work, gradients)
    brought = sum(float(t.sum()) for one in ranks.rounds for _, t in one.values())
    return {"ranks": found, "sum of what was sent": brought}


@ex.oracle("tied")
def _(table, gradients):
    mean = sum(gradients) / len(gradients)
    each = {"gradient": mean, "elements sent": table.numel()}
    sent = float(sum(gradients).sum())  # as they are: nobody divides before
    return {"ranks": [each] * len(gradients), "sum of what was sent": sent}


@ex.oracle
def _(state, gradients):
    names = ["0.weight", "1.weight", "1.bias", "2.weight", "2.bias"]
    mean = {
        n: torch.stack([g[n] for g in gradients]).mean(0) if n in gradients[0] else None
        for n in names
    }
    sent = sum(g.numel() for g in gradients[0].values())
    one = {"returned": None, "gradients": mean, "weights": state, "elements sent": sent}
    one |= {"a buffer with persistent=False": state["2.bias"] * 2, "autograd is on": True}
    modes = ([rank % 2 == 0] * 4 for rank in range(len(gradients)))
    return [one | {"training mode": mode} for mode in modes]


ex.hint("all_reduce gives the sum, in place. What makes a mean of it?")
ex.hint("Loop over model.parameters(); whose .grad is None has nothing to send.")
ex.hint("all_reduce(p.grad); p.grad /= world_size")

ex.misconception(
    "These are sums: with two ranks the step is twice too long. Divide by world_size.",
    name="sums",
    replace="            p.grad /= world_size\n",
    by="",
)
ex.misconception(
    "Divided, but never sent: each rank keeps its own gradient, and the models drift apart.",
    name="not_sent",
    replace="            all_reduce(p.grad)\n",
    by="",
)
ex.misconception(
    "The *weights* were averaged. They are equal on all ranks already; the gradients differ.",
    name="weights",
    edits=[
        ("all_reduce(p.grad)", "all_reduce(p.data)"),
        ("p.grad /= world_size", "p.data /= world_size"),
    ],
)
ex.misconception(
    "Divided twice: once before and once after, or by the square. A mean divides by world_size once.",
    name="twice",
    replace="p.grad /= world_size",
    by="p.grad /= world_size**2",
)
ex.misconception(
    "A copy of the gradient was sent; the sum went into the copy, and .grad is still the rank's own (or "
    "what was divided of it).",
    name="copy",
    replace="all_reduce(p.grad)",
    by="all_reduce(p.grad.clone())",
)
ex.misconception(
    "A gradient that is None was turned into zeros and sent: the optimizer would now let that parameter "
    "decay. Leave it "
    "out.",
    name="zeros_for_none",
    replace="        if p.grad is not None:\n",
    by="        if p.grad is None:\n            p.grad = torch.zeros_like(p)\n        if True:\n",
)
ex.misconception(
    "Only the first gradient was averaged: the loop ends early.",
    name="first_only",
    replace="            p.grad /= world_size\n",
    by="            p.grad /= world_size\n            break\n",
)
ex.misconception(
    "Each gradient is sent twice, and the second time for nothing: what comes back is a mean already.",
    name="sent_twice",
    replace="            p.grad /= world_size\n",
    by="            p.grad /= world_size\n            all_reduce(p.grad)\n            p.grad /= "
    "world_size\n",
)

ex.misconception(
    "Divided before the sum: the mean is the same but for rounding, but in half precision small numbers are "
    "lost. First the sum, then the division, as the docstring says.",
    name="divided_first",
    source="""
    def average_gradients(model, world_size, all_reduce):
        for p in model.parameters():
            if p.grad is not None:
                p.grad /= world_size
                all_reduce(p.grad)
""",
)

ex.variant(
    "all in one bucket",
    name="bucket",
    source="""
    def average_gradients(model, world_size, all_reduce):
        grads = [p.grad for p in model.parameters() if p.grad is not None]
        bucket = torch.cat([g.flatten() for g in grads])
        all_reduce(bucket)
        bucket /= world_size
        at = 0
        for g in grads:
            g.copy_(bucket[at : at + g.numel()].view_as(g))
            at += g.numel()
""",
)
