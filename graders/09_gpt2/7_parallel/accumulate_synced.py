"""09.accumulate_synced: only the last micro-batch sends gradients; the flag is read in the forward pass."""

import contextlib

import torch
import torch.nn.functional as F

from graders.authoring import exercise

ex = exercise("accumulate_synced", title="only once per step", points=2, pure=False)


@ex.cases
def _(rng):
    for n, B, T, flag in [
        (3, 2, 4, True),
        (1, 3, 2, True),
        (4, 1, 3, False),
        (2, 2, 1, True),
        (1, 2, 3, False),
    ]:
        yield dict(
            table=rng.normal(6, 6, std=2.0),
            micro_batches=[(rng.integers(0, 6, B, T), rng.integers(0, 6, B, T)) for _ in range(n)],
            flag=flag,
            before=rng.normal(6, 6),
        )


def wrapped(table, flag):
    """What matters of DistributedDataParallel."""

    class Wrapped(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.module = torch.nn.Embedding.from_pretrained(table.clone(), freeze=False)
            self.require_backward_grad_sync = flag
            self.flags = []

        def forward(self, x):
            self.flags.append(self.require_backward_grad_sync)
            return self.module(x)

        @contextlib.contextmanager
        def no_sync(self):
            old, self.require_backward_grad_sync = self.require_backward_grad_sync, False
            try:
                yield
            finally:
                self.require_backward_grad_sync = old

    return Wrapped()


@ex.scenario
def _(m, table, micro_batches, flag, before):
    ddp = wrapped(table, flag)
    weight = ddp.module.weight
    loss = m.accumulate_synced(ddp, micro_batches)
    seen = {"loss": loss, "flag in the forward passes": list(ddp.flags)}
    seen |= {"gradient": weight.grad.clone(), "flag afterwards": ddp.require_backward_grad_sync}
    weight.grad = before.clone()  # the caller may have left something there
    m.accumulate_synced(ddp, micro_batches[:1])
    seen["gradient, added to what was there"] = weight.grad
    seen["flags, again"] = ddp.flags[len(micro_batches) :]
    seen["weights"] = weight.detach()
    return seen


@ex.oracle
def _(table, micro_batches, flag, before):
    def gradient(batches):
        weight = table.clone().requires_grad_()
        x, y = (torch.cat([b[i].flatten() for b in batches]) for i in (0, 1))
        loss = F.cross_entropy(weight[x], y)
        loss.backward()
        return loss.item(), weight.grad

    loss, grad = gradient(micro_batches)
    return {
        "loss": loss,
        "flag in the forward passes": [False] * (len(micro_batches) - 1) + [True],
        "gradient": grad,
        "flag afterwards": True,
        "gradient, added to what was there": gradient(micro_batches[:1])[1] + before,
        "flags, again": [True],
        "weights": table,
    }


ex.hint(
    "When does DDP look at the flag? What must the flag be for micro-batch i, and when must it be set?"
)
ex.hint(
    "Before ddp(x): ddp.require_backward_grad_sync = (i is the last). Each loss is divided by their "
    "number."
)
ex.hint(
    "loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / len(micro_batches); "
    "loss.backward(); total += loss.item()"
)

ex.misconception(
    "The flag is set after the forward pass. DDP has looked already: the setting holds for the *next* "
    "micro-batch, so the first "
    "sends and the last may not. Set it before ddp(x).",
    name="flag_after_forward",
    edits=[
        ("        ddp.require_backward_grad_sync = i == len(micro_batches) - 1\n", ""),
        (
            "        loss.backward()\n",
            "        ddp.require_backward_grad_sync = i == len(micro_batches) - 1\n        "
            "loss.backward()\n",
        ),
    ],
)
ex.misconception(
    "Only the backward pass stands in no_sync() (or between flag and flag). DDP looks in the forward "
    "pass: that belongs inside "
    "too.",
    name="backward_in_no_sync",
    edits=[
        ("        ddp.require_backward_grad_sync = i == len(micro_batches) - 1\n", ""),
        (
            "        loss.backward()\n",
            "        ddp.require_backward_grad_sync = i == len(micro_batches) - 1\n        "
            "loss.backward()\n"
            "        ddp.require_backward_grad_sync = True\n",
        ),
    ],
)
ex.misconception(
    "Every micro-batch sends its gradients (the flag is never False): right numbers, and most of the "
    "traffic for nothing.",
    name="always_sync",
    replace="i == len(micro_batches) - 1",
    by="True",
)
ex.misconception(
    "No micro-batch sends: the ranks keep their own gradients and drift apart. The last one must have "
    "the flag True.",
    name="never_sync",
    replace="i == len(micro_batches) - 1",
    by="False",
)
ex.misconception(
    "The *first* micro-batch sends, not the last. What is added afterwards stays at home.",
    name="first_syncs",
    replace="i == len(micro_batches) - 1",
    by="i == 0",
)
ex.misconception(
    "The losses are not divided by the number of micro-batches: gradients add up, and the step is that "
    "many times too "
    "long.",
    name="not_divided",
    replace=" / len(micro_batches)\n",
    by="\n",
)
ex.misconception(
    "The loss is divided for the report only, after the backward pass: the gradient is the sum.",
    name="report_only",
    edits=[(" / len(micro_batches)\n", "\n"), ("loss.item()", "loss.item() / len(micro_batches)")],
)
ex.misconception(
    "The gradients were set to None or zero on the way: what earlier micro-batches added is lost.",
    name="zero_grad",
    replace="        loss.backward()\n",
    by="        ddp.zero_grad()\n        loss.backward()\n",
)
ex.misconception(
    "The last micro-batch's loss is returned. The mean over all of them is asked for.",
    name="last_loss",
    replace="total += loss.item()",
    by="total = loss.item() * len(micro_batches)",
)
ex.misconception(
    "The flag is left False: the next backward pass, whoever makes it, sends nothing. The last "
    "micro-batch sets it to "
    "True.",
    name="left_false",
    replace="    return total",
    by="    ddp.require_backward_grad_sync = False\n    return total",
)

ex.variant(
    "no_sync around forward and backward",
    name="no_sync",
    source="""
    def accumulate_synced(ddp, micro_batches):
        import contextlib
        ddp.require_backward_grad_sync = True
        n, losses = len(micro_batches), []
        for i, (x, y) in enumerate(micro_batches):
            with contextlib.nullcontext() if i + 1 == n else ddp.no_sync():
                logits = ddp(x)
                loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1))
                (loss / n).backward()
            losses.append(loss.detach())
        return torch.stack(losses).mean().item()
""",
)
