"""10.grpo_step: several steps from one rollout; old policy and reference stand still."""

import torch
from torch import nn

from graders.authoring import Tol, exercise, instead, kind_of, number

from .part import Policy, frozen, gradients, lengths_mask, mark, values, weights

ex = exercise("grpo_step", title="learning from a rollout", points=2, pure=False)


def rollout(rng, prompts, lengths, T, V, G):
    mask = lengths_mask(lengths, T, prompts)
    mask[0, prompts[0] + 1 : prompts[0] + 2] = False  # a tool's output amid an answer
    rewards = torch.tensor([float(rng.integer(0, 2)) for _ in lengths], dtype=torch.float64)
    rewards[:G] = torch.arange(G, dtype=torch.float64) * 0.5  # one group surely differs
    return [rng.integers(0, V, len(lengths), T), mask, rewards, G]


def near(rng):
    """A policy and its reference, so near that the penalty, which is an exponential, never runs away."""
    policy = weights(rng, 6, 3, 4)
    return [policy, [w + 0.15 * rng.normal(*w.shape) for w in policy]]


@ex.cases
def _(rng):
    for training, epochs, options in [
        (True, 3, {}),
        (False, 1, dict(beta=0.5)),
        (True, 4, dict(clip=0.1, beta=0.3)),
        (False, 3, dict(beta=0.0, clip=0.03)),
        (True, None, dict(beta=0.2)),
    ]:
        yield dict(
            ws=near(rng),
            rollouts=[
                rollout(rng, [2, 2, 2, 1, 1, 1], [3, 1, 4, 2, 5, 3], 6, 6, 3),
                rollout(rng, [1], [1], 2, 6, 1),  # one token, which has no rival
                rollout(rng, [1, 1, 2, 2], [2, 0, 1, 3], 5, 6, 2),
                rollout(rng, [3, 3], [1, 2], 5, 6, 2),
            ],
            lr=rng.number(0.1, 0.2),
            training=training,
            options=options if epochs is None else dict(options, epochs=epochs),
        )


@ex.scenario
def _(m, ws, rollouts, lr, training, options):
    """Four rollouts one after the other, with a stale gradient before the first."""
    policy, reference = (mark(Policy(w)) for w in ws)
    policy.train(training)
    reference.train(not training)
    policy.still = nn.Sequential(nn.Dropout(0.5)).train(not training)  # a part in another mode
    before, optimizer = values(reference), torch.optim.SGD(policy.parameters(), lr)
    losses = []
    for ids, mask, rewards, G in rollouts:
        out = m.grpo_step(policy, reference, ids, mask, rewards, G, optimizer, **options)
        if not isinstance(out, list):
            return instead(out, "a list")
        losses.append([number(x) for x in out])
    return {
        "losses": losses,
        "parameters": values(policy),
        "p.grad": gradients(policy),
        "reference": frozen(reference, before),
        "policy in training mode": policy.training,
        "its part in another mode": [part.training for part in policy.still.modules()],
    }


@ex.oracle
def _(ws, rollouts, lr, training, options):
    """Plain gradient descent by hand."""
    epochs, clip, beta = (
        options.get(k, d) for k, d in (("epochs", 2), ("clip", 0.2), ("beta", 0.04))
    )
    policy, reference = (Policy(w) for w in ws)
    told = []

    def logp(model, ids):
        return torch.distributions.Categorical(logits=model(ids)[:, :-1]).log_prob(ids[:, 1:])

    for ids, mask, rewards, G in rollouts:
        groups = rewards.view(-1, G)
        A = groups - groups.mean(1, True)
        A = (A / (groups.std(1, keepdim=True) + 1e-4) if G > 1 else A).flatten()
        old, ref, losses = logp(policy, ids).detach(), logp(reference, ids).detach(), []
        for _ in range(epochs):
            new, loss = logp(policy, ids), 0.0
            for i in range(len(ids)):
                rows = mask[i, 1:]
                if rows.any():
                    ratio = (new[i] - old[i])[rows].exp()
                    d = (ref[i] - new[i])[rows]
                    gain = torch.minimum(ratio * A[i], ratio.clamp(1 - clip, 1 + clip) * A[i])
                    loss = loss + (beta * (d.exp() - d - 1) - gain).mean() / len(ids)
            names = [n for n, _ in policy.named_parameters() if n != "unused"]
            leaves = [p for n, p in policy.named_parameters() if n != "unused"]
            grads = torch.autograd.grad(loss, leaves)
            with torch.no_grad():
                for p, grad in zip(leaves, grads, strict=True):
                    p -= lr * grad
            losses.append(loss.item())
        told.append(losses)
    return {
        "losses": told,
        "parameters": values(policy),
        # where every ratio is beyond the clip the gradient is zeros, which count as none
        "p.grad": {n: grad if grad.any() else None for n, grad in zip(names, grads, strict=True)}
        | {"unused": None},
        "reference": {
            "values as before": True,
            "gradients as before": True,
            "requires_grad": [True] * 4,
            "in training mode": not training,
        },
        "policy in training mode": training,
        "its part in another mode": [not training] * 2,
    }


