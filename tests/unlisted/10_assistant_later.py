"""Solutions of 10 that come from the texts alone: see test_unlisted.py, which parses this file."""


@right("encode_text", "byte by byte")
def _(text):
    return [b for b in text.encode("utf-8")]


@wrong("encode_text", "spaces at the ends stripped")
def _(text):
    return list(text.strip().encode("utf-8"))


@right("render_chat", "a state machine")
def _(messages):
    out, expected = [BOS], {"system", "user"}
    after = {"system": {"user"}, "user": {"assistant"}, "assistant": {"user"}}
    for m in messages:
        if m["role"] not in expected:
            raise ValueError("order")
        out += [HEADERS[m["role"]], *encode_text(m["content"]), END]
        expected = after[m["role"]]
    return out


@right("render_chat", "checked by parity")
def _(messages):
    roles = [m["role"] for m in messages]
    body = roles[1:] if roles[:1] == ["system"] else roles
    if any(role != ("user", "assistant")[i % 2] for i, role in enumerate(body)):
        raise ValueError(f"roles {roles}")
    ids = [BOS]
    for m in messages:
        ids.append(HEADERS[m["role"]])
        ids.extend(m["content"].encode())
        ids.append(END)
    return ids


@wrong("render_chat", "any role may begin")
def _(messages):
    roles = [m["role"] for m in messages]
    if any(role not in HEADERS for role in roles):
        raise ValueError("unknown")
    body = roles[1:] if roles[:1] == ["system"] else roles
    if "system" in body or any(a == b for a, b in zip(body, body[1:])):
        raise ValueError("order")
    ids = [BOS]
    for m in messages:
        ids += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    return ids


@wrong("render_chat", "two system messages pass")
def _(messages):
    turn, ids = "user", [BOS]
    for m in messages:
        if m["role"] == "system":
            if len(ids) > 1 and turn != "user" or USER in ids:
                raise ValueError("system")
        elif m["role"] == turn:
            turn = "assistant" if turn == "user" else "user"
        else:
            raise ValueError("order")
        ids += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    return ids


@wrong("generation_prompt", "an IndexError for no messages")
def _(messages):
    if messages[-1]["role"] != "user":
        raise ValueError("user last")
    return [*render_chat(messages), ASSISTANT]


@right("generation_prompt", "checked behind")
def _(messages):
    ids = render_chat(messages)
    if not messages or messages[len(messages) - 1]["role"] != "user":
        raise ValueError("the user must be last")
    ids.append(ASSISTANT)
    return ids


@right("assistant_mask", "a loop with a state")
def _(ids):
    out = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        mine = False
        for t, i in enumerate(row):
            if i in (SYSTEM, USER, BOS, PAD):
                mine = False
            elif i == ASSISTANT:
                mine = True
            else:
                out[b, t] = mine
                if i == END:
                    mine = False
    return out


@right("assistant_mask", "the last header before each token")
def _(ids):
    T = ids.shape[1]
    places = torch.arange(T).expand_as(ids)
    special = ids >= 256
    last = torch.where(special, places, -1).cummax(1).values
    before = (
        F.pad(last[:, :-1], (1, 0), value=-1)
        if False
        else torch.cat([torch.full_like(last[:, :1], -1), last[:, :-1]], 1)
    )
    opened = torch.gather(ids, 1, before.clamp(min=0)) == ASSISTANT
    return opened & (before >= 0) & ((ids < 256) | (ids == END))


@wrong("assistant_mask", "only the last turn of the assistant")
def _(ids):
    out = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        if ASSISTANT not in row:
            continue
        start = len(row) - 1 - row[::-1].index(ASSISTANT)
        for t in range(start + 1, len(row)):
            if row[t] > 255 and row[t] != END:
                break
            out[b, t] = True
            if row[t] == END:
                break
    return out


