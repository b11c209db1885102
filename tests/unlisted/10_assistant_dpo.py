@wrong("answer_logps", "the last token of the answer lost")
def _(logits, ids, mask):
    lp = F.log_softmax(logits[:, :-1], -1).gather(2, ids[:, 1:, None])[..., 0]
    m = mask[:, 1:]
    m = m & torch.cat([m[:, 1:], torch.zeros_like(m[:, :1])], 1)
    return lp.masked_fill(~m, 0.0).sum(1)


@wrong("answer_logps", "rows without an answer left out")
def _(logits, ids, mask):
    lp = F.log_softmax(logits[:, :-1], -1).gather(2, ids[:, 1:, None])[..., 0]
    return lp.masked_fill(~mask[:, 1:], 0.0).sum(1)[mask[:, 1:].any(1)]


@wrong("answer_logps", "id 0 taken for padding")
def _(logits, ids, mask):
    lp = F.log_softmax(logits[:, :-1], -1).gather(2, ids[:, 1:, None])[..., 0]
    return lp.masked_fill(~mask[:, 1:] | (ids[:, 1:] == 0), 0.0).sum(1)


@wrong("answer_logps", "always float32")
def _(logits, ids, mask):
    lp = F.log_softmax(logits[:, :-1].float(), -1).gather(2, ids[:, 1:, None])[..., 0]
    return lp.masked_fill(~mask[:, 1:], 0.0).sum(1)


@wrong("answer_logps", "column instead of row")
def _(logits, ids, mask):
    lp = F.log_softmax(logits[:, :-1], -1).gather(2, ids[:, 1:, None])[..., 0]
    return lp.masked_fill(~mask[:, 1:], 0.0).sum(1, keepdim=True)


@wrong("answer_logps", "normaliser detached")
def _(logits, ids, mask):
    z = logits[:, :-1]
    lp = z.gather(2, ids[:, 1:, None])[..., 0] - z.logsumexp(-1).detach()
    return lp.masked_fill(~mask[:, 1:], 0.0).sum(1)


@wrong("answer_logps", "nll_loss summed over the batch's rows, spread evenly")
def _(logits, ids, mask):
    lp = F.log_softmax(logits[:, :-1], -1).gather(2, ids[:, 1:, None])[..., 0]
    total = lp.masked_fill(~mask[:, 1:], 0.0).sum()
    return total.expand(len(ids)) / len(ids)


@wrong("dpo_loss", "margin clamped")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * ((pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach()))
    return -F.logsigmoid(z.clamp(-50, 50)).mean()


@wrong("dpo_loss", "beta on one half only")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * (pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach())
    return -F.logsigmoid(z).mean()


@wrong("dpo_loss", "shape (1,)")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * ((pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach()))
    return -F.logsigmoid(z).mean(0, keepdim=True)


@wrong("dpo_loss", "a loss for each pair")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * ((pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach()))
    return -F.logsigmoid(z)


@wrong("dpo_loss", "reference's margin of the mean")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    ref = (ref_chosen - ref_rejected).mean().detach()
    return -F.logsigmoid(beta * (pi_chosen - pi_rejected - ref)).mean()


@wrong("dpo_loss", "label smoothing slipped in")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * ((pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach()))
    return -(0.99 * F.logsigmoid(z) + 0.01 * F.logsigmoid(-z)).mean()


@wrong("dpo_loss", "hinge")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * ((pi_chosen - ref_chosen.detach()) - (pi_rejected - ref_rejected.detach()))
    return F.relu(1 - z).mean()


@wrong("dpo_gradients", "of the sum, halved")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    w = beta * torch.sigmoid(beta * (pi_rejected - ref_rejected - pi_chosen + ref_chosen)) / 2
    return -w, w


@wrong("dpo_gradients", "one tensor (2, n)")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * (pi_rejected - ref_rejected - pi_chosen + ref_chosen)
    w = beta * torch.sigmoid(z) / len(z)
    return torch.stack([-w, w])


@wrong("dpo_gradients", "beta squared")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    z = beta * (pi_rejected - ref_rejected - pi_chosen + ref_chosen)
    w = beta**2 * torch.sigmoid(z) / len(z)
    return -w, w


@wrong("preference_metrics", "half a win for a tie")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    won = (c > r).float() + 0.5 * (c == r).float()
    return {
        "chosen": c.mean().item(),
        "rejected": r.mean().item(),
        "margin": (c - r).mean().item(),
        "accuracy": won.mean().item(),
    }


@wrong("preference_metrics", "margin in nats")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    return {
        "chosen": c.mean().item(),
        "rejected": r.mean().item(),
        "margin": (c - r).mean().item() / beta,
        "accuracy": (c > r).float().mean().item(),
    }


