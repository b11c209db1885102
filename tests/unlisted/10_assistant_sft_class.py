"""Finetuning: solutions written from the docstrings alone, as a class might hand them in."""


@wrong("shifted_targets", "the mask is not shifted")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, :-1], ids[:, 1:], -100)


@wrong("shifted_targets", "both masks must be True")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, 1:] & mask[:, :-1], ids[:, 1:], -100)


@wrong("shifted_targets", "fills the caller's ids in place")
def _(ids, mask):
    targets = ids[:, 1:]
    inputs = ids[:, :-1].clone()
    targets[~mask[:, 1:]] = -100
    return inputs, targets


@wrong("shifted_targets", "multiplication: masked targets become 0")
def _(ids, mask):
    return ids[:, :-1], ids[:, 1:] * mask[:, 1:]


@wrong("shifted_targets", "targets as int32")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, 1:], ids[:, 1:], -100).int()


@wrong("shifted_targets", "inputs masked too")
def _(ids, mask):
    x = torch.where(mask, ids, -100)
    return x[:, :-1], x[:, 1:]


@wrong("shifted_targets", "everything behind the first own token counts")
def _(ids, mask):
    seen = mask[:, 1:].long().cummax(1).values.bool()
    return ids[:, :-1], torch.where(seen, ids[:, 1:], -100)


@wrong("shifted_targets", "squeezes: right for more than one row only")
def _(ids, mask):
    return ids[:, :-1].squeeze(0), torch.where(mask[:, 1:], ids[:, 1:], -100).squeeze(0)


@wrong("shifted_targets", "targets rolled, the last column kept")
def _(ids, mask):
    targets = torch.where(mask, ids, -100).roll(-1, 1)
    return ids, targets


@right("shifted_targets", "masked_fill of a copy")
def _(ids, mask):
    T = ids.size(1)
    return ids.narrow(1, 0, T - 1).clone(), ids[:, 1:].masked_fill(mask[:, 1:].logical_not(), -100)


@right("shifted_targets", "loops over lists")
def _(ids, mask):
    rows = [
        [i if m else -100 for i, m in zip(r[1:], ms[1:], strict=True)]
        for r, ms in zip(ids.tolist(), mask.tolist(), strict=True)
    ]
    B, T = ids.shape
    return ids[:, : T - 1], torch.tensor(rows, dtype=torch.int64).view(B, T - 1)


@wrong("pad_batch", "real where the id is not pad")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    ids = torch.tensor(
        [
            (r + [pad] * (T - len(r))) if side == "right" else ([pad] * (T - len(r)) + r)
            for r in rows
        ]
    )
    real = ids != pad
    positions = (real.long().cumsum(1) - 1).clamp(min=0) * real
    return ids, real, positions


@wrong("pad_batch", "positions are columns")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    ids = torch.full((len(rows), T), pad)
    real = torch.zeros(len(rows), T, dtype=torch.bool)
    for b, r in enumerate(rows):
        at = 0 if side == "right" else T - len(r)
        ids[b, at : at + len(r)] = torch.tensor(r)
        real[b, at : at + len(r)] = True
    return ids, real, torch.arange(T).expand(len(rows), T) * real


@wrong("pad_batch", "positions at padding on the right go on")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    ids = torch.full((len(rows), T), pad)
    real = torch.zeros(len(rows), T, dtype=torch.bool)
    for b, r in enumerate(rows):
        at = 0 if side == "right" else T - len(r)
        ids[b, at : at + len(r)] = torch.tensor(r)
        real[b, at : at + len(r)] = True
    return ids, real, (real.long().cumsum(1) - 1).clamp(min=0)


