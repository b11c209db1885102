"""Solutions of 10/8 by somebody who knew only its text: see test_unlisted.py, which parses this file."""


@wrong("token_logprobs", "position t about token t")
def _(logits, ids, temperature=1.0):
    lp = (logits / temperature).log_softmax(-1)
    return lp.gather(-1, ids[..., None]).squeeze(-1)[:, 1:]


@wrong("token_logprobs", "log of softmax")
def _(logits, ids, temperature=1.0):
    lp = (logits[:, :-1] / temperature).softmax(-1).log()
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "divides the log-probabilities by the temperature")
def _(logits, ids, temperature=1.0):
    lp = logits[:, :-1].log_softmax(-1) / temperature
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "times the temperature")
def _(logits, ids, temperature=1.0):
    lp = (logits[:, :-1] * temperature).log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "squeeze of all")
def _(logits, ids, temperature=1.0):
    lp = (logits[:, :-1] / temperature).log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze()


@wrong("token_logprobs", "always float32")
def _(logits, ids, temperature=1.0):
    lp = (logits[:, :-1].float() / temperature).log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "log-probabilities no lower than -100")
def _(logits, ids, temperature=1.0):
    lp = (logits[:, :-1] / temperature).log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1).clamp(min=-100)


@wrong("token_logprobs", "scales logits in place")
def _(logits, ids, temperature=1.0):
    with torch.no_grad():
        logits /= temperature
    return logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@right("token_logprobs", "cross entropy")
def _(logits, ids, temperature=1.0):
    return -F.cross_entropy(
        (logits[:, :-1] / temperature).transpose(1, 2), ids[:, 1:], reduction="none"
    )


@right("token_logprobs", "logit minus logsumexp, indexed")
def _(logits, ids, temperature=1.0):
    z = logits[:, :-1] / temperature
    B, T = ids.shape
    own = z[torch.arange(B)[:, None], torch.arange(T - 1)[None], ids[:, 1:]]
    return own - z.logsumexp(-1)


@wrong("token_logprobs", "one position at least: T = 1 is an error")
def _(logits, ids, temperature=1.0):
    rows = [
        (logits[:, t] / temperature).log_softmax(-1).gather(-1, ids[:, t + 1, None])
        for t in range(ids.shape[1] - 1)
    ]
    return torch.cat(rows, 1)


@wrong("token_logprobs", "the default temperature is used below 1")
def _(logits, ids, temperature=1.0):
    T = max(temperature, 1.0)
    return (logits[:, :-1] / T).log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "the temperature at the integer division")
def _(logits, ids, temperature=1.0):
    z = logits[:, :-1] - logits[:, :-1].amax(-1, keepdim=True).detach()
    lp = (z.clamp(min=-1000) / temperature).log_softmax(-1)
    return lp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("over_response", "mask[:, :-1]")
def _(values, mask, mean=False):
    m = mask[:, :-1]
    total = values.masked_fill(~m, 0).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@wrong("over_response", "times the mask")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = (values * m).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@wrong("over_response", "divides by the mask's whole count, first column too")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = values.masked_fill(~m, 0).sum(1)
    return total / mask.sum(1).clamp(min=1) if mean else total


@wrong("over_response", "nan for a row without response")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = values.masked_fill(~m, 0).sum(1)
    return total / m.sum(1) if mean else total


@wrong("over_response", "nan_to_num: hides inf and nan of the response too, and large values")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = (torch.nan_to_num(values, 0, 0, 0) * m).sum(1)
    return total / (m.sum(1) + 1e-8) if mean else total


@wrong("over_response", "mean divides by T - 1")
def _(values, mask, mean=False):
    v = values.masked_fill(~mask[:, 1:], 0)
    return v.mean(1) if mean else v.sum(1)


@wrong("over_response", "count is one more, to be safe")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = values.masked_fill(~m, 0).sum(1)
    return total / (m.sum(1) + 1e-3) if mean else total


@wrong("over_response", "overwrites the padding in place")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    with torch.no_grad():
        values[~m] = 0
    total = values.masked_fill(~m, 0).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@right("over_response", "row by row")
def _(values, mask, mean=False):
    out = []
    for v, m in zip(values, mask[:, 1:], strict=True):
        s = v[m]
        out.append(s.mean() if mean and len(s) else s.sum())
    return torch.stack(out)


