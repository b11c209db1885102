"""Solutions of 10/9 by somebody who knew only its text: see test_unlisted.py, which parses this file."""


@wrong("ratios", "old keeps its graph")
def _(logps, old_logps):
    return (logps - old_logps).exp()


@wrong("ratios", "upside down")
def _(logps, old_logps):
    return (old_logps.detach() - logps).exp()


@wrong("ratios", "1 + the difference")
def _(logps, old_logps):
    return 1 + logps - old_logps.detach()


@wrong("ratios", "quotient of exponentials: 0 / 0 for small ones")
def _(logps, old_logps):
    return logps.exp() / old_logps.detach().exp()


@wrong("ratios", "difference clamped to 5")
def _(logps, old_logps):
    return (logps - old_logps.detach()).clamp(-5, 5).exp()


@wrong("ratios", "no graph at all")
def _(logps, old_logps):
    with torch.no_grad():
        return (logps - old_logps).exp()


@wrong("ratios", "one ratio for each row")
def _(logps, old_logps):
    return (logps - old_logps.detach()).sum(-1, keepdim=True).exp().expand(logps.shape)


@right("ratios", "e to the power")
def _(logps, old_logps):
    return torch.e ** (logps - old_logps.detach())


@right("ratios", "expm1 and one")
def _(logps, old_logps):
    return torch.expm1(logps - old_logps.clone().detach()) + 1


@wrong("ratios", "old is changed in place")
def _(logps, old_logps):
    with torch.no_grad():
        old_logps.clamp_(min=-3)
    return (logps - old_logps.detach()).exp()


@wrong("ppo_loss", "the clip without the min")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -(rho.clamp(1 - clip, 1 + clip) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "max for min")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -torch.maximum(rho * A, rho.clamp(1 - clip, 1 + clip) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "min of the ratios, then times A")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -(torch.minimum(rho, rho.clamp(1 - clip, 1 + clip)) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "the mean of the rows' means")
def _(logps, old_logps, advantages, mask, clip):
    rows = []
    for lp, o, A, m in zip(logps, old_logps.detach(), advantages.detach(), mask[:, 1:]):
        if m.any():
            rho = (lp[m] - o[m]).exp()
            rows.append(-torch.minimum(rho * A[m], rho.clamp(1 - clip, 1 + clip) * A[m]).mean())
    return torch.stack(rows).mean() if rows else 0 * logps[:0].sum()


@wrong("ppo_loss", "nan without a response token")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A).mean()


@wrong("ppo_loss", "advantages keep their graph")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m]
    return -torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "masked after the product: nan of the padding reaches the gradient")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps, old_logps), advantages.detach()
    goal = torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A)
    return -torch.where(m, goal, 0).sum() / m.sum().clamp(min=1)


@wrong("ppo_loss", "clip in log space: exp(-clip) to exp(clip)")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    d, A = logps[m] - old_logps[m].detach(), advantages[m].detach()
    return -torch.minimum(d.exp() * A, d.clamp(-clip, clip).exp() * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "lower limit 1 / (1 + clip)")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -torch.minimum(rho * A, rho.clamp(1 / (1 + clip), 1 + clip) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "without a response a constant 0 with no graph and float32")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return torch.tensor(0.0)
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A).mean()


@wrong("ppo_loss", "clip 0 counts as none")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    other = rho.clamp(1 - clip, 1 + clip) if clip else rho
    return -torch.minimum(rho * A, other * A).sum() / max(len(A), 1)


@right("ppo_loss", "four cases")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    A = torch.where(m, advantages, torch.zeros_like(advantages)).detach()
    zero = torch.zeros_like(logps)
    rho = (torch.where(m, logps, zero) - torch.where(m, old_logps, zero).detach()).exp()
    goal = torch.where(A > 0, rho.clamp(max=1 + clip), rho.clamp(min=1 - clip)) * A
    return -goal.sum() / m.sum().clamp(min=1)


