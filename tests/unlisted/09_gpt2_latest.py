"""Solutions of 09 that come from the texts alone: see test_unlisted.py, which parses this file."""


@wrong("gelu_tanh", "the exact GELU by erf")
def _(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


@wrong("gelu_tanh", "x squared in place of x cubed")
def _(x):
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**2)))


@wrong("mlp", "no bias in the projection")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd, bias=False)

    def forward(self, x):
        return self.c_proj(gelu_tanh(self.c_fc(x)))


@wrong("mlp", "the bend comes after the projection as well")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return gelu_tanh(self.c_proj(gelu_tanh(self.c_fc(x))))


@wrong("fused_attention", "q, k, v are interleaved per head: view (T, n_head, 3 * hs)")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (
            self.c_attn(x)
            .view(B, T, self.n_head, 3 * C // self.n_head)
            .transpose(1, 2)
            .chunk(3, -1)
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("fused_attention", "not causal")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (
            p.view(B, T, self.n_head, -1).transpose(1, 2) for p in self.c_attn(x).split(C, 2)
        )
        y = F.scaled_dot_product_attention(q, k, v)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("block", "in place on x")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = (nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd))
        self.attn, self.mlp = (CausalSelfAttention(config), MLP(config))

    def forward(self, x):
        x += self.attn(self.ln_1(x))
        x += self.mlp(self.ln_2(x))
        return x


@wrong("gpt_layers", "one Block n times")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.block_size, config.n_embd),
                h=nn.ModuleList([Block(config)] * config.n_layer),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight = self.transformer.wte.weight
        self.init_weights(generator)


@wrong("gpt_layers", "the head's weight is a copy, not tied")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(config.vocab_size, config.n_embd),
                wpe=nn.Embedding(config.block_size, config.n_embd),
                h=nn.ModuleList((Block(config) for _ in range(config.n_layer))),
                ln_f=nn.LayerNorm(config.n_embd),
            )
        )
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.lm_head.weight.data = self.transformer.wte.weight.data.clone()
        self.init_weights(generator)


@wrong("init_weights", "the projections are scaled by 1 / sqrt(n_layer)")
class _:
    def init_weights(self, generator=None):
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif p.ndim == 1:
                nn.init.ones_(p)
            else:
                std = (
                    0.02 / math.sqrt(self.config.n_layer)
                    if name.endswith("c_proj.weight")
                    else 0.02
                )
                nn.init.normal_(p, std=std, generator=generator)


@wrong("init_weights", "LayerNorm's weights stay as they are")
class _:
    def init_weights(self, generator=None):
        for name, p in self.named_parameters():
            if p.ndim == 2:
                std = 0.02 / math.sqrt(2 * self.config.n_layer) if "c_proj" in name else 0.02
                nn.init.normal_(p, std=std, generator=generator)
            elif name.endswith("bias"):
                nn.init.zeros_(p)


@wrong("gpt_forward", "the targets are shifted once more")
class _:
    def forward(self, idx, targets=None):
        T = idx.shape[1]
        if T > self.config.block_size:
            raise ValueError(T)
        t = self.transformer
        x = t.wte(idx) + t.wpe(torch.arange(T, device=idx.device))
        for block in t.h:
            x = block(x)
        logits = self.lm_head(t.ln_f(x))
        if targets is None:
            return (logits, None)
        return (logits, F.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten()))


@wrong("where_parameters", "the head counts with wte")
def _(config):
    C, L = (config.n_embd, config.n_layer)
    return {
        "wte": 2 * config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": L * (4 * C * C + 4 * C),
        "mlp": L * (8 * C * C + 5 * C),
        "ln": (2 * L + 1) * 2 * C,
    }


@wrong("where_parameters", "one layer's numbers, not all")
def _(config):
    C = config.n_embd
    return {
        "wte": config.vocab_size * C,
        "wpe": config.block_size * C,
        "attn": 4 * C * C + 4 * C,
        "mlp": 8 * C * C + 5 * C,
        "ln": (2 * config.n_layer + 1) * 2 * C,
    }


@wrong("our_name", "everything that holds attn.bias is left out, also c_attn.bias")
def _(name):
    if name.endswith("attn.bias") or name.endswith("masked_bias"):
        return None
    if name == "lm_head.weight" or name.startswith("transformer."):
        return name
    return "transformer." + name


