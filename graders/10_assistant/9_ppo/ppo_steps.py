"""10.ppo_steps: epochs and minibatches, with old log-probabilities that stay old."""

import torch

from graders.authoring import Tol, exercise, instead, number

from .part import Policy, begun, gradients, spans, weights

steps = exercise(
    "ppo_steps", title="several steps from one batch of rollouts", points=3, pure=False
)

MASKS = [
    spans(6, [[(2, 5)], [(1, 6)], [(4, 5)], [], [(2, 3), (4, 6)], [(0, 4)], [(3, 6)]]),
    spans(4, [[(1, 4)], [(2, 4)], [], [(1, 2)]]),  # in minibatches of one: one has no token
    spans(5, [[(2, 5)]]),
]


@steps.cases
def _(rng):
    for i, (epochs, batch_size, clip, training, kind) in enumerate(
        [(3, 3, 0.2, True, "SGD"), (2, 1, 0.1, False, "Adam"), (4, 5, 0.3, True, "SGD")]
    ):
        mask, seed = MASKS[i], rng.seed()
        ids = rng.integers(0, 5, *mask.shape)
        with torch.no_grad():
            logits = Policy(seed)(ids)[:, :-1]
        logps = logits.log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)
        # the policy that wrote was another already: ratios inside and outside
        apart = rng.uniform(-1.5, 1.5, *logps.shape) * 0.4
        yield dict(
            seed=seed,
            ids=ids,
            mask=mask,
            old_logps=logps + apart,
            advantages=rng.normal(*logps.shape, mean=0.3),
            clip=clip,
            epochs=epochs,
            batch_size=batch_size,
            training=training,
            kind=kind,
        )
        if i == 1:
            yield dict(
                seed=seed, ids=ids, mask=mask, old_logps=logps, advantages=rng.normal(*logps.shape),
                clip=0.2, epochs=0, batch_size=2, training=True, kind="SGD",
            )  # fmt: skip


def optimizer_of(model, kind):
    if kind == "SGD":
        return torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.7)
    return torch.optim.Adam(model.parameters(), lr=0.05, eps=1e-3)


@steps.scenario
def _(m, seed, clip, epochs, batch_size, training, kind, **rollout):
    """With stale gradients at the start; what was told, what is left, what changed that must not."""
    policy = Policy(seed).train(training)
    for p in policy.parameters():
        p.grad = torch.full_like(p, 0.5)
    optimizer, g = optimizer_of(policy, kind), begun(seed)
    before = {name: x.clone() for name, x in rollout.items()}
    for name in ("old_logps", "advantages"):
        rollout[name].requires_grad_()
    told = m.ppo_steps(policy, rollout, optimizer, clip, epochs, batch_size, g)
    if not isinstance(told, list):
        return instead(told, "a list")
    if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in told):
        return instead(told[0], "a pair (loss, fraction)", False)
    return {
        "told": [[number(x) for x in pair] for pair in told],
        "weights": weights(policy),
        "p.grad": gradients(policy),
        "gradients of constants": [rollout["old_logps"].grad, rollout["advantages"].grad],
        "the policy read": policy.seen,
        "training mode afterwards": policy.training,
        "rollout as before": sorted(rollout) == sorted(before)
        and all(torch.equal(rollout[k].detach(), x) for k, x in before.items()),
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
        "autograd is still on": torch.is_grad_enabled(),
    }


steps.legal("answer: list for tuple", "as a tuple or a list of two Python floats")
steps.legal("answer: list for tuple, inside", "as a tuple or a list of two Python floats")

# Adam divides by the size of the gradient, and steps follow one another
steps.tolerance(Tol(rtol=1e-7, atol=1e-9))


