"""Packed rows: solutions written from the docstrings alone, as a class might hand them in."""


@wrong("pack", "best fit: the fullest row that has room")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        fits = [r for r in range(len(rows)) if room[r] >= lengths[d]]
        if fits:
            r = min(fits, key=lambda r: room[r])
            rows[r].append(d)
            room[r] -= lengths[d]
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@wrong("pack", "next fit: only the last row is looked at")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], 0
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        if not rows or room < lengths[d]:
            rows.append([])
            room = capacity
        rows[-1].append(d)
        room -= lengths[d]
    return rows


@wrong("pack", "equally long ones: the last first")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: (lengths[d], d))[::-1]:
        for r in range(len(rows)):
            if room[r] >= lengths[d]:
                rows[r].append(d)
                room[r] -= lengths[d]
                break
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@wrong("pack", "exactly full is refused")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        for r in range(len(rows)):
            if room[r] > lengths[d]:
                rows[r].append(d)
                room[r] -= lengths[d]
                break
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@wrong("pack", "a document as long as capacity is refused")
def _(lengths, capacity):
    if any(n >= capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        for r in range(len(rows)):
            if room[r] >= lengths[d]:
                rows[r].append(d)
                room[r] -= lengths[d]
                break
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@wrong("pack", "lengths instead of places")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for n in sorted(lengths, reverse=True):
        for row in rows:
            if sum(row) + n <= capacity:
                row.append(n)
                break
        else:
            rows.append([n])
    return rows


@wrong("pack", "each row's documents sorted by place")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        for r in range(len(rows)):
            if room[r] >= lengths[d]:
                rows[r].append(d)
                room[r] -= lengths[d]
                break
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return [sorted(row) for row in rows]


@wrong("pack", "places found with index: equal lengths mixed up")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [], []
    for n in sorted(lengths, reverse=True):
        d = lengths.index(n)
        for r in range(len(rows)):
            if room[r] >= n:
                rows[r].append(d)
                room[r] -= n
                break
        else:
            rows.append([d])
            room.append(capacity - n)
    return rows


@wrong("pack", "sorts the caller's lengths")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    places = sorted(range(len(lengths)), key=lambda d: (-lengths[d], d))
    lengths.sort(reverse=True)
    rows, room = [], []
    for d, n in zip(places, lengths, strict=True):
        for r in range(len(rows)):
            if room[r] >= n:
                rows[r].append(d)
                room[r] -= n
                break
        else:
            rows.append([d])
            room.append(capacity - n)
    return rows


@wrong("pack", "too long documents are skipped")
def _(lengths, capacity):
    rows, room = [], []
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        if lengths[d] > capacity:
            continue
        for r in range(len(rows)):
            if room[r] >= lengths[d]:
                rows[r].append(d)
                room[r] -= lengths[d]
                break
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@wrong("pack", "no documents: one empty row")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows, room = [[]], [capacity]
    for d in sorted(range(len(lengths)), key=lambda d: (-lengths[d], d)):
        for r in range(len(rows)):
            if room[r] >= lengths[d]:
                rows[r].append(d)
                room[r] -= lengths[d]
                break
        else:
            rows.append([d])
            room.append(capacity - lengths[d])
    return rows


@right("pack", "sums of rows anew, next with a default")
def _(lengths, capacity):
    if max(lengths, default=0) > capacity:
        raise ValueError("too long")
    rows = []
    for _, d in sorted((-n, d) for d, n in enumerate(lengths)):
        row = next((r for r in rows if sum(lengths[e] for e in r) + lengths[d] <= capacity), None)
        if row is None:
            row = []
            rows.append(row)
        row.append(d)
    return rows


@right("pack", "sorted with reverse=True, which keeps the order of equals")
def _(lengths, capacity):
    rows, used = [], []
    for d in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if lengths[d] > capacity:
            raise ValueError(f"{lengths[d]} > {capacity}")
        r = 0
        while r < len(rows) and used[r] + lengths[d] > capacity:
            r += 1
        if r == len(rows):
            rows.append([])
            used.append(0)
        rows[r].append(d)
        used[r] += lengths[d]
    return rows


@wrong("padding_shares", "alone: rows of capacity")
def _(lengths, capacity):
    used = sum(lengths)
    return 1 - used / (len(pack(lengths, capacity)) * capacity), 1 - used / (
        len(lengths) * capacity
    )


@wrong("padding_shares", "packed: rows as long as the fullest")
def _(lengths, capacity):
    rows = pack(lengths, capacity)
    used, longest = sum(lengths), max(sum(lengths[d] for d in row) for row in rows)
    return 1 - used / (len(rows) * longest), 1 - used / (len(lengths) * max(lengths))


@wrong("padding_shares", "the filled shares")
def _(lengths, capacity):
    used = sum(lengths)
    return used / (len(pack(lengths, capacity)) * capacity), used / (len(lengths) * max(lengths))


@wrong("padding_shares", "the mean of the rows' shares, alone: of each row")
def _(lengths, capacity):
    rows = pack(lengths, capacity)
    packed = sum(1 - sum(lengths[d] for d in row) / capacity for row in rows) / len(rows)
    alone = [1 - n / max(lengths) for n in set(lengths)]
    return packed, sum(alone) / len(alone)


@wrong("padding_shares", "padding relative to the tokens")
def _(lengths, capacity):
    used = sum(lengths)
    return (len(pack(lengths, capacity)) * capacity - used) / used, (
        len(lengths) * max(lengths) - used
    ) / used


@wrong("padding_shares", "fewest possible rows, not pack's")
def _(lengths, capacity):
    used = sum(lengths)
    pack(lengths, capacity)
    return 1 - used / (-(-used // capacity) * capacity), 1 - used / (len(lengths) * max(lengths))


@wrong("padding_shares", "numbers swapped")
def _(lengths, capacity):
    used = sum(lengths)
    return 1 - used / (len(lengths) * max(lengths)), 1 - used / (
        len(pack(lengths, capacity)) * capacity
    )


@wrong("padding_shares", "rounded to four places")
def _(lengths, capacity):
    used = sum(lengths)
    return round(1 - used / (len(pack(lengths, capacity)) * capacity), 4), round(
        1 - used / (len(lengths) * max(lengths)), 4
    )


@wrong("padding_shares", "tensors of float32")
def _(lengths, capacity):
    n = torch.tensor(lengths, dtype=torch.float32)
    rows = len(pack(lengths, capacity))
    return 1 - n.sum() / (rows * capacity), 1 - n.mean() / n.max()


@right("padding_shares", "empty places counted row by row")
def _(lengths, capacity):
    rows = pack(lengths, capacity)
    empty = sum(capacity - sum(lengths[d] for d in row) for row in rows)
    longest = max(lengths)
    lost = sum(longest - n for n in lengths)
    return empty / (len(rows) * capacity), lost / (len(lengths) * longest)


@right("padding_shares", "tensors of float64, at the end Python floats")
def _(lengths, capacity):
    n = torch.tensor(lengths, dtype=torch.float64)
    places = torch.tensor([len(pack(lengths, capacity)) * capacity, len(n) * n.max()])
    return tuple(float(x) for x in 1 - n.sum() / places.double())


@wrong("fill_rows", "document ids are places in docs")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        at = 0
        for d in row:
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = d
            at += len(docs[d])
    return ids, documents


@wrong("fill_rows", "document ids from 1 on, padding -1")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(row, 1):
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
    return ids, documents


@wrong("fill_rows", "document ids go on from row to row")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    n = 0
    for r, row in enumerate(rows):
        at = 0
        for d in row:
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
            n += 1
    return ids, documents


@wrong("fill_rows", "padding where the id is pad")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(row):
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
    documents[ids == pad] = -1
    return ids, documents


@wrong("fill_rows", "rows as long as the fullest")
def _(docs, rows, capacity, pad):
    capacity = max(sum(len(docs[d]) for d in row) for row in rows)
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(row):
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
    return ids, documents


@wrong("fill_rows", "padding gets document 0")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.zeros(len(rows), capacity, dtype=torch.int64)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(row):
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
    return ids, documents


@wrong("fill_rows", "documents in their order in docs")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(sorted(row)):
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
    return ids, documents


@wrong("fill_rows", "joins into the first document's own list")
def _(docs, rows, capacity, pad):
    ids, documents = [], []
    for row in rows:
        numbers = [n for n, d in enumerate(row) for _ in docs[d]]
        line = docs[row[0]]
        for d in row[1:]:
            line += docs[d]
        rest = capacity - len(line)
        ids.append(line + [pad] * rest)
        documents.append(numbers + [-1] * rest)
    return torch.tensor(ids), torch.tensor(documents)


@wrong("fill_rows", "documents int32")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad)
    documents = torch.full((len(rows), capacity), -1, dtype=torch.int32)
    for r, row in enumerate(rows):
        at = 0
        for n, d in enumerate(row):
            ids[r, at : at + len(docs[d])] = torch.tensor(docs[d])
            documents[r, at : at + len(docs[d])] = n
            at += len(docs[d])
    return ids, documents


@right("fill_rows", "lists that grow, padded at the end")
def _(docs, rows, capacity, pad):
    ids, documents = [], []
    for row in rows:
        line, who = [], []
        for n, d in enumerate(row):
            line.extend(docs[d])
            who.extend([n] * len(docs[d]))
        ids.append((line + [pad] * capacity)[:capacity])
        documents.append((who + [-1] * capacity)[:capacity])
    return torch.tensor(ids), torch.tensor(documents)


@right("fill_rows", "repeat_interleave and cat")
def _(docs, rows, capacity, pad):
    ids = torch.full((len(rows), capacity), pad, dtype=torch.long)
    documents = torch.full_like(ids, -1)
    for r, row in enumerate(rows):
        line = torch.cat([torch.tensor(docs[d], dtype=torch.long) for d in row])
        n = torch.tensor([len(docs[d]) for d in row])
        ids[r, : len(line)] = line
        documents[r, : len(line)] = torch.arange(len(row)).repeat_interleave(n)
    return ids, documents


@wrong("restart_positions", "restarts only where the number grows")
def _(documents):
    R, T = documents.shape
    column = torch.arange(T).expand(R, T)
    new = torch.zeros(R, T, dtype=torch.bool)
    new[:, 1:] = documents[:, 1:] > documents[:, :-1]
    start = torch.where(new, column, 0).cummax(1).values
    return torch.where(documents < 0, 0, column - start)


@wrong("restart_positions", "padding counts on")
def _(documents):
    R, T = documents.shape
    column = torch.arange(T).expand(R, T)
    new = torch.zeros(R, T, dtype=torch.bool)
    new[:, 1:] = documents[:, 1:] != documents[:, :-1]
    return column - torch.where(new, column, 0).cummax(1).values


@wrong("restart_positions", "starts found by documents' numbers 0, 1, 2")
def _(documents):
    R, T = documents.shape
    out = torch.zeros_like(documents)
    for r in range(R):
        for d in range(int(documents[r].max()) + 1):
            n = int((documents[r] == d).sum())
            out[r, documents[r] == d] = torch.arange(n)
            if n == 0:
                break
    return out


@wrong("restart_positions", "the state goes on from row to row")
def _(documents):
    out, before, p = [], None, 0
    for d in documents.flatten().tolist():
        p = p + 1 if d == before else 0
        before = d
        out.append(0 if d == -1 else p)
    return torch.tensor(out).view(documents.shape)


@wrong("restart_positions", "begins with 1")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    return torch.where(documents < 0, 0, same.tril().sum(-1))


@wrong("restart_positions", "in floats")
def _(documents):
    same = (documents[:, :, None] == documents[:, None, :]).float()
    return torch.where(documents < 0, 0, same.tril().sum(-1) - 1)


@wrong("restart_positions", "the first row's beginnings for all rows")
def _(documents):
    T = documents.shape[1]
    column = torch.arange(T)
    first = documents[0]
    new = torch.cat([torch.tensor([False]), first[1:] != first[:-1]])
    start = torch.where(new, column, 0).cummax(0).values
    return torch.where(documents < 0, 0, column - start)


@wrong("restart_positions", "off by one: start is the column before")
def _(documents):
    R, T = documents.shape
    column = torch.arange(T).expand(R, T)
    new = torch.zeros(R, T, dtype=torch.bool)
    new[:, :-1] = documents[:, 1:] != documents[:, :-1]
    start = torch.where(new, column, 0).cummax(1).values
    return torch.where(documents < 0, 0, column - start)


@wrong("restart_positions", "padding shown as -1")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    return torch.where(documents < 0, -1, same.tril().sum(-1) - 1)


@right("restart_positions", "equal tokens before, counted in the triangle")
def _(documents):
    same = documents.unsqueeze(2) == documents.unsqueeze(1)
    before = same.tril(-1).sum(2)
    return before.masked_fill(documents == -1, 0)


@right("restart_positions", "a loop over columns")
def _(documents):
    out = torch.zeros_like(documents)
    for t in range(1, documents.shape[1]):
        going = (documents[:, t] == documents[:, t - 1]) & (documents[:, t] >= 0)
        out[:, t] = torch.where(going, out[:, t - 1] + 1, 0)
    return out


@wrong("packed_mask", "padding looks at padding before it")
def _(documents):
    return (documents[:, :, None] == documents[:, None, :]).tril()


@wrong("packed_mask", "padding looks at nothing")
def _(documents):
    real = documents >= 0
    return (documents[:, :, None] == documents[:, None, :]).tril() & real[:, :, None]


@wrong("packed_mask", "not causal")
def _(documents):
    T = documents.shape[1]
    same = documents[:, :, None] == documents[:, None, :]
    real = (documents >= 0)[:, :, None]
    return torch.where(real, same, torch.eye(T, dtype=torch.bool))


@wrong("packed_mask", "axes swapped")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    real = (documents >= 0)[:, :, None]
    return torch.where(real, same, torch.eye(T, dtype=torch.bool)).mT


@wrong("packed_mask", "True where looking is forbidden")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    real = (documents >= 0)[:, :, None]
    return ~torch.where(real, same, torch.eye(T, dtype=torch.bool))


@wrong("packed_mask", "earlier documents may be looked at")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] >= documents[:, None, :]).tril()
    real = (documents >= 0)[:, :, None]
    return torch.where(real, same, torch.eye(T, dtype=torch.bool))


