"""More solutions of 10, part 5, written from the docstrings alone: see test_unlisted.py, which parses this file."""


# penalize_repeats


@wrong("penalize_repeats", "once per occurrence")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        for t in range(ids.shape[1]):
            if mask[b, t]:
                i = ids[b, t]
                out[b, i] = out[b, i] / penalty if out[b, i] > 0 else out[b, i] * penalty
    return out


@wrong("penalize_repeats", "the mask is ignored where the id is valid")
def _(logits, ids, mask, penalty):
    V = logits.shape[1]
    out = logits.clone()
    for b in range(len(ids)):
        seen = [i for i in set(ids[b].tolist()) if 0 <= i < V]
        z = logits[b, seen]
        out[b, seen] = torch.where(z > 0, z / penalty, z * penalty)
    return out


@wrong("penalize_repeats", "what occurred in any row")
def _(logits, ids, mask, penalty):
    seen = torch.zeros(logits.shape[1], dtype=torch.bool)
    seen[ids[mask]] = True
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


@wrong("penalize_repeats", "filling becomes token 0, which then has occurred")
def _(logits, ids, mask, penalty):
    seen = torch.zeros(logits.shape, dtype=torch.bool).scatter(1, ids.masked_fill(~mask, 0), True)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


@wrong("penalize_repeats", "scatter of the mask: a filled place takes token 0 away again")
def _(logits, ids, mask, penalty):
    seen = torch.zeros(logits.shape, dtype=torch.bool).scatter(1, ids.masked_fill(~mask, 0), mask)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


@wrong("penalize_repeats", "divides always")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        out[b, ids[b][mask[b]]] = logits[b, ids[b][mask[b]]] / penalty
    return out


@wrong("penalize_repeats", "by -inf * 0: a float mask makes nan")
def _(logits, ids, mask, penalty):
    seen = torch.zeros_like(logits)
    for b in range(len(ids)):
        seen[b, ids[b][mask[b]]] = 1.0
    changed = torch.where(logits > 0, logits / penalty, logits * penalty)
    return seen * changed + (1 - seen) * logits


@wrong("penalize_repeats", "in place")
def _(logits, ids, mask, penalty):
    for b in range(len(ids)):
        z = logits[b, ids[b][mask[b]]]
        logits[b, ids[b][mask[b]]] = torch.where(z > 0, z / penalty, z * penalty)
    return logits


@wrong("penalize_repeats", "nothing to do: the argument itself")
def _(logits, ids, mask, penalty):
    if penalty == 1 or not mask.any():
        return logits
    seen = torch.zeros(logits.shape, dtype=torch.bool)
    for b in range(len(ids)):
        seen[b, ids[b][mask[b]]] = True
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


@right("penalize_repeats", "one_hot and any")
def _(logits, ids, mask, penalty):
    V = logits.shape[1]
    seen = ((ids[:, :, None] == torch.arange(V)) & mask[:, :, None]).any(1)
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


@right("penalize_repeats", "sets and loops")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for row, said, real in zip(out, ids.tolist(), mask.tolist()):
        for i in {i for i, ok in zip(said, real) if ok}:
            row[i] = row[i] / penalty if row[i] > 0 else row[i] * penalty
    return out


@right("penalize_repeats", "one column more for the filling")
def _(logits, ids, mask, penalty):
    B, V = logits.shape
    seen = torch.zeros(B, V + 1, dtype=torch.bool)
    seen.scatter_(1, ids.masked_fill(~mask, V), torch.ones_like(mask))
    return torch.where(
        seen[:, :V], torch.where(logits < 0, logits * penalty, logits / penalty), logits
    )


# apply_temperature


@wrong("apply_temperature", "all of the largest at temperature 0")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        best = logits == logits.amax(-1, keepdim=True)
        return torch.zeros_like(logits).masked_fill(~best, -torch.inf)
    return logits / temperature


