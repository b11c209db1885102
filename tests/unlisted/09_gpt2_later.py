"""Solutions of 09 that come from the texts alone: see test_unlisted.py, which parses this file."""


@right("document_tokens", "checked one by one")
def _(text, encode, eot):
    ids = [eot]
    ids.extend(encode(text))
    for i in ids:
        if i < 0 or i >= 2**16:
            raise ValueError(f"{i} does not fit")
    out = np.empty(len(ids), dtype=np.uint16)
    out[:] = ids
    return out


@wrong("document_tokens", "eot last")
def _(text, encode, eot):
    ids = np.array([*encode(text), eot], dtype=np.int64)
    if ((ids < 0) | (ids > 65535)).any():
        raise ValueError
    return ids.astype(np.uint16)


@wrong("document_tokens", "eot is not checked")
def _(text, encode, eot):
    ids = encode(text)
    if any(not 0 <= i <= 65535 for i in ids):
        raise ValueError
    return np.array([eot, *ids], dtype=np.int64).astype(np.uint16)


@right("write_shards", "a buffer of lists")
def _(documents, shard_size, folder):
    paths, buffer = [], np.zeros(0, dtype=np.uint16)

    def flush(part):
        path = os.path.join(folder, f"shard_{len(paths):04d}.npy")
        np.save(path, part)
        paths.append(path)

    for doc in documents:
        buffer = np.concatenate([buffer, doc])
        while len(buffer) >= shard_size:
            flush(buffer[:shard_size])
            buffer = buffer[shard_size:]
    if len(buffer):
        flush(buffer)
    return paths


@wrong("write_shards", "the rest of a document is lost at a shard's end")
def _(documents, shard_size, folder):
    paths, buffer = [], []

    def flush():
        path = os.path.join(folder, f"shard_{len(paths):04d}.npy")
        np.save(path, np.array(buffer[:shard_size], dtype=np.uint16))
        paths.append(path)

    for doc in documents:
        buffer += doc.tolist()
        if len(buffer) >= shard_size:
            flush()
            buffer = []
    if buffer:
        flush()
    return paths


@wrong("write_shards", "an empty last shard")
def _(documents, shard_size, folder):
    paths, buffer = [], []

    def flush(part):
        path = os.path.join(folder, f"shard_{len(paths):04d}.npy")
        np.save(path, np.array(part, dtype=np.uint16))
        paths.append(path)

    for doc in documents:
        buffer += doc.tolist()
        while len(buffer) >= shard_size:
            flush(buffer[:shard_size])
            buffer = buffer[shard_size:]
    if buffer or paths:
        flush(buffer)
    return paths


@wrong("write_shards", "all documents first")
def _(documents, shard_size, folder):
    parts = list(documents)
    if not sum(map(len, parts)):
        return []
    tokens = np.concatenate(parts)
    paths = []
    for i in range(0, len(tokens), shard_size):
        paths.append(os.path.join(folder, f"shard_{len(paths):04d}.npy"))
        np.save(paths[-1], tokens[i : i + shard_size])
    return paths


@wrong("load_tokens", "through int16")
def _(path):
    return torch.from_numpy(np.load(path).astype(np.int16)).long()


@right("load_tokens", "a list")
def _(path):
    return torch.tensor(np.load(path).tolist(), dtype=torch.int64)


@wrong("adamw_update", "eps inside the root")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m = b1 * m + (1 - b1) * grad
    v = b2 * v + (1 - b2) * grad**2
    step = m / (1 - b1**t) / (v / (1 - b2**t) + eps).sqrt()
    return p - lr * (step + weight_decay * p), m, v


@wrong("adamw_update", "the corrected averages are kept")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m = (b1 * m + (1 - b1) * grad) / (1 - b1**t)
    v = (b2 * v + (1 - b2) * grad**2) / (1 - b2**t)
    return p - lr * (m / (v.sqrt() + eps) + weight_decay * p), m, v


@wrong("adamw_update", "the decay goes through the averages: Adam with L2")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    grad = grad + weight_decay * p
    m = b1 * m + (1 - b1) * grad
    v = b2 * v + (1 - b2) * grad**2
    return p - lr * (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + eps), m, v


