@wrong("vocabulary", "itos is a list, not a dict")
def _(text):
    itos = sorted(set(text))
    return {c: i for i, c in enumerate(itos)}, itos


@right("vocabulary", "zip and count, the second dict turned round")
def _(text):
    from itertools import count

    stoi = dict(zip(sorted(frozenset(text)), count()))
    return stoi, {number: char for char, number in stoi.items()}


@wrong("encode", "unknown characters are left out without a word")
def _(text, stoi):
    return [stoi[c] for c in text if c in stoi]


@wrong("decode", "unknown numbers become a question mark")
def _(ids, itos):
    return "".join(itos.get(i, "?") for i in ids)


@right("growing_contexts", "itertools.accumulate over one-item lists")
def _(block):
    from itertools import accumulate

    contexts = accumulate([c] for c in block[:-1])
    return list(zip(contexts, block[1:]))


@wrong("get_batch", "the starts are sorted, so row b is not the window at start b")
def _(data, block_size, batch_size, g):
    starts = torch.randint(len(data) - block_size, (batch_size,), generator=g)
    starts = starts.sort().values
    x = torch.stack([data[i : i + block_size] for i in starts])
    y = torch.stack([data[i + 1 : i + block_size + 1] for i in starts])
    return x, y


@wrong("bigram_forward", "a view to (B, C, T) for cross-entropy: positions get mixed")
class _:
    def forward(self, idx, targets=None):
        logits = self.token_embedding_table(idx)
        if targets is None:
            return logits, None
        B, T, C = logits.shape
        return logits, F.cross_entropy(logits.view(B, C, T), targets)


@right("bigram_generate", "a prepared tensor that is filled column by column")
class _:
    @torch.no_grad()
    def generate(self, idx, max_new_tokens, g):
        B, T = idx.shape
        out = torch.empty(B, T + max_new_tokens, dtype=torch.int64)
        out[:, :T] = idx
        for end in range(T, T + max_new_tokens):
            logits, _ = self(out[:, :end].contiguous())
            out[:, end] = torch.multinomial(logits[:, -1].softmax(-1), 1, generator=g)[:, 0]
        return out


@wrong("estimate_loss", "gradients are always on afterwards, whatever they were")
def _(model, draw, eval_iters):
    was = model.training
    model.eval()
    torch.set_grad_enabled(False)
    losses = [model(*draw())[1].item() for _ in range(eval_iters)]
    torch.set_grad_enabled(True)
    model.train(was)
    return sum(losses) / eval_iters