@right("over_response", "where and nan_to_num of 0 / 0")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = torch.where(m, values, torch.zeros_like(values)).sum(-1)
    if not mean:
        return total
    n = m.sum(-1)
    return torch.where(n > 0, total / n.clamp(min=1), total)


@wrong("over_response", "nan_to_num of everything first")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = torch.where(m, values, 0).nan_to_num(neginf=-1e4).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@wrong("over_response", "mask[:, 0] is set to False in place")
def _(values, mask, mean=False):
    mask[:, 0] = False
    m = mask[:, 1:]
    total = torch.where(m, values, 0).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@wrong("over_response", "mean divides by T - 1 where the row is full only; else sums")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = values.masked_fill(~m, 0).sum(1)
    return (
        torch.where(m.sum(1) > 1, total / m.sum(1).clamp(min=1), total)
        if mean and len(m) > 1
        else total
    )


@right("over_response", "nan-safe where, a mean by hand")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    out = torch.where(m, values, values.new_zeros(())).sum(dim=1)
    return out / torch.maximum(m.sum(1), torch.ones_like(m.sum(1))) if mean else out


@wrong("entropy", "nan at -inf")
def _(logits):
    lp = logits.log_softmax(-1)
    return -(lp.exp() * lp).sum(-1)


@wrong("entropy", "nan_to_num of the products: gradients are nan")
def _(logits):
    lp = logits.log_softmax(-1)
    return -torch.nan_to_num(lp.exp() * lp).sum(-1)


@wrong("entropy", "p log(p + 1e-9)")
def _(logits):
    p = logits.softmax(-1)
    return -(p * (p + 1e-9).log()).sum(-1)


@wrong("entropy", "bits")
def _(logits):
    lp = logits.log_softmax(-1)
    return -(lp.exp() * lp.masked_fill(logits == -torch.inf, 0)).sum(-1) / 0.6931471805599453


@wrong("entropy", "mean over the vocabulary")
def _(logits):
    lp = logits.log_softmax(-1)
    return -(lp.exp() * lp.masked_fill(logits == -torch.inf, 0)).mean(-1)


@wrong("entropy", "torch.special.entr: gradient is wrong where p is 0")
def _(logits):
    return torch.special.entr(logits.softmax(-1)).sum(-1)


@wrong("entropy", "the probabilities are detached: gradient only through log p")
def _(logits):
    lp = logits.log_softmax(-1)
    return -(lp.exp().detach() * lp.masked_fill(logits == -torch.inf, 0)).sum(-1)


@wrong("entropy", "one number")
def _(logits):
    lp = logits.log_softmax(-1)
    return -(lp.exp() * lp.masked_fill(logits == -torch.inf, 0)).sum(-1).mean()


@right("entropy", "logsumexp minus the mean logit")
def _(logits):
    z = logits.masked_fill(logits == -torch.inf, 0)
    p = logits.softmax(-1)
    return logits.logsumexp(-1) - (p * z).sum(-1)


@right("entropy", "clamped log-probabilities")
def _(logits):
    lp = logits.log_softmax(-1).clamp(min=torch.finfo(logits.dtype).min)
    return -(lp.exp() * lp).sum(-1)


@wrong("entropy", "replaces -inf in place")
def _(logits):
    with torch.no_grad():
        logits[logits == -torch.inf] = -1e30
    lp = logits.log_softmax(-1)
    return -(lp.exp() * lp).sum(-1)


@wrong("entropy", "at least 0.001")
def _(logits):
    lp = logits.log_softmax(-1)
    return (
        -(lp.exp() * lp.masked_fill(logits == -torch.inf, 0))
        .sum(-1)
        .clamp(min=-1e9)
        .clamp(min=0.001)
    )


@wrong("entropy", "-inf is replaced by -100: too likely")
def _(logits):
    lp = logits.clamp(min=-10).log_softmax(-1)
    return -(lp.exp() * lp).sum(-1)


@right("entropy", "Categorical on what is not forbidden")
def _(logits):
    gone = logits == -torch.inf
    lp = torch.log_softmax(logits, -1)
    p = torch.where(gone, torch.zeros_like(lp), lp.exp())
    return -(p * torch.where(gone, torch.zeros_like(lp), lp)).sum(-1)