@wrong("adamw_update", "m and v changed in place")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    m.mul_(betas[0]).add_(grad, alpha=1 - betas[0])
    v.mul_(betas[1]).addcmul_(grad, grad, value=1 - betas[1])
    step = m / (1 - betas[0] ** t) / ((v / (1 - betas[1] ** t)).sqrt() + eps)
    return p * (1 - lr * weight_decay) - lr * step, m, v


@right("adamw_update", "lerp, and the decay first")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    new_m = torch.lerp(m, grad, 1 - betas[0])
    new_v = betas[1] * v + (1 - betas[1]) * grad * grad
    m_hat, v_hat = new_m / (1 - betas[0] ** t), new_v / (1 - betas[1] ** t)
    return p * (1 - lr * weight_decay) - lr * m_hat / (v_hat**0.5 + eps), new_m, new_v


@wrong("adamw_step", "one t for all parameters")
class _:
    def step(self):
        self.t = getattr(self, "t", 0) + 1
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    _, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
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


@wrong("adamw_step", "the parameter is replaced by name only")
class _:
    def step(self):
        with torch.no_grad():
            for group in self.groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    t, m, v = self.state.get(p, (0, torch.zeros_like(p), torch.zeros_like(p)))
                    key = p
                    p, m, v = adamw_update(
                        p, p.grad, m, v, t + 1, self.lr, self.betas, self.eps, group["weight_decay"]
                    )
                    self.state[key] = (t + 1, m, v)


@right("adamw_step", "the values through .data")
class _:
    def step(self):
        for group in self.groups:
            for p in group["params"]:
                if p.grad is not None:
                    if p not in self.state:
                        self.state[p] = 0, torch.zeros_like(p.data), torch.zeros_like(p.data)
                    t, m, v = self.state[p]
                    t += 1
                    p.data[...], m, v = adamw_update(
                        p.data,
                        p.grad.detach(),
                        m,
                        v,
                        t,
                        self.lr,
                        self.betas,
                        self.eps,
                        group["weight_decay"],
                    )
                    self.state[p] = t, m, v


@wrong("decay_groups", "by name: what ends in weight")
def _(model, weight_decay):
    named = [(n, p) for n, p in model.named_parameters() if p.requires_grad]
    return [
        {"params": [p for n, p in named if n.endswith("weight")], "weight_decay": weight_decay},
        {"params": [p for n, p in named if not n.endswith("weight")], "weight_decay": 0.0},
    ]


@wrong("decay_groups", "frozen ones too")
def _(model, weight_decay):
    two = [p for p in model.parameters() if p.dim() >= 2]
    one = [p for p in model.parameters() if p.dim() < 2]
    return [{"params": two, "weight_decay": weight_decay}, {"params": one, "weight_decay": 0.0}]


@wrong("decay_groups", "exactly two dimensions")
def _(model, weight_decay):
    ps = [p for p in model.parameters() if p.requires_grad]
    two = [p for p in ps if p.dim() == 2]
    return [
        {"params": two, "weight_decay": weight_decay},
        {"params": [p for p in ps if p.dim() != 2], "weight_decay": 0.0},
    ]


@right("decay_groups", "two lists in one walk, duplicates looked for")
def _(model, weight_decay):
    groups, seen = ([], []), set()
    for _, p in model.named_parameters(remove_duplicate=False):
        if p.requires_grad and id(p) not in seen:
            seen.add(id(p))
            groups[0 if len(p.shape) > 1 else 1].append(p)
    return [
        {"params": groups[0], "weight_decay": weight_decay},
        {"params": groups[1], "weight_decay": 0.0},
    ]


@wrong("clip_global_norm", "each grad by itself")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    total = torch.stack([g.norm() for g in grads]).norm()
    for g in grads:
        if g.norm() > max_norm:
            g.mul_(max_norm / (g.norm() + 1e-6))
    return total


@wrong("clip_global_norm", "short gradients are lengthened")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    if not grads:
        return torch.tensor(0.0)
    total = torch.stack([g.norm() for g in grads]).norm()
    for g in grads:
        g.mul_(max_norm / (total + 1e-6))
    return total