@right("ppo_loss", "token by token")
def _(logps, old_logps, advantages, mask, clip):
    total, n = logps[:0].sum(), 0
    for b, t in mask[:, 1:].nonzero().tolist():
        rho = torch.exp(logps[b, t] - old_logps[b, t].detach())
        A = advantages[b, t].detach()
        total = total - torch.min(rho * A, torch.clamp(rho, 1 - clip, 1 + clip) * A)
        n += 1
    return total / n if n else total


@wrong("ppo_loss", "the lower limit is at least 0.5")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -torch.minimum(rho * A, rho.clamp(max(1 - clip, 0.1), 1 + clip) * A).sum() / max(
        len(A), 1
    )


@wrong("ppo_loss", "ratios above 10 are held")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    rho, A = ratios(logps[m], old_logps[m]).clamp(max=10), advantages[m].detach()
    return -torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "zeroes the padding in place")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    with torch.no_grad():
        advantages[~m] = 0
    rho, A = ratios(logps[m], old_logps[m]), advantages[m].detach()
    return -torch.minimum(rho * A, rho.clamp(1 - clip, 1 + clip) * A).sum() / max(len(A), 1)


@wrong("ppo_loss", "all ratios first, then the response: nan gradients")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return logps.new_zeros(())
    rho, A = torch.exp(logps - old_logps.detach())[m], advantages.detach()[m]
    return -torch.min(rho * A, rho.clip(1 - clip, 1 + clip) * A).mean()


@wrong("clip_fraction", "only above")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return 0.0
    return (ratios(logps[m], old_logps[m]) > 1 + clip).double().mean().item()


@wrong("clip_fraction", "of all entries, padding too")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    rho = ratios(logps, old_logps)
    return ((((rho - 1).abs() > clip) & m).double().mean()).item()


@wrong("clip_fraction", "the difference of the logs against clip")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return 0.0
    return ((logps[m] - old_logps[m]).abs() > clip).double().mean().item()


@wrong("clip_fraction", "the share inside")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return 0.0
    return ((ratios(logps[m], old_logps[m]) - 1).abs() <= clip).double().mean().item()


@wrong("clip_fraction", ">= : ratio 1 with clip 0 is outside")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return 0.0
    return ((ratios(logps[m], old_logps[m]) - 1).abs() >= clip).double().mean().item()


@wrong("clip_fraction", "mask[:, :-1]")
def _(logps, old_logps, mask, clip):
    m = mask[:, :-1]
    if not m.any():
        return 0.0
    return ((ratios(logps[m], old_logps[m]) - 1).abs() > clip).double().mean().item()


@wrong("clip_fraction", "the mean of rows' shares")
def _(logps, old_logps, mask, clip):
    out = []
    for lp, o, m in zip(logps, old_logps, mask[:, 1:]):
        if m.any():
            out.append(((lp[m] - o[m]).exp() - 1).abs().gt(clip).double().mean().item())
    return sum(out) / len(out) if out else 0.0


@right("clip_fraction", "whatever clamp changes")
def _(logps, old_logps, mask, clip):
    with torch.no_grad():
        rho = (logps - old_logps).exp()[mask[:, 1:]]
        n = rho.numel()
        return (rho != rho.clamp(1 - clip, 1 + clip)).sum().item() / n if n else 0.0


@right("clip_fraction", "counted")
def _(logps, old_logps, mask, clip):
    rho = ratios(logps, old_logps)
    m = mask[:, 1:]
    inside = (rho >= 1 - clip) & (rho <= 1 + clip)
    count = int(m.sum())
    return int((m & ~inside).sum()) / max(count, 1)


@wrong("clip_fraction", "the ratio in place of logps")
def _(logps, old_logps, mask, clip):
    with torch.no_grad():
        logps -= old_logps
        logps.exp_()
        m = mask[:, 1:]
        n = int(m.sum())
        return ((logps[m] - 1).abs() > clip).sum().item() / n if n else 0.0


@wrong("clip_fraction", "old is changed in place")
def _(logps, old_logps, mask, clip):
    with torch.no_grad():
        m = mask[:, 1:]
        n = int(m.sum())
        old_logps -= logps
        return (((-old_logps[m]).exp() - 1).abs() > clip).sum().item() / n if n else 0.0


