"""Solutions of 07 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("vocabulary", "order of first occurrence instead of sorted")
def _(text):
    chars = list(dict.fromkeys(text))
    return ({c: i for i, c in enumerate(chars)}, dict(enumerate(chars)))


@wrong("vocabulary", "itos is a list")
def _(text):
    chars = sorted(set(text))
    return ({c: i for i, c in enumerate(chars)}, chars)


@wrong("encode", "unknown characters are left out")
def _(text, stoi):
    return [stoi[c] for c in text if c in stoi]


@wrong("decode", "spaces between")
def _(ids, itos):
    return " ".join((itos[i] for i in ids))


@wrong("decode", "unknown numbers become a question mark")
def _(ids, itos):
    return "".join((itos.get(i, "?") for i in ids))


@wrong("split_text", "rounds to nearest")
def _(data):
    n = round(0.9 * len(data))
    return (data[:n], data[n:])


@wrong("split_text", "a tenth rounded down goes to val (so n is rounded up)")
def _(data):
    n = len(data) - int(0.1 * len(data))
    return (data[:n], data[n:])


@wrong("growing_contexts", "all contexts are one growing list")
def _(block):
    context, out = ([], [])
    for now, nxt in zip(block, block[1:]):
        context.append(now)
        out.append((context, nxt))
    return out


@wrong("get_batch", "y is the window and x, rolled by one: the last one wrong")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    x = torch.stack([data[i : i + block_size] for i in ix])
    return (x, x.roll(-1, 1))


@wrong("get_batch", "one start drawn at a time, in a loop of scalars with the wrong upper end")
def _(data, block_size, batch_size, g):
    ix = torch.randint(len(data) - block_size - 1, (batch_size,), generator=g)
    return (
        torch.stack([data[i : i + block_size] for i in ix]),
        torch.stack([data[i + 1 : i + block_size + 1] for i in ix]),
    )


@wrong("bigram_forward", "the lecture's: flat logits when there are targets")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return (logits, None)
        B, T, C = logits.shape
        logits = logits.view(B * T, C)
        return (logits, F.cross_entropy(logits, targets.view(B * T)))


@wrong("bigram_forward", "sum over T, mean over B")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return (logits, None)
        loss = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none").sum(1).mean()
        return (logits, loss)


@wrong(
    "bigram_generate",
    "the model gets the last character only (each step calls self(idx) with everything)",
)
class _:
    def generate(self, idx, max_new_tokens, g):
        with torch.no_grad():
            for _ in range(max_new_tokens):
                logits, _ = self(idx[:, -1:])
                probs = logits[:, -1].softmax(-1)
                idx = torch.cat([idx, torch.multinomial(probs, 1, generator=g)], 1)
            return idx


@wrong("bigram_generate", "returns only what is new")
class _:
    def generate(self, idx, max_new_tokens, g):
        with torch.no_grad():
            n = idx.shape[1]
            for _ in range(max_new_tokens):
                logits = self(idx)[0][:, -1]
                idx = torch.cat([idx, torch.multinomial(F.softmax(logits, 1), 1, generator=g)], 1)
            return idx[:, n:]


@wrong("estimate_loss", "switches gradients on again at the end, whatever was before")
def _(model, draw, eval_iters):
    mode = model.training
    model.eval()
    torch.set_grad_enabled(False)
    total = sum((model(*draw())[1].item() for _ in range(eval_iters)))
    torch.set_grad_enabled(True)
    model.train(mode)
    return total / eval_iters


@wrong("estimate_loss", "one batch drawn, measured eval_iters times")
def _(model, draw, eval_iters):
    with torch.no_grad():
        mode = model.training
        model.eval()
        x, y = draw()
        losses = torch.tensor([model(x, y)[1].item() for _ in range(eval_iters)])
        model.train(mode)
        return losses.mean().item()


@wrong("bigram_train", "a new optimizer for each batch")
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


@wrong("bigram_train", "Adam, no decay")
def _(model, batches, lr):
    opt, losses = (torch.optim.Adam(model.parameters(), lr=lr), [])
    for x, y in batches:
        model.train()
        loss = model(x, y)[1]
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
        losses.append(loss.item())
    return losses


@wrong("average_loop", "the position itself is left out (the first averages itself)")
def _(x):
    out = torch.zeros_like(x)
    for t in range(x.shape[1]):
        out[:, t] = x[:, : max(t, 1)].mean(1)
    return out


@wrong("average_loop", "written into x")
def _(x):
    for t in reversed(range(x.shape[1])):
        x[:, t] = x[:, : t + 1].mean(1)
    return x


@wrong("average_matmul", "columns are normalized, not rows")
def _(x):
    w = torch.tril(torch.ones(x.shape[1], x.shape[1], dtype=x.dtype))
    return w / w.sum(0, keepdim=True) @ x


@wrong("average_matmul", "weights in float32, whatever x is: float64 loses digits")
def _(x):
    T = x.shape[1]
    w = torch.tril(torch.ones(T, T))
    w = w / w.sum(1, keepdim=True)
    return (w @ x.float()).to(x.dtype)


@wrong("choose", "softmax first, then the future is set to zero: shares do not sum to 1")
def _(scores, x):
    T = scores.shape[-1]
    return torch.tril(scores.softmax(-1)) @ x


@wrong("choose", "zeros in the table count as masked: a score of exactly 0 becomes -inf")
def _(scores, x):
    w = torch.tril(scores)
    w = w.masked_fill(w == 0, float("-inf"))
    w = torch.where(torch.isinf(w).all(-1, keepdim=True), torch.zeros_like(w), w)
    return w.softmax(-1) @ x


@wrong("compare", "divided by d")
def _(q, k):
    return q @ k.transpose(-2, -1) / q.shape[-1]


@wrong("compare", "the root of the number of keys")
def _(q, k):
    return torch.einsum("...td,...sd->...ts", q, k) / k.shape[-2] ** 0.5


@wrong("attention", "hidden scores get -1e3 instead of -inf")
def _(q, k, v, mask=None):
    s = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    if mask is not None:
        s = s.masked_fill(~mask, -1000.0)
    return s.softmax(-1) @ v


@wrong("attention", "softmax by hand without the shift overflows")
def _(q, k, v, mask=None):
    e = torch.exp(compare(q, k))
    if mask is not None:
        e = e * mask
    return e / e.sum(-1, keepdim=True) @ v


@wrong("causal_mask", "triangle at the upper left")
def _(T_q, T_k):
    return torch.ones(T_q, T_k, dtype=torch.bool).tril()


@wrong("padding_mask", "<= instead of <")
def _(lengths, T):
    return (torch.arange(T) <= lengths[:, None])[:, None]


@wrong("padding_mask", "T is the longest length, not the argument")
def _(lengths, T):
    return torch.arange(int(lengths.max()))[None, None] < lengths[:, None, None]


@wrong("effective_keys", "log with a small number inside: not exactly 0 (and 1 is below 1)")
def _(shares):
    return torch.exp(-(shares * torch.log(shares + 0.001)).sum(-1))


@wrong("effective_keys", "log base 2 and exp")
def _(shares):
    return (-torch.where(shares > 0, shares * shares.clamp(min=1e-38).log2(), 0.0).sum(-1)).exp()


@wrong("cross_attention", "the mask is turned round: True hides")
def _(x, memory, w_query, w_key, w_value, mask=None):
    q, k = (x @ w_query.T, memory @ w_key.T)
    return attention(q, k, memory @ w_value.T, None if mask is None else ~mask)


@wrong("head", "scaled by the embedding's size")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T, C = x.shape[1:]
        w = self.query(x) @ self.key(x).transpose(-2, -1) * C ** (-0.5)
        w = w.masked_fill(self.tril[:T, :T] == 0, float("-inf"))
        return w.softmax(-1) @ self.value(x)


@wrong("head", "the mask is a parameter")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key, self.query, self.value = (
            nn.Linear(n_embd, head_size, bias=False) for _ in range(3)
        )
        self.tril = nn.Parameter(torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        T = x.shape[1]
        q, k = (self.query(x), self.key(x))
        w = q @ k.mT / k.shape[-1] ** 0.5
        return w.masked_fill(self.tril[:T, :T] == 0, -torch.inf).softmax(-1) @ self.value(x)


@wrong("multi_head", "the bias is added for each head")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = (x.shape[1], [])
    for wk, wq, wv in heads:
        s = x @ wq.T @ (x @ wk.T).mT / wk.shape[0] ** 0.5
        outs.append(s.masked_fill(tril[:T, :T] == 0, -torch.inf).softmax(-1) @ (x @ wv.T))
    hs = heads[0][0].shape[0]
    return sum((o @ w_proj[:, i * hs : (i + 1) * hs].T + b_proj for i, o in enumerate(outs)))


@wrong("multi_head", "key and query exchanged in the tuple")
def _(x, heads, w_proj, b_proj, tril):
    T, outs = (x.shape[1], [])
    for wq, wk, wv in heads:
        s = x @ wq.T @ (x @ wk.T).mT / wk.shape[0] ** 0.5
        outs.append(s.masked_fill(tril[:T, :T] == 0, -torch.inf).softmax(-1) @ (x @ wv.T))
    return torch.cat(outs, -1) @ w_proj.T + b_proj


@wrong("split_heads", "interleaved features: head h gets h, h + n_head, ...")
def _(x, n_head):
    B, T, C = x.shape
    return x.reshape(B, T, C // n_head, n_head).permute(0, 3, 1, 2)


@wrong("merge_heads", "forgets to move time back")
def _(y):
    B, H, T, hs = y.shape
    return y.reshape(B, T, H * hs)


@wrong("batched_heads", "softmax over the queries")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    k, q, v = (split_heads(x @ w.T, n_head) for w in (w_key, w_query, w_value))
    s = q @ k.mT / k.shape[-1] ** 0.5
    s = s.masked_fill(tril[:T, :T] == 0, -1e30).softmax(-2)
    return merge_heads(s @ v) @ w_proj.T + b_proj


@wrong("layer_norm", "unbiased variance")
def _(x, gain, bias, eps=1e-05):
    return (x - x.mean(-1, keepdim=True)) / torch.sqrt(x.var(-1, keepdim=True) + eps) * gain + bias


@wrong("layer_norm", "mean and variance of the whole tensor")
def _(x, gain, bias, eps=1e-05):
    return gain * (x - x.mean()) / (x.var(correction=0) + eps).sqrt() + bias


@wrong("dropout", "kept with probability p")
def _(x, p, training, generator=None):
    if not training:
        return x
    if p == 1:
        return x * 0
    keep = torch.rand(x.shape, generator=generator) < p
    return x * keep / (1 - p)


@wrong("dropout", "p = 1 gives nan: 0 / 0")
def _(x, p, training, generator=None):
    if not training:
        return x
    keep = torch.rand(x.shape, generator=generator) >= p
    return x * keep / (1 - p)


@wrong("feed_forward", "dropout before the shrinking")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand, self.shrink = (nn.Linear(n_embd, 4 * n_embd), nn.Linear(4 * n_embd, n_embd))
        self.p = p

    def forward(self, x):
        return self.shrink(F.dropout(F.relu(self.expand(x)), self.p, self.training))


@wrong("residual", "post-norm")
def _(x, norm, layer):
    return norm(x + layer(x))


@wrong("residual", "the normalized copy goes on")
def _(x, norm, layer):
    x = norm(x)
    return x + layer(x)


@wrong("block", "one LayerNorm for both")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = self.ln1
        self.heads, self.feed = (MultiHead(n_embd, n_head, p), FeedForward(n_embd, p))

    def forward(self, x):
        x = x + self.heads(self.ln1(x))
        return x + self.feed(self.ln2(x))


@wrong("block", "in parallel: feed-forward does not see what attention found")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1, self.ln2 = (LayerNorm(n_embd), LayerNorm(n_embd))
        self.heads = MultiHead(n_embd, n_head, p)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        return x + self.heads(self.ln1(x)) + self.feed(self.ln2(x))


@wrong("gpt_init", "also the modules inside")
def _(module):
    for m in module.modules():
        if isinstance(m, (nn.Linear, nn.Embedding)):
            nn.init.normal_(m.weight, std=0.02)
        if isinstance(m, nn.Linear) and m.bias is not None:
            nn.init.zeros_(m.bias)


@wrong("gpt_init", "new Parameters in place of the old")
def _(module):
    if isinstance(module, (nn.Linear, nn.Embedding)):
        module.weight = nn.Parameter(torch.randn_like(module.weight) * 0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:
        module.bias = nn.Parameter(torch.zeros_like(module.bias))


@wrong("gpt_embed", "an assertion instead of a ValueError")
class _:
    def embed(self, idx):
        T = idx.shape[1]
        assert T <= self.config.block_size
        return self.token(idx) + self.position(torch.arange(T, device=idx.device))


@wrong("gpt_forward", "no final LayerNorm")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(x)
        loss = (
            None if targets is None else F.cross_entropy(logits.flatten(0, 1), targets.reshape(-1))
        )
        return (logits, loss)


@wrong("gpt_forward", "view of targets fails where they are not contiguous")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return (logits, None)
        return (logits, F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.view(-1)))


@wrong("count_parameters", "frozen ones count")
def _(model):
    return sum((p.numel() for p in model.parameters()))


@wrong("count_parameters", "tied weights count twice")
def _(model):
    return sum(
        (p.numel() for _, p in model.named_parameters(remove_duplicate=False) if p.requires_grad)
    )


@wrong("gpt_train_step", "zero_grad after the step: earlier gradients count, and none stays")
def _(model, optimizer, x, y):
    _, loss = model(x, y)
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    return loss.item()


@wrong("gpt_train_step", "switches to training mode")
def _(model, optimizer, x, y):
    model.train()
    loss = model(x, y)[1]
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("keep_top_k", "ties at the edge are cut")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError(k)
    values, places = logits.topk(min(k, logits.shape[-1]))
    return torch.full_like(logits, -torch.inf).scatter(-1, places, values)


@wrong("keep_top_k", "in place")
def _(logits, k):
    if k is None:
        return logits
    if k < 1:
        raise ValueError("k")
    kth = logits.topk(min(k, logits.shape[-1])).values[..., -1:]
    logits[logits < kth] = -torch.inf
    return logits


@wrong("next_token_probs", "greedy shares the probability among equals")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError
    if temperature == 0:
        best = (logits == logits.max(-1, keepdim=True).values).to(logits.dtype)
        return best / best.sum(-1, keepdim=True)
    return (keep_top_k(logits, top_k) / temperature).softmax(-1)


@wrong("next_token", "keeps the first block_size tokens")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    with torch.no_grad():
        logits, _ = model(idx[:, : model.config.block_size])
        return torch.multinomial(
            next_token_probs(logits[:, -1], temperature, top_k), 1, generator=generator
        )


@wrong("gpt_generate", "the generator is not handed on")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k)], 1)
    return idx


@wrong("sinusoidal_positions", "first all sines, then all cosines")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    a = torch.arange(T).double()[:, None] / base ** (torch.arange(0, n_embd, 2).double() / n_embd)
    return torch.cat([a.sin(), a.cos()], 1).float()


@wrong("sinusoidal_positions", "the exponent is i / n_embd, not 2i")
def _(T, n_embd, base=10000.0):
    if n_embd % 2:
        raise ValueError("odd")
    a = torch.arange(T).double()[:, None] / base ** (torch.arange(n_embd // 2).double() / n_embd)
    return torch.stack([a.sin(), a.cos()], -1).flatten(1).float()


@wrong("rotary_angles", "float32")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    return torch.outer(positions.float(), theta ** (-torch.arange(0, hs, 2) / hs))


@wrong("rotary_angles", "positions counted from the first")
def _(positions, hs, theta=10000.0):
    if hs % 2:
        raise ValueError("odd")
    p = (positions - positions[0]).double()
    return p[:, None] * theta ** (-torch.arange(0, hs, 2).double() / hs)


@wrong("rotary", "halves instead of neighbours")
def _(x, positions, theta=10000.0):
    a = rotary_angles(positions, x.shape[-1], theta)
    c, s = (a.cos().to(x.dtype), a.sin().to(x.dtype))
    u, w = x.chunk(2, -1)
    return torch.cat([u * c - w * s, u * s + w * c], -1)


@wrong("rotary", "clockwise")
def _(x, positions, theta=10000.0):
    a = rotary_angles(positions, x.shape[-1], theta)
    c, s = (a.cos().to(x.dtype), a.sin().to(x.dtype))
    u, w = (x[..., 0::2], x[..., 1::2])
    return torch.stack([u * c + w * s, w * c - u * s], -1).flatten(-2)


@wrong("rotary", "the answer is float64 for float32")
def _(x, positions, theta=10000.0):
    a = rotary_angles(positions, x.shape[-1], theta)
    u, w = (x[..., 0::2], x[..., 1::2])
    return torch.stack([u * a.cos() - w * a.sin(), u * a.sin() + w * a.cos()], -1).flatten(-2)


@wrong("rotary_attention", "the values are rotated too (for hv = hs)")
def _(q, k, v, positions, theta=10000.0):
    q, k = (rotary(q, positions, theta), rotary(k, positions, theta))
    if v.shape[-1] == q.shape[-1]:
        v = rotary(v, positions, theta)
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@wrong("rotary_attention", "the mask goes by positions, not by rows")
def _(q, k, v, positions, theta=10000.0):
    seen = positions[:, None] >= positions[None]
    return F.scaled_dot_product_attention(
        rotary(q, positions, theta), rotary(k, positions, theta), v, attn_mask=seen
    )


@wrong("rms_norm", "eps outside the root")
def _(x, gain, eps=1e-05):
    return x / (x.square().mean(-1, keepdim=True).sqrt() + eps) * gain


@wrong("rms_norm", "divided by the length, not the root mean square")
def _(x, gain, eps=1e-05):
    return x / (x.square().sum(-1, keepdim=True) + eps).sqrt() * gain


@wrong("swiglu", "a GLU: sigmoid in place of silu")
def _(x, w, v, w2):
    return torch.sigmoid(x @ w) * (x @ v) @ w2


@wrong("swiglu", "silu on the other product")
def _(x, w, v, w2):
    return x @ w * F.silu(x @ v) @ w2


@wrong("sum_text", "the result reversed before the padding")
def _(a, b, digits):
    if not (0 <= a < 10**digits and 0 <= b < 10**digits):
        raise ValueError("range")
    return f"{a:0{digits}}+{b:0{digits}}=" + str(a + b)[::-1].zfill(digits + 1)


@wrong("sum_text", "only too large a number is refused, a negative one is not")
def _(a, b, digits):
    if max(a, b) >= 10**digits:
        raise ValueError("range")
    return f"{a:0{digits}}+{b:0{digits}}=" + f"{a + b:0{digits + 1}}"[::-1]


@wrong("split_sums", "(a, a) is there twice")
def _(digits, n_test, g):
    pairs = list(itertools.combinations_with_replacement(range(10**digits), 2))
    order = torch.randperm(len(pairs), generator=g).tolist()
    both = lambda chosen: [p for i in chosen for p in (pairs[i], pairs[i][::-1])]
    return (both(order[n_test:]), both(order[:n_test]))


@wrong("split_sums", "test is the end of the order")
def _(digits, n_test, g):
    pairs = [(a, b) for a in range(10**digits) for b in range(a, 10**digits)]
    order = [pairs[i] for i in torch.randperm(len(pairs), generator=g)]
    both = lambda some: [p for a, b in some for p in ([(a, b)] if a == b else [(a, b), (b, a)])]
    return (both(order[: len(order) - n_test]), both(order[len(order) - n_test :]))


@wrong("answer_targets", "the equals sign's place of the first row for all rows")
def _(ids, equals):
    place = int((ids[0] == equals).nonzero()[0])
    targets = ids[:, 1:].clone()
    targets[:, :place] = -100
    return (ids[:, :-1], targets)


@wrong("answer_targets", "the equals sign itself is a target")
def _(ids, equals):
    seen = (ids == equals).cumsum(1).bool()
    return (ids[:, :-1], torch.where(seen[:, 1:], ids[:, 1:], -100))


@wrong("answer_loss", "mean over rows of means")
def _(logits, targets):
    rows = [F.cross_entropy(l, t) for l, t in zip(logits, targets) if (t != -100).any()]
    return torch.stack(rows).mean()


@wrong("masked_step", "no zero_grad before")
def _(model, inputs, targets, optimizer):
    loss = answer_loss(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return float(loss)


@wrong("greedy_answer", "always argmax given the question only: new tokens are not fed back")
def _(model, ids, n):
    best = model(ids)[:, -1].topk(n).indices
    return best


@wrong("sums_right", "the share of right digits")
def _(model, sums, digits):
    ids = torch.tensor([encode(sum_text(a, b, digits)) for a, b in sums])
    n = digits + 1
    return (greedy_answer(model, ids[:, :-n], n) == ids[:, -n:]).float().mean().item()


@wrong("finetune", "the model itself is trained")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    model.train()
    optimizer, losses = (Adam(model.parameters(), lr), [])
    for _ in range(steps):
        x, y = windows(ids, model.block_size, batch_size, g)
        losses.append(masked_step(model, x, y, optimizer))
        on_step(model, losses[-1])
    return (model, losses)


@wrong("finetune", "the copy stays in the mode of the model")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model)
    optimizer, losses = (Adam(trained.parameters(), lr), [])
    for _ in range(steps):
        losses.append(
            masked_step(trained, *windows(ids, model.block_size, batch_size, g), optimizer)
        )
        on_step(trained, losses[-1])
    return (trained, losses)


@right("vocabulary", "zip and count")
def _(text):
    letters = sorted(dict.fromkeys(text))
    itos = {}
    for letter in letters:
        itos[len(itos)] = letter
    return ({letter: number for number, letter in itos.items()}, itos)


@right("split_text", "torch.tensor_split")
def _(data):
    n = int(0.9 * data.numel())
    train, val = torch.tensor_split(data, [n])
    return (train, val)


@right("get_batch", "advanced indexing with one more, then cut")
def _(data, block_size, batch_size, g):
    start = torch.randint(len(data) - block_size, (batch_size,), generator=g).unsqueeze(1)
    both = data[start + torch.arange(block_size + 1)]
    return (both[:, :-1], both[:, 1:])


@right("bigram_forward", "loss by gather and logsumexp")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table.weight[idx]
        if targets is None:
            return (logits, None)
        right_one = logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)
        return (logits, (logits.logsumexp(-1) - right_one).mean())


@right("bigram_generate", "a buffer of the full length")
class _:
    def generate(self, idx, max_new_tokens, g):
        with torch.no_grad():
            B, T = idx.shape
            out = torch.empty(B, T + max_new_tokens, dtype=torch.int64)
            out[:, :T] = idx
            for t in range(T, T + max_new_tokens):
                logits, _ = self(out[:, :t])
                out[:, t] = torch.multinomial(torch.softmax(logits[:, -1, :], -1), 1, generator=g)[
                    :, 0
                ]
            return out


@right("estimate_loss", "statistics in double, try and finally")
def _(model, draw, eval_iters):
    was = model.training
    try:
        model.train(False)
        with torch.no_grad():
            losses = []
            for _ in range(eval_iters):
                x, y = draw()
                losses.append(float(model(x, y)[1]))
    finally:
        model.train(was)
    return sum(losses) / len(losses)


@right("average_matmul", "cumulative sums do not use a table, but softmax of a mask does")
def _(x):
    T = x.shape[1]
    scores = torch.full((T, T), -torch.inf, dtype=x.dtype).triu(1)
    return torch.einsum("ts,bsc->btc", scores.softmax(dim=1), x)


@right("choose", "exp with the row's largest visible score")
def _(scores, x):
    T = scores.shape[-1]
    see = torch.tril(torch.ones(T, T, dtype=torch.bool))
    top = scores.masked_fill(~see, -torch.inf).amax(-1, keepdim=True)
    e = torch.where(see, (scores - top).clamp(max=0).exp(), torch.zeros_like(scores))
    return e / e.sum(-1, keepdim=True) @ x


@right("attention", "torch's own")
def _(q, k, v, mask=None):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


@right("effective_keys", "xlogy")
def _(shares):
    return torch.special.entr(shares).sum(dim=-1).exp()


@right("causal_mask", "tril with a diagonal")
def _(T_q, T_k):
    return torch.tril(torch.ones((T_q, T_k)), diagonal=T_k - T_q) == 1


@right("head", "F.scaled_dot_product_attention, no buffer")
class _:
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        for name in ("key", "query", "value"):
            setattr(self, name, nn.Linear(n_embd, head_size, bias=False))

    def forward(self, x):
        return F.scaled_dot_product_attention(
            self.query(x), self.key(x), self.value(x), is_causal=True
        )


@right("split_heads", "chunks stacked")
def _(x, n_head):
    return torch.stack(x.chunk(n_head, dim=-1), dim=1)


@right("batched_heads", "einsum over head weights")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    hs = w_key.shape[0] // n_head
    k, q, v = (
        torch.einsum("btc,hdc->bhtd", x, w.view(n_head, hs, -1)) for w in (w_key, w_query, w_value)
    )
    s = torch.einsum("bhtd,bhsd->bhts", q, k) * hs ** (-0.5)
    s = torch.where(tril[:T, :T].bool(), s, -torch.inf).softmax(-1)
    y = torch.einsum("bhts,bhsd->bthd", s, v).flatten(2)
    return F.linear(y, w_proj, b_proj)


@right("dropout", "torch.where, p = 1 apart")
def _(x, p, training, generator=None):
    if not training or p == 0:
        return x
    noise = torch.rand(x.shape, generator=generator)
    if p == 1:
        return x * 0.0
    return torch.where(noise < p, torch.zeros((), dtype=x.dtype), x / (1.0 - p))


@right("layer_norm", "torch's own")
def _(x, gain, bias, eps=1e-05):
    var, mean = torch.var_mean(x, dim=-1, keepdim=True, correction=0)
    return torch.addcmul(bias, gain, (x - mean) * torch.rsqrt(var + eps))


@right("block", "residual used twice")
class _:
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.heads = MultiHead(n_embd, n_head, p)
        self.feed = FeedForward(n_embd, p)
        self.ln1 = LayerNorm(n_embd)
        self.ln2 = LayerNorm(n_embd)

    def forward(self, x):
        for norm, layer in ((self.ln1, self.heads), (self.ln2, self.feed)):
            x = residual(x, norm, layer)
        return x


@right("gpt_init", "under no_grad, by type")
def _(module):
    with torch.no_grad():
        if isinstance(module, nn.Embedding):
            module.weight.normal_(0.0, 0.02)
        elif isinstance(module, nn.Linear):
            module.weight.copy_(torch.randn_like(module.weight).mul(0.02))
            if module.bias is not None:
                module.bias.fill_(0)


@right("keep_top_k", "sort descending")
def _(logits, k):
    if k is None:
        return logits.clone()
    if k < 1:
        raise ValueError(f"k is {k}")
    if k >= logits.shape[-1]:
        return logits.clone()
    edge = torch.sort(logits, dim=-1, descending=True)[0][..., k - 1].unsqueeze(-1)
    return torch.where(logits >= edge, logits, float("-inf"))


@right("next_token_probs", "scaled before the cut")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature must not be negative")
    if temperature == 0:
        probs = torch.zeros_like(logits)
        return probs.scatter(-1, logits.argmax(-1, keepdim=True), 1.0)
    return F.softmax(keep_top_k(logits / temperature, top_k), dim=-1)


@right("rotary", "complex numbers in float64")
def _(x, positions, theta=10000.0):
    if x.shape[-1] % 2:
        raise ValueError("hs is odd")
    angles = rotary_angles(positions, x.shape[-1], theta)
    z = torch.view_as_complex(x.double().reshape(*x.shape[:-1], -1, 2))
    return (
        torch.view_as_real(z * torch.polar(torch.ones_like(angles), angles)).flatten(-2).to(x.dtype)
    )


@right("sinusoidal_positions", "filled column by column")
def _(T, n_embd, base=10000.0):
    if n_embd % 2 == 1:
        raise ValueError("n_embd must be even")
    table = torch.empty(T, n_embd, dtype=torch.float64)
    t = torch.arange(T, dtype=torch.float64)
    for i in range(n_embd // 2):
        angle = t / base ** (2 * i / n_embd)
        table[:, 2 * i], table[:, 2 * i + 1] = (torch.sin(angle), torch.cos(angle))
    return table.float()


@right("answer_targets", "compare places with argmax")
def _(ids, equals):
    place = (ids == equals).int().argmax(dim=1, keepdim=True)
    columns = torch.arange(1, ids.shape[1])
    return (ids[:, :-1], ids[:, 1:].masked_fill(columns <= place, -100))


@right("answer_loss", "selected rows only")
def _(logits, targets):
    keep = targets != -100
    logp = F.log_softmax(logits[keep], dim=-1)
    return -logp[torch.arange(len(logp)), targets[keep]].sum() / keep.sum()


@right("sums_right", "one sum at a time")
def _(model, sums, digits):
    good = 0
    for a, b in sums:
        ids = encode(sum_text(a, b, digits))
        cut = ids.index(11) + 1
        answer = greedy_answer(model, torch.tensor([ids[:cut]]), digits + 1)
        good += answer[0].tolist() == ids[cut:]
    return good / len(sums)


@right("split_sums", "a helper that writes both orders")
def _(digits, n_test, g):

    def both(pairs):
        for a, b in pairs:
            yield (a, b)
            if a != b:
                yield (b, a)

    n = 10**digits
    pairs = [(a, b) for a in range(n) for b in range(n) if a <= b]
    shuffled = [pairs[i] for i in torch.randperm(len(pairs), generator=g).tolist()]
    return (list(both(shuffled[n_test:])), list(both(shuffled[:n_test])))


@wrong("expected_parameters", "the tied head counts again")
def _(config):
    V, T, C, L = (config.vocab_size, config.block_size, config.n_embd, config.n_layer)
    meta = copy_of = None
    with torch.device("meta"):
        model = GPT(config)
    return sum((p.numel() for _, p in model.named_parameters(remove_duplicate=False))) + 0 * (
        V + T + C + L
    )


@wrong(
    "next_token_probs",
    "top_k is used on the probabilities, and they are not made to sum to 1 again",
)
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError(temperature)
    if temperature == 0:
        return F.one_hot(logits.argmax(-1), logits.shape[-1]).to(logits.dtype)
    probs = (logits / temperature).softmax(-1)
    kept = keep_top_k(logits, top_k)
    return probs.masked_fill(kept == -torch.inf, 0.0)


@wrong("greedy_answer", "the old tokens are in the answer")
def _(model, ids, n):
    for _ in range(n):
        ids = torch.cat([ids, model(ids)[:, -1].argmax(-1, keepdim=True)], dim=1)
    return ids


@wrong("dropout", "scaled in eval mode in place of training")
def _(x, p, training, generator=None):
    if not training:
        return x * (1 - p)
    return x * (torch.rand(x.shape, generator=generator) >= p)


@right("growing_contexts", "range")
def _(block):
    return [(block[:t], block[t]) for t in range(1, len(block))]


@right("average_loop", "cumulative sum, loop over T only")
def _(x):
    out, total = ([], torch.zeros_like(x[:, 0]))
    for t in range(x.shape[1]):
        total = total + x[:, t]
        out.append(total / (t + 1))
    return torch.stack(out, dim=1)


@right("cross_attention", "einsum for the projections, softmax by hand")
def _(x, memory, w_query, w_key, w_value, mask=None):
    q = torch.einsum("btc,dc->btd", x, w_query)
    k = torch.einsum("bsm,dm->bsd", memory, w_key)
    scores = torch.einsum("btd,bsd->bts", q, k) / q.shape[2] ** 0.5
    if mask is not None:
        scores = torch.where(mask, scores, torch.full_like(scores, -torch.inf))
    return scores.softmax(2) @ (memory @ w_value.T)


@right("feed_forward", "nn.Dropout, nn.ReLU")
class _:
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.relu, self.drop = (nn.ReLU(), nn.Dropout(p))

    def forward(self, x):
        return self.drop(self.shrink(self.relu(self.expand(x))))


@right("gpt_embed", "F.embedding and a slice of the table")
class _:
    def embed(self, idx):
        T = idx.size(1)
        if T > self.config.block_size:
            raise ValueError(f"{T} tokens, room for {self.config.block_size}")
        return F.embedding(idx, self.token.weight) + self.position.weight[:T]


@right("gpt_forward", "loss by log_softmax and gather")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for i in range(len(self.blocks)):
            x = self.blocks[i](x)
        logits = self.head(self.ln_f(x))
        if targets is None:
            return (logits, None)
        return (logits, -logits.log_softmax(-1).gather(2, targets[:, :, None]).mean())


@right("count_parameters", "by identity")
def _(model):
    seen = {}
    for module in model.modules():
        for p in module.parameters(recurse=False):
            if p.requires_grad:
                seen[id(p)] = p.numel()
    return sum(seen.values())


@right("gpt_generate", "list of columns")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    columns = [idx]
    for _ in range(max_new_tokens):
        columns.append(next_token(model, torch.cat(columns, dim=1), temperature, top_k, generator))
    return torch.cat(columns, dim=1)


@right("rms_norm", "F.rms_norm")
def _(x, gain, eps=1e-05):
    return F.rms_norm(x, (x.shape[-1],), weight=gain, eps=eps)


@right("swiglu", "both products at once")
def _(x, w, v, w2):
    gate, what = (x @ torch.cat([w, v], dim=1)).chunk(2, dim=-1)
    return gate * gate.sigmoid() * what @ w2


@right("finetune", "a fresh copy, optimizer made first")
def _(model, ids, steps, lr, g, batch_size=32, on_step=lambda trained, loss: None):
    trained = copy.deepcopy(model).train()
    for p in trained.parameters():
        p.grad = None
    optimizer = Adam(list(trained.parameters()), lr)
    losses = []
    while len(losses) < steps:
        inputs, targets = windows(ids, model.block_size, batch_size, g)
        loss = masked_step(trained, inputs, targets, optimizer)
        losses.append(loss)
        on_step(trained, loss)
    return (trained, losses)
