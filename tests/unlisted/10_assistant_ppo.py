"""Solutions of 10/9 that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("ratios", "clamped for safety")
def _(logps, old_logps):
    return (logps - old_logps.detach()).clamp(-10, 10).exp()


@wrong("ratios", "one plus the difference")
def _(logps, old_logps):
    return 1 + logps - old_logps.detach()


@wrong("ratios", "float32")
def _(logps, old_logps):
    return (logps - old_logps.detach()).float().exp()


@wrong("ratios", "a mean")
def _(logps, old_logps):
    return (logps - old_logps.detach()).exp().mean()


@wrong("ratios", "the old one changed")
def _(logps, old_logps):
    with torch.no_grad():
        old_logps *= 1.0
        old_logps += 1e-3
    return (logps - old_logps).exp()


@wrong("ppo_loss", "clip with a straight-through gradient")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    c = r + (r.clamp(1 - clip, 1 + clip) - r).detach()
    return -torch.min(r * A, c * A).sum() / max(1, len(A))


@wrong("ppo_loss", "dual clip")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    goal = torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A)
    goal = torch.where(A < 0, torch.max(goal, 1.05 * A), goal)
    return -goal.sum() / max(1, len(A))


@wrong("ppo_loss", "one sign for the whole batch")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    c = r.clamp(1 - clip, 1 + clip)
    goal = torch.min((r * A).sum(), (c * A).sum())
    return -goal / max(1, len(A))


@wrong("ppo_loss", "ratio per sequence")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    d = (
        torch.where(own, logps, torch.zeros_like(logps))
        - torch.where(own, old_logps, torch.zeros_like(logps)).detach()
    )
    r = d.sum(1, keepdim=True).exp().expand(own.shape)[own]
    A = advantages[own].detach()
    return -torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).sum() / max(1, len(A))


@wrong("ppo_loss", "advantages whitened")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), whiten(advantages, mask)[own]
    return -torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).sum() / max(1, len(A))


@wrong("ppo_loss", "mean over rows that have a response")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    losses = []
    for b in range(len(own)):
        if own[b].any():
            r, A = ratios(logps[b, own[b]], old_logps[b, own[b]]), advantages[b, own[b]].detach()
            losses.append(-torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).mean())
    return torch.stack(losses).mean() if losses else logps[own].sum()


@wrong("ppo_loss", "log-probabilities instead of ratios where nothing is clipped")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    inside = (r > 1 - clip) & (r < 1 + clip)
    return -(logps[own] * A * inside).sum() / max(1, len(A))


@wrong("ppo_loss", "float")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    return float(-torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).sum() / max(1, len(A)))


@wrong("clip_fraction", "where the clip acts, by the sign of nothing: half of them")
def _(logps, old_logps, mask, clip):
    own = mask[:, 1:]
    r = ratios(logps[own], old_logps[own])
    return float((r - r.clamp(1 - clip, 1 + clip)).abs().sum().item()) / max(1, len(r))


@wrong("clip_fraction", "percent")
def _(logps, old_logps, mask, clip):
    own = mask[:, 1:]
    r = ratios(logps[own], old_logps[own])
    return 100 * ((r - 1).abs() > clip).sum().item() / max(1, len(r))


@wrong("clip_fraction", "a tensor with a graph")
def _(logps, old_logps, mask, clip):
    own = mask[:, 1:]
    r = ratios(logps[own], old_logps[own])
    return ((r - 1).abs() > clip).double().sum() / max(1, len(r)) + 0 * r.sum()


@wrong("clip_fraction", "of whole answers")
def _(logps, old_logps, mask, clip):
    own = mask[:, 1:]
    r = torch.where(own, ratios(logps, old_logps), torch.ones_like(logps))
    return ((r - 1).abs() > clip).any(1).double().mean().item()


@wrong("kl_rewards", "gamma-discounted reward on every token")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    left = own.flip(1).cumsum(1).flip(1)
    return torch.where(own, out + rewards.detach()[:, None] * 0.5 ** (left - 1), out)


@wrong("kl_rewards", "shared out evenly")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    return torch.where(own, out + (rewards.detach() / own.sum(1).clamp(min=1))[:, None], out)


@wrong("kl_rewards", "k2")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps) ** 2 / 2).detach().masked_fill(~own, 0.0)
    places = torch.arange(own.shape[1])
    last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))
    return torch.where(last, out + rewards.detach()[:, None], out)


@wrong("kl_rewards", "the whole price at the end")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0).sum(1) + rewards.detach()
    places = torch.arange(own.shape[1])
    last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))
    return torch.where(last, out[:, None], torch.zeros_like(logps)).detach()


@wrong("kl_rewards", "the first response token")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    first = own & (own.cumsum(1) == 1)
    return torch.where(first, out + rewards.detach()[:, None], out)


@wrong("kl_rewards", "last over the whole mask, column 0 included")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    last = (torch.where(mask, torch.arange(mask.shape[1]), 0).amax(1) - 1).clamp(min=0)
    out[torch.arange(len(out)), last] += rewards.detach() * mask.any(1)
    return out


@wrong("gae", "normalised inside")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    own = mask[:, 1:]
    A, V, out = 0.0, 0.0 if bootstrap is None else bootstrap, torch.zeros_like(values.detach())
    for t in reversed(range(own.shape[1])):
        d = rewards[:, t] + gamma * V - values[:, t].detach()
        A = torch.where(own[:, t], d + gamma * lam * A, torch.as_tensor(A, dtype=values.dtype))
        V = torch.where(own[:, t], values[:, t].detach(), torch.as_tensor(V, dtype=values.dtype))
        out[:, t] = torch.where(own[:, t], A, 0.0)
    returns = torch.where(own, out + values.detach(), 0.0)
    return whiten(out, mask), returns


@wrong("gae", "bootstrap where the answer ended as well: the last value again")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    own, values = mask[:, 1:], values.detach()
    A = torch.zeros_like(values[:, 0])
    places = torch.where(own, torch.arange(own.shape[1]), 0).amax(1, keepdim=True)
    V = values.gather(1, places)[:, 0] if bootstrap is None else bootstrap
    out = torch.zeros_like(values)
    for t in reversed(range(own.shape[1])):
        here = own[:, t]
        d = rewards[:, t] + gamma * V - values[:, t]
        A, V = torch.where(here, d + gamma * lam * A, A), torch.where(here, values[:, t], V)
        out[:, t] = torch.where(here, A, 0.0)
    return out, torch.where(own, out + values, 0.0)


@wrong("gae", "returns from rewards alone")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    own, values = mask[:, 1:], values.detach()
    A, R, out, ret = (
        torch.zeros_like(values[:, 0]),
        None,
        torch.zeros_like(values),
        torch.zeros_like(values),
    )
    V = A if bootstrap is None else bootstrap
    R = V
    for t in reversed(range(own.shape[1])):
        here = own[:, t]
        d = rewards[:, t] + gamma * V - values[:, t]
        A, V = torch.where(here, d + gamma * lam * A, A), torch.where(here, values[:, t], V)
        R = torch.where(here, rewards[:, t] + gamma * R, R)
        out[:, t], ret[:, t] = torch.where(here, A, 0.0), torch.where(here, R, 0.0)
    return out, ret


@wrong("value_loss", "Huber")
def _(values, old_values, returns, mask, clip=None):
    own = mask[:, 1:]
    return F.smooth_l1_loss(values[own], returns[own].detach(), reduction="sum") / max(
        1, int(own.sum())
    )


@wrong("value_loss", "the max of the means")
def _(values, old_values, returns, mask, clip=None):
    own = mask[:, 1:]
    v, old, target = values[own], old_values[own].detach(), returns[own].detach()
    n = max(1, len(v))
    loss = 0.5 * ((v - target) ** 2).sum() / n
    if clip is not None:
        held = old + (v - old).clamp(-clip, clip)
        loss = torch.max(loss, 0.5 * ((held - target) ** 2).sum() / n)
    return loss


@wrong("value_loss", "clip=0.2 is the default")
def _(values, old_values, returns, mask, clip=0.2):
    own = mask[:, 1:]
    v, old, target = values[own], old_values[own].detach(), returns[own].detach()
    loss = (v - target) ** 2
    if clip is not None:
        loss = torch.max(loss, (old + (v - old).clamp(-clip, clip) - target) ** 2)
    return 0.5 * loss.sum() / max(1, len(v))


@wrong("value_loss", "gradient into old values through the held ones")
def _(values, old_values, returns, mask, clip=None):
    own = mask[:, 1:]
    v, old, target = values[own], old_values[own], returns[own].detach()
    loss = (v - target) ** 2
    if clip is not None:
        loss = torch.max(loss, (old + (v - old).clamp(-clip, clip) - target) ** 2)
    return 0.5 * loss.sum() / max(1, len(v))


@wrong("whiten", "mean kept (the shift is added back)")
def _(advantages, mask):
    own, out = mask[:, 1:], torch.zeros_like(advantages.detach())
    A = advantages.detach()[own]
    if len(A) > 1:
        out[own] = (A - A.mean()) / (A.std() + 1e-8) + A.mean()
    return out


@wrong("whiten", "eps 1e-4")
def _(advantages, mask):
    own, out = mask[:, 1:], torch.zeros_like(advantages.detach())
    A = advantages.detach()[own]
    if len(A) > 1:
        out[own] = (A - A.mean()) / (A.std() + 1e-4)
    return out


@wrong("whiten", "flat, response tokens only")
def _(advantages, mask):
    A = advantages.detach()[mask[:, 1:]]
    return (A - A.mean()) / (A.std() + 1e-8) if len(A) > 1 else torch.zeros_like(A)


@wrong("whiten", "divided by the largest")
def _(advantages, mask):
    own, out = mask[:, 1:], torch.zeros_like(advantages.detach())
    A = advantages.detach()[own]
    if len(A) > 1:
        out[own] = (A - A.mean()) / ((A - A.mean()).abs().max() + 1e-8)
    return out


@wrong("ppo_steps", "stops at a clip fraction above a half")
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
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
            if told[-1][1] > 0.5:
                return told
    return told


@wrong("ppo_steps", "old log-probabilities of the rollout overwritten afterwards")
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
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
            rollout["old_logps"].data[rows] = logps.detach()
    return told


@wrong("ppo_steps", "drawn with randint: rows repeat")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, B = [], len(rollout["ids"])
    for _ in range(epochs):
        for rows in torch.randint(0, B, (B,), generator=g).split(batch_size):
            ids, mask, old, A = (
                rollout[k][rows] for k in ("ids", "mask", "old_logps", "advantages")
            )
            logps = token_logprobs(policy(ids), ids)
            loss = ppo_loss(logps, old, A, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
    return told


@wrong("ppo_steps", "one draw too many")
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
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
    torch.randperm(3, generator=g)
    return told


@wrong("ppo_steps", "fraction and loss swapped")
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
            told.append((clip_fraction(logps, old, mask, clip), loss.item()))
    return told


@wrong("ppo_steps", "the whole rollout read, rows picked afterwards")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told = []
    for _ in range(epochs):
        for rows in torch.randperm(len(rollout["ids"]), generator=g).split(batch_size):
            mask, old, A = (rollout[k][rows] for k in ("mask", "old_logps", "advantages"))
            logps = token_logprobs(policy(rollout["ids"]), rollout["ids"])[rows]
            loss = ppo_loss(logps, old, A, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
    return told


@wrong("ppo_steps", "the same order in all epochs, by cloning g")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, state = [], g.get_state()
    for _ in range(epochs):
        g.set_state(state)
        for rows in torch.randperm(len(rollout["ids"]), generator=g).split(batch_size):
            ids, mask, old, A = (
                rollout[k][rows] for k in ("ids", "mask", "old_logps", "advantages")
            )
            logps = token_logprobs(policy(ids), ids)
            loss = ppo_loss(logps, old, A, mask, clip)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
    return told


@wrong("ppo_loss", "advantages per row")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r = ratios(logps[own], old_logps[own])
    A = advantages.detach()[:, :1].expand(own.shape)[own].nan_to_num()
    return -torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).sum() / max(1, len(A))


@wrong("ppo_loss", "KL penalty in the loss")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    k = (r.log() ** 2).sum() * 0.01
    return (-torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).sum() + k) / max(1, len(A))


@wrong("ppo_loss", "rows with an empty answer counted as one token")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    return -torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).sum() / max(
        1, own.sum(1).clamp(min=1).sum().item()
    )


@wrong("ppo_loss", "no gradient where ratio is exactly at one")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    r, A = ratios(logps[own], old_logps[own]), advantages[own].detach()
    g = torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A)
    g = torch.where((r - 1).abs() < 1e-9, g.detach(), g)
    return -g.sum() / max(1, len(A))


@wrong("kl_rewards", "rewards masked by positive ones")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    places = torch.arange(own.shape[1])
    last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))
    return torch.where(last, out + rewards.detach().clamp(min=0)[:, None], out)


@wrong("kl_rewards", "logps changed in place")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    with torch.no_grad():
        logps[~own] = 0
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    places = torch.arange(own.shape[1])
    last = own & (places == torch.where(own, places, -1).amax(1, keepdim=True))
    return torch.where(last, out + rewards.detach()[:, None], out)


@wrong("gae", "lambda alone fades")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    own, values = mask[:, 1:], values.detach()
    A = torch.zeros_like(values[:, 0])
    V = A if bootstrap is None else bootstrap
    out = torch.zeros_like(values)
    for t in reversed(range(own.shape[1])):
        here = own[:, t]
        A = torch.where(here, rewards[:, t] + gamma * V - values[:, t] + gamma**2 * lam * A, A)
        V = torch.where(here, values[:, t], V)
        out[:, t] = torch.where(here, A, 0.0)
    return out, torch.where(own, out + values, 0.0)


@wrong("gae", "bootstrap of the first row for all")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    own, values = mask[:, 1:], values.detach()
    A = torch.zeros_like(values[:, 0])
    V = A if bootstrap is None else bootstrap[:1].expand(len(A))
    out = torch.zeros_like(values)
    for t in reversed(range(own.shape[1])):
        here = own[:, t]
        A = torch.where(here, rewards[:, t] + gamma * V - values[:, t] + gamma * lam * A, A)
        V = torch.where(here, values[:, t], V)
        out[:, t] = torch.where(here, A, 0.0)
    return out, torch.where(own, out + values, 0.0)


@wrong("whiten", "aliasing: zeros fall back to the argument")
def _(advantages, mask):
    own = mask[:, 1:]
    A = advantages.detach()[own]
    if len(A) < 2:
        return advantages.detach()
    out = torch.zeros_like(advantages.detach())
    out[own] = (A - A.mean()) / (A.std() + 1e-8)
    return out


@wrong("ppo_steps", "gradients cleared at the end")
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
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
    optimizer.zero_grad()
    return told


@right("ppo_steps", "tuples as lists, an extra key is fine")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told = []
    for epoch in range(epochs):
        order = torch.randperm(len(rollout["ids"]), generator=g)
        for rows in torch.split(order, batch_size):
            part = {k: v[rows] for k, v in rollout.items()}
            logps = token_logprobs(policy(part["ids"]), part["ids"])
            loss = ppo_loss(logps, part["old_logps"], part["advantages"], part["mask"], clip)
            with torch.no_grad():
                fraction = clip_fraction(logps, part["old_logps"], part["mask"], clip)
            for p in policy.parameters():
                p.grad = None
            loss.backward()
            optimizer.step()
            told.append([float(loss.detach()), fraction])
    return told


@right("gae", "double loop over flipped columns in float64-neutral form")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    with torch.no_grad():
        own = mask[:, 1:]
        v = torch.where(own, values, torch.zeros_like(values))
        r = torch.where(own, rewards, torch.zeros_like(rewards))
        B, n = v.shape
        A = torch.zeros(B, n, dtype=v.dtype)
        lastA = v.new_zeros(B)
        nextV = v.new_zeros(B) if bootstrap is None else bootstrap.clone()
        for t in range(n - 1, -1, -1):
            m = own[:, t].to(v.dtype)
            new = r[:, t] + gamma * nextV - v[:, t] + gamma * lam * lastA
            lastA = m * new + (1 - m) * lastA
            nextV = m * v[:, t] + (1 - m) * nextV
            A[:, t] = m * new
        return A, (A + v) * own


@right("ppo_loss", "graph kept when empty")
def _(logps, old_logps, advantages, mask, clip):
    own = mask[:, 1:]
    if not own.any():
        return logps[own].sum()
    r = ratios(logps[own], old_logps[own])
    A = advantages.detach()[own]
    return -torch.minimum(r * A, torch.clip(r, 1 - clip, 1 + clip) * A).mean()


@right("whiten", "var root")
def _(advantages, mask):
    own = mask[:, 1:]
    A = advantages.detach()[own]
    full = torch.zeros_like(advantages.detach())
    if A.numel() >= 2:
        full = full.masked_scatter(own, (A - A.mean()) / (A.var(unbiased=True).sqrt() + 1e-8))
    return full


@right("kl_rewards", "scatter")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    k = torch.where(own, (logps - ref_logps).detach(), torch.zeros_like(logps).detach())
    out = -beta * k
    n = own.shape[1]
    last = n - 1 - own.flip(1).int().argmax(1)
    add = rewards.detach() * own.any(1)
    return out.scatter_add(1, last[:, None], add[:, None])
