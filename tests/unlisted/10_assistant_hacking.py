"""Solutions of 10's reward hacking that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("preference_pairs", "int32")
def _(rewards, G):
    r = rewards.view(-1, G)
    group, i, j = (r[:, :, None] > r[:, None, :]).nonzero().T
    return torch.stack([group * G + i, group * G + j], dim=1).int()


@wrong("preference_pairs", "(0,) where there are none")
def _(rewards, G):
    r = rewards.view(-1, G)
    found = [
        [k * G + i, k * G + j]
        for k in range(len(r))
        for i in range(G)
        for j in range(G)
        if r[k, i] > r[k, j]
    ]
    return torch.tensor(found, dtype=torch.int64)


@wrong("preference_pairs", "the transpose")
def _(rewards, G):
    r = rewards.view(-1, G)
    group, i, j = (r[:, :, None] > r[:, None, :]).nonzero().T
    return torch.stack([group * G + i, group * G + j])


@wrong("preference_pairs", "groups interleaved")
def _(rewards, G):
    B = len(rewards) // G
    r = rewards.view(G, B).T
    group, i, j = (r[:, :, None] > r[:, None, :]).nonzero().T
    return torch.stack([group * G + i, group * G + j], dim=1)


@wrong("preference_pairs", "a margin of a half")
def _(rewards, G):
    r = rewards.view(-1, G)
    group, i, j = (r[:, :, None] > r[:, None, :] + 0.5).nonzero().T
    return torch.stack([group * G + i, group * G + j], dim=1)


@wrong("preference_pairs", "sorted by rejected")
def _(rewards, G):
    r = rewards.view(-1, G)
    group, j, i = (r[:, :, None] < r[:, None, :]).nonzero().T
    return torch.stack([group * G + i, group * G + j], dim=1)


@wrong("penalised", "the penalty of the last token only")
def _(scores, logps, reference, mask, beta):
    moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0)
    return (scores - beta * moved[:, -1:].sum(1)).detach()


@wrong("penalised", "absolute log-ratio")
def _(scores, logps, reference, mask, beta):
    moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0)
    return (scores - beta * moved.abs().sum(1)).detach()


@wrong("penalised", "nan turned into 0 everywhere, prompt counted")
def _(scores, logps, reference, mask, beta):
    moved = torch.nan_to_num(logps - reference, 0.0, 0.0, 0.0)
    return (scores - beta * moved.sum(1)).detach()


@wrong("penalised", "ratio, not its logarithm")
def _(scores, logps, reference, mask, beta):
    moved = (logps.exp() - reference.exp()).masked_fill(~mask[:, 1:], 0.0)
    return (scores - beta * moved.sum(1)).detach()


@wrong("penalised", "in place")
def _(scores, logps, reference, mask, beta):
    moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0)
    scores -= beta * moved.sum(1)
    return scores


@wrong("penalised", "empty answers get 0")
def _(scores, logps, reference, mask, beta):
    moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0)
    return ((scores - beta * moved.sum(1)) * mask[:, 1:].any(1)).detach()


@wrong("penalised", "the log-ratio is clamped to 10")
def _(scores, logps, reference, mask, beta):
    moved = (logps - reference).clamp(-10, 10).masked_fill(~mask[:, 1:], 0.0)
    return (scores - beta * moved.sum(1)).detach()


@wrong("penalised", "double whatever the scores are")
def _(scores, logps, reference, mask, beta):
    moved = (logps - reference).masked_fill(~mask[:, 1:], 0.0)
    return (scores.double() - beta * moved.sum(1).double()).detach()


@wrong("stop_early", "compares with a small margin")
def _(truths, patience):
    kept = 0
    for i, value in enumerate(truths):
        if value > truths[kept] + 0.15:
            kept = i
        if i - kept == patience:
            return kept, i
    return kept, len(truths) - 1


@wrong("stop_early", "the stop where it was not reached is the best")
def _(truths, patience):
    kept = 0
    for i, value in enumerate(truths):
        if value > truths[kept]:
            kept = i
        if i - kept == patience:
            return kept, i
    return kept, kept


@wrong("stop_early", "starts from zero: negative truths are never better")
def _(truths, patience):
    best, kept = 0.0, 0
    for i, value in enumerate(truths):
        if value > best:
            best, kept = value, i
        if i - kept == patience:
            return kept, i
    return kept, len(truths) - 1


@wrong("stop_early", "floats")
def _(truths, patience):
    kept = 0
    for i, value in enumerate(truths):
        if value > truths[kept]:
            kept = i
        if i - kept == patience:
            return float(kept), float(i)
    return float(kept), float(len(truths) - 1)


@wrong("stop_early", "changes the list")
def _(truths, patience):
    best, kept, i = truths[0], 0, 0
    while i < len(truths):
        if truths[i] > best:
            best, kept = truths[i], i
        if i - kept == patience:
            return kept, i
        i += 1
    truths.clear()
    return kept, i - 1


@wrong("optimise", "the judge keeps a gradient")
def _(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None):
    policy, reference = copy.deepcopy(start), copy.deepcopy(start).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    for _ in range(steps):
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        ids, mask, old = rollout(policy, questions(asked), G, g)
        scores = judge(ids, mask)
        scores.sum().backward()
        scores, fixed = scores.detach(), token_logps(reference, ids).detach()
        kl = -penalised(torch.zeros_like(scores), old, fixed, mask, 1.0)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
    return policy


@wrong("optimise", "default betas of Adam")
def _(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None):
    policy, reference = copy.deepcopy(start), copy.deepcopy(start).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr)
    for _ in range(steps):
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        ids, mask, old = rollout(policy, questions(asked), G, g)
        with torch.no_grad():
            scores, fixed = judge(ids, mask), token_logps(reference, ids)
        kl = -penalised(torch.zeros_like(scores), old, fixed, mask, 1.0)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
    return policy


@wrong("optimise", "the judge reads the whole row")
def _(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None):
    policy, reference = copy.deepcopy(start), copy.deepcopy(start).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    for _ in range(steps):
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        ids, mask, old = rollout(policy, questions(asked), G, g)
        with torch.no_grad():
            scores, fixed = judge(ids, torch.ones_like(mask)), token_logps(reference, ids)
        kl = -penalised(torch.zeros_like(scores), old, fixed, mask, 1.0)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
    return policy


@wrong("optimise", "one step of drawing more at the end")
def _(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None):
    policy, reference = copy.deepcopy(start), copy.deepcopy(start).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
    for _ in range(steps):
        ids, mask, old = rollout(policy, questions(asked), G, g)
        with torch.no_grad():
            scores, fixed = judge(ids, mask), token_logps(reference, ids)
        kl = -penalised(torch.zeros_like(scores), old, fixed, mask, 1.0)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
    return policy


@wrong("optimise", "KL of the policy after the step")
def _(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None):
    policy, reference = copy.deepcopy(start), copy.deepcopy(start).requires_grad_(False)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    for _ in range(steps):
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        ids, mask, old = rollout(policy, questions(asked), G, g)
        with torch.no_grad():
            scores, fixed = judge(ids, mask), token_logps(reference, ids)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        with torch.no_grad():
            now = token_logps(policy, ids)
        kl = -penalised(torch.zeros_like(scores), now, fixed, mask, 1.0)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
    return policy


@wrong("optimise", "the reference is taken from the weights after the first step")
def _(start, judge, sums, steps, beta, g, lr=5e-4, B=16, G=8, on_step=lambda policy, told: None):
    policy, reference = copy.deepcopy(start), None
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    for _ in range(steps):
        asked = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        ids, mask, old = rollout(policy, questions(asked), G, g)
        with torch.no_grad():
            scores, fixed = judge(ids, mask), token_logps(reference or policy, ids)
        kl = -penalised(torch.zeros_like(scores), old, fixed, mask, 1.0)
        grpo_step(policy, optimizer, (ids, mask, old), penalised(scores, old, fixed, mask, beta), G)
        reference = reference or copy.deepcopy(policy)
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl.mean().item()})
    return policy