@wrong("our_name", "transformer. twice")
def _(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return name if name == "lm_head.weight" else "transformer." + name


@wrong("convert", "every matrix of the blocks is transposed by shape: the square c_proj is not")
def _(state_dict):
    out = {}
    for name, tensor in state_dict.items():
        ours = our_name(name)
        if ours is None or ours == "lm_head.weight":
            continue
        if ".h." in ours and tensor.ndim == 2 and (tensor.shape[0] != tensor.shape[1]):
            tensor = tensor.T
        out[ours] = tensor.clone(memory_format=torch.contiguous_format)
    wte = out["transformer.wte.weight"]
    if "lm_head.weight" in state_dict and (not torch.equal(state_dict["lm_head.weight"], wte)):
        raise ValueError("not tied")
    out["lm_head.weight"] = wte.clone()
    return out


@wrong("convert", "what is not transposed shares memory")
def _(state_dict):
    out = {}
    for name, tensor in state_dict.items():
        ours = our_name(name)
        if ours is None or ours == "lm_head.weight":
            continue
        if ours.endswith(("attn.c_attn.weight", "c_proj.weight", "mlp.c_fc.weight")):
            tensor = tensor.t().contiguous()
        out[ours] = tensor
    wte = out["transformer.wte.weight"]
    if "lm_head.weight" in state_dict and (not torch.equal(state_dict["lm_head.weight"], wte)):
        raise ValueError("not tied")
    out["lm_head.weight"] = wte.clone()
    return out


@wrong("config_from", "n_layer is the largest number as a string")
def _(weights, n_head):
    numbers = {name.split(".")[2] for name in weights if name.startswith("transformer.h.")}
    vocab_size, n_embd = weights["transformer.wte.weight"].shape
    if n_embd % n_head:
        raise ValueError(n_head)
    return GPTConfig(
        weights["transformer.wpe.weight"].shape[0],
        vocab_size,
        int(max(numbers)) + 1,
        n_head,
        n_embd,
    )


@wrong("load_into", "a name too many in weights is ignored")
def _(model, weights):
    own = model.state_dict()
    for name in own:
        if weights[name].shape != own[name].shape:
            raise ValueError(name)
    with torch.no_grad():
        for name in own:
            own[name].copy_(weights[name])


@wrong("load_into", "checked while copying: half of it changed at the error")
def _(model, weights):
    own = model.state_dict()
    if own.keys() != weights.keys():
        raise KeyError("names")
    with torch.no_grad():
        for name, p in own.items():
            if p.shape != weights[name].shape:
                raise ValueError(name)
            p.copy_(weights[name])


@wrong("generate_topk", "the drawn place is taken for the token")
def _(model, idx, n_new, k=50, generator=None):
    with torch.no_grad():
        for _ in range(n_new):
            logits = model(idx[:, -model.config.block_size :])[:, -1]
            top, _ids = logits.topk(min(k, logits.shape[-1]))
            idx = torch.cat([idx, torch.multinomial(top.softmax(-1), 1, generator=generator)], 1)
        return idx


@wrong("generate_topk", "only what the model still sees comes back")
def _(model, idx, n_new, k=50, generator=None):
    with torch.no_grad():
        for _ in range(n_new):
            idx = idx[:, -model.config.block_size :]
            logits = model(idx)[:, -1]
            top, ids = logits.topk(min(k, logits.shape[-1]))
            idx = torch.cat(
                [idx, ids.gather(1, torch.multinomial(top.softmax(-1), 1, generator=generator))], 1
            )
        return idx


@wrong("text_loss", "the mean of the windows' means")
def _(model, ids):
    with torch.no_grad():
        S = model.config.block_size
        x, y = (ids[:-1], ids[1:])
        losses = [F.cross_entropy(model(a[None])[0], b) for a, b in zip(x.split(S), y.split(S))]
        return (sum(losses) / len(losses)).item()


@wrong("text_loss", "an incomplete last window is dropped")
def _(model, ids):
    with torch.no_grad():
        S = min(model.config.block_size, len(ids) - 1)
        n = (len(ids) - 1) // S
        total = 0.0
        for i in range(n):
            total += F.cross_entropy(
                model(ids[None, i * S : (i + 1) * S])[0],
                ids[i * S + 1 : (i + 1) * S + 1],
                reduction="sum",
            ).item()
        return total / (n * S)


@wrong("document_tokens", "eot at the end")
def _(text, encode, eot):
    ids = [*encode(text), eot]
    if not all((0 <= i < 65536 for i in ids)):
        raise ValueError("16 bits")
    return np.array(ids, dtype=np.uint16)


@wrong("document_tokens", "eot itself is not checked: it wraps")
def _(text, encode, eot):
    ids = encode(text)
    if any((i < 0 or i > 65535 for i in ids)):
        raise ValueError("16 bits")
    return np.array([eot % 65536, *ids], dtype=np.uint16)


@wrong("write_shards", "all documents are read before anything is written")
def _(documents, shard_size, folder):
    documents = list(documents)
    if not documents:
        return []
    tokens, paths = (np.concatenate(documents), [])
    for i in range(0, len(tokens), shard_size):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens[i : i + shard_size])
    return paths


@wrong("write_shards", "an empty last shard where the tokens fit exactly")
def _(documents, shard_size, folder):
    paths, rest = ([], np.zeros(0, dtype=np.uint16))

    def put(tokens):
        paths.append(os.path.join(folder, f"shard_{len(paths):04}.npy"))
        np.save(paths[-1], tokens)

    for document in documents:
        rest = np.concatenate([rest, document])
        while len(rest) >= shard_size:
            put(rest[:shard_size])
            rest = rest[shard_size:]
    put(rest)
    return paths


@wrong("load_tokens", "as int16: large ids become negative")
def _(path):
    return torch.from_numpy(np.load(path).astype(np.int16)).long()


@wrong("next_batch", "moves on by this rank's B * T only")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n + 1 > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        start = self.position + self.rank * n
        piece = self.tokens[start : start + n + 1]
        self.position += n
        return (piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T))

    def reset(self):
        self.open(0)