@wrong("clip_global_norm", "a generator is used up")
def _(params, max_norm):
    squares = [(p.grad**2).sum() for p in params if p.grad is not None]
    total = torch.stack(squares).sum().sqrt() if squares else torch.tensor(0.0)
    if total > max_norm:
        for p in params:
            if p.grad is not None:
                p.grad *= max_norm / (total + 1e-6)
    return total


@right("clip_global_norm", "torch's own norm, and clip by hand")
def _(params, max_norm):
    grads = [p.grad for p in params if p.grad is not None]
    total = nn.utils.get_total_norm(grads)
    if grads and total > max_norm:
        torch._foreach_mul_(grads, float(max_norm / (total + 1e-6)))
    return total


@right("pad_vocab", "minus the remainder of minus n")
def _(n, multiple=128):
    return n + -n % multiple


@wrong("pad_vocab", "one more where it fits already")
def _(n, multiple=128):
    return (n // multiple + 1) * multiple


@wrong("micro_loss", "the mean, times its share of micro-batches")
def _(model, x, y, total, dtype=None):
    with contextlib.nullcontext() if dtype is None else torch.autocast(x.device.type, dtype=dtype):
        logits = model(x)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten())


@wrong("micro_loss", "autocast although dtype is None")
def _(model, x, y, total, dtype=None):
    with torch.autocast(x.device.type, dtype=dtype or torch.bfloat16):
        logits = model(x)
        return F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum") / total


@right("micro_loss", "an autocast that may be off")
def _(model, x, y, total, dtype=None):
    with torch.autocast(x.device.type, dtype=dtype, enabled=dtype is not None):
        logits = model(x)
        loss = F.cross_entropy(logits.transpose(1, 2), y, reduction="sum", ignore_index=-100)
    return loss / total


@wrong("accumulate", "the last micro-batch's loss is returned")
def _(model, micro_batches, device="cpu", dtype=None):
    total = sum(int((y != -100).sum()) for _, y in micro_batches)
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
    return loss.item()


@wrong("accumulate", "the padding counts in the total")
def _(model, micro_batches, device="cpu", dtype=None):
    total = sum(y.numel() for _, y in micro_batches)
    value = 0.0
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype)
        loss.backward()
        value += loss.item()
    return value


@right("accumulate", "fsum of a list")
def _(model, micro_batches, device="cpu", dtype=None):
    total = int(torch.stack([y.ne(-100).sum() for _, y in micro_batches]).sum())
    losses = []
    for x, y in micro_batches:
        loss = micro_loss(model, x.to(device), y.to(device), total, dtype=dtype)
        loss.backward()
        losses.append(loss.detach())
    return float(sum(losses))


@wrong("train_step", "the rate of the first group only")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.param_groups[0]["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": float(norm)}


@wrong("train_step", "model.train() first")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    model.train()
    optimizer.zero_grad()
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    return {"loss": loss, "norm": float(norm)}


@wrong("train_step", "zeroed after the step")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    loss = accumulate(model, micro_batches, device, dtype)
    norm = nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    for group in optimizer.param_groups:
        group["lr"] = lr
    optimizer.step()
    optimizer.zero_grad()
    return {"loss": loss, "norm": float(norm)}


@right("train_step", "rates first, grads set to None by hand")
def _(model, optimizer, micro_batches, lr, max_norm=1.0, device="cpu", dtype=None):
    for group in optimizer.param_groups:
        group.update(lr=lr)
    for p in model.parameters():
        p.grad = None
    loss = accumulate(model, micro_batches, device=device, dtype=dtype)
    norm = torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm).item()
    optimizer.step()
    return dict(loss=loss, norm=norm)


@wrong("set_up", "the optimizer before the move")
def _(model, lr, weight_decay, device="cpu", compile=False):
    torch.set_float32_matmul_precision("high")
    optimizer = torch.optim.AdamW(
        param_groups(model, weight_decay),
        lr=lr,
        betas=(0.9, 0.95),
        eps=1e-8,
        fused="cuda" in device,
    )
    model = model.to(device)
    return (torch.compile(model) if compile else model), optimizer