@wrong("apply_temperature", "0 becomes 1e-6")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    return logits / max(temperature, 1e-6)


@wrong("apply_temperature", "the largest keeps its logit")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        i = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, i, logits.gather(-1, i))
    return logits / temperature


@wrong("apply_temperature", "at temperature 1 the argument itself")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 1:
        return logits
    if temperature == 0:
        out = torch.full_like(logits, -torch.inf)
        return out.scatter(-1, logits.argmax(-1, keepdim=True), 0.0)
    return logits / temperature


@wrong("apply_temperature", "raises at 0 too")
def _(logits, temperature):
    if temperature <= 0:
        raise ValueError("not positive")
    return logits / temperature


@wrong("apply_temperature", "the last of the largest")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        i = logits.shape[-1] - 1 - logits.flip(-1).argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, i, 0.0)
    return logits / temperature


@wrong("apply_temperature", "float32 at temperature 0")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        out = torch.full(logits.shape, -torch.inf)
        return out.scatter(-1, logits.argmax(-1, keepdim=True), 0.0)
    return logits / temperature


@wrong("apply_temperature", "small temperatures count as 0")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature < 0.1:
        out = torch.full_like(logits, -torch.inf)
        return out.scatter(-1, logits.argmax(-1, keepdim=True), 0.0)
    return logits / temperature


@right("apply_temperature", "one_hot and log")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature > 0:
        return logits / temperature
    return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype).log()


@right("apply_temperature", "arange == argmax")
def _(logits, temperature):
    if not temperature >= 0:
        raise ValueError(f"temperature {temperature} is negative")
    if temperature:
        return logits.clone().div_(temperature)
    first = torch.arange(logits.size(-1)) == logits.max(-1, keepdim=True).indices
    return torch.where(first, torch.zeros_like(logits), torch.full_like(logits, float("-inf")))


# top_k_filter


@wrong("top_k_filter", "exactly k, ties cut")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    i = logits.topk(min(k, logits.shape[-1]), -1).indices
    return torch.full_like(logits, -torch.inf).scatter(-1, i, logits.gather(-1, i))


@wrong("top_k_filter", "<= the k-th goes")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    if k >= logits.shape[-1]:
        return logits.clone()
    edge = logits.sort(-1, descending=True).values[..., k : k + 1]
    return logits.masked_fill(logits <= edge, -torch.inf)


@wrong("top_k_filter", "k above V is an IndexError")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    edge = logits.topk(k, -1).values[..., -1:]
    return logits.masked_fill(logits < edge, -torch.inf)


@wrong("top_k_filter", "-1e10")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    edge = logits.topk(min(k, logits.shape[-1]), -1).values[..., -1:]
    return logits.masked_fill(logits < edge, -1e10)


@wrong("top_k_filter", "k >= V gives the argument")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    if k >= logits.shape[-1]:
        return logits
    edge = logits.topk(k, -1).values[..., -1:]
    return logits.masked_fill(logits < edge, -torch.inf)


@wrong("top_k_filter", "one border for the whole batch")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    edge = logits.topk(min(k, logits.shape[-1]), -1).values[..., -1:].min()
    return logits.masked_fill(logits < edge, -torch.inf)


@wrong("top_k_filter", "the k smallest of distinct values")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    out = logits.clone()
    for row in out.view(-1, out.shape[-1]):
        u = row.unique()
        row[row < u[-min(k, len(u))]] = -torch.inf
    return out


@wrong("top_k_filter", "k 0 keeps all")
def _(logits, k):
    if k < 0:
        raise ValueError("k")
    if k == 0:
        return logits.clone()
    edge = logits.topk(min(k, logits.shape[-1]), -1).values[..., -1:]
    return logits.masked_fill(logits < edge, -torch.inf)


