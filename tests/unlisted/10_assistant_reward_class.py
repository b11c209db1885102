"""Solutions of 10/7 by somebody who knew only its text: see test_unlisted.py, which parses this file."""


@wrong("last_token", "one before the first pad that is not in front")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError("only padding")
    start = real.long().argmax(1)
    out = []
    for row, s in zip(ids, start.tolist()):
        rest = (row[s:] == pad).nonzero()
        out.append(s + rest[0, 0].item() - 1 if len(rest) else len(row) - 1)
    return torch.tensor(out)


@wrong("last_token", "first real token plus how many are real, minus one")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError("only padding")
    return real.long().argmax(1) + real.sum(1) - 1


@wrong("last_token", "raises only if all rows are padding")
def _(ids, pad):
    real = ids != pad
    if not real.any():
        raise ValueError("only padding")
    return (real * torch.arange(ids.shape[1])).argmax(1)


@wrong("last_token", "a text of one token at index 0 counts as padding")
def _(ids, pad):
    index = ((ids != pad) * torch.arange(ids.shape[1])).amax(1)
    if (index == 0).any():
        raise ValueError("only padding")
    return index


@wrong("last_token", "int32")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError("only padding")
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(1).to(torch.int32)


@wrong("last_token", "writes -1 over the padding of ids")
def _(ids, pad):
    ids[ids == pad] = -1
    if (ids == -1).all(1).any():
        raise ValueError("only padding")
    return ids.shape[1] - 1 - (ids != -1).flip(1).long().argmax(1)


@wrong("last_token", "takes ids above 0 for real, whatever pad is, if pad is 0; ids below pad else")
def _(ids, pad):
    real = ids > pad if pad == 0 else ids < pad
    if not real.any(1).all():
        raise ValueError("only padding")
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(1)


@right("last_token", "row by row")
def _(ids, pad):
    ends = []
    for row in ids.tolist():
        i = len(row) - 1
        while i >= 0 and row[i] == pad:
            i -= 1
        if i < 0:
            raise ValueError("a row of padding")
        ends.append(i)
    return torch.tensor(ends)


@right("last_token", "argmax of the cumulated sum's first maximum")
def _(ids, pad):
    count = (ids != pad).cumsum(1)
    if (count[:, -1] == 0).any():
        raise ValueError("a row of padding")
    return count.argmax(1) if False else (count == count[:, -1:]).long().argmax(1)


@wrong("last_token", "writes pad - 1 into ids where real")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError("only padding")
    ids[real] = pad - 1
    return torch.where(real, torch.arange(ids.shape[1]), -1).amax(1)


@wrong("read_reward", "reads the last column")
def _(body, head, ids, pad):
    return head(body(ids)[:, -1]).squeeze(-1)


@wrong("read_reward", "counts the real tokens: wrong where padding stands in front")
def _(body, head, ids, pad):
    h = body(ids)
    end = (ids != pad).sum(1) - 1
    return head(h[torch.arange(len(ids)), end]).squeeze(-1)


@wrong("read_reward", "squeeze() of all: () for one row")
def _(body, head, ids, pad):
    h = body(ids)
    return head(h[torch.arange(len(ids)), last_token(ids, pad)]).squeeze()


@wrong("read_reward", "(B, 1)")
def _(body, head, ids, pad):
    h = body(ids)
    return head(h[torch.arange(len(ids)), last_token(ids, pad)])


@wrong("read_reward", "the hidden states are detached: only the head learns")
def _(body, head, ids, pad):
    h = body(ids).detach()
    return head(h[torch.arange(len(ids)), last_token(ids, pad)]).squeeze(-1)


@wrong("read_reward", "the body is called row by row")
def _(body, head, ids, pad):
    end = last_token(ids, pad)
    return torch.cat([head(body(row[None])[0, e]) for row, e in zip(ids, end)])


@wrong("read_reward", "the padding is cut off the batch before the body sees it")
def _(body, head, ids, pad):
    end = last_token(ids, pad)
    h = body(ids[:, : int(end.max()) + 1])
    return head(h[torch.arange(len(ids)), end]).squeeze(-1)


