"""Solutions of 10, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("group_advantages", "the standard deviation divides by G")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    r = rewards.view(-1, group_size)
    return (
        (r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True, unbiased=False) + eps)
    ).flatten()


@wrong("group_advantages", "groups lie interleaved: view(G, -1)")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    if group_size == 1:
        return torch.zeros_like(rewards)
    r = rewards.view(group_size, -1)
    return ((r - r.mean(0)) / (r.std(0) + eps)).flatten()


@wrong("group_advantages", "nan for groups of one")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    r = rewards.view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + eps)).flatten()


@wrong("group_advantages", "eps inside of the root")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    if group_size == 1:
        return torch.zeros_like(rewards)
    r = rewards.view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.var(1, keepdim=True) + eps).sqrt()).flatten()


@wrong("group_advantages", "std of the whole batch")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    if group_size == 1:
        return torch.zeros_like(rewards)
    r = rewards.view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.std() + eps)).flatten()


@wrong("group_advantages", "drops an incomplete group instead of raising")
def _(rewards, group_size, eps=1e-4):
    n = len(rewards) // group_size * group_size
    r = rewards[:n].view(-1, group_size)
    if group_size == 1:
        return torch.zeros_like(rewards)
    return ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + eps)).flatten()


@wrong("group_advantages", "writes into the rewards")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    if group_size == 1:
        return torch.zeros_like(rewards)
    r = rewards.view(-1, group_size)
    std = r.std(1, keepdim=True)
    r -= r.mean(1, keepdim=True)
    r /= std + eps
    return r.flatten()


@wrong("group_advantages", "eps is forgotten, equal groups are zeroed by nan_to_num")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    r = rewards.view(-1, group_size)
    if group_size == 1:
        return torch.zeros_like(rewards)
    return torch.nan_to_num((r - r.mean(1, keepdim=True)) / r.std(1, keepdim=True)).flatten()


@wrong("group_advantages", "eps frozen at 1e-4")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    if group_size == 1:
        return torch.zeros_like(rewards)
    r = rewards.view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + 1e-4)).flatten()


@wrong("group_advantages", "float32 whatever comes")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("groups")
    if group_size == 1:
        return torch.zeros(len(rewards))
    r = rewards.float().view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + eps)).flatten()


@right("group_advantages", "a loop over the groups, by hand")
def _(rewards, group_size, eps=1e-4):
    if rewards.numel() % group_size != 0:
        raise ValueError("incomplete group")
    out = torch.zeros_like(rewards)
    for start in range(0, rewards.numel(), group_size):
        group = rewards[start : start + group_size]
        if group_size == 1 or bool((group == group[0]).all()):
            continue
        d = group - group.sum() / group_size
        out[start : start + group_size] = d / (((d * d).sum() / (group_size - 1)).sqrt() + eps)
    return out


@right("group_advantages", "split, std_mean and cat")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("incomplete group")
    found = []
    for part in rewards.split(group_size):
        if part.max() == part.min():
            found.append(torch.zeros_like(part))
        else:
            std, mean = torch.std_mean(part)
            found.append((part - mean).div(std.add(eps)))
    return torch.cat(found)


@wrong("k3", "policy and reference exchanged")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return d.exp() - d - 1


@wrong("k3", "the plain estimate")
def _(logps, ref_logps):
    return logps - ref_logps.detach()


@wrong("k3", "averaged")
def _(logps, ref_logps):
    d = ref_logps.detach() - logps
    return (d.exp() - d - 1).mean()


@wrong("k3", "gradient flows into the reference")
def _(logps, ref_logps):
    d = ref_logps - logps
    return d.exp() - d - 1


@wrong("k3", "ratio detached: no gradient through exp")
def _(logps, ref_logps):
    d = ref_logps.detach() - logps
    return d.detach().exp() - d - 1


@wrong("k3", "k2, half of the square")
def _(logps, ref_logps):
    return (ref_logps.detach() - logps) ** 2 / 2


@wrong("k3", "clamped at 0 with relu of d")
def _(logps, ref_logps):
    d = (ref_logps.detach() - logps).clamp(min=0)
    return d.exp() - d - 1


@wrong("k3", "all detached")
def _(logps, ref_logps):
    d = ref_logps.detach() - logps.detach()
    return d.exp() - d - 1


@wrong("k3", "summed over the last dimension")
def _(logps, ref_logps):
    d = ref_logps.detach() - logps
    return (d.exp() - d - 1).sum(-1)


@right("k3", "expm1")
def _(logps, ref_logps):
    d = torch.sub(ref_logps.detach(), logps)
    return torch.expm1(d) - d


@right("k3", "quotient of the probabilities")
def _(logps, ref_logps):
    ref = ref_logps.detach()
    return ref.sub(logps).exp() + (logps - ref) - 1.0


@wrong("grpo_loss", "one mean over all tokens")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    def inner(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        logps = logps.masked_fill(~mask, 0.0)
        old = old_logps.detach().masked_fill(~mask, 0.0)
        ref = ref_logps.detach().masked_fill(~mask, 0.0)
        A = advantages.detach()[:, None]
        ratio = (logps - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        d = ref - logps
        return gain - beta * (d.exp() - d - 1)

    per = inner(logps, old_logps, ref_logps, advantages, mask, clip, beta)
    return -(per * mask).sum() / mask.sum().clamp(min=1)


@wrong("grpo_loss", "answers without tokens are not counted")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    def inner(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        logps = logps.masked_fill(~mask, 0.0)
        old = old_logps.detach().masked_fill(~mask, 0.0)
        ref = ref_logps.detach().masked_fill(~mask, 0.0)
        A = advantages.detach()[:, None]
        ratio = (logps - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        d = ref - logps
        return gain - beta * (d.exp() - d - 1)

    per = inner(logps, old_logps, ref_logps, advantages, mask, clip, beta)
    n = mask.sum(1)
    rows = (per * mask).sum(1) / n.clamp(min=1)
    return -rows.sum() / (n > 0).sum().clamp(min=1)


@wrong("grpo_loss", "the clipped ratio only, no min")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    logps = logps.masked_fill(~mask, 0.0)
    old = old_logps.detach().masked_fill(~mask, 0.0)
    ref = ref_logps.detach().masked_fill(~mask, 0.0)
    ratio = (logps - old).exp().clamp(1 - clip, 1 + clip)
    d = ref - logps
    per = ratio * advantages.detach()[:, None] - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "the clip holds above only")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    logps = logps.masked_fill(~mask, 0.0)
    old = old_logps.detach().masked_fill(~mask, 0.0)
    ref = ref_logps.detach().masked_fill(~mask, 0.0)
    A = advantages.detach()[:, None]
    ratio = (logps - old).exp()
    d = ref - logps
    per = torch.minimum(ratio * A, ratio.clamp(max=1 + clip) * A) - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "ratio of the whole answer instead of each token")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    logps = logps.masked_fill(~mask, 0.0)
    old = old_logps.detach().masked_fill(~mask, 0.0)
    ref = ref_logps.detach().masked_fill(~mask, 0.0)
    A = advantages.detach()[:, None]
    ratio = (logps - old).sum(1, keepdim=True).exp()
    d = ref - logps
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per = gain - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "the penalty is rewarded")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    def inner(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        logps = logps.masked_fill(~mask, 0.0)
        old = old_logps.detach().masked_fill(~mask, 0.0)
        ref = ref_logps.detach().masked_fill(~mask, 0.0)
        A = advantages.detach()[:, None]
        ratio = (logps - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        d = ref - logps
        return gain - beta * (d.exp() - d - 1)

    per = inner(logps, old_logps, ref_logps, advantages, mask, clip, -beta)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "masked after exp: nan where it overflows")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    A = advantages.detach()[:, None]
    ratio = (logps - old_logps.detach()).exp()
    d = ref_logps.detach() - logps
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per = gain - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "torch.where after exp: right value, gradient nan")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    A = advantages.detach()[:, None]
    ratio = (logps - old_logps.detach()).exp()
    d = ref_logps.detach() - logps
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per = gain - beta * (d.exp() - d - 1)
    per = torch.where(mask, per, 0.0)
    return -(per.sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "old log-probabilities not detached")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    logps = logps.masked_fill(~mask, 0.0)
    old = old_logps.masked_fill(~mask, 0.0)
    ref = ref_logps.detach().masked_fill(~mask, 0.0)
    A = advantages.detach()[:, None]
    ratio = (logps - old).exp()
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    d = ref - logps
    per = gain - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "divides by T")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    def inner(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        logps = logps.masked_fill(~mask, 0.0)
        old = old_logps.detach().masked_fill(~mask, 0.0)
        ref = ref_logps.detach().masked_fill(~mask, 0.0)
        A = advantages.detach()[:, None]
        ratio = (logps - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        d = ref - logps
        return gain - beta * (d.exp() - d - 1)

    per = inner(logps, old_logps, ref_logps, advantages, mask, clip, beta)
    return -(per * mask).mean()


@wrong("grpo_loss", "clip frozen at 0.2")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    def inner(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        logps = logps.masked_fill(~mask, 0.0)
        old = old_logps.detach().masked_fill(~mask, 0.0)
        ref = ref_logps.detach().masked_fill(~mask, 0.0)
        A = advantages.detach()[:, None]
        ratio = (logps - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        d = ref - logps
        return gain - beta * (d.exp() - d - 1)

    per = inner(logps, old_logps, ref_logps, advantages, mask, 0.2, beta)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "advantages not detached")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    logps = logps.masked_fill(~mask, 0.0)
    old = old_logps.detach().masked_fill(~mask, 0.0)
    ref = ref_logps.detach().masked_fill(~mask, 0.0)
    A = advantages[:, None]
    ratio = (logps - old).exp()
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    d = ref - logps
    per = gain - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "log ratios kept within 1: no overflow, but k3 and far ratios are bounded, too")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    A = advantages.detach()[:, None]
    ratio = (logps - old_logps.detach()).clamp(-1, 1).exp()
    d = (ref_logps.detach() - logps).clamp(-1, 1)
    gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    per = gain - beta * (d.exp() - d - 1)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_loss", "a batch without tokens gives a 0 without graph")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    def inner(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
        logps = logps.masked_fill(~mask, 0.0)
        old = old_logps.detach().masked_fill(~mask, 0.0)
        ref = ref_logps.detach().masked_fill(~mask, 0.0)
        A = advantages.detach()[:, None]
        ratio = (logps - old).exp()
        gain = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
        d = ref - logps
        return gain - beta * (d.exp() - d - 1)

    if not mask.any():
        return torch.tensor(0.0, dtype=logps.dtype)
    per = inner(logps, old_logps, ref_logps, advantages, mask, clip, beta)
    return -((per * mask).sum(1) / mask.sum(1).clamp(min=1)).mean()


@right("grpo_loss", "a loop over the answers, indexing with the mask")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    total = logps.sum() * 0
    for lp, old, ref, a, m in zip(logps, old_logps, ref_logps, advantages, mask, strict=True):
        if not m.any():
            continue
        lp, old, ref, a = lp[m], old[m].detach(), ref[m].detach(), a.detach()
        ratio = torch.exp(lp - old)
        gain = torch.min(ratio * a, torch.clamp(ratio, 1 - clip, 1 + clip) * a)
        total = total - (gain - beta * k3(lp, ref)).mean()
    return total / len(logps)


@right("grpo_loss", "where before exp, max of the losses, masked weights")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    old_logps, ref_logps, advantages = old_logps.detach(), ref_logps.detach(), advantages.detach()
    ratio = torch.where(mask, logps - old_logps, 0.0).exp()
    A = advantages.unsqueeze(1)
    loss = torch.max(-A * ratio, -A * ratio.clip(1 - clip, 1 + clip))
    d = torch.where(mask, ref_logps - logps, 0.0)
    loss = loss + beta * (torch.expm1(d) - d)
    weight = mask.to(logps.dtype)
    weight = weight / weight.sum(1, keepdim=True).clamp(min=1) / len(mask)
    return (loss * weight).sum()


@right("grpo_loss", "the clip by cases of the advantage's sign")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    with torch.no_grad():
        A = advantages[:, None].expand_as(logps)
        old = torch.where(mask, old_logps, logps)
        ref = torch.where(mask, ref_logps, logps)
    ratio = (logps - old).exp()
    held = torch.where(A >= 0, ratio.clamp(max=1 + clip), ratio.clamp(min=1 - clip))
    per = held * A - beta * ((ref - logps).exp() - (ref - logps) - 1)
    per = per.masked_fill(~mask, 0)
    return -(per.sum(1) / mask.sum(1).clamp(min=1)).mean()


@wrong("grpo_step", "old log-probabilities anew in each epoch")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref = token_logps(reference, ids)
    losses = []
    for _ in range(epochs):
        logps = token_logps(policy, ids)
        loss = grpo_loss(logps, logps.detach(), ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "mask[:, :-1]")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, :-1], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "clip and beta are not passed on")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "zero_grad only once, before the epochs")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    optimizer.zero_grad()
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "zero_grad after the step")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "sets both to eval and train")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    policy.train()
    reference.eval()
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "the reference's requires_grad is switched off, and never back")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    reference.requires_grad_(False)
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "advantages over the whole batch")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, len(rewards))
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "one step in all: losses of the epochs summed")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    optimizer.zero_grad()
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        loss.backward()
        losses.append(loss.item())
    optimizer.step()
    return losses


@wrong("grpo_step", "returns the last loss only")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


@wrong("grpo_step", "gradient norm clipped to 1, as in other loops")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("grpo_step", "the old log-probabilities come from the reference")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    A = group_advantages(rewards, group_size)
    with torch.no_grad():
        ref = token_logps(reference, ids)
    losses = []
    for _ in range(epochs):
        loss = grpo_loss(token_logps(policy, ids), ref, ref, A, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@right("grpo_step", "the first forward pass gives the old ones")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    with torch.no_grad():
        ref = token_logps(reference, ids)
    A, old, losses = group_advantages(rewards, group_size), None, []
    while len(losses) < epochs:
        optimizer.zero_grad()
        now = token_logps(policy, ids)
        if old is None:
            old = now.detach().clone()
        loss = grpo_loss(now, old, ref, A, mask[:, 1:], clip=clip, beta=beta)
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


@right("grpo_step", "gradients set to None by hand")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    old = token_logps(policy, ids).detach()
    ref = torch.no_grad()(token_logps)(reference, ids)
    written, A = mask[:, 1:], group_advantages(rewards, group_size).detach()
    found = []
    for _ in range(epochs):
        for p in policy.parameters():
            p.grad = None
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, written, clip, beta)
        found.append(loss.item())
        loss.backward()
        optimizer.step()
    return found


@right("grpo_step", "zero_grad(set_to_none=False)")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    with torch.no_grad():
        ref, old = token_logps(reference, ids), token_logps(policy, ids)
    A = group_advantages(rewards, group_size)
    found = []
    for _ in range(epochs):
        optimizer.zero_grad(set_to_none=False)
        loss = grpo_loss(token_logps(policy, ids), old, ref, A, mask[:, 1:], clip, beta)
        loss.backward()
        optimizer.step()
        found.append(loss.item())
    return found


@wrong("average", "rows without tokens are not counted")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    sums = (losses * mask).sum(1)
    if how == "answer":
        has = mask.any(1)
        return (sums[has] / mask.sum(1)[has]).sum() / has.sum().clamp(min=1)
    if how == "token":
        return sums.sum() / mask.sum().clamp(min=1)
    return (sums / max_tokens).mean()


@wrong("average", "constant: the batch's width instead of max_tokens")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    sums = (losses * mask).sum(1)
    if how == "answer":
        return (sums / mask.sum(1).clamp(min=1)).mean()
    if how == "token":
        return sums.sum() / mask.sum().clamp(min=1)
    return (sums / losses.shape[1]).mean()


@wrong("average", "token: nan if no token counts")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    sums = (losses * mask).sum(1)
    if how == "answer":
        return (sums / mask.sum(1).clamp(min=1)).mean()
    if how == "token":
        return losses[mask].mean()
    return (sums / max_tokens).mean()


@wrong("average", "an unknown way is taken for constant")
def _(losses, mask, how, max_tokens=None):
    sums = (losses * mask).sum(1)
    if how == "answer":
        return (sums / mask.sum(1).clamp(min=1)).mean()
    if how == "token":
        return sums.sum() / mask.sum().clamp(min=1)
    return (sums / max_tokens).mean()


@wrong("average", "constant: the sum over the answers")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    sums = (losses * mask).sum(1)
    if how == "answer":
        return (sums / mask.sum(1).clamp(min=1)).mean()
    if how == "token":
        return sums.sum() / mask.sum().clamp(min=1)
    return (sums / max_tokens).sum()


@wrong("average", "token: sums over all tokens divided by B T")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    sums = (losses * mask).sum(1)
    if how == "answer":
        return (sums / mask.sum(1).clamp(min=1)).mean()
    if how == "token":
        return (losses * mask).mean()
    return (sums / max_tokens).mean()


@wrong("average", "KeyError instead of ValueError")
def _(losses, mask, how, max_tokens=None):
    sums, n = (losses * mask).sum(1), mask.sum(1).clamp(min=1)
    return {
        "answer": lambda: (sums / n).mean(),
        "token": lambda: sums.sum() / mask.sum().clamp(min=1),
        "constant": lambda: (sums / max_tokens).mean(),
    }[how]()


@wrong("average", "float32 whatever comes")
def _(losses, mask, how, max_tokens=None):
    losses = losses.float()
    sums, n = (losses * mask).sum(1), mask.sum(1).clamp(min=1)
    if how == "answer":
        return (sums / n).mean()
    if how == "token":
        return sums.sum() / mask.sum().clamp(min=1)
    if how == "constant":
        return (sums / max_tokens).mean()
    raise ValueError(how)


@wrong("average", "zeroes the losses of whoever called")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    losses = losses.detach().masked_fill_(~mask, 0.0) + 0 * losses
    sums, n = losses.sum(1), mask.sum(1).clamp(min=1)
    if how == "answer":
        return (sums / n).mean()
    if how == "token":
        return sums.sum() / mask.sum().clamp(min=1)
    return (sums / max_tokens).mean()


@wrong("average", "empty batch of tokens returns a constant without graph")
def _(losses, mask, how, max_tokens=None):
    if how not in ("answer", "token", "constant"):
        raise ValueError(how)
    if not mask.any():
        return torch.zeros((), dtype=losses.dtype)
    sums, n = (losses * mask).sum(1), mask.sum(1).clamp(min=1)
    if how == "answer":
        return (sums / n).mean()
    if how == "token":
        return sums.sum() / mask.sum()
    return (sums / max_tokens).mean()


@right("average", "a weight for each token")
def _(losses, mask, how, max_tokens=None):
    m, B = mask.to(losses.dtype), losses.shape[0]
    if how == "answer":
        weight = m / m.sum(1, keepdim=True).clamp(min=1) / B
    elif how == "token":
        weight = m / m.sum().clamp(min=1)
    elif how == "constant":
        weight = m / (max_tokens * B)
    else:
        raise ValueError("answer, token or constant")
    return (weight * losses).sum()


@right("average", "match, rows in a loop")
def _(losses, mask, how, max_tokens=None):
    rows = [row[m] for row, m in zip(losses, mask, strict=True)]
    match how:
        case "answer":
            return torch.stack([r.sum() / max(r.numel(), 1) for r in rows]).mean()
        case "token":
            return torch.cat(rows).sum() / max(int(mask.sum()), 1)
        case "constant":
            return torch.stack([r.sum() for r in rows]).sum() / (len(rows) * max_tokens)
    raise ValueError(f"unknown: {how}")