@right("top_k_filter", "kthvalue")
def _(logits, k):
    if k <= 0:
        raise ValueError("k")
    V = logits.shape[-1]
    if k >= V:
        return logits.clone()
    edge = logits.kthvalue(V - k + 1, dim=-1, keepdim=True).values
    return torch.where(logits >= edge, logits, -torch.inf)


@right("top_k_filter", "how many are larger")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    larger = (logits[..., None, :] > logits[..., :, None]).sum(-1)
    out = logits.clone()
    out[larger >= k] = float("-inf")
    return out


# top_p_filter


@wrong("top_p_filter", "the token that crosses goes (but the first stays)")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    stays = v.softmax(-1).cumsum(-1) <= p
    stays[..., 0] = True
    return logits.masked_fill(~torch.zeros_like(stays).scatter(-1, o, stays), -torch.inf)


@wrong("top_p_filter", "<= p before")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    q = v.softmax(-1)
    before = F.pad(q.cumsum(-1)[..., :-1], (1, 0))
    stays = before <= p
    return logits.masked_fill(~torch.zeros_like(stays).scatter(-1, o, stays), -torch.inf)


@wrong("top_p_filter", "sorted places taken for ids")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    q = v.softmax(-1)
    stays = F.pad(q.cumsum(-1)[..., :-1], (1, 0)) < p
    return logits.masked_fill(~stays, -torch.inf)


@wrong("top_p_filter", "gather with order instead of scatter")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    q = v.softmax(-1)
    stays = F.pad(q.cumsum(-1)[..., :-1], (1, 0)) < p
    return logits.masked_fill(~stays.gather(-1, o), -torch.inf)


@wrong("top_p_filter", "ties: all with the border's logit stay")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    q = v.softmax(-1)
    stays = F.pad(q.cumsum(-1)[..., :-1], (1, 0)) < p
    edge = v.masked_fill(~stays, torch.inf).amin(-1, keepdim=True)
    return logits.masked_fill(logits < edge, -torch.inf)


@wrong("top_p_filter", "ties: the larger id first (ascending sort, flipped)")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, stable=True)
    v, o = v.flip(-1), o.flip(-1)
    q = v.softmax(-1)
    stays = F.pad(q.cumsum(-1)[..., :-1], (1, 0)) < p
    return logits.masked_fill(~torch.zeros_like(stays).scatter(-1, o, stays), -torch.inf)


@wrong("top_p_filter", "p = 1 raises")
def _(logits, p):
    if not 0 < p < 1:
        raise ValueError("p")
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    stays = F.pad(v.softmax(-1).cumsum(-1)[..., :-1], (1, 0)) < p
    return logits.masked_fill(~torch.zeros_like(stays).scatter(-1, o, stays), -torch.inf)


@wrong("top_p_filter", "what stays has probabilities, not logits")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    q = v.softmax(-1)
    stays = F.pad(q.cumsum(-1)[..., :-1], (1, 0)) < p
    return logits.log_softmax(-1).masked_fill(
        ~torch.zeros_like(stays).scatter(-1, o, stays), -torch.inf
    )


@wrong("top_p_filter", "the border of the first row for all rows")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    v, o = torch.sort(logits, dim=-1, descending=True, stable=True)
    q = v.softmax(-1)
    n = (F.pad(q.cumsum(-1)[..., :-1], (1, 0)) < p).sum(-1).max()
    stays = (torch.arange(v.shape[-1]) < n).expand(v.shape)
    return logits.masked_fill(~torch.zeros_like(stays).scatter(-1, o, stays), -torch.inf)


@right("top_p_filter", "a loop over each row")
def _(logits, p):
    if p <= 0 or p > 1:
        raise ValueError("p")
    out = logits.clone().reshape(-1, logits.shape[-1])
    for row, q in zip(out, out.softmax(-1)):
        total = 0.0
        for i in sorted(range(len(q)), key=lambda i: (-row[i].item(), i)):
            if not (total < p):
                row[i] = -torch.inf
            total += q[i].item()
    return out.view(logits.shape) if p < 1 else logits.clone()