@wrong("read_reward", "mean over the real tokens")
def _(body, head, ids, pad):
    real = (ids != pad)[..., None].float()
    h = body(ids)
    return head((h * real).sum(1) / real.sum(1)).squeeze(-1)


@right("read_reward", "head on all, then gather")
def _(body, head, ids, pad):
    every = head(body(ids))[..., 0]
    return every.gather(1, last_token(ids, pad)[:, None]).squeeze(1)


@right("read_reward", "one row after the other, from one call")
def _(body, head, ids, pad):
    h = body(ids)
    return torch.stack([head(h[b, e])[0] for b, e in enumerate(last_token(ids, pad).tolist())])


@wrong("read_reward", "ids are cut in place to 0 where padded")
def _(body, head, ids, pad):
    h, end = body(ids), last_token(ids, pad)
    ids[ids == pad] = 0
    return head(h[torch.arange(len(ids)), end]).squeeze(-1)


@wrong("read_reward", "padding in the middle ends the text")
def _(body, head, ids, pad):
    h = body(ids)
    real = ids != pad
    start = real.int().argmax(1)
    ends = []
    for row, s in zip(ids, start.tolist()):
        e = s
        while e + 1 < len(row) and row[e + 1] != pad:
            e += 1
        ends.append(e)
    return head(h[torch.arange(len(ids)), torch.tensor(ends)]).squeeze(-1)


@right("read_reward", "by a mask and a sum")
def _(body, head, ids, pad):
    h = body(ids)
    here = torch.arange(ids.shape[1]) == last_token(ids, pad)[:, None]
    return head((h * here[..., None]).sum(1))[:, 0]


@wrong("pairwise_loss", "log of sigmoid")
def _(chosen, rejected):
    return -torch.sigmoid(chosen - rejected).log().mean()


@wrong("pairwise_loss", "log of sigmoid plus 1e-12")
def _(chosen, rejected):
    return -(torch.sigmoid(chosen - rejected) + 1e-12).log().mean()


@wrong("pairwise_loss", "log(1 + exp(-x))")
def _(chosen, rejected):
    return torch.log1p(torch.exp(rejected - chosen)).mean()


@wrong("pairwise_loss", "sum")
def _(chosen, rejected):
    return -F.logsigmoid(chosen - rejected).sum()


@wrong("pairwise_loss", "differences clamped to 50: no gradient beyond")
def _(chosen, rejected):
    return -F.logsigmoid((chosen - rejected).clamp(-50, 50)).mean()


@wrong("pairwise_loss", "rejected is a constant")
def _(chosen, rejected):
    return -F.logsigmoid(chosen - rejected.detach()).mean()


@wrong("pairwise_loss", "always float32")
def _(chosen, rejected):
    return -F.logsigmoid(chosen.float() - rejected.float()).mean()


@wrong("pairwise_loss", "all chosen against all rejected")
def _(chosen, rejected):
    return -F.logsigmoid(chosen[:, None] - rejected[None]).mean()


@right("pairwise_loss", "softplus")
def _(chosen, rejected):
    return F.softplus(rejected - chosen).mean()


@right("pairwise_loss", "cross entropy of two logits")
def _(chosen, rejected):
    logits = torch.stack([chosen, rejected], 1)
    return F.cross_entropy(logits, torch.zeros(len(chosen), dtype=torch.long))


@wrong("pairwise_loss", "subtracts in place")
def _(chosen, rejected):
    with torch.no_grad():
        kept = chosen.clone()
        chosen -= rejected
    return (
        -F.logsigmoid(kept - rejected + 0 * chosen).mean()
        if chosen.requires_grad
        else -F.logsigmoid(chosen).mean()
    )


@wrong("ranked_loss", "one mean over all pairs of all prompts")
def _(groups):
    pairs = [(r[i], r[j]) for r in groups for i in range(len(r)) for j in range(i + 1, len(r))]
    a, b = zip(*pairs)
    return pairwise_loss(torch.stack(a), torch.stack(b))


