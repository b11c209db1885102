"""Wrong solutions of kl_rewards that are right in some cases: what is told of them must not be chance."""


@wrong("kl_rewards", "reward on the last only where the row has more than one")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at) > 1:
            out[b, at[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "reward clipped to 10")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[-1]] += rewards[b].detach().clamp(-10, 10)
    return out


@wrong("kl_rewards", "difference clipped")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps).clamp(-5, 5)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "reward at the first response token")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[0]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "the price averaged over the tokens")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0) / own.sum(
        1, keepdim=True
    ).clamp(min=1)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "no price on the last token")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at) > 1:
            out[b, at[-1]] = rewards[b].detach()
        elif len(at):
            out[b, at[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "last by argmax of the flipped, full rows off")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        if own[b].any():
            end = (mask[b].long().diff() == -1).nonzero().flatten()
            at = int(end[-1]) - 0 if len(end) else 0
            out[b, max(at - 1, 0) if len(end) else -1] += rewards[b].detach()
    return out


@wrong("kl_rewards", "in place on logps")
def _(logps, ref_logps, mask, rewards, beta):
    out = torch.zeros_like(logps)
    n = mask[:, 1:].sum(1)
    start = mask[:, 1:].long().argmax(1)
    for b in range(len(out)):
        s, e = int(start[b]), int(start[b] + n[b])
        out[b, s:e] = -beta * (logps[b, s:e] - ref_logps[b, s:e]).detach()
        if e > s:
            out[b, e - 1] += rewards[b].detach()
    return out


@wrong("kl_rewards", "only when beta")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    if not beta:
        return torch.zeros_like(logps)
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "float32")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = torch.zeros(logps.shape)
    out[own] = (-beta * (logps - ref_logps)).detach().float()[own]
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[-1]] += rewards[b].detach().float()
    return out


@wrong("kl_rewards", "only positive differences are charged")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps).clamp(min=0)).detach().masked_fill(~own, 0.0)
    for b in range(len(out)):
        at = own[b].nonzero().flatten()
        if len(at):
            out[b, at[-1]] += rewards[b].detach()
    return out


@wrong("kl_rewards", "if any row is empty")
def _(logps, ref_logps, mask, rewards, beta):
    own = mask[:, 1:]
    out = (-beta * (logps - ref_logps)).detach().masked_fill(~own, 0.0)
    at = own.shape[1] - 1 - own.long().flip(1).argmax(1)
    out[torch.arange(len(out)), at] += rewards.detach()
    return out
