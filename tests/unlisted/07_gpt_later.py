"""Solutions of 07 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("sum_text", "negative numbers are not caught")
def _(a, b, digits):
    if a >= 10**digits or b >= 10**digits:
        raise ValueError("too many digits")
    return f"{a:0{digits}}+{b:0{digits}}=" + f"{a + b:0{digits + 1}}"[::-1]


@wrong("sum_text", "reversed before it is padded")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError
    return f"{a:0{digits}}+{b:0{digits}}=" + str(a + b)[::-1].zfill(digits + 1)


@right("sum_text", "zfill")
def _(a, b, digits):
    for n in (a, b):
        if n < 0 or len(str(n)) > digits:
            raise ValueError(f"{n} does not fit into {digits} digits")
    c = str(a + b).zfill(digits + 1)
    return "".join([str(a).zfill(digits), "+", str(b).zfill(digits), "=", "".join(reversed(c))])


@wrong("split_sums", "(a, a) twice")
def _(digits, n_test, g):
    pairs = [(a, b) for a in range(10**digits) for b in range(a, 10**digits)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    both = lambda places: [p for i in places for p in (pairs[i], pairs[i][::-1])]
    return both(order[n_test:]), both(order[:n_test])


@wrong("split_sums", "the last n_test are the test")
def _(digits, n_test, g):
    pairs = [(a, b) for a in range(10**digits) for b in range(a, 10**digits)]
    order = torch.randperm(len(pairs), generator=g).tolist()
    both = lambda places: [p for i in places for p in dict.fromkeys((pairs[i], pairs[i][::-1]))]
    return both(order[: len(order) - n_test]), both(order[len(order) - n_test :])


@right("split_sums", "combinations with replacement")
def _(digits, n_test, g):
    pairs = list(itertools.combinations_with_replacement(range(10**digits), 2))
    train, test = [], []
    for n, i in enumerate(torch.randperm(len(pairs), generator=g)):
        a, b = pairs[int(i)]
        (test if n < n_test else train).extend([(a, b)] if a == b else [(a, b), (b, a)])
    return train, test


@wrong("answer_targets", "the = itself counts")
def _(ids, equals):
    at = (ids == equals).int().argmax(1, keepdim=True)
    places = torch.arange(1, ids.shape[1])
    return ids[:, :-1], torch.where(places >= at, ids[:, 1:], -100)


@wrong("answer_targets", "the first row's place for all rows")
def _(ids, equals):
    at = int((ids[0] == equals).nonzero()[0, 0])
    targets = ids[:, 1:].clone()
    targets[:, :at] = -100
    return ids[:, :-1], targets


@right("answer_targets", "cumsum of what is =")
def _(ids, equals):
    seen = (ids == equals).cumsum(1)[:, :-1].bool()
    return ids[:, :-1], ids[:, 1:].masked_fill(~seen, -100)


@wrong("answer_loss", "a mean of the rows' means")
def _(logits, targets):
    rows = [F.cross_entropy(l, t) for l, t in zip(logits, targets) if (t != -100).any()]
    return torch.stack(rows).mean()


@wrong("answer_loss", "the mean over everything")
def _(logits, targets):
    return F.cross_entropy(logits.transpose(1, 2), targets, reduction="none").mean()


@right("answer_loss", "logsumexp minus the target's logit")
def _(logits, targets):
    on = targets != -100
    rows, right = logits[on], targets[on]
    return (rows.logsumexp(-1) - rows.gather(-1, right[:, None])[:, 0]).mean()


@wrong("masked_step", "model.train()")
def _(model, inputs, targets, optimizer):
    if hasattr(model, "train"):
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


@wrong("greedy_answer", "the prompt comes back too")
def _(model, ids, n):
    for _ in range(n):
        ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], 1)
    return ids


@wrong("greedy_answer", "the model only sees the newest token")
def _(model, ids, n):
    new, now = [], ids
    for _ in range(n):
        now = model(now)[:, -1:].argmax(-1)
        new.append(now)
    return torch.cat(new, 1)


@right("greedy_answer", "recursion")
def _(model, ids, n):
    with torch.no_grad():
        new = torch.argmax(model(ids)[:, -1, :], dim=-1)[:, None]
    if n == 1:
        return new
    return torch.hstack([new, greedy_answer(model, torch.hstack([ids, new]), n - 1)])


@wrong("sums_right", "the share of right digits")
def _(model, sums, digits):
    ids = torch.stack([torch.as_tensor(encode(sum_text(a, b, digits))) for a, b in sums])
    cut = 2 * digits + 2
    said = greedy_answer(model, ids[:, :cut], digits + 1)
    return (said == ids[:, cut:]).double().mean().item()


@wrong("sums_right", "only the last digit is compared")
def _(model, sums, digits):
    ids = torch.stack([torch.as_tensor(encode(sum_text(a, b, digits))) for a, b in sums])
    cut = 2 * digits + 2
    said = greedy_answer(model, ids[:, :cut], digits + 1)
    return (said[:, -1] == ids[:, -1]).double().mean().item()


@right("sums_right", "one by one")
def _(model, sums, digits):
    good = 0
    for a, b in sums:
        ids = torch.as_tensor(encode(sum_text(a, b, digits)))
        said = greedy_answer(model, ids[None, : -(digits + 1)], digits + 1)[0]
        good += torch.equal(said, ids[-(digits + 1) :])
    return good / len(sums)


@wrong("finetune", "the copy stays in the model's mode")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model), []
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        losses.append(
            masked_step(trained, *windows(ids, model.block_size, batch_size, g), optimizer)
        )
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "a new optimizer for each step")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.deepcopy(model).train(), []
    for _ in range(steps):
        optimizer = Adam(trained.parameters(), lr)
        losses.append(
            masked_step(trained, *windows(ids, model.block_size, batch_size, g), optimizer)
        )
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "the model itself is trained")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained, losses = copy.copy(model), []
    trained.train()
    optimizer = Adam(trained.parameters(), lr)
    for _ in range(steps):
        losses.append(
            masked_step(trained, *windows(ids, model.block_size, batch_size, g), optimizer)
        )
        on_step(trained, losses[-1])
    return trained, losses


@wrong("finetune", "on_step forgotten")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model).train()
    optimizer = Adam(trained.parameters(), lr)
    losses = [
        masked_step(trained, *windows(ids, model.block_size, batch_size, g), optimizer)
        for _ in range(steps)
    ]
    return trained, losses


@wrong("split_text", "rounded, not cut")
def _(data):
    n = round(0.9 * len(data))
    return data[:n], data[n:]


@wrong("growing_contexts", "the same list grows")
def _(block):
    out, context = [], []
    for a, b in zip(block, block[1:]):
        context.append(a)
        out.append((context, b))
    return out


@right("growing_contexts", "recursion")
def _(block):
    if len(block) < 2:
        return []
    return growing_contexts(block[:-1]) + [(block[:-1], block[-1])]


@wrong("get_batch", "one start fewer")
def _(data, block_size, batch_size, g):
    starts = torch.randint(len(data) - block_size - 1, (batch_size,), generator=g).tolist()
    x = torch.stack([data[i : i + block_size] for i in starts])
    return x, torch.stack([data[i + 1 : i + block_size + 1] for i in starts])


@wrong("get_batch", "y rolled within the window")
def _(data, block_size, batch_size, g):
    starts = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = data[starts[:, None] + torch.arange(block_size)]
    return x, x.roll(-1, 1)


@right("get_batch", "unfold")
def _(data, block_size, batch_size, g):
    starts = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    both = data.unfold(0, block_size + 1, 1)[starts]
    return both[:, :-1], both[:, 1:]


@wrong("bigram_forward", "logits flat with targets")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        logits = logits.view(-1, logits.shape[-1])
        return logits, F.cross_entropy(logits, targets.view(-1))


@wrong("bigram_forward", "the sum")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.transpose(1, 2), targets, reduction="sum") / len(idx)


@right("bigram_forward", "log_softmax and gather")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        loss = None
        if targets is not None:
            loss = -logits.log_softmax(-1).gather(2, targets.unsqueeze(2)).mean()
        return logits, loss


@wrong("bigram_generate", "idx grows in place")
class _:
    def generate(self, idx, max_new_tokens, g):
        for _ in range(max_new_tokens):
            probs = self(idx)[0][:, -1].softmax(-1)
            new = torch.multinomial(probs, 1, generator=g)
            idx.set_(torch.cat([idx, new], 1))
        return idx


@wrong("bigram_generate", "only the last character is shown")
class _:
    def generate(self, idx, max_new_tokens, g):
        out = idx
        for _ in range(max_new_tokens):
            probs = self(out[:, -1:])[0][:, -1].softmax(-1)
            out = torch.cat([out, torch.multinomial(probs, 1, generator=g)], 1)
        return out


@wrong("bigram_generate", "eval mode for good")
class _:
    def generate(self, idx, max_new_tokens, g):
        self.eval()
        for _ in range(max_new_tokens):
            probs = self(idx)[0][:, -1].softmax(-1)
            idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], 1)
        return idx


@wrong("estimate_loss", "always back to train()")
def _(model, draw, eval_iters):
    model.eval()
    with torch.no_grad():
        losses = [model(*draw())[1].item() for _ in range(eval_iters)]
    model.train()
    return sum(losses) / eval_iters


@wrong("estimate_loss", "gradients are on afterwards, whatever they were")
def _(model, draw, eval_iters):
    was = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total = 0.0
    for _ in range(eval_iters):
        total += model(*draw())[1].item()
    torch.set_grad_enabled(True)
    model.train(was)
    return total / eval_iters


@right("estimate_loss", "a running mean")
def _(model, draw, eval_iters):
    was, mean = model.training, 0.0
    model.train(False)
    with torch.inference_mode():
        for i in range(eval_iters):
            x, y = draw()
            mean += (float(model(x, y)[1]) - mean) / (i + 1)
    model.train(was)
    return mean


@wrong("bigram_train", "the mode is left as it was")
def _(model, batches, lr):
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=lr), []
    for x, y in batches:
        loss = model(x, y)[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "zeroed after the step")
def _(model, batches, lr):
    optimizer, losses = torch.optim.AdamW(model.parameters(), lr=lr), []
    model.train()
    for x, y in batches:
        loss = model(x, y)[1]
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@wrong("bigram_train", "a new optimizer in the loop")
def _(model, batches, lr):
    losses = []
    model.train()
    for x, y in batches:
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        loss = model(x, y)[1]
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@wrong("compare", "over the number of keys")
def _(q, k):
    return q @ k.transpose(-2, -1) / k.shape[-2] ** 0.5


@right("compare", "scaled before, einsum")
def _(q, k):
    return torch.einsum("...td,...sd->...ts", q * q.shape[-1] ** -0.25, k * k.shape[-1] ** -0.25)


@wrong("attention", "hidden scores are -100, not -inf")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores.masked_fill(~mask, -100.0)
    return scores.softmax(-1) @ v


@wrong("attention", "hidden after the softmax, not normalized again")
def _(q, k, v, mask=None):
    shares = compare(q, k).softmax(-1)
    return (shares if mask is None else shares * mask) @ v


@wrong("attention", "zero scores for the hidden")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    return (scores if mask is None else scores * mask).softmax(-1) @ v


@right("attention", "an additive mask")
def _(q, k, v, mask=None):
    scores = compare(q, k)
    if mask is not None:
        scores = scores + torch.zeros_like(mask, dtype=q.dtype).masked_fill(~mask, -torch.inf)
    return torch.einsum("...ts,...sd->...td", F.softmax(scores, dim=-1), v)


@wrong("causal_mask", "first T_q of T_k positions")
def _(T_q, T_k):
    return torch.tril(torch.ones(T_q, T_k, dtype=torch.bool))


@wrong("padding_mask", "a dimension missing")
def _(lengths, T):
    return torch.arange(T) < lengths[:, None]


@wrong("padding_mask", "one more is real")
def _(lengths, T):
    return (torch.arange(T) <= lengths[:, None])[:, None]


@wrong("padding_mask", "as long as the longest")
def _(lengths, T):
    return (torch.arange(int(lengths.max())) < lengths[:, None])[:, None]


@wrong("effective_keys", "nan where a share is 0")
def _(shares):
    return (-(shares * shares.log()).sum(-1)).exp()


@wrong("effective_keys", "a small number inside the logarithm")
def _(shares):
    return (-(shares * (shares + 1e-3).log()).sum(-1)).exp()


@wrong("effective_keys", "one over the sum of squares")
def _(shares):
    return 1 / shares.square().sum(-1)


@right("effective_keys", "xlogy")
def _(shares):
    return torch.exp(-torch.special.xlogy(shares, shares).sum(dim=-1))


@wrong("layer_norm", "unbiased variance")
def _(x, gain, bias, eps=1e-5):
    return gain * (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True) + eps).sqrt() + bias


@wrong("layer_norm", "eps outside of the root")
def _(x, gain, bias, eps=1e-5):
    return (
        gain * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True, correction=0) + eps) + bias
    )


@wrong("layer_norm", "over all but the first dimension")
def _(x, gain, bias, eps=1e-5):
    dims = tuple(range(1, x.dim())) if x.dim() > 1 else (0,)
    var, mean = torch.var_mean(x, dims, keepdim=True, correction=0)
    return gain * (x - mean) / (var + eps).sqrt() + bias


@right("layer_norm", "var_mean and rsqrt")
def _(x, gain, bias, eps=1e-5):
    var, mean = torch.var_mean(x, -1, keepdim=True, correction=0)
    return torch.addcmul(bias, (x - mean) * torch.rsqrt(var + eps), gain)


@right("layer_norm", "the mean of squares minus the square of the mean, of the centred")
def _(x, gain, bias, eps=1e-5):
    c = x - x.mean(dim=-1, keepdim=True)
    return c / (c.pow(2).mean(dim=-1, keepdim=True) + eps) ** 0.5 * gain + bias


@wrong("dropout", "not scaled up")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    return x * (torch.rand(x.shape, generator=generator) >= p)


@wrong("dropout", "nan at p = 1")
def _(x, p, training, generator=None):
    if not training:
        return x
    return x * (torch.rand(x.shape, generator=generator) >= p) / (1 - p)


@wrong("dropout", "kept where the draw is below p")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    if p == 1:
        return x * 0
    return x * (torch.rand(x.shape, generator=generator) < p) / (1 - p)


@wrong("dropout", "scaled by the share that was kept")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    keep = torch.rand(x.shape, generator=generator) >= p
    return x * keep / keep.to(x.dtype).mean().clamp(min=1e-9)


@right("dropout", "where")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    keep = torch.rand(x.shape, generator=generator) >= p
    if p == 1:
        return x.mul(0) if torch.isfinite(x).all() else torch.where(keep, x, 0.0)
    return torch.where(keep, x / (1 - p), torch.zeros_like(x))


@wrong("residual", "the normalized copy is added")
def _(x, norm, layer):
    y = norm(x)
    return y + layer(y)


@wrong("residual", "norm is called twice")
def _(x, norm, layer):
    return x + layer(norm(x)) + 0 * norm(x)


@wrong("residual", "x changed in place")
def _(x, norm, layer):
    x += layer(norm(x))
    return x


@wrong("residual", "post-norm")
def _(x, norm, layer):
    return norm(x + layer(x))


@wrong("head", "scaled by the size of what comes in")
class _(nn.Module):
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.ones(block_size, block_size).tril().bool())

    def forward(self, x):
        T = x.shape[1]
        scores = self.query(x) @ self.key(x).transpose(1, 2) / x.shape[-1] ** 0.5
        return scores.masked_fill(~self.tril[:T, :T], -torch.inf).softmax(-1) @ self.value(x)


@wrong("head", "softmax over the queries")
class _(nn.Module):
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.ones(block_size, block_size).tril().bool())

    def forward(self, x):
        T = x.shape[1]
        scores = self.query(x) @ self.key(x).transpose(1, 2) / self.key.out_features**0.5
        return scores.masked_fill(~self.tril[:T, :T], -torch.inf).softmax(1) @ self.value(x)


@right("head", "layers in a ModuleDict, too, and a buffer that is not saved")
class _:
    def __init__(self, n_embd, head_size, block_size, *, bias=False):
        super().__init__()
        self.layers = nn.ModuleDict(
            {n: nn.Linear(n_embd, head_size, bias=bias) for n in ("key", "query", "value")}
        )
        self.key, self.query, self.value = (
            self.layers["key"],
            self.layers["query"],
            self.layers["value"],
        )
        self.head_size = head_size
        self.register_buffer(
            "mask", torch.ones(block_size, block_size).triu(1).bool(), persistent=False
        )

    def forward(self, x):
        T = x.size(1)
        k, q, v = self.key(x), self.query(x), self.value(x)
        scores = q @ k.transpose(-1, -2) * self.head_size**-0.5
        self.attention = scores.masked_fill(self.mask[:T, :T], -torch.inf).softmax(-1)
        return self.attention @ v


@right("feed_forward", "one Sequential beside the names")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.net = nn.Sequential(self.expand, nn.ReLU(), self.shrink, nn.Dropout(p))

    def forward(self, x):
        return self.net(x)


@right("feed_forward", "the Sequential first, the names as its members")
class _:
    def __init__(self, n_embd, p=0.0, *, factor=4):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(n_embd, factor * n_embd),
            nn.ReLU(),
            nn.Linear(factor * n_embd, n_embd),
            nn.Dropout(p),
        )
        self.expand, self.shrink = self.net[0], self.net[2]

    def forward(self, x):
        return self.net(x)


@right("block", "one Sequential a branch; a buffer")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.a = nn.Sequential(LayerNorm(n_embd), MultiHead(n_embd, n_head, p))
        self.b = nn.Sequential(LayerNorm(n_embd), FeedForward(n_embd, p))
        self.ln1, self.heads = self.a
        self.ln2, self.feed = self.b
        self.register_buffer("steps", torch.tensor(0))

    def forward(self, x):
        self.steps += 1
        x = x + self.a(x)
        return x + self.b(x)