@wrong("next_batch", "the end is looked at after reading, >= instead of >")
class _:
    def next_batch(self):
        n = self.B * self.T
        start = self.position + self.rank * n
        piece = self.tokens[start : start + n + 1]
        self.position += self.world * n
        if self.position + self.world * n + 1 >= len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        return (piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T))

    def reset(self):
        self.open(0)


@wrong("loader_state", "the position is set, the tokens are those of the old shard")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position}

    def load_state_dict(self, state):
        self.shard, self.position = (state["shard"], state["position"])


@wrong("loader_state", "the rank's own place is saved")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position + self.rank * self.B * self.T}

    def load_state_dict(self, state):
        self.open(state["shard"], state["position"])


@wrong("adamw_update", "decay is in the gradient (Adam with L2)")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    grad = grad + weight_decay * p
    m = betas[0] * m + (1 - betas[0]) * grad
    v = betas[1] * v + (1 - betas[1]) * grad**2
    step = m / (1 - betas[0] ** t) / ((v / (1 - betas[1] ** t)).sqrt() + eps)
    return (p - lr * step, m, v)


@wrong("adamw_update", "returns the corrected averages")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    m = (betas[0] * m + (1 - betas[0]) * grad) / (1 - betas[0] ** t)
    v = (betas[1] * v + (1 - betas[1]) * grad**2) / (1 - betas[1] ** t)
    return (p - lr * weight_decay * p - lr * m / (v.sqrt() + eps), m, v)


@wrong("adamw_update", "m and v are changed in place")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    m.mul_(betas[0]).add_(grad, alpha=1 - betas[0])
    v.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    mh, vh = (m / (1 - betas[0] ** t), v / (1 - betas[1] ** t))
    return (p * (1 - lr * weight_decay) - lr * mh / (vh.sqrt() + eps), m, v)


@wrong("adamw_step", "one t for all parameters")
class _:
    def step(self):
        self.t = getattr(self, "t", 0) + 1
        for group in self.groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                _, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                with torch.no_grad():
                    new, m, v = adamw_update(
                        p,
                        p.grad,
                        m,
                        v,
                        self.t,
                        self.lr,
                        self.betas,
                        self.eps,
                        group["weight_decay"],
                    )
                    p.copy_(new)
                self.state[p] = (self.t, m, v)


@wrong("adamw_step", "a missing gradient counts as zeros: decay goes on")
class _:
    def step(self):
        for group in self.groups:
            for p in group["params"]:
                with torch.no_grad():
                    grad = torch.zeros_like(p) if p.grad is None else p.grad
                    t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    new, m, v = adamw_update(
                        p, grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    p.copy_(new)
                self.state[p] = (t + 1, m, v)


@wrong("decay_groups", "by name: whatever is called weight decays")
def _(model, weight_decay):
    groups = [{"params": [], "weight_decay": weight_decay}, {"params": [], "weight_decay": 0.0}]
    for name, p in model.named_parameters():
        if p.requires_grad:
            groups[0 if name.endswith("weight") else 1]["params"].append(p)
    return groups


@wrong("clip_global_norm", "each gradient clipped by its own norm")
def _(params, max_norm):
    total = torch.tensor(0.0)
    for p in params:
        if p.grad is not None:
            norm = p.grad.norm()
            total = total + norm**2
            if norm > max_norm:
                p.grad *= max_norm / (norm + 1e-06)
    return total.sqrt()


@wrong("clip_global_norm", "a generator is empty the second time")
def _(params, max_norm):
    norms = [p.grad.norm() for p in params if p.grad is not None]
    total = torch.stack(norms).norm() if norms else torch.tensor(0.0)
    if total > max_norm:
        for p in params:
            if p.grad is not None:
                p.grad.mul_(max_norm / (total + 1e-06))
    return total


@wrong("pad_vocab", "a multiple becomes the next one")
def _(n, multiple=128):
    return (n // multiple + 1) * multiple


@wrong("micro_loss", "the mean of the micro-batch over total")
def _(model, x, y, total, dtype=None):
    with torch.autocast(x.device.type, dtype=dtype, enabled=dtype is not None):
        logits = model(x)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten()) / total


@wrong("micro_loss", "the loss outside autocast: bfloat16 remains")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
    return (
        F.cross_entropy(logits.reshape(-1, logits.shape[-1]), y.reshape(-1), reduction="sum")
        / total
    )


@wrong("accumulate", "zeroes the gradients first")
def _(model, micro_batches, device="cpu", dtype=None):
    model.zero_grad()
    total = sum((int((y != -100).sum()) for _, y in micro_batches))
    value = 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        value += loss.item()
    return value


@wrong("accumulate", "total is the number of all targets, -100 included")
def _(model, micro_batches, device="cpu", dtype=None):
    total = sum((y.numel() for _, y in micro_batches))
    value = 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        value += loss.item()
    return value


@wrong("set_up", "AdamW's own betas")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    model = model.to(device)
    groups = param_groups(model, weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=lr, fused=device.startswith("cuda"))
    return (torch.compile(model) if compile else model, optimizer)


@wrong("set_up", "precision is not set on the CPU")
def _(model, lr, weight_decay, device="cpu", compile=False):
    cuda = device.startswith("cuda")
    if cuda:
        torch.set_float32_matmul_precision("high")
    model = model.to(device)
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay), lr=lr, betas=(0.9, 0.95), eps=1e-08, fused=cuda
    )
    return (torch.compile(model) if compile else model, optimizer)


