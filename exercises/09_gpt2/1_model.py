# `hero check 09/1` checks this file, `hero` alone checks the current exercise at each save. Where the
# environment is not activated, type .venv/bin/hero (on Windows .venv\Scripts\hero).

# %% [markdown]
# # GPT-2, layer by layer
#
# This is the model of lesson 07, grown up. Three things are new: query, key and value come out of *one*
# matrix; the MLP bends with GELU; and every tensor has the name that it has in OpenAI's published weights, so
# that part 2 can pour those in.
#
#     idx (B, T)
#      │  transformer.wte[idx] + transformer.wpe[0..T-1]          (B, T, C)
#      │
#      ├──►  ln_1 ─► attn (c_attn, c_proj) ─┐
#      +◄────────────────────────────────────┘      one Block of transformer.h
#      ├──►  ln_2 ─► mlp  (c_fc, c_proj) ───┐       12 of them, one after the other
#      +◄────────────────────────────────────┘
#      │
#      │  transformer.ln_f
#      │  lm_head                                                 (B, T, vocab_size)
#
# C stands for `n_embd`. The straight line on the left is the *residual stream*: blocks only ever add to it.
#
# What will go wrong: shapes that fit and mean something else. `view(B, n_head, T, hs)` has the right shape
# and the wrong numbers; a table that is *copied* into the head is tied for exactly zero steps.

# %%
import argparse
import math
import sys
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

from data import picture


@dataclass
class GPTConfig:
    """Sizes of a GPT-2; the defaults are the 124M model's."""

    block_size: int = 1024  # the longest sequence: positions 0 to block_size - 1
    vocab_size: int = 50257  # 256 bytes + 50,000 merges + <|endoftext|>
    n_layer: int = 12
    n_head: int = 12
    n_embd: int = 768  # a multiple of n_head


# %% [markdown]
# ## GELU
#
# ReLU cuts at zero like a knife: below, nothing passes and no gradient either. GELU bends. It is x times the
# probability that a normal random number is smaller than x. In 2016 the error function was slow, so GPT-2
# was trained with a formula that comes close, and whoever loads its weights has to take the same one:
#
# $$\text{gelu}(x) = \tfrac12 x \left(1 + \tanh[\sqrt{2/\pi}\,(x + 0.044715\,x^3)]\right)$$
#
# By hand for x = 1: 0.7979 times 1.044715 is 0.8336, its tanh is 0.6823, half of 1.6823 is 0.8412.
# (The exact one says 0.8413: near enough to look right, and far enough to be wrong 12 layers later.)


# %%
def gelu_tanh(x):
    """GELU by its tanh formula, element by element.

    Args:
        x: float tensor of any shape.

    Returns:
        float, shape and dtype of x; a new tensor, differentiable.

    Example:
        >>> gelu_tanh(torch.tensor([-1.0, 0.0, 1.0, 20.0]))
        tensor([-0.1588,  0.0000,  0.8412, 20.0000])

    Source: "Gaussian Error Linear Units" (Hendrycks and Gimpel, 2016), section 2.
    """
    # TODO 09.gelu_tanh: your code here (stuck? `hero hint 09.gelu_tanh`)
    raise NotImplementedError("09.gelu_tanh")


# %% [markdown]
# ## The MLP
#
# Attention gathers; then each position thinks it over, alone: four times as wide, bend, back again.


# %%
class MLP(nn.Module):
    """c_fc, gelu_tanh, c_proj. Source: lecture "Let's reproduce GPT-2 (124M)"."""

    def __init__(self, config):
        """Makes two nn.Linear, self.c_fc (n_embd to 4 * n_embd) and self.c_proj (back), with biases."""
        super().__init__()
        # TODO 09.mlp: your code here (stuck? `hero hint 09.mlp`)
        raise NotImplementedError("09.mlp")

    def forward(self, x):
        """Expand, bend by gelu_tanh, project: float (..., n_embd) -> float (..., n_embd)."""
        # TODO 09.mlp: your code here (stuck? `hero hint 09.mlp`)
        raise NotImplementedError("09.mlp")


# %% [markdown]
# ## Attention, fused
#
# One matrix makes all of query, key and value: a row of `c_attn(x)` is 3 C numbers long. Which number belongs
# to whom, for C = 4 and two heads of size 2:
#
#     0  1 | 2  3 | 4  5 | 6  7 | 8  9 | 10 11
#     q      q      k      k      v      v          first q, k and v ...
#     head 0 head 1 head 0 head 1 head 0 head 1     ... then, inside of each, the heads
#
# So: cut in three first, then each into heads, then heads to the front, `(B, n_head, T, hs)`. The rest is
# one call, `F.scaled_dot_product_attention(q, k, v, is_causal=True)`: it scales by 1/sqrt(hs), masks, takes
# the softmax, weighs the values, on a GPU without ever writing the T x T table (*flash attention*).