@steps.oracle
def _(seed, clip, epochs, batch_size, training, kind, ids, mask, old_logps, advantages):
    policy = Policy(seed).train(training)
    for p in policy.parameters():
        p.grad = torch.full_like(p, 0.5)
    optimizer, g = optimizer_of(policy, kind), begun(seed)
    told = []
    for _ in range(epochs):
        order = torch.randperm(len(ids), generator=g).tolist()
        for start in range(0, len(order), batch_size):
            rows = order[start : start + batch_size]
            logits = policy(ids[rows])
            loss, outside, n = logits.sum() * 0.0, 0, int(mask[rows, 1:].sum())
            for i, b in enumerate(rows):
                for t in (mask[b, 1:].nonzero().flatten() + 1).tolist():
                    logp = logits[i, t - 1, ids[b, t]] - logits[i, t - 1].logsumexp(0)
                    ratio, A = (logp - old_logps[b, t - 1]).exp(), advantages[b, t - 1]
                    limit = ratio.clamp(max=1 + clip) if A > 0 else ratio.clamp(min=1 - clip)
                    loss = loss - limit * A / n
                    outside += not 1 - clip <= ratio.item() <= 1 + clip
            policy.zero_grad()
            loss.backward()
            optimizer.step()
            told.append([loss.item(), outside / max(1, n)])
    return {
        "told": told,
        "weights": weights(policy),
        "p.grad": gradients(policy),
        "gradients of constants": [None, None],
        "the policy read": policy.seen,
        "training mode afterwards": training,
        "rollout as before": True,
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
        "autograd is still on": True,
    }


steps.hint(
    "Two loops: epochs, and torch.randperm(B, generator=g).split(batch_size). Index everything with rows."
)
steps.hint(
    "A step: logps of the policy now, loss with the *old* ones of these rows, zero_grad, backward, step."
)
steps.hint(
    "Both figures come from the logps before the step: loss.item(), clip_fraction(logps, old, mask, clip)."
)

ROWS = '(rollout[k][rows] for k in ("ids", "mask", "old_logps", "advantages"))'
LOOP = '        for rows in torch.randperm(len(rollout["ids"]), generator=g).split(batch_size):\n'