@wrong("assistant_mask", "a turn without END does not count")
def _(ids):
    out = torch.zeros_like(ids, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        start = None
        for t, i in enumerate(row):
            if i == ASSISTANT:
                start = t + 1
            elif i == END and start is not None:
                out[b, start : t + 1] = True
                start = None
            elif i > 255:
                start = None
    return out


@right("parse_reply", "takewhile")
def _(ids):
    import itertools

    head = list(itertools.takewhile(lambda i: i < 256, ids))
    rest = ids[len(head) :]
    return bytes(head).decode("utf-8", "replace"), bool(rest) and rest[0] == END


@wrong("parse_reply", "finished if END is anywhere")
def _(ids):
    head = []
    for i in ids:
        if i > 255:
            break
        head.append(i)
    return bytes(head).decode("utf-8", "replace"), END in ids


@wrong("parse_reply", "only the known special ids end it")
def _(ids):
    head, finished = [], False
    for i in ids:
        if i in NAMES:
            finished = i == END
            break
        if i < 256:
            head.append(i)
    return bytes(head).decode("utf-8", "replace"), finished


@right("fit_context", "pairs dropped one by one")
def _(messages, budget):
    generation_prompt(messages)
    kept = list(messages)
    head = [kept.pop(0)] if kept[0]["role"] == "system" else []
    while len(generation_prompt(head + kept)) > budget:
        kept = kept[2:]
        if not kept:
            raise ValueError("too long")
    return head + kept


@wrong("fit_context", "the prompt's last header forgotten")
def _(messages, budget):
    generation_prompt(messages)
    head = messages[:1] if messages[0]["role"] == "system" else []
    kept = messages[len(head) :]
    while len(render_chat(head + kept)) > budget:
        kept = kept[2:]
        if not kept:
            raise ValueError("too long")
    return head + kept


@wrong("fit_context", "the messages themselves shortened")
def _(messages, budget):
    first = 1 if messages and messages[0]["role"] == "system" else 0
    while len(generation_prompt(messages)) > budget:
        if len(messages) - first <= 1:
            raise ValueError("too long")
        del messages[first : first + 2]
    return list(messages)


@right("shifted_targets", "a copy filled in")
def _(ids, mask):
    targets = ids[:, 1:].clone()
    targets[~mask[:, 1:]] = -100
    return ids[:, :-1], targets


@wrong("shifted_targets", "the mask of the token before")
def _(ids, mask):
    return ids[:, :-1], torch.where(mask[:, :-1], ids[:, 1:], -100)


@wrong("shifted_targets", "ids changed in place")
def _(ids, mask):
    inputs, targets = ids[:, :-1].clone(), ids[:, 1:]
    targets.masked_fill_(~mask[:, 1:], -100)
    return inputs, targets


@right("pad_batch", "lists first")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    ids, real, positions = [], [], []
    for row in rows:
        gap = T - len(row)
        parts = (
            ([pad] * gap, [False] * gap, [0] * gap),
            (list(row), [True] * len(row), list(range(len(row)))),
        )
        if side == "right":
            parts = parts[::-1]
        ids.append(parts[0][0] + parts[1][0])
        real.append(parts[0][1] + parts[1][1])
        positions.append(parts[0][2] + parts[1][2])
    return torch.tensor(ids), torch.tensor(real), torch.tensor(positions)


@wrong("pad_batch", "real is what is not pad")
def _(rows, pad, side="right"):
    if side not in ("left", "right"):
        raise ValueError(side)
    T = max(map(len, rows))
    ids = torch.tensor(
        [r + [pad] * (T - len(r)) if side == "right" else [pad] * (T - len(r)) + r for r in rows]
    )
    real = ids != pad
    return ids, real, (real.long().cumsum(1) - 1).clamp(min=0) * real


@wrong("pad_batch", "any other side is left")
def _(rows, pad, side="right"):
    T = max(len(r) for r in rows)
    ids = torch.full((len(rows), T), pad)
    real = torch.zeros(len(rows), T, dtype=torch.bool)
    positions = torch.zeros(len(rows), T, dtype=torch.int64)
    for i, row in enumerate(rows):
        at = slice(0, len(row)) if side == "right" else slice(T - len(row), T)
        ids[i, at], real[i, at], positions[i, at] = torch.tensor(row), True, torch.arange(len(row))
    return ids, real, positions


@right("sft_loss", "gathered by hand")
def _(logits, targets, total=None):
    counts = targets != -100
    picked = logits.log_softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    n = max(int(counts.sum()), 1) if total is None else total
    return -torch.where(counts, picked, 0.0).sum() / n


@right("sft_loss", "F.cross_entropy, summed, over a transposed view")
def _(logits, targets, total=None):
    loss = F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum", ignore_index=-100)
    if total is None:
        total = max(1, torch.count_nonzero(targets != -100).item())
    return loss / total


@wrong("sft_loss", "nan if nothing counts")
def _(logits, targets, total=None):
    loss = F.cross_entropy(
        logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), reduction="sum"
    )
    return loss / ((targets != -100).sum() if total is None else total)


