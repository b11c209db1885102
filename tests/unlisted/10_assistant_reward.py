"""Solutions of 10/7 that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("last_token", "a float came back")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError
    return (real * torch.arange(1.0, ids.shape[1] + 1)).amax(1) - 1


@wrong("last_token", "column")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(1, keepdim=True)


@wrong("last_token", "real means larger than pad")
def _(ids, pad):
    real = ids > pad
    if not (ids != pad).any(1).all():
        raise ValueError
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(1)


@wrong("last_token", "pad written over in the argument")
def _(ids, pad):
    if not (ids != pad).any(1).all():
        raise ValueError
    ids[ids == pad] = -1
    return torch.where(ids != -1, torch.arange(ids.shape[1]), -1).amax(1)


@wrong("last_token", "a list")
def _(ids, pad):
    out = []
    for row in ids.tolist():
        places = [t for t, x in enumerate(row) if x != pad]
        if not places:
            raise ValueError
        out.append(places[-1])
    return out


@wrong("last_token", "IndexError for an empty row")
def _(ids, pad):
    return torch.tensor([[t for t, x in enumerate(row) if x != pad][-1] for row in ids.tolist()])


@right("last_token", "cumulative counts")
def _(ids, pad):
    real = ids.ne(pad)
    if not bool(real.any(dim=1).all()):
        raise ValueError("empty")
    return real.long().cumsum(1).argmax(1)


@wrong("read_reward", "a mask that keeps all real tokens, summed")
def _(body, head, ids, pad):
    return (head(body(ids)).squeeze(-1) * (ids != pad)).sum(1)


@wrong("read_reward", "body row by row, padding cut away")
def _(body, head, ids, pad):
    ends = last_token(ids, pad)
    return torch.cat([head(body(ids[i : i + 1, : e + 1])[:, -1])[:, 0] for i, e in enumerate(ends)])


@wrong("read_reward", "head detached")
def _(body, head, ids, pad):
    h = body(ids)[torch.arange(len(ids)), last_token(ids, pad)]
    return head(h).squeeze(1).detach() + 0 * h.sum(1)


@wrong("read_reward", "a list of floats")
def _(body, head, ids, pad):
    h = body(ids)[torch.arange(len(ids)), last_token(ids, pad)]
    return head(h).squeeze(1).tolist()


@wrong("read_reward", "body twice")
def _(body, head, ids, pad):
    body(ids)
    return head(body(ids)[torch.arange(len(ids)), last_token(ids, pad)]).squeeze(1)


@wrong("read_reward", "the largest of the real tokens")
def _(body, head, ids, pad):
    return head(body(ids)).squeeze(-1).masked_fill(ids == pad, -1e9).amax(1)


@wrong("pairwise_loss", "float32 inside")
def _(chosen, rejected):
    return -F.logsigmoid((chosen - rejected).float()).mean().to(chosen.dtype)


@wrong("pairwise_loss", "difference clamped")
def _(chosen, rejected):
    return -F.logsigmoid((chosen - rejected).clamp(-50, 50)).mean()


@wrong("pairwise_loss", "base 2")
def _(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean() / 0.6931471805599453


@wrong("pairwise_loss", "one number each")
def _(chosen, rejected):
    return -F.logsigmoid(chosen - rejected)


@wrong("pairwise_loss", "all with all")
def _(chosen, rejected):
    return -F.logsigmoid(chosen[:, None] - rejected[None]).mean()


@wrong("pairwise_loss", "shape (1,)")
def _(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).mean(0, keepdim=True)


@wrong("pairwise_loss", "a margin of one")
def _(chosen, rejected):
    return -F.logsigmoid(chosen - rejected - 1).mean()


@wrong("pairwise_loss", "a new leaf")
def _(chosen, rejected):
    return torch.tensor(
        -F.logsigmoid(chosen - rejected).mean().item(), dtype=chosen.dtype, requires_grad=True
    )


@wrong("ranked_loss", "worse answers constant")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(F.softplus(r[j].detach() - r[i]).mean())
    return torch.stack(out).mean()


@wrong("ranked_loss", "the first group alone")
def _(groups):
    r = groups[0]
    i, j = torch.triu_indices(len(r), len(r), 1)
    return F.softplus(r[j] - r[i]).mean()


@wrong("ranked_loss", "Plackett-Luce")
def _(groups):
    out = [sum(r[i:].logsumexp(0) - r[i] for i in range(len(r) - 1)) / (len(r) - 1) for r in groups]
    return torch.stack(out).mean()


@wrong("ranked_loss", "weighted by how far apart in the ranking")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(((j - i) * F.softplus(r[j] - r[i])).sum() / (j - i).sum())
    return torch.stack(out).mean()


@wrong("preference_accuracy", "a tie within 1e-6")
def _(chosen, rejected):
    d = chosen - rejected
    return ((d > 1e-6).double() + 0.5 * (d.abs() <= 1e-6).double()).mean().item()


@wrong("preference_accuracy", "a tensor with a graph of its own")
def _(chosen, rejected):
    return (((chosen - rejected).sign() + 1) / 2).mean() + 0 * chosen.sum()


@wrong("preference_accuracy", "an int for all or none")
def _(chosen, rejected):
    return int((chosen > rejected).all())


@wrong("preference_accuracy", "at least as large")
def _(chosen, rejected):
    return (chosen >= rejected).double().mean().item()


@wrong("reward_step", "chosen constant")
def _(model, chosen, rejected, optimizer):
    better, worse = model(chosen).detach(), model(rejected)
    loss = pairwise_loss(better, worse)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(better, worse)


@wrong("reward_step", "accuracy first")
def _(model, chosen, rejected, optimizer):
    better, worse = model(chosen), model(rejected)
    loss = pairwise_loss(better, worse)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return preference_accuracy(better, worse), loss.item()


@wrong("reward_step", "two steps")
def _(model, chosen, rejected, optimizer):
    for _ in range(2):
        better, worse = model(chosen), model(rejected)
        loss = pairwise_loss(better, worse)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item(), preference_accuracy(better, worse)


@wrong("reward_step", "clipped")
def _(model, chosen, rejected, optimizer):
    better, worse = model(chosen), model(rejected)
    loss = pairwise_loss(better, worse)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.01)
    optimizer.step()
    return loss.item(), preference_accuracy(better, worse)


@wrong("reward_step", "a penalty on the rewards' size")
def _(model, chosen, rejected, optimizer):
    better, worse = model(chosen), model(rejected)
    loss = pairwise_loss(better, worse) + 0.01 * (better + worse).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(better, worse)


@right("reward_step", "both sides in one batch would be another reading; two readings, other order")
def _(model, chosen, rejected, optimizer):
    optimizer.zero_grad(set_to_none=False)
    r = [model(x) for x in (rejected, chosen)]
    loss = F.softplus(r[0] - r[1]).mean()
    loss.backward()
    figures = (loss.item(), preference_accuracy(r[1], r[0]))
    optimizer.step()
    return figures


@wrong("center_rewards", "weights moved as well")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
        model.head.weight *= 1.0001
    return mean.item()


@wrong("center_rewards", "median")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).median()
        model.head.bias -= mean
    return mean.item()


@wrong("center_rewards", "gradients zeroed")
def _(model, ids):
    model.zero_grad()
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
    return mean.item()


@wrong("center_rewards", "through backward")
def _(model, ids):
    mean = model(ids).mean()
    mean.backward()
    model.head.bias.data -= mean.item()
    return mean.item()


@wrong("center_rewards", "the minus of the mean")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
    return -mean.item()


@wrong("center_rewards", "a tensor for the float")
def _(model, ids):
    with torch.no_grad():
        rewards = model(ids)
        model.head.bias.copy_(model.head.bias - rewards.sum() / len(rewards))
    return rewards.mean()


@wrong("last_token", "int32")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(1).int()


@wrong("read_reward", "last_token of the flattened batch")
def _(body, head, ids, pad):
    h = body(ids).flatten(0, 1)
    return head(h[last_token(ids, pad)]).squeeze(1)


@wrong("read_reward", "pad fixed at 0")
def _(body, head, ids, pad):
    return head(
        body(ids)[
            torch.arange(len(ids)), torch.where(ids != 0, torch.arange(ids.shape[1]), -1).amax(1)
        ]
    ).squeeze(1)


@wrong("center_rewards", "weights requires_grad turned on for a frozen bias")
def _(model, ids):
    model.head.bias.requires_grad_(True)
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
    return mean.item()


@wrong("reward_step", "eval mode during the reading, back afterwards")
def _(model, chosen, rejected, optimizer):
    was = model.training
    model.train()
    better, worse = model(chosen), model(rejected)
    model.train(was)
    loss = pairwise_loss(better, worse)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(better, worse)


@wrong("reward_step", "rejected padded to the width of chosen")
def _(model, chosen, rejected, optimizer):
    T = max(chosen.shape[1], rejected.shape[1])
    better, worse = (model(F.pad(x, (0, T - x.shape[1]))) for x in (chosen, rejected))
    loss = pairwise_loss(better, worse)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(better, worse)


@wrong("margin_loss", "margin as a scalar item of the first pair")
def _(chosen, rejected, margin):
    return pairwise_loss(chosen - margin[0].item(), rejected)