@wrong("pad_batch", "any other side is taken for left")
def _(rows, pad, side="right"):
    T = max(map(len, rows))
    ids = torch.full((len(rows), T), pad)
    real = torch.zeros(len(rows), T, dtype=torch.bool)
    for b, r in enumerate(rows):
        at = 0 if side == "right" else T - len(r)
        ids[b, at : at + len(r)] = torch.tensor(r)
        real[b, at : at + len(r)] = True
    return ids, real, (real.long().cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "fills up the caller's rows")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    lengths = [len(r) for r in rows]
    T = max(lengths)
    for r in rows:
        while len(r) < T:
            r.insert(len(r) if side == "right" else 0, pad)
    ids = torch.tensor(rows)
    columns = torch.arange(T)
    n = torch.tensor(lengths)[:, None]
    real = columns < n if side == "right" else columns >= T - n
    return ids, real, (real.long().cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "an unknown side is noticed only where padding is needed")
def _(rows, pad, side="right"):
    T = max(map(len, rows))
    ids = torch.full((len(rows), T), pad)
    real = torch.zeros(len(rows), T, dtype=torch.bool)
    for b, r in enumerate(rows):
        if len(r) < T and side not in ("left", "right"):
            raise ValueError(side)
        at = 0 if side == "right" else T - len(r)
        ids[b, at : at + len(r)] = torch.tensor(r)
        real[b, at : at + len(r)] = True
    return ids, real, (real.long().cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "left: the rows are reversed")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    from torch.nn.utils.rnn import pad_sequence

    tensors = [torch.tensor(r) for r in rows]
    ids = pad_sequence(tensors, batch_first=True, padding_value=pad)
    real = pad_sequence([torch.ones_like(t) for t in tensors], batch_first=True).bool()
    if side == "left":
        ids, real = ids.flip(1), real.flip(1)
    return ids, real, (real.long().cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "positions begin with 1")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    n = torch.tensor([len(r) for r in rows])[:, None]
    real = torch.arange(T) < n if side == "right" else torch.arange(T) >= T - n
    ids = torch.full((len(rows), T), pad)
    ids[real] = torch.tensor([i for r in rows for i in r])
    return ids, real, real.long().cumsum(1) * real


@wrong("pad_batch", "real as int64")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    n = torch.tensor([len(r) for r in rows])[:, None]
    real = torch.arange(T) < n if side == "right" else torch.arange(T) >= T - n
    ids = torch.full((len(rows), T), pad)
    ids[real] = torch.tensor([i for r in rows for i in r])
    return ids, real.long(), (real.long().cumsum(1) - 1).clamp(min=0) * real


@right("pad_batch", "real by comparison, ids by a boolean index")
def _(rows, pad, side="right"):
    if side != "left" and side != "right":
        raise ValueError(f"no such side: {side}")
    n = torch.tensor([len(r) for r in rows])
    T = int(n.max())
    columns = torch.arange(T)[None]
    start = (T - n if side == "left" else torch.zeros_like(n))[:, None]
    real = (columns >= start) & (columns < start + n[:, None])
    ids = torch.full((len(rows), T), pad, dtype=torch.long)
    ids[real] = torch.tensor([i for r in rows for i in r], dtype=torch.long)
    return ids, real, (columns - start) * real


@right("pad_batch", "lists only, tensors last")
def _(rows, pad, side="right"):
    T = max(len(r) for r in rows)

    def filled(r, fill):
        rest = [fill] * (T - len(r))
        if side == "right":
            return list(r) + rest
        if side == "left":
            return rest + list(r)
        raise ValueError("side")

    return (
        torch.tensor([filled(r, pad) for r in rows]),
        torch.tensor([filled([True] * len(r), False) for r in rows]),
        torch.tensor([filled(range(len(r)), 0) for r in rows]),
    )


@wrong("sft_loss", "the mean of the rows' means")
def _(logits, targets, total=None):
    counts = targets != -100
    nll = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
    if total is not None:
        return nll.sum() / total
    rows = counts.any(1)
    means = nll.sum(1) / counts.sum(1).clamp(min=1)
    return means.sum() / rows.sum().clamp(min=1)


@wrong("sft_loss", "cross_entropy's mean: NaN if nothing counts")
def _(logits, targets, total=None):
    if total is None:
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / total