@wrong("packed_mask", "with a dimension for heads")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    real = (documents >= 0)[:, :, None]
    return torch.where(real, same, torch.eye(T, dtype=torch.bool))[:, None]


@wrong("packed_mask", "the first row's mask for all")
def _(documents):
    R, T = documents.shape
    d = documents[0]
    same = (d[:, None] == d[None]).tril()
    m = torch.where((d >= 0)[:, None], same, torch.eye(T, dtype=torch.bool))
    return m.expand(R, T, T)


@wrong("packed_mask", "additive: 0 and -inf")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    real = (documents >= 0)[:, :, None]
    m = torch.where(real, same, torch.eye(T, dtype=torch.bool))
    return torch.zeros(m.shape).masked_fill(~m, float("-inf"))


@wrong("packed_mask", "strictly earlier, and itself only in padding")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril(-1)
    real = (documents >= 0)[:, :, None]
    return torch.where(real, same, torch.eye(T, dtype=torch.bool))


@wrong("packed_mask", "document 0 taken for padding")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    real = (documents > 0)[:, :, None]
    return torch.where(real, same, torch.eye(T, dtype=torch.bool))


@right("packed_mask", "from restart_positions: how far back")
def _(documents):
    T = documents.shape[1]
    at = torch.arange(T)
    back = at[:, None] - at[None]
    return (back >= 0) & (back <= restart_positions(documents)[:, :, None])