@wrong("sft_loss", "the mean, then over the total")
def _(logits, targets, total=None):
    counts = targets != -100
    if not counts.any():
        return logits.sum() * 0
    loss = F.cross_entropy(logits[counts], targets[counts])
    return loss if total is None else loss / total


@wrong("sft_loss", "a loss without a graph where nothing counts")
def _(logits, targets, total=None):
    counts = targets != -100
    if not counts.any():
        return torch.zeros((), dtype=logits.dtype)
    n = counts.sum() if total is None else total
    return F.cross_entropy(logits[counts], targets[counts], reduction="sum") / n


@right("pack", "free places in a list of their own")
def _(lengths, capacity):
    if lengths and max(lengths) > capacity:
        raise ValueError("too long")
    rows, free = [], []
    for i in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        r = next((r for r, room in enumerate(free) if room >= lengths[i]), None)
        if r is None:
            rows.append([])
            free.append(capacity)
            r = len(rows) - 1
        rows[r].append(i)
        free[r] -= lengths[i]
    return rows


@wrong("pack", "exactly full is too full")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        for row in rows:
            if sum(lengths[j] for j in row) + lengths[i] < capacity:
                row.append(i)
                break
        else:
            rows.append([i])
    return rows


@wrong("pack", "of equals the last first")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for n, i in sorted(((n, i) for i, n in enumerate(lengths)), reverse=True):
        for row in rows:
            if sum(lengths[j] for j in row) + n <= capacity:
                row.append(i)
                break
        else:
            rows.append([i])
    return rows


@wrong("pack", "best fit: the fullest row that has room")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    used = lambda row: sum(lengths[j] for j in row)
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        fits = [row for row in rows if used(row) + lengths[i] <= capacity]
        if fits:
            max(fits, key=used).append(i)
        else:
            rows.append([i])
    return rows


@right("restart_positions", "cummax of beginnings")
def _(documents):
    R, T = documents.shape
    at = torch.arange(T).expand(R, T)
    new = torch.ones_like(documents, dtype=torch.bool)
    new[:, 1:] = documents[:, 1:] != documents[:, :-1]
    begin = torch.where(new, at, 0).cummax(1).values
    return (at - begin).masked_fill(documents == -1, 0)


@wrong("restart_positions", "padding counts on like a document")
def _(documents):
    out = torch.zeros_like(documents)
    for r in range(documents.shape[0]):
        for t in range(1, documents.shape[1]):
            if documents[r, t] == documents[r, t - 1]:
                out[r, t] = out[r, t - 1] + 1
    return out


@wrong("restart_positions", "documents taken to be 0, 1, 2, ...")
def _(documents):
    out = torch.zeros_like(documents)
    for r, row in enumerate(documents):
        for d in range(int(row.max()) + 1):
            here = row == d
            if d > int(here.any()) + row.unique().numel():
                break
            out[r, here] = torch.arange(int(here.sum()))
    return out


@right("packed_mask", "einsum of one-hots")
def _(documents):
    real = documents >= 0
    numbers = documents.clamp(min=0)
    hot = torch.nn.functional.one_hot(numbers).float() * real[..., None]
    same = torch.einsum("rqd,rkd->rqk", hot, hot) > 0
    T = documents.shape[1]
    return same.tril() | torch.eye(T, dtype=torch.bool) & ~real[:, None, :]


@wrong("packed_mask", "padding looks at padding")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    return same.tril()


@wrong("packed_mask", "padding looks at nothing")
def _(documents):
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    return same & (documents >= 0)[:, :, None]


@right("packed_targets", "where, in two steps")
def _(ids, documents, mask):
    out = torch.full_like(ids[:, 1:], -100)
    ok = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1]) & (documents[:, 1:] != -1)
    out[ok] = ids[:, 1:][ok]
    return out


@wrong("packed_targets", "padding beside padding counts")
def _(ids, documents, mask):
    ok = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1])
    return torch.where(ok, ids[:, 1:], -100)


@wrong("packed_targets", "the first token of the next document too")
def _(ids, documents, mask):
    return torch.where(mask[:, 1:] & (documents[:, 1:] >= 0), ids[:, 1:], -100)