@wrong("set_up", "precision on cuda only")
def _(model, lr, weight_decay, device="cpu", compile=False):
    if device.startswith("cuda"):
        torch.set_float32_matmul_precision("high")
    model.to(device)
    groups = param_groups(model, weight_decay)
    optimizer = torch.optim.AdamW(
        groups, lr=lr, betas=(0.9, 0.95), eps=1e-8, fused=device.startswith("cuda")
    )
    return (torch.compile(model) if compile else model), optimizer


@wrong("mfu", "a percentage")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return 100 * tokens_per_s * (6 * n_params + 12 * n_layer * n_head * head_size * T) / peak


@wrong("mfu", "attention forgotten")
def _(tokens_per_s, n_params, n_layer, n_head, head_size, T, peak):
    return tokens_per_s * 6 * n_params / peak


@wrong("get_lr", "warm-up from 0")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * it / warmup_steps
    if it > max_steps:
        return min_lr
    share = (it - warmup_steps) / (max_steps - warmup_steps)
    return min_lr + 0.5 * (1 + math.cos(math.pi * share)) * (max_lr - min_lr)


@wrong("get_lr", "the cosine over all steps")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return max_lr * (it + 1) / warmup_steps
    if it > max_steps:
        return min_lr
    return min_lr + 0.5 * (1 + math.cos(math.pi * it / max_steps)) * (max_lr - min_lr)


@right("get_lr", "clamped, cos squared of half the angle")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if warmup_steps and it < warmup_steps:
        return (it + 1) / warmup_steps * max_lr
    share = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    c = math.cos(math.pi * share / 2) ** 2
    return c * max_lr + (1 - c) * min_lr


@right("shifted_mask", "tril with a diagonal")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new, dtype=torch.bool).tril(diagonal=n_past)


@wrong("shifted_mask", "the own position hidden")
def _(n_past, n_new):
    return torch.arange(n_past + n_new) < (n_past + torch.arange(n_new))[:, None]


@wrong("shifted_mask", "the triangle at the upper left")
def _(n_past, n_new):
    return torch.ones(n_new, n_past + n_new).tril().bool()


@wrong("attend_past", "is_causal")
def _(q, k, v):
    return F.scaled_dot_product_attention(q, k, v, is_causal=True)


@wrong("attend_past", "scaled by the value size")
def _(q, k, v):
    T_q, T_k = q.shape[2], k.shape[2]
    scores = q @ k.transpose(-2, -1) / v.shape[-1] ** 0.5
    return scores.masked_fill(~shifted_mask(T_k - T_q, T_q), -torch.inf).softmax(-1) @ v


@right("attend_past", "query by query")
def _(q, k, v):
    T_q, T_k = q.shape[-2], k.shape[-2]
    out = []
    for i in range(T_q):
        end = T_k - T_q + i + 1
        scores = torch.einsum("bhd,bhkd->bhk", q[:, :, i], k[:, :, :end]) * q.shape[-1] ** -0.5
        out.append(torch.einsum("bhk,bhkv->bhv", scores.softmax(-1), v[:, :, :end]))
    return torch.stack(out, 2)


@wrong("embed_from", "full is too long")
def _(ids, wte, wpe, n_past):
    T = ids.shape[1]
    if n_past + T >= len(wpe):
        raise ValueError("too long")
    return wte[ids] + wpe[n_past : n_past + T]


@wrong("embed_from", "positions from 0")
def _(ids, wte, wpe, n_past):
    if n_past + ids.shape[1] > len(wpe):
        raise ValueError("too long")
    return wte[ids] + wpe[: ids.shape[1]]


@right("embed_from", "F.embedding twice")
def _(ids, wte, wpe, n_past):
    positions = torch.arange(n_past, n_past + ids.size(1))
    if positions[-1] >= wpe.size(0):
        raise ValueError("no room")
    return F.embedding(ids, wte) + F.embedding(positions, wpe)