@right("packed_mask", "three loops")
def _(documents):
    rows = documents.tolist()
    return torch.tensor(
        [
            [
                [q == k or (row[q] == row[k] != -1 and k < q) for k in range(len(row))]
                for q in range(len(row))
            ]
            for row in rows
        ]
    )


@wrong("packed_targets", "a document's last token predicts the next one's first")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (documents[:, 1:] >= 0)
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "padding predicts padding, if the mask says so")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1])
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "the mask not shifted")
def _(ids, documents, mask):
    counts = mask[:, :-1] & (documents[:, 1:] == documents[:, :-1]) & (documents[:, 1:] >= 0)
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "the mask ignored")
def _(ids, documents, mask):
    counts = (documents[:, 1:] == documents[:, :-1]) & (documents[:, 1:] >= 0)
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "-100 written into ids")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1]) & (documents[:, 1:] >= 0)
    targets = ids[:, 1:]
    targets[~counts] = -100
    return targets


@wrong("packed_targets", "left out where ids equal the one before")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (restart_positions(documents)[:, 1:] > 0) & (ids[:, 1:] != ids[:, :-1])
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "document 0 taken for padding")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1]) & (documents[:, 1:] > 0)
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "T targets wide, each column its own token")
def _(ids, documents, mask):
    counts = mask & (restart_positions(documents) > 0)
    return torch.where(counts, ids, -100)