# a dozen steps of descent magnify what rounding does to the first
ex.tolerance(Tol(rtol=1e-7, atol=1e-10))


@ex.check("a list of floats", cases=lambda rng: [dict(ws=weights(rng, 4, 2, 3))])
def _(m, ws):
    policy, reference = Policy(ws), Policy(ws)
    for model in (policy, reference):
        model.float()
    reference.requires_grad_(False)
    ids, mask = torch.tensor([[1, 2, 0], [1, 3, 3]]), torch.tensor([[0, 1, 1], [0, 1, 0]]).bool()
    optimizer = torch.optim.SGD(policy.parameters(), 0.1)
    given = [ids.clone(), mask.clone()]
    out = m.grpo_step(policy, reference, ids, mask, torch.tensor([1.0, 0.0]), 2, optimizer)
    return {
        "types": [kind_of(x) for x in out] if isinstance(out, list) else kind_of(out),
        "reference frozen still": not any(p.requires_grad for p in reference.parameters()),
        "ids and mask as before": torch.equal(ids, given[0]) and torch.equal(mask, given[1]),
        "autograd is on": torch.is_grad_enabled(),
    }


@ex.oracle("a list of floats")
def _(ws):
    return {
        "types": ["float", "float"],
        "reference frozen still": True,
        "ids and mask as before": True,
        "autograd is on": True,
    }


ex.hint(
    "What stays the same during all epochs? Compute that before the loop, under torch.no_grad()."
)
ex.hint(
    "token_logps has one column less than ids: mask[:, 1:] goes with it. In the loop: token_logps of "
    "the policy, loss, zero_grad, backward, step."
)
ex.hint(
    "with torch.no_grad(): old, ref = token_logps(policy, ids), token_logps(reference, ids); in the loop "
    "grpo_loss(token_logps(policy, ids), old, ref, advantages, mask, clip, beta)"
)

LOSS = "grpo_loss(token_logps(policy, ids), old, ref, advantages, mask, clip, beta)"