@wrong("cache_update", "keys kept, values replaced")
class _:
    def update(self, k, v):
        self.k = k if self.k is None else torch.cat([self.k, k], 2)
        self.v = v
        return self.k, self.v


@wrong("cached_block", "the mlp reads x, not the sum")
class _:
    def forward(self, x, cache=None):
        return x + self.attn(self.ln_1(x), cache) + self.mlp(self.ln_2(x))


@wrong("cached_block", "x changed in place")
class _:
    def forward(self, x, cache=None):
        x += self.attn(self.ln_1(x), cache)
        return x + self.mlp(self.ln_2(x))


@wrong("cache_bytes", "keys only")
def _(config, B, T, dtype):
    return config["n_layer"] * B * T * config["n_embd"] * dtype.itemsize


@right("cache_bytes", "a tensor's element size")
def _(config, B, T, dtype):
    size = torch.empty(0, dtype=dtype).element_size()
    heads, width = config["n_head"], config["n_embd"] // config["n_head"]
    return 2 * config["n_layer"] * B * T * heads * width * size


@wrong("generate_cached", "no cache at all")
def _(model, ids, max_new_tokens, generator=None):
    out = ids
    for _ in range(max_new_tokens):
        logits = model(out[:, -model.block_size :], None)[:, -1]
        if generator is None:
            new = logits.argmax(-1, keepdim=True)
        else:
            new = torch.multinomial(logits.softmax(-1), 1, generator=generator)
        out = torch.cat([out, new], 1)
    return out


@wrong("our_name", "attn.c_attn.bias dropped too")
def _(name):
    if ".attn." in name and name.endswith("bias"):
        return None
    if name == "lm_head.weight":
        return name
    return name if name.startswith("transformer.") else "transformer." + name


@right("our_name", "removeprefix")
def _(name):
    bare = name.removeprefix("transformer.")
    if bare.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return bare if bare == "lm_head.weight" else f"transformer.{bare}"


@wrong("our_name", "transformer. twice")
def _(name):
    if name.endswith((".attn.bias", ".attn.masked_bias")):
        return None
    return name if name == "lm_head.weight" else "transformer." + name


@wrong("convert", "lm_head is the table itself")
def _(state_dict):
    out = {}
    for name, t in state_dict.items():
        ours = our_name(name)
        if ours and ours != "lm_head.weight":
            out[ours] = (t.t() if t.dim() == 2 and ".h." in ours else t).clone()
    wte = out["transformer.wte.weight"]
    for name, t in state_dict.items():
        if name == "lm_head.weight" and not torch.equal(t, wte):
            raise ValueError("untied")
    out["lm_head.weight"] = wte
    return out


@wrong("config_from", "layers sorted as text")
def _(weights, n_head):
    layers = {name.split(".")[2] for name in weights if name.startswith("transformer.h.")}
    V, C = weights["transformer.wte.weight"].shape
    if C % n_head:
        raise ValueError("heads")
    return GPTConfig(len(weights["transformer.wpe.weight"]), V, int(max(layers)) + 1, n_head, C)


@right("config_from", "counted in a set")
def _(weights, n_head):
    V, C = weights["transformer.wte.weight"].shape
    if C % n_head != 0:
        raise ValueError("n_head does not divide n_embd")
    layers = {int(name.split(".")[2]) for name in weights if name.startswith("transformer.h.")}
    S = weights["transformer.wpe.weight"].shape[0]
    return GPTConfig(block_size=S, vocab_size=V, n_layer=len(layers), n_head=n_head, n_embd=C)


@wrong("text_loss", "a mean of the windows' means")
def _(model, ids):
    S, losses = model.config.block_size, []
    with torch.no_grad():
        for i in range(0, len(ids) - 1, S):
            x, y = ids[:-1][i : i + S], ids[1:][i : i + S]
            losses.append(F.cross_entropy(model(x[None])[0], y).item())
    return sum(losses) / len(losses)


@wrong("text_loss", "the last, shorter window left out")
def _(model, ids):
    S, total, n = model.config.block_size, 0.0, 0
    with torch.no_grad():
        for i in range(0, len(ids) - 1, S):
            x, y = ids[:-1][i : i + S], ids[1:][i : i + S]
            if n and len(x) < S:
                break
            total += F.cross_entropy(model(x[None])[0], y, reduction="sum").item()
            n += len(y)
    return total / n


