"""Solutions of 10, part 5, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("penalize_repeats", "multiplies by 1/penalty after exp, on probabilities")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        said = ids[b][mask[b]].unique()
        out[b, said] = logits[b, said] - math.log(penalty) if penalty > 0 else logits[b, said]
    return out


@wrong("penalize_repeats", "uses the absolute value")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        said = ids[b][mask[b]].unique()
        out[b, said] = logits[b, said] - logits[b, said].abs() * (1 - 1 / penalty)
    return out


@wrong("penalize_repeats", "only ids that were said at least twice")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        said, n = ids[b][mask[b]].unique(return_counts=True)
        said = said[n > 1]
        z = logits[b, said]
        out[b, said] = torch.where(z > 0, z / penalty, z * penalty)
    return out


@wrong("penalize_repeats", "float32 result")
def _(logits, ids, mask, penalty):
    out = logits.float().clone()
    for b in range(len(ids)):
        said = ids[b][mask[b]].unique()
        z = out[b, said]
        out[b, said] = torch.where(z > 0, z / penalty, z * penalty)
    return out


@wrong("penalize_repeats", "only left padding is understood")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        said = ids[b][ids.shape[1] - int(mask[b].sum()) :].unique()
        said = said[(said >= 0) & (said < logits.shape[1])]
        z = out[b, said]
        out[b, said] = torch.where(z > 0, z / penalty, z * penalty)
    return out


@right("penalize_repeats", "one_hot with a spare column for what is not real")
def _(logits, ids, mask, penalty):
    V = logits.shape[1]
    seen = F.one_hot(ids.masked_fill(~mask, V), V + 1).sum(1)[:, :V] > 0
    factor = torch.where(
        logits > 0, torch.full_like(logits, 1 / penalty), torch.full_like(logits, penalty)
    )
    return torch.where(seen, logits * factor, logits)


@wrong("apply_temperature", "below 1e-3 greedy as well")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature < 0.05:
        best = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, best, 0.0)
    return logits / temperature


@wrong("apply_temperature", "normalises, too")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature == 0:
        best = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, best, 0.0)
    return (logits / temperature).log_softmax(-1)


@wrong("apply_temperature", "takes the square root")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature == 0:
        best = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, best, 0.0)
    return logits / temperature**0.5


@wrong("top_k_filter", "finfo.min instead of -inf")
def _(logits, k):
    if k < 1:
        raise ValueError
    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth, torch.finfo(logits.dtype).min)


@wrong("top_k_filter", "two dimensions only")
def _(logits, k):
    if k < 1:
        raise ValueError
    kth = logits.topk(min(k, logits.shape[1]), dim=1).values[:, -1:]
    return logits.masked_fill(logits < kth, -torch.inf)


@wrong("top_k_filter", "softmax of what is left")
def _(logits, k):
    if k < 1:
        raise ValueError
    kth = logits.topk(min(k, logits.shape[-1]), dim=-1).values[..., -1:]
    return logits.masked_fill(logits < kth, -torch.inf).softmax(-1)


@wrong("top_p_filter", "renormalised log-probabilities")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError
    if p == 1:
        return logits.clone()
    probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    out = torch.zeros_like(logits, dtype=torch.bool).scatter(
        -1, order, probs.cumsum(-1) - probs >= p
    )
    return logits.masked_fill(out, -torch.inf).log_softmax(-1)


@wrong("top_p_filter", "at least two stay")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError
    if p == 1:
        return logits.clone()
    probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    drop = probs.cumsum(-1) - probs >= p
    drop[..., :2] = False
    out = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, drop)
    return logits.masked_fill(out, -torch.inf)


@wrong("top_p_filter", "min-p instead of top-p")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError
    if p == 1:
        return logits.clone()
    probs = logits.softmax(-1)
    return logits.masked_fill(probs < (1 - p) * probs.amax(-1, keepdim=True), -torch.inf)


@wrong("top_p_filter", "the tail from the least likely on while it is below 1 - p, one step short")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError
    if p == 1:
        return logits.clone()
    probs, order = logits.softmax(-1).sort(dim=-1, stable=True)
    drop = probs.cumsum(-1) < 1 - p
    drop[..., -1] = False
    drop[..., 0] = False
    out = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, drop)
    return logits.masked_fill(out, -torch.inf)


@wrong("next_probs", "top-k after top-p on the filtered logits")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    if top_p is not None:
        z = top_p_filter(z, top_p)
    if top_k is not None:
        z = top_k_filter(z, top_k)
    return z.softmax(-1)


@wrong("next_probs", "default temperature 0.8")
def _(logits, ids, mask, temperature=0.8, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    z = z if top_k is None else top_k_filter(z, top_k)
    z = z if top_p is None else top_p_filter(z, top_p)
    return z.softmax(-1)


@wrong("next_probs", "log-probabilities")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    z = apply_temperature(penalize_repeats(logits, ids, mask, penalty), temperature)
    z = z if top_k is None else top_k_filter(z, top_k)
    z = z if top_p is None else top_p_filter(z, top_p)
    return z.log_softmax(-1)


@wrong("draw", "Gumbel trick with u")
def _(probs, u):
    return (probs.double().log() - (-u[:, None].log()).log()).argmax(-1)


@wrong("draw", "cumsum in float32")
def _(probs, u):
    c = probs.float().cumsum(-1)
    return (c <= u.float()[:, None] * c[:, -1:]).sum(-1)


@wrong("draw", "searchsorted without right=True")
def _(probs, u):
    c = probs.double().cumsum(-1).contiguous()
    return torch.searchsorted(c, (u * c[:, -1])[:, None]).squeeze(1)


@wrong("left_pad", "int32 ids")
def _(prompts, pad):
    if not all(prompts):
        raise ValueError
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts], dtype=torch.int32)
    at = torch.arange(T) - (T - torch.tensor([len(p) for p in prompts]))[:, None]
    return ids, at >= 0, at.clamp(min=0)


@wrong("left_pad", "truncates to 4 tokens")
def _(prompts, pad):
    if not all(prompts):
        raise ValueError
    prompts = [p[-4:] for p in prompts]
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    at = torch.arange(T) - (T - torch.tensor([len(p) for p in prompts]))[:, None]
    return ids, at >= 0, at.clamp(min=0)


@wrong("left_pad", "no error for an empty prompt among others")
def _(prompts, pad):
    if not any(prompts):
        raise ValueError
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    at = torch.arange(T) - (T - torch.tensor([len(p) for p in prompts]))[:, None]
    return ids, at >= 0, at.clamp(min=0)


@wrong("generate", "torch.multinomial")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    rows = []
    for prompt, g in zip(prompts, generators, strict=True):
        ids, mask, positions = left_pad([prompt], pad)
        new = []
        while len(new) < max_new and not any(new[-len(s) :] == s for s in stops):
            with torch.no_grad():
                probs = next_probs(model(ids, mask, positions)[:, -1], ids, mask, **knobs)
            new.append(probs.multinomial(1, generator=g).item())
            ids, mask, positions = left_pad([prompt + new], pad)
        rows.append(new)
    n = max(map(len, rows))
    return torch.tensor([r + [pad] * (n - len(r)) for r in rows])


@wrong("generate", "one prompt after the other: as many calls as tokens")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    rows = []
    for prompt, g in zip(prompts, generators, strict=True):
        ids, mask, positions = left_pad([prompt], pad)
        new = []
        while len(new) < max_new and not any(new and new[-len(s) :] == s for s in stops):
            with torch.no_grad():
                probs = next_probs(model(ids, mask, positions)[:, -1], ids, mask, **knobs)
            new.append(draw(probs, torch.rand(1, generator=g, dtype=torch.float64)).item())
            ids, mask, positions = left_pad([prompt + new], pad)
        rows.append(new)
    n = max(map(len, rows))
    return torch.tensor([r + [pad] * (n - len(r)) for r in rows])


@wrong("generate", "sees the last 4 tokens only")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    texts, new = [list(p) for p in prompts], [[] for _ in prompts]
    alive = set(range(len(prompts)))
    for _ in range(max_new):
        ids, mask, positions = left_pad([t[-4:] for t in texts], pad)
        with torch.no_grad():
            logits = model(ids, mask, positions)[:, -1]
        probs = next_probs(logits, ids, mask, **knobs)
        for i in sorted(alive):
            u = torch.rand(1, generator=generators[i], dtype=torch.float64)
            token = draw(probs[i : i + 1], u).item()
            new[i].append(token)
            texts[i].append(token)
            if any(new[i][-len(s) :] == s for s in stops):
                alive.discard(i)
        if not alive:
            break
    n = max(map(len, new))
    return torch.tensor([r + [pad] * (n - len(r)) for r in new])


@right("generate", "padded anew from lists at every step")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    texts, new = [list(p) for p in prompts], [[] for _ in prompts]
    alive = set(range(len(prompts)))
    for _ in range(max_new):
        ids, mask, positions = left_pad(texts, pad)
        with torch.no_grad():
            logits = model(ids, mask, positions)[:, -1]
        probs = next_probs(logits, ids, mask, **knobs)
        for i in sorted(alive):
            u = torch.rand(1, generator=generators[i], dtype=torch.float64)
            token = draw(probs[i : i + 1], u).item()
            new[i].append(token)
            texts[i].append(token)
            if any(new[i][-len(s) :] == s for s in stops):
                alive.discard(i)
        if not alive:
            break
    n = max(map(len, new))
    return torch.tensor([r + [pad] * (n - len(r)) for r in new])


@wrong("penalize_repeats", "-inf times 1 - x gives NaN")
def _(logits, ids, mask, penalty):
    seen = torch.zeros_like(logits)
    for b in range(len(ids)):
        seen[b, ids[b][mask[b]]] = 1.0
    less = torch.where(logits > 0, logits / penalty, logits * penalty)
    return seen * less + (1 - seen) * logits


@wrong(
    "apply_temperature",
    "softmax with a maximum of one for 0, by float comparison with the row's maximum",
)
def _(logits, temperature):
    if temperature < 0:
        raise ValueError
    if temperature > 0:
        return logits / temperature
    return torch.where(logits == logits.max(), 0.0, -torch.inf).to(logits.dtype)


@wrong("top_p_filter", "cumsum in half precision")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError
    if p == 1:
        return logits.clone()
    probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    before = torch.cat([torch.zeros_like(probs[..., :1]), probs.cumsum(-1)[..., :-1]], -1)
    drop = before > p + 0.02
    return logits.masked_fill(torch.zeros_like(drop).scatter(-1, order, drop), -torch.inf)


@wrong("draw", "uses the global generator to break ties")
def _(probs, u):
    c = probs.double().cumsum(-1)
    torch.rand(1)
    return (c < u[:, None] * c[:, -1:]).sum(-1)


@wrong("generate", "END is recognised in the batch's first row only")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    texts, new = [list(p) for p in prompts], [[] for _ in prompts]
    alive = set(range(len(prompts)))
    for _ in range(max_new):
        ids, mask, positions = left_pad(texts, pad)
        with torch.no_grad():
            logits = model(ids, mask, positions)[:, -1]
        probs = next_probs(logits, ids, mask, **knobs)
        for i in sorted(alive):
            u = torch.rand(1, generator=generators[i], dtype=torch.float64)
            token = draw(probs[i : i + 1], u).item()
            new[i].append(token)
            texts[i].append(token)
            if i == 0 and any(new[i][-len(s) :] == s for s in stops):
                alive.discard(i)
        if not alive:
            break
    n = max(map(len, new))
    return torch.tensor([r + [pad] * (n - len(r)) for r in new])


@wrong("generate", "rows that stopped are dropped from the result")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    texts, new = [list(p) for p in prompts], [[] for _ in prompts]
    alive = set(range(len(prompts)))
    for _ in range(max_new):
        ids, mask, positions = left_pad(texts, pad)
        with torch.no_grad():
            logits = model(ids, mask, positions)[:, -1]
        probs = next_probs(logits, ids, mask, **knobs)
        for i in sorted(alive):
            u = torch.rand(1, generator=generators[i], dtype=torch.float64)
            token = draw(probs[i : i + 1], u).item()
            new[i].append(token)
            texts[i].append(token)
            if any(new[i][-len(s) :] == s for s in stops):
                alive.discard(i)
        if not alive:
            break
    n = max(map(len, new))
    return torch.tensor([r for r in new if len(r) == n])