@right("top_p_filter", "argsort of the argsort, in float64")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    o = torch.argsort(-logits, dim=-1, stable=True)
    q = logits.double().softmax(-1).gather(-1, o)
    before = torch.cat([torch.zeros_like(q[..., :1]), q[..., :-1]], -1).cumsum(-1)
    back = o.argsort(-1)
    return torch.where(before.gather(-1, back) < p, logits, -torch.inf)


# next_probs


@wrong("next_probs", "temperature behind top-p")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = penalize_repeats(logits, ids, mask, penalty)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    return apply_temperature(z, temperature).softmax(-1)


@wrong("next_probs", "penalty behind temperature")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = penalize_repeats(apply_temperature(logits, temperature), ids, mask, penalty)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    return z.softmax(-1)


@wrong("next_probs", "top-p before top-k")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    return z.softmax(-1)


@wrong("next_probs", "if top_k: a 0 is taken as None")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    if top_k:
        z = top_k_filter(z, top_k)
    if top_p:
        z = top_p_filter(z, top_p)
    return z.softmax(-1)


@wrong("next_probs", "log_softmax")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    return z.log_softmax(-1)


@wrong("next_probs", "softmax in float64 is left so")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    return z.double().softmax(-1)


@wrong("next_probs", "elif top_p")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    elif top_p is not None:
        z = top_p_filter(z, top_p)
    return z.softmax(-1)


@wrong("next_probs", "the penalty only above 1")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = logits
    if penalty > 1:
        z = penalize_repeats(z, ids, mask, penalty)
    z = apply_temperature(z, temperature)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    return z.softmax(-1)


@right("next_probs", "a list of steps")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    steps = [
        lambda z: penalize_repeats(z, ids, mask, penalty),
        lambda z: apply_temperature(z, temperature),
    ]
    if top_k is not None:
        steps.append(lambda z: top_k_filter(z, top_k))
    if top_p is not None:
        steps.append(lambda z: top_p_filter(z, top_p))
    for step in steps:
        logits = step(logits)
    return F.softmax(logits, dim=1)


@right("next_probs", "None as V and 1, softmax by hand")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = logits if penalty == 1 else penalize_repeats(logits, ids, mask, penalty)
    z = apply_temperature(z, temperature)
    z = top_k_filter(z, logits.shape[1] if top_k is None else top_k)
    z = top_p_filter(z, 1 if top_p is None else top_p)
    e = (z - z.amax(1, keepdim=True)).exp()
    return e / e.sum(1, keepdim=True)


# draw


@wrong("draw", ">= u")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return (s >= u[:, None] * s[:, -1:]).int().argmax(-1)


@wrong("draw", "not times the sum of the row")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return (s > u[:, None]).int().argmax(-1)


@wrong("draw", "sums in float32")
def _(probs, u):
    s = probs.cumsum(-1)
    return (s > u[:, None] * s[:, -1:]).int().argmax(-1)


@wrong("draw", "multinomial")
def _(probs, u):
    return probs.multinomial(1)[:, 0]


@wrong("draw", "searchsorted left")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return torch.searchsorted(s, u[:, None] * s[:, -1:])[:, 0]


@wrong("draw", "shape (B, 1)")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return torch.searchsorted(s, u[:, None] * s[:, -1:], right=True)


@wrong("draw", "counted with sum: int32 by searchsorted")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return torch.searchsorted(s, u[:, None] * s[:, -1:], right=True, out_int32=True)[:, 0]


@wrong("draw", "u of the first row for all")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return (s > u[0] * s[:, -1:]).int().argmax(-1)


@wrong("draw", "sorted by probability first")
def _(probs, u):
    v, o = probs.double().sort(-1, descending=True)
    s = v.cumsum(-1)
    return o.gather(1, (s > u[:, None] * s[:, -1:]).int().argmax(-1, keepdim=True))[:, 0]