@right("text_loss", "split")
def _(model, ids):
    S = model.config.block_size
    with torch.no_grad():
        logits = torch.cat([model(x[None])[0] for x in ids[:-1].split(S)])
        logp = logits.log_softmax(-1)
    return -logp[torch.arange(len(ids) - 1), ids[1:]].mean().item()


@wrong("generate_topk", "drawn places are taken for tokens")
def _(model, idx, n_new, k=50, generator=None):
    with torch.no_grad():
        for _ in range(n_new):
            logits = model(idx[:, -model.config.block_size :])[:, -1]
            top = logits.topk(min(k, logits.shape[-1]))
            at = torch.multinomial(top.values.softmax(-1), 1, generator=generator)
            idx = torch.cat([idx, at], 1)
    return idx


@wrong("generate_topk", "the beginning is lost when the text is long")
def _(model, idx, n_new, k=50, generator=None):
    with torch.no_grad():
        for _ in range(n_new):
            idx = idx[:, -model.config.block_size :]
            logits = model(idx)[:, -1]
            top = logits.topk(min(k, logits.shape[-1]))
            at = torch.multinomial(top.values.softmax(-1), 1, generator=generator)
            idx = torch.cat([idx, top.indices.gather(1, at)], 1)
    return idx


@right("generate_topk", "a buffer that is filled")
def _(model, idx, n_new, k=50, generator=None):
    B, T = idx.shape
    out = torch.zeros(B, T + n_new, dtype=idx.dtype)
    out[:, :T] = idx
    with torch.no_grad():
        for t in range(T, T + n_new):
            logits = model(out[:, max(0, t - model.config.block_size) : t])[:, -1, :]
            values, places = torch.topk(logits, min(k, logits.size(-1)), dim=-1)
            drawn = torch.multinomial(F.softmax(values, dim=-1), 1, generator=generator)
            out[:, t] = torch.take_along_dim(places, drawn, 1)[:, 0]
    return out


@wrong("quantize_rows", "over 128")
def _(W):
    scale = W.abs().amax(1) / 128
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return (W / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale


@wrong("quantize_rows", "cut off, not rounded")
def _(W):
    scale = W.abs().amax(1) / 127
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return (W / scale[:, None]).to(torch.int8), scale


@wrong("quantize_rows", "one scale for the whole matrix")
def _(W):
    top = W.abs().max() / 127
    scale = (top if top > 0 else torch.ones_like(top)).expand(len(W)).clone()
    return (W / scale[:, None]).round().to(torch.int8), scale


@wrong("quantize_rows", "the largest, not the largest in size")
def _(W):
    scale = W.amax(1).abs() / 127
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return (W / scale[:, None]).round().clamp(-127, 127).to(torch.int8), scale


@right("quantize_rows", "row by row")
def _(W):
    q, scale = torch.zeros_like(W, dtype=torch.int8), torch.ones_like(W[:, 0])
    for i, row in enumerate(W):
        largest = row.abs().max()
        if largest > 0:
            scale[i] = largest / 127
        q[i] = torch.round(row / scale[i]).to(torch.int8)
    return q, scale


@wrong("linear_int8", "the bias is scaled as well")
def _(x, q, scale, bias=None):
    y = x @ q.to(x.dtype).T
    if bias is not None:
        y = y + bias.to(x.dtype)
    return y * scale.to(x.dtype)


@wrong("linear_int8", "columns scaled")
def _(x, q, scale, bias=None):
    W = q.to(x.dtype) * (
        scale.to(x.dtype) if q.shape[0] == q.shape[1] else scale.to(x.dtype)[:, None]
    )
    return F.linear(x, W, None if bias is None else bias.to(x.dtype))


@right("linear_int8", "scaled behind the product")
def _(x, q, scale, bias=None):
    y = torch.einsum("...i,oi->...o", x, q.to(x.dtype)) * scale.to(x.dtype)
    return y if bias is None else y + bias.to(x.dtype)


@wrong("weight_bytes", "parameters only")
def _(model):
    return sum(p.numel() * p.element_size() for p in model.parameters())


@wrong("weight_bytes", "4 bytes for every number")
def _(model):
    return 4 * sum(t.numel() for t in [*model.parameters(), *model.buffers()])


@wrong("quantize_linears", "only children, not deeper")
def _(model, keep=()):
    linears = {name for name, m in model.named_modules() if isinstance(m, nn.Linear)}
    if set(keep) - linears:
        raise ValueError("keep")
    for name, m in list(model.named_children()):
        if isinstance(m, nn.Linear) and name not in keep:
            setattr(model, name, Int8Linear(m))
    return model


@right("quantize_linears", "get_submodule of the parent")
def _(model, keep=()):
    linears = {name: m for name, m in model.named_modules() if type(m) is nn.Linear}
    unknown = [name for name in keep if name not in linears]
    if unknown:
        raise ValueError(f"no such Linear: {unknown}")
    for name, m in linears.items():
        if name not in keep:
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, Int8Linear(m))
    return model