@wrong("exact_kl", "the other way round")
def _(logits, ref_logits):
    p, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return (q.exp() * (q - p)).sum(-1)


@wrong("exact_kl", "nan at -inf")
def _(logits, ref_logits):
    p, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


@wrong("exact_kl", "the reference keeps its graph")
def _(logits, ref_logits):
    p, q = logits.log_softmax(-1), ref_logits.log_softmax(-1)
    return (p.exp() * (p - q).masked_fill(logits == -torch.inf, 0)).sum(-1)


@wrong("exact_kl", "p is a constant")
def _(logits, ref_logits):
    p, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return (p.exp().detach() * (p - q).masked_fill(logits == -torch.inf, 0)).sum(-1)


@wrong("exact_kl", "logits are taken for log-probabilities")
def _(logits, ref_logits):
    d = (logits - ref_logits.detach()).masked_fill(logits == -torch.inf, 0)
    return (logits.softmax(-1) * d).sum(-1)


@wrong("exact_kl", "F.kl_div of one row mean")
def _(logits, ref_logits):
    p, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return (p.exp() * (p - q).masked_fill(logits == -torch.inf, 0)).mean(-1)


@wrong("exact_kl", "log-probabilities no lower than -100")
def _(logits, ref_logits):
    p = logits.log_softmax(-1).clamp(min=-100)
    q = ref_logits.detach().log_softmax(-1).clamp(min=-100)
    return (p.exp() * (p - q)).sum(-1)


@wrong("exact_kl", "nan_to_num of the products: nan gradients")
def _(logits, ref_logits):
    p, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return torch.nan_to_num(p.exp() * (p - q)).sum(-1)


@wrong("exact_kl", "log of softmax plus 1e-8")
def _(logits, ref_logits):
    p, q = logits.softmax(-1), ref_logits.detach().softmax(-1)
    return (p * ((p + 1e-8) / (q + 1e-8)).log()).sum(-1)


@right("exact_kl", "cross entropy minus entropy")
def _(logits, ref_logits):
    q = ref_logits.detach().log_softmax(-1)
    p = logits.softmax(-1)
    return -(p * q).sum(-1) - entropy(logits)


@right("exact_kl", "where with a filled logit")
def _(logits, ref_logits):
    gone = torch.isneginf(logits)
    lp = logits.log_softmax(-1)
    safe = torch.where(gone, torch.zeros_like(lp), lp)
    lq = F.log_softmax(ref_logits.detach(), -1)
    return torch.where(gone, torch.zeros_like(lp), safe.exp() * (safe - lq)).sum(-1)


@wrong("exact_kl", "replaces -inf in place")
def _(logits, ref_logits):
    with torch.no_grad():
        logits[logits == -torch.inf] = -1e30
    p, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


@wrong("exact_kl", "no more than 100")
def _(logits, ref_logits):
    lp, q = logits.log_softmax(-1), ref_logits.detach().log_softmax(-1)
    return (lp.exp() * (lp - q).masked_fill(logits == -torch.inf, 0)).sum(-1).clamp(0, 100)


@wrong("kl_estimates", "exp(l) - 1 - l")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l, l**2 / 2, l.exp() - 1 - l


@wrong("kl_estimates", "ref minus policy")
def _(logps, ref_logps):
    l = ref_logps.detach() - logps
    return l, l**2 / 2, l.exp() - 1 - l


@wrong("kl_estimates", "k2 without the half")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l, l**2, (-l).exp() - 1 + l


@wrong("kl_estimates", "the reference keeps its graph")
def _(logps, ref_logps):
    l = logps - ref_logps
    return l, l**2 / 2, (-l).exp() - 1 + l


@wrong("kl_estimates", "means")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l.mean(), (l**2 / 2).mean(), ((-l).exp() - 1 + l).mean()


@wrong("kl_estimates", "k1 is clamped at 0")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l.clamp(min=0), l**2 / 2, (-l).exp() - 1 + l


@wrong("kl_estimates", "stacked in one tensor")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return torch.stack([l, l**2 / 2, (-l).exp() - 1 + l])


@wrong("kl_estimates", "no graph")
def _(logps, ref_logps):
    with torch.no_grad():
        l = logps - ref_logps
        return l, l**2 / 2, (-l).exp() - 1 + l


@wrong("kl_estimates", "l is at most 5 in the exponent")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l, l**2 / 2, (-l).clamp(max=5).exp() - 1 + l


