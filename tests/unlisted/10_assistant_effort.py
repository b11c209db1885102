"""Solutions whose work grows too fast, and slow ones that are right: see test_unlisted.py, which parses this file."""


@wrong("assistant_mask", "the row up to here, for each token")
def _(ids):
    mask = torch.zeros(ids.shape, dtype=torch.bool)
    for b, row in enumerate(ids.tolist()):
        for t, i in enumerate(row):
            last = None
            for before in row[:t]:
                if before > 255:
                    last = before
            mask[b, t] = last == ASSISTANT and (i < 256 or i == END)
    return mask


@wrong("assistant_mask", "special tokens before it, listed for each token")
def _(ids):
    rows = []
    for row in ids.tolist():
        marks = []
        for t in range(len(row)):
            special = [i for i in row[:t] if i > 255]
            own = bool(special) and special[-1] == ASSISTANT
            marks.append(own and (row[t] < 256 or row[t] == END))
        rows.append(marks)
    return torch.tensor(rows)


@right("assistant_mask", "the last special token, carried along in a tensor")
def _(ids):
    mask = torch.zeros_like(ids, dtype=torch.bool)
    last = torch.full((ids.shape[0],), PAD)
    for t in range(ids.shape[1]):
        here = ids[:, t]
        mask[:, t] = (last == ASSISTANT) & ((here < 256) | (here == END))
        last = torch.where(here > 255, here, last)
    return mask


@right("assistant_mask", "element by element")
def _(ids):
    B, T = ids.shape
    mask = torch.zeros(B, T, dtype=torch.bool)
    for b in range(B):
        state = "nobody"
        for t in range(T):
            token = int(ids[b, t])
            if token == ASSISTANT:
                state = "assistant"
                continue
            if token > 255 and token != END:
                state = "nobody"
                continue
            if state == "assistant":
                mask[b, t] = True
                if token == END:
                    state = "nobody"
    return mask


@wrong("fill_rows", "the row so far is put together anew for each document")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        for n in range(len(row)):
            line = [token for d in row[: n + 1] for token in docs[d]]
            ids[r, : len(line)] = torch.tensor(line)
            documents[r, len(line) - len(docs[row[n]]) : len(line)] = n
    return ids, documents


@wrong("fill_rows", "the first free place is looked for from the left")
def _(docs, rows, capacity, pad):
    ids, documents = [], []
    for row in rows:
        line, numbers = [pad] * capacity, [-1] * capacity
        for n, d in enumerate(row):
            at = 0
            while numbers[at] != -1:
                at += 1
            for k, token in enumerate(docs[d]):
                line[at + k], numbers[at + k] = token, n
        ids.append(line)
        documents.append(numbers)
    return torch.tensor(ids), torch.tensor(documents)


@right("fill_rows", "token by token")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(row):
            for token in docs[d]:
                ids[r, at] = token
                documents[r, at] = n
                at += 1
    return ids, documents


@right("fill_rows", "cat, and repeat_interleave")
def _(docs, rows, capacity, pad):
    lines, owners = [], []
    for row in rows:
        lengths = torch.tensor([len(docs[d]) for d in row])
        line = torch.cat([torch.tensor(docs[d]) for d in row])
        owner = torch.arange(len(row)).repeat_interleave(lengths)
        rest = capacity - len(line)
        lines.append(torch.cat([line, torch.full((rest,), pad)]))
        owners.append(torch.cat([owner, torch.full((rest,), -1)]))
    return torch.stack(lines), torch.stack(owners)


@wrong("gae", "for each token, all later ones")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values, own = rewards.detach(), values.detach(), mask[:, 1:]
    advantages = torch.zeros_like(values)
    for b in range(len(own)):
        places = [t for t in range(own.shape[1]) if own[b, t]]
        end = torch.zeros_like(values[b, 0]) if bootstrap is None else bootstrap[b].detach()
        ahead = [values[b, t] for t in places[1:]] + [end]
        for k, t in enumerate(places):
            total, weight = 0.0, 1.0
            for n in range(k, len(places)):
                at = places[n]
                total = total + weight * (rewards[b, at] + gamma * ahead[n] - values[b, at])
                weight *= gamma * lam
            advantages[b, t] = total
    return advantages, torch.where(own, advantages + values, 0.0)


@wrong("gae", "a recursion that begins anew for each token")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values, own = rewards.detach(), values.detach(), mask[:, 1:]
    advantages = torch.zeros_like(values)
    for b in range(len(own)):
        places = own[b].nonzero().flatten().tolist()
        v = [values[b, t].item() for t in places]
        v.append(0.0 if bootstrap is None else bootstrap[b].item())
        r = [rewards[b, t].item() for t in places]

        def advantage(k):
            if k == len(places):
                return 0.0
            return r[k] + gamma * v[k + 1] - v[k] + gamma * lam * advantage(k + 1)

        for k, t in enumerate(places):
            advantages[b, t] = advantage(k)
    return advantages, torch.where(own, advantages + values, 0.0)


