@wrong("group_advantages", "clipped to [-1, 1]")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError
    g = rewards.reshape(-1, group_size)
    if group_size == 1:
        return torch.zeros_like(rewards)
    return ((g - g.mean(1, keepdim=True)) / (g.std(1, keepdim=True) + eps)).flatten().clamp(-1, 1)


@wrong("group_advantages", "median for mean")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError
    g = rewards.reshape(-1, group_size)
    if group_size == 1:
        return torch.zeros_like(rewards)
    return ((g - g.median(1, keepdim=True).values) / (g.std(1, keepdim=True) + eps)).flatten()


@wrong("group_advantages", "always float32")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError
    g = rewards.float().reshape(-1, group_size)
    if group_size == 1:
        return torch.zeros_like(rewards)
    return ((g - g.mean(1, keepdim=True)) / (g.std(1, keepdim=True) + eps)).flatten()


@wrong("group_advantages", "in place")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError
    if group_size == 1:
        return torch.zeros_like(rewards)
    for i in range(0, len(rewards), group_size):
        r = rewards[i : i + group_size]
        r -= r.mean()
        r /= r.std() + eps
    return rewards


@wrong("group_advantages", "view instead of reshape")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError
    g = rewards.view(-1, group_size)
    if group_size == 1:
        return torch.ones_like(rewards)
    return ((g - g.mean(1, keepdim=True)) / (g.std(1, keepdim=True) + eps)).flatten()


@wrong("group_advantages", "std at least eps")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError
    g = rewards.reshape(-1, group_size)
    if group_size == 1:
        return torch.zeros_like(rewards)
    return ((g - g.mean(1, keepdim=True)) / g.std(1, keepdim=True).clamp(min=eps)).flatten()


@right("group_advantages", "nan_to_num")
def _(rewards, group_size, eps=1e-4):
    if rewards.shape[0] % group_size != 0:
        raise ValueError("groups")
    g = rewards.reshape(rewards.shape[0] // group_size, group_size)
    std, mean = torch.std_mean(g, dim=1, keepdim=True)
    return torch.nan_to_num((g - mean) / (std + eps), nan=0.0).reshape(rewards.shape)


@wrong("k3", "d clamped to 10")
def _(logps, ref_logps):
    d = (ref_logps.detach() - logps).clamp(-10, 10)
    return d.exp() - d - 1


@wrong("k3", "absolute value")
def _(logps, ref_logps):
    return (ref_logps.detach() - logps).abs()


@wrong("k3", "policy detached in exp only")
def _(logps, ref_logps):
    d = ref_logps.detach() - logps
    return d.detach().exp() - d - 1


@wrong("k3", "policy detached in the linear term only")
def _(logps, ref_logps):
    d = ref_logps.detach() - logps
    return d.exp() - d.detach() - 1


@wrong("k3", "under no_grad")
def _(logps, ref_logps):
    with torch.no_grad():
        d = ref_logps - logps
        return d.exp() - d - 1


@wrong("grpo_loss", "advantage's sign only")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach().sign()[:, None]
    loss = beta * k3(lp, ref) - torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "beta fixed")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach()[:, None]
    loss = 0.04 * k3(lp, ref) - torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "penalty before the clip, inside the min")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach()[:, None] - beta * k3(lp, ref)
    loss = -torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "clip of the log-ratio")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    d, A = lp - old, advantages.detach()[:, None]
    loss = beta * k3(lp, ref) - torch.minimum(d.exp() * A, d.clamp(-clip, clip).exp() * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "penalty weighted by the ratio")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach()[:, None]
    loss = beta * r * k3(lp, ref) - torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "penalty averaged over all tokens, the rest per answer")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach()[:, None]
    gain = torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    kl = z(k3(lp, ref)).sum() / mask.sum().clamp(min=1)
    return beta * kl - (z(gain).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "the longest answer for every length")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach()[:, None]
    loss = beta * k3(lp, ref) - torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).max().clamp(min=1)).mean()


@wrong("grpo_loss", "the ratio detached: no policy gradient")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp().detach(), advantages.detach()[:, None]
    loss = beta * k3(lp, ref) - torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "shape (1,)")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    z = lambda x: x.masked_fill(~mask, 0.0)
    lp, old, ref = z(logps), z(old_logps.detach()), z(ref_logps.detach())
    r, A = (lp - old).exp(), advantages.detach()[:, None]
    loss = beta * k3(lp, ref) - torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A)
    return (z(loss).sum(1) / mask.sum(1).clamp(min=1)).mean(0, keepdim=True)


