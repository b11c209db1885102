@wrong("encode_text", "spaces at both ends are stripped")
def _(text):
    return list(text.strip().encode("utf-8"))


@right("encode_text", "iterating over a bytearray")
def _(text):
    return [int(b) for b in bytearray(text, "utf-8")]


@wrong("generation_prompt", "a conversation that ends with the assistant is accepted")
def _(messages):
    if not messages or messages[-1]["role"] == "system":
        raise ValueError("nobody asked")
    return [*render_chat(messages), ASSISTANT]


@wrong("parse_reply", "the text is stripped")
def _(ids):
    n = next((k for k, i in enumerate(ids) if i > 255), len(ids))
    text = bytes(ids[:n]).decode("utf-8", errors="replace").strip()
    return text, n < len(ids) and ids[n] == END


@right("fit_context", "the first start that fits, by next() over a range")
def _(messages, budget):
    generation_prompt(messages)
    head = messages[:1] if messages[0]["role"] == "system" else []
    fitting = (
        head + messages[start:]
        for start in range(len(head), len(messages), 2)
        if len(generation_prompt(head + messages[start:])) <= budget
    )
    found = next(fitting, None)
    if found is None:
        raise ValueError("even the last question alone is too long")
    return found


@wrong("sft_loss", "nan where nothing counts")
def _(logits, targets, total=None):
    loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)
    if total is None:
        return loss
    return loss * (targets != -100).sum() / total


@right("accumulate", "an inner function, batches in which nothing counts filtered out")
def _(model, micro_batches):
    count = lambda pair: int(pair[1].ne(-100).sum())
    total = sum(map(count, micro_batches))

    def share(pair):
        loss = sft_loss(model(pair[0]), pair[1], total=total)
        loss.backward()
        return loss.item()

    return sum((share(pair) for pair in filter(count, micro_batches)), 0.0)


@wrong("sft_step", "makes a step also where nothing counts: momentum and decay still move")
def _(model, micro_batches, optimizer, max_norm):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss, float(norm)


@wrong("pack", "of equally long documents the last comes first")
def _(lengths, capacity):
    if lengths and max(lengths) > capacity:
        raise ValueError("too long")
    rows, room = [], []
    for i in sorted(range(len(lengths)), key=lambda i: (lengths[i], i), reverse=True):
        for r in range(len(rows)):
            if room[r] >= lengths[i]:
                rows[r].append(i)
                room[r] -= lengths[i]
                break
        else:
            rows.append([i])
            room.append(capacity - lengths[i])
    return rows


@right("padding_shares", "one formula for both, over pairs of rows and width")
def _(lengths, capacity):
    real, n = sum(lengths), len(pack(lengths, capacity))
    packed, alone = (
        (places - real) / places for places in (n * capacity, len(lengths) * max(lengths))
    )
    return packed, alone


@wrong("packed_mask", "padding sees the padding before it")
def _(documents):
    T = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    return same & torch.ones(T, T, dtype=torch.bool).tril()


@right("packed_targets", "a nested loop over lists")
def _(ids, documents, mask):
    out = ids[:, 1:].clone()
    d, m = documents.tolist(), mask.tolist()
    for r in range(out.shape[0]):
        for t in range(out.shape[1]):
            if not (m[r][t + 1] and d[r][t + 1] == d[r][t] != -1):
                out[r, t] = -100
    return out


@wrong("lora_init", "divided by the root of the rank")
def _(d_in, d_out, r, g):
    return torch.randn(r, d_in, generator=g) / r**0.5, torch.zeros(d_out, r)


@right("apply_lora", "a dict of what is replaced, set through _modules")
def _(model, names, r, alpha, g):
    wanted = frozenset(names)
    chosen = {
        full: module
        for full, module in model.named_modules()
        if isinstance(module, nn.Linear) and not wanted.isdisjoint({full, full.rpartition(".")[2]})
    }
    if not chosen:
        raise ValueError(f"no layer is called {sorted(wanted)}")
    for p in model.parameters():
        p.requires_grad = False
    for full, module in chosen.items():
        owner, _, last = full.rpartition(".")
        new = LoRALinear(module, r, alpha, g)
        new.train(module.training)
        model.get_submodule(owner)._modules[last] = new
    return list(chosen)


@wrong(
    "lora_step", "fails where the loss does not use a trained parameter, which has no gradient then"
)
def _(model, inputs, targets, lr):
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.grad = None
    loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
    loss.backward()
    with torch.no_grad():
        for p in trained:
            p -= lr * p.grad
    return loss.item(), sum(p.numel() for p in trained)