@wrong("train_step", "lr reaches only the first group")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.param_groups[0]["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": norm.item()}


@wrong("train_step", "clipped after the step")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    optimizer.zero_grad(set_to_none=True)
    loss = accumulate(model, micro_batches, device, dtype)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": float(nn.utils.clip_grad_norm_(model.parameters(), max_norm))}


@wrong("mfu", "a percentage")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return 100 * tokens_per_s * (6 * n_params + 12 * n_layer * n_head * head_size * T) / peak


@wrong("get_lr", "the warm-up starts with 0")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * it / warmup_steps
    if it > max_steps:
        return min_lr
    c = 0.5 * (1 + math.cos(math.pi * (it - warmup_steps) / (max_steps - warmup_steps)))
    return min_lr + c * (max_lr - min_lr)


@wrong("get_lr", "the cosine is stretched over all steps, not from the end of the warm-up")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    return min_lr + 0.5 * (max_lr - min_lr) * (1 + math.cos(math.pi * it / max_steps))


@wrong("share_of_batch", "steps move on by B * T")
def _(tokens, B, T, rank, world_size, step):
    start = (step + rank) * B * T
    piece = tokens[start : start + B * T + 1]
    return (piece[:-1].view(B, T), piece[1:].view(B, T))


@wrong("accumulation_steps", "0 for a batch of 0, no error")
def _(total_batch, B, T, world_size):
    if total_batch % (B * T * world_size):
        raise ValueError(total_batch)
    return total_batch // (B * T * world_size)


@wrong("broadcast_weights", "state_dict: the non-persistent buffers are missing")
def _(model, broadcast):
    for tensor in model.state_dict().values():
        broadcast(tensor, 0)


@wrong("average_gradients", "divided first, then summed")
def _(model, world_size, all_reduce):
    for p in model.parameters():
        if p.grad is not None:
            p.grad /= world_size
            all_reduce(p.grad)


@wrong("accumulate_synced", "backward outside of no_sync, the forward inside, the last too")
def _(ddp, micro_batches):
    total, n = (0.0, len(micro_batches))
    for x, y in micro_batches:
        with ddp.no_sync():
            logits = ddp(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten()) / n
        loss.backward()
        total += loss.item()
    ddp.require_backward_grad_sync = True
    return total


@wrong("accumulate_synced", "not divided by the number of micro-batches")
def _(ddp, micro_batches):
    losses = []
    for i, (x, y) in enumerate(micro_batches):
        ddp.require_backward_grad_sync = i == len(micro_batches) - 1
        loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten())
        loss.backward()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@wrong("report_loss", "loss itself is summed up")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach()
    all_reduce(mean)
    mean = mean.item() / world_size
    if rank == 0:
        write(f"step {step}: loss {mean:.4f}")
    return mean


@wrong("report_loss", "only rank 0 reduces")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    if rank == 0:
        all_reduce(mean)
        write(f"step {step}: loss {mean.item() / world_size:.4f}")
    return mean.item() / world_size


@wrong("evaluation_loss", "the mean of the batches' means")
def _(model, batches):
    with torch.no_grad():
        was = model.training
        model.eval()
        losses = [
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()).item()
            for x, y in batches
            if (y != -100).any()
        ]
        model.train(was)
        return sum(losses) / len(losses)