@wrong("sft_loss", "nothing counts: a zero without graph")
def _(logits, targets, total=None):
    if not (targets != -100).any():
        return logits.new_zeros(())
    s = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return s / (int((targets != -100).sum()) if total is None else total)


@wrong("sft_loss", "divides by all targets")
def _(logits, targets, total=None):
    s = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return s / (targets.numel() if total is None else total)


@wrong("sft_loss", "total ignored")
def _(logits, targets, total=None):
    s = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return s / max(1, int((targets != -100).sum()))


@wrong("sft_loss", "softmax and log apart")
def _(logits, targets, total=None):
    counts = targets != -100
    p = logits.softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    n = max(1, int(counts.sum())) if total is None else total
    return torch.where(counts, -p.log(), 0).sum() / n


@wrong("sft_loss", "the mean divided by total")
def _(logits, targets, total=None):
    n = max(1, int((targets != -100).sum()))
    s = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / n
    return s if total is None else s / total


@wrong("sft_loss", "always float32")
def _(logits, targets, total=None):
    n = max(1, int((targets != -100).sum())) if total is None else total
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="sum") / n


@wrong("sft_loss", "view: contiguous logits only")
def _(logits, targets, total=None):
    n = max(1, int((targets != -100).sum())) if total is None else total
    return (
        F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1), reduction="sum") / n
    )


@wrong("sft_loss", "id 0 counts as padding, too")
def _(logits, targets, total=None):
    counts = targets > 0
    n = max(1, int(counts.sum())) if total is None else total
    t = torch.where(counts, targets, -100)
    return F.cross_entropy(logits.flatten(0, 1), t.flatten(), reduction="sum") / n


@wrong("sft_loss", "the largest logit of the whole batch subtracted, not each position's")
def _(logits, targets, total=None):
    counts = targets != -100
    z = logits - logits.max().detach()
    logp = z - z.exp().sum(-1, keepdim=True).log()
    nll = -logp.gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    n = max(1, int(counts.sum())) if total is None else total
    return torch.where(counts, nll, 0).sum() / n


@wrong("sft_loss", "writes 0 over what does not count, in the caller's targets")
def _(logits, targets, total=None):
    counts = targets != -100
    targets[~counts] = 0
    nll = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none") * counts
    n = max(1, int(counts.sum())) if total is None else total
    return nll.sum() / n


@right("sft_loss", "log_softmax and gather, where")
def _(logits, targets, total=None):
    counts = targets.ne(-100)
    logp = torch.log_softmax(logits, dim=-1)
    own = logp.gather(-1, targets.masked_fill(~counts, 0).unsqueeze(-1)).squeeze(-1)
    n = total if total is not None else max(int(counts.sum()), 1)
    return -own.masked_fill(~counts, 0.0).sum() / n


@right("sft_loss", "only the rows that count, logsumexp")
def _(logits, targets, total=None):
    counts = targets != -100
    picked, wanted = logits[counts], targets[counts]
    if total is None:
        total = max(1, len(wanted))
    own = picked[torch.arange(len(wanted)), wanted]
    return (picked.logsumexp(1) - own).sum() / total


@wrong("accumulate", "the mean of the means")
def _(model, micro_batches):
    loss = 0.0
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets) / len(micro_batches)
        part.backward()
        loss += part.item()
    return loss


@wrong("accumulate", "gradients zeroed first")
def _(model, micro_batches):
    model.zero_grad()
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, total)
        part.backward()
        loss += part.item()
    return loss


@wrong("accumulate", "one graph for all: backward of the sum")
def _(model, micro_batches):
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = sum(sft_loss(model(inputs), targets, total) for inputs, targets in micro_batches)
    loss.backward()
    return loss.item()


@wrong("accumulate", "gives a tensor")
def _(model, micro_batches):
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, total)
        part.backward()
        loss += part.detach()
    return loss


@wrong("accumulate", "train mode set")
def _(model, micro_batches):
    model.train()
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, total)
        part.backward()
        loss += part.item()
    return loss


