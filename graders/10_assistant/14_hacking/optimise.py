"""10.optimise: the loop of RL; the reference stays, the SFT model too, and the judge learns nothing."""

import torch

from graders.authoring import Tol, exercise, python_number

from .part import VOCAB, judge_of, small_gpt, state

optimise = exercise("optimise", title="RL against a reward model", points=3, pure=False)


@optimise.cases
def _(rng):
    for steps, B, G, beta in [(2, 1, 5, 2.5), (3, 2, 4, 0.7), (1, 3, 2, 0.0), (0, 2, 2, 1.0)]:
        yield dict(
            seed=rng.seed(),
            table=rng.normal(VOCAB, std=2.0),
            sums=[(rng.integer(10, 60), rng.integer(10, 60)) for _ in range(5)],
            steps=steps,
            beta=beta,
            lr=rng.number(0.02, 0.05),
            B=B,
            G=G,
        )


@optimise.scenario
def _(m, seed, table, sums, steps, beta, lr, B, G):
    """Twice from one start, as main does; told are what on_step got, weights afterwards, what was drawn."""
    start, (judge, scores) = small_gpt(m, seed), judge_of(table)
    start.norm.weight.requires_grad_(False)  # frozen before, and so it stays
    for p in start.parameters():
        p.grad = torch.full_like(p, 0.5)
    g = torch.Generator().manual_seed(seed)
    told, found = [], []

    def on_step(policy, said):
        told.append(
            {name: python_number(x) for name, x in said.items()} | {"weights": state(policy)}
        )

    for many, kl in ((steps, beta), (min(steps, 1), 2 * beta)):
        policy = m.optimise(start, judge, sums, many, kl, g, lr=lr, B=B, G=G, on_step=on_step)
        found.append(state(policy))
    return {
        "on_step was told": told,
        "weights of the policies": found,
        "another module": policy is not start,
        "the start": state(start),
        "its gradients": {name: p.grad for name, p in start.named_parameters()},
        "its requires_grad": [p.requires_grad for p in start.parameters()],
        "gradient of the judge": scores.grad,
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
        "sums": [list(s) for s in sums],
    }


def bare(rng):
    for steps in (1, 0):
        sums = [(rng.integer(10, 60), rng.integer(10, 60)) for _ in range(5)]
        table = rng.normal(VOCAB, std=2.0)
        yield dict(seed=rng.seed(), table=table, sums=sums, steps=steps, beta=rng.number(0.5, 2.0))


@optimise.check("left out", cases=bare)
def _(m, seed, table, sums, steps, beta):
    """lr, B, G and on_step left out."""
    start, (judge, _) = small_gpt(m, seed), judge_of(table)
    g = torch.Generator().manual_seed(seed)
    policy = m.optimise(start, judge, sums, steps, beta, g)
    return state(policy), torch.randint(0, 10**6, (2,), generator=g)


# Adam divides by the size of the gradient, so rounding in a tiny one is magnified
for check in ("values", "left out"):
    optimise.tolerance(Tol(rtol=1e-6, atol=1e-7), check)

optimise.hint(
    """Which models are there, which of them must be a copy, and when is each copy made?"""
)
optimise.hint(
    """policy and reference are deep copies of start, made once, before the loop; one Adam on the
    policy's parameters. In a step: draw sums, rollout, scores and the reference's log-
    probabilities under no_grad, penalised, grpo_step."""
)
optimise.hint(
    """ids, mask, old = rollout(policy, questions(asked), G, g); grpo_step(policy, optimizer, (ids,
    mask, old), penalised(scores, old, fixed, mask, beta), G). "kl" is -penalised of scores 0
    with beta 1, its mean."""
)