@wrong("make_checkpoint", "shallow: the model's tensors go on changing")
def _(model, optimizer, loader, generator, step):
    return {
        "model": dict(model.state_dict()),
        "optimizer": copy.deepcopy(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("restore", "the generator is left")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
    loader.position = checkpoint["position"]
    generator = torch.Generator()
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("restore", "the optimizer's state is handed over without a copy")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.state.clear()
    saved = checkpoint["optimizer"]
    ps = [p for group in optimizer.param_groups for p in group["params"]]
    for i, s in saved["state"].items():
        optimizer.state[ps[i]] = s
    for group, old in zip(optimizer.param_groups, saved["param_groups"]):
        group.update({k: v for k, v in old.items() if k != "params"})
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("save_atomic", "removes the old file first")
def _(checkpoint, path):
    if os.path.exists(path):
        os.remove(path)
    torch.save(checkpoint, path + ".tmp")
    os.rename(path + ".tmp", path)


@wrong("save_atomic", "the temporary file is copied, and stays")
def _(checkpoint, path):
    import shutil

    torch.save(checkpoint, path + ".tmp")
    shutil.copy(path + ".tmp", path)


@wrong("pad_endings", "the mask is found by what is not 0: an ending's 0 is lost")
def _(context, endings):
    rows = [context + e for e in endings]
    T = max(map(len, rows))
    tokens = torch.tensor([r + [0] * (T - len(r)) for r in rows])
    mask = (tokens != 0) & (torch.arange(T) >= len(context))
    return (tokens, mask)


@wrong("completion_scores", "logits at t for the token at t")
def _(logits, tokens, mask):
    logp = logits.log_softmax(-1).gather(-1, tokens[..., None])[..., 0]
    total = (logp * mask).sum(1)
    return (total, total / mask.sum(1))


@wrong("accuracies", "the last of equal ones")
def _(totals, averages, labels):

    def share(s):
        best = s.shape[1] - 1 - s.flip(1).argmax(1)
        return (best == labels).float().mean().item()

    return {"acc": share(totals), "acc_norm": share(averages)}


@wrong("cache_update", "the newest first")
class _:
    def update(self, k, v):
        if self.k is not None:
            k, v = (torch.cat([k, self.k], 2), torch.cat([v, self.v], 2))
        self.k, self.v = (k, v)
        return (k, v)


@wrong("shifted_mask", "past and new exchanged in the shift")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(n_new - 1)


@wrong("attend_past", "the triangle at the upper left")
def _(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@wrong("embed_from", "a text that fills the table exactly is refused")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if n_past + T >= len(wpe):
        raise ValueError("too long")
    return wte[ids] + wpe[n_past : n_past + T]


@wrong("cached_attention", "keys are kept in the cache, values only the new ones")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = (
            t.view(B, T, self.n_head, C // self.n_head).transpose(1, 2)
            for t in self.c_attn(x).split(C, -1)
        )
        if cache is not None:
            k, v = cache.update(v, k)
        return self.c_proj(attend_past(q, k, v).transpose(1, 2).reshape(B, T, C))


@wrong("cached_block", "the cache is not handed on")
class _:
    def forward(self, x, cache=None):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@wrong("cached_gpt", "the past is asked of the last cache after the blocks; positions from 0")
class _:
    def forward(self, ids, caches=None):
        x = embed_from(ids, self.wte.weight, self.wpe.weight, 0)
        for i, block in enumerate(self.h):
            x = block(x, caches[i] if caches else None)
        return self.ln_f(x) @ self.wte.weight.T


@wrong("generate_cached", "without a cache")
def _(model, ids, max_new_tokens, generator=None):
    with torch.no_grad():
        for _ in range(max_new_tokens):
            logits = model(ids[:, -model.block_size :])[:, -1]
            new = (
                logits.argmax(-1, keepdim=True)
                if generator is None
                else torch.multinomial(logits.softmax(-1), 1, generator=generator)
            )
            ids = torch.cat([ids, new], 1)
        return ids


@wrong("generate_cached", "when full, new caches with one token only")
def _(model, ids, max_new_tokens, generator=None):
    with torch.no_grad():
        caches, new = ([KVCache() for _ in model.h], ids[:, -model.block_size :])
        for _ in range(max_new_tokens):
            if len(caches[0]) + new.shape[1] > model.block_size:
                caches = [KVCache() for _ in model.h]
            logits = model(new, caches)[:, -1]
            new = (
                logits.argmax(-1, keepdim=True)
                if generator is None
                else torch.multinomial(logits.softmax(-1), 1, generator=generator)
            )
            ids = torch.cat([ids, new], 1)
        return ids


@wrong("cache_bytes", "keys only")
def _(config, B, T, dtype):
    return config["n_layer"] * B * T * config["n_embd"] * dtype.itemsize


@wrong("quantize_rows", "a half goes up")
def _(W):
    scale = W.abs().amax(1) / 127
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return (torch.floor(W / scale[:, None] + 0.5).to(torch.int8), scale)


@wrong("quantize_rows", "scale of the whole matrix")
def _(W):
    top = W.abs().max() / 127
    scale = torch.where(top == 0, torch.ones_like(top), top).expand(len(W)).clone()
    return ((W / scale[:, None]).round().to(torch.int8), scale)


@wrong("linear_int8", "x is rounded to the weights' grid as well")
def _(x, q, scale, bias=None):
    s = x.abs().amax().clamp(min=1e-09) / 127
    y = F.linear((x / s).round(), q.to(x.dtype)) * s * scale.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@wrong("quantize_linears", "the name in keep is compared with its last part")
def _(model, keep=()):
    names = {n for n, m in model.named_modules() if isinstance(m, nn.Linear)}
    if set(keep) - names:
        raise ValueError(keep)
    last = {k.split(".")[-1] for k in keep}
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear) and name not in last:
                setattr(parent, name, Int8Linear(child))
    return model


@wrong("weight_bytes", "four bytes each")
def _(model):
    return 4 * sum((t.numel() for t in [*model.parameters(), *model.buffers()]))


@right("gelu_tanh", "written with sigmoid: tanh(a) = 2 sigmoid(2a) - 1")
def _(x):
    a = math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)
    return x * torch.sigmoid(2 * a)


@right("fused_attention", "einsum with a mask made on the fly")
class _:
    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        C = config.n_embd
        self.c_proj = nn.Linear(C, C)
        self.c_attn = nn.Linear(C, 3 * C)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, C // self.n_head).unbind(2)
        s = torch.einsum("bthd,bshd->bhts", q, k) / math.sqrt(C // self.n_head)
        s = s + torch.full((T, T), -torch.inf, dtype=x.dtype, device=x.device).triu(1)
        return self.c_proj(torch.einsum("bhts,bshd->bthd", s.softmax(-1), v).reshape(B, T, C))


@right("init_weights", "module by module")
class _:
    def init_weights(self, generator=None):
        small = 0.02 * (2 * self.config.n_layer) ** (-0.5)
        with torch.no_grad():
            for name, module in self.named_modules():
                if isinstance(module, nn.LayerNorm):
                    module.weight.fill_(1.0)
                    module.bias.zero_()
                elif isinstance(module, nn.Linear) and name != "lm_head":
                    module.weight.normal_(
                        0.0, small if name.endswith("c_proj") else 0.02, generator=generator
                    )
                    module.bias.zero_()
                elif isinstance(module, nn.Embedding):
                    module.weight.normal_(0.0, 0.02, generator=generator)


@right("where_parameters", "shapes listed and multiplied")
def _(config):
    C, L = (config.n_embd, config.n_layer)

    def linear(i, o):
        return i * o + o

    return dict(
        wte=config.vocab_size * C,
        wpe=config.block_size * C,
        attn=L * (linear(C, 3 * C) + linear(C, C)),
        mlp=L * (linear(C, 4 * C) + linear(4 * C, C)),
        ln=2 * C * (2 * L + 1),
    )


@right("our_name", "regular expressions")
def _(name):
    import re

    if re.search("\\.attn\\.(masked_)?bias$", name):
        return None
    return name if name == "lm_head.weight" else "transformer." + name.removeprefix("transformer.")


@right("load_into", "checks first, then model.load_state_dict-like copies")
def _(model, weights):
    own = model.state_dict()
    if set(own) ^ set(weights):
        raise KeyError(sorted(set(own) ^ set(weights)))
    bad = [name for name in own if own[name].shape != weights[name].shape]
    if bad:
        raise ValueError(f"shapes of {bad}")
    for name, tensor in own.items():
        tensor.detach().copy_(weights[name].detach())


@right("text_loss", "sums of chunks in Python")
def _(model, ids):
    S, total = (model.config.block_size, 0.0)
    with torch.no_grad():
        for start in range(0, len(ids) - 1, S):
            x = ids[start : start + S]
            y = ids[start + 1 : start + S + 1]
            x = x[: len(y)]
            logp = model(x.unsqueeze(0)).squeeze(0).log_softmax(-1)
            total -= logp[range(len(y)), y].sum().item()
    return total / (len(ids) - 1)


@right("write_shards", "a buffer that is filled")
def _(documents, shard_size, folder):
    paths, buffer, filled = ([], np.empty(shard_size, dtype=np.uint16), 0)

    def flush(n):
        path = os.path.join(folder, "shard_" + str(len(paths)).zfill(4) + ".npy")
        np.save(path, buffer[:n])
        paths.append(path)

    for document in documents:
        done = 0
        while done < len(document):
            take = min(shard_size - filled, len(document) - done)
            buffer[filled : filled + take] = document[done : done + take]
            filled += take
            done += take
            if filled == shard_size:
                flush(filled)
                filled = 0
    if filled:
        flush(filled)
    return paths


@right("load_tokens", "through int32")
def _(path):
    return torch.tensor(np.load(path).astype(np.int32), dtype=torch.int64)


@right("adamw_update", "lerp and addcdiv")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m = torch.lerp(m, grad, 1 - b1)
    v = torch.lerp(v, grad.square(), 1 - b2)
    denom = (v / (1 - b2**t)).sqrt().add(eps)
    return (torch.addcdiv(p.mul(1 - lr * weight_decay), m, denom, value=-lr / (1 - b1**t)), m, v)


@right("decay_groups", "two comprehensions")
def _(model, weight_decay):
    learning = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in learning if p.ndim > 1], "weight_decay": weight_decay},
        {"params": [p for p in learning if not p.ndim > 1], "weight_decay": 0.0},
    ]