@right("clip_fraction", "float32 mean")
def _(logps, old_logps, mask, clip):
    rho = ratios(logps, old_logps)[mask[:, 1:]]
    if len(rho) == 0:
        return 0.0
    return ((rho < 1 - clip) | (rho > 1 + clip)).float().mean().item()


@wrong("kl_rewards", "the reward in the last column")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    out[:, -1] += rewards.detach()
    return out


@wrong("kl_rewards", "as many as there are response tokens, from the first: breaks at holes")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    end = m.long().argmax(1) + m.sum(1) - 1
    for b in range(len(out)):
        if m[b].any():
            out[b, end[b]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "a row without response gets its reward at the end")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    end = m.shape[1] - 1 - m.flip(1).long().argmax(1)
    out[torch.arange(len(out)), end] += rewards.detach()
    return out


@wrong("kl_rewards", "plus beta")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    for b in range(len(out)):
        if m[b].any():
            out[b, m[b].nonzero()[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "the reward replaces the last price")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    for b in range(len(out)):
        if m[b].any():
            out[b, m[b].nonzero()[-1]] = rewards[b].detach()
    return out


@wrong("kl_rewards", "the reward at every response token")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    return (rewards[:, None] - beta * (logps - ref_logps)).masked_fill(~m, 0).detach()


@wrong("kl_rewards", "with the graph")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0)
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards[:, None], 0)


@wrong("kl_rewards", "times the mask: nan from the prompt")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps) * m).detach()
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards.detach()[:, None], 0)


@wrong("kl_rewards", "k3 for k1")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    l = (logps - ref_logps).detach()
    out = (-beta * ((-l).exp() - 1 + l)).masked_fill(~m, 0)
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards.detach()[:, None], 0)


@wrong("kl_rewards", "float32 always")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return (out + torch.where(last, rewards.detach()[:, None], 0)).float()


@right("kl_rewards", "last by a cumulated sum from behind")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    with torch.no_grad():
        price = torch.where(m, logps - ref_logps, torch.zeros_like(logps)) * -beta
        last = m & (m.flip(1).cumsum(1).flip(1) == 1)
        return price + last * rewards.to(logps.dtype)[:, None]


@right("kl_rewards", "two loops")
def _(logps, ref_logps, mask, rewards, beta):
    out = torch.zeros_like(logps.detach())
    for b in range(out.shape[0]):
        last = None
        for t in range(out.shape[1]):
            if mask[b, t + 1]:
                out[b, t] = -beta * (logps[b, t] - ref_logps[b, t]).item()
                last = t
        if last is not None:
            out[b, last] += rewards[b].item()
    return out


@wrong("kl_rewards", "the price is at least 0.01 where beta is 0")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-(beta or 0.01) * (logps - ref_logps)).masked_fill(~m, 0).detach()
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards.detach()[:, None], 0)


@wrong("kl_rewards", "writes into logps")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = logps.detach()
    out.sub_(ref_logps.detach()).mul_(-beta).masked_fill_(~m, 0)
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards.detach()[:, None], 0)


@wrong("kl_rewards", "prices no higher than 5")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps).clamp(-5, 5)).masked_fill(~m, 0).detach()
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards.detach()[:, None], 0)


@wrong("kl_rewards", "rewards clamped to 5, as some do")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).masked_fill(~m, 0).detach()
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    return out + torch.where(last, rewards.detach().clamp(-5, 5)[:, None], 0)


@wrong("gae", "does not skip: tool tokens break the chain")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m = mask[:, 1:]
    v, r = values.detach().masked_fill(~m, 0), rewards.detach().masked_fill(~m, 0)
    B, T = v.shape
    nv = torch.zeros(B, dtype=v.dtype) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    last = m & (m.flip(1).cumsum(1).flip(1) == 1)
    for t in reversed(range(T)):
        if t + 1 < T:
            follow = v[:, t + 1]
        else:
            follow = torch.zeros_like(nv)
        follow = torch.where(last[:, t], nv, follow)
        na = torch.where(m[:, t], r[:, t] + gamma * follow - v[:, t] + gamma * lam * na, 0)
        A[:, t] = na
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "bootstrap ignored")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv, na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "bootstrap is not discounted")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach() / max(gamma, 1e-9)
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "lam without gamma in the chain")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "the bootstrap is an advantage behind the end as well")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = nv.clone(), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "returns are not zero outside")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], torch.nan_to_num(values.detach()), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, A + v