@right("cu_seqlens", "groupby")
def _(documents):
    from itertools import groupby

    sizes = [len(list(g)) for row in documents.tolist() for d, g in groupby(row) if d != -1]
    ends = [0]
    for n in sizes:
        ends.append(ends[-1] + n)
    return torch.tensor(ends, dtype=torch.int32), max(sizes, default=0)


@wrong("cu_seqlens", "rows run into each other")
def _(documents):
    from itertools import groupby

    real = [d for d in documents.flatten().tolist() if d != -1]
    sizes = [len(list(g)) for _, g in groupby(real)]
    cu = torch.tensor([0, *sizes]).cumsum(0).int()
    return cu, max(sizes, default=0)


@wrong("cu_seqlens", "int64")
def _(documents):
    sizes = []
    for row in documents.tolist():
        for a, b in zip([-2, *row], row):
            if b != -1:
                if a == b:
                    sizes[-1] += 1
                else:
                    sizes.append(1)
    return torch.tensor([0, *sizes]).cumsum(0), max(sizes, default=0)


@right("penalize_repeats", "a set for each row")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        for i in set(ids[b][mask[b]].tolist()):
            out[b, i] = out[b, i] / penalty if out[b, i] > 0 else out[b, i] * penalty
    return out


@wrong("penalize_repeats", "once for each occurrence")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for b in range(len(ids)):
        for i in ids[b][mask[b]].tolist():
            out[b, i] = out[b, i] / penalty if out[b, i] > 0 else out[b, i] * penalty
    return out


@wrong("penalize_repeats", "the logits themselves changed")
def _(logits, ids, mask, penalty):
    for b in range(len(ids)):
        seen = ids[b][mask[b]].unique()
        row = logits[b, seen]
        logits[b, seen] = torch.where(row > 0, row / penalty, row * penalty)
    return logits


@wrong("penalize_repeats", "what is in any row is penalized in all")
def _(logits, ids, mask, penalty):
    seen = ids[mask].unique()
    out = logits.clone()
    row = out[:, seen]
    out[:, seen] = torch.where(row > 0, row / penalty, row * penalty)
    return out


@right("apply_temperature", "one-hot argmax")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature:
        return logits / temperature
    best = logits.argmax(-1, keepdim=True)
    return torch.full_like(logits, -torch.inf).scatter(-1, best, 0.0)


@wrong("apply_temperature", "at 0 all of the largest")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        best = logits == logits.max(-1, keepdim=True).values
        return torch.where(best, 0.0, -torch.inf).to(logits.dtype)
    return logits / temperature


@wrong("apply_temperature", "at 0 the largest keeps its logit")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        best = logits.argmax(-1, keepdim=True)
        return torch.full_like(logits, -torch.inf).scatter(-1, best, logits.gather(-1, best))
    return logits / temperature


@right("top_k_filter", "sorted, the k-th")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    edge = logits.sort(-1, descending=True).values[..., min(k, logits.shape[-1]) - 1, None]
    return torch.where(logits >= edge, logits, -torch.inf)


@wrong("top_k_filter", "exactly k stay")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    best = logits.topk(min(k, logits.shape[-1]), -1)
    return torch.full_like(logits, -torch.inf).scatter(-1, best.indices, best.values)


@wrong("top_k_filter", "k above V fails")
def _(logits, k):
    if k < 1:
        raise ValueError("k")
    return logits.masked_fill(logits < logits.topk(k, -1).values[..., -1:], -torch.inf)


@right("top_p_filter", "row by row")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    flat = logits.reshape(-1, logits.shape[-1])
    out = torch.full_like(flat, -torch.inf)
    for r, row in enumerate(flat):
        order = row.argsort(descending=True, stable=True)
        probs = row.softmax(-1)[order]
        keep = order[probs.cumsum(-1) - probs < p]
        out[r, keep] = row[keep]
    return out.view_as(logits)


@wrong("top_p_filter", "the one that crosses p is cut")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    probs, order = logits.softmax(-1).sort(dim=-1, descending=True, stable=True)
    cut = probs.cumsum(-1) > p
    cut[..., 0] = False
    return logits.masked_fill(torch.zeros_like(cut).scatter(-1, order, cut), -torch.inf)