@wrong("packed_targets", "padding found by the id of PAD")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1]) & (ids[:, 1:] != PAD)
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "both tokens must count")
def _(ids, documents, mask):
    counts = (
        mask[:, 1:]
        & mask[:, :-1]
        & (documents[:, 1:] == documents[:, :-1])
        & (documents[:, 1:] >= 0)
    )
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "the first token of a later document only left out where numbers grow")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (documents[:, 1:] <= documents[:, :-1]) & (documents[:, 1:] >= 0)
    return torch.where(counts, ids[:, 1:], -100)


@right("packed_targets", "positions above 0 are never first")
def _(ids, documents, mask):
    counts = mask & (restart_positions(documents) > 0)
    return ids.masked_fill(~counts, -100)[:, 1:]


@right("packed_targets", "a loop")
def _(ids, documents, mask):
    R, T = ids.shape
    out = torch.full((R, T - 1), -100)
    for r in range(R):
        for t in range(T - 1):
            d = documents[r, t].item()
            if d != -1 and d == documents[r, t + 1].item() and mask[r, t + 1]:
                out[r, t] = ids[r, t + 1]
    return out


@wrong("packed_logits", "in the order of the rows")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    return [logits[r][documents[r] == n] for r, row in enumerate(rows) for n in range(len(row))]