@right("clip_global_norm", "torch's own, on a list")
def _(params, max_norm):
    held = [p for p in params if p.grad is not None]
    if not held:
        return torch.zeros(())
    norm = torch.cat([p.grad.flatten() for p in held]).norm()
    if norm > max_norm:
        factor = max_norm / (norm + 1e-06)
        with torch.no_grad():
            for p in held:
                p.grad.copy_(p.grad * factor)
    return norm


@right("pad_vocab", "negative floor division")
def _(n, multiple=128):
    return -(-n // multiple) * multiple


@right("get_lr", "an inner progress number, clamped")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr / warmup_steps * (it + 1)
    progress = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    return min_lr + (max_lr - min_lr) * math.cos(math.pi / 2 * progress) ** 2


@right("average_gradients", "one flat buffer")
def _(model, world_size, all_reduce):
    held = [p for p in model.parameters() if p.grad is not None]
    if not held:
        return
    flat = torch.cat([p.grad.reshape(-1) for p in held])
    all_reduce(flat)
    flat = flat / world_size
    for p, piece in zip(held, flat.split([p.grad.numel() for p in held])):
        p.grad = piece.view_as(p.grad).clone()


@right("accumulate_synced", "no_sync by an ExitStack-free if")
def _(ddp, micro_batches):
    *early, last = micro_batches
    n, losses = (len(micro_batches), [])

    def go(x, y):
        logits = ddp(x)
        loss = F.cross_entropy(logits.transpose(1, 2), y)
        (loss / n).backward()
        losses.append(loss.item())

    with ddp.no_sync():
        for x, y in early:
            go(x, y)
    ddp.require_backward_grad_sync = True
    go(*last)
    return sum(losses) / n


@right("save_atomic", "os.replace after fsync")
def _(checkpoint, path):
    temporary = path + ".tmp"
    with open(temporary, "wb") as file:
        torch.save(checkpoint, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


@right("completion_scores", "logits minus logsumexp, where")
def _(logits, tokens, mask):
    before, after, counts = (logits[:, :-1], tokens[:, 1:], mask[:, 1:])
    logp = before.gather(2, after.unsqueeze(2)).squeeze(2) - before.logsumexp(2)
    total = torch.where(counts, logp, torch.zeros_like(logp)).sum(dim=1)
    return (total, total / counts.sum(dim=1).to(total.dtype))


@right("shifted_mask", "comprehension of lists")
def _(n_past, n_new):
    return torch.tensor([[j <= n_past + i for j in range(n_past + n_new)] for i in range(n_new)])


@right("attend_past", "by hand, aligned at the lower right")
def _(q, k, v):
    T_q, T_k = (q.shape[2], k.shape[2])
    hidden = torch.ones(T_q, T_k, dtype=torch.bool).triu(T_k - T_q + 1)
    s = q @ k.transpose(2, 3) * q.shape[3] ** (-0.5)
    return s.masked_fill(hidden, -torch.inf).softmax(dim=3) @ v


@right("generate_cached", "pieces collected, joined at the end")
def _(model, ids, max_new_tokens, generator=None):
    with torch.no_grad():
        size, out = (model.block_size, ids)
        if max_new_tokens == 0:
            return ids.clone()
        caches = None
        feed = ids[:, -size:]
        while True:
            if caches is None or len(caches[0]) == size:
                caches, feed = ([KVCache() for _ in model.h], out[:, -size:])
            logits = model(feed, caches)[:, -1]
            if generator is None:
                feed = logits.argmax(1)[:, None]
            else:
                feed = torch.multinomial(logits.softmax(1), 1, generator=generator)
            out = torch.cat((out, feed), dim=1)
            if out.shape[1] == ids.shape[1] + max_new_tokens:
                return out


@right("quantize_rows", "row by row")
def _(W):
    qs, scales = ([], [])
    for row in W:
        top = row.abs().max()
        scale = top / 127 if top > 0 else torch.ones_like(top)
        qs.append(torch.round(row / scale).to(torch.int8))
        scales.append(scale)
    return (torch.stack(qs), torch.stack(scales))


@right("linear_int8", "the weights are made floats first")
def _(x, q, scale, bias=None):
    W = q.to(x.dtype) * scale.to(x.dtype)[:, None]
    return F.linear(x, W, None if bias is None else bias.to(x.dtype))


@right("weight_bytes", "a dict by id")
def _(model):
    tensors = {id(t): t for t in list(model.parameters()) + list(model.buffers())}
    return sum((t.nelement() * t.element_size() for t in tensors.values()))


@wrong("report_loss", "the mean is a tensor, not a float")
def _(loss, step, rank, world_size, all_reduce, write):
    mean = loss.detach().clone()
    all_reduce(mean)
    mean /= world_size
    if rank == 0:
        write(f"step {step}: loss {mean.item():.4f}")
    return mean


@wrong("weight_bytes", "buffers do not count, tied ones twice")
def _(model):
    return sum((t.numel() * t.dtype.itemsize for t in model.state_dict().values()))


@wrong("linear_int8", "the answer has scale's dtype")
def _(x, q, scale, bias=None):
    y = F.linear(x.to(scale.dtype), q.to(scale.dtype) * scale[:, None])
    return y if bias is None else y + bias


@right("block", "normal lines, other order of making")
class _:
    def __init__(self, config):
        super().__init__()
        self.mlp = MLP(config)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = nn.LayerNorm(config.n_embd)
        self.ln_1 = nn.LayerNorm(config.n_embd)

    def forward(self, x):
        h = torch.add(x, self.attn(self.ln_1(x)))
        return torch.add(h, self.mlp(self.ln_2(h)))


@right("gpt_forward", "loss by nll_loss")
class _:
    def forward(self, idx, targets=None):
        parts = self.transformer
        B, T = idx.size()
        if T > self.config.block_size:
            raise ValueError(f"{T} > {self.config.block_size}")
        x = parts.wte(idx) + parts.wpe.weight[:T]
        for block in parts.h:
            x = block(x)
        logits = F.linear(parts.ln_f(x), parts.wte.weight)
        loss = None
        if targets is not None:
            loss = F.nll_loss(F.log_softmax(logits, -1).transpose(1, 2), targets)
        return (logits, loss)


@right("convert", "dict by hand, clone of everything")
def _(state_dict):
    turned = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
    out = {}
    for name in state_dict:
        ours = our_name(name)
        if ours is None:
            continue
        tensor = state_dict[name].detach()
        if ours.endswith(turned):
            tensor = tensor.T
        out[ours] = torch.empty(tensor.shape, dtype=tensor.dtype).copy_(tensor)
    wte = out["transformer.wte.weight"]
    if not torch.equal(out.setdefault("lm_head.weight", wte.clone()), wte):
        raise ValueError("the head is not tied to the table")
    return out


@right("config_from", "counts ln_1 biases by number")
def _(weights, n_head):
    numbers = [int(name.split(".")[2]) for name in weights if name.startswith("transformer.h.")]
    block_size, n_embd = weights["transformer.wpe.weight"].shape
    if n_embd % n_head != 0:
        raise ValueError(f"{n_head} heads do not divide {n_embd}")
    vocab_size = weights["lm_head.weight"].shape[0]
    return GPTConfig(
        block_size=block_size,
        vocab_size=vocab_size,
        n_layer=len(set(numbers)),
        n_head=n_head,
        n_embd=n_embd,
    )


@right("generate_topk", "a growing list")
def _(model, idx, n_new, k=50, generator=None):
    with torch.no_grad():
        size, columns = (model.config.block_size, list(idx.unbind(1)))
        for _ in range(n_new):
            logits = model(torch.stack(columns[-size:], dim=1))[:, -1]
            top, tokens = torch.topk(logits, k=min(k, logits.size(1)), dim=1)
            drawn = torch.multinomial(F.softmax(top, dim=1), 1, generator=generator)
            columns.append(torch.gather(tokens, 1, drawn)[:, 0])
        return torch.stack(columns, dim=1)


@right("next_batch", "x and y cut apart")
class _:
    def next_batch(self):
        need = self.world * self.B * self.T
        while len(self.tokens) - self.position < need + 1:
            self.open(0 if self.shard == len(self.paths) - 1 else self.shard + 1)
        a = self.position + self.rank * self.B * self.T
        b = a + self.B * self.T
        x, y = (
            self.tokens[a:b].reshape(self.B, -1),
            self.tokens[a + 1 : b + 1].reshape(self.B, -1),
        )
        self.position += need
        return (x, y)

    def reset(self):
        self.open(0, 0)


@right("adamw_step", "torch.no_grad as a decorator's block, p.data")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in (p for p in group["params"] if p.grad is not None):
                    if p in self.state:
                        t, m, v = self.state[p]
                    else:
                        t, m, v = (0, torch.zeros_like(p), torch.zeros_like(p))
                    new, m, v = adamw_update(
                        p.data,
                        p.grad,
                        m,
                        v,
                        t + 1,
                        self.lr,
                        self.betas,
                        self.eps,
                        group["weight_decay"],
                    )
                    p.data.copy_(new)
                    self.state[p] = (t + 1, m, v)


@right("broadcast_weights", "chain of both, under no_grad")
def _(model, broadcast):
    from itertools import chain

    with torch.no_grad():
        for tensor in chain(model.buffers(), model.parameters()):
            broadcast(tensor.detach(), 0)


@right("evaluation_loss", "per batch, sums in float, try / finally")
def _(model, batches):
    was, total, n = (model.training, 0.0, 0)
    model.eval()
    try:
        with torch.inference_mode():
            for x, y in batches:
                losses = F.cross_entropy(model(x).movedim(-1, 1), y, reduction="none")
                total += losses.sum().item()
                n += (y != -100).sum().item()
    finally:
        model.train(was)
    return total / n


@right("make_checkpoint", "deepcopy of all of it")
def _(model, optimizer, loader, generator, step):
    both = copy.deepcopy((dict(model.state_dict()), optimizer.state_dict()))
    return dict(
        zip(("model", "optimizer"), both),
        step=step,
        position=loader.position,
        generator=generator.get_state().clone(),
    )


@right("pad_endings", "filled into zeros")
def _(context, endings):
    n = len(context)
    T = n + max((len(ending) for ending in endings))
    tokens, mask = (
        torch.zeros(len(endings), T, dtype=torch.int64),
        torch.zeros(len(endings), T, dtype=torch.bool),
    )
    tokens[:, :n] = torch.tensor(context)
    for row, ending in enumerate(endings):
        tokens[row, n : n + len(ending)] = torch.tensor(ending)
        mask[row, n : n + len(ending)] = True
    return (tokens, mask)


@right("cache_update", "a growing list joined each time")
class _:
    def update(self, k, v):
        old = [] if self.k is None else [(self.k, self.v)]
        self.k, self.v = (torch.cat(parts, dim=-2) for parts in zip(*old, (k, v)))
        return (self.k, self.v)


@right("quantize_linears", "a recursive helper with prefixes")
def _(model, keep=()):
    linears = [name for name, m in model.named_modules() if isinstance(m, nn.Linear)]
    for name in keep:
        if name not in linears:
            raise ValueError(f"no Linear is called {name}")
    for name in linears:
        if name not in keep:
            *path, last = name.split(".")
            parent = model.get_submodule(".".join(path))
            parent.add_module(last, Int8Linear(getattr(parent, last)))
    return model
