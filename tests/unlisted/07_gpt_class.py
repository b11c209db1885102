"""Solutions of 07, as learners might hand them in: see test_unlisted.py, which parses this file."""


@wrong("vocabulary", "set order, not sorted")
def _(text):
    chars = list(set(text))
    stoi = {c: i for i, c in enumerate(chars)}
    itos = {i: c for i, c in enumerate(chars)}
    return stoi, itos


@wrong("vocabulary", "order of first appearance")
def _(text):
    stoi = {}
    for c in text:
        if c not in stoi:
            stoi[c] = len(stoi)
    return stoi, {i: c for c, i in stoi.items()}


@wrong("vocabulary", "repeated characters use up numbers")
def _(text):
    stoi = {c: i for i, c in enumerate(sorted(text))}
    itos = {i: c for c, i in stoi.items()}
    return stoi, itos


@wrong("vocabulary", "numbers from 1")
def _(text):
    chars = sorted(set(text))
    stoi = {c: i + 1 for i, c in enumerate(chars)}
    return stoi, {i: c for c, i in stoi.items()}


@wrong("vocabulary", "itos is a list")
def _(text):
    chars = sorted(set(text))
    return {c: i for i, c in enumerate(chars)}, chars


@wrong("vocabulary", "sorted ignoring case")
def _(text):
    chars = sorted(sorted(set(text)), key=str.lower)
    return {c: i for i, c in enumerate(chars)}, dict(enumerate(chars))


@wrong("vocabulary", "line breaks stripped from the text")
def _(text):
    chars = sorted(set(text.replace("\n", "")))
    return {c: i for i, c in enumerate(chars)}, dict(enumerate(chars))


@right("vocabulary", "dict(zip) and dict(enumerate)")
def _(text):
    chars = sorted(set(text))
    return dict(zip(chars, range(len(chars)))), dict(enumerate(chars))


@right("vocabulary", "sorted list grown by bisect")
def _(text):
    import bisect

    chars = []
    for c in set(text):
        bisect.insort(chars, c)
    stoi, itos = {}, {}
    for c in chars:
        itos[len(stoi)] = c
        stoi[c] = len(stoi)
    return stoi, itos


@wrong("encode", "unknown characters left out")
def _(text, stoi):
    return [stoi[c] for c in text if c in stoi]


@wrong("encode", "unknown becomes 0")
def _(text, stoi):
    return [stoi.get(c, 0) for c in text]


@wrong("encode", "ValueError for unknown")
def _(text, stoi):
    out = []
    for c in text:
        if c not in stoi:
            raise ValueError(c)
        out.append(stoi[c])
    return out


@wrong("encode", "ignores the table's numbers, takes places in it")
def _(text, stoi):
    chars = list(stoi)
    for c in text:
        stoi[c]
    return [chars.index(c) for c in text]


@wrong("encode", "a tensor")
def _(text, stoi):
    return torch.tensor([stoi[c] for c in text], dtype=torch.long)


@wrong("encode", "unknown characters are added to the table")
def _(text, stoi):
    return [stoi.setdefault(c, len(stoi)) for c in text]


@right("encode", "map")
def _(text, stoi):
    return list(map(stoi.__getitem__, text))


@right("encode", "loop")
def _(text, stoi):
    out = [0] * len(text)
    for i, c in enumerate(text):
        out[i] = stoi[c]
    return out


@wrong("decode", "list of characters")
def _(ids, itos):
    return [itos[i] for i in ids]


@wrong("decode", "spaces between")
def _(ids, itos):
    return " ".join(itos[i] for i in ids)


@wrong("decode", "itos read as a list of its values")
def _(ids, itos):
    chars = list(itos.values())
    return "".join(chars[i] for i in ids)


@wrong("decode", "question mark for unknown")
def _(ids, itos):
    return "".join(itos.get(i, "?") for i in ids)


@wrong("decode", "white space at the ends stripped")
def _(ids, itos):
    return "".join(itos[i] for i in ids).strip()


@right("decode", "string grown in a loop")
def _(ids, itos):
    text = ""
    for i in ids:
        text += itos[i]
    return text


@right("decode", "StringIO")
def _(ids, itos):
    import io

    out = io.StringIO()
    out.writelines(map(itos.__getitem__, ids))
    return out.getvalue()


@wrong("split_text", "rounded to the nearest")
def _(data):
    n = round(0.9 * len(data))
    return data[:n], data[n:]


@wrong("split_text", "rounded up")
def _(data):
    n = len(data) - len(data) // 10
    return data[:n], data[n:]


@wrong("split_text", "cut from the back with a slice that may be -0")
def _(data):
    k = len(data) // 10
    return data[:-k], data[-k:]


@wrong("split_text", "shuffled")
def _(data):
    data = data[torch.randperm(len(data))]
    n = int(0.9 * len(data))
    return data[:n], data[n:]


@wrong("split_text", "one in common")
def _(data):
    n = int(0.9 * len(data))
    return data[: n + 1], data[n:]


@wrong("split_text", "val, train")
def _(data):
    n = int(0.9 * len(data))
    return data[n:], data[:n]


@wrong("split_text", "every tenth to val")
def _(data):
    at = torch.arange(len(data)) % 10 == 9
    return data[~at], data[at]


@right("split_text", "integers only, torch.split, copies")
def _(data):
    n = 9 * len(data) // 10
    train, val = torch.split(data, [n, len(data) - n])
    return train.clone(), val.clone()


@right("split_text", "tensor_split")
def _(data):
    return torch.tensor_split(data, (int(len(data) * 0.9),))


@wrong("growing_contexts", "one short")
def _(block):
    return [(block[:t], block[t]) for t in range(1, len(block) - 1)]


@wrong("growing_contexts", "begins with the empty context")
def _(block):
    return [(block[:t], block[t]) for t in range(len(block))]


@wrong("growing_contexts", "target inside the context")
def _(block):
    return [(block[: t + 1], block[t]) for t in range(len(block) - 1)]


@wrong("growing_contexts", "one list that grows, in all tuples")
def _(block):
    context, out = [], []
    for now, then in zip(block[:-1], block[1:]):
        context.append(now)
        out.append((context, then))
    return out


@wrong("growing_contexts", "longest first")
def _(block):
    return [(block[:t], block[t]) for t in range(len(block) - 1, 0, -1)]


@wrong("growing_contexts", "windows of fixed size 3")
def _(block):
    return [(block[max(0, t - 3) : t], block[t]) for t in range(1, len(block))]


@wrong("growing_contexts", "empties the block")
def _(block):
    out = []
    while len(block) > 1:
        target = block.pop()
        out.append((list(block), target))
    return out[::-1]


@right("growing_contexts", "copies of a list that grows")
def _(block):
    context, out = [], []
    for i in range(len(block) - 1):
        context.append(block[i])
        out.append((context.copy(), block[i + 1]))
    return out


@right("growing_contexts", "itertools.accumulate")
def _(block):
    import itertools

    contexts = itertools.accumulate([[n] for n in block[:-1]])
    return list(zip(contexts, block[1:]))


@wrong("get_batch", "y not shifted")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i : i + block_size] for i in ix])
    return x, y


@wrong("get_batch", "one start too few")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size - 1, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y


@wrong("get_batch", "one start too many")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size + 1, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y


@wrong("get_batch", "torch's own generator")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,))
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in ix])
    return x, y


@wrong("get_batch", "y is what follows the window")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    y = data[ix + block_size]
    return x, y


@wrong("get_batch", "y from a draw of its own")
def _(data, block_size, batch_size, g):
    def windows(shift):
        ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
        return torch.stack([data[i + shift : i + shift + block_size] for i in ix])

    return windows(0), windows(1)


@wrong("get_batch", "last answer wraps round (roll)")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    return x, x.roll(-1, dims=1)


@wrong("get_batch", "time first")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    at = ix + torch.arange(block_size)[:, None]
    return data[at], data[at + 1]


@wrong("get_batch", "x + 1 for y: right in the example only")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    return x, x + 1


@right("get_batch", "indices by broadcasting")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    at = ix[:, None] + torch.arange(block_size)
    return data[at], data[at + 1]


@right("get_batch", "unfold, two views of one tensor")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    rows = data.unfold(0, block_size + 1, 1)[ix]
    return rows[:, :-1], rows[:, 1:]


@right("get_batch", "empty tensors filled row by row")
def _(data, block_size, batch_size, g):
    x = torch.empty(batch_size, block_size, dtype=torch.int64)
    y = torch.empty_like(x)
    for b, i in enumerate(
        torch.randint(len(data) - block_size, (batch_size,), generator=g).tolist()
    ):
        x[b], y[b] = data[i : i + block_size], data[i + 1 : i + 1 + block_size]
    return x, y


@wrong("bigram_forward", "view(B, C, T)")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B, C, T), targets)


@wrong("bigram_forward", "logits flat when there are targets, as in the lecture")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            loss = None
        else:
            B, T, C = logits.shape
            logits = logits.view(B * T, C)
            loss = F.cross_entropy(logits, targets.view(B * T))
        return logits, loss


@wrong("bigram_forward", "logits alone without targets")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits
        return logits, F.cross_entropy(logits.transpose(1, 2), targets)


@wrong("bigram_forward", "sum, not mean")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum")


@wrong("bigram_forward", "summed over time, mean over rows")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        each = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none")
        return logits, each.sum(1).mean()


@wrong("bigram_forward", "softmax before cross_entropy")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        probs = F.softmax(logits, dim=-1)
        return logits, F.cross_entropy(probs.flatten(0, 1), targets.flatten())


@wrong("bigram_forward", "the loss of the last positions only")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits[:, -1], targets[:, -1])


@wrong("bigram_forward", "a Python float as loss, no gradient")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten()).item()
        return logits, loss


@wrong("bigram_forward", "loss 0 without targets")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        loss = torch.zeros(())
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1), targets.flatten())
        return logits, loss


@wrong("bigram_forward", "columns of the table instead of rows")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table.weight.T[idx]
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@right("bigram_forward", "log_softmax and gather")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        logprobs = F.log_softmax(logits, dim=-1)
        return logits, -logprobs.gather(2, targets[..., None]).mean()


@right("bigram_forward", "weight[idx], classes moved to place two")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table.weight[idx]
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.permute(0, 2, 1), targets)
        return logits, loss


@right("bigram_forward", "one-hot product, logsumexp minus target's logit")
class _:
    def forward(self, idx, targets=None):
        table = self.token_embedding_table.weight
        logits = F.one_hot(idx, table.shape[0]).to(table.dtype) @ table
        if targets is None:
            return logits, None
        hit = (logits * F.one_hot(targets, table.shape[1])).sum(-1)
        return logits, (logits.logsumexp(-1) - hit).mean()


@wrong("bigram_generate", "drawn from the first position")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, 0], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx


@wrong("bigram_generate", "argmax")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            idx = torch.cat([idx, logits[:, -1].argmax(-1, keepdim=True)], dim=1)
        return idx


@wrong("bigram_generate", "only the last character is handed over")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx[:, -1:])
            probs = F.softmax(logits[:, -1], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx


@wrong("bigram_generate", "new characters only")
class _:
    def generate(self, idx, max_new_tokens, g):
        T = idx.shape[1]
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx[:, T:]


@wrong("bigram_generate", "softmax over the rows of the batch")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=0)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx


@wrong("bigram_generate", "generator not used")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1)], dim=1)
        return idx


@wrong("bigram_generate", "model left in eval mode")
class _:
    def generate(self, idx, max_new_tokens, g):
        self.eval()
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx


@wrong("bigram_generate", "eval before, train after: a finished model comes back in train mode")
class _:
    def generate(self, idx, max_new_tokens, g):
        self.eval()
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        self.train()
        return idx


@wrong("bigram_generate", "all new characters drawn at once from one distribution")
class _:
    def generate(self, idx, max_new_tokens, g):
        if max_new_tokens == 0:
            return idx
        logits, _loss = self(idx)
        probs = F.softmax(logits[:, -1], dim=-1)
        new = torch.multinomial(probs, max_new_tokens, replacement=True, generator=g)
        return torch.cat([idx, new], dim=1)


@wrong("bigram_generate", "until max_new_tokens long, not by max_new_tokens longer")
class _:
    def generate(self, idx, max_new_tokens, g):
        while idx.shape[1] < max_new_tokens:
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx


@right("bigram_generate", "one tensor made beforehand, filled column by column")
class _:
    def generate(self, idx, max_new_tokens, g):
        B, T = idx.shape
        out = torch.zeros(B, T + max_new_tokens, dtype=idx.dtype)
        out[:, :T] = idx
        for t in range(T, T + max_new_tokens):
            logits, _loss = self(out[:, :t])
            out[:, t : t + 1] = torch.multinomial(logits[:, -1].softmax(-1), 1, generator=g)
        return out


@right("bigram_generate", "list of columns")
class _:
    def generate(self, idx, max_new_tokens, g):
        columns = [idx]
        for _ in range(max_new_tokens):
            last = self(torch.cat(columns, 1))[0].select(1, -1)
            columns.append(torch.multinomial(torch.softmax(last, 1), num_samples=1, generator=g))
        return torch.cat(columns, 1)


@wrong("estimate_loss", "always back to train")
def _(model, draw, eval_iters):
    model.eval()
    losses = torch.zeros(eval_iters)
    with torch.no_grad():
        for k in range(eval_iters):
            x, y = draw()
            _, loss = model(x, y)
            losses[k] = loss.item()
    model.train()
    return losses.mean().item()


@wrong("estimate_loss", "not in eval mode")
def _(model, draw, eval_iters):
    total = 0.0
    with torch.no_grad():
        for _ in range(eval_iters):
            x, y = draw()
            total += model(x, y)[1].item()
    return total / eval_iters


@wrong("estimate_loss", "gradients recorded")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    total = 0.0
    for _ in range(eval_iters):
        x, y = draw()
        total += model(x, y)[1].item()
    model.train(mode)
    return total / eval_iters


@wrong("estimate_loss", "one batch for all")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    x, y = draw()
    with torch.no_grad():
        losses = [model(x, y)[1].item() for _ in range(eval_iters)]
    model.train(mode)
    return sum(losses) / len(losses)


@wrong("estimate_loss", "recording switched on afterwards, even if it was off")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total = 0.0
    for _ in range(eval_iters):
        x, y = draw()
        total += model(x, y)[1].item()
    torch.set_grad_enabled(True)
    model.train(mode)
    return total / eval_iters


@wrong("estimate_loss", "the sum")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    with torch.no_grad():
        total = sum(model(*draw())[1].item() for _ in range(eval_iters))
    model.train(mode)
    return total


@wrong("estimate_loss", "stays in eval mode")
def _(model, draw, eval_iters):
    model.eval()
    with torch.no_grad():
        total = sum(model(*draw())[1].item() for _ in range(eval_iters))
    return total / eval_iters


@wrong("estimate_loss", "a first batch is drawn to warm up")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    with torch.no_grad():
        draw()
        total = sum(model(*draw())[1].item() for _ in range(eval_iters))
    model.train(mode)
    return total / eval_iters


@wrong("estimate_loss", "mode is asked for after eval()")
def _(model, draw, eval_iters):
    model.eval()
    mode = model.training
    losses = []
    with torch.no_grad():
        for _ in range(eval_iters):
            losses.append(model(*draw())[1].item())
    model.train(mode)
    return sum(losses) / eval_iters


@right("estimate_loss", "try/finally, set_grad_enabled by hand")
def _(model, draw, eval_iters):
    mode, grad = model.training, torch.is_grad_enabled()
    model.train(False)
    torch.set_grad_enabled(False)
    try:
        mean = 0.0
        for i in range(eval_iters):
            x, y = draw()
            mean += (float(model(x, y)[1]) - mean) / (i + 1)
    finally:
        torch.set_grad_enabled(grad)
        model.train(mode)
    return mean


@right("estimate_loss", "decorated helper, statistics.fmean")
def _(model, draw, eval_iters):
    import statistics

    @torch.no_grad()
    def one():
        x, y = draw()
        logits, loss = model(x, y)
        return loss.item()

    if was_training := model.training:
        model.eval()
    result = statistics.fmean(one() for _ in range(eval_iters))
    if was_training:
        model.train()
    return result


@wrong("bigram_train", "a new optimizer in each step")
def _(model, batches, lr):
    model.train()
    losses = []
    for x, y in batches:
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "gradients pile up")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "zero_grad after the step: somebody's old gradient counts in the first")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "zero_grad between backward and step")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        loss.backward()
        optimizer.zero_grad()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "SGD")
def _(model, batches, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "Adam: no weight decay")
def _(model, batches, lr):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "tensors kept, not floats")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses


@wrong("bigram_train", "len(batches)")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = [0.0] * len(batches)
    for i, (x, y) in enumerate(batches):
        model.train()
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses[i] = loss.item()
    return losses


@wrong("bigram_train", "the loss after the step")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        model.train()
        optimizer.zero_grad()
        model(x, y)[1].backward()
        optimizer.step()
        with torch.no_grad():
            losses.append(model(x, y)[1].item())
    return losses


@wrong("bigram_train", "never put into training mode")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "lr forgotten: the default 1e-3")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters())
    losses = []
    for x, y in batches:
        model.train()
        _, loss = model(x, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@right("bigram_train", "iterator by hand, zero_grad(set_to_none=False) first")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(params=model.parameters(), lr=lr)
    losses, rest = [], iter(batches)
    while (batch := next(rest, None)) is not None:
        model.train()
        optimizer.zero_grad(set_to_none=False)
        loss = model(*batch)[-1]
        loss.backward()
        losses.append(float(loss.detach()))
        optimizer.step()
    return losses


@right("bigram_train", "gradients thrown away by hand, and again at the end")
def _(model, batches, lr):
    parameters = list(model.parameters())
    optimizer = torch.optim.AdamW(parameters, lr)

    def step(x, y):
        for p in parameters:
            p.grad = None
        model.train(True)
        logits, loss = model(x, y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return [step(x, y) for x, y in batches]


@wrong("average_loop", "itself not included")
def _(x):
    out = torch.zeros_like(x)
    for b in range(x.shape[0]):
        for t in range(1, x.shape[1]):
            out[b, t] = x[b, :t].mean(0)
    return out


@wrong("average_loop", "mean over the features")
def _(x):
    out = torch.zeros_like(x)
    B, T, C = x.shape
    for b in range(B):
        for t in range(T):
            out[b, t] = x[b, : t + 1].mean()
    return out


@wrong("average_loop", "float32 whatever x is")
def _(x):
    B, T, C = x.shape
    out = torch.zeros(B, T, C)
    for b in range(B):
        for t in range(T):
            out[b, t] = x[b, : t + 1].mean(dim=0)
    return out


@wrong("average_loop", "in place: averages of averages")
def _(x):
    for b in range(x.shape[0]):
        for t in range(x.shape[1]):
            x[b, t] = x[b, : t + 1].mean(0)
    return x


@wrong("average_loop", "half of the new, half of the average so far")
def _(x):
    out = torch.zeros_like(x)
    out[:, 0] = x[:, 0]
    for t in range(1, x.shape[1]):
        out[:, t] = (out[:, t - 1] + x[:, t]) / 2
    return out


@wrong("average_loop", "divided by T")
def _(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[1]):
        out[:, t] = x[:, : t + 1].sum(1) / x.shape[1]
    return out


@right("average_loop", "running mean")
def _(x):
    mean, rows = torch.zeros_like(x[:, 0]), []
    for t in range(x.shape[1]):
        mean = mean + (x[:, t] - mean) / (t + 1)
        rows.append(mean)
    return torch.stack(rows, dim=1)


@right("average_loop", "sum of Python loops over everything")
def _(x):
    B, T, C = x.shape
    out = x.new_empty(B, T, C)
    for b in range(B):
        for c in range(C):
            total = 0
            for t in range(T):
                total = total + x[b, t, c]
                out[b, t, c] = total / (t + 1)
    return out


@wrong("average_matmul", "upper triangle")
def _(x):
    T = x.shape[1]
    wei = torch.triu(torch.ones(T, T, dtype=x.dtype))
    return wei / wei.sum(1, keepdim=True) @ x


@wrong("average_matmul", "columns sum to 1")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T, dtype=x.dtype))
    return wei / wei.sum(0, keepdim=True) @ x


@wrong("average_matmul", "keepdim forgotten")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T, dtype=x.dtype))
    wei = wei / wei.sum(1)
    return wei @ x


@wrong("average_matmul", "not divided: sums")
def _(x):
    T = x.shape[1]
    return torch.tril(torch.ones(T, T, dtype=x.dtype)) @ x


@wrong("average_matmul", "weights are float32: fails for float64")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x


@wrong("average_matmul", "x as float32")
def _(x):
    T = x.shape[1]
    wei = torch.tril(torch.ones(T, T))
    wei = wei / wei.sum(1, keepdim=True)
    return wei @ x.float()


@right("average_matmul", "comparison of positions, einsum")
def _(x):
    t = torch.arange(x.shape[1])
    wei = (t[:, None] >= t).to(x.dtype) / (t[:, None] + 1)
    return torch.einsum("ts,bsc->btc", wei.to(x.dtype), x)