@wrong("accumulate", "divides by the number of micro-batches, too, in the returned loss")
def _(model, micro_batches):
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, total)
        part.backward()
        loss += part.item()
    return loss / len(micro_batches)


@wrong("accumulate", "total of the pieces so far")
def _(model, micro_batches):
    total, loss = 0, 0.0
    for inputs, targets in micro_batches:
        total += int((targets != -100).sum())
        part = sft_loss(model(inputs), targets, max(1, total))
        part.backward()
        loss += part.item()
    return loss


@wrong("accumulate", "nothing counts: ZeroDivisionError")
def _(model, micro_batches):
    total = sum(int((t != -100).sum()) for _, t in micro_batches)
    loss = 0.0
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, 1)
        (part / total).backward()
        loss += part.item()
    return loss / total


@wrong("accumulate", "the gradient right, the returned loss is the mean of means")
def _(model, micro_batches):
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    losses = []
    for inputs, targets in micro_batches:
        logits = model(inputs)
        sft_loss(logits, targets, total).backward()
        losses.append(sft_loss(logits.detach(), targets).item())
    return sum(losses) / len(losses)


@wrong("accumulate", "stops at the first piece in which nothing counts")
def _(model, micro_batches):
    total = sum(int((t != -100).sum()) for _, t in micro_batches)
    loss = 0.0
    for inputs, targets in micro_batches:
        if not (targets != -100).any():
            break
        part = sft_loss(model(inputs), targets, total)
        part.backward()
        loss += part.item()
    return loss


@wrong("accumulate", "the last micro-batch's loss")
def _(model, micro_batches):
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, total)
        part.backward()
    return part.item()


@wrong("accumulate", "two forward passes: one to count the loss, one for gradients")
def _(model, micro_batches):
    total = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for inputs, targets in micro_batches:
        sft_loss(model(inputs), targets, total).backward()
        with torch.no_grad():
            loss += sft_loss(model(inputs), targets, total).item()
    return loss


@right("accumulate", "sums scaled: backward with a gradient of 1 / n")
def _(model, micro_batches):
    n = sum((targets != -100).sum().item() for _, targets in micro_batches)
    sums = 0.0
    for inputs, targets in micro_batches:
        if (targets == -100).all():
            continue
        summed = sft_loss(model(inputs), targets, total=1)
        summed.backward(torch.full_like(summed, 1 / n))
        sums += float(summed)
    return sums / n if n else 0.0


@right("accumulate", "autograd.grad, added by hand")
def _(model, micro_batches):
    n = sum(int(targets.ne(-100).sum()) for _, targets in micro_batches)
    loss = 0.0
    params = [p for p in model.parameters() if p.requires_grad]
    for inputs, targets in micro_batches:
        part = sft_loss(model(inputs), targets, total=max(n, 1))
        for p, g in zip(params, torch.autograd.grad(part, params, allow_unused=True), strict=True):
            if g is not None:
                p.grad = g if p.grad is None else p.grad + g
        loss += float(part.detach())
    return loss


@wrong("sft_step", "old gradients not forgotten")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "a step though nothing counts")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "the norm after clipping")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, min(norm.item(), max_norm)


@wrong("sft_step", "clips each parameter on its own")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    squares = sum(float(p.grad.norm()) ** 2 for p in model.parameters() if p.grad is not None)
    for p in model.parameters():
        nn.utils.clip_grad_norm_([p], max_norm)
    optimizer.step()
    return loss, math.sqrt(squares)


@wrong("sft_step", "clip by value")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    squares = sum(float(p.grad.norm()) ** 2 for p in model.parameters() if p.grad is not None)
    nn.utils.clip_grad_value_(model.parameters(), max_norm)
    optimizer.step()
    return loss, math.sqrt(squares)


@wrong("sft_step", "always scaled to max_norm, small gradients enlarged")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    norm = math.sqrt(sum(float(g.norm()) ** 2 for g in grads))
    for g in grads:
        g *= max_norm / (norm + 1e-6)
    optimizer.step()
    return loss, norm


@wrong("sft_step", "clips behind the step")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    optimizer.step()
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    return loss, norm.item()


