"""10.dpo_step: one step on pairs of unequal lengths, with a reference that stands still."""

import torch

from graders.authoring import Tol, exercise, instead, number

from .part import Policy, frozen, gradients, lengths_mask, mark, near, values

ex = exercise("dpo_step", title="one step of DPO", points=2, pure=False)


def batch(rng, V, chosen, rejected):
    """From (starts, lengths, T) of the answers; everything else is random ids, padding too."""
    made = {}
    for name, (starts, lengths, T) in (("chosen", chosen), ("rejected", rejected)):
        made[name] = rng.integers(0, V, len(starts), T)
        made[f"{name}_mask"] = lengths_mask(lengths, T, starts)
    first = min(made["chosen"].shape[1], made["rejected"].shape[1], *chosen[0])
    made["rejected"][:, :first] = made["chosen"][:, :first]  # the same prompts
    return made


@ex.cases
def _(rng):
    for training, beta in [(True, None), (False, 0.8), (True, 0.3)]:
        yield dict(
            ws=near(rng),
            batches=[
                batch(rng, 6, ([2, 1, 2], [3, 1, 2], 5), ([2, 1, 2], [2, 6, 4], 8)),
                batch(rng, 6, ([1, 3], [5, 2], 6), ([1, 3], [2, 1], 4)),
                batch(rng, 6, ([2], [2], 4), ([2], [2], 4)),
                batch(rng, 6, ([2, 2], [0, 3], 5), ([2, 2], [1, 3], 5)),
            ],
            lr=rng.number(0.3, 0.6),
            training=training,
            options={} if beta is None else dict(beta=beta),
        )


@ex.scenario
def _(m, ws, batches, lr, training, options):
    """Four steps, with a stale gradient before the first."""
    policy, reference = (mark(Policy(w)) for w in ws)
    policy.train(training)
    reference.train(not training)
    before, optimizer = values(reference), torch.optim.SGD(policy.parameters(), lr)
    losses, first = [], None
    for pairs in batches:
        losses.append(number(m.dpo_step(policy, reference, pairs, optimizer, **options)))
        first = first or gradients(policy)
    return {
        "losses": losses,
        "p.grad after the first step": first,
        "p.grad": gradients(policy),
        "parameters": values(policy),
        "reference": frozen(reference, before),
        "policy in training mode": policy.training,
    }


@ex.oracle
def _(ws, batches, lr, training, options):
    """Pair by pair, without padding, and gradient descent by hand."""
    beta = options.get("beta", 0.1)
    policy, reference = (Policy(w) for w in ws)
    leaves = {n: p for n, p in policy.named_parameters() if n != "unused"}
    told, first = [], None

    def logp(model, ids, mask):
        end = int(mask.nonzero().max()) + 1 if mask.any() else 1
        logits = model(ids[None, :end])[0, :-1]
        picked = torch.distributions.Categorical(logits=logits).log_prob(ids[1:end])
        return picked[mask[1:end]].sum()

    for pairs in batches:
        loss, n = 0.0, len(pairs["chosen"])
        for i in range(n):
            z = 0.0
            for name, sign in (("chosen", 1), ("rejected", -1)):
                args = pairs[name][i], pairs[f"{name}_mask"][i]
                if args[1].any():
                    z = z + sign * beta * (logp(policy, *args) - logp(reference, *args).detach())
            loss = loss + torch.log1p((-z).exp()) / n
        grads = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
        with torch.no_grad():
            for name, p in leaves.items():
                p -= lr * grads[name]
        told.append(loss.item())
        first = first or grads | {"unused": None}
    return {
        "losses": told,
        "p.grad after the first step": first,
        "p.grad": grads | {"unused": None},
        "parameters": values(policy),
        "reference": {
            "values as before": True,
            "gradients as before": True,
            "requires_grad": [True] * 4,
            "in training mode": not training,
        },
        "policy in training mode": training,
    }


# four steps of descent magnify what rounding does to the first
ex.tolerance(Tol(rtol=1e-7, atol=1e-10))