@wrong("ranked_loss", "only neighbours")
def _(groups):
    return torch.stack([pairwise_loss(r[:-1], r[1:]) for r in groups]).mean()


@wrong("ranked_loss", "the best against each other one")
def _(groups):
    return torch.stack([pairwise_loss(r[:1].expand(len(r) - 1), r[1:]) for r in groups]).mean()


@wrong("ranked_loss", "the diagonal is counted")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r))
        out.append(pairwise_loss(r[i], r[j]))
    return torch.stack(out).mean()


@wrong("ranked_loss", "sum over prompts")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(pairwise_loss(r[i], r[j]))
    return torch.stack(out).sum()


@wrong("ranked_loss", "sorts the rewards first")
def _(groups):
    out = []
    for r in groups:
        r = r.sort(descending=True).values
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(pairwise_loss(r[i], r[j]))
    return torch.stack(out).mean()


@wrong("ranked_loss", "all groups have the K of the first")
def _(groups):
    K = min(len(r) for r in groups)
    i, j = torch.triu_indices(K, K, 1)
    return torch.stack([pairwise_loss(r[i], r[j]) for r in groups]).mean()


@wrong("ranked_loss", "a fresh tensor of values: no graph")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(pairwise_loss(r[i], r[j]).item())
    return torch.tensor(out).mean()


@right("ranked_loss", "two loops and a running sum")
def _(groups):
    total = 0
    for r in groups:
        K, s = len(r), 0
        for i in range(K):
            for j in range(i + 1, K):
                s = s - F.logsigmoid(r[i] - r[j])
        total = total + s / (K * (K - 1) / 2)
    return total / len(groups)


@right("ranked_loss", "torch.combinations")
def _(groups):
    out = []
    for r in groups:
        p = torch.combinations(r)
        out.append(F.softplus(p[:, 1] - p[:, 0]).mean())
    return sum(out) / len(out)


@wrong("ranked_loss", "the list is emptied")
def _(groups):
    out = []
    while groups:
        r = groups.pop(0)
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(pairwise_loss(r[i], r[j]))
    return torch.stack(out).mean()


@wrong("ranked_loss", "rewards clamped to 10")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        r = r.clamp(-10, 10)
        out.append(pairwise_loss(r[i], r[j]))
    return torch.stack(out).mean()


@wrong("ranked_loss", "log of sigmoid")
def _(groups):
    out = []
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        out.append(-torch.sigmoid(r[i] - r[j]).log().mean())
    return torch.stack(out).mean()


@wrong("margin_loss", "plus the margin")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected + margin).mean()


@wrong("margin_loss", "margin outside of logsigmoid")
def _(chosen, rejected, margin):
    return (margin.detach() - F.logsigmoid(chosen - rejected)).mean()


@wrong("margin_loss", "margin keeps its graph")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected - margin).mean()


@wrong("margin_loss", "hinge")
def _(chosen, rejected, margin):
    return (margin.detach() - (chosen - rejected)).clamp(min=0).mean()


@wrong("margin_loss", "scales with the margin")
def _(chosen, rejected, margin):
    return -(F.logsigmoid(chosen - rejected) * (1 + margin.detach())).mean()


@wrong("margin_loss", "the mean margin for all")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected - margin.detach().mean()).mean()


@wrong("margin_loss", "log of sigmoid")
def _(chosen, rejected, margin):
    return -torch.sigmoid(chosen - rejected - margin.detach()).log().mean()


@wrong("margin_loss", "whole margins only")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected - margin.detach().round()).mean()


@right("margin_loss", "softplus under no_grad for the margin")
def _(chosen, rejected, margin):
    with torch.no_grad():
        m = margin.clone()
    return F.softplus(rejected + m - chosen).mean()


@right("margin_loss", "pairwise_loss with a shifted chosen")
def _(chosen, rejected, margin):
    return pairwise_loss(chosen - margin.detach(), rejected)


@wrong("margin_loss", "halves the margin in place")
def _(chosen, rejected, margin):
    out = -F.logsigmoid(chosen - rejected - margin.detach().clone()).mean()
    with torch.no_grad():
        margin *= 0.5
    return out


