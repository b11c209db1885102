# `hero check 09/9` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # The KV cache: never compute the same thing twice
#
# To write one more token, GPT looks at everything before it. Done plainly, each new token sends the *whole*
# text through all layers again. 100 tokens: 1 + 2 + ... + 100 = 5,050 positions computed for 100 that
# were needed.
#
# But the mask saves us. No position sees what comes after it, so what the layers made of old positions
# **does not change** when a new one arrives. All the newcomer wants of the old ones is their keys (to compare
# its query with) and their values (to take from). Keep those two per layer, and compute only what is new:
#
#     "the cat sat"  + " on"            keys, from the cache | new
#                                        the    cat    sat   |  on
#     query of "the"  (done long ago)     .                  |
#     query of "cat"  (done long ago)     .      .           |
#     query of "sat"  (done long ago)     .      .      .    |
#     query of "on"   <- the only work    x      x      x    |  x
#
# Two phases have names: **prefill** (the prompt, many positions at once, into an empty cache) and
# **decode** (one position at a time). A long prompt may also come in pieces: *chunked* prefill. All are one
# case: T_q new queries over T_k = past + T_q keys.
#
# What will go wrong: a square mask where T_q and T_k differ; positions that begin at 0 again for every token;
# one cache for all layers; the last text's cache under the next text; an *empty* cache, whose length is 0,
# taken for none by `if cache:` (ask `is None`). None of these must crash, the text only becomes a bit
# stranger. Hence the one test that counts: **with the cache, the same numbers as without**.

# %%
import torch
import torch.nn as nn
import torch.nn.functional as F

# %% [markdown]
# ## The cache of one layer
#
# It has two tensors, `k` and `v`, and one thing to do: put the new ones *behind* the old ones, along time.


# %%
class KVCache:
    """The keys and values that one attention layer has seen of one text (or batch of texts).

    Attributes:
        k: None at first, then float (B, n_head, T, head_size), all keys so far, the oldest first.
        v: None at first, then float (B, n_head, T, value_size), all values so far.
    """

    def __init__(self):
        self.k = self.v = None

    def __len__(self):
        """How many positions are in it, T."""
        return 0 if self.k is None else self.k.shape[2]

    def update(self, k, v):
        """Appends new keys and values, and returns all there are now.

        Args:
            k: float (B, n_head, T_new, head_size), T_new >= 1.
            v: float (B, n_head, T_new, value_size); value_size may differ from head_size.

        Returns:
            The pair (self.k, self.v) with the new ones behind the old ones, shapes (B, n_head, T_old +
            T_new, ..). What earlier calls returned stays as it was. (Concatenating is fine; whoever writes
            into a large buffer lets self.k and self.v be the filled part of it.)

        Example:
            >>> cache = KVCache()
            >>> _ = cache.update(torch.zeros(1, 1, 2, 1), torch.zeros(1, 1, 2, 3))
            >>> k, v = cache.update(torch.ones(1, 1, 1, 1), torch.ones(1, 1, 1, 3))
            >>> k.flatten(), v.shape, len(cache)
            (tensor([0., 0., 1.]), torch.Size([1, 1, 3, 3]), 3)
        """
        # TODO 09.cache_update: your code here (stuck? `hero hint 09.cache_update`)
        raise NotImplementedError("09.cache_update")


# %% [markdown]
# ## The mask, shifted
#
# New query number i stands at position past + i of the text, and sees the keys up to there. Three in the
# cache, two new:
#
#     key           0  1  2 | 3  4
#     query 0       x  x  x | x  .       stands at 3
#     query 1       x  x  x | x  x       stands at 4
#
# With an empty cache this is the old triangle; one new query is a row of x. So a forgotten shift shows only
# when a piece of *several* tokens meets a cache that is not empty.


# %%
def shifted_mask(n_past, n_new):
    """Which keys each new query may look at.

    Args:
        n_past: how many positions are in the cache, an int >= 0.
        n_new: how many new ones there are, an int >= 1.

    Returns:
        bool (n_new, n_past + n_new): True where query i (at position n_past + i) may see key j: j <= n_past
        + i.

    Example:
        >>> shifted_mask(1, 2)
        tensor([[ True,  True, False],
                [ True,  True,  True]])
    """
    # TODO 09.shifted_mask: your code here (stuck? `hero hint 09.shifted_mask`)
    raise NotImplementedError("09.shifted_mask")


