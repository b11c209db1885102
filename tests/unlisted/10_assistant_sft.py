"""Solutions of 10/2 that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("shifted_targets", "the mask shifted the other way")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask.roll(1, 1)[:, 1:], ids[:, 1:], -100)


@wrong("shifted_targets", "inputs and targets exchanged")
def _(ids, mask):
    return ids[:, 1:].masked_fill(~mask[:, 1:], -100), ids[:, :-1]


@wrong("shifted_targets", "target 0 does not count")
def _(ids, mask):
    y = ids[:, 1:] * mask[:, 1:]
    return ids[:, :-1], torch.where(y == 0, -100, y)


@wrong("shifted_targets", "only the last answer")
def _(ids, mask):
    keep = mask.flip(1).long().cumprod(1).bool().flip(1)
    return ids[:, :-1], ids[:, 1:].masked_fill(~keep[:, 1:], -100)


@wrong("shifted_targets", "inputs of dtype int32")
def _(ids, mask):
    return ids[:, :-1].int(), ids[:, 1:].masked_fill(~mask[:, 1:], -100)


@wrong("pad_batch", "one column too many")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError
    T = max(map(len, rows)) + 1
    ids = torch.tensor(
        [r + [pad] * (T - len(r)) if side == "right" else [pad] * (T - len(r)) + r for r in rows]
    )
    real = torch.tensor(
        [[(t < len(r)) if side == "right" else (t >= T - len(r)) for t in range(T)] for r in rows]
    )
    return ids, real, (real.cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "left by default")
def _(rows, pad, side="left"):
    if side not in ("left", "right"):
        raise ValueError
    T = max(map(len, rows))
    ids = torch.tensor(
        [r + [pad] * (T - len(r)) if side == "right" else [pad] * (T - len(r)) + r for r in rows]
    )
    real = torch.tensor(
        [[(t < len(r)) if side == "right" else (t >= T - len(r)) for t in range(T)] for r in rows]
    )
    return ids, real, (real.cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "rows reversed when padded on the left")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError
    T = max(map(len, rows))
    ids = torch.tensor([r + [pad] * (T - len(r)) for r in rows])
    real = torch.tensor([[t < len(r) for t in range(T)] for r in rows])
    positions = torch.arange(T) * real
    if side == "left":
        ids, real, positions = ids.flip(1), real.flip(1), positions.flip(1)
    return ids, real, positions


@wrong("pad_batch", "positions -1 at padding on the left only")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError
    T = max(map(len, rows))
    ids = torch.tensor(
        [r + [pad] * (T - len(r)) if side == "right" else [pad] * (T - len(r)) + r for r in rows]
    )
    real = torch.tensor(
        [[(t < len(r)) if side == "right" else (t >= T - len(r)) for t in range(T)] for r in rows]
    )
    positions = real.cumsum(1) - 1
    return ids, real, positions * real if side == "right" else positions


@wrong("pad_batch", "positions counted by ids that are not pad")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError
    T = max(map(len, rows))
    ids = torch.tensor(
        [r + [pad] * (T - len(r)) if side == "right" else [pad] * (T - len(r)) + r for r in rows]
    )
    real = torch.tensor(
        [[(t < len(r)) if side == "right" else (t >= T - len(r)) for t in range(T)] for r in rows]
    )
    return ids, real, ((ids != pad).cumsum(1) - 1).clamp(min=0) * real


@wrong("sft_loss", "in float32 whatever comes")
def _(logits, targets, total=None):
    n = total or max(1, int((targets != -100).sum()))
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="sum") / n


@wrong("sft_loss", "nan_to_num, whose gradient is not 0")
def _(logits, targets, total=None):
    if total is None:
        return F.cross_entropy(logits.transpose(1, 2), targets).nan_to_num(0.0) * 1.0
    return (
        F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum") / total
        + logits.sum() * 1e-3
    )


@wrong("sft_loss", "normaliser detached")
def _(logits, targets, total=None):
    counts = targets != -100
    n = total or max(1, int(counts.sum()))
    logp = logits - logits.logsumexp(-1, keepdim=True).detach()
    return -(logp.gather(-1, targets.clamp(min=0)[..., None])[..., 0] * counts).sum() / n


@wrong("sft_loss", "total of 1 taken for none")
def _(logits, targets, total=None):
    n = total if total and total > 1 else max(1, int((targets != -100).sum()))
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / n


@wrong("sft_loss", "last row only when the batch is one")
def _(logits, targets, total=None):
    n = total or max(1, int((targets != -100).sum()))
    return F.cross_entropy(logits[-1], targets[-1], reduction="sum") / n


@wrong("sft_loss", "a float")
def _(logits, targets, total=None):
    n = total or max(1, int((targets != -100).sum()))
    return (F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / n).item()


@wrong("accumulate", "the total lags one call behind")
def _(model, micro_batches):
    total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches[:-1]) or 1)
    loss = 0.0
    for x, y in micro_batches:
        share = sft_loss(model(x), y, total)
        share.backward()
        loss += share.item()
    return loss


@wrong("accumulate", "stale gradients scaled")
def _(model, micro_batches):
    total = 0
    loss = 0.0
    for x, y in micro_batches:
        share = sft_loss(model(x), y, 1)
        share.backward()
        loss += share.item()
        total += int((y != -100).sum())
    for p in model.parameters():
        if p.grad is not None:
            p.grad /= max(1, total)
    return loss / max(1, total)


@wrong("accumulate", "in eval mode afterwards")
def _(model, micro_batches):
    total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    loss = 0.0
    model.eval()
    for x, y in micro_batches:
        share = sft_loss(model(x), y, total)
        share.backward()
        loss += share.item()
    return loss


@wrong("accumulate", "all micro-batches concatenated where they fit")
def _(model, micro_batches):
    if len({x.shape[1] for x, _ in micro_batches}) == 1:
        pieces = [
            (torch.cat([x for x, _ in micro_batches]), torch.cat([y for _, y in micro_batches]))
        ]
    else:
        pieces = micro_batches
    total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    loss = 0.0
    for x, y in pieces[:2]:
        share = sft_loss(model(x), y, total)
        share.backward()
        loss += share.item()
    return loss


@right("accumulate", "empty ones skipped")
def _(model, micro_batches):
    total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    loss = 0.0
    for x, y in micro_batches:
        if bool((y != -100).any()):
            share = sft_loss(model(x), y, total)
            share.backward()
            loss += share.item()
    return loss


@wrong("sft_step", "learning rate scaled instead")
def _(model, micro_batches, optimizer, max_norm):
    if all((y == -100).all() for _, y in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.param_groups[0]["lr"] *= 0.999
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "a new optimizer of the same kind each time")
def _(model, micro_batches, optimizer, max_norm):
    if all((y == -100).all() for _, y in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    optimizer.state.clear()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "norm of order 1")
def _(model, micro_batches, optimizer, max_norm):
    if all((y == -100).all() for _, y in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm, norm_type=1)
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "nothing counts gives the loss of before")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    if norm == 0:
        return float("nan"), 0.0
    optimizer.step()
    return loss, norm.item()


@wrong("sft_step", "only the norm squared")
def _(model, micro_batches, optimizer, max_norm):
    if all((y == -100).all() for _, y in micro_batches):
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item() ** 2


@right("sft_step", "the norm tells that nothing counts")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = float(nn.utils.clip_grad_norm_(model.parameters(), max_norm))
    if any((y != -100).any() for _, y in micro_batches):
        optimizer.step()
    return loss, norm


@wrong("perplexity", "weighted by rows")
def _(model, batches):
    batches = [(x, y) for x, y in batches if (y != -100).any()]
    if not batches:
        raise ValueError
    mode = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), y).item() * len(x) for x, y in batches) / sum(
            len(x) for x, _ in batches
        )
    for part, on in mode:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "ValueError if any batch has nothing that counts")
def _(model, batches):
    if not batches or any((y == -100).all() for _, y in batches):
        raise ValueError
    mode = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        n = sum(int((y != -100).sum()) for _, y in batches)
        mean = sum(sft_loss(model(x), y, 1).item() for x, y in batches) / n
    for part, on in mode:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "float32: infinite from 88 on")
def _(model, batches):
    n = sum(int((y != -100).sum()) for _, y in batches)
    if not n:
        raise ValueError
    mode = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), y, 1).item() for x, y in batches) / n
    for part, on in mode:
        part.training = on
    return torch.tensor(mean).exp().item()


@wrong("perplexity", "gradients zeroed")
def _(model, batches):
    n = sum(int((y != -100).sum()) for _, y in batches)
    if not n:
        raise ValueError
    mode = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), y, 1).item() for x, y in batches) / n
    model.zero_grad()
    for part, on in mode:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf


@wrong("perplexity", "OverflowError is NaN")
def _(model, batches):
    n = sum(int((y != -100).sum()) for _, y in batches)
    if not n:
        raise ValueError
    mode = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x), y, 1).item() for x, y in batches) / n
    for part, on in mode:
        part.training = on
    return math.exp(mean) if mean < 709 else math.nan


@wrong("sft_loss", "the clamp of the count is 2")
def _(logits, targets, total=None):
    n = total or max(2, int((targets != -100).sum()))
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / n


@wrong("sft_loss", "the first total is kept for later calls")
def _(logits, targets, total=None, kept=[]):
    kept.append(total or max(1, int((targets != -100).sum())))
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / kept[0]


@wrong("sft_loss", "a sum over the rows' first halves")
def _(logits, targets, total=None):
    n = total or max(1, int((targets != -100).sum()))
    half = max(1, targets.shape[1] - 1)
    return (
        F.cross_entropy(
            logits[:, :half].flatten(0, 1), targets[:, :half].flatten(), reduction="sum"
        )
        / n
    )


@wrong("sft_loss", "label smoothing")
def _(logits, targets, total=None):
    n = total or max(1, int((targets != -100).sum()))
    return (
        F.cross_entropy(
            logits.flatten(0, 1), targets.flatten(), reduction="sum", label_smoothing=0.01
        )
        / n
    )


@wrong("shifted_targets", "a mask of numbers is expected")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, 1:] == 2, ids[:, 1:], -100)


@wrong("shifted_targets", "the mask is changed")
def _(ids, mask):
    out = ids[:, :-1], ids[:, 1:].masked_fill(~mask[:, 1:], -100)
    mask[:, 0] = ~mask[:, 0]
    return out


@wrong("accumulate", "logits in float32")
def _(model, micro_batches):
    total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    loss = 0.0
    for x, y in micro_batches:
        share = sft_loss(model(x).float(), y, total)
        share.backward()
        loss += share.item()
    return loss


@wrong("accumulate", "a second forward for the loss")
def _(model, micro_batches):
    total = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    loss = 0.0
    for x, y in micro_batches:
        sft_loss(model(x), y, total).backward()
        loss += sft_loss(model(x), y, total).item()
    return loss


@wrong("sft_step", "stale gradients count in the norm only")
def _(model, micro_batches, optimizer, max_norm):
    if all((y == -100).all() for _, y in micro_batches):
        return 0.0, 0.0
    old = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item() + sum(float(g.norm()) for g in old)


@wrong("sft_step", "the empty step zeroes momentum")
def _(model, micro_batches, optimizer, max_norm):
    if all((y == -100).all() for _, y in micro_batches):
        optimizer.state.clear()
        return 0.0, 0.0
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, norm.item()


@wrong("perplexity", "only the last position of each row")
def _(model, batches):
    n = sum(int((y != -100).sum()) for _, y in batches)
    if not n:
        raise ValueError
    mode = [(p, p.training) for p in model.modules()]
    model.eval()
    with torch.no_grad():
        mean = sum(sft_loss(model(x)[:, -1:], y[:, -1:], 1).item() for x, y in batches) / n
    for part, on in mode:
        part.training = on
    return math.exp(mean) if mean < 709 else math.inf