@wrong("sft_step", "no step if loss is 0.0, instead of if nothing counts")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    if loss == 0.0:
        return 0.0, 0.0
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "no step if any micro-batch counts nothing")
def _(model, micro_batches, optimizer, max_norm):
    if any((t == -100).all() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "gradients cleared behind the step")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    optimizer.zero_grad()
    return loss, norm.item()


@wrong("sft_step", "the norm a tensor")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm


@wrong("sft_step", "max_norm frozen at 1")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "a step for each micro-batch")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    losses, norms = [], []
    for pair in micro_batches:
        optimizer.zero_grad()
        losses.append(accumulate(model, [pair]))
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), max_norm).item())
        optimizer.step()
    return sum(losses) / len(losses), max(norms)


@wrong("sft_step", "train mode set and left")
def _(model, micro_batches, optimizer, max_norm):
    model.train()
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "the loss behind the step")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    kept = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    loss = accumulate(model, micro_batches)
    for p, g in zip(model.parameters(), kept, strict=True):
        p.grad = g
    return loss, norm.item()


@right("sft_step", "the norm by hand, parameters of the optimizer's groups")
def _(model, micro_batches, optimizer, max_norm):
    if sum(int((t != -100).sum()) for _, t in micro_batches) == 0:
        return 0.0, 0.0
    params = [p for group in optimizer.param_groups for p in group["params"]]
    for p in params:
        p.grad = None
    loss = accumulate(model, micro_batches)
    grads = [p.grad for p in params if p.grad is not None]
    norm = float(torch.stack([g.norm() for g in grads]).norm())
    if norm > max_norm:
        for g in grads:
            g.mul_(max_norm / norm)
    optimizer.step()
    return loss, norm


@right("sft_step", "zeros instead of None, all targets in one row")
def _(model, micro_batches, optimizer, max_norm):
    every = torch.cat([t.flatten() for _, t in micro_batches])
    optimizer.zero_grad(set_to_none=False)
    if (every == -100).all():
        return 0.0, 0.0
    loss = accumulate(model, micro_batches)
    norm = torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=max_norm)
    optimizer.step()
    return loss, float(norm)


@wrong("perplexity", "the mean of the batches' perplexities")
def _(model, batches):
    if not any((t != -100).any() for _, t in batches):
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        found = [
            math.exp(min(700, sft_loss(model(x), t).item()))
            for x, t in batches
            if (t != -100).any()
        ]
    for part, on in was:
        part.training = on
    return sum(found) / len(found)


@wrong("perplexity", "exp of the mean of the means")
def _(model, batches):
    if not any((t != -100).any() for _, t in batches):
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        found = [sft_loss(model(x), t).item() for x, t in batches if (t != -100).any()]
    for part, on in was:
        part.training = on
    mean = sum(found) / len(found)
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "stays in eval mode")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "always back to train mode")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    model.train()
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "OverflowError where exp is too large")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean)


@wrong("perplexity", "exp in float32: infinite beyond 88")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return torch.tensor(mean, dtype=torch.float32).exp().item()


@wrong("perplexity", "infinite beyond 100")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 100 else math.inf


@wrong("perplexity", "2 to the mean")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return 2.0**mean if mean < 1000 else math.inf


@wrong("perplexity", "nothing counts: 1.0")
def _(model, batches):
    n = max(1, sum(int((t != -100).sum()) for _, t in batches))
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "with a graph")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "in the mode that it came in: dropout on")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "ValueError also if one batch counts nothing")
def _(model, batches):
    if not batches or any((t == -100).all() for _, t in batches):
        raise ValueError("nothing counts")
    n = sum(int((t != -100).sum()) for _, t in batches)
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "parameters frozen afterwards")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    model.requires_grad_(False)
    mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "nothing counts: the model stays in eval mode behind the error")