# %%
def attend_past(q, k, v):
    """Causal attention of new queries over old and new keys.

    Args:
        q: float (B, n_head, T_q, head_size), T_q >= 1: the queries of the last T_q positions of T_k.
        k: float (B, n_head, T_k, head_size), T_k >= T_q: all keys, the new ones last.
        v: float (B, n_head, T_k, value_size); value_size may differ from head_size.

    Returns:
        float (B, n_head, T_q, value_size): softmax of q @ k^T / sqrt(head_size) over the keys that each
        query may see (see shifted_mask), times v.

    Example:
        >>> v = torch.tensor([[[[2.0], [4.0], [9.0]]]])
        >>> attend_past(torch.zeros(1, 1, 2, 1), torch.ones(1, 1, 3, 1), v)  # means of 2 and of 3 values
        tensor([[[[3.],
                  [5.]]]])

    Note: F.scaled_dot_product_attention(..., is_causal=True) puts the triangle at the *upper left*, as if
    query 0 stood at key 0. That is right only when T_q = T_k. Its attn_mask is a bool tensor, True where a
    query may look.
    """
    # TODO 09.attend_past: your code here (stuck? `hero hint 09.attend_past`)
    raise NotImplementedError("09.attend_past")


# %% [markdown]
# ## Positions go on
#
# With 3 positions in the cache, a single new token has length 1, but it gets `wpe[3]`, not `wpe[0]`.


# %%
def embed_from(ids, wte, wpe, n_past):
    """Token embedding plus position embedding, for positions n_past, n_past + 1, ...

    Args:
        ids: int64 (B, T), T >= 1: the new tokens.
        wte: float (vocab_size, C).
        wpe: float (block_size, C).
        n_past: how many positions come before the first of ids, an int >= 0.

    Returns:
        float (B, T, C).

    Raises:
        ValueError: the last position would be block_size or more (n_past + T > block_size).

    Example:
        >>> wte, wpe = torch.tensor([[10.0], [20.0]]), torch.tensor([[0.0], [1.0], [2.0]])
        >>> embed_from(torch.tensor([[1, 0]]), wte, wpe, n_past=1).flatten()
        tensor([21., 12.])
    """
    # TODO 09.embed_from: your code here (stuck? `hero hint 09.embed_from`)
    raise NotImplementedError("09.embed_from")


# %% [markdown]
# ## Attention with a cache, and the block around it
#
# GPT-2's attention as you know it, with one new line in the middle: keys and values go *through the cache*.
# Queries are never kept. Nobody will ask them again.
#
# *Given: the constructors, with GPT-2's names, and the MLP.*