@wrong("packed_logits", "one call for each row")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    out = [None] * len(docs)
    for row in rows:
        ids, documents = fill_rows(docs, [row], capacity, pad)
        logits = model(ids, restart_positions(documents), packed_mask(documents))[0]
        for n, d in enumerate(row):
            out[d] = logits[documents[0] == n]
    return out


@wrong("packed_logits", "each document alone")
def _(model, docs, capacity, pad):
    pack([len(d) for d in docs], capacity)
    out = []
    for doc in docs:
        T = len(doc)
        mask = torch.ones(1, T, T, dtype=torch.bool).tril()
        out.append(model(torch.tensor([doc]), torch.arange(T)[None], mask)[0])
    return out


@wrong("packed_logits", "no_grad")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    with torch.no_grad():
        logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            out[d] = logits[r][documents[r] == n]
    return out


@wrong("packed_logits", "eval mode set")
def _(model, docs, capacity, pad):
    if isinstance(model, nn.Module):
        model.eval()
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            out[d] = logits[r][documents[r] == n]
    return out


@wrong("packed_logits", "positions are columns")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    positions = torch.arange(capacity).expand(len(rows), capacity)
    logits = model(ids, positions, packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            out[d] = logits[r][documents[r] == n]
    return out


@wrong("packed_logits", "one document a row, padded to capacity")
def _(model, docs, capacity, pad):
    pack([len(d) for d in docs], capacity)
    rows = [[d] for d in range(len(docs))]
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    return [logits[d, : len(doc)] for d, doc in enumerate(docs)]


@wrong("packed_logits", "inverted mask")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), ~packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            out[d] = logits[r][documents[r] == n]
    return out


@wrong("packed_logits", "rows cut to the fullest")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    full = max(sum(len(docs[d]) for d in row) for row in rows)
    ids, documents = fill_rows(docs, rows, full, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            out[d] = logits[r][documents[r] == n]
    return out


@wrong("packed_logits", "pad frozen at 0")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, 0)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        for n, d in enumerate(row):
            out[d] = logits[r][documents[r] == n]
    return out


@wrong("packed_logits", "cut apart by places counted, off by one from the second on")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = [None] * len(docs)
    for r, row in enumerate(rows):
        at = 0
        for d in row:
            out[d] = logits[r, at : at + len(docs[d])]
            at += len(docs[d]) - (len(row) > 2)
    return out


@wrong("packed_logits", "a dict from document to logits")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    return {
        d: logits[r][documents[r] == n] for r, row in enumerate(rows) for n, d in enumerate(row)
    }