@ex.check(
    "a float",
    cases=lambda rng: [dict(ws=near(rng)[0], pairs=batch(rng, 6, ([1], [2], 3), ([1], [1], 3)))],
)
def _(m, ws, pairs):
    policy, reference = Policy(ws), Policy(ws).requires_grad_(False)
    given = {name: x.clone() for name, x in pairs.items()}
    optimizer = torch.optim.SGD(policy.parameters(), 0.1)
    out = m.dpo_step(policy, reference, pairs, optimizer)
    if not isinstance(out, float):
        return instead(out, "a float")
    return {
        "reference frozen still": not any(p.requires_grad for p in reference.parameters()),
        "batch as before": pairs.keys() == given.keys()
        and all(torch.equal(pairs[name], x) for name, x in given.items()),
        "autograd is on": torch.is_grad_enabled(),
    }


@ex.oracle("a float")
def _(ws, pairs):
    return {"reference frozen still": True, "batch as before": True, "autograd is on": True}


ex.hint("Four calls of answer_logps: two models, two batches. Which two of them need a gradient?")
ex.hint(
    "answer_logps(model(batch[name]), batch[name], batch[name + '_mask']); the reference's under "
    "torch.no_grad()."
)
ex.hint("loss = dpo_loss(...), then zero_grad, backward, step, and return loss.item().")

CALL = "dpo_loss(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta)"

ex.misconception(
    """The reference is the policy: both halves of the difference are equal, the loss stays at log 2. Ask
    `reference` for the reference's.""",
    name="policy_as_reference",
    replace='logps(reference, "chosen"), logps(reference, "rejected")',
    by='logps(policy, "chosen"), logps(policy, "rejected")',
)
ex.misconception(
    """The reference follows the policy: it was overwritten after the step. It is the model from before
    the whole training.""",
    name="reference_follows",
    replace="    return loss.item()",
    by="    reference.load_state_dict(policy.state_dict())\n    return loss.item()",
)
ex.misconception(
    """The reference was changed (its gradients zeroed, or requires_grad turned off). It is somebody else's:
    use it under torch.no_grad(), and nothing happens to it.""",
    name="reference_touched",
    replace="    optimizer.zero_grad()\n",
    by="    optimizer.zero_grad()\n    reference.requires_grad_(False)\n    reference.zero_grad()\n",
)
ex.misconception(
    """Chosen and rejected answers went into the loss in the wrong order.""",
    name="exchanged",
    replace=CALL,
    by="dpo_loss(pi_rejected, pi_chosen, ref_rejected, ref_chosen, beta)",
)
ex.misconception(
    """beta is not handed on to dpo_loss.""",
    name="no_beta",
    replace="ref_rejected, beta)",
    by="ref_rejected)",
)
ex.misconception(
    """Everything behind the first token counts, prompts and padding too: hand the masks on.""",
    name="no_mask",
    replace='batch[f"{name}_mask"])',
    by='torch.ones_like(batch[f"{name}_mask"]))',
)
ex.misconception(
    """The mask was shifted before answer_logps, which shifts it itself: the first token of each answer is
    lost.""",
    name="shifted_twice",
    replace='batch[f"{name}_mask"])',
    by='batch[f"{name}_mask"].roll(1, dims=1))',
)
ex.misconception(
    """Both batches were cut to the narrower one's width: the end of long answers is lost.""",
    name="cut",
    replace='        return answer_logps(model(batch[name]), batch[name], batch[f"{name}_mask"])',
    by='        T = min(batch["chosen"].shape[1], batch["rejected"].shape[1])\n'
    '        ids, mask = batch[name][:, :T], batch[f"{name}_mask"][:, :T]\n'
    "        return answer_logps(model(ids), ids, mask)",
)
ex.misconception(
    """Gradients of earlier steps count again: optimizer.zero_grad() before backward().""",
    name="no_zero_grad",
    replace="    optimizer.zero_grad()\n",
    by="",
)
ex.misconception(
    """The gradients were forgotten between backward() and step(): nothing is left to step with.""",
    name="zero_after_backward",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    loss.backward()\n", "    loss.backward()\n    optimizer.zero_grad()\n"),
    ],
)
ex.misconception(
    """The policy stands still: optimizer.step() is missing, or stands before backward().""",
    name="no_step",
    replace="    optimizer.step()\n",
    by="",
)
ex.misconception(
    """Only the chosen answer teaches. Either the rejected one's log-probability has no gradient, or it
    stands where dpo_loss expects the reference: the order is pi_chosen, pi_rejected, ref_chosen,
    ref_rejected.""",
    name="rejected_no_grad",
    replace='logps(policy, "chosen"), logps(policy, "rejected")',
    by='logps(policy, "chosen"), logps(policy, "rejected").detach()',
)
ex.misconception(
    """The loss after the step came back. The one that the step was made from is asked.""",
    name="loss_after",
    replace="    return loss.item()",
    by='    pi_chosen, pi_rejected = logps(policy, "chosen"), logps(policy, "rejected")\n'
    f"    return {CALL}.item()",
)
ex.misconception(
    """A tensor came back. A Python float is asked, which keeps no graph: loss.item().""",
    name="tensor",
    replace="return loss.item()",
    by="return loss.detach()",
)
ex.misconception(
    """There is nothing to differentiate: the policy was asked under torch.no_grad(), or its answers
    detached. Only the reference's calls belong there.""",
    name="policy_no_grad",
    replace='    pi_chosen, pi_rejected = logps(policy, "chosen"), logps(policy, "rejected")\n',
    by="    with torch.no_grad():\n"
    '        pi_chosen, pi_rejected = logps(policy, "chosen"), logps(policy, "rejected")\n',
)
ex.misconception(
    """The policy's mode was changed. This function leaves it as it is.""",
    name="mode",
    replace="    optimizer.zero_grad()\n",
    by="    policy.train()\n    optimizer.zero_grad()\n",
)
ex.misconception(
    """The reference's mode was changed. This function leaves it as it is.""",
    name="reference_mode",
    replace="    optimizer.zero_grad()\n",
    by="    reference.eval()\n    optimizer.zero_grad()\n",
)
ex.misconception(
    """Gradients are forgotten after the step: what was there before the call counts in it, and nothing is
    left in p.grad. zero_grad() belongs before backward().""",
    name="zeroed_after",
    edits=[
        ("    optimizer.zero_grad()\n", ""),
        ("    optimizer.step()\n", "    optimizer.step()\n    optimizer.zero_grad()\n"),
    ],
)
ex.misconception(
    """The gradients were forgotten at both ends, before backward() and after step(). They are to stay in
    p.grad: only before.""",
    name="zeroed_twice",
    replace="    optimizer.step()\n",
    by="    optimizer.step()\n    optimizer.zero_grad()\n",
)
ex.misconception(
    """requires_grad of the reference was turned off, for good. It is somebody else's: torch.no_grad() around
    its call is enough.""",
    name="reference_frozen",
    replace="    optimizer.zero_grad()\n",
    by="    optimizer.zero_grad()\n    reference.requires_grad_(False)\n",
)
ex.misconception(
    """Only the rejected answer teaches: the chosen one's log-probability has no gradient. Both of the
    policy's numbers need one.""",
    name="chosen_no_grad",
    replace='logps(policy, "chosen"), logps(policy, "rejected")\n    loss',
    by='logps(policy, "chosen").detach(), logps(policy, "rejected")\n    loss',
)