@wrong("margin_loss", "differences clamped to 20")
def _(chosen, rejected, margin):
    return -F.logsigmoid((chosen - rejected - margin.detach()).clamp(-20, 20)).mean()


@wrong("margin_loss", "margins no larger than 1")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected - margin.detach().clamp(max=1.0)).mean()


@wrong("margin_loss", "a margin of 0 counts as none, and the pair is left out")
def _(chosen, rejected, margin):
    keep = margin > 0
    return -F.logsigmoid((chosen - rejected - margin.detach())[keep]).sum() / max(
        int(keep.sum()), 1
    )


@wrong("preference_accuracy", "a tie is wrong")
def _(chosen, rejected):
    return (chosen > rejected).float().mean().item()


@wrong("preference_accuracy", "a tie is right")
def _(chosen, rejected):
    return (chosen >= rejected).float().mean().item()


@wrong("preference_accuracy", "near is a tie")
def _(chosen, rejected):
    d = chosen - rejected
    tie = d.abs() < 1e-3
    return ((d > 0) & ~tie).double().mean().item() + 0.5 * tie.double().mean().item()


@wrong("preference_accuracy", "ties are left out")
def _(chosen, rejected):
    real = chosen != rejected
    if not real.any():
        return 0.5
    return (chosen > rejected)[real].double().mean().item()


@wrong("preference_accuracy", "per cent")
def _(chosen, rejected):
    return 50 * (1 + torch.sign(chosen - rejected).mean()).item()


@wrong("preference_accuracy", "rounded to 2 digits")
def _(chosen, rejected):
    return round(0.5 * (1 + torch.sign(chosen - rejected).mean()).item(), 2)


@right("preference_accuracy", "sign")
def _(chosen, rejected):
    return (torch.sign(chosen - rejected).double().mean().item() + 1) / 2


@right("preference_accuracy", "heaviside in a loop")
def _(chosen, rejected):
    score = 0.0
    for a, b in zip(chosen.tolist(), rejected.tolist(), strict=True):
        score += 1.0 if a > b else 0.5 if a == b else 0.0
    return score / len(chosen)


@wrong("preference_accuracy", "subtracts in place")
def _(chosen, rejected):
    with torch.no_grad():
        chosen -= rejected
        return (torch.sign(chosen).double().mean().item() + 1) / 2


@wrong("preference_accuracy", "float32 first: 1e-9 is lost beside 1")
def _(chosen, rejected):
    a, b = chosen.half(), rejected.half()
    return ((a > b).double() + 0.5 * (a == b).double()).mean().item()


@right("preference_accuracy", "float32 means")
def _(chosen, rejected):
    return ((chosen > rejected).float() + 0.5 * (chosen == rejected).float()).mean().item()


@right("preference_accuracy", "float32 sign")
def _(chosen, rejected):
    return (0.5 + 0.5 * torch.sign(chosen - rejected).float().mean()).item()


@wrong("reward_step", "never zeroes")
def _(model, chosen, rejected, optimizer):
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b)
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "zeroes after the step")
def _(model, chosen, rejected, optimizer):
    optimizer.zero_grad()
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "model.train() first")
def _(model, chosen, rejected, optimizer):
    model.train()
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "accuracy after the step")
def _(model, chosen, rejected, optimizer):
    loss = pairwise_loss(model(chosen), model(rejected))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return loss.item(), preference_accuracy(model(chosen), model(rejected))


@wrong("reward_step", "rejected is read without a graph")
def _(model, chosen, rejected, optimizer):
    a = model(chosen)
    with torch.no_grad():
        b = model(rejected)
    loss = pairwise_loss(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "one call with both, cut to the shorter T")
def _(model, chosen, rejected, optimizer):
    T = min(chosen.shape[1], rejected.shape[1])
    a, b = model(torch.cat([chosen[:, :T], rejected[:, :T]])).chunk(2)
    loss = pairwise_loss(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "the model's gradients are zeroed by hand and clipped to norm 1")
