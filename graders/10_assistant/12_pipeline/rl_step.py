"""10.rl_step: several passes over one rollout; what has a gradient, what is constant."""

import torch

from graders.authoring import Tol, exercise, number

from .part import VOCAB, Table, logp_by_hand

step = exercise("rl_step", title="a step of RL", points=3, pure=False)

# rows = B * G, prompt, tokens after it, epochs, temperature, clip, beta, optimizer
SIZES = [
    (6, 3, 3, 4, 3, 0.7, 0.15, 0.4, "SGD"),
    (4, 2, 2, 3, 2, 1.6, 0.3, 0.05, "Adam"),
    (4, 2, 5, 1, 1, 1.3, 0.2, 0.7, "SGD"),
    (3, 1, 4, 2, 2, 0.8, 0.25, 0.6, "SGD"),  # groups of one: no advantage, only KL
    (1, 1, 2, 3, 2, 0.9, 0.2, 0.5, "Adam"),
]


@step.cases
def _(rng):
    for rows, G, P, n, epochs, temperature, clip, beta, kind in SIZES:
        batches = []
        for k in range(2):
            ids = rng.integers(0, VOCAB, rows, P + n)
            mask = torch.zeros(rows, P + n, dtype=torch.bool)
            for i in range(rows):  # the first row writes one token, others more
                mask[i, P : P + 1 + (i + k) % n] = True
            rewards = torch.tensor(rng.shuffled([0.0, 1.0] * rows)[:rows], dtype=torch.float64)
            rewards[:2] = torch.tensor([1.0, 0.0])[:rows]
            if rows > G > 1:
                rewards[G : 2 * G] = 1.0  # a group of equals
            # `old` is another policy: ratios lie on both sides of the clip
            batches.append([ids, mask, rng.normal(rows, P + n - 1, std=0.5), rewards])
        yield dict(
            table=rng.normal(VOCAB, VOCAB),
            reference=rng.normal(VOCAB, VOCAB),
            batches=batches,
            kind=kind,
            options=[G, temperature, epochs, clip, beta],
        )


def optimizer_of(parameters, kind):
    if kind == "SGD":
        return torch.optim.SGD(parameters, lr=1.5, momentum=0.6)
    return torch.optim.Adam(parameters, lr=0.05, betas=(0.8, 0.9), eps=0.1)


def old_logps(table, ids, mask, noise, temperature):
    """What a rollout would have kept, moved by noise; 0 where nobody wrote."""
    rows = ids.tolist()
    logps = torch.stack(
        [
            torch.stack([logp_by_hand(table, row, t, temperature) for t in range(len(row) - 1)])
            for row in rows
        ]
    )
    return (logps + noise).masked_fill(~mask[:, 1:], 0.0)


@step.scenario
def _(m, table, reference, batches, kind, options):
    """Two calls with one optimizer; stale gradients at the start; a reference that would learn if let."""
    G, temperature, epochs, clip, beta = options
    policy, fixed = Table(table), Table(reference)
    policy.table.grad = torch.full_like(policy.table, 0.5)
    optimizer, told = optimizer_of(policy.parameters(), kind), []
    for ids, mask, noise, rewards in batches:
        old = old_logps(table, ids, mask, noise, temperature)
        kept = [x.clone() for x in (ids, mask, old, rewards)]
        out = m.rl_step(
            policy, fixed, optimizer, (ids, mask, old), rewards, G, temperature, epochs, clip, beta
        )
        told.append(
            {
                "returned": {name: number(x) for name, x in out.items()},
                "policy": policy.table.detach().clone(),
                "p.grad": policy.table.grad.clone(),
                "batch is as before": all(map(torch.equal, kept, (ids, mask, old, rewards))),
            }
        )
    return {
        "after each call": told,
        "the reference": fixed.table.detach(),
        "gradient of the reference": fixed.table.grad,
        "both could learn": policy.table.requires_grad and fixed.table.requires_grad,
    }


step.tolerance(Tol(rtol=1e-8, atol=1e-10))