# %%
class CausalSelfAttention(nn.Module):
    """Multi-head causal self-attention, q, k and v by one matrix.

    Source: lecture "Let's reproduce GPT-2 (124M)"; "FlashAttention" (Dao et al., 2022).
    """

    def __init__(self, config):
        """Makes two nn.Linear with biases, self.c_attn (n_embd to 3 * n_embd) and self.c_proj (n_embd to
        n_embd), and keeps self.n_head = config.n_head. No other parameters.
        """
        super().__init__()
        # TODO 09.fused_attention: your code here (stuck? `hero hint 09.fused_attention`)
        raise NotImplementedError("09.fused_attention")

    def forward(self, x):
        """Each position looks at itself and the positions before it.

        The columns of c_attn(x) are q, then k, then v, n_embd each; within each, head 0's hs columns first,
        then head 1's, with hs = n_embd // n_head. Weights: softmax of q @ k^T / sqrt(hs) over positions up
        to one's own. The heads' results are laid side by side, head 0 first, and go through c_proj.

        Args:
            x: float (B, T, n_embd), 1 <= T <= block_size.

        Returns:
            float (B, T, n_embd).

        Example:
            >>> attn = CausalSelfAttention(GPTConfig(n_embd=1, n_head=1))
            >>> for p in attn.parameters():
            ...     _ = nn.init.ones_(p)
            >>> attn(torch.tensor([[[0.0], [0.0]]])).detach()  # q = k = v = 1; c_proj: 1 * 1 + 1
            tensor([[[2.],
                     [2.]]])
        """
        # TODO 09.fused_attention: your code here (stuck? `hero hint 09.fused_attention`)
        raise NotImplementedError("09.fused_attention")


# %% [markdown]
# ## The block
#
# *Pre-norm*: LayerNorm stands at the entrance of each branch, never on the stream itself. So from the loss
# down to the embeddings there is a path of nothing but additions, and the gradient arrives unharmed.
#
#     x = x + attn(ln_1(x))
#     x = x + mlp(ln_2(x))


# %%
class Block(nn.Module):
    """Attention, then the MLP, each added to the residual stream.

    Source: "Language Models are Unsupervised Multitask Learners" (Radford et al., 2019), 2.3.
    """

    def __init__(self, config):
        """Makes self.ln_1, self.ln_2: nn.LayerNorm(n_embd), with torch's defaults (eps 1e-5, weight, bias);
        self.attn: CausalSelfAttention(config); self.mlp: MLP(config).
        """
        super().__init__()
        # TODO 09.block: your code here (stuck? `hero hint 09.block`)
        raise NotImplementedError("09.block")

    def forward(self, x):
        """float (B, T, n_embd) -> float (B, T, n_embd), by the two lines above; x stays as it is."""
        # TODO 09.block: your code here (stuck? `hero hint 09.block`)
        raise NotImplementedError("09.block")


# %% [markdown]
# ## The whole model: names, tying, start, forward
#
# **Tying.** `wte` turns a token into a vector, `lm_head` scores a vector against every token. Both are tables
# of (50257, 768), and in GPT-2 they are *one*: 38.6 million parameters saved. That means one Parameter object
# under two names. Copying the numbers makes two tables, equal once, that drift apart at the first step.
#
# **Start.** Weights from N(0, 0.02²), biases zero, LayerNorm as torch makes it. One exception: each block
# adds two branches to the stream. A sum of N random branches is sqrt(N) times as wide as one, so the last
# matrix of each branch (`attn.c_proj` and `mlp.c_proj`) starts smaller, by 1/sqrt(2 n_layer).
#
#     n_layer = 12: 24 branches, 1/sqrt(24) = 0.204, std 0.02 * 0.204 = 0.0041
#
# Then all tokens are about equally likely, and the first loss is about ln 50257 = 10.82. Anything else: stop.