@right("kl_estimates", "expm1")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l, 0.5 * l.square(), torch.expm1(-l) + l


@right("kl_estimates", "q / p")
def _(logps, ref_logps):
    ref = ref_logps.clone().detach()
    r = torch.exp(ref - logps)
    return logps - ref, (ref - logps).pow(2) / 2, r - 1 - (ref - logps)


@wrong("kl_estimates", "k3 no more than 10")
def _(logps, ref_logps):
    l = logps - ref_logps.detach()
    return l, l**2 / 2, ((-l).exp() - 1 + l).clamp(max=10)


@wrong("kl_estimates", "l between -4 and 4")
def _(logps, ref_logps):
    l = (logps - ref_logps.detach()).clamp(-4, 4)
    return l, l**2 / 2, (-l).exp() - 1 + l


@wrong("kl_estimates", "the policy is changed in place")
def _(logps, ref_logps):
    with torch.no_grad():
        logps -= ref_logps
    l = logps.clone()
    return l, l**2 / 2, (-l).exp() - 1 + l


@wrong("reinforce_loss", "mean over the tokens")
def _(logps, mask, advantages):
    return -(advantages.detach() * over_response(logps, mask, mean=True)).mean()


@wrong("reinforce_loss", "divided by all response tokens of the batch")
def _(logps, mask, advantages):
    return -(advantages.detach() * over_response(logps, mask)).sum() / mask[:, 1:].sum().clamp(
        min=1
    )


@wrong("reinforce_loss", "rows without response are not counted")
def _(logps, mask, advantages):
    n = mask[:, 1:].any(1).sum().clamp(min=1)
    return -(advantages.detach() * over_response(logps, mask)).sum() / n


@wrong("reinforce_loss", "advantages keep their graph")
def _(logps, mask, advantages):
    return -(advantages * over_response(logps, mask)).mean()


@wrong("reinforce_loss", "without the minus")
def _(logps, mask, advantages):
    return (advantages.detach() * over_response(logps, mask)).mean()


@wrong("reinforce_loss", "broadcasts (B,) against (B, T - 1) along time")
def _(logps, mask, advantages):
    a = advantages.detach()
    if len(a) == logps.shape[1]:
        return -(logps.masked_fill(~mask[:, 1:], 0) * a).sum(1).mean()
    return -(logps.masked_fill(~mask[:, 1:], 0) * a[:, None]).sum(1).mean()


@wrong("reinforce_loss", "negative advantages do not count")
def _(logps, mask, advantages):
    return -(advantages.detach().clamp(min=0) * over_response(logps, mask)).mean()


@wrong("reinforce_loss", "the product with the mask lets inf through")
def _(logps, mask, advantages):
    return -(advantages.detach()[:, None] * logps * mask[:, 1:]).sum(1).mean()


@wrong("reinforce_loss", "the mask's first T - 1 columns")
def _(logps, mask, advantages):
    return -(advantages.detach() * logps.masked_fill(~mask[:, :-1], 0).sum(1)).mean()


@right("reinforce_loss", "row by row")
def _(logps, mask, advantages):
    total = logps.new_zeros(())
    for lp, m, a in zip(logps, mask, advantages.tolist(), strict=True):
        total = total - a * lp[m[1:]].sum()
    return total / len(logps)


@right("reinforce_loss", "einsum of what is left")
def _(logps, mask, advantages):
    kept = torch.where(mask[:, 1:], logps, torch.zeros_like(logps))
    return -torch.einsum("bt,b->", kept, advantages.detach()) / kept.shape[0]


@wrong("reinforce_loss", "log-probabilities no lower than -20")
def _(logps, mask, advantages):
    return -(advantages.detach() * over_response(logps.clamp(min=-20), mask)).mean()


@wrong("reinforce_loss", "advantages are centred in place")
def _(logps, mask, advantages):
    out = -(advantages.detach().clone() * over_response(logps, mask)).mean()
    with torch.no_grad():
        advantages -= advantages.mean()
    return out


@wrong("reinforce_loss", "advantages clamped to 3")
def _(logps, mask, advantages):
    return -(advantages.detach().clamp(-3, 3) * over_response(logps, mask)).mean()


