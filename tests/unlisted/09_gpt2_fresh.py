@right("gelu_tanh", "as x times a sigmoid: 1 + tanh(u) is 2 sigmoid(2 u)")
def _(x):
    u = math.sqrt(2 / math.pi) * x * (1 + 0.044715 * x * x)
    return x * torch.sigmoid(2 * u)


@wrong("mlp", "nn.GELU() without its tanh formula")
class _(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))


@wrong("fused_attention", "q, k and v are interleaved head by head instead of one third each")
class _(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd)
        self.n_head = config.n_head

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, self.n_head, 3, -1).permute(3, 0, 2, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("block", "the MLP's norm reads x from before attention")
class _(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(config.n_embd), nn.LayerNorm(config.n_embd)
        self.attn, self.mlp = CausalSelfAttention(config), MLP(config)

    def forward(self, x):
        return x + self.attn(self.ln_1(x)) + self.mlp(self.ln_2(x))


@right("init_weights", "by the parameter's name in a match statement, copy_ under no_grad")
class _:
    def init_weights(self, generator=None):
        small = 0.02 / math.sqrt(2 * self.config.n_layer)
        with torch.no_grad():
            for name, p in self.named_parameters():
                match name.split(".")[-2:]:
                    case [_, "bias"]:
                        p.fill_(0.0)
                    case ["ln_1" | "ln_2" | "ln_f", _]:
                        p.fill_(1.0)
                    case ["c_proj", _]:
                        p.normal_(0.0, small, generator=generator)
                    case _:
                        p.normal_(0.0, 0.02, generator=generator)


@wrong("convert", "the transposed weights are views, not contiguous, of the checkpoint's memory")
def _(state_dict):
    turned = ("attn.c_attn.weight", "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight")
    out = {}
    for name, t in state_dict.items():
        if our_name(name) is not None:
            out[our_name(name)] = t.t() if name.endswith(turned) else t.clone()
    wte = out["transformer.wte.weight"]
    if "lm_head.weight" in out and not torch.equal(out["lm_head.weight"], wte):
        raise ValueError("not tied")
    out["lm_head.weight"] = wte.clone()
    return out


@right("convert", "torch.empty of the right shape, filled by copy_")
def _(state_dict):
    out = {}
    for theirs, tensor in state_dict.items():
        ours = our_name(theirs)
        if ours is None:
            continue
        parts = ours.split(".")
        if parts[-1] == "weight" and parts[-2] in ("c_attn", "c_proj", "c_fc"):
            tensor = tensor.mT
        copy = torch.empty(tensor.shape, dtype=tensor.dtype, device=tensor.device)
        out[ours] = copy.copy_(tensor.detach())
    table = out["transformer.wte.weight"]
    head = out.setdefault("lm_head.weight", table.clone())
    if head.shape != table.shape or not bool((head == table).all()):
        raise ValueError("the head is not tied to wte")
    return out


@wrong("generate_topk", "the place among the candidates is appended, not the token")
def _(model, idx, n_new, k=50, generator=None):
    with torch.no_grad():
        for _ in range(n_new):
            logits = model(idx[:, -model.config.block_size :])[:, -1]
            top, _tokens = logits.topk(min(k, logits.shape[-1]))
            drawn = torch.multinomial(top.softmax(-1), 1, generator=generator)
            idx = torch.cat([idx, drawn], dim=1)
    return idx


@right("generate_topk", "new tokens in a list, take_along_dim")
def _(model, idx, n_new, k=50, generator=None):
    pieces, size = [idx], model.config.block_size
    for _ in range(n_new):
        with torch.no_grad():
            last = model(torch.cat(pieces, 1)[:, -size:])[:, -1, :]
        values, tokens = torch.topk(last, min(k, last.size(-1)), dim=-1)
        place = torch.multinomial(F.softmax(values, -1), 1, generator=generator)
        pieces.append(torch.take_along_dim(tokens, place, 1))
    return torch.cat(pieces, 1)


@wrong("text_loss", "the mean of the windows' means")
def _(model, ids):
    S = model.config.block_size
    x, y = ids[:-1].split(S), ids[1:].split(S)
    with torch.no_grad():
        means = [F.cross_entropy(model(a[None])[0], b).item() for a, b in zip(x, y)]
    return sum(means) / len(means)


@wrong("document_tokens", "ids above 16 bits wrap round without an error")
def _(text, encode, eot):
    return np.array([eot, *encode(text)], dtype=np.int64).astype(np.uint16)


@right("write_shards", "a Python list as buffer, an inner function that writes")
def _(documents, shard_size, folder):
    paths, held = [], []

    def write():
        path = os.path.join(folder, "shard_" + str(len(paths)).zfill(4) + ".npy")
        np.save(path, np.array(held, dtype=np.uint16))
        paths.append(path)
        held.clear()

    for document in documents:
        for token in document.tolist():
            held.append(token)
            if len(held) == shard_size:
                write()
    if held:
        write()
    return paths


@wrong("next_batch", "the test for the end forgets the one token more")
class _:
    def next_batch(self):
        n = self.B * self.T
        while self.position + self.world * n > len(self.tokens):
            self.open((self.shard + 1) % len(self.paths))
        start = self.position + self.rank * n
        piece = self.tokens[start : start + n + 1]
        self.position += self.world * n
        return piece[:-1].view(self.B, self.T), piece[1:].view(self.B, self.T)

    def reset(self):
        self.open(0)


@wrong("loader_state", "the shard is not opened: its number changes, its tokens do not")
class _:
    def state_dict(self):
        return {"shard": self.shard, "position": self.position}

    def load_state_dict(self, state):
        self.shard, self.position = state["shard"], state["position"]


@right("loader_state", "a comprehension over the two names, open with keywords")
class _:
    def state_dict(self):
        return {name: int(getattr(self, name)) for name in ("shard", "position")}

    def load_state_dict(self, state):
        self.open(**{name: state[name] for name in ("shard", "position")})


@wrong("adamw_update", "eps under the root")
def _(p, grad, m, v, t, lr, betas, eps, weight_decay):
    b1, b2 = betas
    m, v = b1 * m + (1 - b1) * grad, b2 * v + (1 - b2) * grad**2
    mh, vh = m / (1 - b1**t), v / (1 - b2**t)
    return p - lr * weight_decay * p - lr * mh / (vh + eps).sqrt(), m, v


@wrong("decay_groups", "frozen parameters are in the groups")
def _(model, weight_decay):
    ps = list(model.parameters())
    return [
        {"params": [p for p in ps if p.dim() >= 2], "weight_decay": weight_decay},
        {"params": [p for p in ps if p.dim() < 2], "weight_decay": 0.0},
    ]


@right("decay_groups", "two lists chosen by a bool")
def _(model, weight_decay):
    lists = [], []
    for p in filter(lambda p: p.requires_grad, model.parameters()):
        lists[p.ndim < 2].append(p)
    return [
        {"params": params, "weight_decay": decay}
        for params, decay in zip(lists, (weight_decay, 0.0))
    ]


@wrong("clip_global_norm", "the generator is used up after the norm: nothing is shortened")
def _(params, max_norm):
    total = torch.stack([p.grad.pow(2).sum() for p in params if p.grad is not None]).sum().sqrt()
    if total > max_norm:
        for p in params:
            if p.grad is not None:
                p.grad *= max_norm / (total + 1e-6)
    return total


@wrong("micro_loss", "the mean times how many count, over total: nan where nothing counts")
def _(model, x, y, total, dtype=None):
    context = (
        contextlib.nullcontext()
        if dtype is None
        else torch.autocast(device_type=x.device.type, dtype=dtype)
    )
    with context:
        logits = model(x)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=-100)
    return loss * (y != -100).sum() / total


@right("micro_loss", "autocast with enabled=, classes in the second place")
def _(model, x, y, total, dtype=None):
    on = dtype is not None
    with torch.autocast(x.device.type, dtype=dtype, enabled=on) if on else contextlib.nullcontext():
        scores = model(x).transpose(1, 2)
        return F.cross_entropy(scores, y, ignore_index=-100, reduction="sum").div(total)


@right("get_lr", "cos squared of half the angle, the fraction clamped")
def _(it, max_lr, min_lr, warmup_steps, max_steps):
    if it < warmup_steps:
        return (it + 1) / warmup_steps * max_lr
    done = min(1.0, (it - warmup_steps) / (max_steps - warmup_steps))
    share = math.cos(done * math.pi / 2) ** 2 if done < 1 else 0.0
    return share * max_lr + (1 - share) * min_lr


@wrong("accumulation_steps", "what does not divide is rounded down")
def _(total_batch, B, T, world_size):
    steps = total_batch // (B * T * world_size)
    if steps < 1:
        raise ValueError("too small a batch")
    return steps


@right("accumulation_steps", "divmod and one condition")
def _(total_batch, B, T, world_size):
    match divmod(total_batch, world_size * B * T):
        case (steps, 0) if steps > 0:
            return steps
    raise ValueError(f"{total_batch} is no positive multiple")


@wrong("broadcast_weights", "state_dict leaves out buffers that are not persistent")
def _(model, broadcast):
    for t in model.state_dict().values():
        broadcast(t, 0)


@wrong("accumulate_synced", "the last micro-batch keeps the flag it came with: False stays False")
def _(ddp, micro_batches):
    total, n = 0.0, len(micro_batches)
    for i, (x, y) in enumerate(micro_batches):
        if i < n - 1:
            with ddp.no_sync():
                loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
        else:
            loss = F.cross_entropy(ddp(x).flatten(0, 1), y.flatten()) / n
        loss.backward()
        total += loss.item()
    return total


@wrong("report_loss", "the caller's loss is summed in place")
def _(loss, step, rank, world_size, all_reduce, write):
    loss = loss.detach()
    all_reduce(loss)
    mean = loss.item() / world_size
    if rank == 0:
        write(f"step {step}: loss {mean:.4f}")
    return mean


@right("report_loss", "a fresh tensor from the number, then early return")
def _(loss, step, rank, world_size, all_reduce, write):
    total = torch.empty_like(loss, requires_grad=False).copy_(loss.detach())
    all_reduce(total)
    mean = float(total) / world_size
    if rank:
        return mean
    write("step {}: loss {:.4f}".format(step, mean))
    return mean


@wrong("make_checkpoint", "state dicts are not copied: training on changes them")
def _(model, optimizer, loader, generator, step):
    return {
        "model": dict(model.state_dict()),
        "optimizer": dict(optimizer.state_dict()),
        "position": loader.position,
        "generator": generator.get_state(),
        "step": step,
    }


@wrong("restore", "the optimizer takes over the checkpoint's own tensors and goes on in them")
def _(checkpoint, model, optimizer, loader, generator):
    model.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    loader.position = checkpoint["position"]
    generator.set_state(checkpoint["generator"])
    return checkpoint["step"]


@wrong("save_atomic", "the old file is removed before the new one is written")
def _(checkpoint, path):
    if os.path.exists(path):
        os.remove(path)
    torch.save(checkpoint, path + ".tmp")
    os.rename(path + ".tmp", path)


@right("save_atomic", "an opened temporary file, pathlib's replace")
def _(checkpoint, path):
    from pathlib import Path

    temporary = Path(path + ".tmp")
    with temporary.open("wb") as file:
        torch.save(checkpoint, file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


@right("accuracies", "lists, index of the max, a dict comprehension")
def _(totals, averages, labels):
    right = labels.tolist()
    return {
        name: sum(row.index(max(row)) == i for row, i in zip(scores.tolist(), right)) / len(right)
        for name, scores in (("acc", totals), ("acc_norm", averages))
    }


@right("attend_past", "query by query over its own slice of the keys")
def _(q, k, v):
    n_past, out = k.shape[2] - q.shape[2], []
    for i in range(q.shape[2]):
        seen = n_past + i + 1
        scores = (k[:, :, :seen] * q[:, :, i : i + 1]).sum(-1) / q.shape[-1] ** 0.5
        out.append((scores.softmax(-1)[..., None] * v[:, :, :seen]).sum(2))
    return torch.stack(out, dim=2)


@wrong("cached_attention", "attends over the new keys only; the cache is filled and never read")
class _:
    def forward(self, x, cache=None):
        B, T, C = x.shape
        q, k, v = self.c_attn(x).view(B, T, 3, self.n_head, C // self.n_head).permute(2, 0, 3, 1, 4)
        if cache is not None:
            cache.update(k, v)
        y = attend_past(q, k, v)
        return self.c_proj(y.transpose(1, 2).reshape(B, T, C))


@wrong("cached_block", "the cache is not handed to attention")
class _:
    def forward(self, x, cache=None):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


@wrong("cached_gpt", "positions always from 0, although the caches hold a past")
class _:
    def forward(self, ids, caches=None):
        caches = [None] * len(self.h) if caches is None else caches
        x = embed_from(ids, self.wte.weight, self.wpe.weight, 0)
        for block, cache in zip(self.h, caches, strict=True):
            x = block(x, cache)
        return self.ln_f(x) @ self.wte.weight.T


@right("generate_cached", "a closure that reads on or begins anew")
def _(model, ids, max_new_tokens, generator=None):
    size, caches = model.block_size, [KVCache() for _ in model.h]

    def read(text, fresh):
        nonlocal caches
        if fresh or len(caches[0]) >= size:
            caches = [KVCache() for _ in model.h]
            return model(text[:, -size:], caches)[:, -1]
        return model(text[:, -1:], caches)[:, -1]

    for i in range(max_new_tokens):
        logits = read(ids, i == 0)
        match generator:
            case None:
                new = logits.argmax(dim=-1).unsqueeze(1)
            case g:
                new = torch.multinomial(F.softmax(logits, dim=-1), 1, generator=g)
        ids = torch.cat((ids, new), dim=1)
    return ids


@wrong("quantize_rows", "cut off towards zero instead of rounded")
def _(W):
    scale = W.abs().amax(1) / 127
    scale = scale.masked_fill(scale == 0, 1.0)
    return (W / scale[:, None]).clamp(-127, 127).to(torch.int8), scale


@wrong("linear_int8", "the result has the scale's dtype, not that of x")
def _(x, q, scale, bias=None):
    y = (x.to(scale.dtype) @ q.to(scale.dtype).T) * scale
    return y if bias is None else y + bias.to(scale.dtype)


@right("linear_int8", "the scale after the product, in the dtype of x")
def _(x, q, scale, bias=None):
    y = torch.einsum("...i,oi->...o", x, q.to(x.dtype)) * scale.to(x.dtype)
    return y + bias.to(x.dtype) if bias is not None else y


@wrong("quantize_linears", "a name in keep that is not there is not noticed")
def _(model, keep=()):
    for name, module in list(model.named_modules()):
        if isinstance(module, nn.Linear) and name not in keep:
            parent, _, last = name.rpartition(".")
            setattr(model.get_submodule(parent), last, Int8Linear(module))
    return model