@right("average_matmul", "sum by the triangle, divided afterwards, bmm")
def _(x):
    B, T, C = x.shape
    ones = x.new_ones(T, T).tril()
    return torch.bmm(ones.expand(B, T, T), x) / ones.sum(1)[:, None]


@wrong("choose", "mask after softmax, not shared out again")
def _(scores, x):
    T = x.shape[1]
    return torch.tril(F.softmax(scores, dim=-1)) @ x


@wrong("choose", "renormalized after softmax: a loud future leaves 0 / 0")
def _(scores, x):
    shares = torch.tril(F.softmax(scores, dim=-1))
    return shares / shares.sum(-1, keepdim=True) @ x


@wrong("choose", "softmax over the wrong dimension")
def _(scores, x):
    T = x.shape[1]
    scores = scores.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
    return F.softmax(scores, dim=-2) @ x


@wrong("choose", "future hidden with 0")
def _(scores, x):
    return F.softmax(torch.tril(scores), dim=-1) @ x


@wrong("choose", "future hidden with -100")
def _(scores, x):
    T = x.shape[1]
    scores = scores.masked_fill(torch.tril(torch.ones(T, T)) == 0, -100.0)
    return F.softmax(scores, dim=-1) @ x


@wrong("choose", "scores changed in place")
def _(scores, x):
    T = x.shape[1]
    scores.masked_fill_(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
    return F.softmax(scores, dim=-1) @ x


@wrong("choose", "exp without the largest taken off")
def _(scores, x):
    e = torch.tril(scores.exp())
    return e / e.sum(-1, keepdim=True) @ x


@wrong("choose", "first table for every sequence")
def _(scores, x):
    T = x.shape[1]
    if scores.ndim == 3:
        scores = scores[0]
    scores = scores.masked_fill(torch.tril(torch.ones(T, T)) == 0, float("-inf"))
    return F.softmax(scores, dim=-1) @ x


@wrong("choose", "the past hidden")
def _(scores, x):
    T = x.shape[1]
    scores = scores.masked_fill(torch.triu(torch.ones(T, T)) == 0, float("-inf"))
    return F.softmax(scores, dim=-1) @ x


@right("choose", "row by row, slices that end at t")
def _(scores, x):
    rows = []
    for t in range(x.shape[1]):
        shares = torch.softmax(scores[..., t, : t + 1], dim=-1)
        rows.append((shares[..., None] * x[:, : t + 1]).sum(-2))
    return torch.stack(rows, 1)


@right("choose", "minus infinity added, exp minus logsumexp, einsum")
def _(scores, x):
    B, T, C = x.shape
    masked = scores + torch.full((T, T), float("-inf"), dtype=scores.dtype).triu(1)
    shares = (masked - masked.logsumexp(-1, keepdim=True)).exp().expand(B, T, T)
    return torch.einsum("bts,bsc->btc", shares, x)


@wrong("compare", "divided by d")
def _(q, k):
    return q @ k.transpose(-2, -1) / q.shape[-1]


@wrong("compare", "not scaled")
def _(q, k):
    return q @ k.transpose(-2, -1)


@wrong("compare", "root of the number of keys")
def _(q, k):
    return q @ k.transpose(-2, -1) / k.shape[-2] ** 0.5


@wrong("compare", "k.T: two dimensions only")
def _(q, k):
    return q @ k.T / q.shape[-1] ** 0.5


@wrong("compare", "shape[1] as d: with a batch that is T")
def _(q, k):
    return q @ k.transpose(-2, -1) / q.shape[1] ** 0.5


@wrong("compare", "transpose(1, 2): three dimensions only")
def _(q, k):
    return q @ k.transpose(1, 2) / q.shape[-1] ** 0.5


@wrong("compare", "rows are keys")
def _(q, k):
    return k @ q.transpose(-2, -1) / q.shape[-1] ** 0.5


@wrong("compare", "cosine: lengths divided out")
def _(q, k):
    return F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).mT


@wrong("compare", "queries scaled in place")
def _(q, k):
    q /= q.shape[-1] ** 0.5
    return q @ k.transpose(-2, -1)


@right("compare", "both scaled by the fourth root, einsum")
def _(q, k):
    root = q.shape[-1] ** 0.25
    return torch.einsum("...td,...sd->...ts", q / root, k / root)


@right("compare", "product by broadcasting")
def _(q, k):
    return (q.unsqueeze(-2) * k.unsqueeze(-3)).sum(-1).div(q.size(-1) ** 0.5)


@wrong("attention", "mask after softmax")
def _(q, k, v, mask=None):
    shares = F.softmax(compare(q, k), dim=-1)
    if mask is not None:
        shares = shares * mask
    return shares @ v


@wrong("attention", "mask upside down")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(mask, float("-inf"))
    return F.softmax(scores, dim=-1) @ v


@wrong("attention", "scores times mask")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores * mask
    return F.softmax(scores, dim=-1) @ v


@wrong("attention", "hidden with -1000, which may be a real score")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, -1000.0)
    return F.softmax(scores, dim=-1) @ v


@wrong("attention", "largest score taken off, hidden ones included: the rest underflows")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    e = (scores - scores.amax(-1, keepdim=True)).exp()
    if mask is not None:
        e = e * mask
    return e / e.sum(-1, keepdim=True) @ v


@wrong("attention", "exp overflows")
def _(q, k, v, mask=None):
    e = compare(q, k).exp()
    if mask is not None:
        e = e * mask
    return e / e.sum(-1, keepdim=True) @ v


@wrong("attention", "softmax over queries")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return F.softmax(scores, dim=-2) @ v


@wrong("attention", "scaled twice")
def _(q, k, v, mask=None):
    scores = compare(q, k) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return F.softmax(scores, dim=-1) @ v


@wrong("attention", "causal whenever a mask is given")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(
            ~torch.ones_like(scores, dtype=torch.bool).tril(), float("-inf")
        )
    return F.softmax(scores, dim=-1) @ v


@wrong("attention", "boolean index: the mask must have the full shape")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores[~mask] = float("-inf")
    return F.softmax(scores, dim=-1) @ v


@right("attention", "torch.where, softmax by hand with the largest visible score taken off")
def _(q, k, v, mask=None):
    scores = q @ k.mT * q.shape[-1] ** -0.5
    if mask is not None:
        scores = torch.where(mask, scores, -torch.inf)
    e = torch.exp(scores - scores.max(dim=-1, keepdim=True).values)
    return (e @ v) / e.sum(dim=-1, keepdim=True)


@right("attention", "log of the mask added")
def _(q, k, v, mask=None):
    scores = torch.einsum("...td,...sd->...ts", q, k) / q.shape[-1] ** 0.5
    if mask is not None:
        scores = scores + mask.to(scores.dtype).log()
    return torch.einsum("...ts,...se->...te", scores.softmax(-1), v)


@right("attention", "log_softmax, exp; mask expanded first")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores[~mask.expand(scores.shape)] = -float("inf")
    return torch.matmul(F.log_softmax(scores, dim=-1).exp(), v)


@wrong("causal_mask", "triangle begins in the corner")
def _(T_q, T_k):
    return torch.ones(T_q, T_k, dtype=torch.bool).tril()


@wrong("causal_mask", "not itself")
def _(T_q, T_k):
    return torch.ones(T_q, T_k, dtype=torch.bool).tril(T_k - T_q - 1)


@wrong("causal_mask", "True where hidden")
def _(T_q, T_k):
    return torch.ones(T_q, T_k, dtype=torch.bool).triu(T_k - T_q + 1)


@wrong("causal_mask", "floats")
def _(T_q, T_k):
    return torch.ones(T_q, T_k).tril(T_k - T_q)


@wrong("causal_mask", "shifted the other way")
def _(T_q, T_k):
    return torch.ones(T_q, T_k, dtype=torch.bool).tril(T_q - T_k)


@wrong("causal_mask", "first rows instead of last")
def _(T_q, T_k):
    return torch.ones(T_k, T_k, dtype=torch.bool).tril()[:T_q]


@right("causal_mask", "positions compared")
def _(T_q, T_k):
    query = torch.arange(T_k - T_q, T_k)
    return query[:, None] >= torch.arange(T_k)[None, :]


@right("causal_mask", "the last rows of the square, a view")
def _(T_q, T_k):
    return torch.ones(T_k, T_k, dtype=torch.bool).tril()[T_k - T_q :]


@right("causal_mask", "lists")
def _(T_q, T_k):
    return torch.tensor([[s <= T_k - T_q + t for s in range(T_k)] for t in range(T_q)])


@wrong("padding_mask", "one too long")
def _(lengths, T):
    return (torch.arange(T) <= lengths[:, None])[:, None, :]


@wrong("padding_mask", "shape (B, T)")
def _(lengths, T):
    return torch.arange(T) < lengths[:, None]


@wrong("padding_mask", "hides the queries, (B, T, 1)")
def _(lengths, T):
    return (torch.arange(T) < lengths[:, None])[:, :, None]


@wrong("padding_mask", "as long as the longest sequence")
def _(lengths, T):
    return (torch.arange(int(lengths.max())) < lengths[:, None])[:, None]


@wrong("padding_mask", "True where padding")
def _(lengths, T):
    return (torch.arange(T) >= lengths[:, None])[:, None]


@wrong("padding_mask", "copied to all queries, (B, T, T)")
def _(lengths, T):
    return (torch.arange(T) < lengths[:, None])[:, None].expand(-1, T, -1)


@right("padding_mask", "row by row")
def _(lengths, T):
    mask = torch.zeros(len(lengths), 1, T, dtype=torch.bool)
    for b, n in enumerate(lengths.tolist()):
        mask[b, 0, :n] = True
    return mask


@right("padding_mask", "rows of a triangle")
def _(lengths, T):
    return torch.ones(T, T, dtype=torch.bool).tril()[lengths - 1].unsqueeze(1)


@wrong("effective_keys", "0 times log 0")
def _(shares):
    return torch.exp(-(shares * shares.log()).sum(-1))


@wrong("effective_keys", "the entropy")
def _(shares):
    return -torch.xlogy(shares, shares).sum(-1)


@wrong("effective_keys", "log2 in, exp out")
def _(shares):
    logs = torch.where(shares > 0, shares, 1).log2()
    return torch.exp(-(shares * logs).sum(-1))


@wrong("effective_keys", "one over the sum of squares, agrees for equal shares only")
def _(shares):
    return 1 / shares.square().sum(-1)


@wrong("effective_keys", "number of keys with a share")
def _(shares):
    return (shares > 0).sum(-1).to(shares.dtype)


@wrong("effective_keys", "0.01 added inside the logarithm")
def _(shares):
    return torch.exp(-(shares * (shares + 0.01).log()).sum(-1))


@wrong("effective_keys", "summed over all rows")
def _(shares):
    some = shares[shares > 0]
    return torch.exp(-(some * some.log()).sum())


@wrong("effective_keys", "zeros in the argument replaced by ones, in place")
def _(shares):
    shares[shares == 0] = 1.0
    return torch.exp(-(shares * shares.log()).sum(-1))


@right("effective_keys", "special.entr")
def _(shares):
    return torch.special.entr(shares).sum(dim=-1).exp()


@right("effective_keys", "nansum")
def _(shares):
    return (-(shares * shares.log()).nansum(-1)).exp()


@right("effective_keys", "product of p to the minus p")
def _(shares):
    return (shares**-shares).prod(-1)


@right("effective_keys", "log of 1 where the share is 0")
def _(shares):
    logs = torch.log(shares.masked_fill(shares == 0, 1.0))
    return torch.exp(-torch.einsum("...s,...s->...", shares, logs))


@wrong("cross_attention", "values from x")
def _(x, memory, w_query, w_key, w_value, mask=None):
    return attention(x @ w_query.T, memory @ w_key.T, x @ w_value.T, mask)


@wrong("cross_attention", "the memory asks")
def _(x, memory, w_query, w_key, w_value, mask=None):
    return attention(memory @ w_query.T, x @ w_key.T, x @ w_value.T, mask)


@wrong("cross_attention", "weights not transposed")
def _(x, memory, w_query, w_key, w_value, mask=None):
    return attention(x @ w_query, memory @ w_key, memory @ w_value, mask)


@wrong("cross_attention", "mask forgotten")
def _(x, memory, w_query, w_key, w_value, mask=None):
    return attention(x @ w_query.T, memory @ w_key.T, memory @ w_value.T)


@wrong("cross_attention", "causal without a mask")
def _(x, memory, w_query, w_key, w_value, mask=None):
    if mask is None:
        mask = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool).tril()
    return attention(x @ w_query.T, memory @ w_key.T, memory @ w_value.T, mask)


@wrong("cross_attention", "root of n_embd")
def _(x, memory, w_query, w_key, w_value, mask=None):
    q, k, v = x @ w_query.T, memory @ w_key.T, memory @ w_value.T
    scores = q @ k.mT / x.shape[-1] ** 0.5
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(-1) @ v


@right("cross_attention", "F.linear, torch's fused attention")
def _(x, memory, w_query, w_key, w_value, mask=None):
    q, k, v = F.linear(x, w_query), F.linear(memory, w_key), F.linear(memory, w_value)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@right("cross_attention", "the memory mixed first, projected afterwards")
def _(x, memory, w_query, w_key, w_value, mask=None):
    scores = torch.einsum("bte,he,hm,bsm->bts", x, w_query, w_key, memory) / len(w_query) ** 0.5
    if mask is not None:
        scores = torch.where(mask, scores, float("-inf"))
    return scores.softmax(-1) @ memory @ w_value.T


@wrong("head", "root of n_embd")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        wei = self.query(x) @ self.key(x).transpose(-2, -1) * C**-0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


@wrong("head", "mask not cropped to T")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


@wrong("head", "with biases")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size)
        self.query = nn.Linear(n_embd, head_size)
        self.value = nn.Linear(n_embd, head_size)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T = x.shape[1]
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


@wrong("head", "the mask is a parameter")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.tril = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T = x.shape[1]
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


@wrong("head", "the mask is a plain attribute, left behind on .to()")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.tril = torch.tril(torch.ones(block_size, block_size))

    def forward(self, x):
        T = x.shape[1]
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


@wrong("head", "keys look at queries")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T = x.shape[1]
        k, q = self.key(x), self.query(x)
        wei = k @ q.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=-1) @ self.value(x)


@wrong("head", "softmax over dim 1")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T = x.shape[1]
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return F.softmax(wei, dim=1) @ self.value(x)


@wrong("head", "no mask")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        return F.scaled_dot_product_attention(self.query(x), self.key(x), self.value(x))


@wrong("head", "dropout of 0.2 added")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.dropout = nn.Dropout(0.2)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T = x.shape[1]
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return self.dropout(F.softmax(wei, dim=-1)) @ self.value(x)


@right("head", "torch's fused attention, nothing stored")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        for name in ("key", "query", "value"):
            setattr(self, name, nn.Linear(n_embd, head_size, bias=False))

    def forward(self, x):
        return F.scaled_dot_product_attention(
            self.query(x), self.key(x), self.value(x), is_causal=True
        )


@right("head", "a buffer of -inf, added; not persistent")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        future = torch.full((block_size, block_size), float("-inf")).triu(1)
        self.register_buffer("future", future, persistent=False)
        self.scale = head_size**-0.5

    def forward(self, x):
        T = x.size(1)
        q = self.query(x) * self.scale
        wei = torch.einsum("btd,bsd->bts", q, self.key(x)) + self.future[:T, :T]
        return torch.bmm(wei.softmax(2), self.value(x))


@right("head", "mask made in forward, on the device of x")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        at = torch.arange(x.shape[1], device=x.device)
        v = self.value(x)
        wei = self.query(x) @ self.key(x).mT / v.shape[-1] ** 0.5
        return torch.where(at[:, None] >= at, wei, -torch.inf).softmax(-1) @ v


@wrong("multi_head", "tuples read as query, key, value")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_query, w_key, w_value in heads:
        q, k, v = x @ w_query.T, x @ w_key.T, x @ w_value.T
        wei = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5
        wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))
        outs.append(F.softmax(wei, dim=-1) @ v)
    return torch.cat(outs, dim=-1) @ w_proj.T + b_proj


@wrong("multi_head", "root of n_embd")
def _(x, heads, w_proj, b_proj, tril):
    (B, T, C), outs = x.shape, []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).transpose(-2, -1) * C**-0.5
        wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))
        outs.append(F.softmax(wei, dim=-1) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj.T + b_proj


@wrong("multi_head", "outputs interleaved")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_key.shape[0] ** 0.5
        wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))
        outs.append(F.softmax(wei, dim=-1) @ (x @ w_value.T))
    return torch.stack(outs, dim=-1).flatten(2) @ w_proj.T + b_proj