@wrong("preference_metrics", "a tuple")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    return c.mean().item(), r.mean().item(), (c - r).mean().item(), (c > r).float().mean().item()


@wrong("preference_metrics", "accuracy an int where it can be")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected)
    return {
        "chosen": c.mean().item(),
        "rejected": r.mean().item(),
        "margin": (c - r).mean().item(),
        "accuracy": int((c > r).all()),
    }


@wrong("dpo_step", "gradients clipped")
def _(policy, reference, batch, optimizer, beta=0.1):
    def lp(model, k):
        return answer_logps(model(batch[k]), batch[k], batch[k + "_mask"])

    with torch.no_grad():
        ref = lp(reference, "chosen"), lp(reference, "rejected")
    loss = dpo_loss(lp(policy, "chosen"), lp(policy, "rejected"), *ref, beta)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(policy.parameters(), 0.01)
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "policy and reference exchanged")
def _(policy, reference, batch, optimizer, beta=0.1):
    def lp(model, k):
        return answer_logps(model(batch[k]), batch[k], batch[k + "_mask"])

    with torch.no_grad():
        pi = lp(reference, "chosen"), lp(reference, "rejected")
    loss = dpo_loss(*pi, lp(policy, "chosen"), lp(policy, "rejected"), beta)
    optimizer.zero_grad()
    if loss.requires_grad:
        loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "reference's graph kept: gradients arrive there")
def _(policy, reference, batch, optimizer, beta=0.1):
    z = 0.0
    for k, sign in (("chosen", 1), ("rejected", -1)):
        lp = [
            answer_logps(model(batch[k]), batch[k], batch[k + "_mask"])
            for model in (policy, reference)
        ]
        z = z + sign * beta * (lp[0] - lp[1])
    loss = F.softplus(-z).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "the chosen answer's likelihood added (as RPO does)")
def _(policy, reference, batch, optimizer, beta=0.1):
    def lp(model, k):
        return answer_logps(model(batch[k]), batch[k], batch[k + "_mask"])

    with torch.no_grad():
        ref = lp(reference, "chosen"), lp(reference, "rejected")
    pi = lp(policy, "chosen"), lp(policy, "rejected")
    loss = dpo_loss(*pi, *ref, beta) - 0.01 * pi[0].mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("dpo_step", "padding cut off in place, one column short")
def _(policy, reference, batch, optimizer, beta=0.1):
    def lp(model, k):
        n = int(batch[k + "_mask"].any(0).nonzero().max())
        return answer_logps(model(batch[k][:, :n]), batch[k][:, :n], batch[k + "_mask"][:, :n])

    with torch.no_grad():
        ref = lp(reference, "chosen"), lp(reference, "rejected")
    loss = dpo_loss(lp(policy, "chosen"), lp(policy, "rejected"), *ref, beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("ipo_loss", "half of it")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = pi_chosen - ref_chosen.detach() - pi_rejected + ref_rejected.detach()
    return (h - 0.5 / beta).square().mean() / 2


@wrong("ipo_loss", "beta fixed")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = pi_chosen - ref_chosen.detach() - pi_rejected + ref_rejected.detach()
    return (h - 5.0).square().mean()


@right("dpo_step", "zeroed, not dropped; the reference with its graph, cut off by the loss")
def _(policy, reference, batch, optimizer, beta=0.1):
    def lp(model, k):
        return answer_logps(model(batch[k]), batch[k], batch[k + "_mask"])

    ref = lp(reference, "chosen"), lp(reference, "rejected")
    loss = dpo_loss(lp(policy, "chosen"), lp(policy, "rejected"), *ref, beta)
    optimizer.zero_grad(set_to_none=False)
    loss.backward()
    optimizer.step()
    return loss.item()


@right("preference_metrics", "floats of numpy's making")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c = beta * (pi_chosen - ref_chosen).detach().double()
    r = beta * (pi_rejected - ref_rejected).detach().double()
    found = {"chosen": c.mean(), "rejected": r.mean(), "margin": c.mean() - r.mean()}
    return {k: float(v) for k, v in found.items()} | {"accuracy": float(c.gt(r).double().mean())}


@right("answer_logps", "one position after the other")
def _(logits, ids, mask):
    total = logits.new_zeros(len(ids))
    for t in range(ids.shape[1] - 1):
        lp = logits[:, t].log_softmax(-1)[torch.arange(len(ids)), ids[:, t + 1]]
        total = total + torch.where(mask[:, t + 1], lp, torch.zeros_like(lp))
    return total


@right("dpo_loss", "pair by pair")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    losses = []
    for a, b, c, d in zip(pi_chosen, pi_rejected, ref_chosen.detach(), ref_rejected.detach()):
        losses.append(torch.logaddexp(torch.zeros_like(a), -beta * (a - c - b + d)))
    return torch.stack(losses).mean()