@wrong("lora_unmerge", "subtracts without looking whether it is merged")
def _(layer):
    layer.base.weight.data -= layer.alpha / layer.r * (layer.B.data @ layer.A.data)
    layer.merged = False


@wrong("apply_temperature", "0: all of several largest stay")
def _(logits, temperature):
    if temperature < 0:
        raise ValueError("negative")
    if temperature == 0:
        best = logits == logits.amax(-1, keepdim=True)
        return torch.where(best, 0.0, -torch.inf).to(logits.dtype)
    return logits / temperature


@right("apply_temperature", "full_like and scatter_ at the argmax")
def _(logits, temperature):
    match temperature:
        case t if t < 0:
            raise ValueError(f"{t} is below 0")
        case 0:
            largest = logits.amax(-1, keepdim=True)
            first = ((logits == largest).cumsum(-1) == 1) & (logits == largest)
            return torch.full_like(logits, -torch.inf).masked_fill_(first, 0.0)
        case t:
            return logits.div(t)


@wrong("top_p_filter", "p = 0 is allowed: nothing stays")
def _(logits, p):
    if p < 0 or p > 1:
        raise ValueError("p")
    probs = logits.softmax(-1)
    values, order = probs.sort(dim=-1, descending=True, stable=True)
    out = (values.cumsum(-1) - values) >= p
    return logits.masked_fill(torch.zeros_like(out).scatter(-1, order, out), -torch.inf)


@wrong("draw", "u is not multiplied with the sum of the row")
def _(probs, u):
    sums = probs.double().cumsum(-1)
    return (sums > u[:, None]).int().argmax(-1)


@right("left_pad", "countdown from the right edge")
def _(prompts, pad):
    if not all(prompts):
        raise ValueError("a prompt is empty")
    lengths = torch.tensor(list(map(len, prompts))).unsqueeze(1)
    T = int(lengths.max())
    positions = torch.arange(T) - (T - lengths)
    mask = positions >= 0
    ids = torch.full(mask.shape, pad, dtype=torch.int64)
    ids.masked_scatter_(mask, torch.tensor([i for p in prompts for i in p]))
    return ids, mask, positions.clamp(min=0)


@wrong("answer_logprob", "the logits are read one place too late")
def _(model, prompt, answer):
    ids = torch.tensor([prompt + answer])
    with torch.no_grad():
        logp = model(ids)[0].log_softmax(-1)
    return sum(logp[len(prompt) + i, a].item() for i, a in enumerate(answer))


@wrong("best_of_n", "sorted pairs: candidates are compared where scores are equal")
def _(candidates, scorer):
    if not candidates:
        raise ValueError("no candidate")
    return max((scorer(c), c) for c in candidates)[1]


@right("majority_vote", "max over a list of valid ones by count")
def _(answers):
    valid = [a for a in answers if a is not None]
    return max(valid, key=valid.count, default=None)


@wrong("pass_at_k", "an int where it is certain")
def _(n, c, k):
    if k < 1 or k > n:
        raise ValueError("k")
    if n - c < k:
        return 1
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


@wrong("pairwise_loss", "log of the sigmoid: -inf far apart")
def _(chosen, rejected):
    return -torch.sigmoid(chosen - rejected).log().mean()


@right("pairwise_loss", "logaddexp of the other difference and 0")
def _(chosen, rejected):
    behind = rejected - chosen
    return torch.logaddexp(behind, torch.zeros_like(behind)).mean()


@wrong("reward_step", "accuracy after the step")
def _(model, chosen, rejected, optimizer):
    optimizer.zero_grad()
    loss = pairwise_loss(model(chosen), model(rejected))
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        return loss.item(), preference_accuracy(model(chosen), model(rejected))


@right("center_rewards", "bias.data.sub_ of a tensor")
def _(model, ids):
    with torch.no_grad():
        before = model(ids).mean()
    model.head.bias.data.sub_(before)
    return float(before)


@wrong("token_logprobs", "no temperature")
def _(logits, ids, temperature=1.0):
    return logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


@right("leave_one_out", "a matrix that averages the others")
def _(rewards):
    K = rewards.shape[1]
    if K < 2:
        raise ValueError("there are no others")
    r = rewards.detach()
    others = (torch.ones(K, K, dtype=r.dtype) - torch.eye(K, dtype=r.dtype)) / (K - 1)
    return r - r @ others