@wrong("multi_head", "bias forgotten")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_key.shape[0] ** 0.5
        wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))
        outs.append(F.softmax(wei, dim=-1) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj.T


@wrong("multi_head", "projection not transposed")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_key.shape[0] ** 0.5
        wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))
        outs.append(F.softmax(wei, dim=-1) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj + b_proj


@wrong("multi_head", "tril multiplied on behind the softmax")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_key.shape[0] ** 0.5
        outs.append((F.softmax(wei, dim=-1) * tril[:T, :T]) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj.T + b_proj


@wrong("multi_head", "tril not cropped")
def _(x, heads, w_proj, b_proj, tril):
    outs = []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_key.shape[0] ** 0.5
        wei = wei.masked_fill(tril == 0, float("-inf"))
        outs.append(F.softmax(wei, dim=-1) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj.T + b_proj


@wrong("multi_head", "last head first")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_key.shape[0] ** 0.5
        wei = wei.masked_fill(tril[:T, :T] == 0, float("-inf"))
        outs.insert(0, F.softmax(wei, dim=-1) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj.T + b_proj


@wrong("multi_head", "root of all heads' width")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = x.shape[1], []
    for w_key, w_query, w_value in heads:
        wei = (x @ w_query.T) @ (x @ w_key.T).mT / w_proj.shape[1] ** 0.5
        outs.append(F.softmax(wei + tril[-T:, -T:].log(), dim=-1) @ (x @ w_value.T))
    return torch.cat(outs, dim=-1) @ w_proj.T + b_proj


@right("multi_head", "each head projected by its own columns, then added up")
def _(x, heads, w_proj, b_proj, tril):
    T = x.shape[1]
    pieces = w_proj.split(heads[0][0].shape[0], dim=1)
    out = b_proj
    for (w_key, w_query, w_value), piece in zip(heads, pieces):
        q, k, v = F.linear(x, w_query), F.linear(x, w_key), F.linear(x, w_value)
        wei = (q @ k.mT / q.shape[-1] ** 0.5 + tril[:T, :T].log()).softmax(-1)
        out = out + wei @ v @ piece.T
    return out


@right("multi_head", "torch's fused attention, tril as a bool mask")
def _(x, heads, w_proj, b_proj, tril):
    T = x.shape[1]
    mask = tril[:T, :T].bool()

    def one(w_key, w_query, w_value):
        q, k, v = F.linear(x, w_query), F.linear(x, w_key), F.linear(x, w_value)
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)

    return F.linear(torch.cat([one(*head) for head in heads], -1), w_proj, b_proj)


@wrong("split_heads", "view without transpose")
def _(x, n_head):
    B, T, C = x.shape
    return x.reshape(B, n_head, T, C // n_head)


@wrong("split_heads", "heads stay behind time")
def _(x, n_head):
    B, T, C = x.shape
    return x.reshape(B, T, n_head, C // n_head)


@wrong("split_heads", "interleaved: feature i to head i mod n_head")
def _(x, n_head):
    B, T, C = x.shape
    return x.reshape(B, T, C // n_head, n_head).permute(0, 3, 1, 2)


@wrong("split_heads", "n_head taken for the head's size")
def _(x, n_head):
    return torch.stack(x.split(n_head, dim=-1), dim=1)


@wrong("split_heads", "heads before the batch")
def _(x, n_head):
    return torch.stack(x.chunk(n_head, dim=-1))


@wrong("split_heads", "as float")
def _(x, n_head):
    B, T, C = x.shape
    return x.float().reshape(B, T, n_head, C // n_head).transpose(1, 2)


@right("split_heads", "chunks stacked")
def _(x, n_head):
    return torch.stack(x.chunk(n_head, dim=-1), dim=1)


@right("split_heads", "unflatten, movedim")
def _(x, n_head):
    return x.unflatten(-1, (n_head, -1)).movedim(2, 1)


@right("split_heads", "view: cutting one dimension always works, a view comes back")
def _(x, n_head):
    B, T, C = x.shape
    return x.view(B, T, n_head, C // n_head).permute(0, 2, 1, 3)


@wrong("merge_heads", "reshape without transpose")
def _(y):
    B, n_head, T, hs = y.shape
    return y.reshape(B, T, n_head * hs)


@wrong("merge_heads", "view of what is not contiguous")
def _(y):
    B, n_head, T, hs = y.shape
    return y.transpose(1, 2).view(B, T, n_head * hs)


@wrong("merge_heads", "features of the heads interleaved")
def _(y):
    return y.permute(0, 2, 3, 1).flatten(2)


@wrong("merge_heads", "two heads only")
def _(y):
    return torch.cat([y[:, 0], y[:, 1]], dim=-1)


@wrong("merge_heads", "heads added")
def _(y):
    return y.sum(1)


@wrong("merge_heads", "last head first")
def _(y):
    return torch.cat(y.flip(1).unbind(1), dim=-1)


@right("merge_heads", "cat of unbind")
def _(y):
    return torch.cat(y.unbind(1), dim=-1)


@right("merge_heads", "contiguous, view")
def _(y):
    B, n_head, T, hs = y.shape
    return (
        y.permute(0, 2, 1, 3).contiguous().view(B, T, -1)
        if y.numel()
        else y.new_empty(B, T, n_head * hs)
    )


@right("merge_heads", "slices written into an empty tensor")
def _(y):
    B, n_head, T, hs = y.shape
    out = torch.empty(B, T, n_head * hs, dtype=y.dtype)
    for h in range(n_head):
        out[..., h * hs : (h + 1) * hs] = y[:, h]
    return out


@wrong("batched_heads", "root of n_embd")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, C = x.shape
    q, k, v = (split_heads(x @ w.T, n_head) for w in (w_query, w_key, w_value))
    wei = (q @ k.mT / C**0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return merge_heads(wei.softmax(-1) @ v) @ w_proj.T + b_proj


@wrong("batched_heads", "root of all heads' width")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    q, k, v = (split_heads(x @ w.T, n_head) for w in (w_query, w_key, w_value))
    wei = (q @ k.mT / len(w_key) ** 0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return merge_heads(wei.softmax(-1) @ v) @ w_proj.T + b_proj


@wrong("batched_heads", "head size from n_embd")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, C = x.shape
    hs = C // n_head
    q, k, v = ((x @ w.T).view(B, T, n_head, hs).transpose(1, 2) for w in (w_query, w_key, w_value))
    wei = (q @ k.mT / hs**0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return (wei.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C) @ w_proj.T + b_proj


@wrong("batched_heads", "view(B, n_head, T, hs)")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, C = x.shape
    hs = w_key.shape[0] // n_head
    q, k, v = ((x @ w.T).view(B, n_head, T, hs) for w in (w_query, w_key, w_value))
    wei = (q @ k.mT / hs**0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return (wei.softmax(-1) @ v).reshape(B, T, n_head * hs) @ w_proj.T + b_proj


@wrong("batched_heads", "merged without the transpose back")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, C = x.shape
    q, k, v = (split_heads(x @ w.T, n_head) for w in (w_query, w_key, w_value))
    wei = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return (wei.softmax(-1) @ v).reshape(B, T, -1) @ w_proj.T + b_proj


@wrong("batched_heads", "query and key swapped")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    q, k, v = (split_heads(x @ w.T, n_head) for w in (w_key, w_query, w_value))
    wei = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return merge_heads(wei.softmax(-1) @ v) @ w_proj.T + b_proj


@wrong("batched_heads", "one big head")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    q, k, v = x @ w_query.T, x @ w_key.T, x @ w_value.T
    wei = (q @ k.mT / (q.shape[-1] // n_head) ** 0.5).masked_fill(tril[:T, :T] == 0, float("-inf"))
    return wei.softmax(-1) @ v @ w_proj.T + b_proj


@right("batched_heads", "einsum all the way")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    q, k, v = (
        torch.einsum("bte,hde->bhtd", x, w.reshape(n_head, -1, w.shape[-1]))
        for w in (w_query, w_key, w_value)
    )
    wei = torch.einsum("bhtd,bhsd->bhts", q, k) / q.shape[-1] ** 0.5
    wei = torch.where(tril[:T, :T] > 0, wei, float("-inf")).softmax(-1)
    p = w_proj.reshape(len(w_proj), n_head, -1)
    return torch.einsum("bhts,bhsd,ohd->bto", wei, v, p) + b_proj


@right("batched_heads", "one product for q, k and v; fused attention")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, _ = x.shape
    qkv = F.linear(x, torch.cat([w_query, w_key, w_value]))
    q, k, v = qkv.view(B, T, 3, n_head, -1).permute(2, 0, 3, 1, 4)
    y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
    return F.linear(y.transpose(1, 2).flatten(2), w_proj, b_proj)


@wrong("layer_norm", "variance divided by C - 1")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True)
    return gain * (x - mean) / torch.sqrt(var + eps) + bias


@wrong("layer_norm", "eps behind the root")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    std = x.var(-1, keepdim=True, correction=0).sqrt()
    return gain * (x - mean) / (std + eps) + bias


@wrong("layer_norm", "mean and variance detached")
def _(x, gain, bias, eps=1e-5):
    with torch.no_grad():
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, unbiased=False)
    return gain * (x - mean) / torch.sqrt(var + eps) + bias


@wrong("layer_norm", "only the variance detached")
def _(x, gain, bias, eps=1e-5):
    var, mean = torch.var_mean(x, -1, keepdim=True, correction=0)
    return gain * (x - mean) / torch.sqrt(var.detach() + eps) + bias


@wrong("layer_norm", "over the batch, as BatchNorm does")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(0, keepdim=True)
    var = x.var(0, keepdim=True, unbiased=False)
    return gain * (x - mean) / torch.sqrt(var + eps) + bias


@wrong("layer_norm", "eps of the call ignored")
def _(x, gain, bias, eps=1e-5):
    return F.layer_norm(x, gain.shape, gain, bias)


@wrong("layer_norm", "gain on the bias as well")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    var = x.var(-1, keepdim=True, unbiased=False)
    return gain * ((x - mean) / torch.sqrt(var + eps) + bias)


@wrong("layer_norm", "dim=2: three dimensions only")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(2, keepdim=True)
    var = x.var(2, keepdim=True, unbiased=False)
    return gain * (x - mean) / torch.sqrt(var + eps) + bias


@wrong("layer_norm", "x centred in place")
def _(x, gain, bias, eps=1e-5):
    x -= x.mean(-1, keepdim=True)
    return gain * x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) + bias


@right("layer_norm", "F.layer_norm")
def _(x, gain, bias, eps=1e-5):
    return F.layer_norm(x, x.shape[-1:], weight=gain, bias=bias, eps=eps)


@right("layer_norm", "centred, mean of squares, rsqrt")
def _(x, gain, bias, eps=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    return torch.addcmul(
        bias, centred * gain, centred.pow(2).mean(-1, keepdim=True).add(eps).rsqrt()
    )


@right("layer_norm", "sums by hand, dimension moved to the front")
def _(x, gain, bias, eps=1e-5):
    C = x.shape[-1]
    mean = (x.sum(-1) / C)[..., None]
    var = (((x - mean) ** 2).sum(-1) / C)[..., None]
    return (x - mean) / (var + eps) ** 0.5 * gain + bias


@wrong("dropout", "kept with probability p")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    keep = torch.rand(x.shape, generator=generator) < p
    return torch.where(keep, x / p, 0.0)


@wrong("dropout", "keeps where rand is below 1 - p: others than these")
def _(x, p, training, generator=None):
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator) < 1 - p
    return torch.where(keep, x / (1 - p) if p < 1 else x * 0, 0.0)


@wrong("dropout", "not scaled up")
def _(x, p, training, generator=None):
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator) >= p)


@wrong("dropout", "scaled down in eval instead")
def _(x, p, training, generator=None):
    if not training:
        return x * (1 - p)
    return x * (torch.rand(x.shape, generator=generator) >= p)


@wrong("dropout", "p = 1 gives nan")
def _(x, p, training, generator=None):
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator) >= p
    return x * keep / (1.0 - torch.tensor(p)).to(x.dtype)


@wrong("dropout", "p = 1: forward right, gradient nan")
def _(x, p, training, generator=None):
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator) >= p
    return torch.where(keep, x / torch.tensor(1 - p, dtype=x.dtype), 0.0)


@wrong("dropout", "generator ignored")
def _(x, p, training, generator=None):
    return F.dropout(x, p, training)


@wrong("dropout", "draws in eval mode")
def _(x, p, training, generator=None):
    keep = torch.rand(x.shape, generator=generator) >= p
    if not training:
        return x
    if p == 1:
        return x * 0
    return x * keep / (1 - p)


@wrong("dropout", "drawn in the dtype of x: float64 gets other numbers")
def _(x, p, training, generator=None):
    if not training:
        return x
    if p == 1:
        return x * 0
    return x * (torch.rand(x.shape, generator=generator, dtype=x.dtype) >= p) / (1 - p)


@wrong("dropout", "one draw for each column")
def _(x, p, training, generator=None):
    if not training:
        return x
    if p == 1:
        return x * 0
    return x * (torch.rand(x.shape[-1:], generator=generator) >= p) / (1 - p)


@wrong("dropout", "x zeroed in place")
def _(x, p, training, generator=None):
    if not training:
        return x
    drop = torch.rand(x.shape, generator=generator) < p
    with torch.no_grad():
        x[drop] = 0
    return x / (1 - p) if p < 1 else x * 0


@wrong("dropout", "bernoulli: other draws")
def _(x, p, training, generator=None):
    if not training:
        return x
    if p == 1:
        return x * 0
    return x * torch.bernoulli(torch.full(x.shape, 1.0 - p), generator=generator) / (1 - p)


@right("dropout", "masked_fill, scaled by what is kept; always draws while training")
def _(x, p, training, generator=None):
    if not training:
        return x
    drop = torch.rand(x.shape, generator=generator) < p
    scale = 1 / (1 - p) if p < 1 else 0.0
    return (x * scale).masked_fill(drop, 0)


@right("dropout", "a factor for each number, made without gradient")
def _(x, p, training, generator=None):
    if training and p > 0:
        keep = torch.rand(x.shape, generator=generator).ge(p).to(x.dtype)
        return x * (keep / max(1 - p, 1e-30))
    return x.clone()


@wrong("feed_forward", "no ReLU")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.p = p

    def forward(self, x):
        return dropout(self.shrink(self.expand(x)), self.p, self.training)


@wrong("feed_forward", "twice as wide")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 2 * n_embd)
        self.shrink = nn.Linear(2 * n_embd, n_embd)
        self.p = p

    def forward(self, x):
        return dropout(self.shrink(F.relu(self.expand(x))), self.p, self.training)


@wrong("feed_forward", "F.dropout without training")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.p = p

    def forward(self, x):
        return F.dropout(self.shrink(F.relu(self.expand(x))), self.p)


@wrong("feed_forward", "dropout between the layers")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.p = p

    def forward(self, x):
        return self.shrink(dropout(F.relu(self.expand(x)), self.p, self.training))


@wrong("feed_forward", "GELU")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        return self.drop(self.shrink(F.gelu(self.expand(x))))


@wrong("feed_forward", "ReLU at the end as well")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        return self.drop(F.relu(self.shrink(F.relu(self.expand(x)))))


@wrong("feed_forward", "residual inside")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        return x + self.drop(self.shrink(F.relu(self.expand(x))))


@wrong("feed_forward", "dropout of 0.2 whatever p is")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.drop = nn.Dropout(0.2)

    def forward(self, x):
        return self.drop(self.shrink(F.relu(self.expand(x))))


@wrong("feed_forward", "p ignored")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)

    def forward(self, x):
        return self.shrink(F.relu(self.expand(x)))


@wrong("feed_forward", "no biases")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd, bias=False)
        self.shrink = nn.Linear(4 * n_embd, n_embd, bias=False)
        self.p = p

    def forward(self, x):
        return dropout(self.shrink(F.relu(self.expand(x))), self.p, self.training)


@right("feed_forward", "nn.Dropout, clamp for ReLU")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(in_features=4 * n_embd, out_features=n_embd)
        self.drop = nn.Dropout(p)

    def forward(self, x):
        return self.drop(self.shrink(self.expand(x).clamp(min=0)))


@right("feed_forward", "early return in eval mode, F.dropout while training")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        width = n_embd * 4
        self.expand, self.shrink = nn.Linear(n_embd, width), nn.Linear(width, n_embd)
        self.probability = p

    def forward(self, x):
        hidden = self.expand(x)
        y = self.shrink(torch.where(hidden > 0, hidden, torch.zeros_like(hidden)))
        if not self.training:
            return y
        return F.dropout(y, p=self.probability, training=True)


@wrong("residual", "begins behind the norm")
def _(x, norm, layer):
    y = norm(x)
    return y + layer(y)


@wrong("residual", "post-norm")
def _(x, norm, layer):
    return norm(x + layer(x))


@wrong("residual", "norm forgotten")
def _(x, norm, layer):
    return x + layer(x)


@wrong("residual", "the layer's result normalized")
def _(x, norm, layer):
    return x + norm(layer(x))


@wrong("residual", "x changed in place")
def _(x, norm, layer):
    x += layer(norm(x))
    return x


@wrong("residual", "x not added")
def _(x, norm, layer):
    return layer(norm(x))


@wrong("residual", "layer called twice")
def _(x, norm, layer):
    assert layer(norm(x)).shape == x.shape
    return x + layer(norm(x))


@right("residual", "torch.add, steps one by one")
def _(x, norm, layer):
    normalized = norm(x)
    found = layer(normalized)
    return torch.add(found, x)


@right("residual", "sum of a stack")
def _(x, norm, layer):
    return torch.stack([x, layer(norm(x))]).sum(0)


@wrong("block", "second residual begins at x again")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        y = x + self.heads(self.ln1(x))
        return x + self.feed(self.ln2(y))


@wrong("block", "both layers read x")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        return x + self.heads(self.ln1(x)) + self.feed(self.ln2(x))


@wrong("block", "post-norm")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = self.ln1(x + self.heads(x))
        return self.ln2(x + self.feed(x))


@wrong("block", "one norm for both")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = x + self.heads(self.ln1(x))
        return x + self.feed(self.ln1(x))


@wrong("block", "ln2 is ln1")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = self.ln2 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = residual(x, self.ln1, self.heads)
        return residual(x, self.ln2, self.feed)


@wrong("block", "feed-forward first")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = residual(x, self.ln2, self.feed)
        return residual(x, self.ln1, self.heads)


@wrong("block", "dropout not passed on to attention")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = residual(x, self.ln1, self.heads)
        return residual(x, self.ln2, self.feed)


@wrong("block", "x changed in place")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x += self.heads(self.ln1(x))
        x += self.feed(self.ln2(x))
        return x


@wrong("block", "one head whatever n_head is")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, 1, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = residual(x, self.ln1, self.heads)
        return residual(x, self.ln2, self.feed)


@wrong("block", "torch's LayerNorm: no gain, other names")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = nn.LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = nn.LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        x = residual(x, self.ln1, self.heads)
        return residual(x, self.ln2, self.feed)


@wrong("block", "no second residual")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        return self.feed(self.ln2(x + self.heads(self.ln1(x))))


@right("block", "written out, without residual()")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1, self.ln2 = LayerNorm(n_embd), LayerNorm(n_embd)
        self.heads, self.feed = MultiHead(n_embd, n_head, p=p), FeedForward(n_embd, p=p)

    def forward(self, x):
        gathered = x + self.heads(self.ln1(x))
        return gathered + self.feed(self.ln2(gathered))


@right("block", "a clone, changed in place; a loop over both layers")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        stream = x.clone()
        for norm, layer in ((self.ln1, self.heads), (self.ln2, self.feed)):
            stream = stream + layer(norm(stream.clone()))
        return stream


@wrong("gpt_init", "bias left as torch made it")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, mean=0.0, std=0.02)


@wrong("gpt_init", "embeddings forgotten")
def _(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


@wrong("gpt_init", "crashes without a bias")
def _(module):
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, mean=0.0, std=0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, mean=0.0, std=0.02)


@wrong("gpt_init", "variance 0.02")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02**0.5)
        if getattr(module, "bias", None) is not None:
            nn.init.zeros_(module.bias)


@wrong("gpt_init", "new parameters: the tie and the optimizer are lost")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        module.weight = nn.Parameter(torch.randn_like(module.weight) * 0.02)
        if getattr(module, "bias", None) is not None:
            module.bias = nn.Parameter(torch.zeros_like(module.bias))


@wrong("gpt_init", "the modules inside as well")
def _(module):
    for m in module.modules():
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
            if isinstance(m, nn.Linear) and m.bias is not None:
                nn.init.zeros_(m.bias)


@wrong("gpt_init", "everything with a weight, LayerNorm too")
def _(module):
    if getattr(module, "weight", None) is not None:
        nn.init.normal_(module.weight, std=0.02)
    if getattr(module, "bias", None) is not None:
        nn.init.zeros_(module.bias)


@wrong("gpt_init", "parameters no longer learn")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        module.requires_grad_(False)
        module.weight.normal_(0, 0.02)
        if getattr(module, "bias", None) is not None:
            module.bias.zero_()


@wrong("gpt_init", "seeded anew each time: all layers equal")
def _(module):
    torch.manual_seed(1337)
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


@wrong("gpt_init", "uniform between -0.02 and 0.02")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        nn.init.uniform_(module.weight, -0.02, 0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)


@right("gpt_init", "no_grad, methods of the tensors")
def _(module):
    with torch.no_grad():
        if isinstance(module, nn.Embedding):
            module.weight.normal_(0.0, 0.02)
        elif isinstance(module, nn.Linear):
            module.weight.normal_(0.0, 0.02)
            if module.bias is not None:
                module.bias.fill_(0.0)


@right("gpt_init", "randn times 0.02, copied into .data")
def _(module):
    if not isinstance(module, (nn.Linear, nn.Embedding)):
        return
    module.weight.data.copy_(0.02 * torch.randn(module.weight.shape))
    bias = getattr(module, "bias", None)
    if bias is not None:
        bias.data.zero_()


@wrong("gpt_embed", "tokens alone")
class _:
    def embed(self, idx):
        if idx.shape[1] > self.config.block_size:
            raise ValueError("too long")
        return self.token(idx)


@wrong("gpt_embed", "no check: an IndexError")
class _:
    def embed(self, idx):
        return self.token(idx) + self.position(torch.arange(idx.shape[1], device=idx.device))


@wrong("gpt_embed", "refuses block_size itself")
class _:
    def embed(self, idx):
        T = idx.shape[1]
        if T >= self.config.block_size:
            raise ValueError("too long")
        return self.token(idx) + self.position(torch.arange(T, device=idx.device))


@wrong("gpt_embed", "an assert")
class _:
    def embed(self, idx):
        T = idx.shape[1]
        assert T <= self.config.block_size, "too long"
        return self.token(idx) + self.position(torch.arange(T, device=idx.device))


@wrong("gpt_embed", "positions on the CPU")
class _:
    def embed(self, idx):
        T = idx.shape[1]
        if T > self.config.block_size:
            raise ValueError("too long")
        return self.token(idx) + self.position(torch.arange(T, device="cpu"))


@wrong("gpt_embed", "cropped instead of refused")
class _:
    def embed(self, idx):
        idx = idx[:, -self.config.block_size :]
        T = idx.shape[1]
        return self.token(idx) + self.position(torch.arange(T, device=idx.device))


@wrong("gpt_embed", "positions counted from the end of the block")
class _:
    def embed(self, idx):
        T = idx.shape[1]
        if T > self.config.block_size:
            raise ValueError("too long")
        return self.token(idx) + self.position.weight[-T:]


@wrong("gpt_embed", "all positions: T must be block_size")
class _:
    def embed(self, idx):
        if idx.shape[1] > self.config.block_size:
            raise ValueError("too long")
        return self.token(idx) + self.position.weight


@wrong("gpt_embed", "the position of the row in the batch")
class _:
    def embed(self, idx):
        B, T = idx.shape
        if T > self.config.block_size:
            raise ValueError("too long")
        at = torch.arange(B, device=idx.device) % self.config.block_size
        return self.token(idx) + self.position(at)[:, None]


@right("gpt_embed", "slice of the table")
class _:
    def embed(self, idx):
        T = idx.size(1)
        if T > self.config.block_size:
            raise ValueError(f"{T} > {self.config.block_size}")
        return self.position.weight[:T] + self.token.weight[idx]


@right("gpt_embed", "positions as large as idx, by cumsum")
class _:
    def embed(self, idx):
        if self.config.block_size < idx.shape[1]:
            raise ValueError("too long")
        at = torch.ones_like(idx).cumsum(1) - 1
        return self.token(idx) + self.position(at)


@wrong("gpt_forward", "final LayerNorm forgotten")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(x)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "view of targets that may not be contiguous")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        B, T, V = logits.shape
        return logits, F.cross_entropy(logits.view(B * T, V), targets.view(B * T))


@wrong("gpt_forward", "logits flat with targets")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        loss = None
        if targets is not None:
            logits = logits.reshape(-1, logits.shape[-1])
            loss = F.cross_entropy(logits, targets.reshape(-1))
        return logits, loss


@wrong("gpt_forward", "reshape puts V in the second place, moves nothing")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        B, T, V = logits.shape
        return logits, F.cross_entropy(logits.reshape(B, V, T), targets)


@wrong("gpt_forward", "blocks in reverse")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in reversed(self.blocks):
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "every block reads the embedding")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            y = block(x)
        logits = self.head(self.ln_f(y))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "LayerNorm after each block")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = self.ln_f(block(x))
        logits = self.head(x)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "probabilities instead of logits")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = F.softmax(self.head(self.ln_f(x)), dim=-1)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "targets shifted once more")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())


