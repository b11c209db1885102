"""Solutions of 10 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("encode_text", "special tokens' names become special tokens")
def _(text):
    out = list(text.encode())
    for i, name in NAMES.items():
        raw = list(name.encode())
        for k in range(len(out) - len(raw), -1, -1):
            if out[k : k + len(raw)] == raw:
                out[k : k + len(raw)] = [i]
    return out


@wrong("encode_text", "spaces at the edges are cut off")
def _(text):
    return list(text.strip().encode("utf-8"))


@wrong("render_chat", "a system message may stand anywhere")
def _(messages):
    out, wanted = ([BOS], "user")
    for m in messages:
        if m["role"] not in HEADERS:
            raise ValueError(m["role"])
        if m["role"] != "system":
            if m["role"] != wanted:
                raise ValueError("order")
            wanted = "assistant" if wanted == "user" else "user"
        out += [HEADERS[m["role"]], *encode_text(m["content"]), END]
    return out


@wrong("render_chat", "no END behind the last message")
def _(messages):
    roles = [m["role"] for m in messages]
    rest = roles[1:] if roles[:1] == ["system"] else roles
    if any((role != ("user", "assistant")[i % 2] for i, role in enumerate(rest))):
        raise ValueError(roles)
    out = [BOS]
    for i, m in enumerate(messages):
        out += [HEADERS[m["role"]], *encode_text(m["content"])] + (
            [END] if i + 1 < len(messages) else []
        )
    return out


@wrong("generation_prompt", "no check of the last role")
def _(messages):
    return render_chat(messages) + [ASSISTANT]


@wrong("generation_prompt", "an IndexError without messages")
def _(messages):
    if messages[-1]["role"] != "user":
        raise ValueError("last")
    return [*render_chat(messages), HEADERS["assistant"]]


@wrong("assistant_mask", "the END is not the assistant's")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for r, row in enumerate(ids.tolist()):
        inside = False
        for t, i in enumerate(row):
            if i >= BOS:
                inside = i == ASSISTANT
            else:
                mask[r, t] = inside
    return mask


@wrong("assistant_mask", "only the last assistant turn of a row")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for r, row in enumerate(ids.tolist()):
        if ASSISTANT not in row:
            continue
        t = len(row) - row[::-1].index(ASSISTANT)
        while t < len(row) and row[t] < BOS:
            mask[r, t] = True
            t += 1
        if t < len(row) and row[t] == END:
            mask[r, t] = True
    return mask


@wrong("parse_reply", "finished if there is an END anywhere")
def _(ids):
    n = next((k for k, i in enumerate(ids) if i > 255), len(ids))
    return (bytes(ids[:n]).decode("utf-8", errors="replace"), END in ids)


@wrong("parse_reply", "the text is stripped")
def _(ids):
    n = next((k for k, i in enumerate(ids) if i > 255), len(ids))
    return (
        bytes(ids[:n]).decode("utf-8", errors="replace").strip(),
        n < len(ids) and ids[n] == END,
    )


@wrong("fit_context", "single messages are dropped, so that it may begin with an assistant's")
def _(messages, budget):
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("last")
    render_chat(messages)
    head = [m for m in messages[:1] if m["role"] == "system"]
    rest = messages[len(head) :]
    size = lambda ms: 2 + sum((2 + len(encode_text(m["content"])) for m in ms))
    while len(rest) > 1 and size(head + rest) > budget:
        rest = rest[1:]
    if size(head + rest) > budget:
        raise ValueError("too long")
    return head + rest


@wrong("fit_context", "the system message goes as well")
def _(messages, budget):
    generation_prompt(messages)
    rest = list(messages)
    while len(generation_prompt(rest)) > budget:
        if len(rest) <= 2:
            raise ValueError("too long")
        rest = rest[1:] if rest[0]["role"] == "system" else rest[2:]
    return rest


@wrong("shifted_targets", "the mask of the input's token, not of the target's")
def _(ids, mask):
    return (ids[:, :-1], ids[:, 1:].masked_fill(~mask[:, :-1], -100))


@wrong("shifted_targets", "ids are changed in place")
def _(ids, mask):
    targets = ids[:, 1:]
    inputs = ids[:, :-1].clone()
    targets[~mask[:, 1:]] = -100
    return (inputs, targets)


@wrong("pad_batch", "what equals pad is not real")
def _(rows, pad, side="right"):
    if side not in ("right", "left"):
        raise ValueError(side)
    T = max(map(len, rows))
    ids = torch.tensor(
        [r + [pad] * (T - len(r)) if side == "right" else [pad] * (T - len(r)) + r for r in rows]
    )
    real = ids != pad
    return (ids, real, (real.cumsum(1) - 1) * real)


@wrong("sft_loss", "nan if nothing counts")
def _(logits, targets, total=None):
    return (
        F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        if total is None
        else F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / total
    )


@wrong("sft_loss", "softmax and log: overflow of far logits")
def _(logits, targets, total=None):
    keep = targets != -100
    p = logits.softmax(-1).gather(-1, targets.clamp(min=0)[..., None])[..., 0]
    return -(p.log() * keep).sum() / (total or max(int(keep.sum()), 1))


@wrong("accumulate", "each micro-batch's own mean, averaged")
def _(model, micro_batches):
    value = 0.0
    for x, y in micro_batches:
        loss = sft_loss(model(x), y) / len(micro_batches)
        loss.backward()
        value += loss.item()
    return value


@wrong("sft_step", "a step of the optimizer even if nothing counts")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad(set_to_none=False)
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return (loss, float(norm))


@wrong("perplexity", "the mode is not given back behind a ValueError")
def _(model, batches):
    was = [(p, p.training) for p in model.modules()]
    model.eval()
    total, n = (0.0, 0)
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
            n += int((y != -100).sum())
    if n == 0:
        raise ValueError("nothing counts")
    for part, on in was:
        part.training = on
    return math.exp(total / n) if total / n < 709 else math.inf


@wrong("perplexity", "OverflowError where exp is too large")
def _(model, batches):
    n = sum((int((y != -100).sum()) for _, y in batches))
    if not n:
        raise ValueError("nothing")
    was, total = ([(p, p.training) for p in model.modules()], 0.0)
    model.eval()
    with torch.no_grad():
        for x, y in batches:
            total += F.cross_entropy(model(x).flatten(0, 1), y.flatten(), reduction="sum").item()
    for part, on in was:
        part.training = on
    return math.exp(total / n)


@wrong("pack", "best fit: the row with the least room")
def _(lengths, capacity):
    if any((n > capacity for n in lengths)):
        raise ValueError("too long")
    rows, room = ([], [])
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        fits = [r for r in range(len(rows)) if room[r] >= lengths[d]]
        if fits:
            r = min(fits, key=lambda r: room[r])
            rows[r].append(d)
            room[r] -= lengths[d]
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@wrong("pack", "exactly full is not fine")
def _(lengths, capacity):
    rows, room = ([], [])
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        if lengths[d] > capacity:
            raise ValueError(d)
        for r, free in enumerate(room):
            if free > lengths[d]:
                break
        else:
            r = len(rows)
            rows.append([])
            room.append(capacity)
        rows[r].append(d)
        room[r] -= lengths[d]
    return rows


@wrong("padding_shares", "alone: rows of capacity, not of the longest")
def _(lengths, capacity):
    rows, n = (pack(lengths, capacity), sum(lengths))
    return (1 - n / (len(rows) * capacity), 1 - n / (len(lengths) * capacity))


@wrong("fill_rows", "documents are numbered over all rows")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    numbers, k = (torch.full((len(rows), capacity), -1), 0)
    for r, row in enumerate(rows):
        t = 0
        for d in row:
            ids[r, t : t + len(docs[d])] = torch.tensor(docs[d])
            numbers[r, t : t + len(docs[d])] = k
            t, k = (t + len(docs[d]), k + 1)
    return (ids, numbers)


@wrong("restart_positions", "padding goes on counting")
def _(documents):
    t = torch.arange(documents.shape[1]).expand_as(documents)
    new = torch.ones_like(documents, dtype=torch.bool)
    new[:, 1:] = documents[:, 1:] != documents[:, :-1]
    return t - torch.where(new, t, 0).cummax(1).values


@wrong("packed_mask", "a padding token sees all padding before it")
def _(documents):
    same = documents[:, :, None] == documents[:, None]
    return same.tril()


@wrong("packed_mask", "a padding token sees nothing")
def _(documents):
    same = (documents[:, :, None] == documents[:, None]) & (documents >= 0)[:, None]
    return same.tril()


@wrong("packed_targets", "the first token of the next document is a target")
def _(ids, documents, mask):
    return ids[:, 1:].masked_fill(~mask[:, 1:] | (documents[:, 1:] < 0), -100)


@wrong("packed_logits", "in the order of the rows")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    return [logits[r][documents[r] == k] for r, row in enumerate(rows) for k in range(len(row))]


@wrong("cu_seqlens", "documents of the same number in neighbouring rows are one")
def _(documents):
    line = documents[documents >= 0]
    _, counts = torch.unique_consecutive(line, return_counts=True)
    cu = torch.cat([torch.zeros(1, dtype=torch.int64), counts.cumsum(0)]).int()
    return (cu, int(counts.max()) if len(counts) else 0)


@wrong("lora_init", "B is drawn too, A is not scaled")
def _(d_in, d_out, r, g):
    return (torch.randn(r, d_in, generator=g), torch.zeros(d_out, r))


@wrong("lora_forward", "alpha is not divided by r")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight, bias) + alpha * (x @ A.T) @ B.T


@wrong("lora_forward", "makes B A: a tensor as large as weight")
def _(x, weight, bias, A, B, alpha):
    return F.linear(x, weight + alpha / A.shape[0] * (B @ A), bias)


@wrong("apply_lora", "the rest is not frozen")
def _(model, names, r, alpha, g):
    found = [
        n
        for n, m in model.named_modules()
        if isinstance(m, nn.Linear) and (n in names or n.split(".")[-1] in names)
    ]
    if not found:
        raise ValueError(names)
    for name in found:
        parent, _, last = name.rpartition(".")
        parent = model.get_submodule(parent)
        setattr(parent, last, LoRALinear(getattr(parent, last), r, alpha, g))
    return found


@wrong("apply_lora", "any name that ends so, also halves of a word")
def _(model, names, r, alpha, g):
    found = [
        n for n, m in model.named_modules() if isinstance(m, nn.Linear) and n.endswith(tuple(names))
    ]
    if not found:
        raise ValueError(names)
    for p in model.parameters():
        p.requires_grad_(False)
    for name in found:
        parent, _, last = name.rpartition(".")
        parent = model.get_submodule(parent)
        setattr(parent, last, LoRALinear(getattr(parent, last), r, alpha, g))
    return found


@wrong("lora_step", "frozen gradients are deleted by model.zero_grad")
def _(model, inputs, targets, lr):
    model.zero_grad()
    logits = model(inputs)
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
    loss.backward()
    n = 0
    with torch.no_grad():
        for p in model.parameters():
            if p.requires_grad:
                n += p.numel()
                if p.grad is not None:
                    p -= lr * p.grad
    return (loss.item(), n)


@wrong("lora_state", "by name: whatever is called A or B")
def _(model):
    return {
        n: p.detach().clone() for n, p in model.named_parameters() if n.split(".")[-1] in ("A", "B")
    }


@wrong("lora_state", "the parameters themselves, no copies")
def _(model):
    out = {}
    for name, m in model.named_modules():
        if isinstance(m, LoRALinear):
            dot = name + "." if name else ""
            out[dot + "A"], out[dot + "B"] = (m.A.detach(), m.B.detach())
    return out


@wrong("lora_merge", "twice in where it is called twice")
def _(layer):
    with torch.no_grad():
        layer.base.weight += layer.alpha / layer.A.shape[0] * layer.B @ layer.A
    layer.merged = True


@wrong("lora_unmerge", "the flag is not put back")
def _(layer):
    if layer.merged:
        with torch.no_grad():
            layer.base.weight -= layer.alpha / layer.A.shape[0] * layer.B @ layer.A


@wrong("penalize_repeats", "negative logits are divided too")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for r in range(len(ids)):
        for i in set(ids[r][mask[r]].tolist()):
            out[r, i] = out[r, i] / penalty
    return out


@wrong("penalize_repeats", "once for each occurrence")
def _(logits, ids, mask, penalty):
    out = logits.clone()
    for r in range(len(ids)):
        for i in ids[r][mask[r]].tolist():
            out[r, i] = out[r, i] / penalty if out[r, i] > 0 else out[r, i] * penalty
    return out


@wrong("apply_temperature", "all equals stay at 0")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        top = logits.amax(-1, keepdim=True)
        return torch.where(logits == top, 0.0, -torch.inf).to(logits.dtype)
    return logits / temperature


@wrong("top_k_filter", "k above V raises torch's error")
def _(logits, k):
    if k < 1:
        raise ValueError(k)
    edge = logits.topk(k).values[..., -1:]
    return logits.masked_fill(logits < edge, -torch.inf)


@wrong("top_p_filter", "the token that crosses p is not kept")
def _(logits, p):
    if not 0 < p <= 1:
        raise ValueError(p)
    s, order = logits.sort(dim=-1, descending=True, stable=True)
    cut = s.softmax(-1).cumsum(-1) > p
    return logits.masked_fill(torch.zeros_like(cut).scatter(-1, order, cut), -torch.inf)


@wrong("top_p_filter", "p = 0 is allowed")
def _(logits, p):
    if p < 0 or p > 1:
        raise ValueError(p)
    if p == 1:
        return logits.clone()
    s, order = logits.sort(dim=-1, descending=True, stable=True)
    probs = s.softmax(-1)
    cut = probs.cumsum(-1) - probs >= p
    return logits.masked_fill(torch.zeros_like(cut).scatter(-1, order, cut), -torch.inf)


@wrong("next_probs", "top-p before temperature")
def _(logits, ids, mask, temperature=1.0, top_k=None, top_p=None, penalty=1.0):
    x = penalize_repeats(logits, ids, mask, penalty)
    if top_p is not None:
        x = top_p_filter(x, top_p)
    x = apply_temperature(x, temperature)
    if top_k is not None:
        x = top_k_filter(x, top_k)
    return x.softmax(-1)


@wrong("draw", ">= : a token of probability 0 can be drawn at u = 0")
def _(probs, u):
    c = probs.double().cumsum(-1)
    return (c >= u[:, None] * c[:, -1:]).int().argmax(-1)


@wrong("draw", "the row is not scaled to its sum")
def _(probs, u):
    return (probs.double().cumsum(-1) > u[:, None]).int().argmax(-1)


@wrong("left_pad", "positions count the filling")
def _(prompts, pad):
    if not all(prompts):
        raise ValueError("empty")
    T = max(map(len, prompts))
    ids = torch.tensor([[pad] * (T - len(p)) + p for p in prompts])
    mask = torch.tensor([[False] * (T - len(p)) + [True] * len(p) for p in prompts])
    return (ids, mask, torch.arange(T).expand(len(prompts), T) * mask)


@wrong("generate", "a stop sequence may begin in the prompt")
def _(model, prompts, max_new, stops, pad, generators, **knobs):
    with torch.no_grad():
        rows, new = ([list(p) for p in prompts], [[] for _ in prompts])
        live = [True] * len(rows)
        for _ in range(max_new):
            ids, mask, positions = left_pad(rows, pad)
            probs = next_probs(model(ids, mask, positions)[:, -1], ids, mask, **knobs)
            for r in range(len(rows)):
                if live[r]:
                    u = torch.rand(1, generator=generators[r], dtype=torch.float64)
                    t = int(draw(probs[r : r + 1], u))
                    rows[r].append(t)
                    new[r].append(t)
                    live[r] = not any((rows[r][-len(s) :] == s for s in stops))
            if not any(live):
                break
        n = max(map(len, new))
        return torch.tensor([x + [pad] * (n - len(x)) for x in new])


@wrong("few_shot_prompt", "str.format: braces in the examples")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    text = (
        instruction
        + "".join((before + q + between + a + after for q, a in examples))
        + before
        + "{query}"
        + between
    )
    return text.format(query=query).rstrip(" ")


@wrong("few_shot_prompt", "all white space at the end is cut off")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    return (
        instruction
        + "".join((before + q + between + a + after for q, a in examples))
        + before
        + query
        + between
    ).rstrip()


@wrong("answer_logprob", "the mean")
def _(model, prompt, answer):
    with torch.no_grad():
        logp = model(torch.tensor([prompt + answer]))[0].log_softmax(-1)
    n = len(prompt)
    return sum((logp[n - 1 + k, t].item() for k, t in enumerate(answer))) / len(answer)


@wrong("answer_logprob", "prompt is extended in place")
def _(model, prompt, answer):
    n = len(prompt)
    prompt += answer
    with torch.no_grad():
        logp = model(torch.tensor([prompt]))[0].log_softmax(-1)
    return sum((logp[n - 1 + k, t].item() for k, t in enumerate(answer)))


@wrong("choose", "the last of equals")
def _(model, prompt, answers, mean=False):
    scores = [answer_logprob(model, prompt, a) / (len(a) if mean else 1) for a in answers]
    return len(scores) - 1 - scores[::-1].index(max(scores))


@wrong("best_of_n", "the scorer is called again to compare")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("none")
    best = candidates[0]
    for c in candidates[1:]:
        if scorer(c) > scorer(best):
            best = c
    return best


@wrong("majority_vote", "None votes too")
def _(answers):
    return max(answers, key=answers.count) if answers else None


@wrong("pass_at_k", "the biased estimate")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError(k)
    return 1.0 - (1 - c / n) ** k


@wrong("pass_at_k", "an int 1 where all tries include a right one")
def _(n, c, k):
    if not 1 <= k <= n:
        raise ValueError(k)
    if n - c < k:
        return 1
    return 1 - math.comb(n - c, k) / math.comb(n, k)


@wrong("last_token", "how many are not pad, less one: padding inside or on the left breaks it")
def _(ids, pad):
    n = (ids != pad).sum(1)
    if (n == 0).any():
        raise ValueError("only padding")
    return n - 1


@wrong("read_reward", "keeps the last dimension: (B, 1)")
def _(body, head, ids, pad):
    h = body(ids)
    return head(h[torch.arange(len(ids)), last_token(ids, pad)])


@wrong("pairwise_loss", "log of sigmoid: inf for far rewards")
def _(chosen, rejected):
    return -torch.log(torch.sigmoid(chosen - rejected)).mean()


@wrong("ranked_loss", "one mean over all pairs of all prompts")
def _(groups):
    losses = []
    for g in groups:
        i, j = torch.triu_indices(len(g), len(g), 1)
        losses.append(F.softplus(g[j] - g[i]))
    return torch.cat(losses).mean()


@wrong("margin_loss", "a gradient flows into the margin")
def _(chosen, rejected, margin):
    return -F.logsigmoid(chosen - rejected - margin).mean()


@wrong("preference_accuracy", "ties count nothing")
def _(chosen, rejected):
    return (chosen > rejected).float().mean().item()


@wrong("reward_step", "one reading of both, padded: read once only")
def _(model, chosen, rejected, optimizer):
    optimizer.zero_grad()
    a, b = (model(chosen), model(rejected))
    loss = pairwise_loss(a, b)
    loss.backward()
    optimizer.step()
    return (loss.item(), preference_accuracy(model(chosen), model(rejected)))


@wrong("center_rewards", "a new Parameter")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
        model.head.bias = nn.Parameter(model.head.bias - mean)
    return mean.item()


@wrong("token_logprobs", "temperature multiplies")
def _(logits, ids, temperature=1.0):
    return (logits * temperature)[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]


@wrong("over_response", "values times mask: nan outside")
def _(values, mask, mean=False):
    m = mask[:, 1:].to(values.dtype)
    total = (values * m).sum(1)
    return total / m.sum(1).clamp(min=1) if mean else total


@wrong("entropy", "p log p by hand: nan at -inf")
def _(logits):
    p = logits.softmax(-1)
    return -(p * p.log()).sum(-1)


@wrong("exact_kl", "reference and policy exchanged")
def _(logits, ref_logits):
    return F.kl_div(
        logits.log_softmax(-1),
        ref_logits.detach().log_softmax(-1),
        reduction="none",
        log_target=True,
    ).sum(-1)


@wrong("kl_estimates", "k3 with the other sign of d")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return (d, d**2 / 2, d.exp() - d - 1)


@wrong("reinforce_loss", "averaged over tokens")
def _(logps, mask, advantages):
    m = mask[:, 1:]
    each = torch.where(m, logps * advantages.detach()[:, None], 0.0)
    return -each.sum() / m.sum().clamp(min=1)


@wrong("leave_one_out", "the mean of all, its own too")
def _(rewards):
    if rewards.shape[1] < 2:
        raise ValueError("K")
    rewards = rewards.detach()
    return rewards - rewards.mean(1, keepdim=True)


@wrong("running_baseline", "the new baseline is subtracted")
def _(baseline, rewards, momentum):
    new = momentum * baseline + (1 - momentum) * rewards.mean().item()
    return (rewards.detach() - new, new)


@wrong("reinforce_step", "temperature is forgotten")
def _(policy, ids, mask, advantages, optimizer, temperature=1.0):
    optimizer.zero_grad()
    loss = reinforce_loss(token_logprobs(policy(ids), ids), mask, advantages)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("ratios", "a gradient flows into the old ones")
def _(logps, old_logps):
    return torch.exp(logps - old_logps)


@wrong("ppo_loss", "the clip on the good side only: no min")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return logps[m].sum()
    r = ratios(logps[m], old_logps[m]).clamp(1 - clip, 1 + clip)
    return -(r * advantages[m].detach()).mean()


@wrong("ppo_loss", "the mean of rows' means")
def _(logps, old_logps, advantages, mask, clip):
    rows = []
    for l, o, a, m in zip(logps, old_logps, advantages, mask[:, 1:]):
        if m.any():
            r, a = (ratios(l[m], o[m]), a[m].detach())
            rows.append(-torch.minimum(r * a, r.clamp(1 - clip, 1 + clip) * a).mean())
    return torch.stack(rows).mean() if rows else logps[mask[:, 1:]].sum()


@wrong("clip_fraction", "one side only")
def _(logps, old_logps, mask, clip):
    m = mask[:, 1:]
    if not m.any():
        return 0.0
    return ((logps[m] - old_logps[m]).exp() > 1 + clip).float().mean().item()


@wrong("kl_rewards", "the reward at the last column")
def _(logps, ref_logps, mask, rewards, beta):
    m = mask[:, 1:]
    out = torch.where(m, -beta * (logps - ref_logps), 0.0).detach()
    out[:, -1] += rewards * m.any(1)
    return out


@wrong("gae", "what stands between two response tokens is a step of value 0")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    m = mask[:, 1:]
    rewards, values = (torch.where(m, rewards, 0.0).detach(), torch.where(m, values, 0.0).detach())
    adv, after = (torch.zeros_like(values), torch.zeros_like(values[:, 0]))
    nxt = torch.zeros_like(after) if bootstrap is None else bootstrap.detach().to(values.dtype)
    for t in reversed(range(values.shape[1])):
        after = rewards[:, t] + gamma * nxt - values[:, t] + gamma * lam * after
        adv[:, t] = after
        nxt = values[:, t]
    return (torch.where(m, adv, 0.0), torch.where(m, adv + values, 0.0))


@wrong("value_loss", "no half")
def _(values, old_values, returns, mask, clip=None):
    m = mask[:, 1:]
    v, o, r = (values[m], old_values[m].detach(), returns[m].detach())
    if len(v) == 0:
        return v.sum()
    loss = (v - r) ** 2
    if clip is not None:
        loss = torch.maximum(loss, (o + (v - o).clamp(-clip, clip) - r) ** 2)
    return loss.mean()


@wrong("whiten", "biased standard deviation")
def _(advantages, mask):
    m = mask[:, 1:]
    out = torch.zeros_like(advantages).detach()
    a = advantages[m].detach()
    if len(a) > 1:
        out[m] = (a - a.mean()) / (a.std(correction=0) + 1e-08)
    return out


@wrong("ppo_steps", "one order for all epochs")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    told, order = ([], torch.randperm(len(rollout["ids"]), generator=g))
    for _ in range(epochs):
        for rows in order.split(batch_size):
            ids, mask, old, adv = (
                rollout[k][rows] for k in ("ids", "mask", "old_logps", "advantages")
            )
            logps = token_logprobs(policy(ids), ids)
            loss = ppo_loss(logps, old, adv, mask, clip)
            told.append((loss.item(), clip_fraction(logps, old, mask, clip)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return told


@wrong("group_advantages", "groups of one give nan")
def _(rewards, group_size, eps=0.0001):
    if len(rewards) % group_size:
        raise ValueError("N")
    r = rewards.view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + eps)).flatten()


@wrong("k3", "policy minus reference")
def _(logps, ref_logps):
    d = logps - ref_logps.detach()
    return d.exp() - d - 1


@wrong("grpo_loss", "masked after exp: 0 * inf")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    r, A = ((logps - old_logps.detach()).exp(), advantages.detach()[:, None])
    each = torch.minimum(r * A, r.clamp(1 - clip, 1 + clip) * A) - beta * k3(logps, ref_logps)
    m = mask.to(logps.dtype)
    return -((each * m).sum(1) / m.sum(1).clamp(min=1)).mean()


@wrong("grpo_step", "old log-probabilities anew for each epoch")
def _(policy, reference, ids, mask, rewards, group_size, optimizer, epochs=2, clip=0.2, beta=0.04):
    advantages, losses = (group_advantages(rewards, group_size), [])
    with torch.no_grad():
        ref = token_logps(reference, ids)
    for _ in range(epochs):
        logps = token_logps(policy, ids)
        loss = grpo_loss(logps, logps.detach(), ref, advantages, mask[:, 1:], clip, beta)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("average", "constant: divided by the longest row there is")
def _(losses, mask, how, max_tokens=None):
    x = torch.where(mask, losses, 0.0)
    if how == "answer":
        return (x.sum(1) / mask.sum(1).clamp(min=1)).mean()
    if how == "token":
        return x.sum() / mask.sum().clamp(min=1)
    if how == "constant":
        return (x.sum(1) / mask.sum(1).max().clamp(min=1)).mean()
    raise ValueError(how)


@wrong("answer_logps", "the mask is not shifted")
def _(logits, ids, mask):
    logp = logits[:, :-1].log_softmax(-1).gather(2, ids[:, 1:, None])[..., 0]
    return torch.where(mask[:, :-1], logp, 0.0).sum(1)


@wrong("dpo_loss", "no reference's constant: gradients flow there; beta outside of the sigmoid")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = pi_chosen - ref_chosen.detach() - (pi_rejected - ref_rejected.detach())
    return -beta * F.logsigmoid(h).mean()


@wrong("dpo_gradients", "not divided by n")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = beta * (pi_chosen - ref_chosen - (pi_rejected - ref_rejected))
    d = -beta * torch.sigmoid(-h)
    return (d, -d)


@wrong("preference_metrics", "equal ones are won")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    c, r = (beta * (pi_chosen - ref_chosen), beta * (pi_rejected - ref_rejected))
    return {
        "chosen": c.mean().item(),
        "rejected": r.mean().item(),
        "margin": (c - r).mean().item(),
        "accuracy": (c >= r).float().mean().item(),
    }


@wrong("dpo_step", "the reference gets gradients")
def _(policy, reference, batch, optimizer, beta=0.1):
    optimizer.zero_grad()
    logps = [
        answer_logps(m(batch[k]), batch[k], batch[k + "_mask"])
        for m in (policy, reference)
        for k in ("chosen", "rejected")
    ]
    reference.requires_grad_(False)
    loss = dpo_loss(*logps, beta)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("ipo_loss", "1 / beta without the 2")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = pi_chosen - ref_chosen.detach() - (pi_rejected - ref_rejected.detach())
    return ((h - 1 / beta) ** 2).mean()


@wrong("verify", "leading zeros (at the end, backwards) are allowed")
def _(response, a, b):
    if END not in response:
        return 0.0
    digits = response[: response.index(END)]
    if not digits or any((not 0 <= d <= 9 for d in digits)):
        return 0.0
    return float(int("".join(map(str, digits[::-1]))) == a + b)


@wrong("rollout", "ends with an END of the prompt")
def _(policy, prompts, G, n, temperature, g):
    with torch.no_grad():
        ids = prompts.repeat_interleave(G, 0)
        mask = torch.zeros_like(ids, dtype=torch.bool)
        logps = []
        for _ in range(n):
            done = (ids == END).any(1)
            logp = (policy(ids)[:, -1] / temperature).log_softmax(-1)
            new = torch.multinomial(logp.exp(), 1, generator=g)
            logps.append(logp.gather(1, new).masked_fill(done[:, None], 0.0))
            ids = torch.cat([ids, new.masked_fill(done[:, None], PAD)], 1)
            mask = torch.cat([mask, ~done[:, None]], 1)
        front = torch.zeros(len(ids), prompts.shape[1] - 1, dtype=logps[0].dtype)
        return (ids, mask, torch.cat([front, *logps], 1))


@wrong("evaluate", "back in training mode always")
def _(model, sums, n=4):
    with torch.no_grad():
        model.eval()
        ids = questions(sums)
        for _ in range(n):
            ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], 1)
        model.train()
        found = [row[7:].tolist() for row in ids]
        return {
            "accuracy": sum((verify(r, a, b) for r, (a, b) in zip(found, sums))) / len(sums),
            "format": sum((bool(well_formed(r)) for r in found)) / len(sums),
        }


@wrong("rl_step", "the loss of the first pass")
def _(policy, reference, optimizer, batch, rewards, G, temperature, epochs, clip, beta):
    ids, mask, old = batch
    with torch.no_grad():
        ref = token_logps(reference, ids, temperature)
    advantages, first = (group_advantages(rewards, G), None)
    for _ in range(epochs):
        loss, kl = grpo_loss(
            token_logps(policy, ids, temperature), old, ref, advantages, mask[:, 1:], clip, beta
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        first = first or {"loss": loss.item(), "kl": kl.item()}
    return first


@wrong("rms_norm", "the mean is subtracted")
def _(x, weight, eps=1e-05):
    x = x - x.mean(-1, keepdim=True)
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * weight


@wrong("rope", "neighbours")
def _(x, positions, base=10000.0):
    hs = x.shape[-1]
    a = positions[:, None].double() * base ** (-torch.arange(0, hs, 2).double() / hs)
    c, s = (a.cos().to(x.dtype), a.sin().to(x.dtype))
    u, w = (x[..., 0::2], x[..., 1::2])
    return torch.stack([u * c - w * s, u * s + w * c], -1).flatten(-2)


@wrong("half_split_rows", "over the whole matrix, not head by head")
def _(weight, n_head):
    return torch.cat([weight[0::2], weight[1::2]])


@wrong("grouped_attention", "head i uses i % n_kv")
def _(q, k, v):
    n = q.shape[1] // k.shape[1]
    k, v = (k.repeat(1, n, 1, 1), v.repeat(1, n, 1, 1))
    T, S = (q.shape[2], k.shape[2])
    return F.scaled_dot_product_attention(
        q, k, v, attn_mask=torch.ones(T, S, dtype=torch.bool).tril(S - T)
    )


@wrong("swiglu", "gate and up exchanged")
def _(x, gate, up, down):
    return F.linear(F.linear(x, gate) * F.silu(F.linear(x, up)), down)


@wrong("llama_block", "positions are read after the cache has grown")
def _(x, w, config, cache):
    B, T, C = x.shape
    n = rms_norm(x, w["attn_norm"], config.eps)
    q, k, v = (
        F.linear(n, w[f"attn_{s}"]).view(B, T, h, -1).transpose(1, 2)
        for s, h in (("q", config.n_head), ("k", config.n_kv), ("v", config.n_kv))
    )
    past = torch.arange(T)
    k, v = cache.update(rope(k, past + len(cache), config.base), v)
    q = rope(q, past + len(cache), config.base)
    h = x + F.linear(grouped_attention(q, k, v).transpose(1, 2).reshape(B, T, -1), w["attn_output"])
    return h + swiglu(
        rms_norm(h, w["ffn_norm"], config.eps), w["ffn_gate"], w["ffn_up"], w["ffn_down"]
    )


@wrong("reply", "the end's id is yielded too")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()
    for _ in range(max_new):
        logits = model(ids, caches)[0, -1]
        if temperature == 0:
            t = int(logits.argmax())
        else:
            t = int(torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator))
        yield t
        if t == end:
            return
        ids = torch.tensor([[t]])


@wrong("preference_pairs", "over group borders")
def _(rewards, G):
    better = rewards[:, None] > rewards[None]
    return better.nonzero()


@wrong("penalised", "the mean over the tokens")
def _(scores, logps, reference, mask, beta):
    m = mask[:, 1:]
    d = torch.where(m, logps - reference, 0.0)
    return (scores - beta * d.sum(1) / m.sum(1).clamp(min=1)).detach()


@wrong("stop_early", "the greatest at the end counts, also behind the stop")
def _(truths, patience):
    best, bad = (0, 0)
    for i in range(1, len(truths)):
        if truths[i] > truths[best]:
            best, bad = (i, 0)
        else:
            bad += 1
            if bad == patience:
                return (max(range(len(truths)), key=lambda j: truths[j]), i)
    return (best, len(truths) - 1)


@wrong("optimise", "start itself is trained")
def _(start, judge, sums, steps, beta, g, lr=0.0005, B=16, G=8, on_step=lambda policy, told: None):
    reference, policy = (copy.deepcopy(start), start)
    optimizer = torch.optim.Adam(policy.parameters(), lr=lr, betas=(0.9, 0.99))
    for _ in range(steps):
        chosen = [sums[i] for i in torch.randint(len(sums), (B,), generator=g).tolist()]
        batch = rollout(policy, questions(chosen), G, g)
        ids, mask, logps = batch
        with torch.no_grad():
            scores, ref = (judge(ids, mask), token_logps(reference, ids))
        grpo_step(policy, optimizer, batch, penalised(scores, logps, ref, mask, beta), G)
        kl = torch.where(mask[:, 1:], logps - ref, 0.0).sum(1).mean().item()
        on_step(policy, {"proxy": scores.mean().item(), "kl": kl})
    return policy


@right("render_chat", "a state machine")
def _(messages):
    allowed, out = ({"system", "user"}, [BOS])
    for message in messages:
        role, content = (message["role"], message["content"])
        if role not in allowed:
            raise ValueError(f"{role!r} may not stand here")
        out.append(HEADERS[role])
        out.extend(encode_text(content))
        out.append(END)
        allowed = {"assistant"} if role == "user" else {"user"}
    return out


@right("assistant_mask", "by cummax: which special token came last before")
def _(ids):
    T = ids.shape[1]
    t = torch.arange(T).expand_as(ids)
    special = ids >= BOS
    place = torch.where(special, t, -1)
    before = (
        torch.cat([torch.full_like(place[:, :1], -1), place[:, :-1]], 1).cummax(1).values
        if T
        else place
    )
    opener = torch.where(before >= 0, ids.gather(1, before.clamp(min=0)), PAD)
    return (opener == ASSISTANT) & (~special | (ids == END))


@right("parse_reply", "itertools")
def _(ids):
    import itertools

    text = bytes(itertools.takewhile(lambda i: i < 256, ids))
    rest = ids[len(text) :]
    return (text.decode(errors="replace"), rest[:1] == [END])


@right("fit_context", "tries every number of dropped pairs")
def _(messages, budget):
    generation_prompt(messages)
    head = messages[:1] if messages[0]["role"] == "system" else []
    turns = messages[len(head) :]
    for start in range(0, len(turns), 2):
        kept = [*head, *turns[start:]]
        if len(generation_prompt(kept)) <= budget:
            return kept
    raise ValueError("does not fit")


@right("sft_loss", "nll_loss, sum, divided")
def _(logits, targets, total=None):
    if total is None:
        total = max(1, int(targets.ne(-100).sum()))
    logp = logits.log_softmax(dim=-1).transpose(1, 2)
    return F.nll_loss(logp, targets, ignore_index=-100, reduction="sum") / total


@right("perplexity", "try / finally and OverflowError")
def _(model, batches):
    was, total, n = ([(p, p.training) for p in model.modules()], 0.0, 0)
    model.eval()
    try:
        with torch.no_grad():
            for inputs, targets in batches:
                loss = F.cross_entropy(model(inputs).transpose(1, 2), targets, reduction="none")
                total += float(loss.double().sum())
                n += int(targets.ne(-100).sum())
        if n == 0:
            raise ValueError("no target counts")
        return math.exp(total / n)
    except OverflowError:
        return math.inf
    finally:
        for part, on in was:
            part.training = on


@right("pack", "remaining room kept in a dict")
def _(lengths, capacity):
    if lengths and max(lengths) > capacity:
        raise ValueError("a document is too long")
    rows = []
    for d in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        row = next((r for r in rows if sum((lengths[i] for i in r)) + lengths[d] <= capacity), None)
        if row is None:
            rows.append([d])
        else:
            row.append(d)
    return rows


@right("restart_positions", "Python loops")
def _(documents):
    out = torch.zeros_like(documents)
    for r, row in enumerate(documents.tolist()):
        for t in range(1, len(row)):
            if row[t] != -1 and row[t] == row[t - 1]:
                out[r, t] = out[r, t - 1] + 1
    return out


@right("packed_mask", "same document, tril, and the diagonal")
def _(documents):
    R, T = documents.shape
    real = documents != -1
    mask = (documents.unsqueeze(2) == documents.unsqueeze(1)) & real.unsqueeze(2)
    mask = mask & torch.ones(T, T, dtype=torch.bool).tril()
    return mask | torch.eye(T, dtype=torch.bool)


@right("cu_seqlens", "itertools.groupby")
def _(documents):
    from itertools import groupby

    lengths = [
        len(list(group))
        for row in documents.tolist()
        for number, group in groupby(row)
        if number != -1
    ]
    cu = [0]
    for n in lengths:
        cu.append(cu[-1] + n)
    return (torch.tensor(cu, dtype=torch.int32), max(lengths, default=0))


@right("lora_forward", "F.linear three times")
def _(x, weight, bias, A, B, alpha):
    change = F.linear(F.linear(x, A), B) * (alpha / B.shape[1])
    return F.linear(x, weight, bias).add(change)


@right("penalize_repeats", "a table of what occurred, built by rows")
def _(logits, ids, mask, penalty):
    seen = torch.zeros(logits.shape, dtype=torch.bool)
    for r in range(logits.shape[0]):
        seen[r, ids[r, mask[r]]] = True
    return torch.where(seen, torch.where(logits > 0, logits / penalty, logits * penalty), logits)


@right("top_p_filter", "row by row in Python")
def _(logits, p):
    if p <= 0 or p > 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.clone()
    flat = logits.reshape(-1, logits.shape[-1])
    out = torch.full_like(flat, -torch.inf)
    for r, row in enumerate(flat):
        probs = row.double().softmax(0)
        total = 0.0
        for i in sorted(range(len(row)), key=lambda i: (-row[i].item(), i)):
            if total >= p:
                break
            out[r, i] = row[i]
            total += probs[i].item()
    return out.view(logits.shape)


@right("draw", "searchsorted on the right side")
def _(probs, u):
    c = probs.double().cumsum(dim=1).contiguous()
    goal = (u * c[:, -1]).unsqueeze(1)
    return torch.searchsorted(c, goal, right=True).squeeze(1)


@right("pass_at_k", "the product of Chen et al.")
def _(n, c, k):
    if k < 1 or k > n:
        raise ValueError(f"k = {k}")
    miss = 1.0
    for i in range(k):
        miss *= max(n - c - i, 0) / (n - i)
    return 1.0 - miss


@right("majority_vote", "Counter, insertion order")
def _(answers):
    counts = Counter((a for a in answers if a is not None))
    return counts.most_common(1)[0][0] if counts else None


@right("last_token", "max of the places")
def _(ids, pad):
    places = torch.where(ids == pad, -1, torch.arange(ids.shape[1]))
    last = places.amax(dim=1)
    if bool((last < 0).any()):
        raise ValueError("a row is padding only")
    return last


@right("ranked_loss", "combinations in Python")
def _(groups):
    from itertools import combinations

    means = []
    for g in groups:
        losses = [F.softplus(worse - better) for better, worse in combinations(g, 2)]
        means.append(torch.stack(losses).mean())
    return torch.stack(means).mean()


@right("entropy", "logits masked, then log_softmax")
def _(logits):
    dead = logits == -torch.inf
    logp = logits.log_softmax(-1).masked_fill(dead, 0.0)
    p = logits.softmax(-1)
    return -(p * logp).sum(-1)


@right("kl_estimates", "expm1")
def _(logps, ref_logps):
    k1 = logps - ref_logps.detach()
    return (k1, 0.5 * k1.square(), torch.expm1(-k1) + k1)


@right("leave_one_out", "K / (K - 1) times the distance from the mean")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError("needs two answers")
    with torch.no_grad():
        return (rewards - rewards.mean(dim=1, keepdim=True)) * (K / (K - 1))


@right("ppo_loss", "maximum of the negated, on the selected")
def _(logps, old_logps, advantages, mask, clip):
    here = mask[:, 1:]
    new, old, a = (logps[here], old_logps[here].detach(), advantages[here].detach())
    ratio = torch.exp(new - old)
    loss = torch.maximum(-a * ratio, -a * torch.clamp(ratio, min=1 - clip, max=1 + clip))
    return loss.sum() / max(1, loss.numel())


@right("gae", "token by token, backwards, in Python")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values = (rewards.detach(), values.detach())
    advantages, returns = (torch.zeros_like(values), torch.zeros_like(values))
    for r in range(len(values)):
        nxt = 0.0 if bootstrap is None else bootstrap[r].item()
        later = 0.0
        for t in reversed(mask[r, 1:].nonzero()[:, 0].tolist()):
            v = values[r, t].item()
            later = rewards[r, t].item() + gamma * nxt - v + gamma * lam * later
            advantages[r, t], returns[r, t] = (later, later + v)
            nxt = v
    return (advantages, returns)


@right("group_advantages", "split into groups")
def _(rewards, group_size, eps=0.0001):
    if rewards.numel() % group_size != 0:
        raise ValueError("no multiple")
    if group_size == 1:
        return torch.zeros_like(rewards)
    out = []
    for group in rewards.split(group_size):
        std, mean = torch.std_mean(group)
        out.append((group - mean) / (std + eps))
    return torch.cat(out)


@right("dpo_gradients", "by expit of the negative margin")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    with torch.no_grad():
        margin = beta * (pi_chosen - pi_rejected - ref_chosen + ref_rejected)
        weight = torch.special.expit(-margin) * (beta / margin.numel())
        return (weight.neg(), weight)


@right("verify", "builds the wanted list")
def _(response, a, b):
    wanted = [int(c) for c in reversed(str(a + b))] + [END]
    return 1.0 if list(response[: len(wanted)]) == wanted else 0.0


@right("rope", "complex numbers")
def _(x, positions, base=10000.0):
    a, b = x.double().chunk(2, dim=-1)
    n = a.shape[-1]
    angle = torch.outer(positions.double(), base ** (-torch.arange(n, dtype=torch.float64) / n))
    z = torch.complex(a, b) * torch.exp(1j * angle)
    return torch.cat((z.real, z.imag), dim=-1).to(x.dtype)


@right("half_split_rows", "one list of indices")
def _(weight, n_head):
    hs = weight.shape[0] // n_head
    order = [h * hs + i for h in range(n_head) for i in [*range(0, hs, 2), *range(1, hs, 2)]]
    return weight[order]


@right("grouped_attention", "einsum with the groups as a dimension")
def _(q, k, v):
    B, H, T, hs = q.shape
    KV, S = (k.shape[1], k.shape[2])
    q = q.reshape(B, KV, H // KV, T, hs)
    s = torch.einsum("bkgtd,bksd->bkgts", q, k) * hs ** (-0.5)
    future = torch.arange(S) > torch.arange(S - T, S)[:, None]
    s = s.masked_fill(future, -torch.inf).softmax(-1)
    return torch.einsum("bkgts,bksd->bkgtd", s, v).reshape(B, H, T, hs)


@right("preference_pairs", "loops and a tensor of the list")
def _(rewards, G):
    values, pairs = (rewards.tolist(), [])
    for i, x in enumerate(values):
        start = i // G * G
        pairs += [(i, j) for j in range(start, start + G) if x > values[j]]
    return torch.tensor(pairs, dtype=torch.int64).view(-1, 2)


@right("stop_early", "the record kept as a value")
def _(truths, patience):
    record, kept, since = (float("-inf"), 0, 0)
    for i, truth in enumerate(truths):
        if i == 0 or truth > record:
            record, kept, since = (truth, i, 0)
        else:
            since += 1
        if since == patience:
            return (kept, i)
    return (kept, len(truths) - 1)


@wrong("few_shot_prompt", "spaces behind each example are cut off too")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    parts = [instruction] + [(before + q + between + a + after).rstrip(" ") for q, a in examples]
    return "".join(parts) + (before + query + between).rstrip(" ")


@wrong("average", "answer: rows without tokens are not counted")
def _(losses, mask, how, max_tokens=None):
    x, n = (torch.where(mask, losses, 0.0), mask.sum(1))
    if how == "answer":
        return (x.sum(1) / n.clamp(min=1)).sum() / (n > 0).sum().clamp(min=1)
    if how == "token":
        return x.sum() / n.sum().clamp(min=1)
    if how == "constant":
        return (x.sum(1) / max_tokens).mean()
    raise ValueError(how)


@wrong("leave_one_out", "the graph of the rewards stays")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError(K)
    return rewards - (rewards.sum(1, keepdim=True) - rewards) / (K - 1)


@right("shifted_targets", "torch.full and indices")
def _(ids, mask):
    counts = mask[:, 1:]
    targets = torch.full_like(ids[:, 1:], -100)
    targets[counts] = ids[:, 1:][counts]
    return (ids[:, :-1], targets)


@right("pad_batch", "filled in by rows")
def _(rows, pad, side="right"):
    if side != "right" and side != "left":
        raise ValueError(f"side is {side!r}")
    T = max((len(row) for row in rows))
    ids = torch.full((len(rows), T), pad, dtype=torch.int64)
    real = torch.zeros(len(rows), T, dtype=torch.bool)
    positions = torch.zeros(len(rows), T, dtype=torch.int64)
    for r, row in enumerate(rows):
        here = slice(0, len(row)) if side == "right" else slice(T - len(row), T)
        ids[r, here] = torch.tensor(row)
        real[r, here] = True
        positions[r, here] = torch.arange(len(row))
    return (ids, real, positions)


@right("sft_step", "counts first")
def _(model, micro_batches, optimizer, max_norm):
    if all(((targets == -100).all() for _, targets in micro_batches)):
        return (0.0, 0.0)
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm)
    optimizer.step()
    return (loss, norm.item())


@right("fill_rows", "lists, then tensors")
def _(docs, rows, capacity, pad):
    ids, numbers = ([], [])
    for row in rows:
        tokens = [t for d in row for t in docs[d]]
        places = [k for k, d in enumerate(row) for _ in docs[d]]
        rest = capacity - len(tokens)
        ids.append(tokens + [pad] * rest)
        numbers.append(places + [-1] * rest)
    return (torch.tensor(ids), torch.tensor(numbers))


@right("packed_targets", "torch.where with both conditions")
def _(ids, documents, mask):
    before, here = (documents[:, :-1], documents[:, 1:])
    good = mask[:, 1:] & (before == here) & (here >= 0)
    return torch.where(good, ids[:, 1:], torch.tensor(-100))


@right("packed_logits", "split of each row by lengths")
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    found = {}
    for r, row in enumerate(rows):
        start = 0
        for d in row:
            found[d] = logits[r, start : start + len(docs[d])]
            start += len(docs[d])
    return [found[d] for d in range(len(docs))]


@right("apply_temperature", "zeros scattered into -inf")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("below 0")
    if temperature > 0:
        return logits / temperature
    out = torch.full_like(logits, -torch.inf)
    return out.scatter_(-1, logits.argmax(-1, keepdim=True), 0.0)


@right("left_pad", "flip of a right-padded batch")
def _(prompts, pad):
    if min((len(p) for p in prompts)) == 0:
        raise ValueError("an empty prompt")
    lengths = torch.tensor([len(p) for p in prompts])
    T = int(lengths.max())
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(p[::-1]) for p in prompts], batch_first=True, padding_value=pad
    ).flip(1)
    mask = torch.arange(T - 1, -1, -1) < lengths[:, None]
    positions = (torch.arange(T) - (T - lengths)[:, None]).clamp(min=0)
    return (ids, mask, positions)


@right("best_of_n", "scores first, index of the maximum")
def _(candidates, scorer):
    if len(candidates) == 0:
        raise ValueError("no candidate")
    scores = [scorer(candidate) for candidate in candidates]
    return candidates[scores.index(max(scores))]


@right("few_shot_prompt", "join of shots")
def _(examples, query, before="Q: ", between="\nA: ", after="\n\n", instruction=""):
    prompt = instruction
    for question, answer in examples:
        prompt += before + question + between + answer + after
    prompt += before + query + between
    while prompt.endswith(" "):
        prompt = prompt[:-1]
    return prompt


@right("center_rewards", "bias.data")
def _(model, ids):
    with torch.no_grad():
        mean = model(ids).mean()
    model.head.bias.data.sub_(mean)
    return mean.item()


@right("reward_step", "both losses from one stack")
def _(model, chosen, rejected, optimizer):
    optimizer.zero_grad()
    good, bad = (model(chosen), model(rejected))
    loss, accuracy = (pairwise_loss(good, bad), preference_accuracy(good.detach(), bad.detach()))
    loss.backward()
    optimizer.step()
    return (float(loss.detach()), accuracy)


@right("over_response", "masked_fill, nanless")
def _(values, mask, mean=False):
    own = mask[:, 1:]
    sums = values.masked_fill(~own, 0.0).sum(dim=1)
    if not mean:
        return sums
    return sums / own.sum(dim=1).clamp(min=1)


@right("exact_kl", "-inf taken out before the product")
def _(logits, ref_logits):
    logp, ref = (F.log_softmax(logits, -1), F.log_softmax(ref_logits.detach(), -1))
    dead = torch.isneginf(logits)
    gap = torch.where(dead, torch.zeros_like(logp), logp.masked_fill(dead, 0.0) - ref)
    return (logp.exp() * gap).sum(dim=-1)


@right("kl_rewards", "a loop over the rows")
def _(logps, ref_logps, mask, rewards, beta):
    out = torch.zeros_like(logps, requires_grad=False)
    with torch.no_grad():
        for r in range(logps.shape[0]):
            own = mask[r, 1:].nonzero().flatten()
            if len(own):
                out[r, own] = -beta * (logps[r, own] - ref_logps[r, own])
                out[r, own[-1]] += rewards[r]
    return out


@right("value_loss", "max of a stack")
def _(values, old_values, returns, mask, clip=None):
    own = mask[:, 1:]
    v, old, goal = (values[own], old_values[own].detach(), returns[own].detach())
    if v.numel() == 0:
        return v.sum()
    candidates = [v] if clip is None else [v, torch.clamp(v, old - clip, old + clip)]
    return 0.5 * torch.stack([(c - goal).square() for c in candidates]).amax(0).mean()


@right("grpo_loss", "masked before exp, row sums")
def _(logps, old_logps, ref_logps, advantages, mask, clip=0.2, beta=0.04):
    new = logps.masked_fill(~mask, 0.0)
    old = old_logps.detach().masked_fill(~mask, 0.0)
    ref = ref_logps.detach().masked_fill(~mask, 0.0)
    ratio = torch.exp(new - old)
    A = advantages.detach().unsqueeze(1)
    goal = torch.min(ratio * A, ratio.clip(1 - clip, 1 + clip) * A) - beta * k3(new, ref)
    goal = goal * mask
    return -(goal.sum(1) / mask.sum(1).clamp(min=1)).sum() / len(mask)


@right("ipo_loss", "mse_loss against a constant")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = pi_chosen - pi_rejected - (ref_chosen - ref_rejected).detach()
    return F.mse_loss(h, torch.full_like(h, 0.5 / beta))


@right("penalised", "row by row")
def _(scores, logps, reference, mask, beta):
    out = scores.detach().clone()
    for r, own in enumerate(mask[:, 1:]):
        out[r] -= beta * (logps[r][own] - reference[r][own]).detach().sum()
    return out