@wrong("top_p_filter", "the mask not put back in order")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p")
    if p == 1:
        return logits.clone()
    probs = logits.softmax(-1).sort(dim=-1, descending=True, stable=True).values
    return logits.masked_fill(probs.cumsum(-1) - probs >= p, -torch.inf)


@right("draw", "searchsorted")
def _(probs, u):
    sums = probs.double().cumsum(-1)
    at = torch.searchsorted(sums, (u * sums[:, -1])[:, None], right=True)[:, 0]
    return at


@wrong("draw", "greater or equal")
def _(probs, u):
    sums = probs.double().cumsum(-1)
    return (sums < (u * sums[:, -1])[:, None]).sum(-1)


@wrong("draw", "u is not scaled by the row's sum")
def _(probs, u):
    sums = probs.double().cumsum(-1)
    return (sums <= u[:, None]).sum(-1).clamp(max=probs.shape[1] - 1)


@right("last_token", "a loop from behind")
def _(ids, pad):
    out = []
    for row in ids.tolist():
        t = len(row) - 1
        while t >= 0 and row[t] == pad:
            t -= 1
        if t < 0:
            raise ValueError("only padding")
        out.append(t)
    return torch.tensor(out)


@right("last_token", "flip and argmax")
def _(ids, pad):
    real = ids != pad
    if not real.any(1).all():
        raise ValueError("only padding")
    return ids.shape[1] - 1 - real.flip(1).int().argmax(1)


@wrong("last_token", "how many real ones, less one")
def _(ids, pad):
    n = (ids != pad).sum(1)
    if (n == 0).any():
        raise ValueError("only padding")
    return n - 1


@wrong("last_token", "before the first pad")
def _(ids, pad):
    is_pad = ids == pad
    if is_pad.all(1).any():
        raise ValueError("only padding")
    return torch.where(is_pad.any(1), is_pad.int().argmax(1) - 1, ids.shape[1] - 1) % ids.shape[1]


@right("pairwise_loss", "softplus")
def _(chosen, rejected):
    return F.softplus(rejected - chosen).mean()


@right("pairwise_loss", "logaddexp")
def _(chosen, rejected):
    d = rejected - chosen
    return torch.logaddexp(d, torch.zeros_like(d)).sum() / d.numel()


@wrong("pairwise_loss", "log of sigmoid overflows")
def _(chosen, rejected):
    return -(chosen - rejected).sigmoid().log().mean()


@wrong("pairwise_loss", "the mean inside")
def _(chosen, rejected):
    return -F.logsigmoid((chosen - rejected).mean())


@wrong("ranked_loss", "a mean over all pairs")
def _(groups):
    losses = []
    for rewards in groups:
        for i in range(len(rewards)):
            for j in range(i + 1, len(rewards)):
                losses.append(-F.logsigmoid(rewards[i] - rewards[j]))
    return torch.stack(losses).mean()


@wrong("ranked_loss", "neighbours only")
def _(groups):
    return torch.stack([-F.logsigmoid(r[:-1] - r[1:]).mean() for r in groups]).mean()


@right("ranked_loss", "triu indices")
def _(groups):
    total = 0
    for r in groups:
        i, j = torch.triu_indices(len(r), len(r), 1)
        total = total + F.softplus(r[j] - r[i]).mean()
    return total / len(groups)


@wrong("margin_loss", "gradients flow into the margin")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected - margin).mean()


@wrong("preference_accuracy", "a tie counts as wrong")
def _(chosen, rejected):
    return (chosen > rejected).float().mean().item()


@right("preference_accuracy", "sign")
def _(chosen, rejected):
    return (torch.sign(chosen - rejected).double().mean().item() + 1) / 2


@wrong("token_logprobs", "the temperature on log-probabilities")
def _(logits, ids, temperature=1.0):
    logp = logits[:, :-1].log_softmax(-1) / temperature
    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@wrong("token_logprobs", "not shifted")
def _(logits, ids, temperature=1.0):
    logp = (logits[:, 1:] / temperature).log_softmax(-1)
    return logp.gather(-1, ids[:, 1:, None]).squeeze(-1)


@right("token_logprobs", "minus the cross-entropy")
def _(logits, ids, temperature=1.0):
    scaled = logits[:, :-1] / temperature
    return -F.cross_entropy(scaled.transpose(1, 2), ids[:, 1:], reduction="none")


