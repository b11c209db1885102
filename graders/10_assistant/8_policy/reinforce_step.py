"""10.reinforce_step: one step of the policy, whole."""

import torch

from graders.authoring import Tol, exercise, number

from .part import Policy, gradients, masks, weights

step = exercise("reinforce_step", title="one step of REINFORCE", points=2, pure=False)


@step.cases
def _(rng):
    for places, temperature, training, kind in [
        ([0, 2, 4], 0.7, True, "SGD"),
        ([1, 3], 1.6, False, "Adam"),
    ]:
        batches = []
        for i in places:
            mask = masks()[i]
            A = rng.normal(len(mask), mean=0.5)
            if i == 3:  # a large gradient: whoever cuts it is seen
                A = A + 80.0
            batches.append((rng.integers(0, 5, *mask.shape), mask, A))
        yield dict(
            seed=rng.seed(),
            batches=batches,
            temperature=temperature,
            lr=rng.number(0.05, 0.1),
            training=training,
            kind=kind,
        )


def optimizer_of(model, kind, lr):
    if kind == "SGD":
        return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.7)
    return torch.optim.Adam(model.parameters(), lr=lr, eps=1e-3)


@step.scenario
def _(m, seed, batches, temperature, lr, training, kind):
    """Steps with stale gradients at the start, then one without a temperature."""
    policy = Policy(seed).train(training)
    for p in policy.parameters():
        p.grad = torch.full_like(p, 0.5)
    optimizer = optimizer_of(policy, kind, lr)
    before = [[x.clone() for x in batch] for batch in batches]
    losses, left, arrived = [], [], []
    for ids, mask, advantages in batches:
        advantages.requires_grad_()
        losses.append(
            number(m.reinforce_step(policy, ids, mask, advantages, optimizer, temperature))
        )
        left.append(gradients(policy))
        arrived.append(advantages.grad)
    ids, mask, advantages = batches[0]
    losses.append(number(m.reinforce_step(policy, ids, mask, advantages.detach(), optimizer)))
    return {
        "losses": losses,
        "p.grad": left,
        "gradients of the advantages": arrived,
        "weights": weights(policy),
        "the policy read": policy.seen,
        "training mode afterwards": policy.training,
        "rollouts as before": all(
            torch.equal(x.detach(), y)
            for batch, old in zip(batches, before, strict=True)
            for x, y in zip(batch, old, strict=True)
        ),
        "autograd is still on": torch.is_grad_enabled(),
    }


# Adam divides by the size of the gradient, so rounding in a tiny one is magnified
step.tolerance(Tol(rtol=1e-8, atol=1e-10))


@step.oracle
def _(seed, batches, temperature, lr, training, kind):
    policy = Policy(seed).train(training)
    optimizer, losses, left = optimizer_of(policy, kind, lr), [], []
    for (ids, mask, advantages), T in [*((b, temperature) for b in batches), (batches[0], 1.0)]:
        logits, loss = policy(ids), 0.0
        for b, t in mask.nonzero().tolist():
            if t > 0:
                row = logits[b, t - 1] / T
                loss = loss - advantages[b] * (row[ids[b, t]] - row.logsumexp(0)) / len(ids)
        policy.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        left.append(gradients(policy))
    return {
        "losses": losses,
        "p.grad": left[:-1],
        "gradients of the advantages": [None] * len(batches),
        "weights": weights(policy),
        "the policy read": policy.seen,
        "training mode afterwards": training,
        "rollouts as before": True,
        "autograd is still on": True,
    }


step.hint("Read, log-probabilities, loss; then forget, backward, step.")
step.hint("token_logprobs(policy(ids), ids, temperature), and reinforce_loss of these.")

step.misconception(
    """Gradients of earlier calls count again: backward() adds to p.grad. Call optimizer.zero_grad()
    before it.""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
step.misconception(
    """The gradients were forgotten between backward() and step(): nothing is left to step with.""",
    name="zero_after_backward",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    loss.backward()\n", "    loss.backward()\n    optimizer.zero_grad()\n"),
    ],
)
step.misconception(
    """The gradients are gone afterwards: this batch's are to stay in p.grad.""",
    name="zero_at_the_end",
    replace="    optimizer.step()\n",
    by="    optimizer.step()\n    optimizer.zero_grad()\n",
)
step.misconception(
    """The weights are what they were: optimizer.step() is missing, or it stands before backward().""",
    name="no_step",
    replace="    optimizer.step()\n",
    by="",
)
step.misconception(
    """The temperature is not handed on to token_logprobs: the log-probabilities are not those of the
    policy that wrote.""",
    name="no_temperature",
    replace="ids, temperature)",
    by="ids)",
)
step.misconception(
    """Everything counts, prompts as well: the mask was replaced by ones.""",
    name="no_mask",
    replace="reinforce_loss(logps, mask, advantages)",
    by="reinforce_loss(logps, torch.ones_like(mask), advantages)",
)
step.misconception(
    """The mask was shifted before reinforce_loss, which shifts it itself.""",
    name="mask_shifted_twice",
    replace="reinforce_loss(logps, mask, advantages)",
    by="reinforce_loss(logps, torch.cat([mask[:, 1:], torch.zeros_like(mask[:, :1])], 1), advantages)",
)
step.misconception(
    """The advantages were centred and scaled over the batch. They are used as they come.""",
    name="whitened",
    replace="reinforce_loss(logps, mask, advantages)",
    by="reinforce_loss(logps, mask, (advantages - advantages.mean()) / (advantages.std() + 1e-8))",
)
step.misconception(
    """The loss after the step came back. The one that the step was made from is asked.""",
    name="loss_after",
    replace="return loss.item()",
    by="return reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages).item()",
)
step.misconception(
    """The policy was put into training mode. This function leaves the mode as it is.""",
    name="switches",
    replace="    logps = ",
    by="    policy.train()\n    logps = ",
)
step.misconception(
    """The step goes uphill in the loss: the sign was turned although reinforce_loss has its minus
    already.""",
    name="uphill",
    replace="    loss.backward()",
    by="    (-loss).backward()",
)
step.misconception(
    """The gradient was clipped. That is often wise, but not asked for here.""",
    name="clipped",
    replace="    optimizer.step()\n",
    by="    torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.1)\n    optimizer.step()\n",
)

step.misconception(
    """The mean of the advantages was taken away. They are used as they come: whoever calls has chosen a
    baseline.""",
    name="centred",
    replace="reinforce_loss(logps, mask, advantages)",
    by="reinforce_loss(logps, mask, advantages - advantages.mean())",
)

step.variant(
    "cross-entropy, written out",
    name="written_out",
    source="""
    def reinforce_step(policy, ids, mask, advantages, optimizer, temperature=1.0):
        logits = policy(ids)[:, :-1] / temperature
        costs = F.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction="none")
        loss = (costs * mask[:, 1:] * advantages.detach()[:, None]).sum() / len(ids)
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = None
        loss.backward()
        optimizer.step()
        return float(loss.detach())
    """,
)
