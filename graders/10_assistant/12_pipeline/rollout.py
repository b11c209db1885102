"""10.rollout: G answers to each prompt, who wrote which token, and how probable it was."""

import torch

from graders.authoring import Tol, exercise

from .part import END, PAD, VOCAB, Table, logp_by_hand

rollout = exercise("rollout", title="rollouts", points=3, pure=False)


def policy(rng, dtype=torch.float64):
    """Every token depends on the whole row; END and PAD are drawn often."""
    table = rng.normal(VOCAB, VOCAB, std=2.0, dtype=dtype)
    table[:, END] += 4.0
    table[:, PAD] += 3.0
    return table


@rollout.cases
def _(rng):
    sizes = [
        (3, 7, 4, 5, 0.6),
        (2, 5, 3, 4, 1.7),
        (1, 3, 6, 6, 1.3),
        (4, 1, 1, 3, 0.8),
        (5, 2, 2, 1, 2.5),
        (2, 3, 2, 3, 0.15),
    ]
    for B, P, G, n, temperature in sizes:
        prompts = rng.integers(0, VOCAB, B, P)
        prompts[0, P // 2] = END  # an earlier turn
        yield dict(
            table=policy(rng, torch.float32 if P == 2 else torch.float64),
            prompts=prompts,
            G=G,
            n=n,
            temperature=temperature,
            seed=rng.seed(),
        )
    table = policy(rng)  # everybody ends at once, and is drawn on all the same
    table[:, END] += 1e4
    prompts = rng.integers(0, VOCAB, 4, 3).T.contiguous().T
    yield dict(table=table, prompts=prompts, G=2, n=3, temperature=0.7, seed=rng.seed())


@rollout.scenario
def _(m, table, prompts, G, n, temperature, seed):
    g, before = torch.Generator().manual_seed(seed), prompts.clone()
    torch.rand(3, generator=g)  # it is not at its beginning any more
    ids, mask, logps = m.rollout(Table(table), prompts, G, n, temperature, g)
    return {
        "ids": ids,
        "mask": mask,
        "logps": logps.detach(),
        "logps has a graph": logps.requires_grad,
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
        "prompts are as before": torch.equal(before, prompts),
        "autograd is on": torch.is_grad_enabled(),
    }


# logits of 1e4 in float64 have 12 digits behind the point
rollout.tolerance(Tol(atol=1e-10))


@rollout.oracle
def _(table, prompts, G, n, temperature, seed):
    g = torch.Generator().manual_seed(seed)
    torch.rand(3, generator=g)
    rows = [row for row in prompts.tolist() for _ in range(G)]
    mask, ended = [[False] * len(row) for row in rows], [False] * len(rows)
    for _ in range(n):
        logits = torch.stack([table[row].sum(0) / len(row) for row in rows])
        drawn = torch.multinomial((logits / temperature).softmax(-1), 1, generator=g).flatten()
        for i, token in enumerate(drawn.tolist()):
            rows[i] = rows[i] + [PAD if ended[i] else token]
            mask[i].append(not ended[i])
            ended[i] = ended[i] or token == END
    logps = torch.zeros(len(rows), len(rows[0]) - 1, dtype=table.dtype)
    for i, row in enumerate(rows):
        for t in range(len(row) - 1):
            if mask[i][t + 1]:
                logps[i, t] = logp_by_hand(table, row, t, temperature)
    return {
        "ids": torch.tensor(rows),
        "mask": torch.tensor(mask),
        "logps": logps,
        "logps has a graph": False,
        "then drawn": torch.randint(0, 10**6, (2,), generator=g),
        "prompts are as before": True,
        "autograd is on": True,
    }


rollout.hint(
    """Keep a column `alive`, True for rows that have not ended. Which of ids, mask and alive change in
    a round, and in what order?"""
)
rollout.hint(
    """repeat_interleave(G, dim=0) gives each prompt G rows. In a round: draw, append (PAD where not
    alive), append alive to the mask, and only then let rows that drew END die."""
)
rollout.hint(
    """logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0), under no_grad like
    everything else."""
)

rollout.misconception(
    """The prompts come round and round, one answer to each. The G answers to one prompt stand together:
    repeat_interleave, not repeat. Otherwise groups mix prompts.""",
    name="repeat",
    replace="prompts.repeat_interleave(G, dim=0)",
    by="prompts.repeat(G, 1)",
)
rollout.misconception(
    """The mask says "is not PAD". But the policy can draw PAD while it is alive: that token is its own,
    and the row has not ended.""",
    name="mask_by_id",
    replace="        logps = token_logps",
    by="        mask = torch.cat([mask[:, : prompts.shape[1]], ids[:, prompts.shape[1] :] != PAD], dim=1)\n"
    "        logps = token_logps",
)
rollout.misconception(
    """A row counted as ended because its *prompt* contains END. Only an END that is drawn ends it.""",
    name="end_in_prompt",
    replace="torch.ones(len(ids), 1).bool()",
    by="(ids != END).all(dim=1, keepdim=True)",
)
rollout.misconception(
    """END does not count in the mask. The policy wrote it, and has to learn when to: it is part of the
    answer.""",
    name="end_not_counted",
    replace="mask = torch.cat([mask, alive], dim=1)",
    by="mask = torch.cat([mask, alive & (drawn != END)], dim=1)",
)
rollout.misconception(
    """The mask is True behind END, too. That padding nobody wrote; its "log-probabilities" are noise in
    the loss.""",
    name="padding_counts",
    replace="mask = torch.cat([mask, alive], dim=1)",
    by="mask = torch.cat([mask, torch.ones_like(alive)], dim=1)",
)
rollout.misconception(
    """The log-probabilities are those of temperature 1. The tokens were drawn at another one, and `old`
    must be the distribution that they were drawn from.""",
    name="cold_logps",
    replace="token_logps(policy, ids, temperature)",
    by="token_logps(policy, ids)",
)
rollout.misconception(
    """The temperature multiplies. It divides: high temperature, flat distribution.""",
    name="multiplied",
    replace="[:, -1] / temperature",
    by="[:, -1] * temperature",
)
rollout.misconception(
    """The temperature is not used for drawing.""",
    name="not_drawn_at",
    replace="policy(ids)[:, -1] / temperature",
    by="policy(ids)[:, -1]",
)
rollout.misconception(
    """Outside the mask logps is not 0: the prompt's log-probabilities, and those of the padding, were
    left in.""",
    name="not_zeroed",
    replace=".masked_fill(~mask[:, 1:], 0.0)",
    by="",
)
rollout.misconception(
    """The mask was not shifted: entry t of logps belongs to the token at t + 1, so it goes with mask[:,
    1:].""",
    name="not_shifted",
    replace="mask[:, 1:]",
    by="mask[:, :-1]",
)
rollout.misconception(
    """The rollout keeps its graph. `old` is a constant: with a graph the ratio's gradient cancels to
    nothing.""",
    name="with_graph",
    replace="with torch.no_grad():",
    by="with torch.enable_grad():",
)
rollout.misconception(
    """Rows go on behind END. They have ended: fill them with PAD.""",
    name="goes_on",
    replace="drawn.masked_fill(~alive, PAD)",
    by="drawn",
)
rollout.misconception(
    """Behind END rows are filled with END. Padding has its own id; otherwise nobody can say which END
    was meant.""",
    name="filled_with_end",
    replace="drawn.masked_fill(~alive, PAD)",
    by="drawn.masked_fill(~alive, END)",
)
rollout.misconception(
    """It stopped as soon as all rows had ended. Always n columns, each with its draw: so shapes are
    known, and the generator's state does not depend on luck.""",
    name="stops_early",
    replace="            alive = alive & (drawn != END)\n",
    by="            alive = alive & (drawn != END)\n            if not alive.any():\n                break\n",
)
rollout.misconception(
    """The most probable token was taken every time: the G answers are one answer, and there is nothing
    to compare.""",
    name="greedy",
    replace="drawn = torch.multinomial(probs, 1, generator=g)",
    by="drawn = probs.argmax(-1, keepdim=True)",
)
rollout.misconception(
    """The generator was not used, so no run can be repeated.""",
    name="no_generator",
    replace="drawn = torch.multinomial(probs, 1, generator=g)",
    by="drawn = torch.multinomial(probs, 1, generator=torch.Generator().manual_seed(ids.shape[1]))",
)
rollout.variant(
    "log-probabilities gathered while drawing",
    name="while_drawing",
    source="""
    @torch.no_grad()
    def rollout(policy, prompts, G, n, temperature, g):
        B, P = prompts.shape
        ids = torch.full((B * G, P + n), PAD)
        ids[:, :P] = prompts[:, None].expand(B, G, P).reshape(B * G, P)
        mask, logps, ended = torch.zeros_like(ids).bool(), None, torch.zeros(B * G).bool()
        for t in range(P, P + n):
            logp = torch.log_softmax(policy(ids[:, :t])[:, -1] / temperature, dim=-1)
            if logps is None:
                logps = torch.zeros(B * G, P + n - 1, dtype=logp.dtype)
            token = torch.multinomial(logp.exp(), 1, generator=g)[:, 0]
            mask[:, t] = ~ended
            ids[~ended, t] = token[~ended]
            logps[:, t - 1] = torch.where(ended, 0.0, logp.gather(1, token[:, None])[:, 0])
            ended |= token == END
        return ids, mask, logps
    """,
)

rollout.equivalent(
    "-1  ->  1",
    "of two dimensions, the last is number 1",
)