@right("over_response", "row by row")
def _(values, mask, mean=False):
    out = []
    for v, m in zip(values, mask[:, 1:]):
        mine = v[m]
        if not len(mine):
            out.append(values.new_zeros(()) + 0 * v[:0].sum())
        else:
            out.append(mine.mean() if mean else mine.sum())
    return torch.stack(out)


@wrong("over_response", "times the mask: nan stays nan")
def _(values, mask, mean=False):
    m = mask[:, 1:]
    total = (values * m).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@wrong("over_response", "divided by all response tokens, the first too")
def _(values, mask, mean=False):
    total = torch.where(mask[:, 1:], values, 0.0).sum(1)
    return total / mask.sum(1).clamp(min=1) if mean else total


@right("entropy", "masked before")
def _(logits):
    logp = logits.log_softmax(-1)
    hidden = logits == -torch.inf
    return -(logp.exp() * logp.masked_fill(hidden, 0.0)).sum(-1)


@wrong("entropy", "nan from 0 times -inf")
def _(logits):
    logp = logits.log_softmax(-1)
    return -(logp.exp() * logp).sum(-1)


@wrong("entropy", "in bits")
def _(logits):
    p = logits.softmax(-1)
    return torch.special.entr(p).sum(-1) / 0.6931471805599453


@wrong("leave_one_out", "the mean of all")
def _(rewards):
    if rewards.shape[1] < 2:
        raise ValueError("K")
    return (rewards - rewards.mean(1, keepdim=True)).detach()


@right("leave_one_out", "scaled from the mean of all")
def _(rewards):
    P, K = rewards.shape
    if K < 2:
        raise ValueError("K")
    r = rewards.detach()
    return (r - r.mean(1, keepdim=True)) * (K / (K - 1))


@wrong("running_baseline", "the new baseline is taken away")
def _(baseline, rewards, momentum):
    new = momentum * baseline + (1 - momentum) * rewards.mean().item()
    return rewards.detach() - new, new


@wrong("running_baseline", "momentum on the wrong side")
def _(baseline, rewards, momentum):
    return rewards.detach() - baseline, (1 - momentum) * baseline + momentum * rewards.mean().item()


@wrong("reinforce_loss", "a mean over tokens")
def _(logps, mask, advantages):
    m = mask[:, 1:]
    picked = torch.where(m, logps, 0.0).sum(1) / m.sum(1).clamp(min=1)
    return -(picked * advantages.detach()).mean()


@wrong("reinforce_loss", "rows without a response not counted")
def _(logps, mask, advantages):
    m = mask[:, 1:]
    rows = torch.where(m, logps, 0.0).sum(1) * advantages.detach()
    return -rows.sum() / m.any(1).sum().clamp(min=1)


@right("reinforce_loss", "weights for each token")
def _(logps, mask, advantages):
    weights = advantages.detach()[:, None].expand_as(logps)[mask[:, 1:]]
    return -(weights * logps[mask[:, 1:]]).sum() / logps.shape[0]


@right("ppo_loss", "chosen tokens only")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return (logps[m]).sum()
    r = (logps[m] - old_logps[m].detach()).exp()
    A = advantages[m].detach()
    return -torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).mean()


@wrong("ppo_loss", "max in place of min")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return logps[m].sum()
    r = (logps[m] - old_logps[m].detach()).exp()
    A = advantages[m].detach()
    return -torch.max(r * A, r.clamp(1 - clip, 1 + clip) * A).mean()


@wrong("ppo_loss", "a mean of the rows' means")
def _(logps, old_logps, advantages, mask, clip):
    means = []
    for lp, old, adv, m in zip(logps, old_logps, advantages, mask[:, 1:]):
        if m.any():
            r = (lp[m] - old[m].detach()).exp()
            A = adv[m].detach()
            means.append(torch.min(r * A, r.clamp(1 - clip, 1 + clip) * A).mean())
    return -torch.stack(means).mean() if means else logps[mask[:, 1:]].sum()


@wrong("ppo_loss", "only the clipped goal")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return logps[m].sum()
    r = (logps[m] - old_logps[m].detach()).exp().clamp(1 - clip, 1 + clip)
    return -(r * advantages[m].detach()).mean()