def _(model, batches):
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@right("perplexity", "collected losses, inference_mode, try")
def _(model, batches):
    losses, was = [], [(p, p.training) for p in model.modules()]
    model.eval()
    try:
        with torch.inference_mode():
            for x, t in batches:
                logits = model(x)
                counts = t != -100
                losses += F.cross_entropy(logits[counts], t[counts], reduction="none").tolist()
    finally:
        for part, on in was:
            part.training = on
    if not losses:
        raise ValueError("nothing counts")
    try:
        return math.exp(math.fsum(losses) / len(losses))
    except OverflowError:
        return float("inf")


@right("perplexity", "means weighted by their numbers, torch.exp in float64")
def _(model, batches):
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    summed, n = 0.0, 0
    with torch.no_grad():
        for x, t in batches:
            k = int((t != -100).sum())
            if k:
                summed += k * sft_loss(model(x), t).item()
                n += k
    for part, on in was:
        part.training = on
    if n == 0:
        raise ValueError("nothing counts")
    return torch.tensor(summed / n, dtype=torch.float64).exp().item()


@wrong("shifted_targets", "a target behind the id PAD is left out")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, 1:] & (ids[:, :-1] != PAD), ids[:, 1:], -100)


@wrong("shifted_targets", "targets of floats")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, 1:], ids[:, 1:].float(), -100.0)


@wrong("shifted_targets", "mask changed in place")
def _(ids, mask):
    mask[:, 0] = False
    return ids[:, :-1], torch.where(mask, ids, -100)[:, 1:]


@wrong("pad_batch", "ids int16")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    n = torch.tensor([len(r) for r in rows])[:, None]
    real = torch.arange(T) < n if side == "right" else torch.arange(T) >= T - n
    ids = torch.full((len(rows), T), pad, dtype=torch.int16)
    ids[real] = torch.tensor([i for r in rows for i in r], dtype=torch.int16)
    return ids, real, (real.long().cumsum(1) - 1) * real


@wrong("pad_batch", "T fixed to a multiple of 8")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = -(-max(map(len, rows)) // 8) * 8
    n = torch.tensor([len(r) for r in rows])[:, None]
    real = torch.arange(T) < n if side == "right" else torch.arange(T) >= T - n
    ids = torch.full((len(rows), T), pad)
    ids[real] = torch.tensor([i for r in rows for i in r])
    return ids, real, (real.long().cumsum(1) - 1) * real


@wrong("pad_batch", "left is the default")
def _(rows, pad, side="left"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    n = torch.tensor([len(r) for r in rows])[:, None]
    real = torch.arange(T) < n if side == "right" else torch.arange(T) >= T - n
    ids = torch.full((len(rows), T), pad)
    ids[real] = torch.tensor([i for r in rows for i in r])
    return ids, real, (real.long().cumsum(1) - 1) * real


@wrong("sft_loss", "total given: nothing counts is NaN (divided by the count first)")
def _(logits, targets, total=None):
    n = (targets != -100).sum()
    mean = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    if total is None:
        return torch.where(n > 0, mean, 0.0)
    return mean * n / total


@wrong("sft_loss", "a total below the count is ignored")
def _(logits, targets, total=None):
    n = int((targets != -100).sum())
    if n == 0:
        return (logits * 0).sum()
    s = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return s / max(n, total or 0)


@wrong("sft_loss", "label smoothing")
def _(logits, targets, total=None):
    n = max(1, int((targets != -100).sum())) if total is None else total
    f = logits.flatten(0, 1), targets.flatten()
    return F.cross_entropy(*f, reduction="sum", label_smoothing=0.01) / n


@wrong("accumulate", "mean gradient, stale gradient scaled too")
def _(model, micro_batches):
    n = sum(int((t != -100).sum()) for _, t in micro_batches)
    loss = 0.0
    for x, t in micro_batches:
        s = sft_loss(model(x), t, 1)
        s.backward()
        loss += s.item()
    if n:
        for p in model.parameters():
            if p.grad is not None:
                p.grad /= n
    return loss / n if n else 0.0


@wrong("accumulate", "loss rounded")
def _(model, micro_batches):
    n = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for x, t in micro_batches:
        s = sft_loss(model(x), t, n)
        s.backward()
        loss += s.item()
    return round(loss, 4)


@wrong("accumulate", "an int 0 if nothing counts")
def _(model, micro_batches):
    n = sum(int((t != -100).sum()) for _, t in micro_batches)
    if n == 0:
        return 0
    loss = 0.0
    for x, t in micro_batches:
        s = sft_loss(model(x), t, n)
        s.backward()
        loss += s.item()
    return loss


@wrong("accumulate", "micro-batches joined into one")
def _(model, micro_batches):
    T = max(x.shape[1] for x, _ in micro_batches)
    xs = torch.cat([F.pad(x, (0, T - x.shape[1])) for x, _ in micro_batches])
    ts = torch.cat([F.pad(t, (0, T - t.shape[1]), value=-100) for _, t in micro_batches])
    loss = sft_loss(model(xs), ts)
    loss.backward()
    return loss.item()


@wrong("accumulate", "an empty piece's targets set to 0 in place")
def _(model, micro_batches):
    n = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    for x, t in micro_batches:
        s = sft_loss(model(x), t, n)
        s.backward()
        loss += s.item()
        t[t == -100] = 0
    return loss


@wrong("accumulate", "pops the list")
def _(model, micro_batches):
    n = max(1, sum(int((t != -100).sum()) for _, t in micro_batches))
    loss = 0.0
    while micro_batches:
        x, t = micro_batches.pop(0)
        s = sft_loss(model(x), t, n)
        s.backward()
        loss += s.item()
    return loss


@wrong("sft_step", "nothing counts: ints")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0, 0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "the maximum norm (inf)")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm, norm_type=float("inf"))
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "an optimizer of its own")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    torch.optim.SGD(model.parameters(), lr=optimizer.param_groups[0]["lr"]).step()
    return loss, norm.item()