steps.misconception(
    """The old log-probabilities are computed anew in each step: the ratio is always 1, and the clip
    never acts. They are those of the rollout.""",
    name="always_one",
    replace="            loss = ppo",
    by="            old = logps.detach()\n            loss = ppo",
)
steps.misconception(
    """The old log-probabilities are computed at the start of each epoch. They stay those of the policy
    that *wrote*, through all epochs.""",
    name="old_each_epoch",
    replace=LOOP,
    by='        with torch.no_grad():\n            seen = len(getattr(policy, "seen", []))\n'
    '            now = token_logprobs(policy(rollout["ids"]), rollout["ids"])\n'
    '            del getattr(policy, "seen", [])[seen:]\n'
    '        rollout = {**rollout, "old_logps": now}\n' + LOOP,
)
steps.misconception(
    """The order is drawn once, and every epoch goes through the same minibatches. Draw anew each
    time.""",
    name="one_order",
    edits=[
        (
            "    told = []\n",
            '    told = []\n    order = torch.randperm(len(rollout["ids"]), generator=g)\n',
        ),
        (LOOP, "        for rows in order.split(batch_size):\n"),
    ],
)
steps.misconception(
    """Nothing is drawn: the rows come in their own order each time.""",
    name="no_order",
    replace='torch.randperm(len(rollout["ids"]), generator=g)',
    by='torch.arange(len(rollout["ids"]))',
)
steps.misconception(
    """The generator was not used: the order comes from another one, and no run can be repeated with
    g.""",
    name="other_generator",
    replace="generator=g).split",
    by="generator=torch.Generator().manual_seed(1337)).split",
)
steps.misconception(
    """Rows are mixed up: ids come in the drawn order, old log-probabilities and advantages in another.
    Index all four with the same rows.""",
    name="rows_mixed",
    replace="            logps = token",
    by='            old, A = (rollout[k][: len(rows)] for k in ("old_logps", "advantages"))\n'
    "            logps = token",
)
steps.misconception(
    """The last minibatch of an epoch was dropped because it is smaller. Every row is used in every
    epoch.""",
    name="drops_the_last",
    replace=LOOP,
    by=LOOP + "            if len(rows) < batch_size:\n                continue\n",
)
steps.misconception(
    """All rows at once: batch_size has no effect.""",
    name="full_batch",
    replace=".split(batch_size)",
    by=".split(10**6)",
)
steps.misconception(
    """One epoch only, whatever is asked. The point of PPO is to go through the rollouts several
    times.""",
    name="one_epoch",
    replace="range(epochs)",
    by="range(min(1, epochs))",
)
steps.misconception(
    """Gradients of earlier steps count again: backward() adds to p.grad. Call optimizer.zero_grad()
    before it.""",
    name="no_zero_grad",
    replace="            optimizer.zero_grad()\n",
    by="",
)
steps.misconception(
    """Gradients are forgotten after each step: the first step still has those that were there before,
    and at the end none are left. Forget them before backward().""",
    name="zero_after_step",
    edits=[
        ("            optimizer.zero_grad()\n", ""),
        (
            "            optimizer.step()\n",
            "            optimizer.step()\n            optimizer.zero_grad()\n",
        ),
    ],
)
steps.misconception(
    """Gradients were forgotten once in an epoch, or once at the start: each *step* is its minibatch's
    alone.""",
    name="zero_once",
    edits=[
        ("            optimizer.zero_grad()\n", ""),
        (LOOP, "        optimizer.zero_grad()\n" + LOOP),
    ],
)
steps.misconception(
    """One step for each epoch, with the minibatches' gradients added up. Asked is a step for each
    minibatch.""",
    name="step_per_epoch",
    edits=[
        ("            optimizer.zero_grad()\n", ""),
        ("            optimizer.step()\n", ""),
        (LOOP, "        optimizer.zero_grad()\n" + LOOP),
        (
            "    return told",
            "        optimizer.step()\n    return told",
        ),
    ],
)
steps.misconception(
    """No weight changed: optimizer.step() is missing, or it stands before backward().""",
    name="no_step",
    replace="            optimizer.step()\n",
    by="",
)
steps.misconception(
    """The advantages were whitened in each minibatch. They are used as they come.""",
    name="whitened",
    replace="ppo_loss(logps, old, A, mask, clip)",
    by="ppo_loss(logps, old, whiten(A, mask), mask, clip)",
)
steps.misconception(
    """The figures are those after the step. Asked are the ones that the step was made from.""",
    name="figures_after",
    replace="            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))",
    by="            seen = list(policy.seen)\n"
    "            logps = token_logprobs(policy(ids), ids)\n"
    "            policy.seen[:] = seen\n"
    "            loss = ppo_loss(logps, old, A, mask, clip)\n"
    "            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))",
)
steps.misconception(
    """The clip is always 0.2: hand the argument on, to the loss and to the fraction.""",
    name="always_02",
    edits=[
        ("ppo_loss(logps, old, A, mask, clip)", "ppo_loss(logps, old, A, mask, 0.2)"),
        ("clip_fraction(logps, old, mask, clip)", "clip_fraction(logps, old, mask, 0.2)"),
    ],
)
steps.misconception(
    """Only the last step's figures came back, or one pair for each epoch. Every step has its pair.""",
    name="last_only",
    replace="    return told",
    by="    return told[-1:]",
)
steps.misconception(
    """The policy was put into training mode. This function leaves the mode as it is.""",
    name="switches",
    replace="    told = []\n",
    by="    told = []\n    policy.train()\n",
)
steps.misconception(
    """The loss came back as a tensor, with its graph: a list of them keeps every step in memory. Use
    .item().""",
    name="keeps_graph",
    replace="loss.item()",
    by="loss",
)

steps.variant(
    "the loss written out, slices of the order",
    name="written_out",
    source="""
    def ppo_steps(policy, rollout, optimizer, clip, epochs, batch_size, g):
        told, B = [], rollout["ids"].shape[0]
        fixed = {k: x.detach() for k, x in rollout.items()}
        for _ in range(epochs):
            order = torch.randperm(B, generator=g)
            for i in range(0, B, batch_size):
                rows = order[i : i + batch_size]
                ids, own = fixed["ids"][rows], fixed["mask"][rows][:, 1:]
                logp = policy(ids)[:, :-1].log_softmax(-1)
                ratio = (logp.gather(2, ids[:, 1:, None])[..., 0] - fixed["old_logps"][rows]).exp()
                A = fixed["advantages"][rows]
                losses = torch.maximum(-ratio * A, -ratio.clamp(1 - clip, 1 + clip) * A)
                n = own.sum().clamp(min=1)
                loss = (losses * own).sum() / n
                optimizer.zero_grad(set_to_none=False)
                loss.backward()
                optimizer.step()
                outside = ((ratio < 1 - clip) | (ratio > 1 + clip)) & own
                told.append([loss.item(), (outside.sum().double() / n).item()])
        return told
    """,
)