@wrong("gpt_forward", "last position only without targets")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        if targets is None:
            return self.head(self.ln_f(x[:, [-1]])), None
        logits = self.head(self.ln_f(x))
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@wrong("gpt_forward", "positions added twice")
class _:
    def forward(self, idx, targets=None):
        T = idx.shape[1]
        x = self.embed(idx) + self.position(torch.arange(T, device=idx.device))
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@right("gpt_forward", "nn.Sequential, classes transposed to place two")
class _:
    def forward(self, idx, targets=None):
        logits = nn.Sequential(*self.blocks, self.ln_f, self.head)(self.embed(idx))
        loss = None if targets is None else F.cross_entropy(logits.transpose(1, 2), targets)
        return logits, loss


@right("gpt_forward", "functools.reduce, log_softmax and gather")
class _:
    def forward(self, idx, targets=None):
        import functools

        x = functools.reduce(lambda x, block: block(x), self.blocks, self.embed(idx))
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        picked = logits.log_softmax(-1).gather(-1, targets.unsqueeze(-1))
        return logits, picked.mean().neg()


@wrong("expected_parameters", "final LayerNorm forgotten")
def _(config):
    C, V = config.n_embd, config.vocab_size
    block = 12 * C * C + 10 * C + 3 * C * config.qkv_bias
    total = V * C + config.block_size * C + config.n_layer * block
    return total + (0 if config.tied else V * C) + (V if config.head_bias else 0)


@wrong("expected_parameters", "bias of the queries, keys and values ignored")
def _(config):
    C, V = config.n_embd, config.vocab_size
    block = 12 * C * C + 10 * C
    total = V * C + config.block_size * C + config.n_layer * block + 2 * C
    return total + (0 if config.tied else V * C) + (V if config.head_bias else 0)


@wrong("expected_parameters", "head always with a bias")
def _(config):
    C, V = config.n_embd, config.vocab_size
    block = 12 * C * C + 10 * C + 3 * C * config.qkv_bias
    total = V * C + config.block_size * C + config.n_layer * block + 2 * C
    return total + V + (0 if config.tied else V * C)


@wrong("expected_parameters", "a tied head has no bias either")
def _(config):
    C, V = config.n_embd, config.vocab_size
    block = 12 * C * C + 10 * C + 3 * C * config.qkv_bias
    total = V * C + config.block_size * C + config.n_layer * block + 2 * C
    if not config.tied:
        total += V * C + (V if config.head_bias else 0)
    return total


@wrong("expected_parameters", "tied taken off twice: no token table")
def _(config):
    C, V = config.n_embd, config.vocab_size
    block = 12 * C * C + 10 * C + 3 * C * config.qkv_bias
    total = config.block_size * C + config.n_layer * block + 2 * C + V * config.head_bias
    return total + (0 if config.tied else 2 * V * C)


@wrong("expected_parameters", "the lecture's number")
def _(config):
    return 10788929


@wrong("expected_parameters", "true division: a float")
def _(config):
    C, V, nh = config.n_embd, config.vocab_size, config.n_head
    hs = C / nh
    block = 3 * nh * C * hs + C * C + 8 * C * C + 10 * C + 3 * C * config.qkv_bias
    total = V * C + config.block_size * C + config.n_layer * block + 2 * C
    return total + (0 if config.tied else V * C) + (V if config.head_bias else 0)


@wrong("expected_parameters", "projection's bias forgotten in all blocks but the first")
def _(config):
    C, V = config.n_embd, config.vocab_size
    block = 12 * C * C + 9 * C + 3 * C * config.qkv_bias
    total = V * C + config.block_size * C + config.n_layer * block + 3 * C
    return total + (0 if config.tied else V * C) + (V if config.head_bias else 0)


@right("expected_parameters", "summed layer by layer with a helper")
def _(config):
    C, V = config.n_embd, config.vocab_size

    def linear(n_in, n_out, bias=True):
        return n_in * n_out + (n_out if bias else 0)

    total = (V + config.block_size) * C
    for _ in range(config.n_layer):
        total += 2 * C + linear(C, 3 * C, config.qkv_bias) + linear(C, C)
        total += 2 * C + linear(C, 4 * C) + linear(4 * C, C)
    total += 2 * C + linear(C, V, config.head_bias)
    return total - V * C if config.tied else total


@right("expected_parameters", "one formula")
def _(config):
    C, V, L = config.n_embd, config.vocab_size, config.n_layer
    tables = C * (V * (1 if config.tied else 2) + config.block_size)
    return int(
        tables
        + L * C * (12 * C + 10 + 3 * int(config.qkv_bias))
        + 2 * C
        + V * int(config.head_bias)
    )


@wrong("count_parameters", "frozen ones too")
def _(model):
    return sum(p.numel() for p in model.parameters())


@wrong("count_parameters", "tied ones twice")
def _(model):
    return sum(
        p.numel() for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad
    )


@wrong("count_parameters", "how many tensors")
def _(model):
    return len([p for p in model.parameters() if p.requires_grad])


@wrong("count_parameters", "the state_dict: buffers and tied ones too")
def _(model):
    return sum(t.numel() for t in model.state_dict().values())


@wrong("count_parameters", "summed over all modules, each inner one counted again")
def _(model):
    return sum(p.numel() for m in model.modules() for p in m.parameters() if p.requires_grad)


@wrong("count_parameters", "own parameters only, none of the modules inside")
def _(model):
    return sum(p.numel() for p in model.parameters(recurse=False) if p.requires_grad)


@wrong("count_parameters", "a tensor comes back")
def _(model):
    return sum(torch.ones_like(p).sum() for p in model.parameters() if p.requires_grad)


@wrong("count_parameters", "equal shapes taken for the same tensor")
def _(model):
    return sum({tuple(p.shape): p.numel() for p in model.parameters() if p.requires_grad}.values())


@right("count_parameters", "by id, over all names")
def _(model):
    seen = {}
    for _, p in model.named_parameters(remove_duplicate=False):
        if p.requires_grad:
            seen[id(p)] = p.numel()
    return sum(seen.values())


@right("count_parameters", "math.prod of the shapes")
def _(model):
    return sum(math.prod(p.shape) for p in filter(lambda p: p.requires_grad, model.parameters()))


@right("count_parameters", "module by module, a set against doubles")
def _(model):
    done, total = set(), 0
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if p.requires_grad and p not in done:
                done.add(p)
                total += p.nelement()
    return total


@wrong("gpt_train_step", "gradients pile up")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("gpt_train_step", "zero_grad at the end")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("gpt_train_step", "zero_grad first and last: no gradient left to see")
def _(model, optimizer, x, y):
    optimizer.zero_grad()
    _, loss = model(x, y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("gpt_train_step", "a tensor")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


@wrong("gpt_train_step", "puts the model into training mode")
def _(model, optimizer, x, y):
    model.train()
    _, loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("gpt_train_step", "the loss after the step")
def _(model, optimizer, x, y):
    optimizer.zero_grad()
    model(x, y)[1].backward()
    optimizer.step()
    return model(x, y)[1].item()


@wrong("gpt_train_step", "gradients clipped to length 1")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 0.1)
    optimizer.step()
    return loss.item()


@wrong("gpt_train_step", "step before backward")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    optimizer.step()
    optimizer.zero_grad()
    loss.backward()
    return loss.item()


@right("gpt_train_step", "grads set to None by hand before")
def _(model, optimizer, x, y):
    for p in model.parameters():
        p.grad = None
    logits, loss = model(x, y)
    before = float(loss.detach())
    loss.backward()
    optimizer.step()
    return before


@right("gpt_train_step", "model.zero_grad, zeros kept")
def _(model, optimizer, x, y):
    optimizer.zero_grad(set_to_none=False)
    loss = model(x, targets=y)[1]
    torch.autograd.backward(loss)
    optimizer.step()
    return loss.tolist()


@wrong("keep_top_k", "k larger than V crashes")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    v, _ = torch.topk(logits, k)
    return logits.masked_fill(logits < v[..., [-1]], float("-inf"))


@wrong("keep_top_k", "exactly k: ties are dropped")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    v, i = torch.topk(logits, min(k, logits.shape[-1]))
    return torch.full_like(logits, float("-inf")).scatter(-1, i, v)


@wrong("keep_top_k", "0 instead of -inf")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    v, _ = torch.topk(logits, min(k, logits.shape[-1]))
    return torch.where(logits < v[..., -1:], 0.0, logits)


@wrong("keep_top_k", "in place")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    v, _ = torch.topk(logits, min(k, logits.size(-1)))
    logits[logits < v[..., [-1]]] = -float("inf")
    return logits


@wrong("keep_top_k", "no ValueError for k below 1")
def _(logits, k):
    if not k:
        return logits
    v, _ = torch.topk(logits, min(k, logits.shape[-1]))
    return logits.masked_fill(logits < v[..., -1:], float("-inf"))


@wrong("keep_top_k", "negative k refused, 0 let through")
def _(logits, k):
    if k is None or k == 0:
        return logits
    if k < 0:
        raise ValueError("k")
    v, _ = torch.topk(logits, min(k, logits.shape[-1]))
    return logits.masked_fill(logits < v[..., -1:], float("-inf"))


@wrong("keep_top_k", "the k-th is thrown away, too")
def _(logits, k):
    if k is None or k >= logits.shape[-1]:
        return logits.clone()
    if k < 1:
        raise ValueError("k")
    v, _ = torch.topk(logits, k)
    return logits.masked_fill(logits <= v[..., -1:], float("-inf"))


@wrong("keep_top_k", "the threshold of the first row for all")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    rows = logits.reshape(-1, logits.shape[-1])
    edge = rows[0].sort(descending=True).values[min(k, logits.shape[-1]) - 1]
    return logits.masked_fill(logits < edge, float("-inf"))


@wrong("keep_top_k", "-1e10 instead of -inf")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    v, _ = torch.topk(logits, min(k, logits.shape[-1]))
    return logits.masked_fill(logits < v[..., -1:], -1e10)


@wrong("keep_top_k", "only the largest come back")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    return torch.topk(logits, min(k, logits.shape[-1])).values


@wrong("keep_top_k", "the k smallest")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    edge = logits.sort(-1).values[..., min(k, logits.shape[-1]) - 1, None]
    return logits.masked_fill(logits > edge, float("-inf"))


@right("keep_top_k", "kthvalue from below")
def _(logits, k):
    V = logits.shape[-1]
    if k is None:
        return logits.clone()
    if k < 1:
        raise ValueError(f"k is {k}")
    if k >= V:
        return logits.clone()
    edge = logits.kthvalue(V - k + 1, dim=-1, keepdim=True).values
    return torch.where(logits >= edge, logits, -torch.inf)


@right("keep_top_k", "how many are larger?")
def _(logits, k):
    if k is None:
        return logits
    if not k >= 1:
        raise ValueError("k must be at least 1")
    larger = (logits[..., None, :] > logits[..., :, None]).sum(-1)
    out = logits.clone()
    out[larger >= k] = float("-inf")
    return out


@wrong("next_token_probs", "times temperature")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    logits = keep_top_k(logits, top_k)
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    return F.softmax(logits * temperature, dim=-1)


@wrong("next_token_probs", "temperature 0 divides by zero")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    return F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)


@wrong("next_token_probs", "temperature 0 as 1e-6: ties share")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    return F.softmax(keep_top_k(logits, top_k) / max(temperature, 1e-6), dim=-1)


@wrong("next_token_probs", "greedy: 1 for every largest")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    if temperature == 0:
        return (logits == logits.amax(-1, keepdim=True)).to(logits.dtype)
    return F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)


@wrong("next_token_probs", "greedy comes back as int64")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    logits = keep_top_k(logits, top_k)
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1])
    return F.softmax(logits / temperature, dim=-1)


@wrong("next_token_probs", "float32 whatever comes in")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    logits = keep_top_k(logits, top_k).float()
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).float()
    return F.softmax(logits / temperature, dim=-1)


@wrong("next_token_probs", "negative temperature let through")
def _(logits, temperature=1.0, top_k=None):
    logits = keep_top_k(logits, top_k)
    if temperature <= 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    return F.softmax(logits / temperature, dim=-1)


@wrong("next_token_probs", "0 refused")
def _(logits, temperature=1.0, top_k=None):
    if temperature <= 0:
        raise ValueError("temperature")
    return F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)


@wrong("next_token_probs", "top-k on probabilities, not shared out again")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    probs = F.softmax(logits / temperature, dim=-1)
    return probs.masked_fill(keep_top_k(logits, top_k) == float("-inf"), 0.0)


@wrong("next_token_probs", "softmax over dim 0")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    logits = keep_top_k(logits, top_k)
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    return F.softmax(logits / temperature, dim=0)


@wrong("next_token_probs", "logits divided in place")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    if temperature == 0:
        return F.one_hot(keep_top_k(logits, top_k).argmax(-1), logits.shape[-1]).to(logits.dtype)
    logits /= temperature
    return F.softmax(keep_top_k(logits, top_k), dim=-1)


@right("next_token_probs", "scatter for greedy; temperature before top-k")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        best = keep_top_k(logits, top_k).argmax(-1, keepdim=True)
        return torch.zeros_like(logits).scatter_(-1, best, 1.0)
    return torch.softmax(keep_top_k(logits / temperature, top_k), -1)


@right("next_token_probs", "exp of what is below the largest, divided by the sum")
def _(logits, temperature=1.0, top_k=None):
    if not temperature >= 0:
        raise ValueError("below zero")
    logits = keep_top_k(logits, top_k)
    if temperature:
        e = ((logits - logits.amax(-1, keepdim=True)) / temperature).exp()
        return e / e.sum(-1, keepdim=True)
    places = torch.arange(logits.shape[-1])
    return (places == logits.max(-1, keepdim=True).indices).type_as(logits)


@wrong("next_token", "not cropped")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx)
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.multinomial(probs, 1, generator=generator)


@wrong("next_token", "reads the beginning of a long text")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, : model.config.block_size])
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.multinomial(probs, 1, generator=generator)


@wrong("next_token", "crop one too short")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -(model.config.block_size - 1) :])
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.multinomial(probs, 1, generator=generator)


@wrong("next_token", "model put into eval mode and left there")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    model.eval()
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.multinomial(probs, 1, generator=generator)


@wrong("next_token", "first position")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, 0], temperature, top_k)
    return torch.multinomial(probs, 1, generator=generator)


@wrong("next_token", "generator ignored")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.multinomial(probs, 1)


@wrong("next_token", "top_k not passed on")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, -1], temperature)
    return torch.multinomial(probs, 1, generator=generator)


@wrong("next_token", "shape (B,)")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.multinomial(probs, 1, generator=generator).squeeze(1)


@wrong("next_token", "idx with the new token")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, -1], temperature, top_k)
    return torch.cat([idx, torch.multinomial(probs, 1, generator=generator)], dim=1)


@wrong("next_token", "always the largest")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    return next_token_probs(logits[:, -1], temperature, top_k).argmax(-1, keepdim=True)


@wrong("gpt_generate", "new tokens only")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    new = []
    for _ in range(max_new_tokens):
        new.append(next_token(model, torch.cat([idx, *new], 1), temperature, top_k, generator))
    return torch.cat(new, 1) if new else idx[:, :0]


@wrong("gpt_generate", "generator not passed on")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k)], 1)
    return idx


@wrong("gpt_generate", "temperature and top_k not passed on")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        idx = torch.cat([idx, next_token(model, idx, generator=generator)], 1)
    return idx


@wrong("gpt_generate", "the beginning is forgotten when the text gets long")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        idx = idx[:, -model.config.block_size :]
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k, generator)], 1)
    return idx


@wrong("gpt_generate", "0 tokens give None")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for i in range(max_new_tokens):
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k, generator)], 1)
        if i + 1 == max_new_tokens:
            return idx


@wrong("gpt_generate", "at least one token")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    while True:
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k, generator)], 1)
        max_new_tokens -= 1
        if max_new_tokens <= 0:
            return idx


@wrong("gpt_generate", "only the last token is handed over")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        idx = torch.cat([idx, next_token(model, idx[:, -1:], temperature, top_k, generator)], 1)
    return idx


@wrong("gpt_generate", "model left in eval mode")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    model.eval()
    for _ in range(max_new_tokens):
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k, generator)], 1)
    return idx


@right("gpt_generate", "one tensor made beforehand")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    B, T = idx.shape
    out = idx.new_empty(B, T + max_new_tokens)
    out[:, :T] = idx
    for t in range(T, T + max_new_tokens):
        out[:, t] = next_token(model, out[:, :t], temperature, top_k, generator)[:, 0]
    return out


@right("gpt_generate", "while loop, hstack, a clone")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    text, end = idx.clone(), idx.shape[1] + max_new_tokens
    while text.shape[1] < end:
        knobs = dict(temperature=temperature, top_k=top_k, generator=generator)
        text = torch.hstack((text, next_token(model, text, **knobs)))
    return text


@wrong("sinusoidal_positions", "halves: all sines, then all cosines")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    i = torch.arange(0, n_embd, 2)
    angles = torch.arange(T)[:, None] / base ** (i / n_embd)
    return torch.cat([angles.sin(), angles.cos()], dim=1)