@right("draw", "searchsorted right")
def _(probs, u):
    s = probs.double().cumsum(-1)
    return torch.searchsorted(s, u[:, None] * s[:, -1:], right=True)[:, 0]


@right("draw", "a Python loop")
def _(probs, u):
    out = []
    for row, dart in zip(probs.tolist(), u.tolist()):
        sums, total = [], 0.0
        for q in row:
            total += q
            sums.append(total)
        out.append(next(i for i, s in enumerate(sums) if s > dart * total))
    return torch.tensor(out)


@right("draw", "how many borders are not above")
def _(probs, u):
    s = probs.double().cumsum(1)
    return (s <= (u * s[:, -1]).unsqueeze(1)).sum(1)


# left_pad


@wrong("left_pad", "padded at the right")
def _(prompts, pad):
    if any(not p for p in prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([p + [pad] * (T - len(p)) for p in prompts])
    mask = torch.tensor([[True] * len(p) + [False] * (T - len(p)) for p in prompts])
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0) * mask


@wrong("left_pad", "mask = ids != pad")
def _(prompts, pad):
    if any(not p for p in prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = ids != pad
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0)


@wrong("left_pad", "positions are the columns")
def _(prompts, pad):
    if any(not p for p in prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = torch.tensor([[False] * (T - len(p)) + [True] * len(p) for p in prompts])
    return ids, mask, torch.arange(T).expand(ids.shape)


@wrong("left_pad", "filling at position -1")
def _(prompts, pad):
    if any(not p for p in prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = torch.tensor([[False] * (T - len(p)) + [True] * len(p) for p in prompts])
    return ids, mask, mask.cumsum(1) - 1


@wrong("left_pad", "pads the caller's lists")
def _(prompts, pad):
    if any(not p for p in prompts):
        raise ValueError("empty")
    n = [len(p) for p in prompts]
    T = max(n)
    for p in prompts:
        while len(p) < T:
            p.insert(0, pad)
    mask = torch.arange(T) >= T - torch.tensor(n)[:, None]
    return torch.tensor(prompts), mask, (mask.cumsum(1) - 1).clamp(min=0)


@wrong("left_pad", "an int mask")
def _(prompts, pad):
    if any(not p for p in prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = torch.tensor([[0] * (T - len(p)) + [1] * len(p) for p in prompts])
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0)


@wrong("left_pad", "only an all-empty batch raises")
def _(prompts, pad):
    T = max(map(len, prompts))
    if T == 0:
        raise ValueError("empty")
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = torch.tensor([[False] * (T - len(p)) + [True] * len(p) for p in prompts])
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0)


@right("left_pad", "arithmetic on columns")
def _(prompts, pad):
    n = torch.tensor([len(p) for p in prompts])
    if (n == 0).any():
        raise ValueError("a prompt is empty")
    T = int(n.max())
    positions = torch.arange(T)[None] - (T - n)[:, None]
    mask = positions >= 0
    ids = torch.full(mask.shape, pad)
    ids[mask] = torch.tensor(sum(prompts, []))
    return ids, mask, positions.clamp_min(0)


@right("left_pad", "pad_sequence on the left")
def _(prompts, pad):
    if min(len(p) for p in prompts) < 1:
        raise ValueError("a prompt is empty")
    rows = [torch.tensor(p, dtype=torch.int64) for p in prompts]
    join = lambda rows, v: nn.utils.rnn.pad_sequence(rows, True, v, padding_side="left")  # noqa: E731
    ones = [torch.ones(len(p), dtype=torch.bool) for p in prompts]
    return join(rows, pad), join(ones, False), join([torch.arange(len(p)) for p in prompts], 0)


# generate


@wrong("generate", "stops match across prompt and answer")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any((list(prompts[b]) + new[b])[-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "finished rows draw on")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "no draw at temperature 0")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b] and knobs.get("temperature", 1) > 0:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "one generator for all")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[0], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "only the last id of a stop counts")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-1] == s[-1] for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "only the first stop sequence")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = bool(stops) and new[b][-len(stops[0]) :] == stops[0]
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the stop is cut off")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    for s in stops:
                        if new[b][-len(s) :] == s and not done[b]:
                            new[b], done[b] = new[b][: -len(s)], True
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "always max_new columns")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max_new
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the model is called although all rows have ended")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "new positions are columns")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.full((B,), ids.shape[1])
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "new positions go on from the longest row")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions.max() + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "new positions begin at 0 again")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, step, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "finished rows' filling counts as real")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, torch.ones(B, 1, dtype=torch.bool)], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the penalty sees the prompt only")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask.clone()
            seen[:, ids.shape[1] - step :] = False
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the penalty sees the new tokens only")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask.clone()
            seen[:, : ids.shape[1] - step] = False
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the penalty sees the filling")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = (ids >= 0) & (ids < logits.shape[1])
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "new tokens are not real in the mask")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, torch.zeros(B, 1, dtype=torch.bool)], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "eval mode")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    if isinstance(model, nn.Module):
        model.eval()
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "gradients recorded")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.enable_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the prompts are lengthened in place")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    prompts[b].append(new[b][-1])
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "float32 darts")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b])
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "the first column's logits")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, 0]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "all rows end when one does")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if any(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "filled up at the left")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([[pad] * (n - len(row)) + row for row in new])