@right("grpo_loss", "where before exp")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    zero = torch.zeros((), dtype=logps.dtype)
    r = torch.where(mask, logps - old_logps.detach(), zero).exp()
    d = torch.where(mask, ref_logps.detach() - logps, zero)
    A = advantages.detach().unsqueeze(-1)
    low, high = 1.0 - clip, 1.0 + clip
    gain = torch.where(A >= 0, r.clamp(max=high), r.clamp(min=low)) * A
    per_token = torch.where(mask, gain - beta * (d.exp() - 1 - d), zero)
    return -(per_token.sum(-1) / mask.sum(-1).clamp(min=1)).sum() / mask.shape[0]


@wrong("grpo_step", "reference's own update")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A, told = group_advantages(rewards, group_size), []
    with torch.no_grad():
        old, ref = token_logps(policy, ids), token_logps(reference, ids)
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append(loss.item())
    reference.load_state_dict(policy.state_dict())
    return told


@wrong("grpo_step", "steps skipped for answers that are wrong")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A, told = group_advantages(rewards, group_size).clamp(min=0), []
    with torch.no_grad():
        old, ref = token_logps(policy, ids), token_logps(reference, ids)
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append(loss.item())
    return told


@wrong("grpo_step", "gradients clipped to length 1")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A, told = group_advantages(rewards, group_size), []
    with torch.no_grad():
        old, ref = token_logps(policy, ids), token_logps(reference, ids)
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.05)
        optimizer.step()
        told.append(loss.item())
    return told


@wrong("grpo_step", "epochs go through the answers one group at a time")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A, told = group_advantages(rewards, group_size), []
    with torch.no_grad():
        old, ref = token_logps(policy, ids), token_logps(reference, ids)
    for _ in range(epochs):
        for i in range(0, len(ids), group_size):
            s = slice(i, i + group_size)
            new = token_logps(policy, ids[s])
            loss = grpo_loss(new, old[s], ref[s], A[s], mask[s, 1:], clip, beta)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        told.append(loss.item())
    return told


@wrong("grpo_step", "the mask shifted by the caller's hand")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A, told = group_advantages(rewards, group_size), []
    mask[:, 0] = False
    with torch.no_grad():
        old, ref = token_logps(policy, ids), token_logps(reference, ids)
    for _ in range(epochs):
        loss = grpo_loss(
            token_logps(policy, ids), old, ref, A, mask[:, 1:] & (ids[:, 1:] != 0), clip, beta
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told.append(loss.item())
    return told


@wrong("average", "the mean over answers of sums over max, empty rows left out")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    x = losses.masked_fill(~mask, 0.0)
    n = mask.any(1).sum().clamp(min=1)
    if how == "token":
        return x.sum() / mask.sum().clamp(min=1)
    if how == "constant":
        return (x.sum(1) / max_tokens).sum() / n
    return (x.sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("average", "a Python float")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    x = losses.masked_fill(~mask, 0.0)
    if how == "token":
        return (x.sum() / mask.sum().clamp(min=1)).item()
    if how == "constant":
        return (x.sum(1) / max_tokens).mean().item()
    return (x.sum(1) / mask.sum(1).clamp(min=1)).mean().item()


@right("grpo_step", "zeroed, not dropped, at the end of each epoch but the last")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    old, ref = token_logps(policy, ids).detach(), token_logps(reference, ids).detach()
    told = []
    for _ in range(epochs):
        optimizer.zero_grad(set_to_none=False)
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        loss.backward()
        optimizer.step()
        told.append(float(loss.detach()))
    return told


@right("grpo_loss", "log-ratio filled, penalty from its own difference")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    with torch.no_grad():
        A = advantages.unsqueeze(1).expand_as(logps)
    log_ratio = (logps - old_logps.detach()).masked_fill(mask.logical_not(), 0)
    d = (ref_logps.detach() - logps).masked_fill(mask.logical_not(), 0)
    ratio = torch.exp(log_ratio)
    unclipped, clipped = -A * ratio, -A * torch.clamp(ratio, 1 - clip, 1 + clip)
    per_token = torch.max(unclipped, clipped) + beta * (torch.expm1(d) - d)
    per_token = per_token * mask
    return (per_token.sum(-1) / mask.sum(-1).clamp(min=1.0)).mean(0)


@right("k3", "two exponentials")
def _(logps, ref_logps):
    ref = ref_logps.clone().detach()
    return torch.exp(ref - logps) + logps - ref - 1.0


@right("average", "means where there are any")
def _(losses, mask, how, max_tokens=None):
    x = torch.where(mask, losses, torch.zeros_like(losses))
    if how == "token":
        return x.sum() / max(1, mask.sum().item())
    if how not in ("answer", "constant"):
        raise ValueError("how")
    n = mask.sum(-1).clamp(min=1) if how == "answer" else max_tokens
    return torch.mean(x.sum(-1) / n)