@wrong("sinusoidal_positions", "i instead of 2i")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    i = torch.arange(n_embd // 2)
    angles = torch.arange(T)[:, None] / base ** (i / n_embd)
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(T, n_embd)


@wrong("sinusoidal_positions", "each column with a frequency of its own")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    angles = torch.arange(T)[:, None] / base ** (torch.arange(n_embd) / n_embd)
    table = torch.zeros(T, n_embd)
    table[:, 0::2] = angles[:, 0::2].sin()
    table[:, 1::2] = angles[:, 1::2].cos()
    return table


@wrong("sinusoidal_positions", "cosine first")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    angles = torch.arange(T)[:, None] / base ** (torch.arange(0, n_embd, 2) / n_embd)
    return torch.stack([angles.cos(), angles.sin()], dim=2).reshape(T, n_embd)


@wrong("sinusoidal_positions", "base ignored")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    angles = torch.arange(T)[:, None] / 10000.0 ** (torch.arange(0, n_embd, 2) / n_embd)
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(T, n_embd)


@wrong("sinusoidal_positions", "odd width not refused with ValueError")
def _(T, n_embd, base=10000.0):
    assert n_embd % 2 == 0
    angles = torch.arange(T)[:, None] / base ** (torch.arange(0, n_embd, 2) / n_embd)
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(T, n_embd)


@wrong("sinusoidal_positions", "positions from 1")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    angles = torch.arange(1, T + 1)[:, None] / base ** (torch.arange(0, n_embd, 2) / n_embd)
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(T, n_embd)


@wrong("sinusoidal_positions", "float64 comes back")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    i = torch.arange(0, n_embd, 2, dtype=torch.float64)
    angles = torch.arange(T)[:, None] / base ** (i / n_embd)
    return torch.stack([angles.sin(), angles.cos()], dim=2).reshape(T, n_embd)


@right("sinusoidal_positions", "math, number by number")
def _(T, n_embd, base=10000.0):
    import math

    if n_embd % 2 == 1:
        raise ValueError(f"n_embd = {n_embd} is odd")
    table = torch.empty(T, n_embd, dtype=torch.float32)
    for t in range(T):
        for i in range(n_embd // 2):
            angle = t / base ** (2 * i / n_embd)
            table[t, 2 * i], table[t, 2 * i + 1] = math.sin(angle), math.cos(angle)
    return table


@right("sinusoidal_positions", "complex hands, real and imaginary part swapped")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    speed = float(base) ** (-torch.arange(0, n_embd, 2, dtype=torch.float64) / n_embd)
    angles = torch.outer(torch.arange(T, dtype=torch.float64), speed)
    hands = torch.view_as_real(torch.polar(torch.ones_like(angles), angles))
    return hands.flip(-1).reshape(T, n_embd).to(torch.float32)


@wrong("rotary_angles", "float32")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    return positions[:, None] * theta ** (-torch.arange(0, hs, 2) / hs)


@wrong("rotary_angles", "exponent without the minus")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    i = torch.arange(0, hs, 2, dtype=torch.float64)
    return positions[:, None] * theta ** (i / hs)


@wrong("rotary_angles", "-i / hs")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    i = torch.arange(hs // 2, dtype=torch.float64)
    return positions[:, None] * theta ** (-i / hs)


@wrong("rotary_angles", "positions always 0, 1, 2, ...")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    i = torch.arange(0, hs, 2, dtype=torch.float64)
    return torch.arange(len(positions))[:, None] * theta ** (-i / hs)


@wrong("rotary_angles", "no check: odd hs gets one angle more")
def _(positions, hs, theta=10000.0):
    i = torch.arange(0, hs, 2, dtype=torch.float64)
    return positions[:, None] * theta ** (-i / hs)


@wrong("rotary_angles", "each angle twice, (T, hs)")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    i = torch.arange(0, hs, 2, dtype=torch.float64)
    return (positions[:, None] * theta ** (-i / hs)).repeat_interleave(2, dim=1)


@wrong("rotary_angles", "reduced to one turn")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    i = torch.arange(0, hs, 2, dtype=torch.float64)
    return torch.remainder(positions[:, None] * theta ** (-i / hs), 2 * torch.pi)


@right("rotary_angles", "outer product")
def _(positions, hs, theta=10000.0):
    if hs & 1:
        raise ValueError(f"hs = {hs}")
    speed = torch.pow(
        torch.tensor(theta, dtype=torch.float64), -2 * torch.arange(hs // 2).double() / hs
    )
    return torch.outer(positions.to(torch.float64), speed)


@right("rotary_angles", "Python numbers")
def _(positions, hs, theta=10000.0):
    if hs % 2 != 0:
        raise ValueError("hs must be even")
    rows = [[p * theta ** (-2 * i / hs) for i in range(hs // 2)] for p in positions.tolist()]
    return torch.tensor(rows, dtype=torch.float64).reshape(len(positions), hs // 2)


@wrong("rotary", "halves, as Hugging Face's LLaMA does")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


@wrong("rotary", "clockwise")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos + b * sin, b * cos - a * sin], dim=-1).flatten(-2)


@wrong("rotary", "neighbors turned, halves written")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


@wrong("rotary", "float64 for float32")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    a, b = x[..., 0::2], x[..., 1::2]
    cos, sin = angles.cos(), angles.sin()
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


@wrong("rotary", "in place, the second with the first already turned")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    out = x.clone()
    out[..., 0::2] = out[..., 0::2] * cos - out[..., 1::2] * sin
    out[..., 1::2] = out[..., 0::2] * sin + out[..., 1::2] * cos
    return out


@wrong("rotary", "x itself is turned")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., 0::2].clone(), x[..., 1::2].clone()
    x[..., 0::2] = a * cos - b * sin
    x[..., 1::2] = a * sin + b * cos
    return x


@wrong("rotary", "theta not passed on")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1])
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


@wrong("rotary", "positions counted anew")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(torch.arange(x.shape[2]), x.shape[-1], theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


@wrong("rotary", "view: fails for a transposed x")
def _(x, positions, theta=10000.0):
    B, nh, T, hs = x.shape
    angles = rotary_angles(positions, hs, theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    pairs = x.view(B * nh * T, hs // 2, 2).view(B, nh, T, hs // 2, 2)
    a, b = pairs.unbind(-1)
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).view(B, nh, T, hs)


@wrong("rotary", "odd hs: the last feature is left alone")
def _(x, positions, theta=10000.0):
    hs = x.shape[-1] // 2 * 2
    angles = rotary_angles(positions, hs, theta)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    out = x.clone()
    out[..., 0:hs:2] = x[..., 0:hs:2] * cos - x[..., 1:hs:2] * sin
    out[..., 1:hs:2] = x[..., 0:hs:2] * sin + x[..., 1:hs:2] * cos
    return out


@right("rotary", "complex multiplication in double precision")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    turn = torch.polar(torch.ones_like(angles), angles)
    z = torch.view_as_complex(x.double().unflatten(-1, (-1, 2)).contiguous())
    return torch.view_as_real(z * turn).flatten(-2).to(x.dtype)


@right("rotary", "x cos plus the neighbor swapped, sin; angles repeated")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta).repeat_interleave(2, dim=-1)
    swapped = torch.empty_like(x)
    swapped[..., 0::2], swapped[..., 1::2] = -x[..., 1::2], x[..., 0::2]
    return x * angles.cos().to(x.dtype) + swapped * angles.sin().to(x.dtype)


@right("rotary", "2 x 2 matrices, einsum")
def _(x, positions, theta=10000.0):
    a = rotary_angles(positions, x.shape[-1], theta)
    turn = torch.stack([a.cos(), -a.sin(), a.sin(), a.cos()], -1).unflatten(-1, (2, 2)).to(x.dtype)
    return torch.einsum("tirc,bhtic->bhtir", turn, x.unflatten(-1, (-1, 2))).flatten(-2)


@wrong("rotary_attention", "values turned as well")
def _(q, k, v, positions, theta=10000.0):
    q, k, v = (rotary(t, positions, theta) for t in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@wrong("rotary_attention", "not causal")
def _(q, k, v, positions, theta=10000.0):
    q, k = rotary(q, positions, theta), rotary(k, positions, theta)
    return F.scaled_dot_product_attention(q, k, v)


@wrong("rotary_attention", "causal by position, not by row")
def _(q, k, v, positions, theta=10000.0):
    q, k = rotary(q, positions, theta), rotary(k, positions, theta)
    mask = positions[:, None] >= positions
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@wrong("rotary_attention", "queries turned, keys not")
def _(q, k, v, positions, theta=10000.0):
    return F.scaled_dot_product_attention(rotary(q, positions, theta), k, v, is_causal=True)


@wrong("rotary_attention", "theta not passed on")
def _(q, k, v, positions, theta=10000.0):
    q, k = rotary(q, positions), rotary(k, positions)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@wrong("rotary_attention", "root of the values' size")
def _(q, k, v, positions, theta=10000.0):
    q, k = rotary(q, positions, theta), rotary(k, positions, theta)
    T = q.shape[2]
    wei = q @ k.mT / v.shape[-1] ** 0.5
    return wei.masked_fill(torch.ones(T, T).triu(1).bool(), float("-inf")).softmax(-1) @ v


@wrong("rotary_attention", "keys numbered 0, 1, 2, ...")
def _(q, k, v, positions, theta=10000.0):
    q, k = rotary(q, positions, theta), rotary(k, torch.arange(k.shape[2]), theta)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@right("rotary_attention", "by hand, tril and where")
def _(q, k, v, positions, theta=10000.0):
    T, hs = q.shape[-2:]
    scores = torch.einsum(
        "bhtd,bhsd->bhts", rotary(q, positions, theta), rotary(k, positions, theta)
    )
    past = torch.ones(T, T, dtype=torch.bool, device=q.device).tril()
    return torch.where(past, scores / hs**0.5, -torch.inf).softmax(-1) @ v


@right("rotary_attention", "positions counted from the first: only distances matter; row by row")
def _(q, k, v, positions, theta=10000.0):
    positions = positions - positions[0]
    q, k = rotary(q, positions, theta), rotary(k, positions, theta)
    rows = []
    for t in range(q.shape[2]):
        scores = (q[:, :, t : t + 1] * k[:, :, : t + 1]).sum(-1) / q.shape[-1] ** 0.5
        rows.append((scores.softmax(-1)[..., None] * v[:, :, : t + 1]).sum(2))
    return torch.stack(rows, dim=2)


@wrong("rms_norm", "mean subtracted")
def _(x, gain, eps=1e-5):
    x = x - x.mean(-1, keepdim=True)
    return x / torch.sqrt(x.square().mean(-1, keepdim=True) + eps) * gain


@wrong("rms_norm", "eps behind the root")
def _(x, gain, eps=1e-5):
    return x / (x.square().mean(-1, keepdim=True).sqrt() + eps) * gain


@wrong("rms_norm", "sum instead of mean: length 1")
def _(x, gain, eps=1e-5):
    return x / torch.sqrt(x.square().sum(-1, keepdim=True) + eps) * gain


@wrong("rms_norm", "one mean for the whole tensor")
def _(x, gain, eps=1e-5):
    return x / torch.sqrt(x.square().mean() + eps) * gain


@wrong("rms_norm", "no eps: zeros become nan")
def _(x, gain, eps=1e-5):
    return x / torch.sqrt(x.square().mean(-1, keepdim=True)) * gain


@wrong("rms_norm", "x divided in place")
def _(x, gain, eps=1e-5):
    x /= torch.sqrt(x.square().mean(-1, keepdim=True) + eps)
    return x * gain


@wrong("rms_norm", "gain forgotten")
def _(x, gain, eps=1e-5):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


@wrong("rms_norm", "eps fixed")
def _(x, gain, eps=1e-5):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * gain


@wrong("rms_norm", "mean over dim 1")
def _(x, gain, eps=1e-5):
    return x * torch.rsqrt(x.pow(2).mean(1, keepdim=True) + eps) * gain


@right("rms_norm", "F.rms_norm")
def _(x, gain, eps=1e-5):
    return F.rms_norm(x, (x.shape[-1],), weight=gain, eps=eps)


@right("rms_norm", "length over the root of C; rsqrt")
def _(x, gain, eps=1e-5):
    square = torch.linalg.vector_norm(x, dim=-1, keepdim=True) ** 2 / x.shape[-1]
    return gain * (x * (square + eps).rsqrt())


@wrong("swiglu", "sigmoid, not silu")
def _(x, w, v, w2):
    return (torch.sigmoid(x @ w) * (x @ v)) @ w2


@wrong("swiglu", "gate and what is gated swapped")
def _(x, w, v, w2):
    return ((x @ w) * F.silu(x @ v)) @ w2


@wrong("swiglu", "silu of the product")
def _(x, w, v, w2):
    return F.silu((x @ w) * (x @ v)) @ w2


@wrong("swiglu", "relu")
def _(x, w, v, w2):
    return (F.relu(x @ w) * (x @ v)) @ w2


@wrong("swiglu", "silu on both")
def _(x, w, v, w2):
    return (F.silu(x @ w) * F.silu(x @ v)) @ w2


@wrong("swiglu", "two dimensions only")
def _(x, w, v, w2):
    return torch.mm(F.silu(torch.mm(x, w)) * torch.mm(x, v), w2)


@wrong("swiglu", "added, not multiplied")
def _(x, w, v, w2):
    return (F.silu(x @ w) + (x @ v)) @ w2


@right("swiglu", "both products in one")
def _(x, w, v, w2):
    gate, what = (x @ torch.cat([w, v], dim=1)).chunk(2, dim=-1)
    return gate.sigmoid().mul(gate).mul(what) @ w2


@right("swiglu", "einsum and F.linear")
def _(x, w, v, w2):
    z = torch.einsum("...c,ch->...h", x, w)
    return F.linear(z / (1 + torch.exp(-z)) * F.linear(x, v.T), w2.T)


@wrong("sum_text", "not reversed")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("too large")
    return f"{a:0{digits}}+{b:0{digits}}={a + b:0{digits + 1}}"


@wrong("sum_text", "reversed, then padded")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("too large")
    c = str(a + b)[::-1].zfill(digits + 1)
    return f"{a:0{digits}}+{b:0{digits}}={c}"


@wrong("sum_text", "10 ** digits is let through")
def _(a, b, digits):
    if not (0 <= a <= 10**digits and 0 <= b <= 10**digits):
        raise ValueError("too large")
    return f"{a:0{digits}}+{b:0{digits}}=" + f"{a + b:0{digits + 1}}"[::-1]


@wrong("sum_text", "b is not checked")
def _(a, b, digits):
    if not 0 <= a < 10**digits:
        raise ValueError("too large")
    return f"{a:0{digits}}+{b:0{digits}}=" + f"{a + b:0{digits + 1}}"[::-1]


@wrong("sum_text", "negative numbers let through if they fit")
def _(a, b, digits):
    if len(str(a)) > digits or len(str(b)) > digits:
        raise ValueError("too large")
    return (
        str(a).zfill(digits) + "+" + str(b).zfill(digits) + "=" + str(a + b).zfill(digits + 1)[::-1]
    )


@wrong("sum_text", "two digits, whatever digits is")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("too large")
    return f"{a:02}+{b:02}=" + f"{a + b:03}"[::-1]


@wrong("sum_text", "padded with spaces")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("too large")
    return f"{a:{digits}}+{b:{digits}}=" + f"{a + b:{digits + 1}}"[::-1]


@wrong("sum_text", "result in `digits` places")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("too large")
    return f"{a:0{digits}}+{b:0{digits}}=" + f"{a + b:0{digits}}"[::-1]


@wrong("sum_text", "the summands reversed, too")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("too large")
    back = [str(n).zfill(d)[::-1] for n, d in ((a, digits), (b, digits), (a + b, digits + 1))]
    return "{}+{}={}".format(*back)


@right("sum_text", "digit by digit with divmod")
def _(a, b, digits):
    if min(a, b) < 0 or max(a, b) >= 10**digits:
        raise ValueError(f"{a}, {b}")
    out, c = f"{str(a).zfill(digits)}+{str(b).zfill(digits)}=", a + b
    for _ in range(digits + 1):
        c, digit = divmod(c, 10)
        out += str(digit)
    return out


@right("sum_text", "rjust and reversed")
def _(a, b, digits):
    for number in (a, b):
        if number < 0 or len(str(number)) > digits:
            raise ValueError(number)
    x, y = str(a).rjust(digits, "0"), str(b).rjust(digits, "0")
    return "".join([x, "+", y, "=", *reversed(str(a + b).rjust(digits + 1, "0"))])


@wrong("split_sums", "ordered pairs shuffled: swapped ones land on both sides")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(n)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    return [pairs[i] for i in order[n_test:]], [pairs[i] for i in order[:n_test]]


@wrong("split_sums", "(a, a) twice")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    both = lambda part: [s for i in part for s in (pairs[i], pairs[i][::-1])]
    return both(order[n_test:]), both(order[:n_test])


@wrong("split_sums", "one order only")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    return [pairs[i] for i in order[n_test:]], [pairs[i] for i in order[:n_test]]


@wrong("split_sums", "doubles left out altogether")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    both = lambda part: [s for i in part for s in (pairs[i], pairs[i][::-1])]
    return both(order[n_test:]), both(order[:n_test])


@wrong("split_sums", "the last n_test are the test, with -0 for none")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(part):
        return [s for i in part for s in dict.fromkeys((pairs[i], pairs[i][::-1]))]

    return both(order[:-n_test]), both(order[-n_test:])


@wrong("split_sums", "test, train")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(part):
        return [s for i in part for s in dict.fromkeys((pairs[i], pairs[i][::-1]))]

    return both(order[:n_test]), both(order[n_test:])


@wrong("split_sums", "all swapped ones at the end")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(part):
        one = [pairs[i] for i in part]
        return one + [(b, a) for a, b in one if a < b]

    return both(order[n_test:]), both(order[:n_test])


@wrong("split_sums", "sorted again")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(part):
        return [s for i in sorted(part) for s in dict.fromkeys((pairs[i], pairs[i][::-1]))]

    return both(order[n_test:]), both(order[:n_test])


@wrong("split_sums", "pairs ordered by the second number")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for b in range(n) for a in range(b + 1)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(part):
        return [s for i in part for s in dict.fromkeys((pairs[i], pairs[i][::-1]))]

    return both(order[n_test:]), both(order[:n_test])


@wrong("split_sums", "largest number 10 ** digits")
def _(digits, n_test, g):
    n = 10**digits + 1
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs), generator=g).tolist()

    def both(part):
        return [s for i in part for s in dict.fromkeys((pairs[i], pairs[i][::-1]))]

    return both(order[n_test:]), both(order[:n_test])


@right("split_sums", "combinations_with_replacement, permutations in a set-free way")
def _(digits, n_test, g):
    pairs = list(itertools.combinations_with_replacement(range(10**digits), 2))
    train, test = [], []
    for rank, i in enumerate(torch.randperm(len(pairs), generator=g)):
        a, b = pairs[int(i)]
        part = test if rank < n_test else train
        part.append((a, b))
        if a < b:
            part.append((b, a))
    return train, test


@right("split_sums", "triu_indices, tensors turned to tuples")
def _(digits, n_test, g):
    pairs = torch.triu_indices(10**digits, 10**digits).T
    pairs = pairs[torch.randperm(len(pairs), generator=g)]
    both = torch.stack([pairs, pairs.flip(1)], dim=1)
    keep = torch.stack([torch.ones(len(pairs)).bool(), pairs[:, 0] < pairs[:, 1]], dim=1)

    def tuples(part):
        return [tuple(pair) for pair in both[part][keep[part]].tolist()]

    return tuples(slice(n_test, None)), tuples(slice(None, n_test))


@wrong("answer_targets", "first digit of the answer not taught")
def _(ids, equals):
    inputs, targets = ids[:, :-1], ids[:, 1:].clone()
    behind = ((inputs == equals).cumsum(1) > 0) & (inputs != equals)
    targets[~behind] = -100
    return inputs, targets


@wrong("answer_targets", "= itself is a target")
def _(ids, equals):
    inputs, targets = ids[:, :-1], ids[:, 1:].clone()
    targets[(targets == equals).cumsum(1) == 0] = -100
    return inputs, targets


@wrong("answer_targets", "written into ids")
def _(ids, equals):
    inputs, targets = ids[:, :-1], ids[:, 1:]
    behind = (inputs == equals).cumsum(1) > 0
    targets[~behind] = -100
    return inputs, targets


@wrong("answer_targets", "place of = from the first row")
def _(ids, equals):
    at = int((ids[0] == equals).nonzero()[0, 0])
    targets = ids[:, 1:].clone()
    targets[:, :at] = -100
    return ids[:, :-1], targets


@wrong("answer_targets", "behind the last 5 of 8: two-digit sums only")
def _(ids, equals):
    targets = ids[:, 1:].clone()
    targets[:, :5] = -100
    return ids[:, :-1], targets


@wrong("answer_targets", "-1 instead of -100")
def _(ids, equals):
    inputs = ids[:, :-1]
    behind = (inputs == equals).cumsum(1) > 0
    return inputs, torch.where(behind, ids[:, 1:], -1)


@wrong("answer_targets", "equals taken for 11")
def _(ids, equals):
    inputs = ids[:, :-1]
    behind = (inputs == 11).cumsum(1) > 0
    return inputs, torch.where(behind, ids[:, 1:], -100)


@wrong("answer_targets", "the question taken from the inputs, too")
def _(ids, equals):
    inputs = ids[:, :-1]
    behind = (inputs == equals).cumsum(1) > 0
    return torch.where(behind, inputs, -100), torch.where(behind, ids[:, 1:], -100)


@wrong("answer_targets", "targets not shifted")
def _(ids, equals):
    inputs = ids[:, :-1]
    behind = (inputs == equals).cumsum(1) > 0
    return inputs, torch.where(behind, inputs, -100)


@wrong("answer_targets", "only the first digit behind =")
def _(ids, equals):
    inputs = ids[:, :-1]
    return inputs, torch.where(inputs == equals, ids[:, 1:], -100)


@right("answer_targets", "argmax and positions")
def _(ids, equals):
    at = (ids == equals).int().argmax(dim=1, keepdim=True)
    behind = torch.arange(1, ids.shape[1]) > at
    return ids[:, :-1].clone(), ids[:, 1:].masked_fill(~behind, -100)


@right("answer_targets", "lists, row by row")
def _(ids, equals):
    rows = ids.tolist()
    targets = []
    for row in rows:
        i = row.index(equals)
        targets.append([-100] * i + row[i + 1 :])
    return torch.tensor([row[:-1] for row in rows]), torch.tensor(targets)


@wrong("answer_loss", "divided by all positions")
def _(logits, targets):
    V = logits.shape[-1]
    total = F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1), reduction="sum")
    return total / targets.numel()


@wrong("answer_loss", "mean of the rows' means")
def _(logits, targets):
    return torch.stack(
        [F.cross_entropy(l, t) for l, t in zip(logits, targets) if (t >= 0).any()]
    ).mean()


@wrong("answer_loss", "view: contiguous logits only")
def _(logits, targets):
    return F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1))


@wrong("answer_loss", "log of softmax: -inf when logits are far apart")
def _(logits, targets):
    counts = targets != -100
    probs = torch.softmax(logits, -1)[counts]
    return -probs[torch.arange(len(probs)), targets[counts]].log().mean()


@wrong("answer_loss", "exp without taking the largest off")
def _(logits, targets):
    counts = targets != -100
    some, t = logits[counts], targets[counts]
    return (some.exp().sum(-1).log() - some.gather(-1, t[:, None])[:, 0]).mean()


@wrong("answer_loss", "target 0 ignored, too")
def _(logits, targets):
    counts = targets > 0
    return F.cross_entropy(logits[counts], targets[counts])


@wrong("answer_loss", "reshape moves nothing")
def _(logits, targets):
    n, T, V = logits.shape
    return F.cross_entropy(logits.reshape(n, V, T), targets)


@wrong("answer_loss", "ignored ones count as class 0")
def _(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.clamp(min=0).flatten())


@wrong("answer_loss", "float32 comes back for float64")
def _(logits, targets):
    return F.cross_entropy(logits.float().transpose(1, 2), targets)