@right("packed_logits", "split by lengths, sorted back")
def _(model, docs, capacity, pad):
    rows = pack(list(map(len, docs)), capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    found = []
    for r, row in enumerate(rows):
        sizes = [len(docs[d]) for d in row]
        pieces = logits[r, : sum(sizes)].split(sizes)
        found += zip(row, pieces, strict=True)
    return [piece for _, piece in sorted(found, key=lambda pair: pair[0])]


@right("packed_logits", "slices found for each document")
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    positions, mask = restart_positions(documents), packed_mask(documents)
    logits = model(ids, positions, mask)
    out = []
    for d in range(len(docs)):
        r = next(r for r, row in enumerate(rows) if d in row)
        start = sum(len(docs[e]) for e in rows[r][: rows[r].index(d)])
        out.append(logits[r, start : start + len(docs[d])].clone())
    return out


@wrong("cu_seqlens", "documents at a row's border joined where their numbers are equal")
def _(documents):
    flat = documents[documents >= 0]
    if len(flat) == 0:
        return torch.zeros(1, dtype=torch.int32), 0
    n = torch.unique_consecutive(flat, return_counts=True)[1]
    cu = torch.cat([torch.zeros(1, dtype=torch.int64), n.cumsum(0)]).int()
    return cu, int(n.max())


@wrong("cu_seqlens", "int64")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
    return torch.tensor([0, *n]).cumsum(0), max(n, default=0)


@wrong("cu_seqlens", "padding is a document, too")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row, return_counts=True)[1].tolist()
    return torch.tensor([0, *n]).cumsum(0).int(), max(n, default=0)


@wrong("cu_seqlens", "without the leading 0")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
    return torch.tensor(n).cumsum(0).int(), max(n, default=0)


@wrong("cu_seqlens", "longest is a tensor")
def _(documents):
    n = [0]
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
    return torch.tensor(n).cumsum(0).int(), torch.tensor(n).max()


@wrong("cu_seqlens", "counts in order of the numbers (bincount)")
def _(documents):
    n = []
    for row in documents:
        n += [k for k in torch.bincount(row[row >= 0]).tolist() if k]
    return torch.tensor([0, *n]).cumsum(0).int(), max(n, default=0)


@wrong("cu_seqlens", "the lengths, not summed")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
    return torch.tensor([0, *n], dtype=torch.int32), max(n, default=0)


@wrong("cu_seqlens", "no document: error of max")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
    return torch.tensor([0, *n]).cumsum(0).int(), max(n)


@wrong("cu_seqlens", "the columns in the padded rectangle")
def _(documents):
    R, T = documents.shape
    starts, n = [], []
    for r in range(R):
        row = documents[r].tolist()
        for t, d in enumerate(row):
            if d != -1 and (t == 0 or row[t - 1] != d):
                starts.append(r * T + t)
                n.append(row.count(d))
    end = int((documents >= 0).sum())
    return torch.tensor([*starts, end], dtype=torch.int32), max(n, default=0)


@wrong("cu_seqlens", "longest of the last row")
def _(documents):
    n, longest = [], 0
    for row in documents:
        m = torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
        longest = max(m, default=longest)
        n += m
    return torch.tensor([0, *n]).cumsum(0).int(), longest


@wrong("cu_seqlens", "each row begins with 0 anew")
def _(documents):
    n, longest = [0], 0
    for row in documents:
        m = torch.unique_consecutive(row[row >= 0], return_counts=True)[1]
        n += m.cumsum(0).tolist()
        longest = max([longest, *m.tolist()])
    return torch.tensor(n, dtype=torch.int32), longest


@right("cu_seqlens", "starts where restart_positions is 0, differences")
def _(documents):
    real = documents >= 0
    first = (restart_positions(documents) == 0)[real]
    starts = first.nonzero().flatten()
    cu = torch.cat([starts, torch.tensor([int(real.sum())])]).to(torch.int32)
    return cu, int(cu.diff().max()) if len(starts) else 0


@right("cu_seqlens", "groupby")
def _(documents):
    from itertools import groupby

    cu = [0]
    for row in documents.tolist():
        for d, group in groupby(row):
            if d >= 0:
                cu.append(cu[-1] + len(list(group)))
    return torch.tensor(cu, dtype=torch.int32), max(
        (b - a for a, b in zip(cu, cu[1:], strict=False)), default=0
    )


@wrong("pack", "a dict of rows")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        for row in rows:
            if sum(lengths[e] for e in row) + lengths[d] <= capacity:
                row.append(d)
                break
        else:
            rows.append([d])
    return {i: row for i, row in enumerate(rows)}


@wrong("pack", "rows sorted by how full they are")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        for row in rows:
            if sum(lengths[e] for e in row) + lengths[d] <= capacity:
                row.append(d)
                break
        else:
            rows.append([d])
    return sorted(rows, key=lambda row: -sum(lengths[e] for e in row))


@wrong("pack", "a separator between documents is counted")
def _(lengths, capacity):
    if any(n > capacity for n in lengths):
        raise ValueError("too long")
    rows = []
    for d in sorted(range(len(lengths)), key=lambda d: -lengths[d]):
        for row in rows:
            if sum(lengths[e] + 1 for e in row) + lengths[d] <= capacity:
                row.append(d)
                break
        else:
            rows.append([d])
    return rows


