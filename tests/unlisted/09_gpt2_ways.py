"""Solutions of 09 that come to the right numbers by another way than is asked: see test_unlisted.py."""


# -- where_parameters: without building one -------------------------------------------------------
@wrong("where_parameters", "the model on the meta device")
def _(config):
    with torch.device("meta"):
        model = GPT(config)
    found = dict.fromkeys(("wte", "wpe", "attn", "mlp", "ln"), 0)
    for name, p in model.named_parameters():
        key = next((k for k in ("wte", "wpe", "attn", "mlp") if f".{k}." in name), "ln")
        found[key] += p.numel()
    return found


@wrong("where_parameters", "the model itself")
def _(config):
    model = GPT(config).transformer
    found = {"wte": model.wte.weight.numel(), "wpe": model.wpe.weight.numel()}
    for part in ("attn", "mlp"):
        found[part] = sum(p.numel() for b in model.h for p in getattr(b, part).parameters())
    total = sum(p.numel() for p in model.parameters())
    return found | {"ln": total - sum(found.values())}


@wrong("where_parameters", "one block built, times n_layer")
def _(config):
    C, L = config.n_embd, config.n_layer
    with torch.device("meta"):
        block = Block(config)
    found = {"wte": config.vocab_size * C, "wpe": config.block_size * C}
    for part in ("attn", "mlp"):
        found[part] = L * sum(p.numel() for p in getattr(block, part).parameters())
    return found | {"ln": (4 * L + 2) * C}


@wrong("where_parameters", "torch's layers, for their numbers only")
def _(config):
    C, L = config.n_embd, config.n_layer

    def linear(a, b):
        return sum(p.numel() for p in nn.Linear(a, b, device="meta").parameters())

    found = {"wte": config.vocab_size * C, "wpe": config.block_size * C}
    found["attn"] = L * (linear(C, 3 * C) + linear(C, C))
    return found | {"mlp": L * (linear(C, 4 * C) + linear(4 * C, C)), "ln": (4 * L + 2) * C}


@right("where_parameters", "layer by layer")
def _(config):
    C = config.n_embd
    found = {"wte": config.vocab_size * C, "wpe": config.block_size * C, "attn": 0, "mlp": 0}
    found["ln"] = 2 * C
    for _ in range(config.n_layer):
        found["attn"] += 3 * C * (C + 1) + C * (C + 1)
        found["mlp"] += 4 * C * (C + 1) + C * (4 * C + 1)
        found["ln"] += 4 * C
    return found


@right("where_parameters", "shapes, and torch.Size")
def _(config):
    C, L = config.n_embd, config.n_layer
    shapes = {
        "wte": [(config.vocab_size, C)],
        "wpe": [(config.block_size, C)],
        "attn": L * [(3 * C, C + 1), (C, C + 1)],
        "mlp": L * [(4 * C, C + 1), (C, 4 * C + 1)],
        "ln": (2 * L + 1) * [(2, C)],
    }
    return {key: sum(torch.Size(s).numel() for s in these) for key, these in shapes.items()}


@right("where_parameters", "the total first, the rest from it")
def _(config):
    C, L = config.n_embd, config.n_layer
    block = 12 * C * C + 13 * C
    found = {"attn": L * (4 * C * C + 4 * C), "ln": L * 4 * C + 2 * C}
    found["mlp"] = L * block - found["attn"] - L * 4 * C
    return found | {"wte": config.vocab_size * C, "wpe": config.block_size * C}


# -- save_atomic: never half a file at path -------------------------------------------------------
@wrong("save_atomic", "the first checkpoint straight to path")
def _(checkpoint, path):
    if not os.path.exists(path):
        return torch.save(checkpoint, path)
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


@wrong("save_atomic", "the first straight to path, and cleared away if it fails")
def _(checkpoint, path):
    target = path + ".tmp" if os.path.exists(path) else path
    try:
        torch.save(checkpoint, target)
    except BaseException:
        os.remove(target)
        raise
    if target != path:
        os.replace(target, path)


@wrong("save_atomic", "made in memory, then written to path in one go")
def _(checkpoint, path):
    import io

    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    with open(path, "wb") as file:
        file.write(buffer.getvalue())


@wrong("save_atomic", "made in memory; written to path where there was nothing")
def _(checkpoint, path):
    import io
    from pathlib import Path

    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    if not os.path.exists(path):
        Path(path).write_bytes(buffer.getvalue())
        return
    Path(path + ".tmp").write_bytes(buffer.getvalue())
    os.replace(path + ".tmp", path)


@wrong("save_atomic", "written in the system's folder for temporary files, and moved")
def _(checkpoint, path):
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        torch.save(checkpoint, os.path.join(place, "new"))
        shutil.move(os.path.join(place, "new"), path)


@wrong("save_atomic", "the old one becomes a backup for as long as it takes")
def _(checkpoint, path):
    there = os.path.exists(path)
    if there:
        os.rename(path, path + ".old")
    try:
        torch.save(checkpoint, path)
    except BaseException:
        if there:
            os.replace(path + ".old", path)
        raise
    if there:
        os.remove(path + ".old")


@wrong("save_atomic", "a hard link to the old file, which is written into")
def _(checkpoint, path):
    if os.path.exists(path):
        os.link(path, path + ".tmp")
    torch.save(checkpoint, path + ".tmp")
    os.replace(path + ".tmp", path)


@wrong("save_atomic", "the old one unlinked, the new one linked in its place")
def _(checkpoint, path):
    torch.save(checkpoint, path + ".tmp")
    if os.path.exists(path):
        os.unlink(path)
    os.link(path + ".tmp", path)
    os.unlink(path + ".tmp")


@wrong("save_atomic", "a link that leads to the newest of several files")
def _(checkpoint, path):
    import uuid

    new = f"{path}.{uuid.uuid4().hex}"
    torch.save(checkpoint, new)
    os.symlink(new, path + ".tmp")
    os.replace(path + ".tmp", path)


@right("save_atomic", "pathlib's replace")
def _(checkpoint, path):
    from pathlib import Path

    temporary = Path(path + ".tmp")
    torch.save(checkpoint, temporary)
    temporary.replace(path)


@right("save_atomic", "made in memory, written beside, put in its place")
def _(checkpoint, path):
    import io

    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    with open(path + ".tmp", "wb") as file:
        file.write(buffer.getvalue())
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".tmp", path)
    folder = os.open(os.path.dirname(path) or ".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


@right("save_atomic", "shutil.move beside itself, and tidied up")
def _(checkpoint, path):
    import shutil

    temporary = path + ".tmp"
    if os.path.exists(temporary):
        os.remove(temporary)
    try:
        torch.save(checkpoint, temporary)
    except BaseException:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise
    shutil.move(temporary, path)


@right("save_atomic", "a temporary file's own name, in the same folder")
def _(checkpoint, path):
    import tempfile

    place = os.path.dirname(os.path.abspath(path))
    with tempfile.NamedTemporaryFile(dir=place, delete=False) as file:
        try:
            torch.save(checkpoint, file)
        except BaseException:
            os.unlink(file.name)
            raise
    os.replace(file.name, path)
