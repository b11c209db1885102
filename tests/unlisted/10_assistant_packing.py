"""Solutions of 10/3 that no grader lists: see test_unlisted.py, which parses this file."""


@wrong("pack", "the last row that still has room after the first fit is closed")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        r = next((r for r in range(len(rows)) if room[r] >= lengths[d]), None)
        if r is None:
            rows.append([])
            room.append(capacity)
            r = -1
        rows[r].append(d)
        room[r] -= lengths[d] + 1
    return rows


@wrong("pack", "too long raises only for the first document")
def _(lengths, capacity):
    if lengths and lengths[0] > capacity:
        raise ValueError
    rows = []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        for row in rows:
            if sum(lengths[i] for i in row) + lengths[d] <= capacity:
                row.append(d)
                break
        else:
            rows.append([d])
    return rows


@wrong("pack", "sorts the caller's list")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError
    order = sorted(range(len(lengths)), key=lambda d: -lengths[d])
    rows = []
    for d in order:
        for row in rows:
            if sum(lengths[i] for i in row) + lengths[d] <= capacity:
                row.append(d)
                break
        else:
            rows.append([d])
    lengths.sort()
    return rows


@wrong("pack", "equal lengths put together in one row only once")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError
    rows = []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        for row in rows:
            if (
                sum(lengths[i] for i in row) + lengths[d] <= capacity
                and lengths[row[-1]] != lengths[d]
            ):
                row.append(d)
                break
        else:
            rows.append([d])
    return rows


@wrong("pack", "at most four documents in a row")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError
    rows = []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        for row in rows:
            if sum(lengths[i] for i in row) + lengths[d] <= capacity and len(row) < 4:
                row.append(d)
                break
        else:
            rows.append([d])
    return rows


@wrong("padding_shares", "mean of the rows' lengths alone")
def _(lengths, capacity):
    rows = pack(lengths, capacity)
    return 1 - sum(lengths) / (len(rows) * capacity), 1 - sum(lengths) / sum(lengths)


@wrong("padding_shares", "rounded")
def _(lengths, capacity):
    rows = pack(lengths, capacity)
    return round(1 - sum(lengths) / (len(rows) * capacity), 4), round(
        1 - sum(lengths) / len(lengths) / max(lengths), 4
    )


@wrong("padding_shares", "tensors")
def _(lengths, capacity):
    rows = pack(lengths, capacity)
    a, b = 1 - sum(lengths) / (len(rows) * capacity), 1 - sum(lengths) / len(lengths) / max(lengths)
    return torch.tensor([a, b], dtype=torch.float64)


@wrong("fill_rows", "document ids of dtype int32")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    who = torch.full((len(rows), capacity), -1, dtype=torch.int32)
    for r, row in enumerate(rows):
        line = [i for d in row for i in docs[d]]
        ids[r, : len(line)] = torch.tensor(line)
        who[r, : len(line)] = torch.tensor([n for n, d in enumerate(row) for _ in docs[d]])
    return ids, who


@wrong("fill_rows", "padding is the next number")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    who = torch.zeros(len(rows), capacity).long()
    for r, row in enumerate(rows):
        line = [i for d in row for i in docs[d]]
        ids[r, : len(line)] = torch.tensor(line)
        who[r] = len(row)
        who[r, : len(line)] = torch.tensor([n for n, d in enumerate(row) for _ in docs[d]])
    return ids, who


@wrong("fill_rows", "one place left free between documents where there is room")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    who = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        spare = capacity - sum(len(docs[d]) for d in row) >= len(row) > 1
        start = 0
        for n, d in enumerate(row):
            ids[r, start : start + len(docs[d])] = torch.tensor(docs[d])
            who[r, start : start + len(docs[d])] = n
            start += len(docs[d]) + spare
    return ids, who


@wrong("restart_positions", "only documents 0, 1, 2, ... in order")
def _(documents):
    out = torch.zeros_like(documents)
    for r in range(len(documents)):
        for d in range(int(documents.max()) + 1):
            at = documents[r] == d
            if d and not (documents[r] == d - 1).any():
                continue
            out[r, at] = torch.arange(int(at.sum()))
    return out


@wrong("restart_positions", "counts in the whole column block, batch flattened")
def _(documents):
    out, last, n = [], None, 0
    for d in documents.flatten().tolist():
        n = n + 1 if d == last else 0
        out.append(n if d >= 0 else 0)
        last = d
    return torch.tensor(out).view(documents.shape)