@wrong("clip_fraction", "only what the advantage clips above")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return 0.0
    r = (logps[m] - old_logps[m]).exp()
    return (r > 1 + clip).float().mean().item()


@right("clip_fraction", "abs")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    r = (logps.detach()[m] - old_logps.detach()[m]).exp()
    return float(((r - 1).abs() > clip).double().mean()) if len(r) else 0.0


@right("gae", "row by row, the response gathered")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values = rewards.detach(), values.detach()
    adv, ret = torch.zeros_like(values), torch.zeros_like(values)
    for b in range(len(values)):
        at = mask[b, 1:].nonzero()[:, 0].tolist()
        after = 0.0 if bootstrap is None else bootstrap[b].detach()
        running = 0.0
        for t in reversed(at):
            running = rewards[b, t] + gamma * after - values[b, t] + gamma * lam * running
            adv[b, t] = running
            ret[b, t] = running + values[b, t]
            after = values[b, t]
    return adv, ret


@wrong("gae", "the next column's value, response or not")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values, m = rewards.detach(), values.detach(), mask[:, 1:]
    rewards, values = rewards.masked_fill(~m, 0), values.masked_fill(~m, 0)
    B, T = values.shape
    after = (
        torch.zeros(B, dtype=values.dtype)
        if bootstrap is None
        else bootstrap.detach().to(values.dtype)
    )
    running = torch.zeros(B, dtype=values.dtype)
    adv = torch.zeros_like(values)
    begun = torch.zeros(B, dtype=torch.bool)
    for t in reversed(range(T)):
        running = torch.where(
            m[:, t] | begun,
            rewards[:, t] + gamma * after - values[:, t] + gamma * lam * running,
            0.0,
        )
        after = torch.where(m[:, t] | begun, values[:, t], after)
        begun |= m[:, t]
        adv[:, t] = running
    return adv * m, (adv + values) * m


@wrong("gae", "bootstrap forgotten")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values = rewards.detach(), values.detach()
    adv, ret = torch.zeros_like(values), torch.zeros_like(values)
    for b in range(len(values)):
        after = running = 0.0
        for t in reversed(mask[b, 1:].nonzero()[:, 0].tolist()):
            running = rewards[b, t] + gamma * after - values[b, t] + gamma * lam * running
            adv[b, t], ret[b, t], after = running, running + values[b, t], values[b, t]
    return adv, ret


@wrong("whiten", "std with n")
def _(advantages, mask):
    m, out = mask[:, 1:], torch.zeros_like(advantages)
    mine = advantages[m].detach()
    if len(mine) > 1:
        out[m] = (mine - mine.mean()) / (mine.std(correction=0) + 1e-8)
    return out.detach()


@wrong("whiten", "row by row")
def _(advantages, mask):
    out = torch.zeros_like(advantages)
    for b, m in enumerate(mask[:, 1:]):
        mine = advantages[b, m].detach()
        if len(mine) > 1:
            out[b, m] = (mine - mine.mean()) / (mine.std() + 1e-8)
    return out.detach()


@right("whiten", "nanmean and a sum")
def _(advantages, mask):
    m = mask[:, 1:]
    n = int(m.sum())
    a = advantages.detach()
    if n < 2:
        return torch.zeros_like(a)
    clean = torch.where(m, a, torch.nan)
    centred = torch.where(m, a - clean.nanmean(), 0.0)
    return centred / ((centred.square().sum() / (n - 1)).sqrt() + 1e-8)


@wrong("value_loss", "the smaller of the two")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    if not m.any():
        return values[m].sum()
    v, old, ret = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - ret) ** 2
    if clip is not None:
        loss = torch.min(loss, (old + (v - old).clamp(-clip, clip) - ret) ** 2)
    return loss.mean() / 2


@wrong("value_loss", "the half forgotten")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    if not m.any():
        return values[m].sum()
    v, old, ret = values[m], old_values[m].detach(), returns[m].detach()
    loss = (v - ret) ** 2
    if clip is not None:
        loss = torch.max(loss, (old + (v - old).clamp(-clip, clip) - ret) ** 2)
    return loss.mean()


@right("value_loss", "clamped between tensors")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, old, ret = values[m], old_values[m].detach(), returns[m].detach()
    each = 0.5 * (v - ret).square()
    if clip is not None:
        each = torch.maximum(
            each, 0.5 * (torch.maximum(torch.minimum(v, old + clip), old - clip) - ret).square()
        )
    return each.sum() / max(each.numel(), 1)


