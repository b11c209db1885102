"""Solutions of 10/8 that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("token_logprobs", "zero put in front: (B, T)")
def _(logits, ids, temperature=1.0):
    logp = F.log_softmax(logits[:, :-1] / temperature, -1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    return F.pad(logp, (1, 0))


@wrong("token_logprobs", "logits changed in place")
def _(logits, ids, temperature=1.0):
    with torch.no_grad():
        logits /= temperature
    return F.log_softmax(logits[:, :-1], -1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "clamped at -100")
def _(logits, ids, temperature=1.0):
    logp = F.log_softmax(logits[:, :-1] / temperature, -1).gather(-1, ids[:, 1:, None]).squeeze(-1)
    return logp.clamp(min=-100)


@wrong("token_logprobs", "the default temperature is 0.7")
def _(logits, ids, temperature=0.7):
    return F.log_softmax(logits[:, :-1] / temperature, -1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "the normaliser detached")
def _(logits, ids, temperature=1.0):
    x = logits[:, :-1] / temperature
    return x.gather(-1, ids[:, 1:, None]).squeeze(-1) - x.detach().logsumexp(-1)


@wrong("token_logprobs", "float32")
def _(logits, ids, temperature=1.0):
    logits = logits.float()
    return F.log_softmax(logits[:, :-1] / temperature, -1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@right("token_logprobs", "all positions, cut afterwards")
def _(logits, ids, temperature=1.0):
    logp = torch.log_softmax(logits.div(temperature), 2)
    b, t = torch.arange(len(ids))[:, None], torch.arange(ids.shape[1] - 1)[None]
    return logp[b, t, ids[:, 1:]]


@wrong("over_response", "an empty row is left out")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    out = values.masked_fill(~own, 0.0).sum(1)
    out = out / own.sum(1).clamp(min=1) if mean else out
    return out[own.any(1)]


@wrong("over_response", "nan_to_num everywhere, no mask")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    out = values.nan_to_num(0.0, neginf=0.0).sum(1)
    return out / own.sum(1).clamp(min=1) if mean else out


@wrong("over_response", "divided by n + 1e-3")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    out = values.masked_fill(~own, 0.0).sum(1)
    return out / (own.sum(1) + 1e-3) if mean else out


@wrong("over_response", "values changed in place")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    with torch.no_grad():
        values[~own] = 0.0
    out = values.sum(1)
    return out / own.sum(1).clamp(min=1) if mean else out


@wrong("over_response", "keepdim")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    out = values.masked_fill(~own, 0.0).sum(1, keepdim=True)
    return out / own.sum(1, keepdim=True).clamp(min=1) if mean else out


@wrong("entropy", "clamped at 1e-10")
def _(logits):
    p = logits.softmax(-1)
    return -(p * p.clamp(min=1e-10).log()).sum(-1)


@wrong("entropy", "cross-entropy with the best token")
def _(logits):
    return -F.log_softmax(logits, -1).amax(-1)


@wrong("entropy", "normalised by log V")
def _(logits):
    logp = F.log_softmax(logits, -1)
    return -(logp.exp() * logp.masked_fill(logp == -torch.inf, 0)).sum(-1) / math.log(
        max(2, logits.shape[-1])
    )


@wrong("entropy", "keepdim")
def _(logits):
    logp = F.log_softmax(logits, -1)
    return -(logp.exp() * logp.masked_fill(logp == -torch.inf, 0)).sum(-1, keepdim=True)


@wrong("entropy", "where after the product: nan in the gradient")
def _(logits):
    logp = F.log_softmax(logits, -1)
    p = logp.exp()
    return -torch.where(p > 0, p * logp, torch.zeros_like(p)).sum(-1)


@wrong("entropy", "-inf replaced by -20")
def _(logits):
    logp = F.log_softmax(logits.clamp(min=-20), -1)
    return -(logp.exp() * logp).sum(-1)


@wrong("exact_kl", "symmetric")
def _(logits, ref_logits):
    p, q = F.log_softmax(logits, -1), F.log_softmax(ref_logits.detach(), -1)
    d = (p - q).masked_fill(p == -torch.inf, 0)
    return 0.5 * ((p.exp() - q.exp()) * d).sum(-1)


@wrong("exact_kl", "F.kl_div with its arguments as they come")
def _(logits, ref_logits):
    return F.kl_div(
        F.log_softmax(logits, -1), F.softmax(ref_logits.detach(), -1), reduction="none"
    ).sum(-1)


@wrong("exact_kl", "clamped at zero from below and cut off above")
def _(logits, ref_logits):
    p, q = F.log_softmax(logits, -1), F.log_softmax(ref_logits.detach(), -1)
    return (p.exp() * (p - q).masked_fill(p == -torch.inf, 0)).sum(-1).clamp(0, 10)


@wrong("exact_kl", "only the gradient through p")
def _(logits, ref_logits):
    p, q = F.log_softmax(logits, -1), F.log_softmax(ref_logits.detach(), -1)
    return (p.exp() * (p - q).masked_fill(p == -torch.inf, 0).square()).sum(-1) / 2


@wrong("exact_kl", "entropy left out")
def _(logits, ref_logits):
    return -(logits.softmax(-1) * F.log_softmax(ref_logits.detach(), -1)).sum(-1)


@wrong("kl_estimates", "a tensor of three rows with k1 and k3 swapped")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return torch.expm1(-d) + d, d**2 / 2, d


@wrong("kl_estimates", "clamped")
def _(logps, ref_logps):
    d = (logps - ref_logps.detach()).clamp(-1, 1)
    return d, d**2 / 2, torch.expm1(-d) + d


@wrong("kl_estimates", "k3 without gradient")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return d, d**2 / 2, (torch.expm1(-d) + d).detach()


@wrong("kl_estimates", "only k3")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return torch.expm1(-d) + d


@wrong("kl_estimates", "k1 detached")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return d.detach(), d**2 / 2, torch.expm1(-d) + d


@wrong("reinforce_loss", "the mask of the rows only")
def _(logps, mask, advantages):
    own = mask.any(1)
    return -(advantages.detach() * own * logps.nan_to_num(0, neginf=0).sum(1)).mean()


@wrong("reinforce_loss", "advantages clamped")
def _(logps, mask, advantages):
    return -(advantages.detach().clamp(-1, 1) * over_response(logps, mask)).mean()


@wrong("reinforce_loss", "only good answers")
def _(logps, mask, advantages):
    return -(advantages.detach().clamp(min=0) * over_response(logps, mask)).mean()


@wrong("reinforce_loss", "a float")
def _(logps, mask, advantages):
    return -(advantages.detach() * over_response(logps, mask)).mean().item()


@wrong("reinforce_loss", "divided by the mean length")
def _(logps, mask, advantages):
    n = mask[:, 1:].sum(1).double().mean().clamp(min=1)
    return (-(advantages.detach() * over_response(logps, mask)).mean() / n).to(logps.dtype)


@wrong("reinforce_loss", "one per row")
def _(logps, mask, advantages):
    return -(advantages.detach() * over_response(logps, mask))


@wrong("leave_one_out", "the argument is changed")
def _(rewards):
    if rewards.shape[1] < 2:
        raise ValueError
    with torch.no_grad():
        K = rewards.shape[1]
        rewards -= rewards.mean(1, keepdim=True).clone()
        return (rewards * K / (K - 1)).clone()


@wrong("leave_one_out", "median of the others")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError
    r = rewards.detach()
    return r - torch.stack(
        [torch.cat([r[:, :k], r[:, k + 1 :]], 1).median(1).values for k in range(K)], 1
    )


@wrong("leave_one_out", "zeros for one answer")
def _(rewards):
    K = rewards.shape[1]
    r = rewards.detach()
    return torch.zeros_like(r) if K < 2 else (r - r.mean(1, keepdim=True)) * K / (K - 1)


@wrong("leave_one_out", "flattened")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError
    r = rewards.detach()
    return ((r - r.mean(1, keepdim=True)) * K / (K - 1)).flatten()


@wrong("running_baseline", "bias correction")
def _(baseline, rewards, momentum):
    rewards = rewards.detach()
    new = momentum * baseline + (1 - momentum) * rewards.mean().item()
    return rewards - baseline, new / (1 - momentum**2 + 1e-9)


@wrong("running_baseline", "first batch's mean if the baseline is 0")
def _(baseline, rewards, momentum):
    rewards = rewards.detach()
    mean = rewards.mean().item()
    return rewards - baseline, mean if baseline == 0 else momentum * baseline + (
        1 - momentum
    ) * mean


@wrong("running_baseline", "momentum fixed at 0.9")
def _(baseline, rewards, momentum):
    rewards = rewards.detach()
    return rewards - baseline, 0.9 * baseline + 0.1 * rewards.mean().item()


@wrong("running_baseline", "the mean advantage")
def _(baseline, rewards, momentum):
    rewards = rewards.detach()
    a = rewards - baseline
    return a.mean(), momentum * baseline + (1 - momentum) * rewards.mean().item()


@wrong("reinforce_step", "the policy is read twice")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    with torch.no_grad():
        policy(ids)
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "the default temperature is 0.7")
def _(policy, ids, mask, advantages, optimizer, temperature=0.7):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "an entropy bonus")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    logits = policy(ids)
    loss = reinforce_loss(token_logprobs(logits, ids, temperature), mask, advantages)
    optimizer.zero_grad()
    (loss - 0.01 * entropy(logits).mean()).backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "ids without their first column")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    logits = policy(ids[:, :-1])
    loss = reinforce_loss(
        token_logprobs(logits, ids[:, :-1], temperature), mask[:, :-1], advantages
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "gradients piled into advantages")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = -(advantages * over_response(token_logprobs(policy(ids), ids, temperature), mask)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("token_logprobs", "entropy-like: whole distribution kept")
def _(logits, ids, temperature=1.0):
    return F.log_softmax(logits[:, :-1] / temperature, -1)


@wrong("token_logprobs", "view(B, T-1) of cross entropy in wrong order")
def _(logits, ids, temperature=1.0):
    B, T, V = logits.shape
    x = (logits[:, :-1] / temperature).transpose(0, 1).reshape(-1, V)
    return -F.cross_entropy(x, ids[:, 1:].T.reshape(-1), reduction="none").view(B, T - 1)


@wrong("over_response", "positional mean ignored when mask is all true")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    out = torch.where(own, values, torch.zeros_like(values)).sum(1)
    return out / own.sum(1).clamp(min=1) if mean and not own.all() else out


@wrong("over_response", "float64 result")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    out = torch.where(own, values, torch.zeros_like(values)).double().sum(1)
    return out / own.sum(1).clamp(min=1) if mean else out


@wrong("entropy", "sampled token's surprise")
def _(logits):
    logp = F.log_softmax(logits, -1)
    return -logp.gather(-1, logp.argmax(-1, keepdim=True)).squeeze(-1)


@wrong("leave_one_out", "std with rewards clipped")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError
    r = rewards.detach().clamp(-10, 10)
    return (r - r.mean(1, keepdim=True)) * K / (K - 1)


@wrong("leave_one_out", "ValueError for a single prompt")
def _(rewards):
    K = rewards.shape[1]
    if K < 2 or len(rewards) < 2:
        raise ValueError
    r = rewards.detach()
    return (r - r.mean(1, keepdim=True)) * K / (K - 1)


@wrong("reinforce_loss", "shares memory: scales logps in place")
def _(logps, mask, advantages):
    return -(advantages.detach()[:, None] * logps.masked_fill(~mask[:, 1:], 0)).sum() / max(
        1, mask[:, 1:].any(1).sum().item()
    )


@wrong("reinforce_step", "weights changed by an extra decay")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for p in policy.parameters():
            p *= 1 - 1e-5
    return loss.item()


@right("entropy", "xlogy")
def _(logits):
    p = logits.softmax(-1)
    safe = torch.where(p > 0, p, torch.ones_like(p))
    return -(safe * safe.log() * (p > 0)).sum(-1)


@right("exact_kl", "where")
def _(logits, ref_logits):
    lp = logits.log_softmax(-1)
    lq = ref_logits.detach().log_softmax(-1)
    lp = torch.where(lp == -torch.inf, torch.full_like(lp, -1e9), lp)
    return (lp.exp() * (lp - lq)).sum(-1)