@wrong("restart_positions", "modulo the longest document")
def _(documents):
    longest = max(int((row == d).sum()) for row in documents for d in row.unique())
    return torch.arange(documents.shape[1]).expand(documents.shape) % longest * (documents >= 0)


@wrong("restart_positions", "float")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    return same.double().tril(-1).sum(-1) * (documents >= 0)


@wrong("packed_mask", "one mask for all rows, of what is the same in any")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]) & (documents != -1)[:, None, :]
    return (
        (same.tril() | torch.eye(T, dtype=torch.bool))
        .any(0, keepdim=True)
        .expand(len(documents), T, T)
    )


@wrong("packed_mask", "padding looks at the first token of its row")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]) & (documents != -1)[:, None, :]
    mask = same.tril() | torch.eye(T, dtype=torch.bool)
    mask[:, :, 0] |= documents == -1
    return mask


@wrong("packed_mask", "document 0 is open to all, like a shared prompt")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]) | (documents == 0)[:, None, :]
    same &= (documents != -1)[:, None, :] & (documents != -1)[:, :, None]
    return same.tril() | torch.eye(T, dtype=torch.bool)


@wrong("packed_mask", "neighbours' documents by number, one apart")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] - documents[:, None, :]).abs() <= 1
    same &= (documents != -1)[:, None, :] & (documents != -1)[:, :, None]
    return same.tril() | torch.eye(T, dtype=torch.bool)


@wrong("packed_targets", "the first token of a document is also no input")
def _(ids, documents, mask):
    here, there = documents[:, :-1], documents[:, 1:]
    ok = mask[:, 1:] & (here == there) & (there != -1) & mask[:, :-1]
    return ids[:, 1:].masked_fill(~ok, -100)


@wrong("packed_targets", "a change of document only where the number grows")
def _(ids, documents, mask):
    here, there = documents[:, :-1], documents[:, 1:]
    return ids[:, 1:].masked_fill(~(mask[:, 1:] & (here >= there) & (there != -1)), -100)


@wrong("packed_targets", "END is 260: what follows it does not count, whatever the documents say")
def _(ids, documents, mask):
    ok = mask[:, 1:] & (ids[:, :-1] != END) & (documents[:, 1:] != -1)
    return ids[:, 1:].masked_fill(~ok, -100)


@wrong("packed_logits", "rows of the fullest length")
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    T = max(sum(len(docs[d]) for d in row) for row in rows)
    ids, who = fill_rows(docs, rows, T, pad)
    logits = model(ids, restart_positions(who), packed_mask(who))
    found = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            found[d] = logits[r, who[r] == n]
    return found


@wrong("packed_logits", "row by row")
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    found = [None] * len(docs)
    for row in rows:
        ids, who = fill_rows(docs, [row], capacity, pad)
        logits = model(ids, restart_positions(who), packed_mask(who))
        for n, d in enumerate(row):
            found[d] = logits[0, who[0] == n]
    return found


@wrong("packed_logits", "log-probabilities")
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    ids, who = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(who), packed_mask(who)).log_softmax(-1)
    found = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            found[d] = logits[r, who[r] == n]
    return found


@wrong("packed_logits", "under no_grad")
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    ids, who = fill_rows(docs, rows, capacity, pad)
    with torch.no_grad():
        logits = model(ids, restart_positions(who), packed_mask(who))
    found = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            found[d] = logits[r, who[r] == n]
    return found


@wrong("cu_seqlens", "numbers counted by value over all rows")
def _(documents):
    _, counts = documents[documents != -1].unique(return_counts=True)
    return torch.tensor([0, *counts.tolist()]).cumsum(0).int(), max(counts.tolist(), default=0)


@wrong("cu_seqlens", "restarts in each row")
def _(documents):
    cu, longest = [0], 0
    for row in documents:
        _, counts = row[row != -1].unique_consecutive(return_counts=True)
        cu += counts.cumsum(0).tolist()
        longest = max([longest, *counts.tolist()])
    return torch.tensor(cu, dtype=torch.int32), longest


@wrong("cu_seqlens", "places in the padded line")
def _(documents):
    T, cu, longest = documents.shape[1], [], 0
    for r, row in enumerate(documents):
        _, counts = row[row != -1].unique_consecutive(return_counts=True)
        start = r * T
        for n in counts.tolist():
            cu.append(start)
            start += n
            longest = max(longest, n)
    return torch.tensor([*cu, documents.numel()], dtype=torch.int32), longest