# %%
class Attention(nn.Module):
    """Causal self-attention that can continue from a cache."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.n_head = n_head
        self.c_attn = nn.Linear(n_embd, 3 * n_embd)  # q, k, v side by side
        self.c_proj = nn.Linear(n_embd, n_embd)

    def forward(self, x, cache=None):
        """Attention of new positions over themselves and what is in the cache.

        Args:
            x: float (B, T, C), T >= 1: the new positions only. C is a multiple of self.n_head.
            cache: a KVCache, which afterwards holds the new positions too; or None: there is no past, and
                nothing is kept.

        Returns:
            float (B, T, C): self.c_attn(x) is cut into q, k, v (in this order, C features each), each into
            n_head heads of C // n_head neighboring features; attend_past; the heads side by side;
            self.c_proj.
        """
        # TODO 09.cached_attention: your code here (stuck? `hero hint 09.cached_attention`)
        raise NotImplementedError("09.cached_attention")


class MLP(nn.Module):
    """Position by position: it needs no cache, it never looks anywhere else. (Given.)"""

    def __init__(self, n_embd):
        super().__init__()
        self.c_fc = nn.Linear(n_embd, 4 * n_embd)
        self.c_proj = nn.Linear(4 * n_embd, n_embd)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    """Attention, then MLP, each normalized before and added to the stream."""

    def __init__(self, n_embd, n_head):
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(n_embd), Attention(n_embd, n_head)
        self.ln_2, self.mlp = nn.LayerNorm(n_embd), MLP(n_embd)

    def forward(self, x, cache=None):
        """One pre-norm block on new positions.

        Args:
            x: float (B, T, C), the new positions only; stays as it is.
            cache: this block's KVCache, or None.

        Returns:
            float (B, T, C): x plus attention (which gets the cache) of self.ln_1 of x; that plus self.mlp
            of self.ln_2 of it.
        """
        # TODO 09.cached_block: your code here (stuck? `hero hint 09.cached_block`)
        raise NotImplementedError("09.cached_block")


# %% [markdown]
# ## The whole model
#
# One cache *per block*: each layer has keys of its own. How long is the past? Ask a cache, **before** the
# blocks run, since each of them makes its cache longer.


# %%
class GPT(nn.Module):
    """A GPT-2 without dropout."""

    def __init__(self, vocab_size, block_size, n_layer, n_head, n_embd):
        super().__init__()
        self.block_size = block_size
        self.wte, self.wpe = nn.Embedding(vocab_size, n_embd), nn.Embedding(block_size, n_embd)
        self.h = nn.ModuleList(Block(n_embd, n_head) for _ in range(n_layer))
        self.ln_f = nn.LayerNorm(n_embd)

    def forward(self, ids, caches=None):
        """The logits at the new positions.

        Args:
            ids: int64 (B, T), T >= 1: the new tokens only.
            caches: a list of KVCache, one for each block of self.h, all of one length, which go with the
                text: afterwards they hold the new positions too. None: the text begins with ids.

        Returns:
            float (B, T, vocab_size): embed_from (with self.wte.weight, self.wpe.weight); the blocks of
            self.h, each with its cache; self.ln_f; times self.wte.weight transposed (GPT-2 ties the two).

        Raises:
            ValueError: the text with the new tokens would be longer than block_size (from embed_from).
        """
        # TODO 09.cached_gpt: your code here (stuck? `hero hint 09.cached_gpt`)
        raise NotImplementedError("09.cached_gpt")


# %% [markdown]
# ## Writing
#
# The first call gets the prompt, each further one only the token just chosen. And when `block_size` is
# full? Without a cache one drops the oldest token and computes the last `block_size` ones, each now one place
# further to the front. So every key in the cache was made with a position that is no longer true, and the
# honest policy is: **when there is no room, begin new caches with the last `block_size` tokens**, for every
# token from then on. (Models with rotary positions can do better; a learned wpe cannot.)
#
# With `block_size` 4 and the prompt `a b`, the model gets: `a b` | `c` | `d` | (full) `b c d e` | `c d e f`


# %%
@torch.no_grad()
def generate_cached(model, ids, max_new_tokens, generator=None):
    """Continues a batch of texts, computing each position once as long as block_size allows.

    The answer is the same as without a cache, where each token is chosen from the logits of the last
    block_size tokens. Each call begins with caches of its own. (Gradients are off: that is given.)

    Args:
        model: a GPT; model(ids, caches) returns the logits of the new positions. It has model.h and
            model.block_size, and stays as it is.
        ids: int64 (B, T), T >= 1, maybe longer than block_size (the last block_size tokens count).
        max_new_tokens: how many to add, an int >= 0.
        generator: None: the largest logit wins. Else a torch.Generator: each new token is
            torch.multinomial(softmax of the last position's logits (B, vocab_size), 1,
            generator=generator), one call per token for the whole batch.

    Returns:
        int64 (B, T + max_new_tokens): ids as given, then the new tokens.

    Work: nothing for no tokens; else, per layer, at most T positions for the prompt (block_size, if that is
    less), and 1 for each further token (that the last one is read too, although nothing follows, is let
    pass); only when the next token finds no room (the caches hold block_size), block_size positions again,
    in new caches.
    """
    # TODO 09.generate_cached: your code here (stuck? `hero hint 09.generate_cached`)
    raise NotImplementedError("09.generate_cached")


# %% [markdown]
# ## What it costs
#
# Memory, instead of time. GPT-2 124M (12 layers, width 768) with 1,024 positions in 16 bits: 36 MiB *for each
# text in the batch* (2 · 12 · 1024 · 768 · 2 bytes). However many heads there are, they share the width. The
# bytes of a number are its `dtype.itemsize`.


# %%
def cache_bytes(config, B, T, dtype):
    """The bytes of all caches of a model.

    Args:
        config: a dict with the ints n_layer, n_head, n_embd (and perhaps others); heads have
            n_embd // n_head features, and n_embd is a multiple of n_head.
        B: texts in the batch, an int.
        T: positions in the cache, an int >= 0.
        dtype: of keys and values, a torch.dtype such as torch.bfloat16.

    Returns:
        int.

    Example:
        >>> cache_bytes({"n_layer": 12, "n_head": 12, "n_embd": 768}, 1, 1024, torch.bfloat16) / 2**20
        36.0
    """
    # TODO 09.cache_bytes: your code here (stuck? `hero hint 09.cache_bytes`)
    raise NotImplementedError("09.cache_bytes")


# %% [markdown]
# ## Run it
#
# `hero run 09/9` continues a text with and without the cache, checks that both say the same, and draws what
# each further token cost. `--long` goes up to 1,024 tokens.


# %%
@torch.no_grad()
def time_per_token(model, ids, n, cached):
    """The text, and the seconds that each of n new tokens took."""
    from time import perf_counter

    seconds, caches, new = [], [KVCache() for _ in model.h], ids
    for _ in range(n):
        began = perf_counter()
        logits = model(new, caches) if cached else model(ids)
        new = logits[:, -1].argmax(dim=-1, keepdim=True)
        ids = torch.cat([ids, new], dim=1)
        seconds.append(perf_counter() - began)
    return ids, seconds


def plot_costs(plain, cached, path):
    """Milliseconds per token over the length of the text; medians of 8."""
    from matplotlib.figure import Figure

    fig = Figure(figsize=(6.4, 3.8))
    ax = fig.subplots()
    for seconds, label in ((plain, "everything again"), (cached, "with a KV cache")):
        ms = 1000 * torch.tensor(seconds[: len(seconds) // 8 * 8]).view(-1, 8).median(1).values
        ax.plot(range(8, 8 * len(ms) + 1, 8), ms, label=label)
    ax.set(xlabel="tokens so far", ylabel="ms for one more token", ylim=(0, None))
    ax.set_title("What one more token costs")
    ax.legend()
    ax.grid(alpha=0.3)
    fig.savefig(path, dpi=100, bbox_inches="tight")


def main():
    import argparse
    import sys

    from data import picture
    from data.breaking import kept_cache

    parser = argparse.ArgumentParser(description="Writing with and without a KV cache.")
    parser.add_argument("--long", action="store_true", help="up to 1,024 tokens")
    parser.add_argument("--keep", action="store_true", help="break it: the cache of another text")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    torch.manual_seed(0)
    config = dict(n_layer=4, n_head=4, n_embd=256)
    model, prompt = GPT(vocab_size=512, block_size=1025, **config), torch.tensor([[1]])
    if args.keep:
        kept_cache(model, KVCache)
        return
    print("tokens   everything again   with a cache   ratio   memory of the cache")
    for n in (64, 256, 1024) if args.long else (64, 256):
        slow, plain = time_per_token(model, prompt, n, cached=False)
        fast, cached = time_per_token(model, prompt, n, cached=True)
        same = torch.equal(slow, fast) and torch.equal(fast, generate_cached(model, prompt, n))
        size = cache_bytes(config, 1, n, torch.float32) / 2**20
        a, b, said = sum(plain), sum(cached), "the same text" if same else "ANOTHER text!"
        print(f"{n:6} {a:16.2f} s {b:12.2f} s {a / b:7.1f} {size:9.2f} MiB   {said}")
    path = picture("09_gpt2/cache.png")
    plot_costs(plain, cached, path)
    print(f"look at {path}")


if __name__ == "__main__":
    main()