ex.variant(
    "both halves in one forward, padded to one width",
    name="one_forward",
    source="""
    def dpo_step(policy, reference, batch, optimizer, beta=0.1):
        T = max(batch["chosen"].shape[1], batch["rejected"].shape[1])
        wide = {k: F.pad(v, (0, T - v.shape[1])) for k, v in batch.items()}
        ids = torch.cat([wide["chosen"], wide["rejected"]])
        mask = torch.cat([wide["chosen_mask"], wide["rejected_mask"]])
        pi = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            ref = answer_logps(reference(ids), ids, mask)
        loss = dpo_loss(*pi.chunk(2), *ref.chunk(2), beta=beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return float(loss)
""",
)
ex.variant(
    "the loss written out",
    name="inline",
    source="""
    def dpo_step(policy, reference, batch, optimizer, beta=0.1):
        optimizer.zero_grad(set_to_none=True)
        h = 0.0
        for name, sign in (("chosen", 1.0), ("rejected", -1.0)):
            ids, mask = batch[name], batch[name + "_mask"]
            with torch.no_grad():
                ref = answer_logps(reference(ids), ids, mask)
            h = h + sign * (answer_logps(policy(ids), ids, mask) - ref)
        loss = F.softplus(-beta * h).mean()
        loss.backward()
        optimizer.step()
        return loss.detach().item()
""",
)