@wrong("gae", "returns are the discounted rewards")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A, R = torch.zeros_like(v[:, 0]), torch.zeros_like(v), torch.zeros_like(v)
    nr = nv.clone()
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        nr = torch.where(m[:, t], r[:, t] + gamma * nr, nr)
        A[:, t], R[:, t] = torch.where(m[:, t], a, 0), torch.where(m[:, t], nr, 0)
    return A, R


@wrong("gae", "bootstrap stands behind the last column only")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0])
    if bootstrap is not None:
        nv = torch.where(m[:, -1], bootstrap.detach(), nv)
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "rewards of the skipped tokens are collected")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v = mask[:, 1:], values.detach()
    r = torch.nan_to_num(rewards.detach())
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    extra = torch.zeros_like(v[:, 0])
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + extra + gamma * nv - v[:, t] + gamma * lam * na
        extra = torch.where(m[:, t], 0, extra + r[:, t])
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "each skipped token costs a gamma")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    seen = torch.zeros_like(m[:, 0])
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na = torch.where(m[:, t], a, torch.where(seen, gamma * na, na))
        nv = torch.where(m[:, t], v[:, t], torch.where(seen, gamma * nv, nv))
        seen = seen | m[:, t]
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "the values keep their graph")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values, rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), []
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A.insert(0, torch.where(m[:, t], a, 0))
    A = torch.stack(A, 1).detach()
    return A, torch.where(m, A + v, 0)


@right("gae", "row by row, on the packed steps")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m = mask[:, 1:]
    A, R = torch.zeros_like(values.detach()), torch.zeros_like(values.detach())
    for b in range(len(m)):
        r, v = rewards[b][m[b]].tolist(), values[b][m[b]].tolist()
        v.append(0.0 if bootstrap is None else bootstrap[b].item())
        a = [0.0] * (len(r) + 1)
        for i in range(len(r) - 1, -1, -1):
            a[i] = r[i] + gamma * v[i + 1] - v[i] + gamma * lam * a[i + 1]
        A[b][m[b]] = torch.tensor(a[:-1], dtype=A.dtype)
        R[b][m[b]] = torch.tensor([x + y for x, y in zip(a[:-1], v[:-1])], dtype=A.dtype)
    return A, R


@wrong("gae", "a matrix of weights for each row, made element by element")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    with torch.no_grad():
        m = mask[:, 1:]
        A = torch.zeros_like(values)
        for b in range(len(m)):
            r, v = rewards[b][m[b]], values[b][m[b]]
            n = len(v)
            if n == 0:
                continue
            tail = v.new_zeros(1) if bootstrap is None else bootstrap[b : b + 1].to(v.dtype)
            delta = r + gamma * torch.cat([v[1:], tail]) - v
            w = torch.tensor(
                [[(gamma * lam) ** (j - i) if j >= i else 0.0 for j in range(n)] for i in range(n)],
                dtype=v.dtype,
            )
            A[b, m[b]] = w.to(v.dtype) @ delta.to(v.dtype)
        return A, torch.where(m, A + values, torch.zeros_like(A))


@wrong("gae", "writes into values")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    v[~m] = 0
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "uses the bootstrap as its register")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na = torch.where(m[:, t], a, na)
        nv.copy_(torch.where(m[:, t], v[:, t], nv))
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "the bootstrap keeps its graph")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap
    na, A = torch.zeros_like(v[:, 0]), []
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A.insert(0, torch.where(m[:, t], a, 0))
    A = torch.stack(A, 1)
    return A, torch.where(m, A + v, 0)


