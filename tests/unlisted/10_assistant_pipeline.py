"""Solutions of 10's pipeline that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("verify", "END may stand anywhere")
def _(response, a, b):
    digits = [i for i in response if i != END and i != PAD]
    return float(END in response and digits == encode(str(a + b)[::-1]))


@wrong("verify", "only the first two digits are looked at")
def _(response, a, b):
    wanted = [*encode(str(a + b)[::-1]), END]
    return float(response[:2] == wanted[:2] and END in response)


@wrong("verify", "the sum without carry is right, too")
def _(response, a, b):
    both = {a + b, a + b - 10 * (a % 10 + b % 10 > 9)}
    return float(any(response[: len(str(c)) + 1] == [*encode(str(c)[::-1]), END] for c in both))


@wrong("verify", "END counts only at the end of the list")
def _(response, a, b):
    wanted = [*encode(str(a + b)[::-1]), END]
    return float(response == wanted + [PAD] * (len(response) - len(wanted)))


@wrong("verify", "minus one for wrong answers")
def _(response, a, b):
    wanted = [*encode(str(a + b)[::-1]), END]
    return 1.0 if response[: len(wanted)] == wanted else -1.0


@wrong("verify", "a penalty for length")
def _(response, a, b):
    wanted = [*encode(str(a + b)[::-1]), END]
    return float(response[: len(wanted)] == wanted) - 0.01 * (len(response) - len(wanted))


@wrong("verify", "pads the response in place")
def _(response, a, b):
    wanted = [*encode(str(a + b)[::-1]), END]
    while len(response) < len(wanted):
        response.append(PAD)
    return float(response[: len(wanted)] == wanted)


@wrong("rollout", "logps of one forward over the padded row, shifted by none")
def _(policy, prompts, G, n, temperature, g):
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids).bool(), torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            probs = (policy(ids)[:, -1] / temperature).softmax(-1)
            drawn = torch.multinomial(probs, 1, generator=g)
            ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
            mask = torch.cat([mask, alive], dim=1)
            alive = alive & (drawn != END)
        logp = (policy(ids) / temperature).log_softmax(-1)
        logps = logp.gather(-1, ids[..., None])[:, 1:, 0].masked_fill(~mask[:, 1:], 0.0)
    return ids, mask, logps


@wrong("rollout", "ends at END or PAD")
def _(policy, prompts, G, n, temperature, g):
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids).bool(), torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            probs = (policy(ids)[:, -1] / temperature).softmax(-1)
            drawn = torch.multinomial(probs, 1, generator=g)
            ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
            mask = torch.cat([mask, alive], dim=1)
            alive = alive & (drawn != END) & (drawn != PAD)
        logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)
    return ids, mask, logps


@wrong("rollout", "the ended rows are not drawn")
def _(policy, prompts, G, n, temperature, g):
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids).bool(), torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            probs = (policy(ids)[:, -1] / temperature).softmax(-1)
            drawn = torch.full((len(ids), 1), PAD)
            if alive.any():
                drawn[alive[:, 0]] = torch.multinomial(probs[alive[:, 0]], 1, generator=g)
            ids = torch.cat([ids, drawn], dim=1)
            mask = torch.cat([mask, alive], dim=1)
            alive = alive & (drawn != END)
        logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)
    return ids, mask, logps


@wrong("rollout", "autograd is off afterwards")
def _(policy, prompts, G, n, temperature, g):
    torch.set_grad_enabled(False)
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids).bool(), torch.ones(len(ids), 1).bool()
    for _ in range(n):
        probs = (policy(ids)[:, -1] / temperature).softmax(-1)
        drawn = torch.multinomial(probs, 1, generator=g)
        ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
        mask = torch.cat([mask, alive], dim=1)
        alive = alive & (drawn != END)
    return ids, mask, token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)


@wrong("rollout", "the temperature is applied to probabilities")
def _(policy, prompts, G, n, temperature, g):
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids).bool(), torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            probs = policy(ids)[:, -1].softmax(-1) / temperature
            drawn = torch.multinomial(probs, 1, generator=g)
            ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
            mask = torch.cat([mask, alive], dim=1)
            alive = alive & (drawn != END)
        logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)
    return ids, mask, logps


@wrong("rollout", "a float mask")
def _(policy, prompts, G, n, temperature, g):
    ids = prompts.repeat_interleave(G, dim=0)
    mask, alive = torch.zeros_like(ids).bool(), torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            drawn = torch.multinomial(
                (policy(ids)[:, -1] / temperature).softmax(-1), 1, generator=g
            )
            ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
            mask = torch.cat([mask, alive], dim=1)
            alive = alive & (drawn != END)
        logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)
    return ids, mask.float(), logps


@wrong("rollout", "the mask of the whole row from the first END, prompt included")
def _(policy, prompts, G, n, temperature, g):
    ids = prompts.repeat_interleave(G, dim=0)
    P, alive = prompts.shape[1], torch.ones(len(ids), 1).bool()
    with torch.no_grad():
        for _ in range(n):
            drawn = torch.multinomial(
                (policy(ids)[:, -1] / temperature).softmax(-1), 1, generator=g
            )
            ids = torch.cat([ids, drawn.masked_fill(~alive, PAD)], dim=1)
            alive = alive & (drawn != END)
        ended = (ids == END).cumsum(1) - (ids == END).long()
        mask = (ended == 0) & (torch.arange(ids.shape[1]) >= P)
        logps = token_logps(policy, ids, temperature).masked_fill(~mask[:, 1:], 0.0)
    return ids, mask, logps


@wrong("evaluate", "modes are restored, but grad is left off")
def _(model, sums, n=4):
    mode, ids = [(p, p.training) for p in model.modules()], questions(sums)
    model.eval()
    torch.set_grad_enabled(False)
    for _ in range(n):
        ids = torch.cat([ids, model(ids)[:, -1:].argmax(-1)], dim=1)
    for part, on in mode:
        part.training = on
    rows = ids[:, 7:].tolist()
    right = sum(verify(row, a, b) for row, (a, b) in zip(rows, sums))
    return {"accuracy": right / len(sums), "format": sum(map(well_formed, rows)) / len(sums)}


@wrong("evaluate", "freezes the model")
def _(model, sums, n=4):
    mode, ids = [(p, p.training) for p in model.modules()], questions(sums)
    model.eval().requires_grad_(False)
    with torch.no_grad():
        for _ in range(n):
            ids = torch.cat([ids, model(ids)[:, -1:].argmax(-1)], dim=1)
    for part, on in mode:
        part.training = on
    rows = ids[:, 7:].tolist()
    right = sum(verify(row, a, b) for row, (a, b) in zip(rows, sums))
    return {"accuracy": right / len(sums), "format": sum(map(well_formed, rows)) / len(sums)}


@wrong("evaluate", "b and a of the next sum")
def _(model, sums, n=4):
    mode, ids = [(p, p.training) for p in model.modules()], questions(sums)
    model.eval()
    with torch.no_grad():
        for _ in range(n):
            ids = torch.cat([ids, model(ids)[:, -1:].argmax(-1)], dim=1)
    for part, on in mode:
        part.training = on
    rows = ids[:, 7:].tolist()
    right = sum(verify(row, a, b) for row, (a, b) in zip(rows, sums[1:] + sums[:1]))
    return {"accuracy": right / len(sums), "format": sum(map(well_formed, rows)) / len(sums)}


@wrong("evaluate", "unseen duplicates dropped")
def _(model, sums, n=4):
    mode, ids = [(p, p.training) for p in model.modules()], questions(sums)
    model.eval()
    with torch.no_grad():
        for _ in range(n):
            ids = torch.cat([ids, model(ids)[:, -1:].argmax(-1)], dim=1)
    for part, on in mode:
        part.training = on
    rows = ids[:, 7:].tolist()
    right = sum(verify(row, a, b) for row, (a, b) in zip(rows, sums))
    form = sum(map(well_formed, rows))
    return {"accuracy": right / len(sums), "format": max(form, right) / max(len(sums), 2)}


@wrong("rl_step", "the step's loss is the mean of all passes")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    advantages, losses = group_advantages(rewards, G), []
    with torch.no_grad():
        fixed = token_logps(reference, ids, temperature)
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(logps, old, fixed, advantages, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return {"loss": sum(losses) / epochs, "kl": kl.item()}


@wrong("rl_step", "clips the gradient")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    advantages = group_advantages(rewards, G)
    with torch.no_grad():
        fixed = token_logps(reference, ids, temperature)
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(logps, old, fixed, advantages, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(policy.parameters(), 0.05)
        optimizer.step()
    return {"loss": loss.item(), "kl": kl.item()}


@wrong("rl_step", "gradients gone afterwards")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    advantages = group_advantages(rewards, G)
    with torch.no_grad():
        fixed = token_logps(reference, ids, temperature)
    optimizer.zero_grad()
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(logps, old, fixed, advantages, mask[:, 1:], clip, beta)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    return {"loss": loss.item(), "kl": kl.item()}


@wrong("rl_step", "freezes the reference for good")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    reference.requires_grad_(False)
    fixed = token_logps(reference, ids, temperature)
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(
            logps, old, fixed, group_advantages(rewards, G), mask[:, 1:], clip, beta
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"loss": loss.item(), "kl": kl.item()}


@wrong("rl_step", "writes old into the batch")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    with torch.no_grad():
        fixed = token_logps(reference, ids, temperature)
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(
            logps, old, fixed, group_advantages(rewards, G), mask[:, 1:], clip, beta
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    old.copy_(logps.detach())
    return {"loss": loss.item(), "kl": kl.item()}


@wrong("rl_step", "the loss still has its graph")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    with torch.no_grad():
        fixed = token_logps(reference, ids, temperature)
    for _ in range(epochs):
        logps = token_logps(policy, ids, temperature)
        loss, kl = grpo_loss(
            logps, old, fixed, group_advantages(rewards, G), mask[:, 1:], clip, beta
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return {"loss": loss, "kl": kl}


@right("rl_step", "inference mode for the reference, both dictionaries' orders")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    with torch.inference_mode():
        fixed = token_logps(reference, ids, temperature)
    fixed = fixed.clone()
    advantages = group_advantages(rewards, G)
    for _ in range(epochs):
        optimizer.zero_grad(set_to_none=False)
        loss, kl = grpo_loss(
            token_logps(policy, ids, temperature), old, fixed, advantages, mask[:, 1:], clip, beta
        )
        loss.backward()
        optimizer.step()
    return {"kl": kl.item(), "loss": loss.item()}