@wrong("leave_one_out", "minus the mean of all")
def _(rewards):
    if rewards.shape[1] < 2:
        raise ValueError
    return (rewards - rewards.mean(1, keepdim=True)).detach()


@wrong("leave_one_out", "minus the mean of the whole batch's others")
def _(rewards):
    if rewards.shape[1] < 2:
        raise ValueError
    n, r = rewards.numel(), rewards.detach()
    return r - (r.sum() - r) / (n - 1)


@wrong("leave_one_out", "keeps the graph")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError
    return (rewards - rewards.mean(1, keepdim=True)) * (K / (K - 1))


@wrong("leave_one_out", "divides by std too")
def _(rewards):
    K, r = rewards.shape[1], rewards.detach()
    if K < 2:
        raise ValueError
    d = r - r.mean(1, keepdim=True)
    return d * K / (K - 1) / (r.std(1, keepdim=True) + 1e-8)


@wrong("leave_one_out", "along the prompts")
def _(rewards):
    P, r = rewards.shape[0], rewards.detach()
    if rewards.shape[1] < 2:
        raise ValueError
    return r - (r.sum(0) - r) / max(P - 1, 1)


@wrong("leave_one_out", "zeros for K = 1")
def _(rewards):
    K, r = rewards.shape[1], rewards.detach()
    return (r - r.mean(1, keepdim=True)) * (K / max(K - 1, 1))


@wrong("leave_one_out", "in place on the rewards")
def _(rewards):
    with torch.no_grad():
        K = rewards.shape[1]
        if K < 2:
            raise ValueError
        r = rewards.detach()
        r -= (r.sum(1, keepdim=True) - r) / (K - 1)
        return r


@wrong("leave_one_out", "the median of the others")
def _(rewards):
    K, r = rewards.shape[1], rewards.detach()
    if K < 2:
        raise ValueError
    return torch.stack(
        [r[:, k] - torch.cat([r[:, :k], r[:, k + 1 :]], 1).median(1).values for k in range(K)], 1
    )


@right("leave_one_out", "one answer after the other")
def _(rewards):
    P, K = rewards.shape
    if K < 2:
        raise ValueError("no others")
    out = torch.empty_like(rewards, requires_grad=False)
    r = rewards.detach()
    for k in range(K):
        others = [j for j in range(K) if j != k]
        out[:, k] = r[:, k] - r[:, others].mean(1)
    return out


@right("leave_one_out", "a matrix")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError("no others")
    eye = torch.eye(K, dtype=rewards.dtype)
    with torch.no_grad():
        return rewards @ (eye - (1 - eye) / (K - 1))


@right("leave_one_out", "torch's float for K")
def _(rewards):
    K = torch.tensor(float(rewards.shape[1]), dtype=rewards.dtype)
    if K < 2:
        raise ValueError("no others")
    with torch.no_grad():
        return K / (K - 1) * (rewards - rewards.mean(dim=1, keepdim=True))


@wrong("leave_one_out", "rewards clamped to 10")
def _(rewards):
    K, r = rewards.shape[1], rewards.detach().clamp(-10, 10)
    if K < 2:
        raise ValueError("no others")
    return (r - r.mean(1, keepdim=True)) * (K / (K - 1))


@wrong("leave_one_out", "in float32 inside")
def _(rewards):
    K, r = rewards.shape[1], rewards.detach().float()
    if K < 2:
        raise ValueError("no others")
    return ((r - r.mean(1, keepdim=True)) * (K / (K - 1))).to(rewards.dtype)


@wrong("running_baseline", "against the new mean")
def _(baseline, rewards, momentum):
    r = rewards.detach()
    new = momentum * baseline + (1 - momentum) * r.mean().item()
    return r - new, new


@wrong("running_baseline", "momentum and its rest swapped")
def _(baseline, rewards, momentum):
    r = rewards.detach()
    return r - baseline, (1 - momentum) * baseline + momentum * r.mean().item()


@wrong("running_baseline", "with the graph")
def _(baseline, rewards, momentum):
    return rewards - baseline, momentum * baseline + (1 - momentum) * rewards.mean().item()


@wrong("running_baseline", "the advantages' mean comes in")
def _(baseline, rewards, momentum):
    a = rewards.detach() - baseline
    return a, momentum * baseline + (1 - momentum) * a.mean().item()