@wrong("ppo_loss", "a mean for each row, then over the rows")
def _(logps, old_logps, advantages, mask, clip):
    m = mask[:, 1:]
    d = torch.where(m, logps, 0.0) - torch.where(m, old_logps.detach(), 0.0)
    A = torch.where(m, advantages.detach(), 0.0)
    ratio = d.exp()
    goal = torch.minimum(ratio * A, ratio.clamp(1 - clip, 1 + clip) * A)
    return -(goal.sum(1) / m.sum(1).clamp(min=1)).mean()


@right("ppo_steps", "an inner generator of minibatches as dicts")
def _(policy, rollout, optimizer, clip, epochs, batch_size, g):
    def minibatches():
        for _ in range(epochs):
            order = torch.randperm(rollout["ids"].shape[0], generator=g)
            for i in range(0, len(order), batch_size):
                yield {name: t[order[i : i + batch_size]] for name, t in rollout.items()}

    told = []
    for part in minibatches():
        logps = token_logprobs(policy(part["ids"]), part["ids"])
        loss = ppo_loss(logps, part["old_logps"], part["advantages"], part["mask"], clip)
        told.append(
            [loss.item(), clip_fraction(logps.detach(), part["old_logps"], part["mask"], clip)]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return told


@wrong("group_advantages", "nan for groups of one")
def _(rewards, group_size, eps=1e-4):
    if len(rewards) % group_size:
        raise ValueError("no multiple")
    r = rewards.view(-1, group_size)
    return ((r - r.mean(1, keepdim=True)) / (r.std(1, keepdim=True) + eps)).flatten()


@wrong("average", '"answer": rows without tokens are not counted')
def _(losses, mask, how, max_tokens=None):
    kept = torch.where(mask, losses, 0.0)
    match how:
        case "answer":
            some = mask.any(1)
            return (kept.sum(1) / mask.sum(1).clamp(min=1)).sum() / some.sum().clamp(min=1)
        case "token":
            return kept.sum() / mask.sum().clamp(min=1)
        case "constant":
            return (kept.sum(1) / max_tokens).mean()
        case _:
            raise ValueError(how)


@right("answer_logps", "cross-entropy with -100 outside of the answer")
def _(logits, ids, mask):
    targets = ids[:, 1:].masked_fill(~mask[:, 1:], -100)
    return -F.cross_entropy(logits[:, :-1].transpose(1, 2), targets, reduction="none").sum(1)


@wrong("dpo_gradients", "not divided by the number of pairs")
def _(pi_chosen, pi_rejected, ref_chosen, ref_rejected, beta=0.1):
    h = (pi_chosen - ref_chosen) - (pi_rejected - ref_rejected)
    d = beta * torch.sigmoid(-beta * h)
    return -d, d


@wrong("dpo_step", "the reference reads in eval mode and stays in it")
def _(policy, reference, batch, optimizer, beta=0.1):
    reference.eval()
    logps = {}
    for side in ("chosen", "rejected"):
        ids, mask = batch[side], batch[side + "_mask"]
        with torch.no_grad():
            logps["ref_" + side] = answer_logps(reference(ids), ids, mask)
        logps["pi_" + side] = answer_logps(policy(ids), ids, mask)
    loss = dpo_loss(**logps, beta=beta)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@right("verify", "digits by divmod, compared with what comes up to END")
def _(response, a, b):
    total, wanted = a + b, []
    while True:
        total, digit = divmod(total, 10)
        wanted.append(digit)
        if total == 0:
            break
    wanted.append(END)
    return float(list(response[: len(wanted)]) == wanted)


@wrong("rms_norm", "eps outside of the root")
def _(x, weight, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True).sqrt() + eps) * weight


@right("grouped_attention", "query heads in groups of a fifth dimension, einsum")
def _(q, k, v):
    B, H, Tq, hs = q.shape
    G, Tk = k.shape[1], k.shape[2]
    grouped = q.reshape(B, G, H // G, Tq, hs)
    scores = torch.einsum("bgntd,bgsd->bgnts", grouped, k) / hs**0.5
    seen = torch.arange(Tk) <= torch.arange(Tk - Tq, Tk)[:, None]
    shares = scores.masked_fill(~seen, -torch.inf).softmax(-1)
    return torch.einsum("bgnts,bgsd->bgntd", shares, v).reshape(B, H, Tq, hs)


@wrong("reply", "the end token is yielded")
def _(model, ids, end, max_new, temperature=0.0, generator=None):
    caches = model.new_caches()
    for _ in range(max_new):
        with torch.no_grad():
            logits = model(ids, caches)[:, -1]
        if temperature == 0:
            ids = logits.argmax(-1, keepdim=True)
        else:
            ids = torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)
        yield ids.item()
        if ids.item() == end:
            return