@wrong("gae", "the rewards keep their graph")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), []
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A.insert(0, torch.where(m[:, t], a, 0))
    A = torch.stack(A, 1)
    return A, torch.where(m, A + v, 0)


@wrong("gae", "lam 0 counts as 0.95")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    lam = lam or 0.95
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "gamma 0 counts as 1")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    gamma = gamma or 1.0
    m, v, r = mask[:, 1:], values.detach(), rewards.detach()
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("gae", "rewards clamped to 5")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m, v, r = mask[:, 1:], values.detach(), rewards.detach().clamp(-5, 5)
    nv = torch.zeros_like(v[:, 0]) if bootstrap is None else bootstrap.detach()
    na, A = torch.zeros_like(v[:, 0]), torch.zeros_like(v)
    for t in reversed(range(v.shape[1])):
        a = r[:, t] + gamma * nv - v[:, t] + gamma * lam * na
        na, nv = torch.where(m[:, t], a, na), torch.where(m[:, t], v[:, t], nv)
        A[:, t] = torch.where(m[:, t], a, 0)
    return A, (A + v).masked_fill(~m, 0)


@wrong("value_loss", "without the half")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return loss.sum() / max(len(v), 1)


@wrong("value_loss", "the smaller of the two")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.minimum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.sum() / max(len(v), 1)


@wrong("value_loss", "the clipped one alone")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    if clip is not None:
        v = o + (v - o).clamp(-clip, clip)
    return 0.5 * ((v - G) ** 2).sum() / max(len(v), 1)


@wrong("value_loss", "the larger of the two means")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = ((v - G) ** 2).sum()
    if clip is not None:
        loss = torch.maximum(loss, ((o + (v - o).clamp(-clip, clip) - G) ** 2).sum())
    return 0.5 * loss / max(len(v), 1)


@wrong("value_loss", "held around the return")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (v.clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.sum() / max(len(v), 1)


@wrong("value_loss", "returns keep their graph")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m]
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.sum() / max(len(v), 1)


@wrong("value_loss", "old values keep their graph")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m], returns[m].detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.sum() / max(len(v), 1)


@wrong("value_loss", "nan without a response token")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.mean()


@wrong("value_loss", "nan reaches the gradients: where after the square")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values, old_values.detach(), returns.detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * torch.where(m, loss, 0).sum() / m.sum().clamp(min=1)


@wrong("value_loss", "mean of rows")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    zero = torch.zeros_like(values)
    v, o, G = (
        torch.where(m, values, zero),
        torch.where(m, old_values, zero).detach(),
        torch.where(m, returns, zero).detach(),
    )
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * (loss.sum(1) / m.sum(1).clamp(min=1)).mean()


@wrong("value_loss", "smooth_l1: linear far away")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = nn.functional.smooth_l1_loss(v, G, reduction="none")
    if clip is not None:
        held = o + (v - o).clamp(-clip, clip)
        loss = torch.maximum(loss, nn.functional.smooth_l1_loss(held, G, reduction="none"))
    return loss.sum() / max(len(v), 1)


@right("value_loss", "tensor limits")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    if v.numel() == 0:
        return v.sum()
    loss = (v - G).square() / 2
    if clip is not None:
        held = torch.clamp(v, o - clip, o + clip)
        loss = torch.stack([loss, (held - G).square() / 2]).amax(0)
    return loss.mean()


@right("value_loss", "where from clean inputs")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v = values.masked_fill(~m, 0)
    o = old_values.detach().masked_fill(~m, 0)
    G = returns.detach().masked_fill(~m, 0)
    plain = (v - G) ** 2
    if clip is not None:
        held = torch.min(torch.max(v, o - clip), o + clip)
        other = (held - G) ** 2
        plain = torch.where(plain >= other, plain, other)
    return (plain * m).sum() / (2 * m.sum().clamp(min=1))


@wrong("value_loss", "zeroes the padding in place")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    with torch.no_grad():
        returns[~m] = 0
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.sum() / max(len(v), 1)