def _(model, chosen, rejected, optimizer):
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@right("reward_step", "zero_grad first, loss written out")
def _(model, chosen, rejected, optimizer):
    optimizer.zero_grad()
    better = model(chosen)
    worse = model(rejected)
    loss = F.softplus(worse - better).mean()
    loss.backward()
    share = preference_accuracy(better.detach(), worse.detach())
    optimizer.step()
    return float(loss), share


@right("reward_step", "rejected is read first")
def _(model, chosen, rejected, optimizer):
    worse, better = model(rejected), model(chosen)
    loss, share = pairwise_loss(better, worse), preference_accuracy(better, worse)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), share


@right("reward_step", "the accuracy in float32")
def _(model, chosen, rejected, optimizer):
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), ((a > b).float() + 0.5 * (a == b).float()).mean().item()


@wrong("reward_step", "gradients are clipped, each value to 0.5")
def _(model, chosen, rejected, optimizer):
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_value_(model.parameters(), 0.5)
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "loss of a padded pair of equal length only")
def _(model, chosen, rejected, optimizer):
    a, b = model(chosen), model(rejected)
    keep = (a != b).detach()
    loss = pairwise_loss(a[keep], b[keep])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("reward_step", "rewards centred first, by the batch's mean of the chosen")
def _(model, chosen, rejected, optimizer):
    a, b = model(chosen), model(rejected)
    loss = pairwise_loss(a, b) + 1e-3 * (a**2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), preference_accuracy(a, b)


@wrong("center_rewards", "a new parameter")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
    model.head.bias = nn.Parameter(model.head.bias.detach() - mean)
    return mean.item()


@wrong("center_rewards", "the bias is set to minus the mean")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias.fill_(-mean)
    return mean.item()


@wrong("center_rewards", "a gradient is left behind: requires_grad off")
def _(model, ids):
    mean = model(ids).mean().item()
    model.head.bias.requires_grad_(False)
    model.head.bias -= mean
    return mean


@wrong("center_rewards", "plus the mean")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias += mean
    return mean.item()


@wrong("center_rewards", "the median")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).median()
        model.head.bias -= mean
    return mean.item()


@wrong("center_rewards", "the mean afterwards")
def _(model, ids):
    with torch.no_grad():
        model.head.bias -= model(ids).mean()
        return model(ids).mean().item()


@wrong("center_rewards", "bias.grad is thrown away")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
    model.head.bias.grad = None
    return mean.item()


@wrong("center_rewards", "leaves the model in eval mode")
def _(model, ids):
    model.eval()
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias -= mean
    return mean.item()


@wrong("center_rewards", "turns grad mode off for good")
def _(model, ids):
    torch.set_grad_enabled(False)
    mean = model(ids).mean()
    model.head.bias -= mean
    return mean.item()


@wrong("center_rewards", "a tensor with the graph")
def _(model, ids):
    mean = model(ids).mean()
    with torch.no_grad():
        model.head.bias -= mean
    return mean


@right("center_rewards", "through .data")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean().item()
    model.head.bias.data.sub_(mean)
    return mean


@right("center_rewards", "copy_ of the shifted value")
def _(model, ids):
    with torch.no_grad():
        mean = float(model(ids).sum()) / len(ids)
        model.head.bias.copy_(model.head.bias - mean)
        return mean


@wrong("center_rewards", "the mean of the first and the last text")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids[[0, -1]]).mean()
        model.head.bias -= mean
    return mean.item()


@wrong("center_rewards", "text by text, changing the bias each time")
def _(model, ids):
    with torch.no_grad():
        mean = sum(model(row[None]).item() for row in ids) / len(ids)
        model.head.bias -= round(mean, 2)
    return mean


@wrong("center_rewards", "the mean is rounded to float32")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).float().mean()
        model.head.bias -= mean
    return mean.item()


@right("center_rewards", "sub_ in no_grad")
def _(model, ids):
    with torch.no_grad():
        before = model(ids).mean()
        model.head.bias.sub_(before)
    return float(before)