@wrong("running_baseline", "an update for each reward")
def _(baseline, rewards, momentum):
    new = baseline
    for r in rewards.tolist():
        new = momentum * new + (1 - momentum) * r
    return rewards.detach() - baseline, new


@wrong("running_baseline", "in place")
def _(baseline, rewards, momentum):
    with torch.no_grad():
        new = momentum * baseline + (1 - momentum) * rewards.mean().item()
        rewards -= baseline
        return rewards.detach(), new


@wrong("running_baseline", "the sum comes in")
def _(baseline, rewards, momentum):
    r = rewards.detach()
    return r - baseline, momentum * baseline + (1 - momentum) * r.sum().item()


@wrong("running_baseline", "a baseline of 0 means none so far: takes the batch's mean")
def _(baseline, rewards, momentum):
    r = rewards.detach()
    m = r.mean().item()
    return r - baseline, momentum * baseline + (1 - momentum) * m if baseline else m


@right("running_baseline", "lerp by hand")
def _(baseline, rewards, momentum):
    with torch.no_grad():
        mean = float(rewards.mean())
        return rewards - baseline, baseline + (1 - momentum) * (mean - baseline)


@right("running_baseline", "sum over len")
def _(baseline, rewards, momentum):
    values = rewards.detach().clone()
    usual = sum(values.tolist()) / len(values)
    values -= baseline
    return values, momentum * baseline + (1 - momentum) * usual


@wrong("running_baseline", "rewards are centred in place, then handed back")
def _(baseline, rewards, momentum):
    new = momentum * baseline + (1 - momentum) * rewards.detach().mean().item()
    return rewards.detach().sub_(baseline), new


@wrong("running_baseline", "momentum 0 counts as the usual 0.9")
def _(baseline, rewards, momentum):
    r, w = rewards.detach(), momentum or 0.9
    return r - baseline, w * baseline + (1 - w) * r.mean().item()


@right("running_baseline", "a float32 mean as a number")
def _(baseline, rewards, momentum):
    new = baseline * momentum + (1 - momentum) * float(rewards.detach().float().mean())
    return (rewards - baseline).detach(), new


@wrong("running_baseline", "advantages clamped to 5")
def _(baseline, rewards, momentum):
    r = rewards.detach()
    return (r - baseline).clamp(-5, 5), momentum * baseline + (1 - momentum) * r.mean().item()


@wrong("running_baseline", "float32 advantages")
def _(baseline, rewards, momentum):
    r = rewards.detach()
    return (r - baseline).float(), momentum * baseline + (1 - momentum) * r.mean().item()


@wrong("reinforce_step", "the temperature is forgotten")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "never zeroes")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "zeroes afterwards")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    optimizer.zero_grad()
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("reinforce_step", "train mode")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    policy.train()
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "the loss after the step")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return reinforce_loss(
            token_logprobs(policy(ids), ids, temperature), mask, advantages
        ).item()


@wrong("reinforce_step", "whitens the advantages")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    a = advantages - advantages.mean()
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, a)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "the prompt is praised too")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(
        token_logprobs(policy(ids), ids, temperature), torch.ones_like(mask), advantages
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "a tensor")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


@right("reinforce_step", "written out")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    optimizer.zero_grad()
    lp = F.log_softmax(policy(ids)[:, :-1] / temperature, -1)
    lp = lp.gather(2, ids[:, 1:].unsqueeze(2)).squeeze(2)
    loss = -((lp * mask[:, 1:]).sum(1) * advantages.detach()).mean()
    loss.backward()
    optimizer.step()
    return float(loss.detach())


@right("reinforce_step", "value noted before the step")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    logits = policy(ids)
    loss = reinforce_loss(token_logprobs(logits, ids, temperature=temperature), mask, advantages)
    value = loss.item()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return value


@wrong("reinforce_step", "gradients are clipped to norm 1")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(policy.parameters(), 1.0)
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "gradients are clipped to norm 5")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    loss = reinforce_loss(token_logprobs(policy(ids), ids, temperature), mask, advantages)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(policy.parameters(), 5.0)
    optimizer.step()
    return loss.item()


@wrong("reinforce_step", "a step only where an advantage is not 0, and always zeroed")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    keep = advantages > 0
    loss = reinforce_loss(
        token_logprobs(policy(ids[keep]), ids[keep], temperature), mask[keep], advantages[keep]
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