@step.oracle
def _(table, reference, batches, kind, options):
    G, temperature, epochs, clip, beta = options
    policy = Table(table)
    optimizer, told = optimizer_of(policy.parameters(), kind), []
    for ids, mask, noise, rewards in batches:
        old = old_logps(table, ids, mask, noise, temperature)
        for _ in range(epochs):
            losses, kls = [], []
            for i, row in enumerate(ids.tolist()):
                group = rewards[i - i % G : i - i % G + G]
                std = ((group - group.mean()) ** 2).sum().div(max(G - 1, 1)).sqrt()
                A = (rewards[i] - group.mean()) / (std + 1e-4)
                terms, divergences = [], []
                for t in range(len(row) - 1):
                    if not mask[i, t + 1]:
                        continue
                    logp = logp_by_hand(policy.table, row, t, temperature)
                    d = logp_by_hand(reference, row, t, temperature) - logp
                    ratio = (logp - old[i, t]).exp()
                    gain = torch.min(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
                    divergences.append(d.exp() - d - 1)
                    terms.append(beta * divergences[-1] - gain)
                losses.append(torch.stack(terms).mean())
                kls.append(torch.stack(divergences).mean())
            loss, kl = torch.stack(losses).mean(), torch.stack(kls).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        told.append(
            {
                "returned": {"loss": loss.item(), "kl": kl.item()},
                "policy": policy.table.detach().clone(),
                "p.grad": policy.table.grad.clone(),
                "batch is as before": True,
            }
        )
    return {
        "after each call": told,
        "the reference": reference,
        "gradient of the reference": None,
        "both could learn": True,
    }


step.hint(
    """Of three log-probabilities, one is given, one is computed once and has no gradient, one is new in
    each pass."""
)
step.hint(
    """Before the loop: advantages, and under no_grad the reference's token_logps. In the loop: the
    policy's."""
)
step.hint(
    """In each pass: logps = token_logps(policy, ids, temperature); loss, kl = grpo_loss(logps, old,
    fixed, advantages, mask[:, 1:], clip, beta); zero_grad, backward, step."""
)

step.misconception(
    """A gradient flowed into the reference. It is a constant here: compute its log-probabilities under
    no_grad.""",
    name="reference_learns",
    replace="with torch.no_grad():",
    by="with torch.enable_grad():",
    edits=[("loss.backward()", "loss.backward(retain_graph=True)")],
)
step.misconception(
    """`old` is computed anew in each pass, by the policy as it is now: every ratio is 1, and the clip
    never acts. `old` is what the rollout kept.""",
    name="old_is_new",
    replace="grpo_loss(logps, old,",
    by="grpo_loss(logps, logps.detach(),",
)
step.misconception(
    """The reference is the policy itself, so KL is 0 and holds nothing. The reference was handed in.""",
    name="policy_as_reference",
    replace="token_logps(reference, ids, temperature)",
    by="token_logps(policy, ids, temperature)",
)
step.misconception(
    """`old` serves as the reference too: KL then holds the policy near its last rollout, which moves
    along. The reference is a model of its own.""",
    name="old_as_reference",
    replace="grpo_loss(logps, old, fixed,",
    by="grpo_loss(logps, old, old,",
)
step.misconception(
    """The policy's log-probabilities lack the temperature. `old` has it: the ratio compares two
    different distributions, and is not 1 even before the first step.""",
    name="policy_at_one",
    replace="token_logps(policy, ids, temperature)",
    by="token_logps(policy, ids)",
)
step.misconception(
    """The reference's log-probabilities lack the temperature: KL compares two temperatures, not two
    models.""",
    name="reference_at_one",
    replace="token_logps(reference, ids, temperature)",
    by="token_logps(reference, ids)",
)
step.misconception(
    """The mask is off by one: entry t of the log-probabilities is about the token at t + 1, so mask[:,
    1:] goes with it.""",
    name="mask_unshifted",
    replace="mask[:, 1:]",
    by="mask[:, :-1]",
)
step.misconception(
    """Every token counts, the prompt's and the padding too. Only what the policy wrote does: mask[:,
    1:].""",
    name="no_mask",
    replace="mask[:, 1:]",
    by="torch.ones_like(mask[:, 1:])",
)
step.misconception(
    """Gradients pile up from pass to pass, and from before: zero_grad() in each pass.""",
    name="no_zero_grad",
    replace="        optimizer.zero_grad()\n",
    by="",
)
step.misconception(
    """The gradients were zeroed once, before the passes: from the second on they pile up. zero_grad()
    in each pass.""",
    name="zero_once",
    edits=[
        ("        optimizer.zero_grad()\n", ""),
        ("    for _ in", "    optimizer.zero_grad()\n    for _ in"),
    ],
)
step.misconception(
    """One step for all passes. The policy must move between them, or they are all the same pass: a step
    in each.""",
    name="one_step",
    edits=[
        ("        optimizer.zero_grad()\n", ""),
        ("    for _ in", "    optimizer.zero_grad()\n    for _ in"),
        ("        optimizer.step()\n    return", "    optimizer.step()\n    return"),
    ],
)
step.misconception(
    """One pass only: epochs is not used.""",
    name="one_pass",
    replace="range(epochs)",
    by="range(1)",
)
step.misconception(
    """The rewards took the place of the advantages: without the group's mean, no answer is worse than
    nothing.""",
    name="rewards_as_advantages",
    replace="group_advantages(rewards, G)",
    by="rewards",
)
step.misconception(
    """The whole batch is one group: an easy prompt's wrong answers look better than a hard one's right
    ones. Groups are of G rows.""",
    name="whole_batch",
    replace="group_advantages(rewards, G)",
    by="group_advantages(rewards, len(rewards))",
)
step.misconception(
    """The loss returned is another than the last pass's before its step.""",
    name="after_the_step",
    replace="    return {",
    by="    loss, kl = grpo_loss(\n"
    "        token_logps(policy, ids, temperature), old, fixed, advantages, mask[:, 1:], clip, beta\n"
    "    )\n    return {",
)
step.misconception(
    """clip and beta changed places: the KL penalty has the weight of the clip, and the ratio may move
    as far as beta says. In grpo_loss clip comes first.""",
    name="swapped",
    replace="clip, beta)\n        optimizer",
    by="beta, clip)\n        optimizer",
)
step.variant(
    "detached, gradients set to None by hand, forward written out",
    name="written_out",
    source="""
    def rl_step(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
        ids, mask, old = batch
        fixed = token_logps(reference, ids, temperature).detach()
        for _ in range(epochs):
            for group in optimizer.param_groups:
                for p in group["params"]:
                    p.grad = None
            logits = policy(ids)[:, :-1] / temperature
            logps = logits.gather(-1, ids[:, 1:, None])[..., 0] - logits.logsumexp(-1)
            loss, kl = grpo_loss(
                logps, old, fixed, group_advantages(rewards, G), mask[:, 1:], clip, beta
            )
            loss.backward()
            optimizer.step()
        return dict(kl=float(kl.detach()), loss=float(loss.detach()))
    """,
)
