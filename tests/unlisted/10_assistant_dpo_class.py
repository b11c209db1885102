"""Solutions of 10, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("answer_logps", "logits of the same position as the token")
def _(logits, ids, mask):
    logps = F.log_softmax(logits, dim=-1).gather(2, ids[:, :, None])[..., 0]
    return (logps * mask)[:, 1:].sum(1)


@wrong("answer_logps", "mask[:, :-1]")
def _(logits, ids, mask):
    logps = F.log_softmax(logits[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, :-1]).sum(1)


@wrong("answer_logps", "the mean over the answer")
def _(logits, ids, mask):
    logps = F.log_softmax(logits[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, 1:]).sum(1) / mask[:, 1:].sum(1).clamp(min=1)


@wrong("answer_logps", "log of softmax: -inf when far apart")
def _(logits, ids, mask):
    logps = logits[:, :-1].softmax(-1).log().gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, 1:]).sum(1)


@wrong("answer_logps", "the raw logits")
def _(logits, ids, mask):
    picked = logits[:, :-1].gather(2, ids[:, 1:, None])[..., 0]
    return (picked * mask[:, 1:]).sum(1)


@wrong("answer_logps", "log_softmax over the positions")
def _(logits, ids, mask):
    logps = F.log_softmax(logits[:, :-1], dim=1).gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, 1:]).sum(1)


@wrong("answer_logps", "the sum over the whole batch")
def _(logits, ids, mask):
    logps = F.log_softmax(logits[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, 1:]).sum()


@wrong("answer_logps", "the mask is ignored")
def _(logits, ids, mask):
    return F.log_softmax(logits[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0].sum(1)


@wrong("answer_logps", "log-sum-exp by hand without the maximum")
def _(logits, ids, mask):
    x = logits[:, :-1]
    logps = x.gather(2, ids[:, 1:, None])[..., 0] - x.exp().sum(-1).log()
    return (logps * mask[:, 1:]).sum(1)


@wrong("answer_logps", "starts at the first True and takes all that follows, padding too")
def _(logits, ids, mask):
    logps = F.log_softmax(logits[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0]
    behind = mask[:, 1:].long().cumsum(1) > 0
    return (logps * behind).sum(1)


@wrong("answer_logps", "detached")
def _(logits, ids, mask):
    logps = F.log_softmax(logits.detach()[:, :-1], dim=-1).gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, 1:]).sum(1)


@wrong("answer_logps", "computed in float32")
def _(logits, ids, mask):
    logps = F.log_softmax(logits[:, :-1].float(), dim=-1).gather(2, ids[:, 1:, None])[..., 0]
    return (logps * mask[:, 1:]).sum(1)


@wrong("answer_logps", "probabilities kept above 1e-12")
def _(logits, ids, mask):
    p = logits[:, :-1].softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
    return (p.clamp(min=1e-12).log() * mask[:, 1:]).sum(1)


@right("answer_logps", "cross_entropy with ignore_index")
def _(logits, ids, mask):
    B, T, V = logits.shape
    targets = ids[:, 1:].masked_fill(~mask[:, 1:], -100)
    loss = F.cross_entropy(
        logits[:, :-1].transpose(1, 2), targets, reduction="none", ignore_index=-100
    )
    return -loss.sum(dim=1)


@right("answer_logps", "logsumexp and a loop over the rows")
def _(logits, ids, mask):
    found = []
    for x, row, m in zip(logits, ids, mask, strict=True):
        at = torch.nonzero(m)[:, 0]
        at = at[at > 0]
        before = x[at - 1]
        found.append((before[torch.arange(len(at)), row[at]] - before.logsumexp(-1)).sum())
    return torch.stack(found)


@right("answer_logps", "Categorical")
def _(logits, ids, mask):
    if ids.shape[1] == 1:
        return logits.sum((1, 2)) * 0
    spoken = torch.distributions.Categorical(logits=logits[:, :-1]).log_prob(ids[:, 1:])
    return torch.where(mask[:, 1:], spoken, 0.0).sum(-1)


@wrong("dpo_loss", "log of sigmoid: infinite")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -torch.sigmoid(beta * h).log().mean()


@wrong("dpo_loss", "an epsilon in the log")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -(torch.sigmoid(beta * h) + 1e-8).log().mean()


@wrong("dpo_loss", "log(1 + exp(-z))")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return torch.log1p(torch.exp(-beta * h)).mean()


@wrong("dpo_loss", "the sum")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -F.logsigmoid(beta * h).sum()


@wrong("dpo_loss", "chosen and rejected exchanged")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_rejected - ref_rejected.detach()) - (pi_chosen - ref_chosen.detach())
    return -F.logsigmoid(beta * h).mean()


@wrong("dpo_loss", "the mean before the sigmoid")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -F.logsigmoid(beta * h.mean())


@wrong("dpo_loss", "without the reference")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    return -F.logsigmoid(beta * (pi_chosen - pi_rejected)).mean()


@wrong("dpo_loss", "beta outside of the sigmoid")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -beta * F.logsigmoid(h).mean()


@wrong("dpo_loss", "the reference moves along")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    return -F.logsigmoid(beta * h).mean()


@wrong("dpo_loss", "the logit kept within 80: no gradient beyond")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -F.logsigmoid((beta * h).clamp(-80, 80)).mean()


@wrong("dpo_loss", "the rejected answer is a constant")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected).detach()
    return -F.logsigmoid(beta * h).mean()


@wrong("dpo_loss", "beta on the policy only")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = beta * (pi_chosen - pi_rejected) - (ref_chosen - ref_rejected).detach()
    return -F.logsigmoid(h).mean()


@wrong("dpo_loss", "beta frozen")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -F.logsigmoid(0.1 * h).mean()


@right("dpo_loss", "softplus")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    with torch.no_grad():
        ref = ref_chosen - ref_rejected
    return F.softplus(-beta * (pi_chosen - pi_rejected - ref)).mean()


@right("dpo_loss", "binary cross-entropy with all targets 1")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c = beta * (pi_chosen - ref_chosen.detach())
    r = beta * (pi_rejected - ref_rejected.detach())
    return F.binary_cross_entropy_with_logits(c - r, torch.ones_like(c))


@right("dpo_loss", "logaddexp with 0, a loop over the pairs")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    total = 0.0
    for a, b, c, d in zip(
        pi_chosen, pi_rejected, ref_chosen.detach(), ref_rejected.detach(), strict=True
    ):
        z = beta * ((a - c) - (b - d))
        total = total + torch.logaddexp(torch.zeros_like(z), -z)
    return total / len(pi_chosen)


@wrong("dpo_gradients", "without 1/n")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = beta * torch.sigmoid(-beta * h)
    return -f, f


@wrong("dpo_gradients", "sigma(z) instead of sigma(-z)")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = beta / len(h) * torch.sigmoid(beta * h)
    return -f, f


@wrong("dpo_gradients", "the signs exchanged")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = beta / len(h) * torch.sigmoid(-beta * h)
    return f, -f


@wrong("dpo_gradients", "sigma(z), by a detour")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = beta / len(h) * (1 - 1 / (1 + torch.exp(beta * h)) - 0.5) + beta / len(h) / 2
    return -f, f


@wrong("dpo_gradients", "exp(-z) / (1 + exp(-z)): nan")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    e = torch.exp(-beta * h)
    f = beta / len(h) * e / (1 + e)
    return -f, f


@wrong("dpo_gradients", "without the weight")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    f = torch.full_like(pi_chosen, beta / len(pi_chosen) / 2)
    return -f, f


@wrong("dpo_gradients", "without beta in front")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = torch.sigmoid(-beta * h) / len(h)
    return -f, f


@wrong("dpo_gradients", "the same sign for both")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = beta / len(h) * torch.sigmoid(-beta * h)
    return -f, -f


@wrong("dpo_gradients", "summed over the pairs")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    f = (beta * torch.sigmoid(-beta * h)).mean()
    return -f, f


@wrong("dpo_gradients", "without the reference")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = pi_chosen - pi_rejected
    f = beta / len(h) * torch.sigmoid(-beta * h)
    return -f, f


@right("dpo_gradients", "exp of logsigmoid")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * (pi_chosen - pi_rejected - ref_chosen + ref_rejected)
    force = F.logsigmoid(-z).exp().mul(beta).div(z.numel())
    return force.neg(), force


@right("dpo_gradients", "pair by pair")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    n = pi_chosen.shape[0]
    up, down = torch.empty_like(pi_chosen), torch.empty_like(pi_chosen)
    for i in range(n):
        gain = (pi_chosen[i] - ref_chosen[i]) - (pi_rejected[i] - ref_rejected[i])
        weight = 1 / (1 + torch.exp(beta * gain))
        up[i], down[i] = -beta * weight / n, beta * weight / n
    return up, down


@wrong("dpo_gradients", "autograd")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = pi_chosen.detach().requires_grad_(), pi_rejected.detach().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(dpo_loss(c, r, ref_chosen, ref_rejected, beta), (c, r))


@wrong("preference_metrics", "ties are won")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.mean().item(), r.mean().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": (c >= r).float().mean().item()}


@wrong("preference_metrics", "ties count half")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.mean().item(), r.mean().item()
    acc = ((c > r).float() + 0.5 * (c == r).float()).mean().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": acc}


@wrong("preference_metrics", "the policy's log-probabilities decide, not the rewards")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.mean().item(), r.mean().item()
    acc = (pi_chosen > pi_rejected).float().mean().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": acc}


@wrong("preference_metrics", "tensors instead of floats")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.mean(), r.mean()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": (c > r).float().mean()}


@wrong("preference_metrics", "without beta")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = pi_chosen - ref_chosen, pi_rejected - ref_rejected
    a, b = c.mean().item(), r.mean().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": (c > r).float().mean().item()}


@wrong("preference_metrics", "the absolute margin")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    return {
        "chosen": c.mean().item(),
        "rejected": r.mean().item(),
        "margin": (c - r).abs().mean().item(),
        "accuracy": (c > r).float().mean().item(),
    }


@wrong("preference_metrics", "accuracy as a count")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.mean().item(), r.mean().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": float((c > r).sum())}


@wrong("preference_metrics", "accuracy: a positive reward of the chosen answer")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.mean().item(), r.mean().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": (c > 0).float().mean().item()}


@wrong("preference_metrics", "sums")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    a, b = c.sum().item(), r.sum().item()
    return {"chosen": a, "rejected": b, "margin": a - b, "accuracy": (c > r).float().mean().item()}


@right("preference_metrics", "lists and statistics by hand")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    n = len(pi_chosen)
    c = (beta * (pi_chosen - ref_chosen)).tolist()
    r = (beta * (pi_rejected - ref_rejected)).tolist()
    chosen, rejected = sum(c) / n, sum(r) / n
    won = sum(1 for a, b in zip(c, r, strict=True) if a > b)
    return dict(accuracy=won / n, margin=chosen - rejected, chosen=chosen, rejected=rejected)


@right("preference_metrics", "the margin as mean of differences, signs of it")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    with torch.no_grad():
        rewards = {"chosen": pi_chosen - ref_chosen, "rejected": pi_rejected - ref_rejected}
        difference = rewards["chosen"] - rewards["rejected"]
        found = {k: float(beta * v.mean()) for k, v in rewards.items()}
        found["margin"] = float(difference.mean() * beta)
        found["accuracy"] = float(torch.gt(difference, 0).double().mean())
    return found


@wrong("dpo_step", "the chosen answer detached")
def _(policy, reference, batch, optimizer, beta=0.1):
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"].detach(),
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "the chosen mask for both")
def _(policy, reference, batch, optimizer, beta=0.1):
    found = {}
    for k in ("chosen", "rejected"):
        ids = batch[k]
        T = min(ids.shape[1], batch["chosen_mask"].shape[1])
        mask = torch.zeros(ids.shape, dtype=torch.bool)
        mask[:, :T] = batch["chosen_mask"][:, :T]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "gradients from before count")
def _(policy, reference, batch, optimizer, beta=0.1):
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "zero_grad after the step")
def _(policy, reference, batch, optimizer, beta=0.1):
    optimizer.zero_grad()
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("dpo_step", "the reference learns too: no no_grad, gradients reach it")
def _(policy, reference, batch, optimizer, beta=0.1):
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        found["ref", k] = answer_logps(reference(ids), ids, mask)
    h = found["pi", "chosen"] - found["ref", "chosen"]
    h = h - (found["pi", "rejected"] - found["ref", "rejected"])
    loss = -F.logsigmoid(beta * h).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "the loss after the step")
def _(policy, reference, batch, optimizer, beta=0.1):
    def measure_it():
        found = {}
        for k in ("chosen", "rejected"):
            ids, mask = batch[k], batch[k + "_mask"]
            found["pi", k] = answer_logps(policy(ids), ids, mask)
            with torch.no_grad():
                found["ref", k] = answer_logps(reference(ids), ids, mask)
        return dpo_loss(
            found["pi", "chosen"],
            found["pi", "rejected"],
            found["ref", "chosen"],
            found["ref", "rejected"],
            beta,
        )

    loss = measure_it()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return measure_it().item()


@wrong("dpo_step", "beta is not passed on")
def _(policy, reference, batch, optimizer, beta=0.1):
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "policy.train()")
def _(policy, reference, batch, optimizer, beta=0.1):
    policy.train()
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "reference.eval()")
def _(policy, reference, batch, optimizer, beta=0.1):
    reference.eval()
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        with torch.no_grad():
            found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "requires_grad of the reference is set to False")
def _(policy, reference, batch, optimizer, beta=0.1):
    for p in reference.parameters():
        p.requires_grad_(False)
    found = {}
    for k in ("chosen", "rejected"):
        ids, mask = batch[k], batch[k + "_mask"]
        found["pi", k] = answer_logps(policy(ids), ids, mask)
        found["ref", k] = answer_logps(reference(ids), ids, mask)
    loss = dpo_loss(
        found["pi", "chosen"],
        found["pi", "rejected"],
        found["ref", "chosen"],
        found["ref", "rejected"],
        beta,
    )
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "two steps, one for each half")
def _(policy, reference, batch, optimizer, beta=0.1):
    total, n = 0.0, len(batch["chosen"])
    for part in (slice(0, (n + 1) // 2), slice((n + 1) // 2, n)):
        found = {}
        if len(batch["chosen"][part]) == 0:
            continue
        for k in ("chosen", "rejected"):
            ids, mask = batch[k][part], batch[k + "_mask"][part]
            found["pi", k] = answer_logps(policy(ids), ids, mask)
            with torch.no_grad():
                found["ref", k] = answer_logps(reference(ids), ids, mask)
        loss = dpo_loss(
            found["pi", "chosen"],
            found["pi", "rejected"],
            found["ref", "chosen"],
            found["ref", "rejected"],
            beta,
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(batch["chosen"][part]) / n
    return total


@right("dpo_step", "both piles in one padded batch")
def _(policy, reference, batch, optimizer, beta=0.1):
    c, r = batch["chosen"], batch["rejected"]
    T = max(c.shape[1], r.shape[1])

    def wide(x):
        return F.pad(x, (0, T - x.shape[1]))

    ids = torch.cat([wide(c), wide(r)])
    mask = torch.cat([wide(batch["chosen_mask"]), wide(batch["rejected_mask"])])
    with torch.no_grad():
        ref = answer_logps(reference(ids), ids, mask)
    pi = answer_logps(policy(ids), ids, mask)
    loss = dpo_loss(*pi.chunk(2), *ref.chunk(2), beta=beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return float(loss)


@right("dpo_step", "a helper, the reference detached")
def _(policy, reference, batch, optimizer, beta=0.1):
    def both(model):
        return [
            answer_logps(model(batch[k]), batch[k], batch[f"{k}_mask"])
            for k in ("chosen", "rejected")
        ]

    with torch.no_grad():
        ref = [x.clone() for x in both(reference)]
    policy.zero_grad()
    loss = dpo_loss(*both(policy), *ref, beta)
    loss.backward()
    value = loss.detach().item()
    optimizer.step()
    return value


@right("dpo_step", "backward of the hand-made gradients")
def _(policy, reference, batch, optimizer, beta=0.1):
    c = answer_logps(policy(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
    r = answer_logps(policy(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
    with torch.no_grad():
        rc = answer_logps(reference(batch["chosen"]), batch["chosen"], batch["chosen_mask"])
        rr = answer_logps(reference(batch["rejected"]), batch["rejected"], batch["rejected_mask"])
        up, down = dpo_gradients(c, r, rc, rr, beta)
        value = dpo_loss(c, r, rc, rr, beta).item()
    optimizer.zero_grad()
    torch.autograd.backward([c, r], [up, down])
    optimizer.step()
    return value


@wrong("ipo_loss", "beta times the bracket")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((beta * h - 1 / (2 * beta)) ** 2).mean()


@wrong("ipo_loss", "beta / 2 as the target")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((h - 1 / 2 * beta) ** 2).mean()


@wrong("ipo_loss", "the mean before the square")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return (h.mean() - 1 / (2 * beta)) ** 2


@wrong("ipo_loss", "the sum")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((h - 1 / (2 * beta)) ** 2).sum()


@wrong("ipo_loss", "gradient into the reference")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    return ((h - 1 / (2 * beta)) ** 2).mean()


@wrong("ipo_loss", "more than the margin costs nothing")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((1 / (2 * beta) - h).clamp(min=0) ** 2).mean()


@wrong("ipo_loss", "1 / beta")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((h - 1 / beta) ** 2).mean()


@wrong("ipo_loss", "chosen and rejected exchanged")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((-h - 1 / (2 * beta)) ** 2).mean()


@wrong("ipo_loss", "half of the square")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return ((h - 1 / (2 * beta)) ** 2).mean() / 2


@right("ipo_loss", "mse_loss")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - pi_rejected) - (ref_chosen - ref_rejected).detach()
    return F.mse_loss(h, torch.full_like(h, 0.5 / beta))


@right("ipo_loss", "norm of the vector")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    with torch.no_grad():
        target = ref_chosen - ref_rejected + 1 / (2 * beta)
    off = pi_chosen - pi_rejected - target
    return off @ off / off.shape[0]
