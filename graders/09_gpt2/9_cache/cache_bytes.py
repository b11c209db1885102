"""09.cache_bytes: what the caches of a model take."""

import torch

from graders.authoring import exercise

ex = exercise("cache_bytes", title="the memory of the cache")


@ex.cases
def _(rng):
    for n_layer, n_head, n_embd, B, T, dtype in [
        (12, 4, 768, 3, 1024, torch.bfloat16),
        (1, 5, 10, 2, 7, torch.float32),
        (3, 1, 6, 5, 4, torch.float64),
        (48, 25, 1600, 1, 1024, torch.float16),
        (5, 2, 8, 4, 1, torch.float16),
        (2, 3, 9, 7, 0, torch.float32),
    ]:
        config = {"n_layer": n_layer, "n_head": n_head, "n_embd": n_embd}
        config |= {"block_size": 2048, "vocab_size": 50257}
        yield dict(config=config, B=B, T=T, dtype=dtype)
    config = {"n_layer": rng.integer(2, 9), "n_head": 3, "n_embd": 3 * rng.integer(2, 50)}
    yield dict(config=config, B=rng.integer(2, 9), T=rng.integer(2, 999), dtype=torch.bfloat16)


@ex.oracle
def _(config, B, T, dtype):
    """Makes the tensors, on no device."""
    shape = (B, config["n_head"], T, config["n_embd"] // config["n_head"])
    kv = [torch.empty(shape, dtype=dtype, device="meta") for _ in range(2 * config["n_layer"])]
    return sum(t.nbytes for t in kv)


ex.hint("How many numbers does one position leave behind in one layer? And how many bytes has one?")
ex.hint(
    "Keys and values: n_embd numbers each (n_head heads of n_embd / n_head). dtype.itemsize says the bytes."
)
ex.hint("2 * n_layer * B * T * n_embd * dtype.itemsize")

ex.misconception(
    "Keys and values: two tensors per layer. Only one was counted.",
    name="keys_only",
    replace="2 * config",
    by="config",
)
ex.misconception(
    "Each block has a cache of its own: times n_layer.",
    name="one_layer",
    replace='2 * config["n_layer"] *',
    by="2 *",
)
ex.misconception(
    "Each text of the batch has its own keys and values: times B.",
    name="no_batch",
    replace=" * B",
    by="",
)
ex.misconception(
    "The heads share n_embd: each has n_embd / n_head features. Times n_head counts them too often.",
    name="times_heads",
    replace='config["n_embd"] *',
    by='config["n_embd"] * config["n_head"] *',
)
ex.misconception(
    "Only one head's features were counted: all n_head heads keep theirs, n_embd together.",
    name="one_head",
    replace='config["n_embd"] *',
    by='(config["n_embd"] // config["n_head"]) *',
)
ex.misconception(
    "Numbers, not bytes: times dtype.itemsize.",
    name="numbers",
    replace=" * dtype.itemsize",
    by="",
)
ex.misconception(
    "Four bytes were taken for each number, whatever the dtype: ask dtype.itemsize.",
    name="always_four",
    replace="dtype.itemsize",
    by="4",
)
ex.misconception(
    "These are bits: dtype.itemsize already is in bytes.",
    name="bits",
    replace="dtype.itemsize",
    by="dtype.itemsize * 8",
)
ex.misconception(
    "Scores are T times T, but they are not kept. Keys and values grow with T, not with its square.",
    name="squared",
    replace=" * T",
    by=" * T * T",
)
ex.misconception(
    "Queries were counted as well. Nobody asks an old query again: only keys and values are kept.",
    name="queries_too",
    replace="2 * config",
    by="3 * config",
)
ex.misconception(
    "The cache was measured at block_size. It holds the T positions seen so far.",
    name="block_size",
    replace=" * T",
    by=" * config.get('block_size', T)",
)

ex.variant(
    "per token first",
    name="per_token",
    source="""
    def cache_bytes(config, B, T, dtype):
        head_size = config["n_embd"] // config["n_head"]
        per_token = config["n_layer"] * config["n_head"] * head_size * 2
        return per_token * torch.empty((), dtype=dtype).element_size() * T * B
""",
)