ex.misconception(
    """The old log-probabilities are computed anew for every epoch: each ratio is 1, and nothing is ever
    clipped. Compute them before the loop.""",
    name="old_moves_along",
    replace="        loss = grpo_loss",
    by="        old = token_logps(policy, ids).detach()\n        loss = grpo_loss",
)
ex.misconception(
    """The reference's log-probabilities stand where the old policy's belong. The ratio compares with the
    policy that wrote the answers, the penalty with the reference.""",
    name="ref_for_old",
    replace="old, ref, advantages",
    by="ref, ref, advantages",
)
ex.misconception(
    """The penalty measures the distance from the policy before this rollout. It belongs to the
    reference.""",
    name="old_for_ref",
    replace="old, ref, advantages",
    by="old, old, advantages",
)
ex.misconception(
    """The mask is one place too far to the left: the log-probabilities begin with the second token, so
    mask[:, 1:] goes with them.""",
    name="mask_not_shifted",
    replace="mask = mask[:, 1:]",
    by="mask = mask[:, :-1]",
)
ex.misconception(
    """Everything counts, question and padding too. Only what the policy wrote should.""",
    name="no_mask",
    replace="mask = mask[:, 1:]",
    by="mask = torch.ones_like(mask[:, 1:])",
)
ex.misconception(
    """The rewards went in as they are. Grouped advantages are asked: otherwise wrong answers teach
    nothing, and right ones get pushed however easy they were.""",
    name="raw_rewards",
    replace="group_advantages(rewards, group_size)",
    by="rewards",
)
ex.misconception(
    """The advantages were made from the whole batch as one group.""",
    name="one_group",
    replace="group_advantages(rewards, group_size)",
    by="group_advantages(rewards, len(rewards))",
)
ex.misconception(
    """Gradients from before count again: optimizer.zero_grad() before each backward().""",
    name="no_zero_grad",
    replace="        optimizer.zero_grad()\n",
    by="",
)
ex.misconception(
    """Gradients are forgotten once, before the epochs; from the second one on they add up.""",
    name="zeroed_once",
    edits=[
        ("        optimizer.zero_grad()\n", ""),
        ("    losses = []\n", "    losses = []\n    optimizer.zero_grad()\n"),
    ],
)
ex.misconception(
    """There is one step only, however many epochs are asked for.""",
    name="one_epoch",
    replace="range(epochs)",
    by="range(1)",
)
ex.misconception(
    """The optimizer steps once, after the loop: the epochs' gradients are there, but the policy stands
    still between them.""",
    name="step_at_the_end",
    edits=[
        ("        optimizer.step()\n", ""),
        ("    return losses", "    optimizer.step()\n    return losses"),
    ],
)
ex.misconception(
    """clip and beta are not handed on: grpo_loss falls back on its defaults.""",
    name="defaults",
    replace="mask, clip, beta)",
    by="mask)",
)
ex.misconception(
    """The last loss alone came back, or their mean. A list is asked, one for each epoch.""",
    name="one_loss",
    replace="return losses",
    by="return losses[-1]",
)
ex.misconception(
    """Tensors came back. Python floats are asked, which keep no graph: loss.item().""",
    name="tensors",
    replace="losses.append(loss.item())",
    by="losses.append(loss)",
)
ex.misconception(
    """The losses are those after each step. The ones that the steps were made from are asked.""",
    name="loss_after",
    replace="losses.append(loss.item())",
    by=f"losses.append({LOSS}.item())",
)
ex.misconception(
    """There is nothing to differentiate: the old log-probabilities have no gradient. Ask the policy anew.""",
    name="old_for_new",
    replace="grpo_loss(token_logps(policy, ids), old",
    by="grpo_loss(old, old",
)
ex.misconception(
    """The policy's mode was changed. This function leaves it as it is.""",
    name="mode",
    replace="    losses = []\n",
    by="    policy.train()\n    losses = []\n",
)
ex.misconception(
    """One mode for the whole policy was set. A part of it may rest in eval mode: leave the modes alone.""",
    name="one_mode",
    replace="    losses = []\n",
    by="    policy.train(policy.training)\n    losses = []\n",
)
ex.misconception(
    """The reference's mode was changed. This function leaves it as it is.""",
    name="reference_mode",
    replace="    losses = []\n",
    by="    reference.eval()\n    losses = []\n",
)
ex.misconception(
    """The reference was changed (its gradients zeroed, or requires_grad turned off). It is somebody else's:
    use it under torch.no_grad(), and nothing happens to it.""",
    name="reference_touched",
    replace="    losses = []\n",
    by="    reference.requires_grad_(False)\n    reference.zero_grad()\n    losses = []\n",
)
ex.misconception(
    """Gradients are forgotten after the step: what was there before the call counts in the first one, and
    nothing is left in p.grad. zero_grad() belongs before backward().""",
    name="zeroed_after",
    edits=[
        ("        optimizer.zero_grad()\n", ""),
        ("        optimizer.step()\n", "        optimizer.step()\n        optimizer.zero_grad()\n"),
    ],
)
ex.misconception(
    """The reference's requires_grad was turned off, for good. torch.no_grad() around its call is enough.""",
    name="reference_frozen",
    replace="    losses = []\n",
    by="    reference.requires_grad_(False)\n    losses = []\n",
)
ex.misconception(
    """The gradients of all epochs are added up, and one step is made of them at the end. Each epoch is a
    step of its own: zero_grad, backward, step.""",
    name="one_step_in_all",
    edits=[
        ("        optimizer.zero_grad()\n", ""),
        ("        optimizer.step()\n", ""),
        ("    losses = []\n", "    losses = []\n    optimizer.zero_grad()\n"),
        ("    return losses", "    optimizer.step()\n    return losses"),
    ],
)

ex.variant(
    "old taken from the first epoch",
    name="first_epoch",
    source="""
    def grpo_step(
        policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04
    ):
        with torch.no_grad():
            ref = token_logps(reference, ids)
        old, told = None, []
        for _ in range(epochs):
            optimizer.zero_grad()
            new = token_logps(policy, ids)
            old = new.detach() if old is None else old
            A = group_advantages(rewards, group_size)
            loss = grpo_loss(new, old, ref, A, mask[:, 1:], clip=clip, beta=beta)
            loss.backward()
            optimizer.step()
            told += [float(loss.detach())]
        return told
""",
)