@wrong("next_batch", "the last token of a shard is never a target")
class _:
    def next_batch(self):
        B, T = self.B, self.T
        while self.position + self.world * B * T + 1 >= len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        start = self.position + self.rank * B * T
        piece = self.tokens[start : start + B * T + 1]
        self.position += self.world * B * T
        return piece[:-1].view(B, T), piece[1:].view(B, T)


@wrong("loader_state", "the very state of this rank")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position + self.rank * self.B * self.T}

    def load_state_dict(self, state):
        self.open(state["shard"], state["position"] - self.rank * self.B * self.T)


@right("mlp", "a Sequential beside the names")
class _:
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)
        self.net = nn.Sequential(self.c_fc, nn.GELU(approximate="tanh"), self.c_proj)

    def forward(self, x):
        return self.net(x)


@right("mlp", "the Sequential first; dropout of 0")
class _:
    def __init__(self, config, *, dropout=0.0):
        super().__init__()
        self.net = nn.Sequential(
            nn.Linear(config.n_embd, 4 * config.n_embd),
            nn.GELU("tanh"),
            nn.Linear(4 * config.n_embd, config.n_embd),
            nn.Dropout(dropout),
        )
        self.c_fc, _, self.c_proj, _ = self.net

    def forward(self, x):
        self.out = self.net(x)
        return self.out


@right("fused_attention", "a mask buffer as in nanoGPT, config kept, results kept")
class _:
    def __init__(self, config):
        super().__init__()
        assert config.n_embd % config.n_head == 0
        self.config = config
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.c_proj.NANOGPT_SCALE_INIT = 1
        self.n_head, self.n_embd = config.n_head, config.n_embd
        mask = torch.tril(torch.ones(config.block_size, config.block_size))
        self.register_buffer("bias", mask.view(1, 1, config.block_size, config.block_size))

    def forward(self, x):
        B, T, C = x.size()
        q, k, v = self.c_attn(x).chunk(3, dim=-1)
        q, k, v = (t.unflatten(2, (self.n_head, -1)).transpose(1, 2) for t in (q, k, v))
        att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
        att = att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf"))
        self.att = F.softmax(att, dim=-1)
        y = (self.att @ v).transpose(1, 2).contiguous().view(B, T, C)
        return self.c_proj(y)


@right("block", "branches as Sequentials, too")
class _:
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)
        self.branches = nn.ModuleList(
            [nn.Sequential(self.ln_1, self.attn), nn.Sequential(self.ln_2, self.mlp)]
        )

    def forward(self, x):
        for branch in self.branches:
            x = x + branch(x)
        self.out = x
        return x


@right("gpt_layers", "short names for the same, too")
class _:
    def __init__(self, config, generator=None):
        super().__init__()
        self.config = config
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.blocks = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.wte.weight = self.lm_head.weight
        self.transformer = nn.Module()
        self.transformer.wte, self.transformer.wpe = self.wte, self.wpe
        self.transformer.h, self.transformer.ln_f = self.blocks, self.ln_f
        self.init_weights(generator)