@right("gae", "row by row with numbers")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    rewards, values = rewards.detach(), values.detach()
    advantages, returns = torch.zeros_like(values), torch.zeros_like(values)
    for b in range(values.shape[0]):
        after = 0.0 if bootstrap is None else bootstrap[b].item()
        running = 0.0
        for t in range(values.shape[1] - 1, -1, -1):
            if not mask[b, t + 1]:
                continue
            value = values[b, t].item()
            delta = rewards[b, t].item() + gamma * after - value
            running = delta + gamma * lam * running
            advantages[b, t] = running
            returns[b, t] = running + value
            after = value
    return advantages, returns


@right("gae", "values moved up first, two loops one after the other")
def _(rewards, values, mask, gamma, lam, bootstrap=None):
    own = mask[:, 1:]
    rewards, values = (
        rewards.detach().masked_fill(~own, 0.0),
        values.detach().masked_fill(~own, 0.0),
    )
    after = torch.zeros_like(values)
    v = torch.zeros_like(values[:, 0]) if bootstrap is None else bootstrap.detach().clone()
    for t in range(values.shape[1] - 1, -1, -1):
        after[:, t] = v
        v = torch.where(own[:, t], values[:, t], v)
    deltas = rewards + gamma * after - values
    advantages, A = torch.zeros_like(values), torch.zeros_like(values[:, 0])
    for t in range(values.shape[1] - 1, -1, -1):
        A = torch.where(own[:, t], deltas[:, t] + gamma * lam * A, A)
        advantages[:, t] = A * own[:, t]
    return advantages, (advantages + values) * own


@wrong("stop_early", "for each measurement, how long since the greatest")
def _(truths, patience):
    def first_of_the_greatest(end):
        best = 0
        for k in range(end + 1):
            if truths[k] > truths[best]:
                best = k
        return best

    for i in range(len(truths)):
        if i - first_of_the_greatest(i) >= patience:
            return first_of_the_greatest(i), i
    return first_of_the_greatest(len(truths) - 1), len(truths) - 1


@wrong("stop_early", "all greater than all before it")
def _(truths, patience):
    kept = 0
    for i in range(len(truths)):
        if i and all(truths[k] < truths[i] for k in range(i)):
            kept = i
        if i - kept == patience:
            return kept, i
        if i - max((k for k in range(i + 1) if truths[k] == truths[kept]), default=0) < 0:
            return kept, i
    return kept, len(truths) - 1


@right("stop_early", "a count of bad ones")
def _(truths, patience):
    best, kept, bad, i = truths[0], 0, 0, 0
    while True:
        if i > 0 and truths[i] > best:
            best, kept, bad = truths[i], i, 0
        elif i > 0:
            bad = bad + 1
        if bad == patience or i == len(truths) - 1:
            return kept, i
        i = i + 1


@right("stop_early", "running maxima first")
def _(truths, patience):
    from itertools import accumulate

    highest = list(accumulate(truths, max))
    kept = 0
    for i, high in enumerate(highest):
        if i and high > highest[i - 1]:
            kept = i
        if i - kept == patience:
            return kept, i
    return kept, len(truths) - 1


@wrong("majority_vote", "counted by hand for each distinct answer")
def _(answers):
    found = None
    for a in dict.fromkeys(answers):
        if a is None:
            continue
        n = 0
        for b in answers:
            if a == b:
                n += 1
        if found is None or n > found[1]:
            found = (a, n)
    return found[0] if found else None


@wrong("majority_vote", "a list of entries, searched")
def _(answers):
    entries = []
    for a in answers:
        if a is not None:
            for entry in entries:
                if entry[0] == a:
                    entry[1] += 1
                    break
            else:
                entries.append([a, 1])
    best = None
    for entry in entries:
        if best is None or entry[1] > best[1]:
            best = entry
    return best and best[0]


@right("majority_vote", "places listed for each answer")
def _(answers):
    places = {}
    for i, a in enumerate(answers):
        if a is not None:
            places.setdefault(a, []).append(i)
    if not places:
        return None
    return min(places, key=lambda a: (-len(places[a]), places[a][0]))


@right("majority_vote", "list.count: fast enough for the tries that there are")
def _(answers):
    valid = [a for a in answers if a is not None]
    return max(valid, key=valid.count, default=None)