# %%
class GPT(nn.Module):
    """GPT-2.

    Args (of the constructor):
        config: a GPTConfig.
        generator: torch.Generator for the initial values; None for torch's own.

    Example:
        >>> model = GPT(GPTConfig(block_size=8, vocab_size=11, n_layer=2, n_head=3, n_embd=6))
        >>> sum(p.numel() for p in model.parameters())
        1146
        >>> logits, loss = model(torch.zeros(4, 5, dtype=torch.int64))
        >>> logits.shape, loss
        (torch.Size([4, 5, 11]), None)

    Source: lecture "Let's reproduce GPT-2 (124M)"; transformers' GPT2LMHeadModel.
    """

    def __init__(self, config, generator=None):
        """Makes the layers, under these names, and ties the two tables.

        self.config: the config.
        self.transformer: holds (as an nn.ModuleDict, or any nn.Module with these attributes)
            wte: nn.Embedding(vocab_size, n_embd)
            wpe: nn.Embedding(block_size, n_embd)
            h: nn.ModuleList of n_layer Blocks, each with weights of its own
            ln_f: nn.LayerNorm(n_embd)
        self.lm_head: nn.Linear from n_embd to vocab_size, without bias; its weight is the very
            Parameter transformer.wte.weight.

        The last line, given, calls the next exercise, init_weights: your own GPT can be made once both are
        there (the check of this one does not need it).
        """
        super().__init__()
        # TODO 09.gpt_layers: your code here (stuck? `hero hint 09.gpt_layers`)
        raise NotImplementedError("09.gpt_layers")
        self.init_weights(generator)

    def init_weights(self, generator=None):
        """Draws all parameters anew, in place.

        wte (and with it lm_head), wpe, and the weights of c_attn and c_fc: normal, mean 0, std 0.02. Those
        of attn.c_proj and mlp.c_proj in each block: normal, mean 0, std 0.02 / sqrt(2 * n_layer). All biases:
        0; LayerNorm's weights: 1. The parameters stay the same objects, with requires_grad True.

        Args:
            generator: torch.Generator that every random number comes from (normal_ and nn.init.normal_
                take generator=); None for torch's own. The order of the draws is up to you.

        Source: Radford et al. (2019), section 2.3; lecture, chapter on initialization.
        """
        # TODO 09.init_weights: your code here (stuck? `hero hint 09.init_weights`)
        raise NotImplementedError("09.init_weights")

    def forward(self, idx, targets=None):
        """Logits for the next token at each position, and the loss.

        Token embedding plus embedding of the position (0 to T - 1), all blocks in order, ln_f, lm_head.

        Args:
            idx: int64 (B, T), tokens; 1 <= T <= block_size.
            targets: int64 (B, T), the right next tokens (already shifted), or None.

        Returns:
            (logits, loss): float (B, T, vocab_size), and the mean cross-entropy over all B * T
            predictions, a tensor of shape (); None in its place without targets.

        Raises:
            ValueError: if T > block_size. There is no embedding for such a position.
        """
        # TODO 09.gpt_forward: your code here (stuck? `hero hint 09.gpt_forward`)
        raise NotImplementedError("09.gpt_forward")


# %% [markdown]
# ## Where are the 124 million?
#
# Count before you build. A Linear from a to b has a·b weights and b biases; a LayerNorm has 2 C. With C = 3,
# one MLP: 3·12 + 12 + 12·3 + 3 = 87. Now all of it, as a formula.


# %%
def where_parameters(config):
    """How many parameters a GPT of this GPTConfig has, and where; without building one.

    Returns:
        A dict of five ints, totals over all layers: "wte" (the table of tokens, which is the head as well
        and is counted once), "wpe", "attn" (c_attn and c_proj), "mlp" (c_fc and c_proj), "ln" (all
        LayerNorms, with ln_f). Biases count.

    Example:
        >>> where_parameters(GPTConfig(block_size=4, vocab_size=10, n_layer=1, n_head=1, n_embd=3))
        {'wte': 30, 'wpe': 12, 'attn': 48, 'mlp': 87, 'ln': 18}
        >>> sum(where_parameters(GPTConfig()).values())
        124439808
    """
    # TODO 09.where_parameters: your code here (stuck? `hero hint 09.where_parameters`)
    raise NotImplementedError("09.where_parameters")


# %% [markdown]
# ## Run it
#
# And where is the *work*? A product of (m, n) and (n, p) takes 2·m·n·p floating-point operations. A lookup
# takes none: the table is free on the way in and expensive on the way out. The scores have no parameters, and
# cost T². `hero run 09/1` counts the real model without making it (on the *meta* device tensors have shapes
# and no numbers), holds your attention to the plain spelling below, and draws where parameters and work are.


# %%
def where_flops(config, T):
    """FLOPs of one forward pass over T tokens: matrix products, and the whole T x T square."""
    C, L = config.n_embd, config.n_layer
    flops = {"attn": L * 2 * T * C * 4 * C, "scores": L * 2 * (2 * T * T * C)}
    return flops | {"mlp": L * 2 * (2 * T * C * 4 * C), "lm_head": 2 * T * C * config.vocab_size}