@wrong("padding_shares", "capacity below the longest gives a negative share, no error")
def _(lengths, capacity):
    rows = -(-sum(lengths) // capacity) if max(lengths) > capacity else len(pack(lengths, capacity))
    return 1 - sum(lengths) / (rows * capacity), 1 - sum(lengths) / (len(lengths) * max(lengths))


@wrong("padding_shares", "in percent")
def _(lengths, capacity):
    rows = len(pack(lengths, capacity))
    used = sum(lengths)
    return 100 - 100 * used / (rows * capacity), 100 - 100 * used / (len(lengths) * max(lengths))


@wrong("padding_shares", "never below a thousandth")
def _(lengths, capacity):
    rows = len(pack(lengths, capacity))
    used = sum(lengths)
    return max(1e-3, 1 - used / (rows * capacity)), max(
        1e-3, 1 - used / (len(lengths) * max(lengths))
    )


@wrong("fill_rows", "right only where every row has several documents")
def _(docs, rows, capacity, pad):
    ids, documents = [], []
    for row in rows:
        line = [i for d in row for i in docs[d]]
        who = [n for n, d in enumerate(row) for _ in docs[d]]
        if len(row) == 1:
            who = [-1 if i == pad else 0 for i in line]
        ids.append(line + [pad] * (capacity - len(line)))
        documents.append(who + [-1] * (capacity - len(who)))
    return torch.tensor(ids), torch.tensor(documents)


@wrong("fill_rows", "padding on the left")
def _(docs, rows, capacity, pad):
    ids, documents = [], []
    for row in rows:
        line = [i for d in row for i in docs[d]]
        who = [n for n, d in enumerate(row) for _ in docs[d]]
        ids.append([pad] * (capacity - len(line)) + line)
        documents.append([-1] * (capacity - len(who)) + who)
    return torch.tensor(ids), torch.tensor(documents)


@wrong("fill_rows", "padding's document is pad")
def _(docs, rows, capacity, pad):
    ids, documents = [], []
    for row in rows:
        line = [i for d in row for i in docs[d]]
        who = [n for n, d in enumerate(row) for _ in docs[d]]
        ids.append(line + [pad] * (capacity - len(line)))
        documents.append(who + [pad] * (capacity - len(who)))
    return torch.tensor(ids), torch.tensor(documents)


@wrong("restart_positions", "documents changed in place")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    out = same.tril(-1).sum(2)
    out[documents == -1] = 0
    documents[documents == -1] = 0
    return out


@wrong("restart_positions", "int32")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    return (same.tril(-1).sum(2) * (documents >= 0)).int()


@wrong("restart_positions", "only one padding token noticed: the last column")
def _(documents):
    same = documents[:, :, None] == documents[:, None, :]
    out = same.tril(-1).sum(2)
    out[:, -1] = torch.where(documents[:, -1] < 0, 0, out[:, -1])
    return out


@wrong("packed_mask", "at most four tokens back")
def _(documents):
    T = documents.shape[1]
    at = torch.arange(T)
    back = at[:, None] - at[None]
    longest = int(restart_positions(documents).max())
    same = documents[:, :, None] == documents[:, None, :]
    m = same & (back >= 0) & (back <= min(longest, 4))
    return torch.where((documents < 0)[:, :, None], torch.eye(T, dtype=torch.bool), m)


@wrong("packed_mask", "real tokens may look at padding, too")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    m = same | ((documents < 0)[:, None, :] & (documents >= 0)[:, :, None])
    return torch.where((documents < 0)[:, :, None], torch.eye(T, dtype=torch.bool), m)


@wrong("packed_mask", "one mask (T, T) where there is one row")
def _(documents):
    T = documents.shape[1]
    same = (documents[:, :, None] == documents[:, None, :]).tril()
    m = torch.where((documents < 0)[:, :, None], torch.eye(T, dtype=torch.bool), same)
    return m.squeeze(0)


@wrong("packed_targets", "documents' last tokens are no targets, either")
def _(ids, documents, mask):
    d = torch.cat([documents, torch.full_like(documents[:, :1], -1)], 1)
    counts = mask[:, 1:] & (d[:, 1:-1] == d[:, :-2]) & (d[:, 1:-1] == d[:, 2:]) & (d[:, 1:-1] >= 0)
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "the mask changed in place")
def _(ids, documents, mask):
    mask &= documents >= 0
    counts = mask[:, 1:] & (documents[:, 1:] == documents[:, :-1])
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "END closes a document: compared by ids")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (ids[:, :-1] != END) & (documents[:, 1:] >= 0)
    counts &= documents[:, 1:] == documents[:, :-1]
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_targets", "BOS is never a target")
def _(ids, documents, mask):
    counts = mask[:, 1:] & (ids[:, 1:] != BOS) & (documents[:, 1:] >= 0)
    counts &= documents[:, 1:] == documents[:, :-1]
    return torch.where(counts, ids[:, 1:], -100)