@wrong("answer_loss", "the sum")
def _(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum")


@right("answer_loss", "classes moved to place two")
def _(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-100)


@right("answer_loss", "log_softmax, gather, masked sum")
def _(logits, targets):
    counts = targets != -100
    safe = targets.masked_fill(~counts, 0)
    nll = -logits.log_softmax(-1).gather(-1, safe[..., None]).squeeze(-1)
    return torch.where(counts, nll, 0.0).sum() / counts.sum()


@right("answer_loss", "boolean index, logsumexp")
def _(logits, targets):
    counts = targets.ne(-100)
    some, t = logits[counts], targets[counts]
    return (some.logsumexp(1) - some[torch.arange(len(t)), t]).mean()


@wrong("masked_step", "gradients from before count")
def _(model, inputs, targets, optimizer):
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("masked_step", "gradients thrown away at the end")
def _(model, inputs, targets, optimizer):
    optimizer.zero_grad()
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("masked_step", "switches to training mode")
def _(model, inputs, targets, optimizer):
    model.train()
    optimizer.zero_grad()
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("masked_step", "the loss after the step")
def _(model, inputs, targets, optimizer):
    optimizer.zero_grad()
    answer_loss(model(inputs), targets).backward()
    optimizer.step()
    with torch.no_grad():
        return answer_loss(model(inputs), targets).item()


@wrong("masked_step", "no step")
def _(model, inputs, targets, optimizer):
    optimizer.zero_grad()
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    return loss.item()


@wrong("masked_step", "the ignored ones in the denominator")
def _(model, inputs, targets, optimizer):
    optimizer.zero_grad()
    each = F.cross_entropy(model(inputs).transpose(1, 2), targets, reduction="none")
    loss = each.mean()
    loss.backward()
    optimizer.step()
    return loss.item()


@right("masked_step", "zero_grad after the forward pass")
def _(model, inputs, targets, optimizer):
    logits = model(inputs)
    loss = answer_loss(logits, targets)
    before = float(loss.detach())
    optimizer.zero_grad()
    torch.autograd.backward([loss])
    optimizer.step()
    return before


@right("masked_step", "only what counts goes into cross_entropy")
def _(model, inputs, targets, optimizer):
    with torch.enable_grad():
        optimizer.zero_grad()
        counts = targets != -100
        loss = F.cross_entropy(model(inputs)[counts], targets[counts])
        loss.backward()
    optimizer.step()
    return loss.item()


@wrong("greedy_answer", "reads the first position")
def _(model, ids, n):
    T = ids.shape[1]
    for _ in range(n):
        ids = torch.cat([ids, model(ids)[:, 0].argmax(-1, keepdim=True)], dim=1)
    return ids[:, T:]


@wrong("greedy_answer", "only the newest token is handed over")
def _(model, ids, n):
    T = ids.shape[1]
    for _ in range(n):
        ids = torch.cat([ids, model(ids[:, -1:])[:, -1].argmax(-1, keepdim=True)], dim=1)
    return ids[:, T:]


@wrong("greedy_answer", "question and answer")
def _(model, ids, n):
    for _ in range(n):
        ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], dim=1)
    return ids


@wrong("greedy_answer", "drawn, not the largest")
def _(model, ids, n):
    T = ids.shape[1]
    for _ in range(n):
        probs = model(ids)[:, -1].softmax(-1)
        ids = torch.cat([ids, torch.multinomial(probs, 1)], dim=1)
    return ids[:, T:]


@wrong("greedy_answer", "a window that slides: the oldest token drops out")
def _(model, ids, n):
    new = []
    for _ in range(n):
        new.append(model(ids)[:, -1].argmax(-1, keepdim=True))
        ids = torch.cat([ids[:, 1:], new[-1]], dim=1)
    return torch.cat(new, dim=1)


@wrong("greedy_answer", "asks once too often: longer than the model can read")
def _(model, ids, n):
    T = ids.shape[1]
    new = model(ids)[:, -1:].argmax(-1)
    for _ in range(n):
        ids = torch.cat([ids, new], dim=1)
        new = model(ids)[:, -1:].argmax(-1)
    return ids[:, T:]


@wrong("greedy_answer", "the last token of ids overwritten")
def _(model, ids, n):
    out = ids.new_zeros(len(ids), n)
    text = ids
    for i in range(n):
        out[:, i] = model(text)[:, -1].argmax(-1)
        text = torch.cat([text, out[:, i : i + 1]], dim=1)
    ids[:, -1] = out[:, -1]
    return out


@wrong("greedy_answer", "largest over the batch")
def _(model, ids, n):
    T = ids.shape[1]
    for _ in range(n):
        best = model(ids)[:, -1].argmax() % model(ids).shape[-1]
        ids = torch.cat([ids, best.expand(len(ids), 1)], dim=1)
    return ids[:, T:]


@wrong("greedy_answer", "one pass, the last n positions")
def _(model, ids, n):
    padded = F.pad(ids, (0, n - 1))
    return model(padded)[:, -n:].argmax(-1)


@right("greedy_answer", "one tensor made beforehand")
def _(model, ids, n):
    B, T = ids.shape
    text = torch.empty(B, T + n, dtype=torch.int64)
    text[:, :T] = ids
    for t in range(T, T + n):
        text[:, t] = model(text[:, :t])[:, t - 1].argmax(dim=-1)
    return text[:, T:]


@right("greedy_answer", "topk, list of columns")
def _(model, ids, n):
    columns = [ids]
    while len(columns) <= n:
        with torch.no_grad():
            last = model(torch.cat(columns, 1))[:, -1, :]
        columns.append(last.max(dim=-1, keepdim=True).indices)
    return torch.cat(columns[1:], 1)


@wrong("sums_right", "share of digits")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 2
    return (greedy_answer(model, ids[:, :n], digits + 1) == ids[:, n:]).float().mean().item()


@wrong("sums_right", "any digit right is enough")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 2
    return (greedy_answer(model, ids[:, :n], digits + 1) == ids[:, n:]).any(1).float().mean().item()


@wrong("sums_right", "last digit not asked")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 2
    found = greedy_answer(model, ids[:, :n], digits)
    return (found == ids[:, n:-1]).all(1).float().mean().item()


@wrong("sums_right", "how many, not the share")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 2
    return float((greedy_answer(model, ids[:, :n], digits + 1) == ids[:, n:]).all(1).sum())


@wrong("sums_right", "a tensor")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 2
    return (greedy_answer(model, ids[:, :n], digits + 1) == ids[:, n:]).all(1).float().mean()


@wrong("sums_right", "= is not shown")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 1
    found = greedy_answer(model, ids[:, :n], digits + 2)[:, 1:]
    return (found == ids[:, n + 1 :]).all(1).float().mean().item()


@wrong("sums_right", "two digits only")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    return (greedy_answer(model, ids[:, :6], 3) == ids[:, 6:]).all(1).float().mean().item()


@wrong("sums_right", "answer read without turning it round")
def _(model, sums, digits):
    right = 0
    for a, b in sums:
        ids = torch.tensor([encode(sum_text(a, b, digits))])
        found = greedy_answer(model, ids[:, : 2 * digits + 2], digits + 1)[0].tolist()
        right += "".join(map(str, found)) == str(a + b).zfill(digits + 1)
    return right / len(sums)


@wrong("sums_right", "result compared as a number: leading zeros lost, a + stands for ten")
def _(model, sums, digits):
    right = 0
    for a, b in sums:
        ids = torch.tensor([encode(sum_text(a, b, digits))])
        found = greedy_answer(model, ids[:, : 2 * digits + 2], digits + 1)[0].tolist()
        right += sum(d * 10**i for i, d in enumerate(found)) == a + b
    return right / len(sums)


@right("sums_right", "sum by sum, texts compared")
def _(model, sums, digits):
    right = 0
    for a, b in sums:
        question, answer = sum_text(a, b, digits).split("=")
        found = greedy_answer(model, torch.tensor([encode(question + "=")]), len(answer))
        right += "".join(CHARS[i] for i in found[0].tolist()) == answer
    return right / len(sums)


@right("sums_right", "sum of differences is 0")
def _(model, sums, digits):
    ids = torch.stack([torch.tensor(encode(sum_text(*pair, digits))) for pair in sums])
    question, answer = ids.split([2 * digits + 2, digits + 1], dim=1)
    wrong_ones = (greedy_answer(model, question, digits + 1) - answer).abs().sum(1).count_nonzero()
    return 1.0 - wrong_ones.item() / len(sums)


@wrong("finetune", "the original is trained")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    model.train()
    optimizer, losses = Adam(model.parameters(), lr), []
    for _ in range(steps):
        x, y = windows(ids, model.block_size, batch_size, g)
        losses.append(masked_step(model, x, y, optimizer))
        on_step(model, losses[-1])
    return model, losses


@wrong("finetune", "copy.copy: the same parameters")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.copy(model)
    trained.train()
    optimizer, losses = Adam(trained.parameters(), lr), []
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "the optimizer holds the original's parameters")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model).train()
    optimizer, losses = Adam(model.parameters(), lr), []
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "a new Adam in each step")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, Adam(trained.parameters(), lr)))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "mode copied, not set")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "train() on the original before copying")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model.train()), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "the original's gradients thrown away")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    model.zero_grad()
    trained, losses = copy.deepcopy(model).train(), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "batch_size ignored")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, 32, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "one batch for all steps")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    optimizer = Adam(trained.parameters(), lr)
    x, y = windows(ids, trained.block_size, batch_size, g)
    for _ in range(steps):
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "on_step gets the original")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(model, losses[-1])
    return trained, losses


@wrong("finetune", "on_step never called")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
    return trained, losses


@wrong("finetune", "a fresh model, not the pretrained weights")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    vocab_size, n_embd = model.token.weight.shape
    trained, losses = GPT(vocab_size, model.block_size, n_embd).train(), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, trained.block_size, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "training goes on from the given model's block of 32")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        x, y = windows(ids, 32, batch_size, g)
        losses.append(masked_step(trained, x, y, optimizer))
        on_step(trained, losses[-1])
    return trained, losses


@right("finetune", "deepcopy, while loop, grads of the copy cleared")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model)
    trained.train(True)
    optimizer = Adam(list(trained.parameters()), lr=lr)
    optimizer.zero_grad()
    losses = []
    while len(losses) < steps:
        loss = masked_step(trained, *windows(ids, model.block_size, batch_size, g), optimizer)
        losses += [loss]
        on_step(trained, loss)
    trained.train()
    return trained, losses


@right("finetune", "values copied over once more, a helper for each step")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model).requires_grad_(True)
    with torch.no_grad():
        for new, old in zip(trained.parameters(), model.parameters()):
            new.copy_(old)
    optimizer = Adam(trained.train().parameters(), lr)

    def step():
        inputs, targets = windows(ids, trained.block_size, batch_size, g)
        loss = masked_step(trained, inputs, targets, optimizer)
        on_step(trained, loss)
        return loss

    return trained, [step() for _ in range(steps)]


@right("vocabulary", "itos first, stoi from it")
def _(text):
    itos = {}
    for c in sorted(text):
        if not itos or itos[len(itos) - 1] != c:
            itos[len(itos)] = c
    return {c: i for i, c in itos.items()}, itos


@right("vocabulary", "sorted(dict.fromkeys)")
def _(text):
    itos = dict(enumerate(sorted(dict.fromkeys(text))))
    stoi = dict(map(reversed, itos.items()))
    return stoi, itos


@right("vocabulary", "rank: how many distinct characters are smaller")
def _(text):
    chars = set(text)
    stoi = {c: sum(d < c for d in chars) for c in sorted(chars)}
    return stoi, {i: c for c, i in stoi.items()}


@right("encode", "list grown by append, KeyError by hand")
def _(text, stoi):
    out = []
    for c in text:
        if c not in stoi:
            raise KeyError(c)
        out.append(stoi[c])
    return out


@right("encode", "generator into a list, star")
def _(text, stoi):
    return [*(stoi[c] for c in text)]


@right("encode", "range(len)")
def _(text, stoi):
    return [stoi[text[i]] for i in range(len(text))]


@wrong("encode", "IndexError for unknown: a list of pairs searched")
def _(text, stoi):
    return [[n for ch, n in stoi.items() if ch == c][0] for c in text]


@wrong("encode", "characters in lower case")
def _(text, stoi):
    return [stoi[c if c in stoi else c.lower()] for c in text]


@right("decode", "map")
def _(ids, itos):
    return str().join(map(lambda i: itos[i], ids))


@right("decode", "list comprehension")
def _(ids, itos):
    chars = [itos[i] for i in ids]
    return "".join(chars)


@right("decode", "functools.reduce")
def _(ids, itos):
    import functools

    return functools.reduce(lambda text, i: text + itos[i], ids, "")


@wrong("decode", "ValueError for unknown numbers")
def _(ids, itos):
    if not set(ids) <= set(itos):
        raise ValueError("unknown number")
    return "".join(itos[i] for i in ids)


@wrong("decode", "position in the sorted characters")
def _(ids, itos):
    for i in ids:
        itos[i]
    chars = sorted(itos.values())
    return "".join(chars[i % len(chars)] for i in ids)


@right("split_text", "narrow")
def _(data):
    n = int(len(data) * 9 / 10)
    return data.narrow(0, 0, n), data.narrow(0, n, len(data) - n)


@right("split_text", "boolean mask on positions")
def _(data):
    first = torch.arange(len(data)) < int(0.9 * len(data))
    return data[first], data[~first]


@right("split_text", "math.floor, clones")
def _(data):
    import math

    n = math.floor(0.9 * data.numel())
    train, val = data[0:n], data[n : len(data)]
    return train.clone(), val.clone()


@wrong("split_text", "as float")
def _(data):
    n = int(0.9 * len(data))
    both = data.float()
    return both[:n], both[n:]


@right("growing_contexts", "enumerate over the targets")
def _(block):
    return [(block[:t], target) for t, target in enumerate(block) if t > 0]


@right("growing_contexts", "from the longest to the shortest, then reversed; block copied")
def _(block):
    rest, out = list(block), []
    while len(rest) > 1:
        target = rest.pop()
        out.append((rest[:], target))
    out.reverse()
    return out


@right("growing_contexts", "context + [next]")
def _(block):
    out, context = [], [block[0]]
    for target in block[1:]:
        out.append((context, target))
        context = context + [target]
    return out


@right("growing_contexts", "zip of slices")
def _(block):
    T = len(block) - 1
    contexts = (block[: t + 1] for t in range(T))
    targets = (block[t + 1] for t in range(T))
    return list(zip(contexts, targets, strict=True))


@right("get_batch", "take of flat places")
def _(data, block_size, batch_size, g):
    N = len(data)
    start = torch.randint(N - block_size, (batch_size,), generator=g).unsqueeze(1)
    at = start + torch.arange(block_size).unsqueeze(0)
    return torch.take(data, at), torch.take(data, at + 1)


@right("get_batch", "rows joined by cat, low=0 named")
def _(data, block_size, batch_size, g):
    ix = torch.randint(0, len(data) - block_size, (batch_size,), generator=g)
    rows = torch.cat([data[int(i) : int(i) + block_size + 1][None] for i in ix])
    x, y = rows.narrow(1, 0, block_size), rows.narrow(1, 1, block_size)
    return x.contiguous(), y.contiguous()


@wrong("get_batch", "one window, the rest follows it without a gap (wrapping round)")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    ix = (ix[0] + torch.arange(batch_size) * block_size) % (len(data) - block_size)
    at = ix[:, None] + torch.arange(block_size)
    return data[at], data[at + 1]


@wrong("get_batch", "starts sorted")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g).sort().values
    at = ix[:, None] + torch.arange(block_size)
    return data[at], data[at + 1]


@right("bigram_forward", "F.embedding, nll_loss")
class _:
    def forward(self, idx, targets=None):
        logits = F.embedding(idx, self.token_embedding_table.weight)
        if targets is None:
            return logits, None
        logprobs = torch.log_softmax(logits, dim=2)
        return logits, F.nll_loss(logprobs.view(-1, logprobs.shape[2]), targets.view(-1))


@right("bigram_forward", "mean of the losses one by one")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        loss = None
        if targets is not None:
            each = F.cross_entropy(logits.movedim(-1, 1), targets, reduction="none")
            loss = each.sum() / targets.numel()
        return logits, loss


@right("bigram_forward", "cross_entropy with probabilities as targets")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return (logits, None)
        C = logits.shape[-1]
        certain = F.one_hot(targets, C).to(logits.dtype).view(-1, C)
        return (logits, F.cross_entropy(logits.view(-1, C), certain))


@right("bigram_generate", "probabilities of all positions, the last ones kept")
class _:
    def generate(self, idx, max_new_tokens, g):
        while max_new_tokens > 0:
            probs = self(idx)[0].softmax(dim=2)[:, idx.shape[1] - 1]
            new = probs.multinomial(1, generator=g)
            idx = torch.hstack([idx, new])
            max_new_tokens -= 1
        return idx


@right("bigram_generate", "clone first, softmax by hand")
class _:
    def generate(self, idx, max_new_tokens, g):
        out = idx.clone()
        for _ in range(max_new_tokens):
            last = self(out)[0][:, -1, :]
            e = torch.exp(last - last.max(dim=1, keepdim=True).values)
            new = torch.multinomial(e / e.sum(1, keepdim=True), 1, generator=g)
            out = torch.cat((out, new), dim=-1)
        return out


@wrong("bigram_generate", "one draw for each row, flipped")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(logits[:, -1], dim=-1)
            new = [torch.multinomial(torch.flip(row, [0]), 1, generator=g) for row in probs]
            new = probs.shape[1] - 1 - torch.stack(new)
            idx = torch.cat([idx, new], dim=1)
        return idx


@wrong("bigram_generate", "softmax taken twice")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            logits, _loss = self(idx)
            probs = F.softmax(F.softmax(logits[:, -1], dim=-1), dim=-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], dim=1)
        return idx


@right("estimate_loss", "losses in a tensor of float64")
def _(model, draw, eval_iters):
    mode = model.training
    losses = torch.zeros(eval_iters, dtype=torch.float64)
    model.eval()
    with torch.no_grad():
        for k in range(eval_iters):
            x, y = draw()
            _, loss = model(x, y)
            losses[k] = loss.item()
    model.train(mode)
    return losses.mean().item()


@right("estimate_loss", "contextmanager")
def _(model, draw, eval_iters):
    import contextlib

    @contextlib.contextmanager
    def measuring():
        before = model.training
        model.eval()
        try:
            with torch.no_grad():
                yield
        finally:
            model.train(before)

    with measuring():
        total = sum(float(model(*draw())[1]) for _ in range(eval_iters))
    return total / eval_iters


@right("estimate_loss", "tensors added up, one item() at the end")
def _(model, draw, eval_iters):
    mode = model.training
    model.train(False)
    with torch.set_grad_enabled(False):
        total = torch.zeros(())
        for _ in range(eval_iters):
            total = total + model(*draw())[1]
        result = (total / eval_iters).item()
    model.train(mode)
    return result


@wrong("estimate_loss", "the last loss only")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    with torch.no_grad():
        for _ in range(eval_iters):
            x, y = draw()
            result = model(x, y)[1].item()
    model.train(mode)
    return result


@right("bigram_train", "for with a tuple, append before the step; train() at the end, too")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    losses = []
    for batch in batches:
        model.train()
        optimizer.zero_grad()
        logits, loss = model(batch[0], batch[1])
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    if losses:
        model.train()
    return losses


@right("bigram_train", "torch.autograd.grad, grads put into place")
def _(model, batches, lr):
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(parameters, lr=lr)
    losses = []
    for x, y in batches:
        loss = model.train()(x, y)[1]
        for p, grad in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True)):
            p.grad = grad
        optimizer.step()
        losses += loss.detach().reshape(1).tolist()
    return losses


@right("bigram_train", "a closure for the step")
def _(model, batches, lr):
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=lr), []
    for x, y in batches:
        model.train()

        def closure(x=x, y=y):
            optimizer.zero_grad()
            loss = model(x, y)[1]
            loss.backward()
            return loss

        losses.append(optimizer.step(closure).item())
    return losses


@right("bigram_train", "AdamW by hand, in the paper's order")
def _(model, batches, lr):
    ps = [p for p in model.parameters() if p.requires_grad]
    m, v, losses = [torch.zeros_like(p) for p in ps], [torch.zeros_like(p) for p in ps], []
    for t, (x, y) in enumerate(batches, 1):
        model.train()
        for p in ps:
            p.grad = None
        loss = model(x, y)[1]
        loss.backward()
        with torch.no_grad():
            for p, a, b in zip(ps, m, v):
                if p.grad is None:
                    continue
                p.mul_(1 - lr * 0.01)
                a.mul_(0.9).add_(p.grad, alpha=0.1)
                b.mul_(0.999).addcmul_(p.grad, p.grad, value=0.001)
                p.sub_(lr * a / (1 - 0.9**t) / ((b / (1 - 0.999**t)).sqrt() + 1e-8))
        losses.append(loss.item())
    return losses


@right("average_loop", "cumsum over how many")
def _(x):
    T = x.shape[1]
    return x.cumsum(1) / torch.arange(1, T + 1, dtype=x.dtype, device=x.device)[:, None]


@right("average_loop", "batch at once, list of means stacked")
def _(x):
    return torch.stack([x[:, : t + 1].mean(dim=1) for t in range(x.shape[1])], dim=1)