def explicit_attention(attn, x):
    """What attn(x) means, head by head, with the T x T table in plain sight."""
    T, C = x.shape[1:]
    heads, qkv = [], attn.c_attn(x).split(C, 2)
    for q, k, v in zip(*[t.split(C // attn.n_head, 2) for t in qkv], strict=True):
        scores = q @ k.transpose(1, 2) / (C // attn.n_head) ** 0.5  # (B, T, T)
        future = torch.ones(T, T, dtype=torch.bool).triu(1)
        heads.append(scores.masked_fill(future, float("-inf")).softmax(2) @ v)
    return attn.c_proj(torch.cat(heads, 2))


def plot_where(config, name, path):
    """A ring of parameters; shares of the work over the length of the sequence."""
    from matplotlib.figure import Figure

    parameters, colors = where_parameters(config), {"wte": "#0072B2", "wpe": "#56B4E9"}
    colors |= {"attn": "#E69F00", "mlp": "#009E73", "ln": "#777777", "scores": "#CC79A7"}
    figure = Figure(figsize=(10, 4.4), layout="constrained")
    figure.suptitle(f"{name}: where the parameters are, and where the work is")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.25))
    total = sum(parameters.values())
    labels = [f"{k}\n{n / 1e6:.1f}M" if n > 0.003 * total else "" for k, n in parameters.items()]
    style = dict(wedgeprops=dict(width=0.42, edgecolor="white", linewidth=2), startangle=90)
    left.pie(parameters.values(), labels=labels, colors=[colors[k] for k in parameters], **style)
    left.text(0, 0, f"{total / 1e6:.1f}M", ha="center", va="center", fontsize=16)
    lengths = [2 ** (i / 4) for i in range(4 * 5, 4 * 16 + 1)]
    rows = [where_flops(config, T) for T in lengths]
    shares = {k: [100 * row[k] / sum(row.values()) for row in rows] for k in rows[0]}
    colors["lm_head"] = colors["wte"]
    right.stackplot(lengths, *shares.values(), colors=[colors[k] for k in shares], alpha=0.9)
    right.axvline(config.block_size, color="black", linestyle=":")
    right.text(config.block_size * 0.9, 3, "block_size", rotation=90, ha="right", va="bottom")
    right.set(xscale="log", xlim=(lengths[0], lengths[-1]), ylim=(0, 100))
    right.set(xlabel="tokens in the sequence, T", ylabel="share of the forward FLOPs, %")
    right.legend(shares, loc="upper left", framealpha=0.9)
    figure.savefig(path, dpi=90)


def main():
    parser = argparse.ArgumentParser(description="Where the parameters and the FLOPs of GPT-2 are.")
    sizes = {"gpt2": (12, 12, 768), "gpt2-xl": (48, 25, 1600)}  # n_layer, n_head, n_embd
    parser.add_argument("--model", choices=sizes, default="gpt2")
    # a notebook's kernel has arguments of its own: there, the defaults hold
    name = parser.parse_args([] if "ipykernel" in sys.modules else None).model
    config = GPTConfig(**dict(zip(("n_layer", "n_head", "n_embd"), sizes[name], strict=True)))
    with torch.device("meta"):
        counted = sum(p.numel() for p in GPT(config).parameters())
    total = sum(where_parameters(config).values())
    print(f"{name}: {counted:,} parameters, by your formula {total:,}")
    flops = sum(where_flops(config, config.block_size).values())
    print(f"one forward pass over {config.block_size} tokens: {flops / 1e9:.0f} GFLOPs")

    g = torch.Generator().manual_seed(1337)
    small = GPT(GPTConfig(block_size=64, n_layer=2, n_head=5, n_embd=80), g)
    idx, x = torch.randint(50257, (4, 65), generator=g), torch.randn(2, 9, 80, generator=g)
    with torch.no_grad():
        attn = small.transformer.h[0].attn
        difference = (attn(x) - explicit_attention(attn, x)).abs().max()
        loss = small(idx[:, :-1], idx[:, 1:])[1]
    print(f"attention, fused against explicit: differ by {difference:.1e}")
    print(f"the first loss of a small one is {loss:.3f}; ln 50257 = {math.log(50257):.3f}")
    path = picture("09_gpt2/parameters.png")
    plot_where(config, name, path)
    print(f"{path}: where parameters and work are.")


if __name__ == "__main__":
    try:
        main()
    except NotImplementedError as todo:
        sys.exit(f"{todo} is still a TODO: this needs all eight of the part.")