@wrong("sft_step", "nothing counts: optimizer's state cleared")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        optimizer.state.clear()
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "two steps")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "error if the norm is 0")
def _(model, micro_batches, optimizer, max_norm):
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    grads = [p.grad for p in model.parameters()]
    norm = math.sqrt(sum(float((g**2).sum()) for g in grads))
    scale = min(1.0, max_norm / norm)
    for g in grads:
        g *= scale
    optimizer.step()
    return loss, norm


@wrong("perplexity", "cut off at exp(700)")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches[: len(batches)])
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 700 else math.inf if mean > 709 else math.exp(700)


@wrong("perplexity", "p.grad cleared")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    model.zero_grad()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "autograd off afterwards")
def _(model, batches):
    n = sum(int((t != -100).sum()) for _, t in batches)
    if n == 0:
        raise ValueError("nothing counts")
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    torch.set_grad_enabled(False)
    mean = sum(sft_loss(model(x), t, n).item() for x, t in batches)
    for part, on in was:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@right("perplexity", "the mean in float64 by torch, the mode put back in finally")
def _(model, batches):
    was, n, s = [(p, p.training) for p in model.modules()], 0, torch.zeros((), dtype=torch.float64)
    try:
        model.eval()
        with torch.no_grad():
            for x, t in batches:
                n += int((t != -100).sum())
                s += sft_loss(model(x), t, total=1).double()
    finally:
        for part, on in was:
            part.training = on
    if n == 0:
        raise ValueError("nothing")
    return float((s / n).exp())


@right("sft_step", "p.grad set to zero where nothing counts, loss first")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    if not any((t != -100).any() for _, t in micro_batches):
        return 0.0, 0.0
    norm = float(nn.utils.clip_grad_norm_(model.parameters(), max_norm))
    optimizer.step()
    return loss, norm


@right("accumulate", "sums of logits alone count, empty ones skipped")
def _(model, micro_batches):
    counted = [(x, t) for x, t in micro_batches if (t != -100).any()]
    n = sum(int((t != -100).sum()) for _, t in counted)
    loss = 0.0
    for x, t in counted:
        part = sft_loss(model(x), t, n)
        part.backward()
        loss += part.item()
    return loss
