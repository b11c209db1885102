"""09.report_loss: every rank takes part, one writes."""

import torch

from graders.authoring import exercise

from .part import Ranks

ex = exercise("report_loss", title="one voice", pure=False)


@ex.cases
def _(rng):
    for size in (2, 3, 1, 4):
        yield dict(
            losses=[rng.uniform(1.0, 9.0, 1)[0] for _ in range(size)], step=rng.integer(1, 999)
        )
    yield dict(losses=[torch.tensor(2.5), torch.tensor(4.0)], step=0)
    yield dict(losses=[rng.uniform(1.0, 9.0, 1)[0] for _ in range(2)], step=0)


@ex.scenario
def _(m, losses, step):
    ranks = Ranks(len(losses))

    def work(rank, mine):
        leaf = mine.clone().requires_grad_()
        loss, written = leaf * 1.0, []  # part of a graph
        got = m.report_loss(loss, step, rank, ranks.size, ranks.all_reduce(rank), written.append)
        version, on = loss._version, torch.is_grad_enabled()  # each thread has a switch of its own
        loss.backward()
        return {
            "returned": got,
            "written": written,
            "the loss itself": loss.detach(),
            "changed in place": version > 0,
            "autograd is on": on,
            "its gradient": leaf.grad,
        }

    return ranks.run(work, losses)


@ex.oracle
def _(losses, step):
    mean = sum(loss.item() for loss in losses) / len(losses)
    return [
        {
            "returned": mean,
            "written": [f"step {step}: loss {mean:.4f}"] if rank == 0 else [],
            "the loss itself": loss,
            "changed in place": False,
            "autograd is on": True,
            "its gradient": torch.ones_like(loss),
        }
        for rank, loss in enumerate(losses)
    ]


ex.hint("Which of the lines may stand under `if rank == 0`, and which must not?")
ex.hint("all_reduce works in place: give it a copy of the loss, loss.detach().clone().")
ex.hint(
    "mean = loss.detach().clone(); all_reduce(mean); mean = mean.item() / world_size; if rank == 0: "
    "write(...)"
)

ex.misconception(
    "Only rank 0 calls all_reduce. A collective waits for all ranks: rank 0 waits forever, and the run "
    "hangs without a "
    "word. Only write() stands under the if.",
    name="rank_0_only",
    replace="    all_reduce(mean)\n",
    by="    if rank == 0:\n        all_reduce(mean)\n",
)
ex.misconception(
    "Rank 0's own loss was reported: it knows only its share. Take the mean over the ranks.",
    name="own_loss",
    replace="    all_reduce(mean)\n    mean = mean.item() / world_size\n",
    by="    mean = mean.item()\n",
)
ex.misconception(
    "This is the sum of the losses: divide by world_size.",
    name="sum",
    replace="mean.item() / world_size",
    by="mean.item()",
)
ex.misconception(
    "Every rank writes: eight processes say the same. Only rank 0.",
    name="all_write",
    replace="    if rank == 0:\n",
    by="    if True:\n",
)
ex.misconception(
    "The wrong rank writes: it is rank 0 that does (ranks are counted from 0).",
    name="last_rank",
    replace="if rank == 0:",
    by="if rank == world_size - 1:",
)
ex.misconception(
    "The loss itself was changed: detach() shares its memory, and all_reduce works in place. Clone it.",
    name="in_place",
    replace="loss.detach().clone()",
    by="loss.detach()",
)
ex.misconception(
    "Divided on rank 0 only: all ranks are to return the mean.",
    name="divided_on_0",
    replace="mean.item() / world_size",
    by="mean.item() / (world_size if rank == 0 else 1)",
)
ex.misconception(
    "The mean is returned on rank 0 only. Every rank gets it.",
    name="returned_on_0",
    replace="    return mean",
    by="    return mean if rank == 0 else None",
)

ex.variant(
    "divides first",
    name="divides_first",
    source="""
    def report_loss(loss, step, rank, world_size, all_reduce, write):
        share = torch.tensor([loss.item() / world_size], dtype=loss.dtype)
        all_reduce(share)
        mean = float(share[0])
        if not rank:
            write("step {}: loss {:.4f}".format(step, mean))
        return mean
""",
)

ex.equivalent(
    "loss.detach()  ->  loss", "the clone has memory of its own, and item() leaves the graph behind"
)