@wrong("generate", "prompts in front")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([list(prompts[0]) + row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "knobs are not handed on")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "a stop that is longer than the text: slice from the front")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s[-len(new[b]) :] for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@wrong("generate", "stops only looked for at the end")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = len(new[b]) >= max_new and any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@right("generate", "a plain batch")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = torch.where(alive, positions[:, -1] + 1, 0)
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@right("generate", "a batch with positions going on at the filling")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    ids, mask, positions = left_pad(prompts, pad)
    B, new, done = len(prompts), [[] for _ in prompts], [False] * len(prompts)
    with torch.no_grad():
        for step in range(max_new):
            logits = model(ids, mask, positions)[:, -1]
            seen = mask
            probs = next_probs(logits, ids, seen, **knobs)
            u = torch.zeros(B, dtype=torch.float64)
            for b in range(B):
                if not done[b]:
                    u[b] = torch.rand(1, generator=generators[b], dtype=torch.float64)
            alive = torch.tensor([not d for d in done])
            token = torch.where(alive, draw(probs, u), pad)
            pos = positions[:, -1] + 1
            ids = torch.cat([ids, token[:, None]], 1)
            mask = torch.cat([mask, alive[:, None]], 1)
            positions = torch.cat([positions, pos[:, None]], 1)
            for b in range(B):
                if not done[b]:
                    new[b].append(int(token[b]))
                    done[b] = any(new[b][-len(s) :] == s for s in stops)
            if all(done):
                break
    n = max(map(len, new))
    return torch.tensor([row + [pad] * (n - len(row)) for row in new])


@right("generate", "left_pad anew at each step, only the rows still open")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    new = [[] for _ in prompts]
    open_ = list(range(len(prompts)))
    for _ in range(max_new):
        batch = left_pad([list(prompts[b]) + new[b] for b in open_], pad)
        with torch.no_grad():
            probs = next_probs(model(*batch)[:, -1, :], batch[0], batch[1], **knobs)
        u = torch.cat([torch.rand(1, generator=generators[b], dtype=torch.float64) for b in open_])
        for b, token in zip(open_, draw(probs, u).tolist()):
            new[b].append(token)
        open_ = [b for b in open_ if not any(new[b][-len(s) :] == s for s in stops)]
        if not open_:
            break
    return nn.utils.rnn.pad_sequence([torch.tensor(row) for row in new], True, pad)