@wrong("value_loss", "a far value is held to 10 from its return")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    v = torch.max(torch.min(v, G + 10), G - 10)
    loss = (v - G) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - G) ** 2)
    return 0.5 * loss.sum() / max(len(v), 1)


@right("value_loss", "huge clip as none")
def _(values, old_values, returns, mask, clip=None):
    clip = float("inf") if clip is None else clip
    m = mask[:, 1:]
    v, o, G = values[m], old_values[m].detach(), returns[m].detach()
    held = torch.minimum(torch.maximum(v, o - clip), o + clip)
    loss = torch.maximum((v - G).pow(2), (held - G).pow(2))
    return 0.5 * loss.sum() / max(v.numel(), 1)


@wrong("whiten", "padding is a token")
def _(advantages, mask):
    A = torch.nan_to_num(advantages.detach()).masked_fill(~mask[:, 1:], 0)
    return ((A - A.mean()) / (A.std() + 1e-8)).masked_fill(~mask[:, 1:], 0)


@wrong("whiten", "std with n")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        out[m] = (A[m] - A[m].mean()) / (A[m].std(correction=0) + 1e-8)
    return out


@wrong("whiten", "row by row")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    for b in range(len(m)):
        if m[b].sum() >= 2:
            a = A[b, m[b]]
            out[b, m[b]] = (a - a.mean()) / (a.std() + 1e-8)
    return out


@wrong("whiten", "nan for a single token")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.any():
        out[m] = (A[m] - A[m].mean()) / (A[m].std() + 1e-8)
    return out


@wrong("whiten", "the mean is not subtracted")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        out[m] = A[m] / (A[m].std() + 1e-8)
    return out


@wrong("whiten", "the graph stays")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        out[m] = (A[m] - A[m].mean()) / (A[m].std() + 1e-8)
    return out


@wrong("whiten", "the epsilon under the root")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        out[m] = (A[m] - A[m].mean()) / (A[m].var() + 1e-8).sqrt()
    return out


@wrong("whiten", "divides by 0 where all are equal")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        out[m] = (A[m] - A[m].mean()) / A[m].std()
    return out


@wrong("whiten", "in place")
def _(advantages, mask):
    with torch.no_grad():
        m, A = mask[:, 1:], advantages
        if m.sum() < 2:
            return torch.zeros_like(A)
        A[m] = (A[m] - A[m].mean()) / (A[m].std() + 1e-8)
        A[~m] = 0
        return A.detach()


@wrong("whiten", "E[x^2] - mean^2: cancels for large means")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out, n = torch.zeros_like(A), int(mask[:, 1:].sum())
    if n >= 2:
        a = A[m]
        var = (a.square().sum() - n * a.mean() ** 2) / (n - 1)
        out[m] = (a - a.mean()) / (var.clamp(min=0).sqrt() + 1e-8)
    return out


@right("whiten", "by sums")
def _(advantages, mask):
    m = mask[:, 1:]
    n = int(m.sum())
    A = torch.where(m, advantages.detach(), torch.zeros_like(advantages))
    if n < 2:
        return torch.zeros_like(A)
    mean = A.sum() / n
    d = (A - mean) * m
    return d / ((d.square().sum() / (n - 1)).sqrt() + 1e-8)


@right("whiten", "masked_scatter")
def _(advantages, mask):
    with torch.no_grad():
        m = mask[:, 1:]
        a = torch.masked_select(advantages, m)
        zeros = torch.zeros_like(advantages)
        if a.numel() < 2:
            return zeros
        std, mean = torch.std_mean(a)
        return zeros.masked_scatter(m, (a - mean) / (std + 1e-8))


@wrong("whiten", "clamped to three standard deviations")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        out[m] = ((A[m] - A[m].mean()) / (A[m].std() + 1e-8)).clamp(-3, 3)
    return out


@wrong("whiten", "in float32 inside")
def _(advantages, mask):
    m, A = mask[:, 1:], advantages.detach()
    out = torch.zeros_like(A)
    if m.sum() >= 2:
        a = A[m].float()
        out[m] = ((a - a.mean()) / (a.std() + 1e-8)).to(A.dtype)
    return out


