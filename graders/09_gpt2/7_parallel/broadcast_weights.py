"""09.broadcast_weights: all ranks begin with rank 0's numbers."""

import torch

from graders.authoring import exercise

from .part import Ranks, small_model, weights

ex = exercise("broadcast_weights", title="equal from the beginning", pure=False)


@ex.cases
def _(rng):
    for size, vocab_size, width in [(2, 5, 3), (3, 4, 1), (1, 3, 2), (4, 2, 5)]:
        yield dict(states=[weights(rng, vocab_size, width) for _ in range(size)])


@ex.scenario
def _(m, states):
    ranks = Ranks(len(states))

    def work(rank, state):
        model = small_model(state).train(rank % 2 == 0)
        before = [*model.parameters(), *model.buffers()]
        returned = m.broadcast_weights(model, ranks.broadcast(rank))
        return {
            "returned": returned,
            "state": dict(model.state_dict()),
            "a buffer with persistent=False": model.scale,
            "the same tensors": all(
                a is b for a, b in zip(before, [*model.parameters(), *model.buffers()], strict=True)
            ),
            "require gradients": [p.requires_grad for p in model.parameters()],
            "training mode": [module.training for module in model.modules()],
            "autograd is on": torch.is_grad_enabled(),  # each thread has a switch of its own
        }

    return ranks.run(work, states)


@ex.oracle
def _(states):
    one = {
        "returned": None,
        "state": states[0],
        "a buffer with persistent=False": states[0]["2.bias"] * 2,
        "the same tensors": True,
        "require gradients": [True, True, False, True, True],
        "autograd is on": True,
    }
    modes = ([rank % 2 == 0] * 4 for rank in range(len(states)))
    return [one | {"training mode": mode} for mode in modes]


ex.hint("Which tensors make up a model? Not only those that learn.")
ex.hint(
    "Walk over model.parameters() and model.buffers(), and hand each to broadcast, from rank 0."
)
ex.hint("broadcast(tensor.data, 0): the very memory of the parameter, without autograd.")

ex.misconception(
    "The buffers are left out: each rank keeps its own running statistics. Broadcast model.buffers() as "
    "well.",
    name="no_buffers",
    replace="[*model.parameters(), *model.buffers()]",
    by="model.parameters()",
)
ex.misconception(
    "The parameters are left out: each rank begins with weights of its own, and they never meet.",
    name="buffers_only",
    replace="[*model.parameters(), *model.buffers()]",
    by="model.buffers()",
)
ex.misconception(
    "A copy was broadcast, and then forgotten: the model's own tensors did not change. Hand over "
    "tensor.data.",
    name="copies",
    replace="tensor.data, 0",
    by="tensor.detach().clone(), 0",
)
ex.misconception(
    "What does not require gradients was left out. Frozen weights must be equal too.",
    name="not_frozen",
    replace="        broadcast(tensor.data, 0)",
    by="        if tensor.requires_grad or tensor.dim() == 0 or tensor is model[1].running_mean "
    "or tensor is model[1].running_var:\n            broadcast(tensor.data, 0)",
)
ex.misconception(
    "The numbers come from the last parameter's rank, or another than 0: src is 0.",
    name="another_source",
    replace="tensor.data, 0",
    by="tensor.data, -1",
)
ex.misconception(
    "The parameters do not require gradients any more: this model will never learn.",
    name="frozen",
    replace="        broadcast(tensor.data, 0)",
    by="        tensor.requires_grad_(False)\n        broadcast(tensor, 0)",
)

ex.misconception(
    "A state dict has no buffers that were registered with persistent=False, a mask for instance: each "
    "rank keeps its own. Take model.buffers().",
    name="state_dict",
    source="""
    def broadcast_weights(model, broadcast):
        with torch.no_grad():
            for tensor in model.state_dict().values():
                broadcast(tensor, src=0)
""",
)

ex.variant(
    "under no_grad, one after the other",
    name="no_grad",
    source="""
    def broadcast_weights(model, broadcast):
        with torch.no_grad():
            for tensor in model.parameters():
                broadcast(tensor, src=0)
            for tensor in model.buffers():
                broadcast(tensor, src=0)
""",
)