optimise.misconception(
    """The SFT model itself was trained: it is gone, and the reference with it. Copy it first
    (copy.deepcopy).""",
    name="no_copy",
    replace="policy, reference = copy.deepcopy(start),",
    by="policy, reference = start,",
)
optimise.misconception(
    """KL is always 0: the reference is the policy itself, or follows it, copied anew in every step.
    Nothing holds then. It is a copy of the start, made once, before the loop.""",
    name="reference_follows",
    replace="        ids, mask, old =",
    by="        reference = copy.deepcopy(policy)\n        ids, mask, old =",
)
optimise.misconception(
    """The SFT model was frozen in order to serve as the reference. It is needed again, and must go on
    as it was: freeze a copy.""",
    name="start_frozen",
    replace="copy.deepcopy(start).requires_grad_(False)",
    by="start.requires_grad_(False)",
)
optimise.misconception(
    """A new Adam in each step forgets what it knows about the gradients. One, before the loop.""",
    name="new_adam",
    replace="        ids, mask, old =",
    by="        optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))\n"
    "        ids, mask, old =",
)
optimise.misconception(
    """The rollout is the start's, not the policy's. RL learns from what the policy says *now*.""",
    name="off_policy",
    replace="rollout(policy,",
    by="rollout(start,",
)
optimise.misconception(
    """The policy was paid the bare score: the penalty is missing, and the reward model gets hacked.""",
    name="no_penalty",
    replace="penalised(scores, old, fixed, mask, beta), G)",
    by="scores, G)",
)
optimise.misconception(
    """beta is not used: the penalty always counts once.""",
    name="beta_one",
    replace="penalised(scores, old, fixed, mask, beta)",
    by="penalised(scores, old, fixed, mask, 1.0)",
)
optimise.misconception(
    """The sums were drawn once, before the loop. Each step asks new ones.""",
    name="asked_once",
    edits=[
        (
            "        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]\n",
            "",
        ),
        (
            "    for _ in range(steps):\n",
            "    asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]\n"
            "    for _ in range(steps):\n",
        ),
    ],
)
optimise.misconception(
    """The first B sums were asked each time. They are drawn, with g.""",
    name="first_sums",
    replace="[sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]",
    by="[sums[i % len(sums)] for i in range(B)]",
)
optimise.misconception(
    """The proxy told is the reward after the penalty. "proxy" is the reward model's own score: only so
    can you see it rise.""",
    name="penalised_proxy",
    replace='{"proxy": scores.mean().item()',
    by='{"proxy": penalised(scores, old, fixed, mask, beta).mean().item()',
)
optimise.misconception(
    """KL was turned round: logps of the policy, less those of the reference.""",
    name="kl_sign",
    replace="kl = -penalised(",
    by="kl = penalised(",
)
optimise.misconception(
    """KL per token. The sum over an answer's tokens is asked, then the mean over answers.""",
    name="kl_per_token",
    replace='"kl": kl.mean().item()',
    by='"kl": kl.sum().item() / mask.sum().item()',
)
optimise.misconception(
    """G is not handed on to the step: the whole batch became one group. Answers are compared with
    others to the same prompt.""",
    name="one_group",
    replace="mask, beta), G)",
    by="mask, beta), len(ids))",
)
optimise.misconception(
    """on_step was called before the step: the policy that it sees is the one before. Call it after.""",
    name="told_before",
    edits=[
        ('        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})\n', ""),
        (
            "        grpo_step(",
            '        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})\n'
            "        grpo_step(",
        ),
    ],
)
optimise.variant(
    "written out",
    name="written_out",
    source="""
    def optimise(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=None):
        from copy import deepcopy
        reference, policy = deepcopy(start).eval(), deepcopy(start)
        adam = torch.optim.Adam(policy.parameters(), lr, betas=(0.9, 0.99))
        for _ in range(steps):
            picked = torch.randint(len(sums), (B,), generator=g)
            batch = rollout(policy, questions([sums[int(i)] for i in picked]), G, g)
            ids, mask, old = batch
            scores = judge(ids, mask).detach()
            moved = torch.where(mask[:, 1:], old - token_logps(reference, ids).detach(), 0.0).sum(1)
            grpo_step(policy, adam, batch, scores - beta * moved, G)
            if on_step:
                on_step(policy, dict(kl=float(moved.mean()), proxy=float(scores.mean())))
        return policy
    """,
)

optimise.equivalent(
    "torch.randint(len(sums), (B,), generator=g).tolist()  ->  torch.randint(len(sums), (B,), generator=g)",
    "a tensor of ints indexes a list as an int does",
)

optimise.equivalent(
    "False  ->  True",
    "the reference is only read, without gradients",
)