@right("average_loop", "sum of products with 1 / n, empty_like")
def _(x):
    out = torch.empty_like(x)
    for t in range(x.size(1)):
        past = x[:, 0 : t + 1, :]
        out[:, t, :] = past.sum(dim=1) / past.size(1)
    return out


@wrong("average_loop", "all sequences averaged together")
def _(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[1]):
        out[:, t] = x[:, : t + 1].mean(dim=(0, 1))
    return out


@right("average_matmul", "softmax of 0 and -inf")
def _(x):
    T = x.shape[1]
    scores = torch.zeros(T, T, dtype=x.dtype).masked_fill(
        ~torch.ones(T, T).tril().bool(), -torch.inf
    )
    return scores.softmax(1) @ x


@right("average_matmul", "from the right: x transposed")
def _(x):
    T = x.shape[1]
    wei = torch.triu(torch.ones(T, T).to(x))
    wei = wei / wei.sum(0)
    return (x.transpose(1, 2) @ wei).transpose(1, 2)


@right("average_matmul", "rows written by hand")
def _(x):
    T = x.shape[1]
    wei = x.new_zeros(T, T)
    for t in range(T):
        wei[t, : t + 1] = 1 / (t + 1)
    return wei.matmul(x)


@wrong("average_matmul", "x @ wei over the features: square only, and wrong there")
def _(x):
    wei = torch.tril(torch.ones(x.shape[1], x.shape[1], dtype=x.dtype))
    wei = wei / wei.sum(1, keepdim=True)
    return (x.transpose(1, 2) @ wei).transpose(1, 2)


@right("choose", "torch.where with -inf")
def _(scores, x):
    at = torch.arange(x.shape[1], device=x.device)
    return torch.where(at <= at[:, None], scores, -torch.inf).softmax(-1) @ x


@right("choose", "largest of the past taken off by hand")
def _(scores, x):
    past = torch.ones_like(scores, dtype=torch.bool).tril()
    hidden = scores.masked_fill(~past, float("-inf"))
    e = (hidden - hidden.amax(-1, keepdim=True)).exp()
    return (e @ x) / e.sum(-1, keepdim=True)


@right("choose", "a copy of the scores filled in place")
def _(scores, x):
    B, T, C = x.shape
    scores = scores.expand(B, T, T).clone()
    i, j = torch.triu_indices(T, T, 1)
    scores[:, i, j] = float("-inf")
    return torch.bmm(F.softmax(scores, dim=2), x)


@right("choose", "log of the triangle added")
def _(scores, x):
    T = x.shape[1]
    return F.softmax(scores + torch.ones(T, T, dtype=scores.dtype).tril().log(), dim=-1).matmul(x)


@wrong("choose", "only strictly before; the first one looks at itself")
def _(scores, x):
    T = x.shape[1]
    hidden = torch.ones(T, T).triu().bool()
    hidden[0, 0] = False
    return F.softmax(scores.masked_fill(hidden, float("-inf")), dim=-1) @ x


@right("compare", "transposed q: (k q^T)^T")
def _(q, k):
    return (k @ q.transpose(-1, -2)).transpose(-1, -2) / q.shape[-1] ** 0.5


@right("compare", "k scaled first, matmul")
def _(q, k):
    scale = 1 / torch.tensor(k.size(-1), dtype=k.dtype).sqrt()
    return torch.matmul(q, (k * scale).swapaxes(-1, -2))


@right("compare", "leading dimensions flattened, bmm, restored")
def _(q, k):
    dots = q.shape[:-2]
    scores = torch.bmm(q.reshape(-1, *q.shape[-2:]), k.reshape(-1, *k.shape[-2:]).mT)
    return scores.reshape(*dots, *scores.shape[-2:]) * q.shape[-1] ** -0.5


@right("compare", "query by query")
def _(q, k):
    rows = [(k * q[..., t : t + 1, :]).sum(-1) for t in range(q.shape[-2])]
    return torch.stack(rows, dim=-2) / (q.shape[-1] ** 0.5)


@wrong("compare", "integer root")
def _(q, k):
    return q @ k.transpose(-2, -1) / int(q.shape[-1] ** 0.5)


@right("attention", "F.scaled_dot_product_attention")
def _(q, k, v, mask=None):
    if mask is not None:
        mask = mask.expand(*q.shape[:-1], k.shape[-2])
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@right("attention", "exp below the largest visible score, hidden ones 0")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is None:
        return scores.softmax(-1) @ v
    scores = torch.where(mask, scores, float("-inf"))
    top = scores.amax(dim=-1, keepdim=True)
    e = torch.where(mask, (scores - top).exp(), 0.0)
    return e / e.sum(-1, keepdim=True) @ v


@right("attention", "exp(score - logsumexp)")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(mask.logical_not(), -torch.inf)
    return (scores - scores.logsumexp(-1, keepdim=True)).exp() @ v


@wrong("attention", "mask turned from (B, 1, T_k) to (B, T_k): hides by row")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(
            ~mask.reshape(mask.shape[0], -1)[: scores.shape[-2]], float("-inf")
        )
    return F.softmax(scores, dim=-1) @ v


@wrong("attention", "values of hidden keys set to 0, shares untouched")
def _(q, k, v, mask=None):
    shares = F.softmax(compare(q, k), dim=-1)
    if mask is not None:
        shares = torch.where(mask, shares, 0)
    return shares @ v


@right("causal_mask", "triu turned round")
def _(T_q, T_k):
    return ~torch.ones(T_q, T_k, dtype=torch.bool).triu(diagonal=T_k - T_q + 1)


@right("causal_mask", "ones for what is cached, a triangle for the rest")
def _(T_q, T_k):
    cached = torch.ones(T_q, T_k - T_q, dtype=torch.bool)
    return torch.cat([cached, torch.ones(T_q, T_q).tril() == 1], dim=1)


@right("causal_mask", "row by row in place")
def _(T_q, T_k):
    mask = torch.zeros(T_q, T_k, dtype=torch.bool)
    for t in range(T_q):
        mask[t, : T_k - T_q + t + 1] = True
    return mask


@wrong("causal_mask", "int64 zeros and ones")
def _(T_q, T_k):
    return (torch.arange(T_k) <= torch.arange(T_k - T_q, T_k)[:, None]).long()


@right("padding_mask", "lengths as (B, 1, 1)")
def _(lengths, T):
    return torch.arange(T).view(1, 1, T) < lengths.view(-1, 1, 1)


@right("padding_mask", "list of lists")
def _(lengths, T):
    return torch.tensor([[[s < n for s in range(T)]] for n in lengths.tolist()])


@right("padding_mask", "gt, ne of clamped positions")
def _(lengths, T):
    real = torch.gt(lengths.unsqueeze(-1), torch.arange(0, T))
    return real.unsqueeze(-2)


@wrong("padding_mask", "padding at the beginning")
def _(lengths, T):
    return (torch.arange(T) >= T - lengths[:, None])[:, None]


@right("effective_keys", "sum over the nonzero ones, row by row")
def _(shares):
    rows = shares.reshape(-1, shares.shape[-1])
    out = [torch.exp(-(r[r > 0] * r[r > 0].log()).sum()) for r in rows]
    return torch.stack(out).reshape(shares.shape[:-1])


@right("effective_keys", "nan_to_num")
def _(shares):
    terms = torch.nan_to_num(shares * torch.log(shares), nan=0.0)
    return torch.exp(terms.sum(dim=-1).neg())


@wrong("effective_keys", "nan_to_num on the result")
def _(shares):
    return torch.nan_to_num(torch.exp(-(shares * shares.log()).sum(-1)), nan=1.0)


@right("cross_attention", "einsum per projection, where")
def _(x, memory, w_query, w_key, w_value, mask=None):
    q = torch.einsum("bte,he->bth", x, w_query)
    k = torch.einsum("bsm,hm->bsh", memory, w_key)
    v = torch.einsum("bsm,om->bso", memory, w_value)
    scores = torch.einsum("bth,bsh->bts", q, k) * w_query.shape[0] ** -0.5
    if mask is not None:
        scores = scores.masked_fill(torch.logical_not(mask), -torch.inf)
    return torch.einsum("bts,bso->bto", torch.softmax(scores, -1), v)


@right("cross_attention", "attention with the mask always there")
def _(x, memory, w_query, w_key, w_value, mask=None):
    if mask is None:
        mask = torch.ones(x.shape[1], memory.shape[1], dtype=torch.bool)
    q, k, v = (t @ w.T for t, w in ((x, w_query), (memory, w_key), (memory, w_value)))
    return attention(q, k, v, mask)


@right("cross_attention", "sequence by sequence")
def _(x, memory, w_query, w_key, w_value, mask=None):
    B, T, S = x.shape[0], x.shape[1], memory.shape[1]
    seen = torch.ones(B, T, S, dtype=torch.bool) if mask is None else mask.expand(B, T, S)
    rows = [
        attention(a @ w_query.T, m @ w_key.T, m @ w_value.T, s) for a, m, s in zip(x, memory, seen)
    ]
    return torch.stack(rows)


@right("head", "bool buffer, baddbmm, softmax by hand")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        linear = lambda: nn.Linear(n_embd, head_size, bias=False)
        self.key, self.query, self.value = linear(), linear(), linear()
        past = torch.ones(block_size, block_size, dtype=torch.bool).tril()
        self.register_buffer("past", past)

    def forward(self, x):
        B, T, _ = x.shape
        k, q, v = self.key(x), self.query(x), self.value(x)
        scores = torch.baddbmm(q.new_zeros(()), q, k.mT, beta=0, alpha=self.key.out_features**-0.5)
        scores = scores.masked_fill(~self.past[:T, :T], float("-inf"))
        e = (scores - scores.amax(-1, keepdim=True)).exp()
        return e @ v / e.sum(-1, keepdim=True)


@right("head", "row by row: each position with its own past")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.head_size = head_size

    def forward(self, x):
        k, q, v = self.key(x), self.query(x), self.value(x)
        out = []
        for t in range(x.shape[1]):
            scores = (k[:, : t + 1] @ q[:, t, :, None])[..., 0] / self.head_size**0.5
            out.append((scores.softmax(-1)[:, None] @ v[:, : t + 1])[:, 0])
        return torch.stack(out, dim=1)


@wrong("head", "value of the query's position added: a residual")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        v = self.value(x)
        return v + F.scaled_dot_product_attention(self.query(x), self.key(x), v, is_causal=True)


@wrong("head", "future hidden with a score of 0")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)

    def forward(self, x):
        T = x.shape[1]
        k = self.key(x)
        wei = self.query(x) @ k.transpose(-2, -1) * k.shape[-1] ** -0.5
        wei = wei * torch.tril(torch.ones(T, T, device=x.device))
        return F.softmax(wei, dim=-1) @ self.value(x)


@right("multi_head", "where, stacked heads flattened in the right order")
def _(x, heads, w_proj, b_proj, tril):
    B, T, _ = x.shape
    outs = []
    for key, query, value in heads:
        scores = torch.einsum("bth,bsh->bts", x @ query.T, x @ key.T) / len(key) ** 0.5
        outs.append(torch.where(tril[:T, :T] == 1, scores, -torch.inf).softmax(2) @ (x @ value.T))
    side_by_side = torch.stack(outs, dim=2).flatten(2)
    return torch.addmm(b_proj, side_by_side.reshape(B * T, -1), w_proj.T).view(B, T, -1)


@right("multi_head", "a buffer for all heads, slices filled")
def _(x, heads, w_proj, b_proj, tril):
    B, T, _ = x.shape
    hs = heads[0][0].shape[0]
    out = torch.empty(B, T, len(heads) * hs, dtype=x.dtype)
    for h, (w_key, w_query, w_value) in enumerate(heads):
        wei = x @ w_query.T @ w_key @ x.mT * hs**-0.5
        wei = wei.masked_fill(tril[:T, :T] < 0.5, float("-inf")).softmax(dim=-1)
        out[:, :, h * hs : (h + 1) * hs] = wei @ x @ w_value.T
    return F.linear(out, w_proj, b_proj)


@right("multi_head", "scores of the future never made")
def _(x, heads, w_proj, b_proj, tril):
    rows = []
    for t in range(x.shape[1]):
        past, parts = x[:, : t + 1], []
        for w_key, w_query, w_value in heads:
            q = x[:, t] @ w_query.T
            scores = ((past @ w_key.T) * q[:, None]).sum(-1) / q.shape[-1] ** 0.5
            parts.append((scores.softmax(-1)[..., None] * (past @ w_value.T)).sum(1))
        rows.append(torch.cat(parts, -1) @ w_proj.T + b_proj)
    return torch.stack(rows, 1)


@right("split_heads", "index slices in a loop")
def _(x, n_head):
    hs = x.shape[-1] // n_head
    return torch.stack([x[:, :, h * hs : (h + 1) * hs] for h in range(n_head)], dim=1)


@right("split_heads", "einsum-free: transpose first, then cut the features")
def _(x, n_head):
    B, T, C = x.shape
    return x.transpose(1, 2).reshape(B, n_head, C // n_head, T).transpose(2, 3)


@right("split_heads", "tensor_split, contiguous result")
def _(x, n_head):
    pieces = torch.tensor_split(x, n_head, dim=2)
    return torch.cat([p.unsqueeze(1) for p in pieces], dim=1).contiguous()


@right("merge_heads", "transpose, flatten")
def _(y):
    return y.transpose(1, 2).flatten(start_dim=2)


@right("merge_heads", "concat of slices")
def _(y):
    return torch.concat([y[:, h] for h in range(y.shape[1])], dim=2)


@right("merge_heads", "features before time, reshaped, turned back: a view with other strides")
def _(y):
    B, n_head, T, hs = y.shape
    return y.transpose(2, 3).reshape(B, n_head * hs, T).transpose(1, 2)


@right("batched_heads", "-inf added by log, baddbmm over (B * n_head)")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, _ = x.shape
    q, k, v = (split_heads(F.linear(x, w), n_head).flatten(0, 1) for w in (w_query, w_key, w_value))
    hide = tril[:T, :T].log().expand(B * n_head, T, T)
    wei = torch.baddbmm(hide, q, k.mT, alpha=q.shape[-1] ** -0.5).softmax(-1)
    return F.linear(merge_heads(torch.bmm(wei, v).unflatten(0, (B, n_head))), w_proj, b_proj)


@right("batched_heads", "q scaled beforehand; unflatten, movedim")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T, hs = x.shape[1], w_key.shape[0] // n_head
    cut = lambda w: (x @ w.T).unflatten(2, (n_head, hs)).movedim(2, 1)
    scores = (cut(w_query) * hs**-0.5) @ cut(w_key).mT
    shares = torch.where(tril[:T, :T].bool(), scores, -torch.inf).softmax(dim=-1)
    return (shares @ cut(w_value)).movedim(1, 2).flatten(2) @ w_proj.t() + b_proj


@right("batched_heads", "weights as (n_head, hs, n_embd), products by broadcasting")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    q, k, v = (x[:, None] @ w.reshape(n_head, -1, w.shape[1]).mT for w in (w_query, w_key, w_value))
    scores = q @ k.mT / k.shape[-1] ** 0.5
    y = scores.masked_fill(tril[:T, :T].eq(0), float("-inf")).softmax(-1) @ v
    return torch.cat(y.unbind(1), -1) @ w_proj.T + b_proj


@wrong("batched_heads", "mask not cropped")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    q, k, v = (split_heads(x @ w.T, n_head) for w in (w_query, w_key, w_value))
    wei = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(tril == 0, float("-inf"))
    return merge_heads(wei.softmax(-1) @ v) @ w_proj.T + b_proj


@right("layer_norm", "var_mean")
def _(x, gain, bias, eps=1e-5):
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return (x - mean) * torch.rsqrt(var + eps) * gain + bias


@right("layer_norm", "sum of squares by einsum")
def _(x, gain, bias, eps=1e-5):
    centred = x - x.mean(-1, keepdim=True)
    var = torch.einsum("...c,...c->...", centred, centred)[..., None] / x.shape[-1]
    return gain * centred * (var + eps) ** -0.5 + bias


@wrong("layer_norm", "standard deviation plus root of eps: looks alike")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(-1, keepdim=True)
    std = x.std(-1, keepdim=True, correction=0)
    return gain * (x - mean) / (std + eps**0.5) + bias


@right("dropout", "where, draws also for p = 0 and 1")
def _(x, p, training, generator=None):
    if training:
        keep = torch.rand(x.shape, generator=generator) >= p
        return torch.where(keep, x / (1 - p if p < 1 else 1), 0.0)
    return x


@right("dropout", "mask times x, then one division")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    mask = (torch.rand(x.shape, generator=generator) >= p).type_as(x)
    y = x * mask
    return y / (1 - p) if p != 1 else y


@wrong("dropout", "scaled by how many were kept, not by 1 - p")
def _(x, p, training, generator=None):
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator) >= p
    return x * keep * (keep.numel() / keep.sum().clamp(min=1)).to(x.dtype)


@right("feed_forward", "nn.ReLU and nn.Dropout as modules")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.relu = nn.ReLU()
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.dropout = nn.Dropout(p)

    def forward(self, x):
        x = self.expand(x)
        x = self.relu(x)
        x = self.shrink(x)
        return self.dropout(x)


@right("feed_forward", "F.linear on weights, torch.relu; F.dropout told the mode")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, n_embd * 4, bias=True)
        self.shrink = nn.Linear(self.expand.out_features, n_embd, bias=True)
        self.rate = p

    def forward(self, x):
        hidden = torch.relu(F.linear(x, self.expand.weight, self.expand.bias))
        y = F.linear(hidden, self.shrink.weight, self.shrink.bias)
        return F.dropout(y, self.rate, self.training)


@right("feed_forward", "position by position")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.p = p

    def forward(self, x):
        rows = [self.shrink(F.relu(self.expand(x[:, t]))) for t in range(x.shape[1])]
        return dropout(torch.stack(rows, 1), self.p, training=self.training)


@right("residual", "the layer's result added last")
def _(x, norm, layer):
    y = norm(x)
    y = layer(y)
    return y + x


@right("residual", "a copy, added to in place")
def _(x, norm, layer):
    out = x.clone()
    out += layer(norm(x))
    return out


@right("residual", "sub with alpha -1")
def _(x, norm, layer):
    return x.sub(layer(norm(x)), alpha=-1)


@right("block", "lambda for the second layer, residual() for the first")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.feed = FeedForward(n_embd, p)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        after = residual(x, self.ln1, lambda h: self.heads(h))
        return torch.add(after, self.feed(self.ln2(after)))


@right("block", "what is found, and what is made of it, added at the end")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p=p)
        self.feed = FeedForward(n_embd, p=p)

    def forward(self, x):
        found = self.heads(self.ln1(x))
        thought = self.feed(self.ln2(x + found))
        return x + found + thought


@right("block", "functools.partial")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.add_module("ln1", LayerNorm(n_embd))
        self.add_module("heads", MultiHead(n_embd, n_head, p))
        self.add_module("ln2", LayerNorm(n_embd))
        self.add_module("feed", FeedForward(n_embd, p))

    def forward(self, x):
        import functools

        pairs = [(self.ln1, self.heads), (self.ln2, self.feed)]
        return functools.reduce(lambda x, pair: residual(x, *pair), pairs, x)


@wrong("block", "dropout not passed on to feed-forward")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.ln2 = LayerNorm(n_embd)
        self.feed = FeedForward(n_embd)

    def forward(self, x):
        x = residual(x, self.ln1, self.heads)
        return residual(x, self.ln2, self.feed)


@right("gpt_init", "match on the class")
def _(module):
    match module:
        case nn.Linear():
            torch.nn.init.normal_(module.weight, 0.0, 0.02)
            if module.bias is not None:
                torch.nn.init.constant_(module.bias, 0.0)
        case nn.Embedding():
            torch.nn.init.normal_(module.weight, 0.0, 0.02)


@right("gpt_init", "standard normal, then shrunk")
def _(module):
    if isinstance(module, nn.Linear | nn.Embedding):
        with torch.no_grad():
            module.weight.normal_().mul_(0.02)
            for name, p in module.named_parameters(recurse=False):
                if name == "bias":
                    p.zero_()


@right("gpt_init", "torch.normal copied in, returns the module")
def _(module):
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias.data = torch.zeros_like(module.bias.data)
    if isinstance(module, (nn.Embedding, nn.Linear)):
        with torch.no_grad():
            module.weight.copy_(torch.normal(0.0, 0.02, size=tuple(module.weight.shape)))
    return module


@right("gpt_embed", "F.embedding twice")
class _:
    def embed(self, idx):
        B, T = idx.shape
        if not T <= self.config.block_size:
            raise ValueError(f"block_size is {self.config.block_size}, got {T}")
        at = torch.arange(T, device=idx.device).expand(B, T)
        return F.embedding(idx, self.token.weight) + F.embedding(at, self.position.weight)


@right("gpt_embed", "position by position, stacked")
class _:
    def embed(self, idx):
        if idx.shape[-1] > self.config.block_size:
            raise ValueError
        rows = [self.token(idx[:, t]) + self.position.weight[t] for t in range(idx.shape[1])]
        return torch.stack(rows, dim=1)