@wrong("bigram_train", "gradients are cleared after the step: those of somebody else count once")
def _(model, batches, lr):
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    model.train()
    losses = []
    for x, y in batches:
        _, loss = model(x, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    return losses


@right("average_loop", "a running sum that is divided by its length")
def _(x):
    total, out = torch.zeros_like(x[:, 0]), []
    for t, now in enumerate(x.unbind(1), 1):
        total = total + now
        out.append(total / t)
    return torch.stack(out, 1)


@wrong("choose", "exponentials without subtracting the largest: large scores overflow")
def _(scores, x):
    shares = torch.tril(scores.exp())
    return shares / shares.sum(-1, keepdim=True) @ x


@right("compare", "einsum over d")
def _(q, k):
    return torch.einsum("...td,...sd->...ts", q, k) / q.shape[-1] ** 0.5


@wrong("padding_mask", "as wide as the longest sequence, not T")
def _(lengths, T):
    return (torch.arange(int(lengths.max())) < lengths[:, None])[:, None]


@right("padding_mask", "a nested comprehension")
def _(lengths, T):
    return torch.tensor([[[s < n for s in range(T)]] for n in lengths.tolist()])


@wrong("head", "scaled by the width of what comes in, not by the head's size")
class _(nn.Module):
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        self.key = nn.Linear(n_embd, head_size, bias=False)
        self.query = nn.Linear(n_embd, head_size, bias=False)
        self.value = nn.Linear(n_embd, head_size, bias=False)
        self.register_buffer("tril", torch.tril(torch.ones(block_size, block_size)))

    def forward(self, x):
        B, T, C = x.shape
        scores = self.query(x) @ self.key(x).transpose(1, 2) * C**-0.5
        scores = scores.masked_fill(self.tril[:T, :T] == 0, -torch.inf)
        return F.softmax(scores, dim=-1) @ self.value(x)


@right("head", "no stored mask; einsum, and an additive mask made on the spot")
class _(nn.Module):
    def __init__(self, n_embd, head_size, block_size):
        super().__init__()
        for name in ("key", "query", "value"):
            setattr(self, name, nn.Linear(n_embd, head_size, bias=False))

    def forward(self, x):
        T = x.shape[1]
        scores = torch.einsum("btd,bsd->bts", self.query(x), self.key(x))
        hidden = torch.full((T, T), -torch.inf, dtype=x.dtype, device=x.device).triu(1)
        shares = (scores / self.key.out_features**0.5 + hidden).softmax(-1)
        return torch.einsum("bts,bsd->btd", shares, self.value(x))


@wrong("batched_heads", "head_size is taken to be n_embd // n_head")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    B, T, C = x.shape
    q, k, v = ((x @ w.T).view(B, T, n_head, -1).transpose(1, 2) for w in (w_query, w_key, w_value))
    scores = q @ k.mT / (C // n_head) ** 0.5
    shares = F.softmax(scores.masked_fill(tril[:T, :T] == 0, -torch.inf), dim=-1)
    return (shares @ v).transpose(1, 2).flatten(2) @ w_proj.T + b_proj


@right("batched_heads", "einsum with the weights viewed as heads")
def _(x, w_key, w_query, w_value, w_proj, b_proj, tril, n_head):
    T = x.shape[1]
    q, k, v = (
        torch.einsum("btc,hdc->bhtd", x, w.reshape(n_head, -1, x.shape[2]))
        for w in (w_query, w_key, w_value)
    )
    scores = torch.einsum("bhtd,bhsd->bhts", q, k) / q.shape[-1] ** 0.5
    shares = torch.where(tril[:T, :T] > 0, scores, -torch.inf).softmax(-1)
    out = torch.einsum("bhts,bhsd->bthd", shares, v).flatten(2)
    return F.linear(out, w_proj, b_proj)


@wrong("layer_norm", "mean and variance are detached")
def _(x, gain, bias, eps=1e-5):
    mean = x.mean(-1, keepdim=True).detach()
    var = x.var(-1, keepdim=True, correction=0).detach()
    return gain * (x - mean) / (var + eps).sqrt() + bias


@wrong("feed_forward", "F.dropout without training: drops in eval mode as well")
class _(nn.Module):
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        self.expand = nn.Linear(n_embd, 4 * n_embd)
        self.shrink = nn.Linear(4 * n_embd, n_embd)
        self.p = p

    def forward(self, x):
        return F.dropout(self.shrink(F.relu(self.expand(x))), self.p)


@right("feed_forward", "nn.Dropout, clamp for the ReLU, F.linear")
class _(nn.Module):
    def __init__(self, n_embd, p=0.0):
        super().__init__()
        inner = n_embd * 4
        self.expand, self.shrink = nn.Linear(n_embd, inner), nn.Linear(inner, n_embd)
        self.forget = nn.Dropout(p)

    def forward(self, x):
        thought = self.expand(x).clamp_min(0)
        return self.forget(F.linear(thought, self.shrink.weight, self.shrink.bias))


@wrong("residual", "added in place: what came in is changed")
def _(x, norm, layer):
    x += layer(norm(x))
    return x


@wrong("block", "the second residual starts where the first did")
class _(nn.Module):
    def __init__(self, n_embd, n_head, p=0.0):
        super().__init__()
        self.ln1, self.ln2 = LayerNorm(n_embd), LayerNorm(n_embd)
        self.heads = MultiHead(n_embd, n_head, p)
        self.feed = FeedForward(n_embd, p)

    def forward(self, x):
        found = residual(x, self.ln1, self.heads)
        return x + self.feed(self.ln2(found))


@right("gpt_init", "a match statement, in place under no_grad")
def _(module):
    with torch.no_grad():
        match module:
            case nn.Linear(weight=w, bias=b):
                w.copy_(torch.randn(w.shape) * 0.02)
                if b is not None:
                    b.fill_(0)
            case nn.Embedding(weight=w):
                w.copy_(torch.randn(w.shape) * 0.02)
            case _:
                pass


@wrong("gpt_embed", "too long a text is cut instead of refused")
class _:
    def embed(self, idx):
        idx = idx[:, -self.config.block_size :]
        at = torch.arange(idx.shape[1], device=idx.device)
        return self.token(idx) + self.position(at)


@wrong("gpt_forward", "the final LayerNorm is forgotten")
class _:
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        for block in self.blocks:
            x = block(x)
        logits = self.head(x)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@right("expected_parameters", "a list of shapes, added up")
def _(config):
    C, V, bias = config.n_embd, config.vocab_size, config.qkv_bias
    shapes = [(V, C), (config.block_size, C), (C,), (C,)]
    for _ in range(config.n_layer):
        shapes += [(3 * C, C), (C, C), (C,), (4 * C, C), (4 * C,), (C, 4 * C), (C,)] + [(C,)] * 4
        shapes += [(3 * C,)] if bias else []
    shapes += [] if config.tied else [(V, C)]
    shapes += [(V,)] if config.head_bias else []
    return sum(math.prod(shape) for shape in shapes)


@wrong("count_parameters", "all values of the state dict: tied weights twice, frozen ones too")
def _(model):
    return sum(t.numel() for t in model.state_dict().values())


@wrong("gpt_train_step", "switches to training mode")
def _(model, optimizer, x, y):
    model.train()
    optimizer.zero_grad()
    _, loss = model(x, y)
    loss.backward()
    optimizer.step()
    return loss.item()


@wrong("next_token_probs", "greedy gives each of several largest logits a share")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("temperature is negative")
    if temperature == 0:
        best = (logits == logits.max(-1, keepdim=True).values).to(logits.dtype)
        return best / best.sum(-1, keepdim=True)
    return F.softmax(keep_top_k(logits, top_k) / temperature, dim=-1)


@right("next_token_probs", "early returns; greedy as a comparison of places with the argmax")
def _(logits, temperature=1.0, top_k=None):
    if temperature < 0:
        raise ValueError("no negative temperature")
    kept = keep_top_k(logits, top_k)
    if temperature > 0:
        return torch.exp(F.log_softmax(kept / temperature, dim=-1))
    V = logits.shape[-1]
    places = torch.arange(V, device=logits.device)
    is_max = kept == kept.amax(-1, keepdim=True)
    first = torch.where(is_max, places, V).amin(-1, keepdim=True)
    return (places == first).to(logits.dtype)


@wrong("next_token", "reads the beginning of a text that is too long")
def _(model, idx, temperature=1.0, top_k=None, generator=None):
    with torch.no_grad():
        logits, _ = model(idx[:, : model.config.block_size])
        probs = next_token_probs(logits[:, -1], temperature, top_k)
        return torch.multinomial(probs, 1, generator=generator)


@wrong("gpt_generate", "the text that is returned is cut to block_size")
def _(model, idx, max_new_tokens, temperature=1.0, top_k=None, generator=None):
    for _ in range(max_new_tokens):
        idx = idx[:, -model.config.block_size :]
        idx = torch.cat([idx, next_token(model, idx, temperature, top_k, generator)], dim=1)
    return idx


@right("sinusoidal_positions", "math.sin and math.cos in nested comprehensions")
def _(T, n_embd, base=10000.0):
    import math

    if n_embd % 2 != 0:
        raise ValueError(f"n_embd is {n_embd}, but must be even")
    rows = [
        [
            wave(t / base ** (2 * i / n_embd))
            for i in range(n_embd // 2)
            for wave in (math.sin, math.cos)
        ]
        for t in range(T)
    ]
    return torch.tensor(rows, dtype=torch.float64).to(torch.float32)


@wrong("rotary_attention", "the mask compares positions, not rows")
def _(q, k, v, positions, theta=10000.0):
    q, k = rotary(q, positions, theta), rotary(k, positions, theta)
    scores = q @ k.mT / q.shape[-1] ** 0.5
    future = positions[None, :] > positions[:, None]
    return F.softmax(scores.masked_fill(future, -torch.inf), dim=-1) @ v


@right("rotary_attention", "the fused kernel on rotated queries and keys")
def _(q, k, v, positions, theta=10000.0):
    turned = (rotary(t, positions, theta) for t in (q, k))
    return F.scaled_dot_product_attention(*turned, v, is_causal=True)


@wrong("sum_text", "the highest number with `digits` digits is refused")
def _(a, b, digits):
    for n in (a, b):
        if n < 0 or n >= 10**digits - 1:
            raise ValueError(f"{n} does not fit")
    return f"{a:0{digits}d}+{b:0{digits}d}=" + f"{a + b:0{digits + 1}d}"[::-1]


@right("sum_text", "the result's digits by divmod, from the right")
def _(a, b, digits):
    if min(a, b) < 0 or max(a, b) >= 10**digits:
        raise ValueError("a or b has too many digits, or is negative")
    total, out = a + b, ""
    for _ in range(digits + 1):
        total, digit = divmod(total, 10)
        out += str(digit)
    return str(a).rjust(digits, "0") + "+" + str(b).rjust(digits, "0") + "=" + out


@wrong("answer_loss", "a mean for each row, then the mean of these")
def _(logits, targets):
    each = F.cross_entropy(logits.transpose(1, 2), targets, ignore_index=-100, reduction="none")
    counts = (targets != -100).sum(1)
    rows = each.sum(1)[counts > 0] / counts[counts > 0]
    return rows.mean()


@right("answer_loss", "only what counts is picked, then logsumexp")
def _(logits, targets):
    counts = targets != -100
    rows, wanted = logits[counts], targets[counts]
    return (rows.logsumexp(1) - rows[torch.arange(len(wanted)), wanted]).mean()


@wrong("masked_step", "the loss after the step")
def _(model, inputs, targets, optimizer):
    optimizer.zero_grad()
    answer_loss(model(inputs), targets).backward()
    optimizer.step()
    with torch.no_grad():
        return answer_loss(model(inputs), targets).item()