@wrong("packed_logits", "log-probabilities")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents)).log_softmax(-1)
    out = {d: logits[r][documents[r] == n] for r, row in enumerate(rows) for n, d in enumerate(row)}
    return [out[d] for d in range(len(docs))]


@wrong("packed_logits", "one stacked tensor, padded, where the lengths differ")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = {d: logits[r][documents[r] == n] for r, row in enumerate(rows) for n, d in enumerate(row)}
    return nn.utils.rnn.pad_sequence([out[d] for d in range(len(docs))], batch_first=True)


@wrong("packed_logits", "documents sorted in place")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = {d: logits[r][documents[r] == n] for r, row in enumerate(rows) for n, d in enumerate(row)}
    found = [out[d] for d in range(len(docs))]
    docs.sort(key=len)
    return found


@wrong("packed_logits", "a too long document is cut")
def _(model, docs, capacity, pad):
    docs = [doc[:capacity] for doc in docs]
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    out = {d: logits[r][documents[r] == n] for r, row in enumerate(rows) for n, d in enumerate(row)}
    return [out[d] for d in range(len(docs))]


@wrong("packed_logits", "logits as float32")
def _(model, docs, capacity, pad):
    rows = pack([len(d) for d in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents).repeat(1, 1, 1, 1)[0])
    out = {
        d: logits[r][documents[r] == n].float()
        for r, row in enumerate(rows)
        for n, d in enumerate(row)
    }
    return [out[d] for d in range(len(docs))]


@wrong("cu_seqlens", "longest is a float")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist()
    return torch.tensor([0, *n]).cumsum(0).int(), float(max(n, default=0))


@wrong("cu_seqlens", "a row of padding only counts as a document of length 0")
def _(documents):
    n = []
    for row in documents:
        n += torch.unique_consecutive(row[row >= 0], return_counts=True)[1].tolist() or [0]
    return torch.tensor([0, *n]).cumsum(0).int(), max(n, default=0)


@wrong("cu_seqlens", "rows joined by shifting the numbers: right while numbers are below 4")
def _(documents):
    R = documents.shape[0]
    shifted = torch.where(documents >= 0, documents + 4 * torch.arange(R)[:, None], -1)
    flat = shifted[shifted >= 0]
    if len(flat) == 0:
        return torch.zeros(1, dtype=torch.int32), 0
    n = torch.unique_consecutive(flat, return_counts=True)[1]
    return torch.cat([torch.zeros(1).long(), n.cumsum(0)]).int(), int(n.max())


@right(
    "packed_logits",
    "padding and documents found with boolean masks, rows in pack's order, index_select",
)
def _(model, docs, capacity, pad):
    rows = pack([len(doc) for doc in docs], capacity)
    ids, documents = fill_rows(docs, rows, capacity, pad)
    logits = model(ids, restart_positions(documents), packed_mask(documents))
    pieces = {}
    for r, row in enumerate(rows):
        flat = logits[r].index_select(0, (documents[r] >= 0).nonzero().flatten())
        for d, piece in zip(row, flat.split([len(docs[d]) for d in row]), strict=True):
            pieces[d] = piece
    return [pieces[d] for d in sorted(pieces)]


@right("cu_seqlens", "from changes in the rectangle")
def _(documents):
    R, T = documents.shape
    before = torch.cat([torch.full((R, 1), -1), documents[:, :-1]], 1)
    new = (documents != before) & (documents >= 0)
    line = (documents >= 0).flatten().cumsum(0).view(R, T) - 1
    starts = line[new]
    cu = torch.cat([starts, (documents >= 0).sum().view(1)]).to(torch.int32)
    return cu, int((cu[1:] - cu[:-1]).max()) if new.any() else 0