@right("gpt_embed", "new tensor: positions added in place")
class _:
    def embed(self, idx):
        T = idx.shape[1]
        if T > self.config.block_size:
            raise ValueError("longer than block_size")
        x = self.token(idx)
        x += self.position(torch.arange(T, dtype=torch.int64, device=idx.device)).unsqueeze(0)
        return x


@right("gpt_forward", "reshape both")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for i in range(len(self.blocks)):
            x = self.blocks[i](x)
        x = self.ln_f(x)
        logits = self.head(x)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.reshape(-1, logits.size(-1)), targets.reshape(-1))
        return logits, loss


@right("gpt_forward", "logsumexp minus the target's logit")
class _:
    def forward(self, idx, targets=None):
        h = self.embed(idx)
        for layer in self.blocks.children():
            h = layer(h)
        logits = self.head(self.ln_f(h))
        if targets is None:
            return logits, None
        hit = logits.gather(2, targets[:, :, None])[:, :, 0]
        return logits, (logits.logsumexp(2) - hit).mean()


@right("gpt_forward", "contiguous().view for targets")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.ln_f(x), self.head.weight, self.head.bias)
        if targets is None:
            return (logits, None)
        B, T, V = logits.shape
        return (logits, F.cross_entropy(logits.view(B * T, V), targets.contiguous().view(B * T)))


@wrong("gpt_forward", "first block skipped")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks[1:]:
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.transpose(1, 2), targets)


@right("expected_parameters", "list of terms")
def _(config):
    V, T, C, L = config.vocab_size, config.block_size, config.n_embd, config.n_layer
    one = [2 * C, 3 * C * C, C * C + C, 2 * C, C * 4 * C + 4 * C, 4 * C * C + C]
    if config.qkv_bias:
        one.append(3 * C)
    rest = [V * C, T * C, 2 * C]
    if config.head_bias:
        rest.append(V)
    if not config.tied:
        rest.append(C * V)
    return sum(one) * L + sum(rest)


@right("expected_parameters", "shapes and math.prod")
def _(config):
    C, V = config.n_embd, config.vocab_size
    shapes = [(V, C), (config.block_size, C), (C,), (C,)]
    block = [(C,)] * 4 + [(3 * C, C), (C, C), (C,), (4 * C, C), (4 * C,), (C, 4 * C), (C,)]
    shapes += (block + ([(3 * C,)] if config.qkv_bias else [])) * config.n_layer
    shapes += [] if config.tied else [(V, C)]
    shapes += [(V,)] if config.head_bias else []
    return sum(math.prod(shape) for shape in shapes)


@right("expected_parameters", "heads counted one by one")
def _(config):
    C, nh = config.n_embd, config.n_head
    hs = C // nh
    per_head = 3 * (C * hs + (hs if config.qkv_bias else 0))
    per_block = nh * per_head + (C + 1) * C + (C + 1) * 4 * C + (4 * C + 1) * C + 4 * C
    total = (config.vocab_size + config.block_size) * C + config.n_layer * per_block + C + C
    if config.tied is False:
        total += config.vocab_size * C
    return total + (config.vocab_size if config.head_bias else 0)


@right("count_parameters", "loop with numel")
def _(model):
    total = 0
    for p in model.parameters():
        if not p.requires_grad:
            continue
        total += p.numel()
    return total


@right("count_parameters", "a set of parameters, by identity")
def _(model):
    unique = {p for _, p in model.named_parameters(remove_duplicate=False)}
    return sum(p.numel() for p in unique if p.requires_grad)


@right("gpt_train_step", "zero_grad first")
def _(model, optimizer, x, y):
    optimizer.zero_grad(set_to_none=True)
    logits, loss = model(x, y)
    loss.backward()
    optimizer.step()
    return loss.item()


@right("gpt_train_step", "zero_grad after the forward pass, loss read first")
def _(model, optimizer, x, y):
    loss = model(x, y)[1]
    value = loss.detach().cpu().item()
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return value


@right("gpt_train_step", "grads of the optimizer's groups dropped by hand")
def _(model, optimizer, x, y):
    for group in optimizer.param_groups:
        for p in group["params"]:
            p.grad = None
    _, loss = model(x, y)
    loss.backward()
    optimizer.step()
    return float(loss)


@wrong("gpt_train_step", "parameters moved by hand, the optimizer's state stays empty")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for group in optimizer.param_groups:
            for p in group["params"]:
                p -= group["lr"] * 0.5 * p.grad
    return loss.item()


@right("keep_top_k", "sort")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k below 1")
    ordered = logits.sort(dim=-1, descending=True).values
    k = k if k < logits.shape[-1] else logits.shape[-1]
    return torch.where(logits < ordered[..., k - 1 : k], float("-inf"), logits)


@right("keep_top_k", "a copy, row by row, min of topk")
def _(logits, k):
    if k is None:
        return logits
    if k <= 0:
        raise ValueError(k)
    out = logits.clone(memory_format=torch.contiguous_format)
    for row in out.view(-1, out.shape[-1]):
        edge = row.topk(min(k, len(row))).values.min()
        row[row < edge] = -torch.inf
    return out


@right("keep_top_k", "-inf added")
def _(logits, k):
    if k is not None and k < 1:
        raise ValueError("k >= 1")
    if k is None or k > logits.shape[-1]:
        return logits + 0
    edge = torch.topk(logits, k, dim=-1).values.amin(-1, keepdim=True)
    return logits.masked_fill(~(logits >= edge), -float("inf"))


@right("next_token_probs", "log_softmax.exp; greedy by zeros and index")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    kept = keep_top_k(logits, top_k)
    if temperature == 0:
        rows = torch.zeros_like(logits).reshape(-1, logits.shape[-1])
        rows[torch.arange(len(rows)), kept.reshape(rows.shape).argmax(-1)] = 1
        return rows.reshape(logits.shape)
    return torch.log_softmax(kept / temperature, dim=-1).exp()


@right("next_token_probs", "greedy: the first of the largest by cumsum")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    logits = keep_top_k(logits, top_k)
    if temperature == 0.0:
        best = logits == logits.amax(-1, keepdim=True)
        return (best & (best.cumsum(-1) == 1)).to(logits.dtype)
    return logits.div(temperature).softmax(-1)


@right("next_token_probs", "softmax in float64, back to the dtype")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError(f"temperature {temperature}")
    kept = keep_top_k(logits, top_k)
    if temperature > 0:
        return torch.softmax(kept.double() / temperature, -1).to(logits.dtype)
    return F.one_hot(kept.argmax(-1), kept.size(-1)).type(logits.dtype)


@wrong("next_token_probs", "greedy: the last of equal ones")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature")
    logits = keep_top_k(logits, top_k)
    if temperature == 0:
        best = logits.shape[-1] - 1 - logits.flip(-1).argmax(-1)
        return F.one_hot(best, logits.shape[-1]).to(logits.dtype)
    return F.softmax(logits / temperature, dim=-1)


@wrong("next_token", "temperature not passed on")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    logits, _ = model(idx[:, -model.config.block_size :])
    probs = next_token_probs(logits[:, -1], top_k=top_k)
    return torch.multinomial(probs, 1, generator=generator)


@right("gpt_generate", "list, joined at the end of each round")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    columns = list(idx.unbind(1))
    for _ in range(max_new_tokens):
        new = next_token(model, torch.stack(columns, 1), temperature, top_k, generator)
        columns.append(new.squeeze(1))
    return torch.stack(columns, dim=1)


@right("gpt_generate", "only the end handed to next_token: it reads no more anyway")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    size = model.config.block_size
    for _ in range(max_new_tokens):
        new = next_token(model, idx[:, -size:], temperature, top_k, generator)
        idx = torch.cat((idx, new), dim=1)
    return idx


@right("gpt_generate", "keyword arguments, no_grad around")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    with torch.no_grad():
        text = idx
        for _ in range(max_new_tokens):
            token = next_token(
                model, text, temperature=temperature, top_k=top_k, generator=generator
            )
            text = torch.concatenate([text, token], axis=1)
    return text


@right("sinusoidal_positions", "cosine as a sine a quarter turn on, float64")
def _(T, n_embd, base=10000.0):
    if n_embd % 2 != 0:
        raise ValueError("n_embd must be even")
    column = torch.arange(n_embd, dtype=torch.float64)
    pair = torch.div(column, 2, rounding_mode="floor")
    angle = torch.arange(T, dtype=torch.float64)[:, None] * base ** (-2 * pair / n_embd)
    return torch.sin(angle + (column % 2) * torch.pi / 2).float()


@right("sinusoidal_positions", "strided assignment")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError(n_embd)
    t = torch.arange(T).double().unsqueeze(1)
    angle = t / base ** (torch.arange(0, n_embd, 2).double() / n_embd)
    table = torch.zeros(T, n_embd)
    table[:, ::2] = torch.sin(angle)
    table[:, 1::2] = torch.cos(angle)
    return table


@right("sinusoidal_positions", "numpy")
def _(T, n_embd, base=10000.0):
    import numpy as np

    if n_embd % 2:
        raise ValueError("odd width")
    angle = np.arange(T)[:, None] / np.power(float(base), np.arange(0, n_embd, 2) / n_embd)
    table = np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(T, n_embd)
    return torch.from_numpy(table.astype(np.float32))


@right("rotary_angles", "einsum")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("hs is odd")
    i = torch.arange(hs // 2, dtype=torch.float64)
    return torch.einsum("t,i->ti", positions.double(), theta ** (-2 * i / hs))


@right("rotary_angles", "divided by the power, column by column")
def _(positions, hs, theta=10000.0):
    if hs % 2 == 1:
        raise ValueError(hs)
    columns = [positions.to(torch.float64) / theta ** (2 * i / hs) for i in range(hs // 2)]
    return torch.stack(columns, dim=1)


@right("rotary_angles", "exp of minus log theta, in float64")
def _(positions, hs, theta=10000.0):
    import math

    if hs % 2:
        raise ValueError
    speed = torch.exp(-math.log(theta) * torch.arange(0, hs, 2, dtype=torch.float64) / hs)
    return positions[:, None].to(speed.dtype) * speed[None, :]


@right("rotary", "clone, both new values computed first")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    c, s = torch.cos(angles).to(x), torch.sin(angles).to(x)
    even, odd = x[..., ::2].clone(), x[..., 1::2].clone()
    out = torch.empty_like(x)
    out[..., ::2] = even * c - odd * s
    out[..., 1::2] = even * s + odd * c
    return out


@right("rotary", "in float64, rounded at the end; reshape into pairs")
def _(x, positions, theta=10000.0):
    B, nh, T, hs = x.shape
    angle = rotary_angles(positions, hs, theta)
    a, b = x.double().reshape(B, nh, T, hs // 2, 2).unbind(-1)
    turned = torch.stack((a * angle.cos() - b * angle.sin(), a * angle.sin() + b * angle.cos()), -1)
    return turned.reshape(B, nh, T, hs).to(x.dtype)


@wrong("rotary", "sine and cosine swapped")
def _(x, positions, theta=10000.0):
    angles = rotary_angles(positions, x.shape[-1], theta)
    cos, sin = angles.sin().to(x.dtype), angles.cos().to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(-2)


@right("rotary_attention", "minus infinity above the diagonal added")
def _(q, k, v, positions, theta=10000.0):
    T, hs = q.shape[2], q.shape[3]
    q, k = (rotary(z, positions, theta) for z in (q, k))
    future = torch.full((T, T), float("-inf"), dtype=q.dtype, device=q.device).triu(1)
    return F.softmax(q @ k.transpose(2, 3) / hs**0.5 + future, dim=3) @ v


@right("rotary_attention", "queries and keys turned together")
def _(q, k, v, positions, theta=10000.0):
    both = rotary(torch.cat([q, k]), positions, theta)
    q, k = both.chunk(2)
    T = q.shape[-2]
    past = torch.tril(torch.ones(T, T, dtype=torch.bool))
    return F.scaled_dot_product_attention(q, k, v, attn_mask=past)


@right("rms_norm", "mean of squares by einsum")
def _(x, gain, eps=1e-5):
    square = torch.einsum("...c,...c->...", x, x).unsqueeze(-1) / x.shape[-1]
    return x * (gain / (square + eps) ** 0.5)


@right("rms_norm", "out of place steps")
def _(x, gain, eps=1e-5):
    y = x.clone()
    scale = y.pow(2).sum(dim=-1, keepdim=True).div(y.size(-1)).add(eps).sqrt()
    return x / scale * gain


@wrong("rms_norm", "standard deviation instead of root mean square")
def _(x, gain, eps=1e-5):
    return x / torch.sqrt(x.var(-1, keepdim=True, correction=0) + eps) * gain


@right("swiglu", "silu by hand")
def _(x, w, v, w2):
    z = x @ w
    return (z * torch.sigmoid(z) * (x @ v)) @ w2


@right("swiglu", "nn.SiLU from torch.nn, matmul")
def _(x, w, v, w2):
    gate = torch.nn.SiLU()(torch.matmul(x, w))
    return torch.matmul(gate * torch.matmul(x, v), w2)


@right("sum_text", "f-string with computed widths")
def _(a, b, digits):
    limit = 10**digits
    if not 0 <= a < limit:
        raise ValueError("a")
    if not 0 <= b < limit:
        raise ValueError("b")
    result = f"{a + b:0>{digits + 1}}"
    return f"{a:0>{digits}}+{b:0>{digits}}={result[::-1]}"


@right("sum_text", "added by hand with a carry")
def _(a, b, digits):
    if a not in range(10**digits) or b not in range(10**digits):
        raise ValueError("out of range")
    x, y = str(a).zfill(digits), str(b).zfill(digits)
    out, carry = "", 0
    for c, d in zip(reversed(x), reversed(y)):
        carry, digit = divmod(int(c) + int(d) + carry, 10)
        out += str(digit)
    return x + "+" + y + "=" + out + str(carry)


@right("sum_text", "% formatting")
def _(a, b, digits):
    if a < 0 or b < 0 or a >= 10**digits or b >= 10**digits:
        raise ValueError("a and b must fit")
    c = "%0*d" % (digits + 1, a + b)
    return "%0*d+%0*d=%s" % (digits, a, digits, b, "".join(reversed(c)))


@right("split_sums", "list comprehension over (a, b) twice, doubles dropped by a condition")
def _(digits, n_test, g):
    numbers = range(10**digits)
    pairs = [(a, b) for a in numbers for b in numbers if a <= b]
    order = torch.randperm(len(pairs), generator=g)

    def part(which):
        chosen = [pairs[i] for i in which.tolist()]
        return [s for a, b in chosen for s in ([(a, b), (b, a)] if a != b else [(a, b)])]

    return part(order[n_test:]), part(order[:n_test])


@right("split_sums", "an iterator over the shuffled pairs")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    shuffled = iter([pairs[i] for i in torch.randperm(len(pairs), generator=g).tolist()])

    def both(some):
        out = []
        for pair in some:
            out.extend(dict.fromkeys([pair, pair[::-1]]))
        return out

    test = both(itertools.islice(shuffled, n_test))
    return both(shuffled), test


@wrong("split_sums", "torch's own generator")
def _(digits, n_test, g):
    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(a, n)]
    order = torch.randperm(len(pairs)).tolist()

    def both(part):
        return [s for i in part for s in dict.fromkeys((pairs[i], pairs[i][::-1]))]

    return both(order[n_test:]), both(order[:n_test])


@right("answer_targets", "nonzero of =, loop with slices")
def _(ids, equals):
    inputs, targets = ids[:, :-1].clone(), ids[:, 1:].clone()
    for row, column in (ids == equals).nonzero().tolist():
        targets[row, :column] = -100
    return inputs, targets


@right("answer_targets", "cummax over flags, where; contiguous")
def _(ids, equals):
    seen = (ids == equals).long().cummax(dim=1).values[:, :-1]
    targets = torch.where(seen == 1, ids[:, 1:], torch.full_like(ids[:, 1:], -100))
    return ids[:, :-1].contiguous(), targets


@right("answer_targets", "arithmetic: target * seen - 100 * not seen")
def _(ids, equals):
    inputs = ids.narrow(1, 0, ids.shape[1] - 1)
    seen = inputs.eq(equals).cumsum(dim=1)
    return inputs, ids[:, 1:] * seen - 100 * (1 - seen)


@right("answer_loss", "sum of cross_entropy over how many count")
def _(logits, targets):
    V = logits.shape[-1]
    total = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    return total / (targets != -100).sum()


@right("answer_loss", "nll_loss with ignore_index")
def _(logits, targets):
    logprobs = F.log_softmax(logits, dim=-1)
    return F.nll_loss(logprobs.permute(0, 2, 1), targets, ignore_index=-100)


@right("answer_loss", "position by position, Python loops")
def _(logits, targets):
    losses = []
    for row, answers in zip(logits, targets.tolist()):
        for z, answer in zip(row, answers):
            if answer != -100:
                losses.append(torch.logsumexp(z, 0) - z[answer])
    return torch.stack(losses).mean()


@wrong("answer_loss", "number that counts taken from the first row")
def _(logits, targets):
    total = F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum")
    return total / (len(targets) * (targets[0] != -100).sum())


@right("masked_step", "p.grad = None by hand")
def _(model, inputs, targets, optimizer):
    for p in model.parameters():
        p.grad = None
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss)


@right("masked_step", "zero_grad first, tolist")
def _(model, inputs, targets, optimizer):
    optimizer.zero_grad()
    logits = model(inputs)
    loss = answer_loss(logits, targets)
    loss.backward()
    optimizer.step()
    return loss.tolist()


@wrong("masked_step", "zero_grad between backward and step")
def _(model, inputs, targets, optimizer):
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


@right("greedy_answer", "ids copied, appended with hstack")
def _(model, ids, n):
    text, T = ids.clone(), ids.shape[1]
    for _ in range(n):
        logits = model(text).detach()
        text = torch.hstack([text, logits[:, -1:].argmax(dim=2)])
    return text[:, T:].contiguous()


@right("greedy_answer", "new tokens kept apart")
def _(model, ids, n):
    new = ids[:, :0]
    with torch.no_grad():
        for _ in range(n):
            logits = model(torch.cat([ids, new], dim=1))
            best = torch.argmax(logits[:, -1, :], dim=-1)
            new = torch.cat([new, best.unsqueeze(1)], dim=1)
    return new


@right("greedy_answer", "recursion")
def _(model, ids, n):
    def more(text, left):
        if left == 0:
            return text
        with torch.no_grad():
            best = model(text)[:, -1].argmax(1, keepdim=True)
        return more(torch.cat([text, best], 1), left - 1)

    return more(ids, n)[:, ids.shape[1] :]


@wrong("greedy_answer", "always asks with the question alone")
def _(model, ids, n):
    T = ids.shape[1]
    ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], dim=1)
    for _ in range(n - 1):
        ids = torch.cat([ids, model(ids[:, :T])[:, -1].argmax(-1, keepdim=True)], dim=1)
    return ids[:, T:]


@right("sums_right", "torch.equal for each row")
def _(model, sums, digits):
    texts = [sum_text(a, b, digits) for a, b in sums]
    ids = torch.tensor([encode(text) for text in texts])
    cut = texts[0].index("=") + 1
    found = greedy_answer(model, ids[:, :cut], digits + 1)
    return sum(torch.equal(f, i) for f, i in zip(found, ids[:, cut:])) / len(texts)


@right("sums_right", "lists compared")
def _(model, sums, digits):
    questions, answers = [], []
    for a, b in sums:
        ids = encode(sum_text(a, b, digits))
        questions.append(ids[: -digits - 1])
        answers.append(ids[-digits - 1 :])
    found = greedy_answer(model, torch.tensor(questions), digits + 1).tolist()
    return [f == a for f, a in zip(found, answers)].count(True) / len(answers)


@right("sums_right", "product of the digits' hits, float64 mean")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = ids.shape[1] - digits - 1
    hits = greedy_answer(model, ids[:, :n], digits + 1).eq(ids[:, n:]).prod(dim=1)
    return hits.double().mean().item()


@wrong("sums_right", "sums that occur twice count once")
def _(model, sums, digits):
    sums = sorted({(min(a, b), max(a, b)) for a, b in sums})
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = 2 * digits + 2
    return (greedy_answer(model, ids[:, :n], digits + 1) == ids[:, n:]).all(1).float().mean().item()


@right("finetune", "for with append; mode set before the optimizer")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model).train()
    optimizer = Adam(trained.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        x, y = windows(ids, model.block_size, batch_size, g)
        loss = masked_step(trained, x, y, optimizer)
        on_step(trained, loss)
        losses.append(loss)
    return trained, losses


@right("finetune", "list filled by index")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    clone = copy.deepcopy(model)
    clone.train()
    for p in clone.parameters():
        p.grad = None
    adam, losses = Adam(clone.parameters(), lr), [0.0] * steps
    for i in range(steps):
        batch = windows(ids, clone.block_size, batch_size, g)
        losses[i] = masked_step(clone, *batch, adam)
        on_step(clone, losses[i])
    return clone, losses