@wrong("ppo_steps", "old is now")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, lp.detach(), x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, lp, x["mask"], clip)))
    return told


@wrong("ppo_steps", "advantages are whitened in each minibatch")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            A = whiten(x["advantages"], x["mask"])
            loss = ppo_loss(lp, x["old_logps"], A, x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "one order for all epochs")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    order = torch.randperm(B, generator=g)
    for _ in range(epochs):
        for rows in order.split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "the last piece is dropped if it is short")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        order = torch.randperm(B, generator=g)
        for i in range(0, B - batch_size + 1, batch_size):
            x = {k: v[order[i : i + batch_size]] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "gradients are zeroed once an epoch")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        optimizer.zero_grad()
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "gradients from before count in the first step")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "the policy reads all rows, and is read twice for the fraction")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(rollout["ids"]), rollout["ids"])[rows]
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "the fraction after the step")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "one pair for each epoch")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        losses = []
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
        told.append(tuple(sum(y) / len(y) for y in zip(*losses)))
    return told


@wrong("ppo_steps", "the generator is ignored")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "train mode")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    policy.train()
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "stops early when more than half is outside the clip")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            fraction = clip_fraction(lp, x["old_logps"], x["mask"], clip)
            if fraction > 0.5:
                return told
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), fraction))
    return told


@right("ppo_steps", "slices of the order, rows taken one by one")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told = []
    ids, mask = rollout["ids"], rollout["mask"]
    old, A = rollout["old_logps"], rollout["advantages"]
    B = ids.shape[0]
    for _ in range(epochs):
        order = torch.randperm(B, generator=g).tolist()
        while order:
            rows, order = order[:batch_size], order[batch_size:]
            optimizer.zero_grad()
            logps = token_logprobs(policy(ids[rows]), ids[rows])
            loss = ppo_loss(logps, old[rows], A[rows], mask[rows], clip)
            loss.backward()
            share = clip_fraction(logps, old[rows], mask[rows], clip)
            optimizer.step()
            told.append((float(loss), share))
    return told


@right("ppo_steps", "index_select and a shuffled dict")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told = []
    for _ in range(epochs):
        order = torch.randperm(len(rollout["mask"]), generator=g)
        mixed = {
            k: rollout[k].index_select(0, order) for k in ("ids", "mask", "old_logps", "advantages")
        }
        for i in range(0, len(order), batch_size):
            x = {k: v[i : i + batch_size] for k, v in mixed.items()}
            logps = token_logprobs(policy(x["ids"]), x["ids"])
            share = clip_fraction(logps.detach(), x["old_logps"], x["mask"], clip)
            loss = ppo_loss(logps, x["old_logps"], x["advantages"], x["mask"], clip)
            told.append((loss.item(), share))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return told


@right("ppo_steps", "float32 share")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told = []
    for _ in range(epochs):
        for rows in torch.randperm(len(rollout["ids"]), generator=g).split(batch_size):
            ids, mask, old, A = (
                rollout[k][rows] for k in ("ids", "mask", "old_logps", "advantages")
            )
            logps = token_logprobs(policy(ids), ids)
            loss = ppo_loss(logps, old, A, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            outside = (ratios(logps, old) - 1).abs()[mask[:, 1:]] > clip
            told.append((loss.item(), outside.float().mean().nan_to_num().item()))
    return told


@wrong("ppo_steps", "gradients are clipped to norm 0.5")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 0.5)
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "gradients are clipped to norm 1")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "the last minibatch is weighted by its size")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            (loss * len(rows) / batch_size).backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told


@wrong("ppo_steps", "a minibatch without a response token is skipped")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randperm(B, generator=g).split(batch_size):
            x = {k: v[rows] for k, v in rollout.items()}
            if not x["mask"][:, 1:].any():
                continue
            lp = token_logprobs(policy(x["ids"]), x["ids"])
            loss = ppo_loss(lp, x["old_logps"], x["advantages"], x["mask"], clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(lp, x["old_logps"], x["mask"], clip)))
    return told