@right("kl_rewards", "row by row")
def _(logps, ref_logps, mask, rewards, beta):
    logps, ref_logps = logps.detach(), ref_logps.detach()
    out = torch.zeros_like(logps)
    for b, m in enumerate(mask[:, 1:]):
        at = m.nonzero()[:, 0]
        if len(at):
            out[b, at] = beta * (ref_logps[b, at] - logps[b, at])
            out[b, at[-1]] += rewards[b].detach().to(out.dtype)
    return out


@wrong("kl_rewards", "the reward in the last column")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = torch.where(m, -beta * (logps - ref_logps), 0.0).detach()
    out[:, -1] += rewards.detach() * m.any(1)
    return out


@wrong("kl_rewards", "the reward at every token")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    return torch.where(m, -beta * (logps - ref_logps) + rewards[:, None], 0.0).detach()


@wrong("left_pad", "positions go on from the padding")
def _(prompts, pad):
    if not all(prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = torch.tensor([[False] * (T - len(p)) + [True] * len(p) for p in prompts])
    return ids, mask, torch.arange(T).expand(len(prompts), T) * mask


@right("left_pad", "filled from behind")
def _(prompts, pad):
    if any(len(p) == 0 for p in prompts):
        raise ValueError("empty")
    T = max(len(p) for p in prompts)
    ids = torch.full((len(prompts), T), pad, dtype=torch.int64)
    mask = torch.zeros(len(prompts), T, dtype=torch.bool)
    for b, p in enumerate(prompts):
        ids[b, -len(p) :] = torch.tensor(p)
        mask[b, -len(p) :] = True
    return ids, mask, (mask.cumsum(1) - 1).clamp(min=0)


@wrong("perplexity", "a mean of the batches' means")
def _(model, batches):
    was, means = [(p, p.training) for p in model.modules()], []
    model.eval()
    try:
        with torch.no_grad():
            for x, y in batches:
                if (y != -100).any():
                    means.append(F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item())
    finally:
        for part, on in was:
            part.training = on
    if not means:
        raise ValueError("nothing counts")
    try:
        return math.exp(sum(means) / len(means))
    except OverflowError:
        return math.inf


@wrong("perplexity", "always back to train()")
def _(model, batches):
    model.eval()
    total, n = 0.0, 0
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            n += int((y != -100).sum())
    model.train()
    if not n:
        raise ValueError("nothing counts")
    try:
        return math.exp(total / n)
    except OverflowError:
        return math.inf


@right("perplexity", "inference mode, numbers gathered")
def _(model, batches):
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    losses = []
    with torch.inference_mode():
        for x, y in batches:
            keep = y != -100
            logp = model(x)[keep].double().log_softmax(-1)
            losses += (-logp.gather(1, y[keep][:, None])).flatten().tolist()
    for part, on in was:
        part.training = on
    if not losses:
        raise ValueError("nothing counts")
    mean = math.fsum(losses) / len(losses)
    return math.exp(mean) if mean < 709 else math.inf


@wrong("accumulate", "each micro-batch over its own number")
def _(model, micro_batches):
    total = 0.0
    for x, y in micro_batches:
        loss = sft_loss(model(x), y) / len(micro_batches)
        loss.backward()
        total += loss.item()
    return total


@wrong("accumulate", "gradients from before zeroed")
def _(model, micro_batches):
    model.zero_grad()
    n = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    total = 0.0
    for x, y in micro_batches:
        loss = sft_loss(model(x), y, n)
        loss.backward()
        total += loss.item()
    return total


@wrong("accumulate", "one graph for all micro-batches")
def _(model, micro_batches):
    n = max(1, sum(int((y != -100).sum()) for _, y in micro_batches))
    loss = sum(sft_loss(model(x), y, n) for x, y in micro_batches)
    loss.backward()
    return loss.item()


@wrong("sft_step", "a step although nothing counts")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, float(norm)


@right("sft_step", "returns early")
def _(model, micro_batches, optimizer, max_norm):
    if all(bool((y == -100).all()) for _, y in micro_batches):
        return 0.0, 0.0
    for p in model.parameters():
        p.grad = None
    loss = accumulate(model, micro_batches)
    norm = float(torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm))
    optimizer.step()
    return loss, norm
